/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_sendmail.h"

#include "smv_process.h"

#include <apr_strings.h>

static const smv_error_t *send_mail(const smv_mailer_t *mailer, const char *message, apr_size_t size, apr_pool_t *pool)
{
    smv_process_t process = {.command = mailer->state, .input = message, .input_size = size};

    return smv_process_run(&process, SMV_ERROR_MAIL, pool);
}

const smv_error_t *smv_sendmail_create(smv_mailer_t **mailer, const char *command, const char *from, apr_pool_t *pool)
{
    smv_mailer_t *made = apr_palloc(pool, sizeof *made);
    const smv_error_t *error = smv_process_check(command, pool);

    if (error) {
        return smv_error(pool, error->code, "SmvPortalSendmail %s; say, for example, \"/usr/sbin/sendmail -t -i\"",
                         error->detail);
    }
    *made = (smv_mailer_t){send_mail, apr_pstrdup(pool, from), apr_pstrdup(pool, command)};
    *mailer = made;
    return NULL;
}
