/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes, the change log, and what of the audit log one customer may know, in SQLite.
 */
#include "smv_sqlite_use.h"

#include <apr_strings.h>

#define MAX_ARGUMENTS 40
#define MAX_JSON (1 << 20)

/* --- one change --- */

/* @return SMV_ERROR_CONFLICT and its like by what the statement just run has written */
static const smv_error_t *check_written(smv_connection_t *connection, const smv_change_t *change, apr_pool_t *pool)
{
    if (sqlite3_changes(connection->db) == 1) {
        return NULL;
    }
    return change->deed == SMV_DEED_CREATE
               ? smv_error(pool, SMV_ERROR_NOT_FOUND, "the database has no such customer")
               : smv_error(pool, SMV_ERROR_CONFLICT,
                           "%s %" APR_INT64_T_FMT " is gone or no longer of version %" APR_INT64_T_FMT,
                           change->resource->name, change->row, change->version);
}

/* ?1 to ?4 and the fields that people write. @return how many there are */
static int arguments_of(smv_argument_t *arguments, const smv_change_t *change, const smv_permit_t *permit)
{
    int count = SMV_FIRST_INPUT - 1;

    arguments[0] = A_NUMBER(permit->tenant);
    arguments[1] = A_NUMBER(permit->customers.at[0]);
    arguments[2] = A_NUMBER(change->row);
    arguments[3] = A_NUMBER(change->version);
    for (int i = 0; change->after && i < change->after->shape->count; i++) {
        const smv_field_t *field = &change->after->shape->fields[i];

        if (field->input) {
            arguments[count++] = smv_use_argument(field, &change->after->values[i]);
        }
    }
    return count;
}

static const smv_error_t *write_row(smv_connection_t *connection, smv_change_t *change, const smv_permit_t *permit,
                                    apr_pool_t *pool)
{
    static const smv_verb_e verbs[SMV_DEED_COUNT] = {
        [SMV_DEED_CREATE] = SMV_VERB_CREATE, [SMV_DEED_EDIT] = SMV_VERB_EDIT, [SMV_DEED_DELETE] = SMV_VERB_DELETE};
    smv_argument_t arguments[MAX_ARGUMENTS];
    int which = SMV_SQL_OF(change->resource->id, verbs[change->deed]);
    const smv_error_t *error =
        smv_use_step(connection, which, arguments, arguments_of(arguments, change, permit), pool);

    if (!error) {
        error = check_written(connection, change, pool);
    }
    if (!error && change->deed == SMV_DEED_CREATE) {
        change->row = sqlite3_last_insert_rowid(connection->db);
    }
    return error;
}

/* @return the values as JSON, NULL for no row */
static const char *json_of(const smv_record_t *row, const smv_record_t *other, apr_pool_t *pool)
{
    smv_buffer_t json;

    if (!row) {
        return NULL;
    }
    smv_buffer_init(&json, 256, MAX_JSON, pool);
    smv_change_values(&json, row, other);
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? NULL : json.data;
}

/* The audit log has the digest of the values, which the change log keeps. */
static const smv_error_t *note_change(smv_connection_t *connection, const smv_change_t *change,
                                      const smv_permit_t *permit, const smv_actor_t *actor, const char *digest,
                                      apr_pool_t *pool)
{
    static const smv_event_kind_e kinds[SMV_DEED_COUNT] = {[SMV_DEED_CREATE] = SMV_EVENT_CREATE,
                                                           [SMV_DEED_EDIT] = SMV_EVENT_EDIT,
                                                           [SMV_DEED_DELETE] = SMV_EVENT_DELETE,
                                                           [SMV_DEED_RESTORE] = SMV_EVENT_RESTORE};
    const char *origin =
        change->unassigned ? apr_psprintf(pool, ",\"unassigned\":\"%" APR_INT64_T_FMT "\"", change->unassigned) : "";
    const smv_event_t event = {.kind = kinds[change->deed],
                               .subject = change->resource->name,
                               .customer = permit->customers.at[0],
                               .row = change->row,
                               .detail = apr_psprintf(pool, "{\"change\":%" APR_INT64_T_FMT ",\"values\":\"%s\"%s}",
                                                      (apr_int64_t)sqlite3_last_insert_rowid(connection->db), digest,
                                                      origin)};

    return smv_sqlite_audit_append(connection, &event, permit->tenant, actor, pool);
}

static const smv_error_t *log_change(smv_connection_t *connection, const smv_change_t *change,
                                     const smv_permit_t *permit, const smv_actor_t *actor, apr_pool_t *pool)
{
    const char *old = json_of(change->before, change->after, pool), *new = json_of(change->after, change->before, pool);
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant),
                                        A_NUMBER(permit->customers.at[0]),
                                        A_NUMBER(apr_time_sec(actor->now)),
                                        A_TEXT(change->resource->name),
                                        A_NUMBER(change->row),
                                        A_TEXT(smv_deed_codes[change->deed]),
                                        A_TEXT(actor->login),
                                        A_TEXT(actor->name),
                                        A_TEXT(actor->address),
                                        A_TEXT(actor->channel),
                                        A_NUMBER(actor->is_staff),
                                        A_TEXT(old),
                                        A_TEXT(new),
                                        A_TEXT(change->submission)};
    const char *digest;
    const smv_error_t *error = smv_sqlite_audit_digest(&digest, old, new, pool);

    if (!error) {
        error = smv_use_step(connection, SMV_SQL_CHANGE_ADD, arguments, COUNT_OF(arguments), pool);
    }
    return error ? error : note_change(connection, change, permit, actor, digest, pool);
}

