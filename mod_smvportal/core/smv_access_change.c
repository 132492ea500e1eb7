/* SPDX-License-Identifier: Apache-2.0
 *
 * Giving somebody access to a customer's data, and taking it away. Each deed is noted before it is done.
 */
#include "smv_access.h"
#include "smv_input.h"
#include "smv_record.h"
#include "smv_row_pages.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <stdlib.h>

const smv_error_t *smv_access_note(const smv_call_t *call, smv_event_kind_e kind, const char *dn, const char *detail)
{
    return smv_call_note(
        call,
        &(smv_event_t){
            .kind = kind, .subject = "access", .object = dn, .customer = call->subject.customer, .detail = detail});
}

/* What was noted did not come to be: that is noted, too. @return the error */
static const smv_error_t *note_refusal(const smv_call_t *call, smv_event_kind_e kind, const char *dn,
                                       const smv_error_t *error)
{
    if (error) {
        smv_access_note(call, kind, dn, smv_refused_detail(error, call->pool));
    }
    return error;
}

/* --- a new access --- */

/* The roles that the caller may give for the customer. */
typedef struct offer_t {
    const smv_role_t *roles;
    int count;
} offer_t;

static const smv_error_t *find_offer(const smv_call_t *call, offer_t *offer)
{
    const smv_role_t *all;
    smv_role_t *kept;
    const smv_error_t *error;
    int count, may;

    call->store->release(call->store);
    error = call->directory->roles(call->directory, &all, &count, call->pool);
    if (error) {
        return error;
    }
    kept = apr_palloc(call->pool, sizeof *kept * (apr_size_t)(count + 1));
    *offer = (offer_t){kept, 0};
    for (int i = 0; i < count && !error; i++) {
        error = smv_access_may_give(call, &may, call->subject.customer, &all[i], 1);
        if (!error && may) {
            kept[offer->count++] = all[i];
        }
    }
    return error;
}

static const char *id_of(const smv_role_t *role, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, role->id);
}

static const smv_role_t *role_by_id(const offer_t *offer, const char *id, apr_pool_t *pool)
{
    for (int i = 0; i < offer->count; i++) {
        if (strcmp(id_of(&offer->roles[i], pool), id) == 0) {
            return &offer->roles[i];
        }
    }
    return NULL;
}

/* A select of the roles on offer; the role of customers as the source names it is the first guess. */
static void offer_roles(const smv_record_t *field, const offer_t *offer, apr_pool_t *pool)
{
    smv_list_t *options = smv_list_make(&smv_shape_option, offer->count, pool);
    const smv_value_t *value = &field->values[smv_shape_field(field->shape, "value")];

    for (int i = 0; i < offer->count; i++) {
        const char *id = id_of(&offer->roles[i], pool);
        int is_guess = strcmp(offer->roles[i].name, "Kundenzugang") == 0;

        smv_set(&options->records[i], "code", smv_text(id));
        smv_set(&options->records[i], "label", smv_text(offer->roles[i].name));
        smv_set(&options->records[i], "is_selected",
                smv_number(value->is_present ? strcmp(value->as.text, id) == 0 : is_guess));
    }
    smv_set(field, "is_line", smv_number(0));
    smv_set(field, "is_select", smv_number(1));
    smv_set(field, "options", smv_nested_list(options));
}

/* smv_shape_access_view of the form. */
static const smv_record_t *form_page(const smv_call_t *call, const smv_form_state_t *state, const offer_t *offer)
{
    smv_record_t *view = smv_record_make(&smv_shape_access_view, call->pool);
    const char *list = apr_pstrcat(call->pool, call->base, smv_accesses_path(call), NULL);
    smv_list_t *fields = smv_form_fields(&smv_shape_access_input, state, call->pool);

    offer_roles(&fields->records[smv_shape_field(&smv_shape_access_input, "role")], offer, call->pool);
    smv_set(view, "customer", smv_number(call->subject.customer));
    smv_set(view, "action_href", smv_text(list));
    smv_set(view, "back_href", smv_text(list));
    smv_set(view, "fields", smv_nested_list(fields));
    smv_set(view, "has_roles", smv_number(offer->count > 0));
    smv_set(view, "has_problems", smv_number(state->problems != NULL));
    smv_set(view, "problems", smv_nested_list(smv_form_problems(&smv_shape_access_input, state->problems, call->pool)));
    return view;
}

