/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_state: whether a directory itself lets an account be used, by the attributes of slapd's ppolicy
 * (draft-behera-ldap-password-policy), 389-ds and Active Directory (MS-ADA1 to 3).
 *
 * Thread-safety: the entry's thread.
 */
#ifndef SMV_LDAP_STATE_H
#define SMV_LDAP_STATE_H

#include "smv_ldap_entry.h"

/* What it is read from. */
#define SMV_LDAP_STATE_ATTRIBUTES                                                                                      \
    "nsAccountLock", "pwdAccountLockedTime", "userAccountControl", "accountExpires", "lockoutTime",                    \
        "msDS-User-Account-Control-Computed"

/* @return 1 where the directory has locked or disabled it for good */
int smv_ldap_is_locked_out(const smv_ldap_entry_t *entry);

/* @return 1 where Active Directory has locked it after wrong passwords. That ends by itself, and anybody can bring it
 * about: it ends no session, and a sign-in is refused by the directory */
int smv_ldap_is_locked_for_now(const smv_ldap_entry_t *entry);

/* The same for who signs in without a password, so that no bind asks the directory. slapd's ppolicy does not say when a
 * lock ends, and takes its time away at the next right password alone: until then it counts. What is read besides
 * tells when it ends: pwdAccountTmpLockoutEnd, accountUnlockTime of 389-ds, where no failures are left after that.
 * @return 1 where it is locked after wrong passwords, or may be */
#define SMV_LDAP_FAILURE_ATTRIBUTES                                                                                    \
    "pwdAccountLockedTime", "pwdAccountTmpLockoutEnd", "accountUnlockTime", "passwordRetryCount", "lockoutTime",       \
        "msDS-User-Account-Control-Computed"
int smv_ldap_may_be_locked(const smv_ldap_entry_t *entry, apr_time_t now);

/* When its password expires (Active Directory), 0 for never, and where that is not known */
#define SMV_LDAP_PASSWORD_EXPIRES "msDS-UserPasswordExpiryTimeComputed"
apr_time_t smv_ldap_password_expires(const smv_ldap_entry_t *entry);

/* When it ends by accountExpires, 0 for never or where that is absent. @return SMV_ERROR_DIRECTORY_DATA */
const smv_error_t *smv_ldap_account_expires(const smv_ldap_entry_t *entry, apr_time_t *until);

#endif
