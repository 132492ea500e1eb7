/* SPDX-License-Identifier: Apache-2.0
 *
 * From what somebody sent to a row: every kind of bad input, each at its field.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_input.h"
#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"

#include <apr_strings.h>
#include <string.h>

#define CONTACT (&smv_resources[SMV_RESOURCE_CONTACT])
#define CUSTOMER (&smv_resources[SMV_RESOURCE_CUSTOMER])
#define FAMILY_MEMBER (&smv_resources[SMV_RESOURCE_FAMILY_MEMBER])
#define COMMUNICATION (&smv_resources[SMV_RESOURCE_COMMUNICATION])
#define BANK_ACCOUNT (&smv_resources[SMV_RESOURCE_BANK_ACCOUNT])
#define IBAN "DE89370400440532013000"

static smv_form_t *form;
static smv_record_t *made;
static smv_reading_rules_t rules;

/* A new form for a new row. */
static void begin(const smv_resource_t *resource)
{
    form = smv_form_make(unit_pool);
    rules = (smv_reading_rules_t){
        .shape = resource->shape, .check = resource->check, .now = apr_time_from_sec(1782856800)}; /* 2026-06-30 */
}

static void enter(const char *name, const char *text)
{
    smv_form_add(form, name, text, strlen(text), SMV_SENT_TEXT);
}

static void enter_json(const char *name, const char *text, smv_sent_e type)
{
    form->is_json = 1;
    smv_form_add(form, name, text, strlen(text), type);
}

/* @return "field: what is wrong 80 | …", "" where nothing is */
static const char *problems(void)
{
    const char *text = "";

    for (const smv_problem_t *problem = smv_input_read(&made, &rules, form, unit_pool); problem;
         problem = problem->next) {
        text = apr_pstrcat(unit_pool, text, *text ? " | " : "", problem->field, ": ", problem->text,
                           problem->limit ? apr_psprintf(unit_pool, " %d", problem->limit) : "", NULL);
    }
    return text;
}

/* @return the text of a field of the row made, "(none)" where it is absent */
static const char *value(const char *name)
{
    const smv_value_t *found = &made->values[smv_shape_field(made->shape, name)];

    if (found->is_present) {
        CU_ASSERT_EQUAL(found->size, strlen(found->as.text));
    }
    return found->is_present ? found->as.text : "(none)";
}

static const char *text_of(const char *character, int times)
{
    const char *text = "";

    for (int i = 0; i < times; i++) {
        text = apr_pstrcat(unit_pool, text, character, NULL);
    }
    return text;
}

static void set(const smv_record_t *row, const char *name, const char *text)
{
    row->values[smv_shape_field(row->shape, name)] = smv_text(text);
}

static smv_record_t *contact(void)
{
    smv_record_t *row = smv_record_make(&smv_shape_contact, unit_pool);

    row->values[0] = smv_number(5);
    row->values[1] = smv_number(10001);
    row->values[smv_resource_version_field(CONTACT)] = smv_number(3);
    set(row, "first_name", "Konrad");
    set(row, "name", "Kunde");
    set(row, "phone", "030 123456");
    return row;
}

static void what_is_right_is_kept_trimmed(void)
{
    begin(FAMILY_MEMBER);
    enter("first_name", "  Käthe ");
    enter("name", "\tvon der Heide\t");
    enter("relation", "child");
    enter("birth_date", " 1.3.2020 ");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("first_name"), "Käthe");
    CU_ASSERT_STRING_EQUAL(value("name"), "von der Heide");
    CU_ASSERT_STRING_EQUAL(value("relation"), "child");
    CU_ASSERT_STRING_EQUAL(value("birth_date"), "2020-03-01");
    CU_ASSERT_FALSE(made->values[0].is_present);
}

static void what_is_required_must_be_there(void)
{
    begin(FAMILY_MEMBER);
    enter("first_name", "");
    enter("name", " \t ");
    CU_ASSERT_STRING_EQUAL(problems(),
                           "first_name: Bitte füllen Sie dieses Feld aus. | name: Bitte füllen Sie dieses Feld aus."
                           " | relation: Bitte füllen Sie dieses Feld aus.");
}

static void a_text_has_its_length_in_characters(void)
{
    begin(CONTACT);
    enter("name", text_of("ä", 120));
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_EQUAL(strlen(value("name")), 240);
    begin(CONTACT);
    enter("name", text_of("ä", 121));
    CU_ASSERT_STRING_EQUAL(problems(), "name: Der Text ist zu lang. Höchstzahl der Zeichen: 120");
    begin(CONTACT);
    enter("name", text_of("a", 121));
    CU_ASSERT_STRING_EQUAL(problems(), "name: Der Text ist zu lang. Höchstzahl der Zeichen: 120");
    begin(CONTACT);
    enter("name", apr_pstrcat(unit_pool, text_of(" ", 200), "Kunde", text_of(" ", 200), NULL));
    CU_ASSERT_STRING_EQUAL(problems(), "");
}

