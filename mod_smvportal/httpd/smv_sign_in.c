/* SPDX-License-Identifier: Apache-2.0
 *
 * Sign-in by the form, and sign-out.
 */
#include "smv_request.h"

#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_script.h>

#include "../core/smv_record.h"
#include "../core/smv_shapes.h"

APLOG_USE_MODULE(smvportal);

#define MAX_FORM_FIELDS 16
#define MAX_FORM_SIZE 8192
#define FORM_TYPE "application/x-www-form-urlencoded"

/* Reads the form into a table. @return SMV_ERROR_BAD_REQUEST, SMV_ERROR_TOO_LARGE */
static const smv_error_t *read_form(smv_request_t *request, apr_table_t **form)
{
    apr_pool_t *pool = request->call.pool;
    apr_array_header_t *pairs = NULL;
    const char *type = apr_table_get(request->r->headers_in, "Content-Type");
    int status;

    *form = apr_table_make(pool, 4);
    if (!type || strncasecmp(type, FORM_TYPE, strlen(FORM_TYPE)) != 0) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "the request has no form: Content-Type is not " FORM_TYPE);
    }
    status = ap_parse_form_data(request->r, NULL, &pairs, MAX_FORM_FIELDS, MAX_FORM_SIZE);
    if (status != OK || !pairs) {
        return smv_error(pool, status == HTTP_REQUEST_ENTITY_TOO_LARGE ? SMV_ERROR_TOO_LARGE : SMV_ERROR_BAD_REQUEST,
                         "the form cannot be read (%d)", status);
    }
    for (ap_form_pair_t *pair = apr_array_pop(pairs); pair; pair = apr_array_pop(pairs)) {
        char value[MAX_FORM_SIZE + 1];
        apr_size_t size = sizeof value - 1;

        if (apr_brigade_flatten(pair->value, value, &size) != APR_SUCCESS || memchr(value, '\0', size)) {
            return smv_error(pool, SMV_ERROR_BAD_REQUEST, "a field of the form has a NUL byte");
        }
        apr_table_set(*form, pair->name, apr_pstrmemdup(pool, value, size));
    }
    return NULL;
}

/* A browser names where a form came from; a client that names nothing has no session to be misused. */
static const smv_error_t *check_origin(const smv_request_t *request)
{
    request_rec *r = request->r;
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *host = apr_table_get(r->headers_in, "Host");
    const char *own = apr_pstrcat(r->pool, ap_run_http_scheme(r), "://", host ? host : "", NULL);

    if ((site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) ||
        (origin && strcasecmp(origin, own) != 0)) {
        return smv_error(r->pool, SMV_ERROR_FORGED, "a form of %.100s", origin ? origin : site);
    }
    return NULL;
}

/* Only pages of this portal: no other host, no control characters, no dot segments to climb out with. */
static const char *safe_next(const smv_request_t *request, const char *next)
{
    size_t size = strlen(request->config->base);

    if (!next || strncmp(next, request->config->base, size) != 0 || next[size] != '/' || strstr(next, "//") ||
        strstr(next, "..") || strchr(next, '\\')) {
        return NULL;
    }
    for (const char *at = next; *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            return NULL;
        }
    }
    return next;
}

static int show_login(smv_request_t *request, const char *username, const char *next, const smv_error_t *error)
{
    smv_record_t *view = smv_record_make(&smv_shape_login_view, request->call.pool);

    view->values[smv_shape_field(view->shape, "username")] = smv_text(username);
    view->values[smv_shape_field(view->shape, "next")] = smv_text(safe_next(request, next));
    if (error) {
        smv_prepare_error(request, error);
        view->values[smv_shape_field(view->shape, "error")] = smv_text(error->public_text);
    }
    return smv_respond_page(request, "login", view, error ? error->http_status : HTTP_OK);
}

int smv_login_page(smv_request_t *request)
{
    apr_table_t *arguments;

    ap_args_to_table(request->r, &arguments);
    const char *next = apr_table_get(arguments, "next");
    char *decoded = next ? apr_pstrdup(request->call.pool, next) : NULL;

    return show_login(request, NULL, decoded && ap_unescape_url(decoded) == OK ? decoded : NULL, NULL);
}

static const smv_error_t *try_sign_in(smv_request_t *request, const apr_table_t *form, char *token)
{
    smv_call_t *call = &request->call;
    const smv_error_t *error =
        smv_request_authenticate(request, apr_table_get(form, "username"), apr_table_get(form, "password"), 1);

    if (!error) {
        error = smv_session_start(&request->sessions, token, call->principal->dn, call->now, call->pool);
    }
    if (error) {
        call->principal = NULL; /* the page shown next is that of somebody not signed in */
    }
    return error;
}

int smv_sign_in(smv_request_t *request)
{
    char token[SMV_TOKEN_SIZE];
    apr_table_t *form;
    const char *next;
    const smv_error_t *error;

    if ((error = check_origin(request)) || (error = read_form(request, &form))) {
        return smv_respond_error(request, error);
    }
    next = apr_table_get(form, "next");
    error = try_sign_in(request, form, token);
    if (error) {
        return show_login(request, apr_table_get(form, "username"), next, error);
    }
    smv_cookie_set(request, token);
    next = safe_next(request, next);
    return smv_redirect(request, next ? next : apr_pstrcat(request->call.pool, request->config->base, "/", NULL),
                        HTTP_SEE_OTHER);
}

int smv_sign_out(smv_request_t *request)
{
    const smv_sessions_t *sessions = &request->sessions;
    apr_table_t *form;
    const smv_error_t *error;

    if ((error = check_origin(request)) || (error = read_form(request, &form))) {
        return smv_respond_error(request, error);
    }
    if (!request->has_session ||
        !smv_session_csrf_matches(sessions, &request->session, apr_table_get(form, "csrf_token"))) {
        return smv_respond_error(request, smv_error(request->call.pool, SMV_ERROR_FORGED, "no valid csrf_token"));
    }
    error = smv_session_end(sessions, &request->session, apr_table_get(form, "everywhere") != NULL, request->call.pool);
    if (error) {
        return smv_respond_error(request, error);
    }
    smv_cookie_set(request, NULL);
    return smv_redirect(request, apr_pstrcat(request->call.pool, request->config->base, "/login", NULL),
                        HTTP_SEE_OTHER);
}
