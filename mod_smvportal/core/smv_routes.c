/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of routes.
 */
#include "smv_route.h"
#include "smv_shapes.h"
#include "smv_start_screen.h"

#define PAGE SMV_RENDER_PAGE
#define API SMV_RENDER_API
#define FILE_ SMV_RENDER_FILE

#define SAFE SMV_CSRF_SAFE
#define ORIGIN SMV_CSRF_ORIGIN
#define TOP SMV_MENU_TOP
#define CARD SMV_MENU_CARD

/* clang-format off */

/* The routes of a resource that people list, create, edit and delete: its name, its path, its rights' prefix, the log of
 * who opens one row, and the titles of its pages. */
#define ROWS(name, NAME, path, RIGHT, whole_log, list_title, new_title, show_title, edit_title) \
    {"list_" name, SMV_METHOD_GET, "/customers/{number}/" path, SMV_ACCESS_RIGHT, RIGHT##_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API, \
        smv_list_rows, &smv_shape_rows_view, "records", "rows", list_title, .menu = CARD, .resource = &smv_resources[NAME], .log = SMV_LOG_STAFF}, \
    {"new_" name, SMV_METHOD_GET, "/customers/{number}/" path "/new", SMV_ACCESS_RIGHT, RIGHT##_CREATE, SMV_SUBJECT_CUSTOMER, SAFE, PAGE, \
        smv_new_row, &smv_shape_form_view, NULL, "form", new_title, .menu = SMV_MENU_BLIND, .resource = &smv_resources[NAME]}, \
    {"create_" name, SMV_METHOD_POST, "/customers/{number}/" path, SMV_ACCESS_RIGHT, RIGHT##_CREATE, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE | API, \
        smv_create_row, &smv_shape_form_view, "record", "form", new_title, .menu = SMV_MENU_NONE, .resource = &smv_resources[NAME]}, \
    {"show_" name, SMV_METHOD_GET, "/" path "/{id}", SMV_ACCESS_RIGHT, RIGHT##_VIEW, SMV_SUBJECT_ROW, SAFE, PAGE | API, \
        smv_show_row, &smv_shape_row_view, "record", "row", show_title, .menu = SMV_MENU_NONE, .resource = &smv_resources[NAME], .log = (whole_log)}, \
    {"edit_" name, SMV_METHOD_GET, "/" path "/{id}/edit", SMV_ACCESS_RIGHT, RIGHT##_EDIT, SMV_SUBJECT_ROW, SAFE, PAGE, \
        smv_edit_row, &smv_shape_form_view, NULL, "form", edit_title, .menu = SMV_MENU_NONE, .resource = &smv_resources[NAME], .log = (whole_log)}, \
    {"change_" name, SMV_METHOD_PATCH, "/" path "/{id}", SMV_ACCESS_RIGHT, RIGHT##_EDIT, SMV_SUBJECT_ROW, ORIGIN, PAGE | API, \
        smv_change_row, &smv_shape_form_view, "record", "form", edit_title, .menu = SMV_MENU_NONE, .resource = &smv_resources[NAME], .log = (whole_log)}, \
    {"delete_" name, SMV_METHOD_DELETE, "/" path "/{id}", SMV_ACCESS_RIGHT, RIGHT##_DELETE, SMV_SUBJECT_ROW, ORIGIN, PAGE | API, \
        smv_delete_row, &smv_shape_row_view, NULL, "row", show_title, .menu = SMV_MENU_NONE, .resource = &smv_resources[NAME], .log = (whole_log)}

/* What is done to one access: POST /customers/{number}/accesses/{login}/DEED. */
#define ON_ACCESS(deed, action, api_field, page) \
    {deed "_access", SMV_METHOD_POST, "/customers/{number}/accesses/{login}/" deed, SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE | API, \
        action, &smv_shape_access_view, api_field, page, "Zugang", .menu = SMV_MENU_NONE}

