/* SPDX-License-Identifier: Apache-2.0
 *
 * What staff look for among all customers, on a real file: who finds whom, and that it costs no more with a hundred
 * times the customers. What is counted is work, not time: steps of SQLite's virtual machine and pages of the file.
 */
#include <CUnit/Basic.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../mod_smvportal/core/smv_shapes.h"
#include "../../mod_smvportal/port/smv_sqlite.h"
#include "../../mod_smvportal/port/smv_sqlite_use.h"

#define SMALL 1000
#define LARGE 100000

static apr_pool_t *pool;
static char folder[] = "/tmp/smvportal-search.XXXXXX";
static smv_store_t *stores[3]; /* of SMALL customers, of LARGE ones, and of SMALL ones in a file without FTS5 */

static const smv_permit_t everybody = {.tenant = 7, .all = 1};
/* Fifty customers, at any size of the firm: numbers that end in 007 up to 50007. */
static const apr_int64_t broker_number = 501;
static const smv_permit_t broker = {.tenant = 7, .brokers = {&broker_number, 1}};

/* Half of the customers are called Müller, and all contracts end within the same 90 days. */
static const char rows[] =
    "INSERT INTO firm (tenant, name) VALUES (7, 'Firma');"
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
    " INSERT INTO customer (number, kind, first_name, name, birth_date, postal_code, city, broker)"
    " SELECT i, 'person', CASE i %% 3 WHEN 0 THEN 'Karla' WHEN 1 THEN 'Jörg' ELSE 'Gül' END,"
    " CASE WHEN i %% 2 THEN 'Müller' ELSE 'Groß-Umstadt' END, date('1940-01-01', (i %% 20000) || ' days'),"
    " printf('%%05d', i %% 90), CASE WHEN i %% 5 THEN 'Köln' ELSE 'Lindau' END,"
    " CASE WHEN i %% %d = 7 THEN 501 ELSE 502 END FROM n;"
    "INSERT INTO contract (customer, id, number, insurer, status, end_date)"
    " SELECT number, number, printf('KFZ-%%d/%%d', number, number %% 9), 'Nord', 'active',"
    " date('2026-01-01', (number %% 80) || ' days') FROM customer;"
    "INSERT INTO communication (customer, kind, value) SELECT number, column1, column1 || number FROM customer CROSS "
    "JOIN"
    " (VALUES ('fax'), ('email'), ('mobile'), ('phone')) WHERE number < 1000;"
    "INSERT INTO audit (time, kind, subject, customer, login, name, address, channel, hash)"
    " SELECT 1, 'read', 'show_customer', 1 + number * 7 %% %d, CASE WHEN number %% 2 THEN 'vera' ELSE 'ida' END, 'N',"
    " 'a', 'page', zeroblob(32) FROM customer;"
    "INSERT INTO change (time, customer, resource, row, kind, login, name, address, channel, is_staff)"
    " SELECT 1, number, 'customer', number, 'edit', 'k', 'K', 'a', 'page', 0 FROM customer;";

static const char without_search[] =
    "DROP TRIGGER customer_search_inserted; DROP TRIGGER customer_search_deleted; DROP TRIGGER customer_search_updated;"
    "DROP TABLE customer_search";

