# SPDX-License-Identifier: Apache-2.0
"""Rows that people keep: made, shown, changed and deleted, as pages and by the API; conflicts, repeated forms, bad input."""
import concurrent.futures
import json
import re
import sqlite3
import threading

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

ROLE = "cn=Kundenzugang,ou=roles"
ROWS = {  # path: table, a row, another value of one field, a text that the page of the row shows
    "family-members": ("family_member", {"first_name": "Kai", "name": "Kunde", "relation": "child",
                                         "birth_date": "2016-02-29"}, {"name": "Meier"}, "29.02.2016"),
    "contacts": ("contact", {"salutation": "ms", "name": "Rat", "email": "rat@kunde.example"}, {"name": "Tat"}, "Frau"),
    "communications": ("communication", {"kind": "phone", "value": "+49 30 5557777"}, {"note": "abends"}, "Telefon"),
    "bank-accounts": ("bank_account", {"holder": "Karla Kunde", "iban": "DE02120300000000202051",
                                       "mandate_reference": "M-1", "mandate_date": "2020-01-31"},
                      {"holder": "K. Kunde"}, "DE02 1203 0000 0000 2020 51"),
}


class Client:
    """karla.kunde with every right, by a session; a browser for pages and a program for the API."""

    def __init__(self, httpd):
        self.httpd, self.session = httpd, httpd.sign_in("karla.kunde")
        self.database = sqlite3.connect(httpd.database, isolation_level=None, timeout=10)

    def page(self, path, **data):
        url = self.httpd.url + path
        options = {"timeout": 20, "allow_redirects": False}
        return self.session.post(url, data=data, **options) if data else self.session.get(url, **options)

    def api(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, self.httpd.url + "/api/v1" + path, json=body, headers=headers, timeout=20)

    def rows(self, sql, *arguments):
        return self.database.execute(sql, arguments).fetchall()

    def form(self, path):
        """The names and values of the hidden fields of a form."""
        text = self.page(path).text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', text.split("<main")[1]))

    def last_change(self):
        row = self.rows("SELECT customer, resource, row, kind, login, name, address, channel, is_staff, old, new"
                        " FROM change ORDER BY id DESC LIMIT 1")[0]
        return dict(zip("customer resource row kind login name address channel is_staff".split(), row[:9]),
                    old=json.loads(row[9] or "null"), new=json.loads(row[10] or "null"))


@pytest.fixture(name="httpd", scope="module")
def _httpd(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    httpd.ctl = running_portal.ctl
    httpd.modify(ROLE, smvFamilienmitgliederLoeschen="TRUE", smvAnsprechpartnerAendern="TRUE",
                 smvAnsprechpartnerLoeschen="TRUE", smvKommunikationLoeschen="TRUE", smvKontoverbindungAendern="TRUE",
                 smvKontoverbindungLoeschen="TRUE")
    yield httpd
    assert httpd.unexpected_lines() == []
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="karla", scope="module")
def _karla(httpd):
    client = Client(httpd)
    yield client
    client.database.close()


def make(karla, path="family-members", **values):
    return karla.api("POST", f"/customers/10001/{path}", {**ROWS[path][1], **values}).json()


# --- the life of a row ---

@pytest.mark.parametrize("path", ROWS)
def test_a_row_lives_by_pages(karla, path):
    table, row, other, shown = ROWS[path]
    form = karla.form(f"/customers/10001/{path}/new")
    answer = karla.page(f"/customers/10001/{path}", **row, **form)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/customers/10001/{path}?done=1")
    assert "Der Eintrag wurde angelegt." in karla.page(f"/customers/10001/{path}?done=1").text
    change = karla.last_change()
    assert {**change, "row": 0} == {"customer": 10001, "resource": table, "row": 0, "kind": "create",
                                    "login": "karla.kunde", "name": "Karla Kunde", "address": "127.0.0.1",
                                    "channel": "page", "is_staff": 0, "old": None, "new": row}
    key = change["row"]
    assert f"/{path}/{key}" in karla.page(f"/customers/10001/{path}").text
    assert shown in karla.page(f"/{path}/{key}").text
    form = karla.form(f"/{path}/{key}/edit")
    assert form["version"] == "1"
    assert karla.page(f"/{path}/{key}", **row, **other, **form).status_code == 303 if not set(row) & set(other) else \
        karla.page(f"/{path}/{key}", **{**row, **other}, **form).status_code == 303
    change = karla.last_change()
    field = list(other)[0]
    assert change["kind"] == "edit" and change["old"] == {field: row.get(field)} and change["new"] == other
    form = karla.form(f"/{path}/{key}")
    assert karla.page(f"/{path}/{key}/delete", **form).headers["Location"].endswith("?done=3")
    change = karla.last_change()
    assert change["kind"] == "delete" and change["old"] == {**row, **other} and change["new"] is None
    assert karla.page(f"/{path}/{key}").status_code == 404
    assert karla.rows(f"SELECT count(*) FROM {table} WHERE id = ?", key) == [(0,)]


