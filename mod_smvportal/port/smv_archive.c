/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_archive.h"

#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>
#include <threads.h>

#include "../core/smv_buffer.h"

#define CHUNK_SIZE 32768
#define MAX_NAME 200 /* bytes; what file systems take, with room for a number */
#define MAX_EXTENSION 16

struct smv_archive_t {
    apr_pool_t *pool, *scratch; /* scratch: of one entry */
    const smv_error_t *error;
    apr_file_t *file;
    apr_status_t written; /* of what went into the file so far */
    struct archive *zip;
    struct archive_entry *entry;
    apr_hash_t *taken; /* by path in lower case: int *, the last number given to that name, 1 for the first */
    char chunk[CHUNK_SIZE];
};

static const smv_error_t *fail(smv_archive_t *self, const smv_error_t *error)
{
    self->error = error;
    return error;
}

static const smv_error_t *cannot_write(smv_archive_t *self)
{
    const char *reason = self->zip ? archive_error_string(self->zip) : NULL;
    char buffer[128];

    if (self->written != APR_SUCCESS) {
        reason = apr_strerror(self->written, buffer, sizeof buffer);
    }
    return fail(self,
                smv_error(self->pool, SMV_ERROR_STORAGE, "a ZIP cannot be written: %s", reason ? reason : "no memory"));
}

/* libarchive is told that all went well: after an error it would not give back all of its memory. */
static la_ssize_t write_block(struct archive *zip, void *data, const void *block, size_t size)
{
    smv_archive_t *self = data;

    (void)zip;
    if (self->written == APR_SUCCESS) {
        self->written = apr_file_write_full(self->file, block, size, NULL);
    }
    return (la_ssize_t)size;
}

/* --- begin --- */

static apr_status_t clean_up(void *data)
{
    smv_archive_t *self = data;

    self->written = APR_EOF; /* freeing an archive finishes it, which nobody reads */
    archive_entry_free(self->entry);
    archive_write_free(self->zip);
    return APR_SUCCESS;
}

static apr_status_t open_nameless(apr_file_t **file, const char *folder, apr_pool_t *pool)
{
    char *path = apr_pstrcat(pool, folder, "/zip-XXXXXX", NULL);
    apr_status_t status = apr_file_mktemp(file, path,
                                          APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL |
                                              APR_FOPEN_BINARY | APR_FOPEN_SENDFILE_ENABLED,
                                          pool);

    return status == APR_SUCCESS ? apr_file_remove(path, pool) : status;
}

/* libarchive takes names for those of the locale, which in httpd is "C". One for the process, never freed: making and
 * freeing one takes a lock of libc that all threads share. */
static locale_t utf8;

static void make_utf8(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static int open_zip(smv_archive_t *self)
{
    static once_flag once = ONCE_FLAG_INIT;

    call_once(&once, make_utf8);
    self->entry = archive_entry_new();
    self->zip = archive_write_new();
    return utf8 && self->entry && self->zip && archive_write_set_format_zip(self->zip) == ARCHIVE_OK &&
           archive_write_set_bytes_in_last_block(self->zip, 1) == ARCHIVE_OK &&
           archive_write_open(self->zip, self, NULL, write_block, NULL) == ARCHIVE_OK;
}

const smv_error_t *smv_archive_begin(smv_archive_t **archive, const char *folder, apr_pool_t *pool)
{
    smv_archive_t *self = apr_pcalloc(pool, sizeof *self);
    apr_status_t status = open_nameless(&self->file, folder, pool);
    char reason[128];

    self->pool = pool;
    if (status != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_STORAGE, "%s: cannot make a temporary file: %s", folder,
                         apr_strerror(status, reason, sizeof reason));
    }
    apr_pool_cleanup_register(pool, self, clean_up, apr_pool_cleanup_null);
    self->taken = apr_hash_make(pool);
    if (apr_pool_create(&self->scratch, pool) != APR_SUCCESS || !open_zip(self)) {
        return cannot_write(self);
    }
    *archive = self;
    return NULL;
}

/* --- names --- */

static int is_harmless(const char *at, apr_size_t length, int is_first)
{
    unsigned char c = (unsigned char)at[0], next = length > 1 ? (unsigned char)at[1] : 0;

    if (length == 1) {
        return c >= ' ' && c != 0x7f && !strchr("/\\<>:\"|?*", c) && !(c == '.' && is_first);
    }
    return length > 1 && !(c == 0xc2 && next < 0xa0); /* control characters, too */
}

/* @return a part of a path in its harmless form */
static const char *harmless(const char *part, apr_size_t size, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, size + 2);
    apr_size_t written = 0;
    int is_start = 1; /* so that each of several leading dots is one */

    for (apr_size_t i = 0; i < size;) {
        apr_size_t length = smv_utf8_sequence(part + i, size - i);

        if (is_harmless(part + i, length, is_start)) {
            memcpy(out + written, part + i, length);
            written += length;
        } else {
            out[written++] = '_';
        }
        is_start = is_start && part[i] == '.';
        i += length ? length : 1;
    }
    if (written == 0) {
        out[written++] = '_';
    }
    out[written] = '\0';
    return out;
}

/* @return where the extension of a name starts; its end where it has none */
static const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name && strlen(dot) <= MAX_EXTENSION ? dot : name + strlen(name);
}

/* @return the largest size up to most at which no UTF-8 sequence is cut */
static apr_size_t whole_characters(const char *text, apr_size_t most)
{
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80) {
        most--;
    }
    return most;
}

