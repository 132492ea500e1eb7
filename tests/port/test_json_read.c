/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON that programs send: what is taken, member by member, and what is refused as a whole.
 */
#include <CUnit/Basic.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../../mod_smvportal/port/smv_json_read.h"

static apr_pool_t *pool;
static smv_form_t *form;

/* @return the code of the error, 0 for an object */
static smv_error_e read_bytes(const char *text, apr_size_t size)
{
    const smv_error_t *error = smv_json_read(&form, text, size, pool);

    if (error) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(error->problems);
        CU_ASSERT_STRING_EQUAL(error->problems->field, "");
    }
    return error ? error->code : 0;
}

static smv_error_e read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void each_member_keeps_its_type(void)
{
    static const struct {
        const char *name, *text;
        smv_sent_e type;
    } members[] = {{"text", "Käthe \"K\"", SMV_SENT_TEXT}, {"empty", "", SMV_SENT_TEXT},
                   {"yes", "true", SMV_SENT_BOOLEAN},      {"no", "false", SMV_SENT_BOOLEAN},
                   {"nothing", "", SMV_SENT_NULL},         {"number", "", SMV_SENT_OTHER},
                   {"list", "", SMV_SENT_OTHER},           {"object", "", SMV_SENT_OTHER}};

    CU_ASSERT_EQUAL_FATAL(read_text(" {\"text\":\"K\\u00e4the \\\"K\\\"\",\"empty\":\"\",\"yes\":true,\"no\":false,"
                                    "\"nothing\":null,\"number\":5,\"list\":[\"a\"],\"object\":{\"text\":\"b\"}} "),
                          0);
    CU_ASSERT_TRUE(form->is_json);
    CU_ASSERT_EQUAL(form->sent->nelts, 8);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const smv_sent_t *sent = smv_form_find(form, members[i].name);

        CU_ASSERT_PTR_NOT_NULL_FATAL(sent);
        CU_ASSERT_EQUAL(sent->type, members[i].type);
        CU_ASSERT_STRING_EQUAL(sent->text, members[i].text);
        CU_ASSERT_EQUAL(sent->size, strlen(members[i].text));
    }
    CU_ASSERT_PTR_NULL(smv_form_find(form, "missing"));
}

static void a_nul_stays_in_its_text_and_is_seen(void)
{
    CU_ASSERT_EQUAL_FATAL(read_text("{\"name\":\"a\\u0000b\"}"), 0);
    CU_ASSERT_EQUAL(smv_form_find(form, "name")->size, 3);
    CU_ASSERT_EQUAL(memcmp(smv_form_find(form, "name")->text, "a\0b", 4), 0);
    CU_ASSERT_PTR_NULL(smv_form_text(form, "name"));
    CU_ASSERT_EQUAL(read_text("{\"na\\u0000me\":\"a\"}"), SMV_ERROR_INVALID);
    CU_ASSERT_EQUAL(read_bytes("{\"name\":\"a\0b\"}", 14), SMV_ERROR_INVALID);
    CU_ASSERT_EQUAL(read_bytes("{}\0", 3), SMV_ERROR_INVALID);
}

static void what_is_no_object_is_refused(void)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "null",
                                        "\"text\"",
                                        "5",
                                        "[]",
                                        "[{}]",
                                        "{",
                                        "{\"a\":\"b\"",
                                        "{\"a\":\"b\",}",
                                        "{'a':'b'}",
                                        "{a:\"b\"}",
                                        "{\"a\":\"b\"} x",
                                        "{}{}",
                                        "{\"a\":nul}",
                                        "{\"a\":NaN}",
                                        "{\"a\":\"\n\"}",
                                        "\xEF\xBB\xBF{}",
                                        "a=b"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CU_ASSERT_EQUAL(read_text(texts[i]), SMV_ERROR_INVALID);
        CU_ASSERT_EQUAL(form->sent->nelts, 0);
    }
    CU_ASSERT_EQUAL(read_text("{}"), 0);
}

static void text_that_is_no_utf_8_is_refused(void)
{
    static const char *const texts[] = {"\xFC",    "\xC3",           "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                        "\\ud800", "\\ud800\\u0041", "\\udc00"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CU_ASSERT_EQUAL(read_text(apr_pstrcat(pool, "{\"name\":\"", texts[i], "\"}", NULL)), SMV_ERROR_INVALID);
        CU_ASSERT_EQUAL(read_text(apr_pstrcat(pool, "{\"", texts[i], "\":\"\"}", NULL)), SMV_ERROR_INVALID);
    }
    CU_ASSERT_EQUAL_FATAL(read_text("{\"name\":\"\\ud83d\\ude00\"}"), 0);
    CU_ASSERT_STRING_EQUAL(smv_form_text(form, "name"), "😀");
}

static void each_member_comes_once(void)
{
    CU_ASSERT_EQUAL(read_text("{\"name\":\"a\",\"name\":\"a\"}"), SMV_ERROR_INVALID);
    CU_ASSERT_EQUAL(read_text("{\"name\":\"a\",\"n\\u0061me\":\"b\"}"), SMV_ERROR_INVALID);
    CU_ASSERT_EQUAL(read_text("{\"a\":{\"b\":1,\"b\":2}}"), SMV_ERROR_INVALID);
}

static const char *object_of(int members)
{
    const char *text = "{\"m\":0";

    for (int i = 1; i < members; i++) {
        text = apr_psprintf(pool, "%s,\"m%d\":\"\"", text, i);
    }
    return apr_pstrcat(pool, text, "}", NULL);
}

static void an_object_has_a_bound(void)
{
    CU_ASSERT_EQUAL(read_text(object_of(SMV_FORM_MAX_FIELDS)), 0);
    CU_ASSERT_EQUAL(form->sent->nelts, SMV_FORM_MAX_FIELDS);
    CU_ASSERT_EQUAL(read_text(object_of(SMV_FORM_MAX_FIELDS + 1)), SMV_ERROR_INVALID);
}

static void depth_is_no_danger(void)
{
    char *text = apr_palloc(pool, SMV_FORM_MAX_SIZE);

    memset(text, '[', SMV_FORM_MAX_SIZE);
    memcpy(text, "{\"a\":", 5);
    CU_ASSERT_EQUAL(read_bytes(text, SMV_FORM_MAX_SIZE), SMV_ERROR_INVALID);
}

int main(void)
{
    CU_TestInfo tests[] = {{"each member keeps its type", each_member_keeps_its_type},
                           {"a NUL stays in its text and is seen", a_nul_stays_in_its_text_and_is_seen},
                           {"what is no object is refused", what_is_no_object_is_refused},
                           {"text that is no UTF-8 is refused", text_that_is_no_utf_8_is_refused},
                           {"each member comes once", each_member_comes_once},
                           {"an object has a bound", an_object_has_a_bound},
                           {"depth is no danger", depth_is_no_danger},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"JSON reading", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned failures;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS ||
        CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + (CU_get_number_of_tests_run() == 0);
    CU_cleanup_registry();
    apr_terminate();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
