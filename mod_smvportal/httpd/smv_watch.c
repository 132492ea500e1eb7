/* SPDX-License-Identifier: Apache-2.0
 *
 * Who watches the servers of the directories: for each server a thread that httpd's mod_watchdog runs in every child,
 * of which one at a time does the work. When its child ends, another takes over within a second.
 */
#include "smv_request.h"

#include <ap_mpm.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <errno.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_watchdog.h>
#include <signal.h>
#include <unistd.h>

#include "../port/smv_ldap_watch.h"

APLOG_USE_MODULE(smvportal);

#define TURN apr_time_from_sec(2)

typedef struct watcher_t {
    server_rec *host;
    smv_live_server_t *server;
    smv_ldap_config_t directory;
    smv_ldap_watch_config_t config;
    smv_ldap_watch_t *watch;
    struct watcher_t *next; /* of the same portal */
} watcher_t;

/* --- what is found out --- */

static void turned(void *context, const char *uri, smv_live_mode_e mode, const char *why)
{
    const watcher_t *watcher = context;

    switch (mode) {
    case SMV_LIVE_AWAY:
    case SMV_LIVE_DOWN:
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, watcher->host, "SMV0%d: %s: %s", SMV_ERROR_DIRECTORY_AWAY, uri, why);
        break;
    case SMV_LIVE_SILENT:
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, watcher->host,
                     "%s does not tell of changes, which count after SmvPortalCacheTime: %s", uri, why);
        break;
    default:
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, watcher->host, "%s tells of changes, which count at once", uri);
    }
}

/* Sessions of who is locked end even if nobody uses them until the lock is taken away. */
static void locked(void *context, const char *dn, apr_pool_t *pool)
{
    const watcher_t *watcher = context;
    const smv_config_t *config = smv_config_of(watcher->host);
    smv_store_t *store;
    const smv_error_t *error = smv_child_store(config, &store, pool);

    if (!error && smv_ldap_number_of(config->opened->directory, dn) != watcher->directory.number) {
        return; /* a directory has no say about the accounts of another */
    }

    if (!error) {
        store = store->for_request(store, pool);
        error = store->session_end_all(store, dn, pool);
        store->release(store);
    }
    if (error) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, watcher->host, "SMV0%d: ending the sessions of %s: %s", error->code, dn,
                     error->detail);
    }
}

/* --- the thread --- */

static void yield_to_others(const watcher_t *watcher)
{
    apr_int64_t owner = atomic_load(&watcher->server->owner);

    if (owner != 0 && owner != getpid() && kill((pid_t)owner, 0) != 0 && errno == ESRCH) {
        smv_live_disown(watcher->server, owner);
    }
}

static apr_status_t work(int state, void *data, apr_pool_t *pool)
{
    watcher_t *watcher = data;

    if (state == AP_WATCHDOG_STATE_STOPPING) { /* perhaps in another thread, while this one watches */
        smv_ldap_watch_stop(watcher->watch);
        return APR_SUCCESS;
    }
    yield_to_others(watcher);
    if (state == AP_WATCHDOG_STATE_RUNNING && !smv_ldap_watch_is_stopped(watcher->watch) &&
        smv_live_own(watcher->server, getpid(), apr_time_now())) {
        smv_ldap_watch_for(watcher->watch, TURN, pool);
        if (smv_ldap_watch_is_stopped(watcher->watch)) { /* whoever is next must not write beside this one */
            smv_live_disown(watcher->server, getpid());
        }
    } else {
        smv_ldap_watch_close(watcher->watch);
    }
    return APR_SUCCESS;
}

/* --- starting --- */

static int complain(server_rec *host, const char *what, apr_status_t status)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG, status, host, "SMV0%d: %s", SMV_ERROR_CONFIGURATION, what);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static apr_status_t start_watcher(watcher_t *watcher, int host, int server, apr_pool_t *pool)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;
    apr_status_t status;

    if (!get || !add) {
        return APR_ENOTIMPL;
    }
    status = get(&watchdog, apr_psprintf(pool, "smvportal-%d-%d", host, server), 0, 0, pool);
    return status == APR_SUCCESS ? add(watchdog, AP_WD_TM_SLICE, watcher, work) : status;
}

