/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_gdv_catalogue.h"

#include "smv_xml.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <libxml/tree.h>
#include <string.h>

#define DIGITS "0123456789"
#define DATE_LENGTH 8
#define MAX_DIGITS 18 /* of what fits 64 bits */
#define MAX_PLACES 6

/* The first error stays; what follows it is of no use. */
typedef struct reader_t {
    const char *path;
    smv_gdv_catalogue_t *catalogue;
    apr_hash_t *headers; /* name -> apr_array_header_t of smv_gdv_field_t */
    const smv_error_t *error;
    apr_pool_t *pool;
} reader_t;

static void fail(reader_t *reader, xmlNodePtr node, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fail(reader_t *reader, xmlNodePtr node, const char *format, ...)
{
    va_list arguments;

    if (reader->error) {
        return;
    }
    va_start(arguments, format);
    reader->error = smv_error(reader->pool, SMV_ERROR_CONFIGURATION, "%s:%ld: %s", reader->path,
                              node ? xmlGetLineNo(node) : 0L, apr_pvsprintf(reader->pool, format, arguments));
    va_end(arguments);
}

/* --- elements and attributes --- */

static const char *name_of(xmlNodePtr node)
{
    return (const char *)node->name;
}

static int is_named(xmlNodePtr node, const char *name)
{
    return !node->ns && strcmp(name_of(node), name) == 0;
}

/* @return the next element from this node on, NULL where there is none; anything else but comments and blanks fails */
static xmlNodePtr element_from(reader_t *reader, xmlNodePtr node)
{
    while (node && node->type != XML_ELEMENT_NODE) {
        if (node->type != XML_COMMENT_NODE && !xmlIsBlankNode(node)) {
            fail(reader, node, "there is something between the elements that is no comment");
        }
        node = node->next;
    }
    return node;
}

static int is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* @param names of the attributes that the element may have, NULL at their end */
static void allow_attributes(reader_t *reader, xmlNodePtr node, const char *const *names)
{
    for (xmlAttrPtr attribute = node->properties; attribute; attribute = attribute->next) {
        const char *name = (const char *)attribute->name;

        if (attribute->ns || !is_one_of(name, names)) {
            fail(reader, node, "<%s> has no attribute \"%s\"", name_of(node), name);
        }
    }
}

/* @return NULL where the element does not have it; an empty one fails */
static const char *attribute_of(reader_t *reader, xmlNodePtr node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    const char *copy = value ? apr_pstrdup(reader->pool, (const char *)value) : NULL;

    xmlFree(value);
    if (copy && !copy[strspn(copy, " ")]) {
        fail(reader, node, "%s of <%s> is empty", name, name_of(node));
    }
    return copy;
}

/* @return "" where it is missing, which fails */
static const char *needed(reader_t *reader, xmlNodePtr node, const char *name)
{
    const char *value = attribute_of(reader, node, name);

    if (!value) {
        fail(reader, node, "<%s> needs %s", name_of(node), name);
    }
    return value ? value : "";
}

static int is_of_digits(const char *text, apr_size_t length)
{
    return strlen(text) == length && strspn(text, DIGITS) == length;
}

/* @return the number, from 1 to maximum; 1 where it is something else, which fails */
static int number_in(reader_t *reader, xmlNodePtr node, const char *name, const char *text, int maximum)
{
    apr_size_t length = strlen(text);
    int number = length > 0 && length <= 3 && is_of_digits(text, length) ? (int)apr_atoi64(text) : 0;

    if (number < 1 || number > maximum) {
        fail(reader, node, "%s of <%s> is \"%s\", but must be a number from 1 to %d", name, name_of(node), text,
             maximum);
        return 1;
    }
    return number;
}

static int needed_number(reader_t *reader, xmlNodePtr node, const char *name, int maximum)
{
    return number_in(reader, node, name, needed(reader, node, name), maximum);
}

/* @return the words of the attribute's value, as const char * */
static apr_array_header_t *words_of(const char *value, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(const char *));
    char *rest;

    for (char *word = apr_strtok(apr_pstrdup(pool, value), " ", &rest); word; word = apr_strtok(NULL, " ", &rest)) {
        APR_ARRAY_PUSH(words, const char *) = word;
    }
    return words;
}

/* --- fields --- */

static const char *const field_elements[] = {
#define FIELD_ELEMENT(NAME, element) element,
    SMV_GDV_TYPES(FIELD_ELEMENT)
#undef FIELD_ELEMENT
};

