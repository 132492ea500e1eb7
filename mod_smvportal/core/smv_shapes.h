/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_shapes: the resources of the portal and the views of its pages, each declared once, in smv_shapes.c.
 *
 * The enums name the values of those records that code (not only SQL and templates) touches; a unit test holds them
 * against the fields.
 */
#ifndef SMV_SHAPES_H
#define SMV_SHAPES_H

#include "smv_principal.h"
#include "smv_view.h"

/* Resources: one row of the store each. */
extern const smv_shape_t smv_shape_customer, smv_shape_family_member, smv_shape_contact, smv_shape_communication,
    smv_shape_bank_account, smv_shape_contract, smv_shape_expiring, smv_shape_ending, smv_shape_document,
    smv_shape_deleted_document, smv_shape_unassigned_document, smv_shape_financial_item, smv_shape_attribute,
    smv_shape_firm, smv_shape_change, smv_shape_change_value, smv_shape_reading, smv_shape_start_screen,
    smv_shape_publication;

/* number, kind, salutation, first_name, name, birth_date, street, postal_code, city, and more that is only shown */
enum {
    SMV_CUSTOMER_NUMBER,
    SMV_CUSTOMER_KIND,
    SMV_CUSTOMER_SALUTATION,
    SMV_CUSTOMER_FIRST_NAME,
    SMV_CUSTOMER_NAME,
    SMV_CUSTOMER_BIRTH_DATE,
    SMV_CUSTOMER_STREET,
    SMV_CUSTOMER_POSTAL_CODE,
    SMV_CUSTOMER_CITY
};
/* id, customer, number, insurer, tariff, sum_insured, start_date, end_date, status, note, premium, payment_mode,
 * document_count */
enum {
    SMV_CONTRACT_ID,
    SMV_CONTRACT_CUSTOMER,
    SMV_CONTRACT_NUMBER,
    SMV_CONTRACT_INSURER,
    SMV_CONTRACT_TARIFF,
    SMV_CONTRACT_SUM_INSURED,
    SMV_CONTRACT_START_DATE,
    SMV_CONTRACT_END_DATE,
    SMV_CONTRACT_STATUS,
    SMV_CONTRACT_NOTE,
    SMV_CONTRACT_PREMIUM,
    SMV_CONTRACT_PAYMENT_MODE,
    SMV_CONTRACT_DOCUMENT_COUNT
};
/* id, customer, number, insurer, tariff, end_date */
enum { SMV_ENDING_ID, SMV_ENDING_CUSTOMER, SMV_ENDING_NUMBER, SMV_ENDING_INSURER, SMV_ENDING_TARIFF, SMV_ENDING_DATE };
/* id, customer, kind, value, usage, note, version */
enum { SMV_COMMUNICATION_ID, SMV_COMMUNICATION_CUSTOMER, SMV_COMMUNICATION_KIND, SMV_COMMUNICATION_VALUE };
/* id, customer, contract (id or null), contract_number, name, kind, date, size, media_type, added_by, version,
 * content_hash (page_only) */
enum {
    SMV_DOCUMENT_ID,
    SMV_DOCUMENT_CUSTOMER,
    SMV_DOCUMENT_CONTRACT,
    SMV_DOCUMENT_CONTRACT_NUMBER,
    SMV_DOCUMENT_NAME,
    SMV_DOCUMENT_KIND,
    SMV_DOCUMENT_DATE,
    SMV_DOCUMENT_SIZE,
    SMV_DOCUMENT_MEDIA_TYPE,
    SMV_DOCUMENT_ADDED_BY,
    SMV_DOCUMENT_VERSION,
    SMV_DOCUMENT_CONTENT_HASH
};
/* id, name, kind, date, size, media_type, title, said_customer, said_contract, said_insurer (as the delivery says),
 * reason, delivery (id), delivery_file, delivery_time, dismissed_time, dismissed_by, content_hash (page_only) */
