/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite.h"

#include "../core/smv_buffer.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "smv_sql.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

static const char schema_sql[] =
#include "smv_schema_sql.h"
    ;

/* What a store works with. That of a request keeps its connection, within one read transaction, until it is released.
 */
typedef struct state_t {
    smv_connections_t *connections;
    int is_of_request;
    smv_connection_t *kept; /* of a request, once it has read */
} state_t;

static smv_connections_t *connections_of(const smv_store_t *store)
{
    return ((const state_t *)store->state)->connections;
}

static void release(smv_store_t *store)
{
    state_t *state = store->state;

    if (state->kept) {
        smv_connection_give(state->connections, state->kept);
        state->kept = NULL;
    }
}

static void give(smv_store_t *store, smv_connection_t *connection)
{
    state_t *state = store->state;

    if (connection != state->kept) {
        smv_connection_give(state->connections, connection);
    }
}

/* --- reading rows by their shape --- */

static int is_text(smv_type_e type)
{
    return type == SMV_TYPE_TEXT || type == SMV_TYPE_DATE || type == SMV_TYPE_CODE;
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
static const smv_error_t *read_list(smv_connection_t *connection, smv_sql_e which, smv_list_t **list, apr_pool_t *pool)
{
    sqlite3_stmt *statement = connection->statements[which];
    int capacity = 8, status = SQLITE_DONE;
    smv_list_t *made = smv_list_make(smv_statements[which].shape, capacity, pool);
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

static const smv_error_t *read_one(smv_connection_t *connection, smv_sql_e which, const smv_record_t **record,
                                   apr_pool_t *pool)
{
    sqlite3_stmt *statement = connection->statements[which];
    int status = sqlite3_step(statement);
    smv_record_t *made;

    if (status == SQLITE_DONE) {
        return smv_error(pool, SMV_ERROR_NOT_FOUND, "no such %s for this permit", smv_statements[which].shape->name);
    }
    if (status != SQLITE_ROW) {
        return smv_connection_error(connection, which, pool);
    }
    *record = made = smv_record_make(smv_statements[which].shape, pool);
    return read_row(made, statement, pool);
}

/* --- taking a connection for one statement --- */

/* What one parameter of a statement is bound to. Texts and bytes must live until the connection is given back. */
typedef struct argument_t {
    enum { NUMBER, TEXT, BYTES } type;
    apr_int64_t number; /* or the size of the bytes */
    const void *data;
} argument_t;

#define A_NUMBER(value) ((argument_t){NUMBER, value, NULL})
#define A_TEXT(value) ((argument_t){TEXT, 0, value})
#define A_HASH(value) ((argument_t){BYTES, SMV_TOKEN_HASH_SIZE, value})
#define COUNT_OF(arguments) ((int)(sizeof(arguments) / sizeof *(arguments)))

static int bind_one(sqlite3_stmt *statement, int parameter, const argument_t *argument)
{
    switch (argument->type) {
    case NUMBER:
        return sqlite3_bind_int64(statement, parameter, argument->number);
    case TEXT:
        return sqlite3_bind_text(statement, parameter, argument->data, -1, SQLITE_STATIC);
    case BYTES:
        return sqlite3_bind_blob(statement, parameter, argument->data, (int)argument->number, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* Bind ?1, ?2 and so on. A statement whose permit could not be bound is never run: its connection is given back. */
static const smv_error_t *bind_all(smv_store_t *store, smv_connection_t *connection, smv_sql_e which,
                                   const argument_t *arguments, int count, apr_pool_t *pool)
{
    sqlite3_stmt *statement = smv_connection_use(connection, which);
    const smv_error_t *error = NULL;

    for (int i = 0; i < count && !error; i++) {
        if (bind_one(statement, i + 1, &arguments[i]) != SQLITE_OK) {
            error = smv_connection_error(connection, which, pool);
            give(store, connection);
        }
    }
    return error;
}

static const smv_error_t *take_connection(state_t *state, smv_connection_t **connection, apr_pool_t *pool)
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

static const smv_error_t *take_to_read(smv_store_t *store, smv_connection_t **connection, smv_sql_e which,
                                       const argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error = take_connection(store->state, connection, pool);

    return error ? error : bind_all(store, *connection, which, arguments, count, pool);
}

/* A write is a transaction of its own: within one that has read, it would fail at once where another program has
 * written since, whatever the timeout. */
static const smv_error_t *take_to_write(smv_store_t *store, smv_connection_t **connection, smv_sql_e which,
                                        const argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error;

    release(store);
    error = smv_connection_take(connections_of(store), connection, 1, pool);
    return error ? error : bind_all(store, *connection, which, arguments, count, pool);
}

/* --- customers' data --- */

static const smv_error_t *locate(smv_store_t *store, smv_subject_t *subject, smv_sql_e which, apr_int64_t tenant,
                                 apr_int64_t id, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_NUMBER(tenant), A_NUMBER(id)};
    smv_connection_t *connection;
    const smv_error_t *error = take_to_read(store, &connection, which, arguments, COUNT_OF(arguments), pool);
    sqlite3_stmt *statement;
    int status;

    if (error) {
        return error;
    }
    statement = connection->statements[which];
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        *subject = (smv_subject_t){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    } else {
        error = status == SQLITE_DONE ? smv_error(pool, SMV_ERROR_NOT_FOUND, "id %" APR_INT64_T_FMT " is unknown", id)
                                      : smv_connection_error(connection, which, pool);
    }
    give(store, connection);
    return error;
}

static const smv_error_t *locate_customer(smv_store_t *store, smv_subject_t *subject, apr_int64_t tenant,
                                          apr_int64_t number, apr_pool_t *pool)
{
    return locate(store, subject, SMV_SQL_LOCATE_CUSTOMER, tenant, number, pool);
}

static const smv_error_t *locate_contract(smv_store_t *store, smv_subject_t *subject, apr_int64_t tenant,
                                          apr_int64_t id, apr_pool_t *pool)
{
    return locate(store, subject, SMV_SQL_LOCATE_CONTRACT, tenant, id, pool);
}

static const smv_error_t *locate_document(smv_store_t *store, smv_subject_t *subject, apr_int64_t tenant,
                                          apr_int64_t id, apr_pool_t *pool)
{
    return locate(store, subject, SMV_SQL_LOCATE_DOCUMENT, tenant, id, pool);
}

static const char *json_numbers(const smv_numbers_t *numbers, apr_pool_t *pool)
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

static const smv_error_t *list_of(smv_store_t *store, smv_list_t **list, smv_sql_e which, const argument_t *arguments,
                                  int count, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = take_to_read(store, &connection, which, arguments, count, pool);

    if (!error) {
        error = read_list(connection, which, list, pool);
        give(store, connection);
    }
    return error;
}

static const smv_error_t *customers(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t after, int limit, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_NUMBER(permit->tenant),
                                    A_NUMBER(permit->all),
                                    A_TEXT(json_numbers(&permit->customers, pool)),
                                    A_TEXT(json_numbers(&permit->brokers, pool)),
                                    A_NUMBER(after),
                                    A_NUMBER(limit + 1)};

    return list_of(store, list, permit->all ? SMV_SQL_ALL_CUSTOMERS : SMV_SQL_SOME_CUSTOMERS, arguments,
                   COUNT_OF(arguments), pool);
}

/* The statements about one customer: a permit for several reaches none of them. */
static const smv_error_t *check_is_for_one(const smv_permit_t *permit, apr_pool_t *pool)
{
    return permit->customers.count == 1 && !permit->all
               ? NULL
               : smv_error(pool, SMV_ERROR_INTERNAL, "a permit for one customer is needed");
}

static const smv_error_t *one(smv_store_t *store, const smv_record_t **record, smv_sql_e which,
                              const smv_permit_t *permit, apr_int64_t key, apr_pool_t *pool)
{
    const smv_error_t *error = check_is_for_one(permit, pool);
    smv_connection_t *connection;

    if (!error) {
        const argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]), A_NUMBER(key)};

        error = take_to_read(store, &connection, which, arguments, COUNT_OF(arguments), pool);
    }
    if (!error) {
        error = read_one(connection, which, record, pool);
        give(store, connection);
    }
    return error;
}