static void read_name(reader_t *reader, xmlNodePtr node, smv_gdv_field_t *field)
{
    field->name = needed(reader, node, "name");
    if (strspn(field->name, "abcdefghijklmnopqrstuvwxyz_" DIGITS) != strlen(field->name)) {
        fail(reader, node, "the name \"%s\" is not of small letters, digits and underscores", field->name);
    }
}

static void read_decimals(reader_t *reader, xmlNodePtr node, smv_gdv_field_t *field)
{
    const char *sign = attribute_of(reader, node, "sign");

    field->places = needed_number(reader, node, "places", MAX_PLACES);
    if (sign) {
        field->sign = number_in(reader, node, "sign", sign, SMV_GDV_LENGTH);
    }
}

static void read_extent(reader_t *reader, xmlNodePtr node, smv_gdv_field_t *field)
{
    int is_number = field->type == SMV_GDV_NUMBER || field->type == SMV_GDV_DECIMAL;

    field->at = needed_number(reader, node, "at", SMV_GDV_LENGTH);
    field->length = field->type == SMV_GDV_DATE
                        ? DATE_LENGTH
                        : needed_number(reader, node, "length", is_number ? MAX_DIGITS : SMV_GDV_LENGTH);
    if (field->at + field->length - 1 > SMV_GDV_LENGTH) {
        fail(reader, node, "%s ends at %d, but a record has %d characters", field->name, field->at + field->length - 1,
             SMV_GDV_LENGTH);
    }
}

static void read_field(reader_t *reader, xmlNodePtr node, smv_gdv_field_t *field)
{
    static const char *const plain[] = {"name", "at", "length", NULL};
    static const char *const date[] = {"name", "at", NULL};
    static const char *const decimal[] = {"name", "at", "length", "places", "sign", NULL};
    size_t type = 0, types = sizeof field_elements / sizeof *field_elements;

    while (type < types && !is_named(node, field_elements[type])) {
        type++;
    }
    if (type == types) {
        fail(reader, node, "there is no <%s> here", name_of(node));
        return;
    }
    field->type = (smv_gdv_type_e)type;
    allow_attributes(reader, node,
                     field->type == SMV_GDV_DATE      ? date
                     : field->type == SMV_GDV_DECIMAL ? decimal
                                                      : plain);
    read_name(reader, node, field);
    read_extent(reader, node, field);
    if (field->type == SMV_GDV_DECIMAL) {
        read_decimals(reader, node, field);
    }
}

/* Add the fields within this element. */
static void read_fields(reader_t *reader, xmlNodePtr parent, apr_array_header_t *fields)
{
    for (xmlNodePtr node = element_from(reader, parent->children); node && !reader->error;
         node = element_from(reader, node->next)) {
        smv_gdv_field_t field = {0};

        read_field(reader, node, &field);
        if (element_from(reader, node->children)) {
            fail(reader, node, "<%s> has no elements", name_of(node));
        }
        for (int i = 0; i < fields->nelts && !reader->error; i++) {
            if (strcmp(APR_ARRAY_IDX(fields, i, smv_gdv_field_t).name, field.name) == 0) {
                fail(reader, node, "there is another field called %s", field.name);
            }
        }
        APR_ARRAY_PUSH(fields, smv_gdv_field_t) = field;
    }
}

static void read_header(reader_t *reader, xmlNodePtr node)
{
    static const char *const attributes[] = {"name", NULL};
    apr_array_header_t *fields = apr_array_make(reader->pool, 8, sizeof(smv_gdv_field_t));
    const char *name;

    allow_attributes(reader, node, attributes);
    name = needed(reader, node, "name");
    if (apr_hash_get(reader->headers, name, APR_HASH_KEY_STRING)) {
        fail(reader, node, "there is another header called %s", name);
    }
    read_fields(reader, node, fields);
    apr_hash_set(reader->headers, name, APR_HASH_KEY_STRING, fields);
}

/* --- parts --- */

static void read_places(reader_t *reader, xmlNodePtr node, smv_gdv_layout_t *layout)
{
    const apr_array_header_t *words = words_of(needed(reader, node, "at"), reader->pool);

    if (words->nelts > SMV_GDV_MAX_PLACES) {
        fail(reader, node, "a number stands at %d places at most", SMV_GDV_MAX_PLACES);
        return;
    }
    for (int i = 0; i < words->nelts; i++) {
        layout->places[i] = number_in(reader, node, "at", APR_ARRAY_IDX(words, i, const char *), SMV_GDV_LENGTH);
    }
}

static void check_places(reader_t *reader, xmlNodePtr node, const smv_gdv_layout_t *layout)
{
    for (int i = 0; i < layout->field_count; i++) {
        const smv_gdv_field_t *field = &layout->fields[i];

        for (int place = 0; place < SMV_GDV_MAX_PLACES; place++) {
            int at = layout->places[place];

            if (at >= field->at && at < field->at + field->length) {
                fail(reader, node, "%s covers the number of the part, which stands at %d", field->name, at);
            }
        }
    }
}

