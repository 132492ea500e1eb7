/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_rights: the one declaration of what a role may grant.
 *
 * The 25 customer-access rights (Kundenzugangsrechte) in the order and the two-column grid of "Rolle bearbeiten",
 * followed by the staff attributes. The enum, the LDAP attributes, the labels, the API names, the schema check and
 * the test matrix follow from this list. Immutable data: safe to use from every thread.
 */
#ifndef SMV_RIGHTS_H
#define SMV_RIGHTS_H

#include <apr.h>

typedef enum {
    SMV_KIND_ALLOW, /* TRUE permits, for the customers in the role's own scope; absent means no */
    SMV_KIND_HIDE,  /* TRUE conceals, whichever role says so; absent means shown */
    SMV_KIND_STAFF  /* TRUE permits an administrative page; has no place in the grid */
} smv_right_kind_e;

/* X(row, column, NAME, id, German label, default of the role Kundenzugang, kind, LDAP attribute) */
#define SMV_RIGHTS(X)                                                                                                  \
    X(1, 1, CUSTOMER_VIEW, "customer.view", "Kundendaten ansehen", 1, ALLOW, "smvKundendatenAnsehen")                  \
    X(1, 2, CONTRACT_VIEW, "contract.view", "Vertragsdaten ansehen", 1, ALLOW, "smvVertragsdatenAnsehen")              \
    X(2, 1, CUSTOMER_EDIT, "customer.edit", "Kundendaten ändern", 1, ALLOW, "smvKundendatenAendern")                   \
    X(3, 1, DOCUMENT_LIST, "document.list", "Dokumente auflisten", 1, ALLOW, "smvDokumenteAuflisten")                  \
    X(3, 2, FAMILY_CREATE, "family.create", "Familienmitglieder anlegen", 1, ALLOW, "smvFamilienmitgliederAnlegen")    \
    X(4, 1, DOCUMENT_IMPORT, "document.import", "Dokumente importieren", 1, ALLOW, "smvDokumenteImportieren")          \
    X(4, 2, FAMILY_VIEW, "family.view", "Familienmitglieder ansehen", 1, ALLOW, "smvFamilienmitgliederAnsehen")        \
    X(5, 1, DOCUMENT_VIEW, "document.view", "Dokumente anzeigen", 1, ALLOW, "smvDokumenteAnzeigen")                    \
    X(5, 2, FAMILY_EDIT, "family.edit", "Familienmitglieder ändern", 1, ALLOW, "smvFamilienmitgliederAendern")         \
    X(6, 1, DOCUMENT_DELETE, "document.delete", "Dokumente löschen", 0, ALLOW, "smvDokumenteLoeschen")                 \
    X(6, 2, FAMILY_DELETE, "family.delete", "Familienmitglieder löschen", 0, ALLOW, "smvFamilienmitgliederLoeschen")   \
    X(7, 1, CONTACT_CREATE, "contact.create", "Ansprechpartner anlegen", 1, ALLOW, "smvAnsprechpartnerAnlegen")        \
    X(7, 2, COMMUNICATION_CREATE, "communication.create", "Telefon/Fax/E-Mail anlegen", 1, ALLOW,                      \
      "smvKommunikationAnlegen")                                                                                       \
    X(8, 1, CONTACT_VIEW, "contact.view", "Ansprechpartner ansehen", 1, ALLOW, "smvAnsprechpartnerAnsehen")            \
    X(8, 2, COMMUNICATION_VIEW, "communication.view", "Telefon/Fax/E-Mail ansehen", 1, ALLOW,                          \
      "smvKommunikationAnsehen")                                                                                       \
    X(9, 1, CONTACT_EDIT, "contact.edit", "Ansprechpartner ändern", 0, ALLOW, "smvAnsprechpartnerAendern")             \
    X(9, 2, COMMUNICATION_EDIT, "communication.edit", "Telefon/Fax/E-Mail ändern", 1, ALLOW,                           \
      "smvKommunikationAendern")                                                                                       \
    X(10, 1, CONTACT_DELETE, "contact.delete", "Ansprechpartner löschen", 0, ALLOW, "smvAnsprechpartnerLoeschen")      \
    X(10, 2, COMMUNICATION_DELETE, "communication.delete", "Telefon/Fax/E-Mail löschen", 0, ALLOW,                     \
      "smvKommunikationLoeschen")                                                                                      \
    X(11, 1, BANK_ACCOUNT_CREATE, "bank_account.create", "Kontoverbindung anlegen", 1, ALLOW,                          \
      "smvKontoverbindungAnlegen")                                                                                     \
    X(11, 2, FINANCIAL_ANALYSIS_HIDE, "financial_analysis.hide", "Finanzanalysedaten ausblenden", 0, HIDE,             \
      "smvFinanzanalysedatenAusblenden")                                                                               \
    X(12, 1, BANK_ACCOUNT_VIEW, "bank_account.view", "Kontoverbindung ansehen", 1, ALLOW, "smvKontoverbindungAnsehen") \
    X(12, 2, EXPIRY_DATE_HIDE, "expiry_date.hide", "Ablaufdatum auf Kundenkarte ausblenden", 0, HIDE,                  \
      "smvAblaufdatumAusblenden")                                                                                      \
    X(13, 1, BANK_ACCOUNT_EDIT, "bank_account.edit", "Kontoverbindung ändern", 0, ALLOW, "smvKontoverbindungAendern")  \
    X(14, 1, BANK_ACCOUNT_DELETE, "bank_account.delete", "Kontoverbindung löschen", 0, ALLOW,                          \
      "smvKontoverbindungLoeschen")                                                                                    \
    X(0, 0, ROLE_MANAGE, "role.manage", "Rollen verwalten", 0, STAFF, "smvRollenVerwalten")                            \
    X(0, 0, ACCESS_MANAGE, "access.manage", "Zugänge verwalten", 0, STAFF, "smvZugaengeVerwalten")                     \
    X(0, 0, START_SCREEN_EDIT, "start_screen.edit", "Startbildschirm anpassen", 0, STAFF,                              \
      "smvStartbildschirmAnpassen")                                                                                    \
    X(0, 0, AUDIT_LOG_VIEW, "audit_log.view", "Protokoll ansehen", 0, STAFF, "smvProtokollAnsehen")

