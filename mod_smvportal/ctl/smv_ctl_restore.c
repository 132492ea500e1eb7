/* SPDX-License-Identifier: Apache-2.0
 *
 * smvportalctl restore: everything of a backup is copied beside its place and checked there, before anything of the
 * portal moves; what was there is kept under another name.
 */
#include "smv_ctl_conf.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <errno.h>
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

typedef struct restore_t {
    const smv_ctl_portal_t *portal;
    const char *backup;               /* folder */
    const char *database, *documents; /* copies beside their places */
    const char *aside;                /* what is behind the names of what was there */
    smv_ctl_manifest_t manifest;
    apr_pool_t *pool;
} restore_t;

static const smv_error_t *failed(const char *path, apr_status_t status, apr_pool_t *pool)
{
    char reason[120];

    return smv_error(pool, SMV_ERROR_STORAGE, "%s: %s", path, apr_strerror(status, reason, sizeof reason));
}

/* --- the database --- */

static const smv_error_t *check_manifest(restore_t *restore)
{
    const smv_error_t *error = smv_ctl_manifest_read(&restore->manifest, restore->backup, restore->pool);

    if (!error && apr_atoi64(restore->manifest.schema_version) != SMV_SQLITE_VERSION) {
        error = smv_error(
            restore->pool, SMV_ERROR_DATABASE_DATA,
            "%s has a database of version %s, this program needs version %d: install the release that made it",
            restore->backup, restore->manifest.schema_version, SMV_SQLITE_VERSION);
    }
    if (!error && apr_atoi64(restore->manifest.tenant) != restore->portal->tenant) {
        error = smv_error(restore->pool, SMV_ERROR_DATABASE_DATA, "%s is of the firm %s, the portal is of %d",
                          restore->backup, restore->manifest.tenant, restore->portal->tenant);
    }
    return error;
}

static const smv_error_t *copy_database(const restore_t *restore)
{
    const char *source = apr_pstrcat(restore->pool, restore->backup, "/" SMV_CTL_BACKUP_DATABASE, NULL);
    char hash[SMV_FILE_HASH_SIZE];
    apr_int64_t size;
    const smv_error_t *error = smv_file_copy(source, restore->database, hash, &size, restore->pool);

    if (!error && strcmp(hash, restore->manifest.database_sha256) != 0) {
        error = smv_error(restore->pool, SMV_ERROR_DATABASE_DATA,
                          "%s is not as it was when the backup was made: take another one", source);
    }
    return error ? error : smv_sqlite_examine(restore->database, restore->pool);
}

static const smv_error_t *check_chain(smv_store_t *store, apr_pool_t *pool)
{
    smv_audit_check_t check;
    const smv_error_t *error = store->audit_verify(store, &check, pool);

    return error || !check.fault ? error
                                 : smv_error(pool, SMV_ERROR_DATABASE_DATA,
                                             "the audit log of the backup is broken at row %" APR_INT64_T_FMT ": %s",
                                             check.broken_id, check.fault);
}

/* That it was restored belongs to what the log tells. */
static const smv_error_t *note(const restore_t *restore, smv_store_t *store, apr_pool_t *pool)
{
    const smv_actor_t actor = smv_ctl_actor(pool);
    const smv_event_t event = {.kind = SMV_EVENT_RESTORE, .subject = "database", .object = restore->manifest.time};

    return store->note(store, &event, restore->portal->tenant, &actor, pool);
}

/* With the pool's end the copy is closed, and one file again. */
static const smv_error_t *check_database(const restore_t *restore)
{
    smv_ctl_portal_t copy = *restore->portal;
    const smv_record_t *firm;
    smv_store_t *store;
    apr_pool_t *opened;
    const smv_error_t *error;

    copy.database = restore->database;
    if (apr_pool_create(&opened, restore->pool) != APR_SUCCESS) {
        return smv_error(restore->pool, SMV_ERROR_INTERNAL, "no memory");
    }
    if (!(error = smv_ctl_open_store(&store, &copy, opened)) &&
        !(error = store->firm(store, &firm, copy.tenant, opened)) && !(error = check_chain(store, opened))) {
        error = note(restore, store, opened);
    }
    error = error ? smv_error(restore->pool, error->code, "%s", error->detail) : NULL;
    apr_pool_destroy(opened);
    return error;
}

/* --- the contents --- */

