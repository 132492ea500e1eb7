/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_colour: #rrggbb and whether text of one colour can be read on another, as WCAG 2 computes it.
 *
 * Ownership: plain values. Thread-safety: pure functions.
 */
#ifndef SMV_COLOUR_H
#define SMV_COLOUR_H

#include "smv_rules.h"

#define SMV_CONTRAST_AA 4.5    /* least contrast of text of normal size, WCAG 2 success criterion 1.4.3 */
#define SMV_CONTRAST_FRAME 3.0 /* of the frame of an input, 1.4.11 */

typedef struct smv_colour_t {
    unsigned char red, green, blue;
} smv_colour_t;

/* @return 1 where text is exactly # and six hexadecimal digits; else 0, and colour is as it was */
int smv_colour_parse(smv_colour_t *colour, const char *text);

/* @return relative luminance, 0 (black) to 1 (white) */
double smv_colour_luminance(smv_colour_t colour);

/* @return 1 (the same luminance) to 21 (black and white), whichever of the two is the text */
double smv_colour_contrast(smv_colour_t one, smv_colour_t other);

/* @param part of the other: 0 is one, 1 is the other. @return what lies between, channel by channel */
smv_colour_t smv_colour_mix(smv_colour_t one, smv_colour_t other, double part);

/* A field that holds one, written with small letters. */
extern const smv_rule_t smv_rule_colour;

#endif
