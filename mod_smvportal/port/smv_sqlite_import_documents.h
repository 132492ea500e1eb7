/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sqlite_import_documents: takes delivered documents into the database, each in a transaction of its own: those
 * that are certainly somebody's become documents of that customer, the others wait until staff assign them. What was
 * taken before is not taken again, wherever it is now.
 *
 * Not thread-safe: one thread uses it. Ends with the pool.
 */
#ifndef SMV_SQLITE_IMPORT_DOCUMENTS_H
#define SMV_SQLITE_IMPORT_DOCUMENTS_H

#include "../core/smv_audit.h"
#include "../core/smv_delivered.h"
#include "smv_sqlite.h"

typedef struct smv_import_documents_t smv_import_documents_t;

/* What they come in. Its row is written with the first document that is taken. */
typedef struct smv_documents_delivery_t {
    const char *kind;                /* "index", "bipro" */
    const char *file, *content_hash; /* name without its folder, SHA-256 in hex */
    apr_int64_t tenant;
    const smv_actor_t *actor; /* who imports it, for the audit log */
    apr_time_t now;
} smv_documents_delivery_t;

/* A content that waits aside. */
typedef struct smv_import_content_t {
    const char *hash, *media_type;
    apr_int64_t size;
    const smv_error_t *(*keep)(void *baton); /* move it to where it belongs; within the transaction */
    void *baton;
} smv_import_content_t;

typedef enum {
    SMV_IMPORT_DOCUMENT_KNOWN, /* it was taken before */
    SMV_IMPORT_DOCUMENT_ASSIGNED,
    SMV_IMPORT_DOCUMENT_WAITS
} smv_import_document_e;

typedef struct smv_import_document_result_t {
    smv_import_document_e outcome;
    smv_owner_t owner;
    apr_int64_t row; /* of document or unassigned_document; 0: known */
} smv_import_document_result_t;

/* @return as smv_sqlite_open */
const smv_error_t *smv_import_documents_open(smv_import_documents_t **made, const smv_sqlite_config_t *config,
                                             apr_pool_t *pool);

/* @param delivery lives as long as its documents are taken */
void smv_import_documents_begin(smv_import_documents_t *self, const smv_documents_delivery_t *delivery);

/* @param document with a name and a kind; date NULL: the day of the delivery
 * @return SMV_ERROR_DATABASE_*, or of keep; nothing was written then */
const smv_error_t *smv_import_documents_take(smv_import_documents_t *self, const smv_delivered_t *document,
                                             const smv_import_content_t *content, smv_import_document_result_t *result,
                                             apr_pool_t *pool);

#endif
