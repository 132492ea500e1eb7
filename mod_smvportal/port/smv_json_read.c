/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_json_read.h"

#include <apr_strings.h>
#include <jansson.h>

static void add_member(smv_form_t *form, const char *name, const json_t *value, apr_pool_t *pool)
{
    const char *copy = apr_pstrdup(pool, name);

    if (json_is_string(value)) {
        apr_size_t size = json_string_length(value);

        smv_form_add(form, copy, apr_pstrmemdup(pool, json_string_value(value), size), size, SMV_SENT_TEXT);
    } else if (json_is_null(value)) {
        smv_form_add(form, copy, "", 0, SMV_SENT_NULL);
    } else if (json_is_boolean(value)) {
        const char *text = json_is_true(value) ? "true" : "false";

        smv_form_add(form, copy, text, strlen(text), SMV_SENT_BOOLEAN);
    } else {
        smv_form_add(form, copy, "", 0, SMV_SENT_OTHER);
    }
}

static const smv_error_t *refuse(const char *text, apr_pool_t *pool)
{
    return smv_error_invalid(smv_problem(NULL, "", text, 0, pool), pool);
}

const smv_error_t *smv_json_read(smv_form_t **form, const char *text, apr_size_t size, apr_pool_t *pool)
{
    json_error_t fault;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
    const smv_error_t *error = NULL;
    const char *name;
    json_t *value;

    *form = smv_form_make(pool);
    (*form)->is_json = 1;
    if (!json_is_object(root)) {
        error = refuse("Das ist kein JSON-Objekt, oder es ist nicht gültig.", pool);
    } else if (json_object_size(root) > SMV_FORM_MAX_FIELDS) {
        error = refuse("Das JSON-Objekt hat zu viele Felder.", pool);
    }
    if (!error) {
        json_object_foreach(root, name, value)
        {
            add_member(*form, name, value, pool);
        }
    }
    json_decref(root);
    return error;
}
