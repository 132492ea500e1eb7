/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_shapes.h"

#include "smv_access.h"
#include "smv_audit.h"
#include "smv_colour.h"
#include "smv_delivered.h"
#include "smv_link.h"
#include "smv_resource.h"
#include "smv_role.h"
#include "smv_unassigned.h"

#define FIELD(field_name, field_type, ...)                                                                             \
    {                                                                                                                  \
        .name = (field_name), .type = (field_type), __VA_ARGS__                                                        \
    }
#define TEXT(name, text) FIELD(name, SMV_TYPE_TEXT, .label = (text))
#define ID(name, text) FIELD(name, SMV_TYPE_ID, .label = (text))
#define CUSTOMER(name) FIELD(name, SMV_TYPE_ID, .label = "Kundennummer", .is_customer = 1)
#define INTEGER(name, text) FIELD(name, SMV_TYPE_INTEGER, .label = (text))
#define MONEY(name, text) FIELD(name, SMV_TYPE_MONEY, .label = (text))
#define DATE(name, text) FIELD(name, SMV_TYPE_DATE, .label = (text))
#define TIME(name, text) FIELD(name, SMV_TYPE_TIME, .label = (text))
#define BYTES(name, text) FIELD(name, SMV_TYPE_BYTES, .label = (text))
#define JSON(name) FIELD(name, SMV_TYPE_JSON, .label = NULL)
#define CODE(name, text, table) FIELD(name, SMV_TYPE_CODE, .label = (text), .codes = (table))
#define BOOLEAN(name) FIELD(name, SMV_TYPE_BOOLEAN, .label = NULL)
#define RECORD(name, of) FIELD(name, SMV_TYPE_RECORD, .shape = (of))
#define LIST(name, of) FIELD(name, SMV_TYPE_LIST, .shape = (of))
#define PAGE_TEXT(name) FIELD(name, SMV_TYPE_TEXT, .page_only = 1)
#define PAGE_BOOLEAN(name) FIELD(name, SMV_TYPE_BOOLEAN, .page_only = 1)
#define PAGE_NUMBER(name) FIELD(name, SMV_TYPE_INTEGER, .page_only = 1)
#define PAGE_CUSTOMER(name) FIELD(name, SMV_TYPE_INTEGER, .page_only = 1, .is_customer = 1)
#define PAGE_LIST(name, of) FIELD(name, SMV_TYPE_LIST, .shape = (of), .page_only = 1)

/* Fields that people write, with their limits; in the list of the resource, or on a row's own page alone. */
#define INPUT(...)                                                                                                     \
    .input = &(const smv_input_t)                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define TEXT_IN(name, text, ...) FIELD(name, SMV_TYPE_TEXT, .label = (text), INPUT(__VA_ARGS__))
#define TEXT_LISTED(name, text, ...) FIELD(name, SMV_TYPE_TEXT, .label = (text), .is_listed = 1, INPUT(__VA_ARGS__))
#define DATE_IN(name, text, ...) FIELD(name, SMV_TYPE_DATE, .label = (text), INPUT(__VA_ARGS__))
#define DATE_LISTED(name, text, ...) FIELD(name, SMV_TYPE_DATE, .label = (text), .is_listed = 1, INPUT(__VA_ARGS__))
#define CODE_IN(name, text, table, ...)                                                                                \
    FIELD(name, SMV_TYPE_CODE, .label = (text), .codes = (table), INPUT(__VA_ARGS__))
#define CODE_LISTED(name, text, table, ...)                                                                            \
    FIELD(name, SMV_TYPE_CODE, .label = (text), .codes = (table), .is_listed = 1, INPUT(__VA_ARGS__))
#define IBAN_LISTED(name, text, ...)                                                                                   \
    FIELD(name, SMV_TYPE_TEXT, .label = (text), .is_listed = 1, .is_masked = 1, INPUT(__VA_ARGS__))

static const smv_code_t customer_kinds[] = {{"person", "Person"}, {"company", "Firma"}, {NULL, NULL}};

static const smv_code_t salutations[] = {
    {"mr", "Herr"}, {"ms", "Frau"}, {"company", "Firma"}, {"mr_and_ms", "Herr und Frau"}, {NULL, NULL}};

static const smv_code_t contract_statuses[] = {{"application", "Antrag"},       {"active", "Vertrag"},
                                               {"cancelled", "Vertrag-Storno"}, {"expired", "Vertrag-Ablauf"},
                                               {"external", "Fremdvertrag"},    {NULL, NULL}};

static const smv_code_t payment_modes[] = {{"monthly", "monatlich"},        {"quarterly", "1/4-jährlich"},
                                           {"half_yearly", "1/2-jährlich"}, {"yearly", "jährlich"},
                                           {"single", "einmalig"},          {NULL, NULL}};

static const smv_code_t document_kinds[] = {{"policy", "Police"},
                                            {"invoice", "Rechnung"},
                                            {"terms", "Bedingungen"},
                                            {"letter", "Schreiben"},
                                            {"photo", "Foto"},
                                            {"other", "Sonstiges"},
                                            {NULL, NULL}};

static const smv_code_t unassigned_reasons[] = {
#define REASON(NAME, code, label) {code, label},
    SMV_UNASSIGNED_REASONS(REASON){NULL, NULL}};
#undef REASON

static const smv_code_t marital_statuses[] = {{"single", "ledig"},
                                              {"married", "verheiratet"},
                                              {"civil_partnership", "in eingetragener Lebenspartnerschaft"},
                                              {"separated", "getrennt lebend"},
                                              {"divorced", "geschieden"},
                                              {"widowed", "verwitwet"},
                                              {NULL, NULL}};

static const smv_code_t relations[] = {{"spouse", "Ehe- oder Lebenspartner"},
                                       {"partner", "Partner"},
                                       {"child", "Kind"},
                                       {"parent", "Elternteil"},
                                       {"other", "Sonstige"},
                                       {NULL, NULL}};

static const smv_code_t contact_salutations[] = {{"mr", "Herr"}, {"ms", "Frau"}, {NULL, NULL}};

static const smv_code_t communication_kinds[] = {
    {"phone", "Telefon"}, {"mobile", "Mobiltelefon"}, {"fax", "Fax"}, {"email", "E-Mail"}, {NULL, NULL}};

static const smv_code_t communication_usages[] = {{"private", "privat"}, {"business", "geschäftlich"}, {NULL, NULL}};

static const smv_code_t financial_kinds[] = {{"income", "Einnahmen"},   {"expense", "Ausgaben"},
                                             {"asset", "Vermögen"},     {"liability", "Verbindlichkeiten"},
                                             {"provision", "Vorsorge"}, {NULL, NULL}};

