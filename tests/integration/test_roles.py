# SPDX-License-Identifier: Apache-2.0
"""Roles: the list and the grid, what is written into the directory and as whom, and what somebody else changes meanwhile
with the tools of the directory."""
import concurrent.futures
import html
import json
import re
import sqlite3
import subprocess
import time

import ldap
import ldap.modlist
import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

VENDOR, OFFICE, CUSTOMER, READING, FIRM = (str((1 << 32) + number) for number in range(1, 6))
OFFICE_DN, CUSTOMER_DN, READING_DN = "cn=Innendienst,ou=roles", "cn=Kundenzugang,ou=roles", "cn=Kundenzugang lesend,ou=roles"
FORM = {"scope": "own", "remark": ""}


class Roles:
    """A portal of its own, whose directory keeps references."""

    def __init__(self, running_portal, folder):
        self.slapd = PrivateSlapd(folder)
        self.httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 10\n", self.slapd)
        self.httpd.ctl = running_portal.ctl
        self.staff = self.httpd.sign_in("ines.innen")
        self.admin = ldap.initialize(self.slapd.uri)
        self.admin.simple_bind_s(*self.httpd.admin)

    def get(self, path, session=None):
        return (session or self.staff).get(self.httpd.url + path, timeout=20, allow_redirects=False)

    def post(self, path, session=None, **data):
        return (session or self.staff).post(self.httpd.url + path, data=data, timeout=30, allow_redirects=False)

    def api(self, method, path, version=None, **options):
        headers = {"If-Match": f'"{version}"'} if version else {}
        return requests.request(method, f"{self.httpd.url}/api/v1/roles{path}", auth=("ines.innen", "demo"), timeout=30,
                                headers=headers, **options)

    def entry(self, dn):
        """@return the attributes of an entry; None where it is not there"""
        try:
            [(_, found)] = self.admin.search_s(f"{dn},{self.httpd.base}", ldap.SCOPE_BASE, attrlist=["*", "+"])
        except ldap.NO_SUCH_OBJECT:
            return None
        return {name: [value.decode() for value in values] for name, values in found.items()}

    def add(self, dn, **attributes):
        self.admin.add_s(f"{dn},{self.httpd.base}", ldap.modlist.addModlist(
            {name: [each.encode() for each in (values if isinstance(values, list) else [values])]
             for name, values in attributes.items()}))

    def add_role(self, name, number, where="ou=roles", **attributes):
        self.add(f"cn={name},{where}", objectClass=["organizationalRole", "smvRolle"], cn=name, smvRollenId=number,
                 smvGeltungsbereich="eigene", **attributes)

    def add_person(self, login, role_dn):
        self.add(f"uid={login},ou=people", objectClass=["inetOrgPerson", "smvKonto"], uid=login, cn=login, sn=login,
                 userPassword="demo", smvRolleDN=f"{role_dn},{self.httpd.base}")

    def remove(self, dn):
        if self.entry(dn):
            self.admin.delete_s(f"{dn},{self.httpd.base}")

    def version(self, number):
        return re.search(r'name="version" value="(\d+)"', self.get(f"/roles/{number}").text).group(1)

    def form(self, number, **fields):
        """What the browser sends back from the page of a role, with some fields as given; None takes one away."""
        page = self.get(f"/roles/{number}").text
        sent = {name: "1" for name in chosen(page)}
        sent["remark"] = html.unescape(re.search(r'name="remark" value="([^"]*)"', page).group(1))
        sent["scope"] = re.search(r'<option selected="selected" value="(\w+)"', page).group(1)
        sent["version"] = self.version(number)
        sent.update(fields)
        return {name: value for name, value in sent.items() if value is not None}

    def noted(self):
        """@return what the audit log has of roles, as kind, name and detail"""
        with sqlite3.connect(self.httpd.database, timeout=10) as connection:
            rows = connection.execute("SELECT login, kind, object, detail FROM audit WHERE subject = 'role' ORDER BY id"
                                      ).fetchall()
        connection.close()
        assert all(login == "ines.innen" for login, *_ in rows)
        return [(kind, name, json.loads(detail) if detail else None) for _, kind, name, detail in rows]


