/* SPDX-License-Identifier: Apache-2.0
 *
 * The financial analysis: sums by kind, what is left, and what is missing in the provision; with the bars of its
 * charts. Sums and charts are of euros; items of another currency stand in the tables alone.
 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#define CURRENCY "EUR"
#define FULL_WIDTH 1000 /* of a bar, in units of its SVG */

typedef enum { INCOME, EXPENSE, ASSET, LIABILITY, PROVISION, KIND_COUNT } kind_e;

static const char *const kinds[KIND_COUNT] = {"income", "expense", "asset", "liability", "provision"};

static smv_value_t euros(apr_int64_t cents)
{
    smv_value_t value = smv_text(CURRENCY);

    value.number = cents;
    return value;
}

static int is_of(const smv_record_t *item, kind_e kind)
{
    return strcmp(item->values[SMV_FINANCIAL_KIND].as.text, kinds[kind]) == 0;
}

static int is_in_euros(const smv_record_t *item)
{
    return strcmp(item->values[SMV_FINANCIAL_AMOUNT].as.text, CURRENCY) == 0;
}

/* Amounts are never negative; a sum that does not fit stays at the largest number. */
static apr_int64_t sum_of(const smv_list_t *items, kind_e kind)
{
    apr_int64_t sum = 0;

    for (int i = 0; i < items->count; i++) {
        const smv_record_t *item = &items->records[i];

        if (is_of(item, kind) && is_in_euros(item) &&
            __builtin_add_overflow(sum, item->values[SMV_FINANCIAL_AMOUNT].number, &sum)) {
            return APR_INT64_MAX;
        }
    }
    return sum;
}

/* The part of whole as a width; at most the full one. */
static apr_int64_t width_of(apr_int64_t part, apr_int64_t whole)
{
    double ratio = whole > 0 ? (double)part / (double)whole : 0;

    return ratio >= 1 ? FULL_WIDTH : (apr_int64_t)(ratio * FULL_WIDTH);
}

/* --- charts --- */

static void fill_bar(const smv_record_t *bar, const char *label, apr_int64_t amount, apr_int64_t whole,
                     const char *style)
{
    smv_set(bar, "label", smv_text(label));
    smv_set(bar, "amount", euros(amount));
    smv_set(bar, "width", smv_number(width_of(amount, whole)));
    smv_set(bar, "style", smv_text(style));
}

/* Two bars on one scale, and what is left between them. */
static void fill_chart(const smv_record_t *chart, const char *label, const smv_value_t sums[2], const char *labels[2],
                       const char *result_label, apr_pool_t *pool)
{
    static const char *const styles[] = {"plus", "minus"};
    smv_list_t *bars = smv_list_make(&smv_shape_financial_bar, 2, pool);
    apr_int64_t whole = sums[0].number > sums[1].number ? sums[0].number : sums[1].number;

    for (int i = 0; i < 2; i++) {
        fill_bar(&bars->records[i], labels[i], sums[i].number, whole, styles[i]);
    }
    smv_set(chart, "label", smv_text(label));
    smv_set(chart, "result_label", smv_text(result_label));
    smv_set(chart, "result", euros(sums[0].number - sums[1].number));
    smv_set(chart, "bars", smv_nested_list(bars));
}

static smv_list_t *provisions_of(const smv_list_t *items, apr_pool_t *pool)
{
    smv_list_t *bars = smv_list_make(&smv_shape_financial_bar, items->count, pool);

    bars->count = 0;
    for (int i = 0; i < items->count; i++) {
        const smv_value_t *values = items->records[i].values;
        const smv_record_t *bar = &bars->records[bars->count];
        apr_int64_t needed = values[SMV_FINANCIAL_NEEDED].number, covered = values[SMV_FINANCIAL_AMOUNT].number;

        if (!is_of(&items->records[i], PROVISION) || !is_in_euros(&items->records[i])) {
            continue;
        }
        fill_bar(bar, values[SMV_FINANCIAL_LABEL].as.text, covered, needed, "plus");
        smv_set(bar, "needed", euros(needed));
        if (needed > covered) {
            smv_set(bar, "gap", euros(needed - covered));
        }
        bars->count++;
    }
    return bars;
}

