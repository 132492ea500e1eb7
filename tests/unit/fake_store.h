/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_store: the store port with a few rows in memory, for tests that link the core alone. It holds to permits as the
 * real one does, and counts what it was asked.
 *
 *   customer 10001 of broker 501: contract 101 with documents 1001 and 1002, contract 102 without; document 1003
 *   customers 20001 and 20002 of broker 501: contract 201; nothing
 *   customer 30001 of broker 502: contract 301 with document 3001
 *
 * Ownership: the store belongs to the test; rows are made in the pool of each call. Thread-safety: one thread.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "../../mod_smvportal/core/smv_route.h"

#define FAKE_SESSIONS 8
#define FAKE_PEOPLE_ROLES 3

typedef struct fake_session_t {
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    const char *dn; /* NULL: free */
    apr_time_t created, last_used;
} fake_session_t;

typedef struct fake_store_t {
    smv_store_t port;
    int locate_count;           /* locate_* calls */
    int touch_count;            /* session_touch calls */
    int document_list_count;    /* documents calls */
    const smv_error_t *failure; /* answered instead of every call, where it is set */
    fake_session_t sessions[FAKE_SESSIONS];
} fake_store_t;

void fake_store_init(fake_store_t *store);

/* One person with up to FAKE_PEOPLE_ROLES roles, to be set up by a test. */
typedef struct fake_person_t {
    smv_principal_t principal;
    smv_role_t roles[FAKE_PEOPLE_ROLES];
    apr_int64_t customers[32];
    apr_int64_t brokers[2];
} fake_person_t;

/* Nobody yet: no role, no number, tenant 1. */
void fake_person_init(fake_person_t *person);
void fake_person_add_role(fake_person_t *person, smv_scope_e scope, smv_rightset_t rights);
void fake_person_add_customer(fake_person_t *person, apr_int64_t number);
void fake_person_add_broker(fake_person_t *person, apr_int64_t number);

/* The call of a GET for a page below /portal, undecided. The path must be one of a route. */
smv_call_t fake_call(fake_store_t *store, const fake_person_t *person, const char *path, const char *query,
                     apr_pool_t *pool);

#endif
