/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of a customer, what staff see of changes, and "Meine Rechte".
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"
#include "fake_store.h"

#include <apr_strings.h>
#include <string.h>

#define BIT SMV_RIGHT_BIT
#define CUSTOMER_VIEW BIT(SMV_RIGHT_CUSTOMER_VIEW)

static fake_store_t store;
static fake_person_t person;
static smv_answer_t answer;
static smv_call_t call;

static void person_may(smv_scope_e scope, smv_rightset_t rights)
{
    fake_store_init(&store);
    fake_person_init(&person);
    fake_person_add_role(&person, scope, rights);
    if (scope == SMV_SCOPE_OWN) {
        fake_person_add_customer(&person, 10001);
    }
}

static smv_error_e run(smv_method_e method, const char *path, const char *query, int rendering)
{
    const smv_error_t *error;

    call = fake_call_by(&store, &person, method, path, rendering, unit_pool);
    CU_ASSERT_PTR_NOT_NULL_FATAL(call.route);
    call.query = query;
    answer = (smv_answer_t){.view = NULL};
    error = smv_route_permit(&call);
    error = error ? error : call.route->action(&call, &answer);
    return error ? error->code : 0;
}

#define PAGE(path, query) run(SMV_METHOD_GET, path, query, SMV_RENDER_PAGE)
#define API(path, query) run(SMV_METHOD_GET, path, query, SMV_RENDER_API)

static const smv_value_t *field(const smv_record_t *record, const char *name)
{
    int index = smv_shape_field(record->shape, name);

    CU_ASSERT_TRUE_FATAL(index >= 0);
    return &record->values[index];
}

static const smv_list_t *list(const char *name)
{
    CU_ASSERT_TRUE_FATAL(answer.view && field(answer.view, name)->is_present);
    return field(answer.view, name)->as.list;
}

static const char *text_in(const smv_record_t *record, const char *name)
{
    return field(record, name)->is_present ? field(record, name)->as.text : "(none)";
}

/* @return a list of so many changes of a resource, one a second, newest first: ids and times count down to 1001 */
static smv_list_t *changes_of(const char *resource, int count)
{
    smv_list_t *changes = smv_list_make(&smv_shape_change, count, unit_pool);

    for (int i = 0; i < count; i++) {
        smv_value_t *values = changes->records[i].values;

        values[SMV_CHANGE_ID] = smv_number(1000 + count - i);
        values[SMV_CHANGE_TIME] = smv_number(1000 + count - i);
        values[SMV_CHANGE_CUSTOMER] = smv_number(10001);
        values[SMV_CHANGE_RESOURCE] = smv_text(resource);
        values[SMV_CHANGE_ROW] = smv_number(5);
        values[SMV_CHANGE_KIND] = smv_text("edit");
        values[SMV_CHANGE_LOGIN] = smv_text("karla.kunde");
        values[SMV_CHANGE_NAME] = smv_text("Karla Kunde");
        values[SMV_CHANGE_ADDRESS] = smv_text("192.0.2.7");
        values[SMV_CHANGE_CHANNEL] = smv_text("page");
    }
    return changes;
}

static smv_list_t *readings_at(apr_int64_t first, int count)
{
    smv_list_t *readings = smv_list_make(&smv_shape_reading, count, unit_pool);

    for (int i = 0; i < count; i++) {
        smv_value_t *values = readings->records[i].values;

        values[SMV_READING_ID] = smv_number(count - i);
        values[SMV_READING_TIME] = smv_number(first - i);
        values[SMV_READING_KIND] = smv_text("read");
        values[SMV_READING_SUBJECT] = smv_text("show_bank_account");
        values[SMV_READING_NAME] = smv_text("Ines Innen");
        values[SMV_READING_LOGIN] = smv_text("ines.innen");
        values[SMV_READING_ADDRESS] = smv_text("192.0.2.8");
        values[SMV_READING_CHANNEL] = smv_text("api");
    }
    return readings;
}

static smv_list_t *one_value(apr_int64_t change, const char *name, const char *before, const char *after)
{
    smv_list_t *values = smv_list_make(&smv_shape_change_value, 1, unit_pool);

    values->records[0].values[SMV_CHANGE_VALUE_ID] = smv_number(change);
    values->records[0].values[SMV_CHANGE_VALUE_FIELD] = smv_text(name);
    values->records[0].values[SMV_CHANGE_VALUE_OLD] = smv_text(before);
    values->records[0].values[SMV_CHANGE_VALUE_NEW] = smv_text(after);
    return values;
}

