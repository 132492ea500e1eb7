/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_check.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../port/smv_sqlite_copy.h"
#include "smv_ctl_manifest.h"
#include "smv_ctl_progress.h"

typedef struct check_t {
    smv_findings_t *findings;
    const smv_ctl_portal_t *portal;
    uid_t uid; /* httpd's, or that of who runs it without being root */
    gid_t gid;
} check_t;

/* --- owner and modes --- */

#define OTHERS_MAY (S_IRWXO)
#define OWNER_SHIFT 6
#define GROUP_SHIFT 3

/* @param needed of S_IRWXO @return 1 where httpd's user may do that */
static int may(const check_t *check, const struct stat *info, mode_t needed)
{
    int shift = info->st_uid == check->uid ? OWNER_SHIFT : info->st_gid == check->gid ? GROUP_SHIFT : 0;

    return check->uid == 0 || ((info->st_mode >> shift) & needed) == needed;
}

static void check_access(const check_t *check, const char *directive, const char *path, mode_t needed)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        return;
    }
    if (!may(check, &info, needed)) {
        smv_found(check->findings, SMV_FINDING_OWNER,
                  "%s: %s is of uid %ld with mode %04o, and httpd's user (%ld) may not read and write it", directive,
                  path, (long)info.st_uid, (unsigned int)(info.st_mode & 07777), (long)check->uid);
    }
    if (info.st_mode & OTHERS_MAY) {
        smv_found(check->findings, SMV_FINDING_OPEN, "%s: %s is open to every user of the machine (mode %04o)",
                  directive, path, (unsigned int)(info.st_mode & 07777));
    }
}

/* --- the database --- */

static void check_store(const check_t *check)
{
    smv_store_t *store;
    const smv_record_t *firm;
    apr_pool_t *pool = check->findings->pool;
    const smv_error_t *error = smv_ctl_open_store(&store, check->portal, pool);

    if (error) {
        smv_found(check->findings,
                  error->code == SMV_ERROR_DATABASE_DATA ? SMV_FINDING_DATABASE_UNFIT : SMV_FINDING_DATABASE_MISSING,
                  "SmvPortalDatabase: %s", error->detail);
    } else if ((error = store->firm(store, &firm, check->portal->tenant, pool))) {
        smv_found(check->findings, SMV_FINDING_DATABASE_TENANT, "SmvPortalDatabase: %s", error->detail);
    }
}

static int check_database(const check_t *check)
{
    const char *path = check->portal->database;
    const char *folder = apr_pstrmemdup(check->findings->pool, path, (apr_size_t)(strrchr(path, '/') - path));
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        smv_found(check->findings, SMV_FINDING_DATABASE_MISSING, "SmvPortalDatabase: %s is no file", path);
        return 0;
    }
    check_access(check, "SmvPortalDatabase", *folder ? folder : "/", S_IROTH | S_IWOTH | S_IXOTH);
    check_access(check, "SmvPortalDatabase", path, S_IROTH | S_IWOTH);
    check_store(check);
    return 1;
}

/* --- the documents --- */

static void check_contents(const check_t *check)
{
    apr_pool_t *pool = check->findings->pool, *each;
    apr_array_header_t *hashes;
    smv_ctl_progress_t progress = SMV_CTL_PROGRESS("documents");
    const char *first = NULL;
    int missing = 0;

    if (smv_sqlite_contents(&hashes, check->portal->database, pool) || apr_pool_create(&each, pool) != APR_SUCCESS) {
        return; /* the database is none: found already */
    }
    for (int i = 0; i < hashes->nelts; i++) {
        const char *path;
        apr_finfo_t info;

        apr_pool_clear(each);
        path = smv_ctl_content(check->portal->documents, APR_ARRAY_IDX(hashes, i, const char *), 1, each);
        if (apr_stat(&info, path, APR_FINFO_TYPE, each) != APR_SUCCESS || info.filetype != APR_REG) {
            first = missing++ ? first : apr_pstrdup(pool, path);
        }
        smv_ctl_progress(&progress, i + 1, hashes->nelts);
    }
    apr_pool_destroy(each);
    if (missing) {
        smv_found(check->findings, SMV_FINDING_CONTENTS_MISSING,
                  "of %d contents that the database names %d are not in SmvPortalDocuments, the first is %s",
                  hashes->nelts, missing, first);
    }
}

static int check_documents(const check_t *check)
{
    const char *path = check->portal->documents;
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        smv_found(check->findings, SMV_FINDING_DOCUMENTS_MISSING, "SmvPortalDocuments: %s is no folder", path);
        return 0;
    }
    check_access(check, "SmvPortalDocuments", path, S_IROTH | S_IWOTH | S_IXOTH);
    return 1;
}

void smv_ctl_check_files(smv_findings_t *findings, const smv_ctl_portal_t *portal)
{
    int is_root = geteuid() == 0;
    check_t check = {findings, portal, is_root ? portal->uid : geteuid(), is_root ? portal->gid : getegid()};
    int has_database = check_database(&check), has_documents = check_documents(&check);

    if (has_database && has_documents) {
        check_contents(&check);
    }
}
