/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_httpd: httpd reads its own configuration, with whatever it includes, and says what the module understood.
 *
 * Ownership: the pool's. Thread-safety: one thread.
 */
#ifndef SMV_CTL_HTTPD_H
#define SMV_CTL_HTTPD_H

#include "../core/smv_error.h"

/* Run `COMMAND -t -D DUMP_SMVPORTAL`.
 * @param command a program, found in PATH and where httpd's programs are, with arguments separated by blanks
 * @param text out: what it printed
 * @return SMV_ERROR_CONFIGURATION: in httpd's words where it refuses its configuration */
const smv_error_t *smv_ctl_httpd_dump(char **text, const char *command, apr_pool_t *pool);

#endif
