/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_session.h"

#include <apr_strings.h>

#define RANDOM_SIZE 32
#define TOUCH_INTERVAL apr_time_from_sec(60)

/* 32 bytes as base64url without padding (RFC 4648, 5): 43 characters and the NUL. */
static void base64url(char text[SMV_TOKEN_SIZE], const unsigned char bytes[RANDOM_SIZE])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, held = 0;
    int at = 0;

    for (int i = 0; i < RANDOM_SIZE; i++) {
        bits = bits << 8 | bytes[i];
        held += 8;
        while (held >= 6) {
            held -= 6;
            text[at++] = alphabet[bits >> held & 63];
        }
    }
    text[at++] = alphabet[bits << (6 - held) & 63];
    text[at] = '\0';
}

static const char *csrf_token_of(const smv_crypto_t *crypto, const char *token, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, "csrf:", token, NULL);
    unsigned char digest[32];
    char *csrf = apr_palloc(pool, SMV_TOKEN_SIZE);

    if (crypto->sha256(digest, text, strlen(text)) != APR_SUCCESS) {
        return NULL;
    }
    base64url(csrf, digest);
    return csrf;
}

static const char *account_of(const smv_principal_t *principal, apr_pool_t *pool)
{
    return principal->uuid.high || principal->uuid.low
               ? apr_psprintf(pool, "%016" APR_UINT64_T_HEX_FMT "%016" APR_UINT64_T_HEX_FMT, principal->uuid.high,
                              principal->uuid.low)
               : NULL;
}

int smv_session_is_of(const smv_session_t *session, const smv_principal_t *principal, apr_pool_t *pool)
{
    const char *account = account_of(principal, pool);

    return !account || !session->account || strcmp(account, session->account) == 0;
}

const smv_error_t *smv_session_start(const smv_sessions_t *sessions, char *token, const smv_principal_t *principal,
                                     const char *bound_to, apr_time_t now, apr_pool_t *pool)
{
    const smv_session_row_t row = {
        .dn = principal->dn, .account = account_of(principal, pool), .bound_to = bound_to, .created = now};
    unsigned char bytes[RANDOM_SIZE], hash[SMV_TOKEN_HASH_SIZE];
    const smv_error_t *error;

    if (sessions->crypto->random(bytes, sizeof bytes) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "no random bytes for a session token");
    }
    base64url(token, bytes);
    if (sessions->crypto->sha256(hash, token, strlen(token)) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "cannot hash a session token");
    }
    error = sessions->store->session_expire(sessions->store, now - sessions->absolute, now - sessions->idle, pool);
    return error ? error : sessions->store->session_create(sessions->store, hash, &row, pool);
}

const smv_error_t *smv_session_find(const smv_sessions_t *sessions, smv_session_t *session, const char *token,
                                    apr_time_t now, apr_pool_t *pool)
{
    smv_session_row_t row = {.dn = NULL};
    const smv_error_t *error;

    if (!token || strlen(token) != SMV_TOKEN_SIZE - 1 ||
        sessions->crypto->sha256(session->hash, token, SMV_TOKEN_SIZE - 1) != APR_SUCCESS) {
        return smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "no session token");
    }
    error = sessions->store->session_find(sessions->store, &row, session->hash, pool);
    if (error) {
        return error;
    }
    if (now - row.created >= sessions->absolute || now - row.last_used >= sessions->idle) {
        return smv_error(pool, SMV_ERROR_SIGN_IN_NEEDED, "the session has expired");
    }
    if (now - row.last_used >= TOUCH_INTERVAL &&
        (error = sessions->store->session_touch(sessions->store, session->hash, now, pool))) {
        return error;
    }
    session->dn = row.dn;
    session->account = row.account;
    session->bound_to = row.bound_to;
    session->view = row.view;
    session->csrf_token = csrf_token_of(sessions->crypto, token, pool);
    return session->csrf_token ? NULL : smv_error(pool, SMV_ERROR_INTERNAL, "cannot derive a CSRF token");
}

const smv_error_t *smv_session_end(const smv_sessions_t *sessions, const smv_session_t *session, int everywhere,
                                   apr_pool_t *pool)
{
    return everywhere ? sessions->store->session_end_all(sessions->store, session->dn, pool)
                      : sessions->store->session_end(sessions->store, session->hash, pool);
}

int smv_session_csrf_matches(const smv_sessions_t *sessions, const smv_session_t *session, const char *token)
{
    return token && strlen(token) == SMV_TOKEN_SIZE - 1 &&
           sessions->crypto->equal(token, session->csrf_token, SMV_TOKEN_SIZE - 1);
}
