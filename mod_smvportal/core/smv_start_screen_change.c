/* SPDX-License-Identifier: Apache-2.0
 *
 * Deeds on the start screen: its draft is saved as often as it takes, and shown to nobody until it is published. What
 * was published stays, and comes back by one click.
 */
#include "smv_link.h"
#include "smv_record.h"
#include "smv_shapes.h"
#include "smv_start_screen.h"
#include "smv_theme.h"

#include <apr_strings.h>

#define PATH "/start-screen"
#define MAX_DETAIL 4096

/* --- checking --- */

static const smv_problem_t *check_news(const smv_record_t *screen, int number, const smv_problem_t *problems,
                                       apr_pool_t *pool)
{
    const char *title = smv_screen_text_of(screen, "news_%d_title", number, pool);
    const char *text = smv_screen_text_of(screen, "news_%d_text", number, pool);
    const char *from = smv_screen_text_of(screen, "news_%d_from", number, pool);
    const char *until = smv_screen_text_of(screen, "news_%d_until", number, pool);

    if (!title && (text || from || until)) {
        problems = smv_problem(problems, apr_psprintf(pool, "news_%d_title", number),
                               "Eine Neuigkeit braucht eine Überschrift.", 0, pool);
    }
    if (from && until && strcmp(until, from) < 0) {
        problems = smv_problem(problems, apr_psprintf(pool, "news_%d_until", number),
                               "Der letzte Tag liegt vor dem ersten.", 0, pool);
    }
    return problems;
}

static const smv_problem_t *check_own_tile(const smv_record_t *screen, int number, const smv_problem_t *problems,
                                           apr_pool_t *pool)
{
    const char *label = smv_screen_text_of(screen, "link_%d_label", number, pool);
    const char *text = smv_screen_text_of(screen, "link_%d_text", number, pool);
    const char *url = smv_screen_text_of(screen, "link_%d_url", number, pool);

    if (!label && (text || url)) {
        problems = smv_problem(problems, apr_psprintf(pool, "link_%d_label", number),
                               "Eine Kachel braucht einen Titel.", 0, pool);
    }
    if (!url && (text || label)) {
        problems = smv_problem(problems, apr_psprintf(pool, "link_%d_url", number),
                               "Eine Kachel braucht eine Adresse, zu der sie führt.", 0, pool);
    }
    return problems;
}

static const smv_problem_t *check_screen(const smv_record_t *screen, const smv_problem_t *problems, apr_pool_t *pool)
{
    smv_theme_t theme = smv_theme_of(screen);
    smv_theme_pair_t pairs[SMV_THEME_PAIRS];

    smv_theme_pairs(pairs, &theme);
    for (int i = 0; i < SMV_THEME_PAIRS; i++) {
        if (!pairs[i].is_enough && !smv_problem_of(problems, pairs[i].field)) {
            problems = smv_problem(problems, pairs[i].field, pairs[i].problem, 0, pool);
        }
    }
    for (int i = 1; i <= SMV_OWN_TILES; i++) {
        problems = check_own_tile(screen, i, problems, pool);
    }
    for (int i = 1; i <= SMV_NEWS_COUNT; i++) {
        problems = check_news(screen, i, problems, pool);
    }
    return problems;
}

/* --- answers --- */

static const smv_error_t *answer_page(const smv_call_t *call, smv_answer_t *answer, const smv_screen_page_t *page,
                                      int status)
{
    answer->page = "start_screen";
    answer->status = status;
    return smv_screen_page(call, &answer->view, page);
}

static const smv_error_t *answer_done(const smv_call_t *call, smv_answer_t *answer, const char *deed)
{
    if (call->rendering == SMV_RENDER_PAGE) {
        answer->location = apr_pstrcat(call->pool, PATH "?done=", deed, NULL);
    }
    return NULL;
}

/* Somebody else was faster. Of a form both values are shown, and the person decides; of another deed what it is about.
 */
static const smv_error_t *answer_conflict(const smv_call_t *call, smv_answer_t *answer)
{
    smv_screen_page_t page = {.form = {.error = "Jemand anderes hat inzwischen etwas geändert."}};
    const smv_error_t *error;

    if (call->rendering == SMV_RENDER_API) {
        return smv_error(call->pool, SMV_ERROR_PRECONDITION, "the draft of the start screen has another version");
    }
    error = call->store->screen(call->store, &page.draft, call->tenant, SMV_SCREEN_DRAFT, call->pool);
    if (error) {
        return error;
    }
    if (call->route->body) {
        page.form.form = call->form;
        page.form.theirs = page.draft;
    }
    return answer_page(call, answer, &page, 409);
}

