/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_load.h"
#include "../core/smv_policy.h"
#include "smv_ldap_groups.h"
#include "smv_ldap_role.h"
#include "smv_ldap_sso.h"
#include "smv_ldap_state.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MAX_ROLES 64
#define MAX_GROUPS 256 /* values of memberOf; most of them are no roles */
#define GROUPS_A_QUESTION 50

typedef struct loading_t {
    const smv_ldap_source_t *source; /* has the account */
    const smv_ldap_source_t *own;    /* has the roles and the firm */
    smv_ldap_pool_t *links;          /* of the one that is being asked */
    smv_ldap_link_t *link;
    smv_ldap_patience_t *patience;
    apr_array_header_t *groups; /* of const char *, DNs */
    const char *dn;             /* of the entry: the account, or the rule that lets somebody in */
    smv_ldap_visitor_t visitor; /* who that is */
    int is_visitor;
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

/* --- roles that name the account, or a group of it --- */

typedef struct membership_t {
    smv_ldap_pending_t *asked; /* of the account, and then of some groups each */
    int count;
} membership_t;

/* Add to a filter that one of several is a member. */
static const char *or_member(const char *filter, const char *dn, apr_pool_t *pool)
{
    const char *value = smv_ldap_escaped(dn, pool);

    return apr_psprintf(pool, "%s(member=%s)(uniqueMember=%s)(roleOccupant=%s)", filter, value, value, value);
}

static void ask_for_members(const loading_t *loading, smv_ldap_pending_t *asked, const char *members)
{
    const char *filter = apr_pstrcat(loading->pool, "(&(objectClass=smvRolle)(|", members, "))", NULL);
    const smv_ldap_query_t query = {loading->own->base,       LDAP_SCOPE_SUBTREE, filter,
                                    smv_ldap_role_attributes, MAX_ROLES + 1,      NULL};

    smv_ldap_ask_for(loading->links, loading->link, asked, &query);
}

static void ask_for_membership(const loading_t *loading, membership_t *membership)
{
    int groups = loading->groups->nelts, count = 1 + (groups + GROUPS_A_QUESTION - 1) / GROUPS_A_QUESTION;

    membership->count = count;
    membership->asked = apr_pcalloc(loading->pool, sizeof *membership->asked * (apr_size_t)count);
    ask_for_members(loading, membership->asked, or_member("", loading->dn, loading->pool));
    for (int i = 1, group = 0; i < count; i++) {
        const char *members = "";

        for (int end = group + GROUPS_A_QUESTION; group < end && group < groups; group++) {
            members = or_member(members, APR_ARRAY_IDX(loading->groups, group, const char *), loading->pool);
        }
        ask_for_members(loading, &membership->asked[i], members);
    }
}

static const smv_error_t *read_members(loading_t *loading, const smv_ldap_pending_t *asked, smv_source_e source)
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
            error = settle(loading, add_role(loading, &entry, source));
        }
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *read_membership(loading_t *loading, const membership_t *membership)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < membership->count && !error; i++) {
        error = read_members(loading, &membership->asked[i], i == 0 ? SMV_SOURCE_MEMBER : SMV_SOURCE_GROUP);
    }
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

/* @return the attribute of a field, NULL where the directory has no such thing */
static const char *name_of(const loading_t *loading, smv_ldap_field_e field)
{
    return loading->source->map.names[field];
}

/* Not knowing whether an account is disabled must not let it in. Nobody is a member of their primary group by its
 * member: a role that hides something might come by it. */
static const smv_error_t *check_readable(const loading_t *loading, const smv_ldap_entry_t *entry)
{
    static const char domain_users[] = "513";
    const char *primary = smv_ldap_text(entry, "primaryGroupID");

    if (loading->source->map.schema != SMV_LDAP_SCHEMA_AD) {
        return NULL;
    }
    if (!*smv_ldap_text(entry, "userAccountControl") || !*smv_ldap_text(entry, "accountExpires")) {
        return smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                         "%s: let the service account read userAccountControl and accountExpires",
                         loading->principal->dn);
    }
    return loading->source->groups == SMV_LDAP_GROUPS_NONE || strcmp(primary, domain_users) == 0
               ? NULL
               : smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                           "%s: let Domain Users be its primary group, and the service account read primaryGroupID",
                           loading->principal->dn);
}

