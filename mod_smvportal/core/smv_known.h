/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_known: principals in memory that all processes share: whom one process has read, no other one asks for, and while
 * the directory is away all of them know the same people.
 *
 * Lock-free: one that is just being written is not found. Bound: who does not fit is not kept, the oldest of a few
 * goes.
 */
#ifndef SMV_KNOWN_H
#define SMV_KNOWN_H

#include "smv_principal.h"

#define SMV_KNOWN_SLOTS 4096
#define SMV_KNOWN_WORDS 512 /* of 8 bytes, for one principal */

typedef struct smv_known_slot_t {
    _Atomic apr_uint64_t sequence; /* odd while it is written */
    _Atomic apr_uint64_t key;      /* of the DN; 0: empty */
    _Atomic apr_time_t read_at;
    _Atomic apr_uint64_t high, low; /* UUID */
    _Atomic apr_uint64_t words[SMV_KNOWN_WORDS];
} smv_known_slot_t;

/* Zeroed, as new shared memory is. */
typedef struct smv_known_t {
    smv_known_slot_t slots[SMV_KNOWN_SLOTS];
} smv_known_t;

/* A principal, and when it was read. */
typedef struct smv_knowledge_t {
    const smv_principal_t *principal;
    apr_time_t read_at;
    smv_live_position_t position; /* in the changes, before it was read */
} smv_knowledge_t;

void smv_known_put(smv_known_t *known, const char *dn, const smv_knowledge_t *knowledge, apr_pool_t *scratch);
/* @param knowledge out, in the pool @return 1 where somebody of that DN is known */
int smv_known_get(smv_known_t *known, const char *dn, smv_knowledge_t *knowledge, apr_pool_t *pool);
/* @return the UUID of the one who is known no more, zero where nobody was */
smv_uuid_t smv_known_drop(smv_known_t *known, const char *dn);

#endif
