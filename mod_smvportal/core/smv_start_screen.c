/* SPDX-License-Identifier: Apache-2.0
 *
 * The editor of the start screen: its form, its preview, and what was published before.
 */
#include "smv_start_screen.h"

#include "smv_query.h"
#include "smv_record.h"
#include "smv_shapes.h"
#include "smv_theme.h"

#include <apr_strings.h>

#define MAX_HISTORY 50
#define PATH "/start-screen"

static const smv_notice_t notices[] = {
    {"done=edit", "Der Entwurf ist gespeichert. Kunden sehen ihn, sobald Sie ihn veröffentlichen."},
    {"done=same", "Es war nichts zu ändern."},
    {"done=publish", "Der Startbildschirm ist veröffentlicht. Alle sehen ihn ab jetzt."},
    {"done=restore", "Der frühere Stand ist wieder veröffentlicht."},
    {"done=discard", "Der Entwurf ist wieder so, wie der Startbildschirm veröffentlicht ist."},
    {"done=logo", "Das Logo ist im Entwurf."},
    {"done=no-logo", "Der Entwurf hat kein eigenes Logo mehr."},
    {NULL, NULL}};

static smv_value_t href(const smv_call_t *call, const char *rest)
{
    return smv_text(apr_pstrcat(call->pool, call->base, PATH, rest, NULL));
}

/* --- the form --- */

/* A group begins with a field. */
static const struct {
    const char *first, *title, *hint, *class;
} groups[] = {
    {"welcome_title", "Begrüßung", NULL, "words"},
    {"brand", "Farben", "Auf dunklen Bildschirmen hellt das Portal die Hauptfarbe auf und nimmt seine dunklen Gründe.",
     "colours"},
    {"tile_customer", "Kacheln", "Kunden sehen sie in dieser Reihenfolge, soweit ihre Rolle sie erlaubt.", "places"},
    {"link_1_label", "Eigene Kacheln",
     "Zum Beispiel „Schaden melden“ mit https://www.example.com/schaden. Kunden sehen sie neben den anderen.",
     "links-of-firm"},
    {"news_1_title", "Neuigkeiten",
     "Der erste und der letzte Tag zählen mit; ohne Tag gilt eine Neuigkeit sofort und "
     "ohne Ende.",
     "news-of-firm"},
    {"contact_name", "Ansprechpartner", NULL, "words"},
    {"imprint_url", "Impressum und Datenschutz", NULL, "words"},
};
#define GROUPS (sizeof groups / sizeof *groups)

static int begins_group(const smv_record_t *field)
{
    const char *name = field->values[smv_shape_field(field->shape, "name")].as.text;

    for (size_t i = 0; i < GROUPS; i++) {
        if (strcmp(groups[i].first, name) == 0) {
            return 1;
        }
    }
    return 0;
}

static smv_list_t *contrasts_of(const smv_call_t *call, const smv_record_t *screen)
{
    smv_list_t *contrasts = smv_list_make(&smv_shape_contrast, SMV_THEME_PAIRS, call->pool);
    smv_theme_t theme = smv_theme_of(screen);
    smv_theme_pair_t pairs[SMV_THEME_PAIRS];

    smv_theme_pairs(pairs, &theme);
    for (int i = 0; i < SMV_THEME_PAIRS; i++) {
        int tenths = (int)(pairs[i].contrast * 10); /* never rounded up to what is enough */

        smv_set(&contrasts->records[i], "label", smv_text(pairs[i].label));
        smv_set(&contrasts->records[i], "ratio",
                smv_text(apr_psprintf(call->pool, "%d%s%d : 1", tenths / 10,
                                      call->language == SMV_LANGUAGE_DE ? "," : ".", tenths % 10)));
        smv_set(&contrasts->records[i], "is_enough", smv_number(pairs[i].is_enough));
    }
    return contrasts;
}

static smv_list_t *groups_of(const smv_call_t *call, const smv_list_t *fields, const smv_record_t *shown)
{
    smv_list_t *list = smv_list_make(&smv_shape_form_group, GROUPS, call->pool);
    int at = 0;

    for (size_t i = 0; i < GROUPS; i++) {
        smv_list_t *part = apr_pmemdup(call->pool, fields, sizeof *fields);
        const smv_record_t *group = &list->records[i];
        int begin = at;

        for (at++; at < fields->count && !begins_group(&fields->records[at]); at++) {
        }
        part->records = fields->records + begin;
        part->count = at - begin;
        smv_set(group, "title", smv_text(groups[i].title));
        smv_set(group, "hint", smv_text(groups[i].hint));
        smv_set(group, "class", smv_text(groups[i].class));
        smv_set(group, "fields", smv_nested_list(part));
        if (strcmp(groups[i].class, "colours") == 0) {
            smv_set(group, "contrasts", smv_nested_list(contrasts_of(call, shown)));
        }
    }
    return list;
}

/* The draft as the form shows it: what SMV wrote as plain text is markup here. */
static const smv_record_t *row_of(const smv_call_t *call, const smv_record_t *draft)
{
    smv_record_t *row = smv_screen_whole(draft, call->pool);
    smv_value_t *words = &row->values[smv_shape_field(row->shape, "welcome_text")];
    const char *clean = NULL;

    if (words->is_present && !call->clean(&clean, words->as.text, call->pool)) {
        *words = smv_text(clean);
    }
    return row;
}

