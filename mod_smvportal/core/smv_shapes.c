/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_shapes.h"

#define TEXT(name, label)                                                                                              \
    {                                                                                                                  \
        name, SMV_TYPE_TEXT, label, NULL, NULL, 0                                                                      \
    }
#define ID(name, label)                                                                                                \
    {                                                                                                                  \
        name, SMV_TYPE_ID, label, NULL, NULL, 0                                                                        \
    }
#define INTEGER(name, label)                                                                                           \
    {                                                                                                                  \
        name, SMV_TYPE_INTEGER, label, NULL, NULL, 0                                                                   \
    }
#define MONEY(name, label)                                                                                             \
    {                                                                                                                  \
        name, SMV_TYPE_MONEY, label, NULL, NULL, 0                                                                     \
    }
#define DATE(name, label)                                                                                              \
    {                                                                                                                  \
        name, SMV_TYPE_DATE, label, NULL, NULL, 0                                                                      \
    }
#define BYTES(name, label)                                                                                             \
    {                                                                                                                  \
        name, SMV_TYPE_BYTES, label, NULL, NULL, 0                                                                     \
    }
#define CODE(name, label, table)                                                                                       \
    {                                                                                                                  \
        name, SMV_TYPE_CODE, label, NULL, table, 0                                                                     \
    }
#define BOOLEAN(name)                                                                                                  \
    {                                                                                                                  \
        name, SMV_TYPE_BOOLEAN, NULL, NULL, NULL, 0                                                                    \
    }
#define RECORD(name, shape)                                                                                            \
    {                                                                                                                  \
        name, SMV_TYPE_RECORD, NULL, shape, NULL, 0                                                                    \
    }
#define LIST(name, shape)                                                                                              \
    {                                                                                                                  \
        name, SMV_TYPE_LIST, NULL, shape, NULL, 0                                                                      \
    }
#define PAGE_TEXT(name)                                                                                                \
    {                                                                                                                  \
        name, SMV_TYPE_TEXT, NULL, NULL, NULL, 1                                                                       \
    }
#define PAGE_BOOLEAN(name)                                                                                             \
    {                                                                                                                  \
        name, SMV_TYPE_BOOLEAN, NULL, NULL, NULL, 1                                                                    \
    }

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

SMV_SHAPE(smv_shape_customer, "Customer", ID("number", "Kundennummer"), CODE("kind", "Art", customer_kinds),
          CODE("salutation", "Anrede", salutations), TEXT("first_name", "Vorname"), TEXT("name", "Name"),
          DATE("birth_date", "Geburtsdatum"), TEXT("street", "Straße"), TEXT("postal_code", "Postleitzahl"),
          TEXT("city", "Ort"), ID("broker", "Vermittlernummer"));

SMV_SHAPE(smv_shape_contract, "Contract", ID("id", NULL), ID("customer", "Kundennummer"), TEXT("number", "Vertrag Nr."),
          TEXT("insurer", "Gesellschaft"), TEXT("tariff", "Tarif"), MONEY("sum_insured", "Vertragssumme"),
          DATE("start_date", "Beginn"), DATE("end_date", "Ablauf"), CODE("status", "Status", contract_statuses),
          TEXT("note", "Hinweis"), MONEY("premium", "Beitrag"), CODE("payment_mode", "Zahlweise", payment_modes),
          INTEGER("document_count", "Anzahl Dokumente"));

SMV_SHAPE(smv_shape_document, "Document", ID("id", NULL), ID("customer", "Kundennummer"), ID("contract", NULL),
          TEXT("contract_number", "Vertrag Nr."), TEXT("name", "Name"), CODE("kind", "Art", document_kinds),
          DATE("date", "Datum"), BYTES("size", "Größe"), TEXT("media_type", "Dateityp"), PAGE_TEXT("content_hash"));

SMV_SHAPE(smv_shape_firm, "Firm", ID("tenant", NULL), TEXT("name", NULL), TEXT("welcome_title", NULL),
          TEXT("welcome_text", NULL), TEXT("contact_name", NULL), TEXT("contact_role", NULL),
          TEXT("contact_phone", NULL), TEXT("contact_mail", NULL), TEXT("contact_address", NULL));

SMV_SHAPE(smv_shape_me_role, "Role", ID("id", "Rollen-ID"), TEXT("name", "Bezeichnung"), TEXT("remark", "Bemerkung"));
SMV_SHAPE(smv_shape_me_right, "Right", TEXT("id", NULL), TEXT("label", NULL), BOOLEAN("granted"));
SMV_SHAPE(smv_shape_me, "Me", TEXT("login", NULL), TEXT("name", NULL), LIST("roles", &smv_shape_me_role),
          LIST("rights", &smv_shape_me_right));

SMV_SHAPE(smv_shape_menu_entry, "MenuEntry", PAGE_TEXT("label"), PAGE_TEXT("href"), PAGE_BOOLEAN("is_current"));
SMV_SHAPE(smv_shape_page, "Page", PAGE_TEXT("title"), PAGE_TEXT("language"), PAGE_TEXT("base"), PAGE_TEXT("firm_name"),
          PAGE_TEXT("user_name"), PAGE_BOOLEAN("is_signed_in"), PAGE_TEXT("csrf_token"),
          LIST("menu", &smv_shape_menu_entry));

SMV_SHAPE(smv_shape_tile, "Tile", PAGE_TEXT("label"), PAGE_TEXT("text"), PAGE_TEXT("href"), PAGE_TEXT("number"));
SMV_SHAPE(smv_shape_login_view, "LoginView", PAGE_TEXT("username"), PAGE_TEXT("error"), PAGE_TEXT("next"));
SMV_SHAPE(smv_shape_start_view, "StartView", RECORD("firm", &smv_shape_firm), LIST("tiles", &smv_shape_tile));
SMV_SHAPE(smv_shape_customers_view, "CustomersView", LIST("customers", &smv_shape_customer), PAGE_TEXT("next_href"));
SMV_SHAPE(smv_shape_customer_view, "CustomerView", RECORD("customer", &smv_shape_customer),
          PAGE_BOOLEAN("can_view_contracts"), PAGE_BOOLEAN("can_list_documents"));
SMV_SHAPE(smv_shape_contracts_view, "ContractsView", ID("customer", "Kundennummer"),
          LIST("contracts", &smv_shape_contract), PAGE_BOOLEAN("can_list_documents"));
SMV_SHAPE(smv_shape_contract_view, "ContractView", RECORD("contract", &smv_shape_contract),
          LIST("documents", &smv_shape_document), PAGE_BOOLEAN("can_list_documents"),
          PAGE_BOOLEAN("can_view_documents"));
SMV_SHAPE(smv_shape_documents_view, "DocumentsView", ID("customer", "Kundennummer"),
          LIST("documents", &smv_shape_document), PAGE_BOOLEAN("can_view_documents"));
SMV_SHAPE(smv_shape_document_view, "DocumentView", RECORD("document", &smv_shape_document),
          PAGE_BOOLEAN("can_view_documents"));
SMV_SHAPE(smv_shape_problem_view, "ProblemView", INTEGER("status", NULL), PAGE_TEXT("title"), PAGE_TEXT("detail"),
          PAGE_TEXT("code"));
