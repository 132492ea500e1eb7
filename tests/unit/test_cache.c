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
    apr_time_t valid_until;
    void (*while_loading)(void); /* what happens meanwhile; NULL: nothing */
} counting_t;

static apr_pool_t *pool;
static counting_t directory;
static smv_live_t live;
static smv_live_t *watching; /* NULL: nothing tells of changes */
static smv_known_t *sharing; /* NULL: with nobody */
static apr_time_t grace;
static int of_directory; /* of the principals that are loaded */

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
                              .directory = of_directory,
                              .customers = {customers, 2},
                              .roles = role,
                              .role_count = 1,
                              .valid_until = counting->valid_until,
                              .uuid = {7, (apr_uint64_t)strlen(dn) << 8 | (unsigned char)dn[strlen(dn) - 1]}};
    if (counting->while_loading) {
        counting->while_loading();
    }
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
    const smv_principal_cache_config_t config = {
        .lifetime = lifetime, .capacity = capacity, .grace = grace, .live = watching, .known = sharing};

    CU_ASSERT_EQUAL_FATAL(smv_principal_cache_create(&cache, &config, pool), APR_SUCCESS);
    return cache;
}

static smv_error_e get(smv_principal_cache_t *cache, const char *dn, apr_time_t now)
{
    const smv_principal_t *principal = NULL;
    const smv_error_t *error = smv_principal_cache_get(cache, &directory.port, &principal, dn, now, pool);

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
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &directory.port, &first, "uid=a", NOW, request));
    apr_pool_destroy(request);
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &directory.port, &found, "uid=a", NOW, pool));
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
        wrong += smv_principal_cache_get(cache, &directory.port, &principal, dn, NOW + i, request) != NULL ||
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

static void join_all(apr_thread_t *const *threads)
{
    for (int i = 0; i < THREADS; i++) {
        apr_status_t result;

        CU_ASSERT_EQUAL(apr_thread_join(&result, threads[i]), APR_SUCCESS);
        CU_ASSERT_EQUAL(result, APR_SUCCESS);
    }
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
    join_all(threads);
}

/* --- changes --- */

/* Somebody watches one server, which is up to date at a time. */
static void watch_at(apr_time_t now)
{
    watching = &live;
    live.servers[0].mode = SMV_LIVE_SYNC;
    live.servers[0].watched_at = live.servers[0].synced_at = now;
}

static int begin_watching(void)
{
    memset(&live, 0, sizeof live);
    smv_live_add(&live, SMV_DIRECTORY_OWN, 1);
    watch_at(NOW);
    return make_pool();
}

static int end_watching(void)
{
    watching = NULL;
    sharing = NULL;
    grace = 0;
    return destroy_pool();
}

static smv_uuid_t uuid_of(const char *dn)
{
    return (smv_uuid_t){7, (apr_uint64_t)strlen(dn) << 8 | (unsigned char)dn[strlen(dn) - 1]};
}

static void change(const char *dn)
{
    smv_uuid_t uuid = uuid_of(dn);

    smv_live_change(&live.servers[0].changes, &uuid, NOW);
}

static void change_everything(void)
{
    smv_live_change(&live.servers[0].changes, NULL, NOW);
}

static void while_changes_are_told_who_is_known_is_not_asked_for(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    watch_at(NOW + 300 * SECOND);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + 300 * SECOND), 0);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + 310 * SECOND), 0); /* the stream is quiet for too long */
    CU_ASSERT_EQUAL(directory.load_count, 2);
    watch_at(NOW + 3600 * SECOND);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + 3600 * SECOND), 0);
    CU_ASSERT_EQUAL(directory.load_count, 3);
}

static void who_changed_is_asked_for_and_nobody_else(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    get(cache, "uid=a", NOW);
    get(cache, "uid=b", NOW);
    change("uid=a");
    CU_ASSERT_EQUAL(get(cache, "uid=b", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW), 0);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    change_everything();
    get(cache, "uid=a", NOW);
    get(cache, "uid=b", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 5);
}

