/* SPDX-License-Identifier: Apache-2.0
 *
 * What mod_status says of the directories: of each server how it tells of changes, how far behind it may be, and when
 * it last told of one; and of each portal its connections in this process and how often people asked.
 */
#include "smv_request.h"

#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

static const char *mode_of(const smv_live_server_t *server, apr_time_t now)
{
    return smv_live_mode_names[smv_live_is_watched(server, now) ? atomic_load(&server->mode) : SMV_LIVE_UNWATCHED];
}

/* @return milliseconds since a time, -1 for never */
static apr_int64_t age(apr_time_t since, apr_time_t now)
{
    return since ? apr_time_as_msec(now - since) : -1;
}

static void show_server(request_rec *r, const char *portal, const char *directory, const char *uri,
                        const smv_live_server_t *server, int is_short)
{
    apr_time_t now = apr_time_now();
    apr_int64_t lag = age(atomic_load(&server->answered_at), now),
                changed = age(atomic_load(&server->changes.last), now);

    ap_rprintf(r,
               is_short ? "SmvPortalDirectory: %s %s directory=%s mode=%s process=%" APR_INT64_T_FMT
                          " lag-ms=%" APR_INT64_T_FMT " round-trip-us=%" APR_TIME_T_FMT
                          " last-change-ms=%" APR_INT64_T_FMT " changes=%" APR_UINT64_T_FMT "\n"
                        : "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%" APR_INT64_T_FMT
                          "</td><td>%" APR_INT64_T_FMT "</td><td>%" APR_TIME_T_FMT "</td><td>%" APR_INT64_T_FMT
                          "</td><td>%" APR_UINT64_T_FMT "</td></tr>\n",
               portal, ap_escape_html(r->pool, uri), directory, mode_of(server, now), atomic_load(&server->owner), lag,
               atomic_load(&server->round_trip), changed, atomic_load(&server->changes.count));
}

static void show_pool(request_rec *r, const smv_config_t *config, const char *portal, int number, int is_short)
{
    smv_ldap_connections_t connections = smv_ldap_connections(config->opened->directory, number);
    const smv_live_counts_t *counts = &config->live->counts[number];

    ap_rprintf(r,
               is_short ? "SmvPortalPool: %s %s open=%d in-use=%d limit=%d searches=%" APR_UINT64_T_FMT
                          " binds=%" APR_UINT64_T_FMT "\n"
                        : "<p>%s, %s: %d connections open in this process, %d in use, %d at most; %" APR_UINT64_T_FMT
                          " searches and %" APR_UINT64_T_FMT " binds of all processes</p>\n",
               portal, smv_directory_settings(config, number)->name, connections.open, connections.in_use,
               connections.limit, atomic_load(&counts->searches), atomic_load(&counts->binds));
}

static void show_servers(request_rec *r, const smv_config_t *config, const char *portal, int number, int is_short)
{
    const smv_directory_settings_t *settings = smv_directory_settings(config, number);
    int count;
    const char *const *uris = smv_ldap_servers(settings->said.uri, &count, r->pool);

    for (int i = 0; i < count; i++) {
        show_server(r, portal, settings->name, uris[i], &settings->servers[i], is_short);
    }
}

static void show_portal(request_rec *r, const smv_config_t *config, const char *portal, int is_short)
{
    int count = smv_directory_count(config);

    if (!is_short) {
        ap_rputs("<table><tr><th>Portal</th><th>Server</th><th>Directory</th><th>Mode</th><th>Watched by process</th>"
                 "<th>Last answer (ms ago)</th><th>Round trip (&micro;s)</th><th>Last change (ms ago)</th>"
                 "<th>Changes</th></tr>\n",
                 r);
    }
    for (int i = 0; i < count; i++) {
        show_servers(r, config, portal, i, is_short);
    }
    if (!is_short) {
        ap_rputs("</table>\n", r);
    }
    for (int i = 0; i < count; i++) {
        show_pool(r, config, portal, i, is_short);
    }
}

static const char *name_of(request_rec *r, const server_rec *host, const smv_config_t *config)
{
    const char *name = host->server_hostname ? host->server_hostname : "";

    return ap_escape_html(r->pool, apr_pstrcat(r->pool, name, config->base, NULL));
}

static int show(request_rec *r, int flags)
{
    int is_short = flags & AP_STATUS_SHORT, is_first = 1;

    for (server_rec *host = ap_server_conf; host; host = host->next) {
        const smv_config_t *config = smv_config_of(host);

        if (config->is_enabled != 1 || !config->live || !config->opened) {
            continue;
        }
        if (!is_short && is_first) {
            ap_rputs("<hr>\n<h2>Directories of the customer portal</h2>\n", r);
        }
        is_first = 0;
        show_portal(r, config, name_of(r, host, config), is_short);
    }
    return OK;
}

void smv_status_register(apr_pool_t *pool)
{
    (void)pool;
    APR_OPTIONAL_HOOK(ap, status_hook, show, NULL, NULL, APR_HOOK_MIDDLE);
}
