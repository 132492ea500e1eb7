/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_json_read: the members of a JSON object (RFC 8259) as what somebody sent, by jansson.
 *
 * Thread-safety: any thread.
 */
#ifndef SMV_JSON_READ_H
#define SMV_JSON_READ_H

#include "../core/smv_error.h"
#include "../core/smv_form.h"

/* Texts are copied to the pool.
 * @return SMV_ERROR_INVALID (of the whole) where it is no JSON object of at most SMV_FORM_MAX_FIELDS members, each once
 */
const smv_error_t *smv_json_read(smv_form_t **form, const char *text, apr_size_t size, apr_pool_t *pool);

#endif
