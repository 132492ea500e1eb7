/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_rules.h"

#include <apr_strings.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST 130 /* years */

/* --- characters --- */

/* @return the bytes of the well-formed character at text, 0 where there is none; its code point */
static apr_size_t read_character(unsigned *point, const unsigned char *text, apr_size_t size)
{
    static const struct {
        unsigned char mask, lead;
        apr_size_t size;
        unsigned lowest;
    } forms[] = {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};

    for (size_t form = 0; size > 0 && form < sizeof forms / sizeof *forms; form++) {
        if ((text[0] & forms[form].mask) != forms[form].lead) {
            continue;
        }
        *point = text[0] & (unsigned char)~forms[form].mask;
        for (apr_size_t i = 1; i < forms[form].size; i++) {
            if (i >= size || (text[i] & 0xC0) != 0x80) {
                return 0;
            }
            *point = *point << 6 | (text[i] & 0x3F);
        }
        return *point < forms[form].lowest || *point > 0x10FFFF || (*point >= 0xD800 && *point <= 0xDFFF)
                   ? 0
                   : forms[form].size;
    }
    return 0;
}

int smv_is_utf8(const char *text, apr_size_t size)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned point;

    while (size > 0) {
        apr_size_t length = read_character(&point, at, size);

        if (!length) {
            return 0;
        }
        at += length;
        size -= length;
    }
    return 1;
}

apr_size_t smv_utf8_length(const char *text, apr_size_t size)
{
    apr_size_t length = 0;

    for (apr_size_t i = 0; i < size; i++) {
        length += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return length;
}

static int is_control(unsigned point)
{
    return (point < ' ' && point != '\t' && point != '\r' && point != '\n') || (point >= 0x7F && point <= 0x9F) ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

int smv_has_control(const char *text, apr_size_t size)
{
    const unsigned char *at = (const unsigned char *)text;

    while (size > 0) {
        unsigned point = 0;
        apr_size_t length = read_character(&point, at, size);

        if (!length || is_control(point)) {
            return 1;
        }
        at += length;
        size -= length;
    }
    return 0;
}

/* --- dates --- */

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && is_leap);
}

