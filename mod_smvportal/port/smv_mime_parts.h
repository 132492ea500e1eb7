/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_mime_parts: where the parts of a MIME multipart message are in a file (RFC 2046, 5.1), as web services answer
 * with attachments (MTOM): the message of its first part refers to the others by their Content-ID.
 *
 * Memory does not grow with the parts' contents. Ownership: the pool's. Thread-safety: any.
 */
#ifndef SMV_MIME_PARTS_H
#define SMV_MIME_PARTS_H

#include <apr_file_io.h>
#include <apr_tables.h>

#include "../core/smv_error.h"

typedef struct smv_mime_part_t {
    const char *id; /* Content-ID without its brackets; "" without one */
    int is_encoded; /* not as it is: base64 or quoted-printable */
    apr_off_t begin, end;
} smv_mime_part_t;

/* @param parts out: of smv_mime_part_t; empty where the file is no such message
 * @param file where it is read next changes @param name of it, for errors
 * @return SMV_ERROR_FILE_AWAY; SMV_ERROR_INVALID: it is one, and broken, or two parts have one Content-ID */
const smv_error_t *smv_mime_parts(apr_array_header_t **parts, apr_file_t *file, const char *name, apr_pool_t *pool);

#endif
