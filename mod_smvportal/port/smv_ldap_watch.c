/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_watch.h"

#include "smv_ldap_sync.h"

#include <apr_strings.h>
#include <stdatomic.h>
#include <string.h>

#define QUESTION_EVERY apr_time_from_msec(500)
#define ANSWER_WITHIN apr_time_from_sec(2)       /* or within the directory's timeout, where that is less */
#define RETRY_EVERY apr_time_from_msec(100)      /* where nothing listens, or nobody answers */
#define REFUSED_RETRY_EVERY apr_time_from_sec(5) /* where the server does not let the service in, or is another */
#define SYNC_RETRY_EVERY apr_time_from_sec(60)
#define LOOK apr_time_from_msec(100) /* how long it does not notice that it shall stop */
#define NO_REQUEST (-1)

struct smv_ldap_watch_t {
    const smv_ldap_watch_config_t *config;
    smv_live_server_t *server;
    const char *uri;
    LDAP *ld;                    /* NULL: not connected */
    int stream;                  /* id of the search that goes on, or NO_REQUEST */
    int question;                /* id of the one that waits for an answer, or NO_REQUEST */
    apr_time_t asked;            /* when */
    apr_time_t lost, pause;      /* when the connection was, and how long none is made */
    apr_time_t resync;           /* to ask once more whether it tells of changes */
    smv_live_mode_e stream_mode; /* which kind of search it is */
    int is_content_refused;      /* on this connection */
    int is_behind;               /* the question was asked after the search had been sent */
    smv_live_mode_e said;
    atomic_int must_stop;
    apr_thread_mutex_t *lock; /* of the connection, held while somebody watches */
};

apr_status_t smv_ldap_watch_create(smv_ldap_watch_t **made, const smv_ldap_watch_config_t *config, apr_pool_t *pool)
{
    smv_ldap_watch_t *self = apr_pcalloc(pool, sizeof *self);
    int count;

    self->config = config;
    self->server = &config->directory->servers[config->server];
    self->uri = smv_ldap_servers(config->directory->uri, &count, pool)[config->server];
    self->stream = self->question = NO_REQUEST;
    *made = self;
    return apr_thread_mutex_create(&self->lock, APR_THREAD_MUTEX_DEFAULT, pool);
}

void smv_ldap_watch_stop(smv_ldap_watch_t *self)
{
    atomic_store(&self->must_stop, 1);
}

int smv_ldap_watch_is_stopped(const smv_ldap_watch_t *self)
{
    return atomic_load(&self->must_stop);
}

static void disconnect(smv_ldap_watch_t *self)
{
    smv_ldap_disconnect(&self->ld);
    self->stream = self->question = NO_REQUEST;
}

void smv_ldap_watch_close(smv_ldap_watch_t *self)
{
    apr_thread_mutex_lock(self->lock);
    disconnect(self);
    apr_thread_mutex_unlock(self->lock);
}

static void turn(smv_ldap_watch_t *self, smv_live_mode_e mode, const char *why)
{
    atomic_store(&self->server->mode, (int)mode);
    if (mode != self->said && mode != SMV_LIVE_CATCHING_UP) {
        self->config->turned(self->config->context, self->uri, mode, why);
        self->said = mode;
    }
}

static apr_time_t patience(const smv_ldap_watch_t *self)
{
    return self->config->directory->timeout < ANSWER_WITHIN ? self->config->directory->timeout : ANSWER_WITHIN;
}

static void answered(smv_ldap_watch_t *self)
{
    apr_time_t now = apr_time_now();

    atomic_store(&self->server->answered_at, now);
    if (smv_live_tells((smv_live_mode_e)atomic_load(&self->server->mode))) {
        atomic_store(&self->server->synced_at, now);
    }
}

