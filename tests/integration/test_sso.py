# SPDX-License-Identifier: Apache-2.0
"""People of a firm come in by what its own sign-on has established: a certificate, or a Kerberos ticket."""
import html
import json
import re
import sqlite3
import subprocess
import time

import ldap
import pytest
import requests

from conftest import ROOT, free_port
from private_authority import Authority
from private_kdc import REALM, PrivateKdc
from private_servers import BASE, PrivateSlapd, open_to_httpd, wait_until
from private_tls import MODULES, PROMISE, TlsHttpd

BEFORE = """LoadModule headers_module {modules}/mod_headers.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule auth_gssapi_module {modules}/mod_auth_gssapi.so
Define SSO_CERTIFICATE_CA {ca}
Define SSO_KEYTAB {keytab}"""
INSIDE = """    # What is trusted of one place is not of those within it that have a provider of their own.
    <Location /portal/sso>
        SmvPortalSsoDomain mail.example
        SmvPortalSsoMatchMail On
    </Location>
    <Location /portal/sso/beta>
        SmvPortalSso beta "Beta"
        SmvPortalSsoHidden On
        SmvPortalSsoIssuer "%{{SSL_CLIENT_I_DN}}"
        SmvPortalSsoSubject "%{{SSL_CLIENT_S_DN}}"
        SmvPortalSsoMail "%{{SSL_CLIENT_SAN_Email_0}}"
        SmvPortalSsoMailVerified true
        SmvPortalSsoProvider CN=beta-ca
    </Location>
    Include {conf}/sso-certificate.conf
    Include {conf}/sso-kerberos.conf
    <Location /portal/sso/certificate>
        SmvPortalSsoDomain acme.example
    </Location>
    # By mail as well, and not on the login page.
    <Location /portal/sso/mail>
        Require all granted
        SmvPortalSso mail "Per E-Mail"
        SmvPortalSsoHidden On
        SmvPortalSsoIssuer "%{{SSL_CLIENT_I_DN}}"
        SmvPortalSsoSubject "%{{SSL_CLIENT_S_DN}}"
        SmvPortalSsoMail "%{{SSL_CLIENT_SAN_Email_0}}"
        SmvPortalSsoMailVerified true
        SmvPortalSsoProvider CN=acme-ca
        SmvPortalSsoDomain mail.example example.org
        SmvPortalSsoMatchMail On
    </Location>
    <Location /portal/sso/unverified>
        SmvPortalSso unverified "Ungeprüft"
        SmvPortalSsoHidden On
        SmvPortalSsoIssuer "%{{SSL_CLIENT_I_DN}}"
        SmvPortalSsoSubject "%{{SSL_CLIENT_S_DN}}"
        SmvPortalSsoMail "%{{SSL_CLIENT_SAN_Email_0}}"
        SmvPortalSsoDomain mail.example example.org
        SmvPortalSsoMatchMail On
    </Location>
    <Location /echo>
        Require all granted
        Header always set Echo "expr=%{{req:OIDC_CLAIM_sub}}%{{req:OIDC-CLAIM-sub}}%{{req:MELLON_NAME_ID}}%{{req:SMV_LOGIN}}%{{req:SSL_CLIENT_S_DN}}%{{req:Remote-User}}"
    </Location>"""
FORGED = {"OIDC_CLAIM_sub": "x", "OIDC-CLAIM-sub": "x", "MELLON_NAME_ID": "x", "SMV_LOGIN": "ines.innen", "SMV-Login": "x",
          "SSL_CLIENT_S_DN": "CN=Karla", "SSL-CLIENT-VERIFY": "SUCCESS", "REMOTE_USER": "karla.kunde", "Remote-User": "karla.kunde",
          "GSS_NAME": "karla.kunde@ACME.EXAMPLE", "AUTH_TYPE": "GSSAPI"}


