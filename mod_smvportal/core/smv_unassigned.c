/* SPDX-License-Identifier: Apache-2.0
 *
 * "Nicht zugeordnete Dokumente": the list of those that wait, and one of them with whom it may be given to.
 */
#include "smv_unassigned.h"

#include "smv_customer_lines.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <string.h>

#define DEFAULT_LIMIT 50
#define MAX_HITS 10
#define MAX_PROPOSALS 10
#define MAX_NUMBER 18 /* digits */

static const char *check_customer_number(char *text, const char *today)
{
    (void)today;
    return text[strspn(text, "0123456789")] == '\0' && strlen(text) <= MAX_NUMBER
               ? NULL
               : "Eine Kundennummer hat nur Ziffern.";
}

const smv_rule_t smv_rule_customer_number = {"customer-number", "text", "off", check_customer_number};

const smv_error_t *smv_recipient_find(const smv_call_t *call, smv_recipient_t *recipient, const char *number)
{
    const char *wrong = check_customer_number(apr_pstrdup(call->pool, number), NULL);
    smv_subject_t subject = {0, 0};
    const smv_error_t *error = NULL;

    *recipient = (smv_recipient_t){.customer = 0};
    if (!wrong) {
        error = call->store->locate_customer(call->store, &subject, call->tenant, apr_atoi64(number), call->pool);
    }
    if (!wrong && !error) {
        error =
            smv_policy_customer(&recipient->permit, call->principal, SMV_RIGHT_DOCUMENT_IMPORT, &subject, call->pool);
    }
    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        wrong = "Einen Kunden mit dieser Nummer gibt es nicht.";
    }
    if (!error && !wrong) {
        recipient->customer = subject.customer;
    }
    return wrong ? smv_error_invalid(smv_problem(NULL, "customer", wrong, 0, call->pool), call->pool) : error;
}

apr_int64_t smv_unassigned_since(const smv_call_t *call)
{
    return apr_time_sec(call->now) - call->limits->undo_time;
}

static int may(const smv_call_t *call, smv_right_e right)
{
    const smv_permit_t *permit;

    return smv_policy_firm(&permit, call->principal, right, call->pool) == NULL;
}

int smv_unassigned_may_list(const smv_call_t *call)
{
    return may(call, SMV_RIGHT_DOCUMENT_IMPORT);
}

static const char *href(const smv_call_t *call, apr_int64_t id, const char *rest)
{
    return apr_psprintf(call->pool, "%s" SMV_UNASSIGNED_PATH "/%" APR_INT64_T_FMT "%s", call->base, id, rest);
}

/* --- the list --- */

static const smv_notice_t notices[] = {
    {"done=dismiss", "Das Dokument ist weggelegt."}, {"done=restore", "Das Dokument wartet wieder."}, {NULL, NULL}};

/* smv_shape_customer_line of one customer: of whom may not be seen, the number. */
static const smv_error_t *line_of(const smv_call_t *call, smv_list_t **lines, const smv_permit_t *permit,
                                  apr_int64_t number)
{
    const smv_record_t *customer;
    smv_list_t list = {&smv_shape_customer, NULL, 1, NULL};
    const smv_error_t *error;

    if (SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        error =
            call->store->row(call->store, &customer, permit, &smv_resources[SMV_RESOURCE_CUSTOMER], number, call->pool);
        list.records = error ? NULL : customer;
        return error ? error : smv_customer_lines(call, lines, &list);
    }
    *lines = smv_list_make(&smv_shape_customer_line, 1, call->pool);
    (*lines)->records[0].values[SMV_CUSTOMER_LINE_NUMBER] = smv_number(number);
    return NULL;
}

