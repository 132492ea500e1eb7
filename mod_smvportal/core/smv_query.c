/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_query.h"

#include <stdlib.h>
#include <string.h>

/* @return the value of name in query, NULL where it has none; ends at "&" or the end */
static const char *find_value(const char *query, const char *name)
{
    size_t size = strlen(name);

    while (query && *query) {
        if (strncmp(query, name, size) == 0 && query[size] == '=') {
            return query + size + 1;
        }
        query = strchr(query, '&');
        query = query ? query + 1 : NULL;
    }
    return NULL;
}

const smv_error_t *smv_query_number(apr_int64_t *number, const char *query, const char *name, apr_int64_t minimum,
                                    apr_int64_t maximum, apr_pool_t *pool)
{
    const char *value = find_value(query, name);
    size_t digits = value ? strspn(value, "0123456789") : 0;
    apr_int64_t read;

    if (!value) {
        return NULL;
    }
    read = digits > 0 && digits <= 18 ? strtoll(value, NULL, 10) : -1;
    if ((value[digits] != '\0' && value[digits] != '&') || read < minimum || read > maximum) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST,
                         "%s must be a number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT, name, minimum, maximum);
    }
    *number = read;
    return NULL;
}
