# SPDX-License-Identifier: Apache-2.0
"""A person's own password, changed in the portal: as the person, by the directory's policy, and noted."""
import base64
import hashlib
import hmac
import html
import json
import re
import sqlite3
import struct
import subprocess
import time

import ldap
import pytest
import requests

from private_servers import BASE, PrivateHttpd, PrivateSlapd

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
    with sqlite3.connect(own.httpd.database, timeout=10) as connection:
        refused = connection.execute("SELECT detail FROM audit WHERE kind = 'sign_in_refused' AND login = 'viktor.vermittler'").fetchall()
    connection.close()
    assert refused == [('{"code":"SMV0103"}',)] * 2, "who guesses is in the audit log"


def test_who_guesses_in_a_session_waits(running_portal, own):
    httpd = PrivateHttpd(running_portal, "SmvPortalRefusalTime 800\n", own.slapd)
    try:
        session = httpd.sign_in("ines.innen")
        begun = time.monotonic()
        answer = session.post(httpd.url + "/password", timeout=20, data={"current": "falsch", "password": NEW, "repeated": NEW})
        assert answer.status_code == 422 and time.monotonic() - begun > 0.8
    finally:
        httpd.stop()


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


# --- what the directory says at a sign-in ---

POLICY = f"cn=default,ou=policies,{BASE}"


def person(login):
    return f"uid={login},ou=people,{BASE}"


class Policed:
    """A portal whose directory has people of its own, and a policy that tests change."""

    def __init__(self, running_portal, folder, edit=lambda text: text, lines=""):
        self.slapd = PrivateSlapd(folder, edit)
        self.httpd = PrivateHttpd(running_portal, "SmvPortalRefusalTime 0\n" + lines, self.slapd)
        self.admin = self.slapd.connect()
        self.url = self.httpd.url

    def set(self, dn, **values):
        self.admin.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else [str(value).encode()])
                                 for name, value in values.items()])

    def add(self, login, password=b"ein langes Passwort"):
        self.admin.add_s(person(login), [
            ("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [login.encode()]), ("cn", [login.encode()]),
            ("sn", [login.encode()]), ("userPassword", [password]), ("smvKundenNr", [b"10001"]),
            ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])])

    def sign_in(self, login, password="ein langes Passwort", **options):
        return self.httpd.sign_in(login, password, **options)

    def renew(self, login, current, password, repeated=None, **options):
        return requests.post(self.url + "/login/password", timeout=20, allow_redirects=False, data={
            "username": login, "current": current, "password": password, "repeated": repeated or password, **options})

    def stop(self):
        self.httpd.stop()
        self.slapd.stop()


@pytest.fixture(name="policed", scope="module")
def _policed(running_portal, tmp_path_factory):
    made = Policed(running_portal, tmp_path_factory.mktemp("policed"))
    yield made
    made.stop()


def test_a_password_that_somebody_else_set_must_be_changed_first(policed):
    policed.set(POLICY, pwdMustChange="TRUE")
    policed.add("neu")
    policed.set(person("neu"), pwdReset="TRUE")
    assert policed.sign_in("neu", "falsch").answer.status_code == 401
    session = policed.sign_in("neu")
    assert session.answer.status_code == 403 and "Set-Cookie" not in session.answer.headers
    text = html.unescape(session.answer.text)
    assert "Bitte wählen Sie ein eigenes Passwort, bevor Sie weitermachen." in text and 'name="current"' in text
    assert "ein langes Passwort" not in text
    assert session.get(policed.url + "/", timeout=20, allow_redirects=False).status_code == 303
    assert policed.httpd.api("/me", "neu", "ein langes Passwort").json()["code"] == "SMV0121"

    assert policed.renew("neu", "falsch", NEW).status_code == 401
    assert "nicht gleich" in policed.renew("neu", "ein langes Passwort", NEW, "anders").text
    assert "zu kurz" in policed.renew("neu", "ein langes Passwort", "kurz").text
    answer = policed.renew("neu", "ein langes Passwort", NEW)
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/login?done=password"
    assert policed.sign_in("neu", NEW).answer.headers["Location"] == "/portal/"
    with sqlite3.connect(policed.httpd.database, timeout=10) as connection:
        noted = connection.execute("SELECT kind, detail FROM audit WHERE login = 'neu' ORDER BY id").fetchall()
    connection.close()
    assert ("set_password", None) in noted and ("sign_in_refused", '{"code":"SMV0121"}') in noted
    assert ("sign_in_refused", '{"code":"SMV0103"}') in noted


def test_an_expired_password_is_told_after_the_right_one_alone(policed):
    policed.set(POLICY, pwdMaxAge=2, pwdGraceAuthNLimit=None, pwdExpireWarning=None)
    policed.add("alt")
    try:
        time.sleep(3)
        assert "abgelaufen" not in policed.sign_in("alt", "falsch").answer.text
        answer = policed.sign_in("alt").answer
        assert answer.status_code == 403 and "Ihr Passwort ist abgelaufen. Bitte wählen Sie ein neues." in html.unescape(answer.text)
        policed.set(person("alt"), smvGesperrt="TRUE")
        assert policed.renew("alt", "ein langes Passwort", NEW).status_code == 403, "a locked account"
        policed.set(person("alt"), smvGesperrt=None)
        assert policed.renew("alt", "ein langes Passwort", NEW).status_code == 303
        assert policed.sign_in("alt", NEW).answer.status_code == 303
    finally:
        policed.set(POLICY, pwdMaxAge=None)


