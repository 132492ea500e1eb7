/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements of templates: tal:content, replace, condition, repeat, attributes and omit-tag, metal:use-macro, fill-slot
 * and define-slot, i18n:translate and attributes. An element of the tal: namespace itself leaves only its content.
 */
#include "smv_template_compile.h"

#include <apr_strings.h>
#include <ctype.h>
#include <libxml/tree.h>

#define TAL "http://xml.zope.org/namespaces/tal"
#define METAL "http://xml.zope.org/namespaces/metal"
#define I18N "http://xml.zope.org/namespaces/i18n"

#define VOID_ELEMENTS "area base br col embed hr img input link meta source track wbr"
#define URL_ATTRIBUTES "href src action formaction poster cite"

/* --- operations --- */

void smv_compile_flush(smv_compiler_t *compiler)
{
    smv_op_t *op;

    compiler->is_too_long |= compiler->literal.is_failed;
    if (compiler->literal.size > 0) {
        op = apr_array_push(compiler->ops);
        *op = (smv_op_t){.kind = SMV_OP_LITERAL, .text = compiler->literal.data, .size = compiler->literal.size};
        smv_buffer_init(&compiler->literal, 256, SMV_TEMPLATE_MAX_LITERAL, compiler->pool);
    }
}

smv_op_t *smv_compile_op(smv_compiler_t *compiler, smv_op_e kind)
{
    smv_op_t *op;

    smv_compile_flush(compiler);
    op = apr_array_push(compiler->ops);
    *op = (smv_op_t){.kind = kind};
    return op;
}

/* Let an operation jump to what comes next. */
static void land(smv_compiler_t *compiler, int index)
{
    smv_compile_flush(compiler);
    APR_ARRAY_IDX(compiler->ops, index, smv_op_t).jump = compiler->ops->nelts;
}

/* --- attributes --- */

static const char *attribute_of(const smv_compiler_t *compiler, xmlNodePtr node, const char *name, const char *space)
{
    xmlChar *value = space ? xmlGetNsProp(node, (const xmlChar *)name, (const xmlChar *)space)
                           : xmlGetNoNsProp(node, (const xmlChar *)name);
    const char *copy = value ? apr_pstrdup(compiler->pool, (const char *)value) : NULL;

    xmlFree(value);
    return copy;
}

static int is_one_of(const char *name, const char *words)
{
    size_t size = strlen(name);

    for (const char *at = words ? strstr(words, name) : NULL; at; at = strstr(at + 1, name)) {
        if ((at == words || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' ')) {
            return 1;
        }
    }
    return 0;
}

/* Scripts and styles are no places that a value could be escaped for, and the pages' policy refuses them anyway. */
static const smv_error_t *check_plain(const smv_compiler_t *compiler, const char *name)
{
    if (strncasecmp(name, "on", 2) == 0 || strcasecmp(name, "style") == 0 || strcasecmp(name, "srcdoc") == 0) {
        return smv_compile_fault(compiler, "no place for scripts or styles; use the style sheet", name);
    }
    return NULL;
}

/* A script of a file, without a word of its own, is one that the pages' policy lets run. */
static int is_script_of_file(const smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *source = attribute_of(compiler, node, "src", NULL);

    return strcmp((const char *)node->name, "script") == 0 && !node->children && source &&
           strncmp(source, "${page/base}/assets/", 20) == 0;
}

static const smv_error_t *check_vocabulary(const smv_compiler_t *compiler, xmlNodePtr node)
{
    const smv_error_t *error = NULL;

    if (is_one_of((const char *)node->name, "script style") && !is_script_of_file(compiler, node)) {
        return smv_compile_fault(compiler, "no place for scripts or styles; use the style sheet",
                                 (const char *)node->name);
    }
    for (const xmlAttr *attribute = node->properties; attribute && !error; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        const char *space = attribute->ns ? (const char *)attribute->ns->href : "";
        const char *known = strcmp(space, TAL) == 0     ? "content replace condition repeat attributes omit-tag"
                            : strcmp(space, METAL) == 0 ? "define-slot"
                            : strcmp(space, I18N) == 0  ? "translate attributes"
                                                        : NULL;

        if (known && !is_one_of(name, known)) {
            error = smv_compile_fault(
                compiler, apr_psprintf(compiler->pool, "no such template attribute here (known: %s)", known), name);
        } else if (!known) {
            error = check_plain(compiler, name);
        }
    }
    return error;
}

