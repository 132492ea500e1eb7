/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_format: values as people read them. German: 1.234,56 €, 01.03.2020; English: €1,234.56, 1 March 2020.
 *
 * Pure functions. Text is escaped for HTML.
 */
#ifndef SMV_FORMAT_H
#define SMV_FORMAT_H

#include "smv_buffer.h"
#include "smv_view.h"

typedef enum { SMV_LANGUAGE_DE, SMV_LANGUAGE_EN, SMV_LANGUAGE_COUNT } smv_language_e;

/* "de", "en" */
extern const char *const smv_language_tags[SMV_LANGUAGE_COUNT];

/* The language wanted (RFC 9110, 12.5.4: the highest q among those known); German for NULL and unknown ones. */
smv_language_e smv_language_of(const char *accept_language);

/* Cents: 5400 EUR -> "54,00 €"; -1 -> "-0,01 €"; a currency without a sign of its own by its code: "54,00 CHF". */
void smv_format_money(smv_buffer_t *buffer, smv_language_e language, apr_int64_t cents, const char *currency);

/* ISO 8601 date; anything else is written as it is, escaped. */
void smv_format_date(smv_buffer_t *buffer, smv_language_e language, const char *date, apr_size_t size);

/* A size: "812 Byte", "12,3 KB", "4,5 MB" (1 KB = 1000 bytes). */
void smv_format_bytes(smv_buffer_t *buffer, smv_language_e language, apr_int64_t bytes);

/* Seconds since 1970 in the time of Europe/Berlin: "01.03.2020, 13:45". */
void smv_format_time(smv_buffer_t *buffer, smv_language_e language, apr_int64_t seconds);

#endif