static const smv_code_t change_kinds[] = {{"create", "angelegt"},
                                          {"edit", "geändert"},
                                          {"delete", "gelöscht"},
                                          {"restore", "wiederhergestellt"},
                                          {NULL, NULL}};

static const smv_code_t event_kinds[] = {
#define EVENT_KIND(NAME, code, label) {code, label},
    SMV_EVENTS(EVENT_KIND){NULL, NULL}};
#undef EVENT_KIND

static const smv_code_t channels[] = {{"page", "Portal"}, {"api", "Schnittstelle"}, {NULL, NULL}};

SMV_SHAPE(smv_shape_customer, "Customer", CUSTOMER("number"), CODE("kind", "Art", customer_kinds),
          CODE_IN("salutation", "Anrede", salutations, .maximum = 0),
          TEXT_IN("first_name", "Vorname", .maximum = 80, .only_for = "person", .autocomplete = "given-name"),
          TEXT_IN("name", "Name", .maximum = 120, .is_required = 1, .autocomplete = "family-name"),
          DATE_IN("birth_date", "Geburtsdatum", .rule = &smv_rule_birth_date, .only_for = "person"),
          TEXT_IN("street", "Straße", .maximum = 120, .autocomplete = "street-address"),
          TEXT_IN("postal_code", "Postleitzahl", .maximum = 12, .autocomplete = "postal-code"),
          TEXT_IN("city", "Ort", .maximum = 80, .autocomplete = "address-level2"),
          CODE_IN("marital_status", "Familienstand", marital_statuses, .only_for = "person"),
          TEXT_IN("occupation", "Beruf", .maximum = 120, .only_for = "person", .autocomplete = "organization-title"),
          TEXT_IN("legal_form", "Rechtsform", .maximum = 40, .only_for = "company"),
          TEXT_IN("register_number", "Registernummer", .maximum = 40, .only_for = "company",
                  .hint = "Zum Beispiel HRB 12345 B"),
          TEXT_IN("industry", "Branche", .maximum = 120, .only_for = "company"), ID("broker", "Vermittlernummer"),
          INTEGER("version", NULL));

SMV_SHAPE(smv_shape_family_member, "FamilyMember", ID("id", NULL), CUSTOMER("customer"),
          TEXT_LISTED("first_name", "Vorname", .maximum = 80, .is_required = 1),
          TEXT_LISTED("name", "Name", .maximum = 120, .is_required = 1),
          CODE_LISTED("relation", "Verhältnis", relations, .is_required = 1),
          DATE_LISTED("birth_date", "Geburtsdatum", .rule = &smv_rule_birth_date, .autocomplete = "off"),
          INTEGER("version", NULL));

SMV_SHAPE(smv_shape_contact, "Contact", ID("id", NULL), CUSTOMER("customer"),
          CODE_IN("salutation", "Anrede", contact_salutations, .maximum = 0),
          TEXT_LISTED("first_name", "Vorname", .maximum = 80),
          TEXT_LISTED("name", "Name", .maximum = 120, .is_required = 1),
          TEXT_LISTED("position", "Funktion", .maximum = 80, .hint = "Zum Beispiel Buchhaltung"),
          TEXT_LISTED("phone", "Telefon", .maximum = 40, .rule = &smv_rule_phone),
          TEXT_LISTED("email", "E-Mail", .maximum = 254, .rule = &smv_rule_mail), INTEGER("version", NULL));

SMV_SHAPE(smv_shape_communication, "Communication", ID("id", NULL), CUSTOMER("customer"),
          CODE_LISTED("kind", "Art", communication_kinds, .is_required = 1),
          TEXT_LISTED("value", "Nummer oder Adresse", .maximum = 254, .is_required = 1),
          CODE_LISTED("usage", "Nutzung", communication_usages, .maximum = 0),
          TEXT_LISTED("note", "Bemerkung", .maximum = 200, .hint = "Zum Beispiel: nur abends"),
          INTEGER("version", NULL));

SMV_SHAPE(smv_shape_bank_account, "BankAccount", ID("id", NULL), CUSTOMER("customer"),
          TEXT_LISTED("holder", "Kontoinhaber", .maximum = 70, .is_required = 1, .autocomplete = "name"),
          IBAN_LISTED("iban", "IBAN", .maximum = 42, .is_required = 1, .rule = &smv_rule_iban),
          TEXT_IN("bic", "BIC", .maximum = 14, .rule = &smv_rule_bic), TEXT_LISTED("bank", "Bank", .maximum = 80),
          TEXT_IN("mandate_reference", "SEPA-Mandatsreferenz", .maximum = 35, .rule = &smv_rule_mandate_reference),
          DATE_IN("mandate_date", "SEPA-Mandat vom", .rule = &smv_rule_past_date), INTEGER("version", NULL));

SMV_SHAPE(smv_shape_contract, "Contract", ID("id", NULL), CUSTOMER("customer"), TEXT("number", "Vertrag Nr."),
          TEXT("insurer", "Gesellschaft"), TEXT("tariff", "Tarif"), MONEY("sum_insured", "Vertragssumme"),
          DATE("start_date", "Beginn"), DATE("end_date", "Ablauf"), CODE("status", "Status", contract_statuses),
          TEXT("note", "Hinweis"), MONEY("premium", "Beitrag"), CODE("payment_mode", "Zahlweise", payment_modes),
          INTEGER("document_count", "Anzahl Dokumente"));

SMV_SHAPE(smv_shape_expiring, "ExpiringContract", ID("id", NULL), TEXT("number", "Vertrag Nr."),
          TEXT("insurer", "Gesellschaft"), TEXT("tariff", "Tarif"), DATE("end_date", "Ablauf"));

SMV_SHAPE(smv_shape_ending, "EndingContract", ID("id", NULL), CUSTOMER("customer"), TEXT("number", "Vertrag Nr."),
          TEXT("insurer", "Gesellschaft"), TEXT("tariff", "Tarif"), DATE("end_date", "Ablauf"));

SMV_SHAPE(smv_shape_document, "Document", ID("id", NULL), CUSTOMER("customer"), ID("contract", NULL),
          TEXT("contract_number", "Vertrag Nr."), TEXT("name", "Name"), CODE("kind", "Art", document_kinds),
          DATE("date", "Datum"), BYTES("size", "Größe"), TEXT("media_type", "Dateityp"),
          TEXT("added_by", "Eingestellt von"), INTEGER("version", NULL), PAGE_TEXT("content_hash"));

SMV_SHAPE(smv_shape_deleted_document, "DeletedDocument", ID("id", NULL), CUSTOMER("customer"), TEXT("name", "Name"),
          TIME("deleted_time", "Gelöscht"), TEXT("deleted_by", "Gelöscht von"));

