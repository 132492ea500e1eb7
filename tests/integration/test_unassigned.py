# SPDX-License-Identifier: Apache-2.0
"""Documents that were delivered and are nobody's yet: who sees them, whom they are given to, and how they are put away."""
import concurrent.futures
import contextlib
import hashlib
import html
import json
import os
import re
import sqlite3
import subprocess
import time

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd, wait_until
from unassigned import deliver

HERE = "/unassigned-documents"
KARLA, FOREIGN = 10001, 20001
STAFF, BROKER, CUSTOMER = "cn=Innendienst,ou=roles", "cn=Vermittler,ou=roles", "cn=Kundenzugang,ou=roles"
PEOPLE = {"ines.innen": STAFF, "viktor.vermittler": BROKER, "karla.kunde": CUSTOMER}
RIGHTS = {"import": "smvDokumenteImportieren", "view": "smvDokumenteAnzeigen", "delete": "smvDokumenteLoeschen",
          "list": "smvDokumenteAuflisten", "customer": "smvKundendatenAnsehen", "contract": "smvVertragsdatenAnsehen"}
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
LATE = "Dieses Dokument wartet nicht mehr"


class Office:
    """A portal of its own, with its people and its database."""

    def __init__(self, portal, slapd, lines=""):
        self.httpd = PrivateHttpd(portal, "SmvPortalCacheTime 0\n" + lines, slapd)
        self.url = self.httpd.url
        self.database = sqlite3.connect(self.httpd.database, isolation_level=None, timeout=10)
        self.people = {login: self.httpd.sign_in(login) for login in PEOPLE}

    def stop(self):
        self.database.close()
        self.httpd.stop()

    def rows(self, sql, *values):
        return self.database.execute(sql, values).fetchall()

    def deliver(self, content=None, **values):
        """@return the key of a document that waits; with a content of its own its file is beside the others"""
        if content is not None:
            digest = hashlib.sha256(content).hexdigest()
            file = self.httpd.documents / digest[:2] / digest
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
            if os.geteuid() == 0:
                subprocess.run(["chown", "-R", "www-data:www-data", file.parent], check=True)
            values = {"content_hash": digest, "size": len(content), "media_type": "application/pdf", **values}
        return deliver(self.database, **values)

    def waiting(self):
        return [key for key, in self.rows("SELECT id FROM unassigned_document WHERE dismissed_time IS NULL ORDER BY id")]

    def last(self, table):
        return self.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]

    def get(self, path, who="ines.innen", rendering="page", **query):
        return self.session(who).get(self.address(path, rendering), params=query, timeout=20, allow_redirects=False)

    def post(self, path, who="ines.innen", rendering="page", headers=None, **values):
        body = {"json": values or None} if rendering == "api" else {"data": values}
        return self.session(who).post(self.address(path, rendering), headers=headers, timeout=20, allow_redirects=False,
                                      **body)

    def session(self, who):
        return self.people[who] if who else requests.Session()

    def address(self, path, rendering):
        return self.url + ("/api/v1" if rendering == "api" else "") + path

    def page(self, path, **query):
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def may(self, who, *rights):
        self.httpd.modify(PEOPLE[who], **{name: "TRUE" if right in rights else "FALSE"
                                          for right, name in RIGHTS.items()})

    @contextlib.contextmanager
    def unchanged(self):
        def dump():
            return [line for line in self.database.iterdump() if not re.match(r'INSERT INTO "?(session|audit)', line)]
        before = dump()
        yield
        assert dump() == before


