/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_config.h"

#include <apr_strings.h>
#include <http_log.h>
#include <stddef.h>

#include "../core/smv_defaults.h"
#include "../core/smv_route.h"
#include "../port/smv_secret.h"
#include "../port/smv_sendmail.h"

APLOG_USE_MODULE(smvportal);

/* Every directive but SmvPortal itself, once: the tables, the list for httpd, defaults, merging and checks come from
 * here. X(name, member, minimum, maximum, default, what it is) */
#define NUMBER_DIRECTIVES(X)                                                                                           \
    X("SmvPortalTenant", tenant, 1, INT_MAX, SMV_DEFAULT_TENANT, "number of the tenant (smvMandantNr)")                \
    X("SmvPortalLdapTimeout", ldap_timeout, 1, 300, SMV_DEFAULT_LDAP_TIMEOUT, "seconds for an answer")                 \
    X("SmvPortalLdapConnectTimeout", ldap_connect_timeout, 1, 60, SMV_DEFAULT_LDAP_CONNECT_TIMEOUT,                    \
      "seconds for a connection, with TLS")                                                                            \
    X("SmvPortalLdapPool", ldap_pool, 1, 256, 8, "service connections of a process")                                   \
    X("SmvPortalDatabasePool", database_pool, 1, 256, 32, "database connections of a process")                         \
    X("SmvPortalDatabaseBusyTimeout", database_busy_timeout, 1, 60, SMV_DEFAULT_DATABASE_BUSY_TIMEOUT,                 \
      "seconds to wait for a writer")                                                                                  \
    X("SmvPortalRefusalTime", refusal_time, 0, 5000, 250, "milliseconds that a refused sign-in takes at least")        \
    X("SmvPortalSessionIdle", session_idle, 60, 86400, 1800, "seconds without a request until sign-out")               \
    X("SmvPortalSessionAbsolute", session_absolute, 60, 604800, 43200, "seconds until sign-out in any case")           \
    X("SmvPortalUploadMaxSize", upload_max_size, 1, 1024, 25, "megabytes of one file that people bring in")            \
    X("SmvPortalUploadMaxFiles", upload_max_files, 1, 100, 20, "files at once")                                        \
    X("SmvPortalUndoTime", undo_time, 0, 86400, 600, "seconds in which a deleted document comes back")                 \
    X("SmvPortalClamdTimeout", clamd_timeout, 1, 300, 30, "seconds for the virus check of one file")                   \
    X("SmvPortalAuditRetention", audit_retention, 0, 36500, 1095, "days that the audit log is kept; 0: for ever")      \
    X("SmvPortalGraceTime", grace_time, 0, 3600, 300, "seconds that people read on while the directory is away")       \
    X("SmvPortalCacheTime", cache_time, 0, 30, 10, "seconds that roles count where nothing tells of changes")

