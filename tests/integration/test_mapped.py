# SPDX-License-Identifier: Apache-2.0
"""A second directory that knows nothing of the project: plain people and groups in groups, in slapd and in 389-ds."""
import re
import time
import urllib.parse

import ldap
import pytest

from private_389 import ROOT_HASH, Private389
from private_proxy import Proxy
from private_servers import BASE as OWN_BASE
from private_servers import STATUS, PrivateHttpd, PrivateSlapd, open_to_httpd, wait_until

pytestmark = pytest.mark.alone

BASE = "dc=maklerhaus,dc=example"
SERVICE = f"cn=portal,{BASE}"
LINES = f"{STATUS}SmvPortalCacheTime 1\nSmvPortalRefusalTime 0\nSmvPortalLdapTimeout 3\n"
SECTION = """
<SmvPortalDirectory haus>
    SmvPortalLdapSchema inetorgperson
    SmvPortalLdapUri {uri}
    SmvPortalLdapBase {base}
    SmvPortalLdapBindDN {service}
    SmvPortalLdapBindPasswordFile {password}
    SmvPortalLdapMap customer departmentNumber
    SmvPortalLdapMap broker employeeNumber
    SmvPortalLdapMap mail -
</SmvPortalDirectory>
"""
RULES = f"""
access to attrs=userPassword by self =xw by anonymous auth by * none
access to dn.subtree="{BASE}" by dn.exact="{SERVICE}" read by * none
"""
READING = '(targetattr="*")(version 3.0; acl "portal"; allow (read,search,compare) userdn="ldap:///{0}";)'.format(SERVICE)
LOCKS = '(targetattr="nsAccountLock || nsUniqueId")(version 3.0; acl "locks"; allow (read,search,compare) ' \
        'userdn="ldap:///{0}";)'.format(SERVICE)
OWN_PASSWORDS = '(targetattr="userPassword")(version 3.0; acl "own passwords"; allow (write) userdn="ldap:///self";)'


def person(name):
    return f"uid={name},{BASE}"


def group(name):
    return f"cn={name},{BASE}"


def plain(text):
    """The demo's slapd.conf without anything of the project, and without syncprov."""
    kept = [line for line in text.replace(OWN_BASE, BASE).splitlines()
            if not re.search(r"smvportal\.schema|acl-examples|syncprov|ppolicy_default|^index|^refint|overlay refint", line)]
    place = next(i for i, line in enumerate(kept) if line.startswith("overlay"))
    return "\n".join(kept[:place]) + RULES + "\n".join(kept[place:]) + "\n"


class PlainSlapd(PrivateSlapd):
    mode = "cache"
    disabled, enabled = {"pwdAccountLockedTime": b"000001010000Z"}, {"pwdAccountLockedTime": None}

    def __init__(self, folder):
        super().__init__(folder, edit=plain, ldif=None)
        fill(self.connect())

    def connect(self):
        connection = ldap.initialize(self.uri)
        connection.simple_bind_s(f"cn=admin,{BASE}", "demo-admin")
        return connection


class Plain389(Private389):
    """Reached by its local socket: it changes passwords over nothing that others could listen to."""
    mode = "persistent-search"
    disabled, enabled = {"nsAccountLock": b"true"}, {"nsAccountLock": None}

    def fill(self):
        connection = self.connect()
        self.add_suffix(connection, BASE)
        fill(connection)
        connection.modify_s(BASE, [(ldap.MOD_ADD, "aci", [rule.encode() for rule in (READING, LOCKS, OWN_PASSWORDS)])])
        self.network_uri, self.uri = self.uri, "ldapi://" + urllib.parse.quote(str(self.folder / "socket"), safe="")

    def connect(self):
        connection = ldap.initialize(getattr(self, "network_uri", self.uri))
        connection.simple_bind_s("cn=Directory Manager", "demo-portal")
        return connection


