/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_documents: what the readers of an index and of a transfer of BiPRO share: one delivery of documents, being
 * imported.
 *
 * Ownership: the pool's. Thread-safety: one thread.
 */
#ifndef SMV_CTL_DOCUMENTS_H
#define SMV_CTL_DOCUMENTS_H

#include "../port/smv_incoming.h"
#include "../port/smv_sqlite_import_documents.h"
#include "smv_ctl_user.h"

/* What becomes of each document. X(member, as it is printed) */
#define SMV_CTL_DOCUMENTS_COUNTS(X)                                                                                    \
    X(assigned, "assigned")                                                                                            \
    X(unassigned, "unassigned")                                                                                        \
    X(known, "known already")                                                                                          \
    X(left_out, "left out")                                                                                            \
    X(reported, "reported")

typedef struct smv_ctl_documents_t {
    const smv_ctl_t *ctl;
    const smv_ctl_portal_t *portal;
    smv_import_documents_t *import;
    smv_incoming_config_t incoming;
    smv_documents_delivery_t delivery;
    apr_file_t *file;   /* what is read */
    apr_int64_t size;   /* of that, in bytes */
    const char *folder; /* where its files are */
    apr_int64_t documents;
#define SMV_CTL_DOCUMENTS_COUNT(member, label) apr_int64_t member;
    SMV_CTL_DOCUMENTS_COUNTS(SMV_CTL_DOCUMENTS_COUNT)
#undef SMV_CTL_DOCUMENTS_COUNT
} smv_ctl_documents_t;

/* The readers of documents->file. @return what ends the whole import; what is wrong with a document is printed */
const smv_error_t *smv_ctl_import_index(smv_ctl_documents_t *documents);
const smv_error_t *smv_ctl_import_bipro(smv_ctl_documents_t *documents);

/* Say what is wrong with a document, which is not taken. @param line of the delivery */
void smv_ctl_documents_report(smv_ctl_documents_t *documents, long line, const char *why);

/* Say why a document is not taken though nothing is wrong with it. */
void smv_ctl_documents_leave_out(smv_ctl_documents_t *documents, long line, const char *why);

/* Bring in a file's bytes from begin to end (0: to its end); it is not finished yet. @return of smv_incoming_* */
const smv_error_t *smv_ctl_documents_read(const smv_ctl_documents_t *documents, smv_incoming_t **incoming,
                                          apr_file_t *file, apr_off_t begin, apr_off_t end, apr_pool_t *pool);
/* The same of a file in the folder of the delivery. @return SMV_ERROR_FILE_AWAY, too */
const smv_error_t *smv_ctl_documents_read_beside(const smv_ctl_documents_t *documents, smv_incoming_t **incoming,
                                                 const char *name, apr_pool_t *pool);

/* Take a document whose content was brought in, and is finished. Where it, or the content, is at fault, that is
 * printed.
 * @param error of bringing in and finishing @return what ends the whole import */
const smv_error_t *smv_ctl_documents_take(smv_ctl_documents_t *documents, long line, const smv_delivered_t *document,
                                          smv_incoming_t *incoming, const smv_error_t *error, apr_pool_t *pool);

#endif
