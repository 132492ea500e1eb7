/* SPDX-License-Identifier: Apache-2.0
 *
 * From XHTML to a program: tal:content, condition, repeat and omit-tag, metal:use-macro, fill-slot and define-slot,
 * i18n:translate and attributes, ${path} with the prefixes code: and tr:.
 */
#include "smv_template.h"

#include "../core/smv_record.h"
#include "../core/smv_route.h"
#include "../core/smv_shapes.h"
#include "smv_catalog.h"
#include "smv_program.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#define TAL "http://xml.zope.org/namespaces/tal"
#define METAL "http://xml.zope.org/namespaces/metal"
#define I18N "http://xml.zope.org/namespaces/i18n"
#define MAX_DEPTH 64

struct smv_templates_t {
    apr_hash_t *programs[SMV_LANGUAGE_COUNT]; /* template name -> smv_program_t */
    apr_hash_t *catalogs[SMV_LANGUAGE_COUNT]; /* NULL for the source language */
};

typedef struct local_t {
    const char *name;
    const smv_shape_t *shape;
} local_t;

typedef struct compiler_t {
    apr_array_header_t *ops; /* of smv_op_t */
    smv_buffer_t literal;    /* not yet an operation */
    const smv_shape_t *view;
    local_t locals[SMV_PROGRAM_MAX_NESTED];
    int local_count;
    int depth;
    apr_hash_t *catalog;
    xmlNodePtr slot;  /* of the page, for the layout's define-slot */
    const char *file; /* being compiled, for messages */
    apr_pool_t *pool;
} compiler_t;

static const smv_error_t *fault(const compiler_t *compiler, const xmlNode *node, const char *what, const char *name)
{
    return smv_error(compiler->pool, SMV_ERROR_TEMPLATE, "%s:%ld: %s: %s", compiler->file, xmlGetLineNo(node), what,
                     name);
}

static smv_op_t *add_op(compiler_t *compiler, smv_op_e kind)
{
    smv_op_t *op;

    if (compiler->literal.size > 0) {
        op = apr_array_push(compiler->ops);
        *op = (smv_op_t){.kind = SMV_OP_LITERAL, .text = compiler->literal.data, .size = compiler->literal.size};
        smv_buffer_init(&compiler->literal, 256, 1 << 20, compiler->pool);
    }
    if (kind == SMV_OP_LITERAL) {
        return NULL;
    }
    op = apr_array_push(compiler->ops);
    *op = (smv_op_t){.kind = kind};
    return op;
}

static smv_op_t *op_at(const compiler_t *compiler, int index)
{
    return &APR_ARRAY_IDX(compiler->ops, index, smv_op_t);
}

/* --- expressions --- */

static const smv_shape_t *find_root(const compiler_t *compiler, const char *name, int *root)
{
    for (int i = compiler->local_count - 1; i >= 0; i--) {
        if (strcmp(compiler->locals[i].name, name) == 0) {
            *root = SMV_ROOT_LOCAL + i;
            return compiler->locals[i].shape;
        }
    }
    *root = strcmp(name, "page") == 0 ? SMV_ROOT_PAGE : SMV_ROOT_VIEW;
    return strcmp(name, "page") == 0 ? &smv_shape_page : strcmp(name, "view") == 0 ? compiler->view : NULL;
}

static const smv_error_t *compile_path(const compiler_t *compiler, const xmlNode *node, const char *text,
                                       smv_path_t *path)
{
    char *rest, *name = apr_strtok(apr_pstrdup(compiler->pool, text), "/ ", &rest);
    const smv_shape_t *shape = name ? find_root(compiler, name, &path->root) : NULL;

    path->count = 0;
    path->field = NULL;
    while (shape && (name = apr_strtok(NULL, "/ ", &rest))) {
        int field = smv_shape_field(shape, name);

        if (field < 0 || path->count == SMV_PROGRAM_MAX_STEPS) {
            return fault(compiler, node, apr_psprintf(compiler->pool, "%s has no field", shape->name), text);
        }
        path->steps[path->count++] = field;
        path->field = &shape->fields[field];
        shape = path->field->type == SMV_TYPE_RECORD ? path->field->shape : NULL;
    }
    if (!path->field || apr_strtok(NULL, "/ ", &rest)) {
        return fault(compiler, node, "no such path (page/…, view/… or a repeat variable)", text);
    }
    return NULL;
}

static const char *skip_prefix(const char *text, const char *prefix)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

