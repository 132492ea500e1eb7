/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_theme.h"

#include "smv_record.h"

#include <apr_strings.h>

#define NO_AA "Das ist nicht gut genug zu lesen: Der Kontrast muss mindestens 4,5 : 1 sein (WCAG AA)."

const char *const smv_theme_fields[SMV_THEME_COUNT] = {
#define THEME_FIELD(NAME, field, own) field,
    SMV_THEME_COLOURS(THEME_FIELD)};
#undef THEME_FIELD

const char *const smv_theme_own[SMV_THEME_COUNT] = {
#define THEME_OWN(NAME, field, own) own,
    SMV_THEME_COLOURS(THEME_OWN)};
#undef THEME_OWN

/* What portal.css fixes: errors on a light screen, and the lightest ground that text has on a dark one. */
static const smv_colour_t danger = {0xa4, 0x26, 0x2c}, dark_notice = {0x2a, 0x38, 0x3e};
static const smv_colour_t white = {255, 255, 255}, black = {0, 0, 0};

smv_theme_t smv_theme_of(const smv_record_t *screen)
{
    smv_theme_t theme = {.colours = {{0}}};

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        const smv_value_t *value = &screen->values[smv_shape_field(screen->shape, smv_theme_fields[i])];

        if (!value->is_present || !smv_colour_parse(&theme.colours[i], value->as.text)) {
            smv_colour_parse(&theme.colours[i], smv_theme_own[i]);
        }
    }
    return theme;
}

void smv_theme_pairs(smv_theme_pair_t *pairs, const smv_theme_t *theme)
{
    static const struct {
        const char *label;
        int text, ground, to_change; /* text SMV_THEME_COUNT: of errors, which no firm changes */
    } known[SMV_THEME_PAIRS] = {
        {"Text auf dem Hintergrund", SMV_THEME_INK, SMV_THEME_GROUND, SMV_THEME_INK},
        {"Text auf Karten", SMV_THEME_INK, SMV_THEME_SURFACE, SMV_THEME_INK},
        {"Verweise auf dem Hintergrund", SMV_THEME_BRAND, SMV_THEME_GROUND, SMV_THEME_BRAND},
        {"Verweise auf Karten", SMV_THEME_BRAND, SMV_THEME_SURFACE, SMV_THEME_BRAND},
        {"Schrift auf Schaltflächen", SMV_THEME_ON_BRAND, SMV_THEME_BRAND, SMV_THEME_ON_BRAND},
        {"Fehlermeldungen auf dem Hintergrund", SMV_THEME_COUNT, SMV_THEME_GROUND, SMV_THEME_GROUND},
        {"Fehlermeldungen auf Karten", SMV_THEME_COUNT, SMV_THEME_SURFACE, SMV_THEME_SURFACE}};
    static const char *const problems[SMV_THEME_PAIRS] = {
        "Text auf dem Hintergrund: " NO_AA,     "Text auf Karten: " NO_AA,
        "Verweise auf dem Hintergrund: " NO_AA, "Verweise auf Karten: " NO_AA,
        "Schrift auf Schaltflächen: " NO_AA,    "Fehlermeldungen auf dem Hintergrund: " NO_AA,
        "Fehlermeldungen auf Karten: " NO_AA};

    for (int i = 0; i < SMV_THEME_PAIRS; i++) {
        smv_colour_t text = known[i].text == SMV_THEME_COUNT ? danger : theme->colours[known[i].text];
        double contrast = smv_colour_contrast(text, theme->colours[known[i].ground]);

        pairs[i] = (smv_theme_pair_t){.label = known[i].label,
                                      .contrast = contrast,
                                      .is_enough = contrast >= SMV_CONTRAST_AA,
                                      .field = smv_theme_fields[known[i].to_change],
                                      .problem = problems[i]};
    }
}

/* --- the style sheet --- */

#define STEP 5 /* percent */

