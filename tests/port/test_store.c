/* SPDX-License-Identifier: Apache-2.0
 *
 * The store over SQLite in trouble and under load, on real files; a new one for each test.
 */
#include <CUnit/Basic.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "../../mod_smvportal/port/smv_crypto.h"
#include "../../mod_smvportal/port/smv_sqlite.h"

#define KARLA 1 /* contracts 11, 12; document 101 of 12 */
#define BERND 2 /* contract 21 */
#define NOBODY 3
#define MANY 4 /* 100 contracts from 1001 */
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char rows[] =
    "INSERT INTO firm (tenant, name) VALUES (7, 'Firma');"
    "INSERT INTO customer (number, kind, name, broker) VALUES (1, 'person', 'Karla', 501), (2, 'person', 'Bernd', 502),"
    " (3, 'person', 'Niemand', 501), (4, 'company', 'Viele', NULL);"
    "INSERT INTO contract (customer, id, number, insurer, start_date, status, note, premium) VALUES"
    " (1, 11, 'A-11', 'Nord', '2020-03-01', 'active', NULL, 5400), (1, 12, 'A-12', 'Süd', NULL, 'active', '', NULL),"
    " (2, 21, 'B-21', 'Ost', NULL, 'active', NULL, NULL);"
    "WITH RECURSIVE n (i) AS (VALUES (1001) UNION ALL SELECT i + 1 FROM n WHERE i < 1100)"
    " INSERT INTO contract (customer, id, number, insurer, status) SELECT 4, i, 'M-' || i, 'Nord', 'active' FROM n;"
    "INSERT INTO document (id, customer, contract, name, kind, date, size, media_type, content_hash)"
    " VALUES (101, 1, 12, 'Police.pdf', 'policy', '2020-01-01', 1, 'application/pdf', '" HASH "');";

static const int contract_counts[] = {0, 2, 1, 0, 100}; /* by customer */
static const unsigned char hash[SMV_TOKEN_HASH_SIZE] = {1, 0, 2};

static apr_pool_t *pool;
static char folder[] = "/tmp/smvportal-store.XXXXXX";
static const char *path;
static smv_store_t *store;

static int execute(const char *sql)
{
    sqlite3 *db;
    int status = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (status == SQLITE_OK) {
        sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
        status = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    sqlite3_close(db);
    return status;
}

static void open_store(void)
{
    smv_sqlite_config_t config = {path, 3, apr_time_from_msec(200), 0};
    const smv_error_t *error = smv_sqlite_open(&store, &config, pool);

    CU_ASSERT_PTR_NULL_FATAL(error);
}

static void before_each(void)
{
    apr_pool_create(&pool, NULL);
    path = apr_pstrcat(pool, folder, "/portal.sqlite", NULL);
    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_create(path, pool));
    CU_ASSERT_EQUAL_FATAL(execute(rows), SQLITE_OK);
    open_store();
}

static void after_each(void)
{
    static const char *const names[] = {"/portal.sqlite", "/portal.sqlite-wal", "/portal.sqlite-shm"};

    apr_pool_destroy(pool);
    for (int i = 0; i < 3; i++) {
        char name[sizeof folder + 20] = "";

        strcat(strcat(name, folder), names[i]);
        unlink(name);
    }
}

static int code_of(const smv_error_t *error)
{
    return error ? (int)error->code : 0;
}

static const smv_error_t *read_contracts(smv_list_t **list, apr_int64_t permitted, apr_int64_t wanted)
{
    smv_permit_t permit = {.tenant = 7, .customers = {&permitted, 1}};

    return store->contracts(store, list, &permit, wanted, pool);
}

static int count_contracts(apr_int64_t permitted, apr_int64_t wanted)
{
    smv_list_t *list;

    return read_contracts(&list, permitted, wanted) ? -1 : list->count;
}

/* @return the numbers found, "1 3 " */
static const char *list_customers(smv_permit_t permit, apr_int64_t after, int limit)
{
    const char *text = "";
    smv_list_t *list;

    if (store->customers(store, &list, &permit, &(smv_customer_filter_t){.search = NULL}, after, limit, pool)) {
        return "error";
    }
    for (int i = 0; i < list->count; i++) {
        text = apr_psprintf(pool, "%s%d ", text, (int)list->records[i].values[SMV_CUSTOMER_NUMBER].number);
    }
    return text;
}

static void the_schema_keeps_data_whole(void)
{
    CU_ASSERT_EQUAL(execute("INSERT INTO firm (tenant, name) VALUES (8, 'Andere')"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE document SET contract = 21 WHERE id = 101"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE contract SET start_date = '2021-02-30' WHERE id = 11"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE contract SET start_date = '01.02.2021' WHERE id = 11"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE contract SET premium = 'viel' WHERE id = 11"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE contract SET id = 21 WHERE id = 11"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE document SET content_hash = '../../etc/passwd'"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("INSERT INTO session (token_hash, dn, created, last_used) VALUES (x'00', 'uid=a', 1, 1)"),
                    SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE contract SET start_date = '2020-02-29' WHERE id = 11"), SQLITE_OK);
}

static void each_customer_gets_their_own_from_one_connection(void)
{
    CU_ASSERT_EQUAL(count_contracts(KARLA, KARLA), 2);
    CU_ASSERT_EQUAL(count_contracts(BERND, BERND), 1);
    CU_ASSERT_EQUAL(count_contracts(NOBODY, NOBODY), 0);
    CU_ASSERT_EQUAL(count_contracts(KARLA, BERND), 0);
    CU_ASSERT_EQUAL(count_contracts(KARLA, KARLA), 2);
}

static void a_long_list_keeps_every_row(void)
{
    smv_list_t *list;

    CU_ASSERT_PTR_NULL_FATAL(read_contracts(&list, MANY, MANY));
    CU_ASSERT_EQUAL_FATAL(list->count, 100);
    for (int i = 0; i < list->count; i++) {
        CU_ASSERT_STRING_EQUAL(list->records[i].values[SMV_CONTRACT_NUMBER].as.text,
                               apr_psprintf(pool, "M-%d", 1001 + i));
    }
}

static void a_list_ends_at_its_bound(void)
{
    CU_ASSERT_EQUAL(execute("WITH RECURSIVE n (i) AS (VALUES (20001) UNION ALL SELECT i + 1 FROM n WHERE i < 26000)"
                            " INSERT INTO contract (customer, id, number, insurer, status)"
                            " SELECT 3, i, 'C-' || i, 'Nord', 'active' FROM n"),
                    SQLITE_OK);
    CU_ASSERT_EQUAL(count_contracts(NOBODY, NOBODY), SMV_STORE_MAX_ROWS);
}

static void documents_are_counted_for_their_contract(void)
{
    smv_list_t *list;

    CU_ASSERT_PTR_NULL_FATAL(read_contracts(&list, KARLA, KARLA));
    CU_ASSERT_EQUAL(list->records[0].values[SMV_CONTRACT_DOCUMENT_COUNT].number, 0);
    CU_ASSERT_EQUAL(list->records[1].values[SMV_CONTRACT_DOCUMENT_COUNT].number, 1);
}

static void a_list_of_customers_is_that_of_the_permit(void)
{
    static const apr_int64_t customers[] = {MANY, KARLA, 99}, brokers[] = {501, 502};
    smv_permit_t all = {.tenant = 7, .all = 1}, none = {.tenant = 7}, foreign = {.tenant = 8, .all = 1};
    smv_permit_t own = {.tenant = 7, .customers = {customers, 3}}, portfolio = {.tenant = 7, .brokers = {brokers, 1}};
    smv_permit_t both = {.tenant = 7, .customers = {customers, 3}, .brokers = {brokers, 2}};

    CU_ASSERT_STRING_EQUAL(list_customers(all, 0, 50), "1 2 3 4 ");
    CU_ASSERT_STRING_EQUAL(list_customers(all, 1, 1), "2 3 ");
    CU_ASSERT_STRING_EQUAL(list_customers(own, 0, 50), "1 4 ");
    CU_ASSERT_STRING_EQUAL(list_customers(own, 1, 50), "4 ");
    CU_ASSERT_STRING_EQUAL(list_customers(portfolio, 0, 50), "1 3 ");
    CU_ASSERT_STRING_EQUAL(list_customers(portfolio, 1, 50), "3 ");
    CU_ASSERT_STRING_EQUAL(list_customers(both, 0, 50), "1 2 3 4 ");
    CU_ASSERT_STRING_EQUAL(list_customers(both, 0, 2), "1 2 3 ");
    CU_ASSERT_STRING_EQUAL(list_customers(none, 0, 50), "");
    CU_ASSERT_STRING_EQUAL(list_customers(foreign, 0, 50), "");
    own.tenant = 8;
    CU_ASSERT_STRING_EQUAL(list_customers(own, 0, 50), "");
}

static void a_locked_database_is_busy_for_writers_alone(void)
{
    smv_session_row_t row;
    apr_time_t start;
    sqlite3 *other;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    start = apr_time_now();
    CU_ASSERT_EQUAL(
        code_of(store->session_create(store, hash, &(smv_session_row_t){.dn = "uid=a", .created = 1}, pool)),
        SMV_ERROR_DATABASE_BUSY);
    CU_ASSERT(apr_time_now() - start >= apr_time_from_msec(150));
    CU_ASSERT_EQUAL(count_contracts(KARLA, KARLA), 2);
    sqlite3_close(other);
    CU_ASSERT_PTR_NULL(store->session_create(store, hash, &(smv_session_row_t){.dn = "uid=a", .created = 1}, pool));
    CU_ASSERT_PTR_NULL(store->session_find(store, &row, hash, pool));
}

static void a_damaged_file_is_an_error(void)
{
    apr_off_t offset = 4096;
    apr_file_t *file;
    smv_list_t *list;

    CU_ASSERT_EQUAL(execute("PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(apr_file_open(&file, path, APR_FOPEN_WRITE, APR_FPROT_OS_DEFAULT, pool), APR_SUCCESS);
    apr_file_seek(file, APR_SET, &offset);
    for (int i = 0; i < 15000; i++) {
        apr_file_puts("garbage!", file);
    }
    apr_file_close(file);
    CU_ASSERT_EQUAL(code_of(read_contracts(&list, MANY, MANY)), SMV_ERROR_DATABASE_DATA);
    for (int i = 0; i < 5; i++) { /* more often than there are connections */
        CU_ASSERT_PTR_NOT_NULL(read_contracts(&list, MANY, MANY));
    }
}

static void a_value_of_the_wrong_type_is_an_error(void)
{
    static const char *const changes[] = {"insurer = x'00ff'",       "premium = '54,00'",
                                          "premium_currency = NULL", "premium_currency = x'41'",
                                          "start_date = x'323032'",  "id = 'eleven'"};
    smv_list_t *list;

    CU_ASSERT_EQUAL_FATAL(execute("PRAGMA foreign_keys = OFF; CREATE TABLE loose AS SELECT * FROM contract;"
                                  "DROP TABLE contract; CREATE TABLE contract AS SELECT * FROM loose"),
                          SQLITE_OK);
    CU_ASSERT_EQUAL(count_contracts(KARLA, KARLA), 2);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *change =
            apr_pstrcat(pool,
                        "PRAGMA foreign_keys = OFF; DELETE FROM contract; INSERT INTO contract SELECT * FROM loose;"
                        "UPDATE contract SET ",
                        changes[i], " WHERE id = 11", NULL);

        CU_ASSERT_EQUAL_FATAL(execute(change), SQLITE_OK);
        CU_ASSERT_EQUAL(code_of(read_contracts(&list, KARLA, KARLA)), SMV_ERROR_DATABASE_DATA);
    }
}

#define THREADS 8
#define ROUNDS 300

typedef struct reader_t {
    apr_int64_t customer;
    int mistakes;
} reader_t;

static void *APR_THREAD_FUNC read_often(apr_thread_t *thread, void *data)
{
    reader_t *reader = data;
    smv_permit_t permit = {.tenant = 7, .customers = {&reader->customer, 1}};
    apr_pool_t *own;

    (void)thread;
    apr_pool_create(&own, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        smv_list_t *list = NULL;

        if (store->contracts(store, &list, &permit, reader->customer, own) ||
            list->count != contract_counts[reader->customer]) {
            reader->mistakes++;
        }
        for (int i = 0; list && i < list->count; i++) {
            reader->mistakes += list->records[i].values[SMV_CONTRACT_CUSTOMER].number != reader->customer;
        }
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

static void more_threads_than_connections_read_their_own(void)
{
    smv_sqlite_config_t config = {path, 3, apr_time_from_sec(30), 0};
    apr_thread_t *threads[THREADS];
    reader_t readers[THREADS];
    apr_status_t status;

    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_open(&store, &config, pool));
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (reader_t){KARLA + i % 4, 0};
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, read_often, &readers[i], pool), APR_SUCCESS);
    }
    for (int i = 0; i < THREADS; i++) {
        apr_thread_join(&status, threads[i]);
        CU_ASSERT_EQUAL(readers[i].mistakes, 0);
    }
}

static void sessions_live_and_end(void)
{
    smv_sessions_t sessions = {store, &smv_crypto, apr_time_from_sec(100), apr_time_from_sec(1000)};
    apr_time_t start = apr_time_from_sec(1000000);
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL_FATAL(smv_session_start(&sessions, token, &(smv_principal_t){.dn = "uid=a", .uuid = {0xa, 1}},
                                               "https://login.example 7", start, pool));
    CU_ASSERT_PTR_NULL_FATAL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(99), pool));
    CU_ASSERT_STRING_EQUAL(session.bound_to, "https://login.example 7");
    CU_ASSERT_STRING_EQUAL(session.account, "000000000000000a0000000000000001");
    CU_ASSERT_STRING_EQUAL(session.dn, "uid=a");
    /* the use at 99 s was noted, so that 150 s is within the idle time; 250 s is not */
    CU_ASSERT_PTR_NULL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(150), pool));
    CU_ASSERT_PTR_NOT_NULL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(250), pool));
    CU_ASSERT_PTR_NULL(smv_session_end(&sessions, &session, 1, pool));
    CU_ASSERT_PTR_NOT_NULL(smv_session_find(&sessions, &session, token, start, pool));
}