static void a_code_is_one_of_its_list(void)
{
    static const char *const codes[] = {"sibling", "Child", "child,child", "Kind", "spouse\xC2\xA0"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        begin(FAMILY_MEMBER);
        enter("first_name", "Käthe");
        enter("name", "Kunde");
        enter("relation", codes[i]);
        CU_ASSERT_STRING_EQUAL(problems(), "relation: Bitte wählen Sie einen der Werte.");
        CU_ASSERT_STRING_EQUAL(value("relation"), "(none)");
    }
}

static const char *problem_of_birth_date(const char *date)
{
    begin(FAMILY_MEMBER);
    enter("first_name", "Käthe");
    enter("name", "Kunde");
    enter("relation", "child");
    enter("birth_date", date);
    return problems();
}

static void a_date_is_one_that_was(void)
{
    CU_ASSERT_STRING_EQUAL(problem_of_birth_date("29.2.2023"), "birth_date: Dieses Datum gibt es nicht.");
    CU_ASSERT_STRING_EQUAL(problem_of_birth_date("gestern"), "birth_date: Dieses Datum gibt es nicht.");
    CU_ASSERT_STRING_EQUAL(problem_of_birth_date("1.7.2026"), "birth_date: Das Geburtsdatum liegt in der Zukunft.");
    CU_ASSERT_STRING_EQUAL(problem_of_birth_date("1.1.1800"),
                           "birth_date: Das Geburtsdatum liegt mehr als 130 Jahre zurück. Bitte prüfen Sie das Jahr.");
    CU_ASSERT_STRING_EQUAL(problem_of_birth_date("29.2.2024"), "");
}

#define CONTROL "name: Der Text hat Steuerzeichen, die hier nicht möglich sind."

static const char *problem_of_name(const char *text, apr_size_t size)
{
    begin(CONTACT);
    smv_form_add(form, "name", text, size, SMV_SENT_TEXT);
    return problems();
}

static void bytes_that_are_no_text_are_refused(void)
{
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kun\0de", 6), CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("\0", 1), CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kun\x01"
                                           "de",
                                           6),
                           CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kun\nde", 6), CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kun\rde", 6), CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kunde\x7F", 6), CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("Kun\xE2\x80\xAE"
                                           "de",
                                           8),
                           CONTROL);
    CU_ASSERT_STRING_EQUAL(problem_of_name("K\xFCnde", 5), "name: Der Text ist kein gültiges UTF-8.");
    CU_ASSERT_STRING_EQUAL(problem_of_name("K\xC3", 2), "name: Der Text ist kein gültiges UTF-8.");
    CU_ASSERT_STRING_EQUAL(problem_of_name("Künde", strlen("Künde")), "");
}

static void each_field_comes_once(void)
{
    begin(CONTACT);
    enter("name", "Kunde");
    enter("name", "Kunde");
    CU_ASSERT_STRING_EQUAL(problems(), "name: Dieses Feld kam mehrfach.");
}

static void what_nobody_asked_for_is_refused(void)
{
    begin(CONTACT);
    enter("name", "Kunde");
    enter("surname", "Kunde");
    enter("", "x");
    enter("id", "6");
    enter("customer", "20001");
    CU_ASSERT_STRING_EQUAL(problems(), "surname: Dieses Feld gibt es nicht. | : Dieses Feld gibt es nicht."
                                       " | id: Dieses Feld lässt sich hier nicht ändern."
                                       " | customer: Dieses Feld lässt sich hier nicht ändern.");
    CU_ASSERT_FALSE(made->values[1].is_present);
}

static void a_form_has_its_controls_and_json_has_none(void)
{
    begin(CONTACT);
    enter("name", "Kunde");
    enter("version", "3");
    enter("submission", "0123");
    enter("csrf_token", "4567");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    form->is_json = 1;
    CU_ASSERT_STRING_EQUAL(problems(),
                           "version: Dieses Feld lässt sich hier nicht ändern."
                           " | submission: Dieses Feld gibt es nicht. | csrf_token: Dieses Feld gibt es nicht.");
}

static void json_gives_texts_and_null(void)
{
    begin(CONTACT);
    rules.row = contact();
    enter_json("first_name", "", SMV_SENT_NULL);
    enter_json("phone", "", SMV_SENT_TEXT);
    enter_json("position", "Buchhaltung", SMV_SENT_TEXT);
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("first_name"), "(none)");
    CU_ASSERT_STRING_EQUAL(value("phone"), "(none)");
    CU_ASSERT_STRING_EQUAL(value("position"), "Buchhaltung");
    CU_ASSERT_STRING_EQUAL(value("name"), "Kunde");
    begin(CONTACT);
    rules.row = contact();
    enter_json("first_name", "true", SMV_SENT_BOOLEAN);
    enter_json("name", "", SMV_SENT_NULL);
    enter_json("phone", "", SMV_SENT_OTHER);
    CU_ASSERT_STRING_EQUAL(problems(),
                           "first_name: Hier wird ein Text erwartet."
                           " | name: Bitte füllen Sie dieses Feld aus. | phone: Hier wird ein Text erwartet.");
}