SMV_SHAPE(smv_shape_unassigned_document, "UnassignedDocument", ID("id", NULL), TEXT("name", "Name"),
          CODE("kind", "Art", document_kinds), DATE("date", "Datum"), BYTES("size", "Größe"),
          TEXT("media_type", "Dateityp"), TEXT("title", "Titel"), TEXT("said_customer", "Kunde"),
          TEXT("said_contract", "Vertrag Nr."), TEXT("said_insurer", "Gesellschaft"),
          CODE("reason", "Warum", unassigned_reasons), ID("delivery", "Lieferung"), TEXT("delivery_file", "Lieferung"),
          TIME("delivery_time", "Geliefert"), TIME("dismissed_time", "Weggelegt"),
          TEXT("dismissed_by", "Weggelegt von"), PAGE_TEXT("content_hash"));

SMV_SHAPE(smv_shape_change, "Change", ID("id", NULL), TIME("time", "Zeit"), CUSTOMER("customer"),
          TEXT("resource", NULL), ID("row", NULL), CODE("kind", "Art", change_kinds), TEXT("login", "Benutzername"),
          TEXT("name", "Name"), TEXT("address", "Adresse"), CODE("channel", "Weg", channels), JSON("old"), JSON("new"),
          TIME("done_time", NULL), TEXT("done_by", NULL));
SMV_SHAPE(smv_shape_change_value, "ChangeValue", ID("id", NULL), TEXT("field", NULL), TEXT("old", NULL),
          TEXT("new", NULL));
SMV_SHAPE(smv_shape_reading, "Reading", ID("id", NULL), TIME("time", "Zeit"), CUSTOMER("customer"),
          CODE("kind", "Art", event_kinds), TEXT("subject", NULL), ID("row", NULL), TEXT("login", "Benutzername"),
          TEXT("name", "Name"), TEXT("address", "Adresse"), CODE("channel", "Weg", channels));

SMV_SHAPE(smv_shape_financial_item, "FinancialItem", ID("id", NULL), CODE("kind", "Art", financial_kinds),
          TEXT("label", "Posten"), MONEY("amount", "Betrag"), MONEY("needed", "Bedarf"), DATE("as_of", "Stand"));

SMV_SHAPE(smv_shape_attribute, "Attribute", TEXT("entry", NULL), TEXT("attribute", NULL), TEXT("value", NULL));

SMV_SHAPE(smv_shape_firm, "Firm", ID("tenant", NULL), TEXT("name", NULL), TEXT("welcome_title", NULL),
          FIELD("welcome_text", SMV_TYPE_MARKUP, .label = NULL), TEXT("contact_name", NULL), TEXT("contact_role", NULL),
          TEXT("contact_phone", NULL), TEXT("contact_mail", NULL), TEXT("contact_address", NULL),
          TEXT("imprint_url", NULL), TEXT("privacy_url", NULL), TEXT("logo_hash", NULL), ID("publication", NULL));

/* The start screen as the firm makes it: the draft, and each publication. */
static const smv_code_t tile_places[] = {{"1", "Platz 1"}, {"2", "Platz 2"},           {"3", "Platz 3"},
                                         {"4", "Platz 4"}, {"5", "Platz 5"},           {"6", "Platz 6"},
                                         {"7", "Platz 7"}, {"hidden", "nicht zeigen"}, {NULL, NULL}};

#define COLOUR_IN(name, text, ...) TEXT_IN(name, text, .rule = &smv_rule_colour, __VA_ARGS__)
#define TILE_IN(name, text) CODE_IN(name, text, tile_places, .autocomplete = "off")
#define LINK_IN(name, text, ...) TEXT_IN(name, text, .maximum = 300, .rule = &smv_rule_link, __VA_ARGS__)
#define OWN_TILE_IN(n)                                                                                                 \
    TEXT_IN("link_" n "_label", "Eigene Kachel " n ": Titel", .maximum = 40, .autocomplete = "off"),                   \
        TEXT_IN("link_" n "_text", "Eigene Kachel " n ": Text", .maximum = 80, .autocomplete = "off"),                 \
        LINK_IN("link_" n "_url", "Eigene Kachel " n ": Adresse", .autocomplete = "off")
#define NEWS_IN(n)                                                                                                     \
    TEXT_IN("news_" n "_title", "Neuigkeit " n ": Überschrift", .maximum = 120, .autocomplete = "off"),                \
        TEXT_IN("news_" n "_text", "Neuigkeit " n ": Text", .maximum = 1000, .is_long = 1, .autocomplete = "off"),     \
        DATE_IN("news_" n "_from", "Neuigkeit " n ": Zeigen ab", .autocomplete = "off"),                               \
        DATE_IN("news_" n "_until", "Neuigkeit " n ": Zeigen bis", .autocomplete = "off")

SMV_SHAPE(
    smv_shape_start_screen, "StartScreen", ID("id", NULL), INTEGER("version", NULL), TIME("time", "Zeit"),
    TEXT("login", "Benutzername"), TEXT("name", "Name"), ID("restored", NULL), TEXT("logo_hash", NULL),
    TEXT("logo_media_type", NULL), BYTES("logo_size", NULL),
    TEXT_IN("welcome_title", "Überschrift", .maximum = 120, .is_required = 1, .autocomplete = "off"),
    FIELD("welcome_text", SMV_TYPE_MARKUP, .label = "Begrüßung",
          INPUT(.maximum = 4000, .is_long = 1, .autocomplete = "off",
                .hint = "Absätze, Zwischenüberschriften, Listen, Fettes, Kursives und Verweise bleiben; was sonst "
                        "an Gestaltung mitkommt, fällt weg.")),
    COLOUR_IN("brand", "Hauptfarbe", .hint = "Verweise und Schaltflächen"),
    COLOUR_IN("on_brand", "Schrift auf der Hauptfarbe", .autocomplete = "off"),
    COLOUR_IN("ground", "Hintergrund", .autocomplete = "off"),
    COLOUR_IN("surface", "Karten", .hint = "Auch Tabellen, Felder und der Kopf der Seite"),
    COLOUR_IN("ink", "Text", .autocomplete = "off"), TILE_IN("tile_customer", "Kundenkarte"),
    TILE_IN("tile_contracts", "Verträge"), TILE_IN("tile_documents", "Dokumente"),
    TILE_IN("tile_financial_analysis", "Finanzanalyse"), TILE_IN("tile_link_1", "Eigene Kachel 1"),
    TILE_IN("tile_link_2", "Eigene Kachel 2"), TILE_IN("tile_link_3", "Eigene Kachel 3"), OWN_TILE_IN("1"),
    OWN_TILE_IN("2"), OWN_TILE_IN("3"), NEWS_IN("1"), NEWS_IN("2"), NEWS_IN("3"), NEWS_IN("4"),
    TEXT_IN("contact_name", "Person oder Team", .maximum = 120, .autocomplete = "off"),
    TEXT_IN("contact_role", "Aufgabe", .maximum = 120, .autocomplete = "off"),
    TEXT_IN("contact_phone", "Telefon", .maximum = 40, .rule = &smv_rule_phone, .autocomplete = "off"),
    TEXT_IN("contact_mail", "E-Mail", .maximum = 254, .rule = &smv_rule_mail, .autocomplete = "off"),
    TEXT_IN("contact_address", "Anschrift", .maximum = 200, .autocomplete = "off"),
    LINK_IN("imprint_url", "Impressum", .hint = "Steht am Fuß jeder Seite, auch vor der Anmeldung"),
    LINK_IN("privacy_url", "Datenschutz", .hint = "Steht daneben"));