/* Runs of white space as one blank, so that msgids and pages do not depend on the layout of the file. */
static const char *collapse(const char *text, apr_pool_t *pool)
{
    char *collapsed = apr_pstrdup(pool, text), *to = collapsed;

    for (const char *from = text; *from; from++) {
        if (!isspace((unsigned char)*from)) {
            *to++ = *from;
        } else if (to == collapsed || to[-1] != ' ') {
            *to++ = ' ';
        }
    }
    *to = '\0';
    return collapsed;
}

static smv_place_e place_of(const char *attribute)
{
    return is_one_of(attribute, URL_ATTRIBUTES) ? SMV_PLACE_URL : SMV_PLACE_TEXT;
}

static void open_attribute(smv_compiler_t *compiler, const char *name)
{
    smv_buffer_puts(&compiler->literal, " ");
    smv_buffer_puts(&compiler->literal, name);
    smv_buffer_puts(&compiler->literal, "=\"");
}

/* One "name expression" of tal:attributes: left out where the value is false. */
static const smv_error_t *compile_dynamic(smv_compiler_t *compiler, const char *name, const char *expression)
{
    const char *code = smv_compile_after(expression, "code:"), *msgid = smv_compile_after(expression, "tr:");
    smv_path_t path;
    const smv_error_t *error = check_plain(compiler, name);
    int when;

    if (!error) {
        error = smv_compile_path(compiler, code ? code : msgid ? msgid : expression, &path);
    }
    if (error) {
        return error;
    }
    smv_compile_op(compiler, SMV_OP_WHEN)->path = path;
    when = compiler->ops->nelts - 1;
    open_attribute(compiler, name);
    if (path.field->type == SMV_TYPE_BOOLEAN) {
        smv_buffer_puts(&compiler->literal, name);
    } else {
        error = smv_compile_value(compiler, expression, place_of(name));
    }
    smv_buffer_puts(&compiler->literal, "\"");
    land(compiler, when);
    return error;
}

/* @param names out: the attributes' names, separated by blanks */
static const smv_error_t *compile_dynamics(smv_compiler_t *compiler, xmlNodePtr node, const char **names)
{
    const char *list = attribute_of(compiler, node, "attributes", TAL);
    const smv_error_t *error = NULL;
    char *rest, *part = list ? apr_strtok(apr_pstrdup(compiler->pool, list), ";", &rest) : NULL;

    *names = "";
    for (; part && !error; part = apr_strtok(NULL, ";", &rest)) {
        char *expression, *name = apr_strtok(part, " \t\r\n", &expression);

        if (!name) {
            continue;
        }
        *names = apr_pstrcat(compiler->pool, *names, *names[0] ? " " : "", name, NULL);
        error = compile_dynamic(compiler, name, expression);
    }
    return error;
}

static const smv_error_t *compile_attributes(smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *translated = attribute_of(compiler, node, "attributes", I18N), *dynamic;
    const smv_error_t *error = compile_dynamics(compiler, node, &dynamic);

    for (xmlAttrPtr attribute = node->properties; attribute && !error; attribute = attribute->next) {
        const char *name = (const char *)attribute->name, *value;

        if (attribute->ns || is_one_of(name, dynamic)) {
            continue;
        }
        value = attribute_of(compiler, node, name, NULL);
        if (is_one_of(name, translated)) {
            value = smv_program_translate(compiler->catalog, collapse(value, compiler->pool));
        }
        open_attribute(compiler, name);
        error = smv_compile_text(compiler, value, place_of(name));
        smv_buffer_puts(&compiler->literal, "\"");
    }
    return error;
}

