/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_watch: who watches one server of a directory, on a connection of its own: whether it answers, and which
 * accounts and roles change. What it finds out is written into smv_live.h, for all processes.
 *
 * Thread-safety: one thread watches a server; any thread may tell it to stop, or close the connection once it has.
 */
#ifndef SMV_LDAP_WATCH_H
#define SMV_LDAP_WATCH_H

#include "smv_ldap.h"

typedef struct smv_ldap_watch_t smv_ldap_watch_t;

typedef struct smv_ldap_watch_config_t {
    const smv_ldap_config_t *directory; /* with `live` */
    int server;                         /* which one of its servers */
    /* The server is another way than before. @param why of SMV_LIVE_AWAY, SMV_LIVE_DOWN and SMV_LIVE_SILENT */
    void (*turned)(void *context, const char *uri, smv_live_mode_e mode, const char *why);
    /* An account changed and is locked. */
    void (*locked)(void *context, const char *dn, apr_pool_t *pool);
    void *context;
} smv_ldap_watch_config_t;

/* Connects to nothing yet. The configuration is not copied. @return a status of apr_thread_mutex_create */
apr_status_t smv_ldap_watch_create(smv_ldap_watch_t **made, const smv_ldap_watch_config_t *config, apr_pool_t *pool);

/* Watch for a while. @param pool for this while */
void smv_ldap_watch_for(smv_ldap_watch_t *self, apr_time_t span, apr_pool_t *pool);

/* Let smv_ldap_watch_for return soon, and at once from then on. */
void smv_ldap_watch_stop(smv_ldap_watch_t *self);
int smv_ldap_watch_is_stopped(const smv_ldap_watch_t *self);

/* Wait for who watches to return, and give up the connection; another process goes on where the stream stands. */
void smv_ldap_watch_close(smv_ldap_watch_t *self);

#endif
