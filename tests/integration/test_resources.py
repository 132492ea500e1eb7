# SPDX-License-Identifier: Apache-2.0
"""What people keep of themselves, as pages and as JSON: made, listed, shown, changed and deleted, each with its line in
the change log; sent twice, changed by two at once, changed by who may not see it, followed by SMV, and sent wrongly."""
import contextlib
import html.parser
import json
import re
import sqlite3
import subprocess
import threading
import time

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

OWN = 10001
IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
# Each resource: its path, a row of it, and what is changed in that row.
KINDS = {
    "family_member": ("family-members", {"first_name": "Kira", "name": "Kunde", "relation": "child",
                                         "birth_date": "2015-03-04"}, {"first_name": "Kira Größe"}),
    "contact": ("contacts", {"salutation": "mr", "first_name": "Rainer", "name": "Rat", "position": "Anwalt",
                             "phone": "+49 30 555987", "email": "rat@kunde.example"}, {"position": "Notar"}),
    "communication": ("communications", {"kind": "phone", "value": "+49 30 555111", "usage": "private",
                                         "note": "nur abends"}, {"value": "+49 30 555222"}),
    "bank_account": ("bank-accounts", {"holder": "Karla Kunde", "iban": OTHER_IBAN, "bic": "BYLADEM1001",
                                       "bank": "Zweitbank", "mandate_reference": "SMV-2", "mandate_date": "2020-01-31"},
                     {"holder": "Karla und Konrad"}),
}
VIEW_RIGHTS = {"customer": "smvKundendatenAnsehen", "family_member": "smvFamilienmitgliederAnsehen",
               "contact": "smvAnsprechpartnerAnsehen", "communication": "smvKommunikationAnsehen",
               "bank_account": "smvKontoverbindungAnsehen"}
VOID = {"input", "meta", "link", "br", "img", "hr"}


class Page(html.parser.HTMLParser):
    """The form of a page, and what is written in its elements that have an id or are an alert."""

    def __init__(self, answer):
        super().__init__()
        self.values, self.texts, self.action = {}, {}, None
        self.open, self.select = [], None
        self.text = answer.content.decode("utf-8")  # not one byte that is none
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form" and "form" in attributes.get("class", ""):
            self.action = attributes["action"]
        elif tag == "input":
            self.values[attributes["name"]] = attributes.get("value") or ""
        elif tag == "select":
            self.select = attributes["name"]
            self.values[self.select] = ""
        elif tag == "option" and "selected" in attributes:
            self.values[self.select] = attributes["value"]
        if tag not in VOID:
            self.open.append(attributes.get("id") or attributes.get("role"))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        for name in filter(None, self.open):
            self.texts[name] = self.texts.get(name, "") + data

    def wrong(self, field):
        return self.texts.get(f"wrong-{field}", "").strip()

    def theirs(self, field):
        return self.texts.get(f"theirs-{field}", "").removeprefix("Inzwischen steht hier:").strip()


