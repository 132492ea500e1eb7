# SPDX-License-Identifier: Apache-2.0
"""Everything that is held on a customer, as a ZIP: whole for who may see it all, and it says what was left out."""
import contextlib
import hashlib
import io
import json
import sqlite3
import zipfile

import pytest

from private_servers import PrivateHttpd, PrivateSlapd

ROLE = "cn=Kundenzugang,ou=roles"
PATH = "/customers/10001/own-data.zip"
PARTS = {  # name in the file: the right that gives it, and the attribute of that right
    "family_member": ("family.view", "smvFamilienmitgliederAnsehen"),
    "contact": ("contact.view", "smvAnsprechpartnerAnsehen"),
    "communication": ("communication.view", "smvKommunikationAnsehen"),
    "bank_account": ("bank_account.view", "smvKontoverbindungAnsehen"),
    "contract": ("contract.view", "smvVertragsdatenAnsehen"),
    "document": ("document.list", "smvDokumenteAuflisten"),
    "files of documents": ("document.view", "smvDokumenteAnzeigen"),
    "financial_item": ("financial_analysis.hide", "smvFinanzanalysedatenAusblenden"),
}


@pytest.fixture(name="module_httpd", scope="module")
def _module_httpd(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    yield httpd
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="own")
def _own(module_httpd):
    module_httpd.expected = []
    yield module_httpd
    assert module_httpd.unexpected_lines() == []


def rows(httpd, sql, *values):
    with contextlib.closing(sqlite3.connect(httpd.database, timeout=10)) as connection, connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values).fetchall()]


def archive_of(answer):
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip", answer.text[:300]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def export(httpd, login="karla.kunde", path=PATH):
    archive = archive_of(httpd.sign_in(login).get(httpd.url + path, timeout=30))
    return archive, json.loads(archive.read("daten.json"))


def column_of(record, name):
    """A field of the export as the text of the column that it comes from."""
    value = record.get(name)
    return value["amount"].replace(".", "") if isinstance(value, dict) else None if value is None else str(value)


def assert_same(record, row):
    columns = [name for name in row if not name.endswith("_currency")]
    expected = {name: None if row[name] is None else f"{row[name]:03}" if isinstance(record.get(name), dict) else
                str(row[name]) for name in columns}
    assert {name: column_of(record, name) for name in columns} == expected


def test_a_customer_gets_everything(own):
    session = own.sign_in("karla.kunde")
    answer = session.post(own.url + "/api/v1/customers/10001/contacts", json={"name": "Rat"}, timeout=20)
    assert answer.status_code == 201
    data = export(own)[1]
    assert_same(data["customer"], rows(own, "SELECT * FROM customer WHERE number = 10001")[0])
    counts = {"family_member": 2, "contact": 2, "communication": 3, "bank_account": 1, "contract": 7, "document": 5,
              "financial_item": 14}
    for name, count in counts.items():
        table = rows(own, f"SELECT * FROM {name} WHERE customer = 10001")
        assert len(data[name]) == len(table) == count, name
        by_id = {str(row["id"]): row for row in table}
        for record in data[name]:
            row = {column: value for column, value in by_id[record["id"]].items()
                   if column != "content_hash" and (column in record or column not in ("customer", "version"))}
            assert_same(record, row)
    assert data["bank_account"][0]["iban"] == "DE89370400440532013000"
    assert data["left_out"] == []
    assert not any("10002" in str(data[name]) or "20001" in str(data[name]) for name in counts)


def test_the_files_of_the_documents_are_in_it(own):
    archive, data = export(own)
    names = {f"Dokumente/{record['name']}" for record in data["document"]}
    assert set(archive.namelist()) == names | {"daten.json"} and len(names) == 5
    for row in rows(own, "SELECT name, content_hash FROM document WHERE customer = 10001"):
        assert hashlib.sha256(archive.read(f"Dokumente/{row['name']}")).hexdigest() == row["content_hash"]


def test_its_name_says_whose_it_is(own):
    for path in (PATH, "/api/v1" + PATH):
        answer = own.sign_in("karla.kunde").get(own.url + path, timeout=30)
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "Daten%2010001.zip" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store" and archive_of(answer)


def test_changes_and_readings_are_in_it_and_so_is_each_export(own):
    session = own.sign_in("karla.kunde")
    made = session.post(own.url + "/api/v1/customers/10001/contacts", json={"name": "Tat"}, timeout=20).json()["id"]
    before = rows(own, "SELECT * FROM audit")
    export(own)
    noted = [row for row in rows(own, "SELECT * FROM audit WHERE kind = 'read'") if row not in before]
    columns = ("subject", "customer", "row", "login", "name", "channel")
    assert [tuple(row[name] for name in columns) for row in noted] == [
        ("send_own_data", 10001, 10001, "karla.kunde", "Karla Kunde", "page")]
    own.sign_in("viktor.vermittler").get(own.url + "/customers/10001", timeout=20)
    _, data = export(own)
    change = [record for record in data["change"] if record["row"] == made]
    assert [(record["resource"], record["kind"], record["login"], record["new"]["name"]) for record in change] == [
        ("contact", "create", "karla.kunde", "Tat")]
    assert len(data["change"]) == len(rows(own, "SELECT id FROM change WHERE customer = 10001"))
    readings = {(record["subject"], record["login"]) for record in data["reading"]}
    assert {("send_own_data", "karla.kunde"), ("show_customer", "viktor.vermittler")} <= readings
    noted = rows(own, "SELECT id FROM audit WHERE customer = 10001 AND kind = 'read'")
    assert len(data["reading"]) == len(noted) - 1  # all but this one


