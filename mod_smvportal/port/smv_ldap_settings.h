/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_settings: the directives of one directory, and what is made of them. They are declared here once, for httpd
 * and for smvportalctl.
 *
 * Ownership: texts that were handed in live as long as what is made from them. Thread-safety: any.
 */
#ifndef SMV_LDAP_SETTINGS_H
#define SMV_LDAP_SETTINGS_H

#include <apr_tables.h>

#include "../core/smv_defaults.h"
#include "smv_ldap.h"

/* X(name, member, minimum, maximum, default, what it is) */
#define SMV_LDAP_NUMBERS(X)                                                                                            \
    X("SmvPortalLdapTimeout", timeout, 1, 300, SMV_DEFAULT_LDAP_TIMEOUT, "seconds for an answer")                      \
    X("SmvPortalLdapConnectTimeout", connect_timeout, 1, 60, SMV_DEFAULT_LDAP_CONNECT_TIMEOUT,                         \
      "seconds for a connection, with TLS")                                                                            \
    X("SmvPortalLdapPool", pool, 1, 256, 8, "service connections of a process")

/* X(name, member, reader of httpd, default, what it is); default NULL: none, "": it must be said */
#define SMV_LDAP_TEXTS(X)                                                                                              \
    X("SmvPortalLdapUri", uri, set_ldap_uri, "", "URI of the directory")                                               \
    X("SmvPortalLdapBase", base, set_text, "", "DN of the tenant's entry, or below which people and groups are")       \
    X("SmvPortalLdapBindDN", bind_dn, set_text, NULL, "DN of the service account")                                     \
    X("SmvPortalLdapBindPasswordFile", password_file, set_secret, NULL, "file with its password, or exec:PROGRAM")     \
    X("SmvPortalLdapBindMethod", bind_method, set_bind_method, "simple", "simple, or external: SASL EXTERNAL")         \
    X("SmvPortalLdapOrder", order, set_order, "fixed", "fixed: the first server that answers; or random")              \
    X("SmvPortalLdapStartTls", start_tls, set_switch, "Off", "On: ldap:// connections begin with StartTLS")            \
    X("SmvPortalLdapPlain", plain, set_switch, "Off", "On: ldap:// may cross a network in the clear")                  \
    X("SmvPortalLdapTlsVerify", tls_verify, set_switch, "On", "Off: certificates of servers are not checked")          \
    X("SmvPortalLdapTlsCa", tls_ca, set_path, NULL, "file with the CAs of the servers' certificates")                  \
    X("SmvPortalLdapTlsCertificate", tls_certificate, set_path, NULL, "file with the service's certificate")           \
    X("SmvPortalLdapTlsKey", tls_key, set_path, NULL, "file with its key")                                             \
    X("SmvPortalLdapUserFilter", user_filter, set_user_filter, NULL, "filter that finds a login")                      \
    X("SmvPortalLdapSchema", schema, set_text, "smv", "smv, active-directory or inetorgperson")                        \
    X("SmvPortalLdapGroups", groups, set_text, NULL, "none, direct, nested or in-chain")                               \
    X("SmvPortalLdapGroupFilter", group_filter, set_filter, NULL, "filter of the groups that count")                   \
    X("SmvPortalLdapStandIn", stand_in, set_text, NULL,                                                                \
      "DN as whom those of this directory write in the portal's own")                                                  \
    X("SmvPortalLdapPasswordChange", password_change, set_switch, NULL, "On: people change their passwords here")

/* Names a field and the attribute of it, any number of times (smv_ldap_map.h). */
#define SMV_LDAP_MAP_DIRECTIVE "SmvPortalLdapMap"
/* Around the directives of a directory that is not the portal's own. */
#define SMV_LDAP_SECTION "<SmvPortalDirectory"
#define SMV_LDAP_SECTION_END "</SmvPortalDirectory>"

typedef struct smv_ldap_settings_t {
#define SMV_LDAP_TEXT_MEMBER(name, member, reader, fallback, help) const char *member;
#define SMV_LDAP_NUMBER_MEMBER(name, member, minimum, maximum, fallback, help) int member;
    SMV_LDAP_TEXTS(SMV_LDAP_TEXT_MEMBER)     /* NULL where not said */
    SMV_LDAP_NUMBERS(SMV_LDAP_NUMBER_MEMBER) /* seconds, connections */
#undef SMV_LDAP_TEXT_MEMBER
#undef SMV_LDAP_NUMBER_MEMBER
    apr_table_t *mappings; /* field -> attribute; NULL: none */
} smv_ldap_settings_t;

/* Make of what was said, and completed by the defaults, what the port wants to know, and read the password.
 * @param config out, but for what no directive of these says
 * @return SMV_ERROR_CONFIGURATION: what cannot work, as far as that can be said without a server, with its remedy */
const smv_error_t *smv_ldap_settings_apply(smv_ldap_config_t *config, const smv_ldap_settings_t *said,
                                           apr_pool_t *pool);

#endif
