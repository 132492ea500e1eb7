/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sso: from what a company's single sign-on has established to an account of the portal. The protocol is the work
 * of httpd's authentication modules; what they hand over is taken as true, as far as the configuration of the place
 * where they did trusts it.
 *
 * Ownership: the caller's pool. Thread-safety: no state.
 */
#ifndef SMV_SSO_H
#define SMV_SSO_H

#include "smv_directory.h"

/* Who somebody is, says a provider. Texts are "" where it says nothing. */
typedef struct smv_identity_t {
    const char *issuer;        /* of the provider */
    const char *subject;       /* the person's name for good, at that issuer */
    const char *mail;          /* "" as well where the provider has not verified it */
    const char *principal;     /* as a directory may know the person: user@REALM, a common name */
    const char *name;          /* as people say it */
    const char *const *groups; /* ends with NULL */
} smv_identity_t;

/* How far a provider is trusted to say who is whose account. */
typedef struct smv_trust_t {
    const char *const *domains; /* of mail addresses that are its own; ends with NULL */
    int by_mail, by_principal;
} smv_trust_t;

/* The identifier that an account has in smvSsoKennung, and that people tell their broker: "issuer subject". */
const char *smv_identity_key(const smv_identity_t *identity, apr_pool_t *pool);

/* @return 1 where the address is of one of the domains, compared without case */
int smv_is_of_domain(const char *mail, const char *const *domains);

/* Find the account: by smvSsoKennung; by the verified mail address, where the provider may speak for its domain; by
 * principal name, where it may do that; else by a rule for a whole firm (smvFirmenzugang).
 * @param dn out @param how out: "identifier", "mail", "principal" or "rule"
 * @return SMV_ERROR_NO_ACCOUNT; SMV_ERROR_CONFIGURATION: the provider says nothing of issuer or subject;
 *         SMV_ERROR_DIRECTORY_DATA: several accounts have it; SMV_ERROR_DIRECTORY_AWAY */
const smv_error_t *smv_sso_match(smv_directory_t *directory, const smv_identity_t *identity, const smv_trust_t *trust,
                                 const char **dn, const char **how, apr_pool_t *pool);

#endif
