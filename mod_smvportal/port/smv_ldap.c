/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap.h"
#include "smv_ldap_account.h"
#include "smv_ldap_describe.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_load.h"
#include "smv_ldap_pool.h"
#include "smv_ldap_role.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#define MAX_LOGIN_SIZE 256
#define MAX_ACCOUNTS 200 /* of one customer */

typedef struct ldap_t {
    smv_ldap_pool_t *links;
    const char *base;
    const char *accounts, *roles;             /* DNs below which new ones are made */
    int keeps_references;                     /* the directory lets accounts follow a role that is renamed */
    const char *filter_before, *filter_after; /* of the login in the user filter */
} ldap_t;

static const smv_error_t *load(smv_directory_t *directory, const smv_principal_t **principal, const char *dn,
                               apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_account_t account = {0};
    smv_ldap_link_t *link;
    const smv_error_t *error;

    *principal = NULL;
    if ((error = smv_ldap_pool_take(self->links, &link, pool))) {
        return error;
    }
    error = smv_ldap_load(self->links, link, self->base, &account, dn, now, NULL, pool);
    smv_ldap_pool_give(self->links, link);
    if (!error) {
        *principal = account.principal;
    }
    return error;
}

/* @param dn out: NULL where not exactly one account has the login
 * @param found out: accounts that have it: 0, 1, or 2 for several */
static const smv_error_t *find_account(ldap_t *self, smv_ldap_link_t *link, const char **dn, int *found,
                                       const char *login, apr_pool_t *pool)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const char *value = smv_ldap_escaped(login, pool);
    smv_ldap_query_t query = {self->base, LDAP_SCOPE_SUBTREE, NULL, no_attributes, 2, NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code;

    *dn = NULL;
    *found = 0;
    if (!value) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory to escape a login");
    }
    query.filter = apr_pstrcat(pool, self->filter_before, value, self->filter_after, NULL);
    code = smv_ldap_search(self->links, link, &result, &query);
    if (code == LDAP_SIZELIMIT_EXCEEDED) {
        *found = 2;
    } else if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, link->ld, result, pool)) {
        *found = ldap_next_entry(link->ld, entry.message) ? 2 : 1;
        *dn = *entry.dn && *found == 1 ? entry.dn : NULL;
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED
               ? NULL
               : smv_ldap_away(self->links, "searching a login", code, pool);
}

/* What a server refuses, it says of a right password alone why. */
static const smv_error_t *refusal_of(int code, const smv_ldap_verdict_t *verdict, apr_pool_t *pool)
{
    smv_error_e refused = verdict->policy == PP_passwordExpired    ? SMV_ERROR_PASSWORD_EXPIRED
                          : verdict->policy == PP_changeAfterReset ? SMV_ERROR_PASSWORD_RESET
                                                                   : SMV_ERROR_CREDENTIALS;

    return smv_error(pool, refused, "the directory refused the bind: %s (%d), %s", ldap_err2string(code), code,
                     verdict->policy == PP_noError ? "no more said" : ldap_passwordpolicy_err2txt(verdict->policy));
}

static const smv_error_t *try_password(ldap_t *self, smv_sign_in_t *sign_in, const char *dn, const char *password,
                                       apr_pool_t *pool)
{
    smv_ldap_verdict_t verdict;
    int code = smv_ldap_try_bind(self->links, dn, password, &verdict);

    sign_in->expires = verdict.expires;
    sign_in->grace = verdict.grace;
    switch (code) {
    case LDAP_SUCCESS:
        return verdict.policy == PP_changeAfterReset ? refusal_of(code, &verdict, pool) : NULL;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_CONSTRAINT_VIOLATION: /* 389-ds: too many wrong passwords */
    case LDAP_UNWILLING_TO_PERFORM: /* 389-ds: the account is locked by the directory */
        return refusal_of(code, &verdict, pool);
    default:
        return smv_ldap_away(self->links, "binding as the person who signs in", code, pool);
    }
}

