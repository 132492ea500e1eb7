# SPDX-License-Identifier: Apache-2.0
"""The audit log: what is in it, who may read it, the files it goes out as, and the command that finds what was done to it."""
import csv
import datetime
import html
import io
import json
import re
import sqlite3
import zipfile

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd
from test_matrix import OWN, Matrix

# Reading these is noted whoever reads.
EVERYBODYS = {"show_bank_account", "edit_bank_account", "send_own_data", "list_audit", "send_audit"}
# What staff open without anything of a customer in it; the explanation notes itself.
WITHOUT_CUSTOMERS = re.compile(r"explain|(list|new|show)_roles?|new_\w+|(show|preview)_start_screen|screen_(theme|logo)|list_publications")


class Log(Matrix):
    """The same portal, its log, and the files of it."""

    def __init__(self, httpd):
        super().__init__(httpd)
        self.staff = httpd.sign_in("ines.innen")

    def newest(self):
        return self.database.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0]

    def since(self, last, columns="kind, subject, customer, login"):
        return self.database.execute(f"SELECT {columns} FROM audit WHERE id > ? ORDER BY id", (last,)).fetchall()

    def page(self, **query):
        return self.staff.get(self.httpd.url + "/audit", params=query, timeout=20)

    def api(self, who="ines.innen", **query):
        return requests.get(self.httpd.url + "/api/v1/audit", params=query, auth=(who, "demo"), timeout=20)

    def verify(self, database=None, *options):
        """@param database: another one than the portal's"""
        conf = self.httpd.conf
        if database:
            conf = self.httpd.folder / "other.conf"
            conf.write_text(f'Include "{self.httpd.conf}"\nSmvPortalDatabase "{database}"\n', encoding="utf-8")
        done = self.httpd.control("audit", "verify", *options, conf=conf)
        return done.returncode, done.stdout


