/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_audit: what the audit log keeps: who did or read what, when, from where.
 *
 * Ownership: everything belongs to the request's pool. Thread-safety: one thread.
 */
#ifndef SMV_AUDIT_H
#define SMV_AUDIT_H

#include "smv_change.h"
#include "smv_principal.h"

/* X(NAME, code, German label) */
#define SMV_EVENTS(X)                                                                                                  \
    X(READ, "read", "gelesen")                                                                                         \
    X(SIGN_IN, "sign_in", "angemeldet")                                                                                \
    X(SIGN_IN_REFUSED, "sign_in_refused", "Anmeldung abgelehnt")                                                       \
    X(SIGN_OUT, "sign_out", "abgemeldet")                                                                              \
    X(CREATE, "create", "angelegt")                                                                                    \
    X(EDIT, "edit", "geändert")                                                                                        \
    X(DELETE, "delete", "gelöscht")                                                                                    \
    X(RESTORE, "restore", "wiederhergestellt")                                                                         \
    X(LOCK, "lock", "gesperrt")                                                                                        \
    X(UNLOCK, "unlock", "entsperrt")                                                                                   \
    X(END, "end", "beendet")                                                                                           \
    X(INVITE, "invite", "Zugangsbrief erstellt")                                                                       \
    X(SET_PASSWORD, "set_password", "Passwort gesetzt")                                                                \
    X(VIEW_AS, "view_as", "Ansicht als Kunde")                                                                         \
    X(PUBLISH, "publish", "veröffentlicht")                                                                            \
    X(IMPORT, "import", "importiert")

typedef enum {
#define SMV_EVENT_ENUM(NAME, code, label) SMV_EVENT_##NAME,
    SMV_EVENTS(SMV_EVENT_ENUM)
#undef SMV_EVENT_ENUM
        SMV_EVENT_COUNT
} smv_event_kind_e;

/* The codes of smv_shape_audit's kind, by kind. */
extern const char *const smv_event_codes[SMV_EVENT_COUNT];

/* One thing that is noted. */
typedef struct smv_event_t {
    smv_event_kind_e kind;
    const char *subject;  /* name of the route that was read, of the resource that was changed, "role", "access" … */
    const char *object;   /* what it was done to, where that has no row: a DN, a login; NULL else */
    apr_int64_t customer; /* whose data; 0 for nobody's */
    apr_int64_t row;      /* key of the row; 0 for none */
    const char *detail;   /* a JSON object of more; NULL for none. Never a password, token or code */
    smv_numbers_t shown;  /* customers whom a list showed, where it is about no one customer */
} smv_event_t;

/* Which rows of the log are listed: newest first, by time and id. */
typedef struct smv_audit_filter_t {
    const char *login, *kind; /* NULL: all */
    apr_int64_t customer;     /* 0: all */
    apr_int64_t from, to;     /* seconds since 1970, both counted */
    apr_int64_t before;       /* of the second `to` only ids below */
} smv_audit_filter_t;

/* What became of the chain. */
typedef struct smv_audit_check_t {
    apr_int64_t rows, last_id; /* that are sound, and the last one of them */
    unsigned char head[32];    /* its hash */
    const char *head_hex;
    apr_int64_t broken_id, broken_time; /* of the first row that is not; seconds since 1970 */
    const char *fault;                  /* what is wrong with it; NULL: nothing */
} smv_audit_check_t;

#endif