/* The earlier one of what the firm says and what Active Directory does. */
static const smv_error_t *read_end(const loading_t *loading, const smv_ldap_entry_t *entry, apr_time_t *until)
{
    const char *name = name_of(loading, SMV_LDAP_FIELD_VALID_UNTIL);
    const smv_error_t *error = name ? smv_ldap_until(entry, name, until) : NULL;
    apr_time_t expires = 0;

    if (!error) {
        error = smv_ldap_account_expires(entry, &expires);
    }
    if (expires && (*until == 0 || expires < *until)) {
        *until = expires;
    }
    return error;
}

/* Who explains is told, too, of a lock that ends by itself. */
static int is_locked_out(const loading_t *loading, const smv_ldap_entry_t *entry)
{
    return smv_ldap_is_locked_out(entry) || (loading->faults && smv_ldap_is_locked_for_now(entry));
}

static const smv_error_t *check_validity(loading_t *loading, const smv_ldap_entry_t *entry)
{
    const char *name = name_of(loading, SMV_LDAP_FIELD_LOCKED), *why = NULL;
    smv_account_t *account = loading->account;
    const smv_error_t *error;

    if ((name && (error = settle(loading, smv_ldap_boolean(entry, name, &account->is_locked)))) ||
        (error = settle(loading, check_readable(loading, entry))) ||
        (error = settle(loading, read_end(loading, entry, &account->valid_until)))) {
        return error;
    }
    account->is_locked_out = is_locked_out(loading, entry);
    why = account->is_locked_out                      ? "the directory has locked it"
          : account->is_locked                        ? name
          : has_passed(loading, account->valid_until) ? "its time has passed"
                                                      : NULL;
    return why ? settle(loading,
                        smv_error(loading->pool, SMV_ERROR_LOCKED, "%s is locked: %s", loading->principal->dn, why))
               : NULL;
}

static const smv_error_t *read_pointers(const loading_t *loading, const smv_ldap_entry_t *entry, pointers_t *pointers)
{
    const char *name = name_of(loading, SMV_LDAP_FIELD_ROLE);
    int roles = 0, groups = 0;

    if (name) {
        pointers->roles = smv_ldap_texts(entry, name, &roles);
    }
    if (loading->source == loading->own) {
        pointers->groups = smv_ldap_texts(entry, "memberOf", &groups);
    }
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
                           "%s: %s or cn is missing, or the service account may not read it", principal->dn,
                           name_of(loading, SMV_LDAP_FIELD_LOGIN));
}

static const smv_error_t *read_numbers(const loading_t *loading, const smv_ldap_entry_t *entry, smv_ldap_field_e field,
                                       smv_numbers_t *numbers)
{
    const char *name = name_of(loading, field);

    return name ? settle(loading, smv_ldap_numbers(entry, name, numbers)) : NULL;
}

static const char *read_text(const loading_t *loading, const smv_ldap_entry_t *entry, smv_ldap_field_e field)
{
    const char *name = name_of(loading, field);

    return name ? smv_ldap_text(entry, name) : "";
}

/* A rule may come to be that of another issuer. */
static const smv_error_t *check_issuer(const loading_t *loading, const smv_ldap_entry_t *entry)
{
    const char *issuer = smv_ldap_text(entry, "smvAussteller");
    size_t size = strlen(issuer);

    return !loading->is_visitor || (size > 0 && strncmp(loading->visitor.identifier, issuer, size) == 0 &&
                                    loading->visitor.identifier[size] == ' ')
               ? NULL
               : smv_error(loading->pool, SMV_ERROR_LOCKED, "%s is not of the issuer of %s",
                           loading->visitor.identifier, loading->visitor.rule);
}

static const smv_error_t *read_account(loading_t *loading, const smv_ldap_entry_t *entry, pointers_t *pointers)
{
    smv_principal_t *principal = loading->principal;
    const smv_error_t *error;

    if ((error = check_validity(loading, entry)) || (error = settle(loading, check_issuer(loading, entry))) ||
        (error = read_numbers(loading, entry, SMV_LDAP_FIELD_CUSTOMER, &principal->customers)) ||
        (error = read_numbers(loading, entry, SMV_LDAP_FIELD_BROKER, &principal->brokers))) {
        return error;
    }
    principal->login = loading->is_visitor ? loading->visitor.login : read_text(loading, entry, SMV_LDAP_FIELD_LOGIN);
    principal->mail = read_text(loading, entry, SMV_LDAP_FIELD_MAIL);
    principal->uuid = smv_ldap_identity(entry);
    principal->valid_until = loading->account->valid_until;
    principal->name = loading->is_visitor ? loading->visitor.name : read_text(loading, entry, SMV_LDAP_FIELD_NAME);
    if (!*principal->name) {
        principal->name = smv_ldap_text(entry, "cn");
    }
    error = settle(loading, check_names(loading));
    return error ? error : settle(loading, read_pointers(loading, entry, pointers));
}

