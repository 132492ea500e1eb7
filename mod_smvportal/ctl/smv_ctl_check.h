/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_check: what smvportalctl check looks at, a function for each part.
 *
 * Ownership: findings are in their own pool. Thread-safety: one thread.
 */
#ifndef SMV_CTL_CHECK_H
#define SMV_CTL_CHECK_H

#include "../core/smv_finding.h"
#include "smv_ctl_conf.h"

/* Database and documents: whether they are there and fit, whose they are, and who else may read them. */
void smv_ctl_check_files(smv_findings_t *findings, const smv_ctl_portal_t *portal);

#endif
