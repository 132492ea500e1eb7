/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_conf: the portal's directives in one file, as far as a terminal needs them. Include and continued lines are
 * not followed.
 */
#ifndef SMV_CTL_CONF_H
#define SMV_CTL_CONF_H

#include "../port/smv_ldap_settings.h"

typedef struct smv_ctl_conf_t {
    const char *tenant, *base, *database, *busy_timeout;
    smv_ldap_settings_t said[SMV_LIVE_MAX_DIRECTORIES]; /* of each directory, the portal's own first */
    int count;                                          /* of directories, at least 1 */
} smv_ctl_conf_t;

/* @return SMV_ERROR_CONFIGURATION */
const smv_error_t *smv_ctl_conf_read(smv_ctl_conf_t *conf, const char *path, apr_pool_t *pool);

/* @param configs out: of the directories */
const smv_error_t *smv_ctl_conf_directories(const smv_ctl_conf_t *conf, smv_ldap_config_t **configs, apr_pool_t *pool);

/* @return the number; the fallback where there is none above 0 */
apr_int64_t smv_ctl_number(const char *text, apr_int64_t fallback);

#endif
