/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_query.h"

#include "smv_rules.h"

#include <apr_escape.h>
#include <apr_strings.h>
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

const smv_error_t *smv_query_numbers(apr_int64_t *numbers, int *count, const char *query, const char *name,
                                     apr_pool_t *pool)
{
    int room = *count;

    *count = 0;
    for (const char *value = find_value(query, name); value; value = find_value(value, name)) {
        const smv_error_t *error;

        if (*count == room) {
            return smv_error(pool, SMV_ERROR_BAD_REQUEST, "more than %d of %s", room, name);
        }
        error = smv_query_number(&numbers[(*count)++], apr_pstrcat(pool, name, "=", value, NULL), name, 1,
                                 APR_INT64_MAX, pool);
        if (error) {
            return error;
        }
        value = strchr(value, '&');
        if (!value) {
            break;
        }
    }
    return NULL;
}

static const char *trimmed(const char *text, apr_pool_t *pool)
{
    size_t size;

    text += strspn(text, " ");
    size = strlen(text);
    while (size > 0 && text[size - 1] == ' ') {
        size--;
    }
    return apr_pstrmemdup(pool, text, size);
}

const smv_error_t *smv_query_text(const char **text, const char *query, const char *name, int maximum, apr_pool_t *pool)
{
    const char *value = find_value(query, name), *decoded;

    *text = NULL;
    if (!value) {
        return NULL;
    }
    decoded = apr_punescape_url(pool, apr_pstrmemdup(pool, value, strcspn(value, "&")), NULL, NULL, 1);
    if (!decoded || !smv_is_utf8(decoded, strlen(decoded)) || smv_has_control(decoded, strlen(decoded))) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "%s is no text", name);
    }
    decoded = trimmed(decoded, pool);
    if (smv_utf8_length(decoded, strlen(decoded)) > (apr_size_t)maximum) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "%s has more than %d characters", name, maximum);
    }
    *text = *decoded ? decoded : NULL;
    return NULL;
}
