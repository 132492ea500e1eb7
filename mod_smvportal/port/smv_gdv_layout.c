/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv_layout.h"

#include <string.h>

#define TYPE_LENGTH 4
#define LINE_AT 11
#define UNFIT (-1000)

char smv_gdv_character(const smv_gdv_line_t *line, int at)
{
    char character = line->text[line->start[at - 1]];

    if ((unsigned char)character >= 0x80) {
        character = '\0';
    }
    return character;
}

int smv_gdv_stands_at(const smv_gdv_line_t *line, int at, const char *characters)
{
    int size = (int)strlen(characters);

    return at + size <= SMV_GDV_LENGTH + 1 && line->start[at - 1 + size] - line->start[at - 1] == size &&
           memcmp(line->text + line->start[at - 1], characters, (size_t)size) == 0;
}

static int names_line(const smv_gdv_layout_t *layout, const smv_gdv_line_t *line)
{
    for (int i = 0; layout->lines && i < layout->lines->nelts; i++) {
        if (smv_gdv_stands_at(line, LINE_AT, APR_ARRAY_IDX(layout->lines, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

/* A line with layouts of its own has no general ones, even where none of its own fits. */
static int has_own_layouts(const apr_array_header_t *layouts, const smv_gdv_line_t *line)
{
    for (int i = 0; i < layouts->nelts; i++) {
        if (names_line(APR_ARRAY_IDX(layouts, i, const smv_gdv_layout_t *), line)) {
            return 1;
        }
    }
    return 0;
}

static int fits_kind(const smv_gdv_layout_t *layout, const smv_gdv_line_t *line)
{
    char kind;

    if (!layout->kinds) {
        return 1;
    }
    kind = smv_gdv_character(line, layout->kind_at);
    return kind && strchr(layout->kinds, kind);
}

/* @return how well the number fits, UNFIT where it does not */
static int fit_of_number(const smv_gdv_layout_t *layout, const smv_gdv_line_t *line)
{
    char number;
    int fit;

    if (!layout->number) {
        return 0;
    }
    number = smv_gdv_character(line, layout->places[0]);
    if (number != layout->number && !(number == ' ' && layout->number == '1')) {
        return UNFIT;
    }
    fit = number != ' ';
    for (int i = 1; i < SMV_GDV_MAX_PLACES && layout->places[i]; i++) {
        number = smv_gdv_character(line, layout->places[i]);
        fit += number == layout->number ? 1 : -(number != ' ');
    }
    return fit;
}

static const apr_array_header_t *layouts_of_type(const smv_gdv_catalogue_t *catalogue, const smv_gdv_line_t *line)
{
    return line->start[TYPE_LENGTH] == TYPE_LENGTH ? apr_hash_get(catalogue->types, line->text, TYPE_LENGTH) : NULL;
}

static void note_miss(smv_gdv_miss_e *miss, int *at, smv_gdv_miss_e found, int place)
{
    if (found > *miss) {
        *miss = found;
        *at = place;
    }
}

const smv_gdv_layout_t *smv_gdv_layout_of(const smv_gdv_catalogue_t *catalogue, const smv_gdv_line_t *line,
                                          smv_gdv_miss_e *miss, int *at)
{
    const apr_array_header_t *layouts = layouts_of_type(catalogue, line);
    const smv_gdv_layout_t *best = NULL;
    int best_fit = UNFIT, has_own = layouts && has_own_layouts(layouts, line);

    *miss = SMV_GDV_NO_TYPE;
    *at = 1;
    for (int i = 0; layouts && i < layouts->nelts; i++) {
        const smv_gdv_layout_t *layout = APR_ARRAY_IDX(layouts, i, const smv_gdv_layout_t *);
        int fit;

        note_miss(miss, at, SMV_GDV_NO_LINE, LINE_AT);
        if (has_own ? !names_line(layout, line) : layout->lines != NULL) {
            continue;
        }
        note_miss(miss, at, SMV_GDV_NO_KIND, layout->kind_at);
        if (!fits_kind(layout, line)) {
            continue;
        }
        note_miss(miss, at, SMV_GDV_NO_NUMBER, layout->places[0]);
        fit = fit_of_number(layout, line);
        if (fit > best_fit) {
            best_fit = fit;
            best = layout;
        }
    }
    return best;
}

const smv_gdv_field_t *smv_gdv_field_of(const smv_gdv_layout_t *layout, const char *name)
{
    for (int i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0) {
            return &layout->fields[i];
        }
    }
    return NULL;
}