static const smv_error_t *customer(smv_store_t *store, const smv_record_t **record, const smv_permit_t *permit,
                                   apr_int64_t number, apr_pool_t *pool)
{
    return one(store, record, SMV_SQL_CUSTOMER, permit, number, pool);
}

static const smv_error_t *contract(smv_store_t *store, const smv_record_t **record, const smv_permit_t *permit,
                                   apr_int64_t id, apr_pool_t *pool)
{
    return one(store, record, SMV_SQL_CONTRACT, permit, id, pool);
}

static const smv_error_t *document(smv_store_t *store, const smv_record_t **record, const smv_permit_t *permit,
                                   apr_int64_t id, apr_pool_t *pool)
{
    return one(store, record, SMV_SQL_DOCUMENT, permit, id, pool);
}

static const smv_error_t *contracts(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t number, apr_pool_t *pool)
{
    const smv_error_t *error = check_is_for_one(permit, pool);

    if (!error) {
        const argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]), A_NUMBER(number),
                                        A_NUMBER(SMV_STORE_MAX_ROWS)};

        error = list_of(store, list, SMV_SQL_CONTRACTS, arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

static const smv_error_t *documents(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t number, apr_int64_t contract_id, apr_pool_t *pool)
{
    const smv_error_t *error = check_is_for_one(permit, pool);

    if (!error) {
        const argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]), A_NUMBER(number),
                                        A_NUMBER(SMV_STORE_MAX_ROWS), A_NUMBER(contract_id)};

        error = list_of(store, list, SMV_SQL_DOCUMENTS, arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

static const smv_error_t *firm(smv_store_t *store, const smv_record_t **record, apr_int64_t tenant, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_NUMBER(tenant)};
    smv_connection_t *connection;
    const smv_error_t *error = take_to_read(store, &connection, SMV_SQL_FIRM, arguments, COUNT_OF(arguments), pool);

    if (error) {
        return error;
    }
    error = read_one(connection, SMV_SQL_FIRM, record, pool);
    give(store, connection);
    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA,
                         "the database has no firm of tenant %" APR_INT64_T_FMT ": is SmvPortalTenant right?", tenant);
    }
    return error;
}

