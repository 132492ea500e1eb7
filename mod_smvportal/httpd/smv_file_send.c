/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: how one is opened and sent, and the documents, by their content hash.
 */
#include "smv_request.h"

#include <apr_buckets.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#include "../core/smv_buffer.h"

#define HASH_SIZE 64

void smv_replace_header(request_rec *r, const char *name, const char *value)
{
    apr_table_unset(r->err_headers_out, name);
    apr_table_setn(r->headers_out, name, value);
}

int smv_send_opened(request_rec *r, apr_file_t *file, apr_off_t size, const char *etag)
{
    apr_bucket_brigade *brigade;
    int status;

    if (etag) {
        apr_table_setn(r->headers_out, "ETag", etag);
    }
    apr_table_setn(r->headers_out, "Accept-Ranges", etag ? "bytes" : "none");
    ap_set_content_length(r, size);
    smv_request_of(r)->file_size = size;
    status = ap_meets_conditions(r);
    if (status != OK) {
        return status;
    }
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_brigade_insert_file(brigade, file, 0, size, r->pool);
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(r->connection->bucket_alloc));
    ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

int smv_open_file(apr_file_t **file, apr_finfo_t *info, const char *path, apr_pool_t *pool)
{
    return apr_file_open(file, path, APR_FOPEN_READ | APR_FOPEN_BINARY | APR_FOPEN_SENDFILE_ENABLED, 0, pool) ==
               APR_SUCCESS &&
           apr_file_info_get(info, APR_FINFO_TYPE | APR_FINFO_SIZE, *file) == APR_SUCCESS && info->filetype == APR_REG;
}

/* RFC 6266: an ASCII name for old clients, the whole name in UTF-8 beside it (RFC 8187). */
static const char *disposition(const char *name, int is_attachment, apr_pool_t *pool)
{
    smv_buffer_t header;

    smv_buffer_init(&header, 256, 16384, pool);
    smv_buffer_puts(&header, is_attachment ? "attachment; filename=\"" : "inline; filename=\"");
    for (const char *at = name; *at; at++) {
        unsigned char c = (unsigned char)*at;

        smv_buffer_write(&header, c < ' ' || c > '~' || strchr("\"\\/%", c) ? "_" : at, 1);
    }
    smv_buffer_puts(&header, "\"; filename*=UTF-8''");
    for (const char *at = name; *at; at++) {
        if (strchr("/@+", *at)) {
            smv_buffer_puts(&header, apr_psprintf(pool, "%%%02X", (unsigned char)*at));
        } else {
            smv_buffer_url(&header, at, 1);
        }
    }
    smv_buffer_write(&header, "", 1);
    return header.is_failed ? "attachment" : header.data;
}

void smv_name_file(request_rec *r, const char *name, int is_attachment)
{
    apr_table_setn(r->headers_out, "Content-Disposition", disposition(name, is_attachment, r->pool));
}

const char *smv_content_path(const smv_request_t *request, const char *content_hash)
{
    return apr_psprintf(request->call.pool, "%s/%.2s/%s", request->config->documents, content_hash, content_hash);
}

/* What a browser would run is never shown inside the portal. */
static int is_shown_inline(const char *media_type)
{
    static const char *const types[] = {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i], media_type) == 0) {
            return 1;
        }
    }
    return 0;
}

void smv_set_lasting(request_rec *r, int is_lasting)
{
    smv_replace_header(r, "Cache-Control", is_lasting ? "public, max-age=31536000, immutable" : "private, no-cache");
}

int smv_send_file(smv_request_t *request, const smv_answer_t *answer)
{
    request_rec *r = request->r;
    const smv_file_t *file = answer->file;
    apr_file_t *opened;
    apr_finfo_t info;
    const char *path;

    smv_request_release(request);
    if (strlen(file->content_hash) != HASH_SIZE || strspn(file->content_hash, "0123456789abcdef") != HASH_SIZE) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_DATABASE_DATA,
                                                    "document %" APR_INT64_T_FMT " has no SHA-256 in content_hash",
                                                    request->call.id));
    }
    path = smv_content_path(request, file->content_hash);
    if (!smv_open_file(&opened, &info, path, r->pool)) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_FILE_AWAY,
                                                    "document %" APR_INT64_T_FMT ": %s is missing or unreadable",
                                                    request->call.id, path));
    }
    if (info.size != file->size) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_FILE_AWAY,
                                                    "document %" APR_INT64_T_FMT ": %s has %" APR_OFF_T_FMT
                                                    " bytes, not %" APR_INT64_T_FMT ": copy it again",
                                                    request->call.id, path, info.size, file->size));
    }
    ap_set_content_type(r, strncmp(file->media_type, "text/", 5) == 0
                               ? apr_pstrcat(r->pool, file->media_type, "; charset=utf-8", NULL)
                               : file->media_type);
    smv_name_file(r, file->name, file->is_download || !is_shown_inline(file->media_type));
    smv_set_lasting(r, answer->is_lasting);
    smv_replace_header(r, "Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
    return smv_send_opened(r, opened, info.size, apr_psprintf(r->pool, "\"%s\"", file->content_hash));
}
