/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sqlite_import_rows.h"

#include "smv_sql.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    FIND_IMPORTED,
    BEFORE,
    NEXT_CUSTOMER,
    NEXT_CONTRACT,
    HAS_CONFLICTS,
    HAS_CONFLICT,
    SET_DELIVERED,
    ADD_CONFLICT,
    END_CONFLICT,
    COMMUNICATION_OF,
    BANK_ACCOUNT_OF,
    HERE, /* and those of the resources behind it */
    STATEMENT_COUNT = HERE + SMV_IMPORT_COUNT
} statement_e;

static const char *const sql[HERE] = {
    [FIND_IMPORTED] = "SELECT row, customer, delivered FROM imported WHERE resource = ?1 AND source = ?2",
    [BEFORE] = "SELECT key, value FROM json_each(?1)",
    /* Never one that somebody had, whose accounts and imports may still name it. */
    [NEXT_CUSTOMER] = ("SELECT 1 + max(coalesce((SELECT max(number) FROM customer), 0), "
                       "coalesce((SELECT max(customer) FROM change), 0), "
                       "coalesce((SELECT max(row) FROM imported WHERE resource = 'customer'), 0))"),
    [NEXT_CONTRACT] = ("SELECT 1 + max(coalesce((SELECT max(id) FROM contract), 0), "
                       "coalesce((SELECT max(row) FROM imported WHERE resource = 'contract'), 0))"),
    [HAS_CONFLICTS] = "SELECT EXISTS (SELECT 1 FROM import_conflict)",
    [HAS_CONFLICT] = ("SELECT EXISTS (SELECT 1 FROM import_conflict WHERE resource = ?1 AND row = ?2 AND field = ?3 "
                      "AND (value IS ?4 OR value IS ?5))"),
    [SET_DELIVERED] = ("UPDATE imported SET delivered = json_set(delivered, '$.' || ?3, ?4) "
                       "WHERE resource = ?1 AND source = ?2"),
    [ADD_CONFLICT] = ("INSERT INTO import_conflict (resource, row, field, customer, delivery, value) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                      "ON CONFLICT DO UPDATE SET delivery = excluded.delivery, value = excluded.value"),
    [END_CONFLICT] = ("DELETE FROM import_conflict WHERE resource = ?1 AND row = ?2 AND field = ?3 "
                      "AND (value IS ?4 OR value IS ?5)"),
    [COMMUNICATION_OF] = "SELECT id FROM communication WHERE customer = ?1 AND value = ?2",
    [BANK_ACCOUNT_OF] = "SELECT id FROM bank_account WHERE customer = ?1 AND iban = ?2",
};

struct smv_import_rows_t {
    sqlite3 *db;
    const char *path;
    apr_int64_t delivery;
    int has_conflicts; /* any, of whatever delivery */
    int is_looking;    /* nothing is written: what would be ends with this error */
    const smv_error_t would_write;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    apr_hash_t *made; /* text -> sqlite3_stmt; as many as there are sets of columns that insurers deliver */
    apr_pool_t *pool;
};

/* What is being done, for one contract. */
typedef struct work_t {
    smv_import_rows_t *self;
    const smv_import_delivery_t *delivery;
    const smv_import_listener_t *listener;
    smv_import_counts_t *counts;
    apr_pool_t *pool;
} work_t;

/* --- opening --- */

static const char *statement_sql(int which, apr_pool_t *pool)
{
    const smv_import_resource_t *resource;

    if (which < HERE) {
        return sql[which];
    }
    resource = &smv_import_resources[which - HERE];
    return apr_psprintf(pool, "SELECT * FROM %s WHERE %s = ?1", resource->table, resource->key);
}

const smv_error_t *smv_import_rows_open(smv_import_rows_t **made, sqlite3 *db, const char *path, apr_pool_t *pool)
{
    smv_import_rows_t *self = apr_pcalloc(pool, sizeof *self);

    *made = self;
    self->db = db;
    self->path = path;
    self->made = apr_hash_make(pool);
    self->pool = pool;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (sqlite3_prepare_v2(db, statement_sql(i, pool), -1, &self->statements[i], NULL) != SQLITE_OK) {
            return smv_sql_error(db, path, "preparing an import", pool);
        }
    }
    return NULL;
}

void smv_import_rows_close(smv_import_rows_t *self)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    for (apr_hash_index_t *i = apr_hash_first(NULL, self->made); i; i = apr_hash_next(i)) {
        sqlite3_finalize(apr_hash_this_val(i));
    }
}

