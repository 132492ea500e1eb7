/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers: the list of those in reach with its search, and one customer's card.
 */
#include "smv_cell.h"
#include "smv_customer_lines.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define DEFAULT_LIMIT 50

/* What was typed, NULL for nothing: all are listed then. What is too long is said at its field. */
static const smv_error_t *read_search(const smv_call_t *call, const smv_record_t *view, smv_customer_filter_t *filter,
                                      const char **typed)
{
    const smv_error_t *error = smv_query_text(typed, call->query, "q", SMV_SEARCH_MAXIMUM, call->pool);

    *filter = (smv_customer_filter_t){.search = NULL};
    if (error && call->rendering == SMV_RENDER_PAGE) {
        smv_set(view, "error", smv_text("Bitte suchen Sie mit höchstens 100 Zeichen."));
        smv_set(view, "is_invalid", smv_text("true"));
        error = NULL;
    }
    if (!error && *typed) {
        filter->search = smv_search_read(*typed, call->pool);
        if (smv_policy_range(&filter->contracts, call->principal, SMV_RIGHT_CONTRACT_VIEW, 0, call->pool)) {
            filter->contracts = NULL;
        }
    }
    return error;
}

/* @return below /portal and /portal/api/v1 */
static const char *next_page(const smv_call_t *call, const char *typed, apr_int64_t last, apr_int64_t limit)
{
    const char *next =
        apr_psprintf(call->pool, "/customers?after=%" APR_INT64_T_FMT "&limit=%" APR_INT64_T_FMT, last, limit);

    return typed ? smv_url_with(apr_pstrcat(call->pool, next, "&q=", NULL), typed, call->pool) : next;
}

/* Postal codes look like customer numbers. Whoever types a whole number finds that customer at the top of the page,
 * however many live where it is the postal code. */
static const smv_error_t *put_number_first(const smv_call_t *call, const smv_list_t **list, const char *typed)
{
    apr_int64_t number = apr_atoi64(typed);
    smv_numbers_t numbers = {&number, 1};
    smv_list_t *found, *longer;
    smv_record_t *records;
    const smv_error_t *error = call->store->customers_of(call->store, &found, call->permit, &numbers, call->pool);

    if (error || found->count == 0) {
        return error;
    }
    for (int i = 0; i < (*list)->count; i++) {
        if ((*list)->records[i].values[SMV_CUSTOMER_NUMBER].number == number) {
            return NULL;
        }
    }
    records = apr_palloc(call->pool, sizeof *records * (size_t)((*list)->count + 1));
    records[0] = found->records[0];
    memcpy(records + 1, (*list)->records, sizeof *records * (size_t)(*list)->count);
    longer = apr_pmemdup(call->pool, *list, sizeof *longer);
    longer->records = records;
    longer->count++;
    *list = longer;
    return NULL;
}

static int is_number(const char *typed)
{
    return typed && strlen(typed) <= 18 && typed[strspn(typed, "0123456789")] == '\0';
}

static const smv_error_t *show_list(const smv_call_t *call, const smv_record_t *view, const smv_list_t *list,
                                    const char *typed, int is_first_page)
{
    smv_list_t *lines;
    const smv_error_t *error;

    if ((is_first_page && is_number(typed) && (error = put_number_first(call, &list, typed))) ||
        (error = smv_customer_lines(call, &lines, list))) {
        return error;
    }
    smv_set(view, "lines", smv_nested_list(lines));
    smv_set(view, "words", smv_text(typed));
    if (list->next) {
        smv_set(view, "next_href", smv_text(apr_pstrcat(call->pool, call->base, list->next, NULL)));
    }
    return NULL;
}

const smv_error_t *smv_list_customers(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    apr_int64_t after = 0, limit = DEFAULT_LIMIT;
    smv_customer_filter_t filter;
    const char *typed;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = smv_query_number(&after, call->query, "after", 0, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&limit, call->query, "limit", 1, SMV_MAX_CUSTOMERS_A_PAGE, call->pool)) ||
        (error = read_search(call, view, &filter, &typed)) ||
        (error = call->store->customers(call->store, &list, call->permit, &filter, after, (int)limit, call->pool))) {
        return error;
    }
    if (list->count > limit) {
        list->count = (int)limit;
        list->next = next_page(call, typed, list->records[limit - 1].values[SMV_CUSTOMER_NUMBER].number, limit);
    }
    smv_set(view, "customers", smv_nested_list(list));
    answer->view = view;
    return call->rendering == SMV_RENDER_PAGE ? show_list(call, view, list, typed, after == 0) : NULL;
}

#define MAX_EXPIRING 3

static const smv_error_t *add_expiring(const smv_call_t *call, const smv_record_t *view)
{
    smv_list_t *list;
    const smv_error_t *error = call->store->expiring(call->store, &list, call->permit,
                                                     smv_day_of(call->now, call->pool), MAX_EXPIRING, call->pool);

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

/* How the customer is reached, each with a link that does it. */
static const smv_error_t *add_communications(const smv_call_t *call, const smv_record_t *view)
{
    smv_list_t *rows, *cells;
    const smv_error_t *error;

    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_COMMUNICATION_VIEW)) {
        return NULL;
    }
    error = call->store->rows(call->store, &rows, call->permit, &smv_resources[SMV_RESOURCE_COMMUNICATION], call->pool);
    if (error) {
        return error;
    }
    cells = smv_list_make(&smv_shape_cell, rows->count, call->pool);
    for (int i = 0; i < rows->count; i++) {
        const smv_value_t *row = rows->records[i].values, *kind = &row[SMV_COMMUNICATION_KIND];
        smv_value_t *cell = cells->records[i].values;
        const char *value = row[SMV_COMMUNICATION_VALUE].as.text;

        cell[SMV_CELL_LABEL] = smv_text(smv_code_label(&rows->shape->fields[SMV_COMMUNICATION_KIND], kind->as.text));
        cell[SMV_CELL_TEXT] = smv_text(value);
        cell[SMV_CELL_LINK_HREF] = smv_text(strcmp(kind->as.text, "email") == 0 ? smv_mailto_href(value, call->pool)
                                            : strcmp(kind->as.text, "fax") == 0 ? NULL
                                                                                : smv_tel_href(value, call->pool));
    }
    smv_set(view, "communications", smv_nested_list(cells));
    return NULL;
}

static const smv_error_t *show_on_page(const smv_call_t *call, const smv_record_t *view, const smv_record_t *customer)
{
    smv_set(view, "heading", smv_text(smv_full_name(customer, call->pool)));
    smv_set(view, "facts", smv_nested_list(smv_cells_of(customer, 1, call->pool)));
    smv_set(view, "links", smv_nested_list(smv_menu(call, SMV_MENU_CARD)));
    smv_set(view, "notice", smv_text(smv_row_notice(call)));
    if (SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_EDIT)) {
        smv_set(view, "edit_href",
                smv_text(apr_pstrcat(call->pool, smv_row_href(call, &smv_resources[SMV_RESOURCE_CUSTOMER], call->id),
                                     "/edit", NULL)));
    }
    smv_set(view, "map_href", smv_text(smv_map_href(call, customer)));
    return add_communications(call, view);
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
    answer->view = view;
    answer->version = customer->values[smv_resource_version_field(resource)].number;
    return call->rendering == SMV_RENDER_PAGE ? show_on_page(call, view, customer) : NULL;
}
