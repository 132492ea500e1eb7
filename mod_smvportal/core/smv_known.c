/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_known.h"

#include <apr_strings.h>
#include <string.h>

#define WAYS 4 /* places in which a DN may be */
#define SIZE (SMV_KNOWN_WORDS * sizeof(apr_uint64_t))

/* --- a principal as bytes, and back --- */

typedef struct bytes_t {
    char *at, *end; /* NULL: it did not fit, or was not whole */
} bytes_t;

static void put(bytes_t *bytes, const void *data, apr_size_t size)
{
    if (bytes->at && size <= (apr_size_t)(bytes->end - bytes->at)) {
        memcpy(bytes->at, data, size);
        bytes->at += size;
    } else {
        bytes->at = NULL;
    }
}

static void put_number(bytes_t *bytes, apr_uint64_t number)
{
    put(bytes, &number, sizeof number);
}

static void put_text(bytes_t *bytes, const char *text)
{
    put_number(bytes, text ? strlen(text) + 1 : 0);
    if (text) {
        put(bytes, text, strlen(text) + 1);
    }
}

static void put_numbers(bytes_t *bytes, const smv_numbers_t *numbers)
{
    put_number(bytes, (apr_uint64_t)numbers->count);
    if (numbers->count > 0) {
        put(bytes, numbers->at, sizeof *numbers->at * (apr_size_t)numbers->count);
    }
}

static const void *get(bytes_t *bytes, apr_uint64_t size)
{
    const char *data = bytes->at;

    if (!data || size > (apr_uint64_t)(bytes->end - data)) {
        bytes->at = NULL;
        return NULL;
    }
    bytes->at += size;
    return data;
}

static apr_uint64_t get_number(bytes_t *bytes)
{
    const void *data = get(bytes, sizeof(apr_uint64_t));
    apr_uint64_t number = 0;

    if (data) {
        memcpy(&number, data, sizeof number);
    }
    return number;
}

static const char *get_text(bytes_t *bytes, apr_pool_t *pool)
{
    apr_uint64_t size = get_number(bytes);
    const char *text = size ? get(bytes, size) : NULL;

    return text ? apr_pstrmemdup(pool, text, (apr_size_t)size - 1) : NULL;
}

static smv_numbers_t get_numbers(bytes_t *bytes, apr_pool_t *pool)
{
    apr_uint64_t count = get_number(bytes);
    const void *data = count <= SMV_KNOWN_WORDS ? get(bytes, count * sizeof(apr_int64_t)) : NULL;

    return data ? (smv_numbers_t){apr_pmemdup(pool, data, (apr_size_t)count * sizeof(apr_int64_t)), (int)count}
                : (smv_numbers_t){NULL, 0};
}

static void put_role(bytes_t *bytes, const smv_role_t *role)
{
    put(bytes, role, sizeof *role); /* its pointers are replaced when it is read */
    put_text(bytes, role->name);
    put_text(bytes, role->remark);
    put_text(bytes, role->dn);
}

static void get_role(bytes_t *bytes, smv_role_t *role, apr_pool_t *pool)
{
    const void *data = get(bytes, sizeof *role);

    if (data) {
        memcpy(role, data, sizeof *role);
        role->name = get_text(bytes, pool);
        role->remark = get_text(bytes, pool);
        role->dn = get_text(bytes, pool);
    }
}

static void put_knowledge(bytes_t *bytes, const smv_knowledge_t *knowledge)
{
    const smv_principal_t *principal = knowledge->principal;

    put(bytes, knowledge, sizeof *knowledge);
    put(bytes, principal, sizeof *principal);
    put_text(bytes, principal->login);
    put_text(bytes, principal->dn);
    put_text(bytes, principal->name);
    put_text(bytes, principal->mail);
    put_numbers(bytes, &principal->customers);
    put_numbers(bytes, &principal->brokers);
    for (int i = 0; i < principal->role_count; i++) {
        put_role(bytes, &principal->roles[i]);
    }
}

static void get_principal(bytes_t *bytes, smv_principal_t *principal, apr_pool_t *pool)
{
    smv_role_t *roles;

    principal->login = get_text(bytes, pool);
    principal->dn = get_text(bytes, pool);
    principal->name = get_text(bytes, pool);
    principal->mail = get_text(bytes, pool);
    principal->customers = get_numbers(bytes, pool);
    principal->brokers = get_numbers(bytes, pool);
    roles = apr_pcalloc(pool, sizeof *roles * (apr_size_t)principal->role_count);
    for (int i = 0; i < principal->role_count; i++) {
        get_role(bytes, &roles[i], pool);
    }
    principal->roles = roles;
}

