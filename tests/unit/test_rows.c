/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions about the rows of a resource: lists, forms, changes, conflicts.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "fake_store.h"

#include <apr_strings.h>
#include <string.h>

#define BIT SMV_RIGHT_BIT
#define ALL_OF(NAME) (BIT(NAME##_VIEW) | BIT(NAME##_CREATE) | BIT(NAME##_EDIT) | BIT(NAME##_DELETE))
#define CONTACT_RIGHTS ALL_OF(SMV_RIGHT_CONTACT)
#define CONTACT_RIGHTS_BLIND (CONTACT_RIGHTS & ~BIT(SMV_RIGHT_CONTACT_VIEW))
#define ACCOUNT_RIGHTS ALL_OF(SMV_RIGHT_BANK_ACCOUNT)
#define IBAN "DE89370400440532013000"
#define SUBMISSION "0123456789abcdef0123456789abcdef"

static fake_store_t store;
static fake_person_t karla;
static smv_form_t *form;
static const char *if_match, *key, *query;
static smv_answer_t answer;
static const smv_error_t *error;

static void karla_may(smv_rightset_t rights)
{
    fake_store_init(&store);
    fake_person_init(&karla);
    fake_person_add_role(&karla, SMV_SCOPE_OWN, rights);
    fake_person_add_customer(&karla, 10001);
    form = smv_form_make(unit_pool);
    if_match = key = query = NULL;
}

static void set(const smv_record_t *row, const char *name, const char *text)
{
    row->values[smv_shape_field(row->shape, name)] = smv_text(text);
}

/* Contact 5 of customer 10001, in version 3. */
static void add_contact(void)
{
    smv_record_t *row = fake_store_add_row(&store, SMV_RESOURCE_CONTACT, 5, 10001, 3, unit_pool);

    set(row, "first_name", "Konrad");
    set(row, "name", "Kunde");
    set(row, "phone", "030 123456");
}

/* Account 8 of customer 10001, in version 1. */
static void add_account(void)
{
    smv_record_t *row = fake_store_add_row(&store, SMV_RESOURCE_BANK_ACCOUNT, 8, 10001, 1, unit_pool);

    set(row, "holder", "Karla Kunde");
    set(row, "iban", IBAN);
}

static void enter(const char *name, const char *text)
{
    smv_form_add(form, name, text, strlen(text), SMV_SENT_TEXT);
}

/* @return the code of the error that the request ends with, 0 for an answer */
static smv_error_e run(smv_method_e method, const char *path, int rendering)
{
    smv_call_t call = fake_call_by(&store, &karla, rendering == SMV_RENDER_PAGE && method ? SMV_METHOD_POST : method,
                                   path, rendering, unit_pool);

    CU_ASSERT_PTR_NOT_NULL_FATAL(call.route);
    call.form = method == SMV_METHOD_GET ? NULL : form;
    form->is_json = rendering == SMV_RENDER_API;
    call.if_match = if_match;
    call.submission = key;
    call.query = query;
    answer = (smv_answer_t){.view = NULL};
    error = smv_route_permit(&call);
    error = error ? error : call.route->action(&call, &answer);
    return error ? error->code : 0;
}

#define PAGE_GET(path) run(SMV_METHOD_GET, path, SMV_RENDER_PAGE)
#define PAGE_POST(path) run(SMV_METHOD_POST, path, SMV_RENDER_PAGE)
#define API(method, path) run(SMV_METHOD_##method, path, SMV_RENDER_API)

static const smv_value_t *field(const smv_record_t *record, const char *name)
{
    int index = smv_shape_field(record->shape, name);

    CU_ASSERT_TRUE_FATAL(index >= 0);
    return &record->values[index];
}

static const char *text_in(const smv_record_t *record, const char *name)
{
    const smv_value_t *value = field(record, name);

    return value->is_present ? value->as.text : "(none)";
}

static const char *text(const char *name)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer.view);
    return text_in(answer.view, name);
}

