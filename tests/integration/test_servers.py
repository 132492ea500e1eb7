# SPDX-License-Identifier: Apache-2.0
"""The same sign-ins, and the same changes, on every kind of directory server."""
import base64
import hashlib
import time

import ldap
import pytest
import requests

import private_samba
from private_389 import Private389
from private_samba import PrivateSamba, active_directory, name_groups
from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

LINES = f"{STATUS}SmvPortalCacheTime 30\nSmvPortalRefusalTime 0\nSmvPortalLdapTimeout 3\n"
PROMISE = 1.0  # seconds
CONTRACTS = "/api/v1/customers/10001/contracts"
# A single sign-on: whoever httpd itself lets in, with the password "haus".
SSO = """LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
<Location /portal/sso/haus>
    AuthType Basic
    AuthName haus
    AuthBasicProvider file
    AuthUserFile {users}
    Require valid-user
    SmvPortalSso haus "Im Haus"
    SmvPortalSsoIssuer haus
    SmvPortalSsoSubject "%{{REMOTE_USER}}"
    SmvPortalSsoPrincipal "%{{REMOTE_USER}}"
    SmvPortalSsoMatchPrincipal On
</Location>
"""


class Firm:
    """A portal before one server that has everything, with the project's schema."""
    mode = "sync"
    customer, locked, until = "smvKundenNr", "smvGesperrt", "smvGueltigBis"
    disabled, enabled = {"pwdAccountLockedTime": b"000001010000Z"}, {"pwdAccountLockedTime": None}
    policy = f"cn=default,ou=policies,{BASE}"
    lockout, no_lockout = {"pwdLockout": b"TRUE", "pwdMaxFailure": b"3"}, {"pwdLockout": None, "pwdMaxFailure": None}
    unlocked = enabled

    def __init__(self, running_portal, folder):
        self.server = self.make(folder)
        users = running_portal.folder / "sso-users"
        users.write_text(f"{self.login('karla.kunde')}:{{SHA}}{base64.b64encode(hashlib.sha1(b'haus').digest()).decode()}\n",
                         encoding="ascii")
        lines = LINES + self.section(folder, running_portal.folder) + SSO.format(users=users)
        self.httpd = PrivateHttpd(running_portal, lines, self.own())
        wait_until(lambda: self.httpd.modes()[-1] == self.mode, "the stream does not begin")
        self.admin = self.server.connect()

    make = PrivateSlapd

    def own(self):
        """The portal's own directory, which has the roles."""
        return self.server

    def section(self, folder, readable):  # pylint: disable=unused-argument
        return ""

    def login(self, name):
        return name

    def person(self, name):
        return f"uid={name},ou=people,{BASE}"

    @staticmethod
    def time(seconds):
        """@return a time from now as the directory writes it"""
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds)).encode()

    never = None

    def set(self, dn, **values):
        self.admin.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else [value]) for name, value in values.items()])

    def roles(self):
        """A connection to where roles are."""
        return self.admin

    def sign_in(self, name, password="demo"):
        return self.httpd.sign_in(self.login(name), password)

    def sso(self, name):
        """@return the status of a sign-in that asks for no password of the directory"""
        return requests.get(self.httpd.url + "/sso/haus", auth=(self.login(name), "haus"), timeout=20, allow_redirects=False).status_code

    def status(self, session, path=CONTRACTS):
        return session.get(self.httpd.url + path, timeout=20, allow_redirects=False).status_code

    def takes(self, condition):
        begun = time.monotonic()
        wait_until(condition, "the change has no effect", 5)
        assert time.monotonic() - begun < PROMISE

    def stop(self):
        self.httpd.stop()
        self.server.stop()


class FirmOf389(Firm):
    mode = "persistent-search"
    disabled, enabled = {"nsAccountLock": b"true"}, {"nsAccountLock": None}
    policy = "cn=config"
    lockout, no_lockout = {"passwordLockout": b"on", "passwordMaxFailure": b"3"}, {"passwordLockout": b"off"}
    unlocked = {"passwordRetryCount": b"0"}
    make = Private389


