/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_rules: what a field's text must be beyond its type, and the questions about text and dates that come before that.
 *
 * Pure functions; what they return is static unless a pool is named. Thread-safety: any.
 */
#ifndef SMV_RULES_H
#define SMV_RULES_H

#include <apr_pools.h>
#include <apr_time.h>

/* A rule for a field's text beyond its type. */
typedef struct smv_rule_t {
    const char *format;       /* name of the format in OpenAPI: "iban" */
    const char *input_type;   /* HTML's: "text", "email", "tel" */
    const char *autocomplete; /* HTML's autofill field name, NULL for none */
    /* @param text NUL-terminated UTF-8, trimmed, not empty; may be normalised in place, never longer
     * @param today ISO 8601 date
     * @return NULL, else what is wrong: German, static, a msgid of the catalogue */
    const char *(*check)(char *text, const char *today);
} smv_rule_t;

/* iban, bic: normalised to upper case without blanks. phone: runs of blanks become one.
 * birth_date, past_date: the text is a date by its type already, as smv_is_date says. */
extern const smv_rule_t smv_rule_iban, smv_rule_bic, smv_rule_mail, smv_rule_phone, smv_rule_birth_date,
    smv_rule_past_date;

/* Well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong, up to U+10FFFF); NUL bytes are allowed. */
int smv_is_utf8(const char *text, apr_size_t size);

/* Code points of well-formed UTF-8. */
apr_size_t smv_utf8_length(const char *text, apr_size_t size);

/* C0 (but tab, CR, LF), DEL and C1 controls, the overrides and isolates of direction U+202A-202E and U+2066-2069, and
 * what is not well-formed. */
int smv_has_control(const char *text, apr_size_t size);

/* An ISO 8601 date that the calendar has (proleptic Gregorian, years 1000-9999), 10 characters exactly. */
int smv_is_date(const char *text);

/* "1.3.2020" or "01.03.2020" to "2020-03-01"; ISO dates are copied.
 * @return 0 where it is no date that the calendar has; iso is left alone then */
int smv_read_date(char iso[11], const char *text);

/* @return the day of a time in UTC, "2020-03-01", in the pool */
const char *smv_day_of(apr_time_t time, apr_pool_t *pool);

/* @param date ISO 8601, one that the calendar has @return when that day begins in UTC */
apr_time_t smv_day_begin(const char *date);

/* "DE89370400440532013000" -> "DE89 •••• 3000": first four and last four characters. In the pool. Shorter than 9: all
 * dots.
 * @param iban as smv_rule_iban leaves it */
const char *smv_iban_masked(const char *iban, apr_pool_t *pool);

/* In groups of four, as ISO 13616 prints it. In the pool.
 * @param iban as smv_rule_iban leaves it */
const char *smv_iban_grouped(const char *iban, apr_pool_t *pool);

#endif
