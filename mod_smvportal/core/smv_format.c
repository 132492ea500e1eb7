/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_format.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

const char *const smv_language_tags[SMV_LANGUAGE_COUNT] = {"de", "en"};

static double quality_of(const char *parameters, const char *end)
{
    while (parameters < end && *parameters == ' ') {
        parameters++;
    }
    if (end - parameters < 4 || strncasecmp(parameters, ";", 1) != 0) {
        return 1.0;
    }
    parameters += 1 + strspn(parameters + 1, " ");
    return strncasecmp(parameters, "q=", 2) == 0 ? strtod(parameters + 2, NULL) : 1.0;
}

smv_language_e smv_language_of(const char *accept_language)
{
    smv_language_e best = SMV_LANGUAGE_DE;
    double best_quality = 0;
    const char *at = accept_language ? accept_language : "";

    while (*at) {
        const char *range = at + strspn(at, " \t");
        const char *end = range + strcspn(range, ",");

        for (int i = 0; i < SMV_LANGUAGE_COUNT; i++) {
            if (strncasecmp(range, smv_language_tags[i], 2) == 0 && strchr("-; ,", range[2])) {
                double quality = quality_of(range + strcspn(range, "; ,"), end);

                if (quality > best_quality) {
                    best_quality = quality;
                    best = (smv_language_e)i;
                }
            }
        }
        at = *end ? end + 1 : end;
    }
    return best;
}

static void write_fixed_digits(smv_buffer_t *buffer, int number, int digits)
{
    char text[8];

    for (int i = digits - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
    smv_buffer_write(buffer, text, (apr_size_t)digits);
}

static void write_grouped(smv_buffer_t *buffer, apr_uint64_t number, char separator)
{
    if (number >= 1000) {
        write_grouped(buffer, number / 1000, separator);
        smv_buffer_write(buffer, &separator, 1);
        write_fixed_digits(buffer, (int)(number % 1000), 3);
    } else {
        smv_buffer_number(buffer, (apr_int64_t)number);
    }
}

void smv_format_money(smv_buffer_t *buffer, smv_language_e language, apr_int64_t cents, const char *currency)
{
    int is_german = language == SMV_LANGUAGE_DE;
    int is_euro = strcmp(currency, "EUR") == 0;
    apr_uint64_t amount = cents < 0 ? 0 - (apr_uint64_t)cents : (apr_uint64_t)cents;

    smv_buffer_puts(buffer, cents < 0 ? "-" : "");
    if (!is_german) {
        smv_buffer_html(buffer, is_euro ? "€" : currency, strlen(is_euro ? "€" : currency));
        smv_buffer_puts(buffer, is_euro ? "" : " ");
    }
    write_grouped(buffer, amount / 100, is_german ? '.' : ',');
    smv_buffer_puts(buffer, is_german ? "," : ".");
    write_fixed_digits(buffer, (int)(amount % 100), 2);
    if (is_german) {
        smv_buffer_puts(buffer, " ");
        smv_buffer_html(buffer, is_euro ? "€" : currency, strlen(is_euro ? "€" : currency));
    }
}

static int is_iso_date(const char *date, apr_size_t size)
{
    static const char form[] = "dddd-dd-dd";

    if (size != sizeof form - 1) {
        return 0;
    }
    for (apr_size_t i = 0; i < size; i++) {
        if (form[i] == 'd' ? date[i] < '0' || date[i] > '9' : date[i] != form[i]) {
            return 0;
        }
    }
    return 1;
}

static const char *const english_months[] = {"January", "February", "March",     "April",   "May",      "June",
                                             "July",    "August",   "September", "October", "November", "December"};

void smv_format_date(smv_buffer_t *buffer, smv_language_e language, const char *date, apr_size_t size)
{
    int month;

    if (!is_iso_date(date, size)) {
        smv_buffer_html(buffer, date, size);
        return;
    }
    month = (date[5] - '0') * 10 + date[6] - '0';
    if (language == SMV_LANGUAGE_EN && month >= 1 && month <= 12) {
        smv_buffer_number(buffer, (date[8] - '0') * 10 + date[9] - '0');
        smv_buffer_puts(buffer, " ");
        smv_buffer_puts(buffer, english_months[month - 1]);
        smv_buffer_puts(buffer, " ");
    } else {
        smv_buffer_write(buffer, date + 8, 2);
        smv_buffer_puts(buffer, ".");
        smv_buffer_write(buffer, date + 5, 2);
        smv_buffer_puts(buffer, ".");
    }
    smv_buffer_write(buffer, date, 4);
}

void smv_format_bytes(smv_buffer_t *buffer, smv_language_e language, apr_int64_t bytes)
{
    static const char *const units[] = {" KB", " MB", " GB", " TB"};
    int unit = 0;
    apr_int64_t tenths = bytes / 100;

    if (bytes < 1000) {
        smv_buffer_number(buffer, bytes);
        smv_buffer_puts(buffer, language == SMV_LANGUAGE_DE ? " Byte" : " bytes");
        return;
    }
    while (tenths >= 10000 && unit < 3) {
        tenths /= 1000;
        unit++;
    }
    smv_buffer_number(buffer, tenths / 10);
    smv_buffer_puts(buffer, language == SMV_LANGUAGE_DE ? "," : ".");
    smv_buffer_number(buffer, tenths % 10);
    smv_buffer_puts(buffer, units[unit]);
}

/* The last Sunday of a month of 31 days, 01:00 UTC: when summer time begins and ends (Directive 2000/84/EC). */
static time_t last_sunday(int year, int month)
{
    struct tm day = {.tm_year = year, .tm_mon = month, .tm_mday = 31, .tm_hour = 1};
    time_t when = timegm(&day);

    gmtime_r(&when, &day);
    return when - (time_t)day.tm_wday * 86400;
}

/* 1000-01-01 and 9999-12-31 in Berlin: strftime pads no year to the four digits of ISO 8601 */
#define FIRST_SECOND (-30610227600)
#define LAST_SECOND 253402297199

void smv_format_time(smv_buffer_t *buffer, smv_language_e language, apr_int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm utc;
    char text[16];

    if (seconds < FIRST_SECOND || seconds > LAST_SECOND || !gmtime_r(&when, &utc)) {
        return;
    }
    when += when >= last_sunday(utc.tm_year, 2) && when < last_sunday(utc.tm_year, 9) ? 7200 : 3600;
    gmtime_r(&when, &utc);
    smv_format_date(buffer, language, text, strftime(text, sizeof text, "%Y-%m-%d", &utc));
    smv_buffer_write(buffer, text, strftime(text, sizeof text, ", %H:%M", &utc));
}
