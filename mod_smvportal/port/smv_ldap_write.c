/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_write.h"

#include <apr_strings.h>
#include <string.h>

/* --- what is written --- */

void smv_ldap_mods_put_all(smv_ldap_mods_t *mods, int deed, const char *name, const char *const *values)
{
    LDAPMod *mod = &mods->mods[mods->count];

    mod->mod_op = deed;
    mod->mod_type = (char *)name;
    mod->mod_values = (char **)values;
    mods->list[mods->count++] = mod;
}

void smv_ldap_mods_put(smv_ldap_mods_t *mods, int deed, const char *name, const char *value, apr_pool_t *pool)
{
    const char **values = apr_pcalloc(pool, 2 * sizeof *values);

    values[0] = value;
    smv_ldap_mods_put_all(mods, deed, name, values);
}

const char *smv_ldap_rdn(const char *attribute, const char *value, apr_pool_t *pool)
{
    char *escaped = apr_palloc(pool, 3 * strlen(value) + 1), *out = escaped;

    for (const char *c = value; *c; c++) {
        int is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                       strchr(".-_@", *c) || (*c == ' ' && c != value && c[1]);

        out += is_plain ? apr_snprintf(out, 2, "%c", *c) : apr_snprintf(out, 4, "\\%02x", (unsigned char)*c);
    }
    *out = '\0';
    return apr_pstrcat(pool, attribute, "=", escaped, NULL);
}

/* --- passwords --- */

static int set_password(LDAP *ld, LDAPControl **controls, smv_ldap_write_t *write)
{
    struct berval user = {strlen(write->dn), (char *)write->dn};
    struct berval current = {write->current ? strlen(write->current) : 0, (char *)write->current};
    struct berval password = {strlen(write->password), (char *)write->password};
    LDAPControl **answered = NULL;
    smv_ldap_verdict_t verdict;
    LDAPMessage *result = NULL;
    int id, answer, code = ldap_passwd(ld, &user, write->current ? &current : NULL, &password, controls, NULL, &id);

    if (code != LDAP_SUCCESS) {
        return code;
    }
    answer = ldap_result(ld, id, LDAP_MSG_ALL, NULL, &result);
    if (answer <= 0) {
        return answer == 0 ? LDAP_TIMEOUT : LDAP_SERVER_DOWN;
    }
    if (ldap_parse_result(ld, result, &code, NULL, NULL, NULL, &answered, 1) != LDAP_SUCCESS) {
        return LDAP_DECODING_ERROR;
    }
    smv_ldap_read_verdict(ld, answered, NULL, &verdict);
    write->policy = verdict.policy;
    ldap_controls_free(answered);
    return code;
}

int smv_ldap_change_password(LDAP *ld, const char *dn, const char *current, const char *password,
                             LDAPPasswordPolicyError *policy)
{
    LDAPControl wish = {LDAP_CONTROL_PASSWORDPOLICYREQUEST, {0, NULL}, 0}, *controls[] = {&wish, NULL};
    smv_ldap_write_t write = {.dn = dn, .current = current, .password = password, .policy = PP_noError};
    int code = set_password(ld, controls, &write);

    *policy = write.policy;
    return code;
}

/* --- writing --- */

static int do_it(LDAP *ld, LDAPControl **controls, smv_ldap_write_t *write)
{
    switch (write->deed) {
    case SMV_LDAP_ADD:
        return ldap_add_ext_s(ld, write->dn, write->mods->list, controls, NULL);
    case SMV_LDAP_MODIFY:
        return ldap_modify_ext_s(ld, write->dn, write->mods->list, controls, NULL);
    case SMV_LDAP_RENAME:
        return ldap_rename_s(ld, write->dn, write->rdn, NULL, 1, controls, NULL);
    case SMV_LDAP_DELETE:
        return ldap_delete_ext_s(ld, write->dn, controls, NULL);
    case SMV_LDAP_PASSWORD:
        return set_password(ld, controls, write);
    }
    return LDAP_PARAM_ERROR;
}

static int do_as(LDAP *ld, const char *as, smv_ldap_write_t *write, apr_pool_t *pool)
{
    const char *identity = apr_pstrcat(pool, "dn:", as, NULL);
    LDAPControl proxy = {LDAP_CONTROL_PROXY_AUTHZ, {strlen(identity), (char *)identity}, 1};
    LDAPControl policy = {LDAP_CONTROL_PASSWORDPOLICYREQUEST, {0, NULL}, 0};
    LDAPControl assertion = {LDAP_CONTROL_ASSERT, {0, NULL}, 1};
    LDAPControl *controls[4] = {&proxy};
    int count = 1, code;

    if (write->deed == SMV_LDAP_PASSWORD) {
        controls[count++] = &policy;
    }
    if (write->assertion) {
        code = ldap_create_assertion_control_value(ld, (char *)write->assertion, &assertion.ldctl_value);
        if (code != LDAP_SUCCESS) {
            return code;
        }
        controls[count] = &assertion;
    }
    code = do_it(ld, controls, write);
    ber_memfree(assertion.ldctl_value.bv_val);
    return code;
}

int smv_ldap_is_refusal(int code)
{
    return code > 0 && code != LDAP_BUSY && code != LDAP_UNAVAILABLE && code != LDAP_TIMELIMIT_EXCEEDED &&
           code != LDAP_ADMINLIMIT_EXCEEDED && code != LDAP_OTHER;
}

static const smv_error_t *error_of(smv_ldap_pool_t *links, const char *doing, int code, const char *said,
                                   apr_pool_t *pool)
{
    switch (code) {
    case LDAP_SUCCESS:
        return NULL;
    case LDAP_ALREADY_EXISTS:
        return smv_error(pool, SMV_ERROR_EXISTS, "%s: the entry is there already", doing);
    case LDAP_ASSERTION_FAILED:
        return smv_error(pool, SMV_ERROR_CONFLICT, "%s: the entry was changed meanwhile", doing);
    default:
        return smv_ldap_is_refusal(code)
                   ? smv_error(pool, SMV_ERROR_DIRECTORY_REFUSED, "%s: %s (%d): %s", doing, ldap_err2string(code), code,
                               said && *said ? said : "the server says no more")
                   : smv_ldap_away(links, doing, code, pool);
    }
}

/* Whether the server is still there is asked before, which opens a link that it has closed meanwhile anew: a write that
 * was lost on its way may have been done, and is not sent twice. */
static int wake(smv_ldap_pool_t *links, smv_ldap_link_t *link)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const smv_ldap_query_t root = {"", LDAP_SCOPE_BASE, "(objectClass=*)", no_attributes, 1, NULL};
    LDAPMessage *result = NULL;
    int code = LDAP_SUCCESS;

    if (link->ld) {
        code = smv_ldap_search(links, link, &result, &root);
        ldap_msgfree(result);
    }
    return code == LDAP_SUCCESS ? smv_ldap_link_open(links, link) : code;
}

const smv_error_t *smv_ldap_write(smv_ldap_pool_t *links, smv_ldap_write_t *write, const char *as, apr_pool_t *pool)
{
    smv_ldap_link_t *link;
    const smv_error_t *error;
    char *said = NULL;
    int code;

    if ((error = smv_ldap_pool_take(links, &link, pool))) {
        return error;
    }
    code = wake(links, link);
    if (code == LDAP_SUCCESS) {
        code = do_as(link->ld, as, write, pool);
    }
    if (link->ld) {
        ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    }
    error = error_of(links, write->doing, code, said, pool);
    ldap_memfree(said);
    if (code < 0) {
        smv_ldap_link_close(link);
    }
    smv_ldap_pool_give(links, link);
    return error;
}
