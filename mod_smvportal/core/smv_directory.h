/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_directory: the port through which accounts and roles are reached; implemented by port/smv_ldap.c. A firm may have
 * several directories: the DN of an account says which one it is of.
 *
 * Thread-safety: every function may be called from any thread of the process; those of a request's directory from the
 * request's thread.
 */
#ifndef SMV_DIRECTORY_H
#define SMV_DIRECTORY_H

#include <apr_time.h>

#include "smv_error.h"
#include "smv_known.h"
#include "smv_principal.h"
#include "smv_view.h"

/* An account as it is, sound or not, for those who must explain it. */
typedef struct smv_account_t {
    int found;                        /* accounts with the login: 0, 1, or 2 for several; the rest is of the one */
    const smv_principal_t *principal; /* what could be read of it; without roles where it has none */
    int is_locked;                    /* smvGesperrt is TRUE */
    int is_locked_out;                /* the directory itself has locked it */
    apr_time_t valid_until;           /* smvGueltigBis, 0 where absent or unreadable */
    const char *module;               /* smvModul of the firm that lets customers in, NULL where it is absent */
    apr_time_t module_until;          /* smvModulGueltigBis of the firm, 0 where absent or unreadable */
    int needs_module;                 /* no role of wider scope than eigene */
    const smv_error_t *const
        *faults; /* what is wrong with it, in the order in which `load` looks: it answers the first */
    int fault_count;
} smv_account_t;

/* An account to be made, without a password. */
typedef struct smv_new_account_t {
    const char *login, *name, *mail; /* mail NULL: none */
    const char *role_dn;
    smv_numbers_t customers;
    apr_time_t valid_until; /* 0: no end */
} smv_new_account_t;

/* A role with what tells whether somebody changed it. */
typedef struct smv_role_entry_t {
    smv_role_t role;
    const char *csn;     /* entryCSN (RFC 4533): another after each change, whoever makes it */
    apr_int64_t version; /* the same as a number, for forms and ETags; never 0 */
} smv_role_entry_t;

/* How many have a role. */
typedef struct smv_role_uses_t {
    int pointers; /* accounts that name it */
    int members;  /* that the role names */
    int is_more;  /* the directory did not count further */
} smv_role_uses_t;

/* What the directory says of a right password (draft-behera-ldap-password-policy). */
typedef struct smv_sign_in_t {
    const char *dn; /* of the account */
    int expires;    /* seconds until the password does; -1: not said */
    int grace;      /* sign-ins left with one that has expired; -1: it has not */
} smv_sign_in_t;

/* How an account is known to a single sign-on (smv_sso.h). */
typedef enum {
    SMV_BY_IDENTIFIER, /* smvSsoKennung */
    SMV_BY_MAIL,
    SMV_BY_LOGIN
} smv_identity_way_e;

struct smv_identity_t;

typedef struct smv_directory_t smv_directory_t;
struct smv_directory_t {
    /* The same for one request: from its first question on there is one time for all of its answers, whatever they are.
     * Once it is over, what is asked is SMV_ERROR_DIRECTORY_AWAY. Without this each function has a time of its own. */
    smv_directory_t *(*for_request)(smv_directory_t *self, apr_pool_t *pool);

    /* Search for the login, in the directories in turn, then bind as the entry found; the password is neither kept nor
     * logged.
     * An empty login or password is refused before the server is asked. An unknown login costs a bind, too, so that
     * it takes as long as a wrong password.
     * @param sign_in out: dn NULL unless the password is right
     * @return SMV_ERROR_CREDENTIALS; SMV_ERROR_PASSWORD_EXPIRED, SMV_ERROR_PASSWORD_RESET: it is right, but good for
     *         nothing but a new one; SMV_ERROR_LOCKED: it is right, but the directory lets nobody in with it;
     *         SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*authenticate)(smv_directory_t *self, smv_sign_in_t *sign_in, const char *login,
                                       const char *password, apr_pool_t *pool);

    /* The same of an account that is known by its DN. */
    const smv_error_t *(*verify)(smv_directory_t *self, smv_sign_in_t *sign_in, const char *dn, const char *password,
                                 apr_pool_t *pool);

    /* Find the account that somebody is by a single sign-on. @param dn out: NULL where there is none
     * @return SMV_ERROR_DIRECTORY_DATA: several; SMV_ERROR_LOCKED: for now nobody would be let in by its password;
     *         SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*find_identity)(smv_directory_t *self, const char **dn, smv_identity_way_e way,
                                        const char *value, apr_pool_t *pool);
    /* Find a rule that lets a whole firm in (smvFirmenzugang). One that wants a group goes before those that want none,
     * and then they go by name. @param dn out: of the person by that rule, whom `load` reads as one with the rights
     * that it gives; NULL where there is none */
    const smv_error_t *(*find_rule)(smv_directory_t *self, const char **dn, const struct smv_identity_t *identity,
                                    apr_pool_t *pool);

