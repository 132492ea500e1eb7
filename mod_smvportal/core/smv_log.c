/* SPDX-License-Identifier: Apache-2.0
 *
 * "Wer hat was geändert oder gelesen": the log of one customer, newest first. A change is told to who may see the rows
 * that it is about; its values, too.
 */
#include "smv_cell.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_ENTRIES 100 /* of a page; those of one second stay together */

static int is_told(const smv_call_t *call, const smv_record_t *change)
{
    const smv_resource_t *resource = smv_resource_by_name(change->values[SMV_CHANGE_RESOURCE].as.text);

    return resource && SMV_HAS_RIGHT(call->permit->rights, resource->view);
}

void smv_log_leave_told(const smv_call_t *call, smv_list_t *changes)
{
    smv_record_t *records = (smv_record_t *)changes->records;
    int count = 0;

    for (int i = 0; i < changes->count; i++) {
        if (is_told(call, &records[i])) {
            records[count++] = records[i];
        }
    }
    changes->count = count;
}

static void fill_line(const smv_record_t *line, const smv_resource_t *resource, const smv_record_t *value,
                      apr_pool_t *pool)
{
    static const smv_field_t unknown = {.type = SMV_TYPE_TEXT};
    const char *name = value->values[SMV_CHANGE_VALUE_FIELD].as.text;
    int index = smv_shape_field(resource->shape, name);
    const smv_field_t *field = index < 0 ? &unknown : &resource->shape->fields[index];
    static const char *const sides[] = {"old", "new"};

    smv_set(line, "label", smv_text(field->label ? field->label : name));
    for (int i = 0; i < 2; i++) {
        const smv_value_t *text = &value->values[SMV_CHANGE_VALUE_OLD + i];

        if (text->is_present) {
            smv_list_t *cells = smv_list_make(&smv_shape_cell, 1, pool);

            smv_cell_fill_text(&cells->records[0], field, text->as.text, pool);
            smv_set(line, sides[i], smv_nested_list(cells));
        }
    }
}

/* What is for machines tells people nothing. */
static int is_shown(const smv_resource_t *resource, const char *name)
{
    int index = smv_shape_field(resource->shape, name);

    return index >= 0 && resource->shape->fields[index].label && !resource->shape->fields[index].page_only;
}

static smv_list_t *lines_of(const smv_record_t *change, const smv_resource_t *resource, const smv_list_t *values,
                            apr_pool_t *pool)
{
    smv_list_t *lines = smv_list_make(&smv_shape_value_line, resource->shape->count, pool);

    lines->count = 0;
    for (int i = 0; i < values->count && lines->count < resource->shape->count; i++) {
        const smv_record_t *value = &values->records[i];

        if (value->values[SMV_CHANGE_VALUE_ID].number == change->values[SMV_CHANGE_ID].number &&
            is_shown(resource, value->values[SMV_CHANGE_VALUE_FIELD].as.text)) {
            fill_line(&lines->records[lines->count++], resource, value, pool);
        }
    }
    return lines;
}

static const char *label_of(const smv_record_t *record, int field)
{
    return record->values[field].is_present
               ? smv_code_label(&record->shape->fields[field], record->values[field].as.text)
               : NULL;
}

static void fill_change(const smv_record_t *entry, const smv_record_t *change, const smv_list_t *values,
                        apr_pool_t *pool)
{
    const smv_resource_t *resource = smv_resource_by_name(change->values[SMV_CHANGE_RESOURCE].as.text);

    smv_set(entry, "time", change->values[SMV_CHANGE_TIME]);
    smv_set(entry, "who", change->values[SMV_CHANGE_NAME]);
    smv_set(entry, "login", change->values[SMV_CHANGE_LOGIN]);
    smv_set(entry, "address", change->values[SMV_CHANGE_ADDRESS]);
    smv_set(entry, "channel", smv_text(label_of(change, SMV_CHANGE_CHANNEL)));
    smv_set(entry, "what", smv_text(resource->label));
    smv_set(entry, "how", smv_text(label_of(change, SMV_CHANGE_KIND)));
    smv_set(entry, "lines", smv_nested_list(lines_of(change, resource, values, pool)));
}

