/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_describe.h"

#include "../core/smv_record.h"
#include "../core/smv_rules.h"
#include "../core/smv_shapes.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_find.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MAX_ENTRIES 50
#define MAX_VALUES 2000

/* Secrets, whatever the service account may read. */
static int is_secret(const char *attribute)
{
    static const char *const parts[] = {"password", "pwd", "hash", "krb", "oath", "secret"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcasestr(attribute, parts[i])) {
            return 1;
        }
    }
    return 0;
}

static void add_values(smv_list_t *list, const smv_ldap_entry_t *entry, const char *attribute)
{
    struct berval **values = ldap_get_values_len(entry->ld, entry->message, attribute);

    for (int i = 0; values && values[i] && list->count < MAX_VALUES; i++) {
        const smv_value_t *record = list->records[list->count].values;

        if (smv_is_utf8(values[i]->bv_val, values[i]->bv_len) && !memchr(values[i]->bv_val, '\0', values[i]->bv_len)) {
            smv_value_t *row = (smv_value_t *)record;

            row[SMV_ATTRIBUTE_ENTRY] = smv_text(entry->dn);
            row[SMV_ATTRIBUTE_NAME] = smv_text(apr_pstrdup(entry->pool, attribute));
            row[SMV_ATTRIBUTE_VALUE] = smv_text(apr_pstrmemdup(entry->pool, values[i]->bv_val, values[i]->bv_len));
            list->count++;
        }
    }
    ldap_value_free_len(values);
}

static void add_entry(smv_list_t *list, const smv_ldap_entry_t *entry)
{
    BerElement *ber = NULL;

    for (char *attribute = ldap_first_attribute(entry->ld, entry->message, &ber); attribute;
         attribute = ldap_next_attribute(entry->ld, entry->message, ber)) {
        if (!is_secret(attribute)) {
            add_values(list, entry, attribute);
        }
        ldap_memfree(attribute);
    }
    ber_free(ber, 0);
}

static const smv_error_t *read_entries(smv_ldap_pool_t *links, smv_ldap_link_t *link, smv_list_t *list,
                                       const smv_ldap_query_t *query, apr_pool_t *pool)
{
    smv_ldap_entry_t entry;
    LDAPMessage *result = NULL;
    int code = smv_ldap_search(links, link, &result, query);
    const smv_error_t *error = NULL;

    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED && code != LDAP_NO_SUCH_OBJECT) {
        error = smv_ldap_away(links, "describing an account", code, pool);
    } else if (smv_ldap_entry_first(&entry, link->ld, result, pool)) {
        do {
            add_entry(list, &entry);
        } while (smv_ldap_entry_next(&entry));
    }
    ldap_msgfree(result);
    return error;
}

static const smv_error_t *describe_in(const smv_ldap_source_t *source, smv_list_t *list, const smv_ldap_query_t *query,
                                      smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_link_t *link;
    const smv_error_t *error = smv_ldap_pool_take(source->links, &link, patience, pool);

    if (!error) {
        error = read_entries(source->links, link, list, query, pool);
        smv_ldap_pool_give(source->links, link);
    }
    return error;
}

static const char *const all_attributes[] = {"*", NULL};

static const smv_error_t *describe_one(const smv_ldap_sources_t *sources, smv_list_t *list, const char *dn,
                                       smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const smv_ldap_query_t query = {dn, LDAP_SCOPE_BASE, "(objectClass=*)", all_attributes, 1, NULL};

    return describe_in(smv_ldap_source_of(sources, dn), list, &query, patience, pool);
}

static const smv_error_t *describe_all(const smv_ldap_sources_t *sources, smv_list_t *list, apr_int64_t customer,
                                       smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < sources->count && !error; i++) {
        const smv_ldap_source_t *source = &sources->at[i];
        const smv_ldap_query_t query = {
            source->base,   LDAP_SCOPE_SUBTREE, smv_ldap_customer_filter(source, customer, "", pool),
            all_attributes, MAX_ENTRIES,        NULL};

        error = query.filter ? describe_in(source, list, &query, patience, pool) : NULL;
    }
    return error;
}

const smv_error_t *smv_ldap_describe(const smv_ldap_sources_t *sources, smv_list_t **list, const char *dn,
                                     apr_int64_t customer, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    *list = smv_list_make(&smv_shape_attribute, MAX_VALUES, pool);
    (*list)->count = 0;
    return dn ? describe_one(sources, *list, dn, patience, pool)
              : describe_all(sources, *list, customer, patience, pool);
}
