/* SPDX-License-Identifier: Apache-2.0
 *
 * Several files as one ZIP, made whole before its first byte is sent.
 */
#include "smv_request.h"

#include <http_protocol.h>
#include <http_request.h>

#include "../port/smv_archive.h"

static const smv_error_t *add(smv_archive_t *archive, const smv_request_t *request, const smv_bundle_entry_t *entry)
{
    return entry->file ? smv_archive_add_file(archive, entry->folder, entry->name,
                                              smv_content_path(request, entry->file->content_hash), entry->file->size,
                                              request->call.now)
                       : smv_archive_add_text(archive, entry->folder, entry->name, entry->text, entry->text_size,
                                              request->call.now);
}

int smv_send_bundle(smv_request_t *request, const smv_bundle_t *bundle)
{
    request_rec *r = request->r;
    smv_archive_t *archive;
    apr_file_t *file;
    apr_off_t size;
    const smv_error_t *error;

    smv_request_release(request);
    error = smv_archive_begin(&archive, request->config->documents, r->pool);
    for (int i = 0; i < bundle->entries->nelts && !error; i++) {
        error = add(archive, request, &APR_ARRAY_IDX(bundle->entries, i, smv_bundle_entry_t));
    }
    if (error || (error = smv_archive_finish(archive, &file, &size))) {
        return smv_respond_error(request, error);
    }
    ap_set_content_type(r, "application/zip");
    smv_name_file(r, bundle->name, 1);
    return smv_send_opened(r, file, size, NULL);
}