static void fill_reading(const smv_record_t *entry, const smv_record_t *reading)
{
    const char *what = smv_subject_label(reading->values[SMV_READING_SUBJECT].as.text);
    const char *how = label_of(reading, SMV_READING_KIND);

    smv_set(entry, "time", reading->values[SMV_READING_TIME]);
    smv_set(entry, "who", reading->values[SMV_READING_NAME]);
    smv_set(entry, "login", reading->values[SMV_READING_LOGIN]);
    smv_set(entry, "address", reading->values[SMV_READING_ADDRESS]);
    smv_set(entry, "channel", smv_text(label_of(reading, SMV_READING_CHANNEL)));
    smv_set(entry, "what", smv_text(what));
    smv_set(entry, "how", smv_text(how && strcmp(what, how) == 0 ? NULL : how));
}

static apr_int64_t time_at(const smv_list_t *list, int at)
{
    return at < list->count ? list->records[at].values[SMV_CHANGE_TIME].number : -1;
}

/* @return the time before which the rows are that a list of the store was cut off from, 0 for none: its last second
 * may have more of them and comes again, where it is not all that came */
static apr_int64_t cut_at(const smv_list_t *list)
{
    apr_int64_t last;

    if (list->count < SMV_STORE_MAX_LOG) {
        return 0;
    }
    last = time_at(list, list->count - 1);
    return time_at(list, 0) > last ? last + 1 : last;
}

/* Both lists by time. @param cut the time before which the lists do not have everything, 0 for none
 * @return the time before which the next page goes on, 0 where this is all */
static apr_int64_t merge(smv_list_t *entries, const smv_list_t *changes, const smv_list_t *readings,
                         const smv_list_t *values, apr_int64_t cut, apr_pool_t *pool)
{
    apr_int64_t last = 0;
    int change = 0, reading = 0;

    _Static_assert((int)SMV_CHANGE_TIME == (int)SMV_READING_TIME, "time_at reads both");
    while (change < changes->count || reading < readings->count) {
        int is_change = time_at(changes, change) >= time_at(readings, reading);
        apr_int64_t time = is_change ? time_at(changes, change) : time_at(readings, reading);

        if (time < cut) {
            break;
        }
        if (entries->count >= MAX_ENTRIES && time != last) {
            return last;
        }
        if (is_change) {
            fill_change(&entries->records[entries->count++], &changes->records[change++], values, pool);
        } else {
            fill_reading(&entries->records[entries->count++], &readings->records[reading++]);
        }
        last = time;
    }
    return cut;
}

static const smv_error_t *show_on_page(const smv_call_t *call, smv_record_t *view, const smv_list_t *changes,
                                       const smv_list_t *readings, apr_int64_t cut)
{
    smv_list_t *entries = smv_list_make(&smv_shape_log_entry, changes->count + readings->count, call->pool), *values;
    apr_int64_t newest = changes->count ? changes->records[0].values[SMV_CHANGE_ID].number : 0;
    apr_int64_t oldest = changes->count ? changes->records[changes->count - 1].values[SMV_CHANGE_ID].number : 0;
    const smv_error_t *error =
        call->store->change_values(call->store, &values, call->permit, oldest, newest, call->pool);
    apr_int64_t next;

    if (error) {
        return error;
    }
    entries->count = 0;
    next = merge(entries, changes, readings, values, cut, call->pool);
    smv_set(view, "entries", smv_nested_list(entries));
    if (next) {
        smv_set(view, "next_href",
                smv_text(apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "/log?before=%" APR_INT64_T_FMT,
                                      call->base, call->id, next)));
    }
    return NULL;
}

const smv_error_t *smv_show_log(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_log_view, call->pool);
    apr_int64_t before = 0, cut;
    smv_list_t *changes, *readings;
    const smv_error_t *error;

    if ((error = smv_query_number(&before, call->query, "before", 1, APR_INT64_MAX, call->pool)) ||
        (error = call->store->customer_changes(call->store, &changes, call->permit, before, SMV_STORE_MAX_LOG,
                                               call->pool)) ||
        (error = call->store->readings(call->store, &readings, call->permit, before, SMV_STORE_MAX_LOG, call->pool))) {
        return error;
    }
    cut = cut_at(changes) > cut_at(readings) ? cut_at(changes) : cut_at(readings);
    smv_log_leave_told(call, changes);
    smv_set(view, "customer", smv_number(call->id));
    smv_set(view, "changes", smv_nested_list(changes));
    smv_set(view, "readings", smv_nested_list(readings));
    answer->view = view;
    return call->rendering == SMV_RENDER_PAGE ? show_on_page(call, view, changes, readings, cut) : NULL;
}