static const smv_list_t *list(const char *name)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer.view);
    CU_ASSERT_TRUE_FATAL(field(answer.view, name)->is_present);
    return field(answer.view, name)->as.list;
}

static const smv_record_t *record(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer.view);
    CU_ASSERT_TRUE_FATAL(field(answer.view, "record")->is_present);
    return field(answer.view, "record")->as.record;
}

/* @return the field of that name in the form that is shown */
static const smv_record_t *shown(const char *name)
{
    const smv_list_t *fields = list("fields");

    for (int i = 0; i < fields->count; i++) {
        if (strcmp(text_in(&fields->records[i], "name"), name) == 0) {
            return &fields->records[i];
        }
    }
    CU_FAIL_FATAL("the form has no such field");
    return NULL;
}

/* @return what a list of cells says: the texts and labels, with bars between */
static const char *cells(const smv_value_t *value)
{
    static const int told[] = {SMV_CELL_TEXT, SMV_CELL_MSGID, SMV_CELL_DATE};
    const char *line = "";

    for (int i = 0; value->is_present && i < value->as.list->count; i++) {
        line = apr_pstrcat(unit_pool, line, i ? "|" : "", NULL);
        for (int k = 0; k < 3; k++) {
            const smv_value_t *part = &value->as.list->records[i].values[told[k]];

            line = apr_pstrcat(unit_pool, line, part->is_present ? part->as.text : "", NULL);
        }
    }
    return line;
}

static const char *changed(const char *name)
{
    return text_in(store.change.after, name);
}

/* --- reading --- */

static void a_list_masks_ibans_for_people_and_programs(void)
{
    karla_may(ACCOUNT_RIGHTS);
    add_account();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/bank-accounts"), 0);
    CU_ASSERT_EQUAL_FATAL(list("rows")->count, 1);
    CU_ASSERT_STRING_EQUAL(cells(field(&list("rows")->records[0], "cells")), "Karla Kunde|DE89 •••• 3000|");
    CU_ASSERT_STRING_EQUAL(text_in(&list("rows")->records[0], "href"), "/portal/bank-accounts/8");
    CU_ASSERT_EQUAL(list("columns")->count, 3);
    CU_ASSERT_STRING_EQUAL(text("create_href"), "/portal/customers/10001/bank-accounts/new");
    CU_ASSERT_EQUAL_FATAL(API(GET, "/customers/10001/bank-accounts"), 0);
    CU_ASSERT_STRING_EQUAL(text_in(&list("records")->records[0], "iban"), "DE89 •••• 3000");
    CU_ASSERT_FALSE(field(answer.view, "rows")->is_present);
}

static void a_page_of_its_own_shows_an_iban_whole(void)
{
    karla_may(ACCOUNT_RIGHTS);
    add_account();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/bank-accounts/8"), 0);
    CU_ASSERT_STRING_EQUAL(cells(field(answer.view, "facts")), "10001|Karla Kunde|DE89 3704 0044 0532 0130 00");
    CU_ASSERT_STRING_EQUAL(text("heading"), "Karla Kunde");
    CU_ASSERT_EQUAL(answer.version, 1);
    CU_ASSERT_EQUAL_FATAL(API(GET, "/bank-accounts/8"), 0);
    CU_ASSERT_STRING_EQUAL(text_in(record(), "iban"), IBAN);
}

static void a_row_offers_what_may_be_done(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(text("heading"), "Konrad Kunde");
    CU_ASSERT_STRING_EQUAL(text("edit_href"), "/portal/contacts/5/edit");
    CU_ASSERT_STRING_EQUAL(text("delete_href"), "/portal/contacts/5/delete");
    CU_ASSERT_STRING_EQUAL(text("back_href"), "/portal/customers/10001/contacts");
    CU_ASSERT_STRING_EQUAL(text("back_label"), "Ansprechpartner");
    CU_ASSERT_EQUAL(field(answer.view, "version")->number, 3);
    karla_may(BIT(SMV_RIGHT_CONTACT_VIEW));
    add_contact();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(text("edit_href"), "(none)");
    CU_ASSERT_STRING_EQUAL(text("delete_href"), "(none)");
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(text("create_href"), "(none)");
    CU_ASSERT_STRING_EQUAL(text("back_href"), "/portal/");
    CU_ASSERT_STRING_EQUAL(text("back_label"), "Start");
    karla_may(CONTACT_RIGHTS | BIT(SMV_RIGHT_CUSTOMER_VIEW));
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(text("back_href"), "/portal/customers/10001");
    CU_ASSERT_STRING_EQUAL(text("back_label"), "Kundenkarte");
}

