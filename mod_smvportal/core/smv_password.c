/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's own password: changed by who knows the one so far. The directory decides how good the new one is, and it
 * is set as the person. All their sessions end.
 */
#include "smv_access.h"
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

static const smv_error_t *show(const smv_call_t *call, smv_answer_t *answer, const smv_problem_t *problem)
{
    smv_record_t *view = smv_record_make(&smv_shape_code_view, call->pool);

    smv_set(view, "login", smv_text(call->principal->login));
    smv_set(view, "action_href", smv_text(apr_pstrcat(call->pool, call->base, "/password", NULL)));
    smv_set(view, "asks_current", smv_number(1));
    if (problem) {
        smv_set(view, "error", smv_text(problem->text));
        answer->status = 422;
    }
    answer->view = view;
    return NULL;
}

const smv_error_t *smv_edit_password(const smv_call_t *call, smv_answer_t *answer)
{
    return show(call, answer, NULL);
}

/* Who knows no more than the session has nothing to change a password with. */
static const smv_error_t *check_current(const smv_call_t *call, const smv_problem_t **problem)
{
    const char *current = smv_form_text(call->form, "current"), *dn;
    const smv_error_t *error =
        call->directory->authenticate(call->directory, &dn, call->principal->login, current, call->pool);

    if (error && error->code != SMV_ERROR_CREDENTIALS) {
        return error;
    }
    if (error || strcmp(dn, call->principal->dn) != 0) {
        *problem = smv_problem(NULL, "current", "Das bisherige Passwort stimmt nicht.", 0, call->pool);
    }
    return NULL;
}

static const smv_error_t *note(const smv_call_t *call, const char *detail)
{
    const smv_numbers_t *customers = &call->principal->customers;

    return smv_call_note(call, &(smv_event_t){.kind = SMV_EVENT_SET_PASSWORD,
                                              .subject = "access",
                                              .object = call->principal->dn,
                                              .customer = customers->count == 1 ? customers->at[0] : 0,
                                              .detail = detail});
}

static const smv_error_t *set(const smv_call_t *call, const smv_problem_t **problem)
{
    const smv_error_t *error = note(call, NULL), *refused;

    if (error) {
        return error;
    }
    call->store->release(call->store);
    refused = call->directory->set_password(call->directory, call->principal->dn, smv_form_text(call->form, "current"),
                                            smv_form_text(call->form, "password"), call->pool);
    if (!refused) {
        return NULL;
    }
    note(call, smv_refused_detail(refused, call->pool));
    *problem = refused->code == SMV_ERROR_INVALID ? refused->problems : NULL;
    return *problem ? NULL : refused;
}

const smv_error_t *smv_change_password(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_problem_t *problem = smv_check_new_password(call);
    const smv_error_t *error = NULL;

    call->store->release(call->store); /* a slow directory must not use up the database connections */
    if (!problem) {
        error = check_current(call, &problem);
    }
    if (!error && !problem) {
        error = set(call, &problem);
    }
    if (error || problem) {
        return error ? error : show(call, answer, problem);
    }
    smv_principal_cache_forget(call->principals, call->principal->dn);
    answer->location = "/login?done=password";
    return call->store->session_end_all(call->store, call->principal->dn, call->pool);
}
