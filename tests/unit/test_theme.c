/* SPDX-License-Identifier: Apache-2.0
 *
 * Themes: whatever colours are readable where a firm chooses them stay so in all that follows from them; and addresses
 * that a page may lead to.
 */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "../../mod_smvportal/core/smv_link.h"
#include "../../mod_smvportal/core/smv_theme.h"

static smv_colour_t colour(const char *text)
{
    smv_colour_t parsed = {0};

    CU_ASSERT_TRUE_FATAL(smv_colour_parse(&parsed, text));
    return parsed;
}

static smv_theme_t own_theme(void)
{
    smv_theme_t theme = {.colours = {{0}}};

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        theme.colours[i] = colour(smv_theme_own[i]);
    }
    return theme;
}

static const char *css_of(const smv_theme_t *theme)
{
    smv_buffer_t css;

    smv_buffer_init(&css, 256, 1 << 16, unit_pool);
    smv_theme_css(&css, theme);
    CU_ASSERT_FALSE(css.is_failed);
    return unit_text(&css);
}

/* The property of a block of CSS that begins with `from`. */
static smv_colour_t property(const char *css, const char *from, const char *name)
{
    const char *block = strstr(css, from);
    const char *line = block ? strstr(block, apr_psprintf(unit_pool, "  --%s: #", name)) : NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    return colour(line ? apr_pstrndup(unit_pool, line + strcspn(line, "#"), 7) : "");
}

static double on(const char *css, const char *from, const char *text, const char *ground)
{
    return smv_colour_contrast(property(css, from, text), property(css, from, ground));
}

static const char *style_sheet(void)
{
    const char *path = apr_pstrcat(unit_pool, getenv("SMV_SOURCE"), "/htdocs/assets/portal.css", NULL);
    apr_file_t *file;
    apr_size_t size = 1 << 20;
    char *text = apr_pcalloc(unit_pool, size + 1);

    CU_ASSERT_EQUAL_FATAL(apr_file_open(&file, path, APR_FOPEN_READ, 0, unit_pool), APR_SUCCESS);
    apr_file_read(file, text, &size);
    apr_file_close(file);
    return text;
}

#define LIGHT "@media screen and (prefers-color-scheme: light)"
#define DARK "@media screen and (prefers-color-scheme: dark)"

static void the_own_colours_are_those_of_the_style_sheet(void)
{
    static const char *const properties[] = {"brand", "on-brand", "ground", "surface", "ink"};
    smv_theme_t theme = own_theme();
    const char *css = style_sheet();

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        smv_colour_t found = property(css, ":root", properties[i]);

        CU_ASSERT_EQUAL(memcmp(&found, &theme.colours[i], sizeof found), 0);
    }
    CU_ASSERT_STRING_EQUAL(css_of(&theme), "");
}

/* What smv_theme.c knows of portal.css without asking it. */
static void errors_and_dark_grounds_are_those_of_the_style_sheet(void)
{
    smv_theme_t theme = own_theme();
    smv_theme_pair_t pairs[SMV_THEME_PAIRS];
    const char *css = style_sheet(), *made;

    smv_theme_pairs(pairs, &theme);
    CU_ASSERT_DOUBLE_EQUAL(pairs[6].contrast, on(css, ":root", "danger", "surface"), 0.0001);
    theme.colours[SMV_THEME_BRAND] = colour("#101010");
    made = css_of(&theme);
    for (int i = 0; i < 4; i++) {
        static const char *const grounds[] = {"ground", "surface", "raised", "notice"};
        smv_colour_t ground = property(css, DARK, grounds[i]);

        CU_ASSERT_TRUE(smv_colour_contrast(property(made, DARK, "brand"), ground) >= SMV_CONTRAST_AA);
    }
}

static unsigned int next_random(unsigned int *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 24;
}

static int is_readable(const smv_theme_t *theme)
{
    smv_theme_pair_t pairs[SMV_THEME_PAIRS];
    int enough = 1;

    smv_theme_pairs(pairs, theme);
    for (int i = 0; i < SMV_THEME_PAIRS; i++) {
        enough &= pairs[i].is_enough;
    }
    return enough;
}

