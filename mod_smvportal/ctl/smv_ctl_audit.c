/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl audit: the audit log, whether it is as it was written.
 */
#include "smv_ctl_conf.h"

#include <stdio.h>
#include <sysexits.h>

#define BROKEN 1

static void print_text(const smv_audit_check_t *check)
{
    char day[APR_RFC822_DATE_LEN] = "";

    if (check->fault) {
        apr_rfc822_date(day, apr_time_from_sec(check->broken_time));
        printf("broken at row %" APR_INT64_T_FMT " of %s: %s\n", check->broken_id, day, check->fault);
    } else {
        printf("%" APR_INT64_T_FMT " rows, the last one is %" APR_INT64_T_FMT " with the hash %s\n", check->rows,
               check->last_id, check->head_hex);
    }
}

/* Ids as everywhere in JSON: as texts. What is wrong is a text of this program's own, without a quote. */
static void print_json(const smv_audit_check_t *check)
{
    printf("{\"sound\": %s, \"rows\": %" APR_INT64_T_FMT ", \"last\": \"%" APR_INT64_T_FMT "\", \"hash\": \"%s\"",
           check->fault ? "false" : "true", check->rows, check->last_id, check->head_hex);
    if (check->fault) {
        printf(", \"broken\": \"%" APR_INT64_T_FMT "\", \"fault\": \"%s\"", check->broken_id, check->fault);
    }
    puts("}");
}

int smv_ctl_audit_verify(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    smv_audit_check_t check;
    smv_store_t *store;
    const smv_error_t *error;

    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = store->audit_verify(store, &check, ctl->pool))) {
        return smv_ctl_fail(error);
    }
    if (ctl->json) {
        print_json(&check);
    } else {
        print_text(&check);
    }
    return check.fault ? BROKEN : EX_OK;
}