static void an_invitation_is_used_once_and_there_is_one_for_an_account(void)
{
    const unsigned char first[SMV_TOKEN_HASH_SIZE] = {1}, second[SMV_TOKEN_HASH_SIZE] = {2};
    apr_time_t now = apr_time_from_sec(1000000), end = now + apr_time_from_sec(100), until;
    smv_invitation_t invitation = {"uid=a", "a", 10001, "invite", "ines", now, end}, found;

    CU_ASSERT_PTR_NULL_FATAL(store->invitation_create(store, first, &invitation, pool));
    CU_ASSERT_PTR_NULL_FATAL(store->invitation_find(store, &found, first, now, pool));
    CU_ASSERT_STRING_EQUAL(found.dn, "uid=a");
    CU_ASSERT_EQUAL(found.customer, 10001);
    CU_ASSERT_PTR_NOT_NULL(store->invitation_find(store, &found, first, end, pool));
    CU_ASSERT_PTR_NOT_NULL(store->invitation_claim(store, first, end, pool));
    CU_ASSERT_PTR_NULL(store->invitation_claim(store, first, now, pool));
    CU_ASSERT_PTR_NOT_NULL(store->invitation_claim(store, first, now, pool));
    CU_ASSERT_PTR_NOT_NULL(store->invitation_find(store, &found, first, now, pool));
    CU_ASSERT_PTR_NULL(store->invitation_give_back(store, first, pool));
    CU_ASSERT_PTR_NULL(store->invitation_claim(store, first, now, pool));

    invitation.kind = "reset";
    CU_ASSERT_PTR_NULL(store->invitation_create(store, second, &invitation, pool));
    CU_ASSERT_PTR_NULL(store->invitation_give_back(store, first, pool)); /* comes too late */
    CU_ASSERT_PTR_NOT_NULL(store->invitation_find(store, &found, first, now, pool));
    CU_ASSERT_PTR_NULL(store->invitation_until(store, &until, "uid=a", now, pool));
    CU_ASSERT_EQUAL(until, end);
    CU_ASSERT_PTR_NULL(store->invitation_end(store, "uid=a", pool));
    CU_ASSERT_PTR_NULL(store->invitation_until(store, &until, "uid=a", now, pool));
    CU_ASSERT_EQUAL(until, 0);
    CU_ASSERT_PTR_NOT_NULL(store->invitation_claim(store, second, now, pool));
}

static int count_of_contract(int customer, int id)
{
    smv_list_t *list;

    CU_ASSERT_PTR_NULL_FATAL(read_contracts(&list, customer, customer));
    for (int i = 0; i < list->count; i++) {
        if (list->records[i].values[SMV_CONTRACT_ID].number == id) {
            return (int)list->records[i].values[SMV_CONTRACT_DOCUMENT_COUNT].number;
        }
    }
    return -1;
}

static void the_count_of_documents_follows_them(void)
{
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
    CU_ASSERT_EQUAL(execute("INSERT INTO document (id, customer, contract, name, kind, date, size, media_type,"
                            " content_hash) SELECT 102, 1, 12, name, kind, date, size, media_type, content_hash"
                            " FROM document WHERE id = 101"),
                    SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 2);
    CU_ASSERT_EQUAL(execute("UPDATE document SET contract = 11 WHERE id = 102"), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 11), 1);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
    CU_ASSERT_EQUAL(execute("UPDATE document SET contract = NULL WHERE id = 102"), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 11), 0);
    CU_ASSERT_EQUAL(execute("UPDATE document SET contract = 11 WHERE id = 102"), SQLITE_OK);
    CU_ASSERT_EQUAL(execute("DELETE FROM document"), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 11), 0);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 0);
}

#define DOCUMENT_102(word, contract)                                                                                   \
    word " INTO document (id, customer, contract, name, kind, date, size, media_type, content_hash)"                   \
         " SELECT 102, customer, " contract ", name, kind, date, size, media_type, content_hash FROM document"         \
         " WHERE id = 101"

static void the_count_of_documents_bears_rows_that_are_written_again(void)
{
    for (int i = 0; i < 3; i++) { /* REPLACE deletes a row without a trigger for it */
        CU_ASSERT_EQUAL(execute(DOCUMENT_102("INSERT OR REPLACE", "12")), SQLITE_OK);
        CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 2);
    }
    CU_ASSERT_EQUAL(execute(DOCUMENT_102("INSERT OR REPLACE", "11")), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 11), 1);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
    CU_ASSERT_EQUAL(execute(DOCUMENT_102("INSERT OR IGNORE", "12")), SQLITE_OK);
    CU_ASSERT_EQUAL(execute(DOCUMENT_102("INSERT", "12")), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
    CU_ASSERT_EQUAL(execute(DOCUMENT_102("INSERT OR REPLACE", "NULL")), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 11), 0);
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO contract (customer, id, number, insurer, status)"
                            " VALUES (1, 12, 'A-12', 'Nord', 'active')"),
                    SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
}