SMV_SHAPE(smv_shape_publication, "Publication", ID("id", "Stand"), TIME("time", "Veröffentlicht"),
          TEXT("login", "Benutzername"), TEXT("name", "Von"), ID("restored", "Wieder von Stand"),
          BOOLEAN("is_current"));

SMV_SHAPE(smv_shape_me_role, "Role", ID("id", "Rollen-ID"), TEXT("name", "Bezeichnung"), TEXT("remark", "Bemerkung"));
SMV_SHAPE(smv_shape_me_right, "Right", TEXT("id", NULL), TEXT("label", NULL), BOOLEAN("granted"));
SMV_SHAPE(smv_shape_me, "Me", TEXT("login", NULL), TEXT("name", NULL), LIST("roles", &smv_shape_me_role),
          LIST("rights", &smv_shape_me_right));

SMV_SHAPE(smv_shape_menu_entry, "MenuEntry", PAGE_TEXT("label"), PAGE_TEXT("href"), PAGE_BOOLEAN("is_current"));
SMV_SHAPE(smv_shape_page, "Page", PAGE_TEXT("title"), PAGE_TEXT("language"), PAGE_TEXT("base"), PAGE_TEXT("firm_name"),
          PAGE_TEXT("user_name"), PAGE_BOOLEAN("is_signed_in"), PAGE_TEXT("csrf_token"),
          LIST("menu", &smv_shape_menu_entry), PAGE_LIST("admin_menu", &smv_shape_menu_entry), PAGE_TEXT("view_as"),
          PAGE_TEXT("module_notice"), FIELD("module_until", SMV_TYPE_TIME, .page_only = 1), PAGE_TEXT("logo_href"),
          PAGE_TEXT("theme_href"), PAGE_TEXT("imprint_href"), PAGE_TEXT("privacy_href"), PAGE_BOOLEAN("is_read_only"));

SMV_SHAPE(smv_shape_tile, "Tile", PAGE_TEXT("label"), PAGE_TEXT("text"), PAGE_TEXT("href"), PAGE_TEXT("number"));
SMV_SHAPE(smv_shape_sso_way, "SsoWay", PAGE_TEXT("label"), PAGE_TEXT("href"));
SMV_SHAPE(smv_shape_login_view, "LoginView", PAGE_TEXT("username"), PAGE_TEXT("error"), PAGE_TEXT("next"),
          PAGE_TEXT("notice"), PAGE_BOOLEAN("asks_code"), PAGE_LIST("ways", &smv_shape_sso_way),
          PAGE_BOOLEAN("asks_mail"), PAGE_BOOLEAN("has_firms"));
SMV_SHAPE(smv_shape_sso_view, "SsoView", PAGE_TEXT("error"), PAGE_TEXT("identifier"));
SMV_SHAPE(smv_shape_customer_line, "CustomerLine", PAGE_CUSTOMER("number"), PAGE_TEXT("name"), PAGE_TEXT("href"),
          FIELD("birth_date", SMV_TYPE_DATE, .page_only = 1), PAGE_TEXT("postal_code"), PAGE_TEXT("city"),
          PAGE_TEXT("tel_href"), PAGE_TEXT("mail_href"), PAGE_TEXT("map_href"));
SMV_SHAPE(smv_shape_customers_view, "CustomersView", LIST("customers", &smv_shape_customer), PAGE_TEXT("next_href"),
          PAGE_TEXT("words"), PAGE_TEXT("error"), PAGE_TEXT("is_invalid"),
          PAGE_LIST("lines", &smv_shape_customer_line));
SMV_SHAPE(smv_shape_ending_line, "EndingLine", FIELD("end_date", SMV_TYPE_DATE, .page_only = 1), PAGE_TEXT("number"),
          PAGE_TEXT("contract_href"), PAGE_TEXT("insurer"), PAGE_TEXT("tariff"), PAGE_TEXT("customer"),
          PAGE_TEXT("customer_href"), PAGE_CUSTOMER("customer_number"));
SMV_SHAPE(smv_shape_endings_view, "EndingsView", LIST("contracts", &smv_shape_ending),
          PAGE_LIST("lines", &smv_shape_ending_line), PAGE_TEXT("next_href"));
SMV_SHAPE(smv_shape_cell, "Cell", PAGE_TEXT("label"), PAGE_TEXT("text"), PAGE_TEXT("msgid"),
          FIELD("date", SMV_TYPE_DATE, .page_only = 1), FIELD("time", SMV_TYPE_TIME, .page_only = 1),
          PAGE_TEXT("link_href"), PAGE_BOOLEAN("is_empty"));
SMV_SHAPE(smv_shape_row, "Row", PAGE_TEXT("href"), PAGE_LIST("cells", &smv_shape_cell));
SMV_SHAPE(smv_shape_rows_view, "RowsView", CUSTOMER("customer"), LIST("records", NULL),
          PAGE_LIST("columns", &smv_shape_cell), PAGE_LIST("rows", &smv_shape_row), PAGE_TEXT("create_href"),
          PAGE_TEXT("create_label"), PAGE_TEXT("notice"), PAGE_TEXT("back_href"), PAGE_TEXT("back_label"));
SMV_SHAPE(smv_shape_row_view, "RowView", RECORD("record", NULL), PAGE_TEXT("heading"), PAGE_TEXT("back_href"),
          PAGE_TEXT("back_label"), PAGE_LIST("facts", &smv_shape_cell), PAGE_TEXT("edit_href"),
          PAGE_TEXT("delete_href"), PAGE_NUMBER("version"), PAGE_TEXT("notice"), PAGE_TEXT("error"));
SMV_SHAPE(smv_shape_customer_view, "CustomerView", RECORD("customer", &smv_shape_customer), PAGE_TEXT("heading"),
          PAGE_LIST("facts", &smv_shape_cell), LIST("expiring", &smv_shape_expiring),
          PAGE_LIST("links", &smv_shape_menu_entry), PAGE_TEXT("edit_href"), PAGE_TEXT("map_href"),
          PAGE_LIST("communications", &smv_shape_cell), PAGE_TEXT("notice"));

