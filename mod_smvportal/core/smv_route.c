/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_record.h"
#include "smv_route.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* 18 digits always fit an apr_int64_t */
#define MAX_ID_DIGITS 18
#define MAX_DETAIL (1U << 18) /* bytes of what a list showed */
#define MAX_LOGIN 128         /* bytes of what somebody typed */

static const char *read_id(const char *path, apr_int64_t *id)
{
    size_t digits = strspn(path, "0123456789");

    if (digits == 0 || digits > MAX_ID_DIGITS || path[0] == '0') {
        return NULL;
    }
    *id = strtoll(path, NULL, 10);
    return path + digits;
}

const char *const smv_method_names[SMV_METHOD_COUNT] = {"GET", "POST", "PATCH", "DELETE"};

const char *const smv_access_names[SMV_ACCESS_COUNT] = {
    [SMV_ACCESS_PUBLIC] = "public", [SMV_ACCESS_SIGNED_IN] = "signed_in", [SMV_ACCESS_RIGHT] = "right"};
const char *const smv_subject_names[SMV_SUBJECT_COUNT] = {"none",     "range",    "staff",   "firm", "customer",
                                                          "contract", "document", "deleted", "row"};
const char *const smv_csrf_names[SMV_CSRF_COUNT] = {
    [SMV_CSRF_SAFE] = "safe", [SMV_CSRF_ORIGIN] = "origin", [SMV_CSRF_TOKEN] = "token"};

static const char *read_name(const char *path, const char **name, apr_pool_t *pool)
{
    size_t size = strcspn(path, "/");

    if (size == 0 || size > SMV_MAX_PATH_NAME || !smv_is_utf8(path, size)) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)path[i] < ' ' || path[i] == 0x7f) {
            return NULL;
        }
    }
    *name = apr_pstrmemdup(pool, path, size);
    return path + size;
}

static int is_number(const char *parameter)
{
    return strncmp(parameter, "{id}", 4) == 0 || strncmp(parameter, "{number}", 8) == 0;
}

/* @return the rest of path behind what pattern matches, NULL where it does not match */
static const char *match(const char *pattern, const char *path, smv_named_t *named, apr_pool_t *pool)
{
    while (*pattern && path) {
        if (*pattern == '{') {
            path = is_number(pattern) ? read_id(path, &named->id) : read_name(path, &named->name, pool);
            pattern += strcspn(pattern, "}") + 1;
        } else if (*pattern++ != *path++) {
            return NULL;
        }
    }
    return path;
}

/* What is left of the path of a request that means this route. */
static const char *rest_of(const smv_route_t *route, int rendering)
{
    return route->method == SMV_METHOD_DELETE && rendering == SMV_RENDER_PAGE ? "/delete" : "";
}

static int takes_method(const smv_route_t *route, smv_method_e method, int rendering)
{
    int is_form = rendering == SMV_RENDER_PAGE && route->method != SMV_METHOD_GET;

    return method == (is_form ? SMV_METHOD_POST : route->method);
}

const smv_error_t *smv_route_find(const smv_route_t **route, smv_named_t *named, smv_method_e method, const char *path,
                                  int rendering, apr_pool_t *pool)
{
    int is_known_path = 0;

    for (int i = 0; i < smv_route_count; i++) {
        smv_named_t found = {0, NULL};
        const char *rest =
            smv_routes[i].renderings & rendering ? match(smv_routes[i].pattern, path, &found, pool) : NULL;

        if (rest && strcmp(rest, rest_of(&smv_routes[i], rendering)) == 0) {
            if (takes_method(&smv_routes[i], method, rendering)) {
                *route = &smv_routes[i];
                *named = found;
                return NULL;
            }
            is_known_path = 1;
        }
    }
    return smv_error(pool, is_known_path ? SMV_ERROR_METHOD : SMV_ERROR_NOT_FOUND, "no route for %.200s", path);
}

const smv_route_t *smv_route_named(const char *name)
{
    for (int i = 0; i < smv_route_count; i++) {
        if (strcmp(smv_routes[i].name, name) == 0) {
            return &smv_routes[i];
        }
    }
    return NULL;
}

const smv_shape_t *smv_route_body(const smv_route_t *route)
{
    int has_row = route->resource && (route->method == SMV_METHOD_POST || route->method == SMV_METHOD_PATCH);

    return has_row ? route->resource->shape : route->body;
}

/* A path names the one whom it is about, and nobody else; other routes of staff may be about a row of the firm's own.
 */
static int names_its_subject(const smv_route_t *route)
{
    int has_number = strstr(route->pattern, "{number}") || strstr(route->pattern, "{id}");

    return route->subject == SMV_SUBJECT_STAFF || route->subject == SMV_SUBJECT_FIRM ||
           has_number == (route->subject >= SMV_SUBJECT_CUSTOMER);
}

