/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_conf.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "../core/smv_defaults.h"
#include "../port/smv_secret.h"

#define MAX_LINE 8192

typedef struct directive_t {
    const char *name;
    size_t offset;
    const char *fallback;
} directive_t;

static const directive_t of_portal[] = {
    {"SmvPortalTenant", offsetof(smv_ctl_conf_t, tenant), NULL},
    {"SmvPortalBase", offsetof(smv_ctl_conf_t, base), SMV_DEFAULT_BASE},
    {"SmvPortalDatabase", offsetof(smv_ctl_conf_t, database), ""},
    {"SmvPortalDatabaseBusyTimeout", offsetof(smv_ctl_conf_t, busy_timeout), NULL},
};
#define PORTAL_COUNT (sizeof of_portal / sizeof *of_portal)

#define TEXT_ROW(name, member, reader, fallback, help) {name, offsetof(smv_ldap_settings_t, member), fallback},
static const directive_t texts[] = {SMV_LDAP_TEXTS(TEXT_ROW)};
#define TEXT_COUNT (sizeof texts / sizeof *texts)

static const struct {
    const char *name;
    size_t offset;
    int fallback;
} numbers[] = {
#define NUMBER_ROW(name, member, minimum, maximum, fallback, help)                                                     \
    {name, offsetof(smv_ldap_settings_t, member), fallback},
    SMV_LDAP_NUMBERS(NUMBER_ROW)
#undef NUMBER_ROW
};
#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

static const char **text_at(void *settings, const directive_t *directive)
{
    return (const char **)((char *)settings + directive->offset);
}

apr_int64_t smv_ctl_number(const char *text, apr_int64_t fallback)
{
    apr_int64_t number = text ? apr_atoi64(text) : 0;

    return number > 0 ? number : fallback;
}

/* --- a line --- */

static const char *const paths[] = {"SmvPortalDatabase",   "SmvPortalLdapBindPasswordFile", "SmvPortalLdapTlsCa",
                                    "SmvPortalLdapTlsKey", "SmvPortalLdapTlsCertificate",   NULL};

/* Paths that httpd would complete are refused: its root is not known. */
static const smv_error_t *check_path(const char *name, const char *value, apr_pool_t *pool)
{
    for (int i = 0; paths[i]; i++) {
        if (strcasecmp(paths[i], name) == 0 && value[0] != '/' &&
            strncmp(value, SMV_SECRET_EXEC, strlen(SMV_SECRET_EXEC)) != 0) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s needs one absolute path", paths[i]);
        }
    }
    return NULL;
}

/* @return 1 where the directive is one of these */
static int put(const directive_t *directives, size_t count, void *settings, const char *name, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(directives[i].name, name) == 0) {
            *text_at(settings, &directives[i]) = value;
            return 1;
        }
    }
    return 0;
}

static int put_number(smv_ldap_settings_t *settings, const char *name, const char *value)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (strcasecmp(numbers[i].name, name) == 0) {
            *(int *)((char *)settings + numbers[i].offset) = (int)smv_ctl_number(value, numbers[i].fallback);
            return 1;
        }
    }
    return 0;
}

static void put_mapping(smv_ldap_settings_t *settings, const char *field, const char *attribute, apr_pool_t *pool)
{
    if (!settings->mappings) {
        settings->mappings = apr_table_make(pool, 8);
    }
    apr_table_set(settings->mappings, field, attribute);
}

/* The last line of a directive counts, as in httpd. */
static const smv_error_t *read_words(smv_ctl_conf_t *conf, smv_ldap_settings_t *place, char **words, apr_pool_t *pool)
{
    int is_mapping = strcasecmp(words[0], SMV_LDAP_MAP_DIRECTIVE) == 0, values = 0;
    const char *value = words[1] ? words[1] : "";

    while (words[1 + values]) {
        values++;
    }
    if (is_mapping && values == 2) {
        put_mapping(place, words[1], words[2], pool);
    }
    if (!is_mapping && !put(texts, TEXT_COUNT, place, words[0], value) && !put_number(place, words[0], value) &&
        !put(of_portal, PORTAL_COUNT, conf, words[0], value)) {
        return NULL; /* of no concern here */
    }
    return values == 1 + is_mapping ? check_path(words[0], value, pool)
                                    : smv_error(pool, SMV_ERROR_CONFIGURATION, "%s needs %d value%s", words[0],
                                                1 + is_mapping, is_mapping ? "s" : "");
}

