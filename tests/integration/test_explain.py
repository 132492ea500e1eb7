# SPDX-License-Identifier: Apache-2.0
""""Warum darf X das (nicht)?": the explanation says what the portal really answers, for every route and every right, for
people of every kind, sound or not; on a page, by the API and on a terminal."""
import json
import re

import ldap
import pytest

from private_servers import PrivateHttpd, PrivateSlapd
from test_matrix import Matrix

PASSWORD = b"demo"
# Accounts that the sample does not have: attributes beside those of every account.
PEOPLE = {
    "alt.abgelaufen": {"smvRolleDN": ["cn=Kundenzugang,ou=roles"], "smvKundenNr": ["10001"],
                       "smvGueltigBis": ["20200101000000Z"]},
    "mia.mitglied": {"smvKundenNr": ["10001"]},
    "olaf.ohnerolle": {"smvKundenNr": ["10001"]},
    "zoe.zweirollen": {"smvRolleDN": ["cn=Kundenzugang,ou=roles", "cn=Vermittler,ou=roles"], "smvKundenNr": ["10002"],
                       "smvVermittlerNr": ["501"]},
    "kaputt.zeiger": {"smvRolleDN": ["cn=Gibtsnicht,ou=roles", "cn=Kundenzugang,ou=roles"], "smvKundenNr": ["10001"]},
}
LOGINS = {10001: "karla.kunde", 20001: "claudia.chef"}  # an access of each customer
NOBODY = "nobody-has-this"  # what changes something is asked of no real access, and of no real code
EVERYBODY = ["karla.kunde", "viktor.vermittler", "ines.innen", "nora.nurlesen", "gesa.gesperrt", *PEOPLE]


def add_people(slapd, base, admin):
    connection = ldap.initialize(slapd.uri)
    connection.simple_bind_s(*admin)
    for login, attributes in PEOPLE.items():
        entry = {"objectClass": [b"inetOrgPerson", b"smvKonto"], "uid": [login.encode()], "cn": [login.encode()],
                 "sn": [login.encode()], "userPassword": [PASSWORD]}
        for name, values in attributes.items():
            suffix = f",{base}" if name == "smvRolleDN" else ""
            entry[name] = [(value + suffix).encode() for value in values]
        connection.add_s(f"uid={login},ou=people,{base}", list(entry.items()))
    member = f"uid=mia.mitglied,ou=people,{base}".encode()
    connection.add_s(f"cn=Lesegruppe,ou=roles,{base}", [
        ("objectClass", [b"groupOfNames", b"smvRolle"]), ("cn", [b"Lesegruppe"]), ("member", [member]),
        ("smvRollenId", [b"4294967400"]), ("smvGeltungsbereich", [b"eigene"]),
        ("smvKundendatenAnsehen", [b"TRUE"]), ("smvVertragsdatenAnsehen", [b"FALSE"])])
    connection.unbind_s()


class Explained(Matrix):
    def explain(self, login, what, customer=None, **options):
        query = {"login": login, "what": what, **({"customer": customer} if customer else {})}
        return self.staff.get(self.httpd.url + "/api/v1/explain", params=query, timeout=20, **options)

    def command(self, *arguments, conf=None):
        return self.httpd.control("explain", *arguments, conf=conf)


