/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_map: what a directory calls the things that the portal reads of an account. One that has the project's
 * schema needs none of it; another firm's directory is mapped.
 *
 * Immutable once it is made; everything belongs to the pool given, but for texts that are handed in. Thread-safety:
 * any.
 */
#ifndef SMV_LDAP_MAP_H
#define SMV_LDAP_MAP_H

#include <apr_pools.h>

#include "../core/smv_error.h"

/* X(NAME, word in SmvPortalLdapMap, attribute of the project's schema, of Active Directory, of RFC 2798); NULL: none */
#define SMV_LDAP_FIELDS(X)                                                                                             \
    X(LOGIN, "login", "uid", "userPrincipalName", "uid")                                                               \
    X(NAME, "name", "displayName", "displayName", "displayName")                                                       \
    X(MAIL, "mail", "mail", "mail", "mail")                                                                            \
    X(CUSTOMER, "customer", "smvKundenNr", NULL, NULL)                                                                 \
    X(BROKER, "broker", "smvVermittlerNr", NULL, NULL)                                                                 \
    X(VALID_UNTIL, "valid-until", "smvGueltigBis", NULL, NULL)                                                         \
    X(LOCKED, "locked", "smvGesperrt", NULL, NULL)                                                                     \
    X(SSO, "sso", "smvSsoKennung", NULL, NULL)                                                                         \
    X(ROLE, "role", "smvRolleDN", NULL, NULL)

typedef enum {
#define SMV_LDAP_FIELD_ENUM(NAME, word, smv, ad, person) SMV_LDAP_FIELD_##NAME,
    SMV_LDAP_FIELDS(SMV_LDAP_FIELD_ENUM)
#undef SMV_LDAP_FIELD_ENUM
} smv_ldap_field_e;
#define SMV_LDAP_FIELD_COUNT (SMV_LDAP_FIELD_ROLE + 1)

/* How the groups of an account are found, whose names a role may have among its members. */
typedef enum {
    SMV_LDAP_GROUPS_NONE,
    SMV_LDAP_GROUPS_DIRECT,  /* those that name the account */
    SMV_LDAP_GROUPS_NESTED,  /* and those that name such a group, level by level */
    SMV_LDAP_GROUPS_IN_CHAIN /* the same, by the server itself (MS-ADTS, 3.1.1.3.4.4.3) */
} smv_ldap_groups_e;

/* A kind of directory, with what is assumed of it. */
typedef enum { SMV_LDAP_SCHEMA_SMV, SMV_LDAP_SCHEMA_AD, SMV_LDAP_SCHEMA_PERSON } smv_ldap_schema_e;

typedef struct smv_ldap_kind_t {
    const char *word;          /* in SmvPortalLdapSchema */
    const char *account;       /* part of a filter: what every account has */
    const char *group;         /* filter of groups */
    smv_ldap_groups_e groups;  /* where nothing else is said */
    int is_password_writeable; /* likewise: people change their passwords in the portal */
} smv_ldap_kind_t;

typedef struct smv_ldap_map_t {
    smv_ldap_schema_e schema;
    const smv_ldap_kind_t *kind;
    const char *names[SMV_LDAP_FIELD_COUNT]; /* attributes; NULL: the directory has no such thing */
} smv_ldap_map_t;

/* @return SMV_ERROR_CONFIGURATION: no kind of directory has that word */
const smv_error_t *smv_ldap_map_init(smv_ldap_map_t *map, const char *word, apr_pool_t *pool);
/* Call a field by another attribute. @param attribute "-": none */
const smv_error_t *smv_ldap_map_set(smv_ldap_map_t *map, const char *field, const char *attribute, apr_pool_t *pool);
/* @return SMV_ERROR_CONFIGURATION: no way to find groups has that word */
const smv_error_t *smv_ldap_groups_of(smv_ldap_groups_e *groups, const char *word, apr_pool_t *pool);

/* @return the filter that finds a login, with %s for it, where none was configured */
const char *smv_ldap_map_user_filter(const smv_ldap_map_t *map, apr_pool_t *pool);
/* @return the filter with the text in each place of %s */
const char *smv_ldap_filled(const char *filter, const char *text, apr_pool_t *pool);

#endif
