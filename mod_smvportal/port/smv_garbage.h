/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_garbage: removing files of the documents folder that belong to no document: contents whose row was never written
 * or is gone for good, and temporary files of processes that died.
 *
 * May run while portals do: a content goes only while nobody can write a row for it.
 */
#ifndef SMV_GARBAGE_H
#define SMV_GARBAGE_H

#include "../core/smv_store.h"

typedef struct smv_garbage_t {
    apr_int64_t seen, removed; /* files */
    apr_int64_t bytes;         /* of those removed */
} smv_garbage_t;

/* @param folder of the documents
 * @param now temporary files older than a day before it are garbage
 * @return SMV_ERROR_STORAGE, or the store's error; what was removed until then is counted */
const smv_error_t *smv_garbage_collect(smv_garbage_t *garbage, smv_store_t *store, const char *folder, apr_time_t now,
                                       apr_pool_t *pool);

#endif
