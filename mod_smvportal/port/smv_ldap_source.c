/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_source.h"

#include <apr_strings.h>
#include <string.h>

/* --- names --- */

#define MAX_FOLDED 512

/* A value as it is compared: in small letters, one blank for several, none at the ends.
 * @return 0 where it goes beyond ASCII, or is too long */
static int fold(char *folded, const struct berval *value)
{
    size_t size = 0;

    for (ber_len_t i = 0; i < value->bv_len; i++) {
        char c = value->bv_val[i];

        if ((unsigned char)c >= 0x80 || size == MAX_FOLDED - 1) {
            return 0;
        }
        if (c != ' ' || (size > 0 && folded[size - 1] != ' ')) {
            folded[size++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        }
    }
    size -= size > 0 && folded[size - 1] == ' ';
    folded[size] = '\0';
    return 1;
}

/* @param in_doubt the answer where a server may see a value in a way of its own */
static int is_same(const struct berval *value, const struct berval *wanted, int in_doubt)
{
    char here[MAX_FOLDED], there[MAX_FOLDED];
    int is_folded = fold(here, value);

    if (is_folded && fold(there, wanted)) {
        return strcmp(here, there) == 0;
    }
    return (value->bv_len == wanted->bv_len && memcmp(value->bv_val, wanted->bv_val, value->bv_len) == 0) ||
           (in_doubt && !is_folded);
}

static int has(LDAPAVA *const *rdn, const LDAPAVA *wanted, int in_doubt)
{
    for (int i = 0; rdn[i]; i++) {
        if (is_same(&rdn[i]->la_attr, &wanted->la_attr, 0) && is_same(&rdn[i]->la_value, &wanted->la_value, in_doubt)) {
            return 1;
        }
    }
    return 0;
}

/* The parts of one name have no order. */
static int is_same_rdn(LDAPAVA *const *rdn, LDAPAVA *const *wanted, int in_doubt)
{
    int count = 0;

    for (; wanted[count]; count++) {
        if (!rdn[count] || !has(rdn, wanted[count], in_doubt)) {
            return 0;
        }
    }
    return !rdn[count];
}

static int length_of(LDAPRDN const *dn)
{
    int length = 0;

    while (dn && dn[length]) {
        length++;
    }
    return length;
}

static int is_below(const char *dn, const char *base, int in_doubt)
{
    LDAPDN name = NULL, top = NULL;
    int is_below = ldap_str2dn(dn, &name, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS &&
                   ldap_str2dn(base, &top, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS,
        deeper = length_of(name) - length_of(top);

    is_below = is_below && deeper >= 0;
    for (int i = 0; is_below && top && top[i]; i++) {
        is_below = is_same_rdn(name[deeper + i], top[i], in_doubt);
    }
    ldap_dnfree(name);
    ldap_dnfree(top);
    return is_below;
}

int smv_ldap_is_within(const char *dn, const char *base)
{
    return is_below(dn, base, 0);
}

/* --- sources --- */

const smv_ldap_source_t *smv_ldap_source_of(const smv_ldap_sources_t *sources, const char *dn)
{
    const smv_ldap_source_t *found = &sources->at[SMV_DIRECTORY_OWN];

    for (int i = 1; i < sources->count; i++) {
        const smv_ldap_source_t *other = &sources->at[i];

        if (smv_ldap_is_within(dn, other->base) &&
            (!smv_ldap_is_within(dn, found->base) || smv_ldap_is_within(other->base, found->base))) {
            found = other;
        }
    }
    return found;
}

int smv_ldap_is_own_entry(const smv_ldap_source_t *source, const char *dn)
{
    for (int i = 0; i < source->all->count; i++) {
        const smv_ldap_source_t *other = &source->all->at[i];

        if (other != source && is_below(dn, other->base, 1) && !smv_ldap_is_within(source->base, other->base)) {
            return 0;
        }
    }
    return smv_ldap_source_of(source->all, dn) == source;
}

const smv_error_t *smv_ldap_foreign_entry(const char *dn, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DIRECTORY_DATA,
                     "%s: its DN lies below the SmvPortalLdapBase of another directory, or might", dn);
}

static apr_status_t set_up(smv_ldap_source_t *source, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    const char *filter = config->user_filter ? config->user_filter : smv_ldap_map_user_filter(&config->map, pool);

    source->map = config->map;
    source->base = apr_pstrdup(pool, config->base);
    source->user_filter = apr_pstrdup(pool, filter);
    source->account_filter = smv_ldap_filled(filter, "*", pool);
    source->group_filter = apr_pstrdup(pool, config->group_filter ? config->group_filter : config->map.kind->group);
    source->groups = config->groups;
    source->stand_in = apr_pstrdup(pool, config->stand_in);
    source->is_password_writeable = config->is_password_writeable;
    return smv_ldap_pool_create(&source->links, config, pool);
}

apr_status_t smv_ldap_sources_init(smv_ldap_sources_t *sources, const smv_ldap_config_t *configs, int count,
                                   apr_pool_t *pool)
{
    apr_status_t status = count > 0 && count <= SMV_LIVE_MAX_DIRECTORIES ? APR_SUCCESS : APR_EINVAL;

    for (int i = 0; i < count && status == APR_SUCCESS; i++) {
        sources->at[i].number = i;
        sources->at[i].all = sources;
        sources->count = i + 1;
        status = set_up(&sources->at[i], &configs[i], pool);
    }
    return status;
}
