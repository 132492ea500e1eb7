/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_csv: rows of a CSV text (RFC 4180), whose values are separated by commas, semicolons or tabs: by whichever its
 * first line has most of, outside of quotes.
 *
 * Lines end with LF, CRLF or CR. A value in quotes may have any of them, and a quote that is written twice. Lines
 * without any character are no rows.
 * Ownership: the pool's; the text is not changed and must live as long. Thread-safety: one thread.
 */
#ifndef SMV_CSV_H
#define SMV_CSV_H

#include <apr_tables.h>

typedef struct smv_csv_t {
    const char *at, *end; /* what is not read yet */
    char separator;
    apr_int64_t line; /* of `at`, from 1 */
} smv_csv_t;

typedef struct smv_csv_row_t {
    apr_int64_t line;           /* where it begins */
    apr_array_header_t *values; /* of const char *, blanks around them cut off where they are not in quotes;
                                   none counts with a fault */
    const char *fault;          /* English; NULL: none */
} smv_csv_row_t;

/* @param text may begin with a byte order mark */
void smv_csv_open(smv_csv_t *csv, const char *text, apr_size_t size);

/* @return 0 at the end of the text */
int smv_csv_next(smv_csv_t *csv, smv_csv_row_t *row, apr_pool_t *pool);

#endif
