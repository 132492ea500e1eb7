/* SPDX-License-Identifier: Apache-2.0
 *
 * What anybody may open: an invitation, by its code, to choose a password. Unknown, used and expired codes are answered
 * alike, and the httpd layer makes each such answer take the same time.
 */
#include "smv_access.h"
#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>

const smv_error_t *smv_enter_code(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_code_view, call->pool);

    smv_set(view, "action_href", smv_text(apr_pstrcat(call->pool, call->base, "/access", NULL)));
    answer->view = view;
    return NULL;
}

static const char *code_path(const smv_call_t *call, const char *code)
{
    smv_buffer_t path;

    smv_buffer_init(&path, 64, 1024, call->pool);
    smv_buffer_puts(&path, "/access/");
    smv_buffer_url(&path, code, strlen(code));
    smv_buffer_write(&path, "", 1);
    return path.is_failed ? NULL : path.data;
}

const smv_error_t *smv_open_code(const smv_call_t *call, smv_answer_t *answer)
{
    const char *typed = smv_form_text(call->form, "code");

    if (!typed || !*typed || strlen(typed) > SMV_MAX_PATH_NAME || strpbrk(typed, "/\r\n")) {
        return smv_error(call->pool, SMV_ERROR_ACCESS_CODE, "no code was typed");
    }
    answer->location = code_path(call, smv_code_read(typed, call->pool));
    return NULL;
}

static const smv_error_t *refuse_unknown(const smv_call_t *call, const smv_error_t *error)
{
    return error->code == SMV_ERROR_NOT_FOUND ? smv_error(call->pool, SMV_ERROR_ACCESS_CODE, "%s", error->detail)
                                              : error;
}

/* @return SMV_ERROR_ACCESS_CODE for every code that may not be used */
static const smv_error_t *find(const smv_call_t *call, smv_invitation_t *invitation, unsigned char *hash)
{
    const smv_error_t *error = smv_code_hash(hash, call->name, call->crypto, call->pool);

    if (!error) {
        error = call->store->invitation_find(call->store, invitation, hash, call->now, call->pool);
    }
    return error ? refuse_unknown(call, error) : NULL;
}

static void show(const smv_call_t *call, smv_answer_t *answer, const smv_invitation_t *invitation,
                 const smv_problem_t *problem)
{
    smv_record_t *view = smv_record_make(&smv_shape_code_view, call->pool);

    smv_set(view, "login", smv_text(invitation->login));
    smv_set(view, "action_href", smv_text(apr_pstrcat(call->pool, call->base, code_path(call, call->name), NULL)));
    if (problem) {
        smv_set(view, "error", smv_text(problem->text));
        answer->status = 422;
    }
    answer->view = view;
}

const smv_error_t *smv_show_invitation(const smv_call_t *call, smv_answer_t *answer)
{
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    smv_invitation_t invitation = {.dn = NULL};
    const smv_error_t *error = find(call, &invitation, hash);

    if (!error) {
        show(call, answer, &invitation, NULL);
    }
    return error;
}

static const smv_error_t *note(const smv_call_t *call, const smv_invitation_t *invitation, const char *detail)
{
    const smv_actor_t actor = {.login = invitation->login,
                               .name = invitation->login,
                               .address = call->address,
                               .channel = "page",
                               .now = call->now};

    return call->store->note(call->store,
                             &(smv_event_t){.kind = SMV_EVENT_SET_PASSWORD,
                                            .subject = "access",
                                            .object = invitation->dn,
                                            .customer = invitation->customer,
                                            .detail = detail},
                             call->tenant, &actor, call->pool);
}

/* The code is claimed before the directory is asked, so that only one of several can come so far, and given back where
 * the directory refuses. A crash between the two leaves a used code and the old password. */
static const smv_error_t *set_password(const smv_call_t *call, const smv_invitation_t *invitation,
                                       const unsigned char *hash)
{
    const smv_error_t *error = note(call, invitation, NULL), *refused;

    if (!error) {
        error = call->store->invitation_claim(call->store, hash, call->now, call->pool);
    }
    if (error) {
        return refuse_unknown(call, error);
    }
    call->store->release(call->store);
    refused = call->directory->set_password(call->directory, invitation->dn, NULL,
                                            smv_form_text(call->form, "password"), call->pool);
    if (!refused) {
        return NULL;
    }
    if (!call->store->invitation_give_back(call->store, hash, call->pool)) {
        note(call, invitation, smv_refused_detail(refused, call->pool));
    }
    return refused;
}

const smv_error_t *smv_choose_password(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_problem_t *problem = smv_check_new_password(call);
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    smv_invitation_t invitation = {.dn = NULL};
    const smv_error_t *error = find(call, &invitation, hash);

    if (error) {
        return error;
    }
    if (!problem) {
        error = set_password(call, &invitation, hash);
        problem = error && error->code == SMV_ERROR_INVALID ? error->problems : NULL;
        if (problem) {
            call->report(call, error);
        }
    }
    if (problem) {
        show(call, answer, &invitation, problem);
        return NULL;
    }
    if (!error && !(error = call->store->session_end_all(call->store, invitation.dn, call->pool))) {
        smv_principal_cache_forget(call->principals, invitation.dn);
        answer->location = "/login?done=password";
    }
    return error;
}
