/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_file_copy: files and folders as they are kept for good: copied with their SHA-256, and on the disk.
 *
 * Ownership: the pool's. Thread-safety: any thread.
 */
#ifndef SMV_FILE_COPY_H
#define SMV_FILE_COPY_H

#include <apr_file_io.h>

#include "../core/smv_error.h"

#define SMV_FILE_HASH_SIZE 65 /* hexadecimal digits in lower case, and the NUL */

/* Read a file to its end, and write it to another one of mode 0600, which is on the disk then.
 * @param target must not be there; NULL: it is only read
 * @param hash out @param size out: bytes
 * @return SMV_ERROR_FILE_AWAY: it cannot be read; SMV_ERROR_STORAGE: the copy cannot be written */
const smv_error_t *smv_file_copy(const char *source, const char *target, char hash[SMV_FILE_HASH_SIZE],
                                 apr_int64_t *size, apr_pool_t *pool);

/* Hash an open file from its beginning; where it is read next changes. @param name for errors
 * @return SMV_ERROR_FILE_AWAY */
const smv_error_t *smv_file_hash(apr_file_t *file, const char *name, char hash[SMV_FILE_HASH_SIZE], apr_int64_t *size,
                                 apr_pool_t *pool);

/* What was made or renamed in a folder is there after a loss of power only once the folder itself was flushed.
 * @return SMV_ERROR_STORAGE, as all that follow */
const smv_error_t *smv_folder_sync(const char *folder, apr_pool_t *pool);

/* Make a folder of mode 0700, which must not be there. */
const smv_error_t *smv_folder_make(const char *folder, apr_pool_t *pool);
/* Remove a folder with everything in it. Links are removed, and not followed. */
const smv_error_t *smv_folder_remove(const char *folder, apr_pool_t *pool);

#endif
