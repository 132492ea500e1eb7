/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_route: the one table of everything that the portal answers. Page and API are the same row rendered twice; the
 * menu and the OpenAPI document are made from it. A row that needs a right and names none does not start.
 */
#ifndef SMV_ROUTE_H
#define SMV_ROUTE_H

#include "smv_code.h"
#include "smv_directory.h"
#include "smv_form.h"
#include "smv_format.h"
#include "smv_input.h"
#include "smv_mail.h"
#include "smv_policy.h"
#include "smv_session.h"
#include "smv_store.h"
#include "smv_view.h"

/* HEAD is GET without the body. A page's form can only POST: to the path of a PATCH, and to that of a DELETE with
 * /delete behind it. */
typedef enum { SMV_METHOD_GET, SMV_METHOD_POST, SMV_METHOD_PATCH, SMV_METHOD_DELETE, SMV_METHOD_COUNT } smv_method_e;
extern const char *const smv_method_names[SMV_METHOD_COUNT];

typedef enum {
    SMV_ACCESS_PUBLIC = 1, /* anybody */
    SMV_ACCESS_SIGNED_IN,  /* any principal */
    SMV_ACCESS_RIGHT,      /* a principal with route->right on the subject */
    SMV_ACCESS_COUNT
} smv_access_e;

typedef enum {
    SMV_SUBJECT_NONE,     /* nobody's data */
    SMV_SUBJECT_RANGE,    /* all customers for whom a role grants the right */
    SMV_SUBJECT_STAFF,    /* the same, by roles of a wider scope than one's own customers */
    SMV_SUBJECT_FIRM,     /* what is nobody's yet, by roles for all customers of the firm */
    SMV_SUBJECT_CUSTOMER, /* {number} in the path */
    SMV_SUBJECT_CONTRACT, /* {id} in the path is a contract's */
    SMV_SUBJECT_DOCUMENT, /* {id} in the path is a document's */
    SMV_SUBJECT_DELETED,  /* {id} in the path is a deleted document's */
    SMV_SUBJECT_ROW,      /* {id} in the path is the key of a row of route->resource */
    SMV_SUBJECT_COUNT
} smv_subject_e;

typedef enum {
    SMV_CSRF_SAFE = 1, /* changes nothing */
    SMV_CSRF_ORIGIN,   /* Origin or Sec-Fetch-Site must be this site's */
    SMV_CSRF_TOKEN,    /* the session's token in field csrf_token, and the origin */
    SMV_CSRF_COUNT
} smv_csrf_e;

/* The names of these as `smvportalctl routes` prints them. */
extern const char *const smv_access_names[SMV_ACCESS_COUNT], *const smv_subject_names[SMV_SUBJECT_COUNT],
                                                                 *const smv_csrf_names[SMV_CSRF_COUNT];

/* Whose reading is noted in the customer's log. A page that refuses a change shows the row, too. */
typedef enum {
    SMV_LOG_NOBODY,
    SMV_LOG_STAFF, /* of everybody but the customer */
    SMV_LOG_EVERYBODY
} smv_log_e;

/* Where a page has its link. */
typedef enum {
    SMV_MENU_NONE,
    SMV_MENU_TOP,   /* on every page */
    SMV_MENU_CARD,  /* on the customer card; on the start screen of who may not see that */
    SMV_MENU_ADMIN, /* at the foot of every page: what the firm's own people administer */
    SMV_MENU_BLIND  /* the same, for who may not see the rows, whose page has the link else */
} smv_menu_e;

enum { SMV_RENDER_PAGE = 1, SMV_RENDER_API = 2, SMV_RENDER_FILE = 4 };

/* A file that was sent, checked already: its content waits aside to be kept. */
typedef struct smv_upload_t {
    const char *name;                       /* as the client named it */
    const smv_error_t *error;               /* why it is refused; NULL: it may be kept, and the rest is set */
    const char *content_hash;               /* 64 hex digits */
    const char *media_type;                 /* by its content */
    apr_int64_t size;                       /* bytes */
    const smv_error_t *(*keep)(void *file); /* move the content to where it belongs */
    void *file;
} smv_upload_t;