@pytest.fixture(name="slapd", scope="module")
def _slapd(tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    yield slapd
    slapd.stop()


@pytest.fixture(name="whole_office", scope="module")
def _whole_office(running_portal, slapd):
    office = Office(running_portal, slapd)
    yield office
    office.stop()


@pytest.fixture(name="office")
def _office(whole_office):
    whole_office.httpd.expected = []
    whole_office.database.execute("DELETE FROM unassigned_document")
    for who in PEOPLE:
        whole_office.may(who, *RIGHTS)
    yield whole_office
    time.sleep(0.05)
    assert whole_office.httpd.unexpected_lines() == []


def contract_of(office, customer, number=None):
    return office.rows("SELECT id FROM contract WHERE customer = ? AND (number = ?2 OR ?2 IS NULL) ORDER BY id LIMIT 1",
                       customer, number)[0][0]


# --- who ---

ROUTES = [("GET", "", "import"), ("GET", "/{id}", "import"), ("GET", "/{id}/content", "view"),
          ("POST", "/{id}/assign", "import"), ("POST", "/{id}/dismiss", "delete"), ("POST", "/{id}/restore", "delete")]


def ask(office, who, method, path, rendering, key):
    path = HERE + path.replace("{id}", str(key))
    if method == "GET":
        return office.get(path, who, rendering)
    return office.post(path, who, rendering, **({"customer": str(KARLA)} if path.endswith("/assign") else {}))


@pytest.mark.parametrize("rendering", ["page", "api"])
@pytest.mark.parametrize("who", ["viktor.vermittler", "karla.kunde"])
def test_whoever_reaches_but_some_customers_is_refused_with_every_right(office, who, rendering):
    key = office.deliver()
    with office.unchanged():
        for method, path, _ in ROUTES:
            answer = ask(office, who, method, path, rendering, key)
            assert answer.status_code == 403 and "SMV0106" in answer.text, (path, answer.text)
    assert HERE not in office.get("/", who).text and "Nicht zugeordnet" not in office.get("/", who).text


@pytest.mark.parametrize("rendering", ["page", "api"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in(office, rendering):
    key = office.deliver()
    with office.unchanged():
        for method, path, _ in ROUTES:
            answer = ask(office, None, method, path, rendering, key)
            assert answer.status_code == (401 if rendering == "api" else 303), path
            assert rendering == "api" or "/login" in answer.headers["Location"]


@pytest.mark.parametrize("rendering", ["page", "api"])
@pytest.mark.parametrize("right", ["import", "view", "delete"])
def test_each_deed_needs_its_right_and_no_other(office, right, rendering):
    key, away = office.deliver(), office.deliver()
    office.may("ines.innen", *(set(RIGHTS) - {right}))
    with office.unchanged():
        for method, path, needed in ROUTES:
            if needed == right:
                assert ask(office, "ines.innen", method, path, rendering, key).status_code == 403, path
    office.may("ines.innen", right)
    assert office.rows("UPDATE unassigned_document SET dismissed_time = unixepoch(), dismissed_by = 'x' WHERE id = ?",
                       away) == []
    for method, path, needed in ROUTES:
        answer = ask(office, "ines.innen", method, path, rendering, away if path.endswith("restore") else key)
        wanted = (200 if method == "GET" else 204 if rendering == "api" else 303) if needed == right else 403
        assert answer.status_code == wanted, (path, answer.text)
        if right == "delete" and wanted == 303:
            assert answer.headers["Location"] == "/portal/"  # who may not see the list does not go there


def test_the_view_as_a_customer_has_none_of_it(office):
    key = office.deliver()
    begun = office.post(f"/customers/{KARLA}/view-as", login="karla.kunde")
    assert begun.status_code == 303
    try:
        with office.unchanged():
            for method, path, _ in ROUTES:
                assert ask(office, "ines.innen", method, path, "page", key).status_code == 403, path
            assert HERE not in office.page("/")
    finally:
        token = re.search(r'name="csrf_token" value="([^"]*)"', office.get("/").text).group(1)
        office.post("/view-as/end", csrf_token=token)


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_requests_of_another_site_change_nothing(office, headers):
    key = office.deliver()
    with office.unchanged():
        for deed, values in (("assign", {"customer": str(KARLA)}), ("dismiss", {}), ("restore", {})):
            for rendering in ("page", "api"):
                answer = office.post(f"{HERE}/{key}/{deed}", rendering=rendering, headers=headers, **values)
                assert answer.status_code == 403 and "nicht von einer Seite dieses Portals" in answer.text


def test_the_explanation_says_that_the_scope_is_too_narrow(office):
    for who, answer, words in (("ines.innen", "yes", "Eine Rolle für alle Kunden erteilt das Recht."),
                               ("viktor.vermittler", "no", "Keine Rolle für alle Kunden hat das Recht")):
        explained = office.get("/explain", rendering="api", login=who, what=HERE).json()
        assert explained["answer"] == answer and explained["reason"].startswith(words)
        assert [role["decides"] for role in explained["roles"]] == [answer == "yes"]


# --- the list and one of them ---

def test_the_list_says_what_the_delivery_says_and_why_nobody_is_sure(office):
    assert "Alles ist zugeordnet" in office.page(HERE)
    key = office.deliver(name="<Nachtrag> & Co.pdf", kind="policy", said_customer="4711", said_contract="B-77",
                         said_insurer="Muster AG", reason="unknown_customer")
    page = office.page(HERE)
    for text in ("4711", "B-77", "Muster AG", "Einen Kunden mit dieser Nummer gibt es nicht.", "Police", "01.05.2026",
                 f'href="/portal{HERE}/{key}"'):
        assert text in page, text
    assert "&lt;Nachtrag&gt; &amp; Co.pdf" in office.get(HERE).text
    item, = office.get(HERE, rendering="api").json()["items"]
    assert (item["id"], item["reason"], item["said_contract"], item["delivery_file"], item["dismissed_time"]) == (
        str(key), "unknown_customer", "B-77", "index.csv", None)
    assert "content_hash" not in item
    assert office.get(f"{HERE}/{key}", rendering="api").json() == item


def test_the_list_comes_in_pages(office):
    keys = [office.deliver() for _ in range(51)]
    page = office.page(HERE)
    assert f'{HERE}/{keys[49]}"' in page and f'{HERE}/{keys[50]}"' not in page
    following = re.search(rf'href="/portal({HERE}\?after=[^"]*)"', page).group(1)
    assert f'{HERE}/{keys[50]}"' in office.page(following) and "Weitere Dokumente" not in office.page(following)
    first = office.get(HERE, rendering="api", limit=50).json()
    assert len(first["items"]) == 50 and first["next"] == following
    assert office.get(HERE, rendering="api", limit=201).status_code == 400


def test_the_start_page_says_how_many_wait(office):
    assert "Dokumente warten darauf" not in office.page("/")
    office.deliver()
    assert "Ein Dokument wartet darauf, dass jemand es zuordnet." in office.page("/")
    office.deliver()
    assert re.search(r">\s*2 <span>Dokumente warten darauf", office.page("/"))


@pytest.mark.parametrize("language, title", [("de", "Wem gehört dieses Dokument?"), ("en", "Whose document is this?")])
def test_one_of_them_is_shown_with_its_delivery(office, language, title):
    key = office.deliver(title="Ihr Nachtrag", said_insurer="Muster AG")
    page = office.session("ines.innen").get(f"{office.url}{HERE}/{key}", headers={"Accept-Language": language}, timeout=20).text
    for text in ("Ihr Nachtrag", "Muster AG", "index.csv", title, f"{HERE}/{key}/content?download=1"):
        assert text in page, text
    assert 'name="contract"' not in page


def test_what_is_not_there_is_not_found(office):
    for path in (f"{HERE}/999999", f"{HERE}/999999/content"):
        assert office.get(path).status_code == office.get(path, rendering="api").status_code == 404
    for deed in ("assign", "dismiss", "restore"):
        answer = office.post(f"{HERE}/999999/{deed}", rendering="api", **({"customer": "1"} if deed == "assign" else {}))
        assert answer.status_code == 404 and LATE in answer.text


def test_the_content_is_sent_as_that_of_a_document(office):
    key = office.deliver(PDF + b"%eins", name="Prüfung.pdf")
    last = office.last("audit")
    for rendering in ("page", "api"):
        answer = office.get(f"{HERE}/{key}/content", rendering=rendering)
        assert answer.status_code == 200 and answer.content == PDF + b"%eins"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("inline;") and "Pr%C3%BCfung.pdf" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-cache"
    assert office.get(f"{HERE}/{key}/content", download=1).headers["Content-Disposition"].startswith("attachment;")
    assert office.rows("SELECT kind, subject, customer, row, login FROM audit WHERE id > ?", last) == [
        ("read", "send_unassigned", None, key, "ines.innen")] * 3


def test_reading_is_noted_with_the_customers_that_were_shown(office):
    key, last = office.deliver(said_contract="WG-88 251"), office.last("audit")
    office.page(f"{HERE}/{key}", customer=FOREIGN)
    [(subject, row, detail)] = office.rows("SELECT subject, row, detail FROM audit WHERE id > ?", last)
    assert (subject, row) == ("show_unassigned", key)
    assert json.loads(detail)["query"] == f"customer={FOREIGN}"
    assert set(json.loads(detail)["customers"]) == {str(KARLA), str(FOREIGN)}
    assert office.rows("SELECT count(*) FROM audit_shown WHERE id > ?", last) == [(2,)]


# --- whom it is given to ---

def test_whom_the_delivery_names_is_chosen_already(office):
    page = office.page(f"{HERE}/{office.deliver(said_customer=str(KARLA), said_contract='LV-300/445')}")
    assert 'name="customer" value="10001"' in page and "Karla Kunde" in page and "Diesem Kunden zuordnen" in page
    contract = contract_of(office, KARLA, "LV-300 445")
    assert f'<option selected="selected" value="{contract}">LV-300 445' in page
    office.rows("INSERT INTO contract (customer, id, number, insurer, status) VALUES (?, 9102, 'LV 300-445', 'B', 'active')", KARLA)
    page = office.page(f"{HERE}/{office.deliver(said_customer=str(KARLA), said_contract='LV-300/445')}")
    assert f'<option value="{contract}">LV-300 445' in page  # of two contracts of that number neither


def test_a_customer_is_shown_before_anything_is_given_to_them(office):
    key = office.deliver()
    page = office.page(f"{HERE}/{key}", customer=KARLA)
    name, born, city = office.rows("SELECT name, birth_date, city FROM customer WHERE number = ?", KARLA)[0]
    assert name in page and city in page and ".".join(reversed(born.split("-"))) in page
    options = re.findall(r'<option value="(\d+)"', re.search(r'name="contract".*?</select>', page, re.DOTALL).group(0))
    assert [int(key) for key in options] == [each for each, in office.rows(
        "SELECT id FROM contract WHERE customer = ? ORDER BY id", KARLA)]
    for wrong, words in (("99999999", "Einen Kunden mit dieser Nummer gibt es nicht."), ("Karla", "Eine Kundennummer hat nur Ziffern.")):
        answer = office.get(f"{HERE}/{key}", customer=wrong)
        assert answer.status_code == 422 and words in answer.text and f'value="{wrong}"' in answer.text
        assert "Diesem Kunden zuordnen" not in answer.text


def test_contracts_with_the_number_are_proposals_of_one_click(office):
    office.rows("INSERT INTO contract (customer, id, number, insurer, status) VALUES (?, 9101, 'wg88/251', 'Andere AG', 'active')", FOREIGN)
    key = office.deliver(said_contract="WG 88-251", reason="ambiguous")
    page = office.page(f"{HERE}/{key}")
    proposals = re.search(r'aria-labelledby="proposals".*?</section>', page, re.DOTALL).group(0)
    assert "Karla Kunde" in proposals and "Andere AG" in proposals and proposals.count("<form") == 2
    values = dict(re.findall(r'name="(\w+)" value="(\d+)"', proposals.split("<li>")[2]))
    assert values == {"customer": str(FOREIGN), "contract": "9101"}
    assert office.post(f"{HERE}/{key}/assign", **values).status_code == 303
    assert office.rows("SELECT customer, contract FROM document ORDER BY id DESC LIMIT 1") == [(FOREIGN, 9101)]


def test_customers_are_searched_for_on_the_page(office):
    key = office.deliver()
    page = office.page(f"{HERE}/{key}", q="kunde karla")
    assert f'href="/portal{HERE}/{key}?customer={KARLA}#assign"' in page
    assert "Dazu haben wir niemanden gefunden" in office.page(f"{HERE}/{key}", q="gibtsnicht")
    assert office.get(f"{HERE}/{key}", q="x" * 101).status_code == 400


def test_nothing_of_customers_is_told_who_may_not_see_them(office):
    office.may("ines.innen", "import")
    key = office.deliver(said_contract="WG-88 251", said_customer=str(KARLA))
    page = office.page(f"{HERE}/{key}", q="kunde")
    assert "Karla" not in page and "WG-88 251 ·" not in page and "Kunden suchen" not in page
    assert 'name="customer" value="10001"' in page and 'name="contract"' not in page
    assert office.post(f"{HERE}/{key}/assign", customer=str(KARLA)).status_code == 303
    done = office.rows("SELECT max(id) FROM document")[0][0]
    page = office.page(f"{HERE}?assigned={done}")
    assert "Das Dokument ist zugeordnet." in page and "Post.txt" not in page


# --- assigning ---

def test_assigning_by_the_page_makes_it_the_customers(office):
    key = office.deliver(PDF + b"%zwei", name="Nachtrag.pdf", kind="letter")
    changes, audit = office.last("change"), office.last("audit")
    answer = office.post(f"{HERE}/{key}/assign", customer=str(KARLA), contract="", kind="policy")
    document = office.last("document")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/portal{HERE}?assigned={document}"
    assert office.waiting() == []
    assert office.rows("SELECT customer, contract, name, kind, date, size, media_type, content_hash, added_by, version"
                       " FROM document WHERE id = ?", document) == [
        (KARLA, None, "Nachtrag.pdf", "policy", "2026-05-01", len(PDF) + 5, "application/pdf",
         hashlib.sha256(PDF + b"%zwei").hexdigest(), "Ines Innen", 1)]
    [change] = office.rows("SELECT customer, resource, row, kind, login, channel, is_staff, old, new FROM change WHERE id > ?", changes)
    assert change[:8] == (KARLA, "document", document, "create", "ines.innen", "page", 1, None)
    assert json.loads(change[8])["name"] == "Nachtrag.pdf"
    [(kind, subject, customer, row, detail)] = office.rows(
        "SELECT kind, subject, customer, row, detail FROM audit WHERE id > ?", audit)
    assert (kind, subject, customer, row) == ("create", "document", KARLA, document)
    assert json.loads(detail)["unassigned"] == str(key)
    page = office.page(f"{HERE}?assigned={document}")
    assert f'href="/portal/documents/{document}"' in page and f'href="/portal/customers/{KARLA}"' in page
    assert office.get(f"/documents/{document}/content", "karla.kunde").content == PDF + b"%zwei"
    assert office.httpd.control("audit", "verify", conf=office.httpd.conf).returncode == 0


def test_assigning_by_the_api_answers_the_document(office):
    contract = contract_of(office, KARLA, "WG-88 251")
    before = office.rows("SELECT document_count FROM contract WHERE id = ?", contract)[0][0]
    key = office.deliver(name="Rechnung.txt", kind="invoice")
    answer = office.post(f"{HERE}/{key}/assign", rendering="api", customer=str(KARLA), contract=str(contract))
    document = office.last("document")
    assert answer.status_code == 201 and answer.headers["Location"] == f"/portal/api/v1/documents/{document}"
    assert answer.json() == office.get(f"/documents/{document}", rendering="api").json()
    assert (answer.json()["contract_number"], answer.json()["kind"]) == ("WG-88 251", "invoice")
    assert office.rows("SELECT document_count FROM contract WHERE id = ?", contract) == [(before + 1,)]
    answer = office.post(f"{HERE}/{key}/assign", rendering="api", customer=str(KARLA))
    assert answer.status_code == 404 and LATE in answer.json()["title"]


@pytest.mark.parametrize("values, field, words", [
    ({"customer": ""}, "customer", "Bitte füllen Sie dieses Feld aus."),
    ({"customer": "99999999"}, "customer", "Einen Kunden mit dieser Nummer gibt es nicht."),
    ({"customer": "K-1"}, "customer", "Eine Kundennummer hat nur Ziffern."),
    ({"customer": "10001", "contract": "x"}, "contract", "Bitte wählen Sie einen der Werte."),
    ({"customer": "10001", "contract": "99999999"}, "contract", "Bitte wählen Sie einen der Werte."),
    ({"customer": "10001", "contract": "foreign"}, "contract", "Bitte wählen Sie einen der Werte."),
    ({"customer": "10001", "kind": "nothing"}, "kind", "Bitte wählen Sie einen der Werte."),
    ({"customer": "10001", "name": "x.pdf"}, "name", "Dieses Feld gibt es nicht.")])
def test_what_is_wrong_is_said_at_its_field_and_changes_nothing(office, values, field, words):
    key = office.deliver()
    if values.get("contract") == "foreign":
        values = {**values, "contract": str(contract_of(office, FOREIGN))}
    with office.unchanged():
        answer = office.post(f"{HERE}/{key}/assign", rendering="api", **values)
        assert answer.status_code == 422 and [(error["pointer"], error["detail"]) for error in answer.json()["errors"]] == [
            (f"#/{field}", words)]
        answer = office.post(f"{HERE}/{key}/assign", **values)
        assert answer.status_code == 422 and words in answer.text and "Bitte prüfen Sie Ihre Angaben." in answer.text
        if field != "name":
            assert f'href="#field-{field}"' in answer.text and f'id="wrong-{field}"' in answer.text
    assert ("Diesem Kunden zuordnen" in answer.text) == (field != "customer")


def test_of_several_who_assign_at_once_one_does_and_the_others_are_told(office):
    for rendering in ("page", "api"):
        key, document, change = office.deliver(name="umkämpft.txt"), office.last("document"), office.last("change")
        sessions = [office.httpd.sign_in("ines.innen") for _ in range(4)]

        def assign(number, key=key, sessions=sessions, rendering=rendering):
            values = {"customer": str((KARLA, FOREIGN)[number % 2])}
            body = {"json": values} if rendering == "api" else {"data": values}
            return sessions[number].post(office.address(f"{HERE}/{key}/assign", rendering), allow_redirects=False, timeout=30, **body)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(assign, range(4)), key=lambda answer: answer.status_code)
        lost = 404 if rendering == "api" else 409
        assert [answer.status_code for answer in answers] == ([201, lost, lost, lost] if rendering == "api" else [303, lost, lost, lost])
        assert all(LATE in answer.text for answer in answers[1:])
        assert office.rows("SELECT count(*) FROM document WHERE id > ?", document) == [(1,)]
        assert office.rows("SELECT count(*) FROM change WHERE id > ?", change) == [(1,)]


def test_who_presses_twice_is_told_on_the_list(office):
    key = office.deliver()
    assert office.post(f"{HERE}/{key}/assign", customer=str(KARLA)).status_code == 303
    answer = office.post(f"{HERE}/{key}/assign", customer=str(KARLA))
    assert answer.status_code == 409 and LATE in answer.text and "<h1" in answer.text and "Alles ist zugeordnet" in answer.text


# --- putting away ---

def test_one_is_put_away_and_taken_back(office):
    key, last = office.deliver(name="Werbung.pdf"), office.last("audit")
    answer = office.post(f"{HERE}/{key}/dismiss")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/portal{HERE}?done=dismiss"
    page = office.page(f"{HERE}?done=dismiss")
    assert "Das Dokument ist weggelegt." in page and f"{HERE}/{key}/restore" in page and "Alles ist zugeordnet" in page
    assert office.get(HERE, rendering="api").json()["items"] == []
    item = office.get(f"{HERE}/{key}", rendering="api").json()
    assert item["dismissed_by"] == "Ines Innen" and item["dismissed_time"]
    one = office.page(f"{HERE}/{key}")
    assert "Dieses Dokument ist weggelegt." in one and "/assign" not in one and "/dismiss" not in one
    assert office.post(f"{HERE}/{key}/assign", customer=str(KARLA)).status_code == 409
    assert office.post(f"{HERE}/{key}/dismiss").status_code == 409
    answer = office.post(f"{HERE}/{key}/restore")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/portal{HERE}?done=restore"
    assert office.waiting() == [key] and "Das Dokument wartet wieder." in office.page(f"{HERE}?done=restore")
    assert office.post(f"{HERE}/{key}/restore", rendering="api").status_code == 404
    assert office.post(f"{HERE}/{key}/dismiss", rendering="api").status_code == 204
    assert office.post(f"{HERE}/{key}/restore", rendering="api").status_code == 204
    rows = office.rows("SELECT kind, row, login, channel FROM audit WHERE id > ? AND subject = 'unassigned_document'", last)
    assert rows == [(kind, key, "ines.innen", channel) for channel in ("page", "api") for kind in ("delete", "restore")]
    assert "Nicht zugeordnetes Dokument" in office.page("/audit", kind="restore")


def test_after_its_time_what_was_put_away_is_gone_for_good(running_portal, slapd):
    office = Office(running_portal, slapd, "SmvPortalUndoTime 1\n")
    office.may("ines.innen", *RIGHTS)
    try:
        key, other = office.deliver(PDF + b"%drei"), office.deliver(PDF + b"%vier")
        files = [next(office.httpd.documents.rglob(hashlib.sha256(PDF + end).hexdigest())) for end in (b"%drei", b"%vier")]
        office.post(f"{HERE}/{key}/dismiss")
        wait_until(lambda: "/restore" not in office.page(HERE), "it can still be taken back")
        for rendering in ("page", "api"):
            assert office.get(f"{HERE}/{key}", rendering=rendering).status_code == 404
            assert office.get(f"{HERE}/{key}/content", rendering=rendering).status_code == 404
        assert office.post(f"{HERE}/{key}/restore", rendering="api").status_code == 404
        assert office.httpd.control("collect-garbage", conf=office.httpd.conf).returncode == 0
        assert office.rows("SELECT id FROM unassigned_document") == [(other,)]
        assert [file.exists() for file in files] == [False, True]
        assert office.get(f"{HERE}/{other}/content").content == PDF + b"%vier"
        assert office.httpd.unexpected_lines() == []
    finally:
        office.stop()


def test_the_file_of_one_that_was_assigned_and_of_one_put_away_stays(office):
    one, two = office.deliver(PDF + b"%sechs"), office.deliver(PDF + b"%sieben")
    office.post(f"{HERE}/{one}/assign", customer=str(KARLA))
    office.post(f"{HERE}/{two}/dismiss")
    assert office.httpd.control("collect-garbage", conf=office.httpd.conf).returncode == 0
    assert office.get(f"/documents/{office.last('document')}/content").content == PDF + b"%sechs"
    assert office.get(f"{HERE}/{two}/content").content == PDF + b"%sieben"