/* Whom the document was given to that the query names: as far as its reader may see that. */
static const smv_error_t *add_assigned(const smv_call_t *call, const smv_record_t *view)
{
    apr_int64_t id = 0;
    smv_subject_t subject;
    const smv_permit_t *permit;
    const smv_record_t *document;
    smv_list_t *lines;
    const smv_error_t *error = smv_query_number(&id, call->query, "assigned", 1, APR_INT64_MAX, call->pool);

    if (error || !id) {
        return error;
    }
    smv_set(view, "notice", smv_text("Das Dokument ist zugeordnet."));
    error = call->store->locate_document(call->store, &subject, call->tenant, id, call->pool);
    if (error) {
        return error->code == SMV_ERROR_NOT_FOUND ? NULL : error;
    }
    if (smv_policy_customer(&permit, call->principal, SMV_RIGHT_DOCUMENT_LIST, &subject, call->pool)) {
        return NULL;
    }
    if ((error = call->store->document(call->store, &document, permit, id, call->pool)) ||
        (error = line_of(call, &lines, permit, subject.customer))) {
        return error;
    }
    smv_set(view, "assigned_name", document->values[SMV_DOCUMENT_NAME]);
    smv_set(view, "assigned_href",
            smv_text(apr_psprintf(call->pool, "%s/documents/%" APR_INT64_T_FMT, call->base, id)));
    smv_set(view, "assigned_to", smv_nested_list(lines));
    return NULL;
}

static const smv_error_t *add_dismissed(const smv_call_t *call, const smv_record_t *view)
{
    const smv_permit_t *permit;
    smv_list_t *list;
    const smv_error_t *error;

    if (smv_policy_firm(&permit, call->principal, SMV_RIGHT_DOCUMENT_DELETE, call->pool)) {
        return NULL;
    }
    error = call->store->dismissed(call->store, &list, permit, smv_unassigned_since(call), call->pool);
    if (!error) {
        smv_set(view, "dismissed", smv_nested_list(list));
    }
    return error;
}

static const smv_error_t *read_page(const smv_call_t *call, smv_list_t **list)
{
    apr_int64_t after = 0, limit = DEFAULT_LIMIT;
    const smv_permit_t *permit;
    const smv_error_t *error;

    if ((error = smv_query_number(&after, call->query, "after", 0, APR_INT64_MAX, call->pool)) ||
        (error = smv_query_number(&limit, call->query, "limit", 1, SMV_MAX_UNASSIGNED_A_PAGE, call->pool)) ||
        (error = smv_policy_firm(&permit, call->principal, SMV_RIGHT_DOCUMENT_IMPORT, call->pool)) ||
        (error = call->store->unassigned(call->store, list, permit, after, (int)limit, call->pool))) {
        return error;
    }
    if ((*list)->count > limit) {
        (*list)->count = (int)limit;
        (*list)->next =
            apr_psprintf(call->pool, SMV_UNASSIGNED_PATH "?after=%" APR_INT64_T_FMT "&limit=%" APR_INT64_T_FMT,
                         (*list)->records[limit - 1].values[SMV_UNASSIGNED_ID].number, limit);
    }
    return NULL;
}

const smv_error_t *smv_unassigned_list(const smv_call_t *call, smv_record_t **view, const char *error_text)
{
    smv_list_t *list;
    const smv_error_t *error = read_page(call, &list);

    *view = smv_record_make(&smv_shape_unassigned_view, call->pool);
    if (error) {
        return error;
    }
    smv_set(*view, "documents", smv_nested_list(list));
    if (call->rendering == SMV_RENDER_API) {
        return NULL;
    }
    smv_set(*view, "error", smv_text(error_text));
    smv_set(*view, "notice", smv_text(smv_notice_of(call, notices)));
    if (list->next) {
        smv_set(*view, "next_href", smv_text(apr_pstrcat(call->pool, call->base, list->next, NULL)));
    }
    error = add_dismissed(call, *view);
    return error ? error : add_assigned(call, *view);
}

const smv_error_t *smv_list_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view;
    const smv_error_t *error = smv_unassigned_list(call, &view, NULL);

    answer->view = error ? NULL : view;
    return error;
}

/* --- whom one may be given to --- */

