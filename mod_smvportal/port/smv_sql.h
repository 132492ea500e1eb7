/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sql: a bounded pool of SQLite connections, each with every statement of the one table prepared once.
 *
 * A connection is taken, used by one thread, and given back; that resets the statements used and ends a transaction.
 * Thread-safety: taking and giving back may be done from any thread.
 */
#ifndef SMV_SQL_H
#define SMV_SQL_H

#include "../core/smv_error.h"
#include "../core/smv_resource.h"
#include "../core/smv_view.h"
#include "smv_sqlite.h"

#include <sqlite3.h>

typedef enum {
    SMV_SQL_BEGIN,
    SMV_SQL_BEGIN_IMMEDIATE,
    SMV_SQL_COMMIT,
    SMV_SQL_ROLLBACK,
    SMV_SQL_LOCATE_CUSTOMER,
    SMV_SQL_LOCATE_CONTRACT,
    SMV_SQL_LOCATE_DOCUMENT,
    SMV_SQL_ALL_CUSTOMERS,
    SMV_SQL_SOME_CUSTOMERS,
    SMV_SQL_CUSTOMERS_FOUND, /* with FTS5; NULL where the file has no customer_search */
    SMV_SQL_CUSTOMERS_LIKE,  /* without */
    SMV_SQL_CUSTOMERS_OF,
    SMV_SQL_LAST_READ,
    SMV_SQL_FIRST_COMMUNICATIONS,
    SMV_SQL_ALL_ENDINGS,
    SMV_SQL_SOME_ENDINGS,
    SMV_SQL_CONTRACTS,
    SMV_SQL_CONTRACT,
    SMV_SQL_DOCUMENTS,
    SMV_SQL_DOCUMENT,
    SMV_SQL_FIRM,
    SMV_SQL_SCREEN,
    SMV_SQL_PUBLICATIONS,
    SMV_SQL_SCREEN_SAVE,
    SMV_SQL_SCREEN_PUBLISH,
    SMV_SQL_SCREEN_RESET,
    SMV_SQL_SESSION_CREATE,
    SMV_SQL_SESSION_FIND,
    SMV_SQL_SESSION_TOUCH,
    SMV_SQL_SESSION_VIEW,
    SMV_SQL_SESSION_END,
    SMV_SQL_SESSION_END_ALL,
    SMV_SQL_SESSION_EXPIRE,
    SMV_SQL_SESSIONS,
    SMV_SQL_INVITATION_CREATE,
    SMV_SQL_INVITATION_EXPIRE,
    SMV_SQL_INVITATION_FIND,
    SMV_SQL_INVITATION_CLAIM,
    SMV_SQL_INVITATION_GIVE_BACK,
    SMV_SQL_INVITATION_UNTIL,
    SMV_SQL_INVITATION_END,
    SMV_SQL_TURN_TAKE,
    SMV_SQL_TURN_GIVE,
    SMV_SQL_EXPIRING,
    SMV_SQL_FINANCIAL_ITEMS,
    SMV_SQL_SUBMISSION,
    SMV_SQL_CHANGE_ADD,
    SMV_SQL_CUSTOMER_CHANGES,
    SMV_SQL_CHANGE_VALUES,
    SMV_SQL_CHANGES,
    SMV_SQL_ALL_INBOX_OPEN,
    SMV_SQL_SOME_INBOX_OPEN,
    SMV_SQL_INBOX_DONE,
    SMV_SQL_MARK_CHANGE,
    SMV_SQL_AUDIT_HEAD,
    SMV_SQL_AUDIT_ADD,
    SMV_SQL_AUDIT_ADD_SHOWN,
    SMV_SQL_AUDIT_OLDEST,
    SMV_SQL_AUDIT_FORGET_TO,
    SMV_SQL_AUDIT_FORGET,
    SMV_SQL_AUDIT_FORGET_SHOWN,
    SMV_SQL_AUDIT_ANCHOR,
    SMV_SQL_AUDIT_ANCHORED,
    SMV_SQL_AUDIT_VERIFY,
    SMV_SQL_AUDIT_OF_CUSTOMER,
    SMV_SQL_AUDIT_OF_LOGIN,
    SMV_SQL_AUDIT_OF_KIND,
    SMV_SQL_AUDIT_ALL,
    SMV_SQL_READINGS,
    SMV_SQL_DOCUMENTS_BY_WORDS, /* with FTS5; NULL where the file has no document_search */
    SMV_SQL_DOCUMENTS_LIKE,     /* without */
    SMV_SQL_LOCATE_DELETED,
    SMV_SQL_DELETED_DOCUMENTS,
    SMV_SQL_DOCUMENT_ADD,
    SMV_SQL_DOCUMENT_TO_DELETED,
    SMV_SQL_DOCUMENT_DELETE,
    SMV_SQL_DOCUMENT_RESTORE,
    SMV_SQL_DELETED_FORGET,
    SMV_SQL_DOCUMENTS_PURGE,
    SMV_SQL_UNASSIGNED,
    SMV_SQL_DISMISSED,
    SMV_SQL_UNASSIGNED_ONE,
    SMV_SQL_UNASSIGNED_COUNT,
    SMV_SQL_UNASSIGNED_TAKE,
    SMV_SQL_UNASSIGNED_DISMISS,
    SMV_SQL_UNASSIGNED_TAKE_BACK,
    SMV_SQL_UNASSIGNED_PURGE,
    SMV_SQL_CONTRACTS_OF_NUMBER,
    SMV_SQL_CONTENT_USED,
    SMV_SQL_FIXED_COUNT
} smv_sql_e;

