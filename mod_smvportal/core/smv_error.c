/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_error.h"

#include <apr_strings.h>
#include <string.h>

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

static smv_error_t *make(apr_pool_t *pool, smv_error_e code, const char *detail, va_list arguments)
{
    smv_error_t *error = apr_pcalloc(pool, sizeof *error);

    error->code = code;
    describe(error);
    error->detail = apr_pvsprintf(pool, detail, arguments);
    return error;
}

const smv_error_t *smv_error(apr_pool_t *pool, smv_error_e code, const char *detail, ...)
{
    smv_error_t *error;
    va_list arguments;

    va_start(arguments, detail);
    error = make(pool, code, detail, arguments);
    va_end(arguments);
    return error;
}

const smv_error_t *smv_error_invalid(const smv_problem_t *problems, apr_pool_t *pool)
{
    const char *fields = "";
    smv_error_t *error;

    for (const smv_problem_t *problem = problems; problem; problem = problem->next) {
        fields = apr_pstrcat(pool, fields, " ", problem->field, NULL);
    }
    error = (smv_error_t *)smv_error(pool, SMV_ERROR_INVALID, "refused for the fields%s", fields);
    error->problems = problems;
    return error;
}

const smv_problem_t *smv_problem(const smv_problem_t *problems, const char *field, const char *text, int limit,
                                 apr_pool_t *pool)
{
    smv_problem_t *made =
        apr_pmemdup(pool, &(smv_problem_t){.field = field, .text = text, .limit = limit}, sizeof *made);
    smv_problem_t *last = (smv_problem_t *)problems;

    while (last && last->next) {
        last = (smv_problem_t *)last->next;
    }
    if (last) {
        last->next = made;
    }
    return last ? problems : made;
}

const smv_problem_t *smv_problem_of(const smv_problem_t *problems, const char *field)
{
    while (problems && strcmp(problems->field, field) != 0) {
        problems = problems->next;
    }
    return problems;
}
const smv_error_t *smv_error_saying(apr_pool_t *pool, smv_error_e code, const char *public_text, const char *detail,
                                    ...)
{
    smv_error_t *error;
    va_list arguments;

    va_start(arguments, detail);
    error = make(pool, code, detail, arguments);
    va_end(arguments);
    error->public_text = public_text;
    return error;
}
