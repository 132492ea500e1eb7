/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite_import.h"

#include "../core/smv_import.h"
#include "smv_sql.h"
#include "smv_sqlite_import_rows.h"
#include "smv_sqlite_use.h"

#include <apr_strings.h>
#include <stdlib.h>

typedef enum {
    BEGIN,
    BEGIN_IMMEDIATE,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    ROLLBACK_GROUP,
    STAGE,
    DROP,
    COUNT_GROUPS,
    STAGED,
    STAGED_REST,
    NOTE_SAME,
    FORGET_SAME,
    ADD_DELIVERY,
    COUNT_DELIVERY,
    AS_OF,
    SET_AS_OF,
    SET_AS_OF_SAME,
    STATEMENT_COUNT
} statement_e;

#define STAGED_COLUMNS "insurer, policy, record, type, part, fields"
#define IN_ORDER " ORDER BY insurer, policy, record"

static const char *const sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN",
    [BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT one_contract",
    [RELEASE] = "RELEASE one_contract",
    [ROLLBACK_GROUP] = "ROLLBACK TO one_contract",
    [STAGE] = "INSERT INTO temp.staged (insurer, policy, record, type, part, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DROP] = "DELETE FROM temp.staged",
    [COUNT_GROUPS] = "SELECT count(*) FROM (SELECT DISTINCT insurer, policy FROM temp.staged)",
    [STAGED] = ("SELECT " STAGED_COLUMNS " FROM temp.staged AS staged" IN_ORDER),
    [STAGED_REST] = ("SELECT " STAGED_COLUMNS " FROM temp.staged AS staged WHERE NOT EXISTS (SELECT 1 FROM temp.same "
                     "WHERE same.insurer = staged.insurer AND same.policy = staged.policy)" IN_ORDER),
    [NOTE_SAME] = "INSERT INTO temp.same (insurer, policy, name, is_newer) VALUES (?1, ?2, ?3, ?4)",
    [FORGET_SAME] = "DELETE FROM temp.same",
    [ADD_DELIVERY] = ("INSERT INTO delivery (time, kind, file, content_hash, created, updated, kept) "
                      "VALUES (?1, 'gdv', ?2, ?3, 0, 0, 0)"),
    [AS_OF] = "SELECT as_of FROM imported_policy WHERE policy = ?1",
    [SET_AS_OF] = ("INSERT INTO imported_policy (policy, as_of) VALUES (?1, ?2) "
                   "ON CONFLICT DO UPDATE SET as_of = excluded.as_of"),
    [SET_AS_OF_SAME] = ("INSERT INTO imported_policy (policy, as_of) SELECT name, ?1 FROM temp.same WHERE is_newer "
                        "ON CONFLICT DO UPDATE SET as_of = excluded.as_of WHERE excluded.as_of > as_of"),
    [COUNT_DELIVERY] = "UPDATE delivery SET created = ?2, updated = ?3, kept = ?4 WHERE id = ?1",
};

struct smv_sqlite_import_t {
    smv_connection_t *connection;
    sqlite3 *db; /* of that */
    const char *path;
    smv_import_rows_t *rows;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    int is_staging; /* a transaction of what is laid aside is open */
};

/* --- opening --- */

static const smv_error_t *failed(const smv_sqlite_import_t *self, const char *doing, apr_pool_t *pool)
{
    return smv_sql_error(self->db, self->path, doing, pool);
}

static apr_status_t close_import(void *data)
{
    smv_sqlite_import_t *self = data;

    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    if (self->rows) {
        smv_import_rows_close(self->rows);
    }
    return APR_SUCCESS;
}

static const smv_error_t *prepare(smv_sqlite_import_t *self, apr_pool_t *pool)
{
    static const char staging[] =
        "PRAGMA temp_store = FILE; CREATE TEMP TABLE staged (insurer TEXT, policy TEXT, record INTEGER, type TEXT, "
        "part TEXT, fields BLOB, PRIMARY KEY (insurer, policy, record)) WITHOUT ROWID;"
        "CREATE TEMP TABLE same (insurer TEXT, policy TEXT, name TEXT, is_newer INTEGER, "
        "PRIMARY KEY (insurer, policy)) WITHOUT ROWID";
    const smv_error_t *error;

    if (sqlite3_exec(self->db, staging, NULL, NULL, NULL) != SQLITE_OK) {
        return failed(self, "preparing an import", pool);
    }
    error = smv_sql_prepare(self->db, self->path, sql, self->statements, STATEMENT_COUNT, pool);
    return error ? error : smv_import_rows_open(&self->rows, self->db, self->path, pool);
}

