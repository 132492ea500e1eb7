/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents that are nobody's yet: the list, whom one is given to, and what else becomes of it.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "fake_store.h"

#include <apr_strings.h>
#include <string.h>

#define BIT SMV_RIGHT_BIT
#define IMPORT BIT(SMV_RIGHT_DOCUMENT_IMPORT)
#define LIST BIT(SMV_RIGHT_DOCUMENT_LIST)
#define VIEW BIT(SMV_RIGHT_DOCUMENT_VIEW)
#define DELETE BIT(SMV_RIGHT_DOCUMENT_DELETE)
#define CUSTOMER_VIEW BIT(SMV_RIGHT_CUSTOMER_VIEW)
#define CONTRACT_VIEW BIT(SMV_RIGHT_CONTRACT_VIEW)
#define EVERYTHING (IMPORT | LIST | VIEW | DELETE | CUSTOMER_VIEW | CONTRACT_VIEW)
#define HERE "/unassigned-documents"

static fake_store_t store;
static fake_person_t ines;
static smv_form_t *form;
static smv_answer_t answer;
static const smv_error_t *error;

static void ines_may(smv_rightset_t rights)
{
    fake_store_init(&store);
    fake_person_init(&ines);
    fake_person_add_role(&ines, SMV_SCOPE_ALL, rights);
    form = smv_form_make(unit_pool);
}

static void enter(const char *name, const char *text)
{
    smv_form_add(form, name, text, strlen(text), SMV_SENT_TEXT);
}

static smv_error_e run(smv_method_e method, const char *path, const char *query, int rendering)
{
    smv_call_t call = fake_call_by(&store, &ines, method, path, rendering, unit_pool);

    CU_ASSERT_PTR_NOT_NULL_FATAL(call.route);
    call.form = form;
    form->is_json = rendering == SMV_RENDER_API;
    call.query = query;
    answer = (smv_answer_t){.view = NULL};
    error = smv_route_permit(&call);
    error = error ? error : call.route->action(&call, &answer);
    return error ? error->code : 0;
}

#define GET(path, query) run(SMV_METHOD_GET, path, query, SMV_RENDER_PAGE)
#define POST(path) run(SMV_METHOD_POST, path, NULL, SMV_RENDER_PAGE)
#define API_POST(path) run(SMV_METHOD_POST, path, NULL, SMV_RENDER_API)

static const smv_value_t *value(const char *name)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer.view);
    return &answer.view->values[smv_shape_field(answer.view->shape, name)];
}

static const char *text(const char *name)
{
    return value(name)->is_present ? value(name)->as.text : "(none)";
}

/* @return how many a list of the view has; 0 where it is not there */
static int count(const char *name)
{
    return value(name)->is_present ? value(name)->as.list->count : 0;
}

static const smv_value_t *value_in(const char *list, int at, const char *name)
{
    CU_ASSERT_TRUE_FATAL(count(list) > at);
    return &value(list)->as.list->records[at].values[smv_shape_field(value(list)->as.list->shape, name)];
}

/* --- the list --- */

static void those_that_wait_are_listed_page_by_page(void)
{
    ines_may(IMPORT);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, NULL), 0);
    CU_ASSERT_EQUAL(count("documents"), 2);
    CU_ASSERT_EQUAL(count("dismissed"), 0);
    CU_ASSERT_FALSE(value("next_href")->is_present);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "limit=1"), 0);
    CU_ASSERT_EQUAL(count("documents"), 1);
    CU_ASSERT_STRING_EQUAL(text("next_href"), "/portal" HERE "?after=41&limit=1");
    CU_ASSERT_STRING_EQUAL(value("documents")->as.list->next, HERE "?after=41&limit=1");
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "after=41&limit=1"), 0);
    CU_ASSERT_EQUAL(value_in("documents", 0, "id")->number, 42);
    CU_ASSERT_EQUAL(GET(HERE, "limit=201"), SMV_ERROR_BAD_REQUEST);
    CU_ASSERT_EQUAL(GET(HERE, "after=x"), SMV_ERROR_BAD_REQUEST);
}

static void who_may_put_away_sees_what_was(void)
{
    ines_may(IMPORT | DELETE);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "done=dismiss"), 0);
    CU_ASSERT_EQUAL(count("dismissed"), 1);
    CU_ASSERT_STRING_EQUAL(text("notice"), "Das Dokument ist weggelegt.");
}

