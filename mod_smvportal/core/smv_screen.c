/* SPDX-License-Identifier: Apache-2.0
 *
 * What a start screen says, and the look of the frame that follows from it.
 */
#include "smv_link.h"
#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"
#include "smv_start_screen.h"
#include "smv_theme.h"

#include <apr_strings.h>

#define MAX_STYLE 8192

/* --- its values --- */

const smv_error_t *smv_screen_published(const smv_call_t *call, const smv_record_t **screen)
{
    const smv_error_t *error = call->store->screen(call->store, screen, call->tenant, SMV_SCREEN_PUBLISHED, call->pool);

    if (error && error->code == SMV_ERROR_NOT_FOUND) {
        *screen = smv_record_make(&smv_shape_start_screen, call->pool);
        error = NULL;
    }
    return error;
}

const char *smv_screen_text(const smv_record_t *screen, const char *field)
{
    const smv_value_t *value = &screen->values[smv_shape_field(screen->shape, field)];

    return value->is_present ? value->as.text : NULL;
}

const char *smv_screen_text_of(const smv_record_t *screen, const char *pattern, int number, apr_pool_t *pool)
{
    return smv_screen_text(screen, apr_psprintf(pool, pattern, number));
}

/* Where the firm has not said one, tiles stand in the order in which the shape has them. */
int smv_screen_place(const smv_record_t *screen, const char *field)
{
    const char *place = smv_screen_text(screen, field);

    if (!place) {
        return smv_shape_field(screen->shape, field) - smv_shape_field(screen->shape, "tile_customer") + 1;
    }
    return place[0] >= '1' && place[0] <= '0' + SMV_TILE_PLACES ? place[0] - '0' : 0;
}

smv_record_t *smv_screen_whole(const smv_record_t *screen, apr_pool_t *pool)
{
    smv_record_t *whole = smv_record_copy(screen, pool);
    int first_tile = smv_shape_field(screen->shape, "tile_customer");

    for (int i = 0; i < SMV_THEME_COUNT; i++) {
        smv_value_t *colour = &whole->values[smv_shape_field(whole->shape, smv_theme_fields[i])];

        *colour = colour->is_present ? *colour : smv_text(smv_theme_own[i]);
    }
    for (int place = 1; place <= SMV_TILE_PLACES; place++) {
        smv_value_t *tile = &whole->values[first_tile + place - 1];

        *tile = tile->is_present ? *tile : smv_text(apr_psprintf(pool, "%d", place));
    }
    return whole;
}

int smv_screen_differs(const smv_record_t *one, const smv_record_t *other)
{
    const smv_field_t *logo = &one->shape->fields[SMV_SCREEN_LOGO_HASH];

    return smv_change_differs(one, other) ||
           !smv_change_is_same(logo, &one->values[SMV_SCREEN_LOGO_HASH], &other->values[SMV_SCREEN_LOGO_HASH]);
}

smv_record_t *smv_screen_firm(const smv_record_t *firm, const smv_record_t *screen, apr_pool_t *pool)
{
    smv_record_t *made = smv_record_make(firm->shape, pool);

    for (int i = 0; i < firm->shape->count; i++) {
        int index = i == SMV_FIRM_NAME ? -1 : smv_shape_field(screen->shape, firm->shape->fields[i].name);

        made->values[i] = index < 0 ? firm->values[i] : screen->values[index];
    }
    return made;
}

/* --- the look --- */

smv_look_t smv_look_of(const smv_call_t *call, const smv_record_t *firm)
{
    smv_look_t look = {.firm = firm, .logo_href = apr_pstrcat(call->pool, call->base, "/assets/logo.svg", NULL)};
    apr_int64_t publication = firm ? firm->values[SMV_FIRM_PUBLICATION].number : 0;

    if (publication) {
        look.theme_href =
            apr_psprintf(call->pool, "%s/theme.css?publication=%" APR_INT64_T_FMT, call->base, publication);
    }
    if (publication && firm->values[SMV_FIRM_LOGO_HASH].is_present) {
        look.logo_href = apr_psprintf(call->pool, "%s/logo?publication=%" APR_INT64_T_FMT, call->base, publication);
    }
    return look;
}

static const smv_error_t *make_style(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *screen)
{
    smv_theme_t theme = smv_theme_of(screen);
    smv_buffer_t css;

    smv_buffer_init(&css, 1024, MAX_STYLE, call->pool);
    smv_theme_css(&css, &theme);
    smv_buffer_write(&css, "", 1);
    answer->style = css.data;
    return NULL;
}

static const smv_error_t *find_logo(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *screen)
{
    const smv_value_t *values = screen->values;
    smv_file_t *file = apr_pcalloc(call->pool, sizeof *file);

    if (!values[SMV_SCREEN_LOGO_HASH].is_present) {
        return smv_error(call->pool, SMV_ERROR_NOT_FOUND, "the start screen has no logo");
    }
    file->content_hash = values[SMV_SCREEN_LOGO_HASH].as.text;
    file->media_type = values[SMV_SCREEN_LOGO_MEDIA_TYPE].as.text;
    file->size = values[SMV_SCREEN_LOGO_SIZE].number;
    file->name = strcmp(file->media_type, "image/png") == 0 ? "logo.png" : "logo.jpg";
    answer->file = file;
    return NULL;
}

/* Whoever asks for an older one, from a page that is still open, gets what is published now, and asks again. */
static const smv_error_t *published(const smv_call_t *call, smv_answer_t *answer, const smv_record_t **screen)
{
    apr_int64_t asked = 0;
    const smv_error_t *error = smv_query_number(&asked, call->query, "publication", 0, APR_INT64_MAX, call->pool);

    if (!error) {
        error = smv_screen_published(call, screen);
    }
    answer->is_lasting = !error && asked && (*screen)->values[SMV_SCREEN_ID].number == asked;
    return error;
}

const smv_error_t *smv_send_theme(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_record_t *screen;
    const smv_error_t *error = published(call, answer, &screen);

    return error ? error : make_style(call, answer, screen);
}

const smv_error_t *smv_send_logo(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_record_t *screen;
    const smv_error_t *error = published(call, answer, &screen);

    return error ? error : find_logo(call, answer, screen);
}

/* --- the same of a draft, or of any publication --- */

const smv_error_t *smv_screen_asked(const smv_call_t *call, const smv_record_t **screen)
{
    apr_int64_t asked = SMV_SCREEN_DRAFT;
    const smv_error_t *error = smv_query_number(&asked, call->query, "publication", 1, APR_INT64_MAX, call->pool);

    return error ? error : call->store->screen(call->store, screen, call->tenant, asked, call->pool);
}

const smv_error_t *smv_send_screen_theme(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_record_t *screen;
    const smv_error_t *error = smv_screen_asked(call, &screen);

    return error ? error : make_style(call, answer, screen);
}

const smv_error_t *smv_send_screen_logo(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_record_t *screen;
    const smv_error_t *error = smv_screen_asked(call, &screen);

    return error ? error : find_logo(call, answer, screen);
}