/* @return 1 where the file is there with its rows */
static int fill(const char *path, int count, const char *more)
{
    const char *sql = apr_psprintf(pool, rows, count, count / 50, count);
    sqlite3 *db = NULL;
    int is_filled =
        !smv_sqlite_create(path, pool) && sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_exec(db, more, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;

    if (!is_filled) {
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    return is_filled;
}

static int set_up(void)
{
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS || !mkdtemp(folder)) {
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        const char *path = apr_psprintf(pool, "%s/%d.sqlite", folder, i);
        smv_sqlite_config_t config = {path, 2, apr_time_from_sec(1), 0};

        if (!fill(path, i == 1 ? LARGE : SMALL, i == 2 ? without_search : "") ||
            smv_sqlite_open(&stores[i], &config, pool)) {
            return 1;
        }
    }
    return 0;
}

static int tear_down(void)
{
    apr_pool_destroy(pool);
    for (int i = 0; i < 9; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        char path[sizeof folder + 20];

        snprintf(path, sizeof path, "%s/%d.sqlite%s", folder, i / 3, ends[i % 3]);
        unlink(path);
    }
    return rmdir(folder);
}

/* --- who finds whom --- */

static const smv_error_t *search(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                 const smv_permit_t *contracts, const char *typed, apr_int64_t after, int limit)
{
    smv_customer_filter_t filter = {.search = typed ? smv_search_read(typed, pool) : NULL, .contracts = contracts};

    return store->customers(store, list, permit, &filter, after, limit, pool);
}

/* @return the numbers of the first customers, "7 27 47 " */
static const char *found_in(smv_store_t *store, const smv_permit_t *permit, const smv_permit_t *contracts,
                            const char *typed, apr_int64_t after, int limit)
{
    const char *text = "";
    smv_list_t *list;

    if (search(store, &list, permit, contracts, typed, after, limit)) {
        return "error";
    }
    for (int i = 0; i < list->count && i < limit; i++) {
        text = apr_psprintf(pool, "%s%" APR_INT64_T_FMT " ", text, list->records[i].values[SMV_CUSTOMER_NUMBER].number);
    }
    return text;
}

static const char *found(const smv_permit_t *permit, const smv_permit_t *contracts, const char *typed,
                         apr_int64_t after, int limit)
{
    return found_in(stores[0], permit, contracts, typed, after, limit);
}

#define FINDS(expected, typed) CU_ASSERT_STRING_EQUAL(found(&everybody, &everybody, typed, 0, 3), expected)

static void every_kind_of_term_finds_its_customers(void)
{
    FINDS("1 3 5 ", "Müller");
    FINDS("1 3 5 ", "mülle");
    FINDS("1 3 5 ", "MUELLER");
    FINDS("1 3 5 ", "muller");
    FINDS("2 4 6 ", "gross");
    FINDS("2 4 6 ", "umstadt");
    FINDS("1 3 7 ", "mü kö");
    FINDS("3 9 21 ", "karla müller köln");
    FINDS("5 10 15 ", "lindau");
    FINDS("123 ", "123");
    FINDS("123 ", "1940-05-03 123");
    FINDS("", "karla niemand");
}

static void a_day_of_birth_is_found_in_every_notation(void)
{
    FINDS("123 ", "03.05.1940");
    FINDS("123 ", "3.5.1940");
    FINDS("123 ", "1940-05-03");
    FINDS("123 488 853 ", "3.5.");
    FINDS("1 2 3 ", "1940");
    FINDS("", "31.4.");
}

static void a_contract_s_number_is_found_however_it_is_written(void)
{
    FINDS("123 ", "KFZ-123/6");
    FINDS("123 ", "kfz 123 6");
    FINDS("123 ", "kfz1236");
    FINDS("12 ", "kfz-123"); /* KFZ-12/3 */
    CU_ASSERT_STRING_EQUAL(found(&everybody, NULL, "KFZ-123/6", 0, 3), "");
    CU_ASSERT_STRING_EQUAL(found(&everybody, &broker, "KFZ-123/6", 0, 3), "");
    CU_ASSERT_STRING_EQUAL(found(&everybody, &broker, "KFZ-127/1", 0, 3), "127 ");
    CU_ASSERT_STRING_EQUAL(found(&broker, &everybody, "KFZ-123/6", 0, 3), "");
}

static void nobody_is_found_beyond_the_permit(void)
{
    static const apr_int64_t own[] = {3, 8};
    smv_permit_t few = {.tenant = 7, .customers = {own, 2}}, both = {.tenant = 7, .customers = {own, 2}};
    smv_permit_t nobody = {.tenant = 7}, foreign = {.tenant = 8, .all = 1};

    both.brokers = broker.brokers;
    CU_ASSERT_STRING_EQUAL(found(&broker, NULL, "müller", 0, 3), "7 27 47 ");
    CU_ASSERT_STRING_EQUAL(found(&broker, NULL, "müller", 47, 2), "67 87 ");
    CU_ASSERT_STRING_EQUAL(found(&broker, NULL, "groß", 0, 3), "");
    CU_ASSERT_STRING_EQUAL(found(&few, NULL, "müller", 0, 3), "3 ");
    CU_ASSERT_STRING_EQUAL(found(&both, NULL, "müller", 0, 3), "3 7 27 ");
    CU_ASSERT_STRING_EQUAL(found(&nobody, &nobody, "müller", 0, 3), "");
    CU_ASSERT_STRING_EQUAL(found(&nobody, &nobody, NULL, 0, 3), "");
    CU_ASSERT_STRING_EQUAL(found(&foreign, &foreign, "müller", 0, 3), "");
}

static void a_permit_of_many_numbers_finds_its_own(void)
{
    static apr_int64_t odd[2500];
    smv_permit_t permit = {.tenant = 7, .customers = {odd, 2500}};

    for (int i = 0; i < 2500; i++) {
        odd[i] = i * 2 + 101;
    }
    CU_ASSERT_STRING_EQUAL(found(&permit, NULL, "karla", 0, 3), "105 111 117 ");
    permit.customers.count = 900;
    CU_ASSERT_STRING_EQUAL(found(&permit, NULL, "karla", 0, 3), "105 111 117 ");
}

static void hostile_words_are_words(void)
{
    static const char *const typed[] = {
        "\"",  "\"\"\"",    "*",         "NEAR(",  "a NEAR b",      "- + ^ : { } ( )", "; DROP",  "' OR 1=1 --",
        "%",   "_",         "words : m", "¶ § \\", "🙂 – 🙂", "müller*",         "(müller", "\"müller",
        "AND", "müller OR", "NOT NOT",   "§501",   "rowid : 1",     "müller\tkarla"};

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        CU_ASSERT_STRING_NOT_EQUAL(found(&everybody, &everybody, typed[i], 0, 1), "error");
    }
    FINDS("", "%");
    FINDS("", "\"");
    FINDS("1 3 5 ", "(\"müller*");
}

