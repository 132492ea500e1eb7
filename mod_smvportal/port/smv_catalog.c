/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_catalog.h"

#include <apr_strings.h>
#include <gettext-po.h>

/* libgettextpo reports by callbacks without a user pointer; loading is done by one thread. */
static char first_problem[512];

static void note_problem(int severity, po_message_t message, const char *filename, size_t line, size_t column,
                         int is_multiline, const char *text)
{
    (void)message, (void)column, (void)is_multiline;
    if (severity != PO_SEVERITY_WARNING && !first_problem[0]) {
        apr_snprintf(first_problem, sizeof first_problem, "%s:%lu: %s", filename ? filename : "?",
                     line == (size_t)-1 ? 0UL : (unsigned long)line, text ? text : "unreadable");
    }
}

static void note_problem_pair(int severity, po_message_t first, const char *filename, size_t line, size_t column,
                              int is_multiline, const char *text, po_message_t second, const char *second_filename,
                              size_t second_line, size_t second_column, int is_second_multiline,
                              const char *second_text)
{
    (void)second, (void)second_filename, (void)second_line, (void)second_column, (void)is_second_multiline;
    (void)second_text;
    note_problem(severity, first, filename, line, column, is_multiline, text);
}

static void read_messages(apr_hash_t *catalog, po_file_t file, apr_pool_t *pool)
{
    po_message_iterator_t iterator = po_message_iterator(file, NULL);

    for (po_message_t message = po_next_message(iterator); message; message = po_next_message(iterator)) {
        const char *id = po_message_msgid(message), *text = po_message_msgstr(message);

        if (id[0] && text[0] && !po_message_is_fuzzy(message) && !po_message_is_obsolete(message)) {
            apr_hash_set(catalog, apr_pstrdup(pool, id), APR_HASH_KEY_STRING, apr_pstrdup(pool, text));
        }
    }
    po_message_iterator_free(iterator);
}

const smv_error_t *smv_catalog_load(apr_hash_t **catalog, const char *path, apr_pool_t *pool)
{
    static const struct po_xerror_handler handler = {note_problem, note_problem_pair};
    po_file_t file;

    first_problem[0] = '\0';
    *catalog = apr_hash_make(pool);
    file = po_file_read(path, &handler);
    if (file && !first_problem[0]) {
        read_messages(*catalog, file, pool);
    }
    if (file) {
        po_file_free(file);
    }
    if (!file || first_problem[0]) {
        return smv_error(pool, SMV_ERROR_TEMPLATE, "catalogue %s: %s", path,
                         first_problem[0] ? first_problem : "cannot be read");
    }
    return NULL;
}
