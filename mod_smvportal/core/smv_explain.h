/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_explain: "Warum darf X das (nicht)?" for a right or a URL: the answer, the reason in one sentence, and every fact
 * that it comes from, as one record for page, API and terminal.
 *
 * The answer is asked of the same policy and the same loader of accounts that decide on requests; only the sentences
 * are made here.
 * Ownership: the pool of the call. Thread-safety: one thread.
 */
#ifndef SMV_EXPLAIN_H
#define SMV_EXPLAIN_H

#include "smv_route.h"

typedef struct smv_question_t {
    const char *login; /* NULL or "": a problem */
    /* A right by its id, its German label or its LDAP attribute; or a URL, or a path with or without the portal's base,
     * with a method before it where that is not GET: "POST /customers/10001/contacts". */
    const char *what;
    apr_int64_t customer; /* on whom, where a right is asked for; 0: on anybody */
} smv_question_t;

/* Of smv_shape_explanation. */
extern const char smv_answer_yes[], smv_answer_no[], smv_answer_unknown[];

/* @return SMV_ERROR_INVALID where the text is no customer number */
const smv_error_t *smv_explain_customer(apr_int64_t *number, const char *text, apr_pool_t *pool);

/* @param call with store, directory, tenant, base, now and pool; a permit bounds the customers who may be asked about
 * @param explanation out: of smv_shape_explanation
 * @return SMV_ERROR_INVALID with problems of login, what and customer; the store's error */
const smv_error_t *smv_explain(smv_record_t **explanation, const smv_call_t *call, const smv_question_t *question);

#endif
