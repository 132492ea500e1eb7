/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents that are nobody's yet, in SQLite: those that wait, those that were put away, and how one ends to be one.
 */
#include "smv_sqlite_use.h"

#include <apr_strings.h>

/* Whoever reaches but some customers reaches nothing here. */
static const smv_error_t *check_all(const smv_permit_t *permit, apr_pool_t *pool)
{
    return permit->all ? NULL : smv_error(pool, SMV_ERROR_INTERNAL, "a permit for all customers is needed");
}

/* --- reading --- */

static const smv_error_t *unassigned(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                     apr_int64_t after, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(after), A_NUMBER(limit + 1)};
    const smv_error_t *error = check_all(permit, pool);

    return error ? error : smv_use_list(store, list, SMV_SQL_UNASSIGNED, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *dismissed(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t since, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(since), A_NUMBER(SMV_STORE_MAX_LOG)};
    const smv_error_t *error = check_all(permit, pool);

    return error ? error : smv_use_list(store, list, SMV_SQL_DISMISSED, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *unassigned_one(smv_store_t *store, const smv_record_t **record, const smv_permit_t *permit,
                                         apr_int64_t id, apr_int64_t since, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(id), A_NUMBER(since)};
    const smv_error_t *error = check_all(permit, pool);
    smv_connection_t *connection;

    if (!error) {
        error = smv_use_to_read(store, &connection, SMV_SQL_UNASSIGNED_ONE, arguments, COUNT_OF(arguments), pool);
    }
    if (!error) {
        error = smv_use_row(connection, SMV_SQL_UNASSIGNED_ONE, record, pool);
        smv_use_give(store, connection);
    }
    return error;
}

static const smv_error_t *unassigned_count(smv_store_t *store, int *count, const smv_permit_t *permit, int limit,
                                           apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(limit)};
    const smv_error_t *error = check_all(permit, pool);
    smv_connection_t *connection;

    if (error ||
        (error = smv_use_to_read(store, &connection, SMV_SQL_UNASSIGNED_COUNT, arguments, COUNT_OF(arguments), pool))) {
        return error;
    }
    if (sqlite3_step(connection->statements[SMV_SQL_UNASSIGNED_COUNT]) == SQLITE_ROW) {
        *count = sqlite3_column_int(connection->statements[SMV_SQL_UNASSIGNED_COUNT], 0);
    } else {
        error = smv_connection_error(connection, SMV_SQL_UNASSIGNED_COUNT, pool);
    }
    smv_use_give(store, connection);
    return error;
}

static const smv_error_t *contracts_of_number(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                              const char *number, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_TEXT(number), A_NUMBER(limit)};

    return smv_use_list(store, list, SMV_SQL_CONTRACTS_OF_NUMBER, arguments, COUNT_OF(arguments), pool);
}

/* --- writing --- */

const smv_error_t *smv_sqlite_take_unassigned(smv_connection_t *connection, apr_int64_t id, apr_int64_t tenant,
                                              apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(tenant), A_NUMBER(id)};
    const smv_error_t *error = smv_use_step(connection, SMV_SQL_UNASSIGNED_TAKE, arguments, COUNT_OF(arguments), pool);

    if (!error && sqlite3_changes(connection->db) != 1) {
        error = smv_error(pool, SMV_ERROR_CONFLICT, "no unassigned document %" APR_INT64_T_FMT " waits any more", id);
    }
    return error;
}

static const smv_error_t *write_one(smv_connection_t *connection, int which, const smv_argument_t *arguments, int count,
                                    const smv_event_t *event, apr_int64_t tenant, const smv_actor_t *actor,
                                    apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_step(connection, which, arguments, count, pool);

    if (!error && sqlite3_changes(connection->db) != 1) {
        error = smv_error(pool, SMV_ERROR_NOT_FOUND, "no unassigned document %" APR_INT64_T_FMT " is to be changed so",
                          event->row);
    }
    if (!error) {
        error = smv_sqlite_audit_append(connection, event, tenant, actor, pool);
    }
    return error ? error : smv_use_step(connection, SMV_SQL_COMMIT, NULL, 0, pool);
}

static const smv_error_t *write_noted(smv_store_t *store, int which, const smv_argument_t *arguments, int count,
                                      const smv_event_t *event, const smv_permit_t *permit, const smv_actor_t *actor,
                                      apr_pool_t *pool)
{
    const smv_error_t *error = check_all(permit, pool);
    smv_connection_t *connection;

    if (error || (error = smv_use_begin_write(store, &connection, pool))) {
        return error;
    }
    error = write_one(connection, which, arguments, count, event, permit->tenant, actor, pool);
    smv_use_give(store, connection); /* what is not committed by now is rolled back */
    return error;
}

static const smv_error_t *dismiss(smv_store_t *store, const smv_permit_t *permit, apr_int64_t id,
                                  const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_event_t event = {.kind = SMV_EVENT_DELETE, .subject = "unassigned_document", .row = id};
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(id), A_NUMBER(apr_time_sec(actor->now)),
                                        A_TEXT(actor->name)};

    return write_noted(store, SMV_SQL_UNASSIGNED_DISMISS, arguments, COUNT_OF(arguments), &event, permit, actor, pool);
}

static const smv_error_t *take_back(smv_store_t *store, const smv_permit_t *permit, apr_int64_t id, apr_int64_t since,
                                    const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_event_t event = {.kind = SMV_EVENT_RESTORE, .subject = "unassigned_document", .row = id};
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(id), A_NUMBER(since)};

    return write_noted(store, SMV_SQL_UNASSIGNED_TAKE_BACK, arguments, COUNT_OF(arguments), &event, permit, actor,
                       pool);
}

void smv_sqlite_set_unassigned(smv_store_t *store)
{
    store->unassigned = unassigned;
    store->dismissed = dismissed;
    store->unassigned_one = unassigned_one;
    store->unassigned_count = unassigned_count;
    store->contracts_of_number = contracts_of_number;
    store->dismiss = dismiss;
    store->take_back = take_back;
}
