/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_account.h"

#include <apr_strings.h>
#include <string.h>

#define MAX_ATTRIBUTES 12

/* --- one operation as somebody --- */

typedef struct operation_t {
    int (*run)(LDAP *ld, LDAPControl **controls, struct operation_t *operation);
    const char *dn;
    LDAPMod **changes;
    const char *password;
    LDAPPasswordPolicyError policy; /* out */
} operation_t;

static int run_once(smv_ldap_pool_t *links, smv_ldap_link_t *link, const char *as, operation_t *operation,
                    apr_pool_t *pool)
{
    const char *identity = apr_pstrcat(pool, "dn:", as, NULL);
    LDAPControl proxy = {LDAP_CONTROL_PROXY_AUTHZ, {strlen(identity), (char *)identity}, 1};
    LDAPControl policy = {LDAP_CONTROL_PASSWORDPOLICYREQUEST, {0, NULL}, 0};
    LDAPControl *controls[] = {&proxy, operation->password ? &policy : NULL, NULL};
    int code = smv_ldap_link_open(links, link);

    return code == LDAP_SUCCESS ? operation->run(link->ld, controls, operation) : code;
}

static const smv_error_t *error_of(smv_ldap_pool_t *links, const char *doing, int code, const char *said,
                                   apr_pool_t *pool)
{
    if (code == LDAP_SUCCESS) {
        return NULL;
    }
    if (code == LDAP_ALREADY_EXISTS) {
        return smv_error(pool, SMV_ERROR_EXISTS, "%s: the entry is there already", doing);
    }
    return code > 0 && code != LDAP_BUSY && code != LDAP_UNAVAILABLE && code != LDAP_TIMELIMIT_EXCEEDED &&
                   code != LDAP_ADMINLIMIT_EXCEEDED && code != LDAP_OTHER
               ? smv_error(pool, SMV_ERROR_DIRECTORY_REFUSED, "%s: %s (%d): %s", doing, ldap_err2string(code), code,
                           said && *said ? said : "the server says no more")
               : smv_ldap_away(links, doing, code, pool);
}

/* Whether the server is still there is asked before, which opens a link that it has closed meanwhile anew: a write that
 * was lost on its way may have been done, and is not sent twice. */
static int wake(smv_ldap_pool_t *links, smv_ldap_link_t *link)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const smv_ldap_query_t root = {"", LDAP_SCOPE_BASE, "(objectClass=*)", no_attributes, 1};
    LDAPMessage *result = NULL;
    int code = LDAP_SUCCESS;

    if (link->ld) {
        code = smv_ldap_search(links, link, &result, &root);
        ldap_msgfree(result);
    }
    return code;
}

