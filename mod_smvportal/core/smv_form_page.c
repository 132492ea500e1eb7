/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of any resource: its fields from the shape, filled with the row or with what was typed, problems beside
 * them.
 */
#include "smv_cell.h"
#include "smv_input.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_SHOWN 32768 /* bytes of what was typed */
#define RANDOM_SIZE 16
#define SUBMISSION_SIZE ((apr_size_t)2 * RANDOM_SIZE)

static const char *input_type(const smv_field_t *field)
{
    return field->type == SMV_TYPE_DATE ? "date" : field->input->rule ? field->input->rule->input_type : "text";
}

smv_list_t *smv_options_of(const smv_code_t *codes, const char *none, const char *chosen, apr_pool_t *pool)
{
    smv_list_t *options;
    int count = 0;

    while (codes[count].code) {
        count++;
    }
    options = smv_list_make(&smv_shape_option, count + (none != NULL), pool);
    if (none) {
        smv_set(&options->records[0], "label", smv_text(none));
    }
    for (int i = 0; i < count; i++) {
        const smv_record_t *option = &options->records[i + (none != NULL)];

        smv_set(option, "code", smv_text(codes[i].code));
        smv_set(option, "label", smv_text(codes[i].label));
        smv_set(option, "is_selected", smv_number(chosen && strcmp(chosen, codes[i].code) == 0));
    }
    return options;
}

static const char *value_of(const smv_form_state_t *state, int index, const smv_field_t *field, apr_pool_t *pool)
{
    const smv_sent_t *sent = smv_form_find(state->form, field->name);

    if (sent) {
        return smv_form_shown(sent, MAX_SHOWN, pool);
    }
    return state->row && !state->is_blind && state->row->values[index].is_present ? state->row->values[index].as.text
                                                                                  : NULL;
}

static int is_checked(const smv_form_state_t *state, int index, const smv_field_t *field)
{
    return state->form ? smv_form_find(state->form, field->name) != NULL
                       : state->row && state->row->values[index].number != 0 && field->type == SMV_TYPE_BOOLEAN;
}

static int is_as_theirs(const smv_form_state_t *state, int index, const char *value, const smv_value_t *theirs)
{
    const smv_field_t *field = &state->theirs->shape->fields[index];

    return field->type == SMV_TYPE_BOOLEAN ? is_checked(state, index, field) == (theirs->number != 0)
                                           : strcmp(value ? value : "", theirs->is_present ? theirs->as.text : "") == 0;
}

/* What somebody else has set meanwhile, where it is not what is in the form. */
static void set_theirs(const smv_record_t *filled, const smv_form_state_t *state, int index, const char *value,
                       apr_pool_t *pool)
{
    const smv_value_t *theirs = state->theirs ? &state->theirs->values[index] : NULL;
    smv_list_t *cells;

    if (!theirs || state->is_blind || is_as_theirs(state, index, value, theirs)) {
        return;
    }
    cells = smv_list_make(&smv_shape_cell, 1, pool);
    smv_cell_fill(&cells->records[0], &state->theirs->shape->fields[index], theirs, 0, pool);
    cells->records[0].values[SMV_CELL_IS_EMPTY] = smv_number(!theirs->is_present);
    smv_set(filled, "theirs", smv_nested_list(cells));
    smv_set(filled, "has_theirs", smv_number(1));
}

/* The ids of what belongs to a field: its hint, what is wrong with it, and what somebody else has set. */
static const char *described_by(const smv_record_t *filled, const char *name, apr_pool_t *pool)
{
    static const struct {
        const char *field, *prefix;
    } parts[] = {{"hint", "hint-"}, {"error", "wrong-"}, {"has_theirs", "theirs-"}};
    const char *ids = NULL;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (filled->values[smv_shape_field(filled->shape, parts[i].field)].is_present) {
            ids = apr_pstrcat(pool, ids ? ids : "", ids ? " " : "", parts[i].prefix, name, NULL);
        }
    }
    return ids;
}

static void fill_field(const smv_record_t *filled, const smv_form_state_t *state, int index, const smv_field_t *field,
                       apr_pool_t *pool)
{
    const smv_input_t *input = field->input;
    const smv_problem_t *problem = smv_problem_of(state->problems, field->name);
    const char *value = value_of(state, index, field, pool);
    const char *autocomplete = input->autocomplete ? input->autocomplete
                               : input->rule       ? input->rule->autocomplete
                                                   : NULL;

    smv_set(filled, "name", smv_text(field->name));
    smv_set(filled, "label", smv_text(field->label));
    smv_set(filled, "hint", smv_text(input->hint));
    smv_set(filled, "value", smv_text(value));
    smv_set(filled, "input_type", smv_text(input_type(field)));
    smv_set(filled, "autocomplete", smv_text(autocomplete ? autocomplete : "off"));
    smv_set(filled, "is_required", smv_number(input->is_required && !state->is_blind));
    if (input->maximum) {
        smv_set(filled, "maximum", smv_number(input->maximum));
    }
    if (problem) {
        smv_set(filled, "error", smv_text(problem->text));
        smv_set(filled, "limit", smv_number(problem->limit));
        smv_set(filled, "is_invalid", smv_text("true"));
    }
    smv_set(filled, "is_box", smv_number(field->type == SMV_TYPE_BOOLEAN));
    smv_set(filled, "is_long", smv_number(input->is_long));
    smv_set(filled, "is_rich", smv_number(field->type == SMV_TYPE_MARKUP));
    smv_set(filled, "is_line",
            smv_number(field->type != SMV_TYPE_BOOLEAN && field->type != SMV_TYPE_CODE && !input->is_long));
    smv_set(filled, "is_checked", smv_number(is_checked(state, index, field)));
    set_theirs(filled, state, index, value, pool);
    smv_set(filled, "described_by", smv_text(described_by(filled, field->name, pool)));
    if (field->type == SMV_TYPE_CODE) {
        smv_set(filled, "is_select", smv_number(1));
        smv_set(filled, "options", smv_nested_list(smv_options_of(field->codes, "Bitte wählen", value, pool)));
    }
}