@pytest.mark.parametrize("path", ROWS)
def test_a_row_lives_by_the_api(karla, path):
    table, row, other, _ = ROWS[path]
    made = karla.api("POST", f"/customers/10001/{path}", row)
    assert made.status_code == 201 and made.headers["ETag"] == '"1"'
    place = made.headers["Location"].removeprefix("/portal/api/v1")
    got = karla.api("GET", place)
    assert {name: got.json()[name] for name in row} == row and got.headers["ETag"] == '"1"'
    assert karla.api("GET", place, If_None_Match='"1"').status_code == 304
    assert karla.api("PATCH", place, other).status_code == 428
    assert karla.api("PATCH", place, other, If_Match='"7"').status_code == 412
    changed = karla.api("PATCH", place, other, If_Match='"1"')
    assert changed.status_code == 200 and changed.headers["ETag"] == '"2"'
    assert changed.json()[list(other)[0]] == list(other.values())[0]
    before = karla.rows("SELECT count(*) FROM change")
    assert karla.api("PATCH", place, other, If_Match='"2"').headers["ETag"] == '"2"'  # the same again is no change
    assert karla.rows("SELECT count(*) FROM change") == before
    assert karla.api("DELETE", place).status_code == 428
    assert karla.api("DELETE", place, If_Match='"1"').status_code == 412
    assert karla.api("DELETE", place, If_Match='"2"').status_code == 204
    assert karla.api("GET", place).status_code == 404
    assert karla.last_change()["resource"] == table and karla.last_change()["channel"] == "api"


def test_an_optional_value_is_taken_back_by_null_or_an_empty_field(karla):
    row = make(karla)
    answer = karla.api("PATCH", f"/family-members/{row['id']}", {"birth_date": None}, If_Match='"1"')
    assert answer.json()["birth_date"] is None
    assert karla.api("PATCH", f"/family-members/{row['id']}", {"name": None}, If_Match='"2"').status_code == 422
    row = make(karla)
    form = {**ROWS["family-members"][1], "birth_date": "", "version": "1"}
    assert karla.page(f"/family-members/{row['id']}", **form).status_code == 303
    assert karla.last_change()["new"] == {"birth_date": None}


def test_an_account_is_masked_in_lists_and_who_opens_it_whole_is_in_the_log(karla):
    row = make(karla, "bank-accounts")
    assert row["iban"] == "DE02 •••• 2051"
    assert row["iban"] in [each["iban"] for each in karla.api("GET", "/customers/10001/bank-accounts").json()["items"]]
    page = karla.page("/customers/10001/bank-accounts").text
    assert "DE02 •••• 2051" in page and "12030000" not in page and "1203 0000" not in page
    before = karla.rows("SELECT count(*) FROM reading")[0][0]
    assert "DE02 1203 0000 0000 2020 51" in karla.page(f"/bank-accounts/{row['id']}").text
    assert karla.api("GET", f"/bank-accounts/{row['id']}").json()["iban"] == "DE02120300000000202051"
    assert "DE02120300000000202051" in karla.page(f"/bank-accounts/{row['id']}/edit").text
    seen = karla.rows("SELECT subject, row, login, channel FROM reading ORDER BY id")[before:]
    key = int(row["id"])
    assert seen == [("show_bank_account", key, "karla.kunde", "page"), ("show_bank_account", key, "karla.kunde", "api"),
                    ("edit_bank_account", key, "karla.kunde", "page")]
    log = karla.page("/customers/10001/log").text
    assert "gelesen" in log and "12030000" not in log and "DE02 •••• 2051" in log
    assert "12030000" not in karla.api("GET", "/customers/10001/log").text


# --- two at once ---