const smv_error_t *smv_sqlite_import_open(smv_sqlite_import_t **made, const smv_sqlite_config_t *config,
                                          apr_pool_t *pool)
{
    smv_sqlite_import_t *self = apr_pcalloc(pool, sizeof *self);
    const smv_error_t *error = smv_connection_open(&self->connection, config, pool);

    if (error) {
        return error;
    }
    self->path = apr_pstrdup(pool, config->path);
    self->db = self->connection->db;
    apr_pool_cleanup_register(pool, self, close_import, apr_pool_cleanup_null);
    *made = self;
    return prepare(self, pool);
}

static const smv_error_t *run(const smv_sqlite_import_t *self, statement_e which, const char *doing, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[which];
    const smv_error_t *error = sqlite3_step(statement) == SQLITE_DONE ? NULL : failed(self, doing, pool);

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return error;
}

/* --- laying aside --- */

/* Names and values, each with the zero at its end. */
static void bind_fields(sqlite3_stmt *statement, int place, const smv_gdv_values_t *values, apr_pool_t *pool)
{
    apr_size_t size = 0;
    char *bytes, *at;

    for (int i = 0; i < values->count; i++) {
        size += strlen(values->fields[i].column) + strlen(values->fields[i].value) + 2;
    }
    at = bytes = apr_palloc(pool, size + 1);
    for (int i = 0; i < values->count; i++) {
        at = apr_cpystrn(at, values->fields[i].column, size + 1) + 1;
        at = apr_cpystrn(at, values->fields[i].value, size + 1) + 1;
    }
    sqlite3_bind_blob64(statement, place, bytes, size, SQLITE_TRANSIENT);
}

static smv_gdv_values_t read_fields(sqlite3_stmt *statement, apr_pool_t *pool)
{
    apr_size_t size = (apr_size_t)sqlite3_column_bytes(statement, 5);
    const char *at = size ? apr_pmemdup(pool, sqlite3_column_blob(statement, 5), size) : "", *end = at + size;
    apr_array_header_t *fields = apr_array_make(pool, 16, sizeof(smv_import_field_t));

    while (at < end) {
        smv_import_field_t *field = apr_array_push(fields);

        field->column = at;
        field->value = at + strlen(at) + 1;
        at = field->value + strlen(field->value) + 1;
    }
    return (smv_gdv_values_t){apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 3)),
                              apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 4)),
                              (const smv_import_field_t *)fields->elts, fields->nelts};
}

const smv_error_t *smv_sqlite_import_stage(smv_sqlite_import_t *self, const char *insurer_number,
                                           const char *policy_number, apr_int64_t record,
                                           const smv_gdv_values_t *values, apr_pool_t *pool)
{
    sqlite3_stmt *statement = self->statements[STAGE];
    const smv_error_t *error = self->is_staging ? NULL : run(self, BEGIN, "laying records aside", pool);

    if (error) {
        return error;
    }
    self->is_staging = 1;
    sqlite3_bind_text(statement, 1, insurer_number, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 2, policy_number, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, record);
    sqlite3_bind_text(statement, 4, values->type, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 5, values->part, -1, SQLITE_TRANSIENT);
    bind_fields(statement, 6, values, pool);
    return run(self, STAGE, "laying a record aside", pool);
}

static const smv_error_t *end_staging(smv_sqlite_import_t *self, apr_pool_t *pool)
{
    const smv_error_t *error = self->is_staging ? run(self, COMMIT, "laying records aside", pool) : NULL;

    self->is_staging = 0;
    return error;
}

const smv_error_t *smv_sqlite_import_drop(smv_sqlite_import_t *self, apr_pool_t *pool)
{
    const smv_error_t *error = end_staging(self, pool);

    error = error ? error : run(self, FORGET_SAME, "forgetting records", pool);
    return error ? error : run(self, DROP, "forgetting records", pool);
}

/* --- taking --- */