class Sso(TlsHttpd):
    def __init__(self, portal, folder):
        open_to_httpd(folder)
        for name in ("slapd", "kdc"):
            (folder / name).mkdir()
        ca, self.stranger = Authority(folder, "acme-ca"), Authority(folder, "stranger-ca")
        self.kdc = PrivateKdc(folder / "kdc")
        self.kdc.add_service("localhost")
        self.environment = self.kdc.environment
        self.beta, both = Authority(folder, "beta-ca"), folder / "both.pem"
        both.write_text(ca.certificate.read_text(encoding="ascii") + self.beta.certificate.read_text(encoding="ascii"), encoding="ascii")
        before = BEFORE.format(modules=MODULES, ca=both, keytab=self.kdc.keytab)
        super().__init__(portal, ca, free_port(), PrivateSlapd(folder / "slapd"), before, INSIDE.format(conf=ROOT / "conf"))

    def go(self, session, path="/sso/certificate", **options):
        return session.get(self.url + path, timeout=20, allow_redirects=False, **options)

    def identifier(self, session):
        """What somebody who is not known is told."""
        answer = self.go(session)
        assert answer.status_code == 403, answer.status_code
        return html.unescape(re.search(r'<code class="identifier">([^<]*)</code>', answer.text).group(1))

    def status(self, session, path="/api/v1/me"):
        return self.go(session, path).status_code

    def noted(self, kind):
        """The newest of the audit log."""
        with sqlite3.connect(self.database, timeout=10) as connection:
            row = connection.execute("SELECT login, name, detail FROM audit WHERE kind = ? ORDER BY id DESC", (kind,)).fetchone()
        connection.close()
        return row[0], row[1], json.loads(row[2])

    def stop(self):
        super().stop()
        self.kdc.stop()


def account(login):
    return f"uid={login},ou=people,{BASE}"