enum {
    SMV_UNASSIGNED_ID,
    SMV_UNASSIGNED_NAME,
    SMV_UNASSIGNED_KIND,
    SMV_UNASSIGNED_DATE,
    SMV_UNASSIGNED_SIZE,
    SMV_UNASSIGNED_MEDIA_TYPE,
    SMV_UNASSIGNED_TITLE,
    SMV_UNASSIGNED_SAID_CUSTOMER,
    SMV_UNASSIGNED_SAID_CONTRACT,
    SMV_UNASSIGNED_SAID_INSURER,
    SMV_UNASSIGNED_REASON,
    SMV_UNASSIGNED_DELIVERY,
    SMV_UNASSIGNED_DELIVERY_FILE,
    SMV_UNASSIGNED_DELIVERY_TIME,
    SMV_UNASSIGNED_DISMISSED_TIME,
    SMV_UNASSIGNED_DISMISSED_BY,
    SMV_UNASSIGNED_CONTENT_HASH
};
/* tenant, name, and of its start screen what the frame and letters show, too: welcome_title, welcome_text,
 * contact_name, contact_role, contact_phone, contact_mail, contact_address, imprint_url, privacy_url, logo_hash,
 * publication */
enum {
    SMV_FIRM_TENANT,
    SMV_FIRM_NAME,
    SMV_FIRM_WELCOME_TITLE,
    SMV_FIRM_WELCOME_TEXT,
    SMV_FIRM_CONTACT_NAME,
    SMV_FIRM_CONTACT_ROLE,
    SMV_FIRM_CONTACT_PHONE,
    SMV_FIRM_CONTACT_MAIL,
    SMV_FIRM_CONTACT_ADDRESS,
    SMV_FIRM_IMPRINT_URL,
    SMV_FIRM_PRIVACY_URL,
    SMV_FIRM_LOGO_HASH,
    SMV_FIRM_PUBLICATION
};
/* id (0: the draft), version, time, login, name, restored, logo_hash, logo_media_type, logo_size, and what people write
 */
enum {
    SMV_SCREEN_ID,
    SMV_SCREEN_VERSION,
    SMV_SCREEN_TIME,
    SMV_SCREEN_LOGIN,
    SMV_SCREEN_NAME,
    SMV_SCREEN_RESTORED,
    SMV_SCREEN_LOGO_HASH,
    SMV_SCREEN_LOGO_MEDIA_TYPE,
    SMV_SCREEN_LOGO_SIZE,
    SMV_SCREEN_FIRST_INPUT
};

/* id, time, customer, resource, row, kind, login, name, address, channel, old, new, done_time, done_by */
enum {
    SMV_CHANGE_ID,
    SMV_CHANGE_TIME,
    SMV_CHANGE_CUSTOMER,
    SMV_CHANGE_RESOURCE,
    SMV_CHANGE_ROW,
    SMV_CHANGE_KIND,
    SMV_CHANGE_LOGIN,
    SMV_CHANGE_NAME,
    SMV_CHANGE_ADDRESS,
    SMV_CHANGE_CHANNEL,
    SMV_CHANGE_OLD,
    SMV_CHANGE_NEW,
    SMV_CHANGE_DONE_TIME,
    SMV_CHANGE_DONE_BY
};
/* id (of the change), field, old, new: one value that a change set */
enum { SMV_CHANGE_VALUE_ID, SMV_CHANGE_VALUE_FIELD, SMV_CHANGE_VALUE_OLD, SMV_CHANGE_VALUE_NEW };
/* id, time, customer, kind, subject (name of a route, where it was read), row, login, name, address, channel */
enum {
    SMV_READING_ID,
    SMV_READING_TIME,
    SMV_READING_CUSTOMER,
    SMV_READING_KIND,
    SMV_READING_SUBJECT,
    SMV_READING_ROW,
    SMV_READING_LOGIN,
    SMV_READING_NAME,
    SMV_READING_ADDRESS,
    SMV_READING_CHANNEL
};

