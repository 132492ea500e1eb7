/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_secret.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

const smv_error_t *smv_secret_read(const char **secret, const char *directive, const char *path, apr_pool_t *pool)
{
    char line[512] = "";
    apr_file_t *file;
    apr_finfo_t info;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s cannot be read", directive, path);
    }
    if (apr_file_info_get(&info, APR_FINFO_PROT, file) == APR_SUCCESS && (info.protection & APR_FPROT_WREAD)) {
        apr_file_close(file);
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s may be read by everybody: chmod 600 it", directive,
                         path);
    }
    apr_file_gets(line, sizeof line, file);
    apr_file_close(file);
    line[strcspn(line, "\r\n")] = '\0';
    *secret = apr_pstrdup(pool, line);
    return *line ? NULL : smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s is empty", directive, path);
}
