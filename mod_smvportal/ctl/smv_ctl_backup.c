/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl backup: a copy of one state of the database, and of each content that this state names.
 */
#include "smv_ctl_conf.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "../port/smv_file_copy.h"
#include "../port/smv_lock.h"
#include "../port/smv_sqlite.h"
#include "../port/smv_sqlite_copy.h"
#include "smv_ctl_manifest.h"
#include "smv_ctl_progress.h"

#define OWNER_ALONE 077

typedef struct backup_t {
    const smv_ctl_portal_t *portal;
    const char *made; /* where it is put together */
    smv_ctl_manifest_t manifest;
    apr_array_header_t *hashes;
    apr_int64_t bytes;
    int broken; /* contents that are not as their rows say */
    apr_pool_t *pool;
} backup_t;

/* --- the database --- */

static const char *time_text(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t parts;

    apr_time_exp_gmt(&parts, time);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static const smv_error_t *copy_database(backup_t *backup)
{
    const char *copy = apr_pstrcat(backup->pool, backup->made, "/" SMV_CTL_BACKUP_DATABASE, NULL);
    smv_ctl_progress_t progress = SMV_CTL_PROGRESS("database");
    char *hash = apr_palloc(backup->pool, SMV_FILE_HASH_SIZE);
    apr_int64_t size;
    const smv_error_t *error;

    backup->manifest.time = time_text(apr_time_now(), backup->pool);
    if ((error = smv_sqlite_copy(backup->portal->database, copy, smv_ctl_progress, &progress, backup->pool)) ||
        (error = smv_sqlite_examine(copy, backup->pool)) ||
        (error = smv_sqlite_contents(&backup->hashes, copy, backup->pool)) ||
        (error = smv_file_copy(copy, NULL, hash, &size, backup->pool))) {
        return error;
    }
    backup->manifest.database_sha256 = hash;
    return NULL;
}

/* --- the contents --- */

/* What is broken is said, and counted, so that all of it is known at once.
 * @return what nothing more can be done about */
static const smv_error_t *copy_content(backup_t *backup, const char *hash, const char *folder, apr_pool_t *pool)
{
    const char *source = smv_ctl_content(backup->portal->documents, hash, 1, pool);
    char found[SMV_FILE_HASH_SIZE] = "";
    apr_int64_t size = 0;
    const smv_error_t *error = smv_file_copy(source, smv_ctl_content(folder, hash, 1, pool), found, &size, pool);

    if (error && error->code != SMV_ERROR_FILE_AWAY) {
        return smv_error(backup->pool, error->code, "%s", error->detail);
    }
    if (error || strcmp(found, hash) != 0) {
        fprintf(stderr, "smvportalctl: %s\n",
                error ? error->detail : apr_pstrcat(pool, source, ": has another content than its name says", NULL));
        backup->broken++;
    }
    backup->bytes += size;
    return NULL;
}

/* The hashes come in order, so that a folder is whole when the next one begins. */
static const smv_error_t *copy_contents(backup_t *backup)
{
    const char *folder = apr_pstrcat(backup->pool, backup->made, "/" SMV_CTL_BACKUP_DOCUMENTS, NULL), *last = "";
    smv_ctl_progress_t progress = SMV_CTL_PROGRESS("documents");
    const smv_error_t *error = smv_folder_make(folder, backup->pool);
    apr_pool_t *each;

    if (apr_pool_create(&each, backup->pool) != APR_SUCCESS) {
        return smv_error(backup->pool, SMV_ERROR_INTERNAL, "no memory");
    }
    for (int i = 0; i < backup->hashes->nelts && !error; i++) {
        const char *hash = APR_ARRAY_IDX(backup->hashes, i, const char *);

        apr_pool_clear(each);
        if (strncmp(hash, last, 2) != 0) {
            error = *last ? smv_folder_sync(smv_ctl_content(folder, last, 0, each), backup->pool) : NULL;
            error = error ? error : smv_folder_make(smv_ctl_content(folder, hash, 0, each), backup->pool);
            last = hash;
        }
        error = error ? error : copy_content(backup, hash, folder, each);
        smv_ctl_progress(&progress, i + 1, backup->hashes->nelts);
    }
    if (!error && *last) {
        error = smv_folder_sync(smv_ctl_content(folder, last, 0, each), backup->pool);
    }
    apr_pool_destroy(each);
    return error ? error : smv_folder_sync(folder, backup->pool);
}

/* --- the whole --- */

static const smv_error_t *put_together(backup_t *backup)
{
    smv_ctl_manifest_t *manifest = &backup->manifest;
    const smv_error_t *error;

    if ((error = copy_database(backup)) || (error = copy_contents(backup))) {
        return error;
    }
    if (backup->broken) {
        return smv_error(backup->pool, SMV_ERROR_FILE_AWAY,
                         "no backup was made, as %d documents' contents are not there or are damaged: bring them back "
                         "from an earlier one, or delete the documents in the portal",
                         backup->broken);
    }
    manifest->format = SMV_CTL_BACKUP_FORMAT;
    manifest->tenant = apr_itoa(backup->pool, backup->portal->tenant);
    manifest->schema_version = apr_itoa(backup->pool, SMV_SQLITE_VERSION);
    manifest->documents = apr_itoa(backup->pool, backup->hashes->nelts);
    manifest->bytes = apr_psprintf(backup->pool, "%" APR_INT64_T_FMT, backup->bytes);
    error = smv_ctl_manifest_write(manifest, backup->made, backup->pool);
    return error ? error : smv_folder_sync(backup->made, backup->pool);
}

/* The database must be ours, of this version, and the firm's. */
static const smv_error_t *check_database(const smv_ctl_portal_t *portal, apr_pool_t *pool)
{
    const smv_record_t *firm;
    apr_pool_t *opened;
    smv_store_t *store;
    const smv_error_t *error;

    if (apr_pool_create(&opened, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory");
    }
    if (!(error = smv_ctl_open_store(&store, portal, opened))) {
        error = store->firm(store, &firm, portal->tenant, opened);
    }
    error = error ? smv_error(pool, error->code, "%s", error->detail) : NULL;
    apr_pool_destroy(opened);
    return error;
}

/* @return an absolute path without a slash at its end, so that what is beside the folder can be named */
static const char *clean_path(const char *path, apr_pool_t *pool)
{
    char *clean = NULL;
    size_t size;

    if (apr_filepath_merge(&clean, NULL, path, APR_FILEPATH_NOTRELATIVE, pool) != APR_SUCCESS) {
        return path;
    }
    size = strlen(clean);
    while (size > 1 && clean[size - 1] == '/') {
        clean[--size] = '\0';
    }
    return clean;
}

static const smv_error_t *make(backup_t *backup, const char *target)
{
    apr_finfo_t info;
    apr_status_t status;
    const smv_error_t *error;

    if (apr_stat(&info, target, APR_FINFO_TYPE | APR_FINFO_LINK, backup->pool) == APR_SUCCESS) {
        return smv_error(backup->pool, SMV_ERROR_EXISTS, "%s is there already: each backup needs a folder of its own",
                         target);
    }
    backup->made = apr_psprintf(backup->pool, "%s.incomplete-%ld", target, (long)getpid());
    if ((error = check_database(backup->portal, backup->pool)) ||
        (error = smv_lock_contents(backup->portal->documents, 1, backup->pool)) ||
        (error = smv_folder_make(backup->made, backup->pool))) {
        return error;
    }
    if (!(error = put_together(backup)) &&
        (status = apr_file_rename(backup->made, target, backup->pool)) != APR_SUCCESS) {
        char reason[120];

        error =
            smv_error(backup->pool, SMV_ERROR_STORAGE, "%s: %s", target, apr_strerror(status, reason, sizeof reason));
    }
    if (error) {
        smv_folder_remove(backup->made, backup->pool);
        return error;
    }
    return smv_folder_sync(apr_pstrcat(backup->pool, target, "/..", NULL), backup->pool);
}

int smv_ctl_backup(const smv_ctl_t *ctl)
{
    backup_t backup = {.pool = ctl->pool};
    const smv_error_t *error;

    umask(OWNER_ALONE);
    if ((error = smv_ctl_conf_read(&backup.portal, ctl)) ||
        (error = make(&backup, clean_path(ctl->words[0], ctl->pool)))) {
        return smv_ctl_fail(error);
    }
    printf(ctl->json ? "{\"time\": \"%s\", \"documents\": \"%s\", \"bytes\": \"%s\"}\n"
                     : "the state of %s, with %s documents of %s bytes\n",
           backup.manifest.time, backup.manifest.documents, backup.manifest.bytes);
    return EX_OK;
}
