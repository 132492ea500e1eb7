/* SPDX-License-Identifier: Apache-2.0
 *
 * show_gdv CATALOGUE FILE [CHARACTER SET]: what the reader gives, a line of JSON for each record and one for the counts
 * at the end.
 */
#include <apr_general.h>
#include <stdio.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_buffer.h"
#include "../../mod_smvportal/port/smv_gdv.h"

#define MAX_LINE 65536

static const char *const outcomes[] = {"read", "skipped", "faulty", "unended"};

static void put_text(smv_buffer_t *out, const char *name, const char *text)
{
    smv_buffer_puts(out, name);
    if (text) {
        smv_buffer_json(out, text, strlen(text));
    } else {
        smv_buffer_puts(out, "null");
    }
}

static void put_number(smv_buffer_t *out, const char *name, apr_int64_t number)
{
    smv_buffer_puts(out, name);
    smv_buffer_number(out, number);
}

static void put_layout(smv_buffer_t *out, const smv_gdv_layout_t *layout)
{
    char number[2] = {layout->number, '\0'};

    put_text(out, ",\"title\":", layout->title);
    put_text(out, ",\"part\":", layout->number ? number : NULL);
    put_text(out, ",\"line\":", layout->lines ? APR_ARRAY_IDX(layout->lines, 0, const char *) : NULL);
    put_text(out, ",\"kinds\":", layout->kinds);
    put_text(out, ",\"skip\":", layout->skip);
}

static void put_value(smv_buffer_t *out, const smv_gdv_value_t *value)
{
    if (value->is_absent) {
        smv_buffer_puts(out, "null");
    } else if (value->text) {
        put_text(out, "", value->text);
    } else {
        smv_buffer_number(out, value->number);
    }
}

static void put_values(smv_buffer_t *out, const smv_gdv_record_t *record)
{
    smv_buffer_puts(out, ",\"values\":{");
    for (int i = 0; i < record->value_count; i++) {
        put_text(out, i ? "," : "", record->values[i].field->name);
        smv_buffer_puts(out, ":");
        put_value(out, &record->values[i]);
    }
    smv_buffer_puts(out, "}");
}

static void put_faults(smv_buffer_t *out, const smv_gdv_record_t *record)
{
    smv_buffer_puts(out, ",\"faults\":[");
    for (int i = 0; i < record->fault_count; i++) {
        put_text(out, i ? ",{\"kind\":" : "{\"kind\":", smv_gdv_fault_names[record->faults[i].kind]);
        put_text(out, ",\"text\":", smv_gdv_fault_text(&record->faults[i], out->pool));
        smv_buffer_puts(out, "}");
    }
    smv_buffer_puts(out, "]");
}

static void show_record(const smv_gdv_record_t *record, apr_pool_t *pool)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 4096, MAX_LINE, pool);
    put_number(&out, "{\"number\":", record->number);
    put_number(&out, ",\"package\":", record->package);
    put_text(&out, ",\"outcome\":", outcomes[record->outcome]);
    put_text(&out, ",\"type\":", record->type);
    if (record->layout) {
        put_layout(&out, record->layout);
    }
    put_values(&out, record);
    put_faults(&out, record);
    printf("%.*s}\n", (int)out.size, out.data);
}

static void show_counts(const smv_gdv_t *reader, apr_pool_t *pool)
{
    const smv_gdv_counts_t *counts = smv_gdv_counts(reader);
    smv_buffer_t out;

    smv_buffer_init(&out, 1024, MAX_LINE, pool);
    put_text(&out, "{\"charset\":", smv_charset_name(smv_gdv_charset(reader)));
    put_number(&out, ",\"records\":", counts->records);
    put_number(&out, ",\"read\":", counts->read);
    put_number(&out, ",\"skipped\":", counts->skipped);
    put_number(&out, ",\"faulty\":", counts->faulty);
    put_number(&out, ",\"packages\":", counts->packages);
    for (int kind = 0; kind < SMV_GDV_FAULT_KINDS; kind++) {
        put_text(&out, ",", smv_gdv_fault_names[kind]);
        put_number(&out, ":", counts->faults[kind]);
    }
    printf("%.*s}\n", (int)out.size, out.data);
}

static const smv_error_t *show_file(int argc, const char *const *argv, apr_pool_t *pool)
{
    smv_gdv_catalogue_t *catalogue;
    const smv_gdv_record_t *record;
    smv_gdv_t *reader;
    apr_pool_t *line_pool;
    const smv_error_t *error = smv_gdv_catalogue_read(&catalogue, argv[1], pool);

    if (!error) {
        error =
            smv_gdv_open(&reader, argv[2], catalogue, argc > 3 ? smv_charset_of(argv[3]) : SMV_CHARSET_UNKNOWN, pool);
    }
    apr_pool_create(&line_pool, pool);
    while (!error && !(error = smv_gdv_next(reader, &record)) && record) {
        show_record(record, line_pool);
        apr_pool_clear(line_pool);
    }
    if (!error) {
        show_counts(reader, pool);
    }
    return error;
}

int main(int argc, const char *const *argv)
{
    const smv_error_t *error;
    apr_pool_t *pool;

    if (argc < 3) {
        fprintf(stderr, "usage: show_gdv CATALOGUE FILE [CHARACTER SET]\n");
        return 2;
    }
    apr_initialize();
    apr_pool_create(&pool, NULL);
    error = show_file(argc, argv, pool);
    if (error) {
        fprintf(stderr, "%s\n", error->detail);
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return error != NULL;
}
