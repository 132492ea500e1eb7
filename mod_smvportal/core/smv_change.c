/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_change.h"

#include "smv_audit.h"

#include "smv_json.h"

#include <string.h>

const char *const smv_event_codes[SMV_EVENT_COUNT] = {
#define SMV_EVENT_CODE(NAME, code, label) code,
    SMV_EVENTS(SMV_EVENT_CODE)};
#undef SMV_EVENT_CODE

const char *const smv_deed_codes[SMV_DEED_COUNT] = {"create", "edit", "delete", "restore"};

int smv_change_is_same(const smv_field_t *field, const smv_value_t *a, const smv_value_t *b)
{
    if (a->is_present != b->is_present || !a->is_present) {
        return a->is_present == b->is_present;
    }
    switch (field->type) {
    case SMV_TYPE_TEXT:
    case SMV_TYPE_DATE:
    case SMV_TYPE_CODE:
    case SMV_TYPE_MARKUP:
        return a->size == b->size && memcmp(a->as.text, b->as.text, a->size) == 0;
    default:
        return a->number == b->number;
    }
}

int smv_change_differs(const smv_record_t *before, const smv_record_t *after)
{
    for (int i = 0; i < before->shape->count; i++) {
        const smv_field_t *field = &before->shape->fields[i];

        if (field->input && !smv_change_is_same(field, &before->values[i], &after->values[i])) {
            return 1;
        }
    }
    return 0;
}

static int is_told(const smv_record_t *row, const smv_record_t *other, int i)
{
    const smv_field_t *field = &row->shape->fields[i];

    if (i == 0 || strcmp(field->name, "customer") == 0 || strcmp(field->name, "version") == 0) {
        return 0;
    }
    return other ? field->input && !smv_change_is_same(field, &row->values[i], &other->values[i])
                 : row->values[i].is_present != 0;
}

void smv_change_values(smv_buffer_t *out, const smv_record_t *row, const smv_record_t *other)
{
    const char *separator = "";

    smv_buffer_puts(out, "{");
    for (int i = 0; i < row->shape->count; i++) {
        if (is_told(row, other, i)) {
            smv_buffer_puts(out, separator);
            smv_buffer_json(out, row->shape->fields[i].name, strlen(row->shape->fields[i].name));
            smv_buffer_puts(out, ":");
            smv_json_value(out, &row->shape->fields[i], &row->values[i]);
            separator = ",";
        }
    }
    smv_buffer_puts(out, "}");
}