SMV_SHAPE(smv_shape_form_field, "FormField", PAGE_TEXT("name"), PAGE_TEXT("label"), PAGE_TEXT("hint"),
          PAGE_TEXT("value"), PAGE_TEXT("error"), PAGE_NUMBER("limit"), PAGE_TEXT("is_invalid"),
          PAGE_LIST("theirs", &smv_shape_cell), PAGE_BOOLEAN("has_theirs"), PAGE_TEXT("input_type"),
          PAGE_TEXT("autocomplete"), PAGE_NUMBER("maximum"), PAGE_BOOLEAN("is_select"), PAGE_BOOLEAN("is_box"),
          PAGE_BOOLEAN("is_checked"), PAGE_BOOLEAN("is_long"), PAGE_BOOLEAN("is_rich"), PAGE_BOOLEAN("is_line"),
          PAGE_BOOLEAN("is_required"), PAGE_TEXT("described_by"), PAGE_LIST("options", &smv_shape_option));
SMV_SHAPE(smv_shape_problem_line, "ProblemLine", PAGE_TEXT("name"), PAGE_TEXT("label"), PAGE_TEXT("text"),
          PAGE_NUMBER("limit"));
SMV_SHAPE(smv_shape_form_view, "FormView", PAGE_TEXT("action_href"), PAGE_TEXT("cancel_href"), PAGE_NUMBER("version"),
          PAGE_TEXT("submission"), PAGE_TEXT("error"), PAGE_BOOLEAN("is_conflict"), PAGE_BOOLEAN("is_blind"),
          PAGE_BOOLEAN("has_problems"), PAGE_LIST("problems", &smv_shape_problem_line),
          PAGE_LIST("fields", &smv_shape_form_field), RECORD("record", NULL));

SMV_SHAPE(smv_shape_contracts_view, "ContractsView", CUSTOMER("customer"), LIST("contracts", &smv_shape_contract),
          PAGE_BOOLEAN("can_list_documents"));
SMV_SHAPE(smv_shape_contract_view, "ContractView", RECORD("contract", &smv_shape_contract),
          LIST("documents", &smv_shape_document), PAGE_BOOLEAN("can_list_documents"),
          PAGE_BOOLEAN("can_view_documents"));
SMV_SHAPE(smv_shape_option, "Option", PAGE_TEXT("code"), PAGE_TEXT("label"), PAGE_BOOLEAN("is_selected"));
SMV_SHAPE(smv_shape_upload_problem, "UploadProblem", PAGE_TEXT("name"), PAGE_TEXT("text"), PAGE_NUMBER("limit"));
SMV_SHAPE(smv_shape_documents_view, "DocumentsView", CUSTOMER("customer"), LIST("documents", &smv_shape_document),
          PAGE_BOOLEAN("can_view_documents"), PAGE_TEXT("words"), PAGE_NUMBER("contract"),
          PAGE_LIST("kinds", &smv_shape_option), PAGE_LIST("contracts", &smv_shape_option), PAGE_BOOLEAN("is_filtered"),
          PAGE_TEXT("import_href"), PAGE_TEXT("archive_href"), PAGE_TEXT("submission"), PAGE_NUMBER("max_files"),
          FIELD("max_size", SMV_TYPE_BYTES, .page_only = 1), PAGE_TEXT("accept"),
          PAGE_LIST("upload_kinds", &smv_shape_option), PAGE_LIST("deleted", &smv_shape_deleted_document),
          PAGE_TEXT("notice"), PAGE_LIST("problems", &smv_shape_upload_problem));
SMV_SHAPE(smv_shape_document_view, "DocumentView", RECORD("document", &smv_shape_document),
          PAGE_BOOLEAN("can_view_documents"), PAGE_TEXT("delete_href"), PAGE_TEXT("error"));
/* Documents that are nobody's yet: the one view of their pages and answers, and what is sent to make one somebody's. */
SMV_SHAPE(smv_shape_assignment, "Assignment",
          TEXT_IN("customer", "Kundennummer", .maximum = 18, .is_required = 1, .rule = &smv_rule_customer_number),
          TEXT_IN("contract", "Vertrag", .maximum = 18, .autocomplete = "off"),
          CODE_IN("kind", "Art", document_kinds, .maximum = 0));
SMV_SHAPE(smv_shape_proposal, "Proposal", PAGE_CUSTOMER("customer"), PAGE_TEXT("name"), PAGE_TEXT("href"),
          PAGE_NUMBER("contract"), PAGE_TEXT("number"), PAGE_TEXT("insurer"), PAGE_TEXT("tariff"));
SMV_SHAPE(smv_shape_unassigned_view, "UnassignedView", LIST("documents", &smv_shape_unassigned_document),
          RECORD("unassigned", &smv_shape_unassigned_document), RECORD("document", &smv_shape_document),
          PAGE_LIST("dismissed", &smv_shape_unassigned_document), PAGE_TEXT("next_href"), PAGE_TEXT("notice"),
          PAGE_TEXT("error"), PAGE_TEXT("assigned_name"), PAGE_TEXT("assigned_href"),
          PAGE_LIST("assigned_to", &smv_shape_customer_line), PAGE_BOOLEAN("can_view"), PAGE_TEXT("dismiss_href"),
          PAGE_TEXT("restore_href"), PAGE_TEXT("self_href"), PAGE_TEXT("assign_href"), PAGE_BOOLEAN("can_search"),
          PAGE_TEXT("words"), PAGE_LIST("hits", &smv_shape_customer_line), PAGE_BOOLEAN("has_searched"),
          PAGE_BOOLEAN("has_more_hits"), PAGE_LIST("proposals", &smv_shape_proposal),
          PAGE_LIST("chosen", &smv_shape_customer_line), PAGE_BOOLEAN("has_problems"),
          PAGE_LIST("problems", &smv_shape_problem_line), PAGE_LIST("number_fields", &smv_shape_form_field),
          PAGE_LIST("fields", &smv_shape_form_field));
SMV_SHAPE(smv_shape_problem_view, "ProblemView", INTEGER("status", NULL), PAGE_TEXT("title"), PAGE_TEXT("detail"),
          PAGE_TEXT("code"), PAGE_TEXT("rights_href"));
SMV_SHAPE(smv_shape_value_line, "ValueLine", PAGE_TEXT("label"), PAGE_LIST("old", &smv_shape_cell),
          PAGE_LIST("new", &smv_shape_cell));