def fill(connection):
    connection.add_s(BASE, [("objectClass", [b"organization", b"dcObject"]), ("o", [b"Haus"]), ("dc", [b"maklerhaus"])])
    connection.add_s(SERVICE, [("objectClass", [b"applicationProcess", b"simpleSecurityObject"]), ("cn", [b"portal"]),
                               ("userPassword", [ROOT_HASH.encode()])])
    for name, more in (("petra.plain", {"departmentNumber": [b"10001"]}),
                       ("bruno.broker", {"employeeNumber": [b"501"], "displayName": [b"Bruno B."]})):
        connection.add_s(person(name), [("objectClass", [b"inetOrgPerson"]), ("uid", [name.encode()]), ("cn", [name.encode()]),
                                        ("sn", [b"X"]), ("userPassword", [b"demo"]), *more.items()])
    for name, members in {"innen": [person("bruno.broker")], "mitte": [group("innen")], "aussen": [group("mitte")]}.items():
        add_group(connection, name, members)
    connection.modify_s(group("innen"), [(ldap.MOD_ADD, "member", [group("aussen").encode()])])  # a circle
    add_group(connection, "kunden", [person("petra.plain")], b"groupOfUniqueNames")


def add_group(connection, name, members, kind=b"groupOfNames"):
    attribute = "member" if kind == b"groupOfNames" else "uniqueMember"
    connection.add_s(group(name), [("objectClass", [kind]), ("cn", [name.encode()]),
                                   (attribute, [member.encode() for member in members])])


class Firm:
    def __init__(self, running_portal, folder, kind):
        for name in ("own", "plain"):
            (folder / name).mkdir()
        self.slapd, self.plain = PrivateSlapd(folder / "own"), kind(folder / "plain")
        self.own, self.admin = self.slapd.connect(), self.plain.connect()
        for role, named in (("Vermittler", "aussen"), ("Kundenzugang", "kunden")):
            self.role(role, ldap.MOD_ADD, group(named))
        password = running_portal.folder / "plain-password"
        password.write_text("demo-portal\n", encoding="ascii")
        password.chmod(0o600)
        self.httpd = PrivateHttpd(running_portal, LINES + SECTION.format(uri=self.plain.uri, base=BASE, service=SERVICE,
                                                                         password=password), self.slapd)
        wait_until(lambda: self.httpd.modes() == ["sync", self.plain.mode], "the streams do not begin")

    def role(self, name, kind, member):
        self.own.modify_s(f"cn={name},ou=roles,{OWN_BASE}", [(kind, "roleOccupant", [member.encode()])])

    def set(self, dn, **values):
        self.admin.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else [value]) for name, value in values.items()])

    def get(self, session, path="/api/v1/me"):
        return session.get(self.httpd.url + path, timeout=20, allow_redirects=False)

    def roles(self, session):
        answer = self.get(session)
        return [role["name"] for role in answer.json()["roles"]] if answer.status_code == 200 else answer.status_code

    def stop(self):
        self.httpd.stop()
        self.plain.stop()
        self.slapd.stop()