static int is_right(const smv_error_t *error)
{
    return !error || error->code == SMV_ERROR_PASSWORD_EXPIRED || error->code == SMV_ERROR_PASSWORD_RESET;
}

static const smv_error_t *authenticate(smv_directory_t *directory, smv_sign_in_t *sign_in, const char *login,
                                       const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error;
    const char *found;
    smv_ldap_link_t *link;
    int count;

    *sign_in = (smv_sign_in_t){NULL, -1, -1};
    /* Servers answer a bind without a password with success, as anonymous (RFC 4513, 5.1.2). */
    if (!login || !password || !*login || !*password || strlen(login) > MAX_LOGIN_SIZE) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "login or password is empty, or the login is too long");
    }
    if ((error = smv_ldap_pool_take(self->links, &link, pool))) {
        return error;
    }
    error = find_account(self, link, &found, &count, login, pool);
    smv_ldap_pool_give(self->links, link);
    if (error) {
        return error;
    }
    error = try_password(self, sign_in, found ? found : apr_pstrcat(pool, "uid=unknown,", self->base, NULL), password,
                         pool);
    if (!error && !found) {
        error = smv_error(pool, SMV_ERROR_CREDENTIALS, "not exactly one account has this login");
    }
    sign_in->dn = is_right(error) ? found : NULL;
    return error;
}

/* @param dn NULL: of no account */
static const smv_error_t *collect_at(ldap_t *self, smv_ldap_link_t *link, smv_account_t **account, const char *dn,
                                     apr_time_t now, apr_pool_t *pool)
{
    smv_account_t *made = apr_pcalloc(pool, sizeof *made);
    apr_array_header_t *faults = apr_array_make(pool, 4, sizeof(const smv_error_t *));
    const smv_error_t *error = NULL;

    *account = made;
    if (dn) {
        error = smv_ldap_load(self->links, link, self->base, made, dn, now, faults, pool);
        made->found = 1;
        made->faults = (const smv_error_t *const *)faults->elts;
        made->fault_count = faults->nelts;
    }
    return error;
}

static const smv_error_t *collect(ldap_t *self, smv_ldap_link_t *link, smv_account_t **account, const char *login,
                                  apr_time_t now, apr_pool_t *pool)
{
    const char *dn;
    int found;
    const smv_error_t *error = find_account(self, link, &dn, &found, login, pool);
    const smv_error_t *incomplete = collect_at(self, link, account, error ? NULL : dn, now, pool);
    smv_principal_t *principal = (smv_principal_t *)(*account)->principal;

    (*account)->found = found;
    if (principal && (!principal->login || !*principal->login)) {
        principal->login = apr_pstrdup(pool, login);
    }
    return error ? error : incomplete;
}

static const smv_error_t *explain(smv_directory_t *directory, const smv_account_t **account, const char *login,
                                  apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_account_t *made = apr_pcalloc(pool, sizeof *made);
    const smv_error_t *error;
    smv_ldap_link_t *link;

    *account = made;
    if (!*login || strlen(login) > MAX_LOGIN_SIZE) {
        return NULL;
    }
    if ((error = smv_ldap_pool_take(self->links, &link, pool))) {
        return error;
    }
    error = collect(self, link, &made, login, now, pool);
    smv_ldap_pool_give(self->links, link);
    *account = made;
    return error;
}

/* --- accounts as they are managed --- */

