/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_cell: values of any field as cells of a page: text, a label of the catalogue, a date or a time.
 */
#ifndef SMV_CELL_H
#define SMV_CELL_H

#include "smv_view.h"

#include <apr_pools.h>

/* Fill a cell of smv_shape_cell with one value; codes become their labels.
 * @param is_whole whether masked fields are shown whole */
void smv_cell_fill(const smv_record_t *cell, const smv_field_t *field, const smv_value_t *value, int is_whole,
                   apr_pool_t *pool);

/* The same from a text that the change log keeps, NULL for none. */
void smv_cell_fill_text(const smv_record_t *cell, const smv_field_t *field, const char *text, apr_pool_t *pool);

/* Cells with labels of the present values that have one; is_whole as above. */
smv_list_t *smv_cells_of(const smv_record_t *record, int is_whole, apr_pool_t *pool);

#endif
