/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_media_type: what a file is, by its content (libmagic). What a client says of it is not asked for.
 *
 * Thread-safety: any thread; one file is looked at a time. The database of libmagic is loaded once in a process, when
 * the first file is looked at, so that httpd's parent never holds it.
 */
#ifndef SMV_MEDIA_TYPE_H
#define SMV_MEDIA_TYPE_H

#include <apr_file_io.h>

#include "../core/smv_error.h"

/* Plain text of every form, CSV and JSON too, is text/plain; Office Open XML is known wherever its parts stand.
 * @param media_type out: from the pool, without parameters
 * @param file open for reading; where it is read next may change
 * @return SMV_ERROR_SCANNER_AWAY where libmagic has no database or cannot read the file */
const smv_error_t *smv_media_type_of(const char **media_type, apr_file_t *file, apr_pool_t *pool);

/* @return whether media_type is one of those listed, separated by blanks */
int smv_media_type_is_in(const char *media_type, const char *list);

/* @return whether the extension of a file name fits what the file is. A name without extension fits everything; an
 * extension that is not known fits types that are not known */
int smv_media_type_matches_name(const char *media_type, const char *name);

/* @return the extension that names of such files have, without its dot; NULL where none is known; static */
const char *smv_media_type_extension(const char *media_type);

#endif
