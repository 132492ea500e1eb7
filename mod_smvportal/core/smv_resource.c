/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_resource.h"

#include "smv_record.h"
#include "smv_shapes.h"

#include <apr_strings.h>
#include <string.h>

static const char *check_mandate_reference(char *text, const char *today)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+?/-:().,' ";

    (void)today;
    return text[strspn(text, allowed)]
               ? "Eine Mandatsreferenz hat nur Buchstaben ohne Umlaute, Ziffern und + ? / - : ( ) . , '"
               : NULL;
}

const smv_rule_t smv_rule_mandate_reference = {"sepa-mandate-reference", "text", NULL, check_mandate_reference};

static int is_present(const smv_record_t *row, const char *name)
{
    return row->values[smv_shape_field(row->shape, name)].is_present != 0;
}

/* What a kind of communication is, its value must look like. */
static const smv_problem_t *check_communication(const smv_record_t *row, const smv_problem_t *problems,
                                                apr_pool_t *pool)
{
    smv_value_t *value = &row->values[smv_shape_field(row->shape, "value")];
    const smv_value_t *kind = &row->values[smv_shape_field(row->shape, "kind")];
    const smv_rule_t *rule;
    const char *wrong;
    char *text;

    if (!value->is_present || !kind->is_present) {
        return problems;
    }
    rule = strcmp(kind->as.text, "email") == 0 ? &smv_rule_mail : &smv_rule_phone;
    text = apr_pstrdup(pool, value->as.text); /* that of the row in the store stays as it is */
    wrong = rule->check(text, NULL);
    *value = smv_text(text);
    return wrong ? smv_problem(problems, "value", wrong, 0, pool) : problems;
}

static const smv_problem_t *check_bank_account(const smv_record_t *row, const smv_problem_t *problems, apr_pool_t *pool)
{
    int has_reference = is_present(row, "mandate_reference"), has_date = is_present(row, "mandate_date");

    if (has_reference == has_date) {
        return problems;
    }
    return smv_problem(problems, has_reference ? "mandate_date" : "mandate_reference",
                       "Ein SEPA-Mandat hat eine Referenz und ein Datum.", 0, pool);
}

const smv_resource_t smv_resources[SMV_RESOURCE_COUNT] = {
    {SMV_RESOURCE_CUSTOMER, "customer", "customers", &smv_shape_customer, "Kundenkarte", SMV_RIGHT_CUSTOMER_VIEW,
     SMV_RIGHT_NONE, SMV_RIGHT_CUSTOMER_EDIT, SMV_RIGHT_NONE, NULL},
    {SMV_RESOURCE_FAMILY_MEMBER, "family_member", "family-members", &smv_shape_family_member, "Familienmitglied",
     SMV_RIGHT_FAMILY_VIEW, SMV_RIGHT_FAMILY_CREATE, SMV_RIGHT_FAMILY_EDIT, SMV_RIGHT_FAMILY_DELETE, NULL},
    {SMV_RESOURCE_CONTACT, "contact", "contacts", &smv_shape_contact, "Ansprechpartner", SMV_RIGHT_CONTACT_VIEW,
     SMV_RIGHT_CONTACT_CREATE, SMV_RIGHT_CONTACT_EDIT, SMV_RIGHT_CONTACT_DELETE, NULL},
    {SMV_RESOURCE_COMMUNICATION, "communication", "communications", &smv_shape_communication, "Telefon/Fax/E-Mail",
     SMV_RIGHT_COMMUNICATION_VIEW, SMV_RIGHT_COMMUNICATION_CREATE, SMV_RIGHT_COMMUNICATION_EDIT,
     SMV_RIGHT_COMMUNICATION_DELETE, check_communication},
    {SMV_RESOURCE_BANK_ACCOUNT, "bank_account", "bank-accounts", &smv_shape_bank_account, "Kontoverbindung",
     SMV_RIGHT_BANK_ACCOUNT_VIEW, SMV_RIGHT_BANK_ACCOUNT_CREATE, SMV_RIGHT_BANK_ACCOUNT_EDIT,
     SMV_RIGHT_BANK_ACCOUNT_DELETE, check_bank_account},
    {SMV_RESOURCE_DOCUMENT, "document", "documents", &smv_shape_document, "Dokument", SMV_RIGHT_DOCUMENT_LIST,
     SMV_RIGHT_DOCUMENT_IMPORT, SMV_RIGHT_NONE, SMV_RIGHT_DOCUMENT_DELETE, NULL},
};

const smv_resource_t *smv_resource_by_name(const char *name)
{
    for (int i = 0; i < SMV_RESOURCE_COUNT; i++) {
        if (strcmp(smv_resources[i].name, name) == 0) {
            return &smv_resources[i];
        }
    }
    return NULL;
}

int smv_resource_version_field(const smv_resource_t *resource)
{
    return smv_shape_field(resource->shape, "version");
}