/* @return the path of the folder in its harmless form, ending with "/", or "" */
static const char *harmless_folder(const char *folder, apr_pool_t *pool)
{
    const char *path = "";

    while (folder && *(folder += strspn(folder, "/"))) {
        apr_size_t size = strcspn(folder, "/");

        path = apr_pstrcat(pool, path, harmless(folder, size, pool), "/", NULL);
        folder += size;
    }
    return path;
}

static int *number_of(smv_archive_t *self, const char *path)
{
    char *key = apr_pstrdup(self->pool, path);
    int *number;

    for (char *at = key; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    number = apr_hash_get(self->taken, key, APR_HASH_KEY_STRING);
    if (!number) {
        number = apr_pcalloc(self->pool, sizeof *number);
        apr_hash_set(self->taken, key, APR_HASH_KEY_STRING, number);
    }
    return number;
}

/* @return a path that no other entry of this archive has */
static const char *make_path(smv_archive_t *self, const char *folder, const char *name)
{
    const char *safe = harmless(name, strlen(name), self->scratch), *extension = extension_of(safe), *path;
    apr_size_t most = MAX_NAME - strlen(extension), size = (apr_size_t)(extension - safe);
    int *number, *other;

    folder = harmless_folder(folder, self->scratch);
    size = size > most ? whole_characters(safe, most) : size;
    path = apr_psprintf(self->scratch, "%s%.*s%s", folder, (int)size, safe, extension);
    number = other = number_of(self, path);
    while (*other > 0) {
        path = apr_psprintf(self->scratch, "%s%.*s (%d)%s", folder, (int)size, safe, ++*number, extension);
        other = number_of(self, path);
    }
    *other = 1;
    return path;
}

/* --- entries --- */

static const smv_error_t *begin_entry(smv_archive_t *self, const char *path, apr_int64_t size, apr_time_t mtime)
{
    locale_t before = uselocale(utf8);
    int status;

    archive_entry_clear(self->entry);
    archive_entry_set_pathname(self->entry, path);
    archive_entry_set_filetype(self->entry, AE_IFREG);
    archive_entry_set_perm(self->entry, 0644);
    archive_entry_set_size(self->entry, size);
    archive_entry_set_mtime(self->entry, (time_t)apr_time_sec(mtime), 0);
    status = archive_write_header(self->zip, self->entry);
    uselocale(before);
    return status == ARCHIVE_OK && self->written == APR_SUCCESS ? NULL : cannot_write(self);
}

static const smv_error_t *check_room(smv_archive_t *self)
{
    apr_pool_clear(self->scratch);
    if (self->error || apr_hash_count(self->taken) < SMV_ARCHIVE_MAX_ENTRIES) {
        return self->error;
    }
    return fail(self, smv_error(self->pool, SMV_ERROR_TOO_LARGE, "a ZIP of more than %d files was wanted",
                                SMV_ARCHIVE_MAX_ENTRIES));
}

static const smv_error_t *write_data(smv_archive_t *self, const char *data, apr_size_t size)
{
    return archive_write_data(self->zip, data, size) == (la_ssize_t)size && self->written == APR_SUCCESS
               ? NULL
               : cannot_write(self);
}

const smv_error_t *smv_archive_add_text(smv_archive_t *self, const char *folder, const char *name, const char *data,
                                        apr_size_t size, apr_time_t mtime)
{
    const smv_error_t *error = check_room(self);

    if (!error) {
        error = begin_entry(self, make_path(self, folder, name), (apr_int64_t)size, mtime);
    }
    return error ? error : write_data(self, data, size);
}

static const smv_error_t *away(smv_archive_t *self, const char *path, const char *problem)
{
    return fail(self, smv_error(self->pool, SMV_ERROR_FILE_AWAY, "%s %s", path, problem));
}

static const smv_error_t *copy(smv_archive_t *self, apr_file_t *file, const char *path, apr_int64_t size)
{
    while (size > 0) {
        apr_size_t some = size < CHUNK_SIZE ? (apr_size_t)size : CHUNK_SIZE;
        const smv_error_t *error;

        if (apr_file_read_full(file, self->chunk, some, NULL) != APR_SUCCESS) {
            return away(self, path, "could not be read to its end");
        }
        error = write_data(self, self->chunk, some);
        if (error) {
            return error;
        }
        size -= (apr_int64_t)some;
    }
    return NULL;
}

const smv_error_t *smv_archive_add_file(smv_archive_t *self, const char *folder, const char *name, const char *path,
                                        apr_int64_t size, apr_time_t mtime)
{
    const smv_error_t *error = check_room(self);
    apr_finfo_t info;
    apr_file_t *file;

    if (error) {
        return error;
    }
    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, 0, self->scratch) != APR_SUCCESS) {
        return away(self, path, "is missing or unreadable");
    }
    if (apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_SIZE, file) != APR_SUCCESS || info.filetype != APR_REG ||
        info.size != size) {
        error = away(self, path, apr_psprintf(self->scratch, "is no file of %" APR_INT64_T_FMT " bytes", size));
    }
    if (!error) {
        error = begin_entry(self, make_path(self, folder, name), size, mtime);
    }
    if (!error) {
        error = copy(self, file, path, size);
    }
    apr_file_close(file);
    return error;
}

const smv_error_t *smv_archive_finish(smv_archive_t *self, apr_file_t **file, apr_off_t *size)
{
    apr_off_t start = 0;

    if (self->error) {
        return self->error;
    }
    *size = 0;
    if (archive_write_close(self->zip) != ARCHIVE_OK || self->written != APR_SUCCESS ||
        apr_file_seek(self->file, APR_END, size) != APR_SUCCESS ||
        apr_file_seek(self->file, APR_SET, &start) != APR_SUCCESS) {
        return cannot_write(self);
    }
    *file = self->file;
    return NULL;
}
