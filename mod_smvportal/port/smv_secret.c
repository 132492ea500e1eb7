/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_secret.h"

#include "smv_process.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#define MAX_LINE 512

static const smv_error_t *read_file(char *line, const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s cannot be read", path);
    }
    if (apr_file_info_get(&info, APR_FINFO_PROT, file) == APR_SUCCESS && (info.protection & APR_FPROT_WREAD)) {
        apr_file_close(file);
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s may be read by everybody: chmod 600 it", path);
    }
    apr_file_gets(line, MAX_LINE, file);
    apr_file_close(file);
    return NULL;
}

static const smv_error_t *read_program(smv_process_t *process, apr_pool_t *pool)
{
    const smv_error_t *error = smv_process_check(process->command, pool);

    return error ? error : smv_process_run(process, SMV_ERROR_CONFIGURATION, pool);
}

const smv_error_t *smv_secret_read(const char **secret, const char *directive, const char *source, apr_pool_t *pool)
{
    size_t prefix = strlen(SMV_SECRET_EXEC);
    int is_program = strncmp(source, SMV_SECRET_EXEC, prefix) == 0;
    char line[MAX_LINE] = "";
    smv_process_t process = {
        .command = is_program ? source + prefix : NULL, .output = line, .output_size = sizeof line};
    const smv_error_t *error = is_program ? read_program(&process, pool) : read_file(line, source, pool);

    if (error) {
        return smv_error(pool, error->code, "%s %s", directive, error->detail);
    }
    line[strcspn(line, "\r\n")] = '\0';
    *secret = apr_pstrdup(pool, line);
    return *line ? NULL : smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s is empty", directive, source);
}