/* @return what an account is read from, ended by NULL */
static const char *const *attributes_of(const loading_t *loading)
{
    static const char *const always[] = {
        "cn", "smvAussteller", "primaryGroupID", SMV_LDAP_IDENTITIES, SMV_LDAP_STATE_ATTRIBUTES, "memberOf", NULL};
    const char **names = apr_pcalloc(loading->pool, sizeof always + sizeof *names * SMV_LDAP_FIELD_COUNT);
    int count = 0;

    for (int field = 0; field < SMV_LDAP_FIELD_COUNT; field++) {
        if (name_of(loading, (smv_ldap_field_e)field)) {
            names[count++] = name_of(loading, (smv_ldap_field_e)field);
        }
    }
    memcpy(&names[count], always, sizeof always);
    if (loading->source != loading->own) {
        names[count + (int)(sizeof always / sizeof *always) - 2] = NULL; /* memberOf, which is of no use there */
    }
    return names;
}

static const smv_error_t *load_account(loading_t *loading, pointers_t *pointers)
{
    const char *filter = loading->is_visitor ? SMV_LDAP_RULE_FILTER : loading->source->account_filter;
    const smv_ldap_query_t query = {loading->dn, LDAP_SCOPE_BASE, filter, attributes_of(loading), 1, NULL};
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
                                          "%s is gone, is not what SmvPortalLdapUserFilter looks for, or the "
                                          "service account may not read it",
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

    account->module = smv_ldap_has_value(entry, "smvModul", SMV_LDAP_MODULE) ? SMV_LDAP_MODULE : NULL;
    account->needs_module = smv_policy_is_customer_only(loading->principal);
    loading->principal->module_until = account->module ? account->module_until : SMV_MODULE_NOT_BOOKED;
    if (!account->needs_module || error) {
        return account->needs_module ? error : NULL;
    }
    limit_to(loading->principal, account->module_until);
    return account->module && !is_over
               ? NULL
               : smv_error(loading->pool, SMV_ERROR_MODULE_NOT_BOOKED, "%s: %s", entry->dn,
                           is_over ? "smvModulGueltigBis has passed" : "smvModul " SMV_LDAP_MODULE " is missing");
}

static const smv_error_t *read_tenant(loading_t *loading, const smv_ldap_entry_t *entry)
{
    const smv_error_t *error = settle(loading, smv_ldap_number(entry, "smvMandantNr", &loading->principal->tenant));

    return error ? error : settle(loading, check_module(loading, entry));
}

static void ask_for_tenant(const loading_t *loading, smv_ldap_pending_t *asked)
{
    static const char *const attributes[] = {"smvMandantNr", "smvModul", "smvModulGueltigBis", NULL};
    const smv_ldap_query_t query = {
        loading->own->base, LDAP_SCOPE_BASE, "(objectClass=smvMandant)", attributes, 1, NULL};

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
                                          loading->own->base));
    }
    ldap_msgfree(result);
    return error;
}

/* --- all of it --- */

/* Somebody of a firm who has an account, by whatever it says, is not let in by the rule for all. */
static const smv_error_t *check_visitor(const loading_t *loading)
{
    const smv_ldap_source_t *own = loading->own;
    static const char *const attributes[] = {LDAP_NO_ATTRS, NULL};
    const smv_ldap_query_t query = {own->base,
                                    LDAP_SCOPE_SUBTREE,
                                    apr_pstrcat(loading->pool, "(&(objectClass=smvKonto)(smvSsoKennung=",
                                                smv_ldap_escaped(loading->visitor.identifier, loading->pool), "))",
                                                NULL),
                                    attributes,
                                    1,
                                    NULL};
    LDAPMessage *result;
    int code = search(loading, &result, &query),
        is_one =
            code == LDAP_SIZELIMIT_EXCEEDED || (code == LDAP_SUCCESS && ldap_first_entry(loading->link->ld, result));

    ldap_msgfree(result);
    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED) {
        return smv_ldap_away(loading->links, "searching an account", code, loading->pool);
    }
    return is_one ? smv_error(loading->pool, SMV_ERROR_LOCKED, "%s has an account, which goes before %s",
                              loading->visitor.identifier, loading->visitor.rule)
                  : NULL;
}

