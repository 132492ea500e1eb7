/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents in SQLite: the lists with their filters, and how one comes, goes and comes back.
 */
#include "smv_sqlite_use.h"

#include "../core/smv_buffer.h"
#include "../core/smv_shapes.h"

#include <apr_strings.h>

#define MAX_PATTERNS 8192 /* bytes; a search has at most 100 characters */

/* --- lists --- */

/* Every word as the beginning of one of the name's, among those of the customer. Without AND between them FTS5 passes
 * over what has no letter or digit: customer : "10001" AND name : ("pol" * "-" * "2024" *) */
static const char *match_of(const char *words, apr_int64_t customer, apr_pool_t *pool)
{
    char *rest, *word = apr_strtok(apr_pstrdup(pool, words), " ", &rest);
    const char *match = NULL;

    for (; word; word = apr_strtok(NULL, " ", &rest)) {
        const char *quoted = "";

        for (char *quote; (quote = strchr(word, '"')); word = quote + 1) {
            *quote = '\0';
            quoted = apr_pstrcat(pool, quoted, word, "\"\"", NULL);
        }
        match = apr_pstrcat(pool, match ? match : "", match ? " " : "", "\"", quoted, word, "\" *", NULL);
    }
    return apr_psprintf(pool, "customer : \"%" APR_INT64_T_FMT "\" AND name : (%s)", customer, match ? match : "\"\"");
}

static const char *pattern_of(const char *word, apr_pool_t *pool)
{
    const char *pattern = "%";

    while (*word) {
        size_t plain = strcspn(word, "%_\\");

        pattern = apr_pstrcat(pool, pattern, apr_pstrmemdup(pool, word, plain), NULL);
        word += plain;
        if (*word) {
            pattern = apr_psprintf(pool, "%s\\%c", pattern, *word++);
        }
    }
    return apr_pstrcat(pool, pattern, "%", NULL);
}

/* @return the patterns of all words as a JSON array */
static const char *patterns_of(const char *words, apr_pool_t *pool)
{
    char *rest, *word = apr_strtok(apr_pstrdup(pool, words), " ", &rest);
    smv_buffer_t json;

    smv_buffer_init(&json, 256, MAX_PATTERNS, pool);
    smv_buffer_puts(&json, "[");
    for (; word; word = apr_strtok(NULL, " ", &rest)) {
        const char *pattern = pattern_of(word, pool);

        smv_buffer_puts(&json, json.size > 1 ? "," : "");
        smv_buffer_json(&json, pattern, strlen(pattern));
    }
    smv_buffer_write(&json, "]", 2);
    return json.data;
}

static const smv_error_t *documents(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    const smv_document_filter_t *filter, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);
    int which = SMV_SQL_DOCUMENTS, has = 0;
    const char *words = NULL;
    apr_int64_t customer;

    if (!error && filter->words) {
        error = smv_use_has(store, &has, SMV_SQL_DOCUMENTS_BY_WORDS, pool);
        which = has ? SMV_SQL_DOCUMENTS_BY_WORDS : SMV_SQL_DOCUMENTS_LIKE;
    }
    if (error) {
        return error;
    }
    customer = permit->customers.at[0];
    if (filter->words) {
        words = has ? match_of(filter->words, customer, pool) : patterns_of(filter->words, pool);
    }
    const smv_argument_t arguments[] = {
        A_NUMBER(permit->tenant),   A_NUMBER(customer),   A_NUMBER(customer), A_NUMBER(SMV_STORE_MAX_ROWS),
        A_NUMBER(filter->contract), A_TEXT(filter->kind), A_TEXT(words)};

    return smv_use_list(store, list, which, arguments, words ? 7 : 6, pool);
}

static const smv_error_t *deleted_documents(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                            apr_int64_t since, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_check_one(permit, pool);

    if (!error) {
        const smv_argument_t arguments[] = {A_NUMBER(permit->tenant), A_NUMBER(permit->customers.at[0]),
                                            A_NUMBER(since), A_NUMBER(SMV_STORE_MAX_LOG)};

        error = smv_use_list(store, list, SMV_SQL_DELETED_DOCUMENTS, arguments, COUNT_OF(arguments), pool);
    }
    return error;
}

/* --- changes --- */

static smv_argument_t text_or_null(const smv_value_t *value)
{
    return A_TEXT(value->is_present ? value->as.text : NULL);
}

