/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_template_compile: from a parsed XHTML file to operations. Shared by the smv_template files alone.
 *
 * Everything made belongs to compiler->pool. Used by one thread.
 */
#ifndef SMV_TEMPLATE_COMPILE_H
#define SMV_TEMPLATE_COMPILE_H

#include "../core/smv_error.h"
#include "smv_program.h"

#include <apr_tables.h>

#define SMV_TEMPLATE_MAX_DEPTH 64          /* elements within elements */
#define SMV_TEMPLATE_MAX_LITERAL (1 << 20) /* bytes between two values */

/* Where a value is written decides how it is escaped. */
typedef enum {
    SMV_PLACE_TEXT,    /* of an element or an attribute */
    SMV_PLACE_ELEMENT, /* all that an element has: markup may stand there, too */
    SMV_PLACE_URL
} smv_place_e;

typedef struct smv_local_t {
    const char *name;
    const smv_shape_t *shape;
} smv_local_t;

typedef struct smv_compiler_t {
    apr_array_header_t *ops; /* of smv_op_t */
    smv_buffer_t literal;    /* not yet an operation */
    const smv_shape_t *view;
    smv_local_t locals[SMV_PROGRAM_MAX_NESTED]; /* variables of the open repeats */
    int local_count;
    int depth;
    apr_hash_t *catalog; /* NULL: the source language */
    const char *file;    /* being compiled, with line: for messages */
    long line;
    const char *page_file; /* of page */
    struct _xmlNode *page; /* whose fill-slot elements fill the layout; NULL without a layout */
    int is_too_long;       /* a literal passed SMV_TEMPLATE_MAX_LITERAL */
    int filled;            /* slots filled so far */
    apr_pool_t *pool;
} smv_compiler_t;

/* Compile a page into its layout; layout NULL compiles the page alone. */
const smv_error_t *smv_compile_page(smv_compiler_t *compiler, const char *page_file, struct _xmlNode *page,
                                    const char *layout_file, struct _xmlNode *layout);

/* Make what was written into compiler->literal an operation. */
void smv_compile_flush(smv_compiler_t *compiler);

/* Append an operation. The pointer is good until the next one. */
smv_op_t *smv_compile_op(smv_compiler_t *compiler, smv_op_e kind);

/* --- expressions: smv_template_expression.c --- */

/* "page/menu", "view/firm/name", "contract/id" */
const smv_error_t *smv_compile_path(const smv_compiler_t *compiler, const char *text, smv_path_t *path);

/* A path, "code: path" (the code itself, not its label), "tr: path" (a msgid, to be translated) or, for all that an
 * element has, "structure path" (a SMV_TYPE_MARKUP). */
const smv_error_t *smv_compile_value(smv_compiler_t *compiler, const char *text, smv_place_e place);

/* Text with ${value} in it. */
const smv_error_t *smv_compile_text(smv_compiler_t *compiler, const char *text, smv_place_e place);

/* @return what follows prefix (and blanks before it) in text, NULL where text does not begin so */
const char *smv_compile_after(const char *text, const char *prefix);

/* SMV_ERROR_TEMPLATE at the file and line being compiled. */
const smv_error_t *smv_compile_fault(const smv_compiler_t *compiler, const char *what, const char *name);

#endif