smv_list_t *smv_form_fields(const smv_shape_t *shape, const smv_form_state_t *state, apr_pool_t *pool)
{
    smv_list_t *fields = smv_list_make(&smv_shape_form_field, shape->count, pool);

    fields->count = 0;
    for (int i = 0; i < shape->count; i++) {
        if (smv_input_takes(&shape->fields[i], state->kind)) {
            fill_field(&fields->records[fields->count++], state, i, &shape->fields[i], pool);
        }
    }
    return fields;
}

/* What a field is called that the form does not have: as it came, as far as that can be shown. */
static const char *shown_name(const char *name, apr_pool_t *pool)
{
    const smv_sent_t sent = {.text = name, .size = strlen(name)};

    return smv_form_shown(&sent, MAX_SHOWN, pool);
}

smv_list_t *smv_form_problems(const smv_shape_t *shape, const smv_problem_t *problems, apr_pool_t *pool)
{
    smv_list_t *lines;
    int count = 0;

    for (const smv_problem_t *problem = problems; problem; problem = problem->next) {
        count++;
    }
    lines = smv_list_make(&smv_shape_problem_line, count, pool);
    for (int i = 0; i < count; i++, problems = problems->next) {
        const smv_record_t *line = &lines->records[i];
        int index = smv_shape_field(shape, problems->field);

        if (index >= 0 && shape->fields[index].input) {
            smv_set(line, "name", smv_text(problems->field));
        }
        smv_set(line, "label",
                smv_text(index >= 0 && shape->fields[index].label ? shape->fields[index].label
                                                                  : shown_name(problems->field, pool)));
        smv_set(line, "text", smv_text(problems->text));
        smv_set(line, "limit", problems->limit ? smv_number(problems->limit) : (smv_value_t){.number = 0});
    }
    return lines;
}

const smv_error_t *smv_new_submission(const smv_call_t *call, const char **submission)
{
    unsigned char bytes[RANDOM_SIZE];
    char *text = apr_palloc(call->pool, SUBMISSION_SIZE + 1);

    if (call->crypto->random(bytes, sizeof bytes) != APR_SUCCESS) {
        return smv_error(call->pool, SMV_ERROR_INTERNAL, "no random bytes for a form");
    }
    for (int i = 0; i < RANDOM_SIZE; i++) {
        apr_snprintf(text + (apr_size_t)2 * (apr_size_t)i, 3, "%02x", bytes[i]);
    }
    *submission = text;
    return NULL;
}

/* A form that comes back keeps its name. */
static const smv_error_t *set_submission(const smv_call_t *call, const smv_record_t *view, const smv_form_t *form)
{
    const char *submission = smv_form_text(form, "submission");
    const smv_error_t *error = NULL;

    if (!submission || strlen(submission) != SUBMISSION_SIZE) {
        error = smv_new_submission(call, &submission);
    }
    if (!error) {
        smv_set(view, "submission", smv_text(submission));
    }
    return error;
}

const smv_error_t *smv_form_page(const smv_call_t *call, const smv_record_t **view, const smv_form_state_t *state)
{
    const smv_resource_t *resource = call->route->resource;
    smv_record_t *made = smv_record_make(&smv_shape_form_view, call->pool);
    const char *rows = smv_rows_href(call, resource, call->subject.customer);
    const char *row = smv_row_href(call, resource, call->id);
    int may_see = SMV_HAS_RIGHT(call->permit->rights, resource->view);

    smv_set(made, "action_href", smv_text(state->version ? row : rows));
    smv_set(made, "cancel_href",
            smv_text(!may_see         ? apr_pstrcat(call->pool, call->base, "/", NULL)
                     : state->version ? row
                                      : rows));
    smv_set(made, "error", smv_text(state->error));
    smv_set(made, "is_conflict", smv_number(state->theirs != NULL));
    smv_set(made, "is_blind", smv_number(state->is_blind));
    smv_set(made, "problems", smv_nested_list(smv_form_problems(resource->shape, state->problems, call->pool)));
    smv_set(made, "has_problems", smv_number(state->problems != NULL));
    smv_set(made, "fields", smv_nested_list(smv_form_fields(resource->shape, state, call->pool)));
    *view = made;
    if (state->version) {
        smv_set(made, "version", smv_number(state->version));
        return NULL;
    }
    return set_submission(call, made, state->form);
}
