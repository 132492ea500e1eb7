/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions: what is in the cookie, what is in the store, and when they end.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "fake_store.h"

#define SECOND ((apr_time_t)APR_USEC_PER_SEC)
#define NOW (1000000 * SECOND)
#define KARLA "uid=karla.kunde"

/* Bytes 0, 1, 2 … 31, and from 0xff downwards: with every bit of the alphabet's last two characters. */
#define TOKEN_UP "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define TOKEN_DOWN "__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA"

static apr_pool_t *pool;
static fake_store_t store;
static smv_sessions_t sessions;
static const char *last_hashed;
static int random_downwards;
static apr_status_t crypto_status;

static apr_status_t random_bytes(void *bytes, apr_size_t size)
{
    for (apr_size_t i = 0; i < size; i++) {
        ((unsigned char *)bytes)[i] = (unsigned char)(random_downwards ? 0xff - i : i);
    }
    return crypto_status;
}

/* Not SHA-256: different texts must differ, and the text must be known afterwards. */
static apr_status_t digest_of(unsigned char digest[32], const void *data, apr_size_t size)
{
    last_hashed = apr_pstrmemdup(pool, data, size);
    memset(digest, 0, 32);
    for (apr_size_t i = 0; i < size; i++) {
        digest[i % 32] = (unsigned char)(digest[i % 32] * 31 + ((const unsigned char *)data)[i]);
    }
    return crypto_status;
}

static int is_equal(const void *a, const void *b, apr_size_t size)
{
    return memcmp(a, b, size) == 0;
}

static const smv_crypto_t crypto = {random_bytes, digest_of, is_equal};

