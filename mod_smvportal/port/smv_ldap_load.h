/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_load: an account with its roles and its firm, as the directory has them now.
 *
 * Everything read belongs to the pool given. Thread-safety: the link's thread.
 */
#ifndef SMV_LDAP_LOAD_H
#define SMV_LDAP_LOAD_H

#include "../core/smv_directory.h"
#include "smv_ldap_pool.h"

#include <apr_tables.h>

/* @param base DN of the tenant's entry
 * @param account zeroed; out: the account, but for found, faults and fault_count
 * @param faults of const smv_error_t *, to which everything that is wrong is added; NULL: the first fault is answered
 * @return as `load` of smv_directory_t; with faults SMV_ERROR_DIRECTORY_AWAY alone */
const smv_error_t *smv_ldap_load(const smv_ldap_pool_t *links, smv_ldap_link_t *link, const char *base,
                                 smv_account_t *account, const char *dn, apr_time_t now, apr_array_header_t *faults,
                                 apr_pool_t *pool);

#endif
