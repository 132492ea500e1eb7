/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache of principals before a directory that counts.
 */
#include "unit.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <malloc.h>
#include <string.h>

#include "../../mod_smvportal/core/smv_directory.h"

#define SECOND ((apr_time_t)APR_USEC_PER_SEC)
#define NOW (1000000 * SECOND)
#define LIFETIME (10 * SECOND)
#define THREADS 4

typedef struct counting_t {
    smv_directory_t port;
    apr_uint32_t load_count;
    smv_error_e failure; /* 0: none */
} counting_t;

static apr_pool_t *pool;
static counting_t directory;

static const smv_error_t *load(smv_directory_t *self, const smv_principal_t **principal, const char *dn, apr_time_t now,
                               apr_pool_t *into)
{
    counting_t *counting = self->state;
    smv_principal_t *made = apr_pcalloc(into, sizeof *made);
    smv_role_t *role = apr_pcalloc(into, sizeof *role);
    apr_int64_t *customers = apr_palloc(into, 2 * sizeof *customers);

    (void)now;
    apr_atomic_inc32(&counting->load_count);
    if (counting->failure) {
        return smv_error(into, counting->failure, "refused");
    }
    customers[0] = 10001;
    customers[1] = 20001;
    *role = (smv_role_t){
        4294967299,         apr_pstrdup(into, "Kundenzugang"),      apr_pstrdup(into, "Bemerkung"),
        SMV_SCOPE_OWN,      SMV_RIGHT_BIT(SMV_RIGHT_CONTRACT_VIEW), apr_pstrdup(into, "cn=Kundenzugang,ou=roles"),
        SMV_SOURCE_POINTER, SMV_RIGHT_BIT(SMV_RIGHT_CONTACT_EDIT)};
    *made = (smv_principal_t){.login = apr_pstrdup(into, "karla.kunde"),
                              .dn = apr_pstrdup(into, dn),
                              .name = apr_pstrdup(into, "Karla Kunde"),
                              .mail = apr_pstrdup(into, "karla@example.org"),
                              .tenant = 1,
                              .customers = {customers, 2},
                              .roles = role,
                              .role_count = 1};
    *principal = made;
    return NULL;
}

static int make_pool(void)
{
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int destroy_pool(void)
{
    apr_pool_destroy(pool);
    return 0;
}

static smv_principal_cache_t *cache_of(apr_time_t lifetime, int capacity)
{
    smv_principal_cache_t *cache = NULL;

    directory = (counting_t){.port = {.load = load, .state = &directory}};
    CU_ASSERT_EQUAL_FATAL(smv_principal_cache_create(&cache, &directory.port, lifetime, capacity, pool), APR_SUCCESS);
    return cache;
}

static smv_error_e get(smv_principal_cache_t *cache, const char *dn, apr_time_t now)
{
    const smv_principal_t *principal = NULL;
    const smv_error_t *error = smv_principal_cache_get(cache, &principal, dn, now, pool);

    CU_ASSERT_EQUAL(error == NULL, principal != NULL && strcmp(principal->dn, dn) == 0);
    return error ? error->code : 0;
}

static void a_principal_is_read_once_in_its_lifetime(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + LIFETIME - 1), 0);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    CU_ASSERT_EQUAL(get(cache, "uid=b", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + LIFETIME), 0);
    CU_ASSERT_EQUAL(directory.load_count, 3);
}

static void a_clock_that_was_set_back_keeps_nobody(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW - 3600 * SECOND), 0);
    CU_ASSERT_EQUAL(directory.load_count, 2);
}

static void without_a_lifetime_each_time_is_read(void)
{
    smv_principal_cache_t *cache = cache_of(0, 10);

    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 2);
}

static void a_failure_is_not_kept_and_ends_what_was(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    directory.failure = SMV_ERROR_DIRECTORY_AWAY;
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), SMV_ERROR_DIRECTORY_AWAY);
    directory.failure = 0;
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    directory.failure = SMV_ERROR_LOCKED;
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + LIFETIME), SMV_ERROR_LOCKED);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + 1), SMV_ERROR_LOCKED);
}

static void an_account_can_be_forgotten(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    get(cache, "uid=a", NOW);
    get(cache, "uid=b", NOW);
    smv_principal_cache_forget(cache, "uid=a");
    smv_principal_cache_forget(cache, "uid=unknown");
    CU_ASSERT_EQUAL(get(cache, "uid=b", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 3);
}

static void a_full_cache_drops_the_oldest(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 2);

    get(cache, "uid=a", NOW + 1);
    get(cache, "uid=b", NOW);
    get(cache, "uid=c", NOW + 2);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    get(cache, "uid=a", NOW + 2);
    get(cache, "uid=c", NOW + 2);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    get(cache, "uid=b", NOW + 2);
    CU_ASSERT_EQUAL(directory.load_count, 4);
}