static void what_was_not_sent_stays(void)
{
    begin(CONTACT);
    rules.row = contact();
    enter("name", "Meier");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("name"), "Meier");
    CU_ASSERT_STRING_EQUAL(value("first_name"), "Konrad");
    CU_ASSERT_EQUAL(made->values[0].number, 5);
    CU_ASSERT_STRING_EQUAL(rules.row->values[smv_shape_field(&smv_shape_contact, "name")].as.text, "Kunde");
}

static void an_empty_field_clears_unless_its_sender_is_blind(void)
{
    begin(CONTACT);
    rules.row = contact();
    enter("first_name", "");
    enter("phone", " ");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("first_name"), "(none)");
    CU_ASSERT_STRING_EQUAL(value("phone"), "(none)");
    rules.is_blind = 1;
    enter("name", "");
    enter("position", "Einkauf");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("first_name"), "Konrad");
    CU_ASSERT_STRING_EQUAL(value("phone"), "030 123456");
    CU_ASSERT_STRING_EQUAL(value("name"), "Kunde");
    CU_ASSERT_STRING_EQUAL(value("position"), "Einkauf");
}

static void people_and_companies_have_their_own_fields(void)
{
    begin(CUSTOMER);
    rules.kind = "person";
    enter("name", "Kunde");
    enter("birth_date", "1.1.1980");
    enter("legal_form", "GmbH");
    CU_ASSERT_STRING_EQUAL(problems(), "legal_form: Dieses Feld lässt sich hier nicht ändern.");
    CU_ASSERT_STRING_EQUAL(value("legal_form"), "(none)");
    rules.kind = "company";
    CU_ASSERT_STRING_EQUAL(problems(), "birth_date: Dieses Feld lässt sich hier nicht ändern.");
    CU_ASSERT_STRING_EQUAL(value("birth_date"), "(none)");
    rules.kind = NULL;
    CU_ASSERT_STRING_EQUAL(problems(), "");
    begin(CUSTOMER);
    enter("name", "Kunde");
    enter("kind", "company");
    enter("broker", "501");
    CU_ASSERT_STRING_EQUAL(problems(), "kind: Dieses Feld lässt sich hier nicht ändern."
                                       " | broker: Dieses Feld lässt sich hier nicht ändern.");
}

static const char *problem_of_communication(const char *kind, const char *text)
{
    begin(COMMUNICATION);
    enter("kind", kind);
    enter("value", text);
    return problems();
}

static void a_number_is_no_address_and_an_address_no_number(void)
{
    CU_ASSERT_STRING_EQUAL(problem_of_communication("phone", "030 123456"), "");
    CU_ASSERT_STRING_EQUAL(problem_of_communication("fax", "030 123457"), "");
    CU_ASSERT_STRING_EQUAL(problem_of_communication("email", "a@b.example"), "");
    CU_ASSERT_EQUAL(strncmp(problem_of_communication("mobile", "a@b.example"), "value: Eine Telefonnummer", 25), 0);
    CU_ASSERT_EQUAL(strncmp(problem_of_communication("email", "030 123456"),
                            "value: Bitte geben Sie eine vollständige E-Mail",
                            strlen("value: Bitte geben Sie eine vollständige E-Mail")),
                    0);
    CU_ASSERT_STRING_EQUAL(problem_of_communication("pager", "a@b.example"), "kind: Bitte wählen Sie einen der Werte.");
}

static void what_was_there_must_fit_to_what_is_new(void)
{
    smv_record_t *row = smv_record_make(&smv_shape_communication, unit_pool);

    set(row, "kind", "phone");
    set(row, "value", "030 123456");
    begin(COMMUNICATION);
    rules.row = row;
    enter_json("kind", "email", SMV_SENT_TEXT);
    CU_ASSERT_EQUAL(strncmp(problems(), "value: Bitte geben Sie eine vollständige E-Mail",
                            strlen("value: Bitte geben Sie eine vollständige E-Mail")),
                    0);
}

static void what_was_there_is_left_as_it_was(void)
{
    smv_record_t *row = smv_record_make(&smv_shape_communication, unit_pool);

    set(row, "kind", "phone");
    set(row, "value", apr_pstrdup(unit_pool, "030  123456"));
    begin(COMMUNICATION);
    rules.row = row;
    enter_json("note", "nur abends", SMV_SENT_TEXT);
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("value"), "030 123456");
    CU_ASSERT_STRING_EQUAL(row->values[smv_shape_field(row->shape, "value")].as.text, "030  123456");
}

