-- SPDX-License-Identifier: Apache-2.0
--
-- The words by which documents and customers are found, where SQLite has FTS5; whoever writes them then needs an SQLite
-- with it, too.

-- The customer is a word of its own, so that a search reads the words of that customer alone.

CREATE VIRTUAL TABLE document_search USING fts5(customer, name, tokenize = "unicode61 remove_diacritics 2");
CREATE TRIGGER document_search_inserted AFTER INSERT ON document BEGIN
    INSERT OR REPLACE INTO document_search (rowid, customer, name) VALUES (new.id, new.customer, new.name);
END;
CREATE TRIGGER document_search_deleted AFTER DELETE ON document BEGIN
    DELETE FROM document_search WHERE rowid = old.id;
END;
CREATE TRIGGER document_search_updated AFTER UPDATE OF id, customer, name ON document BEGIN
    DELETE FROM document_search WHERE rowid = old.id;
    INSERT OR REPLACE INTO document_search (rowid, customer, name) VALUES (new.id, new.customer, new.name);
END;

-- Found in the order of customer numbers, from any of them on, without reading more than is asked for: that takes an
-- index of each beginning of a word (longer ones are rare enough to be put together), and the broker as a word.
CREATE VIRTUAL TABLE customer_search USING fts5(words, prefix = '1 2 3 4 5 6 7 8 9 10 11 12',
    tokenize = "unicode61 remove_diacritics 2 tokenchars '¶§'");
CREATE TRIGGER customer_search_inserted AFTER INSERT ON customer BEGIN
    INSERT OR REPLACE INTO customer_search (rowid, words) SELECT * FROM customer_words WHERE customer = new.number;
END;
CREATE TRIGGER customer_search_deleted AFTER DELETE ON customer BEGIN
    DELETE FROM customer_search WHERE rowid = old.number;
END;
CREATE TRIGGER customer_search_updated AFTER UPDATE OF number, first_name, name, birth_date, postal_code, city, broker
    ON customer BEGIN
    DELETE FROM customer_search WHERE rowid = old.number;
    INSERT OR REPLACE INTO customer_search (rowid, words) SELECT * FROM customer_words WHERE customer = new.number;
END;
