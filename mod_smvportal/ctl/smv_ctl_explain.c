/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_explain.h"

#include "smv_ctl_conf.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "../core/smv_defaults.h"
#include "../core/smv_explain.h"
#include "../core/smv_json.h"
#include "../core/smv_record.h"
#include "../core/smv_shapes.h"
#include "../port/smv_sqlite.h"

static const smv_error_t *open_portal(smv_call_t *call, const smv_ctl_conf_t *conf)
{
    apr_pool_t *pool = call->pool;
    const smv_sqlite_config_t database = {
        conf->database, 1, apr_time_from_sec(smv_ctl_number(conf->busy_timeout, SMV_DEFAULT_DATABASE_BUSY_TIMEOUT)), 0};
    smv_ldap_config_t *directories;
    const smv_error_t *error;

    if ((error = smv_ctl_conf_directories(conf, &directories, pool)) ||
        (error = smv_sqlite_open(&call->store, &database, pool))) {
        return error;
    }
    if (smv_ldap_create(&call->directory, directories, conf->count, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory or locks for the directory");
    }
    call->store = call->store->for_request(call->store, pool);
    call->tenant = smv_ctl_number(conf->tenant, SMV_DEFAULT_TENANT);
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

static int answer(smv_call_t *call, const smv_ctl_conf_t *conf, const smv_question_t *question, int is_json)
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
    smv_ctl_conf_t conf;

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
    if ((error = smv_ctl_conf_read(&conf, words[0], pool))) {
        return fail(error);
    }
    return answer(&call, &conf, &question, is_json);
}
