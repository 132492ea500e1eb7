/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sql.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <stdlib.h>

#define CHECK_INTERVAL apr_time_from_sec(1)

struct smv_connections_t {
    smv_sqlite_config_t config;
    apr_thread_mutex_t *lock; /* guards idle and open */
    apr_thread_cond_t *given_back;
    smv_connection_t *idle;
    int open;
};

/* --- errors --- */

typedef struct failure_t {
    int code; /* of SQLite */
    smv_error_e error;
    const char *remedy;
} failure_t;

static const failure_t *failure_of(int code)
{
    static const char allow[] = "let httpd's user read and write the file and its folder";
    static const failure_t failures[] = {
        {SQLITE_BUSY, SMV_ERROR_DATABASE_BUSY,
         "another program holds the database: end it, or raise SmvPortalDatabaseBusyTimeout"},
        {SQLITE_NOTADB, SMV_ERROR_DATABASE_DATA, "restore a backup, or correct SmvPortalDatabase"},
        {SQLITE_CORRUPT, SMV_ERROR_DATABASE_DATA, "restore a backup"},
        {SQLITE_ERROR, SMV_ERROR_DATABASE_DATA, "is it a portal database?"},
        {SQLITE_CONSTRAINT, SMV_ERROR_DATABASE_DATA, "the schema refuses what the portal wrote: please report it"},
        {SQLITE_FULL, SMV_ERROR_DATABASE_AWAY, "make room on its disk"},
        {SQLITE_READONLY, SMV_ERROR_DATABASE_AWAY, allow},
        {SQLITE_CANTOPEN, SMV_ERROR_DATABASE_AWAY, allow},
        {SQLITE_PERM, SMV_ERROR_DATABASE_AWAY, allow},
        {SQLITE_OK, SMV_ERROR_DATABASE_AWAY, "see the log of the system"},
    };
    const failure_t *failure = failures;

    while (failure->code != code && failure->code != SQLITE_OK) {
        failure++;
    }
    return failure;
}

const smv_error_t *smv_sql_error(sqlite3 *db, const char *path, const char *doing, apr_pool_t *pool)
{
    const failure_t *failure = failure_of(sqlite3_errcode(db));

    return smv_error(pool, failure->error, "%s: %s: %s; %s", path, doing, sqlite3_errmsg(db), failure->remedy);
}

const smv_error_t *smv_connection_error(const smv_connection_t *connection, int statement, apr_pool_t *pool)
{
    return smv_sql_error(connection->db, sqlite3_db_filename(connection->db, "main"),
                         apr_psprintf(pool, "statement %d", statement), pool);
}

/* --- checking a file --- */

/* @return the name of the column that row position `column` must have, as the shape declares it */
static const char *expected_column(const smv_shape_t *shape, int column, apr_pool_t *pool)
{
    for (int field = 0; field < shape->count; field++) {
        if (column-- == 0) {
            return shape->fields[field].name;
        }
        if (shape->fields[field].type == SMV_TYPE_MONEY && column-- == 0) {
            return apr_pstrcat(pool, shape->fields[field].name, "_currency", NULL);
        }
    }
    return NULL;
}

static const smv_error_t *check_columns(sqlite3_stmt *statement, const smv_shape_t *shape, apr_pool_t *pool)
{
    int count = sqlite3_column_count(statement);

    for (int column = 0; column <= count; column++) {
        const char *expected = expected_column(shape, column, pool);
        const char *found = column < count ? sqlite3_column_name(statement, column) : NULL;

        if ((expected == NULL) != (found == NULL) || (expected && strcmp(expected, found) != 0)) {
            return smv_error(pool, SMV_ERROR_DATABASE_DATA, "statement of %s: column %d is %s, the shape has %s",
                             shape->name, column, found ? found : "missing", expected ? expected : "none");
        }
    }
    return NULL;
}

static int needs_search(int statement)
{
    return statement == SMV_SQL_DOCUMENTS_BY_WORDS || statement == SMV_SQL_CUSTOMERS_FOUND;
}

static const smv_error_t *prepare_all(smv_connection_t *connection, const char *path, apr_pool_t *pool)
{
    for (int i = 0; i < SMV_SQL_COUNT; i++) {
        const smv_shape_t *shape = smv_statement_shape(i);
        const smv_error_t *error;

        if (sqlite3_prepare_v3(connection->db, smv_statement_sql(i, pool), -1, SQLITE_PREPARE_PERSISTENT,
                               &connection->statements[i], NULL) != SQLITE_OK) {
            if (needs_search(i) && sqlite3_errcode(connection->db) == SQLITE_ERROR) {
                continue; /* no FTS5 in this SQLite, or none when the file was made */
            }
            return smv_sql_error(connection->db, path, "preparing a statement", pool);
        }
        if (shape && (error = check_columns(connection->statements[i], shape, pool))) {
            return error;
        }
    }
    return NULL;
}

