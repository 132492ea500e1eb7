/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite_import_documents.h"

#include "../core/smv_rules.h"
#include "smv_sql.h"
#include "smv_sqlite_use.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 18    /* of what fits 64 bits */
#define MAX_CONTRACTS 50 /* of one number */

/* As the index contract_by_number has it. */
#define AS_FOUND(text) "upper(replace(replace(replace(replace(" text ", ' ', ''), '-', ''), '/', ''), '.', ''))"

typedef enum {
    BEGIN,
    COMMIT,
    ROLLBACK,
    IS_KNOWN,
    HAS_CONTENT,
    HAS_CUSTOMER,
    CONTRACTS,
    ADD_DELIVERY,
    COUNT,
    NOTE,
    ADD_DOCUMENT,
    ADD_UNASSIGNED,
    STATEMENT_COUNT
} statement_e;

static const char *const sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [IS_KNOWN] = "SELECT 1 FROM imported_document WHERE content_hash = ?1 AND said = ?2",
    [HAS_CONTENT] = "SELECT 1 FROM content WHERE hash = ?1",
    [HAS_CUSTOMER] = "SELECT 1 FROM customer WHERE number = ?1",
    /* A contract that came as records has the number of who delivered it in its name there: gdv 5342 … */
    [CONTRACTS] = ("SELECT customer, id, number, insurer, (SELECT source FROM imported WHERE resource = 'contract' AND "
                   "row = contract.id"
                   " LIMIT 1) FROM contract WHERE " AS_FOUND("number") " = " AS_FOUND("?1") " ORDER BY customer, id"),
    [ADD_DELIVERY] = ("INSERT INTO delivery (time, kind, file, content_hash, created, updated, kept)"
                      " VALUES (?1, ?2, ?3, ?4, 0, 0, 0)"),
    [COUNT] = "UPDATE delivery SET created = created + 1 WHERE id = ?1",
    [NOTE] = "INSERT INTO imported_document (content_hash, said, delivery) VALUES (?1, ?2, ?3)",
    [ADD_DOCUMENT] = ("INSERT INTO document (name, kind, date, size, media_type, content_hash, customer, contract)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0))"),
    [ADD_UNASSIGNED] =
        ("INSERT INTO unassigned_document (name, kind, date, size, media_type, content_hash, delivery, title,"
         " said_customer, said_contract, said_insurer, reason)"
         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
};

struct smv_import_documents_t {
    smv_connection_t *connection;
    sqlite3 *db; /* of that */
    const char *path;
    const smv_documents_delivery_t *delivery;
    apr_int64_t row; /* of the delivery; 0: none yet */
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* --- opening --- */

static const smv_error_t *failed(const smv_import_documents_t *self, const char *doing, apr_pool_t *pool)
{
    return smv_sql_error(self->db, self->path, doing, pool);
}

static apr_status_t close_import(void *data)
{
    smv_import_documents_t *self = data;

    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    return APR_SUCCESS;
}

const smv_error_t *smv_import_documents_open(smv_import_documents_t **made, const smv_sqlite_config_t *config,
                                             apr_pool_t *pool)
{
    smv_import_documents_t *self = apr_pcalloc(pool, sizeof *self);
    const smv_error_t *error = smv_connection_open(&self->connection, config, pool);

    if (error) {
        return error;
    }
    self->path = apr_pstrdup(pool, config->path);
    self->db = self->connection->db;
    apr_pool_cleanup_register(pool, self, close_import, apr_pool_cleanup_null);
    *made = self;
    return smv_sql_prepare(self->db, self->path, sql, self->statements, STATEMENT_COUNT, pool);
}

void smv_import_documents_begin(smv_import_documents_t *self, const smv_documents_delivery_t *delivery)
{
    self->delivery = delivery;
    self->row = 0;
}

/* --- statements --- */

static void reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

static const smv_error_t *run(const smv_import_documents_t *self, statement_e which, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[which];
    const smv_error_t *error = sqlite3_step(statement) == SQLITE_DONE ? NULL : failed(self, "taking a document", pool);

    reset(statement);
    return error;
}

/* @param found out: whether the statement, which is bound, answers a row */
static const smv_error_t *ask(const smv_import_documents_t *self, statement_e which, int *found, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[which];
    int status = sqlite3_step(statement);
    const smv_error_t *error =
        status == SQLITE_ROW || status == SQLITE_DONE ? NULL : failed(self, "looking for a document", pool);

    *found = status == SQLITE_ROW;
    reset(statement);
    return error;
}

/* --- whose it is --- */

/* @param number out: of the customer whom the delivery names; 0: there is none */
static const smv_error_t *find_customer(const smv_import_documents_t *self, const char *said, apr_int64_t *number,
                                        apr_pool_t *pool)
{
    const smv_error_t *error;
    int found;

    *number = 0;
    if (!said || strspn(said, "0123456789") != strlen(said) || strlen(said) > MAX_DIGITS) {
        return NULL;
    }
    sqlite3_bind_int64(self->statements[HAS_CUSTOMER], 1, strtoll(said, NULL, 10));
    error = ask(self, HAS_CUSTOMER, &found, pool);
    *number = found ? strtoll(said, NULL, 10) : 0;
    return error;
}

/* @return the second word of gdv 5342 …; NULL: there is none */
static const char *insurer_number_of(const char *source, apr_pool_t *pool)
{
    const char *blank = source ? strchr(source, ' ') : NULL;

    return blank ? apr_pstrmemdup(pool, blank + 1, strcspn(blank + 1, " ")) : NULL;
}

static const smv_error_t *find_contracts(const smv_import_documents_t *self, const char *number,
                                         apr_array_header_t *contracts, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[CONTRACTS];
    int status = SQLITE_DONE;
    const smv_error_t *error;

    bind_text(statement, 1, number);
    while (contracts->nelts < MAX_CONTRACTS && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        *(smv_owner_contract_t *)apr_array_push(contracts) =
            (smv_owner_contract_t){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                   apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 2)),
                                   apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 3)),
                                   insurer_number_of((const char *)sqlite3_column_text(statement, 4), pool)};
    }
    error = status == SQLITE_ROW || status == SQLITE_DONE ? NULL : failed(self, "looking for a contract", pool);
    reset(statement);
    return error;
}

