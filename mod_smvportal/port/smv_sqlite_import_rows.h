/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite_import_rows: puts what a delivery says of one contract into the tables, each value beside what was
 * delivered before and what is there now.
 *
 * Not thread-safe. Within a transaction of whoever has the connection.
 */
#ifndef SMV_SQLITE_IMPORT_ROWS_H
#define SMV_SQLITE_IMPORT_ROWS_H

#include "smv_sqlite_import.h"

#include <sqlite3.h>

typedef struct smv_import_rows_t smv_import_rows_t;

/* @param path of the database, for errors; it and the connection must live as long */
const smv_error_t *smv_import_rows_open(smv_import_rows_t **made, sqlite3 *db, const char *path, apr_pool_t *pool);
void smv_import_rows_close(smv_import_rows_t *self);

/* @param delivery the row of what is taken from now on */
void smv_import_rows_begin(smv_import_rows_t *self, apr_int64_t delivery);

/* Whether taking it would change nothing, without writing: what is found out so holds until another import writes,
 * whatever people do in the portal meanwhile.
 * @param counts added to, where it is so */
const smv_error_t *smv_import_rows_look(smv_import_rows_t *self, const smv_import_group_t *group,
                                        const smv_import_delivery_t *delivery, smv_import_counts_t *counts,
                                        int *is_same, apr_pool_t *pool);

/* @param counts added to @return the error of the last call on the connection */
const smv_error_t *smv_import_rows_take(smv_import_rows_t *self, const smv_import_group_t *group,
                                        const smv_import_delivery_t *delivery, const smv_import_listener_t *listener,
                                        smv_import_counts_t *counts, apr_pool_t *pool);

#endif
