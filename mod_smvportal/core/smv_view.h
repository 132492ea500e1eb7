/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_view: what may be seen, and nothing else. Records of typed values, described by shapes.
 *
 * A shape is the one declaration of a resource: its field names in JSON, SQL and templates, their types and German
 * labels. Statements are checked against it at start, templates are compiled against it, OpenAPI is made from it.
 * A record is an array of values in the order of its shape; values point into the request pool and are not copied.
 */
#ifndef SMV_VIEW_H
#define SMV_VIEW_H

#include <apr.h>
#include <stddef.h>

#include "smv_rules.h"

typedef enum {
    SMV_TYPE_TEXT,    /* UTF-8 */
    SMV_TYPE_INTEGER, /* JSON number */
    SMV_TYPE_ID,      /* 64-bit; a string of digits in JSON */
    SMV_TYPE_BOOLEAN, /* number 0 or 1 */
    SMV_TYPE_MONEY,   /* number: cents, text: ISO 4217 code; JSON {"amount":"54.00","currency":"EUR"} */
    SMV_TYPE_DATE,    /* text, ISO 8601: 2020-03-01 */
    SMV_TYPE_TIME,    /* number: seconds since 1970 UTC; JSON RFC 3339 */
    SMV_TYPE_BYTES,   /* number: a size in bytes; JSON number */
    SMV_TYPE_CODE,    /* text: one of field->codes; JSON the code, pages its label */
    SMV_TYPE_MARKUP,  /* text: HTML of few elements, cleaned before it is kept and wherever it is written (smv_markup.h)
                       */
    SMV_TYPE_JSON,    /* text: a JSON value, written as it is; never on pages */
    SMV_TYPE_RECORD,  /* record, of field->shape */
    SMV_TYPE_LIST     /* list, of field->shape */
} smv_type_e;

typedef struct smv_code_t {
    const char *code;  /* "half_yearly"; the table ends with NULL */
    const char *label; /* German, msgid of the catalogue */
} smv_code_t;

/* How people may write a field. */
typedef struct smv_input_t {
    int maximum;              /* characters of a text */
    int is_long;              /* a text of several lines */
    int is_required;          /* a row without it is refused */
    const smv_rule_t *rule;   /* what else holds for it, NULL: nothing */
    const char *only_for;     /* kind of customers that have it: "person", "company"; NULL: both */
    const char *autocomplete; /* HTML's autofill field name; NULL: the rule's */
    const char *hint;         /* German; NULL for none */
} smv_input_t;

typedef struct smv_field_t {
    const char *name; /* English, snake_case: JSON, SQL column, template path. NULL ends the list */
    smv_type_e type;
    const char *label;               /* German; NULL where no page needs one */
    const struct smv_shape_t *shape; /* RECORD, LIST; NULL where the route's resource says it */
    const smv_code_t *codes;         /* CODE */
    int page_only;                   /* links, labels and state for pages; never in JSON nor OpenAPI */
    const smv_input_t *input;        /* NULL: nobody writes it through the portal */
    int is_listed;                   /* a column of the list of its resource */
    int is_customer;                 /* number of the customer whose data the record is, noted where staff read it */
    int is_masked;                   /* an IBAN: whole on a page of its own alone */
} smv_field_t;

typedef struct smv_shape_t {
    const char *name; /* "Contract": the schema's name in OpenAPI */
    const smv_field_t *fields;
    int count; /* fields without the end mark */
} smv_shape_t;

typedef struct smv_value_t {
    union {
        const char *text; /* NUL-terminated, size bytes without the NUL */
        const struct smv_record_t *record;
        const struct smv_list_t *list;
    } as;
    apr_int64_t number;
    apr_uint32_t size;       /* of as.text */
    apr_uint32_t is_present; /* 0: null in JSON, empty on pages, false in conditions */
} smv_value_t;

typedef struct smv_record_t {
    const smv_shape_t *shape;
    smv_value_t *values; /* shape->count */
} smv_record_t;

typedef struct smv_list_t {
    const smv_shape_t *shape;
    const smv_record_t *records;
    int count;
    const char *next; /* JSON "next": path and query of the next page below /portal/api/v1; NULL on the last */
} smv_list_t;

/* Declares a shape with its fields: SMV_SHAPE(smv_shape_customer, "Customer", {"number", SMV_TYPE_ID, "Nummer"}, …) */
#define SMV_SHAPE(variable, shape_name, ...)                                                                           \
    static const smv_field_t variable##_fields[] = {__VA_ARGS__, {.name = NULL}};                                      \
    const smv_shape_t variable = {shape_name, variable##_fields,                                                       \
                                  (int)(sizeof variable##_fields / sizeof *variable##_fields) - 1}

#endif
