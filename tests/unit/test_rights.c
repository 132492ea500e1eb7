/* SPDX-License-Identifier: Apache-2.0
 *
 * The rights against the two-column grid of "Rolle bearbeiten", written down here a second time on purpose.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_rights.h"

#include <ctype.h>

/* clang-format off */
static const smv_right_t grid[] = {
    /* id, label, attribute, kind, default, row, column */
    {"customer.view", "Kundendaten ansehen", "smvKundendatenAnsehen", SMV_KIND_ALLOW, 1, 1, 1},
    {"contract.view", "Vertragsdaten ansehen", "smvVertragsdatenAnsehen", SMV_KIND_ALLOW, 1, 1, 2},
    {"customer.edit", "Kundendaten ändern", "smvKundendatenAendern", SMV_KIND_ALLOW, 1, 2, 1},
    {"document.list", "Dokumente auflisten", "smvDokumenteAuflisten", SMV_KIND_ALLOW, 1, 3, 1},
    {"family.create", "Familienmitglieder anlegen", "smvFamilienmitgliederAnlegen", SMV_KIND_ALLOW, 1, 3, 2},
    {"document.import", "Dokumente importieren", "smvDokumenteImportieren", SMV_KIND_ALLOW, 1, 4, 1},
    {"family.view", "Familienmitglieder ansehen", "smvFamilienmitgliederAnsehen", SMV_KIND_ALLOW, 1, 4, 2},
    {"document.view", "Dokumente anzeigen", "smvDokumenteAnzeigen", SMV_KIND_ALLOW, 1, 5, 1},
    {"family.edit", "Familienmitglieder ändern", "smvFamilienmitgliederAendern", SMV_KIND_ALLOW, 1, 5, 2},
    {"document.delete", "Dokumente löschen", "smvDokumenteLoeschen", SMV_KIND_ALLOW, 0, 6, 1},
    {"family.delete", "Familienmitglieder löschen", "smvFamilienmitgliederLoeschen", SMV_KIND_ALLOW, 0, 6, 2},
    {"contact.create", "Ansprechpartner anlegen", "smvAnsprechpartnerAnlegen", SMV_KIND_ALLOW, 1, 7, 1},
    {"communication.create", "Telefon/Fax/E-Mail anlegen", "smvKommunikationAnlegen", SMV_KIND_ALLOW, 1, 7, 2},
    {"contact.view", "Ansprechpartner ansehen", "smvAnsprechpartnerAnsehen", SMV_KIND_ALLOW, 1, 8, 1},
    {"communication.view", "Telefon/Fax/E-Mail ansehen", "smvKommunikationAnsehen", SMV_KIND_ALLOW, 1, 8, 2},
    {"contact.edit", "Ansprechpartner ändern", "smvAnsprechpartnerAendern", SMV_KIND_ALLOW, 0, 9, 1},
    {"communication.edit", "Telefon/Fax/E-Mail ändern", "smvKommunikationAendern", SMV_KIND_ALLOW, 1, 9, 2},
    {"contact.delete", "Ansprechpartner löschen", "smvAnsprechpartnerLoeschen", SMV_KIND_ALLOW, 0, 10, 1},
    {"communication.delete", "Telefon/Fax/E-Mail löschen", "smvKommunikationLoeschen", SMV_KIND_ALLOW, 0, 10, 2},
    {"bank_account.create", "Kontoverbindung anlegen", "smvKontoverbindungAnlegen", SMV_KIND_ALLOW, 1, 11, 1},
    {"financial_analysis.hide", "Finanzanalysedaten ausblenden", "smvFinanzanalysedatenAusblenden", SMV_KIND_HIDE, 0, 11, 2},
    {"bank_account.view", "Kontoverbindung ansehen", "smvKontoverbindungAnsehen", SMV_KIND_ALLOW, 1, 12, 1},
    {"expiry_date.hide", "Ablaufdatum auf Kundenkarte ausblenden", "smvAblaufdatumAusblenden", SMV_KIND_HIDE, 0, 12, 2},
    {"bank_account.edit", "Kontoverbindung ändern", "smvKontoverbindungAendern", SMV_KIND_ALLOW, 0, 13, 1},
    {"bank_account.delete", "Kontoverbindung löschen", "smvKontoverbindungLoeschen", SMV_KIND_ALLOW, 0, 14, 1},
};
/* clang-format on */