static int make_pool(void)
{
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int destroy_pool(void)
{
    apr_pool_destroy(pool);
    return 0;
}

static smv_principal_t karla = {.dn = KARLA, .uuid = {1, 2}};

static void start_afresh(void)
{
    fake_store_init(&store);
    random_downwards = 0;
    crypto_status = APR_SUCCESS;
    sessions = (smv_sessions_t){&store.port, &crypto, 1800 * SECOND, 36000 * SECOND};
}

static const smv_error_t *start(char *token, apr_time_t now)
{
    return smv_session_start(&sessions, token, &karla, NULL, now, pool);
}

static smv_error_e find(const char *token, apr_time_t now, smv_session_t *session)
{
    const smv_error_t *error = smv_session_find(&sessions, session, token, now, pool);

    return error ? error->code : 0;
}

static void a_token_is_32_random_bytes_as_base64url(void)
{
    char token[SMV_TOKEN_SIZE];

    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_STRING_EQUAL(token, TOKEN_UP);
    random_downwards = 1;
    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_STRING_EQUAL(token, TOKEN_DOWN);
}

static void the_store_knows_the_hash_of_the_token_alone(void)
{
    unsigned char expected[32];
    char token[SMV_TOKEN_SIZE];

    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_STRING_EQUAL(last_hashed, token);
    digest_of(expected, token, strlen(token));
    CU_ASSERT_EQUAL(memcmp(store.sessions[0].hash, expected, sizeof expected), 0);
    CU_ASSERT_STRING_EQUAL(store.sessions[0].dn, KARLA);
    CU_ASSERT_EQUAL(store.sessions[0].created, NOW);
}

static void a_token_finds_its_session_and_no_other_does(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_EQUAL(find(token, NOW + 1, &session), 0);
    CU_ASSERT_STRING_EQUAL(session.dn, KARLA);
    CU_ASSERT_EQUAL(find(NULL, NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find("", NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find(TOKEN_DOWN, NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find(apr_pstrcat(pool, token, "A", NULL), NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find(apr_pstrmemdup(pool, token, 42), NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
}

static void the_use_is_noted_once_a_minute(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    for (int second = 0; second < 60; second++) {
        CU_ASSERT_EQUAL(find(token, NOW + second * SECOND, &session), 0);
    }
    CU_ASSERT_EQUAL(store.touch_count, 0);
    CU_ASSERT_EQUAL(find(token, NOW + 60 * SECOND, &session), 0);
    CU_ASSERT_EQUAL(find(token, NOW + 61 * SECOND, &session), 0);
    CU_ASSERT_EQUAL(store.touch_count, 1);
    CU_ASSERT_EQUAL(store.sessions[0].last_used, NOW + 60 * SECOND);
}

static void an_idle_session_ends(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_EQUAL(find(token, NOW + sessions.idle - 1, &session), 0);
    CU_ASSERT_EQUAL(find(token, NOW + 2 * sessions.idle - 2, &session), 0);
    CU_ASSERT_EQUAL(find(token, NOW + 3 * sessions.idle - 2, &session), SMV_ERROR_SIGN_IN_NEEDED);
}

static void a_session_in_use_ends_in_any_case(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;
    apr_time_t at = NOW;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    for (; at < NOW + sessions.absolute; at += 600 * SECOND) {
        CU_ASSERT_EQUAL(find(token, at, &session), 0);
    }
    CU_ASSERT_EQUAL(at, NOW + sessions.absolute);
    CU_ASSERT_EQUAL(find(token, at, &session), SMV_ERROR_SIGN_IN_NEEDED);
}

static void a_sign_in_clears_what_has_ended(void)
{
    char token[SMV_TOKEN_SIZE];

    CU_ASSERT_PTR_NULL(start(token, NOW));
    random_downwards = 1;
    CU_ASSERT_PTR_NULL(start(token, NOW + sessions.idle + 1));
    CU_ASSERT_PTR_NOT_NULL(store.sessions[0].dn);
    CU_ASSERT_PTR_NULL(store.sessions[1].dn);
}

static void one_session_ends_or_all_of_the_account(void)
{
    char first[SMV_TOKEN_SIZE], second[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(first, NOW));
    random_downwards = 1;
    CU_ASSERT_PTR_NULL(start(second, NOW));
    CU_ASSERT_EQUAL(find(first, NOW, &session), 0);
    CU_ASSERT_PTR_NULL(smv_session_end(&sessions, &session, 0, pool));
    CU_ASSERT_EQUAL(find(first, NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find(second, NOW, &session), 0);
    random_downwards = 0;
    CU_ASSERT_PTR_NULL(start(first, NOW));
    CU_ASSERT_PTR_NULL(smv_session_end(&sessions, &session, 1, pool));
    CU_ASSERT_EQUAL(find(first, NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
    CU_ASSERT_EQUAL(find(second, NOW, &session), SMV_ERROR_SIGN_IN_NEEDED);
}

static void the_csrf_token_follows_from_the_token(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session, again, other;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_EQUAL(find(token, NOW, &session), 0);
    CU_ASSERT_STRING_EQUAL(last_hashed, apr_pstrcat(pool, "csrf:", token, NULL));
    CU_ASSERT_EQUAL(strlen(session.csrf_token), 43);
    CU_ASSERT_STRING_NOT_EQUAL(session.csrf_token, token);
    CU_ASSERT_EQUAL(find(token, NOW + 100 * SECOND, &again), 0);
    CU_ASSERT_STRING_EQUAL(session.csrf_token, again.csrf_token);
    CU_ASSERT_TRUE(smv_session_csrf_matches(&sessions, &session, again.csrf_token));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, NULL));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, ""));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, token));
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &session, apr_pstrcat(pool, session.csrf_token, "A", NULL)));
    random_downwards = 1;
    CU_ASSERT_PTR_NULL(start(token, NOW));
    CU_ASSERT_EQUAL(find(token, NOW, &other), 0);
    CU_ASSERT_FALSE(smv_session_csrf_matches(&sessions, &other, session.csrf_token));
}

static void without_cryptography_nobody_is_signed_in(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    crypto_status = APR_EGENERAL;
    CU_ASSERT_NOT_EQUAL(find(token, NOW, &session), 0);
    store.sessions[0].dn = NULL;
    CU_ASSERT_PTR_NOT_NULL(start(token, NOW));
    CU_ASSERT_PTR_NULL(store.sessions[0].dn);
}

static void the_store_s_error_is_passed_on(void)
{
    char token[SMV_TOKEN_SIZE];
    smv_session_t session;

    CU_ASSERT_PTR_NULL(start(token, NOW));
    store.failure = smv_error(pool, SMV_ERROR_DATABASE_BUSY, "busy");
    CU_ASSERT_EQUAL(find(token, NOW, &session), SMV_ERROR_DATABASE_BUSY);
    CU_ASSERT_EQUAL(start(token, NOW)->code, SMV_ERROR_DATABASE_BUSY);
}

int suite_session(void)
{
    static CU_TestInfo tests[] = {
        {"a token is 32 random bytes as base64url", a_token_is_32_random_bytes_as_base64url},
        {"the store knows the hash of the token alone", the_store_knows_the_hash_of_the_token_alone},
        {"a token finds its session and no other does", a_token_finds_its_session_and_no_other_does},
        {"the use is noted once a minute", the_use_is_noted_once_a_minute},
        {"an idle session ends", an_idle_session_ends},
        {"a session in use ends in any case", a_session_in_use_ends_in_any_case},
        {"a sign-in clears what has ended", a_sign_in_clears_what_has_ended},
        {"one session ends, or all of the account", one_session_ends_or_all_of_the_account},
        {"the CSRF token follows from the token", the_csrf_token_follows_from_the_token},
        {"without cryptography nobody is signed in", without_cryptography_nobody_is_signed_in},
        {"the store's error is passed on", the_store_s_error_is_passed_on},
        CU_TEST_INFO_NULL};
    static CU_SuiteInfo suites[] = {{"sessions", make_pool, destroy_pool, start_afresh, NULL, tests},
                                    CU_SUITE_INFO_NULL};

    return CU_register_suites(suites) != CUE_SUCCESS;
}
