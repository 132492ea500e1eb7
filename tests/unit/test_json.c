/* SPDX-License-Identifier: Apache-2.0
 *
 * Records, lists and problems as JSON.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_json.h"
#include "../../mod_smvportal/core/smv_record.h"

static const smv_code_t colours[] = {{"red", "Rot"}, {NULL, NULL}};

SMV_SHAPE(leaf, "Leaf", {.name = "id", .type = SMV_TYPE_ID}, {.name = "secret", .type = SMV_TYPE_TEXT, .page_only = 1});
SMV_SHAPE(hidden, "Hidden", {.name = "href", .type = SMV_TYPE_TEXT, .page_only = 1});
SMV_SHAPE(tree, "Tree", {.name = "href", .type = SMV_TYPE_TEXT, .page_only = 1},
          {.name = "text", .type = SMV_TYPE_TEXT}, {.name = "integer", .type = SMV_TYPE_INTEGER},
          {.name = "boolean", .type = SMV_TYPE_BOOLEAN}, {.name = "money", .type = SMV_TYPE_MONEY},
          {.name = "date", .type = SMV_TYPE_DATE}, {.name = "time", .type = SMV_TYPE_TIME},
          {.name = "bytes", .type = SMV_TYPE_BYTES}, {.name = "code", .type = SMV_TYPE_CODE, .codes = colours},
          {.name = "record", .type = SMV_TYPE_RECORD, .shape = &leaf},
          {.name = "list", .type = SMV_TYPE_LIST, .shape = &leaf});

static smv_value_t money(apr_int64_t cents, const char *currency)
{
    smv_value_t value = smv_text(currency);

    value.number = cents;
    return value;
}

static smv_list_t *two_leaves(void)
{
    smv_list_t *list = smv_list_make(&leaf, 2, unit_pool);

    list->records[0].values[0] = smv_number(1);
    list->records[0].values[1] = smv_text("hush");
    list->records[1].values[0] = smv_number(4294967299);
    return list;
}

static void what_is_absent_is_null(void)
{
    UNIT_WRITES("{\"text\":null,\"integer\":null,\"boolean\":null,\"money\":null,\"date\":null,\"time\":null,"
                "\"bytes\":null,\"code\":null,\"record\":null,\"list\":null}",
                smv_json_record(&buffer, smv_record_make(&tree, unit_pool)));
}

static void each_type_has_its_form(void)
{
    smv_record_t *record = smv_record_make(&tree, unit_pool);
    smv_list_t *list = two_leaves();

    record->values[0] = smv_text("/page");
    record->values[1] = smv_text("\"ä\"");
    record->values[2] = smv_number(-5);
    record->values[3] = smv_number(1);
    record->values[4] = money(5400, "EUR");
    record->values[5] = smv_text("2020-03-01");
    record->values[6] = smv_number(1782856800);
    record->values[7] = smv_number(812);
    record->values[8] = smv_text("red");
    record->values[9] = smv_nested(&list->records[1]);
    record->values[10] = smv_nested_list(list);
    UNIT_WRITES("{\"text\":\"\\\"ä\\\"\",\"integer\":-5,\"boolean\":true,"
                "\"money\":{\"amount\":\"54.00\",\"currency\":\"EUR\"},\"date\":\"2020-03-01\","
                "\"time\":\"2026-06-30T22:00:00Z\",\"bytes\":812,\"code\":\"red\",\"record\":{\"id\":\"4294967299\"},"
                "\"list\":[{\"id\":\"1\"},{\"id\":\"4294967299\"}]}",
                smv_json_record(&buffer, record));
}

SMV_SHAPE(purse, "Purse", {.name = "money", .type = SMV_TYPE_MONEY}, {.name = "time", .type = SMV_TYPE_TIME});

static void extreme_values_stay_json(void)
{
    smv_record_t *record = smv_record_make(&purse, unit_pool);

    record->values[0] = money(APR_INT64_MIN, "EUR");
    record->values[1] = smv_number(APR_INT64_MIN);
    UNIT_WRITES("{\"money\":{\"amount\":\"-92233720368547758.08\",\"currency\":\"EUR\"},\"time\":null}",
                smv_json_record(&buffer, record));
    record->values[0] = money(-1, "CHF");
    record->values[1] = smv_number(253402300800);
    UNIT_WRITES("{\"money\":{\"amount\":\"-0.01\",\"currency\":\"CHF\"},\"time\":null}",
                smv_json_record(&buffer, record));
    record->values[1] = smv_number(-30610224001);
    UNIT_WRITES("{\"money\":{\"amount\":\"-0.01\",\"currency\":\"CHF\"},\"time\":null}",
                smv_json_record(&buffer, record));
}

static void a_record_for_pages_alone_is_empty(void)
{
    UNIT_WRITES("{}", smv_json_record(&buffer, smv_record_make(&hidden, unit_pool)));
}

static void a_list_has_items_and_next(void)
{
    smv_list_t *list = two_leaves();

    UNIT_WRITES("{\"items\":[{\"id\":\"1\"},{\"id\":\"4294967299\"}],\"next\":null}", smv_json_list(&buffer, list));
    list->next = "/customers?after=1&limit=1";
    list->count = 1;
    UNIT_WRITES("{\"items\":[{\"id\":\"1\"}],\"next\":\"/customers?after=1&limit=1\"}", smv_json_list(&buffer, list));
    UNIT_WRITES("{\"items\":[],\"next\":null}", smv_json_list(&buffer, smv_list_make(&leaf, 0, unit_pool)));
}

static void a_problem_tells_nothing_of_the_inside(void)
{
    UNIT_WRITES("{\"type\":\"about:blank\",\"title\":\"Dafür fehlt Ihnen das Recht.\",\"status\":403,"
                "\"code\":\"SMV0106\"}",
                smv_json_problem(&buffer, smv_error(unit_pool, SMV_ERROR_DENIED, "%s lacks it", "karla")));
}

static void a_problem_points_to_the_fields(void)
{
    const smv_problem_t *problems = NULL;
    static const char *const fields[] = {"name", "", "a/b~c", "Straße \"1\""};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        problems = smv_problem(problems, fields[i], i ? "Falsch." : "Höchstzahl der Zeichen:", i ? 0 : 80, unit_pool);
    }
    UNIT_WRITES("{\"type\":\"about:blank\",\"title\":\"Bitte prüfen Sie Ihre Angaben.\",\"status\":422,"
                "\"code\":\"SMV0111\",\"errors\":[{\"pointer\":\"#/name\",\"detail\":\"Höchstzahl der Zeichen: 80\"},"
                "{\"pointer\":\"#\",\"detail\":\"Falsch.\"},{\"pointer\":\"#/a~1b~0c\",\"detail\":\"Falsch.\"},"
                "{\"pointer\":\"#/Stra%C3%9Fe%20%221%22\",\"detail\":\"Falsch.\"}]}",
                smv_json_problem(&buffer, smv_error_invalid(problems, unit_pool)));
    CU_ASSERT_STRING_EQUAL(smv_problem_of(problems, "name")->text, "Höchstzahl der Zeichen:");
    CU_ASSERT_PTR_NULL(smv_problem_of(problems, "city"));
}

static void every_error_has_its_own_number_and_text(void)
{
    static const smv_error_e codes[] = {
#define CODE(NAME, number, http, text) SMV_ERROR_##NAME,
        SMV_ERRORS(CODE)};
    int count = (int)(sizeof codes / sizeof *codes);

    for (int i = 0; i < count; i++) {
        const smv_error_t *error = smv_error(unit_pool, codes[i], "cause %d", i);

        CU_ASSERT_TRUE(codes[i] >= 100 && codes[i] <= 999);
        CU_ASSERT_TRUE(i == 0 || codes[i] > codes[i - 1]);
        CU_ASSERT_EQUAL(error->code, codes[i]);
        CU_ASSERT_TRUE(error->http_status >= 400 && error->http_status < 600);
        CU_ASSERT_TRUE(error->public_text && *error->public_text);
        CU_ASSERT_EQUAL(strncmp(error->detail, "cause ", 6), 0);
    }
}

int suite_json(void)
{
    static CU_TestInfo tests[] = {
        {"what is absent is null", what_is_absent_is_null},
        {"each type has its form", each_type_has_its_form},
        {"extreme values stay JSON", extreme_values_stay_json},
        {"a record for pages alone is empty", a_record_for_pages_alone_is_empty},
        {"a list has items and next", a_list_has_items_and_next},
        {"a problem tells nothing of the inside", a_problem_tells_nothing_of_the_inside},
        {"a problem points to the fields", a_problem_points_to_the_fields},
        {"every error has its own number and text", every_error_has_its_own_number_and_text},
        CU_TEST_INFO_NULL,
    };

    return unit_register("json", tests);
}
