/* SPDX-License-Identifier: Apache-2.0
 *
 * The contracts that end soon, of all customers in reach.
 */
#include "smv_customer_lines.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define DEFAULT_LIMIT 50

const smv_error_t *smv_read_endings(const smv_call_t *call, smv_list_t **endings, const smv_permit_t *permit,
                                    const char *from, apr_int64_t after, int limit)
{
    const char *today = smv_day_of(call->now, call->pool);
    const char *until = smv_day_of(call->now + apr_time_from_sec(SMV_ENDING_DAYS * 86400), call->pool);

    if (!from || strcmp(from, today) < 0) {
        from = today;
        after = 0;
    }
    return call->store->endings(call->store, endings, permit, from, after, until, limit, call->pool);
}

const smv_error_t *smv_ending_lines(const smv_call_t *call, smv_list_t **lines, const smv_list_t *endings)
{
    const smv_list_t *customers;
    const smv_error_t *error = smv_customers_named(call, &customers, endings, SMV_ENDING_CUSTOMER);

    *lines = smv_list_make(&smv_shape_ending_line, endings->count, call->pool);
    for (int i = 0; i < endings->count; i++) {
        const smv_value_t *ending = endings->records[i].values;
        const smv_record_t *line = &(*lines)->records[i];
        apr_int64_t customer = ending[SMV_ENDING_CUSTOMER].number;

        smv_set(line, "end_date", ending[SMV_ENDING_DATE]);
        smv_set(line, "number", ending[SMV_ENDING_NUMBER]);
        smv_set(line, "insurer", ending[SMV_ENDING_INSURER]);
        smv_set(line, "tariff", ending[SMV_ENDING_TARIFF]);
        smv_set(line, "contract_href",
                smv_text(apr_psprintf(call->pool, "%s/contracts/%" APR_INT64_T_FMT, call->base,
                                      ending[SMV_ENDING_ID].number)));
        smv_set(line, "customer", smv_text(smv_name_among(customers, customer, call->pool)));
        smv_set(line, "customer_number", smv_number(customer));
        smv_set(line, "customer_href",
                smv_text(apr_pstrcat(call->pool, smv_customer_href(call, customer), "/contracts", NULL)));
    }
    return error;
}

static const smv_error_t *read_place(const smv_call_t *call, const char **from, apr_int64_t *after, apr_int64_t *limit)
{
    const smv_error_t *error;

    if ((error = smv_query_text(from, call->query, "from", 10, call->pool)) ||
        (error = smv_query_number(after, call->query, "after", 0, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(limit, call->query, "limit", 1, SMV_MAX_CUSTOMERS_A_PAGE, call->pool))) {
        return error;
    }
    return *from && !smv_is_date(*from) ? smv_error(call->pool, SMV_ERROR_BAD_REQUEST, "from must be an ISO 8601 date")
                                        : NULL;
}

const smv_error_t *smv_list_endings(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    apr_int64_t after = 0, limit = DEFAULT_LIMIT;
    smv_list_t *list, *lines;
    const char *from;
    const smv_error_t *error;

    if ((error = read_place(call, &from, &after, &limit)) ||
        (error = smv_read_endings(call, &list, call->permit, from, after, (int)limit))) {
        return error;
    }
    if (list->count > limit) {
        const smv_value_t *last = list->records[limit - 1].values;

        list->count = (int)limit;
        list->next =
            apr_psprintf(call->pool, "/expiring-contracts?from=%s&after=%" APR_INT64_T_FMT "&limit=%" APR_INT64_T_FMT,
                         last[SMV_ENDING_DATE].as.text, last[SMV_ENDING_ID].number, limit);
        smv_set(view, "next_href", smv_text(apr_pstrcat(call->pool, call->base, list->next, NULL)));
    }
    smv_set(view, "contracts", smv_nested_list(list));
    answer->view = view;
    if (call->rendering == SMV_RENDER_PAGE && !(error = smv_ending_lines(call, &lines, list))) {
        smv_set(view, "lines", smv_nested_list(lines));
    }
    return error;
}
