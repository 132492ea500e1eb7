/* SPDX-License-Identifier: Apache-2.0
 *
 * The core as a specification. Linked with the core alone.
 */
#include <CUnit/Basic.h>
#include <apr_general.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_json.h"
#include "../../mod_smvportal/core/smv_query.h"
#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_route.h"
#include "../../mod_smvportal/core/smv_shapes.h"

static apr_pool_t *pool;

/* --- rights --- */

static void rights_are_the_25_of_the_grid(void)
{
    CU_ASSERT_EQUAL(SMV_CUSTOMER_RIGHT_COUNT, 25);
    for (int i = 1; i < SMV_CUSTOMER_RIGHT_COUNT; i++) {
        const smv_right_t *before = &smv_rights[i - 1], *right = &smv_rights[i];

        CU_ASSERT_TRUE(right->row > before->row || (right->row == before->row && right->column > before->column));
        CU_ASSERT_EQUAL(smv_right_by_id(right->id), i);
        CU_ASSERT_EQUAL(smv_right_by_attribute(right->attribute), i);
    }
    CU_ASSERT_EQUAL(smv_right_by_id("nothing"), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_id(NULL), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_attribute("SMVVERTRAGSDATENANSEHEN"), SMV_RIGHT_CONTRACT_VIEW);
}

static void rights_default_to_the_source_page(void)
{
    smv_rightset_t granted = 0;

    for (int i = 0; i < SMV_CUSTOMER_RIGHT_COUNT; i++) {
        granted |= smv_rights[i].is_default ? SMV_RIGHT_BIT(i) : 0;
    }
    CU_ASSERT_EQUAL(__builtin_popcountll(granted), 16);
    CU_ASSERT_FALSE(SMV_HAS_RIGHT(granted, SMV_RIGHT_CONTACT_EDIT));
    CU_ASSERT_TRUE(SMV_HAS_RIGHT(granted, SMV_RIGHT_COMMUNICATION_EDIT));
    CU_ASSERT_EQUAL(__builtin_popcountll(smv_rights_of_kind(SMV_KIND_HIDE)), 2);
    CU_ASSERT_EQUAL(__builtin_popcountll(smv_rights_of_kind(SMV_KIND_STAFF)), 4);
}

/* --- policy --- */

static const apr_int64_t own_numbers[] = {10001, 10009}, broker_numbers[] = {501};

static smv_principal_t person(const smv_role_t *roles, int count)
{
    return (smv_principal_t){.login = "someone",
                             .tenant = 1,
                             .customers = {own_numbers, 2},
                             .brokers = {broker_numbers, 1},
                             .roles = roles,
                             .role_count = count};
}

static smv_error_e decide(const smv_principal_t *principal, smv_right_e right, apr_int64_t customer, apr_int64_t broker,
                          const smv_permit_t **permit)
{
    smv_subject_t subject = {customer, broker};
    const smv_error_t *error = smv_policy_customer(permit, principal, right, &subject, pool);

    return error ? error->code : 0;
}

static void out_of_scope_is_not_found(void)
{
    smv_role_t role = {.scope = SMV_SCOPE_OWN, .rights = ~(smv_rightset_t)0};
    smv_principal_t principal = person(&role, 1);
    const smv_permit_t *permit = NULL;

    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10001, 501, &permit), 0);
    CU_ASSERT_EQUAL(permit->customers.count, 1);
    CU_ASSERT_EQUAL(permit->customers.at[0], 10001);
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10002, 501, &permit), SMV_ERROR_NOT_FOUND);
    role.scope = SMV_SCOPE_PORTFOLIO;
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10002, 501, &permit), 0);
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10002, 502, &permit), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10001, 0, &permit), SMV_ERROR_NOT_FOUND);
    role.scope = SMV_SCOPE_ALL;
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CONTRACT_VIEW, 10002, 0, &permit), 0);
}

static void in_scope_without_the_right_is_denied_by_name(void)
{
    smv_role_t role = {.scope = SMV_SCOPE_OWN, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_VIEW)};
    smv_principal_t principal = person(&role, 1);
    smv_subject_t subject = {10001, 0};
    const smv_permit_t *permit;
    const smv_error_t *error = smv_policy_customer(&permit, &principal, SMV_RIGHT_CONTRACT_VIEW, &subject, pool);

    CU_ASSERT_PTR_NOT_NULL_FATAL(error);
    CU_ASSERT_EQUAL(error->http_status, 403);
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "smvVertragsdatenAnsehen"));
}

