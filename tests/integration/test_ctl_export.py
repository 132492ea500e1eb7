# SPDX-License-Identifier: Apache-2.0
"""What leaves the portal by the terminal."""
import contextlib
import io
import json
import os
import shlex
import sqlite3
import stat
import subprocess
import zipfile

import pytest

from private_servers import PrivateHttpd


@pytest.fixture(name="office")
def _office(running_portal):
    httpd = PrivateHttpd(running_portal)
    httpd.ctl = running_portal.ctl
    yield httpd
    assert httpd.unexpected_lines() == []
    httpd.stop()


def run(office, *words):
    done = subprocess.run([office.ctl, "export", *words, "--httpd", shlex.join(["apache2", "-f", str(office.conf)])],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def contents(data):
    with zipfile.ZipFile(data) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_customers_data_are_those_of_the_page(office, tmp_path):
    target = tmp_path / "karla.zip"
    code, said, errors = run(office, "customer", "10001", target)
    assert (code, said, errors) == (0, "", "")
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    page = contents(io.BytesIO(office.sign_in("karla.kunde").get(office.url + "/customers/10001/own-data.zip", timeout=20).content))
    file = contents(target)
    assert set(file) == set(page) and len(file) > 2
    assert {name: data for name, data in file.items() if name != "daten.json"} == {
        name: data for name, data in page.items() if name != "daten.json"}
    ours, theirs = json.loads(file["daten.json"]), json.loads(page["daten.json"])
    for part in ("customer", "contract", "bank_account", "communication", "document", "financial_item"):
        assert ours[part] == theirs[part], part
    assert ours["left_out"] == []
    with contextlib.closing(sqlite3.connect(office.database)) as database:
        assert database.execute("SELECT subject, customer FROM audit WHERE name NOT LIKE 'Karla%' ORDER BY id DESC LIMIT 1"
                                ).fetchone() == ("send_own_data", 10001)


def test_in_json_it_tells_what_it_wrote(office, tmp_path):
    target = tmp_path / "karla.zip"
    code, said, errors = run(office, "customer", "10001", target, "--json")
    assert (code, errors) == (0, "") and json.loads(said) == {
        "customer": "10001", "file": str(target), "bytes": target.stat().st_size}


def test_nothing_is_written_over_and_nobody_unknown_exported(office, tmp_path):
    target = tmp_path / "mine.zip"
    target.write_text("mine", encoding="ascii")
    code, _, errors = run(office, "customer", "10001", target)
    assert code == 73 and str(target) in errors and target.read_text(encoding="ascii") == "mine"
    code, _, errors = run(office, "customer", "4711", tmp_path / "new.zip")
    assert code != 0 and "4711" in errors and os.listdir(tmp_path) == ["mine.zip"]
    assert run(office, "customer", "x", tmp_path / "new.zip")[0] == 64


def test_changes_are_exported_by_the_last_that_is_known(office):
    session = office.sign_in("karla.kunde")
    before = len(run(office, "changes")[1].splitlines())
    for number in range(3):
        answer = session.post(office.url + "/api/v1/customers/10001/communications", timeout=20,
                              json={"kind": "email", "value": f"neu{number}@example.org"})
        assert answer.status_code == 201
    lines = [json.loads(line) for line in run(office, "changes")[1].splitlines()]
    assert len(lines) == before + 3
    assert [json.loads(json.dumps(line["new"]))["value"] for line in lines[-3:]] == [f"neu{number}@example.org" for number in range(3)]
    assert [int(line["id"]) for line in lines] == sorted(int(line["id"]) for line in lines)
    code, said, _ = run(office, "changes", "--after", lines[-2]["id"])
    assert code == 0 and [json.loads(line) for line in said.splitlines()] == lines[-1:]
    assert run(office, "changes", "--after", lines[-1]["id"]) == (0, "", "")
    assert run(office, "changes", "--after", "x")[0] == 64


def test_an_iban_is_exported_whole_to_who_administers_it(office):
    office.sign_in("karla.kunde").post(office.url + "/api/v1/customers/10001/bank-accounts", timeout=20,
                                       json={"holder": "Karla Kunde", "iban": "DE02120300000000202051"}).raise_for_status()
    assert "DE02120300000000202051" in run(office, "changes")[1]
