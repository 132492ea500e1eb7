/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_account.h"

#include "smv_ldap_write.h"

#include <apr_strings.h>
#include <string.h>

static const char *const *numbers_of(const smv_numbers_t *numbers, apr_pool_t *pool)
{
    const char **texts = apr_pcalloc(pool, sizeof *texts * (apr_size_t)(numbers->count + 1));

    for (int i = 0; i < numbers->count; i++) {
        texts[i] = apr_psprintf(pool, "%" APR_INT64_T_FMT, numbers->at[i]);
    }
    return texts;
}

static void describe(smv_ldap_mods_t *mods, const smv_new_account_t *account, apr_pool_t *pool)
{
    static const char *const classes[] = {"inetOrgPerson", "smvKonto", NULL};
    const char *surname = strrchr(account->name, ' ');

    smv_ldap_mods_put_all(mods, LDAP_MOD_ADD, "objectClass", classes);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "uid", account->login, pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "cn", account->name, pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "sn", surname ? surname + 1 : account->name, pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "displayName", account->name, pool);
    smv_ldap_mods_put(mods, LDAP_MOD_ADD, "smvRolleDN", account->role_dn, pool);
    smv_ldap_mods_put_all(mods, LDAP_MOD_ADD, "smvKundenNr", numbers_of(&account->customers, pool));
    if (account->mail) {
        smv_ldap_mods_put(mods, LDAP_MOD_ADD, "mail", account->mail, pool);
    }
    if (account->valid_until) {
        smv_ldap_mods_put(mods, LDAP_MOD_ADD, "smvGueltigBis", smv_ldap_generalized_time(account->valid_until, pool),
                          pool);
    }
}

const smv_error_t *smv_ldap_account_create(smv_ldap_pool_t *links, const char **dn, const char *parent,
                                           const smv_new_account_t *account, const char *as,
                                           smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    smv_ldap_mods_t *mods = apr_pcalloc(pool, sizeof *mods);
    smv_ldap_write_t write = {.deed = SMV_LDAP_ADD, .doing = "creating an account", .mods = mods};

    write.dn = apr_pstrcat(pool, smv_ldap_rdn("uid", account->login, pool), ",", parent, NULL);
    describe(mods, account, pool);
    *dn = write.dn;
    return smv_ldap_write(links, &write, as, patience, pool);
}

const smv_error_t *smv_ldap_account_set(smv_ldap_pool_t *links, const char *dn, const char *attribute,
                                        const char *value, const char *as, smv_ldap_patience_t *patience,
                                        apr_pool_t *pool)
{
    smv_ldap_mods_t *mods = apr_pcalloc(pool, sizeof *mods);
    smv_ldap_write_t write = {.deed = SMV_LDAP_MODIFY, .doing = "changing an account", .dn = dn, .mods = mods};

    smv_ldap_mods_put(mods, LDAP_MOD_REPLACE, attribute, value, pool);
    return smv_ldap_write(links, &write, as, patience, pool);
}

const char *smv_ldap_generalized_time(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t parts;

    apr_time_exp_gmt(&parts, time);
    return apr_psprintf(pool, "%04d%02d%02d%02d%02d%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour, parts.tm_min, parts.tm_sec);
}
