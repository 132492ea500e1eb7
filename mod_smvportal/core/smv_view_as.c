/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_view_as.h"

#include <apr_strings.h>
#include <strings.h>

#include "smv_input.h"
#include "smv_record.h"
#include "smv_shapes.h"

#define MAX_ACCOUNTS 50

/* --- every request of a view --- */

int smv_view_as_lasts(const smv_call_t *call)
{
    apr_time_t age = call->now - call->session->view.since;

    return age >= 0 && age < SMV_VIEW_AS_TIME;
}

/* What who looks may do with one customer; nothing with one out of their reach, or one that is gone. */
static const smv_error_t *rights_on(const smv_call_t *call, smv_rightset_t *rights, apr_int64_t customer)
{
    const smv_permit_t *permit;
    smv_subject_t subject;
    const smv_error_t *error = call->store->locate_customer(call->store, &subject, call->tenant, customer, call->pool);

    *rights = 0;
    if (error) {
        return error->code == SMV_ERROR_NOT_FOUND ? NULL : error;
    }
    if (!smv_policy_customer(&permit, call->principal, SMV_RIGHT_NONE, &subject, call->pool)) {
        *rights = permit->rights;
    }
    return NULL;
}

/* Whether who looks may do so still. */
static const smv_error_t *check_viewer(const smv_call_t *call, smv_rightset_t rights)
{
    const smv_permit_t *permit;

    if (!SMV_HAS_RIGHT(rights, SMV_RIGHT_ACCESS_MANAGE) || !SMV_HAS_RIGHT(rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        return smv_error(call->pool, SMV_ERROR_DENIED, "%s needs %s and %s on the customer to view as one of them",
                         call->principal->login, smv_rights[SMV_RIGHT_ACCESS_MANAGE].id,
                         smv_rights[SMV_RIGHT_CUSTOMER_VIEW].id);
    }
    return smv_policy_range(&permit, call->principal, SMV_RIGHT_ACCESS_MANAGE, 1, call->pool);
}

static const smv_error_t *check_account(const smv_call_t *call, const smv_principal_t *account)
{
    return account->tenant == call->tenant && smv_policy_is_customer_only(account)
               ? NULL
               : smv_error(call->pool, SMV_ERROR_DENIED, "%s is no customer's account any more", account->dn);
}

/* The account's customers as far as who looks may see them, with the limits of each. */
static const smv_error_t *add_customers(const smv_call_t *call, smv_principal_t *made, smv_viewing_t *viewing,
                                        const smv_principal_t *account)
{
    apr_size_t room = (apr_size_t)account->customers.count + 1;
    apr_int64_t *at = apr_palloc(call->pool, sizeof *at * room);
    smv_rightset_t *limits = apr_palloc(call->pool, sizeof *limits * room);
    const smv_error_t *error = NULL;
    int count = 0;

    for (int i = 0; i < account->customers.count && !error; i++) {
        error = rights_on(call, &limits[count], account->customers.at[i]);
        if (!error && limits[count] != 0) {
            at[count++] = account->customers.at[i];
        }
    }
    made->customers = (smv_numbers_t){at, count};
    made->roles = account->roles;
    made->role_count = account->role_count;
    viewing->limits = limits;
    return error;
}

const smv_error_t *smv_view_as_enter(smv_call_t *call, const smv_principal_t *account, const smv_error_t **closed)
{
    const smv_session_view_t *view = &call->session->view;
    smv_principal_t *made = apr_pmemdup(call->pool, call->principal, sizeof *made);
    smv_viewing_t *viewing = apr_pcalloc(call->pool, sizeof *viewing);
    smv_rightset_t rights;
    const smv_error_t *refusal, *error = rights_on(call, &rights, view->customer);

    *viewing = (smv_viewing_t){.dn = view->dn,
                               .name = view->name,
                               .customer = view->customer,
                               .hidden = smv_policy_rights(call->principal) & smv_rights_of_kind(SMV_KIND_HIDE)};
    made->viewing = viewing;
    made->customers = made->brokers = (smv_numbers_t){NULL, 0};
    made->roles = NULL;
    made->role_count = 0;
    refusal = error ? error : check_viewer(call, rights);
    if (!refusal && account) {
        refusal = check_account(call, account);
        error = refusal ? NULL : add_customers(call, made, viewing, account);
    }
    *closed = refusal ? refusal : *closed;
    call->principal = made;
    return error;
}

const smv_error_t *smv_view_as_end(smv_call_t *call, smv_session_t *session)
{
    static const smv_session_view_t none = {.dn = NULL};
    const smv_event_t event = {
        .kind = SMV_EVENT_END, .subject = "start_view", .object = session->view.dn, .customer = session->view.customer};
    const smv_error_t *error = smv_call_note(call, &event);

    if (!error) {
        error = call->store->session_view(call->store, session->hash, &none, call->pool);
    }
    session->view = none;
    return error;
}

/* --- its beginning --- */

typedef struct accounts_t {
    const smv_account_t *at[MAX_ACCOUNTS];
    int count;
} accounts_t;

static int has_account(const accounts_t *accounts, const char *dn)
{
    for (int i = 0; i < accounts->count; i++) {
        if (strcasecmp(accounts->at[i]->principal->dn, dn) == 0) {
            return 1;
        }
    }
    return 0;
}

static int is_of_customer(const smv_call_t *call, const smv_account_t *account, const char *dn)
{
    return account->found == 1 && account->principal->name && strcasecmp(account->principal->dn, dn) == 0 &&
           smv_numbers_have(&account->principal->customers, call->id) &&
           smv_policy_is_customer_only(account->principal);
}

/* The accounts that name the customer and are nobody else's, whether they can sign in or not. */
static const smv_error_t *find_accounts(const smv_call_t *call, accounts_t *accounts)
{
    smv_directory_t *directory = call->directory;
    smv_list_t *attributes;
    const smv_error_t *error;

    accounts->count = 0;
    call->store->release(call->store); /* a slow directory must not use up the database connections */
    error = directory->describe(directory, &attributes, NULL, call->id, call->pool);
    for (int i = 0; !error && i < attributes->count && accounts->count < MAX_ACCOUNTS; i++) {
        const smv_value_t *attribute = attributes->records[i].values;
        const char *dn = attribute[SMV_ATTRIBUTE_ENTRY].as.text;
        const smv_account_t *account;

        if (strcasecmp(attribute[SMV_ATTRIBUTE_NAME].as.text, "uid") != 0 || has_account(accounts, dn)) {
            continue;
        }
        error = directory->explain(directory, &account, attribute[SMV_ATTRIBUTE_VALUE].as.text, call->now, call->pool);
        if (!error && is_of_customer(call, account, dn)) {
            accounts->at[accounts->count++] = account;
        }
    }
    return error;
}

static const smv_record_t *page_of(const smv_call_t *call, const accounts_t *accounts, const char *error)
{
    smv_record_t *view = smv_record_make(&smv_shape_view_as_view, call->pool);
    smv_list_t *list = smv_list_make(&smv_shape_viewed_account, accounts->count, call->pool);

    for (int i = 0; i < accounts->count; i++) {
        smv_set(&list->records[i], "login", smv_text(accounts->at[i]->principal->login));
        smv_set(&list->records[i], "name", smv_text(accounts->at[i]->principal->name));
        smv_set(&list->records[i], "is_closed", smv_number(accounts->at[i]->fault_count > 0));
    }
    smv_set(view, "customer", smv_number(call->id));
    smv_set(view, "accounts", smv_nested_list(list));
    smv_set(view, "action_href",
            smv_text(apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "/view-as", call->base, call->id)));
    smv_set(view, "error", smv_text(error));
    return view;
}

