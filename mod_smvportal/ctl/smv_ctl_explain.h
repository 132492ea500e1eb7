/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_explain: smvportalctl explain, "Warum darf X das (nicht)?" on a terminal.
 */
#ifndef SMV_CTL_EXPLAIN_H
#define SMV_CTL_EXPLAIN_H

#include <apr_pools.h>

/* @param words [--json] CONF LOGIN WHAT [CUSTOMER]
 * @return 0: allowed, 1: not allowed, else a code of sysexits.h */
int smv_ctl_explain(int count, const char *const *words, apr_pool_t *pool);

#endif
