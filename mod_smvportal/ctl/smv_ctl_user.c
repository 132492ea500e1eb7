/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_user.h"

#include <apr_portable.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK)

const smv_error_t *smv_ctl_be_portal(const smv_ctl_portal_t *portal, apr_pool_t *pool)
{
    if (geteuid() != 0 || portal->uid == 0) {
        return NULL;
    }
    if (setgroups(1, &portal->gid) != 0 || setegid(portal->gid) != 0 || seteuid(portal->uid) != 0) {
        return smv_error(pool, SMV_ERROR_STORAGE, "cannot work as %s: %s", portal->user, strerror(errno));
    }
    return NULL;
}

/* --- files of a delivery --- */

/* @return a descriptor of the folder that the name is in, -1 on an error; the name becomes its last part */
static int open_folder(const char *folder, char **name)
{
    int at = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

    for (char *slash; at >= 0 && (slash = strchr(*name, '/')); *name = slash + 1) {
        int next;

        *slash = '\0';
        next = openat(at, *name, OPEN_FLAGS | O_DIRECTORY | O_NOFOLLOW);
        close(at);
        at = next;
    }
    return at;
}

/* @param folder where no part of the name may be a link; NULL: links are followed */
static int open_file(const char *folder, char *name)
{
    int at = folder ? open_folder(folder, &name) : AT_FDCWD, file = -1, cause;
    struct stat info;

    if (at != -1) {
        file = openat(at, name, OPEN_FLAGS | (folder ? O_NOFOLLOW : 0));
    }
    cause = errno;
    if (at >= 0) {
        close(at);
    }
    if (file >= 0 && (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))) {
        close(file);
        cause = EINVAL;
        file = -1;
    }
    errno = cause;
    return file;
}

static const char *why(int cause)
{
    return cause == ELOOP || cause == ENOTDIR ? "a part of its name is a link or no folder"
           : cause == EINVAL                  ? "it is no file"
                                              : strerror(cause);
}

static const smv_error_t *open_as_caller(apr_file_t **file, const char *folder, const char *name, apr_pool_t *pool)
{
    uid_t user = geteuid();
    int was_root = user != getuid() && seteuid(getuid()) == 0;
    int descriptor = open_file(folder, apr_pstrdup(pool, name)), cause = errno;

    if (was_root && seteuid(user) != 0) {
        abort();
    }
    if (descriptor < 0) {
        return smv_error(pool, SMV_ERROR_FILE_AWAY, "%s: %s", name, why(cause));
    }
    if (apr_os_file_put(file, &descriptor, APR_FOPEN_READ | APR_FOPEN_BINARY, pool) != APR_SUCCESS) {
        close(descriptor);
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory for a file");
    }
    return NULL;
}

const smv_error_t *smv_ctl_open_named(apr_file_t **file, const char *path, apr_pool_t *pool)
{
    return open_as_caller(file, NULL, path, pool);
}

const smv_error_t *smv_ctl_open_delivered(apr_file_t **file, const char *folder, const char *name, apr_pool_t *pool)
{
    return open_as_caller(file, folder, name, pool);
}