static void the_list_says_whom_a_document_was_given_to(void)
{
    ines_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "assigned=1001"), 0);
    CU_ASSERT_STRING_EQUAL(text("assigned_name"), "Police.pdf");
    CU_ASSERT_STRING_EQUAL(text("assigned_href"), "/portal/documents/1001");
    CU_ASSERT_EQUAL(value_in("assigned_to", 0, "number")->number, 10001);
    CU_ASSERT_STRING_EQUAL(value_in("assigned_to", 0, "name")->as.text, "Kunde");
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "assigned=999"), 0);
    CU_ASSERT_STRING_EQUAL(text("notice"), "Das Dokument ist zugeordnet.");
    ines_may(IMPORT);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "assigned=1001"), 0);
    CU_ASSERT_STRING_EQUAL(text("assigned_name"), "(none)");
    ines_may(IMPORT | LIST);
    CU_ASSERT_EQUAL_FATAL(GET(HERE, "assigned=1001"), 0);
    CU_ASSERT_EQUAL(value_in("assigned_to", 0, "number")->number, 10001);
    CU_ASSERT_FALSE(value_in("assigned_to", 0, "name")->is_present);
}

static void the_start_says_how_many_wait(void)
{
    ines_may(IMPORT);
    CU_ASSERT_EQUAL_FATAL(GET("/", NULL), 0);
    CU_ASSERT_STRING_EQUAL(text("unassigned_href"), "/portal" HERE);
    CU_ASSERT_EQUAL(value("unassigned_count")->number, 2);
    ines.roles[0].scope = SMV_SCOPE_PORTFOLIO;
    CU_ASSERT_EQUAL_FATAL(GET("/", NULL), 0);
    CU_ASSERT_FALSE(value("unassigned_href")->is_present);
}

/* --- one of them --- */

static void whom_the_delivery_names_is_proposed(void)
{
    ines_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41", NULL), 0);
    CU_ASSERT_EQUAL(value_in("chosen", 0, "number")->number, 10001);
    CU_ASSERT_EQUAL(count("proposals"), 2);
    CU_ASSERT_EQUAL(value_in("proposals", 0, "contract")->number, 101);
    CU_ASSERT_EQUAL(value_in("proposals", 1, "customer")->number, 30001);
    CU_ASSERT_STRING_EQUAL(value_in("fields", 0, "name")->as.text, "contract");
    CU_ASSERT_STRING_EQUAL(value_in("fields", 0, "value")->as.text, "101");
    CU_ASSERT_STRING_EQUAL(value_in("fields", 1, "value")->as.text, "letter");
    CU_ASSERT_EQUAL(value_in("fields", 0, "options")->as.list->count, 3);
    CU_ASSERT_STRING_EQUAL(value_in("number_fields", 0, "value")->as.text, "10001");
    CU_ASSERT_STRING_EQUAL(text("assign_href"), "/portal" HERE "/41/assign");
    CU_ASSERT_STRING_EQUAL(text("dismiss_href"), "/portal" HERE "/41/dismiss");
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/42", NULL), 0);
    CU_ASSERT_EQUAL(count("chosen") + count("proposals"), 0);
    CU_ASSERT_FALSE(value("has_problems")->number);
}

static void whoever_is_asked_for_is_shown(void)
{
    ines_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41", "customer=30001&contract=301"), 0);
    CU_ASSERT_EQUAL(value_in("chosen", 0, "number")->number, 30001);
    CU_ASSERT_STRING_EQUAL(value_in("fields", 0, "value")->as.text, "301");
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41", "customer=99999"), 0);
    CU_ASSERT_EQUAL(answer.status, 422);
    CU_ASSERT_EQUAL(count("chosen"), 0);
    CU_ASSERT_STRING_EQUAL(value_in("number_fields", 0, "error")->as.text,
                           "Einen Kunden mit dieser Nummer gibt es nicht.");
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41", "customer=Karla"), 0);
    CU_ASSERT_STRING_EQUAL(value_in("number_fields", 0, "error")->as.text, "Eine Kundennummer hat nur Ziffern.");
}

static void customers_are_found_by_their_words(void)
{
    ines_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/42", "q=kunde"), 0);
    CU_ASSERT_EQUAL(count("hits"), 4);
    CU_ASSERT_PTR_NOT_NULL(store.filter.search);
    CU_ASSERT_TRUE(store.filter.contracts && store.filter.contracts->all);
    ines_may(IMPORT | CONTRACT_VIEW);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/42", "q=kunde"), 0);
    CU_ASSERT_FALSE(value("can_search")->is_present || value("hits")->is_present);
}

