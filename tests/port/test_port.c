/* SPDX-License-Identifier: Apache-2.0
 *
 * The ports on real files: a SQLite database and the shipped templates.
 */
#include <CUnit/Basic.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "../../mod_smvportal/port/smv_crypto.h"
#include "../../mod_smvportal/port/smv_sqlite.h"
#include "../../mod_smvportal/port/smv_template.h"

static apr_pool_t *pool;
static const char *folder, *database;
static smv_store_t *store;

static int make_database(void)
{
    static const char rows[] =
        "INSERT INTO firm (tenant, name) VALUES (1, 'Firma');"
        "INSERT INTO customer (number, kind, name, broker) VALUES (1, 'person', 'A', 501), (2, 'person', 'B', 502);"
        "INSERT INTO contract (customer, id, number, insurer, status, premium)"
        " VALUES (1, 11, 'x', 'i', 'active', 5400), (2, 22, 'y', 'i', 'active', NULL);";
    sqlite3 *db;
    int is_made;

    folder = apr_pstrdup(pool, mkdtemp(apr_pstrdup(pool, "/tmp/smvportal-test.XXXXXX")));
    database = apr_pstrcat(pool, folder, "/portal.sqlite", NULL);
    if (smv_sqlite_create(database, pool) || sqlite3_open(database, &db) != SQLITE_OK) {
        return 1;
    }
    is_made = sqlite3_exec(db, rows, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    smv_sqlite_config_t config = {database, 2, apr_time_from_sec(1)};
    return !is_made || smv_sqlite_open(&store, &config, pool);
}

static const smv_permit_t *permit_for(apr_int64_t tenant, apr_int64_t customer)
{
    apr_int64_t *number = apr_pmemdup(pool, &customer, sizeof customer);
    smv_permit_t *permit = apr_pcalloc(pool, sizeof *permit);

    permit->tenant = tenant;
    permit->customers = (smv_numbers_t){number, 1};
    return permit;
}

static void a_permit_finds_its_customer_alone(void)
{
    const smv_record_t *contract;
    smv_list_t *list;

    CU_ASSERT_PTR_NULL(store->contract(store, &contract, permit_for(1, 1), 11, pool));
    CU_ASSERT_EQUAL(contract->values[SMV_CONTRACT_PREMIUM].number, 5400);
    CU_ASSERT_STRING_EQUAL(contract->values[SMV_CONTRACT_PREMIUM].as.text, "EUR");
    CU_ASSERT_EQUAL(store->contract(store, &contract, permit_for(1, 1), 22, pool)->code, SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(store->contract(store, &contract, permit_for(2, 1), 11, pool)->code, SMV_ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NULL(store->contracts(store, &list, permit_for(1, 1), 2, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    CU_ASSERT_PTR_NULL(store->contracts(store, &list, permit_for(1, 1), 1, pool));
    CU_ASSERT_EQUAL(list->count, 1);
}

static void a_range_finds_what_it_reaches(void)
{
    static const apr_int64_t broker[] = {502};
    smv_permit_t permit = {.tenant = 1};
    smv_list_t *list;

    CU_ASSERT_PTR_NULL(store->customers(store, &list, &permit, 0, 50, pool));
    CU_ASSERT_EQUAL(list->count, 0);
    permit.brokers = (smv_numbers_t){broker, 1};
    CU_ASSERT_PTR_NULL(store->customers(store, &list, &permit, 0, 50, pool));
    CU_ASSERT_EQUAL(list->count, 1);
    permit.all = 1;
    CU_ASSERT_PTR_NULL(store->customers(store, &list, &permit, 0, 50, pool));
    CU_ASSERT_EQUAL(list->count, 2);
    CU_ASSERT_PTR_NULL(store->customers(store, &list, &permit, 1, 50, pool));
    CU_ASSERT_EQUAL(list->count, 1);
}

static void sessions_live_and_end(void)
{
    smv_sessions_t sessions = {store, &smv_crypto, apr_time_from_sec(100), apr_time_from_sec(1000)};
    apr_time_t start = apr_time_from_sec(1000000);
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(smv_session_start(&sessions, token, "uid=a", start, pool));
    CU_ASSERT_EQUAL(strlen(token), SMV_TOKEN_SIZE - 1);
    CU_ASSERT_PTR_NULL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(99), pool));
    CU_ASSERT_STRING_EQUAL(session.dn, "uid=a");
    CU_ASSERT_TRUE(smv_session_csrf_matches(&sessions, &session, session.csrf_token));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, token));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, NULL));
    /* the use at 99 s was noted, so that 150 s is within the idle time; 250 s is not */
    CU_ASSERT_PTR_NULL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(150), pool));
    CU_ASSERT_PTR_NOT_NULL(smv_session_find(&sessions, &session, token, start + apr_time_from_sec(250), pool));
    CU_ASSERT_PTR_NOT_NULL(smv_session_find(&sessions, &session, "short", start, pool));
    CU_ASSERT_PTR_NULL(smv_session_end(&sessions, &session, 1, pool));
    CU_ASSERT_PTR_NOT_NULL(smv_session_find(&sessions, &session, token, start, pool));
}

