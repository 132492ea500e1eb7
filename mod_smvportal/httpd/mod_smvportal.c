/* SPDX-License-Identifier: Apache-2.0
 *
 * The module: which hooks of httpd lead to what.
 */
#include "smv_request.h"
#include "smv_sso.h"

#include <ap_config.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#define API_PATH "/api/v1"
#define ASSETS_PATH "/assets/"

/* @return the rest of path behind prefix, NULL where path is not prefix or something below it */
static const char *below(const char *path, const char *prefix)
{
    size_t size = strlen(prefix);

    return strncmp(path, prefix, size) == 0 && (path[size] == '/' || path[size] == '\0') ? path + size : NULL;
}

/* The portal's URLs are no files: without this httpd looks for them, and for .htaccess files, on disk. */
static int claim(request_rec *r)
{
    smv_config_t *config = smv_config_of(r->server);
    const char *path, *api;
    smv_request_t *request;

    if (config->is_enabled != 1 || !(path = below(r->uri, config->base))) {
        return DECLINED;
    }
    request = smv_request_of(r);
    api = below(path, API_PATH);
    request->rendering = request->call.rendering = api ? SMV_RENDER_API : SMV_RENDER_PAGE;
    request->path = api ? api : path;
    r->filename = apr_pstrcat(r->pool, "smvportal:", r->uri, NULL);
    return OK;
}

static smv_request_t *claimed(request_rec *r)
{
    smv_request_t *request = ap_get_module_config(r->request_config, &smvportal_module);

    return request && request->path ? request : NULL;
}

static int skip_storage(request_rec *r)
{
    return claimed(r) ? OK : DECLINED;
}

static int answer_without_action(smv_request_t *request)
{
    const smv_route_t *route = request->call.route;

    if (strcmp(route->name, "login") == 0) {
        return smv_login_page(request);
    }
    if (strcmp(route->name, "sign_in") == 0) {
        return smv_sign_in(request);
    }
    if (strcmp(route->name, "sign_out") == 0) {
        return smv_sign_out(request);
    }
    if (strcmp(route->name, "end_view") == 0) {
        return smv_end_view(request);
    }
    if (strcmp(route->name, "sso") == 0) {
        return smv_sso_sign_in(request);
    }
    return smv_respond_bytes(request, "application/json", request->config->openapi, strlen(request->config->openapi));
}

static int has_fields(const smv_request_t *request)
{
    const smv_route_t *route = request->call.route;

    return smv_route_body(route) || route->takes_files ||
           (request->rendering == SMV_RENDER_PAGE && (route->method == SMV_METHOD_DELETE || route->is_versioned));
}

/* What changes something comes from a page of this portal; its fields are read once it is clear that they may come. */
static const smv_error_t *prepare(smv_request_t *request)
{
    smv_call_t *call = &request->call;
    const smv_error_t *error = NULL;
    smv_form_t *form;

    if (call->route->access != SMV_ACCESS_PUBLIC) {
        error = smv_request_identify(request, request->rendering == SMV_RENDER_API);
    }
    if (!error && !call->route->in_view) {
        error = request->closed;
    }
    if (!error && call->route->csrf != SMV_CSRF_SAFE) {
        error = smv_check_origin(request);
    }
    if (error || (error = smv_route_permit(call)) || !has_fields(request)) {
        return error;
    }
    smv_request_release(request); /* a slow client must not use up the database connections */
    if (call->route->takes_files) {
        return smv_read_upload(request);
    }
    error = smv_read_body(request, &form);
    call->form = form;
    return error;
}

/* Who guesses passwords is noted, and waits. */
static void hold_back(smv_request_t *request, const char *login, const smv_error_t *refused, apr_time_t begun)
{
    smv_request_release(request);
    if (refused->code == SMV_ERROR_CREDENTIALS) {
        smv_note_refusal(request, login, refused);
    }
    smv_request_wait_to_refuse(request, begun);
}

static int is_held_back(const smv_error_t *error)
{
    return error->code == SMV_ERROR_ACCESS_CODE || error->code == SMV_ERROR_CREDENTIALS;
}

