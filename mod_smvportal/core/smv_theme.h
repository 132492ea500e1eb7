/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_theme: the five colours of a firm, whether they can be read, and the style sheet made of them.
 *
 * A firm chooses them for a light screen. On a dark one the grounds stay the portal's own, and the brand is lightened
 * until it can be read on them; print stays black on white.
 * Ownership: plain values; what is made belongs to the pool. Thread-safety: pure functions.
 */
#ifndef SMV_THEME_H
#define SMV_THEME_H

#include "smv_buffer.h"
#include "smv_colour.h"
#include "smv_view.h"

/* X(NAME, field of smv_shape_start_screen, the portal's own, as assets/portal.css has it) */
#define SMV_THEME_COLOURS(X)                                                                                           \
    X(BRAND, "brand", "#0b5c6b")                                                                                       \
    X(ON_BRAND, "on_brand", "#ffffff")                                                                                 \
    X(GROUND, "ground", "#f3f6f7")                                                                                     \
    X(SURFACE, "surface", "#ffffff")                                                                                   \
    X(INK, "ink", "#17262c")

typedef enum {
#define SMV_THEME_ENUM(NAME, field, own) SMV_THEME_##NAME,
    SMV_THEME_COLOURS(SMV_THEME_ENUM)
#undef SMV_THEME_ENUM
        SMV_THEME_COUNT
} smv_theme_e;

/* By smv_theme_e: the fields' names, and the portal's own colours. */
extern const char *const smv_theme_fields[SMV_THEME_COUNT];
extern const char *const smv_theme_own[SMV_THEME_COUNT];

typedef struct smv_theme_t {
    smv_colour_t colours[SMV_THEME_COUNT];
} smv_theme_t;

/* @param screen of smv_shape_start_screen; a colour that is absent, or none, is the portal's own */
smv_theme_t smv_theme_of(const smv_record_t *screen);

/* Which colour is read on which. */
#define SMV_THEME_PAIRS 7

typedef struct smv_theme_pair_t {
    const char *label; /* German: what is read there */
    double contrast;
    int is_enough;       /* for WCAG AA */
    const char *field;   /* that is to be changed … */
    const char *problem; /* … and why; German. Only where it is not enough */
} smv_theme_pair_t;

/* @param pairs out: SMV_THEME_PAIRS of them */
void smv_theme_pairs(smv_theme_pair_t *pairs, const smv_theme_t *theme);

/* The custom properties of assets/portal.css that follow from the colours; nothing where they are the portal's own. */
void smv_theme_css(smv_buffer_t *css, const smv_theme_t *theme);

#endif
