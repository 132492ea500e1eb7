/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_json.h"

#include <time.h>

static void write_two_digits(smv_buffer_t *buffer, int number)
{
    char digits[2] = {(char)('0' + number / 10 % 10), (char)('0' + number % 10)};

    smv_buffer_write(buffer, digits, 2);
}

static void write_money(smv_buffer_t *buffer, const smv_value_t *value)
{
    apr_int64_t cents = value->number;

    smv_buffer_puts(buffer, cents < 0 ? "{\"amount\":\"-" : "{\"amount\":\"");
    smv_buffer_number(buffer, cents < 0 ? -(cents / 100) : cents / 100);
    smv_buffer_puts(buffer, ".");
    write_two_digits(buffer, (int)(cents % 100 < 0 ? -(cents % 100) : cents % 100));
    smv_buffer_puts(buffer, "\",\"currency\":");
    smv_buffer_json(buffer, value->as.text, value->size);
    smv_buffer_puts(buffer, "}");
}

/* 1000-01-01 and the end of 9999-12-31: RFC 3339 wants years of four digits, strftime pads none */
#define FIRST_SECOND (-30610224000)
#define LAST_SECOND 253402300799

static void write_time(smv_buffer_t *buffer, apr_int64_t seconds)
{
    char text[32];
    time_t when = (time_t)seconds;
    struct tm utc;

    if (seconds < FIRST_SECOND || seconds > LAST_SECOND || !gmtime_r(&when, &utc)) {
        smv_buffer_puts(buffer, "null");
        return;
    }
    smv_buffer_write(buffer, text, strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%SZ\"", &utc));
}

static void write_array(smv_buffer_t *buffer, const smv_list_t *list)
{
    smv_buffer_puts(buffer, "[");
    for (int i = 0; i < list->count; i++) {
        if (i > 0) {
            smv_buffer_puts(buffer, ",");
        }
        smv_json_record(buffer, &list->records[i]);
    }
    smv_buffer_puts(buffer, "]");
}

void smv_json_value(smv_buffer_t *buffer, const smv_field_t *field, const smv_value_t *value)
{
    if (!value->is_present) {
        smv_buffer_puts(buffer, "null");
        return;
    }
    switch (field->type) {
    case SMV_TYPE_TEXT:
    case SMV_TYPE_DATE:
    case SMV_TYPE_CODE:
    case SMV_TYPE_MARKUP:
        smv_buffer_json(buffer, value->as.text, value->size);
        break;
    case SMV_TYPE_INTEGER:
    case SMV_TYPE_BYTES:
        smv_buffer_number(buffer, value->number);
        break;
    case SMV_TYPE_ID:
        smv_buffer_puts(buffer, "\"");
        smv_buffer_number(buffer, value->number);
        smv_buffer_puts(buffer, "\"");
        break;
    case SMV_TYPE_BOOLEAN:
        smv_buffer_puts(buffer, value->number ? "true" : "false");
        break;
    case SMV_TYPE_MONEY:
        write_money(buffer, value);
        break;
    case SMV_TYPE_TIME:
        write_time(buffer, value->number);
        break;
    case SMV_TYPE_JSON:
        smv_buffer_write(buffer, value->as.text, value->size);
        break;
    case SMV_TYPE_RECORD:
        smv_json_record(buffer, value->as.record);
        break;
    case SMV_TYPE_LIST:
        write_array(buffer, value->as.list);
        break;
    }
}

void smv_json_record(smv_buffer_t *buffer, const smv_record_t *record)
{
    const char *separator = "{\"";

    for (int i = 0; i < record->shape->count; i++) {
        const smv_field_t *field = &record->shape->fields[i];

        if (field->page_only) {
            continue;
        }
        smv_buffer_puts(buffer, separator);
        smv_buffer_puts(buffer, field->name);
        smv_buffer_write(buffer, "\":", 2);
        smv_json_value(buffer, field, &record->values[i]);
        separator = ",\"";
    }
    smv_buffer_puts(buffer, separator[0] == '{' ? "{}" : "}");
}

void smv_json_list(smv_buffer_t *buffer, const smv_list_t *list)
{
    smv_buffer_puts(buffer, "{\"items\":");
    write_array(buffer, list);
    smv_buffer_puts(buffer, ",\"next\":");
    if (list->next) {
        smv_buffer_json(buffer, list->next, strlen(list->next));
    } else {
        smv_buffer_puts(buffer, "null");
    }
    smv_buffer_puts(buffer, "}");
}

/* RFC 6901 in a URI fragment, as RFC 9457 shows it. */
static void write_problem(smv_buffer_t *buffer, const smv_problem_t *problem)
{
    smv_buffer_puts(buffer, "{\"pointer\":\"#");
    smv_buffer_puts(buffer, problem->field[0] ? "/" : "");
    for (const char *at = problem->field; *at; at++) {
        if (*at == '/' || *at == '~') {
            smv_buffer_puts(buffer, *at == '/' ? "~1" : "~0");
        } else {
            smv_buffer_url(buffer, at, 1);
        }
    }
    if (problem->item) {
        smv_buffer_puts(buffer, "/");
        smv_buffer_number(buffer, problem->item - 1);
    }
    smv_buffer_puts(buffer, "\",\"detail\":");
    if (problem->limit) {
        smv_buffer_puts(buffer, "\"");
        smv_buffer_puts(buffer, problem->text);
        smv_buffer_puts(buffer, " ");
        smv_buffer_number(buffer, problem->limit);
        smv_buffer_puts(buffer, "\"");
    } else {
        smv_buffer_json(buffer, problem->text, strlen(problem->text));
    }
    smv_buffer_puts(buffer, "}");
}

void smv_json_problem(smv_buffer_t *buffer, const smv_error_t *error)
{
    smv_buffer_puts(buffer, "{\"type\":\"about:blank\",\"title\":");
    smv_buffer_json(buffer, error->public_text, strlen(error->public_text));
    smv_buffer_puts(buffer, ",\"status\":");
    smv_buffer_number(buffer, error->http_status);
    smv_buffer_puts(buffer, ",\"code\":\"SMV0");
    smv_buffer_number(buffer, error->code);
    smv_buffer_puts(buffer, "\"");
    for (const smv_problem_t *problem = error->problems; problem; problem = problem->next) {
        smv_buffer_puts(buffer, problem == error->problems ? ",\"errors\":[" : ",");
        write_problem(buffer, problem);
    }
    smv_buffer_puts(buffer, error->problems ? "]}" : "}");
}
