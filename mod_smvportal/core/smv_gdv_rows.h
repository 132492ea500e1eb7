/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv_rows: the records of one contract, as German insurers deliver them (GDV), become rows of the portal.
 *
 * Pure. Names of fields are those of conf/gdv-catalogue.xml.
 */
#ifndef SMV_GDV_ROWS_H
#define SMV_GDV_ROWS_H

#include "smv_import.h"

/* A record: its type, "0200", the number of its part, "1", "" where it has none, and the fields that say something, as
 * text. */
typedef struct smv_gdv_values_t {
    const char *type, *part;
    const smv_import_field_t *fields;
    int count;
} smv_gdv_values_t;

/* What all records of a contract share. */
typedef struct smv_gdv_contract_t {
    const char *insurer_number; /* Versicherungsunternehmen */
    const char *insurer;        /* its name, as who sends the delivery calls itself; NULL: not known */
    const char *policy_number;
} smv_gdv_contract_t;

/* @param records of smv_gdv_values_t, in their order @param group out */
void smv_gdv_rows(smv_import_group_t *group, const smv_gdv_contract_t *contract, const apr_array_header_t *records,
                  apr_pool_t *pool);

#endif