@pytest.fixture(name="sso", scope="module")
def _sso(running_portal, tmp_path_factory):
    made = Sso(running_portal, tmp_path_factory.mktemp("sso"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(sso):
    sso.expected = []
    sso.expect_log("SMV0122|AH01882|AH01906|AH01909|AH02292")
    yield
    assert sso.unexpected_lines() == []


@pytest.fixture(name="karla")
def _karla(sso):
    """A browser with the certificate that karla.kunde's account names."""
    session = sso.person(sso.ca.sign("Karla", "email:karla@acme.example"))
    sso.set(account("karla.kunde"), smvSsoKennung=sso.identifier(session))
    yield session
    sso.set(account("karla.kunde"), smvSsoKennung=None)


# --- certificates ---

def test_who_is_not_known_is_told_what_to_tell_the_broker_and_noted(sso):
    session = sso.person(sso.ca.sign("Fremde", "email:fremd@acme.example"))
    identifier = sso.identifier(session)
    assert identifier == "CN=acme-ca CN=Fremde"
    assert "smvportal" not in session.cookies.get_dict()
    login, _, detail = sso.noted("sign_in_refused")
    assert login == identifier and detail["code"] == "SMV0122"


def test_a_certificate_signs_in_whose_account_has_its_identifier(sso, karla):
    answer = sso.go(karla)
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/"
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "Secure" in answer.headers["Set-Cookie"]
    karla.cert = None  # from here on the session counts
    assert sso.go(karla, "/api/v1/me").json()["login"] == "karla.kunde"
    assert "Anzahl Dokumente" in sso.go(karla, "/customers/10001/contracts").text
    assert sso.noted("sign_in") == ("karla.kunde", "Karla Kunde", {"sso": "certificate", "by": "identifier"})
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', sso.go(karla, "/").text).group(1)
    out = karla.post(sso.url + "/logout", data={"csrf_token": csrf}, headers={"Origin": sso.origin}, timeout=20, allow_redirects=False)
    assert out.status_code == 303
    ended = sso.go(karla, "/api/v1/me")
    assert ended.status_code == 401 and ended.headers["Content-Type"].startswith("application/problem+json")


def test_who_signs_in_goes_where_they_wanted_and_nowhere_else(sso, karla):
    for wanted, location in (("/portal/customers/10001/contracts", "/portal/customers/10001/contracts"),
                             ("https://evil.example/", "/portal/"), ("//evil.example/portal/", "/portal/")):
        assert sso.go(karla, "/sso/certificate", params={"next": wanted}).headers["Location"] == location


def test_a_locked_account_is_out_within_a_second(sso, karla):
    assert sso.go(karla).status_code == 303 and sso.status(karla) == 200
    sso.set(account("karla.kunde"), smvGesperrt="TRUE")
    try:
        sso.takes(lambda: sso.status(karla) in (401, 403))
        sso.expect_log("SMV0104")
        refused = sso.go(karla)
        assert refused.status_code == 403 and "gesperrt oder abgelaufen" in refused.text
    finally:
        sso.set(account("karla.kunde"), smvGesperrt=None)
    sso.takes(lambda: sso.go(karla).status_code == 303)


def test_an_account_that_is_locked_after_wrong_passwords_is_refused_until_a_right_one(sso, karla):
    """ppolicy does not say when that ends, and looks at it at the next bind alone. It ends no session."""
    policy = f"cn=default,ou=policies,{BASE}"
    sso.set(policy, pwdLockout="TRUE", pwdMaxFailure="2", pwdLockoutDuration="1")
    try:
        assert sso.go(karla).status_code == 303
        for _ in range(2):
            with pytest.raises(ldap.INVALID_CREDENTIALS):
                ldap.initialize(sso.slapd.uri).simple_bind_s(account("karla.kunde"), "falsch")
        sso.expect_log("SMV0104: .* is locked after wrong passwords")
        refused = sso.go(karla)
        assert refused.status_code == 403 and "gesperrt oder abgelaufen" in refused.text
        assert sso.status(karla) == 200
        time.sleep(1.2)
        assert sso.go(karla).status_code == 403
        ldap.initialize(sso.slapd.uri).simple_bind_s(account("karla.kunde"), "demo")
        assert sso.go(karla).status_code == 303
    finally:
        sso.set(policy, pwdLockout=None, pwdMaxFailure=None, pwdLockoutDuration=None)
        sso.entries.modify_s(account("karla.kunde"), [(ldap.MOD_REPLACE, "pwdAccountLockedTime", None)])


def test_without_a_certificate_of_that_ca_nobody_comes_in(sso, karla):
    sso.expect_log("SMV0601|AH0|AH1|client denied")
    assert sso.go(sso.person()).status_code == 403
    with pytest.raises(requests.exceptions.RequestException):
        sso.go(sso.person(sso.stranger.sign("Karla", "email:karla@acme.example")))
    assert sso.go(karla, "/sso/nobody").status_code == 404


# --- mail and principal ---

def test_a_verified_mail_of_the_providers_own_domain_finds_an_account(sso):
    sso.set(account("karla.kunde"), mail="karla@mail.example")
    try:
        session = sso.person(sso.ca.sign("Mailkarla", "email:karla@mail.example"))
        assert sso.go(session, "/sso/unverified").status_code == 403
        assert sso.go(session, "/sso/certificate").status_code == 403  # matches by mail only where that is said
        assert sso.go(session, "/sso/mail").status_code == 303
        assert sso.go(session, "/api/v1/me").json()["login"] == "karla.kunde"
        assert sso.noted("sign_in")[2] == {"sso": "mail", "by": "mail"}
    finally:
        sso.set(account("karla.kunde"), mail=None)


def test_one_provider_does_not_vouch_for_the_domains_of_another(sso):
    """TLS trusts both; that place trusts one."""
    sso.set(account("karla.kunde"), mail="karla@mail.example")
    try:
        session = sso.person(sso.beta.sign("Betakarla", "email:karla@mail.example"))
        assert sso.identifier(session) == "CN=beta-ca CN=Betakarla"  # TLS has checked it
        for path in ("/sso/mail", "/sso/beta"):
            assert sso.go(session, path).status_code == 403
            assert sso.noted("sign_in_refused")[2]["code"] == "SMV0122"
        assert sso.go(sso.person(sso.ca.sign("Acmekarla", "email:karla@mail.example")), "/sso/mail").status_code == 303
    finally:
        sso.set(account("karla.kunde"), mail=None)


def test_a_mail_of_another_domain_finds_nobody(sso):
    """Or the sign-on of one customer could name people of another, or of the broker."""
    sso.set(account("ines.innen"), mail="ines@musterfirma.example")
    session = sso.person(sso.ca.sign("Ines", "email:ines@musterfirma.example"))
    assert sso.go(session, "/sso/mail").status_code == 403


def test_a_mail_that_several_have_signs_nobody_in(sso):
    sso.expect_log("SMV0202: several accounts")
    for name in ("karla.kunde", "nora.nurlesen"):
        sso.set(account(name), mail="beide@mail.example")
    try:
        assert sso.go(sso.person(sso.ca.sign("Beide", "email:beide@mail.example")), "/sso/mail").status_code == 503
    finally:
        for name in ("karla.kunde", "nora.nurlesen"):
            sso.set(account(name), mail=None)


# --- a rule for a whole firm ---

RULE = f"cn=Acme AG,ou=people,{BASE}"


def add_rule(sso, dn=RULE, **values):
    entry = {"objectClass": [b"organizationalRole", b"smvFirmenzugang"], "cn": [dn.split(",")[0][3:].encode()],
             "smvAussteller": [b"CN=acme-ca"], "smvKundenNr": [b"10001"],
             "smvRolleDN": [f"cn=Kundenzugang,ou=roles,{BASE}".encode()],
             **{name: [value.encode()] for name, value in values.items()}}
    sso.entries.add_s(dn, list(entry.items()))


def test_a_rule_lets_a_whole_firm_in_and_takes_it_away_again(sso):
    session = sso.person(sso.ca.sign("Max Mitarbeiter", "email:max@acme.example"))
    assert sso.go(session).status_code == 403
    add_rule(sso)
    try:
        assert sso.go(session).status_code == 303
        me = sso.go(session, "/api/v1/me").json()
        assert (me["login"], me["name"], [role["name"] for role in me["roles"]]) == ("max@acme.example", "Max Mitarbeiter", ["Kundenzugang"])
        assert sso.status(session, "/api/v1/customers/10001/contracts") == 200
        assert sso.status(session, "/api/v1/customers/10002/contracts") == 404
        assert sso.noted("sign_in") == ("max@acme.example", "Max Mitarbeiter", {"sso": "certificate", "by": "rule"})
        assert "gehört zum Verzeichnis Ihrer Firma" in sso.go(session, "/password").text
        sso.set(RULE, smvKundenNr="10002")
        sso.takes(lambda: sso.status(session, "/api/v1/customers/10001/contracts") == 404)
        sso.set(RULE, smvGesperrt="TRUE")
        sso.takes(lambda: sso.status(session) in (401, 403))
        sso.expect_log("SMV0104")
        assert sso.go(session).status_code == 403
        sso.set(RULE, smvGesperrt=None)
        sso.takes(lambda: sso.go(session).status_code == 303)
    finally:
        sso.entries.delete_s(RULE)
    sso.takes(lambda: sso.status(session) in (401, 403))
    assert sso.go(session).status_code == 403


def test_a_rule_may_ask_for_a_group_and_goes_before_one_that_does_not(sso):
    special = f"cn=Acme Flotte,ou=people,{BASE}"
    fleet = sso.person(sso.ca.sign("Frida/OU=Fuhrpark", "email:frida@acme.example"))
    other = sso.person(sso.ca.sign("Otto/OU=Einkauf", "email:otto@acme.example"))
    add_rule(sso, special, smvGruppe="Fuhrpark", smvKundenNr="20001")
    try:
        assert sso.go(other).status_code == 403 and sso.go(fleet).status_code == 303
        add_rule(sso)
        assert sso.go(other).status_code == 303 and sso.go(fleet).status_code == 303
        assert sso.status(fleet, "/api/v1/customers/20001/contracts") == 200
        assert sso.status(other, "/api/v1/customers/20001/contracts") == 404
        assert sso.status(other, "/api/v1/customers/10001/contracts") == 200
    finally:
        for dn in (special, RULE):
            sso.entries.delete_s(dn)


def test_a_rule_ends_in_time_and_is_of_one_issuer_alone(sso):
    session = sso.person(sso.ca.sign("Zeit", "email:zeit@acme.example"))
    add_rule(sso, smvGueltigBis=time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 3)))
    try:
        assert sso.go(session).status_code == 303 and sso.status(session) == 200
        wait_until(lambda: sso.status(session) in (401, 403), "it does not end", 5)
        sso.expect_log("SMV0104")
        sso.set(RULE, smvGueltigBis=None, smvAussteller="cn=ACME-ca")
        assert sso.go(session).status_code == 403
    finally:
        sso.entries.delete_s(RULE)


