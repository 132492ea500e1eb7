# SPDX-License-Identifier: Apache-2.0
"""The view as a customer: the firm's own people see what one account sees, marked on every page, and noted for the
customer; nothing is changed, and nothing is seen that either of the two may not see."""
import io
import json
import re
import time
import zipfile

import pytest

from private_servers import PrivateHttpd, PrivateSlapd
from test_matrix import Matrix

KARLA, STAFF, BROKER = "cn=Kundenzugang,ou=roles", "cn=Innendienst,ou=roles", "cn=Vermittler,ou=roles"


class Views(Matrix):
    """The portal, with people who look at it as somebody else."""

    def sign_in(self, login="ines.innen"):
        self.session = self.httpd.sign_in(login)
        return self.session

    def view(self, customer=10001, login="karla.kunde", who="ines.innen"):
        self.sign_in(who)
        return self.begin(customer, login)

    def begin(self, customer=10001, login="karla.kunde"):
        return self.session.post(f"{self.httpd.url}/customers/{customer}/view-as", data={"login": login},
                                 allow_redirects=False, timeout=20)

    def get(self, path):
        return self.session.get(self.httpd.url + path, allow_redirects=False, timeout=20)

    def end(self):
        token = re.search(r'name="csrf_token" value="([^"]*)"', self.get("/").text).group(1)
        return self.session.post(self.httpd.url + "/view-as/end", data={"csrf_token": token}, allow_redirects=False,
                                 timeout=20)

    def audit(self, after=0):
        return self.database.execute("SELECT kind, subject, object, customer, login FROM audit WHERE id > ? ORDER BY id",
                                     (after,)).fetchall()

    def last_audit(self):
        return self.database.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0]


@pytest.fixture(name="views", scope="module")
def _views(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    httpd.ctl = running_portal.ctl
    yield Views(httpd)
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="change")
def _change(views):
    """Attributes of the directory for one test."""
    changed = []

    def change(dn, **values):
        changed.append((dn, dict.fromkeys(values)))
        views.httpd.modify(dn, **values)

    yield change
    for dn, values in changed:
        views.httpd.modify(dn, **{name: ORIGINAL.get((dn, name)) for name in values})


ORIGINAL = {(KARLA, "smvKontoverbindungAnsehen"): "TRUE", (STAFF, "smvKontoverbindungAnsehen"): "TRUE",
            (STAFF, "smvZugaengeVerwalten"): "TRUE", (STAFF, "smvKundendatenAnsehen"): "TRUE",
            (KARLA, "smvGeltungsbereich"): "eigene", (KARLA, "smvVertragsdatenAnsehen"): "TRUE",
            (STAFF, "smvFinanzanalysedatenAusblenden"): "FALSE", ("", "smvModul"): "Kundenportal",
            (BROKER, "smvZugaengeVerwalten"): "FALSE"}


def test_the_customers_page_offers_their_accounts(views):
    views.sign_in()
    assert "/customers/10001/view-as" in views.get("/customers/10001").text
    page = views.get("/customers/10001/view-as").text
    assert 'value="karla.kunde"' in page and "claudia" not in page
    assert "geschlossen" in views.get("/customers/10003/view-as").text


def test_whoever_views_sees_the_pages_of_the_customer_marked_on_each(views):
    answer = views.view()
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/"
    for path in ("/", "/customers/10001", "/customers/10001/contracts", "/customers/10001/documents", "/rights",
                 "/customers/10001/log", "/contracts/1", "/customers/20001", "/there-is-no-such-page", "/inbox",
                 "/customers/10001/edit"):
        page = views.get(path).text
        assert re.search(r'<aside class="viewing".*?role="status".*?<strong>Karla Kunde</strong>.*?nur lesen', page,
                         re.DOTALL), path
        assert re.search(r"<title>Ansicht als Karla Kunde – nur lesen", page), path
        assert "Ansicht beenden" in page and "Ines Innen" in page, path
    assert views.get("/customers/20001").status_code == 404
    assert views.get("/customers").status_code == 200
    assert "20001" not in views.get("/customers").text
    assert views.get("/inbox").status_code == 403
    assert views.get("/api/v1/me").json()["login"] == "ines.innen"
    assert views.get("/api/v1/customers/20001").status_code == 404


def test_everything_that_changes_is_refused(views):
    views.view()
    asked = 0
    for route, rendering in views.cases():
        if route["method"] == "GET" or route["in_view"]:
            continue
        [(_, _, key)] = views.prepare([(route, rendering)], 10001)
        after_rows = views.dump()
        answer = views.ask(route, rendering, key)
        assert answer.status_code == 403, (route["name"], rendering, answer.text[:200])
        assert "lässt sich nichts ändern" in answer.text, (route["name"], rendering)
        assert views.dump() == after_rows, route["name"]
        asked += 1
    assert asked > 30
    for table, last in views.last.items():
        views.database.execute(f"DELETE FROM {table} WHERE id > ?", (last,))
    views.database.execute("DELETE FROM deleted_document")


