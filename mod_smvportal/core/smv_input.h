/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_input: from what somebody sent to a record of a shape: every value has its type, or its problem, from here on.
 */
#ifndef SMV_INPUT_H
#define SMV_INPUT_H

#include "smv_form.h"
#include "smv_resource.h"

#include <apr_time.h>

/* HTML that somebody wrote, with nothing left but the few elements that pages show: of port/smv_markup.h.
 * @param clean out: NULL where nothing is left. @return SMV_ERROR_INTERNAL without memory */
typedef const smv_error_t *smv_markup_fn(const char **clean, const char *text, apr_pool_t *pool);

typedef struct smv_reading_rules_t {
    const smv_shape_t *shape;
    smv_check_fn *check;     /* what holds between its fields; NULL: nothing */
    const smv_record_t *row; /* as it is in the store; NULL: a new one is made */
    const char *kind;        /* of the customer: "person" or "company"; NULL: fields of both are taken */
    int is_blind;            /* who sends it may not see the row: an empty field of a form stays as it is */
    smv_markup_fn *clean;    /* for shapes with SMV_TYPE_MARKUP; NULL: it has none */
    apr_time_t now;
} smv_reading_rules_t;

/* @return 1 where people of that kind (NULL: both) may write the field */
int smv_input_takes(const smv_field_t *field, const char *kind);

/* Make the row whole: the one in the store with what was sent over it.
 * @param made out: of the shape; where there are problems it holds what was right
 * @return the problems by field, NULL for none */
const smv_problem_t *smv_input_read(smv_record_t **made, const smv_reading_rules_t *rules, const smv_form_t *form,
                                    apr_pool_t *pool);

#endif
