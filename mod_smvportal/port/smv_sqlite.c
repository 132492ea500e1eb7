/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite.h"

#include "../core/smv_buffer.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "smv_sqlite_use.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

static const char schema_sql[] =
#include "smv_schema_sql.h"
    ;
static const char schema_search_sql[] =
#include "smv_schema_search_sql.h"
    ;

/* --- customers' data --- */

static const smv_error_t *locate(smv_store_t *store, smv_subject_t *subject, int which, apr_int64_t tenant,
                                 apr_int64_t id, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(tenant), A_NUMBER(id)};
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_read(store, &connection, which, arguments, COUNT_OF(arguments), pool);
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
    smv_use_give(store, connection);
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

static const smv_error_t *locate_deleted(smv_store_t *store, smv_subject_t *subject, apr_int64_t tenant, apr_int64_t id,
                                         apr_pool_t *pool)
{
    return locate(store, subject, SMV_SQL_LOCATE_DELETED, tenant, id, pool);
}

static const smv_error_t *locate_row(smv_store_t *store, smv_subject_t *subject, const smv_resource_t *resource,
                                     apr_int64_t tenant, apr_int64_t id, apr_pool_t *pool)
{
    return locate(store, subject, SMV_SQL_OF(resource->id, SMV_VERB_LOCATE), tenant, id, pool);
}

static const smv_error_t *one(smv_store_t *store, const smv_record_t **record, int which, const smv_permit_t *permit,
                              apr_int64_t key, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);
    smv_connection_t *connection;

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]), A_NUMBER(key)};

        error = smv_use_to_read(store, &connection, which, arguments, COUNT_OF(arguments), pool);
    }
    if (!error) {
        error = smv_use_row(connection, which, record, pool);
        smv_use_give(store, connection);
    }
    return error;
}

static const smv_error_t *rows(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                               const smv_resource_t *resource, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                            A_NUMBER(SMV_STORE_MAX_ROWS)};

        error =
            smv_use_list(store, list, SMV_SQL_OF(resource->id, SMV_VERB_LIST), arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

static const smv_error_t *row(smv_store_t *store, const smv_record_t **record, const smv_permit_t *permit,
                              const smv_resource_t *resource, apr_int64_t id, apr_pool_t *pool)
{
    return one(store, record, SMV_SQL_OF(resource->id, SMV_VERB_SHOW), permit, id, pool);
}

static const smv_error_t *financial_items(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                          apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                            A_NUMBER(SMV_STORE_MAX_ROWS)};

        error = smv_use_list(store, list, SMV_SQL_FINANCIAL_ITEMS, arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

static const smv_error_t *expiring(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit, const char *from,
                                   int limit, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]), A_TEXT(from),
                                            A_NUMBER(limit)};

        error = smv_use_list(store, list, SMV_SQL_EXPIRING, arguments, COUNT_OF(arguments), pool);
    }
    return error;
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
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                            A_NUMBER(number), A_NUMBER(SMV_STORE_MAX_ROWS)};

        error = smv_use_list(store, list, SMV_SQL_CONTRACTS, arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

static const smv_error_t *firm(smv_store_t *store, const smv_record_t **record, apr_int64_t tenant, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(tenant)};
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_read(store, &connection, SMV_SQL_FIRM, arguments, COUNT_OF(arguments), pool);

    if (error) {
        return error;
    }
    error = smv_use_row(connection, SMV_SQL_FIRM, record, pool);
    smv_use_give(store, connection);
    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA,
                         "the database has no firm of tenant %" APR_INT64_T_FMT ": is SmvPortalTenant right?", tenant);
    }
    return error;
}

/* --- opening --- */

static apr_status_t release_at_end(void *store)
{
    smv_use_release(store);
    return APR_SUCCESS;
}

static smv_store_t *for_request(smv_store_t *store, apr_pool_t *pool)
{
    smv_store_t *made = apr_pmemdup(pool, store, sizeof *made);
    smv_sqlite_state_t *state = apr_pcalloc(pool, sizeof *state);

    state->connections = smv_use_connections(store);
    state->notes = smv_use_notes(store);
    state->is_of_request = 1;
    made->state = state;
    apr_pool_cleanup_register(pool, made, release_at_end, apr_pool_cleanup_null);
    return made;
}

const smv_error_t *smv_sqlite_open(smv_store_t **store, const smv_sqlite_config_t *config, apr_pool_t *pool)
{
    static const smv_store_t functions = {
        .for_request = for_request,
        .release = smv_use_release,
        .locate_customer = locate_customer,
        .locate_contract = locate_contract,
        .locate_document = locate_document,
        .locate_deleted = locate_deleted,
        .locate_row = locate_row,
        .rows = rows,
        .row = row,
        .financial_items = financial_items,
        .expiring = expiring,
        .contracts = contracts,
        .contract = contract,
        .document = document,
        .firm = firm,
    };
    smv_connections_t *connections;
    const smv_error_t *error = smv_connections_open(&connections, config, pool);

    if (!error) {
        smv_sqlite_state_t *state = apr_pcalloc(pool, sizeof *state);

        state->connections = connections;
        if (smv_notes_create(&state->notes, config->audit_retention, pool) != APR_SUCCESS) {
            return smv_error(pool, SMV_ERROR_INTERNAL, "no memory or locks for the audit log");
        }
        *store = apr_pmemdup(pool, &functions, sizeof functions);
        (*store)->state = state;
        smv_sqlite_set_sessions(*store);
        smv_sqlite_set_changes(*store);
        smv_sqlite_set_documents(*store);
        smv_sqlite_set_unassigned(*store);
        smv_sqlite_set_customers(*store);
        smv_sqlite_set_invitations(*store);
        smv_sqlite_set_turns(*store);
        smv_sqlite_set_screens(*store);
        smv_sqlite_set_audit(*store);
        smv_sqlite_set_notes(*store);
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
        (sqlite3_compileoption_used("ENABLE_FTS5") &&
         sqlite3_exec(db, schema_search_sql, NULL, NULL, NULL) != SQLITE_OK) ||
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        error = smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s: %s", path, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    if (error) {
        apr_file_remove(path, pool);
    }
    return error;
}
