/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a document that is nobody's yet: it is made a customer's, or put away, and that taken back.
 */
#include "smv_input.h"
#include "smv_record.h"
#include "smv_shapes.h"
#include "smv_unassigned.h"

#include <apr_strings.h>
#include <string.h>

#define GONE "Dieses Dokument wartet nicht mehr: Jemand hat es inzwischen zugeordnet oder weggelegt."

/* Somebody else was faster. */
static const smv_error_t *answer_gone(const smv_call_t *call, smv_answer_t *answer, const smv_error_t *gone)
{
    smv_record_t *view;
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_API || !smv_unassigned_may_list(call)) {
        return smv_error_saying(call->pool, SMV_ERROR_NOT_FOUND, GONE, "%s", gone->detail);
    }
    error = smv_unassigned_list(call, &view, GONE);
    answer->view = error ? NULL : view;
    answer->page = "unassigned_documents";
    answer->status = 409;
    return error;
}

static int is_gone(const smv_error_t *error)
{
    return error && (error->code == SMV_ERROR_NOT_FOUND || error->code == SMV_ERROR_CONFLICT);
}

/* --- assigning --- */

typedef struct assigning_t {
    const smv_record_t *document; /* that waits */
    const smv_record_t *wish;     /* of smv_shape_assignment */
    smv_recipient_t recipient;
    apr_int64_t contract; /* 0: of none */
    const smv_problem_t *problems;
} assigning_t;

static void add_contract_problem(const smv_call_t *call, assigning_t *assigning)
{
    assigning->problems =
        smv_problem(assigning->problems, "contract", "Bitte wählen Sie einen der Werte.", 0, call->pool);
}

static void read_contract(const smv_call_t *call, assigning_t *assigning)
{
    const smv_value_t *contract = &assigning->wish->values[SMV_ASSIGNMENT_CONTRACT];

    if (!contract->is_present) {
        return;
    }
    assigning->contract =
        strspn(contract->as.text, "0123456789") == strlen(contract->as.text) ? apr_atoi64(contract->as.text) : 0;
    if (!assigning->contract) {
        add_contract_problem(call, assigning);
    }
}

static const smv_error_t *read_wish(const smv_call_t *call, assigning_t *assigning)
{
    const smv_reading_rules_t rules = {.shape = &smv_shape_assignment, .now = call->now};
    const smv_error_t *error = NULL;
    smv_record_t *wish;

    assigning->problems = smv_input_read(&wish, &rules, call->form, call->pool);
    assigning->wish = wish;
    if (wish->values[SMV_ASSIGNMENT_CUSTOMER].is_present) {
        error = smv_recipient_find(call, &assigning->recipient, wish->values[SMV_ASSIGNMENT_CUSTOMER].as.text);
    }
    if (error && error->code == SMV_ERROR_INVALID) {
        assigning->problems = smv_problem(assigning->problems, "customer", error->problems->text, 0, call->pool);
        error = NULL;
    }
    read_contract(call, assigning);
    return error;
}

static const smv_error_t *refuse(const smv_call_t *call, smv_answer_t *answer, const assigning_t *assigning)
{
    const smv_form_state_t state = {.form = call->form, .problems = assigning->problems};
    const smv_error_t *invalid = smv_error_invalid(assigning->problems, call->pool), *error;
    smv_record_t *view;

    if (call->rendering == SMV_RENDER_API) {
        return invalid;
    }
    error = smv_unassigned_page(call, &view, assigning->document, &assigning->recipient, &state);
    answer->view = error ? NULL : view;
    answer->status = invalid->http_status;
    return error;
}

