/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_record.h"
#include "smv_route.h"
#include "smv_shapes.h"

#include <apr_strings.h>

/* The customer that the entries of a customer's pages are about: the page's own, else the principal's only one. */
static int customer_in_view(const smv_call_t *call, smv_subject_t *subject)
{
    if (call->subject.customer) {
        *subject = call->subject;
        return 1;
    }
    *subject = (smv_subject_t){0, 0};
    if (call->principal->customers.count == 1) {
        subject->customer = call->principal->customers.at[0];
        return 1;
    }
    return 0;
}

/* A list of customers is worth an entry to those who have more than one. */
static int has_several_customers(const smv_principal_t *principal, smv_right_e right)
{
    for (int i = 0; i < principal->role_count; i++) {
        if (SMV_HAS_RIGHT(principal->roles[i].rights, right) &&
            (principal->roles[i].scope != SMV_SCOPE_OWN || principal->customers.count > 1)) {
            return 1;
        }
    }
    return 0;
}

static const char *customer_href(const smv_call_t *call, const smv_route_t *route)
{
    smv_subject_t subject;
    const smv_permit_t *permit;

    if (!customer_in_view(call, &subject) ||
        smv_policy_customer(&permit, call->principal, route->right, &subject, call->pool) ||
        (permit->rights & route->hidden_by) ||
        (route->menu == SMV_MENU_BLIND && SMV_HAS_RIGHT(permit->rights, route->resource->view))) {
        return NULL;
    }
    return apr_psprintf(call->pool, "%s/customers/%" APR_INT64_T_FMT "%s", call->base, subject.customer,
                        strchr(route->pattern, '}') + 1);
}

static const char *entry_href(const smv_call_t *call, const smv_route_t *route)
{
    const smv_permit_t *permit;

    switch (route->subject) {
    case SMV_SUBJECT_NONE:
        return apr_pstrcat(call->pool, call->base, route->pattern, NULL);
    case SMV_SUBJECT_RANGE:
        return has_several_customers(call->principal, route->right) &&
                       !smv_policy_range(&permit, call->principal, route->right, 0, call->pool)
                   ? apr_pstrcat(call->pool, call->base, route->pattern, NULL)
                   : NULL;
    case SMV_SUBJECT_STAFF:
        return smv_policy_range(&permit, call->principal, route->right, 1, call->pool)
                   ? NULL
                   : apr_pstrcat(call->pool, call->base, route->pattern, NULL);
    case SMV_SUBJECT_FIRM:
        return smv_policy_firm(&permit, call->principal, route->right, call->pool)
                   ? NULL
                   : apr_pstrcat(call->pool, call->base, route->pattern, NULL);
    case SMV_SUBJECT_CUSTOMER:
        return customer_href(call, route);
    case SMV_SUBJECT_CONTRACT:
    case SMV_SUBJECT_DOCUMENT:
    case SMV_SUBJECT_DELETED:
    case SMV_SUBJECT_ROW:
    case SMV_SUBJECT_COUNT:
        break;
    }
    return NULL;
}

static int is_of_place(const smv_route_t *route, smv_menu_e place)
{
    return route->menu == place || (route->menu == SMV_MENU_BLIND && place == SMV_MENU_CARD);
}

const smv_list_t *smv_menu(const smv_call_t *call, smv_menu_e place)
{
    smv_list_t *menu = smv_list_make(&smv_shape_menu_entry, call->principal ? smv_route_count : 0, call->pool);
    int count = 0;

    for (int i = 0; call->principal && i < smv_route_count; i++) {
        const smv_route_t *route = &smv_routes[i];
        const char *href;

        if (!is_of_place(route, place) || !(route->renderings & SMV_RENDER_PAGE)) {
            continue;
        }
        href = entry_href(call, route);
        if (href) {
            smv_value_t *values = menu->records[count++].values;

            values[SMV_MENU_LABEL] = smv_text(route->title);
            values[SMV_MENU_HREF] = smv_text(href);
            values[SMV_MENU_IS_CURRENT] = smv_number(route == call->route);
        }
    }
    menu->count = count;
    return menu;
}