def test_who_changes_what_somebody_else_has_changed_decides(karla):
    row = make(karla)
    place = f"/family-members/{row['id']}"
    karla.api("PATCH", place, {"name": "Schmidt"}, If_Match='"1"')
    mine = {**ROWS["family-members"][1], "name": "Schulze", "version": "1"}
    answer = karla.page(place, **mine)
    assert answer.status_code == 409
    assert 'value="Schulze"' in answer.text and "Schmidt" in answer.text and 'name="version" value="2"' in answer.text
    assert karla.rows("SELECT name, version FROM family_member WHERE id = ?", row["id"]) == [("Schmidt", 2)]
    assert karla.page(place, **{**mine, "version": "2"}).status_code == 303
    assert karla.rows("SELECT name, version FROM family_member WHERE id = ?", row["id"]) == [("Schulze", 3)]
    answer = karla.page(place + "/delete", version="1")
    assert answer.status_code == 409 and "Schulze" in answer.text
    assert karla.rows("SELECT count(*) FROM family_member WHERE id = ?", row["id"]) == [(1,)]
    assert karla.page(place, name="X").status_code == 400  # no version


def test_a_form_that_is_sent_twice_counts_once(karla):
    form = karla.form("/customers/10001/contacts/new")
    before = karla.rows("SELECT count(*) FROM contact")[0][0]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: karla.page("/customers/10001/contacts", name="Einmal", **form), range(20)))
    assert {answer.status_code for answer in answers} == {303}
    assert karla.rows("SELECT count(*) FROM contact")[0][0] == before + 1
    bodies = [karla.api("POST", "/customers/10001/contacts", {"name": "Auch"}, Idempotency_Key="k1") for _ in range(3)]
    assert {answer.status_code for answer in bodies} == {201} and len({answer.text for answer in bodies}) == 1
    other = karla.api("POST", "/customers/10001/contacts", {"name": "Auch"}, Idempotency_Key="k2")
    assert other.json()["id"] != bodies[0].json()["id"]


