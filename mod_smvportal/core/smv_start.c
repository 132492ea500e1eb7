/* SPDX-License-Identifier: Apache-2.0
 *
 * The start screen: the firm's welcome and a tile for each thing that the person may open.
 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#include <apr_strings.h>

/* A person with more customers than this finds them by the list. */
#define MAX_CUSTOMER_TILES 20
#define MAX_CARD_TILES 20

static void add_tile(smv_list_t *tiles, const char *label, const char *text, const char *href)
{
    smv_value_t *values = tiles->records[tiles->count++].values;

    values[SMV_TILE_LABEL] = smv_text(label);
    values[SMV_TILE_TEXT] = smv_text(text);
    values[SMV_TILE_HREF] = smv_text(href);
}

static const char *customer_href(const smv_call_t *call, apr_int64_t number, const char *rest)
{
    return apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "%s", call->base, number, rest);
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

static void add_tiles_of_one(const smv_call_t *call, smv_list_t *tiles, apr_int64_t number)
{
    static const struct {
        smv_right_e right;
        const char *label, *text, *rest;
        smv_rightset_t hidden_by;
    } offers[] = {
        {SMV_RIGHT_CUSTOMER_VIEW, "Kundenkarte", "Ihre persönlichen Daten", "", 0},
        {SMV_RIGHT_CONTRACT_VIEW, "Verträge", "Alle Verträge auf einen Blick", "/contracts", 0},
        {SMV_RIGHT_DOCUMENT_LIST, "Dokumente", "Policen, Rechnungen und Schreiben", "/documents", 0},
        {SMV_RIGHT_CUSTOMER_VIEW, "Finanzanalyse", "Einnahmen, Ausgaben und Vorsorge", "/financial-analysis",
         SMV_RIGHT_BIT(SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE)},
    };
    smv_subject_t subject = {number, 0};
    const smv_permit_t *permit;

    if (smv_policy_customer(&permit, call->principal, SMV_RIGHT_NONE, &subject, call->pool)) {
        return;
    }
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        if (SMV_HAS_RIGHT(permit->rights, offers[i].right) && !(permit->rights & offers[i].hidden_by)) {
            add_tile(tiles, offers[i].label, offers[i].text, customer_href(call, number, offers[i].rest));
        }
    }
    if (!SMV_HAS_RIGHT(permit->rights, SMV_RIGHT_CUSTOMER_VIEW)) {
        add_links_of_card(call, tiles);
    }
}

static const char *full_name(const smv_record_t *customer, apr_pool_t *pool)
{
    const smv_value_t *first_name = &customer->values[SMV_CUSTOMER_FIRST_NAME];
    const smv_value_t *name = &customer->values[SMV_CUSTOMER_NAME];

    return first_name->is_present ? apr_pstrcat(pool, first_name->as.text, " ", name->as.text, NULL) : name->as.text;
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
    add_tile(tiles, full_name(customer, call->pool), "Kundennummer", customer_href(call, number, ""));
    tiles->records[tiles->count - 1].values[SMV_TILE_NUMBER] =
        smv_text(apr_psprintf(call->pool, "%" APR_INT64_T_FMT, number));
    return NULL;
}

static int sees_beyond_own(const smv_principal_t *principal)
{
    for (int i = 0; i < principal->role_count; i++) {
        if (principal->roles[i].scope != SMV_SCOPE_OWN &&
            SMV_HAS_RIGHT(principal->roles[i].rights, SMV_RIGHT_CUSTOMER_VIEW)) {
            return 1;
        }
    }
    return 0;
}

static const smv_error_t *add_own_tiles(const smv_call_t *call, smv_list_t *tiles)
{
    const smv_numbers_t *customers = &call->principal->customers;
    const smv_error_t *error = NULL;

    if (customers->count == 1) {
        add_tiles_of_one(call, tiles, customers->at[0]);
        return NULL;
    }
    for (int i = 0; i < customers->count && i < MAX_CUSTOMER_TILES && !error; i++) {
        error = add_customer_tile(call, tiles, customers->at[i]);
    }
    return error;
}

/* A person's own card comes first, whatever else they are. */
static const smv_error_t *add_tiles(const smv_call_t *call, smv_list_t *tiles)
{
    const smv_error_t *error = add_own_tiles(call, tiles);

    if (!error && sees_beyond_own(call->principal)) {
        add_tile(tiles, "Kunden", "Kunden mit Verträgen und Dokumenten",
                 apr_pstrcat(call->pool, call->base, "/customers", NULL));
    }
    return error;
}

const smv_error_t *smv_show_start(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_start_view, call->pool);
    smv_list_t *tiles = smv_list_make(&smv_shape_tile, MAX_CUSTOMER_TILES + 4, call->pool);
    const smv_record_t *firm;
    const smv_error_t *error = call->store->firm(call->store, &firm, call->tenant, call->pool);

    if (error) {
        return error;
    }
    tiles->count = 0;
    if ((error = add_tiles(call, tiles))) {
        return error;
    }
    smv_set(view, "firm", smv_nested(firm));
    smv_set(view, "tiles", smv_nested_list(tiles));
    answer->view = view;
    return NULL;
}
