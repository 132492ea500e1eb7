/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_record.h"

#include <string.h>

smv_record_t *smv_record_make(const smv_shape_t *shape, apr_pool_t *pool)
{
    smv_record_t *record = apr_palloc(pool, sizeof *record);

    record->shape = shape;
    record->values = apr_pcalloc(pool, sizeof *record->values * (apr_size_t)shape->count);
    return record;
}

smv_record_t *smv_record_copy(const smv_record_t *record, apr_pool_t *pool)
{
    smv_record_t *copy = smv_record_make(record->shape, pool);

    memcpy(copy->values, record->values, sizeof *copy->values * (size_t)record->shape->count);
    return copy;
}

smv_list_t *smv_list_make(const smv_shape_t *shape, int count, apr_pool_t *pool)
{
    apr_size_t records_size = sizeof(smv_record_t) * (apr_size_t)count;
    smv_list_t *list = apr_pcalloc(pool, sizeof *list);
    smv_record_t *records = apr_palloc(pool, records_size ? records_size : 1);
    smv_value_t *values = apr_pcalloc(pool, sizeof *values * (apr_size_t)(shape->count * count + 1));

    for (int i = 0; i < count; i++) {
        records[i].shape = shape;
        records[i].values = values + (apr_size_t)i * (apr_size_t)shape->count;
    }
    list->shape = shape;
    list->records = records;
    list->count = count;
    return list;
}

int smv_shape_field(const smv_shape_t *shape, const char *name)
{
    for (int i = 0; i < shape->count; i++) {
        if (strcmp(shape->fields[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

void smv_set(const smv_record_t *record, const char *name, smv_value_t value)
{
    record->values[smv_shape_field(record->shape, name)] = value;
}

smv_value_t smv_text(const char *text)
{
    smv_value_t value = {.as.text = text};

    if (text) {
        value.size = (apr_uint32_t)strlen(text);
        value.is_present = 1;
    }
    return value;
}

smv_value_t smv_number(apr_int64_t number)
{
    return (smv_value_t){.number = number, .is_present = 1};
}

smv_value_t smv_nested(const smv_record_t *record)
{
    return (smv_value_t){.as.record = record, .is_present = record != NULL};
}

smv_value_t smv_nested_list(const smv_list_t *list)
{
    return (smv_value_t){.as.list = list, .is_present = list != NULL};
}

static const smv_code_t *code_of(const smv_field_t *field, const char *code)
{
    for (const smv_code_t *entry = field->codes; entry && entry->code; entry++) {
        if (strcmp(entry->code, code) == 0) {
            return entry;
        }
    }
    return NULL;
}

int smv_code_is_known(const smv_field_t *field, const char *code)
{
    return code_of(field, code) != NULL;
}

const char *smv_code_label(const smv_field_t *field, const char *code)
{
    const smv_code_t *entry = code_of(field, code);

    return entry ? entry->label : code;
}
