/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_verdict.h"

#include <stdlib.h>
#include <string.h>

const smv_ldap_verdict_t smv_ldap_no_verdict = {PP_noError, -1, -1, 0};

/* Codes of Windows (MS-ERREF, 2.2), which the server says of a right password alone but for the last one. */
static void read_words(const char *said, smv_ldap_verdict_t *verdict)
{
    static const char before[] = "AcceptSecurityContext error, data ";
    const char *place = said ? strstr(said, before) : NULL;

    switch (place ? strtol(place + strlen(before), NULL, 16) : 0) {
    case 0x532: /* ERROR_PASSWORD_EXPIRED */
        verdict->policy = PP_passwordExpired;
        break;
    case 0x773: /* ERROR_PASSWORD_MUST_CHANGE */
        verdict->policy = PP_changeAfterReset;
        break;
    case 0x530: /* ERROR_INVALID_LOGON_HOURS */
    case 0x531: /* ERROR_INVALID_WORKSTATION */
    case 0x533: /* ERROR_ACCOUNT_DISABLED */
    case 0x701: /* ERROR_ACCOUNT_EXPIRED */
        verdict->is_barred = 1;
        break;
    case 0x775: /* ERROR_ACCOUNT_LOCKED_OUT */
        verdict->policy = PP_accountLocked;
        break;
    default:
        break;
    }
}

LDAPPasswordPolicyError smv_ldap_policy_in_words(const char *said)
{
    static const struct {
        const char *words;
        LDAPPasswordPolicyError policy;
    } known[] = {{"too young", PP_passwordTooYoung},
                 {"too short", PP_passwordTooShort},
                 {"in history", PP_passwordInHistory},
                 {"previous password", PP_passwordInHistory},
                 {"complexity", PP_insufficientPasswordQuality},
                 {"locked out", PP_accountLocked}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(said, known[i].words)) {
            return known[i].policy;
        }
    }
    return PP_noError;
}

void smv_ldap_read_verdict(LDAP *ld, LDAPControl **controls, const char *said, smv_ldap_verdict_t *verdict)
{
    LDAPControl *control = controls ? ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, NULL) : NULL;
    ber_int_t expires = -1, grace = -1;

    *verdict = smv_ldap_no_verdict;
    if (control && ldap_parse_passwordpolicy_control(ld, control, &expires, &grace, &verdict->policy) == LDAP_SUCCESS) {
        verdict->expires = (int)expires;
        verdict->grace = (int)grace;
    }
    read_words(said, verdict);
}
