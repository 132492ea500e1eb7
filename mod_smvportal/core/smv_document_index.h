/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_document_index: the index of a delivery of documents, a CSV text (smv_csv.h) whose first line names its columns
 * and whose every other line is a document.
 *
 * Ownership: the pool's; the text must live as long as the index. Thread-safety: one thread.
 */
#ifndef SMV_DOCUMENT_INDEX_H
#define SMV_DOCUMENT_INDEX_H

#include "smv_delivered.h"
#include "smv_error.h"

/* X(NAME, column, what it is); in any order, of which FILE must be there. */
#define SMV_INDEX_COLUMNS(X)                                                                                           \
    X(FILE, "file", "path of the file, from the folder of the index")                                                  \
    X(CUSTOMER, "customer", "number of the customer")                                                                  \
    X(CONTRACT, "contract", "policy number")                                                                           \
    X(INSURER, "insurer", "name of the insurer, or its number (VU-Nummer)")                                            \
    X(NAME, "name", "what people are to see as the file's name; that of the file where it is empty")                   \
    X(TITLE, "title", "what the document is")                                                                          \
    X(KIND, "kind", "policy, invoice, terms, letter, photo, other, or as pages show it")                               \
    X(DATE, "date", "2026-11-28 or 28.11.2026; the day of the import where it is empty")

typedef enum {
#define SMV_INDEX_ENUM(NAME, column, help) SMV_INDEX_##NAME,
    SMV_INDEX_COLUMNS(SMV_INDEX_ENUM)
#undef SMV_INDEX_ENUM
        SMV_INDEX_COUNT
} smv_index_e;

typedef struct smv_document_index_t smv_document_index_t;

typedef struct smv_index_entry_t {
    apr_int64_t line;
    const char *file; /* as it was written; never leads out of the folder of the index */
    smv_delivered_t document;
    const char *fault; /* why it is nothing to take, in English; NULL: it is */
} smv_index_entry_t;

/* @param text UTF-8 @return SMV_ERROR_INVALID: columns are unknown, said twice, or "file" is missing */
const smv_error_t *smv_document_index_open(smv_document_index_t **index, const char *text, apr_size_t size,
                                           apr_pool_t *pool);

/* @return 0 at its end */
int smv_document_index_next(smv_document_index_t *self, smv_index_entry_t *entry, apr_pool_t *pool);

#endif
