/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* What SQLite's readers and writers lock (https://www.sqlite.org/fileformat.html, "The Lock-Byte Page"). */
#define SQLITE_LOCKS_BEGIN 0x40000000
#define SQLITE_LOCKS_SIZE 512

static const smv_error_t *fault(smv_error_e code, const char *path, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, code, "%s: %s", path, apr_strerror(errno, reason, sizeof reason));
}

static apr_status_t close_it(void *descriptor)
{
    close((int)(apr_uintptr_t)descriptor);
    return APR_SUCCESS;
}

/* @return the descriptor, which is closed with the pool; negative: errno says why */
static int open_for(const char *path, int flags, apr_pool_t *pool)
{
    int descriptor = open(path, flags | O_CLOEXEC);

    if (descriptor >= 0) {
        apr_pool_cleanup_register(pool, (void *)(apr_uintptr_t)descriptor, close_it, apr_pool_cleanup_null);
    }
    return descriptor;
}

const smv_error_t *smv_lock_contents(const char *folder, int is_shared, apr_pool_t *pool)
{
    int descriptor = open_for(folder, O_RDONLY | O_DIRECTORY, pool);

    if (descriptor < 0) {
        return fault(SMV_ERROR_STORAGE, folder, pool);
    }
    if (flock(descriptor, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) {
        return NULL;
    }
    return errno == EWOULDBLOCK ? smv_error(pool, SMV_ERROR_CONFLICT, "%s: %s now: try again later", folder,
                                            is_shared ? "another smvportalctl removes files there"
                                                      : "another smvportalctl copies or removes files there")
                                : fault(SMV_ERROR_STORAGE, folder, pool);
}

const smv_error_t *smv_lock_database(const char *path, apr_pool_t *pool)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SQLITE_LOCKS_BEGIN, .l_len = SQLITE_LOCKS_SIZE};
    int descriptor = open_for(path, O_RDWR, pool);

    if (descriptor < 0) {
        return fault(SMV_ERROR_DATABASE_AWAY, path, pool);
    }
    if (fcntl(descriptor, F_SETLK, &lock) == 0) {
        return NULL;
    }
    return errno == EACCES || errno == EAGAIN
               ? smv_error(pool, SMV_ERROR_DATABASE_BUSY,
                           "%s is in use: stop httpd (apachectl stop), and whatever else has it open", path)
               : fault(SMV_ERROR_DATABASE_AWAY, path, pool);
}
