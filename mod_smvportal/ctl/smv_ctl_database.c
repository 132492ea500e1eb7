/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl create-database and collect-garbage.
 */
#include "smv_ctl_user.h"

#include <stdio.h>
#include <sysexits.h>

#include "../core/smv_record.h"
#include "../port/smv_garbage.h"
#include "../port/smv_lock.h"
#include "../port/smv_sqlite.h"

SMV_SHAPE(smv_ctl_shape_database, "CreatedDatabase", {.name = "file", .type = SMV_TYPE_TEXT},
          {.name = "version", .type = SMV_TYPE_INTEGER});

static int print_created(const smv_ctl_t *ctl)
{
    const smv_record_t *created = smv_record_make(&smv_ctl_shape_database, ctl->pool);

    smv_set(created, "file", smv_text(ctl->words[0]));
    smv_set(created, "version", smv_number(SMV_SQLITE_VERSION));
    return smv_ctl_print_json(created, ctl->pool);
}

int smv_ctl_create_database(const smv_ctl_t *ctl)
{
    const smv_error_t *error = smv_sqlite_create(ctl->words[0], ctl->pool);

    if (error) {
        smv_ctl_fail(error);
        return EX_CANTCREAT;
    }
    return ctl->json ? print_created(ctl) : EX_OK;
}

int smv_ctl_collect_garbage(const smv_ctl_t *ctl)
{
    apr_time_t now = apr_time_now();
    const smv_ctl_portal_t *portal;
    smv_garbage_t garbage;
    smv_store_t *store;
    const smv_error_t *error;

    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_be_portal(portal, ctl->pool)) ||
        (error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = smv_lock_contents(portal->documents, 0, ctl->pool)) ||
        (error = store->purge_documents(store, apr_time_sec(now) - portal->undo_time, ctl->pool)) ||
        (error = smv_garbage_collect(&garbage, store, portal->documents, now, ctl->pool))) {
        return smv_ctl_fail(error);
    }
    printf(ctl->json ? "{\"files\": %" APR_INT64_T_FMT ", \"removed\": %" APR_INT64_T_FMT
                       ", \"bytes\": %" APR_INT64_T_FMT "}\n"
                     : "%" APR_INT64_T_FMT " files, %" APR_INT64_T_FMT " removed, %" APR_INT64_T_FMT " bytes\n",
           garbage.seen, garbage.removed, garbage.bytes);
    return EX_OK;
}
