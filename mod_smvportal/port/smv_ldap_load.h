/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_load: an account with its roles and its firm, as the directories have them now: the account and its groups
 * from the one that it is of, the rest from the portal's own.
 *
 * Everything read belongs to the pool given. Thread-safety: any thread.
 */
#ifndef SMV_LDAP_LOAD_H
#define SMV_LDAP_LOAD_H

#include "../core/smv_directory.h"
#include "smv_ldap_source.h"

#include <apr_tables.h>

/* What smvModul of the firm must have, so that customers are let in. */
#define SMV_LDAP_MODULE "Kundenportal"

typedef struct smv_ldap_load_t {
    apr_time_t now;
    smv_ldap_patience_t *patience;
    apr_array_header_t *faults; /* of const smv_error_t *, to which everything that is wrong is added; NULL: the first
                                   fault is answered */
} smv_ldap_load_t;

/* @param account zeroed; out: the account, but for found, faults and fault_count
 * @return as `load` of smv_directory_t; with faults SMV_ERROR_DIRECTORY_AWAY alone */
const smv_error_t *smv_ldap_load(const smv_ldap_sources_t *sources, smv_account_t *account, const char *dn,
                                 const smv_ldap_load_t *how, apr_pool_t *pool);

#endif