/* The contracts whose number the delivery says, of customers whose contracts the caller may see. */
static const smv_error_t *find_proposals(const smv_call_t *call, smv_list_t **contracts, const smv_record_t *document)
{
    const smv_value_t *number = &document->values[SMV_UNASSIGNED_SAID_CONTRACT];
    const smv_permit_t *permit;

    *contracts = smv_list_make(&smv_shape_contract, 0, call->pool);
    if (!number->is_present || smv_policy_range(&permit, call->principal, SMV_RIGHT_CONTRACT_VIEW, 0, call->pool)) {
        return NULL;
    }
    return call->store->contracts_of_number(call->store, contracts, permit, number->as.text, MAX_PROPOSALS, call->pool);
}

static const smv_error_t *add_proposals(const smv_call_t *call, const smv_record_t *view, const smv_list_t *contracts)
{
    smv_list_t *lines = smv_list_make(&smv_shape_proposal, contracts->count, call->pool);
    const smv_list_t *customers;
    const smv_error_t *error = smv_customers_named(call, &customers, contracts, SMV_CONTRACT_CUSTOMER);

    for (int i = 0; i < contracts->count && !error; i++) {
        const smv_value_t *contract = contracts->records[i].values;
        const smv_record_t *line = &lines->records[i];
        apr_int64_t customer = contract[SMV_CONTRACT_CUSTOMER].number;

        smv_set(line, "customer", smv_number(customer));
        smv_set(line, "name", smv_text(smv_name_among(customers, customer, call->pool)));
        smv_set(line, "href", smv_text(smv_customer_href(call, customer)));
        smv_set(line, "contract", smv_number(contract[SMV_CONTRACT_ID].number));
        smv_set(line, "number", contract[SMV_CONTRACT_NUMBER]);
        smv_set(line, "insurer", contract[SMV_CONTRACT_INSURER]);
        smv_set(line, "tariff", contract[SMV_CONTRACT_TARIFF]);
    }
    smv_set(view, "proposals", smv_nested_list(lines));
    return error;
}

static const smv_error_t *add_search(const smv_call_t *call, const smv_record_t *view)
{
    smv_customer_filter_t filter = {.search = NULL};
    const smv_permit_t *permit;
    const char *typed;
    smv_list_t *customers, *lines;
    const smv_error_t *error;

    if (smv_policy_range(&permit, call->principal, SMV_RIGHT_CUSTOMER_VIEW, 1, call->pool)) {
        return NULL;
    }
    smv_set(view, "can_search", smv_number(1));
    error = smv_query_text(&typed, call->query, "q", SMV_SEARCH_MAXIMUM, call->pool);
    if (error || !typed) {
        return error;
    }
    filter.search = smv_search_read(typed, call->pool);
    if (smv_policy_range(&filter.contracts, call->principal, SMV_RIGHT_CONTRACT_VIEW, 0, call->pool)) {
        filter.contracts = NULL;
    }
    if ((error = call->store->customers(call->store, &customers, permit, &filter, 0, MAX_HITS, call->pool))) {
        return error;
    }
    smv_set(view, "has_more_hits", smv_number(customers->count > MAX_HITS));
    customers->count = customers->count > MAX_HITS ? MAX_HITS : customers->count;
    if ((error = smv_customer_lines(call, &lines, customers))) {
        return error;
    }
    smv_set(view, "words", smv_text(typed));
    smv_set(view, "has_searched", smv_number(1));
    smv_set(view, "hits", smv_nested_list(lines));
    return NULL;
}

