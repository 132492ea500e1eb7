/* SPDX-License-Identifier: Apache-2.0 */

#include "smv_request.h"

#include <http_protocol.h>

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
        request->call.now = r->request_time;
        request->call.pool = r->pool;
        ap_set_module_config(r->request_config, &smvportal_module, request);
    }
    return request;
}

static const smv_error_t *load(smv_request_t *request, const char *dn)
{
    return smv_principal_cache_get(request->config->opened->principals, &request->call.principal, dn, request->call.now,
                                   request->call.pool);
}

static const smv_error_t *identify_by_cookie(smv_request_t *request)
{
    const char *token = smv_cookie_get(request);
    const smv_error_t *error;

    if (!token) {
        return NULL;
    }
    error = smv_session_find(&request->config->opened->sessions, &request->session, token, request->call.now,
                             request->call.pool);
    if (error) {
        return error->code == SMV_ERROR_SIGN_IN_NEEDED ? NULL : error;
    }
    request->has_session = 1;
    return load(request, request->session.dn);
}

static const smv_error_t *identify_by_basic(smv_request_t *request)
{
    smv_directory_t *directory = request->config->opened->directory;
    const char *login, *password, *dn;
    const smv_error_t *error;

    if (ap_get_basic_auth_components(request->r, &login, &password) != APR_SUCCESS) {
        return NULL;
    }
    error = directory->authenticate(directory, &dn, login, password, request->call.pool);
    return error ? error : load(request, dn);
}

const smv_error_t *smv_request_identify(smv_request_t *request, int may_use_basic)
{
    const smv_error_t *error = NULL;

    if (request->is_identified) {
        return NULL;
    }
    error = smv_child_store(request->config, &request->call.store, request->call.pool);
    if (!error) {
        error = identify_by_cookie(request);
    }
    if (!error && !request->call.principal && may_use_basic) {
        error = identify_by_basic(request);
    }
    request->is_identified = error == NULL;
    return error;
}
