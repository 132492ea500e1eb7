/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_input.h"

#include "smv_record.h"

#include <apr_strings.h>
#include <ctype.h>
#include <string.h>

/* What a form sends beside the fields of its resource. */
static const char *const controls[] = {"version", "submission", "csrf_token"};

int smv_input_takes(const smv_field_t *field, const char *kind)
{
    return field->input && (!kind || !field->input->only_for || strcmp(field->input->only_for, kind) == 0);
}

static char *trim(const smv_sent_t *sent, apr_pool_t *pool)
{
    const char *begin = sent->text, *end = sent->text + sent->size;

    while (begin < end && isspace((unsigned char)*begin)) {
        begin++;
    }
    while (end > begin && isspace((unsigned char)end[-1])) {
        end--;
    }
    return apr_pstrmemdup(pool, begin, (apr_size_t)(end - begin));
}

/* @return what is wrong, NULL where text is now what the store keeps */
static const char *check_by_type(const smv_field_t *field, char **text, apr_pool_t *pool)
{
    char *date;

    switch (field->type) {
    case SMV_TYPE_CODE:
        return smv_code_is_known(field, *text) ? NULL : "Bitte wählen Sie einen der Werte.";
    case SMV_TYPE_DATE:
        date = apr_palloc(pool, 11);
        if (!smv_read_date(date, *text)) {
            return "Dieses Datum gibt es nicht.";
        }
        *text = date;
        return NULL;
    default:
        return NULL;
    }
}

typedef struct reading_t {
    const smv_reading_rules_t *rules;
    smv_record_t *made;
    const smv_problem_t *problems;
    int is_json;
    apr_pool_t *pool;
} reading_t;

static void add(reading_t *reading, const smv_field_t *field, const char *text, int limit)
{
    reading->problems = smv_problem(reading->problems, field->name, text, limit, reading->pool);
}

static void read_markup(reading_t *reading, int index, const char *text)
{
    const char *clean = NULL;

    if (reading->rules->clean(&clean, text, reading->pool)) {
        add(reading, &reading->made->shape->fields[index], "Dieser Text lässt sich nicht lesen.", 0);
    } else {
        reading->made->values[index] = smv_text(clean);
    }
}

static void read_text(reading_t *reading, int index, const smv_sent_t *sent)
{
    const smv_field_t *field = &reading->made->shape->fields[index];
    const smv_input_t *input = field->input;
    char *text = trim(sent, reading->pool);
    const char *wrong;

    if (input->maximum && smv_utf8_length(text, strlen(text)) > (apr_size_t)input->maximum) {
        add(reading, field, "Der Text ist zu lang. Höchstzahl der Zeichen:", input->maximum);
        return;
    }
    if (field->type == SMV_TYPE_MARKUP) {
        read_markup(reading, index, text);
        return;
    }
    wrong = check_by_type(field, &text, reading->pool);
    if (!wrong && input->rule) {
        wrong = input->rule->check(text, smv_day_of(reading->rules->now, reading->pool));
    }
    if (wrong) {
        add(reading, field, wrong, 0);
    } else {
        reading->made->values[index] = smv_text(text);
    }
}

static int is_blank(const smv_sent_t *sent)
{
    for (apr_size_t i = 0; i < sent->size; i++) {
        if (!isspace((unsigned char)sent->text[i])) {
            return 0;
        }
    }
    return 1;
}

/* A box that is ticked is sent with whatever value; one that is not is not sent at all. */
static void read_boolean(reading_t *reading, int index, const smv_sent_t *sent)
{
    if (reading->is_json && sent->type != SMV_SENT_BOOLEAN) {
        add(reading, &reading->made->shape->fields[index], "Hier wird true oder false erwartet.", 0);
    } else {
        reading->made->values[index] = smv_number(!reading->is_json || strcmp(sent->text, "true") == 0);
    }
}