class Office:
    """A portal of the test's own with three people who are signed in."""

    def __init__(self, httpd):
        self.httpd, self.url = httpd, httpd.url
        self.people = {login: httpd.sign_in(login) for login in ("karla.kunde", "viktor.vermittler", "ines.innen")}
        self.karla, self.viktor, self.ines = self.people.values()
        self.database = sqlite3.connect(httpd.database, isolation_level=None, timeout=10)
        self.database.row_factory = sqlite3.Row

    def rows(self, sql, *arguments):
        return [dict(row) for row in self.database.execute(sql, arguments)]

    def row(self, kind, key):
        found = self.rows(f"SELECT * FROM {kind} WHERE {'number' if kind == 'customer' else 'id'} = ?", key)
        return found[0] if found else None

    def newest(self, table):
        return self.rows(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")[0]

    def count(self, table):
        return self.rows(f"SELECT count(*) AS count FROM {table}")[0]["count"]

    def last_id(self, table):
        return self.rows(f"SELECT coalesce(max(id), 0) AS id FROM {table}")[0]["id"]

    def get(self, path, person=None, **options):
        return (person or self.karla).get(self.url + path, timeout=20, allow_redirects=False, **options)

    def post(self, path, data=None, person=None, **options):
        return (person or self.karla).post(self.url + path, data=data, timeout=20, allow_redirects=False, **options)

    def api(self, method, path, body=None, person=None, version=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if version:
            headers["If-Match"] = f'"{version}"'
        return (person or self.karla).request(method, self.url + "/api/v1" + path, json=body, headers=headers,
                                              timeout=20)

    def add(self, kind, customer=OWN):
        """A row as SMV brings it, without the portal. @return its key"""
        values = {"customer": customer, **KINDS[kind][1]}
        return self.database.execute(f"INSERT INTO {kind} ({', '.join(values)}) VALUES"
                                     f" ({', '.join('?' * len(values))})", tuple(values.values())).lastrowid

    def grant(self, **values):
        self.httpd.modify("cn=Kundenzugang,ou=roles", **values)

    @contextlib.contextmanager
    def without(self, *attributes):
        self.grant(**{each: "FALSE" for each in attributes})
        try:
            yield
        finally:
            self.grant(**{each: "TRUE" for each in attributes})

    def dump(self):
        return [line for line in self.database.iterdump() if not re.match(r'INSERT INTO "?(session|audit)', line)]

    @contextlib.contextmanager
    def unchanged(self):
        before = self.dump()
        yield
        assert self.dump() == before


@pytest.fixture(name="office", scope="module")
def _office(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    rights = json.loads(subprocess.run([running_portal.ctl, "rights", "--json"], check=True, capture_output=True,
                                       timeout=20).stdout)
    office = Office(httpd)
    office.grant(**{right["attribute"]: "TRUE" for right in rights if right["kind"] == "allow"})
    yield office
    office.database.close()
    httpd.stop()
    slapd.stop()


def check_change(office, kind, key, deed, channel, old, new, login="karla.kunde", name="Karla Kunde"):
    """The newest line of the change log, which is the only one of that deed."""
    change = office.newest("change")
    assert (change["resource"], change["row"], change["kind"], change["channel"]) == (kind, key, deed, channel)
    assert (change["customer"], change["login"], change["name"], change["address"]) == (OWN, login, name, "127.0.0.1")
    assert abs(change["time"] - time.time()) < 60 and change["is_staff"] == (login != "karla.kunde")
    assert json.loads(change["old"] or "null") == old and json.loads(change["new"] or "null") == new
    assert len(office.rows("SELECT 1 FROM change WHERE resource = ? AND row = ? AND kind = ?", kind, key, deed)) == 1


def has_values(text, values):
    """As a page shows them: codes in words, dates as people write them, account numbers in groups."""
    words = {"child": "Kind", "mr": "Herr", "phone": "Telefon", "private": "privat",
             OTHER_IBAN: re.sub("(.{4})", r"\1 ", OTHER_IBAN).strip()}
    for value in values.values():
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            value = ".".join(reversed(value.split("-")))
        assert words.get(value, value) in text, value
    return True


# --- one row from its making to its end ---

@pytest.mark.parametrize("kind", KINDS)
def test_a_row_on_pages(office, kind):
    path, values, change = KINDS[kind]
    form = Page(office.get(f"/customers/{OWN}/{path}/new"))
    assert set(form.values) - {"submission", "csrf_token"} == set(values) and form.values["submission"]
    answer = office.post(form.action.removeprefix("/portal"), {**form.values, **values})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/portal/customers/{OWN}/{path}?done=1")
    key = office.last_id(kind)
    assert office.row(kind, key) == {"id": key, "customer": OWN, **values, "version": 1}
    check_change(office, kind, key, "create", "page", None, values)

    listed = office.get(f"/customers/{OWN}/{path}?done=1").text
    assert "Der Eintrag wurde angelegt." in listed and f'href="/portal/{path}/{key}"' in listed
    assert has_values(office.get(f"/{path}/{key}").text, values)

    form = Page(office.get(f"/{path}/{key}/edit"))
    assert {name: form.values[name] for name in values} == values
    answer = office.post(form.action.removeprefix("/portal"), {**form.values, **change})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/portal/customers/{OWN}/{path}?done=2")
    assert office.row(kind, key) == {"id": key, "customer": OWN, **values, **change, "version": 2}
    check_change(office, kind, key, "edit", "page", {name: values[name] for name in change}, change)
    assert "Die Änderung wurde gespeichert." in office.get(f"/customers/{OWN}/{path}?done=2").text

    shown = Page(office.get(f"/{path}/{key}"))
    assert has_values(shown.text, change)
    answer = office.post(f"/{path}/{key}/delete", {"version": shown.values["version"]})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/portal/customers/{OWN}/{path}?done=3")
    assert office.row(kind, key) is None and office.get(f"/{path}/{key}").status_code == 404
    check_change(office, kind, key, "delete", "page", {**values, **change}, None)
    assert f'href="/portal/{path}/{key}"' not in office.get(f"/customers/{OWN}/{path}").text


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_in_the_api(office, kind):
    path, values, change = KINDS[kind]
    answer = office.api("POST", f"/customers/{OWN}/{path}", values)
    key = office.last_id(kind)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/portal/api/v1/{path}/{key}")
    assert answer.headers["ETag"] == '"1"'
    assert office.row(kind, key) == {"id": key, "customer": OWN, **values, "version": 1}
    check_change(office, kind, key, "create", "api", None, values)

    assert str(key) in [item["id"] for item in office.api("GET", f"/customers/{OWN}/{path}").json()["items"]]
    whole = office.api("GET", f"/{path}/{key}")
    assert whole.json() == {"id": str(key), "customer": str(OWN), **values, "version": 1}
    answer = office.api("PATCH", f"/{path}/{key}", change, If_Match=whole.headers["ETag"])
    assert answer.status_code == 200 and answer.json()["version"] == 2 and answer.headers["ETag"] == '"2"'
    assert office.row(kind, key) == {"id": key, "customer": OWN, **values, **change, "version": 2}
    check_change(office, kind, key, "edit", "api", {name: values[name] for name in change}, change)

    answer = office.api("DELETE", f"/{path}/{key}", version=2)
    assert (answer.status_code, answer.content) == (204, b"")
    assert office.row(kind, key) is None and office.api("GET", f"/{path}/{key}").status_code == 404
    check_change(office, kind, key, "delete", "api", {**values, **change}, None)


def test_null_clears_a_field_and_an_empty_field_of_a_form_does_too(office):
    for clear in (lambda key: office.api("PATCH", f"/contacts/{key}", {"phone": None}, version=1),
                  lambda key: office.post(f"/contacts/{key}", {"phone": "  ", "version": 1})):
        key = office.add("contact")
        assert clear(key).status_code in (200, 303)
        assert office.row("contact", key) == {"id": key, "customer": OWN, **KINDS["contact"][1], "phone": None,
                                              "version": 2}


@pytest.mark.parametrize("channel", ["page", "api"])
def test_the_customer_card(office, channel):
    before = office.row("customer", OWN)
    new = "Statikerin" if before["occupation"] != "Statikerin" else "Ingenieurin"
    if channel == "page":
        form = Page(office.get(f"/customers/{OWN}/edit"))
        assert "legal_form" not in form.values and form.values["street"] == before["street"]
        answer = office.post(f"/customers/{OWN}", {**form.values, "occupation": new})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/portal/customers/{OWN}?done=2")
        assert "Die Änderung wurde gespeichert." in office.get(f"/customers/{OWN}?done=2").text
    else:
        answer = office.api("PATCH", f"/customers/{OWN}", {"occupation": new}, version=before["version"])
        assert answer.status_code == 200 and answer.json()["occupation"] == new
    assert office.row("customer", OWN) == {**before, "occupation": new, "version": before["version"] + 1}
    change = office.newest("change")
    assert (change["resource"], change["row"], change["kind"], change["channel"]) == ("customer", OWN, "edit", channel)
    assert json.loads(change["old"]) == {"occupation": before["occupation"]}
    assert json.loads(change["new"]) == {"occupation": new}
    log = office.get(f"/customers/{OWN}/log").text
    assert before["occupation"] in log and new in log
    assert office.api("PATCH", f"/customers/{OWN}", {"broker": "502"}, version=before["version"] + 1).json()["errors"] \
        == [{"pointer": "#/broker", "detail": "Dieses Feld lässt sich hier nicht ändern."}]


def test_a_company_has_other_fields_than_a_person(office):
    claudia = office.httpd.sign_in("claudia.chef")
    form = Page(office.get("/customers/20001/edit", claudia))
    assert "legal_form" in form.values and "first_name" not in form.values
    with office.unchanged():
        answer = office.post("/customers/20001", {**form.values, "first_name": "C"}, claudia)
        assert answer.status_code == 422 and "Dieses Feld lässt sich hier nicht ändern." in answer.text


def test_staff_change_in_their_own_name(office):
    key = office.add("contact")
    assert office.api("PATCH", f"/contacts/{key}", {"position": "Notar"}, office.viktor, 1).status_code == 200
    check_change(office, "contact", key, "edit", "api", {"position": "Anwalt"}, {"position": "Notar"},
                 "viktor.vermittler", "Viktor Vermittler")


def test_the_customer_sees_which_staff_read_their_card(office):
    assert office.api("GET", f"/customers/{OWN}", person=office.viktor).status_code == 200
    last = office.api("GET", f"/customers/{OWN}/log").json()["readings"][0]
    assert (last["subject"], last["login"]) == ("show_customer", "viktor.vermittler")
    assert "Viktor Vermittler" in office.get(f"/customers/{OWN}/log").text


def test_saving_what_was_there_is_no_change(office):
    key = office.add("contact")
    with office.unchanged():
        form = Page(office.get(f"/contacts/{key}/edit"))
        assert office.post(f"/contacts/{key}", form.values).status_code == 303
        answer = office.api("PATCH", f"/contacts/{key}", {"name": "Rat"}, version=1)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')


# --- account numbers ---

def has_whole_iban(answer, iban=OTHER_IBAN):
    return iban in re.sub(r"\s", "", answer.text)


def readings_of(office, key):
    return office.rows("SELECT subject, login, address, channel FROM audit WHERE row = ? AND kind = 'read'"
                       " AND subject LIKE '%account'",
                       key)


def test_an_account_number_is_masked_but_on_its_own_page(office):
    values = KINDS["bank_account"][1]
    made = office.api("POST", f"/customers/{OWN}/bank-accounts", values)
    key = int(made.json()["id"])
    changed = office.api("PATCH", f"/bank-accounts/{key}", {"bank": "Drittbank"}, version=1)
    for answer in (made, changed, office.get(f"/customers/{OWN}/bank-accounts"), office.get(f"/customers/{OWN}/log"),
                   office.api("GET", f"/customers/{OWN}/bank-accounts"), office.api("GET", f"/customers/{OWN}/log")):
        assert answer.status_code in (200, 201) and not has_whole_iban(answer), answer.url
        assert OTHER_IBAN[-4:] in answer.text.replace(" ", "") or answer.url.endswith("log")
    assert readings_of(office, key) == []
    seen = []
    for channel, answer in (("page", office.get(f"/bank-accounts/{key}")),
                            ("api", office.api("GET", f"/bank-accounts/{key}"))):
        seen.append({"subject": "show_bank_account", "login": "karla.kunde", "address": "127.0.0.1",
                     "channel": channel})
        assert has_whole_iban(answer)
    assert readings_of(office, key) == seen
    assert has_whole_iban(office.get(f"/bank-accounts/{key}/edit"))
    assert readings_of(office, key)[2:] == [{**seen[0], "subject": "edit_bank_account"}]
    log = office.get(f"/customers/{OWN}/log").text
    assert "gelesen" in log and "DE02 •••• 2051" in log


@pytest.mark.parametrize("path,sent,status", [("", {"holder": "X", "version": 9}, 409),
                                              ("", {"holder": "", "version": 1}, 422),
                                              ("/delete", {"version": 9}, 409)])
def test_a_whole_account_number_in_a_refusal_is_noted(office, path, sent, status):
    key = office.add("bank_account")
    with office.unchanged():
        answer = office.post(f"/bank-accounts/{key}{path}", sent)
    assert answer.status_code == status and has_whole_iban(answer)
    assert [each["login"] for each in readings_of(office, key)] == ["karla.kunde"]


# --- sent twice ---

@pytest.mark.parametrize("kind", KINDS)
def test_a_form_sent_twice_counts_once(office, kind):
    path, values, _ = KINDS[kind]
    form = Page(office.get(f"/customers/{OWN}/{path}/new")).values
    rows, changes = office.count(kind), office.count("change")
    for _ in range(2):
        assert office.post(f"/customers/{OWN}/{path}", {**form, **values}).status_code == 303
    keys = {office.api("POST", f"/customers/{OWN}/{path}", values, Idempotency_Key="one").json()["id"]
            for _ in range(2)}
    assert keys == {str(office.last_id(kind))}
    assert office.api("POST", f"/customers/{OWN}/{path}", values, Idempotency_Key="two").json()["id"] not in keys
    assert (office.count(kind), office.count("change")) == (rows + 3, changes + 3)
    other = Page(office.get(f"/customers/{OWN}/{path}/new")).values
    assert other["submission"] != form["submission"]
    assert office.post(f"/customers/{OWN}/{path}", {**other, **values}).status_code == 303
    assert office.count(kind) == rows + 4


@pytest.mark.parametrize("channel", ["page", "api"])
def test_twenty_at_once_count_once(office, channel):
    path, values, _ = KINDS["family_member"]
    rows, changes, answers = office.count("family_member"), office.count("change"), []
    cookies = office.karla.cookies.get_dict()
    gate = threading.Barrier(20)

    def send():
        gate.wait()
        if channel == "page":
            answers.append(requests.post(office.url + f"/customers/{OWN}/{path}", cookies=cookies, timeout=30,
                                         data={**values, "submission": "a" * 32}, allow_redirects=False))
        else:
            answers.append(requests.post(office.url + f"/api/v1/customers/{OWN}/{path}", cookies=cookies, timeout=30,
                                         json=values, headers={"Idempotency-Key": "twenty"}))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {answer.status_code for answer in answers} == {303 if channel == "page" else 201} and len(answers) == 20
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (office.count("family_member"), office.count("change")) == (rows + 1, changes + 1)


# --- two at once ---

def test_a_conflict_shows_both_values_and_save_mine_works(office):
    key = office.add("contact")
    mine = Page(office.get(f"/contacts/{key}/edit")).values
    assert office.api("PATCH", f"/contacts/{key}", {"position": "Von Viktor", "phone": None}, office.viktor,
                      1).status_code == 200
    with office.unchanged():
        answer = office.post(f"/contacts/{key}", {**mine, "position": "Von Karla"})
    page = Page(answer)
    assert answer.status_code == 409 and "Jemand anderes hat inzwischen etwas geändert." in page.texts["alert"]
    assert page.values["position"] == "Von Karla" and page.theirs("position") == "Von Viktor"
    assert page.values["phone"] == mine["phone"] and page.theirs("phone") == "nichts"
    assert page.theirs("name") == "" and page.values["version"] == "2"
    assert office.post(f"/contacts/{key}", page.values).status_code == 303
    assert office.row("contact", key) == {"id": key, "customer": OWN, **KINDS["contact"][1], "position": "Von Karla",
                                          "version": 3}
    assert json.loads(office.newest("change")["old"]) == {"position": "Von Viktor", "phone": None}


def test_a_deletion_of_what_was_changed_asks_again(office):
    key = office.add("contact")
    assert office.api("PATCH", f"/contacts/{key}", {"position": "Von Viktor"}, office.viktor, 1).status_code == 200
    with office.unchanged():
        answer = office.post(f"/contacts/{key}/delete", {"version": 1})
    page = Page(answer)
    assert answer.status_code == 409 and "Von Viktor" in page.text and "noch löschen" in page.texts["alert"]
    assert office.post(f"/contacts/{key}/delete", {"version": page.values["version"]}).status_code == 303
    assert office.row("contact", key) is None


def test_a_form_without_its_version_is_no_request(office):
    key = office.add("contact")
    with office.unchanged():
        for path, sent in (("", {"name": "X"}), ("/delete", {}), ("", {"name": "X", "version": "x"})):
            assert office.post(f"/contacts/{key}{path}", sent or {"x": ""}).status_code == 400


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_the_api_asks_which_state_is_changed(office, method):
    key = office.add("contact")
    body = {"position": "Notar"} if method == "PATCH" else None
    with office.unchanged():
        answer = office.api(method, f"/contacts/{key}", body)
        assert (answer.status_code, answer.json()["code"]) == (428, "SMV0114")
        for tag in ('"2"', "1", 'W/"1"', '"1', '"1"x', '"x"', '"99999999999999999999"', ""):
            answer = office.api(method, f"/contacts/{key}", body, If_Match=tag)
            assert (answer.status_code, answer.json()["code"]) == (412, "SMV0113"), tag
    assert office.api(method, f"/contacts/{key}", body, If_Match='"1"').status_code == (200 if body else 204)


def test_what_has_not_changed_is_not_sent_again(office):
    for path in (f"/contacts/{office.add('contact')}", f"/customers/{OWN}"):
        tag = office.api("GET", path).headers["ETag"]
        answer = office.api("GET", path, If_None_Match=tag)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
        assert office.api("PATCH", path, {"name": f"Name {time.time()}"}, If_Match=tag).status_code == 200
        answer = office.api("GET", path, If_None_Match=tag)
        assert answer.status_code == 200 and answer.headers["ETag"] != tag
    office.api("PATCH", f"/customers/{OWN}", {"name": "Kunde"}, version=office.row("customer", OWN)["version"])


# --- what staff follow ---

def test_the_feed_misses_nothing_while_four_write(office):
    begin, seen, path = office.last_id("change"), [], "/customers/%d/contacts"
    cookies, faults = office.karla.cookies.get_dict(), []

    def write(number):
        for count in range(25):
            answer = requests.post(office.url + "/api/v1" + path % OWN, json={"name": f"Feed {number}-{count}"},
                                   cookies=cookies, timeout=30)
            if answer.status_code != 201:
                faults.append(answer.text)

    def follow():
        after = seen[-1]["id"] if seen else begin
        answer = office.api("GET", f"/changes?after={after}&limit=7", person=office.ines)
        assert answer.status_code == 200
        seen.extend({**item, "id": int(item["id"])} for item in answer.json()["items"])
        return len(answer.json()["items"])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        follow()
    while follow():
        pass
    assert faults == []
    assert [item["id"] for item in seen] == [row["id"] for row in office.rows(
        "SELECT id FROM change WHERE id > ? ORDER BY id", begin)]
    assert sorted(item["new"]["name"] for item in seen) == sorted(f"Feed {number}-{count}" for number in range(4)
                                                                  for count in range(25))


def test_the_feed_is_for_those_who_may_see_the_whole_log(office):
    for person in (office.karla, office.viktor):
        assert office.api("GET", "/changes", person=person).status_code == 403
    for query in ("limit=0", "limit=1001", "after=-1", "after=x"):
        assert office.api("GET", f"/changes?{query}", person=office.ines).status_code == 400
    first = office.api("GET", "/changes?limit=1", person=office.ines).json()
    assert first["next"] == f"/changes?after={first['items'][0]['id']}&limit=1"


def test_the_inbox_is_for_staff_of_that_portfolio(office):
    for customer in (OWN, 10002):
        office.database.execute("INSERT INTO change (time, customer, resource, row, kind, login, name, address,"
                                " channel, is_staff, new) VALUES (1, ?, 'contact', 1, 'create', 'x', 'Wer auch immer', '::1',"
                                " 'page', 0, '{}')", (customer,))
    foreign, own = office.last_id("change"), office.last_id("change") - 1
    marks = [f"/inbox/{key}/{mark}" for key in (foreign, own) for mark in ("done", "open")]
    with office.unchanged():
        assert office.get("/inbox").status_code == 403 and office.api("GET", "/changes").status_code == 403
        for mark in marks:
            assert office.post(mark).status_code == 403 and office.api("POST", mark).status_code == 403
        for mark in marks[:2]:
            assert office.post(mark, person=office.viktor).status_code == 404
            assert office.api("POST", mark, person=office.viktor).status_code == 404
    assert f'"/portal/inbox/{own}/done"' in office.get("/inbox", office.viktor).text
    assert f'"/portal/inbox/{foreign}/done"' not in office.get("/inbox", office.viktor).text
    assert f'"/portal/inbox/{foreign}/done"' in office.get("/inbox", office.ines).text

    assert office.post(f"/inbox/{own}/done", person=office.viktor).headers["Location"] == "/portal/inbox"
    change = office.rows("SELECT done_time, done_by FROM change WHERE id = ?", own)[0]
    assert change["done_by"] == "Viktor Vermittler" and abs(change["done_time"] - time.time()) < 60
    assert f'"/portal/inbox/{own}/' not in office.get("/inbox", office.viktor).text
    done = office.get("/inbox?done=1", office.viktor).text
    assert f'"/portal/inbox/{own}/open"' in done and "Viktor Vermittler" in done
    assert office.api("POST", f"/inbox/{own}/open", person=office.ines).status_code == 204
    assert office.rows("SELECT done_time, done_by FROM change WHERE id = ?", own) == [{"done_time": None,
                                                                                       "done_by": None}]
    key = office.add("contact")  # what staff do is nothing new to staff
    office.api("PATCH", f"/contacts/{key}", {"position": "Notar"}, office.viktor, 1)
    assert f'"/portal/inbox/{office.last_id("change")}/' not in office.get("/inbox", office.ines).text


# --- changed by who may not see it ---

SECRETS = {  # what stands in the row, and never in an answer; each only there, since the log tells of other kinds
    "family_member": {"first_name": "Tarnkind", "name": "Verborgen", "relation": "other", "birth_date": "1999-07-13"},
    "contact": {"first_name": "Inkognita", "name": "Nebel", "position": "Spionin", "phone": "+49 30 777777",
                "email": "nebel@spionage.example"},
    "communication": {"kind": "email", "value": "geheim@schweigen.example", "usage": "business", "note": "Losung"},
    "bank_account": {"holder": "Panzerknacker", "iban": IBAN, "bic": "COBADEFFXXX", "bank": "Tresorbank",
                     "mandate_reference": "GEHEIM-1", "mandate_date": "1998-06-12"},
    "customer": {"first_name": "Anonyma", "name": "Schatten", "birth_date": "1979-05-11", "street": "Tarnweg 1",
                 "postal_code": "77777", "city": "Geheimstadt", "marital_status": "widowed", "occupation": "Agentin"},
}
BLIND_CHANGE = {"family_member": "name", "contact": "position", "communication": "note", "bank_account": "bank",
                "customer": "occupation"}


@pytest.fixture(name="hidden", params=list(SECRETS))
def _hidden(office, request):
    """A row with secrets that may be changed and not be seen: kind, path, key, version."""
    kind, secrets = request.param, SECRETS[request.param]
    sets = ", ".join(f"{name} = ?" for name in secrets)
    if kind == "customer":
        key, path, before = OWN, f"/customers/{OWN}", office.row("customer", OWN)
    else:
        key = office.add(kind)
        path, before = f"/{KINDS[kind][0]}/{key}", office.row(kind, key)
    column = "number" if kind == "customer" else "id"
    office.database.execute(f"UPDATE {kind} SET {sets} WHERE {column} = ?", (*secrets.values(), key))
    with office.without(VIEW_RIGHTS[kind]):
        yield kind, path, key, before["version"]
    if office.row(kind, key):
        office.database.execute(f"UPDATE {kind} SET {sets} WHERE {column} = ?",
                                (*(before[name] for name in secrets), key))


def check_secret(kind, answer):
    """Nothing of the row; codes are options of every form, so that only what is chosen tells."""
    text = re.sub(r"<option[^>]*>[^<]*</option>", lambda option: option[0] if "selected" in option[0] else "",
                  answer.text)
    page = Page(answer).values if answer.headers.get("Content-Type", "").startswith("text/html") else {}
    for name, secret in SECRETS[kind].items():
        assert page.get(name, "") != secret, (name, answer.url)
        if secret not in ("other", "email", "business", "widowed"):
            german = ".".join(reversed(secret.split("-"))) if name.endswith("_date") else secret
            assert secret not in text and german not in text, (name, answer.url)
    assert not has_whole_iban(answer, IBAN)
    return True


def test_a_blind_edit_shows_nothing(office, hidden):
    kind, path, key, version = hidden
    field = BLIND_CHANGE[kind]
    form = office.get(path + "/edit")
    page = Page(form)
    assert form.status_code == 200 and check_secret(kind, form) and "aber nicht ansehen" in form.text
    assert {value for name, value in page.values.items() if name not in ("version", "csrf_token")} == {""}
    assert office.get(path).status_code == 403

    with office.unchanged():
        wrong = office.post(path, {**page.values, field: "x" * 300})
        assert wrong.status_code == 422 and check_secret(kind, wrong) and Page(wrong).wrong(field)
        assert Page(wrong).values[field] == "x" * 300
        conflict = office.post(path, {**page.values, field: "Blind", "version": version + 7})
        assert conflict.status_code == 409 and check_secret(kind, conflict)
        assert Page(conflict).values[field] == "Blind" and Page(conflict).values["version"] == str(version)
        for body, number, status in (({field: "x" * 300}, version, 422), ({field: "Blind"}, version + 7, 412),
                                     ({"nothing": "x"}, version, 422)):
            answer = office.api("PATCH", path, body, version=number)
            assert answer.status_code == status and check_secret(kind, answer) and "ETag" not in answer.headers

    answer = office.post(path, {**page.values, field: "Blind"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/")
    secrets = SECRETS[kind]
    assert {name: office.row(kind, key)[name] for name in secrets} == {**secrets, field: "Blind"}
    answer = office.api("PATCH", path, {field: "Blinder"}, version=version + 1)
    assert (answer.status_code, answer.content) == (204, b"") and "ETag" not in answer.headers
    assert {name: office.row(kind, key)[name] for name in secrets} == {**secrets, field: "Blinder"}
    log = office.get(f"/customers/{OWN}/log")
    assert log.status_code == (403 if kind == "customer" else 200) and check_secret(kind, log)
    if kind == "bank_account":
        assert readings_of(office, key) == []
    if kind != "customer":
        kept = office.post(path + "/delete", {"version": version})
        assert kept.status_code == 409 and check_secret(kind, kept)
        gone = office.api("DELETE", path, version=version + 2)
        assert (gone.status_code, gone.content) == (204, b"")


def test_a_blind_guess_is_not_confirmed(office, hidden):
    """What is saved without being seen counts as a change, whether or not it is what stood there."""
    kind, path, key, version = hidden
    field = BLIND_CHANGE[kind]
    answer = office.post(path, {field: SECRETS[kind][field], "version": version})
    assert answer.status_code == 303 and office.row(kind, key)["version"] == version + 1


# --- bad input ---

BAD = [  # resource, field, what is sent, what is said at the field
    ("family_member", "name", "", "Bitte füllen Sie dieses Feld aus."),
    ("family_member", "name", "  \t ", "Bitte füllen Sie dieses Feld aus."),
    ("family_member", "name", "ä" * 121, "Der Text ist zu lang. Höchstzahl der Zeichen: 120"),
    ("family_member", "relation", "cousin", "Bitte wählen Sie einen der Werte."),
    ("family_member", "birth_date", "2023-02-29", "Dieses Datum gibt es nicht."),
    ("family_member", "birth_date", "31.04.2020", "Dieses Datum gibt es nicht."),
    ("family_member", "birth_date", "gestern", "Dieses Datum gibt es nicht."),
    ("family_member", "birth_date", "2099-01-01", "Zukunft"),
    ("contact", "email", "rat(at)kunde.example", "E-Mail"),
    ("contact", "email", "rat@", "E-Mail"),
    ("contact", "phone", "ruf mich an", "Telefonnummer"),
    ("bank_account", "iban", "DE89370400440532013001", "Prüfziffer"),
    ("bank_account", "iban", "DE8937040044053201300", "Stellen"),
    ("bank_account", "bic", "COBA", "BIC"),
    ("bank_account", "mandate_date", "", "Ein SEPA-Mandat hat eine Referenz und ein Datum."),
    ("communication", "value", "kein Telefon", "Telefonnummer"),
    ("family_member", "first_name", "Ki\0ra", "Der Text hat Steuerzeichen, die hier nicht möglich sind."),
    ("family_member", "first_name", "Ki\x07ra", "Der Text hat Steuerzeichen, die hier nicht möglich sind."),
    ("family_member", "first_name", "Ki\nra", "Der Text hat Steuerzeichen, die hier nicht möglich sind."),
]


@pytest.mark.parametrize("kind,field,value,said", BAD)
def test_bad_input_is_told_at_its_field(office, kind, field, value, said):
    path, values, _ = KINDS[kind]
    key = office.add(kind)
    sent = {**values, field: value}
    with office.unchanged():
        for at, more in ((f"/customers/{OWN}/{path}", {}), (f"/{path}/{key}", {"version": 1})):
            answer = office.post(at, {**sent, **more})
            page = Page(answer)
            assert answer.status_code == 422 and said in page.wrong(field), page.texts
            assert 'aria-invalid="true"' in page.text
            assert "Bitte prüfen Sie Ihre Angaben." in page.texts["alert"] and page.wrong(field) in page.texts["alert"]
            for name, text in sent.items():  # what was typed is still there
                shown = page.values[name] if name != "relation" or text != "cousin" else text
                assert shown.replace("\ufffd", "\0") == text, name
        for method, at, version in (("POST", f"/customers/{OWN}/{path}", None), ("PATCH", f"/{path}/{key}", 1)):
            answer = office.api(method, at, sent, version=version)
            assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
            [error] = answer.json()["errors"]
            assert error["pointer"] == f"#/{field}" and error["detail"] == page.wrong(field)


def test_a_missing_field_is_told(office):
    with office.unchanged():
        page = Page(office.post(f"/customers/{OWN}/bank-accounts", {"bank": "Bank"}))
        assert page.wrong("holder") == page.wrong("iban") == "Bitte füllen Sie dieses Feld aus."
        assert page.wrong("bic") == "" and page.values["bank"] == "Bank"
        errors = office.api("POST", f"/customers/{OWN}/bank-accounts", {"bank": "Bank"}).json()["errors"]
        assert [error["pointer"] for error in errors] == ["#/holder", "#/iban"]


@pytest.mark.parametrize("value", [1, 1.5, True, [], ["x"], {}, {"a": 1}])
def test_a_field_of_another_type_is_told(office, value):
    with office.unchanged():
        answer = office.api("POST", f"/customers/{OWN}/contacts", {"name": value})
        assert answer.status_code == 422
        assert {"pointer": "#/name", "detail": "Hier wird ein Text erwartet."} in answer.json()["errors"]


def test_a_field_that_there_is_not_or_twice_is_told(office):
    with office.unchanged():
        answer = office.api("POST", f"/customers/{OWN}/contacts", {"name": "A", "a/b~ü": "x"})
        assert answer.json()["errors"] == [{"pointer": "#/a~1b~0%C3%BC", "detail": "Dieses Feld gibt es nicht."}]
        answer = office.api("POST", f"/customers/{OWN}/contacts", {"name": "A", "id": "7"})
        assert answer.json()["errors"] == [{"pointer": "#/id", "detail": "Dieses Feld lässt sich hier nicht ändern."}]
        answer = office.post(f"/customers/{OWN}/contacts", {"name": "A", "<b>": "x"})
        assert answer.status_code == 422
        assert "&lt;b&gt;: Dieses Feld gibt es nicht." in re.sub(r"<[^>]*>", "", answer.text)
        answer = office.post(f"/customers/{OWN}/contacts", [("name", "A"), ("name", "B")])
        assert answer.status_code == 422 and Page(answer).wrong("name") == "Dieses Feld kam mehrfach."


def post_bytes(office, body, content_type="application/x-www-form-urlencoded", **headers):
    return office.post(f"/customers/{OWN}/contacts", body, headers={"Content-Type": content_type, **headers})


def test_a_form_that_is_no_utf8(office):
    with office.unchanged():
        answer = post_bytes(office, b"name=%FFRat%C3&phone=030+555111")
        page = Page(answer)
        assert answer.status_code == 422 and page.wrong("name") == "Der Text ist kein gültiges UTF-8."
        assert page.values["name"] == "\ufffdRat\ufffd" and page.values["phone"] == "030 555111"
        answer = post_bytes(office, b"name=Rat&%FF%01<=x")
        assert answer.status_code == 422 and "Dieses Feld gibt es nicht." in Page(answer).text


def test_a_form_with_thousands_of_fields_or_too_many_bytes(office):
    many = "&".join(f"{number:x}=" for number in range(10000)).encode()
    with office.unchanged():
        for body in (many, b"name=" + b"x" * 70000):
            answer = post_bytes(office, body)
            assert answer.status_code == 413 and "Die Anfrage ist zu groß." in answer.text
        assert office.get("/").status_code == 200


@pytest.mark.parametrize("body,status,pointer", [
    (b'{"name": "A"', 422, "#"), (b"", 422, "#"), (b"[]", 422, "#"), (b"null", 422, "#"), (b'"x"', 422, "#"),
    (b'{"name": "\xff"}', 422, "#"), (b'{"name": "A", "name": "B"}', 422, "#"), (b"[" * 30000, 422, "#"),
    (b'{"name": "A\\u0000"}', 422, "#/name"), (b'{"name": null}', 422, "#/name"),
    (json.dumps({f"{number:x}": "" for number in range(201)}).encode(), 422, "#"),
    (json.dumps({f"{number:x}": "" for number in range(10000)}).encode(), 413, None),
    (b'{"name": "' + b"x" * 70000 + b'"}', 413, None)])
def test_broken_json(office, body, status, pointer):
    with office.unchanged():
        answer = office.karla.post(office.url + f"/api/v1/customers/{OWN}/contacts", data=body, timeout=20,
                                   headers={"Content-Type": "application/json"})
        assert answer.status_code == status and answer.headers["Content-Type"] == "application/problem+json"
        assert [error["pointer"] for error in answer.json().get("errors", [])] == ([pointer] if pointer else [])
        assert answer.json()["title"]


def test_a_problem_stays_json_however_much_is_wrong(office):
    with office.unchanged():
        answer = office.api("POST", f"/customers/{OWN}/contacts",
                            {f"{number:03}" + "/" * 290: "" for number in range(199)})
        assert answer.status_code == 422 and len(answer.json()["errors"]) >= 100


def test_a_body_of_another_media_type(office):
    with office.unchanged():
        assert post_bytes(office, b'{"name": "A"}', "application/json").status_code == 415
        assert post_bytes(office, b"name=A", "text/plain").status_code == 415
        answer = office.karla.post(office.url + f"/api/v1/customers/{OWN}/contacts", data={"name": "A"}, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (415, "SMV0115")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "https://boese.example"}, {"Origin": "null"}])
def test_a_request_of_another_site_changes_nothing(office, headers):
    key = office.add("contact")
    with office.unchanged():
        for path, data in ((f"/customers/{OWN}/contacts", {"name": "A"}), (f"/contacts/{key}", {"version": 1}),
                           (f"/contacts/{key}/delete", {"version": 1}), (f"/customers/{OWN}", {"version": 1})):
            answer = office.post(path, data, headers=headers)
            assert answer.status_code == 403 and "Die Anfrage kam nicht von einer Seite dieses Portals." in answer.text
        for method, path, body in (("POST", f"/customers/{OWN}/contacts", {"name": "A"}),
                                   ("PATCH", f"/contacts/{key}", {"name": "A"}), ("DELETE", f"/contacts/{key}", None)):
            answer = office.api(method, path, body, version=1, **headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "SMV0110")
    own = office.url.removesuffix("/portal")
    assert office.post(f"/contacts/{key}/delete", {"version": 1}, headers={"Sec-Fetch-Site": "same-origin",
                                                                           "Origin": own}).status_code == 303


def test_the_error_log_is_quiet(office):
    time.sleep(0.1)
    assert office.httpd.unexpected_lines() == []
