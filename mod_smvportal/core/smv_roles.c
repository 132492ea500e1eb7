/* SPDX-License-Identifier: Apache-2.0
 *
 * Roles: the list, and "Rolle bearbeiten" with the grid of rights.
 */
#include "smv_query.h"
#include "smv_record.h"
#include "smv_role.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <stdlib.h>

/* --- records --- */

static const char *check_name(char *text, const char *today)
{
    (void)today;
    return strpbrk(text, ",+\"\\<>;=#*[]{}$")
               ? "Eine Bezeichnung hat keines dieser Zeichen: , + \" \\ < > ; = # * [ ] { } $"
               : NULL;
}

const smv_rule_t smv_rule_role_name = {"role_name", "text", "off", check_name};

const char *smv_role_path(const smv_call_t *call, apr_int64_t id)
{
    return apr_psprintf(call->pool, "/roles/%" APR_INT64_T_FMT, id);
}

static void set_if_there(const smv_record_t *record, const char *name, smv_value_t value)
{
    int index = smv_shape_field(record->shape, name);

    if (index >= 0) {
        record->values[index] = value;
    }
}

smv_record_t *smv_role_record(const smv_shape_t *shape, const smv_role_t *role, apr_pool_t *pool)
{
    smv_record_t *record = smv_record_make(shape, pool);

    set_if_there(record, "id", smv_number(role->id));
    set_if_there(record, "name", smv_text(role->name));
    set_if_there(record, "remark", smv_text(*role->remark ? role->remark : NULL));
    set_if_there(record, "scope", smv_text(smv_scope_codes[role->scope]));
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        set_if_there(record, smv_rights[right].id, smv_number(SMV_HAS_RIGHT(role->rights, right)));
    }
    return record;
}

smv_role_t smv_role_wished(const smv_record_t *record, const smv_role_t *role)
{
    smv_role_t wished = *role;
    const smv_value_t *remark = &record->values[smv_shape_field(record->shape, "remark")];
    const char *scope = record->values[smv_shape_field(record->shape, "scope")].as.text;

    wished.remark = remark->is_present ? remark->as.text : "";
    wished.rights = 0;
    for (int i = 0; i < SMV_SCOPE_COUNT; i++) {
        wished.scope = strcmp(smv_scope_codes[i], scope) == 0 ? (smv_scope_e)i : wished.scope;
    }
    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        const smv_value_t *value = &record->values[smv_shape_field(record->shape, smv_rights[right].id)];

        wished.rights |= value->is_present && value->number ? SMV_RIGHT_BIT(right) : 0;
    }
    return wished;
}

int smv_role_accounts(const smv_role_uses_t *uses)
{
    return uses->pointers + uses->members;
}

/* --- the list --- */

static const smv_notice_t notices[] = {
    {"done=create", "Die Rolle ist angelegt."},
    {"done=edit", "Die Rolle ist gespeichert. Das gilt sofort für alle, die sie haben."},
    {"done=rename", "Die Rolle hat jetzt diesen Namen."},
    {"done=delete", "Die Rolle ist gelöscht."},
    {NULL, NULL}};

static int by_id(const void *left, const void *right)
{
    apr_int64_t a = ((const smv_role_t *)left)->id, b = ((const smv_role_t *)right)->id;

    return (a > b) - (a < b);
}

const smv_error_t *smv_list_roles(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_role_view, call->pool);
    const smv_role_t *roles;
    smv_role_t *sorted;
    smv_list_t *list;
    int count;
    const smv_error_t *error;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = call->directory->roles(call->directory, &roles, &count, call->pool);
    if (error) {
        return error;
    }
    sorted = apr_pmemdup(call->pool, roles, sizeof *roles * (apr_size_t)count);
    qsort(sorted, (size_t)count, sizeof *sorted, by_id);
    list = smv_list_make(&smv_shape_role, count, call->pool);
    for (int i = 0; i < count; i++) {
        ((smv_record_t *)list->records)[i] = *smv_role_record(&smv_shape_role, &sorted[i], call->pool);
        smv_set(&list->records[i], "href",
                smv_text(apr_pstrcat(call->pool, call->base, smv_role_path(call, sorted[i].id), NULL)));
    }
    smv_set(view, "roles", smv_nested_list(list));
    smv_set(view, "create_href", smv_text(apr_pstrcat(call->pool, call->base, "/roles/new", NULL)));
    smv_set(view, "notice", smv_text(smv_notice_of(call, notices)));
    answer->view = view;
    return NULL;
}

