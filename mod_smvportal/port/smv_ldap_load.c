/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_load.h"
#include "../core/smv_policy.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_role.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MAX_ROLES 64
#define MAX_GROUPS 256 /* values of memberOf; most of them are no roles */
#define MODULE_NAME "Kundenportal"

typedef struct loading_t {
    const smv_ldap_pool_t *links;
    smv_ldap_link_t *link;
    const char *base;
    smv_principal_t *principal;
    smv_account_t *account;
    apr_array_header_t *faults; /* of const smv_error_t *; NULL where the first one ends the loading */
    smv_role_t roles[MAX_ROLES];
    apr_time_t now;
    apr_pool_t *pool;
} loading_t;

static int search(const loading_t *loading, LDAPMessage **result, const smv_ldap_query_t *query)
{
    return smv_ldap_search(loading->links, loading->link, result, query);
}

static int answer(const loading_t *loading, LDAPMessage **result, const smv_ldap_pending_t *asked)
{
    return smv_ldap_answer(loading->links, loading->link, result, asked);
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

/* --- roles --- */

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
    error = smv_ldap_role_read(entry, &loading->roles[count]);
    loading->roles[count].sources = source;
    loading->principal->role_count += error == NULL;
    return error;
}

/* A group may be no role of the portal at all. */
static const smv_error_t *read_role(loading_t *loading, const char *dn, const smv_ldap_pending_t *asked,
                                    smv_source_e source)
{
    const smv_error_t *error = NULL;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = answer(loading, &result, asked);

    if (code != LDAP_SUCCESS && !smv_ldap_is_out_of_reach(code)) {
        error = smv_ldap_away(loading->links, "reading a role", code, loading->pool);
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

/* @return for each DN what was asked */
static const smv_ldap_pending_t *ask_for_roles(const loading_t *loading, const char *const *dns)
{
    smv_ldap_pending_t *asked;
    int count = 0;

    while (dns[count]) {
        count++;
    }
    asked = apr_pcalloc(loading->pool, sizeof *asked * (apr_size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        const smv_ldap_query_t query = {dns[i], LDAP_SCOPE_BASE, "(objectClass=*)", smv_ldap_role_attributes, 1, NULL};

        smv_ldap_ask_for(loading->links, loading->link, &asked[i], &query);
    }
    return asked;
}

static const smv_error_t *read_roles(loading_t *loading, const char *const *dns, const smv_ldap_pending_t *asked,
                                     smv_source_e source)
{
    const smv_error_t *error = NULL;

    for (int i = 0; dns[i] && !error; i++) {
        error = settle(loading, read_role(loading, dns[i], &asked[i], source));
    }
    return error;
}

static const char *membership_filter(const char *dn, apr_pool_t *pool)
{
    const char *value = smv_ldap_escaped(dn, pool);

    return value ? apr_psprintf(pool, "(&(objectClass=smvRolle)(|(member=%s)(uniqueMember=%s)(roleOccupant=%s)))",
                                value, value, value)
                 : NULL;
}

static void ask_for_membership(const loading_t *loading, smv_ldap_pending_t *asked, const char *filter)
{
    const smv_ldap_query_t query = {loading->base, LDAP_SCOPE_SUBTREE, filter, smv_ldap_role_attributes, MAX_ROLES + 1,
                                    NULL};

    smv_ldap_ask_for(loading->links, loading->link, asked, &query);
}

static const smv_error_t *read_membership(loading_t *loading, const smv_ldap_pending_t *asked)
{
    const smv_error_t *error = NULL;
    smv_ldap_entry_t entry;
    LDAPMessage *result = NULL;
    int code = answer(loading, &result, asked);

    if (code == LDAP_SIZELIMIT_EXCEEDED) {
        error = settle(loading, too_many(loading, MAX_ROLES, "roles"));
    } else if (code != LDAP_SUCCESS) {
        error = smv_ldap_away(loading->links, "searching roles by membership", code, loading->pool);
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
    smv_account_t *account = loading->account;
    const smv_error_t *error;

    if ((error = settle(loading, smv_ldap_boolean(entry, "smvGesperrt", &account->is_locked))) ||
        (error = settle(loading, smv_ldap_until(entry, "smvGueltigBis", &account->valid_until)))) {
        return error;
    }
    if (smv_ldap_is_locked_out(entry)) {
        account->is_locked_out = 1;
        return settle(loading, smv_error(loading->pool, SMV_ERROR_LOCKED, "%s: the directory has locked it",
                                         loading->principal->dn));
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
    principal->uuid = smv_ldap_identity(entry);
    principal->valid_until = loading->account->valid_until;
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
        "uid",         "displayName",   "cn",       "mail",      "smvRolleDN", "smvKundenNr",  "smvVermittlerNr",
        "smvGesperrt", "smvGueltigBis", "memberOf", "entryUUID", "nsUniqueId", SMV_LDAP_LOCKS, NULL};
    const smv_ldap_query_t query = {
        loading->principal->dn, LDAP_SCOPE_BASE, "(objectClass=smvKonto)", attributes, 1, NULL};
    const smv_error_t *error;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = search(loading, &result, &query);

    if (code != LDAP_SUCCESS && !smv_ldap_is_out_of_reach(code)) {
        error = smv_ldap_away(loading->links, "reading an account", code, loading->pool);
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

static void limit_to(smv_principal_t *principal, apr_time_t until)
{
    if (until != 0 && (principal->valid_until == 0 || until < principal->valid_until)) {
        principal->valid_until = until;
    }
}

/* What customers alone need is no fault of others. */
static const smv_error_t *check_module(loading_t *loading, const smv_ldap_entry_t *entry)
{
    smv_account_t *account = loading->account;
    const smv_error_t *error = smv_ldap_until(entry, "smvModulGueltigBis", &account->module_until);
    int is_over = has_passed(loading, account->module_until);

    account->module = smv_ldap_has_value(entry, "smvModul", MODULE_NAME) ? MODULE_NAME : NULL;
    account->needs_module = smv_policy_is_customer_only(loading->principal);
    loading->principal->module_until = account->module ? account->module_until : SMV_MODULE_NOT_BOOKED;
    if (!account->needs_module || error) {
        return account->needs_module ? error : NULL;
    }
    limit_to(loading->principal, account->module_until);
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

static void ask_for_tenant(const loading_t *loading, smv_ldap_pending_t *asked)
{
    static const char *const attributes[] = {"smvMandantNr", "smvModul", "smvModulGueltigBis", NULL};
    const smv_ldap_query_t query = {loading->base, LDAP_SCOPE_BASE, "(objectClass=smvMandant)", attributes, 1, NULL};

    smv_ldap_ask_for(loading->links, loading->link, asked, &query);
}

static const smv_error_t *load_tenant(loading_t *loading, const smv_ldap_pending_t *asked)
{
    const smv_error_t *error;
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = answer(loading, &result, asked);

    if (code != LDAP_SUCCESS && !smv_ldap_is_out_of_reach(code)) {
        error = smv_ldap_away(loading->links, "reading the firm", code, loading->pool);
    } else if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, loading->link->ld, result, loading->pool)) {
        error = read_tenant(loading, &entry);
    } else {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                                          "%s: give it the object class smvMandant, and let the service account "
                                          "read it",
                                          loading->base));
    }
    ldap_msgfree(result);
    return error;
}

/* --- all of it --- */

/* All that an account points to, asked for at once. */
static const smv_error_t *load_rest(loading_t *loading, const pointers_t *pointers, const char *membership)
{
    const smv_ldap_pending_t *roles = ask_for_roles(loading, pointers->roles);
    const smv_ldap_pending_t *groups = ask_for_roles(loading, pointers->groups);
    smv_ldap_pending_t members, tenant;
    const smv_error_t *error;

    ask_for_membership(loading, &members, membership);
    ask_for_tenant(loading, &tenant);
    if ((error = read_roles(loading, pointers->roles, roles, SMV_SOURCE_POINTER)) ||
        (error = read_roles(loading, pointers->groups, groups, SMV_SOURCE_GROUP)) ||
        (error = read_membership(loading, &members))) {
        return error;
    }
    if (loading->principal->role_count == 0) {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA, "%s has no role; set smvRolleDN",
                                          loading->principal->dn));
    }
    loading->principal->roles = loading->roles;
    return error ? error : load_tenant(loading, &tenant);
}

static const smv_error_t *load_all(loading_t *loading)
{
    static const char *const none[] = {NULL};
    const char *membership = membership_filter(loading->principal->dn, loading->pool);
    pointers_t pointers = {none, none};
    const smv_error_t *error = load_account(loading, &pointers);

    if (!error && !membership) {
        error = smv_error(loading->pool, SMV_ERROR_INTERNAL, "no memory to escape a DN");
    }
    if (error) {
        return error;
    }
    error = load_rest(loading, &pointers, membership);
    if (error) {
        smv_ldap_link_close(loading->link); /* answers may wait there that nobody takes */
    }
    return error;
}

const smv_error_t *smv_ldap_load(const smv_ldap_pool_t *links, smv_ldap_link_t *link, const char *base,
                                 smv_account_t *account, const char *dn, apr_time_t now, apr_array_header_t *faults,
                                 apr_pool_t *pool)
{
    loading_t *loading = apr_pcalloc(pool, sizeof *loading);

    loading->links = links;
    loading->link = link;
    loading->base = base;
    loading->account = account;
    loading->principal = apr_pcalloc(pool, sizeof *loading->principal);
    loading->principal->dn = apr_pstrdup(pool, dn);
    loading->faults = faults;
    loading->now = now;
    loading->pool = pool;
    account->principal = loading->principal;
    return load_all(loading);
}