def test_pages_offer_nothing_that_changes(views):
    views.view()
    paths, seen = ["/"], set()
    while paths:
        path = paths.pop()
        seen.add(path)
        answer = views.get(path)
        assert answer.status_code == 200, path
        if "html" not in answer.headers["Content-Type"]:
            continue
        forms = set(re.findall(r'method="post" action="/portal(/[^"?#]*)"', answer.text))
        assert forms <= {"/logout", "/view-as/end"}, path
        for found in re.findall(r'href="/portal(/[^"?#]*)"', answer.text):
            assert not re.search(r"/(edit|new)$", found), (path, found)
            if found not in seen and not found.startswith("/assets/"):
                paths.append(found)
    assert len(seen) > 12


def test_the_view_is_in_the_audit_log_and_in_the_customers_own(views):
    before = views.last_audit()
    views.view()
    views.get("/customers/10001/contracts")
    views.get("/customers/10001")
    views.get("/rights")
    assert views.end().headers["Location"] == "/portal/customers/10001"
    dn = f"uid=karla.kunde,ou=people,{views.httpd.base}"
    noted = [row for row in views.audit(before) if row[0] not in ("sign_in", "sign_out")]
    assert noted == [(kind, subject, dn, 10001, "ines.innen") for kind, subject in (
        ("view_as", "start_view"), ("read", "list_contracts"), ("read", "show_customer"), ("read", "show_rights"),
        ("read", "start"), ("end", "start_view"))]
    views.sign_in("karla.kunde")
    page = views.get("/customers/10001/log").text.split('<ol class="log">')[1]
    assert page.index("beendet") < page.index("Verträge") and "Ines Innen (ines.innen)" in page
    views.sign_in()
    assert 'class="viewing"' not in views.get("/customers/10001").text


def test_signing_out_ends_the_view_and_a_new_session_has_none(views):
    views.view()
    before = views.last_audit()
    token = re.search(r'name="csrf_token" value="([^"]*)"', views.get("/").text).group(1)
    views.session.post(views.httpd.url + "/logout", data={"csrf_token": token}, timeout=20)
    assert ("end", "start_view") in [row[:2] for row in views.audit(before)]
    views.sign_in()
    assert 'class="viewing"' not in views.get("/").text


def test_a_view_ends_after_30_minutes(views):
    views.database.execute("DELETE FROM session")
    views.view()
    before = views.last_audit()
    views.database.execute("UPDATE session SET view_since = view_since - 1799 * 1000000 WHERE view_dn IS NOT NULL")
    assert 'class="viewing"' in views.get("/").text
    views.database.execute("UPDATE session SET view_since = view_since - 2 * 1000000 WHERE view_dn IS NOT NULL")
    assert 'class="viewing"' not in views.get("/").text
    assert ("end", "start_view") in [row[:2] for row in views.audit(before)]
    assert views.database.execute("SELECT count(*) FROM session WHERE view_dn IS NOT NULL").fetchone() == (0,)


def test_what_the_staff_member_may_not_see_is_not_seen(views, change):
    change(STAFF, smvKontoverbindungAnsehen="FALSE")
    views.sign_in("karla.kunde")
    assert views.get("/customers/10001/bank-accounts").status_code == 200
    views.view()
    assert views.get("/customers/10001/bank-accounts").status_code == 403
    assert views.get("/api/v1/customers/10001/bank-accounts").status_code == 403
    assert "bank-accounts" not in views.get("/customers/10001").text


def test_what_the_customer_may_not_see_is_not_seen(views, change):
    views.view()
    assert views.get("/customers/10001/contracts").status_code == 200
    change(KARLA, smvVertragsdatenAnsehen="FALSE")
    assert views.get("/customers/10001/contracts").status_code == 403
    assert views.get("/customers/10002").status_code == 404


def test_what_is_hidden_from_the_staff_member_is_hidden(views, change):
    change(STAFF, smvFinanzanalysedatenAusblenden="TRUE")
    views.view()
    assert views.get("/customers/10001/financial-analysis").status_code == 403


def test_a_customer_out_of_the_brokers_reach_is_not_seen(views, change):
    """Claudia has 20001 and 20002; the broker of 20002 is made another one."""
    change(BROKER, smvZugaengeVerwalten="TRUE")
    broker = views.database.execute("SELECT broker FROM customer WHERE number = 20002").fetchone()[0]
    views.view(20001, "claudia.chef", "viktor.vermittler")
    assert views.get("/customers/20002").status_code == 200
    views.database.execute("UPDATE customer SET broker = 999 WHERE number = 20002")
    assert views.get("/customers/20002").status_code == 404
    assert "20002" not in views.get("/api/v1/customers").text
    assert views.get("/customers/20001").status_code == 200
    views.sign_in("viktor.vermittler")
    assert views.begin(20002, "claudia.chef").status_code == 404
    views.database.execute("UPDATE customer SET broker = ? WHERE number = 20002", (broker,))


