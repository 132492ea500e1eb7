/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory port against a real server that has ldap-schema/sample.ldif, keeps memberOf and closes idle
 * connections after a second; tests/integration/test_directory.py starts one. Environment: LDAP_URI, LDAP_BASE,
 * LDAP_ADMIN_DN, LDAP_ADMIN_PW; without LDAP_URI the program exits with 77 (skipped). It adds entries of its own and
 * takes them away again.
 */
#include "../../mod_smvportal/port/smv_ldap.h"

#include <CUnit/Basic.h>
#include <apr_atomic.h>
#include <apr_general.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <ldap.h>
#include <stdlib.h>
#include <string.h>

#define SKIPPED 77
#define THREADS 12
#define LOADS 40

static apr_pool_t *pool;
static LDAP *admin;
static smv_directory_t *directory;
static smv_ldap_config_t config;

/* --- what the tests say --- */

static const char *below(const char *rdns)
{
    return apr_pstrcat(pool, rdns, ",", config.base, NULL);
}

static const char *person(const char *uid)
{
    return below(apr_pstrcat(pool, "uid=", uid, ",ou=people", NULL));
}

/* Add an entry. @param pairs name, value, …, NULL; values of one name stand together */
static void add(const char *dn, const char *const *pairs)
{
    LDAPMod mods[32], *list[33];
    char *values[32][8];
    int count = 0;

    while (pairs[0]) {
        const char *name = pairs[0];
        int have = 0;

        for (; pairs[0] && strcmp(pairs[0], name) == 0; pairs += 2) {
            values[count][have++] = (char *)pairs[1];
        }
        values[count][have] = NULL;
        mods[count] = (LDAPMod){LDAP_MOD_ADD, (char *)name, {values[count]}};
        list[count] = &mods[count];
        count++;
    }
    list[count] = NULL;
    CU_ASSERT_EQUAL_FATAL(ldap_add_ext_s(admin, dn, list, NULL, NULL), LDAP_SUCCESS);
}
#define ADD(dn, ...) add(dn, (const char *const[]){__VA_ARGS__, NULL})

/* Replace an attribute's value; NULL takes it away. */
static void set(const char *dn, const char *attribute, const char *value)
{
    char *values[] = {(char *)value, NULL};
    LDAPMod mod = {LDAP_MOD_REPLACE, (char *)attribute, {value ? values : NULL}}, *list[] = {&mod, NULL};

    CU_ASSERT_EQUAL_FATAL(ldap_modify_ext_s(admin, dn, list, NULL, NULL), LDAP_SUCCESS);
}

static void take_away(const char *dn)
{
    CU_ASSERT_EQUAL(ldap_delete_ext_s(admin, dn, NULL, NULL), LDAP_SUCCESS);
}

static const char *add_person(const char *uid, const char *role)
{
    const char *dn = person(uid);

    ADD(dn, "objectClass", "inetOrgPerson", "objectClass", "smvKonto", "uid", uid, "cn", "Petra Probe", "sn", "Probe",
        "userPassword", "demo", role ? "smvRolleDN" : NULL, role);
    return dn;
}

static const char *add_role(const char *cn, const char *id, const char *scope)
{
    const char *dn = below(apr_pstrcat(pool, "cn=", cn, ",ou=roles", NULL));

    ADD(dn, "objectClass", "organizationalRole", "objectClass", "smvRolle", "smvRollenId", id, "smvGeltungsbereich",
        scope, "smvVertragsdatenAnsehen", "TRUE");
    return dn;
}

static int sign_in_on(smv_directory_t *on, const char *login, const char *password)
{
    smv_sign_in_t sign_in;
    const smv_error_t *error = on->authenticate(on, &sign_in, login, password, pool);

    CU_ASSERT_TRUE((error == NULL) == (sign_in.dn != NULL));
    CU_ASSERT_TRUE(error == NULL || password == NULL || !*password || strstr(error->detail, password) == NULL);
    return error ? (int)error->code : 0;
}

static int sign_in(const char *login, const char *password)
{
    return sign_in_on(directory, login, password);
}

static int load(const smv_principal_t **principal, const char *dn)
{
    const smv_error_t *error;

    *principal = NULL;
    error = directory->load(directory, principal, dn, apr_time_now(), pool);
    CU_ASSERT_TRUE((error == NULL) == (*principal != NULL));
    return error ? (int)error->code : 0;
}

