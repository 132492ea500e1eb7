/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_defaults: what directives are that nobody wrote, for httpd and for the terminal alike.
 */
#ifndef SMV_DEFAULTS_H
#define SMV_DEFAULTS_H

#define SMV_DEFAULT_TENANT 1
#define SMV_DEFAULT_BASE "/portal"
#define SMV_DEFAULT_LDAP_TIMEOUT 5          /* seconds */
#define SMV_DEFAULT_LDAP_CONNECT_TIMEOUT 2  /* seconds */
#define SMV_DEFAULT_DATABASE_BUSY_TIMEOUT 5 /* seconds */

#endif
