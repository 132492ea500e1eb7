# SPDX-License-Identifier: Apache-2.0
"""One story in a real browser, from a new role to the log that tells of it: back office, a customer, a broker. Each sees what
the others did, and only what is theirs."""
import re

import ldap
import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from private_servers import PrivateHttpd, PrivateSlapd
from test_browser import arrive, start_browser, waiting
from test_pages import enter

ROLE, LOGIN, PASSWORD = "Firmenkunde lesend", "frida.firma", "Ein Satz, den keiner kennt."


@pytest.fixture(name="own")
def _own(running_portal, tmp_path_factory):
    """A portal of its own: what is published stays."""
    slapd = PrivateSlapd(tmp_path_factory.mktemp("story"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 1\n", slapd)
    yield httpd
    assert httpd.unexpected_lines() == []
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="browser")
def _browser(tmp_path):
    browser = start_browser(tmp_path)
    yield browser
    browser.quit()


def fill(browser, **fields):
    for name, value in fields.items():
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)


def press(browser, words):
    browser.find_element(By.XPATH, f"//main//button[normalize-space()='{words}']").click()


def make_role(browser, portal):
    browser.get(portal.url + "/")
    browser.find_element(By.LINK_TEXT, "Rollen").click()
    arrive(browser, "Rollen")
    browser.find_element(By.LINK_TEXT, "Rolle anlegen").click()
    arrive(browser, "Rolle anlegen")
    fill(browser, name=ROLE, remark="Sieht, ändert nichts")
    Select(browser.find_element(By.NAME, "scope")).select_by_visible_text("eigene Kunden")
    for right in ("customer.view", "contract.view", "document.list", "document.view"):
        browser.find_element(By.NAME, right).click()
    press(browser, "Speichern")
    arrive(browser, f"Rolle bearbeiten: {ROLE}")
    assert "Die Rolle ist angelegt." in browser.page_source


def make_start_screen(browser, portal):
    browser.get(portal.url + "/")
    browser.find_element(By.LINK_TEXT, "Startbildschirm bearbeiten").click()
    arrive(browser, "Startbildschirm bearbeiten")
    fill(browser, welcome_title="Willkommen, Firmenkunden", news_1_title="Neue Bürozeiten", news_1_text="Montags bis 20 Uhr")
    Select(browser.find_element(By.NAME, "tile_contracts")).select_by_visible_text("Platz 1")
    Select(browser.find_element(By.NAME, "tile_customer")).select_by_visible_text("Platz 2")
    press(browser, "Entwurf speichern")
    waiting(browser).until(lambda each: "Der Entwurf ist gespeichert." in each.page_source)
    browser.find_element(By.LINK_TEXT, "Vorschau des Entwurfs").click()
    arrive(browser, "Willkommen, Firmenkunden")
    press(browser, "Veröffentlichen")
    arrive(browser, "Startbildschirm bearbeiten")
    assert "Der Startbildschirm ist veröffentlicht." in browser.page_source


def give_access(browser, portal):
    """@return what the letter says"""
    browser.get(portal.url + "/customers/20001/accesses/new")
    arrive(browser, "Zugang einrichten")
    fill(browser, name="Frida Firma", login=LOGIN)
    Select(browser.find_element(By.NAME, "role")).select_by_visible_text(ROLE)
    press(browser, "Zugang einrichten")
    arrive(browser, "Zugangsbrief")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    assert len(printed) > 10000, "the letter prints"
    return browser.find_element(By.TAG_NAME, "main").text


def choose_password(browser, portal, letter):
    browser.delete_all_cookies()
    browser.get(portal.url + "/access/" + re.search(r"/access/(\S+)", letter).group(1))
    arrive(browser, "Passwort wählen")
    fill(browser, password=PASSWORD, repeated=PASSWORD)
    press(browser, "Passwort speichern")
    arrive(browser, "Anmelden")
    fill(browser, username=LOGIN, password=PASSWORD)
    browser.find_element(By.CSS_SELECTOR, ".login button").click()
    arrive(browser, "Willkommen, Firmenkunden")


def read_as_customer(browser, portal):
    assert browser.find_element(By.CSS_SELECTOR, ".news h3").text == "Neue Bürozeiten"
    assert [each.text for each in browser.find_elements(By.CSS_SELECTOR, ".tiles strong")][:2] == ["Verträge", "Kundenkarte"]
    browser.find_element(By.LINK_TEXT, "Verträge").click()
    arrive(browser, "Verträge")
    assert browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    browser.get(portal.url + "/customers/20001/documents")
    arrive(browser, "Dokumente")
    assert not browser.find_elements(By.CSS_SELECTOR, "input[type=file]"), "nothing to upload with"
    browser.get(portal.url + "/customers/10001")
    arrive(browser, "Diese Seite gibt es nicht")


def look_as_broker(browser, portal, client):
    browser.get(portal.url + "/customers?q=20001")
    assert browser.find_elements(By.CSS_SELECTOR, "a[href$='/customers/20001']")
    browser.get(portal.url + "/customers/20001")
    arrive(browser, "GmbH")
    assert "Startbildschirm bearbeiten" not in browser.page_source
    assert client.get(portal.url + "/customers/10002", timeout=20).status_code == 404, "of another broker"


def entries(browser, portal, query):
    browser.get(portal.url + "/audit?" + query)
    arrive(browser, "Protokoll")
    return [re.sub(r"\s+", " ", row.text) for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr")]


def test_a_role_an_access_a_customer_a_broker_and_the_log(own, browser):
    portal = own
    portal.expect_log("SMV0107")
    enter(browser, portal, "ines.innen")
    make_role(browser, portal)
    make_start_screen(browser, portal)
    letter = give_access(browser, portal)
    choose_password(browser, portal, letter)
    read_as_customer(browser, portal)
    refused = requests.post(f"{portal.url}/api/v1/customers/20001/documents", auth=(LOGIN, PASSWORD), timeout=20,
                            files={"file": ("a.txt", b"Text")})
    assert refused.status_code == 403
    look_as_broker(browser, portal, enter(browser, portal, "viktor.vermittler"))
    enter(browser, portal, "ines.innen")
    told = entries(browser, portal, "login=ines.innen")
    assert any(f"Rolle: angelegt {ROLE}" in each for each in told), told[:10]
    assert any("Zugang: angelegt 20001" in each for each in told), told[:10]
    assert any("Startbildschirm: veröffentlicht" in each for each in told), told[:10]
    assert any("Kundenkarte: gelesen 20001" in each for each in entries(browser, portal, "login=viktor.vermittler"))
    assert any("angemeldet" in each for each in entries(browser, portal, f"login={LOGIN}"))
    undo(portal)


def undo(portal):
    """Everything that the portal wrote is seen and taken back by the tools of the directory."""
    connection = ldap.initialize(portal.ldap_uri)
    connection.simple_bind_s(*portal.admin)
    person, role = f"uid={LOGIN},ou=people,{portal.base}", f"cn={ROLE},ou=roles,{portal.base}"
    [(_, entry)] = connection.search_s(person, ldap.SCOPE_BASE)
    assert entry["smvRolleDN"] == [role.encode()] and entry["smvKundenNr"] == [b"20001"]
    connection.modify_s(role, [(ldap.MOD_REPLACE, "smvVertragsdatenAnsehen", [b"FALSE"])])
    portal.wait_for_cache()
    assert portal.api("/customers/20001/contracts", LOGIN, PASSWORD).status_code == 403
    for name in (person, role):
        connection.delete_s(name)
    connection.unbind_s()
    assert portal.sign_in(LOGIN, PASSWORD).answer.status_code == 401
