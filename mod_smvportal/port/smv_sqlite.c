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

static smv_connections_t *connections_of(smv_store_t *store)
{
    return store->state;
}

/* --- reading rows by their shape --- */

static int is_text(smv_type_e type)
{
    return type == SMV_TYPE_TEXT || type == SMV_TYPE_DATE || type == SMV_TYPE_CODE;
}

/* @return 0 where a column holds what its field cannot: a file that SMV did not write, or a damaged one */
static int has_right_types(const smv_shape_t *shape, sqlite3_stmt *row, apr_size_t *text_size)
{
    int column = 0;

    *text_size = 0;
    for (int field = 0; field < shape->count; field++, column++) {
        smv_type_e type = shape->fields[field].type;
        int found = sqlite3_column_type(row, column);

        if (found != SQLITE_NULL && found != (is_text(type) ? SQLITE_TEXT : SQLITE_INTEGER)) {
            return 0;
        }
        if (type == SMV_TYPE_MONEY && sqlite3_column_type(row, ++column) != SQLITE_TEXT) {
            return 0;
        }
        if (sqlite3_column_type(row, column) == SQLITE_TEXT) {
            *text_size += (apr_size_t)sqlite3_column_bytes(row, column) + 1;
        }
    }
    return 1;
}

static char *copy_text(smv_value_t *value, sqlite3_stmt *row, int column, char *room)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    apr_size_t size = text ? (apr_size_t)sqlite3_column_bytes(row, column) : 0;

    memcpy(room, text ? (const char *)text : "", size + 1);
    value->as.text = room;
    value->size = (apr_uint32_t)size;
    return room + size + 1;
}

/* All texts of a row share one allocation. */
static const smv_error_t *read_row(const smv_record_t *record, sqlite3_stmt *row, apr_pool_t *pool)
{
    apr_size_t size;
    char *room;
    int column = 0;

    if (!has_right_types(record->shape, row, &size)) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA, "a row of %s has a value of the wrong type: did SMV write it?",
                         record->shape->name);
    }
    room = apr_palloc(pool, size + 1);
    for (int field = 0; field < record->shape->count; field++, column++) {
        smv_value_t *value = &record->values[field];
        smv_type_e type = record->shape->fields[field].type;

        value->is_present = sqlite3_column_type(row, column) != SQLITE_NULL;
        if (value->is_present && is_text(type)) {
            room = copy_text(value, row, column, room);
        } else if (value->is_present) {
            value->number = sqlite3_column_int64(row, column);
        }
        if (type == SMV_TYPE_MONEY) {
            column++;
            room = value->is_present ? copy_text(value, row, column, room) : room;
        }
    }
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

/* --- customers' data --- */

static const smv_error_t *locate(smv_store_t *store, smv_subject_t *subject, smv_sql_e which, apr_int64_t tenant,
                                 apr_int64_t id, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);
    sqlite3_stmt *statement;
    int status;

    if (error) {
        return error;
    }
    statement = connection->statements[which];
    sqlite3_bind_int64(statement, 1, tenant);
    sqlite3_bind_int64(statement, 2, id);
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        *subject = (smv_subject_t){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    } else {
        error = status == SQLITE_DONE ? smv_error(pool, SMV_ERROR_NOT_FOUND, "id %" APR_INT64_T_FMT " is unknown", id)
                                      : smv_connection_error(connection, which, pool);
    }
    smv_connection_give(connections_of(store), connection);
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

static const smv_error_t *customers(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t after, int limit, apr_pool_t *pool)
{
    smv_sql_e which = permit->all ? SMV_SQL_ALL_CUSTOMERS : SMV_SQL_SOME_CUSTOMERS;
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);
    sqlite3_stmt *statement;

    if (error) {
        return error;
    }
    statement = connection->statements[which];
    sqlite3_bind_int64(statement, 1, permit->tenant);
    sqlite3_bind_int(statement, 2, permit->all);
    sqlite3_bind_text(statement, 3, json_numbers(&permit->customers, pool), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 4, json_numbers(&permit->brokers, pool), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 5, after);
    sqlite3_bind_int(statement, 6, limit + 1);
    error = read_list(connection, which, list, pool);
    smv_connection_give(connections_of(store), connection);
    return error;
}

/* Bind a permit for one customer and a key. A permit for several reaches none of these statements. */
static const smv_error_t *take_for_one(smv_store_t *store, smv_connection_t **connection, smv_sql_e which,
                                       const smv_permit_t *permit, apr_int64_t key, apr_pool_t *pool)
{
    const smv_error_t *error;
    sqlite3_stmt *statement;

    if (permit->customers.count != 1 || permit->all) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "a permit for one customer is needed");
    }
    error = smv_connection_take(connections_of(store), connection, pool);
    if (error) {
        return error;
    }
    statement = (*connection)->statements[which];
    sqlite3_bind_int64(statement, 1, permit->tenant);
    sqlite3_bind_int64(statement, 2, permit->customers.at[0]);
    sqlite3_bind_int64(statement, 3, key);
    return NULL;
}

