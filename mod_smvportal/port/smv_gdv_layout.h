/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_gdv_layout: the layouts of GDV records, and which of them a record has.
 *
 * A record is 256 characters, counted from 1; of its type there are layouts by line of business (characters 11 to 13),
 * or general ones for the lines that have none of their own, by kind where a line has several, and by the number of the
 * partial record, each of which has a place of its own. A layout with a reason to skip it is known, but has no fields
 * but those of its header.
 *
 * Ownership: all of it lives with the catalogue that it was read from (smv_gdv_catalogue.h). Thread-safety: any thread;
 * nothing changes.
 */
#ifndef SMV_GDV_LAYOUT_H
#define SMV_GDV_LAYOUT_H

#include <apr_hash.h>
#include <apr_tables.h>

#define SMV_GDV_LENGTH 256
#define SMV_GDV_MAX_PLACES 4

#define SMV_GDV_HEAD "0001"
#define SMV_GDV_TRAILER "9999"

/* X(NAME, element of the catalogue) */
#define SMV_GDV_TYPES(X)                                                                                               \
    X(TEXT, "text")                                                                                                    \
    X(CODE, "code")                                                                                                    \
    X(NUMBER, "number")                                                                                                \
    X(DATE, "date")                                                                                                    \
    X(DECIMAL, "decimal")

typedef enum {
#define SMV_GDV_TYPE_ENUM(NAME, element) SMV_GDV_##NAME,
    SMV_GDV_TYPES(SMV_GDV_TYPE_ENUM)
#undef SMV_GDV_TYPE_ENUM
} smv_gdv_type_e;

typedef struct smv_gdv_field_t {
    const char *name;
    smv_gdv_type_e type;
    int at, length; /* first character, from 1; how many */
    int places;     /* SMV_GDV_DECIMAL: implied decimals */
    int sign;       /* SMV_GDV_DECIMAL: where its sign stands, 0 where it has none */
} smv_gdv_field_t;

typedef struct smv_gdv_layout_t {
    const char *type, *title;
    const apr_array_header_t *lines; /* const char *; NULL for all that no layout of the type names */
    const char *kinds;               /* one character each; NULL where there are no kinds */
    int kind_at;
    char number;                    /* of the partial record; 0 where it has none */
    int places[SMV_GDV_MAX_PLACES]; /* of the number; those behind the first repeat it; 0 ends them */
    const char *skip;               /* why nothing of it is needed; NULL else */
    const smv_gdv_field_t *fields;  /* those of the header, too, which skipped ones have as well */
    int field_count;
} smv_gdv_layout_t;

typedef struct smv_gdv_catalogue_t {
    const char *path;
    apr_hash_t *types; /* "0200" -> apr_array_header_t of const smv_gdv_layout_t * */
} smv_gdv_catalogue_t;

/* A record in UTF-8, cut into its characters: character n is text[start[n - 1]..start[n]). It is whole where its length
 * is SMV_GDV_LENGTH; only whole ones have a layout and values. */
typedef struct smv_gdv_line_t {
    const char *text;
    int length; /* characters, SMV_GDV_LENGTH + 1 where there are more */
    int start[SMV_GDV_LENGTH + 1];
    int bad_at;             /* first character that its character set does not have, 0 where there is none */
    unsigned char bad_byte; /* what stands there in the file */
} smv_gdv_line_t;

/* How far the search for a layout got. */
typedef enum { SMV_GDV_NO_TYPE, SMV_GDV_NO_LINE, SMV_GDV_NO_KIND, SMV_GDV_NO_NUMBER } smv_gdv_miss_e;

/* @return the character at this place, 0 where it is none of ASCII */
char smv_gdv_character(const smv_gdv_line_t *line, int at);

/* @return whether these characters, ASCII all of them, stand at this place */
int smv_gdv_stands_at(const smv_gdv_line_t *line, int at, const char *characters);

/* A blank number is that of the first part. Where numbers at several places fit, the layout wins whose repetitions fit,
 * too.
 * @param miss out: what was not found
 * @param at out: where that stands
 * @return NULL where there is none */
const smv_gdv_layout_t *smv_gdv_layout_of(const smv_gdv_catalogue_t *catalogue, const smv_gdv_line_t *line,
                                          smv_gdv_miss_e *miss, int *at);

/* @return the field of that name, NULL where the layout has none */
const smv_gdv_field_t *smv_gdv_field_of(const smv_gdv_layout_t *layout, const char *name);

#endif
