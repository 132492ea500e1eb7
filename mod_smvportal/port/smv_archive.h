/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_archive: a ZIP of many files in one temporary file (libarchive). The file has no name, so that nothing stays of
 * it however the process ends.
 *
 * Names are UTF-8. A name becomes harmless: "_" for slashes, backslashes, what Windows does not allow, control
 * characters, leading dots and what is no UTF-8; a very long one is cut before its extension. Names that are the same
 * in one folder, in upper or lower case, get " (2)" and so on before their extension. An error is final: whatever
 * follows gives it again. Memory grows with the number of entries only, which is bounded by SMV_ARCHIVE_MAX_ENTRIES.
 * Ownership: the pool, which closes the file, too. Thread-safety: one archive, one thread.
 */
#ifndef SMV_ARCHIVE_H
#define SMV_ARCHIVE_H

#include <apr_file_io.h>

#include "../core/smv_error.h"

#define SMV_ARCHIVE_MAX_ENTRIES 20000

typedef struct smv_archive_t smv_archive_t;

/* @param folder where the temporary file is made. @return SMV_ERROR_STORAGE */
const smv_error_t *smv_archive_begin(smv_archive_t **archive, const char *folder, apr_pool_t *pool);

/* @param folder within the archive, with "/" between folders; NULL or "" for none
 * @return SMV_ERROR_STORAGE; SMV_ERROR_TOO_LARGE beyond SMV_ARCHIVE_MAX_ENTRIES */
const smv_error_t *smv_archive_add_text(smv_archive_t *self, const char *folder, const char *name, const char *data,
                                        apr_size_t size, apr_time_t mtime);

/* Add the file at path. @return as above, and SMV_ERROR_FILE_AWAY where it is missing or has not that size */
const smv_error_t *smv_archive_add_file(smv_archive_t *self, const char *folder, const char *name, const char *path,
                                        apr_int64_t size, apr_time_t mtime);

/* @param file out: open for reading, at its start
 * @return SMV_ERROR_STORAGE, or the first error */
const smv_error_t *smv_archive_finish(smv_archive_t *self, apr_file_t **file, apr_off_t *size);

#endif