def test_the_feed_goes_on_where_it_was_and_misses_nothing_while_others_write(karla, httpd):
    def feed(path):
        return httpd.api(path, "ines.innen").json()

    seen, after, done = [], karla.rows("SELECT coalesce(max(id), 0) FROM change")[0][0], threading.Event()
    writers = [threading.Thread(target=lambda: [make(karla, "contacts") for _ in range(15)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    start = after
    while True:
        was_done = done.is_set()
        page = feed(f"/changes?after={after}&limit=7")
        seen += page["items"]
        after = int(seen[-1]["id"]) if seen else after
        if was_done and not page["items"]:
            break
        if not any(writer.is_alive() for writer in writers):
            done.set()
    assert [int(each["id"]) for each in seen] == list(range(start + 1, start + 61))
    assert {each["new"]["name"] for each in seen} == {"Rat"} and feed("/changes?limit=1")["next"] == "/changes?after=1&limit=1"
    assert httpd.api("/changes").status_code == 403  # karla
    assert httpd.api("/changes", "viktor.vermittler").status_code == 403
    assert httpd.api("/changes?limit=0", "ines.innen").status_code == 400


# --- staff ---

def test_staff_find_what_customers_changed_and_mark_it(karla, httpd):
    row = make(karla, "contacts", name="Neuheit")
    change = karla.rows("SELECT max(id) FROM change")[0][0]
    for login, sees in (("ines.innen", True), ("viktor.vermittler", True), ("karla.kunde", False)):
        answer = httpd.sign_in(login).get(httpd.url + "/inbox", timeout=20)
        assert answer.status_code == (200 if sees else 403)
        assert (f"/inbox/{change}/done" in answer.text) == sees
    ines = httpd.sign_in("ines.innen")
    assert karla.api("POST", f"/inbox/{change}/done").status_code == 403
    assert ines.post(f"{httpd.url}/inbox/{change}/done", timeout=20, allow_redirects=False).status_code == 303
    assert f"/inbox/{change}/" not in ines.get(httpd.url + "/inbox", timeout=20).text
    done = ines.get(httpd.url + "/inbox?done=1", timeout=20).text
    assert f"/inbox/{change}/open" in done and "Ines Innen" in done
    assert ines.post(f"{httpd.url}/api/v1/inbox/{change}/open", timeout=20).status_code == 204
    assert f"/inbox/{change}/done" in ines.get(httpd.url + "/inbox", timeout=20).text
    # what staff change themselves is no news, and what is outside of a portfolio is none of the broker's business
    foreign = httpd.api("/customers/10002", "ines.innen").headers["ETag"]
    requests.patch(httpd.url + "/api/v1/customers/10002", json={"occupation": "Lotsin"}, headers={"If-Match": foreign},
                   auth=("ines.innen", "demo"), timeout=20).raise_for_status()
    news = karla.rows("SELECT max(id) FROM change")[0][0]
    assert f"/inbox/{news}/" not in ines.get(httpd.url + "/inbox", timeout=20).text
    karla.database.execute("INSERT INTO change (time, customer, resource, row, kind, login, name, address, channel,"
                           " is_staff) VALUES (0, 10002, 'contact', 1, 'create', 'n', 'N', 'x', 'page', 0)")
    viktor = httpd.sign_in("viktor.vermittler")
    assert f"/inbox/{news + 1}/" not in viktor.get(httpd.url + "/inbox", timeout=20).text
    assert viktor.post(f"{httpd.url}/api/v1/inbox/{news + 1}/done", timeout=20).status_code == 404
    assert row["name"] == "Neuheit"


def test_the_customer_sees_who_read_their_record(karla, httpd):
    httpd.api("/customers/10001", "viktor.vermittler")
    assert "Viktor Vermittler" in karla.page("/customers/10001/log").text
    last = karla.api("GET", "/customers/10001/log").json()["readings"][0]
    assert last["subject"] == "show_customer" and last["login"] == "viktor.vermittler"


# --- changing without seeing ---

def test_who_may_change_but_not_see_learns_nothing(karla, httpd):
    row = make(karla, first_name="Geheim", name="Verborgen")
    place = f"/family-members/{row['id']}"
    httpd.modify(ROLE, smvFamilienmitgliederAnsehen="FALSE")
    try:
        assert karla.page(place).status_code == 403 and karla.api("GET", place).status_code == 403
        form = karla.page(place + "/edit")
        assert form.status_code == 200 and "aber nicht ansehen" in form.text
        answers = [form, karla.page(place, version="1", relation="nothing"), karla.page(place, version="9", name="X"),
                   karla.api("PATCH", place, {"name": 1}, If_Match='"1"'),
                   karla.api("PATCH", place, {"name": "Neu"}, If_Match='"9"'),
                   karla.page(place + "/delete", version="9")]
        assert [answer.status_code for answer in answers[1:]] == [422, 409, 422, 412, 409]
        # empty fields stay as they are
        answer = karla.page(place, version="1", first_name="", name="", relation="parent", birth_date="")
        assert answer.status_code == 303 and answer.headers["Location"].endswith("/portal/")
        answers += [answer, karla.api("PATCH", place, {"relation": "other"}, If_Match='"2"')]
        assert answers[-1].status_code == 204
        answers.append(karla.page("/customers/10001/log"))
        assert karla.last_change()["old"] == {"relation": "parent"}
        for answer in answers:
            assert "Geheim" not in answer.text and "Verborgen" not in answer.text
    finally:
        httpd.modify(ROLE, smvFamilienmitgliederAnsehen="TRUE")
    assert karla.rows("SELECT first_name, name FROM family_member WHERE id = ?", row["id"]) == [("Geheim", "Verborgen")]


# --- bad input ---

GOOD = ROWS["family-members"][1]
BAD = [
    ("family-members", {**GOOD, "name": ""}, "name", "Bitte füllen Sie dieses Feld aus."),
    ("family-members", {**GOOD, "name": "ä" * 121}, "name", "Der Text ist zu lang."),
    ("family-members", {**GOOD, "relation": "uncle"}, "relation", "Bitte wählen Sie einen der Werte."),
    ("family-members", {**GOOD, "birth_date": "2023-02-29"}, "birth_date", "Dieses Datum gibt es nicht."),
    ("family-members", {**GOOD, "birth_date": "2099-01-01"}, "birth_date", "Zukunft"),
    ("family-members", {**GOOD, "name": "a\0b"}, "name", "Steuerzeichen"),
    ("family-members", {**GOOD, "name": "a\nb"}, "name", "Steuerzeichen"),
    ("family-members", {**GOOD, "id": "7"}, "id", "lässt sich hier nicht ändern"),
    ("family-members", {**GOOD, "nonsense": "x"}, "nonsense", "Dieses Feld gibt es nicht."),
    ("bank-accounts", {"holder": "K", "iban": "DE89370400440532013001"}, "iban", "Prüfziffer"),
    ("bank-accounts", {"holder": "K", "iban": "DE8937040044053201300"}, "iban", "Stellen"),
    ("bank-accounts", {"holder": "K", "iban": "DE89370400440532013000", "bic": "COBA"}, "bic", "BIC"),
    ("bank-accounts", {"holder": "K", "iban": "DE89370400440532013000", "mandate_reference": "M"}, "mandate_date",
     "SEPA-Mandat"),
    ("communications", {"kind": "email", "value": "no mail"}, "value", "E-Mail"),
    ("communications", {"kind": "phone", "value": "call me"}, "value", "Telefonnummer"),
    ("contacts", {"name": "K", "email": "k@"}, "email", "E-Mail"),
]


@pytest.mark.parametrize("path,values,field,message", BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_input_is_told_at_its_field_and_changes_nothing(karla, path, values, field, message):
    before = list(karla.database.iterdump())
    answer = karla.api("POST", f"/customers/10001/{path}", values)
    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    assert [message in each["detail"] for each in answer.json()["errors"] if each["pointer"] == f"#/{field}"] == [True]
    answer = karla.page(f"/customers/10001/{path}", **values)
    assert answer.status_code == 422 and message in answer.text
    if field in ROWS[path][1] and values.get(field, "").isprintable():
        assert f'id="wrong-{field}"' in answer.text and 'aria-invalid="true"' in answer.text
        for name in ("name", "holder", "value"):  # what was typed is kept
            assert name not in values or f'value="{values[name]}"' in answer.text
    assert list(karla.database.iterdump()) == before


@pytest.mark.parametrize("body,pointer", [
    (b'{"first_name": 7, "name": "K", "relation": "child"}', "#/first_name"),
    (b'{"first_name": ["K"], "name": "K", "relation": "child"}', "#/first_name"),
    (b'{"first_name": true, "name": "K", "relation": "child"}', "#/first_name"),
    (b'{"first_name": "K", "name": "K", "relation": "child", "name": "L"}', "#"),
    (b'{"first_name": "\xff", "name": "K", "relation": "child"}', "#"),
    (b'{"first_name": "K"', "#"), (b"[]", "#"), (b"null", "#"), (b"", "#"),
    (json.dumps({f"f{number}": "x" for number in range(3000)}).encode(), "#"),
], ids=range(10))
def test_json_of_another_kind_is_told_by_its_pointer(karla, httpd, body, pointer):
    before = karla.rows("SELECT count(*) FROM family_member")
    answer = karla.session.post(httpd.url + "/api/v1/customers/10001/family-members", data=body, timeout=20,
                                headers={"Content-Type": "application/json"})
    assert answer.status_code == 422 and pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert karla.rows("SELECT count(*) FROM family_member") == before


def test_requests_that_no_page_makes_change_nothing(karla, httpd):
    before = list(karla.database.iterdump())
    url, good = httpd.url + "/customers/10001/family-members", dict(GOOD)

    def send(data, headers=None, to=url):
        return karla.session.post(to, data=data, headers=headers, timeout=20, allow_redirects=False)

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert send(b"first_name=%FF&name=K&relation=child", form).status_code == 422
    assert "kein gültiges UTF-8" in send(b"first_name=%FF&name=K&relation=child", form).text
    assert "mehrfach" in send(b"first_name=A&first_name=B&name=K&relation=child", form).text
    assert send({f"f{number}": "x" for number in range(10000)}).status_code in (400, 413)
    assert send({**good, "name": "x" * 70000}).status_code == 413
    assert send(json.dumps({**good, "name": "x" * 70000}), {"Content-Type": "application/json"},
                httpd.url + "/api/v1/customers/10001/family-members").status_code == 413
    assert send(b"x", {"Content-Type": "text/plain"}).status_code == 415
    assert send(good, {}, httpd.url + "/api/v1/customers/10001/family-members").status_code == 415
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                    {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert send(good, headers).status_code == 403, headers
        assert karla.session.post(httpd.url + "/api/v1/customers/10001/family-members", json=good, headers=headers,
                                  timeout=20).status_code == 403
    assert list(karla.database.iterdump()) == before
    host = httpd.url.removesuffix("/portal")
    assert send(good, {"Origin": host, "Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_a_company_has_other_fields_than_a_person(httpd):
    session = httpd.sign_in("claudia.chef")
    form = session.get(httpd.url + "/customers/20001/edit", timeout=20).text
    assert 'name="legal_form"' in form and 'name="first_name"' not in form
    answer = session.post(httpd.url + "/customers/20001", data={"version": "1", "name": "Chef GmbH", "first_name": "C"},
                          timeout=20, allow_redirects=False)
    assert answer.status_code == 422 and "lässt sich hier nicht ändern" in answer.text