static void add_form(const smv_call_t *call, const smv_record_t *view, const smv_screen_page_t *page)
{
    smv_form_state_t state = page->form;
    smv_list_t *fields;

    state.row = row_of(call, page->draft);
    state.theirs = state.theirs ? state.row : NULL;
    fields = smv_form_fields(&smv_shape_start_screen, &state, call->pool);
    smv_set(view, "groups", smv_nested_list(groups_of(call, fields, page->made ? page->made : page->draft)));
    smv_set(view, "has_problems", smv_number(state.problems != NULL));
    smv_set(view, "problems", smv_nested_list(smv_form_problems(&smv_shape_start_screen, state.problems, call->pool)));
    smv_set(view, "is_conflict", smv_number(state.theirs != NULL));
    smv_set(view, "error", smv_text(state.error));
    smv_set(view, "logo_error", smv_text(page->logo_problems ? page->logo_problems->text : NULL));
    smv_set(view, "logo_maximum", smv_number(SMV_LOGO_SIZE));
    smv_set(view, "notice", smv_text(page->notice));
}

static void add_links(const smv_call_t *call, const smv_record_t *view, const smv_screen_page_t *page, int is_published)
{
    smv_set(view, "action_href", href(call, ""));
    smv_set(view, "preview_href", href(call, "/preview"));
    smv_set(view, "publish_href", href(call, "/publish"));
    smv_set(view, "logo_action_href", href(call, "/logo"));
    if (page->draft->values[SMV_SCREEN_LOGO_HASH].is_present) {
        smv_set(view, "logo_href",
                smv_text(apr_pstrcat(call->pool, call->base, PATH,
                                     "/logo?of=", page->draft->values[SMV_SCREEN_LOGO_HASH].as.text, NULL)));
        smv_set(view, "logo_delete_href", href(call, "/logo/delete"));
    }
    if (is_published) {
        smv_set(view, "discard_href", href(call, "/discard"));
    }
}

const smv_error_t *smv_screen_page(const smv_call_t *call, const smv_record_t **view, const smv_screen_page_t *page)
{
    smv_record_t *made = smv_record_make(&smv_shape_start_screen_view, call->pool);
    const smv_record_t *published;
    smv_list_t *history;
    const smv_error_t *error;

    smv_set(made, "screen", smv_nested(page->draft));
    smv_set(made, "version", page->draft->values[SMV_SCREEN_VERSION]);
    *view = made;
    if (call->rendering == SMV_RENDER_API) {
        return NULL;
    }
    if ((error = call->store->publications(call->store, &history, call->tenant, MAX_HISTORY, call->pool)) ||
        (error = smv_screen_published(call, &published))) {
        return error;
    }
    add_form(call, made, page);
    add_links(call, made, page, history->count > 0);
    smv_set(made, "publications", smv_nested_list(history));
    smv_set(made, "is_changed", smv_number(history->count == 0 || smv_screen_differs(page->draft, published)));
    if (history->count) {
        smv_set(made, "current", published->values[SMV_SCREEN_ID]);
    }
    return NULL;
}

const smv_error_t *smv_show_start_screen(const smv_call_t *call, smv_answer_t *answer)
{
    smv_screen_page_t page = {.notice = smv_notice_of(call, notices)};
    const smv_error_t *error =
        call->store->screen(call->store, &page.draft, call->tenant, SMV_SCREEN_DRAFT, call->pool);

    if (!error) {
        answer->version = page.draft->values[SMV_SCREEN_VERSION].number;
        error = smv_screen_page(call, &answer->view, &page);
    }
    return error;
}

const smv_error_t *smv_list_publications(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_start_screen_view, call->pool);
    smv_list_t *history;
    const smv_error_t *error =
        call->store->publications(call->store, &history, call->tenant, SMV_STORE_MAX_ROWS, call->pool);

    if (!error) {
        smv_set(view, "publications", smv_nested_list(history));
        answer->view = view;
    }
    return error;
}

/* --- the preview --- */

static const smv_look_t *look_of(const smv_call_t *call, const smv_record_t *firm, const smv_record_t *screen)
{
    smv_look_t *look = apr_pcalloc(call->pool, sizeof *look);
    const smv_value_t *id = &screen->values[SMV_SCREEN_ID], *version = &screen->values[SMV_SCREEN_VERSION];
    const char *which =
        id->number ? apr_psprintf(call->pool, "?publication=%" APR_INT64_T_FMT, id->number)
                   : apr_psprintf(call->pool, "?version=%" APR_INT64_T_FMT, version->number); /* a new address each */

    *look = smv_look_of(call, firm);
    look->theme_href = apr_pstrcat(call->pool, call->base, PATH "/theme.css", which, NULL);
    if (screen->values[SMV_SCREEN_LOGO_HASH].is_present) {
        look->logo_href = apr_pstrcat(call->pool, call->base, PATH "/logo", which, NULL);
    }
    return look;
}

/* The start screen as a customer would see it who may see everything; the frame has its look, too. */
const smv_error_t *smv_preview_start_screen(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_start_view, call->pool), *shown;
    const smv_record_t *firm, *screen;
    const smv_error_t *error = call->store->firm(call->store, &firm, call->tenant, call->pool);

    if (error || (error = smv_screen_asked(call, &screen))) {
        return error;
    }
    shown = smv_screen_firm(firm, screen, call->pool);
    shown->values[SMV_FIRM_PUBLICATION] = (smv_value_t){.number = 0};
    smv_start_fill(call, view, shown, screen);
    smv_set(view, "tiles", smv_nested_list(smv_start_sample_tiles(call, screen)));
    smv_set(view, "back_href", href(call, ""));
    if (screen->values[SMV_SCREEN_ID].number) {
        smv_set(view, "publication", screen->values[SMV_SCREEN_ID]);
    } else {
        smv_set(view, "publish_href", href(call, "/publish"));
        smv_set(view, "version", screen->values[SMV_SCREEN_VERSION]);
    }
    answer->look = look_of(call, shown, screen);
    answer->view = view;
    return NULL;
}
