/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_directory.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_rwlock.h>

/* What no stream of changes tells is seen after this time at the latest: access rules, renamed branches. */
#define LIVE_LIFETIME apr_time_from_sec(600)
/* The same where a deleted account may not be told of. */
#define UNTOLD_LIFETIME apr_time_from_sec(60)

typedef struct entry_t {
    apr_pool_t *pool; /* holds the entry and all of its principal */
    const smv_principal_t *principal;
    const char *dn;
    apr_time_t read_at;
} entry_t;

struct smv_principal_cache_t {
    smv_principal_cache_config_t config;
    apr_thread_rwlock_t *lock;    /* guards what follows */
    apr_hash_t *entries;          /* dn -> entry_t */
    apr_hash_t *accounts;         /* uuid -> entry_t, those that have one */
    smv_live_position_t position; /* in the changes; all before it are forgotten */
    apr_pool_t *pool;             /* parent of the entries' pools */
};

apr_status_t smv_principal_cache_create(smv_principal_cache_t **cache, const smv_principal_cache_config_t *config,
                                        apr_pool_t *pool)
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
    made->config = *config;
    made->entries = apr_hash_make(made->pool);
    made->accounts = apr_hash_make(made->pool);
    if (config->live) {
        smv_live_stand(config->live, &made->position);
    }
    *cache = made;
    return apr_thread_rwlock_create(&made->lock, pool);
}

static int has_ended(const smv_principal_t *principal, apr_time_t now)
{
    return principal->valid_until != 0 && principal->valid_until <= now;
}

static int has_uuid(const smv_principal_t *principal)
{
    return principal->uuid.high != 0 || principal->uuid.low != 0;
}

/* An account is of one directory; its roles and the firm are of the portal's own. */
static int is_live(const smv_live_t *live, const smv_principal_t *principal, apr_time_t now)
{
    return has_uuid(principal) && smv_live_is_live(live, SMV_DIRECTORY_OWN, now) &&
           (principal->directory == SMV_DIRECTORY_OWN || smv_live_is_live(live, principal->directory, now));
}

static apr_time_t live_lifetime(const smv_live_t *live, const smv_principal_t *principal)
{
    return smv_live_hides_deletions(live, principal->directory) ? UNTOLD_LIFETIME : LIVE_LIFETIME;
}

static apr_time_t last_heard(const smv_live_t *live, const smv_principal_t *principal)
{
    apr_time_t own = smv_live_last(live, SMV_DIRECTORY_OWN), last = smv_live_last(live, principal->directory);

    return has_uuid(principal) ? own < last ? own : last : 0;
}

static int is_fresh(const smv_principal_cache_t *cache, const smv_principal_t *principal, apr_time_t read_at,
                    apr_time_t now)
{
    const smv_live_t *live = cache->config.live;

    if (cache->config.lifetime == 0 || has_ended(principal, now)) {
        return 0;
    }
    return smv_is_within(read_at, cache->config.lifetime, now) ||
           (live && smv_is_within(read_at, live_lifetime(live, principal), now) && is_live(live, principal, now));
}

/* While the directory is away: what was true when it was last heard of. */
static int is_remembered(const smv_principal_cache_t *cache, const smv_principal_t *principal, apr_time_t read_at,
                         apr_time_t now)
{
    const smv_live_t *live = cache->config.live;
    apr_time_t last = live ? last_heard(live, principal) : 0;
    apr_time_t known_at =
        last > read_at && smv_is_within(read_at, live_lifetime(live, principal), last) ? last : read_at;

    return !has_ended(principal, now) && smv_is_within(known_at, cache->config.grace, now);
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
        if (apr_hash_get(cache->accounts, &entry->principal->uuid, sizeof(smv_uuid_t)) == entry) {
            apr_hash_set(cache->accounts, &entry->principal->uuid, sizeof(smv_uuid_t), NULL);
        }
        apr_pool_destroy(entry->pool);
    }
}

