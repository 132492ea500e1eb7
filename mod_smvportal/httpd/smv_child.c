/* SPDX-License-Identifier: Apache-2.0
 *
 * What a child process opens: the only place where ports are made.
 */
#include "smv_config.h"

#include <http_log.h>

#include "../port/smv_crypto.h"
#include "../port/smv_ldap.h"
#include "../port/smv_sqlite.h"

APLOG_USE_MODULE(smvportal);

#define MAX_CACHED_PRINCIPALS 10000

static const smv_error_t *open_store(const smv_config_t *config, apr_pool_t *pool)
{
    smv_sqlite_config_t sqlite = {config->database, config->database_pool,
                                  apr_time_from_sec(config->database_busy_timeout)};
    smv_opened_t *opened = config->opened;
    smv_store_t *store;
    apr_pool_t *attempt;
    const smv_error_t *error;

    apr_pool_create(&attempt, opened->pool);
    error = smv_sqlite_open(&store, &sqlite, attempt);
    if (error) {
        error = smv_error(pool, error->code, "%s", error->detail);
        apr_pool_destroy(attempt);
        return error;
    }
    opened->sessions.store = store;
    opened->store = store;
    return NULL;
}

const smv_error_t *smv_child_store(const smv_config_t *config, smv_store_t **store, apr_pool_t *pool)
{
    smv_opened_t *opened = config->opened;
    const smv_error_t *error = NULL;

    apr_thread_mutex_lock(opened->lock);
    if (!opened->store) {
        apr_time_t now = apr_time_now();

        if (now - opened->last_try < APR_USEC_PER_SEC) {
            error = smv_error(pool, SMV_ERROR_DATABASE_AWAY, "%s could not be opened", config->database);
        } else {
            opened->last_try = now;
            error = open_store(config, pool);
        }
    }
    *store = opened->store;
    apr_thread_mutex_unlock(opened->lock);
    return error;
}

static apr_status_t open_directory(smv_config_t *config)
{
    smv_opened_t *opened = config->opened;
    smv_ldap_config_t ldap = {.uri = config->ldap_uri,
                              .base = config->ldap_base,
                              .bind_dn = config->ldap_bind_dn,
                              .bind_password = config->ldap_password,
                              .user_filter = config->ldap_user_filter,
                              .timeout = apr_time_from_sec(config->ldap_timeout),
                              .pool_size = config->ldap_pool};
    apr_status_t status = smv_ldap_create(&opened->directory, &ldap, opened->pool);

    return status != APR_SUCCESS
               ? status
               : smv_principal_cache_create(&opened->principals, opened->directory,
                                            apr_time_from_sec(config->cache_time), MAX_CACHED_PRINCIPALS, opened->pool);
}

void smv_child_init(apr_pool_t *pool, server_rec *server)
{
    for (server_rec *host = server; host; host = host->next) {
        smv_config_t *config = smv_config_of(host);
        smv_opened_t *opened;
        smv_store_t *store;
        const smv_error_t *error;

        if (config->is_enabled != 1) {
            continue;
        }
        opened = config->opened = apr_pcalloc(pool, sizeof *opened);
        apr_pool_create(&opened->pool, pool);
        opened->sessions.crypto = &smv_crypto;
        opened->sessions.idle = apr_time_from_sec(config->session_idle);
        opened->sessions.absolute = apr_time_from_sec(config->session_absolute);
        if (apr_thread_mutex_create(&opened->lock, APR_THREAD_MUTEX_DEFAULT, opened->pool) != APR_SUCCESS ||
            open_directory(config) != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, host, "SMV0901: no memory or locks for the portal");
            config->is_enabled = 0;
            continue;
        }
        error = smv_child_store(config, &store, opened->pool);
        if (error) {
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, host, "SMV0%d: %s", error->code, error->detail);
        }
    }
}
