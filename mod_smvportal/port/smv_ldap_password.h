/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_password: the password of an account is set as the account itself, never as the service, so that the policy
 * of the directory decides.
 *
 * Thread-safety: any thread. Passwords are neither kept nor logged.
 */
#ifndef SMV_LDAP_PASSWORD_H
#define SMV_LDAP_PASSWORD_H

#include "smv_ldap_source.h"

/* As set_password of smv_directory_t. @param source of the account */
const smv_error_t *smv_ldap_set_password(const smv_ldap_source_t *source, const char *dn, const char *current,
                                         const char *password, smv_ldap_patience_t *patience, apr_pool_t *pool);

#endif
