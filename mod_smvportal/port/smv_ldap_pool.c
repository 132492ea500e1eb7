/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ldap_pool.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <stdlib.h>
#include <string.h>

/* How often who waits for a connection looks whether there is a server at all. */
#define LOOK apr_time_from_msec(200)
/* Without somebody who watches, a server that failed is left alone for this long. */
#define RETRY apr_time_from_sec(1)
/* Whose own time ran out sooner has not waited long enough to call a server away. */
#define FAIR apr_time_from_msec(500)

typedef struct server_t {
    const char *uri;
    _Atomic apr_time_t failed_at; /* when this process last found it away; 0: never */
} server_t;

struct smv_ldap_pool_t {
    smv_ldap_config_t config;
    server_t servers[SMV_LIVE_MAX_SERVERS];
    int count;
    _Atomic unsigned int turn; /* where servers are taken at random: of the next connection */
    apr_thread_mutex_t *lock;  /* guards idle and links_in_use */
    apr_thread_cond_t *given_back;
    smv_ldap_link_t *idle;
    int links_in_use;
};

static void end_without_memory(apr_pool_t *pool)
{
    apr_abortfunc_t end = apr_pool_abort_get(pool);

    if (end) {
        end(APR_ENOMEM);
    }
    abort();
}

const char *smv_ldap_escaped(const char *value, apr_pool_t *pool)
{
    struct berval raw = {strlen(value), (char *)value}, made = {0, NULL};
    const char *copy;

    if (ldap_bv2escaped_filter_value(&raw, &made) != 0) {
        end_without_memory(pool);
    }
    copy = apr_pstrdup(pool, made.bv_val);
    ldap_memfree(made.bv_val);
    return copy;
}

int smv_ldap_is_out_of_reach(int code)
{
    return code == LDAP_NO_SUCH_OBJECT || code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_INVALID_DN_SYNTAX ||
           code == LDAP_REFERRAL;
}

const smv_error_t *smv_ldap_away(const smv_ldap_pool_t *self, const char *doing, int code, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DIRECTORY_AWAY, "%s: %s: %s (%d); %s", self->config.uri, doing,
                     ldap_err2string(code), code, smv_ldap_remedy(code));
}

/* --- which server --- */

static const smv_live_server_t *watched(const smv_ldap_pool_t *self, int server)
{
    return self->config.live ? &self->config.servers[server] : NULL;
}

static int is_up(const smv_ldap_pool_t *self, int server, apr_time_t now)
{
    const smv_live_server_t *live = watched(self, server);
    apr_time_t failed_at = atomic_load(&self->servers[server].failed_at);

    if (live && smv_live_is_away(live, now)) {
        return 0;
    }
    if (failed_at == 0 || failed_at > now) { /* never, or by a clock that was set back since */
        return 1;
    }
    return live && smv_live_is_watched(live, now) ? atomic_load(&live->answered_at) > failed_at
                                                  : !smv_is_within(failed_at, RETRY, now);
}

static int is_any_up(const smv_ldap_pool_t *self, apr_time_t now)
{
    for (int i = 0; i < self->count; i++) {
        if (is_up(self, i, now)) {
            return 1;
        }
    }
    return 0;
}

/* A server that refuses at once costs nobody time: it is asked each time. */
static void note(const smv_ldap_pool_t *self, int server, int code, apr_time_t begun)
{
    apr_time_t now = apr_time_now();

    if (smv_ldap_is_away(code) && now - begun > (code == LDAP_TIMEOUT ? FAIR : SMV_LDAP_AT_ONCE)) {
        atomic_store(&((smv_ldap_pool_t *)self)->servers[server].failed_at, now);
    }
}

/* Whom to ask first: the first in the configuration, or each in turn. */
static int first_server(const smv_ldap_pool_t *self)
{
    return self->config.is_random
               ? (int)(atomic_fetch_add(&((smv_ldap_pool_t *)self)->turn, 1) % (unsigned int)self->count)
               : 0;
}