/* The connection is of no use any more. @param begun when that was tried which failed */
static void lose(smv_ldap_watch_t *self, int code, apr_time_t begun, apr_pool_t *pool)
{
    apr_time_t now = apr_time_now();
    int is_refused = code == LDAP_SERVER_DOWN && smv_is_within(begun, SMV_LDAP_AT_ONCE, now);
    char *said = NULL;
    const char *why;

    if (self->ld) {
        ldap_get_option(self->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    }
    why = apr_psprintf(pool, "%s (%d)%s%s; %s", ldap_err2string(code), code, said && *said ? ": " : "",
                       said ? said : "", smv_ldap_remedy(code));
    ldap_memfree(said);
    disconnect(self);
    self->lost = now;
    self->pause = smv_ldap_is_away(code) && code != LDAP_CONNECT_ERROR ? RETRY_EVERY : REFUSED_RETRY_EVERY;
    turn(self, is_refused ? SMV_LIVE_DOWN : SMV_LIVE_AWAY, why);
}

/* --- the stream --- */

static void keep_cookie(smv_ldap_watch_t *self, const char *cookie)
{
    apr_cpystrn(self->server->cookie, cookie && strlen(cookie) < SMV_LIVE_COOKIE_SIZE ? cookie : "",
                SMV_LIVE_COOKIE_SIZE);
}

static void stay_silent(smv_ldap_watch_t *self, const char *why)
{
    self->stream = NO_REQUEST;
    self->resync = apr_time_now() + SYNC_RETRY_EVERY;
    turn(self, SMV_LIVE_SILENT, why);
}

/* Go on where the stream stands. Where it stands nowhere, whatever was read before counts no more. */
static int start_content(smv_ldap_watch_t *self, const smv_ldap_wait_t *wait, apr_pool_t *pool)
{
    const smv_ldap_config_t *directory = self->config->directory;
    const char *cookie;
    int code;

    if (!*self->server->cookie) {
        keep_cookie(self, smv_ldap_sync_cookie(self->ld, directory->base, wait, pool));
        smv_live_change(&self->server->changes, NULL, apr_time_now());
    }
    cookie = *self->server->cookie ? self->server->cookie : NULL;
    self->stream_mode = SMV_LIVE_SYNC;
    code = smv_ldap_sync_start(self->ld, directory, cookie, &self->stream);
    if (code == LDAP_SUCCESS) {
        turn(self, SMV_LIVE_CATCHING_UP, NULL);
    }
    return code;
}

/* What changes until the server has begun is not told: whatever was read by then counts no more, once a question that
 * goes behind it has been answered. */
static int start_unannounced(smv_ldap_watch_t *self, smv_live_mode_e mode, const smv_ldap_wait_t *wait,
                             apr_pool_t *pool)
{
    int code = mode == SMV_LIVE_PERSISTENT
                   ? smv_ldap_sync_persist(self->ld, self->config->directory, &self->stream)
                   : smv_ldap_sync_notify(self->ld, self->config->directory, wait, &self->stream, pool);

    self->stream_mode = mode;
    self->is_behind = 0;
    if (code == LDAP_SUCCESS) {
        turn(self, SMV_LIVE_CATCHING_UP, NULL);
    }
    return code;
}

static int start_stream(smv_ldap_watch_t *self, const smv_ldap_wait_t *wait, apr_pool_t *pool)
{
    if (!self->is_content_refused && smv_ldap_sync_is_offered(self->ld, SMV_SYNC_CONTENT, wait)) {
        return start_content(self, wait, pool);
    }
    if (smv_ldap_sync_is_offered(self->ld, SMV_SYNC_PERSISTENT, wait)) {
        return start_unannounced(self, SMV_LIVE_PERSISTENT, wait, pool);
    }
    if (smv_ldap_sync_is_offered(self->ld, SMV_SYNC_NOTIFICATION, wait)) {
        return start_unannounced(self, SMV_LIVE_NOTIFICATION, wait, pool);
    }
    stay_silent(self, "it offers no content synchronisation (RFC 4533); with slapd, load syncprov");
    return LDAP_SUCCESS;
}

static void take_news(smv_ldap_watch_t *self, const smv_sync_news_t *news, apr_pool_t *pool)
{
    apr_time_t now = apr_time_now();

    if (news->scope != SMV_SYNC_NOTHING) {
        smv_live_change(&self->server->changes, news->scope == SMV_SYNC_ACCOUNT ? &news->uuid : NULL, now);
    }
    if (news->is_locked) {
        self->config->locked(self->config->context, news->dn, pool);
    }
    if (news->cookie) {
        keep_cookie(self, news->cookie);
    }
    if (news->is_up_to_date) {
        turn(self, SMV_LIVE_SYNC, NULL);
    }
}

/* The server ended the stream. It may want to begin anew, or not be set up for it. */
static void end_stream(smv_ldap_watch_t *self, int code, apr_pool_t *pool)
{
    int had_cookie = *self->server->cookie != '\0';

    self->stream = NO_REQUEST;
    if (code < 0 || smv_ldap_is_away(code)) {
        lose(self, code, apr_time_now(), pool);
        return;
    }
    keep_cookie(self, NULL);
    self->is_content_refused = self->stream_mode == SMV_LIVE_SYNC && code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION;
    if ((had_cookie || self->is_content_refused) && self->resync == 0) {
        self->resync = apr_time_now(); /* once more, from where the server is now */
        turn(self, SMV_LIVE_CATCHING_UP, NULL);
    } else {
        stay_silent(self, apr_psprintf(pool,
                                       "it ended the synchronisation: %s (%d); with slapd, let the service "
                                       "account read contextCSN, and set overlay syncprov",
                                       ldap_err2string(code), code));
    }
}

/* --- questions --- */

static int ask(smv_ldap_watch_t *self, apr_time_t now)
{
    static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};
    int code;

    if (!smv_ldap_is_connected(self->ld)) {
        return LDAP_SERVER_DOWN;
    }
    code = ldap_search_ext(self->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", (char **)no_attributes, 0, NULL, NULL,
                           NULL, 1, &self->question);

    self->asked = now;
    self->is_behind = 1;
    return code;
}