static void a_short_name_is_a_heading_too(void)
{
    smv_record_t *row;

    karla_may(CONTACT_RIGHTS);
    row = fake_store_add_row(&store, SMV_RESOURCE_CONTACT, 6, 10001, 1, unit_pool);
    set(row, "name", "Ng");
    set(row, "position", "Buchhaltung");
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/contacts/6"), 0);
    CU_ASSERT_STRING_EQUAL(text("heading"), "Ng");
}

static void what_was_done_is_said_once_it_is_named(void)
{
    karla_may(CONTACT_RIGHTS);
    query = "done=1";
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(text("notice"), "Der Eintrag wurde angelegt.");
    query = "done=3";
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(text("notice"), "Der Eintrag wurde gelöscht.");
    query = "done=99";
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(text("notice"), "(none)");
}

static void each_deed_needs_its_own_right(void)
{
    static const struct {
        smv_right_e right;
        smv_method_e method;
        const char *path;
        int rendering;
    } deeds[] = {{SMV_RIGHT_CONTACT_VIEW, SMV_METHOD_GET, "/customers/10001/contacts", SMV_RENDER_API},
                 {SMV_RIGHT_CONTACT_VIEW, SMV_METHOD_GET, "/contacts/5", SMV_RENDER_PAGE},
                 {SMV_RIGHT_CONTACT_CREATE, SMV_METHOD_GET, "/customers/10001/contacts/new", SMV_RENDER_PAGE},
                 {SMV_RIGHT_CONTACT_CREATE, SMV_METHOD_POST, "/customers/10001/contacts", SMV_RENDER_API},
                 {SMV_RIGHT_CONTACT_EDIT, SMV_METHOD_GET, "/contacts/5/edit", SMV_RENDER_PAGE},
                 {SMV_RIGHT_CONTACT_EDIT, SMV_METHOD_PATCH, "/contacts/5", SMV_RENDER_API},
                 {SMV_RIGHT_CONTACT_DELETE, SMV_METHOD_DELETE, "/contacts/5", SMV_RENDER_API}};

    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        karla_may(CONTACT_RIGHTS & ~BIT(deeds[i].right));
        add_contact();
        if_match = "\"3\"";
        CU_ASSERT_EQUAL(run(deeds[i].method, deeds[i].path, deeds[i].rendering), SMV_ERROR_DENIED);
        karla_may(BIT(deeds[i].right));
        add_contact();
        if_match = "\"3\"";
        enter("name", "Meier");
        CU_ASSERT_EQUAL(run(deeds[i].method, deeds[i].path, deeds[i].rendering), 0);
    }
}