void smv_import_rows_begin(smv_import_rows_t *self, apr_int64_t delivery)
{
    sqlite3_stmt *statement = self->statements[HAS_CONFLICTS];

    self->delivery = delivery;
    self->has_conflicts = sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int(statement, 0);
    sqlite3_reset(statement);
}

/* --- statements --- */

static const smv_error_t *failed(const work_t *work, const char *doing)
{
    return smv_sql_error(work->self->db, work->self->path, doing, work->pool);
}

/* @param text NULL: none */
static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

/* @param number out: of the first column, 0 where there is no row */
static const smv_error_t *number_of(const work_t *work, sqlite3_stmt *statement, apr_int64_t *number)
{
    int status = sqlite3_step(statement);
    const smv_error_t *error = status == SQLITE_ROW || status == SQLITE_DONE ? NULL : failed(work, "importing");

    *number = status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return error;
}

/* What writes. */
static const smv_error_t *run(const work_t *work, sqlite3_stmt *statement)
{
    const smv_error_t *error;

    if (work->self->is_looking) {
        return &work->self->would_write;
    }
    error = sqlite3_step(statement) == SQLITE_DONE ? NULL : failed(work, "importing");

    sqlite3_reset(statement);
    return error;
}

/* Made for its columns, and kept for the next row that has the same. @return NULL: see the connection's error */
static sqlite3_stmt *made_for(smv_import_rows_t *self, const char *text)
{
    sqlite3_stmt *statement = apr_hash_get(self->made, text, APR_HASH_KEY_STRING);

    if (!statement &&
        sqlite3_prepare_v3(self->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) == SQLITE_OK) {
        apr_hash_set(self->made, apr_pstrdup(self->pool, text), APR_HASH_KEY_STRING, statement);
    }
    return statement;
}

/* @param fields whose values are behind those of the first places */
static const smv_error_t *run_made(const work_t *work, const char *text, const char *const *first, int count,
                                   const smv_import_field_t *fields, int field_count)
{
    sqlite3_stmt *statement;

    if (work->self->is_looking) {
        return &work->self->would_write;
    }
    statement = made_for(work->self, text);
    if (!statement) {
        return failed(work, "importing");
    }
    for (int i = 0; i < count; i++) {
        bind_text(statement, i + 1, first[i]);
    }
    for (int i = 0; i < field_count; i++) {
        bind_text(statement, count + i + 1, fields[i].value);
    }
    return run(work, statement);
}

static const char *text_of(const work_t *work, apr_int64_t number)
{
    return apr_psprintf(work->pool, "%" APR_INT64_T_FMT, number);
}

/* --- what was delivered before --- */

typedef struct known_t {
    const char *table, *source;
    apr_int64_t row, customer; /* row 0: not known */
    apr_table_t *before;
} known_t;

static const smv_error_t *read_before(const work_t *work, known_t *known, const char *delivered)
{
    sqlite3_stmt *statement = work->self->statements[BEFORE];
    int status;

    bind_text(statement, 1, delivered);
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *value = (const char *)sqlite3_column_text(statement, 1);

        if (value) {
            apr_table_set(known->before, (const char *)sqlite3_column_text(statement, 0), value);
        }
    }
    sqlite3_reset(statement);
    return status == SQLITE_DONE ? NULL : failed(work, "reading what was delivered before");
}

static const smv_error_t *find_known(const work_t *work, known_t *known, smv_import_e resource, const char *source)
{
    sqlite3_stmt *statement = work->self->statements[FIND_IMPORTED];
    const char *delivered = NULL;
    int status;

    *known = (known_t){smv_import_resources[resource].table, source, 0, 0, apr_table_make(work->pool, 16)};
    bind_text(statement, 1, known->table);
    bind_text(statement, 2, source);
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        known->row = sqlite3_column_int64(statement, 0);
        known->customer = sqlite3_column_int64(statement, 1);
        delivered = apr_pstrdup(work->pool, (const char *)sqlite3_column_text(statement, 2));
    }
    sqlite3_reset(statement);
    if (status != SQLITE_ROW && status != SQLITE_DONE) {
        return failed(work, "reading what was delivered before");
    }
    return delivered ? read_before(work, known, delivered) : NULL;
}

