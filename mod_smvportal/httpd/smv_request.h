/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_request: one request of the portal, from request_rec to the answer.
 *
 * Lives in the request's pool; used by the one thread that serves the request.
 */
#ifndef SMV_REQUEST_H
#define SMV_REQUEST_H

#include "../core/smv_route.h"
#include "smv_config.h"

typedef struct smv_request_t {
    request_rec *r;
    smv_config_t *config;
    const char *path;  /* below the base, or below base/api/v1 */
    int rendering;     /* SMV_RENDER_PAGE or SMV_RENDER_API */
    int is_identified; /* whether session and principal were looked for */
    int is_early;      /* who it is will only be known when httpd has asked the provider's module */
    int is_handled;    /* httpd has asked every module by now */
    int has_session;
    apr_off_t file_size;       /* of the file that is being sent */
    int is_guarded;            /* Require smv-right, smv-role or smv-customer asked who this is */
    const smv_look_t *look;    /* of the answer's frame; NULL: as it is published */
    const smv_error_t *closed; /* in the view as a customer: what the customer would be told instead; NULL: nothing */
    smv_sign_in_t sign_in;     /* what the directory said of the password, where one was sent */
    smv_session_t session;
    smv_sessions_t sessions; /* with the store of this request */
    smv_call_t call;
} smv_request_t;

/* The request of a portal; made where the URL is the portal's, or where an authorization asks for it. */
smv_request_t *smv_request_of(request_rec *r);

/* Reach the data: fills call.store. @return SMV_ERROR_DATABASE_AWAY and its like */
const smv_error_t *smv_request_open(smv_request_t *request);

/* Hold no database connection any longer, before a client or another server is waited for. */
void smv_request_release(const smv_request_t *request);

/* Find out who asks: by the session cookie, else for the API by Basic authentication. A person without either is no
 * error: call.principal stays NULL. @return the directory's or the store's error */
const smv_error_t *smv_request_identify(smv_request_t *request, int may_use_basic);

/* @return 1 where a request for another part of the same httpd must be refused: neither a view as a customer nor
 * remembered rights change anything */
int smv_request_is_refused(const smv_request_t *request);

/* Sign in by login and password, for this request: fills call.principal and r->user.
 * @param is_fresh whether the roles are read anew, not from the cache
 * @return the directory's error, SMV_ERROR_CONFIGURATION where the account belongs to another tenant */
const smv_error_t *smv_request_authenticate(smv_request_t *request, const char *login, const char *password,
                                            int is_fresh);

/* SMV_LOGIN, SMV_ROLES, SMV_RIGHTS and SMV_CUSTOMERS in the request's environment, of call.principal; on the portal's
 * own pages SMV_LOGIN alone (smv_environment.c). */
void smv_set_environment(const smv_request_t *request);

/* Take an account as who asks, whatever let it in, with its roles read anew. @return as smv_request_authenticate */
const smv_error_t *smv_request_enter(smv_request_t *request, const char *dn);

/* Wait until SmvPortalRefusalTime is over since it begun. */
void smv_request_wait_to_refuse(const smv_request_t *request, apr_time_t begun);

/* Cookies (smv_cookie.c). set: token NULL expires it. */
const char *smv_cookie_get(const smv_request_t *request);
void smv_cookie_set(const smv_request_t *request, const char *token);

/* What is sent to be changed (smv_body.c). */
/* A browser names where a request came from; a client that names nothing has no session to be misused.
 * @return SMV_ERROR_FORGED for a request that a page of another site made */
const smv_error_t *smv_check_origin(const smv_request_t *request);
/* Read the body: a form on pages, JSON for the API.
 * @return SMV_ERROR_MEDIA_TYPE, SMV_ERROR_TOO_LARGE, SMV_ERROR_BAD_REQUEST, SMV_ERROR_INVALID */
const smv_error_t *smv_read_body(const smv_request_t *request, smv_form_t **form);
/* Read multipart/form-data: fields into call.form, files aside into call.uploads, each checked as it comes. Memory does
 * not grow with them. @return the same, SMV_ERROR_STORAGE */
const smv_error_t *smv_read_upload(smv_request_t *request);
/* The same of a form, whatever the rendering. */
const smv_error_t *smv_read_form(const smv_request_t *request, smv_form_t **form);

/* Sign-in and sign-out (smv_sign_in.c); return an httpd status. */
int smv_login_page(smv_request_t *request);
int smv_sign_in(smv_request_t *request);
int smv_sign_out(smv_request_t *request);
int smv_end_view(smv_request_t *request);