static int shares_line(const smv_gdv_layout_t *one, const smv_gdv_layout_t *other)
{
    if (!one->lines || !other->lines) {
        return one->lines == other->lines;
    }
    for (int i = 0; i < one->lines->nelts; i++) {
        for (int j = 0; j < other->lines->nelts; j++) {
            if (strcmp(APR_ARRAY_IDX(one->lines, i, const char *), APR_ARRAY_IDX(other->lines, j, const char *)) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* Whether some record would be of both. */
static int is_double(const smv_gdv_layout_t *one, const smv_gdv_layout_t *other)
{
    int shares_kind = one->kinds && other->kinds ? one->kind_at != other->kind_at || strpbrk(one->kinds, other->kinds)
                                                 : one->kinds == other->kinds;

    return one->number == other->number && shares_kind && shares_line(one, other);
}

static void add_layout(reader_t *reader, xmlNodePtr node, const smv_gdv_layout_t *layout)
{
    apr_hash_t *types = reader->catalogue->types;
    apr_array_header_t *layouts = apr_hash_get(types, layout->type, APR_HASH_KEY_STRING);

    if (!layouts) {
        layouts = apr_array_make(reader->pool, 4, sizeof(const smv_gdv_layout_t *));
        apr_hash_set(types, layout->type, APR_HASH_KEY_STRING, layouts);
    }
    for (int i = 0; i < layouts->nelts; i++) {
        if (is_double(APR_ARRAY_IDX(layouts, i, const smv_gdv_layout_t *), layout)) {
            fail(reader, node, "there is another such part of record %s", layout->type);
        }
    }
    APR_ARRAY_PUSH(layouts, const smv_gdv_layout_t *) = apr_pmemdup(reader->pool, layout, sizeof *layout);
}

static void read_numbers(reader_t *reader, xmlNodePtr node, smv_gdv_layout_t *layout)
{
    const apr_array_header_t *words = words_of(needed(reader, node, "number"), reader->pool);

    if (words->nelts > 1 && !layout->skip) {
        fail(reader, node, "several parts at once must have a reason to skip them");
    }
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (!is_of_digits(word, 1)) {
            fail(reader, node, "number of <part> is \"%s\", but must be of single digits", word);
        }
        layout->number = word[0];
        add_layout(reader, node, layout);
    }
}

/* @param record what its parts have in common */
static void read_part(reader_t *reader, xmlNodePtr node, const smv_gdv_layout_t *record,
                      const apr_array_header_t *header)
{
    static const char *const attributes[] = {"number", "at", "skip", NULL};
    apr_array_header_t *fields = apr_array_copy(reader->pool, header);
    smv_gdv_layout_t layout = *record;
    const char *skip = attribute_of(reader, node, "skip");

    allow_attributes(reader, node, attributes);
    read_fields(reader, node, fields);
    layout.skip = skip ? skip : record->skip;
    layout.fields = (const smv_gdv_field_t *)fields->elts;
    layout.field_count = fields->nelts;
    if (!layout.skip == (fields->nelts == header->nelts)) {
        fail(reader, node, "a part has either fields or a reason to skip it");
    }
    if (!xmlHasProp(node, (const xmlChar *)"number") && !xmlHasProp(node, (const xmlChar *)"at")) {
        add_layout(reader, node, &layout);
        return;
    }
    read_places(reader, node, &layout);
    check_places(reader, node, &layout);
    read_numbers(reader, node, &layout);
}

/* --- records --- */

static void read_lines(reader_t *reader, xmlNodePtr node, smv_gdv_layout_t *record)
{
    const char *value = attribute_of(reader, node, "line");

    record->lines = value ? words_of(value, reader->pool) : NULL;
    for (int i = 0; record->lines && i < record->lines->nelts; i++) {
        if (!is_of_digits(APR_ARRAY_IDX(record->lines, i, const char *), 3)) {
            fail(reader, node, "line of <record> is \"%s\", but must be of three digits each", value);
        }
    }
}

static void read_kinds(reader_t *reader, xmlNodePtr node, smv_gdv_layout_t *record)
{
    const char *value = attribute_of(reader, node, "kind"), *at = attribute_of(reader, node, "kind-at");
    const apr_array_header_t *words;

    if (!value != !at) {
        fail(reader, node, "<record> has kind and kind-at, or none of both");
    }
    if (!value || !at) {
        return;
    }
    record->kind_at = number_in(reader, node, "kind-at", at, SMV_GDV_LENGTH);
    record->kinds = "";
    words = words_of(value, reader->pool);
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (strlen(word) != 1 || !apr_isalnum(word[0])) {
            fail(reader, node, "kind of <record> is \"%s\", but must be of single letters or digits", value);
        }
        record->kinds = apr_pstrcat(reader->pool, record->kinds, word, NULL);
    }
}

static const apr_array_header_t *header_of(reader_t *reader, xmlNodePtr node)
{
    const char *name = attribute_of(reader, node, "header");
    const apr_array_header_t *header = name ? apr_hash_get(reader->headers, name, APR_HASH_KEY_STRING) : NULL;

    if (name && !header) {
        fail(reader, node, "there is no header called %s before it", name);
    }
    return header ? header : apr_array_make(reader->pool, 1, sizeof(smv_gdv_field_t));
}

static void read_record(reader_t *reader, xmlNodePtr node)
{
    static const char *const attributes[] = {"type", "line", "kind", "kind-at", "title", "header", "skip", NULL};
    smv_gdv_layout_t record = {.type = needed(reader, node, "type"),
                               .title = needed(reader, node, "title"),
                               .skip = attribute_of(reader, node, "skip")};
    const apr_array_header_t *header = header_of(reader, node);
    xmlNodePtr part = element_from(reader, node->children);

    allow_attributes(reader, node, attributes);
    if (!is_of_digits(record.type, 4)) {
        fail(reader, node, "type of <record> is \"%s\", but must be of four digits", record.type);
    }
    read_lines(reader, node, &record);
    read_kinds(reader, node, &record);
    if (!part) {
        fail(reader, node, "<record> has no <part>");
    }
    for (; part && !reader->error; part = element_from(reader, part->next)) {
        if (is_named(part, "part")) {
            read_part(reader, part, &record, header);
        } else {
            fail(reader, part, "there is no <%s> here", name_of(part));
        }
    }
}

/* --- the whole file --- */

static void need_field(reader_t *reader, const char *type, const char *name, smv_gdv_type_e wanted)
{
    const apr_array_header_t *layouts = apr_hash_get(reader->catalogue->types, type, APR_HASH_KEY_STRING);

    for (int i = 0; layouts && i < layouts->nelts; i++) {
        const smv_gdv_field_t *field = smv_gdv_field_of(APR_ARRAY_IDX(layouts, i, const smv_gdv_layout_t *), name);

        if (field && field->type == wanted && (wanted != SMV_GDV_DECIMAL || field->places == 2)) {
            return;
        }
    }
    fail(reader, NULL, "record %s needs a <%s name=\"%s\">%s", type, field_elements[wanted], name,
         wanted == SMV_GDV_DECIMAL ? " with 2 places" : "");
}

static void read_root(reader_t *reader, xmlNodePtr root)
{
    static const char *const none[] = {NULL};

    if (!is_named(root, "gdv-catalogue")) {
        fail(reader, root, "this is <%s>, not <gdv-catalogue>", name_of(root));
    }
    allow_attributes(reader, root, none);
    for (xmlNodePtr node = element_from(reader, root->children); node && !reader->error;
         node = element_from(reader, node->next)) {
        if (is_named(node, "header")) {
            read_header(reader, node);
        } else if (is_named(node, "record")) {
            read_record(reader, node);
        } else {
            fail(reader, node, "there is no <%s> here", name_of(node));
        }
    }
    need_field(reader, SMV_GDV_CONTRACT, SMV_GDV_NET_PREMIUM, SMV_GDV_DECIMAL);
    need_field(reader, SMV_GDV_TRAILER, SMV_GDV_RECORD_COUNT, SMV_GDV_NUMBER);
    need_field(reader, SMV_GDV_TRAILER, SMV_GDV_NET_PREMIUM_TOTAL, SMV_GDV_DECIMAL);
}

const smv_error_t *smv_gdv_catalogue_read(smv_gdv_catalogue_t **catalogue, const char *path, apr_pool_t *pool)
{
    reader_t reader = {.path = path, .headers = apr_hash_make(pool), .pool = pool};
    xmlDocPtr document;
    const smv_error_t *error = smv_xml_read(&document, path, SMV_ERROR_CONFIGURATION, pool);

    if (error) {
        return error;
    }
    *catalogue = reader.catalogue = apr_palloc(pool, sizeof **catalogue);
    **catalogue = (smv_gdv_catalogue_t){apr_pstrdup(pool, path), apr_hash_make(pool)};
    read_root(&reader, xmlDocGetRootElement(document));
    xmlFreeDoc(document);
    return reader.error;
}
