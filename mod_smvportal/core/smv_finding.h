/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_finding: what `smvportalctl check` found, each kind declared here once with how bad it is and what to do.
 *
 * Ownership: the pool of the findings. Thread-safety: one thread.
 */
#ifndef SMV_FINDING_H
#define SMV_FINDING_H

#include <apr_tables.h>

typedef enum {
    SMV_SEVERITY_ERROR,   /* the portal, or a part of it, does not work */
    SMV_SEVERITY_WARNING, /* it works, but slowly, late or open to others */
    SMV_SEVERITY_NOTE     /* could not be told, or may be meant so */
} smv_severity_e;

/* X(NAME, code, severity, remedy) */
#define SMV_FINDINGS(X)                                                                                                \
    X(CONFIGTEST, "configtest", ERROR, "do what httpd says there")                                                     \
    X(LDAP_SETTINGS, "ldap-settings", ERROR, "correct the directive, or the file that it names")                       \
    X(LDAP_PLAIN, "ldap-plain", WARNING, "say SmvPortalLdapStartTls On, or use ldaps:// in SmvPortalLdapUri")          \
    X(LDAP_UNVERIFIED, "ldap-unverified", WARNING,                                                                     \
      "remove SmvPortalLdapTlsVerify Off, and name the CA by "                                                         \
      "SmvPortalLdapTlsCa")                                                                                            \
    X(LDAP_NAME, "ldap-name", ERROR, "put the server's name into /etc/hosts, or correct SmvPortalLdapUri")             \
    X(LDAP_NAME_SLOW, "ldap-name-slow", WARNING,                                                                       \
      "put the server's name into /etc/hosts, or ask a caching resolver on this machine (docs/directory.md)")          \
    X(LDAP_AWAY, "ldap-away", ERROR, "start the server, or correct SmvPortalLdapUri")                                  \
    X(LDAP_TLS, "ldap-tls", ERROR,                                                                                     \
      "let the certificate be of a CA in SmvPortalLdapTlsCa, name the host, and be valid")                             \
    X(LDAP_BIND, "ldap-bind", ERROR, "correct SmvPortalLdapBindDN and the password in SmvPortalLdapBindPasswordFile")  \
    X(LDAP_BASE, "ldap-base", ERROR, "correct SmvPortalLdapBase, or let the service account read that entry")          \
    X(LDAP_SCHEMA, "ldap-schema", ERROR, "load ldap-schema/smvportal.ldif, or smvportal.schema, of this release")      \
    X(LDAP_FIRM, "ldap-firm", ERROR,                                                                                   \
      "give SmvPortalLdapBase's entry the object class smvMandant, and let the service "                               \
      "account read it")                                                                                               \
    X(LDAP_TENANT, "ldap-tenant", ERROR, "correct SmvPortalTenant, or smvMandantNr of the firm's entry")               \
    X(LDAP_MODULE, "ldap-module", ERROR,                                                                               \
      "give the firm's entry smvModul: Kundenportal, and an smvModulGueltigBis to "                                    \
      "come or none")                                                                                                  \
    X(LDAP_ACCOUNTS, "ldap-accounts", ERROR,                                                                           \
      "let the service account read and search people (acl-examples.ldif), or "                                        \
      "correct SmvPortalLdapUserFilter")                                                                               \
    X(LDAP_ROLES, "ldap-roles", ERROR,                                                                                 \
      "make roles, and let the service account read and search them "                                                  \
      "(acl-examples.ldif)")                                                                                           \
    X(LDAP_PROXY, "ldap-proxy", ERROR,                                                                                 \
      "give the service account authzTo for people, and slapd authz-policy to (ldap-schema/sample.ldif, "              \
      "slapd.conf.in)")                                                                                                \
    X(LDAP_WRITES, "ldap-writes", WARNING,                                                                             \
      "let the service account read alone: the portal writes as the person who "                                       \
      "is signed in (acl-examples.ldif)")                                                                              \
    X(LDAP_PASSWORDS, "ldap-passwords", WARNING, "let nobody read userPassword (acl-examples.ldif)")                   \
    X(LDAP_UNTOLD, "ldap-untold", NOTE, "see the server's access rules")                                               \
    X(LDAP_INDEX, "ldap-index", WARNING, "give them an index of kind eq (docs/directory.md)")                          \
    X(LDAP_INDEX_UNTOLD, "ldap-index-untold", NOTE,                                                                    \
      "see by yourself that docs/directory.md's indexes are there, or "                                                \
      "let the service account read cn=config")                                                                        \
    X(LDAP_SYNC, "ldap-sync", WARNING,                                                                                 \
      "load the overlay syncprov for the database, and let the service account read "                                  \
      "contextCSN")                                                                                                    \
    X(DATABASE_MISSING, "database-missing", ERROR,                                                                     \
      "make it with smvportalctl create-database, bring a backup back "                                                \
      "with smvportalctl restore, or correct SmvPortalDatabase")                                                       \
    X(DATABASE_UNFIT, "database-unfit", ERROR,                                                                         \
      "bring one of an older release to this one with smvportalctl migrate, or correct "                               \
      "SmvPortalDatabase")                                                                                             \
    X(DATABASE_TENANT, "database-tenant", ERROR, "correct SmvPortalTenant, or SmvPortalDatabase")                      \
    X(OWNER, "owner", ERROR, "chown it to httpd's user")                                                               \
    X(OPEN, "open", WARNING, "chmod it: 0700 for a folder, 0600 for a file")                                           \
    X(DOCUMENTS_MISSING, "documents-missing", ERROR,                                                                   \
      "make the folder for httpd's user alone, or correct "                                                            \
      "SmvPortalDocuments")                                                                                            \
    X(CONTENTS_MISSING, "contents-missing", ERROR, "bring the files back from a backup")                               \
    X(NO_TLS, "no-tls", WARNING, "say SSLEngine On; or, where a proxy ends TLS, ServerName https://…")                 \
    X(NO_TLS_MAIN, "no-tls-main", NOTE, "say SmvPortal Off outside of the virtual hosts that have TLS, and On in them")

typedef enum {
#define SMV_FINDING_ENUM(NAME, code, severity, remedy) SMV_FINDING_##NAME,
    SMV_FINDINGS(SMV_FINDING_ENUM)
#undef SMV_FINDING_ENUM
        SMV_FINDING_COUNT
} smv_finding_e;

typedef struct smv_finding_kind_t {
    const char *code;
    smv_severity_e severity;
    const char *remedy;
} smv_finding_kind_t;
extern const smv_finding_kind_t smv_finding_kinds[SMV_FINDING_COUNT];
/* Their words, by severity. */
extern const char *const smv_severities[];

typedef struct smv_finding_t {
    const smv_finding_kind_t *kind;
    const char *text; /* one line: what is wrong, and where */
} smv_finding_t;

typedef struct smv_findings_t {
    apr_array_header_t *all; /* of smv_finding_t */
    apr_pool_t *pool;
} smv_findings_t;

void smv_findings_init(smv_findings_t *findings, apr_pool_t *pool);
void smv_found(smv_findings_t *findings, smv_finding_e kind, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
/* @return how many are more than notes */
int smv_findings_wrong(const smv_findings_t *findings);

#endif