/* X(name, member, reader, default, what it is); default NULL: none, "": it must be said */
#define TEXT_DIRECTIVES(X)                                                                                             \
    X("SmvPortalBase", base, set_base, SMV_DEFAULT_BASE, "URL path of the portal")                                     \
    X("SmvPortalDatabase", database, set_path, "", "SQLite file of the tenant")                                        \
    X("SmvPortalDocuments", documents, set_path, "", "folder of the documents' contents")                              \
    X("SmvPortalTemplates", templates_folder, set_path, "", "folder of the page templates")                            \
    X("SmvPortalTemplateOverlay", overlay, set_path, NULL, "folder whose templates go first")                          \
    X("SmvPortalLocale", locale, set_path, "", "folder of the translation catalogues")                                 \
    X("SmvPortalAssets", assets, set_path, "", "folder of style sheets and pictures")                                  \
    X("SmvPortalLdapUri", ldap_uri, set_ldap_uri, "", "URI of the directory")                                          \
    X("SmvPortalLdapBase", ldap_base, set_text, "", "DN of the tenant's entry")                                        \
    X("SmvPortalLdapBindDN", ldap_bind_dn, set_text, NULL, "DN of the service account")                                \
    X("SmvPortalLdapBindPasswordFile", ldap_password_file, set_secret, NULL,                                           \
      "file with its password, or exec:PROGRAM")                                                                       \
    X("SmvPortalLdapBindMethod", ldap_bind_method, set_bind_method, "simple", "simple, or external: SASL EXTERNAL")    \
    X("SmvPortalLdapOrder", ldap_order, set_order, "fixed", "fixed: the first server that answers; or random")         \
    X("SmvPortalLdapStartTls", ldap_start_tls, set_switch, "Off", "On: ldap:// connections begin with StartTLS")       \
    X("SmvPortalLdapPlain", ldap_plain, set_switch, "Off", "On: ldap:// may cross a network in the clear")             \
    X("SmvPortalLdapTlsVerify", ldap_tls_verify, set_switch, "On", "Off: certificates of servers are not checked")     \
    X("SmvPortalLdapTlsCa", ldap_tls_ca, set_path, NULL, "file with the CAs of the servers' certificates")             \
    X("SmvPortalLdapTlsCertificate", ldap_tls_certificate, set_path, NULL, "file with the service's certificate")      \
    X("SmvPortalLdapTlsKey", ldap_tls_key, set_path, NULL, "file with its key")                                        \
    X("SmvPortalLdapUserFilter", ldap_user_filter, set_user_filter, SMV_DEFAULT_LDAP_USER_FILTER,                      \
      "filter that finds a login")                                                                                     \
    X("SmvPortalSecondFactor", second_factor, set_switch, "Off", "On: a code may be typed beside the password")        \
    X("SmvPortalUploadTypes", upload_types, set_types,                                                                 \
      "application/pdf image/jpeg image/png image/gif image/tiff image/heic text/plain "                               \
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document "                                       \
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "                                             \
      "application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet",                        \
      "media types that people may bring in, by content")                                                              \
    X("SmvPortalMapUrl", map_url, set_map_url, "geo:0,0?q=", "URL that opens a map of the address behind it")          \
    X("SmvPortalUrl", url, set_url, NULL, "URL of the portal as people reach it")                                      \
    X("SmvPortalLdapAccounts", ldap_accounts, set_text, NULL, "DN below which new accounts are made")                  \
    X("SmvPortalLdapRoles", ldap_roles, set_text, NULL, "DN below which new roles are made")                           \
    X("SmvPortalLdapReferences", ldap_references, set_switch, "Off",                                                   \
      "On: the directory lets accounts follow a role that is renamed")                                                 \
    X("SmvPortalSendmail", sendmail, set_text, NULL, "program with arguments that sends mail")                         \
    X("SmvPortalMailFrom", mail_from, set_mail_from, NULL, "address that mails come from")                             \
    X("SmvPortalClamd", clamd, set_clamd, NULL, "socket of clamd, which checks every file")

typedef struct limits_t {
    const char *name;
    size_t offset;
    int minimum, maximum, fallback;
} limits_t;

#define NUMBER_ROW(name, member, minimum, maximum, fallback, help)                                                     \
    {name, offsetof(smv_config_t, member), minimum, maximum, fallback},
static const limits_t numbers[] = {NUMBER_DIRECTIVES(NUMBER_ROW)};
#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

typedef struct text_t {
    const char *name;
    size_t offset;
    const char *fallback;
} text_t;

#define TEXT_ROW(name, member, reader, fallback, help) {name, offsetof(smv_config_t, member), fallback},
static const text_t texts[] = {TEXT_DIRECTIVES(TEXT_ROW)};
#define TEXT_COUNT (sizeof texts / sizeof *texts)

static int *number_at(smv_config_t *config, size_t i)
{
    return (int *)((char *)config + numbers[i].offset);
}

static const char **text_at(smv_config_t *config, size_t i)
{
    return (const char **)((char *)config + texts[i].offset);
}

smv_config_t *smv_config_of(server_rec *server)
{
    return ap_get_module_config(server->module_config, &smvportal_module);
}

void *smv_config_create(apr_pool_t *pool, server_rec *server)
{
    smv_config_t *config = apr_pcalloc(pool, sizeof *config);

    (void)server;
    config->is_enabled = -1;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        *number_at(config, i) = -1;
    }
    return config;
}