static const smv_error_t *copy_content(const restore_t *restore, const char *hash, apr_pool_t *pool)
{
    const char *from = apr_pstrcat(pool, restore->backup, "/" SMV_CTL_BACKUP_DOCUMENTS, NULL);
    const char *source = smv_ctl_content(from, hash, 1, pool);
    char found[SMV_FILE_HASH_SIZE];
    apr_int64_t size;
    const smv_error_t *error =
        smv_file_copy(source, smv_ctl_content(restore->documents, hash, 1, pool), found, &size, pool);

    if (error) {
        return smv_error(restore->pool, error->code, "%s", error->detail);
    }
    return strcmp(found, hash) == 0
               ? NULL
               : smv_error(restore->pool, SMV_ERROR_FILE_AWAY,
                           "%s is not as it was when the backup was made: take another one", source);
}

static const smv_error_t *copy_contents(const restore_t *restore)
{
    smv_ctl_progress_t progress = SMV_CTL_PROGRESS("documents");
    apr_array_header_t *hashes;
    const char *last = "";
    const smv_error_t *error = smv_sqlite_contents(&hashes, restore->database, restore->pool);
    apr_pool_t *each;

    if (apr_pool_create(&each, restore->pool) != APR_SUCCESS) {
        return smv_error(restore->pool, SMV_ERROR_INTERNAL, "no memory");
    }
    error = error ? error : smv_folder_make(restore->documents, restore->pool);
    for (int i = 0; !error && i < hashes->nelts; i++) {
        const char *hash = APR_ARRAY_IDX(hashes, i, const char *);

        apr_pool_clear(each);
        if (strncmp(hash, last, 2) != 0) {
            error = smv_folder_make(smv_ctl_content(restore->documents, hash, 0, each), restore->pool);
            last = hash;
        }
        error = error ? error : copy_content(restore, hash, each);
        smv_ctl_progress(&progress, i + 1, hashes->nelts);
    }
    apr_pool_destroy(each);
    return error;
}

/* --- owner --- */

/* Where root runs this, httpd serves as another user. Modes are those of files and folders just made: 0600 and 0700.
 * Each folder is flushed, as its names are new. */
static const smv_error_t *give_tree(const restore_t *restore, const char *folder)
{
    const smv_error_t *error = NULL;
    apr_finfo_t info;
    apr_dir_t *opened;
    apr_status_t status = apr_dir_open(&opened, folder, restore->pool);

    if (status != APR_SUCCESS) {
        return failed(folder, status, restore->pool);
    }
    while (!error && apr_dir_read(&info, APR_FINFO_NAME | APR_FINFO_TYPE, opened) == APR_SUCCESS) {
        const char *path = apr_pstrcat(restore->pool, folder, "/", info.name, NULL);

        if (strcmp(info.name, ".") == 0 || strcmp(info.name, "..") == 0) {
            continue;
        }
        if (info.filetype == APR_DIR) {
            error = give_tree(restore, path);
        } else if (geteuid() == 0 && lchown(path, restore->portal->uid, restore->portal->gid) != 0) {
            error = failed(path, APR_FROM_OS_ERROR(errno), restore->pool);
        }
    }
    apr_dir_close(opened);
    if (!error && geteuid() == 0 && lchown(folder, restore->portal->uid, restore->portal->gid) != 0) {
        error = failed(folder, APR_FROM_OS_ERROR(errno), restore->pool);
    }
    return error ? error : smv_folder_sync(folder, restore->pool);
}

static const smv_error_t *give_away(const restore_t *restore)
{
    if (geteuid() == 0 && lchown(restore->database, restore->portal->uid, restore->portal->gid) != 0) {
        return failed(restore->database, APR_FROM_OS_ERROR(errno), restore->pool);
    }
    return give_tree(restore, restore->documents);
}

/* --- into place --- */

static int is_there(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;

    return apr_stat(&info, path, APR_FINFO_TYPE | APR_FINFO_LINK, pool) == APR_SUCCESS;
}

/* One rename of several. */
typedef struct move_t {
    const char *from, *to;
} move_t;

static void add_move(apr_array_header_t *moves, const char *from, const char *to)
{
    *(move_t *)apr_array_push(moves) = (move_t){from, to};
}

/* What is there goes aside, the database with its journal; then the copies come. */
static apr_array_header_t *moves_of(const restore_t *restore)
{
    const char *database = restore->portal->database, *documents = restore->portal->documents;
    const char *aside = apr_pstrcat(restore->pool, database, restore->aside, NULL);
    static const char *const parts[] = {"", "-wal", "-shm"};
    apr_array_header_t *moves = apr_array_make(restore->pool, 8, sizeof(move_t));

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *part = apr_pstrcat(restore->pool, database, parts[i], NULL);

        if (is_there(part, restore->pool)) {
            add_move(moves, part, apr_pstrcat(restore->pool, aside, parts[i], NULL));
        }
    }
    if (is_there(documents, restore->pool)) {
        add_move(moves, documents, apr_pstrcat(restore->pool, documents, restore->aside, NULL));
    }
    add_move(moves, restore->documents, documents);
    add_move(moves, restore->database, database);
    return moves;
}

