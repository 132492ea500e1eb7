/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs every suite. Fails where a test fails, and where none ran.
 */
#include "unit.h"

#include <apr_general.h>
#include <stdio.h>

apr_pool_t *unit_pool;

int unit_register(const char *name, CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {{name, NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}

const char *unit_text(smv_buffer_t *buffer)
{
    smv_buffer_write(buffer, "", 1);
    buffer->size -= !buffer->is_failed;
    return buffer->is_failed ? "" : buffer->data;
}

int main(void)
{
    int (*const suites[])(void) = {suite_access, suite_rights,  suite_policy,  suite_route,     suite_session,
                                   suite_cache,  suite_actions, suite_query,   suite_shapes,    suite_buffer,
                                   suite_format, suite_json,    suite_openapi, suite_multipart, suite_rules,
                                   suite_input,  suite_change,  suite_rows,    suite_log,       suite_search,
                                   suite_colour, suite_theme,   suite_import,  suite_delivered, suite_unassigned};
    int is_failed = 0;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&unit_pool, NULL) != APR_SUCCESS ||
        CU_initialize_registry() != CUE_SUCCESS) {
        return 2;
    }
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        is_failed |= suites[i]();
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    is_failed |= CU_basic_run_tests() != CUE_SUCCESS;
    is_failed |= CU_get_number_of_tests_run() == 0 || CU_get_number_of_failures() > 0;
    CU_cleanup_registry();
    apr_terminate();
    return is_failed;
}