/* --- one role --- */

/* A field of the form in a place of the page. */
static void place(const smv_list_t *fields, const char *name, const smv_record_t *where)
{
    int index = smv_shape_field(&smv_shape_form_field, "name");

    for (int i = 0; i < fields->count; i++) {
        if (strcmp(fields->records[i].values[index].as.text, name) == 0) {
            memcpy(where->values, fields->records[i].values,
                   sizeof *where->values * (size_t)smv_shape_form_field.count);
        }
    }
}

/* The grid of the source page: two columns, of which the right one has gaps. */
static smv_list_t *grid_of(const smv_list_t *fields, apr_pool_t *pool)
{
    smv_list_t *rows = smv_list_make(&smv_shape_role_row, smv_right_rows(), pool);

    for (int i = 0; i < rows->count; i++) {
        smv_set(&rows->records[i], "cells", smv_nested_list(smv_list_make(&smv_shape_form_field, 2, pool)));
    }
    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        const smv_record_t *row = &rows->records[smv_rights[right].row - 1];
        const smv_list_t *cells = row->values[smv_shape_field(row->shape, "cells")].as.list;

        place(fields, smv_rights[right].id, &cells->records[smv_rights[right].column - 1]);
    }
    return rows;
}

static smv_list_t *staff_of(const smv_list_t *fields, apr_pool_t *pool)
{
    smv_list_t *rights = smv_list_make(&smv_shape_form_field, SMV_RIGHT_COUNT - SMV_CUSTOMER_RIGHT_COUNT, pool);

    for (int i = 0; i < rights->count; i++) {
        place(fields, smv_rights[SMV_CUSTOMER_RIGHT_COUNT + i].id, &rights->records[i]);
    }
    return rights;
}

static smv_list_t *lines_of(const smv_list_t *fields, const smv_shape_t *shape, apr_pool_t *pool)
{
    static const char *const names[] = {"name", "scope", "remark"};
    smv_list_t *lines = smv_list_make(&smv_shape_form_field, 3, pool);

    lines->count = 0;
    for (int i = 0; i < 3; i++) {
        if (smv_shape_field(shape, names[i]) >= 0) {
            place(fields, names[i], &lines->records[lines->count++]);
        }
    }
    return lines;
}

static void add_form(const smv_call_t *call, const smv_record_t *view, const smv_role_page_t *page)
{
    const smv_shape_t *shape = page->entry ? &smv_shape_role_change : &smv_shape_role_new;
    smv_list_t *fields = smv_form_fields(shape, &page->form, call->pool);

    smv_set(view, "lines", smv_nested_list(lines_of(fields, shape, call->pool)));
    smv_set(view, "grid", smv_nested_list(grid_of(fields, call->pool)));
    smv_set(view, "staff", smv_nested_list(staff_of(fields, call->pool)));
    smv_set(view, "has_problems", smv_number(page->form.problems || page->name.problems));
    smv_set(view, "problems",
            smv_nested_list(smv_form_problems(page->name.problems ? &smv_shape_role_name : shape,
                                              page->name.problems ? page->name.problems : page->form.problems,
                                              call->pool)));
    smv_set(view, "is_conflict", smv_number(page->form.theirs != NULL));
}

