/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl.h"

#include "../core/smv_buffer.h"

#include "../core/smv_rules.h"

#include <apr_env.h>
#include <apr_strings.h>
#include <apr_user.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "../core/smv_json.h"

#define MAX_JSON (64U << 20)

static int code_of(smv_error_e error)
{
    switch (error) {
    case SMV_ERROR_CONFIGURATION:
        return EX_CONFIG;
    case SMV_ERROR_DATABASE_BUSY:
    case SMV_ERROR_CONFLICT:
        return EX_TEMPFAIL;
    case SMV_ERROR_DIRECTORY_AWAY:
        return EX_UNAVAILABLE;
    case SMV_ERROR_BAD_REQUEST:
    case SMV_ERROR_INVALID:
        return EX_USAGE;
    case SMV_ERROR_SIGN_IN_NEEDED:
    case SMV_ERROR_CREDENTIALS:
    case SMV_ERROR_LOCKED:
    case SMV_ERROR_MODULE_NOT_BOOKED:
    case SMV_ERROR_DENIED:
    case SMV_ERROR_PASSWORD_EXPIRED:
    case SMV_ERROR_PASSWORD_RESET:
    case SMV_ERROR_DIRECTORY_REFUSED:
        return EX_NOPERM;
    case SMV_ERROR_DIRECTORY_DATA:
    case SMV_ERROR_DATABASE_DATA:
    case SMV_ERROR_FILE_AWAY:
        return EX_DATAERR;
    case SMV_ERROR_STORAGE:
        return EX_IOERR;
    case SMV_ERROR_EXISTS:
        return EX_CANTCREAT;
    case SMV_ERROR_INTERNAL:
        return EX_SOFTWARE;
    default:
        return EX_NOINPUT;
    }
}

/* @param may_end_lines whether ends of lines are the text's own */
static void put(FILE *to, const char *text, int may_end_lines)
{
    apr_size_t size = strlen(text), length;

    for (const char *at = text, *end = text + size; at < end; at += length) {
        int is_end = *at == '\n' && may_end_lines;

        length = smv_utf8_sequence(at, (apr_size_t)(end - at));
        if (length == 0 || (strchr("\t\r\n", *at) && !is_end) || smv_has_control(at, length)) {
            length = length ? length : 1;
            fputc('?', to);
        } else {
            fwrite(at, 1, length, to);
        }
    }
}

void smv_ctl_put(FILE *to, const char *text)
{
    put(to, text, 0);
}

int smv_ctl_fail(const smv_error_t *error)
{
    int code = code_of(error->code);

    if (code == EX_NOPERM) {
        fprintf(stderr, "smvportalctl: %s\n", error->public_text);
    }
    for (const smv_problem_t *problem = error->problems; problem; problem = problem->next) {
        fprintf(stderr, "smvportalctl: %s: %s\n", problem->field, problem->text);
    }
    if (!error->problems) {
        fputs("smvportalctl: ", stderr);
        put(stderr, error->detail, 1);
        fputc('\n', stderr);
    }
    return code;
}

int smv_ctl_misused(const char *usage)
{
    fprintf(stderr, "usage: smvportalctl %s\n", usage);
    return EX_USAGE;
}

/* Only root could have written the name of another into it. */
static const char *caller(apr_pool_t *pool)
{
    char *name = NULL;

    if (geteuid() == 0 && apr_env_get(&name, "SUDO_USER", pool) == APR_SUCCESS && *name) {
        return name;
    }
    return apr_uid_name_get(&name, getuid(), pool) == APR_SUCCESS ? name
                                                                  : apr_psprintf(pool, "uid %ld", (long)getuid());
}

smv_actor_t smv_ctl_actor(apr_pool_t *pool)
{
    return (smv_actor_t){.login = caller(pool),
                         .name = "",
                         .address = SMV_CTL_ADDRESS,
                         .channel = "api",
                         .is_staff = 1,
                         .now = apr_time_now()};
}

static int print_buffer(const smv_buffer_t *buffer)
{
    fwrite(buffer->data, 1, buffer->size, stdout);
    putchar('\n');
    return buffer->is_failed ? EX_SOFTWARE : EX_OK;
}

int smv_ctl_print_json(const smv_record_t *record, apr_pool_t *pool)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 4096, MAX_JSON, pool);
    smv_json_record(&buffer, record);
    return print_buffer(&buffer);
}

int smv_ctl_print_json_list(const smv_list_t *list, apr_pool_t *pool)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 4096, MAX_JSON, pool);
    smv_json_list(&buffer, list);
    return print_buffer(&buffer);
}
