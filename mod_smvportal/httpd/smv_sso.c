/* SPDX-License-Identifier: Apache-2.0
 *
 * Sign-in by what an authentication module of httpd has established, and the ways to it from the login page.
 */
#include "smv_request.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "../core/smv_sso.h"
#include "smv_sso.h"

APLOG_USE_MODULE(smvportal);

#define MAX_CLAIM 1024 /* bytes; longer ones are no identifiers */

static const smv_sso_t *sso_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &smvportal_module);
}

/* --- what was established --- */

/* @return "" where it says nothing, or too much */
static const char *evaluate(request_rec *r, const ap_expr_info_t *expression)
{
    const char *fault = NULL, *value = expression ? ap_expr_str_exec(r, expression, &fault) : NULL;

    return value && !fault && strlen(value) <= MAX_CLAIM ? value : "";
}

static int has_certificate(request_rec *r, const smv_sso_t *sso)
{
    return strcmp(evaluate(r, sso->certificate), "SUCCESS") == 0;
}

/* A module that the configuration names for this place has let somebody in; or TLS has checked a certificate. */
static int is_authenticated(request_rec *r, const smv_sso_t *sso)
{
    const char *type = ap_auth_type(r);

    return type && strcasecmp(type, "none") != 0
               ? strcasecmp(type, "smvportal") != 0 && r->user && *r->user && r->ap_auth_type
               : has_certificate(r, sso);
}

static int is_yes(const char *value)
{
    return strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

/* They may be more than one claim of a person may be long. */
static const char *const *groups_of(request_rec *r, const smv_sso_t *sso)
{
    apr_array_header_t *groups = apr_array_make(r->pool, 8, sizeof(const char *));
    const char *fault = NULL, *all = sso->groups ? ap_expr_str_exec(r, sso->groups, &fault) : NULL;
    char *rest = apr_pstrdup(r->pool, all && !fault ? all : ""), *state = NULL;

    for (char *one = apr_strtok(rest, ",;", &state); one; one = apr_strtok(NULL, ",;", &state)) {
        while (apr_isspace(*one)) {
            one++;
        }
        APR_ARRAY_PUSH(groups, const char *) = one;
    }
    APR_ARRAY_PUSH(groups, const char *) = NULL;
    return (const char *const *)groups->elts;
}

static smv_identity_t identity_of(request_rec *r, const smv_sso_t *sso)
{
    return (smv_identity_t){.issuer = evaluate(r, sso->issuer),
                            .subject = evaluate(r, sso->subject),
                            .mail = is_yes(evaluate(r, sso->mail_verified)) ? evaluate(r, sso->mail) : "",
                            .principal = evaluate(r, sso->principal),
                            .name = evaluate(r, sso->person_name),
                            .groups = groups_of(r, sso)};
}

/* --- signing in --- */

static const smv_error_t *find_account(smv_request_t *request, const smv_sso_t *sso, const smv_identity_t *identity,
                                       const char **dn, const char **how)
{
    static const char *const none[] = {NULL};
    const smv_trust_t trust = {sso->domains ? sso->domains : none, sso->by_mail == 1, sso->by_principal == 1};

    *dn = *how = NULL;
    if (sso->provider && strcmp(sso->provider, identity->issuer) != 0) {
        return smv_error(request->call.pool, SMV_ERROR_NO_ACCOUNT, "\"%s\" is not of the provider \"%s\"",
                         smv_identity_key(identity, request->call.pool), sso->provider);
    }
    smv_request_release(request); /* a slow directory must not use up the database connections */
    return smv_sso_match(request->call.directory, identity, &trust, dn, how, request->call.pool);
}

static const smv_error_t *start_session(smv_request_t *request, const smv_sso_t *sso, const smv_identity_t *identity,
                                        const char *dn, const char *how)
{
    smv_call_t *call = &request->call;
    const char *bound_to = sso->is_bound == 1 ? smv_identity_key(identity, call->pool) : NULL;
    char token[SMV_TOKEN_SIZE];
    const smv_error_t *error = smv_request_enter(request, dn);

    if (!error) {
        error = smv_session_start(&request->sessions, token, call->principal, bound_to, call->now, call->pool);
    }
    if (!error) {
        error = smv_note_sign_in(request, apr_psprintf(call->pool, "{\"sso\":\"%s\",\"by\":\"%s\"}", sso->name, how));
    }
    if (error) {
        call->principal = NULL;
    } else {
        smv_cookie_set(request, token);
    }
    return error;
}

/* Whom the portal does not know is told what to tell the broker. */
static int refuse(smv_request_t *request, const smv_identity_t *identity, const smv_error_t *error)
{
    smv_record_t *view = smv_record_make(&smv_shape_sso_view, request->call.pool);
    const char *key = smv_identity_key(identity, request->call.pool);

    smv_prepare_error(request, error);
    if (error->http_status < HTTP_INTERNAL_SERVER_ERROR) {
        smv_note_refusal(request, key, error);
    }
    smv_set(view, "error", smv_text(error->public_text));
    smv_set(view, "identifier", smv_text(error->code == SMV_ERROR_NO_ACCOUNT ? key : NULL));
    return smv_respond_page(request, "sso", view, error->http_status);
}

int smv_sso_sign_in(smv_request_t *request)
{
    request_rec *r = request->r;
    const smv_sso_t *sso = sso_of(r);
    const char *dn, *how, *next;
    smv_identity_t identity;
    const smv_error_t *error;

    if (!sso->name || strcmp(sso->name, request->call.name) != 0) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_NOT_FOUND, "no SmvPortalSso has this name"));
    }
    if (!is_authenticated(r, sso)) {
        return smv_respond_error(request,
                                 smv_error(r->pool, SMV_ERROR_CONFIGURATION,
                                           "SmvPortalSso %s: nobody was authenticated here; give its <Location> "
                                           "an AuthType and Require valid-user, or let TLS want certificates",
                                           sso->name));
    }
    identity = identity_of(r, sso);
    error = find_account(request, sso, &identity, &dn, &how);
    if (!error) {
        error = start_session(request, sso, &identity, dn, how);
    }
    if (error) {
        return refuse(request, &identity, error);
    }
    next = smv_next_of(request);
    return smv_redirect(request, next ? next : apr_pstrcat(r->pool, request->config->base, "/", NULL), HTTP_SEE_OTHER);
}

