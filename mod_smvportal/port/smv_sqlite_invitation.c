/* SPDX-License-Identifier: Apache-2.0
 *
 * Invitations in SQLite.
 */
#include "smv_sqlite_use.h"

#include <apr_strings.h>

static const smv_error_t *invitation_create(smv_store_t *store, const unsigned char *hash,
                                            const smv_invitation_t *invitation, apr_pool_t *pool)
{
    const smv_argument_t old[] = {A_NUMBER(apr_time_sec(invitation->created))};
    const smv_argument_t arguments[] = {A_HASH(hash),
                                        A_TEXT(invitation->dn),
                                        A_TEXT(invitation->login),
                                        A_NUMBER(invitation->customer),
                                        A_TEXT(invitation->kind),
                                        A_NUMBER(apr_time_sec(invitation->created)),
                                        A_TEXT(invitation->created_by),
                                        A_NUMBER(apr_time_sec(invitation->expires))};
    const smv_error_t *error = smv_use_run(store, SMV_SQL_INVITATION_EXPIRE, old, COUNT_OF(old), 1, NULL, pool);

    return error ? error : smv_use_run(store, SMV_SQL_INVITATION_CREATE, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

/* @return SMV_ERROR_NOT_FOUND; after NULL the statement has a row, and the connection is to be given back */
static const smv_error_t *find_one(smv_store_t *store, smv_connection_t **connection, int which,
                                   const smv_argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_to_read(store, connection, which, arguments, count, pool);
    int status;

    if (error) {
        return error;
    }
    status = sqlite3_step((*connection)->statements[which]);
    if (status != SQLITE_ROW) {
        error = status == SQLITE_DONE
                    ? smv_error(pool, SMV_ERROR_NOT_FOUND, "the invitation is unknown, used or expired")
                    : smv_connection_error(*connection, which, pool);
        smv_use_give(store, *connection);
    }
    return error;
}

static const smv_error_t *invitation_find(smv_store_t *store, smv_invitation_t *invitation, const unsigned char *hash,
                                          apr_time_t now, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash), A_NUMBER(apr_time_sec(now))};
    smv_connection_t *connection;
    const smv_error_t *error =
        find_one(store, &connection, SMV_SQL_INVITATION_FIND, arguments, COUNT_OF(arguments), pool);
    sqlite3_stmt *row;

    if (error) {
        return error;
    }
    row = connection->statements[SMV_SQL_INVITATION_FIND];
    *invitation = (smv_invitation_t){.dn = apr_pstrdup(pool, (const char *)sqlite3_column_text(row, 0)),
                                     .login = apr_pstrdup(pool, (const char *)sqlite3_column_text(row, 1)),
                                     .customer = sqlite3_column_int64(row, 2),
                                     .kind = apr_pstrdup(pool, (const char *)sqlite3_column_text(row, 3)),
                                     .created = apr_time_from_sec(sqlite3_column_int64(row, 4)),
                                     .created_by = apr_pstrdup(pool, (const char *)sqlite3_column_text(row, 5)),
                                     .expires = apr_time_from_sec(sqlite3_column_int64(row, 6))};
    smv_use_give(store, connection);
    return NULL;
}

static const smv_error_t *invitation_claim(smv_store_t *store, const unsigned char *hash, apr_time_t now,
                                           apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash), A_NUMBER(apr_time_sec(now))};
    int changed = 0;
    const smv_error_t *error =
        smv_use_run(store, SMV_SQL_INVITATION_CLAIM, arguments, COUNT_OF(arguments), 1, &changed, pool);

    return error || changed ? error : smv_error(pool, SMV_ERROR_NOT_FOUND, "somebody else has used the invitation");
}

static const smv_error_t *invitation_give_back(smv_store_t *store, const unsigned char *hash, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_HASH(hash)};

    return smv_use_run(store, SMV_SQL_INVITATION_GIVE_BACK, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *invitation_until(smv_store_t *store, apr_time_t *expires, const char *dn, apr_time_t now,
                                           apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(dn), A_NUMBER(apr_time_sec(now))};
    smv_connection_t *connection;
    const smv_error_t *error =
        find_one(store, &connection, SMV_SQL_INVITATION_UNTIL, arguments, COUNT_OF(arguments), pool);

    *expires = 0;
    if (error) {
        return error->code == SMV_ERROR_NOT_FOUND ? NULL : error;
    }
    *expires = apr_time_from_sec(sqlite3_column_int64(connection->statements[SMV_SQL_INVITATION_UNTIL], 0));
    smv_use_give(store, connection);
    return NULL;
}

static const smv_error_t *invitation_end(smv_store_t *store, const char *dn, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(dn)};

    return smv_use_run(store, SMV_SQL_INVITATION_END, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

void smv_sqlite_set_invitations(smv_store_t *store)
{
    store->invitation_create = invitation_create;
    store->invitation_find = invitation_find;
    store->invitation_claim = invitation_claim;
    store->invitation_give_back = invitation_give_back;
    store->invitation_until = invitation_until;
    store->invitation_end = invitation_end;
}
