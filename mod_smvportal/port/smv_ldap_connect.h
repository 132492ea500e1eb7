/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_connect: one connection to one server, from its options to its bind, within a time.
 *
 * Functions answer result codes of LDAP (RFC 4511, A) and of libldap (negative).
 * Ownership: the connection is the caller's, to be closed by smv_ldap_disconnect. Thread-safety: one thread.
 */
#ifndef SMV_LDAP_CONNECT_H
#define SMV_LDAP_CONNECT_H

#include "smv_ldap.h"
#include "smv_ldap_verdict.h"

/* Until when something is waited for, and whose answer it is. */
typedef struct smv_ldap_wait_t {
    apr_time_t until;
    const smv_live_server_t *server; /* waiting ends when it is known to be away; NULL: nobody knows */
} smv_ldap_wait_t;

/* Connect, with StartTLS where it is configured, within the time for connections.
 * @param ld out: after a failure, too, to be asked for a word about it; NULL without memory */
int smv_ldap_connect(LDAP **ld, const smv_ldap_config_t *config, const char *uri, const smv_ldap_wait_t *wait);
void smv_ldap_disconnect(LDAP **ld);

/* Wait for the whole answer to a request. @param result out: for ldap_msgfree; NULL without an answer
 * @return LDAP_SUCCESS: there is an answer, whatever it says; LDAP_TIMEOUT, LDAP_SERVER_DOWN */
int smv_ldap_await(LDAP *ld, int id, LDAPMessage **result, const smv_ldap_wait_t *wait);
/* Wait for the answer to what is no search. @param verdict out; may be NULL @return the code of the answer, or why
 * there is none */
int smv_ldap_finish(LDAP *ld, int id, smv_ldap_verdict_t *verdict, const smv_ldap_wait_t *wait);
/* Say until when the rest of a message that has begun is waited for, before libldap is asked for messages; the
 * functions here that wait do so themselves. */
void smv_ldap_read_until(LDAP *ld, apr_time_t until);

typedef struct smv_ldap_query_t {
    const char *base;
    int scope;
    const char *filter;
    const char *const *attributes; /* ends with NULL */
    int limit;                     /* entries at most; more are LDAP_SIZELIMIT_EXCEEDED */
    struct berval *page;           /* where the next page begins (RFC 2696), at first nothing; NULL: all at once */
} smv_ldap_query_t;

/* libldap makes a new connection by itself where one was lost, without StartTLS and bound as nobody.
 * @return 1 where the connection is still the one that was made */
int smv_ldap_is_connected(LDAP *ld);

/* Ask without waiting. @param id out: of the question */
int smv_ldap_send(LDAP *ld, const smv_ldap_query_t *query, int *id);
/* Wait for all of the answer to a search. @param result out: for ldap_msgfree, whatever the code; may be NULL */
int smv_ldap_receive(LDAP *ld, int id, LDAPMessage **result, const smv_ldap_wait_t *wait);
/* Search, and wait for all of the answer. @param result out: for ldap_msgfree, whatever the code; may be NULL */
int smv_ldap_ask(LDAP *ld, LDAPMessage **result, const smv_ldap_query_t *query, const smv_ldap_wait_t *wait);

/* @param page in and out: freed, and set to where the next page begins; nothing behind the last one
 * @return 1 where there is a next page */
int smv_ldap_next_page(LDAP *ld, LDAPMessage *result, struct berval *page);

/* Bind by name and password. @param verdict out; may be NULL */
int smv_ldap_bind(LDAP *ld, const char *dn, const char *password, smv_ldap_verdict_t *verdict,
                  const smv_ldap_wait_t *wait);
/* Bind as the service: by password, by SASL EXTERNAL or as nobody. */
int smv_ldap_bind_service(LDAP *ld, const smv_ldap_config_t *config, const smv_ldap_wait_t *wait);

/* A failure that takes longer is no mere refusal: whoever asks next would wait, too. */
#define SMV_LDAP_AT_ONCE apr_time_from_msec(200)

/* @return 1 where a code says that a server is not there, as against what it answers */
int smv_ldap_is_away(int code);

/* @return what to do about a code */
const char *smv_ldap_remedy(int code);

#endif