static void a_document_moves_to_another_customer_by_an_update_alone(void)
{
    CU_ASSERT_EQUAL(
        execute("INSERT OR REPLACE INTO document (id, customer, contract, name, kind, date, size, media_type,"
                " content_hash) SELECT id, 2, 21, name, kind, date, size, media_type, content_hash"
                " FROM document WHERE id = 101"),
        SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 1);
    CU_ASSERT_EQUAL(execute("UPDATE document SET customer = 2, contract = 21 WHERE id = 101"), SQLITE_OK);
    CU_ASSERT_EQUAL(count_of_contract(KARLA, 12), 0);
    CU_ASSERT_EQUAL(count_of_contract(BERND, 21), 1);
}

static int contracts_of_karla(smv_store_t *any)
{
    static const apr_int64_t karla = KARLA;
    smv_permit_t permit = {.tenant = 7, .customers = {&karla, 1}};
    smv_list_t *list;

    return any->contracts(any, &list, &permit, KARLA, pool) ? -1 : list->count;
}

static void a_request_sees_one_state(void)
{
    smv_store_t *request = store->for_request(store, pool);

    CU_ASSERT_EQUAL(contracts_of_karla(request), 2);
    CU_ASSERT_EQUAL(execute("DELETE FROM contract WHERE id = 11"), SQLITE_OK);
    CU_ASSERT_EQUAL(contracts_of_karla(store), 1);
    CU_ASSERT_EQUAL(contracts_of_karla(request), 2);
    request->release(request);
    CU_ASSERT_EQUAL(contracts_of_karla(request), 1);
}

static void a_request_that_has_read_can_write(void)
{
    smv_store_t *request = store->for_request(store, pool);
    smv_session_row_t row;

    CU_ASSERT_EQUAL(contracts_of_karla(request), 2);
    CU_ASSERT_EQUAL(execute("DELETE FROM contract WHERE id = 11"), SQLITE_OK);
    CU_ASSERT_PTR_NULL(
        request->session_create(request, hash, &(smv_session_row_t){.dn = "uid=karla", .created = 5}, pool));
    CU_ASSERT_PTR_NULL(store->session_find(store, &row, hash, pool));
}

static void a_request_keeps_one_connection_until_its_end(void)
{
    apr_pool_t *parent = pool;

    for (int i = 0; i < 20; i++) { /* the pool has three */
        smv_store_t *request;

        CU_ASSERT_EQUAL_FATAL(apr_pool_create(&pool, parent), APR_SUCCESS);
        request = store->for_request(store, pool);
        CU_ASSERT_EQUAL(contracts_of_karla(request), 2);
        CU_ASSERT_EQUAL(contracts_of_karla(request), 2);
        apr_pool_destroy(pool);
    }
    pool = parent;
}

static void a_missing_or_foreign_file_is_named(void)
{
    smv_sqlite_config_t config = {"/nowhere/portal.sqlite", 2, apr_time_from_sec(1), 0};
    smv_store_t *unused;
    const smv_error_t *error = smv_sqlite_open(&unused, &config, pool);

    CU_ASSERT_EQUAL(code_of(error), SMV_ERROR_DATABASE_AWAY);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "/nowhere/portal.sqlite"));
    CU_ASSERT_EQUAL(code_of(smv_sqlite_create(path, pool)), SMV_ERROR_DATABASE_DATA);
    CU_ASSERT_EQUAL_FATAL(execute("PRAGMA user_version = 99"), SQLITE_OK);
    config.path = path;
    error = smv_sqlite_open(&unused, &config, pool);
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "version 99"));
}

/* --- changes and their log --- */

static const smv_resource_t *const contacts = &smv_resources[SMV_RESOURCE_CONTACT];

static int number_of(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    int number = -1;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        number = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

static void set(const smv_record_t *row, const char *name, const char *text)
{
    row->values[smv_shape_field(row->shape, name)] = smv_text(text);
}

static smv_record_t *contact_named(const char *name)
{
    smv_record_t *row = smv_record_make(&smv_shape_contact, pool);

    set(row, "name", name);
    return row;
}

static smv_change_t creation_of(const char *name)
{
    return (smv_change_t){.resource = contacts, .deed = SMV_DEED_CREATE, .after = contact_named(name)};
}

static smv_change_t edit_of(apr_int64_t row, apr_int64_t version, const char *from, const char *to)
{
    return (smv_change_t){.resource = contacts,
                          .deed = SMV_DEED_EDIT,
                          .row = row,
                          .version = version,
                          .before = contact_named(from),
                          .after = contact_named(to)};
}

static smv_change_t deletion_of(apr_int64_t row, apr_int64_t version, const char *name)
{
    return (smv_change_t){
        .resource = contacts, .deed = SMV_DEED_DELETE, .row = row, .version = version, .before = contact_named(name)};
}

static smv_actor_t actor(const char *login)
{
    return (smv_actor_t){login, "Karla Kunde", "192.0.2.7", "page", 0, apr_time_from_sec(1000)};
}

static const smv_error_t *note(smv_event_kind_e kind, const char *subject, apr_int64_t customer, apr_int64_t row,
                               apr_int64_t tenant, const smv_actor_t *who)
{
    const smv_event_t event = {.kind = kind, .subject = subject, .customer = customer, .row = row};

    return store->note(store, &event, tenant, who, pool);
}

static int make_as(const smv_actor_t *who, smv_change_t *changes, int count, apr_int64_t customer)
{
    smv_permit_t permit = {.tenant = 7, .customers = {&customer, 1}};

    return code_of(store->change(store, changes, count, &permit, who, pool));
}

static int make(smv_change_t *changes, int count, apr_int64_t customer)
{
    smv_actor_t karla = actor("karla");

    return make_as(&karla, changes, count, customer);
}

/* Contact 1 of Karla, named Anna. */
static void add_anna(void)
{
    smv_change_t anna = creation_of("Anna");

    CU_ASSERT_EQUAL_FATAL(make(&anna, 1, KARLA), 0);
    CU_ASSERT_EQUAL_FATAL(anna.row, 1);
}

static void a_change_and_its_log_are_one(void)
{
    smv_change_t edit = edit_of(1, 1, "Anna", "Berta"), deletion = deletion_of(1, 2, "Berta");

    add_anna();
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact WHERE customer = 1 AND name = 'Anna' AND version = 1"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE id = 1 AND time = 1000 AND customer = 1"
                              " AND resource = 'contact' AND row = 1 AND kind = 'create' AND login = 'karla'"
                              " AND name = 'Karla Kunde' AND address = '192.0.2.7' AND channel = 'page'"
                              " AND is_staff = 0 AND old IS NULL AND new = '{\"name\":\"Anna\"}'"),
                    1);
    CU_ASSERT_EQUAL(make(&edit, 1, KARLA), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact WHERE id = 1 AND name = 'Berta' AND version = 2"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE id = 2 AND kind = 'edit' AND row = 1"
                              " AND old = '{\"name\":\"Anna\"}' AND new = '{\"name\":\"Berta\"}'"),
                    1);
    CU_ASSERT_EQUAL(make(&deletion, 1, KARLA), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE id = 3 AND kind = 'delete'"
                              " AND old = '{\"name\":\"Berta\"}' AND new IS NULL"),
                    1);
}

static void changes_are_made_all_or_none(void)
{
    smv_change_t both[] = {creation_of("Anna"), edit_of(99, 1, "Niemand", "Jemand")};
    smv_actor_t stranger = actor("karla");

    CU_ASSERT_EQUAL(make(both, 2, KARLA), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change"), 0);
    stranger.channel = "fax"; /* which the log refuses */
    CU_ASSERT_EQUAL(make_as(&stranger, both, 1, KARLA), SMV_ERROR_DATABASE_DATA);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 0);
    both[1] = creation_of("Berta");
    CU_ASSERT_EQUAL(make(both, 2, KARLA), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 2);
    CU_ASSERT_EQUAL(number_of("SELECT max(id) FROM change"), 2); /* nothing left a gap */
}

static void a_row_is_changed_in_the_version_that_was_seen(void)
{
    smv_change_t first = edit_of(1, 1, "Anna", "Berta"), second = edit_of(1, 1, "Anna", "Cäcilie");
    smv_change_t deletion = deletion_of(1, 1, "Anna");

    add_anna();
    CU_ASSERT_EQUAL(make(&first, 1, KARLA), 0);
    CU_ASSERT_EQUAL(make(&second, 1, KARLA), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(make(&deletion, 1, KARLA), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact WHERE name = 'Berta' AND version = 2"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change"), 2);
    deletion.version = 2;
    CU_ASSERT_EQUAL(make(&deletion, 1, KARLA), 0);
    CU_ASSERT_EQUAL(make(&deletion, 1, KARLA), SMV_ERROR_CONFLICT);
}

static void a_submission_counts_once_for_its_sender_and_customer(void)
{
    smv_change_t first = creation_of("Anna"), again, other = creation_of("Berta");
    smv_actor_t bernd = actor("bernd");

    first.submission = other.submission = "key-1";
    again = first;
    CU_ASSERT_EQUAL(make(&first, 1, KARLA), 0);
    CU_ASSERT_EQUAL(first.is_repeated, 0);
    CU_ASSERT_EQUAL(make(&again, 1, KARLA), 0);
    CU_ASSERT_EQUAL(again.is_repeated, 1);
    CU_ASSERT_EQUAL(again.row, first.row);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change"), 1);
    CU_ASSERT_EQUAL(make(&other, 1, NOBODY), 0);
    CU_ASSERT_EQUAL(other.is_repeated, 0);
    CU_ASSERT_NOT_EQUAL(other.row, first.row);
    CU_ASSERT_EQUAL(make_as(&bernd, &other, 1, KARLA), 0);
    CU_ASSERT_EQUAL(other.is_repeated, 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 3);
}

