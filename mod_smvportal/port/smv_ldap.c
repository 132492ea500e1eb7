/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap.h"
#include "../core/smv_policy.h"
#include "smv_ldap_account.h"
#include "smv_ldap_describe.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_pool.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>
#include <strings.h>

#define MAX_ROLES 64
#define MAX_GROUPS 256 /* values of memberOf; most of them are no roles */
#define MAX_LOGIN_SIZE 256
#define MAX_ACCOUNTS 200 /* of one customer */
#define MAX_ALL_ROLES 500
#define MODULE_NAME "Kundenportal"

typedef struct ldap_t {
    smv_ldap_pool_t *links;
    const char *base;
    const char *accounts;                     /* DN below which new ones are made */
    const char *filter_before, *filter_after; /* of the login in the user filter */
} ldap_t;

/* --- roles --- */

typedef struct loading_t {
    ldap_t *self;
    smv_ldap_link_t *link;
    smv_principal_t *principal;
    smv_account_t account;
    apr_array_header_t *faults; /* of const smv_error_t *; NULL where the first one ends the loading */
    smv_role_t roles[MAX_ROLES];
    const char *role_attributes[SMV_RIGHT_COUNT + 6];
    apr_time_t now;
    apr_pool_t *pool;
} loading_t;

static int search(const loading_t *loading, LDAPMessage **result, const smv_ldap_query_t *query)
{
    return smv_ldap_search(loading->self->links, loading->link, result, query);
}

/* Who explains goes on where loading stops, but not without a server. */
static const smv_error_t *settle(const loading_t *loading, const smv_error_t *error)
{
    if (!error || !loading->faults || error->code == SMV_ERROR_DIRECTORY_AWAY) {
        return error;
    }
    APR_ARRAY_PUSH(loading->faults, const smv_error_t *) = error;
    return NULL;
}

/* What the server has, but not for this question, as against a server that is away. */
static int is_out_of_reach(int code)
{
    return code == LDAP_NO_SUCH_OBJECT || code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_INVALID_DN_SYNTAX ||
           code == LDAP_REFERRAL;
}

static const smv_error_t *read_scope(const smv_ldap_entry_t *entry, smv_scope_e *scope)
{
    static const char *const names[] = {"eigene", "bestand", "alle"};
    const char *value = smv_ldap_text(entry, "smvGeltungsbereich");

    for (int i = 0; i < 3; i++) {
        if (strcasecmp(names[i], value) == 0) {
            *scope = (smv_scope_e)i;
            return NULL;
        }
    }
    return smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                     "role %s: set smvGeltungsbereich to eigene, bestand or alle", entry->dn);
}

static const smv_error_t *read_role(const smv_ldap_entry_t *entry, smv_role_t *role)
{
    const smv_error_t *error;

    role->name = smv_ldap_text(entry, "cn");
    role->remark = smv_ldap_text(entry, "description");
    role->dn = entry->dn;
    if (!*role->name) {
        return smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA,
                         "role %s: cn is missing, or the service account may not read it", entry->dn);
    }
    if ((error = smv_ldap_number(entry, "smvRollenId", &role->id)) || (error = read_scope(entry, &role->scope))) {
        return error;
    }
    return smv_ldap_rights(entry, &role->rights, &role->refused);
}

static smv_role_t *role_at(loading_t *loading, const char *dn)
{
    for (int i = 0; i < loading->principal->role_count; i++) {
        if (strcasecmp(loading->roles[i].dn, dn) == 0) {
            return &loading->roles[i];
        }
    }
    return NULL;
}

static const smv_error_t *too_many(const loading_t *loading, int limit, const char *things)
{
    return smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s has more than %d %s; take some away",
                     loading->principal->dn, limit, things);
}

static const smv_error_t *add_role(loading_t *loading, const smv_ldap_entry_t *entry, smv_source_e source)
{
    int count = loading->principal->role_count;
    smv_role_t *known = role_at(loading, entry->dn);
    const smv_error_t *error;

    if (known) {
        known->sources |= (int)source;
        return NULL;
    }
    if (count == MAX_ROLES) {
        return too_many(loading, MAX_ROLES, "roles");
    }
    error = read_role(entry, &loading->roles[count]);
    loading->roles[count].sources = source;
    loading->principal->role_count += error == NULL;
    return error;
}

