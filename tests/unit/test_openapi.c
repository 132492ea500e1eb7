/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenAPI document against the routes. That it is JSON, and that answers follow it, is the integration test's.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_route.h"

#include <apr_strings.h>

static const char *document(void)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 1 << 10, 1 << 20, unit_pool);
    smv_openapi(&buffer, "/portal/api/v1", unit_pool);
    CU_ASSERT_FALSE_FATAL(buffer.is_failed);
    return unit_text(&buffer);
}

static int occurrences(const char *text, const char *part)
{
    int count = 0;

    for (text = strstr(text, part); text; text = strstr(text + 1, part)) {
        count++;
    }
    return count;
}

static const char *until(const char *at, const char *mark)
{
    const char *end = at ? strstr(at + 1, mark) : NULL;

    return !at ? "" : end ? apr_pstrndup(unit_pool, at, (apr_size_t)(end - at)) : at;
}

/* @return the text of one path's description, up to the next path */
static const char *path_of(const char *text, const char *pattern)
{
    return until(strstr(text, apr_pstrcat(unit_pool, "\"", pattern, "\":{\"", NULL)), ",\"/");
}

/* @return the text of one method of a path, up to the next operation */
static const char *operation_of(const char *text, const smv_route_t *route)
{
    static const char *const methods[SMV_METHOD_COUNT] = {"get", "post", "patch", "delete"};
    const char *start = apr_psprintf(unit_pool, "\"%s\":{\"operationId\":", methods[route->method]);
    const char *at = strstr(path_of(text, route->pattern), start);

    return at ? until(strchr(at, '{'), "{\"operationId\":") : "";
}

static void each_api_route_is_described_once(void)
{
    const char *text = document();
    int described = 0;

    for (int i = 0; i < smv_route_count; i++) {
        const smv_route_t *route = &smv_routes[i];
        int is_api = (route->renderings & SMV_RENDER_API) != 0;
        const char *id = apr_psprintf(unit_pool, "\"operationId\":\"%s\"", route->name);

        CU_ASSERT_EQUAL(occurrences(text, id), is_api);
        CU_ASSERT_EQUAL(occurrences(operation_of(text, route), id), is_api);
        described += is_api;
    }
    CU_ASSERT_EQUAL(occurrences(text, "\"operationId\":"), described);
    CU_ASSERT_EQUAL(occurrences(text, "\"x-smv-right\":"), described);
    CU_ASSERT_EQUAL(occurrences(text, "\"503\":{\"$ref\":\"#/components/responses/Problem\"}"), described);
}

static void each_operation_names_its_right_and_on_what(void)
{
    const char *text = document();

    for (int i = 0; i < smv_route_count; i++) {
        const smv_route_t *route = &smv_routes[i];
        const char *operation = operation_of(text, route), *right = "\"x-smv-right\":null";

        if (route->right != SMV_RIGHT_NONE) {
            right = apr_psprintf(unit_pool, "\"x-smv-right\":\"%s\",\"x-smv-subject\":\"%s\"",
                                 smv_rights[route->right].id, smv_subject_names[route->subject]);
        }
        if (route->renderings & SMV_RENDER_API) {
            CU_ASSERT_PTR_NOT_NULL(strstr(operation, right));
            CU_ASSERT_EQUAL(strstr(operation, "\"security\":[]") != NULL, route->access == SMV_ACCESS_PUBLIC);
        }
    }
}

static void parameters_have_their_bounds(void)
{
    const char *text = document(), *customers = path_of(text, "/customers");

    CU_ASSERT_PTR_NOT_NULL(
        strstr(customers, "\"name\":\"limit\",\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(customers, "\"name\":\"after\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(path_of(text, "/customers/{number}"), "\"name\":\"number\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(path_of(text, "/contracts/{id}"), "\"name\":\"id\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(path_of(text, "/customers/{number}/documents"), "\"name\":\"contract\""));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(path_of(text, "/documents/{id}/content"),
               "\"name\":\"download\",\"schema\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":1}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(path_of(text, "/me"), "\"parameters\":[]"));
}

static void schemas_are_strict_and_without_page_fields(void)
{
    const char *text = document();
    const char *schemas = strstr(text, "\"schemas\":");
    const char *const reached[] = {"Customer", "Contract",     "Document",      "Me",          "Role",   "Right",
                                   "Contact",  "FamilyMember", "Communication", "BankAccount", "Change", "Reading"};

    CU_ASSERT_PTR_NOT_NULL_FATAL(schemas);
    for (size_t i = 0; i < sizeof reached / sizeof *reached; i++) {
        CU_ASSERT_EQUAL(occurrences(schemas, apr_psprintf(unit_pool, "\"%s\":{\"type\":\"object\"", reached[i])), 1);
    }
    CU_ASSERT_EQUAL(occurrences(text, "\"type\":\"object\""), occurrences(text, "\"additionalProperties\":false"));
    CU_ASSERT_PTR_NULL(strstr(text, "content_hash"));
    CU_ASSERT_PTR_NULL(strstr(text, "can_view_documents"));
    CU_ASSERT_PTR_NULL(strstr(text, "next_href"));
    CU_ASSERT_PTR_NULL(strstr(text, "csrf_token"));
    CU_ASSERT_PTR_NULL(strstr(text, "View\""));
}

static void the_server_is_the_one_given(void)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 1 << 10, 1 << 20, unit_pool);
    smv_openapi(&buffer, "/\"kunden\"/api/v1", unit_pool);
    CU_ASSERT_PTR_NOT_NULL(strstr(unit_text(&buffer), "\"servers\":[{\"url\":\"/\\\"kunden\\\"/api/v1\"}]"));
}

int suite_openapi(void)
{
    static CU_TestInfo tests[] = {
        {"each API route is described once", each_api_route_is_described_once},
        {"each operation names its right, and on what", each_operation_names_its_right_and_on_what},
        {"parameters have their bounds", parameters_have_their_bounds},
        {"schemas are strict and without page fields", schemas_are_strict_and_without_page_fields},
        {"the server is the one given", the_server_is_the_one_given},
        CU_TEST_INFO_NULL,
    };

    return unit_register("openapi", tests);
}
