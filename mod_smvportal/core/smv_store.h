/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_store: the port through which a tenant's data is reached; implemented over SQL by port/smv_sqlite.c.
 *
 * Every read of a customer's data takes a permit and binds its tenant and customers into the statement; a permit for
 * somebody else finds nothing. The locate_* calls say only whom an id belongs to, so that the policy can decide.
 * Rows come as records in the pool given, in the order of their shape (smv_shapes.h).
 * Thread-safety: every function may be called from any thread of the process.
 */
#ifndef SMV_STORE_H
#define SMV_STORE_H

#include <apr_time.h>

#include "smv_audit.h"
#include "smv_policy.h"
#include "smv_search.h"
#include "smv_view.h"

/* SHA-256 of a session token; the token itself is never stored. */
#define SMV_TOKEN_HASH_SIZE 32

/* The view as a customer that a session is in. */
typedef struct smv_session_view_t {
    const char *dn;       /* of the account; NULL: the session is in no view */
    const char *name;     /* of its person, for the banner */
    apr_int64_t customer; /* from whose page it began */
    apr_time_t since;
} smv_session_view_t;

typedef struct smv_session_row_t {
    const char *dn;       /* of the account */
    const char *account;  /* UUID of its entry; NULL: not known */
    const char *bound_to; /* identifier of the single sign-on that it ends with; NULL: none */
    apr_time_t created;
    apr_time_t last_used; /* written rarely */
    smv_session_view_t view;
} smv_session_row_t;

/* An invitation to choose a password. */
typedef struct smv_invitation_t {
    const char *dn, *login; /* of the account */
    apr_int64_t customer;   /* from whose page it was made */
    const char *kind;       /* "invite", "reset" */
    const char *created_by; /* login */
    apr_time_t created, expires;
} smv_invitation_t;

/* Which documents of a customer are listed. */
typedef struct smv_document_filter_t {
    apr_int64_t contract; /* id, 0 for all */
    const char *kind;     /* code, NULL for all */
    const char *words;    /* beginnings of words that the name has; NULL for all */
} smv_document_filter_t;

/* Which start screen; a publication has its id. */
enum { SMV_SCREEN_PUBLISHED = -1, SMV_SCREEN_DRAFT = 0 };

/* What becomes of its draft. */
typedef struct smv_screen_change_t {
    const smv_record_t *after;                   /* smv_shape_start_screen, whole */
    apr_int64_t version;                         /* that was seen */
    const char *detail;                          /* for the audit log: a JSON object */
    const smv_error_t *(*before_commit)(void *); /* within the transaction, after the row was written; NULL for none */
    void *commit_data;
} smv_screen_change_t;

/* Which customers of those in reach are listed. */
typedef struct smv_customer_filter_t {
    const smv_search_t *search;    /* NULL: all */
    const smv_permit_t *contracts; /* whose contracts' numbers find them, too; NULL: nobody's */
} smv_customer_filter_t;

/* Of documents that are nobody's yet: none that was put away. */
#define SMV_NOT_DISMISSED APR_INT64_MAX

typedef struct smv_store_t smv_store_t;
struct smv_store_t {
    /* The store for one request, in its pool and for its thread: all that it reads is one state of the data, so that a
     * decision and the rows it was made for belong together. */
    smv_store_t *(*for_request)(smv_store_t *, apr_pool_t *);
    /* Of a request's store: give back what it holds before others are waited for. The next read sees a newer state. */
    void (*release)(smv_store_t *);

    /* Whom a customer number, a contract id or a document id belongs to. @return SMV_ERROR_NOT_FOUND */
    const smv_error_t *(*locate_customer)(smv_store_t *, smv_subject_t *, apr_int64_t tenant, apr_int64_t number,
                                          apr_pool_t *);
    const smv_error_t *(*locate_contract)(smv_store_t *, smv_subject_t *, apr_int64_t tenant, apr_int64_t id,
                                          apr_pool_t *);
    const smv_error_t *(*locate_document)(smv_store_t *, smv_subject_t *, apr_int64_t tenant, apr_int64_t id,
                                          apr_pool_t *);
    const smv_error_t *(*locate_deleted)(smv_store_t *, smv_subject_t *, apr_int64_t tenant, apr_int64_t id,
                                         apr_pool_t *);

