/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_audit.h"

#include <apr_time.h>
#include <stdio.h>
#include <sysexits.h>

#include "../port/smv_sqlite.h"

#define BROKEN 1

int smv_ctl_audit_verify(int count, const char *const *words, apr_pool_t *pool)
{
    const smv_sqlite_config_t config = {
        .path = count > 0 ? words[0] : NULL, .pool_size = 1, .busy_timeout = apr_time_from_sec(60)};
    char day[APR_RFC822_DATE_LEN] = "";
    smv_audit_check_t check;
    smv_store_t *store;
    const smv_error_t *error;

    if (count != 1) {
        fputs("usage: smvportalctl audit-verify DATABASE\n", stderr);
        return EX_USAGE;
    }
    if ((error = smv_sqlite_open(&store, &config, pool)) || (error = store->audit_verify(store, &check, pool))) {
        fprintf(stderr, "smvportalctl: %s\n", error->detail);
        return error->code == SMV_ERROR_DATABASE_BUSY ? EX_TEMPFAIL : EX_NOINPUT;
    }
    if (check.fault) {
        apr_rfc822_date(day, apr_time_from_sec(check.broken_time));
        printf("broken at row %" APR_INT64_T_FMT " of %s: %s\n", check.broken_id, day, check.fault);
        return BROKEN;
    }
    printf("%" APR_INT64_T_FMT " rows, the last one is %" APR_INT64_T_FMT " with the hash %s\n", check.rows,
           check.last_id, check.head_hex);
    return EX_OK;
}
