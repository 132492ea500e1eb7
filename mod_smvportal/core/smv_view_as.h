/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_view_as: the view as a customer. The firm's own people look at the portal through one of a customer's accounts:
 * nothing is seen that either of the two may not see, nothing is changed, and everything is noted for the customer.
 *
 * The session remembers the view (smv_session_view_t); each request makes its principal anew, so that a right that is
 * taken from either counts at once.
 * Ownership: the pool of the request. Thread-safety: one thread.
 */
#ifndef SMV_VIEW_AS_H
#define SMV_VIEW_AS_H

#include "smv_route.h"

/* How long one view lasts at most. */
#define SMV_VIEW_AS_TIME apr_time_from_sec(1800)

/* @return 0 where the view of the call's session is over */
int smv_view_as_lasts(const smv_call_t *call);

/* Make call->principal, who looks, one who sees what the account sees, by call->session->view.
 * @param account NULL where it cannot be loaded: nothing is seen then but the banner
 * @param closed out: why nothing may be seen any more; left as it is else
 * @return the store's error */
const smv_error_t *smv_view_as_enter(smv_call_t *call, const smv_principal_t *account, const smv_error_t **closed);

/* Note the end of the view, and let the session go on without it. */
const smv_error_t *smv_view_as_end(smv_call_t *call, smv_session_t *session);

#endif