/* @return the text, label or date of the only cell of a side; "" where there is none */
static const char *cell(const smv_record_t *line, const char *side)
{
    static const int told[] = {SMV_CELL_TEXT, SMV_CELL_MSGID, SMV_CELL_DATE};
    const char *text = "";

    for (int i = 0; field(line, side)->is_present && i < 3; i++) {
        const smv_value_t *value = &field(line, side)->as.list->records[0].values[told[i]];

        text = value->is_present ? value->as.text : text;
    }
    return text;
}

/* @return "label: old > new" of the only line of the first entry */
static const char *first_line(void)
{
    const smv_list_t *lines = field(&list("entries")->records[0], "lines")->as.list;

    CU_ASSERT_EQUAL_FATAL(lines->count, 1);
    return apr_pstrcat(unit_pool, text_in(&lines->records[0], "label"), ": ", cell(&lines->records[0], "old"), " > ",
                       cell(&lines->records[0], "new"), NULL);
}

static void the_log_tells_who_did_what_in_their_words(void)
{
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_FAMILY_VIEW));
    store.changes = changes_of("family_member", 1);
    store.readings = readings_at(900, 1);
    store.values = one_value(1001, "relation", "child", NULL);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list("entries")->count, 2);
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "who"), "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "what"), "Familienmitglied");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "how"), "geändert");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "channel"), "Portal");
    CU_ASSERT_STRING_EQUAL(first_line(), "Verhältnis: Kind > ");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[1], "who"), "Ines Innen");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[1], "what"), "Kontoverbindung");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[1], "how"), "gelesen");
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "(none)");
    store.values = one_value(1001, "birth_date", "2020-03-01", "2020-03-02");
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_STRING_EQUAL(first_line(), "Geburtsdatum: 2020-03-01 > 2020-03-02");
}

static void the_log_masks_ibans(void)
{
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW));
    store.changes = changes_of("bank_account", 1);
    store.values = one_value(1001, "iban", "DE89370400440532013000", "AT611904300234573201");
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_STRING_EQUAL(first_line(), "IBAN: DE89 •••• 3000 > AT61 •••• 3201");
}

static void the_log_tells_what_its_reader_may_see(void)
{
    static const struct {
        const char *resource;
        smv_right_e right;
    } resources[] = {{"family_member", SMV_RIGHT_FAMILY_VIEW},
                     {"contact", SMV_RIGHT_CONTACT_VIEW},
                     {"communication", SMV_RIGHT_COMMUNICATION_VIEW},
                     {"bank_account", SMV_RIGHT_BANK_ACCOUNT_VIEW},
                     {"document", SMV_RIGHT_DOCUMENT_LIST}};

    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(resources[i].right));
        store.changes = changes_of(resources[i].resource, 3);
        CU_ASSERT_EQUAL_FATAL(API("/customers/10001/log", NULL), 0);
        CU_ASSERT_EQUAL(list("changes")->count, 3);
        person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | (BIT(SMV_CUSTOMER_RIGHT_COUNT) - 1 - BIT(resources[i].right)));
        store.changes = changes_of(resources[i].resource, 3);
        CU_ASSERT_EQUAL_FATAL(API("/customers/10001/log", NULL), 0);
        CU_ASSERT_EQUAL(list("changes")->count, 0);
        CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
        CU_ASSERT_EQUAL(list("entries")->count, 0);
    }
    store.changes = changes_of("something_new", 1);
    CU_ASSERT_EQUAL_FATAL(API("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL(list("changes")->count, 0);
}

static void a_long_log_goes_on(void)
{
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_CONTACT_VIEW));
    store.changes = changes_of("contact", 150);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL(list("entries")->count, 100);
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "/portal/customers/10001/log?before=1051");
    CU_ASSERT_EQUAL(store.values_from, 1001);
    CU_ASSERT_EQUAL(store.values_to, 1150);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", "before=1051"), 0);
    CU_ASSERT_EQUAL(store.before, 1051);
    CU_ASSERT_EQUAL(PAGE("/customers/10001/log", "before=0"), SMV_ERROR_BAD_REQUEST);
    store.readings = readings_at(1150, 150);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL(list("entries")->count, 100);
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "/portal/customers/10001/log?before=1101");
}

/* The store cuts the list of changes: what is older comes on the next page, even where none of these may be told. */
static void a_log_goes_on_behind_what_is_not_told(void)
{
    smv_list_t *changes = changes_of("bank_account", SMV_STORE_MAX_LOG);

    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_CONTACT_VIEW));
    store.changes = changes;
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL(list("entries")->count, 0);
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "/portal/customers/10001/log?before=1002");
    changes->records[0].values[SMV_CHANGE_RESOURCE] = smv_text("contact");
    store.readings = readings_at(1100, 3); /* and then some that are older than all of these changes */
    store.readings->records[2].values[SMV_READING_TIME] = smv_number(500);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/log", NULL), 0);
    CU_ASSERT_EQUAL(list("entries")->count, 3);
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "/portal/customers/10001/log?before=1002");
}