/* --- content --- */

static const smv_error_t *compile_element(smv_compiler_t *compiler, xmlNodePtr node);

/* The msgid is the text without the blanks around it, which stay. */
static const char *translate_text(const smv_compiler_t *compiler, const char *text)
{
    apr_size_t lead = text[0] == ' ', size = strlen(text) - lead;

    size -= size > 0 && text[lead + size - 1] == ' ';
    return apr_pstrcat(compiler->pool, lead ? " " : "",
                       smv_program_translate(compiler->catalog, apr_pstrmemdup(compiler->pool, text + lead, size)),
                       text[lead + size] ? " " : "", NULL);
}

static const smv_error_t *compile_children(smv_compiler_t *compiler, xmlNodePtr parent, int is_translated)
{
    const smv_error_t *error = NULL;

    for (xmlNodePtr node = parent->children; node && !error; node = node->next) {
        compiler->line = xmlGetLineNo(node);
        if (node->type == XML_ELEMENT_NODE) {
            error = compile_element(compiler, node);
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            const char *text = collapse((const char *)node->content, compiler->pool);

            if (is_translated && strcmp(text, " ") != 0) {
                text = translate_text(compiler, text);
            }
            error = smv_compile_text(compiler, text, SMV_PLACE_TEXT);
        } else if (node->type != XML_COMMENT_NODE) {
            error = smv_compile_fault(compiler, "only elements, text and comments belong here",
                                      node->name ? (const char *)node->name : "node");
        }
    }
    return error;
}

static xmlNodePtr find_slot(const smv_compiler_t *compiler, const char *name)
{
    for (xmlNodePtr node = compiler->page ? compiler->page->children : NULL; node; node = node->next) {
        const char *filled = node->type == XML_ELEMENT_NODE ? attribute_of(compiler, node, "fill-slot", METAL) : NULL;

        if (filled && strcmp(filled, name) == 0) {
            return node;
        }
    }
    return NULL;
}

static const smv_error_t *compile_slot(smv_compiler_t *compiler, xmlNodePtr slot)
{
    const char *layout_file = compiler->file;
    xmlNodePtr page = compiler->page;
    const smv_error_t *error;

    compiler->file = compiler->page_file;
    compiler->page = NULL;
    error = compile_children(compiler, slot, 0);
    compiler->page = page;
    compiler->file = layout_file;
    compiler->filled++;
    return error;
}

static const smv_error_t *compile_content(smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *content = attribute_of(compiler, node, "content", TAL);
    const char *slot = attribute_of(compiler, node, "define-slot", METAL);
    xmlNodePtr filled = slot ? find_slot(compiler, slot) : NULL;

    if (content) {
        return smv_compile_value(compiler, content, SMV_PLACE_ELEMENT);
    }
    return filled ? compile_slot(compiler, filled)
                  : compile_children(compiler, node, attribute_of(compiler, node, "translate", I18N) != NULL);
}

/* --- elements --- */

static const smv_error_t *compile_tag(smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *name = (const char *)node->name, *replace = attribute_of(compiler, node, "replace", TAL);
    const smv_error_t *error;

    if (replace) {
        return smv_compile_value(compiler, replace, SMV_PLACE_TEXT);
    }
    if (attribute_of(compiler, node, "omit-tag", TAL) || (node->ns && strcmp((const char *)node->ns->href, TAL) == 0)) {
        return compile_content(compiler, node);
    }
    smv_buffer_puts(&compiler->literal, "<");
    smv_buffer_puts(&compiler->literal, name);
    error = compile_attributes(compiler, node);
    smv_buffer_puts(&compiler->literal, ">");
    if (error || is_one_of(name, VOID_ELEMENTS)) {
        return error;
    }
    error = compile_content(compiler, node);
    smv_buffer_puts(&compiler->literal, "</");
    smv_buffer_puts(&compiler->literal, name);
    smv_buffer_puts(&compiler->literal, ">");
    return error;
}

