/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents: the list of one customer, one document's data, and its content.
 */
#include "smv_query.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_WORDS 100 /* characters of a search */

static void set_can_view(const smv_record_t *view, smv_rightset_t rights)
{
    smv_set(view, "can_view_documents", smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_VIEW)));
}

static const smv_error_t *read_filter(const smv_call_t *call, smv_document_filter_t *filter)
{
    const smv_field_t *kinds = &smv_shape_document.fields[SMV_DOCUMENT_KIND];
    const char *contract;
    const smv_error_t *error;

    *filter = (smv_document_filter_t){.contract = 0};
    if (call->route->method != SMV_METHOD_GET) {
        return NULL;
    }
    /* the page's form sends an empty one for all */
    if ((error = smv_query_text(&contract, call->query, "contract", MAX_WORDS, call->pool)) ||
        (contract &&
         (error = smv_query_number(&filter->contract, call->query, "contract", 0, APR_INT64_MAX, call->pool))) ||
        (error = smv_query_text(&filter->kind, call->query, "kind", 20, call->pool)) ||
        (error = smv_query_text(&filter->words, call->query, "q", MAX_WORDS, call->pool))) {
        return error;
    }
    return filter->kind && !smv_code_is_known(kinds, filter->kind)
               ? smv_error(call->pool, SMV_ERROR_BAD_REQUEST, "kind must be one of the codes of a document's kind")
               : NULL;
}

/* --- what a page has beside the list --- */

static smv_list_t *kinds(const char *chosen, const char *none, apr_pool_t *pool)
{
    return smv_options_of(smv_shape_document.fields[SMV_DOCUMENT_KIND].codes, none, chosen, pool);
}

/* Contracts to choose from are for who may see them. */
static const smv_error_t *set_contracts(const smv_call_t *call, const smv_record_t *view, apr_int64_t chosen)
{
    smv_list_t *contracts, *options;
    const smv_error_t *error;

    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CONTRACT_VIEW)) {
        return NULL;
    }
    error = call->store->contracts(call->store, &contracts, call->permit, call->id, call->pool);
    if (error) {
        return error;
    }
    options = smv_list_make(&smv_shape_option, contracts->count, call->pool);
    for (int i = 0; i < contracts->count; i++) {
        const smv_value_t *values = contracts->records[i].values;

        smv_set(&options->records[i], "code",
                smv_text(apr_psprintf(call->pool, "%" APR_INT64_T_FMT, values[SMV_CONTRACT_ID].number)));
        smv_set(&options->records[i], "label",
                smv_text(apr_pstrcat(call->pool, values[SMV_CONTRACT_NUMBER].as.text, " · ",
                                     values[SMV_CONTRACT_INSURER].as.text, NULL)));
        smv_set(&options->records[i], "is_selected", smv_number(values[SMV_CONTRACT_ID].number == chosen));
    }
    smv_set(view, "contracts", smv_nested_list(options));
    return NULL;
}

static const char *href(const smv_call_t *call, const char *rest)
{
    return apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "/%s", call->base, call->subject.customer, rest);
}

static const smv_error_t *set_import(const smv_call_t *call, const smv_record_t *view)
{
    const char *submission;
    const smv_error_t *error;

    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_IMPORT)) {
        return NULL;
    }
    error = smv_new_submission(call, &submission);
    if (!error) {
        smv_set(view, "import_href", smv_text(href(call, "documents")));
        smv_set(view, "submission", smv_text(submission));
        smv_set(view, "max_files", smv_number(call->limits->upload_files));
        smv_set(view, "max_size", smv_number(call->limits->upload_size));
        smv_set(view, "accept", smv_text(smv_words_with_commas(call->limits->upload_types, call->pool)));
        smv_set(view, "upload_kinds", smv_nested_list(kinds("other", NULL, call->pool)));
    }
    return error;
}

static const smv_error_t *set_deleted(const smv_call_t *call, const smv_record_t *view)
{
    smv_list_t *list;
    const smv_error_t *error;

    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_DELETE)) {
        return NULL;
    }
    error = call->store->deleted_documents(call->store, &list, call->permit,
                                           apr_time_sec(call->now) - call->limits->undo_time, call->pool);
    if (!error) {
        smv_set(view, "deleted", smv_nested_list(list));
    }
    return error;
}

static const char *notice_of(const smv_call_t *call)
{
    static const char *const notices[] = {NULL, "Die Dokumente sind angekommen.", NULL, "Das Dokument wurde gelöscht.",
                                          "Das Dokument ist wieder da."};
    apr_int64_t done = 0;

    return smv_query_number(&done, call->query, "done", 1, 4, call->pool) ? NULL : notices[done];
}