static const smv_error_t *find_owner(const smv_import_documents_t *self, const smv_delivered_t *document,
                                     smv_owner_t *owner, apr_pool_t *pool)
{
    apr_array_header_t *contracts = apr_array_make(pool, 4, sizeof(smv_owner_contract_t));
    apr_int64_t customer;
    const smv_error_t *error = find_customer(self, document->customer, &customer, pool);

    if (!error && document->contract) {
        error = find_contracts(self, document->contract, contracts, pool);
    }
    *owner =
        contracts->nelts < MAX_CONTRACTS
            ? smv_delivered_owner(document, customer, (const smv_owner_contract_t *)contracts->elts, contracts->nelts)
            : (smv_owner_t){.outcome = SMV_OWNER_AMBIGUOUS}; /* of which not all were seen */
    return error;
}

/* --- taking --- */

static const smv_error_t *note(const smv_import_documents_t *self, apr_int64_t row, apr_pool_t *pool)
{
    const smv_documents_delivery_t *delivery = self->delivery;
    const smv_event_t event = {.kind = SMV_EVENT_IMPORT,
                               .subject = "delivery",
                               .object = delivery->file,
                               .row = row,
                               .detail = apr_psprintf(pool, "{\"kind\":\"%s\",\"content_hash\":\"%s\"}", delivery->kind,
                                                      delivery->content_hash)};

    return smv_sqlite_audit_append(self->connection, &event, delivery->tenant, delivery->actor, pool);
}

/* With the first document: nothing is taken that is not noted. */
static const smv_error_t *note_delivery(smv_import_documents_t *self, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[ADD_DELIVERY];
    const smv_error_t *error;

    if (self->row) {
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, apr_time_sec(self->delivery->now));
    bind_text(statement, 2, self->delivery->kind);
    bind_text(statement, 3, self->delivery->file);
    bind_text(statement, 4, self->delivery->content_hash);
    if ((error = run(self, ADD_DELIVERY, pool))) {
        return error;
    }
    self->row = sqlite3_last_insert_rowid(self->db);
    return note(self, self->row, pool);
}

static sqlite3_stmt *bind_document(const smv_import_documents_t *self, statement_e which,
                                   const smv_delivered_t *document, const smv_import_content_t *content,
                                   apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[which];

    bind_text(statement, 1, document->name);
    bind_text(statement, 2, document->kind);
    bind_text(statement, 3, document->date ? document->date : smv_day_of(self->delivery->now, pool));
    sqlite3_bind_int64(statement, 4, content->size);
    bind_text(statement, 5, content->media_type);
    bind_text(statement, 6, content->hash);
    return statement;
}