static void a_foreign_row_is_not_there(void)
{
    karla_may(CONTACT_RIGHTS);
    fake_store_add_row(&store, SMV_RESOURCE_CONTACT, 9, 20001, 1, unit_pool);
    if_match = "\"1\"";
    enter("name", "Meier");
    enter("version", "1");
    CU_ASSERT_EQUAL(PAGE_GET("/contacts/9"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(PAGE_GET("/contacts/9/edit"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/9"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/9/delete"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(PAGE_POST("/customers/20001/contacts"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(API(DELETE, "/contacts/9"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(API(GET, "/family-members/9"), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(store.change_count, 0);
}

/* --- a new row --- */

static void a_new_form_is_empty_and_has_a_name(void)
{
    karla_may(CONTACT_RIGHTS);
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts/new"), 0);
    CU_ASSERT_STRING_EQUAL(text("action_href"), "/portal/customers/10001/contacts");
    CU_ASSERT_STRING_EQUAL(text("cancel_href"), "/portal/customers/10001/contacts");
    CU_ASSERT_EQUAL(strlen(text("submission")), 32);
    CU_ASSERT_FALSE(field(answer.view, "version")->is_present);
    CU_ASSERT_EQUAL(list("fields")->count, 6);
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "value"), "(none)");
    CU_ASSERT_EQUAL(field(shown("name"), "is_required")->number, 1);
    CU_ASSERT_EQUAL(field(shown("name"), "maximum")->number, 120);
    CU_ASSERT_STRING_EQUAL(text_in(shown("email"), "input_type"), "email");
    CU_ASSERT_STRING_EQUAL(text_in(shown("position"), "described_by"), "hint-position");
    CU_ASSERT_EQUAL(field(shown("salutation"), "options")->as.list->count, 3);
    karla_may(CONTACT_RIGHTS_BLIND);
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/contacts/new"), 0);
    CU_ASSERT_STRING_EQUAL(text("cancel_href"), "/portal/");
}

static void a_new_row_is_made_for_its_customer(void)
{
    karla_may(CONTACT_RIGHTS);
    enter("name", " Meier ");
    enter("submission", SUBMISSION);
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/customers/10001/contacts?done=1");
    CU_ASSERT_PTR_NULL(answer.view);
    CU_ASSERT_EQUAL_FATAL(store.change_count, 1);
    CU_ASSERT_EQUAL(store.change.deed, SMV_DEED_CREATE);
    CU_ASSERT_EQUAL(store.change.resource->id, SMV_RESOURCE_CONTACT);
    CU_ASSERT_PTR_NULL(store.change.before);
    CU_ASSERT_STRING_EQUAL(changed("name"), "Meier");
    CU_ASSERT_EQUAL(store.change_customer, 10001);
    CU_ASSERT_STRING_EQUAL(store.change.submission, "karla.kunde:" SUBMISSION);
    CU_ASSERT_STRING_EQUAL(store.actor.login, "karla.kunde");
    CU_ASSERT_STRING_EQUAL(store.actor.name, "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(store.actor.address, "192.0.2.7");
    CU_ASSERT_STRING_EQUAL(store.actor.channel, "page");
    CU_ASSERT_FALSE(store.actor.is_staff);
}

static void the_api_answers_with_the_new_row(void)
{
    karla_may(CONTACT_RIGHTS);
    enter("name", "Meier");
    key = "key-1";
    CU_ASSERT_EQUAL_FATAL(API(POST, "/customers/10001/contacts"), 0);
    CU_ASSERT_EQUAL(answer.status, 201);
    CU_ASSERT_STRING_EQUAL(answer.location, "/contacts/77");
    CU_ASSERT_EQUAL(answer.version, 1);
    CU_ASSERT_STRING_EQUAL(text_in(record(), "name"), "Meier");
    CU_ASSERT_STRING_EQUAL(store.change.submission, "karla.kunde:key-1");
    CU_ASSERT_STRING_EQUAL(store.actor.channel, "api");
    key = NULL;
    CU_ASSERT_EQUAL_FATAL(API(POST, "/customers/10001/contacts"), 0);
    CU_ASSERT_PTR_NULL(store.change.submission);
}

static void who_may_not_see_it_is_not_shown_the_new_row(void)
{
    karla_may(CONTACT_RIGHTS_BLIND);
    enter("name", "Meier");
    CU_ASSERT_EQUAL_FATAL(API(POST, "/customers/10001/contacts"), 0);
    CU_ASSERT_PTR_NULL(answer.view);
    CU_ASSERT_PTR_NULL(answer.location);
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/10001/contacts"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/");
    CU_ASSERT_EQUAL(store.change_count, 2);
}

static void a_form_keeps_what_was_typed(void)
{
    karla_may(CONTACT_RIGHTS);
    enter("first_name", " Käthe ");
    enter("phone", "<12>");
    enter("salutation", "ms");
    enter("submission", SUBMISSION);
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/10001/contacts"), 0);
    CU_ASSERT_EQUAL(answer.status, 422);
    CU_ASSERT_PTR_NULL(answer.location);
    CU_ASSERT_EQUAL(store.change_count, 0);
    CU_ASSERT_STRING_EQUAL(text_in(shown("first_name"), "value"), " Käthe ");
    CU_ASSERT_STRING_EQUAL(text_in(shown("phone"), "value"), "<12>");
    CU_ASSERT_EQUAL(strncmp(text_in(shown("phone"), "error"), "Eine Telefonnummer", 18), 0);
    CU_ASSERT_STRING_EQUAL(text_in(shown("phone"), "described_by"), "wrong-phone");
    CU_ASSERT_STRING_EQUAL(text_in(shown("phone"), "is_invalid"), "true");
    CU_ASSERT_STRING_EQUAL(text_in(shown("first_name"), "is_invalid"), "(none)");
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "error"), "Bitte füllen Sie dieses Feld aus.");
    CU_ASSERT_EQUAL(field(&field(shown("salutation"), "options")->as.list->records[2], "is_selected")->number, 1);
    CU_ASSERT_STRING_EQUAL(text("submission"), SUBMISSION);
    CU_ASSERT_EQUAL_FATAL(list("problems")->count, 2);
    CU_ASSERT_STRING_EQUAL(text_in(&list("problems")->records[0], "label"), "Name");
}

static void the_api_names_the_fields_that_are_wrong(void)
{
    karla_may(CONTACT_RIGHTS);
    enter("nickname", "x");
    CU_ASSERT_EQUAL_FATAL(API(POST, "/customers/10001/contacts"), SMV_ERROR_INVALID);
    CU_ASSERT_EQUAL(error->http_status, 422);
    CU_ASSERT_PTR_NOT_NULL(smv_problem_of(error->problems, "name"));
    CU_ASSERT_PTR_NOT_NULL(smv_problem_of(error->problems, "nickname"));
    CU_ASSERT_PTR_NULL(smv_problem_of(error->problems, "phone"));
    CU_ASSERT_EQUAL(store.change_count, 0);
}

/* --- a row that is there --- */

static void an_edit_form_has_the_row(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/contacts/5/edit"), 0);
    CU_ASSERT_STRING_EQUAL(text("action_href"), "/portal/contacts/5");
    CU_ASSERT_STRING_EQUAL(text("cancel_href"), "/portal/contacts/5");
    CU_ASSERT_EQUAL(field(answer.view, "version")->number, 3);
    CU_ASSERT_STRING_EQUAL(text("submission"), "(none)");
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "value"), "Kunde");
    CU_ASSERT_STRING_EQUAL(text_in(shown("position"), "value"), "(none)");
}

static void a_blind_form_shows_nothing(void)
{
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/contacts/5/edit"), 0);
    CU_ASSERT_EQUAL(field(answer.view, "is_blind")->number, 1);
    CU_ASSERT_STRING_EQUAL(text("cancel_href"), "/portal/");
    for (int i = 0; i < list("fields")->count; i++) {
        CU_ASSERT_STRING_EQUAL(text_in(&list("fields")->records[i], "value"), "(none)");
        CU_ASSERT_NOT_EQUAL(field(&list("fields")->records[i], "is_required")->number, 1);
    }
    enter("phone", "x");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_EQUAL(answer.status, 422);
    CU_ASSERT_STRING_EQUAL(text_in(shown("phone"), "value"), "x");
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "value"), "(none)");
}

static void a_blind_edit_keeps_what_was_left_empty(void)
{
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    enter("first_name", "");
    enter("name", "");
    enter("phone", "030 654321");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/");
    CU_ASSERT_STRING_EQUAL(changed("first_name"), "Konrad");
    CU_ASSERT_STRING_EQUAL(changed("name"), "Kunde");
    CU_ASSERT_STRING_EQUAL(changed("phone"), "030 654321");
}

static void an_edit_has_the_row_before_and_after(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("first_name", "");
    enter("name", "Meier");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/customers/10001/contacts?done=2");
    CU_ASSERT_EQUAL_FATAL(store.change_count, 1);
    CU_ASSERT_EQUAL(store.change.deed, SMV_DEED_EDIT);
    CU_ASSERT_EQUAL(store.change.row, 5);
    CU_ASSERT_EQUAL(store.change.version, 3);
    CU_ASSERT_STRING_EQUAL(text_in(store.change.before, "name"), "Kunde");
    CU_ASSERT_STRING_EQUAL(changed("name"), "Meier");
    CU_ASSERT_STRING_EQUAL(changed("first_name"), "(none)");
    CU_ASSERT_STRING_EQUAL(changed("phone"), "030 123456");
}

static void what_does_not_differ_changes_nothing(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("name", " Kunde");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/customers/10001/contacts?done=2");
    CU_ASSERT_EQUAL(store.change_count, 0);
}

static void a_blind_edit_counts_whatever_stood_there(void)
{
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    enter("name", "Kunde");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_EQUAL(store.change_count, 1);
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    enter("name", "");
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/");
    CU_ASSERT_EQUAL(store.change_count, 0);
}

static void a_form_without_its_version_is_a_bad_request(void)
{
    static const char *const versions[] = {"", "0", "x", "-3", "3 ", "1234567890123456789"};

    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("name", "Meier");
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/5"), SMV_ERROR_BAD_REQUEST);
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/5/delete"), SMV_ERROR_BAD_REQUEST);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        form = smv_form_make(unit_pool);
        enter("version", versions[i]);
        CU_ASSERT_EQUAL(PAGE_POST("/contacts/5"), SMV_ERROR_BAD_REQUEST);
    }
    CU_ASSERT_EQUAL(store.change_count, 0);
}