static int load_code(const char *dn)
{
    const smv_principal_t *principal;

    return load(&principal, dn);
}

static smv_rightset_t default_rights(void)
{
    smv_rightset_t rights = 0;

    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        rights |= smv_rights[right].is_default ? SMV_RIGHT_BIT(right) : 0;
    }
    return rights;
}

/* --- sign-in --- */

static void the_right_password_gives_the_dn(void)
{
    smv_sign_in_t sign_in;

    CU_ASSERT_PTR_NULL_FATAL(directory->authenticate(directory, &sign_in, "karla.kunde", "demo", pool));
    CU_ASSERT_STRING_EQUAL(sign_in.dn, person("karla.kunde"));
}

static void wrong_empty_and_unknown_are_refused_alike(void)
{
    CU_ASSERT_EQUAL(sign_in("karla.kunde", "wrong-secret"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("nobody", "wrong-secret"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("karla.kunde", ""), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("", "demo"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in(NULL, "demo"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("karla.kunde", NULL), SMV_ERROR_CREDENTIALS);
}

static void a_login_is_no_filter(void)
{
    CU_ASSERT_EQUAL(sign_in("*", "demo"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("karla*", "demo"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("karla.kunde)(uid=karla.kunde", "demo"), SMV_ERROR_CREDENTIALS);
    CU_ASSERT_EQUAL(sign_in("x)(|(uid=karla.kunde", "demo"), SMV_ERROR_CREDENTIALS);
}

static void a_login_of_two_accounts_is_refused(void)
{
    const char *dn = below("cn=twin,ou=people");

    ADD(dn, "objectClass", "inetOrgPerson", "objectClass", "smvKonto", "uid", "karla.kunde", "cn", "twin", "sn", "Twin",
        "userPassword", "demo");
    CU_ASSERT_EQUAL(sign_in("karla.kunde", "demo"), SMV_ERROR_CREDENTIALS);
    take_away(dn);
    CU_ASSERT_EQUAL(sign_in("karla.kunde", "demo"), 0);
}

/* --- loading --- */

static void a_customer_has_the_default_rights(void)
{
    const smv_principal_t *karla;

    CU_ASSERT_EQUAL_FATAL(load(&karla, person("karla.kunde")), 0);
    CU_ASSERT_STRING_EQUAL(karla->login, "karla.kunde");
    CU_ASSERT_STRING_EQUAL(karla->name, "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(karla->mail, "karla.kunde@musterfirma.example");
    CU_ASSERT_EQUAL(karla->tenant, 1);
    CU_ASSERT_EQUAL(karla->customers.count, 1);
    CU_ASSERT_EQUAL(karla->customers.at[0], 10001);
    CU_ASSERT_EQUAL(karla->brokers.count, 0);
    CU_ASSERT_EQUAL_FATAL(karla->role_count, 1);
    CU_ASSERT_EQUAL(karla->roles[0].id, INT64_C(4294967299));
    CU_ASSERT_STRING_EQUAL(karla->roles[0].name, "Kundenzugang");
    CU_ASSERT_EQUAL(karla->roles[0].scope, SMV_SCOPE_OWN);
    CU_ASSERT_EQUAL(karla->roles[0].rights, default_rights());
}

static void staff_and_brokers_have_their_scopes(void)
{
    const smv_principal_t *ines, *viktor;

    CU_ASSERT_EQUAL_FATAL(load(&ines, person("ines.innen")), 0);
    CU_ASSERT_EQUAL(ines->roles[0].scope, SMV_SCOPE_ALL);
    CU_ASSERT_EQUAL(ines->roles[0].rights, smv_rights_of_kind(SMV_KIND_ALLOW) | smv_rights_of_kind(SMV_KIND_STAFF));
    CU_ASSERT_EQUAL_FATAL(load(&viktor, person("viktor.vermittler")), 0);
    CU_ASSERT_EQUAL(viktor->roles[0].scope, SMV_SCOPE_PORTFOLIO);
    CU_ASSERT_EQUAL_FATAL(viktor->brokers.count, 1);
    CU_ASSERT_EQUAL(viktor->brokers.at[0], 501);
}

static void locked_and_gone_accounts_are_refused(void)
{
    CU_ASSERT_EQUAL(load_code(person("gesa.gesperrt")), SMV_ERROR_LOCKED);
    CU_ASSERT_EQUAL(load_code(person("nobody")), SMV_ERROR_LOCKED);
    CU_ASSERT_EQUAL(load_code(below("ou=people")), SMV_ERROR_LOCKED);
}

/* 2030-06-01 12:00 UTC, in several spellings */
static void an_account_is_valid_until_its_time(void)
{
    static const char *const spellings[] = {"20300601120000Z",   "203006011200Z",       "2030060112Z",
                                            "20300601120000.5Z", "20300601140000+0200", "20300601090000-03"};
    const apr_time_t noon = apr_time_from_sec(APR_INT64_C(1906545600));
    const char *dn = person("karla.kunde");
    const smv_principal_t *karla;

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const smv_error_t *error;

        set(dn, "smvGueltigBis", spellings[i]);
        CU_ASSERT_PTR_NULL(directory->load(directory, &karla, dn, noon - 1, pool));
        error = directory->load(directory, &karla, dn, noon, pool);
        CU_ASSERT_TRUE(error && error->code == SMV_ERROR_LOCKED);
    }
    set(dn, "smvGueltigBis", NULL);
}

static void no_role_is_no_principal(void)
{
    const char *dn = add_person("probe", NULL);

    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    take_away(dn);
}

static void a_role_that_is_missing_or_none_is_no_principal(void)
{
    const char *dn = person("karla.kunde"), *role = below("cn=Kundenzugang,ou=roles");
    const smv_principal_t *karla;

    set(dn, "smvRolleDN", below("cn=Gibtsnicht,ou=roles"));
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    set(dn, "smvRolleDN", below("ou=roles"));
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    set(dn, "smvRolleDN", below("cn=portal,ou=services"));
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    set(dn, "smvRolleDN", role);
    CU_ASSERT_EQUAL(load(&karla, dn), 0);
}

/* The good role does not make up for the other one, which may have been there to hide something. */
static void a_good_role_beside_a_bad_one_is_no_principal(void)
{
    static const char *const bad[] = {"cn=Gibtsnicht,ou=roles", "ou=roles", "cn=portal,ou=services"};
    const char *good = below("cn=Kundenzugang,ou=roles");

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *dn = person("probe");

        ADD(dn, "objectClass", "inetOrgPerson", "objectClass", "smvKonto", "uid", "probe", "cn", "Petra Probe", "sn",
            "Probe", "smvRolleDN", good, "smvRolleDN", below(bad[i]));
        CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
        take_away(dn);
    }
}

/* The server makes memberOf from seeAlso, where nobody but it looks for members. */
static void groups_of_the_account_count_where_they_are_roles(void)
{
    const char *role = add_role("Probe", "4294967400", "alle"), *dn = add_person("probe", NULL);
    const char *group = below("cn=Skatrunde,ou=roles"), *hidden = below("cn=Verborgen,ou=services");
    const smv_principal_t *principal;

    set(role, "seeAlso", dn);
    ADD(group, "objectClass", "organizationalRole", "cn", "Skatrunde", "seeAlso", dn);
    CU_ASSERT_EQUAL(load(&principal, dn), 0);
    CU_ASSERT_TRUE(principal && principal->role_count == 1);
    ADD(hidden, "objectClass", "organizationalRole", "cn", "Verborgen", "seeAlso", dn);
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    take_away(hidden);
    CU_ASSERT_EQUAL(load_code(dn), 0);
    take_away(group);
    take_away(role);
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    take_away(dn);
}

static void a_role_with_an_unknown_scope_is_no_principal(void)
{
    const char *role = add_role("Probe", "4294967400", "irgendwo"), *dn = add_person("probe", role);

    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    set(role, "smvGeltungsbereich", "Alle");
    CU_ASSERT_EQUAL(load_code(dn), 0);
    set(role, "smvRollenId", "-1");
    CU_ASSERT_EQUAL(load_code(dn), SMV_ERROR_DIRECTORY_DATA);
    take_away(dn);
    take_away(role);
}

static void roles_of_one_number_are_both_kept(void)
{
    const char *first = add_role("Probe 1", "4294967400", "alle"), *second = add_role("Probe 2", "4294967400", "alle");
    const char *dn = add_person("probe", first);
    const smv_principal_t *principal;

    ADD(below("cn=Probe 3,ou=roles"), "objectClass", "groupOfNames", "objectClass", "smvRolle", "smvRollenId",
        "4294967400", "smvGeltungsbereich", "alle", "member", dn, "smvAblaufdatumAusblenden", "TRUE");
    set(second, "roleOccupant", dn);
    CU_ASSERT_EQUAL_FATAL(load(&principal, dn), 0);
    CU_ASSERT_EQUAL(principal->role_count, 3);
    take_away(dn);
    take_away(below("cn=Probe 3,ou=roles"));
    take_away(first);
    take_away(second);
}

static void membership_gives_a_role_once(void)
{
    const char *role = add_role("Probe", "4294967400", "alle"), *dn = add_person("Probe (\\2B*)", NULL);
    const smv_principal_t *principal;

    set(role, "roleOccupant", dn);
    CU_ASSERT_EQUAL_FATAL(load(&principal, dn), 0);
    CU_ASSERT_EQUAL(principal->role_count, 1);
    CU_ASSERT_STRING_EQUAL(principal->roles[0].name, "Probe");
    CU_ASSERT_STRING_EQUAL(principal->roles[0].remark, "");
    set(dn, "smvRolleDN", role);
    CU_ASSERT_EQUAL_FATAL(load(&principal, dn), 0);
    CU_ASSERT_EQUAL(principal->role_count, 1);
    take_away(dn);
    take_away(role);
}

static void customers_need_the_module_and_staff_does_not(void)
{
    set(config.base, "smvModulGueltigBis", "20200101000000Z");
    CU_ASSERT_EQUAL(load_code(person("karla.kunde")), SMV_ERROR_MODULE_NOT_BOOKED);
    CU_ASSERT_EQUAL(load_code(person("viktor.vermittler")), 0);
    CU_ASSERT_EQUAL(load_code(person("ines.innen")), 0);
    set(config.base, "smvModulGueltigBis", "20991231235959Z");
    set(config.base, "smvModul", "Maklerabrechnung");
    CU_ASSERT_EQUAL(load_code(person("karla.kunde")), SMV_ERROR_MODULE_NOT_BOOKED);
    CU_ASSERT_EQUAL(load_code(person("ines.innen")), 0);
    set(config.base, "smvModul", "Kundenportal");
    CU_ASSERT_EQUAL(load_code(person("karla.kunde")), 0);
}

/* --- the server away, and many threads --- */

static int code_with(smv_ldap_config_t changed)
{
    smv_directory_t *made;

    CU_ASSERT_EQUAL_FATAL(smv_ldap_create(&made, &changed, 1, pool), APR_SUCCESS);
    return sign_in_on(made, "karla.kunde", "demo");
}

static void a_wrong_configuration_is_refused_or_says_so(void)
{
    smv_ldap_config_t changed = config;
    smv_directory_t *made;

    changed.user_filter = "(uid=karla.kunde)";
    CU_ASSERT_EQUAL(smv_ldap_create(&made, &changed, 1, pool), APR_EINVAL);
    changed = config;
    changed.bind_password = "";
    CU_ASSERT_EQUAL(smv_ldap_create(&made, &changed, 1, pool), APR_EINVAL);
    changed.bind_password = "wrong-secret";
    CU_ASSERT_EQUAL(code_with(changed), SMV_ERROR_DIRECTORY_AWAY);
    changed = config;
    changed.base = "dc=gibtsnicht,dc=example";
    CU_ASSERT_EQUAL(code_with(changed), SMV_ERROR_DIRECTORY_AWAY);
    changed = config;
    changed.user_filter = "(&(uid=%s)";
    CU_ASSERT_EQUAL(code_with(changed), SMV_ERROR_DIRECTORY_AWAY);
}

/* A listener that never answers, and afterwards none at all. */
static void a_server_that_is_away_is_not_waited_for_long(void)
{
    smv_ldap_config_t changed = config;
    apr_time_t start = apr_time_now();
    apr_sockaddr_t *address;
    apr_socket_t *listener;
    smv_directory_t *made;

    apr_sockaddr_info_get(&address, "127.0.0.1", APR_INET, 0, 0, pool);
    apr_socket_create(&listener, APR_INET, SOCK_STREAM, APR_PROTO_TCP, pool);
    CU_ASSERT_EQUAL_FATAL(apr_socket_bind(listener, address), APR_SUCCESS);
    apr_socket_listen(listener, 5);
    apr_socket_addr_get(&address, APR_LOCAL, listener);
    changed.uri = apr_psprintf(pool, "ldap://127.0.0.1:%d", (int)address->port);
    changed.timeout = apr_time_from_msec(300);
    CU_ASSERT_EQUAL_FATAL(smv_ldap_create(&made, &changed, 1, pool), APR_SUCCESS);
    CU_ASSERT_EQUAL(sign_in_on(made, "karla.kunde", "demo"), SMV_ERROR_DIRECTORY_AWAY);
    apr_socket_close(listener);
    CU_ASSERT_EQUAL(sign_in_on(made, "karla.kunde", "demo"), SMV_ERROR_DIRECTORY_AWAY);
    CU_ASSERT_TRUE(apr_time_now() - start < apr_time_from_sec(3));
}

static void a_closed_connection_is_opened_anew(void)
{
    CU_ASSERT_EQUAL(load_code(person("karla.kunde")), 0);
    apr_sleep(apr_time_from_sec(3));
    CU_ASSERT_EQUAL(load_code(person("karla.kunde")), 0);
}

static apr_uint32_t failed_loads; /* atomic */

static void *APR_THREAD_FUNC load_often(apr_thread_t *thread, void *dn)
{
    apr_pool_t *own;

    (void)thread;
    apr_pool_create(&own, NULL);
    for (int i = 0; i < LOADS; i++) {
        const smv_principal_t *claudia;

        if (directory->load(directory, &claudia, dn, apr_time_now(), own) || claudia->customers.count != 2) {
            apr_atomic_inc32(&failed_loads);
        }
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

static void many_threads_share_few_connections(void)
{
    apr_thread_t *threads[THREADS];
    apr_status_t status;

    for (int i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, load_often, (void *)person("claudia.chef"), pool),
                              APR_SUCCESS);
    }
    for (int i = 0; i < THREADS; i++) {
        apr_thread_join(&status, threads[i]);
    }
    CU_ASSERT_EQUAL(apr_atomic_read32(&failed_loads), 0);
}

/* --- the suite --- */

/* --- roles as they are managed --- */

static int code_of(const smv_error_t *error)
{
    return error ? (int)error->code : 0;
}

#define READING_ROLE (((apr_int64_t)1 << 32) + 4)

static void only_the_role_that_was_seen_is_written(void)
{
    const char *dn = below("cn=Kundenzugang lesend,ou=roles"), *as = person("ines.innen");
    smv_role_entry_t seen, now;
    smv_role_t wanted;

    CU_ASSERT_PTR_NULL_FATAL(directory->find_role(directory, &seen, READING_ROLE, pool));
    CU_ASSERT_STRING_EQUAL(seen.role.name, "Kundenzugang lesend");
    set(dn, "description", "von anderswo");
    wanted = seen.role;
    wanted.rights |= SMV_RIGHT_BIT(SMV_RIGHT_DOCUMENT_IMPORT);
    CU_ASSERT_EQUAL(code_of(directory->change_role(directory, &seen, &wanted, as, pool)), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(directory->rename_role(directory, &seen, "Anders", as, pool)), SMV_ERROR_CONFLICT);
    CU_ASSERT_EQUAL(code_of(directory->delete_role(directory, &seen, as, pool)), SMV_ERROR_CONFLICT);
    CU_ASSERT_PTR_NULL_FATAL(directory->find_role(directory, &now, READING_ROLE, pool));
    CU_ASSERT_STRING_EQUAL(now.role.remark, "von anderswo");
    CU_ASSERT_EQUAL(now.role.rights, seen.role.rights);
    CU_ASSERT_NOT_EQUAL(now.version, seen.version);
    wanted = now.role;
    wanted.remark = "";
    CU_ASSERT_PTR_NULL(directory->change_role(directory, &now, &wanted, as, pool));
}

static void a_new_name_is_answered_when_accounts_have_followed(void)
{
    const char *as = person("ines.innen");
    smv_role_entry_t entry;
    smv_role_uses_t uses;

    for (int i = 0; i < 20; i++) {
        const char *name = i % 2 ? "Kundenzugang lesend" : "Anders";

        CU_ASSERT_PTR_NULL_FATAL(directory->find_role(directory, &entry, READING_ROLE, pool));
        CU_ASSERT_PTR_NULL_FATAL(directory->rename_role(directory, &entry, name, as, pool));
        CU_ASSERT_PTR_NULL_FATAL(
            directory->role_uses(directory, &uses, below(apr_pstrcat(pool, "cn=", name, ",ou=roles", NULL)), pool));
        CU_ASSERT_EQUAL(uses.pointers, 1);
    }
}

static CU_TestInfo tests[] = {
#define TEST(name)                                                                                                     \
    {                                                                                                                  \
#name, name                                                                                                    \
    }
    TEST(the_right_password_gives_the_dn),
    TEST(wrong_empty_and_unknown_are_refused_alike),
    TEST(a_login_is_no_filter),
    TEST(a_login_of_two_accounts_is_refused),
    TEST(a_customer_has_the_default_rights),
    TEST(staff_and_brokers_have_their_scopes),
    TEST(locked_and_gone_accounts_are_refused),
    TEST(an_account_is_valid_until_its_time),
    TEST(no_role_is_no_principal),
    TEST(a_role_that_is_missing_or_none_is_no_principal),
    TEST(a_good_role_beside_a_bad_one_is_no_principal),
    TEST(groups_of_the_account_count_where_they_are_roles),
    TEST(a_role_with_an_unknown_scope_is_no_principal),
    TEST(roles_of_one_number_are_both_kept),
    TEST(membership_gives_a_role_once),
    TEST(customers_need_the_module_and_staff_does_not),
    TEST(a_wrong_configuration_is_refused_or_says_so),
    TEST(only_the_role_that_was_seen_is_written),
    TEST(a_new_name_is_answered_when_accounts_have_followed),
    TEST(a_server_that_is_away_is_not_waited_for_long),
    TEST(a_closed_connection_is_opened_anew),
    TEST(many_threads_share_few_connections),
    CU_TEST_INFO_NULL,
};

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

static int connect_admin(void)
{
    const char *password = from_environment("LDAP_ADMIN_PW", "demo-admin");
    struct berval credentials = {strlen(password), (char *)password};
    int version = LDAP_VERSION3;

    ldap_initialize(&admin, config.uri);
    ldap_set_option(admin, LDAP_OPT_PROTOCOL_VERSION, &version);
    return ldap_sasl_bind_s(admin, from_environment("LDAP_ADMIN_DN", below("cn=admin")), LDAP_SASL_SIMPLE, &credentials,
                            NULL, NULL, NULL) == LDAP_SUCCESS;
}

int main(void)
{
    CU_SuiteInfo suites[] = {{"directory", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    int failures;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return EXIT_FAILURE;
    }
    config = (smv_ldap_config_t){.uri = getenv("LDAP_URI"),
                                 .base = from_environment("LDAP_BASE", "dc=musterfirma,dc=example"),
                                 .bind_password = "demo-portal",
                                 .user_filter = "(&(objectClass=smvKonto)(uid=%s))",
                                 .keeps_references = 1,
                                 .connect_timeout = apr_time_from_sec(2),
                                 .timeout = apr_time_from_sec(5),
                                 .pool_size = 2};
    config.bind_dn = below("cn=portal,ou=services");
    smv_ldap_map_init(&config.map, "smv", pool);
    if (!config.uri) {
        fputs("test_ldap: skipped, LDAP_URI is not set\n", stderr);
        return SKIPPED;
    }
    if (!connect_admin() || smv_ldap_create(&directory, &config, 1, pool) != APR_SUCCESS ||
        CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        fputs("test_ldap: cannot reach the server as LDAP_ADMIN_DN\n", stderr);
        return EXIT_FAILURE;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = (int)CU_get_number_of_failures() + (int)CU_get_number_of_failure_records();
    CU_cleanup_registry();
    ldap_unbind_ext_s(admin, NULL, NULL);
    apr_terminate();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
