# SPDX-License-Identifier: Apache-2.0
"""Sign-in by SAML 2.0 in a browser, with LemonLDAP::NG, by conf/sso-saml.conf as it is. The provider is of another site than
the portal, as it is for a firm."""
import base64
import json
import re
import sqlite3

import ldap
import pytest
from selenium.webdriver.common.by import By

from conftest import httpd
from private_lemonldap import ACME, ATTRIBUTES, BETA, SamlHttpd
from private_servers import BASE
from test_browser import arrive, start_browser, waiting

KARLA = f"uid=karla.kunde,ou=people,{BASE}"
CLAUDIA = f"uid=claudia.chef,ou=people,{BASE}"
RULE = f"cn=Acme AG,ou=people,{BASE}"
RESOLVED = [f"--host-resolver-rules=MAP {ACME} 127.0.0.1, MAP {BETA} 127.0.0.1"]


@pytest.fixture(name="saml", scope="module")
def _saml(running_portal, tmp_path_factory):
    made = SamlHttpd(running_portal, tmp_path_factory.mktemp("saml"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(saml):
    saml.expected = []
    saml.expect_log("AH01882|AH01906|AH01909|SMV0122")
    yield
    assert saml.unexpected_lines() == []


@pytest.fixture(name="browser")
def _browser(tmp_path):
    browser = start_browser(tmp_path, trusts_anybody=True, more=RESOLVED)
    yield browser
    browser.quit()


def go(browser, saml, person, firm="Acme AG"):
    """From the login page to the provider's, and back."""
    provider = saml.provider if firm == "Acme AG" else saml.beta
    browser.get(saml.url + "/login")
    browser.find_element(By.LINK_TEXT, "Anmelden mit " + firm).click()
    waiting(browser).until(lambda each: each.current_url.startswith(provider.url))
    waiting(browser).until(lambda each: each.find_element(By.NAME, "user")).send_keys(person)
    browser.find_element(By.NAME, "password").send_keys("demo")
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    waiting(browser).until(lambda each: each.current_url.startswith(saml.origin))


def identifier_of(browser):
    arrive(browser, "Anmeldung bei der Firma")
    return browser.find_element(By.CLASS_NAME, "identifier").text


@pytest.fixture(name="karla")
def _karla(saml):
    saml.set(KARLA, smvSsoKennung=f"{saml.provider.issuer} karla.kunde")
    yield "karla.kunde"
    saml.set(KARLA, smvSsoKennung=None)


def test_who_is_not_known_is_told_the_identifier(saml, browser):
    go(browser, saml, "karla.kunde")
    assert identifier_of(browser) == f"{saml.provider.issuer} karla.kunde"
    assert not [cookie for cookie in browser.get_cookies() if cookie["name"] == "__Host-smvportal"]


def test_signing_in_reading_contracts_and_signing_out_there_too(saml, browser, karla):
    go(browser, saml, karla)
    arrive(browser, "Willkommen")
    browser.find_element(By.LINK_TEXT, "Verträge").click()
    arrive(browser, "Verträge")
    assert "Anzahl Dokumente" in browser.page_source
    cookies = browser.get_cookies()
    assert saml.ask(cookies).json()["login"] == "karla.kunde"
    with sqlite3.connect(saml.database, timeout=10) as database:
        (detail,) = database.execute("SELECT detail FROM audit WHERE kind = 'sign_in' ORDER BY id DESC").fetchone()
    database.close()
    assert json.loads(detail) == {"sso": "saml", "by": "identifier"}
    browser.find_element(By.XPATH, "//button[contains(., 'Abmelden')]").click()
    arrive(browser, "Anmelden")
    assert browser.current_url.startswith(saml.url + "/login")
    assert saml.ask(cookies).status_code == 401
    browser.get(saml.url + "/sso/saml")
    waiting(browser).until(lambda each: each.current_url.startswith(saml.provider.url) and each.find_element(By.NAME, "user"))


def test_signing_out_at_the_provider_ends_the_session_here(saml, browser, karla):
    go(browser, saml, karla)
    arrive(browser, "Willkommen")
    cookies = browser.get_cookies()
    assert saml.ask(cookies).status_code == 200
    browser.get(saml.provider.url + "/?logout=1")
    saml.takes(lambda: saml.ask(cookies).status_code == 401)
    assert saml.ask(cookies).headers["Content-Type"].startswith("application/problem+json")
    page = saml.ask(cookies, "/")
    assert page.status_code == 303 and page.headers["Location"].startswith("/portal/login")
    with sqlite3.connect(saml.database, timeout=10) as database:
        (left,) = database.execute("SELECT count(*) FROM session WHERE dn = ? AND bound_to IS NOT NULL", (KARLA,)).fetchone()
    database.close()
    assert left == 0


def test_without_the_providers_session_the_portals_is_none(saml, browser, karla):
    go(browser, saml, karla)
    arrive(browser, "Willkommen")
    ours = [cookie for cookie in browser.get_cookies() if cookie["name"] == "__Host-smvportal"]
    assert len(ours) == 1 and saml.ask(ours).status_code == 401


def test_a_locked_account_is_out_within_a_second(saml, browser, karla):
    go(browser, saml, karla)
    arrive(browser, "Willkommen")
    saml.set(KARLA, smvGesperrt="TRUE")
    try:
        saml.takes(lambda: saml.ask(browser.get_cookies()).status_code in (401, 403))
    finally:
        saml.set(KARLA, smvGesperrt=None)


def test_a_rule_lets_in_a_whole_firm_by_a_group_of_the_provider(saml, browser):
    saml.entries.add_s(RULE, [("objectClass", [b"organizationalRole", b"smvFirmenzugang"]), ("cn", [b"Acme AG"]),
                              ("smvAussteller", [saml.provider.issuer.encode()]), ("smvGruppe", [b"Versicherungen"]),
                              ("smvKundenNr", [b"20001"]), ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])])
    try:
        go(browser, saml, "viktor.vermittler")
        arrive(browser, "Willkommen")
        me = saml.ask(browser.get_cookies()).json()
        assert (me["login"], me["name"]) == ("viktor.vermittler@musterfirma.example", "Viktor Vermittler")
        assert saml.ask(browser.get_cookies(), "/api/v1/customers/20001/contracts").status_code == 200
    finally:
        saml.entries.delete_s(RULE)
    saml.takes(lambda: saml.ask(browser.get_cookies()).status_code in (401, 403))


