/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_query: reading numbers and texts out of a query string (application/x-www-form-urlencoded). Pure functions.
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

/* Every number called name. @param count in: room in numbers; out: how many there are
 * @return SMV_ERROR_BAD_REQUEST where one is no positive number, or there are more */
const smv_error_t *smv_query_numbers(apr_int64_t *numbers, int *count, const char *query, const char *name,
                                     apr_pool_t *pool);

/* The text called name, decoded and trimmed; NULL where the query does not name it, or it is empty.
 * @return SMV_ERROR_BAD_REQUEST where it is no UTF-8, has control characters or more than maximum characters */
const smv_error_t *smv_query_text(const char **text, const char *query, const char *name, int maximum,
                                  apr_pool_t *pool);

#endif
