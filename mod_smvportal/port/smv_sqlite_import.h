/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite_import: takes deliveries into the database. Records are laid aside on the disk, contract by contract, so
 * that they may come in any order and memory does not grow with them; then all of a delivery is one transaction.
 *
 * What a delivery said last of each value is kept, so that the same one again changes nothing, and what was changed
 * here meanwhile stays and is listed.
 *
 * Not thread-safe: one thread uses it. Ends with the pool.
 */
#ifndef SMV_SQLITE_IMPORT_H
#define SMV_SQLITE_IMPORT_H

#include "../core/smv_error.h"
#include "../core/smv_audit.h"
#include "../core/smv_gdv_rows.h"
#include "smv_sqlite.h"

typedef struct smv_sqlite_import_t smv_sqlite_import_t;

/* A value that somebody changed here, and what the delivery says. */
typedef struct smv_import_kept_t {
    const char *table, *column, *here, *delivered; /* here NULL: nothing */
    apr_int64_t customer, row;
} smv_import_kept_t;

typedef struct smv_import_listener_t {
    void (*kept)(void *context, const smv_import_kept_t *kept);
    /* A contract that the schema refuses. @param record number of its first one @param why as SQLite words it */
    void (*refused)(void *context, apr_int64_t record, const char *why);
    /* A contract of which a newer state was taken. @param as_of of that */
    void (*older)(void *context, apr_int64_t record, const char *as_of);
    /* @param done groups so far */
    void (*progress)(void *context, apr_int64_t done, apr_int64_t all);
    void *context;
} smv_import_listener_t;

typedef struct smv_import_delivery_t {
    const char *file, *content_hash; /* name without its folder, SHA-256 in hex */
    const char *insurer;             /* as the sender calls itself; NULL: not known */
    const char *as_of;               /* ISO 8601: whose state it has; NULL: not known */
    apr_int64_t broker;              /* whose portfolio new customers are in; 0: nobody's */
    apr_int64_t tenant;
    const smv_actor_t *actor; /* who imports it, for the audit log */
    apr_time_t now;
    int is_strict; /* nothing is taken where a contract is refused */
} smv_import_delivery_t;

typedef struct smv_import_counts_t {
    apr_int64_t contracts, created, updated, same; /* groups; rows */
    apr_int64_t kept, refused;                     /* values; groups */
    apr_int64_t older;                             /* groups of which a newer state was taken before */
    apr_int64_t noted; /* values that were delivered otherwise before, whatever became of them */
} smv_import_counts_t;

/* @return as smv_sqlite_open */
const smv_error_t *smv_sqlite_import_open(smv_sqlite_import_t **made, const smv_sqlite_config_t *config,
                                          apr_pool_t *pool);

/* Lay a record aside. @param record its number in the file */
const smv_error_t *smv_sqlite_import_stage(smv_sqlite_import_t *self, const char *insurer_number,
                                           const char *policy_number, apr_int64_t record,
                                           const smv_gdv_values_t *values, apr_pool_t *pool);

/* Forget what was laid aside. */
const smv_error_t *smv_sqlite_import_drop(smv_sqlite_import_t *self, apr_pool_t *pool);

/* Take what was laid aside, and forget it. Where nothing changes, the database is not written at all.
 * @param counts out @return SMV_ERROR_CONFLICT: a contract is refused, and the delivery is strict; whatever it is,
 * nothing of the delivery was taken */
const smv_error_t *smv_sqlite_import_take(smv_sqlite_import_t *self, const smv_import_delivery_t *delivery,
                                          const smv_import_listener_t *listener, smv_import_counts_t *counts,
                                          apr_pool_t *pool);

#endif