void *smv_config_merge(apr_pool_t *pool, void *base, void *add)
{
    smv_config_t *merged = apr_pmemdup(pool, add, sizeof *merged);
    smv_config_t *from = base;

    merged->is_enabled = merged->is_enabled == -1 ? from->is_enabled : merged->is_enabled;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        *number_at(merged, i) = *number_at(merged, i) == -1 ? *number_at(from, i) : *number_at(merged, i);
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        *text_at(merged, i) = *text_at(merged, i) ? *text_at(merged, i) : *text_at(from, i);
    }
    return merged;
}

/* --- reading directives --- */

static const char *set_enabled(cmd_parms *command, void *unused, int flag)
{
    (void)unused;
    smv_config_of(command->server)->is_enabled = flag;
    return NULL;
}

static const char *set_number(cmd_parms *command, void *unused, const char *value)
{
    (void)unused;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (strcasecmp(numbers[i].name, command->cmd->name) == 0) {
            char *end;
            apr_int64_t number = apr_strtoi64(value, &end, 10);

            if (end == value || *end || number < numbers[i].minimum || number > numbers[i].maximum) {
                return apr_psprintf(command->pool, "%s must be a number from %d to %d, not \"%s\"", numbers[i].name,
                                    numbers[i].minimum, numbers[i].maximum, value);
            }
            *number_at(smv_config_of(command->server), i) = (int)number;
        }
    }
    return NULL;
}

static const char *set_text(cmd_parms *command, void *is_path, const char *value)
{
    (void)is_path;
    if (!*value) {
        return apr_psprintf(command->pool, "%s must not be empty", command->cmd->name);
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (strcasecmp(texts[i].name, command->cmd->name) == 0) {
            *text_at(smv_config_of(command->server), i) = value;
        }
    }
    return NULL;
}

static const char *set_switch(cmd_parms *command, void *unused, const char *value)
{
    return strcasecmp(value, "On") == 0 || strcasecmp(value, "Off") == 0
               ? set_text(command, unused, value)
               : apr_psprintf(command->pool, "%s must be On or Off, not \"%s\"", command->cmd->name, value);
}

static const char *set_word(cmd_parms *command, void *unused, const char *value, const char *one, const char *other)
{
    return strcmp(value, one) == 0 || strcmp(value, other) == 0
               ? set_text(command, unused, value)
               : apr_psprintf(command->pool, "%s must be %s or %s, not \"%s\"", command->cmd->name, one, other, value);
}

static const char *set_bind_method(cmd_parms *command, void *unused, const char *value)
{
    return set_word(command, unused, value, "simple", "external");
}

static const char *set_order(cmd_parms *command, void *unused, const char *value)
{
    return set_word(command, unused, value, "fixed", "random");
}

static const char *set_path(cmd_parms *command, void *unused, const char *value)
{
    return set_text(command, unused, *value ? ap_server_root_relative(command->pool, value) : value);
}

static const char *set_secret(cmd_parms *command, void *unused, const char *value)
{
    return strncmp(value, SMV_SECRET_EXEC, strlen(SMV_SECRET_EXEC)) == 0 ? set_text(command, unused, value)
                                                                         : set_path(command, unused, value);
}

static const char *set_base(cmd_parms *command, void *unused, const char *value)
{
    size_t size = strlen(value);

    if (value[0] != '/' || size < 2 || value[size - 1] == '/' || strstr(value, "//") ||
        strspn(value + 1, "abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-_/") != size - 1) {
        return "SmvPortalBase must be a URL path like /portal: letters, digits, - and _, no slash at the end";
    }
    return set_text(command, unused, value);
}

/* Several URIs, separated by blanks, are tried in turn. */
static const char *set_ldap_uri(cmd_parms *command, void *unused, const char *value)
{
    const char *rest = value, *uri;
    int count = 0;

    while (*(uri = ap_getword_white(command->temp_pool, &rest))) {
        count++;
        if (strncmp(uri, "ldap://", 7) != 0 && strncmp(uri, "ldaps://", 8) != 0 && strncmp(uri, "ldapi://", 8) != 0) {
            return apr_psprintf(
                command->pool,
                "SmvPortalLdapUri must be URIs like ldap://127.0.0.1:389, separated by blanks, not \"%s\"", value);
        }
    }
    if (count > SMV_LIVE_MAX_SERVERS) {
        return apr_psprintf(command->pool, "SmvPortalLdapUri names %d servers; %d is the most", count,
                            SMV_LIVE_MAX_SERVERS);
    }
    return set_text(command, unused, value);
}

