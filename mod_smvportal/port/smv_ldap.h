/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap: the directory port over OpenLDAP's libldap.
 *
 * Searches use a small pool of connections bound as the service; binds of users happen on connections of their own.
 * Thread-safety: the directory may be used from any thread of the process that made it. Not to be used across fork:
 * make it in child_init.
 */
#ifndef SMV_LDAP_H
#define SMV_LDAP_H

#include "../core/smv_directory.h"

typedef struct smv_ldap_config_t {
    const char *uri;           /* ldap://127.0.0.1:3389, several separated by blanks */
    const char *base;          /* the tenant's entry, an organization with smvMandant */
    const char *accounts;      /* below which new accounts are made; NULL: none are */
    const char *roles;         /* below which new roles are made */
    int keeps_references;      /* accounts follow a role that is renamed, by the directory's own doing */
    const char *bind_dn;       /* service account; NULL binds anonymously */
    const char *bind_password; /* never logged */
    const char *user_filter;   /* (&(objectClass=smvKonto)(uid=%s)); %s is the escaped login */
    apr_time_t timeout;        /* of connect and of each operation */
    int pool_size;             /* service connections of one process at most */
} smv_ldap_config_t;

apr_status_t smv_ldap_create(smv_directory_t **directory, const smv_ldap_config_t *config, apr_pool_t *pool);

#endif