static void a_foreign_row_is_not_changed(void)
{
    static const apr_int64_t bernd = BERND;
    smv_permit_t permit = {.tenant = 7, .customers = {&bernd, 1}}, all = {.tenant = 7, .all = 1};
    smv_change_t edit = edit_of(1, 1, "Anna", "Berta"), deletion = deletion_of(1, 1, "Anna");
    smv_actor_t karla = actor("karla");
    const smv_record_t *row;
    smv_list_t *list;

    add_anna();
    CU_ASSERT_EQUAL(make(&edit, 1, BERND), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(make(&deletion, 1, BERND), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(store->row(store, &row, &permit, contacts, 1, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL_FATAL(store->rows(store, &list, &permit, contacts, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_EQUAL(code_of(store->change(store, &edit, 1, &all, &karla, pool)), SMV_ERROR_INTERNAL);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact WHERE name = 'Anna' AND version = 1"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change"), 1);
}

static void a_foreign_tenant_changes_and_reads_nothing(void)
{
    static const apr_int64_t karla = KARLA;
    smv_permit_t foreign = {.tenant = 8, .customers = {&karla, 1}}, all = {.tenant = 8, .all = 1};
    smv_change_t changes[] = {creation_of("Eva"), edit_of(1, 1, "Anna", "Berta"), deletion_of(1, 1, "Anna")};
    smv_actor_t who = actor("karla");
    smv_subject_t subject;
    smv_list_t *list;

    add_anna();
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_PTR_NOT_NULL(store->change(store, &changes[i], 1, &foreign, &who, pool));
    }
    CU_ASSERT_EQUAL(code_of(note(SMV_EVENT_READ, "show_contact", KARLA, 1, 8, &who)), SMV_ERROR_INTERNAL);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact WHERE name = 'Anna' AND version = 1"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM change)"
                              " + (SELECT count(*) FROM audit)"),
                    3);
    CU_ASSERT_EQUAL(code_of(store->locate_row(store, &subject, contacts, 8, 1, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL(store->customer_changes(store, &list, &foreign, 0, 10, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_PTR_NULL(store->change_values(store, &list, &foreign, 0, 99, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_PTR_NULL(store->changes(store, &list, &all, 0, 10, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_PTR_NULL(store->inbox(store, &list, &all, 0, 0, 10, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_EQUAL(code_of(store->mark_change(store, &all, 1, 1, &who, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->locate_row(store, &subject, contacts, 7, 1, pool)), 0);
    CU_ASSERT_EQUAL(subject.customer, KARLA);
    CU_ASSERT_EQUAL(subject.broker, 501);
}

static const smv_error_t *fail_to_prepare(const smv_change_t *change, apr_pool_t *into)
{
    ++*(int *)change->commit_data;
    return smv_error(into, SMV_ERROR_STORAGE, "no room");
}

static void what_cannot_be_prepared_leaves_nothing(void)
{
    smv_change_t both[] = {creation_of("Anna"), creation_of("Berta")};
    int times = 0;

    both[1].before_commit = fail_to_prepare;
    both[1].commit_data = &times;
    CU_ASSERT_EQUAL(make(both, 2, KARLA), SMV_ERROR_STORAGE);
    CU_ASSERT_EQUAL(times, 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM contact"), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change"), 0);
    both[1].before_commit = NULL;
    CU_ASSERT_EQUAL(make(both, 2, KARLA), 0);
}

static void the_logs_stay_as_they_were_written(void)
{
    static const char *const columns[] = {"id = 5",        "time = 5",        "customer = 2", "resource = 'x'",
                                          "row = 5",       "kind = 'edit'",   "login = 'x'",  "name = 'x'",
                                          "address = 'x'", "channel = 'api'", "is_staff = 1", "old = '{}'",
                                          "new = '{}'",    "submission = 'x'"};
    smv_actor_t who = actor("karla");
    smv_change_t anna = creation_of("Anna");

    anna.submission = "key-1";
    CU_ASSERT_EQUAL(make(&anna, 1, KARLA), 0);
    CU_ASSERT_PTR_NULL(note(SMV_EVENT_READ, "show_contact", KARLA, 1, 7, &who));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        CU_ASSERT_EQUAL(execute(apr_pstrcat(pool, "UPDATE change SET ", columns[i], NULL)), SQLITE_CONSTRAINT);
    }
    CU_ASSERT_EQUAL(execute("DELETE FROM change"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO change (id, time, customer, resource, row, kind, login, name,"
                            " address, channel, is_staff) VALUES (1, 1, 1, 'x', 1, 'edit', 'x', 'x', 'x', 'api', 0)"),
                    SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO change (time, customer, resource, row, kind, login, name, address,"
                            " channel, is_staff, submission)"
                            " VALUES (1, 1, 'contact', 1, 'edit', 'karla', 'x', 'x', 'api', 0, 'key-1')"),
                    SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("DELETE FROM audit"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE audit SET login = 'x'"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO audit (id, time, kind, subject, login, name, address, channel)"
                            " VALUES (1, 1, 'read', 'x', 'x', 'x', 'x', 'api')"),
                    SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE id = 1 AND login = 'karla'"), 1);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit WHERE login = 'karla'"), 2);
    CU_ASSERT_EQUAL(execute("UPDATE change SET done_time = 5, done_by = 'x'"), SQLITE_OK);
}

static void a_deleted_key_is_never_given_again(void)
{
    smv_change_t deletion = deletion_of(1, 1, "Anna"), next = creation_of("Berta");

    add_anna();
    CU_ASSERT_EQUAL(make(&deletion, 1, KARLA), 0);
    CU_ASSERT_EQUAL(make(&next, 1, KARLA), 0);
    CU_ASSERT_EQUAL(next.row, 2);
}

/* @return the ids of a list, "2 1 " */
static const char *ids(const smv_list_t *list)
{
    const char *text = "";

    for (int i = 0; i < list->count; i++) {
        text = apr_psprintf(pool, "%s%d ", text, (int)list->records[i].values[0].number);
    }
    return text;
}

static void a_customer_s_log_tells_the_newest_first(void)
{
    static const apr_int64_t karla = KARLA;
    smv_permit_t permit = {.tenant = 7, .customers = {&karla, 1}};
    smv_change_t edit = edit_of(1, 1, "Anna", "Berta"), foreign = creation_of("Fremd");
    smv_actor_t later = actor("karla");
    smv_list_t *list;

    add_anna();
    CU_ASSERT_EQUAL(make(&foreign, 1, BERND), 0);
    later.now = apr_time_from_sec(2000);
    CU_ASSERT_EQUAL(make_as(&later, &edit, 1, KARLA), 0);
    CU_ASSERT_PTR_NULL_FATAL(store->customer_changes(store, &list, &permit, 0, 10, pool));
    CU_ASSERT_STRING_EQUAL(ids(list), "3 1 ");
    CU_ASSERT_STRING_EQUAL(list->records[0].values[SMV_CHANGE_NEW].as.text, "{\"name\":\"Berta\"}");
    CU_ASSERT_PTR_NULL_FATAL(store->customer_changes(store, &list, &permit, 2000, 10, pool));
    CU_ASSERT_STRING_EQUAL(ids(list), "1 ");
    CU_ASSERT_PTR_NULL_FATAL(store->change_values(store, &list, &permit, 1, 3, pool));
    CU_ASSERT_STRING_EQUAL(ids(list), "1 3 ");
    CU_ASSERT_STRING_EQUAL(list->records[1].values[SMV_CHANGE_VALUE_FIELD].as.text, "name");
    CU_ASSERT_STRING_EQUAL(list->records[1].values[SMV_CHANGE_VALUE_OLD].as.text, "Anna");
    CU_ASSERT_STRING_EQUAL(list->records[1].values[SMV_CHANGE_VALUE_NEW].as.text, "Berta");
    CU_ASSERT_FALSE(list->records[0].values[SMV_CHANGE_VALUE_OLD].is_present);
}

static void what_is_noted_is_told_by_customer(void)
{
    static const apr_int64_t customer = KARLA;
    smv_permit_t karla = {.tenant = 7, .customers = {&customer, 1}};
    smv_actor_t ines = actor("ines");
    smv_list_t *list;

    CU_ASSERT_PTR_NULL(note(SMV_EVENT_READ, "show_customer", KARLA, KARLA, 7, &ines));
    ines.now = apr_time_from_sec(2000);
    CU_ASSERT_PTR_NULL(note(SMV_EVENT_VIEW_AS, "show_bank_account", KARLA, 8, 7, &ines));
    CU_ASSERT_PTR_NULL(note(SMV_EVENT_READ, "show_customer", BERND, BERND, 7, &ines));
    CU_ASSERT_PTR_NULL(note(SMV_EVENT_SIGN_IN, "session", 0, 0, 7, &ines));
    CU_ASSERT_PTR_NULL_FATAL(store->readings(store, &list, &karla, 0, 10, pool));
    CU_ASSERT_STRING_EQUAL(ids(list), "2 1 ");
    CU_ASSERT_STRING_EQUAL(list->records[0].values[SMV_READING_KIND].as.text, "view_as");
    CU_ASSERT_STRING_EQUAL(list->records[0].values[SMV_READING_SUBJECT].as.text, "show_bank_account");
    CU_ASSERT_STRING_EQUAL(list->records[0].values[SMV_READING_LOGIN].as.text, "ines");
    CU_ASSERT_EQUAL(list->records[0].values[SMV_READING_ROW].number, 8);
    CU_ASSERT_PTR_NULL_FATAL(store->readings(store, &list, &karla, 2000, 10, pool));
    CU_ASSERT_STRING_EQUAL(ids(list), "1 ");
}

static const char *inbox(const smv_permit_t *permit, int is_done, apr_int64_t before, int limit)
{
    smv_list_t *list;

    CU_ASSERT_PTR_NULL_FATAL(store->inbox(store, &list, permit, before, is_done, limit, pool));
    return ids(list);
}

static void what_customers_changed_is_marked_as_done(void)
{
    static const apr_int64_t brokers[] = {501, 502};
    smv_permit_t all = {.tenant = 7, .all = 1}, other = {.tenant = 7, .brokers = {&brokers[1], 1}};
    smv_change_t changes[] = {creation_of("Anna"), creation_of("Berta"), creation_of("Cäcilie")};
    smv_actor_t ines = actor("ines"), karla = actor("karla");

    ines.is_staff = 1;
    CU_ASSERT_EQUAL(make_as(&karla, &changes[0], 1, KARLA), 0);
    CU_ASSERT_EQUAL(make_as(&karla, &changes[1], 1, KARLA), 0);
    CU_ASSERT_EQUAL(make_as(&ines, &changes[2], 1, KARLA), 0);
    CU_ASSERT_STRING_EQUAL(inbox(&all, 0, 0, 10), "2 1 ");
    CU_ASSERT_STRING_EQUAL(inbox(&all, 0, 2, 10), "1 ");
    CU_ASSERT_STRING_EQUAL(inbox(&all, 0, 0, 1), "2 1 "); /* one more, to know that there is more */
    CU_ASSERT_STRING_EQUAL(inbox(&other, 0, 0, 10), "");
    CU_ASSERT_EQUAL(code_of(store->mark_change(store, &other, 1, 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->mark_change(store, &all, 3, 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->mark_change(store, &all, 99, 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL(store->mark_change(store, &all, 1, 1, &ines, pool));
    CU_ASSERT_STRING_EQUAL(inbox(&all, 0, 0, 10), "2 ");
    CU_ASSERT_STRING_EQUAL(inbox(&all, 1, 0, 10), "1 ");
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE id = 1 AND done_time = 1000 AND done_by <> ''"), 1);
    CU_ASSERT_PTR_NULL(store->mark_change(store, &all, 1, 0, &ines, pool));
    CU_ASSERT_STRING_EQUAL(inbox(&all, 0, 0, 10), "2 1 ");
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM change WHERE done_time IS NOT NULL OR done_by IS NOT NULL"), 0);
}

#define WRITERS 2
#define CHANGES_EACH 40

typedef struct writer_t {
    apr_int64_t customer;
    int mistakes;
} writer_t;

static void *APR_THREAD_FUNC write_often(apr_thread_t *thread, void *data)
{
    writer_t *writer = data;
    smv_permit_t permit = {.tenant = 7, .customers = {&writer->customer, 1}};
    smv_actor_t who = actor("karla");
    apr_pool_t *own;

    (void)thread;
    apr_pool_create(&own, NULL);
    for (int i = 0; i < CHANGES_EACH; i++) {
        smv_record_t *row = smv_record_make(&smv_shape_contact, own);
        smv_change_t change = {.resource = contacts, .deed = SMV_DEED_CREATE, .after = row};

        set(row, "name", "Anna");
        writer->mistakes += store->change(store, &change, 1, &permit, &who, own) != NULL;
    }
    apr_pool_destroy(own);
    return NULL;
}

/* Who asks for what came after the last id seen misses nothing. */
static int follow(int last)
{
    smv_permit_t all = {.tenant = 7, .all = 1};
    smv_list_t *list;

    CU_ASSERT_PTR_NULL_FATAL(store->changes(store, &list, &all, last, 6, pool));
    CU_ASSERT_TRUE(list->count <= 7);
    for (int i = 0; i < list->count; i++) {
        CU_ASSERT_EQUAL(list->records[i].values[SMV_CHANGE_ID].number, last + 1);
        last++;
    }
    return last;
}

static void the_feed_misses_nothing_while_two_write(void)
{
    smv_sqlite_config_t config = {path, 3, apr_time_from_sec(30), 0};
    apr_thread_t *threads[WRITERS];
    writer_t writers[WRITERS];
    apr_time_t end = apr_time_now() + apr_time_from_sec(60);
    apr_status_t status;
    int last = 0;

    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_open(&store, &config, pool));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer_t){KARLA + i, 0};
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, write_often, &writers[i], pool), APR_SUCCESS);
    }
    while (last < WRITERS * CHANGES_EACH && apr_time_now() < end) {
        last = follow(last);
    }
    for (int i = 0; i < WRITERS; i++) {
        apr_thread_join(&status, threads[i]);
        CU_ASSERT_EQUAL(writers[i].mistakes, 0);
    }
    CU_ASSERT_EQUAL(last, WRITERS * CHANGES_EACH);
    CU_ASSERT_EQUAL(number_of("SELECT count(DISTINCT customer) FROM change"), WRITERS);
}

/* --- the audit log --- */

static apr_int64_t broken_row(void)
{
    smv_audit_check_t check;

    CU_ASSERT_PTR_NULL_FATAL(store->audit_verify(store, &check, pool));
    CU_ASSERT_EQUAL(check.fault == NULL, check.broken_id == 0);
    return check.broken_id;
}

static void fill_audit(int count)
{
    smv_actor_t who = actor("karla");

    for (int i = 0; i < count; i++) {
        CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", KARLA, i + 1, 7, &who));
    }
}

static void whatever_is_done_to_the_audit_log_is_found(void)
{
    static const struct {
        const char *sql;
        int row;
    } deeds[] = {{"UPDATE audit SET login = 'vera' WHERE id = 3", 3},
                 {"UPDATE audit SET time = time + 1 WHERE id = 1", 1},
                 {"UPDATE audit SET detail = '{}' WHERE id = 2", 2},
                 {"UPDATE audit SET customer = NULL WHERE id = 6", 6},
                 {"UPDATE audit SET subject = 'show_contacts', object = 't0:;' WHERE id = 6", 6},
                 {"UPDATE audit SET hash = zeroblob(32) WHERE id = 4", 4},
                 {"DELETE FROM audit WHERE id = 1", 2},
                 {"DELETE FROM audit WHERE id IN (3, 4)", 5},
                 {"DELETE FROM audit WHERE id = 3; UPDATE audit SET id = id - 1 WHERE id > 3", 3},
                 {"UPDATE audit SET id = 99 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
                  "UPDATE audit SET id = 3 WHERE id = 99",
                  2},
                 {"INSERT INTO audit SELECT 8, time, kind, subject, object, customer, row, login, name, address,"
                  " channel, detail, hash FROM audit WHERE id = 7",
                  8},
                 {"UPDATE audit_anchor SET id = 2; DELETE FROM audit WHERE id <= 2", 3},
                 {"UPDATE change SET new = '{}' WHERE id = 1", 7},
                 {"DELETE FROM change", 7}};
    smv_change_t anna = creation_of("Anna");

    fill_audit(6);
    CU_ASSERT_EQUAL(make(&anna, 1, KARLA), 0);
    CU_ASSERT_EQUAL(broken_row(), 0);
    CU_ASSERT_EQUAL_FATAL(
        execute("DROP TRIGGER audit_stays; DROP TRIGGER audit_is_as_it_was; DROP TRIGGER audit_is_added;"
                "DROP TRIGGER change_stays; DROP TRIGGER change_is_as_it_was;"
                "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE made AS SELECT * FROM change"),
        SQLITE_OK);
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        CU_ASSERT_EQUAL_FATAL(execute(deeds[i].sql), SQLITE_OK);
        CU_ASSERT_EQUAL(broken_row(), deeds[i].row);
        CU_ASSERT_EQUAL_FATAL(execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;"
                                      "UPDATE audit_anchor SET id = 0; DELETE FROM change;"
                                      "INSERT INTO change SELECT * FROM made"),
                              SQLITE_OK);
        CU_ASSERT_EQUAL_FATAL(broken_row(), 0);
    }
}

static void a_change_and_its_row_of_the_audit_log_are_one(void)
{
    smv_change_t both[] = {creation_of("Anna"), creation_of("Berta")};
    int times = 0;

    both[1].before_commit = fail_to_prepare;
    both[1].commit_data = &times;
    CU_ASSERT_EQUAL(make(both, 2, KARLA), SMV_ERROR_STORAGE);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit"), 0);
    both[1].before_commit = NULL;
    CU_ASSERT_EQUAL(make(both, 2, KARLA), 0);
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit WHERE kind = 'create' AND subject = 'contact'"
                              " AND json_extract(detail, '$.change') IN (SELECT id FROM change)"),
                    2);
    CU_ASSERT_EQUAL(broken_row(), 0);
}

static void what_is_older_than_the_retention_goes_and_the_rest_is_whole(void)
{
    const smv_sqlite_config_t config = {path, 2, apr_time_from_sec(1), (apr_int64_t)10 * 86400};
    smv_actor_t who = actor("karla");
    apr_time_t day = apr_time_from_sec(86400), begin = who.now;

    for (int i = 0; i < 8; i++) {
        who.now = begin + i * day;
        CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", KARLA, i, 7, &who));
    }
    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_open(&store, &config, pool));
    who.now = begin + 11 * day - 1; /* a day of grace */
    CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", KARLA, 9, 7, &who));
    CU_ASSERT_EQUAL(number_of("SELECT min(id) FROM audit"), 1);
    who.now = begin + 13 * day;
    CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", KARLA, 9, 7, &who));
    CU_ASSERT_EQUAL(number_of("SELECT min(id) FROM audit"), 4);
    CU_ASSERT_EQUAL(number_of("SELECT id FROM audit_anchor"), 3);
    CU_ASSERT_EQUAL(number_of("SELECT row FROM audit WHERE kind = 'delete' AND subject = 'audit'"), 3);
    CU_ASSERT_EQUAL(broken_row(), 0);
    who.now = begin + 400 * day;
    store = store->for_request(store, pool); /* as requests note */
    CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", KARLA, 9, 7, &who));
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit"), 2);
    CU_ASSERT_EQUAL(broken_row(), 0);
    CU_ASSERT_EQUAL(execute("DELETE FROM audit"), SQLITE_CONSTRAINT);
}

static int count_audit(const smv_permit_t *permit, smv_audit_filter_t filter, int limit)
{
    smv_list_t *list;

    filter.to = filter.to ? filter.to : APR_INT64_MAX;
    filter.before = filter.before ? filter.before : APR_INT64_MAX;
    return store->audit(store, &list, permit, &filter, limit, pool) ? -1 : list->count;
}

static void the_audit_log_is_filtered_and_read_within_reach(void)
{
    const apr_int64_t broker = 501;
    const smv_permit_t all = {.tenant = 7, .all = 1}, foreign = {.tenant = 8, .all = 1};
    const smv_permit_t some = {.tenant = 7, .brokers = {&broker, 1}};
    smv_actor_t karla = actor("karla"), vera = actor("vera");

    vera.now += apr_time_from_sec(100);
    fill_audit(5);
    CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_SIGN_IN, "session", 0, 0, 7, &vera));
    CU_ASSERT_PTR_NULL_FATAL(note(SMV_EVENT_READ, "show_contact", BERND, 1, 7, &vera));
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.login = NULL}, 10), 7);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.login = NULL}, 3), 4);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.login = "vera"}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA}, 10), 5);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA, .login = "vera"}, 10), 0);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.kind = "sign_in"}, 10), 1);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.from = apr_time_sec(vera.now)}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.to = apr_time_sec(karla.now)}, 10), 5);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.to = apr_time_sec(karla.now), .before = 3}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&some, (smv_audit_filter_t){.login = NULL}, 10), 5);
    CU_ASSERT_EQUAL(count_audit(&foreign, (smv_audit_filter_t){.login = NULL}, 10), 0);
}