/* @param dns out: of const char *, those of the accounts that name the customer */
static const smv_error_t *find_accounts(ldap_t *self, smv_ldap_link_t *link, apr_array_header_t **dns,
                                        apr_int64_t customer, const char *login, apr_pool_t *pool)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const char *uid = login ? smv_ldap_escaped(login, pool) : NULL;
    const smv_ldap_query_t query = {self->base,
                                    LDAP_SCOPE_SUBTREE,
                                    apr_psprintf(pool,
                                                 "(&(objectClass=smvKonto)(smvKundenNr=%" APR_INT64_T_FMT ")%s%s%s)",
                                                 customer, uid ? "(uid=" : "", uid ? uid : "", uid ? ")" : ""),
                                    no_attributes,
                                    MAX_ACCOUNTS,
                                    NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code;

    *dns = apr_array_make(pool, 8, sizeof(const char *));
    if (login && !uid) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory to escape a login");
    }
    code = smv_ldap_search(self->links, link, &result, &query);
    if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED) {
        for (int is_one = smv_ldap_entry_first(&entry, link->ld, result, pool); is_one;
             is_one = smv_ldap_entry_next(&entry)) {
            APR_ARRAY_PUSH(*dns, const char *) = entry.dn;
        }
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED || smv_ldap_is_out_of_reach(code)
               ? NULL
               : smv_ldap_away(self->links, "searching a customer's accounts", code, pool);
}

/* Locked, ended, or of a firm without the module: all else that is wrong may hide whose account it is. */
static int is_known(const smv_account_t *account)
{
    for (int i = 0; i < account->fault_count; i++) {
        if (account->faults[i]->code != SMV_ERROR_LOCKED && account->faults[i]->code != SMV_ERROR_MODULE_NOT_BOOKED) {
            return 0;
        }
    }
    return account->principal && account->principal->role_count > 0;
}

static const smv_error_t *collect_accounts(ldap_t *self, smv_ldap_link_t *link, const smv_account_t **accounts,
                                           int *count, const apr_array_header_t *dns, apr_time_t now, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < dns->nelts && !error; i++) {
        smv_account_t *account;

        error = collect_at(self, link, &account, APR_ARRAY_IDX(dns, i, const char *), now, pool);
        if (!error && is_known(account)) {
            accounts[(*count)++] = account;
        }
    }
    return error;
}

static const smv_error_t *list_accounts(smv_directory_t *directory, const smv_account_t *const **accounts, int *count,
                                        apr_int64_t customer, const char *login, apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    struct {
        const smv_account_t *at[MAX_ACCOUNTS];
    } *made = apr_pcalloc(pool, sizeof *made);
    smv_ldap_link_t *link;
    apr_array_header_t *dns;
    const smv_error_t *error;

    *count = 0;
    *accounts = made->at;
    if ((error = smv_ldap_pool_take(self->links, &link, pool))) {
        return error;
    }
    error = find_accounts(self, link, &dns, customer, login, pool);
    if (!error) {
        error = collect_accounts(self, link, made->at, count, dns, now, pool);
    }
    smv_ldap_pool_give(self->links, link);
    return error;
}

static const smv_error_t *find_login(smv_directory_t *directory, int *is_taken, const char *login, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_ldap_link_t *link;
    const smv_error_t *error;
    const char *dn;

    if ((error = smv_ldap_pool_take(self->links, &link, pool))) {
        return error;
    }
    error = find_account(self, link, &dn, is_taken, login, pool);
    smv_ldap_pool_give(self->links, link);
    return error;
}

static const smv_error_t *create_account(smv_directory_t *directory, const char **dn, const smv_new_account_t *account,
                                         const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_create(self->links, dn, self->accounts, account, as, pool);
}

static const smv_error_t *lock_account(smv_directory_t *directory, const char *dn, int is_locked, const char *as,
                                       apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_set(self->links, dn, "smvGesperrt", is_locked ? "TRUE" : NULL, as, pool);
}

static const smv_error_t *end_account(smv_directory_t *directory, const char *dn, apr_time_t end, const char *as,
                                      apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_set(self->links, dn, "smvGueltigBis", smv_ldap_generalized_time(end, pool), as, pool);
}

static const smv_error_t *set_password(smv_directory_t *directory, const char *dn, const char *current,
                                       const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_set_password(self->links, dn, current, password, pool);
}

/* --- roles as they are managed --- */

