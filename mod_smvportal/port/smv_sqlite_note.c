/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing into the audit log, and forgetting what is older than the retention.
 *
 * Each note is on the disk before its request is answered, and the disk takes its time. So those that come meanwhile
 * wait together, and the first of them writes all that wait, in one transaction.
 */
#include "smv_sqlite_use.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>

#define MAX_TOGETHER 64
#define DAY 86400

typedef struct waiting_t {
    const smv_event_t *event;
    apr_int64_t tenant;
    const smv_actor_t *actor;
    apr_pool_t *pool; /* of the request, whose thread waits */
    const smv_error_t *error;
    int is_done;
    struct waiting_t *next;
} waiting_t;

struct smv_notes_t {
    apr_int64_t retention; /* seconds; 0: for ever */
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *written;
    waiting_t *first, **end; /* not yet written, in their order */
    int is_written_now;      /* somebody writes */
};

apr_status_t smv_notes_create(smv_notes_t **notes, apr_int64_t retention, apr_pool_t *pool)
{
    smv_notes_t *made = apr_pcalloc(pool, sizeof *made);
    apr_status_t status = apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, pool);

    made->retention = retention;
    made->end = &made->first;
    *notes = made;
    return status == APR_SUCCESS ? apr_thread_cond_create(&made->written, pool) : status;
}

/* --- forgetting --- */

static const smv_error_t *read_oldest(smv_connection_t *connection, apr_int64_t *time, apr_pool_t *pool)
{
    sqlite3_stmt *row = smv_connection_use(connection, SMV_SQL_AUDIT_OLDEST);
    int status = sqlite3_step(row);

    *time = status == SQLITE_ROW ? sqlite3_column_int64(row, 0) : APR_INT64_MAX;
    sqlite3_reset(row);
    return status == SQLITE_ROW || status == SQLITE_DONE ? NULL
                                                         : smv_connection_error(connection, SMV_SQL_AUDIT_OLDEST, pool);
}

/* The rows older than that go, some thousands at a time; that they went is a row of its own. */
static const smv_error_t *forget(smv_connection_t *connection, apr_int64_t until, apr_int64_t tenant, apr_time_t now,
                                 apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(until)};
    const smv_actor_t nobody = {.login = "", .name = "", .address = "", .channel = "page", .now = now};
    smv_event_t event = {.kind = SMV_EVENT_DELETE, .subject = "audit"};
    smv_argument_t last[2];
    const smv_error_t *error = smv_use_bind(connection, SMV_SQL_AUDIT_FORGET_TO, arguments, 1, pool);
    sqlite3_stmt *row = connection->statements[SMV_SQL_AUDIT_FORGET_TO];

    if (error) {
        return error;
    }
    if (sqlite3_step(row) != SQLITE_ROW) {
        sqlite3_reset(row);
        return NULL;
    }
    event.row = sqlite3_column_int64(row, 0);
    last[0] = A_NUMBER(event.row);
    last[1] = A_HASH(apr_pmemdup(pool, sqlite3_column_blob(row, 1), SMV_TOKEN_HASH_SIZE));
    sqlite3_reset(row);
    if ((error = smv_use_step(connection, SMV_SQL_AUDIT_ANCHOR, last, 2, pool)) ||
        (error = smv_use_step(connection, SMV_SQL_AUDIT_FORGET_SHOWN, last, 1, pool)) ||
        (error = smv_use_step(connection, SMV_SQL_AUDIT_FORGET, last, 1, pool))) {
        return error;
    }
    return smv_sqlite_audit_append(connection, &event, tenant, &nobody, pool);
}

/* A day of grace, so that not every note forgets one row and adds another. */
static const smv_error_t *forget_old(const smv_notes_t *notes, smv_connection_t *connection, const waiting_t *waiting,
                                     apr_pool_t *pool)
{
    apr_int64_t until = apr_time_sec(waiting->actor->now) - notes->retention, oldest;
    const smv_error_t *error;

    if (notes->retention == 0) {
        return NULL;
    }
    error = read_oldest(connection, &oldest, pool);
    return error || oldest >= until - DAY ? error
                                          : forget(connection, until, waiting->tenant, waiting->actor->now, pool);
}

/* --- writing --- */

/* In one transaction. @param end the first that is not written with them; NULL for none */
static const smv_error_t *write_some(smv_store_t *store, const waiting_t *first, const waiting_t *end, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_begin_write(store, &connection, pool);

    if (error) {
        return error;
    }
    error = forget_old(smv_use_notes(store), connection, first, pool);
    for (const waiting_t *each = first; each != end && !error; each = each->next) {
        error = smv_sqlite_audit_append(connection, each->event, each->tenant, each->actor, pool);
    }
    if (!error) {
        error = smv_use_step(connection, SMV_SQL_COMMIT, NULL, 0, pool);
    }
    smv_use_give(store, connection); /* what is not committed by now is rolled back */
    return error;
}

static int is_of_database(const smv_error_t *error)
{
    return error->code == SMV_ERROR_DATABASE_BUSY || error->code == SMV_ERROR_DATABASE_AWAY;
}

/* Its own thread waits, so that its pool may be used: the error must live as long as its request. */
static void set_error(waiting_t *waiting, const smv_error_t *error)
{
    waiting->error = error ? smv_error(waiting->pool, error->code, "%s", error->detail) : NULL;
}

/* One that cannot be written must not keep the others from it: then each is tried alone. */
static void write_all(smv_store_t *store, waiting_t *first, apr_pool_t *pool)
{
    const smv_error_t *error = write_some(store, first, NULL, pool);
    int is_common = !error || !first->next || is_of_database(error);

    for (waiting_t *each = first; each; each = each->next) {
        set_error(each, is_common ? error : write_some(store, each, each->next, pool));
    }
}

/* @return those that wait, at most MAX_TOGETHER */
static waiting_t *take(smv_notes_t *notes)
{
    waiting_t *first = notes->first, *last = first;

    for (int i = 1; i < MAX_TOGETHER && last->next; i++) {
        last = last->next;
    }
    notes->first = last->next;
    notes->end = notes->first ? notes->end : &notes->first;
    last->next = NULL;
    return first;
}

/* Called and left with the lock. */
static void write_those_that_wait(smv_notes_t *notes, smv_store_t *store, apr_pool_t *pool)
{
    waiting_t *first = take(notes), *next;

    notes->is_written_now = 1;
    apr_thread_mutex_unlock(notes->lock);
    write_all(store, first, pool);
    apr_thread_mutex_lock(notes->lock);
    notes->is_written_now = 0;
    for (waiting_t *each = first; each; each = next) {
        next = each->next; /* once it is done, it may be gone */
        each->is_done = 1;
    }
    apr_thread_cond_broadcast(notes->written);
}

static const smv_error_t *note(smv_store_t *store, const smv_event_t *event, apr_int64_t tenant,
                               const smv_actor_t *actor, apr_pool_t *pool)
{
    smv_notes_t *notes = smv_use_notes(store);
    waiting_t own = {.event = event, .tenant = tenant, .actor = actor, .pool = pool};

    smv_use_release(store);
    apr_thread_mutex_lock(notes->lock);
    *notes->end = &own;
    notes->end = &own.next;
    while (!own.is_done) {
        if (notes->is_written_now) {
            apr_thread_cond_wait(notes->written, notes->lock);
        } else {
            write_those_that_wait(notes, store, pool);
        }
    }
    apr_thread_mutex_unlock(notes->lock);
    return own.error;
}

void smv_sqlite_set_notes(smv_store_t *store)
{
    store->note = note;
}