/* The first answer behind the beginning of a search that does not tell of it. */
static void hear_first(smv_ldap_watch_t *self)
{
    if (self->stream_mode != SMV_LIVE_SYNC && self->is_behind && self->stream != NO_REQUEST &&
        atomic_load(&self->server->mode) != (int)self->stream_mode) {
        smv_live_change(&self->server->changes, NULL, apr_time_now());
        atomic_store(&self->server->hides_deletions, self->stream_mode == SMV_LIVE_NOTIFICATION);
        turn(self, self->stream_mode, NULL);
    }
}

static void take_message(smv_ldap_watch_t *self, LDAPMessage *message, apr_pool_t *pool)
{
    smv_sync_news_t news;
    int id = ldap_msgid(message), code;

    answered(self);
    if (id == self->stream) {
        code = smv_ldap_sync_read(self->ld, self->config->directory, message, &news, pool);
        if (code != LDAP_SUCCESS) {
            end_stream(self, code, pool);
        } else {
            take_news(self, &news, pool);
        }
    } else if (id == self->question && ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT) {
        atomic_store(&self->server->round_trip, apr_time_now() - self->asked);
        self->question = NO_REQUEST;
        hear_first(self);
    }
}

/* --- watching --- */

static void open_watch(smv_ldap_watch_t *self, apr_pool_t *pool)
{
    const smv_ldap_config_t *directory = self->config->directory;
    apr_time_t begun = apr_time_now();
    smv_ldap_wait_t wait = {begun + patience(self), NULL};
    int code = smv_ldap_connect(&self->ld, directory, self->uri, &wait);

    if (code == LDAP_SUCCESS) {
        code = smv_ldap_bind_service(self->ld, directory, &wait);
    }
    if (code == LDAP_SUCCESS) {
        self->resync = 0;
        self->is_content_refused = 0;
        answered(self);
        code = start_stream(self, &wait, pool);
    }
    if (code != LDAP_SUCCESS) {
        lose(self, code, begun, pool);
    }
}

static int is_overdue(const smv_ldap_watch_t *self, apr_time_t now)
{
    return self->question != NO_REQUEST && !smv_is_within(self->asked, patience(self), now);
}

/* Whatever is due, but for reading. @return a code */
static int tend(smv_ldap_watch_t *self, apr_time_t now, apr_pool_t *pool)
{
    smv_ldap_wait_t wait = {now + patience(self), NULL};

    if (is_overdue(self, now)) {
        return LDAP_TIMEOUT;
    }
    if (self->stream == NO_REQUEST && self->resync <= now) {
        self->resync = now;
        return start_stream(self, &wait, pool);
    }
    return self->question == NO_REQUEST && !smv_is_within(self->asked, QUESTION_EVERY, now) ? ask(self, now)
                                                                                            : LDAP_SUCCESS;
}

static void read_some(smv_ldap_watch_t *self, apr_pool_t *pool)
{
    struct timeval wait = {0, (suseconds_t)LOOK};
    LDAPMessage *message = NULL;
    int got;

    smv_ldap_read_until(self->ld, apr_time_now() + patience(self));
    got = ldap_result(self->ld, LDAP_RES_ANY, LDAP_MSG_ONE, &wait, &message);
    if (got < 0) {
        lose(self, LDAP_SERVER_DOWN, apr_time_now(), pool);
    } else if (got > 0) {
        take_message(self, message, pool);
        ldap_msgfree(message);
    }
}

static void watch(smv_ldap_watch_t *self, apr_time_t now, apr_pool_t *pool)
{
    int code;

    if (!self->ld && smv_is_within(self->lost, self->pause, now)) {
        apr_sleep(LOOK);
    } else if (!self->ld) {
        open_watch(self, pool);
    } else if ((code = tend(self, now, pool)) != LDAP_SUCCESS) {
        lose(self, code, now, pool);
    } else {
        read_some(self, pool);
    }
}

void smv_ldap_watch_for(smv_ldap_watch_t *self, apr_time_t span, apr_pool_t *pool)
{
    apr_time_t end = apr_time_now() + span;
    apr_pool_t *turn_pool;

    if (apr_pool_create(&turn_pool, pool) != APR_SUCCESS) {
        return;
    }
    apr_thread_mutex_lock(self->lock);
    for (apr_time_t now = end - span; now < end && !smv_ldap_watch_is_stopped(self); now = apr_time_now()) {
        apr_pool_clear(turn_pool);
        atomic_store(&self->server->watched_at, now);
        watch(self, now, turn_pool);
    }
    apr_thread_mutex_unlock(self->lock);
    apr_pool_destroy(turn_pool);
}
