/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_import.h"

#include <string.h>

const smv_import_resource_t smv_import_resources[SMV_IMPORT_COUNT] = {
#define SMV_IMPORT_ROW(NAME, table, key) {table, key},
    SMV_IMPORT_RESOURCES(SMV_IMPORT_ROW)
#undef SMV_IMPORT_ROW
};

void smv_import_add_or_end(smv_import_item_t *item, const char *column, const char *value)
{
    if (item->count < SMV_IMPORT_MAX_FIELDS) {
        item->fields[item->count++] = (smv_import_field_t){column, value && *value ? value : NULL};
    }
}

void smv_import_add(smv_import_item_t *item, const char *column, const char *value)
{
    if (value && *value) {
        smv_import_add_or_end(item, column, value);
    }
}

const char *smv_import_value(const smv_import_item_t *item, const char *column)
{
    for (int i = 0; i < item->count; i++) {
        if (strcmp(item->fields[i].column, column) == 0) {
            return item->fields[i].value;
        }
    }
    return NULL;
}

int smv_import_is_same(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : !one && !other;
}

smv_import_verdict_e smv_import_judge(const char *before, const char *here, const char *now)
{
    if (smv_import_is_same(now, before) || smv_import_is_same(now, here)) {
        return SMV_IMPORT_SAME;
    }
    return smv_import_is_same(before, here) ? SMV_IMPORT_TAKE : SMV_IMPORT_KEEP;
}
