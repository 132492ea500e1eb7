/* SPDX-License-Identifier: Apache-2.0
 *
 * Contracts: the table of one customer, and one contract with its documents.
 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

static void set_document_rights(smv_record_t *view, smv_rightset_t rights)
{
    int can_view = smv_shape_field(view->shape, "can_view_documents");

    smv_set(view, "can_list_documents", smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_LIST)));
    if (can_view >= 0) {
        view->values[can_view] = smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_VIEW));
    }
}

/* How many documents there are is for those who may list them. */
static void hide_document_count(const smv_record_t *contract, smv_rightset_t rights)
{
    if (!SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_LIST)) {
        contract->values[SMV_CONTRACT_DOCUMENT_COUNT].is_present = 0;
    }
}

const smv_error_t *smv_list_contracts(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    smv_list_t *list;
    const smv_error_t *error = call->store->contracts(call->store, &list, call->permit, call->id, call->pool);

    if (error) {
        return error;
    }
    for (int i = 0; i < list->count; i++) {
        hide_document_count(&list->records[i], call->permit->rights);
    }
    smv_set(view, "customer", smv_number(call->id));
    smv_set(view, "contracts", smv_nested_list(list));
    set_document_rights(view, call->permit->rights);
    answer->view = view;
    return NULL;
}

const smv_error_t *smv_show_contract(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    const smv_record_t *contract;
    smv_list_t *documents;
    const smv_error_t *error = call->store->contract(call->store, &contract, call->permit, call->id, call->pool);

    if (error) {
        return error;
    }
    hide_document_count(contract, call->permit->rights);
    smv_set(view, "contract", smv_nested(contract));
    set_document_rights(view, call->permit->rights);
    if (SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_LIST)) {
        error = call->store->documents(call->store, &documents, call->permit,
                                       &(smv_document_filter_t){.contract = call->id}, call->pool);
        if (error) {
            return error;
        }
        smv_set(view, "documents", smv_nested_list(documents));
    }
    answer->view = view;
    return NULL;
}
