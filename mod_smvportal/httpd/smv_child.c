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

static const smv_error_t *open_store(smv_store_t **store, const smv_config_t *config, apr_pool_t *pool)
{
    smv_sqlite_config_t sqlite = {.path = config->database,
                                  .pool_size = config->database_pool,
                                  .busy_timeout = apr_time_from_sec(config->database_busy_timeout),
                                  .audit_retention = (apr_int64_t)config->audit_retention * 86400};

    return smv_sqlite_open(store, &sqlite, pool);
}

static apr_status_t open_directory(smv_directory_t **directory, const smv_config_t *config, apr_pool_t *pool)
{
    int count = smv_directory_count(config);
    smv_ldap_config_t *configs = apr_palloc(pool, sizeof *configs * (apr_size_t)count);

    for (int i = 0; i < count; i++) {
        configs[i] = smv_directory_config(config, i);
    }
    return smv_ldap_create(directory, configs, count, pool);
}

const smv_error_t *smv_child_check(const smv_config_t *config, apr_pool_t *pool)
{
    smv_store_t *store;
    apr_pool_t *attempt;
    const smv_error_t *error;

    if (apr_pool_create(&attempt, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory");
    }
    error = open_store(&store, config, attempt);
    if (error && error->code == SMV_ERROR_DATABASE_BUSY) {
        error = NULL; /* what is in use now will be free again */
    }
    if (error) {
        error = smv_error(pool, error->code, "SmvPortalDatabase: %s", error->detail);
    }
    apr_pool_destroy(attempt);
    return error;
}

/* The pool of an attempt that failed is given back, so that a database that stays away costs no memory. */
static const smv_error_t *try_store(const smv_config_t *config, apr_pool_t *pool)
{
    smv_opened_t *opened = config->opened;
    apr_time_t now = apr_time_now();
    smv_store_t *store;
    apr_pool_t *attempt;
    const smv_error_t *error;

    if (now - opened->last_try < APR_USEC_PER_SEC) {
        return smv_error(pool, SMV_ERROR_DATABASE_AWAY, "%s could not be opened", config->database);
    }
    opened->last_try = now;
    if (apr_pool_create(&attempt, opened->pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory to open %s", config->database);
    }
    error = open_store(&store, config, attempt);
    if (error) {
        error = smv_error(pool, error->code, "%s", error->detail);
        apr_pool_destroy(attempt);
        return error;
    }
    opened->store = store;
    return NULL;
}

const smv_error_t *smv_child_store(const smv_config_t *config, smv_store_t **store, apr_pool_t *pool)
{
    smv_opened_t *opened = config->opened;
    const smv_error_t *error = NULL;

    *store = NULL;
    if (!opened) {
        return smv_error(pool, SMV_ERROR_DATABASE_AWAY, "this process could not set up the portal; restart httpd");
    }
    if (!opened->store) {
        if (apr_thread_mutex_trylock(opened->lock) != APR_SUCCESS) {
            return smv_error(pool, SMV_ERROR_DATABASE_AWAY, "%s is being opened", config->database);
        }
        error = opened->store ? NULL : try_store(config, pool);
        apr_thread_mutex_unlock(opened->lock);
    }
    *store = opened->store;
    return error;
}

/* @return NULL where there was no memory or no lock */
static smv_opened_t *open_child(const smv_config_t *config, apr_pool_t *pool)
{
    smv_opened_t *opened = apr_pcalloc(pool, sizeof *opened);
    const smv_principal_cache_config_t cache = {.lifetime = apr_time_from_sec(config->cache_time),
                                                .grace = apr_time_from_sec(config->grace_time),
                                                .capacity = MAX_CACHED_PRINCIPALS,
                                                .live = config->live,
                                                .known = config->known};

    opened->sessions.crypto = &smv_crypto;
    opened->sessions.idle = apr_time_from_sec(config->session_idle);
    opened->sessions.absolute = apr_time_from_sec(config->session_absolute);
    return apr_pool_create(&opened->pool, pool) == APR_SUCCESS &&
                   apr_thread_mutex_create(&opened->lock, APR_THREAD_MUTEX_DEFAULT, opened->pool) == APR_SUCCESS &&
                   apr_thread_mutex_create(&opened->refusals_lock, APR_THREAD_MUTEX_DEFAULT, opened->pool) ==
                       APR_SUCCESS &&
                   open_directory(&opened->directory, config, opened->pool) == APR_SUCCESS &&
                   smv_principal_cache_create(&opened->principals, &cache, opened->pool) == APR_SUCCESS
               ? opened
               : NULL;
}

void smv_child_init(apr_pool_t *pool, server_rec *server)
{
    for (server_rec *host = server; host; host = host->next) {
        smv_config_t *config = smv_config_of(host);
        smv_store_t *store;
        const smv_error_t *error;

        if (config->is_enabled != 1 || config->opened) {
            continue;
        }
        config->opened = open_child(config, pool);
        if (!config->opened) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, host, "SMV0%d: no memory or locks for the portal",
                         SMV_ERROR_INTERNAL);
            continue;
        }
        error = smv_child_store(config, &store, config->opened->pool);
        if (error) {
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, host, "SMV0%d: %s", error->code, error->detail);
        }
    }
}