@pytest.fixture(name="log", scope="module")
def _log(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("audit"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\nSmvPortalRefusalTime 0\n", slapd)
    httpd.ctl = running_portal.ctl
    made = Log(httpd)
    yield made
    made.database.close()
    httpd.stop()
    slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(log):
    log.httpd.expected = []
    yield
    assert log.httpd.unexpected_lines() == []


# --- what is noted ---

def test_signing_in_and_out_and_being_refused_is_noted(log):
    last = log.newest()
    session = log.httpd.sign_in("viktor.vermittler")
    log.httpd.sign_in("viktor.vermittler", "Falsches Geheimnis")
    log.httpd.sign_in("=niemand", "Falsches Geheimnis")
    requests.get(log.httpd.url + "/api/v1/me", auth=("karla.kunde", "Falsches Geheimnis"), timeout=20)
    token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(log.httpd.url + "/", timeout=20).text).group(1)
    session.post(log.httpd.url + "/logout", data={"csrf_token": token, "everywhere": "1"}, timeout=20)
    rows = [row for row in log.since(last, "kind, login, name, channel, detail") if row[0] != "read"]
    assert rows == [("sign_in", "viktor.vermittler", "Viktor Vermittler", "page", None),
                    ("sign_in_refused", "viktor.vermittler", "", "page", '{"code":"SMV0103"}'),
                    ("sign_in_refused", "=niemand", "", "page", '{"code":"SMV0103"}'),
                    ("sign_in_refused", "karla.kunde", "", "api", '{"code":"SMV0103"}'),
                    ("sign_out", "viktor.vermittler", "Viktor Vermittler", "page", '{"everywhere":true}')]
    assert not any("Falsches Geheimnis" in line for line in log.database.iterdump())


def test_every_reading_of_a_customers_data_by_staff_is_noted_and_of_their_own_by_them_is_not(log):
    """From the route table, so that a new route cannot escape."""
    karla, asked = log.session, 0
    for route, rendering in log.cases():
        if route["method"] != "GET" or route["access"] == "public" or WITHOUT_CUSTOMERS.fullmatch(route["name"]):
            continue
        if route["access"] != "right" and route["name"] != "start":
            continue
        key = log.key(route, OWN) if "{" in route["pattern"] else 0
        for who, session in (("ines.innen", log.staff), ("karla.kunde", karla)):
            last, log.session = log.newest(), session
            answer = log.ask(route, rendering, key)
            noted = log.since(last, "subject, login")
            if answer.status_code != 200:
                assert who == "karla.kunde" and route["right"] and noted == [], (route["name"], answer.status_code)
            else:
                wanted = who == "ines.innen" or route["name"] in EVERYBODYS
                assert noted == ([(route["name"], who)] if wanted else []), (route["name"], rendering, who)
                asked += 1
    log.session = karla
    assert asked > 60


def test_of_a_list_the_customers_shown_are_noted(log):
    last = log.newest()
    log.staff.get(log.httpd.url + "/customers", params={"q": "kunde"}, timeout=20)
    [(detail,)] = log.since(last, "detail")
    found = log.staff.get(log.httpd.url + "/customers", params={"q": "kunde"}, timeout=20).text
    assert json.loads(detail)["query"] == "q=kunde"
    assert set(json.loads(detail)["customers"]) == set(re.findall(r'/portal/customers/(\d+)"', found)) != set()


@pytest.mark.parametrize("path", ["/", "/inbox", "/expiring-contracts", "/customers"])
def test_of_every_page_of_several_customers_those_shown_are_noted(log, path):
    log.session.post(log.httpd.url + f"/customers/{OWN}/contacts", data={"name": "Clara Audit"}, timeout=20)
    last = log.newest()
    page = log.staff.get(log.httpd.url + path, timeout=20).text
    [(detail,)] = log.since(last, "detail")
    customers = json.loads(detail)["customers"]
    linked = set(re.findall(r'/portal/customers/(\d+)(?=[/"])', page))
    assert linked and set(customers) == linked and len(customers) == len(linked)


def test_a_list_is_found_by_each_customer_that_it_showed(log):
    """And an open customer, too; by who reaches only some customers not, as its detail names others."""
    log.staff.get(log.httpd.url + "/customers?q=karla", timeout=20)
    newest = log.newest()
    shown = [row for row in log.api(customer=OWN).json()["items"] if row["id"] == str(newest)]
    assert [row["subject"] for row in shown] == ["list_customers"] and str(OWN) in shown[0]["detail"]["customers"]
    assert not [row for row in log.api(customer=30001).json()["items"] if row["id"] == str(newest)]
    assert "Kunden: gelesen" in re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", log.page(customer=OWN).text))
    log.httpd.modify("cn=Vermittler,ou=roles", smvProtokollAnsehen="TRUE")
    try:
        rows = log.api("viktor.vermittler", customer=OWN).json()["items"]
        assert rows and all(row["customer"] == str(OWN) for row in rows)
    finally:
        log.httpd.modify("cn=Vermittler,ou=roles", smvProtokollAnsehen=None)


def test_looking_at_the_log_is_noted_with_each_customer_once(log):
    last = log.newest()
    shown = {row["customer"] for row in log.api(limit=50).json()["items"]} - {None}
    [(subject, detail)] = log.since(last, "subject, detail")
    customers = json.loads(detail)["customers"]
    assert subject == "list_audit" and len(customers) == len(set(customers)) and set(customers) == shown


def test_a_change_is_noted_with_what_the_change_log_keeps(log):
    last = log.newest()
    answer = log.session.post(log.httpd.url + f"/customers/{OWN}/contacts", data={"name": "Anna Audit"}, timeout=20)
    assert answer.status_code == 200
    noted = log.since(last, "kind, subject, customer, row, login, detail")
    [(kind, subject, customer, row, login, detail)] = [each for each in noted if each[0] == "create"]
    assert (kind, subject, customer, login) == ("create", "contact", OWN, "karla.kunde")
    change = log.database.execute("SELECT row, new FROM change WHERE id = ?", (json.loads(detail)["change"],)).fetchone()
    assert change[0] == row and json.loads(change[1])["name"] == "Anna Audit"


def test_a_flood_of_refusals_does_not_fill_the_disk(log):
    last = log.newest()
    for at in range(75):
        log.httpd.sign_in(f"nobody{at}", "x")
    refused = [row for row in log.since(last, "kind") if row == ("sign_in_refused",)]
    assert 50 <= len(refused) <= 60


# --- the chain ---

@pytest.mark.parametrize("deed, words", [
    ("UPDATE audit SET login = 'jemand.anderes' WHERE id = {row}", "broken at row {row} of"),
    ("DELETE FROM audit WHERE id = {row}", "broken at row {next} of"),
    ("UPDATE change SET new = json_set(new, '$.name', 'X') WHERE id = (SELECT json_extract(detail, '$.change') FROM audit"
     " WHERE id = {change})", "broken at row {change} of"),
])
def test_the_command_names_the_first_broken_row(log, tmp_path, deed, words):
    code, text = log.verify()
    assert code == 0 and re.fullmatch(r"\d+ rows, the last one is \d+ with the hash [0-9a-f]{64}\n", text), text
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(log.httpd.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        for (trigger,) in target.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"
                                         " AND tbl_name IN ('audit', 'change')").fetchall():
            target.execute(f"DROP TRIGGER {trigger}")
        rows = {"row": log.newest() // 2, "next": log.newest() // 2 + 1, "change": target.execute(
            "SELECT min(id) FROM audit WHERE subject = 'contact' AND kind = 'create'").fetchone()[0]}
        target.execute(deed.format(**rows))
        target.commit()
    code, text = log.verify(copy)
    assert code == 1 and text.startswith(words.format(**rows)), text
    code, text = log.verify(copy, "--json")
    told = json.loads(text)
    assert code == 1 and not told["sound"] and f"row {told['broken']} of" in words.format(**rows) + " of", text


