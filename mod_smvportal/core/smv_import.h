/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_import: what a delivery of an insurer says of one contract and its holder, as rows of the portal, and which of
 * its values count beside what is there.
 *
 * Pure functions and values. Every value is text, as SQLite would read it: numbers in decimal, money in cents, dates in
 * ISO 8601; NULL for none.
 */
#ifndef SMV_IMPORT_H
#define SMV_IMPORT_H

#include <apr_tables.h>

#define SMV_IMPORT_MAX_FIELDS 16

/* The tables that are imported. X(NAME, table, its key) */
#define SMV_IMPORT_RESOURCES(X)                                                                                        \
    X(CUSTOMER, "customer", "number")                                                                                  \
    X(CONTRACT, "contract", "id")                                                                                      \
    X(COMMUNICATION, "communication", "id")                                                                            \
    X(BANK_ACCOUNT, "bank_account", "id")

typedef enum {
#define SMV_IMPORT_ENUM(NAME, table, key) SMV_IMPORT_##NAME,
    SMV_IMPORT_RESOURCES(SMV_IMPORT_ENUM)
#undef SMV_IMPORT_ENUM
        SMV_IMPORT_COUNT
} smv_import_e;

typedef struct smv_import_resource_t {
    const char *table, *key;
} smv_import_resource_t;

extern const smv_import_resource_t smv_import_resources[SMV_IMPORT_COUNT];

typedef struct smv_import_field_t {
    const char *column, *value;
} smv_import_field_t;

/* One row. */
typedef struct smv_import_item_t {
    smv_import_e resource;
    const char *source; /* what the delivery calls it, the same each time */
    const char *same;   /* column by whose value a row of the customer's is the same; NULL: none */
    const char *first;  /* column that counts for a new row alone; NULL: none */
    smv_import_field_t fields[SMV_IMPORT_MAX_FIELDS];
    int count;
} smv_import_item_t;

/* A contract and its holder. */
typedef struct smv_import_group_t {
    const char *policy;   /* names it; what is said of its holder is said beside it, and may differ elsewhere */
    const char *number;   /* of the customer, where the delivery knows the broker's own; NULL: not */
    const char *fallback; /* source of the customer where another person has the one that the item names */
    const char *fault;    /* why nothing of it can be taken; NULL: it can */
    apr_array_header_t *customers; /* of smv_import_item_t, at most one; first, as the others hang on it */
    apr_array_header_t *others;    /* of smv_import_item_t */
} smv_import_group_t;

/* Add a value, but for one that says nothing. */
void smv_import_add(smv_import_item_t *item, const char *column, const char *value);
/* Add a value that is none where the delivery has none any more. */
void smv_import_add_or_end(smv_import_item_t *item, const char *column, const char *value);
/* @return NULL where the item says nothing of that column */
const char *smv_import_value(const smv_import_item_t *item, const char *column);

/* @return whether two values, either of which may be none, are one */
int smv_import_is_same(const char *one, const char *other);

typedef enum {
    SMV_IMPORT_SAME, /* nothing is to be done */
    SMV_IMPORT_TAKE, /* the delivery's value goes into the row */
    SMV_IMPORT_KEEP  /* somebody changed it here: it stays, and is listed */
} smv_import_verdict_e;

/* @param before what a delivery said last @param here what the row has @param now what it says */
smv_import_verdict_e smv_import_judge(const char *before, const char *here, const char *now);

#endif
