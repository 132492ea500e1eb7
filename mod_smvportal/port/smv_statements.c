/* SPDX-License-Identifier: Apache-2.0
 *
 * Every statement, written once. The columns of a row are those of its shape, in that order; a MONEY field is followed
 * by the column of its currency.
 *
 * ?1 is always the tenant of the permit. In the statements about one customer ?2 is the customer of the permit; in
 * those about all customers in reach ?2 is "all", ?3 a JSON array of customers, ?4 one of brokers.
 */
#include "smv_sql.h"

#include "../core/smv_buffer.h"
#include "../core/smv_shapes.h"

#include <apr_strings.h>

/* The file belongs to one tenant; a permit of another one finds nothing. */
#define OF_TENANT "EXISTS (SELECT 1 FROM firm WHERE tenant = ?1)"

/* The customer of a change whom the permit reaches. */
#define IN_REACH                                                                                                       \
    "(?2 OR change.customer IN (SELECT value FROM json_each(?3))"                                                      \
    " OR (SELECT broker FROM customer WHERE number = change.customer) IN (SELECT value FROM json_each(?4)))"

/* The customer of a row beside it, whom a permit reaches; `all`, `customers` and `brokers` are its parameters. */
#define REACHES(all, customers, brokers)                                                                               \
    "(" all " OR customer.number IN (SELECT value FROM json_each(" customers "))"                                      \
    " OR customer.broker IN (SELECT value FROM json_each(" brokers ")))"

/* A policy number as the index contract_by_number has it. */
#define AS_FOUND(text) "upper(replace(replace(replace(replace(" text ", ' ', ''), '-', ''), '/', ''), '.', ''))"

/* One page of customers in the order of their numbers: those that words find, and those that a contract's number finds,
 * where a second permit, to see contracts, reaches them. Both come in that order, so that neither is read to its end.
 */
#define CUSTOMERS_FOUND(by_words)                                                                                      \
    "SELECT " CUSTOMER_COLUMNS " FROM (" by_words " AND " REACHES(                                                     \
        "?2", "?3",                                                                                                    \
        "?4") " UNION SELECT customer.number FROM contract CROSS JOIN customer"                                        \
              " ON customer.number = contract.customer WHERE contract.customer > ?5"                                   \
              " AND " AS_FOUND("contract.number") " = ?8"                                                              \
                                                  " AND " REACHES("?2", "?3", "?4") " AND " REACHES(                   \
                                                      "?9", "?10",                                                     \
                                                      "?11") " ORDER BY 1 LIMIT ?6) AS found CROSS JOIN customer"      \
                                                             " ON customer.number = found.customer WHERE " OF_TENANT   \
                                                             " ORDER BY found.customer"

#define CUSTOMER_COLUMNS                                                                                               \
    "number, kind, salutation, first_name, name, birth_date, street, postal_code, city, marital_status, occupation,"   \
    " legal_form, register_number, industry, broker, version"

#define MASKED(column)                                                                                                 \
    "json_replace(" column ", '$.iban', substr(json_extract(" column ", '$.iban'), 1, 4) || ' •••• ' ||"       \
    " substr(json_extract(" column ", '$.iban'), -4)) AS " column

#define CHANGE_COLUMNS                                                                                                 \
    "id, time, customer, resource, row, kind, login, name, address, channel, old, new, done_time, done_by"

#define AUDIT_COLUMNS "id, time, kind, subject, object, customer, row, login, name, address, channel, detail"

/* `by` is what an index answers together with the time. */
#define AUDIT_ROWS(by)                                                                                                 \
    "SELECT " AUDIT_COLUMNS " FROM audit WHERE " by " AND time BETWEEN ?5 AND ?6 AND (time < ?6 OR id < ?7)"           \
    " AND (?8 IS NULL OR login = ?8) AND (?9 = 0 OR customer = ?9) AND (?10 IS NULL OR kind = ?10)"                    \
    " AND (?2 OR customer IN (SELECT value FROM json_each(?3)) OR (SELECT broker FROM customer"                        \
    " WHERE number = audit.customer) IN (SELECT value FROM json_each(?4))) AND " OF_TENANT

/* Lists that showed the customer, for who reaches all of them: their detail names the others, too. */
#define AUDIT_LISTS                                                                                                    \
    "SELECT audit.id, audit.time, kind, subject, object, audit.customer, row, login, name, address, channel, detail"   \
    " FROM audit_shown AS shown CROSS JOIN audit ON audit.id = shown.id WHERE shown.customer = ?9"                     \
    " AND shown.time BETWEEN ?5 AND ?6 AND (shown.time < ?6 OR shown.id < ?7) AND (?8 IS NULL OR login = ?8)"          \
    " AND (?10 IS NULL OR kind = ?10) AND ?2 AND " OF_TENANT

