/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's own password: changed by who knows the one so far. The directory decides how good the new one is, and it
 * is set as the person. All their sessions end.
 */
#include "smv_access.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>

#define MAX_PASSWORD 1024 /* bytes; a directory hashes them all */

const smv_problem_t *smv_check_new_password(const smv_call_t *call)
{
    const char *password = smv_form_text(call->form, "password");
    const char *repeated = smv_form_text(call->form, "repeated");

    if (!password || !*password) {
        return smv_problem(NULL, "password", "Bitte geben Sie ein Passwort ein.", 0, call->pool);
    }
    if (strlen(password) > MAX_PASSWORD) {
        return smv_problem(NULL, "password", "Dieses Passwort ist zu lang.", 0, call->pool);
    }
    if (!repeated || strcmp(password, repeated) != 0) {
        return smv_problem(NULL, "repeated", "Die beiden Passwörter sind nicht gleich.", 0, call->pool);
    }
    return NULL;
}

const char *smv_bound_password(const smv_form_t *form, const char *field, apr_pool_t *pool)
{
    const char *password = smv_form_text(form, field), *code = smv_form_text(form, "code");
    char *digits = apr_pstrdup(pool, code ? code : ""), *end = digits;

    for (const char *c = digits; *c; c++) {
        if (*c != ' ') {
            *end++ = *c;
        }
    }
    *end = '\0';
    return password ? apr_pstrcat(pool, password, digits, NULL) : NULL;
}

static smv_record_t *view_of(const smv_call_t *call, const char *login, const char *path)
{
    smv_record_t *view = smv_record_make(&smv_shape_code_view, call->pool);

    smv_set(view, "login", smv_text(login));
    smv_set(view, "action_href", smv_text(apr_pstrcat(call->pool, call->base, path, NULL)));
    smv_set(view, "asks_current", smv_number(1));
    smv_set(view, "asks_code", smv_number(call->limits->has_second_factor));
    return view;
}

static const smv_error_t *answer_with(smv_answer_t *answer, smv_record_t *view, const smv_problem_t *problem)
{
    if (problem) {
        smv_set(view, "error", smv_text(problem->text));
        answer->status = 422;
    }
    answer->view = view;
    return NULL;
}

static const smv_error_t *show(const smv_call_t *call, smv_answer_t *answer, const smv_problem_t *problem)
{
    smv_record_t *view = view_of(call, call->principal->login, "/password");

    smv_set(view, "is_elsewhere",
            smv_number(!call->directory->takes_passwords(call->directory, call->principal->dn, call->pool)));
    return answer_with(answer, view, problem);
}

/* Who has just signed in is told by the address what the directory said of their password. */
const smv_error_t *smv_edit_password(const smv_call_t *call, smv_answer_t *answer)
{
    apr_int64_t days = -1, grace = -1;
    const smv_error_t *error;

    if ((error = smv_query_number(&days, call->query, "days", 0, 10000, call->pool)) ||
        (error = smv_query_number(&grace, call->query, "grace", 0, 10000, call->pool))) {
        return error;
    }
    show(call, answer, NULL);
    smv_set(answer->view, "can_wait", smv_number(grace >= 0 || days >= 0));
    if (grace >= 0) {
        smv_set(answer->view, "notice",
                smv_text("Ihr Passwort ist abgelaufen. So oft können Sie sich noch damit anmelden:"));
        smv_set(answer->view, "notice_number", smv_number(grace));
    } else if (days >= 0) {
        smv_set(answer->view, "notice", smv_text("Ihr Passwort läuft bald ab. Verbleibende Tage:"));
        smv_set(answer->view, "notice_number", smv_number(days));
    }
    return NULL;
}

/* Who knows no more than the session has nothing to change a password with. */
static const smv_error_t *check_current(const smv_call_t *call, smv_answer_t *answer, const smv_problem_t **problem)
{
    smv_sign_in_t sign_in;
    const smv_error_t *error =
        call->directory->verify(call->directory, &sign_in, call->principal->dn,
                                smv_bound_password(call->form, "current", call->pool), call->pool);

    if (error && !sign_in.dn && error->code != SMV_ERROR_CREDENTIALS) {
        return error;
    }
    if (!sign_in.dn) {
        *problem = smv_problem(NULL, "current", "Das bisherige Passwort stimmt nicht.", 0, call->pool);
        answer->refused = error;
    }
    return NULL;
}