static void each_role_counts_in_its_own_scope(void)
{
    smv_role_t roles[] = {{.scope = SMV_SCOPE_ALL, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_VIEW)},
                          {.scope = SMV_SCOPE_OWN, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_EDIT)}};
    smv_principal_t principal = person(roles, 2);
    const smv_permit_t *permit;

    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CUSTOMER_EDIT, 10001, 0, &permit), 0);
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CUSTOMER_EDIT, 77777, 0, &permit), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CUSTOMER_VIEW, 77777, 0, &permit), 0);
}

static void hide_rights_of_any_role_count_everywhere(void)
{
    smv_role_t roles[] = {{.scope = SMV_SCOPE_ALL, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_VIEW)},
                          {.scope = SMV_SCOPE_OWN, .rights = SMV_RIGHT_BIT(SMV_RIGHT_EXPIRY_DATE_HIDE)}};
    smv_principal_t principal = person(roles, 2);
    const smv_permit_t *permit;

    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_CUSTOMER_VIEW, 77777, 0, &permit), 0);
    CU_ASSERT_TRUE(SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_EXPIRY_DATE_HIDE));
    CU_ASSERT_EQUAL(decide(&principal, SMV_RIGHT_EXPIRY_DATE_HIDE, 10001, 0, &permit), SMV_ERROR_DENIED);
}

static void a_range_is_the_union_of_granting_roles(void)
{
    smv_role_t roles[] = {{.scope = SMV_SCOPE_OWN, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_VIEW)},
                          {.scope = SMV_SCOPE_PORTFOLIO, .rights = SMV_RIGHT_BIT(SMV_RIGHT_CUSTOMER_VIEW)},
                          {.scope = SMV_SCOPE_ALL, .rights = SMV_RIGHT_BIT(SMV_RIGHT_DOCUMENT_LIST)}};
    smv_principal_t principal = person(roles, 3);
    const smv_permit_t *permit;

    CU_ASSERT_PTR_NULL(smv_policy_range(&permit, &principal, SMV_RIGHT_CUSTOMER_VIEW, pool));
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(permit->customers.count, 2);
    CU_ASSERT_EQUAL(permit->brokers.count, 1);
    CU_ASSERT_PTR_NULL(smv_policy_range(&permit, &principal, SMV_RIGHT_DOCUMENT_LIST, pool));
    CU_ASSERT_TRUE(permit->all);
    CU_ASSERT_PTR_NOT_NULL(smv_policy_range(&permit, &principal, SMV_RIGHT_CONTRACT_VIEW, pool));
}

/* --- routes --- */

static smv_error_e find(const char *path, smv_method_e method, const char **name, apr_int64_t *id)
{
    const smv_route_t *route = NULL;
    const smv_error_t *error = smv_route_find(&route, id, method, path, SMV_RENDER_API, pool);

    *name = route ? route->name : "";
    return error ? error->code : 0;
}

