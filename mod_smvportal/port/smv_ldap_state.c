/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_state.h"

#include <apr_strings.h>
#include <errno.h>

/* userAccountControl (MS-ADTS, 2.2.16) */
#define ACCOUNT_DISABLE 0x2
#define LOCKOUT 0x10

/* @return 0 where the attribute is absent or no number */
static apr_int64_t number_of(const smv_ldap_entry_t *entry, const char *attribute)
{
    return apr_strtoi64(smv_ldap_text(entry, attribute), NULL, 10);
}

int smv_ldap_is_locked_out(const smv_ldap_entry_t *entry)
{
    return smv_ldap_has_value(entry, "nsAccountLock", "TRUE") ||
           smv_ldap_has_value(entry, "pwdAccountLockedTime", "000001010000Z") ||
           (number_of(entry, "userAccountControl") & ACCOUNT_DISABLE) != 0;
}

/* lockoutTime stays when the lock has ended; what is computed of it does not. */
int smv_ldap_is_locked_for_now(const smv_ldap_entry_t *entry)
{
    return *smv_ldap_text(entry, "msDS-User-Account-Control-Computed")
               ? (number_of(entry, "msDS-User-Account-Control-Computed") & LOCKOUT) != 0
               : number_of(entry, "lockoutTime") != 0;
}

/* @return 1 where a lock lasts until then: with the epoch for ever (389-ds), and what is no time ends nothing */
static int is_locked_until(const smv_ldap_entry_t *entry, const char *attribute, apr_time_t now)
{
    apr_time_t until = 0;

    return *smv_ldap_text(entry, attribute) &&
           (smv_ldap_until(entry, attribute, &until) != NULL || until == 0 || until > now);
}

int smv_ldap_may_be_locked(const smv_ldap_entry_t *entry, apr_time_t now)
{
    return smv_ldap_is_locked_for_now(entry) || *smv_ldap_text(entry, "pwdAccountLockedTime") ||
           is_locked_until(entry, "pwdAccountTmpLockoutEnd", now) ||
           (is_locked_until(entry, "accountUnlockTime", now) && !smv_ldap_has_value(entry, "passwordRetryCount", "0"));
}

/* Tenths of microseconds since 1601 (MS-DTYP, 2.3.3). */
#define UNIX_EPOCH (APR_INT64_C(11644473600) * APR_USEC_PER_SEC)

/* @param until out: 0 for never @return 0 where it is no time */
static int read_filetime(const char *text, apr_time_t *until)
{
    char *end;
    apr_int64_t value;

    errno = 0;
    value = apr_strtoi64(text, &end, 10);
    *until = 0;
    if (*end || errno || value < 0) {
        return 0;
    }
    if (value != 0 && value != INT64_MAX) {
        *until = value / 10 > UNIX_EPOCH ? value / 10 - UNIX_EPOCH : 1;
    }
    return 1;
}

const smv_error_t *smv_ldap_account_expires(const smv_ldap_entry_t *entry, apr_time_t *until)
{
    return read_filetime(smv_ldap_text(entry, "accountExpires"), until)
               ? NULL
               : smv_error(entry->pool, SMV_ERROR_DIRECTORY_DATA, "%s: accountExpires is no time", entry->dn);
}

apr_time_t smv_ldap_password_expires(const smv_ldap_entry_t *entry)
{
    apr_time_t until;

    return read_filetime(smv_ldap_text(entry, SMV_LDAP_PASSWORD_EXPIRES), &until) ? until : 0;
}
