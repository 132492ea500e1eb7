/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_entry: the values of one entry, with their types. A value that is not of its type is an error, never a
 * default: a hide right or a lock that cannot be read must not become "no".
 *
 * Absent attributes are no error: see each function.
 * Ownership: values are copied into the pool of the entry. Thread-safety: one thread.
 */
#ifndef SMV_LDAP_ENTRY_H
#define SMV_LDAP_ENTRY_H

#include <apr_time.h>
#include <ldap.h>

#include "../core/smv_error.h"
#include "../core/smv_principal.h"

typedef struct smv_ldap_entry_t {
    LDAP *ld;
    LDAPMessage *message;
    const char *dn;
    apr_pool_t *pool;
} smv_ldap_entry_t;

/* @return 0 where there is no entry in the result */
int smv_ldap_entry_first(smv_ldap_entry_t *entry, LDAP *ld, LDAPMessage *result, apr_pool_t *pool);
int smv_ldap_entry_next(smv_ldap_entry_t *entry);

/* @return the first value, "" where the attribute is absent */
const char *smv_ldap_text(const smv_ldap_entry_t *entry, const char *attribute);

/* @return all values, ended by NULL. @param count out, may be NULL */
const char *const *smv_ldap_texts(const smv_ldap_entry_t *entry, const char *attribute, int *count);

/* @return 1 where wanted is one of the values, compared without case */
int smv_ldap_has_value(const smv_ldap_entry_t *entry, const char *attribute, const char *wanted);

/* @return the UUID in text (RFC 4122, 3), zero where it is absent or none */
smv_uuid_t smv_ldap_uuid(const smv_ldap_entry_t *entry, const char *attribute);
/* What servers call an entry for good: slapd (RFC 4530), 389-ds, Active Directory. */
#define SMV_LDAP_IDENTITIES "entryUUID", "nsUniqueId", "objectGUID"
/* @return the one that there is; zero where there is none */
smv_uuid_t smv_ldap_identity(const smv_ldap_entry_t *entry);
/* @param bytes 16 of them, in network order */
smv_uuid_t smv_ldap_uuid_of(const unsigned char *bytes);

/* Absent: 0. @return SMV_ERROR_DIRECTORY_DATA, as all that follow */
const smv_error_t *smv_ldap_boolean(const smv_ldap_entry_t *entry, const char *attribute, int *value);

/* Absent: none. */
const smv_error_t *smv_ldap_numbers(const smv_ldap_entry_t *entry, const char *attribute, smv_numbers_t *numbers);

/* Exactly one positive number; absent is an error. */
const smv_error_t *smv_ldap_number(const smv_ldap_entry_t *entry, const char *attribute, apr_int64_t *number);

/* GeneralizedTime (RFC 4517, 3.3.13) as what ends then. Absent: 0. */
const smv_error_t *smv_ldap_until(const smv_ldap_entry_t *entry, const char *attribute, apr_time_t *until);

/* The attributes of smv_rights that are TRUE, and those that are FALSE. */
const smv_error_t *smv_ldap_rights(const smv_ldap_entry_t *entry, smv_rightset_t *granted, smv_rightset_t *refused);

#endif
