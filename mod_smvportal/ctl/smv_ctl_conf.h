/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_conf: the configuration of one portal as httpd and the module understood it, defaults filled in.
 *
 * Ownership: the pool's. Thread-safety: one thread.
 */
#ifndef SMV_CTL_CONF_H
#define SMV_CTL_CONF_H

#include <apr_user.h>

#include "../core/smv_route.h"
#include "../port/smv_settings.h"
#include "../port/smv_sqlite.h"
#include "smv_ctl.h"

/* A virtual host by which a portal is reached. */
typedef struct smv_ctl_host_t {
    const char *name, *port;
    int has_tls;
    const char *place; /* in the configuration: file:line; "-:0" for the main server */
} smv_ctl_host_t;

typedef struct smv_ctl_portal_t {
    SMV_PORTAL_TEXTS(SMV_SETTINGS_TEXT)
    SMV_PORTAL_NUMBERS(SMV_SETTINGS_NUMBER)
    apr_array_header_t *hosts; /* of smv_ctl_host_t */
    apr_uid_t uid;             /* whom httpd serves as, where root starts it */
    apr_gid_t gid;
    const char *user;
    smv_ldap_settings_t said[SMV_LIVE_MAX_DIRECTORIES]; /* of each directory, the portal's own first */
    const char *names[SMV_LIVE_MAX_DIRECTORIES];
    int count; /* of directories, at least 1 */
} smv_ctl_portal_t;

/* By ctl->httpd and ctl->host. @return SMV_ERROR_CONFIGURATION; SMV_ERROR_BAD_REQUEST: which of several is not said */
const smv_error_t *smv_ctl_conf_read(const smv_ctl_portal_t **portal, const smv_ctl_t *ctl);

/* How its database is opened. @param busy_timeout how long another writer is waited for */
smv_sqlite_config_t smv_ctl_store_config(const smv_ctl_portal_t *portal, apr_time_t busy_timeout);

/* What the portal works with, opened as httpd opens it, for one thread. @return as smv_sqlite_open */
const smv_error_t *smv_ctl_open_store(smv_store_t **store, const smv_ctl_portal_t *portal, apr_pool_t *pool);
/* @return SMV_ERROR_CONFIGURATION: what cannot work, as far as that can be said without a server */
const smv_error_t *smv_ctl_open_directory(smv_directory_t **directory, const smv_ctl_portal_t *portal,
                                          apr_pool_t *pool);
/* Both, for a call of the core with call->pool, and whose portal it is. */
const smv_error_t *smv_ctl_open(smv_call_t *call, const smv_ctl_portal_t *portal);

#endif