def test_who_loses_the_right_to_view_sees_nothing_more_but_can_end_it(views, change):
    views.view()
    change(STAFF, smvZugaengeVerwalten="FALSE")
    answer = views.get("/customers/10001")
    assert answer.status_code == 403 and "Straße" not in answer.text and 'class="viewing"' in answer.text
    views.httpd.modify(STAFF, smvZugaengeVerwalten="TRUE")
    change(STAFF, smvKundendatenAnsehen="FALSE")
    assert views.get("/api/v1/customers/10001/contracts").status_code == 403


def test_an_account_that_becomes_staff_cannot_be_viewed(views, change):
    views.view()
    change(KARLA, smvGeltungsbereich="alle")
    assert views.get("/customers/10001").status_code == 403
    views.sign_in()
    assert "karla.kunde" not in views.get("/customers/10001/view-as").text
    assert views.begin().status_code == 422


def test_a_locked_account_is_shown_what_its_person_is_told(views):
    assert views.view(10003, "gesa.gesperrt").status_code == 303
    answer = views.get("/customers/10003")
    assert answer.status_code == 403 and "gesperrt oder abgelaufen" in answer.text
    assert "<strong>Gesa Gesperrt</strong>" in answer.text
    assert views.get("/api/v1/customers/10003").json()["code"] == "SMV0104"
    for path in ("/", "/me", "/rights"):
        assert "gesperrt oder abgelaufen" in views.get(("/api/v1" if path == "/me" else "") + path).text
    token = re.search(r'name="csrf_token" value="([^"]*)"', answer.text).group(1)
    views.session.post(views.httpd.url + "/view-as/end", data={"csrf_token": token}, timeout=20)
    assert views.get("/customers/10003").status_code == 200


def test_without_the_module_the_view_says_what_customers_are_told(views, change):
    views.view()
    change("", smvModul=None)
    assert "nicht freigeschaltet" in views.get("/customers/10001").text


def test_only_staff_begins_a_view_of_an_account_of_that_customer(views, change):
    views.sign_in()
    for customer, login in ((10001, "claudia.chef"), (10001, "ines.innen"), (10001, ""), (10001, "nobody"),
                            (10001, "*"), (10001, "karla.kunde)(uid=*")):
        answer = views.begin(customer, login)
        assert answer.status_code == 422 and "gehört nicht zu diesem Kunden" in answer.text, login
    views.sign_in("karla.kunde")
    assert views.begin().status_code == 403
    change(KARLA, smvZugaengeVerwalten="TRUE")
    assert views.begin().status_code == 403
    assert views.get("/customers/10001/view-as").status_code == 403
    views.sign_in("viktor.vermittler")
    assert views.begin().status_code == 403


def test_no_cookie_nor_page_of_another_site_begins_or_ends_a_view(views):
    views.sign_in()
    origin = {"Origin": "https://example.org"}
    path = views.httpd.url + "/customers/10001/view-as"
    assert views.session.post(path, data={"login": "karla.kunde"}, headers=origin, timeout=20).status_code == 403
    views.session.cookies.set("view_as", f"uid=karla.kunde,ou=people,{views.httpd.base}")
    assert 'class="viewing"' not in views.get("/").text
    views.begin()
    for token in ("", "A" * 43):
        answer = views.session.post(views.httpd.url + "/view-as/end", data={"csrf_token": token}, timeout=20)
        assert answer.status_code == 403
    assert 'class="viewing"' in views.get("/").text
    other = views.httpd.sign_in("ines.innen")
    assert 'class="viewing"' not in other.get(views.httpd.url + "/", timeout=20).text
    assert views.session.get(views.httpd.url + "/api/v1/customers/20001", auth=("ines.innen", "demo"),
                             timeout=20).status_code == 404


def test_the_archive_has_the_entry_of_the_account_that_is_viewed(views):
    views.view(20001, "claudia.chef")
    with zipfile.ZipFile(io.BytesIO(views.get("/customers/20001/own-data.zip").content)) as archive:
        entries = {each["entry"] for each in json.loads(archive.read("daten.json"))["directory"]}
    assert entries == {f"uid=claudia.chef,ou=people,{views.httpd.base}"}


def test_the_error_log_is_quiet(views):
    time.sleep(0.1)
    assert views.httpd.unexpected_lines() == []