static void more_changes_than_are_remembered_are_a_change_of_everything(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    get(cache, "uid=a", NOW);
    for (int i = 0; i < SMV_LIVE_CHANGES + 1; i++) {
        change("uid=other");
    }
    get(cache, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 2);
}

static void change_a(void)
{
    change("uid=a");
}

static void change_b(void)
{
    change("uid=b");
}

static void what_changes_while_it_is_read_is_read_again(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    directory.while_loading = change_a;
    get(cache, "uid=a", NOW);
    directory.while_loading = change_b;
    get(cache, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    directory.while_loading = NULL;
    get(cache, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 2);
}

static void an_account_ends_in_time(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    directory.valid_until = NOW + SECOND;
    get(cache, "uid=a", NOW);
    get(cache, "uid=a", NOW + SECOND - 1);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    directory.failure = SMV_ERROR_LOCKED;
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + SECOND), SMV_ERROR_LOCKED);
}

static void while_the_directory_is_away_people_are_remembered_for_a_time(void)
{
    smv_principal_cache_t *cache;
    const smv_principal_t *principal;

    grace = 60 * SECOND;
    cache = cache_of(LIFETIME, 10);
    get(cache, "uid=a", NOW);
    get(cache, "uid=b", NOW);
    watch_at(NOW + 100 * SECOND); /* up to here nothing changed */
    live.servers[0].mode = SMV_LIVE_AWAY;
    directory.failure = SMV_ERROR_DIRECTORY_AWAY;
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &directory.port, &principal, "uid=a", NOW + 159 * SECOND, pool));
    CU_ASSERT_EQUAL(principal->is_remembered, 1);
    CU_ASSERT_EQUAL(get(cache, "uid=a", NOW + 160 * SECOND), SMV_ERROR_DIRECTORY_AWAY);
    change_b();
    CU_ASSERT_EQUAL(get(cache, "uid=b", NOW + 120 * SECOND), SMV_ERROR_DIRECTORY_AWAY);
    CU_ASSERT_EQUAL(get(cache, "uid=unknown", NOW + 120 * SECOND), SMV_ERROR_DIRECTORY_AWAY);
    directory.failure = 0;
    CU_ASSERT_PTR_NULL(smv_principal_cache_get(cache, &directory.port, &principal, "uid=a", NOW + 130 * SECOND, pool));
    CU_ASSERT_EQUAL(principal->is_remembered, 0);
}

static void servers_count_as_live_where_all_that_answer_tell(void)
{
    memset(&live, 0, sizeof live);
    smv_live_add(&live, SMV_DIRECTORY_OWN, 2);
    CU_ASSERT_FALSE(smv_live_is_live(&live, SMV_DIRECTORY_OWN, NOW));
    watch_at(NOW);
    CU_ASSERT_FALSE(smv_live_is_live(&live, SMV_DIRECTORY_OWN, NOW)); /* nobody knows of the other one */
    live.servers[1].mode = SMV_LIVE_AWAY;
    live.servers[1].watched_at = NOW;
    CU_ASSERT_TRUE(smv_live_is_live(&live, SMV_DIRECTORY_OWN, NOW));
    CU_ASSERT_FALSE(smv_live_is_live(&live, SMV_DIRECTORY_OWN, NOW + 3 * SECOND));
    CU_ASSERT_FALSE(smv_live_is_live(&live, SMV_DIRECTORY_OWN,
                                     NOW - 3600 * SECOND)); /* a clock that was set back makes nobody live */
    CU_ASSERT_FALSE(smv_live_is_away(&live.servers[1], NOW - 3600 * SECOND));
    live.servers[1].mode = SMV_LIVE_SILENT;
    CU_ASSERT_FALSE(smv_live_is_live(&live, SMV_DIRECTORY_OWN, NOW));
    CU_ASSERT_TRUE(smv_live_own(&live.servers[1], 11, NOW));
    CU_ASSERT_FALSE(smv_live_own(&live.servers[1], 12, NOW + SECOND));
    CU_ASSERT_TRUE(smv_live_own(&live.servers[1], 12, NOW + 20 * SECOND)); /* the first gave no sign of life */
    CU_ASSERT_FALSE(smv_live_own(&live.servers[1], 11, NOW + 21 * SECOND));
    CU_ASSERT_FALSE(smv_live_disown(&live.servers[1], 11));
    CU_ASSERT_TRUE(smv_live_disown(&live.servers[1], 12));
    CU_ASSERT_TRUE(smv_live_own(&live.servers[1], 11, NOW + 21 * SECOND));
}

