# SPDX-License-Identifier: Apache-2.0
"""What people see of the directory's policy, and of its being away: the way through it in a browser, judged by axe-core."""
import os
import time

import ldap
import pytest
from selenium.webdriver.common.by import By

from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until
from test_browser import arrive, start_browser, waiting
from test_pages import FAULTS, _axe, judged, speak  # noqa: F401  pylint: disable=unused-import

POLICY = f"cn=default,ou=policies,{BASE}"
KARLA = f"uid=karla.kunde,ou=people,{BASE}"
NEW = "Ein Satz, den keiner kennt."
LINES = f"{STATUS}SmvPortalSecondFactor On\nSmvPortalRefusalTime 0\nSmvPortalCacheTime 1\nSmvPortalLdapTimeout 2\n"


@pytest.fixture(name="own")
def _own(running_portal, tmp_path):
    httpd = PrivateHttpd(running_portal, LINES, PrivateSlapd(tmp_path))
    yield httpd
    httpd.stop()
    if httpd.slapd.process.poll() is None:
        httpd.slapd.stop()


@pytest.fixture(name="browser")
def _browser(tmp_path):
    browser = start_browser(tmp_path)
    speak(browser, "de")
    yield browser
    browser.quit()


def judge(browser, axe, name):
    for width, scheme in judged(browser, axe, name):
        assert width > 360 or browser.execute_script(FAULTS) == [], name
        if folder := os.environ.get("SMV_LOOK"):
            browser.save_screenshot(f"{folder}/{name}-{width}-{scheme}.png")


def type_in(browser, **values):
    for name, value in values.items():
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()


def test_the_way_from_a_password_that_somebody_else_set(own, browser, axe):
    admin = own.slapd.connect()
    admin.modify_s(POLICY, [(ldap.MOD_REPLACE, "pwdMustChange", [b"TRUE"])])
    admin.modify_s(KARLA, [(ldap.MOD_REPLACE, "pwdReset", [b"TRUE"])])
    browser.get(own.url + "/login")
    judge(browser, axe, "login")
    type_in(browser, username="karla.kunde", password="demo")
    arrive(browser, "Neues Passwort wählen")
    assert "Bitte wählen Sie ein eigenes Passwort" in browser.find_element(By.CSS_SELECTOR, "main [role=status]").text
    judge(browser, axe, "renewal")
    type_in(browser, current="demo", password="kurz", repeated="kurz")
    waiting(browser).until(lambda each: "zu kurz" in each.find_element(By.CSS_SELECTOR, "main [role=alert]").text)
    judge(browser, axe, "renewal-refused")
    type_in(browser, current="demo", password=NEW, repeated=NEW)
    arrive(browser, "Anmelden")
    admin.modify_s(POLICY, [(ldap.MOD_REPLACE, "pwdMaxAge", [b"432000"]), (ldap.MOD_REPLACE, "pwdExpireWarning", [b"864000"])])
    type_in(browser, username="karla.kunde", password=NEW)
    arrive(browser, "Passwort ändern")
    assert "Verbleibende Tage: 5" in browser.find_element(By.CSS_SELECTOR, "main [role=status]").text
    judge(browser, axe, "expires")
    browser.find_element(By.LINK_TEXT, "Weiter ohne neues Passwort").click()
    waiting(browser).until(lambda each: each.current_url == own.url + "/")
    admin.unbind_s()
    assert own.unexpected_lines() == []


def test_a_page_says_that_nothing_can_be_changed_now(own, browser, axe):
    own.expect_log("SMV0201")
    wait_until(lambda: own.modes() == ["sync"], "the stream does not begin")
    browser.get(own.url + "/login")
    type_in(browser, username="karla.kunde", password="demo")
    waiting(browser).until(lambda each: "Abmelden" in each.page_source)
    own.slapd.stop()
    wait_until(lambda: own.modes() == ["down"], "nobody notices")
    time.sleep(1.5)
    browser.get(own.url + "/customers/10001/contracts")
    arrive(browser, "Verträge")
    assert "Sie können weiter lesen, aber zurzeit nichts ändern" in browser.find_element(By.CSS_SELECTOR, ".band").text
    judge(browser, axe, "read-only")
    browser.get(own.url + "/password")
    type_in(browser, current="demo", password=NEW, repeated=NEW)
    waiting(browser).until(lambda each: "Änderungen sind zurzeit nicht möglich" in each.page_source)
    judge(browser, axe, "refused")
    assert own.unexpected_lines() == []
