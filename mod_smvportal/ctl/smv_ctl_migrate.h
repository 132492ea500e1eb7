/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_migrate: smvportalctl migrate.
 */
#ifndef SMV_CTL_MIGRATE_H
#define SMV_CTL_MIGRATE_H

#include <apr_pools.h>

/* @return a code of sysexits(3) */
int smv_ctl_migrate(int count, const char *const *words, apr_pool_t *pool);

#endif
