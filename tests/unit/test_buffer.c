/* SPDX-License-Identifier: Apache-2.0
 *
 * The buffer: its growth and bound, and what each kind of text becomes.
 */
#include "unit.h"

static void it_grows_and_keeps_what_was_written(void)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 0, 1000, unit_pool);
    for (int i = 0; i < 1000; i++) {
        char letter = (char)('a' + i % 26);

        smv_buffer_write(&buffer, &letter, 1);
    }
    CU_ASSERT_FALSE(buffer.is_failed);
    CU_ASSERT_EQUAL_FATAL(buffer.size, 1000);
    CU_ASSERT_EQUAL(buffer.capacity, 1000);
    for (int i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL(buffer.data[i], 'a' + i % 26);
    }
}

static void past_its_limit_it_fails_for_good(void)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 4, 8, unit_pool);
    smv_buffer_puts(&buffer, "12345");
    smv_buffer_puts(&buffer, "6789");
    CU_ASSERT_TRUE(buffer.is_failed);
    smv_buffer_puts(&buffer, "6");
    smv_buffer_json(&buffer, "x", 1);
    CU_ASSERT_EQUAL(buffer.size, 5);
    CU_ASSERT_FALSE(smv_buffer_reserve(&buffer, 1));
    CU_ASSERT_FALSE(smv_buffer_reserve(&buffer, (apr_size_t)-1));
}

static void a_capacity_is_no_more_than_the_limit(void)
{
    smv_buffer_t buffer;

    smv_buffer_init(&buffer, 100, 8, unit_pool);
    smv_buffer_puts(&buffer, "12345678");
    CU_ASSERT_FALSE(buffer.is_failed);
    smv_buffer_puts(&buffer, "9");
    CU_ASSERT_TRUE(buffer.is_failed);
}

static void html_is_escaped(void)
{
    UNIT_WRITES("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;",
                smv_buffer_html(&buffer, "<b a=\"1\" c='2'>&amp;", 20));
    UNIT_WRITES("Müller", smv_buffer_html(&buffer, "Müller", strlen("Müller")));
    UNIT_WRITES("", smv_buffer_html(&buffer, "", 0));
    UNIT_WRITES("ab", smv_buffer_html(&buffer, "ab<", 2));
}

static void urls_are_encoded(void)
{
    UNIT_WRITES("AZaz09-._~/@+", smv_buffer_url(&buffer, "AZaz09-._~/@+", 13));
    UNIT_WRITES("%20%22%25%26%3A%3F%23%3C%C3%A4%00", smv_buffer_url(&buffer, " \"%&:?#<ä\0", 11));
}

static void json_is_quoted(void)
{
    UNIT_WRITES("\"\"", smv_buffer_json(&buffer, "", 0));
    UNIT_WRITES("\"Müller €\"", smv_buffer_json(&buffer, "Müller €", strlen("Müller €")));
    UNIT_WRITES("\"a\\\"b\\\\c\\nd/\"", smv_buffer_json(&buffer, "a\"b\\c\nd/", 8));
    UNIT_WRITES("\"\\u0000\\u001f\x7f\"", smv_buffer_json(&buffer, "\0\x1f\x7f", 3));
}

#define REPLACED "\xef\xbf\xbd"

static void json_replaces_what_is_no_utf8(void)
{
    UNIT_WRITES("\"a" REPLACED "b\"", smv_buffer_json(&buffer,
                                                      "a\xff"
                                                      "b",
                                                      3));
    UNIT_WRITES("\"" REPLACED REPLACED "\"", smv_buffer_json(&buffer, "\xc0\xaf", 2));
    UNIT_WRITES("\"" REPLACED REPLACED REPLACED "\"", smv_buffer_json(&buffer, "\xed\xa0\x80", 3));
    UNIT_WRITES("\"" REPLACED REPLACED REPLACED REPLACED "\"", smv_buffer_json(&buffer, "\xf4\x90\x80\x80", 4));
    UNIT_WRITES("\"" REPLACED REPLACED "\"", smv_buffer_json(&buffer, "\xe2\x82\xac", 2));
    UNIT_WRITES("\"\xf0\x9f\x98\x80\"", smv_buffer_json(&buffer, "\xf0\x9f\x98\x80", 4));
}

static void numbers_are_decimal(void)
{
    UNIT_WRITES("0", smv_buffer_number(&buffer, 0));
    UNIT_WRITES("-7", smv_buffer_number(&buffer, -7));
    UNIT_WRITES("9223372036854775807", smv_buffer_number(&buffer, APR_INT64_MAX));
    UNIT_WRITES("-9223372036854775808", smv_buffer_number(&buffer, APR_INT64_MIN));
}

int suite_buffer(void)
{
    static CU_TestInfo tests[] = {
        {"it grows and keeps what was written", it_grows_and_keeps_what_was_written},
        {"past its limit it fails for good", past_its_limit_it_fails_for_good},
        {"a capacity is no more than the limit", a_capacity_is_no_more_than_the_limit},
        {"HTML is escaped", html_is_escaped},
        {"URLs are encoded", urls_are_encoded},
        {"JSON is quoted", json_is_quoted},
        {"JSON replaces what is no UTF-8", json_replaces_what_is_no_utf8},
        {"numbers are decimal", numbers_are_decimal},
        CU_TEST_INFO_NULL,
    };

    return unit_register("buffer", tests);
}
