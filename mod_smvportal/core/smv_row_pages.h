/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_row_pages: the pages and addresses of a resource's rows, shared by the actions about rows.
 *
 * Everything made lives as long as the request.
 */
#ifndef SMV_ROW_PAGES_H
#define SMV_ROW_PAGES_H

#include "smv_route.h"

/* Path below the base, and URL path: of the list of one customer, and of one row. */
const char *smv_rows_path(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t customer);
const char *smv_rows_href(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t customer);
const char *smv_row_path(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t key);
const char *smv_row_href(const smv_call_t *call, const smv_resource_t *resource, apr_int64_t key);

/* @return the title of the page with the resource's list */
const char *smv_rows_title(const smv_resource_t *resource);

/* Mask what is whole on a row's own page alone: in lists and in what answers a change, for people and programs alike.
 */
void smv_row_mask(const smv_record_t *record, apr_pool_t *pool);

/* smv_shape_row_view of one row. */
const smv_record_t *smv_row_page(const smv_call_t *call, const smv_record_t *record);

/* What was just done, by the query ("done=1": created, 2: changed, 3: deleted); NULL for nothing. */
const char *smv_row_notice(const smv_call_t *call);

/* What was just done, by the whole query. */
typedef struct smv_notice_t {
    const char *query, *notice; /* "done=lock"; German msgid. A table ends with NULL */
} smv_notice_t;

/* @return the notice of the call's query; NULL for none */
const char *smv_notice_of(const smv_call_t *call, const smv_notice_t *notices);

/* smv_shape_option of each code. @param none label of a first one without a code; NULL: there is none */
smv_list_t *smv_options_of(const smv_code_t *codes, const char *none, const char *chosen, apr_pool_t *pool);

/* What a form is filled with. */
typedef struct smv_form_state_t {
    const smv_record_t *row;       /* values to begin with; NULL: none */
    const smv_form_t *form;        /* what was typed, before those; NULL: nothing */
    const smv_record_t *theirs;    /* what somebody else made of the row meanwhile; NULL: no conflict */
    const smv_problem_t *problems; /* by field */
    const char *error;             /* said above the form; NULL: nothing */
    const char *kind;              /* of the customer; NULL: fields of both */
    apr_int64_t version;           /* of the row that is changed; 0: a new one is made */
    int is_blind;                  /* nothing of the row may be shown */
} smv_form_state_t;

/* smv_shape_form_field of each input of a shape; smv_shape_problem_line of each problem. */
smv_list_t *smv_form_fields(const smv_shape_t *shape, const smv_form_state_t *state, apr_pool_t *pool);
smv_list_t *smv_form_problems(const smv_shape_t *shape, const smv_problem_t *problems, apr_pool_t *pool);

/* smv_shape_form_view of a form for the route's resource. */
const smv_error_t *smv_form_page(const smv_call_t *call, const smv_record_t **view, const smv_form_state_t *state);

/* A new name for one sending of a form. */
const smv_error_t *smv_new_submission(const smv_call_t *call, const char **submission);

/* @return what names this sending, of the person alone; NULL where the sender gave none */
const char *smv_submission_of(const smv_call_t *call);

/* The version that the sender saw: of a form, or in If-Match.
 * @return SMV_ERROR_BAD_REQUEST, SMV_ERROR_PRECONDITION_NEEDED */
const smv_error_t *smv_seen_version(const smv_call_t *call, apr_int64_t *version);

/* smv_shape_documents_view of the customer: the list as the query filters it, and what its page has beside. */
const smv_error_t *smv_documents_page(const smv_call_t *call, smv_record_t **view);

/* Put a document's content into a ZIP. */
void smv_bundle_add_document(smv_bundle_t *bundle, const char *folder, const smv_record_t *document, apr_pool_t *pool);

/* Keep those of the changes whose rows the reader may see. */
void smv_log_leave_told(const smv_call_t *call, smv_list_t *changes);

/* @return "a,b" for "a b" */
const char *smv_words_with_commas(const char *words, apr_pool_t *pool);

#endif
