/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_role: the pages and records of roles, shared by the actions about roles.
 *
 * Everything made lives as long as the request. Thread-safety: one thread of the request.
 */
#ifndef SMV_ROLE_H
#define SMV_ROLE_H

#include "smv_row_pages.h"

/* Name of a role: nothing that has a meaning in a DN, a filter or an access rule of the directory. */
extern const smv_rule_t smv_rule_role_name;

/* @return path below the base: "/roles/4294967299" */
const char *smv_role_path(const smv_call_t *call, apr_int64_t id);

/* A record of the shape, which has fields named as those of smv_shape_role: as far as it has them. */
smv_record_t *smv_role_record(const smv_shape_t *shape, const smv_role_t *role, apr_pool_t *pool);

/* What was wished for in a record of smv_shape_role_new or smv_shape_role_change, over a role as it is. */
smv_role_t smv_role_wished(const smv_record_t *record, const smv_role_t *role);

/* What the page of a role shows. */
typedef struct smv_role_page_t {
    const smv_role_entry_t *entry; /* NULL: a new one is made */
    smv_form_state_t form;         /* of smv_shape_role_new or smv_shape_role_change */
    smv_form_state_t name;         /* of smv_shape_role_name; of entry alone */
    const char *error, *notice;    /* msgids; NULL: nothing */
} smv_role_page_t;

/* smv_shape_role_view. */
const smv_error_t *smv_role_page(const smv_call_t *call, const smv_record_t **view, const smv_role_page_t *page);

/* How many have a role, in one number. */
int smv_role_accounts(const smv_role_uses_t *uses);

#endif
