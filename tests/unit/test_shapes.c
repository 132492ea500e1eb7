/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapes: the numbers of fields that the code names are those of the declaration.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"

static void shapes_and_their_numbers_agree(void)
{
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_customer, "city"), SMV_CUSTOMER_CITY);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_change, "done_by"), SMV_CHANGE_DONE_BY);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_change_value, "new"), SMV_CHANGE_VALUE_NEW);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_reading, "channel"), SMV_READING_CHANNEL);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_cell, "is_empty"), SMV_CELL_IS_EMPTY);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_contract, "document_count"), SMV_CONTRACT_DOCUMENT_COUNT);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_document, "content_hash"), SMV_DOCUMENT_CONTENT_HASH);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_unassigned_document, "reason"), SMV_UNASSIGNED_REASON);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_unassigned_document, "content_hash"), SMV_UNASSIGNED_CONTENT_HASH);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_assignment, "kind"), SMV_ASSIGNMENT_KIND);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_communication, "value"), SMV_COMMUNICATION_VALUE);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_ending, "end_date"), SMV_ENDING_DATE);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_customer_line, "href"), SMV_CUSTOMER_LINE_HREF);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_firm, "name"), SMV_FIRM_NAME);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_firm, "publication"), SMV_FIRM_PUBLICATION);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_start_screen, "logo_size"), SMV_SCREEN_LOGO_SIZE);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_start_screen, "welcome_title"), SMV_SCREEN_FIRST_INPUT);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_page, "privacy_href"), SMV_PAGE_PRIVACY_HREF);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_page, "menu"), SMV_PAGE_MENU);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_tile, "href"), SMV_TILE_HREF);
    CU_ASSERT_EQUAL(smv_shape_field(&smv_shape_tile, "nothing"), -1);
}

int suite_shapes(void)
{
    static CU_TestInfo tests[] = {{"shapes and their numbers agree", shapes_and_their_numbers_agree},
                                  CU_TEST_INFO_NULL};

    return unit_register("shapes", tests);
}
