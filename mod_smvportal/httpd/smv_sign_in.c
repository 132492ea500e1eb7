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

#include "../core/smv_access.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "../core/smv_view_as.h"

APLOG_USE_MODULE(smvportal);

/* Only pages of this portal: no other host, no control characters, no dot segments to climb out with. */
static const char *safe_next(const smv_request_t *request, const char *next)
{
    size_t size = strlen(request->config->base);

    if (!next || strncmp(next, request->config->base, size) != 0 || next[size] != '/' || strstr(next, "//") ||
        strstr(next, "..") || strchr(next, '\\') || strcasestr(next, "%2e") || strcasestr(next, "%2f") ||
        strcasestr(next, "%5c")) {
        return NULL;
    }
    for (const char *at = next; *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            return NULL;
        }
    }
    return next;
}

/* @param notice what was done before; NULL: nothing */
static int show_login(smv_request_t *request, const char *username, const char *next, const char *notice,
                      const smv_error_t *error)
{
    int has_domains;
    smv_record_t *view = smv_record_make(&smv_shape_login_view, request->call.pool);
    smv_list_t *ways;

    smv_set(view, "username", smv_text(username));
    smv_set(view, "next", smv_text(safe_next(request, next)));
    ways = smv_sso_ways(request, safe_next(request, next), &has_domains);
    smv_set(view, "ways", smv_nested_list(ways));
    smv_set(view, "asks_mail", smv_number(has_domains));
    smv_set(view, "has_firms", smv_number(has_domains || ways->count > 0));
    smv_set(view, "asks_code", smv_number(request->config->limits.has_second_factor));
    smv_set(view, "notice", smv_text(notice));
    if (error) {
        smv_prepare_error(request, error);
        smv_set(view, "error", smv_text(error->public_text));
    }
    return smv_respond_page(request, "login", view, error ? error->http_status : HTTP_OK);
}

/* @return the value of the query, decoded; NULL where there is none */
static const char *argument_of(const smv_request_t *request, const char *name)
{
    apr_table_t *arguments;
    const char *value;
    char *decoded;

    ap_args_to_table(request->r, &arguments);
    value = apr_table_get(arguments, name);
    decoded = value ? apr_pstrdup(request->call.pool, value) : NULL;
    for (char *plus = decoded ? strchr(decoded, '+') : NULL; plus; plus = strchr(plus, '+')) {
        *plus = ' ';
    }
    return decoded && ap_unescape_url(decoded) == OK ? decoded : NULL;
}

const char *smv_next_of(const smv_request_t *request)
{
    return safe_next(request, argument_of(request, "next"));
}

/* Whoever names their mail address is led to the sign-in of their firm. */
int smv_login_page(smv_request_t *request)
{
    const char *mail = argument_of(request, "mail"), *next = smv_next_of(request);
    const char *way = mail ? smv_sso_way_of(request, mail, next) : NULL;
    int has_password = request->r->args && strcmp(request->r->args, "done=password") == 0;

    if (way) {
        return smv_redirect(request, way, HTTP_SEE_OTHER);
    }
    return show_login(request, NULL, next,
                      has_password ? "Ihr Passwort ist gespeichert. Sie können sich anmelden." : NULL,
                      mail ? smv_error_saying(request->call.pool, SMV_ERROR_INVALID,
                                              "Zu dieser E-Mail-Adresse kennen wir keine Anmeldung einer Firma.",
                                              "no SmvPortalSsoDomain for a mail address")
                           : NULL);
}

static const smv_error_t *try_sign_in(smv_request_t *request, const smv_form_t *form, char *token)
{
    smv_call_t *call = &request->call;
    const smv_error_t *error = smv_request_authenticate(request, smv_form_text(form, "username"),
                                                        smv_bound_password(form, "password", call->pool), 1);

    if (!error) {
        error = smv_session_start(&request->sessions, token, call->principal, NULL, call->now, call->pool);
    }
    if (!error) {
        error = smv_note_sign_in(request, NULL);
    }
    if (error) {
        call->principal = NULL; /* the page shown next is that of somebody not signed in */
    }
    return error;
}

/* Who may do nothing but choose a new password gets the page for that. */
static int show_renewal(smv_request_t *request, const char *username, const smv_error_t *why)
{
    smv_call_t *call = &request->call;
    smv_named_t named;

    if (smv_route_find(&call->route, &named, SMV_METHOD_POST, "/login/password", SMV_RENDER_PAGE, call->pool)) {
        return show_login(request, username, NULL, NULL, why);
    }
    smv_prepare_error(request, why);
    return smv_respond_page(request, "password", smv_renewal_view(call, username, why), why->http_status);
}