/* @param item whose values were delivered; NULL: a row that was here before */
static const smv_error_t *add_known(const work_t *work, const known_t *known, const smv_import_item_t *item)
{
    const char *first[] = {known->table, known->source, text_of(work, known->row), text_of(work, known->customer)};
    const char *pairs = "";

    for (int i = 0; item && i < item->count; i++) {
        pairs = apr_psprintf(work->pool, "%s%s'%s', ?%d", pairs, i ? ", " : "", item->fields[i].column, i + 5);
    }
    return run_made(work,
                    apr_pstrcat(work->pool,
                                "INSERT INTO imported (resource, source, row, customer, delivered) "
                                "VALUES (?1, ?2, ?3, ?4, json_object(",
                                pairs, "))", NULL),
                    first, 4, item ? item->fields : NULL, item ? item->count : 0);
}

static const smv_error_t *set_delivered(const work_t *work, const known_t *known, const smv_import_field_t *field)
{
    sqlite3_stmt *statement = work->self->statements[SET_DELIVERED];

    bind_text(statement, 1, known->table);
    bind_text(statement, 2, known->source);
    bind_text(statement, 3, field->column);
    bind_text(statement, 4, field->value);
    work->counts->noted++;
    return run(work, statement);
}

/* --- a row that is new --- */

static const smv_error_t *insert(const work_t *work, const smv_import_item_t *item, const char *const *keys,
                                 const char *const *values, int count)
{
    const char *columns = "", *places = "";

    for (int i = 0; i < count; i++) {
        columns = apr_psprintf(work->pool, "%s%s%s", columns, i ? ", " : "", keys[i]);
        places = apr_psprintf(work->pool, "%s%s?%d", places, i ? ", " : "", i + 1);
    }
    for (int i = 0; i < item->count; i++) {
        columns = apr_psprintf(work->pool, "%s, %s", columns, item->fields[i].column);
        places = apr_psprintf(work->pool, "%s, ?%d", places, count + i + 1);
    }
    work->counts->created++;
    return run_made(work,
                    apr_psprintf(work->pool, "INSERT INTO %s (%s) VALUES (%s)",
                                 smv_import_resources[item->resource].table, columns, places),
                    values, count, item->fields, item->count);
}

/* --- a row that is there --- */

static const smv_error_t *read_here(const work_t *work, apr_table_t **here, const known_t *known, smv_import_e resource)
{
    sqlite3_stmt *statement = work->self->statements[HERE + resource];
    int status;

    *here = NULL;
    sqlite3_bind_int64(statement, 1, known->row);
    status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        *here = apr_table_make(work->pool, 16);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);

            if (value) {
                apr_table_set(*here, sqlite3_column_name(statement, i), value);
            }
        }
    }
    sqlite3_reset(statement);
    return status == SQLITE_ROW || status == SQLITE_DONE ? NULL : failed(work, "reading a row");
}

static const smv_error_t *keep(const work_t *work, const known_t *known, const smv_import_field_t *field,
                               const char *here)
{
    const smv_import_kept_t kept = {known->table, field->column, here, field->value, known->customer, known->row};
    sqlite3_stmt *statement = work->self->statements[ADD_CONFLICT];

    if (work->self->is_looking) {
        return &work->self->would_write;
    }
    bind_text(statement, 1, known->table);
    sqlite3_bind_int64(statement, 2, known->row);
    bind_text(statement, 3, field->column);
    sqlite3_bind_int64(statement, 4, known->customer);
    sqlite3_bind_int64(statement, 5, work->self->delivery);
    bind_text(statement, 6, field->value);
    work->counts->kept++;
    work->self->has_conflicts = 1;
    work->listener->kept(work->listener->context, &kept);
    return run(work, statement);
}

static sqlite3_stmt *bind_conflict(const work_t *work, int which, const known_t *known, const smv_import_field_t *field)
{
    sqlite3_stmt *statement = work->self->statements[which];

    bind_text(statement, 1, known->table);
    sqlite3_bind_int64(statement, 2, known->row);
    bind_text(statement, 3, field->column);
    bind_text(statement, 4, field->value);
    bind_text(statement, 5, apr_table_get(known->before, field->column));
    return statement;
}

/* With what was said before, or is said now; another contract's other value stays in conflict. */
static const smv_error_t *agree(const work_t *work, const known_t *known, const smv_import_field_t *field)
{
    apr_int64_t has_conflict = 0;
    const smv_error_t *error = NULL;

    if (work->self->has_conflicts) {
        error = number_of(work, bind_conflict(work, HAS_CONFLICT, known, field), &has_conflict);
    }
    if (error || !has_conflict) {
        return error;
    }
    work->counts->noted++;
    return run(work, bind_conflict(work, END_CONFLICT, known, field));
}

