/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_explain.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "../core/smv_defaults.h"
#include "../core/smv_explain.h"
#include "../core/smv_json.h"
#include "../core/smv_record.h"
#include "../port/smv_secret.h"
#include "../core/smv_shapes.h"
#include "../port/smv_ldap.h"
#include "../port/smv_sqlite.h"

#define MAX_LINE 8192

/* --- the portal's directives --- */

typedef struct conf_t {
    const char *tenant, *base, *database, *busy_timeout;
    const char *ldap_uri, *ldap_base, *ldap_bind_dn, *ldap_password_file, *ldap_user_filter, *ldap_timeout;
    const char *ldap_connect_timeout, *ldap_bind_method, *ldap_start_tls, *ldap_plain, *ldap_tls_verify;
    const char *ldap_tls_ca, *ldap_tls_certificate, *ldap_tls_key;
} conf_t;

static const struct {
    const char *name;
    size_t offset;
    int is_path;
} directives[] = {
    {"SmvPortalTenant", offsetof(conf_t, tenant), 0},
    {"SmvPortalBase", offsetof(conf_t, base), 0},
    {"SmvPortalDatabase", offsetof(conf_t, database), 1},
    {"SmvPortalDatabaseBusyTimeout", offsetof(conf_t, busy_timeout), 0},
    {"SmvPortalLdapUri", offsetof(conf_t, ldap_uri), 0},
    {"SmvPortalLdapBase", offsetof(conf_t, ldap_base), 0},
    {"SmvPortalLdapBindDN", offsetof(conf_t, ldap_bind_dn), 0},
    {"SmvPortalLdapBindPasswordFile", offsetof(conf_t, ldap_password_file), 1},
    {"SmvPortalLdapUserFilter", offsetof(conf_t, ldap_user_filter), 0},
    {"SmvPortalLdapTimeout", offsetof(conf_t, ldap_timeout), 0},
    {"SmvPortalLdapConnectTimeout", offsetof(conf_t, ldap_connect_timeout), 0},
    {"SmvPortalLdapBindMethod", offsetof(conf_t, ldap_bind_method), 0},
    {"SmvPortalLdapStartTls", offsetof(conf_t, ldap_start_tls), 0},
    {"SmvPortalLdapPlain", offsetof(conf_t, ldap_plain), 0},
    {"SmvPortalLdapTlsVerify", offsetof(conf_t, ldap_tls_verify), 0},
    {"SmvPortalLdapTlsCa", offsetof(conf_t, ldap_tls_ca), 1},
    {"SmvPortalLdapTlsCertificate", offsetof(conf_t, ldap_tls_certificate), 1},
    {"SmvPortalLdapTlsKey", offsetof(conf_t, ldap_tls_key), 1},
};
#define DIRECTIVE_COUNT (sizeof directives / sizeof *directives)

static int is_absolute(const char *path)
{
    return path[0] == '/' || strncmp(path, SMV_SECRET_EXEC, strlen(SMV_SECRET_EXEC)) == 0;
}

/* The last line of a directive counts, as in httpd. Paths that httpd would complete are refused: its root is not known.
 */
static const smv_error_t *read_line(conf_t *conf, const char *line, apr_pool_t *pool)
{
    char **words;

    line += strspn(line, " \t");
    if (strncasecmp(line, "SmvPortal", 9) != 0 || apr_tokenize_to_argv(line, &words, pool) != APR_SUCCESS) {
        return NULL;
    }
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
        if (strcasecmp(words[0], directives[i].name) != 0) {
            continue;
        }
        if (!words[1] || words[2] || (directives[i].is_path && !is_absolute(words[1]))) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s needs one %s", directives[i].name,
                             directives[i].is_path ? "absolute path" : "value");
        }
        *(const char **)((char *)conf + directives[i].offset) = words[1];
    }
    return NULL;
}

