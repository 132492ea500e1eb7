/* SPDX-License-Identifier: Apache-2.0
 *
 * Sign-ins, refused ones and sign-outs in the audit log. A flood of refusals must not fill the disk: of each process so
 * many are noted a minute, and the next one that is noted says how many were not.
 */
#include "smv_request.h"

#include <apr_strings.h>

#define REFUSALS_A_MINUTE 60

static const smv_error_t *note(const smv_request_t *request, smv_event_kind_e kind, const char *login, const char *name,
                               const char *detail)
{
    const smv_call_t *call = &request->call;
    const smv_actor_t actor = {.login = login,
                               .name = name,
                               .address = call->address,
                               .channel = request->rendering == SMV_RENDER_API ? "api" : "page",
                               .now = call->now};

    return call->store->note(call->store, &(smv_event_t){.kind = kind, .subject = "session", .detail = detail},
                             call->tenant, &actor, call->pool);
}

const smv_error_t *smv_note_sign_in(const smv_request_t *request, const char *detail)
{
    return note(request, SMV_EVENT_SIGN_IN, request->call.principal->login, request->call.principal->name, detail);
}

const smv_error_t *smv_note_sign_out(const smv_request_t *request, int is_everywhere)
{
    const smv_principal_t *principal = request->call.principal;

    return note(request, SMV_EVENT_SIGN_OUT, principal->login, principal->name,
                is_everywhere ? "{\"everywhere\":true}" : NULL);
}

/* @param left_out out: refusals that were not noted before this one @return 1 where it is to be noted */
static int may_note(smv_opened_t *opened, apr_time_t now, int *left_out)
{
    int may;

    apr_thread_mutex_lock(opened->refusals_lock);
    if (now - opened->refusals_since >= apr_time_from_sec(60) || now < opened->refusals_since) {
        opened->refusals_since = now;
        opened->refusals = 0;
    }
    may = opened->refusals++ < REFUSALS_A_MINUTE;
    *left_out = may ? opened->refusals_left_out : 0;
    opened->refusals_left_out = may ? 0 : opened->refusals_left_out + 1;
    apr_thread_mutex_unlock(opened->refusals_lock);
    return may;
}

void smv_note_refusal(const smv_request_t *request, const char *login, const smv_error_t *refused)
{
    const smv_call_t *call = &request->call;
    const smv_error_t *error;
    int left_out;

    if (!call->store || !may_note(request->config->opened, call->now, &left_out)) {
        return;
    }
    if ((error = smv_call_note_refused(call, login, refused, left_out))) {
        smv_log_error(request, error);
    }
}
