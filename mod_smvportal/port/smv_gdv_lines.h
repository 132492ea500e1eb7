/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv_lines: the records of a GDV file one after the other, decoded and cut into characters, in constant memory.
 *
 * A record ends where its line ends (LF, CRLF, CR, or the end-of-file mark of DOS); empty and blank lines are none. A
 * file without line ends, known by its first 64 KiB, has a record every 256 characters; so has one whose first line has
 * twice 256 characters or three times or more. A byte order mark is left out.
 *
 * Ownership: the pool given, which closes the file. Thread-safety: one reader, one thread.
 */
#ifndef SMV_GDV_LINES_H
#define SMV_GDV_LINES_H

#include "smv_charset.h"
#include "smv_gdv_layout.h"

typedef struct smv_gdv_lines_t smv_gdv_lines_t;

/* @param charset SMV_CHARSET_UNKNOWN where it is to be recognised, for which the whole file is read once
 * @return SMV_ERROR_FILE_AWAY */
const smv_error_t *smv_gdv_lines_open(smv_gdv_lines_t **lines, const char *path, smv_charset_e charset,
                                      apr_pool_t *pool);

/* @return what was given, or recognised */
smv_charset_e smv_gdv_lines_charset(const smv_gdv_lines_t *self);

/* @param line out: good until the next call; NULL at the end of the file
 * @return SMV_ERROR_FILE_AWAY where the file cannot be read further */
const smv_error_t *smv_gdv_lines_next(smv_gdv_lines_t *self, const smv_gdv_line_t **line);

#endif