class FirmOfActiveDirectory(Firm):
    """The people are in a domain that knows nothing of the project; the portal's own slapd has the roles, which name its
    groups."""
    mode = "change-notification"
    customer, locked, until = "departmentNumber", "msNPAllowDialin", "accountExpires"
    disabled, enabled, never = {"userAccountControl": b"514"}, {"userAccountControl": b"512"}, b"0"
    policy = private_samba.BASE
    lockout, no_lockout = {"lockoutThreshold": b"3", "lockoutDuration": b"-18000000000"}, {"lockoutThreshold": b"0"}
    unlocked = {"lockoutTime": b"0"}
    make = PrivateSamba

    def own(self):
        return self.slapd

    def section(self, folder, readable):
        below = folder / "own"
        below.mkdir()
        self.slapd = PrivateSlapd(below)
        self.slapd_admin = self.slapd.connect()
        name_groups(self.slapd_admin)
        return active_directory(self.server, readable, f"SmvPortalLdapMap locked {self.locked}\nSmvPortalLdapTimeout 3")

    def login(self, name):
        return f"{name}@{private_samba.REALM}" if name.isascii() and name.replace(".", "").isalpha() else name

    def person(self, name):
        return self.server.dn(name)

    @staticmethod
    def time(seconds):
        return str(int((time.time() + seconds + 11644473600) * 10_000_000)).encode()

    def roles(self):
        return self.slapd_admin

    def stop(self):
        super().stop()
        self.slapd.stop()


SERVERS = {"slapd": Firm, "389-ds": FirmOf389, "samba": FirmOfActiveDirectory}


@pytest.fixture(name="firm", scope="module", params=SERVERS)
def _firm(running_portal, tmp_path_factory, request):
    firm = SERVERS[request.param](running_portal, tmp_path_factory.mktemp("firm"))
    yield firm
    firm.stop()


@pytest.fixture(autouse=True)
def _quiet_log(firm):
    firm.httpd.expected = []
    yield
    assert firm.httpd.unexpected_lines() == []


def test_the_right_password_signs_in(firm):
    for login in ("karla.kunde", "claudia.chef", "viktor.vermittler", "ines.innen"):
        session = firm.sign_in(login)
        assert session.answer.status_code == 303
        assert session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["login"] == firm.login(login)
    assert firm.httpd.api("/me", firm.login("karla.kunde")).status_code == 200


@pytest.mark.parametrize("login,password", [("karla.kunde", "falsch"), ("karla.kunde", ""), ("nobody", "demo"), ("", "demo"),
                                            ("*", "demo"), ("karla*", "demo"), ("karla.kunde)(uid=*", "demo"),
                                            ("uid=karla.kunde,ou=people", "demo"), ("k\xe4rla", "demo"), ("x" * 5000, "demo")])
def test_whatever_is_wrong_is_refused_alike(firm, login, password):
    assert firm.sign_in(login, password).answer.status_code == 401


def test_a_right_that_is_taken_is_gone_at_once(firm):
    session = firm.sign_in("karla.kunde")
    role = f"cn=Kundenzugang,ou=roles,{BASE}"
    assert firm.status(session) == 200
    for value, wanted in ((b"FALSE", 403), (b"TRUE", 200)) * 5:
        firm.roles().modify_s(role, [(ldap.MOD_REPLACE, "smvVertragsdatenAnsehen", [value])])
        firm.takes(lambda wanted=wanted: firm.status(session) == wanted)


def test_who_is_known_costs_no_search(firm):
    session = firm.sign_in("karla.kunde")
    before = firm.httpd.searches()
    assert {firm.status(session) for _ in range(20)} == {200} and firm.httpd.searches() == before


def test_a_role_comes_by_membership_too(firm):
    session = firm.sign_in("nora.nurlesen")
    role = f"cn=Neu,ou=roles,{BASE}"
    roles = len(session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["roles"])

    def count():
        return len(session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["roles"])

    firm.roles().add_s(role, [("objectClass", [b"top", b"organizationalRole", b"smvRolle"]), ("cn", [b"Neu"]),
                            ("smvRollenId", [b"4294968000"]), ("smvGeltungsbereich", [b"eigene"]),
                            ("roleOccupant", [firm.person("nora.nurlesen").encode()])])
    try:
        firm.takes(lambda: count() == roles + 1)
    finally:
        firm.roles().delete_s(role)
    firm.takes(lambda: count() == roles)


