/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_file_copy.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536
#define FILE_MODE (APR_FPROT_UREAD | APR_FPROT_UWRITE)
#define FOLDER_MODE (FILE_MODE | APR_FPROT_UEXECUTE)

static const smv_error_t *fault(smv_error_e code, const char *path, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, code, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
}

/* --- copying --- */

typedef struct copy_t {
    const char *source, *target;
    apr_file_t *from, *to; /* to NULL: nobody keeps it */
    EVP_MD_CTX *digest;
    apr_int64_t size;
    apr_pool_t *pool;
} copy_t;

static const smv_error_t *copy_all(copy_t *copy)
{
    char piece[PIECE];
    apr_size_t size = sizeof piece;
    apr_status_t status;

    while ((status = apr_file_read(copy->from, piece, &size)) == APR_SUCCESS) {
        if (EVP_DigestUpdate(copy->digest, piece, size) != 1) {
            return smv_error(copy->pool, SMV_ERROR_INTERNAL, "cannot hash %s", copy->source);
        }
        if (copy->to && (status = apr_file_write_full(copy->to, piece, size, NULL)) != APR_SUCCESS) {
            return fault(SMV_ERROR_STORAGE, copy->target, status, copy->pool);
        }
        copy->size += (apr_int64_t)size;
        size = sizeof piece;
    }
    if (!APR_STATUS_IS_EOF(status)) {
        return fault(SMV_ERROR_FILE_AWAY, copy->source, status, copy->pool);
    }
    if (copy->to && (status = apr_file_sync(copy->to)) != APR_SUCCESS) {
        return fault(SMV_ERROR_STORAGE, copy->target, status, copy->pool);
    }
    return NULL;
}

static const smv_error_t *begin_hash(copy_t *copy)
{
    copy->digest = EVP_MD_CTX_new();
    return copy->digest && EVP_DigestInit_ex(copy->digest, EVP_sha256(), NULL) == 1
               ? NULL
               : smv_error(copy->pool, SMV_ERROR_INTERNAL, "no SHA-256");
}

static const smv_error_t *open_both(copy_t *copy)
{
    apr_status_t status = apr_file_open(&copy->from, copy->source, APR_FOPEN_READ | APR_FOPEN_BINARY, 0, copy->pool);

    if (status != APR_SUCCESS) {
        return fault(SMV_ERROR_FILE_AWAY, copy->source, status, copy->pool);
    }
    if (copy->target &&
        (status = apr_file_open(&copy->to, copy->target, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL, FILE_MODE,
                                copy->pool)) != APR_SUCCESS) {
        return fault(SMV_ERROR_STORAGE, copy->target, status, copy->pool);
    }
    return begin_hash(copy);
}

static const smv_error_t *finish(copy_t *copy, char hash[SMV_FILE_HASH_SIZE])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];

    if (EVP_DigestFinal_ex(copy->digest, bytes, NULL) != 1) {
        return smv_error(copy->pool, SMV_ERROR_INTERNAL, "cannot hash %s", copy->source);
    }
    for (int i = 0; i < (SMV_FILE_HASH_SIZE - 1) / 2; i++) {
        apr_snprintf(hash + (apr_size_t)2 * i, 3, "%02x", bytes[i]);
    }
    return NULL;
}

const smv_error_t *smv_file_copy(const char *source, const char *target, char hash[SMV_FILE_HASH_SIZE],
                                 apr_int64_t *size, apr_pool_t *pool)
{
    copy_t copy = {.source = source, .target = target, .pool = pool};
    const smv_error_t *error;

    if (!(error = open_both(&copy)) && !(error = copy_all(&copy))) {
        error = finish(&copy, hash);
    }
    EVP_MD_CTX_free(copy.digest);
    if (copy.from) {
        apr_file_close(copy.from);
    }
    if (copy.to) {
        apr_file_close(copy.to);
    }
    *size = copy.size;
    return error;
}

const smv_error_t *smv_file_hash(apr_file_t *file, const char *name, char hash[SMV_FILE_HASH_SIZE], apr_int64_t *size,
                                 apr_pool_t *pool)
{
    copy_t copy = {.source = name, .from = file, .pool = pool};
    apr_off_t begin = 0;
    apr_status_t status = apr_file_seek(file, APR_SET, &begin);
    const smv_error_t *error =
        status == APR_SUCCESS ? begin_hash(&copy) : fault(SMV_ERROR_FILE_AWAY, name, status, pool);

    if (!error && !(error = copy_all(&copy))) {
        error = finish(&copy, hash);
    }
    EVP_MD_CTX_free(copy.digest);
    *size = copy.size;
    return error;
}

/* --- folders --- */

const smv_error_t *smv_folder_sync(const char *folder, apr_pool_t *pool)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int is_synced = descriptor >= 0 && fsync(descriptor) == 0;
    apr_status_t status = errno;

    if (descriptor >= 0) {
        close(descriptor);
    }
    return is_synced ? NULL : fault(SMV_ERROR_STORAGE, folder, status, pool);
}

const smv_error_t *smv_folder_make(const char *folder, apr_pool_t *pool)
{
    apr_status_t status = apr_dir_make(folder, FOLDER_MODE, pool);

    return status == APR_SUCCESS ? NULL : fault(SMV_ERROR_STORAGE, folder, status, pool);
}

static const smv_error_t *remove_entry(const char *path, apr_filetype_e type, apr_pool_t *pool)
{
    apr_status_t status;

    if (type == APR_DIR) {
        return smv_folder_remove(path, pool);
    }
    status = apr_file_remove(path, pool);
    return status == APR_SUCCESS ? NULL : fault(SMV_ERROR_STORAGE, path, status, pool);
}

const smv_error_t *smv_folder_remove(const char *folder, apr_pool_t *pool)
{
    apr_dir_t *opened;
    apr_finfo_t info;
    const smv_error_t *error = NULL;
    apr_status_t status = apr_dir_open(&opened, folder, pool);

    if (status != APR_SUCCESS) {
        return APR_STATUS_IS_ENOENT(status) ? NULL : fault(SMV_ERROR_STORAGE, folder, status, pool);
    }
    while (!error && apr_dir_read(&info, APR_FINFO_NAME | APR_FINFO_TYPE, opened) == APR_SUCCESS) {
        if (strcmp(info.name, ".") != 0 && strcmp(info.name, "..") != 0) {
            error = remove_entry(apr_pstrcat(pool, folder, "/", info.name, NULL), info.filetype, pool);
        }
    }
    apr_dir_close(opened);
    if (!error && (status = apr_dir_remove(folder, pool)) != APR_SUCCESS) {
        error = fault(SMV_ERROR_STORAGE, folder, status, pool);
    }
    return error;
}