static const smv_error_t *compile_value(compiler_t *compiler, const xmlNode *node, const char *text, int is_url)
{
    const char *code = skip_prefix(text, "code:"), *msgid = skip_prefix(text, "tr:");
    smv_path_t path;
    const smv_error_t *error = compile_path(compiler, node, code ? code : msgid ? msgid : text, &path);
    smv_op_t *op;

    if (error) {
        return error;
    }
    if (path.field->type == SMV_TYPE_RECORD || path.field->type == SMV_TYPE_LIST ||
        (code && path.field->type != SMV_TYPE_CODE) || (msgid && path.field->type != SMV_TYPE_TEXT)) {
        return fault(compiler, node, "this field cannot be written so", text);
    }
    op = add_op(compiler, SMV_OP_VALUE);
    op->path = path;
    /* URL paths made by the program are page_only; what comes from the store is data. */
    op->write = code                               ? SMV_WRITE_RAW_CODE
                : msgid                            ? SMV_WRITE_TRANSLATED
                : is_url && !path.field->page_only ? SMV_WRITE_URL
                                                   : SMV_WRITE_FORMATTED;
    return NULL;
}

/* Text with ${expression} in it. */
static const smv_error_t *compile_text(compiler_t *compiler, const xmlNode *node, const char *text, int is_url)
{
    const char *start;

    while ((start = strstr(text, "${"))) {
        const char *end = strchr(start, '}');
        const smv_error_t *error;

        if (!end) {
            return fault(compiler, node, "${ without }", text);
        }
        smv_buffer_html(&compiler->literal, text, (apr_size_t)(start - text));
        error = compile_value(compiler, node, apr_pstrmemdup(compiler->pool, start + 2, (apr_size_t)(end - start - 2)),
                              is_url);
        if (error) {
            return error;
        }
        text = end + 1;
    }
    smv_buffer_html(&compiler->literal, text, strlen(text));
    return NULL;
}

/* --- elements --- */

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

static const char *attribute_of(const compiler_t *compiler, xmlNodePtr node, const char *name, const char *space)
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

static const smv_error_t *check_vocabulary(const compiler_t *compiler, const xmlNode *node)
{
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;
        const char *space = attribute->ns ? (const char *)attribute->ns->href : "";
        const char *known = strcmp(space, TAL) == 0     ? "content condition repeat omit-tag"
                            : strcmp(space, METAL) == 0 ? "use-macro fill-slot define-slot"
                            : strcmp(space, I18N) == 0  ? "translate attributes"
                                                        : NULL;

        if (known && !is_one_of(name, known)) {
            return fault(compiler, node, "unknown template attribute", name);
        }
    }
    return NULL;
}

static const smv_error_t *compile_attributes(compiler_t *compiler, xmlNodePtr node)
{
    const char *translated = attribute_of(compiler, node, "attributes", I18N);

    for (xmlAttrPtr attribute = node->properties; attribute; attribute = attribute->next) {
        const char *name = (const char *)attribute->name, *value;
        const smv_error_t *error;

        if (attribute->ns && strcmp((const char *)attribute->ns->prefix, "xml") != 0) {
            continue;
        }
        value = attribute_of(compiler, node, name, attribute->ns ? (const char *)attribute->ns->href : NULL);
        if (is_one_of(name, translated)) {
            value = smv_program_translate(compiler->catalog, collapse(value, compiler->pool));
        }
        smv_buffer_puts(&compiler->literal, " ");
        smv_buffer_puts(&compiler->literal, name);
        smv_buffer_puts(&compiler->literal, "=\"");
        error = compile_text(compiler, node, value, is_one_of(name, "href src action"));
        if (error) {
            return error;
        }
        smv_buffer_puts(&compiler->literal, "\"");
    }
    return NULL;
}

/* The msgid is the text without the blanks around it, which stay. */
static const char *translate_text(const compiler_t *compiler, const char *text)
{
    apr_size_t lead = text[0] == ' ', size = strlen(text) - lead;

    size -= size > 0 && text[lead + size - 1] == ' ';
    return apr_pstrcat(compiler->pool, lead ? " " : "",
                       smv_program_translate(compiler->catalog, apr_pstrmemdup(compiler->pool, text + lead, size)),
                       text[lead + size] ? " " : "", NULL);
}

static const smv_error_t *compile_element(compiler_t *compiler, xmlNodePtr node);

