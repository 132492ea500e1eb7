/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenAPI 3.1 document, made from the routes and the shapes.
 */
#include "smv_json.h"
#include "smv_record.h"
#include "smv_route.h"
#include "smv_session.h"
#include "smv_shapes.h"

#include <apr_hash.h>
#include <apr_strings.h>

static void put(smv_buffer_t *out, const char *text)
{
    smv_buffer_puts(out, text);
}

static void put_string(smv_buffer_t *out, const char *text)
{
    smv_buffer_json(out, text, strlen(text));
}

static void write_reference(smv_buffer_t *out, const char *name)
{
    put(out, "{\"$ref\":\"#/components/schemas/");
    put(out, name);
    put(out, "\"}");
}

static void write_codes(smv_buffer_t *out, const smv_field_t *field)
{
    put(out, "{\"enum\":[");
    for (const smv_code_t *entry = field->codes; entry->code; entry++) {
        put_string(out, entry->code);
        put(out, ",");
    }
    put(out, "null]}");
}

static void write_field_schema(smv_buffer_t *out, const smv_field_t *field)
{
    switch (field->type) {
    case SMV_TYPE_TEXT:
        put(out, "{\"type\":[\"string\",\"null\"]}");
        break;
    case SMV_TYPE_INTEGER:
    case SMV_TYPE_BYTES:
        put(out, "{\"type\":[\"integer\",\"null\"]}");
        break;
    case SMV_TYPE_ID:
        put(out, "{\"type\":[\"string\",\"null\"],\"pattern\":\"^[0-9]+$\"}");
        break;
    case SMV_TYPE_BOOLEAN:
        put(out, "{\"type\":\"boolean\"}");
        break;
    case SMV_TYPE_MONEY:
        put(out, "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Money\"},{\"type\":\"null\"}]}");
        break;
    case SMV_TYPE_DATE:
        put(out, "{\"type\":[\"string\",\"null\"],\"format\":\"date\"}");
        break;
    case SMV_TYPE_TIME:
        put(out, "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}");
        break;
    case SMV_TYPE_CODE:
        write_codes(out, field);
        break;
    case SMV_TYPE_RECORD:
        write_reference(out, field->shape->name);
        break;
    case SMV_TYPE_LIST:
        put(out, "{\"type\":\"array\",\"items\":");
        write_reference(out, field->shape->name);
        put(out, "}");
        break;
    }
}

/* The shapes inside come first, each once. */
static void write_schema(smv_buffer_t *out, apr_hash_t *written, const smv_shape_t *shape)
{
    const char *separator = "";

    if (apr_hash_get(written, shape->name, APR_HASH_KEY_STRING)) {
        return;
    }
    apr_hash_set(written, shape->name, APR_HASH_KEY_STRING, shape);
    for (int i = 0; i < shape->count; i++) {
        const smv_field_t *field = &shape->fields[i];

        if ((field->type == SMV_TYPE_RECORD || field->type == SMV_TYPE_LIST) && !field->page_only) {
            write_schema(out, written, field->shape);
        }
    }
    put(out, ",");
    put_string(out, shape->name);
    put(out, ":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    for (int i = 0; i < shape->count; i++) {
        if (!shape->fields[i].page_only) {
            put(out, separator);
            put_string(out, shape->fields[i].name);
            put(out, ":");
            write_field_schema(out, &shape->fields[i]);
            separator = ",";
        }
    }
    put(out, "},\"required\":[");
    separator = "";
    for (int i = 0; i < shape->count; i++) {
        if (!shape->fields[i].page_only) {
            put(out, separator);
            put_string(out, shape->fields[i].name);
            separator = ",";
        }
    }
    put(out, "]}");
}

static const smv_field_t *api_field(const smv_route_t *route)
{
    return route->api_field ? &route->view->fields[smv_shape_field(route->view, route->api_field)] : NULL;
}

static void write_answer(smv_buffer_t *out, const smv_route_t *route)
{
    const smv_field_t *field = api_field(route);

    if (!route->view) {
        put(out, route->renderings & SMV_RENDER_FILE ? "\"*/*\":{}" : "\"application/json\":{\"schema\":{}}");
        return;
    }
    put(out, "\"application/json\":{\"schema\":");
    if (field && field->type == SMV_TYPE_LIST) {
        put(out, "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"items\",\"next\"],"
                 "\"properties\":{\"items\":{\"type\":\"array\",\"items\":");
        write_reference(out, field->shape->name);
        put(out, "},\"next\":{\"type\":[\"string\",\"null\"]}}}");
    } else {
        write_reference(out, field ? field->shape->name : route->view->name);
    }
    put(out, "}");
}

/* smv_query_number reads 18 digits */
#define MAX_NUMBER 999999999999999999

