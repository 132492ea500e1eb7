/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_markup.h"

#include "../core/smv_link.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#define PARSE_OPTIONS                                                                                                  \
    (HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_COMPACT)
#define MAX_DEPTH 32
#define MAX_CLEAN 65536U /* bytes */
#define BLANKS " \t\n\r\f"

typedef enum { TRANSPARENT, DROPPED, INLINE, LINK, BREAK, BLOCK, LIST, ITEM } kind_e;

typedef struct element_t {
    const char *name, *tag; /* that is read; that is written for it */
    kind_e kind;
} element_t;

static const element_t elements[] = {{"p", "p", BLOCK},         {"div", "p", BLOCK},     {"blockquote", "p", BLOCK},
                                     {"pre", "p", BLOCK},       {"h1", "h2", BLOCK},     {"h2", "h2", BLOCK},
                                     {"h3", "h2", BLOCK},       {"h4", "h2", BLOCK},     {"h5", "h2", BLOCK},
                                     {"h6", "h2", BLOCK},       {"ul", "ul", LIST},      {"ol", "ol", LIST},
                                     {"li", "li", ITEM},        {"br", "br", BREAK},     {"strong", "strong", INLINE},
                                     {"b", "strong", INLINE},   {"em", "em", INLINE},    {"i", "em", INLINE},
                                     {"a", "a", LINK},          {"script", "", DROPPED}, {"style", "", DROPPED},
                                     {"head", "", DROPPED},     {"title", "", DROPPED},  {"textarea", "", DROPPED},
                                     {"template", "", DROPPED}, {"iframe", "", DROPPED}, {"object", "", DROPPED},
                                     {"embed", "", DROPPED},    {"svg", "", DROPPED},    {"math", "", DROPPED},
                                     {"noscript", "", DROPPED}, {"select", "", DROPPED}, {"noembed", "", DROPPED},
                                     {"noframes", "", DROPPED}, {"xmp", "", DROPPED},    {"plaintext", "", DROPPED}};

/* Where the walk is: what is open decides what may come next. A block is opened by the first that stands in it, so that
 * none is empty. */
typedef struct walk_t {
    smv_buffer_t *out;
    const char *block; /* tag of the open block; NULL between them */
    const char *next;  /* tag of the one that text would open */
    int lists;         /* that are open */
    int inlines;       /* within them only text, breaks and other inlines */
    int is_in_link;
    int depth;
    int is_at_blank; /* a blank now would be one too many */
} walk_t;

static void put(walk_t *walk, const char *before, const char *tag)
{
    smv_buffer_puts(walk->out, before);
    smv_buffer_puts(walk->out, tag);
    smv_buffer_puts(walk->out, ">");
}

static void need_block(walk_t *walk)
{
    if (!walk->block) {
        walk->block = walk->next;
        put(walk, "<", walk->block);
        walk->is_at_blank = 1;
    }
}

static void close_block(walk_t *walk)
{
    if (walk->block) {
        put(walk, "</", walk->block);
        walk->block = NULL;
    }
}

static void put_break(walk_t *walk)
{
    if (walk->block) {
        smv_buffer_puts(walk->out, "<br>");
        walk->is_at_blank = 1;
    }
}

static void put_words(walk_t *walk, const char *text, apr_size_t size)
{
    need_block(walk);
    smv_buffer_html(walk->out, text, size);
    walk->is_at_blank = 0;
}

static void put_blank(walk_t *walk)
{
    if (walk->block && !walk->is_at_blank) {
        smv_buffer_puts(walk->out, " ");
        walk->is_at_blank = 1;
    }
}

/* Runs of blanks are one, and none where a line begins. */
static void write_text(walk_t *walk, const char *text)
{
    while (*text) {
        apr_size_t size = strcspn(text, BLANKS);

        if (size > 0) {
            put_words(walk, text, size);
        } else {
            size = strspn(text, BLANKS);
            put_blank(walk);
        }
        text += size;
    }
}

/* --- elements --- */

static void walk_children(walk_t *walk, xmlNodePtr parent);

static void walk_inline(walk_t *walk, xmlNodePtr node, const char *tag)
{
    need_block(walk);
    put(walk, "<", tag);
    walk->inlines++;
    walk_children(walk, node);
    walk->inlines--;
    put(walk, "</", tag);
}

static void walk_link(walk_t *walk, xmlNodePtr node)
{
    xmlChar *href = xmlGetProp(node, (const xmlChar *)"href");

    if (!href || walk->is_in_link || !smv_is_link((const char *)href)) {
        walk_children(walk, node);
    } else {
        need_block(walk);
        smv_buffer_puts(walk->out, "<a href=\"");
        smv_buffer_html(walk->out, (const char *)href, strlen((const char *)href));
        smv_buffer_puts(walk->out, "\">");
        walk->is_in_link = 1;
        walk->inlines++;
        walk_children(walk, node);
        walk->inlines--;
        walk->is_in_link = 0;
        smv_buffer_puts(walk->out, "</a>");
    }
    xmlFree(href);
}

