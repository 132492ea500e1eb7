/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl migrate: a database of an older release, brought forward.
 */
#include "smv_ctl.h"

#include <stdio.h>
#include <sysexits.h>

#include "../core/smv_record.h"
#include "../port/smv_migrate.h"

SMV_SHAPE(smv_ctl_shape_migration, "Migration", {.name = "file", .type = SMV_TYPE_TEXT},
          {.name = "from", .type = SMV_TYPE_INTEGER}, {.name = "to", .type = SMV_TYPE_INTEGER},
          {.name = "backup", .type = SMV_TYPE_TEXT});

static int print_json(const smv_migration_t *done, const smv_ctl_t *ctl)
{
    const smv_record_t *migration = smv_record_make(&smv_ctl_shape_migration, ctl->pool);

    smv_set(migration, "file", smv_text(ctl->words[0]));
    smv_set(migration, "from", smv_number(done->from));
    smv_set(migration, "to", smv_number(done->to));
    smv_set(migration, "backup", smv_text(done->backup));
    return smv_ctl_print_json(migration, ctl->pool);
}

int smv_ctl_migrate(const smv_ctl_t *ctl)
{
    const char *path = ctl->words[0];
    smv_migration_t done;
    const smv_error_t *error = smv_migrate(&done, path, ctl->pool);

    if (error) {
        return smv_ctl_fail(error);
    }
    if (ctl->json) {
        return print_json(&done, ctl);
    }
    if (done.from == done.to) {
        printf("%s is of version %d already\n", path, done.to);
    } else {
        printf("%s is of version %d now; as it was, with version %d, it is %s\nRestart httpd, if the portal runs.\n",
               path, done.to, done.from, done.backup);
    }
    return EX_OK;
}
