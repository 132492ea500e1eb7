/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite_use.h"

#include "../core/smv_buffer.h"
#include "../core/smv_record.h"

#include <string.h>

smv_connections_t *smv_use_connections(const smv_store_t *store)
{
    return ((const smv_sqlite_state_t *)store->state)->connections;
}

smv_notes_t *smv_use_notes(const smv_store_t *store)
{
    return ((const smv_sqlite_state_t *)store->state)->notes;
}

void smv_use_release(smv_store_t *store)
{
    smv_sqlite_state_t *state = store->state;

    if (state->kept) {
        smv_connection_give(state->connections, state->kept);
        state->kept = NULL;
    }
}

void smv_use_give(smv_store_t *store, smv_connection_t *connection)
{
    smv_sqlite_state_t *state = store->state;

    if (connection != state->kept) {
        smv_connection_give(state->connections, connection);
    }
}

/* --- reading rows by their shape --- */

static int is_text(smv_type_e type)
{
    return type == SMV_TYPE_TEXT || type == SMV_TYPE_DATE || type == SMV_TYPE_CODE || type == SMV_TYPE_MARKUP ||
           type == SMV_TYPE_JSON;
}

/* @return 0 where the column is not TEXT; the text is SQLite's, until the next row */
static int read_text(smv_value_t *value, sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) != SQLITE_TEXT) {
        return 0;
    }
    value->as.text = (const char *)sqlite3_column_text(row, column);
    value->size = (apr_uint32_t)sqlite3_column_bytes(row, column);
    return value->as.text != NULL;
}

/* @return 0 where a column holds what its field cannot: a file that SMV did not write, or a damaged one */
static int read_value(smv_value_t *value, smv_type_e type, sqlite3_stmt *row, int column)
{
    int found = sqlite3_column_type(row, column);

    value->is_present = found != SQLITE_NULL;
    if (found == SQLITE_NULL) {
        return 1;
    }
    if (is_text(type)) {
        return read_text(value, row, column);
    }
    value->number = sqlite3_column_int64(row, column);
    return found == SQLITE_INTEGER && (type != SMV_TYPE_MONEY || read_text(value, row, column + 1));
}

/* All texts of a row move into one allocation. */
static void keep_texts(const smv_record_t *record, apr_size_t size, apr_pool_t *pool)
{
    char *room = apr_palloc(pool, size + 1);

    for (int field = 0; field < record->shape->count; field++) {
        smv_value_t *value = &record->values[field];
        smv_type_e type = record->shape->fields[field].type;

        if (value->is_present && (is_text(type) || type == SMV_TYPE_MONEY)) {
            memcpy(room, value->as.text, value->size);
            room[value->size] = '\0';
            value->as.text = room;
            room += value->size + 1;
        }
    }
}

static const smv_error_t *read_row(const smv_record_t *record, sqlite3_stmt *row, apr_pool_t *pool)
{
    apr_size_t size = 0;
    int column = 0;

    for (int field = 0; field < record->shape->count; field++, column++) {
        smv_value_t *value = &record->values[field];
        smv_type_e type = record->shape->fields[field].type;

        if (!read_value(value, type, row, column)) {
            return smv_error(pool, SMV_ERROR_DATABASE_DATA,
                             "a row of %s has a value of the wrong type: did SMV write it?", record->shape->name);
        }
        size += value->is_present ? value->size + 1 : 0;
        column += type == SMV_TYPE_MONEY;
    }
    keep_texts(record, size, pool);
    return NULL;
}

/* Read every row; more than the first few move to a larger list. */
static const smv_error_t *read_list(smv_connection_t *connection, int which, smv_list_t **list, apr_pool_t *pool)
{
    sqlite3_stmt *statement = connection->statements[which];
    int capacity = 8, status = SQLITE_DONE;
    smv_list_t *made = smv_list_make(smv_statement_shape(which), capacity, pool);
    const smv_error_t *error = NULL;

    made->count = 0;
    while (!error && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        if (made->count == capacity) {
            smv_list_t *larger = smv_list_make(made->shape, capacity *= 4, pool);

            memcpy((smv_record_t *)larger->records, made->records, sizeof *made->records * (size_t)made->count);
            larger->count = made->count;
            made = larger;
        }
        error = read_row(&made->records[made->count++], statement, pool);
    }
    *list = made;
    return error || status == SQLITE_DONE ? error : smv_connection_error(connection, which, pool);
}

const smv_error_t *smv_use_row(smv_connection_t *connection, int which, const smv_record_t **record, apr_pool_t *pool)
{
    sqlite3_stmt *statement = connection->statements[which];
    int status = sqlite3_step(statement);
    smv_record_t *made;

    if (status == SQLITE_DONE) {
        return smv_error(pool, SMV_ERROR_NOT_FOUND, "no such %s for this permit", smv_statement_shape(which)->name);
    }
    if (status != SQLITE_ROW) {
        return smv_connection_error(connection, which, pool);
    }
    *record = made = smv_record_make(smv_statement_shape(which), pool);
    return read_row(made, statement, pool);
}

/* --- taking a connection for one statement --- */

