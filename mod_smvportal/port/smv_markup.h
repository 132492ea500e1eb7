/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_markup: HTML that people wrote, read by libxml2 as a browser would and written anew from a list of what is
 * allowed: p, h2, ul, ol, li, br, strong, em and links. Nothing of what came is copied as markup: each tag written here
 * is one that this file knows, with no attribute but href, and all text is escaped. What is not allowed leaves its text
 * behind; scripts, styles and their like leave nothing.
 *
 * This is the only way to markup in a page: templates write a SMV_TYPE_MARKUP through it, wherever its value came from.
 * Thread-safety: any thread.
 */
#ifndef SMV_MARKUP_H
#define SMV_MARKUP_H

#include "../core/smv_buffer.h"
#include "../core/smv_input.h"

/* Write what is left of text. A text without markup becomes paragraphs, by its empty lines. Writing what this wrote
 * gives the same again. @return 0 where there was no memory */
int smv_markup_write(smv_buffer_t *out, const char *text, apr_size_t size);

smv_markup_fn smv_markup_clean;

#endif