/* id, kind, label, amount, needed, as_of */
enum {
    SMV_FINANCIAL_ID,
    SMV_FINANCIAL_KIND,
    SMV_FINANCIAL_LABEL,
    SMV_FINANCIAL_AMOUNT,
    SMV_FINANCIAL_NEEDED,
    SMV_FINANCIAL_AS_OF
};
/* entry (DN), attribute, value */
enum { SMV_ATTRIBUTE_ENTRY, SMV_ATTRIBUTE_NAME, SMV_ATTRIBUTE_VALUE };

/* What the JSON API alone knows: GET /me */
extern const smv_shape_t smv_shape_me, smv_shape_me_role, smv_shape_me_right;

/* The frame of every page, `page/…` in templates: title, language, base, firm_name, user_name, is_signed_in,
 * csrf_token, menu (label, href, is_current), admin_menu (the same), view_as (whose view it is), module_notice and
 * module_until (for staff), logo_href, theme_href (a style sheet), imprint_href, privacy_href, is_read_only (the
 * directory is away, and nothing can be changed) */
extern const smv_shape_t smv_shape_page, smv_shape_menu_entry;
enum {
    SMV_PAGE_TITLE,
    SMV_PAGE_LANGUAGE,
    SMV_PAGE_BASE,
    SMV_PAGE_FIRM_NAME,
    SMV_PAGE_USER_NAME,
    SMV_PAGE_IS_SIGNED_IN,
    SMV_PAGE_CSRF_TOKEN,
    SMV_PAGE_MENU,
    SMV_PAGE_ADMIN_MENU,
    SMV_PAGE_VIEW_AS,
    SMV_PAGE_MODULE_NOTICE,
    SMV_PAGE_MODULE_UNTIL,
    SMV_PAGE_LOGO_HREF,
    SMV_PAGE_THEME_HREF,
    SMV_PAGE_IMPRINT_HREF,
    SMV_PAGE_PRIVACY_HREF,
    SMV_PAGE_IS_READ_ONLY
};
enum { SMV_MENU_LABEL, SMV_MENU_HREF, SMV_MENU_IS_CURRENT };

/* A value as a page shows it: one of text, msgid (of the catalogue), date and time; label names it. */
extern const smv_shape_t smv_shape_cell;
enum {
    SMV_CELL_LABEL,
    SMV_CELL_TEXT,
    SMV_CELL_MSGID,
    SMV_CELL_DATE,
    SMV_CELL_TIME,
    SMV_CELL_LINK_HREF,
    SMV_CELL_IS_EMPTY
};

/* Views, `view/…` in templates. Their fields: smv_shapes.c. */
extern const smv_shape_t smv_shape_login_view; /* username, error, next, notice, ways */
extern const smv_shape_t smv_shape_sso_way, smv_shape_sso_view;
extern const smv_shape_t smv_shape_start_view;     /* firm, tiles (label, text, href, number), and more for staff */
extern const smv_shape_t smv_shape_customers_view; /* customers, next_href, words, lines */
extern const smv_shape_t smv_shape_endings_view, smv_shape_ending_line;
/* A customer in a list of staff: number, name, href, birth_date, postal_code, city, tel_href, mail_href, map_href */
extern const smv_shape_t smv_shape_customer_line;
enum { SMV_CUSTOMER_LINE_NUMBER, SMV_CUSTOMER_LINE_NAME, SMV_CUSTOMER_LINE_HREF };
extern const smv_shape_t smv_shape_customer_view;
extern const smv_shape_t smv_shape_rows_view, smv_shape_row, smv_shape_row_view;
extern const smv_shape_t smv_shape_form_view, smv_shape_form_field, smv_shape_option, smv_shape_problem_line;
extern const smv_shape_t smv_shape_log_view, smv_shape_log_entry, smv_shape_value_line;
extern const smv_shape_t smv_shape_changes_view, smv_shape_inbox_entry;
extern const smv_shape_t smv_shape_financial_analysis, smv_shape_financial_chart, smv_shape_financial_bar,
    smv_shape_financial_group;
