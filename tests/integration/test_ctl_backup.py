# SPDX-License-Identifier: Apache-2.0
"""smvportalctl backup and restore: a copy of one state while the portal works on, and nothing put in place that was not checked."""
import datetime
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import threading

import pytest

from conftest import ENVIRONMENT
from private_servers import PrivateHttpd


@pytest.fixture(name="httpd")
def _httpd(running_portal):
    made = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\nSmvPortalRefusalTime 0\nSmvPortalUndoTime 0\n")
    yield made
    made.process.terminate()
    made.process.communicate(timeout=30)
    shutil.rmtree(made.folder)


@pytest.fixture(name="target")
def _target():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-backup-", dir="/tmp"))
    yield folder / "backup"
    shutil.rmtree(folder)


def query(database, sql):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def hashes(database):
    return {row[0] for row in query(database, "SELECT content_hash FROM document UNION SELECT content_hash FROM deleted_document"
                                    " UNION SELECT logo_hash FROM start_screen WHERE logo_hash IS NOT NULL")}


def contents(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def backup(httpd, target, *options):
    done = httpd.control("backup", *options, target)
    assert done.returncode == 0, done.stderr
    return done.stdout


def upload(httpd, text):
    session = httpd.sign_in("ines.innen")
    answer = session.post(httpd.url + "/api/v1/customers/10001/documents", files={"file": (f"{text}.txt", text, "text/plain")},
                          data={"kind": "letter"}, timeout=20)
    assert answer.status_code in (200, 201), answer.text


def stop(httpd):
    httpd.process.terminate()
    httpd.process.communicate(timeout=30)


def restore(httpd, target, *options):
    return httpd.control("restore", target, *options)


def state(httpd):
    """Whatever is in the portal's folders."""
    folder = pathlib.Path(httpd.database).parent
    return ({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if not path.name.endswith("-shm")},
            contents(httpd.documents), sorted(path.name for path in httpd.folder.iterdir()))


# --- backup ---

def test_a_backup_has_the_database_and_each_content_that_it_names(httpd, target):
    told = json.loads(backup(httpd, target, "--json"))
    manifest = json.loads((target / "manifest.json").read_text())
    database = target / "database.sqlite"
    assert contents(target / "documents") == hashes(database) == hashes(httpd.database)
    for path in (target / "documents").rglob("*"):
        assert path.is_dir() or hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert manifest["database_sha256"] == hashlib.sha256(database.read_bytes()).hexdigest()
    assert (manifest["format"], manifest["tenant"], manifest["documents"]) == ("1", "1", str(len(hashes(database))))
    assert int(manifest["schema_version"]) == query(database, "PRAGMA user_version")[0][0]
    assert told["time"] == manifest["time"] and told["bytes"] == manifest["bytes"] == str(
        sum(path.stat().st_size for path in (target / "documents").rglob("*") if path.is_file()))
    assert query(database, "SELECT * FROM contract ORDER BY id") == query(httpd.database, "SELECT * FROM contract ORDER BY id")


def test_a_backup_is_for_its_owner_alone(httpd, target):
    backup(httpd, target)
    for path in (target, *target.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert sorted(path.name for path in target.iterdir()) == ["database.sqlite", "documents", "manifest.json"]


def test_a_backup_of_a_portal_that_is_written_all_the_time_ends_and_is_of_one_state(httpd, target):
    """Each transaction moves one cent from one row to another: no state has another sum."""
    database = sqlite3.connect(httpd.database)
    database.execute("CREATE TABLE pile (id INTEGER PRIMARY KEY, cents INTEGER, ballast BLOB)")
    database.execute("INSERT INTO pile SELECT value, 0, zeroblob(4000) FROM json_each('[' || (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
                     " SELECT i + 1 FROM n WHERE i < 9999) SELECT group_concat(i) FROM n) || ']')")
    database.commit()
    database.close()
    ended, moved = threading.Event(), []

    def write():
        connection = sqlite3.connect(httpd.database, timeout=30, isolation_level=None)
        at = 0
        while not ended.is_set():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE pile SET cents = cents + 1 WHERE id = ?", (at % 10000,))
            connection.execute("UPDATE pile SET cents = cents - 1 WHERE id = ?", (9999 - at % 10000,))
            connection.execute("COMMIT")
            at += 7
            moved.append(at)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = len(moved)
        backup(httpd, target)
        assert len(moved) > before
    finally:
        ended.set()
        writer.join()
    assert query(target / "database.sqlite", "SELECT sum(cents), count(*) FROM pile") == [(0, 10000)]
    assert query(target / "database.sqlite", "PRAGMA integrity_check") == [("ok",)]


def test_what_is_uploaded_meanwhile_is_in_the_next_one(httpd, target):
    upload(httpd, "vorher")
    backup(httpd, target)
    upload(httpd, "nachher")
    known = contents(target / "documents")
    assert hashlib.sha256(b"vorher").hexdigest() in known and hashlib.sha256(b"nachher").hexdigest() not in known


def test_a_backup_never_writes_over_another_one(httpd, target):
    backup(httpd, target)
    before = (target / "manifest.json").read_bytes()
    again = httpd.control("backup", target)
    assert again.returncode == 73 and "is there already" in again.stderr and (target / "manifest.json").read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["backup"]


@pytest.mark.parametrize("deed, words", [
    (lambda path: path.unlink(), "No such file"), (lambda path: path.write_bytes(b"other"), "another content than its name says")])
def test_a_content_that_is_missing_or_damaged_is_named_and_no_backup_is_left(httpd, target, deed, words):
    broken = sorted(path for path in httpd.documents.rglob("*") if path.name in hashes(httpd.database))[:2]
    for path in broken:
        deed(path)
    done = httpd.control("backup", target)
    assert done.returncode == 65 and words in done.stderr and all(str(path) in done.stderr for path in broken), done.stderr
    assert list(target.parent.iterdir()) == []


def test_garbage_collection_waits_for_a_backup_and_a_backup_for_it(httpd, target):
    descriptor = os.open(httpd.documents, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)  # as a backup has it
    assert httpd.control("collect-garbage").returncode == 75
    backup(httpd, target)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # as the collection has it
    done = httpd.control("backup", target.with_name("other"))
    assert done.returncode == 75 and "try again later" in done.stderr
    os.close(descriptor)
    assert httpd.control("collect-garbage").returncode == 0


def test_a_terminal_sees_how_far_it_is_and_a_file_does_not(httpd, target):
    leader, follower = pty.openpty()
    with subprocess.Popen([httpd.ctl, "backup", target, "--httpd", f"apache2 -f {httpd.conf}"], env=ENVIRONMENT,
                          stdout=subprocess.DEVNULL, stderr=follower) as process:
        os.close(follower)
        text = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
    os.close(leader)
    assert process.returncode == 0 and b"database" in text and b"documents" in text and b"100%" in text
    assert httpd.control("backup", target.with_name("other")).stderr == ""


# --- restore ---

def test_a_restored_portal_is_as_it_was(httpd, target):
    upload(httpd, "vorher")
    backup(httpd, target)
    upload(httpd, "nachher")
    rows = "SELECT id, name, content_hash FROM document ORDER BY id"
    kept = query(httpd.database, rows)
    stop(httpd)
    done = restore(httpd, target)
    assert done.returncode == 0 and "restored the state of" in done.stdout, done.stderr
    assert query(httpd.database, rows) == query(target / "database.sqlite", rows) != kept
    assert contents(httpd.documents) == hashes(target / "database.sqlite")
    [aside] = [path for path in pathlib.Path(httpd.database).parent.iterdir() if ".before-" in path.name
               and not path.name.endswith(("-wal", "-shm"))]
    assert str(aside) in done.stdout and query(aside, rows) == kept
    [documents] = [path for path in httpd.folder.iterdir() if path.name.startswith("documents.before-")]
    assert hashlib.sha256(b"nachher").hexdigest() in contents(documents)
    httpd.start()
    assert httpd.api("/customers/10001/documents").status_code == 200
    assert httpd.control("audit", "verify").returncode == 0
    noted = query(httpd.database, "SELECT kind, subject, object FROM audit WHERE kind = 'restore' AND subject = 'database'")
    assert noted == [("restore", "database", json.loads((target / "manifest.json").read_text())["time"])]


def test_who_was_let_in_at_the_time_of_the_backup_is_not_let_in_by_it_again(httpd, target):
    session = httpd.sign_in("ines.innen")
    connection = sqlite3.connect(httpd.database)
    connection.execute("INSERT INTO invitation VALUES (zeroblob(32), 'uid=x', 'x', 10001, 'invite', 1, 'ines.innen', 9999999999, NULL)")
    connection.execute("INSERT INTO invitation VALUES (randomblob(32), 'uid=y', 'y', 10001, 'invite', 1, 'ines.innen', 9999999999, 2)")
    connection.commit()
    connection.close()
    backup(httpd, target)
    stop(httpd)
    assert restore(httpd, target).returncode == 0
    assert query(httpd.database, "SELECT count(*) FROM session") == [(0,)]
    assert query(httpd.database, "SELECT dn FROM invitation") == [("uid=y",)]
    httpd.start()
    assert session.get(httpd.url + "/api/v1/me", timeout=20).status_code == 401


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_is_restored_is_of_httpds_user_alone(httpd, target):
    backup(httpd, target)
    stop(httpd)
    assert restore(httpd, target).returncode == 0
    for path in (pathlib.Path(httpd.database), httpd.documents, *httpd.documents.rglob("*")):
        found = path.stat()
        assert path.owner() == "www-data" and path.group() == "www-data"
        assert stat.S_IMODE(found.st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_portal_that_is_new_is_restored_into(httpd, target):
    backup(httpd, target)
    stop(httpd)
    for path in pathlib.Path(httpd.database).parent.iterdir():
        path.unlink()
    shutil.rmtree(httpd.documents)
    done = restore(httpd, target, "--json")
    assert done.returncode == 0, done.stderr
    assert contents(httpd.documents) == hashes(httpd.database) and not list(httpd.folder.glob("documents.before-*"))


def test_a_portal_that_runs_is_not_restored_into(httpd, target):
    backup(httpd, target)
    before = state(httpd)
    done = restore(httpd, target)
    assert done.returncode == 75 and "stop httpd" in done.stderr and done.stdout == ""
    assert state(httpd) == before and httpd.api("/customers/10001/contracts").status_code == 200
    stop(httpd)
    connection = sqlite3.connect(httpd.database)  # and neither where any other program has it open
    connection.execute("SELECT count(*) FROM firm").fetchone()
    assert restore(httpd, target).returncode == 75
    connection.close()
    assert restore(httpd, target).returncode == 0


def rewrite_manifest(target, **members):
    path = target / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


def change_database(target, *statements):
    """And let the manifest fit, so that only what is in the database is wrong."""
    path = target / "database.sqlite"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    rewrite_manifest(target, database_sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def damage_page(target):
    path = target / "database.sqlite"
    content = bytearray(path.read_bytes())
    connection = sqlite3.connect(path)
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'contract'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    content[(page - 1) * size:page * size] = bytes(size)
    path.write_bytes(content)
    rewrite_manifest(target, database_sha256=hashlib.sha256(content).hexdigest())


def first_content(target):
    return min(path for path in (target / "documents").rglob("*") if path.is_file())


@pytest.mark.parametrize("deed, words", [
    (lambda target: (target / "manifest.json").unlink(), "manifest.json is missing or damaged"),
    (lambda target: (target / "manifest.json").write_text("{"), "manifest.json is missing or damaged"),
    (lambda target: rewrite_manifest(target, format="2"), "of another release"),
    (lambda target: rewrite_manifest(target, schema_version="1"), "version 1, this program needs version"),
    (lambda target: rewrite_manifest(target, tenant="2"), "is of the firm 2, the portal is of 1"),
    (lambda target: rewrite_manifest(target, database_sha256="0" * 64), "is not as it was when the backup was made"),
    (lambda target: (target / "database.sqlite").unlink(), "No such file"),
    (damage_page, "is damaged"),
    (lambda target: change_database(target, "PRAGMA foreign_keys = OFF", "INSERT INTO contact (customer, name) VALUES (99999, 'X')"),
     "a row of contact names one of customer that is not there"),
    (lambda target: change_database(target, "DROP TRIGGER audit_is_as_it_was", "UPDATE audit SET name = 'X' WHERE id = 1"),
     "the audit log of the backup is broken at row 1"),
    (lambda target: change_database(target, "UPDATE firm SET tenant = 7"), "no firm of tenant 1"),
    (lambda target: first_content(target).unlink(), "No such file"),
    (lambda target: first_content(target).write_bytes(b"other"), "is not as it was when the backup was made"),
])
def test_a_backup_that_is_not_sound_changes_nothing(httpd, target, deed, words):
    httpd.sign_in("karla.kunde")  # so that the audit log has a row
    backup(httpd, target)
    stop(httpd)
    before = state(httpd)
    deed(target)
    done = restore(httpd, target)
    assert done.returncode == 65 and words in done.stderr and done.stdout == "", done.stderr
    assert state(httpd) == before


def test_a_failure_at_the_last_moment_puts_everything_back(httpd, target):
    """The database has moved when the documents cannot, as the name for them is taken: by each name of the next minute."""
    backup(httpd, target)
    stop(httpd)
    now = datetime.datetime.now()
    for second in range(60):
        (httpd.folder / f"documents.before-{now + datetime.timedelta(seconds=second):%Y%m%d-%H%M%S}").mkdir()
    before = state(httpd)
    done = restore(httpd, target)
    assert done.returncode == 74 and "documents.before-" in done.stderr, done.stderr
    assert state(httpd) == before