def test_a_second_firm_comes_in_by_its_own_provider_alone(saml, browser, karla):
    saml.set(CLAUDIA, smvSsoKennung=f"{saml.beta.issuer} claudia.chef")
    try:
        go(browser, saml, "claudia.chef", "Beta GmbH")
        arrive(browser, "Willkommen")
        cookies = browser.get_cookies()
        assert saml.ask(cookies).json()["login"] == "claudia.chef"
        page = saml.ask(cookies, "/sso/saml")
        assert page.status_code == 403 and f"{saml.beta.issuer} claudia.chef" in page.text, "who is of Beta is not of Acme"
        assert saml.ask(cookies).json()["login"] == "claudia.chef"
        browser.get(saml.beta.url + "/?logout=1")
        saml.takes(lambda: saml.ask(cookies).status_code == 401)
    finally:
        saml.set(CLAUDIA, smvSsoKennung=None)
    go(browser, saml, karla)
    arrive(browser, "Willkommen")
    assert saml.ask(browser.get_cookies()).json()["login"] == "karla.kunde"


def keep(session, answer):
    """The cookies of an answer, which Python's own jar does not take from a host without a dot."""
    for line in answer.raw.headers.getlist("Set-Cookie"):
        session.cookies.set(*line.split(";")[0].split("=", 1))
    return answer


def way_to_provider(saml, session):
    module = session.get(saml.url + "/sso/saml", timeout=20, allow_redirects=False)
    assert module.headers["Location"].startswith(saml.origin + "/sso-saml/login?")
    location = keep(session, session.get(module.headers["Location"], timeout=20, allow_redirects=False)).headers["Location"]
    assert location.startswith(saml.provider.url)
    return location


def begin(saml, person):
    """Without a browser. @return a session, and what the provider lets it post where"""
    session = saml.person()
    return session, *saml.provider.answer(way_to_provider(saml, session), person)


def test_a_provider_that_calls_itself_another_is_not_that_one(saml, karla):
    """The module has its attributes and what it knows of the provider in the same variables."""
    other = "https://login.other.example"
    saml.set(KARLA, smvSsoKennung=f"{other} karla.kunde")
    people = saml.provider.slapd.connect()
    people.modify_s(f"uid={karla},ou=people,{BASE}", [(ldap.MOD_REPLACE, "description", [other.encode()])])
    people.unbind_s()
    saml.tell(saml.provider, {"subject": "uid", "IDP": "description"})
    try:
        session, url, fields = begin(saml, karla)
        assert keep(session, session.post(url, data=fields, timeout=20, allow_redirects=False)).status_code == 303
        page = session.get(saml.url + "/sso/saml", timeout=20, allow_redirects=False)
        assert page.status_code == 403
        assert f"{other};{saml.provider.issuer} karla.kunde" in page.text
    finally:
        saml.tell(saml.provider, ATTRIBUTES)


def test_what_the_provider_did_not_sign_signs_nobody_in(saml, karla):
    saml.expect_log("auth_mellon")
    session, url, fields = begin(saml, karla)
    said = base64.b64decode(fields["SAMLResponse"])
    other = re.sub(rb">karla\.kunde<", rb">claudia.chef<", said)
    unsigned = re.sub(rb"<Signature .*?</Signature>", b"", said, flags=re.DOTALL)
    assert said not in (other, unsigned)
    for forged in (other, unsigned, b"<x/>"):
        answer = session.post(url, data={**fields, "SAMLResponse": base64.b64encode(forged)}, timeout=20, allow_redirects=False)
        assert answer.status_code >= 400
        assert way_to_provider(saml, session)
    assert keep(session, session.post(url, data=fields, timeout=20, allow_redirects=False)).status_code == 303
    assert keep(session, session.get(saml.url + "/sso/saml", timeout=20, allow_redirects=False)).headers["Location"] == "/portal/"
    assert session.get(saml.url + "/api/v1/me", timeout=20).json()["login"] == "karla.kunde"


def test_one_provider_is_named_once(saml):
    alone = saml.folder / "alone.conf"
    lines = saml.conf.read_text(encoding="utf-8").splitlines()
    alone.write_text("\n".join(line for line in lines if "SSO_SAML_IDPS" not in line), encoding="utf-8")
    done = httpd("-t", "-f", alone)
    assert done.returncode == 0, done.stderr
    alone.write_text(alone.read_text(encoding="utf-8").replace("saml-acme.xml", "saml-nobody.xml"), encoding="utf-8")
    assert "saml-nobody.xml" in httpd("-t", "-f", alone).stderr