static const smv_error_t *compile_repeat(smv_compiler_t *compiler, xmlNodePtr node, const char *repeat)
{
    char *list, *variable = apr_strtok(apr_pstrdup(compiler->pool, repeat), " \t\r\n", &list);
    int slot = compiler->local_count, begin;
    smv_path_t path;
    smv_op_t *op;
    const smv_error_t *error;

    if (slot == SMV_PROGRAM_MAX_NESTED || !variable) {
        return smv_compile_fault(compiler, "a repeat is \"variable path\", at most 4 within each other", repeat);
    }
    error = smv_compile_path(compiler, list, &path);
    if (error) {
        return error;
    }
    if (path.field->type != SMV_TYPE_LIST) {
        return smv_compile_fault(compiler, "not a list", repeat);
    }
    op = smv_compile_op(compiler, SMV_OP_REPEAT);
    op->path = path;
    op->slot = slot;
    begin = compiler->ops->nelts - 1;
    compiler->locals[compiler->local_count++] = (smv_local_t){variable, path.field->shape};
    error = compile_tag(compiler, node);
    compiler->local_count--;
    op = smv_compile_op(compiler, SMV_OP_NEXT);
    op->slot = slot;
    op->jump = begin + 1;
    land(compiler, begin);
    return error;
}

static const smv_error_t *compile_repeated(smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *repeat = attribute_of(compiler, node, "repeat", TAL);

    return repeat ? compile_repeat(compiler, node, repeat) : compile_tag(compiler, node);
}

static const smv_error_t *compile_condition(smv_compiler_t *compiler, xmlNodePtr node, const char *condition)
{
    const char *negated = smv_compile_after(condition, "not:");
    smv_path_t path;
    const smv_error_t *error = smv_compile_path(compiler, negated ? negated : condition, &path);
    int when;

    if (error) {
        return error;
    }
    smv_compile_op(compiler, negated ? SMV_OP_UNLESS : SMV_OP_WHEN)->path = path;
    when = compiler->ops->nelts - 1;
    error = compile_repeated(compiler, node);
    land(compiler, when);
    return error;
}

static const smv_error_t *compile_element(smv_compiler_t *compiler, xmlNodePtr node)
{
    const char *condition = attribute_of(compiler, node, "condition", TAL);
    const smv_error_t *error;

    compiler->line = xmlGetLineNo(node);
    if (compiler->depth == SMV_TEMPLATE_MAX_DEPTH) {
        return smv_compile_fault(compiler, "elements are nested too deep", (const char *)node->name);
    }
    error = check_vocabulary(compiler, node);
    if (error) {
        return error;
    }
    compiler->depth++;
    error = condition ? compile_condition(compiler, node, condition) : compile_repeated(compiler, node);
    compiler->depth--;
    return error;
}

static int count_slots(const smv_compiler_t *compiler)
{
    int count = 0;

    for (xmlNodePtr node = compiler->page->children; node; node = node->next) {
        count += node->type == XML_ELEMENT_NODE && attribute_of(compiler, node, "fill-slot", METAL);
    }
    return count;
}

const smv_error_t *smv_compile_page(smv_compiler_t *compiler, const char *page_file, xmlNodePtr page,
                                    const char *layout_file, xmlNodePtr layout)
{
    const smv_error_t *error;

    compiler->file = layout ? layout_file : page_file;
    compiler->page_file = page_file;
    compiler->page = layout ? page : NULL;
    error = compile_element(compiler, layout ? layout : page);
    if (!error && layout && (compiler->filled == 0 || compiler->filled != count_slots(compiler))) {
        compiler->file = page_file;
        compiler->line = xmlGetLineNo(page);
        error = smv_compile_fault(compiler, "metal:fill-slot below the root must name the slots of the layout",
                                  layout_file);
    }
    smv_compile_flush(compiler);
    if (!error && compiler->is_too_long) {
        error = smv_compile_fault(compiler, "more than 1 MiB of text between two values", page_file);
    }
    return error;
}