SMV_SHAPE(smv_shape_log_entry, "LogEntry", FIELD("time", SMV_TYPE_TIME, .page_only = 1), PAGE_TEXT("who"),
          PAGE_TEXT("login"), PAGE_TEXT("address"), PAGE_TEXT("what"), PAGE_TEXT("how"), PAGE_TEXT("channel"),
          PAGE_NUMBER("row"), PAGE_LIST("lines", &smv_shape_value_line));
SMV_SHAPE(smv_shape_log_view, "Log", CUSTOMER("customer"), LIST("changes", &smv_shape_change),
          LIST("readings", &smv_shape_reading), PAGE_LIST("entries", &smv_shape_log_entry), PAGE_TEXT("next_href"));
SMV_SHAPE(smv_shape_inbox_entry, "InboxEntry", PAGE_TEXT("customer_href"), PAGE_TEXT("customer"),
          PAGE_CUSTOMER("customer_number"), FIELD("time", SMV_TYPE_TIME, .page_only = 1), PAGE_TEXT("who"),
          PAGE_TEXT("what"), PAGE_TEXT("how"), PAGE_TEXT("done_href"), PAGE_BOOLEAN("is_done"), PAGE_TEXT("done_by"));
SMV_SHAPE(smv_shape_changes_view, "ChangesView", LIST("changes", &smv_shape_change),
          PAGE_LIST("entries", &smv_shape_inbox_entry), PAGE_BOOLEAN("shows_done"), PAGE_TEXT("other_href"),
          PAGE_TEXT("next_href"));
SMV_SHAPE(smv_shape_news, "News", PAGE_TEXT("title"), PAGE_TEXT("text"));
SMV_SHAPE(smv_shape_start_view, "StartView", RECORD("firm", &smv_shape_firm), LIST("tiles", &smv_shape_tile),
          PAGE_TEXT("search_href"), PAGE_LIST("endings", &smv_shape_ending_line), PAGE_TEXT("endings_href"),
          PAGE_LIST("inbox", &smv_shape_inbox_entry), PAGE_TEXT("inbox_href"), PAGE_TEXT("unassigned_href"),
          PAGE_NUMBER("unassigned_count"), PAGE_BOOLEAN("is_one_unassigned"), PAGE_BOOLEAN("are_many_unassigned"),
          PAGE_LIST("recent", &smv_shape_customer_line), PAGE_LIST("news", &smv_shape_news), PAGE_TEXT("back_href"),
          PAGE_TEXT("publish_href"), PAGE_NUMBER("version"), PAGE_NUMBER("publication"));
SMV_SHAPE(smv_shape_contrast, "Contrast", PAGE_TEXT("label"), PAGE_TEXT("ratio"), PAGE_BOOLEAN("is_enough"));
SMV_SHAPE(smv_shape_form_group, "FormGroup", PAGE_TEXT("title"), PAGE_TEXT("hint"), PAGE_TEXT("class"),
          PAGE_LIST("fields", &smv_shape_form_field), PAGE_LIST("contrasts", &smv_shape_contrast));
SMV_SHAPE(smv_shape_start_screen_view, "StartScreenView", RECORD("screen", &smv_shape_start_screen),
          LIST("publications", &smv_shape_publication), PAGE_TEXT("notice"), PAGE_TEXT("error"),
          PAGE_BOOLEAN("is_conflict"), PAGE_BOOLEAN("has_problems"), PAGE_LIST("problems", &smv_shape_problem_line),
          PAGE_LIST("groups", &smv_shape_form_group), PAGE_NUMBER("version"), PAGE_TEXT("action_href"),
          PAGE_TEXT("preview_href"), PAGE_TEXT("publish_href"), PAGE_TEXT("discard_href"), PAGE_TEXT("logo_href"),
          PAGE_TEXT("logo_action_href"), PAGE_TEXT("logo_delete_href"), PAGE_TEXT("logo_error"),
          FIELD("logo_maximum", SMV_TYPE_BYTES, .page_only = 1), PAGE_BOOLEAN("is_changed"), PAGE_NUMBER("current"));
/* Why somebody may do something: fields with a label are facts of the page and the terminal. */
#define YES_NO(name, text) FIELD(name, SMV_TYPE_BOOLEAN, .label = (text))
static const smv_code_t explained_answers[] = {
    {"yes", "ja"}, {"no", "nein"}, {"unknown", "nicht zu sagen"}, {NULL, NULL}};
static const smv_code_t role_sources[] = {{"pointer", "smvRolleDN des Zugangs"},
                                          {"group", "Gruppe des Zugangs"},
                                          {"member", "member, uniqueMember oder roleOccupant der Rolle"},
                                          {NULL, NULL}};
static const smv_code_t role_scopes[] = {
    {"own", "eigene Kunden"}, {"portfolio", "eigener Bestand"}, {"all", "alle Kunden"}, {NULL, NULL}};
const char *const smv_scope_codes[] = {"own", "portfolio", "all"};
static const smv_code_t attribute_values[] = {{"TRUE", "TRUE"}, {"FALSE", "FALSE"}, {"absent", "fehlt"}, {NULL, NULL}};

SMV_SHAPE(smv_shape_role_source, "RoleSource", CODE("source", "Herkunft", role_sources));
SMV_SHAPE(smv_shape_explained_role, "ExplainedRole", ID("id", "Rollen-ID"), TEXT("name", "Rolle"),
          TEXT("dn", "Eintrag"), LIST("sources", &smv_shape_role_source), CODE("scope", "Geltungsbereich", role_scopes),
          YES_NO("covers", "Gilt für diesen Kunden"), CODE("value", "Attribut", attribute_values),
          TEXT("hides", "Blendet aus"), YES_NO("decides", "Erteilt das Recht"));
SMV_SHAPE(smv_shape_explained_fault, "ExplainedFault", TEXT("code", NULL), TEXT("text", "Fehler"));
SMV_SHAPE(smv_shape_explanation, "Explanation", CODE("answer", NULL, explained_answers), TEXT("reason", NULL),
          INTEGER("status", "Antwort des Portals (HTTP)"), TEXT("login", "Benutzername"), TEXT("route", "Adresse"),
          TEXT("right_label", "Nötiges Recht"), TEXT("right", "Name des Rechts"),
          TEXT("attribute", "Attribut der Rolle"), ID("customer", "Kunde der Frage"),
          ID("broker", "Vermittlernummer des Kunden"), TEXT("dn", "Zugang"), YES_NO("locked", "Gesperrt von der Firma"),
          TIME("valid_until", "Gültig bis"), TEXT("customers", "Kundennummern (smvKundenNr)"),
          TEXT("brokers", "Vermittlernummern (smvVermittlerNr)"), ID("tenant", "Mandant (smvMandantNr)"),
          YES_NO("needs_module", "Braucht das Modul der Firma"), TEXT("module", "Modul der Firma (smvModul)"),
          TIME("module_until", "Modul bis (smvModulGueltigBis)"), LIST("roles", &smv_shape_explained_role),
          LIST("faults", &smv_shape_explained_fault));
