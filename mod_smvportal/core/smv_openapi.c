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
        put(out, "{\"type\":[\"boolean\",\"null\"]}");
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
    case SMV_TYPE_MARKUP:
        put(out, "{\"type\":[\"string\",\"null\"],\"contentMediaType\":\"text/html\"}");
        break;
    case SMV_TYPE_JSON:
        put(out, "{\"type\":[\"object\",\"null\"]}");
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

/* @return the shape of what the API answers: a resource's own where the view leaves it open */
static const smv_shape_t *answered_shape(const smv_route_t *route)
{
    const smv_field_t *field = api_field(route);

    return !field ? route->view : field->shape ? field->shape : route->resource->shape;
}

static void write_answer(smv_buffer_t *out, const smv_route_t *route)
{
    const smv_field_t *field = route->view ? api_field(route) : NULL;

    if (!route->view) {
        put(out, route->renderings & SMV_RENDER_FILE ? "\"*/*\":{}" : "\"application/json\":{\"schema\":{}}");
        return;
    }
    put(out, "\"application/json\":{\"schema\":");
    if (field && field->type == SMV_TYPE_LIST) {
        put(out, "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"items\",\"next\"],"
                 "\"properties\":{\"items\":{\"type\":\"array\",\"items\":");
        write_reference(out, answered_shape(route)->name);
        put(out, "},\"next\":{\"type\":[\"string\",\"null\"]}}}");
    } else {
        write_reference(out, answered_shape(route)->name);
    }
    put(out, "}");
}

/* --- what is sent --- */

static void write_input(smv_buffer_t *out, const smv_field_t *field)
{
    if (field->type == SMV_TYPE_CODE) {
        write_codes(out, field);
        return;
    }
    if (field->type == SMV_TYPE_BOOLEAN) {
        put(out, "{\"type\":\"boolean\"}");
        return;
    }
    put(out, "{\"type\":[\"string\",\"null\"]");
    if (field->input->maximum) {
        put(out, ",\"maxLength\":");
        smv_buffer_number(out, field->input->maximum);
    }
    if (field->type == SMV_TYPE_DATE || field->input->rule) {
        put(out, ",\"format\":");
        put_string(out, field->type == SMV_TYPE_DATE ? "date" : field->input->rule->format);
    }
    put(out, "}");
}

static void write_required(smv_buffer_t *out, const smv_shape_t *shape)
{
    const char *separator = ",\"required\":[";

    for (int i = 0; i < shape->count; i++) {
        if (shape->fields[i].input && shape->fields[i].input->is_required) {
            put(out, separator);
            put_string(out, shape->fields[i].name);
            separator = ",";
        }
    }
    put(out, separator[1] ? "" : "]");
}

/* RFC 7578: any number of parts called file; the others are of all of them. */
static void write_upload(smv_buffer_t *out)
{
    put(out,
        ",\"requestBody\":{\"required\":true,\"content\":{\"multipart/form-data\":{\"schema\":{\"type\":\"object\","
        "\"additionalProperties\":false,\"required\":[\"file\"],\"properties\":{\"file\":{\"type\":\"array\",\"items\":"
        "{\"type\":\"string\","
        "\"format\":\"binary\"}},\"contract\":{\"type\":\"string\",\"pattern\":\"^[1-9][0-9]{0,17}$\"},\"kind\":");
    write_codes(out, &smv_shape_document.fields[SMV_DOCUMENT_KIND]);
    put(out, "}}}}}");
}

static void write_one_file(smv_buffer_t *out)
{
    put(out, ",\"requestBody\":{\"required\":true,\"content\":{\"multipart/form-data\":{\"schema\":{"
             "\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"file\"],\"properties\":{"
             "\"file\":{\"type\":\"string\",\"format\":\"binary\"}}}}}}");
}

/* A change names what it changes (RFC 7396), a new row all that it must have. */
static void write_body(smv_buffer_t *out, const smv_route_t *route)
{
    const smv_shape_t *shape = smv_route_body(route);
    const char *separator = "";

    put(out, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
             "\"additionalProperties\":false,\"properties\":{");
    for (int i = 0; i < shape->count; i++) {
        if (shape->fields[i].input) {
            put(out, separator);
            put_string(out, shape->fields[i].name);
            put(out, ":");
            write_input(out, &shape->fields[i]);
            separator = ",";
        }
    }
    put(out, "}");
    if (route->method == SMV_METHOD_POST) {
        write_required(out, shape);
    }
    put(out, "}}}}");
}