/* --- one connection --- */

/* What is done on a connection of one server. @return the code of its answer */
typedef int visit_fn(const smv_ldap_pool_t *self, LDAP **ld, void *what, const smv_ldap_wait_t *wait);

static int visit(const smv_ldap_pool_t *self, int server, LDAP **ld, visit_fn *run, void *what, apr_time_t until)
{
    apr_time_t begun = apr_time_now();
    smv_ldap_wait_t wait = {until, watched(self, server)};
    int code = smv_ldap_connect(ld, &self->config, self->servers[server].uri, &wait);

    if (code == LDAP_SUCCESS) {
        code = run(self, ld, what, &wait);
    }
    note(self, server, code, begun);
    if (code != LDAP_SUCCESS) {
        smv_ldap_disconnect(ld);
    }
    return code;
}

/* Ask the servers in turn, but for those that are away, until one answers or the time is over.
 * @param server out: which one did */
static int visit_any(const smv_ldap_pool_t *self, int *server, LDAP **ld, visit_fn *run, void *what, apr_time_t until)
{
    int code = LDAP_SERVER_DOWN, first = first_server(self);

    for (int i = 0; i < self->count && (i == 0 || apr_time_now() < until); i++) {
        *server = (first + i) % self->count;
        if (is_up(self, *server, apr_time_now())) {
            code = visit(self, *server, ld, run, what, until);
            if (!smv_ldap_is_away(code)) {
                break;
            }
        }
    }
    return code;
}

/* --- binds of people --- */

static int bind_person(const smv_ldap_pool_t *self, LDAP **ld, void *what, const smv_ldap_wait_t *wait)
{
    smv_ldap_attempt_t *attempt = what;

    (void)self;
    return smv_ldap_bind(*ld, attempt->dn, attempt->password, &attempt->verdict, wait);
}

int smv_ldap_try_bind(const smv_ldap_pool_t *self, smv_ldap_attempt_t *attempt, smv_ldap_patience_t *patience)
{
    apr_time_t until = smv_ldap_pool_until(self, patience);
    LDAP *ld = NULL;
    int server, code;

    attempt->verdict = smv_ldap_no_verdict;
    if (self->config.live) {
        atomic_fetch_add(&self->config.live->counts[self->config.number].binds, 1);
    }
    code = visit_any(self, &server, &ld, bind_person, attempt, until);
    if (code == LDAP_SUCCESS && attempt->deed) {
        const smv_ldap_wait_t wait = {until, watched(self, server)};

        code = attempt->deed(ld, attempt->what, &wait);
    }
    smv_ldap_disconnect(&ld);
    return code;
}

/* --- searching --- */

/* The connection is as good as before after an answer like this. */
static int is_answer(int code)
{
    return code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT || code == LDAP_SIZELIMIT_EXCEEDED ||
           code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_INVALID_DN_SYNTAX || code == LDAP_REFERRAL;
}

static int bind_service(const smv_ldap_pool_t *self, LDAP **ld, void *what, const smv_ldap_wait_t *wait)
{
    (void)what;
    return smv_ldap_bind_service(*ld, &self->config, wait);
}

int smv_ldap_link_open(const smv_ldap_pool_t *self, smv_ldap_link_t *link)
{
    if (link->ld) {
        return LDAP_SUCCESS;
    }
    link->serial++;
    return visit_any(self, &link->server, &link->ld, bind_service, NULL, link->until);
}

void smv_ldap_link_close(smv_ldap_link_t *link)
{
    smv_ldap_disconnect(&link->ld);
}

smv_ldap_wait_t smv_ldap_link_wait(const smv_ldap_pool_t *self, const smv_ldap_link_t *link)
{
    return (smv_ldap_wait_t){link->until, watched(self, link->server)};
}

static void count_search(const smv_ldap_pool_t *self)
{
    if (self->config.live) {
        atomic_fetch_add(&self->config.live->counts[self->config.number].searches, 1);
    }
}

