/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_config.h"

#include <apr_strings.h>
#include <stddef.h>

#include "smv_sso.h"

#include "../core/smv_route.h"
#include "../port/smv_secret.h"
#include "../port/smv_sendmail.h"

typedef struct limits_t {
    const char *name;
    size_t offset;
    int minimum, maximum, fallback;
} limits_t;

#define NUMBER_ROW(name, member, minimum, maximum, fallback, help)                                                     \
    {name, offsetof(smv_config_t, member), minimum, maximum, fallback},
#define LDAP_NUMBER_ROW(name, member, minimum, maximum, fallback, help)                                                \
    {name, offsetof(smv_config_t, ldap.said.member), minimum, maximum, fallback},
static const limits_t numbers[] = {SMV_PORTAL_NUMBERS(NUMBER_ROW) SMV_LDAP_NUMBERS(LDAP_NUMBER_ROW)};
#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

typedef struct text_t {
    const char *name;
    size_t offset;
    const char *fallback;
} text_t;

#define TEXT_ROW(name, member, reader, fallback, help) {name, offsetof(smv_config_t, member), fallback},
#define LDAP_TEXT_ROW(name, member, reader, fallback, help) {name, offsetof(smv_config_t, ldap.said.member), fallback},
static const text_t texts[] = {SMV_PORTAL_TEXTS(TEXT_ROW) SMV_LDAP_TEXTS(LDAP_TEXT_ROW)};
#define TEXT_COUNT (sizeof texts / sizeof *texts)

static int *number_at(smv_config_t *config, size_t i)
{
    return (int *)((char *)config + numbers[i].offset);
}

static const char **text_at(smv_config_t *config, size_t i)
{
    return (const char **)((char *)config + texts[i].offset);
}

/* --- the directives of one directory, which may stand in a section of their own --- */

static int is_of_directory(size_t offset)
{
    return offset >= offsetof(smv_config_t, ldap.said) &&
           offset < offsetof(smv_config_t, ldap.said) + sizeof(smv_ldap_settings_t);
}

static void *setting_at(smv_directory_settings_t *settings, size_t offset)
{
    return (char *)&settings->said + (offset - offsetof(smv_config_t, ldap.said));
}

static void set_up_directory(smv_directory_settings_t *settings, const char *name)
{
    settings->name = name;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (is_of_directory(numbers[i].offset)) {
            *(int *)setting_at(settings, numbers[i].offset) = -1;
        }
    }
}

/* What was not said. @return the name of a directive that must be, NULL where there is none */
static const char *complete_directory(smv_directory_settings_t *settings)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        int *number = is_of_directory(numbers[i].offset) ? setting_at(settings, numbers[i].offset) : NULL;

        if (number && *number == -1) {
            *number = numbers[i].fallback;
        }
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        const char **text = is_of_directory(texts[i].offset) ? setting_at(settings, texts[i].offset) : NULL;

        if (text && !*text) {
            if (texts[i].fallback && !*texts[i].fallback) {
                return texts[i].name;
            }
            *text = texts[i].fallback;
        }
    }
    return NULL;
}

/* @return the section that a directive stands in, NULL outside of one */
static smv_directory_settings_t *section_of(const cmd_parms *command)
{
    for (const ap_directive_t *above = command->directive; above; above = above->parent) {
        if (above->data && strcasecmp(above->directive, SMV_LDAP_SECTION) == 0) {
            return above->data;
        }
    }
    return NULL;
}

/* @return where a directive puts its value; NULL where it must not stand in a section */
static void *place_of(const cmd_parms *command, size_t offset)
{
    smv_directory_settings_t *section = section_of(command);

    if (!section) {
        return (char *)smv_config_of(command->server) + offset;
    }
    return is_of_directory(offset) ? setting_at(section, offset) : NULL;
}

static const char *misplaced(const cmd_parms *command)
{
    return apr_psprintf(command->pool, "%s is of the whole portal, and stands outside of <SmvPortalDirectory>",
                        command->cmd->name);
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
    config->ldap.name = "own";
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        *number_at(config, i) = -1;
    }
    return config;
}