static int bind_one(sqlite3_stmt *statement, int parameter, const smv_argument_t *argument)
{
    switch (argument->type) {
    case SMV_BIND_NUMBER:
        return sqlite3_bind_int64(statement, parameter, argument->number);
    case SMV_BIND_TEXT:
        return sqlite3_bind_text(statement, parameter, argument->data, -1, SQLITE_STATIC);
    case SMV_BIND_BYTES:
        return sqlite3_bind_blob(statement, parameter, argument->data, (int)argument->number, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

smv_argument_t smv_use_argument(const smv_field_t *field, const smv_value_t *value)
{
    return !value->is_present ? A_TEXT(NULL) : is_text(field->type) ? A_TEXT(value->as.text) : A_NUMBER(value->number);
}

const smv_error_t *smv_use_bind(smv_connection_t *connection, int which, const smv_argument_t *arguments, int count,
                                apr_pool_t *pool)
{
    sqlite3_stmt *statement = smv_connection_use(connection, which);

    for (int i = 0; i < count; i++) {
        if (bind_one(statement, i + 1, &arguments[i]) != SQLITE_OK) {
            return smv_connection_error(connection, which, pool);
        }
    }
    return NULL;
}

/* A statement whose permit could not be bound is never run: its connection is given back. */
static const smv_error_t *bind_all(smv_store_t *store, smv_connection_t *connection, int which,
                                   const smv_argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_bind(connection, which, arguments, count, pool);

    if (error) {
        smv_use_give(store, connection);
    }
    return error;
}

static const smv_error_t *take_connection(smv_sqlite_state_t *state, smv_connection_t **connection, apr_pool_t *pool)
{
    const smv_error_t *error;

    *connection = state->kept;
    if (state->kept) {
        return NULL;
    }
    error = smv_connection_take(state->connections, connection, 0, pool);
    if (!error && state->is_of_request) {
        state->kept = *connection;
        error = smv_connection_begin(*connection, pool);
    }
    return error;
}

const smv_error_t *smv_use_to_read(smv_store_t *store, smv_connection_t **connection, int which,
                                   const smv_argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error = take_connection(store->state, connection, pool);

    return error ? error : bind_all(store, *connection, which, arguments, count, pool);
}

/* A write is a transaction of its own: within one that has read, it would fail at once where another program has
 * written since, whatever the timeout. */
const smv_error_t *smv_use_to_write(smv_store_t *store, smv_connection_t **connection, int which,
                                    const smv_argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error;

    smv_use_release(store);
    error = smv_connection_take(smv_use_connections(store), connection, 1, pool);
    return error ? error : bind_all(store, *connection, which, arguments, count, pool);
}

const smv_error_t *smv_use_begin_write(smv_store_t *store, smv_connection_t **connection, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_to_write(store, connection, SMV_SQL_BEGIN_IMMEDIATE, NULL, 0, pool);

    if (!error && sqlite3_step((*connection)->statements[SMV_SQL_BEGIN_IMMEDIATE]) != SQLITE_DONE) {
        error = smv_connection_error(*connection, SMV_SQL_BEGIN_IMMEDIATE, pool);
        smv_use_give(store, *connection);
    }
    return error;
}

const smv_error_t *smv_use_has(smv_store_t *store, int *has, int which, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = take_connection(store->state, &connection, pool);

    if (!error) {
        *has = connection->statements[which] != NULL;
        smv_use_give(store, connection);
    }
    return error;
}

const smv_error_t *smv_use_list(smv_store_t *store, smv_list_t **list, int which, const smv_argument_t *arguments,
                                int count, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_read(store, &connection, which, arguments, count, pool);

    if (!error) {
        error = read_list(connection, which, list, pool);
        smv_use_give(store, connection);
    }
    return error;
}

const smv_error_t *smv_use_run(smv_store_t *store, int which, const smv_argument_t *arguments, int count, int may_wait,
                               int *changed, apr_pool_t *pool)
{
    smv_connections_t *connections = smv_use_connections(store);
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_write(store, &connection, which, arguments, count, pool);

    if (error) {
        return error;
    }
    smv_connection_wait(connections, connection, may_wait);
    if (sqlite3_step(connection->statements[which]) != SQLITE_DONE) {
        error = smv_connection_error(connection, which, pool);
    } else if (changed) {
        *changed = sqlite3_changes(connection->db);
    }
    smv_connection_wait(connections, connection, 1);
    smv_use_give(store, connection);
    return error;
}

const char *smv_use_numbers(const smv_numbers_t *numbers, apr_pool_t *pool)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 64, 1 << 20, pool);
    for (int i = 0; i < numbers->count; i++) {
        smv_buffer_puts(&buffer, i ? "," : "[");
        smv_buffer_number(&buffer, numbers->at[i]);
    }
    smv_buffer_write(&buffer, numbers->count ? "]" : "[]", numbers->count ? 2 : 3);
    return buffer.is_failed ? "[]" : buffer.data;
}

const smv_error_t *smv_use_check_one(const smv_permit_t *permit, apr_pool_t *pool)
{
    return permit->customers.count == 1 && !permit->all
               ? NULL
               : smv_error(pool, SMV_ERROR_INTERNAL, "a permit for one customer is needed");
}

const smv_error_t *smv_use_step(smv_connection_t *connection, int which, const smv_argument_t *arguments, int count,
                                apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_bind(connection, which, arguments, count, pool);

    return error || sqlite3_step(connection->statements[which]) == SQLITE_DONE
               ? error
               : smv_connection_error(connection, which, pool);
}
