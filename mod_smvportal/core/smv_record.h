/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_record: making records of values, in a pool.
 */
#ifndef SMV_RECORD_H
#define SMV_RECORD_H

#include <apr_pools.h>

#include "smv_view.h"

/* A record of the shape with every value absent. */
smv_record_t *smv_record_make(const smv_shape_t *shape, apr_pool_t *pool);

/* A record of the same shape and values; what they point to is not copied. */
smv_record_t *smv_record_copy(const smv_record_t *record, apr_pool_t *pool);

/* A list of the shape with room for count records, each with its values absent; the records may be written. */
smv_list_t *smv_list_make(const smv_shape_t *shape, int count, apr_pool_t *pool);

/* @return the index of a field by name, -1 where the shape has none */
int smv_shape_field(const smv_shape_t *shape, const char *name);

/* Set a field by its name, which the record's shape must have. */
void smv_set(const smv_record_t *record, const char *name, smv_value_t value);

/* Values; text NULL is absent. Text is not copied. */
smv_value_t smv_text(const char *text);
smv_value_t smv_number(apr_int64_t number);
smv_value_t smv_nested(const smv_record_t *record);
smv_value_t smv_nested_list(const smv_list_t *list);

/* @return 1 where the code is one of the field's */
int smv_code_is_known(const smv_field_t *field, const char *code);

/* @return the German label of a code field's value, the code itself where it is unknown */
const char *smv_code_label(const smv_field_t *field, const char *code);

#endif
