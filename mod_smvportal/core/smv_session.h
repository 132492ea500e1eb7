/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_session: an opaque random token in the browser, its hash and the account's DN in the store.
 *
 * Thread-safety: no state of its own.
 */
#ifndef SMV_SESSION_H
#define SMV_SESSION_H

#include "smv_store.h"

/* 32 random bytes as base64url without padding, and the NUL */
#define SMV_TOKEN_SIZE 44

/* The names of the cookie (RFC 6265bis): a browser takes the first from this host alone, and by TLS alone. */
#define SMV_SESSION_COOKIE_TLS "__Host-smvportal"
#define SMV_SESSION_COOKIE "smvportal"

/* The cryptography needed here, done by OpenSSL in port/smv_crypto.c. */
typedef struct smv_crypto_t {
    apr_status_t (*random)(void *bytes, apr_size_t size);
    apr_status_t (*sha256)(unsigned char digest[32], const void *data, apr_size_t size);
    int (*equal)(const void *a, const void *b, apr_size_t size); /* in constant time; 1 where equal */
} smv_crypto_t;

typedef struct smv_sessions_t {
    smv_store_t *store;
    const smv_crypto_t *crypto;
    apr_time_t idle;     /* ends after this time without a request */
    apr_time_t absolute; /* ends after this time in any case */
} smv_sessions_t;

typedef struct smv_session_t {
    unsigned char hash[SMV_TOKEN_HASH_SIZE];
    const char *dn;
    const char *account;    /* UUID of its entry when it began; NULL: not known */
    const char *bound_to;   /* identifier (smv_identity_key) of the single sign-on that it ends with; NULL: none */
    const char *csrf_token; /* 43 characters, derived from the token, stable for the session */
    smv_session_view_t view;
} smv_session_t;

/* Start a session of who has signed in. @param token out: SMV_TOKEN_SIZE bytes, for the cookie @param bound_to NULL: it
 * ends by itself */
const smv_error_t *smv_session_start(const smv_sessions_t *sessions, char *token, const smv_principal_t *principal,
                                     const char *bound_to, apr_time_t now, apr_pool_t *pool);

/* @return 1 where the account is the one that the session is of, not another that has its DN by now */
int smv_session_is_of(const smv_session_t *session, const smv_principal_t *principal, apr_pool_t *pool);

/* Find the living session of a token, and note its use at most once a minute.
 * @return SMV_ERROR_SIGN_IN_NEEDED for a token that is NULL, malformed, unknown or expired */
const smv_error_t *smv_session_find(const smv_sessions_t *sessions, smv_session_t *session, const char *token,
                                    apr_time_t now, apr_pool_t *pool);

/* End this session, or every session of its account. */
const smv_error_t *smv_session_end(const smv_sessions_t *sessions, const smv_session_t *session, int everywhere,
                                   apr_pool_t *pool);

/* @return 1 where token (from a form, may be NULL) is the session's CSRF token */
int smv_session_csrf_matches(const smv_sessions_t *sessions, const smv_session_t *session, const char *token);

#endif
