/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_manifest: the layout of a backup, and the file in it that says what it has. It is written last, so that a
 * folder with one is whole.
 *
 * Ownership: the pool's. Thread-safety: one thread.
 */
#ifndef SMV_CTL_MANIFEST_H
#define SMV_CTL_MANIFEST_H

#include "../core/smv_error.h"

#define SMV_CTL_MANIFEST "manifest.json"
#define SMV_CTL_BACKUP_DATABASE "database.sqlite"
#define SMV_CTL_BACKUP_DOCUMENTS "documents" /* a content is there as in the portal's folder */
#define SMV_CTL_BACKUP_FORMAT "1"

/* X(member), each a text, as 64-bit numbers are in all JSON here */
#define SMV_CTL_MANIFEST_MEMBERS(X)                                                                                    \
    X(format)                                                                                                          \
    X(time) /* when the state of the database was, RFC 3339 */                                                         \
    X(tenant)                                                                                                          \
    X(schema_version)                                                                                                  \
    X(database_sha256)                                                                                                 \
    X(documents) /* contents */                                                                                        \
    X(bytes)     /* of all of them */

typedef struct smv_ctl_manifest_t {
#define SMV_CTL_MANIFEST_MEMBER(member) const char *member;
    SMV_CTL_MANIFEST_MEMBERS(SMV_CTL_MANIFEST_MEMBER)
#undef SMV_CTL_MANIFEST_MEMBER
} smv_ctl_manifest_t;

/* @return SMV_ERROR_STORAGE */
const smv_error_t *smv_ctl_manifest_write(const smv_ctl_manifest_t *manifest, const char *folder, apr_pool_t *pool);
/* @return SMV_ERROR_DATABASE_DATA: there is none, or it is of another format */
const smv_error_t *smv_ctl_manifest_read(smv_ctl_manifest_t *manifest, const char *folder, apr_pool_t *pool);

/* @return FOLDER/ab/abcdef…, where a content is; the folder alone where file is 0 */
const char *smv_ctl_content(const char *folder, const char *hash, int file, apr_pool_t *pool);

#endif
