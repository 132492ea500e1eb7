/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that is held on a customer (GDPR, articles 15 and 20): a ZIP with one JSON file and the documents. It has
 * what its reader may see, and says what was left out and which right would give it.
 */
#include "smv_json.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_JSON (64U << 20)

typedef struct export_t {
    const smv_call_t *call;
    smv_buffer_t json;
    smv_buffer_t left_out;
    smv_bundle_t *bundle;
} export_t;

static int may(const export_t *export, smv_right_e right)
{
    return SMV_HAS_RIGHT(export->call->permit->rights, right);
}

static void begin_member(export_t *export, const char *name)
{
    smv_buffer_puts(&export->json, export->json.size > 1 ? ",\n" : "\n");
    smv_buffer_json(&export->json, name, strlen(name));
    smv_buffer_puts(&export->json, ": ");
}

static void add_list(export_t *export, const char *name, const smv_list_t *list)
{
    const smv_field_t field = {.type = SMV_TYPE_LIST};
    const smv_value_t value = smv_nested_list(list);

    begin_member(export, name);
    smv_json_value(&export->json, &field, &value);
}

static void leave_out(export_t *export, const char *name, smv_right_e right)
{
    smv_buffer_puts(&export->left_out, export->left_out.size > 1 ? "," : "");
    smv_buffer_puts(&export->left_out, "{\"part\":");
    smv_buffer_json(&export->left_out, name, strlen(name));
    smv_buffer_puts(&export->left_out, ",\"right\":");
    smv_buffer_json(&export->left_out, smv_rights[right].id, strlen(smv_rights[right].id));
    smv_buffer_puts(&export->left_out, "}");
}

static const smv_error_t *add_customer(export_t *export)
{
    const smv_call_t *call = export->call;
    const smv_record_t *customer;
    const smv_error_t *error = call->store->row(call->store, &customer, call->permit,
                                                &smv_resources[SMV_RESOURCE_CUSTOMER], call->id, call->pool);

    if (!error) {
        begin_member(export, "customer");
        smv_json_record(&export->json, customer);
    }
    return error;
}

static const smv_error_t *add_resource(export_t *export, const smv_resource_t *resource)
{
    const smv_call_t *call = export->call;
    smv_list_t *list;
    const smv_error_t *error;

    if (!may(export, resource->view)) {
        leave_out(export, resource->name, resource->view);
        return NULL;
    }
    error = call->store->rows(call->store, &list, call->permit, resource, call->pool);
    if (!error) {
        add_list(export, resource->name, list);
    }
    return error;
}

static const smv_error_t *add_contracts(export_t *export)
{
    const smv_call_t *call = export->call;
    smv_list_t *list;
    const smv_error_t *error;

    if (!may(export, SMV_RIGHT_CONTRACT_VIEW)) {
        leave_out(export, "contract", SMV_RIGHT_CONTRACT_VIEW);
        return NULL;
    }
    error = call->store->contracts(call->store, &list, call->permit, call->id, call->pool);
    if (!error) {
        add_list(export, "contract", list);
    }
    return error;
}

static const smv_error_t *add_financial_items(export_t *export)
{
    const smv_call_t *call = export->call;
    smv_list_t *list;
    const smv_error_t *error;

    if (may(export, SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE)) {
        leave_out(export, "financial_item", SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE);
        return NULL;
    }
    error = call->store->financial_items(call->store, &list, call->permit, call->pool);
    if (!error) {
        add_list(export, "financial_item", list);
    }
    return error;
}

static const smv_error_t *add_documents(export_t *export)
{
    const smv_call_t *call = export->call;
    const smv_document_filter_t all = {.contract = 0};
    smv_list_t *list;
    const smv_error_t *error;

    if (!may(export, SMV_RIGHT_DOCUMENT_LIST)) {
        leave_out(export, "document", SMV_RIGHT_DOCUMENT_LIST);
        return NULL;
    }
    error = call->store->documents(call->store, &list, call->permit, &all, call->pool);
    if (error) {
        return error;
    }
    add_list(export, "document", list);
    if (!may(export, SMV_RIGHT_DOCUMENT_VIEW)) {
        leave_out(export, "files of documents", SMV_RIGHT_DOCUMENT_VIEW);
        return NULL;
    }
    for (int i = 0; i < list->count; i++) {
        smv_bundle_add_document(export->bundle, "Dokumente", &list->records[i], call->pool);
    }
    return NULL;
}

static const smv_error_t *add_log(export_t *export)
{
    const smv_call_t *call = export->call;
    smv_list_t *changes, *readings;
    const smv_error_t *error;

    if ((error =
             call->store->customer_changes(call->store, &changes, call->permit, 0, SMV_STORE_WHOLE_LOG, call->pool)) ||
        (error = call->store->readings(call->store, &readings, call->permit, 0, SMV_STORE_WHOLE_LOG, call->pool))) {
        return error;
    }
    smv_log_leave_told(call, changes);
    add_list(export, "change", changes);
    add_list(export, "reading", readings);
    return NULL;
}

/* A person gets their own entry; staff those of the customer's accounts. */
static const smv_error_t *add_directory(export_t *export)
{
    const smv_call_t *call = export->call;
    const smv_viewing_t *viewing = call->principal->viewing;
    const char *dn = viewing ? viewing->dn : smv_is_own(call, call->id) ? call->principal->dn : NULL;
    smv_list_t *list;
    const smv_error_t *error;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = call->directory->describe(call->directory, &list, dn, call->id, call->pool);
    if (!error) {
        add_list(export, "directory", list);
    }
    return error;
}

static const smv_error_t *add_all(export_t *export)
{
    const smv_error_t *error = add_customer(export);

    for (int i = SMV_RESOURCE_CUSTOMER + 1; i < SMV_RESOURCE_DOCUMENT && !error; i++) {
        error = add_resource(export, &smv_resources[i]);
    }
    if (error || (error = add_contracts(export)) || (error = add_financial_items(export)) ||
        (error = add_documents(export)) || (error = add_log(export))) {
        return error;
    }
    return add_directory(export);
}

const smv_error_t *smv_send_own_data(const smv_call_t *call, smv_answer_t *answer)
{
    export_t export = {.call = call, .bundle = apr_palloc(call->pool, sizeof *export.bundle)};
    smv_bundle_entry_t *entry;
    const smv_error_t *error;

    export.bundle->name = apr_psprintf(call->pool, "Daten %" APR_INT64_T_FMT ".zip", call->id);
    export.bundle->entries = apr_array_make(call->pool, 64, sizeof(smv_bundle_entry_t));
    smv_buffer_init(&export.json, 65536, MAX_JSON, call->pool);
    smv_buffer_init(&export.left_out, 256, 65536, call->pool);
    smv_buffer_puts(&export.json, "{");
    smv_buffer_puts(&export.left_out, "[");
    error = add_all(&export);
    if (error) {
        return error;
    }
    begin_member(&export, "left_out");
    smv_buffer_write(&export.json, export.left_out.data, export.left_out.size);
    smv_buffer_puts(&export.json, "]\n}\n");
    if (export.json.is_failed) {
        return smv_error(call->pool, SMV_ERROR_INTERNAL, "the data of a customer pass %u bytes", MAX_JSON);
    }
    entry = apr_array_push(export.bundle->entries);
    *entry = (smv_bundle_entry_t){.name = "daten.json", .text = export.json.data, .text_size = export.json.size};
    answer->bundle = export.bundle;
    return NULL;
}
