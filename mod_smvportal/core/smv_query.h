/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_query: reading numbers out of a query string (application/x-www-form-urlencoded). Pure functions.
 */
#ifndef SMV_QUERY_H
#define SMV_QUERY_H

#include "smv_error.h"

#include <apr.h>

/* Read the number called name. @param query raw, may be NULL
 * @param number out: the number; left as it is where the query does not name it
 * @return SMV_ERROR_BAD_REQUEST where it is no number from minimum to maximum */
const smv_error_t *smv_query_number(apr_int64_t *number, const char *query, const char *name, apr_int64_t minimum,
                                    apr_int64_t maximum, apr_pool_t *pool);

#endif
