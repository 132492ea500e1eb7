-- SPDX-License-Identifier: Apache-2.0
--
-- The database of one tenant (broker firm); two firms never share a file.
--
-- Money is integer cents with an ISO 4217 code in the column NAME_currency. Dates are ISO 8601 text that the calendar
-- has. Ids are 64-bit. `version` counts the changes of a row that people edit.
-- SMV writes every table but change, audit, audit_anchor, audit_shown, deleted_document, invitation, session, start_screen and turn,
-- which the portal writes, and delivery, imported, imported_policy, import_conflict and imported_document, which smvportalctl import
-- writes, as it does unassigned_document, from which the portal takes what somebody assigns; what people edit in the portal (customer,
-- family_member, contact, communication, bank_account, document) both write, and each raises the version.

PRAGMA user_version = 8;

-- The firm itself, one row. Written by SMV: what the start screen shows until the firm publishes one of its own.
CREATE TABLE firm (
    tenant          INTEGER PRIMARY KEY CHECK (tenant > 0), -- smvMandantNr of the firm's entry in LDAP
    name            TEXT NOT NULL,                          -- as in the register of companies
    welcome_title   TEXT,                                   -- heading of the start screen
    welcome_text    TEXT,                                   -- plain text below it
    contact_name    TEXT,                                   -- the contact card: a person or a team
    contact_role    TEXT,                                   -- what that person is to the customer
    contact_phone   TEXT,                                   -- as people read it
    contact_mail    TEXT,
    contact_address TEXT,                                   -- one line
    version         INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX firm_is_only_one ON firm ((1));

-- The start screen: the draft, which is row 0, and each publication, of which people see the last. Written by the portal.
-- A colour or a place of a tile that is NULL is the portal's own.
CREATE TABLE start_screen (
    id       INTEGER PRIMARY KEY CHECK (id >= 0),
    version  INTEGER NOT NULL DEFAULT 1,                    -- of the draft
    time     INTEGER,                                       -- seconds since 1970: when it was published; the draft saved
    login    TEXT,                                          -- by whom: uid and name of the account
    name     TEXT,
    restored INTEGER CHECK (restored > 0),                  -- the publication that it is once more
    logo_hash       TEXT CHECK (length(logo_hash) = 64 AND logo_hash NOT GLOB '*[^0-9a-f]*'), -- as of a document
    logo_media_type TEXT CHECK (logo_media_type IN ('image/png', 'image/jpeg')),
    logo_size       INTEGER CHECK (logo_size > 0),          -- bytes
    welcome_title TEXT,
    welcome_text  TEXT,                                     -- HTML of few elements, or plain text
    brand TEXT, on_brand TEXT, ground TEXT, surface TEXT, ink TEXT, -- #rrggbb
    tile_customer TEXT, tile_contracts TEXT, tile_documents TEXT, tile_financial_analysis TEXT, -- 1 to 7, or hidden
    tile_link_1 TEXT, tile_link_2 TEXT, tile_link_3 TEXT,
    link_1_label TEXT, link_1_text TEXT, link_1_url TEXT,   -- tiles of the firm's own
    link_2_label TEXT, link_2_text TEXT, link_2_url TEXT,
    link_3_label TEXT, link_3_text TEXT, link_3_url TEXT,
    news_1_title TEXT, news_1_text TEXT, news_1_from TEXT, news_1_until TEXT, -- first and last day, ISO 8601
    news_2_title TEXT, news_2_text TEXT, news_2_from TEXT, news_2_until TEXT,
    news_3_title TEXT, news_3_text TEXT, news_3_from TEXT, news_3_until TEXT,
    news_4_title TEXT, news_4_text TEXT, news_4_from TEXT, news_4_until TEXT,
    contact_name TEXT, contact_role TEXT, contact_phone TEXT, contact_mail TEXT, contact_address TEXT,
    imprint_url TEXT, privacy_url TEXT,
    CHECK ((logo_hash IS NULL) = (logo_media_type IS NULL) AND (logo_hash IS NULL) = (logo_size IS NULL))
) STRICT;
CREATE INDEX start_screen_by_logo ON start_screen (logo_hash) WHERE logo_hash IS NOT NULL;
-- The draft begins as what SMV says of the firm, and follows it until somebody saves one.
CREATE TRIGGER firm_has_a_start_screen AFTER INSERT ON firm BEGIN
    INSERT INTO start_screen (id, welcome_title, welcome_text, contact_name, contact_role, contact_phone, contact_mail,
        contact_address) SELECT 0, new.welcome_title, new.welcome_text, new.contact_name, new.contact_role,
        new.contact_phone, new.contact_mail, new.contact_address
        WHERE NOT EXISTS (SELECT 1 FROM start_screen WHERE id = 0);
END;
CREATE TRIGGER firm_is_in_its_start_screen AFTER UPDATE ON firm BEGIN
    UPDATE start_screen SET welcome_title = new.welcome_title, welcome_text = new.welcome_text,
        contact_name = new.contact_name, contact_role = new.contact_role, contact_phone = new.contact_phone,
        contact_mail = new.contact_mail, contact_address = new.contact_address WHERE id = 0 AND version = 1;
END;
CREATE TRIGGER publication_stays BEFORE DELETE ON start_screen BEGIN
    SELECT RAISE(ABORT, 'the start screen keeps its history');
END;
CREATE TRIGGER publication_is_as_it_was BEFORE UPDATE ON start_screen WHEN old.id > 0 BEGIN
    SELECT RAISE(ABORT, 'the start screen keeps its history');
END;
CREATE TRIGGER publication_is_added BEFORE INSERT ON start_screen
    WHEN EXISTS (SELECT 1 FROM start_screen WHERE id = new.id) BEGIN
    SELECT RAISE(ABORT, 'the start screen keeps its history');
END;

-- A customer of the firm.
CREATE TABLE customer (
    number      INTEGER PRIMARY KEY CHECK (number > 0),     -- customer number; smvKundenNr of accounts in LDAP
    kind        TEXT NOT NULL CHECK (kind IN ('person', 'company')),
    salutation  TEXT CHECK (salutation IN ('mr', 'ms', 'company', 'mr_and_ms')),
    first_name  TEXT,                                       -- of a person
    name        TEXT NOT NULL,                              -- surname, or the company's name
    birth_date  TEXT CHECK (birth_date IS date(birth_date, '+0 days')),
    street      TEXT,                                       -- with house number
    postal_code TEXT,
    city        TEXT,
    marital_status TEXT CHECK (marital_status IN ('single', 'married', 'civil_partnership', 'separated', 'divorced', 'widowed')),
    occupation  TEXT,                                       -- of a person
    legal_form  TEXT,                                       -- of a company, like its register number and industry
    register_number TEXT,
    industry    TEXT,
    broker      INTEGER CHECK (broker > 0),                 -- whose portfolio it is in; smvVermittlerNr in LDAP
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX customer_by_broker ON customer (broker, number);

-- What a customer is found by, between blanks. Umlauts are there in both spellings. The day of birth is marked by ¶, in
-- both orders (¶19481224 ¶24121948), and the broker by §: neither is what somebody meant by a number.
CREATE VIEW customer_words (customer, words) AS
    SELECT number, CASE WHEN spelt = words THEN words ELSE words || ' ' || spelt END FROM (
    SELECT number, words, replace(replace(replace(replace(replace(replace(replace(words, 'ä', 'ae'), 'ö', 'oe'),
        'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue'), 'ß', 'ss') AS spelt FROM (
    SELECT number, number || ' ' || name || coalesce(' ' || first_name, '') || coalesce(' ' || postal_code, '')
        || coalesce(' ' || city, '') || coalesce(' ¶' || replace(birth_date, '-', '') || ' ¶' || substr(birth_date, 9)
        || substr(birth_date, 6, 2) || substr(birth_date, 1, 4), '') || coalesce(' §' || broker, '') AS words FROM customer));

-- An insurance contract. Clustered by customer: the contract table of a page is one range of one tree. Written by SMV.
CREATE TABLE contract (
    customer             INTEGER NOT NULL REFERENCES customer (number),
    id                   INTEGER NOT NULL CHECK (id > 0),   -- unique in the file
    number               TEXT NOT NULL,                     -- policy number, given by the insurer
    insurer              TEXT NOT NULL,
    tariff               TEXT,
    sum_insured          INTEGER,                           -- cents
    sum_insured_currency TEXT NOT NULL DEFAULT 'EUR' CHECK (sum_insured_currency GLOB '[A-Z][A-Z][A-Z]'),
    start_date           TEXT CHECK (start_date IS date(start_date, '+0 days')),
    end_date             TEXT CHECK (end_date IS date(end_date, '+0 days')),
    status               TEXT NOT NULL CHECK (status IN ('application', 'active', 'cancelled', 'expired', 'external')),
    note                 TEXT,                              -- as SMV words it: - OK -
    premium              INTEGER,                           -- cents for each payment
    premium_currency     TEXT NOT NULL DEFAULT 'EUR' CHECK (premium_currency GLOB '[A-Z][A-Z][A-Z]'),
    payment_mode         TEXT CHECK (payment_mode IN ('monthly', 'quarterly', 'half_yearly', 'yearly', 'single')),
    document_count       INTEGER NOT NULL DEFAULT 0,        -- kept by the triggers of document; nobody else writes it
    version              INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (customer, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contract_by_id ON contract (id);
CREATE INDEX contract_ending ON contract (end_date, id) WHERE status IN ('active', 'application');
-- Numbers are looked for as people write them: in any case, with or without blanks and strokes.
CREATE INDEX contract_by_number ON contract
    (upper(replace(replace(replace(replace(number, ' ', ''), '-', ''), '/', ''), '.', '')), customer);

-- A document; its content is a file named by content_hash below the documents folder.
CREATE TABLE document (
    id           INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    customer     INTEGER NOT NULL REFERENCES customer (number),
    contract     INTEGER,                                   -- id; NULL: belongs to the customer only
    name         TEXT NOT NULL,                             -- of the file, as people see it
    kind         TEXT NOT NULL CHECK (kind IN ('policy', 'invoice', 'terms', 'letter', 'photo', 'other')),
    date         TEXT NOT NULL CHECK (date IS date(date, '+0 days')),
    size         INTEGER NOT NULL CHECK (size >= 0),        -- bytes
    media_type   TEXT NOT NULL,                             -- application/pdf
    content_hash TEXT NOT NULL                              -- SHA-256 of the content, lower-case hex
                 CHECK (length(content_hash) = 64 AND content_hash NOT GLOB '*[^0-9a-f]*'),
    added_by     TEXT,                                      -- who put it there through the portal; NULL: the firm
    version      INTEGER NOT NULL DEFAULT 1,
    -- A document never hangs on another customer's contract.
    FOREIGN KEY (customer, contract) REFERENCES contract (customer, id)
) STRICT;
CREATE INDEX document_by_customer ON document (customer, date DESC, id DESC);
CREATE INDEX document_by_content ON document (content_hash);
CREATE INDEX document_by_contract ON document (customer, contract) WHERE contract IS NOT NULL;

-- The contract table shows how many documents each contract has; counting them then costs a fourth of the whole page.
-- They are counted anew for the whole customer: REPLACE takes a row away without a trigger for it.
CREATE TRIGGER document_inserted AFTER INSERT ON document BEGIN
    UPDATE contract SET document_count = (SELECT count(*) FROM document
        WHERE document.customer = contract.customer AND document.contract = contract.id) WHERE customer = new.customer;
END;
CREATE TRIGGER document_deleted AFTER DELETE ON document BEGIN
    UPDATE contract SET document_count = (SELECT count(*) FROM document
        WHERE document.customer = contract.customer AND document.contract = contract.id) WHERE customer = old.customer;
END;
CREATE TRIGGER document_moved AFTER UPDATE OF customer, contract ON document BEGIN
    UPDATE contract SET document_count = (SELECT count(*) FROM document
        WHERE document.customer = contract.customer AND document.contract = contract.id)
        WHERE customer IN (old.customer, new.customer);
END;
CREATE TRIGGER contract_inserted AFTER INSERT ON contract BEGIN
    UPDATE contract SET document_count = (SELECT count(*) FROM document
        WHERE document.customer = contract.customer AND document.contract = contract.id)
        WHERE customer = new.customer AND id = new.id;
END;
-- Nothing tells of the customer whom a REPLACE would take a document from.
CREATE TRIGGER document_keeps_its_customer BEFORE INSERT ON document
    WHEN EXISTS (SELECT 1 FROM document WHERE id = new.id AND customer <> new.customer) BEGIN
    SELECT RAISE(ABORT, 'the document belongs to another customer: update it or delete it first');
END;

-- A document that was deleted in the portal, for as long as that can be undone. Written by the portal.
CREATE TABLE deleted_document (
    id           INTEGER PRIMARY KEY,
    customer     INTEGER NOT NULL,
    contract     INTEGER,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    date         TEXT NOT NULL,
    size         INTEGER NOT NULL,
    media_type   TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    added_by     TEXT,
    version      INTEGER NOT NULL,
    deleted_time INTEGER NOT NULL,                          -- seconds since 1970
    deleted_by   TEXT NOT NULL                              -- name of the account
) STRICT;
CREATE INDEX deleted_document_by_customer ON deleted_document (customer, deleted_time);
CREATE INDEX deleted_document_by_time ON deleted_document (deleted_time);
CREATE INDEX deleted_document_by_content ON deleted_document (content_hash);

-- A member of a customer's family.
CREATE TABLE family_member (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), -- never given again: the change log names it
    customer   INTEGER NOT NULL REFERENCES customer (number),
    first_name TEXT NOT NULL,
    name       TEXT NOT NULL,                               -- surname
    relation   TEXT NOT NULL CHECK (relation IN ('spouse', 'partner', 'child', 'parent', 'other')), -- to the customer
    birth_date TEXT CHECK (birth_date IS date(birth_date, '+0 days')),
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX family_member_by_customer ON family_member (customer, id);

-- A person to speak to at a customer's.
CREATE TABLE contact (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    customer   INTEGER NOT NULL REFERENCES customer (number),
    salutation TEXT CHECK (salutation IN ('mr', 'ms')),
    first_name TEXT,
    name       TEXT NOT NULL,
    position   TEXT,                                        -- what the person does there
    phone      TEXT,
    email      TEXT,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX contact_by_customer ON contact (customer, id);

-- How a customer is reached: telephone, fax or mail.
CREATE TABLE communication (
    id       INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    customer INTEGER NOT NULL REFERENCES customer (number),
    kind     TEXT NOT NULL CHECK (kind IN ('phone', 'mobile', 'fax', 'email')),
    value    TEXT NOT NULL,                                 -- the number or address
    usage    TEXT CHECK (usage IN ('private', 'business')),
    note     TEXT,
    version  INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX communication_by_customer ON communication (customer, id);

-- A bank account that premiums are taken from.
CREATE TABLE bank_account (
    id       INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    customer INTEGER NOT NULL REFERENCES customer (number),
    holder   TEXT NOT NULL,
    iban     TEXT NOT NULL CHECK (iban GLOB '[A-Z][A-Z][0-9][0-9]*' AND length(iban) BETWEEN 15 AND 34), -- ISO 13616
    bic      TEXT CHECK (length(bic) IN (8, 11)),           -- ISO 9362
    bank     TEXT,                                          -- its name
    mandate_reference TEXT CHECK (length(mandate_reference) BETWEEN 1 AND 35), -- of a SEPA direct debit mandate
    mandate_date      TEXT CHECK (mandate_date IS date(mandate_date, '+0 days')), -- when it was signed
    version  INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX bank_account_by_customer ON bank_account (customer, id);

-- What the financial analysis of a customer is made of. Written by SMV.
CREATE TABLE financial_item (
    id              INTEGER PRIMARY KEY CHECK (id > 0),
    customer        INTEGER NOT NULL REFERENCES customer (number),
    kind            TEXT NOT NULL CHECK (kind IN ('income', 'expense', 'asset', 'liability', 'provision')),
    label           TEXT NOT NULL,                          -- German, as people read it
    amount          INTEGER NOT NULL CHECK (amount >= 0),   -- cents: a month's, the state of, or for kind provision what
                                                            -- is covered a month
    amount_currency TEXT NOT NULL DEFAULT 'EUR' CHECK (amount_currency GLOB '[A-Z][A-Z][A-Z]'),
    needed          INTEGER CHECK ((kind = 'provision') = (needed IS NOT NULL) AND needed >= 0), -- cents a month
    as_of           TEXT CHECK (as_of IS date(as_of, '+0 days')), -- of assets and liabilities
    version         INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX financial_item_by_customer ON financial_item (customer, kind, id);

-- The change log: one row for each change that was made through the portal, in the same transaction. Written by the
-- portal; SMV reads it. Ids are given without gaps in the order of the transactions, so that a reader who asks for
-- those above the last one seen misses none.
CREATE TABLE change (
    id         INTEGER PRIMARY KEY,
    time       INTEGER NOT NULL,                            -- seconds since 1970
    customer   INTEGER NOT NULL,
    resource   TEXT NOT NULL,                               -- name of the table
    row        INTEGER NOT NULL,                            -- key of the row there
    kind       TEXT NOT NULL CHECK (kind IN ('create', 'edit', 'delete', 'restore')),
    login      TEXT NOT NULL,                               -- who: uid and name of the account
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,                               -- from where: of the client
    channel    TEXT NOT NULL CHECK (channel IN ('page', 'api')),
    is_staff   INTEGER NOT NULL CHECK (is_staff IN (0, 1)), -- not one of the account's own customers
    old        TEXT CHECK (old IS NULL OR json_valid(old)), -- JSON objects; of an edit both have what differs
    new        TEXT CHECK (new IS NULL OR json_valid(new)),
    submission TEXT,                                        -- names one sending of a form, so that it counts once
    done_time  INTEGER,                                     -- when, and by whom, staff marked it as done
    done_by    TEXT
) STRICT;
CREATE INDEX change_by_customer ON change (customer, id);
CREATE INDEX change_to_do ON change (id) WHERE done_time IS NULL AND NOT is_staff;
CREATE INDEX change_to_do_of_customer ON change (customer, id) WHERE done_time IS NULL AND NOT is_staff;
-- Of one account for one customer: others may have found the same name for theirs.
CREATE UNIQUE INDEX change_by_submission ON change (submission, login, customer, resource) WHERE submission IS NOT NULL;
CREATE TRIGGER change_stays BEFORE DELETE ON change BEGIN
    SELECT RAISE(ABORT, 'the change log keeps every row');
END;
CREATE TRIGGER change_is_as_it_was BEFORE UPDATE OF id, time, customer, resource, row, kind, login, name, address,
    channel, is_staff, old, new, submission ON change BEGIN
    SELECT RAISE(ABORT, 'of a change only done_time and done_by may be written');
END;
-- A REPLACE deletes without a trigger for it.
CREATE TRIGGER change_is_added BEFORE INSERT ON change
    WHEN EXISTS (SELECT 1 FROM change WHERE id = new.id)
    OR EXISTS (SELECT 1 FROM change WHERE submission = new.submission AND login = new.login
        AND customer = new.customer AND resource = new.resource) BEGIN
    SELECT RAISE(ABORT, 'the change log keeps every row');
END;

-- The audit log: who signed in, read, changed or administered what. Written by the portal.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,                              -- seconds since 1970
    kind     TEXT NOT NULL,                                 -- what was done: read, sign_in, edit …
    subject  TEXT NOT NULL,                                 -- name of the route that was read, or of what was changed
    object   TEXT,                                          -- what has no row: a DN, a login
    customer INTEGER,                                       -- whose data; NULL: nobody's
    row      INTEGER,                                       -- key of the row
    login    TEXT NOT NULL,                                 -- who: uid and name of the account
    name     TEXT NOT NULL,
    address  TEXT NOT NULL,                                 -- from where: of the client
    channel  TEXT NOT NULL CHECK (channel IN ('page', 'api')),
    detail   TEXT CHECK (detail IS NULL OR json_valid(detail)), -- a JSON object of more
    hash     BLOB NOT NULL CHECK (length(hash) = 32)        -- SHA-256 of the hash before and of the row (docs/architecture.md)
) STRICT;
-- What was older than the retention is gone up to this row; the rest stands on its hash.
CREATE TABLE audit_anchor (
    id   INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_anchor VALUES (0, zeroblob(32));
-- By which customers a list is found that showed several; what it showed stands in its detail, too, which the hash covers.
CREATE TABLE audit_shown (
    customer INTEGER NOT NULL,
    time     INTEGER NOT NULL,                              -- of the row
    id       INTEGER NOT NULL,
    PRIMARY KEY (customer, time, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_shown_by_id ON audit_shown (id);
CREATE TRIGGER audit_shown_stays BEFORE DELETE ON audit_shown WHEN old.id > (SELECT id FROM audit_anchor) BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row');
END;
CREATE TRIGGER audit_shown_is_as_it_was BEFORE UPDATE ON audit_shown BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row');
END;
CREATE INDEX audit_by_time ON audit (time);
CREATE INDEX audit_by_login ON audit (login, time);
CREATE INDEX audit_by_kind ON audit (kind, time);
CREATE INDEX audit_of_customer_by_time ON audit (customer, time) WHERE customer IS NOT NULL;
CREATE INDEX audit_of_reader ON audit (login, id) WHERE kind = 'read' AND customer IS NOT NULL;
CREATE INDEX audit_by_customer ON audit (customer, id) WHERE customer IS NOT NULL;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit WHEN old.id > (SELECT id FROM audit_anchor) BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row');
END;
CREATE TRIGGER audit_is_as_it_was BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row');
END;
CREATE TRIGGER audit_is_added BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id) BEGIN
    SELECT RAISE(ABORT, 'the audit log keeps every row');
END;

-- Sign-in sessions. Written by the portal. Times are microseconds since 1970.
CREATE TABLE session (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32), -- SHA-256 of the token, which is never stored
    dn         TEXT NOT NULL,                               -- of the account in LDAP
    account    TEXT,                                        -- UUID of its entry: another one may come to have that DN
    bound_to   TEXT,                                        -- identifier of the single sign-on that it ends with; NULL: none
    created    INTEGER NOT NULL,
    last_used  INTEGER NOT NULL,                            -- written at most once a minute
    view_dn       TEXT,                                     -- the view as a customer: of the account; NULL: in none
    view_name     TEXT,                                     -- of its person
    view_customer INTEGER,                                  -- from whose page it began
    view_since    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_dn ON session (dn);
CREATE INDEX session_by_created ON session (created);
CREATE INDEX session_by_last_used ON session (last_used);

-- Invitations to choose a password, at most one for each account. Written by the portal. Times are seconds since 1970.
CREATE TABLE invitation (
    code_hash  BLOB PRIMARY KEY CHECK (length(code_hash) = 32), -- SHA-256 of the code, which is never stored
    dn         TEXT NOT NULL UNIQUE,                        -- of the account in LDAP; a new invitation ends the old one
    login      TEXT NOT NULL,                               -- its uid
    customer   INTEGER NOT NULL,                            -- from whose page it was made
    kind       TEXT NOT NULL CHECK (kind IN ('invite', 'reset')),
    created    INTEGER NOT NULL,
    created_by TEXT NOT NULL,                               -- uid of the account that made it
    expires    INTEGER NOT NULL,
    used       INTEGER                                      -- when the password was chosen; NULL: not yet
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_expires ON invitation (expires);

-- What only one of all processes does at a time. Written by the portal.
CREATE TABLE turn (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,   -- at random, so that nobody gives back the turn of another
    until  INTEGER NOT NULL -- seconds since 1970: whoever died with it loses it then
) STRICT, WITHOUT ROWID;

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
