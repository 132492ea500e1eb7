/* SPDX-License-Identifier: Apache-2.0
 *
 * What needs no server: names, filters, and what directories are made of.
 */
#include "../../mod_smvportal/port/smv_ldap_settings.h"
#include "../../mod_smvportal/port/smv_ldap_source.h"

#include <CUnit/Basic.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static apr_pool_t *pool;

static void a_name_lies_within_another(void)
{
    const char *base = "dc=musterfirma,dc=example";

    CU_ASSERT_TRUE(smv_ldap_is_within(base, base));
    CU_ASSERT_TRUE(smv_ldap_is_within("uid=a,ou=people,dc=musterfirma,dc=example", base));
    CU_ASSERT_TRUE(smv_ldap_is_within("UID=a, OU=people, DC=Musterfirma , DC=Example", base));
    CU_ASSERT_TRUE(smv_ldap_is_within("cn=a+sn=b,dc=musterfirma,dc=example", base));
    CU_ASSERT_TRUE(smv_ldap_is_within("cn=M\\C3\\BCller\\, Ute,dc=musterfirma,dc=example", base));
    CU_ASSERT_TRUE(smv_ldap_is_within("dc=x", ""));
    CU_ASSERT_FALSE(smv_ldap_is_within("dc=example", base));
    CU_ASSERT_FALSE(smv_ldap_is_within("dc=musterfirma,dc=example,dc=com", base));
    CU_ASSERT_FALSE(smv_ldap_is_within("cn=x\\,dc=musterfirma,dc=example", base)); /* one value, not two names */
    CU_ASSERT_FALSE(smv_ldap_is_within("dc=notmusterfirma,dc=example", base));
    CU_ASSERT_FALSE(smv_ldap_is_within("ou=musterfirma,dc=example", base));
    CU_ASSERT_FALSE(smv_ldap_is_within("cn=a+sn=b,dc=example", "cn=a,dc=example"));
    CU_ASSERT_TRUE(smv_ldap_is_within("ou=My  Staff,dc=example", "ou= my staff ,dc=example"));
    CU_ASSERT_FALSE(smv_ldap_is_within("ou=MyStaff,dc=example", "ou=my staff,dc=example"));
    CU_ASSERT_TRUE(smv_ldap_is_within("uid=a,sn=b+cn=a,dc=example", "cn=a+sn=b,dc=example"));
    CU_ASSERT_FALSE(smv_ldap_is_within("ou=B\\C3\\BCro,dc=example", "ou=B\\C3\\9Cro,dc=example"));
    CU_ASSERT_FALSE(smv_ldap_is_within("nonsense", base));
    CU_ASSERT_FALSE(smv_ldap_is_within(base, "nonsense"));
}

static smv_ldap_config_t config_of(const char *base, int number)
{
    smv_ldap_config_t config = {.uri = "ldap://127.0.0.1",
                                .number = number,
                                .base = base,
                                .connect_timeout = apr_time_from_sec(1),
                                .timeout = apr_time_from_sec(1),
                                .pool_size = 1};

    smv_ldap_map_init(&config.map, "smv", pool);
    return config;
}

static void the_deepest_base_says_which_directory_has_an_account(void)
{
    smv_ldap_config_t configs[] = {config_of("dc=firma,dc=example", 0), config_of("dc=ad,dc=firma,dc=example", 1),
                                   config_of("dc=fern,dc=example", 2)};
    smv_ldap_sources_t sources = {.count = 0};

    CU_ASSERT_EQUAL_FATAL(smv_ldap_sources_init(&sources, configs, 3, pool), APR_SUCCESS);
    CU_ASSERT_EQUAL(smv_ldap_source_of(&sources, "uid=a,dc=firma,dc=example")->number, 0);
    CU_ASSERT_EQUAL(smv_ldap_source_of(&sources, "CN=a,OU=b,DC=ad,DC=firma,DC=example")->number, 1);
    CU_ASSERT_EQUAL(smv_ldap_source_of(&sources, "uid=a,dc=fern,dc=example")->number, 2);
    CU_ASSERT_EQUAL(smv_ldap_source_of(&sources, "uid=a,dc=elsewhere")->number, 0);
    CU_ASSERT_PTR_NULL(smv_ldap_check_all(configs, 3, pool));
    configs[2].base = "DC=AD, DC=Firma, DC=Example";
    CU_ASSERT_PTR_NOT_NULL(smv_ldap_check_all(configs, 3, pool));
    CU_ASSERT_EQUAL(smv_ldap_sources_init(&sources, configs, 0, pool), APR_EINVAL);
}

static void what_might_be_of_another_directory_is_not_of_this_one(void)
{
    smv_ldap_config_t configs[] = {config_of("dc=firma,dc=example", 0),
                                   config_of("ou=B\\C3\\BCro,dc=firma,dc=example", 1)};
    smv_ldap_sources_t sources = {.count = 0};

    CU_ASSERT_EQUAL_FATAL(smv_ldap_sources_init(&sources, configs, 2, pool), APR_SUCCESS);
    CU_ASSERT_TRUE(smv_ldap_is_own_entry(&sources.at[0], "uid=a,ou=people,dc=firma,dc=example"));
    CU_ASSERT_TRUE(smv_ldap_is_own_entry(&sources.at[1], "uid=a,ou=B\\C3\\BCro,dc=firma,dc=example"));
    CU_ASSERT_FALSE(smv_ldap_is_own_entry(&sources.at[0], "uid=a,ou=B\\C3\\BCro,dc=firma,dc=example"));
    CU_ASSERT_FALSE(smv_ldap_is_own_entry(&sources.at[0], "uid=a,ou=b\\C3\\9Cro,dc=firma,dc=example"));
    CU_ASSERT_TRUE(smv_ldap_is_own_entry(&sources.at[0], "uid=\\C3\\BC,ou=people,dc=firma,dc=example"));
}