static void readings_are_noted_as_the_route_wants(void)
{
    person_may(SMV_SCOPE_ALL, CUSTOMER_VIEW | BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW));
    fake_store_add_row(&store, SMV_RESOURCE_BANK_ACCOUNT, 8, 10001, 1, unit_pool);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001", NULL), 0);
    CU_ASSERT_PTR_NULL(smv_route_log(&call, &answer));
    CU_ASSERT_EQUAL(store.event_count, 1);
    CU_ASSERT_STRING_EQUAL(store.event.subject, "show_customer");
    CU_ASSERT_EQUAL(store.event.row, 10001);
    CU_ASSERT_TRUE(store.actor.is_staff);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001/contracts", NULL), SMV_ERROR_DENIED);
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW));
    fake_store_add_row(&store, SMV_RESOURCE_BANK_ACCOUNT, 8, 10001, 1, unit_pool);
    CU_ASSERT_EQUAL_FATAL(PAGE("/customers/10001", NULL), 0);
    CU_ASSERT_PTR_NULL(smv_route_log(&call, &answer));
    CU_ASSERT_EQUAL(store.event_count, 0);
    CU_ASSERT_EQUAL_FATAL(API("/bank-accounts/8", NULL), 0);
    CU_ASSERT_PTR_NULL(smv_route_log(&call, &answer));
    CU_ASSERT_EQUAL(store.event_count, 1);
    CU_ASSERT_STRING_EQUAL(store.event.subject, "show_bank_account");
    CU_ASSERT_EQUAL(store.event.row, 8);
    CU_ASSERT_FALSE(store.actor.is_staff);
}

static void the_feed_goes_on_above_the_last_id(void)
{
    smv_list_t *changes = changes_of("contact", 3);

    for (int i = 0; i < 3; i++) {
        changes->records[i].values[SMV_CHANGE_ID] = smv_number(i + 1);
    }
    person_may(SMV_SCOPE_ALL, BIT(SMV_RIGHT_AUDIT_LOG_VIEW));
    store.changes = changes;
    CU_ASSERT_EQUAL_FATAL(API("/changes", "after=7&limit=2"), 0);
    CU_ASSERT_EQUAL(store.after, 7);
    CU_ASSERT_EQUAL(list("changes")->count, 2);
    CU_ASSERT_STRING_EQUAL(list("changes")->next, "/changes?after=2&limit=2");
    CU_ASSERT_EQUAL_FATAL(API("/changes", NULL), 0);
    CU_ASSERT_EQUAL(list("changes")->count, 3);
    CU_ASSERT_PTR_NULL(list("changes")->next);
    CU_ASSERT_EQUAL(API("/changes", "limit=1001"), SMV_ERROR_BAD_REQUEST);
    CU_ASSERT_EQUAL(API("/changes", "limit=0"), SMV_ERROR_BAD_REQUEST);
    person_may(SMV_SCOPE_OWN, BIT(SMV_RIGHT_AUDIT_LOG_VIEW) | CUSTOMER_VIEW);
    CU_ASSERT_EQUAL(API("/changes", NULL), SMV_ERROR_DENIED);
    person_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL(API("/changes", NULL), SMV_ERROR_DENIED);
}

