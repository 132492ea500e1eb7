/* SPDX-License-Identifier: Apache-2.0
 *
 * The policy, held against every combination of two roles.
 */
#include "unit.h"

#include <string.h>

#include "fake_store.h"

static apr_pool_t *pool;

static int set_up(void)
{
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int tear_down(void)
{
    apr_pool_destroy(pool);
    return 0;
}

#define BIT SMV_RIGHT_BIT
#define VIEW SMV_RIGHT_CUSTOMER_VIEW
#define EDIT SMV_RIGHT_CUSTOMER_EDIT
#define HIDE SMV_RIGHT_EXPIRY_DATE_HIDE

/* The person has the customers 10001 and 20001, and the broker number 501. */
static const smv_subject_t subjects[] = {{10001, 501}, {20001, 502}, {20002, 501}, {30001, 502}, {40001, 0}};

/* Which scope covers which of the subjects, by hand. */
static const int covers[][5] = {
    [SMV_SCOPE_OWN] = {1, 1, 0, 0, 0}, [SMV_SCOPE_PORTFOLIO] = {1, 0, 1, 0, 0}, [SMV_SCOPE_ALL] = {1, 1, 1, 1, 1}};

static void person_with(fake_person_t *person, smv_scope_e first, smv_rightset_t first_rights, smv_scope_e second,
                        smv_rightset_t second_rights)
{
    fake_person_init(person);
    fake_person_add_customer(person, 10001);
    fake_person_add_customer(person, 20001);
    fake_person_add_broker(person, 501);
    fake_person_add_role(person, first, first_rights);
    fake_person_add_role(person, second, second_rights);
}

static smv_error_e decide(const fake_person_t *person, smv_right_e right, const smv_subject_t *subject,
                          const smv_permit_t **permit)
{
    const smv_error_t *error = smv_policy_customer(permit, &person->principal, right, subject, pool);

    return error ? error->code : 0;
}

static void check_one(smv_scope_e first, int first_has, smv_scope_e second, int second_has, int subject)
{
    int in_scope = covers[first][subject] || covers[second][subject];
    int is_granted = (covers[first][subject] && first_has) || (covers[second][subject] && second_has);
    smv_error_e expected = !in_scope ? SMV_ERROR_NOT_FOUND : is_granted ? 0 : SMV_ERROR_DENIED;
    const smv_permit_t *permit = NULL;
    fake_person_t person;

    person_with(&person, first, first_has ? BIT(EDIT) : BIT(VIEW), second, second_has ? BIT(EDIT) : BIT(VIEW));
    CU_ASSERT_EQUAL(decide(&person, EDIT, &subjects[subject], &permit), expected);
    CU_ASSERT_EQUAL(permit != NULL, expected == 0);
    CU_ASSERT_EQUAL(decide(&person, SMV_RIGHT_NONE, &subjects[subject], &permit), in_scope ? 0 : SMV_ERROR_NOT_FOUND);
}

static void two_roles_are_judged_each_in_its_own_scope(void)
{
    for (smv_scope_e first = SMV_SCOPE_OWN; first <= SMV_SCOPE_ALL; first++) {
        for (smv_scope_e second = SMV_SCOPE_OWN; second <= SMV_SCOPE_ALL; second++) {
            for (int i = 0; i < 4 * (int)(sizeof subjects / sizeof *subjects); i++) {
                check_one(first, i & 1, second, i >> 1 & 1, i >> 2);
            }
        }
    }
}

static void view_all_and_edit_own_are_not_edit_all(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_ALL, BIT(VIEW), SMV_SCOPE_OWN, BIT(EDIT));
    CU_ASSERT_EQUAL(decide(&person, EDIT, &subjects[3], &permit), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(decide(&person, VIEW, &subjects[3], &permit), 0);
    CU_ASSERT_EQUAL(permit->rights, BIT(VIEW));
    CU_ASSERT_EQUAL(decide(&person, VIEW, &subjects[0], &permit), 0);
    CU_ASSERT_EQUAL(permit->rights, BIT(VIEW) | BIT(EDIT));
}

static void a_permit_for_one_customer_opens_no_other(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_ALL, BIT(VIEW), SMV_SCOPE_PORTFOLIO, BIT(VIEW));
    CU_ASSERT_EQUAL(decide(&person, VIEW, &subjects[3], &permit), 0);
    CU_ASSERT_EQUAL(permit->tenant, 1);
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(permit->customers.count, 1);
    CU_ASSERT_EQUAL(permit->customers.at[0], 30001);
    CU_ASSERT_EQUAL(permit->brokers.count, 0);
}