/* The statements of a resource are made from its shape: SMV_SQL_OF(resource, verb). */
typedef enum {
    SMV_VERB_LOCATE,
    SMV_VERB_LIST,
    SMV_VERB_SHOW,
    SMV_VERB_CREATE,
    SMV_VERB_EDIT,
    SMV_VERB_DELETE,
    SMV_VERB_COUNT
} smv_verb_e;
/* Documents have statements of their own. */
#define SMV_SQL_OF(resource, verb) (SMV_SQL_FIXED_COUNT + (int)(resource)*SMV_VERB_COUNT + (int)(verb))
#define SMV_SQL_COUNT SMV_SQL_OF(SMV_RESOURCE_DOCUMENT, 0)

/* In the statements that write a row ?1 is the tenant, ?2 the customer, ?3 the key, ?4 the version; its values follow.
 */
#define SMV_FIRST_INPUT 5
/* In those about the start screen ?1 is the tenant, ?2 a version, ?3 to ?5 when and by whom; what they write follows.
 */
#define SMV_FIRST_OF_SCREEN 6

/* @return the text of a statement, which may be made in the pool */
const char *smv_statement_sql(int statement, apr_pool_t *pool);

/* @return the shape of the rows that it answers; NULL where it answers no record */
const smv_shape_t *smv_statement_shape(int statement);

typedef struct smv_connection_t {
    sqlite3 *db;
    sqlite3_stmt *statements[SMV_SQL_COUNT];
    unsigned char is_used[SMV_SQL_COUNT]; /* since it was taken */
    short used[SMV_SQL_COUNT];            /* which ones */
    int used_count;
    apr_time_t checked;            /* when the file was last seen in its place */
    struct smv_connection_t *next; /* in the pool's list of idle ones */
} smv_connection_t;

typedef struct smv_connections_t smv_connections_t;

/* Make the pool and one connection, which checks the file's version and every statement's columns.
 * @return as smv_sqlite_open */
const smv_error_t *smv_connections_open(smv_connections_t **connections, const smv_sqlite_config_t *config,
                                        apr_pool_t *pool);

/* Take a connection; waits at most the busy timeout. A file that was moved or replaced is opened anew: seen at once by
 * a write, within a second by reads. @return SMV_ERROR_DATABASE_BUSY, or why one cannot be opened */
const smv_error_t *smv_connection_take(smv_connections_t *connections, smv_connection_t **connection, int is_to_write,
                                       apr_pool_t *pool);

/* @return the statement, ready for its values */
sqlite3_stmt *smv_connection_use(smv_connection_t *connection, int statement);

/* Let all reads until it is given back see one state of the file. */
const smv_error_t *smv_connection_begin(smv_connection_t *connection, apr_pool_t *pool);

/* Give it back. One that failed for good is closed. */
void smv_connection_give(smv_connections_t *connections, smv_connection_t *connection);

/* Whether a statement waits for another writer up to the busy timeout, as it does on a connection just taken, or not.
 */
void smv_connection_wait(const smv_connections_t *connections, smv_connection_t *connection, int may_wait);

/* @return the error of the last call on db, with its remedy: SMV_ERROR_DATABASE_BUSY, SMV_ERROR_DATABASE_DATA or
 * SMV_ERROR_DATABASE_AWAY @param doing what was not done */
const smv_error_t *smv_sql_error(sqlite3 *db, const char *path, const char *doing, apr_pool_t *pool);
/* @param version out: of the schema @return as smv_sql_error */
const smv_error_t *smv_sql_version(sqlite3 *db, const char *path, int *version, apr_pool_t *pool);

/* @return SMV_ERROR_DATABASE_DATA where it is not this program's */
const smv_error_t *smv_sql_check_version(sqlite3 *db, const char *path, apr_pool_t *pool);

/* A connection of its own for who brings rows in beside the portal, for one thread; it ends with the pool.
 * @return as smv_sqlite_open */
const smv_error_t *smv_connection_open(smv_connection_t **connection, const smv_sqlite_config_t *config,
                                       apr_pool_t *pool);
/* @param statements out: to be finalised, those that could not be prepared are NULL @return as smv_sql_error */
const smv_error_t *smv_sql_prepare(sqlite3 *db, const char *path, const char *const *sql, sqlite3_stmt **statements,
                                   int count, apr_pool_t *pool);

/* @return the error of the last call on the connection, with its remedy: SMV_ERROR_DATABASE_BUSY,
 * SMV_ERROR_DATABASE_DATA or SMV_ERROR_DATABASE_AWAY */
const smv_error_t *smv_connection_error(const smv_connection_t *connection, int statement, apr_pool_t *pool);

#endif