@pytest.fixture(name="roles", scope="module")
def _roles(running_portal, tmp_path_factory):
    made = Roles(running_portal, tmp_path_factory.mktemp("roles"))
    yield made
    made.admin.unbind_s()
    made.httpd.stop()
    made.slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(roles):
    roles.httpd.expected = []
    yield
    assert roles.httpd.unexpected_lines() == []


def chosen(page):
    """@return the names of the boxes that are ticked"""
    boxes = [box for box in re.findall(r"<input [^>]*>", page) if 'type="checkbox"' in box and "checked=" in box]
    return {re.search(r' name="([^"]+)"', box).group(1) for box in boxes}


def text_of(page):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


# --- what is shown ---

def test_the_list_has_number_name_and_remark_of_each_role(roles):
    page = roles.get("/roles").text
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    rows = [[html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in cells[at:at + 3]]
            for at in range(0, len(cells), 4)]
    assert rows[:4] == [[VENDOR, "Vermittler", ""], [OFFICE, "Innendienst", ""], [CUSTOMER, "Kundenzugang", "Kundenzugang"],
                        [READING, "Kundenzugang lesend", ""]]
    assert [each["id"] for each in roles.api("GET", "").json()["items"]][:4] == [VENDOR, OFFICE, CUSTOMER, READING]


def test_the_grid_is_that_of_the_source(roles):
    rights = rights_of(roles)
    page = roles.get(f"/roles/{CUSTOMER}").text
    table = re.search(r'<table class="rights choices".*?</table>', page, re.DOTALL).group(0)
    for row, line in enumerate(re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL), 1):
        for column, cell in enumerate(re.findall(r"<td>(.*?)</td>", line, re.DOTALL), 1):
            wanted = [right for right in rights if (right["row"], right["column"]) == (row, column)]
            assert re.findall(r'name="([^"]+)"', cell) == [right["id"] for right in wanted], (row, column)
            for right in wanted:
                assert bool(chosen(cell)) == right["default"], "the role Kundenzugang of the sample is the source's"
                assert right["label"] in text_of(cell) and right["attribute"] in cell
    assert row == 14


def rights_of(roles):
    return json.loads(subprocess.run([roles.httpd.ctl, "rights", "--json"], check=True, capture_output=True, timeout=20).stdout)


