/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_unpack.h"

#include <archive.h>
#include <archive_entry.h>

#define BLOCK 65536
#define PIECE 65536

typedef const smv_error_t *write_fn(void *baton, const char *data, apr_size_t size);

static const smv_error_t *damaged(struct archive *zip, apr_pool_t *pool)
{
    const char *why = archive_error_string(zip);

    return smv_error(pool, SMV_ERROR_INVALID, "its ZIP cannot be read: %s", why ? why : "it has no file");
}

/* libarchive warns of a name that the locale does not have, which nobody asks for. */
static int is_read(int status)
{
    return status == ARCHIVE_OK || status == ARCHIVE_WARN;
}

/* @param entry out: of a file; NULL at the end */
static const smv_error_t *next_file(struct archive *zip, struct archive_entry **entry, apr_pool_t *pool)
{
    int status;

    while (is_read(status = archive_read_next_header(zip, entry)) && archive_entry_filetype(*entry) == AE_IFDIR) {
    }
    if (status == ARCHIVE_EOF) {
        *entry = NULL;
    }
    return is_read(status) || status == ARCHIVE_EOF ? NULL : damaged(zip, pool);
}

static const smv_error_t *copy(struct archive *zip, write_fn *write, void *baton, apr_pool_t *pool)
{
    char piece[PIECE];
    const smv_error_t *error = NULL;
    la_ssize_t size = 0;

    while (!error && (size = archive_read_data(zip, piece, sizeof piece)) > 0) {
        error = write(baton, piece, (apr_size_t)size);
    }
    return error || size == 0 ? error : damaged(zip, pool);
}

static const smv_error_t *unpack(struct archive *zip, write_fn *write, void *baton, apr_pool_t *pool)
{
    struct archive_entry *entry = NULL;
    const smv_error_t *error = next_file(zip, &entry, pool);

    if (error || !entry) {
        return error ? error : damaged(zip, pool);
    }
    if ((error = copy(zip, write, baton, pool)) || (error = next_file(zip, &entry, pool))) {
        return error;
    }
    return entry ? smv_error(pool, SMV_ERROR_INVALID, "its ZIP has several files") : NULL;
}

const smv_error_t *smv_unpack(const char *path, write_fn *write, void *baton, apr_pool_t *pool)
{
    struct archive *zip = archive_read_new();
    const smv_error_t *error;

    if (!zip) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory for a ZIP");
    }
    error =
        archive_read_support_format_zip(zip) == ARCHIVE_OK && archive_read_open_filename(zip, path, BLOCK) == ARCHIVE_OK
            ? unpack(zip, write, baton, pool)
            : damaged(zip, pool);
    archive_read_free(zip);
    return error;
}
