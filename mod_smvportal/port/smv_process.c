/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_process.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <signal.h>
#include <unistd.h>

#define TIMEOUT apr_time_from_sec(20)
#define PAUSE apr_time_from_msec(5)

static char **arguments_of(const char *command, apr_pool_t *pool)
{
    char **arguments;

    return apr_tokenize_to_argv(command, &arguments, pool) == APR_SUCCESS && arguments[0] && arguments[0][0] == '/'
               ? arguments
               : NULL;
}

const smv_error_t *smv_process_check(const char *command, apr_pool_t *pool)
{
    char **arguments = arguments_of(command, pool);

    return arguments && access(arguments[0], X_OK) == 0
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION, "must begin with the path of a program: \"%s\"", command);
}

static const smv_error_t *failed(smv_error_e failure, const char *program, const char *what, apr_status_t status,
                                 apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, failure, "%s: %s: %s", program, what, apr_strerror(status, reason, sizeof reason));
}

static apr_status_t start(apr_proc_t *started, const smv_process_t *process, char *const *arguments, apr_pool_t *pool)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    apr_procattr_t *attributes;
    apr_status_t status;

    if ((status = apr_procattr_create(&attributes, pool)) != APR_SUCCESS ||
        (status = apr_procattr_io_set(attributes, process->input ? APR_FULL_BLOCK : APR_NO_FILE,
                                      process->output ? APR_FULL_BLOCK : APR_NO_FILE, APR_NO_FILE)) != APR_SUCCESS ||
        (status = apr_procattr_cmdtype_set(attributes, APR_PROGRAM)) != APR_SUCCESS ||
        (status = apr_procattr_error_check_set(attributes, 1)) != APR_SUCCESS) {
        return status;
    }
    return apr_proc_create(started, arguments[0], (const char *const *)arguments, environment, attributes, pool);
}

/* Wait for its end, which is forced once the time is over. */
static const smv_error_t *finish(apr_proc_t *started, const char *program, apr_time_t until, smv_error_e failure,
                                 apr_pool_t *pool)
{
    apr_exit_why_e why = APR_PROC_EXIT;
    int code = 0;

    while (apr_proc_wait(started, &code, &why, APR_NOWAIT) == APR_CHILD_NOTDONE) {
        if (apr_time_now() > until) {
            apr_proc_kill(started, SIGKILL);
            apr_proc_wait(started, &code, &why, APR_WAIT);
            return smv_error(pool, failure, "%s did not end within %d seconds", program, (int)apr_time_sec(TIMEOUT));
        }
        apr_sleep(PAUSE);
    }
    return why == APR_PROC_EXIT && code == 0 ? NULL
                                             : smv_error(pool, failure, "%s ended with %s %d", program,
                                                         why == APR_PROC_EXIT ? "exit code" : "signal", code);
}

static apr_status_t give(apr_proc_t *started, const smv_process_t *process)
{
    apr_status_t status;

    if (!process->input) {
        return APR_SUCCESS;
    }
    apr_file_pipe_timeout_set(started->in, TIMEOUT);
    status = apr_file_write_full(started->in, process->input, process->input_size, NULL);
    apr_file_close(started->in);
    return status;
}

/* What does not fit is read by nobody: the program then ends by itself, or is ended. */
static void take(apr_proc_t *started, smv_process_t *process)
{
    apr_size_t size = 0;

    if (process->output) {
        apr_file_pipe_timeout_set(started->out, TIMEOUT);
        apr_file_read_full(started->out, process->output, process->output_size - 1, &size);
        apr_file_close(started->out);
        process->output[size] = '\0';
    }
}

const smv_error_t *smv_process_run(smv_process_t *process, smv_error_e failure, apr_pool_t *pool)
{
    apr_time_t until = apr_time_now() + TIMEOUT;
    char **arguments = arguments_of(process->command, pool);
    const smv_error_t *error;
    apr_status_t status;
    apr_proc_t started = {0};

    if (!arguments) {
        return smv_error(pool, failure, "\"%s\" is no path of a program", process->command);
    }
    if ((status = start(&started, process, arguments, pool)) != APR_SUCCESS) {
        return failed(failure, arguments[0], "cannot be run", status, pool);
    }
    status = give(&started, process);
    take(&started, process);
    error = finish(&started, arguments[0], until, failure, pool);
    return error || status == APR_SUCCESS
               ? error
               : failed(failure, arguments[0], "did not read what it was given", status, pool);
}
