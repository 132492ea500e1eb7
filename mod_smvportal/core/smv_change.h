/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_change: one change of a row, as the store makes it and the change log keeps it.
 *
 * Ownership: everything belongs to the request's pool. Thread-safety: one thread.
 */
#ifndef SMV_CHANGE_H
#define SMV_CHANGE_H

#include "smv_buffer.h"
#include "smv_resource.h"

#include <apr_time.h>

typedef enum { SMV_DEED_CREATE, SMV_DEED_EDIT, SMV_DEED_DELETE, SMV_DEED_RESTORE, SMV_DEED_COUNT } smv_deed_e;

/* The codes of smv_shape_change's kind, by deed. */
extern const char *const smv_deed_codes[SMV_DEED_COUNT];

/* Who does it, and from where. */
typedef struct smv_actor_t {
    const char *login, *name;
    const char *address; /* of the client */
    const char *channel; /* "page" or "api" */
    int is_staff;        /* the customer is none of their own */
    apr_time_t now;
} smv_actor_t;

typedef struct smv_change_t {
    const smv_resource_t *resource;
    smv_deed_e deed;
    apr_int64_t row;     /* key; of CREATE it is made by the store */
    apr_int64_t version; /* of EDIT and DELETE: the one that was seen; of RESTORE: not deleted before, in seconds */
    const smv_record_t *before; /* whole rows; NULL where there is none */
    const smv_record_t *after;
    apr_int64_t unassigned; /* of CREATE of a document: the one that was nobody's and becomes it; 0: none */
    const char *submission; /* names one sending of a form, so that it counts once; NULL for none */
    int is_repeated;        /* out: it was done before; row is the one made then */
    /* Run within the transaction, after the row was written; NULL for none. */
    const smv_error_t *(*before_commit)(const struct smv_change_t *change, apr_pool_t *pool);
    void *commit_data;
} smv_change_t;

/* @return 1 where two values of a field are the same, or both are absent */
int smv_change_is_same(const smv_field_t *field, const smv_value_t *a, const smv_value_t *b);

/* @return 1 where a field that people write differs */
int smv_change_differs(const smv_record_t *before, const smv_record_t *after);

/* The values of a row as a JSON object: of an edit only those that differ from other (NULL: all that are present).
 * Keys, numbers of the customer and versions are left out. */
void smv_change_values(smv_buffer_t *out, const smv_record_t *row, const smv_record_t *other);

#endif
