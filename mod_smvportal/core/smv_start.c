/* SPDX-License-Identifier: Apache-2.0
 *
 * The start screen: the firm's welcome and news, and a tile for each thing that the person may open, in the firm's
 * order; for staff also the search, what ends soon, what is new and whom they saw last.
 */
#include "smv_customer_lines.h"
#include "smv_link.h"
#include "smv_record.h"
#include "smv_shapes.h"
#include "smv_start_screen.h"
#include "smv_unassigned.h"

#include <apr_strings.h>

/* A person with more customers than this finds them by the list. */
#define MAX_CUSTOMER_TILES 20
#define MAX_CARD_TILES 20
#define MAX_ADMIN_TILES 12
#define MAX_TILES (MAX_CUSTOMER_TILES + MAX_ADMIN_TILES + SMV_OWN_TILES + 5)

/* Lines of the lists for staff. */
#define ENDINGS 10
#define INBOX 5
#define RECENT 8
#define MANY_UNASSIGNED 999 /* more are not counted */

static void add_tile(smv_list_t *tiles, const char *label, const char *text, const char *href)
{
    smv_value_t *values = tiles->records[tiles->count++].values;

    values[SMV_TILE_LABEL] = smv_text(label);
    values[SMV_TILE_TEXT] = smv_text(text);
    values[SMV_TILE_HREF] = smv_text(href);
}

/* Who may not see the card finds its links here. */
static void add_links_of_card(const smv_call_t *call, smv_list_t *tiles)
{
    const smv_list_t *links = smv_menu(call, SMV_MENU_CARD);

    for (int i = 0; i < links->count && i < MAX_CARD_TILES; i++) {
        const smv_value_t *link = links->records[i].values;

        add_tile(tiles, link[SMV_MENU_LABEL].as.text, NULL, link[SMV_MENU_HREF].as.text);
    }
}

/* What one customer has, each with its place. */
static const struct {
    const char *place;
    smv_right_e right;
    const char *label, *text, *rest;
    smv_rightset_t hidden_by;
} offers[] = {
    {"tile_customer", SMV_RIGHT_CUSTOMER_VIEW, "Kundenkarte", "Ihre persönlichen Daten", "", 0},
    {"tile_contracts", SMV_RIGHT_CONTRACT_VIEW, "Verträge", "Alle Verträge auf einen Blick", "/contracts", 0},
    {"tile_documents", SMV_RIGHT_DOCUMENT_LIST, "Dokumente", "Policen, Rechnungen und Schreiben", "/documents", 0},
    {"tile_financial_analysis", SMV_RIGHT_CUSTOMER_VIEW, "Finanzanalyse", "Einnahmen, Ausgaben und Vorsorge",
     "/financial-analysis", SMV_RIGHT_BIT(SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE)},
};
#define OFFERS (sizeof offers / sizeof *offers)

static void add_own_tile(const smv_call_t *call, smv_list_t *tiles, const smv_record_t *screen, int number)
{
    const char *label = smv_screen_text_of(screen, "link_%d_label", number, call->pool);
    const char *url = smv_screen_text_of(screen, "link_%d_url", number, call->pool);

    if (label && url && smv_is_link(url)) {
        add_tile(tiles, label, smv_screen_text_of(screen, "link_%d_text", number, call->pool), url);
    }
}

/* In the firm's order. @param rights of the person on the customer; @param href of the customer, NULL: no links */
static void add_in_order(const smv_call_t *call, smv_list_t *tiles, const smv_record_t *screen, smv_rightset_t rights,
                         const char *href)
{
    for (int place = 1; place <= SMV_TILE_PLACES; place++) {
        for (size_t i = 0; i < OFFERS; i++) {
            if (smv_screen_place(screen, offers[i].place) == place && SMV_HAS_RIGHT(rights, offers[i].right) &&
                !(rights & offers[i].hidden_by)) {
                add_tile(tiles, offers[i].label, offers[i].text,
                         href ? apr_pstrcat(call->pool, href, offers[i].rest, NULL) : NULL);
            }
        }
        for (int i = 1; i <= SMV_OWN_TILES; i++) {
            if (smv_screen_place(screen, apr_psprintf(call->pool, "tile_link_%d", i)) == place) {
                add_own_tile(call, tiles, screen, i);
            }
        }
    }
}

static void add_tiles_of_one(const smv_call_t *call, smv_list_t *tiles, const smv_record_t *screen, apr_int64_t number)
{
    smv_subject_t subject = {number, 0};
    const smv_permit_t *permit;

    if (smv_policy_customer(&permit, call->principal, SMV_RIGHT_NONE, &subject, call->pool)) {
        return;
    }
    add_in_order(call, tiles, screen, permit->rights, smv_customer_href(call, number));
    if (!SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        add_links_of_card(call, tiles);
    }
}