static const smv_error_t *add(smv_connection_t *connection, smv_change_t *change, const smv_permit_t *permit,
                              apr_pool_t *pool)
{
    const smv_value_t *values = change->after->values;
    const smv_argument_t arguments[] = {
        A_NUMBER(permit->tenant),
        A_NUMBER(permit->customers.at[0]),
        A_NUMBER(0),
        A_NUMBER(0),
        values[SMV_DOCUMENT_CONTRACT].is_present ? A_NUMBER(values[SMV_DOCUMENT_CONTRACT].number) : A_TEXT(NULL),
        text_or_null(&values[SMV_DOCUMENT_NAME]),
        text_or_null(&values[SMV_DOCUMENT_KIND]),
        text_or_null(&values[SMV_DOCUMENT_DATE]),
        A_NUMBER(values[SMV_DOCUMENT_SIZE].number),
        text_or_null(&values[SMV_DOCUMENT_MEDIA_TYPE]),
        text_or_null(&values[SMV_DOCUMENT_CONTENT_HASH]),
        text_or_null(&values[SMV_DOCUMENT_ADDED_BY])};
    const smv_error_t *error =
        change->unassigned ? smv_sqlite_take_unassigned(connection, change->unassigned, permit->tenant, pool) : NULL;

    if (error || (error = smv_use_step(connection, SMV_SQL_DOCUMENT_ADD, arguments, COUNT_OF(arguments), pool))) {
        return error;
    }
    if (sqlite3_changes(connection->db) != 1) {
        error = smv_error(pool, SMV_ERROR_NOT_FOUND, "the customer has no such contract");
    }
    change->row = sqlite3_last_insert_rowid(connection->db);
    return error;
}

/* Copy a row from one table to the other and delete it there. */
static const smv_error_t *move(smv_connection_t *connection, const smv_change_t *change, int copy, int remove,
                               const smv_argument_t *arguments, int count, apr_pool_t *pool)
{
    const smv_error_t *error = smv_use_step(connection, copy, arguments, count, pool);

    if (!error && sqlite3_changes(connection->db) != 1) {
        error =
            smv_error(pool, change->deed == SMV_DEED_DELETE ? SMV_ERROR_CONFLICT : SMV_ERROR_NOT_FOUND,
                      "document %" APR_INT64_T_FMT " is gone, has another version, or its time is over", change->row);
    }
    return error ? error : smv_use_step(connection, remove, arguments, remove == SMV_SQL_DELETED_FORGET ? 3 : 4, pool);
}

const smv_error_t *smv_sqlite_write_document(smv_connection_t *connection, smv_change_t *change,
                                             const smv_permit_t *permit, const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {
        A_NUMBER(permit->tenant),  A_NUMBER(permit->customers.at[0]),  A_NUMBER(change->row),
        A_NUMBER(change->version), A_NUMBER(apr_time_sec(actor->now)), A_TEXT(actor->name)};

    switch (change->deed) {
    case SMV_DEED_CREATE:
        return add(connection, change, permit, pool);
    case SMV_DEED_DELETE:
        return move(connection, change, SMV_SQL_DOCUMENT_TO_DELETED, SMV_SQL_DOCUMENT_DELETE, arguments, 6, pool);
    case SMV_DEED_RESTORE:
        return move(connection, change, SMV_SQL_DOCUMENT_RESTORE, SMV_SQL_DELETED_FORGET, arguments, 4, pool);
    case SMV_DEED_EDIT:
    case SMV_DEED_COUNT:
        break;
    }
    return smv_error(pool, SMV_ERROR_INTERNAL, "documents are not edited");
}

/* --- garbage --- */

static const smv_error_t *purge_documents(smv_store_t *store, apr_int64_t before, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_NUMBER(before)};
    const smv_error_t *error =
        smv_use_run(store, SMV_SQL_DOCUMENTS_PURGE, arguments, COUNT_OF(arguments), 1, NULL, pool);

    return error ? error : smv_use_run(store, SMV_SQL_UNASSIGNED_PURGE, arguments, COUNT_OF(arguments), 1, NULL, pool);
}

static const smv_error_t *is_used(smv_connection_t *connection, const char *content_hash, int *used, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {A_TEXT(content_hash)};
    const smv_error_t *error = smv_use_bind(connection, SMV_SQL_CONTENT_USED, arguments, COUNT_OF(arguments), pool);
    sqlite3_stmt *statement = connection->statements[SMV_SQL_CONTENT_USED];

    if (!error && sqlite3_step(statement) != SQLITE_ROW) {
        error = smv_connection_error(connection, SMV_SQL_CONTENT_USED, pool);
    }
    if (!error) {
        *used = sqlite3_column_int(statement, 0);
        sqlite3_reset(statement);
    }
    return error;
}

/* Within a transaction that keeps every other writer out: an upload moves its file into place within one, too. */
static const smv_error_t *collect_content(smv_store_t *store, const char *content_hash,
                                          const smv_error_t *(*remove)(void *), void *data, apr_pool_t *pool)
{
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_write(store, &connection, SMV_SQL_BEGIN_IMMEDIATE, NULL, 0, pool);
    int used = 1;

    if (error) {
        return error;
    }
    if (sqlite3_step(connection->statements[SMV_SQL_BEGIN_IMMEDIATE]) != SQLITE_DONE) {
        error = smv_connection_error(connection, SMV_SQL_BEGIN_IMMEDIATE, pool);
    }
    if (!error) {
        error = is_used(connection, content_hash, &used, pool);
    }
    if (!error && !used) {
        error = remove(data);
    }
    smv_use_give(store, connection);
    return error;
}

void smv_sqlite_set_documents(smv_store_t *store)
{
    store->documents = documents;
    store->deleted_documents = deleted_documents;
    store->purge_documents = purge_documents;
    store->collect_content = collect_content;
}
