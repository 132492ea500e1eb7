/* SPDX-License-Identifier: Apache-2.0 */

#include "smv_request.h"

#include <http_core.h>
#include <http_protocol.h>
#include <stddef.h>

#include "../core/smv_view_as.h"
#include "../port/smv_crypto.h"
#include "../port/smv_markup.h"
#include "../port/smv_qr_code.h"

static void report(const smv_call_t *call, const smv_error_t *error)
{
    smv_log_error((const smv_request_t *)((const char *)call - offsetof(smv_request_t, call)), error);
}

static smv_delivery_t delivery_of(request_rec *r, const smv_config_t *config)
{
    return (smv_delivery_t){.url = config->url ? config->url : ap_construct_url(r->pool, config->base, r),
                            .draw = smv_qr_code_make,
                            .mailer = config->mailer};
}

smv_request_t *smv_request_of(request_rec *r)
{
    smv_request_t *request = ap_get_module_config(r->request_config, &smvportal_module);

    if (!request) {
        request = apr_pcalloc(r->pool, sizeof *request);
        request->r = r;
        request->config = smv_config_of(r->server);
        request->call.base = request->config->base;
        request->call.tenant = request->config->tenant;
        request->call.language = smv_language_of(apr_table_get(r->headers_in, "Accept-Language"));
        request->call.query = r->args;
        request->call.if_match = apr_table_get(r->headers_in, "If-Match");
        request->call.submission = apr_table_get(r->headers_in, "Idempotency-Key");
        request->call.address = r->useragent_ip;
        request->call.crypto = &smv_crypto;
        request->call.clean = smv_markup_clean;
        request->call.limits = &request->config->limits;
        request->call.delivery = delivery_of(r, request->config);
        request->call.report = report;
        request->call.now = r->request_time;
        request->call.pool = r->pool;
        ap_set_module_config(r->request_config, &smvportal_module, request);
    }
    return request;
}

/* One for all that the request asks, so that it waits no longer than for one answer. */
static smv_directory_t *directory_of(smv_request_t *request)
{
    smv_directory_t *directory = request->config->opened->directory;

    if (!request->call.directory) {
        request->call.directory = directory->for_request(directory, request->call.pool);
    }
    return request->call.directory;
}

const smv_error_t *smv_request_open(smv_request_t *request)
{
    smv_store_t *store;
    const smv_error_t *error;

    if (request->call.store) {
        return NULL;
    }
    error = smv_child_store(request->config, &store, request->call.pool);
    if (!error) {
        request->call.store = store->for_request(store, request->call.pool);
        directory_of(request);
        request->call.principals = request->config->opened->principals;
        request->sessions = request->config->opened->sessions;
        request->sessions.store = request->call.store;
    }
    return error;
}

void smv_request_release(const smv_request_t *request)
{
    if (request->call.store) {
        request->call.store->release(request->call.store);
    }
}

static const smv_error_t *find_principal(smv_request_t *request, const smv_principal_t **principal, const char *dn)
{
    smv_principal_cache_t *principals = request->config->opened->principals;
    smv_call_t *call = &request->call;

    *principal = smv_principal_cache_find(principals, dn, call->now, call->pool);
    if (*principal) {
        return NULL;
    }
    smv_request_release(request); /* a slow directory must not use up the database connections */
    return smv_principal_cache_get(principals, directory_of(request), principal, dn, call->now, call->pool);
}

static const smv_error_t *load(smv_request_t *request, const char *dn)
{
    const smv_principal_t *principal;
    const smv_error_t *error = find_principal(request, &principal, dn);

    if (error) {
        return error;
    }
    if (principal->tenant != request->call.tenant) {
        return smv_error(request->call.pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalTenant is %" APR_INT64_T_FMT ", but smvMandantNr of %s is %" APR_INT64_T_FMT,
                         request->call.tenant, request->config->ldap.said.base, principal->tenant);
    }
    request->call.principal = principal;
    if (!request->r->user || !*request->r->user) {
        request->r->user = (char *)principal->login; /* for the access log, and for other modules */
    }
    return NULL;
}

/* From here on the request sees what the account may see: its cookie says no more than who looks. */
static const smv_error_t *enter_view(smv_request_t *request)
{
    smv_call_t *call = &request->call;
    const smv_principal_t *account = NULL;

    if (!smv_view_as_lasts(call)) {
        return smv_view_as_end(call, &request->session);
    }
    request->closed = find_principal(request, &account, request->session.view.dn);
    return smv_view_as_enter(call, request->closed ? NULL : account, &request->closed);
}

int smv_request_is_refused(const smv_request_t *request)
{
    const smv_principal_t *principal = request->call.principal;

    return request->closed ||
           (principal && (principal->viewing || principal->is_remembered) && request->r->method_number != M_GET);
}

