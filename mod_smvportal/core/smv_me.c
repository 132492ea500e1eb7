/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed-in person: login, name, roles and rights.
 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

const smv_list_t *smv_me_roles(const smv_call_t *call)
{
    smv_list_t *list = smv_list_make(&smv_shape_me_role, call->principal->role_count, call->pool);

    for (int i = 0; i < list->count; i++) {
        const smv_role_t *role = &call->principal->roles[i];

        list->records[i].values[smv_shape_field(list->shape, "id")] = smv_number(role->id);
        list->records[i].values[smv_shape_field(list->shape, "name")] = smv_text(role->name);
        list->records[i].values[smv_shape_field(list->shape, "remark")] = smv_text(role->remark);
    }
    return list;
}

static const smv_list_t *list_rights(const smv_call_t *call)
{
    smv_rightset_t rights = smv_policy_rights(call->principal);
    smv_list_t *list = smv_list_make(&smv_shape_me_right, SMV_RIGHT_COUNT, call->pool);

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        list->records[right].values[smv_shape_field(list->shape, "id")] = smv_text(smv_rights[right].id);
        list->records[right].values[smv_shape_field(list->shape, "label")] = smv_text(smv_rights[right].label);
        list->records[right].values[smv_shape_field(list->shape, "granted")] = smv_number(SMV_HAS_RIGHT(rights, right));
    }
    return list;
}

const smv_error_t *smv_show_me(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_me, call->pool);

    smv_set(view, "login", smv_text(call->principal->login));
    smv_set(view, "name", smv_text(call->principal->name));
    smv_set(view, "roles", smv_nested_list(smv_me_roles(call)));
    smv_set(view, "rights", smv_nested_list(list_rights(call)));
    answer->view = view;
    return NULL;
}
