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

/* {"items": […], "next": "…" or null} */
void smv_json_list(smv_buffer_t *buffer, const smv_list_t *list);

/* application/problem+json (RFC 9457): type, title, status, code ("SMV0106"). */
void smv_json_problem(smv_buffer_t *buffer, const smv_error_t *error);

#endif