/* --- tables --- */

static void fill_group(const smv_record_t *group, const smv_list_t *items, kind_e kind, apr_pool_t *pool)
{
    smv_list_t *chosen = smv_list_make(&smv_shape_financial_item, items->count, pool);

    chosen->count = 0;
    for (int i = 0; i < items->count; i++) {
        if (is_of(&items->records[i], kind)) {
            ((smv_record_t *)chosen->records)[chosen->count++] = items->records[i];
        }
    }
    smv_set(group, "label",
            smv_text(smv_code_label(&smv_shape_financial_item.fields[SMV_FINANCIAL_KIND], kinds[kind])));
    smv_set(group, "anchor", smv_text(kinds[kind]));
    smv_set(group, "items", smv_nested_list(chosen));
    smv_set(group, "is_provision", smv_number(kind == PROVISION));
    smv_set(group, "has_date", smv_number(kind == ASSET || kind == LIABILITY));
    if (kind != PROVISION) {
        smv_set(group, "sum", euros(sum_of(items, kind)));
    }
}

static void show_on_page(const smv_call_t *call, const smv_record_t *view, const smv_list_t *items,
                         const smv_value_t sums[4])
{
    static const char *flow[] = {"Einnahmen", "Ausgaben"}, *wealth[] = {"Vermögen", "Verbindlichkeiten"};
    smv_list_t *charts = smv_list_make(&smv_shape_financial_chart, 2, call->pool);
    smv_list_t *groups = smv_list_make(&smv_shape_financial_group, KIND_COUNT, call->pool);
    int has_others = 0;

    fill_chart(&charts->records[0], "Im Monat", sums, flow, "Es bleiben", call->pool);
    fill_chart(&charts->records[1], "Vermögen und Verbindlichkeiten", sums + ASSET, wealth, "Reinvermögen", call->pool);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        fill_group(&groups->records[kind], items, (kind_e)kind, call->pool);
    }
    for (int i = 0; i < items->count; i++) {
        has_others |= !is_in_euros(&items->records[i]);
    }
    smv_set(view, "charts", smv_nested_list(charts));
    smv_set(view, "provisions", smv_nested_list(provisions_of(items, call->pool)));
    smv_set(view, "groups", smv_nested_list(groups));
    smv_set(view, "has_other_currencies", smv_number(has_others));
}

const smv_error_t *smv_show_financial_analysis(const smv_call_t *call, smv_answer_t *answer)
{
    smv_record_t *view = smv_record_make(&smv_shape_financial_analysis, call->pool);
    smv_value_t sums[4];
    smv_list_t *items;
    const smv_error_t *error = call->store->financial_items(call->store, &items, call->permit, call->pool);

    if (error) {
        return error;
    }
    for (int kind = INCOME; kind < PROVISION; kind++) {
        sums[kind] = euros(sum_of(items, (kind_e)kind));
    }
    smv_set(view, "customer", smv_number(call->id));
    smv_set(view, "items", smv_nested_list(items));
    smv_set(view, "income", sums[INCOME]);
    smv_set(view, "expenses", sums[EXPENSE]);
    smv_set(view, "surplus", euros(sums[INCOME].number - sums[EXPENSE].number));
    smv_set(view, "assets", sums[ASSET]);
    smv_set(view, "liabilities", sums[LIABILITY]);
    smv_set(view, "net_worth", euros(sums[ASSET].number - sums[LIABILITY].number));
    if (call->rendering == SMV_RENDER_PAGE && items->count > 0) {
        show_on_page(call, view, items, sums);
    }
    answer->view = view;
    return NULL;
}
