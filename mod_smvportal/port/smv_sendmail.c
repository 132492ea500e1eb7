/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sendmail.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <signal.h>
#include <unistd.h>

#define TIMEOUT apr_time_from_sec(20)
#define PAUSE apr_time_from_msec(5)

static const smv_error_t *failed(const char *program, const char *what, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, SMV_ERROR_MAIL, "%s: %s: %s; see SmvPortalSendmail", program, what,
                     apr_strerror(status, reason, sizeof reason));
}

static const smv_error_t *start(apr_proc_t *process, char *const *arguments, apr_pool_t *pool)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    apr_procattr_t *attributes;
    apr_status_t status;

    if ((status = apr_procattr_create(&attributes, pool)) != APR_SUCCESS ||
        (status = apr_procattr_io_set(attributes, APR_FULL_BLOCK, APR_NO_FILE, APR_NO_FILE)) != APR_SUCCESS ||
        (status = apr_procattr_cmdtype_set(attributes, APR_PROGRAM)) != APR_SUCCESS ||
        (status = apr_procattr_error_check_set(attributes, 1)) != APR_SUCCESS ||
        (status = apr_proc_create(process, arguments[0], (const char *const *)arguments, environment, attributes,
                                  pool)) != APR_SUCCESS) {
        return failed(arguments[0], "cannot be run", status, pool);
    }
    return NULL;
}

/* Wait for its end, which is forced once the time is over. */
static const smv_error_t *finish(apr_proc_t *process, const char *program, apr_time_t until, apr_pool_t *pool)
{
    apr_exit_why_e why = APR_PROC_EXIT;
    int code = 0;

    while (apr_proc_wait(process, &code, &why, APR_NOWAIT) == APR_CHILD_NOTDONE) {
        if (apr_time_now() > until) {
            apr_proc_kill(process, SIGKILL);
            apr_proc_wait(process, &code, &why, APR_WAIT);
            return smv_error(pool, SMV_ERROR_MAIL, "%s did not end within %d seconds", program,
                             (int)apr_time_sec(TIMEOUT));
        }
        apr_sleep(PAUSE);
    }
    return why == APR_PROC_EXIT && code == 0 ? NULL
                                             : smv_error(pool, SMV_ERROR_MAIL, "%s ended with %s %d", program,
                                                         why == APR_PROC_EXIT ? "exit code" : "signal", code);
}

static const smv_error_t *send_mail(const smv_mailer_t *mailer, const char *message, apr_size_t size, apr_pool_t *pool)
{
    char *const *arguments = mailer->state;
    apr_time_t until = apr_time_now() + TIMEOUT;
    const smv_error_t *error;
    apr_status_t status;
    apr_proc_t process = {0};

    if ((error = start(&process, arguments, pool))) {
        return error;
    }
    apr_file_pipe_timeout_set(process.in, TIMEOUT);
    status = apr_file_write_full(process.in, message, size, NULL);
    apr_file_close(process.in);
    error = finish(&process, arguments[0], until, pool);
    return error || status == APR_SUCCESS ? error : failed(arguments[0], "did not read the mail", status, pool);
}

const smv_error_t *smv_sendmail_create(smv_mailer_t **mailer, const char *command, const char *from, apr_pool_t *pool)
{
    smv_mailer_t *made = apr_palloc(pool, sizeof *made);
    char **arguments;

    if (apr_tokenize_to_argv(command, &arguments, pool) != APR_SUCCESS || !arguments[0] || arguments[0][0] != '/' ||
        access(arguments[0], X_OK) != 0) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalSendmail must begin with the path of a program: \"/usr/sbin/sendmail -t -i\"");
    }
    *made = (smv_mailer_t){send_mail, apr_pstrdup(pool, from), arguments};
    *mailer = made;
    return NULL;
}