static void the_25_rights_are_those_of_the_grid(void)
{
    CU_ASSERT_EQUAL_FATAL(sizeof grid / sizeof *grid, 25);
    CU_ASSERT_EQUAL_FATAL(SMV_CUSTOMER_RIGHT_COUNT, 25);
    for (int i = 0; i < SMV_CUSTOMER_RIGHT_COUNT; i++) {
        CU_ASSERT_STRING_EQUAL(smv_rights[i].id, grid[i].id);
        CU_ASSERT_STRING_EQUAL(smv_rights[i].label, grid[i].label);
        CU_ASSERT_STRING_EQUAL(smv_rights[i].attribute, grid[i].attribute);
        CU_ASSERT_EQUAL(smv_rights[i].kind, grid[i].kind);
        CU_ASSERT_EQUAL(smv_rights[i].is_default, grid[i].is_default);
        CU_ASSERT_EQUAL(smv_rights[i].row, grid[i].row);
        CU_ASSERT_EQUAL(smv_rights[i].column, grid[i].column);
    }
}

static void staff_attributes_follow_outside_of_the_grid(void)
{
    static const char *const attributes[] = {"smvRollenVerwalten", "smvZugaengeVerwalten", "smvStartbildschirmAnpassen",
                                             "smvProtokollAnsehen"};

    CU_ASSERT_EQUAL_FATAL(SMV_RIGHT_COUNT, SMV_CUSTOMER_RIGHT_COUNT + 4);
    for (int i = 0; i < 4; i++) {
        const smv_right_t *right = &smv_rights[SMV_CUSTOMER_RIGHT_COUNT + i];

        CU_ASSERT_STRING_EQUAL(right->attribute, attributes[i]);
        CU_ASSERT_EQUAL(right->kind, SMV_KIND_STAFF);
        CU_ASSERT_FALSE(right->is_default);
        CU_ASSERT_EQUAL(right->row, 0);
        CU_ASSERT_EQUAL(right->column, 0);
    }
}

static void a_name_in_c_is_the_id_in_capitals(void)
{
#define SMV_RIGHT_NAME(row, column, NAME, id, label, deflt, kind, attribute) #NAME,
    static const char *const names[] = {SMV_RIGHTS(SMV_RIGHT_NAME)};

    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        const char *id = smv_rights[i].id;

        CU_ASSERT_EQUAL_FATAL(strlen(names[i]), strlen(id));
        for (size_t at = 0; id[at]; at++) {
            CU_ASSERT_EQUAL(names[i][at], id[at] == '.' ? '_' : toupper((unsigned char)id[at]));
        }
    }
}

static void rights_are_found_by_both_names(void)
{
    for (int i = 0; i < SMV_RIGHT_COUNT; i++) {
        CU_ASSERT_EQUAL((int)smv_right_by_id(smv_rights[i].id), i);
        CU_ASSERT_EQUAL((int)smv_right_by_attribute(smv_rights[i].attribute), i);
    }
    CU_ASSERT_EQUAL(smv_right_by_attribute("SMVDOKUMENTEANZEIGEN"), SMV_RIGHT_DOCUMENT_VIEW);
    CU_ASSERT_EQUAL(smv_right_by_id("Contract.View"), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_id("contract.vie"), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_id(""), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_id(NULL), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_attribute("smvDokumenteAnzeigen;lang-de"), SMV_RIGHT_NONE);
    CU_ASSERT_EQUAL(smv_right_by_attribute(NULL), SMV_RIGHT_NONE);
}

static void each_right_is_of_one_kind(void)
{
    smv_rightset_t allow = smv_rights_of_kind(SMV_KIND_ALLOW), hide = smv_rights_of_kind(SMV_KIND_HIDE),
                   staff = smv_rights_of_kind(SMV_KIND_STAFF);

    CU_ASSERT_EQUAL(hide, SMV_RIGHT_BIT(SMV_RIGHT_FINANCIAL_ANALYSIS_HIDE) | SMV_RIGHT_BIT(SMV_RIGHT_EXPIRY_DATE_HIDE));
    CU_ASSERT_EQUAL(allow & hide, 0);
    CU_ASSERT_EQUAL((allow | hide) & staff, 0);
    CU_ASSERT_EQUAL(allow | hide | staff, SMV_RIGHT_BIT(SMV_RIGHT_COUNT) - 1);
}

int suite_rights(void)
{
    static CU_TestInfo tests[] = {
        {"the 25 rights are those of the grid", the_25_rights_are_those_of_the_grid},
        {"staff attributes follow, outside of the grid", staff_attributes_follow_outside_of_the_grid},
        {"a name in C is the id in capitals", a_name_in_c_is_the_id_in_capitals},
        {"rights are found by id and by attribute", rights_are_found_by_both_names},
        {"each right is of one kind", each_right_is_of_one_kind},
        CU_TEST_INFO_NULL,
    };

    return unit_register("rights", tests);
}
