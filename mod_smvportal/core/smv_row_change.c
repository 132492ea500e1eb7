/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, changing and deleting rows of any resource. Nothing of a row is told to who may not see it.
 */
#include "smv_input.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <stdlib.h>

static int may_see(const smv_call_t *call)
{
    return SMV_HAS_RIGHT(call->permit->rights, call->route->resource->view);
}

/* Which fields a customer has depends on what it is. Only the card itself asks for that. */
static const char *kind_of(const smv_call_t *call, const smv_record_t *row)
{
    return call->route->resource->id == SMV_RESOURCE_CUSTOMER && row ? row->values[SMV_CUSTOMER_KIND].as.text : NULL;
}

/* A form with what is wrong in it, or for the API the problems themselves. */
static const smv_error_t *answer_form(const smv_call_t *call, smv_answer_t *answer, const smv_form_state_t *state,
                                      int status)
{
    const smv_error_t *error = smv_form_page(call, &answer->view, state);

    answer->status = status;
    return error;
}

static const smv_error_t *refuse(const smv_call_t *call, smv_answer_t *answer, const smv_form_state_t *state)
{
    const smv_error_t *error = smv_error_invalid(state->problems, call->pool);

    return call->rendering == SMV_RENDER_API ? error : answer_form(call, answer, state, error->http_status);
}

/* What comes after a change: pages go on to the list (or start, for who may not see it), the API shows the row. */
static const smv_error_t *answer_done(const smv_call_t *call, smv_answer_t *answer, const smv_change_t *change)
{
    const smv_resource_t *resource = call->route->resource;
    const smv_record_t *record;
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_PAGE) {
        const char *rows = smv_rows_path(call, resource, call->subject.customer);

        answer->location = may_see(call) ? apr_psprintf(call->pool, "%s?done=%d", rows, (int)change->deed + 1) : "/";
        return NULL;
    }
    if (change->deed == SMV_DEED_DELETE || !may_see(call)) {
        return NULL;
    }
    error = call->store->row(call->store, &record, call->permit, resource, change->row, call->pool);
    if (!error) {
        smv_row_mask(record, call->pool); /* who wants it whole asks for its page, which is noted */
        answer->view = smv_row_page(call, record);
        answer->version = record->values[smv_resource_version_field(resource)].number;
        answer->status = change->deed == SMV_DEED_CREATE ? 201 : 200;
        answer->location = change->deed == SMV_DEED_CREATE ? smv_row_path(call, resource, change->row) : NULL;
    }
    return error;
}

static const smv_error_t *make(const smv_call_t *call, smv_change_t *change)
{
    smv_actor_t actor = smv_actor_of(call);

    return call->store->change(call->store, change, 1, call->permit, &actor, call->pool);
}

/* --- a new row --- */

const smv_error_t *smv_new_row(const smv_call_t *call, smv_answer_t *answer)
{
    smv_form_state_t state = {.row = NULL};

    return smv_form_page(call, &answer->view, &state);
}

const char *smv_submission_of(const smv_call_t *call)
{
    const char *name = call->rendering == SMV_RENDER_API ? call->submission : smv_form_text(call->form, "submission");

    return name && *name && strlen(name) <= 128 ? apr_pstrcat(call->pool, call->principal->login, ":", name, NULL)
                                                : NULL;
}

const smv_error_t *smv_create_row(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_resource_t *resource = call->route->resource;
    smv_reading_rules_t rules = {.shape = resource->shape, .check = resource->check, .now = call->now};
    smv_change_t change = {.resource = resource, .deed = SMV_DEED_CREATE, .submission = smv_submission_of(call)};
    smv_form_state_t state = {.form = call->form};
    smv_record_t *row;
    const smv_error_t *error;

    state.problems = smv_input_read(&row, &rules, call->form, call->pool);
    if (state.problems) {
        return refuse(call, answer, &state);
    }
    change.after = row;
    error = make(call, &change);
    return error ? error : answer_done(call, answer, &change);
}

/* --- a row that is there --- */

static const smv_error_t *find_row(const smv_call_t *call, const smv_record_t **row)
{
    return call->store->row(call->store, row, call->permit, call->route->resource, call->id, call->pool);
}

static apr_int64_t version_of(const smv_record_t *row, const smv_resource_t *resource)
{
    return row->values[smv_resource_version_field(resource)].number;
}

const smv_error_t *smv_edit_row(const smv_call_t *call, smv_answer_t *answer)
{
    smv_form_state_t state = {.is_blind = !may_see(call)};
    const smv_error_t *error = find_row(call, &state.row);

    if (error) {
        return error;
    }
    state.kind = kind_of(call, state.row);
    state.version = version_of(state.row, call->route->resource);
    return smv_form_page(call, &answer->view, &state);
}

/* RFC 9110, 13.1.1: one strong entity tag is what we give out. @return 0 for anything else */
static apr_int64_t version_in_tag(const char *tag)
{
    size_t digits = tag[0] == '"' ? strspn(tag + 1, "0123456789") : 0;

    return digits > 0 && digits <= 18 && strcmp(tag + 1 + digits, "\"") == 0 ? strtoll(tag + 1, NULL, 10) : 0;
}

