# SPDX-License-Identifier: Apache-2.0
"""Sign-in by OpenID Connect in a browser, with a real provider, by conf/sso-oidc.conf as it is."""
import json
import sqlite3

import ldap
import pytest
import requests
from selenium.webdriver.common.by import By

from private_provider import OidcHttpd
from private_servers import BASE
from test_browser import arrive, start_browser, waiting

KARLA = f"uid=karla.kunde,ou=people,{BASE}"
CLAUDIA = f"uid=claudia.chef,ou=people,{BASE}"
NOISE = "AH01882|AH01906|AH01909|SMV0122|oidc_check_config_oauth: .* deprecated"
RULE = f"cn=Acme AG,ou=people,{BASE}"


@pytest.fixture(name="oidc", scope="module")
def _oidc(running_portal, tmp_path_factory):
    made = OidcHttpd(running_portal, tmp_path_factory.mktemp("oidc"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(oidc):
    oidc.expected = []
    oidc.expect_log(NOISE)
    yield
    assert oidc.unexpected_lines() == []


@pytest.fixture(name="browser")
def _browser(tmp_path):
    browser = start_browser(tmp_path, trusts_anybody=True)
    yield browser
    browser.quit()


@pytest.fixture(name="karla")
def _karla(oidc):
    oidc.set(KARLA, smvSsoKennung=f"{oidc.provider} karla")
    yield "karla"
    oidc.set(KARLA, smvSsoKennung=None)


def at_provider(browser, oidc, provider=None):
    waiting(browser).until(lambda each: each.current_url.startswith(provider or oidc.provider))


def go(browser, oidc, person, firm="Acme AG", provider=None):
    """From the login page to the provider's, and back."""
    browser.get(oidc.url + "/login")
    browser.find_element(By.LINK_TEXT, "Anmelden mit " + firm).click()
    at_provider(browser, oidc, provider)
    waiting(browser).until(lambda each: each.find_element(By.NAME, "login")).send_keys(person)
    browser.find_element(By.NAME, "password").send_keys("egal")
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    waiting(browser).until(lambda each: "Authorize" in each.page_source or "Continue" in each.page_source)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    waiting(browser).until(lambda each: each.current_url.startswith(oidc.origin))


def status(browser, oidc, path="/api/v1/me"):
    return oidc.ask(browser.get_cookies(), path)


def test_who_is_not_known_is_told_the_identifier(oidc, browser):
    go(browser, oidc, "fremd")
    arrive(browser, "Anmeldung bei der Firma")
    assert browser.find_element(By.CLASS_NAME, "identifier").text == f"{oidc.provider} fremd"
    assert not [cookie for cookie in browser.get_cookies() if "smvportal" in cookie["name"]]


def test_signing_in_reading_contracts_and_signing_out_there_too(oidc, browser, karla):
    oidc.expect_log("oidc_cleanup_by_sid: could not")  # the provider tells of what is over here by then
    go(browser, oidc, karla)
    arrive(browser, "Willkommen")
    browser.find_element(By.LINK_TEXT, "Verträge").click()
    arrive(browser, "Verträge")
    assert "Anzahl Dokumente" in browser.page_source
    assert status(browser, oidc).json()["login"] == "karla.kunde"
    with sqlite3.connect(oidc.database, timeout=10) as database:
        (detail,) = database.execute("SELECT detail FROM audit WHERE kind = 'sign_in' ORDER BY id DESC").fetchone()
    database.close()
    assert json.loads(detail) == {"sso": "oidc", "by": "identifier"}
    browser.find_element(By.XPATH, "//button[contains(., 'Abmelden')]").click()
    at_provider(browser, oidc)  # which asks whether that is meant
    waiting(browser).until(lambda each: each.find_element(By.NAME, "logout")).click()
    arrive(browser, "Anmelden")
    assert browser.current_url.startswith(oidc.url + "/login")
    assert status(browser, oidc).status_code == 401
    browser.get(oidc.url + "/sso/oidc")
    at_provider(browser, oidc)
    waiting(browser).until(lambda each: each.find_element(By.NAME, "login"))  # it asks anew


def test_signing_out_at_the_provider_ends_the_session_here(oidc, browser, karla):
    """By back-channel logout: the provider itself tells the portal's httpd."""
    go(browser, oidc, karla)
    arrive(browser, "Willkommen")
    cookies = {cookie["name"]: cookie["value"] for cookie in browser.get_cookies()}

    def answer():
        return requests.get(oidc.url + "/api/v1/me", cookies=cookies, verify=str(oidc.ca.certificate), timeout=20, allow_redirects=False)

    assert answer().status_code == 200
    only_ours = {name: value for name, value in cookies.items() if "smvportal" in name}
    browser.get(oidc.provider + "/session/end")
    waiting(browser).until(lambda each: each.find_element(By.NAME, "logout")).click()
    oidc.takes(lambda: answer().status_code == 401)
    assert answer().headers["Content-Type"].startswith("application/problem+json")
    assert requests.get(oidc.url + "/api/v1/me", cookies=only_ours, verify=str(oidc.ca.certificate), timeout=20).status_code == 401


def test_without_the_providers_session_the_portals_is_none(oidc, browser, karla):
    go(browser, oidc, karla)
    arrive(browser, "Willkommen")
    ours = {cookie["name"]: cookie["value"] for cookie in browser.get_cookies() if "smvportal" in cookie["name"]}
    assert len(ours) == 1
    assert requests.get(oidc.url + "/api/v1/me", cookies=ours, verify=str(oidc.ca.certificate), timeout=20).status_code == 401


def test_a_locked_account_is_out_within_a_second(oidc, browser, karla):
    go(browser, oidc, karla)
    arrive(browser, "Willkommen")
    oidc.set(KARLA, smvGesperrt="TRUE")
    try:
        oidc.takes(lambda: status(browser, oidc).status_code in (401, 403))
    finally:
        oidc.set(KARLA, smvGesperrt=None)


def test_a_rule_lets_in_a_whole_firm_by_a_group_of_the_provider(oidc, browser):
    oidc.entries.add_s(RULE, [("objectClass", [b"organizationalRole", b"smvFirmenzugang"]), ("cn", [b"Acme AG"]),
                              ("smvAussteller", [oidc.provider.encode()]), ("smvGruppe", [b"Versicherungen"]), ("smvKundenNr", [b"20001"]),
                              ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])])
    try:
        go(browser, oidc, "max")
        arrive(browser, "Willkommen")
        me = status(browser, oidc).json()
        assert (me["login"], me["name"]) == ("max@acme.example", "Person max")
        assert status(browser, oidc, "/api/v1/customers/20001/contracts").status_code == 200
        oidc.set(RULE, smvGruppe="Vorstand")  # looked at when somebody signs in
        oidc.entries.delete_s(RULE)
        oidc.takes(lambda: status(browser, oidc).status_code in (401, 403))
    finally:
        if oidc.entries.search_s(BASE, ldap.SCOPE_SUBTREE, "(objectClass=smvFirmenzugang)", ["1.1"]):
            oidc.entries.delete_s(RULE)


