/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_settings.h"

#include <apr_file_info.h>
#include <string.h>
#include <strings.h>

#include "smv_secret.h"

static int is_on(const char *value)
{
    return strcasecmp(value, "On") == 0;
}

static const smv_error_t *apply_mappings(smv_ldap_map_t *map, const apr_table_t *mappings, apr_pool_t *pool)
{
    const apr_array_header_t *rows = mappings ? apr_table_elts(mappings) : NULL;
    const smv_error_t *error = NULL;

    for (int i = 0; rows && i < rows->nelts && !error; i++) {
        const apr_table_entry_t *row = &APR_ARRAY_IDX(rows, i, apr_table_entry_t);

        error = smv_ldap_map_set(map, row->key, row->val, pool);
    }
    return error;
}

/* What is not said follows from the kind of directory. */
static const smv_error_t *apply_kind(smv_ldap_config_t *config, const smv_ldap_settings_t *said, apr_pool_t *pool)
{
    const smv_error_t *error;

    if ((error = smv_ldap_map_init(&config->map, said->schema, pool)) ||
        (error = apply_mappings(&config->map, said->mappings, pool))) {
        return error;
    }
    config->groups = config->map.kind->groups;
    config->is_password_writeable =
        said->password_change ? is_on(said->password_change) : config->map.kind->is_password_writeable;
    if (said->groups && (error = smv_ldap_groups_of(&config->groups, said->groups, pool))) {
        return error;
    }
    /* Other servers do not know the rule, and find nothing by it. */
    return config->groups != SMV_LDAP_GROUPS_IN_CHAIN || config->map.schema == SMV_LDAP_SCHEMA_AD
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION,
                           "SmvPortalLdapGroups in-chain is for SmvPortalLdapSchema active-directory: say nested");
}

static const smv_error_t *check_files(const smv_ldap_settings_t *said, apr_pool_t *pool)
{
    const struct {
        const char *name, *path;
    } files[] = {{"SmvPortalLdapTlsCa", said->tls_ca},
                 {"SmvPortalLdapTlsCertificate", said->tls_certificate},
                 {"SmvPortalLdapTlsKey", said->tls_key}};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        apr_finfo_t info;

        if (files[i].path &&
            (apr_stat(&info, files[i].path, APR_FINFO_TYPE, pool) != APR_SUCCESS || info.filetype != APR_REG)) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s: no such file", files[i].name, files[i].path);
        }
    }
    return NULL;
}

const smv_error_t *smv_ldap_settings_apply(smv_ldap_config_t *config, const smv_ldap_settings_t *said, apr_pool_t *pool)
{
    const smv_error_t *error;

    config->uri = said->uri;
    config->is_random = strcmp(said->order, "random") == 0;
    config->base = said->base;
    config->group_filter = said->group_filter;
    config->stand_in = said->stand_in;
    config->is_external = strcmp(said->bind_method, "external") == 0;
    config->bind_dn = said->bind_dn;
    config->user_filter = said->user_filter;
    config->starts_tls = is_on(said->start_tls);
    config->trusts_anybody = !is_on(said->tls_verify);
    config->tls_ca = said->tls_ca;
    config->tls_certificate = said->tls_certificate;
    config->tls_key = said->tls_key;
    config->connect_timeout = apr_time_from_sec(said->connect_timeout);
    config->timeout = apr_time_from_sec(said->timeout);
    config->pool_size = said->pool;
    if ((error = apply_kind(config, said, pool)) || (error = check_files(said, pool)) ||
        (said->password_file && (error = smv_secret_read(&config->bind_password, "SmvPortalLdapBindPasswordFile",
                                                         said->password_file, pool)))) {
        return error;
    }
    return smv_ldap_check(config, is_on(said->plain), pool);
}