/* Whether this sending of a form has been done before. */
static const smv_error_t *find_submission(smv_connection_t *connection, smv_change_t *change,
                                          const smv_permit_t *permit, const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                        A_TEXT(change->submission), A_TEXT(change->resource->name),
                                        A_TEXT(actor->login)};
    const smv_error_t *error = smv_use_bind(connection, SMV_SQL_SUBMISSION, arguments, COUNT_OF(arguments), pool);
    sqlite3_stmt *statement = connection->statements[SMV_SQL_SUBMISSION];
    int status = error ? SQLITE_ERROR : sqlite3_step(statement);

    if (status == SQLITE_ROW) {
        change->row = sqlite3_column_int64(statement, 0);
        change->is_repeated = 1;
        sqlite3_reset(statement); /* no read is left open when the transaction ends */
        return NULL;
    }
    return error || status == SQLITE_DONE ? error : smv_connection_error(connection, SMV_SQL_SUBMISSION, pool);
}

static const smv_error_t *make_change(smv_connection_t *connection, smv_change_t *change, const smv_permit_t *permit,
                                      const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_error_t *error = change->submission ? find_submission(connection, change, permit, actor, pool) : NULL;

    if (error || change->is_repeated) {
        return error;
    }
    error = change->resource->id == SMV_RESOURCE_DOCUMENT
                ? smv_sqlite_write_document(connection, change, permit, actor, pool)
                : write_row(connection, change, permit, pool);
    if (!error && change->before_commit) { /* after the row, so that a row that is refused leaves no file */
        error = change->before_commit(change, pool);
    }
    return error ? error : log_change(connection, change, permit, actor, pool);
}

static const smv_error_t *change(smv_store_t *store, smv_change_t *changes, int count, const smv_permit_t *permit,
                                 const smv_actor_t *actor, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (error) {
        return error;
    }
    error = smv_use_begin_write(store, &connection, pool);
    if (error) {
        return error;
    }
    for (int i = 0; !error && i < count; i++) {
        error = make_change(connection, &changes[i], permit, actor, pool);
    }
    if (!error) {
        error = smv_use_step(connection, SMV_SQL_COMMIT, NULL, 0, pool);
    }
    smv_use_give(store, connection); /* what is not committed by now is rolled back */
    return error;
}

/* --- the logs --- */

static const smv_error_t *list_of_one(smv_store_t *store, smv_list_t **list, int which, const smv_permit_t *permit,
                                      apr_int64_t third, apr_int64_t fourth, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                            A_NUMBER(third), A_NUMBER(fourth), A_NUMBER(SMV_STORE_MAX_ROWS)};

        error = smv_use_list(store, list, which, arguments, which == SMV_SQL_CHANGE_VALUES ? 5 : 4, pool);
    }
    return error;
}

static const smv_error_t *customer_changes(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                           apr_int64_t before, int limit, apr_pool_t *pool)
{
    return list_of_one(store, list, SMV_SQL_CUSTOMER_CHANGES, permit, before, limit, pool);
}

static const smv_error_t *readings(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                   apr_int64_t before, int limit, apr_pool_t *pool)
{
    return list_of_one(store, list, SMV_SQL_READINGS, permit, before, limit, pool);
}

static const smv_error_t *change_values(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                        apr_int64_t from, apr_int64_t to, apr_pool_t *pool)
{
    return list_of_one(store, list, SMV_SQL_CHANGE_VALUES, permit, from, to, pool);
}

static const smv_error_t *changes(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit, apr_int64_t after,
                                  int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_NUMBER(after), A_NUMBER(limit + 1)};

    return smv_use_list(store, list, SMV_SQL_CHANGES, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *inbox(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit, apr_int64_t before,
                                int is_done, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_NUMBER(before ? before : APR_INT64_MAX),
                                        A_NUMBER(limit + 1)};

    int which = is_done ? SMV_SQL_INBOX_DONE : permit->all ? SMV_SQL_ALL_INBOX_OPEN : SMV_SQL_SOME_INBOX_OPEN;

    return smv_use_list(store, list, which, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *mark_change(smv_store_t *store, const smv_permit_t *permit, apr_int64_t id, int is_done,
                                      const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_NUMBER(id),
                                        is_done ? A_NUMBER(apr_time_sec(actor->now)) : A_TEXT(NULL),
                                        A_TEXT(is_done ? actor->name : NULL)};
    int changed = 0;
    const smv_error_t *error =
        smv_use_run(store, SMV_SQL_MARK_CHANGE, arguments, COUNT_OF(arguments), 1, &changed, pool);

    return error || changed ? error
                            : smv_error(pool, SMV_ERROR_NOT_FOUND, "no change %" APR_INT64_T_FMT " in reach", id);
}

void smv_sqlite_set_changes(smv_store_t *store)
{
    store->change = change;
    store->customer_changes = customer_changes;
    store->change_values = change_values;
    store->readings = readings;
    store->changes = changes;
    store->inbox = inbox;
    store->mark_change = mark_change;
}