static const smv_error_t *note(const smv_call_t *call, const smv_principal_t *principal, const smv_actor_t *actor,
                               const char *detail)
{
    const smv_numbers_t *customers = &principal->customers;
    const smv_event_t event = {.kind = SMV_EVENT_SET_PASSWORD,
                               .subject = "access",
                               .object = principal->dn,
                               .customer = customers->count == 1 ? customers->at[0] : 0,
                               .detail = detail};

    return call->store->note(call->store, &event, call->tenant, actor, call->pool);
}

/* @param problem out: what the directory has against the new one */
static const smv_error_t *set(const smv_call_t *call, const smv_principal_t *principal, const smv_actor_t *actor,
                              const smv_problem_t **problem)
{
    const smv_error_t *error = note(call, principal, actor, NULL), *refused;

    if (error) {
        return error;
    }
    call->store->release(call->store);
    refused = call->directory->set_password(call->directory, principal->dn, smv_form_text(call->form, "current"),
                                            smv_form_text(call->form, "password"), call->pool);
    if (!refused) {
        return NULL;
    }
    note(call, principal, actor, smv_refused_detail(refused, call->pool));
    *problem = refused->code == SMV_ERROR_INVALID ? refused->problems : NULL;
    if (*problem) {
        call->report(call, refused);
    }
    return *problem ? NULL : refused;
}

/* It is set: whoever was signed in with the old one is not any more. */
static const smv_error_t *finish(const smv_call_t *call, smv_answer_t *answer, const char *dn)
{
    smv_principal_cache_forget(call->principals, dn);
    answer->location = "/login?done=password";
    return call->store->session_end_all(call->store, dn, call->pool);
}

const smv_error_t *smv_change_password(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_problem_t *problem = smv_check_new_password(call);
    const smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error = NULL;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    if (!problem) {
        error = check_current(call, answer, &problem);
    }
    if (!error && !problem) {
        error = set(call, call->principal, &actor, &problem);
    }
    if (error || problem) {
        return error ? error : show(call, answer, problem);
    }
    return finish(call, answer, call->principal->dn);
}

/* --- who may not sign in without a new one --- */

smv_record_t *smv_renewal_view(const smv_call_t *call, const char *login, const smv_error_t *why)
{
    smv_record_t *view = view_of(call, login, "/login/password");

    smv_set(view, "notice", smv_text(why ? why->public_text : NULL));
    return view;
}

/* A password that is right but expired opens nothing else: the account must be one that may be used. */
static const smv_error_t *check_account(const smv_call_t *call, smv_sign_in_t *sign_in,
                                        const smv_principal_t **principal)
{
    const smv_error_t *error =
        call->directory->authenticate(call->directory, sign_in, smv_form_text(call->form, "username"),
                                      smv_bound_password(call->form, "current", call->pool), call->pool);

    return error && !sign_in->dn
               ? error
               : call->directory->load(call->directory, principal, sign_in->dn, call->now, call->pool);
}

static const smv_error_t *renew(const smv_call_t *call, const smv_problem_t **problem, const char **dn)
{
    const smv_principal_t *principal = NULL;
    smv_sign_in_t sign_in;
    const smv_error_t *error = check_account(call, &sign_in, &principal);
    smv_actor_t actor;

    if (error) {
        return error;
    }
    *dn = principal->dn;
    actor = (smv_actor_t){.login = principal->login,
                          .name = principal->name,
                          .address = call->address,
                          .channel = "page",
                          .now = call->now};
    return set(call, principal, &actor, problem);
}

const smv_error_t *smv_renew_password(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_problem_t *problem = smv_check_new_password(call);
    const smv_error_t *error = NULL;
    const char *dn = NULL;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    if (!problem) {
        error = renew(call, &problem, &dn);
    }
    if (error) {
        return error;
    }
    if (problem) {
        return answer_with(answer, smv_renewal_view(call, smv_form_text(call->form, "username"), NULL), problem);
    }
    return finish(call, answer, dn);
}
