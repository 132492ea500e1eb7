# SPDX-License-Identifier: Apache-2.0
"""Every process of httpd is killed under 200 writers, ten times: what was answered as done is there, once and whole.

A kill shows the order in which the portal writes. It is no loss of power: what the kernel had taken by then still gets
to the disk, so that this test cannot tell whether anything was flushed.
"""
import collections
import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import sqlite3
import tempfile
import threading
import time
import uuid

import pytest

from private_servers import PrivateHttpd

pytestmark = [pytest.mark.alone, pytest.mark.skipif("HTTPD_WRAPPER" in os.environ,
                                                   reason="what is killed tells nothing of its memory")]

KILLS, WRITERS = 10, 200
PATIENCE = 60  # seconds until a change must have been answered
CUSTOMERS = 10001, 20001, 20002
CONTRACTS = 1001, 1002  # of the first customer
LINES = """ServerLimit 3
StartServers 3
ThreadLimit 80
ThreadsPerChild 80
MaxRequestWorkers 240
MaxSpareThreads 240
SmvPortalDatabaseBusyTimeout 60
SmvPortalUploadTypes "text/plain application/pdf application/octet-stream"
"""
ROWS = {"family_member": "first_name, name, relation, birth_date", "communication": "kind, value, usage, note"}
PATHS = {"family_member": "family-members", "communication": "communications", "document": "documents"}
DOCUMENTS = "customer, contract, name, size, content_hash"
CONTENTS = "SELECT content_hash, size FROM document UNION SELECT content_hash, size FROM deleted_document"
COMMON_CONTENT = [b"%PDF-1.7\n" + bytes([each]) * 20000 for each in range(5)]  # what many send


def random_content():
    size = random.choice([1, random.randint(2, 5000), random.randint(2, 60000), random.randint(200000, 300000)])
    if random.random() < 0.15:
        return random.choice(COMMON_CONTENT)
    return b"%PDF-1.7\n" + os.urandom(size - 9) if size > 30 else bytes(random.choices(b"xyz", k=size))


def multipart(fields, files):
    """@return Content-Type and body"""
    boundary = uuid.uuid4().hex
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content
              for name, content in files]
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class Answer:
    def __init__(self, response, is_repeated):
        self.status, self.etag, self.text = response.status, response.headers["ETag"], response.read().decode()
        self.is_repeated = is_repeated  # an earlier sending of the same got no answer

    def json(self):
        return json.loads(self.text)