#define NEWEST_FIRST " ORDER BY time DESC, id DESC LIMIT ?11"

/* What the published screen says, and before there is one, what SMV says of the firm. */
#define OF_SCREEN(column) "CASE WHEN screen.id IS NULL THEN firm." column " ELSE screen." column " END AS " column ", "

#define CONTRACT_COLUMNS                                                                                               \
    "id, customer, number, insurer, tariff, sum_insured, sum_insured_currency, start_date, end_date, status, note, "   \
    "premium, premium_currency, payment_mode, document_count"

#define DOCUMENT_COLUMNS                                                                                               \
    "id, customer, contract, (SELECT contract.number FROM contract WHERE contract.customer = document.customer"        \
    " AND contract.id = document.contract) AS contract_number, name, kind, date, size, media_type,"                    \
    " added_by, version, content_hash"

#define UNASSIGNED_ROWS                                                                                                \
    "SELECT unassigned_document.id AS id, name, unassigned_document.kind AS kind, date, size, media_type, title,"      \
    " said_customer, said_contract, said_insurer, reason, delivery, delivery.file AS delivery_file,"                   \
    " delivery.time AS delivery_time, dismissed_time, dismissed_by, unassigned_document.content_hash AS content_hash"  \
    " FROM unassigned_document JOIN delivery ON delivery.id = unassigned_document.delivery WHERE " OF_TENANT

