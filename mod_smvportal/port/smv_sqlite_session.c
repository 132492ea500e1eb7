/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions in SQLite.
 */
#include "smv_sqlite_use.h"

#include <apr_strings.h>

static const smv_error_t *session_create(smv_store_t *store, const unsigned char *hash, const smv_session_row_t *row,
                                         apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash), A_TEXT(row->dn), A_NUMBER(row->created), A_TEXT(row->bound_to),
                                        A_TEXT(row->account)};

    return smv_use_run(store, SMV_SQL_SESSION_CREATE, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *session_find(smv_store_t *store, smv_session_row_t *row, const unsigned char *hash,
                                       apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash)};
    smv_connection_t *connection;
    const smv_error_t *error =
        smv_use_to_read(store, &connection, SMV_SQL_SESSION_FIND, arguments, COUNT_OF(arguments), pool);
    sqlite3_stmt *statement;
    int status;

    if (error) {
        return error;
    }
    statement = connection->statements[SMV_SQL_SESSION_FIND];
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        row->dn = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 0));
        row->created = sqlite3_column_int64(statement, 1);
        row->last_used = sqlite3_column_int64(statement, 2);
        row->view = (smv_session_view_t){.dn = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 3)),
                                         .name = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 4)),
                                         .customer = sqlite3_column_int64(statement, 5),
                                         .since = sqlite3_column_int64(statement, 6)};
        row->bound_to = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 7));
        row->account = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 8));
    } else {
        error = status == SQLITE_DONE ? smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "the session is unknown")
                                      : smv_connection_error(connection, SMV_SQL_SESSION_FIND, pool);
    }
    smv_use_give(store, connection);
    return error;
}

/* Nobody waits for a writer, or is turned away, for that note alone: the next request makes it. */
static const smv_error_t *session_touch(smv_store_t *store, const unsigned char *hash, apr_time_t now, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash), A_NUMBER(now)};
    const smv_error_t *error = smv_use_run(store, SMV_SQL_SESSION_TOUCH, arguments, COUNT_OF(arguments), 0, NULL, pool);

    return error && error->code == SMV_ERROR_DATABASE_BUSY ? NULL : error;
}

static const smv_error_t *session_view(smv_store_t *store, const unsigned char *hash, const smv_session_view_t *view,
                                       apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash), A_TEXT(view->dn), A_TEXT(view->name), A_NUMBER(view->customer),
                                        A_NUMBER(view->since)};

    return smv_use_run(store, SMV_SQL_SESSION_VIEW, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *session_end(smv_store_t *store, const unsigned char *hash, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash)};

    return smv_use_run(store, SMV_SQL_SESSION_END, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *session_end_all(smv_store_t *store, const char *dn, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(dn)};

    return smv_use_run(store, SMV_SQL_SESSION_END_ALL, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *sessions(smv_store_t *store, smv_list_t **list, apr_time_t created_since,
                                   apr_time_t used_since, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(created_since), A_NUMBER(used_since), A_NUMBER(limit)};

    return smv_use_list(store, list, SMV_SQL_SESSIONS, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *session_expire(smv_store_t *store, apr_time_t created_before, apr_time_t used_before,
                                         apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(created_before), A_NUMBER(used_before)};

    return smv_use_run(store, SMV_SQL_SESSION_EXPIRE, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

void smv_sqlite_set_sessions(smv_store_t *store)
{
    store->session_create = session_create;
    store->session_find = session_find;
    store->session_touch = session_touch;
    store->session_view = session_view;
    store->session_end = session_end;
    store->session_end_all = session_end_all;
    store->sessions = sessions;
    store->session_expire = session_expire;
}