static void a_conflict_shows_both(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("name", "Meier");
    enter("phone", "030 123456");
    enter("version", "2");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_EQUAL(store.change_count, 0);
    CU_ASSERT_EQUAL(field(answer.view, "is_conflict")->number, 1);
    CU_ASSERT_EQUAL(field(answer.view, "version")->number, 3);
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "value"), "Meier");
    CU_ASSERT_STRING_EQUAL(cells(field(shown("name"), "theirs")), "Kunde");
    CU_ASSERT_STRING_EQUAL(text_in(shown("name"), "described_by"), "theirs-name");
    CU_ASSERT_FALSE(field(shown("phone"), "theirs")->is_present);
    form = smv_form_make(unit_pool);
    enter("name", "Meier");
    enter("version", "3"); /* somebody was faster between the reading and the writing */
    store.change_failure = smv_error(unit_pool, SMV_ERROR_CONFLICT, "gone");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_STRING_EQUAL(cells(field(shown("name"), "theirs")), "Kunde");
}

static void a_blind_conflict_shows_nothing_of_theirs(void)
{
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    enter("name", "Meier");
    enter("version", "2");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    for (int i = 0; i < list("fields")->count; i++) {
        CU_ASSERT_FALSE(field(&list("fields")->records[i], "theirs")->is_present);
    }
    CU_ASSERT_STRING_EQUAL(text_in(shown("phone"), "value"), "(none)");
}

