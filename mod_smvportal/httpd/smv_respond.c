/* SPDX-License-Identifier: Apache-2.0
 *
 * From a view or an error to the bytes of an answer: one buffer, one bucket.
 */
#include "smv_request.h"

#include <apr_buckets.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "../core/smv_json.h"
#include "../core/smv_link.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "../core/smv_start_screen.h"

APLOG_USE_MODULE(smvportal);

#define FIRST_CAPACITY 16384U
#define MAX_ANSWER (32U << 20)
#define MAX_PROBLEM (1U << 20) /* a pointer has each byte of a name that was sent as three */

void smv_set_headers(const smv_request_t *request)
{
    request_rec *r = request->r;
    static const char policy[] = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
                                 "img-src 'self'; form-action 'self'; "
                                 "base-uri 'none'; frame-ancestors 'none'";

    apr_table_setn(r->err_headers_out, "Content-Security-Policy", policy);
    apr_table_setn(r->err_headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->err_headers_out, "X-Frame-Options", "DENY");
    apr_table_setn(r->err_headers_out, "Referrer-Policy", "same-origin");
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
}

static int send_buffer(smv_request_t *request, const char *media_type, const smv_buffer_t *buffer, int status)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    smv_request_release(request);
    ap_set_content_type(r, media_type);
    ap_set_content_length(r, (apr_off_t)buffer->size);
    r->status = status;
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_pool_create(buffer->data, buffer->size, r->pool, r->connection->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(r->connection->bucket_alloc));
    ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

int smv_respond_bytes(smv_request_t *request, const char *media_type, const char *data, apr_size_t size)
{
    smv_buffer_t buffer = {.data = (char *)data, .size = size};

    return send_buffer(request, media_type, &buffer, HTTP_OK);
}

static int respond_json(smv_request_t *request, const smv_record_t *view, int status)
{
    const smv_route_t *route = request->call.route;
    int field = route->api_field ? smv_shape_field(view->shape, route->api_field) : -1;
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, FIRST_CAPACITY, MAX_ANSWER, request->call.pool);
    if (field < 0) {
        smv_json_record(&buffer, view);
    } else if (view->shape->fields[field].type == SMV_TYPE_LIST) {
        smv_json_list(&buffer, view->values[field].as.list);
    } else {
        smv_json_record(&buffer, view->values[field].as.record);
    }
    return buffer.is_failed ? smv_respond_error(request, smv_error(request->call.pool, SMV_ERROR_INTERNAL,
                                                                   "the JSON of an answer passed its limit"))
                            : send_buffer(request, "application/json", &buffer, status);
}

static int respond_view(smv_request_t *request, const smv_answer_t *answer)
{
    const char *page = answer->page ? answer->page : request->call.route->page;
    int status = answer->status ? answer->status : HTTP_OK;

    return request->rendering == SMV_RENDER_API ? respond_json(request, answer->view, status)
                                                : smv_respond_page(request, page, answer->view, status);
}

/* 303 for a page that was changed by its form (RFC 9110, 15.4.4); 201 and 204 for the API. */
static int respond_without_view(smv_request_t *request, const smv_answer_t *answer)
{
    smv_request_release(request);
    if (request->rendering == SMV_RENDER_PAGE) {
        return smv_redirect(request, apr_pstrcat(request->call.pool, request->call.base, answer->location, NULL),
                            HTTP_SEE_OTHER);
    }
    request->r->status = HTTP_NO_CONTENT;
    return OK;
}

int smv_respond(smv_request_t *request, const smv_answer_t *answer)
{
    request_rec *r = request->r;

    request->look = answer->look;
    if (!answer->view) {
        return respond_without_view(request, answer);
    }
    if (answer->location) {
        apr_table_setn(r->headers_out, "Location",
                       apr_pstrcat(r->pool, request->call.base, "/api/v1", answer->location, NULL));
    }
    if (answer->version && request->rendering == SMV_RENDER_API) {
        apr_table_setn(r->headers_out, "ETag", apr_psprintf(r->pool, "\"%" APR_INT64_T_FMT "\"", answer->version));
        if (r->method_number == M_GET && ap_meets_conditions(r) != OK) {
            smv_request_release(request);
            return HTTP_NOT_MODIFIED;
        }
    }
    return respond_view(request, answer);
}

#define MODULE_WARNING apr_time_from_sec((apr_time_t)60 * 86400)