def test_an_account_that_the_portal_locks_is_out(firm):
    session = firm.sign_in("claudia.chef")
    firm.set(firm.person("claudia.chef"), **{firm.locked: b"TRUE"})
    try:
        firm.takes(lambda: firm.status(session, "/api/v1/me") in (401, 403))
        assert firm.sign_in("claudia.chef", "falsch").answer.status_code == 401
        assert firm.sign_in("claudia.chef").answer.status_code == 403
    finally:
        firm.set(firm.person("claudia.chef"), **{firm.locked: None})
    firm.takes(lambda: firm.sign_in("claudia.chef").answer.status_code == 303)
    assert firm.status(session, "/api/v1/me") == 401


def test_an_account_that_the_directory_locks_is_out(firm):
    session = firm.sign_in("viktor.vermittler")
    assert firm.status(session, "/api/v1/me") == 200
    firm.set(firm.person("viktor.vermittler"), **firm.disabled)
    try:
        firm.takes(lambda: firm.status(session, "/api/v1/me") in (401, 403))
        assert firm.sign_in("viktor.vermittler", "falsch").answer.status_code == 401
        assert firm.sign_in("viktor.vermittler").answer.status_code in (401, 403)  # as the server refuses it or not
    finally:
        firm.set(firm.person("viktor.vermittler"), **firm.enabled)
    firm.takes(lambda: firm.sign_in("viktor.vermittler").answer.status_code == 303)
    assert firm.status(session, "/api/v1/me") == 401


def test_an_account_that_is_locked_after_wrong_passwords_is_refused_whatever_lets_it_in(firm):
    """Who is signed in reads on: anybody can bring that about."""
    session = firm.sign_in("karla.kunde")
    assert firm.sso("karla.kunde") == 303
    firm.set(firm.policy, **firm.lockout)
    try:
        for _ in range(4):
            assert firm.sign_in("karla.kunde", "falsch").answer.status_code == 401
        assert firm.sign_in("karla.kunde").answer.status_code == 401
        assert firm.sso("karla.kunde") == 403
        assert firm.status(session) == 200
    finally:
        firm.set(firm.policy, **firm.no_lockout)
        firm.set(firm.person("karla.kunde"), **firm.unlocked)
    assert firm.sso("karla.kunde") == 303
    assert firm.sign_in("karla.kunde").answer.status_code == 303


def test_an_account_ends_in_time(firm):
    session = firm.sign_in("karla.kunde")
    firm.set(firm.person("karla.kunde"), **{firm.until: firm.time(3)})
    try:
        time.sleep(PROMISE)
        assert firm.status(session) == 200
        wait_until(lambda: firm.status(session) in (401, 403), "it does not end", 4)
        assert firm.sign_in("karla.kunde").answer.status_code == 403
    finally:
        firm.set(firm.person("karla.kunde"), **{firm.until: firm.never})


def test_a_server_that_was_away_is_found_again(firm):
    time.sleep(PROMISE)  # until what was changed before has been told: of whom it is told, nothing is remembered
    session = firm.sign_in("karla.kunde")
    assert firm.status(session) == 200
    firm.httpd.expect_log("SMV0201")
    firm.admin.unbind_s()
    firm.server.stop()
    try:
        wait_until(lambda: firm.httpd.modes()[-1] == "down", "nobody notices")
        assert firm.status(session) == 200
        assert firm.sign_in("karla.kunde").answer.status_code == 503
    finally:
        firm.server.start()
        firm.admin = firm.server.connect()
    wait_until(lambda: firm.httpd.modes()[-1] == firm.mode, "the stream does not come back")
    assert firm.sign_in("karla.kunde").answer.status_code == 303
    firm.set(firm.person("karla.kunde"), **{firm.customer: b"10002"})
    try:
        firm.takes(lambda: firm.status(session) == 404)
    finally:
        firm.set(firm.person("karla.kunde"), **{firm.customer: b"10001"})
    assert requests.get(firm.httpd.url + "/login", timeout=20).status_code == 200