static const smv_error_t *add_row(const smv_import_documents_t *self, const smv_delivered_t *document,
                                  const smv_import_content_t *content, const smv_owner_t *owner, apr_pool_t *pool)
{
    statement_e which = owner->outcome == SMV_OWNER_FOUND ? ADD_DOCUMENT : ADD_UNASSIGNED;
    sqlite3_stmt *statement = bind_document(self, which, document, content, pool);

    if (which == ADD_DOCUMENT) {
        sqlite3_bind_int64(statement, 7, owner->customer);
        sqlite3_bind_int64(statement, 8, owner->contract);
    } else {
        sqlite3_bind_int64(statement, 7, self->row);
        bind_text(statement, 8, document->title);
        bind_text(statement, 9, document->customer);
        bind_text(statement, 10, document->contract);
        bind_text(statement, 11, document->insurer);
        bind_text(statement, 12, smv_owner_codes[owner->outcome]);
    }
    return run(self, which, pool);
}

static const smv_error_t *is_known(const smv_import_documents_t *self, const char *hash, const char *said, int *known,
                                   apr_pool_t *pool)
{
    bind_text(self->statements[IS_KNOWN], 1, hash);
    bind_text(self->statements[IS_KNOWN], 2, said);
    return ask(self, IS_KNOWN, known, pool);
}

static const smv_error_t *remember(const smv_import_documents_t *self, const char *hash, const char *said,
                                   apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[NOTE];

    bind_text(statement, 1, hash);
    bind_text(statement, 2, said);
    sqlite3_bind_int64(statement, 3, self->row);
    return run(self, NOTE, pool);
}

/* What was taken is whole again, where its file was lost meanwhile. */
static const smv_error_t *mend(const smv_import_documents_t *self, const smv_import_content_t *content,
                               apr_pool_t *pool)
{
    const smv_error_t *error;
    int is_named;

    bind_text(self->statements[HAS_CONTENT], 1, content->hash);
    error = ask(self, HAS_CONTENT, &is_named, pool);
    if (!error && is_named) {
        error = content->keep(content->baton);
    }
    return error ? error : run(self, ROLLBACK, pool);
}

/* One customer's, however a delivery words that. @return NULL: it is nobody's */
static const char *found_of(const smv_owner_t *owner, apr_pool_t *pool)
{
    return owner->outcome == SMV_OWNER_FOUND
               ? apr_psprintf(pool, "{\"found\":[%" APR_INT64_T_FMT ",%" APR_INT64_T_FMT "]}", owner->customer,
                              owner->contract)
               : NULL;
}

static const smv_error_t *add(smv_import_documents_t *self, const smv_delivered_t *document,
                              const smv_import_content_t *content, smv_import_document_result_t *result,
                              apr_pool_t *pool)
{
    const char *found = found_of(&result->owner, pool);
    const smv_error_t *error;

    if ((error = note_delivery(self, pool)) || (error = add_row(self, document, content, &result->owner, pool))) {
        return error;
    }
    result->row = sqlite3_last_insert_rowid(self->db);
    if ((error = remember(self, content->hash, smv_delivered_said(document, pool), pool)) ||
        (found && (error = remember(self, content->hash, found, pool)))) {
        return error;
    }
    sqlite3_bind_int64(self->statements[COUNT], 1, self->row);
    return run(self, COUNT, pool);
}

/* The file is in its place before the row is: within the transaction, so that nobody takes it for garbage meanwhile. */
static const smv_error_t *take(smv_import_documents_t *self, const smv_delivered_t *document,
                               const smv_import_content_t *content, smv_import_document_result_t *result,
                               apr_pool_t *pool)
{
    const char *found;
    const smv_error_t *error;
    int known = 0;

    if ((error = is_known(self, content->hash, smv_delivered_said(document, pool), &known, pool)) ||
        (error = find_owner(self, document, &result->owner, pool))) {
        return error;
    }
    found = found_of(&result->owner, pool);
    if (!known && found && (error = is_known(self, content->hash, found, &known, pool))) {
        return error;
    }
    if (known) {
        return mend(self, content, pool);
    }
    if ((error = add(self, document, content, result, pool)) || (error = content->keep(content->baton)) ||
        (error = run(self, COMMIT, pool))) {
        return error;
    }
    result->outcome = found ? SMV_IMPORT_DOCUMENT_ASSIGNED : SMV_IMPORT_DOCUMENT_WAITS;
    return NULL;
}

const smv_error_t *smv_import_documents_take(smv_import_documents_t *self, const smv_delivered_t *document,
                                             const smv_import_content_t *content, smv_import_document_result_t *result,
                                             apr_pool_t *pool)
{
    apr_int64_t delivery = self->row;
    const smv_error_t *error = run(self, BEGIN, pool);

    *result = (smv_import_document_result_t){.outcome = SMV_IMPORT_DOCUMENT_KNOWN};
    if (error) {
        return error;
    }
    error = take(self, document, content, result, pool);
    if (error) {
        self->row = delivery;
        run(self, ROLLBACK, pool);
    }
    return error;
}