const smv_error_t *smv_sql_version(sqlite3 *db, const char *path, int *version, apr_pool_t *pool)
{
    sqlite3_stmt *statement = NULL;
    const smv_error_t *error = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        *version = sqlite3_column_int(statement, 0);
    } else {
        error = smv_sql_error(db, path, "reading its version", pool);
    }
    sqlite3_finalize(statement);
    return error;
}

const smv_error_t *smv_sql_check_version(sqlite3 *db, const char *path, apr_pool_t *pool)
{
    int version = 0;
    const smv_error_t *error = smv_sql_version(db, path, &version, pool);

    if (!error && version != SMV_SQLITE_VERSION) {
        error = smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s has schema version %d, this program needs version %d: %s",
                          path, version, SMV_SQLITE_VERSION,
                          version < SMV_SQLITE_VERSION ? "run smvportalctl migrate FILE"
                                                       : "it is of a newer release, which must be installed");
    }
    return error;
}

const smv_error_t *smv_sql_prepare(sqlite3 *db, const char *path, const char *const *sql, sqlite3_stmt **statements,
                                   int count, apr_pool_t *pool)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_prepare_v2(db, sql[i], -1, &statements[i], NULL) != SQLITE_OK) {
            return smv_sql_error(db, path, "preparing a statement", pool);
        }
    }
    return NULL;
}

/* Without leave to write, SQLite opens a file for reading alone, and nobody could sign in. */
static const smv_error_t *check_is_writable(sqlite3 *db, const char *path, apr_pool_t *pool)
{
    return sqlite3_db_readonly(db, "main") == 1 ? smv_error(pool, SMV_ERROR_DATABASE_AWAY, "%s may only be read: %s",
                                                            path, failure_of(SQLITE_READONLY)->remedy)
                                                : NULL;
}

/* --- one connection --- */

static void close_connection(smv_connection_t *connection)
{
    for (int i = 0; i < SMV_SQL_COUNT; i++) {
        sqlite3_finalize(connection->statements[i]);
    }
    sqlite3_close(connection->db);
    free(connection);
}

