/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers: the list of those in reach, and one customer's card.
 */
#include "smv_cell.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_row_pages.h"
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
        smv_set(view, "next_href", smv_text(apr_pstrcat(call->pool, call->base, list->next, NULL)));
    }
    smv_set(view, "customers", smv_nested_list(list));
    answer->view = view;
    return NULL;
}

#define MAX_EXPIRING 3

static const smv_error_t *add_expiring(const smv_call_t *call, const smv_record_t *view)
{
    apr_time_exp_t now;
    smv_list_t *list;
    const smv_error_t *error;

    apr_time_exp_gmt(&now, call->now);
    error = call->store->expiring(
        call->store, &list, call->permit,
        apr_psprintf(call->pool, "%04d-%02d-%02d", now.tm_year + 1900, now.tm_mon + 1, now.tm_mday), MAX_EXPIRING,
        call->pool);
    if (!error) {
        smv_set(view, "expiring", smv_nested_list(list));
    }
    return error;
}

const smv_error_t *smv_list_expiring(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);

    answer->view = view;
    return add_expiring(call, view);
}

/* The card has what its reader could also ask for by the API's row about it. */
static int may_see_expiring(const smv_call_t *call)
{
    return SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CONTRACT_VIEW) &&
           !SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_EXPIRY_DATE_HIDE);
}

static const char *full_name(const smv_record_t *customer, apr_pool_t *pool)
{
    const smv_value_t *first_name = &customer->values[SMV_CUSTOMER_FIRST_NAME];
    const smv_value_t *name = &customer->values[SMV_CUSTOMER_NAME];

    return first_name->is_present ? apr_pstrcat(pool, first_name->as.text, " ", name->as.text, NULL) : name->as.text;
}

static void show_on_page(const smv_call_t *call, const smv_record_t *view, const smv_record_t *customer)
{
    smv_set(view, "heading", smv_text(full_name(customer, call->pool)));
    smv_set(view, "facts", smv_nested_list(smv_cells_of(customer, 1, call->pool)));
    smv_set(view, "links", smv_nested_list(smv_menu(call, SMV_MENU_CARD)));
    smv_set(view, "notice", smv_text(smv_row_notice(call)));
    if (SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_EDIT)) {
        smv_set(view, "edit_href",
                smv_text(apr_pstrcat(call->pool, smv_row_href(call, &smv_resources[SMV_RESOURCE_CUSTOMER], call->id),
                                     "/edit", NULL)));
    }
}

const smv_error_t *smv_show_customer(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_resource_t *resource = &smv_resources[SMV_RESOURCE_CUSTOMER];
    smv_record_t *view = smv_record_make(&smv_shape_customer_view, call->pool);
    const smv_record_t *customer;
    const smv_error_t *error;

    if ((error = call->store->row(call->store, &customer, call->permit, resource, call->id, call->pool)) ||
        (may_see_expiring(call) && (error = add_expiring(call, view)))) {
        return error;
    }
    smv_set(view, "customer", smv_nested(customer));
    if (call->rendering == SMV_RENDER_PAGE) {
        show_on_page(call, view, customer);
    }
    answer->view = view;
    answer->version = customer->values[smv_resource_version_field(resource)].number;
    return NULL;
}