static void nothing_is_told_that_may_not_be_seen(void)
{
    ines_may(IMPORT);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41", NULL), 0);
    CU_ASSERT_EQUAL(count("proposals"), 0);
    CU_ASSERT_FALSE(value_in("chosen", 0, "name")->is_present);
    CU_ASSERT_EQUAL(count("fields"), 1); /* the kind */
    CU_ASSERT_FALSE(value("can_view")->number || value("dismiss_href")->is_present);
    CU_ASSERT_EQUAL(GET(HERE "/41/content", NULL), SMV_ERROR_DENIED);
}

static void what_was_put_away_is_shown_to_be_taken_back(void)
{
    ines_may(EVERYTHING);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/43", NULL), 0);
    CU_ASSERT_FALSE(value("assign_href")->is_present || value("dismiss_href")->is_present);
    CU_ASSERT_STRING_EQUAL(text("restore_href"), "/portal" HERE "/43/restore");
    CU_ASSERT_EQUAL(GET(HERE "/44", NULL), SMV_ERROR_NOT_FOUND);
}

static void its_content_is_sent(void)
{
    ines_may(VIEW);
    CU_ASSERT_EQUAL_FATAL(GET(HERE "/41/content", "download=1"), 0);
    CU_ASSERT_STRING_EQUAL(answer.file->name, "Nachtrag.pdf");
    CU_ASSERT_STRING_EQUAL(answer.file->content_hash, "fedcba9876543210");
    CU_ASSERT_TRUE(answer.file->is_download);
}

/* --- assigning --- */

static void assigning_makes_a_document_of_the_customer(void)
{
    const smv_value_t *made;

    ines_may(EVERYTHING);
    enter("customer", "30001");
    enter("contract", "301");
    enter("kind", "policy");
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/41/assign"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, HERE "?assigned=77");
    CU_ASSERT_EQUAL(store.change_count, 1);
    CU_ASSERT_EQUAL(store.change.unassigned, 41);
    CU_ASSERT_EQUAL(store.change_customer, 30001);
    CU_ASSERT_TRUE(store.actor.is_staff);
    made = store.change.after->values;
    CU_ASSERT_EQUAL(made[SMV_DOCUMENT_CONTRACT].number, 301);
    CU_ASSERT_STRING_EQUAL(made[SMV_DOCUMENT_NAME].as.text, "Nachtrag.pdf");
    CU_ASSERT_STRING_EQUAL(made[SMV_DOCUMENT_KIND].as.text, "policy");
    CU_ASSERT_STRING_EQUAL(made[SMV_DOCUMENT_DATE].as.text, "2026-05-01");
    CU_ASSERT_STRING_EQUAL(made[SMV_DOCUMENT_ADDED_BY].as.text, "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(made[SMV_DOCUMENT_CONTENT_HASH].as.text, "fedcba9876543210");
}

static void what_is_not_said_is_as_delivered(void)
{
    ines_may(IMPORT);
    fake_person_add_customer(&ines, 10001);
    enter("customer", " 10001 ");
    enter("contract", "");
    CU_ASSERT_EQUAL_FATAL(API_POST(HERE "/42/assign"), 0);
    CU_ASSERT_PTR_NULL(answer.view); /* who may not list documents is not told */
    CU_ASSERT_FALSE(store.actor.is_staff);
    CU_ASSERT_FALSE(store.change.after->values[SMV_DOCUMENT_CONTRACT].is_present);
    CU_ASSERT_STRING_EQUAL(store.change.after->values[SMV_DOCUMENT_KIND].as.text, "letter");
}

static void what_is_wrong_is_said_at_its_field_and_changes_nothing(void)
{
    static const struct {
        const char *customer, *contract, *kind, *field;
    } wrong[] = {{"", "", "", "customer"},       {"99999", "", "", "customer"},  {"x", "", "", "customer"},
                 {"10001", "x", "", "contract"}, {"10001", "0", "", "contract"}, {"10001", "", "nothing", "kind"}};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ines_may(EVERYTHING);
        enter("customer", wrong[i].customer);
        enter("contract", wrong[i].contract);
        enter("kind", wrong[i].kind);
        CU_ASSERT_EQUAL(API_POST(HERE "/41/assign"), SMV_ERROR_INVALID);
        CU_ASSERT_TRUE(error && smv_problem_of(error->problems, wrong[i].field) && !error->problems->next);
        CU_ASSERT_EQUAL_FATAL(POST(HERE "/41/assign"), 0);
        CU_ASSERT_EQUAL(answer.status, 422);
        CU_ASSERT_STRING_EQUAL(value_in("problems", 0, "name")->as.text, wrong[i].field);
        CU_ASSERT_EQUAL(count("chosen"), strcmp(wrong[i].field, "customer") != 0);
        CU_ASSERT_EQUAL(store.change_count, 0);
    }
}

