/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_sync: a search that the server goes on answering, with each account, role and firm that changes: content
 * synchronisation (RFC 4533, refreshAndPersist), persistent search (draft-ietf-ldapext-psearch-03) as 389-ds has it, or
 * change notification (MS-ADTS, 3.1.1.3.4.1.9) as Active Directory has it.
 * libldap's own ldap_sync_* calls itself a proof of concept and asserts what servers say; here whatever is not
 * understood means that everything may have changed.
 *
 * Thread-safety: one thread a connection.
 */
#ifndef SMV_LDAP_SYNC_H
#define SMV_LDAP_SYNC_H

#include "smv_ldap_connect.h"

typedef enum {
    SMV_SYNC_NOTHING,
    SMV_SYNC_ACCOUNT,   /* one account changed */
    SMV_SYNC_EVERYTHING /* a role, a group or the firm, or it is not known what */
} smv_sync_scope_e;

/* What one message says. */
typedef struct smv_sync_news_t {
    smv_sync_scope_e scope;
    smv_uuid_t uuid;    /* SMV_SYNC_ACCOUNT */
    const char *dn;     /* of an account; NULL: it is not about one */
    int is_locked;      /* the account: by the firm, or by the directory itself */
    int is_up_to_date;  /* what changed before has all been told */
    const char *cookie; /* where the stream stands from here on; NULL: as before */
} smv_sync_news_t;

#define SMV_SYNC_CONTENT LDAP_CONTROL_SYNC
#define SMV_SYNC_PERSISTENT "2.16.840.1.113730.3.4.3"
#define SMV_SYNC_NOTIFICATION "1.2.840.113556.1.4.528"

/* @param control SMV_SYNC_CONTENT and its like @return 1 where the server says that it offers it (RFC
 * 4512, 5.1)
 */
int smv_ldap_sync_is_offered(LDAP *ld, const char *control, const smv_ldap_wait_t *wait);

/* A cookie for the server as it is now, so that not every account must be told first: from contextCSN, as slapd has it.
 * @return NULL where that cannot be read */
const char *smv_ldap_sync_cookie(LDAP *ld, const char *base, const smv_ldap_wait_t *wait, apr_pool_t *pool);

/* Begin. @param cookie NULL: with all that there is @param id out: of its messages */
int smv_ldap_sync_start(LDAP *ld, const smv_ldap_config_t *directory, const char *cookie, int *id);

/* Begin a persistent search, or change notification: of whatever changes from now on. It is not told when it has begun.
 */
int smv_ldap_sync_persist(LDAP *ld, const smv_ldap_config_t *directory, int *id);
int smv_ldap_sync_notify(LDAP *ld, const smv_ldap_config_t *directory, const smv_ldap_wait_t *wait, int *id,
                         apr_pool_t *pool);

/* Read one message, which is not freed. @return the server's code where it ended the search */
int smv_ldap_sync_read(LDAP *ld, const smv_ldap_config_t *directory, LDAPMessage *message, smv_sync_news_t *news,
                       apr_pool_t *pool);

#endif
