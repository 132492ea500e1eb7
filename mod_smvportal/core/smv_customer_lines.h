/* SPDX-License-Identifier: Apache-2.0
 *
 * smv_customer_lines: customers as staff meet them in lists: a name that opens the card, and what a broker on the road
 * taps to call, to write and to get there.
 *
 * Everything made lives as long as the request. Thread-safety: one thread.
 */
#ifndef SMV_CUSTOMER_LINES_H
#define SMV_CUSTOMER_LINES_H

#include "smv_route.h"

/* @return "Karla Kunde", or the name of a company */
const char *smv_full_name(const smv_record_t *customer, apr_pool_t *pool);

/* @return URL path of the customer's card */
const char *smv_customer_href(const smv_call_t *call, apr_int64_t number);

/* smv_shape_customer_line of each customer. Telephone and mail are those of customers whose communications the
 * principal may see, read at once for all of them. */
const smv_error_t *smv_customer_lines(const smv_call_t *call, smv_list_t **lines, const smv_list_t *customers);

/* The customers that rows name in a field of theirs, those whom the principal may see; and the name of one of them, the
 * number of any other. */
const smv_error_t *smv_customers_named(const smv_call_t *call, const smv_list_t **customers, const smv_list_t *rows,
                                       int field);
const char *smv_name_among(const smv_list_t *customers, apr_int64_t number, apr_pool_t *pool);

/* smv_shape_ending_line, smv_shape_inbox_entry of each row of the store. */
const smv_error_t *smv_ending_lines(const smv_call_t *call, smv_list_t **lines, const smv_list_t *endings);
const smv_error_t *smv_inbox_entries(const smv_call_t *call, smv_list_t **entries, const smv_list_t *changes);

/* The contracts in force that end within SMV_ENDING_DAYS, in reach of the permit: smv_shape_ending, behind the contract
 * `after` of the date `from` (NULL: from today on). */
#define SMV_ENDING_DAYS 90
const smv_error_t *smv_read_endings(const smv_call_t *call, smv_list_t **endings, const smv_permit_t *permit,
                                    const char *from, apr_int64_t after, int limit);

/* @return start with text behind it, percent-encoded but for what is unreserved in RFC 3986 and "@"; NULL if too long
 */
const char *smv_url_with(const char *start, const char *text, apr_pool_t *pool);

/* URLs; NULL where there is nothing to make one of.
 * tel (RFC 3966): digits, and the plus before them. mailto (RFC 6068): an address with one @. map: the firm's map URL
 * and the customer's address behind it, percent-encoded. */
const char *smv_tel_href(const char *phone, apr_pool_t *pool);
const char *smv_mailto_href(const char *address, apr_pool_t *pool);
const char *smv_map_href(const smv_call_t *call, const smv_record_t *customer);

#endif