static void the_inbox_is_for_staff(void)
{
    person_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    store.changes = changes_of("contact", 51);
    CU_ASSERT_EQUAL_FATAL(PAGE("/inbox", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(list("entries")->count, 50);
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "next_href"), "/portal/inbox?done=0&before=1002");
    CU_ASSERT_STRING_EQUAL(text_in(answer.view, "other_href"), "/portal/inbox?done=1");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "what"), "Ansprechpartner");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "customer_href"), "/portal/customers/10001/log");
    CU_ASSERT_STRING_EQUAL(text_in(&list("entries")->records[0], "done_href"), "/portal/inbox/1051/done");
    CU_ASSERT_FALSE(store.asked_done);
    CU_ASSERT_EQUAL_FATAL(PAGE("/inbox", "done=1&before=1002"), 0);
    CU_ASSERT_TRUE(store.asked_done);
    CU_ASSERT_EQUAL(store.before, 1002);
    CU_ASSERT_EQUAL(PAGE("/inbox", "done=2"), SMV_ERROR_BAD_REQUEST);
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL(PAGE("/inbox", NULL), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(run(SMV_METHOD_POST, "/inbox/7/done", NULL, SMV_RENDER_PAGE), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(store.marked_change, 0);
}

static void a_change_is_marked_and_opened_again(void)
{
    person_may(SMV_SCOPE_ALL, CUSTOMER_VIEW);
    CU_ASSERT_EQUAL_FATAL(run(SMV_METHOD_POST, "/inbox/7/done", NULL, SMV_RENDER_PAGE), 0);
    CU_ASSERT_EQUAL(store.marked_change, 7);
    CU_ASSERT_TRUE(store.marked_done);
    CU_ASSERT_STRING_EQUAL(answer.location, "/inbox");
    CU_ASSERT_EQUAL_FATAL(run(SMV_METHOD_POST, "/inbox/8/open", NULL, SMV_RENDER_API), 0);
    CU_ASSERT_EQUAL(store.marked_change, 8);
    CU_ASSERT_FALSE(store.marked_done);
    CU_ASSERT_PTR_NULL(answer.location);
    CU_ASSERT_PTR_NULL(answer.view);
}

/* @return the line of a right in "Meine Rechte" */
static const smv_record_t *line_of(const char *label)
{
    for (int row = 0; row < list("rows")->count; row++) {
        const smv_list_t *cells = field(&list("rows")->records[row], "cells")->as.list;

        for (int i = 0; i < cells->count; i++) {
            if (strcmp(text_in(&cells->records[i], "label"), label) == 0) {
                return &cells->records[i];
            }
        }
    }
    CU_FAIL_FATAL("no such right");
    return NULL;
}

static void my_rights_are_named_with_their_roles(void)
{
    person_may(SMV_SCOPE_OWN, CUSTOMER_VIEW);
    fake_person_add_role(&person, SMV_SCOPE_OWN, CUSTOMER_VIEW | BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    person.roles[1].name = "Zweite";
    CU_ASSERT_EQUAL_FATAL(PAGE("/rights", NULL), 0);
    CU_ASSERT_EQUAL(list("rows")->count, 14);
    CU_ASSERT_EQUAL(field(line_of("Kundendaten ansehen"), "is_granted")->number, 1);
    CU_ASSERT_STRING_EQUAL(text_in(line_of("Kundendaten ansehen"), "roles"), "Rolle, Zweite");
    CU_ASSERT_STRING_EQUAL(text_in(line_of("Kundendaten ansehen"), "attribute"), "smvKundendatenAnsehen");
    CU_ASSERT_EQUAL(field(line_of("Kundendaten ändern"), "is_granted")->number, 0);
    CU_ASSERT_STRING_EQUAL(text_in(line_of("Kundendaten ändern"), "roles"), "(none)");
    CU_ASSERT_EQUAL(field(line_of("Ablaufdatum auf Kundenkarte ausblenden"), "is_hide")->number, 1);
    CU_ASSERT_STRING_EQUAL(text_in(line_of("Ablaufdatum auf Kundenkarte ausblenden"), "roles"), "Zweite");
    CU_ASSERT_EQUAL(list("staff")->count, 0);
    CU_ASSERT_EQUAL(list("roles")->count, 2);
    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        CU_ASSERT_STRING_EQUAL(text_in(line_of(smv_rights[right].label), "attribute"), smv_rights[right].attribute);
    }
    person_may(SMV_SCOPE_ALL, BIT(SMV_RIGHT_AUDIT_LOG_VIEW));
    CU_ASSERT_EQUAL_FATAL(PAGE("/rights", NULL), 0);
    CU_ASSERT_EQUAL(list("staff")->count, SMV_RIGHT_COUNT - SMV_CUSTOMER_RIGHT_COUNT);
}

int suite_log(void)
{
    static CU_TestInfo tests[] = {
        {"the log tells who did what in their words", the_log_tells_who_did_what_in_their_words},
        {"the log masks IBANs", the_log_masks_ibans},
        {"the log tells what its reader may see", the_log_tells_what_its_reader_may_see},
        {"a long log goes on", a_long_log_goes_on},
        {"a log goes on behind what is not told", a_log_goes_on_behind_what_is_not_told},
        {"readings are noted as the route wants", readings_are_noted_as_the_route_wants},
        {"the feed goes on above the last id", the_feed_goes_on_above_the_last_id},
        {"the inbox is for staff", the_inbox_is_for_staff},
        {"a change is marked and opened again", a_change_is_marked_and_opened_again},
        {"my rights are named with their roles", my_rights_are_named_with_their_roles},
        CU_TEST_INFO_NULL,
    };

    return unit_register("log", tests);
}
