/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl export: everything on a customer as one ZIP, as on the portal's page, and the changes that people made.
 */
#include "smv_ctl_conf.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "../core/smv_json.h"
#include "../core/smv_record.h"
#include "../core/smv_route.h"
#include "../core/smv_shapes.h"
#include "../port/smv_archive.h"
#include "../port/smv_crypto.h"
#include "smv_ctl_manifest.h"

#define CHANGES_AT_ONCE 5000
#define MAX_PIECE (64U << 20)

/* --- a customer --- */

/* Nothing is hidden from who may read the database itself. */
static smv_rightset_t all_rights(void)
{
    smv_rightset_t rights = 0;

    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        rights |= smv_rights[i].kind == SMV_KIND_HIDE ? 0 : SMV_RIGHT_BIT(i);
    }
    return rights;
}

static const smv_error_t *add_entry(smv_archive_t *archive, const smv_bundle_entry_t *entry,
                                    const smv_ctl_portal_t *portal, const smv_call_t *call)
{
    return entry->file
               ? smv_archive_add_file(archive, entry->folder, entry->name,
                                      smv_ctl_content(portal->documents, entry->file->content_hash, 1, call->pool),
                                      entry->file->size, call->now)
               : smv_archive_add_text(archive, entry->folder, entry->name, entry->text, entry->text_size, call->now);
}

static const smv_error_t *pack(apr_file_t **file, apr_off_t *size, const smv_bundle_t *bundle,
                               const smv_ctl_portal_t *portal, const smv_call_t *call)
{
    smv_archive_t *archive;
    const smv_error_t *error = smv_archive_begin(&archive, portal->documents, call->pool);

    for (int i = 0; i < bundle->entries->nelts && !error; i++) {
        error = add_entry(archive, &APR_ARRAY_IDX(bundle->entries, i, smv_bundle_entry_t), portal, call);
    }
    return error ? error : smv_archive_finish(archive, file, size);
}

/* Whoever is handed this file reads all that the firm knows of somebody: it is for its owner alone. */
static const smv_error_t *write_to(const char *path, apr_file_t *from, apr_pool_t *pool)
{
    char piece[65536], reason[120];
    apr_file_t *to;
    apr_status_t status = apr_file_open(&to, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                                        APR_FPROT_UREAD | APR_FPROT_UWRITE, pool);
    int is_made = status == APR_SUCCESS;

    for (apr_size_t size = sizeof piece; status == APR_SUCCESS; size = sizeof piece) {
        status = apr_file_read(from, piece, &size);
        status = status == APR_SUCCESS ? apr_file_write_full(to, piece, size, NULL) : status;
    }
    if (is_made) {
        status = APR_STATUS_IS_EOF(status) ? apr_file_close(to) : status;
    }
    if (status == APR_SUCCESS) {
        return NULL;
    }
    if (is_made) {
        apr_file_remove(path, pool);
    }
    return smv_error(pool, is_made ? SMV_ERROR_STORAGE : SMV_ERROR_EXISTS, "%s: %s", path,
                     apr_strerror(status, reason, sizeof reason));
}

static const smv_error_t *note(smv_store_t *store, const smv_ctl_portal_t *portal, apr_int64_t customer,
                               const smv_ctl_t *ctl)
{
    const smv_actor_t actor = smv_ctl_actor(ctl->pool);
    const smv_event_t event = {.kind = SMV_EVENT_READ, .subject = "send_own_data", .customer = customer};

    return store->note(store, &event, portal->tenant, &actor, ctl->pool);
}

/* @param size out: of the ZIP */
static const smv_error_t *export_customer(const smv_ctl_t *ctl, apr_off_t *size, const smv_ctl_portal_t *portal,
                                          apr_int64_t number)
{
    const smv_actor_t actor = smv_ctl_actor(ctl->pool);
    const smv_principal_t principal = {
        .login = actor.login, .name = actor.name, .dn = "", .mail = "", .tenant = portal->tenant};
    const smv_permit_t permit = {.tenant = portal->tenant, .customers = {&number, 1}, .rights = all_rights()};
    smv_call_t call = {.principal = &principal,
                       .permit = &permit,
                       .id = number,
                       .crypto = &smv_crypto,
                       .base = portal->base,
                       .tenant = portal->tenant,
                       .now = apr_time_now(),
                       .pool = ctl->pool};
    smv_answer_t answer = {.view = NULL};
    smv_store_t *store;
    apr_file_t *file;
    const smv_error_t *error;

    if ((error = smv_ctl_open_store(&store, portal, ctl->pool)) ||
        (error = smv_ctl_open_directory(&call.directory, portal, ctl->pool))) {
        return error;
    }
    call.store = store->for_request(store, ctl->pool);
    if ((error = store->locate_customer(call.store, &call.subject, portal->tenant, number, ctl->pool)) ||
        (error = smv_send_own_data(&call, &answer)) || (error = note(store, portal, number, ctl)) ||
        (error = pack(&file, size, answer.bundle, portal, &call))) {
        return error;
    }
    return write_to(ctl->words[1], file, ctl->pool);
}