static const struct {
    const char *sql;
    const smv_shape_t *shape;
} fixed[SMV_SQL_FIXED_COUNT] = {
    [SMV_SQL_BEGIN] = {"BEGIN", NULL},
    [SMV_SQL_BEGIN_IMMEDIATE] = {"BEGIN IMMEDIATE", NULL},
    [SMV_SQL_COMMIT] = {"COMMIT", NULL},
    [SMV_SQL_ROLLBACK] = {"ROLLBACK", NULL},
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
                                " AND number > ?5 ORDER BY 1 LIMIT ?6) AND " OF_TENANT " ORDER BY number LIMIT ?6",
                                &smv_shape_customer},
    [SMV_SQL_CUSTOMERS_FOUND] = {CUSTOMERS_FOUND(
                                     "SELECT customer_search.rowid AS customer FROM customer_search CROSS JOIN customer"
                                     " ON customer.number = customer_search.rowid WHERE customer_search MATCH ?7"
                                     " AND customer_search.rowid > ?5"),
                                 &smv_shape_customer},
    [SMV_SQL_CUSTOMERS_LIKE] =
        {CUSTOMERS_FOUND("SELECT customer.number AS customer FROM customer CROSS JOIN customer_words"
                         " ON customer_words.customer = customer.number WHERE customer.number > ?5 AND ?7 <> '[]'"
                         " AND NOT EXISTS (SELECT 1 FROM json_each(?7) AS term WHERE NOT EXISTS (SELECT 1"
                         " FROM json_each(term.value) AS spelling"
                         " WHERE ' ' || replace(customer_words.words, '-', ' ') LIKE spelling.value))"),
         &smv_shape_customer},
    [SMV_SQL_CUSTOMERS_OF] = {"SELECT " CUSTOMER_COLUMNS
                              " FROM customer WHERE number IN (SELECT value FROM json_each(?5))"
                              " AND " REACHES("?2", "?3", "?4") " AND " OF_TENANT " ORDER BY number",
                              &smv_shape_customer},
    /* Among the last few hundred readings, so that its cost has a bound. */
    [SMV_SQL_LAST_READ] = {"SELECT " CUSTOMER_COLUMNS " FROM (SELECT customer, max(id) AS last FROM"
                           " (SELECT customer, id FROM audit WHERE login = ?5 AND kind = 'read'"
                           " AND customer IS NOT NULL ORDER BY id DESC LIMIT 300) GROUP BY customer) AS reading"
                           " CROSS JOIN customer ON customer.number = reading.customer WHERE " REACHES(
                               "?2", "?3", "?4") " AND " OF_TENANT " ORDER BY last DESC LIMIT ?6",
                           &smv_shape_customer},
    [SMV_SQL_FIRST_COMMUNICATIONS] = {"SELECT min(communication.id) AS id, customer.number AS customer,"
                                      " communication.kind AS kind, value, usage, note, communication.version"
                                      " AS version FROM customer CROSS JOIN communication"
                                      " ON communication.customer = customer.number WHERE customer.number IN"
                                      " (SELECT value FROM json_each(?5)) AND communication.kind <> 'fax' AND " REACHES(
                                          "?2", "?3", "?4") " AND " OF_TENANT
                                                            " GROUP BY customer.number, communication.kind = 'email'",
                                      &smv_shape_communication},
    /* Two statements as above: in the order of all endings, or those of the customers in reach, put in order. */
    [SMV_SQL_ALL_ENDINGS] = {"SELECT id, customer, number, insurer, tariff, end_date FROM contract"
                             " WHERE (end_date, id) > (?5, ?6) AND end_date <= ?7"
                             " AND status IN ('active', 'application') AND ?2 AND " OF_TENANT
                             " ORDER BY end_date, id LIMIT ?8",
                             &smv_shape_ending},
    [SMV_SQL_SOME_ENDINGS] = {"SELECT id, customer, number, insurer, tariff, end_date FROM contract WHERE customer IN"
                              " (SELECT value FROM json_each(?3) UNION"
                              " SELECT number FROM customer WHERE broker IN (SELECT value FROM json_each(?4)))"
                              " AND (end_date, id) > (?5, ?6) AND end_date <= ?7"
                              " AND +status IN ('active', 'application') AND " OF_TENANT
                              " ORDER BY end_date, id LIMIT ?8",
                              &smv_shape_ending},
    [SMV_SQL_CONTRACTS] = {"SELECT " CONTRACT_COLUMNS " FROM contract WHERE customer = ?2 AND customer = ?3"
                           " AND " OF_TENANT " ORDER BY id LIMIT ?4",
                           &smv_shape_contract},
    [SMV_SQL_CONTRACT] = {"SELECT " CONTRACT_COLUMNS " FROM contract WHERE customer = ?2 AND id = ?3 AND " OF_TENANT,
                          &smv_shape_contract},
    [SMV_SQL_DOCUMENTS] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND customer = ?3"
                           " AND (?5 = 0 OR contract = ?5) AND (?6 IS NULL OR kind = ?6) AND " OF_TENANT
                           " ORDER BY date DESC, id DESC LIMIT ?4",
                           &smv_shape_document},
    [SMV_SQL_DOCUMENT] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND id = ?3 AND " OF_TENANT,
                          &smv_shape_document},
    [SMV_SQL_FIRM] =
        {"SELECT tenant, firm.name AS name, " OF_SCREEN("welcome_title") OF_SCREEN("welcome_text") OF_SCREEN(
             "contact_name") OF_SCREEN("contact_role") OF_SCREEN("contact_phone") OF_SCREEN("contact_mail")
             OF_SCREEN(
                 "contact_address") "imprint_url, privacy_url,"
                                    " logo_hash, screen.id AS publication FROM firm LEFT JOIN start_screen AS screen"
                                    " ON screen.id > 0 AND screen.id = (SELECT max(id) FROM start_screen) WHERE tenant "
                                    "= ?1",
         &smv_shape_firm},
    /* Their statements are made from the shape. */
    [SMV_SQL_SCREEN] = {NULL, &smv_shape_start_screen},
    [SMV_SQL_PUBLICATIONS] =
        {"SELECT id, time, login, name, restored,"
         " id = (SELECT max(id) FROM start_screen) AS is_current FROM start_screen WHERE id > 0 AND " OF_TENANT
         " ORDER BY id DESC LIMIT ?2",
         &smv_shape_publication},
    [SMV_SQL_SESSION_CREATE] = {"INSERT INTO session (token_hash, dn, created, last_used, bound_to, account)"
                                " VALUES (?1, ?2, ?3, ?3, ?4, ?5)",
                                NULL},
    [SMV_SQL_SESSION_FIND] = {"SELECT dn, created, last_used, view_dn, view_name, view_customer, view_since, bound_to,"
                              " account"
                              " FROM session WHERE token_hash = ?1",
                              NULL},
    [SMV_SQL_SESSION_TOUCH] = {"UPDATE session SET last_used = ?2 WHERE token_hash = ?1", NULL},
    [SMV_SQL_SESSION_VIEW] = {"UPDATE session SET view_dn = ?2, view_name = ?3, view_customer = ?4, view_since = ?5"
                              " WHERE token_hash = ?1",
                              NULL},
    [SMV_SQL_SESSION_END] = {"DELETE FROM session WHERE token_hash = ?1", NULL},
    [SMV_SQL_SESSION_END_ALL] = {"DELETE FROM session WHERE dn = ?1", NULL},
    [SMV_SQL_SESSION_EXPIRE] = {"DELETE FROM session WHERE created < ?1 OR last_used < ?2", NULL},
    [SMV_SQL_SESSIONS] = {"SELECT NULL AS login, NULL AS name, created / 1000000 AS since,"
                          " last_used / 1000000 AS last_used, bound_to, view_name, dn FROM session"
                          " WHERE created >= ?1 AND session.last_used >= ?2 ORDER BY session.last_used DESC LIMIT ?3",
                          &smv_shape_session},
    [SMV_SQL_INVITATION_CREATE] = {"INSERT INTO invitation (code_hash, dn, login, customer, kind, created, created_by,"
                                   " expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (dn) DO UPDATE"
                                   " SET code_hash = ?1, login = ?3, customer = ?4, kind = ?5, created = ?6,"
                                   " created_by = ?7, expires = ?8, used = NULL",
                                   NULL},
    [SMV_SQL_INVITATION_EXPIRE] = {"DELETE FROM invitation WHERE expires <= ?1", NULL},
    [SMV_SQL_INVITATION_FIND] = {"SELECT dn, login, customer, kind, created, created_by, expires FROM invitation"
                                 " WHERE code_hash = ?1 AND used IS NULL AND expires > ?2",
                                 NULL},
    [SMV_SQL_INVITATION_CLAIM] = {"UPDATE invitation SET used = ?2 WHERE code_hash = ?1 AND used IS NULL"
                                  " AND expires > ?2",
                                  NULL},
    [SMV_SQL_INVITATION_GIVE_BACK] = {"UPDATE invitation SET used = NULL WHERE code_hash = ?1", NULL},
    [SMV_SQL_INVITATION_UNTIL] = {"SELECT expires FROM invitation WHERE dn = ?1 AND used IS NULL AND expires > ?2",
                                  NULL},
    [SMV_SQL_INVITATION_END] = {"DELETE FROM invitation WHERE dn = ?1", NULL},
    [SMV_SQL_TURN_TAKE] = {"INSERT INTO turn (name, holder, until) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE"
                           " SET holder = excluded.holder, until = excluded.until WHERE until <= ?4",
                           NULL},
    [SMV_SQL_TURN_GIVE] = {"DELETE FROM turn WHERE name = ?1 AND holder = ?2", NULL},
    [SMV_SQL_EXPIRING] = {"SELECT id, number, insurer, tariff, end_date FROM contract WHERE customer = ?2"
                          " AND end_date >= ?3 AND status IN ('active', 'application') AND " OF_TENANT
                          " ORDER BY end_date, id LIMIT ?4",
                          &smv_shape_expiring},
    [SMV_SQL_FINANCIAL_ITEMS] = {"SELECT id, kind, label, amount, amount_currency, needed,"
                                 " amount_currency AS needed_currency, as_of FROM financial_item WHERE customer = ?2"
                                 " AND " OF_TENANT " ORDER BY kind, id LIMIT ?3",
                                 &smv_shape_financial_item},
    [SMV_SQL_SUBMISSION] = {"SELECT row FROM change WHERE submission = ?3 AND customer = ?2 AND resource = ?4"
                            " AND login = ?5 AND " OF_TENANT,
                            NULL},
    [SMV_SQL_CHANGE_ADD] = {"INSERT INTO change (time, customer, resource, row, kind, login, name, address, channel,"
                            " is_staff, old, new, submission)"
                            " SELECT ?3, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 WHERE " OF_TENANT,
                            NULL},
    /* Account numbers are masked here; the feed of staff has them whole. */
    [SMV_SQL_CUSTOMER_CHANGES] =
        {"SELECT id, time, customer, resource, row, kind, login, name, address, channel, " MASKED("old") ", " MASKED(
             "new") ", done_time, done_by FROM change WHERE customer = ?2"
                    " AND (?3 = 0 OR time < ?3) AND " OF_TENANT " ORDER BY id DESC LIMIT ?4",
         &smv_shape_change},
    /* An edit has the same members in both objects. */
    [SMV_SQL_CHANGE_VALUES] = {"SELECT change.id AS id, each.key AS field,"
                               " (SELECT CAST(value AS TEXT) FROM json_each(change.old) WHERE key = each.key) AS old,"
                               " (SELECT CAST(value AS TEXT) FROM json_each(change.new) WHERE key = each.key) AS new"
                               " FROM change, json_each(coalesce(new, old)) AS each"
                               " WHERE change.customer = ?2 AND change.id BETWEEN ?3 AND ?4 AND " OF_TENANT
                               " ORDER BY change.id, each.id LIMIT ?5",
                               &smv_shape_change_value},
    [SMV_SQL_CHANGES] = {"SELECT " CHANGE_COLUMNS " FROM change WHERE id > ?5 AND " IN_REACH " AND " OF_TENANT
                         " ORDER BY id LIMIT ?6",
                         &smv_shape_change},
    /* Two statements, so that a portfolio does not read what the rest of the firm has left open. */
    [SMV_SQL_ALL_INBOX_OPEN] = {"SELECT " CHANGE_COLUMNS " FROM change WHERE NOT is_staff AND done_time IS NULL"
                                " AND id < ?5 AND ?2 AND " OF_TENANT " ORDER BY id DESC LIMIT ?6",
                                &smv_shape_change},
    [SMV_SQL_SOME_INBOX_OPEN] = {"SELECT " CHANGE_COLUMNS " FROM change INDEXED BY change_to_do_of_customer"
                                 " WHERE NOT is_staff AND done_time IS NULL AND id < ?5 AND customer IN"
                                 " (SELECT value FROM json_each(?3) UNION SELECT number FROM customer"
                                 " WHERE broker IN (SELECT value FROM json_each(?4))) AND " OF_TENANT
                                 " ORDER BY id DESC LIMIT ?6",
                                 &smv_shape_change},
    [SMV_SQL_INBOX_DONE] = {"SELECT " CHANGE_COLUMNS " FROM change WHERE NOT is_staff AND done_time IS NOT NULL"
                            " AND id < ?5 AND " IN_REACH " AND " OF_TENANT " ORDER BY id DESC LIMIT ?6",
                            &smv_shape_change},
    [SMV_SQL_MARK_CHANGE] = {"UPDATE change SET done_time = ?6, done_by = ?7 WHERE id = ?5 AND NOT is_staff"
                             " AND " IN_REACH " AND " OF_TENANT,
                             NULL},
    [SMV_SQL_AUDIT_ADD] = {"INSERT INTO audit (" AUDIT_COLUMNS ", hash)"
                           " SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 WHERE " OF_TENANT,
                           NULL},
    [SMV_SQL_AUDIT_ADD_SHOWN] = {"INSERT INTO audit_shown (customer, time, id) SELECT value, ?2, ?1 FROM json_each(?3)",
                                 NULL},
    [SMV_SQL_AUDIT_HEAD] = {"SELECT id, hash FROM audit UNION ALL SELECT id, hash FROM audit_anchor"
                            " ORDER BY id DESC LIMIT 1",
                            NULL},
    [SMV_SQL_AUDIT_OLDEST] = {"SELECT time FROM audit ORDER BY id LIMIT 1", NULL},
    /* The last of the oldest rows before the first one that stays. */
    [SMV_SQL_AUDIT_FORGET_TO] = {"WITH oldest AS (SELECT id, time, hash FROM audit ORDER BY id LIMIT 5000)"
                                 " SELECT id, hash FROM oldest WHERE id < coalesce((SELECT min(id) FROM oldest"
                                 " WHERE time >= ?1), 9223372036854775807) ORDER BY id DESC LIMIT 1",
                                 NULL},
    [SMV_SQL_AUDIT_FORGET] = {"DELETE FROM audit WHERE id <= ?1", NULL},
    [SMV_SQL_AUDIT_FORGET_SHOWN] = {"DELETE FROM audit_shown WHERE id <= ?1", NULL},
    [SMV_SQL_AUDIT_ANCHOR] = {"UPDATE audit_anchor SET id = ?1, hash = ?2", NULL},
    [SMV_SQL_AUDIT_ANCHORED] = {"SELECT id, hash FROM audit_anchor", NULL},
    [SMV_SQL_AUDIT_VERIFY] = {"SELECT audit.id, audit.time, audit.kind, subject, object, audit.customer, audit.row,"
                              " audit.login, audit.name, audit.address, audit.channel, detail, hash,"
                              " json_extract(detail, '$.change'), change.id, json_extract(detail, '$.values'),"
                              " change.old, change.new FROM audit LEFT JOIN change"
                              " ON change.id = json_extract(detail, '$.change') ORDER BY audit.id",
                              NULL},
    [SMV_SQL_AUDIT_OF_CUSTOMER] = {AUDIT_ROWS("customer = ?9") " UNION ALL " AUDIT_LISTS NEWEST_FIRST,
                                   &smv_shape_audit},
    [SMV_SQL_AUDIT_OF_LOGIN] = {AUDIT_ROWS("login = ?8") NEWEST_FIRST, &smv_shape_audit},
    [SMV_SQL_AUDIT_OF_KIND] = {AUDIT_ROWS("kind = ?10") NEWEST_FIRST, &smv_shape_audit},
    [SMV_SQL_AUDIT_ALL] = {AUDIT_ROWS("1") NEWEST_FIRST, &smv_shape_audit},
    /* Of changes the change log knows more. */
    [SMV_SQL_READINGS] = {"SELECT id, time, customer, kind, subject, row, login, name, address, channel FROM audit"
                          " WHERE customer = ?2 AND kind NOT IN ('create', 'edit', 'delete', 'restore') AND (?3 = 0 OR "
                          "time < ?3) AND " OF_TENANT " ORDER BY id DESC LIMIT ?4",
                          &smv_shape_reading},
    [SMV_SQL_DOCUMENTS_BY_WORDS] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND customer = ?3"
                                    " AND (?5 = 0 OR contract = ?5) AND (?6 IS NULL OR kind = ?6)"
                                    " AND id IN (SELECT rowid FROM document_search WHERE document_search MATCH ?7)"
                                    " AND " OF_TENANT " ORDER BY date DESC, id DESC LIMIT ?4",
                                    &smv_shape_document},
    [SMV_SQL_DOCUMENTS_LIKE] = {"SELECT " DOCUMENT_COLUMNS " FROM document WHERE customer = ?2 AND customer = ?3"
                                " AND (?5 = 0 OR contract = ?5) AND (?6 IS NULL OR kind = ?6)"
                                " AND NOT EXISTS (SELECT 1 FROM json_each(?7) WHERE name NOT LIKE value ESCAPE '\\')"
                                " AND " OF_TENANT " ORDER BY date DESC, id DESC LIMIT ?4",
                                &smv_shape_document},
    [SMV_SQL_LOCATE_DELETED] =
        {"SELECT customer, (SELECT broker FROM customer WHERE number = deleted_document.customer)"
         " FROM deleted_document WHERE id = ?2 AND " OF_TENANT,
         NULL},
    [SMV_SQL_DELETED_DOCUMENTS] = {"SELECT id, customer, name, deleted_time, deleted_by FROM deleted_document"
                                   " WHERE customer = ?2 AND deleted_time >= ?3 AND " OF_TENANT
                                   " ORDER BY deleted_time DESC, id DESC LIMIT ?4",
                                   &smv_shape_deleted_document},
    [SMV_SQL_DOCUMENT_ADD] = {"INSERT INTO document (customer, contract, name, kind, date, size, media_type,"
                              " content_hash, added_by) SELECT number, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM customer"
                              " WHERE number = ?2 AND (?5 IS NULL OR EXISTS (SELECT 1 FROM contract"
                              " WHERE customer = ?2 AND id = ?5)) AND " OF_TENANT,
                              NULL},
    [SMV_SQL_DOCUMENT_TO_DELETED] =
        {"INSERT INTO deleted_document SELECT id, customer, contract, name, kind, date, size,"
         " media_type, content_hash, added_by, version, ?5, ?6 FROM document"
         " WHERE id = ?3 AND customer = ?2 AND version = ?4 AND " OF_TENANT,
         NULL},
    [SMV_SQL_DOCUMENT_DELETE] = {"DELETE FROM document WHERE id = ?3 AND customer = ?2 AND version = ?4"
                                 " AND " OF_TENANT,
                                 NULL},
    /* A contract that is gone meanwhile leaves its document to the customer. */
    [SMV_SQL_DOCUMENT_RESTORE] = {"INSERT INTO document (id, customer, contract, name, kind, date, size, media_type,"
                                  " content_hash, added_by, version) SELECT id, customer, (SELECT id FROM contract"
                                  " WHERE contract.customer = deleted_document.customer"
                                  " AND contract.id = deleted_document.contract), name, kind, date, size, media_type,"
                                  " content_hash, added_by, version + 1 FROM deleted_document"
                                  " WHERE id = ?3 AND customer = ?2 AND deleted_time >= ?4 AND " OF_TENANT,
                                  NULL},
    [SMV_SQL_DELETED_FORGET] = {"DELETE FROM deleted_document WHERE id = ?3 AND customer = ?2 AND " OF_TENANT, NULL},
    [SMV_SQL_DOCUMENTS_PURGE] = {"DELETE FROM deleted_document WHERE deleted_time < ?1", NULL},
    [SMV_SQL_UNASSIGNED] = {UNASSIGNED_ROWS " AND dismissed_time IS NULL AND unassigned_document.id > ?2"
                                            " ORDER BY unassigned_document.id LIMIT ?3",
                            &smv_shape_unassigned_document},
    [SMV_SQL_DISMISSED] = {UNASSIGNED_ROWS " AND dismissed_time >= ?2"
                                           " ORDER BY dismissed_time DESC, unassigned_document.id DESC LIMIT ?3",
                           &smv_shape_unassigned_document},
    [SMV_SQL_UNASSIGNED_ONE] = {UNASSIGNED_ROWS " AND unassigned_document.id = ?2"
                                                " AND (dismissed_time IS NULL OR dismissed_time >= ?3)",
                                &smv_shape_unassigned_document},
    [SMV_SQL_UNASSIGNED_COUNT] = {"SELECT count(*) FROM (SELECT 1 FROM unassigned_document WHERE dismissed_time IS NULL"
                                  " AND " OF_TENANT " LIMIT ?2)",
                                  NULL},
    [SMV_SQL_UNASSIGNED_TAKE] = {"DELETE FROM unassigned_document WHERE id = ?2 AND dismissed_time IS NULL"
                                 " AND " OF_TENANT,
                                 NULL},
    [SMV_SQL_UNASSIGNED_DISMISS] = {"UPDATE unassigned_document SET dismissed_time = ?3, dismissed_by = ?4"
                                    " WHERE id = ?2 AND dismissed_time IS NULL AND " OF_TENANT,
                                    NULL},
    [SMV_SQL_UNASSIGNED_TAKE_BACK] = {"UPDATE unassigned_document SET dismissed_time = NULL, dismissed_by = NULL"
                                      " WHERE id = ?2 AND dismissed_time >= ?3 AND " OF_TENANT,
                                      NULL},
    [SMV_SQL_UNASSIGNED_PURGE] = {"DELETE FROM unassigned_document WHERE dismissed_time < ?1", NULL},
    [SMV_SQL_CONTRACTS_OF_NUMBER] = {"SELECT " CONTRACT_COLUMNS
                                     " FROM contract WHERE " AS_FOUND("number") " = " AS_FOUND(
                                         "?5") " AND (?2 OR customer IN (SELECT value FROM json_each(?3))"
                                               " OR (SELECT broker FROM customer WHERE customer.number ="
                                               " contract.customer) IN (SELECT value FROM json_each(?4)))"
                                               " AND " OF_TENANT " ORDER BY customer, id LIMIT ?6",
                                     &smv_shape_contract},
    [SMV_SQL_CONTENT_USED] = {"SELECT EXISTS (SELECT 1 FROM content WHERE hash = ?1)", NULL},
};

