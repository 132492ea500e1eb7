/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite_copy.h"

#include <apr_strings.h>
#include <sqlite3.h>
#include <string.h>

#define PAGES_AT_ONCE 2000
#define PATIENCE 60000 /* milliseconds */

static const smv_error_t *fault(smv_error_e code, sqlite3 *db, const char *path, apr_pool_t *pool)
{
    return smv_error(pool, code, "%s: %s", path, sqlite3_errmsg(db));
}

static const smv_error_t *open_file(sqlite3 **db, const char *path, int flags, apr_pool_t *pool)
{
    if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK) {
        return fault(SMV_ERROR_DATABASE_AWAY, *db, path, pool);
    }
    sqlite3_busy_timeout(*db, PATIENCE);
    return NULL;
}

/* --- copying --- */

/* The state that is copied is the one that this transaction sees: without it each write of another process would begin
 * the copy anew, and one of a busy portal would never end. */
static const smv_error_t *hold(sqlite3 *source, const char *path, apr_pool_t *pool)
{
    return sqlite3_exec(source, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK
               ? NULL
               : fault(SMV_ERROR_DATABASE_AWAY, source, path, pool);
}

static int copy_pages(sqlite3 *source, sqlite3 *target, smv_progress_fn *progress, void *baton)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", source, "main");
    int status = SQLITE_OK;

    while (backup && (status == SQLITE_OK || status == SQLITE_BUSY || status == SQLITE_LOCKED)) {
        status = sqlite3_backup_step(backup, PAGES_AT_ONCE);
        progress(baton, sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup),
                 sqlite3_backup_pagecount(backup));
    }
    return backup ? sqlite3_backup_finish(backup) : SQLITE_ERROR;
}

const smv_error_t *smv_sqlite_copy(const char *path, const char *target, smv_progress_fn *progress, void *baton,
                                   apr_pool_t *pool)
{
    sqlite3 *from = NULL, *to = NULL;
    const smv_error_t *error = open_file(&from, path, SQLITE_OPEN_READWRITE, pool);

    if (!error && !(error = open_file(&to, target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, pool)) &&
        !(error = hold(from, path, pool)) &&
        (sqlite3_exec(to, "PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK ||
         copy_pages(from, to, progress, baton) != SQLITE_OK ||
         sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)) {
        error = fault(SMV_ERROR_STORAGE, to, target, pool);
    }
    sqlite3_close(to);
    sqlite3_close(from);
    return error;
}

/* --- reading --- */

typedef const smv_error_t *row_fn(void *baton, sqlite3_stmt *row, apr_pool_t *pool);

static const smv_error_t *each_row(sqlite3 *db, const char *path, const char *sql, row_fn *visit, void *baton,
                                   apr_pool_t *pool)
{
    sqlite3_stmt *rows = NULL;
    const smv_error_t *error = NULL;
    int status = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);

    while (!error && (status == SQLITE_OK || status == SQLITE_ROW) && (status = sqlite3_step(rows)) == SQLITE_ROW) {
        error = visit(baton, rows, pool);
    }
    if (!error && status != SQLITE_DONE) {
        error = fault(SMV_ERROR_DATABASE_DATA, db, path, pool);
    }
    sqlite3_finalize(rows);
    return error;
}

static const smv_error_t *expect_ok(void *path, sqlite3_stmt *row, apr_pool_t *pool)
{
    const char *text = (const char *)sqlite3_column_text(row, 0);

    return text && strcmp(text, "ok") == 0
               ? NULL
               : smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s is damaged: %s; take an earlier backup",
                           (const char *)path, text ? text : "no memory");
}

static const smv_error_t *expect_no_row(void *path, sqlite3_stmt *row, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s: a row of %s names one of %s that is not there",
                     (const char *)path, (const char *)sqlite3_column_text(row, 0),
                     (const char *)sqlite3_column_text(row, 2));
}

const smv_error_t *smv_sqlite_examine(const char *path, apr_pool_t *pool)
{
    void *name = (void *)path;
    sqlite3 *db = NULL;
    const smv_error_t *error = open_file(&db, path, SQLITE_OPEN_READWRITE, pool);

    if (!error && !(error = each_row(db, path, "PRAGMA integrity_check(1)", expect_ok, name, pool))) {
        error = each_row(db, path, "PRAGMA foreign_key_check", expect_no_row, name, pool);
    }
    sqlite3_close(db);
    return error;
}

static const smv_error_t *add_hash(void *hashes, sqlite3_stmt *row, apr_pool_t *pool)
{
    *(const char **)apr_array_push(hashes) = apr_pstrdup(pool, (const char *)sqlite3_column_text(row, 0));
    return NULL;
}

const smv_error_t *smv_sqlite_contents(apr_array_header_t **hashes, const char *path, apr_pool_t *pool)
{
    static const char sql[] = "SELECT DISTINCT hash FROM content ORDER BY 1";
    sqlite3 *db = NULL;
    const smv_error_t *error = open_file(&db, path, SQLITE_OPEN_READWRITE, pool);

    *hashes = apr_array_make(pool, 64, sizeof(const char *));
    if (!error) {
        error = each_row(db, path, sql, add_hash, *hashes, pool);
    }
    sqlite3_close(db);
    return error;
}

const smv_error_t *smv_sqlite_end_access(const char *path, apr_pool_t *pool)
{
    static const char sql[] =
        "BEGIN; DELETE FROM session; DELETE FROM invitation WHERE used IS NULL; DELETE FROM turn; COMMIT";
    sqlite3 *db = NULL;
    const smv_error_t *error = open_file(&db, path, SQLITE_OPEN_READWRITE, pool);

    if (!error && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        error = fault(SMV_ERROR_STORAGE, db, path, pool);
    }
    sqlite3_close(db);
    return error;
}
