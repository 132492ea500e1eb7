/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_mail: the text of a mail (RFC 5322, 2045, 2047), as `sendmail -t` reads it: lines end with a line feed alone.
 *
 * Nothing that a mail is made from can add a header: whatever is not printable ASCII is encoded. Pure functions.
 */
#ifndef SMV_MAIL_H
#define SMV_MAIL_H

#include <apr_time.h>

#include "smv_buffer.h"
#include "smv_error.h"

#define SMV_MAIL_MAX_ADDRESS 256 /* bytes with the NUL */

typedef struct smv_mail_t {
    const char *from, *to;           /* addresses, ASCII, as smv_rule_mail checks them */
    const char *from_name, *to_name; /* UTF-8 */
    const char *subject;             /* UTF-8 */
    const char *text;                /* UTF-8, lines end with a line feed */
    const char *id;                  /* unique: letters and digits */
    apr_time_t now;
} smv_mail_t;

/* What brings a mail on its way. @return SMV_ERROR_MAIL */
typedef struct smv_mailer_t {
    const smv_error_t *(*send)(const struct smv_mailer_t *mailer, const char *message, apr_size_t size,
                               apr_pool_t *pool);
    const char *from; /* the address */
    void *state;
} smv_mailer_t;

/* @return 1 where it can stand in a header as an address */
int smv_mail_is_address(const char *address);

/* @return SMV_ERROR_MAIL where an address cannot be written */
const smv_error_t *smv_mail_write(smv_buffer_t *out, const smv_mail_t *mail, apr_pool_t *pool);

#endif