/* --- afterwards --- */

smv_sso_state_e smv_sso_state_of(const smv_request_t *request, const char *bound_to)
{
    request_rec *r = request->r;
    const smv_sso_t *sso = sso_of(r);
    smv_identity_t identity;

    if (!sso->issuer || !sso->subject) {
        return SMV_SSO_NOT_HERE;
    }
    /* authorization that needs no user comes before whoever finds it out */
    if (ap_auth_type(r) && !r->user && !request->is_handled) {
        return SMV_SSO_NOT_YET;
    }
    identity = identity_of(r, sso);
    return is_authenticated(r, sso) && strcmp(smv_identity_key(&identity, r->pool), bound_to) == 0 ? SMV_SSO_LASTS
                                                                                                   : SMV_SSO_ENDED;
}

const char *smv_sso_logout(const smv_request_t *request)
{
    const char *location = evaluate(request->r, sso_of(request->r)->logout);

    return request->session.bound_to && *location ? location : NULL;
}

const smv_error_t *smv_sso_identify(smv_request_t *request, const char **dn)
{
    const smv_sso_t *sso = sso_of(request->r);
    smv_identity_t identity;
    const char *how;

    *dn = NULL;
    if (sso->by_request != 1 || !is_authenticated(request->r, sso)) {
        return NULL;
    }
    identity = identity_of(request->r, sso);
    return find_account(request, sso, &identity, dn, &how);
}

/* --- the ways to it --- */

static const char *way_to(const smv_request_t *request, const smv_sso_t *sso, const char *next)
{
    const char *path = apr_pstrcat(request->call.pool, request->config->base, "/sso/", sso->name, NULL);

    return next ? apr_pstrcat(request->call.pool, path, "?next=", ap_escape_urlencoded(request->call.pool, next), NULL)
                : path;
}

smv_list_t *smv_sso_ways(const smv_request_t *request, const char *next, int *has_domains)
{
    const apr_array_header_t *providers = request->config->providers;
    smv_list_t *ways = smv_list_make(&smv_shape_sso_way, providers ? providers->nelts : 0, request->call.pool);

    ways->count = 0;
    *has_domains = 0;
    for (int i = 0; providers && i < providers->nelts; i++) {
        const smv_sso_t *sso = APR_ARRAY_IDX(providers, i, const smv_sso_t *);

        *has_domains |= sso->domains != NULL;
        if (sso->is_hidden != 1) {
            smv_set(&ways->records[ways->count], "label", smv_text(sso->label));
            smv_set(&ways->records[ways->count++], "href", smv_text(way_to(request, sso, next)));
        }
    }
    return ways;
}

const char *smv_sso_way_of(const smv_request_t *request, const char *mail, const char *next)
{
    const apr_array_header_t *providers = request->config->providers;

    for (int i = 0; providers && i < providers->nelts; i++) {
        const smv_sso_t *sso = APR_ARRAY_IDX(providers, i, const smv_sso_t *);

        if (sso->domains && smv_is_of_domain(mail, sso->domains)) {
            return way_to(request, sso, next);
        }
    }
    return NULL;
}

/* --- what nobody may send --- */

/* Without case, and a stroke is as good as an underscore: programs behind httpd see both alike. */
static int begins_with(const char *header, const char *prefix)
{
    for (; *prefix; header++, prefix++) {
        if (apr_tolower(*header) != *prefix && !(*header == '-' && *prefix == '_')) {
            return 0;
        }
    }
    return 1;
}

static int is_claim(const char *header)
{
    static const char *const prefixes[] = {"oidc_", "mellon_", "smv_",        "gss_",
                                           "ssl_",  "krb5",    "remote_user", "auth_type"};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (begins_with(header, prefixes[i])) {
            return 1;
        }
    }
    return 0;
}

/* Headers by which modules of httpd hand an identity on to applications: from a client they are forged. */
int smv_sso_strip(request_rec *r)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);
    apr_array_header_t *forged = apr_array_make(r->pool, 1, sizeof(const char *));

    if (smv_config_of(r->server)->is_enabled != 1) {
        return DECLINED;
    }
    for (int i = 0; i < headers->nelts; i++) {
        const char *name = APR_ARRAY_IDX(headers, i, apr_table_entry_t).key;

        if (is_claim(name)) {
            APR_ARRAY_PUSH(forged, const char *) = name;
        }
    }
    for (int i = 0; i < forged->nelts; i++) {
        apr_table_unset(r->headers_in, APR_ARRAY_IDX(forged, i, const char *));
    }
    return DECLINED;
}
