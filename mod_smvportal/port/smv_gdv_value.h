/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv_value: what stands in a field of a GDV record, as what it is.
 *
 * text, code: UTF-8 without the blanks around it, control characters made blanks. A field of blanks alone is absent.
 * number: 64 bits; decimal: in units of its last place (cents with two). Blanks around the digits are none of them; a
 *   field of blanks alone is absent, one of zeros is 0.
 * date: as ISO 8601 writes what is known of it, since a day, month or year of zeros is legal and means that nobody
 *   knows: "2004-07-01", "2004-07", "2004"; without a year "--07-01" or "--07". Only a text of ten characters is a
 *   whole date. Zeros or blanks alone are absent, and so is a day of no month and year.
 *
 * Ownership: texts in the pool given. Thread-safety: pure.
 */
#ifndef SMV_GDV_VALUE_H
#define SMV_GDV_VALUE_H

#include "smv_gdv_layout.h"

typedef struct smv_gdv_value_t {
    const smv_gdv_field_t *field;
    int is_absent;
    const char *text;   /* of texts, codes and dates; NULL else */
    apr_int64_t number; /* of numbers and decimals */
} smv_gdv_value_t;

/* @return these characters of a line that has them, control characters made blanks */
char *smv_gdv_characters(const smv_gdv_line_t *line, int at, int length, apr_pool_t *pool);

/* @param line a whole record
 * @param at out: where the fault is
 * @return NULL, or in English what is wrong with it; it is absent, then */
const char *smv_gdv_value_read(smv_gdv_value_t *value, const smv_gdv_field_t *field, const smv_gdv_line_t *line,
                               int *at, apr_pool_t *pool);

#endif
