/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv_catalogue: the layouts of GDV records, read from an XML file that an administrator may extend
 * (conf/gdv-catalogue.xml, whose beginning explains its vocabulary).
 *
 * Ownership: the pool given. Thread-safety: reading by one thread; immutable afterwards.
 */
#ifndef SMV_GDV_CATALOGUE_H
#define SMV_GDV_CATALOGUE_H

#include "../core/smv_error.h"
#include "smv_gdv_layout.h"

/* What the reader of records itself asks for (smv_gdv.h): records without these fields are no catalogue. */
#define SMV_GDV_CONTRACT "0200"
#define SMV_GDV_NET_PREMIUM "net_premium"
#define SMV_GDV_RECORD_COUNT "record_count"
#define SMV_GDV_NET_PREMIUM_TOTAL "net_premium_total"

/* @return SMV_ERROR_CONFIGURATION with file, line and cause, for whatever is not in the vocabulary: unknown elements,
 * attributes and text; missing, impossible and double ones; fields that reach beyond 256 characters or cover the number
 * of their part */
const smv_error_t *smv_gdv_catalogue_read(smv_gdv_catalogue_t **catalogue, const char *path, apr_pool_t *pool);

#endif