/* @param taken out: the fields that go into the row */
static const smv_error_t *judge_field(const work_t *work, const known_t *known, const smv_import_field_t *field,
                                      const char *here, smv_import_item_t *taken)
{
    const char *before = apr_table_get(known->before, field->column);
    smv_import_verdict_e verdict = smv_import_judge(before, here, field->value);
    const smv_error_t *error = NULL;

    if (verdict == SMV_IMPORT_KEEP) {
        error = keep(work, known, field, here);
    } else if (verdict == SMV_IMPORT_TAKE) {
        taken->fields[taken->count++] = *field;
    }
    if (!error && !smv_import_is_same(before, field->value)) {
        error = set_delivered(work, known, field);
    }
    if (error || (verdict != SMV_IMPORT_TAKE && !smv_import_is_same(here, field->value))) {
        return error;
    }
    return agree(work, known, field);
}

static const smv_error_t *judge(const work_t *work, const known_t *known, const smv_import_item_t *item,
                                const apr_table_t *here, smv_import_item_t *taken)
{
    const smv_error_t *error = NULL;

    taken->count = 0;
    for (int i = 0; i < item->count && !error; i++) {
        const smv_import_field_t *field = &item->fields[i];

        if (!item->first || strcmp(item->first, field->column) != 0) {
            error = judge_field(work, known, field, apr_table_get(here, field->column), taken);
        }
    }
    return error;
}

static const smv_error_t *update(const work_t *work, const known_t *known, const smv_import_item_t *taken)
{
    const smv_import_resource_t *resource = &smv_import_resources[taken->resource];
    const char *first[] = {text_of(work, known->row)}, *columns = "version = version + 1";

    for (int i = 0; i < taken->count; i++) {
        columns = apr_psprintf(work->pool, "%s, %s = ?%d", columns, taken->fields[i].column, i + 2);
    }
    work->counts->updated++;
    return run_made(work,
                    apr_psprintf(work->pool, "UPDATE %s SET %s WHERE %s = ?1", resource->table, columns, resource->key),
                    first, 1, taken->fields, taken->count);
}

/* A row that somebody deleted here stays deleted. */
static const smv_error_t *merge(const work_t *work, const known_t *known, const smv_import_item_t *item)
{
    smv_import_item_t taken = {.resource = item->resource};
    apr_table_t *here;
    const smv_error_t *error = read_here(work, &here, known, item->resource);

    if (!error && here) {
        error = judge(work, known, item, here, &taken);
        if (!error && taken.count) {
            return update(work, known, &taken);
        }
    }
    work->counts->same++;
    return error;
}

/* --- the holder --- */

static int is_same_text(const char *one, const char *other)
{
    return one && other && strcasecmp(one, other) == 0;
}

static int contradicts(const apr_table_t *person, const smv_import_item_t *item, const char *column)
{
    const char *one = apr_table_get(person, column), *other = smv_import_value(item, column);

    return one && other && !is_same_text(one, other);
}

static int agrees(const apr_table_t *person, const smv_import_item_t *item, const char *column)
{
    return is_same_text(apr_table_get(person, column), smv_import_value(item, column));
}

/* By birthday and first name, since people marry, or by all that both say of the name. */
static int is_same_person(const apr_table_t *person, const smv_import_item_t *item)
{
    if (contradicts(person, item, "first_name") || contradicts(person, item, "birth_date")) {
        return 0;
    }
    return agrees(person, item, "name") || (agrees(person, item, "first_name") && agrees(person, item, "birth_date"));
}

/* @param row out: of the customer, where the row is there and is that person; 0 else */
static const smv_error_t *confirm(const work_t *work, apr_int64_t number, const smv_import_item_t *item,
                                  apr_int64_t *row)
{
    const known_t candidate = {.row = number};
    apr_table_t *person;
    const smv_error_t *error = read_here(work, &person, &candidate, SMV_IMPORT_CUSTOMER);

    *row = !error && person && is_same_person(person, item) ? number : 0;
    return error;
}

/* Who holds the contract already, as that is the same person. */
static const smv_error_t *find_by_contract(const work_t *work, const smv_import_group_t *group,
                                           const smv_import_item_t *item, apr_int64_t *row)
{
    const smv_error_t *error = NULL;
    known_t contract;

    for (int i = 0; i < group->others->nelts && !*row && !error; i++) {
        const smv_import_item_t *other = &APR_ARRAY_IDX(group->others, i, smv_import_item_t);

        if (other->resource == SMV_IMPORT_CONTRACT &&
            !(error = find_known(work, &contract, SMV_IMPORT_CONTRACT, other->source)) && contract.row) {
            error = confirm(work, contract.customer, item, row);
        }
    }
    return error;
}

