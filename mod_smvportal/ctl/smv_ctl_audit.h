/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_audit: the command audit-verify.
 */
#ifndef SMV_CTL_AUDIT_H
#define SMV_CTL_AUDIT_H

#include <apr_pools.h>

/* @param words DATABASE @return exit code: 1 where the chain is broken */
int smv_ctl_audit_verify(int count, const char *const *words, apr_pool_t *pool);

#endif