static void write_query(smv_buffer_t *out, const char *name, apr_int64_t minimum, apr_int64_t maximum)
{
    put(out, "{\"in\":\"query\",\"required\":false,\"name\":");
    put_string(out, name);
    put(out, ",\"schema\":{\"type\":\"integer\",\"minimum\":");
    smv_buffer_number(out, minimum);
    put(out, ",\"maximum\":");
    smv_buffer_number(out, maximum);
    put(out, "}}");
}

static void write_parameters(smv_buffer_t *out, const smv_route_t *route)
{
    static const struct {
        const char *route, *name;
        apr_int64_t minimum, maximum;
    } queries[] = {{"list_customers", "after", 0, MAX_NUMBER},
                   {"list_customers", "limit", 1, SMV_MAX_CUSTOMERS_A_PAGE},
                   {"list_documents", "contract", 1, MAX_NUMBER},
                   {"send_document", "download", 0, 1}};
    const char *in_path = strstr(route->pattern, "{number}") ? "number" : strchr(route->pattern, '{') ? "id" : NULL;
    const char *separator = "";

    put(out, "\"parameters\":[");
    if (in_path) {
        put(out, "{\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\",\"pattern\":"
                 "\"^[1-9][0-9]{0,17}$\"},\"name\":");
        put_string(out, in_path);
        put(out, "}");
        separator = ",";
    }
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        if (strcmp(queries[i].route, route->name) == 0) {
            put(out, separator);
            write_query(out, queries[i].name, queries[i].minimum, queries[i].maximum);
            separator = ",";
        }
    }
    put(out, "]");
}

static void write_operation(smv_buffer_t *out, const smv_route_t *route)
{
    static const char *const problems[] = {"400", "401", "403", "404", "503"};

    put_string(out, route->pattern);
    put(out, ":{\"get\":{\"operationId\":");
    put_string(out, route->name);
    put(out, ",\"summary\":");
    put_string(out, route->title);
    put(out, ",\"x-smv-right\":");
    if (route->right == SMV_RIGHT_NONE) {
        put(out, "null");
    } else {
        put_string(out, smv_rights[route->right].id);
    }
    put(out, route->access == SMV_ACCESS_PUBLIC ? ",\"security\":[]," : ",");
    write_parameters(out, route);
    put(out, ",\"responses\":{\"200\":{\"description\":\"OK\",\"content\":{");
    write_answer(out, route);
    put(out, "}}");
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        put(out, ",\"");
        put(out, problems[i]);
        put(out, "\":{\"$ref\":\"#/components/responses/Problem\"}");
    }
    put(out, "}}}");
}

static void write_components(smv_buffer_t *out, apr_pool_t *pool)
{
    apr_hash_t *written = apr_hash_make(pool);

    put(out, "\"components\":{\"securitySchemes\":{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"},"
             "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" SMV_SESSION_COOKIE_TLS "\"},"
             "\"session_without_tls\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" SMV_SESSION_COOKIE "\"}},"
             "\"responses\":{\"Problem\":{\"description\":\"RFC 9457\",\"content\":{\"application/problem+json\":"
             "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},\"schemas\":{"
             "\"Money\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"amount\",\"currency\"],"
             "\"properties\":{\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+[.][0-9]{2}$\"},"
             "\"currency\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"}}},"
             "\"Problem\":{\"type\":\"object\",\"additionalProperties\":false,"
             "\"required\":[\"type\",\"title\",\"status\",\"code\"],\"properties\":{\"type\":{\"type\":\"string\"},"
             "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\","
             "\"pattern\":\"^SMV[0-9]{4}$\"}}}");
    for (int i = 0; i < smv_route_count; i++) {
        const smv_field_t *field = smv_routes[i].view ? api_field(&smv_routes[i]) : NULL;

        if ((smv_routes[i].renderings & SMV_RENDER_API) && smv_routes[i].view) {
            write_schema(out, written, field ? field->shape : smv_routes[i].view);
        }
    }
    put(out, "}}");
}

void smv_openapi(smv_buffer_t *out, const char *server, apr_pool_t *pool)
{
    const char *separator = "";

    put(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"SMV Kundenportal\",\"version\":\"1\"},"
             "\"servers\":[{\"url\":");
    put_string(out, server);
    put(out, "}],\"security\":[{\"basic\":[]},{\"session\":[]},{\"session_without_tls\":[]}],\"paths\":{");
    for (int i = 0; i < smv_route_count; i++) {
        if (smv_routes[i].renderings & SMV_RENDER_API) {
            put(out, separator);
            write_operation(out, &smv_routes[i]);
            separator = ",";
        }
    }
    put(out, "},");
    write_components(out, pool);
    put(out, "}\n");
}