    /* Read account, roles and tenant afresh.
     * @return SMV_ERROR_LOCKED: smvGesperrt, smvGueltigBis passed, or the entry is gone;
     *         SMV_ERROR_MODULE_NOT_BOOKED: a principal without a role of wider scope than eigene, and the tenant's
     *         smvModul Kundenportal is absent or smvModulGueltigBis has passed;
     *         SMV_ERROR_DIRECTORY_DATA: no role, or one that cannot be read; SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*load)(smv_directory_t *self, const smv_principal_t **principal, const char *dn, apr_time_t now,
                               apr_pool_t *pool);
    /* Read the account of a login afresh as `load` does, by the same steps, and go on where that would stop.
     * @return SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*explain)(smv_directory_t *self, const smv_account_t **account, const char *login,
                                  apr_time_t now, apr_pool_t *pool);
    /* Everything that the directory holds of an account, but passwords and what is no text: smv_shape_attribute, a
     * record for each value. @param dn of the account; NULL: of each account that names the customer
     * @return SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*describe)(smv_directory_t *self, smv_list_t **list, const char *dn, apr_int64_t customer,
                                   apr_pool_t *pool);

    /* The accounts that name a customer, as explain tells of them; login NULL: all of them. One whose roles cannot be
     * read is left out, since it may be that of staff. @return SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*accounts)(smv_directory_t *self, const smv_account_t *const **accounts, int *count,
                                   apr_int64_t customer, const char *login, apr_time_t now, apr_pool_t *pool);
    /* Every role of the tenant. One that cannot be read is left out. */
    const smv_error_t *(*roles)(smv_directory_t *self, const smv_role_t **roles, int *count, apr_pool_t *pool);
    /* @param is_taken out: whether some account signs in by that login */
    const smv_error_t *(*find_login)(smv_directory_t *self, int *is_taken, const char *login, apr_pool_t *pool);

    /* What the signed-in person does to accounts, as that person: the directory's own access rules decide once more.
     * @param as DN of the person
     * @return SMV_ERROR_EXISTS, SMV_ERROR_DIRECTORY_REFUSED, SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*create_account)(smv_directory_t *self, const char **dn, const smv_new_account_t *account,
                                         const char *as, apr_pool_t *pool);
    const smv_error_t *(*lock_account)(smv_directory_t *self, const char *dn, int is_locked, const char *as,
                                       apr_pool_t *pool);
    const smv_error_t *(*end_account)(smv_directory_t *self, const char *dn, apr_time_t end, const char *as,
                                      apr_pool_t *pool);
    /* @return 1 where people change the password of such an account in the portal, 0 where they do so elsewhere */
    int (*takes_passwords)(smv_directory_t *self, const char *dn, apr_pool_t *pool);
    /* Set an account's password as the account itself: the directory's password policy decides.
     * @param current the one so far; NULL where an invitation stands for it
     * @return SMV_ERROR_INVALID: refused by the policy, with the reason as the problem of the field "password" */
    const smv_error_t *(*set_password)(smv_directory_t *self, const char *dn, const char *current, const char *password,
                                       apr_pool_t *pool);

    /* One role of the tenant, by its number. @return SMV_ERROR_NOT_FOUND; SMV_ERROR_DIRECTORY_DATA: it cannot be read,
     * or several have the number */
    const smv_error_t *(*find_role)(smv_directory_t *self, smv_role_entry_t *entry, apr_int64_t id, apr_pool_t *pool);
    const smv_error_t *(*role_uses)(smv_directory_t *self, smv_role_uses_t *uses, const char *dn, apr_pool_t *pool);
    /* What the signed-in person does to roles, as that person; only to the role as it was seen.
     * @param role name, remark, scope and rights; out: id, the next number of the tenant
     * @return SMV_ERROR_EXISTS: the name is taken; SMV_ERROR_CONFLICT: somebody else changed the role;
     *         SMV_ERROR_IN_USE: accounts would not follow the new name; SMV_ERROR_DIRECTORY_REFUSED,
     *         SMV_ERROR_DIRECTORY_AWAY */
    const smv_error_t *(*create_role)(smv_directory_t *self, smv_role_t *role, apr_int64_t tenant, const char *as,
                                      apr_pool_t *pool);
    /* Remark, scope and rights. */
    const smv_error_t *(*change_role)(smv_directory_t *self, const smv_role_entry_t *seen, const smv_role_t *wanted,
                                      const char *as, apr_pool_t *pool);
    const smv_error_t *(*rename_role)(smv_directory_t *self, const smv_role_entry_t *seen, const char *name,
                                      const char *as, apr_pool_t *pool);
    const smv_error_t *(*delete_role)(smv_directory_t *self, const smv_role_entry_t *seen, const char *as,
                                      apr_pool_t *pool);
    void *state;
};

/* A cache of principals before a directory, of one process, which shares what it reads with the others. Failures are
 * not kept. Where the directory tells of changes (smv_live.h), entries live until they change, and some minutes at
 * most; else for `lifetime`. While the directory is away they count for the `grace` since it was last heard of, marked
 * as remembered.
 *
 * Ownership: the principal found is copied into the caller's pool. Bound: `capacity` entries, the oldest goes first. */
typedef struct smv_principal_cache_t smv_principal_cache_t;

typedef struct smv_principal_cache_config_t {
    apr_time_t lifetime; /* 0 reads the directory each time */
    apr_time_t grace;    /* 0: nobody without the directory */
    int capacity;
    smv_live_t *live;   /* NULL: nothing tells of changes */
    smv_known_t *known; /* what other processes read; NULL: nothing */
} smv_principal_cache_config_t;

apr_status_t smv_principal_cache_create(smv_principal_cache_t **cache, const smv_principal_cache_config_t *config,
                                        apr_pool_t *pool);

/* @return NULL where the directory must be asked */
const smv_principal_t *smv_principal_cache_find(smv_principal_cache_t *cache, const char *dn, apr_time_t now,
                                                apr_pool_t *pool);

/* Find, or ask the directory and keep what it answers. @return what smv_directory_t.load answers, but for a directory
 * that is away where the principal is remembered */
const smv_error_t *smv_principal_cache_get(smv_principal_cache_t *cache, smv_directory_t *directory,
                                           const smv_principal_t **principal, const char *dn, apr_time_t now,
                                           apr_pool_t *pool);

/* Forget one account in every process, for example after its sign-in. */
void smv_principal_cache_forget(smv_principal_cache_t *cache, const char *dn);

/* Forget all in every process, for example after a change of a role. */
void smv_principal_cache_forget_all(smv_principal_cache_t *cache);

#endif
