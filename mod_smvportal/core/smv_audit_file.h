/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_audit_file: the audit log as a file for other programs, and the days that it is asked for by.
 *
 * Ownership: the buffer's. Thread-safety: any thread, one a buffer.
 */
#ifndef SMV_AUDIT_FILE_H
#define SMV_AUDIT_FILE_H

#include "smv_buffer.h"
#include "smv_error.h"
#include "smv_view.h"

#define SMV_AUDIT_DAY ((apr_int64_t)86400) /* seconds */

/* @return the second in which the day begins here; -1 where that is no date */
apr_int64_t smv_audit_day(const char *date);

/* CSV by RFC 4180: the names of smv_shape_audit, and then rows of it, in as many pieces as there are. */
void smv_audit_csv_head(smv_buffer_t *csv);
const smv_error_t *smv_audit_csv_rows(smv_buffer_t *csv, const smv_list_t *list, apr_pool_t *pool);

#endif
