/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_resource: what people list, create, edit and delete through the portal, each declared once, in smv_resource.c.
 *
 * A resource's shape says its fields, types, limits and labels; the row here says its table, its path and its rights.
 * The pages, the forms and their checks, the SQL statements, the JSON API, the OpenAPI document and the change log are
 * made from both. Immutable data: safe to use from every thread.
 */
#ifndef SMV_RESOURCE_H
#define SMV_RESOURCE_H

#include "smv_error.h"
#include "smv_rights.h"
#include "smv_view.h"

typedef enum {
    SMV_RESOURCE_CUSTOMER,
    SMV_RESOURCE_FAMILY_MEMBER,
    SMV_RESOURCE_CONTACT,
    SMV_RESOURCE_COMMUNICATION,
    SMV_RESOURCE_BANK_ACCOUNT,
    SMV_RESOURCE_DOCUMENT, /* by actions and statements of its own */
    SMV_RESOURCE_COUNT
} smv_resource_e;

/* What holds between the fields of a whole row. @return the problems with those found behind them */
typedef const smv_problem_t *smv_check_fn(const smv_record_t *row, const smv_problem_t *problems, apr_pool_t *pool);

typedef struct smv_resource_t {
    smv_resource_e id;
    const char *name; /* of the SQL table, and in the change log: "family_member" */
    const char *path; /* in URLs: "family-members" */
    const smv_shape_t *shape;
    const char *label;                      /* German, of one row */
    smv_right_e view, create, edit, remove; /* SMV_RIGHT_NONE: nobody may through the portal */
    smv_check_fn *check;                    /* NULL: nothing */
} smv_resource_t;

/* Indexed by smv_resource_e. */
extern const smv_resource_t smv_resources[SMV_RESOURCE_COUNT];

/* @return the resource of that name, NULL where there is none */
const smv_resource_t *smv_resource_by_name(const char *name);

/* The first field of every such shape is its key. @return the index of its version */
int smv_resource_version_field(const smv_resource_t *resource);

extern const smv_rule_t smv_rule_mandate_reference; /* of SEPA: EPC AT-01 */

#endif