/* A group may be no role of the portal at all. */
static const smv_error_t *load_role(loading_t *loading, const char *dn, smv_source_e source)
{
    const smv_ldap_query_t query = {dn, LDAP_SCOPE_BASE, "(objectClass=*)", loading->role_attributes, 1};
    const smv_error_t *error = NULL;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = search(loading, &result, &query);

    if (code != LDAP_SUCCESS && !is_out_of_reach(code)) {
        error = smv_ldap_away(loading->self->links, "reading a role", code, loading->pool);
    } else if (code != LDAP_SUCCESS || !smv_ldap_entry_first(&entry, loading->link->ld, result, loading->pool)) {
        error = smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                          "%s has the role %s: create it, take it away, or let the service account read it",
                          loading->principal->dn, dn);
    } else if (smv_ldap_has_value(&entry, "objectClass", "smvRolle")) {
        error = add_role(loading, &entry, source);
    } else if (source != SMV_SOURCE_GROUP || !*smv_ldap_text(&entry, "objectClass")) {
        error = smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                          "%s has the role %s: give that entry the object class smvRolle, and let the service account "
                          "read it",
                          loading->principal->dn, dn);
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *load_roles(loading_t *loading, const char *const *dns, smv_source_e source)
{
    const smv_error_t *error = NULL;

    for (; *dns && !error; dns++) {
        error = settle(loading, load_role(loading, *dns, source));
    }
    return error;
}

static const char *membership_filter(const char *dn, apr_pool_t *pool)
{
    struct berval raw = {strlen(dn), (char *)dn}, escaped = {0, NULL};
    const char *filter = NULL;

    if (ldap_bv2escaped_filter_value(&raw, &escaped) == 0) {
        filter = apr_psprintf(pool, "(&(objectClass=smvRolle)(|(member=%s)(uniqueMember=%s)(roleOccupant=%s)))",
                              escaped.bv_val, escaped.bv_val, escaped.bv_val);
    }
    ldap_memfree(escaped.bv_val);
    return filter;
}

static const smv_error_t *load_roles_by_membership(loading_t *loading)
{
    const smv_ldap_query_t query = {loading->self->base, LDAP_SCOPE_SUBTREE,
                                    membership_filter(loading->principal->dn, loading->pool), loading->role_attributes,
                                    MAX_ROLES + 1};
    const smv_error_t *error = NULL;
    smv_ldap_entry_t entry;
    LDAPMessage *result = NULL;
    int code = query.filter ? search(loading, &result, &query) : LDAP_NO_MEMORY;

    if (code == LDAP_SIZELIMIT_EXCEEDED) {
        error = settle(loading, too_many(loading, MAX_ROLES, "roles"));
    } else if (code != LDAP_SUCCESS) {
        error = smv_ldap_away(loading->self->links, "searching roles by membership", code, loading->pool);
    } else {
        for (int is_one = smv_ldap_entry_first(&entry, loading->link->ld, result, loading->pool); is_one && !error;
             is_one = smv_ldap_entry_next(&entry)) {
            error = settle(loading, add_role(loading, &entry, SMV_SOURCE_MEMBER));
        }
    }
    ldap_msgfree(result);
    return error;
}

/* --- the account --- */

typedef struct pointers_t {
    const char *const *roles;  /* smvRolleDN */
    const char *const *groups; /* memberOf */
} pointers_t;

static int has_passed(const loading_t *loading, apr_time_t until)
{
    return until != 0 && until <= loading->now;
}

