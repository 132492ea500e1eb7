/* SPDX-License-Identifier: Apache-2.0
 *
 * The start screen in SQLite: its draft, what is published, and what was.
 */
#include "../core/smv_shapes.h"
#include "smv_sqlite_use.h"

#include <apr_strings.h>

#define MAX_ARGUMENTS 80

/* --- reading --- */

static const smv_error_t *screen(smv_store_t *store, const smv_record_t **record, apr_int64_t tenant, apr_int64_t which,
                                 apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(tenant), A_NUMBER(which)};
    smv_connection_t *connection;
    const smv_error_t *error =
        smv_use_to_read(store, &connection, SMV_SQL_SCREEN, arguments, COUNT_OF(arguments), pool);

    if (!error) {
        error = smv_use_row(connection, SMV_SQL_SCREEN, record, pool);
        smv_use_give(store, connection);
    }
    return error;
}

static const smv_error_t *publications(smv_store_t *store, smv_list_t **list, apr_int64_t tenant, int limit,
                                       apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(tenant), A_NUMBER(limit)};

    return smv_use_list(store, list, SMV_SQL_PUBLICATIONS, arguments, COUNT_OF(arguments), pool);
}

/* --- writing --- */

typedef struct writing_t {
    int which; /* statement */
    smv_argument_t arguments[MAX_ARGUMENTS];
    int count;
    smv_event_t event; /* whose row, where it has none, is the one that was made */
    const smv_screen_change_t *change;
    apr_int64_t made;
} writing_t;

static void begin_arguments(writing_t *writing, apr_int64_t tenant, apr_int64_t version, const smv_actor_t *actor)
{
    writing->arguments[0] = A_NUMBER(tenant);
    writing->arguments[1] = A_NUMBER(version);
    writing->arguments[2] = A_NUMBER(apr_time_sec(actor->now));
    writing->arguments[3] = A_TEXT(actor->login);
    writing->arguments[4] = A_TEXT(actor->name);
    writing->count = SMV_FIRST_OF_SCREEN - 1;
}

/* Everything in one transaction. */
static const smv_error_t *write_row(smv_connection_t *connection, writing_t *writing, apr_int64_t tenant,
                                    const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_step(connection, writing->which, writing->arguments, writing->count, pool);

    if (!error && sqlite3_changes(connection->db) != 1) {
        error = smv_error(pool, SMV_ERROR_CONFLICT, "the draft of the start screen has another version");
    }
    if (error) {
        return error;
    }
    if (writing->which == SMV_SQL_SCREEN_PUBLISH) {
        writing->made = writing->event.row = sqlite3_last_insert_rowid(connection->db);
    }
    error = smv_sqlite_audit_append(connection, &writing->event, tenant, actor, pool);
    if (!error && writing->change && writing->change->before_commit) {
        error = writing->change->before_commit(writing->change->commit_data);
    }
    return error ? error : smv_use_step(connection, SMV_SQL_COMMIT, NULL, 0, pool);
}

static const smv_error_t *write_all(smv_store_t *store, writing_t *writing, apr_int64_t tenant,
                                    const smv_actor_t *actor, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_begin_write(store, &connection, pool);

    if (!error) {
        error = write_row(connection, writing, tenant, actor, pool);
        smv_use_give(store, connection); /* what is not committed by now is rolled back */
    }
    return error;
}

static const smv_error_t *screen_save(smv_store_t *store, const smv_screen_change_t *change, apr_int64_t tenant,
                                      const smv_actor_t *actor, apr_pool_t *pool)
{
    writing_t writing = {.which = SMV_SQL_SCREEN_SAVE,
                         .event = {.kind = SMV_EVENT_EDIT, .subject = "start_screen", .detail = change->detail},
                         .change = change};
    const smv_record_t *after = change->after;

    begin_arguments(&writing, tenant, change->version, actor);
    for (int i = SMV_SCREEN_LOGO_HASH; i < after->shape->count; i++) {
        writing.arguments[writing.count++] = smv_use_argument(&after->shape->fields[i], &after->values[i]);
    }
    return write_all(store, &writing, tenant, actor, pool);
}

static const smv_error_t *screen_publish(smv_store_t *store, apr_int64_t *made, apr_int64_t which, apr_int64_t version,
                                         apr_int64_t tenant, const smv_actor_t *actor, apr_pool_t *pool)
{
    writing_t writing = {.which = SMV_SQL_SCREEN_PUBLISH,
                         .event = {.kind = SMV_EVENT_PUBLISH, .subject = "start_screen"}};
    const smv_error_t *error;

    if (which != SMV_SCREEN_DRAFT) {
        writing.event.detail = apr_psprintf(pool, "{\"restored\":\"%" APR_INT64_T_FMT "\"}", which);
    }
    begin_arguments(&writing, tenant, version, actor);
    writing.arguments[writing.count++] = A_NUMBER(which);
    error = write_all(store, &writing, tenant, actor, pool);
    *made = writing.made;
    return error;
}

static const smv_error_t *screen_reset(smv_store_t *store, apr_int64_t publication, apr_int64_t version,
                                       apr_int64_t tenant, const smv_actor_t *actor, apr_pool_t *pool)
{
    writing_t writing = {.which = SMV_SQL_SCREEN_RESET,
                         .event = {.kind = SMV_EVENT_EDIT,
                                   .subject = "start_screen",
                                   .detail = apr_psprintf(pool, "{\"reset\":\"%" APR_INT64_T_FMT "\"}", publication)}};

    begin_arguments(&writing, tenant, version, actor);
    writing.arguments[writing.count++] = A_NUMBER(publication);
    return write_all(store, &writing, tenant, actor, pool);
}

void smv_sqlite_set_screens(smv_store_t *store)
{
    store->screen = screen;
    store->publications = publications;
    store->screen_save = screen_save;
    store->screen_publish = screen_publish;
    store->screen_reset = screen_reset;
}