def test_the_api_has_the_rights_by_their_names(roles):
    answer = roles.api("GET", f"/{READING}")
    role = answer.json()
    assert (role["name"], role["scope"], role["accounts"]) == ("Kundenzugang lesend", "own", 1)
    assert role["contract.view"] is True and role["document.import"] is False and role["role.manage"] is False
    assert answer.headers["ETag"] == f'"{role["version"]}"'
    again = requests.get(f"{roles.httpd.url}/api/v1/roles/{READING}", auth=("ines.innen", "demo"), timeout=20,
                         headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert roles.api("GET", "/4294999999").status_code == 404 and roles.get("/roles/4294999999").status_code == 404


# --- making one ---

def test_a_new_role_is_an_entry_with_every_right_made_as_the_person(roles):
    answer = roles.post("/roles", name="Firmenkunde lesend", remark="Für Müller & Söhne", scope="own",
                        **{"contract.view": "1", "customer.view": "1"})
    assert answer.status_code == 303, answer.text
    number = re.fullmatch(r"/portal/roles/(\d+)\?done=create", answer.headers["Location"]).group(1)
    assert int(number) == (1 << 32) + 6, "the next one of the firm"
    assert "Die Rolle ist angelegt." in roles.get(f"/roles/{number}?done=create").text
    entry = roles.entry("cn=Firmenkunde lesend,ou=roles")
    assert {"organizationalRole", "smvRolle"} <= set(entry["objectClass"])
    assert entry["smvRollenId"] == [number] and entry["smvGeltungsbereich"] == ["eigene"]
    assert entry["description"] == ["Für Müller & Söhne"]
    assert entry["creatorsName"][0].startswith("uid=ines.innen,")
    granted = {right["attribute"] for right in rights_of(roles) if entry[right["attribute"]] == ["TRUE"]}
    assert granted == {"smvVertragsdatenAnsehen", "smvKundendatenAnsehen"}
    kind, name, detail = roles.noted()[-1]
    assert (kind, name, detail["name"]) == ("create", "Firmenkunde lesend", ["", "Firmenkunde lesend"])
    assert detail["contract.view"] == ["FALSE", "TRUE"] and "document.import" not in detail


@pytest.mark.parametrize("fields, words", [
    ({"name": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"name": "Kundenzugang"}, "Diese Bezeichnung gibt es schon."),
    ({"name": "KUNDENZUGANG"}, "Diese Bezeichnung gibt es schon."),
    ({"name": "a,ou=people"}, "Eine Bezeichnung hat keines dieser Zeichen"),
    ({"name": "x" * 65}, "Der Text ist zu lang."),
    ({"scope": "everybody"}, "Bitte wählen Sie einen der Werte."),
    ({"scope": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"root": "1"}, "Dieses Feld gibt es nicht."),
])
def test_what_is_wrong_is_told_at_its_field_and_makes_nothing(roles, fields, words):
    def names():
        return roles.admin.search_s(f"ou=roles,{roles.httpd.base}", ldap.SCOPE_ONELEVEL, attrlist=["cn"])

    before = names()
    answer = roles.post("/roles", **{"name": "Falsch", **FORM, "contract.view": "1", **fields})
    assert answer.status_code == 422 and words in html.unescape(answer.text), answer.text
    assert chosen(answer.text) == {"contract.view"}, "what was chosen is still there"
    problems = roles.api("POST", "", json={"name": "Falsch", "scope": "own", **{
        name: True if value == "1" else value for name, value in fields.items()}})
    assert problems.status_code == 422 and problems.json()["errors"][0]["pointer"][2:] in fields
    assert names() == before


def test_a_copy_begins_as_the_other_role_is(roles):
    page = roles.get(f"/roles/new?copy={READING}").text
    assert 'value="Kundenzugang lesend (Kopie)"' in page
    assert chosen(page) == set(roles.form(READING)) - {"remark", "scope", "version"} and chosen(page)
    assert "name=\"version\"" not in page


def test_numbers_are_given_once_however_many_ask(roles):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda at: roles.api("POST", "", json={"name": f"Zugleich {at}", "scope": "own"}), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 8
    assert answers[0].headers["Location"] == f"/portal/api/v1/roles/{answers[0].json()['id']}"
    for answer in answers:
        assert roles.api("DELETE", f"/{answer.json()['id']}", answer.json()["version"]).status_code == 204


# --- changing one ---

def test_a_change_writes_what_differs_as_the_person_and_holds_at_once(roles):
    karla = roles.httpd.sign_in("karla.kunde")
    assert roles.get("/customers/10001/contracts", karla).status_code == 200
    before = roles.entry(CUSTOMER_DN)
    answer = roles.post(f"/roles/{CUSTOMER}", **roles.form(CUSTOMER, **{"contract.view": None, "remark": "Neu"}))
    assert answer.status_code == 303 and answer.headers["Location"] == f"/portal/roles/{CUSTOMER}?done=edit"
    assert roles.get("/customers/10001/contracts", karla).status_code == 403, "without waiting for the cache"
    after = roles.entry(CUSTOMER_DN)
    assert after["modifiersName"][0].startswith("uid=ines.innen,")
    own = {"entryCSN", "modifiersName", "modifyTimestamp"}
    assert {name for name in after if after[name] != before.get(name)} - own == {"smvVertragsdatenAnsehen", "description"}
    assert roles.noted()[-1] == ("edit", "Kundenzugang", {"remark": ["Kundenzugang", "Neu"], "contract.view": ["TRUE", "FALSE"]})
    roles.httpd.modify(CUSTOMER_DN, smvVertragsdatenAnsehen="TRUE", description="Kundenzugang")
    assert roles.entry(CUSTOMER_DN)["smvVertragsdatenAnsehen"] == before["smvVertragsdatenAnsehen"], "undone by a tool"
    assert roles.api("GET", f"/{CUSTOMER}").json()["contract.view"] is True, "which the portal shows"


def test_the_api_changes_what_it_names(roles):
    role = roles.api("GET", f"/{READING}").json()
    assert roles.api("PATCH", f"/{READING}", json={"document.import": True}).status_code == 428
    answer = roles.api("PATCH", f"/{READING}", role["version"], json={"document.import": True})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert {name for name in role if role[name] != changed[name]} == {"document.import", "version"}
    assert roles.api("PATCH", f"/{READING}", changed["version"], json={"document.import": "ja"}).status_code == 422
    assert roles.api("PATCH", f"/{READING}", changed["version"], json={"document.import": False}).status_code == 200


def test_what_a_tool_changed_meanwhile_is_shown_and_not_overwritten(roles):
    form = roles.form(READING, **{"customer.edit": "1", "remark": "Von Ines"})
    old = roles.api("GET", f"/{READING}").json()["version"]
    roles.httpd.modify(READING_DN, smvDokumenteLoeschen="TRUE", description="Mit ldapmodify")
    answer = roles.post(f"/roles/{READING}", **form)
    assert answer.status_code == 409
    page = text_of(answer.text)
    assert "Jemand anderes hat inzwischen etwas geändert." in page and "Inzwischen steht hier: Mit ldapmodify" in page
    assert re.search(r'id="theirs-document.delete".*?ja', answer.text, re.DOTALL)
    assert 'value="Von Ines"' in answer.text and "customer.edit" in chosen(answer.text)
    entry = roles.entry(READING_DN)
    assert entry["description"] == ["Mit ldapmodify"] and entry["smvKundendatenAendern"] == ["FALSE"]
    assert roles.api("PATCH", f"/{READING}", old, json={"remark": "X"}).status_code == 412
    version = re.search(r'name="version" value="(\d+)"', answer.text).group(1)
    assert roles.post(f"/roles/{READING}", **{**form, "version": version}).status_code == 303, "now it is decided"
    entry = roles.entry(READING_DN)
    assert entry["description"] == ["Von Ines"] and entry["smvDokumenteLoeschen"] == ["FALSE"]
    roles.httpd.modify(READING_DN, smvKundendatenAendern="FALSE", description=None)


def test_the_directory_decides_once_more(roles):
    """Those who manage roles may write below ou=roles alone, whatever the portal thinks."""
    roles.add_role("Fremd", str((1 << 32) + 900), "ou=policies")
    answer = roles.post(f"/roles/{(1 << 32) + 900}", **{**FORM, "contract.view": "1", "version": roles.version((1 << 32) + 900)})
    assert answer.status_code == 403 and "Das Verzeichnis lässt diese Änderung nicht zu." in answer.text
    assert "smvVertragsdatenAnsehen" not in roles.entry("cn=Fremd,ou=policies")
    assert roles.noted()[-1] == ("edit", "Fremd", {"refused": "SMV0203"})
    roles.remove("cn=Fremd,ou=policies")


def test_roles_with_one_number_are_told_apart_by_nobody(roles):
    roles.httpd.expect_log(r"SMV0202: .* and .* have the same smvRollenId")
    roles.add_role("Doppelt", READING)
    answer = roles.get(f"/roles/{READING}")
    assert answer.status_code == 503 and "Mehrere Rollen haben diese Rollen-ID." in answer.text
    roles.remove("cn=Doppelt,ou=roles")


# --- a new name ---

def test_a_new_name_is_followed_by_every_account(roles):
    answer = roles.post(f"/roles/{READING}/rename", name="Kunde (nur lesen)", version=roles.version(READING))
    assert answer.status_code == 303, answer.text
    assert roles.entry(READING_DN) is None and roles.entry("cn=Kunde (nur lesen),ou=roles")["smvRollenId"] == [READING]
    found = roles.admin.search_s(roles.httpd.base, ldap.SCOPE_SUBTREE,
                                 f"(smvRolleDN=cn=Kunde \\28nur lesen\\29,ou=roles,{roles.httpd.base})", ["uid"])
    assert len(found) == 1
    login = found[0][1]["uid"][0].decode()
    assert roles.httpd.sign_in(login).answer.status_code == 303, "nobody is shut out"
    assert roles.noted()[-1] == ("edit", "Kundenzugang lesend", {"name": ["Kundenzugang lesend", "Kunde (nur lesen)"]})
    role = roles.api("GET", f"/{READING}").json()
    assert roles.api("POST", f"/{READING}/rename", role["version"], json={"name": "Kundenzugang"}).status_code == 422
    back = roles.api("POST", f"/{READING}/rename", role["version"], json={"name": "Kundenzugang lesend"})
    assert back.status_code == 200 and back.json()["name"] == "Kundenzugang lesend"
    assert roles.entry(READING_DN)


def test_a_name_that_is_taken_or_wrong_changes_nothing(roles):
    for name, words in (("Vermittler", "Diese Bezeichnung gibt es schon."), ("", "Bitte füllen Sie dieses Feld aus.")):
        answer = roles.post(f"/roles/{READING}/rename", name=name, version=roles.version(READING))
        assert answer.status_code == 422 and words in answer.text
    version = roles.version(READING)
    roles.httpd.modify(READING_DN, description="Inzwischen")
    assert roles.post(f"/roles/{READING}/rename", name="Anders", version=version).status_code == 409
    assert roles.entry(READING_DN)["description"] == ["Inzwischen"]
    roles.httpd.modify(READING_DN, description=None)


def test_without_a_directory_that_keeps_references_a_role_in_use_keeps_its_name(roles, running_portal):
    httpd = PrivateHttpd(running_portal, "SmvPortalLdapReferences Off\n", roles.slapd)
    try:
        staff = httpd.sign_in("ines.innen")
        answer = staff.post(f"{httpd.url}/roles/{READING}/rename", timeout=20,
                            data={"name": "Anders", "version": roles.version(READING)})
        assert answer.status_code == 409 and "nicht dafür eingerichtet" in answer.text
        assert roles.entry(READING_DN) and not roles.entry("cn=Anders,ou=roles")
        roles.add_role("Unbenutzt", str((1 << 32) + 901))
        answer = staff.post(f"{httpd.url}/roles/{(1 << 32) + 901}/rename", timeout=20, allow_redirects=False,
                            data={"name": "Anders", "version": roles.version((1 << 32) + 901)})
        assert answer.status_code == 303 and roles.entry("cn=Anders,ou=roles")
        roles.remove("cn=Anders,ou=roles")
    finally:
        httpd.stop()


# --- the end of one ---

def test_a_role_in_use_is_not_deleted_and_says_by_how_many(roles):
    roles.add_person("zweite.person", READING_DN)
    assert "/delete" not in roles.get(f"/roles/{READING}").text
    answer = roles.post(f"/roles/{READING}/delete", version=roles.version(READING))
    assert answer.status_code == 409 and "Zugänge mit dieser Rolle 2" in text_of(answer.text)
    assert "Diese Rolle ist noch in Gebrauch und lässt sich nicht löschen." in answer.text
    problem = roles.api("DELETE", f"/{READING}", roles.version(READING))
    assert problem.status_code == 409 and problem.json()["code"] == "SMV0117"
    assert problem.json()["errors"] == [{"pointer": "#/accounts", "detail": "Diese Rolle ist noch in Gebrauch. Zugänge, die sie haben: 2"}]
    roles.remove("uid=zweite.person,ou=people")
    roles.httpd.modify(READING_DN, roleOccupant=f"uid=karla.kunde,ou=people,{roles.httpd.base}")
    assert roles.api("GET", f"/{READING}").json()["accounts"] == 2, "members of the role count, too"
    roles.httpd.modify(READING_DN, roleOccupant=None)


def test_a_role_that_nobody_has_is_deleted(roles):
    roles.add_role("Überflüssig", str((1 << 32) + 902))
    old = roles.version((1 << 32) + 902)
    roles.httpd.modify("cn=Überflüssig,ou=roles", description="doch wichtig")
    assert roles.post(f"/roles/{(1 << 32) + 902}/delete", version=old).status_code == 409, "somebody changed it"
    answer = roles.post(f"/roles/{(1 << 32) + 902}/delete", version=roles.version((1 << 32) + 902))
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/roles?done=delete"
    assert roles.entry("cn=Überflüssig,ou=roles") is None
    assert roles.noted()[-1] == ("delete", "Überflüssig", None)


@pytest.mark.parametrize("fields, where", [({"role.manage": None}, "role.manage"), ({"scope": "own"}, "scope")])
def test_the_last_role_that_manages_roles_keeps_that(roles, fields, where):
    roles.add_role("Verwaltet ungenutzt", str((1 << 32) + 903), smvRollenVerwalten="TRUE")
    roles.httpd.modify("cn=Verwaltet ungenutzt,ou=roles", smvGeltungsbereich="alle")
    answer = roles.post(f"/roles/{OFFICE}", **roles.form(OFFICE, **fields))
    assert answer.status_code == 422, "a role that nobody has saves nobody"
    assert "Dies ist die letzte Rolle, mit der jemand Rollen verwalten kann." in answer.text
    assert f'id="wrong-{where}"' in answer.text
    assert roles.entry(OFFICE_DN)["smvRollenVerwalten"] == ["TRUE"] and roles.entry(OFFICE_DN)["smvGeltungsbereich"] == ["alle"]
    roles.remove("cn=Verwaltet ungenutzt,ou=roles")


def test_of_two_who_give_it_up_at_once_only_one_succeeds(roles):
    """Each would leave the other's role; together they would leave none."""
    second = str((1 << 32) + 904)
    roles.add_role("Zweite Verwaltung", second, smvRollenVerwalten="TRUE")
    roles.httpd.modify("cn=Zweite Verwaltung,ou=roles", smvGeltungsbereich="alle")
    roles.add_person("zora.zweite", "cn=Zweite Verwaltung,ou=roles")
    versions = {number: roles.api("GET", f"/{number}").json()["version"] for number in (OFFICE, second)}

    def give_up(number, login):
        return requests.patch(f"{roles.httpd.url}/api/v1/roles/{number}", auth=(login, "demo"), timeout=30,
                              headers={"If-Match": f'"{versions[number]}"'}, json={"role.manage": False}).status_code

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(give_up, OFFICE, "ines.innen"), pool.submit(give_up, second, "zora.zweite")]
    left = [roles.entry(dn)["smvRollenVerwalten"] for dn in (OFFICE_DN, "cn=Zweite Verwaltung,ou=roles")]
    assert sorted(answer.result() for answer in answers) == [204, 422] or sorted(
        answer.result() for answer in answers) == [200, 422], [answer.result() for answer in answers]
    assert sorted(left) == [["FALSE"], ["TRUE"]]
    roles.httpd.modify(OFFICE_DN, smvRollenVerwalten="TRUE")
    roles.remove("uid=zora.zweite,ou=people")
    roles.remove("cn=Zweite Verwaltung,ou=roles")


def test_a_directory_that_is_away_is_told_and_nothing_is_lost(roles):
    form = roles.form(READING, remark="Ohne Verzeichnis")
    before = roles.entry(READING_DN)
    roles.httpd.expect_log("SMV0201")
    roles.slapd.stop()
    try:
        answer = roles.post(f"/roles/{READING}", **form)
        assert answer.status_code == 503
    finally:
        roles.slapd.start()
        roles.admin.unbind_s()
        roles.admin = ldap.initialize(roles.slapd.uri)
        roles.admin.simple_bind_s(*roles.httpd.admin)
    assert roles.entry(READING_DN) == before
    assert roles.post(f"/roles/{READING}", **form).status_code == 303, "the same form, once it is back"
    roles.httpd.modify(READING_DN, description=None)
    time.sleep(0.1)