def test_people_with_a_password_sign_in_as_ever_beside_it(oidc):
    session = requests.Session()
    session.trust_env = False  # or REQUESTS_CA_BUNDLE would go before this certificate
    session.verify = str(oidc.ca.certificate)
    answer = session.post(oidc.url + "/login", data={"username": "karla.kunde", "password": "demo"},
                          headers={"Origin": oidc.origin}, timeout=20, allow_redirects=False)
    assert answer.status_code == 303
    assert session.get(oidc.url + "/api/v1/me", timeout=20).json()["login"] == "karla.kunde"
    basic = requests.get(oidc.url + "/api/v1/me", auth=("karla.kunde", "demo"), verify=session.verify, timeout=20)
    assert basic.json()["login"] == "karla.kunde"
    nobody = requests.get(oidc.url + "/api/v1/me", verify=session.verify, timeout=20, allow_redirects=False)
    assert nobody.status_code == 401 and nobody.headers["Content-Type"].startswith("application/problem+json")


def test_an_app_calls_the_api_with_a_token_of_the_provider(oidc):
    oidc.expect_log("auth_openidc|AH01631")
    ca = str(oidc.ca.certificate)

    def token_for(resource):
        return requests.post(oidc.provider + "/token", auth=("app", "another-secret-of-thirty-two-letters"), verify=ca, timeout=20,
                             data={"grant_type": "client_credentials", "resource": resource}).json()["access_token"]

    token = token_for(oidc.url + "/api")

    def ask(value):
        return requests.get(oidc.url + "/api/v1/me", headers={"Authorization": f"Bearer {value}"}, verify=ca, timeout=20,
                            allow_redirects=False)

    unknown = ask(token)
    assert unknown.status_code == 403 and unknown.json()["code"] == "SMV0122"
    oidc.set(KARLA, smvSsoKennung=f"{oidc.provider} app")
    try:
        assert ask(token).json()["login"] == "karla.kunde"
        assert ask(token_for("https://another.example/app")).status_code in (401, 403)  # it is for somebody else
        header, payload, signature = token.split(".")
        for forged in (f"{header}.{payload}.{signature[:-4]}AAAA", f"{header}.{payload}.", "x"):
            assert ask(forged).status_code == 401
    finally:
        oidc.set(KARLA, smvSsoKennung=None)


def test_two_firms_come_in_by_their_own_providers(running_portal, tmp_path_factory, tmp_path):
    oidc = OidcHttpd(running_portal, tmp_path_factory.mktemp("two"), has_two=True)
    acme, beta = (each.issuer for each in oidc.providers)
    browsers = []
    try:
        oidc.expect_log(NOISE)
        oidc.set(KARLA, smvSsoKennung=f"{acme} karla")
        oidc.set(CLAUDIA, smvSsoKennung=f"{beta} karla")
        for name in ("acme", "beta"):
            browsers.append(start_browser(tmp_path / name, trusts_anybody=True))
        go(browsers[0], oidc, "karla", provider=acme)
        go(browsers[1], oidc, "karla", "Beta GmbH", beta)
        for browser, login in zip(browsers, ("karla.kunde", "claudia.chef")):
            arrive(browser, "Willkommen")
            assert status(browser, oidc).json()["login"] == login
        page = oidc.ask(browsers[1].get_cookies(), "/sso/oidc")
        assert page.status_code == 403 and f"{beta} karla" in page.text, "who is of Beta is not of Acme"
        browsers[1].get(beta + "/session/end")
        waiting(browsers[1]).until(lambda each: each.find_element(By.NAME, "logout")).click()
        oidc.takes(lambda: status(browsers[1], oidc).status_code == 401)
        assert status(browsers[0], oidc).json()["login"] == "karla.kunde"
        assert oidc.unexpected_lines() == []
    finally:
        for browser in browsers:
            browser.quit()
        oidc.stop()
