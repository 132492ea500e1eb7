/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_sendmail: mail by a program that reads it from its standard input, as sendmail(8) -t does. Run without a shell.
 *
 * Immutable once it is made: any thread may send.
 */
#ifndef SMV_SENDMAIL_H
#define SMV_SENDMAIL_H

#include "../core/smv_mail.h"

/* @param command the program's path and its arguments, separated by blanks
 * @param from address of the sender
 * @return SMV_ERROR_CONFIGURATION where the program is not there or may not be run */
const smv_error_t *smv_sendmail_create(smv_mailer_t **mailer, const char *command, const char *from, apr_pool_t *pool);

#endif
