/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_form.h"

#include "smv_buffer.h"
#include "smv_rules.h"

smv_form_t *smv_form_make(apr_pool_t *pool)
{
    smv_form_t *form = apr_pcalloc(pool, sizeof *form);

    form->sent = apr_array_make(pool, 16, sizeof(smv_sent_t));
    return form;
}

void smv_form_add(smv_form_t *form, const char *name, const char *text, apr_size_t size, smv_sent_e type)
{
    *(smv_sent_t *)apr_array_push(form->sent) = (smv_sent_t){name, text, size, type};
}

const smv_sent_t *smv_form_find(const smv_form_t *form, const char *name)
{
    for (int i = 0; form && i < form->sent->nelts; i++) {
        const smv_sent_t *sent = &APR_ARRAY_IDX(form->sent, i, smv_sent_t);

        if (strcmp(sent->name, name) == 0) {
            return sent;
        }
    }
    return NULL;
}

const char *smv_form_text(const smv_form_t *form, const char *name)
{
    const smv_sent_t *sent = smv_form_find(form, name);

    return sent && sent->type == SMV_SENT_TEXT && smv_is_utf8(sent->text, sent->size) &&
                   strlen(sent->text) == sent->size
               ? sent->text
               : NULL;
}

/* @return the bytes of the character at text, 0 where it is none */
static apr_size_t character_size(const char *text, apr_size_t size)
{
    for (apr_size_t length = 1; length <= 4 && length <= size; length++) {
        if (smv_is_utf8(text, length)) {
            return length;
        }
    }
    return 0;
}

const char *smv_form_shown(const smv_sent_t *sent, apr_size_t maximum, apr_pool_t *pool)
{
    apr_size_t at = 0;
    smv_buffer_t shown;

    smv_buffer_init(&shown, 64, maximum + 8, pool);
    while (at < sent->size && shown.size < maximum) {
        apr_size_t size = sent->text[at] ? character_size(sent->text + at, sent->size - at) : 0;

        if (size) {
            smv_buffer_write(&shown, sent->text + at, size);
        } else {
            smv_buffer_puts(&shown, "\xEF\xBF\xBD");
        }
        at += size ? size : 1;
    }
    smv_buffer_write(&shown, "", 1);
    return shown.data;
}
