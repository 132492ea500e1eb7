/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents: the list of one customer, one document's data, and its content.
 */
#include "smv_query.h"
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

static void set_can_view(smv_record_t *view, smv_rightset_t rights)
{
    view->values[smv_shape_field(view->shape, "can_view_documents")] =
        smv_number(SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_VIEW));
}

const smv_error_t *smv_list_documents(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    apr_int64_t contract = 0;
    smv_list_t *list;
    const smv_error_t *error;

    if ((error = smv_query_number(&contract, call->query, "contract", 1, APR_INT64_MAX, call->pool)) ||
        (error = call->store->documents(call->store, &list, call->permit, call->id, contract, call->pool))) {
        return error;
    }
    view->values[smv_shape_field(view->shape, "customer")] = smv_number(call->id);
    view->values[smv_shape_field(view->shape, "documents")] = smv_nested_list(list);
    set_can_view(view, call->permit->rights);
    answer->view = view;
    return NULL;
}

const smv_error_t *smv_show_document(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(call->route->view, call->pool);
    const smv_record_t *document;
    const smv_error_t *error = call->store->document(call->store, &document, call->permit, call->id, call->pool);

    if (error) {
        return error;
    }
    view->values[smv_shape_field(view->shape, "document")] = smv_nested(document);
    set_can_view(view, call->permit->rights);
    answer->view = view;
    return NULL;
}

const smv_error_t *smv_send_document(const smv_call_t *call, smv_answer_t *answer)
{
    smv_file_t *file = apr_pcalloc(call->pool, sizeof *file);
    apr_int64_t is_download = 0;
    const smv_record_t *document;
    const smv_error_t *error;

    if ((error = smv_query_number(&is_download, call->query, "download", 0, 1, call->pool)) ||
        (error = call->store->document(call->store, &document, call->permit, call->id, call->pool))) {
        return error;
    }
    file->content_hash = document->values[SMV_DOCUMENT_CONTENT_HASH].as.text;
    file->media_type = document->values[SMV_DOCUMENT_MEDIA_TYPE].as.text;
    file->name = document->values[SMV_DOCUMENT_NAME].as.text;
    file->size = document->values[SMV_DOCUMENT_SIZE].number;
    file->is_download = is_download != 0;
    answer->file = file;
    return NULL;
}
