/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions: what each view holds, under which rights.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "fake_store.h"

#define BIT SMV_RIGHT_BIT
#define CUSTOMER_VIEW BIT(SMV_RIGHT_CUSTOMER_VIEW)
#define CONTRACT_VIEW BIT(SMV_RIGHT_CONTRACT_VIEW)
#define DOCUMENT_LIST BIT(SMV_RIGHT_DOCUMENT_LIST)
#define DOCUMENT_VIEW BIT(SMV_RIGHT_DOCUMENT_VIEW)
#define EVERYTHING (CUSTOMER_VIEW | CONTRACT_VIEW | DOCUMENT_LIST | DOCUMENT_VIEW)

static apr_pool_t *pool;
static fake_store_t store;
static fake_person_t person;

static int make_pool(void)
{
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int destroy_pool(void)
{
    apr_pool_destroy(pool);
    return 0;
}

static void karla_may(smv_rightset_t rights)
{
    fake_store_init(&store);
    fake_person_init(&person);
    fake_person_add_role(&person, SMV_SCOPE_OWN, rights);
    fake_person_add_customer(&person, 10001);
}

static void staff_may(smv_scope_e scope, smv_rightset_t rights)
{
    fake_store_init(&store);
    fake_person_init(&person);
    fake_person_add_role(&person, scope, rights);
    fake_person_add_broker(&person, 501);
}

static smv_error_e run(const char *path, const char *query, smv_answer_t *answer)
{
    smv_call_t call = fake_call(&store, &person, path, query, pool);
    const smv_error_t *error = smv_route_permit(&call);

    *answer = (smv_answer_t){.view = NULL};
    if (!error) {
        error = call.route->action(&call, answer);
    }
    if (!error && answer->view) {
        CU_ASSERT_PTR_EQUAL(answer->view->shape, call.route->view);
    }
    return error ? error->code : 0;
}

static const smv_value_t *value(const smv_answer_t *answer, const char *name)
{
    int field = smv_shape_field(answer->view->shape, name);

    CU_ASSERT_TRUE_FATAL(field >= 0);
    return &answer->view->values[field];
}

static const smv_list_t *list(const smv_answer_t *answer, const char *name)
{
    CU_ASSERT_TRUE_FATAL(value(answer, name)->is_present);
    return value(answer, name)->as.list;
}

static int is_true(const smv_answer_t *answer, const char *name)
{
    return value(answer, name)->is_present && value(answer, name)->number == 1;
}

/* --- start --- */

/* @return "Kundenkarte=/portal/customers/10001 …" */
static const char *tiles(void)
{
    const char *text = "";
    smv_answer_t answer;

    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    for (int i = 0; i < list(&answer, "tiles")->count; i++) {
        const smv_value_t *values = list(&answer, "tiles")->records[i].values;

        text = apr_pstrcat(pool, text, i ? " " : "", values[SMV_TILE_LABEL].as.text, "=", values[SMV_TILE_HREF].as.text,
                           NULL);
    }
    return text;
}

static void the_start_screen_greets_for_the_firm(void)
{
    smv_answer_t answer;

    karla_may(0);
    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(value(&answer, "firm")->as.record->values[SMV_FIRM_NAME].as.text, "Musterfirma");
    CU_ASSERT_EQUAL(list(&answer, "tiles")->count, 0);
    store.failure = smv_error(pool, SMV_ERROR_DATABASE_AWAY, "away");
    CU_ASSERT_EQUAL(run("/", NULL, &answer), SMV_ERROR_DATABASE_AWAY);
}

static void ones_own_card_comes_first_for_staff_too(void)
{
    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    fake_person_add_role(&person, SMV_SCOPE_OWN, CUSTOMER_VIEW);
    fake_person_add_customer(&person, 10001);
    CU_ASSERT_STRING_EQUAL(tiles(), "Kundenkarte=/portal/customers/10001 "
                                    "Finanzanalyse=/portal/customers/10001/financial-analysis "
                                    "Kunden=/portal/customers");
}

static void one_customer_has_a_tile_for_each_right(void)
{
    karla_may(EVERYTHING);
    CU_ASSERT_STRING_EQUAL(tiles(), "Kundenkarte=/portal/customers/10001 Verträge=/portal/customers/10001/contracts "
                                    "Dokumente=/portal/customers/10001/documents "
                                    "Finanzanalyse=/portal/customers/10001/financial-analysis");
    karla_may(CONTRACT_VIEW | DOCUMENT_VIEW);
    CU_ASSERT_STRING_EQUAL(tiles(), "Verträge=/portal/customers/10001/contracts");
}

static void who_may_not_see_the_card_finds_its_links_at_the_start(void)
{
    karla_may(CONTRACT_VIEW | BIT(SMV_RIGHT_FAMILY_VIEW) | BIT(SMV_RIGHT_FAMILY_CREATE) |
              BIT(SMV_RIGHT_CONTACT_CREATE) | BIT(SMV_RIGHT_CUSTOMER_EDIT));
    CU_ASSERT_STRING_EQUAL(tiles(), "Verträge=/portal/customers/10001/contracts "
                                    "Kundendaten ändern=/portal/customers/10001/edit "
                                    "Familienmitglieder=/portal/customers/10001/family-members "
                                    "Ansprechpartner anlegen=/portal/customers/10001/contacts/new");
}

static void several_customers_have_a_tile_each_up_to_twenty(void)
{
    smv_answer_t answer;

    karla_may(EVERYTHING);
    fake_person_add_customer(&person, 20001);
    fake_person_add_customer(&person, 99999); /* whom the store does not know */
    CU_ASSERT_STRING_EQUAL(tiles(), "Kunde=/portal/customers/10001 Kunde=/portal/customers/20001");
    for (int i = 0; i < 25; i++) {
        fake_person_add_customer(&person, 20002);
    }
    person.principal.customers.at += 3;
    person.principal.customers.count -= 3;
    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(list(&answer, "tiles")->records[0].values[SMV_TILE_NUMBER].as.text, "20002");
    CU_ASSERT_EQUAL(list(&answer, "tiles")->count, 20);
    karla_may(CONTRACT_VIEW);
    fake_person_add_customer(&person, 20001);
    CU_ASSERT_STRING_EQUAL(tiles(), "");
}

static void those_with_a_portfolio_have_a_tile_for_the_list(void)
{
    staff_may(SMV_SCOPE_PORTFOLIO, EVERYTHING);
    CU_ASSERT_STRING_EQUAL(tiles(), "Kunden=/portal/customers");
    staff_may(SMV_SCOPE_ALL, CONTRACT_VIEW);
    CU_ASSERT_STRING_EQUAL(tiles(), "");
}

static void staff_begin_with_their_work(void)
{
    smv_answer_t answer;

    staff_may(SMV_SCOPE_PORTFOLIO, CUSTOMER_VIEW | CONTRACT_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(value(&answer, "search_href")->as.text, "/portal/customers");
    CU_ASSERT_STRING_EQUAL(value(&answer, "inbox_href")->as.text, "/portal/inbox");
    CU_ASSERT_EQUAL(list(&answer, "recent")->count, 3);  /* of broker 501 */
    CU_ASSERT_EQUAL(list(&answer, "endings")->count, 3); /* contracts of those */
    CU_ASSERT_STRING_NOT_EQUAL(store.from, store.until);
    staff_may(SMV_SCOPE_PORTFOLIO, CUSTOMER_VIEW | CONTRACT_VIEW | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    CU_ASSERT_FALSE(value(&answer, "endings")->is_present);
    CU_ASSERT_TRUE(value(&answer, "recent")->is_present);
    karla_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(run("/", NULL, &answer), 0);
    CU_ASSERT_FALSE(value(&answer, "search_href")->is_present || value(&answer, "recent")->is_present ||
                    value(&answer, "inbox")->is_present || value(&answer, "endings")->is_present);
}

/* --- customers --- */

static const char *numbers(const smv_answer_t *answer)
{
    const smv_list_t *customers = list(answer, "customers");
    const char *text = "";

    for (int i = 0; i < customers->count; i++) {
        text = apr_psprintf(pool, "%s%s%" APR_INT64_T_FMT, text, i ? " " : "",
                            customers->records[i].values[SMV_CUSTOMER_NUMBER].number);
    }
    return text;
}

static void the_list_has_the_customers_in_reach(void)
{
    smv_answer_t answer;

    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(numbers(&answer), "10001 20001 20002 30001");
    CU_ASSERT_PTR_NULL(list(&answer, "customers")->next);
    CU_ASSERT_FALSE(value(&answer, "next_href")->is_present);
    staff_may(SMV_SCOPE_PORTFOLIO, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(numbers(&answer), "10001 20001 20002");
    karla_may(CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(numbers(&answer), "10001");
    karla_may(CONTRACT_VIEW);
    CU_ASSERT_EQUAL(run("/customers", NULL, &answer), SMV_ERROR_DENIED);
}

static void the_list_is_cut_and_says_where_it_goes_on(void)
{
    smv_answer_t answer;

    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", "limit=2", &answer), 0);
    CU_ASSERT_STRING_EQUAL(numbers(&answer), "10001 20001");
    CU_ASSERT_STRING_EQUAL(list(&answer, "customers")->next, "/customers?after=20001&limit=2");
    CU_ASSERT_STRING_EQUAL(value(&answer, "next_href")->as.text, "/portal/customers?after=20001&limit=2");
    CU_ASSERT_EQUAL_FATAL(run("/customers", "after=20001&limit=2", &answer), 0);
    CU_ASSERT_STRING_EQUAL(numbers(&answer), "20002 30001");
    CU_ASSERT_PTR_NULL(list(&answer, "customers")->next);
}

static void a_search_is_read_once_and_goes_on_with_its_words(void)
{
    smv_answer_t answer;

    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", "limit=2&q=M%C3%BCller+%26", &answer), 0);
    CU_ASSERT_EQUAL(store.filter.search->count, 1);
    CU_ASSERT_PTR_NULL(store.filter.contracts);
    CU_ASSERT_STRING_EQUAL(list(&answer, "customers")->next, "/customers?after=20001&limit=2&q=M%C3%BCller%20%26");
    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    fake_person_add_role(&person, SMV_SCOPE_PORTFOLIO, CONTRACT_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers", "q=a", &answer), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store.filter.contracts);
    CU_ASSERT_FALSE(store.filter.contracts->all);
    CU_ASSERT_EQUAL_FATAL(run("/customers", "q=", &answer), 0);
    CU_ASSERT_PTR_NULL(store.filter.search);
}

static void a_bad_page_is_a_bad_request(void)
{
    static const char *const queries[] = {
        "limit=0", "limit=201", "limit=-1",  "limit=x",           "limit=",
        "after=x", "after=-1",  "after=1.5", "limit=2&after=%31", "after=1234567890123456789"};
    smv_answer_t answer;

    staff_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        CU_ASSERT_EQUAL(run("/customers", queries[i], &answer), SMV_ERROR_BAD_REQUEST);
    }
    CU_ASSERT_EQUAL(run("/customers", "limit=200&after=0", &answer), 0);
}

#define LAST_LINKS                                                                                                     \
    "Wer hat was geändert oder gelesen=/portal/customers/10001/log "                                                  \
    "Alle Daten herunterladen=/portal/customers/10001/own-data.zip"

/* @return "Ansprechpartner=/portal/customers/10001/contacts …" */
static const char *links(const smv_answer_t *answer)
{
    const smv_list_t *entries = list(answer, "links");
    const char *text = "";

    for (int i = 0; i < entries->count; i++) {
        const smv_value_t *values = entries->records[i].values;

        text = apr_pstrcat(pool, text, i ? " " : "", values[SMV_MENU_LABEL].as.text, "=", values[SMV_MENU_HREF].as.text,
                           NULL);
    }
    return text;
}

static void a_card_offers_what_may_be_opened(void)
{
    smv_answer_t answer;

    karla_may(CUSTOMER_VIEW | CONTRACT_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001", NULL, &answer), 0);
    CU_ASSERT_EQUAL(value(&answer, "customer")->as.record->values[SMV_CUSTOMER_NUMBER].number, 10001);
    CU_ASSERT_STRING_EQUAL(links(&answer), LAST_LINKS);
    CU_ASSERT_FALSE(value(&answer, "edit_href")->is_present);
    karla_may(CUSTOMER_VIEW | BIT(SMV_RIGHT_CUSTOMER_EDIT) | BIT(SMV_RIGHT_FAMILY_VIEW) |
              BIT(SMV_RIGHT_CONTACT_CREATE));
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001", NULL, &answer), 0);
    CU_ASSERT_STRING_EQUAL(links(&answer), "Familienmitglieder=/portal/customers/10001/family-members "
                                           "Ansprechpartner anlegen=/portal/customers/10001/contacts/new " LAST_LINKS);
    CU_ASSERT_STRING_EQUAL(value(&answer, "edit_href")->as.text, "/portal/customers/10001/edit");
}

/* --- contracts --- */

static void contracts_count_documents_for_those_who_may_list_them(void)
{
    smv_answer_t answer;

    karla_may(CONTRACT_VIEW | DOCUMENT_LIST);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/contracts", NULL, &answer), 0);
    CU_ASSERT_EQUAL(value(&answer, "customer")->number, 10001);
    CU_ASSERT_EQUAL_FATAL(list(&answer, "contracts")->count, 2);
    CU_ASSERT_EQUAL(list(&answer, "contracts")->records[0].values[SMV_CONTRACT_DOCUMENT_COUNT].number, 2);
    CU_ASSERT_TRUE(list(&answer, "contracts")->records[1].values[SMV_CONTRACT_DOCUMENT_COUNT].is_present);
    CU_ASSERT_TRUE(is_true(&answer, "can_list_documents"));
    karla_may(CONTRACT_VIEW | DOCUMENT_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/contracts", NULL, &answer), 0);
    for (int i = 0; i < list(&answer, "contracts")->count; i++) {
        CU_ASSERT_FALSE(list(&answer, "contracts")->records[i].values[SMV_CONTRACT_DOCUMENT_COUNT].is_present);
    }
    CU_ASSERT_FALSE(is_true(&answer, "can_list_documents"));
}

static void a_contract_shows_its_documents(void)
{
    smv_answer_t answer;

    karla_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(run("/contracts/101", NULL, &answer), 0);
    CU_ASSERT_EQUAL(value(&answer, "contract")->as.record->values[SMV_CONTRACT_ID].number, 101);
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 2);
    CU_ASSERT_TRUE(is_true(&answer, "can_list_documents"));
    CU_ASSERT_TRUE(is_true(&answer, "can_view_documents"));
    CU_ASSERT_EQUAL_FATAL(run("/contracts/102", NULL, &answer), 0);
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 0);
}

static void a_contract_without_the_right_to_list_shows_none(void)
{
    smv_answer_t answer;

    karla_may(CONTRACT_VIEW | DOCUMENT_VIEW);
    CU_ASSERT_EQUAL_FATAL(run("/contracts/101", NULL, &answer), 0);
    CU_ASSERT_FALSE(value(&answer, "documents")->is_present);
    CU_ASSERT_EQUAL(store.document_list_count, 0);
    CU_ASSERT_FALSE(value(&answer, "contract")->as.record->values[SMV_CONTRACT_DOCUMENT_COUNT].is_present);
    CU_ASSERT_FALSE(is_true(&answer, "can_list_documents"));
    CU_ASSERT_TRUE(is_true(&answer, "can_view_documents"));
}

/* --- documents --- */

static void documents_are_listed_by_customer_or_contract(void)
{
    smv_answer_t answer;

    karla_may(DOCUMENT_LIST);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/documents", NULL, &answer), 0);
    CU_ASSERT_EQUAL(value(&answer, "customer")->number, 10001);
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 3);
    CU_ASSERT_FALSE(is_true(&answer, "can_view_documents"));
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/documents", "contract=101", &answer), 0);
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 2);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/documents", "contract=301", &answer), 0);
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 0);
    CU_ASSERT_EQUAL(run("/customers/10001/documents", "contract=x", &answer), SMV_ERROR_BAD_REQUEST);
    CU_ASSERT_EQUAL(run("/customers/10001/documents", "contract=-1", &answer), SMV_ERROR_BAD_REQUEST);
    CU_ASSERT_EQUAL_FATAL(run("/customers/10001/documents", "contract=0", &answer),
                          0); /* as the filter's form says "all" */
    CU_ASSERT_EQUAL(list(&answer, "documents")->count, 3);
}

static void listing_and_viewing_go_one_without_the_other(void)
{
    smv_answer_t answer;

    karla_may(DOCUMENT_LIST);
    CU_ASSERT_EQUAL_FATAL(run("/documents/1001", NULL, &answer), 0);
    CU_ASSERT_EQUAL(value(&answer, "document")->as.record->values[SMV_DOCUMENT_ID].number, 1001);
    CU_ASSERT_FALSE(is_true(&answer, "can_view_documents"));
    CU_ASSERT_EQUAL(run("/documents/1001/content", NULL, &answer), SMV_ERROR_DENIED);
    karla_may(DOCUMENT_VIEW);
    CU_ASSERT_EQUAL(run("/documents/1001/content", NULL, &answer), 0);
    CU_ASSERT_EQUAL(run("/documents/1001", NULL, &answer), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(run("/customers/10001/documents", NULL, &answer), SMV_ERROR_DENIED);
}

static void content_is_a_file_to_see_or_to_keep(void)
{
    smv_answer_t answer;

    karla_may(DOCUMENT_VIEW);
    CU_ASSERT_EQUAL(run("/documents/1001/content", NULL, &answer), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer.file);
    CU_ASSERT_STRING_EQUAL(answer.file->content_hash, "0123456789abcdef");
    CU_ASSERT_STRING_EQUAL(answer.file->media_type, "application/pdf");
    CU_ASSERT_STRING_EQUAL(answer.file->name, "Police.pdf");
    CU_ASSERT_FALSE(answer.file->is_download);
    CU_ASSERT_EQUAL(run("/documents/1001/content", "download=1", &answer), 0);
    CU_ASSERT_TRUE(answer.file->is_download);
    CU_ASSERT_EQUAL(run("/documents/1001/content", "download=0", &answer), 0);
    CU_ASSERT_FALSE(answer.file->is_download);
}

/* --- me --- */

static void me_says_roles_and_rights(void)
{
    smv_call_t call;
    smv_answer_t answer = {.view = NULL};
    const smv_list_t *rights;

    karla_may(CONTRACT_VIEW | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    call = fake_call(&store, &person, "/", NULL, pool);
    CU_ASSERT_PTR_NULL_FATAL(smv_show_me(&call, &answer));
    CU_ASSERT_STRING_EQUAL(value(&answer, "login")->as.text, "karla.kunde");
    CU_ASSERT_EQUAL_FATAL(list(&answer, "roles")->count, 1);
    CU_ASSERT_EQUAL(list(&answer, "roles")->records[0].values[0].number, 4294967297);
    rights = list(&answer, "rights");
    CU_ASSERT_EQUAL_FATAL(rights->count, SMV_RIGHT_COUNT);
    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        CU_ASSERT_STRING_EQUAL(rights->records[i].values[0].as.text, smv_rights[i].id);
        CU_ASSERT_EQUAL(rights->records[i].values[smv_shape_field(rights->shape, "granted")].number,
                        i == SMV_RIGHT_CONTRACT_VIEW || i == SMV_RIGHT_EXPIRY_DATE_HIDE);
    }
}

/* --- all --- */

static void foreign_numbers_and_ids_are_not_found(void)
{
    static const char *const paths[] = {"/customers/20001",
                                        "/customers/20001/contracts",
                                        "/customers/30001/documents",
                                        "/contracts/201",
                                        "/contracts/301",
                                        "/documents/3001",
                                        "/documents/3001/content",
                                        "/customers/99999",
                                        "/contracts/999",
                                        "/documents/9999"};
    smv_answer_t answer;

    karla_may(EVERYTHING);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CU_ASSERT_EQUAL(run(paths[i], NULL, &answer), SMV_ERROR_NOT_FOUND);
    }
}

static void the_store_s_error_is_passed_on(void)
{
    static const char *const paths[] = {"/customers", "/customers/10001", "/customers/10001/contracts",
                                        "/customers/10001/documents"};
    smv_answer_t answer;

    karla_may(EVERYTHING);
    store.failure = smv_error(pool, SMV_ERROR_DATABASE_BUSY, "busy");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CU_ASSERT_EQUAL(run(paths[i], NULL, &answer), SMV_ERROR_DATABASE_BUSY);
        CU_ASSERT_PTR_NULL(answer.view);
    }
}

int suite_actions(void)
{
    static CU_TestInfo tests[] = {
        {"the start screen greets for the firm", the_start_screen_greets_for_the_firm},
        {"one's own card comes first for staff, too", ones_own_card_comes_first_for_staff_too},
        {"who may not see the card finds its links at the start",
         who_may_not_see_the_card_finds_its_links_at_the_start},
        {"one customer has a tile for each right", one_customer_has_a_tile_for_each_right},
        {"several customers have a tile each, up to twenty", several_customers_have_a_tile_each_up_to_twenty},
        {"those with a portfolio have a tile for the list", those_with_a_portfolio_have_a_tile_for_the_list},
        {"staff begin with their work", staff_begin_with_their_work},
        {"a search is read once and goes on with its words", a_search_is_read_once_and_goes_on_with_its_words},
        {"the list has the customers in reach", the_list_has_the_customers_in_reach},
        {"the list is cut and says where it goes on", the_list_is_cut_and_says_where_it_goes_on},
        {"a bad page is a bad request", a_bad_page_is_a_bad_request},
        {"a card offers what may be opened", a_card_offers_what_may_be_opened},
        {"contracts count documents for those who may list them",
         contracts_count_documents_for_those_who_may_list_them},
        {"a contract shows its documents", a_contract_shows_its_documents},
        {"a contract without the right to list shows none", a_contract_without_the_right_to_list_shows_none},
        {"documents are listed by customer or contract", documents_are_listed_by_customer_or_contract},
        {"listing and viewing go one without the other", listing_and_viewing_go_one_without_the_other},
        {"content is a file to see or to keep", content_is_a_file_to_see_or_to_keep},
        {"me says roles and rights", me_says_roles_and_rights},
        {"foreign numbers and ids are not found", foreign_numbers_and_ids_are_not_found},
        {"the store's error is passed on", the_store_s_error_is_passed_on},
        CU_TEST_INFO_NULL};
    static CU_SuiteInfo suites[] = {{"actions", make_pool, destroy_pool, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