/* A login that nobody has, as near to the name as that goes. @param login out: NULL for none */
static const smv_error_t *suggest_login(const smv_call_t *call, const char **login, const char *name)
{
    const char *wanted = smv_login_of(name, call->pool);
    const smv_error_t *error = NULL;
    int is_taken = wanted != NULL;

    *login = NULL;
    call->store->release(call->store);
    for (int i = 1; is_taken && i < 10 && !error; i++) {
        *login = i == 1 ? wanted : apr_psprintf(call->pool, "%s%d", wanted, i);
        error = call->directory->find_login(call->directory, &is_taken, *login, call->pool);
    }
    if (is_taken) {
        *login = NULL;
    }
    return error;
}

static const smv_error_t *add_suggestion(const smv_call_t *call, const smv_record_t *row, const char *name)
{
    const char *login;
    const smv_error_t *error = suggest_login(call, &login, name);

    smv_set(row, "name", smv_text(name));
    smv_set(row, "login", smv_text(login));
    return error;
}

/* A private customer is most likely the one who signs in. Nothing is told that the caller may not see. */
static const smv_error_t *suggest(const smv_call_t *call, const smv_record_t *row)
{
    const smv_record_t *customer;
    const smv_error_t *error;

    if (!SMV_HAS_RIGHT(call->permit->rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        return NULL;
    }
    error = call->store->row(call->store, &customer, call->permit, &smv_resources[SMV_RESOURCE_CUSTOMER],
                             call->subject.customer, call->pool);
    if (error || !customer->values[SMV_CUSTOMER_FIRST_NAME].is_present) {
        return error;
    }
    return add_suggestion(call, row,
                          apr_pstrcat(call->pool, customer->values[SMV_CUSTOMER_FIRST_NAME].as.text, " ",
                                      customer->values[SMV_CUSTOMER_NAME].as.text, NULL));
}

const smv_error_t *smv_new_access(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *row = smv_record_make(&smv_shape_access_input, call->pool);
    smv_form_state_t state = {.row = row};
    const smv_error_t *error = suggest(call, row);
    offer_t offer;

    if (!error && !(error = find_offer(call, &offer))) {
        answer->view = form_page(call, &state, &offer);
    }
    return error;
}

/* What the form said, with the types of an account; what is wrong is in problems. */
typedef struct wish_t {
    const smv_record_t *row;
    smv_new_account_t account;
    const smv_role_t *role;
    const smv_problem_t *problems;
} wish_t;

static const char *text_of(const smv_record_t *row, const char *name)
{
    const smv_value_t *value = &row->values[smv_shape_field(row->shape, name)];

    return value->is_present ? value->as.text : NULL;
}

static void add_problem(const smv_call_t *call, wish_t *wish, const char *field, const char *text)
{
    wish->problems = smv_problem(wish->problems, field, text, 0, call->pool);
}

/* The customer of the page first, each once. */
static void read_customers(const smv_call_t *call, wish_t *wish)
{
    const char *text = text_of(wish->row, "customers");
    smv_numbers_t others = {NULL, 0};
    apr_int64_t *at = apr_palloc(call->pool, sizeof *at * (SMV_MAX_CUSTOMERS_AN_ACCESS + 1));
    smv_numbers_t all = {at, 1};

    if (text && !smv_read_numbers(&others, text, call->pool)) {
        add_problem(call, wish, "customers", "Hier stehen Kundennummern, durch Komma getrennt.");
        return;
    }
    at[0] = call->subject.customer;
    for (int i = 0; i < others.count; i++) {
        if (!smv_numbers_have(&all, others.at[i])) {
            at[all.count++] = others.at[i];
        }
    }
    wish->account.customers = all;
}

/* The end of that day. */
static void read_end(const smv_call_t *call, wish_t *wish)
{
    const char *date = text_of(wish->row, "valid_until");

    if (!date) {
        return;
    }
    wish->account.valid_until = smv_day_begin(date) + apr_time_from_sec(86400 - 1);
    if (wish->account.valid_until <= call->now) {
        add_problem(call, wish, "valid_until", "Dieses Datum liegt nicht in der Zukunft.");
    }
}

static const smv_error_t *check_login_is_free(const smv_call_t *call, wish_t *wish)
{
    const smv_error_t *error;
    int is_taken;

    if (!wish->account.login || smv_problem_of(wish->problems, "login")) {
        return NULL;
    }
    error = call->directory->find_login(call->directory, &is_taken, wish->account.login, call->pool);
    if (!error && is_taken) {
        add_problem(call, wish, "login", "Diesen Benutzernamen gibt es schon.");
    }
    return error;
}

/* Each customer must be one for whom the caller may give the role. Which of both fails is told of own customers alone:
 * somebody else's number is not there. */
static const smv_error_t *check_reach(const smv_call_t *call, wish_t *wish)
{
    const smv_error_t *error = NULL;
    int may = 1;

    for (int i = 1; i < wish->account.customers.count && may && !error; i++) {
        smv_subject_t subject;

        error = call->store->locate_customer(call->store, &subject, call->tenant, wish->account.customers.at[i],
                                             call->pool);
        if (error && error->code == SMV_ERROR_NOT_FOUND) {
            error = NULL;
            may = 0;
        } else if (!error) {
            may = smv_policy_may_give(call->principal, &subject, wish->role, wish->role ? 1 : 0);
        }
    }
    if (!error && !may) {
        add_problem(call, wish, "customers",
                    "Für eine dieser Kundennummern dürfen Sie diesen Zugang nicht einrichten.");
    }
    return error;
}

static const smv_error_t *read_wish(const smv_call_t *call, wish_t *wish, const offer_t *offer)
{
    const smv_reading_rules_t rules = {.shape = &smv_shape_access_input, .now = call->now};
    smv_record_t *row;
    const smv_error_t *error;
    const char *role;

    wish->problems = smv_input_read(&row, &rules, call->form, call->pool);
    wish->row = row;
    wish->account =
        (smv_new_account_t){.login = text_of(row, "login"), .name = text_of(row, "name"), .mail = text_of(row, "mail")};
    role = text_of(row, "role");
    wish->role = role ? role_by_id(offer, role, call->pool) : NULL;
    if (role && !wish->role) {
        add_problem(call, wish, "role", "Diese Rolle können Sie nicht vergeben.");
    }
    if (wish->account.mail && !smv_mail_is_address(wish->account.mail)) {
        add_problem(call, wish, "mail", "Diese E-Mail-Adresse hat Zeichen, die hier nicht möglich sind.");
    }
    read_customers(call, wish);
    read_end(call, wish);
    if ((error = check_reach(call, wish))) {
        return error;
    }
    call->store->release(call->store);
    return check_login_is_free(call, wish);
}

/* Who left the login empty finds one to agree with. */
static const smv_error_t *fill_login(const smv_call_t *call, const smv_record_t *view, const char *name)
{
    const smv_list_t *fields = view->values[smv_shape_field(view->shape, "fields")].as.list;
    int index = smv_shape_field(&smv_shape_access_input, "login");
    const char *login;
    const smv_error_t *error = suggest_login(call, &login, name);

    smv_set(&fields->records[index], "value", smv_text(login));
    return error;
}

static const smv_error_t *refuse(const smv_call_t *call, smv_answer_t *answer, const wish_t *wish, const offer_t *offer)
{
    const smv_form_state_t state = {.form = call->form, .problems = wish->problems};
    const smv_error_t *error = smv_error_invalid(wish->problems, call->pool);

    if (call->rendering == SMV_RENDER_API) {
        return error;
    }
    answer->view = form_page(call, &state, offer);
    answer->page = "access_form";
    answer->status = error->http_status;
    return wish->account.name && !wish->account.login ? fill_login(call, answer->view, wish->account.name) : NULL;
}

static const char *detail_of(const smv_call_t *call, const wish_t *wish)
{
    smv_buffer_t json;

    smv_buffer_init(&json, 256, 1 << 14, call->pool);
    smv_buffer_puts(&json, "{\"role\":");
    /* A wish without problems has a role. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    smv_buffer_json(&json, wish->role->name, strlen(wish->role->name));
    smv_buffer_puts(&json, ",\"customers\":[");
    for (int i = 0; i < wish->account.customers.count; i++) {
        smv_buffer_puts(&json, i ? ",\"" : "\"");
        smv_buffer_number(&json, wish->account.customers.at[i]);
        smv_buffer_puts(&json, "\"");
    }
    smv_buffer_puts(&json, "]}");
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? NULL : json.data;
}

/* As the directory has it now. */
static const smv_account_t *account_of(const wish_t *wish, const char *dn, apr_pool_t *pool)
{
    smv_principal_t *principal = apr_pcalloc(pool, sizeof *principal);
    smv_account_t *account = apr_pcalloc(pool, sizeof *account);

    principal->dn = dn;
    principal->login = wish->account.login;
    principal->name = wish->account.name;
    principal->mail = wish->account.mail ? wish->account.mail : "";
    principal->customers = wish->account.customers;
    principal->roles = wish->role;
    principal->role_count = 1;
    account->principal = principal;
    account->valid_until = wish->account.valid_until;
    return account;
}

static const smv_error_t *create(const smv_call_t *call, smv_answer_t *answer, wish_t *wish, const offer_t *offer)
{
    const smv_error_t *error = smv_access_note(call, SMV_EVENT_CREATE, wish->account.login, detail_of(call, wish));
    const char *dn;

    if (error) {
        return error;
    }
    wish->account.role_dn = wish->role->dn;
    call->store->release(call->store);
    error = note_refusal(
        call, SMV_EVENT_CREATE, wish->account.login,
        call->directory->create_account(call->directory, &dn, &wish->account, call->principal->dn, call->pool));
    if (error && error->code == SMV_ERROR_EXISTS) {
        add_problem(call, wish, "login", "Diesen Benutzernamen gibt es schon.");
        return refuse(call, answer, wish, offer);
    }
    if (error) {
        return error;
    }
    error = smv_access_invite(call, answer, account_of(wish, dn, call->pool), 0);
    if (!error && call->rendering == SMV_RENDER_API) {
        answer->location = smv_access_path(call, wish->account.login);
    }
    return error;
}

const smv_error_t *smv_create_access(const smv_call_t *call, smv_answer_t *answer)
{
    wish_t wish;
    offer_t offer;
    const smv_error_t *error;

    if ((error = find_offer(call, &offer)) || (error = read_wish(call, &wish, &offer))) {
        return error;
    }
    return wish.problems ? refuse(call, answer, &wish, &offer) : create(call, answer, &wish, &offer);
}

/* --- one that is there --- */

static const smv_error_t *find_own(const smv_call_t *call, const smv_account_t **account)
{
    const smv_error_t *error = smv_access_find(call, account);
    int may;

    if (error || (error = smv_access_may_change(call, &may, *account))) {
        return error;
    }
    return may ? NULL
               : smv_error_saying(call->pool, SMV_ERROR_DENIED,
                                  "Diesen Zugang können Sie nicht ändern: Er gehört auch zu anderen Kunden, hat mehr "
                                  "Rechte als Sie oder ist Ihr eigener.",
                                  "%s may not change the access %s", call->principal->login,
                                  (*account)->principal->login);
}

/* Sessions and remembered roles end with the deed; so does an invitation that waits: whoever holds its letter may be
 * the reason. */
static const smv_error_t *shut(const smv_call_t *call, const char *dn)
{
    const smv_error_t *error = call->store->session_end_all(call->store, dn, call->pool);

    smv_principal_cache_forget(call->principals, dn);
    return error ? error : call->store->invitation_end(call->store, dn, call->pool);
}

static const smv_error_t *answer_done(const smv_call_t *call, smv_answer_t *answer, const smv_account_t *account,
                                      const char *deed)
{
    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location =
            apr_pstrcat(call->pool, smv_access_path(call, account->principal->login), "?done=", deed, NULL);
    }
    return NULL;
}

static const smv_error_t *set_lock(const smv_call_t *call, smv_answer_t *answer, int is_locked)
{
    smv_event_kind_e kind = is_locked ? SMV_EVENT_LOCK : SMV_EVENT_UNLOCK;
    const smv_account_t *account;
    const smv_error_t *error;

    if ((error = find_own(call, &account)) || (error = smv_access_note(call, kind, account->principal->dn, NULL))) {
        return error;
    }
    call->store->release(call->store);
    error = note_refusal(call, kind, account->principal->dn,
                         call->directory->lock_account(call->directory, account->principal->dn, is_locked,
                                                       call->principal->dn, call->pool));
    if (error || (is_locked && (error = shut(call, account->principal->dn)))) {
        return error;
    }
    return answer_done(call, answer, account, is_locked ? "lock" : "unlock");
}

const smv_error_t *smv_lock_access(const smv_call_t *call, smv_answer_t *answer)
{
    return set_lock(call, answer, 1);
}

const smv_error_t *smv_unlock_access(const smv_call_t *call, smv_answer_t *answer)
{
    return set_lock(call, answer, 0);
}

const smv_error_t *smv_end_access(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_account_t *account;
    const smv_error_t *error;

    if ((error = find_own(call, &account)) ||
        (error = smv_access_note(call, SMV_EVENT_END, account->principal->dn, NULL))) {
        return error;
    }
    call->store->release(call->store);
    error = note_refusal(call, SMV_EVENT_END, account->principal->dn,
                         call->directory->end_account(call->directory, account->principal->dn, call->now,
                                                      call->principal->dn, call->pool));
    if (error || (error = shut(call, account->principal->dn))) {
        return error;
    }
    return answer_done(call, answer, account, "end");
}

const smv_error_t *smv_reset_access(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_account_t *account;
    const smv_error_t *error = find_own(call, &account);

    if (!error &&
        (account->is_locked || account->is_locked_out || (account->valid_until && account->valid_until <= call->now))) {
        error = smv_error_saying(call->pool, SMV_ERROR_CONFLICT,
                                 "Dieser Zugang ist gesperrt oder beendet. Ein Zugangsbrief würde nichts nützen.",
                                 "the access %s is locked or ended", account->principal->login);
    }
    return error ? error : smv_access_invite(call, answer, account, 1);
}