/* By the insurer's number; and by that and who it is. @param source out: the one that is free, or that the person has
 */
static const smv_error_t *find_by_source(const work_t *work, const smv_import_group_t *group,
                                         const smv_import_item_t *item, known_t *known)
{
    const smv_error_t *error = find_known(work, known, SMV_IMPORT_CUSTOMER, item->source);

    if (!error && known->row && !is_same_person(known->before, item)) {
        error = find_known(work, known, SMV_IMPORT_CUSTOMER, group->fallback);
    }
    return error;
}

/* By the broker's own number, which is that of whoever has the same name here, and is of the same broker. */
static const smv_error_t *find_by_number(const work_t *work, const smv_import_group_t *group,
                                         const smv_import_item_t *item, apr_int64_t *row)
{
    char *end = NULL;
    const known_t candidate = {.row = group->number ? apr_strtoi64(group->number, &end, 10) : 0};
    const char *broker = work->delivery->broker > 0 ? text_of(work, work->delivery->broker) : NULL, *theirs;
    apr_table_t *person = NULL;
    const smv_error_t *error;

    if (candidate.row <= 0 || *end) {
        return NULL;
    }
    error = read_here(work, &person, &candidate, SMV_IMPORT_CUSTOMER);
    if (error || !person) {
        return error;
    }
    theirs = apr_table_get(person, "broker");
    *row = is_same_person(person, item) && agrees(person, item, "name") &&
                   (!broker || !theirs || strcmp(broker, theirs) == 0)
               ? candidate.row
               : 0;
    return NULL;
}

/* What is said of people differs from contract to contract: each has its own memory of it. */
static const smv_error_t *merge_holder(const work_t *work, const smv_import_group_t *group,
                                       const smv_import_item_t *item, apr_int64_t row)
{
    const char *source = apr_psprintf(work->pool, "%s holder %" APR_INT64_T_FMT, group->policy, row);
    known_t known;
    const smv_error_t *error = find_known(work, &known, SMV_IMPORT_CUSTOMER, source);

    if (!error && !known.row) {
        known.row = known.customer = row;
        error = add_known(work, &known, NULL);
    }
    return error ? error : merge(work, &known, item);
}

/* The portal gives the number: one in a file could be that of somebody's account. */
static const smv_error_t *add_holder(const work_t *work, const smv_import_group_t *group, const smv_import_item_t *item,
                                     apr_int64_t *row)
{
    static const char *const keys[] = {"number", "broker"};
    const smv_error_t *error = number_of(work, work->self->statements[NEXT_CUSTOMER], row);
    known_t known = {smv_import_resources[SMV_IMPORT_CUSTOMER].table,
                     apr_psprintf(work->pool, "%s holder %" APR_INT64_T_FMT, group->policy, *row), *row, *row, NULL};

    if (!error) {
        const char *values[] = {text_of(work, *row),
                                work->delivery->broker > 0 ? text_of(work, work->delivery->broker) : NULL};

        error = insert(work, item, keys, values, 2);
    }
    return error ? error : add_known(work, &known, item);
}

/* So that the next contract finds the same person. */
static const smv_error_t *remember(const work_t *work, known_t *known, const smv_import_item_t *item, apr_int64_t row)
{
    static const char *const columns[] = {"name", "first_name", "birth_date"};
    smv_import_item_t person = {.resource = SMV_IMPORT_CUSTOMER};
    const smv_error_t *error = NULL;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        smv_import_add(&person, columns[i], smv_import_value(item, columns[i]));
    }
    if (!known->row) {
        known->row = known->customer = row;
        return add_known(work, known, &person);
    }
    for (int i = 0; i < person.count && !error; i++) {
        if (!smv_import_is_same(apr_table_get(known->before, person.fields[i].column), person.fields[i].value)) {
            error = set_delivered(work, known, &person.fields[i]);
        }
    }
    return error;
}

