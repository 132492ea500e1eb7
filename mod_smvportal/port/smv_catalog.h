/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_catalog: the translations of one language, read from a gettext catalogue (.po).
 *
 * Thread-safety: loading by one thread; immutable afterwards.
 */
#ifndef SMV_CATALOG_H
#define SMV_CATALOG_H

#include "../core/smv_error.h"

#include <apr_hash.h>

/* @param catalog out: msgid -> translation, without the empty and fuzzy ones
 * @return SMV_ERROR_TEMPLATE with file, line and cause */
const smv_error_t *smv_catalog_load(apr_hash_t **catalog, const char *path, apr_pool_t *pool);

#endif