static void an_account_of_another_directory_is_live_where_both_are(void)
{
    smv_principal_cache_t *cache;

    smv_live_add(&live, 1, 1);
    of_directory = 1;
    cache = cache_of(LIFETIME, 10);
    get(cache, "cn=a", NOW);
    live.servers[1].mode = SMV_LIVE_NOTIFICATION;
    live.servers[1].watched_at = live.servers[1].synced_at = NOW + LIFETIME;
    watch_at(NOW + LIFETIME);
    CU_ASSERT_EQUAL(get(cache, "cn=a", NOW + LIFETIME), 0);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    live.servers[1].mode = SMV_LIVE_SILENT; /* its own changes are not told any more */
    get(cache, "cn=a", NOW + LIFETIME);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    live.servers[1].mode = SMV_LIVE_NOTIFICATION;
    live.servers[0].mode = SMV_LIVE_SILENT; /* those of its roles are not */
    get(cache, "cn=a", NOW + 2 * LIFETIME);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    for (int i = 0; i < 2; i++) { /* where nobody may say that it was deleted, it is asked for now and then */
        live.servers[i].mode = SMV_LIVE_NOTIFICATION;
        live.servers[i].hides_deletions = 1;
        live.servers[i].watched_at = live.servers[i].synced_at = NOW + 2 * LIFETIME + 61 * SECOND;
    }
    get(cache, "cn=a", NOW + 2 * LIFETIME + 59 * SECOND);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    get(cache, "cn=a", NOW + 2 * LIFETIME + 61 * SECOND);
    CU_ASSERT_EQUAL(directory.load_count, 4);
    of_directory = SMV_DIRECTORY_OWN;
}

static void a_directory_that_only_has_a_cache_time_does_not_take_the_others_liveness(void)
{
    smv_principal_cache_t *cache = cache_of(LIFETIME, 10);

    smv_live_add(&live, 1, 1);
    live.servers[1].mode = SMV_LIVE_SILENT;
    get(cache, "uid=a", NOW);
    watch_at(NOW + 5 * LIFETIME);
    get(cache, "uid=a", NOW + 5 * LIFETIME);
    CU_ASSERT_EQUAL(directory.load_count, 1);
}

static void who_is_of_a_directory_that_went_away_is_remembered_from_when_it_did(void)
{
    smv_principal_cache_t *cache;

    grace = 60 * SECOND;
    smv_live_add(&live, 1, 1);
    live.servers[1].mode = SMV_LIVE_SYNC;
    live.servers[1].synced_at = NOW + 30 * SECOND;
    of_directory = 1;
    cache = cache_of(LIFETIME, 10);
    get(cache, "cn=a", NOW);
    live.servers[1].mode = SMV_LIVE_AWAY;
    watch_at(NOW + 120 * SECOND); /* the portal's own is there */
    directory.failure = SMV_ERROR_DIRECTORY_AWAY;
    CU_ASSERT_EQUAL(get(cache, "cn=a", NOW + 80 * SECOND), 0);
    CU_ASSERT_EQUAL(get(cache, "cn=a", NOW + 91 * SECOND), SMV_ERROR_DIRECTORY_AWAY);
    of_directory = SMV_DIRECTORY_OWN;
}

