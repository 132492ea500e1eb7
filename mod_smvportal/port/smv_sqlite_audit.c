/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit log in SQLite: a chain of rows, each with the hash of its own fields and of the row before. The anchor
 * keeps the hash on which the first one stands.
 */
#include "smv_crypto.h"
#include "smv_sqlite_use.h"

#include <apr_strings.h>

#define HASH_SIZE SMV_TOKEN_HASH_SIZE
#define FIELDS 11 /* of a row, between id and hash */
#define MAX_ENCODED (1U << 20)

/* --- the hash --- */

/* Each value with its type and length, so that no two rows are written the same. */
static void encode(smv_buffer_t *out, const smv_argument_t *values, int count)
{
    for (int i = 0; i < count; i++) {
        if (values[i].type == SMV_BIND_NUMBER) {
            smv_buffer_puts(out, "i");
            smv_buffer_number(out, values[i].number);
        } else if (values[i].data) {
            smv_buffer_puts(out, "t");
            smv_buffer_number(out, (apr_int64_t)strlen(values[i].data));
            smv_buffer_puts(out, ":");
            smv_buffer_puts(out, values[i].data);
        } else {
            smv_buffer_puts(out, "n");
        }
        smv_buffer_puts(out, ";");
    }
}

static const smv_error_t *hash_of(unsigned char hash[HASH_SIZE], const unsigned char *before,
                                  const smv_argument_t *values, int count, apr_pool_t *pool)
{
    smv_buffer_t text;

    smv_buffer_init(&text, 512, MAX_ENCODED, pool);
    if (before) {
        smv_buffer_write(&text, (const char *)before, HASH_SIZE);
    }
    encode(&text, values, count);
    return text.is_failed || smv_crypto.sha256(hash, text.data, text.size) != APR_SUCCESS
               ? smv_error(pool, SMV_ERROR_INTERNAL, "cannot hash a row of the audit log")
               : NULL;
}

static const char *hex_of(const unsigned char hash[HASH_SIZE], apr_pool_t *pool)
{
    char *hex = apr_palloc(pool, (apr_size_t)2 * HASH_SIZE + 1);

    for (apr_size_t i = 0; i < HASH_SIZE; i++) {
        apr_snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    return hex;
}

const smv_error_t *smv_sqlite_audit_digest(const char **hex, const char *old, const char *new, apr_pool_t *pool)
{
    const smv_argument_t values[] = {A_TEXT(old), A_TEXT(new)};
    unsigned char hash[HASH_SIZE];
    const smv_error_t *error = hash_of(hash, NULL, values, COUNT_OF(values), pool);

    *hex = error ? NULL : hex_of(hash, pool);
    return error;
}

/* --- adding --- */

/* @param id out: of the last row, or of the last one that was forgotten */
static const smv_error_t *read_head(smv_connection_t *connection, apr_int64_t *id, unsigned char hash[HASH_SIZE],
                                    apr_pool_t *pool)
{
    sqlite3_stmt *row = smv_connection_use(connection, SMV_SQL_AUDIT_HEAD);
    const smv_error_t *error = NULL;

    if (sqlite3_step(row) != SQLITE_ROW) {
        error = smv_connection_error(connection, SMV_SQL_AUDIT_HEAD, pool);
    } else if (sqlite3_column_bytes(row, 1) != HASH_SIZE) {
        error = smv_error(pool, SMV_ERROR_DATABASE_DATA, "the head of the audit log has no hash");
    } else {
        *id = sqlite3_column_int64(row, 0);
        memcpy(hash, sqlite3_column_blob(row, 1), HASH_SIZE);
    }
    sqlite3_reset(row);
    return error;
}

/* So that a list is found by each customer that it showed. */
static const smv_error_t *add_shown(smv_connection_t *connection, const smv_argument_t *id, const smv_event_t *event,
                                    const smv_actor_t *actor, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {*id, A_NUMBER(apr_time_sec(actor->now)),
                                        A_TEXT(smv_use_numbers(&event->shown, pool))};

    return smv_use_step(connection, SMV_SQL_AUDIT_ADD_SHOWN, arguments, COUNT_OF(arguments), pool);
}

const smv_error_t *smv_sqlite_audit_append(smv_connection_t *connection, const smv_event_t *event, apr_int64_t tenant,
                                           const smv_actor_t *actor, apr_pool_t *pool)
{
    /* ?1 the tenant, ?2 id … the fields … ?14 hash */
    smv_argument_t arguments[] = {A_NUMBER(tenant),
                                  A_NUMBER(0),
                                  A_NUMBER(apr_time_sec(actor->now)),
                                  A_TEXT(smv_event_codes[event->kind]),
                                  A_TEXT(event->subject),
                                  A_TEXT(event->object),
                                  event->customer ? A_NUMBER(event->customer) : A_TEXT(NULL),
                                  event->row ? A_NUMBER(event->row) : A_TEXT(NULL),
                                  A_TEXT(actor->login),
                                  A_TEXT(actor->name),
                                  A_TEXT(actor->address),
                                  A_TEXT(actor->channel),
                                  A_TEXT(event->detail),
                                  A_NUMBER(0)};
    unsigned char before[HASH_SIZE], hash[HASH_SIZE];
    const smv_error_t *error = read_head(connection, &arguments[1].number, before, pool);

    arguments[1].number++;
    if (error || (error = hash_of(hash, before, arguments + 1, FIELDS + 1, pool))) {
        return error;
    }
    arguments[FIELDS + 2] = A_HASH(hash);
    error = smv_use_step(connection, SMV_SQL_AUDIT_ADD, arguments, COUNT_OF(arguments), pool);
    if (!error && sqlite3_changes(connection->db) != 1) {
        error = smv_error(pool, SMV_ERROR_INTERNAL, "an event of another tenant");
    }
    return error || event->shown.count == 0 ? error : add_shown(connection, &arguments[1], event, actor, pool);
}

/* --- reading --- */

static const smv_error_t *audit(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                const smv_audit_filter_t *filter, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {
        PERMIT_ARGUMENTS(permit, pool), A_NUMBER(filter->from),     A_NUMBER(filter->to), A_NUMBER(filter->before),
        A_TEXT(filter->login),          A_NUMBER(filter->customer), A_TEXT(filter->kind), A_NUMBER(limit + 1)};
    int which = filter->customer ? SMV_SQL_AUDIT_OF_CUSTOMER
                : filter->login  ? SMV_SQL_AUDIT_OF_LOGIN
                : filter->kind   ? SMV_SQL_AUDIT_OF_KIND
                                 : SMV_SQL_AUDIT_ALL;

    return smv_use_list(store, list, which, arguments, COUNT_OF(arguments), pool);
}

static smv_argument_t value_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_INTEGER ? A_NUMBER(sqlite3_column_int64(row, column))
                                                              : A_TEXT((const char *)sqlite3_column_text(row, column));
}

