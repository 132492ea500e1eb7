/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions of templates, resolved against the shapes.
 */
#include "smv_template_compile.h"

#include "../core/smv_record.h"
#include "../core/smv_shapes.h"

#include <apr_strings.h>

#define BLANKS " \t\r\n"

const smv_error_t *smv_compile_fault(const smv_compiler_t *compiler, const char *what, const char *name)
{
    return smv_error(compiler->pool, SMV_ERROR_TEMPLATE, "%s:%ld: %s: %s", compiler->file, compiler->line, what, name);
}

static const smv_error_t *unknown_root(const smv_compiler_t *compiler, const char *text)
{
    const char *known = "page, view";

    for (int i = 0; i < compiler->local_count; i++) {
        known = apr_pstrcat(compiler->pool, known, ", ", compiler->locals[i].name, NULL);
    }
    return smv_compile_fault(compiler, "no path begins so",
                             apr_psprintf(compiler->pool, "%s (known: %s)", text, known));
}

static const smv_error_t *unknown_field(const smv_compiler_t *compiler, const smv_shape_t *shape, const char *text)
{
    const char *known = shape->fields[0].name;

    for (int i = 1; i < shape->count; i++) {
        known = apr_pstrcat(compiler->pool, known, ", ", shape->fields[i].name, NULL);
    }
    return smv_compile_fault(compiler, apr_psprintf(compiler->pool, "%s has no field", shape->name),
                             apr_psprintf(compiler->pool, "%s (known: %s)", text, known));
}

static const smv_shape_t *find_root(const smv_compiler_t *compiler, const char *name, int *root)
{
    for (int i = compiler->local_count - 1; i >= 0; i--) {
        if (strcmp(compiler->locals[i].name, name) == 0) {
            *root = SMV_ROOT_LOCAL + i;
            return compiler->locals[i].shape;
        }
    }
    *root = strcmp(name, "page") == 0 ? SMV_ROOT_PAGE : SMV_ROOT_VIEW;
    return *root == SMV_ROOT_PAGE ? &smv_shape_page : strcmp(name, "view") == 0 ? compiler->view : NULL;
}

const smv_error_t *smv_compile_path(const smv_compiler_t *compiler, const char *text, smv_path_t *path)
{
    char *rest, *name = apr_strtok(apr_pstrdup(compiler->pool, text), "/" BLANKS, &rest);
    const smv_shape_t *shape = name ? find_root(compiler, name, &path->root) : NULL;

    path->count = 0;
    path->field = NULL;
    if (!shape) {
        return unknown_root(compiler, text);
    }
    while ((name = apr_strtok(NULL, "/" BLANKS, &rest))) {
        int field = shape ? smv_shape_field(shape, name) : -1;

        if (!shape || path->count == SMV_PROGRAM_MAX_STEPS) {
            return smv_compile_fault(compiler, "the path goes on behind a field without fields", text);
        }
        if (field < 0) {
            return unknown_field(compiler, shape, text);
        }
        path->steps[path->count++] = field;
        path->field = &shape->fields[field];
        shape = path->field->type == SMV_TYPE_RECORD ? path->field->shape : NULL;
    }
    return path->field ? NULL : unknown_field(compiler, shape, text);
}

const char *smv_compile_after(const char *text, const char *prefix)
{
    text += strspn(text, BLANKS);
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

/* URL paths that the program makes, whole and encoded. Whatever else comes into a URL is data, and percent-encoded:
 * then it cannot bring a scheme, a host or a query of its own. */
static int is_made_url(const smv_field_t *field)
{
    apr_size_t size = strlen(field->name);

    return field->page_only && field->type == SMV_TYPE_TEXT &&
           (strcmp(field->name, "href") == 0 || strcmp(field->name, "base") == 0 ||
            (size > 5 && strcmp(field->name + size - 5, "_href") == 0));
}

/* Markup is written as such, and nothing else is. */
static const smv_error_t *check_markup(const smv_compiler_t *compiler, const smv_field_t *field, int is_structure,
                                       smv_place_e place, const char *text)
{
    if (is_structure && (field->type != SMV_TYPE_MARKUP || place != SMV_PLACE_ELEMENT)) {
        return smv_compile_fault(compiler, "structure is for fields of markup, in tal:content", text);
    }
    if (!is_structure && field->type == SMV_TYPE_MARKUP) {
        return smv_compile_fault(compiler, "markup is written by tal:content=\"structure path\"", text);
    }
    return NULL;
}

static smv_write_e choose_write(const smv_field_t *field, const char *code, const char *msgid, smv_place_e place)
{
    if (place == SMV_PLACE_URL && !is_made_url(field)) {
        return SMV_WRITE_URL;
    }
    return code ? SMV_WRITE_RAW_CODE : msgid ? SMV_WRITE_TRANSLATED : SMV_WRITE_FORMATTED;
}

const smv_error_t *smv_compile_value(smv_compiler_t *compiler, const char *text, smv_place_e place)
{
    const char *code = smv_compile_after(text, "code:"), *msgid = smv_compile_after(text, "tr:");
    const char *markup = smv_compile_after(text, "structure ");
    smv_path_t path;
    const smv_error_t *error = smv_compile_path(compiler, code ? code : msgid ? msgid : markup ? markup : text, &path);
    smv_op_t *op;

    if (error) {
        return error;
    }
    /* A path without an error has a field. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    if (path.field->type == SMV_TYPE_RECORD || path.field->type == SMV_TYPE_LIST) {
        return smv_compile_fault(compiler, "a record or a list cannot be written; name a field of it", text);
    }
    if (code && path.field->type != SMV_TYPE_CODE) {
        return smv_compile_fault(compiler, "code: is for fields with codes", text);
    }
    if (msgid && path.field->type != SMV_TYPE_TEXT) {
        return smv_compile_fault(compiler, "tr: is for fields of text", text);
    }
    if ((error = check_markup(compiler, path.field, markup != NULL, place, text))) {
        return error;
    }
    op = smv_compile_op(compiler, SMV_OP_VALUE);
    op->path = path;
    op->write = markup ? SMV_WRITE_MARKUP : choose_write(path.field, code, msgid, place);
    return NULL;
}

const smv_error_t *smv_compile_text(smv_compiler_t *compiler, const char *text, smv_place_e place)
{
    const char *start;

    while ((start = strstr(text, "${"))) {
        const char *end = strchr(start, '}');
        const smv_error_t *error;

        if (!end) {
            return smv_compile_fault(compiler, "${ without }", text);
        }
        smv_buffer_html(&compiler->literal, text, (apr_size_t)(start - text));
        error = smv_compile_value(compiler, apr_pstrmemdup(compiler->pool, start + 2, (apr_size_t)(end - start - 2)),
                                  place);
        if (error) {
            return error;
        }
        text = end + 1;
    }
    smv_buffer_html(&compiler->literal, text, strlen(text));
    return NULL;
}
