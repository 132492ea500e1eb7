/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents that people bring in, delete and take back. Several files come in together, or none of them.
 */
#include "smv_document_name.h"
#include "smv_input.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <stdlib.h>

const char *smv_words_with_commas(const char *words, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, words);

    for (char *at = text; *at; at++) {
        if (*at == ' ') {
            *at = ',';
        }
    }
    return text;
}

/* --- checking --- */

static const smv_problem_t *add_file_problem(const smv_problem_t *problems, int at, const char *name, const char *text,
                                             apr_pool_t *pool)
{
    smv_problem_t *problem;
    const smv_problem_t *all = smv_problem(problems, "file", text, 0, pool);

    for (problem = (smv_problem_t *)all; problem->next; problem = (smv_problem_t *)problem->next) {
    }
    problem->label = smv_form_shown(&(smv_sent_t){.text = name, .size = strlen(name)}, SMV_DOCUMENT_NAME_LENGTH, pool);
    problem->item = at + 1;
    return all;
}

static const smv_problem_t *check_files(const smv_call_t *call)
{
    const smv_problem_t *problems = NULL;

    for (int i = 0; i < call->upload_count; i++) {
        const smv_upload_t *upload = &call->uploads[i];
        const char *fault = smv_document_name_fault(upload->name);

        if (!fault && upload->error) {
            fault = upload->error->public_text;
        }
        if (fault) {
            problems = add_file_problem(problems, i, upload->name, fault, call->pool);
        }
    }
    return call->upload_count > 0 ? problems
                                  : smv_problem(NULL, "file", "Bitte wählen Sie mindestens eine Datei.", 0, call->pool);
}

/* The kind and the contract that the form says of all its files. */
static const smv_problem_t *read_fields(const smv_call_t *call, const smv_record_t *document,
                                        const smv_problem_t *problems)
{
    const smv_field_t *kinds = &smv_shape_document.fields[SMV_DOCUMENT_KIND];
    const char *kind = smv_form_text(call->form, "kind"), *contract = smv_form_text(call->form, "contract");

    document->values[SMV_DOCUMENT_KIND] = smv_text(kind && *kind ? kind : "other");
    if (kind && *kind && smv_code_label(kinds, kind) == kind) {
        problems = smv_problem(problems, "kind", "Bitte wählen Sie einen der Werte.", 0, call->pool);
    }
    if (contract && *contract) {
        if (strspn(contract, "0123456789") != strlen(contract) || strlen(contract) > 18 || *contract == '0') {
            return smv_problem(problems, "contract", "Bitte wählen Sie einen der Werte.", 0, call->pool);
        }
        document->values[SMV_DOCUMENT_CONTRACT] = smv_number(strtoll(contract, NULL, 10));
    }
    return problems;
}

/* --- bringing in --- */

/* What the client is at fault for is told by file; what we lack is told of the request. */
static const smv_error_t *find_failure(const smv_call_t *call)
{
    for (int i = 0; i < call->upload_count; i++) {
        if (call->uploads[i].error && call->uploads[i].error->http_status >= 500) {
            return call->uploads[i].error;
        }
    }
    return NULL;
}

static const smv_error_t *answer_problems(const smv_call_t *call, smv_answer_t *answer, const smv_problem_t *problems)
{
    const smv_error_t *invalid = smv_error_invalid(problems, call->pool), *error;
    smv_list_t *lines;
    smv_record_t *view;
    int count = 0;

    if (call->rendering == SMV_RENDER_API) {
        return invalid;
    }
    error = smv_documents_page(call, &view);
    for (const smv_problem_t *problem = problems; problem; problem = problem->next) {
        count++;
    }
    lines = smv_list_make(&smv_shape_upload_problem, count, call->pool);
    for (int i = 0; i < count; i++, problems = problems->next) {
        smv_set(&lines->records[i], "name", smv_text(problems->label));
        smv_set(&lines->records[i], "text", smv_text(problems->text));
    }
    smv_set(view, "problems", smv_nested_list(lines));
    answer->view = view;
    answer->status = invalid->http_status;
    return error;
}

static const smv_error_t *keep_content(const smv_change_t *change, apr_pool_t *pool)
{
    const smv_upload_t *upload = change->commit_data;

    (void)pool;
    return upload->keep(upload->file);
}

static void fill_change(const smv_call_t *call, smv_change_t *change, const smv_record_t *common, int at)
{
    const smv_upload_t *upload = &call->uploads[at];
    smv_record_t *document = smv_record_make(&smv_shape_document, call->pool);
    const char *submission = smv_submission_of(call);

    document->values[SMV_DOCUMENT_KIND] = common->values[SMV_DOCUMENT_KIND];
    document->values[SMV_DOCUMENT_CONTRACT] = common->values[SMV_DOCUMENT_CONTRACT];
    document->values[SMV_DOCUMENT_CUSTOMER] = smv_number(call->subject.customer);
    document->values[SMV_DOCUMENT_NAME] = smv_text(upload->name);
    document->values[SMV_DOCUMENT_DATE] = smv_text(smv_day_of(call->now, call->pool));
    document->values[SMV_DOCUMENT_SIZE] = smv_number(upload->size);
    document->values[SMV_DOCUMENT_MEDIA_TYPE] = smv_text(upload->media_type);
    document->values[SMV_DOCUMENT_CONTENT_HASH] = smv_text(upload->content_hash);
    document->values[SMV_DOCUMENT_ADDED_BY] = smv_text(call->principal->name);
    *change = (smv_change_t){.resource = &smv_resources[SMV_RESOURCE_DOCUMENT],
                             .deed = SMV_DEED_CREATE,
                             .after = document,
                             .submission = submission ? apr_psprintf(call->pool, "%s:%d", submission, at) : NULL,
                             .before_commit = keep_content,
                             .commit_data = (void *)upload};
}

