/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_migrate: brings a database of an older release to the schema of this one. Forward only, each step whole or not at
 * all, after a copy of the file as it was.
 *
 * Steps add tables, indexes and columns, and change nothing that an older release reads: a portal that runs meanwhile
 * goes on, and the new one begins once httpd is restarted.
 */
#ifndef SMV_MIGRATE_H
#define SMV_MIGRATE_H

#include "../core/smv_error.h"

typedef struct smv_migration_t {
    int from, to;       /* versions; the same where nothing was to be done */
    const char *backup; /* file with the database as it was; NULL where nothing was to be done */
} smv_migration_t;

/* Other writers wait meanwhile. @param done out
 * @return SMV_ERROR_DATABASE_DATA: not ours, of a newer release, of one before the first migration, or the copy is
 * there already; SMV_ERROR_DATABASE_AWAY, SMV_ERROR_DATABASE_BUSY. Whatever it is, the database is as it was */
const smv_error_t *smv_migrate(smv_migration_t *done, const char *path, apr_pool_t *pool);

#endif
