/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_rules: what holds for texts that people type: characters, dates, IBAN, BIC, mail addresses, telephone numbers.
 *
 * Pure functions: safe to use from every thread.
 */
#ifndef SMV_RULES_H
#define SMV_RULES_H

#include <apr_pools.h>

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

extern const smv_rule_t smv_rule_iban;  /* ISO 13616: blanks go, letters become capitals */
extern const smv_rule_t smv_rule_bic;   /* ISO 9362 */
extern const smv_rule_t smv_rule_mail;  /* plausible by RFC 5321 */
extern const smv_rule_t smv_rule_phone; /* plausible: 5 to 15 digits (E.164), punctuation as people write it */
extern const smv_rule_t smv_rule_birth_date, smv_rule_past_date;

/* Well-formed UTF-8 (RFC 3629); NUL bytes are. */
int smv_is_utf8(const char *text, apr_size_t size);

/* Characters (code points) of well-formed UTF-8. */
apr_size_t smv_utf8_length(const char *text, apr_size_t size);

/* C0 but tab, CR and LF; DEL; C1; and the marks that turn the direction of text around (U+202A-202E, U+2066-2069). */
int smv_has_control(const char *text, apr_size_t size);

/* An ISO 8601 date that the Gregorian calendar has, of the years 1000 to 9999. */
int smv_is_date(const char *text);

/* "1.3.2020" and "01.03.2020" to "2020-03-01"; an ISO date is copied. @return 0 where it is no date of the calendar */
int smv_read_date(char iso[11], const char *text);

/* "DE89370400440532013000" -> "DE89 •••• 3000" */
const char *smv_iban_masked(const char *iban, apr_pool_t *pool);

/* In groups of four, as ISO 13616 prints it. */
const char *smv_iban_grouped(const char *iban, apr_pool_t *pool);

#endif