/* --- a deed on the draft as the person saw it --- */

typedef const smv_error_t *deed_fn(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft);

static const smv_error_t *do_to_seen(const smv_call_t *call, smv_answer_t *answer, deed_fn *deed)
{
    const smv_record_t *draft;
    apr_int64_t version;
    const smv_error_t *error = smv_seen_version(call, &version);

    if (error || (error = call->store->screen(call->store, &draft, call->tenant, SMV_SCREEN_DRAFT, call->pool))) {
        return error;
    }
    error = draft->values[SMV_SCREEN_VERSION].number == version
                ? deed(call, answer, draft)
                : smv_error(call->pool, SMV_ERROR_CONFLICT, "another version of the start screen was seen");
    return error && error->code == SMV_ERROR_CONFLICT ? answer_conflict(call, answer) : error;
}

/* {"fields":["brand","ink"]}: what they were is in what was published. */
static const char *changed_fields(const smv_record_t *before, const smv_record_t *after, apr_pool_t *pool)
{
    smv_buffer_t json;

    smv_buffer_init(&json, 256, MAX_DETAIL, pool);
    smv_buffer_puts(&json, "{\"fields\":[");
    for (int i = SMV_SCREEN_LOGO_HASH; i < before->shape->count; i++) {
        const smv_field_t *field = &before->shape->fields[i];
        int is_logo = i == SMV_SCREEN_LOGO_HASH;

        if ((is_logo || field->input) && !smv_change_is_same(field, &before->values[i], &after->values[i])) {
            smv_buffer_puts(&json, json.data[json.size - 1] == '[' ? "\"" : ",\"");
            smv_buffer_puts(&json, is_logo ? "logo" : field->name);
            smv_buffer_puts(&json, "\"");
        }
    }
    smv_buffer_puts(&json, "]}");
    smv_buffer_write(&json, "", 1);
    return json.is_failed ? NULL : json.data;
}

static const smv_error_t *save(const smv_call_t *call, const smv_record_t *draft, const smv_record_t *after,
                               const smv_upload_t *logo)
{
    const smv_actor_t actor = smv_actor_of(call);
    const smv_screen_change_t change = {.after = after,
                                        .version = draft->values[SMV_SCREEN_VERSION].number,
                                        .detail = changed_fields(draft, after, call->pool),
                                        .before_commit = logo ? logo->keep : NULL,
                                        .commit_data = logo ? logo->file : NULL};

    return call->store->screen_save(call->store, &change, call->tenant, &actor, call->pool);
}

/* The API is told what the draft is now. */
static const smv_error_t *answer_saved(const smv_call_t *call, smv_answer_t *answer, const char *deed)
{
    return call->rendering == SMV_RENDER_API ? smv_show_start_screen(call, answer) : answer_done(call, answer, deed);
}

static const smv_error_t *change_draft(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft)
{
    const smv_reading_rules_t rules = {
        .shape = &smv_shape_start_screen, .check = check_screen, .row = draft, .clean = call->clean, .now = call->now};
    smv_screen_page_t page = {.draft = draft, .form = {.form = call->form}};
    smv_record_t *after;
    const smv_error_t *error;

    page.form.problems = smv_input_read(&after, &rules, call->form, call->pool);
    page.made = after;
    if (page.form.problems) {
        error = smv_error_invalid(page.form.problems, call->pool);
        return call->rendering == SMV_RENDER_API ? error : answer_page(call, answer, &page, error->http_status);
    }
    if (!smv_change_differs(draft, after)) {
        return answer_saved(call, answer, "same");
    }
    error = save(call, draft, after, NULL);
    return error ? error : answer_saved(call, answer, "edit");
}

const smv_error_t *smv_change_start_screen(const smv_call_t *call, smv_answer_t *answer)
{
    return do_to_seen(call, answer, change_draft);
}

/* --- the logo --- */

static const smv_error_t *refuse_logo(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft,
                                      const char *fault)
{
    smv_screen_page_t page = {.draft = draft, .logo_problems = smv_problem(NULL, "file", fault, 0, call->pool)};
    const smv_error_t *error = smv_error_invalid(page.logo_problems, call->pool);

    return call->rendering == SMV_RENDER_API ? error : answer_page(call, answer, &page, error->http_status);
}

