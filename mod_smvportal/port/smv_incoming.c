/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_incoming.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "smv_clamd.h"
#include "smv_media_type.h"

#define HASH_BYTES 32
#define FOLDER_MODE (APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_UEXECUTE)

struct smv_incoming_t {
    const smv_incoming_config_t *config;
    apr_pool_t *pool;
    const smv_error_t *error;
    apr_file_t *file;
    char *path; /* of the temporary file; NULL where there is none any more */
    EVP_MD_CTX *digest;
    apr_int64_t size;
    char hash[2 * HASH_BYTES + 1]; /* empty until the file is finished */
    const char *media_type;
};

static const smv_error_t *fail(smv_incoming_t *self, const smv_error_t *error)
{
    self->error = error;
    return error;
}

static const smv_error_t *storage(smv_incoming_t *self, const char *doing, const char *path, apr_status_t status)
{
    char reason[128];

    return fail(self, smv_error(self->pool, SMV_ERROR_STORAGE, "%s: %s: %s", path, doing,
                                apr_strerror(status, reason, sizeof reason)));
}

static const smv_error_t *out_of_order(smv_incoming_t *self, const char *doing)
{
    return fail(self, smv_error(self->pool, SMV_ERROR_INTERNAL, "an incoming file: %s out of order", doing));
}

/* --- begin --- */

static apr_status_t clean_up(void *data)
{
    smv_incoming_t *self = data;

    EVP_MD_CTX_free(self->digest);
    if (self->path) {
        apr_file_remove(self->path, self->pool);
    }
    return APR_SUCCESS;
}

static apr_status_t make_folder(const char *path, apr_pool_t *pool)
{
    apr_status_t status = apr_dir_make(path, FOLDER_MODE, pool);

    return APR_STATUS_IS_EEXIST(status) ? APR_SUCCESS : status;
}

const smv_error_t *smv_incoming_begin(smv_incoming_t **incoming, const smv_incoming_config_t *config, apr_pool_t *pool)
{
    smv_incoming_t *self = apr_pcalloc(pool, sizeof *self);
    char *folder = apr_pstrcat(pool, config->folder, "/incoming", NULL);
    char *path = apr_pstrcat(pool, folder, "/XXXXXX", NULL);
    apr_status_t status;

    self->config = config;
    self->pool = pool;
    self->digest = EVP_MD_CTX_new();
    apr_pool_cleanup_register(pool, self, clean_up, apr_pool_cleanup_null);
    if (!self->digest || EVP_DigestInit_ex(self->digest, EVP_sha256(), NULL) != 1) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "SHA-256 cannot be had from OpenSSL");
    }
    status = make_folder(folder, pool);
    if (status != APR_SUCCESS) {
        return storage(self, "cannot make it", folder, status);
    }
    status =
        apr_file_mktemp(&self->file, path,
                        APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL | APR_FOPEN_BINARY, pool);
    if (status != APR_SUCCESS) {
        return storage(self, "cannot make a temporary file", folder, status);
    }
    self->path = path;
    *incoming = self;
    return NULL;
}

/* --- write --- */

const smv_error_t *smv_incoming_write(smv_incoming_t *self, const char *data, apr_size_t size)
{
    apr_status_t status;

    if (self->error) {
        return self->error;
    }
    if (!self->file || *self->hash) {
        return out_of_order(self, "write");
    }
    if (size > (apr_uint64_t)(self->config->maximum - self->size)) {
        return fail(self,
                    smv_error_saying(self->pool, SMV_ERROR_TOO_LARGE, "Diese Datei ist zu groß.",
                                     "a file of more than %" APR_INT64_T_FMT " bytes was sent", self->config->maximum));
    }
    status = apr_file_write_full(self->file, data, size, NULL);
    if (status != APR_SUCCESS) {
        return storage(self, "cannot write", self->path, status);
    }
    self->size += (apr_int64_t)size;
    return EVP_DigestUpdate(self->digest, data, size) == 1
               ? NULL
               : fail(self, smv_error(self->pool, SMV_ERROR_INTERNAL, "OpenSSL cannot hash"));
}

/* --- finish --- */

static int write_hash(smv_incoming_t *self)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[HASH_BYTES];
    char *at = self->hash;

    if (EVP_DigestFinal_ex(self->digest, hash, NULL) != 1) {
        return 0;
    }
    for (int i = 0; i < HASH_BYTES; i++) {
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 15];
    }
    return 1;
}