/* A select of the customer's contracts for the field. @param chosen id as text; NULL: of none */
static const smv_error_t *offer_contracts(const smv_call_t *call, const smv_record_t *field,
                                          const smv_recipient_t *recipient)
{
    const smv_value_t *chosen = &field->values[smv_shape_field(field->shape, "value")];
    smv_list_t *contracts, *options;
    const smv_error_t *error =
        call->store->contracts(call->store, &contracts, recipient->permit, recipient->customer, call->pool);

    if (error) {
        return error;
    }
    options = smv_list_make(&smv_shape_option, contracts->count + 1, call->pool);
    smv_set(&options->records[0], "label", smv_text("ohne Vertrag"));
    for (int i = 0; i < contracts->count; i++) {
        const smv_value_t *contract = contracts->records[i].values;
        const smv_record_t *option = &options->records[i + 1];
        const char *id = apr_psprintf(call->pool, "%" APR_INT64_T_FMT, contract[SMV_CONTRACT_ID].number);

        smv_set(option, "code", smv_text(id));
        smv_set(option, "label",
                smv_text(apr_pstrcat(call->pool, contract[SMV_CONTRACT_NUMBER].as.text, " · ",
                                     contract[SMV_CONTRACT_INSURER].as.text, NULL)));
        smv_set(option, "is_selected", smv_number(chosen->is_present && strcmp(chosen->as.text, id) == 0));
    }
    smv_set(field, "is_line", smv_number(0));
    smv_set(field, "is_select", smv_number(1));
    smv_set(field, "options", smv_nested_list(options));
    return NULL;
}

static const smv_list_t *part_of(const smv_list_t *fields, int first, apr_pool_t *pool)
{
    smv_list_t *part = apr_pmemdup(pool, fields, sizeof *part);

    part->records += first;
    part->count = first ? fields->count - first : 1;
    return part;
}

/* The number has a form of its own, whose answer shows whose it is; with it one form has the rest. */
static const smv_error_t *add_form(const smv_call_t *call, const smv_record_t *view, const smv_recipient_t *recipient,
                                   const smv_form_state_t *state)
{
    smv_list_t *fields = smv_form_fields(&smv_shape_assignment, state, call->pool), *lines;
    int first = SMV_ASSIGNMENT_KIND;
    const smv_error_t *error;

    smv_set(view, "has_problems", smv_number(state->problems != NULL));
    smv_set(view, "problems", smv_nested_list(smv_form_problems(&smv_shape_assignment, state->problems, call->pool)));
    smv_set(view, "number_fields", smv_nested_list(part_of(fields, 0, call->pool)));
    if (!recipient->customer) {
        return NULL;
    }
    if (SMV_HAS_RIGHT(recipient->permit->rights, SMV_RIGHT_CONTRACT_VIEW)) {
        first = SMV_ASSIGNMENT_CONTRACT;
        error = offer_contracts(call, &fields->records[SMV_ASSIGNMENT_CONTRACT], recipient);
        if (error) {
            return error;
        }
    }
    smv_set(view, "fields", smv_nested_list(part_of(fields, first, call->pool)));
    error = line_of(call, &lines, recipient->permit, recipient->customer);
    if (!error) {
        smv_set(view, "chosen", smv_nested_list(lines));
    }
    return error;
}

/* --- one document --- */

static void add_links(const smv_call_t *call, const smv_record_t *view, const smv_record_t *document)
{
    int waits = !document->values[SMV_UNASSIGNED_DISMISSED_TIME].is_present;

    smv_set(view, "self_href", smv_text(href(call, call->id, "")));
    smv_set(view, "can_view", smv_number(may(call, SMV_RIGHT_DOCUMENT_VIEW)));
    if (waits) {
        smv_set(view, "assign_href", smv_text(href(call, call->id, "/assign")));
    }
    if (may(call, SMV_RIGHT_DOCUMENT_DELETE)) {
        smv_set(view, waits ? "dismiss_href" : "restore_href",
                smv_text(href(call, call->id, waits ? "/dismiss" : "/restore")));
    }
}

/* Before somebody has chosen one, it is the customer's contract that the delivery names, where it is one. */
static void guess_contract(const smv_form_state_t *state, const smv_list_t *contracts, const smv_recipient_t *recipient,
                           apr_pool_t *pool)
{
    apr_int64_t id = 0;
    int count = 0;

    if (!state->row || state->row->values[SMV_ASSIGNMENT_CONTRACT].is_present) {
        return;
    }
    for (int i = 0; i < contracts->count; i++) {
        if (contracts->records[i].values[SMV_CONTRACT_CUSTOMER].number == recipient->customer) {
            id = contracts->records[i].values[SMV_CONTRACT_ID].number;
            count++;
        }
    }
    if (count == 1) {
        smv_set(state->row, "contract", smv_text(apr_psprintf(pool, "%" APR_INT64_T_FMT, id)));
    }
}

