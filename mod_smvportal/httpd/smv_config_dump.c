/* SPDX-License-Identifier: Apache-2.0
 *
 * httpd -t -D DUMP_SMVPORTAL: each portal as this module understood its configuration, for smvportalctl.
 */
#include "smv_config.h"

#include <apr_file_io.h>
#include <http_core.h>
#include <unixd.h>

int smv_config_is_dumped(void)
{
    return ap_exists_config_define(SMV_SETTINGS_DEFINE);
}

/* --- whether a virtual host has TLS --- */

/* mod_ssl tells no module whether a host has it before there is a connection; the directives that are in force do. The
 * last one counts, as for mod_ssl. @return 1 or 0; the fallback where there is none among them */
static int has_engine(const ap_directive_t *directives, int fallback)
{
    for (const ap_directive_t *each = directives; each; each = each->next) {
        if (strcasecmp(each->directive, "SSLEngine") == 0) {
            fallback = strcasecmp(each->args, "off") != 0;
        }
    }
    return fallback;
}

static int has_tls(const server_rec *host)
{
    int engine = has_engine(ap_conftree, 0);

    for (const ap_directive_t *each = ap_conftree; each; each = each->next) {
        if (host->is_virtual && host->defn_name && strcasecmp(each->directive, "<VirtualHost") == 0 &&
            each->line_num == (int)host->defn_line_number && strcmp(each->filename, host->defn_name) == 0) {
            engine = has_engine(each->first_child, engine);
        }
    }
    /* Or a proxy ends it, of which ServerName tells. */
    return engine || (host->server_scheme && strcmp(host->server_scheme, "https") == 0);
}

/* --- printing --- */

static void print_text(apr_file_t *out, const char *name, const char *value)
{
    if (value) {
        apr_file_printf(out, "%s\t%s\n", name, value);
    }
}

#define PRINT_NUMBER(name, member, minimum, maximum, fallback, help)                                                   \
    apr_file_printf(out, "%s\t%d\n", name, settings->member);
#define PRINT_TEXT(name, member, reader, fallback, help) print_text(out, name, settings->member);

static void print_portal(apr_file_t *out, const smv_config_t *settings)
{
    print_text(out, SMV_SETTINGS_PORTAL, SMV_SETTINGS_VERSION);
    apr_file_printf(out, "%s\t%ld\t%ld\t%s\n", SMV_SETTINGS_USER, (long)ap_unixd_config.user_id,
                    (long)ap_unixd_config.group_id, ap_unixd_config.user_name);
    SMV_PORTAL_NUMBERS(PRINT_NUMBER)
    SMV_PORTAL_TEXTS(PRINT_TEXT)
}

static void print_directory(apr_file_t *out, const char *name, const smv_ldap_settings_t *settings)
{
    const apr_array_header_t *rows = settings->mappings ? apr_table_elts(settings->mappings) : NULL;

    print_text(out, SMV_SETTINGS_DIRECTORY, name);
    SMV_LDAP_NUMBERS(PRINT_NUMBER)
    SMV_LDAP_TEXTS(PRINT_TEXT)
    for (int i = 0; rows && i < rows->nelts; i++) {
        const apr_table_entry_t *row = &APR_ARRAY_IDX(rows, i, apr_table_entry_t);

        apr_file_printf(out, "%s\t%s\t%s\n", SMV_LDAP_MAP_DIRECTIVE, row->key, row->val);
    }
}

static void print_host(apr_file_t *out, const server_rec *host)
{
    apr_port_t port = host->port ? host->port : host->addrs ? host->addrs->host_port : 0;

    apr_file_printf(out, "%s\t%s\t%d\t%s\t%s:%u\n", SMV_SETTINGS_HOST, host->server_hostname, (int)port,
                    has_tls(host) ? SMV_SETTINGS_TLS : SMV_SETTINGS_PLAIN, host->defn_name ? host->defn_name : "-",
                    host->defn_line_number);
}

/* Virtual hosts without a directive of their own share the settings of the main server, and so one portal. */
void smv_config_dump(apr_pool_t *pool, server_rec *server)
{
    apr_file_t *out;

    if (!smv_config_is_dumped() || apr_file_open_stdout(&out, pool) != APR_SUCCESS) {
        return;
    }
    for (server_rec *first = server; first; first = first->next) {
        const smv_config_t *config = smv_config_of(first);
        int is_done = config->is_enabled != 1;

        for (server_rec *before = server; before != first && !is_done; before = before->next) {
            is_done = smv_config_of(before) == config;
        }
        if (is_done) {
            continue;
        }
        print_portal(out, config);
        for (server_rec *host = first; host; host = host->next) {
            if (smv_config_of(host) == config) {
                print_host(out, host);
            }
        }
        for (int i = 0; i < smv_directory_count(config); i++) {
            print_directory(out, smv_directory_settings(config, i)->name, &smv_directory_settings(config, i)->said);
        }
    }
}