    /* Whom a row of a resource belongs to. @return SMV_ERROR_NOT_FOUND */
    const smv_error_t *(*locate_row)(smv_store_t *, smv_subject_t *, const smv_resource_t *, apr_int64_t tenant,
                                     apr_int64_t id, apr_pool_t *);

    /* smv_shape_customer, by number above `after`, at most `limit` and one more to know that there is more. */
    const smv_error_t *(*customers)(smv_store_t *, smv_list_t **, const smv_permit_t *, const smv_customer_filter_t *,
                                    apr_int64_t after, int limit, apr_pool_t *);
    /* smv_shape_communication: of each of these customers the first telephone number and the first e-mail address. */
    const smv_error_t *(*first_communications)(smv_store_t *, smv_list_t **, const smv_permit_t *,
                                               const smv_numbers_t *customers, apr_pool_t *);
    /* smv_shape_customer: these customers, by number; and those whom this login read last, newest first. */
    const smv_error_t *(*customers_of)(smv_store_t *, smv_list_t **, const smv_permit_t *,
                                       const smv_numbers_t *customers, apr_pool_t *);
    const smv_error_t *(*last_read)(smv_store_t *, smv_list_t **, const smv_permit_t *, const char *login, int limit,
                                    apr_pool_t *);
    /* The rows of a resource that one customer has, by id; and one of them. SMV_RESOURCE_DOCUMENT has its own. */
    const smv_error_t *(*rows)(smv_store_t *, smv_list_t **, const smv_permit_t *, const smv_resource_t *,
                               apr_pool_t *);
    const smv_error_t *(*row)(smv_store_t *, const smv_record_t **, const smv_permit_t *, const smv_resource_t *,
                              apr_int64_t id, apr_pool_t *);
    /* Make the changes and their rows of the change log, all or none, on the disk when it answers.
     * @return SMV_ERROR_CONFLICT where a row is gone or has another version than the change was made for, or a document
     * that was nobody's does not wait any more */
    const smv_error_t *(*change)(smv_store_t *, smv_change_t *changes, int count, const smv_permit_t *,
                                 const smv_actor_t *, apr_pool_t *);
    /* Write into the audit log, on the disk when it answers. What `change` makes it notes itself, all or nothing. */
    const smv_error_t *(*note)(smv_store_t *, const smv_event_t *, apr_int64_t tenant, const smv_actor_t *,
                               apr_pool_t *);

    /* smv_shape_audit: rows of the log about customers in reach, and for who reaches all those about nobody; at most
     * `limit` and one more. */
    const smv_error_t *(*audit)(smv_store_t *, smv_list_t **, const smv_permit_t *, const smv_audit_filter_t *,
                                int limit, apr_pool_t *);
    /* Whether each row carries the hash of the one before, and the change log the values of its changes. */
    const smv_error_t *(*audit_verify)(smv_store_t *, smv_audit_check_t *, apr_pool_t *);

