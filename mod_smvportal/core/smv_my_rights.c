/* SPDX-License-Identifier: Apache-2.0
 *
 * "Meine Rechte": every right in the words and the grid of "Rolle bearbeiten", granted or not, and by which role.
 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#include <apr_strings.h>

/* @return the names of the roles that have the right, NULL for none: of an allow right they grant it, of a hide right
 * they conceal */
static const char *roles_with(const smv_principal_t *principal, smv_right_e right, apr_pool_t *pool)
{
    const char *names = NULL;

    for (int i = 0; i < principal->role_count; i++) {
        if (SMV_HAS_RIGHT(principal->roles[i].rights, right)) {
            names = names ? apr_pstrcat(pool, names, ", ", principal->roles[i].name, NULL) : principal->roles[i].name;
        }
    }
    return names;
}

static void fill(const smv_call_t *call, const smv_record_t *line, smv_right_e right)
{
    const char *roles = roles_with(call->principal, right, call->pool);

    smv_set(line, "label", smv_text(smv_rights[right].label));
    smv_set(line, "attribute", smv_text(smv_rights[right].attribute));
    smv_set(line, "is_granted", smv_number(roles != NULL));
    smv_set(line, "is_hide", smv_number(smv_rights[right].kind == SMV_KIND_HIDE));
    smv_set(line, "roles", smv_text(roles));
}

/* The grid of the source page: two columns, of which the right one has gaps. */
static smv_list_t *rows_of(const smv_call_t *call)
{
    smv_list_t *rows = smv_list_make(&smv_shape_rights_row, smv_right_rows(), call->pool);

    for (int i = 0; i < rows->count; i++) {
        smv_list_t *cells = smv_list_make(&smv_shape_right_line, 2, call->pool);

        smv_set(&rows->records[i], "cells", smv_nested_list(cells));
    }
    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        const smv_record_t *row = &rows->records[smv_rights[right].row - 1];
        const smv_list_t *cells = row->values[smv_shape_field(row->shape, "cells")].as.list;

        fill(call, &cells->records[smv_rights[right].column - 1], (smv_right_e)right);
    }
    return rows;
}

/* Only those who have one of them are told of the administrative rights. */
static smv_list_t *staff_of(const smv_call_t *call)
{
    smv_list_t *lines = smv_list_make(&smv_shape_right_line, SMV_RIGHT_COUNT - SMV_CUSTOMER_RIGHT_COUNT, call->pool);
    int is_any = 0;

    for (int i = 0; i < lines->count; i++) {
        fill(call, &lines->records[i], (smv_right_e)(SMV_CUSTOMER_RIGHT_COUNT + i));
        is_any |= roles_with(call->principal, (smv_right_e)(SMV_CUSTOMER_RIGHT_COUNT + i), call->pool) != NULL;
    }
    lines->count = is_any ? lines->count : 0;
    return lines;
}

const smv_error_t *smv_show_rights(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_rights_view, call->pool);

    smv_set(view, "rows", smv_nested_list(rows_of(call)));
    smv_set(view, "staff", smv_nested_list(staff_of(call)));
    smv_set(view, "roles", smv_nested_list(smv_me_roles(call)));
    answer->view = view;
    return NULL;
}