/* @param directory whose accounts; the portal's own: all, since it has the roles of all */
static void drop_all(smv_principal_cache_t *cache, int directory)
{
    for (apr_hash_index_t *i = apr_hash_first(NULL, cache->entries); i; i = apr_hash_next(i)) {
        entry_t *entry = apr_hash_this_val(i);

        if (directory == SMV_DIRECTORY_OWN || entry->principal->directory == directory) {
            drop(cache, entry);
        }
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

/* Forget what changed since it was read. */
static void catch_up(smv_principal_cache_t *cache)
{
    smv_live_news_e news;
    smv_live_change_t change;

    while ((news = smv_live_next(cache->config.live, &cache->position, &change)) != SMV_LIVE_NOTHING) {
        if (news == SMV_LIVE_ONE) {
            drop(cache, apr_hash_get(cache->accounts, &change.uuid, sizeof change.uuid));
        } else {
            drop_all(cache, change.directory);
        }
    }
}

static int has_news(const smv_principal_cache_t *cache)
{
    return cache->config.live && smv_live_has_changes(cache->config.live, &cache->position);
}

static void add(smv_principal_cache_t *cache, const char *dn, const smv_knowledge_t *read)
{
    apr_pool_t *pool;
    entry_t *entry;

    if ((int)apr_hash_count(cache->entries) >= cache->config.capacity) {
        drop(cache, oldest(cache));
    }
    if (apr_pool_create(&pool, cache->pool) == APR_SUCCESS) {
        entry = apr_palloc(pool, sizeof *entry);
        *entry = (entry_t){pool, copy_principal(read->principal, pool), apr_pstrdup(pool, dn), read->read_at};
        apr_hash_set(cache->entries, entry->dn, APR_HASH_KEY_STRING, entry);
        if (has_uuid(read->principal)) {
            apr_hash_set(cache->accounts, &entry->principal->uuid, sizeof(smv_uuid_t), entry);
        }
    }
}

static int has_changed(const smv_principal_cache_t *cache, const smv_knowledge_t *read)
{
    return cache->config.live &&
           smv_live_has_changed(cache->config.live, read->position, read->principal->directory, &read->principal->uuid);
}

/* Keep what was read, unless it changed meanwhile. The news are taken first: a change behind them is seen here, or is
 * news to whoever looks next. */
static void keep(smv_principal_cache_t *cache, const char *dn, const smv_knowledge_t *read)
{
    apr_thread_rwlock_wrlock(cache->lock);
    drop(cache, apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING));
    if (has_news(cache)) {
        catch_up(cache);
    }
    if (!has_changed(cache, read)) {
        add(cache, dn, read);
    }
    apr_thread_rwlock_unlock(cache->lock);
}

/* Whether what is known may be used. */
typedef int counts_fn(const smv_principal_cache_t *cache, const smv_principal_t *principal, apr_time_t read_at,
                      apr_time_t now);

/* What this process knows. */
static const smv_principal_t *find_here(smv_principal_cache_t *cache, const char *dn, counts_fn *counts, apr_time_t now,
                                        apr_pool_t *pool)
{
    const smv_principal_t *principal = NULL;
    const entry_t *entry;

    apr_thread_rwlock_rdlock(cache->lock);
    if (has_news(cache)) {
        apr_thread_rwlock_unlock(cache->lock);
        apr_thread_rwlock_wrlock(cache->lock);
        catch_up(cache);
    }
    entry = apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING);
    if (entry && counts(cache, entry->principal, entry->read_at, now)) {
        principal = copy_principal(entry->principal, pool);
    }
    apr_thread_rwlock_unlock(cache->lock);
    return principal;
}

/* What another process has read. */
static const smv_principal_t *find_elsewhere(smv_principal_cache_t *cache, const char *dn, counts_fn *counts,
                                             apr_time_t now, apr_pool_t *pool)
{
    smv_knowledge_t read;

    if (!cache->config.known || !smv_known_get(cache->config.known, dn, &read, pool) ||
        !counts(cache, read.principal, read.read_at, now) || has_changed(cache, &read)) {
        return NULL;
    }
    keep(cache, dn, &read);
    return read.principal;
}

const smv_principal_t *smv_principal_cache_find(smv_principal_cache_t *cache, const char *dn, apr_time_t now,
                                                apr_pool_t *pool)
{
    const smv_principal_t *principal = find_here(cache, dn, is_fresh, now, pool);

    return principal ? principal : find_elsewhere(cache, dn, is_fresh, now, pool);
}

/* @return NULL where nothing is remembered that may still count */
static const smv_principal_t *recall(smv_principal_cache_t *cache, const char *dn, apr_time_t now, apr_pool_t *pool)
{
    smv_principal_t *principal = (smv_principal_t *)find_here(cache, dn, is_remembered, now, pool);

    if (!principal) {
        principal = (smv_principal_t *)find_elsewhere(cache, dn, is_remembered, now, pool);
    }
    if (principal) {
        principal->is_remembered = 1;
    }
    return principal;
}

static void share(smv_principal_cache_t *cache, const char *dn, const smv_knowledge_t *read, apr_pool_t *pool)
{
    keep(cache, dn, read);
    if (cache->config.known) {
        smv_known_put(cache->config.known, dn, read, pool);
    }
}

const smv_error_t *smv_principal_cache_get(smv_principal_cache_t *cache, smv_directory_t *directory,
                                           const smv_principal_t **principal, const char *dn, apr_time_t now,
                                           apr_pool_t *pool)
{
    smv_knowledge_t read = {.read_at = now};
    const smv_error_t *error;

    *principal = smv_principal_cache_find(cache, dn, now, pool);
    if (*principal) {
        return NULL;
    }
    if (cache->config.live) {
        smv_live_stand(cache->config.live, &read.position);
    }
    error = directory->load(directory, principal, dn, now, pool);
    if (!error) {
        read.principal = *principal;
        share(cache, dn, &read, pool);
    } else if (error->code == SMV_ERROR_DIRECTORY_AWAY) {
        *principal = recall(cache, dn, now, pool);
        error = *principal ? NULL : error;
    } else {
        smv_principal_cache_forget(cache, dn);
    }
    return error;
}

/* Who has no entryUUID is forgotten in what the processes share; they themselves ask again once the lifetime is over.
 */
void smv_principal_cache_forget(smv_principal_cache_t *cache, const char *dn)
{
    smv_uuid_t uuid = {0, 0};
    entry_t *entry;

    apr_thread_rwlock_wrlock(cache->lock);
    entry = apr_hash_get(cache->entries, dn, APR_HASH_KEY_STRING);
    if (entry) {
        uuid = entry->principal->uuid;
    }
    drop(cache, entry);
    apr_thread_rwlock_unlock(cache->lock);
    if (cache->config.known) {
        smv_uuid_t shared = smv_known_drop(cache->config.known, dn);

        uuid = uuid.high || uuid.low ? uuid : shared;
    }
    if (cache->config.live && (uuid.high || uuid.low)) {
        smv_live_change(&cache->config.live->own, &uuid, apr_time_now());
    }
}

void smv_principal_cache_forget_all(smv_principal_cache_t *cache)
{
    apr_thread_rwlock_wrlock(cache->lock);
    drop_all(cache, SMV_DIRECTORY_OWN);
    apr_thread_rwlock_unlock(cache->lock);
    if (cache->config.live) {
        smv_live_change(&cache->config.live->own, NULL, apr_time_now());
    }
}