static const smv_error_t *list_roles(smv_directory_t *directory, const smv_role_t **roles, int *count, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_list(self->links, self->base, roles, count, pool);
}

static const smv_error_t *find_role(smv_directory_t *directory, smv_role_entry_t *entry, apr_int64_t id,
                                    apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_find(self->links, self->base, entry, id, pool);
}

static const smv_error_t *role_uses(smv_directory_t *directory, smv_role_uses_t *uses, const char *dn, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_count_uses(self->links, self->base, uses, dn, pool);
}

static const smv_error_t *create_role(smv_directory_t *directory, smv_role_t *role, apr_int64_t tenant, const char *as,
                                      apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error = smv_ldap_role_next_id(self->links, self->base, &role->id, tenant, pool);

    return error ? error : smv_ldap_role_create(self->links, self->roles, role, as, pool);
}

static const smv_error_t *change_role(smv_directory_t *directory, const smv_role_entry_t *seen,
                                      const smv_role_t *wanted, const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_change(self->links, seen, wanted, as, pool);
}

static const smv_error_t *rename_role(smv_directory_t *directory, const smv_role_entry_t *seen, const char *name,
                                      const char *as, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error = NULL;
    smv_role_uses_t uses;

    if (!self->keeps_references &&
        !(error = smv_ldap_role_count_uses(self->links, self->base, &uses, seen->role.dn, pool)) && uses.pointers > 0) {
        error = smv_error_saying(pool, SMV_ERROR_IN_USE,
                                 "Diese Rolle ist in Gebrauch, und das Verzeichnis ist nicht dafür eingerichtet, sie "
                                 "dann umzubenennen.",
                                 "%s has %d accounts; let the directory keep references (slapo-refint) and set "
                                 "SmvPortalLdapReferences On",
                                 seen->role.dn, uses.pointers);
    }
    return error ? error : smv_ldap_role_rename(self->links, self->base, seen, name, as, pool);
}

static const smv_error_t *delete_role(smv_directory_t *directory, const smv_role_entry_t *seen, const char *as,
                                      apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_role_delete(self->links, seen, as, pool);
}

/* --- the port --- */

static const smv_error_t *describe(smv_directory_t *directory, smv_list_t **list, const char *dn, apr_int64_t customer,
                                   apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_describe(self->links, self->base, list, dn, customer, pool);
}

smv_ldap_connections_t smv_ldap_connections(smv_directory_t *directory)
{
    const ldap_t *self = directory->state;

    return smv_ldap_pool_connections(self->links);
}

apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_directory_t *made = apr_pcalloc(pool, sizeof *made);
    ldap_t *self = apr_pcalloc(pool, sizeof *self);
    apr_status_t status = smv_ldap_pool_create(&self->links, config, pool);
    const char *place;

    if (status != APR_SUCCESS) {
        return status;
    }
    place = strstr(config->user_filter, "%s");
    self->base = apr_pstrdup(pool, config->base);
    self->accounts = apr_pstrdup(pool, config->accounts);
    self->roles = apr_pstrdup(pool, config->roles);
    self->keeps_references = config->keeps_references;
    self->filter_before = apr_pstrmemdup(pool, config->user_filter, (apr_size_t)(place - config->user_filter));
    self->filter_after = apr_pstrdup(pool, place + 2);
    *made = (smv_directory_t){.authenticate = authenticate,
                              .load = load,
                              .explain = explain,
                              .describe = describe,
                              .accounts = list_accounts,
                              .roles = list_roles,
                              .find_role = find_role,
                              .role_uses = role_uses,
                              .create_role = create_role,
                              .change_role = change_role,
                              .rename_role = rename_role,
                              .delete_role = delete_role,
                              .find_login = find_login,
                              .create_account = create_account,
                              .lock_account = lock_account,
                              .end_account = end_account,
                              .set_password = set_password,
                              .state = self};
    *directory = made;
    return APR_SUCCESS;
}