static const smv_error_t *read_conf(conf_t *conf, const char *path, apr_pool_t *pool)
{
    char line[MAX_LINE];
    const smv_error_t *error = NULL;
    apr_file_t *file;

    *conf = (conf_t){.base = SMV_DEFAULT_BASE, .ldap_user_filter = SMV_DEFAULT_LDAP_USER_FILTER};
    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s cannot be read", path);
    }
    while (!error && apr_file_gets(line, sizeof line, file) == APR_SUCCESS) {
        line[strcspn(line, "\r\n")] = '\0';
        error = read_line(conf, line, pool);
    }
    apr_file_close(file);
    if (!error && (!conf->database || !conf->ldap_uri || !conf->ldap_base)) {
        error = smv_error(pool, SMV_ERROR_CONFIGURATION,
                          "%s: SmvPortalDatabase, SmvPortalLdapUri or SmvPortalLdapBase is missing", path);
    }
    if (!error && conf->ldap_bind_dn && !conf->ldap_password_file) {
        error = smv_error(pool, SMV_ERROR_CONFIGURATION, "%s: SmvPortalLdapBindPasswordFile is missing", path);
    }
    return error;
}

static apr_int64_t number_of(const char *text, apr_int64_t fallback)
{
    apr_int64_t number = text ? apr_atoi64(text) : 0;

    return number > 0 ? number : fallback;
}

static int is_said(const char *value, const char *wanted)
{
    return value && strcasecmp(value, wanted) == 0;
}

static smv_ldap_config_t ldap_of(const conf_t *conf)
{
    return (smv_ldap_config_t){
        .uri = conf->ldap_uri,
        .base = conf->ldap_base,
        .is_external = is_said(conf->ldap_bind_method, "external"),
        .bind_dn = conf->ldap_bind_dn,
        .user_filter = conf->ldap_user_filter,
        .starts_tls = is_said(conf->ldap_start_tls, "On"),
        .trusts_anybody = is_said(conf->ldap_tls_verify, "Off"),
        .tls_ca = conf->ldap_tls_ca,
        .tls_certificate = conf->ldap_tls_certificate,
        .tls_key = conf->ldap_tls_key,
        .connect_timeout = apr_time_from_sec(number_of(conf->ldap_connect_timeout, SMV_DEFAULT_LDAP_CONNECT_TIMEOUT)),
        .timeout = apr_time_from_sec(number_of(conf->ldap_timeout, SMV_DEFAULT_LDAP_TIMEOUT)),
        .pool_size = 1};
}

