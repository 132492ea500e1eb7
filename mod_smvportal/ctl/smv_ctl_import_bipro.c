/* SPDX-License-Identifier: Apache-2.0
 *
 * A transfer of BiPRO norm 430: business transactions, each with its files, within the message or beside it.
 */
#include "smv_ctl_documents.h"

#include <apr_escape.h>
#include <apr_strings.h>

#include "../core/smv_bipro_kind.h"
#include "../core/smv_document_name.h"
#include "../core/smv_rules.h"
#include "../port/smv_bipro.h"
#include "../port/smv_media_type.h"
#include "../port/smv_mime_parts.h"
#include "../port/smv_unpack.h"
#include "smv_ctl_progress.h"

#define CID "cid:"
#define UNNAMED "Dokument"
#define ROOM_FOR_EXTENSION 16

typedef struct reading_t {
    smv_ctl_documents_t *documents;
    apr_array_header_t *parts; /* of the message; empty: it is XML alone */
    apr_int64_t size;          /* of that */
    smv_ctl_progress_t bar;
} reading_t;

/* A content within the message. */
typedef struct content_t {
    smv_incoming_t *incoming;
    const smv_error_t *error;
} content_t;

static void *begin(void *context, apr_pool_t *pool)
{
    const reading_t *reading = context;
    content_t *content = apr_pcalloc(pool, sizeof *content);

    content->error = smv_incoming_begin(&content->incoming, &reading->documents->incoming, pool);
    return content;
}

static void write_content(void *data, const char *bytes, apr_size_t size)
{
    content_t *content = data;

    content->error = content->error ? content->error : smv_incoming_write(content->incoming, bytes, size);
}

/* --- contents beside the message --- */

/* @return the part with that Content-ID, NULL where there is none */
static const smv_mime_part_t *part_of(const reading_t *reading, const char *id)
{
    for (int i = 0; i < reading->parts->nelts; i++) {
        const smv_mime_part_t *part = &APR_ARRAY_IDX(reading->parts, i, smv_mime_part_t);

        if (strcmp(part->id, id) == 0) {
            return part;
        }
    }
    return NULL;
}

/* A file beside the message: its name alone counts, so that no reference leads to another folder. */
static const smv_error_t *read_beside(const reading_t *reading, smv_incoming_t **incoming, const char *name,
                                      apr_pool_t *pool)
{
    if (strstr(name, "://")) {
        return smv_error(pool, SMV_ERROR_INVALID, "its content is at %s, which is not fetched", name);
    }
    if (smv_document_name_fault(name)) {
        return smv_error(pool, SMV_ERROR_INVALID, "its content is not in the folder of the transfer");
    }
    return smv_ctl_documents_read_beside(reading->documents, incoming, name, pool);
}

static const smv_error_t *read_reference(const reading_t *reading, smv_incoming_t **incoming, const char *reference,
                                         apr_pool_t *pool)
{
    const smv_mime_part_t *part;
    const char *id;

    if (strncmp(reference, CID, strlen(CID)) != 0) {
        return read_beside(reading, incoming, reference, pool);
    }
    id = apr_punescape_url(pool, reference + strlen(CID), "", NULL, 0);
    part = id && *id ? part_of(reading, id) : NULL;
    if (!part) {
        return read_beside(reading, incoming, id ? id : reference, pool);
    }
    return part->is_encoded ? smv_error(pool, SMV_ERROR_INVALID, "its part of the message is encoded")
                            : smv_ctl_documents_read(reading->documents, incoming, reading->documents->file,
                                                     part->begin, part->end, pool);
}

static const smv_error_t *bring_in(const reading_t *reading, smv_incoming_t **incoming, const smv_bipro_file_t *file,
                                   apr_pool_t *pool)
{
    const content_t *content = file->content;

    if (content) {
        *incoming = content->incoming;
        return content->error;
    }
    if (!file->reference && !file->name) {
        return smv_error(pool, SMV_ERROR_INVALID, "it has no content");
    }
    return read_reference(reading, incoming, file->reference ? file->reference : file->name, pool);
}

static const smv_error_t *write_unpacked(void *incoming, const char *data, apr_size_t size)
{
    return smv_incoming_write(incoming, data, size);
}

/* @param incoming in: the ZIP, which goes with the pool; out: what is in it */
static const smv_error_t *unpack(const reading_t *reading, smv_incoming_t **incoming, apr_pool_t *pool)
{
    const char *zip = smv_incoming_path(*incoming);
    const smv_error_t *error = smv_incoming_begin(incoming, &reading->documents->incoming, pool);

    return error ? error : smv_unpack(zip, write_unpacked, *incoming, pool);
}

