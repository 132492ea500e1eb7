/* SPDX-License-Identifier: Apache-2.0
 *
 * A delivery of documents with an index: a CSV file that names them, and whose they are.
 */
#include "smv_ctl_documents.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "../core/smv_document_index.h"
#include "../port/smv_charset.h"
#include "smv_ctl_progress.h"

#define MAX_INDEX (64 << 20) /* bytes: some 500,000 documents */

/* --- the text --- */

static const smv_error_t *read_bytes(char **text, apr_size_t *size, const smv_ctl_documents_t *documents)
{
    apr_pool_t *pool = documents->ctl->pool;
    char reason[120];
    apr_off_t begin = 0;
    apr_status_t status = apr_file_seek(documents->file, APR_SET, &begin);

    if (documents->size > MAX_INDEX) {
        return smv_error(pool, SMV_ERROR_INVALID, "%s: an index has at most 64 MiB", documents->delivery.file);
    }
    if (status == APR_SUCCESS) {
        *text = apr_palloc(pool, (apr_size_t)documents->size + 1);
        status = apr_file_read_full(documents->file, *text, (apr_size_t)documents->size, size);
    }
    return status == APR_SUCCESS || APR_STATUS_IS_EOF(status)
               ? NULL
               : smv_error(pool, SMV_ERROR_FILE_AWAY, "%s: %s", documents->delivery.file,
                           apr_strerror(status, reason, sizeof reason));
}

/* As UTF-8, whatever the spreadsheet wrote that made it. */
static const smv_error_t *read_text(char **text, apr_size_t *size, const smv_ctl_documents_t *documents)
{
    apr_pool_t *pool = documents->ctl->pool;
    const char *said = documents->ctl->charset, *bad;
    smv_charset_votes_t votes = {0};
    smv_decoder_t *decoder;
    apr_size_t count = 0;
    char *bytes = NULL;
    const smv_error_t *error = read_bytes(&bytes, &count, documents);

    if (error) {
        return error;
    }
    smv_charset_look(&votes, bytes, count);
    error = smv_decoder_create(&decoder, said ? smv_charset_of(said) : smv_charset_recognised(&votes), pool);
    if (error) {
        return error;
    }
    *text = apr_palloc(pool, SMV_DECODER_ROOM(count) + 1);
    *size = smv_decoder_decode(decoder, *text, bytes, count, &bad);
    return bad ? smv_error(pool, SMV_ERROR_INVALID,
                           "%s: byte %" APR_SIZE_T_FMT " is no character: --charset must say which it has",
                           documents->delivery.file, (apr_size_t)(bad - bytes) + 1)
               : NULL;
}

/* --- its lines --- */

static const smv_error_t *take_entry(smv_ctl_documents_t *documents, const smv_index_entry_t *entry, apr_pool_t *pool)
{
    smv_delivered_t document = entry->document;
    smv_incoming_t *incoming = NULL;
    const smv_error_t *error;

    documents->documents++;
    if (entry->fault) {
        smv_ctl_documents_report(documents, (long)entry->line, entry->fault);
        return NULL;
    }
    if (!document.insurer && document.contract) {
        document.insurer = documents->ctl->insurer;
    }
    error = smv_ctl_documents_read_beside(documents, &incoming, entry->file, pool);
    error = error ? error : smv_incoming_finish(incoming);
    return smv_ctl_documents_take(documents, (long)entry->line, &document, incoming, error, pool);
}

static apr_int64_t lines_of(const char *text, apr_size_t size)
{
    apr_int64_t lines = 1;

    for (const char *at = text, *end = text + size; (at = memchr(at, '\n', (size_t)(end - at))); at++) {
        lines++;
    }
    return lines;
}

static const smv_error_t *take_all(smv_ctl_documents_t *documents, smv_document_index_t *index, apr_int64_t lines)
{
    smv_ctl_progress_t progress = SMV_CTL_PROGRESS(documents->delivery.file);
    const smv_error_t *error = NULL;
    smv_index_entry_t entry;
    apr_pool_t *pool;

    if (apr_pool_create(&pool, documents->ctl->pool) != APR_SUCCESS) {
        return smv_error(documents->ctl->pool, SMV_ERROR_INTERNAL, "no memory for an import");
    }
    while (!error && smv_document_index_next(index, &entry, pool)) {
        error = take_entry(documents, &entry, pool);
        smv_ctl_progress(&progress, entry.line, lines);
        if (!error) {
            apr_pool_clear(pool);
        }
    }
    smv_ctl_progress(&progress, lines, lines);
    return error;
}

const smv_error_t *smv_ctl_import_index(smv_ctl_documents_t *documents)
{
    smv_document_index_t *index;
    apr_size_t size = 0;
    char *text = NULL;
    const smv_error_t *error;

    if ((error = read_text(&text, &size, documents))) {
        return error;
    }
    error = smv_document_index_open(&index, text, size, documents->ctl->pool);
    return error ? smv_error(documents->ctl->pool, error->code, "%s: %s", documents->delivery.file, error->detail)
                 : take_all(documents, index, lines_of(text, size));
}