static int search_once(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                       const smv_ldap_query_t *query)
{
    int code = smv_ldap_link_open(self, link);
    apr_time_t begun = apr_time_now();
    const smv_ldap_wait_t wait = smv_ldap_link_wait(self, link);

    *result = NULL;
    if (code != LDAP_SUCCESS || begun >= link->until) {
        return code == LDAP_SUCCESS ? LDAP_TIMEOUT : code;
    }
    count_search(self);
    code = smv_ldap_ask(link->ld, result, query, &wait);
    if (!is_answer(code)) {
        smv_ldap_disconnect(&link->ld);
        note(self, link->server, code, begun);
    }
    return code;
}

int smv_ldap_search(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                    const smv_ldap_query_t *query)
{
    int code = LDAP_SERVER_DOWN;

    *result = NULL;
    for (int tries = self->count + 1; tries > 0; tries--) {
        ldap_msgfree(*result);
        code = search_once(self, link, result, query);
        if (!smv_ldap_is_away(code) || apr_time_now() >= link->until) {
            break;
        }
    }
    return code;
}

/* --- several searches at once --- */

void smv_ldap_ask_for(const smv_ldap_pool_t *self, const smv_ldap_link_t *link, smv_ldap_pending_t *pending,
                      const smv_ldap_query_t *query)
{
    pending->query = *query;
    pending->serial = link->serial;
    if (link->ld && smv_ldap_send(link->ld, query, &pending->id) == LDAP_SUCCESS) {
        count_search(self);
    } else {
        pending->id = -1;
    }
}

int smv_ldap_answer(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                    const smv_ldap_pending_t *pending)
{
    const smv_ldap_wait_t wait = smv_ldap_link_wait(self, link);
    apr_time_t begun = apr_time_now();
    int code = LDAP_SERVER_DOWN;

    *result = NULL;
    if (pending->id >= 0 && link->ld && link->serial == pending->serial) {
        code = smv_ldap_receive(link->ld, pending->id, result, &wait);
        if (is_answer(code)) {
            return code;
        }
        ldap_msgfree(*result);
        *result = NULL;
        smv_ldap_disconnect(&link->ld);
        note(self, link->server, code, begun);
    }
    return smv_ldap_search(self, link, result, &pending->query);
}

/* --- the pool --- */

/* A connection to a server that is away is of no use, nor is one to another while the first server is back. */
static int is_outdated(const smv_ldap_pool_t *self, const smv_ldap_link_t *link, apr_time_t now)
{
    if (!link->ld || !is_up(self, link->server, now)) {
        return link->ld != NULL;
    }
    for (int i = 0; i < link->server && !self->config.is_random; i++) {
        if (is_up(self, i, now)) {
            return 1;
        }
    }
    return 0;
}

apr_time_t smv_ldap_pool_until(const smv_ldap_pool_t *self, smv_ldap_patience_t *patience)
{
    const apr_time_t now = apr_time_now(), timeout = self->config.timeout;

    if (patience->begun == 0) {
        patience->begun = now;
    }
    if (timeout > patience->longest) {
        patience->longest = timeout;
    }
    return patience->begun + patience->longest < now + timeout ? patience->begun + patience->longest : now + timeout;
}

const smv_error_t *smv_ldap_pool_take(smv_ldap_pool_t *self, smv_ldap_link_t **link, smv_ldap_patience_t *patience,
                                      apr_pool_t *pool)
{
    const apr_time_t until = smv_ldap_pool_until(self, patience);
    apr_time_t now = apr_time_now();

    *link = NULL;
    if (now >= until) {
        return smv_ldap_away(self, "what was asked before took all the time", LDAP_TIMEOUT, pool);
    }
    apr_thread_mutex_lock(self->lock);
    while (!self->idle && now < until && is_any_up(self, now)) {
        apr_thread_cond_timedwait(self->given_back, self->lock, until - now < LOOK ? until - now : LOOK);
        now = apr_time_now();
    }
    if (self->idle && is_any_up(self, now)) {
        *link = self->idle;
        self->idle = (*link)->next;
        self->links_in_use++;
    }
    apr_thread_mutex_unlock(self->lock);
    if (!*link) {
        return is_any_up(self, now) ? smv_ldap_away(self, "all connections of the pool are in use", LDAP_BUSY, pool)
                                    : smv_ldap_away(self, "no server answers", LDAP_SERVER_DOWN, pool);
    }
    (*link)->until = until;
    if (is_outdated(self, *link, now)) {
        smv_ldap_disconnect(&(*link)->ld);
    }
    return NULL;
}

