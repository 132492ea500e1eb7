/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that people send: from the body of the request to temporary files, piece by piece.
 */
#include "smv_request.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#include "../core/smv_multipart.h"
#include "../port/smv_incoming.h"

#define MAX_FIELDS 16       /* parts that are no files */
#define MAX_FIELD_SIZE 4096 /* bytes of one */
#define PIECE 65536         /* bytes read at once */
#define OVERHEAD 1000000    /* bytes of the body beside the files' contents */

typedef struct reading_t {
    const smv_request_t *request;
    smv_incoming_config_t incoming;
    smv_form_t *form;
    apr_array_header_t *uploads; /* of smv_upload_t */
    smv_incoming_t *file;        /* of the part being read; NULL where its data is dropped */
    smv_upload_t *upload;        /* of the part being read; NULL for a field */
    const char *field;
    int is_dropped;
    smv_buffer_t text; /* of a field */
    apr_pool_t *pool;
} reading_t;

static const smv_error_t *keep(void *file)
{
    return smv_incoming_keep(file);
}

static const smv_error_t *begin_file(reading_t *reading, const char *file_name)
{
    if (reading->uploads->nelts == reading->request->config->limits.upload_files) {
        return smv_error_saying(reading->pool, SMV_ERROR_TOO_LARGE, "Es sind zu viele Dateien auf einmal.",
                                "more than %d files (SmvPortalUploadMaxFiles)",
                                reading->request->config->limits.upload_files);
    }
    reading->upload = apr_array_push(reading->uploads);
    *reading->upload = (smv_upload_t){.name = apr_pstrdup(reading->pool, file_name), .keep = keep};
    reading->upload->error = smv_incoming_begin(&reading->file, &reading->incoming, reading->pool);
    reading->upload->file = reading->file;
    if (reading->upload->error) {
        reading->file = NULL;
    }
    return NULL;
}

static const smv_error_t *begin(void *state, const char *name, const char *file_name)
{
    reading_t *reading = state;

    reading->upload = NULL;
    reading->file = NULL;
    reading->field = apr_pstrdup(reading->pool, name);
    if (file_name && *file_name) {
        return begin_file(reading, file_name);
    }
    reading->is_dropped = file_name != NULL; /* what a browser sends where no file was chosen */
    smv_buffer_init(&reading->text, 128, MAX_FIELD_SIZE, reading->pool);
    return NULL;
}

static const smv_error_t *data(void *state, const char *bytes, apr_size_t size)
{
    reading_t *reading = state;

    if (!reading->upload) {
        smv_buffer_write(&reading->text, bytes, size);
        return reading->text.is_failed
                   ? smv_error(reading->pool, SMV_ERROR_TOO_LARGE, "a field has more than %d bytes", MAX_FIELD_SIZE)
                   : NULL;
    }
    if (reading->file) {
        reading->upload->error = smv_incoming_write(reading->file, bytes, size);
        if (reading->upload->error) {
            reading->file = NULL; /* the rest is read and dropped, so that the others are told of, too */
        }
    }
    return NULL;
}

static void end_file(const reading_t *reading, smv_upload_t *upload)
{
    upload->error = smv_incoming_finish(reading->file);
    if (!upload->error) {
        upload->error = smv_incoming_check_name(reading->file, upload->name);
    }
    if (!upload->error) {
        upload->content_hash = smv_incoming_hash(reading->file);
        upload->size = smv_incoming_size(reading->file);
        upload->media_type = smv_incoming_media_type(reading->file);
    }
}

static const smv_error_t *end(void *state)
{
    reading_t *reading = state;

    if (reading->upload) {
        if (reading->file) {
            end_file(reading, reading->upload);
        }
    } else if (!reading->is_dropped) {
        apr_size_t size = reading->text.size;

        smv_buffer_write(&reading->text, "", 1);
        smv_form_add(reading->form, reading->field, reading->text.data, size, SMV_SENT_TEXT);
    }
    return NULL;
}

static const smv_error_t *feed(smv_multipart_t *parser, apr_bucket_brigade *brigade, apr_off_t *left, int *is_end,
                               apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    while (!error && !APR_BRIGADE_EMPTY(brigade)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);
        const char *bytes;
        apr_size_t size;

        if (APR_BUCKET_IS_EOS(bucket)) {
            *is_end = 1;
        } else if (!APR_BUCKET_IS_METADATA(bucket)) {
            if (apr_bucket_read(bucket, &bytes, &size, APR_BLOCK_READ) != APR_SUCCESS) {
                return smv_error(pool, SMV_ERROR_BAD_REQUEST, "the body cannot be read to its end");
            }
            *left -= (apr_off_t)size;
            error = *left < 0 ? smv_error_saying(pool, SMV_ERROR_TOO_LARGE, "Die Dateien sind zusammen zu groß.",
                                                 "the body is larger than its files may be")
                              : smv_multipart_feed(parser, bytes, size);
        }
        apr_bucket_delete(bucket);
    }
    return error;
}

static const smv_error_t *read_parts(const smv_request_t *request, smv_multipart_t *parser)
{
    request_rec *r = request->r;
    const smv_limits_t *limits = &request->config->limits;
    apr_off_t left = (apr_off_t)limits->upload_size * limits->upload_files + OVERHEAD;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    const smv_error_t *error = NULL;
    int is_end = 0;

    while (!error && !is_end) {
        if (ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ, PIECE) != APR_SUCCESS) {
            return smv_error(r->pool, SMV_ERROR_BAD_REQUEST, "the body cannot be read to its end");
        }
        error = feed(parser, brigade, &left, &is_end, r->pool);
    }
    return error ? error : smv_multipart_finish(parser);
}

const smv_error_t *smv_read_upload(smv_request_t *request)
{
    static const smv_multipart_handler_t handler = {begin, data, end};
    const smv_config_t *config = request->config;
    const smv_route_t *route = request->call.route;
    apr_pool_t *pool = request->call.pool;
    reading_t *reading = apr_pcalloc(pool, sizeof *reading);
    smv_multipart_t *parser;
    const smv_error_t *error;

    reading->request = request;
    reading->pool = pool;
    reading->form = smv_form_make(pool);
    reading->uploads = apr_array_make(pool, config->limits.upload_files, sizeof(smv_upload_t));
    reading->incoming =
        (smv_incoming_config_t){.folder = config->documents,
                                .maximum = route->file_size ? route->file_size : config->limits.upload_size,
                                .allowed_types = route->file_types ? route->file_types : config->limits.upload_types,
                                .clamd = config->clamd,
                                .timeout = apr_time_from_sec(config->clamd_timeout)};
    error = smv_multipart_create(&parser, apr_table_get(request->r->headers_in, "Content-Type"),
                                 config->limits.upload_files + MAX_FIELDS, &handler, reading, pool);
    if (!error) {
        error = read_parts(request, parser);
    }
    request->call.form = reading->form;
    request->call.uploads = (const smv_upload_t *)reading->uploads->elts;
    request->call.upload_count = reading->uploads->nelts;
    return error;
}
