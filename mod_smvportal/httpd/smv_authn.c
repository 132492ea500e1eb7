/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks, for the rest of the same httpd: AuthType smvportal and AuthBasicProvider smvportal.
 *
 * A person with a portal session passes without a password, wherever the browser sends its cookie (smv_cookie.c).
 * Others are asked by the AuthType of that URL; with AuthType smvportal, or none, they are sent to the login page.
 */
#include "smv_request.h"

#include <ap_provider.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_auth.h>

static authn_status check_password(request_rec *r, const char *login, const char *password)
{
    smv_request_t *request = smv_request_of(r);
    const smv_error_t *error;

    if (request->config->is_enabled != 1) {
        return AUTH_GENERAL_ERROR;
    }
    error = smv_request_authenticate(request, login, password, 0);
    if (!error) {
        return AUTH_GRANTED;
    }
    smv_log_error(request, error);
    return error->http_status >= 500 ? AUTH_GENERAL_ERROR : AUTH_DENIED;
}

static const authn_provider password_provider = {check_password, NULL};

static int lead_to_login(request_rec *r, const smv_config_t *config)
{
    if (r->method_number != M_GET) {
        return HTTP_FORBIDDEN;
    }
    apr_table_setn(r->headers_out, "Location", apr_pstrcat(r->pool, config->base, "/login", NULL));
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return HTTP_SEE_OTHER;
}

/* AuthType smvportal, and no AuthType where Require smv-right or smv-role asks: the session, else the login page. */
static int check_session(request_rec *r)
{
    smv_request_t *request = smv_request_of(r);
    const char *type = ap_auth_type(r);
    const smv_error_t *error;

    if (request->config->is_enabled != 1 || !(type ? strcasecmp(type, "smvportal") == 0 : request->is_guarded)) {
        return DECLINED;
    }
    error = smv_request_identify(request, 0);
    smv_request_release(request);
    if (error) {
        smv_log_error(request, error);
        return error->http_status;
    }
    if (smv_request_is_refused(request)) {
        return HTTP_FORBIDDEN;
    }
    if (!request->call.principal) {
        return lead_to_login(r, request->config);
    }
    r->user = (char *)request->call.principal->login;
    r->ap_auth_type = "smvportal";
    return OK;
}

void smv_authn_register(apr_pool_t *pool)
{
    ap_hook_check_authn(check_session, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHN_PROVIDER_GROUP, "smvportal", AUTHN_PROVIDER_VERSION, &password_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}
