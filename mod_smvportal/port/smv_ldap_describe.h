/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_describe: what the directory holds of an account, as it is, for the person whom it is about.
 *
 * Thread-safety: any thread.
 */
#ifndef SMV_LDAP_DESCRIBE_H
#define SMV_LDAP_DESCRIBE_H

#include "../core/smv_view.h"
#include "smv_ldap_pool.h"

/* smv_directory_t.describe. @param base of the tenant */
const smv_error_t *smv_ldap_describe(smv_ldap_pool_t *links, const char *base, smv_list_t **list, const char *dn,
                                     apr_int64_t customer, apr_pool_t *pool);

#endif
