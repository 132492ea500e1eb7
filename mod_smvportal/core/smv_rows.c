/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of a resource: the list of one customer, and one row on a page of its own.
 */
#include "smv_cell.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_route.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

void smv_row_mask(const smv_record_t *record, apr_pool_t *pool)
{
    for (int i = 0; i < record->shape->count; i++) {
        if (record->shape->fields[i].is_masked && record->values[i].is_present) {
            record->values[i] = smv_text(smv_iban_masked(record->values[i].as.text, pool));
        }
    }
}

static smv_list_t *columns_of(const smv_shape_t *shape, apr_pool_t *pool)
{
    smv_list_t *columns = smv_list_make(&smv_shape_cell, shape->count, pool);

    columns->count = 0;
    for (int i = 0; i < shape->count; i++) {
        if (shape->fields[i].is_listed) {
            columns->records[columns->count++].values[SMV_CELL_LABEL] = smv_text(shape->fields[i].label);
        }
    }
    return columns;
}

static void fill_row(const smv_record_t *row, const smv_record_t *record, const char *href, apr_pool_t *pool)
{
    smv_list_t *cells = smv_list_make(&smv_shape_cell, record->shape->count, pool);

    cells->count = 0;
    for (int i = 0; i < record->shape->count; i++) {
        const smv_field_t *field = &record->shape->fields[i];

        if (field->is_listed) {
            smv_cell_fill(&cells->records[cells->count++], field, &record->values[i], 0, pool);
        }
    }
    cells->records[0].values[SMV_CELL_LINK_HREF] = smv_text(href);
    smv_set(row, "href", smv_text(href));
    smv_set(row, "cells", smv_nested_list(cells));
}

/* A list goes back to the page that has its link. */
static void set_back(const smv_call_t *call, const smv_record_t *view)
{
    int has_card = SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_VIEW);
    const char *card = smv_rows_href(call, &smv_resources[SMV_RESOURCE_CUSTOMER], call->subject.customer);

    smv_set(view, "back_href", smv_text(has_card ? card : apr_pstrcat(call->pool, call->base, "/", NULL)));
    smv_set(view, "back_label", smv_text(has_card ? "Kundenkarte" : "Start"));
}

static void show_on_page(const smv_call_t *call, smv_record_t *view, const smv_list_t *list)
{
    const smv_resource_t *resource = call->route->resource;
    smv_list_t *rows = smv_list_make(&smv_shape_row, list->count, call->pool);

    for (int i = 0; i < list->count; i++) {
        fill_row(&rows->records[i], &list->records[i], smv_row_href(call, resource, list->records[i].values[0].number),
                 call->pool);
    }
    smv_set(view, "columns", smv_nested_list(columns_of(resource->shape, call->pool)));
    smv_set(view, "rows", smv_nested_list(rows));
    smv_set(view, "notice", smv_text(smv_row_notice(call)));
    set_back(call, view);
    if (resource->create != SMV_RIGHT_NONE && SMV_HAS_RIGHT(call->permit->rights, resource->create)) {
        smv_set(view, "create_href",
                smv_text(apr_pstrcat(call->pool, smv_rows_href(call, resource, call->subject.customer), "/new", NULL)));
    }
}

const smv_error_t *smv_list_rows(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_rows_view, call->pool);
    smv_list_t *list;
    const smv_error_t *error = call->store->rows(call->store, &list, call->permit, call->route->resource, call->pool);

    if (error) {
        return error;
    }
    smv_set(view, "customer", smv_number(call->id));
    smv_set(view, "records", smv_nested_list(list));
    if (call->rendering == SMV_RENDER_PAGE) {
        show_on_page(call, view, list);
    }
    for (int i = 0; i < list->count; i++) {
        smv_row_mask(&list->records[i], call->pool);
    }
    answer->view = view;
    return NULL;
}

/* @return the row's first listed text, a first name with its name: "Konrad Kunde" */
static const char *heading_of(const smv_record_t *record, apr_pool_t *pool)
{
    const char *heading = "";

    for (int i = 0; i < record->shape->count && !*heading; i++) {
        const smv_field_t *field = &record->shape->fields[i];

        if (field->is_listed && field->type == SMV_TYPE_TEXT && record->values[i].is_present) {
            int next = i + 1 < record->shape->count && strcmp(field->name, "first_name") == 0 &&
                       record->values[i + 1].is_present;

            heading = next ? apr_pstrcat(pool, record->values[i].as.text, " ", record->values[i + 1].as.text, NULL)
                           : record->values[i].as.text;
        }
    }
    return heading;
}

