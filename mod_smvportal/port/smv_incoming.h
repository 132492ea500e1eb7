/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_incoming: a file on its way into the folder of the documents: written aside, checked, then kept by its content.
 *
 * Order: begin, write any number of times, finish, keep. An error is final: whatever follows gives it again. Without
 * keep nothing stays: the temporary file goes with the pool (a process that is killed leaves it in FOLDER/incoming).
 * What is kept is FOLDER/ab/abcdef… by its SHA-256, mode 0600 in folders of 0700, and safe from a loss of power when
 * keep has returned. Memory does not grow with the file. Thread-safety: one file, one thread.
 */
#ifndef SMV_INCOMING_H
#define SMV_INCOMING_H

#include <apr_time.h>

#include "../core/smv_error.h"

typedef struct smv_incoming_t smv_incoming_t;

typedef struct smv_incoming_config_t {
    const char *folder;  /* of the documents; must be there; temporary files are FOLDER/incoming/… */
    apr_int64_t maximum; /* bytes of one file */
    const char
        *allowed_types; /* media types as libmagic says them, separated by blanks: "application/pdf image/jpeg" */
    const char *clamd;  /* as smv_clamd_check has it; NULL: no virus check */
    apr_time_t timeout; /* for clamd */
} smv_incoming_config_t;

/* @param config lives as long as the file. @return SMV_ERROR_STORAGE */
const smv_error_t *smv_incoming_begin(smv_incoming_t **incoming, const smv_incoming_config_t *config, apr_pool_t *pool);

/* @return SMV_ERROR_TOO_LARGE, SMV_ERROR_STORAGE */
const smv_error_t *smv_incoming_write(smv_incoming_t *self, const char *data, apr_size_t size);

/* @return where it is until it is kept, with all that was written */
const char *smv_incoming_path(const smv_incoming_t *self);

/* Flush it to the disk, then see what it is.
 * @return SMV_ERROR_INVALID, with a text for people, where it is empty, of a type that is not allowed, or has a virus;
 * SMV_ERROR_SCANNER_AWAY where that cannot be told; SMV_ERROR_STORAGE */
const smv_error_t *smv_incoming_finish(smv_incoming_t *self);

/* @return SMV_ERROR_INVALID, with a text for people, where the extension of a finished file's name belongs to something
 * else than its content */
const smv_error_t *smv_incoming_check_name(smv_incoming_t *self, const char *name);

/* Move a finished file to where its content belongs. One that is there already stays, as new as this one.
 * @return SMV_ERROR_STORAGE */
const smv_error_t *smv_incoming_keep(smv_incoming_t *self);

/* Of a finished file; good as long as the pool. hash: 64 hexadecimal digits in lower case */
const char *smv_incoming_hash(const smv_incoming_t *self);
apr_int64_t smv_incoming_size(const smv_incoming_t *self);
const char *smv_incoming_media_type(const smv_incoming_t *self);

#endif
