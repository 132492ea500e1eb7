/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with the configuration of a directory, as far as no server is needed to say so.
 */
#include "smv_ldap_source.h"

#include <apr_strings.h>
#include <ldap.h>
#include <string.h>
#include <strings.h>

/* The machine itself (RFC 5735, 3; RFC 4291, 2.5.3), or a socket of its own. */
static int is_local(const LDAPURLDesc *url)
{
    const char *host = url->lud_host;

    return strcasecmp(url->lud_scheme, "ldapi") == 0 || !host || !*host || strcasecmp(host, "localhost") == 0 ||
           strcmp(host, "::1") == 0 || (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

static const smv_error_t *check_server(const smv_ldap_config_t *config, const char *uri, int may_be_plain,
                                       apr_pool_t *pool)
{
    const smv_error_t *error = NULL;
    LDAPURLDesc *url = NULL;

    if (ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalLdapUri: \"%s\" is no URI like ldaps://ldap.musterfirma.example", uri);
    }
    if (strcasecmp(url->lud_scheme, "ldap") == 0 && !config->starts_tls && !may_be_plain && !is_local(url)) {
        error = smv_error(pool, SMV_ERROR_CONFIGURATION,
                          "SmvPortalLdapUri: %s would send passwords over the network in the clear: use ldaps://, or "
                          "SmvPortalLdapStartTls On; where the network itself is safe, SmvPortalLdapPlain On",
                          uri);
    }
    ldap_free_urldesc(url);
    return error;
}

static int is_secret(const smv_ldap_config_t *config, const char *uri)
{
    return config->starts_tls || strncasecmp(uri, "ldap://", 7) != 0;
}

static const smv_error_t *check_servers(const smv_ldap_config_t *config, int may_be_plain, apr_pool_t *pool)
{
    int count;
    const char *const *uris = smv_ldap_servers(config->uri, &count, pool);
    const smv_error_t *error = NULL;

    if (count == 0) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortalLdapUri names no server");
    }
    for (int i = 0; i < count && !error; i++) {
        error = check_server(config, uris[i], may_be_plain, pool);
        if (!error && config->map.schema == SMV_LDAP_SCHEMA_AD && config->is_password_writeable &&
            !is_secret(config, uris[i])) {
            error = smv_error(pool, SMV_ERROR_CONFIGURATION,
                              "SmvPortalLdapPasswordChange On needs TLS with Active Directory: use ldaps://, or "
                              "SmvPortalLdapStartTls On");
        }
    }
    return error;
}

static const smv_error_t *check_service(const smv_ldap_config_t *config, apr_pool_t *pool)
{
    if (config->is_external && config->bind_dn) {
        return smv_error(
            pool, SMV_ERROR_CONFIGURATION,
            "SmvPortalLdapBindDN and SmvPortalLdapBindMethod external exclude each other: the server finds "
            "out who the service is");
    }
    /* A bind with a DN and no password succeeds on many servers, as anonymous. */
    if (config->bind_dn && (!config->bind_password || !*config->bind_password)) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalLdapBindDN needs SmvPortalLdapBindPasswordFile: without a password the directory "
                         "would take the portal for anonymous");
    }
    return (config->tls_certificate == NULL) == (config->tls_key == NULL)
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION,
                           "SmvPortalLdapTlsCertificate and SmvPortalLdapTlsKey need each other");
}

const smv_error_t *smv_ldap_check(const smv_ldap_config_t *config, int may_be_plain, apr_pool_t *pool)
{
    const smv_error_t *error;
    LDAPDN base = NULL;
    int is_base, version;

    /* libldap sets up its globals on first use, which must not happen in two threads at once. */
    ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
    is_base = config->base && ldap_str2dn(config->base, &base, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS;
    ldap_dnfree(base);
    if (!is_base) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalLdapBase \"%s\" must be a DN like dc=musterfirma,dc=example", config->base);
    }
    if ((error = check_servers(config, may_be_plain, pool)) || (error = check_service(config, pool))) {
        return error;
    }
    return (!config->user_filter || strstr(config->user_filter, "%s")) && config->map.kind && config->timeout > 0 &&
                   config->connect_timeout > 0 && config->pool_size > 0
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION,
                           "a filter without a place for the login, a time or a pool of "
                           "nothing");
}

/* By the DN of an account it is known of which directory it is. */
const smv_error_t *smv_ldap_check_all(const smv_ldap_config_t *configs, int count, apr_pool_t *pool)
{
    int servers = 0;

    for (int i = 0; i < count; i++) {
        int more;

        smv_ldap_servers(configs[i].uri, &more, pool);
        servers += more;
        for (int other = 0; other < i; other++) {
            if (smv_ldap_is_within(configs[i].base, configs[other].base) &&
                smv_ldap_is_within(configs[other].base, configs[i].base)) {
                return smv_error(pool, SMV_ERROR_CONFIGURATION,
                                 "two directories have the SmvPortalLdapBase %s, so that nobody could say which one an "
                                 "account is of",
                                 configs[i].base);
            }
        }
    }
    return servers <= SMV_LIVE_MAX_ALL_SERVERS
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION, "the directories have %d servers; %d are the most in all",
                           servers, SMV_LIVE_MAX_ALL_SERVERS);
}
