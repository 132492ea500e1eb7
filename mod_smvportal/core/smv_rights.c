/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_rights.h"

#include <string.h>
#include <strings.h>

const smv_right_t smv_rights[SMV_RIGHT_COUNT] = {
#define SMV_RIGHT_ROW(row, column, NAME, id, label, deflt, kind, attribute)                                            \
    [SMV_RIGHT_##NAME] = {id, label, attribute, SMV_KIND_##kind, deflt, row, column},
    SMV_RIGHTS(SMV_RIGHT_ROW)
#undef SMV_RIGHT_ROW
};

smv_right_e smv_right_by_id(const char *id)
{
    for (int right = 0; id && right < SMV_RIGHT_COUNT; right++) {
        if (strcmp(smv_rights[right].id, id) == 0) {
            return (smv_right_e)right;
        }
    }
    return SMV_RIGHT_NONE;
}

smv_right_e smv_right_by_attribute(const char *attribute)
{
    for (int right = 0; attribute && right < SMV_RIGHT_COUNT; right++) {
        if (strcasecmp(smv_rights[right].attribute, attribute) == 0) {
            return (smv_right_e)right;
        }
    }
    return SMV_RIGHT_NONE;
}

static int ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

smv_rightset_t smv_rights_to_see(void)
{
    smv_rightset_t set = 0;

    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        if (ends_with(smv_rights[right].id, ".view") || ends_with(smv_rights[right].id, ".list")) {
            set |= SMV_RIGHT_BIT(right);
        }
    }
    return set;
}

smv_rightset_t smv_rights_of_kind(smv_right_kind_e kind)
{
    smv_rightset_t set = 0;

    for (int right = 0; right < SMV_RIGHT_COUNT; right++) {
        if (smv_rights[right].kind == kind) {
            set |= SMV_RIGHT_BIT(right);
        }
    }
    return set;
}

int smv_right_rows(void)
{
    int last = 0;

    for (int right = 0; right < SMV_CUSTOMER_RIGHT_COUNT; right++) {
        last = smv_rights[right].row > last ? smv_rights[right].row : last;
    }
    return last;
}