typedef struct taking_t {
    smv_sqlite_import_t *self;
    const smv_import_delivery_t *delivery;
    const smv_import_listener_t *listener;
    smv_import_counts_t *counts;
    apr_int64_t all, same; /* contracts; of those, which change nothing */
    int has_newer;         /* some of which are of a later day than before */
    apr_pool_t *pool;      /* of one contract */
} taking_t;

typedef const smv_error_t *group_fn(taking_t *taking, const smv_gdv_contract_t *contract,
                                    const apr_array_header_t *records, apr_int64_t first);

/* A contract that the schema refuses is left out, and the others are taken. */
static const smv_error_t *refuse(const taking_t *taking, apr_int64_t record)
{
    const char *why = apr_pstrdup(taking->pool, sqlite3_errmsg(taking->self->db));
    const smv_error_t *error = run(taking->self, ROLLBACK_GROUP, "leaving a contract out", taking->pool);

    taking->counts->refused++;
    taking->listener->refused(taking->listener->context, record, why);
    return error ? error : run(taking->self, RELEASE, "leaving a contract out", taking->pool);
}

/* @param as_of out: of the policy's last delivery; NULL: not known */
static const smv_error_t *read_as_of(const taking_t *taking, const char *policy, const char **as_of)
{
    sqlite3_stmt *statement = taking->self->statements[AS_OF];
    int status;

    sqlite3_bind_text(statement, 1, policy, -1, SQLITE_STATIC);
    status = sqlite3_step(statement);
    *as_of = status == SQLITE_ROW ? apr_pstrdup(taking->pool, (const char *)sqlite3_column_text(statement, 0)) : NULL;
    sqlite3_reset(statement);
    return status == SQLITE_ROW || status == SQLITE_DONE ? NULL : failed(taking->self, "reading its age", taking->pool);
}

static const smv_error_t *set_as_of(const taking_t *taking, const char *policy, const char *before)
{
    sqlite3_stmt *statement = taking->self->statements[SET_AS_OF];
    const char *as_of = taking->delivery->as_of;

    if (!as_of || smv_import_is_same(as_of, before)) {
        return NULL;
    }
    sqlite3_bind_text(statement, 1, policy, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, as_of, -1, SQLITE_STATIC);
    taking->counts->noted++;
    return run(taking->self, SET_AS_OF, "noting its age", taking->pool);
}

static int is_older(const char *as_of, const char *newest)
{
    return as_of && newest && strcmp(as_of, newest) < 0;
}

static void tell_progress(const taking_t *taking)
{
    const smv_import_counts_t *counts = taking->counts;

    taking->listener->progress(taking->listener->context, counts->contracts + counts->refused + counts->older,
                               taking->all);
}

/* --- looking --- */

static const smv_error_t *note_same(taking_t *taking, const smv_gdv_contract_t *contract,
                                    const smv_import_group_t *group, const char *newest)
{
    sqlite3_stmt *statement = taking->self->statements[NOTE_SAME];
    int is_newer = taking->delivery->as_of && !smv_import_is_same(taking->delivery->as_of, newest);

    sqlite3_bind_text(statement, 1, contract->insurer_number, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, contract->policy_number, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, group->policy, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 4, is_newer);
    taking->has_newer |= is_newer;
    taking->same++;
    taking->counts->contracts++;
    tell_progress(taking);
    return run(taking->self, NOTE_SAME, "noting a contract", taking->pool);
}

static const smv_error_t *look_at_group(taking_t *taking, const smv_gdv_contract_t *contract,
                                        const apr_array_header_t *records, apr_int64_t first)
{
    smv_import_group_t group;
    const char *newest;
    const smv_error_t *error;
    int is_same = 0;

    (void)first;
    smv_gdv_rows(&group, contract, records, taking->pool);
    if (group.fault || (error = read_as_of(taking, group.policy, &newest)) ||
        is_older(taking->delivery->as_of, newest)) {
        return group.fault ? NULL : error;
    }
    error = smv_import_rows_look(taking->self->rows, &group, taking->delivery, taking->counts, &is_same, taking->pool);
    return error || !is_same ? error : note_same(taking, contract, &group, newest);
}

/* --- writing --- */

static const smv_error_t *take_rows(const taking_t *taking, const smv_import_group_t *group, const char *before)
{
    const smv_error_t *error = smv_import_rows_take(taking->self->rows, group, taking->delivery, taking->listener,
                                                    taking->counts, taking->pool);

    return error ? error : set_as_of(taking, group->policy, before);
}

