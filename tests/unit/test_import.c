/* SPDX-License-Identifier: Apache-2.0
 *
 * What insurers deliver of a contract becomes rows of the portal, and counts beside what is there.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_gdv_rows.h"

#include <apr_strings.h>
#include <string.h>

static const smv_gdv_contract_t contract = {"5342", "Muster Versicherung AG", "B-4711"};

/* --- which value counts --- */

static void test_a_value_said_again_changes_nothing(void)
{
    CU_ASSERT_EQUAL(smv_import_judge("A", "A", "A"), SMV_IMPORT_SAME);
    CU_ASSERT_EQUAL(smv_import_judge("A", "B", "A"), SMV_IMPORT_SAME); /* whatever somebody made of it here */
    CU_ASSERT_EQUAL(smv_import_judge("A", NULL, "A"), SMV_IMPORT_SAME);
    CU_ASSERT_EQUAL(smv_import_judge("A", "B", "B"), SMV_IMPORT_SAME); /* they agree by now */
    CU_ASSERT_EQUAL(smv_import_judge(NULL, "A", "A"), SMV_IMPORT_SAME);
    CU_ASSERT_EQUAL(smv_import_judge(NULL, "A", NULL), SMV_IMPORT_SAME);
}

static void test_a_new_value_is_taken_where_nobody_changed_the_old_one(void)
{
    CU_ASSERT_EQUAL(smv_import_judge("A", "A", "B"), SMV_IMPORT_TAKE);
    CU_ASSERT_EQUAL(smv_import_judge(NULL, NULL, "B"), SMV_IMPORT_TAKE);
    CU_ASSERT_EQUAL(smv_import_judge("A", "A", NULL), SMV_IMPORT_TAKE); /* it has ended */
}

static void test_what_was_changed_here_stays(void)
{
    CU_ASSERT_EQUAL(smv_import_judge("A", "C", "B"), SMV_IMPORT_KEEP);
    CU_ASSERT_EQUAL(smv_import_judge("A", NULL, "B"), SMV_IMPORT_KEEP);
    CU_ASSERT_EQUAL(smv_import_judge("A", "C", NULL), SMV_IMPORT_KEEP);
    CU_ASSERT_EQUAL(smv_import_judge(NULL, "C", "B"), SMV_IMPORT_KEEP);
}

/* --- records --- */

#define PART(type, part, ...) record(type, part, (const char *const[]){__VA_ARGS__, NULL})
#define RECORD(type, ...) PART(type, "1", __VA_ARGS__)

static apr_array_header_t *records;

static void record(const char *type, const char *part, const char *const *words)
{
    smv_gdv_values_t *made = apr_array_push(records);
    apr_array_header_t *fields = apr_array_make(unit_pool, 8, sizeof(smv_import_field_t));

    for (; *words; words += 2) {
        APR_ARRAY_PUSH(fields, smv_import_field_t) = (smv_import_field_t){words[0], words[1]};
    }
    *made = (smv_gdv_values_t){type, part, (const smv_import_field_t *)fields->elts, fields->nelts};
}

static smv_import_group_t group;

static const smv_import_item_t *holder(void)
{
    smv_gdv_rows(&group, &contract, records, unit_pool);
    return group.customers->nelts == 1 ? &APR_ARRAY_IDX(group.customers, 0, smv_import_item_t) : NULL;
}

/* @return the nth of a resource, from 0; NULL where there are not so many */
static const smv_import_item_t *other(smv_import_e resource, int nth)
{
    for (int i = 0; i < group.others->nelts; i++) {
        const smv_import_item_t *item = &APR_ARRAY_IDX(group.others, i, smv_import_item_t);

        if (item->resource == resource && nth-- == 0) {
            return item;
        }
    }
    return NULL;
}

static void says(const smv_import_item_t *item, const char *column, const char *expected)
{
    const char *value = item ? smv_import_value(item, column) : "no row";

    if (!value || strcmp(value, expected) != 0) {
        fprintf(stderr, "%s: \"%s\"\n", column, value ? value : "nothing");
    }
    CU_ASSERT_STRING_EQUAL(value ? value : "nothing", expected);
}

static int set_up(void)
{
    records = apr_array_make(unit_pool, 8, sizeof(smv_gdv_values_t));
    return 0;
}

static void address_of(const char *salutation, const char *name, const char *first_name, const char *kind)
{
    set_up();
    RECORD("0100", "salutation", salutation, "name_1", name, "name_3", first_name, "postcode", "50825", "city", "Köln",
           "street", "Ring 1", "birth_date", "1979-11-11", "address_kind", kind);
}

