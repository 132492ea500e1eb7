/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client sends to be changed: where it came from, and its fields.
 */
#include "smv_request.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <util_script.h>

#include "../port/smv_json_read.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

const smv_error_t *smv_check_origin(const smv_request_t *request)
{
    request_rec *r = request->r;
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *host = apr_table_get(r->headers_in, "Host");
    const char *own = apr_pstrcat(r->pool, ap_run_http_scheme(r), "://", host ? host : "", NULL);

    if ((site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) ||
        (origin && strcasecmp(origin, own) != 0)) {
        return smv_error(r->pool, SMV_ERROR_FORGED, "a request of %.100s", origin ? origin : site);
    }
    return NULL;
}

/* @return 1 where the body is of that media type, whatever its parameters */
static int is_of_type(const smv_request_t *request, const char *media_type)
{
    const char *type = apr_table_get(request->r->headers_in, "Content-Type");
    size_t size = strlen(media_type);

    return type && strncasecmp(type, media_type, size) == 0 && strchr("; \t", type[size]);
}

static const smv_error_t *add_pair(smv_form_t *form, const ap_form_pair_t *pair, apr_pool_t *pool)
{
    apr_off_t length;
    apr_size_t size;
    char *value;

    if (apr_brigade_length(pair->value, 1, &length) != APR_SUCCESS || length < 0 || length > SMV_FORM_MAX_SIZE) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "a field of the form cannot be read");
    }
    size = (apr_size_t)length;
    value = apr_palloc(pool, size + 1);
    if (apr_brigade_flatten(pair->value, value, &size) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "a field of the form cannot be read");
    }
    value[size] = '\0';
    smv_form_add(form, pair->name, value, size, SMV_SENT_TEXT);
    return NULL;
}

const smv_error_t *smv_read_form(const smv_request_t *request, smv_form_t **form)
{
    apr_pool_t *pool = request->call.pool;
    apr_array_header_t *pairs = NULL;
    const smv_error_t *error = NULL;
    int status;

    *form = smv_form_make(pool);
    if (!is_of_type(request, FORM_TYPE)) {
        return smv_error(pool, SMV_ERROR_MEDIA_TYPE, "the request has no form: Content-Type is not " FORM_TYPE);
    }
    status = ap_parse_form_data(request->r, NULL, &pairs, SMV_FORM_MAX_FIELDS, SMV_FORM_MAX_SIZE);
    if (status != OK || !pairs) {
        return smv_error(pool, status == HTTP_REQUEST_ENTITY_TOO_LARGE ? SMV_ERROR_TOO_LARGE : SMV_ERROR_BAD_REQUEST,
                         "the form cannot be read (%d): at most %d fields and %d bytes", status, SMV_FORM_MAX_FIELDS,
                         SMV_FORM_MAX_SIZE);
    }
    for (int i = 0; i < pairs->nelts && !error; i++) {
        error = add_pair(*form, &APR_ARRAY_IDX(pairs, i, ap_form_pair_t), pool);
    }
    return error;
}

static const smv_error_t *append(smv_buffer_t *body, apr_bucket_brigade *brigade, int *is_end, apr_pool_t *pool)
{
    for (apr_bucket *bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *data;
        apr_size_t size;

        if (APR_BUCKET_IS_EOS(bucket)) {
            *is_end = 1;
        } else if (!APR_BUCKET_IS_METADATA(bucket)) {
            if (apr_bucket_read(bucket, &data, &size, APR_BLOCK_READ) != APR_SUCCESS) {
                return smv_error(pool, SMV_ERROR_BAD_REQUEST, "the body cannot be read to its end");
            }
            smv_buffer_write(body, data, size);
        }
    }
    return body->is_failed ? smv_error(pool, SMV_ERROR_TOO_LARGE, "the body has more than %d bytes", SMV_FORM_MAX_SIZE)
                           : NULL;
}

static const smv_error_t *read_all(const smv_request_t *request, smv_buffer_t *body)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    const smv_error_t *error = NULL;
    int is_end = 0;

    smv_buffer_init(body, 1024, SMV_FORM_MAX_SIZE, r->pool);
    while (!error && !is_end) {
        if (ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ, 8192) != APR_SUCCESS) {
            return smv_error(r->pool, SMV_ERROR_BAD_REQUEST, "the body cannot be read to its end");
        }
        error = append(body, brigade, &is_end, r->pool);
        apr_brigade_cleanup(brigade);
    }
    return error;
}

const smv_error_t *smv_read_body(const smv_request_t *request, smv_form_t **form)
{
    smv_buffer_t body;
    const smv_error_t *error;

    if (request->rendering == SMV_RENDER_PAGE) {
        return smv_read_form(request, form);
    }
    if (!is_of_type(request, "application/json") && !is_of_type(request, "application/merge-patch+json")) {
        return smv_error(request->call.pool, SMV_ERROR_MEDIA_TYPE, "Content-Type is not application/json");
    }
    error = read_all(request, &body);
    return error ? error : smv_json_read(form, body.data, body.size, request->call.pool);
}