/* --- sessions --- */

/* Run a statement that answers no row: one statement is one transaction. @param may_wait for another writer, up to the
 * busy timeout */
static const smv_error_t *run(smv_store_t *store, smv_sql_e which, const argument_t *arguments, int count, int may_wait,
                              apr_pool_t *pool)
{
    smv_connections_t *connections = connections_of(store);
    smv_connection_t *connection;
    const smv_error_t *error = take_to_write(store, &connection, which, arguments, count, pool);

    if (error) {
        return error;
    }
    smv_connection_wait(connections, connection, may_wait);
    if (sqlite3_step(connection->statements[which]) != SQLITE_DONE) {
        error = smv_connection_error(connection, which, pool);
    }
    smv_connection_wait(connections, connection, 1);
    give(store, connection);
    return error;
}

static const smv_error_t *session_create(smv_store_t *store, const unsigned char *hash, const char *dn, apr_time_t now,
                                         apr_pool_t *pool)
{
    const argument_t arguments[] = {A_HASH(hash), A_TEXT(dn), A_NUMBER(now)};

    return run(store, SMV_SQL_SESSION_CREATE, arguments, COUNT_OF(arguments), 1, pool);
}

static const smv_error_t *session_find(smv_store_t *store, smv_session_row_t *row, const unsigned char *hash,
                                       apr_pool_t *pool)
{
    const argument_t arguments[] = {A_HASH(hash)};
    smv_connection_t *connection;
    const smv_error_t *error =
        take_to_read(store, &connection, SMV_SQL_SESSION_FIND, arguments, COUNT_OF(arguments), pool);
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
    } else {
        error = status == SQLITE_DONE ? smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "the session is unknown")
                                      : smv_connection_error(connection, SMV_SQL_SESSION_FIND, pool);
    }
    give(store, connection);
    return error;
}

