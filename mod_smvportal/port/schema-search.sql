-- SPDX-License-Identifier: Apache-2.0
--
-- The words of documents' names, where SQLite has FTS5; whoever writes documents then needs an SQLite with it, too.
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