static void a_list_is_found_by_each_customer_that_it_showed(void)
{
    const smv_sqlite_config_t config = {path, 2, apr_time_from_sec(1), (apr_int64_t)10 * 86400};
    const apr_int64_t broker = 501, shown[] = {KARLA, BERND};
    const smv_permit_t all = {.tenant = 7, .all = 1}, some = {.tenant = 7, .brokers = {&broker, 1}};
    const smv_event_t list = {.kind = SMV_EVENT_READ, .subject = "list_customers", .detail = "{}", .shown = {shown, 2}};
    smv_actor_t who = actor("vera");

    fill_audit(2);
    CU_ASSERT_PTR_NULL_FATAL(store->note(store, &list, 7, &who, pool));
    who.now += apr_time_from_sec(1);
    CU_ASSERT_PTR_NULL_FATAL(store->note(store, &list, 7, &who, pool));
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = BERND}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA}, 10), 4);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = NOBODY}, 10), 0);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA, .login = "vera"}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA, .kind = "edit"}, 10), 0);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA, .to = 1000, .before = 3}, 10), 2);
    CU_ASSERT_EQUAL(count_audit(&all, (smv_audit_filter_t){.customer = KARLA, .from = 1001}, 10), 1);
    CU_ASSERT_EQUAL(count_audit(&some, (smv_audit_filter_t){.customer = KARLA}, 10), 2); /* it names others, too */
    CU_ASSERT_EQUAL(broken_row(), 0);
    CU_ASSERT_EQUAL(execute("DELETE FROM audit_shown"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("UPDATE audit_shown SET customer = 3"), SQLITE_CONSTRAINT);
    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_open(&store, &config, pool));
    who.now += apr_time_from_sec((apr_int64_t)20 * 86400);
    CU_ASSERT_PTR_NULL_FATAL(store->note(store, &list, 7, &who, pool));
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit_shown"), 2);
}

