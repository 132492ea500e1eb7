/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_csv.h"

#include "smv_buffer.h"

#include <apr_strings.h>

#define MARK "\xEF\xBB\xBF"
#define MAX_VALUE 65536 /* bytes */
#define BLANKS " \t"

static int is_end_of_line(const smv_csv_t *csv)
{
    return csv->at == csv->end || *csv->at == '\n' || *csv->at == '\r';
}

static void pass_end_of_line(smv_csv_t *csv)
{
    if (csv->at < csv->end) {
        csv->at += *csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n' ? 2 : 1;
        csv->line++;
    }
}

static int count_in_first_line(const smv_csv_t *csv, char separator)
{
    int count = 0, is_quoted = 0;

    for (const char *at = csv->at; at < csv->end && (is_quoted || (*at != '\n' && *at != '\r')); at++) {
        is_quoted ^= *at == '"';
        count += *at == separator && !is_quoted;
    }
    return count;
}

void smv_csv_open(smv_csv_t *csv, const char *text, apr_size_t size)
{
    static const char separators[] = {',', ';', '\t'};
    int most = 0;

    *csv = (smv_csv_t){text, text + size, separators[0], 1};
    if (size >= strlen(MARK) && memcmp(text, MARK, strlen(MARK)) == 0) {
        csv->at += strlen(MARK);
    }
    for (size_t i = 0; i < sizeof separators; i++) {
        int count = count_in_first_line(csv, separators[i]);

        if (count > most) {
            most = count;
            csv->separator = separators[i];
        }
    }
}

/* Behind the quote that begins it. @param fault out: why it is none */
static const char *read_quoted(smv_csv_t *csv, const char **fault, apr_pool_t *pool)
{
    smv_buffer_t value;

    smv_buffer_init(&value, 64, MAX_VALUE, pool);
    while (csv->at < csv->end) {
        if (*csv->at == '"' && (csv->at + 1 == csv->end || csv->at[1] != '"')) {
            csv->at++;
            smv_buffer_write(&value, "", 1);
            *fault = value.is_failed ? "a value is too long" : NULL;
            return value.data;
        }
        if (*csv->at == '"') {
            csv->at++;
        }
        csv->line += *csv->at == '\n' || (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] != '\n'));
        smv_buffer_write(&value, csv->at++, 1);
    }
    *fault = "a quote is not ended";
    return NULL;
}

static const char *read_plain(smv_csv_t *csv, apr_pool_t *pool)
{
    const char *begin = csv->at, *end;

    while (!is_end_of_line(csv) && *csv->at != csv->separator) {
        csv->at++;
    }
    for (end = csv->at; end > begin && strchr(BLANKS, end[-1]); end--) {
    }
    return apr_pstrmemdup(pool, begin, (apr_size_t)(end - begin));
}

static void pass_blanks(smv_csv_t *csv)
{
    while (csv->at < csv->end && *csv->at != csv->separator && strchr(BLANKS, *csv->at) && *csv->at) {
        csv->at++;
    }
}

static void fail(smv_csv_t *csv, smv_csv_row_t *row, const char *fault)
{
    row->fault = fault;
    while (!is_end_of_line(csv)) {
        csv->at++;
    }
}

/* A quote that is not ended ends with its line, so that the lines behind it are read. */
static const char *read_value(smv_csv_t *csv, smv_csv_row_t *row, apr_pool_t *pool)
{
    smv_csv_t before = *csv;
    const char *value, *fault;

    if (csv->at == csv->end || *csv->at != '"') {
        return read_plain(csv, pool);
    }
    csv->at++;
    value = read_quoted(csv, &fault, pool);
    if (!value) {
        *csv = before;
    }
    pass_blanks(csv);
    if (!fault && !is_end_of_line(csv) && *csv->at != csv->separator) {
        fault = "something stands behind a quote that ends a value";
    }
    if (fault) {
        fail(csv, row, fault);
    }
    return fault ? NULL : value;
}

int smv_csv_next(smv_csv_t *csv, smv_csv_row_t *row, apr_pool_t *pool)
{
    while (csv->at < csv->end && is_end_of_line(csv)) {
        pass_end_of_line(csv);
    }
    if (csv->at == csv->end) {
        return 0;
    }
    *row = (smv_csv_row_t){csv->line, apr_array_make(pool, 8, sizeof(const char *)), NULL};
    for (;;) {
        pass_blanks(csv);
        *(const char **)apr_array_push(row->values) = read_value(csv, row, pool);
        if (is_end_of_line(csv)) {
            break;
        }
        csv->at++; /* the separator */
    }
    pass_end_of_line(csv);
    return 1;
}
