/* SPDX-License-Identifier: Apache-2.0
 *
 * Every statement, written once. The columns of a row are those of its shape, in that order; a MONEY field is followed
 * by the column of its currency.
 *
 * ?1 is always the tenant of the permit. In the statements about one customer ?2 is the customer of the permit; in the
 * list of customers ?2 is "all", ?3 a JSON array of customers, ?4 one of brokers.
 */
#include "smv_sql.h"

#include "../core/smv_shapes.h"

/* The file belongs to one tenant; a permit of another one finds nothing. */
#define OF_TENANT "EXISTS (SELECT 1 FROM firm WHERE tenant = ?1)"

#define CUSTOMER_COLUMNS "number, kind, salutation, first_name, name, birth_date, street, postal_code, city, broker"

#define CONTRACT_COLUMNS                                                                                               \
    "id, customer, number, insurer, tariff, sum_insured, sum_insured_currency, start_date, end_date, status, note, "   \
    "premium, premium_currency, payment_mode, document_count"

#define DOCUMENT_COLUMNS                                                                                               \
    "id, customer, contract, (SELECT contract.number FROM contract WHERE contract.customer = document.customer"        \
    " AND contract.id = document.contract) AS contract_number, name, kind, date, size, media_type, content_hash"

const smv_statement_t smv_statements[SMV_SQL_COUNT] = {
    [SMV_SQL_BEGIN] = {"BEGIN", NULL},
    [SMV_SQL_END] = {"END", NULL},
    [SMV_SQL_LOCATE_CUSTOMER] = {"SELECT number, broker FROM customer WHERE number = ?2 AND " OF_TENANT, NULL},
    [SMV_SQL_LOCATE_CONTRACT] = {"SELECT customer, (SELECT broker FROM customer WHERE number = contract.customer)"
                                 " FROM contract WHERE id = ?2 AND " OF_TENANT,
                                 NULL},
    [SMV_SQL_LOCATE_DOCUMENT] = {"SELECT customer, (SELECT broker FROM customer WHERE number = document.customer)"
                                 " FROM document WHERE id = ?2 AND " OF_TENANT,
                                 NULL},
    /* Two statements, so that a list of some reads those and not every customer of the firm. */
    [SMV_SQL_ALL_CUSTOMERS] = {"SELECT " CUSTOMER_COLUMNS " FROM customer WHERE number > ?5 AND ?2 AND " OF_TENANT
                               " ORDER BY number LIMIT ?6",
                               &smv_shape_customer},
    [SMV_SQL_SOME_CUSTOMERS] = {"SELECT " CUSTOMER_COLUMNS " FROM customer WHERE number IN"
                                " (SELECT value FROM json_each(?3) WHERE value > ?5 UNION"
                                " SELECT number FROM customer WHERE broker IN (SELECT value FROM json_each(?4))"
                                " AND number > ?5) AND " OF_TENANT " ORDER BY number LIMIT ?6",
                                &smv_shape_customer},
    [SMV_SQL_CUSTOMER] = {"SELECT " CUSTOMER_COLUMNS " FROM customer WHERE number = ?2 AND number = ?3 AND " OF_TENANT,
                          &smv_shape_customer},
    [SMV_SQL_CONTRACTS] = {"SELECT " CONTRACT_COLUMNS " FROM contract WHERE customer = ?2 AND customer = ?3"
                           " AND " OF_TENANT " ORDER BY id LIMIT ?4",
                           &smv_shape_contract},
    [SMV_SQL_CONTRACT] = {"SELECT " CONTRACT_COLUMNS " FROM contract WHERE customer = ?2 AND id = ?3 AND " OF_TENANT,
                          &smv_shape_contract},
    [SMV_SQL_DOCUMENTS] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND customer = ?3"
                           " AND (?5 = 0 OR contract = ?5) AND " OF_TENANT " ORDER BY date DESC, id DESC LIMIT ?4",
                           &smv_shape_document},
    [SMV_SQL_DOCUMENT] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND id = ?3 AND " OF_TENANT,
                          &smv_shape_document},
    [SMV_SQL_FIRM] = {"SELECT tenant, name, welcome_title, welcome_text, contact_name, contact_role, contact_phone,"
                      " contact_mail, contact_address FROM firm WHERE tenant = ?1",
                      &smv_shape_firm},
    [SMV_SQL_SESSION_CREATE] = {"INSERT INTO session (token_hash, dn, created, last_used) VALUES (?1, ?2, ?3, ?3)",
                                NULL},
    [SMV_SQL_SESSION_FIND] = {"SELECT dn, created, last_used FROM session WHERE token_hash = ?1", NULL},
    [SMV_SQL_SESSION_TOUCH] = {"UPDATE session SET last_used = ?2 WHERE token_hash = ?1", NULL},
    [SMV_SQL_SESSION_END] = {"DELETE FROM session WHERE token_hash = ?1", NULL},
    [SMV_SQL_SESSION_END_ALL] = {"DELETE FROM session WHERE dn = ?1", NULL},
    [SMV_SQL_SESSION_EXPIRE] = {"DELETE FROM session WHERE created < ?1 OR last_used < ?2", NULL},
};
