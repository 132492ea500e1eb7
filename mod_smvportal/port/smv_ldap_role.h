/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_role: roles in the directory: read, counted, made and changed. Writes are made as the signed-in person and
 * only to an entry that is as it was seen (assertion control, RFC 4528, on its entryCSN).
 *
 * Ownership: what is read belongs to the pool given. Thread-safety: any thread; smv_ldap_role_read that of the entry.
 */
#ifndef SMV_LDAP_ROLE_H
#define SMV_LDAP_ROLE_H

#include "../core/smv_directory.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_pool.h"

/* What a role is read from; ends with NULL. */
extern const char *const smv_ldap_role_attributes[];

/* All of a role but how an account came by it. @return SMV_ERROR_DIRECTORY_DATA */
const smv_error_t *smv_ldap_role_read(const smv_ldap_entry_t *entry, smv_role_t *role);

/* As the functions of smv_directory_t. @param base DN of the tenant's entry */
const smv_error_t *smv_ldap_role_list(smv_ldap_pool_t *links, const char *base, const smv_role_t **roles, int *count,
                                      smv_ldap_patience_t *patience, apr_pool_t *pool);
const smv_error_t *smv_ldap_role_find(smv_ldap_pool_t *links, const char *base, smv_role_entry_t *entry, apr_int64_t id,
                                      smv_ldap_patience_t *patience, apr_pool_t *pool);
const smv_error_t *smv_ldap_role_count_uses(smv_ldap_pool_t *links, const char *base, smv_role_uses_t *uses,
                                            const char *dn, smv_ldap_patience_t *patience, apr_pool_t *pool);

/* @param id out: one more than the highest of the tenant's numbers, of whatever entry */
const smv_error_t *smv_ldap_role_next_id(smv_ldap_pool_t *links, const char *base, apr_int64_t *id, apr_int64_t tenant,
                                         smv_ldap_patience_t *patience, apr_pool_t *pool);

/* @param parent DN below which the role is made */
const smv_error_t *smv_ldap_role_create(smv_ldap_pool_t *links, const char *parent, const smv_role_t *role,
                                        const char *as, smv_ldap_patience_t *patience, apr_pool_t *pool);
const smv_error_t *smv_ldap_role_change(smv_ldap_pool_t *links, const smv_role_entry_t *seen, const smv_role_t *wanted,
                                        const char *as, smv_ldap_patience_t *patience, apr_pool_t *pool);
/* Answers when the accounts point at the new name. Where they do not follow within seconds, the old name comes back. */
const smv_error_t *smv_ldap_role_rename(smv_ldap_pool_t *links, const char *base, const smv_role_entry_t *seen,
                                        const char *name, const char *as, smv_ldap_patience_t *patience,
                                        apr_pool_t *pool);
const smv_error_t *smv_ldap_role_delete(smv_ldap_pool_t *links, const smv_role_entry_t *seen, const char *as,
                                        smv_ldap_patience_t *patience, apr_pool_t *pool);

#endif
