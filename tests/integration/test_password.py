# SPDX-License-Identifier: Apache-2.0
"""A person's own password, changed in the portal: as the person, by the directory's policy, and noted."""
import html
import json
import re
import sqlite3

import ldap
import pytest

from private_servers import PrivateHttpd, PrivateSlapd

NEW = "Ein Satz, den keiner kennt."


class Own:
    """A portal and a directory of its own, with the password policy of the sample."""

    def __init__(self, running_portal, folder):
        self.slapd = PrivateSlapd(folder)
        self.httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 10\nSmvPortalRefusalTime 0\nSmvPortalLdapTimeout 2\n", self.slapd)

    def change(self, session, current="demo", password=NEW, repeated=None, **options):
        return session.post(self.httpd.url + "/password", timeout=20, allow_redirects=False, data={
            "current": current, "password": password, "repeated": password if repeated is None else repeated}, **options)

    def problem(self, answer):
        assert answer.status_code == 422, answer.status_code
        return html.unescape(re.search(r'<p class="error" role="alert">([^<]*)</p>', answer.text).group(1))

    def binds(self, login, password):
        connection = ldap.initialize(self.slapd.uri)
        try:
            connection.simple_bind_s(f"uid={login},ou=people,{self.httpd.base}", password)
            return True
        except ldap.INVALID_CREDENTIALS:
            return False
        finally:
            connection.unbind_s()

    def noted(self, login):
        with sqlite3.connect(self.httpd.database, timeout=10) as connection:
            rows = connection.execute("SELECT customer, detail FROM audit WHERE kind = 'set_password' AND login = ? ORDER BY id",
                                      (login,)).fetchall()
        connection.close()
        return [(customer, json.loads(detail) if detail else None) for customer, detail in rows]


@pytest.fixture(name="own", scope="module")
def _own(running_portal, tmp_path_factory):
    made = Own(running_portal, tmp_path_factory.mktemp("password"))
    yield made
    made.httpd.stop()
    made.slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(own):
    own.httpd.expected = []
    yield
    assert own.httpd.unexpected_lines() == []


def test_a_person_changes_their_password_and_is_signed_out_everywhere(own):
    session, other = own.httpd.sign_in("karla.kunde"), own.httpd.sign_in("karla.kunde")
    page = session.get(own.httpd.url + "/", timeout=20).text
    assert 'href="/portal/password"' in page
    assert 'name="current"' in session.get(own.httpd.url + "/password", timeout=20).text
    answer = own.change(session)
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/login?done=password"
    assert own.binds("karla.kunde", NEW) and not own.binds("karla.kunde", "demo")
    for each in (session, other):
        assert each.get(own.httpd.url + "/", timeout=20, allow_redirects=False).status_code == 303
    assert own.httpd.sign_in("karla.kunde", NEW).answer.status_code == 303
    assert own.httpd.sign_in("karla.kunde", "demo").answer.status_code == 401
    assert own.noted("karla.kunde") == [(10001, None)]


def test_the_directory_says_what_is_wrong_with_a_password(own):
    session = own.httpd.sign_in("claudia.chef")
    assert own.problem(own.change(session, password="kurz")) == "Dieses Passwort ist zu kurz."
    assert own.problem(own.change(session, repeated="anders")) == "Die beiden Passwörter sind nicht gleich."
    assert own.problem(own.change(session, password="")) == "Bitte geben Sie ein Passwort ein."
    assert own.problem(own.change(session, password="x" * 1025)) == "Dieses Passwort ist zu lang."
    assert own.binds("claudia.chef", "demo") and session.get(own.httpd.url + "/", timeout=20, allow_redirects=False).status_code == 200
    assert own.noted("claudia.chef") == [(None, None), (None, {"refused": "SMV0111"})], "what the directory was asked alone"
    assert own.change(session).status_code == 303
    again = own.httpd.sign_in("claudia.chef", NEW)
    assert own.problem(own.change(again, current=NEW, password=NEW)) == \
        "Dieses Passwort hatten Sie schon einmal. Bitte wählen Sie ein anderes."


def test_a_session_alone_changes_nothing(own):
    session = own.httpd.sign_in("viktor.vermittler")
    for current in ("", "falsch"):
        assert own.problem(own.change(session, current=current)) == "Das bisherige Passwort stimmt nicht."
    foreign = own.change(session, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    anonymous = own.httpd.sign_in("nobody", "x")
    assert own.change(anonymous).status_code == 303 and "/login" in own.change(anonymous).headers["Location"]
    assert own.binds("viktor.vermittler", "demo") and not own.noted("viktor.vermittler")


def test_a_view_as_a_customer_has_no_password(own):
    staff = own.httpd.sign_in("ines.innen")
    begun = staff.post(own.httpd.url + "/customers/20001/view-as", data={"login": "claudia.chef"}, timeout=20)
    assert "nur lesen" in begun.text and "/portal/password" not in begun.text
    assert own.change(staff).status_code == 403
    assert own.binds("ines.innen", "demo") and own.binds("claudia.chef", NEW)


def test_a_directory_that_is_away_changes_nothing(own):
    own.httpd.expect_log("SMV02")
    session = own.httpd.sign_in("nora.nurlesen")
    own.slapd.pause()
    try:
        assert own.change(session).status_code == 503
    finally:
        own.slapd.resume()
    assert own.binds("nora.nurlesen", "demo")
