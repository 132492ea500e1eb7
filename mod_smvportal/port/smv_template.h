/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_template: XHTML files in the vocabulary of TAL and METAL, compiled once for each language by libxml2 into a flat
 * list of operations, and run into one buffer.
 *
 * The path of an expression is resolved against the shapes when the template is compiled, so that a misspelt field is
 * an error of `apachectl configtest` at file and line. There is no way to write markup from a value.
 *
 * Thread-safety: loading is done by one thread; a loaded set is immutable and run by any number of threads.
 */
#ifndef SMV_TEMPLATE_H
#define SMV_TEMPLATE_H

#include "../core/smv_error.h"
#include "../core/smv_format.h"

typedef struct smv_templates_t smv_templates_t;

typedef struct smv_templates_config_t {
    const char *folder;  /* NAME.xhtml */
    const char *overlay; /* files here go before those in folder; NULL without */
    const char *locale;  /* folder of LANGUAGE.po; German is the source language and needs none */
} smv_templates_config_t;

/* Compile every page of smv_routes, and "error", for each language.
 * @return SMV_ERROR_TEMPLATE with file, line, cause and remedy in the detail */
const smv_error_t *smv_templates_load(smv_templates_t **templates, const smv_templates_config_t *config,
                                      apr_pool_t *pool);

/* Run a page. @param page of smv_shape_page; @param view of the shape that the template was compiled against
 * @return SMV_ERROR_TEMPLATE where the buffer's limit was passed */
const smv_error_t *smv_template_run(const smv_templates_t *templates, const char *name, smv_language_e language,
                                    const smv_record_t *page, const smv_record_t *view, smv_buffer_t *out,
                                    apr_pool_t *pool);

/* @return msgid in that language, msgid itself where the catalogue has none */
const char *smv_translate(const smv_templates_t *templates, smv_language_e language, const char *msgid);

#endif