static const char *set_user_filter(cmd_parms *command, void *unused, const char *value)
{
    const char *place = strstr(value, "%s");

    if (value[0] != '(' || !place || strchr(place + 1, '%')) {
        return "SmvPortalLdapUserFilter must be an LDAP filter with one %s for the login: (uid=%s)";
    }
    return set_text(command, unused, value);
}

/* Media types separated by blanks. */
static const char *set_types(cmd_parms *command, void *unused, const char *value)
{
    const char *rest = value, *type;

    while (*(type = ap_getword_white(command->temp_pool, &rest))) {
        const char *slash = strchr(type, '/');

        if (!slash || slash == type || !slash[1] || strchr(slash + 1, '/') || strpbrk(type, ",;*")) {
            return apr_psprintf(command->pool,
                                "SmvPortalUploadTypes must be media types separated by blanks, not \"%s\"", type);
        }
    }
    return set_text(command, unused, value);
}

/* The path of a local socket, or an address and a port on this machine. */
static const char *set_clamd(cmd_parms *command, void *unused, const char *value)
{
    if (value[0] != '/' && strncmp(value, "127.0.0.1:", 10) != 0 && strncmp(value, "[::1]:", 6) != 0) {
        return "SmvPortalClamd must be the path of clamd's socket, or 127.0.0.1:PORT";
    }
    return set_text(command, unused, value);
}

/* A program of the visitor's own, or a site that then learns the address. */
static const char *set_map_url(cmd_parms *command, void *unused, const char *value)
{
    if ((strncmp(value, "geo:", 4) != 0 && strncmp(value, "https://", 8) != 0) || strpbrk(value, " \"'<>")) {
        return "SmvPortalMapUrl must be what goes before an address: geo:0,0?q= or https://maps.example/?q=";
    }
    return set_text(command, unused, value);
}

/* What letters and mails tell people to open. */
static const char *set_url(cmd_parms *command, void *unused, const char *value)
{
    size_t size = strlen(value);

    if ((strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0) || value[size - 1] == '/' ||
        strpbrk(value, " ?#\"<>")) {
        return "SmvPortalUrl must be a URL like https://portal.example/portal, without a slash at the end";
    }
    return set_text(command, unused, value);
}

static const char *set_mail_from(cmd_parms *command, void *unused, const char *value)
{
    return smv_mail_is_address(value) ? set_text(command, unused, value)
                                      : "SmvPortalMailFrom must be an address like portal@musterfirma.example";
}

#define NUMBER_COMMAND(name, member, minimum, maximum, fallback, help)                                                 \
    AP_INIT_TAKE1(name, set_number, NULL, RSRC_CONF, help),
#define TEXT_COMMAND(name, member, reader, fallback, help) AP_INIT_TAKE1(name, reader, NULL, RSRC_CONF, help),
const command_rec smv_directives[] = {
    AP_INIT_FLAG("SmvPortal", set_enabled, NULL, RSRC_CONF, "On: this virtual host serves a portal"),
    NUMBER_DIRECTIVES(NUMBER_COMMAND) TEXT_DIRECTIVES(TEXT_COMMAND){.name = NULL},
};

/* --- checking --- */

static int complain(server_rec *server, const smv_error_t *error)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server, "SMV0%d: %s", error->code, error->detail);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static const smv_error_t *check_said(smv_config_t *config, apr_pool_t *pool)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (*number_at(config, i) == -1) {
            *number_at(config, i) = numbers[i].fallback;
        }
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (!*text_at(config, i) && texts[i].fallback && !*texts[i].fallback) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortal is On, but %s is missing", texts[i].name);
        }
        *text_at(config, i) = *text_at(config, i) ? *text_at(config, i) : texts[i].fallback;
    }
    if (config->sendmail && !config->mail_from) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortalSendmail needs SmvPortalMailFrom");
    }
    if (!config->ldap_accounts) {
        config->ldap_accounts = apr_pstrcat(pool, "ou=people,", config->ldap_base, NULL);
    }
    if (!config->ldap_roles) {
        config->ldap_roles = apr_pstrcat(pool, "ou=roles,", config->ldap_base, NULL);
    }
    if (config->session_idle > config->session_absolute) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION,
                         "SmvPortalSessionIdle (%d) is longer than SmvPortalSessionAbsolute (%d)", config->session_idle,
                         config->session_absolute);
    }
    return NULL;
}

