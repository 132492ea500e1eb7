# SPDX-License-Identifier: Apache-2.0
"""The contracts of a real delivery (GDV) as staff and their customer see them."""
import shlex
import subprocess

import ldap
import pytest
from selenium.webdriver.common.by import By

from conftest import ROOT
from private_servers import BASE, PrivateHttpd, PrivateSlapd
from test_browser import _browser, arrive  # noqa: F401  pylint: disable=unused-import
from test_pages import enter

SAMPLE = ROOT.parent / "shared" / "gdv" / "musterdatei_041222.txt"
KARLA = f"uid=karla.kunde,ou=people,{BASE}"


@pytest.fixture(name="office", scope="module")
def _office(running_portal, tmp_path_factory):
    if not SAMPLE.exists():
        pytest.skip("the sample files of the industry are not there")
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    subprocess.run([running_portal.ctl, "import", "gdv", "--httpd", shlex.join(["apache2", "-f", str(httpd.conf)]), "--catalogue",
                    ROOT / "conf" / "gdv-catalogue.xml", SAMPLE], check=True, timeout=120, capture_output=True)
    httpd.entries = slapd.connect()
    yield httpd
    httpd.stop()
    slapd.stop()


def test_imported_contracts_are_seen(office, browser):
    enter(browser, office, "ines.innen")
    browser.get(office.url + "/customers?q=Fresy")
    browser.find_element(By.PARTIAL_LINK_TEXT, "Fresy").click()
    arrive(browser, "Fresy")
    number = browser.current_url.rstrip("/").rsplit("/", 1)[1]
    browser.get(f"{office.url}/customers/{number}/contracts")
    arrive(browser, "Verträge")
    page = browser.find_element(By.TAG_NAME, "main").text
    for word in ("59999999995", "XXX Versicherung AG", "Haftpflichtversicherung", "04.08.2004", "112,50", "jährlich"):
        assert word in page, word
    office.entries.modify_s(KARLA, [(ldap.MOD_REPLACE, "smvKundenNr", [number.encode()])])
    try:
        browser.delete_all_cookies()
        enter(browser, office, "karla.kunde")
        browser.get(f"{office.url}/customers/{number}/contracts")
        arrive(browser, "Verträge")
        assert len(set("59999999991 59999999992 59999999993 59999999994 59999999995".split()) -
                   set(browser.find_element(By.TAG_NAME, "main").text.split())) == 0
    finally:
        office.entries.modify_s(KARLA, [(ldap.MOD_REPLACE, "smvKundenNr", [b"10001"])])