/* Each virtual host has its own, as it has its own shared memory. */
static apr_array_header_t *copy_directories(const apr_array_header_t *from, apr_pool_t *pool)
{
    apr_array_header_t *copy = from ? apr_array_copy(pool, from) : NULL;

    for (int i = 0; copy && i < copy->nelts; i++) {
        smv_directory_settings_t **each = &APR_ARRAY_IDX(copy, i, smv_directory_settings_t *);

        *each = apr_pmemdup(pool, *each, sizeof **each);
    }
    return copy;
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
    merged->directories = copy_directories(merged->directories ? merged->directories : from->directories, pool);
    merged->providers = merged->providers ? merged->providers : from->providers;
    merged->ldap.said.mappings = merged->ldap.said.mappings ? merged->ldap.said.mappings : from->ldap.said.mappings;
    return merged;
}

/* --- reading directives --- */

static const char *set_enabled(cmd_parms *command, void *unused, int flag)
{
    (void)unused;
    if (section_of(command)) {
        return misplaced(command);
    }
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
            int *place = place_of(command, numbers[i].offset);

            if (end == value || *end || number < numbers[i].minimum || number > numbers[i].maximum) {
                return apr_psprintf(command->pool, "%s must be a number from %d to %d, not \"%s\"", numbers[i].name,
                                    numbers[i].minimum, numbers[i].maximum, value);
            }
            if (!place) {
                return misplaced(command);
            }
            *place = (int)number;
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
            const char **place = place_of(command, texts[i].offset);

            if (!place) {
                return misplaced(command);
            }
            *place = value;
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
    int places = 0;

    for (const char *percent = strchr(value, '%'); percent; percent = strchr(percent + 1, '%')) {
        places = percent[1] == 's' && places >= 0 ? places + 1 : -1;
    }
    if (value[0] != '(' || places < 1) {
        return "SmvPortalLdapUserFilter must be an LDAP filter with %s for the login: (uid=%s)";
    }
    return set_text(command, unused, value);
}

static const char *set_filter(cmd_parms *command, void *unused, const char *value)
{
    return value[0] == '(' ? set_text(command, unused, value)
                           : apr_psprintf(command->pool, "%s must be an LDAP filter like (cn=SMV-*), not \"%s\"",
                                          command->cmd->name, value);
}

/* The last line of a field counts. Which fields there are is checked with the kind of directory. */
static const char *set_mapping(cmd_parms *command, void *unused, const char *field, const char *attribute)
{
    smv_directory_settings_t *settings = section_of(command);

    (void)unused;
    settings = settings ? settings : &smv_config_of(command->server)->ldap;
    if (!settings->said.mappings) {
        settings->said.mappings = apr_table_make(command->pool, 8);
    }
    apr_table_setn(settings->said.mappings, field, attribute);
    return NULL;
}

static int is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-_") == strlen(text);
}

static const char *add_directory(smv_config_t *config, smv_directory_settings_t **added, const char *name,
                                 apr_pool_t *pool)
{
    if (!is_name(name) || strcmp(name, config->ldap.name) == 0) {
        return "<SmvPortalDirectory NAME> needs a name of letters, digits, - and _, other than own";
    }
    if (!config->directories) {
        config->directories = apr_array_make(pool, 2, sizeof(smv_directory_settings_t *));
    }
    for (int i = 1; i < smv_directory_count(config); i++) {
        if (strcasecmp(smv_directory_settings(config, i)->name, name) == 0) {
            return apr_psprintf(pool, "<SmvPortalDirectory %s> is there already", name);
        }
    }
    if (smv_directory_count(config) == SMV_LIVE_MAX_DIRECTORIES) {
        return apr_psprintf(pool, "<SmvPortalDirectory %s>: %d directories are the most, with the portal's own", name,
                            SMV_LIVE_MAX_DIRECTORIES);
    }
    *added = apr_pcalloc(pool, sizeof **added);
    set_up_directory(*added, apr_pstrdup(pool, name));
    APR_ARRAY_PUSH(config->directories, smv_directory_settings_t *) = *added;
    return NULL;
}

