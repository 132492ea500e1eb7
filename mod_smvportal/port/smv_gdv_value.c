/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv_value.h"

#include <apr_strings.h>
#include <string.h>

char *smv_gdv_characters(const smv_gdv_line_t *line, int at, int length, apr_pool_t *pool)
{
    int begin = line->start[at - 1], size = line->start[at - 1 + length] - begin;
    char *text = apr_pstrmemdup(pool, line->text + begin, (apr_size_t)size);

    for (int i = 0; i < size; i++) {
        int is_c1 = text[i] == '\xc2' && (text[i + 1] & '\xe0') == '\x80'; /* U+0080 to U+009F */

        if ((unsigned char)text[i] < ' ' || text[i] == '\x7f' || is_c1) {
            text[i + is_c1] = ' ';
            text[i] = ' ';
        }
    }
    return text;
}

/* Where the fault is, and what it is of. */
typedef struct reading_t {
    smv_gdv_value_t *value;
    const smv_gdv_field_t *field;
    const smv_gdv_line_t *line;
    int at; /* of the fault */
    apr_pool_t *pool;
} reading_t;

static char *characters_of(const reading_t *reading)
{
    return smv_gdv_characters(reading->line, reading->field->at, reading->field->length, reading->pool);
}

/* @return the text without the blanks around it, in place */
static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && end[-1] == ' ') {
        end--;
    }
    *end = '\0';
    return text + strspn(text, " ");
}

static const char *read_text(reading_t *reading)
{
    const char *text = trim(characters_of(reading));

    if (*text) {
        reading->value->text = text;
        reading->value->is_absent = 0;
    }
    return NULL;
}

/* --- numbers --- */

static const char *read_number(reading_t *reading)
{
    const smv_gdv_field_t *field = reading->field;
    char *text = characters_of(reading), *digits = trim(text);
    apr_size_t size = strspn(digits, "0123456789");

    if (digits[size]) {
        reading->at = field->at + (int)(digits + size - text);
        return apr_psprintf(reading->pool, "%s is \"%s\", which is no number", field->name, digits);
    }
    if (size > 0) {
        reading->value->number = apr_atoi64(digits);
        reading->value->is_absent = 0;
    }
    return NULL;
}

static const char *read_decimal(reading_t *reading)
{
    const smv_gdv_field_t *field = reading->field;
    const char *reason = read_number(reading);
    char sign;

    if (reason || reading->value->is_absent || !field->sign) {
        return reason;
    }
    sign = smv_gdv_character(reading->line, field->sign);
    if (sign == '-') {
        reading->value->number = -reading->value->number;
    } else if (sign != '+' && sign != ' ') {
        reading->at = field->sign;
        reading->value->is_absent = 1;
        return apr_psprintf(reading->pool, "the sign of %s is neither + nor -", field->name);
    }
    return NULL;
}

/* --- dates --- */

static int two_digits(const char *text)
{
    return 10 * (text[0] - '0') + (text[1] - '0');
}

/* @return of a year that nobody knows, or a month: as many as there may be */
static int days_of(int month, int year)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));

    if (month == 0) {
        return 31;
    }
    return month == 2 && !is_leap ? 28 : days[month - 1];
}

static const char *iso_date(int day, int month, int year, apr_pool_t *pool)
{
    if (year == 0 && month == 0) {
        return NULL;
    }
    if (month == 0) {
        return apr_psprintf(pool, "%04d", year);
    }
    if (day == 0) {
        return year ? apr_psprintf(pool, "%04d-%02d", year, month) : apr_psprintf(pool, "--%02d", month);
    }
    return year ? apr_psprintf(pool, "%04d-%02d-%02d", year, month, day)
                : apr_psprintf(pool, "--%02d-%02d", month, day);
}

static const char *no_date(reading_t *reading, const char *text, int place)
{
    reading->at = reading->field->at + place;
    return apr_psprintf(reading->pool, "%s is \"%s\", which is no date", reading->field->name, text);
}

static const char *read_date(reading_t *reading)
{
    const char *text = characters_of(reading);
    apr_size_t digits = strspn(text, "0123456789");
    int day, month, year;

    if (!text[strspn(text, " ")]) {
        return NULL;
    }
    if (text[digits]) {
        return no_date(reading, text, (int)digits);
    }
    day = two_digits(text);
    month = two_digits(text + 2);
    year = 100 * two_digits(text + 4) + two_digits(text + 6);
    if (month > 12 || day > days_of(month, year)) {
        return no_date(reading, text, month > 12 ? 2 : 0);
    }
    reading->value->text = iso_date(day, month, year, reading->pool);
    reading->value->is_absent = reading->value->text == NULL;
    return NULL;
}

static const char *read_field(reading_t *reading)
{
    switch (reading->field->type) {
    case SMV_GDV_NUMBER:
        return read_number(reading);
    case SMV_GDV_DECIMAL:
        return read_decimal(reading);
    case SMV_GDV_DATE:
        return read_date(reading);
    default:
        return read_text(reading);
    }
}

const char *smv_gdv_value_read(smv_gdv_value_t *value, const smv_gdv_field_t *field, const smv_gdv_line_t *line,
                               int *at, apr_pool_t *pool)
{
    reading_t reading = {value, field, line, 0, pool};
    const char *reason;

    *value = (smv_gdv_value_t){.field = field, .is_absent = 1};
    reason = read_field(&reading);
    *at = reading.at;
    return reason;
}