static const smv_error_t *take_group(taking_t *taking, const smv_gdv_contract_t *contract,
                                     const apr_array_header_t *records, apr_int64_t first)
{
    const smv_import_counts_t before = *taking->counts;
    smv_import_group_t group;
    const char *newest;
    const smv_error_t *error;

    smv_gdv_rows(&group, contract, records, taking->pool);
    if (group.fault) {
        taking->counts->refused++;
        taking->listener->refused(taking->listener->context, first, group.fault);
        return NULL;
    }
    if ((error = read_as_of(taking, group.policy, &newest))) {
        return error;
    }
    if (is_older(taking->delivery->as_of, newest)) {
        taking->counts->older++;
        taking->listener->older(taking->listener->context, first, newest);
        return NULL;
    }
    if ((error = run(taking->self, SAVEPOINT, "taking a contract", taking->pool))) {
        return error;
    }
    error = take_rows(taking, &group, newest);
    if (error && sqlite3_errcode(taking->self->db) == SQLITE_CONSTRAINT) {
        *taking->counts = before;
        return refuse(taking, first);
    }
    taking->counts->contracts++;
    tell_progress(taking);
    return error ? error : run(taking->self, RELEASE, "taking a contract", taking->pool);
}

/* --- contract by contract --- */

static int is_of(const smv_gdv_contract_t *contract, sqlite3_stmt *statement)
{
    return contract->policy_number &&
           strcmp(contract->insurer_number, (const char *)sqlite3_column_text(statement, 0)) == 0 &&
           strcmp(contract->policy_number, (const char *)sqlite3_column_text(statement, 1)) == 0;
}

/* @param which statement has the records, contract by contract */
static const smv_error_t *each_group(taking_t *taking, statement_e which, group_fn *take)
{
    sqlite3_stmt *statement = taking->self->statements[which];
    smv_gdv_contract_t contract = {NULL, NULL, NULL};
    apr_array_header_t *records = NULL;
    const smv_error_t *error = NULL;
    apr_int64_t first = 0;
    int status;

    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        if (records && !is_of(&contract, statement)) {
            error = take(taking, &contract, records, first);
            records = NULL;
        }
        if (error) {
            break;
        }
        if (!records) {
            apr_pool_clear(taking->pool);
            records = apr_array_make(taking->pool, 16, sizeof(smv_gdv_values_t));
            contract = (smv_gdv_contract_t){apr_pstrdup(taking->pool, (const char *)sqlite3_column_text(statement, 0)),
                                            taking->delivery->insurer,
                                            apr_pstrdup(taking->pool, (const char *)sqlite3_column_text(statement, 1))};
            first = sqlite3_column_int64(statement, 2);
        }
        APR_ARRAY_PUSH(records, smv_gdv_values_t) = read_fields(statement, taking->pool);
    }
    if (!error && status != SQLITE_DONE) {
        error = failed(taking->self, "reading what was laid aside", taking->pool);
    }
    sqlite3_reset(statement);
    return error || !records ? error : take(taking, &contract, records, first);
}

static const smv_error_t *count_groups(taking_t *taking)
{
    sqlite3_stmt *statement = taking->self->statements[COUNT_GROUPS];
    const smv_error_t *error = NULL;

    if (sqlite3_step(statement) == SQLITE_ROW) {
        taking->all = sqlite3_column_int64(statement, 0);
    } else {
        error = failed(taking->self, "counting what was laid aside", taking->pool);
    }
    sqlite3_reset(statement);
    return error;
}

static const smv_error_t *add_delivery(const taking_t *taking)
{
    sqlite3_stmt *statement = taking->self->statements[ADD_DELIVERY];

    sqlite3_bind_int64(statement, 1, apr_time_sec(taking->delivery->now));
    sqlite3_bind_text(statement, 2, taking->delivery->file, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, taking->delivery->content_hash, -1, SQLITE_STATIC);
    return run(taking->self, ADD_DELIVERY, "noting a delivery", taking->pool);
}