/* A block where none may be. */
static void walk_as_words(walk_t *walk, xmlNodePtr node)
{
    put_blank(walk);
    walk_children(walk, node);
    put_blank(walk);
}

/* One block after the other, never one in another; those within an item are its words. */
static void walk_block(walk_t *walk, xmlNodePtr node, const char *tag)
{
    const char *outer = walk->next;

    if (walk->lists) {
        walk_as_words(walk, node);
        return;
    }
    close_block(walk);
    walk->next = tag;
    walk_children(walk, node);
    close_block(walk);
    walk->next = outer;
}

/* A list within a list belongs to an item of it. */
static void walk_list(walk_t *walk, xmlNodePtr node, const char *tag)
{
    const char *outer = walk->next, *item;

    if (walk->lists) {
        need_block(walk);
    } else {
        close_block(walk);
    }
    item = walk->block;
    walk->block = NULL;
    walk->next = "li";
    put(walk, "<", tag);
    walk->lists++;
    walk_children(walk, node);
    close_block(walk);
    walk->lists--;
    put(walk, "</", tag);
    walk->block = item;
    walk->next = outer;
}

static void walk_item(walk_t *walk, xmlNodePtr node)
{
    if (!walk->lists) {
        walk_block(walk, node, "p");
        return;
    }
    close_block(walk);
    walk_children(walk, node);
    close_block(walk);
}

static void walk_element(walk_t *walk, xmlNodePtr node)
{
    static const element_t unknown = {"", "", TRANSPARENT};
    const element_t *element = &unknown;

    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        element = strcmp(elements[i].name, (const char *)node->name) == 0 ? &elements[i] : element;
    }
    if (walk->inlines && element->kind >= BLOCK) {
        walk_as_words(walk, node);
        return;
    }
    switch (element->kind) {
    case DROPPED:
        break;
    case TRANSPARENT:
        walk_children(walk, node);
        break;
    case INLINE:
        walk_inline(walk, node, element->tag);
        break;
    case LINK:
        walk_link(walk, node);
        break;
    case BREAK:
        put_break(walk);
        break;
    case BLOCK:
        walk_block(walk, node, element->tag);
        break;
    case LIST:
        walk_list(walk, node, element->tag);
        break;
    case ITEM:
        walk_item(walk, node);
        break;
    }
}

static void walk_children(walk_t *walk, xmlNodePtr parent)
{
    if (walk->depth == MAX_DEPTH) {
        return;
    }
    walk->depth++;
    for (xmlNodePtr node = parent->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            walk_element(walk, node);
        } else if (node->type == XML_TEXT_NODE) {
            write_text(walk, (const char *)node->content);
        }
    }
    walk->depth--;
}

/* --- the whole text --- */

/* @return whether a browser would see more than text in it */
static int has_markup(const char *text, apr_size_t size)
{
    for (apr_size_t i = 0; i + 1 < size; i++) {
        char next = text[i + 1];

        if (text[i] == '<' && (next == '/' || next == '!' || next == '?' || (next >= 'a' && next <= 'z') ||
                               (next >= 'A' && next <= 'Z'))) {
            return 1;
        }
    }
    return 0;
}

/* An empty line ends a paragraph, any other end of a line is one. */
static void write_plain(walk_t *walk, const char *text, apr_size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *line = memchr(text, '\n', (apr_size_t)(end - text));
        apr_size_t length = (apr_size_t)((line ? line : end) - text);

        while (length > 0 && strchr(BLANKS, text[length - 1])) {
            length--;
        }
        if (length == 0) {
            close_block(walk);
        } else {
            put_break(walk);
            put_words(walk, text, length);
        }
        text = line ? line + 1 : end;
    }
    close_block(walk);
}

int smv_markup_write(smv_buffer_t *out, const char *text, apr_size_t size)
{
    walk_t walk = {.out = out, .next = "p"};
    htmlParserCtxtPtr parser;
    htmlDocPtr document;

    if (!has_markup(text, size)) {
        write_plain(&walk, text, size);
        return 1;
    }
    parser = htmlNewParserCtxt();
    document = parser ? htmlCtxtReadMemory(parser, text, (int)size, NULL, "UTF-8", PARSE_OPTIONS) : NULL;
    if (document) {
        walk_children(&walk, (xmlNodePtr)document);
        close_block(&walk);
    }
    xmlFreeDoc(document);
    htmlFreeParserCtxt(parser);
    return document != NULL;
}

const smv_error_t *smv_markup_clean(const char **clean, const char *text, apr_pool_t *pool)
{
    smv_buffer_t out;

    smv_buffer_init(&out, 1024, MAX_CLEAN, pool);
    if (!smv_markup_write(&out, text, strlen(text)) || (smv_buffer_write(&out, "", 1), out.is_failed)) {
        return smv_error(pool, SMV_ERROR_INTERNAL, "a text with markup has more than %u bytes", MAX_CLEAN);
    }
    *clean = *out.data ? out.data : NULL;
    return NULL;
}
