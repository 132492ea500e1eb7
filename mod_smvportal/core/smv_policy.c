/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_policy.h"

#include <apr_strings.h>

int smv_numbers_have(const smv_numbers_t *numbers, apr_int64_t number)
{
    for (int i = 0; i < numbers->count; i++) {
        if (numbers->at[i] == number) {
            return 1;
        }
    }
    return 0;
}

int smv_policy_covers(const smv_role_t *role, const smv_principal_t *principal, const smv_subject_t *subject)
{
    switch (role->scope) {
    case SMV_SCOPE_OWN:
        return smv_numbers_have(&principal->customers, subject->customer);
    case SMV_SCOPE_PORTFOLIO:
        return subject->broker != 0 && smv_numbers_have(&principal->brokers, subject->broker);
    case SMV_SCOPE_ALL:
        return 1;
    }
    return 0;
}

/* @return what may be allowed at most on one of the principal's customers */
static smv_rightset_t limit_at(const smv_principal_t *principal, int customer)
{
    return principal->viewing ? principal->viewing->limits[customer] & smv_rights_to_see() : ~(smv_rightset_t)0;
}

/* The same by the customer's number: in a view, nothing on others. */
static smv_rightset_t limit_of(const smv_principal_t *principal, apr_int64_t customer)
{
    for (int i = 0; principal->viewing && i < principal->customers.count; i++) {
        if (principal->customers.at[i] == customer) {
            return limit_at(principal, i);
        }
    }
    return principal->viewing ? 0 : ~(smv_rightset_t)0;
}

/* @return the principal's own customers on whom the right may be allowed */
static smv_numbers_t own_customers(const smv_principal_t *principal, smv_right_e right, apr_pool_t *pool)
{
    apr_int64_t *at;
    int count = 0;

    if (!principal->viewing) {
        return principal->customers;
    }
    at = apr_palloc(pool, sizeof *at * (apr_size_t)(principal->customers.count + 1));
    for (int i = 0; i < principal->customers.count; i++) {
        if (SMV_HAS_RIGHT(limit_at(principal, i), right)) {
            at[count++] = principal->customers.at[i];
        }
    }
    return (smv_numbers_t){at, count};
}

static smv_rightset_t hidden_by_any_role(const smv_principal_t *principal)
{
    smv_rightset_t rights = principal->viewing ? principal->viewing->hidden : 0;

    for (int i = 0; i < principal->role_count; i++) {
        rights |= principal->roles[i].rights;
    }
    return rights & smv_rights_of_kind(SMV_KIND_HIDE);
}

static const smv_error_t *denied(const smv_principal_t *principal, smv_right_e right, apr_pool_t *pool)
{
    return smv_error(pool, SMV_ERROR_DENIED, "%s lacks the right %s (%s, attribute %s of a role)", principal->login,
                     smv_rights[right].id, smv_rights[right].label, smv_rights[right].attribute);
}

const smv_error_t *smv_policy_customer(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                       const smv_subject_t *subject, apr_pool_t *pool)
{
    smv_rightset_t allowed = 0;
    int is_in_scope = 0;
    smv_permit_t *made;
    apr_int64_t *customer;

    for (int i = 0; i < principal->role_count; i++) {
        if (smv_policy_covers(&principal->roles[i], principal, subject)) {
            is_in_scope = 1;
            allowed |= principal->roles[i].rights;
        }
    }
    if (!is_in_scope) {
        return smv_error(pool, SMV_ERROR_NOT_FOUND, "customer %" APR_INT64_T_FMT " is in no role's scope of %s",
                         subject->customer, principal->login);
    }
    allowed &= ~smv_rights_of_kind(SMV_KIND_HIDE) & limit_of(principal, subject->customer);
    if (right != SMV_RIGHT_NONE && !SMV_HAS_RIGHT(allowed, right)) {
        return denied(principal, right, pool);
    }
    customer = apr_palloc(pool, sizeof *customer);
    *customer = subject->customer;
    made = apr_pcalloc(pool, sizeof *made);
    made->tenant = principal->tenant;
    made->customers = (smv_numbers_t){customer, 1};
    made->rights = allowed | hidden_by_any_role(principal);
    *permit = made;
    return NULL;
}

