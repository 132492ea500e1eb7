# SPDX-License-Identifier: Apache-2.0
"""One firm with two directories: its customers and roles in the portal's own slapd, its staff in Active Directory."""
import html
import re
import time

import ldap
import pytest

import private_samba
from private_samba import GROUPS, REALM, PrivateSamba, active_directory, name_groups
from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

PROMISE = 1.0  # seconds
LINES = f"{STATUS}SmvPortalCacheTime 30\nSmvPortalRefusalTime 0\nSmvPortalLdapTimeout 3\n"
STAND_IN = f"uid=innendienst-ad,ou=people,{BASE}"
SECTION = f"SmvPortalLdapPasswordChange On\n    SmvPortalLdapStandIn \"{STAND_IN}\"\n    SmvPortalLdapTimeout 3"
CONTRACTS = "/api/v1/customers/10001/contracts"


def upn(name):
    return f"{name}@{REALM}"


class Firm:
    def __init__(self, running_portal, folder):
        (folder / "own").mkdir()
        (folder / "ad").mkdir()
        self.slapd, self.samba = PrivateSlapd(folder / "own"), PrivateSamba(folder / "ad")
        self.own, self.ad = self.slapd.connect(), self.samba.connect()
        name_groups(self.own)
        self.own.add_s(STAND_IN, [("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [b"innendienst-ad"]),
                                  ("cn", [b"Innendienst im AD"]), ("sn", [b"Innendienst"]),
                                  ("smvRolleDN", [f"cn=Innendienst,ou=roles,{BASE}".encode()])])
        self.section = active_directory(self.samba, running_portal.folder, SECTION)
        self.httpd = PrivateHttpd(running_portal, LINES + self.section, self.slapd)
        self.wait()

    def wait(self):
        wait_until(lambda: self.httpd.modes() == ["sync", "change-notification"], "the streams do not begin")

    def get(self, session, path, **options):
        return session.get(self.httpd.url + path, timeout=20, allow_redirects=False, **options)

    def status(self, session, path=CONTRACTS):
        return self.get(session, path).status_code

    def me(self, session):
        return self.get(session, "/api/v1/me").json()

    def sign_in(self, name, password="demo"):
        return self.httpd.sign_in(name, password)

    def refusal(self, name, password="demo"):
        """@return status and what the page says"""
        answer = self.sign_in(name, password).answer
        words = re.search(r'role="alert"[^>]*>([^<]*)<', answer.text)
        return answer.status_code, html.unescape(words.group(1)) if words else None

    def takes(self, condition):
        begun = time.monotonic()
        wait_until(condition, "the change has no effect", 5)
        assert time.monotonic() - begun < PROMISE

    def set_own(self, dn, kind, **values):
        self.own.modify_s(dn, [(kind, name, [value]) for name, value in values.items()])

    def member(self, group, kind, dn):
        self.ad.modify_s(f"CN={group},{GROUPS}", [(kind, "member", [dn.encode()])])

    def add_person(self, login, **attributes):
        dn = f"CN={login},{private_samba.STAFF}"
        self.ad.add_s(dn, [("objectClass", [b"user"]), ("sAMAccountName", [login.encode()]),
                           ("userPrincipalName", [upn(login).encode()]), ("userAccountControl", [b"512"]),
                           ("unicodePwd", [private_samba.unicode_password("demo")]),
                           *((name, [value]) for name, value in attributes.items())])
        return dn

    def policy(self, **values):
        """Of the domain."""
        self.ad.modify_s(private_samba.BASE, [(ldap.MOD_REPLACE, name, [value]) for name, value in values.items()])

    def stop(self):
        self.httpd.stop()
        self.samba.stop()
        self.slapd.stop()


@pytest.fixture(name="firm", scope="module")
def _firm(running_portal, tmp_path_factory):
    made = Firm(running_portal, tmp_path_factory.mktemp("firm"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(firm):
    firm.httpd.expected = []
    yield
    assert firm.httpd.unexpected_lines() == []


# --- who comes in ---

def test_people_of_both_directories_sign_in_and_get_their_roles(firm):
    for login, role in (("karla.kunde", "Kundenzugang"), ("ines.innen", "Innendienst"), (upn("ines.innen"), "Innendienst"),
                        (upn("viktor.vermittler"), "Vermittler"), (upn("karla.kunde").upper(), "Kundenzugang")):
        session = firm.sign_in(login)
        assert session.answer.status_code == 303, login
        me = firm.me(session)
        assert me["login"].lower() == login.lower() and [each["name"] for each in me["roles"]] == [role]
    assert firm.status(firm.sign_in(upn("karla.kunde"))) == 200
    assert firm.status(firm.sign_in(upn("viktor.vermittler")), "/api/v1/customers/10002") == 404  # of another broker


def test_a_role_from_a_group_in_groups_goes_with_it_at_once(firm):
    session = firm.sign_in(upn("ines.innen"))
    assert firm.status(session) == 200
    middle = f"CN=Standort,{GROUPS}"
    firm.httpd.expect_log("SMV0202: .* has no role")
    firm.member("SMV-Innendienst", ldap.MOD_DELETE, middle)
    try:
        firm.takes(lambda: firm.status(session) == 503)
        assert firm.sign_in(upn("ines.innen")).answer.status_code == 503
    finally:
        firm.member("SMV-Innendienst", ldap.MOD_ADD, middle)
    firm.takes(lambda: firm.status(session) == 200)


def test_which_group_has_a_role_is_said_by_the_role_in_the_portals_own_directory(firm):
    session = firm.sign_in(upn("viktor.vermittler"))
    role, group = f"cn=Kundenzugang lesend,ou=roles,{BASE}", f"CN=SMV-Vermittler,{GROUPS}".encode()
    firm.set_own(role, ldap.MOD_ADD, roleOccupant=group)
    try:
        firm.takes(lambda: {each["name"] for each in firm.me(session)["roles"]} == {"Vermittler", "Kundenzugang lesend"})
    finally:
        firm.set_own(role, ldap.MOD_DELETE, roleOccupant=group)
    firm.takes(lambda: [each["name"] for each in firm.me(session)["roles"]] == ["Vermittler"])


def test_changes_of_people_count_within_a_second_a_hundred_times(firm):
    session, times = firm.sign_in(upn("karla.kunde")), []
    dn = firm.samba.dn("karla.kunde")
    for number, wanted in ((b"10002", 404), (b"10001", 200)) * 50:
        firm.ad.modify_s(dn, [(ldap.MOD_REPLACE, "departmentNumber", [number])])
        begun = time.monotonic()
        wait_until(lambda wanted=wanted: firm.status(session) == wanted, "the change has no effect", 5)
        times.append(time.monotonic() - begun)
        assert {firm.status(session) for _ in range(3)} == {wanted}
    assert sorted(times)[98] < PROMISE


def test_the_first_directory_that_has_a_login_decides(firm):
    dn = f"uid=doppelt,ou=people,{BASE}"
    firm.add_person("doppelt")
    login = upn("doppelt")
    firm.own.add_s(dn, [("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [login.encode(), b"doppelt"]),
                        ("cn", [b"D"]), ("sn", [b"D"]), ("userPassword", [b"another-secret"]), ("smvKundenNr", [b"10001"]),
                        ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])])
    assert firm.sign_in(login, "another-secret").answer.status_code == 303
    assert firm.sign_in(login, "demo").answer.status_code == 401
    firm.own.delete_s(dn)


def test_an_entry_that_by_its_name_would_be_of_the_other_directory_signs_nobody_in(firm):
    """Else who may write to one directory could become somebody of the other."""
    for dn, kind in ((f"dc=ad,{BASE}", b"ad"), (f"ou=Staff,dc=ad,{BASE}", b"Staff")):
        classes = [b"organization", b"dcObject"] if dn.startswith("dc=") else [b"organizationalUnit"]
        firm.own.add_s(dn, [("objectClass", classes), *([("dc", [kind]), ("o", [kind])] if dn.startswith("dc=") else [("ou", [kind])])])
    forged = f"cn=Ines Innen,ou=Staff,dc=ad,{BASE}"
    firm.own.add_s(forged, [("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [b"forged"]), ("cn", [b"Ines Innen"]),
                            ("sn", [b"Innen"]), ("userPassword", [b"my-own-secret"])])
    firm.httpd.expect_log("SMV0202: .*lies below the SmvPortalLdapBase of another directory")
    assert firm.sign_in("forged", "my-own-secret").answer.status_code == 503
    # A group of that name would have its roles, too.
    session = firm.sign_in("karla.kunde")
    group = f"cn=SMV-Innendienst,ou=Staff,dc=ad,{BASE}"
    firm.own.add_s(group, [("objectClass", [b"groupOfNames"]), ("cn", [b"SMV-Innendienst"]),
                           ("member", [f"uid=karla.kunde,ou=people,{BASE}".encode()])])
    assert [role["name"] for role in firm.me(session)["roles"]] == ["Kundenzugang"]
    firm.own.delete_s(group)
    firm.own.delete_s(forged)  # not what is above it: refint would take the names of groups below that out of the roles


def test_who_is_moved_renamed_or_deleted_is_out(firm):
    dn = firm.add_person("weg.gegangen", departmentNumber=b"10001")
    firm.member("SMV-Kundenzugang", ldap.MOD_ADD, dn)
    session = firm.sign_in(upn("weg.gegangen"))
    assert firm.status(session) == 200
    firm.ad.rename_s(dn, "CN=anders geheissen")
    firm.takes(lambda: firm.status(session) in (401, 403))
    session = firm.sign_in(upn("weg.gegangen"))
    assert firm.status(session) == 200
    firm.ad.delete_s(firm.samba.dn("weg.gegangen"))
    firm.takes(lambda: firm.status(session) in (401, 403))
    assert firm.refusal(upn("weg.gegangen"))[0] == 401


def test_whoever_comes_to_have_the_name_of_somebody_else_does_not_have_their_session(firm):
    dn = f"uid=gleich,ou=people,{BASE}"
    entry = [("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [b"gleich"]), ("cn", [b"G"]), ("sn", [b"G"]),
             ("userPassword", [b"demo"]), ("smvKundenNr", [b"10001"]), ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])]
    firm.own.add_s(dn, entry)
    session = firm.sign_in("gleich")
    assert firm.status(session) == 200
    firm.own.delete_s(dn)
    firm.own.add_s(dn, entry)
    firm.takes(lambda: firm.status(session) in (401, 403))
    assert firm.status(firm.sign_in("gleich")) == 200
    firm.own.delete_s(dn)


def test_what_is_asked_is_little_and_nothing_of_who_is_known(firm):
    session = firm.sign_in(upn("viktor.vermittler"))
    assert firm.status(session) == 200
    own, ad = ([pool["searches"] for pool in firm.httpd.status()[1]])
    assert {firm.status(session) for _ in range(20)} == {200}
    assert [pool["searches"] for pool in firm.httpd.status()[1]] == [own, ad]
    changes = int(firm.httpd.status()[0][1]["changes"])
    firm.ad.modify_s(firm.samba.dn("viktor.vermittler"), [(ldap.MOD_REPLACE, "telephoneNumber", [b"1"])])
    wait_until(lambda: int(firm.httpd.status()[0][1]["changes"]) > changes, "nobody is told", 10)
    assert firm.status(session) == 200
    # the account and its groups at once; then, at once, roles that name the account, roles that name a group, the firm
    assert [pool["searches"] for pool in firm.httpd.status()[1]] == [own + 3, ad + 2]


def test_groups_are_read_page_by_page(firm):
    dn = firm.add_person("viele.gruppen")
    for i in range(560):
        firm.ad.add_s(f"CN=g{i},{GROUPS}", [("objectClass", [b"group"]), ("sAMAccountName", [f"g{i}".encode()]),
                                            ("member", [dn.encode()])])
    role = f"cn=Kundenzugang lesend,ou=roles,{BASE}"
    for group in ("g0", "g559"):
        firm.set_own(role, ldap.MOD_ADD, roleOccupant=f"CN={group},{GROUPS}".encode())
        assert [each["name"] for each in firm.me(firm.sign_in(upn("viele.gruppen")))["roles"]] == ["Kundenzugang lesend"]
        firm.set_own(role, ldap.MOD_DELETE, roleOccupant=f"CN={group},{GROUPS}".encode())


# --- what the directory says of an account ---

def test_who_is_locked_out_after_wrong_passwords_cannot_sign_in_but_reads_on(firm):
    session = firm.sign_in(upn("karla.kunde"))
    firm.policy(lockoutThreshold=b"3", lockoutDuration=b"-18000000000")
    try:
        for _ in range(4):
            assert firm.refusal(upn("karla.kunde"), "falsch") == (401, "Benutzername oder Passwort ist falsch.")
        assert firm.refusal(upn("karla.kunde"))[0] == 401
        assert firm.status(session) == 200
        staff = firm.sign_in("ines.innen")
        told = firm.get(staff, "/api/v1/explain", params={"login": upn("karla.kunde"), "what": "contract.view"}).json()
        assert "Das Verzeichnis selbst hat den Zugang gesperrt" in told["reason"]
    finally:
        firm.policy(lockoutThreshold=b"0")
        firm.samba.set("karla.kunde", lockoutTime=0)
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303


def test_a_password_that_must_be_changed_or_has_expired_is_told_after_the_right_one_alone(firm):
    words = "Ihr Passwort ist abgelaufen. Bitte ändern Sie es dort, wo Sie es sonst benutzen, und melden Sie sich dann noch einmal an."
    firm.samba.set("karla.kunde", pwdLastSet=0)
    try:
        assert firm.refusal(upn("karla.kunde")) == (403, words)
        assert firm.refusal(upn("karla.kunde"), "falsch") == (401, "Benutzername oder Passwort ist falsch.")
    finally:
        firm.samba.set("karla.kunde", pwdLastSet=-1)
    firm.samba.age_password("karla.kunde", 100)  # it lives for 42 days
    try:
        assert firm.refusal(upn("karla.kunde")) == (403, words)
        assert firm.refusal(upn("karla.kunde"), "falsch")[0] == 401
    finally:
        firm.samba.set("karla.kunde", pwdLastSet=0)
        firm.samba.set("karla.kunde", pwdLastSet=-1)
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303


def test_a_password_that_expires_soon_is_told_after_signing_in(firm, running_portal):
    firm.samba.age_password("karla.kunde", 32.5)  # of 42 days
    try:
        session = firm.sign_in(upn("karla.kunde"))
        assert session.answer.headers["Location"] == "/portal/password?days=10"
        assert "Verbleibende Tage: <strong>10</strong>" in firm.get(session, "/password?days=10").text
        firm.samba.age_password("karla.kunde", 20)
        assert firm.sign_in(upn("karla.kunde")).answer.headers["Location"] == "/portal/"
    finally:
        firm.samba.set("karla.kunde", pwdLastSet=0)
        firm.samba.set("karla.kunde", pwdLastSet=-1)


def test_referrals_are_not_followed(firm):
    """They name a host that is not there; nobody waits for it."""
    found = firm.samba.connect(private_samba.SERVICE, private_samba.SERVICE_PASSWORD).search_s(
        private_samba.BASE, ldap.SCOPE_SUBTREE, "(sAMAccountName=karla.kunde)", ["1.1"])
    assert [dn is None for dn, _ in found] == [False, True], "the server sends no referral"
    begun = time.monotonic()
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303
    assert time.monotonic() - begun < 1


# --- passwords ---

def test_people_change_their_password_in_active_directory_by_its_policy(firm):
    login = upn("viktor.vermittler")
    firm.policy(minPwdLength=b"8", pwdHistoryLength=b"3")
    try:
        session = firm.sign_in(login)
        assert firm.httpd.change_password(session, "demo", "kurz") == (422, "Dieses Passwort ist zu kurz.")
        assert firm.httpd.change_password(session, "falsch", "Ein Satz, äöü") == (422, "Das bisherige Passwort stimmt nicht.")
        assert firm.httpd.change_password(session, "demo", "Ein Satz, äöü") == (303, None)
        assert firm.status(session) == 401
        firm.samba.connect(firm.samba.dn("viktor.vermittler"), "Ein Satz, äöü").unbind_s()
        assert firm.refusal(login)[0] == 401
        session = firm.sign_in(login, "Ein Satz, äöü")
        assert firm.httpd.change_password(session, "Ein Satz, äöü", "Noch ein Satz.") == (303, None)
        session = firm.sign_in(login, "Noch ein Satz.")
        assert firm.httpd.change_password(session, "Noch ein Satz.", "Ein Satz, äöü") == (
            422, "Dieses Passwort hatten Sie schon einmal. Bitte wählen Sie ein anderes.")
    finally:
        firm.policy(minPwdLength=b"0", pwdHistoryLength=b"0")
        firm.samba.set_password("viktor.vermittler", "demo")


def test_where_the_firm_does_not_allow_it_the_page_says_where_passwords_are_changed(firm, running_portal):
    section = active_directory(firm.samba, running_portal.folder)
    httpd = PrivateHttpd(running_portal, LINES + section, firm.slapd)
    try:
        session = httpd.sign_in(upn("karla.kunde"))
        page = session.get(httpd.url + "/password", timeout=20).text
        assert "Ihr Passwort gehört zum Verzeichnis Ihrer Firma" in page and 'name="current"' not in page
        answer = session.post(httpd.url + "/password", timeout=20, data={
            "current": "demo", "password": "Ein Satz.", "repeated": "Ein Satz."})
        assert answer.status_code == 422
        assert httpd.sign_in(upn("karla.kunde")).answer.status_code == 303
        assert 'name="current"' in httpd.sign_in("karla.kunde").get(httpd.url + "/password", timeout=20).text
    finally:
        assert httpd.unexpected_lines() == []
        httpd.stop()


# --- what people of the other directory do in the portal's own ---

def test_staff_give_and_lock_accesses_as_who_stands_in_for_them(firm):
    session = firm.sign_in(upn("ines.innen"))
    answer = session.post(firm.httpd.url + "/customers/10001/accesses", timeout=20, data={
        "login": "neu.vonad", "name": "Neu Vonad", "role": "4294967299", "customers": "10001"})
    assert answer.status_code == 200, answer.text
    (_, entry), = firm.own.search_s(BASE, ldap.SCOPE_SUBTREE, "(uid=neu.vonad)", ["creatorsName", "smvKundenNr"])
    assert entry["creatorsName"] == [STAND_IN.encode()] and entry["smvKundenNr"] == [b"10001"]
    lock = session.post(firm.httpd.url + "/customers/10001/accesses/neu.vonad/lock", timeout=20)
    assert lock.status_code == 200
    assert firm.own.search_s(BASE, ldap.SCOPE_SUBTREE, "(uid=neu.vonad)", ["smvGesperrt"])[0][1]["smvGesperrt"] == [b"TRUE"]
    firm.own.delete_s(f"uid=neu.vonad,ou=people,{BASE}")


def test_accounts_of_the_other_directory_are_seen_but_managed_there(firm):
    session = firm.sign_in("ines.innen")
    listed = firm.get(session, "/api/v1/customers/10001/accesses").json()
    logins = [each["login"] for each in listed["items"]]
    assert {"karla.kunde", upn("karla.kunde")} <= set(logins)
    page = firm.get(session, f"/customers/10001/accesses/{upn('karla.kunde')}").text
    assert "aus einem anderen Verzeichnis" in page and "/lock" not in page
    answer = session.post(firm.httpd.url + f"/customers/10001/accesses/{upn('karla.kunde')}/lock", timeout=20)
    assert answer.status_code in (403, 404)
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303


def test_the_command_explains_people_of_both(firm):
    for login, source in ((upn("ines.innen"), "Gruppe des Zugangs"), ("ines.innen", "smvRolleDN des Zugangs")):
        done = firm.httpd.control("explain", login, "contract.view")
        assert done.returncode == 0 and "Innendienst" in done.stdout and source in done.stdout, done.stdout + done.stderr


# --- one of them away ---

def test_while_active_directory_hangs_its_people_read_on_and_the_others_notice_nothing(firm):
    firm.httpd.expect_log("SMV0201")
    theirs, ours = firm.sign_in(upn("karla.kunde")), firm.sign_in("karla.kunde")
    assert firm.status(theirs) == firm.status(ours) == 200
    firm.samba.pause()
    try:
        wait_until(lambda: firm.httpd.modes() == ["sync", "away"], "nobody notices")
        begun = time.monotonic()
        assert firm.sign_in("karla.kunde").answer.status_code == 303
        assert firm.status(ours) == firm.status(theirs) == 200
        assert firm.refusal(upn("karla.kunde"))[0] == 503
        assert time.monotonic() - begun < 2
        contact = {"kind": "email", "value": "neu@example.org"}
        assert firm.sign_in("karla.kunde").post(firm.httpd.url + "/api/v1/customers/10001/communications", json=contact,
                                                timeout=20).status_code == 201
    finally:
        firm.samba.resume()
    firm.wait()
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303


def test_while_the_own_directory_is_away_people_of_active_directory_read_on_too(firm):
    firm.httpd.expect_log("SMV0201")
    session = firm.sign_in(upn("karla.kunde"))
    assert firm.status(session) == 200
    firm.own.unbind_s()
    firm.slapd.stop()
    try:
        wait_until(lambda: firm.httpd.modes() == ["down", "change-notification"], "nobody notices")
        assert firm.status(session) == 200
        assert firm.refusal(upn("karla.kunde"))[0] == 503
    finally:
        firm.slapd.start()
        firm.own = firm.slapd.connect()
    firm.wait()
    assert firm.sign_in(upn("karla.kunde")).answer.status_code == 303


# --- what is wrong is named ---

@pytest.mark.parametrize("old,new,message", [
    ("SmvPortalLdapSchema active-directory", "SmvPortalLdapSchema openldap", "SmvPortalLdapSchema must be smv, active-directory or"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapMap vermittler employeeNumber", "SmvPortalLdapMap must be login, name,"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapMap broker employee=Number", '"employee=Number" is no attribute'),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapMap login -", "every account has one"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapGroups all", "SmvPortalLdapGroups must be none, direct, nested or in-chain"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapGroupFilter cn=SMV-*", "must be an LDAP filter like (cn=SMV-*)"),
    ("SmvPortalLdapSchema active-directory", "SmvPortalLdapSchema inetorgperson\nSmvPortalLdapGroups in-chain",
     "SmvPortalLdapGroups in-chain is for SmvPortalLdapSchema active-directory"),
    (f"SmvPortalLdapBase {private_samba.BASE}", f"SmvPortalLdapBase {private_samba.BASE}\n</SmvPortalDirectory>\n<SmvPortalDirectory b>\n"
     'SmvPortalLdapBase dc=b\nSmvPortalLdapUri "' + "ldaps://b " * 8 + '"\n</SmvPortalDirectory>\n<SmvPortalDirectory c>\n'
     'SmvPortalLdapBase dc=c\nSmvPortalLdapUri "' + "ldaps://c " * 8 + '"', "the directories have 18 servers; 16 are the most"),
    ("<SmvPortalDirectory ad>", "SmvPortalLdapMap mail email\n<SmvPortalDirectory ad>", "belong into a section"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalCacheTime 5", "is of the whole portal, and stands outside"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortal On", "is of the whole portal, and stands outside"),
    ("SmvPortalLdapMap broker employeeNumber", "SmvPortalLdapTimeout 0", "must be a number from 1 to 300"),
    (f"SmvPortalLdapBase {private_samba.BASE}", "", "<SmvPortalDirectory ad>: SmvPortalLdapBase is missing"),
    (f"SmvPortalLdapBase {private_samba.BASE}", f"SmvPortalLdapBase DC=Musterfirma,DC=example", "two directories have the SmvPortalLdapBase"),
    ("ldaps://", "ldap://", "<SmvPortalDirectory ad>: SmvPortalLdapPasswordChange On needs TLS"),
    ("<SmvPortalDirectory ad>", "<SmvPortalDirectory own>", "needs a name of letters, digits, - and _, other than own"),
    ("<SmvPortalDirectory ad>", "<SmvPortalDirectory a b>", "has one name"),
    ("<SmvPortalDirectory ad>", "SmvPortalLdapSchema active-directory\n<SmvPortalDirectory ad>", "belong into a section"),
])
def test_a_wrong_section_is_named_by_configtest(firm, running_portal, old, new, message):
    assert old in firm.section
    code, text = running_portal.configtest(firm.section.replace(old, new))
    assert code != 0 and message in text, text


def test_a_right_section_passes_and_a_name_counts_once(firm, running_portal):
    assert running_portal.configtest(firm.section)[0] == 0
    code, text = running_portal.configtest(firm.section + firm.section)
    assert code != 0 and "<SmvPortalDirectory ad> is there already" in text
