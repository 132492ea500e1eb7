/* SPDX-License-Identifier: Apache-2.0
 *
 * What the change log keeps of a change.
 */
#include "unit.h"

#include "../../mod_smvportal/core/smv_change.h"
#include "../../mod_smvportal/core/smv_record.h"
#include "../../mod_smvportal/core/smv_shapes.h"

#include <string.h>

static void set(const smv_record_t *row, const char *name, const char *text)
{
    row->values[smv_shape_field(row->shape, name)] = smv_text(text);
}

static smv_record_t *family_member(void)
{
    smv_record_t *row = smv_record_make(&smv_shape_family_member, unit_pool);

    row->values[0] = smv_number(5);
    row->values[1] = smv_number(10001);
    row->values[smv_resource_version_field(&smv_resources[SMV_RESOURCE_FAMILY_MEMBER])] = smv_number(3);
    set(row, "first_name", "Käthe");
    set(row, "name", "\"Kunde\"");
    set(row, "relation", "child");
    return row;
}

static void a_row_is_told_without_its_numbers(void)
{
    UNIT_WRITES("{\"first_name\":\"Käthe\",\"name\":\"\\\"Kunde\\\"\",\"relation\":\"child\"}",
                smv_change_values(&buffer, family_member(), NULL));
    UNIT_WRITES("{}", smv_change_values(&buffer, smv_record_make(&smv_shape_contact, unit_pool), NULL));
}

static void an_edit_is_told_by_what_differs(void)
{
    smv_record_t *before = family_member(), *after = family_member();

    set(after, "first_name", "Kathrin");
    set(after, "birth_date", "2020-03-01");
    after->values[smv_shape_field(after->shape, "version")] = smv_number(4);
    UNIT_WRITES("{\"first_name\":\"Käthe\",\"birth_date\":null}", smv_change_values(&buffer, before, after));
    UNIT_WRITES("{\"first_name\":\"Kathrin\",\"birth_date\":\"2020-03-01\"}",
                smv_change_values(&buffer, after, before));
    UNIT_WRITES("{}", smv_change_values(&buffer, before, family_member()));
}

static void only_what_people_write_counts_as_different(void)
{
    smv_record_t *before = family_member(), *after = family_member();

    CU_ASSERT_FALSE(smv_change_differs(before, after));
    after->values[0] = smv_number(6);
    after->values[smv_shape_field(after->shape, "version")] = smv_number(4);
    CU_ASSERT_FALSE(smv_change_differs(before, after));
    set(after, "name", "\"KUNDE\"");
    CU_ASSERT_TRUE(smv_change_differs(before, after));
    set(after, "name", "\"Kunde\"");
    CU_ASSERT_FALSE(smv_change_differs(before, after));
    set(after, "birth_date", "");
    CU_ASSERT_TRUE(smv_change_differs(before, after)); /* empty is not absent */
    set(after, "birth_date", NULL);
    set(after, "relation", NULL);
    CU_ASSERT_TRUE(smv_change_differs(before, after));
    CU_ASSERT_TRUE(smv_change_differs(after, before));
}

static void each_deed_has_the_code_of_the_log(void)
{
    const smv_field_t *kind = &smv_shape_change.fields[SMV_CHANGE_KIND];

    for (int deed = 0; deed < SMV_DEED_COUNT; deed++) {
        CU_ASSERT_STRING_EQUAL(smv_deed_codes[deed], kind->codes[deed].code);
    }
    CU_ASSERT_PTR_NULL(kind->codes[SMV_DEED_COUNT].code);
}

int suite_change(void)
{
    static CU_TestInfo tests[] = {
        {"a row is told without its numbers", a_row_is_told_without_its_numbers},
        {"an edit is told by what differs", an_edit_is_told_by_what_differs},
        {"only what people write counts as different", only_what_people_write_counts_as_different},
        {"each deed has the code of the log", each_deed_has_the_code_of_the_log},
        CU_TEST_INFO_NULL,
    };

    return unit_register("change", tests);
}
