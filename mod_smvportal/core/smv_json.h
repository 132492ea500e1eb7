/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_json: a record or a list written as JSON (RFC 8259) by its shape. page_only fields are left out.
 */
#ifndef SMV_JSON_H
#define SMV_JSON_H

#include "smv_buffer.h"
#include "smv_error.h"
#include "smv_view.h"

void smv_json_record(smv_buffer_t *buffer, const smv_record_t *record);

/* One value; null where it is absent. */
void smv_json_value(smv_buffer_t *buffer, const smv_field_t *field, const smv_value_t *value);

/* {"items": […], "next": "…" or null} */
void smv_json_list(smv_buffer_t *buffer, const smv_list_t *list);

/* application/problem+json (RFC 9457): type, title, status, code ("SMV0106"), and errors of fields: detail, pointer. */
void smv_json_problem(smv_buffer_t *buffer, const smv_error_t *error);

#endif
