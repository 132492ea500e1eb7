/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_sso: accounts by what a single sign-on says of somebody, and the rules that let a whole firm in.
 *
 * Who is let in by a rule has no entry. The DN of such a person lies below that of the rule, and its first part has who
 * they are: their identifier, name and login as the provider said them. So a session needs no more than a DN here, too.
 *
 * Ownership: the pool given. Thread-safety: any thread.
 */
#ifndef SMV_LDAP_SSO_H
#define SMV_LDAP_SSO_H

#include "../core/smv_sso.h"
#include "smv_ldap_source.h"

/* As the functions of smv_directory_t. */
const smv_error_t *smv_ldap_find_identity(const smv_ldap_sources_t *sources, const char **dn, smv_identity_way_e way,
                                          const char *value, smv_ldap_patience_t *patience, apr_pool_t *pool);
const smv_error_t *smv_ldap_find_rule(const smv_ldap_sources_t *sources, const char **dn,
                                      const smv_identity_t *identity, smv_ldap_patience_t *patience, apr_pool_t *pool);

#define SMV_LDAP_RULE_FILTER "(objectClass=smvFirmenzugang)"

/* Who somebody is who has no entry. */
typedef struct smv_ldap_visitor_t {
    const char *rule; /* DN */
    const char *identifier, *login, *name;
} smv_ldap_visitor_t;

/* @return 1 where the DN is that of somebody who is let in by a rule */
int smv_ldap_visitor_of(smv_ldap_visitor_t *visitor, const char *dn, apr_pool_t *pool);

#endif