static void a_conflict_about_an_account_masks_it(void)
{
    karla_may(ACCOUNT_RIGHTS);
    add_account();
    enter("iban", "AT611904300234573201");
    enter("version", "7");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/bank-accounts/8"), 0);
    CU_ASSERT_STRING_EQUAL(cells(field(shown("iban"), "theirs")), "DE89 •••• 3000");
}

static void the_api_says_which_version_it_changes(void)
{
    static const char *const others[] = {"\"2\"", "3", "W/\"3\"", "\"3", "\"3\", \"4\"", "\"\"", "\"x\"", ""};

    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("name", "Meier");
    CU_ASSERT_EQUAL(API(PATCH, "/contacts/5"), SMV_ERROR_PRECONDITION_NEEDED);
    CU_ASSERT_EQUAL(API(DELETE, "/contacts/5"), SMV_ERROR_PRECONDITION_NEEDED);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if_match = others[i];
        CU_ASSERT_EQUAL(API(PATCH, "/contacts/5"), SMV_ERROR_PRECONDITION);
        CU_ASSERT_EQUAL(API(DELETE, "/contacts/5"), SMV_ERROR_PRECONDITION);
    }
    CU_ASSERT_EQUAL(store.change_count, 0);
    if_match = "\"3\"";
    CU_ASSERT_EQUAL_FATAL(API(PATCH, "/contacts/5"), 0);
    CU_ASSERT_EQUAL(answer.status, 200);
    CU_ASSERT_EQUAL(answer.version, 4);
    CU_ASSERT_PTR_NULL(answer.location);
    CU_ASSERT_STRING_EQUAL(text_in(record(), "name"), "Meier");
    CU_ASSERT_STRING_EQUAL(text_in(record(), "first_name"), "Konrad");
    if_match = "\"4\"";
    store.change_failure = smv_error(unit_pool, SMV_ERROR_CONFLICT, "gone");
    enter("position", "Chef");
    CU_ASSERT_EQUAL(API(PATCH, "/contacts/5"), SMV_ERROR_PRECONDITION);
    CU_ASSERT_EQUAL(API(DELETE, "/contacts/5"), SMV_ERROR_PRECONDITION);
}

