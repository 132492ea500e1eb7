/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_groups: the groups of an account, as its directory has them. A role of the portal's own directory names a
 * group among its members, and whoever is in the group has the role.
 *
 * Thread-safety: the link's thread. What is found belongs to the pool given.
 */
#ifndef SMV_LDAP_GROUPS_H
#define SMV_LDAP_GROUPS_H

#include <apr_tables.h>

#include "smv_ldap_source.h"

#define SMV_LDAP_MAX_GROUPS 1024 /* of one account */
#define SMV_LDAP_MAX_DEPTH 10    /* of groups in groups, where the server does not follow them itself */

/* The first question, so that it can be asked beside others. */
typedef struct smv_ldap_groups_asked_t {
    smv_ldap_pending_t first;
    struct berval page;
    int is_asked; /* 0: the source has no groups */
} smv_ldap_groups_asked_t;

/* @param asked out */
void smv_ldap_groups_ask(const smv_ldap_source_t *source, const smv_ldap_link_t *link, smv_ldap_groups_asked_t *asked,
                         const char *dn, apr_pool_t *pool);

/* Take the answer, and ask for the rest. @param groups out: of const char *, DNs, each once
 * @return SMV_ERROR_DIRECTORY_DATA: more than SMV_LDAP_MAX_GROUPS; SMV_ERROR_DIRECTORY_AWAY */
const smv_error_t *smv_ldap_groups_take(const smv_ldap_source_t *source, smv_ldap_link_t *link,
                                        smv_ldap_groups_asked_t *asked, apr_array_header_t **groups, apr_pool_t *pool);

#endif