/* An account that is unlocked again has to sign in anew. */
static void end_sessions(smv_request_t *request)
{
    const smv_error_t *error = smv_session_end(&request->sessions, &request->session, 1, request->call.pool);

    if (error) {
        smv_log_error(request, error);
    }
}

/* A session that ends with the provider's: signing out there signs out here. */
static int lasts(smv_request_t *request)
{
    smv_sso_state_e state = smv_sso_state_of(request, request->session.bound_to);
    const smv_error_t *error =
        state == SMV_SSO_ENDED ? smv_session_end(&request->sessions, &request->session, 0, request->call.pool) : NULL;

    request->is_early = state == SMV_SSO_NOT_YET;
    if (error) {
        smv_log_error(request, error);
    }
    return state == SMV_SSO_LASTS;
}

static const smv_error_t *identify_by_cookie(smv_request_t *request)
{
    const char *token = smv_cookie_get(request);
    const smv_error_t *error;

    if (!token) {
        return NULL;
    }
    error = smv_session_find(&request->sessions, &request->session, token, request->call.now, request->call.pool);
    if (error) {
        return error->code == SMV_ERROR_SIGN_IN_NEEDED ? NULL : error;
    }
    if (request->session.bound_to && !lasts(request)) {
        return NULL;
    }
    request->has_session = 1;
    request->call.session = &request->session;
    error = load(request, request->session.dn);
    if (!error && !smv_session_is_of(&request->session, request->call.principal, request->call.pool)) {
        request->call.principal = NULL;
        request->r->user = NULL;
        return smv_session_end(&request->sessions, &request->session, 0, request->call.pool);
    }
    if (error && error->code == SMV_ERROR_LOCKED) {
        end_sessions(request);
    }
    return error || !request->session.view.dn ? error : enter_view(request);
}

static const smv_error_t *authenticate(smv_request_t *request, const char *login, const char *password, int is_fresh)
{
    smv_directory_t *directory = directory_of(request);
    const smv_error_t *error =
        directory->authenticate(directory, &request->sign_in, login, password, request->call.pool);

    if (!error && is_fresh) {
        smv_principal_cache_forget(request->config->opened->principals, request->sign_in.dn);
    }
    return error ? error : load(request, request->sign_in.dn);
}

/* Whatever was found out, a refusal takes the same time: otherwise it would tell whether a login or a code exists. */
void smv_request_wait_to_refuse(const smv_request_t *request, apr_time_t begun)
{
    apr_time_t left = begun + apr_time_from_msec(request->config->refusal_time) - apr_time_now();

    if (left > 0) {
        apr_sleep(left);
    }
}

static const smv_error_t *done(smv_request_t *request, const smv_error_t *error)
{
    request->is_identified = error == NULL && !request->is_early;
    if (!error && request->call.principal && !request->closed) {
        smv_set_environment(request);
    }
    return error;
}

const smv_error_t *smv_request_enter(smv_request_t *request, const char *dn)
{
    smv_principal_cache_forget(request->config->opened->principals, dn);
    return done(request, load(request, dn));
}

const smv_error_t *smv_request_authenticate(smv_request_t *request, const char *login, const char *password,
                                            int is_fresh)
{
    apr_time_t begun = apr_time_now();
    const smv_error_t *error;

    if (!request->config->opened) {
        return smv_error(request->call.pool, SMV_ERROR_DIRECTORY_AWAY,
                         "this process could not set up the portal; restart httpd");
    }
    smv_request_release(request);
    error = authenticate(request, login, password, is_fresh);
    if (error && error->http_status < HTTP_INTERNAL_SERVER_ERROR) {
        smv_note_refusal(request, login, error);
        smv_request_wait_to_refuse(request, begun);
    }
    return done(request, error);
}

static const smv_error_t *identify_by_basic(smv_request_t *request)
{
    const char *login, *password;

    return ap_get_basic_auth_components(request->r, &login, &password) == APR_SUCCESS
               ? smv_request_authenticate(request, login, password, 0)
               : NULL;
}

static const smv_error_t *identify_by_provider(smv_request_t *request)
{
    const char *dn;
    const smv_error_t *error = smv_sso_identify(request, &dn);

    return error || !dn ? error : load(request, dn);
}

const smv_error_t *smv_request_identify(smv_request_t *request, int may_use_basic)
{
    const smv_error_t *error = NULL;

    if (request->is_identified) {
        return NULL;
    }
    error = smv_request_open(request);
    if (!error) {
        error = identify_by_cookie(request);
    }
    if (!error && !request->call.principal && may_use_basic) {
        error = identify_by_provider(request);
    }
    if (!error && !request->call.principal && may_use_basic) {
        error = identify_by_basic(request);
    }
    return done(request, error);
}
