/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may, for the rest of the same httpd: Require smv-right and Require smv-role.
 */
#include "smv_request.h"

#include <ap_provider.h>
#include <apr_strings.h>
#include <http_request.h>
#include <mod_auth.h>

/* Who asks, as far as it is known before httpd has asked for a password. */
static const smv_principal_t *principal_of(request_rec *r)
{
    smv_request_t *request = smv_request_of(r);
    const smv_error_t *error;

    if (request->config->is_enabled != 1) {
        return NULL;
    }
    request->is_guarded = 1;
    error = smv_request_identify(request, 0);
    smv_request_release(request);
    if (error) {
        smv_log_error(request, error);
        return NULL;
    }
    return smv_request_is_refused(request) ? NULL : request->call.principal;
}

static authz_status decide(request_rec *r, const smv_principal_t *principal, int is_granted)
{
    if (!principal) {
        return r->user ? AUTHZ_DENIED : AUTHZ_DENIED_NO_USER;
    }
    return is_granted ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

static authz_status check_right(request_rec *r, const char *line, const void *parsed)
{
    const smv_principal_t *principal = principal_of(r);
    smv_rightset_t wanted = *(const smv_rightset_t *)parsed;

    (void)line;
    return decide(r, principal, principal && (smv_policy_rights(principal) & wanted) != 0);
}

static const char *parse_right(cmd_parms *command, const char *line, const void **parsed)
{
    smv_rightset_t *wanted = apr_pcalloc(command->pool, sizeof *wanted);
    const char *word;

    while (*(word = ap_getword_conf(command->pool, &line))) {
        smv_right_e right = smv_right_by_id(word);

        if (right == SMV_RIGHT_NONE) {
            return apr_psprintf(command->pool,
                                "Require smv-right: no right is called \"%s\"; "
                                "smvportalctl rights lists them",
                                word);
        }
        *wanted |= SMV_RIGHT_BIT(right);
    }
    *parsed = wanted;
    return *wanted ? NULL : "Require smv-right needs the name of a right: contract.view";
}

static const authz_provider right_provider = {check_right, parse_right};

static authz_status check_role(request_rec *r, const char *line, const void *parsed)
{
    const smv_principal_t *principal = principal_of(r);
    int is_granted = 0;
    const char *word;

    (void)parsed;
    while (principal && *(word = ap_getword_conf(r->pool, &line))) {
        for (int i = 0; i < principal->role_count; i++) {
            is_granted |= strcasecmp(principal->roles[i].name, word) == 0;
        }
    }
    return decide(r, principal, is_granted);
}

static const char *parse_role(cmd_parms *command, const char *line, const void **parsed)
{
    (void)command, (void)parsed;
    return *line ? NULL : "Require smv-role needs the name (cn) of a role: Kundenzugang";
}

static const authz_provider role_provider = {check_role, parse_role};

void smv_authz_register(apr_pool_t *pool)
{
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "smv-right", AUTHZ_PROVIDER_VERSION, &right_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "smv-role", AUTHZ_PROVIDER_VERSION, &role_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
}
