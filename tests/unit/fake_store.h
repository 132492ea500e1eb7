/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_store: the store port with a few rows in memory, for tests that link the core alone. It holds to permits as the
 * real one does, and keeps what it was asked and told.
 *
 *   customer 10001 of broker 501: contract 101 with documents 1001 and 1002, contract 102 without; document 1003
 *   customers 20001 and 20002 of broker 501: contract 201; nothing
 *   customer 30001 of broker 502: contract 301 with document 3001
 *   nobody's yet: 41 (for 10001, contracts 101 and 301 have its number) and 42; 43 was put away
 *
 * Rows of one resource more are added by the tests, and changed by change().
 *
 * Ownership: the store belongs to the test; rows are made in the pool of each call. Thread-safety: one thread.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "../../mod_smvportal/core/smv_route.h"

#define FAKE_SESSIONS 8
#define FAKE_PEOPLE_ROLES 3
#define FAKE_ROWS 4
#define FAKE_NEW_ROW 77 /* key of a row that change() creates */

typedef struct fake_session_t {
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    const char *dn; /* NULL: free */
    const char *account, *bound_to;
    apr_time_t created, last_used;
} fake_session_t;

typedef struct fake_store_t {
    smv_store_t port;
    int locate_count;           /* locate_* calls */
    int touch_count;            /* session_touch calls */
    int document_list_count;    /* documents calls */
    const smv_error_t *failure; /* answered instead of every call, where it is set */
    const smv_record_t *rows[FAKE_ROWS];
    int row_count;
    int change_count;
    smv_change_t change; /* what change() was given last, by whom, and for whom */
    smv_actor_t actor;
    apr_int64_t change_customer;
    const smv_error_t *change_failure;                 /* answered by change() alone, where it is set */
    const smv_list_t *changes, *values, *readings;     /* of every log; NULL: empty */
    apr_int64_t before, after, values_from, values_to; /* that the logs were asked for */
    int asked_done;
    smv_customer_filter_t filter; /* of the last list of customers */
    const char *from, *until;     /* of the last list of contracts that end */
    int event_count;
    smv_event_t event; /* the last one noted */
    apr_int64_t marked_change;
    int marked_done;
    apr_int64_t dismissed, taken_back, since; /* that dismiss() and take_back() were given last; purge_documents() */
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

/* Add a row of a resource, with its key, its customer and its version; its other values are the caller's to set. */
smv_record_t *fake_store_add_row(fake_store_t *store, smv_resource_e resource, apr_int64_t key, apr_int64_t customer,
                                 apr_int64_t version, apr_pool_t *pool);

/* A call below /portal, undecided. The path must be one of a route. */
smv_call_t fake_call_by(fake_store_t *store, const fake_person_t *person, smv_method_e method, const char *path,
                        int rendering, apr_pool_t *pool);

/* The call of a GET for a page. */
smv_call_t fake_call(fake_store_t *store, const fake_person_t *person, const char *path, const char *query,
                     apr_pool_t *pool);

#endif
