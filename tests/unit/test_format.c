/* SPDX-License-Identifier: Apache-2.0
 *
 * Values as people read them, in both languages.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_format.h"

#define DE SMV_LANGUAGE_DE
#define EN SMV_LANGUAGE_EN

static void money_in_german(void)
{
    UNIT_WRITES("54,00 €", smv_format_money(&buffer, DE, 5400, "EUR"));
    UNIT_WRITES("182,07 €", smv_format_money(&buffer, DE, 18207, "EUR"));
    UNIT_WRITES("1.000,00 €", smv_format_money(&buffer, DE, 100000, "EUR"));
    UNIT_WRITES("-0,01 €", smv_format_money(&buffer, DE, -1, "EUR"));
    UNIT_WRITES("54,00 CHF", smv_format_money(&buffer, DE, 5400, "CHF"));
    UNIT_WRITES("-92.233.720.368.547.758,08 €", smv_format_money(&buffer, DE, APR_INT64_MIN, "EUR"));
    UNIT_WRITES("0,00 &lt;b&gt;", smv_format_money(&buffer, DE, 0, "<b>"));
}

static void money_in_english(void)
{
    UNIT_WRITES("€54.00", smv_format_money(&buffer, EN, 5400, "EUR"));
    UNIT_WRITES("-€1,234.56", smv_format_money(&buffer, EN, -123456, "EUR"));
    UNIT_WRITES("CHF 1,000,000.00", smv_format_money(&buffer, EN, 100000000, "CHF"));
}

static void dates(void)
{
    UNIT_WRITES("01.03.2020", smv_format_date(&buffer, DE, "2020-03-01", 10));
    UNIT_WRITES("1 March 2020", smv_format_date(&buffer, EN, "2020-03-01", 10));
    UNIT_WRITES("31 December 1999", smv_format_date(&buffer, EN, "1999-12-31", 10));
}

static void what_is_no_date_is_written_as_it_is(void)
{
    UNIT_WRITES("2020-3-1", smv_format_date(&buffer, DE, "2020-3-1", 8));
    UNIT_WRITES("2020-03-0&lt;", smv_format_date(&buffer, DE, "2020-03-0<", 10));
    UNIT_WRITES("", smv_format_date(&buffer, EN, "", 0));
    UNIT_WRITES("01.13.2020", smv_format_date(&buffer, EN, "2020-13-01", 10));
}

static void sizes(void)
{
    UNIT_WRITES("812 Byte", smv_format_bytes(&buffer, DE, 812));
    UNIT_WRITES("812 bytes", smv_format_bytes(&buffer, EN, 812));
    UNIT_WRITES("1,0 KB", smv_format_bytes(&buffer, DE, 1000));
    UNIT_WRITES("12,3 KB", smv_format_bytes(&buffer, DE, 12345));
    UNIT_WRITES("999,9 KB", smv_format_bytes(&buffer, DE, 999999));
    UNIT_WRITES("1.0 MB", smv_format_bytes(&buffer, EN, 1000000));
    UNIT_WRITES("4,5 MB", smv_format_bytes(&buffer, DE, 4500000));
    UNIT_WRITES("9223372,0 TB", smv_format_bytes(&buffer, DE, APR_INT64_MAX));
}

/* In winter the day in Berlin begins at 23:00 UTC, in summer at 22:00; the clocks change at 01:00 UTC. */
static void the_day_is_that_of_berlin(void)
{
    UNIT_WRITES("31.12.2025, 23:59", smv_format_time(&buffer, DE, 1767221999));
    UNIT_WRITES("01.01.2026, 00:00", smv_format_time(&buffer, DE, 1767222000));
    UNIT_WRITES("30.06.2026, 23:59", smv_format_time(&buffer, DE, 1782856799));
    UNIT_WRITES("1 July 2026, 00:00", smv_format_time(&buffer, EN, 1782856800));
    UNIT_WRITES("28.03.2026, 23:59", smv_format_time(&buffer, DE, 1774738799)); /* the last day of winter time */
    UNIT_WRITES("29.03.2026, 23:59", smv_format_time(&buffer, DE, 1774821599)); /* 21:59:59 UTC, summer by now */
    UNIT_WRITES("30.03.2026, 00:00", smv_format_time(&buffer, DE, 1774821600));
    UNIT_WRITES("25.10.2026, 23:59", smv_format_time(&buffer, DE, 1792969199)); /* 22:59:59 UTC, winter again */
    UNIT_WRITES("26.10.2026, 00:00", smv_format_time(&buffer, DE, 1792969200));
}

static void a_time_without_a_date_is_empty(void)
{
    UNIT_WRITES("", smv_format_time(&buffer, DE, APR_INT64_MAX));
    UNIT_WRITES("", smv_format_time(&buffer, DE, APR_INT64_MIN));
    UNIT_WRITES("31.12.9999, 23:59", smv_format_time(&buffer, DE, 253402297199));
    UNIT_WRITES("", smv_format_time(&buffer, DE, 253402297200));
    UNIT_WRITES("01.01.1000, 00:00", smv_format_time(&buffer, DE, -30610227600));
    UNIT_WRITES("", smv_format_time(&buffer, DE, -30610227601));
}

static void the_language_is_that_of_the_highest_quality(void)
{
    CU_ASSERT_EQUAL(smv_language_of(NULL), DE);
    CU_ASSERT_EQUAL(smv_language_of(""), DE);
    CU_ASSERT_EQUAL(smv_language_of("fr"), DE);
    CU_ASSERT_EQUAL(smv_language_of("en"), EN);
    CU_ASSERT_EQUAL(smv_language_of("EN-us"), EN);
    CU_ASSERT_EQUAL(smv_language_of("en, de"), EN);
    CU_ASSERT_EQUAL(smv_language_of("fr, de;q=0.3, en;q=0.7"), EN);
    CU_ASSERT_EQUAL(smv_language_of("en ; q=0.3 , de ; q=0.7"), DE);
    CU_ASSERT_EQUAL(smv_language_of("en;q=0"), DE);
    CU_ASSERT_EQUAL(smv_language_of("eng, enx-GB"), DE);
    CU_ASSERT_EQUAL(smv_language_of(",;,;q=,en;"), EN);
}

int suite_format(void)
{
    static CU_TestInfo tests[] = {
        {"money in German", money_in_german},
        {"money in English", money_in_english},
        {"dates", dates},
        {"what is no date is written as it is", what_is_no_date_is_written_as_it_is},
        {"sizes", sizes},
        {"the day is that of Berlin", the_day_is_that_of_berlin},
        {"a time without a date is empty", a_time_without_a_date_is_empty},
        {"the language is that of the highest quality", the_language_is_that_of_the_highest_quality},
        CU_TEST_INFO_NULL,
    };

    return unit_register("format", tests);
}