SMV_SHAPE(smv_shape_explain_view, "ExplainView", RECORD("explanation", &smv_shape_explanation),
          PAGE_LIST("facts", &smv_shape_cell), PAGE_TEXT("login"), PAGE_TEXT("what"), PAGE_NUMBER("customer"),
          PAGE_TEXT("login_error"), PAGE_TEXT("what_error"), PAGE_TEXT("customer_error"), PAGE_BOOLEAN("is_yes"));

/* What begins a view as a customer, and its page. */
SMV_SHAPE(smv_shape_view_as, "ViewAs", TEXT_IN("login", "Benutzername", .maximum = 128, .is_required = 1));
SMV_SHAPE(smv_shape_viewed_account, "ViewedAccount", PAGE_TEXT("login"), PAGE_TEXT("name"), PAGE_BOOLEAN("is_closed"));
SMV_SHAPE(smv_shape_view_as_view, "ViewAsView", CUSTOMER("customer"), PAGE_LIST("accounts", &smv_shape_viewed_account),
          PAGE_TEXT("action_href"), PAGE_TEXT("error"));
SMV_SHAPE(smv_shape_right_line, "RightLine", PAGE_TEXT("label"), PAGE_BOOLEAN("is_granted"), PAGE_BOOLEAN("is_hide"),
          PAGE_TEXT("roles"), PAGE_TEXT("attribute"));
SMV_SHAPE(smv_shape_rights_row, "RightsRow", PAGE_LIST("cells", &smv_shape_right_line));
SMV_SHAPE(smv_shape_rights_view, "RightsView", PAGE_LIST("rows", &smv_shape_rights_row),
          PAGE_LIST("staff", &smv_shape_right_line), PAGE_LIST("roles", &smv_shape_me_role));
SMV_SHAPE(smv_shape_financial_bar, "FinancialBar", PAGE_TEXT("label"), FIELD("amount", SMV_TYPE_MONEY, .page_only = 1),
          FIELD("needed", SMV_TYPE_MONEY, .page_only = 1), FIELD("gap", SMV_TYPE_MONEY, .page_only = 1),
          PAGE_NUMBER("width"), PAGE_TEXT("style"));
SMV_SHAPE(smv_shape_financial_chart, "FinancialChart", PAGE_TEXT("label"), PAGE_TEXT("result_label"),
          FIELD("result", SMV_TYPE_MONEY, .page_only = 1), PAGE_LIST("bars", &smv_shape_financial_bar));
SMV_SHAPE(smv_shape_financial_group, "FinancialGroup", PAGE_TEXT("label"), PAGE_TEXT("anchor"),
          FIELD("sum", SMV_TYPE_MONEY, .page_only = 1), PAGE_BOOLEAN("is_provision"), PAGE_BOOLEAN("has_date"),
          PAGE_LIST("items", &smv_shape_financial_item));
SMV_SHAPE(smv_shape_financial_analysis, "FinancialAnalysis", CUSTOMER("customer"),
          LIST("items", &smv_shape_financial_item), MONEY("income", "Einnahmen"), MONEY("expenses", "Ausgaben"),
          MONEY("surplus", "Überschuss"), MONEY("assets", "Vermögen"), MONEY("liabilities", "Verbindlichkeiten"),
          MONEY("net_worth", "Reinvermögen"), PAGE_LIST("charts", &smv_shape_financial_chart),
          PAGE_LIST("provisions", &smv_shape_financial_bar), PAGE_LIST("groups", &smv_shape_financial_group),
          PAGE_BOOLEAN("has_other_currencies"));

static const smv_code_t access_states[] = {
    {"active", "aktiv"}, {"locked", "gesperrt"}, {"ended", "beendet"}, {NULL, NULL}};
static const smv_code_t mail_states[] = {{"sent", "Die Einladung ging auch per E-Mail hinaus."},
                                         {"failed", "Die E-Mail ließ sich nicht versenden. Bitte geben Sie den Brief "
                                                    "weiter."},
                                         {NULL, NULL}};

SMV_SHAPE(smv_shape_access_customer, "AccessCustomer", ID("number", "Kundennummer"));
SMV_SHAPE(smv_shape_access, "Access", TEXT("login", "Benutzername"), TEXT("name", "Name"), TEXT("mail", "E-Mail"),
          CODE("state", "Zustand", access_states), LIST("roles", &smv_shape_me_role),
          LIST("customers", &smv_shape_access_customer), DATE("valid_until", "Gültig bis"),
          TIME("invited_until", "Zugangsbrief gilt bis"), PAGE_TEXT("href"));
SMV_SHAPE(smv_shape_access_letter, "AccessLetter", RECORD("access", &smv_shape_access), TEXT("code", "Zugangscode"),
          TEXT("link", "Adresse"), TIME("expires", "Gilt bis"), CODE("mail", "E-Mail", mail_states),
          PAGE_LIST("address", &smv_shape_cell),
          FIELD("firm", SMV_TYPE_RECORD, .shape = &smv_shape_firm, .page_only = 1), PAGE_TEXT("date"),
          PAGE_TEXT("until"), PAGE_TEXT("portal"), PAGE_TEXT("qr_path"), PAGE_TEXT("qr_box"), PAGE_BOOLEAN("is_reset"));
SMV_SHAPE(smv_shape_access_input, "AccessInput",
          TEXT_IN("name", "Name", .maximum = 120, .is_required = 1, .autocomplete = "off",
                  .hint = "Vorname und Nachname der Person, die sich anmeldet"),
          TEXT_IN("login", "Benutzername", .maximum = 64, .is_required = 1, .rule = &smv_rule_login),
          TEXT_IN("mail", "E-Mail", .maximum = 254, .rule = &smv_rule_mail, .autocomplete = "off"),
          TEXT_IN("role", "Rolle", .maximum = 20, .is_required = 1),
          TEXT_IN("customers", "Weitere Kundennummern", .maximum = 400,
                  .hint = "Für Familie oder Tochterfirmen, durch Komma getrennt"),
          DATE_IN("valid_until", "Gültig bis", .autocomplete = "off", .hint = "Leer lassen für unbegrenzt"));