def attributes_of(data):
    return {(item["entry"], item["attribute"], item["value"]) for item in data["directory"]}


def test_the_entry_of_the_directory_is_in_it_without_its_password(own):
    _, data = export(own)
    dn = f"uid=karla.kunde,ou=people,{own.base}"
    assert {(dn, "cn", "Karla Kunde"), (dn, "mail", "karla.kunde@musterfirma.example"), (dn, "smvKundenNr", "10001"),
            (dn, "smvRolleDN", f"cn=Kundenzugang,ou=roles,{own.base}")} <= attributes_of(data)
    assert {entry for entry, _, _ in attributes_of(data)} == {dn}
    assert "userPassword" not in json.dumps(data) and "SSHA" not in json.dumps(data)


def test_staff_gets_the_accounts_of_the_customer_and_is_noted(own):
    own.modify("uid=nora.nurlesen,ou=people", mail="nora@neu.example")
    for login, name in (("viktor.vermittler", "Viktor Vermittler"), ("ines.innen", "Ines Innen")):
        _, data = export(own, login)
        assert {entry for entry, _, _ in attributes_of(data)} == {f"uid=karla.kunde,ou=people,{own.base}"}
        assert "SSHA" not in json.dumps(data) and data["left_out"] == []
        assert rows(own, "SELECT subject, login, name FROM audit ORDER BY id DESC LIMIT 1") == [
            {"subject": "send_own_data", "login": login, "name": name}]
    _, data = export(own, "ines.innen", "/customers/20001/own-data.zip")
    assert {entry for entry, _, _ in attributes_of(data)} == {f"uid=claudia.chef,ou=people,{own.base}"}
    assert data["customer"]["name"] == "Chef Maschinenbau GmbH"
    _, data = export(own, "ines.innen", "/customers/10008/own-data.zip")
    assert data["directory"] == []  # nobody has an account


@pytest.mark.parametrize("part", PARTS)
def test_what_its_reader_may_not_see_is_left_out_and_named(own, part):
    right, attribute = PARTS[part]
    is_hiding = right.endswith(".hide")
    own.modify(ROLE, **{attribute: "TRUE" if is_hiding else "FALSE"})
    try:
        archive, data = export(own)
    finally:
        own.modify(ROLE, **{attribute: "FALSE" if is_hiding else "TRUE"})
    assert data["left_out"] == [{"part": part, "right": right}]
    assert part not in data
    others = set(PARTS) - {part, "files of documents"}
    assert others <= set(data)
    has_files = any(name.startswith("Dokumente/") for name in archive.namelist())
    assert has_files == (part not in ("document", "files of documents"))


def test_the_log_tells_nothing_of_what_is_left_out(own):
    session = own.sign_in("karla.kunde")
    body = {"holder": "Karla Geheim", "iban": "DE02120300000000202051"}
    assert session.post(own.url + "/api/v1/customers/10001/bank-accounts", json=body, timeout=20).status_code == 201
    assert "Karla Geheim" in json.dumps(export(own)[1])
    own.modify(ROLE, smvKontoverbindungAnsehen="FALSE")
    try:
        text = json.dumps(export(own)[1])
    finally:
        own.modify(ROLE, smvKontoverbindungAnsehen="TRUE")
    assert "Karla Geheim" not in text and "DE02120300000000202051" not in text and "bank_account" in text


def test_without_the_right_or_for_another_customer_there_is_none(own):
    before = rows(own, "SELECT * FROM audit WHERE kind = 'read'")
    session = own.sign_in("karla.kunde")
    for base in (own.url, own.url + "/api/v1"):
        for number in (20001, 10002, 99999):
            answer = session.get(f"{base}/customers/{number}/own-data.zip", timeout=20)
            assert answer.status_code == 404 and not answer.content.startswith(b"PK")
    assert own.sign_in("viktor.vermittler").get(own.url + "/customers/10002/own-data.zip").status_code == 404
    own.modify(ROLE, smvKundendatenAnsehen="FALSE")
    try:
        for path in (PATH, "/api/v1" + PATH):
            assert session.get(own.url + path, timeout=20).status_code == 403
    finally:
        own.modify(ROLE, smvKundendatenAnsehen="TRUE")
    assert rows(own, "SELECT * FROM audit WHERE kind = 'read'") == before


def test_a_missing_file_or_directory_gives_an_error_and_no_half_zip(own):
    session = own.sign_in("karla.kunde")
    row = rows(own, "SELECT content_hash AS hash FROM document WHERE name = 'Maklervertrag.txt'")[0]
    place = own.documents / row["hash"][:2] / row["hash"]
    place.rename(place.with_suffix(".away"))
    own.expect_log(f"SMV0401: .*{row['hash']} is missing")
    try:
        answer = session.get(own.url + PATH, timeout=20)
        assert answer.status_code == 500 and b"PK\3\4" not in answer.content
    finally:
        place.with_suffix(".away").rename(place)
    assert archive_of(session.get(own.url + PATH, timeout=20))