static void a_login_goes_into_every_place_of_a_filter(void)
{
    CU_ASSERT_STRING_EQUAL(smv_ldap_filled("(|(uid=%s)(mail=%s))", "a", pool), "(|(uid=a)(mail=a))");
    CU_ASSERT_STRING_EQUAL(smv_ldap_filled("(uid=a)", "b", pool), "(uid=a)");
    CU_ASSERT_STRING_EQUAL(smv_ldap_filled("(uid=%s)", "%s", pool), "(uid=%s)");
}

static int map_code(const char *field, const char *attribute)
{
    smv_ldap_map_t map;
    const smv_error_t *error = smv_ldap_map_init(&map, "active-directory", pool);

    CU_ASSERT_PTR_NULL_FATAL(error);
    error = smv_ldap_map_set(&map, field, attribute, pool);
    return error ? (int)error->code : 0;
}

static void a_directory_is_mapped(void)
{
    smv_ldap_map_t map;
    smv_ldap_groups_e groups;

    CU_ASSERT_PTR_NULL_FATAL(smv_ldap_map_init(&map, "active-directory", pool));
    CU_ASSERT_STRING_EQUAL(smv_ldap_map_user_filter(&map, pool),
                           "(&(objectCategory=person)(objectClass=user)(userPrincipalName=%s))");
    CU_ASSERT_PTR_NULL(map.names[SMV_LDAP_FIELD_BROKER]);
    CU_ASSERT_PTR_NULL(smv_ldap_map_set(&map, "broker", "employeeNumber", pool));
    CU_ASSERT_STRING_EQUAL(map.names[SMV_LDAP_FIELD_BROKER], "employeeNumber");
    CU_ASSERT_PTR_NULL(smv_ldap_map_set(&map, "mail", "-", pool));
    CU_ASSERT_PTR_NULL(map.names[SMV_LDAP_FIELD_MAIL]);
    CU_ASSERT_EQUAL(map_code("login", "sAMAccountName"), 0);
    CU_ASSERT_EQUAL(map_code("valid-until", "1.2.840.113556"), 0);
    CU_ASSERT_EQUAL(map_code("login", "-"), SMV_ERROR_CONFIGURATION);
    CU_ASSERT_EQUAL(map_code("Login", "uid"), SMV_ERROR_CONFIGURATION);
    CU_ASSERT_EQUAL(map_code("broker", ""), SMV_ERROR_CONFIGURATION);
    CU_ASSERT_EQUAL(map_code("broker", "a)(b=*"), SMV_ERROR_CONFIGURATION);
    CU_ASSERT_PTR_NOT_NULL(smv_ldap_map_init(&map, "SMV", pool));
    CU_ASSERT_PTR_NULL(smv_ldap_groups_of(&groups, "in-chain", pool));
    CU_ASSERT_EQUAL(groups, SMV_LDAP_GROUPS_IN_CHAIN);
    CU_ASSERT_PTR_NOT_NULL(smv_ldap_groups_of(&groups, "", pool));
}

static smv_ldap_verdict_t verdict_of(const char *said)
{
    smv_ldap_verdict_t verdict;

    smv_ldap_read_verdict(NULL, NULL, said, &verdict);
    return verdict;
}

#define AD_SAYS(code) "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data " code ", v1db1"

static void what_active_directory_says_of_a_bind_is_understood(void)
{
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("52e")).policy, PP_noError);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("52e")).is_barred, 0);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("532")).policy, PP_passwordExpired);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("773")).policy, PP_changeAfterReset);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("775")).policy, PP_accountLocked);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("533")).is_barred, 1);
    CU_ASSERT_EQUAL(verdict_of(AD_SAYS("701")).is_barred, 1);
    CU_ASSERT_EQUAL(verdict_of("AcceptSecurityContext error, data ").is_barred, 0);
    CU_ASSERT_EQUAL(verdict_of(NULL).policy, PP_noError);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a name lies within another", a_name_lies_within_another},
        {"the deepest base says which directory has an account", the_deepest_base_says_which_directory_has_an_account},
        {"what might be of another directory is not of this one",
         what_might_be_of_another_directory_is_not_of_this_one},
        {"a login goes into every place of a filter", a_login_goes_into_every_place_of_a_filter},
        {"a directory is mapped", a_directory_is_mapped},
        {"what Active Directory says of a bind is understood", what_active_directory_says_of_a_bind_is_understood},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"names of directories", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    int failures;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS ||
        CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = (int)CU_get_number_of_failures() + (int)CU_get_number_of_failure_records();
    CU_cleanup_registry();
    apr_pool_destroy(pool);
    apr_terminate();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