static const char *problem_of_mandate(const char *reference, const char *date)
{
    begin(BANK_ACCOUNT);
    enter("holder", "Karla Kunde");
    enter("iban", IBAN);
    enter("mandate_reference", reference);
    enter("mandate_date", date);
    return problems();
}

static void a_mandate_has_reference_and_date(void)
{
    CU_ASSERT_STRING_EQUAL(problem_of_mandate("", ""), "");
    CU_ASSERT_STRING_EQUAL(problem_of_mandate("M-1/2020", "1.3.2020"), "");
    CU_ASSERT_STRING_EQUAL(problem_of_mandate("M-1/2020", ""),
                           "mandate_date: Ein SEPA-Mandat hat eine Referenz und ein Datum.");
    CU_ASSERT_STRING_EQUAL(problem_of_mandate("", "1.3.2020"),
                           "mandate_reference: Ein SEPA-Mandat hat eine Referenz und ein Datum.");
    CU_ASSERT_STRING_EQUAL(problem_of_mandate("M-1/2020", "1.7.2026"), "mandate_date: Das Datum liegt in der Zukunft.");
    CU_ASSERT_EQUAL(strncmp(problem_of_mandate("Müller-1", "1.3.2020"), "mandate_reference: Eine Mandats", 31), 0);
    CU_ASSERT_STRING_EQUAL(problem_of_mandate(text_of("M", 35), "1.3.2020"), "");
    CU_ASSERT_STRING_EQUAL(problem_of_mandate(text_of("M", 36), "1.3.2020"),
                           "mandate_reference: Der Text ist zu lang. Höchstzahl der Zeichen: 35");
}

static void an_account_is_kept_as_its_standard_writes_it(void)
{
    begin(BANK_ACCOUNT);
    enter("holder", "Karla Kunde");
    enter("iban", "de89 3704 0044 0532 0130 00");
    enter("bic", "cobadeff xxx");
    CU_ASSERT_STRING_EQUAL(problems(), "");
    CU_ASSERT_STRING_EQUAL(value("iban"), IBAN);
    CU_ASSERT_STRING_EQUAL(value("bic"), "COBADEFFXXX");
}

static void what_was_typed_is_shown_without_harm(void)
{
    static const struct {
        const char *text;
        apr_size_t size;
        const char *shown;
    } typed[] = {{"", 0, ""},
                 {"Kunde", 5, "Kunde"},
                 {"K\xFC!", 3, "K\uFFFD!"},
                 {"a\0b", 3, "a\uFFFDb"},
                 {"ä\xC3", 3, "ä\uFFFD"}};

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        smv_sent_t sent = {"name", typed[i].text, typed[i].size, SMV_SENT_TEXT};

        CU_ASSERT_STRING_EQUAL(smv_form_shown(&sent, 64, unit_pool), typed[i].shown);
    }
    CU_ASSERT_STRING_EQUAL(smv_form_shown(&(smv_sent_t){"name", "abcdef", 6, SMV_SENT_TEXT}, 4, unit_pool), "abcd");
}

int suite_input(void)
{
    static CU_TestInfo tests[] = {
        {"what is right is kept, trimmed", what_is_right_is_kept_trimmed},
        {"what is required must be there", what_is_required_must_be_there},
        {"a text has its length in characters", a_text_has_its_length_in_characters},
        {"a code is one of its list", a_code_is_one_of_its_list},
        {"a date is one that was", a_date_is_one_that_was},
        {"bytes that are no text are refused", bytes_that_are_no_text_are_refused},
        {"each field comes once", each_field_comes_once},
        {"what nobody asked for is refused", what_nobody_asked_for_is_refused},
        {"a form has its controls and JSON has none", a_form_has_its_controls_and_json_has_none},
        {"JSON gives texts and null", json_gives_texts_and_null},
        {"what was not sent stays", what_was_not_sent_stays},
        {"an empty field clears unless its sender is blind", an_empty_field_clears_unless_its_sender_is_blind},
        {"people and companies have their own fields", people_and_companies_have_their_own_fields},
        {"a number is no address and an address no number", a_number_is_no_address_and_an_address_no_number},
        {"what was there must fit to what is new", what_was_there_must_fit_to_what_is_new},
        {"what was there is left as it was", what_was_there_is_left_as_it_was},
        {"a mandate has reference and date", a_mandate_has_reference_and_date},
        {"an account is kept as its standard writes it", an_account_is_kept_as_its_standard_writes_it},
        {"what was typed is shown without harm", what_was_typed_is_shown_without_harm},
        CU_TEST_INFO_NULL,
    };

    return unit_register("input", tests);
}