static const smv_error_t *check_paths(const smv_config_t *config, apr_pool_t *pool)
{
    const struct {
        const char *name, *path;
        apr_filetype_e type;
    } paths[] = {
        {"SmvPortalDatabase", config->database, APR_REG},
        {"SmvPortalDocuments", config->documents, APR_DIR},
        {"SmvPortalTemplates", config->templates_folder, APR_DIR},
        {"SmvPortalTemplateOverlay", config->overlay, APR_DIR},
        {"SmvPortalLocale", config->locale, APR_DIR},
        {"SmvPortalAssets", config->assets, APR_DIR},
        {"SmvPortalLdapTlsCa", config->ldap_tls_ca, APR_REG},
        {"SmvPortalLdapTlsCertificate", config->ldap_tls_certificate, APR_REG},
        {"SmvPortalLdapTlsKey", config->ldap_tls_key, APR_REG},
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        apr_finfo_t info;

        if (paths[i].path &&
            (apr_stat(&info, paths[i].path, APR_FINFO_TYPE, pool) != APR_SUCCESS || info.filetype != paths[i].type)) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s: %s%s", paths[i].name, paths[i].path,
                             paths[i].type == APR_DIR ? "no such folder" : "no such file",
                             i == 0 ? "; make it with: smvportalctl create-database FILE" : "");
        }
    }
    return NULL;
}

static const smv_error_t *read_password(smv_config_t *config, apr_pool_t *pool)
{
    return config->ldap_password_file ? smv_secret_read(&config->ldap_password, "SmvPortalLdapBindPasswordFile",
                                                        config->ldap_password_file, pool)
                                      : NULL;
}

static const smv_error_t *check_directory(smv_config_t *config, apr_pool_t *pool)
{
    const smv_error_t *error = read_password(config, pool);
    smv_ldap_config_t ldap = smv_child_ldap(config);

    return error ? error : smv_ldap_check(&ldap, strcasecmp(config->ldap_plain, "On") == 0, pool);
}

static const smv_error_t *check_portal(smv_config_t *config, apr_pool_t *pool)
{
    smv_templates_config_t templates;
    smv_buffer_t openapi;
    const smv_error_t *error;

    if ((error = check_said(config, pool)) || (error = smv_routes_check(smv_routes, smv_route_count, pool)) ||
        (error = check_paths(config, pool)) || (error = check_directory(config, pool))) {
        return error;
    }
    templates = (smv_templates_config_t){config->templates_folder, config->overlay, config->locale};
    if ((error = smv_templates_load(&config->templates, &templates, pool)) || (error = smv_child_check(config, pool))) {
        return error;
    }
    if (config->sendmail && (error = smv_sendmail_create(&config->mailer, config->sendmail, config->mail_from, pool))) {
        return error;
    }
    smv_buffer_init(&openapi, 1 << 15, 1 << 22, pool);
    config->limits = (smv_limits_t){.upload_size = (apr_int64_t)config->upload_max_size * 1000000,
                                    .upload_files = config->upload_max_files,
                                    .upload_types = config->upload_types,
                                    .undo_time = config->undo_time,
                                    .map_url = config->map_url,
                                    .has_second_factor = strcasecmp(config->second_factor, "On") == 0};
    smv_openapi(&openapi, apr_pstrcat(pool, config->base, "/api/v1", NULL), pool);
    smv_buffer_write(&openapi, "", 1);
    config->openapi = openapi.data;
    return openapi.is_failed ? smv_error(pool, SMV_ERROR_INTERNAL, "the OpenAPI document passed its limit") : NULL;
}

int smv_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    (void)plog, (void)ptemp;
    for (server_rec *host = server; host; host = host->next) {
        smv_config_t *config = smv_config_of(host);

        /* a virtual host without a directive of its own shares the main server's settings */
        if (config->is_enabled == 1 && !config->openapi) {
            const smv_error_t *error = check_portal(config, pconf);

            if (error) {
                return complain(host, error);
            }
        }
    }
    return OK;
}
