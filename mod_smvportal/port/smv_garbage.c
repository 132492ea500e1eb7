/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_garbage.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#define HASH_SIZE 64
#define HEX "0123456789abcdef"
#define TEMPORARY_LIFE apr_time_from_sec(86400)

typedef struct walk_t {
    smv_garbage_t *garbage;
    smv_store_t *store;
    apr_time_t now;
    const char *path; /* of the file at hand */
    apr_off_t size;
    apr_pool_t *pool; /* cleared for each file */
} walk_t;

static const smv_error_t *fault(const char *path, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, SMV_ERROR_STORAGE, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
}

static const smv_error_t *remove_file(void *data)
{
    walk_t *walk = data;
    apr_status_t status = apr_file_remove(walk->path, walk->pool);

    if (status != APR_SUCCESS && !APR_STATUS_IS_ENOENT(status)) {
        return fault(walk->path, status, walk->pool);
    }
    walk->garbage->removed++;
    walk->garbage->bytes += walk->size;
    return NULL;
}

typedef const smv_error_t *visit_fn(walk_t *walk, const apr_finfo_t *info);

static const smv_error_t *visit_content(walk_t *walk, const apr_finfo_t *info)
{
    if (strlen(info->name) != HASH_SIZE || strspn(info->name, HEX) != HASH_SIZE) {
        return NULL; /* none of ours */
    }
    walk->garbage->seen++;
    return walk->store->collect_content(walk->store, info->name, remove_file, walk, walk->pool);
}

static const smv_error_t *visit_temporary(walk_t *walk, const apr_finfo_t *info)
{
    walk->garbage->seen++;
    return info->mtime < walk->now - TEMPORARY_LIFE ? remove_file(walk) : NULL;
}

/* Every plain file of a folder; a folder that is not there has none. */
static const smv_error_t *walk_folder(walk_t *walk, const char *folder, visit_fn *visit, apr_pool_t *pool)
{
    apr_dir_t *opened;
    apr_finfo_t info;
    apr_pool_t *each;
    const smv_error_t *error = NULL;
    apr_status_t status = apr_dir_open(&opened, folder, pool);

    if (status != APR_SUCCESS || (status = apr_pool_create(&each, pool)) != APR_SUCCESS) {
        return APR_STATUS_IS_ENOENT(status) ? NULL : fault(folder, status, pool);
    }
    while (!error && apr_dir_read(&info, APR_FINFO_DIRENT, opened) == APR_SUCCESS) {
        apr_finfo_t whole;

        apr_pool_clear(each);
        walk->pool = each;
        walk->path = apr_pstrcat(each, folder, "/", info.name, NULL);
        if (apr_stat(&whole, walk->path, APR_FINFO_LINK | APR_FINFO_TYPE | APR_FINFO_SIZE | APR_FINFO_MTIME, each) ==
                APR_SUCCESS &&
            whole.filetype == APR_REG) {
            whole.name = info.name;
            walk->size = whole.size;
            error = visit(walk, &whole);
        }
    }
    error = error ? smv_error(pool, error->code, "%s", error->detail) : NULL;
    apr_dir_close(opened);
    apr_pool_destroy(each);
    return error;
}

const smv_error_t *smv_garbage_collect(smv_garbage_t *garbage, smv_store_t *store, const char *folder, apr_time_t now,
                                       apr_pool_t *pool)
{
    walk_t walk = {.garbage = garbage, .store = store, .now = now};
    const smv_error_t *error = NULL;

    *garbage = (smv_garbage_t){0, 0, 0};
    for (int i = 0; i < 256 && !error; i++) {
        error =
            walk_folder(&walk, apr_psprintf(pool, "%s/%c%c", folder, HEX[i / 16], HEX[i % 16]), visit_content, pool);
    }
    return error ? error : walk_folder(&walk, apr_pstrcat(pool, folder, "/incoming", NULL), visit_temporary, pool);
}