static const smv_error_t *compile_children(compiler_t *compiler, xmlNodePtr parent, int is_translated)
{
    for (xmlNodePtr node = parent->children; node; node = node->next) {
        const smv_error_t *error = NULL;

        if (node->type == XML_ELEMENT_NODE) {
            error = compile_element(compiler, node);
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            const char *text = collapse((const char *)node->content, compiler->pool);

            if (is_translated && strcmp(text, " ") != 0) {
                text = translate_text(compiler, text);
            }
            error = compile_text(compiler, node, text, 0);
        } else if (node->type != XML_COMMENT_NODE) {
            error = fault(compiler, node, "only elements, text and comments belong here", "node");
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static const smv_error_t *compile_content(compiler_t *compiler, xmlNodePtr node)
{
    const char *content = attribute_of(compiler, node, "content", TAL);

    if (content) {
        return compile_value(compiler, node, content, 0);
    }
    if (attribute_of(compiler, node, "define-slot", METAL) && compiler->slot) {
        return compile_children(compiler, compiler->slot, 0);
    }
    return compile_children(compiler, node, attribute_of(compiler, node, "translate", I18N) != NULL);
}

static const smv_error_t *compile_tag(compiler_t *compiler, xmlNodePtr node)
{
    const char *name = (const char *)node->name;
    const smv_error_t *error;

    if (attribute_of(compiler, node, "omit-tag", TAL)) {
        return compile_content(compiler, node);
    }
    smv_buffer_puts(&compiler->literal, "<");
    smv_buffer_puts(&compiler->literal, name);
    error = compile_attributes(compiler, node);
    smv_buffer_puts(&compiler->literal, ">");
    if (error || is_one_of(name, "area base br col embed hr img input link meta source track wbr")) {
        return error;
    }
    error = compile_content(compiler, node);
    smv_buffer_puts(&compiler->literal, "</");
    smv_buffer_puts(&compiler->literal, name);
    smv_buffer_puts(&compiler->literal, ">");
    return error;
}

static const smv_error_t *compile_repeat(compiler_t *compiler, xmlNodePtr node, const char *repeat)
{
    char *rest, *variable = apr_strtok(apr_pstrdup(compiler->pool, repeat), " ", &rest);
    int slot = compiler->local_count, at;
    smv_path_t path;
    smv_op_t *op;
    const smv_error_t *error;

    if (slot == SMV_PROGRAM_MAX_NESTED || !variable) {
        return fault(compiler, node, "a repeat is \"variable path\", at most 4 within each other", repeat);
    }
    error = compile_path(compiler, node, rest, &path);
    if (error) {
        return error;
    }
    if (path.field->type != SMV_TYPE_LIST) {
        return fault(compiler, node, "not a list", repeat);
    }
    op = add_op(compiler, SMV_OP_REPEAT);
    op->path = path;
    op->slot = slot;
    at = compiler->ops->nelts;
    compiler->locals[compiler->local_count++] = (local_t){variable, path.field->shape};
    error = compile_tag(compiler, node);
    compiler->local_count--;
    op = add_op(compiler, SMV_OP_NEXT);
    op->slot = slot;
    op->jump = at;
    op_at(compiler, at - 1)->jump = compiler->ops->nelts;
    return error;
}

static const smv_error_t *compile_body(compiler_t *compiler, xmlNodePtr node)
{
    const char *repeat = attribute_of(compiler, node, "repeat", TAL);

    return repeat ? compile_repeat(compiler, node, repeat) : compile_tag(compiler, node);
}

static const smv_error_t *compile_element(compiler_t *compiler, xmlNodePtr node)
{
    const char *condition = attribute_of(compiler, node, "condition", TAL);
    const char *negated = condition ? skip_prefix(condition, "not:") : NULL;
    const smv_error_t *error = check_vocabulary(compiler, node);
    smv_path_t path;
    smv_op_t *op;
    int at;

    if (!error && ++compiler->depth > MAX_DEPTH) {
        error = fault(compiler, node, "elements are nested too deep", (const char *)node->name);
    }
    if (error || !condition) {
        error = error ? error : compile_body(compiler, node);
        compiler->depth--;
        return error;
    }
    error = compile_path(compiler, node, negated ? negated : condition, &path);
    if (error) {
        return error;
    }
    op = add_op(compiler, negated ? SMV_OP_UNLESS : SMV_OP_WHEN);
    op->path = path;
    at = compiler->ops->nelts - 1;
    error = compile_body(compiler, node);
    add_op(compiler, SMV_OP_LITERAL);
    op_at(compiler, at)->jump = compiler->ops->nelts;
    compiler->depth--;
    return error;
}

/* --- files --- */

static const char *find_file(const smv_templates_config_t *config, const char *name, apr_pool_t *pool)
{
    apr_finfo_t info;

    if (config->overlay) {
        const char *path = apr_psprintf(pool, "%s/%s.xhtml", config->overlay, name);

        if (apr_stat(&info, path, APR_FINFO_TYPE, pool) == APR_SUCCESS) {
            return path;
        }
    }
    return apr_psprintf(pool, "%s/%s.xhtml", config->folder, name);
}

static const smv_error_t *parse_file(xmlDocPtr *document, const char *path, apr_pool_t *pool)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    const smv_error_t *error = NULL;

    *document = parser
                    ? xmlCtxtReadFile(parser, path, NULL,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES)
                    : NULL;
    if (!*document) {
        xmlErrorPtr cause = parser ? xmlCtxtGetLastError(parser) : NULL;

        error = smv_error(pool, SMV_ERROR_TEMPLATE, "%s:%d: %s", path, cause ? cause->line : 0,
                          cause && cause->message ? apr_pstrndup(pool, cause->message, strcspn(cause->message, "\n"))
                                                  : "cannot be read");
    }
    xmlFreeParserCtxt(parser);
    return error;
}

static xmlNodePtr find_slot(xmlNodePtr node)
{
    for (; node; node = node->next) {
        xmlNodePtr found;

        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (xmlHasNsProp(node, (const xmlChar *)"fill-slot", (const xmlChar *)METAL)) {
            return node;
        }
        found = find_slot(node->children);
        if (found) {
            return found;
        }
    }
    return NULL;
}

static const smv_error_t *compile_documents(compiler_t *compiler, xmlDocPtr page, const smv_templates_config_t *config)
{
    xmlNodePtr root = xmlDocGetRootElement(page);
    const char *macro = attribute_of(compiler, root, "use-macro", METAL);
    const smv_error_t *error;
    xmlDocPtr layout;

    if (!macro) {
        return compile_element(compiler, root);
    }
    compiler->slot = find_slot(root);
    if (!compiler->slot) {
        return fault(compiler, root, "no element with metal:fill-slot", macro);
    }
    error = parse_file(&layout, find_file(config, macro, compiler->pool), compiler->pool);
    if (!error) {
        error = compile_element(compiler, xmlDocGetRootElement(layout));
        xmlFreeDoc(layout);
    }
    return error;
}

static const smv_error_t *compile_file(smv_templates_t *templates, const smv_templates_config_t *config,
                                       const char *name, const smv_shape_t *view, smv_language_e language,
                                       apr_pool_t *pool)
{
    compiler_t compiler = {.view = view, .catalog = templates->catalogs[language], .pool = pool};
    smv_program_t *program;
    xmlDocPtr document;
    const smv_error_t *error;

    compiler.file = find_file(config, name, pool);
    compiler.ops = apr_array_make(pool, 128, sizeof(smv_op_t));
    smv_buffer_init(&compiler.literal, 256, 1 << 20, pool);
    smv_buffer_puts(&compiler.literal, "<!DOCTYPE html>\n");
    error = parse_file(&document, compiler.file, pool);
    if (error) {
        return error;
    }
    error = compile_documents(&compiler, document, config);
    xmlFreeDoc(document);
    if (error) {
        return error;
    }
    add_op(&compiler, SMV_OP_LITERAL);
    program = apr_palloc(pool, sizeof *program);
    *program = (smv_program_t){(const smv_op_t *)compiler.ops->elts, compiler.ops->nelts, language, compiler.catalog};
    apr_hash_set(templates->programs[language], name, APR_HASH_KEY_STRING, program);
    return NULL;
}

static const smv_error_t *load_language(smv_templates_t *templates, const smv_templates_config_t *config,
                                        smv_language_e language, apr_pool_t *pool)
{
    const smv_error_t *error = NULL;

    templates->programs[language] = apr_hash_make(pool);
    if (language != SMV_LANGUAGE_DE) {
        error = smv_catalog_load(&templates->catalogs[language],
                                 apr_psprintf(pool, "%s/%s.po", config->locale, smv_language_tags[language]), pool);
    }
    for (int i = 0; !error && i < smv_route_count; i++) {
        if (smv_routes[i].page) {
            error = compile_file(templates, config, smv_routes[i].page, smv_routes[i].view, language, pool);
        }
    }
    return error ? error : compile_file(templates, config, "error", &smv_shape_problem_view, language, pool);
}

const smv_error_t *smv_templates_load(smv_templates_t **templates, const smv_templates_config_t *config,
                                      apr_pool_t *pool)
{
    smv_templates_t *made = apr_pcalloc(pool, sizeof *made);

    for (int language = 0; language < SMV_LANGUAGE_COUNT; language++) {
        const smv_error_t *error = load_language(made, config, (smv_language_e)language, pool);

        if (error) {
            return error;
        }
    }
    *templates = made;
    return NULL;
}

const smv_error_t *smv_template_run(const smv_templates_t *templates, const char *name, smv_language_e language,
                                    const smv_record_t *page, const smv_record_t *view, smv_buffer_t *out,
                                    apr_pool_t *pool)
{
    const smv_program_t *program = apr_hash_get(templates->programs[language], name, APR_HASH_KEY_STRING);

    if (!program) {
        return smv_error(pool, SMV_ERROR_TEMPLATE, "no template %s", name);
    }
    smv_program_run(program, page, view, out);
    return out->is_failed
               ? smv_error(pool, SMV_ERROR_TEMPLATE, "page %s passes %lu bytes", name, (unsigned long)out->limit)
               : NULL;
}

const char *smv_translate(const smv_templates_t *templates, smv_language_e language, const char *msgid)
{
    return smv_program_translate(templates->catalogs[language], msgid);
}
