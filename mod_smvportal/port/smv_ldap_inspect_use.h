/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_inspect_use: one server that is inspected, for the files of smv_ldap_inspect alone.
 *
 * Ownership: the pool of the findings. Thread-safety: one thread.
 */
#ifndef SMV_LDAP_INSPECT_USE_H
#define SMV_LDAP_INSPECT_USE_H

#include "smv_ldap_connect.h"
#include "smv_ldap_entry.h"
#include "smv_ldap_inspect.h"

typedef struct smv_ldap_inspection_t {
    smv_findings_t *findings;
    const smv_ldap_config_t *config;
    const char *uri;
    apr_int64_t tenant;
    LDAP *ld; /* bound as the service */
    apr_pool_t *pool;
} smv_ldap_inspection_t;

/* The first entry of a search. @param entry out @param result out: for ldap_msgfree, may be NULL
 * @return 1 where there is one */
int smv_ldap_inspect_first(const smv_ldap_inspection_t *self, smv_ldap_entry_t *entry, LDAPMessage **result,
                           const char *base, int scope, const char *filter, const char *const *attributes);
/* Until when an answer is waited for. */
smv_ldap_wait_t smv_ldap_inspect_wait(const smv_ldap_inspection_t *self);

/* What the server is: its schema, its indexes, whether it tells of changes (smv_ldap_inspect_server.c). */
void smv_ldap_inspect_schema(const smv_ldap_inspection_t *self);
void smv_ldap_inspect_indexes(const smv_ldap_inspection_t *self);
void smv_ldap_inspect_sync(const smv_ldap_inspection_t *self);

/* What the service account must be able to do beyond reading, and what it must not (smv_ldap_inspect_rights.c). */
void smv_ldap_inspect_rights(const smv_ldap_inspection_t *self);

#endif