def test_one_of_a_firm_may_have_an_account_or_a_lock_of_their_own(sso):
    session = sso.person(sso.ca.sign("Einzeln", "email:einzeln@acme.example"))
    identifier, dn = sso.identifier(session), account("einzeln")
    add_rule(sso)
    try:
        assert sso.go(session).status_code == 303 and sso.status(session) == 200
        sso.entries.add_s(dn, [("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [b"einzeln"]), ("cn", [b"E"]), ("sn", [b"E"]),
                             ("smvSsoKennung", [identifier.encode()]), ("smvGesperrt", [b"TRUE"])])
        sso.takes(lambda: sso.status(session) in (401, 403))
        sso.expect_log("SMV0104")
        assert sso.go(session).status_code == 403
        sso.entries.delete_s(dn)
        sso.takes(lambda: sso.go(session).status_code == 303)
    finally:
        sso.entries.delete_s(RULE)


# --- Kerberos ---

def negotiate(sso, name, *arguments):
    cache = sso.kdc.ticket(name) if name else "FILE:/nonexistent"
    done = sso.kdc.run("curl", "-s", "-i", "--negotiate", "-u", ":", "--cacert", str(sso.ca.certificate), "-c",
                       str(sso.folder / "cookies"), "-b", str(sso.folder / "cookies"), *arguments, KRB5CCNAME=cache)
    return done.stdout


def test_a_ticket_signs_in_by_identifier_and_by_principal(sso):
    for name in ("karla", "ines.innen", "fremd"):
        sso.kdc.add_person(name)
    sso.set(account("karla.kunde"), smvSsoKennung=f"kerberos karla@{REALM}")
    sso.entries.modify_s(account("ines.innen"), [(ldap.MOD_ADD, "uid", [f"ines.innen@{REALM}".encode()])])
    try:
        for name, by in (("karla", "identifier"), ("ines.innen", "principal")):
            answer = negotiate(sso, name, sso.url + "/sso/kerberos")
            assert "HTTP/1.1 303" in answer and "Set-Cookie: __Host-smvportal" in answer
            assert sso.noted("sign_in")[2] == {"sso": "kerberos", "by": by}
            assert '"login"' in negotiate(sso, None, sso.url + "/api/v1/me")
        answer = negotiate(sso, "fremd", sso.url + "/sso/kerberos")
        assert "HTTP/1.1 403" in answer and f"kerberos fremd@{REALM}" in answer
    finally:
        sso.set(account("karla.kunde"), smvSsoKennung=None)
        sso.entries.modify_s(account("ines.innen"), [(ldap.MOD_DELETE, "uid", [f"ines.innen@{REALM}".encode()])])


def test_without_a_ticket_nobody_comes_in(sso):
    sso.expect_log("auth_gssapi")
    assert "HTTP/1.1 401" in negotiate(sso, None, sso.url + "/sso/kerberos")
    assert sso.go(sso.person(), "/sso/kerberos").status_code == 401


# --- nobody forges it ---

def test_headers_of_a_client_make_nobody_anybody(sso, karla):
    sso.expect_log("SMV0601: SmvPortalSso|client denied")
    for name, value in FORGED.items():
        for path, wanted in (("/sso/certificate", 403), ("/sso/mail", 500), ("/sso/kerberos", 401), ("/api/v1/me", 401)):
            session = sso.person()
            answer = sso.go(session, path, headers={name: value})
            assert answer.status_code == wanted and not session.cookies, (name, path)
    assert sso.person().get(sso.origin + "/echo", headers=FORGED, timeout=20).headers["Echo"] == ""


def test_where_no_module_ran_nobody_is_signed_in(sso):
    """/sso/mail wants no certificate: without one there is nobody."""
    sso.expect_log("SMV0601: SmvPortalSso mail: nobody was authenticated here; give its <Location> an AuthType")
    session = sso.person()
    assert sso.go(session, "/sso/mail").status_code == 500 and not session.cookies


@pytest.mark.parametrize("line,message", [
    ('SmvPortalSsoSubject "%{HTTP:OIDC_CLAIM_sub}"', "what a client sends could be forged"),
    ('SmvPortalSsoSubject "%{req:X-User}"', "what a client sends could be forged"),
    ('SmvPortalSsoMail "%{HTTP_X_MAIL}"', "what a client sends could be forged"),
    ('SmvPortalSsoMail "%{reqenv:HTTP_X_MAIL}"', "what a client sends could be forged"),
    ('SmvPortalSsoIssuer "%{QUERY_STRING}"', "what a client sends could be forged"),
    ('SmvPortalSsoIssuer "%{tolower:%{HTTP:X}}"', "what a client sends could be forged"),
    ("SmvPortalSso Acme \"Acme\"", "SmvPortalSso needs a name of letters a to z"),
    ("SmvPortalSso kerberos", "SmvPortalSso takes two arguments"),
    ("SmvPortalSsoDomain max@acme.example", "must be what stands behind the @"),
])
def test_a_wrong_line_is_named_by_configtest(running_portal, line, message):
    code, text = running_portal.configtest(f"<Location /portal/sso/x>\n{line}\n</Location>\n")
    assert code != 0 and message in text, text


# --- the login page ---

def test_the_login_page_leads_to_the_firm(sso):
    page = sso.go(sso.person(), "/login").text
    assert 'href="/portal/sso/certificate"' in page and 'href="/portal/sso/kerberos"' in page
    assert "Windows-Anmeldung" in page and "/sso/mail" not in page
    assert 'href="/portal/sso/kerberos?next=%2fportal%2frights"' in sso.go(sso.person(), "/login", params={"next": "/portal/rights"}).text


def test_the_firm_is_found_by_the_mail_address(sso):
    for mail, way in (("max@acme.example", "/portal/sso/certificate"), ("MAX@Mail.Example", "/portal/sso/mail")):
        answer = sso.go(sso.person(), "/login", params={"mail": mail})
        assert answer.status_code == 303 and answer.headers["Location"] == way
    for mail in ("max@evil.example", "acme.example", "@acme.example", "max@acme.example.evil", ""):
        answer = sso.go(sso.person(), "/login", params={"mail": mail})
        assert answer.status_code == 422 and "keine Anmeldung einer Firma" in answer.text


def test_a_portal_without_single_sign_on_does_not_speak_of_it(running_portal):
    page = requests.get(running_portal.url + "/login", timeout=20).text
    assert "Firma anmelden" not in page and 'name="mail"' not in page
    assert requests.get(running_portal.url + "/sso/kerberos", timeout=20).status_code == 404
