/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_xml.h"

#include "../core/smv_buffer.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <libxml/parser.h>
#include <string.h>

#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES)
#define MAX_FILE (1 << 20) /* bytes */

/* Read by APR, since libxml2 takes a path for a URI and writes to standard error where there is no file. */
static const smv_error_t *read_file(smv_buffer_t *text, const char *path, smv_error_e code, apr_pool_t *pool)
{
    char piece[8192], reason[128];
    apr_size_t size = sizeof piece;
    apr_file_t *file;
    apr_status_t status = apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    smv_buffer_init(text, sizeof piece, MAX_FILE, pool);
    if (status == APR_SUCCESS) {
        while ((status = apr_file_read(file, piece, &size)) == APR_SUCCESS) {
            smv_buffer_write(text, piece, size);
            size = sizeof piece;
        }
        apr_file_close(file);
    }
    if (status != APR_EOF || text->is_failed) {
        return smv_error(pool, code, "%s:0: cannot be read: %s", path,
                         text->is_failed ? "it is larger than 1 MiB" : apr_strerror(status, reason, sizeof reason));
    }
    return NULL;
}

const smv_error_t *smv_xml_read(struct _xmlDoc **document, const char *path, smv_error_e code, apr_pool_t *pool)
{
    smv_buffer_t text;
    const smv_error_t *error = read_file(&text, path, code, pool);
    xmlParserCtxtPtr parser = error ? NULL : xmlNewParserCtxt();
    const xmlError *cause;

    *document = parser ? xmlCtxtReadMemory(parser, text.data, (int)text.size, NULL, NULL, PARSE_OPTIONS) : NULL;
    if (!error && !*document) {
        cause = parser ? xmlCtxtGetLastError(parser) : NULL;
        error = smv_error(pool, code, "%s:%d: %s", path, cause ? cause->line : 0,
                          cause && cause->message ? apr_pstrndup(pool, cause->message, strcspn(cause->message, "\n"))
                                                  : "out of memory");
    } else if (*document && xmlGetIntSubset(*document)) {
        error = smv_error(pool, code, "%s:1: no <!DOCTYPE is allowed; remove it", path);
        xmlFreeDoc(*document);
    }
    xmlFreeParserCtxt(parser);
    return error;
}
