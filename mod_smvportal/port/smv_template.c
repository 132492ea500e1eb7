/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of templates: finding, reading and keeping them.
 */
#include "smv_template.h"

#include "../core/smv_route.h"
#include "../core/smv_shapes.h"
#include "smv_catalog.h"
#include "smv_template_compile.h"
#include "smv_xml.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <libxml/tree.h>

#define METAL "http://xml.zope.org/namespaces/metal"

struct smv_templates_t {
    apr_hash_t *programs[SMV_LANGUAGE_COUNT]; /* template name -> smv_program_t */
    apr_hash_t *catalogs[SMV_LANGUAGE_COUNT]; /* NULL for the source language */
};

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

static const smv_error_t *find_layout(const char **macro, xmlNodePtr page, const char *path, apr_pool_t *pool)
{
    xmlChar *name = xmlGetNsProp(page, (const xmlChar *)"use-macro", (const xmlChar *)METAL);
    const char *copy = name ? apr_pstrdup(pool, (const char *)name) : NULL;

    xmlFree(name);
    *macro = copy;
    if (copy && (!copy[0] || strspn(copy, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(copy))) {
        return smv_error(pool, SMV_ERROR_TEMPLATE, "%s:%ld: metal:use-macro is the name of a template file: %s", path,
                         xmlGetLineNo(page), copy);
    }
    return NULL;
}

static const smv_error_t *compile_document(smv_compiler_t *compiler, const smv_templates_config_t *config,
                                           const char *path, xmlNodePtr page)
{
    const char *macro, *layout_path;
    const smv_error_t *error = find_layout(&macro, page, path, compiler->pool);
    xmlDocPtr layout;

    if (error || !macro) {
        return error ? error : smv_compile_page(compiler, path, page, NULL, NULL);
    }
    layout_path = find_file(config, macro, compiler->pool);
    error = smv_xml_read(&layout, layout_path, SMV_ERROR_TEMPLATE, compiler->pool);
    if (!error) {
        error = smv_compile_page(compiler, path, page, layout_path, xmlDocGetRootElement(layout));
        xmlFreeDoc(layout);
    }
    return error;
}

static const smv_error_t *compile_file(smv_templates_t *templates, const smv_templates_config_t *config,
                                       const char *name, const smv_shape_t *view, smv_language_e language,
                                       apr_pool_t *pool)
{
    smv_compiler_t compiler = {.view = view, .catalog = templates->catalogs[language], .pool = pool};
    const char *path = find_file(config, name, pool);
    smv_program_t *program;
    xmlDocPtr document;
    const smv_error_t *error = smv_xml_read(&document, path, SMV_ERROR_TEMPLATE, pool);

    if (error) {
        return error;
    }
    compiler.ops = apr_array_make(pool, 128, sizeof(smv_op_t));
    smv_buffer_init(&compiler.literal, 256, SMV_TEMPLATE_MAX_LITERAL, pool);
    smv_buffer_puts(&compiler.literal, "<!DOCTYPE html>\n");
    error = compile_document(&compiler, config, path, xmlDocGetRootElement(document));
    xmlFreeDoc(document);
    if (error) {
        return error;
    }
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