smv_list_t *smv_start_sample_tiles(const smv_call_t *call, const smv_record_t *screen)
{
    smv_list_t *tiles = smv_list_make(&smv_shape_tile, OFFERS + SMV_OWN_TILES, call->pool);

    tiles->count = 0;
    add_in_order(call, tiles, screen, smv_rights_of_kind(SMV_KIND_ALLOW), NULL);
    return tiles;
}

/* A tile with the customer's name; none for a customer whom this person may not see or the store does not know. */
static const smv_error_t *add_customer_tile(const smv_call_t *call, smv_list_t *tiles, apr_int64_t number)
{
    smv_subject_t subject = {number, 0};
    const smv_permit_t *permit;
    const smv_record_t *customer;
    const smv_error_t *error;

    if (smv_policy_customer(&permit, call->principal, SMV_RIGHT_CUSTOMER_VIEW, &subject, call->pool)) {
        return NULL;
    }
    error = call->store->row(call->store, &customer, permit, &smv_resources[SMV_RESOURCE_CUSTOMER], number, call->pool);
    if (error) {
        return error->code == SMV_ERROR_NOT_FOUND ? NULL : error;
    }
    add_tile(tiles, smv_full_name(customer, call->pool), "Kundennummer", smv_customer_href(call, number));
    tiles->records[tiles->count - 1].values[SMV_TILE_NUMBER] =
        smv_text(apr_psprintf(call->pool, "%" APR_INT64_T_FMT, number));
    return NULL;
}

/* Who has several customers chooses one of them first. */
static const smv_error_t *add_own_tiles(const smv_call_t *call, smv_list_t *tiles, const smv_record_t *screen)
{
    const smv_numbers_t *customers = &call->principal->customers;
    const smv_error_t *error = NULL;

    if (customers->count == 1) {
        add_tiles_of_one(call, tiles, screen, customers->at[0]);
        return NULL;
    }
    for (int i = 0; i < customers->count && i < MAX_CUSTOMER_TILES && !error; i++) {
        error = add_customer_tile(call, tiles, customers->at[i]);
    }
    if (customers->count > 1) {
        add_in_order(call, tiles, screen, 0, NULL);
    }
    return error;
}

static void add_admin_tiles(const smv_call_t *call, smv_list_t *tiles)
{
    const smv_list_t *links = smv_menu(call, SMV_MENU_ADMIN);

    for (int i = 0; i < links->count && i < MAX_ADMIN_TILES; i++) {
        const smv_value_t *link = links->records[i].values;

        add_tile(tiles, link[SMV_MENU_LABEL].as.text, NULL, link[SMV_MENU_HREF].as.text);
    }
}

/* --- staff --- */

static const smv_error_t *add_recent(const smv_call_t *call, const smv_record_t *view, const smv_permit_t *permit)
{
    smv_list_t *customers, *lines;
    const smv_error_t *error;

    if ((error = call->store->last_read(call->store, &customers, permit, call->principal->login, RECENT, call->pool)) ||
        (error = smv_customer_lines(call, &lines, customers))) {
        return error;
    }
    smv_set(view, "recent", smv_nested_list(lines));
    return NULL;
}

static const smv_error_t *add_inbox(const smv_call_t *call, const smv_record_t *view, const smv_permit_t *permit)
{
    smv_list_t *changes, *entries;
    const smv_error_t *error = call->store->inbox(call->store, &changes, permit, 0, 0, INBOX, call->pool);

    if (error) {
        return error;
    }
    changes->count = changes->count > INBOX ? INBOX : changes->count;
    error = smv_inbox_entries(call, &entries, changes);
    smv_set(view, "inbox", smv_nested_list(entries));
    smv_set(view, "inbox_href", smv_text(apr_pstrcat(call->pool, call->base, "/inbox", NULL)));
    return error;
}

static const smv_error_t *add_endings(const smv_call_t *call, const smv_record_t *view)
{
    const smv_permit_t *permit;
    smv_list_t *endings, *lines;
    const smv_error_t *error;

    if (smv_policy_range(&permit, call->principal, SMV_RIGHT_CONTRACT_VIEW, 1, call->pool) ||
        SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_EXPIRY_DATE_HIDE)) {
        return NULL;
    }
    if ((error = smv_read_endings(call, &endings, permit, NULL, 0, ENDINGS))) {
        return error;
    }
    endings->count = endings->count > ENDINGS ? ENDINGS : endings->count;
    error = smv_ending_lines(call, &lines, endings);
    smv_set(view, "endings", smv_nested_list(lines));
    smv_set(view, "endings_href", smv_text(apr_pstrcat(call->pool, call->base, "/expiring-contracts", NULL)));
    return error;
}