static const char *fault_of_rendering(const smv_route_t *route)
{
    if (!names_its_subject(route)) {
        return "has a subject that its path does not name, or a path that names nobody";
    }
    if (route->body && (route->resource || route->method == SMV_METHOD_GET)) {
        return "has a body of its own beside that of a resource, or is only read";
    }
    if (route->action && !(route->renderings & SMV_RENDER_FILE)) {
        if (!route->view) {
            return "has an action without a view";
        }
        if ((route->renderings & SMV_RENDER_PAGE) && !route->page) {
            return "has a page without a template";
        }
    }
    if (route->api_field && (!route->view || smv_shape_field(route->view, route->api_field) < 0)) {
        return "answers the API with a field that its view does not have";
    }
    if ((route->subject == SMV_SUBJECT_ROW) && !route->resource) {
        return "is about a row of no resource";
    }
    if (route->hidden_by & ~smv_rights_of_kind(SMV_KIND_HIDE)) {
        return "is hidden by a right that hides nothing";
    }
    if (route->menu != SMV_MENU_NONE && (!route->title || !(route->renderings & SMV_RENDER_PAGE))) {
        return "is in the menu without a title or a page";
    }
    return NULL;
}

static const char *fault_of(const smv_route_t *route)
{
    int needs_right = route->access == SMV_ACCESS_RIGHT;

    if (route->access < SMV_ACCESS_PUBLIC || route->access >= SMV_ACCESS_COUNT) {
        return "has no access class";
    }
    if (needs_right != (route->right > SMV_RIGHT_NONE && route->right < SMV_RIGHT_COUNT)) {
        return needs_right ? "needs a right and names none" : "names a right that nothing checks";
    }
    if (needs_right != (route->subject != SMV_SUBJECT_NONE)) {
        return "has a right without a subject, or a subject without a right";
    }
    if (route->csrf < SMV_CSRF_SAFE || route->csrf >= SMV_CSRF_COUNT ||
        (route->method != SMV_METHOD_GET && route->csrf == SMV_CSRF_SAFE)) {
        return "has no CSRF class for its method";
    }
    if (!route->renderings || !route->pattern || route->pattern[0] != '/') {
        return "has no rendering or no path";
    }
    if (needs_right && !route->action) {
        return "has no action";
    }
    return fault_of_rendering(route);
}

const smv_error_t *smv_routes_check(const smv_route_t *routes, int count, apr_pool_t *pool)
{
    for (int i = 0; i < count; i++) {
        const char *fault = fault_of(&routes[i]);

        if (fault) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "route %s %s",
                             routes[i].name ? routes[i].name : "without a name", fault);
        }
    }
    return NULL;
}

const smv_error_t *smv_route_locate(const smv_call_t *call, smv_subject_t *subject)
{
    smv_store_t *store = call->store;

    switch (call->route->subject) {
    case SMV_SUBJECT_CUSTOMER:
        if (smv_policy_is_customer_only(call->principal)) {
            *subject = (smv_subject_t){call->id, 0};
            return NULL;
        }
        return store->locate_customer(store, subject, call->tenant, call->id, call->pool);
    case SMV_SUBJECT_CONTRACT:
        return store->locate_contract(store, subject, call->tenant, call->id, call->pool);
    case SMV_SUBJECT_DOCUMENT:
        return store->locate_document(store, subject, call->tenant, call->id, call->pool);
    case SMV_SUBJECT_DELETED:
        return store->locate_deleted(store, subject, call->tenant, call->id, call->pool);
    case SMV_SUBJECT_ROW:
        return store->locate_row(store, subject, call->route->resource, call->tenant, call->id, call->pool);
    case SMV_SUBJECT_NONE:
    case SMV_SUBJECT_RANGE:
    case SMV_SUBJECT_STAFF:
    case SMV_SUBJECT_FIRM:
    case SMV_SUBJECT_COUNT:
        break;
    }
    return smv_error(call->pool, SMV_ERROR_INTERNAL, "route %s has no subject to locate", call->route->name);
}

/* A subject out of scope is not kept: the menu of the answer 404 would tell that it exists. */
static const smv_error_t *permit_for_one(smv_call_t *call)
{
    smv_subject_t subject = {0, 0};
    const smv_error_t *error = smv_route_locate(call, &subject);

    if (!error) {
        error = smv_policy_customer(&call->permit, call->principal, call->route->right, &subject, call->pool);
    }
    if (!error || error->code == SMV_ERROR_DENIED) {
        call->subject = subject;
    }
    return error;
}