static void routes_are_found_by_whole_path(void)
{
    const char *name;
    apr_int64_t id;

    CU_ASSERT_EQUAL(find("/customers/10001/contracts", SMV_METHOD_GET, &name, &id), 0);
    CU_ASSERT_STRING_EQUAL(name, "list_contracts");
    CU_ASSERT_EQUAL(id, 10001);
    CU_ASSERT_EQUAL(find("/customers/10001/contracts/", SMV_METHOD_GET, &name, &id), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(find("/customers/010001", SMV_METHOD_GET, &name, &id), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(find("/customers/-1", SMV_METHOD_GET, &name, &id), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(find("/customers/1234567890123456789", SMV_METHOD_GET, &name, &id), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(find("/customers/10001", SMV_METHOD_POST, &name, &id), SMV_ERROR_METHOD);
    CU_ASSERT_EQUAL(find("/login", SMV_METHOD_GET, &name, &id), SMV_ERROR_NOT_FOUND);
}

static void a_route_without_its_right_does_not_start(void)
{
    CU_ASSERT_PTR_NULL(smv_routes_check(smv_routes, smv_route_count, pool));
    for (int i = 0; i < smv_route_count; i++) {
        smv_route_t broken = smv_routes[i];

        broken.access = SMV_ACCESS_RIGHT;
        broken.right = SMV_RIGHT_NONE;
        CU_ASSERT_PTR_NOT_NULL(smv_routes_check(&broken, 1, pool));
        broken = smv_routes[i];
        broken.csrf = 0;
        CU_ASSERT_PTR_NOT_NULL(smv_routes_check(&broken, 1, pool));
    }
}

static void query_numbers_are_numbers(void)
{
    apr_int64_t number = 7;

    CU_ASSERT_PTR_NULL(smv_query_number(&number, NULL, "limit", 1, 200, pool));
    CU_ASSERT_PTR_NULL(smv_query_number(&number, "after=5", "limit", 1, 200, pool));
    CU_ASSERT_EQUAL(number, 7);
    CU_ASSERT_PTR_NULL(smv_query_number(&number, "after=5&limit=200", "limit", 1, 200, pool));
    CU_ASSERT_EQUAL(number, 200);
    CU_ASSERT_PTR_NOT_NULL(smv_query_number(&number, "limit=201", "limit", 1, 200, pool));
    CU_ASSERT_PTR_NOT_NULL(smv_query_number(&number, "limit=", "limit", 1, 200, pool));
    CU_ASSERT_PTR_NOT_NULL(smv_query_number(&number, "limit=1x", "limit", 1, 200, pool));
}

/* --- writing --- */

static smv_buffer_t buffer;

static void fresh(void)
{
    smv_buffer_init(&buffer, 4, 1024, pool);
}

static const char *written(void)
{
    smv_buffer_write(&buffer, "", 1);
    return buffer.data;
}

#define CHECK_WRITTEN(expected, call)                                                                                  \
    fresh();                                                                                                           \
    call;                                                                                                              \
    CU_ASSERT_STRING_EQUAL(written(), expected)

static void text_is_escaped_by_where_it_stands(void)
{
    CHECK_WRITTEN("&lt;a href=&quot;x&#39;&quot;&gt;&amp;", smv_buffer_html(&buffer, "<a href=\"x'\">&", 14));
    CHECK_WRITTEN("a%20b/%C3%A4%3F", smv_buffer_url(&buffer, "a b/ä?", 7));
    CHECK_WRITTEN("\"\\\"\\\\\\n\\u0001ä\xef\xbf\xbd\"", smv_buffer_json(&buffer, "\"\\\n\001ä\xff", 7));
    CHECK_WRITTEN("-9223372036854775808", smv_buffer_number(&buffer, APR_INT64_MIN));
}

static void a_buffer_stops_at_its_limit(void)
{
    smv_buffer_init(&buffer, 4, 10, pool);
    smv_buffer_puts(&buffer, "12345678");
    CU_ASSERT_FALSE(buffer.is_failed);
    smv_buffer_puts(&buffer, "90a");
    CU_ASSERT_TRUE(buffer.is_failed);
    smv_buffer_puts(&buffer, "x");
    CU_ASSERT_EQUAL(buffer.size, 8);
}

static void values_read_as_people_write_them(void)
{
    CHECK_WRITTEN("54,00 €", smv_format_money(&buffer, SMV_LANGUAGE_DE, 5400, "EUR"));
    CHECK_WRITTEN("1.234.567,08 CHF", smv_format_money(&buffer, SMV_LANGUAGE_DE, 123456708, "CHF"));
    CHECK_WRITTEN("-0,01 €", smv_format_money(&buffer, SMV_LANGUAGE_DE, -1, "EUR"));
    CHECK_WRITTEN("€1,234.00", smv_format_money(&buffer, SMV_LANGUAGE_EN, 123400, "EUR"));
    CHECK_WRITTEN("01.03.2020", smv_format_date(&buffer, SMV_LANGUAGE_DE, "2020-03-01", 10));
    CHECK_WRITTEN("1 March 2020", smv_format_date(&buffer, SMV_LANGUAGE_EN, "2020-03-01", 10));
    CHECK_WRITTEN("&lt;b&gt;", smv_format_date(&buffer, SMV_LANGUAGE_DE, "<b>", 3));
    CHECK_WRITTEN("999 Byte", smv_format_bytes(&buffer, SMV_LANGUAGE_DE, 999));
    CHECK_WRITTEN("12,3 KB", smv_format_bytes(&buffer, SMV_LANGUAGE_DE, 12345));
    CHECK_WRITTEN("4.5 MB", smv_format_bytes(&buffer, SMV_LANGUAGE_EN, 4500000));
    CHECK_WRITTEN("01.07.2026", smv_format_time(&buffer, SMV_LANGUAGE_DE, 1782856800 + 1));
}

static void languages_follow_their_quality(void)
{
    CU_ASSERT_EQUAL(smv_language_of(NULL), SMV_LANGUAGE_DE);
    CU_ASSERT_EQUAL(smv_language_of("en-GB,en;q=0.8"), SMV_LANGUAGE_EN);
    CU_ASSERT_EQUAL(smv_language_of("en;q=0.5, de;q=0.9"), SMV_LANGUAGE_DE);
    CU_ASSERT_EQUAL(smv_language_of("fr, en;q=0"), SMV_LANGUAGE_DE);
}

static void json_leaves_out_what_is_for_pages(void)
{
    smv_record_t *document = smv_record_make(&smv_shape_document, pool);

    document->values[SMV_DOCUMENT_ID] = smv_number(5);
    document->values[SMV_DOCUMENT_CONTENT_HASH] = smv_text("secret");
    fresh();
    smv_json_record(&buffer, document);
    CU_ASSERT_PTR_NOT_NULL(strstr(written(), "\"id\":\"5\""));
    CU_ASSERT_PTR_NULL(strstr(buffer.data, "content_hash"));
    CU_ASSERT_PTR_NULL(strstr(buffer.data, "secret"));
}

static void shapes_and_their_numbers_agree(void)
{
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_customer, "broker"), SMV_CUSTOMER_BROKER);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_contract, "document_count"), SMV_CONTRACT_DOCUMENT_COUNT);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_document, "content_hash"), SMV_DOCUMENT_CONTENT_HASH);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_firm, "name"), SMV_FIRM_NAME);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_page, "menu"), SMV_PAGE_MENU);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_tile, "href"), SMV_TILE_HREF);
}