static const smv_error_t *set_up_page(const smv_call_t *call, const smv_record_t *view,
                                      const smv_document_filter_t *filter)
{
    const smv_error_t *error;

    if ((error = set_contracts(call, view, filter->contract)) || (error = set_import(call, view)) ||
        (error = set_deleted(call, view))) {
        return error;
    }
    smv_set(view, "words", smv_text(filter->words));
    smv_set(view, "kinds", smv_nested_list(kinds(filter->kind, "Alle Arten", call->pool)));
    smv_set(view, "is_filtered", smv_number(filter->contract || filter->kind || filter->words));
    smv_set(view, "notice", smv_text(notice_of(call)));
    if (SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_VIEW)) {
        smv_set(view, "archive_href", smv_text(href(call, "documents.zip")));
    }
    return NULL;
}

const smv_error_t *smv_documents_page(const smv_call_t *call, smv_record_t **view)
{
    smv_document_filter_t filter;
    smv_list_t *list;
    const smv_error_t *error = read_filter(call, &filter);

    *view = smv_record_make(&smv_shape_documents_view, call->pool);
    smv_set(*view, "customer", smv_number(call->subject.customer));
    set_can_view(*view, call->permit->rights);
    if (!error && SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_LIST)) {
        error = call->store->documents(call->store, &list, call->permit, &filter, call->pool);
    } else {
        list = smv_list_make(&smv_shape_document, 0, call->pool);
    }
    if (error) {
        return error;
    }
    smv_set(*view, "documents", smv_nested_list(list));
    return call->rendering == SMV_RENDER_PAGE ? set_up_page(call, *view, &filter) : NULL;
}

const smv_error_t *smv_list_documents(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view;
    const smv_error_t *error = smv_documents_page(call, &view);

    answer->view = error ? NULL : view;
    return error;
}

const smv_error_t *smv_show_document(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    const smv_record_t *document;
    const smv_error_t *error = call->store->document(call->store, &document, call->permit, call->id, call->pool);

    if (error) {
        return error;
    }
    smv_set(view, "document", smv_nested(document));
    set_can_view(view, call->permit->rights);
    if (SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_DELETE)) {
        smv_set(view, "delete_href",
                smv_text(apr_psprintf(call->pool, "%s/documents/%" APR_INT64_T_FMT "/delete", call->base, call->id)));
    }
    answer->view = view;
    answer->version = document->values[SMV_DOCUMENT_VERSION].number;
    return NULL;
}

static smv_file_t *file_of(const smv_record_t *document, apr_pool_t *pool)
{
    smv_file_t *file = apr_pcalloc(pool, sizeof *file);

    file->content_hash = document->values[SMV_DOCUMENT_CONTENT_HASH].as.text;
    file->media_type = document->values[SMV_DOCUMENT_MEDIA_TYPE].as.text;
    file->name = document->values[SMV_DOCUMENT_NAME].as.text;
    file->size = document->values[SMV_DOCUMENT_SIZE].number;
    return file;
}

const smv_error_t *smv_send_document(const smv_call_t *call, smv_answer_t *answer)
{
    apr_int64_t is_download = 0;
    const smv_record_t *document;
    smv_file_t *file;
    const smv_error_t *error;

    if ((error = smv_query_number(&is_download, call->query, "download", 0, 1, call->pool)) ||
        (error = call->store->document(call->store, &document, call->permit, call->id, call->pool))) {
        return error;
    }
    file = file_of(document, call->pool);
    file->is_download = is_download != 0;
    answer->file = file;
    return NULL;
}

void smv_bundle_add_document(smv_bundle_t *bundle, const char *folder, const smv_record_t *document, apr_pool_t *pool)
{
    smv_bundle_entry_t *entry = apr_array_push(bundle->entries);

    *entry = (smv_bundle_entry_t){.folder = folder, .file = file_of(document, pool)};
    entry->name = entry->file->name;
}

const smv_error_t *smv_send_documents(const smv_call_t *call, smv_answer_t *answer)
{
    apr_int64_t ids[SMV_MAX_DOCUMENTS_A_ZIP];
    int count = SMV_MAX_DOCUMENTS_A_ZIP;
    smv_bundle_t *bundle = apr_palloc(call->pool, sizeof *bundle);
    const smv_error_t *error = smv_query_numbers(ids, &count, call->query, "document", call->pool);

    bundle->name = apr_psprintf(call->pool, "Dokumente %" APR_INT64_T_FMT ".zip", call->id);
    bundle->entries = apr_array_make(call->pool, count + 1, sizeof(smv_bundle_entry_t));
    if (!error && count == 0) {
        error = smv_error_saying(call->pool, SMV_ERROR_BAD_REQUEST, "Bitte wählen Sie mindestens ein Dokument.",
                                 "no document was chosen");
    }
    for (int i = 0; i < count && !error; i++) {
        const smv_record_t *document;

        error = call->store->document(call->store, &document, call->permit, ids[i], call->pool);
        if (!error) {
            smv_bundle_add_document(bundle, NULL, document, call->pool);
        }
    }
    answer->bundle = bundle;
    return error;
}
