-- SPDX-License-Identifier: Apache-2.0
--
-- From version 7: deliveries of documents, and those that are nobody's yet.

CREATE TEMP TABLE delivery_before AS SELECT * FROM delivery;
DROP TABLE delivery;
-- A file of records or documents that smvportalctl import has taken. Written by it.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    time         INTEGER NOT NULL,                          -- seconds since 1970
    kind         TEXT NOT NULL CHECK (kind IN ('gdv', 'index', 'bipro')),
    file         TEXT NOT NULL,                             -- name of the file, without its folder
    content_hash TEXT NOT NULL,                             -- SHA-256 of the file, lower-case hex
    created      INTEGER NOT NULL,                          -- rows of customers, contracts and what hangs on them; documents
    updated      INTEGER NOT NULL,
    kept         INTEGER NOT NULL                           -- values that stayed, as somebody changed them here
) STRICT;
INSERT INTO delivery SELECT * FROM temp.delivery_before;
DROP TABLE temp.delivery_before;

-- As of which day the last delivery of a policy was: an older one says nothing of it any more.
CREATE TABLE imported_policy (
    policy TEXT PRIMARY KEY,                                -- by whom and which: gdv 5342 B-4711
    as_of  TEXT NOT NULL CHECK (as_of IS date(as_of, '+0 days'))
) STRICT, WITHOUT ROWID;

-- Which documents smvportalctl import has taken, so that the same one is not taken again, wherever it is meanwhile.
CREATE TABLE imported_document (
    content_hash TEXT NOT NULL,                             -- as of a document
    said         TEXT NOT NULL CHECK (json_valid(said)),    -- whose it is: in the words of the delivery, and as it was found
    delivery     INTEGER NOT NULL REFERENCES delivery (id), -- that brought it first
    PRIMARY KEY (content_hash, said)
) STRICT, WITHOUT ROWID;

-- A document that was delivered and is nobody's yet. Written by smvportalctl import; in the portal staff make it a document
-- of a customer, and it is gone here, or put it away, and can take that back for as long as a deletion.
CREATE TABLE unassigned_document (
    id             INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    delivery       INTEGER NOT NULL REFERENCES delivery (id),
    name           TEXT NOT NULL,                           -- as of a document, like what follows
    kind           TEXT NOT NULL CHECK (kind IN ('policy', 'invoice', 'terms', 'letter', 'photo', 'other')),
    date           TEXT NOT NULL CHECK (date IS date(date, '+0 days')),
    size           INTEGER NOT NULL CHECK (size >= 0),
    media_type     TEXT NOT NULL,
    content_hash   TEXT NOT NULL CHECK (length(content_hash) = 64 AND content_hash NOT GLOB '*[^0-9a-f]*'),
    title          TEXT,                                    -- what the delivery says that it is
    said_customer  TEXT,                                    -- whose it is, in the words of the delivery
    said_contract  TEXT,                                    -- a policy number
    said_insurer   TEXT,                                    -- a name, or a number (VU-Nummer)
    reason         TEXT NOT NULL CHECK (reason IN ('nothing_said', 'unknown_customer', 'unknown_contract', 'no_insurer',
                                                   'other_insurer', 'other_customer', 'ambiguous')), -- why nobody is sure
    dismissed_time INTEGER,                                 -- seconds since 1970: put away; NULL: it waits
    dismissed_by   TEXT CHECK ((dismissed_time IS NULL) = (dismissed_by IS NULL)) -- name of the account
) STRICT;
CREATE INDEX unassigned_document_waiting ON unassigned_document (id) WHERE dismissed_time IS NULL;
CREATE INDEX unassigned_document_dismissed ON unassigned_document (dismissed_time) WHERE dismissed_time IS NOT NULL;
CREATE INDEX unassigned_document_by_content ON unassigned_document (content_hash);

-- The files of the documents folder that a row names; all others are garbage.
CREATE VIEW content (hash) AS
    SELECT content_hash FROM document
    UNION ALL SELECT content_hash FROM deleted_document
    UNION ALL SELECT content_hash FROM unassigned_document
    UNION ALL SELECT logo_hash FROM start_screen WHERE logo_hash IS NOT NULL;