/* The API tells who may list documents which ones there are now. */
static const smv_error_t *answer_imported(const smv_call_t *call, smv_answer_t *answer, const smv_change_t *changes)
{
    smv_rightset_t rights = call->permit->rights;
    smv_record_t *view = smv_record_make(&smv_shape_documents_view, call->pool);
    smv_list_t *list = smv_list_make(&smv_shape_document, call->upload_count, call->pool);
    const smv_error_t *error = NULL;

    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location = SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_LIST)
                               ? apr_psprintf(call->pool, "/customers/%" APR_INT64_T_FMT "/documents?done=1", call->id)
                               : "/";
        return NULL;
    }
    if (!SMV_HAS_RIGHT(rights, SMV_RIGHT_DOCUMENT_LIST)) {
        return NULL;
    }
    for (int i = 0; i < call->upload_count && !error; i++) {
        const smv_record_t *document;

        error = call->store->document(call->store, &document, call->permit, changes[i].row, call->pool);
        if (!error) {
            ((smv_record_t *)list->records)[i] = *document;
        }
    }
    smv_set(view, "documents", smv_nested_list(list));
    answer->view = view;
    answer->status = 201;
    return error;
}

static const smv_error_t *purge(const smv_call_t *call)
{
    return call->store->purge_documents(call->store, apr_time_sec(call->now) - call->limits->undo_time, call->pool);
}

const smv_error_t *smv_import_documents(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *common = smv_record_make(&smv_shape_document, call->pool);
    const smv_problem_t *problems = read_fields(call, common, check_files(call));
    smv_change_t *changes = apr_pcalloc(call->pool, sizeof *changes * (apr_size_t)(call->upload_count + 1));
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error = find_failure(call);

    if (error || problems) {
        return error ? error : answer_problems(call, answer, problems);
    }
    for (int i = 0; i < call->upload_count; i++) {
        fill_change(call, &changes[i], common, i);
    }
    if ((error = purge(call)) ||
        (error = call->store->change(call->store, changes, call->upload_count, call->permit, &actor, call->pool))) {
        return error->code == SMV_ERROR_NOT_FOUND
                   ? answer_problems(call, answer,
                                     smv_problem(NULL, "contract", "Bitte wählen Sie einen der Werte.", 0, call->pool))
                   : error;
    }
    return answer_imported(call, answer, changes);
}

/* --- deleting, and taking that back --- */

static const smv_error_t *answer_gone(const smv_call_t *call, smv_answer_t *answer, int done)
{
    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location = SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_LIST)
                               ? apr_psprintf(call->pool, "/customers/%" APR_INT64_T_FMT "/documents?done=%d",
                                              call->subject.customer, done)
                               : "/";
    }
    return NULL;
}

static const smv_error_t *answer_changed(const smv_call_t *call, smv_answer_t *answer, const smv_error_t *conflict)
{
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_API) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION, "%s", conflict->detail);
    }
    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_DOCUMENT_LIST)) {
        return conflict;
    }
    error = smv_show_document(call, answer);
    if (!error) {
        smv_set(answer->view, "error", smv_text(conflict->public_text));
        answer->status = conflict->http_status;
    }
    return error;
}

const smv_error_t *smv_delete_document(const smv_call_t *call, smv_answer_t *answer)
{
    smv_change_t change = {.resource = &smv_resources[SMV_RESOURCE_DOCUMENT], .deed = SMV_DEED_DELETE, .row = call->id};
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error;

    if ((error = smv_seen_version(call, &change.version)) ||
        (error = call->store->document(call->store, &change.before, call->permit, call->id, call->pool)) ||
        (error = purge(call))) {
        return error;
    }
    error = call->store->change(call->store, &change, 1, call->permit, &actor, call->pool);
    if (error && error->code == SMV_ERROR_CONFLICT) {
        return answer_changed(call, answer, error);
    }
    return error ? error : answer_gone(call, answer, 3);
}

const smv_error_t *smv_restore_document(const smv_call_t *call, smv_answer_t *answer)
{
    smv_change_t change = {.resource = &smv_resources[SMV_RESOURCE_DOCUMENT],
                           .deed = SMV_DEED_RESTORE,
                           .row = call->id,
                           .version = apr_time_sec(call->now) - call->limits->undo_time};
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error = call->store->change(call->store, &change, 1, call->permit, &actor, call->pool);

    return error ? error : answer_gone(call, answer, 4);
}