/* What the firm allows. */
typedef struct smv_limits_t {
    apr_int64_t upload_size;  /* bytes of one file */
    int upload_files;         /* at once */
    const char *upload_types; /* media types, separated by blanks */
    int undo_time;            /* seconds in which a deleted document comes back */
    const char *map_url;      /* an address behind it opens a map; NULL: none does */
    int has_second_factor;    /* the directory may want a code beside the password */
} smv_limits_t;

/* How an invitation gets to its person. */
typedef struct smv_delivery_t {
    const char *url; /* of the portal as people reach it from outside: "https://portal.example/portal" */
    smv_qr_fn *draw;
    const smv_mailer_t *mailer; /* NULL: nothing is mailed */
} smv_delivery_t;

/* What an action is given. Everything lives as long as the request. */
typedef struct smv_call_t {
    const struct smv_route_t *route;
    smv_store_t *store;
    smv_directory_t *directory;
    smv_principal_cache_t *principals; /* to forget those whose account was changed */
    const smv_principal_t *principal;  /* NULL on public routes without a session */
    const smv_permit_t *permit;        /* set where the route needs a right */
    smv_subject_t subject;             /* where the path names one */
    apr_int64_t id;                    /* {id} or {number} of the path, 0 without */
    const char *name;                  /* {login}, {code} or {provider} of the path, NULL without */
    const char *query;                 /* raw, NULL without */
    const smv_form_t *form;            /* what was sent; NULL without a body */
    const smv_upload_t *uploads;       /* files that were sent with it */
    int upload_count;
    const smv_limits_t *limits;
    const smv_session_t *session; /* by which the person is known; NULL without */
    smv_delivery_t delivery;
    /* Log what went wrong beside an answer that is given all the same. */
    void (*report)(const struct smv_call_t *call, const smv_error_t *error);
    smv_markup_fn *clean;   /* what people write with markup */
    const char *if_match;   /* header If-Match, NULL without */
    const char *submission; /* header Idempotency-Key, NULL without */
    const char *address;    /* of the client */
    int rendering;          /* SMV_RENDER_PAGE or SMV_RENDER_API */
    const smv_crypto_t *crypto;
    const char *base; /* URL path of the portal without the last slash: "/portal" */
    smv_language_e language;
    apr_int64_t tenant;
    apr_time_t now;
    apr_pool_t *pool;
} smv_call_t;

/* A file to be sent: its bytes are read by the httpd layer. */
typedef struct smv_file_t {
    const char *content_hash; /* 64 hex digits: the file's name below the documents folder, and its ETag */
    const char *media_type;
    const char *name; /* UTF-8, for Content-Disposition */
    apr_int64_t size; /* bytes */
    int is_download;  /* attachment instead of inline */
} smv_file_t;

/* Files to be sent as one ZIP, made by the httpd layer. */
typedef struct smv_bundle_entry_t {
    const char *folder, *name; /* within the ZIP; folder NULL for none */
    const char *text;          /* its content … */
    apr_size_t text_size;
    const smv_file_t *file; /* … or the file that has it */
} smv_bundle_entry_t;

typedef struct smv_bundle_t {
    const char *name;            /* of the ZIP */
    apr_array_header_t *entries; /* of smv_bundle_entry_t */
} smv_bundle_t;

/* What the frame of every page has of the firm's own. */
typedef struct smv_look_t {
    const smv_record_t *firm; /* of smv_shape_firm */
    const char *theme_href;   /* of a style sheet with the firm's colours; NULL: the portal's own */
    const char *logo_href;
} smv_look_t;

