/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_source.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

/* --- names --- */

static int is_same(const struct berval *one, const struct berval *other)
{
    return one->bv_len == other->bv_len && strncasecmp(one->bv_val, other->bv_val, one->bv_len) == 0;
}

static int is_same_rdn(LDAPAVA *const *one, LDAPAVA *const *other)
{
    int i = 0;

    for (; one[i] && other[i]; i++) {
        if (!is_same(&one[i]->la_attr, &other[i]->la_attr) || !is_same(&one[i]->la_value, &other[i]->la_value)) {
            return 0;
        }
    }
    return !one[i] && !other[i];
}

static int length_of(LDAPRDN const *dn)
{
    int length = 0;

    while (dn && dn[length]) {
        length++;
    }
    return length;
}

int smv_ldap_is_within(const char *dn, const char *base)
{
    LDAPDN name = NULL, top = NULL;
    int is_within = ldap_str2dn(dn, &name, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS &&
                    ldap_str2dn(base, &top, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS,
        deeper = length_of(name) - length_of(top);

    is_within = is_within && deeper >= 0;
    for (int i = 0; is_within && top && top[i]; i++) {
        is_within = is_same_rdn(name[deeper + i], top[i]);
    }
    ldap_dnfree(name);
    ldap_dnfree(top);
    return is_within;
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
        sources->count = i + 1;
        status = set_up(&sources->at[i], &configs[i], pool);
    }
    return status;
}