/* The next word of a line, as httpd reads it: in quotes it may have blanks, and there a backslash goes before a quote
 * or another one. @param line in and out @return NULL at the end */
static char *next_word(const char **line, apr_pool_t *pool)
{
    const char *from = *line + strspn(*line, " \t");
    char quote = '\0', *word = apr_palloc(pool, strlen(from) + 1), *to = word;

    if (!*from) {
        return NULL;
    }
    if (*from == '"' || *from == '\'') {
        quote = *from++;
    }
    while (*from && (quote ? *from != quote : !strchr(" \t", *from))) {
        from += quote && *from == '\\' && (from[1] == quote || from[1] == '\\');
        *to++ = *from++;
    }
    *to = '\0';
    *line = from + (quote && *from == quote);
    return word;
}

#define MAX_WORDS 4 /* no directive here has more than two values */

static char **words_of(const char *line, apr_pool_t *pool)
{
    char **words = apr_pcalloc(pool, sizeof *words * (MAX_WORDS + 1));

    for (int i = 0; i < MAX_WORDS && (words[i] = next_word(&line, pool)); i++) {
    }
    return words;
}

/* @param section in and out: number of the directory whose lines come */
static const smv_error_t *read_line(smv_ctl_conf_t *conf, int *section, const char *line, apr_pool_t *pool)
{
    line += strspn(line, " \t");
    if (strncasecmp(line, SMV_LDAP_SECTION_END, strlen(SMV_LDAP_SECTION_END)) == 0) {
        *section = SMV_DIRECTORY_OWN;
    } else if (strncasecmp(line, SMV_LDAP_SECTION, strlen(SMV_LDAP_SECTION)) == 0) {
        if (conf->count == SMV_LIVE_MAX_DIRECTORIES) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%d directories are the most", SMV_LIVE_MAX_DIRECTORIES);
        }
        *section = conf->count++;
    } else if (strncasecmp(line, "SmvPortal", 9) == 0) {
        return read_words(conf, &conf->said[*section], words_of(line, pool), pool);
    }
    return NULL;
}

/* --- the whole --- */

/* @return the name of a directive that must be */
static const char *complete(const directive_t *directives, size_t count, void *settings)
{
    for (size_t i = 0; i < count; i++) {
        const char **text = text_at(settings, &directives[i]);

        if (!*text && directives[i].fallback && !*directives[i].fallback) {
            return directives[i].name;
        }
        *text = *text ? *text : directives[i].fallback;
    }
    return NULL;
}

static const char *complete_all(smv_ctl_conf_t *conf)
{
    const char *missing = complete(of_portal, PORTAL_COUNT, conf);

    for (int i = 0; i < conf->count && !missing; i++) {
        missing = complete(texts, TEXT_COUNT, &conf->said[i]);
        for (size_t number = 0; number < NUMBER_COUNT; number++) {
            int *place = (int *)((char *)&conf->said[i] + numbers[number].offset);

            *place = *place ? *place : numbers[number].fallback;
        }
        conf->said[i].pool = 1;
    }
    return missing;
}

const smv_error_t *smv_ctl_conf_read(smv_ctl_conf_t *conf, const char *path, apr_pool_t *pool)
{
    char line[MAX_LINE];
    const smv_error_t *error = NULL;
    const char *missing;
    apr_file_t *file;
    int section = SMV_DIRECTORY_OWN;

    *conf = (smv_ctl_conf_t){.count = 1};
    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s cannot be read", path);
    }
    while (!error && apr_file_gets(line, sizeof line, file) == APR_SUCCESS) {
        line[strcspn(line, "\r\n")] = '\0';
        error = read_line(conf, &section, line, pool);
    }
    apr_file_close(file);
    missing = error ? NULL : complete_all(conf);
    return missing ? smv_error(pool, SMV_ERROR_CONFIGURATION, "%s: %s is missing", path, missing) : error;
}

const smv_error_t *smv_ctl_conf_directories(const smv_ctl_conf_t *conf, smv_ldap_config_t **configs, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    *configs = apr_pcalloc(pool, sizeof **configs * (apr_size_t)conf->count);
    for (int i = 0; i < conf->count && !error; i++) {
        (*configs)[i].number = i;
        error = smv_ldap_settings_apply(&(*configs)[i], &conf->said[i], pool);
    }
    return error ? error : smv_ldap_check_all(*configs, conf->count, pool);
}
