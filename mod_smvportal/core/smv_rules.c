/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_rules.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* --- characters ------------------------------------------------------------------------------------------------- */

/* @return the bytes of the code point at the start of text, 0 where it is not well-formed */
static apr_size_t decode(apr_uint32_t *code_point, const char *text, apr_size_t size)
{
    static const apr_uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    apr_size_t length = first < 0x80   ? 1
                        : first < 0xc0 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf8 ? 4
                                       : 0;

    if (length == 0 || length > size) {
        return 0;
    }
    *code_point = length == 1 ? first : first & (0x7fU >> length);
    for (apr_size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)text[i];

        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        *code_point = *code_point << 6 | (next & 0x3f);
    }
    if (*code_point < smallest[length] || *code_point > 0x10ffff || (*code_point >= 0xd800 && *code_point <= 0xdfff)) {
        return 0;
    }
    return length;
}

int smv_is_utf8(const char *text, apr_size_t size)
{
    apr_uint32_t code_point;

    for (apr_size_t i = 0, length; i < size; i += length) {
        if ((length = decode(&code_point, text + i, size - i)) == 0) {
            return 0;
        }
    }
    return 1;
}

apr_size_t smv_utf8_length(const char *text, apr_size_t size)
{
    apr_size_t count = 0;

    for (apr_size_t i = 0; i < size; i++) {
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return count;
}

static int is_control(apr_uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || (c >= 0x7f && c <= 0x9f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

int smv_has_control(const char *text, apr_size_t size)
{
    apr_uint32_t code_point;

    for (apr_size_t i = 0, length; i < size; i += length) {
        length = decode(&code_point, text + i, size - i);
        if (length == 0 || is_control(code_point)) {
            return 1;
        }
    }
    return 0;
}

/* ctype.h asks the locale. */
static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* @return the number of so many digits at the start of text, -1 where they are not there */
static int read_digits(const char *text, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(text[i])) {
            return -1;
        }
        number = number * 10 + text[i] - '0';
    }
    return number;
}

static int all_alphanumeric(const char *text)
{
    while (is_alphanumeric(*text)) {
        text++;
    }
    return *text == '\0';
}

/* @return the bytes of the blank at the start of text, 0 where there is none; web pages and PDF files group numbers by
 * no-break spaces (U+00A0, U+202F) */
static apr_size_t blank_length(const char *text)
{
    if (*text == ' ' || *text == '\t') {
        return 1;
    }
    return strncmp(text, "\xc2\xa0", 2) == 0 ? 2 : strncmp(text, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

/* Blanks between two characters become the separator; those at the ends go. */
static void replace_blanks(char *text, const char *separator)
{
    char *end = text;
    int is_pending = 0;

    for (const char *at = text; *at;) {
        apr_size_t blank = blank_length(at);

        if (blank) {
            is_pending = end > text;
            at += blank;
            continue;
        }
        if (is_pending && *separator) {
            *end++ = *separator;
        }
        is_pending = 0;
        *end++ = *at++;
    }
    *end = '\0';
}

static void compact(char *text)
{
    replace_blanks(text, "");
    for (; *text; text++) {
        if (*text >= 'a' && *text <= 'z') {
            *text = (char)(*text - 'a' + 'A');
        }
    }
}

/* --- countries -------------------------------------------------------------------------------------------------- */

typedef struct country_t {
    char code[3];
    unsigned char iban_length; /* 0: has no IBAN */
} country_t;

/* ISO 3166-1 with Kosovo's XK, which banks use; lengths of the SWIFT IBAN registry, release 100. */
static const country_t countries[] = {
    {"AD", 24}, {"AE", 23}, {"AF", 0},  {"AG", 0},  {"AI", 0},  {"AL", 28}, {"AM", 0},  {"AO", 0},  {"AQ", 0},
    {"AR", 0},  {"AS", 0},  {"AT", 20}, {"AU", 0},  {"AW", 0},  {"AX", 0},  {"AZ", 28}, {"BA", 20}, {"BB", 0},
    {"BD", 0},  {"BE", 16}, {"BF", 0},  {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BJ", 0},  {"BL", 0},  {"BM", 0},
    {"BN", 0},  {"BO", 0},  {"BQ", 0},  {"BR", 29}, {"BS", 0},  {"BT", 0},  {"BV", 0},  {"BW", 0},  {"BY", 28},
    {"BZ", 0},  {"CA", 0},  {"CC", 0},  {"CD", 0},  {"CF", 0},  {"CG", 0},  {"CH", 21}, {"CI", 0},  {"CK", 0},
    {"CL", 0},  {"CM", 0},  {"CN", 0},  {"CO", 0},  {"CR", 22}, {"CU", 0},  {"CV", 0},  {"CW", 0},  {"CX", 0},
    {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DM", 0},  {"DO", 28}, {"DZ", 0},  {"EC", 0},
    {"EE", 20}, {"EG", 29}, {"EH", 0},  {"ER", 0},  {"ES", 24}, {"ET", 0},  {"FI", 18}, {"FJ", 0},  {"FK", 18},
    {"FM", 0},  {"FO", 18}, {"FR", 27}, {"GA", 0},  {"GB", 22}, {"GD", 0},  {"GE", 22}, {"GF", 0},  {"GG", 0},
    {"GH", 0},  {"GI", 23}, {"GL", 18}, {"GM", 0},  {"GN", 0},  {"GP", 0},  {"GQ", 0},  {"GR", 27}, {"GS", 0},
    {"GT", 28}, {"GU", 0},  {"GW", 0},  {"GY", 0},  {"HK", 0},  {"HM", 0},  {"HN", 28}, {"HR", 21}, {"HT", 0},
    {"HU", 28}, {"ID", 0},  {"IE", 22}, {"IL", 23}, {"IM", 0},  {"IN", 0},  {"IO", 0},  {"IQ", 23}, {"IR", 0},
    {"IS", 26}, {"IT", 27}, {"JE", 0},  {"JM", 0},  {"JO", 30}, {"JP", 0},  {"KE", 0},  {"KG", 0},  {"KH", 0},
    {"KI", 0},  {"KM", 0},  {"KN", 0},  {"KP", 0},  {"KR", 0},  {"KW", 30}, {"KY", 0},  {"KZ", 20}, {"LA", 0},
    {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LK", 0},  {"LR", 0},  {"LS", 0},  {"LT", 20}, {"LU", 20}, {"LV", 21},
    {"LY", 25}, {"MA", 0},  {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MF", 0},  {"MG", 0},  {"MH", 0},  {"MK", 19},
    {"ML", 0},  {"MM", 0},  {"MN", 20}, {"MO", 0},  {"MP", 0},  {"MQ", 0},  {"MR", 27}, {"MS", 0},  {"MT", 31},
    {"MU", 30}, {"MV", 0},  {"MW", 0},  {"MX", 0},  {"MY", 0},  {"MZ", 0},  {"NA", 0},  {"NC", 0},  {"NE", 0},
    {"NF", 0},  {"NG", 0},  {"NI", 28}, {"NL", 18}, {"NO", 15}, {"NP", 0},  {"NR", 0},  {"NU", 0},  {"NZ", 0},
    {"OM", 23}, {"PA", 0},  {"PE", 0},  {"PF", 0},  {"PG", 0},  {"PH", 0},  {"PK", 24}, {"PL", 28}, {"PM", 0},
    {"PN", 0},  {"PR", 0},  {"PS", 29}, {"PT", 25}, {"PW", 0},  {"PY", 0},  {"QA", 29}, {"RE", 0},  {"RO", 24},
    {"RS", 22}, {"RU", 33}, {"RW", 0},  {"SA", 24}, {"SB", 0},  {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SG", 0},
    {"SH", 0},  {"SI", 19}, {"SJ", 0},  {"SK", 24}, {"SL", 0},  {"SM", 27}, {"SN", 0},  {"SO", 23}, {"SR", 0},
    {"SS", 0},  {"ST", 25}, {"SV", 28}, {"SX", 0},  {"SY", 0},  {"SZ", 0},  {"TC", 0},  {"TD", 0},  {"TF", 0},
    {"TG", 0},  {"TH", 0},  {"TJ", 0},  {"TK", 0},  {"TL", 23}, {"TM", 0},  {"TN", 24}, {"TO", 0},  {"TR", 26},
    {"TT", 0},  {"TV", 0},  {"TW", 0},  {"TZ", 0},  {"UA", 29}, {"UG", 0},  {"UM", 0},  {"US", 0},  {"UY", 0},
    {"UZ", 0},  {"VA", 22}, {"VC", 0},  {"VE", 0},  {"VG", 24}, {"VI", 0},  {"VN", 0},  {"VU", 0},  {"WF", 0},
    {"WS", 0},  {"XK", 20}, {"YE", 30}, {"YT", 0},  {"ZA", 0},  {"ZM", 0},  {"ZW", 0}};

/* @return the country of the two characters at code, NULL where there is none */
static const country_t *find_country(const char *code)
{
    apr_size_t low = 0, high = sizeof countries / sizeof *countries;

    while (low < high) {
        apr_size_t middle = low + (high - low) / 2;
        int order = strncmp(code, countries[middle].code, 2);

        if (order == 0) {
            return &countries[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* --- bank accounts ---------------------------------------------------------------------------------------------- */

/* ISO 7064 MOD 97-10 over what follows the first four characters, then these; letters count from A = 10. */
static int has_right_check_digits(const char *iban)
{
    apr_size_t length = strlen(iban);
    int check_digits = read_digits(iban + 2, 2);
    unsigned remainder = 0;

    /* 00, 01 and 99 leave the remainder that 97, 98 and 02 do, but are never given. */
    if (check_digits < 2 || check_digits > 98) {
        return 0;
    }
    for (apr_size_t i = 0; i < length; i++) {
        char c = iban[(i + 4) % length];

        remainder = is_digit(c) ? remainder * 10 + (unsigned)(c - '0') : remainder * 100 + (unsigned)(c - 'A') + 10;
        remainder %= 97;
    }
    return remainder == 1;
}

static const char *check_iban(char *text, const char *today)
{
    const country_t *country;

    (void)today;
    compact(text);
    country = find_country(text);
    if (!country || !country->iban_length) {
        return "Das Land am Anfang der IBAN ist nicht bekannt. Eine deutsche IBAN beginnt mit DE.";
    }
    if (!all_alphanumeric(text)) {
        return "Eine IBAN hat nur Buchstaben und Ziffern.";
    }
    if (strlen(text) != country->iban_length) {
        return "Die IBAN ist für ihr Land zu kurz oder zu lang. Eine deutsche IBAN hat 22 Stellen.";
    }
    if (strcmp(country->code, "DE") == 0 && text[2 + strspn(text + 2, "0123456789")]) {
        return "Eine deutsche IBAN hat nach DE nur Ziffern.";
    }
    return has_right_check_digits(text) ? NULL
                                        : "Die Prüfziffer der IBAN stimmt nicht. Bitte prüfen Sie auf Tippfehler.";
}

const smv_rule_t smv_rule_iban = {"iban", "text", NULL, check_iban};

/* ISO 9362: four characters of the party, two of the country, two of the place, three of the branch or none */
static const char *check_bic(char *text, const char *today)
{
    apr_size_t length;

    (void)today;
    compact(text);
    length = strlen(text);
    if ((length != 8 && length != 11) || !all_alphanumeric(text)) {
        return "Ein BIC hat 8 oder 11 Buchstaben und Ziffern.";
    }
    return find_country(text + 4) ? NULL : "Das Land im BIC, das fünfte und sechste Zeichen, ist nicht bekannt.";
}

const smv_rule_t smv_rule_bic = {"bic", "text", NULL, check_bic};

#define DOTS "••••"

const char *smv_iban_masked(const char *iban, apr_pool_t *pool)
{
    apr_size_t length = strlen(iban);

    return length < 9 ? DOTS : apr_psprintf(pool, "%.4s " DOTS " %s", iban, iban + length - 4);
}

const char *smv_iban_grouped(const char *iban, apr_pool_t *pool)
{
    apr_size_t length = strlen(iban);
    char *grouped = apr_palloc(pool, length + length / 4 + 1);
    char *end = grouped;

    for (apr_size_t i = 0; i < length; i++) {
        if (i > 0 && i % 4 == 0) {
            *end++ = ' ';
        }
        *end++ = iban[i];
    }
    *end = '\0';
    return grouped;
}

/* --- mail and phone --------------------------------------------------------------------------------------------- */

/* Plausibly a letter: leaves out the punctuation, symbols and blanks of Unicode, and what few keyboards write. */
static int is_foreign_letter(apr_uint32_t c)
{
    return (c >= 0xc0 && c <= 0x1fff && c != 0xd7 && c != 0xf7) || (c >= 0x2c00 && c <= 0x2dff) ||
           (c >= 0x3005 && c <= 0xd7ff);
}

/* @return the bytes of letters, digits and the marks named at the start of text */
static apr_size_t word_length(const char *text, apr_size_t size, const char *marks)
{
    apr_size_t i = 0, length;
    apr_uint32_t c;

    while (i < size && (length = decode(&c, text + i, size - i)) > 0) {
        int is_part = c < 0x80 ? is_alphanumeric((char)c) || (c && strchr(marks, (int)c)) : is_foreign_letter(c);

        if (!is_part) {
            break;
        }
        i += length;
    }
    return i;
}

/* RFC 5322: dot-atom */
static int is_local_part(const char *text, apr_size_t size)
{
    for (apr_size_t i = 0;; i++) {
        apr_size_t length = word_length(text + i, size - i, "!#$%&'*+-/=?^_`{|}~");

        i += length;
        if (length == 0 || i == size) {
            return length > 0;
        }
        if (text[i] != '.') {
            return 0;
        }
    }
}

static int is_label(const char *label, apr_size_t length)
{
    return length > 0 && smv_utf8_length(label, length) <= 63 && label[0] != '-' && label[length - 1] != '-';
}

/* Labels with a dot at least; the last one is no number (RFC 3696, 2) and, as all that there are, longer than one. */
static int is_domain(const char *domain)
{
    const char *label = domain;

    for (;;) {
        apr_size_t length = word_length(label, strlen(label), "-");

        if (!is_label(label, length)) {
            return 0;
        }
        if (label[length] == '\0') {
            return label > domain && length > 1 && !is_digit(label[0]);
        }
        if (label[length] != '.') {
            return 0;
        }
        label += length + 1;
    }
}

/* RFC 5321, 4.5.3.1: 64 bytes before the @, 256 for the path, two of which are its brackets */
static const char *check_mail(char *text, const char *today)
{
    const char *at = strchr(text, '@');

    (void)today;
    if (!at || !is_local_part(text, (apr_size_t)(at - text)) || !is_domain(at + 1)) {
        return "Bitte geben Sie eine vollständige E-Mail-Adresse ein, zum Beispiel name@beispiel.de.";
    }
    return at - text > 64 || strlen(text) > 254 ? "Diese E-Mail-Adresse ist zu lang." : NULL;
}

const smv_rule_t smv_rule_mail = {"email", "email", "email", check_mail};

/* ITU-T E.164: 15 digits at most */
static const char *check_phone(char *text, const char *today)
{
    int digits = 0;

    (void)today;
    replace_blanks(text, " ");
    if (text[strspn(text, "0123456789 ()/-.+")] || strchr(text + (*text == '+'), '+')) {
        return "Eine Telefonnummer hat nur Ziffern, Leerzeichen und ( ) / - . sowie ein + am Anfang.";
    }
    for (const char *c = text; *c; c++) {
        digits += is_digit(*c);
    }
    return digits < 5 || digits > 15 ? "Eine Telefonnummer hat 5 bis 15 Ziffern." : NULL;
}

const smv_rule_t smv_rule_phone = {"phone", "tel", "tel", check_phone};

/* --- dates ------------------------------------------------------------------------------------------------------ */

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

int smv_is_date(const char *text)
{
    int year, month, day;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
        return 0;
    }
    year = read_digits(text, 4);
    month = read_digits(text + 5, 2);
    day = read_digits(text + 8, 2);
    return year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

/* One or two digits and a dot. @return what follows, NULL where they are not there */
static const char *read_ordinal(char two_digits[2], const char *text)
{
    apr_size_t count = strspn(text, "0123456789");

    if (count < 1 || count > 2 || text[count] != '.') {
        return NULL;
    }
    two_digits[0] = '0';
    memcpy(two_digits + 2 - count, text, count);
    return text + count + 1;
}

int smv_read_date(char iso[11], const char *text)
{
    char date[] = "yyyy-mm-dd";
    const char *at = text;

    if (!smv_is_date(text)) {
        at = read_ordinal(date + 8, at);
        at = at ? read_ordinal(date + 5, at) : NULL;
        if (!at || strlen(at) != 4) {
            return 0;
        }
        memcpy(date, at, 4);
        if (!smv_is_date(date)) {
            return 0;
        }
        text = date;
    }
    memcpy(iso, text, sizeof date);
    return 1;
}

const char *smv_day_of(apr_time_t time, apr_pool_t *pool)
{
    apr_time_exp_t day;

    apr_time_exp_gmt(&day, time);
    return apr_psprintf(pool, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

apr_time_t smv_day_begin(const char *date)
{
    apr_time_exp_t day = {.tm_year = (apr_int32_t)strtol(date, NULL, 10) - 1900,
                          .tm_mon = (apr_int32_t)strtol(date + 5, NULL, 10) - 1,
                          .tm_mday = (apr_int32_t)strtol(date + 8, NULL, 10)};
    apr_time_t begin = 0;

    apr_time_exp_gmt_get(&begin, &day);
    return begin;
}

#define LONGEST_LIFE 130

/* ISO 8601 dates of the years 1000-9999 sort as text. */
static const char *check_birth_date(char *text, const char *today)
{
    int years = read_digits(today, 4) - read_digits(text, 4);

    if (strcmp(text, today) > 0) {
        return "Das Geburtsdatum liegt in der Zukunft.";
    }
    if (years > LONGEST_LIFE || (years == LONGEST_LIFE && strcmp(text + 4, today + 4) < 0)) {
        return "Das Geburtsdatum liegt mehr als 130 Jahre zurück. Bitte prüfen Sie das Jahr.";
    }
    return NULL;
}

const smv_rule_t smv_rule_birth_date = {"date", "text", "bday", check_birth_date};

static const char *check_past_date(char *text, const char *today)
{
    return strcmp(text, today) > 0 ? "Das Datum liegt in der Zukunft." : NULL;
}

const smv_rule_t smv_rule_past_date = {"date", "text", NULL, check_past_date};
