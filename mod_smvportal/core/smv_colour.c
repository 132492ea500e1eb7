/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_colour.h"

#include <math.h>
#include <string.h>

#include <apr_lib.h>

#define DIGITS 6

static unsigned char hex_digit(char c)
{
    return (unsigned char)(apr_isdigit(c) ? c - '0' : apr_tolower(c) - 'a' + 10);
}

static unsigned char hex_byte(const char *text)
{
    return (unsigned char)(hex_digit(text[0]) * 16 + hex_digit(text[1]));
}

int smv_colour_parse(smv_colour_t *colour, const char *text)
{
    if (text[0] != '#' || strlen(text) != 1 + DIGITS || strspn(text + 1, "0123456789abcdefABCDEF") != DIGITS) {
        return 0;
    }
    *colour = (smv_colour_t){hex_byte(text + 1), hex_byte(text + 3), hex_byte(text + 5)};
    return 1;
}

/* sRGB to linear light */
static double linear(unsigned char channel)
{
    double value = channel / 255.0;

    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

double smv_colour_luminance(smv_colour_t colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

double smv_colour_contrast(smv_colour_t one, smv_colour_t other)
{
    double a = smv_colour_luminance(one), b = smv_colour_luminance(other);

    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static unsigned char between(unsigned char one, unsigned char other, double part)
{
    return (unsigned char)lround(one + (other - one) * part);
}

smv_colour_t smv_colour_mix(smv_colour_t one, smv_colour_t other, double part)
{
    return (smv_colour_t){between(one.red, other.red, part), between(one.green, other.green, part),
                          between(one.blue, other.blue, part)};
}

static const char *check_colour(char *text, const char *today)
{
    smv_colour_t colour;

    (void)today;
    for (char *c = text; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return smv_colour_parse(&colour, text) ? NULL : "Eine Farbe wird so geschrieben: #0b5c6b";
}

const smv_rule_t smv_rule_colour = {"colour", "color", "off", check_colour};
