/* SPDX-License-Identifier: Apache-2.0
 *
 * From a path to a permit, and the menu.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_shapes.h"
#include "fake_store.h"

#define BIT SMV_RIGHT_BIT
#define CUSTOMER_RIGHTS (BIT(SMV_RIGHT_CUSTOMER_VIEW) | BIT(SMV_RIGHT_CONTRACT_VIEW) | BIT(SMV_RIGHT_DOCUMENT_LIST))

static apr_pool_t *pool;
static fake_store_t store;
static fake_person_t karla, broker, staff;

static int set_up(void)
{
    fake_store_init(&store);
    fake_person_init(&karla);
    fake_person_add_role(&karla, SMV_SCOPE_OWN, CUSTOMER_RIGHTS);
    fake_person_add_customer(&karla, 10001);
    fake_person_init(&broker);
    fake_person_add_role(&broker, SMV_SCOPE_PORTFOLIO, CUSTOMER_RIGHTS);
    fake_person_add_broker(&broker, 501);
    fake_person_init(&staff);
    fake_person_add_role(&staff, SMV_SCOPE_ALL, CUSTOMER_RIGHTS);
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int tear_down(void)
{
    apr_pool_destroy(pool);
    return 0;
}

static smv_error_e permit(const fake_person_t *person, const char *path, smv_call_t *call)
{
    const smv_error_t *error;

    *call = fake_call(&store, person, path, NULL, pool);
    error = smv_route_permit(call);
    return error ? error->code : 0;
}

static void a_path_answers_where_it_is_rendered(void)
{
    const smv_route_t *route;
    smv_named_t named;

    CU_ASSERT_PTR_NULL(smv_route_find(&route, &named, SMV_METHOD_GET, "/documents/7/content", SMV_RENDER_PAGE, pool));
    CU_ASSERT_STRING_EQUAL(route->name, "send_document");
    CU_ASSERT_EQUAL(named.id, 7);
    CU_ASSERT_PTR_NULL(smv_route_find(&route, &named, SMV_METHOD_GET, "/documents/7/content", SMV_RENDER_API, pool));
    CU_ASSERT_PTR_NULL(smv_route_find(&route, &named, SMV_METHOD_GET, "/customers", SMV_RENDER_API, pool));
    CU_ASSERT_EQUAL(named.id, 0);
    CU_ASSERT_PTR_NULL(smv_route_find(&route, &named, SMV_METHOD_GET, "/contracts/999999999999999999", 1, pool));
    CU_ASSERT_EQUAL(named.id, 999999999999999999);
}

static void other_paths_are_not_found(void)
{
    static const char *const paths[] = {"",
                                        "//",
                                        "/customers/",
                                        "/customers/0",
                                        "/customers/+1",
                                        "/customers/1a",
                                        "/customers/ 1",
                                        "/customers/1/contractsx",
                                        "/customers/{number}",
                                        "/contracts",
                                        "/contracts/1/2",
                                        "/CUSTOMERS",
                                        "/me",
                                        "/openapi.json"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const smv_route_t *route;
        smv_named_t named;
        const smv_error_t *error = smv_route_find(&route, &named, SMV_METHOD_GET, paths[i], SMV_RENDER_PAGE, pool);

        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->code, SMV_ERROR_NOT_FOUND);
    }
}

static void a_route_is_found_by_its_name(void)
{
    const smv_route_t *route = smv_route_named("lock_access");

    CU_ASSERT_PTR_NOT_NULL_FATAL(route);
    CU_ASSERT_STRING_EQUAL(route->pattern, "/customers/{number}/accesses/{login}/lock");
    CU_ASSERT_PTR_NULL(smv_route_named("lock"));
}

/* @return the name of the route, or the number of the error */
static const char *route_of(smv_method_e method, const char *path, int rendering)
{
    const smv_route_t *route;
    smv_named_t named;
    const smv_error_t *error = smv_route_find(&route, &named, method, path, rendering, pool);

    return error ? apr_itoa(pool, (int)error->code) : route->name;
}