class Writer(threading.Thread):
    """One client: it changes one thing after another, sends again what got no answer, and notes what was done."""

    def __init__(self, trial, number):
        super().__init__()
        self.trial, self.number, self.count, self.unanswered, self.fault = trial, number, 0, 0, None
        self.connection = http.client.HTTPConnection("127.0.0.1", trial.portal.port, timeout=PATIENCE)
        self.rows = []  # (table, id): rows of its own that are there
        self.values = {}  # (table, id): what was made, for what was deleted, too
        self.deeds = collections.defaultdict(list)  # (table, id): kinds of changes that are done
        self.edits = []  # (customer, version, street) that were answered as done
        self.perhaps = []  # (customer, street) of which it never learned whether they are

    def run(self):
        try:
            while not self.trial.is_over.is_set():
                random.choices([self.create_row, self.import_documents, self.delete, self.edit_customer],
                               [4, 2, 2, 1])[0]()
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.fault = error  # the test fails with it
        self.connection.close()

    def unique(self):
        self.count += 1
        return f"{self.number}-{self.count}"

    def send(self, method, path, body, headers):
        self.connection.request(method, "/portal/api/v1" + path, body, {"Cookie": self.trial.cookie, **headers})
        return self.connection.getresponse()

    def ask(self, method, path, body=None, **headers):
        """Until there is an answer that decides."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        end, is_repeated = time.monotonic() + PATIENCE, False
        while time.monotonic() < end:
            try:
                answer = Answer(self.send(method, path, body, headers), is_repeated)
                if answer.status != 503:
                    return answer
                time.sleep(0.1)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.unanswered += 1
                is_repeated = True
                self.trial.is_up.wait(PATIENCE)
        raise AssertionError(f"{method} {path} was not answered in {PATIENCE} seconds")

    def note(self, table, row, kind):
        self.deeds[table, row].append(kind)
        if kind != "delete":
            self.rows.append((table, row))

    def create_row(self):
        table, customer = random.choice(list(ROWS)), random.choice(CUSTOMERS)
        name = self.unique()
        sent = {"family_member": {"first_name": f"Kind {name}", "name": "Größer & Söhne", "relation": "child",
                                  "birth_date": "2020-02-29"},
                "communication": {"kind": "phone", "value": "+49 30 " + name.replace("-", " "), "usage": "private",
                                  "note": name}}[table]
        answer = self.ask("POST", f"/customers/{customer}/{PATHS[table]}", json.dumps(sent),
                          Content_Type="application/json", Idempotency_Key=str(uuid.uuid4()))
        assert answer.status == 201, answer.text
        row = int(answer.json()["id"])
        self.values[table, row] = (customer, *sent.values())
        self.note(table, row, "create")

    def import_documents(self):
        customer = random.choice(CUSTOMERS)
        contract = random.choice(CONTRACTS) if customer == CUSTOMERS[0] else None
        files = [(f"Datei {self.unique()}", random_content()) for _ in range(random.randint(1, 3))]
        content_type, body = multipart({"kind": "other", **({"contract": contract} if contract else {})}, files)
        answer = self.ask("POST", f"/customers/{customer}/documents", body, Content_Type=content_type,
                          Idempotency_Key=str(uuid.uuid4()))
        assert answer.status == 201, answer.text
        made = answer.json()["items"]
        assert [each["name"] for each in made] == [name for name, _ in files]
        for each, (name, content) in zip(made, files):
            row = int(each["id"])
            self.values["document", row] = (customer, contract, name, len(content), hashlib.sha256(content).hexdigest())
            self.note("document", row, "create")

    def delete(self):
        """Something of its own; sent again, it may be gone already. Half of the documents come back."""
        if not self.rows:
            return
        table, row = self.rows.pop(random.randrange(len(self.rows)))
        version = 1 + self.deeds[table, row].count("restore")
        answer = self.ask("DELETE", f"/{PATHS[table]}/{row}", If_Match=f'"{version}"')
        assert answer.status == 204 or (answer.is_repeated and answer.status == 404), (answer.status, answer.text)
        self.note(table, row, "delete")
        if table == "document" and random.random() < 0.5:
            answer = self.ask("POST", f"/documents/{row}/restore", "{}", Content_Type="application/json")
            assert answer.status == 204 or (answer.is_repeated and answer.status == 404), (answer.status, answer.text)
            self.note(table, row, "restore")

    def edit_customer(self):
        customer = random.choice(CUSTOMERS)
        for _ in range(20):
            seen, street = self.ask("GET", f"/customers/{customer}").etag, f"Weg {self.unique()}"
            answer = self.ask("PATCH", f"/customers/{customer}", json.dumps({"street": street}),
                              Content_Type="application/json", If_Match=seen)
            if answer.status == 200:
                self.edits.append((customer, int(seen.strip('"')) + 1, street))
                return
            assert answer.status == 412, (answer.status, answer.text)
            if answer.is_repeated:
                self.perhaps.append((customer, street))


class State:
    """What the database holds, as far as the writers change it."""

    def __init__(self, path):
        self.database = sqlite3.connect(path)
        self.rows = {(table, row): values for table, columns in ROWS.items()
                     for row, *values in self.query(f"SELECT id, customer, {columns} FROM {table}")}
        self.rows.update((("document", row), values) for row, *values in
                         self.query(f"SELECT id, {DOCUMENTS} FROM document"))
        self.deleted = {row: values for row, *values in self.query(f"SELECT id, {DOCUMENTS} FROM deleted_document")}
        self.customers = {number: (version, street) for number, version, street in
                          self.query("SELECT number, version, street FROM customer")}
        self.last_change = self.query("SELECT coalesce(max(id), 0) FROM change")[0][0]

    def query(self, sql, *arguments):
        return self.database.execute(sql, arguments).fetchall()

    def close(self):
        self.database.close()


class Remains:
    """What each kill left, looked at before anything goes on: a later sending of the same could mend it."""

    def __init__(self, portal):
        self.portal, self.sizes, self.half, self.missing, self.soundness = portal, {}, [], [], []

    def look(self):
        for file in self.portal.documents.glob("[0-9a-f][0-9a-f]/*"):
            if file.name not in self.sizes:
                self.look_at(file)
        with tempfile.TemporaryDirectory() as folder:  # a copy: the portal itself is to recover what was left
            for suffix in ("", "-wal"):
                shutil.copy(self.portal.database + suffix, folder)
            with contextlib.closing(sqlite3.connect(f"{folder}/portal.sqlite")) as database:
                self.soundness += database.execute("PRAGMA integrity_check").fetchall()
                self.missing += [line for line in database.execute(CONTENTS) if self.sizes.get(line[0]) != line[1]]

    def look_at(self, file):
        content = file.read_bytes()
        if file.name == hashlib.sha256(content).hexdigest():
            self.sizes[file.name] = len(content)
        else:
            self.half.append(file.name)


class Trial:
    """The writers at work while httpd is killed and started again."""

    def __init__(self, portal):
        self.portal, self.remains = portal, Remains(portal)
        self.cookie = "; ".join(f"{each.name}={each.value}" for each in portal.sign_in("ines.innen").cookies)
        self.is_over, self.is_up = threading.Event(), threading.Event()
        self.first_answers = []
        self.before = State(portal.database)
        self.before.close()
        self.writers = [Writer(self, number) for number in range(WRITERS)]
        self.run()
        self.after = State(portal.database)

    def run(self):
        self.is_up.set()
        for writer in self.writers:
            writer.start()
        try:
            for _ in range(KILLS):
                time.sleep(random.uniform(1.5, 4))
                self.kill_and_start()
            time.sleep(1)
        finally:
            self.is_over.set()
            self.is_up.set()
            for writer in self.writers:
                writer.join()

    def kill_and_start(self):
        self.is_up.clear()
        self.portal.kill()
        self.remains.look()
        self.portal.start()
        first = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=PATIENCE)
        first.request("GET", "/portal/customers/10001/contracts", headers={"Cookie": self.cookie})
        self.first_answers.append(first.getresponse().status)
        first.close()
        self.is_up.set()

    def all(self, name):
        return [each for writer in self.writers for each in getattr(writer, name)]

    def united(self, name):
        return {key: value for writer in self.writers for key, value in getattr(writer, name).items()}


@pytest.fixture(name="trial", scope="module")
def _trial(running_portal):
    httpd = PrivateHttpd(running_portal, LINES)
    httpd.expect_log("AH00098: pid file .* overwritten -- Unclean shutdown of previous Apache run")
    trial = None
    try:
        trial = Trial(httpd)
        yield trial
    finally:
        if trial:
            trial.after.close()
        httpd.stop()


def test_the_portal_works_again_after_every_kill(trial):
    assert trial.first_answers == [200] * KILLS
    assert [writer.fault for writer in trial.writers if writer.fault] == []
    assert trial.portal.unexpected_lines() == []


def test_no_kill_left_half_a_file_or_a_document_without_its_file(trial):
    assert trial.remains.half == [] and trial.remains.missing == []
    assert trial.remains.soundness == [("ok",)] * KILLS


def test_enough_was_under_way_for_the_rest_to_tell(trial):
    done = collections.Counter((table, kind) for (table, _), kinds in trial.united("deeds").items() for kind in kinds)
    unanswered = sum(writer.unanswered for writer in trial.writers)
    assert all(done[table, kind] > 20 for table in PATHS for kind in ("create", "delete")), done
    assert len(trial.all("edits")) > 20 and unanswered > KILLS * WRITERS / 2


def test_what_was_made_is_there_once_and_what_was_deleted_is_gone(trial):
    values, there = trial.united("values"), set(trial.all("rows"))
    expected = {key: list(values[key]) for key in there}
    assert trial.after.rows == {**trial.before.rows, **expected}
    deleted = {row: list(values["document", row]) for table, row in values
               if table == "document" and (table, row) not in there}
    assert trial.after.deleted == {**trial.before.deleted, **deleted}


def test_the_log_has_one_row_for_each_change_without_gaps(trial):
    log = trial.after.query("SELECT id, resource, row, customer, kind, new FROM change WHERE id > ? ORDER BY id",
                            trial.before.last_change)
    first = trial.before.last_change + 1
    assert [line[0] for line in log] == list(range(first, first + len(log)))
    logged, values = collections.defaultdict(list), trial.united("values")
    for _, table, row, customer, kind, new in log:
        if table != "customer":
            logged[table, row].append(kind)
            assert customer == values[table, row][0]
            if kind == "create" and table in ROWS:
                assert tuple(json.loads(new).values()) == values[table, row][1:]
    assert logged == trial.united("deeds")


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_edits_are_in_the_log_in_order_and_the_row_has_the_last(trial, customer):
    log = [(json.loads(old)["street"], json.loads(new)["street"]) for old, new in trial.after.query(
        "SELECT old, new FROM change WHERE id > ? AND resource = 'customer' AND row = ? AND kind = 'edit' ORDER BY id",
        trial.before.last_change, customer)]
    version, street = trial.before.customers[customer]
    streets = [street] + [new for _, new in log]
    assert [old for old, _ in log] == streets[:-1]
    assert trial.after.customers[customer] == (version + len(log), streets[-1])
    answered = {at - version: street for number, at, street in trial.all("edits") if number == customer}
    assert {at: streets[at] for at in answered} == answered
    others = [streets[at] for at in range(1, len(streets)) if at not in answered]
    assert len(set(streets)) == len(streets)
    assert {(customer, street) for street in others} <= set(trial.all("perhaps"))


def test_the_database_is_sound(trial):
    assert trial.after.query("PRAGMA integrity_check") == [("ok",)]
    assert trial.after.query("PRAGMA foreign_key_check") == []
    assert trial.after.query("""SELECT id FROM contract WHERE document_count <> (SELECT count(*) FROM document
        WHERE document.customer = contract.customer AND document.contract = contract.id)""") == []
    trial.after.database.execute("INSERT INTO document_search (document_search, rank) VALUES ('integrity-check', 1)")


def test_every_document_has_its_file_and_every_file_is_whole(trial):
    """A file without a row is garbage, to be collected; so is whatever is left in the folder of what comes in."""
    found = {}
    for file in trial.portal.documents.glob("[0-9a-f][0-9a-f]/*"):
        content = file.read_bytes()
        assert file.name == hashlib.sha256(content).hexdigest() and file.parent.name == file.name[:2]
        found[file.name] = len(content)
    wanted = trial.after.query(CONTENTS)
    assert {name: found.get(name) for name, _ in wanted} == dict(wanted)
