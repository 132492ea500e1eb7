/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_sso.h"

#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "smv_ldap_entry.h"
#include "smv_ldap_find.h"
#include "smv_ldap_write.h"

#define MAX_RULES 1000 /* of one issuer */

/* --- accounts --- */

/* Servers compare without minding blanks, case or accents; an identifier is one to the letter. */
static const smv_error_t *check_value(const smv_ldap_source_t *source, const char **dn, const char *name,
                                      const char *value, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const char *const attributes[] = {name, NULL};
    const smv_ldap_query_t query = {*dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 1, NULL};
    LDAPMessage *result;
    smv_ldap_entry_t entry;
    smv_ldap_link_t *link;
    const smv_error_t *error = smv_ldap_pool_take(source->links, &link, patience, pool);
    int code, is_there = 0;

    if (error) {
        return error;
    }
    code = smv_ldap_search(source->links, link, &result, &query);
    if (code == LDAP_SUCCESS && smv_ldap_entry_first(&entry, link->ld, result, pool)) {
        for (const char *const *text = smv_ldap_texts(&entry, name, NULL); *text; text++) {
            is_there |= strcmp(*text, value) == 0;
        }
    }
    ldap_msgfree(result);
    smv_ldap_pool_give(source->links, link);
    *dn = is_there ? *dn : NULL;
    return code == LDAP_SUCCESS || smv_ldap_is_out_of_reach(code)
               ? NULL
               : smv_ldap_away(source->links, "reading an identifier", code, pool);
}

/* By an identifier whatever is an account of that kind, also one that the filter of logins leaves out: it must not be
 * let in by a rule instead. */
static const smv_error_t *find_in(const smv_ldap_source_t *source, const char **dn, smv_identity_way_e way,
                                  const char *name, const char *value, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const char *escaped = smv_ldap_escaped(value, pool);
    const char *accounts = way == SMV_BY_IDENTIFIER ? source->map.kind->account : source->account_filter;
    smv_ldap_found_t found = {.source = source};
    const smv_error_t *error = smv_ldap_find_by(
        source, &found, apr_pstrcat(pool, "(&", accounts, "(", name, "=", escaped, "))", NULL), patience, pool);

    if (!error && found.count > 1) {
        error = smv_error(pool, SMV_ERROR_DIRECTORY_DATA,
                          "several accounts below %s have the %s of who signs in: let one have it", source->base, name);
    }
    *dn = error ? NULL : found.dn;
    if (*dn && way == SMV_BY_IDENTIFIER) {
        error = check_value(source, dn, name, value, patience, pool);
    }
    return !error && *dn && found.may_be_locked
               ? smv_error(pool, SMV_ERROR_LOCKED,
                           "%s is locked after wrong passwords: wait, let them sign in by their password once, or "
                           "take pwdAccountLockedTime away",
                           *dn)
               : error;
}

const smv_error_t *smv_ldap_find_identity(const smv_ldap_sources_t *sources, const char **dn, smv_identity_way_e way,
                                          const char *value, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    static const smv_ldap_field_e fields[] = {SMV_LDAP_FIELD_SSO, SMV_LDAP_FIELD_MAIL, SMV_LDAP_FIELD_LOGIN};
    const smv_error_t *error = NULL;

    *dn = NULL;
    for (int i = 0; i < sources->count && !*dn && !error; i++) {
        const char *name = sources->at[i].map.names[fields[way]];

        error = name ? find_in(&sources->at[i], dn, way, name, value, patience, pool) : NULL;
        if (!error && *dn && !smv_ldap_is_own_entry(&sources->at[i], *dn)) {
            error = smv_ldap_foreign_entry(*dn, pool);
        }
    }
    return error;
}

/* --- rules --- */

typedef struct rule_t {
    const char *dn, *name;
    int has_group;
} rule_t;