static void execute(const char *sql)
{
    sqlite3 *db;

    sqlite3_open_v2(apr_pstrcat(pool, folder, "/0.sqlite", NULL), &db, SQLITE_OPEN_READWRITE, NULL);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void what_is_found_follows_the_rows(void)
{
    execute("INSERT INTO customer (number, kind, name, city) VALUES (5000, 'company', 'Zeppelin', 'Ulm')");
    FINDS("5000 ", "zeppelin ulm");
    execute("UPDATE customer SET city = 'Konstanz', broker = 501 WHERE number = 5000");
    FINDS("", "zeppelin ulm");
    CU_ASSERT_STRING_EQUAL(found(&broker, NULL, "zeppelin konstanz", 0, 3), "5000 ");
    execute("INSERT OR REPLACE INTO customer (number, kind, name) VALUES (5000, 'company', 'Fähre')");
    FINDS("", "zeppelin");
    FINDS("5000 ", "faehre");
    execute("DELETE FROM customer WHERE number = 5000");
    FINDS("", "fähre");
}

static void without_fts5_the_same_is_found(void)
{
    static const char *const typed[] = {"Müller",     "mülle",      "MUELLER",      "gross",    "umstadt",
                                        "mü kö",      "03.05.1940", "3.5.",         "1940",     "KFZ-123/6",
                                        "kfz 1236",   "123",        "karla müller", "karla xy", "\"karla% _",
                                        "5 lindau g", "§501",       "karla kfz-3/3"};

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        CU_ASSERT_STRING_EQUAL(found_in(stores[2], &everybody, &everybody, typed[i], 4, 3),
                               found(&everybody, &everybody, typed[i], 4, 3));
        CU_ASSERT_STRING_EQUAL(found_in(stores[2], &broker, &broker, typed[i], 4, 3),
                               found(&broker, &broker, typed[i], 4, 3));
    }
    CU_ASSERT_STRING_EQUAL(found_in(stores[2], &everybody, NULL, "mülle", 0, 3), "1 3 5 ");
}

/* --- what it costs --- */

typedef struct cost_t {
    int rows, steps, pages;
    long long bytes; /* that SQLite asked memory for: its full-text search takes no steps */
} cost_t;

static sqlite3_mem_methods memory;
static long long asked;

static void *count_malloc(int size)
{
    asked += size;
    return memory.xMalloc(size);
}

static void *count_realloc(void *place, int size)
{
    asked += size;
    return memory.xRealloc(place, size);
}

static int count_memory(void)
{
    sqlite3_mem_methods counting;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK) {
        return 0;
    }
    counting = memory;
    counting.xMalloc = count_malloc;
    counting.xRealloc = count_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &counting) == SQLITE_OK;
}

typedef const smv_error_t *work_fn(smv_store_t *store, smv_list_t **list);

static int pages_of(sqlite3 *db)
{
    int hits, misses, highest;

    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_HIT, &hits, &highest, 1);
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &misses, &highest, 1);
    return hits + misses;
}

/* The second time: the first one reads the schema. */
static cost_t cost_of(work_fn *work, smv_store_t *store)
{
    cost_t cost = {0, 0, 0, 0};

    for (int i = 0; i < 2; i++) {
        apr_pool_t *request;
        smv_store_t *used;
        smv_connection_t *connection;
        smv_list_t *list;
        int has;

        apr_pool_create(&request, pool);
        used = store->for_request(store, request);
        CU_ASSERT_PTR_NULL(smv_use_has(used, &has, SMV_SQL_FIRM, request));
        connection = ((smv_sqlite_state_t *)used->state)->kept;
        pages_of(connection->db);
        asked = 0;
        CU_ASSERT_PTR_NULL_FATAL(work(used, &list));
        cost = (cost_t){list->count, 0, pages_of(connection->db), asked};
        for (int each = 0; each < SMV_SQL_COUNT; each++) {
            cost.steps += connection->statements[each]
                              ? sqlite3_stmt_status(connection->statements[each], SQLITE_STMTSTATUS_VM_STEP, 1)
                              : 0;
        }
        apr_pool_destroy(request);
    }
    return cost;
}

