/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_describe: what the directories hold of an account, as it is, for the person whom it is about.
 *
 * Thread-safety: any thread.
 */
#ifndef SMV_LDAP_DESCRIBE_H
#define SMV_LDAP_DESCRIBE_H

#include "../core/smv_view.h"
#include "smv_ldap_source.h"

/* smv_directory_t.describe */
const smv_error_t *smv_ldap_describe(const smv_ldap_sources_t *sources, smv_list_t **list, const char *dn,
                                     apr_int64_t customer, smv_ldap_patience_t *patience, apr_pool_t *pool);

#endif