static const smv_error_t *open_portal(smv_call_t *call, const conf_t *conf)
{
    apr_pool_t *pool = call->pool;
    const smv_sqlite_config_t database = {
        conf->database, 1, apr_time_from_sec(number_of(conf->busy_timeout, SMV_DEFAULT_DATABASE_BUSY_TIMEOUT)), 0};
    smv_ldap_config_t ldap = ldap_of(conf);
    const smv_error_t *error;

    if (conf->ldap_bind_dn && (error = smv_secret_read(&ldap.bind_password, "SmvPortalLdapBindPasswordFile",
                                                       conf->ldap_password_file, pool))) {
        return error;
    }
    if ((error = smv_ldap_check(&ldap, is_said(conf->ldap_plain, "On"), pool)) ||
        (error = smv_sqlite_open(&call->store, &database, pool))) {
        return error;
    }
    if (smv_ldap_create(&call->directory, &ldap, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory or locks for the directory");
    }
    call->store = call->store->for_request(call->store, pool);
    call->tenant = number_of(conf->tenant, SMV_DEFAULT_TENANT);
    call->base = conf->base;
    return NULL;
}

/* --- the answer --- */

static void print_value(const smv_field_t *field, const smv_value_t *value, apr_pool_t *pool)
{
    smv_buffer_t time;

    switch (field->type) {
    case SMV_TYPE_TEXT:
        fputs(value->as.text, stdout);
        break;
    case SMV_TYPE_CODE:
        fputs(smv_code_label(field, value->as.text), stdout);
        break;
    case SMV_TYPE_BOOLEAN:
        fputs(value->number ? "ja" : "nein", stdout);
        break;
    case SMV_TYPE_TIME:
        smv_buffer_init(&time, 32, 64, pool);
        smv_format_time(&time, SMV_LANGUAGE_DE, value->number);
        fwrite(time.data, 1, time.size, stdout);
        break;
    default:
        printf("%" APR_INT64_T_FMT, value->number);
    }
}

static void print_record(const smv_record_t *record, const char *indent, apr_pool_t *pool)
{
    for (int i = 0; i < record->shape->count; i++) {
        const smv_field_t *field = &record->shape->fields[i];
        const smv_value_t *value = &record->values[i];

        if (!value->is_present) {
            continue;
        }
        if (field->type == SMV_TYPE_LIST) {
            for (int row = 0; row < value->as.list->count; row++) {
                fputs(*indent ? "" : "\n", stdout);
                print_record(&value->as.list->records[row], "  ", pool);
            }
        } else if (field->label) {
            printf("%s%s: ", indent, field->label);
            print_value(field, value, pool);
            putchar('\n');
        }
    }
}

static const smv_value_t *value_of(const smv_record_t *record, const char *name)
{
    return &record->values[smv_shape_field(record->shape, name)];
}

static void print(const smv_record_t *explanation, int is_json, apr_pool_t *pool)
{
    smv_buffer_t buffer;

    if (is_json) {
        smv_buffer_init(&buffer, 4096, 1 << 20, pool);
        smv_json_record(&buffer, explanation);
        fwrite(buffer.data, 1, buffer.size, stdout);
        putchar('\n');
        return;
    }
    printf("%s: %s\n\n",
           smv_code_label(&explanation->shape->fields[smv_shape_field(explanation->shape, "answer")],
                          value_of(explanation, "answer")->as.text),
           value_of(explanation, "reason")->as.text);
    print_record(explanation, "", pool);
}

static int fail(const smv_error_t *error)
{
    fprintf(stderr, "smvportalctl: %s\n", error->detail);
    switch (error->code) {
    case SMV_ERROR_CONFIGURATION:
        return EX_CONFIG;
    case SMV_ERROR_DATABASE_BUSY:
        return EX_TEMPFAIL;
    default:
        return EX_NOINPUT;
    }
}

static int complain(const smv_error_t *error)
{
    for (const smv_problem_t *problem = error->problems; problem; problem = problem->next) {
        fprintf(stderr, "smvportalctl: %s: %s\n", problem->field, problem->text);
    }
    return error->problems ? EX_USAGE : fail(error);
}

static int answer(smv_call_t *call, const conf_t *conf, const smv_question_t *question, int is_json)
{
    smv_record_t *explanation;
    const smv_error_t *error = open_portal(call, conf);
    const char *code;

    if (error) {
        return fail(error);
    }
    if ((error = smv_explain(&explanation, call, question))) {
        return complain(error);
    }
    print(explanation, is_json, call->pool);
    code = value_of(explanation, "answer")->as.text;
    return code == smv_answer_yes ? EX_OK : code == smv_answer_no ? 1 : EX_UNAVAILABLE;
}

int smv_ctl_explain(int count, const char *const *words, apr_pool_t *pool)
{
    int is_json = count > 0 && strcmp(words[0], "--json") == 0;
    smv_call_t call = {.now = apr_time_now(), .pool = pool};
    smv_question_t question;
    const smv_error_t *error;
    conf_t conf;

    words += is_json;
    count -= is_json;
    if (count != 3 && count != 4) {
        fputs("usage: smvportalctl explain [--json] CONF LOGIN WHAT [CUSTOMER]\n", stderr);
        return EX_USAGE;
    }
    question = (smv_question_t){words[1], words[2], 0};
    if (count == 4 && (error = smv_explain_customer(&question.customer, words[3], pool))) {
        return complain(error);
    }
    if ((error = read_conf(&conf, words[0], pool))) {
        return fail(error);
    }
    return answer(&call, &conf, &question, is_json);
}
