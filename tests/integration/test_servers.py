# SPDX-License-Identifier: Apache-2.0
"""The same sign-ins, and the same changes, on every kind of directory server."""
import time

import ldap
import pytest
import requests

from private_389 import Private389
from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

LINES = f"{STATUS}SmvPortalCacheTime 30\nSmvPortalRefusalTime 0\nSmvPortalLdapTimeout 3\n"
PROMISE = 1.0  # seconds
SERVERS = {"slapd": (PrivateSlapd, "sync", {"pwdAccountLockedTime": b"000001010000Z"}),
           "389-ds": (Private389, "persistent-search", {"nsAccountLock": b"true"})}
CONTRACTS = "/api/v1/customers/10001/contracts"


def person(login):
    return f"uid={login},ou=people,{BASE}"


class Firm:
    """A portal before one server."""

    def __init__(self, running_portal, folder, kind):
        make, self.mode, self.lock = SERVERS[kind]
        self.server = make(folder)
        self.httpd = PrivateHttpd(running_portal, LINES, self.server)
        wait_until(lambda: self.httpd.modes() == [self.mode], "the stream does not begin")
        self.admin = self.server.connect()

    def set(self, dn, **values):
        self.admin.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else [value]) for name, value in values.items()])

    def status(self, session, path=CONTRACTS):
        return session.get(self.httpd.url + path, timeout=20, allow_redirects=False).status_code

    def takes(self, condition):
        begun = time.monotonic()
        wait_until(condition, "the change has no effect", 5)
        assert time.monotonic() - begun < PROMISE

    def stop(self):
        self.httpd.stop()
        self.server.stop()


@pytest.fixture(name="firm", scope="module", params=SERVERS)
def _firm(running_portal, tmp_path_factory, request):
    firm = Firm(running_portal, tmp_path_factory.mktemp("firm"), request.param)
    yield firm
    firm.stop()


@pytest.fixture(autouse=True)
def _quiet_log(firm):
    firm.httpd.expected = []
    yield
    assert firm.httpd.unexpected_lines() == []


def test_the_right_password_signs_in(firm):
    for login in ("karla.kunde", "claudia.chef", "viktor.vermittler", "ines.innen"):
        session = firm.httpd.sign_in(login)
        assert session.answer.status_code == 303
        assert session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["login"] == login
    assert firm.httpd.api("/me", "karla.kunde").status_code == 200


@pytest.mark.parametrize("login,password", [("karla.kunde", "falsch"), ("karla.kunde", ""), ("nobody", "demo"), ("", "demo"),
                                            ("*", "demo"), ("karla*", "demo"), ("karla.kunde)(uid=*", "demo"),
                                            ("uid=karla.kunde,ou=people", "demo"), ("k\xe4rla", "demo"), ("x" * 5000, "demo")])
def test_whatever_is_wrong_is_refused_alike(firm, login, password):
    assert firm.httpd.sign_in(login, password).answer.status_code == 401


def test_a_right_that_is_taken_is_gone_at_once(firm):
    session = firm.httpd.sign_in("karla.kunde")
    role = f"cn=Kundenzugang,ou=roles,{BASE}"
    assert firm.status(session) == 200
    for value, wanted in ((b"FALSE", 403), (b"TRUE", 200)) * 5:
        firm.set(role, smvVertragsdatenAnsehen=value)
        firm.takes(lambda wanted=wanted: firm.status(session) == wanted)


def test_who_is_known_costs_no_search(firm):
    session = firm.httpd.sign_in("karla.kunde")
    before = firm.httpd.searches()
    assert {firm.status(session) for _ in range(20)} == {200} and firm.httpd.searches() == before


def test_a_role_comes_by_membership_too(firm):
    session = firm.httpd.sign_in("nora.nurlesen")
    role = f"cn=Neu,ou=roles,{BASE}"
    roles = len(session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["roles"])

    def count():
        return len(session.get(firm.httpd.url + "/api/v1/me", timeout=20).json()["roles"])

    firm.admin.add_s(role, [("objectClass", [b"top", b"organizationalRole", b"smvRolle"]), ("cn", [b"Neu"]),
                            ("smvRollenId", [b"4294968000"]), ("smvGeltungsbereich", [b"eigene"]),
                            ("roleOccupant", [person("nora.nurlesen").encode()])])
    try:
        firm.takes(lambda: count() == roles + 1)
    finally:
        firm.admin.delete_s(role)
    firm.takes(lambda: count() == roles)


def test_an_account_that_the_portal_locks_is_out(firm):
    session = firm.httpd.sign_in("claudia.chef")
    firm.set(person("claudia.chef"), smvGesperrt=b"TRUE")
    try:
        firm.takes(lambda: firm.status(session, "/api/v1/me") in (401, 403))
        assert firm.httpd.sign_in("claudia.chef", "falsch").answer.status_code == 401
        assert firm.httpd.sign_in("claudia.chef").answer.status_code == 403
    finally:
        firm.set(person("claudia.chef"), smvGesperrt=None)
    firm.takes(lambda: firm.httpd.sign_in("claudia.chef").answer.status_code == 303)
    assert firm.status(session, "/api/v1/me") == 401


def test_an_account_that_the_directory_locks_is_out(firm):
    session = firm.httpd.sign_in("viktor.vermittler")
    assert firm.status(session, "/api/v1/me") == 200
    firm.set(person("viktor.vermittler"), **firm.lock)
    try:
        firm.takes(lambda: firm.status(session, "/api/v1/me") in (401, 403))
        assert firm.httpd.sign_in("viktor.vermittler", "falsch").answer.status_code == 401
        assert firm.httpd.sign_in("viktor.vermittler").answer.status_code in (401, 403)  # as the server refuses it or not
    finally:
        firm.set(person("viktor.vermittler"), **{name: None for name in firm.lock})
    firm.takes(lambda: firm.httpd.sign_in("viktor.vermittler").answer.status_code == 303)
    assert firm.status(session, "/api/v1/me") == 401


def test_an_account_ends_in_time(firm):
    session = firm.httpd.sign_in("karla.kunde")
    firm.set(person("karla.kunde"), smvGueltigBis=time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 3)).encode())
    try:
        time.sleep(PROMISE)
        assert firm.status(session) == 200
        wait_until(lambda: firm.status(session) in (401, 403), "it does not end", 4)
        assert firm.httpd.sign_in("karla.kunde").answer.status_code == 403
    finally:
        firm.set(person("karla.kunde"), smvGueltigBis=None)


def test_a_server_that_was_away_is_found_again(firm):
    session = firm.httpd.sign_in("karla.kunde")
    assert firm.status(session) == 200
    firm.httpd.expect_log("SMV0201")
    firm.admin.unbind_s()
    firm.server.stop()
    try:
        wait_until(lambda: firm.httpd.modes() == ["down"], "nobody notices")
        assert firm.status(session) == 200
        assert firm.httpd.sign_in("karla.kunde").answer.status_code == 503
    finally:
        firm.server.start()
        firm.admin = firm.server.connect()
    wait_until(lambda: firm.httpd.modes() == [firm.mode], "the stream does not come back")
    assert firm.httpd.sign_in("karla.kunde").answer.status_code == 303
    firm.set(person("karla.kunde"), smvKundenNr=b"10002")
    try:
        firm.takes(lambda: firm.status(session) == 404)
    finally:
        firm.set(person("karla.kunde"), smvKundenNr=b"10001")
    assert requests.get(firm.httpd.url + "/login", timeout=20).status_code == 200
