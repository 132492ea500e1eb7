/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_find: which accounts there are, by login or by customer, in all directories of a firm.
 *
 * What is found belongs to the pool given. Thread-safety: any thread.
 */
#ifndef SMV_LDAP_FIND_H
#define SMV_LDAP_FIND_H

#include <apr_tables.h>

#include "smv_ldap_source.h"

typedef struct smv_ldap_found_t {
    const char *dn;                  /* NULL where not exactly one account has the login */
    int count;                       /* accounts that have it: 0, 1, or 2 for several */
    apr_time_t password_expires;     /* 0: never, or that is told at the bind */
    int may_be_locked;               /* after wrong passwords; a bind would tell */
    const smv_ldap_source_t *source; /* the first directory that has one; the own one where none has */
} smv_ldap_found_t;

/* The first directory that has the login decides: what comes behind it is not looked at.
 * @return SMV_ERROR_DIRECTORY_AWAY: also where a directory is, before one that may have it;
 *         SMV_ERROR_DIRECTORY_DATA: one has an entry that by its DN would be of another */
const smv_error_t *smv_ldap_find_login(const smv_ldap_sources_t *sources, smv_ldap_found_t *found, const char *login,
                                       smv_ldap_patience_t *patience, apr_pool_t *pool);

/* The accounts of one directory that a filter finds. @param found out */
const smv_error_t *smv_ldap_find_by(const smv_ldap_source_t *source, smv_ldap_found_t *found, const char *filter,
                                    smv_ldap_patience_t *patience, apr_pool_t *pool);

/* Where a directory beside the portal's own is away, its accounts are left out.
 * @param dns out: of const char *, SMV_LDAP_MAX_ACCOUNTS at most @param login NULL: whatever login */
#define SMV_LDAP_MAX_ACCOUNTS 200 /* of one customer */
const smv_error_t *smv_ldap_find_accounts(const smv_ldap_sources_t *sources, apr_array_header_t **dns,
                                          apr_int64_t customer, const char *login, smv_ldap_patience_t *patience,
                                          apr_pool_t *pool);

/* @return the filter of the accounts that name a customer; NULL where the directory has no such thing */
const char *smv_ldap_customer_filter(const smv_ldap_source_t *source, apr_int64_t customer, const char *more,
                                     apr_pool_t *pool);

#endif
