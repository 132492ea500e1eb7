/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite_copy: a database as a file: copying it while others write, what it names, and whether it is sound.
 *
 * Ownership: the pool's. Thread-safety: any thread; each call has a connection of its own.
 */
#ifndef SMV_SQLITE_COPY_H
#define SMV_SQLITE_COPY_H

#include <apr_tables.h>

#include "../core/smv_error.h"

/* Told now and then how much is done. */
typedef void smv_progress_fn(void *baton, apr_int64_t done, apr_int64_t total);

/* Make a copy of one state of the database, whatever others write meanwhile. It is on the disk when this answers, as
 * one file without a journal. @param target must not be there
 * @return SMV_ERROR_DATABASE_AWAY, SMV_ERROR_STORAGE */
const smv_error_t *smv_sqlite_copy(const char *path, const char *target, smv_progress_fn *progress, void *baton,
                                   apr_pool_t *pool);

/* Read the whole file. @return SMV_ERROR_DATABASE_DATA: what is wrong with it first */
const smv_error_t *smv_sqlite_examine(const char *path, apr_pool_t *pool);

/* @param hashes out: of const char *, the contents that its rows name, each once, in order */
const smv_error_t *smv_sqlite_contents(apr_array_header_t **hashes, const char *path, apr_pool_t *pool);

/* End what of an earlier state must not come back: sessions that were ended since, codes of letters that were used,
 * turns of processes that are gone. @return SMV_ERROR_STORAGE */
const smv_error_t *smv_sqlite_end_access(const char *path, apr_pool_t *pool);

#endif