/* smv_query_number reads 18 digits */
#define MAX_NUMBER 999999999999999999

typedef struct query_t {
    const char *route, *name;
    const char *schema; /* of a text; NULL: a number from minimum to maximum */
    apr_int64_t minimum, maximum;
} query_t;

static void write_query(smv_buffer_t *out, const query_t *query)
{
    put(out, "{\"in\":\"query\",\"required\":false,\"name\":");
    put_string(out, query->name);
    put(out, ",\"schema\":");
    if (query->schema) {
        put(out, query->schema);
    } else {
        put(out, "{\"type\":\"integer\",\"minimum\":");
        smv_buffer_number(out, query->minimum);
        put(out, ",\"maximum\":");
        smv_buffer_number(out, query->maximum);
        put(out, "}");
    }
    put(out, "}");
}

static void write_headers(smv_buffer_t *out, const smv_route_t *route, const char *separator)
{
    if (route->is_versioned ||
        (route->resource && (route->method == SMV_METHOD_PATCH || route->method == SMV_METHOD_DELETE))) {
        put(out, separator);
        put(out, "{\"in\":\"header\",\"name\":\"If-Match\",\"required\":true,\"schema\":{\"type\":\"string\"}}");
    } else if (route->resource && route->method == SMV_METHOD_POST) {
        put(out, separator);
        put(out, "{\"in\":\"header\",\"name\":\"Idempotency-Key\",\"required\":false,"
                 "\"schema\":{\"type\":\"string\",\"maxLength\":128}}");
    }
}

/* @return what goes before a parameter that follows */
static const char *write_path_parameters(smv_buffer_t *out, const char *pattern)
{
    const char *separator = "";

    put(out, "\"parameters\":[");
    while ((pattern = strchr(pattern, '{'))) {
        size_t size = strcspn(++pattern, "}");
        int is_number = strncmp(pattern, "id}", 3) == 0 || strncmp(pattern, "number}", 7) == 0;

        put(out, separator);
        put(out, "{\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"");
        put(out, is_number ? ",\"pattern\":\"^[1-9][0-9]{0,17}$\"},\"name\":" : "},\"name\":");
        smv_buffer_json(out, pattern, size);
        put(out, "}");
        separator = ",";
    }
    return separator;
}

static void write_parameters(smv_buffer_t *out, const smv_route_t *route)
{
    static const query_t queries[] = {
        {"list_customers", "after", NULL, 0, MAX_NUMBER},
        {"list_customers", "limit", NULL, 1, SMV_MAX_CUSTOMERS_A_PAGE},
        {"list_customers", "q", "{\"type\":\"string\",\"maxLength\":100}", 0, 0},
        {"list_ending_contracts", "from", "{\"type\":\"string\",\"format\":\"date\"}", 0, 0},
        {"list_ending_contracts", "after", NULL, 0, MAX_NUMBER},
        {"list_ending_contracts", "limit", NULL, 1, SMV_MAX_CUSTOMERS_A_PAGE},
        {"explain", "login", "{\"type\":\"string\",\"maxLength\":300}", 0, 0},
        {"explain", "what", "{\"type\":\"string\",\"maxLength\":300}", 0, 0},
        {"explain", "customer", NULL, 1, MAX_NUMBER},
        {"list_changes", "after", NULL, 0, MAX_NUMBER},
        {"list_changes", "limit", NULL, 1, SMV_MAX_CHANGES_A_PAGE},
        {"show_log", "before", NULL, 1, MAX_NUMBER},
        {"list_documents", "contract", NULL, 0, MAX_NUMBER},
        {"list_documents", "kind", "{\"type\":\"string\"}", 0, 0},
        {"list_documents", "q", "{\"type\":\"string\",\"maxLength\":100}", 0, 0},
        {"send_documents", "document", "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"maxItems\":200}", 0, 0},
        {"send_document", "download", NULL, 0, 1},
        {"list_unassigned", "after", NULL, 0, MAX_NUMBER},
        {"list_unassigned", "limit", NULL, 1, SMV_MAX_UNASSIGNED_A_PAGE},
        {"send_unassigned", "download", NULL, 0, 1}};
    const char *separator = write_path_parameters(out, route->pattern);

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        if (strcmp(queries[i].route, route->name) == 0) {
            put(out, separator);
            write_query(out, &queries[i]);
            separator = ",";
        }
    }
    write_headers(out, route, separator);
    put(out, "]");
}

