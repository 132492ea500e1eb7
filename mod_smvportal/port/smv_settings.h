/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_settings: the directives of a portal, and how httpd says what it understood of them: declared here once, for
 * httpd and for smvportalctl. Those of its directories are in smv_ldap_settings.h.
 *
 * Every directive but SmvPortal itself is here: the tables, the list for httpd, defaults, merging, checks and what is
 * printed come from it.
 * Ownership: no state. Thread-safety: any.
 */
#ifndef SMV_SETTINGS_H
#define SMV_SETTINGS_H

#include "../core/smv_defaults.h"
#include "smv_ldap_settings.h"

/* X(name, member, minimum, maximum, default, what it is) */
#define SMV_PORTAL_NUMBERS(X)                                                                                          \
    X("SmvPortalTenant", tenant, 1, INT_MAX, SMV_DEFAULT_TENANT, "number of the tenant (smvMandantNr)")                \
    X("SmvPortalDatabasePool", database_pool, 1, 256, 32, "database connections of a process")                         \
    X("SmvPortalDatabaseBusyTimeout", database_busy_timeout, 1, 60, SMV_DEFAULT_DATABASE_BUSY_TIMEOUT,                 \
      "seconds to wait for a writer")                                                                                  \
    X("SmvPortalRefusalTime", refusal_time, 0, 5000, 250, "milliseconds that a refused sign-in takes at least")        \
    X("SmvPortalSessionIdle", session_idle, 60, 86400, 1800, "seconds without a request until sign-out")               \
    X("SmvPortalSessionAbsolute", session_absolute, 60, 604800, 43200, "seconds until sign-out in any case")           \
    X("SmvPortalUploadMaxSize", upload_max_size, 1, 1024, 25, "megabytes of one file that people bring in")            \
    X("SmvPortalUploadMaxFiles", upload_max_files, 1, 100, 20, "files at once")                                        \
    X("SmvPortalUndoTime", undo_time, 0, 86400, 600, "seconds in which a deleted document comes back")                 \
    X("SmvPortalClamdTimeout", clamd_timeout, 1, 300, 30, "seconds for the virus check of one file")                   \
    X("SmvPortalAuditRetention", audit_retention, 0, 36500, 1095, "days that the audit log is kept; 0: for ever")      \
    X("SmvPortalGraceTime", grace_time, 0, 3600, 300, "seconds that people read on while the directory is away")       \
    X("SmvPortalCacheTime", cache_time, 0, 30, 10, "seconds that roles count where nothing tells of changes")

/* X(name, member, reader of httpd, default, what it is); default NULL: none, "": it must be said */
#define SMV_PORTAL_TEXTS(X)                                                                                            \
    X("SmvPortalBase", base, set_base, SMV_DEFAULT_BASE, "URL path of the portal")                                     \
    X("SmvPortalDatabase", database, set_path, "", "SQLite file of the tenant")                                        \
    X("SmvPortalDocuments", documents, set_path, "", "folder of the documents' contents")                              \
    X("SmvPortalTemplates", templates_folder, set_path, "", "folder of the page templates")                            \
    X("SmvPortalTemplateOverlay", overlay, set_path, NULL, "folder whose templates go first")                          \
    X("SmvPortalLocale", locale, set_path, "", "folder of the translation catalogues")                                 \
    X("SmvPortalAssets", assets, set_path, "", "folder of style sheets and pictures")                                  \
    X("SmvPortalSecondFactor", second_factor, set_switch, "Off", "On: a code may be typed beside the password")        \
    X("SmvPortalUploadTypes", upload_types, set_types,                                                                 \
      "application/pdf image/jpeg image/png image/gif image/tiff image/heic text/plain "                               \
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document "                                       \
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "                                             \
      "application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet",                        \
      "media types that people may bring in, by content")                                                              \
    X("SmvPortalMapUrl", map_url, set_map_url, "geo:0,0?q=", "URL that opens a map of the address behind it")          \
    X("SmvPortalUrl", url, set_url, NULL, "URL of the portal as people reach it")                                      \
    X("SmvPortalLdapAccounts", ldap_accounts, set_text, NULL, "DN below which new accounts are made")                  \
    X("SmvPortalLdapRoles", ldap_roles, set_text, NULL, "DN below which new roles are made")                           \
    X("SmvPortalLdapReferences", ldap_references, set_switch, "Off",                                                   \
      "On: the directory lets accounts follow a role that is renamed")                                                 \
    X("SmvPortalSendmail", sendmail, set_text, NULL, "program with arguments that sends mail")                         \
    X("SmvPortalMailFrom", mail_from, set_mail_from, NULL, "address that mails come from")                             \
    X("SmvPortalClamd", clamd, set_clamd, NULL, "socket of clamd, which checks every file")

/* The members that they are: numbers in the units above, texts that are NULL where there is none. */
#define SMV_SETTINGS_NUMBER(name, member, minimum, maximum, fallback, help) int member;
#define SMV_SETTINGS_TEXT(name, member, reader, fallback, help) const char *member;

/* What `httpd -t -D DUMP_SMVPORTAL` prints: a line for each fact, its name and what it is, with a tab between. Each
 * portal begins with the first line below, and has every directive that has a value, whether it was written or is the
 * default; those of a directory stand behind its own line. A secret is never among them: a directive names its place.
 */
#define SMV_SETTINGS_DEFINE "DUMP_SMVPORTAL"
#define SMV_SETTINGS_PORTAL "Portal"       /* the version of this format */
#define SMV_SETTINGS_USER "User"           /* whom httpd serves as: number, number of the group, name */
#define SMV_SETTINGS_HOST "Host"           /* a virtual host of the portal: name, port, tls or plain, where it begins */
#define SMV_SETTINGS_DIRECTORY "Directory" /* name: "own", or that of the section */
#define SMV_SETTINGS_VERSION "1"
#define SMV_SETTINGS_TLS "tls"
#define SMV_SETTINGS_PLAIN "plain"

#endif
