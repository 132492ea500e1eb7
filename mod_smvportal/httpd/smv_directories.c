/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories of a virtual host: the portal's own, and those of sections <SmvPortalDirectory>.
 */
#include "smv_config.h"

int smv_directory_count(const smv_config_t *config)
{
    return 1 + (config->directories ? config->directories->nelts : 0);
}

smv_directory_settings_t *smv_directory_settings(const smv_config_t *config, int number)
{
    return number == SMV_DIRECTORY_OWN ? (smv_directory_settings_t *)&config->ldap
                                       : APR_ARRAY_IDX(config->directories, number - 1, smv_directory_settings_t *);
}

smv_ldap_config_t smv_directory_config(const smv_config_t *config, int number)
{
    const smv_directory_settings_t *settings = smv_directory_settings(config, number);
    smv_ldap_config_t made = settings->made;

    made.number = number;
    made.accounts = config->ldap_accounts;
    made.roles = config->ldap_roles;
    made.keeps_references = strcasecmp(config->ldap_references, "On") == 0;
    made.live = config->live;
    made.servers = settings->servers;
    return made;
}

static const smv_error_t *check_own(const smv_ldap_settings_t *said, apr_pool_t *pool)
{
    return !said->stand_in && !said->mappings && strcmp(said->schema, "smv") == 0
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION,
                           "SmvPortalLdapStandIn, SmvPortalLdapSchema and SmvPortalLdapMap belong into a section "
                           "<SmvPortalDirectory>: the "
                           "portal's own directory has the roles and the firm, and so the project's schema");
}

const smv_error_t *smv_directories_check(const smv_config_t *config, apr_pool_t *pool)
{
    int count = smv_directory_count(config);
    smv_ldap_config_t *ldap = apr_pcalloc(pool, sizeof *ldap * (apr_size_t)count);
    const smv_error_t *error = check_own(&config->ldap.said, pool);

    for (int i = 0; i < count && !error; i++) {
        smv_directory_settings_t *settings = smv_directory_settings(config, i);

        error = smv_ldap_settings_apply(&settings->made, &settings->said, pool);
        if (error && i != SMV_DIRECTORY_OWN) {
            error = smv_error(pool, error->code, SMV_LDAP_SECTION " %s>: %s", settings->name, error->detail);
        }
        ldap[i] = smv_directory_config(config, i);
    }
    return error ? error : smv_ldap_check_all(ldap, count, pool);
}