static int has_control(const smv_field_t *field, const smv_sent_t *sent)
{
    int has_lines = memchr(sent->text, '\n', sent->size) || memchr(sent->text, '\r', sent->size);

    return memchr(sent->text, '\0', sent->size) || (has_lines && !field->input->is_long) ||
           smv_has_control(sent->text, sent->size);
}

static void read_field(reading_t *reading, int index, const smv_sent_t *sent)
{
    const smv_field_t *field = &reading->made->shape->fields[index];

    if (field->type == SMV_TYPE_BOOLEAN) {
        read_boolean(reading, index, sent);
    } else if (sent->type == SMV_SENT_OTHER || sent->type == SMV_SENT_BOOLEAN) {
        add(reading, field, "Hier wird ein Text erwartet.", 0);
    } else if (!smv_is_utf8(sent->text, sent->size)) {
        add(reading, field, "Der Text ist kein gültiges UTF-8.", 0);
    } else if (has_control(field, sent)) {
        add(reading, field, "Der Text hat Steuerzeichen, die hier nicht möglich sind.", 0);
    } else if (sent->type == SMV_SENT_TEXT && !is_blank(sent)) {
        read_text(reading, index, sent);
    } else if (!reading->rules->is_blind || sent->type == SMV_SENT_NULL) {
        reading->made->values[index].is_present = 0;
    }
}

static int count(const smv_form_t *form, const char *name)
{
    int found = 0;

    for (int i = 0; i < form->sent->nelts; i++) {
        found += strcmp(APR_ARRAY_IDX(form->sent, i, smv_sent_t).name, name) == 0;
    }
    return found;
}

static void read_fields(reading_t *reading, const smv_form_t *form)
{
    const smv_shape_t *shape = reading->made->shape;

    for (int i = 0; i < shape->count; i++) {
        const smv_field_t *field = &shape->fields[i];
        const smv_sent_t *sent = smv_input_takes(field, reading->rules->kind) ? smv_form_find(form, field->name) : NULL;

        if (sent && count(form, field->name) > 1) {
            add(reading, field, "Dieses Feld kam mehrfach.", 0);
        } else if (sent) {
            read_field(reading, i, sent);
        } else if (field->type == SMV_TYPE_BOOLEAN && field->input && !form->is_json) {
            reading->made->values[i] = smv_number(0);
        }
        if (field->input && field->input->is_required && !reading->made->values[i].is_present &&
            !smv_problem_of(reading->problems, field->name)) {
            add(reading, field, "Bitte füllen Sie dieses Feld aus.", 0);
        }
    }
}

static int is_control(const char *name)
{
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        if (strcmp(controls[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* What nobody asked for is a mistake of the sender; silence would let them believe that it was kept. */
static void refuse_others(reading_t *reading, const smv_form_t *form)
{
    for (int i = 0; i < form->sent->nelts; i++) {
        const char *name = APR_ARRAY_IDX(form->sent, i, smv_sent_t).name;
        int index = smv_shape_field(reading->made->shape, name);

        if (is_control(name) && !form->is_json) {
            continue;
        }
        if (index < 0) {
            reading->problems = smv_problem(reading->problems, name, "Dieses Feld gibt es nicht.", 0, reading->pool);
        } else if (!smv_input_takes(&reading->made->shape->fields[index], reading->rules->kind)) {
            add(reading, &reading->made->shape->fields[index], "Dieses Feld lässt sich hier nicht ändern.", 0);
        }
    }
}

const smv_problem_t *smv_input_read(smv_record_t **made, const smv_reading_rules_t *rules, const smv_form_t *form,
                                    apr_pool_t *pool)
{
    smv_record_t *begun = rules->row ? smv_record_copy(rules->row, pool) : smv_record_make(rules->shape, pool);
    reading_t reading = {rules, begun, NULL, form->is_json, pool};

    read_fields(&reading, form);
    refuse_others(&reading, form);
    if (!reading.problems && rules->check) {
        reading.problems = rules->check(reading.made, reading.problems, pool);
    }
    *made = reading.made;
    return reading.problems;
}