static int is_in_calendar(int year, int month, int day)
{
    return year >= 1000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

/* Whether text has the pattern, in which 9 stands for a digit. */
static int is_like(const char *text, const char *pattern)
{
    for (; *pattern && *text; pattern++, text++) {
        if (*pattern == '9' ? !isdigit((unsigned char)*text) : *pattern != *text) {
            return 0;
        }
    }
    return !*pattern && !*text;
}

int smv_is_date(const char *text)
{
    return is_like(text, "9999-99-99") && is_in_calendar(atoi(text), atoi(text + 5), atoi(text + 8));
}

int smv_read_date(char iso[11], const char *text)
{
    static const char *const patterns[] = {"9.9.9999", "99.9.9999", "9.99.9999", "99.99.9999"};
    const char *month, *year;

    if (is_like(text, "9999-99-99")) {
        memcpy(iso, text, 11);
        return smv_is_date(iso);
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (is_like(text, patterns[i])) {
            month = strchr(text, '.') + 1;
            year = strchr(month, '.') + 1;
            apr_snprintf(iso, 11, "%04d-%02d-%02d", atoi(year), atoi(month), atoi(text));
            return smv_is_date(iso);
        }
    }
    return 0;
}

static const char *check_past(char *text, const char *today)
{
    return strcmp(text, today) > 0 ? "Dieses Datum liegt in der Zukunft." : NULL;
}

static const char *check_birth_date(char *text, const char *today)
{
    const char *wrong = check_past(text, today);

    return !wrong && atoi(today) - atoi(text) > OLDEST ? "Dieses Datum liegt zu weit zurück." : wrong;
}

/* --- bank accounts --- */

/* Length of an IBAN by country (SWIFT's registry of ISO 13616), sorted. */
static const struct {
    char country[3];
    unsigned char length;
} ibans[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27},
    {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
    {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
    {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22},
    {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
    {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};

/* Without blanks and in capitals. @return 0 where something else than ASCII letters and digits is in it */
static int normalise(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != ' ' && !isalnum((unsigned char)*from)) {
            return 0;
        }
        if (*from != ' ') {
            *to++ = (char)toupper((unsigned char)*from);
        }
    }
    *to = '\0';
    return *text != '\0';
}

/* ISO 7064 MOD 97-10 over the country and check digits behind the rest, letters as 10 to 35. */
static int remainder_of(const char *iban, size_t size)
{
    int remainder = 0;

    for (size_t i = 0; i < size; i++) {
        char c = iban[(i + 4) % size];

        remainder = isdigit((unsigned char)c) ? (remainder * 10 + c - '0') % 97 : (remainder * 100 + c - 'A' + 10) % 97;
    }
    return remainder;
}

static const char *check_iban(char *text, const char *today)
{
    size_t size;

    (void)today;
    if (!normalise(text) || strlen(text) < 5 || !isdigit((unsigned char)text[2]) || !isdigit((unsigned char)text[3])) {
        return "Eine IBAN beginnt mit dem Land und zwei Prüfziffern, zum Beispiel DE89.";
    }
    size = strlen(text);
    for (size_t i = 0; i < sizeof ibans / sizeof *ibans; i++) {
        if (strncmp(ibans[i].country, text, 2) == 0) {
            return ibans[i].length != size ? "Die IBAN hat nicht so viele Stellen, wie es in diesem Land sind."
                   : remainder_of(text, size) != 1
                       ? "Die Prüfziffern der IBAN stimmen nicht. Bitte prüfen Sie auf Tippfehler."
                       : NULL;
        }
    }
    return "In diesem Land gibt es keine IBAN. Bitte prüfen Sie die ersten beiden Buchstaben.";
}

/* Four letters or digits of the bank, two letters of the country, two of the place, perhaps three of the branch. */
static const char *check_bic(char *text, const char *today)
{
    size_t size;

    (void)today;
    size = normalise(text) ? strlen(text) : 0;
    return (size == 8 || size == 11) && isalpha((unsigned char)text[4]) && isalpha((unsigned char)text[5])
               ? NULL
               : "Eine BIC hat 8 oder 11 Stellen, an fünfter und sechster das Land.";
}

const char *smv_iban_masked(const char *iban, apr_pool_t *pool)
{
    size_t size = strlen(iban);

    return size < 9 ? "••••" : apr_psprintf(pool, "%.4s •••• %s", iban, iban + size - 4);
}

const char *smv_iban_grouped(const char *iban, apr_pool_t *pool)
{
    size_t size = strlen(iban);
    char *grouped = apr_palloc(pool, size + size / 4 + 2), *to = grouped;

    for (size_t i = 0; i < size; i++) {
        if (i > 0 && i % 4 == 0) {
            *to++ = ' ';
        }
        *to++ = iban[i];
    }
    *to = '\0';
    return grouped;
}

/* --- telephone and mail --- */

static const char *check_phone(char *text, const char *today)
{
    int digits = 0;

    (void)today;
    for (const char *at = text; *at; at++) {
        if (!isdigit((unsigned char)*at) && !strchr(" /-().", *at) && !(*at == '+' && at == text)) {
            return "Eine Telefonnummer hat Ziffern, vorn vielleicht ein +, und dazwischen Leerzeichen, / - ( ) und "
                   "Punkte.";
        }
        digits += isdigit((unsigned char)*at) != 0;
    }
    return digits >= 5 && digits <= 15 ? NULL : "Eine Telefonnummer hat 5 bis 15 Ziffern.";
}

/* Letters and digits of any language count by their bytes beyond ASCII. */
static int is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static int is_local_part(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '.' ? i == 0 || i == size - 1 || text[i + 1] == '.'
                           : !is_word(text[i]) && !strchr("!#$%&'*+-/=?^_`{|}~", text[i])) {
            return 0;
        }
    }
    return size >= 1 && size <= 64;
}

static int is_domain(const char *text)
{
    int labels = 1;
    size_t length = 0;

    for (const char *at = text; *at; at++) {
        if (*at == '.') {
            if (length == 0 || at[-1] == '-') {
                return 0;
            }
            labels++;
            length = 0;
        } else if (++length > 63 || !(is_word(*at) || (*at == '-' && length > 1))) {
            return 0;
        }
    }
    return labels >= 2 && length >= 2 && text[strlen(text) - 1] != '-';
}

static const char *check_mail(char *text, const char *today)
{
    const char *at = strrchr(text, '@');

    (void)today;
    return at && strlen(text) <= 254 && is_local_part(text, (size_t)(at - text)) && is_domain(at + 1)
               ? NULL
               : "Das ist keine E-Mail-Adresse, wie zum Beispiel name@firma.example.";
}

const smv_rule_t smv_rule_iban = {"iban", "text", NULL, check_iban};
const smv_rule_t smv_rule_bic = {"bic", "text", NULL, check_bic};
const smv_rule_t smv_rule_mail = {"email", "email", "email", check_mail};
const smv_rule_t smv_rule_phone = {"phone", "tel", "tel", check_phone};
const smv_rule_t smv_rule_birth_date = {"date", "date", "bday", check_birth_date};
const smv_rule_t smv_rule_past_date = {"date", "date", NULL, check_past};
