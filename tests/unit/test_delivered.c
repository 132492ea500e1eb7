/* SPDX-License-Identifier: Apache-2.0
 *
 * What a delivery says of its documents, and whose they are.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_bipro_kind.h"
#include "../../mod_smvportal/core/smv_csv.h"
#include "../../mod_smvportal/core/smv_delivered.h"
#include "../../mod_smvportal/core/smv_document_index.h"

#include <apr_strings.h>
#include <string.h>

/* --- CSV --- */

/* @return its rows as "1:a|b 2:c", each with its line; a fault in <> */
static const char *rows_of(const char *text)
{
    const char *all = "";
    smv_csv_row_t row;
    smv_csv_t csv;

    smv_csv_open(&csv, text, strlen(text));
    while (smv_csv_next(&csv, &row, unit_pool)) {
        all = apr_psprintf(unit_pool, "%s%s%" APR_INT64_T_FMT ":", all, *all ? " " : "", row.line);
        for (int i = 0; i < row.values->nelts; i++) {
            all = apr_pstrcat(unit_pool, all, i ? "|" : "", APR_ARRAY_IDX(row.values, i, const char *), NULL);
        }
        all = row.fault ? apr_pstrcat(unit_pool, all, "<", row.fault, ">", NULL) : all;
    }
    return all;
}

static void test_values_are_separated_as_the_first_line_says(void)
{
    CU_ASSERT_STRING_EQUAL(rows_of("a,b\nc,d\n"), "1:a|b 2:c|d");
    CU_ASSERT_STRING_EQUAL(rows_of("a;b,c;d\n1,5;2;3"), "1:a|b,c|d 2:1,5|2|3");
    CU_ASSERT_STRING_EQUAL(rows_of("a\tb\nc d\te"), "1:a|b 2:c d|e");
    CU_ASSERT_STRING_EQUAL(rows_of("\"a;b;c\",d\n"), "1:a;b;c|d");
    CU_ASSERT_STRING_EQUAL(rows_of("\xEF\xBB\xBF"
                                   "a\n"),
                           "1:a");
}

static void test_lines_end_in_every_way(void)
{
    CU_ASSERT_STRING_EQUAL(rows_of("a\r\nb\rc\n\n\r\nd"), "1:a 2:b 3:c 6:d");
    CU_ASSERT_STRING_EQUAL(rows_of(""), "");
    CU_ASSERT_STRING_EQUAL(rows_of("\n\n"), "");
    CU_ASSERT_STRING_EQUAL(rows_of("a,\n,\n,b"), "1:a| 2:| 3:|b");
}

static void test_quotes(void)
{
    CU_ASSERT_STRING_EQUAL(rows_of("\"a\"\"b\",\" c \" , d \n"), "1:a\"b| c |d");
    CU_ASSERT_STRING_EQUAL(rows_of("x,\"a\nb\"\nc,d"), "1:x|a\nb 3:c|d");
    CU_ASSERT_STRING_EQUAL(rows_of("x\n\"a\nb"), "1:x 2:<a quote is not ended> 3:b");
    CU_ASSERT_STRING_EQUAL(rows_of("x\n\"a\"b,c\nd"), "1:x 2:<something stands behind a quote that ends a value> 3:d");
    CU_ASSERT_STRING_EQUAL(rows_of("a\"b,\"\""), "1:a\"b|");
}

/* --- an index --- */

static const char *fault_of(const char *lines)
{
    smv_document_index_t *index;
    smv_index_entry_t entry;

    CU_ASSERT_PTR_NULL_FATAL(smv_document_index_open(&index, lines, strlen(lines), unit_pool));
    CU_ASSERT_FATAL(smv_document_index_next(index, &entry, unit_pool));
    return entry.fault ? entry.fault : "";
}

static void test_an_entry(void)
{
    static const char text[] = "Kind,FILE,date,customer,name,contract\nRechnung,sub/a.pdf,1.3.2026,10001,,\n";
    smv_document_index_t *index;
    smv_index_entry_t entry;

    CU_ASSERT_PTR_NULL_FATAL(smv_document_index_open(&index, text, strlen(text), unit_pool));
    CU_ASSERT_FATAL(smv_document_index_next(index, &entry, unit_pool));
    CU_ASSERT_EQUAL(entry.line, 2);
    CU_ASSERT_STRING_EQUAL(entry.file, "sub/a.pdf");
    CU_ASSERT_STRING_EQUAL(entry.document.name, "a.pdf");
    CU_ASSERT_STRING_EQUAL(entry.document.kind, "invoice");
    CU_ASSERT_STRING_EQUAL(entry.document.date, "2026-03-01");
    CU_ASSERT_STRING_EQUAL(entry.document.customer, "10001");
    CU_ASSERT_PTR_NULL(entry.document.contract);
    CU_ASSERT_PTR_NULL(entry.document.title);
    CU_ASSERT_FALSE(smv_document_index_next(index, &entry, unit_pool));
}