typedef enum {
    SMV_RIGHT_NONE = -1,
#define SMV_RIGHT_ENUM(row, column, NAME, id, label, deflt, kind, attribute) SMV_RIGHT_##NAME,
    SMV_RIGHTS(SMV_RIGHT_ENUM)
#undef SMV_RIGHT_ENUM
        SMV_RIGHT_COUNT
} smv_right_e;

/* The first SMV_CUSTOMER_RIGHT_COUNT rights are the 25 of the source page; the staff attributes follow. */
#define SMV_CUSTOMER_RIGHT_COUNT SMV_RIGHT_ROLE_MANAGE

typedef struct smv_right_t {
    const char *id;        /* "contract.view": JSON API and Require smv-right */
    const char *label;     /* exact German label, also the attribute's DESC in the LDAP schema */
    const char *attribute; /* LDAP attribute type, Boolean, single-valued */
    smv_right_kind_e kind;
    int is_default;  /* granted to the role Kundenzugang of the source page */
    int row, column; /* 1-based place in the grid; 0 for staff attributes */
} smv_right_t;

/* Indexed by smv_right_e. */
extern const smv_right_t smv_rights[SMV_RIGHT_COUNT];

/* A set of rights, one bit each. */
typedef apr_uint64_t smv_rightset_t;
#define SMV_RIGHT_BIT(right) ((smv_rightset_t)1 << (right))
#define SMV_HAS_RIGHT(set, right) (((set)&SMV_RIGHT_BIT(right)) != 0)

/* @return the right named id ("contract.view"), SMV_RIGHT_NONE where there is none. id may be NULL. */
smv_right_e smv_right_by_id(const char *id);

/* @return the right of an LDAP attribute description, compared without case (RFC 4512, 2.5); SMV_RIGHT_NONE else. */
smv_right_e smv_right_by_attribute(const char *attribute);

/* @return how many rows the grid has */
int smv_right_rows(void);

/* @return the rights that let people see and change nothing: those to view and to list */
smv_rightset_t smv_rights_to_see(void);

/* @return the set of all rights of one kind. */
smv_rightset_t smv_rights_of_kind(smv_right_kind_e kind);

#endif
