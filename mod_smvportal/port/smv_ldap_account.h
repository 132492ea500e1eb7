/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_account: accounts of customers made and changed in the directory, as the signed-in person (proxied
 * authorization, RFC 4370).
 *
 * Thread-safety: any thread; each call takes a link of the pool and gives it back.
 */
#ifndef SMV_LDAP_ACCOUNT_H
#define SMV_LDAP_ACCOUNT_H

#include "../core/smv_directory.h"
#include "smv_ldap_pool.h"

/* As the functions of smv_directory_t. @param parent DN below which the account is made */
const smv_error_t *smv_ldap_account_create(smv_ldap_pool_t *links, const char **dn, const char *parent,
                                           const smv_new_account_t *account, const char *as,
                                           smv_ldap_patience_t *patience, apr_pool_t *pool);
/* @param value NULL: the attribute goes */
const smv_error_t *smv_ldap_account_set(smv_ldap_pool_t *links, const char *dn, const char *attribute,
                                        const char *value, const char *as, smv_ldap_patience_t *patience,
                                        apr_pool_t *pool);

/* @return "20301231235959Z" */
const char *smv_ldap_generalized_time(apr_time_t time, apr_pool_t *pool);

#endif
