/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_lock: locks of the operating system between programs, which end with the process that has them, however it ends.
 *
 * Ownership: a lock is given back with its pool. Thread-safety: any thread; a process does not exclude itself.
 */
#ifndef SMV_LOCK_H
#define SMV_LOCK_H

#include "../core/smv_error.h"

/* The contents of documents: those who copy them share it, who removes some has it alone. Nobody waits.
 * @return SMV_ERROR_CONFLICT: somebody else has it; SMV_ERROR_STORAGE */
const smv_error_t *smv_lock_contents(const char *folder, int is_shared, apr_pool_t *pool);

/* A database, against whoever has it open as SQLite in mode WAL has it, or opens it: they have a lock on its file for
 * as long as it is open. Until the pool's end this process must not open it by another way.
 * @return SMV_ERROR_DATABASE_BUSY: somebody has it open; SMV_ERROR_DATABASE_AWAY */
const smv_error_t *smv_lock_database(const char *path, apr_pool_t *pool);

#endif
