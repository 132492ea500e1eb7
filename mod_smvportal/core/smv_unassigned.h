/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_unassigned: the pages of documents that were delivered and are nobody's yet, shared by what is done to them.
 *
 * Such a document is for those who reach all customers of the firm. Whom it is given to is asked of the policy once
 * more, and written under that permit.
 * Everything made lives as long as the request. Thread-safety: one thread.
 */
#ifndef SMV_UNASSIGNED_H
#define SMV_UNASSIGNED_H

#include "smv_row_pages.h"

/* Below the base, and in links: of the list. */
#define SMV_UNASSIGNED_PATH "/unassigned-documents"

extern const smv_rule_t smv_rule_customer_number;

/* A customer for whom the caller may bring documents in. */
typedef struct smv_recipient_t {
    apr_int64_t customer;       /* 0: nobody is chosen */
    const smv_permit_t *permit; /* for that customer */
} smv_recipient_t;

/* @param number as it was typed
 * @return SMV_ERROR_INVALID with a problem of the field customer where there is no such customer; the store's error */
const smv_error_t *smv_recipient_find(const smv_call_t *call, smv_recipient_t *recipient, const char *number);

/* @return since when what was put away can be taken back, in seconds */
apr_int64_t smv_unassigned_since(const smv_call_t *call);

/* @return 1 where the caller may see the list */
int smv_unassigned_may_list(const smv_call_t *call);

/* smv_shape_unassigned_view of the list. @param error said above it, German msgid; NULL: nothing */
const smv_error_t *smv_unassigned_list(const smv_call_t *call, smv_record_t **view, const char *error);

/* The same of one document, with whom it may be given to.
 * @param state what the form of smv_shape_assignment is filled with */
const smv_error_t *smv_unassigned_page(const smv_call_t *call, smv_record_t **view, const smv_record_t *document,
                                       const smv_recipient_t *recipient, const smv_form_state_t *state);

#endif