/* Zeroed, and of no cost where it is never touched. */
static apr_status_t share(void **shared, apr_size_t size, apr_pool_t *pool)
{
    apr_shm_t *memory;
    apr_status_t status = apr_shm_create(&memory, size, NULL, pool);

    *shared = status == APR_SUCCESS ? apr_shm_baseaddr_get(memory) : NULL;
    return status;
}

/* @param host number of the virtual host */
static int watch_server(server_rec *host, int host_number, const smv_ldap_config_t *directory, int server,
                        apr_pool_t *pool)
{
    smv_config_t *config = smv_config_of(host);
    watcher_t *watcher = apr_pcalloc(pool, sizeof *watcher);
    apr_status_t status;

    watcher->host = host;
    watcher->server = &directory->servers[server];
    watcher->directory = *directory;
    watcher->config = (smv_ldap_watch_config_t){&watcher->directory, server, turned, locked, watcher};
    if ((status = smv_ldap_watch_create(&watcher->watch, &watcher->config, pool)) != APR_SUCCESS) {
        return complain(host, "no lock for who watches the directory", status);
    }
    watcher->next = config->watchers;
    config->watchers = watcher;
    status = start_watcher(watcher, host_number, (int)(watcher->server - config->live->servers), pool);
    return status == APR_SUCCESS
               ? OK
               : complain(host, "mod_watchdog is needed: LoadModule watchdog_module modules/mod_watchdog.so", status);
}

static int watch_directory(server_rec *host, int host_number, int number, apr_pool_t *pool)
{
    const smv_config_t *config = smv_config_of(host);
    smv_directory_settings_t *settings = smv_directory_settings(config, number);
    smv_ldap_config_t directory;
    int count, answer = OK;

    smv_ldap_servers(settings->said.uri, &count, pool);
    settings->servers = smv_live_add(config->live, number, count);
    if (!settings->servers) {
        return complain(host, "the directories have more than 16 servers in all", 0);
    }
    directory = smv_directory_config(config, number);
    for (int i = 0; i < count && answer == OK; i++) {
        answer = watch_server(host, host_number, &directory, i, pool);
    }
    return answer;
}

static int watch_host(server_rec *host, int number, apr_pool_t *pool)
{
    smv_config_t *config = smv_config_of(host);
    apr_status_t status;

    if ((status = share((void **)&config->live, sizeof *config->live, pool)) != APR_SUCCESS ||
        (status = share((void **)&config->known, sizeof *config->known, pool)) != APR_SUCCESS) {
        return complain(host, "no shared memory for what is known of the directory", status);
    }
    for (int i = 0, answer = OK; i < smv_directory_count(config); i++) {
        if ((answer = watch_directory(host, number, i, pool)) != OK) {
            return answer;
        }
    }
    return OK;
}

/* The threads of mod_watchdog go on until the process exits, while all that they use is taken down. */
static apr_status_t end_watcher(void *data)
{
    watcher_t *watcher = data;

    smv_ldap_watch_stop(watcher->watch);
    smv_ldap_watch_close(watcher->watch);
    smv_live_disown(watcher->server, getpid());
    return APR_SUCCESS;
}

void smv_watch_child_init(apr_pool_t *pool, server_rec *server)
{
    for (server_rec *host = server; host; host = host->next) {
        for (watcher_t *watcher = smv_config_of(host)->watchers; watcher; watcher = watcher->next) {
            if (watcher->host == host) {
                apr_pool_pre_cleanup_register(pool, watcher, end_watcher);
            }
        }
    }
}

int smv_watch_init(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    int number = 0, answer = OK;

    (void)plog, (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (server_rec *host = server; host && answer == OK; host = host->next) {
        const smv_config_t *config = smv_config_of(host);

        /* a virtual host without a directive of its own shares the main server's settings */
        if (config->is_enabled == 1 && !config->live) {
            answer = watch_host(host, number++, pconf);
        }
    }
    return answer;
}
