/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_find.h"

#include "smv_ldap_state.h"

#include <apr_strings.h>

static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};

/* --- by login --- */

static const smv_error_t *find_on(const smv_ldap_source_t *source, smv_ldap_link_t *link, smv_ldap_found_t *found,
                                  const char *filter, apr_pool_t *pool)
{
    static const char *const attributes[] = {SMV_LDAP_PASSWORD_EXPIRES, SMV_LDAP_FAILURE_ATTRIBUTES, NULL};
    const smv_ldap_query_t query = {source->base, LDAP_SCOPE_SUBTREE, filter, attributes, 2, NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = smv_ldap_search(source->links, link, &result, &query);

    *found = (smv_ldap_found_t){.source = source};
    if (code == LDAP_SIZELIMIT_EXCEEDED) {
        found->count = 2;
    } else if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, link->ld, result, pool)) {
        found->count = ldap_next_entry(link->ld, entry.message) ? 2 : 1;
        found->dn = *entry.dn && found->count == 1 ? entry.dn : NULL;
        found->password_expires = smv_ldap_password_expires(&entry);
        found->may_be_locked = smv_ldap_may_be_locked(&entry, apr_time_now());
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED
               ? NULL
               : smv_ldap_away(source->links, "searching a login", code, pool);
}

const smv_error_t *smv_ldap_find_by(const smv_ldap_source_t *source, smv_ldap_found_t *found, const char *filter,
                                    smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_link_t *link;
    const smv_error_t *error = smv_ldap_pool_take(source->links, &link, patience, pool);

    if (!error) {
        error = find_on(source, link, found, filter, pool);
        smv_ldap_pool_give(source->links, link);
    }
    return error;
}

const smv_error_t *smv_ldap_find_login(const smv_ldap_sources_t *sources, smv_ldap_found_t *found, const char *login,
                                       smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const char *value = smv_ldap_escaped(login, pool);
    const smv_error_t *error = NULL;

    found->count = 0;
    for (int i = 0; i < sources->count && found->count == 0 && !error; i++) {
        error = smv_ldap_find_by(&sources->at[i], found, smv_ldap_filled(sources->at[i].user_filter, value, pool),
                                 patience, pool);
    }
    if (!error && found->dn && !smv_ldap_is_own_entry(found->source, found->dn)) {
        error = smv_ldap_foreign_entry(found->dn, pool);
    }
    if (error || found->count == 0) {
        *found = (smv_ldap_found_t){.source = &sources->at[SMV_DIRECTORY_OWN]};
    }
    return error;
}

/* --- by customer --- */

const char *smv_ldap_customer_filter(const smv_ldap_source_t *source, apr_int64_t customer, const char *more,
                                     apr_pool_t *pool)
{
    const char *name = source->map.names[SMV_LDAP_FIELD_CUSTOMER];

    return name ? apr_psprintf(pool, "(&%s(%s=%" APR_INT64_T_FMT ")%s)", source->account_filter, name, customer, more)
                : NULL;
}

static void add_accounts(const smv_ldap_source_t *source, apr_array_header_t *dns, smv_ldap_link_t *link,
                         LDAPMessage *result, apr_pool_t *pool)
{
    smv_ldap_entry_t entry;

    for (int is_one = smv_ldap_entry_first(&entry, link->ld, result, pool);
         is_one && dns->nelts < SMV_LDAP_MAX_ACCOUNTS; is_one = smv_ldap_entry_next(&entry)) {
        if (smv_ldap_is_own_entry(source, entry.dn)) {
            APR_ARRAY_PUSH(dns, const char *) = entry.dn;
        }
    }
}

static const smv_error_t *list_in(const smv_ldap_source_t *source, apr_array_header_t *dns, const char *filter,
                                  smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const smv_ldap_query_t query = {source->base,  LDAP_SCOPE_SUBTREE,    filter,
                                    no_attributes, SMV_LDAP_MAX_ACCOUNTS, NULL};
    LDAPMessage *result;
    smv_ldap_link_t *link;
    const smv_error_t *error = smv_ldap_pool_take(source->links, &link, patience, pool);
    int code;

    if (error) {
        return error;
    }
    code = smv_ldap_search(source->links, link, &result, &query);
    if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED) {
        add_accounts(source, dns, link, result, pool);
    } else if (!smv_ldap_is_out_of_reach(code)) {
        error = smv_ldap_away(source->links, "searching a customer's accounts", code, pool);
    }
    ldap_msgfree(result);
    smv_ldap_pool_give(source->links, link);
    return error;
}

const smv_error_t *smv_ldap_find_accounts(const smv_ldap_sources_t *sources, apr_array_header_t **dns,
                                          apr_int64_t customer, const char *login, smv_ldap_patience_t *patience,
                                          apr_pool_t *pool)
{
    const char *value = login ? smv_ldap_escaped(login, pool) : NULL;
    const smv_error_t *error = NULL;

    *dns = apr_array_make(pool, 8, sizeof(const char *));
    /* What is managed is in the portal's own directory: one that is away beside it must keep nobody from locking. */
    for (int i = 0; i < sources->count && !error && !(login && (*dns)->nelts > 0); i++) {
        const smv_ldap_source_t *source = &sources->at[i];
        const char *more =
            value ? apr_pstrcat(pool, "(", source->map.names[SMV_LDAP_FIELD_LOGIN], "=", value, ")", NULL) : "";
        const char *filter = smv_ldap_customer_filter(source, customer, more, pool);

        error = filter ? list_in(source, *dns, filter, patience, pool) : NULL;
        if (error && i != SMV_DIRECTORY_OWN && error->code == SMV_ERROR_DIRECTORY_AWAY) {
            error = NULL;
        }
    }
    return error;
}