static void a_change_of_everything_in_one_directory_concerns_its_own_people_alone(void)
{
    smv_principal_cache_t *cache;
    smv_live_server_t *server = smv_live_add(&live, 1, 1);

    server->mode = SMV_LIVE_SYNC;
    server->watched_at = server->synced_at = NOW;
    cache = cache_of(LIFETIME, 10);
    get(cache, "uid=a", NOW);
    of_directory = 1;
    get(cache, "cn=bb", NOW);
    smv_live_change(&server->changes, NULL, NOW);
    get(cache, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    get(cache, "cn=bb", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    smv_live_change(&live.servers[0].changes, NULL, NOW); /* a role of the portal's own */
    get(cache, "cn=bb", NOW);
    of_directory = SMV_DIRECTORY_OWN;
    get(cache, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 5);
}

static void there_is_room_for_so_many_servers(void)
{
    memset(&live, 0, sizeof live);
    CU_ASSERT_PTR_EQUAL(smv_live_add(&live, SMV_DIRECTORY_OWN, 8), &live.servers[0]);
    CU_ASSERT_PTR_EQUAL(smv_live_add(&live, 1, 7), &live.servers[8]);
    CU_ASSERT_PTR_NULL(smv_live_add(&live, 2, 2));
    CU_ASSERT_PTR_EQUAL(smv_live_add(&live, 2, 1), &live.servers[15]);
    CU_ASSERT_EQUAL(live.count, 16);
    CU_ASSERT_EQUAL(live.servers[14].directory, 1);
}

/* --- what processes share --- */

static void processes_share_what_they_read(void)
{
    smv_principal_cache_t *one, *other;
    const smv_principal_t *found;

    sharing = apr_pcalloc(pool, sizeof *sharing);
    one = cache_of(LIFETIME, 10);
    get(one, "uid=a", NOW);
    other = cache_of(LIFETIME, 10);
    CU_ASSERT_PTR_NULL_FATAL(smv_principal_cache_get(other, &directory.port, &found, "uid=a", NOW, pool));
    CU_ASSERT_EQUAL(directory.load_count, 0);
    CU_ASSERT_STRING_EQUAL(found->name, "Karla Kunde");
    CU_ASSERT_STRING_EQUAL(found->mail, "karla@example.org");
    CU_ASSERT_EQUAL(found->customers.count, 2);
    CU_ASSERT_EQUAL(found->customers.at[1], 20001);
    CU_ASSERT_EQUAL(found->brokers.count, 0);
    CU_ASSERT_EQUAL(found->role_count, 1);
    CU_ASSERT_STRING_EQUAL(found->roles[0].remark, "Bemerkung");
    CU_ASSERT_STRING_EQUAL(found->roles[0].dn, "cn=Kundenzugang,ou=roles");
    CU_ASSERT_EQUAL(found->roles[0].rights, SMV_RIGHT_BIT(SMV_RIGHT_CONTRACT_VIEW));
    smv_principal_cache_forget(other, "uid=a"); /* in the first process, too */
    get(one, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    get(other, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 1);
    smv_principal_cache_forget_all(one);
    get(other, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 2);
    change("uid=a");
    get(one, "uid=a", NOW);
    CU_ASSERT_EQUAL(directory.load_count, 3);
    get(other, "uid=a", NOW + LIFETIME); /* from when it was read, not from when it was shared */
    CU_ASSERT_EQUAL(directory.load_count, 4);
}

static void who_does_not_fit_is_not_shared(void)
{
    apr_int64_t *many = apr_pcalloc(pool, SMV_KNOWN_WORDS * sizeof *many);
    smv_principal_t principal = {
        .login = "a", .dn = "uid=a", .name = "A", .tenant = 1, .customers = {many, 3}, .brokers = {many, 0}};
    smv_knowledge_t put = {&principal, NOW, {0, {0}}}, got;

    sharing = apr_pcalloc(pool, sizeof *sharing);
    smv_known_put(sharing, "uid=a", &put, pool);
    CU_ASSERT_TRUE_FATAL(smv_known_get(sharing, "uid=a", &got, pool));
    CU_ASSERT_PTR_NULL(got.principal->mail);
    CU_ASSERT_EQUAL(got.principal->customers.count, 3);
    principal.customers.count = SMV_KNOWN_WORDS;
    smv_known_put(sharing, "uid=a", &put, pool);
    CU_ASSERT_FALSE(smv_known_get(sharing, "uid=a", &got, pool));
}

static void *APR_THREAD_FUNC share_often(apr_thread_t *thread, void *cache)
{
    static const char *const people[] = {"uid=a", "uid=b", "uid=c", "uid=d", "uid=e"};
    int wrong = 0;
    apr_pool_t *request;

    if (apr_pool_create(&request, NULL) != APR_SUCCESS) {
        apr_thread_exit(thread, APR_ENOMEM);
    }
    for (int i = 0; i < 20000; i++) {
        const smv_principal_t *principal;
        const char *dn = people[i % 5];

        if (i % 50 == 0) {
            change(dn);
        }
        wrong += smv_principal_cache_get(cache, &directory.port, &principal, dn, NOW, request) != NULL ||
                 strcmp(principal->dn, dn) != 0 || strcmp(principal->roles[0].remark, "Bemerkung") != 0;
        apr_pool_clear(request);
    }
    apr_pool_destroy(request);
    apr_thread_exit(thread, wrong ? APR_EGENERAL : APR_SUCCESS);
    return NULL;
}

static void many_share_while_much_changes(void)
{
    apr_thread_t *threads[THREADS];

    sharing = apr_pcalloc(pool, sizeof *sharing);
    for (int i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, share_often, cache_of(LIFETIME, 3), pool),
                              APR_SUCCESS);
    }
    join_all(threads);
    CU_ASSERT_TRUE(directory.load_count < THREADS * 20000 / 4);
}

int suite_cache(void)
{
    static CU_TestInfo live_tests[] = {
        {"while changes are told who is known is not asked for", while_changes_are_told_who_is_known_is_not_asked_for},
        {"who changed is asked for and nobody else", who_changed_is_asked_for_and_nobody_else},
        {"more changes than are remembered are a change of everything",
         more_changes_than_are_remembered_are_a_change_of_everything},
        {"what changes while it is read is read again", what_changes_while_it_is_read_is_read_again},
        {"an account ends in time", an_account_ends_in_time},
        {"while the directory is away people are remembered for a time",
         while_the_directory_is_away_people_are_remembered_for_a_time},
        {"servers count as live where all that answer tell", servers_count_as_live_where_all_that_answer_tell},
        {"an account of another directory is live where both are",
         an_account_of_another_directory_is_live_where_both_are},
        {"a directory that only has a cache time does not take the others' liveness",
         a_directory_that_only_has_a_cache_time_does_not_take_the_others_liveness},
        {"who is of a directory that went away is remembered from when it did",
         who_is_of_a_directory_that_went_away_is_remembered_from_when_it_did},
        {"a change of everything in one directory concerns its own people alone",
         a_change_of_everything_in_one_directory_concerns_its_own_people_alone},
        {"there is room for so many servers", there_is_room_for_so_many_servers},
        {"processes share what they read", processes_share_what_they_read},
        {"who does not fit is not shared", who_does_not_fit_is_not_shared},
        {"many share while much changes", many_share_while_much_changes},
        CU_TEST_INFO_NULL};
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
    static CU_SuiteInfo suites[] = {
        {"cache of principals", make_pool, destroy_pool, NULL, NULL, tests},
        {"changes of principals", NULL, NULL, (CU_SetUpFunc)begin_watching, (CU_TearDownFunc)end_watching, live_tests},
        CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