static void what_is_found_belongs_to_the_caller(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 1);
    const smv_principal_t *first, *found;
    apr_pool_t *request;

    CU_ASSERT_EQUAL_FATAL(apr_pool_create(&request, NULL), APR_SUCCESS);
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &first, "uid=a", NOW, request));
    apr_pool_destroy(request);
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &found, "uid=a", NOW, pool));
    CU_ASSERT_EQUAL(directory.load_count, 1);
    get(cache, "uid=b", NOW);
    CU_ASSERT_STRING_EQUAL(found->login, "karla.kunde");
    CU_ASSERT_STRING_EQUAL(found->dn, "uid=a");
    CU_ASSERT_STRING_EQUAL(found->name, "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(found->mail, "karla@example.org");
    CU_ASSERT_EQUAL(found->tenant, 1);
    CU_ASSERT_EQUAL(found->customers.count, 2);
    CU_ASSERT_EQUAL(found->customers.at[1], 20001);
    CU_ASSERT_EQUAL(found->brokers.count, 0);
    CU_ASSERT_EQUAL(found->role_count, 1);
    CU_ASSERT_STRING_EQUAL(found->roles[0].name, "Kundenzugang");
    CU_ASSERT_STRING_EQUAL(found->roles[0].remark, "Bemerkung");
    CU_ASSERT_EQUAL(found->roles[0].rights, SMV_RIGHT_BIT(SMV_RIGHT_CONTRACT_VIEW));
    CU_ASSERT_STRING_EQUAL(found->roles[0].dn, "cn=Kundenzugang,ou=roles");
    CU_ASSERT_EQUAL(found->roles[0].sources, SMV_SOURCE_POINTER);
    CU_ASSERT_EQUAL(found->roles[0].refused, SMV_RIGHT_BIT(SMV_RIGHT_CONTACT_EDIT));
}

/* Get `count` principals, of whom `people` are different ones, as so many requests. */
static int get_many(smv_principal_cache_t *cache, int count, int people)
{
    int wrong = 0;
    apr_pool_t *request;

    if (apr_pool_create(&request, NULL) != APR_SUCCESS) {
        return 1;
    }
    for (int i = 0; i < count; i++) {
        const char *dn = apr_psprintf(request, "uid=%d", i * 7 % people);
        const smv_principal_t *principal;

        if (i % 100 == 99) {
            smv_principal_cache_forget(cache, dn);
        }
        wrong += smv_principal_cache_get(cache, &principal, dn, NOW + i, request) != NULL ||
                 strcmp(principal->dn, dn) != 0 || strcmp(principal->roles[0].name, "Kundenzugang") != 0;
        apr_pool_clear(request);
    }
    apr_pool_destroy(request);
    return wrong;
}

static void memory_does_not_grow_with_requests(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 20);
    apr_size_t before;

    CU_ASSERT_EQUAL(get_many(cache, 1000, 100), 0);
    before = mallinfo2().uordblks;
    CU_ASSERT_EQUAL(get_many(cache, 50000, 100), 0);
    CU_ASSERT_TRUE(mallinfo2().uordblks < before + 256 * 1024);
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *cache)
{
    apr_thread_exit(thread, get_many(cache, 20000, 50) ? APR_EGENERAL : APR_SUCCESS);
    return NULL;
}

static void threads_share_it(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 20);
    apr_thread_t *threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, work, cache, pool), APR_SUCCESS);
    }
    for (int i = 0; i < THREADS; i++) {
        apr_status_t result;

        CU_ASSERT_EQUAL(apr_thread_join(&result, threads[i]), APR_SUCCESS);
        CU_ASSERT_EQUAL(result, APR_SUCCESS);
    }
}

int suite_cache(void)
{
    static CU_TestInfo tests[] = {
        {"a principal is read once in its lifetime", a_principal_is_read_once_in_its_lifetime},
        {"a clock that was set back keeps nobody", a_clock_that_was_set_back_keeps_nobody},
        {"without a lifetime each time is read", without_a_lifetime_each_time_is_read},
        {"a failure is not kept, and ends what was", a_failure_is_not_kept_and_ends_what_was},
        {"an account can be forgotten", an_account_can_be_forgotten},
        {"a full cache drops the oldest", a_full_cache_drops_the_oldest},
        {"what is found belongs to the caller", what_is_found_belongs_to_the_caller},
        {"memory does not grow with requests", memory_does_not_grow_with_requests},
        {"threads share it", threads_share_it},
        CU_TEST_INFO_NULL};
    static CU_SuiteInfo suites[] = {{"cache of principals", make_pool, destroy_pool, NULL, NULL, tests},
                                    CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
