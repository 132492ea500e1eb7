/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite: the store port over SQLite's C API. One file a tenant; a bounded pool of connections per process, each
 * with its statements prepared once.
 *
 * Thread-safety: the store may be used from any thread of the process that opened it. Not to be used across fork:
 * open it in child_init.
 */
#ifndef SMV_SQLITE_H
#define SMV_SQLITE_H

#include "../core/smv_store.h"

typedef struct smv_sqlite_config_t {
    const char *path;            /* database file; it must exist, see smv_sqlite_create */
    int pool_size;               /* connections of one process at most */
    apr_time_t busy_timeout;     /* how long a writer waits for another */
    apr_int64_t audit_retention; /* seconds that the audit log is kept at least; 0: for ever */
} smv_sqlite_config_t;

/* The version of the SQL schema that this program reads and writes (PRAGMA user_version). */
#define SMV_SQLITE_VERSION 8

/* Open the store. Prepares every statement on one connection and checks its columns against the shapes.
 * @return SMV_ERROR_DATABASE_AWAY (missing, may not be read and written), SMV_ERROR_DATABASE_DATA (no SQLite database,
 * not ours, other version: see smv_migrate.h), SMV_ERROR_DATABASE_BUSY */
const smv_error_t *smv_sqlite_open(smv_store_t **store, const smv_sqlite_config_t *config, apr_pool_t *pool);

/* Make a new, empty database with the schema. @return SMV_ERROR_DATABASE_DATA where the file exists already */
const smv_error_t *smv_sqlite_create(const char *path, apr_pool_t *pool);

#endif