static void a_page_s_form_posts_what_a_program_patches_or_deletes(void)
{
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/contacts/5", SMV_RENDER_PAGE), "change_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/customers/10001", SMV_RENDER_PAGE), "change_customer");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/contacts/5/delete", SMV_RENDER_PAGE), "delete_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/customers/10001/contacts", SMV_RENDER_PAGE), "create_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_GET, "/customers/10001/contacts/new", SMV_RENDER_PAGE), "new_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_GET, "/contacts/5/edit", SMV_RENDER_PAGE), "edit_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_PATCH, "/contacts/5", SMV_RENDER_PAGE), "108");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_DELETE, "/contacts/5", SMV_RENDER_PAGE), "108");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_GET, "/contacts/5/delete", SMV_RENDER_PAGE), "108");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/customers/10001/delete", SMV_RENDER_PAGE), "107");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_PATCH, "/contacts/5", SMV_RENDER_API), "change_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_DELETE, "/contacts/5", SMV_RENDER_API), "delete_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_GET, "/contacts/5", SMV_RENDER_API), "show_contact");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/contacts/5", SMV_RENDER_API), "108");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_POST, "/contacts/5/delete", SMV_RENDER_API), "107");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_GET, "/contacts/5/edit", SMV_RENDER_API), "107");
    CU_ASSERT_STRING_EQUAL(route_of(SMV_METHOD_DELETE, "/customers/10001", SMV_RENDER_API), "108");
}

