/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sso: single sign-on at one place of the portal, a <Location> that an authentication module of httpd protects.
 * What that module has established becomes a session.
 *
 * Immutable once the configuration is read.
 */
#ifndef SMV_HTTPD_SSO_H
#define SMV_HTTPD_SSO_H

#include <ap_expr.h>
#include <httpd.h>
#include <http_config.h>

/* Where what is known of a person comes from. X(directive, member, what it is) */
#define SMV_SSO_EXPRESSIONS(X)                                                                                         \
    X("SmvPortalSsoIssuer", issuer, "who says so: the provider's identifier")                                          \
    X("SmvPortalSsoSubject", subject, "the person's identifier for good at that provider")                             \
    X("SmvPortalSsoMail", mail, "mail address")                                                                        \
    X("SmvPortalSsoMailVerified", mail_verified, "true or 1 where the provider has verified that address")             \
    X("SmvPortalSsoPrincipal", principal, "login by which a directory may know the person")                            \
    X("SmvPortalSsoPersonName", person_name, "the person's name")                                                      \
    X("SmvPortalSsoGroups", groups, "groups, between commas or semicolons")                                            \
    X("SmvPortalSsoLogout", logout, "URL that signs out at the provider, too, for sessions that are bound to it")

/* X(directive, member, what On means) */
#define SMV_SSO_FLAGS(X)                                                                                               \
    X("SmvPortalSsoMatchMail", by_mail, "a verified mail address of its domains finds an account")                     \
    X("SmvPortalSsoMatchPrincipal", by_principal, "SmvPortalSsoPrincipal is the login of an account")                  \
    X("SmvPortalSsoHidden", is_hidden, "the login page does not name it")                                              \
    X("SmvPortalSsoBound", is_bound, "sessions end when the provider's session does")                                  \
    X("SmvPortalSsoRequests", by_request, "each request of the API says who asks, as by a bearer token")

typedef struct smv_sso_t {
    const char *name, *label; /* NULL: no single sign-on here */
    const char *path;         /* of the <Location> */
#define SMV_SSO_MEMBER(directive, member, help) ap_expr_info_t *member;
    SMV_SSO_EXPRESSIONS(SMV_SSO_MEMBER)
#undef SMV_SSO_MEMBER
    ap_expr_info_t *certificate; /* whether TLS has a certificate of the client; NULL without mod_ssl */
    const char *provider;        /* the only issuer that counts; NULL: whichever the module knows */
    const char *const *domains;  /* of mail addresses that are the provider's own; NULL: none */
#define SMV_SSO_FLAG(directive, member, help) int member;
    SMV_SSO_FLAGS(SMV_SSO_FLAG) /* -1: not said */
#undef SMV_SSO_FLAG
} smv_sso_t;

void *smv_sso_create(apr_pool_t *pool, char *path);
void *smv_sso_merge(apr_pool_t *pool, void *base, void *add);

/* Readers of directives. */
const char *smv_sso_set(cmd_parms *command, void *config, const char *name, const char *label);
const char *smv_sso_set_expression(cmd_parms *command, void *config, const char *value);
const char *smv_sso_set_provider(cmd_parms *command, void *config, const char *issuer);
const char *smv_sso_add_domain(cmd_parms *command, void *config, const char *domain);
const char *smv_sso_set_flag(cmd_parms *command, void *config, int value);

#endif