static void a_deleted_row_is_gone(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("version", "3");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5/delete"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/customers/10001/contacts?done=3");
    CU_ASSERT_EQUAL(store.change.deed, SMV_DEED_DELETE);
    CU_ASSERT_EQUAL(store.change.version, 3);
    CU_ASSERT_STRING_EQUAL(text_in(store.change.before, "name"), "Kunde");
    CU_ASSERT_PTR_NULL(store.change.after);
    CU_ASSERT_EQUAL(PAGE_GET("/contacts/5"), SMV_ERROR_NOT_FOUND);
    add_contact();
    if_match = "\"3\"";
    CU_ASSERT_EQUAL_FATAL(API(DELETE, "/contacts/5"), 0);
    CU_ASSERT_PTR_NULL(answer.view);
    CU_ASSERT_EQUAL(store.change_count, 2);
}

static void a_row_that_changed_is_shown_before_it_goes(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("version", "2");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/contacts/5/delete"), 0);
    CU_ASSERT_EQUAL(answer.status, 409);
    CU_ASSERT_EQUAL(strncmp(text("error"), "Jemand anderes", 14), 0);
    CU_ASSERT_EQUAL(field(answer.view, "version")->number, 3);
    CU_ASSERT_EQUAL(store.change_count, 0);
    karla_may(CONTACT_RIGHTS_BLIND);
    add_contact();
    enter("version", "2");
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/5/delete"), SMV_ERROR_CONFLICT);
    CU_ASSERT_PTR_NULL(answer.view);
}

static void a_card_has_the_fields_of_its_kind(void)
{
    karla_may(BIT(SMV_RIGHT_CUSTOMER_VIEW) | BIT(SMV_RIGHT_CUSTOMER_EDIT));
    CU_ASSERT_EQUAL_FATAL(PAGE_GET("/customers/10001/edit"), 0);
    CU_ASSERT_STRING_EQUAL(text("action_href"), "/portal/customers/10001");
    CU_ASSERT_STRING_EQUAL(text_in(shown("occupation"), "name"), "occupation");
    for (int i = 0; i < list("fields")->count; i++) {
        CU_ASSERT_STRING_NOT_EQUAL(text_in(&list("fields")->records[i], "name"), "legal_form");
        CU_ASSERT_STRING_NOT_EQUAL(text_in(&list("fields")->records[i], "name"), "kind");
    }
    enter("city", "Bremen");
    enter("version", "1");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/10001"), 0);
    CU_ASSERT_STRING_EQUAL(answer.location, "/customers/10001?done=2");
    CU_ASSERT_STRING_EQUAL(changed("city"), "Bremen");
    enter("legal_form", "GmbH");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/10001"), 0);
    CU_ASSERT_EQUAL(answer.status, 422);
    CU_ASSERT_EQUAL(store.change_count, 1);
}

