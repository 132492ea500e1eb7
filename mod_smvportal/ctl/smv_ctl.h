/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_ctl: what every command of smvportalctl is given, and how it ends: with a code of sysexits.h.
 *
 * Ownership: everything lives as long as the process. Thread-safety: one thread.
 */
#ifndef SMV_CTL_H
#define SMV_CTL_H

#include <apr_pools.h>
#include <stdio.h>

#include "../core/smv_audit.h"
#include "../core/smv_view.h"

/* X(NAME, member, option, argument ("" for none), what it is) */
#define SMV_CTL_OPTIONS(X)                                                                                             \
    X(HTTPD, httpd, "httpd", "COMMAND", "what runs httpd; apachectl unless told")                                      \
    X(HOST, host, "host", "NAME", "which virtual host, where several have a portal")                                   \
    X(JSON, json, "json", "", "answer in JSON")                                                                        \
    X(LOGIN, login, "login", "LOGIN", "of that person alone")                                                          \
    X(ALL, all, "all", "", "of everybody")                                                                             \
    X(FROM, from, "from", "DAY", "not what was before that day")                                                       \
    X(UNTIL, until, "until", "DAY", "not what was behind that day")                                                    \
    X(STRICT, strict, "strict", "", "take nothing of a package in which anything is wrong")                            \
    X(CHARSET, charset, "charset", "NAME", "the file's character set; recognised unless told")                         \
    X(BROKER, broker, "broker", "NUMBER", "whose portfolio new customers are in (smvVermittlerNr)")                    \
    X(AFTER, after, "after", "ID", "the last change that is known already")                                            \
    X(INSURER, insurer, "insurer", "NAME", "whose documents they are: its name as in contracts, or its number")        \
    X(CATALOGUE, catalogue, "catalogue", "FILE", "the fields of records; that of this release unless told")            \
    X(AS, as, "as", "LOGIN", "who does it; that person's password is asked for")                                       \
    X(PASSWORD_FILE, password_file, "password-file", "FILE", "has that password in its first line, instead")           \
    X(NAME, name, "name", "NAME", "of the person whose access it is")                                                  \
    X(ROLE, role, "role", "ROLE", "of the access, by name or number")                                                  \
    X(MAIL, mail, "mail", "ADDRESS", "where the invitation goes")                                                      \
    X(CUSTOMERS, customers, "customers", "NUMBERS", "more customers of the access, with commas between")               \
    X(VALID_UNTIL, valid_until, "valid-until", "DAY", "the last day of the access")

enum {
#define SMV_CTL_OPTION_NUMBER(NAME, member, option, argument, help) SMV_CTL_NUMBER_OF_##NAME,
    SMV_CTL_OPTIONS(SMV_CTL_OPTION_NUMBER)
#undef SMV_CTL_OPTION_NUMBER
        SMV_CTL_OPTION_COUNT
};

/* Sets of options: SMV_CTL_JSON and its like. */
enum {
#define SMV_CTL_OPTION_BIT(NAME, member, option, argument, help) SMV_CTL_##NAME = 1 << SMV_CTL_NUMBER_OF_##NAME,
    SMV_CTL_OPTIONS(SMV_CTL_OPTION_BIT)
#undef SMV_CTL_OPTION_BIT
    /* of every command that works on a portal as httpd is configured for it */
    SMV_CTL_PORTAL = SMV_CTL_HTTPD | SMV_CTL_HOST,
    /* of every command that a person of the portal does */
    SMV_CTL_PERSON = SMV_CTL_PORTAL | SMV_CTL_JSON | SMV_CTL_AS | SMV_CTL_PASSWORD_FILE,
    /* without which no command goes that takes them */
    SMV_CTL_NEEDED = SMV_CTL_AS | SMV_CTL_NAME | SMV_CTL_ROLE
};
_Static_assert(SMV_CTL_OPTION_COUNT < 31, "a set of options is an int");

/* The address of what is done by a command, in the audit log. */
#define SMV_CTL_ADDRESS "smvportalctl"

typedef struct smv_ctl_t {
#define SMV_CTL_OPTION_MEMBER(NAME, member, option, argument, help) const char *member;
    SMV_CTL_OPTIONS(SMV_CTL_OPTION_MEMBER) /* NULL where not said, "" where it takes no argument */
#undef SMV_CTL_OPTION_MEMBER
    const char *const *words; /* what stands behind the command, in the number that it takes */
    int count;
    apr_pool_t *pool;
} smv_ctl_t;

/* @return the exit code */
typedef int smv_ctl_fn(const smv_ctl_t *ctl);

smv_ctl_fn smv_ctl_create_database, smv_ctl_collect_garbage, smv_ctl_explain, smv_ctl_rights, smv_ctl_routes,
    smv_ctl_openapi, smv_ctl_audit_verify, smv_ctl_audit_export, smv_ctl_sessions_list, smv_ctl_sessions_end,
    smv_ctl_migrate, smv_ctl_import_gdv, smv_ctl_import_documents, smv_ctl_backup, smv_ctl_restore,
    smv_ctl_export_customer, smv_ctl_export_changes, smv_ctl_check, smv_ctl_access_create, smv_ctl_access_lock,
    smv_ctl_access_unlock, smv_ctl_access_reset;

/* Say on standard error what went wrong; before it, where somebody may not do it, the portal's own words for that.
 * @return the exit code for it */
int smv_ctl_fail(const smv_error_t *error);

/* Write what comes from elsewhere, with ? for whatever could steer a terminal or look like another line. */
void smv_ctl_put(FILE *to, const char *text);

/* Who runs the command, for the audit log: the user of the operating system who called it, also by sudo. */
smv_actor_t smv_ctl_actor(apr_pool_t *pool);

/* @param usage behind the command's name, where its words do not belong together @return EX_USAGE */
int smv_ctl_misused(const char *usage);

/* Print a record, or a list, in JSON. @return EX_OK, or EX_SOFTWARE where it is beyond all bounds */
int smv_ctl_print_json(const smv_record_t *record, apr_pool_t *pool);
int smv_ctl_print_json_list(const smv_list_t *list, apr_pool_t *pool);

#endif