#define NOTERS 12
#define NOTES_EACH 40

typedef struct noter_t {
    apr_int64_t tenant;
    int written;
} noter_t;

static void *APR_THREAD_FUNC note_often(apr_thread_t *thread, void *data)
{
    const smv_event_t event = {.kind = SMV_EVENT_READ, .subject = "show_contact", .customer = KARLA};
    noter_t *noter = data;
    smv_actor_t who = actor("karla");

    (void)thread;
    for (int i = 0; i < NOTES_EACH; i++) {
        smv_store_t *of_request;
        apr_pool_t *own;

        apr_pool_create(&own, NULL);
        of_request = store->for_request(store, own);
        noter->written += store->note(of_request, &event, noter->tenant, &who, own) == NULL;
        apr_pool_destroy(own);
    }
    return NULL;
}

/* The thread of another tenant, which is refused each time, keeps nobody else from it. */
static void notes_of_many_threads_are_all_written(void)
{
    smv_sqlite_config_t config = {path, 3, apr_time_from_sec(30), 0};
    apr_thread_t *threads[NOTERS];
    noter_t noters[NOTERS];
    apr_status_t status;

    CU_ASSERT_PTR_NULL_FATAL(smv_sqlite_open(&store, &config, pool));
    for (int i = 0; i < NOTERS; i++) {
        noters[i] = (noter_t){i ? 7 : 8, 0};
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, note_often, &noters[i], pool), APR_SUCCESS);
    }
    for (int i = 0; i < NOTERS; i++) {
        apr_thread_join(&status, threads[i]);
        CU_ASSERT_EQUAL(noters[i].written, i ? NOTES_EACH : 0);
    }
    CU_ASSERT_EQUAL(number_of("SELECT count(*) FROM audit"), (NOTERS - 1) * NOTES_EACH);
    CU_ASSERT_EQUAL(broken_row(), 0);
}

static void a_note_that_cannot_be_written_is_an_error(void)
{
    smv_actor_t who = actor("karla");
    sqlite3 *other;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &other), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(code_of(note(SMV_EVENT_READ, "show_contact", KARLA, 1, 7, &who)), SMV_ERROR_DATABASE_BUSY);
    sqlite3_close(other);
    CU_ASSERT_EQUAL(code_of(note(SMV_EVENT_READ, "show_contact", KARLA, 1, 7, &who)), 0);
}

/* --- the start screen --- */

static const smv_record_t *screen_of(apr_int64_t which)
{
    const smv_record_t *screen = NULL;

    CU_ASSERT_PTR_NULL_FATAL(store->screen(store, &screen, 7, which, pool));
    return screen;
}

static const char *title_of(apr_int64_t which)
{
    return screen_of(which)->values[SMV_SCREEN_FIRST_INPUT].as.text;
}

static int save_title(const char *title, apr_int64_t version, const smv_error_t *(*before_commit)(void *))
{
    smv_record_t *after = smv_record_make(&smv_shape_start_screen, pool);
    const smv_record_t *draft = screen_of(SMV_SCREEN_DRAFT);
    smv_screen_change_t change = {
        .after = after, .version = version, .detail = "{\"fields\":[]}", .before_commit = before_commit};
    smv_actor_t karla = actor("karla");

    memcpy(after->values, draft->values, sizeof *after->values * (size_t)after->shape->count);
    after->values[SMV_SCREEN_FIRST_INPUT] = smv_text(title);
    return code_of(store->screen_save(store, &change, 7, &karla, pool));
}

static int publish(apr_int64_t which, apr_int64_t version)
{
    smv_actor_t karla = actor("karla");
    apr_int64_t made = 0;

    return code_of(store->screen_publish(store, &made, which, version, 7, &karla, pool));
}