/* --- the statements of the resources --- */

static const char *customer_column(const smv_resource_t *resource)
{
    return resource->id == SMV_RESOURCE_CUSTOMER ? "number" : "customer";
}

/* @param first index of a field */
static const char *columns_of(const smv_shape_t *shape, int first, apr_pool_t *pool)
{
    const char *columns = shape->fields[first].name;

    for (int i = first + 1; i < shape->count; i++) {
        columns = apr_pstrcat(pool, columns, ", ", shape->fields[i].name, NULL);
    }
    return columns;
}

/* The fields that people write, each behind a comma: their names, their parameters, or both as an assignment. */
static const char *inputs_of(const smv_resource_t *resource, int has_name, int has_parameter, apr_pool_t *pool)
{
    const char *text = "";
    int parameter = SMV_FIRST_INPUT;

    for (int i = 0; i < resource->shape->count; i++) {
        const smv_field_t *field = &resource->shape->fields[i];

        if (field->input) {
            text = apr_pstrcat(pool, text, ", ", has_name ? field->name : "", has_name && has_parameter ? " = " : "",
                               has_parameter ? apr_psprintf(pool, "?%d", parameter) : "", NULL);
            parameter++;
        }
    }
    return text;
}

static const char *sql_of(const smv_resource_t *resource, smv_verb_e verb, apr_pool_t *pool)
{
    const char *table = resource->name, *key = resource->shape->fields[0].name, *owner = customer_column(resource);
    const char *row = apr_psprintf(pool, "%s = ?3 AND %s = ?2 AND " OF_TENANT, key, owner);

    switch (verb) {
    case SMV_VERB_LOCATE:
        return apr_psprintf(pool,
                            "SELECT %s, (SELECT broker FROM customer WHERE number = \"%s\".%s) FROM \"%s\""
                            " WHERE %s = ?2 AND " OF_TENANT,
                            owner, table, owner, table, key);
    case SMV_VERB_LIST:
        return apr_psprintf(pool, "SELECT %s FROM \"%s\" WHERE %s = ?2 AND " OF_TENANT " ORDER BY %s LIMIT ?3",
                            columns_of(resource->shape, 0, pool), table, owner, key);
    case SMV_VERB_SHOW:
        return apr_psprintf(pool, "SELECT %s FROM \"%s\" WHERE %s", columns_of(resource->shape, 0, pool), table, row);
    case SMV_VERB_CREATE:
        return apr_psprintf(pool,
                            "INSERT INTO \"%s\" (%s%s) SELECT number%s FROM customer WHERE number = ?2 AND " OF_TENANT,
                            table, owner, inputs_of(resource, 1, 0, pool), inputs_of(resource, 0, 1, pool));
    case SMV_VERB_EDIT:
        return apr_psprintf(pool, "UPDATE \"%s\" SET version = version + 1%s WHERE version = ?4 AND %s", table,
                            inputs_of(resource, 1, 1, pool), row);
    case SMV_VERB_DELETE:
        return apr_psprintf(pool, "DELETE FROM \"%s\" WHERE version = ?4 AND %s", table, row);
    case SMV_VERB_COUNT:
        break;
    }
    return NULL;
}