static void a_missing_or_foreign_file_is_named(void)
{
    const char *other = apr_pstrcat(pool, folder, "/other.sqlite", NULL);
    smv_sqlite_config_t config = {"/nowhere/portal.sqlite", 2, apr_time_from_sec(1)};
    smv_store_t *unused;
    sqlite3 *db;

    CU_ASSERT_EQUAL(smv_sqlite_open(&unused, &config, pool)->code, SMV_ERROR_DATABASE_AWAY);
    sqlite3_open(other, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99; CREATE TABLE t (x);", NULL, NULL, NULL);
    sqlite3_close(db);
    config.path = other;
    CU_ASSERT_PTR_NOT_NULL(strstr(smv_sqlite_open(&unused, &config, pool)->detail, "version 99"));
    CU_ASSERT_EQUAL(smv_sqlite_create(database, pool)->code, SMV_ERROR_DATABASE_DATA);
}

static const smv_error_t *load_with_overlay(const char *text)
{
    const char *source = getenv("SMV_SOURCE");
    smv_templates_config_t config = {apr_pstrcat(pool, source, "/htdocs/templates", NULL), folder,
                                     apr_pstrcat(pool, source, "/htdocs/locale", NULL)};
    const char *path = apr_pstrcat(pool, folder, "/login.xhtml", NULL);
    smv_templates_t *templates;
    const smv_error_t *error;
    apr_file_t *file;

    apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE, APR_FPROT_OS_DEFAULT, pool);
    apr_file_puts(text, file);
    apr_file_close(file);
    error = smv_templates_load(&templates, &config, pool);
    apr_file_remove(path, pool);
    return error;
}

#define PAGE(body)                                                                                                     \
    "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:tal='http://xml.zope.org/namespaces/tal'>\n" body "</html>"

static void a_broken_template_is_named_with_its_line(void)
{
    const smv_error_t *error = load_with_overlay(PAGE("<p>${view/usrname}</p>"));

    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "login.xhtml:2: LoginView has no field: view/usrname"));
    CU_ASSERT_PTR_NOT_NULL(load_with_overlay(PAGE("<p>")));
    CU_ASSERT_PTR_NOT_NULL(load_with_overlay(PAGE("<p tal:contents='view/error'/>")));
    CU_ASSERT_PTR_NOT_NULL(load_with_overlay(PAGE("<p tal:repeat='x view/error'/>")));
    CU_ASSERT_PTR_NOT_NULL(load_with_overlay("<!DOCTYPE a [<!ENTITY e SYSTEM '/etc/passwd'>]><a>&e;</a>"));
    CU_ASSERT_PTR_NULL(load_with_overlay(PAGE("<p>${view/username}</p>")));
}

static void a_page_escapes_what_it_shows(void)
{
    const char *source = getenv("SMV_SOURCE");
    smv_templates_config_t config = {apr_pstrcat(pool, source, "/htdocs/templates", NULL), NULL,
                                     apr_pstrcat(pool, source, "/htdocs/locale", NULL)};
    smv_record_t *page = smv_record_make(&smv_shape_page, pool), *view = smv_record_make(&smv_shape_login_view, pool);
    smv_templates_t *templates;
    smv_buffer_t out;

    CU_ASSERT_PTR_NULL_FATAL(smv_templates_load(&templates, &config, pool));
    view->values[smv_shape_field(view->shape, "username")] = smv_text("\"><script>alert(1)</script>");
    smv_buffer_init(&out, 64, 1 << 20, pool);
    CU_ASSERT_PTR_NULL(smv_template_run(templates, "login", SMV_LANGUAGE_EN, page, view, &out, pool));
    smv_buffer_write(&out, "", 1);
    CU_ASSERT_PTR_NULL(strstr(out.data, "<script"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "&quot;&gt;&lt;script&gt;"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "User name"));
    smv_buffer_init(&out, 64, 128, pool);
    CU_ASSERT_PTR_NOT_NULL(smv_template_run(templates, "login", SMV_LANGUAGE_DE, page, view, &out, pool));
}

#define TEST(function)                                                                                                 \
    {                                                                                                                  \
#function, function                                                                                            \
    }

int main(void)
{
    CU_TestInfo sqlite[] = {TEST(a_permit_finds_its_customer_alone), TEST(a_range_finds_what_it_reaches),
                            TEST(sessions_live_and_end), TEST(a_missing_or_foreign_file_is_named), CU_TEST_INFO_NULL};
    CU_TestInfo templates[] = {TEST(a_broken_template_is_named_with_its_line), TEST(a_page_escapes_what_it_shows),
                               CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"sqlite", make_database, NULL, NULL, NULL, sqlite},
                             {"templates", NULL, NULL, NULL, NULL, templates},
                             CU_SUITE_INFO_NULL};
    unsigned failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!getenv("SMV_SOURCE") || CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures() + CU_get_number_of_suites_failed() + (CU_get_number_of_tests_run() == 0);
    CU_cleanup_registry();
    apr_terminate();
    return failed != 0;
}