static smv_colour_t mixed(smv_colour_t one, smv_colour_t other, int percent)
{
    return smv_colour_mix(one, other, percent / 100.0);
}

static int is_readable(smv_colour_t text, double contrast, const smv_colour_t *grounds, int count)
{
    for (int i = 0; i < count; i++) {
        if (smv_colour_contrast(text, grounds[i]) < contrast) {
            return 0;
        }
    }
    return 1;
}

/* @return one with as much of the other, at most percent, as keeps the contrast with every ground */
static smv_colour_t faded(smv_colour_t one, smv_colour_t other, int percent, double contrast,
                          const smv_colour_t *grounds, int count)
{
    while (percent > 0 && !is_readable(mixed(one, other, percent), contrast, grounds, count)) {
        percent -= STEP;
    }
    return mixed(one, other, percent);
}

/* @return the surface with as much ink, at most percent, as leaves the texts on it readable */
static smv_colour_t shaded(const smv_theme_t *theme, int percent)
{
    const smv_colour_t texts[] = {theme->colours[SMV_THEME_INK], theme->colours[SMV_THEME_BRAND], danger};

    return faded(theme->colours[SMV_THEME_SURFACE], theme->colours[SMV_THEME_INK], percent, SMV_CONTRAST_AA, texts, 3);
}

/* @return the colour with as little white as lets it be read on every ground of a dark screen */
static smv_colour_t lightened(smv_colour_t colour)
{
    int percent = 0;

    while (!is_readable(mixed(colour, white, percent), SMV_CONTRAST_AA, &dark_notice, 1)) {
        percent += STEP;
    }
    return mixed(colour, white, percent);
}

static void put(smv_buffer_t *css, const char *name, smv_colour_t colour)
{
    smv_buffer_puts(css,
                    apr_psprintf(css->pool, "  --%s: #%02x%02x%02x;\n", name, colour.red, colour.green, colour.blue));
}

static void put_light(smv_buffer_t *css, const smv_theme_t *theme)
{
    const smv_colour_t *colours = theme->colours;
    const smv_colour_t brand = colours[SMV_THEME_BRAND], surface = colours[SMV_THEME_SURFACE];
    const smv_colour_t ink = colours[SMV_THEME_INK], raised = shaded(theme, 5);
    const smv_colour_t grounds[] = {colours[SMV_THEME_GROUND], surface, raised};

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        static const char *const properties[SMV_THEME_COUNT] = {"brand", "on-brand", "ground", "surface", "ink"};

        put(css, properties[i], colours[i]);
    }
    put(css, "brand-strong", faded(brand, ink, 35, SMV_CONTRAST_AA, &colours[SMV_THEME_ON_BRAND], 1));
    put(css, "raised", raised);
    put(css, "notice", shaded(theme, 10));
    put(css, "muted", faded(ink, surface, 40, SMV_CONTRAST_AA, grounds, 3));
    put(css, "field", faded(ink, surface, 60, SMV_CONTRAST_FRAME, grounds, 3));
    put(css, "line", mixed(surface, ink, 18));
}

void smv_theme_css(smv_buffer_t *css, const smv_theme_t *theme)
{
    smv_colour_t brand = lightened(theme->colours[SMV_THEME_BRAND]), own;
    int is_own = 1;

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        smv_colour_parse(&own, smv_theme_own[i]);
        is_own &= memcmp(&own, &theme->colours[i], sizeof own) == 0;
    }
    if (is_own) {
        return;
    }
    /* Each for its own scheme, so that what is not here stays as portal.css has it. */
    smv_buffer_puts(css, "@media screen and (prefers-color-scheme: light) { :root {\n");
    put_light(css, theme);
    smv_buffer_puts(css, "} }\n@media screen and (prefers-color-scheme: dark) { :root {\n");
    put(css, "brand", brand);
    put(css, "brand-strong", mixed(brand, white, 35));
    put(css, "on-brand", black);
    smv_buffer_puts(css, "} }\n");
}
