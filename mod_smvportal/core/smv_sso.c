/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sso.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

const char *smv_identity_key(const smv_identity_t *identity, apr_pool_t *pool)
{
    return apr_pstrcat(pool, identity->issuer, " ", identity->subject, NULL);
}

int smv_is_of_domain(const char *mail, const char *const *domains)
{
    const char *at = strrchr(mail, '@');

    for (int i = 0; at && at != mail && domains[i]; i++) {
        if (strcasecmp(at + 1, domains[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* One of the ways to an account. @param value NULL: not this way */
static const smv_error_t *try_way(smv_directory_t *directory, const char **dn, smv_identity_way_e way,
                                  const char *value, apr_pool_t *pool)
{
    return !*dn && value && *value ? directory->find_identity(directory, dn, way, value, pool) : NULL;
}

const smv_error_t *smv_sso_match(smv_directory_t *directory, const smv_identity_t *identity, const smv_trust_t *trust,
                                 const char **dn, const char **how, apr_pool_t *pool)
{
    int may_mail = trust->by_mail && smv_is_of_domain(identity->mail, trust->domains);
    const struct {
        smv_identity_way_e way;
        const char *name, *value;
    } ways[] = {{SMV_BY_IDENTIFIER, "identifier", smv_identity_key(identity, pool)},
                {SMV_BY_MAIL, "mail", may_mail ? identity->mail : NULL},
                {SMV_BY_LOGIN, "principal", trust->by_principal ? identity->principal : NULL}};
    const smv_error_t *error = NULL;

    *dn = NULL;
    *how = "rule";
    if (!*identity->issuer || !*identity->subject) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalSsoIssuer or SmvPortalSsoSubject gives nothing of who was signed in");
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !*dn && !error; i++) {
        error = try_way(directory, dn, ways[i].way, ways[i].value, pool);
        *how = *dn ? ways[i].name : *how;
    }
    if (!*dn && !error) {
        smv_identity_t trusted = *identity; /* nobody gives themselves the login of somebody else */

        trusted.mail = smv_is_of_domain(identity->mail, trust->domains) ? identity->mail : "";
        trusted.principal = trust->by_principal ? identity->principal : "";
        error = directory->find_rule(directory, dn, &trusted, pool);
    }
    return error || *dn ? error
                        : smv_error(pool, SMV_ERROR_NO_ACCOUNT, "no account and no rule for \"%s\"",
                                    smv_identity_key(identity, pool));
}
