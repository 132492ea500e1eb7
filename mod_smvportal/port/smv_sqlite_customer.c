/* SPDX-License-Identifier: Apache-2.0
 *
 * Customers in SQLite: the list of those in reach, the search in it, and what staff see of all of them.
 */
#include "smv_sqlite_use.h"

#include "../core/smv_buffer.h"
#include "../core/smv_shapes.h"

#include <apr_strings.h>

#define MAX_MATCH (1 << 16) /* bytes */
#define MAX_REACH 1000      /* numbers in the expression */

/* --- the expression of FTS5 --- */

static void put_number(smv_buffer_t *match, const char *mark, apr_int64_t number)
{
    smv_buffer_puts(match, match->size > 1 ? " OR \"" : "\"");
    smv_buffer_puts(match, mark);
    smv_buffer_number(match, number);
    smv_buffer_puts(match, "\"");
}

/* A portfolio is read in the index: a name that half the firm has costs no more than the portfolio. What this lets
 * through, the statement's own condition on the permit does not; that of very many numbers is left to it alone. */
static void put_reach(smv_buffer_t *match, const smv_permit_t *permit)
{
    if (permit->all || permit->brokers.count + permit->customers.count > MAX_REACH) {
        return;
    }
    smv_buffer_puts(match, "(");
    for (int i = 0; i < permit->brokers.count; i++) {
        put_number(match, "§", permit->brokers.at[i]);
    }
    for (int i = 0; i < permit->customers.count; i++) {
        put_number(match, "", permit->customers.at[i]);
    }
    smv_buffer_puts(match, match->size > 1 ? ") AND " : "\"\") AND ");
}

static void put_term(smv_buffer_t *match, const smv_term_t *term)
{
    smv_buffer_puts(match, "(\"");
    smv_buffer_puts(match, term->text); /* it has no quote */
    smv_buffer_puts(match, "\" *");
    if (term->other) {
        smv_buffer_puts(match, " OR \"");
        smv_buffer_puts(match, term->other);
        smv_buffer_puts(match, "\" *");
    }
    smv_buffer_puts(match, ")");
}

/* ("§501" OR "10001") AND ("müll" * OR "muell" *) AND ("karl" *) */
static const char *match_of(const smv_search_t *search, const smv_permit_t *permit, apr_pool_t *pool)
{
    smv_buffer_t match;

    smv_buffer_init(&match, 256, MAX_MATCH, pool);
    put_reach(&match, permit);
    for (int i = 0; i < search->count; i++) {
        smv_buffer_puts(&match, i ? " AND " : "");
        put_term(&match, &search->terms[i]);
    }
    smv_buffer_puts(&match, search->count ? "" : "\"\"");
    smv_buffer_write(&match, "", 1);
    return match.is_failed ? NULL : match.data;
}

/* --- without FTS5 --- */

static void put_pattern(smv_buffer_t *json, const char *text, apr_pool_t *pool)
{
    const char *pattern = apr_pstrcat(pool, "% ", text, "%", NULL);

    smv_buffer_json(json, pattern, strlen(pattern));
}

/* [["% müll%","% muell%"],["% karl%"]]: terms have neither % nor _ */
static const char *patterns_of(const smv_search_t *search, apr_pool_t *pool)
{
    smv_buffer_t json;

    smv_buffer_init(&json, 256, MAX_MATCH, pool);
    smv_buffer_puts(&json, "[");
    for (int i = 0; i < search->count; i++) {
        smv_buffer_puts(&json, i ? ",[" : "[");
        put_pattern(&json, search->terms[i].text, pool);
        if (search->terms[i].other) {
            smv_buffer_puts(&json, ",");
            put_pattern(&json, search->terms[i].other, pool);
        }
        smv_buffer_puts(&json, "]");
    }
    smv_buffer_write(&json, "]", 2);
    return json.is_failed ? NULL : json.data;
}

/* --- lists --- */

static const smv_error_t *search_customers(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                           const smv_customer_filter_t *filter, apr_int64_t after, int limit,
                                           apr_pool_t *pool)
{
    static const smv_permit_t nobody = {.tenant = 0};
    const smv_permit_t *contracts = filter->contracts ? filter->contracts : &nobody;
    int has = 0;
    const smv_error_t *error = smv_use_has(store, &has, SMV_SQL_CUSTOMERS_FOUND, pool);
    const char *words = has ? match_of(filter->search, permit, pool) : patterns_of(filter->search, pool);
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool),
                                        A_NUMBER(after),
                                        A_NUMBER(limit + 1),
                                        A_TEXT(words),
                                        A_TEXT(filter->search->contract),
                                        A_NUMBER(contracts->all),
                                        A_TEXT(smv_use_numbers(&contracts->customers, pool)),
                                        A_TEXT(smv_use_numbers(&contracts->brokers, pool))};

    if (!error && !words) {
        error = smv_error(pool, SMV_ERROR_INTERNAL, "the search is too long");
    }
    return error ? error
                 : smv_use_list(store, list, has ? SMV_SQL_CUSTOMERS_FOUND : SMV_SQL_CUSTOMERS_LIKE, arguments,
                                COUNT_OF(arguments), pool);
}

static const smv_error_t *customers(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    const smv_customer_filter_t *filter, apr_int64_t after, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_NUMBER(after), A_NUMBER(limit + 1)};

    if (filter->search) {
        return search_customers(store, list, permit, filter, after, limit, pool);
    }
    return smv_use_list(store, list, permit->all ? SMV_SQL_ALL_CUSTOMERS : SMV_SQL_SOME_CUSTOMERS, arguments,
                        COUNT_OF(arguments), pool);
}

static const smv_error_t *customers_of(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                       const smv_numbers_t *numbers, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_TEXT(smv_use_numbers(numbers, pool))};

    return smv_use_list(store, list, SMV_SQL_CUSTOMERS_OF, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *last_read(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                    const char *login, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_TEXT(login), A_NUMBER(limit)};

    return smv_use_list(store, list, SMV_SQL_LAST_READ, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *first_communications(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit,
                                               const smv_numbers_t *numbers, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_TEXT(smv_use_numbers(numbers, pool))};

    return smv_use_list(store, list, SMV_SQL_FIRST_COMMUNICATIONS, arguments, COUNT_OF(arguments), pool);
}

static const smv_error_t *endings(smv_store_t *store, smv_list_t **list, const smv_permit_t *permit, const char *from,
                                  apr_int64_t after, const char *until, int limit, apr_pool_t *pool)
{
    const smv_argument_t arguments[] = {PERMIT_ARGUMENTS(permit, pool), A_TEXT(from), A_NUMBER(after), A_TEXT(until),
                                        A_NUMBER(limit + 1)};

    return smv_use_list(store, list, permit->all ? SMV_SQL_ALL_ENDINGS : SMV_SQL_SOME_ENDINGS, arguments,
                        COUNT_OF(arguments), pool);
}

void smv_sqlite_set_customers(smv_store_t *store)
{
    store->customers = customers;
    store->customers_of = customers_of;
    store->last_read = last_read;
    store->first_communications = first_communications;
    store->endings = endings;
}
