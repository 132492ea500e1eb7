/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_media_type.h"

#include <apr_portable.h>
#include <apr_strings.h>
#include <magic.h>
#include <string.h>
#include <strings.h>
#include <threads.h>

#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN_DOCUMENT "application/vnd.oasis.opendocument."

/* How much of a file libmagic reads; by itself it takes 7 MiB into memory and keeps them. */
#define MAX_READ ((size_t)256 * 1024)

/* A handle of libmagic serves one thread at a time, and loading its database takes longer than many files. */
static struct {
    once_flag once;
    mtx_t lock;
    magic_t magic; /* NULL where it could not be made */
    const char *problem;
} detector = {.once = ONCE_FLAG_INIT, .problem = "no memory"};

static void make_detector(void)
{
    const size_t most = MAX_READ;
    magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON);

    if (!magic || mtx_init(&detector.lock, mtx_plain) != thrd_success) {
        return;
    }
    if (magic_setparam(magic, MAGIC_PARAM_BYTES_MAX, &most) != 0 || magic_load(magic, NULL) != 0) {
        detector.problem = "its database cannot be loaded, install libmagic-mgc";
        magic_close(magic);
        return;
    }
    detector.magic = magic;
}

static const smv_error_t *ask_magic(const char **media_type, int descriptor, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;
    const char *found;

    call_once(&detector.once, make_detector);
    if (!detector.magic) {
        return smv_error(pool, SMV_ERROR_SCANNER_AWAY, "libmagic: %s", detector.problem);
    }
    mtx_lock(&detector.lock);
    found = magic_descriptor(detector.magic, descriptor);
    if (found) {
        *media_type = apr_pstrdup(pool, found);
    } else {
        error = smv_error(pool, SMV_ERROR_SCANNER_AWAY, "libmagic: %s", magic_error(detector.magic));
    }
    mtx_unlock(&detector.lock);
    return error;
}

/* --- Office Open XML, which libmagic takes for any ZIP where its parts are in an unusual order --- */

#define CENTRAL_HEADER "PK\1\2"
#define CENTRAL_HEADER_SIZE 46
#define NAME_SIZE_AT 28
#define TAIL_SIZE 65536 /* as far back as the central directory of a ZIP is looked at */

/* @return whether the central directory, at the end of a ZIP, names this entry */
static int has_entry(const char *tail, apr_size_t size, const char *entry)
{
    const apr_size_t length = strlen(entry);
    const char *end = tail + size, *at = tail;

    while ((at = memmem(at, (apr_size_t)(end - at), CENTRAL_HEADER, 4)) &&
           (apr_size_t)(end - at) >= CENTRAL_HEADER_SIZE + length) {
        if ((apr_size_t)(unsigned char)at[NAME_SIZE_AT] == length && at[NAME_SIZE_AT + 1] == 0 &&
            memcmp(at + CENTRAL_HEADER_SIZE, entry, length) == 0) {
            return 1;
        }
        at += 4;
    }
    return 0;
}

static const char *type_of_zip(apr_file_t *file, apr_pool_t *pool)
{
    static const struct {
        const char *entry, *media_type;
    } kinds[] = {{"word/document.xml", OFFICE "wordprocessingml.document"},
                 {"xl/workbook.xml", OFFICE "spreadsheetml.sheet"}};
    apr_off_t end = 0, at = 0;
    apr_size_t size = 0;
    char *tail;

    if (apr_file_seek(file, APR_END, &end) != APR_SUCCESS) {
        return NULL;
    }
    at = end > TAIL_SIZE ? end - TAIL_SIZE : 0;
    tail = apr_palloc(pool, TAIL_SIZE);
    if (apr_file_seek(file, APR_SET, &at) != APR_SUCCESS ||
        apr_file_read_full(file, tail, (apr_size_t)(end - at), &size) != APR_SUCCESS ||
        !has_entry(tail, size, "[Content_Types].xml")) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (has_entry(tail, size, kinds[i].entry)) {
            return kinds[i].media_type;
        }
    }
    return NULL;
}

const smv_error_t *smv_media_type_of(const char **media_type, apr_file_t *file, apr_pool_t *pool)
{
    apr_os_file_t descriptor;
    const smv_error_t *error;
    const char *office;
    apr_off_t start = 0;

    if (apr_os_file_get(&descriptor, file) != APR_SUCCESS || apr_file_seek(file, APR_SET, &start) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_SCANNER_AWAY, "libmagic: the file is not one to seek in");
    }
    error = ask_magic(media_type, descriptor, pool);
    if (!error && strcmp(*media_type, "application/zip") == 0) {
        office = type_of_zip(file, pool);
        *media_type = office ? office : *media_type;
    }
    return error;
}

/* --- lists and names --- */

int smv_media_type_is_in(const char *media_type, const char *list)
{
    const apr_size_t size = strlen(media_type);

    for (list += strspn(list, " "); *list; list += strspn(list, " ")) {
        const apr_size_t length = strcspn(list, " ");

        if (length == size && strncasecmp(list, media_type, size) == 0) {
            return 1;
        }
        list += length;
    }
    return 0;
}

/* A text may begin like a letter of mail, and letters of mail like any text. */
static const struct {
    const char *extension, *media_types;
} known[] = {{"pdf", "application/pdf"},
             {"png", "image/png"},
             {"jpg", "image/jpeg"},
             {"jpeg", "image/jpeg"},
             {"gif", "image/gif"},
             {"txt", "text/plain message/rfc822"},
             {"csv", "text/plain text/csv"},
             {"eml", "message/rfc822 text/plain"},
             {"docx", OFFICE "wordprocessingml.document"},
             {"xlsx", OFFICE "spreadsheetml.sheet"},
             {"odt", OPEN_DOCUMENT "text"},
             {"ods", OPEN_DOCUMENT "spreadsheet"},
             {"tif", "image/tiff"},
             {"tiff", "image/tiff"},
             {"heic", "image/heic image/heif"},
             {"heif", "image/heif image/heic"},
             {"webp", "image/webp"},
             {"zip", "application/zip"}};

int smv_media_type_matches_name(const char *media_type, const char *name)
{
    const char *dot = strrchr(name, '.');
    int is_known = 0;

    if (!dot || dot == name) {
        return 1;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcasecmp(dot + 1, known[i].extension) == 0) {
            return smv_media_type_is_in(media_type, known[i].media_types);
        }
        is_known |= smv_media_type_is_in(media_type, known[i].media_types);
    }
    return !is_known;
}

const char *smv_media_type_extension(const char *media_type)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (smv_media_type_is_in(media_type, known[i].media_types)) {
            return known[i].extension;
        }
    }
    return NULL;
}