/* From the directory that has the account. */
static const smv_error_t *load_person(loading_t *loading, pointers_t *pointers)
{
    smv_ldap_groups_asked_t asked;
    const smv_error_t *error;

    smv_ldap_groups_ask(loading->source, loading->link, &asked, loading->dn, loading->pool);
    error = load_account(loading, pointers);
    if (!error && loading->is_visitor) {
        error = check_visitor(loading);
    }
    if (!error) {
        error = settle(loading,
                       smv_ldap_groups_take(loading->source, loading->link, &asked, &loading->groups, loading->pool));
    } else if (asked.is_asked) {
        smv_ldap_link_close(loading->link); /* an answer may wait there that nobody takes */
    }
    return error;
}

/* All that an account points to, asked for at once. */
static const smv_error_t *ask_for_rest(loading_t *loading, const pointers_t *pointers)
{
    const smv_ldap_pending_t *roles = ask_for_roles(loading, pointers->roles);
    const smv_ldap_pending_t *groups = ask_for_roles(loading, pointers->groups);
    smv_ldap_pending_t tenant;
    membership_t members;
    const smv_error_t *error;

    ask_for_membership(loading, &members);
    ask_for_tenant(loading, &tenant);
    if ((error = read_roles(loading, pointers->roles, roles, SMV_SOURCE_POINTER)) ||
        (error = read_roles(loading, pointers->groups, groups, SMV_SOURCE_GROUP)) ||
        (error = read_membership(loading, &members))) {
        return error;
    }
    if (loading->principal->role_count == 0) {
        error = settle(loading, smv_error(loading->pool, SMV_ERROR_DIRECTORY_DATA,
                                          "%s has no role; set smvRolleDN, or let a role name it or one of its groups",
                                          loading->principal->dn));
    }
    loading->principal->roles = loading->roles;
    return error ? error : load_tenant(loading, &tenant);
}

static const smv_error_t *load_rest(loading_t *loading, const pointers_t *pointers)
{
    const smv_error_t *error = ask_for_rest(loading, pointers);

    if (error) {
        smv_ldap_link_close(loading->link); /* answers may wait there that nobody takes */
    }
    return error;
}

static const smv_error_t *take(loading_t *loading, const smv_ldap_source_t *source)
{
    loading->links = source->links;
    return smv_ldap_pool_take(source->links, &loading->link, loading->patience, loading->pool);
}

static const smv_error_t *load_all(loading_t *loading)
{
    static const char *const none[] = {NULL};
    pointers_t pointers = {none, none};
    const smv_error_t *error = take(loading, loading->source);

    if (error) {
        return error;
    }
    error = load_person(loading, &pointers);
    if (!error && loading->source != loading->own) {
        smv_ldap_pool_give(loading->links, loading->link);
        if ((error = take(loading, loading->own))) {
            return error;
        }
    }
    if (!error) {
        error = load_rest(loading, &pointers);
    }
    smv_ldap_pool_give(loading->links, loading->link);
    return error;
}

const smv_error_t *smv_ldap_load(const smv_ldap_sources_t *sources, smv_account_t *account, const char *dn,
                                 const smv_ldap_load_t *how, apr_pool_t *pool)
{
    loading_t *loading = apr_pcalloc(pool, sizeof *loading);

    loading->source = smv_ldap_source_of(sources, dn);
    loading->own = &sources->at[SMV_DIRECTORY_OWN];
    loading->patience = how->patience;
    loading->groups = apr_array_make(pool, 1, sizeof(const char *));
    loading->account = account;
    loading->principal = apr_pcalloc(pool, sizeof *loading->principal);
    loading->principal->dn = apr_pstrdup(pool, dn);
    loading->principal->directory = loading->source->number;
    loading->faults = how->faults;
    loading->now = how->now;
    loading->pool = pool;
    loading->is_visitor = smv_ldap_visitor_of(&loading->visitor, dn, pool);
    loading->dn = loading->is_visitor ? loading->visitor.rule : loading->principal->dn;
    account->principal = loading->principal;
    return load_all(loading);
}