static int run_route(smv_request_t *request)
{
    smv_call_t *call = &request->call;
    smv_answer_t answer = {.view = NULL};
    apr_time_t begun = apr_time_now();
    const smv_error_t *error = prepare(request);

    if (error) {
        return smv_respond_error(request, error);
    }
    if (!call->route->action) {
        return answer_without_action(request);
    }
    if ((error = call->route->action(call, &answer)) || (error = smv_route_log(call, &answer))) {
        if (is_held_back(error)) {
            hold_back(request, smv_form_text(call->form, "username"), error, begun);
        }
        return smv_respond_error(request, error);
    }
    if (answer.refused) {
        hold_back(request, call->principal->login, answer.refused, begun);
    }
    return answer.file     ? smv_send_file(request, &answer)
           : answer.bundle ? smv_send_bundle(request, answer.bundle)
           : answer.style  ? smv_send_style(request, &answer)
                           : smv_respond(request, &answer);
}

static int find_method(const request_rec *r, smv_method_e *method)
{
    static const int numbers[SMV_METHOD_COUNT] = {M_GET, M_POST, M_PATCH, M_DELETE};

    for (int i = 0; i < SMV_METHOD_COUNT; i++) {
        if (r->method_number == numbers[i]) {
            *method = (smv_method_e)i;
            return 1;
        }
    }
    return 0;
}

static int handle(request_rec *r)
{
    smv_request_t *request = claimed(r);
    smv_method_e method;
    smv_named_t named;
    int is_asset;
    const smv_error_t *error, *away;

    if (!request) {
        return DECLINED;
    }
    request->is_handled = 1;
    smv_set_headers(request);
    is_asset = request->rendering == SMV_RENDER_PAGE && strncmp(request->path, ASSETS_PATH, strlen(ASSETS_PATH)) == 0;
    if (!find_method(r, &method) || (is_asset && method != SMV_METHOD_GET)) {
        return smv_respond_error(request, smv_error(r->pool, SMV_ERROR_METHOD, "method %s", r->method));
    }
    if (request->rendering == SMV_RENDER_PAGE && !*request->path) {
        return smv_redirect(request, apr_pstrcat(r->pool, request->config->base, "/", NULL), HTTP_MOVED_PERMANENTLY);
    }
    if (is_asset) {
        return smv_send_asset(request, request->path + strlen(ASSETS_PATH));
    }
    away = smv_request_open(request); /* before the route is known, so that every page can name the firm */
    error = smv_route_find(&request->call.route, &named, method, request->path, request->rendering, r->pool);
    if (!error) {
        request->call.id = named.id;
        request->call.name = named.name;
        error = away;
    }
    if (error && !away) { /* a page that there is not is one of the person's pages nevertheless */
        smv_request_identify(request, 0);
    }
    return error ? smv_respond_error(request, error) : run_route(request);
}

/* An answer that httpd makes itself, as 416, has the portal's headers and none that were meant for the file. */
static void head_error(request_rec *r)
{
    smv_request_t *request = claimed(r);

    if (!request) {
        return;
    }
    smv_set_headers(request);
    if (r->status == HTTP_RANGE_NOT_SATISFIABLE) { /* RFC 9110, 15.5.17 */
        apr_table_setn(r->err_headers_out, "Content-Range",
                       apr_psprintf(r->pool, "bytes */%" APR_OFF_T_FMT, request->file_size));
    }
}

static void register_hooks(apr_pool_t *pool)
{
    ap_hook_check_config(smv_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(smv_config_dump, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(smv_watch_init, NULL, NULL, APR_HOOK_MIDDLE);
    /* Before mod_watchdog starts its threads. */
    ap_hook_child_init(smv_child_init, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_child_init(smv_watch_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_read_request(smv_sso_strip, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(claim, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(skip_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_insert_error_filter(head_error, NULL, NULL, APR_HOOK_MIDDLE);
    smv_authn_register(pool);
    smv_authz_register(pool);
    smv_status_register(pool);
}

AP_DECLARE_MODULE(smvportal) = {
    STANDARD20_MODULE_STUFF, smv_sso_create, smv_sso_merge,  smv_config_create,
    smv_config_merge,        smv_directives, register_hooks, 0,
};