const smv_route_t smv_routes[] = {
    /* name, method, pattern, access, right, subject, csrf, renderings,
     *     action, view, api_field, page, title, menu */
    {"start", SMV_METHOD_GET, "/", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        smv_show_start, &smv_shape_start_view, NULL, "start", "Start", .menu = TOP, .log = SMV_LOG_STAFF},
    {"login", SMV_METHOD_GET, "/login", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        NULL, &smv_shape_login_view, NULL, "login", "Anmelden", .menu = SMV_MENU_NONE},
    {"sign_in", SMV_METHOD_POST, "/login", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, ORIGIN, PAGE,
        NULL, &smv_shape_login_view, NULL, "login", "Anmelden", .menu = SMV_MENU_NONE},
    {"sso", SMV_METHOD_GET, "/sso/{provider}", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        NULL, &smv_shape_sso_view, NULL, "sso", "Anmeldung bei der Firma", .menu = SMV_MENU_NONE},
    {"sign_out", SMV_METHOD_POST, "/logout", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_TOKEN, PAGE,
        NULL, NULL, NULL, NULL, "Abmelden", .menu = SMV_MENU_NONE, .in_view = 1},
    {"end_view", SMV_METHOD_POST, "/view-as/end", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SMV_CSRF_TOKEN, PAGE,
        NULL, NULL, NULL, NULL, "Ansicht beenden", .menu = SMV_MENU_NONE, .in_view = 1},
    {"explain", SMV_METHOD_GET, "/explain", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_show_explanation, &smv_shape_explain_view, "explanation", "explain", "Warum darf jemand das?", .menu = SMV_MENU_ADMIN},
    {"list_audit", SMV_METHOD_GET, "/audit", SMV_ACCESS_RIGHT, SMV_RIGHT_AUDIT_LOG_VIEW, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_list_audit, &smv_shape_audit_view, "entries", "audit", "Protokoll", .menu = SMV_MENU_ADMIN, .log = SMV_LOG_EVERYBODY},
    {"send_audit", SMV_METHOD_GET, "/audit.zip", SMV_ACCESS_RIGHT, SMV_RIGHT_AUDIT_LOG_VIEW, SMV_SUBJECT_STAFF, SAFE, PAGE | API | FILE_,
        smv_send_audit, NULL, NULL, NULL, "Protokoll herunterladen", .menu = SMV_MENU_NONE, .log = SMV_LOG_EVERYBODY},
    {"theme", SMV_METHOD_GET, "/theme.css", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE | FILE_,
        smv_send_theme, NULL, NULL, NULL, "Farben der Firma", .menu = SMV_MENU_NONE},
    {"logo", SMV_METHOD_GET, "/logo", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE | FILE_,
        smv_send_logo, NULL, NULL, NULL, "Logo der Firma", .menu = SMV_MENU_NONE},
    {"show_start_screen", SMV_METHOD_GET, "/start-screen", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_show_start_screen, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_ADMIN},
    {"change_start_screen", SMV_METHOD_PATCH, "/start-screen", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_change_start_screen, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1, .body = &smv_shape_start_screen},
    {"preview_start_screen", SMV_METHOD_GET, "/start-screen/preview", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, SAFE, PAGE,
        smv_preview_start_screen, &smv_shape_start_view, NULL, "start", "Vorschau", .menu = SMV_MENU_NONE},
    {"screen_theme", SMV_METHOD_GET, "/start-screen/theme.css", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, SAFE, PAGE | FILE_,
        smv_send_screen_theme, NULL, NULL, NULL, "Farben des Entwurfs", .menu = SMV_MENU_NONE},
    {"screen_logo", SMV_METHOD_GET, "/start-screen/logo", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, SAFE, PAGE | FILE_,
        smv_send_screen_logo, NULL, NULL, NULL, "Logo des Entwurfs", .menu = SMV_MENU_NONE},
    {"set_logo", SMV_METHOD_POST, "/start-screen/logo", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_set_logo, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1, .takes_files = 1, .file_types = SMV_LOGO_TYPES, .file_size = SMV_LOGO_SIZE},
    {"delete_logo", SMV_METHOD_DELETE, "/start-screen/logo", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_delete_logo, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1},
    {"publish_start_screen", SMV_METHOD_POST, "/start-screen/publish", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_publish_start_screen, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1},
    {"discard_start_screen", SMV_METHOD_POST, "/start-screen/discard", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_discard_start_screen, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1},
    {"list_publications", SMV_METHOD_GET, "/start-screen/publications", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, SAFE, API,
        smv_list_publications, &smv_shape_start_screen_view, "publications", NULL, "Frühere Startbildschirme", .menu = SMV_MENU_NONE},
    {"restore_publication", SMV_METHOD_POST, "/start-screen/publications/{id}/restore", SMV_ACCESS_RIGHT, SMV_RIGHT_START_SCREEN_EDIT, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_restore_publication, &smv_shape_start_screen_view, "screen", "start_screen", "Startbildschirm bearbeiten", .menu = SMV_MENU_NONE},
    {"list_roles", SMV_METHOD_GET, "/roles", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_list_roles, &smv_shape_role_view, "roles", "roles", "Rollen", .menu = SMV_MENU_ADMIN},
    {"new_role", SMV_METHOD_GET, "/roles/new", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, SAFE, PAGE,
        smv_new_role, &smv_shape_role_view, NULL, "role", "Rolle anlegen", .menu = SMV_MENU_NONE},
    {"create_role", SMV_METHOD_POST, "/roles", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_create_role, &smv_shape_role_view, "role", "role", "Rolle anlegen", .menu = SMV_MENU_NONE, .body = &smv_shape_role_new},
    {"show_role", SMV_METHOD_GET, "/roles/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_show_role, &smv_shape_role_view, "role", "role", "Rolle bearbeiten", .menu = SMV_MENU_NONE},
    {"change_role", SMV_METHOD_PATCH, "/roles/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_change_role, &smv_shape_role_view, "role", "role", "Rolle bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1, .body = &smv_shape_role_change},
    {"rename_role", SMV_METHOD_POST, "/roles/{id}/rename", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_rename_role, &smv_shape_role_view, "role", "role", "Rolle bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1, .body = &smv_shape_role_name},
    {"delete_role", SMV_METHOD_DELETE, "/roles/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_ROLE_MANAGE, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_delete_role, &smv_shape_role_view, NULL, "role", "Rolle bearbeiten", .menu = SMV_MENU_NONE, .is_versioned = 1},
    {"show_view_as", SMV_METHOD_GET, "/customers/{number}/view-as", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, SAFE, PAGE,
        smv_show_view_as, &smv_shape_view_as_view, NULL, "view_as", "Ansicht als Kunde", .menu = CARD, .log = SMV_LOG_STAFF},
    {"start_view", SMV_METHOD_POST, "/customers/{number}/view-as", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE,
        smv_start_view, &smv_shape_view_as_view, NULL, "view_as", "Ansicht als Kunde", .menu = SMV_MENU_NONE, .body = &smv_shape_view_as},
    {"show_me", SMV_METHOD_GET, "/me", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, API,
        smv_show_me, &smv_shape_me, NULL, NULL, "Eigener Zugang", .menu = SMV_MENU_NONE},
    {"show_rights", SMV_METHOD_GET, "/rights", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        smv_show_rights, &smv_shape_rights_view, NULL, "rights", "Meine Rechte", .menu = SMV_MENU_NONE},
    {"edit_password", SMV_METHOD_GET, "/password", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        smv_edit_password, &smv_shape_code_view, NULL, "password", "Passwort ändern", .menu = SMV_MENU_NONE},
    {"change_password", SMV_METHOD_POST, "/password", SMV_ACCESS_SIGNED_IN, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, ORIGIN, PAGE,
        smv_change_password, &smv_shape_code_view, NULL, "password", "Passwort ändern", .menu = SMV_MENU_NONE, .body = &smv_shape_password_change},
    {"openapi", SMV_METHOD_GET, "/openapi.json", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, API,
        NULL, NULL, NULL, NULL, "OpenAPI", .menu = SMV_MENU_NONE},
    {"show_inbox", SMV_METHOD_GET, "/inbox", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_STAFF, SAFE, PAGE,
        smv_show_inbox, &smv_shape_changes_view, NULL, "inbox", "Neues aus dem Portal", .menu = TOP, .log = SMV_LOG_STAFF},
    {"mark_done", SMV_METHOD_POST, "/inbox/{id}/done", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_mark_done, &smv_shape_changes_view, "changes", "inbox", "Neues aus dem Portal", .menu = SMV_MENU_NONE},
    {"mark_open", SMV_METHOD_POST, "/inbox/{id}/open", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_STAFF, ORIGIN, PAGE | API,
        smv_mark_open, &smv_shape_changes_view, "changes", "inbox", "Neues aus dem Portal", .menu = SMV_MENU_NONE},
    {"list_unassigned", SMV_METHOD_GET, "/unassigned-documents", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_IMPORT, SMV_SUBJECT_FIRM, SAFE, PAGE | API,
        smv_list_unassigned, &smv_shape_unassigned_view, "documents", "unassigned_documents", "Nicht zugeordnete Dokumente", .menu = TOP, .log = SMV_LOG_STAFF},
    {"show_unassigned", SMV_METHOD_GET, "/unassigned-documents/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_IMPORT, SMV_SUBJECT_FIRM, SAFE, PAGE | API,
        smv_show_unassigned, &smv_shape_unassigned_view, "unassigned", "unassigned", "Nicht zugeordnetes Dokument", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"send_unassigned", SMV_METHOD_GET, "/unassigned-documents/{id}/content", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_VIEW, SMV_SUBJECT_FIRM, SAFE, PAGE | API | FILE_,
        smv_send_unassigned, NULL, NULL, NULL, "Nicht zugeordnetes Dokument", .menu = SMV_MENU_NONE, .log = SMV_LOG_EVERYBODY},
    {"assign_unassigned", SMV_METHOD_POST, "/unassigned-documents/{id}/assign", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_IMPORT, SMV_SUBJECT_FIRM, ORIGIN, PAGE | API,
        smv_assign_unassigned, &smv_shape_unassigned_view, "document", "unassigned", "Nicht zugeordnetes Dokument", .menu = SMV_MENU_NONE, .body = &smv_shape_assignment},
    {"dismiss_unassigned", SMV_METHOD_POST, "/unassigned-documents/{id}/dismiss", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_DELETE, SMV_SUBJECT_FIRM, ORIGIN, PAGE | API,
        smv_dismiss_unassigned, &smv_shape_unassigned_view, "unassigned", "unassigned_documents", "Nicht zugeordnete Dokumente", .menu = SMV_MENU_NONE},
    {"restore_unassigned", SMV_METHOD_POST, "/unassigned-documents/{id}/restore", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_DELETE, SMV_SUBJECT_FIRM, ORIGIN, PAGE | API,
        smv_restore_unassigned, &smv_shape_unassigned_view, "unassigned", "unassigned_documents", "Nicht zugeordnete Dokumente", .menu = SMV_MENU_NONE},
    {"list_changes", SMV_METHOD_GET, "/changes", SMV_ACCESS_RIGHT, SMV_RIGHT_AUDIT_LOG_VIEW, SMV_SUBJECT_STAFF, SAFE, API,
        smv_list_changes, &smv_shape_changes_view, "changes", NULL, "Änderungen", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"list_customers", SMV_METHOD_GET, "/customers", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_RANGE, SAFE, PAGE | API,
        smv_list_customers, &smv_shape_customers_view, "customers", "customers", "Kunden", .menu = TOP, .log = SMV_LOG_STAFF},
    {"list_ending_contracts", SMV_METHOD_GET, "/expiring-contracts", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_STAFF, SAFE, PAGE | API,
        smv_list_endings, &smv_shape_endings_view, "contracts", "endings", "Abläufe der nächsten 90 Tage", .menu = SMV_MENU_NONE, .hidden_by = SMV_RIGHT_BIT(SMV_RIGHT_EXPIRY_DATE_HIDE), .log = SMV_LOG_STAFF},
    {"show_customer", SMV_METHOD_GET, "/customers/{number}", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_show_customer, &smv_shape_customer_view, "customer", "customer", "Kundenkarte", .menu = TOP, .log = SMV_LOG_STAFF},
    {"edit_customer", SMV_METHOD_GET, "/customers/{number}/edit", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_EDIT, SMV_SUBJECT_CUSTOMER, SAFE, PAGE,
        smv_edit_row, &smv_shape_form_view, NULL, "form", "Kundendaten ändern", .menu = SMV_MENU_BLIND, .resource = &smv_resources[SMV_RESOURCE_CUSTOMER], .log = SMV_LOG_STAFF},
    {"change_customer", SMV_METHOD_PATCH, "/customers/{number}", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_EDIT, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE | API,
        smv_change_row, &smv_shape_form_view, "record", "form", "Kundendaten ändern", .menu = SMV_MENU_NONE, .resource = &smv_resources[SMV_RESOURCE_CUSTOMER], .log = SMV_LOG_STAFF},
    {"list_expiring_contracts", SMV_METHOD_GET, "/customers/{number}/expiring-contracts", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, API,
        smv_list_expiring, &smv_shape_customer_view, "expiring", NULL, "Nächste Abläufe", .menu = SMV_MENU_NONE, .hidden_by = SMV_RIGHT_BIT(SMV_RIGHT_EXPIRY_DATE_HIDE), .log = SMV_LOG_STAFF},
    {"list_contracts", SMV_METHOD_GET, "/customers/{number}/contracts", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_list_contracts, &smv_shape_contracts_view, "contracts", "contracts", "Verträge", .menu = TOP, .log = SMV_LOG_STAFF},
    {"show_contract", SMV_METHOD_GET, "/contracts/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_CONTRACT_VIEW, SMV_SUBJECT_CONTRACT, SAFE, PAGE | API,
        smv_show_contract, &smv_shape_contract_view, "contract", "contract", "Vertrag", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"list_documents", SMV_METHOD_GET, "/customers/{number}/documents", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_LIST, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_list_documents, &smv_shape_documents_view, "documents", "documents", "Dokumente", .menu = TOP, .log = SMV_LOG_STAFF},
    {"import_documents", SMV_METHOD_POST, "/customers/{number}/documents", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_IMPORT, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE | API,
        smv_import_documents, &smv_shape_documents_view, "documents", "documents", "Dokumente", .menu = SMV_MENU_NONE, .resource = &smv_resources[SMV_RESOURCE_DOCUMENT], .takes_files = 1},
    {"send_documents", SMV_METHOD_GET, "/customers/{number}/documents.zip", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API | FILE_,
        smv_send_documents, NULL, NULL, NULL, "Dokumente", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"show_document", SMV_METHOD_GET, "/documents/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_LIST, SMV_SUBJECT_DOCUMENT, SAFE, PAGE | API,
        smv_show_document, &smv_shape_document_view, "document", "document", "Dokument", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"send_document", SMV_METHOD_GET, "/documents/{id}/content", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_VIEW, SMV_SUBJECT_DOCUMENT, SAFE, PAGE | API | FILE_,
        smv_send_document, NULL, NULL, NULL, "Dokument", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    {"delete_document", SMV_METHOD_DELETE, "/documents/{id}", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_DELETE, SMV_SUBJECT_DOCUMENT, ORIGIN, PAGE | API,
        smv_delete_document, &smv_shape_document_view, "document", "document", "Dokument", .menu = SMV_MENU_NONE, .resource = &smv_resources[SMV_RESOURCE_DOCUMENT]},
    {"restore_document", SMV_METHOD_POST, "/documents/{id}/restore", SMV_ACCESS_RIGHT, SMV_RIGHT_DOCUMENT_DELETE, SMV_SUBJECT_DELETED, ORIGIN, PAGE | API,
        smv_restore_document, &smv_shape_document_view, "document", "document", "Dokument", .menu = SMV_MENU_NONE},
    {"show_financial_analysis", SMV_METHOD_GET, "/customers/{number}/financial-analysis", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_show_financial_analysis, &smv_shape_financial_analysis, NULL, "financial_analysis", "Finanzanalyse", .menu = TOP, .hidden_by = SMV_RIGHT_BIT(SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE), .log = SMV_LOG_STAFF},
    ROWS("communication", SMV_RESOURCE_COMMUNICATION, "communications", SMV_RIGHT_COMMUNICATION, SMV_LOG_STAFF,
        "Telefon/Fax/E-Mail", "Telefon/Fax/E-Mail anlegen", "Telefon/Fax/E-Mail", "Telefon/Fax/E-Mail ändern"),
    ROWS("family_member", SMV_RESOURCE_FAMILY_MEMBER, "family-members", SMV_RIGHT_FAMILY, SMV_LOG_STAFF,
        "Familienmitglieder", "Familienmitglied anlegen", "Familienmitglied", "Familienmitglied ändern"),
    ROWS("contact", SMV_RESOURCE_CONTACT, "contacts", SMV_RIGHT_CONTACT, SMV_LOG_STAFF,
        "Ansprechpartner", "Ansprechpartner anlegen", "Ansprechpartner", "Ansprechpartner ändern"),
    ROWS("bank_account", SMV_RESOURCE_BANK_ACCOUNT, "bank-accounts", SMV_RIGHT_BANK_ACCOUNT, SMV_LOG_EVERYBODY,
        "Kontoverbindungen", "Kontoverbindung anlegen", "Kontoverbindung", "Kontoverbindung ändern"),
    {"list_accesses", SMV_METHOD_GET, "/customers/{number}/accesses", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_list_accesses, &smv_shape_access_view, "accesses", "accesses", "Zugänge", .menu = CARD, .log = SMV_LOG_STAFF},
    {"new_access", SMV_METHOD_GET, "/customers/{number}/accesses/new", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, SAFE, PAGE,
        smv_new_access, &smv_shape_access_view, NULL, "access_form", "Zugang einrichten", .menu = SMV_MENU_NONE},
    {"create_access", SMV_METHOD_POST, "/customers/{number}/accesses", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, ORIGIN, PAGE | API,
        smv_create_access, &smv_shape_access_view, "letter", "access_letter", "Zugangsbrief", .menu = SMV_MENU_NONE, .body = &smv_shape_access_input},
    {"show_access", SMV_METHOD_GET, "/customers/{number}/accesses/{login}", SMV_ACCESS_RIGHT, SMV_RIGHT_ACCESS_MANAGE, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_show_access, &smv_shape_access_view, "access", "access", "Zugang", .menu = SMV_MENU_NONE, .log = SMV_LOG_STAFF},
    ON_ACCESS("lock", smv_lock_access, "access", "access"),
    ON_ACCESS("unlock", smv_unlock_access, "access", "access"),
    ON_ACCESS("end", smv_end_access, "access", "access"),
    ON_ACCESS("reset", smv_reset_access, "letter", "access_letter"),
    {"enter_code", SMV_METHOD_GET, "/access", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        smv_enter_code, &smv_shape_code_view, NULL, "code", "Zugangscode eingeben", .menu = SMV_MENU_NONE},
    {"open_code", SMV_METHOD_POST, "/access", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, ORIGIN, PAGE,
        smv_open_code, &smv_shape_code_view, NULL, "code", "Zugangscode eingeben", .menu = SMV_MENU_NONE, .body = &smv_shape_code_input},
    {"show_invitation", SMV_METHOD_GET, "/access/{code}", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, SAFE, PAGE,
        smv_show_invitation, &smv_shape_code_view, NULL, "password", "Passwort wählen", .menu = SMV_MENU_NONE},
    {"choose_password", SMV_METHOD_POST, "/access/{code}", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, ORIGIN, PAGE,
        smv_choose_password, &smv_shape_code_view, NULL, "password", "Passwort wählen", .menu = SMV_MENU_NONE, .body = &smv_shape_password_input},
    {"renew_password", SMV_METHOD_POST, "/login/password", SMV_ACCESS_PUBLIC, SMV_RIGHT_NONE, SMV_SUBJECT_NONE, ORIGIN, PAGE,
        smv_renew_password, &smv_shape_code_view, NULL, "password", "Neues Passwort wählen", .menu = SMV_MENU_NONE, .body = &smv_shape_password_renewal},
    {"show_log", SMV_METHOD_GET, "/customers/{number}/log", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API,
        smv_show_log, &smv_shape_log_view, NULL, "log", "Wer hat was geändert oder gelesen", .menu = CARD, .log = SMV_LOG_STAFF},
    {"send_own_data", SMV_METHOD_GET, "/customers/{number}/own-data.zip", SMV_ACCESS_RIGHT, SMV_RIGHT_CUSTOMER_VIEW, SMV_SUBJECT_CUSTOMER, SAFE, PAGE | API | FILE_,
        smv_send_own_data, NULL, NULL, NULL, "Alle Daten herunterladen", .menu = CARD, .log = SMV_LOG_EVERYBODY},
};
/* clang-format on */

const int smv_route_count = (int)(sizeof smv_routes / sizeof *smv_routes);
