/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl migrate: a database of an older release, brought forward.
 */
#include "smv_ctl.h"

#include <stdio.h>
#include <sysexits.h>

#include "../port/smv_migrate.h"

int smv_ctl_migrate(const smv_ctl_t *ctl)
{
    const char *path = ctl->words[0];
    smv_migration_t done;
    const smv_error_t *error = smv_migrate(&done, path, ctl->pool);

    if (error) {
        return smv_ctl_fail(error);
    }
    if (done.from == done.to) {
        printf("%s is of version %d already\n", path, done.to);
    } else {
        printf("%s is of version %d now; as it was, with version %d, it is %s\nRestart httpd, if the portal runs.\n",
               path, done.to, done.from, done.backup);
    }
    return EX_OK;
}