#define TEST(function)                                                                                                 \
    {                                                                                                                  \
#function, function                                                                                            \
    }

int main(void)
{
    CU_TestInfo rights[] = {TEST(rights_are_the_25_of_the_grid), TEST(rights_default_to_the_source_page),
                            CU_TEST_INFO_NULL};
    CU_TestInfo policy[] = {TEST(out_of_scope_is_not_found),
                            TEST(in_scope_without_the_right_is_denied_by_name),
                            TEST(each_role_counts_in_its_own_scope),
                            TEST(hide_rights_of_any_role_count_everywhere),
                            TEST(a_range_is_the_union_of_granting_roles),
                            CU_TEST_INFO_NULL};
    CU_TestInfo routes[] = {TEST(routes_are_found_by_whole_path), TEST(a_route_without_its_right_does_not_start),
                            TEST(query_numbers_are_numbers), CU_TEST_INFO_NULL};
    CU_TestInfo writing[] = {TEST(text_is_escaped_by_where_it_stands),
                             TEST(a_buffer_stops_at_its_limit),
                             TEST(values_read_as_people_write_them),
                             TEST(languages_follow_their_quality),
                             TEST(json_leaves_out_what_is_for_pages),
                             TEST(shapes_and_their_numbers_agree),
                             CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"rights", NULL, NULL, NULL, NULL, rights},
                             {"policy", NULL, NULL, NULL, NULL, policy},
                             {"routes", NULL, NULL, NULL, NULL, routes},
                             {"writing", NULL, NULL, NULL, NULL, writing},
                             CU_SUITE_INFO_NULL};
    unsigned failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures() + (CU_get_number_of_tests_run() == 0);
    CU_cleanup_registry();
    apr_terminate();
    return failed != 0;
}