static int events(const char *where)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    int count = -1;

    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_prepare_v2(db, apr_pstrcat(pool, "SELECT count(*) FROM ", where, NULL), -1, &statement, NULL);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        count = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void a_start_screen_is_saved_in_the_version_that_was_seen(void)
{
    const smv_record_t *screen;

    CU_ASSERT_EQUAL(execute("UPDATE firm SET welcome_title = 'Willkommen'"), SQLITE_OK);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Willkommen");
    CU_ASSERT_EQUAL(code_of(store->screen(store, &screen, 7, SMV_SCREEN_PUBLISHED, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(save_title("Eins", 1, NULL), 0);
    CU_ASSERT_EQUAL(save_title("Zwei", 1, NULL), SMV_ERROR_CONFLICT);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Eins");
    CU_ASSERT_EQUAL(screen_of(SMV_SCREEN_DRAFT)->values[SMV_SCREEN_VERSION].number, 2);
    CU_ASSERT_EQUAL(execute("UPDATE firm SET welcome_title = 'Anders'"), SQLITE_OK);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Eins");
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO firm (tenant, name) VALUES (7, 'Firma')"), SQLITE_OK);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Eins");
}

static void what_is_published_stays(void)
{
    smv_actor_t karla = actor("karla");
    smv_list_t *list;
    const smv_record_t *firm;

    CU_ASSERT_EQUAL(save_title("Eins", 1, NULL), 0);
    CU_ASSERT_EQUAL(publish(SMV_SCREEN_DRAFT, 1), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(publish(SMV_SCREEN_DRAFT, 2), 0);
    CU_ASSERT_EQUAL(save_title("Zwei", 2, NULL), 0);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_PUBLISHED), "Eins");
    CU_ASSERT_EQUAL(publish(SMV_SCREEN_DRAFT, 3), 0);
    CU_ASSERT_EQUAL(publish(1, 0), 0);
    CU_ASSERT_EQUAL(publish(9, 0), SMV_ERROR_CONFLICT);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_PUBLISHED), "Eins");
    CU_ASSERT_EQUAL(screen_of(SMV_SCREEN_PUBLISHED)->values[SMV_SCREEN_RESTORED].number, 1);
    CU_ASSERT_STRING_EQUAL(title_of(2), "Zwei");
    CU_ASSERT_PTR_NULL(store->publications(store, &list, 7, 2, pool));
    CU_ASSERT_EQUAL(list->count, 2);
    CU_ASSERT_EQUAL(list->records[0].values[0].number, 3);
    CU_ASSERT_PTR_NULL(store->firm(store, &firm, 7, pool));
    CU_ASSERT_STRING_EQUAL(firm->values[SMV_FIRM_WELCOME_TITLE].as.text, "Eins");
    CU_ASSERT_EQUAL(firm->values[SMV_FIRM_PUBLICATION].number, 3);
    CU_ASSERT_EQUAL(code_of(store->screen_reset(store, 9, 3, 7, &karla, pool)), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(store->screen_reset(store, 3, 3, 7, &karla, pool)), 0);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Eins");
    CU_ASSERT_EQUAL(execute("UPDATE start_screen SET welcome_title = 'x' WHERE id = 1"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("DELETE FROM start_screen"), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(execute("INSERT OR REPLACE INTO start_screen (id) VALUES (1)"), SQLITE_CONSTRAINT);
}

static const smv_error_t *fail(void *nothing)
{
    (void)nothing;
    return smv_error(pool, SMV_ERROR_STORAGE, "no room");
}

static void a_start_screen_and_its_row_of_the_audit_log_are_one(void)
{
    smv_audit_check_t check;

    CU_ASSERT_EQUAL(save_title("Eins", 1, fail), SMV_ERROR_STORAGE);
    CU_ASSERT_PTR_NULL(screen_of(SMV_SCREEN_DRAFT)->values[SMV_SCREEN_FIRST_INPUT].as.text);
    CU_ASSERT_EQUAL(events("audit"), 0);
    CU_ASSERT_EQUAL(save_title("Eins", 1, NULL), 0);
    CU_ASSERT_EQUAL(publish(SMV_SCREEN_DRAFT, 2), 0);
    CU_ASSERT_EQUAL(events("audit WHERE kind = 'edit' AND subject = 'start_screen' AND row IS NULL"), 1);
    CU_ASSERT_EQUAL(events("audit WHERE kind = 'publish' AND subject = 'start_screen' AND row = 1"), 1);
    CU_ASSERT_PTR_NULL(store->audit_verify(store, &check, pool));
    CU_ASSERT_PTR_NULL(check.fault);
    CU_ASSERT_EQUAL(execute("DROP TRIGGER audit_is_added; CREATE TRIGGER full BEFORE INSERT ON audit BEGIN"
                            " SELECT RAISE(ABORT, 'full'); END"),
                    SQLITE_OK);
    CU_ASSERT_NOT_EQUAL(save_title("Zwei", 2, NULL), 0);
    CU_ASSERT_NOT_EQUAL(publish(SMV_SCREEN_DRAFT, 2), 0);
    CU_ASSERT_STRING_EQUAL(title_of(SMV_SCREEN_DRAFT), "Eins");
    CU_ASSERT_EQUAL(events("start_screen"), 2);
}

static void a_foreign_tenant_has_no_start_screen(void)
{
    smv_actor_t karla = actor("karla");
    const smv_record_t *screen;
    smv_list_t *list;
    apr_int64_t made;

    CU_ASSERT_EQUAL(publish(SMV_SCREEN_DRAFT, 1), 0);
    CU_ASSERT_EQUAL(code_of(store->screen(store, &screen, 8, SMV_SCREEN_DRAFT, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->screen(store, &screen, 8, 1, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL(store->publications(store, &list, 8, 10, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_EQUAL(code_of(store->screen_publish(store, &made, SMV_SCREEN_DRAFT, 1, 8, &karla, pool)),
                    SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(store->screen_reset(store, 1, 1, 8, &karla, pool)), SMV_ERROR_CONFLICT);
}

/* --- documents that are nobody's yet --- */

static const smv_permit_t whole_firm = {.tenant = 7, .all = 1};

/* 1 to 3 wait. */
static void deliver(void)
{
    CU_ASSERT_EQUAL_FATAL(
        execute("INSERT INTO delivery (id, time, kind, file, content_hash, created, updated, kept)"
                " VALUES (1, 1700000000, 'index', 'index.csv', '', 3, 0, 0);"
                "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3)"
                " INSERT INTO unassigned_document (id, delivery, name, kind, date, size, media_type, content_hash,"
                " said_contract, reason) SELECT i, 1, i || '.pdf', 'letter', '2026-05-01', i, 'application/pdf', '" HASH
                "', 'A-11', 'ambiguous' FROM n"),
        SQLITE_OK);
}

static const char *waiting(smv_permit_t permit, apr_int64_t after, int limit)
{
    smv_list_t *list;
    const char *text = "";
    const smv_error_t *error = store->unassigned(store, &list, &permit, after, limit, pool);

    for (int i = 0; !error && i < list->count; i++) {
        text = apr_psprintf(pool, "%s%d ", text, (int)list->records[i].values[SMV_UNASSIGNED_ID].number);
    }
    return error ? "error" : text;
}

static int count_dismissed(apr_int64_t since)
{
    smv_list_t *list;

    return store->dismissed(store, &list, &whole_firm, since, pool) ? -1 : list->count;
}

static int one_unassigned(const smv_record_t **record, smv_permit_t permit, apr_int64_t id, apr_int64_t since)
{
    return code_of(store->unassigned_one(store, record, &permit, id, since, pool));
}

static void what_is_nobody_s_is_read_by_who_reaches_all(void)
{
    static const apr_int64_t karla = KARLA;
    const smv_permit_t some = {.tenant = 7, .customers = {&karla, 1}, .brokers = {&karla, 1}};
    const smv_record_t *record;
    int count = -1;

    deliver();
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "1 2 3 ");
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 1, 1), "2 3 ");
    CU_ASSERT_STRING_EQUAL(waiting(some, 0, 9), "error");
    CU_ASSERT_STRING_EQUAL(waiting((smv_permit_t){.tenant = 8, .all = 1}, 0, 9), "");
    CU_ASSERT_EQUAL_FATAL(one_unassigned(&record, whole_firm, 2, SMV_NOT_DISMISSED), 0);
    CU_ASSERT_STRING_EQUAL(record->values[SMV_UNASSIGNED_NAME].as.text, "2.pdf");
    CU_ASSERT_STRING_EQUAL(record->values[SMV_UNASSIGNED_REASON].as.text, "ambiguous");
    CU_ASSERT_STRING_EQUAL(record->values[SMV_UNASSIGNED_DELIVERY_FILE].as.text, "index.csv");
    CU_ASSERT_EQUAL(record->values[SMV_UNASSIGNED_DELIVERY_TIME].number, 1700000000);
    CU_ASSERT_EQUAL(one_unassigned(&record, whole_firm, 9, 0), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(one_unassigned(&record, some, 2, 0), SMV_ERROR_INTERNAL);
    CU_ASSERT_PTR_NULL(store->unassigned_count(store, &count, &whole_firm, 100, pool));
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_PTR_NULL(store->unassigned_count(store, &count, &whole_firm, 2, pool));
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(code_of(store->unassigned_count(store, &count, &some, 2, pool)), SMV_ERROR_INTERNAL);
}

static int assign(apr_int64_t id, apr_int64_t customer, apr_int64_t contract)
{
    const smv_permit_t permit = {.tenant = 7, .customers = {&customer, 1}};
    smv_record_t *after = smv_record_make(&smv_shape_document, pool);
    smv_change_t change = {.resource = &smv_resources[SMV_RESOURCE_DOCUMENT], .after = after, .unassigned = id};
    smv_actor_t ines = actor("ines");

    after->values[SMV_DOCUMENT_NAME] = smv_text("Brief.pdf");
    after->values[SMV_DOCUMENT_KIND] = smv_text("letter");
    after->values[SMV_DOCUMENT_DATE] = smv_text("2026-05-01");
    after->values[SMV_DOCUMENT_MEDIA_TYPE] = smv_text("application/pdf");
    after->values[SMV_DOCUMENT_CONTENT_HASH] = smv_text(HASH);
    if (contract) {
        after->values[SMV_DOCUMENT_CONTRACT] = smv_number(contract);
    }
    return code_of(store->change(store, &change, 1, &permit, &ines, pool));
}

static void a_document_is_given_to_one_customer_once(void)
{
    smv_audit_check_t check;

    deliver();
    CU_ASSERT_EQUAL(assign(2, KARLA, 21), SMV_ERROR_NOT_FOUND); /* a contract of Bernd */
    CU_ASSERT_EQUAL(assign(2, 99, 0), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "1 2 3 ");
    CU_ASSERT_EQUAL(events("change") + events("audit"), 0);
    CU_ASSERT_EQUAL(assign(2, KARLA, 11), 0);
    CU_ASSERT_EQUAL(assign(2, BERND, 0), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(assign(9, BERND, 0), SMV_ERROR_CONFLICT);
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "1 3 ");
    CU_ASSERT_EQUAL(events("document WHERE customer = 1 AND contract = 11 AND name = 'Brief.pdf'"), 1);
    CU_ASSERT_EQUAL(events("document WHERE customer = 2"), 0);
    CU_ASSERT_EQUAL(events("change WHERE kind = 'create' AND resource = 'document' AND customer = 1"), 1);
    CU_ASSERT_EQUAL(
        events("audit WHERE kind = 'create' AND customer = 1 AND json_extract(detail, '$.unassigned') = '2'"), 1);
    CU_ASSERT_EQUAL(events("change") + events("audit"), 2);
    CU_ASSERT_PTR_NULL(store->audit_verify(store, &check, pool));
    CU_ASSERT_PTR_NULL(check.fault);
}

static void what_was_put_away_comes_back_until_its_time_is_over(void)
{
    smv_actor_t ines = actor("ines");
    const smv_record_t *record;
    apr_int64_t now = apr_time_sec(ines.now);

    deliver();
    CU_ASSERT_PTR_NULL(store->dismiss(store, &whole_firm, 1, &ines, pool));
    CU_ASSERT_EQUAL(code_of(store->dismiss(store, &whole_firm, 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->dismiss(store, &whole_firm, 9, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "2 3 ");
    CU_ASSERT_EQUAL(count_dismissed(now), 1);
    CU_ASSERT_EQUAL(count_dismissed(now + 1), 0);
    CU_ASSERT_EQUAL(one_unassigned(&record, whole_firm, 1, now), 0);
    CU_ASSERT_EQUAL(one_unassigned(&record, whole_firm, 1, SMV_NOT_DISMISSED), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(assign(1, KARLA, 0), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(store->take_back(store, &whole_firm, 1, now + 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->take_back(store, &whole_firm, 2, now, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL(store->take_back(store, &whole_firm, 1, now, &ines, pool));
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "1 2 3 ");
    CU_ASSERT_EQUAL(events("audit WHERE subject = 'unassigned_document' AND row = 1 AND customer IS NULL"), 2);
    CU_ASSERT_EQUAL(events("audit"), 2);
    CU_ASSERT_PTR_NULL(store->dismiss(store, &whole_firm, 3, &ines, pool));
    CU_ASSERT_PTR_NULL(store->purge_documents(store, now, pool));
    CU_ASSERT_EQUAL(count_dismissed(0), 1);
    CU_ASSERT_PTR_NULL(store->purge_documents(store, now + 1, pool));
    CU_ASSERT_EQUAL(events("unassigned_document"), 2);
}

static void only_who_reaches_all_puts_away(void)
{
    static const apr_int64_t karla = KARLA;
    const smv_permit_t some = {.tenant = 7, .customers = {&karla, 1}}, foreign = {.tenant = 8, .all = 1};
    smv_actor_t ines = actor("ines");

    deliver();
    CU_ASSERT_EQUAL(code_of(store->dismiss(store, &some, 1, &ines, pool)), SMV_ERROR_INTERNAL);
    CU_ASSERT_EQUAL(code_of(store->dismiss(store, &foreign, 1, &ines, pool)), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(code_of(store->take_back(store, &some, 1, 0, &ines, pool)), SMV_ERROR_INTERNAL);
    CU_ASSERT_EQUAL(execute("DROP TRIGGER audit_is_added; CREATE TRIGGER full BEFORE INSERT ON audit BEGIN"
                            " SELECT RAISE(ABORT, 'full'); END"),
                    SQLITE_OK);
    CU_ASSERT_NOT_EQUAL(code_of(store->dismiss(store, &whole_firm, 1, &ines, pool)), 0);
    CU_ASSERT_NOT_EQUAL(assign(1, KARLA, 0), 0);
    CU_ASSERT_STRING_EQUAL(waiting(whole_firm, 0, 9), "1 2 3 ");
}

static const char *contracts_of(smv_permit_t permit, const char *number, int limit)
{
    smv_list_t *list;
    const char *text = "";
    const smv_error_t *error = store->contracts_of_number(store, &list, &permit, number, limit, pool);

    for (int i = 0; !error && i < list->count; i++) {
        text = apr_psprintf(pool, "%s%d ", text, (int)list->records[i].values[SMV_CONTRACT_ID].number);
    }
    return error ? "error" : text;
}

static void contracts_are_found_by_their_number_within_reach(void)
{
    static const apr_int64_t karla = KARLA, broker = 502;

    CU_ASSERT_EQUAL(execute("INSERT INTO contract (customer, id, number, insurer, status)"
                            " VALUES (2, 22, 'a 1.1', 'Ost', 'active'), (4, 23, 'A/11', 'Ost', 'active')"),
                    SQLITE_OK);
    CU_ASSERT_STRING_EQUAL(contracts_of(whole_firm, "a11", 9), "11 22 23 ");
    CU_ASSERT_STRING_EQUAL(contracts_of(whole_firm, "A-1 1", 2), "11 22 ");
    CU_ASSERT_STRING_EQUAL(contracts_of(whole_firm, "A-1", 9), "");
    CU_ASSERT_STRING_EQUAL(contracts_of((smv_permit_t){.tenant = 7, .customers = {&karla, 1}}, "A-11", 9), "11 ");
    CU_ASSERT_STRING_EQUAL(contracts_of((smv_permit_t){.tenant = 7, .brokers = {&broker, 1}}, "A-11", 9), "22 ");
    CU_ASSERT_STRING_EQUAL(contracts_of((smv_permit_t){.tenant = 8, .all = 1}, "A-11", 9), "");
}

#define TEST(function)                                                                                                 \
    {                                                                                                                  \
#function, function                                                                                            \
    }

int main(void)
{
    CU_TestInfo tests[] = {TEST(the_schema_keeps_data_whole),
                           TEST(each_customer_gets_their_own_from_one_connection),
                           TEST(a_long_list_keeps_every_row),
                           TEST(a_list_ends_at_its_bound),
                           TEST(documents_are_counted_for_their_contract),
                           TEST(a_list_of_customers_is_that_of_the_permit),
                           TEST(a_locked_database_is_busy_for_writers_alone),
                           TEST(sessions_live_and_end),
                           TEST(an_invitation_is_used_once_and_there_is_one_for_an_account),
                           TEST(the_count_of_documents_follows_them),
                           TEST(the_count_of_documents_bears_rows_that_are_written_again),
                           TEST(a_document_moves_to_another_customer_by_an_update_alone),
                           TEST(a_request_sees_one_state),
                           TEST(a_request_that_has_read_can_write),
                           TEST(a_request_keeps_one_connection_until_its_end),
                           TEST(a_missing_or_foreign_file_is_named),
                           TEST(a_damaged_file_is_an_error),
                           TEST(a_value_of_the_wrong_type_is_an_error),
                           TEST(more_threads_than_connections_read_their_own),
                           TEST(a_change_and_its_log_are_one),
                           TEST(changes_are_made_all_or_none),
                           TEST(a_row_is_changed_in_the_version_that_was_seen),
                           TEST(a_submission_counts_once_for_its_sender_and_customer),
                           TEST(a_foreign_row_is_not_changed),
                           TEST(a_foreign_tenant_changes_and_reads_nothing),
                           TEST(what_cannot_be_prepared_leaves_nothing),
                           TEST(the_logs_stay_as_they_were_written),
                           TEST(whatever_is_done_to_the_audit_log_is_found),
                           TEST(a_change_and_its_row_of_the_audit_log_are_one),
                           TEST(what_is_older_than_the_retention_goes_and_the_rest_is_whole),
                           TEST(the_audit_log_is_filtered_and_read_within_reach),
                           TEST(a_list_is_found_by_each_customer_that_it_showed),
                           TEST(notes_of_many_threads_are_all_written),
                           TEST(a_note_that_cannot_be_written_is_an_error),
                           TEST(a_deleted_key_is_never_given_again),
                           TEST(a_customer_s_log_tells_the_newest_first),
                           TEST(what_is_noted_is_told_by_customer),
                           TEST(what_customers_changed_is_marked_as_done),
                           TEST(the_feed_misses_nothing_while_two_write),
                           TEST(a_start_screen_is_saved_in_the_version_that_was_seen),
                           TEST(what_is_published_stays),
                           TEST(a_start_screen_and_its_row_of_the_audit_log_are_one),
                           TEST(a_foreign_tenant_has_no_start_screen),
                           TEST(what_is_nobody_s_is_read_by_who_reaches_all),
                           TEST(a_document_is_given_to_one_customer_once),
                           TEST(what_was_put_away_comes_back_until_its_time_is_over),
                           TEST(only_who_reaches_all_puts_away),
                           TEST(contracts_are_found_by_their_number_within_reach),
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"store", NULL, NULL, before_each, after_each, tests}, CU_SUITE_INFO_NULL};
    unsigned failures;

    if (apr_initialize() != APR_SUCCESS || !mkdtemp(folder) || CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + (CU_get_number_of_tests_run() == 0);
    CU_cleanup_registry();
    apr_terminate();
    return rmdir(folder) == 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