/* The one used last goes first, so that few are open; where servers are taken at random it goes last, so that all
 * are. */
static void put_back(smv_ldap_pool_t *self, smv_ldap_link_t *link)
{
    smv_ldap_link_t **place = &self->idle;

    while (self->config.is_random && *place) {
        place = &(*place)->next;
    }
    link->next = *place;
    *place = link;
}

void smv_ldap_pool_give(smv_ldap_pool_t *self, smv_ldap_link_t *link)
{
    apr_thread_mutex_lock(self->lock);
    put_back(self, link);
    self->links_in_use--;
    apr_thread_cond_signal(self->given_back);
    apr_thread_mutex_unlock(self->lock);
}

smv_ldap_connections_t smv_ldap_pool_connections(smv_ldap_pool_t *self)
{
    smv_ldap_connections_t state = {.limit = self->config.pool_size};

    apr_thread_mutex_lock(self->lock);
    state.in_use = state.open = self->links_in_use;
    for (const smv_ldap_link_t *link = self->idle; link; link = link->next) {
        state.open += link->ld != NULL;
    }
    apr_thread_mutex_unlock(self->lock);
    return state;
}

static apr_status_t close_all(void *data)
{
    smv_ldap_pool_t *self = data;

    for (smv_ldap_link_t *link = self->idle; link; link = link->next) {
        smv_ldap_disconnect(&link->ld);
    }
    return APR_SUCCESS;
}

const char *const *smv_ldap_servers(const char *uri, int *count, apr_pool_t *pool)
{
    const char **servers = apr_pcalloc(pool, sizeof *servers * (SMV_LIVE_MAX_SERVERS + 1));
    char *rest = apr_pstrdup(pool, uri), *state = NULL;

    *count = 0;
    for (char *one = apr_strtok(rest, " \t", &state); one && *count < SMV_LIVE_MAX_SERVERS;
         one = apr_strtok(NULL, " \t", &state)) {
        servers[(*count)++] = one;
    }
    return servers;
}

static void set_servers(smv_ldap_pool_t *self, apr_pool_t *pool)
{
    const char *const *uris = smv_ldap_servers(self->config.uri, &self->count, pool);

    for (int i = 0; i < self->count; i++) {
        self->servers[i].uri = uris[i];
    }
}

apr_status_t smv_ldap_pool_create(smv_ldap_pool_t **made, const smv_ldap_config_t *config, apr_pool_t *pool)
{
    smv_ldap_pool_t *self = apr_pcalloc(pool, sizeof *self);
    smv_ldap_link_t *links;
    apr_status_t status;

    if (smv_ldap_check(config, 1, pool)) {
        return APR_EINVAL;
    }
    self->config = *config;
    self->turn = (unsigned int)apr_time_now(); /* another one in each process */
    set_servers(self, pool);
    links = apr_pcalloc(pool, sizeof *links * (apr_size_t)config->pool_size);
    for (int i = 0; i < config->pool_size; i++) {
        links[i].next = self->idle;
        self->idle = &links[i];
    }
    if ((status = apr_thread_mutex_create(&self->lock, APR_THREAD_MUTEX_DEFAULT, pool)) != APR_SUCCESS ||
        (status = apr_thread_cond_create(&self->given_back, pool)) != APR_SUCCESS) {
        return status;
    }
    apr_pool_cleanup_register(pool, self, close_all, apr_pool_cleanup_null);
    *made = self;
    return APR_SUCCESS;
}