static void a_hide_right_takes_its_pages_away(void)
{
    static const char *const path = "/customers/10001/expiring-contracts";
    fake_person_t person = karla;

    for (int is_hidden = 0; is_hidden < 2; is_hidden++) {
        smv_call_t call;
        const smv_error_t *error;

        person.principal.roles = person.roles;
        call = fake_call_by(&store, &person, SMV_METHOD_GET, path, SMV_RENDER_API, pool);
        error = smv_route_permit(&call);
        CU_ASSERT_EQUAL(error ? error->code : 0, is_hidden ? SMV_ERROR_DENIED : 0);
        CU_ASSERT_TRUE(!is_hidden || (error && strstr(error->detail, "smvAblaufdatumAusblenden")));
        fake_person_add_role(&person, SMV_SCOPE_OWN, BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    }
}

static void a_row_that_is_not_whole_does_not_start(void)
{
    static smv_call_t call;
    smv_route_t good, broken;
    const smv_error_t *error;

    call = fake_call(&store, NULL, "/contracts/1", NULL, pool);
    good = *call.route;
    CU_ASSERT_PTR_NULL(smv_routes_check(&good, 1, pool));
#define BROKEN(member, value)                                                                                          \
    broken = good;                                                                                                     \
    broken.member = value;                                                                                             \
    error = smv_routes_check(&broken, 1, pool);                                                                        \
    CU_ASSERT_PTR_NOT_NULL_FATAL(error);                                                                               \
    CU_ASSERT_EQUAL(error->code, SMV_ERROR_CONFIGURATION);                                                             \
    CU_ASSERT_PTR_NOT_NULL(strstr(error->detail, "show_contract"))
    BROKEN(access, 0);
    BROKEN(access, SMV_ACCESS_SIGNED_IN);
    BROKEN(right, SMV_RIGHT_NONE);
    BROKEN(right, SMV_RIGHT_COUNT);
    BROKEN(subject, SMV_SUBJECT_NONE);
    BROKEN(subject, SMV_SUBJECT_RANGE);
    BROKEN(csrf, 0);
    BROKEN(method, SMV_METHOD_POST);
    BROKEN(renderings, 0);
    BROKEN(pattern, NULL);
    BROKEN(pattern, "/contracts");
    BROKEN(action, NULL);
    BROKEN(view, NULL);
    BROKEN(page, NULL);
    BROKEN(api_field, "misspelt");
    BROKEN(subject, SMV_SUBJECT_ROW);
    BROKEN(hidden_by, BIT(SMV_RIGHT_CUSTOMER_VIEW));
    good.title = NULL;
    BROKEN(menu, SMV_MENU_CARD);
#undef BROKEN
}

static void who_is_not_signed_in_is_sent_to_sign_in(void)
{
    smv_call_t call;

    CU_ASSERT_EQUAL(permit(NULL, "/", &call), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(permit(NULL, "/customers/10001", &call), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(permit(NULL, "/login", &call), 0);
    CU_ASSERT_EQUAL(permit(&karla, "/", &call), 0);
    CU_ASSERT_PTR_NULL(call.permit);
}

static void own_customers_are_decided_without_a_query(void)
{
    smv_call_t call;

    store.locate_count = 0;
    CU_ASSERT_EQUAL(permit(&karla, "/customers/10001/contracts", &call), 0);
    CU_ASSERT_EQUAL(call.subject.customer, 10001);
    CU_ASSERT_EQUAL(permit(&karla, "/customers/20001/contracts", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&karla, "/customers/99999/contracts", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(store.locate_count, 0);
    CU_ASSERT_EQUAL(permit(&broker, "/customers/20001/contracts", &call), 0);
    CU_ASSERT_EQUAL(store.locate_count, 1);
}

static void scopes_follow_the_row_that_an_id_names(void)
{
    smv_call_t call;

    CU_ASSERT_EQUAL(permit(&karla, "/contracts/101", &call), 0);
    CU_ASSERT_EQUAL(call.subject.customer, 10001);
    CU_ASSERT_EQUAL(permit(&karla, "/contracts/201", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&karla, "/documents/3001", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&broker, "/contracts/201", &call), 0);
    CU_ASSERT_EQUAL(permit(&broker, "/contracts/301", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&broker, "/customers/30001", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&staff, "/contracts/301", &call), 0);
    CU_ASSERT_EQUAL(permit(&staff, "/contracts/999", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&karla, "/documents/1001/content", &call), SMV_ERROR_DENIED);
}

static void another_tenant_s_principal_finds_nothing(void)
{
    fake_person_t stranger = staff;
    smv_call_t call;

    stranger.principal.roles = stranger.roles;
    stranger.principal.tenant = 2;
    CU_ASSERT_EQUAL(permit(&stranger, "/", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&stranger, "/customers", &call), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(permit(&stranger, "/customers/10001", &call), SMV_ERROR_NOT_FOUND);
}

#define UNASSIGNED "/unassigned-documents"

static void what_is_nobody_s_is_for_the_whole_firm(void)
{
    static const char *const paths[] = {UNASSIGNED, UNASSIGNED "/41", UNASSIGNED "/41/content"};
    smv_rightset_t rights = BIT(SMV_RIGHT_DOCUMENT_IMPORT) | BIT(SMV_RIGHT_DOCUMENT_VIEW);

    for (smv_scope_e scope = SMV_SCOPE_OWN; scope <= SMV_SCOPE_ALL; scope++) {
        fake_person_t person;

        fake_person_init(&person);
        fake_person_add_customer(&person, 10001);
        fake_person_add_broker(&person, 501);
        fake_person_add_role(&person, scope, rights);
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
            smv_call_t call;

            CU_ASSERT_EQUAL(permit(&person, paths[i], &call), scope == SMV_SCOPE_ALL ? 0 : SMV_ERROR_DENIED);
            CU_ASSERT_EQUAL(call.permit != NULL, scope == SMV_SCOPE_ALL);
            CU_ASSERT_EQUAL(call.subject.customer, 0);
        }
    }
}

static void the_store_s_error_is_passed_on(void)
{
    smv_call_t call;

    store.failure = smv_error(pool, SMV_ERROR_DATABASE_BUSY, "busy");
    CU_ASSERT_EQUAL(permit(&staff, "/customers/10001", &call), SMV_ERROR_DATABASE_BUSY);
    CU_ASSERT_PTR_NULL(call.permit);
    store.failure = NULL;
}

/* @return "Start=/portal/ …", the current entry with a star */
static const char *menu(const smv_call_t *call)
{
    const smv_list_t *list = smv_menu(call, SMV_MENU_TOP);
    const char *text = "";

    for (int i = 0; i < list->count; i++) {
        const smv_value_t *values = list->records[i].values;

        text = apr_pstrcat(pool, text, i ? " " : "", values[SMV_MENU_IS_CURRENT].number ? "*" : "",
                           values[SMV_MENU_LABEL].as.text, "=", values[SMV_MENU_HREF].as.text, NULL);
    }
    return text;
}

static const char *menu_at(const fake_person_t *person, const char *path)
{
    smv_call_t call;

    permit(person, path, &call);
    return menu(&call);
}

#define INBOX "Neues aus dem Portal=/portal/inbox"
#define KARLAS                                                                                                         \
    "Kundenkarte=/portal/customers/10001 Verträge=/portal/customers/10001/contracts "                                 \
    "Dokumente=/portal/customers/10001/documents Finanzanalyse=/portal/customers/10001/financial-analysis"

static void the_menu_has_what_may_be_opened(void)
{
    fake_person_t person;

    CU_ASSERT_STRING_EQUAL(menu_at(NULL, "/login"), "");
    CU_ASSERT_STRING_EQUAL(menu_at(&karla, "/"), "*Start=/portal/ " KARLAS);
    CU_ASSERT_STRING_EQUAL(menu_at(&broker, "/"), "*Start=/portal/ " INBOX " Kunden=/portal/customers");
    CU_ASSERT_STRING_EQUAL(menu_at(&broker, "/customers"), "Start=/portal/ " INBOX " *Kunden=/portal/customers");
    CU_ASSERT_STRING_EQUAL(menu_at(&broker, "/contracts/101"),
                           "Start=/portal/ " INBOX " Kunden=/portal/customers " KARLAS);
    fake_person_init(&person);
    fake_person_add_customer(&person, 10001);
    fake_person_add_role(&person, SMV_SCOPE_OWN, BIT(SMV_RIGHT_DOCUMENT_LIST));
    CU_ASSERT_STRING_EQUAL(menu_at(&person, "/customers/10001/documents"),
                           "Start=/portal/ *Dokumente=/portal/customers/10001/documents");
    CU_ASSERT_STRING_EQUAL(menu_at(&person, "/customers/10001/contracts"),
                           "Start=/portal/ Dokumente=/portal/customers/10001/documents");
    fake_person_add_customer(&person, 20001);
    CU_ASSERT_STRING_EQUAL(menu_at(&person, "/"), "*Start=/portal/");
    fake_person_add_role(&person, SMV_SCOPE_OWN, BIT(SMV_RIGHT_CUSTOMER_VIEW));
    CU_ASSERT_STRING_EQUAL(menu_at(&person, "/"), "*Start=/portal/ Kunden=/portal/customers");
}

static void the_menu_has_what_is_nobody_s_for_the_whole_firm(void)
{
    for (smv_scope_e scope = SMV_SCOPE_OWN; scope <= SMV_SCOPE_ALL; scope++) {
        fake_person_t person;

        fake_person_init(&person);
        fake_person_add_role(&person, scope, BIT(SMV_RIGHT_DOCUMENT_IMPORT));
        CU_ASSERT_STRING_EQUAL(menu_at(&person, "/"),
                               scope == SMV_SCOPE_ALL
                                   ? "*Start=/portal/ Nicht zugeordnete Dokumente=/portal/unassigned-documents"
                                   : "*Start=/portal/");
    }
}

static void a_foreign_id_answers_like_an_unknown_one(void)
{
    CU_ASSERT_STRING_EQUAL(menu_at(&karla, "/contracts/301"), "Start=/portal/ " KARLAS);
    CU_ASSERT_STRING_EQUAL(menu_at(&karla, "/contracts/301"), menu_at(&karla, "/contracts/999"));
    CU_ASSERT_STRING_EQUAL(menu_at(&karla, "/documents/3001"), menu_at(&karla, "/documents/9999"));
    CU_ASSERT_STRING_EQUAL(menu_at(&karla, "/customers/30001"), menu_at(&karla, "/customers/99999"));
    CU_ASSERT_STRING_EQUAL(menu_at(&broker, "/customers/30001"), menu_at(&broker, "/customers/99999"));
}

int suite_route(void)
{
    static CU_TestInfo tests[] = {
        {"a path answers where it is rendered", a_path_answers_where_it_is_rendered},
        {"other paths are not found", other_paths_are_not_found},
        {"a route is found by its name", a_route_is_found_by_its_name},
        {"a page's form posts what a program patches or deletes",
         a_page_s_form_posts_what_a_program_patches_or_deletes},
        {"a hide right takes its pages away", a_hide_right_takes_its_pages_away},
        {"a row that is not whole does not start", a_row_that_is_not_whole_does_not_start},
        {"who is not signed in is sent to sign in", who_is_not_signed_in_is_sent_to_sign_in},
        {"own customers are decided without a query", own_customers_are_decided_without_a_query},
        {"scopes follow the row that an id names", scopes_follow_the_row_that_an_id_names},
        {"another tenant's principal finds nothing", another_tenant_s_principal_finds_nothing},
        {"what is nobody's is for the whole firm", what_is_nobody_s_is_for_the_whole_firm},
        {"the menu has what is nobody's for the whole firm", the_menu_has_what_is_nobody_s_for_the_whole_firm},
        {"the store's error is passed on", the_store_s_error_is_passed_on},
        {"the menu has what may be opened", the_menu_has_what_may_be_opened},
        {"a foreign id answers like an unknown one", a_foreign_id_answers_like_an_unknown_one},
        CU_TEST_INFO_NULL};
    static CU_SuiteInfo suites[] = {{"permits and menu", set_up, tear_down, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
