/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl_person: a person of the portal on a terminal: who signs in there, and may do what the portal lets them.
 *
 * Ownership: the pool of the call. Thread-safety: one thread.
 */
#ifndef SMV_CTL_PERSON_H
#define SMV_CTL_PERSON_H

#include "smv_ctl_conf.h"

/* Let the person of ctl->as sign in, by the password that is asked for on the terminal or in ctl->password_file; with
 * the code of a second factor, where the portal has one. Who is refused is noted in the audit log, and waits.
 * @param call opened (smv_ctl_open), with its address and rendering; its time, principal and principals out
 * @return what the portal answers a sign-in; SMV_ERROR_BAD_REQUEST: there is nobody to ask;
 *         SMV_ERROR_CONFIGURATION: the file cannot be read, or others may read it */
const smv_error_t *smv_ctl_sign_in(smv_call_t *call, const smv_ctl_portal_t *portal, const smv_ctl_t *ctl);

#endif