static void staff_are_known_as_such(void)
{
    karla_may(0);
    fake_person_init(&karla);
    fake_person_add_role(&karla, SMV_SCOPE_ALL, CONTACT_RIGHTS);
    enter("name", "Meier");
    CU_ASSERT_EQUAL_FATAL(PAGE_POST("/customers/30001/contacts"), 0);
    CU_ASSERT_TRUE(store.actor.is_staff);
    CU_ASSERT_EQUAL(store.change_customer, 30001);
}

static void the_store_s_error_is_passed_on(void)
{
    karla_may(CONTACT_RIGHTS);
    add_contact();
    enter("name", "Meier");
    enter("version", "3");
    store.change_failure = smv_error(unit_pool, SMV_ERROR_DATABASE_BUSY, "busy");
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/5"), SMV_ERROR_DATABASE_BUSY);
    CU_ASSERT_EQUAL(PAGE_POST("/contacts/5/delete"), SMV_ERROR_DATABASE_BUSY);
    form = smv_form_make(unit_pool);
    enter("name", "Meier");
    CU_ASSERT_EQUAL(PAGE_POST("/customers/10001/contacts"), SMV_ERROR_DATABASE_BUSY);
    CU_ASSERT_PTR_NULL(answer.location);
}

int suite_rows(void)
{
    static CU_TestInfo tests[] = {
        {"a list masks IBANs for people and programs", a_list_masks_ibans_for_people_and_programs},
        {"a page of its own shows an IBAN whole", a_page_of_its_own_shows_an_iban_whole},
        {"a row offers what may be done", a_row_offers_what_may_be_done},
        {"a short name is a heading too", a_short_name_is_a_heading_too},
        {"what was done is said once it is named", what_was_done_is_said_once_it_is_named},
        {"each deed needs its own right", each_deed_needs_its_own_right},
        {"a foreign row is not there", a_foreign_row_is_not_there},
        {"a new form is empty and has a name", a_new_form_is_empty_and_has_a_name},
        {"a new row is made for its customer", a_new_row_is_made_for_its_customer},
        {"the API answers with the new row", the_api_answers_with_the_new_row},
        {"who may not see it is not shown the new row", who_may_not_see_it_is_not_shown_the_new_row},
        {"a form keeps what was typed", a_form_keeps_what_was_typed},
        {"the API names the fields that are wrong", the_api_names_the_fields_that_are_wrong},
        {"an edit form has the row", an_edit_form_has_the_row},
        {"a blind form shows nothing", a_blind_form_shows_nothing},
        {"a blind edit keeps what was left empty", a_blind_edit_keeps_what_was_left_empty},
        {"a blind edit counts whatever stood there", a_blind_edit_counts_whatever_stood_there},
        {"an edit has the row before and after", an_edit_has_the_row_before_and_after},
        {"what does not differ changes nothing", what_does_not_differ_changes_nothing},
        {"a form without its version is a bad request", a_form_without_its_version_is_a_bad_request},
        {"a conflict shows both", a_conflict_shows_both},
        {"a blind conflict shows nothing of theirs", a_blind_conflict_shows_nothing_of_theirs},
        {"a conflict about an account masks it", a_conflict_about_an_account_masks_it},
        {"the API says which version it changes", the_api_says_which_version_it_changes},
        {"a deleted row is gone", a_deleted_row_is_gone},
        {"a row that changed is shown before it goes", a_row_that_changed_is_shown_before_it_goes},
        {"a card has the fields of its kind", a_card_has_the_fields_of_its_kind},
        {"staff are known as such", staff_are_known_as_such},
        {"the store's error is passed on", the_store_s_error_is_passed_on},
        CU_TEST_INFO_NULL,
    };

    return unit_register("rows", tests);
}