def test_the_command_needs_a_database(log, tmp_path):
    assert log.verify(tmp_path / "nothing.sqlite")[0] == 66
    assert log.httpd.control("audit", "verify", "more").returncode == 64


# --- the page, the API and the file ---

def lines_of(page):
    text = re.search(r"<tbody>(.*?)</tbody>", page.text, re.DOTALL)
    return [html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", row))).strip()
            for row in re.findall(r"<tr>(.*?)</tr>", text.group(1), re.DOTALL)] if text else []


def test_the_page_tells_who_did_what_newest_first(log):
    log.staff.get(log.httpd.url + f"/customers/{OWN}", timeout=20)
    lines = lines_of(log.page())
    assert "Ines Innen" in lines[0] and f"Kundenkarte: gelesen {OWN}" in lines[0], lines[0]
    log.session.post(log.httpd.url + f"/customers/{OWN}/contacts", data={"name": "Berta Audit"}, timeout=20)
    lines = lines_of(log.page(login="karla.kunde"))
    assert "Ansprechpartner: angelegt" in lines[0] and all("Karla Kunde" in line or "abgelehnt" in line for line in lines)


@pytest.mark.parametrize("query, holds", [
    ({"login": "viktor.vermittler"}, lambda row: row["login"] == "viktor.vermittler"),
    ({"customer": str(OWN)}, lambda row: row["customer"] == str(OWN) or str(OWN) in row["detail"]["customers"]),
    ({"kind": "sign_in_refused"}, lambda row: row["kind"] == "sign_in_refused"),
    ({"customer": str(OWN), "kind": "create"}, lambda row: (row["customer"], row["kind"]) == (str(OWN), "create")),
])
def test_the_api_has_what_is_asked_for_page_by_page(log, query, holds):
    log.httpd.sign_in("viktor.vermittler")
    whole = log.api(**query, limit=1000).json()["items"]
    shown = "EXISTS (SELECT 1 FROM json_each(audit.detail, '$.customers') WHERE value = :customer)"
    table = {"login": "login = :login", "customer": f"(customer = :customer OR {shown})", "kind": "kind = :kind"}
    where = " AND ".join(table[name] for name in query)
    assert whole and all(holds(row) for row in whole)
    newest = int(whole[0]["id"])
    count = log.database.execute(f"SELECT count(*) FROM audit WHERE {where} AND id <= :newest",
                                 {**query, "newest": newest}).fetchone()
    assert len(whole) == count[0]
    paged, next_page = [], f"/audit?limit=3&to=2100-01-01&{'&'.join(f'{k}={v}' for k, v in query.items())}"
    while next_page:
        answer = requests.get(log.httpd.url + "/api/v1" + next_page, auth=("ines.innen", "demo"), timeout=20).json()
        paged += answer["items"]
        next_page = answer["next"] if len(paged) < len(whole) else None
    paged = [row for row in paged if int(row["id"]) <= newest]
    assert paged == whole[:len(paged)] and len(paged) >= len(whole) - 3


def test_the_time_is_of_days_here(log):
    day = datetime.date.today()
    after = (day + datetime.timedelta(days=1)).isoformat()
    before = (day - datetime.timedelta(days=1)).isoformat()
    assert log.api(**{"from": day.isoformat(), "to": day.isoformat()}).json()["items"]
    assert log.api(**{"from": after}).json()["items"] == log.api(to=before).json()["items"] == []
    assert "Dazu steht nichts im Protokoll." in log.page(to=before).text


