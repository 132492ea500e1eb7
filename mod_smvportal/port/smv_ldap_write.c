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

/* --- writing --- */

static int ask_for_password(LDAP *ld, LDAPControl **controls, const smv_ldap_write_t *write, int *id)
{
    struct berval user = {strlen(write->dn), (char *)write->dn};
    struct berval current = {write->current ? strlen(write->current) : 0, (char *)write->current};
    struct berval password = {strlen(write->password), (char *)write->password};

    return ldap_passwd(ld, &user, write->current ? &current : NULL, &password, controls, NULL, id);
}

static int ask(LDAP *ld, LDAPControl **controls, const smv_ldap_write_t *write, int *id)
{
    switch (write->deed) {
    case SMV_LDAP_ADD:
        return ldap_add_ext(ld, write->dn, write->mods->list, controls, NULL, id);
    case SMV_LDAP_MODIFY:
        return ldap_modify_ext(ld, write->dn, write->mods->list, controls, NULL, id);
    case SMV_LDAP_RENAME:
        return ldap_rename(ld, write->dn, write->rdn, NULL, 1, controls, NULL, id);
    case SMV_LDAP_DELETE:
        return ldap_delete_ext(ld, write->dn, controls, NULL, id);
    case SMV_LDAP_PASSWORD:
        return ask_for_password(ld, controls, write, id);
    }
    return LDAP_PARAM_ERROR;
}

static int do_it(LDAP *ld, LDAPControl **controls, smv_ldap_write_t *write, const smv_ldap_wait_t *wait)
{
    smv_ldap_verdict_t verdict = smv_ldap_no_verdict;
    int id, code = ask(ld, controls, write, &id);

    if (code == LDAP_SUCCESS) {
        code = smv_ldap_finish(ld, id, &verdict, wait);
    }
    write->policy = verdict.policy;
    write->code = code;
    return code;
}

int smv_ldap_change_password(LDAP *ld, smv_ldap_write_t *write, const smv_ldap_wait_t *wait)
{
    LDAPControl policy = {LDAP_CONTROL_PASSWORDPOLICYREQUEST, {0, NULL}, 0}, *controls[] = {&policy, NULL};

    return do_it(ld, controls, write, wait);
}

static int do_as(LDAP *ld, const char *as, smv_ldap_write_t *write, const smv_ldap_wait_t *wait, apr_pool_t *pool)
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
    code = do_it(ld, controls, write, wait);
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
 * was lost on its way may have been done, and is not sent twice. Nor is one whose answer nobody would wait for. */
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
    code = code == LDAP_SUCCESS ? smv_ldap_link_open(links, link) : code;
    return code == LDAP_SUCCESS && apr_time_now() >= link->until ? LDAP_TIMEOUT : code;
}

const smv_error_t *smv_ldap_write(smv_ldap_pool_t *links, smv_ldap_write_t *write, const char *as,
                                  smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_link_t *link;
    const smv_error_t *error;
    char *said = NULL;
    int code;

    if ((error = smv_ldap_pool_take(links, &link, patience, pool))) {
        return error;
    }
    code = wake(links, link);
    if (code == LDAP_SUCCESS) {
        const smv_ldap_wait_t wait = smv_ldap_link_wait(links, link);

        code = do_as(link->ld, as, write, &wait, pool);
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
