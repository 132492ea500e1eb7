/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes for staff: "Neues aus dem Portal" with its marks, and the feed by which SMV follows the portal.
 */
#include "smv_customer_lines.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define INBOX_SIZE 50
#define DEFAULT_LIMIT 100

const smv_error_t *smv_list_changes(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_changes_view, call->pool);
    apr_int64_t after = 0, limit = DEFAULT_LIMIT;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = smv_query_number(&after, call->query, "after", 0, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&limit, call->query, "limit", 1, SMV_MAX_CHANGES_A_PAGE, call->pool)) ||
        (error = call->store->changes(call->store, &list, call->permit, after, (int)limit, call->pool))) {
        return error;
    }
    if (list->count > limit) {
        list->count = (int)limit;
        list->next = apr_psprintf(call->pool, "/changes?after=%" APR_INT64_T_FMT "&limit=%" APR_INT64_T_FMT,
                                  list->records[limit - 1].values[SMV_CHANGE_ID].number, limit);
    }
    smv_set(view, "changes", smv_nested_list(list));
    answer->view = view;
    return NULL;
}

static void fill_entry(const smv_call_t *call, const smv_record_t *entry, const smv_record_t *change,
                       const smv_list_t *customers)
{
    const smv_resource_t *resource = smv_resource_by_name(change->values[SMV_CHANGE_RESOURCE].as.text);
    int is_done = change->values[SMV_CHANGE_DONE_TIME].is_present != 0;

    smv_set(entry, "time", change->values[SMV_CHANGE_TIME]);
    smv_set(entry, "who", change->values[SMV_CHANGE_NAME]);
    smv_set(entry, "what", smv_text(resource ? resource->label : change->values[SMV_CHANGE_RESOURCE].as.text));
    smv_set(entry, "how",
            smv_text(smv_code_label(&change->shape->fields[SMV_CHANGE_KIND], change->values[SMV_CHANGE_KIND].as.text)));
    smv_set(entry, "customer",
            smv_text(smv_name_among(customers, change->values[SMV_CHANGE_CUSTOMER].number, call->pool)));
    smv_set(entry, "customer_number", change->values[SMV_CHANGE_CUSTOMER]);
    smv_set(entry, "customer_href",
            smv_text(apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "/log", call->base,
                                  change->values[SMV_CHANGE_CUSTOMER].number)));
    smv_set(entry, "is_done", smv_number(is_done));
    smv_set(entry, "done_by", change->values[SMV_CHANGE_DONE_BY]);
    smv_set(entry, "done_href",
            smv_text(apr_psprintf(call->pool, "%s/inbox/%" APR_INT64_T_FMT "/%s", call->base,
                                  change->values[SMV_CHANGE_ID].number, is_done ? "open" : "done")));
}

const smv_error_t *smv_inbox_entries(const smv_call_t *call, smv_list_t **entries, const smv_list_t *changes)
{
    const smv_list_t *customers;
    const smv_error_t *error = smv_customers_named(call, &customers, changes, SMV_CHANGE_CUSTOMER);

    *entries = smv_list_make(&smv_shape_inbox_entry, changes->count, call->pool);
    for (int i = 0; i < changes->count; i++) {
        fill_entry(call, &(*entries)->records[i], &changes->records[i], customers);
    }
    return error;
}

const smv_error_t *smv_show_inbox(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_changes_view, call->pool);
    apr_int64_t before = 0, is_done = 0;
    smv_list_t *list, *entries;
    const smv_error_t *error;

    if ((error = smv_query_number(&before, call->query, "before", 1, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&is_done, call->query, "done", 0, 1, call->pool)) ||
        (error = call->store->inbox(call->store, &list, call->permit, before, is_done != 0, INBOX_SIZE, call->pool))) {
        return error;
    }
    if (list->count > INBOX_SIZE) {
        list->count = INBOX_SIZE;
        smv_set(view, "next_href",
                smv_text(apr_psprintf(call->pool, "%s/inbox?done=%d&before=%" APR_INT64_T_FMT, call->base, is_done != 0,
                                      list->records[INBOX_SIZE - 1].values[SMV_CHANGE_ID].number)));
    }
    if ((error = smv_inbox_entries(call, &entries, list))) {
        return error;
    }
    smv_set(view, "entries", smv_nested_list(entries));
    smv_set(view, "shows_done", smv_number(is_done));
    smv_set(view, "other_href", smv_text(apr_psprintf(call->pool, "%s/inbox?done=%d", call->base, !is_done)));
    answer->view = view;
    return NULL;
}

static const smv_error_t *mark(const smv_call_t *call, smv_answer_t *answer, int is_done)
{
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error;

    answer->location = call->rendering == SMV_RENDER_PAGE ? is_done ? "/inbox" : "/inbox?done=1" : NULL;
    error = smv_call_note(call, &(smv_event_t){.kind = SMV_EVENT_EDIT, .subject = call->route->name, .row = call->id});
    return error ? error : call->store->mark_change(call->store, call->permit, call->id, is_done, &actor, call->pool);
}

const smv_error_t *smv_mark_done(const smv_call_t *call, smv_answer_t *answer)
{
    return mark(call, answer, 1);
}

const smv_error_t *smv_mark_open(const smv_call_t *call, smv_answer_t *answer)
{
    return mark(call, answer, 0);
}