static const smv_error_t *list_all(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, NULL, NULL, 0, 50);
}

static const smv_error_t *list_later(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, NULL, NULL, 900, 50);
}

static const smv_error_t *list_portfolio(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &broker, NULL, NULL, 0, 49);
}

static const smv_error_t *common_name(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, &everybody, "Müller", 0, 50);
}

static const smv_error_t *common_letter(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, &everybody, "m", 0, 50);
}

static const smv_error_t *later_page(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, &everybody, "Mueller Köln", 800, 50);
}

static const smv_error_t *year(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, &everybody, "1940", 0, 50);
}

static const smv_error_t *common_name_in_portfolio(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &broker, &broker, "Müller", 0, 50);
}

static const smv_error_t *nothing_in_portfolio(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &broker, &broker, "Groß", 0, 50);
}

static const smv_error_t *contract_number(smv_store_t *store, smv_list_t **list)
{
    return search(store, list, &everybody, &everybody, "kfz 123 6", 0, 50);
}

static const smv_error_t *all_endings(smv_store_t *store, smv_list_t **list)
{
    return store->endings(store, list, &everybody, "2026-01-01", 200, "2026-03-31", 10, pool);
}

static const smv_error_t *portfolio_s_endings(smv_store_t *store, smv_list_t **list)
{
    return store->endings(store, list, &broker, "2026-01-01", 0, "2026-03-31", 10, pool);
}

static const smv_error_t *last_read(smv_store_t *store, smv_list_t **list)
{
    return store->last_read(store, list, &everybody, "vera", 8, pool);
}

static const smv_error_t *open_inbox(smv_store_t *store, smv_list_t **list)
{
    return store->inbox(store, list, &everybody, 0, 0, 5, pool);
}

static const smv_error_t *portfolio_s_inbox(smv_store_t *store, smv_list_t **list)
{
    return store->inbox(store, list, &broker, 0, 0, 5, pool);
}

static void a_hundred_times_the_customers_cost_no_more(void)
{
    static const struct {
        const char *name;
        work_fn *work;
    } works[] = {
        {"list", list_all},
        {"list, later", list_later},
        {"list of a portfolio", list_portfolio},
        {"common name", common_name},
        {"common letter", common_letter},
        {"two words, later", later_page},
        {"year", year},
        {"common name in a portfolio", common_name_in_portfolio},
        {"nothing in a portfolio", nothing_in_portfolio},
        {"contract number", contract_number},
        {"endings", all_endings},
        {"endings of a portfolio", portfolio_s_endings},
        {"last read", last_read},
        {"open inbox", open_inbox},
        {"open inbox of a portfolio", portfolio_s_inbox},
    };

    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        cost_t small = cost_of(works[i].work, stores[0]), large = cost_of(works[i].work, stores[1]);

        printf("\n    %-28s steps %6d, %6d; pages %5d, %5d; kilobytes %5lld, %5lld", works[i].name, small.steps,
               large.steps, small.pages, large.pages, small.bytes / 1000, large.bytes / 1000);
        CU_ASSERT(small.rows > 0 || works[i].work == nothing_in_portfolio);
        CU_ASSERT(large.steps <= small.steps * 2);
        /* What is sought lies farther apart, and trees are deeper; what is read for nothing grows a hundred times. */
        CU_ASSERT(large.pages <= small.pages * 10);
        CU_ASSERT(large.bytes <= small.bytes * 10);
    }
    printf("\n");
}

int main(void)
{
    CU_pSuite suite;

    if (!count_memory() || apr_initialize() != APR_SUCCESS || CU_initialize_registry() != CUE_SUCCESS) {
        return 2;
    }
    suite = CU_add_suite("search", set_up, tear_down);
    CU_add_test(suite, "every kind of term finds its customers", every_kind_of_term_finds_its_customers);
    CU_add_test(suite, "a day of birth is found in every notation", a_day_of_birth_is_found_in_every_notation);
    CU_add_test(suite, "a contract's number is found however it is written",
                a_contract_s_number_is_found_however_it_is_written);
    CU_add_test(suite, "nobody is found beyond the permit", nobody_is_found_beyond_the_permit);
    CU_add_test(suite, "a permit of many numbers finds its own", a_permit_of_many_numbers_finds_its_own);
    CU_add_test(suite, "hostile words are words", hostile_words_are_words);
    CU_add_test(suite, "what is found follows the rows", what_is_found_follows_the_rows);
    CU_add_test(suite, "without FTS5 the same is found", without_fts5_the_same_is_found);
    CU_add_test(suite, "a hundred times the customers cost no more", a_hundred_times_the_customers_cost_no_more);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    return CU_get_number_of_tests_failed() || CU_get_number_of_tests_run() == 0;
}
