/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_unpack: the one file of a ZIP, read by libarchive.
 *
 * Memory does not grow with it; whoever takes it decides how much it may be. Thread-safety: any.
 */
#ifndef SMV_UNPACK_H
#define SMV_UNPACK_H

#include "../core/smv_error.h"

/* @param write is given its bytes in pieces @return its error; SMV_ERROR_INVALID: there is not one file, it is
 * encrypted, or damaged */
const smv_error_t *smv_unpack(const char *path,
                              const smv_error_t *(*write)(void *baton, const char *data, apr_size_t size), void *baton,
                              apr_pool_t *pool);

#endif