static void check_derived(const smv_theme_t *theme)
{
    static const char *const texts[] = {"ink", "brand", "brand-strong", "muted"};
    static const char *const grounds[] = {"ground", "surface", "raised"};
    const char *css = css_of(theme);

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 3; j++) {
            CU_ASSERT_TRUE(on(css, LIGHT, texts[i], grounds[j]) >= SMV_CONTRAST_AA - 0.05);
        }
    }
    CU_ASSERT_TRUE(on(css, LIGHT, "on-brand", "brand-strong") >= SMV_CONTRAST_AA);
    CU_ASSERT_TRUE(on(css, LIGHT, "ink", "notice") >= SMV_CONTRAST_AA);
    CU_ASSERT_TRUE(on(css, LIGHT, "field", "surface") >= SMV_CONTRAST_FRAME);
    CU_ASSERT_TRUE(on(css, DARK, "on-brand", "brand") >= SMV_CONTRAST_AA);
    CU_ASSERT_TRUE(on(css, DARK, "on-brand", "brand-strong") >= SMV_CONTRAST_AA);
}

static void what_follows_from_readable_colours_is_readable(void)
{
    unsigned int state = 20261124;
    int tried = 0;

    for (int i = 0; i < 200000 && tried < 300; i++) {
        smv_theme_t theme;

        for (int j = 0; j < SMV_THEME_COUNT; j++) {
            int least = j == SMV_THEME_GROUND || j == SMV_THEME_SURFACE ? 160 : 0;
            int range = j == SMV_THEME_ON_BRAND ? 256 : 256 - 160 + (least ? 0 : 32);

            theme.colours[j] = (smv_colour_t){(unsigned char)(least + (int)next_random(&state) * range / 256),
                                              (unsigned char)(least + (int)next_random(&state) * range / 256),
                                              (unsigned char)(least + (int)next_random(&state) * range / 256)};
        }
        if (is_readable(&theme)) {
            check_derived(&theme);
            tried++;
        }
    }
    CU_ASSERT_TRUE(tried >= 100);
}

static void colours_that_nobody_could_read_are_named(void)
{
    static const struct {
        smv_theme_e changed;
        const char *to, *field;
    } cases[] = {{SMV_THEME_INK, "#777777", "ink"},
                 {SMV_THEME_BRAND, "#9ad0ff", "brand"},
                 {SMV_THEME_ON_BRAND, "#0b5c00", "on_brand"},
                 {SMV_THEME_GROUND, "#303030", "ground"},
                 {SMV_THEME_SURFACE, "#222222", "surface"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        smv_theme_t theme = own_theme();
        smv_theme_pair_t pairs[SMV_THEME_PAIRS];
        int is_named = 0;

        theme.colours[cases[i].changed] = colour(cases[i].to);
        smv_theme_pairs(pairs, &theme);
        for (int j = 0; j < SMV_THEME_PAIRS; j++) {
            is_named |= !pairs[j].is_enough && strcmp(pairs[j].field, cases[i].field) == 0;
        }
        CU_ASSERT_TRUE(is_named);
    }
}

static void links_lead_where_they_say(void)
{
    static const char *const good[] = {"https://www.example.com/a?b=c#d",
                                       "http://example.com",
                                       "mailto:a@example.com",
                                       "tel:+49305550100",
                                       "/impressum",
                                       "/"};
    static const char *const bad[] = {"",
                                      "javascript:alert(1)",
                                      "JavaScript:alert(1)",
                                      " https://example.com",
                                      "https://",
                                      "https:///example.com",
                                      "https:example.com",
                                      "//example.com",
                                      "data:text/html,x",
                                      "https://exa mple.com",
                                      "https://example.com/\"onclick=",
                                      "https://example.com/<b>",
                                      "https://example.com/\\x",
                                      "https://example.com/\x01",
                                      "https://m\xc3\xbcnchen.example",
                                      "vbscript:x",
                                      "impressum"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CU_ASSERT_TRUE(smv_is_link(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_FALSE(smv_is_link(bad[i]));
    }
}

int suite_theme(void)
{
    static CU_TestInfo tests[] = {
        {"the own colours are those of the style sheet", the_own_colours_are_those_of_the_style_sheet},
        {"errors and dark grounds are those of the style sheet", errors_and_dark_grounds_are_those_of_the_style_sheet},
        {"what follows from readable colours is readable", what_follows_from_readable_colours_is_readable},
        {"colours that nobody could read are named", colours_that_nobody_could_read_are_named},
        {"links lead where they say", links_lead_where_they_say},
        CU_TEST_INFO_NULL};

    return unit_register("theme", tests);
}
