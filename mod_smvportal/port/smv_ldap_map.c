/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_map.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

static const smv_ldap_kind_t kinds[] = {
    {"smv", "(objectClass=smvKonto)", "(objectClass=*)", SMV_LDAP_GROUPS_NONE, 1},
    {"active-directory", "(objectCategory=person)(objectClass=user)", "(objectClass=group)", SMV_LDAP_GROUPS_IN_CHAIN,
     0},
    {"inetorgperson", "(objectClass=inetOrgPerson)", "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
     SMV_LDAP_GROUPS_NESTED, 1},
};
#define KIND_COUNT (sizeof kinds / sizeof *kinds)

static const struct {
    const char *word;
    const char *names[KIND_COUNT];
} fields[] = {
#define FIELD_ROW(NAME, word, smv, ad, person) {word, {smv, ad, person}},
    SMV_LDAP_FIELDS(FIELD_ROW)
#undef FIELD_ROW
};

const smv_error_t *smv_ldap_map_init(smv_ldap_map_t *map, const char *word, apr_pool_t *pool)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (strcmp(kinds[kind].word, word) == 0) {
            map->schema = (smv_ldap_schema_e)kind;
            map->kind = &kinds[kind];
            for (int field = 0; field < SMV_LDAP_FIELD_COUNT; field++) {
                map->names[field] = fields[field].names[kind];
            }
            return NULL;
        }
    }
    return smv_error(pool, SMV_ERROR_CONFIGURATION,
                     "SmvPortalLdapSchema must be smv, active-directory or inetorgperson, not \"%s\"", word);
}

/* RFC 4512, 1.4: a name, or numbers with dots. */
static int is_attribute(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (!apr_isalnum(*c) && (c == text || (*c != '-' && *c != '.'))) {
            return 0;
        }
    }
    return *text != '\0';
}

const smv_error_t *smv_ldap_map_set(smv_ldap_map_t *map, const char *field, const char *attribute, apr_pool_t *pool)
{
    int is_none = strcmp(attribute, "-") == 0;

    if (!is_none && !is_attribute(attribute)) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortalLdapMap %s: \"%s\" is no attribute", field,
                         attribute);
    }
    for (int i = 0; i < SMV_LDAP_FIELD_COUNT; i++) {
        if (strcmp(fields[i].word, field) == 0 && (!is_none || (i != SMV_LDAP_FIELD_LOGIN))) {
            map->names[i] = is_none ? NULL : attribute;
            return NULL;
        }
    }
    return smv_error(pool, SMV_ERROR_CONFIGURATION,
                     is_none && strcmp(field, "login") == 0
                         ? "SmvPortalLdapMap %s: every account has one"
                         : "SmvPortalLdapMap must be login, name, mail, customer, broker, valid-until, locked, "
                           "sso or role and an attribute, not \"%s\"",
                     field);
}

const smv_error_t *smv_ldap_groups_of(smv_ldap_groups_e *groups, const char *word, apr_pool_t *pool)
{
    static const char *const words[] = {"none", "direct", "nested", "in-chain"};

    for (int i = 0; i <= SMV_LDAP_GROUPS_IN_CHAIN; i++) {
        if (strcmp(words[i], word) == 0) {
            *groups = (smv_ldap_groups_e)i;
            return NULL;
        }
    }
    return smv_error(pool, SMV_ERROR_CONFIGURATION,
                     "SmvPortalLdapGroups must be none, direct, nested or in-chain, not \"%s\"", word);
}

const char *smv_ldap_map_user_filter(const smv_ldap_map_t *map, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "(&", map->kind->account, "(", map->names[SMV_LDAP_FIELD_LOGIN], "=%s))", NULL);
}

const char *smv_ldap_filled(const char *filter, const char *text, apr_pool_t *pool)
{
    const char *filled = "", *place;

    for (; (place = strstr(filter, "%s")); filter = place + 2) {
        filled = apr_pstrcat(pool, filled, apr_pstrmemdup(pool, filter, (apr_size_t)(place - filter)), text, NULL);
    }
    return apr_pstrcat(pool, filled, filter, NULL);
}
