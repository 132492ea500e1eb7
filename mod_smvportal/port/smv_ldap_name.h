/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ldap_name: whether a server's name has an address, within a time: libldap asks the C library, whose resolver
 * waits as long as resolv.conf(5) says, and nothing ends that. What has just been answered is answered again at once.
 *
 * One question is open for a name at a time, whoever waits for it. Thread-safety: any thread.
 */
#ifndef SMV_LDAP_NAME_H
#define SMV_LDAP_NAME_H

#include <apr_time.h>

/* @return LDAP_SUCCESS, also where there is no name to ask for; LDAP_SERVER_DOWN: it has no address; LDAP_TIMEOUT */
int smv_ldap_name_find(const char *uri, apr_time_t until);

#endif