/* How many documents are nobody's yet. */
static const smv_error_t *add_unassigned(const smv_call_t *call, const smv_record_t *view)
{
    const smv_permit_t *permit;
    const smv_error_t *error;
    int count;

    if (smv_policy_firm(&permit, call->principal, SMV_RIGHT_DOCUMENT_IMPORT, call->pool)) {
        return NULL;
    }
    error = call->store->unassigned_count(call->store, &count, permit, MANY_UNASSIGNED + 1, call->pool);
    if (error || count == 0) {
        return error;
    }
    smv_set(view, "unassigned_href", smv_text(apr_pstrcat(call->pool, call->base, SMV_UNASSIGNED_PATH, NULL)));
    smv_set(view, "unassigned_count", smv_number(count > MANY_UNASSIGNED ? MANY_UNASSIGNED : count));
    smv_set(view, "is_one_unassigned", smv_number(count == 1));
    smv_set(view, "are_many_unassigned", smv_number(count > MANY_UNASSIGNED));
    return NULL;
}

/* What the firm's own people begin their day with, as far as roles of a wider scope than one's own customers go. */
static const smv_error_t *add_work(const smv_call_t *call, const smv_record_t *view, smv_list_t *tiles)
{
    const char *list = apr_pstrcat(call->pool, call->base, "/customers", NULL);
    const smv_permit_t *permit;
    const smv_error_t *error = add_endings(call, view);

    if (error || (error = add_unassigned(call, view))) {
        return error;
    }
    if (!smv_policy_range(&permit, call->principal, SMV_RIGHT_CUSTOMER_VIEW, 1, call->pool)) {
        smv_set(view, "search_href", smv_text(list));
        add_tile(tiles, "Kunden", "Kunden mit Verträgen und Dokumenten", list);
        if (!(error = add_inbox(call, view, permit))) {
            error = add_recent(call, view, permit);
        }
    }
    add_admin_tiles(call, tiles);
    return error;
}

/* --- the whole --- */

static int is_shown_today(const smv_record_t *screen, int number, const char *today, apr_pool_t *pool)
{
    const char *from = smv_screen_text_of(screen, "news_%d_from", number, pool);
    const char *until = smv_screen_text_of(screen, "news_%d_until", number, pool);

    return smv_screen_text_of(screen, "news_%d_title", number, pool) && (!from || strcmp(from, today) <= 0) &&
           (!until || strcmp(today, until) <= 0);
}

void smv_start_fill(const smv_call_t *call, const smv_record_t *view, const smv_record_t *firm,
                    const smv_record_t *screen)
{
    const char *today = smv_day_of(call->now, call->pool);
    smv_list_t *news = smv_list_make(&smv_shape_news, SMV_NEWS_COUNT, call->pool);

    news->count = 0;
    for (int i = 1; i <= SMV_NEWS_COUNT; i++) {
        if (is_shown_today(screen, i, today, call->pool)) {
            const smv_record_t *item = &news->records[news->count++];

            smv_set(item, "title", smv_text(smv_screen_text_of(screen, "news_%d_title", i, call->pool)));
            smv_set(item, "text", smv_text(smv_screen_text_of(screen, "news_%d_text", i, call->pool)));
        }
    }
    smv_set(view, "firm", smv_nested(firm));
    smv_set(view, "news", smv_nested_list(news));
}

/* A person's own card comes first, whatever else they are. */
const smv_error_t *smv_show_start(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_start_view, call->pool);
    smv_list_t *tiles = smv_list_make(&smv_shape_tile, MAX_TILES, call->pool);
    const smv_record_t *firm, *screen = smv_record_make(&smv_shape_start_screen, call->pool);
    const smv_error_t *error = call->store->firm(call->store, &firm, call->tenant, call->pool);

    tiles->count = 0;
    if (!error && firm->values[SMV_FIRM_PUBLICATION].is_present) {
        error = smv_screen_published(call, &screen);
    }
    if (error || (error = add_own_tiles(call, tiles, screen)) || (error = add_work(call, view, tiles))) {
        return error;
    }
    smv_start_fill(call, view, firm, screen);
    smv_set(view, "tiles", smv_nested_list(tiles));
    answer->view = view;
    return NULL;
}
