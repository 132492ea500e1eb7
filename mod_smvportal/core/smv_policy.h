/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_policy: (principal, right, subject) -> permit | error. Pure functions.
 *
 * Each role is judged with its own scope, then the allow rights are combined with OR: "view, all" and "edit, own" do
 * not become "edit, all". Hide rights of any role count everywhere. Deny is the default. A subject outside of every
 * scope is not found (404); one in scope without the right is denied (403), and the error says which right is missing.
 *
 * In the view as a customer nothing is allowed but to see what both the account and who looks may see of that customer;
 * what is hidden from either is hidden.
 */
#ifndef SMV_POLICY_H
#define SMV_POLICY_H

#include "smv_error.h"
#include "smv_principal.h"

/* What a request is about: the customer that a path names, with what the scopes need to know of it. */
typedef struct smv_subject_t {
    apr_int64_t customer; /* customer number */
    apr_int64_t broker;   /* broker number of that customer, 0 for none */
} smv_subject_t;

/* The only key to data: every store call takes one and binds it into its statement. Made by smv_policy_* alone. */
typedef struct smv_permit_t {
    apr_int64_t tenant;
    int all;                 /* every customer of the tenant */
    smv_numbers_t customers; /* else these customers … */
    smv_numbers_t brokers;   /* … and the customers of these brokers */
    smv_rightset_t rights;   /* what is allowed on every customer within it, and every hide right that applies */
} smv_permit_t;

/* @return 1 where the role counts for the customer */
int smv_policy_covers(const smv_role_t *role, const smv_principal_t *principal, const smv_subject_t *subject);

/* Permit for one customer.
 * @param right the right needed, SMV_RIGHT_NONE where being in scope is enough
 * @return SMV_ERROR_NOT_FOUND out of scope, SMV_ERROR_DENIED without the right */
const smv_error_t *smv_policy_customer(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                       const smv_subject_t *subject, apr_pool_t *pool);

/* Permit for all customers on whom some role grants the right: the union of those roles' scopes. Its rights hold only
 * `right` and the hide rights, since the other rights may differ from customer to customer.
 * @param is_staff_only whether roles for one's own customers do not count
 * @return SMV_ERROR_DENIED where no role grants it; a permit that reaches nobody is a permit (an empty list) */
const smv_error_t *smv_policy_range(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                    int is_staff_only, apr_pool_t *pool);

/* Permit for what is nobody's yet: for all customers, by a role for all customers alone.
 * @return SMV_ERROR_DENIED where no such role grants it, and in the view as a customer */
const smv_error_t *smv_policy_firm(const smv_permit_t **permit, const smv_principal_t *principal, smv_right_e right,
                                   apr_pool_t *pool);

/* Whether somebody who may manage the accesses of a customer may give these roles, together, to one of them, or manage
 * an access that has them. Roles of a wider scope than eigene are never given; attributes of the administration only by
 * who holds them for that customer. Whose own right to manage comes from roles for their own customers alone gives no
 * more than they have: every allow right of the roles is theirs, and what is hidden from them the roles hide, too.
 * @return 1 where they may */
int smv_policy_may_give(const smv_principal_t *giver, const smv_subject_t *subject, const smv_role_t *roles, int count);

/* @return 1 where every role is for own customers alone */
int smv_policy_is_customer_only(const smv_principal_t *principal);

/* @return allow and staff rights of any role, whatever the scope, and all hide rights: what menus and /me show */
smv_rightset_t smv_policy_rights(const smv_principal_t *principal);

#endif