/* @param holder out: the customer */
static const smv_error_t *take_holder(const work_t *work, known_t *holder, const smv_import_group_t *group)
{
    const smv_import_item_t *item = &APR_ARRAY_IDX(group->customers, 0, smv_import_item_t);
    apr_int64_t row = 0;
    const smv_error_t *error = find_by_contract(work, group, item, &row);

    if (error || (error = find_by_source(work, group, item, holder))) {
        return error;
    }
    if (!row && holder->row) {
        row = holder->row;
    }
    if (!row && (error = find_by_number(work, group, item, &row))) {
        return error;
    }
    if (row) {
        error = merge_holder(work, group, item, row);
    } else if (!(error = add_holder(work, group, item, &row))) {
        holder->row = 0;
    }
    if (error || (holder->row && holder->row != row)) { /* the insurer's number is somebody else's here */
        holder->row = holder->customer = row;
        return error;
    }
    error = remember(work, holder, item, row);
    holder->row = holder->customer = row;
    return error;
}

/* --- what hangs on the holder --- */

/* A row of the customer's own with the same number or account. */
static const smv_error_t *find_same(const work_t *work, known_t *known, const smv_import_item_t *item)
{
    sqlite3_stmt *statement =
        work->self->statements[item->resource == SMV_IMPORT_COMMUNICATION ? COMMUNICATION_OF : BANK_ACCOUNT_OF];
    const smv_error_t *error;

    sqlite3_bind_int64(statement, 1, known->customer);
    bind_text(statement, 2, smv_import_value(item, item->same));
    error = number_of(work, statement, &known->row);
    return error || !known->row ? error : add_known(work, known, NULL);
}

static const smv_error_t *add_row(const work_t *work, known_t *known, const smv_import_item_t *item)
{
    static const char *const keys[] = {"customer", "id"};
    const char *values[] = {text_of(work, known->customer), NULL};
    int is_contract = item->resource == SMV_IMPORT_CONTRACT;
    const smv_error_t *error = is_contract ? number_of(work, work->self->statements[NEXT_CONTRACT], &known->row) : NULL;

    if (error) {
        return error;
    }
    values[1] = is_contract ? text_of(work, known->row) : NULL;
    error = insert(work, item, keys, values, is_contract ? 2 : 1);
    known->row = is_contract ? known->row : sqlite3_last_insert_rowid(work->self->db);
    return error ? error : add_known(work, known, item);
}

/* A contract stays with its customer, whoever holds it now: documents and changes hang on it. */
static const smv_error_t *check_holder(const work_t *work, const known_t *known, const known_t *holder)
{
    const smv_import_field_t field = {"customer", text_of(work, holder->row)};

    const smv_error_t *error;

    if (known->customer == holder->row || is_same_text(apr_table_get(known->before, field.column), field.value)) {
        return NULL;
    }
    error = set_delivered(work, known, &field);
    return error ? error : keep(work, known, &field, text_of(work, known->customer));
}

static const smv_error_t *take_item(const work_t *work, const smv_import_item_t *item, const known_t *holder)
{
    known_t known;
    const smv_error_t *error = find_known(work, &known, item->resource, item->source);

    if (error) {
        return error;
    }
    if (!known.row) {
        known.customer = holder->row;
        error = item->same ? find_same(work, &known, item) : NULL;
    } else if (item->resource == SMV_IMPORT_CONTRACT) {
        error = check_holder(work, &known, holder);
    }
    if (error) {
        return error;
    }
    return known.row ? merge(work, &known, item) : add_row(work, &known, item);
}

static const smv_error_t *take_group(const work_t *work, const smv_import_group_t *group)
{
    known_t holder;
    const smv_error_t *error = take_holder(work, &holder, group);

    for (int i = 0; i < group->others->nelts && !error; i++) {
        error = take_item(work, &APR_ARRAY_IDX(group->others, i, smv_import_item_t), &holder);
    }
    return error;
}

const smv_error_t *smv_import_rows_look(smv_import_rows_t *self, const smv_import_group_t *group,
                                        const smv_import_delivery_t *delivery, smv_import_counts_t *counts,
                                        int *is_same, apr_pool_t *pool)
{
    smv_import_counts_t would = {.contracts = 0};
    const work_t work = {self, delivery, NULL, &would, pool};
    const smv_error_t *error;

    self->is_looking = 1;
    error = take_group(&work, group);
    self->is_looking = 0;
    *is_same = error == NULL;
    counts->same += error ? 0 : would.same;
    return error == &self->would_write ? NULL : error;
}

const smv_error_t *smv_import_rows_take(smv_import_rows_t *self, const smv_import_group_t *group,
                                        const smv_import_delivery_t *delivery, const smv_import_listener_t *listener,
                                        smv_import_counts_t *counts, apr_pool_t *pool)
{
    const work_t work = {self, delivery, listener, counts, pool};

    return take_group(&work, group);
}