static const smv_error_t *run_as(smv_ldap_pool_t *links, const char *doing, const char *as, operation_t *operation,
                                 apr_pool_t *pool)
{
    smv_ldap_link_t *link = smv_ldap_pool_take(links);
    const smv_error_t *error;
    char *said = NULL;
    int code;

    if (!link) {
        return smv_ldap_away(links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    code = wake(links, link);
    if (code == LDAP_SUCCESS) {
        code = run_once(links, link, as, operation, pool);
    }
    if (link->ld) {
        ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    }
    error = error_of(links, doing, code, said, pool);
    ldap_memfree(said);
    if (code < 0) {
        smv_ldap_link_close(link);
    }
    smv_ldap_pool_give(links, link);
    return error;
}

/* --- entries --- */

typedef struct attributes_t {
    LDAPMod mods[MAX_ATTRIBUTES];
    LDAPMod *list[MAX_ATTRIBUTES + 1];
    int count;
} attributes_t;

/* @param values ends with NULL */
static void add_values(attributes_t *attributes, int deed, const char *name, const char *const *values)
{
    LDAPMod *mod = &attributes->mods[attributes->count];

    mod->mod_op = deed;
    mod->mod_type = (char *)name;
    mod->mod_values = (char **)values;
    attributes->list[attributes->count++] = mod;
}

static void add(attributes_t *attributes, int deed, const char *name, const char *value, apr_pool_t *pool)
{
    const char **values = apr_pcalloc(pool, 2 * sizeof *values);

    values[0] = value;
    add_values(attributes, deed, name, values);
}

static int run_add(LDAP *ld, LDAPControl **controls, operation_t *operation)
{
    return ldap_add_ext_s(ld, operation->dn, operation->changes, controls, NULL);
}

static int run_modify(LDAP *ld, LDAPControl **controls, operation_t *operation)
{
    return ldap_modify_ext_s(ld, operation->dn, operation->changes, controls, NULL);
}

static const char *const *numbers_of(const smv_numbers_t *numbers, apr_pool_t *pool)
{
    const char **texts = apr_pcalloc(pool, sizeof *texts * (apr_size_t)(numbers->count + 1));

    for (int i = 0; i < numbers->count; i++) {
        texts[i] = apr_psprintf(pool, "%" APR_INT64_T_FMT, numbers->at[i]);
    }
    return texts;
}

/* RFC 4514, 2.4: what has a meaning in a DN is escaped. */
static const char *dn_of(const char *login, const char *parent, apr_pool_t *pool)
{
    char *value = apr_palloc(pool, 3 * strlen(login) + 1), *out = value;

    for (const char *c = login; *c; c++) {
        int is_plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || strchr(".-_@", *c);

        out += is_plain ? apr_snprintf(out, 2, "%c", *c) : apr_snprintf(out, 4, "\\%02x", (unsigned char)*c);
    }
    *out = '\0';
    return apr_pstrcat(pool, "uid=", value, ",", parent, NULL);
}

static void describe(attributes_t *attributes, const smv_new_account_t *account, apr_pool_t *pool)
{
    static const char *const classes[] = {"inetOrgPerson", "smvKonto", NULL};
    const char *surname = strrchr(account->name, ' ');

    add_values(attributes, LDAP_MOD_ADD, "objectClass", classes);
    add(attributes, LDAP_MOD_ADD, "uid", account->login, pool);
    add(attributes, LDAP_MOD_ADD, "cn", account->name, pool);
    add(attributes, LDAP_MOD_ADD, "sn", surname ? surname + 1 : account->name, pool);
    add(attributes, LDAP_MOD_ADD, "displayName", account->name, pool);
    add(attributes, LDAP_MOD_ADD, "smvRolleDN", account->role_dn, pool);
    add_values(attributes, LDAP_MOD_ADD, "smvKundenNr", numbers_of(&account->customers, pool));
    if (account->mail) {
        add(attributes, LDAP_MOD_ADD, "mail", account->mail, pool);
    }
    if (account->valid_until) {
        add(attributes, LDAP_MOD_ADD, "smvGueltigBis", smv_ldap_generalized_time(account->valid_until, pool), pool);
    }
}

const smv_error_t *smv_ldap_account_create(smv_ldap_pool_t *links, const char **dn, const char *parent,
                                           const smv_new_account_t *account, const char *as, apr_pool_t *pool)
{
    attributes_t *attributes = apr_pcalloc(pool, sizeof *attributes);
    operation_t operation = {.run = run_add, .dn = dn_of(account->login, parent, pool), .changes = attributes->list};

    describe(attributes, account, pool);
    *dn = operation.dn;
    return run_as(links, "creating an account", as, &operation, pool);
}

const smv_error_t *smv_ldap_account_set(smv_ldap_pool_t *links, const char *dn, const char *attribute,
                                        const char *value, const char *as, apr_pool_t *pool)
{
    attributes_t *attributes = apr_pcalloc(pool, sizeof *attributes);
    operation_t operation = {.run = run_modify, .dn = dn, .changes = attributes->list};

    add(attributes, LDAP_MOD_REPLACE, attribute, value, pool);
    return run_as(links, "changing an account", as, &operation, pool);
}

const char *smv_ldap_generalized_time(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t parts;

    apr_time_exp_gmt(&parts, time);
    return apr_psprintf(pool, "%04d%02d%02d%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/* --- passwords --- */

/* What the server's policy control says (draft-behera-ldap-password-policy). */
static void read_policy(LDAP *ld, LDAPControl **controls, LDAPPasswordPolicyError *policy)
{
    LDAPControl *control = controls ? ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, NULL) : NULL;
    ber_int_t expires, grace;

    if (control) {
        ldap_parse_passwordpolicy_control(ld, control, &expires, &grace, policy);
    }
}

static int run_password(LDAP *ld, LDAPControl **controls, operation_t *operation)
{
    struct berval user = {strlen(operation->dn), (char *)operation->dn};
    struct berval password = {operation->password ? strlen(operation->password) : 0, (char *)operation->password};
    LDAPControl **answered = NULL;
    LDAPMessage *result = NULL;
    int id, answer, code = ldap_passwd(ld, &user, NULL, &password, controls, NULL, &id);

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
    read_policy(ld, answered, &operation->policy);
    ldap_controls_free(answered);
    return code;
}

static const char *words_of(LDAPPasswordPolicyError policy)
{
    switch (policy) {
    case PP_insufficientPasswordQuality:
        return "Dieses Passwort ist zu leicht zu erraten. Bitte wählen Sie ein anderes.";
    case PP_passwordTooShort:
        return "Dieses Passwort ist zu kurz.";
    case PP_passwordTooYoung:
        return "Das Passwort wurde gerade erst geändert. Bitte versuchen Sie es später noch einmal.";
    case PP_passwordInHistory:
        return "Dieses Passwort hatten Sie schon einmal. Bitte wählen Sie ein anderes.";
    case PP_passwordModNotAllowed:
        return "Dieses Passwort lässt sich hier nicht ändern. Bitte wenden Sie sich an Ihren Makler.";
    case PP_accountLocked:
        return "Dieser Zugang ist nach zu vielen Versuchen gesperrt. Bitte wenden Sie sich an Ihren Makler.";
    default:
        return "Dieses Passwort wurde nicht angenommen. Bitte wählen Sie ein anderes.";
    }
}

const smv_error_t *smv_ldap_account_set_password(smv_ldap_pool_t *links, const char *dn, const char *password,
                                                 apr_pool_t *pool)
{
    operation_t operation = {.run = run_password, .dn = dn, .password = password, .policy = PP_noError};
    const smv_error_t *error = run_as(links, "setting a password", dn, &operation, pool);
    smv_error_t *invalid;

    if (!error || error->code != SMV_ERROR_DIRECTORY_REFUSED) {
        return error;
    }
    invalid =
        (smv_error_t *)smv_error_invalid(smv_problem(NULL, "password", words_of(operation.policy), 0, pool), pool);
    invalid->detail = error->detail;
    return invalid;
}
