/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl rights, routes, openapi: what this release knows, whatever the portal.
 */
#include "smv_ctl.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "../core/smv_json.h"
#include "../core/smv_route.h"

static const char *const kinds[] = {"allow", "hide", "staff"};

static void print_right_json(const smv_right_t *right, int is_first, apr_pool_t *pool)
{
    smv_buffer_t label;

    smv_buffer_init(&label, 64, 1024, pool);
    smv_buffer_json(&label, right->label, strlen(right->label));
    printf("%s\n  {\"id\": \"%s\", \"label\": %.*s, \"attribute\": \"%s\", \"kind\": \"%s\", \"default\": %s, "
           "\"row\": %d, \"column\": %d}",
           is_first ? "" : ",", right->id, (int)label.size, label.data, right->attribute, kinds[right->kind],
           right->is_default ? "true" : "false", right->row, right->column);
}

int smv_ctl_rights(const smv_ctl_t *ctl)
{
    int is_json = ctl->json != NULL;

    fputs(is_json ? "[" : "id\tlabel\tattribute\tkind\tdefault\trow\tcolumn\n", stdout);
    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        const smv_right_t *right = &smv_rights[i];

        if (is_json) {
            print_right_json(right, i == 0, ctl->pool);
        } else {
            printf("%s\t%s\t%s\t%s\t%s\t%d\t%d\n", right->id, right->label, right->attribute, kinds[right->kind],
                   right->is_default ? "TRUE" : "FALSE", right->row, right->column);
        }
    }
    fputs(is_json ? "\n]\n" : "", stdout);
    return EX_OK;
}

/* @return the ids of the rights in the set, each quoted, with commas between */
static const char *right_list(smv_rightset_t rights, apr_pool_t *pool)
{
    const char *list = "";

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(rights, right)) {
            list = apr_pstrcat(pool, list, *list ? ", " : "", "\"", smv_rights[right].id, "\"", NULL);
        }
    }
    return list;
}

static void print_route_json(const smv_route_t *route, int is_first, apr_pool_t *pool)
{
    const char *right = route->right == SMV_RIGHT_NONE ? NULL : smv_rights[route->right].id;

    printf("%s\n  {\"name\": \"%s\", \"method\": \"%s\", \"pattern\": \"%s\", \"access\": \"%s\", \"right\": %s%s%s, "
           "\"hidden_by\": [%s], \"subject\": \"%s\", \"csrf\": \"%s\", \"resource\": %s%s%s, \"takes_files\": %s, "
           "\"in_view\": %s, "
           "\"page\": %s, \"api\": %s, \"file\": %s}",
           is_first ? "" : ",", route->name, smv_method_names[route->method], route->pattern,
           smv_access_names[route->access], right ? "\"" : "", right ? right : "null", right ? "\"" : "",
           right_list(route->hidden_by, pool), smv_subject_names[route->subject], smv_csrf_names[route->csrf],
           route->resource ? "\"" : "", route->resource ? route->resource->name : "null", route->resource ? "\"" : "",
           route->takes_files ? "true" : "false", route->in_view ? "true" : "false",
           route->renderings & SMV_RENDER_PAGE ? "true" : "false",
           route->renderings & SMV_RENDER_API ? "true" : "false",
           route->renderings & SMV_RENDER_FILE ? "true" : "false");
}

int smv_ctl_routes(const smv_ctl_t *ctl)
{
    int is_json = ctl->json != NULL;

    fputs(is_json ? "[" : "name\tmethod\tpattern\taccess\tright\tsubject\n", stdout);
    for (int i = 0; i < smv_route_count; i++) {
        const smv_route_t *route = &smv_routes[i];

        if (is_json) {
            print_route_json(route, i == 0, ctl->pool);
        } else {
            printf("%s\t%s\t%s\t%s\t%s\t%s\n", route->name, smv_method_names[route->method], route->pattern,
                   smv_access_names[route->access], route->right == SMV_RIGHT_NONE ? "-" : smv_rights[route->right].id,
                   smv_subject_names[route->subject]);
        }
    }
    fputs(is_json ? "\n]\n" : "", stdout);
    return EX_OK;
}

int smv_ctl_openapi(const smv_ctl_t *ctl)
{
    smv_buffer_t document;

    smv_buffer_init(&document, 1 << 15, 1 << 22, ctl->pool);
    smv_openapi(&document, "/portal/api/v1", ctl->pool);
    fwrite(document.data, 1, document.size, stdout);
    return document.is_failed ? EX_SOFTWARE : EX_OK;
}
