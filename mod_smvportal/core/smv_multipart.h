/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_multipart: reading multipart/form-data (RFC 7578; RFC 2046, 5.1) piece by piece, as it comes in.
 *
 * Invariants: memory does not grow with what is fed; pieces may be cut anywhere. A line that only looks like a boundary
 * is content. Lines end with CRLF, as RFC 2046 wants; a body whose lines end with LF has no boundary.
 * Ownership: the parser lives in the pool given; what a handler gets is good during the call. Thread-safety: one
 * thread.
 */
#ifndef SMV_MULTIPART_H
#define SMV_MULTIPART_H

#include "smv_error.h"

#define SMV_MULTIPART_MAX_HEADERS 8192

typedef struct smv_multipart_t smv_multipart_t;

/* What is told of each part: begin, data any number of times, end. An error ends the parsing and is its result. */
typedef struct smv_multipart_handler_t {
    /* The names are as the client sent them, never empty: without quotes and escapes, with " for %22 as browsers write
     * it; any bytes but NUL, CR and LF, maybe no UTF-8, maybe a path. @param file_name NULL for what is no file */
    const smv_error_t *(*begin)(void *state, const char *name, const char *file_name);
    const smv_error_t *(*data)(void *state, const char *data, apr_size_t size);
    const smv_error_t *(*end)(void *state);
} smv_multipart_handler_t;

/* @param content_type the header of the request; may be NULL
 * @param handler lives as long as the parser
 * @return SMV_ERROR_MEDIA_TYPE where that is no multipart/form-data, SMV_ERROR_BAD_REQUEST where it has no boundary */
const smv_error_t *smv_multipart_create(smv_multipart_t **parser, const char *content_type, int maximum_parts,
                                        const smv_multipart_handler_t *handler, void *state, apr_pool_t *pool);

/* @return SMV_ERROR_BAD_REQUEST where it is malformed or has too many parts, or the handler's error; the same again for
 * whatever is fed after an error */
const smv_error_t *smv_multipart_feed(smv_multipart_t *self, const char *data, apr_size_t size);

/* Say that the body has ended. @return SMV_ERROR_BAD_REQUEST where it ended too early, or the error of feeding */
const smv_error_t *smv_multipart_finish(smv_multipart_t *self);

#endif
