/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_link: an address that people may let a page lead to.
 *
 * Thread-safety: pure functions.
 */
#ifndef SMV_LINK_H
#define SMV_LINK_H

#include "smv_rules.h"

/* @return 1 for https:, http:, mailto: and tel: addresses, and for a path of the same server ("/impressum"); of
 * printable ASCII without blanks, quotes and angle brackets */
int smv_is_link(const char *text);

/* A field that holds one. */
extern const smv_rule_t smv_rule_link;

#endif
