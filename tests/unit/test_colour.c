/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_colour.h"

static double contrast(const char *one, const char *other)
{
    smv_colour_t a = {0}, b = {0};

    CU_ASSERT_TRUE(smv_colour_parse(&a, one));
    CU_ASSERT_TRUE(smv_colour_parse(&b, other));
    return smv_colour_contrast(a, b);
}

static void test_known_contrasts(void)
{
    CU_ASSERT_DOUBLE_EQUAL(contrast("#000000", "#ffffff"), 21, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(contrast("#767676", "#ffffff"), 4.54, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(contrast("#ffffff", "#777777"), 4.48, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(contrast("#FF0000", "#ffffff"), 4.00, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(contrast("#0a0b0c", "#0A0B0C"), 1, 0.000001);
}

static void test_what_is_no_colour(void)
{
    static const char *const wrong[] = {"",         "#",       "#fff", "ffffff",  "#ffffff ",
                                        "#fffffff", "#ggffff", "red",  " #ffffff"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        smv_colour_t colour = {1, 2, 3};

        CU_ASSERT_FALSE(smv_colour_parse(&colour, wrong[i]));
        CU_ASSERT_TRUE(colour.red == 1 && colour.green == 2 && colour.blue == 3);
    }
}

int suite_colour(void)
{
    static CU_TestInfo tests[] = {{"contrasts are those known of WCAG", test_known_contrasts},
                                  {"only # and six digits are a colour", test_what_is_no_colour},
                                  CU_TEST_INFO_NULL};

    return unit_register("colour", tests);
}