static void test_files_out_of_the_folder_are_none(void)
{
    static const char *const paths[] = {"/a", "../a", "a/../b", "a/..", "..", "a//b", "a/"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CU_ASSERT_STRING_EQUAL(fault_of(apr_pstrcat(unit_pool, "file\n", paths[i], NULL)),
                               "its file is not in the folder of the index");
    }
    CU_ASSERT_STRING_EQUAL(fault_of("file\na/..b/...c"), "");
    CU_ASSERT_STRING_EQUAL(fault_of("file,kind\na,Foto"), "");
}

/* --- whose it is --- */

static const smv_owner_contract_t contracts[] = {{1, 11, "B-1", "Alpha", "5342"},
                                                 {1, 12, "b 1", "Alpha", "5342"},
                                                 {2, 21, "B1", "Beta", NULL},
                                                 {3, 31, "B-1.", "Beta", "0077"}};

static smv_owner_t owner(const char *insurer, apr_int64_t customer, int from, int count)
{
    const smv_delivered_t document = {
        .contract = count ? "B-1" : NULL, .customer = customer ? "1" : NULL, .insurer = insurer};

    return smv_delivered_owner(&document, customer, contracts + from, count);
}

static void is_owner(smv_owner_t found, apr_int64_t customer, apr_int64_t contract)
{
    CU_ASSERT_EQUAL(found.outcome, SMV_OWNER_FOUND);
    CU_ASSERT_EQUAL(found.customer, customer);
    CU_ASSERT_EQUAL(found.contract, contract);
}

static void is_nobodys(smv_owner_t found, smv_owner_e outcome)
{
    CU_ASSERT_EQUAL(found.outcome, outcome);
    CU_ASSERT_EQUAL(found.customer, 0);
    CU_ASSERT_EQUAL(found.contract, 0);
}

static void test_one_contract_is_certain(void)
{
    is_owner(owner("Beta", 0, 2, 1), 2, 21);
    is_owner(owner("beta", 2, 2, 1), 2, 21);
    is_owner(owner("77", 0, 1, 3), 3, 31);
    is_owner(owner(NULL, 3, 1, 3), 3, 31);
    is_owner(owner("005342", 0, 1, 3), 1, 12);
}

static void test_of_several_contracts_of_one_customer_it_is_of_none_alone(void)
{
    is_owner(owner("5342", 0, 0, 2), 1, 0);
    is_owner(owner("Alpha", 0, 0, 4), 1, 0);
}

static void test_what_is_not_certain_is_nobodys(void)
{
    const smv_delivered_t several = {.contract = "A, B", .has_several = 1}, stranger = {.customer = "9"},
                          silent = {.name = "a"};

    is_nobodys(owner(NULL, 0, 1, 2), SMV_OWNER_AMBIGUOUS);
    is_nobodys(owner(NULL, 0, 2, 1), SMV_OWNER_NO_INSURER);
    is_nobodys(owner("0", 0, 3, 1), SMV_OWNER_OTHER_INSURER);
    is_nobodys(owner("Beta", 0, 0, 4), SMV_OWNER_AMBIGUOUS);
    is_nobodys(owner("Gamma", 0, 0, 4), SMV_OWNER_OTHER_INSURER);
    is_nobodys(owner("5342", 0, 2, 2), SMV_OWNER_OTHER_INSURER);
    is_nobodys(owner(NULL, 9, 0, 4), SMV_OWNER_OTHER_CUSTOMER);
    is_nobodys(owner("Beta", 1, 0, 4), SMV_OWNER_OTHER_CUSTOMER);
    is_nobodys(smv_delivered_owner(&several, 0, contracts, 1), SMV_OWNER_AMBIGUOUS);
    is_nobodys(smv_delivered_owner(&stranger, 0, contracts, 1), SMV_OWNER_UNKNOWN_CUSTOMER);
    is_nobodys(smv_delivered_owner(&silent, 0, contracts, 0), SMV_OWNER_NOTHING_SAID);
}