const smv_error_t *smv_unassigned_page(const smv_call_t *call, smv_record_t **view, const smv_record_t *document,
                                       const smv_recipient_t *recipient, const smv_form_state_t *state)
{
    smv_list_t *contracts;
    const smv_error_t *error;

    *view = smv_record_make(&smv_shape_unassigned_view, call->pool);
    smv_set(*view, "unassigned", smv_nested(document));
    if (call->rendering == SMV_RENDER_API) {
        return NULL;
    }
    add_links(call, *view, document);
    if (document->values[SMV_UNASSIGNED_DISMISSED_TIME].is_present) {
        return NULL;
    }
    if ((error = find_proposals(call, &contracts, document))) {
        return error;
    }
    guess_contract(state, contracts, recipient, call->pool);
    if ((error = add_proposals(call, *view, contracts)) || (error = add_search(call, *view))) {
        return error;
    }
    return add_form(call, *view, recipient, state);
}

/* Whom the query names; else whom the delivery does, where there is such a customer. */
static const smv_error_t *choose(const smv_call_t *call, smv_recipient_t *recipient, smv_form_state_t *state,
                                 const smv_record_t *document)
{
    const smv_value_t *said = &document->values[SMV_UNASSIGNED_SAID_CUSTOMER];
    const char *asked, *contract, *number;
    const smv_error_t *error;

    *recipient = (smv_recipient_t){.customer = 0};
    if ((error = smv_query_text(&asked, call->query, "customer", MAX_NUMBER, call->pool)) ||
        (error = smv_query_text(&contract, call->query, "contract", MAX_NUMBER, call->pool))) {
        return error;
    }
    number = asked ? asked : said->is_present ? said->as.text : NULL;
    smv_set(state->row, "kind", document->values[SMV_UNASSIGNED_KIND]);
    smv_set(state->row, "contract", smv_text(contract));
    if (!number) {
        return NULL;
    }
    error = smv_recipient_find(call, recipient, number);
    if (asked || recipient->customer) {
        smv_set(state->row, "customer", smv_text(number));
    }
    if (error && error->code == SMV_ERROR_INVALID) {
        state->problems = asked ? error->problems : NULL;
        error = NULL;
    }
    return error;
}

const smv_error_t *smv_show_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    smv_form_state_t state = {.row = smv_record_make(&smv_shape_assignment, call->pool)};
    const smv_record_t *document;
    smv_recipient_t recipient;
    smv_record_t *view;
    const smv_error_t *error;

    if ((error = call->store->unassigned_one(call->store, &document, call->permit, call->id, smv_unassigned_since(call),
                                             call->pool)) ||
        (error = choose(call, &recipient, &state, document)) ||
        (error = smv_unassigned_page(call, &view, document, &recipient, &state))) {
        return error;
    }
    answer->view = view;
    answer->status = state.problems ? 422 : 0;
    return NULL;
}

const smv_error_t *smv_send_unassigned(const smv_call_t *call, smv_answer_t *answer)
{
    smv_file_t *file = apr_pcalloc(call->pool, sizeof *file);
    apr_int64_t is_download = 0;
    const smv_record_t *document;
    const smv_error_t *error;

    if ((error = smv_query_number(&is_download, call->query, "download", 0, 1, call->pool)) ||
        (error = call->store->unassigned_one(call->store, &document, call->permit, call->id, smv_unassigned_since(call),
                                             call->pool))) {
        return error;
    }
    file->content_hash = document->values[SMV_UNASSIGNED_CONTENT_HASH].as.text;
    file->media_type = document->values[SMV_UNASSIGNED_MEDIA_TYPE].as.text;
    file->name = document->values[SMV_UNASSIGNED_NAME].as.text;
    file->size = document->values[SMV_UNASSIGNED_SIZE].number;
    file->is_download = is_download != 0;
    answer->file = file;
    return NULL;
}
