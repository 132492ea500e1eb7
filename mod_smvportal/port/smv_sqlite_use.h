/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite_use: taking a connection for one statement, binding it, reading rows by their shape. Shared by the
 * smv_sqlite files alone.
 *
 * Thread-safety: a store of a request is used by the thread of that request.
 */
#ifndef SMV_SQLITE_USE_H
#define SMV_SQLITE_USE_H

#include "../core/smv_store.h"
#include "smv_sql.h"

/* What waits to be written into the audit log, of all requests of the process. */
typedef struct smv_notes_t smv_notes_t;

/* @param retention seconds; 0: for ever */
apr_status_t smv_notes_create(smv_notes_t **notes, apr_int64_t retention, apr_pool_t *pool);

/* What a store works with. That of a request keeps its connection, within one read transaction, until it is released.
 */
typedef struct smv_sqlite_state_t {
    smv_connections_t *connections;
    smv_notes_t *notes;
    int is_of_request;
    smv_connection_t *kept; /* of a request, once it has read */
} smv_sqlite_state_t;

/* What one parameter of a statement is bound to. Texts and bytes must live until the connection is given back. */
typedef struct smv_argument_t {
    enum { SMV_BIND_NUMBER, SMV_BIND_TEXT, SMV_BIND_BYTES } type;
    apr_int64_t number; /* or the size of the bytes */
    const void *data;   /* a text that is NULL is NULL */
} smv_argument_t;

#define A_NUMBER(value) ((smv_argument_t){SMV_BIND_NUMBER, value, NULL})
#define A_TEXT(value) ((smv_argument_t){SMV_BIND_TEXT, 0, value})
#define A_HASH(value) ((smv_argument_t){SMV_BIND_BYTES, SMV_TOKEN_HASH_SIZE, value})
#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

/* The statements about all customers in reach begin with the permit; the fifth and what follows are their own. */
#define PERMIT_ARGUMENTS(permit, pool)                                                                                 \
    A_NUMBER((permit)->tenant), A_NUMBER((permit)->all), A_TEXT(smv_use_numbers(&(permit)->customers, pool)),          \
        A_TEXT(smv_use_numbers(&(permit)->brokers, pool))

/* Functions of the store, set into it. */
void smv_sqlite_set_sessions(smv_store_t *store);
void smv_sqlite_set_changes(smv_store_t *store);
void smv_sqlite_set_documents(smv_store_t *store);
void smv_sqlite_set_unassigned(smv_store_t *store);
void smv_sqlite_set_customers(smv_store_t *store);
void smv_sqlite_set_invitations(smv_store_t *store);
void smv_sqlite_set_turns(smv_store_t *store);
void smv_sqlite_set_screens(smv_store_t *store);
void smv_sqlite_set_audit(smv_store_t *store);
void smv_sqlite_set_notes(smv_store_t *store);

/* Add a row to the audit log, within a transaction. */
const smv_error_t *smv_sqlite_audit_append(smv_connection_t *connection, const smv_event_t *event, apr_int64_t tenant,
                                           const smv_actor_t *actor, apr_pool_t *pool);
/* SHA-256 of what the change log keeps of a change, in hexadecimal. @param old, new JSON, or NULL */
const smv_error_t *smv_sqlite_audit_digest(const char **hex, const char *old, const char *new, apr_pool_t *pool);

/* Write the row of a change of SMV_RESOURCE_DOCUMENT, within a transaction. */
const smv_error_t *smv_sqlite_write_document(smv_connection_t *connection, smv_change_t *change,
                                             const smv_permit_t *permit, const smv_actor_t *actor, apr_pool_t *pool);

/* Within a transaction, let a document that was nobody's be one no more. @return SMV_ERROR_CONFLICT: it does not wait
 */
const smv_error_t *smv_sqlite_take_unassigned(smv_connection_t *connection, apr_int64_t id, apr_int64_t tenant,
                                              apr_pool_t *pool);

smv_connections_t *smv_use_connections(const smv_store_t *store);
smv_notes_t *smv_use_notes(const smv_store_t *store);

/* smv_store_t.release */
void smv_use_release(smv_store_t *store);

/* Give back a connection that was taken here; one that the request keeps stays. */
void smv_use_give(smv_store_t *store, smv_connection_t *connection);

/* What a field's value is bound as. */
smv_argument_t smv_use_argument(const smv_field_t *field, const smv_value_t *value);

/* Bind ?1, ?2 and so on of a statement that is made ready for it. */
const smv_error_t *smv_use_bind(smv_connection_t *connection, int which, const smv_argument_t *arguments, int count,
                                apr_pool_t *pool);

/* Take a connection and bind a statement on it; on an error it has been given back. To write, a request's own read
 * transaction ends first: a write is a transaction of its own. */
const smv_error_t *smv_use_to_read(smv_store_t *store, smv_connection_t **connection, int which,
                                   const smv_argument_t *arguments, int count, apr_pool_t *pool);
const smv_error_t *smv_use_to_write(smv_store_t *store, smv_connection_t **connection, int which,
                                    const smv_argument_t *arguments, int count, apr_pool_t *pool);

/* Take a connection and begin to write. It is given back uncommitted where that fails, and by smv_use_give. */
const smv_error_t *smv_use_begin_write(smv_store_t *store, smv_connection_t **connection, apr_pool_t *pool);

/* Whether a statement that needs FTS5 could be prepared, as on every connection of the file. */
const smv_error_t *smv_use_has(smv_store_t *store, int *has, int which, apr_pool_t *pool);

/* Bind and run a statement that answers no row, on a connection that was taken. */
const smv_error_t *smv_use_step(smv_connection_t *connection, int which, const smv_argument_t *arguments, int count,
                                apr_pool_t *pool);

/* All rows of a statement. */
const smv_error_t *smv_use_list(smv_store_t *store, smv_list_t **list, int which, const smv_argument_t *arguments,
                                int count, apr_pool_t *pool);

/* The one row of a statement that is bound. @return SMV_ERROR_NOT_FOUND */
const smv_error_t *smv_use_row(smv_connection_t *connection, int which, const smv_record_t **record, apr_pool_t *pool);

/* Run a statement that answers no row: one statement is one transaction.
 * @param may_wait for another writer, up to the busy timeout
 * @param changed out: how many rows it wrote; may be NULL */
const smv_error_t *smv_use_run(smv_store_t *store, int which, const smv_argument_t *arguments, int count, int may_wait,
                               int *changed, apr_pool_t *pool);

/* The statements about one customer: a permit for several reaches none of them. @return SMV_ERROR_INTERNAL */
const smv_error_t *smv_use_check_one(const smv_permit_t *permit, apr_pool_t *pool);

/* @return [1,2,3], for the statements about all customers in reach */
const char *smv_use_numbers(const smv_numbers_t *numbers, apr_pool_t *pool);

#endif