static const smv_error_t *check_content(smv_incoming_t *self)
{
    const smv_incoming_config_t *config = self->config;
    const smv_error_t *error = smv_media_type_of(&self->media_type, self->file, self->pool);

    if (error) {
        return error;
    }
    if (!smv_media_type_is_in(self->media_type, config->allowed_types)) {
        return smv_error_saying(self->pool, SMV_ERROR_INVALID, "Dateien dieser Art werden hier nicht angenommen.",
                                "a file of the type %s was sent, which is not allowed", self->media_type);
    }
    return config->clamd ? smv_clamd_check(config->clamd, config->timeout, self->file, self->pool) : NULL;
}

const smv_error_t *smv_incoming_finish(smv_incoming_t *self)
{
    apr_status_t status;

    if (self->error) {
        return self->error;
    }
    if (!self->file || *self->hash) {
        return out_of_order(self, "finish");
    }
    if (self->size == 0) {
        return fail(self,
                    smv_error_saying(self->pool, SMV_ERROR_INVALID, "Diese Datei ist leer.", "an empty file was sent"));
    }
    status = apr_file_sync(self->file);
    if (status != APR_SUCCESS) {
        return storage(self, "cannot flush", self->path, status);
    }
    if (!write_hash(self)) {
        return fail(self, smv_error(self->pool, SMV_ERROR_INTERNAL, "OpenSSL cannot hash"));
    }
    return fail(self, check_content(self));
}

const smv_error_t *smv_incoming_check_name(smv_incoming_t *self, const char *name)
{
    if (self->error) {
        return self->error;
    }
    if (!self->media_type) {
        return out_of_order(self, "check of the name");
    }
    return smv_media_type_matches_name(self->media_type, name)
               ? NULL
               : fail(self,
                      smv_error_saying(self->pool, SMV_ERROR_INVALID,
                                       "Die Endung des Dateinamens passt nicht zum Inhalt der Datei.",
                                       "a file of the type %s was sent under another extension", self->media_type));
}

/* --- keep --- */

/* What was renamed or made in a folder is there after a loss of power only once the folder itself was flushed. */
static apr_status_t sync_folder(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    apr_status_t status;

    if (descriptor < 0) {
        return errno;
    }
    status = fsync(descriptor) == 0 ? APR_SUCCESS : errno;
    close(descriptor);
    return status;
}

/* @return whether this content is there already, and is now as new as this one */
static int is_kept_already(const smv_incoming_t *self, const char *target)
{
    apr_finfo_t info;

    return apr_stat(&info, target, APR_FINFO_TYPE | APR_FINFO_SIZE | APR_FINFO_LINK, self->pool) == APR_SUCCESS &&
           info.filetype == APR_REG && info.size == self->size &&
           apr_file_mtime_set(target, apr_time_now(), self->pool) == APR_SUCCESS;
}

static apr_status_t move_to(smv_incoming_t *self, const char *target)
{
    apr_status_t status = is_kept_already(self, target) ? apr_file_remove(self->path, self->pool)
                                                        : apr_file_rename(self->path, target, self->pool);

    if (status == APR_SUCCESS) {
        self->path = NULL;
    }
    return status;
}

const smv_error_t *smv_incoming_keep(smv_incoming_t *self)
{
    const char *folder, *target;
    apr_status_t status;

    if (self->error) {
        return self->error;
    }
    if (!self->file || !self->media_type) {
        return out_of_order(self, "keep");
    }
    folder = apr_psprintf(self->pool, "%s/%.2s", self->config->folder, self->hash);
    target = apr_psprintf(self->pool, "%s/%s", folder, self->hash);
    status = apr_file_close(self->file);
    self->file = NULL;
    if (status != APR_SUCCESS) {
        return storage(self, "cannot close", self->path, status);
    }
    status = make_folder(folder, self->pool);
    if (status == APR_SUCCESS) {
        status = sync_folder(self->config->folder);
    }
    if (status == APR_SUCCESS) {
        status = move_to(self, target);
    }
    if (status == APR_SUCCESS) {
        status = sync_folder(folder);
    }
    return status == APR_SUCCESS ? NULL : storage(self, "cannot keep", target, status);
}

const char *smv_incoming_path(const smv_incoming_t *self)
{
    return self->path;
}

const char *smv_incoming_hash(const smv_incoming_t *self)
{
    return self->hash;
}

apr_int64_t smv_incoming_size(const smv_incoming_t *self)
{
    return self->size;
}

const char *smv_incoming_media_type(const smv_incoming_t *self)
{
    return self->media_type;
}