/* Columns: id, the fields, hash, the change that the row tells of, its values' digest there, old and new.
 * @return what is wrong, NULL for nothing */
static const char *check_row(smv_audit_check_t *check, sqlite3_stmt *row, apr_pool_t *pool)
{
    smv_argument_t values[FIELDS + 1];
    unsigned char hash[HASH_SIZE];
    const char *digest;
    int column = FIELDS + 1;

    for (int i = 0; i <= FIELDS; i++) {
        values[i] = value_at(row, i);
    }
    if (values[0].number != check->last_id + 1) {
        return apr_psprintf(pool, "the rows from %" APR_INT64_T_FMT " on before it are missing", check->last_id + 1);
    }
    if (hash_of(hash, check->head, values, FIELDS + 1, pool) || sqlite3_column_bytes(row, column) != HASH_SIZE ||
        memcmp(hash, sqlite3_column_blob(row, column), HASH_SIZE) != 0) {
        return "it was changed, or the row before it";
    }
    memcpy(check->head, hash, HASH_SIZE);
    check->last_id = values[0].number;
    if (sqlite3_column_type(row, column + 1) == SQLITE_NULL) {
        return NULL;
    }
    if (sqlite3_column_type(row, column + 2) == SQLITE_NULL ||
        smv_sqlite_audit_digest(&digest, value_at(row, column + 4).data, value_at(row, column + 5).data, pool) ||
        sqlite3_column_type(row, column + 3) != SQLITE_TEXT ||
        strcmp(digest, (const char *)sqlite3_column_text(row, column + 3)) != 0) {
        return "the change that it tells of is gone from the change log, or has other values there";
    }
    return NULL;
}

static const smv_error_t *check_rows(smv_audit_check_t *check, smv_connection_t *connection, apr_pool_t *pool)
{
    sqlite3_stmt *row = smv_connection_use(connection, SMV_SQL_AUDIT_VERIFY);
    apr_pool_t *each;
    int status;

    if (apr_pool_create(&each, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory");
    }
    while ((status = sqlite3_step(row)) == SQLITE_ROW) {
        const char *fault = check_row(check, row, each);

        if (fault) {
            check->broken_id = sqlite3_column_int64(row, 0);
            check->broken_time = sqlite3_column_int64(row, 1);
            check->fault = apr_pstrdup(pool, fault);
            break;
        }
        check->rows++;
        apr_pool_clear(each);
    }
    apr_pool_destroy(each);
    sqlite3_reset(row);
    return status == SQLITE_ROW || status == SQLITE_DONE ? NULL
                                                         : smv_connection_error(connection, SMV_SQL_AUDIT_VERIFY, pool);
}

static const smv_error_t *audit_verify(smv_store_t *store, smv_audit_check_t *check, apr_pool_t *pool)
{
    smv_store_t *reading = store->for_request(store, pool); /* anchor and rows of one state */
    smv_connection_t *connection;
    const smv_error_t *error = smv_use_to_read(reading, &connection, SMV_SQL_AUDIT_ANCHORED, NULL, 0, pool);
    sqlite3_stmt *row;

    *check = (smv_audit_check_t){.rows = 0};
    if (error) {
        return error;
    }
    row = connection->statements[SMV_SQL_AUDIT_ANCHORED];
    if (sqlite3_step(row) != SQLITE_ROW || sqlite3_column_bytes(row, 1) != HASH_SIZE) {
        check->broken_id = 1;
        check->fault = "the anchor is missing";
    } else {
        check->last_id = sqlite3_column_int64(row, 0);
        memcpy(check->head, sqlite3_column_blob(row, 1), HASH_SIZE);
        error = check_rows(check, connection, pool);
    }
    sqlite3_reset(row);
    smv_use_give(reading, connection);
    reading->release(reading);
    check->head_hex = hex_of(check->head, pool);
    return error;
}

void smv_sqlite_set_audit(smv_store_t *store)
{
    store->audit = audit;
    store->audit_verify = audit_verify;
}
