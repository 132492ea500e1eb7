/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_cell.h"

#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>

void smv_cell_fill(const smv_record_t *cell, const smv_field_t *field, const smv_value_t *value, int is_whole,
                   apr_pool_t *pool)
{
    cell->values[SMV_CELL_LABEL] = smv_text(field->label);
    if (!value->is_present) {
        return;
    }
    switch (field->type) {
    case SMV_TYPE_CODE:
        cell->values[SMV_CELL_MSGID] = smv_text(smv_code_label(field, value->as.text));
        break;
    case SMV_TYPE_BOOLEAN:
        cell->values[SMV_CELL_MSGID] = smv_text(value->number ? "ja" : "nein");
        break;
    case SMV_TYPE_DATE:
        cell->values[SMV_CELL_DATE] = *value;
        break;
    case SMV_TYPE_TIME:
        cell->values[SMV_CELL_TIME] = *value;
        break;
    case SMV_TYPE_MARKUP:
    case SMV_TYPE_TEXT:
        cell->values[SMV_CELL_TEXT] = !field->is_masked ? *value
                                      : is_whole        ? smv_text(smv_iban_grouped(value->as.text, pool))
                                                        : smv_text(smv_iban_masked(value->as.text, pool));
        break;
    default:
        cell->values[SMV_CELL_TEXT] = smv_text(apr_psprintf(pool, "%" APR_INT64_T_FMT, value->number));
    }
}

void smv_cell_fill_text(const smv_record_t *cell, const smv_field_t *field, const char *text, apr_pool_t *pool)
{
    static const smv_field_t plain = {.type = SMV_TYPE_TEXT};
    smv_value_t value = smv_text(text);

    if (field->type == SMV_TYPE_TEXT || field->type == SMV_TYPE_CODE || field->type == SMV_TYPE_DATE) {
        smv_cell_fill(cell, field, &value, 0, pool);
    } else {
        smv_cell_fill(cell, &plain, &value, 0, pool);
    }
}

smv_list_t *smv_cells_of(const smv_record_t *record, int is_whole, apr_pool_t *pool)
{
    smv_list_t *cells = smv_list_make(&smv_shape_cell, record->shape->count, pool);

    cells->count = 0;
    for (int i = 0; i < record->shape->count; i++) {
        const smv_field_t *field = &record->shape->fields[i];

        if (field->label && !field->page_only && record->values[i].is_present) {
            smv_cell_fill(&cells->records[cells->count++], field, &record->values[i], is_whole, pool);
        }
    }
    return cells;
}