/* Staff hear in time that customers will be told to go away. */
static void add_module_notice(const smv_call_t *call, const smv_record_t *page)
{
    apr_time_t until = call->principal->module_until;
    const char *notice;

    if (smv_policy_is_customer_only(call->principal) || until == 0 || until > call->now + MODULE_WARNING) {
        return;
    }
    notice =
        until == SMV_MODULE_NOT_BOOKED ? "Das Modul Kundenportal ist nicht gebucht. Kunden können sich nicht anmelden."
        : until <= call->now ? "Das Modul Kundenportal ist abgelaufen. Kunden können sich nicht mehr anmelden. "
                               "Ende war:"
                             : "Das Modul Kundenportal läuft bald ab. Danach können sich Kunden nicht mehr anmelden. "
                               "Ende:";
    page->values[SMV_PAGE_MODULE_NOTICE] = smv_text(notice);
    if (until > 0) {
        page->values[SMV_PAGE_MODULE_UNTIL] = smv_number(apr_time_sec(until));
    }
}

static smv_value_t link_of(const smv_value_t *value)
{
    return value->is_present && smv_is_link(value->as.text) ? *value : (smv_value_t){.number = 0};
}

static void add_look(const smv_record_t *page, smv_look_t look)
{
    page->values[SMV_PAGE_LOGO_HREF] = smv_text(look.logo_href);
    page->values[SMV_PAGE_THEME_HREF] = smv_text(look.theme_href);
    if (look.firm) {
        page->values[SMV_PAGE_FIRM_NAME] = look.firm->values[SMV_FIRM_NAME];
        page->values[SMV_PAGE_IMPRINT_HREF] = link_of(&look.firm->values[SMV_FIRM_IMPRINT_URL]);
        page->values[SMV_PAGE_PRIVACY_HREF] = link_of(&look.firm->values[SMV_FIRM_PRIVACY_URL]);
    }
}

static const smv_record_t *page_frame(const smv_request_t *request, const char *title)
{
    const smv_call_t *call = &request->call;
    smv_record_t *page = smv_record_make(&smv_shape_page, call->pool);
    const smv_record_t *firm = NULL;

    page->values[SMV_PAGE_TITLE] = smv_text(title);
    page->values[SMV_PAGE_LANGUAGE] = smv_text(smv_language_tags[call->language]);
    page->values[SMV_PAGE_BASE] = smv_text(call->base);
    if (!request->look && call->store) {
        call->store->firm(call->store, &firm, call->tenant, call->pool);
    }
    add_look(page, request->look ? *request->look : smv_look_of(call, firm));
    if (call->principal) {
        page->values[SMV_PAGE_USER_NAME] = smv_text(call->principal->name);
        page->values[SMV_PAGE_IS_SIGNED_IN] = smv_number(1);
        page->values[SMV_PAGE_MENU] = smv_nested_list(smv_menu(call, SMV_MENU_TOP));
        page->values[SMV_PAGE_ADMIN_MENU] = smv_nested_list(smv_menu(call, SMV_MENU_ADMIN));
        page->values[SMV_PAGE_IS_READ_ONLY] = smv_number(call->principal->is_remembered);
        add_module_notice(call, page);
    }
    if (call->principal && call->principal->viewing) {
        page->values[SMV_PAGE_VIEW_AS] = smv_text(call->principal->viewing->name);
    }
    if (request->has_session) {
        page->values[SMV_PAGE_CSRF_TOKEN] = smv_text(request->session.csrf_token);
    }
    return page;
}

int smv_respond_page(smv_request_t *request, const char *page, const smv_record_t *view, int status)
{
    int is_error = strcmp(page, "error") == 0;
    const char *title = is_error ? "Fehler" : request->call.route->title;
    smv_buffer_t buffer;
    const smv_error_t *error;

    smv_buffer_init(&buffer, FIRST_CAPACITY, MAX_ANSWER, request->call.pool);
    error = smv_template_run(request->config->templates, page, request->call.language, page_frame(request, title), view,
                             &buffer, request->call.pool);
    if (error && !is_error) {
        return smv_respond_error(request, error);
    }
    if (error) { /* not even that page: httpd's own */
        smv_log_error(request, error);
        return error->http_status;
    }
    apr_table_mergen(request->r->headers_out, "Vary", "Accept-Language, Cookie");
    apr_table_setn(request->r->err_headers_out, "Content-Language", smv_language_tags[request->call.language]);
    return send_buffer(request, "text/html; charset=utf-8", &buffer, status);
}