/* @return 1 where all of it was there */
static int get_knowledge(bytes_t *bytes, smv_knowledge_t *knowledge, apr_pool_t *pool)
{
    smv_principal_t *principal = apr_palloc(pool, sizeof *principal);
    const void *data = get(bytes, sizeof *knowledge);

    if (!data) {
        return 0;
    }
    memcpy(knowledge, data, sizeof *knowledge);
    if (!(data = get(bytes, sizeof *principal))) {
        return 0;
    }
    memcpy(principal, data, sizeof *principal);
    knowledge->principal = principal;
    get_principal(bytes, principal, pool);
    return bytes->at != NULL;
}

/* --- slots --- */

/* FNV-1a, never 0 */
static apr_uint64_t key_of(const char *dn)
{
    apr_uint64_t key = 14695981039346656037U;

    for (; *dn; dn++) {
        key = (key ^ (unsigned char)*dn) * 1099511628211U;
    }
    return key ? key : 1;
}

static smv_known_slot_t *way(smv_known_t *known, apr_uint64_t key, int i)
{
    return &known->slots[(key % (SMV_KNOWN_SLOTS / WAYS)) * WAYS + (apr_uint64_t)i];
}

static smv_known_slot_t *find(smv_known_t *known, apr_uint64_t key)
{
    for (int i = 0; i < WAYS; i++) {
        if (atomic_load(&way(known, key, i)->key) == key) {
            return way(known, key, i);
        }
    }
    return NULL;
}

/* The slot of the key, else an empty one, else that with the oldest. */
static smv_known_slot_t *place_for(smv_known_t *known, apr_uint64_t key)
{
    smv_known_slot_t *place = find(known, key);

    for (int i = 0; i < WAYS && !place; i++) {
        place = atomic_load(&way(known, key, i)->key) == 0 ? way(known, key, i) : NULL;
    }
    if (!place) {
        place = way(known, key, 0);
        for (int i = 1; i < WAYS; i++) {
            smv_known_slot_t *other = way(known, key, i);

            place = atomic_load(&other->read_at) < atomic_load(&place->read_at) ? other : place;
        }
    }
    return place;
}

/* @return 1 where this thread alone may write now */
static int begin(smv_known_slot_t *slot, apr_uint64_t *sequence)
{
    *sequence = atomic_load(&slot->sequence);
    return *sequence % 2 == 0 && atomic_compare_exchange_strong(&slot->sequence, sequence, *sequence + 1);
}

static void finish(smv_known_slot_t *slot, apr_uint64_t sequence)
{
    atomic_store(&slot->sequence, sequence + 2);
}

void smv_known_put(smv_known_t *known, const char *dn, const smv_knowledge_t *knowledge, apr_pool_t *scratch)
{
    apr_uint64_t *words = apr_pcalloc(scratch, SIZE), key = key_of(dn), sequence;
    bytes_t bytes = {(char *)words, (char *)words + SIZE};
    smv_known_slot_t *slot;

    put_knowledge(&bytes, knowledge);
    if (!bytes.at) {
        smv_known_drop(known, dn);
        return;
    }
    slot = place_for(known, key);
    if (begin(slot, &sequence)) {
        atomic_store(&slot->key, key);
        atomic_store(&slot->read_at, knowledge->read_at);
        atomic_store(&slot->high, knowledge->principal->uuid.high);
        atomic_store(&slot->low, knowledge->principal->uuid.low);
        for (int i = 0; i < SMV_KNOWN_WORDS; i++) {
            atomic_store_explicit(&slot->words[i], words[i], memory_order_relaxed);
        }
        finish(slot, sequence);
    }
}

int smv_known_get(smv_known_t *known, const char *dn, smv_knowledge_t *knowledge, apr_pool_t *pool)
{
    apr_uint64_t words[SMV_KNOWN_WORDS], key = key_of(dn), sequence;
    bytes_t bytes = {(char *)words, (char *)words + SIZE};
    smv_known_slot_t *slot = find(known, key);

    if (!slot || (sequence = atomic_load(&slot->sequence)) % 2 != 0 || atomic_load(&slot->key) != key) {
        return 0;
    }
    for (int i = 0; i < SMV_KNOWN_WORDS; i++) {
        words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
    }
    atomic_thread_fence(memory_order_acquire);
    return atomic_load(&slot->sequence) == sequence && get_knowledge(&bytes, knowledge, pool) &&
           strcmp(knowledge->principal->dn, dn) == 0;
}

smv_uuid_t smv_known_drop(smv_known_t *known, const char *dn)
{
    smv_known_slot_t *slot = find(known, key_of(dn));
    smv_uuid_t uuid = {0, 0};
    apr_uint64_t sequence;

    if (slot && begin(slot, &sequence)) {
        uuid = (smv_uuid_t){atomic_load(&slot->high), atomic_load(&slot->low)};
        atomic_store(&slot->key, 0);
        finish(slot, sequence);
    }
    return uuid;
}
