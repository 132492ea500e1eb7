/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl explain: "Warum darf X das (nicht)?" on a terminal.
 */
#include "smv_ctl_conf.h"

#include <stdio.h>
#include <sysexits.h>

#include "../core/smv_explain.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"

/* --- the answer --- */

static void print_value(const smv_field_t *field, const smv_value_t *value, apr_pool_t *pool)
{
    smv_buffer_t time;

    switch (field->type) {
    case SMV_TYPE_TEXT:
        fputs(value->as.text, stdout);
        break;
    case SMV_TYPE_CODE:
        fputs(smv_code_label(field, value->as.text), stdout);
        break;
    case SMV_TYPE_BOOLEAN:
        fputs(value->number ? "ja" : "nein", stdout);
        break;
    case SMV_TYPE_TIME:
        smv_buffer_init(&time, 32, 64, pool);
        smv_format_time(&time, SMV_LANGUAGE_DE, value->number);
        fwrite(time.data, 1, time.size, stdout);
        break;
    default:
        printf("%" APR_INT64_T_FMT, value->number);
    }
}

static void print_record(const smv_record_t *record, const char *indent, apr_pool_t *pool)
{
    for (int i = 0; i < record->shape->count; i++) {
        const smv_field_t *field = &record->shape->fields[i];
        const smv_value_t *value = &record->values[i];

        if (!value->is_present) {
            continue;
        }
        if (field->type == SMV_TYPE_LIST) {
            for (int row = 0; row < value->as.list->count; row++) {
                fputs(*indent ? "" : "\n", stdout);
                print_record(&value->as.list->records[row], "  ", pool);
            }
        } else if (field->label) {
            printf("%s%s: ", indent, field->label);
            print_value(field, value, pool);
            putchar('\n');
        }
    }
}

static const smv_value_t *value_of(const smv_record_t *record, const char *name)
{
    return &record->values[smv_shape_field(record->shape, name)];
}

static int print(const smv_record_t *explanation, const smv_ctl_t *ctl)
{
    if (ctl->json) {
        return smv_ctl_print_json(explanation, ctl->pool);
    }
    printf("%s: %s\n\n",
           smv_code_label(&explanation->shape->fields[smv_shape_field(explanation->shape, "answer")],
                          value_of(explanation, "answer")->as.text),
           value_of(explanation, "reason")->as.text);
    print_record(explanation, "", ctl->pool);
    return EX_OK;
}

static int answer(smv_call_t *call, const smv_question_t *question, const smv_ctl_t *ctl)
{
    smv_record_t *explanation;
    const smv_error_t *error = smv_explain(&explanation, call, question);
    const char *code;
    int failed;

    if (error) {
        return smv_ctl_fail(error);
    }
    if ((failed = print(explanation, ctl))) {
        return failed;
    }
    code = value_of(explanation, "answer")->as.text;
    return code == smv_answer_yes ? EX_OK : code == smv_answer_no ? 1 : EX_UNAVAILABLE;
}

int smv_ctl_explain(const smv_ctl_t *ctl)
{
    smv_call_t call = {.now = apr_time_now(), .pool = ctl->pool};
    smv_question_t question = {ctl->words[0], ctl->words[1], 0};
    const smv_ctl_portal_t *portal;
    const smv_error_t *error;

    if ((ctl->count == 3 && (error = smv_explain_customer(&question.customer, ctl->words[2], ctl->pool))) ||
        (error = smv_ctl_conf_read(&portal, ctl)) || (error = smv_ctl_open(&call, portal))) {
        return smv_ctl_fail(error);
    }
    return answer(&call, &question, ctl);
}
