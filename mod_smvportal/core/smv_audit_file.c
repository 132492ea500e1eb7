/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_audit_file.h"

#include <apr_strings.h>
#include <string.h>

#include "smv_json.h"
#include "smv_record.h"
#include "smv_rules.h"
#include "smv_shapes.h"

apr_int64_t smv_audit_day(const char *date)
{
    apr_time_exp_t noon;
    char iso[11];

    if (!smv_read_date(iso, date) ||
        apr_time_exp_lt(&noon, smv_day_begin(iso) + apr_time_from_sec(SMV_AUDIT_DAY / 2))) {
        return -1;
    }
    return apr_time_sec(smv_day_begin(iso)) - noon.tm_gmtoff;
}

/* RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
static void put_cell(smv_buffer_t *csv, const char *text, int is_first)
{
    smv_buffer_puts(csv, is_first ? "\"" : ",\"");
    smv_buffer_puts(csv, *text && strchr("=+-@\t\r", *text) ? "'" : "");
    for (const char *c = text; *c; c++) {
        smv_buffer_write(csv, "\"\"", *c == '"' ? 1 : 0);
        smv_buffer_write(csv, c, 1);
    }
    smv_buffer_puts(csv, "\"");
}

/* Text as it is; what is none as JSON has it, without the quotes. */
static const char *text_of(const smv_field_t *field, const smv_value_t *value, apr_pool_t *pool)
{
    smv_buffer_t json;

    if (field->type != SMV_TYPE_TIME && field->type != SMV_TYPE_ID) {
        return value->as.text;
    }
    smv_buffer_init(&json, 32, 64, pool);
    smv_json_value(&json, field, value);
    return *json.data == '"' ? apr_pstrmemdup(pool, json.data + 1, json.size - 2) : "";
}

static void put_row(smv_buffer_t *csv, const smv_record_t *entry, apr_pool_t *pool)
{
    for (int i = 0; i < smv_shape_audit.count; i++) {
        const smv_value_t *value = &entry->values[i];

        put_cell(csv, value->is_present ? text_of(&smv_shape_audit.fields[i], value, pool) : "", i == 0);
    }
    smv_buffer_puts(csv, "\r\n");
}

void smv_audit_csv_head(smv_buffer_t *csv)
{
    smv_buffer_puts(csv, "\xef\xbb\xbf"); /* without it spreadsheets take the text for another encoding */
    for (int i = 0; i < smv_shape_audit.count; i++) {
        put_cell(csv, smv_shape_audit.fields[i].name, i == 0);
    }
    smv_buffer_puts(csv, "\r\n");
}

const smv_error_t *smv_audit_csv_rows(smv_buffer_t *csv, const smv_list_t *list, apr_pool_t *pool)
{
    apr_pool_t *each;

    if (apr_pool_create(&each, pool) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no memory");
    }
    for (int i = 0; i < list->count; i++) {
        put_row(csv, &list->records[i], each);
        apr_pool_clear(each);
    }
    apr_pool_destroy(each);
    return NULL;
}