SMV_SHAPE(smv_shape_access_view, "AccessView", CUSTOMER("customer"), LIST("accesses", &smv_shape_access),
          RECORD("access", &smv_shape_access), RECORD("letter", &smv_shape_access_letter), PAGE_TEXT("create_href"),
          PAGE_TEXT("back_href"), PAGE_TEXT("lock_href"), PAGE_TEXT("unlock_href"), PAGE_TEXT("end_href"),
          PAGE_TEXT("reset_href"), PAGE_BOOLEAN("is_foreign"), PAGE_TEXT("notice"), PAGE_TEXT("action_href"),
          PAGE_BOOLEAN("has_problems"), PAGE_LIST("problems", &smv_shape_problem_line),
          PAGE_LIST("fields", &smv_shape_form_field), PAGE_BOOLEAN("has_roles"));
SMV_SHAPE(smv_shape_code_input, "CodeInput", TEXT_IN("code", "Zugangscode", .maximum = 40, .is_required = 1));
SMV_SHAPE(smv_shape_password_input, "PasswordInput", TEXT_IN("password", "Neues Passwort", .is_required = 1),
          TEXT_IN("repeated", "Passwort wiederholen", .is_required = 1));
SMV_SHAPE(smv_shape_password_change, "PasswordChange", TEXT_IN("current", "Bisheriges Passwort", .is_required = 1),
          TEXT_IN("password", "Neues Passwort", .is_required = 1),
          TEXT_IN("repeated", "Passwort wiederholen", .is_required = 1));
SMV_SHAPE(smv_shape_password_renewal, "PasswordRenewal", TEXT_IN("username", "Benutzername", .is_required = 1),
          TEXT_IN("current", "Bisheriges Passwort", .is_required = 1), TEXT_IN("code", "Einmalcode"),
          TEXT_IN("password", "Neues Passwort", .is_required = 1),
          TEXT_IN("repeated", "Passwort wiederholen", .is_required = 1));
SMV_SHAPE(smv_shape_code_view, "CodeView", PAGE_TEXT("error"), PAGE_TEXT("login"), PAGE_TEXT("action_href"),
          PAGE_BOOLEAN("asks_current"), PAGE_BOOLEAN("asks_code"), PAGE_TEXT("notice"),
          FIELD("notice_number", SMV_TYPE_INTEGER, .page_only = 1), PAGE_BOOLEAN("can_wait"),
          PAGE_BOOLEAN("is_elsewhere"));

#define ROLE_RIGHT(row, column, NAME, id, text, deflt, kind, attribute)                                                \
    FIELD(id, SMV_TYPE_BOOLEAN, .label = (text), INPUT(.hint = (attribute))),
#define ROLE_NAME TEXT_IN("name", "Bezeichnung", .maximum = 64, .is_required = 1, .rule = &smv_rule_role_name)
#define ROLE_REMARK TEXT_IN("remark", "Bemerkung", .maximum = 200, .autocomplete = "off")
#define ROLE_SCOPE                                                                                                     \
    CODE_IN("scope", "Geltungsbereich", role_scopes, .is_required = 1,                                                 \
            .hint = "Für welche Kunden die Rolle gilt. Ein Zugang für Kunden braucht eigene Kunden.")

SMV_SHAPE(smv_shape_role, "ManagedRole", ID("id", "Rollen-ID"), ROLE_NAME, ROLE_REMARK, ROLE_SCOPE,
          SMV_RIGHTS(ROLE_RIGHT) INTEGER("accounts", "Zugänge"), INTEGER("version", NULL), PAGE_TEXT("href"));
SMV_SHAPE(smv_shape_role_new, "NewRole", ROLE_NAME, ROLE_SCOPE, SMV_RIGHTS(ROLE_RIGHT) ROLE_REMARK);
SMV_SHAPE(smv_shape_role_change, "RoleChange", ROLE_SCOPE, SMV_RIGHTS(ROLE_RIGHT) ROLE_REMARK);
SMV_SHAPE(smv_shape_role_name, "RoleName", ROLE_NAME);
SMV_SHAPE(smv_shape_role_row, "RoleRow", PAGE_LIST("cells", &smv_shape_form_field));
SMV_SHAPE(smv_shape_role_view, "RoleView", LIST("roles", &smv_shape_role), RECORD("role", &smv_shape_role),
          PAGE_TEXT("dn"), PAGE_BOOLEAN("is_more"), PAGE_BOOLEAN("is_used"), PAGE_NUMBER("version"),
          PAGE_TEXT("create_href"), PAGE_TEXT("back_href"), PAGE_TEXT("action_href"), PAGE_TEXT("copy_href"),
          PAGE_TEXT("rename_href"), PAGE_TEXT("delete_href"), PAGE_TEXT("notice"), PAGE_TEXT("error"),
          PAGE_BOOLEAN("is_conflict"), PAGE_BOOLEAN("has_problems"), PAGE_LIST("problems", &smv_shape_problem_line),
          PAGE_LIST("lines", &smv_shape_form_field), PAGE_LIST("grid", &smv_shape_role_row),
          PAGE_LIST("staff", &smv_shape_form_field), PAGE_LIST("rename", &smv_shape_form_field),
          PAGE_BOOLEAN("is_renaming"));

SMV_SHAPE(smv_shape_audit, "AuditEntry", ID("id", "Nummer"), TIME("time", "Zeit"),
          CODE("kind", "Was geschah", event_kinds), TEXT("subject", "Womit"), TEXT("object", "Gegenstand"),
          CUSTOMER("customer"), ID("row", "Schlüssel"), TEXT("login", "Benutzername"), TEXT("name", "Name"),
          TEXT("address", "Adresse"), CODE("channel", "Weg", channels), JSON("detail"));
SMV_SHAPE(smv_shape_session, "Session", TEXT("login", "Benutzername"), TEXT("name", "Name"), TIME("since", "Seit"),
          TIME("last_used", "Zuletzt"), TEXT("bound_to", "Endet mit"), TEXT("view_name", "Ansicht als"),
          TEXT("dn", "Eintrag"));
SMV_SHAPE(smv_shape_audit_line, "AuditLine", FIELD("time", SMV_TYPE_TIME, .page_only = 1), PAGE_TEXT("how"),
          PAGE_TEXT("what"), PAGE_TEXT("object"), PAGE_NUMBER("customer"), PAGE_TEXT("name"), PAGE_TEXT("login"),
          PAGE_TEXT("address"), PAGE_TEXT("channel"), PAGE_TEXT("detail"));
SMV_SHAPE(smv_shape_audit_view, "AuditView", LIST("entries", &smv_shape_audit),
          PAGE_LIST("lines", &smv_shape_audit_line), PAGE_TEXT("login"), PAGE_TEXT("customer"), PAGE_TEXT("from"),
          PAGE_TEXT("to"), PAGE_LIST("kinds", &smv_shape_option), PAGE_TEXT("error"), PAGE_BOOLEAN("is_filtered"),
          PAGE_TEXT("export_href"), PAGE_TEXT("next_href"));