static void a_customer_without_broker_is_in_no_portfolio(void)
{
    const smv_subject_t subject = {40001, 0};
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_PORTFOLIO, BIT(VIEW), SMV_SCOPE_PORTFOLIO, BIT(VIEW));
    fake_person_add_broker(&person, 0);
    CU_ASSERT_EQUAL(decide(&person, VIEW, &subject, &permit), SMV_ERROR_NOT_FOUND);
}

static void nobody_without_a_role_gets_in(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    fake_person_init(&person);
    fake_person_add_customer(&person, 10001);
    CU_ASSERT_EQUAL(decide(&person, SMV_RIGHT_NONE, &subjects[0], &permit), SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(smv_policy_range(&permit, &person.principal, VIEW, 0, pool)->code, SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(smv_policy_rights(&person.principal), 0);
}

static void a_hide_right_of_any_role_is_in_every_permit(void)
{
    for (smv_scope_e scope = SMV_SCOPE_OWN; scope <= SMV_SCOPE_ALL; scope++) {
        const smv_permit_t *permit;
        fake_person_t person;

        person_with(&person, SMV_SCOPE_ALL, BIT(VIEW), scope, BIT(HIDE));
        CU_ASSERT_EQUAL(decide(&person, VIEW, &subjects[4], &permit), 0);
        CU_ASSERT_EQUAL(permit->rights, BIT(VIEW) | BIT(HIDE));
        CU_ASSERT_PTR_NULL(smv_policy_range(&permit, &person.principal, VIEW, 0, pool));
        CU_ASSERT_EQUAL(permit->rights, BIT(VIEW) | BIT(HIDE));
        CU_ASSERT_TRUE(SMV_HAS_RIGHT(smv_policy_rights(&person.principal), HIDE));
    }
}

static void a_hide_right_permits_nothing(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_ALL, BIT(HIDE), SMV_SCOPE_OWN, BIT(HIDE));
    CU_ASSERT_EQUAL(decide(&person, HIDE, &subjects[0], &permit), SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(smv_policy_range(&permit, &person.principal, HIDE, 0, pool)->code, SMV_ERROR_DENIED);
}

static void a_range_has_the_scopes_of_the_granting_roles_alone(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_ALL, BIT(VIEW), SMV_SCOPE_PORTFOLIO, BIT(EDIT) | BIT(VIEW));
    CU_ASSERT_PTR_NULL_FATAL(smv_policy_range(&permit, &person.principal, EDIT, 0, pool));
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(permit->customers.count, 0);
    CU_ASSERT_EQUAL(permit->brokers.count, 1);
    CU_ASSERT_EQUAL(permit->rights, BIT(EDIT));
    person_with(&person, SMV_SCOPE_OWN, BIT(EDIT), SMV_SCOPE_PORTFOLIO, BIT(VIEW));
    CU_ASSERT_PTR_NULL_FATAL(smv_policy_range(&permit, &person.principal, EDIT, 0, pool));
    CU_ASSERT_EQUAL(permit->customers.count, 2);
    CU_ASSERT_EQUAL(permit->brokers.count, 0);
}

static void a_range_may_reach_nobody(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    fake_person_init(&person);
    fake_person_add_role(&person, SMV_SCOPE_PORTFOLIO, BIT(VIEW));
    CU_ASSERT_PTR_NULL_FATAL(smv_policy_range(&permit, &person.principal, VIEW, 0, pool));
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(permit->customers.count + permit->brokers.count, 0);
}

/* Which scope the granting role must have for what is nobody's yet. */
static void what_is_nobody_s_is_for_roles_for_all_customers(void)
{
    for (smv_scope_e first = SMV_SCOPE_OWN; first <= SMV_SCOPE_ALL; first++) {
        for (smv_scope_e second = SMV_SCOPE_OWN; second <= SMV_SCOPE_ALL; second++) {
            int is_granted = second == SMV_SCOPE_ALL;
            const smv_permit_t *permit = NULL;
            const smv_error_t *error;
            fake_person_t person;

            person_with(&person, first, BIT(VIEW) | BIT(HIDE), second, BIT(EDIT) | BIT(VIEW));
            error = smv_policy_firm(&permit, &person.principal, EDIT, pool);
            CU_ASSERT_EQUAL(error ? error->code : 0, is_granted ? 0 : SMV_ERROR_DENIED);
            CU_ASSERT_TRUE(error ? strstr(error->detail, smv_rights[EDIT].id) != NULL
                                 : permit->all && permit->tenant == 1 && permit->customers.count == 0 &&
                                       permit->rights == (BIT(EDIT) | BIT(HIDE)));
            CU_ASSERT_EQUAL(smv_policy_firm(&permit, &person.principal, HIDE, pool)->code, SMV_ERROR_DENIED);
        }
    }
}

static void a_denial_names_the_right(void)
{
    fake_person_t person;

    person_with(&person, SMV_SCOPE_ALL, 0, SMV_SCOPE_OWN, 0);
    for (smv_right_e right = 0; right < SMV_RIGHT_COUNT; right++) {
        const smv_permit_t *permit;
        const smv_error_t *one = smv_policy_customer(&permit, &person.principal, right, &subjects[0], pool);
        const smv_error_t *range = smv_policy_range(&permit, &person.principal, right, 0, pool);

        CU_ASSERT_EQUAL(one->code, SMV_ERROR_DENIED);
        CU_ASSERT_PTR_NOT_NULL(strstr(one->detail, smv_rights[right].id));
        CU_ASSERT_PTR_NOT_NULL(strstr(one->detail, smv_rights[right].label));
        CU_ASSERT_STRING_EQUAL(one->detail, range->detail);
    }
}

static void staff_rights_are_granted_by_any_role_and_by_themselves(void)
{
    const smv_permit_t *permit;
    fake_person_t person;

    person_with(&person, SMV_SCOPE_OWN, BIT(SMV_RIGHT_ROLE_MANAGE), SMV_SCOPE_ALL, BIT(SMV_RIGHT_AUDIT_LOG_VIEW));
    CU_ASSERT_EQUAL(smv_policy_rights(&person.principal), BIT(SMV_RIGHT_ROLE_MANAGE) | BIT(SMV_RIGHT_AUDIT_LOG_VIEW));
    CU_ASSERT_PTR_NULL(smv_policy_range(&permit, &person.principal, SMV_RIGHT_ROLE_MANAGE, 0, pool));
    CU_ASSERT_EQUAL(smv_policy_range(&permit, &person.principal, SMV_RIGHT_ACCESS_MANAGE, 0, pool)->code,
                    SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(decide(&person, VIEW, &subjects[0], &permit), SMV_ERROR_DENIED);
}

/* The customer may see and edit 10001 and 20001; who looks may see only some of it, and nothing of 20002. */
static smv_principal_t viewed_by(fake_person_t *person, smv_viewing_t *viewing, const smv_rightset_t *limits)
{
    smv_principal_t principal;

    fake_person_init(person);
    fake_person_add_customer(person, 10001);
    fake_person_add_customer(person, 20001);
    fake_person_add_role(person, SMV_SCOPE_OWN, BIT(VIEW) | BIT(EDIT) | BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW));
    *viewing = (smv_viewing_t){"uid=karla", "Karla", 10001, limits, BIT(HIDE) | BIT(EDIT)};
    principal = person->principal;
    principal.viewing = viewing;
    return principal;
}

static void a_view_allows_what_both_may_see_of_that_customer(void)
{
    const smv_rightset_t limits[] = {BIT(VIEW) | BIT(EDIT) | BIT(SMV_RIGHT_CONTRACT_VIEW),
                                     BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW)};
    fake_person_t person;
    smv_viewing_t viewing;
    smv_principal_t principal = viewed_by(&person, &viewing, limits);
    const smv_permit_t *permit;

    CU_ASSERT_PTR_NULL_FATAL(smv_policy_customer(&permit, &principal, VIEW, &subjects[0], pool));
    CU_ASSERT_EQUAL(permit->rights, BIT(VIEW) | BIT(HIDE));
    CU_ASSERT_EQUAL(smv_policy_customer(&permit, &principal, VIEW, &subjects[1], pool)->code, SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(smv_policy_customer(&permit, &principal, EDIT, &subjects[0], pool)->code, SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(smv_policy_customer(&permit, &principal, VIEW, &subjects[2], pool)->code, SMV_ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(smv_policy_rights(&principal), BIT(VIEW) | BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW) | BIT(HIDE));
}

static void a_view_lists_the_customers_whom_both_may_see(void)
{
    const smv_rightset_t limits[] = {BIT(SMV_RIGHT_BANK_ACCOUNT_VIEW), BIT(VIEW)};
    fake_person_t person;
    smv_viewing_t viewing;
    smv_principal_t principal = viewed_by(&person, &viewing, limits);
    const smv_permit_t *permit;

    CU_ASSERT_PTR_NULL_FATAL(smv_policy_range(&permit, &principal, VIEW, 0, pool));
    CU_ASSERT_EQUAL(permit->customers.count, 1);
    CU_ASSERT_EQUAL(permit->customers.at[0], 20001);
    CU_ASSERT_FALSE(permit->all);
    CU_ASSERT_EQUAL(smv_policy_range(&permit, &principal, EDIT, 0, pool)->code, SMV_ERROR_DENIED);
    CU_ASSERT_EQUAL(smv_policy_range(&permit, &principal, VIEW, 1, pool)->code, SMV_ERROR_DENIED);
}

static void a_view_has_nothing_that_is_nobody_s(void)
{
    const smv_rightset_t limits[] = {BIT(VIEW), BIT(VIEW)};
    fake_person_t person;
    smv_viewing_t viewing;
    smv_principal_t principal = viewed_by(&person, &viewing, limits);
    const smv_permit_t *permit;

    person.roles[0].scope = SMV_SCOPE_ALL;
    CU_ASSERT_EQUAL(smv_policy_firm(&permit, &principal, VIEW, pool)->code, SMV_ERROR_DENIED);
    principal.viewing = NULL;
    CU_ASSERT_PTR_NULL(smv_policy_firm(&permit, &principal, VIEW, pool));
}

int suite_policy(void)
{
    static CU_TestInfo tests[] = {
        {"two roles are judged each in its own scope", two_roles_are_judged_each_in_its_own_scope},
        {"view, all and edit, own are not edit, all", view_all_and_edit_own_are_not_edit_all},
        {"a permit for one customer opens no other", a_permit_for_one_customer_opens_no_other},
        {"a customer without broker is in no portfolio", a_customer_without_broker_is_in_no_portfolio},
        {"nobody without a role gets in", nobody_without_a_role_gets_in},
        {"a hide right of any role is in every permit", a_hide_right_of_any_role_is_in_every_permit},
        {"a hide right permits nothing", a_hide_right_permits_nothing},
        {"a range has the scopes of the granting roles alone", a_range_has_the_scopes_of_the_granting_roles_alone},
        {"a range may reach nobody", a_range_may_reach_nobody},
        {"what is nobody's is for roles for all customers", what_is_nobody_s_is_for_roles_for_all_customers},
        {"a view has nothing that is nobody's", a_view_has_nothing_that_is_nobody_s},
        {"a denial names the right", a_denial_names_the_right},
        {"staff rights are granted by any role and by themselves",
         staff_rights_are_granted_by_any_role_and_by_themselves},
        {"a view allows what both may see of that customer", a_view_allows_what_both_may_see_of_that_customer},
        {"a view lists the customers whom both may see", a_view_lists_the_customers_whom_both_may_see},
        CU_TEST_INFO_NULL};
    static CU_SuiteInfo suites[] = {{"policy, all combinations", set_up, tear_down, NULL, NULL, tests},
                                    CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
