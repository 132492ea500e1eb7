/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_conf.h"

#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "../port/smv_sqlite.h"
#include "smv_ctl_httpd.h"

/* --- the directives of a line --- */

typedef struct place_t {
    const char *name;
    size_t offset;
    int is_number;
} place_t;

#define PORTAL_NUMBER(name, member, minimum, maximum, fallback, help) {name, offsetof(smv_ctl_portal_t, member), 1},
#define PORTAL_TEXT(name, member, reader, fallback, help) {name, offsetof(smv_ctl_portal_t, member), 0},
#define LDAP_NUMBER(name, member, minimum, maximum, fallback, help) {name, offsetof(smv_ldap_settings_t, member), 1},
#define LDAP_TEXT(name, member, reader, fallback, help) {name, offsetof(smv_ldap_settings_t, member), 0},

static const place_t of_portal[] = {SMV_PORTAL_NUMBERS(PORTAL_NUMBER) SMV_PORTAL_TEXTS(PORTAL_TEXT)};
static const place_t of_directory[] = {SMV_LDAP_NUMBERS(LDAP_NUMBER) SMV_LDAP_TEXTS(LDAP_TEXT)};
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void put(const place_t *places, size_t count, void *settings, const char *name, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        char *place = (char *)settings + places[i].offset;

        if (strcmp(places[i].name, name) != 0) {
            continue;
        }
        if (places[i].is_number) {
            *(int *)(void *)place = (int)apr_atoi64(value);
        } else {
            *(const char **)(void *)place = value;
        }
    }
}

/* --- lines with several values --- */

/* @return the value up to the next tab, "" behind the last one */
static const char *next_value(char **rest)
{
    char *value = *rest, *tab = strchr(value, '\t');

    *rest = tab ? tab + 1 : value + strlen(value);
    if (tab) {
        *tab = '\0';
    }
    return value;
}

static void read_user(smv_ctl_portal_t *portal, char *value)
{
    portal->uid = (apr_uid_t)apr_atoi64(next_value(&value));
    portal->gid = (apr_gid_t)apr_atoi64(next_value(&value));
    portal->user = next_value(&value);
}

static void read_host(smv_ctl_portal_t *portal, char *value)
{
    smv_ctl_host_t *host = apr_array_push(portal->hosts);

    host->name = next_value(&value);
    host->port = next_value(&value);
    host->has_tls = strcmp(next_value(&value), SMV_SETTINGS_TLS) == 0;
    host->place = next_value(&value);
}

static void read_mapping(smv_ldap_settings_t *settings, char *value, apr_pool_t *pool)
{
    const char *field = next_value(&value);

    if (!settings->mappings) {
        settings->mappings = apr_table_make(pool, 8);
    }
    apr_table_setn(settings->mappings, field, value);
}

/* --- the whole --- */

static void begin_directory(smv_ctl_portal_t *portal, const char *name)
{
    if (portal->count < SMV_LIVE_MAX_DIRECTORIES) {
        portal->names[portal->count++] = name;
    }
}

static void read_line(smv_ctl_portal_t *portal, const char *name, char *value, apr_pool_t *pool)
{
    smv_ldap_settings_t *directory = portal->count ? &portal->said[portal->count - 1] : NULL;

    if (strcmp(name, SMV_SETTINGS_USER) == 0) {
        read_user(portal, value);
    } else if (strcmp(name, SMV_SETTINGS_HOST) == 0) {
        read_host(portal, value);
    } else if (strcmp(name, SMV_SETTINGS_DIRECTORY) == 0) {
        begin_directory(portal, value);
    } else if (!directory) {
        put(of_portal, COUNT_OF(of_portal), portal, name, value);
    } else if (strcmp(name, SMV_LDAP_MAP_DIRECTIVE) == 0) {
        read_mapping(directory, value, pool);
    } else {
        put(of_directory, COUNT_OF(of_directory), directory, name, value);
    }
}

/* @return of smv_ctl_portal_t *; NULL where another release's module wrote it */
static apr_array_header_t *read_all(char *text, apr_pool_t *pool)
{
    apr_array_header_t *portals = apr_array_make(pool, 2, sizeof(smv_ctl_portal_t *));
    smv_ctl_portal_t *portal = NULL;
    char *rest = NULL;

    for (char *line = apr_strtok(text, "\n", &rest); line; line = apr_strtok(NULL, "\n", &rest)) {
        char *tab = strchr(line, '\t');

        if (!tab) {
            continue; /* what other modules print */
        }
        *tab = '\0';
        if (strcmp(line, SMV_SETTINGS_PORTAL) == 0) {
            if (strcmp(tab + 1, SMV_SETTINGS_VERSION) != 0) {
                return NULL;
            }
            portal = apr_pcalloc(pool, sizeof *portal);
            portal->hosts = apr_array_make(pool, 2, sizeof(smv_ctl_host_t));
            APR_ARRAY_PUSH(portals, smv_ctl_portal_t *) = portal;
        } else if (portal) {
            read_line(portal, line, tab + 1, pool);
        }
    }
    return portals;
}