/* What a hide right takes away is gone for whoever asks. */
static const smv_error_t *check_hidden(const smv_call_t *call)
{
    smv_rightset_t hiding = call->permit->rights & call->route->hidden_by;

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (SMV_HAS_RIGHT(hiding, right)) {
            return smv_error(call->pool, SMV_ERROR_DENIED, "%s hides it from %s (%s, attribute %s of a role)",
                             smv_rights[right].id, call->principal->login, smv_rights[right].label,
                             smv_rights[right].attribute);
        }
    }
    return NULL;
}

static const smv_error_t *permit_for_subject(smv_call_t *call)
{
    smv_subject_e subject = call->route->subject;

    switch (subject) {
    case SMV_SUBJECT_RANGE:
    case SMV_SUBJECT_STAFF:
        return smv_policy_range(&call->permit, call->principal, call->route->right, subject == SMV_SUBJECT_STAFF,
                                call->pool);
    case SMV_SUBJECT_FIRM:
        return smv_policy_firm(&call->permit, call->principal, call->route->right, call->pool);
    default:
        return permit_for_one(call);
    }
}

static const smv_error_t *permit_by_right(smv_call_t *call)
{
    const smv_error_t *error = permit_for_subject(call);

    return error ? error : check_hidden(call);
}

/* Whatever is sent, but to leave. */
static int changes_something(const smv_route_t *route)
{
    return !route->in_view && route->method != SMV_METHOD_GET;
}

/* The page of a form needs the right to change. */
static int changes_data(const smv_route_t *route)
{
    smv_rightset_t to_change = smv_rights_of_kind(SMV_KIND_ALLOW) & ~smv_rights_to_see();

    return changes_something(route) ||
           (!route->in_view && route->access == SMV_ACCESS_RIGHT && SMV_HAS_RIGHT(to_change, route->right));
}

const smv_error_t *smv_route_permit(smv_call_t *call)
{
    if (call->route->access == SMV_ACCESS_PUBLIC) {
        return NULL;
    }
    if (!call->principal) {
        return smv_error(call->pool, SMV_ERROR_SIGN_IN_NEEDED, "route %s needs a sign-in", call->route->name);
    }
    if (call->principal->tenant != call->tenant) {
        return smv_error(call->pool, SMV_ERROR_NOT_FOUND, "%s belongs to another tenant", call->principal->login);
    }
    if (call->principal->viewing && changes_data(call->route)) {
        return smv_error(call->pool, SMV_ERROR_READ_ONLY, "route %s in the view of %s as %s", call->route->name,
                         call->principal->login, call->principal->viewing->dn);
    }
    if (call->principal->is_remembered && changes_something(call->route)) {
        return smv_error_saying(call->pool, SMV_ERROR_DIRECTORY_AWAY,
                                "Änderungen sind zurzeit nicht möglich. Bitte versuchen Sie es später noch einmal.",
                                "route %s for %s, whose rights are remembered", call->route->name,
                                call->principal->login);
    }
    return call->route->access == SMV_ACCESS_SIGNED_IN ? NULL : permit_by_right(call);
}

int smv_is_own(const smv_call_t *call, apr_int64_t customer)
{
    return !call->principal->viewing && smv_numbers_have(&call->principal->customers, customer);
}

static const char *channel_of(const smv_call_t *call)
{
    return call->rendering == SMV_RENDER_API ? "api" : "page";
}

smv_actor_t smv_actor_of(const smv_call_t *call)
{
    return (smv_actor_t){.login = call->principal->login,
                         .name = call->principal->name,
                         .address = call->address,
                         .channel = channel_of(call),
                         .is_staff = !smv_is_own(call, call->subject.customer),
                         .now = call->now};
}

const smv_error_t *smv_call_note(const smv_call_t *call, const smv_event_t *event)
{
    smv_actor_t actor = smv_actor_of(call);

    return call->store->note(call->store, event, call->tenant, &actor, call->pool);
}

/* What was typed, as far as a log can have it: people type passwords into the wrong field, but not such long ones. */
static const char *shown_login(const char *login, apr_pool_t *pool)
{
    const smv_sent_t sent = {.text = login ? login : "", .size = login ? strlen(login) : 0};

    return smv_form_shown(&sent, MAX_LOGIN, pool);
}

const smv_error_t *smv_call_note_refused(const smv_call_t *call, const char *login, const smv_error_t *refused,
                                         int left_out)
{
    const char *more = left_out ? apr_psprintf(call->pool, ",\"left_out\":%d", left_out) : "";
    const smv_event_t event = {.kind = SMV_EVENT_SIGN_IN_REFUSED,
                               .subject = "session",
                               .detail = apr_psprintf(call->pool, "{\"code\":\"SMV0%d\"%s}", (int)refused->code, more)};
    const smv_actor_t actor = {.login = shown_login(login, call->pool),
                               .name = "",
                               .address = call->address,
                               .channel = channel_of(call),
                               .now = call->now};

    return call->store->note(call->store, &event, call->tenant, &actor, call->pool);
}