/* The lines of a section are read with the section as what they stand in. */
static const char *read_section(cmd_parms *command, void *unused, const char *arguments)
{
    ap_directive_t *section = (ap_directive_t *)command->directive;
    const char *end = strrchr(arguments, '>'), *rest, *name, *fault;
    smv_directory_settings_t *added = NULL;

    (void)unused;
    if (!end || section_of(command)) {
        return "<SmvPortalDirectory NAME> needs a > at its end, and stands in no other";
    }
    rest = apr_pstrmemdup(command->temp_pool, arguments, (apr_size_t)(end - arguments));
    name = ap_getword_conf(command->temp_pool, &rest);
    fault = *rest ? "<SmvPortalDirectory NAME> has one name"
                  : add_directory(smv_config_of(command->server), &added, name, command->pool);
    if (fault) {
        return fault;
    }
    section->data = added;
    fault = ap_walk_config(section->first_child, command, command->context);
    command->directive = section;
    return fault;
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

#define SSO_FLAG(name, member, help) AP_INIT_FLAG(name, smv_sso_set_flag, NULL, ACCESS_CONF, "On: " help),
#define SSO_COMMAND(name, member, help) AP_INIT_TAKE1(name, smv_sso_set_expression, NULL, ACCESS_CONF, help),
#define NUMBER_COMMAND(name, member, minimum, maximum, fallback, help)                                                 \
    AP_INIT_TAKE1(name, set_number, NULL, RSRC_CONF, help),
#define TEXT_COMMAND(name, member, reader, fallback, help) AP_INIT_TAKE1(name, reader, NULL, RSRC_CONF, help),
const command_rec smv_directives[] = {
    AP_INIT_FLAG("SmvPortal", set_enabled, NULL, RSRC_CONF, "On: this virtual host serves a portal"),
    AP_INIT_TAKE2("SmvPortalSso", smv_sso_set, NULL, ACCESS_CONF, "a name for the URL, and what people call that firm"),
    AP_INIT_TAKE1("SmvPortalSsoProvider", smv_sso_set_provider, NULL, ACCESS_CONF, "whose people alone come in here"),
    AP_INIT_ITERATE("SmvPortalSsoDomain", smv_sso_add_domain, NULL, ACCESS_CONF,
                    "domains of its people's mail addresses"),
    SMV_SSO_FLAGS(SSO_FLAG) SMV_SSO_EXPRESSIONS(SSO_COMMAND)
        AP_INIT_RAW_ARGS(SMV_LDAP_SECTION, read_section, NULL, RSRC_CONF, "one more directory of the firm"),
    AP_INIT_TAKE2(SMV_LDAP_MAP_DIRECTIVE, set_mapping, NULL, RSRC_CONF,
                  "a field and the attribute that the directory has for it"),
    SMV_PORTAL_NUMBERS(NUMBER_COMMAND) SMV_PORTAL_TEXTS(TEXT_COMMAND) SMV_LDAP_NUMBERS(NUMBER_COMMAND)
        SMV_LDAP_TEXTS(TEXT_COMMAND){.name = NULL},
};

/* --- what was not said --- */

static const smv_error_t *complete_directories(const smv_config_t *config, apr_pool_t *pool)
{
    for (int i = 1; i < smv_directory_count(config); i++) {
        smv_directory_settings_t *settings = smv_directory_settings(config, i);
        const char *missing = complete_directory(settings);

        if (missing) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, SMV_LDAP_SECTION " %s>: %s is missing", settings->name,
                             missing);
        }
    }
    return NULL;
}

const smv_error_t *smv_config_complete(smv_config_t *config, apr_pool_t *pool)
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
    if (!config->ldap_accounts) {
        config->ldap_accounts = apr_pstrcat(pool, "ou=people,", config->ldap.said.base, NULL);
    }
    if (!config->ldap_roles) {
        config->ldap_roles = apr_pstrcat(pool, "ou=roles,", config->ldap.said.base, NULL);
    }
    return complete_directories(config, pool);
}
