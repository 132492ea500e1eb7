/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_program.h"

#include "../core/smv_record.h"
#include "smv_markup.h"

typedef struct repeat_t {
    const smv_list_t *list;
    int at;
} repeat_t;

typedef struct run_t {
    const smv_program_t *program;
    const smv_record_t *roots[SMV_ROOT_LOCAL + SMV_PROGRAM_MAX_NESTED]; /* what each root of a path is just now */
    repeat_t repeats[SMV_PROGRAM_MAX_NESTED];
    smv_buffer_t *out;
} run_t;

const char *smv_program_translate(apr_hash_t *catalog, const char *msgid)
{
    const char *text = catalog ? apr_hash_get(catalog, msgid, APR_HASH_KEY_STRING) : NULL;

    return text ? text : msgid;
}

/* @return the value at the path, an absent one where a record on the way is absent */
static inline const smv_value_t *resolve(const run_t *run, const smv_path_t *path)
{
    const smv_value_t *value = &run->roots[path->root]->values[path->steps[0]];

    for (int i = 1; i < path->count && value->is_present; i++) {
        value = &value->as.record->values[path->steps[i]];
    }
    return value;
}

static int is_true(const smv_value_t *value, const smv_field_t *field)
{
    if (!value->is_present) {
        return 0;
    }
    switch (field->type) {
    case SMV_TYPE_RECORD:
    case SMV_TYPE_MONEY:
        return 1;
    case SMV_TYPE_LIST:
        return value->as.list->count > 0;
    case SMV_TYPE_TEXT:
    case SMV_TYPE_DATE:
    case SMV_TYPE_CODE:
    case SMV_TYPE_MARKUP:
        return value->size > 0;
    default:
        return value->number != 0;
    }
}

static void write_text(smv_buffer_t *out, const char *text)
{
    smv_buffer_html(out, text, strlen(text));
}

static void write_formatted(const run_t *run, const smv_field_t *field, const smv_value_t *value)
{
    smv_language_e language = run->program->language;

    switch (field->type) {
    case SMV_TYPE_MONEY:
        smv_format_money(run->out, language, value->number, value->as.text);
        break;
    case SMV_TYPE_DATE:
        smv_format_date(run->out, language, value->as.text, value->size);
        break;
    case SMV_TYPE_TIME:
        smv_format_time(run->out, language, value->number);
        break;
    case SMV_TYPE_BYTES:
        smv_format_bytes(run->out, language, value->number);
        break;
    case SMV_TYPE_CODE:
        write_text(run->out, smv_program_translate(run->program->catalog, smv_code_label(field, value->as.text)));
        break;
    case SMV_TYPE_TEXT:
        smv_buffer_html(run->out, value->as.text, value->size);
        break;
    default:
        smv_buffer_number(run->out, value->number);
    }
}

/* Data within a URL: never formatted, always percent-encoded. */
static void write_url(smv_buffer_t *out, const smv_field_t *field, const smv_value_t *value)
{
    switch (field->type) {
    case SMV_TYPE_TEXT:
    case SMV_TYPE_DATE:
    case SMV_TYPE_CODE:
        smv_buffer_url(out, value->as.text, value->size);
        break;
    default:
        smv_buffer_number(out, value->number);
    }
}

static void write_value(const run_t *run, const smv_op_t *op)
{
    const smv_value_t *value = resolve(run, &op->path);

    if (!value->is_present) {
        return;
    }
    switch (op->write) {
    case SMV_WRITE_FORMATTED:
        write_formatted(run, op->path.field, value);
        break;
    case SMV_WRITE_RAW_CODE:
        smv_buffer_html(run->out, value->as.text, value->size);
        break;
    case SMV_WRITE_TRANSLATED:
        write_text(run->out, smv_program_translate(run->program->catalog, value->as.text));
        break;
    case SMV_WRITE_MARKUP:
        run->out->is_failed |= !smv_markup_write(run->out, value->as.text, value->size);
        break;
    case SMV_WRITE_URL:
        write_url(run->out, op->path.field, value);
        break;
    }
}

static int begin_repeat(run_t *run, const smv_op_t *op)
{
    const smv_value_t *value = resolve(run, &op->path);

    if (!value->is_present || value->as.list->count == 0) {
        return 0;
    }
    run->repeats[op->slot] = (repeat_t){value->as.list, 0};
    run->roots[SMV_ROOT_LOCAL + op->slot] = value->as.list->records;
    return 1;
}

static int next_repeat(run_t *run, const smv_op_t *op)
{
    repeat_t *repeat = &run->repeats[op->slot];

    if (++repeat->at == repeat->list->count) {
        return 0;
    }
    run->roots[SMV_ROOT_LOCAL + op->slot]++;
    return 1;
}

void smv_program_run(const smv_program_t *program, const smv_record_t *page, const smv_record_t *view,
                     smv_buffer_t *out)
{
    run_t run = {.program = program, .roots = {page, view}, .out = out};
    int at = 0;

    while (at < program->count) {
        const smv_op_t *op = &program->ops[at++];

        switch (op->kind) {
        case SMV_OP_LITERAL:
            smv_buffer_write(out, op->text, op->size);
            break;
        case SMV_OP_VALUE:
            write_value(&run, op);
            break;
        case SMV_OP_UNLESS:
            at = is_true(resolve(&run, &op->path), op->path.field) ? op->jump : at;
            break;
        case SMV_OP_WHEN:
            at = is_true(resolve(&run, &op->path), op->path.field) ? at : op->jump;
            break;
        case SMV_OP_REPEAT:
            at = begin_repeat(&run, op) ? at : op->jump;
            break;
        case SMV_OP_NEXT:
            at = next_repeat(&run, op) ? op->jump : at;
            break;
        }
    }
}
