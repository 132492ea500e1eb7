/* SPDX-License-Identifier: Apache-2.0
 *
 * unit: the suites of the unit tests, one file each, linked with the core alone.
 *
 * Each function registers its suite with CUnit. @return 0, or 1 where CUnit refused it
 * Ownership: memory comes from unit_pool, which test_main.c makes and destroys. Thread-safety: one thread.
 */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/Basic.h>
#include <apr_pools.h>

#include "../../mod_smvportal/core/smv_buffer.h"

extern apr_pool_t *unit_pool;

int suite_access(void);
int suite_actions(void);
int suite_buffer(void);
int suite_cache(void);
int suite_colour(void);
int suite_change(void);
int suite_format(void);
int suite_import(void);
int suite_delivered(void);
int suite_input(void);
int suite_json(void);
int suite_log(void);
int suite_multipart(void);
int suite_openapi(void);
int suite_policy(void);
int suite_query(void);
int suite_rights(void);
int suite_route(void);
int suite_rows(void);
int suite_rules(void);
int suite_search(void);
int suite_session(void);
int suite_shapes(void);
int suite_theme(void);
int suite_unassigned(void);

/* Register a suite of tests, which end with CU_TEST_INFO_NULL. */
int unit_register(const char *name, CU_TestInfo *tests);

/* What is written so far, with a NUL behind it. */
const char *unit_text(smv_buffer_t *buffer);

/* Whether what call writes into the smv_buffer_t named buffer is the text expected. */
#define UNIT_WRITES(expected, call)                                                                                    \
    do {                                                                                                               \
        smv_buffer_t buffer;                                                                                           \
        smv_buffer_init(&buffer, 1, 1 << 16, unit_pool);                                                               \
        call;                                                                                                          \
        CU_ASSERT_FALSE(buffer.is_failed);                                                                             \
        CU_ASSERT_STRING_EQUAL(unit_text(&buffer), expected);                                                          \
    } while (0)

#endif