extern const smv_shape_t smv_shape_rights_view, smv_shape_rights_row, smv_shape_right_line;
extern const smv_shape_t smv_shape_contracts_view; /* customer (number), contracts, can_list_documents */
extern const smv_shape_t smv_shape_contract_view;  /* contract, documents, can_list_documents, can_view_documents */
extern const smv_shape_t smv_shape_documents_view, smv_shape_upload_problem;
extern const smv_shape_t smv_shape_document_view;
/* Documents that are nobody's yet: the one view of their pages and answers, a contract that may be the one, and what is
 * sent to make one somebody's. */
extern const smv_shape_t smv_shape_unassigned_view, smv_shape_proposal, smv_shape_assignment;
enum { SMV_ASSIGNMENT_CUSTOMER, SMV_ASSIGNMENT_CONTRACT, SMV_ASSIGNMENT_KIND };
extern const smv_shape_t smv_shape_problem_view; /* status, title, detail, code */
extern const smv_shape_t smv_shape_explanation, smv_shape_explained_role, smv_shape_role_source,
    smv_shape_explained_fault, smv_shape_explain_view;
extern const smv_shape_t smv_shape_view_as, smv_shape_view_as_view, smv_shape_viewed_account;
/* Accesses of customers: the one view of their pages and answers, what it has, and what is sent. */
extern const smv_shape_t smv_shape_access_view, smv_shape_access, smv_shape_access_customer, smv_shape_access_letter,
    smv_shape_access_input;
/* The pages of invitations, which anybody may open, and of a person's own password. */
extern const smv_shape_t smv_shape_code_view, smv_shape_code_input, smv_shape_password_input, smv_shape_password_change,
    smv_shape_password_renewal;
/* Roles: the one view of their pages and answers, one role, a row of the grid, and what is sent to make, change and
 * rename one. The fields of the rights are named by their ids. */
extern const smv_shape_t smv_shape_role_view, smv_shape_role, smv_shape_role_row, smv_shape_role_new,
    smv_shape_role_change, smv_shape_role_name;
/* The codes of the field scope, by smv_scope_e. */
extern const char *const smv_scope_codes[SMV_SCOPE_COUNT];
/* The editor of the start screen: its view, a group of fields of its form, and how well two colours can be told apart.
 */
extern const smv_shape_t smv_shape_start_screen_view, smv_shape_form_group, smv_shape_contrast, smv_shape_news;
/* The audit log: a row of it, a line of its page, and the view. */
extern const smv_shape_t smv_shape_audit, smv_shape_audit_line, smv_shape_audit_view;
enum {
    SMV_AUDIT_ID,
    SMV_AUDIT_TIME,
    SMV_AUDIT_KIND,
    SMV_AUDIT_SUBJECT,
    SMV_AUDIT_OBJECT,
    SMV_AUDIT_CUSTOMER,
    SMV_AUDIT_ROW,
    SMV_AUDIT_LOGIN,
    SMV_AUDIT_NAME,
    SMV_AUDIT_ADDRESS,
    SMV_AUDIT_CHANNEL,
    SMV_AUDIT_DETAIL
};
/* A session, for who runs the portal. */
extern const smv_shape_t smv_shape_session;
enum {
    SMV_SESSION_LOGIN,
    SMV_SESSION_NAME,
    SMV_SESSION_SINCE,
    SMV_SESSION_LAST_USED,
    SMV_SESSION_BOUND_TO,
    SMV_SESSION_VIEW_NAME,
    SMV_SESSION_DN
};
extern const smv_shape_t smv_shape_tile;
enum { SMV_TILE_LABEL, SMV_TILE_TEXT, SMV_TILE_HREF, SMV_TILE_NUMBER };

#endif
