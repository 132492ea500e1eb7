/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_migrate.h"

#include "smv_sql.h"
#include "smv_sqlite_copy.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#define BUSY_TIMEOUT 60000 /* milliseconds */
#define OLDEST (SMV_SQLITE_VERSION - (int)(sizeof steps / sizeof *steps))

static const char migration_7[] =
#include "smv_migration_7_sql.h"
    ;
static const char migration_8[] =
#include "smv_migration_8_sql.h"
    ;

/* The last one makes SMV_SQLITE_VERSION, those before it the versions before. */
static const char *const steps[] = {migration_7, migration_8};

static const smv_error_t *run(sqlite3 *db, const char *sql, const char *doing, apr_pool_t *pool)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? NULL
               : smv_sql_error(db, sqlite3_db_filename(db, "main"), doing, pool);
}

/* --- the file as it was --- */

/* Nobody else may read it: it has what the database has. */
static const smv_error_t *make_file(const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    char reason[120];
    apr_status_t status = apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                                        APR_FPROT_UREAD | APR_FPROT_UWRITE, pool);

    if (status != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s, the copy before the migration: %s", path,
                         apr_strerror(status, reason, sizeof reason));
    }
    apr_file_close(file);
    return NULL;
}

static void tell_nobody(void *baton, apr_int64_t done, apr_int64_t total)
{
    (void)baton, (void)done, (void)total;
}

/* The connection that migrates has the lock of writers: this is the database as it was last. */
static const smv_error_t *back_up(const char *path, const char *copy, apr_pool_t *pool)
{
    const smv_error_t *error = make_file(copy, pool);

    if (error) {
        return error;
    }
    if ((error = smv_sqlite_copy(path, copy, tell_nobody, NULL, pool))) {
        apr_file_remove(copy, pool);
    }
    return error;
}

/* --- the steps --- */

static const smv_error_t *check_references(sqlite3 *db, apr_pool_t *pool)
{
    sqlite3_stmt *statement = NULL;
    const smv_error_t *error = NULL;
    int status = sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &statement, NULL);

    status = status == SQLITE_OK ? sqlite3_step(statement) : status;
    if (status == SQLITE_ROW) {
        error = smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s: a row of %s has lost what it refers to",
                          sqlite3_db_filename(db, "main"), sqlite3_column_text(statement, 0));
    } else if (status != SQLITE_DONE) {
        error = smv_sql_error(db, sqlite3_db_filename(db, "main"), "checking its references", pool);
    }
    sqlite3_finalize(statement);
    return error;
}

static const smv_error_t *take_steps(sqlite3 *db, int from, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    for (int version = from; version < SMV_SQLITE_VERSION && !error; version++) {
        error = run(db, steps[version - OLDEST], apr_psprintf(pool, "migrating it to version %d", version + 1), pool);
    }
    if (!error) {
        error = check_references(db, pool);
    }
    return error ? error
                 : run(db, apr_psprintf(pool, "PRAGMA user_version = %d", SMV_SQLITE_VERSION), "noting its version",
                       pool);
}

static const smv_error_t *check_range(const char *path, int version, apr_pool_t *pool)
{
    if (version > SMV_SQLITE_VERSION) {
        return smv_error(
            pool, SMV_ERROR_DATABASE_DATA,
            "%s has schema version %d, this program knows %d: it is of a newer release, which must be installed", path,
            version, SMV_SQLITE_VERSION);
    }
    return version >= OLDEST
               ? NULL
               : smv_error(pool, SMV_ERROR_DATABASE_DATA,
                           "%s has schema version %d, and migrations begin at %d: is it a portal database?", path,
                           version, OLDEST);
}

/* Within a transaction that holds the lock of writers. */
static const smv_error_t *migrate(sqlite3 *db, smv_migration_t *done, const char *path, apr_pool_t *pool)
{
    const smv_error_t *error = smv_sql_version(db, path, &done->from, pool);

    if (error || (error = check_range(path, done->from, pool)) || done->from == SMV_SQLITE_VERSION) {
        return error;
    }
    done->backup = apr_psprintf(pool, "%s.version-%d", path, done->from);
    error = back_up(path, done->backup, pool);
    return error ? error : take_steps(db, done->from, pool);
}

const smv_error_t *smv_migrate(smv_migration_t *done, const char *path, apr_pool_t *pool)
{
    sqlite3 *db = NULL;
    const smv_error_t *error;

    *done = (smv_migration_t){.to = SMV_SQLITE_VERSION};
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        error = smv_sql_error(db, path, "opening it", pool);
    } else {
        sqlite3_busy_timeout(db, BUSY_TIMEOUT);
        error = run(db, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", "beginning its migration", pool);
        if (!error) {
            error = migrate(db, done, path, pool);
            error = error ? error : run(db, "COMMIT", "finishing its migration", pool);
        }
    }
    sqlite3_close(db); /* rolls back what was not finished */
    return error;
}