/* @param incoming out: finished, where there is no error */
static const smv_error_t *bring_in_whole(const reading_t *reading, smv_incoming_t **incoming,
                                         const smv_bipro_file_t *file, apr_pool_t *pool)
{
    const smv_error_t *error = bring_in(reading, incoming, file, pool);

    if (!error && file->is_compressed) {
        error = unpack(reading, incoming, pool);
    }
    return error ? error : smv_incoming_finish(*incoming);
}

/* --- names --- */

static const char *extension_of(const char *name)
{
    const char *dot = name ? strrchr(name, '.') : NULL;

    return dot && dot != name ? dot + 1 : NULL;
}

static const char *without_extension(const char *name, apr_pool_t *pool)
{
    const char *extension = extension_of(name);

    return extension ? apr_pstrmemdup(pool, name, (apr_size_t)(extension - 1 - name)) : name;
}

/* What a file's name cannot have becomes a stroke, and what is too long is cut, between two characters. */
static const char *made_fit(const char *text, apr_pool_t *pool)
{
    char *fit = apr_pstrdup(pool, text);
    apr_size_t length = strlen(fit);

    for (char *at = fit; *at; at++) {
        *at = (char)(strchr("/\\\t\r\n", *at) ? '-' : *at);
    }
    while (smv_utf8_length(fit, length) > SMV_DOCUMENT_NAME_LENGTH - ROOM_FOR_EXTENSION) {
        do {
            length--;
        } while (length > 0 && ((unsigned char)fit[length] & 0xC0) == 0x80);
        fit[length] = '\0';
    }
    return fit;
}

/* Insurers call files by numbers; what it is says more. */
static const char *name_of(const smv_bipro_file_t *file, const char *media_type, apr_pool_t *pool)
{
    const char *extension = smv_media_type_extension(media_type);
    const char *base = file->title ? file->title : file->name ? without_extension(file->name, pool) : UNNAMED;

    extension = extension ? extension : extension_of(file->name);
    base = made_fit(base, pool);
    return extension ? apr_pstrcat(pool, base, ".", extension, NULL) : base;
}

/* --- transfers --- */

static const char *why_left_out(const smv_bipro_file_t *file, const char *kind)
{
    if (strcmp(kind, SMV_BIPRO_FOR_BROKER) == 0) {
        return "it is for the broker, not for customers";
    }
    return file->is_data ? "it is data, no document" : NULL;
}

static const smv_error_t *take_file(const reading_t *reading, const smv_bipro_transfer_t *transfer,
                                    const smv_bipro_file_t *file, apr_pool_t *pool)
{
    smv_ctl_documents_t *documents = reading->documents;
    const char *kind = smv_bipro_kind(file->type, transfer->category), *why = why_left_out(file, kind);
    smv_delivered_t document = {.title = file->title,
                                .kind = kind,
                                .date = file->date ? file->date : transfer->date,
                                .contract = transfer->contract,
                                .has_several = transfer->has_several_contracts,
                                .insurer = documents->ctl->insurer};
    smv_incoming_t *incoming = NULL;
    const smv_error_t *error = NULL;

    documents->documents++;
    if (why) {
        smv_ctl_documents_leave_out(documents, file->line, why);
        return NULL;
    }
    if (file->fault) {
        smv_ctl_documents_report(documents, file->line, file->fault);
        return NULL;
    }
    error = bring_in_whole(reading, &incoming, file, pool);
    document.name = error ? "" : name_of(file, smv_incoming_media_type(incoming), pool);
    return smv_ctl_documents_take(documents, file->line, &document, incoming, error, pool);
}

static const smv_error_t *take(void *context, const smv_bipro_transfer_t *transfer, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < transfer->files->nelts && !error; i++) {
        error = take_file(context, transfer, &APR_ARRAY_IDX(transfer->files, i, smv_bipro_file_t), pool);
    }
    return error;
}

static void progress(void *context, apr_int64_t bytes)
{
    reading_t *reading = context;

    smv_ctl_progress(&reading->bar, bytes, reading->size);
}

const smv_error_t *smv_ctl_import_bipro(smv_ctl_documents_t *documents)
{
    reading_t reading = {.documents = documents, .bar = SMV_CTL_PROGRESS(documents->delivery.file)};
    const smv_bipro_listener_t listener = {begin, write_content, take, progress, &reading};
    apr_off_t from = 0, to = 0;
    const smv_error_t *error;

    if ((error = smv_mime_parts(&reading.parts, documents->file, documents->delivery.file, documents->ctl->pool))) {
        return error;
    }
    if (reading.parts->nelts) {
        from = APR_ARRAY_IDX(reading.parts, 0, smv_mime_part_t).begin;
        to = APR_ARRAY_IDX(reading.parts, 0, smv_mime_part_t).end;
    }
    reading.size = to ? to - from : documents->size;
    error = smv_bipro_read(documents->file, documents->delivery.file, from, to, documents->incoming.maximum, &listener,
                           documents->ctl->pool);
    progress(&reading, reading.size);
    return error;
}