void smv_log_error(const smv_request_t *request, const smv_error_t *error)
{
    ap_log_rerror(APLOG_MARK, error->http_status >= 500 ? APLOG_ERR : APLOG_INFO, 0, request->r, "SMV0%d: %s",
                  error->code, error->detail);
}

int smv_redirect(smv_request_t *request, const char *location, int status)
{
    apr_table_setn(request->r->headers_out, "Location", location);
    request->r->status = status;
    ap_set_content_length(request->r, 0);
    return OK;
}

static int redirect_to_login(smv_request_t *request)
{
    const smv_call_t *call = &request->call;
    smv_buffer_t location;

    smv_buffer_init(&location, 256, 16384, call->pool);
    smv_buffer_puts(&location, call->base);
    smv_buffer_puts(&location, "/login");
    if (call->route->method == SMV_METHOD_GET && strcmp(call->route->pattern, "/") != 0) {
        smv_buffer_puts(&location, "?next=");
        smv_buffer_url(&location, request->r->uri, strlen(request->r->uri));
    }
    smv_buffer_write(&location, "", 1);
    return smv_redirect(request, location.data, HTTP_SEE_OTHER);
}

/* RFC 9110, 10.2.1: what this path answers, for an answer 405. */
static const char *allowed_methods(const smv_request_t *request)
{
    const char *names = "";

    if (!request->call.route && strncmp(request->path, "/assets/", 8) == 0) {
        return "GET, HEAD";
    }
    for (int method = 0; method < SMV_METHOD_COUNT; method++) {
        const smv_route_t *route;
        smv_named_t named;

        if (!smv_route_find(&route, &named, (smv_method_e)method, request->path, request->rendering,
                            request->call.pool)) {
            names = apr_pstrcat(request->call.pool, names, *names ? ", " : "", smv_method_names[method],
                                method == SMV_METHOD_GET ? ", HEAD" : "", NULL);
        }
    }
    return names;
}

static int respond_problem(smv_request_t *request, const smv_error_t *error)
{
    smv_buffer_t buffer;

    if (error->http_status == HTTP_UNAUTHORIZED) {
        apr_table_setn(request->r->err_headers_out, "WWW-Authenticate",
                       "Basic realm=\"SMV Kundenportal\", charset=\"UTF-8\"");
    }
    smv_buffer_init(&buffer, 512, MAX_PROBLEM, request->call.pool);
    smv_json_problem(&buffer, error);
    return send_buffer(request, "application/problem+json", &buffer, error->http_status);
}

void smv_prepare_error(smv_request_t *request, const smv_error_t *error)
{
    smv_log_error(request, error);
    if (error->http_status == HTTP_SERVICE_UNAVAILABLE) {
        apr_table_setn(request->r->err_headers_out, "Retry-After", "10");
    }
    if (error->code == SMV_ERROR_DATABASE_BUSY || error->code == SMV_ERROR_DATABASE_AWAY ||
        error->code == SMV_ERROR_DATABASE_DATA) {
        smv_request_release(request);
        request->call.store = NULL;
    }
}

int smv_respond_error(smv_request_t *request, const smv_error_t *error)
{
    smv_record_t *view;

    smv_prepare_error(request, error);
    if (error->code == SMV_ERROR_METHOD) {
        apr_table_setn(request->r->err_headers_out, "Allow", allowed_methods(request));
    }
    if (request->rendering == SMV_RENDER_API) {
        return respond_problem(request, error);
    }
    if (error->code == SMV_ERROR_SIGN_IN_NEEDED && request->call.route) {
        return redirect_to_login(request);
    }
    view = smv_record_make(&smv_shape_problem_view, request->call.pool);
    smv_set(view, "status", smv_number(error->http_status));
    smv_set(view, "title", smv_text(error->public_text));
    smv_set(view, "code", smv_text(apr_psprintf(request->call.pool, "SMV0%d", error->code)));
    if (error->code == SMV_ERROR_DENIED && request->call.principal) {
        smv_set(view, "rights_href", smv_text(apr_pstrcat(request->call.pool, request->call.base, "/rights", NULL)));
    }
    return smv_respond_page(request, "error", view, error->http_status);
}