static int is_in_group(const smv_identity_t *identity, const char *const *wanted)
{
    for (int i = 0; wanted[i]; i++) {
        for (int j = 0; identity->groups[j]; j++) {
            if (strcmp(wanted[i], identity->groups[j]) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

static int goes_before(const rule_t *one, const rule_t *other)
{
    return one->has_group != other->has_group ? one->has_group : strcmp(one->name, other->name) < 0;
}

static void choose(rule_t *best, const smv_ldap_entry_t *entry, const smv_identity_t *identity)
{
    int groups;
    const char *const *wanted = smv_ldap_texts(entry, "smvGruppe", &groups);
    const rule_t rule = {entry->dn, smv_ldap_text(entry, "cn"), groups > 0};

    /* The server compares texts without minding blanks; an issuer is one to the letter. */
    if (strcmp(smv_ldap_text(entry, "smvAussteller"), identity->issuer) == 0 &&
        (groups == 0 || is_in_group(identity, wanted)) && (!best->dn || goes_before(&rule, best))) {
        *best = rule;
    }
}

static const smv_error_t *search_rules(const smv_ldap_source_t *own, smv_ldap_link_t *link, rule_t *best,
                                       const smv_identity_t *identity, apr_pool_t *pool)
{
    static const char *const attributes[] = {"cn", "smvAussteller", "smvGruppe", NULL};
    const char *issuer = smv_ldap_escaped(identity->issuer, pool);
    const smv_ldap_query_t query = {own->base,
                                    LDAP_SCOPE_SUBTREE,
                                    apr_pstrcat(pool, "(&" SMV_LDAP_RULE_FILTER "(smvAussteller=", issuer, "))", NULL),
                                    attributes,
                                    MAX_RULES,
                                    NULL};
    smv_ldap_entry_t entry;
    LDAPMessage *result;
    int code = smv_ldap_search(own->links, link, &result, &query);

    if (code == LDAP_SUCCESS) {
        for (int is_one = smv_ldap_entry_first(&entry, link->ld, result, pool); is_one;
             is_one = smv_ldap_entry_next(&entry)) {
            choose(best, &entry, identity);
        }
    }
    ldap_msgfree(result);
    return code == LDAP_SUCCESS ? NULL : smv_ldap_away(own->links, "searching the rules of firms", code, pool);
}

/* As far as the provider is trusted to say so; else what nobody else has. */
static const char *login_of(const smv_identity_t *identity, apr_pool_t *pool)
{
    return *identity->mail        ? identity->mail
           : *identity->principal ? identity->principal
                                  : smv_identity_key(identity, pool);
}

const smv_error_t *smv_ldap_find_rule(const smv_ldap_sources_t *sources, const char **dn,
                                      const smv_identity_t *identity, smv_ldap_patience_t *patience, apr_pool_t *pool)
{
    const smv_ldap_source_t *own = &sources->at[SMV_DIRECTORY_OWN];
    rule_t best = {NULL, NULL, 0};
    smv_ldap_link_t *link;
    const smv_error_t *error = smv_ldap_pool_take(own->links, &link, patience, pool);

    *dn = NULL;
    if (error) {
        return error;
    }
    error = search_rules(own, link, &best, identity, pool);
    smv_ldap_pool_give(own->links, link);
    if (best.dn && !error && !smv_ldap_is_own_entry(own, best.dn)) {
        error = smv_ldap_foreign_entry(best.dn, pool);
    }
    if (best.dn && !error) {
        const char *login = login_of(identity, pool);

        *dn = apr_pstrcat(pool, smv_ldap_rdn("smvSsoKennung", smv_identity_key(identity, pool), pool), "+",
                          smv_ldap_rdn("uid", login, pool), "+",
                          smv_ldap_rdn("cn", *identity->name ? identity->name : login, pool), ",", best.dn, NULL);
    }
    return error;
}

/* --- people without an entry --- */

static const char *value_of(LDAPAVA *const *rdn, const char *name, apr_pool_t *pool)
{
    for (int i = 0; rdn && rdn[i]; i++) {
        if (rdn[i]->la_attr.bv_len == strlen(name) &&
            strncasecmp(rdn[i]->la_attr.bv_val, name, rdn[i]->la_attr.bv_len) == 0) {
            return apr_pstrmemdup(pool, rdn[i]->la_value.bv_val, rdn[i]->la_value.bv_len);
        }
    }
    return NULL;
}

int smv_ldap_visitor_of(smv_ldap_visitor_t *visitor, const char *dn, apr_pool_t *pool)
{
    LDAPDN name = NULL;
    char *rule = NULL;

    *visitor = (smv_ldap_visitor_t){.rule = NULL};
    if (ldap_str2dn(dn, &name, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && name && name[0] && name[1]) {
        visitor->identifier = value_of(name[0], "smvSsoKennung", pool);
        visitor->login = value_of(name[0], "uid", pool);
        visitor->name = value_of(name[0], "cn", pool);
        if (visitor->identifier && ldap_dn2str(name + 1, &rule, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS) {
            visitor->rule = apr_pstrdup(pool, rule);
        }
        ldap_memfree(rule);
    }
    ldap_dnfree(name);
    return visitor->rule && visitor->login && visitor->name;
}