const smv_error_t *smv_show_view_as(const smv_call_t *call, smv_answer_t *answer)
{
    accounts_t accounts = {.count = 0};
    const smv_error_t *error;

    if ((error = check_viewer(call, call->permit->rights)) || (error = find_accounts(call, &accounts))) {
        return error;
    }
    answer->view = page_of(call, &accounts, NULL);
    return NULL;
}

static const smv_error_t *start(const smv_call_t *call, const smv_principal_t *account)
{
    const smv_session_view_t view = {account->dn, account->name, call->id, call->now};
    const smv_event_t event = {
        .kind = SMV_EVENT_VIEW_AS, .subject = "start_view", .object = account->dn, .customer = call->id};
    const smv_error_t *error = smv_call_note(call, &event);

    return error ? error : call->store->session_view(call->store, call->session->hash, &view, call->pool);
}

static const smv_account_t *account_named(const accounts_t *accounts, const char *login)
{
    for (int i = 0; login && i < accounts->count; i++) {
        if (strcasecmp(accounts->at[i]->principal->login, login) == 0) {
            return accounts->at[i];
        }
    }
    return NULL;
}

const smv_error_t *smv_start_view(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_reading_rules_t rules = {.shape = &smv_shape_view_as, .now = call->now};
    const smv_account_t *account;
    accounts_t accounts = {.count = 0};
    smv_record_t *sent;
    const smv_problem_t *problems;
    const smv_error_t *error;

    if ((error = check_viewer(call, call->permit->rights)) || (error = find_accounts(call, &accounts))) {
        return error;
    }
    if (!call->session) {
        return smv_error(call->pool, SMV_ERROR_BAD_REQUEST, "a view as a customer needs a session");
    }
    problems = smv_input_read(&sent, &rules, call->form, call->pool);
    account = problems ? NULL : account_named(&accounts, sent->values[0].as.text);
    if (!account) {
        answer->view = page_of(call, &accounts, "Dieser Zugang gehört nicht zu diesem Kunden.");
        answer->status = 422;
        return NULL;
    }
    answer->location = "/";
    return start(call, account->principal);
}