@pytest.mark.parametrize("query, words", [
    ({"from": "31.2.2026"}, "Dieses Datum gibt es nicht."), ({"to": "gestern"}, "Dieses Datum gibt es nicht."),
    ({"customer": "1 OR 1=1"}, "Eine Kundennummer hat nur Ziffern."), ({"kind": "x"}, "Bitte wählen Sie einen der Werte.")])
def test_what_cannot_be_asked_is_told(log, query, words):
    page = log.page(**query)
    assert page.status_code == 422 and words in page.text
    assert html.escape(list(query.values())[0]) in page.text or "kind" in query, "what was typed stays"
    assert log.api(**query).status_code == 400


def test_the_file_has_the_same_as_csv_and_json(log):
    log.httpd.sign_in("=cmd|' /C calc'!A0", "x")
    items = log.api(kind="sign_in_refused", limit=1000).json()["items"]
    answer = log.staff.get(log.httpd.url + "/audit.zip", params={"kind": "sign_in_refused"}, timeout=20)
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert json.loads(bundle.read("protokoll.json"))["items"] == items
        rows = list(csv.DictReader(io.StringIO(bundle.read("protokoll.csv").decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert {name for name in rows[0]} == set(items[0])
    assert any(row["login"].startswith("'=") for row in rows) and not any(row["login"].startswith("=") for row in rows)


def test_who_reaches_a_portfolio_sees_what_is_about_it_alone(log):
    log.httpd.modify("cn=Vermittler,ou=roles", smvProtokollAnsehen="TRUE")
    rows = log.api("viktor.vermittler", limit=1000).json()["items"]
    numbers = {str(number) for number, in log.database.execute("SELECT number FROM customer WHERE broker = 501")}
    assert rows and {row["customer"] for row in rows} <= numbers
    log.httpd.modify("cn=Vermittler,ou=roles", smvProtokollAnsehen=None)
    assert log.api("viktor.vermittler").status_code == 403


# --- on a terminal ---

def exported(log, *options):
    done = log.httpd.control("audit", "export", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_exports_what_the_portal_does(log):
    log.httpd.sign_in("=cmd|' /C calc'!A0", "x")
    items = log.api(limit=1000).json()["items"]
    told = json.loads(exported(log, "--json"))["items"]
    known = [item for item in told if int(item["id"]) <= int(items[0]["id"])]  # what noted the asking is newer
    assert known[:len(items)] == items
    assert (told[0]["kind"], told[0]["subject"], told[0]["address"]) == ("read", "send_audit", "smvportalctl")
    text = exported(log)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["id"] for row in rows][1:] == [item["id"] for item in told]
    assert set(rows[0]) == set(items[0])
    assert any(row["login"].startswith("'=") for row in rows) and not any(row["login"].startswith("=") for row in rows)


def test_the_command_exports_days(log):
    today = datetime.date.today()
    before = (today - datetime.timedelta(days=1)).isoformat()
    assert json.loads(exported(log, "--json", "--until", before))["items"] == []
    whole = json.loads(exported(log, "--json", "--from", before, "--until", today.isoformat()))["items"]
    assert whole and len(whole) == log.database.execute("SELECT count(*) FROM audit").fetchone()[0]
    wrong = log.httpd.control("audit", "export", "--from", "31.2.2026")
    assert wrong.returncode == 64 and wrong.stdout == "" and "--from DAY" in wrong.stderr


def test_the_command_exports_more_than_it_holds_at_once(log, tmp_path):
    copy = tmp_path / "large.sqlite"
    with sqlite3.connect(log.httpd.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("INSERT INTO audit SELECT value + 1000000, 1000000000 + value / 7000, 'read', 'show_customer', NULL, NULL, NULL, 'x',"
                       " 'x', 'x', 'page', NULL, zeroblob(32) FROM json_each('[' || (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
                       " SELECT i + 1 FROM n WHERE i < 14999) SELECT group_concat(i) FROM n) || ']')")
        target.commit()
        count = target.execute("SELECT count(*) FROM audit").fetchone()[0]
    conf = tmp_path / "large.conf"
    conf.write_text(f'Include "{log.httpd.conf}"\nSmvPortalDatabase "{copy}"\n', encoding="utf-8")
    done = log.httpd.control("audit", "export", "--json", conf=conf)
    ids = [int(item["id"]) for item in json.loads(done.stdout)["items"]]
    assert len(ids) == len(set(ids)) == count + 1 > 15000
