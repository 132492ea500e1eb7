-- SPDX-License-Identifier: Apache-2.0
--
-- From version 6: what smvportalctl import knows of its deliveries.

-- A file of records that smvportalctl import has taken. Written by it.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    time         INTEGER NOT NULL,                          -- seconds since 1970
    kind         TEXT NOT NULL CHECK (kind IN ('gdv')),
    file         TEXT NOT NULL,                             -- name of the file, without its folder
    content_hash TEXT NOT NULL,                             -- SHA-256 of the file, lower-case hex
    created      INTEGER NOT NULL,                          -- rows of customers, contracts and what hangs on them
    updated      INTEGER NOT NULL,
    kept         INTEGER NOT NULL                           -- values that stayed, as somebody changed them here
) STRICT;

-- Which row is what a delivery calls otherwise, and what it said of it last: a value that is not that any more was changed
-- here, and is left as it is.
CREATE TABLE imported (
    resource  TEXT NOT NULL CHECK (resource IN ('customer', 'contract', 'communication', 'bank_account')),
    source    TEXT NOT NULL,                                -- by whom and as what: gdv 5342 B-4711 …
    row       INTEGER NOT NULL,                             -- key of the row there
    customer  INTEGER NOT NULL,
    delivered TEXT NOT NULL CHECK (json_valid(delivered)),  -- JSON object of column and value
    PRIMARY KEY (resource, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_by_row ON imported (resource, row);

-- What a delivery says otherwise than somebody here, until they agree.
CREATE TABLE import_conflict (
    resource  TEXT NOT NULL,
    row       INTEGER NOT NULL,
    field     TEXT NOT NULL,                                -- name of the column
    customer  INTEGER NOT NULL,
    delivery  INTEGER NOT NULL REFERENCES delivery (id),    -- that said so last
    value     TEXT,                                         -- what it said
    PRIMARY KEY (resource, row, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_conflict_by_customer ON import_conflict (customer);