static const smv_error_t *check_validity(loading_t *loading, const smv_ldap_entry_t *entry)
{
    smv_account_t *account = &loading->account;
    const smv_error_t *error;

    if ((error = settle(loading, smv_ldap_boolean(entry, "smvGesperrt", &account->is_locked))) ||
        (error = settle(loading, smv_ldap_until(entry, "smvGueltigBis", &account->valid_until)))) {
        return error;
    }
    if (account->is_locked || has_passed(loading, account->valid_until)) {
        return settle(loading, smv_error(loading->pool, SMV_ERROR_LOCKED, "%s: %s", loading->principal->dn,
                                         account->is_locked ? "smvGesperrt is TRUE" : "smvGueltigBis has passed"));
    }
    return NULL;
}

static const smv_error_t *read_pointers(const loading_t *loading, const smv_ldap_entry_t *entry, pointers_t *pointers)
{
    int roles, groups;

    pointers->roles = smv_ldap_texts(entry, "smvRolleDN", &roles);
    pointers->groups = smv_ldap_texts(entry, "memberOf", &groups);
    if (roles > MAX_ROLES) {
        return too_many(loading, MAX_ROLES, "roles");
    }
    return groups > MAX_GROUPS ? too_many(loading, MAX_GROUPS, "groups") : NULL;
}

static const smv_error_t *check_names(const loading_t *loading)
{
    const smv_principal_t *principal = loading->principal;

    return *principal->login && *principal->name
               ? NULL
               : smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                           "%s: uid or cn is missing, or the service account may not read it", principal->dn);
}

static const smv_error_t *read_account(loading_t *loading, const smv_ldap_entry_t *entry, pointers_t *pointers)
{
    smv_principal_t *principal = loading->principal;
    const smv_error_t *error;

    if ((error = check_validity(loading, entry)) ||
        (error = settle(loading, smv_ldap_numbers(entry, "smvKundenNr", &principal->customers))) ||
        (error = settle(loading, smv_ldap_numbers(entry, "smvVermittlerNr", &principal->brokers)))) {
        return error;
    }
    principal->login = smv_ldap_text(entry, "uid");
    principal->mail = smv_ldap_text(entry, "mail");
    principal->name = smv_ldap_text(entry, "displayName");
    if (!*principal->name) {
        principal->name = smv_ldap_text(entry, "cn");
    }
    error = settle(loading, check_names(loading));
    return error ? error : settle(loading, read_pointers(loading, entry, pointers));
}

static const smv_error_t *load_account(loading_t *loading, pointers_t *pointers)
{
    static const char *const attributes[] = {
        "uid",         "displayName",   "cn",       "mail", "smvRolleDN", "smvKundenNr", "smvVermittlerNr",
        "smvGesperrt", "smvGueltigBis", "memberOf", NULL};
    const smv_ldap_query_t query = {loading->principal->dn, LDAP_SCOPE_BASE, "(objectClass=smvKonto)", attributes, 1};
    const smv_error_t *error;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = search(loading, &result, &query);

    if (code != LDAP_SUCCESS && !is_out_of_reach(code)) {
        error = smv_ldap_away(loading->self->links, "reading an account", code, loading->pool);
    } else if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, loading->link->ld, result, loading->pool)) {
        error = read_account(loading, &entry, pointers);
    } else {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_LOCKED,
                                          "%s is gone, is no smvKonto, or the service account may not read it",
                                          loading->principal->dn));
    }
    ldap_msgfree(result);
    return error;
}

/* --- the firm --- */

/* What customers alone need is no fault of others. */
static const smv_error_t *check_module(loading_t *loading, const smv_ldap_entry_t *entry)
{
    smv_account_t *account = &loading->account;
    const smv_error_t *error = smv_ldap_until(entry, "smvModulGueltigBis", &account->module_until);
    int is_over = has_passed(loading, account->module_until);

    account->module = smv_ldap_has_value(entry, "smvModul", MODULE_NAME) ? MODULE_NAME : NULL;
    account->needs_module = smv_policy_is_customer_only(loading->principal);
    loading->principal->module_until = account->module ? account->module_until : SMV_MODULE_NOT_BOOKED;
    if (!account->needs_module || error) {
        return account->needs_module ? error : NULL;
    }
    return account->module && !is_over
               ? NULL
               : smv_error(loading->pool, SMV_ERROR_MODULE_NOT_BOOKED, "%s: %s", entry->dn,
                           is_over ? "smvModulGueltigBis has passed" : "smvModul " MODULE_NAME " is missing");
}