static smv_owner_e outcome_of(const char *said, const char *number)
{
    const smv_owner_contract_t contract = {1, 11, number, "Alpha", NULL};
    const smv_delivered_t document = {.contract = said, .insurer = "Alpha"};

    return smv_delivered_owner(&document, 0, &contract, 1).outcome;
}

static void test_numbers(void)
{
    static const struct {
        const char *said, *number;
        smv_owner_e outcome;
    } rows[] = {{"123", "12-3", SMV_OWNER_FOUND},
                {"12-3", "123", SMV_OWNER_FOUND},
                {"12-3", "12/3", SMV_OWNER_FOUND},
                {" 12-3-", "12 3", SMV_OWNER_FOUND},
                {"ab-1", "AB1", SMV_OWNER_FOUND},
                {"12-3", "1-23", SMV_OWNER_UNKNOWN_CONTRACT},
                {"1-2-3", "12-3", SMV_OWNER_UNKNOWN_CONTRACT},
                {"12-3", "12-34", SMV_OWNER_UNKNOWN_CONTRACT},
                {"12-34", "12-3", SMV_OWNER_UNKNOWN_CONTRACT},
                {"12", "123", SMV_OWNER_UNKNOWN_CONTRACT},
                {"-", "-", SMV_OWNER_UNKNOWN_CONTRACT},
                {" ", "", SMV_OWNER_UNKNOWN_CONTRACT},
                {"Ä-1", "Ä1", SMV_OWNER_FOUND}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(outcome_of(rows[i].said, rows[i].number), rows[i].outcome);
    }
}

static void test_what_was_said_is_told_apart_from_nothing(void)
{
    const smv_delivered_t one = {.contract = "-", .insurer = "A\"b"}, other = {.customer = "1"};

    CU_ASSERT_STRING_EQUAL(smv_delivered_said(&one, unit_pool),
                           "{\"customer\":null,\"contract\":\"-\",\"insurer\":\"A\\\"b\"}");
    CU_ASSERT_STRING_EQUAL(smv_delivered_said(&other, unit_pool),
                           "{\"customer\":\"1\",\"contract\":null,\"insurer\":null}");
}

static void test_every_reason_has_a_code(void)
{
    CU_ASSERT_PTR_NULL(smv_owner_codes[SMV_OWNER_FOUND]);
    for (int i = SMV_OWNER_FOUND + 1; i < SMV_OWNER_COUNT; i++) {
        CU_ASSERT_PTR_NOT_NULL(smv_owner_codes[i]);
    }
}

/* --- kinds of BiPRO --- */

static void test_what_is_for_the_broker_is_never_a_customers(void)
{
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind("InternesDokumentFuerVermittler", "100007000"), SMV_BIPRO_FOR_BROKER);
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind("Police", "170000000"), SMV_BIPRO_FOR_BROKER);
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind(NULL, "200010000"), SMV_BIPRO_FOR_BROKER);
}

static void test_the_type_says_more_than_the_category(void)
{
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind("AVB", "140013000"), "terms");
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind("SonstigesDokument", "140013000"), "invoice");
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind(NULL, "120010000"), "policy");
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind(NULL, "120009000"), "letter");
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind(NULL, "999010000"), "other");
    CU_ASSERT_STRING_EQUAL(smv_bipro_kind(NULL, NULL), "other");
}

int suite_delivered(void)
{
    static CU_TestInfo tests[] = {
        {"values are separated as the first line says", test_values_are_separated_as_the_first_line_says},
        {"lines end in every way", test_lines_end_in_every_way},
        {"quotes", test_quotes},
        {"an entry", test_an_entry},
        {"files out of the folder are none", test_files_out_of_the_folder_are_none},
        {"one contract is certain", test_one_contract_is_certain},
        {"of several contracts of one customer it is of none alone",
         test_of_several_contracts_of_one_customer_it_is_of_none_alone},
        {"what is not certain is nobody's", test_what_is_not_certain_is_nobodys},
        {"numbers", test_numbers},
        {"what was said is told apart from nothing", test_what_was_said_is_told_apart_from_nothing},
        {"every reason has a code", test_every_reason_has_a_code},
        {"what is for the broker is never a customer's", test_what_is_for_the_broker_is_never_a_customers},
        {"the type says more than the category", test_the_type_says_more_than_the_category},
        CU_TEST_INFO_NULL,
    };

    return unit_register("delivered", tests);
}
