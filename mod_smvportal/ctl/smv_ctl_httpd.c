/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_httpd.h"

#include <apr_env.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_thread_proc.h>
#include <string.h>
#include <unistd.h>

#include "../port/smv_settings.h"

#define HTTPD "apachectl"
#define MAX_OUTPUT ((apr_size_t)1 << 20)
#define MAX_COMPLAINT 8192
#define MORE_PATH ":/usr/sbin:/sbin" /* httpd is there, and not on everybody's path */

static const smv_error_t *failed(const char *program, const char *what, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s: %s", program, what,
                     apr_strerror(status, reason, sizeof reason));
}

/* @return the command with more behind it; NULL where it has no words */
static const char *const *arguments_of(const char *command, const char *const *more, apr_pool_t *pool)
{
    apr_array_header_t *arguments = apr_array_make(pool, 8, sizeof(const char *));
    char **words;

    if (apr_tokenize_to_argv(command, &words, pool) != APR_SUCCESS || !words[0]) {
        return NULL;
    }
    for (char **word = words; *word; word++) {
        APR_ARRAY_PUSH(arguments, const char *) = *word;
    }
    for (; *more; more++) {
        APR_ARRAY_PUSH(arguments, const char *) = *more;
    }
    APR_ARRAY_PUSH(arguments, const char *) = NULL;
    return (const char *const *)arguments->elts;
}

/* @return the folders in which programs are, with colons between */
static const char *lengthen_path(apr_pool_t *pool)
{
    char *path = NULL;

    if (apr_env_get(&path, "PATH", pool) != APR_SUCCESS || !strstr(path, MORE_PATH)) {
        path = apr_pstrcat(pool, path ? path : "/usr/bin:/bin", MORE_PATH, NULL);
        apr_env_set("PATH", path, pool);
    }
    return path;
}

/* A child that cannot be run says nothing about it. */
static int is_runnable(const char *program, apr_pool_t *pool)
{
    char *rest = NULL, *folders = apr_pstrdup(pool, lengthen_path(pool));

    if (strchr(program, '/')) {
        return access(program, X_OK) == 0;
    }
    for (const char *folder = apr_strtok(folders, ":", &rest); folder; folder = apr_strtok(NULL, ":", &rest)) {
        if (access(apr_pstrcat(pool, folder, "/", program, NULL), X_OK) == 0) {
            return 1;
        }
    }
    return 0;
}

/* @param complaint out: a file for its standard error, so that nobody waits for who reads the other one first */
static apr_status_t start(apr_proc_t *process, apr_file_t **complaint, const char *const *arguments, apr_pool_t *pool)
{
    const char *folder;
    apr_procattr_t *attributes;
    apr_status_t status;

    if ((status = apr_temp_dir_get(&folder, pool)) != APR_SUCCESS ||
        (status = apr_file_mktemp(complaint, apr_pstrcat(pool, folder, "/smvportalctl.XXXXXX", NULL), 0, pool)) !=
            APR_SUCCESS ||
        (status = apr_procattr_create(&attributes, pool)) != APR_SUCCESS ||
        (status = apr_procattr_io_set(attributes, APR_NO_FILE, APR_FULL_BLOCK, APR_NO_PIPE)) != APR_SUCCESS ||
        (status = apr_procattr_child_err_set(attributes, *complaint, NULL)) != APR_SUCCESS ||
        (status = apr_procattr_cmdtype_set(attributes, APR_PROGRAM_PATH)) != APR_SUCCESS ||
        (status = apr_procattr_error_check_set(attributes, 1)) != APR_SUCCESS) {
        return status;
    }
    return apr_proc_create(process, arguments[0], arguments, NULL, attributes, pool);
}

static char *read_all(apr_file_t *file, apr_size_t most, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, most + 1);
    apr_size_t size = 0;

    apr_file_read_full(file, text, most, &size);
    text[size] = '\0';
    return text;
}

static const smv_error_t *run(char **text, const char *command, const char *const *more, apr_pool_t *pool)
{
    const char *const *arguments = arguments_of(command ? command : HTTPD, more, pool);
    apr_exit_why_e why = APR_PROC_EXIT;
    apr_off_t beginning = 0;
    apr_file_t *complaint;
    apr_proc_t process;
    apr_status_t status;
    int code = 0;

    if (!arguments) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "--httpd needs a command, not \"%s\"", command);
    }
    if (!is_runnable(arguments[0], pool)) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "there is no program %s: name what runs httpd by --httpd",
                         arguments[0]);
    }
    if ((status = start(&process, &complaint, arguments, pool)) != APR_SUCCESS) {
        return failed(arguments[0], "cannot be run; name what runs httpd by --httpd", status, pool);
    }
    *text = read_all(process.out, MAX_OUTPUT, pool);
    apr_file_close(process.out);
    apr_proc_wait(&process, &code, &why, APR_WAIT);
    if (why == APR_PROC_EXIT && code == 0) {
        return NULL;
    }
    apr_file_seek(complaint, APR_SET, &beginning);
    return smv_error(pool, SMV_ERROR_CONFIGURATION, "httpd refuses its configuration:\n%s",
                     read_all(complaint, MAX_COMPLAINT, pool));
}

const smv_error_t *smv_ctl_httpd_dump(char **text, const char *command, apr_pool_t *pool)
{
    static const char *const more[] = {"-t", "-D", SMV_SETTINGS_DEFINE, NULL};

    return run(text, command, more, pool);
}

const smv_error_t *smv_ctl_httpd_test(const char *command, apr_pool_t *pool)
{
    static const char *const more[] = {"-t", NULL};
    char *text;

    return run(&text, command, more, pool);
}