const char *smv_refused_detail(const smv_error_t *error, apr_pool_t *pool)
{
    return apr_psprintf(pool, "{\"refused\":\"SMV0%d\"}", (int)error->code);
}

/* A blind form has nothing of its row. Of changes only a page shows one again: where they could not be done. */
static int shows_data(const smv_call_t *call, const smv_answer_t *answer)
{
    const smv_route_t *route = call->route;

    if (route->resource && !SMV_HAS_RIGHT(call->permit->rights, route->resource->view)) {
        return 0;
    }
    return route->method == SMV_METHOD_GET || (call->rendering == SMV_RENDER_PAGE && answer->view);
}

/* Whatever is read in the view as a customer, that customer can see in their log. */
static const smv_error_t *log_view(const smv_call_t *call)
{
    apr_int64_t customer = call->subject.customer ? call->subject.customer : call->principal->viewing->customer;

    return smv_call_note(call, &(smv_event_t){.kind = SMV_EVENT_READ,
                                              .subject = call->route->name,
                                              .object = call->principal->viewing->dn,
                                              .customer = customer,
                                              .row = call->id,
                                              .detail = "{\"view_as\":true}"});
}

/* Whether the reading is to be noted: of lists, where nobody is named, all readers count but customers. */
static int is_noted(const smv_call_t *call)
{
    int is_own = call->subject.customer ? smv_is_own(call, call->subject.customer)
                                        : smv_policy_is_customer_only(call->principal);

    return call->route->log == SMV_LOG_EVERYBODY || (call->route->log == SMV_LOG_STAFF && !is_own);
}

/* The field of a list's records that names a customer; -1 for none. */
static int customer_field(const smv_shape_t *shape)
{
    int index = shape->count - 1;

    while (index >= 0 && !shape->fields[index].is_customer) {
        index--;
    }
    return index;
}

/* Add the customers of a list, each once. */
static void add_customers(apr_array_header_t *customers, const smv_list_t *list)
{
    int field = customer_field(list->shape);

    for (int i = 0; field >= 0 && i < list->count; i++) {
        const smv_value_t *value = &list->records[i].values[field];
        const smv_numbers_t known = {(const apr_int64_t *)customers->elts, customers->nelts};

        if (value->is_present && !smv_numbers_have(&known, value->number)) {
            APR_ARRAY_PUSH(customers, apr_int64_t) = value->number;
        }
    }
}

/* Whom a list of several customers shows. */
static smv_numbers_t shown_in(const smv_record_t *view, apr_pool_t *pool)
{
    apr_array_header_t *customers = apr_array_make(pool, 50, sizeof(apr_int64_t));

    for (int i = 0; view && i < view->shape->count; i++) {
        if (view->shape->fields[i].type == SMV_TYPE_LIST && view->values[i].is_present) {
            add_customers(customers, view->values[i].as.list);
        }
    }
    return (smv_numbers_t){(const apr_int64_t *)customers->elts, customers->nelts};
}

/* Of such a list: what was asked, and whom the answer shows. */
static const char *detail_of(const smv_call_t *call, const smv_numbers_t *shown)
{
    smv_buffer_t json;

    smv_buffer_init(&json, 256, MAX_DETAIL, call->pool);
    smv_buffer_puts(&json, "{\"query\":");
    smv_buffer_json(&json, call->query ? call->query : "", call->query ? strlen(call->query) : 0);
    smv_buffer_puts(&json, ",\"customers\":[");
    for (int i = 0; i < shown->count; i++) {
        smv_buffer_puts(&json, i ? ",\"" : "\"");
        smv_buffer_number(&json, shown->at[i]);
        smv_buffer_puts(&json, "\"");
    }
    smv_buffer_puts(&json, "]}");
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? NULL : json.data;
}

const smv_error_t *smv_route_log(const smv_call_t *call, const smv_answer_t *answer)
{
    smv_event_t event = {
        .kind = SMV_EVENT_READ, .subject = call->route->name, .customer = call->subject.customer, .row = call->id};

    if (!call->principal) { /* what is public has nothing of a customer */
        return NULL;
    }
    if (call->principal->viewing) {
        return log_view(call);
    }
    if (!is_noted(call) || !shows_data(call, answer)) {
        return NULL;
    }
    if (!event.customer) {
        event.shown = shown_in(answer->view, call->pool);
        event.detail = detail_of(call, &event.shown);
    }
    return smv_call_note(call, &event);
}
