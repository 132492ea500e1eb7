/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_live: what is known of the servers of a portal's directories, in memory that all processes share: whether each
 * answers, and which accounts changed. For each server one thread of one process watches and writes
 * (port/smv_ldap_watch.c); every process reads, to forget what changed and to ask no server that is known to be away.
 *
 * Lock-free. Changes are in a ring: who comes too late to read one forgets everything. No pointers in it.
 */
#ifndef SMV_LIVE_H
#define SMV_LIVE_H

#include <apr_time.h>
#include <stdatomic.h>

#define SMV_LIVE_MAX_SERVERS 8      /* of one directory */
#define SMV_LIVE_MAX_ALL_SERVERS 16 /* of all directories */
#define SMV_LIVE_MAX_DIRECTORIES 8
#define SMV_LIVE_CHANGES 1024
#define SMV_LIVE_COOKIE_SIZE 1024

/* entryUUID (RFC 4530) of an account; both 0: not known */
typedef struct smv_uuid_t {
    apr_uint64_t high, low;
} smv_uuid_t;

/* How a server tells of changes. X(NAME, as mod_status has it)
 * UNWATCHED: nothing is known yet. AWAY: it does not answer, and nobody shall wait for it. DOWN: nothing listens there,
 * as who asks is told at once. SILENT: it answers, but tells of no changes; what was read counts for
 * SmvPortalCacheTime. SYNC: content synchronisation (RFC 4533), up to date. PERSISTENT: persistent search
 * (draft-ietf-ldapext-psearch). NOTIFICATION: change notification (MS-ADTS, 3.1.1.3.4.1.9). */
#define SMV_LIVE_MODES(X)                                                                                              \
    X(UNWATCHED, "unknown")                                                                                            \
    X(AWAY, "away")                                                                                                    \
    X(DOWN, "down")                                                                                                    \
    X(SILENT, "cache")                                                                                                 \
    X(CATCHING_UP, "catching-up")                                                                                      \
    X(SYNC, "sync")                                                                                                    \
    X(PERSISTENT, "persistent-search")                                                                                 \
    X(NOTIFICATION, "change-notification")

typedef enum {
#define SMV_LIVE_ENUM(NAME, text) SMV_LIVE_##NAME,
    SMV_LIVE_MODES(SMV_LIVE_ENUM)
#undef SMV_LIVE_ENUM
} smv_live_mode_e;

extern const char *const smv_live_mode_names[];

typedef struct smv_live_slot_t {
    _Atomic apr_uint64_t number; /* of the change that it holds, from 1; 0 while it is written */
    _Atomic apr_uint64_t high, low;
} smv_live_slot_t;

typedef struct smv_live_changes_t {
    _Atomic apr_uint64_t count;
    _Atomic apr_time_t last; /* 0: none */
    smv_live_slot_t slots[SMV_LIVE_CHANGES];
} smv_live_changes_t;

typedef struct smv_live_server_t {
    int directory;                     /* whose server it is, from 0 */
    _Atomic int mode;                  /* smv_live_mode_e */
    _Atomic int hides_deletions;       /* it has told by change notification */
    _Atomic apr_int64_t owner;         /* process that watches; 0: none */
    _Atomic apr_time_t watched_at;     /* its last sign of life */
    _Atomic apr_time_t answered_at;    /* the last answer of the server to it */
    _Atomic apr_time_t synced_at;      /* the last answer while it told of changes */
    _Atomic apr_time_t round_trip;     /* of the last question, the lag of the stream at most */
    char cookie[SMV_LIVE_COOKIE_SIZE]; /* where the stream stands; the owner's alone; "": nowhere */
    smv_live_changes_t changes;
} smv_live_server_t;

/* What requests asked of a directory, in all processes. */
typedef struct smv_live_counts_t {
    _Atomic apr_uint64_t searches, binds; /* binds of people */
} smv_live_counts_t;

typedef struct smv_live_t {
    int count; /* servers, those of one directory beside each other */
    smv_live_counts_t counts[SMV_LIVE_MAX_DIRECTORIES];
    smv_live_server_t servers[SMV_LIVE_MAX_ALL_SERVERS];
    smv_live_changes_t own; /* what the portal itself changed in the directory */
} smv_live_t;

/* Where a reader stands in the changes of each server, and in the portal's own. */
typedef struct smv_live_position_t {
    apr_uint64_t own, read[SMV_LIVE_MAX_ALL_SERVERS];
} smv_live_position_t;

/* @return 1 where less than the span lies between the two times: a clock that was set back must let nothing live on */
int smv_is_within(apr_time_t since, apr_time_t span, apr_time_t now);

/* Add a directory. @param live zeroed at first, as new shared memory is @param directory its number, from 0
 * @return the first of its servers; NULL where there is no more room */
smv_live_server_t *smv_live_add(smv_live_t *live, int directory, int servers);

/* --- by who watches a server --- */

/* Become the one who watches, or stay it. One that gave no sign of life for some seconds is replaced.
 * @param process its id @return 1 where it is this process */
int smv_live_own(smv_live_server_t *server, apr_int64_t process, apr_time_t now);
/* Another may watch from now on. @return 1 where the process was the owner */
int smv_live_disown(smv_live_server_t *server, apr_int64_t process);
/* Tell of a change. @param uuid NULL: whatever was read counts no more */
void smv_live_change(smv_live_changes_t *changes, const smv_uuid_t *uuid, apr_time_t now);

/* --- by everybody --- */

/* @return 1 where a server in that mode tells of whatever changes */
int smv_live_tells(smv_live_mode_e mode);

/* @return 1 where whatever changes in a directory is told within a second: every server of it that answers is up to
 * date, and one is */
int smv_live_is_live(const smv_live_t *live, int directory, apr_time_t now);
/* @return 1 where a server of it tells of what is deleted to those alone who may see that (change notification) */
int smv_live_hides_deletions(const smv_live_t *live, int directory);
/* @return when it was so last, 0 for never */
apr_time_t smv_live_last(const smv_live_t *live, int directory);
/* @return 1 where the one who watches knows that the server keeps waiting whoever asks it */
int smv_live_is_away(const smv_live_server_t *server, apr_time_t now);
/* @return 1 where somebody watches the server */
int smv_live_is_watched(const smv_live_server_t *server, apr_time_t now);

void smv_live_stand(const smv_live_t *live, smv_live_position_t *position);
/* @return 1 where there are changes behind the position */
int smv_live_has_changes(const smv_live_t *live, const smv_live_position_t *position);

typedef enum { SMV_LIVE_NOTHING, SMV_LIVE_ONE, SMV_LIVE_EVERYTHING } smv_live_news_e;
/* What changed: one account, or everything in a directory. */
typedef struct smv_live_change_t {
    smv_uuid_t uuid; /* SMV_LIVE_ONE */
    int directory;   /* SMV_LIVE_EVERYTHING; 0: of all, as roles are in the portal's own */
} smv_live_change_t;
/* @return 1 where the account, or everything in its directory, changed behind the position */
int smv_live_has_changed(const smv_live_t *live, smv_live_position_t position, int directory, const smv_uuid_t *uuid);
/* The next change behind the position, which moves on. @param change out */
smv_live_news_e smv_live_next(const smv_live_t *live, smv_live_position_t *position, smv_live_change_t *change);

#endif