@pytest.fixture(name="firm", scope="module", params=[PlainSlapd, Plain389])
def _firm(running_portal, tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("firm")
    open_to_httpd(folder)
    made = Firm(running_portal, folder, request.param)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(firm):
    firm.httpd.expected = []
    yield
    assert firm.httpd.unexpected_lines() == []


def test_plain_people_get_their_roles_from_groups_in_groups(firm):
    session = firm.httpd.sign_in("bruno.broker")
    assert session.answer.status_code == 303
    me = firm.get(session).json()
    assert (me["login"], me["name"], [role["name"] for role in me["roles"]]) == ("bruno.broker", "Bruno B.", ["Vermittler"])
    assert firm.get(session, "/api/v1/customers/10001").status_code == 200
    assert firm.get(session, "/api/v1/customers/10002").status_code == 404
    petra = firm.httpd.sign_in("petra.plain")
    assert firm.roles(petra) == ["Kundenzugang"]
    assert firm.get(petra, "/api/v1/customers/10001/contracts").status_code == 200
    for login, password in (("bruno.broker", "falsch"), ("innen", "demo"), ("portal", "demo"), ("*", "demo")):
        assert firm.httpd.sign_in(login, password).answer.status_code == 401


def test_a_group_that_is_left_takes_the_role_with_it(firm):
    firm.httpd.expect_log("SMV0202: .* has no role")
    session = firm.httpd.sign_in("bruno.broker")
    assert firm.roles(session) == ["Vermittler"]
    firm.admin.modify_s(group("innen"), [(ldap.MOD_DELETE, "member", [person("bruno.broker").encode()])])
    try:
        wait_until(lambda: firm.roles(session) == 503, "the role stays", 3)
    finally:
        firm.admin.modify_s(group("innen"), [(ldap.MOD_ADD, "member", [person("bruno.broker").encode()])])
    wait_until(lambda: firm.roles(session) == ["Vermittler"], "the role does not come back", 3)


def test_groups_that_are_too_deep_let_nobody_in(firm):
    """A role that hides something might be where nobody looks."""
    firm.httpd.expect_log("SMV0202: groups below .* are nested deeper than 10 levels")
    before = person("petra.plain")
    for i in range(10):
        add_group(firm.admin, f"tief{i}", [before])
        before = group(f"tief{i}")
    session = firm.httpd.sign_in("petra.plain")
    assert session.answer.status_code == 303 and firm.roles(session) == ["Kundenzugang"]
    add_group(firm.admin, "tief10", [before])
    try:
        wait_until(lambda: firm.roles(session) == 503, "it is not noticed", 3)
    finally:
        for i in range(10, -1, -1):
            firm.admin.delete_s(group(f"tief{i}"))
    wait_until(lambda: firm.roles(session) == ["Kundenzugang"], "it is not noticed", 3)


def test_an_account_that_the_directory_locks_is_out(firm):
    session = firm.httpd.sign_in("petra.plain")
    firm.set(person("petra.plain"), **firm.plain.disabled)
    try:
        wait_until(lambda: firm.roles(session) in (401, 403), "it is not noticed", 3)
        assert firm.httpd.sign_in("petra.plain").answer.status_code in (401, 403)
    finally:
        firm.set(person("petra.plain"), **firm.plain.enabled)
    wait_until(lambda: firm.httpd.sign_in("petra.plain").answer.status_code == 303, "it stays locked", 3)


def test_people_change_their_password_as_themselves(firm):
    session = firm.httpd.sign_in("petra.plain")
    assert firm.httpd.change_password(session, "falsch", "Ein neuer Satz.") == (422, "Das bisherige Passwort stimmt nicht.")
    assert firm.httpd.change_password(session, "demo", "Ein neuer Satz.") == (303, None)
    assert firm.httpd.sign_in("petra.plain", "demo").answer.status_code == 401
    session = firm.httpd.sign_in("petra.plain", "Ein neuer Satz.")
    assert session.answer.status_code == 303
    firm.set(person("petra.plain"), userPassword=b"demo")


def test_a_directory_that_tells_of_no_changes_takes_nothing_from_the_others(firm):
    session = firm.httpd.sign_in("karla.kunde")
    assert firm.roles(session) == ["Kundenzugang"]
    before = firm.httpd.searches()
    time.sleep(1.5)  # longer than SmvPortalCacheTime
    assert firm.roles(session) == ["Kundenzugang"] and firm.httpd.searches() == before
    firm.own.modify_s(f"cn=Kundenzugang,ou=roles,{OWN_BASE}", [(ldap.MOD_REPLACE, "description", [b"neu"])])
    wait_until(lambda: firm.get(session).json()["roles"][0]["remark"] == "neu", "the change has no effect", 1)
    firm.own.modify_s(f"cn=Kundenzugang,ou=roles,{OWN_BASE}", [(ldap.MOD_REPLACE, "description", [b"Kundenzugang"])])


REMAPPED = """SmvPortalLdapMap login employeeNumber
    SmvPortalLdapMap name description
    SmvPortalLdapMap mail labeledURI
    SmvPortalLdapMap valid-until carLicense
    SmvPortalLdapUserFilter (&(objectClass=inetOrgPerson)(businessCategory=portal)(employeeNumber=%s))
    SmvPortalLdapMap customer departmentNumber"""


def test_every_attribute_may_have_another_name_and_accounts_another_filter(firm, running_portal):
    section = re.sub(r"SmvPortalLdapMap customer.*SmvPortalLdapMap mail -", REMAPPED, SECTION, flags=re.DOTALL)
    httpd = PrivateHttpd(running_portal, LINES + section.format(uri=firm.plain.uri, base=BASE, service=SERVICE,
                                                                password=running_portal.folder / "plain-password"), firm.slapd)
    petra = {"employeeNumber": b"P-4711", "description": b"Petra Plain", "labeledURI": b"petra@maklerhaus.example",
             "carLicense": time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 3600)).encode()}

    def status(session):
        return session.get(httpd.url + "/api/v1/me", timeout=20).status_code

    try:
        firm.set(person("petra.plain"), **petra)
        assert httpd.sign_in("P-4711").answer.status_code == 401, "the filter leaves her out"
        firm.set(person("petra.plain"), businessCategory=b"portal")
        assert httpd.sign_in("petra.plain").answer.status_code == 401, "uid is no login here"
        session = httpd.sign_in("P-4711")
        me = session.get(httpd.url + "/api/v1/me", timeout=20).json()
        assert (me["login"], me["name"], [role["name"] for role in me["roles"]]) == ("P-4711", "Petra Plain", ["Kundenzugang"])
        accesses = httpd.api("/customers/10001/accesses", "ines.innen").json()
        assert ("P-4711", "petra@maklerhaus.example") in {(each["login"], each["mail"]) for each in accesses["items"]}
        firm.set(person("petra.plain"), carLicense=b"20200101000000Z")
        wait_until(lambda: status(session) in (401, 403), "she goes on", 3)
        assert httpd.sign_in("P-4711").answer.status_code == 403
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        firm.set(person("petra.plain"), businessCategory=None, **dict.fromkeys(petra))


