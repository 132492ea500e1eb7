/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_error.h"

#include <apr_strings.h>

static void describe(smv_error_t *error)
{
    switch (error->code) {
#define SMV_ERROR_CASE(NAME, number, http, text)                                                                       \
    case SMV_ERROR_##NAME:                                                                                             \
        error->http_status = http;                                                                                     \
        error->public_text = text;                                                                                     \
        break;
        SMV_ERRORS(SMV_ERROR_CASE)
#undef SMV_ERROR_CASE
    }
}

const smv_error_t *smv_error(apr_pool_t *pool, smv_error_e code, const char *detail, ...)
{
    smv_error_t *error = apr_pcalloc(pool, sizeof *error);
    va_list arguments;

    error->code = code;
    describe(error);
    va_start(arguments, detail);
    error->detail = apr_pvsprintf(pool, detail, arguments);
    va_end(arguments);
    return error;
}