static const smv_error_t *read_tenant(loading_t *loading, const smv_ldap_entry_t *entry)
{
    const smv_error_t *error = settle(loading, smv_ldap_number(entry, "smvMandantNr", &loading->principal->tenant));

    return error ? error : settle(loading, check_module(loading, entry));
}

static const smv_error_t *load_tenant(loading_t *loading)
{
    static const char *const attributes[] = {"smvMandantNr", "smvModul", "smvModulGueltigBis", NULL};
    const smv_ldap_query_t query = {loading->self->base, LDAP_SCOPE_BASE, "(objectClass=smvMandant)", attributes, 1};
    const smv_error_t *error;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = search(loading, &result, &query);

    if (code != LDAP_SUCCESS && !is_out_of_reach(code)) {
        error = smv_ldap_away(loading->self->links, "reading the firm", code, loading->pool);
    } else if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, loading->link->ld, result, loading->pool)) {
        error = read_tenant(loading, &entry);
    } else {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                                          "%s: give it the object class smvMandant, and let the service account "
                                          "read it",
                                          loading->self->base));
    }
    ldap_msgfree(result);
    return error;
}

/* --- the port --- */

static const smv_error_t *load_all(loading_t *loading)
{
    static const char *const none[] = {NULL};
    pointers_t pointers = {none, none};
    const smv_error_t *error;

    if ((error = load_account(loading, &pointers)) ||
        (error = load_roles(loading, pointers.roles, SMV_SOURCE_POINTER)) ||
        (error = load_roles(loading, pointers.groups, SMV_SOURCE_GROUP)) ||
        (error = load_roles_by_membership(loading))) {
        return error;
    }
    if (loading->principal->role_count == 0) {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s has no role; set smvRolleDN",
                                          loading->principal->dn));
    }
    loading->principal->roles = loading->roles;
    return error ? error : load_tenant(loading);
}

static loading_t *begin(ldap_t *self, const char *dn, apr_time_t now, apr_pool_t *pool)
{
    static const char *const others[] = {"objectClass", "cn", "description", "smvRollenId", "smvGeltungsbereich"};
    loading_t *loading = apr_pcalloc(pool, sizeof *loading);

    loading->self = self;
    loading->principal = apr_pcalloc(pool, sizeof *loading->principal);
    loading->principal->dn = apr_pstrdup(pool, dn);
    loading->now = now;
    loading->pool = pool;
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        loading->role_attributes[right] = smv_rights[right].attribute;
    }
    memcpy(loading->role_attributes + SMV_RIGHT_COUNT, others, sizeof others);
    return loading;
}

static const smv_error_t *load(smv_directory_t *directory, const smv_principal_t **principal, const char *dn,
                               apr_time_t now, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    loading_t *loading = begin(self, dn, now, pool);
    const smv_error_t *error;

    *principal = NULL;
    loading->link = smv_ldap_pool_take(self->links);
    if (!loading->link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    error = load_all(loading);
    smv_ldap_pool_give(self->links, loading->link);
    if (!error) {
        *principal = loading->principal;
    }
    return error;
}

/* @param dn out: NULL where not exactly one account has the login
 * @param found out: accounts that have it: 0, 1, or 2 for several */
static const smv_error_t *find_account(ldap_t *self, smv_ldap_link_t *link, const char **dn, int *found,
                                       const char *login, apr_pool_t *pool)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    struct berval raw = {strlen(login), (char *)login}, escaped = {0, NULL};
    smv_ldap_query_t query = {self->base, LDAP_SCOPE_SUBTREE, NULL, no_attributes, 2};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code;

    *dn = NULL;
    *found = 0;
    if (ldap_bv2escaped_filter_value(&raw, &escaped) != 0) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory to escape a login");
    }
    query.filter = apr_pstrcat(pool, self->filter_before, escaped.bv_val, self->filter_after, NULL);
    ldap_memfree(escaped.bv_val);
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