static const smv_error_t *add_entry(const smv_call_t *call, const smv_record_t *view, const smv_role_page_t *page)
{
    const smv_role_t *role = &page->entry->role;
    const char *href = apr_pstrcat(call->pool, call->base, smv_role_path(call, role->id), NULL);
    smv_record_t *record = smv_role_record(&smv_shape_role, role, call->pool);
    smv_form_state_t name = page->name;
    smv_role_uses_t uses;
    const smv_error_t *error;

    error = call->directory->role_uses(call->directory, &uses, role->dn, call->pool);
    if (error) {
        return error;
    }
    name.row = smv_role_record(&smv_shape_role_name, role, call->pool);
    smv_set(record, "accounts", smv_number(smv_role_accounts(&uses)));
    smv_set(record, "version", smv_number(page->entry->version));
    smv_set(view, "role", smv_nested(record));
    smv_set(view, "dn", smv_text(role->dn));
    smv_set(view, "is_more", smv_number(uses.is_more));
    smv_set(view, "is_used", smv_number(smv_role_accounts(&uses) > 0));
    smv_set(view, "version", smv_number(page->entry->version));
    smv_set(view, "action_href", smv_text(href));
    smv_set(view, "copy_href",
            smv_text(apr_psprintf(call->pool, "%s/roles/new?copy=%" APR_INT64_T_FMT, call->base, role->id)));
    smv_set(view, "rename_href", smv_text(apr_pstrcat(call->pool, href, "/rename", NULL)));
    if (smv_role_accounts(&uses) == 0) {
        smv_set(view, "delete_href", smv_text(apr_pstrcat(call->pool, href, "/delete", NULL)));
    }
    smv_set(view, "rename", smv_nested_list(smv_form_fields(&smv_shape_role_name, &name, call->pool)));
    smv_set(view, "is_renaming", smv_number(page->name.problems != NULL));
    return NULL;
}

const smv_error_t *smv_role_page(const smv_call_t *call, const smv_record_t **view, const smv_role_page_t *page)
{
    smv_record_t *made = smv_record_make(&smv_shape_role_view, call->pool);
    const char *list = apr_pstrcat(call->pool, call->base, "/roles", NULL);

    call->store->release(call->store);
    smv_set(made, "back_href", smv_text(list));
    smv_set(made, "action_href", smv_text(list));
    smv_set(made, "error", smv_text(page->error));
    smv_set(made, "notice", smv_text(page->notice));
    if (call->rendering == SMV_RENDER_PAGE) {
        add_form(call, made, page);
    }
    *view = made;
    return page->entry ? add_entry(call, made, page) : NULL;
}

const smv_error_t *smv_show_role(const smv_call_t *call, smv_answer_t *answer)
{
    smv_role_entry_t entry;
    smv_role_page_t page = {.entry = &entry, .notice = smv_notice_of(call, notices)};
    const smv_error_t *error;

    call->store->release(call->store);
    error = call->directory->find_role(call->directory, &entry, call->id, call->pool);
    if (!error) {
        page.form.row = smv_role_record(&smv_shape_role_change, &entry.role, call->pool);
        answer->version = entry.version;
        error = smv_role_page(call, &answer->view, &page);
    }
    return error;
}

/* A copy begins with all of the other role but its name. */
const smv_error_t *smv_new_role(const smv_call_t *call, smv_answer_t *answer)
{
    smv_role_page_t page = {.entry = NULL};
    apr_int64_t copied = 0;
    smv_role_entry_t entry;
    const smv_error_t *error = smv_query_number(&copied, call->query, "copy", 1, APR_INT64_MAX, call->pool);

    call->store->release(call->store);
    if (!error && copied) {
        error = call->directory->find_role(call->directory, &entry, copied, call->pool);
    }
    if (error) {
        return error;
    }
    if (copied) {
        entry.role.name = apr_psprintf(call->pool, "%s (Kopie)", entry.role.name);
        page.form.row = smv_role_record(&smv_shape_role_new, &entry.role, call->pool);
    }
    return smv_role_page(call, &answer->view, &page);
}