/* Nobody waits for a writer, or is turned away, for that note alone: the next request makes it. */
static const smv_error_t *session_touch(smv_store_t *store, const unsigned char *hash, apr_time_t now, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_HASH(hash), A_NUMBER(now)};
    const smv_error_t *error = run(store, SMV_SQL_SESSION_TOUCH, arguments, COUNT_OF(arguments), 0, pool);

    return error && error->code == SMV_ERROR_DATABASE_BUSY ? NULL : error;
}

static const smv_error_t *session_end(smv_store_t *store, const unsigned char *hash, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_HASH(hash)};

    return run(store, SMV_SQL_SESSION_END, arguments, COUNT_OF(arguments), 1, pool);
}

static const smv_error_t *session_end_all(smv_store_t *store, const char *dn, apr_pool_t *pool)
{
    const argument_t arguments[] = {A_TEXT(dn)};

    return run(store, SMV_SQL_SESSION_END_ALL, arguments, COUNT_OF(arguments), 1, pool);
}

static const smv_error_t *session_expire(smv_store_t *store, apr_time_t created_before, apr_time_t used_before,
                                         apr_pool_t *pool)
{
    const argument_t arguments[] = {A_NUMBER(created_before), A_NUMBER(used_before)};

    return run(store, SMV_SQL_SESSION_EXPIRE, arguments, COUNT_OF(arguments), 1, pool);
}

/* --- opening --- */

static apr_status_t release_at_end(void *store)
{
    release(store);
    return APR_SUCCESS;
}

static smv_store_t *for_request(smv_store_t *store, apr_pool_t *pool)
{
    smv_store_t *made = apr_pmemdup(pool, store, sizeof *made);
    state_t *state = apr_pcalloc(pool, sizeof *state);

    state->connections = ((state_t *)store->state)->connections;
    state->is_of_request = 1;
    made->state = state;
    apr_pool_cleanup_register(pool, made, release_at_end, apr_pool_cleanup_null);
    return made;
}

const smv_error_t *smv_sqlite_open(smv_store_t **store, const smv_sqlite_config_t *config, apr_pool_t *pool)
{
    static const smv_store_t functions = {
        .for_request = for_request,
        .release = release,
        .locate_customer = locate_customer,
        .locate_contract = locate_contract,
        .locate_document = locate_document,
        .customers = customers,
        .customer = customer,
        .contracts = contracts,
        .contract = contract,
        .documents = documents,
        .document = document,
        .firm = firm,
        .session_create = session_create,
        .session_find = session_find,
        .session_touch = session_touch,
        .session_end = session_end,
        .session_end_all = session_end_all,
        .session_expire = session_expire,
    };
    smv_connections_t *connections;
    const smv_error_t *error = smv_connections_open(&connections, config, pool);

    if (!error) {
        state_t *state = apr_pcalloc(pool, sizeof *state);

        state->connections = connections;
        *store = apr_pmemdup(pool, &functions, sizeof functions);
        (*store)->state = state;
    }
    return error;
}

const smv_error_t *smv_sqlite_create(const char *path, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;
    apr_file_t *file;
    sqlite3 *db = NULL;
    apr_status_t status = apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                                        APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD, pool);

    if (status != APR_SUCCESS) {
        char reason[120];

        return smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
    }
    apr_file_close(file);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA journal_mode = WAL; BEGIN;", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, schema_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        error = smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s: %s", path, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    if (error) {
        apr_file_remove(path, pool);
    }
    return error;
}
