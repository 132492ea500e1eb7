/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_secret: a secret that is the first line of a file which not everybody may read, or of what a program writes.
 */
#ifndef SMV_SECRET_H
#define SMV_SECRET_H

#include "../core/smv_error.h"

#define SMV_SECRET_EXEC "exec:"

/* @param directive names the source in what is said
 * @param source path of a file; or SMV_SECRET_EXEC and a command, which is run without a shell
 * @return SMV_ERROR_CONFIGURATION: cannot be read or run, may be read by everybody, is empty */
const smv_error_t *smv_secret_read(const char **secret, const char *directive, const char *source, apr_pool_t *pool);

#endif