def test_groups_of_the_portals_own_directory_may_be_nested_too(firm, running_portal):
    """Where that is said; its roles then count for groups as for people."""
    httpd = PrivateHttpd(running_portal, LINES + "SmvPortalLdapGroups nested\nSmvPortalLdapGroupFilter (objectClass=groupOfNames)\n",
                         firm.slapd)
    team, karla = f"cn=team,ou=people,{OWN_BASE}", f"uid=karla.kunde,ou=people,{OWN_BASE}"
    try:
        session = httpd.sign_in("karla.kunde")
        wait_until(lambda: httpd.modes() == ["sync"], "the stream does not begin")
        firm.own.add_s(f"cn=kern,ou=people,{OWN_BASE}", [("objectClass", [b"groupOfNames"]), ("cn", [b"kern"]), ("member", [karla.encode()])])
        firm.own.add_s(team, [("objectClass", [b"groupOfNames"]), ("cn", [b"team"]),
                              ("member", [f"cn=kern,ou=people,{OWN_BASE}".encode()])])
        firm.role("Kundenzugang lesend", ldap.MOD_ADD, team)

        def roles():
            return {role["name"] for role in session.get(httpd.url + "/api/v1/me", timeout=20).json()["roles"]}

        wait_until(lambda: roles() == {"Kundenzugang", "Kundenzugang lesend"}, "the role does not come", 1)
        firm.own.modify_s(team, [(ldap.MOD_REPLACE, "member", [b"cn=nobody"])])
        wait_until(lambda: roles() == {"Kundenzugang"}, "the role does not go", 1)
    finally:
        assert httpd.unexpected_lines() == []
        httpd.stop()
        firm.role("Kundenzugang lesend", ldap.MOD_DELETE, team)
        for name in ("team", "kern"):
            firm.own.delete_s(f"cn={name},ou=people,{OWN_BASE}")


class EndlessPages(Proxy):
    """It has one more empty page of each paged search each time."""
    pages = 0

    def ask(self, server, client, message):
        if b"1.2.840.113556.1.4.319" in message:
            self.pages += 1
            client.sendall(page_of(message))
        else:
            server.sendall(message)


def element(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def page_of(question):
    """SearchResultDone with a cookie (RFC 2696)."""
    start = question.index(b"\x02", 2)
    number = question[start:start + 2 + question[start + 1]]
    value = element(0x30, b"\x02\x01\x00", element(0x04, b"more"))
    control = element(0x30, element(0x04, b"1.2.840.113556.1.4.319"), element(0x04, value))
    return element(0x30, number, element(0x65, b"\x0a\x01\x00\x04\x00\x04\x00"), element(0xA0, control))


def test_a_server_that_has_one_more_page_each_time_holds_up_nobody_for_longer_than_the_timeout(firm, running_portal):
    endless = EndlessPages(firm.plain.port)
    httpd = PrivateHttpd(running_portal, LINES + SECTION.format(uri=endless.uri, base=BASE, service=SERVICE,
                                                                password=running_portal.folder / "plain-password"), firm.slapd)
    try:
        httpd.expect_log("SMV0201: .*searching groups: Timed out")
        begun = time.monotonic()
        assert httpd.sign_in("bruno.broker").answer.status_code == 503
        assert 4.5 < time.monotonic() - begun < 7 and endless.pages > 10, "5 seconds where a section says nothing"
        assert httpd.sign_in("karla.kunde").answer.status_code == 303
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        endless.stop()