static int refuse(smv_request_t *request, const smv_form_t *form, const char *next, const smv_error_t *error)
{
    const char *username = smv_form_text(form, "username");

    return error->code == SMV_ERROR_PASSWORD_EXPIRED || error->code == SMV_ERROR_PASSWORD_RESET
               ? show_renewal(request, username, error)
               : show_login(request, username, next, NULL, error);
}

/* Where somebody who signed in goes first: to a new password, where the directory wants one soon. */
static const char *first_page(const smv_request_t *request, const char *next)
{
    const smv_sign_in_t *sign_in = &request->sign_in;
    apr_pool_t *pool = request->call.pool;
    const char *base = request->config->base, *wanted = safe_next(request, next);

    if (sign_in->grace >= 0) {
        return apr_psprintf(pool, "%s/password?grace=%d", base, sign_in->grace);
    }
    if (sign_in->expires >= 0) {
        return apr_psprintf(pool, "%s/password?days=%d", base, (sign_in->expires + 86399) / 86400);
    }
    return wanted ? wanted : apr_pstrcat(pool, base, "/", NULL);
}

int smv_sign_in(smv_request_t *request)
{
    char token[SMV_TOKEN_SIZE];
    smv_form_t *form;
    const char *next;
    const smv_error_t *error;

    if ((error = smv_check_origin(request)) || (error = smv_read_form(request, &form))) {
        return smv_respond_error(request, error);
    }
    next = smv_form_text(form, "next");
    error = try_sign_in(request, form, token);
    if (error) {
        return refuse(request, form, next, error);
    }
    smv_cookie_set(request, token);
    return smv_redirect(request, first_page(request, next), HTTP_SEE_OTHER);
}

static const smv_error_t *read_form_of_session(smv_request_t *request, smv_form_t **form)
{
    const smv_error_t *error;

    if ((error = smv_check_origin(request)) || (error = smv_read_form(request, form))) {
        return error;
    }
    return request->has_session &&
                   smv_session_csrf_matches(&request->sessions, &request->session, smv_form_text(*form, "csrf_token"))
               ? NULL
               : smv_error(request->call.pool, SMV_ERROR_FORGED, "no valid csrf_token");
}

/* Back to the customer's page, where the view began. */
int smv_end_view(smv_request_t *request)
{
    const char *place = apr_psprintf(request->call.pool, "%s/customers/%" APR_INT64_T_FMT, request->call.base,
                                     request->session.view.customer);
    int is_viewing = request->session.view.dn != NULL;
    smv_form_t *form;
    const smv_error_t *error = read_form_of_session(request, &form);

    if (!error && is_viewing) {
        error = smv_view_as_end(&request->call, &request->session);
    }
    if (error) {
        return smv_respond_error(request, error);
    }
    return smv_redirect(request, is_viewing ? place : apr_pstrcat(request->call.pool, request->call.base, "/", NULL),
                        HTTP_SEE_OTHER);
}

/* By a page: a form may be redirected within the portal alone (Content-Security-Policy: form-action). */
static int lead_away(smv_request_t *request, const char *away)
{
    request->call.principal = NULL;
    request->call.session = NULL;
    apr_table_setn(request->r->headers_out, "Refresh", apr_pstrcat(request->call.pool, "0; url=", away, NULL));
    return show_login(request, NULL, NULL, "Sie sind abgemeldet und werden nun auch bei Ihrer Firma abgemeldet.", NULL);
}

int smv_sign_out(smv_request_t *request)
{
    const smv_sessions_t *sessions = &request->sessions;
    const char *away;
    smv_form_t *form;
    const smv_error_t *error = read_form_of_session(request, &form);

    if (!error && request->session.view.dn) {
        error = smv_view_as_end(&request->call, &request->session);
    }
    if (error) {
        return smv_respond_error(request, error);
    }
    if (request->call.principal) {
        error = smv_note_sign_out(request, smv_form_text(form, "everywhere") != NULL);
    }
    if (!error) {
        error =
            smv_session_end(sessions, &request->session, smv_form_text(form, "everywhere") != NULL, request->call.pool);
    }
    if (error) {
        return smv_respond_error(request, error);
    }
    smv_cookie_set(request, NULL);
    away = smv_sso_logout(request);
    return away ? lead_away(request, away)
                : smv_redirect(request, apr_pstrcat(request->call.pool, request->config->base, "/login", NULL),
                               HTTP_SEE_OTHER);
}