static const smv_error_t *one(smv_store_t *store, const smv_record_t **record, smv_sql_e which,
                              const smv_permit_t *permit, apr_int64_t key, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = take_for_one(store, &connection, which, permit, key, pool);

    if (!error) {
        error = read_one(connection, which, record, pool);
        smv_connection_give(connections_of(store), connection);
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
    smv_connection_t *connection;
    const smv_error_t *error = take_for_one(store, &connection, SMV_SQL_CONTRACTS, permit, number, pool);

    if (!error) {
        sqlite3_bind_int(connection->statements[SMV_SQL_CONTRACTS], 4, SMV_STORE_MAX_ROWS);
        error = read_list(connection, SMV_SQL_CONTRACTS, list, pool);
        smv_connection_give(connections_of(store), connection);
    }
    return error;
}

static const smv_error_t *documents(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    apr_int64_t number, apr_int64_t contract_id, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = take_for_one(store, &connection, SMV_SQL_DOCUMENTS, permit, number, pool);

    if (!error) {
        sqlite3_bind_int(connection->statements[SMV_SQL_DOCUMENTS], 4, SMV_STORE_MAX_ROWS);
        sqlite3_bind_int64(connection->statements[SMV_SQL_DOCUMENTS], 5, contract_id);
        error = read_list(connection, SMV_SQL_DOCUMENTS, list, pool);
        smv_connection_give(connections_of(store), connection);
    }
    return error;
}

static const smv_error_t *firm(smv_store_t *store, const smv_record_t **record, apr_int64_t tenant, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);

    if (error) {
        return error;
    }
    sqlite3_bind_int64(connection->statements[SMV_SQL_FIRM], 1, tenant);
    error = read_one(connection, SMV_SQL_FIRM, record, pool);
    smv_connection_give(connections_of(store), connection);
    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA,
                         "the database has no firm of tenant %" APR_INT64_T_FMT ": is SmvPortalTenant right?", tenant);
    }
    return error;
}

/* --- sessions --- */

/* Run a statement that answers no row: one statement is one transaction, which waits for a writer up to the timeout. */
static const smv_error_t *run(smv_store_t *store, smv_connection_t *connection, smv_sql_e which, apr_pool_t *pool)
{
    const smv_error_t *error = sqlite3_step(connection->statements[which]) == SQLITE_DONE
                                   ? NULL
                                   : smv_connection_error(connection, which, pool);

    smv_connection_give(connections_of(store), connection);
    return error;
}

static const smv_error_t *session_create(smv_store_t *store, const unsigned char *hash, const char *dn, apr_time_t now,
                                         apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);
    sqlite3_stmt *statement;

    if (error) {
        return error;
    }
    statement = connection->statements[SMV_SQL_SESSION_CREATE];
    sqlite3_bind_blob(statement, 1, hash, SMV_TOKEN_HASH_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 2, dn, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, now);
    return run(store, connection, SMV_SQL_SESSION_CREATE, pool);
}

static const smv_error_t *session_find(smv_store_t *store, smv_session_row_t *row, const unsigned char *hash,
                                       apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);
    sqlite3_stmt *statement;
    int status;

    if (error) {
        return error;
    }
    statement = connection->statements[SMV_SQL_SESSION_FIND];
    sqlite3_bind_blob(statement, 1, hash, SMV_TOKEN_HASH_SIZE, SQLITE_TRANSIENT);
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        row->dn = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 0));
        row->created = sqlite3_column_int64(statement, 1);
        row->last_used = sqlite3_column_int64(statement, 2);
    } else {
        error = status == SQLITE_DONE ? smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "the session is unknown")
                                      : smv_connection_error(connection, SMV_SQL_SESSION_FIND, pool);
    }
    smv_connection_give(connections_of(store), connection);
    return error;
}

static const smv_error_t *session_touch(smv_store_t *store, const unsigned char *hash, apr_time_t now, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);

    if (error) {
        return error;
    }
    sqlite3_bind_blob(connection->statements[SMV_SQL_SESSION_TOUCH], 1, hash, SMV_TOKEN_HASH_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_int64(connection->statements[SMV_SQL_SESSION_TOUCH], 2, now);
    return run(store, connection, SMV_SQL_SESSION_TOUCH, pool);
}

static const smv_error_t *session_end(smv_store_t *store, const unsigned char *hash, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);

    if (error) {
        return error;
    }
    sqlite3_bind_blob(connection->statements[SMV_SQL_SESSION_END], 1, hash, SMV_TOKEN_HASH_SIZE, SQLITE_TRANSIENT);
    return run(store, connection, SMV_SQL_SESSION_END, pool);
}

static const smv_error_t *session_end_all(smv_store_t *store, const char *dn, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);

    if (error) {
        return error;
    }
    sqlite3_bind_text(connection->statements[SMV_SQL_SESSION_END_ALL], 1, dn, -1, SQLITE_TRANSIENT);
    return run(store, connection, SMV_SQL_SESSION_END_ALL, pool);
}

static const smv_error_t *session_expire(smv_store_t *store, apr_time_t created_before, apr_time_t used_before,
                                         apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_connection_take(connections_of(store), &connection, pool);

    if (error) {
        return error;
    }
    sqlite3_bind_int64(connection->statements[SMV_SQL_SESSION_EXPIRE], 1, created_before);
    sqlite3_bind_int64(connection->statements[SMV_SQL_SESSION_EXPIRE], 2, used_before);
    return run(store, connection, SMV_SQL_SESSION_EXPIRE, pool);
}

/* --- opening --- */

const smv_error_t *smv_sqlite_open(smv_store_t **store, const smv_sqlite_config_t *config, apr_pool_t *pool)
{
    static const smv_store_t functions = {
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
        *store = apr_pmemdup(pool, &functions, sizeof functions);
        (*store)->state = connections;
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
