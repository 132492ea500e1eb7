/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers: the list of those in reach, and one customer's card.
 */
#include "smv_query.h"
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define DEFAULT_LIMIT 50

const smv_error_t *smv_list_customers(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    apr_int64_t after = 0, limit = DEFAULT_LIMIT;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = smv_query_number(&after, call->query, "after", 0, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&limit, call->query, "limit", 1, SMV_MAX_CUSTOMERS_A_PAGE, call->pool)) ||
        (error = call->store->customers(call->store, &list, call->permit, after, (int)limit, call->pool))) {
        return error;
    }
    if (list->count > limit) {
        list->count = (int)limit;
        list->next = apr_psprintf(call->pool, "/customers?after=%" APR_INT64_T_FMT "&limit=%" APR_INT64_T_FMT,
                                  list->records[limit - 1].values[SMV_CUSTOMER_NUMBER].number, limit);
        view->values[smv_shape_field(view->shape, "next_href")] =
            smv_text(apr_pstrcat(call->pool, call->base, list->next, NULL));
    }
    view->values[smv_shape_field(view->shape, "customers")] = smv_nested_list(list);
    answer->view = view;
    return NULL;
}

const smv_error_t *smv_show_customer(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    smv_rightset_t rights = call->permit->rights;
    const smv_record_t *customer;
    const smv_error_t *error = call->store->customer(call->store, &customer, call->permit, call->id, call->pool);

    if (error) {
        return error;
    }
    view->values[smv_shape_field(view->shape, "customer")] = smv_nested(customer);
    view->values[smv_shape_field(view->shape, "can_view_contracts")] =
        smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_CONTRACT_VIEW));
    view->values[smv_shape_field(view->shape, "can_list_documents")] =
        smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_LIST));
    answer->view = view;
    return NULL;
}