    /* The change log. Of one customer, newest first, before a time (0: now): smv_shape_change, smv_shape_reading, and
     * the values of the changes from one id to another: smv_shape_change_value, by id. */
    const smv_error_t *(*customer_changes)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t before,
                                           int limit, apr_pool_t *);
    const smv_error_t *(*change_values)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t from,
                                        apr_int64_t to, apr_pool_t *);
    const smv_error_t *(*readings)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t before, int limit,
                                   apr_pool_t *);
    /* Of all customers in reach: by id above `after`, at most `limit` and one more. */
    const smv_error_t *(*changes)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t after, int limit,
                                  apr_pool_t *);
    /* Those that customers made, newest first, below the id `before` (0: all): open ones, or those that are done. */
    const smv_error_t *(*inbox)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t before, int is_done,
                                int limit, apr_pool_t *);
    /* Mark one of those as done, or as open again. @return SMV_ERROR_NOT_FOUND */
    const smv_error_t *(*mark_change)(smv_store_t *, const smv_permit_t *, apr_int64_t id, int is_done,
                                      const smv_actor_t *, apr_pool_t *);

    /* smv_shape_expiring: the contracts in force that end next, from the date on. */
    const smv_error_t *(*expiring)(smv_store_t *, smv_list_t **, const smv_permit_t *, const char *from, int limit,
                                   apr_pool_t *);
    /* smv_shape_ending: those of all customers in reach that end until a date, by date and id: behind the contract
     * `after` of the date `from` (0: all of that date), at most `limit` and one more. */
    const smv_error_t *(*endings)(smv_store_t *, smv_list_t **, const smv_permit_t *, const char *from,
                                  apr_int64_t after, const char *until, int limit, apr_pool_t *);
    /* smv_shape_financial_item of one customer, by kind and id. */
    const smv_error_t *(*financial_items)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_pool_t *);
    /* smv_shape_contract of one customer, by contract id; all of them (bounded by SMV_STORE_MAX_ROWS). */
    const smv_error_t *(*contracts)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t customer,
                                    apr_pool_t *);
    const smv_error_t *(*contract)(smv_store_t *, const smv_record_t **, const smv_permit_t *, apr_int64_t id,
                                   apr_pool_t *);
    /* smv_shape_document of one customer, newest first. */
    const smv_error_t *(*documents)(smv_store_t *, smv_list_t **, const smv_permit_t *, const smv_document_filter_t *,
                                    apr_pool_t *);
    const smv_error_t *(*document)(smv_store_t *, const smv_record_t **, const smv_permit_t *, apr_int64_t id,
                                   apr_pool_t *);
    /* smv_shape_deleted_document: what was deleted since a time, in seconds, and can be restored; newest first. */
    const smv_error_t *(*deleted_documents)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t since,
                                            apr_pool_t *);
    /* Documents that are nobody's yet, for a permit for all customers alone: smv_shape_unassigned_document. Those that
     * wait, by id above `after`, at most `limit` and one more; those that were put away since a time, in seconds,
     * newest first; one of either (since SMV_NOT_DISMISSED: that waits); and how many wait, at most `limit`. */
    const smv_error_t *(*unassigned)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t after, int limit,
                                     apr_pool_t *);
    const smv_error_t *(*dismissed)(smv_store_t *, smv_list_t **, const smv_permit_t *, apr_int64_t since,
                                    apr_pool_t *);
    const smv_error_t *(*unassigned_one)(smv_store_t *, const smv_record_t **, const smv_permit_t *, apr_int64_t id,
                                         apr_int64_t since, apr_pool_t *);
    const smv_error_t *(*unassigned_count)(smv_store_t *, int *count, const smv_permit_t *, int limit, apr_pool_t *);
    /* Put one away, or, where that was done since a time, take it back; with the row of the audit log.
     * @return SMV_ERROR_NOT_FOUND where it does not wait, or is not to be taken back */
    const smv_error_t *(*dismiss)(smv_store_t *, const smv_permit_t *, apr_int64_t id, const smv_actor_t *,
                                  apr_pool_t *);
    const smv_error_t *(*take_back)(smv_store_t *, const smv_permit_t *, apr_int64_t id, apr_int64_t since,
                                    const smv_actor_t *, apr_pool_t *);
    /* smv_shape_contract: those in reach whose number it is, but for case, blanks and strokes; by customer and id. */
    const smv_error_t *(*contracts_of_number)(smv_store_t *, smv_list_t **, const smv_permit_t *, const char *number,
                                              int limit, apr_pool_t *);
    /* Forget for good what was deleted or put away before. Its contents are garbage then. */
    const smv_error_t *(*purge_documents)(smv_store_t *, apr_int64_t before, apr_pool_t *);
    /* Call remove, while nobody can write, where no document has the content. @return what remove returns */
    const smv_error_t *(*collect_content)(smv_store_t *, const char *content_hash, const smv_error_t *(*remove)(void *),
                                          void *, apr_pool_t *);
    /* smv_shape_firm: what the start screen and the page frame show of the tenant; public */
    const smv_error_t *(*firm)(smv_store_t *, const smv_record_t **, apr_int64_t tenant, apr_pool_t *);

    /* smv_shape_start_screen: the draft, what is published, or one publication by its id. @return SMV_ERROR_NOT_FOUND
     */
    const smv_error_t *(*screen)(smv_store_t *, const smv_record_t **, apr_int64_t tenant, apr_int64_t which,
                                 apr_pool_t *);
    /* smv_shape_publication: newest first. */
    const smv_error_t *(*publications)(smv_store_t *, smv_list_t **, apr_int64_t tenant, int limit, apr_pool_t *);
    /* The deeds on the start screen, each with its row of the audit log, all or nothing.
     * @return SMV_ERROR_CONFLICT where the draft has another version; SMV_ERROR_NOT_FOUND where there is no such screen
     */
    const smv_error_t *(*screen_save)(smv_store_t *, const smv_screen_change_t *, apr_int64_t tenant,
                                      const smv_actor_t *, apr_pool_t *);
    /* Let everybody see a screen: SMV_SCREEN_DRAFT of that version, or a publication once more.
     * @param made out: id of the publication; @param version of the draft, 0: whatever it is */
    const smv_error_t *(*screen_publish)(smv_store_t *, apr_int64_t *made, apr_int64_t which, apr_int64_t version,
                                         apr_int64_t tenant, const smv_actor_t *, apr_pool_t *);
    /* Make the draft what a publication is. */
    const smv_error_t *(*screen_reset)(smv_store_t *, apr_int64_t publication, apr_int64_t version, apr_int64_t tenant,
                                       const smv_actor_t *, apr_pool_t *);

    /* Sessions. hash: SMV_TOKEN_HASH_SIZE bytes. find answers SMV_ERROR_SIGN_IN_NEEDED where there is none. */
    /* @param row dn, account, bound_to and created */
    const smv_error_t *(*session_create)(smv_store_t *, const unsigned char *hash, const smv_session_row_t *row,
                                         apr_pool_t *);
    const smv_error_t *(*session_find)(smv_store_t *, smv_session_row_t *, const unsigned char *hash, apr_pool_t *);
    /* Note the use of a session; put off, without an error, while another program writes. */
    const smv_error_t *(*session_touch)(smv_store_t *, const unsigned char *hash, apr_time_t now, apr_pool_t *);
    /* Let a session enter a view, or leave it: {.dn = NULL}. */
    const smv_error_t *(*session_view)(smv_store_t *, const unsigned char *hash, const smv_session_view_t *,
                                       apr_pool_t *);
    const smv_error_t *(*session_end)(smv_store_t *, const unsigned char *hash, apr_pool_t *);
    const smv_error_t *(*session_end_all)(smv_store_t *, const char *dn, apr_pool_t *);
    /* smv_shape_session without login and name, which the directory has: those created since and used since these
     * times, the last used first. */
    const smv_error_t *(*sessions)(smv_store_t *, smv_list_t **, apr_time_t created_since, apr_time_t used_since,
                                   int limit, apr_pool_t *);
    /* Delete the sessions created before or last used before these times. */
    const smv_error_t *(*session_expire)(smv_store_t *, apr_time_t created_before, apr_time_t used_before,
                                         apr_pool_t *);

    /* Invitations. hash: SMV_TOKEN_HASH_SIZE bytes, of the code. A new one ends the one that its account has. */
    const smv_error_t *(*invitation_create)(smv_store_t *, const unsigned char *hash, const smv_invitation_t *,
                                            apr_pool_t *);
    /* One that may still be used. @return SMV_ERROR_NOT_FOUND: unknown, used or expired */
    const smv_error_t *(*invitation_find)(smv_store_t *, smv_invitation_t *, const unsigned char *hash, apr_time_t now,
                                          apr_pool_t *);
    /* Mark it as used: of several who try only one succeeds, the others get SMV_ERROR_NOT_FOUND. Give it back where
     * the password was not set after all. */
    const smv_error_t *(*invitation_claim)(smv_store_t *, const unsigned char *hash, apr_time_t now, apr_pool_t *);
    const smv_error_t *(*invitation_give_back)(smv_store_t *, const unsigned char *hash, apr_pool_t *);
    /* Until when the account's invitation may be used; 0: it has none. */
    const smv_error_t *(*invitation_until)(smv_store_t *, apr_time_t *expires, const char *dn, apr_time_t now,
                                           apr_pool_t *);
    const smv_error_t *(*invitation_end)(smv_store_t *, const char *dn, apr_pool_t *);

    /* A turn: of all processes one holder has it, until it is given or its time has passed.
     * @return SMV_ERROR_CONFLICT: somebody else has it */
    const smv_error_t *(*turn_take)(smv_store_t *, const char *name, const char *holder, apr_time_t now, int seconds,
                                    apr_pool_t *);
    const smv_error_t *(*turn_give)(smv_store_t *, const char *name, const char *holder, apr_pool_t *);
    void *state;
};

/* An upper bound for every list that is not paged. */
#define SMV_STORE_MAX_ROWS 5000
/* Of one customer's log: on a page, and in all. */
#define SMV_STORE_MAX_LOG 200
#define SMV_STORE_WHOLE_LOG 1000000

#endif