static void write_right(smv_buffer_t *out, const smv_route_t *route)
{
    put(out, ",\"x-smv-right\":");
    if (route->right == SMV_RIGHT_NONE) {
        put(out, "null");
    } else {
        put_string(out, smv_rights[route->right].id);
        put(out, ",\"x-smv-subject\":");
        put_string(out, smv_subject_names[route->subject]);
    }
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(route->hidden_by, right)) {
            put(out, ",\"x-smv-hidden-by\":");
            put_string(out, smv_rights[right].id);
        }
    }
}

/* A reading answers 200, a new row or letter 201; a change 200 with the row, and 204 to who may not see it. */
static void write_success(smv_buffer_t *out, const smv_route_t *route)
{
    int has_answer = route->method == SMV_METHOD_GET || smv_route_body(route) ||
                     (route->view && answered_shape(route) == &smv_shape_access_letter);

    if (has_answer) {
        put(out, route->method == SMV_METHOD_POST ? "\"201\"" : "\"200\"");
        put(out, ":{\"description\":\"OK\",\"content\":{");
        write_answer(out, route);
        put(out, "}}");
    }
    if (route->method != SMV_METHOD_GET) {
        put(out, has_answer ? ",\"204\":{\"description\":\"OK\"}" : "\"204\":{\"description\":\"OK\"}");
    }
}

static void write_problems(smv_buffer_t *out, const smv_route_t *route)
{
    static const struct {
        const char *status;
        int is_of_writing;
    } problems[] = {{"400", 0}, {"401", 0}, {"403", 0}, {"404", 0}, {"503", 0},
                    {"412", 1}, {"413", 1}, {"415", 1}, {"422", 1}, {"428", 1}};

    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        if (!problems[i].is_of_writing || route->method != SMV_METHOD_GET) {
            put(out, ",\"");
            put(out, problems[i].status);
            put(out, "\":{\"$ref\":\"#/components/responses/Problem\"}");
        }
    }
}

static void write_operation(smv_buffer_t *out, const smv_route_t *route)
{
    static const char *const verbs[SMV_METHOD_COUNT] = {"get", "post", "patch", "delete"};

    put_string(out, verbs[route->method]);
    put(out, ":{\"operationId\":");
    put_string(out, route->name);
    put(out, ",\"summary\":");
    put_string(out, route->title);
    write_right(out, route);
    put(out, route->access == SMV_ACCESS_PUBLIC ? ",\"security\":[]," : ",");
    write_parameters(out, route);
    if (route->takes_files && !route->resource) {
        write_one_file(out);
    } else if (route->takes_files) {
        write_upload(out);
    } else if (smv_route_body(route)) {
        write_body(out, route);
    }
    put(out, ",\"responses\":{");
    write_success(out, route);
    write_problems(out, route);
    put(out, "}}");
}

/* All methods of the path of one route; nothing where an earlier route has written them. @return 1 where written */
static int write_path(smv_buffer_t *out, const char *separator, int at)
{
    const char *pattern = smv_routes[at].pattern;

    for (int i = 0; i < at; i++) {
        if ((smv_routes[i].renderings & SMV_RENDER_API) && strcmp(smv_routes[i].pattern, pattern) == 0) {
            return 0;
        }
    }
    put(out, separator);
    put_string(out, pattern);
    separator = ":{";
    for (int i = at; i < smv_route_count; i++) {
        if ((smv_routes[i].renderings & SMV_RENDER_API) && strcmp(smv_routes[i].pattern, pattern) == 0) {
            put(out, separator);
            write_operation(out, &smv_routes[i]);
            separator = ",";
        }
    }
    put(out, "}");
    return 1;
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
             "\"pattern\":\"^SMV[0-9]{4}$\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
             "\"additionalProperties\":false,\"required\":[\"pointer\",\"detail\"],\"properties\":{"
             "\"pointer\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}");
    for (int i = 0; i < smv_route_count; i++) {
        if ((smv_routes[i].renderings & SMV_RENDER_API) && smv_routes[i].view &&
            smv_routes[i].method != SMV_METHOD_DELETE) {
            write_schema(out, written, answered_shape(&smv_routes[i]));
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
        if ((smv_routes[i].renderings & SMV_RENDER_API) && write_path(out, separator, i)) {
            separator = ",";
        }
    }
    put(out, "},");
    write_components(out, pool);
    put(out, "}\n");
}