static const smv_record_t *document_of(const smv_call_t *call, const assigning_t *assigning)
{
    smv_record_t *made = smv_record_make(&smv_shape_document, call->pool);
    const smv_value_t *from = assigning->document->values, *kind = &assigning->wish->values[SMV_ASSIGNMENT_KIND];

    made->values[SMV_DOCUMENT_CUSTOMER] = smv_number(assigning->recipient.customer);
    made->values[SMV_DOCUMENT_NAME] = from[SMV_UNASSIGNED_NAME];
    made->values[SMV_DOCUMENT_KIND] = kind->is_present ? *kind : from[SMV_UNASSIGNED_KIND];
    made->values[SMV_DOCUMENT_DATE] = from[SMV_UNASSIGNED_DATE];
    made->values[SMV_DOCUMENT_SIZE] = from[SMV_UNASSIGNED_SIZE];
    made->values[SMV_DOCUMENT_MEDIA_TYPE] = from[SMV_UNASSIGNED_MEDIA_TYPE];
    made->values[SMV_DOCUMENT_CONTENT_HASH] = from[SMV_UNASSIGNED_CONTENT_HASH];
    made->values[SMV_DOCUMENT_ADDED_BY] = smv_text(call->principal->name);
    if (assigning->contract) {
        made->values[SMV_DOCUMENT_CONTRACT] = smv_number(assigning->contract);
    }
    return made;
}

/* A page goes on with the list; the API tells who may list the customer's documents which one it is now. */
static const smv_error_t *answer_assigned(const smv_call_t *call, smv_answer_t *answer, const smv_permit_t *permit,
                                          apr_int64_t id)
{
    smv_record_t *view;
    const smv_record_t *document;
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location = apr_psprintf(call->pool, SMV_UNASSIGNED_PATH "?assigned=%" APR_INT64_T_FMT, id);
        return NULL;
    }
    if (!SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_DOCUMENT_LIST)) {
        return NULL;
    }
    if ((error = call->store->document(call->store, &document, permit, id, call->pool))) {
        return error;
    }
    view = smv_record_make(&smv_shape_unassigned_view, call->pool);
    smv_set(view, "document", smv_nested(document));
    answer->view = view;
    answer->status = 201;
    answer->location = apr_psprintf(call->pool, "/documents/%" APR_INT64_T_FMT, id);
    answer->version = document->values[SMV_DOCUMENT_VERSION].number;
    return NULL;
}

static const smv_error_t *assign(const smv_call_t *call, smv_answer_t *answer, assigning_t *assigning)
{
    smv_change_t change = {.resource = &smv_resources[SMV_RESOURCE_DOCUMENT],
                           .deed = SMV_DEED_CREATE,
                           .after = document_of(call, assigning),
                           .unassigned = call->id};
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error;

    actor.is_staff = !smv_is_own(call, assigning->recipient.customer);
    error = call->store->change(call->store, &change, 1, assigning->recipient.permit, &actor, call->pool);
    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        add_contract_problem(call, assigning);
        return refuse(call, answer, assigning);
    }
    if (is_gone(error)) {
        return answer_gone(call, answer, error);
    }
    return error ? error : answer_assigned(call, answer, assigning->recipient.permit, change.row);
}

const smv_error_t *smv_assign_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    assigning_t assigning = {.document = NULL};
    const smv_error_t *error = call->store->unassigned_one(call->store, &assigning.document, call->permit, call->id,
                                                           SMV_NOT_DISMISSED, call->pool);

    if (is_gone(error)) {
        return answer_gone(call, answer, error);
    }
    if (error || (error = read_wish(call, &assigning))) {
        return error;
    }
    return assigning.problems ? refuse(call, answer, &assigning) : assign(call, answer, &assigning);
}

/* --- putting away, and taking that back --- */

static const smv_error_t *answer_done(const smv_call_t *call, smv_answer_t *answer, const smv_error_t *error,
                                      const char *query)
{
    if (is_gone(error)) {
        return answer_gone(call, answer, error);
    }
    if (!error && call->rendering == SMV_RENDER_PAGE) {
        answer->location =
            smv_unassigned_may_list(call) ? apr_pstrcat(call->pool, SMV_UNASSIGNED_PATH, query, NULL) : "/";
    }
    return error;
}

const smv_error_t *smv_dismiss_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error = call->store->purge_documents(call->store, smv_unassigned_since(call), call->pool);

    if (!error) {
        error = call->store->dismiss(call->store, call->permit, call->id, &actor, call->pool);
    }
    return answer_done(call, answer, error, "?done=dismiss");
}

const smv_error_t *smv_restore_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error =
        call->store->take_back(call->store, call->permit, call->id, smv_unassigned_since(call), &actor, call->pool);

    return answer_done(call, answer, error, "?done=restore");
}
