/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_manifest.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/smv_buffer.h"
#include "../port/smv_json_read.h"

#define MAX_SIZE 4096

static const char *path_of(const char *folder, apr_pool_t *pool)
{
    return apr_pstrcat(pool, folder, "/" SMV_CTL_MANIFEST, NULL);
}

const char *smv_ctl_content(const char *folder, const char *hash, int file, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/%.2s%s%s", folder, hash, file ? "/" : "", file ? hash : "");
}

static void put_member(smv_buffer_t *out, const char *name, const char *value)
{
    smv_buffer_puts(out, out->size > 2 ? ",\n  \"" : "  \"");
    smv_buffer_puts(out, name);
    smv_buffer_puts(out, "\": ");
    smv_buffer_json(out, value, strlen(value));
}

const smv_error_t *smv_ctl_manifest_write(const smv_ctl_manifest_t *manifest, const char *folder, apr_pool_t *pool)
{
    const char *path = path_of(folder, pool);
    smv_buffer_t out;
    apr_file_t *file;
    apr_status_t status;
    char reason[120];

    smv_buffer_init(&out, 512, MAX_SIZE, pool);
    smv_buffer_puts(&out, "{\n");
#define PUT(member) put_member(&out, #member, manifest->member);
    SMV_CTL_MANIFEST_MEMBERS(PUT)
#undef PUT
    smv_buffer_puts(&out, "\n}\n");
    if ((status = apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                                APR_FPROT_UREAD | APR_FPROT_UWRITE, pool)) == APR_SUCCESS &&
        (status = apr_file_write_full(file, out.data, out.size, NULL)) == APR_SUCCESS &&
        (status = apr_file_sync(file)) == APR_SUCCESS) {
        status = apr_file_close(file);
    }
    return status == APR_SUCCESS
               ? NULL
               : smv_error(pool, SMV_ERROR_STORAGE, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
}

static const char *read_file(const char *path, apr_size_t *size, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, MAX_SIZE);
    apr_file_t *file;

    *size = 0;
    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, pool) == APR_SUCCESS) {
        apr_file_read_full(file, text, MAX_SIZE, size);
        apr_file_close(file);
    }
    return text;
}

const smv_error_t *smv_ctl_manifest_read(smv_ctl_manifest_t *manifest, const char *folder, apr_pool_t *pool)
{
    const char *path = path_of(folder, pool);
    apr_size_t size;
    const char *text = read_file(path, &size, pool);
    smv_form_t *form;
    int is_whole = smv_json_read(&form, text, size, pool) == NULL;

#define TAKE(member) is_whole = (manifest->member = smv_form_text(form, #member)) != NULL && is_whole;
    SMV_CTL_MANIFEST_MEMBERS(TAKE)
#undef TAKE
    if (!is_whole) {
        return smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s is missing or damaged: is %s a whole backup?", path,
                         folder);
    }
    return strcmp(manifest->format, SMV_CTL_BACKUP_FORMAT) == 0
               ? NULL
               : smv_error(pool, SMV_ERROR_DATABASE_DATA, "%s is a backup of another release (format %s)", folder,
                           manifest->format);
}
