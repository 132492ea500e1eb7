/* SPDX-License-Identifier: Apache-2.0
 *
 * What is typed into the search box, and what is tapped in its results.
 */
#include <apr_strings.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_customer_lines.h"
#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_search.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "unit.h"

/* @return the terms, "müller|mueller karla" */
static const char *terms(const char *typed)
{
    const smv_search_t *search = smv_search_read(typed, unit_pool);
    const char *text = "";

    for (int i = 0; i < search->count; i++) {
        const smv_term_t *term = &search->terms[i];

        text = apr_pstrcat(unit_pool, text, i ? " " : "", term->text, term->other ? "|" : "",
                           term->other ? term->other : "", NULL);
    }
    return text;
}

static void words_are_letters_and_digits(void)
{
    CU_ASSERT_STRING_EQUAL(terms("  Karla   Kunde "), "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(terms("Kunde, Karla; Berlin"), "Kunde Karla Berlin");
    CU_ASSERT_STRING_EQUAL(terms("Meier-Schulz"), "Meier Schulz");
    CU_ASSERT_STRING_EQUAL(terms("10439 Berlin"), "10439 Berlin");
    CU_ASSERT_STRING_EQUAL(terms("Жукова 王"), "Жукова 王");
}

static void what_a_query_language_knows_is_left_out(void)
{
    CU_ASSERT_STRING_EQUAL(terms("\"*^(){}[]:+-~#'%_\\"), "");
    CU_ASSERT_STRING_EQUAL(terms("NEAR(karla, 3)"), "NEAR karla 3");
    CU_ASSERT_STRING_EQUAL(terms("words:karla OR x*"), "words karla OR x");
    CU_ASSERT_STRING_EQUAL(terms("§501 ¶24121948 – „Karla“"), "501 24121948 Karla");
    CU_ASSERT_EQUAL(smv_search_read("", unit_pool)->count, 0);
}

static void umlauts_have_two_spellings(void)
{
    CU_ASSERT_STRING_EQUAL(terms("Müßig"), "Müßig|Muessig");
    CU_ASSERT_STRING_EQUAL(terms("Ärzte ÖL Übel"), "Ärzte|Aerzte ÖL|OeL Übel|Uebel");
    CU_ASSERT_STRING_EQUAL(terms("Mueller Muller"), "Mueller Muller");
}

static void days_of_birth_are_marked(void)
{
    CU_ASSERT_STRING_EQUAL(terms("24.12.1948"), "¶19481224");
    CU_ASSERT_STRING_EQUAL(terms("1948-12-24"), "¶19481224");
    CU_ASSERT_STRING_EQUAL(terms("1.3.2020"), "¶20200301");
    CU_ASSERT_STRING_EQUAL(terms("24.12."), "¶2412");
    CU_ASSERT_STRING_EQUAL(terms("29.2."), "¶2902");
    CU_ASSERT_STRING_EQUAL(terms("Karla 1948"), "Karla 1948|¶1948");
    CU_ASSERT_STRING_EQUAL(terms("31.2.1948"), "31 2 1948|¶1948"); /* no calendar has it */
    CU_ASSERT_STRING_EQUAL(terms("4711"), "4711");
    CU_ASSERT_STRING_EQUAL(terms("19480"), "19480");
}

static void a_contract_s_number_is_all_that_was_typed(void)
{
    CU_ASSERT_STRING_EQUAL(smv_search_read("kfz-4711/01 x.y", unit_pool)->contract, "KFZ471101XY");
    CU_ASSERT_STRING_EQUAL(smv_search_read(" -/. ", unit_pool)->contract, "");
}

/* A hundred characters have no more words than there is room for. */
static void the_longest_search_has_room(void)
{
    char typed[SMV_SEARCH_MAXIMUM + 1];

    memset(typed, ' ', sizeof typed - 1);
    for (int i = 0; i < SMV_SEARCH_MAXIMUM; i += 2) {
        typed[i] = 'a';
    }
    typed[SMV_SEARCH_MAXIMUM] = '\0';
    CU_ASSERT_EQUAL(smv_search_read(typed, unit_pool)->count, SMV_SEARCH_TERMS);
}

#define LINK_IS(expected, href)                                                                                        \
    do {                                                                                                               \
        const char *made = href;                                                                                       \
        CU_ASSERT_PTR_NOT_NULL_FATAL(made);                                                                            \
        CU_ASSERT_STRING_EQUAL(made, expected);                                                                        \
    } while (0)

static void a_telephone_number_is_dialled_from_anywhere(void)
{
    LINK_IS("tel:+493055123456", smv_tel_href("+49 (0)30 55123-456", unit_pool));
    LINK_IS("tel:03055123", smv_tel_href("(030) 55 123", unit_pool));
    CU_ASSERT_PTR_NULL(smv_tel_href("unbekannt", unit_pool));
    CU_ASSERT_PTR_NULL(smv_tel_href("", unit_pool));
    LINK_IS("tel:110", smv_tel_href("110;phone-context=x", unit_pool));
}

static void an_address_of_mail_brings_nothing_with_it(void)
{
    LINK_IS("mailto:karla@kunde.example", smv_mailto_href("karla@kunde.example", unit_pool));
    LINK_IS("mailto:a%3Fcc%3Db%26c@d.example", smv_mailto_href("a?cc=b&c@d.example", unit_pool));
    CU_ASSERT_PTR_NULL(smv_mailto_href("karla", unit_pool));
    CU_ASSERT_PTR_NULL(smv_mailto_href("a@b@c", unit_pool));
    CU_ASSERT_PTR_NULL(smv_mailto_href("@kunde.example", unit_pool));
}

static void the_map_is_told_the_address_alone(void)
{
    smv_record_t *customer = smv_record_make(&smv_shape_customer, unit_pool);
    smv_limits_t limits = {.map_url = "geo:0,0?q="};
    smv_call_t call = {.limits = &limits, .pool = unit_pool};

    smv_set(customer, "name", smv_text("Karla"));
    smv_set(customer, "street", smv_text("Süd & Ost 7"));
    CU_ASSERT_PTR_NULL(smv_map_href(&call, customer));
    smv_set(customer, "city", smv_text("Köln"));
    LINK_IS("geo:0,0?q=S%C3%BCd%20%26%20Ost%207%2C%20K%C3%B6ln", smv_map_href(&call, customer));
    smv_set(customer, "postal_code", smv_text("50668"));
    limits.map_url = "https://maps.example/?q=";
    LINK_IS("https://maps.example/?q=S%C3%BCd%20%26%20Ost%207%2C%2050668%20K%C3%B6ln", smv_map_href(&call, customer));
    limits.map_url = NULL;
    CU_ASSERT_PTR_NULL(smv_map_href(&call, customer));
}

static CU_TestInfo tests[] = {
    {"words are letters and digits", words_are_letters_and_digits},
    {"what a query language knows is left out", what_a_query_language_knows_is_left_out},
    {"umlauts have two spellings", umlauts_have_two_spellings},
    {"days of birth are marked", days_of_birth_are_marked},
    {"a contract's number is all that was typed", a_contract_s_number_is_all_that_was_typed},
    {"the longest search has room", the_longest_search_has_room},
    {"a telephone number is dialled from anywhere", a_telephone_number_is_dialled_from_anywhere},
    {"an address of mail brings nothing with it", an_address_of_mail_brings_nothing_with_it},
    {"the map is told the address alone", the_map_is_told_the_address_alone},
    CU_TEST_INFO_NULL,
};

int suite_search(void)
{
    return unit_register("search", tests);
}
