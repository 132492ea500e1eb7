/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_pool: connections to the servers of a directory. A bounded number bound as the service, kept open and taken
 * in turn; and one of its own for each bind of a person. Nobody waits for a server that is known to be away: another
 * one is asked, and the first again once it is back.
 *
 * Functions answer result codes of LDAP (RFC 4511, A) and of libldap (negative).
 * Ownership: a link belongs to the pool and is lent to one thread at a time.
 * Thread-safety: take and give may be called from any thread; a link serves the thread that took it.
 */
#ifndef SMV_LDAP_POOL_H
#define SMV_LDAP_POOL_H

#include "smv_ldap_connect.h"

typedef struct smv_ldap_pool_t smv_ldap_pool_t;

typedef struct smv_ldap_link_t {
    LDAP *ld; /* NULL until it is first used, and after a failure */
    int server;
    unsigned int serial; /* another for each connection */
    apr_time_t until;    /* whoever took it waits until then, whatever is asked */
    struct smv_ldap_link_t *next;
} smv_ldap_link_t;

/* Connects to nothing yet. @return APR_EINVAL where the configuration cannot work */
apr_status_t smv_ldap_pool_create(smv_ldap_pool_t **made, const smv_ldap_config_t *config, apr_pool_t *pool);

/* How long one request waits for all that it asks one after the other: from the first question, for as long as the most
 * patient of the directories that it has asked so far. Begins as zeros. */
typedef struct smv_ldap_patience_t {
    apr_time_t begun; /* 0: nothing was asked yet */
    apr_time_t longest;
} smv_ldap_patience_t;

/* @return until when an answer of this directory is waited for */
apr_time_t smv_ldap_pool_until(const smv_ldap_pool_t *self, smv_ldap_patience_t *patience);

/* Nobody waits for a link who holds one of another directory: one that hangs would keep the people of the others
 * waiting, too.
 * @param link out @return SMV_ERROR_DIRECTORY_AWAY where none was given back in time, and where no time is left */
const smv_error_t *smv_ldap_pool_take(smv_ldap_pool_t *self, smv_ldap_link_t **link, smv_ldap_patience_t *patience,
                                      apr_pool_t *pool);
void smv_ldap_pool_give(smv_ldap_pool_t *self, smv_ldap_link_t *link);

/* Connect and bind a link as the service, where it is not. Close one whose state is no longer known. */
int smv_ldap_link_open(const smv_ldap_pool_t *self, smv_ldap_link_t *link);
void smv_ldap_link_close(smv_ldap_link_t *link);

/* @return how long whoever took the link waits, and for whom */
smv_ldap_wait_t smv_ldap_link_wait(const smv_ldap_pool_t *self, const smv_ldap_link_t *link);

/* Search as the service. A link that the server has closed meanwhile is opened anew; where the server is away, another
 * one is asked.
 * @param result out: for ldap_msgfree, whatever the code; may be NULL. It must be freed before the link is given back
 */
int smv_ldap_search(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                    const smv_ldap_query_t *query);

/* Searches that are asked together, so that all of them take the time of one. */
typedef struct smv_ldap_pending_t {
    smv_ldap_query_t query; /* its texts live until the answer is taken */
    int id;                 /* of the question; negative: it could not be asked */
    unsigned int serial;    /* of the connection that it was asked on */
} smv_ldap_pending_t;

/* Ask on a link that is open, without waiting. */
void smv_ldap_ask_for(const smv_ldap_pool_t *self, const smv_ldap_link_t *link, smv_ldap_pending_t *pending,
                      const smv_ldap_query_t *query);
/* Take the answer. Where the server went away meanwhile, it is searched for as by smv_ldap_search. */
int smv_ldap_answer(const smv_ldap_pool_t *self, smv_ldap_link_t *link, LDAPMessage **result,
                    const smv_ldap_pending_t *pending);

/* What a person does on a connection that is bound as them. @return the code of the answer */
typedef int smv_ldap_deed_fn(LDAP *ld, void *what, const smv_ldap_wait_t *wait);

typedef struct smv_ldap_attempt_t {
    const char *dn, *password;
    smv_ldap_deed_fn *deed; /* done where the bind succeeds, once; NULL: nothing */
    void *what;
    smv_ldap_verdict_t verdict; /* out */
} smv_ldap_attempt_t;

/* Bind on a connection of its own, closed at once. The password is neither kept nor logged. */
int smv_ldap_try_bind(const smv_ldap_pool_t *self, smv_ldap_attempt_t *attempt, smv_ldap_patience_t *patience);

/* @return the value as a filter has it (RFC 4515, 3), in the pool; without memory the process ends, as by APR's pools
 */
const char *smv_ldap_escaped(const char *value, apr_pool_t *pool);

/* @return 1 for what the server has, but not for this question, as against a server that is away */
int smv_ldap_is_out_of_reach(int code);

smv_ldap_connections_t smv_ldap_pool_connections(smv_ldap_pool_t *self);

/* @return SMV_ERROR_DIRECTORY_AWAY with the cause and the remedy of a code */
const smv_error_t *smv_ldap_away(const smv_ldap_pool_t *self, const char *doing, int code, apr_pool_t *pool);

#endif
