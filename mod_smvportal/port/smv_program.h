/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_program: a template after compiling: a flat list of operations, run into one buffer.
 *
 * Immutable once compiled; any number of threads may run it.
 */
#ifndef SMV_PROGRAM_H
#define SMV_PROGRAM_H

#include "../core/smv_buffer.h"
#include "../core/smv_format.h"

#include <apr_hash.h>

#define SMV_PROGRAM_MAX_STEPS 4  /* names after the root in a path */
#define SMV_PROGRAM_MAX_NESTED 4 /* repeats within repeats */

typedef enum { SMV_OP_LITERAL, SMV_OP_VALUE, SMV_OP_UNLESS, SMV_OP_WHEN, SMV_OP_REPEAT, SMV_OP_NEXT } smv_op_e;

/* How a value is written. */
typedef enum {
    SMV_WRITE_FORMATTED,  /* by its type, in the language; escaped for HTML text and quoted attributes */
    SMV_WRITE_RAW_CODE,   /* a code itself, for class names; escaped for HTML */
    SMV_WRITE_TRANSLATED, /* a msgid, in the language; escaped for HTML */
    SMV_WRITE_MARKUP,     /* elements, as far as smv_markup lets them through */
    SMV_WRITE_URL         /* part of a URL path, percent-encoded */
} smv_write_e;

enum { SMV_ROOT_PAGE, SMV_ROOT_VIEW, SMV_ROOT_LOCAL }; /* SMV_ROOT_LOCAL + n: variable of the n-th open repeat */

typedef struct smv_path_t {
    int root;
    int steps[SMV_PROGRAM_MAX_STEPS]; /* index of the field in each record on the way */
    int count;
    const smv_field_t *field; /* the last one */
} smv_path_t;

typedef struct smv_op_t {
    smv_op_e kind;
    smv_write_e write;
    const char *text; /* LITERAL */
    apr_size_t size;
    smv_path_t path;
    int jump; /* UNLESS, WHEN, REPEAT: to here when skipped; NEXT: back to the body */
    int slot; /* REPEAT, NEXT: which open repeat */
} smv_op_t;

typedef struct smv_program_t {
    const smv_op_t *ops;
    int count;
    smv_language_e language;
    apr_hash_t *catalog; /* NULL: the source language */
} smv_program_t;

void smv_program_run(const smv_program_t *program, const smv_record_t *page, const smv_record_t *view,
                     smv_buffer_t *out);

/* @return the translation of msgid in catalog (may be NULL), msgid itself where there is none */
const char *smv_program_translate(apr_hash_t *catalog, const char *msgid);

#endif