/* --- which one --- */

static const char *names_of(const smv_ctl_portal_t *portal, apr_pool_t *pool)
{
    const char *names = "";

    for (int i = 0; i < portal->hosts->nelts; i++) {
        const smv_ctl_host_t *host = &APR_ARRAY_IDX(portal->hosts, i, smv_ctl_host_t);

        names = apr_pstrcat(pool, names, "\n  ", host->name, ":", host->port, NULL);
    }
    return names;
}

static int is_named(const smv_ctl_portal_t *portal, const char *name, apr_pool_t *pool)
{
    for (int i = 0; i < portal->hosts->nelts; i++) {
        const smv_ctl_host_t *host = &APR_ARRAY_IDX(portal->hosts, i, smv_ctl_host_t);

        if (strcasecmp(host->name, name) == 0 ||
            strcasecmp(apr_pstrcat(pool, host->name, ":", host->port, NULL), name) == 0) {
            return 1;
        }
    }
    return 0;
}

static const smv_error_t *choose(const smv_ctl_portal_t **chosen, const apr_array_header_t *portals, const char *name,
                                 apr_pool_t *pool)
{
    const char *names = "";
    int count = 0;

    for (int i = 0; i < portals->nelts; i++) {
        const smv_ctl_portal_t *portal = APR_ARRAY_IDX(portals, i, smv_ctl_portal_t *);

        names = apr_pstrcat(pool, names, names_of(portal, pool), NULL);
        if (!name || is_named(portal, name, pool)) {
            *chosen = portal;
            count++;
        }
    }
    if (count == 1) {
        return NULL;
    }
    return name ? smv_error(pool, SMV_ERROR_BAD_REQUEST, "%s --host %s; there are:%s",
                            count ? "several portals have the" : "no portal has the", name, names)
                : smv_error(pool, SMV_ERROR_BAD_REQUEST, "several portals: choose one by --host:%s", names);
}

const smv_error_t *smv_ctl_conf_read(const smv_ctl_portal_t **portal, const smv_ctl_t *ctl)
{
    apr_array_header_t *portals;
    char *text;
    const smv_error_t *error = smv_ctl_httpd_dump(&text, ctl->httpd, ctl->pool);

    if (error) {
        return error;
    }
    portals = read_all(text, ctl->pool);
    if (!portals) {
        return smv_error(ctl->pool, SMV_ERROR_CONFIGURATION,
                         "the module that httpd loads is of another release than this smvportalctl: install both anew");
    }
    if (portals->nelts == 0) {
        return smv_error(ctl->pool, SMV_ERROR_CONFIGURATION,
                         "httpd has no portal: load mod_smvportal (a2enmod smvportal), and say SmvPortal On");
    }
    return choose(portal, portals, ctl->host, ctl->pool);
}

/* --- what it works with --- */

smv_sqlite_config_t smv_ctl_store_config(const smv_ctl_portal_t *portal, apr_time_t busy_timeout)
{
    return (smv_sqlite_config_t){.path = portal->database,
                                 .pool_size = 1,
                                 .busy_timeout = busy_timeout,
                                 .audit_retention = (apr_int64_t)portal->audit_retention * 86400};
}

const smv_error_t *smv_ctl_open_store(smv_store_t **store, const smv_ctl_portal_t *portal, apr_pool_t *pool)
{
    const smv_sqlite_config_t config = smv_ctl_store_config(portal, apr_time_from_sec(portal->database_busy_timeout));

    return smv_sqlite_open(store, &config, pool);
}

const smv_error_t *smv_ctl_open_directory(smv_directory_t **directory, const smv_ctl_portal_t *portal, apr_pool_t *pool)
{
    smv_ldap_config_t *configs = apr_pcalloc(pool, sizeof *configs * (apr_size_t)portal->count);
    const smv_error_t *error = NULL;

    for (int i = 0; i < portal->count && !error; i++) {
        smv_ldap_settings_t said = portal->said[i];

        said.pool = 1;
        configs[i].number = i;
        configs[i].accounts = portal->ldap_accounts;
        configs[i].roles = portal->ldap_roles;
        error = smv_ldap_settings_apply(&configs[i], &said, pool);
    }
    if (error || (error = smv_ldap_check_all(configs, portal->count, pool))) {
        return error;
    }
    return smv_ldap_create(directory, configs, portal->count, pool) == APR_SUCCESS
               ? NULL
               : smv_error(pool, SMV_ERROR_INTERNAL, "no memory or locks for the directory");
}

const smv_error_t *smv_ctl_open(smv_call_t *call, const smv_ctl_portal_t *portal)
{
    const smv_error_t *error;

    if ((error = smv_ctl_open_directory(&call->directory, portal, call->pool)) ||
        (error = smv_ctl_open_store(&call->store, portal, call->pool))) {
        return error;
    }
    call->store = call->store->for_request(call->store, call->pool);
    call->tenant = portal->tenant;
    call->base = portal->base;
    return NULL;
}