typedef struct smv_answer_t {
    const smv_record_t *view; /* of route->view; NULL where there is nothing to show */
    const smv_file_t *file;   /* SMV_RENDER_FILE … */
    smv_bundle_t *bundle;     /* … or this … */
    const char *style;        /* … or this: CSS */
    int is_lasting;         /* the query names this very file or style sheet: it may be kept for a year by everybody */
    const smv_look_t *look; /* instead of the published one; NULL for that */
    const char *page;       /* instead of route->page, of the same view; NULL for that */
    const char *location;   /* below the base: a page goes there (303), the API names it */
    apr_int64_t version;    /* of the row shown, for its ETag; 0 for none */
    int status;             /* HTTP; 0: 200, or 204 without a view */
    const smv_error_t *refused; /* a password was wrong: noted, and held back like a refused sign-in; NULL: none was */
} smv_answer_t;

typedef const smv_error_t *smv_action_fn(const smv_call_t *call, smv_answer_t *answer);

typedef struct smv_route_t {
    const char *name; /* operationId, snake_case */
    smv_method_e method;
    const char *pattern; /* below the portal's base, and for the API below base/api/v1: "/contracts/{id}" */
    smv_access_e access;
    smv_right_e right; /* SMV_RIGHT_NONE unless access is SMV_ACCESS_RIGHT */
    smv_subject_e subject;
    smv_csrf_e csrf;
    int renderings;
    smv_action_fn *action;   /* NULL: the httpd layer does it (sign-in, sign-out, OpenAPI) */
    const smv_shape_t *view; /* NULL without a rendering of a view */
    const char *api_field;   /* the field of the view that is the API's answer; NULL: the whole view */
    const char *page;        /* template: htdocs/templates/NAME.xhtml; NULL without */
    const char *title;       /* German: of page and menu */
    smv_menu_e menu;
    const smv_resource_t *resource; /* whose rows it is about, NULL for none */
    smv_rightset_t hidden_by;       /* hide rights that take it away */
    smv_log_e log;
    int in_view;             /* changes no data: done in the view as a customer, too */
    int takes_files;         /* the body is multipart/form-data */
    const char *file_types;  /* media types of these, separated by blanks; NULL: those that the firm allows */
    apr_int64_t file_size;   /* of one of these, bytes at most; 0: what the firm allows */
    int is_versioned;        /* no resource, but what it changes has a version, which the request must name */
    const smv_shape_t *body; /* whose inputs are sent, where it is about no resource; NULL for none */
} smv_route_t;

extern const smv_route_t smv_routes[];
extern const int smv_route_count;

/* What a path names. */
typedef struct smv_named_t {
    apr_int64_t id;   /* {id} or {number}: digits only, without leading zeros, at most 18; 0 without */
    const char *name; /* {login}, {code}, {provider}: at most SMV_MAX_PATH_NAME bytes of UTF-8 without control
                         characters; NULL */
} smv_named_t;

#define SMV_MAX_PATH_NAME 128

/* The route of a path below the base (or below base/api/v1 where rendering is SMV_RENDER_API); the first of the table
 * that matches.
 * @param rendering SMV_RENDER_PAGE or SMV_RENDER_API; a file route answers on both
 * @param named out
 * @return SMV_ERROR_NOT_FOUND, SMV_ERROR_METHOD */
const smv_error_t *smv_route_find(const smv_route_t **route, smv_named_t *named, smv_method_e method, const char *path,
                                  int rendering, apr_pool_t *pool);

/* @return the route of that name; NULL where there is none */
const smv_route_t *smv_route_named(const char *name);

/* @return the shape whose inputs are the body of a request for the route; NULL where it has none */
const smv_shape_t *smv_route_body(const smv_route_t *route);

/* Whether the table is whole: each row has access, csrf class, a right where it needs one, an action and a view or
 * template where it renders one. Called at start. @return SMV_ERROR_CONFIGURATION naming the row */
const smv_error_t *smv_routes_check(const smv_route_t *routes, int count, apr_pool_t *pool);

/* Find whom the path of a call is about. @return SMV_ERROR_NOT_FOUND */
const smv_error_t *smv_route_locate(const smv_call_t *call, smv_subject_t *subject);

/* Decide on a call: locates the subject, asks the policy, fills call->subject and call->permit.
 * @return SMV_ERROR_SIGN_IN_NEEDED without a principal, else the store's or the policy's error */
const smv_error_t *smv_route_permit(smv_call_t *call);

