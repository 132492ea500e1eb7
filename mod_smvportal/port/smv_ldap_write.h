/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_write: one write to the directory, made as a person (proxied authorization, RFC 4370) with the connection of
 * the service: the directory's own access rules decide once more. A write that may have been done is never sent twice.
 *
 * Thread-safety: any thread; each write takes a link of the pool and gives it back.
 */
#ifndef SMV_LDAP_WRITE_H
#define SMV_LDAP_WRITE_H

#include "smv_ldap_pool.h"

#define SMV_LDAP_MAX_MODS 40

/* The attributes of an entry, or what is changed in it. Values are not copied. */
typedef struct smv_ldap_mods_t {
    LDAPMod mods[SMV_LDAP_MAX_MODS];
    LDAPMod *list[SMV_LDAP_MAX_MODS + 1];
    int count;
} smv_ldap_mods_t;

/* @param deed LDAP_MOD_ADD, LDAP_MOD_REPLACE … @param values ends with NULL */
void smv_ldap_mods_put_all(smv_ldap_mods_t *mods, int deed, const char *name, const char *const *values);
/* @param value NULL: none, which takes the attribute away where it is replaced */
void smv_ldap_mods_put(smv_ldap_mods_t *mods, int deed, const char *name, const char *value, apr_pool_t *pool);

typedef enum {
    SMV_LDAP_ADD,
    SMV_LDAP_MODIFY,
    SMV_LDAP_RENAME,
    SMV_LDAP_DELETE,
    SMV_LDAP_PASSWORD /* RFC 3062 */
} smv_ldap_deed_e;

typedef struct smv_ldap_write_t {
    smv_ldap_deed_e deed;
    const char *doing; /* "creating an account", for the error */
    const char *dn;
    smv_ldap_mods_t *mods;          /* ADD, MODIFY */
    const char *rdn;                /* RENAME: the new one; the old value goes */
    const char *current;            /* PASSWORD: the one so far; NULL without */
    const char *password;           /* PASSWORD */
    const char *assertion;          /* a filter that must match the entry (RFC 4528); NULL: none */
    LDAPPasswordPolicyError policy; /* out, PASSWORD: what the server's policy says */
    int code;                       /* out: of the answer */
} smv_ldap_write_t;

/* @param as DN of the person
 * @return SMV_ERROR_EXISTS, SMV_ERROR_CONFLICT (the assertion does not hold), SMV_ERROR_DIRECTORY_REFUSED (also where
 *         the person may not even know of the entry), SMV_ERROR_DIRECTORY_AWAY */
const smv_error_t *smv_ldap_write(smv_ldap_pool_t *links, smv_ldap_write_t *write, const char *as,
                                  smv_ldap_patience_t *patience, apr_pool_t *pool);

/* Change a password on a connection that the person is bound to. @param write SMV_LDAP_PASSWORD
 * @return the code of the answer */
int smv_ldap_change_password(LDAP *ld, smv_ldap_write_t *write, const smv_ldap_wait_t *wait);

/* @return 1 for what a server that is there does not do */
int smv_ldap_is_refusal(int code);

/* @return "uid=value" as a DN has it (RFC 4514, 2.4) */
const char *smv_ldap_rdn(const char *attribute, const char *value, apr_pool_t *pool);

#endif
