/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may, for the rest of the same httpd: Require smv-right, smv-role and smv-customer.
 */
#include "smv_request.h"

#include <ap_expr.h>
#include <ap_provider.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_request.h>
#include <mod_auth.h>

APLOG_USE_MODULE(smvportal);

#define MAX_DIGITS 18 /* always fit an apr_int64_t */

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

/* --- one customer --- */

typedef struct customer_rule_t {
    smv_right_e right;             /* SMV_RIGHT_NONE: the customer in reach is enough */
    const ap_expr_info_t *numbers; /* separated by blanks; any one is enough */
} customer_rule_t;

/* Whether the principal has the right on the customer. What the store cannot say is no. */
static int reaches(request_rec *r, const smv_principal_t *principal, smv_right_e right, apr_int64_t number)
{
    smv_request_t *request = smv_request_of(r);
    smv_subject_t subject = {number, 0};
    const smv_permit_t *permit;
    const smv_error_t *error = smv_request_open(request);

    if (!error) {
        error = request->call.store->locate_customer(request->call.store, &subject, principal->tenant, number, r->pool);
        smv_request_release(request);
    }
    if (error && error->code != SMV_ERROR_NOT_FOUND) {
        smv_log_error(request, error);
    }
    return !error && !smv_policy_customer(&permit, principal, right, &subject, r->pool);
}

static authz_status check_customer(request_rec *r, const char *line, const void *parsed)
{
    const smv_principal_t *principal = principal_of(r);
    const customer_rule_t *rule = parsed;
    const char *fault = NULL, *numbers = ap_expr_str_exec(r, rule->numbers, &fault), *word;
    int is_granted = 0;

    (void)line;
    if (fault) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "SMV0%d: Require smv-customer: %s", SMV_ERROR_CONFIGURATION, fault);
        return AUTHZ_DENIED;
    }
    while (principal && !is_granted && *(word = ap_getword_white(r->pool, &numbers))) {
        int is_number = strspn(word, "0123456789") == strlen(word) && strlen(word) <= MAX_DIGITS && *word != '0';

        is_granted = is_number && reaches(r, principal, rule->right, apr_atoi64(word));
    }
    return decide(r, principal, is_granted);
}

static const char *parse_customer(cmd_parms *command, const char *line, const void **parsed)
{
    customer_rule_t *rule = apr_pcalloc(command->pool, sizeof *rule);
    const char *rest = line, *fault = NULL, *word = ap_getword_conf(command->pool, &rest);

    rule->right = smv_right_by_id(word);
    if (rule->right == SMV_RIGHT_NONE) {
        rest = line;
    }
    if (*rest != '%' && *rest != '$' && !apr_isdigit(*rest)) {
        return apr_psprintf(command->pool,
                            "Require smv-customer needs a customer number, or where it is found, behind the name of a "
                            "right if one is needed, as in \"document.view %%{env:MATCH_CUSTOMER}\": \"%s\"",
                            rest);
    }
    rule->numbers = ap_expr_parse_cmd(command, rest, AP_EXPR_FLAG_STRING_RESULT, &fault, NULL);
    *parsed = rule;
    return fault ? apr_pstrcat(command->pool, "Require smv-customer: ", fault, NULL) : NULL;
}

static const authz_provider customer_provider = {check_customer, parse_customer};

void smv_authz_register(apr_pool_t *pool)
{
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "smv-right", AUTHZ_PROVIDER_VERSION, &right_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "smv-role", AUTHZ_PROVIDER_VERSION, &role_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    /* Asked for each path: a WebDAV client names a second one, of another customer, under the same configuration. */
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "smv-customer", AUTHZ_PROVIDER_VERSION, &customer_provider,
                              AP_AUTH_INTERNAL_PER_URI);
}
