/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_directory.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_rwlock.h>

typedef struct entry_t {
    apr_pool_t *pool; /* holds the entry and all of its principal */
    const smv_principal_t *principal;
    const char *dn;
    apr_time_t read_at;
} entry_t;

struct smv_principal_cache_t {
    smv_directory_t *directory;
    apr_thread_rwlock_t *lock; /* guards entries */
    apr_hash_t *entries;       /* dn -> entry_t */
    apr_pool_t *pool;          /* parent of the entries' pools; used under the write lock alone */
    apr_time_t lifetime;
    int capacity;
};

apr_status_t smv_principal_cache_create(smv_principal_cache_t **cache, smv_directory_t *directory, apr_time_t lifetime,
                                        int capacity, apr_pool_t *pool)
{
    smv_principal_cache_t *made = apr_pcalloc(pool, sizeof *made);
    apr_allocator_t *allocator;
    apr_status_t status = apr_allocator_create(&allocator);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = apr_pool_create_ex(&made->pool, pool, NULL, allocator);
    if (status != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return status;
    }
    apr_allocator_owner_set(allocator, made->pool);
    made->directory = directory;
    made->lifetime = lifetime;
    made->capacity = capacity;
    made->entries = apr_hash_make(made->pool);
    *cache = made;
    return apr_thread_rwlock_create(&made->lock, pool);
}

/* A clock that was set back must not make an entry live on. */
static int is_fresh(const smv_principal_cache_t *cache, const entry_t *entry, apr_time_t now)
{
    apr_time_t age = now - entry->read_at;

    return age < cache->lifetime && age > -cache->lifetime;
}

static smv_numbers_t copy_numbers(const smv_numbers_t *numbers, apr_pool_t *pool)
{
    return (smv_numbers_t){apr_pmemdup(pool, numbers->at, sizeof *numbers->at * (apr_size_t)numbers->count),
                           numbers->count};
}

static const smv_principal_t *copy_principal(const smv_principal_t *from, apr_pool_t *pool)
{
    smv_principal_t *copy = apr_pmemdup(pool, from, sizeof *from);
    smv_role_t *roles = apr_pmemdup(pool, from->roles, sizeof *roles * (apr_size_t)from->role_count);

    for (int i = 0; i < from->role_count; i++) {
        roles[i].name = apr_pstrdup(pool, from->roles[i].name);
        roles[i].remark = apr_pstrdup(pool, from->roles[i].remark);
        roles[i].dn = apr_pstrdup(pool, from->roles[i].dn);
    }
    copy->login = apr_pstrdup(pool, from->login);
    copy->dn = apr_pstrdup(pool, from->dn);
    copy->name = apr_pstrdup(pool, from->name);
    copy->mail = apr_pstrdup(pool, from->mail);
    copy->customers = copy_numbers(&from->customers, pool);
    copy->brokers = copy_numbers(&from->brokers, pool);
    copy->roles = roles;
    return copy;
}

static void drop(smv_principal_cache_t *cache, entry_t *entry)
{
    if (entry) {
        apr_hash_set(cache->entries, entry->dn, APR_HASH_KEY_STRING, NULL);
        apr_pool_destroy(entry->pool);
    }
}

static entry_t *oldest(smv_principal_cache_t *cache)
{
    entry_t *found = NULL;

    for (apr_hash_index_t *i = apr_hash_first(NULL, cache->entries); i; i = apr_hash_next(i)) {
        entry_t *entry = apr_hash_this_val(i);

        if (!found || entry->read_at < found->read_at) {
            found = entry;
        }
    }
    return found;
}

static void keep(smv_principal_cache_t *cache, const char *dn, const smv_principal_t *principal, apr_time_t now)
{
    apr_pool_t *pool;
    entry_t *entry;

    apr_thread_rwlock_wrlock(cache->lock);
    drop(cache, apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING));
    if ((int)apr_hash_count(cache->entries) >= cache->capacity) {
        drop(cache, oldest(cache));
    }
    if (apr_pool_create(&pool, cache->pool) == APR_SUCCESS) {
        entry = apr_palloc(pool, sizeof *entry);
        *entry = (entry_t){pool, copy_principal(principal, pool), apr_pstrdup(pool, dn), now};
        apr_hash_set(cache->entries, entry->dn, APR_HASH_KEY_STRING, entry);
    }
    apr_thread_rwlock_unlock(cache->lock);
}

const smv_principal_t *smv_principal_cache_find(smv_principal_cache_t *cache, const char *dn, apr_time_t now,
                                                apr_pool_t *pool)
{
    const smv_principal_t *principal = NULL;
    const entry_t *entry;

    apr_thread_rwlock_rdlock(cache->lock);
    entry = apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING);
    if (entry && is_fresh(cache, entry, now)) {
        principal = copy_principal(entry->principal, pool);
    }
    apr_thread_rwlock_unlock(cache->lock);
    return principal;
}

const smv_error_t *smv_principal_cache_get(smv_principal_cache_t *cache, const smv_principal_t **principal,
                                           const char *dn, apr_time_t now, apr_pool_t *pool)
{
    const smv_error_t *error;

    *principal = smv_principal_cache_find(cache, dn, now, pool);
    if (*principal) {
        return NULL;
    }
    error = cache->directory->load(cache->directory, principal, dn, now, pool);
    if (error) {
        smv_principal_cache_forget(cache, dn);
    } else if (cache->lifetime > 0) {
        keep(cache, dn, *principal, now);
    }
    return error;
}

void smv_principal_cache_forget(smv_principal_cache_t *cache, const char *dn)
{
    apr_thread_rwlock_wrlock(cache->lock);
    drop(cache, apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING));
    apr_thread_rwlock_unlock(cache->lock);
}

void smv_principal_cache_forget_all(smv_principal_cache_t *cache)
{
    apr_thread_rwlock_wrlock(cache->lock);
    for (apr_hash_index_t *i = apr_hash_first(NULL, cache->entries); i; i = apr_hash_next(i)) {
        drop(cache, apr_hash_this_val(i));
    }
    apr_thread_rwlock_unlock(cache->lock);
}
