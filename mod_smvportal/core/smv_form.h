/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_form: what somebody sent, by name: the fields of a form or the members of a JSON object, not yet checked.
 *
 * Ownership: everything belongs to the request's pool. Thread-safety: one thread.
 */
#ifndef SMV_FORM_H
#define SMV_FORM_H

#include <apr_tables.h>

/* More than any form has; a request with more is refused as a whole. */
#define SMV_FORM_MAX_FIELDS 200
#define SMV_FORM_MAX_SIZE 65536

typedef enum {
    SMV_SENT_TEXT,
    SMV_SENT_BOOLEAN, /* JSON: text is "true" or "false" */
    SMV_SENT_NULL,    /* JSON */
    SMV_SENT_OTHER    /* JSON: a number, an array or an object, which no field takes */
} smv_sent_e;

typedef struct smv_sent_t {
    const char *name;
    const char *text; /* NUL-terminated; bytes as they came, with NUL bytes among them where size says so */
    apr_size_t size;
    smv_sent_e type;
} smv_sent_t;

typedef struct smv_form_t {
    apr_array_header_t *sent; /* of smv_sent_t */
    int is_json;              /* null clears a field there, an empty text does in a form */
} smv_form_t;

smv_form_t *smv_form_make(apr_pool_t *pool);
void smv_form_add(smv_form_t *form, const char *name, const char *text, apr_size_t size, smv_sent_e type);

/* @return the first of that name, NULL where there is none; form may be NULL */
const smv_sent_t *smv_form_find(const smv_form_t *form, const char *name);

/* @return the text of that name, NULL where there is none or it has NUL bytes or is no UTF-8 */
const char *smv_form_text(const smv_form_t *form, const char *name);

/* @return what was typed, to be shown again: bytes that are no UTF-8, and NUL bytes, as U+FFFD; at most maximum bytes
 */
const char *smv_form_shown(const smv_sent_t *sent, apr_size_t maximum, apr_pool_t *pool);

#endif