static void a_contract_of_somebody_else_is_said_at_its_field(void)
{
    ines_may(EVERYTHING);
    store.change_failure = smv_error(unit_pool, SMV_ERROR_NOT_FOUND, "the customer has no such contract");
    enter("customer", "10001");
    enter("contract", "301");
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/41/assign"), 0);
    CU_ASSERT_EQUAL(answer.status, 422);
    CU_ASSERT_STRING_EQUAL(value_in("problems", 0, "name")->as.text, "contract");
}

static void who_comes_late_is_told(void)
{
    ines_may(EVERYTHING);
    store.change_failure = smv_error(unit_pool, SMV_ERROR_CONFLICT, "gone");
    enter("customer", "10001");
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/41/assign"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_STRING_EQUAL(answer.page, "unassigned_documents");
    CU_ASSERT_PTR_NOT_NULL(strstr(text("error"), "wartet nicht mehr"));
    CU_ASSERT_EQUAL(API_POST(HERE "/41/assign"), SMV_ERROR_NOT_FOUND);
    store.change_failure = NULL;
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/43/assign"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_EQUAL(store.change_count, 0);
}

static void who_reaches_but_some_customers_assigns_nothing(void)
{
    ines_may(IMPORT);
    ines.roles[0].scope = SMV_SCOPE_PORTFOLIO;
    fake_person_add_broker(&ines, 501);
    enter("customer", "10001");
    CU_ASSERT_EQUAL(POST(HERE "/41/assign"), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(store.change_count, 0);
}

/* --- putting away --- */

static void one_is_put_away_and_taken_back(void)
{
    ines_may(IMPORT | DELETE);
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/42/dismiss"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, HERE "?done=dismiss");
    CU_ASSERT_EQUAL(store.dismissed, 42);
    CU_ASSERT_TRUE(store.since > 0);
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/43/restore"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, HERE "?done=restore");
    CU_ASSERT_EQUAL(store.taken_back, 43);
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/43/dismiss"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_EQUAL(API_POST(HERE "/43/dismiss"), SMV_ERROR_NOT_FOUND);
    ines_may(DELETE);
    CU_ASSERT_EQUAL_FATAL(POST(HERE "/42/dismiss"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/");
    CU_ASSERT_EQUAL(POST(HERE "/43/dismiss"), SMV_ERROR_NOT_FOUND);
    ines_may(EVERYTHING & ~DELETE);
    CU_ASSERT_EQUAL(POST(HERE "/42/dismiss"), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(POST(HERE "/43/restore"), SMV_ERROR_DENIED);
}

int suite_unassigned(void)
{
    static CU_TestInfo tests[] = {
        {"those that wait are listed page by page", those_that_wait_are_listed_page_by_page},
        {"who may put away sees what was", who_may_put_away_sees_what_was},
        {"the list says whom a document was given to", the_list_says_whom_a_document_was_given_to},
        {"the start says how many wait", the_start_says_how_many_wait},
        {"whom the delivery names is proposed", whom_the_delivery_names_is_proposed},
        {"whoever is asked for is shown", whoever_is_asked_for_is_shown},
        {"customers are found by their words", customers_are_found_by_their_words},
        {"nothing is told that may not be seen", nothing_is_told_that_may_not_be_seen},
        {"what was put away is shown to be taken back", what_was_put_away_is_shown_to_be_taken_back},
        {"its content is sent", its_content_is_sent},
        {"assigning makes a document of the customer", assigning_makes_a_document_of_the_customer},
        {"what is not said is as delivered", what_is_not_said_is_as_delivered},
        {"what is wrong is said at its field and changes nothing",
         what_is_wrong_is_said_at_its_field_and_changes_nothing},
        {"a contract of somebody else is said at its field", a_contract_of_somebody_else_is_said_at_its_field},
        {"who comes late is told", who_comes_late_is_told},
        {"who reaches but some customers assigns nothing", who_reaches_but_some_customers_assigns_nothing},
        {"one is put away and taken back", one_is_put_away_and_taken_back},
        CU_TEST_INFO_NULL};

    return unit_register("documents that are nobody's yet", tests);
}
