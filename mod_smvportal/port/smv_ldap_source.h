/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_source: the directories of a firm, in the order in which a login is looked for. The first is the portal's
 * own: it has the roles and the firm, and is the only one that the portal writes accounts and roles to. The DN of an
 * account says which one it is of: the one with the deepest base that it lies below.
 *
 * Immutable, but for the pools of connections, which are thread-safe. Ownership: the pool given.
 */
#ifndef SMV_LDAP_SOURCE_H
#define SMV_LDAP_SOURCE_H

#include "smv_ldap_pool.h"

struct smv_ldap_sources_t;

typedef struct smv_ldap_source_t {
    const struct smv_ldap_sources_t *all; /* that it is one of */
    int number;                           /* SMV_DIRECTORY_OWN, or another */
    smv_ldap_pool_t *links;
    smv_ldap_map_t map;
    const char *base;
    const char *user_filter;    /* with %s for the escaped login */
    const char *account_filter; /* what every account is, whatever its login */
    const char *group_filter;
    smv_ldap_groups_e groups;
    const char *stand_in; /* DN in the own directory as whom those of this one write there; NULL: as themselves */
    int is_password_writeable;
} smv_ldap_source_t;

typedef struct smv_ldap_sources_t {
    smv_ldap_source_t at[SMV_LIVE_MAX_DIRECTORIES];
    int count; /* at least 1 */
} smv_ldap_sources_t;

/* Connects to nothing yet. @return APR_EINVAL where a configuration cannot work */
apr_status_t smv_ldap_sources_init(smv_ldap_sources_t *sources, const smv_ldap_config_t *configs, int count,
                                   apr_pool_t *pool);

/* @return whose account that is; the own directory where the DN is of none */
const smv_ldap_source_t *smv_ldap_source_of(const smv_ldap_sources_t *sources, const char *dn);

/* @return 1 where an entry that this directory has is its own by the DN, beyond doubt: whoever may write to one
 * directory must not be taken for somebody of another. Servers compare letters beyond ASCII in ways of their own; where
 * they might find a DN equal that differs in these alone, there is doubt. */
int smv_ldap_is_own_entry(const smv_ldap_source_t *source, const char *dn);
/* @return SMV_ERROR_DIRECTORY_DATA about such an entry */
const smv_error_t *smv_ldap_foreign_entry(const char *dn, apr_pool_t *pool);

/* @return 1 where the DN is the base or lies below it (RFC 4514; values without case of ASCII letters and without
 * minding how many blanks) */
int smv_ldap_is_within(const char *dn, const char *base);

#endif
