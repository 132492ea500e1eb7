# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around a running portal: a clear line in the log, a whole answer, and recovery without a restart."""
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import threading
import time

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

LINES = """SmvPortalDatabaseBusyTimeout 1
SmvPortalLdapTimeout 1
SmvPortalRefusalTime 0
SmvPortalCacheTime 30
"""
CONTRACTS = "/customers/10001/contracts"


@pytest.fixture(name="own", scope="module")
def _own(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, LINES, slapd)
    yield httpd
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="failing")
def _failing(own):
    own.expected = []
    yield own
    assert own.unexpected_lines() == []


def is_whole(answer):
    if answer.headers["Content-Type"].startswith("text/html"):
        return answer.text.rstrip().endswith("</html>")
    return answer.headers["Content-Type"] == "application/problem+json" and answer.json()["status"] == answer.status_code


def is_put_off(answer):
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and is_whole(answer)


def get(portal, path, session=requests):
    return session.get(portal.url + path, timeout=20)


def wait_until_well(portal, session):
    wait_until(lambda: get(portal, CONTRACTS, session).status_code == 200, "the portal does not recover")
    wait_until(lambda: portal.sign_in("karla.kunde").answer.status_code == 303, "nobody can sign in again", 2)


def test_while_another_program_holds_the_database_people_read_on(failing):
    session = failing.sign_in("karla.kunde")
    failing.expect_log("SMV0301: .*statement.*another program holds the database.*SmvPortalDatabaseBusyTimeout")
    other = sqlite3.connect(failing.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert get(failing, CONTRACTS, session).status_code == 200
        answer = failing.sign_in("karla.kunde").answer
        assert is_put_off(answer) and "ausgelastet" in answer.text and "Set-Cookie" not in answer.headers
    finally:
        other.execute("ROLLBACK")
        other.close()
    wait_until_well(failing, session)


def test_the_note_of_a_use_waits_for_nobody(failing):
    session = failing.sign_in("karla.kunde")
    other = sqlite3.connect(failing.database, isolation_level=None)
    other.execute("UPDATE session SET last_used = last_used - 120000000")
    other.execute("BEGIN EXCLUSIVE")
    try:
        begun = time.monotonic()
        assert get(failing, CONTRACTS, session).status_code == 200
        assert time.monotonic() - begun < 0.8  # the busy timeout is a second
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_portal_that_starts_while_the_database_is_held_waits_for_it(running_portal, own):
    held = []

    def hold(httpd):
        held.append(sqlite3.connect(httpd.database, isolation_level=None))
        held[0].execute("PRAGMA locking_mode = EXCLUSIVE")
        held[0].execute("BEGIN EXCLUSIVE")

    httpd = PrivateHttpd(running_portal, LINES, own.slapd, hold)
    try:
        httpd.expect_log("SMV0301: .*portal.sqlite: .*database is locked; another program holds the database: end it")
        httpd.expect_log("SMV0302: .*portal.sqlite (could not be|is being) opened")
        assert is_put_off(get(httpd, "/login")) and is_put_off(httpd.api("/me"))
        held[0].close()
        wait_until(lambda: httpd.api(CONTRACTS).status_code == 200, "the portal does not recover")
        assert httpd.unexpected_lines() == []
    finally:
        held[0].close()
        httpd.stop()


def test_a_full_disk_keeps_nobody_from_reading(running_portal, own):
    """A limit to the size of files stands for the disk: the journal does not grow beyond it."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    httpd = PrivateHttpd(running_portal, LINES, own.slapd, lambda _: resource.setrlimit(
        resource.RLIMIT_FSIZE, (1 << 20, unlimited[1])))
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    httpd.expect_log(r"SMV0302: .*portal.sqlite: statement \d+: (disk I/O error|database or disk is full); ")
    try:
        session = httpd.sign_in("karla.kunde")
        other = sqlite3.connect(httpd.database, isolation_level=None)
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("UPDATE firm SET contact_address = printf('%2000000s', contact_address)")
        assert is_put_off(httpd.sign_in("karla.kunde").answer)
        answer = get(httpd, CONTRACTS, session)
        assert answer.status_code == 200 and is_whole(answer)
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
        assert httpd.sign_in("karla.kunde").answer.status_code == 303
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()


def test_a_file_that_is_no_database_is_named(failing):
    session = failing.sign_in("karla.kunde")
    away = failing.database + ".away"
    os.rename(failing.database, away)
    pathlib.Path(failing.database).write_text("no database\n" * 500)
    shutil.copystat(away, failing.database)
    shutil.chown(failing.database, os.stat(away).st_uid, os.stat(away).st_gid)
    failing.expect_log("SMV0303: .*portal.sqlite.*not a database.*SmvPortalDatabase")
    try:
        answer = failing.sign_in("karla.kunde").answer
        assert answer.status_code == 500 and is_whole(answer)
        time.sleep(1)  # readers look once a second
        for path in (CONTRACTS, "/api/v1" + CONTRACTS):
            answer = get(failing, path, session)
            assert answer.status_code == 500 and is_whole(answer)
    finally:
        os.rename(away, failing.database)
    wait_until_well(failing, session)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a file from httpd's user")
def test_a_database_that_may_only_be_read_is_named(failing):
    session = failing.sign_in("karla.kunde")
    away = failing.database + ".away"
    os.rename(failing.database, away)
    shutil.copy(away, failing.database)
    os.chmod(failing.database, 0o644)
    failing.expect_log("SMV0302: .*portal.sqlite.*let httpd's user read and write")
    try:
        assert is_put_off(failing.sign_in("karla.kunde").answer)
    finally:
        os.rename(away, failing.database)
    wait_until_well(failing, session)


def test_a_directory_that_hangs_keeps_nobody_from_reading(failing):
    """Those whose roles are remembered read on, at once, while others are turned away after the timeout."""
    session = failing.sign_in("karla.kunde")
    assert get(failing, CONTRACTS, session).status_code == 200
    failing.expect_log("SMV0201: ")
    answers = []
    failing.slapd.pause()
    try:
        people = [threading.Thread(target=lambda: answers.append(failing.sign_in("ines.innen").answer))
                  for _ in range(12)]
        begun = time.monotonic()
        for person in people:
            person.start()
        time.sleep(0.3)
        read = time.monotonic()
        assert get(failing, CONTRACTS, session).status_code == 200
        assert time.monotonic() - read < 0.7
        for person in people:
            person.join()
        assert time.monotonic() - begun < 6
        assert len(answers) == 12 and all(is_put_off(answer) for answer in answers)
    finally:
        failing.slapd.resume()
    wait_until_well(failing, session)


def test_a_directory_that_was_stopped_is_missed_and_found_again(failing):
    session = failing.sign_in("karla.kunde")
    failing.expect_log("SMV0201: .*127.0.0.1")
    failing.slapd.stop()
    try:
        assert is_put_off(failing.sign_in("claudia.chef").answer)
        assert is_put_off(failing.api("/me", "claudia.chef"))
    finally:
        failing.slapd.start()
    wait_until_well(failing, session)


def file_of(portal, document):
    with sqlite3.connect(portal.database) as database:
        (name,) = database.execute("SELECT content_hash FROM document WHERE id = ?", (document,)).fetchone()
    return portal.documents / name[:2] / name


def test_a_document_that_was_cut_short_is_not_sent(failing):
    session = failing.sign_in("karla.kunde")
    file = file_of(failing, 5001)
    content = file.read_bytes()
    failing.expect_log(r"SMV0401: document 5001: .* has \d+ bytes, not \d+: copy it again")
    file.write_bytes(content[:100])
    try:
        answer = get(failing, "/documents/5001/content", session)
        assert answer.status_code == 500 and is_whole(answer) and "Content-Disposition" not in answer.headers
    finally:
        file.write_bytes(content)
    assert get(failing, "/documents/5001/content", session).content == content


def test_a_range_that_there_is_not_has_the_headers_of_the_portal(failing):
    session = failing.sign_in("karla.kunde")
    answer = session.get(failing.url + "/documents/5001/content", headers={"Range": "bytes=99999999-"}, timeout=20)
    whole = get(failing, "/nothing", session)
    size = file_of(failing, 5001).stat().st_size
    assert answer.status_code == 416 and answer.headers["Content-Range"] == f"bytes */{size}"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control"):
        assert answer.headers[name] == whole.headers[name]


def test_a_broken_template_stops_no_running_portal(failing):
    """A graceful restart with a broken template is refused; what runs goes on."""
    overlay = failing.folder / "overlay"
    overlay.mkdir()
    (overlay / "start.xhtml").write_text('<html xmlns="http://www.w3.org/1999/xhtml">\n<p>${view/nothing}</p></html>\n')
    text = failing.conf.read_text()
    failing.conf.write_text(text + f'SmvPortalTemplateOverlay "{overlay}"\n')
    try:
        code, said = failing.reload()
        assert code != 0 and "start.xhtml:2" in said
        assert failing.sign_in("karla.kunde").answer.status_code == 303
    finally:
        failing.conf.write_text(text)


# --- restarts ---

class Reader(threading.Thread):
    """Reads on and on, and counts answers that were not as they should be."""

    def __init__(self, portal, session):
        super().__init__()
        self.portal, self.session, self.bad, self.count, self.is_over = portal, session, [], 0, False

    def run(self):
        while not self.is_over:
            try:
                status = get(self.portal, CONTRACTS, self.session).status_code
            except requests.ConnectionError as error:
                status = error
            self.count += 1
            if status != 200:
                self.bad.append(status)
            time.sleep(0.01)


def test_a_graceful_restart_turns_nobody_away_and_signs_nobody_out(failing):
    readers = [Reader(failing, failing.sign_in("karla.kunde")) for _ in range(3)]
    for reader in readers:
        reader.session.headers["Connection"] = "close"
        reader.start()
    try:
        for _ in range(2):
            assert failing.reload()[0] == 0
            time.sleep(1.5)
    finally:
        for reader in readers:
            reader.is_over = True
            reader.join()
    assert all(reader.count > 20 and reader.bad == [] for reader in readers), [reader.bad for reader in readers]


def test_a_child_that_was_killed_is_replaced_and_signs_nobody_out(failing):
    session = failing.sign_in("karla.kunde")
    failing.expect_log("AH00052: child pid .* exit signal Killed")
    (child,) = failing.children()
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: failing.children() not in ([], [child]), "no new child")
    session.close()
    assert get(failing, CONTRACTS, session).status_code == 200