@pytest.fixture(name="portal", scope="module")
def _portal(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    add_people(slapd, running_portal.base, running_portal.admin)
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\nSmvPortalRefusalTime 0\n", slapd)
    portal = Explained(httpd)
    portal.staff = httpd.sign_in("ines.innen")
    yield portal
    httpd.stop()
    slapd.stop()


def asked_routes(portal):
    """Each route in each rendering, about a customer of some and about one of others, with requests that change nothing."""
    for route, rendering in portal.cases():
        if route["name"] in ("mark_done", "mark_open", "dismiss_unassigned", "restore_unassigned"):
            continue
        for customer in (10001, 20001) if "{" in route["pattern"] else (10001,):
            yield route, rendering, customer


def path_of(route, rendering, key, customer):
    path = re.sub(r"\{(id|number)\}", str(key), route["pattern"])
    login = LOGINS[customer] if route["method"] == "GET" else NOBODY
    path = path.replace("{login}", login).replace("{code}", NOBODY)
    form = "/delete" if route["method"] == "DELETE" and rendering == "page" else ""
    method = "POST" if rendering == "page" and route["method"] != "GET" else route["method"]
    return method, ("/api/v1" if rendering == "api" else "") + path + form


@pytest.mark.parametrize("login", EVERYBODY)
def test_the_explanation_says_what_the_portal_answers_for_every_route(portal, login):
    session = portal.httpd.sign_in(login)
    is_out = session.answer.status_code != 303
    keys = {}
    for route, rendering, customer in asked_routes(portal):
        if is_out and (customer != 10001 or (rendering == "api" and route["page"])):
            continue  # whoever cannot sign in is answered the same for all of them
        place = (route["subject"], route["resource"], route["pattern"].split("/")[1], customer)
        if "{" in route["pattern"] and place not in keys:
            keys[place] = portal.key(route, customer)
        method, path = path_of(route, rendering, keys.get(place, 0), customer)
        explained = portal.explain(login, f"{method} {portal.httpd.url}{path}").json()
        if is_out and route["access"] == "public":
            assert explained["answer"] == "yes", path
            continue
        if is_out:
            assert explained["status"] == session.answer.status_code and explained["answer"] == "no", (path, explained)
            continue
        headers = {"If-Match": '"999999"'} if rendering == "api" else {}
        body = {"data": {"nothing": "1", "version": "999999"}} if rendering == "page" else {"json": {"nothing": 1}}
        real = session.request(method, portal.httpd.url + path, headers=headers, allow_redirects=False, timeout=20,
                               **({} if method == "GET" else body))
        if real.status_code == 404 and (NOBODY in path or re.search("/logo$|/publications/", path)):  # the firm has none
            assert explained["answer"] == "yes" or explained["status"] == 404, (method, path, explained)
            continue
        is_refused = real.status_code in (401, 403, 404)
        assert (explained["answer"] == "no") == is_refused, (method, path, real.status_code, explained)
        if is_refused:
            assert explained["status"] == real.status_code, (method, path)


@pytest.mark.parametrize("login", ["karla.kunde", "viktor.vermittler", "ines.innen", "nora.nurlesen", "mia.mitglied",
                                   "zoe.zweirollen"])
def test_the_explanation_agrees_about_every_right(portal, login):
    """By id, label and attribute, on a customer: what the routes that need just that right answer."""
    session = portal.httpd.sign_in(login)
    gets = {route["right"]: route for route in portal.routes if route["method"] == "GET" and route["api"]
            and route["subject"] == "customer" and not route["hidden_by"] and not route["file"]
            and "{login}" not in route["pattern"]}
    for right in portal.all_rights():
        answers = [portal.explain(login, right[name], 10001).json() for name in ("id", "label", "attribute")]
        assert len({(answer["answer"], answer["reason"]) for answer in answers}) == 1
        if right["id"] in gets:
            path = gets[right["id"]]["pattern"].replace("{number}", "10001")
            status = session.get(f"{portal.httpd.url}/api/v1{path}", timeout=20).status_code
            assert (answers[0]["answer"] == "yes") == (status == 200), (right["id"], status, answers[0])
    granted = {right["id"] for right in session.get(portal.httpd.url + "/api/v1/me", timeout=20).json()["rights"]
               if right["granted"]}
    for right in portal.all_rights():
        if right["kind"] != "staff" or login != "karla.kunde":
            assert (portal.explain(login, right["id"]).json()["answer"] == "yes") == (right["id"] in granted), right["id"]


def test_each_role_says_where_it_comes_from_and_what_it_does(portal):
    karla = portal.explain("karla.kunde", "contact.edit", 10001).json()
    role = karla["roles"][0]
    assert (karla["answer"], karla["status"], karla["attribute"]) == ("no", 403, "smvAnsprechpartnerAendern")
    assert role["id"] == "4294967299" and role["dn"] == f"cn=Kundenzugang,ou=roles,{portal.httpd.base}"
    assert (role["value"], role["scope"], role["covers"], role["decides"]) == ("FALSE", "own", True, False)
    assert role["sources"] == [{"source": "pointer"}]
    mia = portal.explain("mia.mitglied", "contract.view", 10001).json()["roles"]
    assert [(role["name"], role["value"], role["sources"]) for role in mia] == [
        ("Lesegruppe", "FALSE", [{"source": "member"}])]
    absent = portal.explain("mia.mitglied", "document.list", 10001).json()["roles"][0]
    assert absent["value"] == "absent"
    zoe = portal.explain("zoe.zweirollen", "/customers/10001/contracts").json()
    assert zoe["broker"] == "501" and zoe["brokers"] == "501" and zoe["customers"] == "10002"
    assert [(role["scope"], role["covers"], role["decides"]) for role in zoe["roles"]] == [
        ("own", False, False), ("portfolio", True, True)]


@pytest.mark.parametrize("login, words", [
    ("gesa.gesperrt", "gesperrt (smvGesperrt)"), ("alt.abgelaufen", "abgelaufen (smvGueltigBis, accountExpires)"),
    ("olaf.ohnerolle", "keine Rolle"), ("kaputt.zeiger", "nicht vollständig eingerichtet"),
    ("nobody", "gibt es nicht"), ("*", "gibt es nicht")])
def test_an_account_that_cannot_sign_in_is_explained(portal, login, words):
    explained = portal.explain(login, "contract.view", 10001).json()
    assert explained["answer"] == "no" and words in explained["reason"], explained
    if login == "kaputt.zeiger":
        assert "Gibtsnicht" in explained["faults"][0]["text"]
        assert [role["name"] for role in explained["roles"]] == ["Kundenzugang"]


def test_a_lock_of_the_directory_itself_is_explained(portal):
    portal.httpd.modify("uid=karla.kunde,ou=people", pwdAccountLockedTime="000001010000Z")
    try:
        explained = portal.explain("karla.kunde", "contract.view", 10001).json()
    finally:
        portal.httpd.modify("uid=karla.kunde,ou=people", pwdAccountLockedTime=None)
    assert explained["answer"] == "no" and explained["reason"].startswith("Das Verzeichnis selbst hat den Zugang gesperrt")
    assert portal.explain("karla.kunde", "contract.view", 10001).json()["answer"] == "yes"


def test_a_hide_right_and_the_firms_module_are_explained(portal):
    modify = portal.httpd.modify
    modify("cn=Kundenzugang,ou=roles", smvFinanzanalysedatenAusblenden="TRUE")
    explained = portal.explain("karla.kunde", "/customers/10001/financial-analysis").json()
    modify("cn=Kundenzugang,ou=roles", smvFinanzanalysedatenAusblenden="FALSE")
    assert explained["reason"] == "Eine Rolle blendet es aus." and explained["status"] == 403
    assert explained["roles"][0]["hides"] == "smvFinanzanalysedatenAusblenden"
    modify("", smvModulGueltigBis="20200101000000Z")
    explained = portal.explain("karla.kunde", "contract.view").json()
    staff = portal.explain("ines.innen", "contract.view").json()
    modify("", smvModulGueltigBis=None)
    assert "abgelaufen (smvModulGueltigBis)" in explained["reason"] and explained["needs_module"]
    assert staff["answer"] == "yes" and not staff["needs_module"]


@pytest.mark.parametrize("query, pointer", [
    ({"what": "contract.view"}, "/login"), ({"login": "karla.kunde"}, "/what"),
    ({"login": "karla.kunde", "what": "nonsense"}, "/what"), ({"login": "karla.kunde", "what": "/nonsense"}, "/what"),
    ({"login": "karla.kunde", "what": "DELETE /rights"}, "/what"),
    ({"login": "karla.kunde", "what": "contract.view", "customer": "-1"}, "/customer")])
def test_a_question_that_cannot_be_understood_has_its_problem_at_the_field(portal, query, pointer):
    answer = portal.staff.get(portal.httpd.url + "/api/v1/explain", params=query, timeout=20)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "#" + pointer, answer.text
    page = portal.staff.get(portal.httpd.url + "/explain", params=query, timeout=20)
    assert page.status_code == 422 and f'id="wrong{pointer.replace("/", "-")}"' in page.text


def test_brokers_who_manage_roles_learn_nothing_of_customers_out_of_their_reach(portal):
    portal.httpd.modify("cn=Vermittler,ou=roles", smvRollenVerwalten="TRUE")
    viktor = portal.httpd.sign_in("viktor.vermittler")
    texts = set()
    for number in (10002, 99999):
        for query in ({"what": "contract.view", "customer": number}, {"what": f"/customers/{number}/contracts"}):
            answer = viktor.get(portal.httpd.url + "/api/v1/explain", params={"login": "nora.nurlesen", **query},
                                timeout=20)
            texts.add((answer.status_code, answer.json()["errors"][0]["detail"]))
    known = viktor.get(portal.httpd.url + "/api/v1/explain", timeout=20,
                       params={"login": "karla.kunde", "what": "contract.view", "customer": 10001})
    portal.httpd.modify("cn=Vermittler,ou=roles", smvRollenVerwalten="FALSE")
    assert texts == {(422, "Diesen Kunden gibt es nicht, oder er liegt nicht in Ihrem Bereich.")}
    assert known.json()["answer"] == "yes"


def test_the_page_shows_answer_roles_and_facts(portal):
    page = portal.staff.get(portal.httpd.url + "/explain", timeout=20).text
    assert "Erklären" in page and 'class="explanation"' not in page
    page = portal.staff.get(portal.httpd.url + "/explain", timeout=20,
                            params={"login": "karla.kunde", "what": "Vertragsdaten ansehen", "customer": ""}).text
    for text in ("Eine Rolle erteilt das Recht", "smvVertragsdatenAnsehen", "smvRolleDN des Zugangs", "4294967299",
                 "eigene Kunden"):
        assert text in page, text
    noted = portal.database.execute("SELECT subject, object, login FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    assert noted == ("explain", "karla.kunde", "ines.innen")


def test_the_command_answers_by_its_exit_code(portal):
    yes = portal.command("karla.kunde", "contract.view", "10001")
    assert (yes.returncode, yes.stderr) == (0, "") and yes.stdout.startswith("ja: Eine Rolle, die für diesen Kunden gilt")
    assert "Herkunft: smvRolleDN des Zugangs" in yes.stdout and "Attribut der Rolle: smvVertragsdatenAnsehen" in yes.stdout
    no = portal.command("karla.kunde", "/customers/20001/contracts")
    assert no.returncode == 1 and no.stdout.startswith("nein: Der Kunde liegt in keinem Geltungsbereich")
    told = json.loads(portal.command("--json", "karla.kunde", "contract.view", "10001").stdout)
    assert told == portal.explain("karla.kunde", "contract.view", 10001).json()


def test_the_command_names_what_is_wrong(portal, tmp_path):
    assert portal.command("karla.kunde").returncode == 64
    nonsense = portal.command("karla.kunde", "nonsense")
    assert nonsense.returncode == 64 and "weder ein Recht" in nonsense.stderr
    assert portal.command("karla.kunde", "contract.view", "x").returncode == 64
    assert portal.command("karla.kunde", "contract.view", conf=tmp_path / "none").returncode == 78
    conf = tmp_path / "portal.conf"
    for line, code, words in (
            ("SmvPortalDatabase", 78, "SmvPortalDatabase takes one argument"),
            ("SmvPortalTenant many", 78, "must be a number from 1 to"),
            (f"SmvPortalDatabase {tmp_path}/none.sqlite", 66, "create-database"),
            ("SmvPortalLdapBindPasswordFile /none", 78, "/none cannot be read"),
            ("SmvPortalLdapUri ldap://ldap.musterfirma.example", 78, "in the clear")):
        conf.write_text(f'Include "{portal.httpd.conf}"\n{line}\n', encoding="utf-8")
        done = portal.command("karla.kunde", "contract.view", conf=conf)
        assert done.returncode == code and done.stdout == "" and words in done.stderr, (line, done.stderr)
    conf.write_text(f'Include "{portal.httpd.conf}"\nSmvPortalLdapUri ldap://127.0.0.1:1\n', encoding="utf-8")
    away = portal.command("karla.kunde", "contract.view", conf=conf)
    assert away.returncode == 69 and away.stdout.startswith("nicht zu sagen: Das Verzeichnis")