const smv_error_t *smv_seen_version(const smv_call_t *call, apr_int64_t *version)
{
    const char *text = smv_form_text(call->form, "version");

    if (call->rendering == SMV_RENDER_PAGE) {
        *version =
            text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 18 ? strtoll(text, NULL, 10) : 0;
        return *version ? NULL : smv_error(call->pool, SMV_ERROR_BAD_REQUEST, "the form has no version");
    }
    if (!call->if_match) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION_NEEDED, "the request has no If-Match");
    }
    *version = version_in_tag(call->if_match);
    return NULL;
}

/* Somebody else was faster: both values are shown, and the person decides. */
static const smv_error_t *answer_conflict(const smv_call_t *call, smv_answer_t *answer)
{
    smv_form_state_t state = {.form = call->form, .is_blind = !may_see(call)};
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_API) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION, "%s %" APR_INT64_T_FMT " has another version",
                         call->route->resource->name, call->id);
    }
    error = find_row(call, &state.row);
    if (error) {
        return error;
    }
    state.theirs = state.row;
    state.kind = kind_of(call, state.row);
    state.version = version_of(state.row, call->route->resource);
    state.error = "Jemand anderes hat inzwischen etwas geändert.";
    return answer_form(call, answer, &state, 409);
}

/* Whether something was sent for the row: for a blind page empty fields are nothing. */
static int is_filled(const smv_call_t *call)
{
    const smv_shape_t *shape = call->route->resource->shape;

    for (int i = 0; i < shape->count; i++) {
        const smv_sent_t *sent = shape->fields[i].input ? smv_form_find(call->form, shape->fields[i].name) : NULL;

        if (sent && (sent->size > 0 || call->rendering == SMV_RENDER_API)) {
            return 1;
        }
    }
    return 0;
}

/* A row that stays as it was gets no new version. To who may not see it this would confirm a guess. */
static int is_to_be_written(const smv_call_t *call, const smv_record_t *row, const smv_record_t *made)
{
    return may_see(call) ? smv_change_differs(row, made) : is_filled(call);
}

static const smv_error_t *change_row(const smv_call_t *call, smv_answer_t *answer, smv_change_t *change,
                                     const smv_record_t *row)
{
    smv_reading_rules_t rules = {.shape = change->resource->shape,
                                 .check = change->resource->check,
                                 .row = row,
                                 .kind = kind_of(call, row),
                                 .is_blind = !may_see(call) && call->rendering == SMV_RENDER_PAGE,
                                 .now = call->now};
    smv_form_state_t state = {
        .row = row, .form = call->form, .kind = rules.kind, .version = change->version, .is_blind = !may_see(call)};
    smv_record_t *made;
    const smv_error_t *error;

    state.problems = smv_input_read(&made, &rules, call->form, call->pool);
    if (state.problems) {
        return refuse(call, answer, &state);
    }
    change->before = row;
    change->after = made;
    error = is_to_be_written(call, row, made) ? make(call, change) : NULL;
    return error ? error : answer_done(call, answer, change);
}

const smv_error_t *smv_change_row(const smv_call_t *call, smv_answer_t *answer)
{
    smv_change_t change = {.resource = call->route->resource, .deed = SMV_DEED_EDIT, .row = call->id};
    const smv_record_t *row;
    const smv_error_t *error;

    if ((error = smv_seen_version(call, &change.version)) || (error = find_row(call, &row))) {
        return error;
    }
    error = change.version == version_of(row, change.resource)
                ? change_row(call, answer, &change, row)
                : smv_error(call->pool, SMV_ERROR_CONFLICT, "another version was seen");
    return error && error->code == SMV_ERROR_CONFLICT ? answer_conflict(call, answer) : error;
}

/* A row that changed is shown again before it goes; who may not see it learns that it changed. */
static const smv_error_t *answer_kept(const smv_call_t *call, smv_answer_t *answer, const smv_error_t *conflict)
{
    const smv_record_t *row;
    const smv_error_t *error;
    smv_record_t *view;

    if (call->rendering == SMV_RENDER_API) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION, "%s", conflict->detail);
    }
    if (!may_see(call)) {
        return conflict;
    }
    error = find_row(call, &row);
    if (!error) {
        view = (smv_record_t *)smv_row_page(call, row);
        smv_set(view, "error",
                smv_text("Jemand anderes hat inzwischen etwas geändert. Bitte prüfen Sie, ob Sie den Eintrag noch "
                         "löschen wollen."));
        answer->view = view;
        answer->status = 409;
    }
    return error;
}

const smv_error_t *smv_delete_row(const smv_call_t *call, smv_answer_t *answer)
{
    smv_change_t change = {.resource = call->route->resource, .deed = SMV_DEED_DELETE, .row = call->id};
    const smv_error_t *error;

    if ((error = smv_seen_version(call, &change.version)) || (error = find_row(call, &change.before))) {
        return error;
    }
    error = change.version == version_of(change.before, change.resource)
                ? make(call, &change)
                : smv_error(call->pool, SMV_ERROR_CONFLICT, "another version was seen");
    if (error && error->code == SMV_ERROR_CONFLICT) {
        return answer_kept(call, answer, error);
    }
    return error ? error : answer_done(call, answer, &change);
}