static void test_a_person(void)
{
    const smv_import_item_t *item;

    address_of("2", "Kunde", "Karla", "01");
    PART("0100", "2", "customer_number", "W45", "agent_customer_number", "10001");
    item = holder();
    says(item, "kind", "person");
    says(item, "salutation", "ms");
    says(item, "name", "Kunde");
    says(item, "first_name", "Karla");
    says(item, "birth_date", "1979-11-11");
    says(item, "city", "Köln");
    CU_ASSERT_STRING_EQUAL(item->source, "gdv 5342 customer W45");
    CU_ASSERT_STRING_EQUAL(group.fallback, "gdv 5342 customer W45, Kunde Karla 1979-11-11");
    CU_ASSERT_STRING_EQUAL(group.policy, "gdv 5342 contract B-4711");
    CU_ASSERT_STRING_EQUAL(group.number, "10001");
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_CONTRACT, 0));
}

static void test_a_company_has_no_first_name_and_no_birthday(void)
{
    const smv_import_item_t *item;

    address_of("3", "Chef GmbH", "& Co. KG", "01");
    item = holder();
    says(item, "kind", "company");
    says(item, "name", "Chef GmbH & Co. KG");
    CU_ASSERT_PTR_NULL(smv_import_value(item, "first_name"));
    CU_ASSERT_PTR_NULL(smv_import_value(item, "birth_date"));
    CU_ASSERT_STRING_EQUAL(item->source, group.fallback); /* the insurer has no number for it */
}

static void test_addresses_of_others_are_not_the_holders(void)
{
    address_of("1", "Versichert", "Vera", "02");
    PART("0100", "2", "contact_type_1", "10", "contact_1", "0221 1");
    RECORD("0100", "salutation", "1", "name_1", "Halter", "address_kind", "01");
    PART("0100", "2", "contact_type_1", "10", "contact_1", "0221 2");
    says(holder(), "name", "Halter");
    says(other(SMV_IMPORT_COMMUNICATION, 0), "value", "0221 2");
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_COMMUNICATION, 1));
}

static void test_without_a_holder_there_is_nothing(void)
{
    set_up();
    RECORD("0200", "line", "030", "status", "1");
    CU_ASSERT_PTR_NULL(holder());
    CU_ASSERT_STRING_EQUAL(group.fault, "nobody is said to hold it");
    CU_ASSERT_EQUAL(group.others->nelts, 0);
}

static void test_how_the_holder_is_reached(void)
{
    address_of("1", "Kunde", "Karl", "01");
    PART("0100", "2", "contact_type_1", "10", "contact_1", "0221 1", "contact_type_2", "20", "contact_2", "0221 2",
         "contact_type_3", "30", "contact_3", "0170 3", "contact_type_4", "10", "contact_4", "0221 4");
    PART("0100", "2", "contact_type_5", "42", "contact_5", "0221 5", "contact_type_6", "50", "contact_6",
         "karl(a)example.com", "contact_type_7", "60", "contact_7", "www.example.com");
    holder();
    says(other(SMV_IMPORT_COMMUNICATION, 0), "kind", "phone");
    says(other(SMV_IMPORT_COMMUNICATION, 0), "usage", "private");
    says(other(SMV_IMPORT_COMMUNICATION, 1), "usage", "business");
    says(other(SMV_IMPORT_COMMUNICATION, 2), "kind", "mobile");
    CU_ASSERT_STRING_EQUAL(other(SMV_IMPORT_COMMUNICATION, 3)->source, "gdv 5342 contract B-4711 communication 10 2");
    says(other(SMV_IMPORT_COMMUNICATION, 4), "kind", "fax");
    says(other(SMV_IMPORT_COMMUNICATION, 5), "value", "karl@example.com");
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_COMMUNICATION, 6)); /* pages have no place here */
}

static void test_a_bank_account_has_a_right_iban(void)
{
    address_of("1", "Kunde", "Karl", "01");
    PART("0100", "2", "iban_1", "DE89 3704 0044 0532 0130 00", "bic_1", "COBADEFFXXX", "bank_name_1", "Bank");
    PART("0100", "2", "iban_2", "DE89370400440532013001", "sepa_mandate", "M-1");
    holder();
    says(other(SMV_IMPORT_BANK_ACCOUNT, 0), "iban", "DE89370400440532013000");
    says(other(SMV_IMPORT_BANK_ACCOUNT, 0), "holder", "Karl Kunde");
    says(other(SMV_IMPORT_BANK_ACCOUNT, 0), "bank", "Bank");
    says(other(SMV_IMPORT_BANK_ACCOUNT, 0), "mandate_reference", "M-1");
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_BANK_ACCOUNT, 1)); /* its check digits are wrong */
}

static void test_a_contract(void)
{
    const smv_import_item_t *item;

    address_of("1", "Kunde", "Karl", "01");
    RECORD("0200", "line", "050", "start_date", "2004-05-01", "end_date", "2009-05-01", "payment_interval", "8",
           "status", "1", "currency", "EUR", "net_premium", "41141");
    RECORD("0210", "make", "VW", "model", "Golf", "number_plate", "K-AB 123", "whole_sum_insured", "50000");
    holder();
    item = other(SMV_IMPORT_CONTRACT, 0);
    says(item, "number", "B-4711");
    says(item, "insurer", "Muster Versicherung AG");
    says(item, "tariff", "Kfz-Versicherung VW Golf");
    says(item, "start_date", "2004-05-01");
    says(item, "premium", "41141");
    says(item, "premium_currency", "EUR");
    says(item, "payment_mode", "monthly");
    says(item, "status", "active");
    says(item, "note", "K-AB 123");
    says(item, "sum_insured", "5000000");
}

