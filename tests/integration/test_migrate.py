# SPDX-License-Identifier: Apache-2.0
"""A database of an older release becomes one of this release, or stays as it was."""
import contextlib
import json
import os
import re
import sqlite3
import stat
import subprocess
import threading

import pytest

from conftest import ROOT
from private_servers import PrivateHttpd

OLD, NEW = 6, 8


def opened(path):
    return contextlib.closing(sqlite3.connect(path, timeout=10))


def version_of(path):
    with opened(path) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


def schema_of(path):
    """Everything in it, in the words of this release."""
    with opened(path) as database:
        return sorted(database.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"))


def migrate(portal, path, *options):
    done = subprocess.run([portal.ctl, "migrate", path, *options], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(name="old")
def _old(tmp_path):
    path = tmp_path / "portal.sqlite"
    with opened(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for name in ("tests/port/schema-6.sql", "mod_smvportal/port/schema-search.sql"):
            database.executescript((ROOT / name).read_text(encoding="utf-8"))
        database.execute("INSERT INTO firm (tenant, name) VALUES (1, 'Musterfirma')")
        database.execute("INSERT INTO customer (number, kind, name) VALUES (10001, 'person', 'Kunde')")
        database.commit()
    return path


def test_an_older_database_becomes_what_a_new_one_is(running_portal, old, tmp_path):
    assert migrate(running_portal, old) == (0, f"{old} is of version {NEW} now; as it was, with version {OLD}, it is "
                                               f"{old}.version-{OLD}\nRestart httpd, if the portal runs.\n")
    new = tmp_path / "new.sqlite"
    subprocess.run([running_portal.ctl, "create-database", new], check=True, timeout=60)
    assert schema_of(old) == schema_of(new) and version_of(old) == NEW
    with opened(old) as database:
        assert database.execute("SELECT name FROM customer").fetchall() == [("Kunde",)]
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert migrate(running_portal, old) == (0, f"{old} is of version {NEW} already\n")


def test_deliveries_are_kept(running_portal, old):
    with opened(old) as database:
        database.executescript((ROOT / "mod_smvportal/port/migration-7.sql").read_text(encoding="utf-8"))
        database.execute("PRAGMA user_version = 7")
        database.execute("INSERT INTO delivery (id, time, kind, file, content_hash, created, updated, kept) VALUES (4, 1, 'gdv', 'a.txt', 'x', 2, 3, 1)")
        database.execute("INSERT INTO import_conflict VALUES ('customer', 10001, 'city', 10001, 4, 'Köln')")
        database.commit()
    assert migrate(running_portal, old)[0] == 0 and version_of(old) == NEW
    with opened(old) as database:
        assert database.execute("SELECT id, kind, file, created, updated, kept FROM delivery").fetchall() == [(4, "gdv", "a.txt", 2, 3, 1)]
        assert database.execute("SELECT delivery FROM import_conflict").fetchall() == [(4,)]
        database.execute("INSERT INTO delivery (time, kind, file, content_hash, created, updated, kept) VALUES (2, 'bipro', 'b.xml', 'y', 0, 0, 0)")
        assert database.execute("SELECT max(id) FROM delivery").fetchone() == (5,)


def test_the_database_as_it_was_is_kept_for_its_owner_alone(running_portal, old):
    before = schema_of(old)
    assert migrate(running_portal, old)[0] == 0
    copy = f"{old}.version-{OLD}"
    assert version_of(copy) == OLD and schema_of(copy) == before
    assert stat.S_IMODE(os.stat(copy).st_mode) == 0o600
    with opened(copy) as database:
        assert database.execute("SELECT name FROM customer").fetchall() == [("Kunde",)]


def test_in_json_they_tell_what_was_done(running_portal, old, tmp_path):
    code, said = migrate(running_portal, old, "--json")
    assert code == 0 and json.loads(said) == {"file": str(old), "from": OLD, "to": NEW, "backup": f"{old}.version-{OLD}"}
    code, said = migrate(running_portal, old, "--json")
    assert code == 0 and json.loads(said) == {"file": str(old), "from": NEW, "to": NEW, "backup": None}
    new = tmp_path / "new.sqlite"
    done = subprocess.run([running_portal.ctl, "create-database", "--json", new], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == {"file": str(new), "version": NEW} and version_of(new) == NEW


@pytest.mark.parametrize("version,word", [(NEW + 1, "newer release"), (OLD - 1, "migrations begin at"), (0, "is it a portal database")])
def test_other_versions_are_refused_and_stay(running_portal, old, version, word):
    with opened(old) as database:
        database.execute(f"PRAGMA user_version = {version}")
    code, said = migrate(running_portal, old)
    assert code == 65 and word in said and str(version) in said
    assert version_of(old) == version and sorted(os.listdir(old.parent)) == ["portal.sqlite"]


def test_what_is_no_database_is_named(running_portal, tmp_path):
    text = tmp_path / "text"
    text.write_text("no database, but longer than the head of one" * 20, encoding="ascii")
    for path, wanted in ((text, 65), (tmp_path / "missing", 66)):
        code, said = migrate(running_portal, path)
        assert code == wanted and str(path) in said
    assert os.listdir(tmp_path) == ["text"]


def test_a_copy_that_is_there_is_not_written_over(running_portal, old):
    copy = old.with_name(f"portal.sqlite.version-{OLD}")
    copy.write_text("mine", encoding="ascii")
    code, said = migrate(running_portal, old)
    assert code == 65 and str(copy) in said and copy.read_text(encoding="ascii") == "mine" and version_of(old) == OLD


def test_a_step_that_fails_leaves_nothing(running_portal, old):
    with opened(old) as database:
        database.execute("CREATE TABLE imported (of TEXT)")  # by somebody else
        database.commit()
    before = schema_of(old)
    code, said = migrate(running_portal, old)
    assert code == 65 and "imported already exists" in said
    assert schema_of(old) == before and version_of(old) == OLD


def test_lost_references_are_named(running_portal, old):
    with opened(old) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("INSERT INTO contact (customer, name) VALUES (4711, 'Niemand')")
        database.commit()
    code, said = migrate(running_portal, old)
    assert code == 65 and "contact" in said and version_of(old) == OLD


def test_it_waits_for_other_writers(running_portal, old):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(migrate(running_portal, old)))
    with opened(old) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO customer (number, kind, name) VALUES (10002, 'person', 'Spät')")
        thread.start()
        thread.join(1)
        assert thread.is_alive() and not answers
        database.commit()
    thread.join(30)
    assert answers[0][0] == 0
    with opened(f"{old}.version-{OLD}") as database:
        assert database.execute("SELECT count(*) FROM customer").fetchone() == (2,), "the copy has what was written before"


def test_the_portal_refuses_both_and_says_what_to_do(running_portal):
    httpd = PrivateHttpd(running_portal)
    try:
        for version, word in ((OLD, "smvportalctl migrate"), (NEW + 1, "newer release")):
            with opened(httpd.database) as database:
                database.execute(f"PRAGMA user_version = {version}")
            code, said = httpd.reload()
            assert code != 0 and word in said and f"schema version {version}, this program needs version {NEW}" in said
    finally:
        httpd.stop()


def test_the_data_model_names_every_table(tmp_path, running_portal):
    new = tmp_path / "new.sqlite"
    subprocess.run([running_portal.ctl, "create-database", new], check=True, timeout=60)
    tables = {name for kind, name, _ in schema_of(new) if kind == "table" and not re.search(r"sqlite_|_search_", name)}
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == tables
