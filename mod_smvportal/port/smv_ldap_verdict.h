/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_verdict: what a server says of a password, beside the code of its answer: by the password policy control
 * (draft-behera-ldap-password-policy), or as Active Directory does, by a number in the text of a refused bind.
 *
 * Thread-safety: one thread a connection.
 */
#ifndef SMV_LDAP_VERDICT_H
#define SMV_LDAP_VERDICT_H

#include <ldap.h>

typedef struct smv_ldap_verdict_t {
    LDAPPasswordPolicyError policy; /* PP_noError: nothing */
    int expires;                    /* seconds until the password does; -1: not said */
    int grace;                      /* sign-ins left with an expired one; -1: not said */
    int is_barred;                  /* the password is right, but the account is disabled, has ended or must not now */
} smv_ldap_verdict_t;

extern const smv_ldap_verdict_t smv_ldap_no_verdict;

/* @return what Samba says in words of a new password that it does not take; PP_noError: nothing. Windows says no more
 * than that it is against the policy. */
LDAPPasswordPolicyError smv_ldap_policy_in_words(const char *said);

/* @param controls of an answer; may be NULL @param said the text with it; may be NULL */
void smv_ldap_read_verdict(LDAP *ld, LDAPControl **controls, const char *said, smv_ldap_verdict_t *verdict);

#endif