/* The links of a place: list of smv_shape_menu_entry. Only entries that the principal may open. */
const smv_list_t *smv_menu(const smv_call_t *call, smv_menu_e place);

/* @return 1 where the call's principal has the customer as one of their own; nobody has in a view as a customer */
int smv_is_own(const smv_call_t *call, apr_int64_t customer);

/* smv_shape_me_role of each of the principal's roles. */
const smv_list_t *smv_me_roles(const smv_call_t *call);

/* Who makes the call, for the logs. */
smv_actor_t smv_actor_of(const smv_call_t *call);

/* Note in the audit log what the call's person does. @return the store's error */
const smv_error_t *smv_call_note(const smv_call_t *call, const smv_event_t *event);

/* Note in the audit log that somebody was not let in. @param login as typed; not more of it is kept than a log can have
 * @param left_out such refusals before this one that were not noted @return the store's error */
const smv_error_t *smv_call_note_refused(const smv_call_t *call, const char *login, const smv_error_t *refused,
                                         int left_out);

/* @return what people call an event's subject: a route by its title, a resource by its label; German */
const char *smv_subject_label(const char *subject);

/* The detail of what was noted and did not come to be, which is noted once more: {"refused":"SMV0203"}. */
const char *smv_refused_detail(const smv_error_t *error, apr_pool_t *pool);

/* Note in the customer's log that the call was answered, where the route wants that and the answer has data: that of a
 * change only where its page shows the row again. */
const smv_error_t *smv_route_log(const smv_call_t *call, const smv_answer_t *answer);

/* Actions, one file of a subject each: smv_start.c, smv_customers.c, smv_rows.c, smv_row_change.c, smv_log.c … */
smv_action_fn smv_show_start, smv_list_customers, smv_show_customer, smv_list_contracts, smv_show_contract,
    smv_list_documents, smv_show_document, smv_send_document, smv_send_documents, smv_import_documents,
    smv_delete_document, smv_restore_document, smv_show_me, smv_show_rights, smv_list_rows, smv_show_row, smv_new_row,
    smv_create_row, smv_edit_row, smv_change_row, smv_delete_row, smv_show_log, smv_show_financial_analysis,
    smv_show_explanation, smv_show_view_as, smv_start_view, smv_send_own_data, smv_list_changes, smv_show_inbox,
    smv_list_expiring, smv_list_endings, smv_mark_done, smv_mark_open, smv_list_accesses, smv_show_access,
    smv_new_access, smv_create_access, smv_lock_access, smv_unlock_access, smv_end_access, smv_reset_access,
    smv_list_audit, smv_send_audit, smv_list_roles, smv_show_role, smv_new_role, smv_create_role, smv_change_role,
    smv_rename_role, smv_delete_role, smv_show_start_screen, smv_change_start_screen, smv_preview_start_screen,
    smv_publish_start_screen, smv_discard_start_screen, smv_list_publications, smv_restore_publication, smv_set_logo,
    smv_delete_logo, smv_send_theme, smv_send_logo, smv_send_screen_theme, smv_send_screen_logo, smv_enter_code,
    smv_open_code, smv_show_invitation, smv_choose_password, smv_edit_password, smv_change_password, smv_renew_password,
    smv_list_unassigned, smv_show_unassigned, smv_send_unassigned, smv_assign_unassigned, smv_dismiss_unassigned,
    smv_restore_unassigned;

/* Upper bound of the parameter limit of list_customers. */
#define SMV_MAX_CUSTOMERS_A_PAGE 200
/* How many documents go into one ZIP. */
#define SMV_MAX_DOCUMENTS_A_ZIP 200
/* Upper bound of the parameter limit of list_unassigned. */
#define SMV_MAX_UNASSIGNED_A_PAGE 200
/* The same of list_changes. */
#define SMV_MAX_CHANGES_A_PAGE 1000

/* OpenAPI 3.1 document of the routes and shapes, written once at start.
 * @param server URL path of the API: "/portal/api/v1" */
void smv_openapi(smv_buffer_t *out, const char *server, apr_pool_t *pool);

#endif