SMV_SHAPE(smv_ctl_shape_export, "Export", {.name = "customer", .type = SMV_TYPE_ID},
          {.name = "file", .type = SMV_TYPE_TEXT}, {.name = "bytes", .type = SMV_TYPE_BYTES});

static int print_exported(apr_int64_t number, apr_off_t size, const smv_ctl_t *ctl)
{
    const smv_record_t *exported = smv_record_make(&smv_ctl_shape_export, ctl->pool);

    smv_set(exported, "customer", smv_number(number));
    smv_set(exported, "file", smv_text(ctl->words[1]));
    smv_set(exported, "bytes", smv_number(size));
    return smv_ctl_print_json(exported, ctl->pool);
}

int smv_ctl_export_customer(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    apr_off_t size;
    char *end;
    apr_int64_t number = apr_strtoi64(ctl->words[0], &end, 10);
    const smv_error_t *error;

    if (*end || number <= 0) {
        return smv_ctl_misused("export customer NUMBER FILE");
    }
    error = smv_ctl_conf_read(&portal, ctl);
    error = error ? error : export_customer(ctl, &size, portal, number);
    if (error) {
        return smv_ctl_fail(error);
    }
    return ctl->json ? print_exported(number, size, ctl) : EX_OK;
}

/* --- changes --- */

static const smv_error_t *print_changes(const smv_list_t *list, int count, apr_pool_t *pool)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 1 << 16, MAX_PIECE, pool);
    for (int i = 0; i < count; i++) {
        smv_json_record(&out, &list->records[i]);
        smv_buffer_puts(&out, "\n");
    }
    fwrite(out.data, 1, out.size, stdout);
    return out.is_failed ? smv_error(pool, SMV_ERROR_INTERNAL, "changes beyond all bounds") : NULL;
}

/* Oldest first, a line each. @param after the last one that is known */
static const smv_error_t *export_changes(smv_store_t *store, const smv_permit_t *permit, apr_int64_t after,
                                         apr_pool_t *pool)
{
    const smv_error_t *error = NULL;
    smv_list_t *list;
    apr_pool_t *piece;
    int count;

    if (apr_pool_create(&piece, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory");
    }
    do {
        apr_pool_clear(piece);
        if ((error = store->changes(store, &list, permit, after, CHANGES_AT_ONCE, piece))) {
            break;
        }
        count = list->count < CHANGES_AT_ONCE ? list->count : CHANGES_AT_ONCE;
        error = print_changes(list, count, piece);
        after = count ? list->records[count - 1].values[SMV_CHANGE_ID].number : after;
    } while (!error && count == CHANGES_AT_ONCE);
    error = error ? smv_error(pool, error->code, "%s", error->detail) : NULL;
    apr_pool_destroy(piece);
    return error;
}

int smv_ctl_export_changes(const smv_ctl_t *ctl)
{
    const smv_ctl_portal_t *portal;
    char *end = NULL;
    apr_int64_t after = ctl->after ? apr_strtoi64(ctl->after, &end, 10) : 0;
    smv_permit_t permit = {.all = 1};
    smv_store_t *store;
    const smv_error_t *error;

    if (end && (*end || after < 0)) {
        return smv_ctl_misused("export changes [--after ID]");
    }
    if ((error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open_store(&store, portal, ctl->pool))) {
        return smv_ctl_fail(error);
    }
    permit.tenant = portal->tenant;
    error = export_changes(store->for_request(store, ctl->pool), &permit, after, ctl->pool);
    return error ? smv_ctl_fail(error) : EX_OK;
}