/* All or none. */
static const smv_error_t *move_all(const apr_array_header_t *moves, apr_pool_t *pool)
{
    for (int i = 0; i < moves->nelts; i++) {
        const move_t *move = &APR_ARRAY_IDX(moves, i, move_t);
        apr_status_t status = is_there(move->to, pool) ? APR_EEXIST : apr_file_rename(move->from, move->to, pool);

        if (status != APR_SUCCESS) {
            while (i-- > 0) {
                apr_file_rename(APR_ARRAY_IDX(moves, i, move_t).to, APR_ARRAY_IDX(moves, i, move_t).from, pool);
            }
            return failed(move->to, status, pool);
        }
    }
    return NULL;
}

static const smv_error_t *sync_beside(const char *path, apr_pool_t *pool)
{
    return smv_folder_sync(apr_pstrmemdup(pool, path, (apr_size_t)(strrchr(path, '/') - path + 1)), pool);
}

static const smv_error_t *put_in_place(const restore_t *restore)
{
    const smv_ctl_portal_t *portal = restore->portal;
    apr_pool_t *pool = restore->pool;
    const smv_error_t *error = NULL;

    if ((is_there(portal->database, pool) && (error = smv_lock_database(portal->database, pool))) ||
        (is_there(portal->documents, pool) && (error = smv_lock_contents(portal->documents, 0, pool))) ||
        (error = move_all(moves_of(restore), pool)) || (error = sync_beside(portal->documents, pool))) {
        return error;
    }
    return sync_beside(portal->database, pool);
}

/* --- the whole --- */

static const smv_error_t *run(restore_t *restore)
{
    const smv_error_t *error;

    if ((error = copy_database(restore)) || (error = check_database(restore)) ||
        (error = smv_sqlite_end_access(restore->database, restore->pool)) || (error = copy_contents(restore)) ||
        (error = give_away(restore))) {
        return error;
    }
    return put_in_place(restore);
}

static void clean_up(const restore_t *restore)
{
    static const char *const parts[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        apr_file_remove(apr_pstrcat(restore->pool, restore->database, parts[i], NULL), restore->pool);
    }
    smv_folder_remove(restore->documents, restore->pool);
}

/* Before minutes of copying: whether the portal has its database open now. It is locked for good later. */
static const smv_error_t *check_is_stopped(const restore_t *restore)
{
    const smv_error_t *error = NULL;
    apr_pool_t *held;

    if (!is_there(restore->portal->database, restore->pool) || apr_pool_create(&held, restore->pool) != APR_SUCCESS) {
        return NULL;
    }
    if ((error = smv_lock_database(restore->portal->database, held))) {
        error = smv_error(restore->pool, error->code, "%s", error->detail);
    }
    apr_pool_destroy(held);
    return error;
}

static const char *aside_of(apr_time_t now, apr_pool_t *pool)
{
    apr_time_exp_t parts;

    apr_time_exp_lt(&parts, now);
    return apr_psprintf(pool, ".before-%04d%02d%02d-%02d%02d%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void tell(const restore_t *restore, int is_json)
{
    int was_there =
        is_there(apr_pstrcat(restore->pool, restore->portal->database, restore->aside, NULL), restore->pool);

    if (is_json) {
        printf("{\"time\": \"%s\", \"documents\": \"%s\", \"aside\": \"%s\"}\n", restore->manifest.time,
               restore->manifest.documents, restore->aside);
        return;
    }
    printf("restored the state of %s, with %s documents\n", restore->manifest.time, restore->manifest.documents);
    if (was_there) {
        printf("what was there is %s%s and %s%s\n", restore->portal->database, restore->aside,
               restore->portal->documents, restore->aside);
    }
}

int smv_ctl_restore(const smv_ctl_t *ctl)
{
    restore_t restore = {.backup = ctl->words[0], .pool = ctl->pool, .aside = aside_of(apr_time_now(), ctl->pool)};
    const smv_error_t *error;

    umask(OWNER_ALONE);
    if ((error = smv_ctl_conf_read(&restore.portal, ctl)) || (error = check_manifest(&restore)) ||
        (error = check_is_stopped(&restore))) {
        return smv_ctl_fail(error);
    }
    restore.database = apr_psprintf(ctl->pool, "%s.restoring-%ld", restore.portal->database, (long)getpid());
    restore.documents = apr_psprintf(ctl->pool, "%s.restoring-%ld", restore.portal->documents, (long)getpid());
    if ((error = run(&restore))) {
        clean_up(&restore);
        return smv_ctl_fail(error);
    }
    tell(&restore, ctl->json != NULL);
    return EX_OK;
}
