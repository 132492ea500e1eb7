/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_search: what somebody typed into the box that finds customers, read once: what a customer must have.
 *
 * Ownership: everything belongs to the pool given. Pure functions. Thread-safety: any.
 */
#ifndef SMV_SEARCH_H
#define SMV_SEARCH_H

#include <apr_pools.h>

/* Characters that are typed at most, and the words that fit into them. */
#define SMV_SEARCH_MAXIMUM 100
#define SMV_SEARCH_TERMS ((SMV_SEARCH_MAXIMUM + 1) / 2)

/* The beginning of a word that the customer has, as view customer_words of the schema spells words: letters, digits and
 * whatever else is beyond ASCII, at least one character. A day of birth is marked: "¶24121948", "¶2412", "¶19481224".
 */
typedef struct smv_term_t {
    const char *text;
    const char *other; /* … or of this one: ae for ä; of a year the mark of days of birth; NULL for none */
} smv_term_t;

typedef struct smv_search_t {
    smv_term_t terms[SMV_SEARCH_TERMS]; /* a customer must have all of them … */
    int count;                          /* 0: nobody has */
    const char *contract; /* … or a contract of this number, in upper case without blanks, "-", "/" and "."; "" none */
} smv_search_t;

/* Read what was typed: UTF-8 without control characters, at most SMV_SEARCH_MAXIMUM characters. */
const smv_search_t *smv_search_read(const char *typed, apr_pool_t *pool);

#endif
