/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_delivered: a document that an insurer or the firm delivers, as the delivery describes it, and whose it is.
 *
 * Pure functions and values. Whose a document is decides who reads it: what is not certain is nobody's, and waits for
 * somebody who knows.
 */
#ifndef SMV_DELIVERED_H
#define SMV_DELIVERED_H

#include <apr_pools.h>

/* Texts are in the words of the delivery; NULL where it says nothing. */
typedef struct smv_delivered_t {
    const char *name;     /* of the file, as people are to see it */
    const char *title;    /* what it is */
    const char *kind;     /* a code of smv_shape_document's kind */
    const char *date;     /* ISO 8601 */
    const char *customer; /* the firm's number of its customer */
    const char *contract; /* a policy number */
    const char *insurer;  /* a name; or, of digits alone, a number (VU-Nummer) */
    int has_several;      /* contract has several numbers, and it is about all of them */
} smv_delivered_t;

/* @return whose it is in the words of the delivery, as a JSON object, in the pool */
const char *smv_delivered_said(const smv_delivered_t *document, apr_pool_t *pool);

/* Why a document is nobody's yet. X(NAME, code, German) */
#define SMV_UNASSIGNED_REASONS(X)                                                                                      \
    X(NOTHING_SAID, "nothing_said", "Die Lieferung nennt weder Kunde noch Vertrag.")                                   \
    X(UNKNOWN_CUSTOMER, "unknown_customer", "Einen Kunden mit dieser Nummer gibt es nicht.")                           \
    X(UNKNOWN_CONTRACT, "unknown_contract", "Einen Vertrag mit dieser Nummer gibt es nicht.")                          \
    X(NO_INSURER, "no_insurer", "Die Lieferung nennt keine Gesellschaft, und mehrere vergeben dieselben Nummern.")     \
    X(OTHER_INSURER, "other_insurer", "Den Vertrag mit dieser Nummer gibt es nur bei einer anderen Gesellschaft.")     \
    X(OTHER_CUSTOMER, "other_customer", "Der Vertrag mit dieser Nummer gehört einem anderen Kunden.")                  \
    X(AMBIGUOUS, "ambiguous", "Was die Lieferung nennt, passt auf mehrere Kunden oder Verträge.")

typedef enum {
    SMV_OWNER_FOUND,
#define SMV_OWNER_ENUM(NAME, code, label) SMV_OWNER_##NAME,
    SMV_UNASSIGNED_REASONS(SMV_OWNER_ENUM)
#undef SMV_OWNER_ENUM
        SMV_OWNER_COUNT
} smv_owner_e;

/* The codes; NULL of SMV_OWNER_FOUND. */
extern const char *const smv_owner_codes[SMV_OWNER_COUNT];

/* A contract that has the number that a delivery says. */
typedef struct smv_owner_contract_t {
    apr_int64_t customer, id;
    const char *number;
    const char *insurer;        /* its name, as the contract has it */
    const char *insurer_number; /* by which its data were delivered; NULL: not known */
} smv_owner_contract_t;

typedef struct smv_owner_t {
    smv_owner_e outcome;
    apr_int64_t customer, contract; /* where it is found; contract 0: the customer's, but of no one contract */
} smv_owner_t;

/* Numbers are those of one policy where they have the same letters and digits, in whatever case, and, if both are
 * written in groups, the same groups. A number alone is nobody's: of two insurers each may give it.
 * @param customer number of the customer whom the delivery names; 0: there is none of that number
 * @param contracts those that may have the number: all that have the same letters and digits */
smv_owner_t smv_delivered_owner(const smv_delivered_t *document, apr_int64_t customer,
                                const smv_owner_contract_t *contracts, int count);

#endif