static const smv_error_t *try_password(ldap_t *self, const char *dn, const char *password, apr_pool_t *pool)
{
    int code = smv_ldap_try_bind(self->links, dn, password);

    switch (code) {
    case LDAP_SUCCESS:
        return NULL;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_CONSTRAINT_VIOLATION: /* 389-ds: too many wrong passwords */
    case LDAP_UNWILLING_TO_PERFORM: /* 389-ds: the account is locked by the directory */
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "the directory refused the bind: %s (%d)", ldap_err2string(code),
                         code);
    default:
        return smv_ldap_away(self->links, "binding as the person who signs in", code, pool);
    }
}

static const smv_error_t *authenticate(smv_directory_t *directory, const char **dn, const char *login,
                                       const char *password, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    const smv_error_t *error;
    const char *found;
    smv_ldap_link_t *link;
    int count;

    *dn = NULL;
    /* Servers answer a bind without a password with success, as anonymous (RFC 4513, 5.1.2). */
    if (!login || !password || !*login || !*password || strlen(login) > MAX_LOGIN_SIZE) {
        return smv_error(pool, SMV_ERROR_CREDENTIALS, "login or password is empty, or the login is too long");
    }
    link = smv_ldap_pool_take(self->links);
    if (!link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    error = find_account(self, link, &found, &count, login, pool);
    smv_ldap_pool_give(self->links, link);
    if (error) {
        return error;
    }
    error = try_password(self, found ? found : apr_pstrcat(pool, "uid=unknown,", self->base, NULL), password, pool);
    if (!error && !found) {
        error = smv_error(pool, SMV_ERROR_CREDENTIALS, "not exactly one account has this login");
    }
    *dn = error ? NULL : found;
    return error;
}

/* @param dn NULL: of no account */
static const smv_error_t *collect_at(ldap_t *self, smv_ldap_link_t *link, smv_account_t **account, const char *dn,
                                     apr_time_t now, apr_pool_t *pool)
{
    loading_t *loading = begin(self, dn, now, pool);
    const smv_error_t *error;

    *account = &loading->account;
    if (!dn) {
        return NULL;
    }
    loading->link = link;
    loading->faults = apr_array_make(pool, 4, sizeof(const smv_error_t *));
    error = load_all(loading);
    loading->account.found = 1;
    loading->account.principal = loading->principal;
    loading->account.faults = (const smv_error_t *const *)loading->faults->elts;
    loading->account.fault_count = loading->faults->nelts;
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
    link = smv_ldap_pool_take(self->links);
    if (!link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    error = collect(self, link, &made, login, now, pool);
    smv_ldap_pool_give(self->links, link);
    *account = made;
    return error;
}

/* --- accounts and roles as they are managed --- */

static const char *escaped(const char *text, apr_pool_t *pool)
{
    struct berval raw = {strlen(text), (char *)text}, made = {0, NULL};
    const char *copy = ldap_bv2escaped_filter_value(&raw, &made) == 0 ? apr_pstrdup(pool, made.bv_val) : NULL;

    ldap_memfree(made.bv_val);
    return copy;
}

/* @param dns out: of const char *, those of the accounts that name the customer */
static const smv_error_t *find_accounts(ldap_t *self, smv_ldap_link_t *link, apr_array_header_t **dns,
                                        apr_int64_t customer, const char *login, apr_pool_t *pool)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    const char *uid = login ? escaped(login, pool) : NULL;
    const smv_ldap_query_t query = {self->base, LDAP_SCOPE_SUBTREE,
                                    apr_psprintf(pool,
                                                 "(&(objectClass=smvKonto)(smvKundenNr=%" APR_INT64_T_FMT ")%s%s%s)",
                                                 customer, uid ? "(uid=" : "", uid ? uid : "", uid ? ")" : ""),
                                    no_attributes, MAX_ACCOUNTS};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = smv_ldap_search(self->links, link, &result, &query);

    *dns = apr_array_make(pool, 8, sizeof(const char *));
    if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED) {
        for (int is_one = smv_ldap_entry_first(&entry, link->ld, result, pool); is_one;
             is_one = smv_ldap_entry_next(&entry)) {
            APR_ARRAY_PUSH(*dns, const char *) = entry.dn;
        }
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED || is_out_of_reach(code)
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
    smv_ldap_link_t *link = smv_ldap_pool_take(self->links);
    apr_array_header_t *dns;
    const smv_error_t *error;

    *count = 0;
    *accounts = made->at;
    if (!link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    error = find_accounts(self, link, &dns, customer, login, pool);
    if (!error) {
        error = collect_accounts(self, link, made->at, count, dns, now, pool);
    }
    smv_ldap_pool_give(self->links, link);
    return error;
}

static int read_roles(smv_role_t *roles, smv_ldap_link_t *link, LDAPMessage *result, apr_pool_t *pool)
{
    smv_ldap_entry_t entry;
    int count = 0;

    for (int is_one = smv_ldap_entry_first(&entry, link->ld, result, pool); is_one && count < MAX_ALL_ROLES;
         is_one = smv_ldap_entry_next(&entry)) {
        count += read_role(&entry, &roles[count]) == NULL;
    }
    return count;
}

static const smv_error_t *list_roles(smv_directory_t *directory, const smv_role_t **roles, int *count, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_role_t *made = apr_pcalloc(pool, sizeof *made * MAX_ALL_ROLES);
    const smv_ldap_query_t query = {self->base, LDAP_SCOPE_SUBTREE, "(objectClass=smvRolle)",
                                    begin(self, self->base, 0, pool)->role_attributes, MAX_ALL_ROLES};
    smv_ldap_link_t *link = smv_ldap_pool_take(self->links);
    LDAPMessage *result;
    int code;

    *roles = made;
    *count = 0;
    if (!link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
    }
    code = smv_ldap_search(self->links, link, &result, &query);
    if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED) {
        *count = read_roles(made, link, result, pool);
    }
    ldap_msgfree(result);
    smv_ldap_pool_give(self->links, link);
    return code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED
               ? NULL
               : smv_ldap_away(self->links, "reading the roles", code, pool);
}

static const smv_error_t *find_login(smv_directory_t *directory, int *is_taken, const char *login, apr_pool_t *pool)
{
    ldap_t *self = directory->state;
    smv_ldap_link_t *link = smv_ldap_pool_take(self->links);
    const smv_error_t *error;
    const char *dn;

    if (!link) {
        return smv_ldap_away(self->links, "all connections of the pool are in use", LDAP_BUSY, pool);
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

static const smv_error_t *set_password(smv_directory_t *directory, const char *dn, const char *password,
                                       apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_account_set_password(self->links, dn, password, pool);
}

static const smv_error_t *describe(smv_directory_t *directory, smv_list_t **list, const char *dn, apr_int64_t customer,
                                   apr_pool_t *pool)
{
    ldap_t *self = directory->state;

    return smv_ldap_describe(self->links, self->base, list, dn, customer, pool);
}

apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_directory_t *made = apr_pcalloc(pool, sizeof *made);
    ldap_t *self = apr_pcalloc(pool, sizeof *self);
    const char *place = config->user_filter ? strstr(config->user_filter, "%s") : NULL;
    apr_status_t status = smv_ldap_pool_create(&self->links, config, pool);

    if (status != APR_SUCCESS || !place) {
        return status != APR_SUCCESS ? status : APR_EINVAL;
    }
    self->base = apr_pstrdup(pool, config->base);
    self->accounts = apr_pstrdup(pool, config->accounts);
    self->filter_before = apr_pstrmemdup(pool, config->user_filter, (apr_size_t)(place - config->user_filter));
    self->filter_after = apr_pstrdup(pool, place + 2);
    *made = (smv_directory_t){.authenticate = authenticate,
                              .load = load,
                              .explain = explain,
                              .describe = describe,
                              .accounts = list_accounts,
                              .roles = list_roles,
                              .find_login = find_login,
                              .create_account = create_account,
                              .lock_account = lock_account,
                              .end_account = end_account,
                              .set_password = set_password,
                              .state = self};
    *directory = made;
    return APR_SUCCESS;
}