static const smv_error_t *set_up(smv_connection_t *connection, const smv_sqlite_config_t *config, apr_pool_t *pool)
{
    static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
    const char *path = config->path;
    const smv_error_t *error;

    if (sqlite3_open_v2(path, &connection->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        return smv_sql_error(connection->db, path, "make it with smvportalctl create-database FILE", pool);
    }
    sqlite3_busy_timeout(connection->db, (int)apr_time_as_msec(config->busy_timeout));
    if ((error = check_is_writable(connection->db, path, pool)) ||
        (error = smv_sql_check_version(connection->db, path, pool))) {
        return error;
    }
    if (sqlite3_exec(connection->db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
        return smv_sql_error(connection->db, path, "setting its journal", pool);
    }
    return prepare_all(connection, path, pool);
}

static const smv_error_t *open_connection(smv_connection_t **made, const smv_sqlite_config_t *config, apr_pool_t *pool)
{
    smv_connection_t *connection = calloc(1, sizeof *connection);
    const smv_error_t *error;

    if (!connection) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory for a database connection");
    }
    error = set_up(connection, config, pool);
    if (error) {
        close_connection(connection);
        return error;
    }
    *made = connection;
    return NULL;
}

static apr_status_t close_own(void *connection)
{
    close_connection(connection);
    return APR_SUCCESS;
}

const smv_error_t *smv_connection_open(smv_connection_t **connection, const smv_sqlite_config_t *config,
                                       apr_pool_t *pool)
{
    const smv_error_t *error = open_connection(connection, config, pool);

    if (!error) {
        apr_pool_cleanup_register(pool, *connection, close_own, apr_pool_cleanup_null);
    }
    return error;
}

/* --- the pool --- */

static apr_status_t close_idle(void *data)
{
    smv_connections_t *connections = data;

    while (connections->idle) {
        smv_connection_t *connection = connections->idle;

        connections->idle = connection->next;
        close_connection(connection);
    }
    return APR_SUCCESS;
}

const smv_error_t *smv_connections_open(smv_connections_t **connections, const smv_sqlite_config_t *config,
                                        apr_pool_t *pool)
{
    smv_connections_t *made = apr_pcalloc(pool, sizeof *made);
    const smv_error_t *error;

    /* Statistics of memory cost a lock for each allocation. SQLite refuses, harmlessly, where it is in use already. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    made->config = *config;
    if (apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, pool) != APR_SUCCESS ||
        apr_thread_cond_create(&made->given_back, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no mutex for the database connections");
    }
    error = open_connection(&made->idle, config, pool);
    if (error) {
        return error;
    }
    made->open = 1;
    apr_pool_cleanup_register(pool, made, close_idle, apr_pool_cleanup_null);
    *connections = made;
    return NULL;
}

/* The file may have been moved away or replaced under a running portal: an open connection would go on with the old
 * one and answer what is no longer true. Readers ask once a second; a write must not be lost in an old file. */
static int has_moved(smv_connection_t *connection, int ask_now)
{
    apr_time_t now = apr_time_now();
    int is_moved = 0;

    if (ask_now || now - connection->checked >= CHECK_INTERVAL || now < connection->checked) {
        connection->checked = now;
        sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_HAS_MOVED, &is_moved);
    }
    return is_moved;
}

static void forget(smv_connections_t *connections, smv_connection_t *connection)
{
    if (connection) {
        close_connection(connection);
    }
    apr_thread_mutex_lock(connections->lock);
    connections->open--;
    apr_thread_cond_signal(connections->given_back);
    apr_thread_mutex_unlock(connections->lock);
}

/* @return 1 with an idle connection, or with NULL and the duty to open one; 0 when the time is over */
static int wait_for_one(smv_connections_t *connections, smv_connection_t **connection)
{
    apr_time_t until = apr_time_now() + connections->config.busy_timeout;
    int is_taken = 0;

    apr_thread_mutex_lock(connections->lock);
    while (!is_taken) {
        *connection = connections->idle;
        if (connections->idle) {
            connections->idle = connections->idle->next;
            is_taken = 1;
        } else if (connections->open < connections->config.pool_size) {
            connections->open++;
            is_taken = 1;
        } else {
            apr_time_t left = until - apr_time_now();

            if (left <= 0) {
                break;
            }
            apr_thread_cond_timedwait(connections->given_back, connections->lock, left);
        }
    }
    apr_thread_mutex_unlock(connections->lock);
    return is_taken;
}

const smv_error_t *smv_connection_take(smv_connections_t *connections, smv_connection_t **connection, int is_to_write,
                                       apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    *connection = NULL;
    if (!wait_for_one(connections, connection)) {
        return smv_error(pool, SMV_ERROR_DATABASE_BUSY,
                         "all %d database connections are in use; raise SmvPortalDatabasePool",
                         connections->config.pool_size);
    }
    if (*connection && has_moved(*connection, is_to_write)) {
        close_connection(*connection);
        *connection = NULL;
    }
    if (!*connection && (error = open_connection(connection, &connections->config, pool))) {
        forget(connections, NULL);
    }
    return error;
}

static void reset(smv_connection_t *connection, int statement)
{
    sqlite3_reset(connection->statements[statement]);
    sqlite3_clear_bindings(connection->statements[statement]); /* nobody's permit is left for the next one */
}

sqlite3_stmt *smv_connection_use(smv_connection_t *connection, int statement)
{
    if (connection->is_used[statement]) {
        reset(connection, statement);
    } else {
        connection->is_used[statement] = 1;
        connection->used[connection->used_count++] = (short)statement;
    }
    return connection->statements[statement];
}

const smv_error_t *smv_connection_begin(smv_connection_t *connection, apr_pool_t *pool)
{
    return sqlite3_step(smv_connection_use(connection, SMV_SQL_BEGIN)) == SQLITE_DONE
               ? NULL
               : smv_connection_error(connection, SMV_SQL_BEGIN, pool);
}

/* @return whether the connection is as it was when it was taken */
static int clean(smv_connection_t *connection)
{
    if (!sqlite3_get_autocommit(connection->db)) { /* what was written and not committed goes */
        int has_written = sqlite3_txn_state(connection->db, "main") == SQLITE_TXN_WRITE;

        sqlite3_step(smv_connection_use(connection, has_written ? SMV_SQL_ROLLBACK : SMV_SQL_COMMIT));
    }
    for (int i = 0; i < connection->used_count; i++) {
        reset(connection, connection->used[i]);
        connection->is_used[connection->used[i]] = 0;
    }
    connection->used_count = 0;
    return sqlite3_get_autocommit(connection->db);
}

static int is_lost(int code)
{
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
}

void smv_connection_give(smv_connections_t *connections, smv_connection_t *connection)
{
    int code = sqlite3_errcode(connection->db);

    if (!clean(connection) || is_lost(code)) {
        forget(connections, connection);
        return;
    }
    apr_thread_mutex_lock(connections->lock);
    connection->next = connections->idle;
    connections->idle = connection;
    apr_thread_cond_signal(connections->given_back);
    apr_thread_mutex_unlock(connections->lock);
}

void smv_connection_wait(const smv_connections_t *connections, smv_connection_t *connection, int may_wait)
{
    sqlite3_busy_timeout(connection->db, may_wait ? (int)apr_time_as_msec(connections->config.busy_timeout) : 0);
}