static void set_links(const smv_call_t *call, smv_record_t *view, const smv_resource_t *resource, apr_int64_t key)
{
    smv_rightset_t rights = call->permit->rights;
    const char *href = smv_row_href(call, resource, key);

    smv_set(view, "back_href", smv_text(smv_rows_href(call, resource, call->subject.customer)));
    smv_set(view, "back_label", smv_text(smv_rows_title(resource)));
    if (SMV_HAS_RIGHT(rights, resource->edit)) {
        smv_set(view, "edit_href", smv_text(apr_pstrcat(call->pool, href, "/edit", NULL)));
    }
    if (SMV_HAS_RIGHT(rights, resource->remove)) {
        smv_set(view, "delete_href", smv_text(apr_pstrcat(call->pool, href, "/delete", NULL)));
    }
}

const smv_record_t *smv_row_page(const smv_call_t *call, const smv_record_t *record)
{
    const smv_resource_t *resource = call->route->resource;
    smv_record_t *view = smv_record_make(&smv_shape_row_view, call->pool);

    smv_set(view, "record", smv_nested(record));
    if (call->rendering == SMV_RENDER_PAGE) {
        smv_set(view, "heading", smv_text(heading_of(record, call->pool)));
        smv_set(view, "facts", smv_nested_list(smv_cells_of(record, 1, call->pool)));
        smv_set(view, "version", record->values[smv_resource_version_field(resource)]);
        smv_set(view, "notice", smv_text(smv_row_notice(call)));
        set_links(call, view, resource, record->values[0].number);
    }
    return view;
}

const smv_error_t *smv_show_row(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_resource_t *resource = call->route->resource;
    const smv_record_t *record;
    const smv_error_t *error = call->store->row(call->store, &record, call->permit, resource, call->id, call->pool);

    if (!error) {
        answer->view = smv_row_page(call, record);
        answer->version = record->values[smv_resource_version_field(resource)].number;
    }
    return error;
}

const char *smv_rows_href(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t customer)
{
    return apr_pstrcat(call->pool, call->base, smv_rows_path(call, resource, customer), NULL);
}

const char *smv_rows_path(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t customer)
{
    return resource->id == SMV_RESOURCE_CUSTOMER
               ? apr_psprintf(call->pool, "/customers/%" APR_INT64_T_FMT, customer)
               : apr_psprintf(call->pool, "/customers/%" APR_INT64_T_FMT "/%s", customer, resource->path);
}

const char *smv_row_path(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t key)
{
    return apr_psprintf(call->pool, "/%s/%" APR_INT64_T_FMT, resource->path, key);
}

const char *smv_row_href(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t key)
{
    return apr_pstrcat(call->pool, call->base, smv_row_path(call, resource, key), NULL);
}

const char *smv_rows_title(const smv_resource_t *resource)
{
    for (int i = 0; i < smv_route_count; i++) {
        if (smv_routes[i].resource == resource && smv_routes[i].subject == SMV_SUBJECT_CUSTOMER &&
            smv_routes[i].method == SMV_METHOD_GET) {
            return smv_routes[i].title;
        }
    }
    return resource->label;
}

/* What was done is said by the page that comes next; the query only names it. */
const char *smv_row_notice(const smv_call_t *call)
{
    static const char *const notices[] = {NULL, "Der Eintrag wurde angelegt.", "Die Änderung wurde gespeichert.",
                                          "Der Eintrag wurde gelöscht."};
    apr_int64_t done = 0;

    return smv_query_number(&done, call->query, "done", 1, 3, call->pool) ? NULL : notices[done];
}

const char *smv_notice_of(const smv_call_t *call, const smv_notice_t *notices)
{
    for (; call->query && notices->query; notices++) {
        if (strcmp(call->query, notices->query) == 0) {
            return notices->notice;
        }
    }
    return NULL;
}
