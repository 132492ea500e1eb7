/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_inspect: whether a directory, each of its servers, is as the portal needs it: reachable, with the schema,
 * the indexes, and a service account whose rights are neither too few nor too many. Nothing is ever changed.
 *
 * Ownership: the pool of the findings. Thread-safety: any thread.
 */
#ifndef SMV_LDAP_INSPECT_H
#define SMV_LDAP_INSPECT_H

#include "../core/smv_finding.h"
#include "smv_ldap.h"

/* @param config as smv_ldap_settings_apply made it @param tenant number that the firm should have */
void smv_ldap_inspect(smv_findings_t *findings, const smv_ldap_config_t *config, apr_int64_t tenant);

#endif