const smv_error_t *smv_policy_range(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                    int is_staff_only, apr_pool_t *pool)
{
    smv_permit_t *made = apr_pcalloc(pool, sizeof *made);
    int is_granted = 0;

    for (int i = 0; i < principal->role_count; i++) {
        const smv_role_t *role = &principal->roles[i];

        if (smv_rights[right].kind == SMV_KIND_HIDE || !SMV_HAS_RIGHT(role->rights, right) ||
            (is_staff_only && role->scope == SMV_SCOPE_OWN)) {
            continue;
        }
        if (role->scope == SMV_SCOPE_OWN) {
            made->customers = own_customers(principal, right, pool);
        } else if (role->scope == SMV_SCOPE_PORTFOLIO) {
            made->brokers = principal->brokers;
        } else {
            made->all = 1;
        }
        is_granted |= !principal->viewing || made->customers.count > 0;
    }
    if (!is_granted) {
        return denied(principal, right, pool);
    }
    made->tenant = principal->tenant;
    made->rights = SMV_RIGHT_BIT(right) | hidden_by_any_role(principal);
    *permit = made;
    return NULL;
}

const smv_error_t *smv_policy_firm(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                   apr_pool_t *pool)
{
    smv_permit_t *made;
    int is_granted = 0;

    for (int i = 0; i < principal->role_count; i++) {
        is_granted |= principal->roles[i].scope == SMV_SCOPE_ALL && smv_rights[right].kind != SMV_KIND_HIDE &&
                      SMV_HAS_RIGHT(principal->roles[i].rights, right);
    }
    if (!is_granted || principal->viewing) {
        return smv_error(pool, SMV_ERROR_DENIED, "%s lacks the right %s (%s, attribute %s of a role) on all customers",
                         principal->login, smv_rights[right].id, smv_rights[right].label, smv_rights[right].attribute);
    }
    made = apr_pcalloc(pool, sizeof *made);
    made->tenant = principal->tenant;
    made->all = 1;
    made->rights = SMV_RIGHT_BIT(right) | hidden_by_any_role(principal);
    *permit = made;
    return NULL;
}

/* What the giver may do with the customer, and whether a role for more than own customers lets them manage accesses. */
static smv_rightset_t rights_over(const smv_principal_t *giver, const smv_subject_t *subject, int *is_staff)
{
    smv_rightset_t rights = 0;

    *is_staff = 0;
    for (int i = 0; i < giver->role_count; i++) {
        if (smv_policy_covers(&giver->roles[i], giver, subject)) {
            rights |= giver->roles[i].rights;
            *is_staff |= giver->roles[i].scope != SMV_SCOPE_OWN &&
                         SMV_HAS_RIGHT(giver->roles[i].rights, SMV_RIGHT_ACCESS_MANAGE);
        }
    }
    return rights & limit_of(giver, subject->customer);
}

int smv_policy_may_give(const smv_principal_t *giver, const smv_subject_t *subject, const smv_role_t *roles, int count)
{
    smv_rightset_t own, given = 0, limited = smv_rights_of_kind(SMV_KIND_STAFF);
    smv_rightset_t hiding = hidden_by_any_role(giver);
    int is_staff;

    own = rights_over(giver, subject, &is_staff);
    for (int i = 0; i < count; i++) {
        if (roles[i].scope != SMV_SCOPE_OWN) {
            return 0;
        }
        given |= roles[i].rights;
    }
    if (!is_staff) {
        limited |= smv_rights_of_kind(SMV_KIND_ALLOW);
    }
    return SMV_HAS_RIGHT(own, SMV_RIGHT_ACCESS_MANAGE) && (given & limited & ~own) == 0 &&
           (is_staff || (hiding & ~given) == 0);
}

int smv_policy_is_customer_only(const smv_principal_t *principal)
{
    for (int i = 0; i < principal->role_count; i++) {
        if (principal->roles[i].scope != SMV_SCOPE_OWN) {
            return 0;
        }
    }
    return 1;
}

smv_rightset_t smv_policy_rights(const smv_principal_t *principal)
{
    smv_rightset_t rights = 0, limit = principal->viewing ? 0 : ~(smv_rightset_t)0;

    for (int i = 0; i < principal->role_count; i++) {
        rights |= principal->roles[i].rights;
    }
    for (int i = 0; principal->viewing && i < principal->customers.count; i++) {
        limit |= limit_at(principal, i);
    }
    return (rights & limit) | hidden_by_any_role(principal);
}