/* @return the page of this portal that the query wants after signing in; NULL where it is none */
const char *smv_next_of(const smv_request_t *request);

/* Single sign-on (smv_sso.c). */
int smv_sso_sign_in(smv_request_t *request);
/* Whether the provider's session is still there that a session is bound to. */
typedef enum {
    SMV_SSO_LASTS,
    SMV_SSO_ENDED,
    SMV_SSO_NOT_YET, /* httpd has not asked by now who asks */
    SMV_SSO_NOT_HERE /* nothing at this URL knows of it */
} smv_sso_state_e;
smv_sso_state_e smv_sso_state_of(const smv_request_t *request, const char *bound_to);
/* @return where the session's provider is told of a sign-out; NULL where it is not */
const char *smv_sso_logout(const smv_request_t *request);
/* Who asks, where each request says so (SmvPortalSsoRequests). @param dn out: NULL where nobody is said */
const smv_error_t *smv_sso_identify(smv_request_t *request, const char **dn);
/* @return the providers that the login page offers: smv_shape_sso_way @param has_domains out: some are found by mail */
smv_list_t *smv_sso_ways(const smv_request_t *request, const char *next, int *has_domains);
/* @return where somebody of that address signs in; NULL where no provider has its domain */
const char *smv_sso_way_of(const smv_request_t *request, const char *mail, const char *next);
/* Hook post_read_request: takes away headers that only modules of this httpd may set. */
int smv_sso_strip(request_rec *r);

/* Note in the audit log that somebody signed in, out, or was refused (smv_sign_in_log.c).
 * @param login as typed; never more is kept of what was typed @param detail JSON, NULL: by the form */
const smv_error_t *smv_note_sign_in(const smv_request_t *request, const char *detail);
const smv_error_t *smv_note_sign_out(const smv_request_t *request, int is_everywhere);
void smv_note_refusal(const smv_request_t *request, const char *login, const smv_error_t *refused);

/* The headers of every answer, be it the portal's or httpd's own (smv_respond.c). Set before anything can fail. */
void smv_set_headers(const smv_request_t *request);

/* Answers (smv_respond.c); return an httpd status. */
int smv_respond(smv_request_t *request, const smv_answer_t *answer);
int smv_respond_page(smv_request_t *request, const char *page, const smv_record_t *view, int status);
int smv_respond_error(smv_request_t *request, const smv_error_t *error);
int smv_respond_bytes(smv_request_t *request, const char *media_type, const char *data, apr_size_t size);
/* Log an error, say when to come again, and keep its page from waiting for a database that failed once more. */
void smv_prepare_error(smv_request_t *request, const smv_error_t *error);
int smv_redirect(smv_request_t *request, const char *location, int status);
void smv_log_error(const smv_request_t *request, const smv_error_t *error);

/* Files (smv_file_send.c, smv_assets.c); return an httpd status. */
int smv_send_file(smv_request_t *request, const smv_answer_t *answer);
int smv_send_style(smv_request_t *request, const smv_answer_t *answer);
int smv_send_asset(smv_request_t *request, const char *name);
int smv_send_bundle(smv_request_t *request, const smv_bundle_t *bundle);
/* @return where the content of that hash is: SmvPortalDocuments/ab/abcdef… */
const char *smv_content_path(const smv_request_t *request, const char *content_hash);
/* Say that the answer is a file of that name. */
void smv_name_file(request_rec *r, const char *name, int is_attachment);

/* What both are made of (smv_file_send.c). */
/* @return 1 where path is a file that can be read; info has its type and size */
int smv_open_file(apr_file_t **file, apr_finfo_t *info, const char *path, apr_pool_t *pool);
/* How long an answer that is not of one person may be kept. */
void smv_set_lasting(request_rec *r, int is_lasting);
/* In place of what smv_set_headers said. Not in err_headers_out, so that an error is never kept by a cache. */
void smv_replace_header(request_rec *r, const char *name, const char *value);
/* @param etag quoted; NULL: what is made for this answer alone, which has no ranges. ETag, conditional requests (RFC
 * 9110, 13) and ranges are httpd's own work from here. */
int smv_send_opened(request_rec *r, apr_file_t *file, apr_off_t size, const char *etag);

/* AuthType smvportal and AuthBasicProvider smvportal (smv_authn.c); Require smv-right, smv-role and smv-customer
 * (smv_authz.c). */
void smv_authn_register(apr_pool_t *pool);
void smv_authz_register(apr_pool_t *pool);

#endif