static const smv_error_t *take_logo(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft)
{
    const smv_upload_t *logo = call->uploads;
    smv_record_t *after = smv_record_copy(draft, call->pool);
    const smv_error_t *error;

    if (call->upload_count != 1) {
        return refuse_logo(call, answer, draft, "Bitte wählen Sie eine Datei.");
    }
    if (logo->error) {
        return logo->error->http_status >= 500 ? logo->error
                                               : refuse_logo(call, answer, draft, logo->error->public_text);
    }
    after->values[SMV_SCREEN_LOGO_HASH] = smv_text(logo->content_hash);
    after->values[SMV_SCREEN_LOGO_MEDIA_TYPE] = smv_text(logo->media_type);
    after->values[SMV_SCREEN_LOGO_SIZE] = smv_number(logo->size);
    error = save(call, draft, after, logo);
    return error ? error : answer_done(call, answer, "logo");
}

const smv_error_t *smv_set_logo(const smv_call_t *call, smv_answer_t *answer)
{
    return do_to_seen(call, answer, take_logo);
}

static const smv_error_t *drop_logo(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft)
{
    smv_record_t *after = smv_record_copy(draft, call->pool);
    const smv_error_t *error;

    for (int i = SMV_SCREEN_LOGO_HASH; i <= SMV_SCREEN_LOGO_SIZE; i++) {
        after->values[i].is_present = 0;
    }
    if (!smv_screen_differs(draft, after)) {
        return answer_done(call, answer, "same");
    }
    error = save(call, draft, after, NULL);
    return error ? error : answer_done(call, answer, "no-logo");
}

const smv_error_t *smv_delete_logo(const smv_call_t *call, smv_answer_t *answer)
{
    return do_to_seen(call, answer, drop_logo);
}

/* --- publishing --- */

static const smv_error_t *publish_draft(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft)
{
    const smv_actor_t actor = smv_actor_of(call);
    const smv_record_t *published;
    apr_int64_t made;
    const smv_error_t *error = smv_screen_published(call, &published);

    if (!error && published->values[SMV_SCREEN_ID].number && !smv_screen_differs(draft, published)) {
        return answer_done(call, answer, "same");
    }
    if (!error) {
        error = call->store->screen_publish(call->store, &made, SMV_SCREEN_DRAFT,
                                            draft->values[SMV_SCREEN_VERSION].number, call->tenant, &actor, call->pool);
    }
    return error ? error : answer_done(call, answer, "publish");
}

const smv_error_t *smv_publish_start_screen(const smv_call_t *call, smv_answer_t *answer)
{
    return do_to_seen(call, answer, publish_draft);
}

static const smv_error_t *discard_draft(const smv_call_t *call, smv_answer_t *answer, const smv_record_t *draft)
{
    const smv_actor_t actor = smv_actor_of(call);
    const smv_record_t *published;
    const smv_error_t *error =
        call->store->screen(call->store, &published, call->tenant, SMV_SCREEN_PUBLISHED, call->pool);

    if (!error && !smv_screen_differs(draft, published)) {
        return answer_done(call, answer, "same");
    }
    if (!error) {
        error = call->store->screen_reset(call->store, published->values[SMV_SCREEN_ID].number,
                                          draft->values[SMV_SCREEN_VERSION].number, call->tenant, &actor, call->pool);
    }
    return error ? error : answer_done(call, answer, "discard");
}

const smv_error_t *smv_discard_start_screen(const smv_call_t *call, smv_answer_t *answer)
{
    return do_to_seen(call, answer, discard_draft);
}

/* A draft without changes of its own follows what is published; one that somebody works on stays. */
static void let_draft_follow(const smv_call_t *call, const smv_record_t *draft, apr_int64_t publication)
{
    const smv_actor_t actor = smv_actor_of(call);
    const smv_error_t *error = call->store->screen_reset(
        call->store, publication, draft->values[SMV_SCREEN_VERSION].number, call->tenant, &actor, call->pool);

    if (error) {
        call->report(call, error);
    }
}

const smv_error_t *smv_restore_publication(const smv_call_t *call, smv_answer_t *answer)
{
    const smv_actor_t actor = smv_actor_of(call);
    const smv_record_t *draft, *published, *earlier;
    apr_int64_t made;
    const smv_error_t *error;

    if ((error = call->store->screen(call->store, &earlier, call->tenant, call->id, call->pool)) ||
        (error = call->store->screen(call->store, &draft, call->tenant, SMV_SCREEN_DRAFT, call->pool)) ||
        (error = smv_screen_published(call, &published))) {
        return error;
    }
    if (!smv_screen_differs(earlier, published)) {
        return answer_done(call, answer, "same");
    }
    error = call->store->screen_publish(call->store, &made, call->id, 0, call->tenant, &actor, call->pool);
    if (!error && !smv_screen_differs(draft, published)) {
        let_draft_follow(call, draft, made);
    }
    return error ? error : answer_done(call, answer, "restore");
}