/* --- the start screen --- */

/* ?6 and what follows: the columns from the logo on, each behind a comma. */
static const char *assignments_of_screen(apr_pool_t *pool)
{
    const char *text = "";
    int parameter = SMV_FIRST_OF_SCREEN;

    for (int i = SMV_SCREEN_LOGO_HASH; i < smv_shape_start_screen.count; i++) {
        text = apr_psprintf(pool, "%s, %s = ?%d", text, smv_shape_start_screen.fields[i].name, parameter++);
    }
    return text;
}

static const char *sql_of_screen(int statement, apr_pool_t *pool)
{
    const char *content = columns_of(&smv_shape_start_screen, SMV_SCREEN_LOGO_HASH, pool);

    switch (statement) {
    case SMV_SQL_SCREEN:
        return apr_pstrcat(pool, "SELECT ", columns_of(&smv_shape_start_screen, 0, pool),
                           " FROM start_screen WHERE id = CASE WHEN ?2 < 0 THEN (SELECT max(id) FROM start_screen)"
                           " ELSE ?2 END AND (id > 0 OR ?2 = 0) AND " OF_TENANT,
                           NULL);
    case SMV_SQL_SCREEN_SAVE:
        return apr_pstrcat(pool, "UPDATE start_screen SET version = version + 1, time = ?3, login = ?4, name = ?5",
                           assignments_of_screen(pool), " WHERE id = 0 AND version = ?2 AND " OF_TENANT, NULL);
    case SMV_SQL_SCREEN_PUBLISH:
        return apr_pstrcat(pool, "INSERT INTO start_screen (id, time, login, name, restored, ", content,
                           ") SELECT (SELECT max(id) FROM start_screen) + 1, ?3, ?4, ?5, nullif(id, 0), ", content,
                           " FROM start_screen WHERE id = ?6 AND (?2 = 0 OR version = ?2) AND " OF_TENANT, NULL);
    case SMV_SQL_SCREEN_RESET:
        return apr_pstrcat(pool, "UPDATE start_screen SET version = version + 1, time = ?3, login = ?4, name = ?5, (",
                           content, ") = (SELECT ", content, " FROM start_screen WHERE id = ?6)",
                           " WHERE id = 0 AND version = ?2 AND EXISTS (SELECT 1 FROM start_screen WHERE id = ?6)"
                           " AND " OF_TENANT,
                           NULL);
    default:
        return NULL;
    }
}

const char *smv_statement_sql(int statement, apr_pool_t *pool)
{
    int made = statement - SMV_SQL_FIXED_COUNT;

    return made < 0 ? (fixed[statement].sql ? fixed[statement].sql : sql_of_screen(statement, pool))
                    : sql_of(&smv_resources[made / SMV_VERB_COUNT], (smv_verb_e)(made % SMV_VERB_COUNT), pool);
}

const smv_shape_t *smv_statement_shape(int statement)
{
    int made = statement - SMV_SQL_FIXED_COUNT, verb = made % SMV_VERB_COUNT;

    if (made < 0) {
        return fixed[statement].shape;
    }
    return verb == SMV_VERB_LIST || verb == SMV_VERB_SHOW ? smv_resources[made / SMV_VERB_COUNT].shape : NULL;
}
