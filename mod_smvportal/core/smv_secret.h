/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_secret: a secret that is the first line of a file which not everybody may read.
 */
#ifndef SMV_SECRET_H
#define SMV_SECRET_H

#include "smv_error.h"

/* @param directive names the file in what is said
 * @return SMV_ERROR_CONFIGURATION: cannot be read, may be read by everybody, is empty */
const smv_error_t *smv_secret_read(const char **secret, const char *directive, const char *path, apr_pool_t *pool);

#endif
