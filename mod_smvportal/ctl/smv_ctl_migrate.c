/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_migrate.h"

#include <stdio.h>
#include <sysexits.h>

#include "../port/smv_migrate.h"

int smv_ctl_migrate(int count, const char *const *words, apr_pool_t *pool)
{
    smv_migration_t done;
    const smv_error_t *error;

    if (count != 1) {
        fputs("usage: smvportalctl migrate FILE\n", stderr);
        return EX_USAGE;
    }
    if ((error = smv_migrate(&done, words[0], pool))) {
        fprintf(stderr, "smvportalctl: %s\n", error->detail);
        return error->code == SMV_ERROR_DATABASE_BUSY ? EX_TEMPFAIL : EX_DATAERR;
    }
    if (done.from == done.to) {
        printf("%s is of version %d already\n", words[0], done.to);
    } else {
        printf("%s is of version %d now; as it was, with version %d, it is %s\nRestart httpd, if the portal runs.\n",
               words[0], done.to, done.from, done.backup);
    }
    return EX_OK;
}
