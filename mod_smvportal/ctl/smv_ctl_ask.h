/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_ask: a question on the terminal whose answer nobody sees.
 *
 * Thread-safety: one thread of the process, which has handlers of its own for signals meanwhile.
 */
#ifndef SMV_CTL_ASK_H
#define SMV_CTL_ASK_H

#include "../core/smv_error.h"

/* Ask on the terminal of the process, wherever its input comes from. Whatever signal ends or stops the process, the
 * terminal shows what is typed again before; who comes back from a stop is asked anew.
 * @param answer out: the line without its end
 * @return SMV_ERROR_BAD_REQUEST: there is no terminal, or its input ended */
const smv_error_t *smv_ctl_ask(const char **answer, const char *question, apr_pool_t *pool);

#endif