static void test_the_second_part_of_a_contract_says_it_better(void)
{
    const smv_import_item_t *item;

    address_of("1", "Kunde", "Karl", "01");
    RECORD("0200", "line", "999", "status", "6", "net_premium", "100", "payment_interval", "9", "currency", "978");
    PART("0200", "2", "gross_premium", "119", "printed_policy_number", "B 47/11", "product_name", "Rente Plus");
    holder();
    item = other(SMV_IMPORT_CONTRACT, 0);
    says(item, "number", "B 47/11");
    says(item, "tariff", "Rente Plus");
    says(item, "premium", "119");
    says(item, "note", "beitragsfrei");
    CU_ASSERT_PTR_NULL(smv_import_value(item, "payment_mode"));
    CU_ASSERT_PTR_NULL(smv_import_value(item, "premium_currency")); /* no code of ISO 4217 */
}

static void test_each_line_of_a_policy_is_a_contract(void)
{
    address_of("1", "Kunde", "Karl", "01");
    RECORD("0200", "line", "130", "status", "1", "net_premium", "10000");
    RECORD("0200", "line", "110", "exit_date", "2020-01-01", "net_premium", "500");
    RECORD("0210", "line", "130", "product_name", "Hausrat");
    RECORD("0210", "line", "110", "product_name", "Glas");
    holder();
    says(other(SMV_IMPORT_CONTRACT, 0), "tariff", "Hausrat");
    says(other(SMV_IMPORT_CONTRACT, 0), "status", "active");
    says(other(SMV_IMPORT_CONTRACT, 0), "premium", "10000");
    says(other(SMV_IMPORT_CONTRACT, 1), "tariff", "Glas");
    says(other(SMV_IMPORT_CONTRACT, 1), "status", "cancelled");
    CU_ASSERT_STRING_EQUAL(other(SMV_IMPORT_CONTRACT, 1)->source, "gdv 5342 contract B-4711 line 110");
    CU_ASSERT_PTR_NULL(group.fault);
    RECORD("0200", "line", "110", "status", "1");
    holder();
    CU_ASSERT_STRING_EQUAL(group.fault, "it is there several times in one line of business");
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_CONTRACT, 0));
}

static void test_an_address_without_its_first_part_is_nobodys(void)
{
    set_up();
    PART("0100", "4", "iban_1", "DE89370400440532013000");
    RECORD("0100", "salutation", "1", "name_1", "Kunde", "address_kind", "01");
    CU_ASSERT_PTR_NOT_NULL(holder());
    CU_ASSERT_PTR_NULL(other(SMV_IMPORT_BANK_ACCOUNT, 0));
}

static void test_a_contract_that_has_ended(void)
{
    address_of("1", "Kunde", "Karl", "01");
    RECORD("0200", "line", "777", "status", "4", "start_date", "2004-07", "end_date", "2005-01-01");
    holder();
    says(other(SMV_IMPORT_CONTRACT, 0), "status", "cancelled");
    says(other(SMV_IMPORT_CONTRACT, 0), "tariff", "Sparte 777");
    CU_ASSERT_PTR_NULL(
        smv_import_value(other(SMV_IMPORT_CONTRACT, 0), "start_date")); /* of which nobody knows the day */
    says(other(SMV_IMPORT_CONTRACT, 0), "end_date", "2005-01-01");
    address_of("1", "Kunde", "Karl", "01");
    RECORD("0200", "status", "1", "exit_date", "2020-01-01");
    holder();
    says(other(SMV_IMPORT_CONTRACT, 0), "status", "cancelled");
}

int suite_import(void)
{
    static CU_TestInfo tests[] = {
        {"a value said again changes nothing", test_a_value_said_again_changes_nothing},
        {"a new value is taken where nobody changed the old one",
         test_a_new_value_is_taken_where_nobody_changed_the_old_one},
        {"what was changed here stays", test_what_was_changed_here_stays},
        {"a person", test_a_person},
        {"a company has no first name and no birthday", test_a_company_has_no_first_name_and_no_birthday},
        {"addresses of others are not the holder's", test_addresses_of_others_are_not_the_holders},
        {"without a holder there is nothing", test_without_a_holder_there_is_nothing},
        {"how the holder is reached", test_how_the_holder_is_reached},
        {"a bank account has a right IBAN", test_a_bank_account_has_a_right_iban},
        {"a contract", test_a_contract},
        {"the second part of a contract says it better", test_the_second_part_of_a_contract_says_it_better},
        {"each line of a policy is a contract", test_each_line_of_a_policy_is_a_contract},
        {"an address without its first part is nobody's", test_an_address_without_its_first_part_is_nobodys},
        {"a contract that has ended", test_a_contract_that_has_ended},
        CU_TEST_INFO_NULL,
    };

    return unit_register("import", tests);
}
