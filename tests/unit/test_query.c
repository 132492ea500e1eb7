/* SPDX-License-Identifier: Apache-2.0
 *
 * Query strings: numbers within their bounds, or a bad request.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_query.h"

static apr_int64_t read_as(const char *query)
{
    apr_int64_t number = 7;

    CU_ASSERT_PTR_NULL(smv_query_number(&number, query, "limit", 1, 200, unit_pool));
    return number;
}

static void what_is_not_given_stays(void)
{
    CU_ASSERT_EQUAL(read_as(NULL), 7);
    CU_ASSERT_EQUAL(read_as(""), 7);
    CU_ASSERT_EQUAL(read_as("after=5"), 7);
    CU_ASSERT_EQUAL(read_as("xlimit=5&limits=6"), 7);
}

static void a_number_is_read_within_its_bounds(void)
{
    CU_ASSERT_EQUAL(read_as("limit=1"), 1);
    CU_ASSERT_EQUAL(read_as("after=5&limit=200"), 200);
}

static void what_is_no_such_number_is_a_bad_request(void)
{
    static const char *const bad[] = {"limit=0",  "limit=201", "limit=",   "limit=1x",
                                      "limit=-1", "limit=+1",  "limit= 1", "limit=99999999999999999999"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        apr_int64_t number = 7;
        const smv_error_t *error = smv_query_number(&number, bad[i], "limit", 1, 200, unit_pool);

        CU_ASSERT_PTR_NOT_NULL_FATAL(error);
        CU_ASSERT_EQUAL(error->http_status, 400);
    }
}

int suite_query(void)
{
    static CU_TestInfo tests[] = {{"what is not given stays", what_is_not_given_stays},
                                  {"a number is read within its bounds", a_number_is_read_within_its_bounds},
                                  {"what is no such number is a bad request", what_is_no_such_number_is_a_bad_request},
                                  CU_TEST_INFO_NULL};

    return unit_register("query strings", tests);
}