def test_sign_ins_that_are_left_with_an_expired_password_are_counted(policed):
    policed.set(POLICY, pwdMaxAge=2, pwdGraceAuthNLimit=2)
    policed.add("gnade")
    try:
        time.sleep(3)
        session = policed.sign_in("gnade")
        assert session.answer.headers["Location"] == "/portal/password?grace=1"
        page = html.unescape(session.get(policed.url + "/password?grace=1", timeout=20).text)
        assert "So oft können Sie sich noch damit anmelden: <strong>1</strong>" in page
        assert session.get(policed.url + "/", timeout=20, allow_redirects=False).status_code == 200
        assert policed.sign_in("gnade").answer.headers["Location"] == "/portal/password?grace=0"
        assert policed.sign_in("gnade").answer.status_code == 403
    finally:
        policed.set(POLICY, pwdMaxAge=None, pwdGraceAuthNLimit=None)


def test_a_password_that_expires_soon_is_told(policed):
    policed.set(POLICY, pwdMaxAge=5 * 86400, pwdExpireWarning=10 * 86400)
    policed.add("bald")
    try:
        session = policed.sign_in("bald")
        assert session.answer.headers["Location"] == "/portal/password?days=5"
        page = html.unescape(session.get(policed.url + "/password?days=5", timeout=20).text)
        assert "Ihr Passwort läuft bald ab. Verbleibende Tage: <strong>5</strong>" in page
        assert session.get(policed.url + "/password?days=x", timeout=20).status_code == 400
    finally:
        policed.set(POLICY, pwdMaxAge=None, pwdExpireWarning=None)


def test_who_is_locked_out_by_the_directory_learns_no_more_than_who_is_wrong(policed):
    policed.add("raten")
    policed.set(POLICY, pwdLockout="TRUE", pwdMaxFailure=3, pwdLockoutDuration=60)
    try:
        wrong = [policed.sign_in("raten", "falsch").answer for _ in range(3)]
        right = policed.sign_in("raten").answer
        assert {answer.status_code for answer in (*wrong, right)} == {401}
        assert right.text == wrong[0].text
        assert policed.renew("raten", "ein langes Passwort", NEW).status_code == 401
        policed.set(person("raten"), pwdAccountLockedTime=None)
        assert policed.sign_in("raten").answer.status_code == 303
    finally:
        policed.set(POLICY, pwdLockout=None, pwdMaxFailure=None, pwdLockoutDuration=None)
    assert policed.httpd.unexpected_lines() == []


def totp(secret, moment=None):
    """RFC 6238 with its defaults."""
    counter = struct.pack(">Q", int((moment or time.time()) // 30))
    digest = hmac.new(secret, counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 1000000:06}"


def with_otp_and_argon2(text):
    return (text.replace("\nmoduleload back_mdb\n", "\nmoduleload back_mdb\nmoduleload otp\nmoduleload argon2\n") +
            "overlay otp\n")


def test_a_second_factor_and_argon2(running_portal, tmp_path):
    secret = b"0123456789abcdefghij"
    made = Policed(running_portal, tmp_path, with_otp_and_argon2, "SmvPortalSecondFactor On\n")
    try:
        hashed = subprocess.run(["slappasswd", "-o", "module-path=/usr/lib/ldap", "-o", "module-load=argon2", "-h",
                                 "{ARGON2}", "-s", "ein langes Passwort", "-n"], check=True, capture_output=True).stdout
        assert hashed.startswith(b"{ARGON2}")
        made.add("zwei", hashed)
        assert made.sign_in("zwei").answer.status_code == 303, "as long as there is no second factor"
        params, token = f"cn=totp,{BASE}", f"cn=token,{BASE}"
        made.admin.add_s(params, [("objectClass", [b"organizationalRole", b"oathTOTPParams"]), ("cn", [b"totp"]),
                                  ("oathOTPLength", [b"6"]), ("oathHMACAlgorithm", [b"1.2.840.113549.2.7"]),
                                  ("oathTOTPTimeStepPeriod", [b"30"]), ("oathTOTPTimeStepWindow", [b"3"])])
        made.admin.add_s(token, [("objectClass", [b"organizationalRole", b"oathTOTPToken"]), ("cn", [b"token"]),
                                 ("oathTOTPParams", [params.encode()]), ("oathSecret", [secret])])
        made.admin.modify_s(person("zwei"), [(ldap.MOD_ADD, "objectClass", [b"oathTOTPUser"]),
                                             (ldap.MOD_ADD, "oathTOTPToken", [token.encode()])])
        page = requests.get(made.url + "/login", timeout=20).text
        assert 'name="code"' in page and 'autocomplete="one-time-code"' in page
        assert made.sign_in("zwei").answer.status_code == 401
        assert made.sign_in("zwei", code="000000").answer.status_code == 401
        assert made.sign_in("zwei", "falsch", code=totp(secret, time.time() - 30)).answer.status_code == 401
        code = totp(secret)
        session = made.sign_in("zwei", code=f"{code[:3]} {code[3:]}")
        assert session.answer.status_code == 303
        assert made.sign_in("zwei", code=code).answer.status_code == 401, "a code counts once"
        assert made.sign_in("karla.kunde", "demo").answer.status_code == 303, "who has no second factor"
        later = totp(secret, time.time() + 30)
        changed = session.post(made.url + "/password", timeout=20, allow_redirects=False, data={
            "current": "ein langes Passwort", "code": later, "password": NEW, "repeated": NEW})
        assert changed.status_code == 303, changed.text
        assert base64.b32encode(secret) not in made.httpd.log.read_bytes()
    finally:
        made.stop()
