/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_person.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "../core/smv_access.h"
#include "smv_ctl_ask.h"

#define MAX_LINE 4096
#define OTHERS                                                                                                         \
    (APR_FPROT_GREAD | APR_FPROT_GWRITE | APR_FPROT_GEXECUTE | APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_WEXECUTE)

/* What people type to sign in, in the order in which they are asked for it and in which it stands in a file. */
static const struct {
    const char *field, *question;
} secrets[] = {{"password", "Password of %s: "}, {"code", "One-time code of %s, if there is one: "}};

/* --- the password --- */

static const smv_error_t *unreadable(const char *path, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
}

/* @param line out: "" behind the last one */
static const smv_error_t *read_line(const char **line, apr_file_t *file, const char *path, apr_pool_t *pool)
{
    char *text = apr_pcalloc(pool, MAX_LINE);
    apr_status_t status = apr_file_gets(text, MAX_LINE, file);

    *line = text;
    if (status != APR_SUCCESS && !APR_STATUS_IS_EOF(status)) {
        return unreadable(path, status, pool);
    }
    if (strlen(text) == MAX_LINE - 1) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s has a line that is too long for a password", path);
    }
    text[strcspn(text, "\r\n")] = '\0';
    return NULL;
}

static const smv_error_t *open_file(apr_file_t **file, const char *path, apr_pool_t *pool)
{
    apr_status_t status = apr_file_open(file, path, APR_FOPEN_READ, 0, pool);
    apr_finfo_t info;

    if (status != APR_SUCCESS) {
        return unreadable(path, status, pool);
    }
    if (apr_file_info_get(&info, APR_FINFO_PROT, *file) != APR_SUCCESS || (info.protection & OTHERS)) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "%s has a password and is open to others than its owner: chmod 600 it", path);
    }
    return NULL;
}

static const smv_error_t *read_secrets(smv_form_t *form, int count, const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    const smv_error_t *error = open_file(&file, path, pool);

    for (int i = 0; i < count && !error; i++) {
        const char *line;

        error = read_line(&line, file, path, pool);
        smv_form_add(form, secrets[i].field, line, strlen(line), SMV_SENT_TEXT);
    }
    return error;
}

static const smv_error_t *ask_secrets(smv_form_t *form, int count, const char *login, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    for (int i = 0; i < count && !error; i++) {
        const char *line;

        if (!(error = smv_ctl_ask(&line, apr_psprintf(pool, secrets[i].question, login), pool))) {
            smv_form_add(form, secrets[i].field, line, strlen(line), SMV_SENT_TEXT);
        }
    }
    return error ? smv_error(pool, error->code, "%s: name a file with the password by --password-file", error->detail)
                 : NULL;
}

/* --- signing in --- */

static const smv_error_t *authenticate(smv_call_t *call, const char *login, const smv_form_t *form)
{
    smv_sign_in_t sign_in;
    const smv_error_t *error = call->directory->authenticate(
        call->directory, &sign_in, login, smv_bound_password(form, "password", call->pool), call->pool);

    return error ? error : call->directory->load(call->directory, &call->principal, sign_in.dn, call->now, call->pool);
}

/* As the portal does, so that a terminal is no better place to guess. */
static void hold_back(const smv_call_t *call, const char *login, const smv_error_t *refused, apr_time_t until)
{
    const smv_error_t *error = smv_call_note_refused(call, login, refused, 0);
    apr_time_t left = until - apr_time_now();

    if (error) {
        smv_ctl_fail(error);
    }
    if (left > 0) {
        apr_sleep(left);
    }
}

const smv_error_t *smv_ctl_sign_in(smv_call_t *call, const smv_ctl_portal_t *portal, const smv_ctl_t *ctl)
{
    const smv_principal_cache_config_t cache = {.capacity = 1};
    int count = strcasecmp(portal->second_factor, "On") == 0 ? 2 : 1;
    smv_form_t *form = smv_form_make(call->pool);
    const smv_error_t *error = ctl->password_file ? read_secrets(form, count, ctl->password_file, call->pool)
                                                  : ask_secrets(form, count, ctl->as, call->pool);

    if (error) {
        return error;
    }
    call->now = apr_time_now(); /* people take their time to type */
    call->directory = call->directory->for_request(call->directory, call->pool);
    if (smv_principal_cache_create(&call->principals, &cache, call->pool) != APR_SUCCESS) {
        return smv_error(call->pool, SMV_ERROR_INTERNAL, "no memory or locks");
    }
    error = authenticate(call, ctl->as, form);
    if (error && error->http_status < 500) {
        hold_back(call, ctl->as, error, call->now + apr_time_from_msec(portal->refusal_time));
    }
    return error;
}