/* With what it is about: nothing is taken that is not noted. */
static const smv_error_t *note(const taking_t *taking, apr_int64_t delivery)
{
    const smv_import_counts_t *counts = taking->counts;
    const smv_event_t event = {
        .kind = SMV_EVENT_IMPORT,
        .subject = "delivery",
        .object = taking->delivery->file,
        .row = delivery,
        .detail = apr_psprintf(taking->pool,
                               "{\"kind\":\"gdv\",\"content_hash\":\"%s\",\"created\":%" APR_INT64_T_FMT
                               ",\"updated\":%" APR_INT64_T_FMT ",\"kept\":%" APR_INT64_T_FMT "}",
                               taking->delivery->content_hash, counts->created, counts->updated, counts->kept)};

    return smv_sqlite_audit_append(taking->self->connection, &event, taking->delivery->tenant, taking->delivery->actor,
                                   taking->pool);
}

static const smv_error_t *finish(const taking_t *taking, apr_int64_t delivery)
{
    const smv_import_counts_t *counts = taking->counts;
    sqlite3_stmt *statement = taking->self->statements[COUNT_DELIVERY];
    const smv_error_t *error;

    if (taking->delivery->is_strict && counts->refused) {
        return smv_error(taking->pool, SMV_ERROR_CONFLICT, "%s: nothing was taken, since a contract was refused",
                         taking->delivery->file);
    }
    if (counts->created == 0 && counts->updated == 0 && counts->noted == 0) {
        return run(taking->self, ROLLBACK, "leaving the database as it is", taking->pool);
    }
    sqlite3_bind_int64(statement, 1, delivery);
    sqlite3_bind_int64(statement, 2, counts->created);
    sqlite3_bind_int64(statement, 3, counts->updated);
    sqlite3_bind_int64(statement, 4, counts->kept);
    error = run(taking->self, COUNT_DELIVERY, "noting a delivery", taking->pool);
    error = error ? error : note(taking, delivery);
    return error ? error : run(taking->self, COMMIT, "taking a delivery", taking->pool);
}

/* Most of a delivery is as the one before: what changes nothing is found while everybody else may write. */
static const smv_error_t *look_at_all(taking_t *taking)
{
    const smv_error_t *error = run(taking->self, BEGIN, "looking at a delivery", taking->pool);

    if (error) {
        return error;
    }
    smv_import_rows_begin(taking->self->rows, 0);
    error = each_group(taking, STAGED, look_at_group);
    error = error ? error : run(taking->self, COMMIT, "looking at a delivery", taking->pool);
    if (error) {
        run(taking->self, ROLLBACK, "giving up a delivery", taking->pool);
    }
    return error;
}

static const smv_error_t *set_as_of_same(const taking_t *taking)
{
    const smv_error_t *error;

    if (!taking->has_newer) {
        return NULL;
    }
    sqlite3_bind_text(taking->self->statements[SET_AS_OF_SAME], 1, taking->delivery->as_of, -1, SQLITE_STATIC);
    error = run(taking->self, SET_AS_OF_SAME, "noting its age", taking->pool);
    taking->counts->noted += sqlite3_changes64(taking->self->db);
    return error;
}

static const smv_error_t *take_all(taking_t *taking)
{
    const smv_error_t *error = run(taking->self, BEGIN_IMMEDIATE, "taking a delivery", taking->pool);
    apr_int64_t delivery;

    if (error) {
        return error;
    }
    if (!(error = add_delivery(taking))) {
        delivery = sqlite3_last_insert_rowid(taking->self->db);
        smv_import_rows_begin(taking->self->rows, delivery);
        error = set_as_of_same(taking);
        error = error ? error : each_group(taking, STAGED_REST, take_group);
        error = error ? error : finish(taking, delivery);
    }
    if (error) {
        run(taking->self, ROLLBACK, "giving up a delivery", taking->pool);
    }
    return error;
}

const smv_error_t *smv_sqlite_import_take(smv_sqlite_import_t *self, const smv_import_delivery_t *delivery,
                                          const smv_import_listener_t *listener, smv_import_counts_t *counts,
                                          apr_pool_t *pool)
{
    taking_t taking = {.self = self, .delivery = delivery, .listener = listener, .counts = counts};
    const smv_error_t *error;

    *counts = (smv_import_counts_t){.contracts = 0};
    if (apr_pool_create(&taking.pool, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory for an import");
    }
    error = end_staging(self, pool);
    error = error ? error : count_groups(&taking);
    error = error ? error : look_at_all(&taking);
    if (!error && (taking.same < taking.all || taking.has_newer)) {
        error = take_all(&taking);
    }
    return error ? error : smv_sqlite_import_drop(self, pool);
}
