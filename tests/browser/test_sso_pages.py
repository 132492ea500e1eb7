# SPDX-License-Identifier: Apache-2.0
"""What people see who come by another way than the form of the portal's own directory, judged by axe-core."""
import pytest
from selenium.webdriver.common.by import By

import private_samba
from private_samba import PrivateSamba, active_directory
from private_servers import PrivateHttpd, PrivateSlapd, wait_until
from test_browser import arrive, waiting
from test_directory_pages import _browser, judge, type_in  # noqa: F401  pylint: disable=unused-import
from test_pages import _axe  # noqa: F401  pylint: disable=unused-import

LINES = """LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
SmvPortalRefusalTime 0
SmvPortalCacheTime 1
<Location /portal/sso/acme>
    AuthType Basic
    AuthName Acme
    AuthBasicProvider file
    AuthUserFile {users}
    Require valid-user
    SmvPortalSso acme "Acme Aktiengesellschaft für Maschinenbau"
    SmvPortalSsoIssuer https://login.acme.example/realms/mitarbeiter
    SmvPortalSsoSubject "%{{REMOTE_USER}}"
    SmvPortalSsoDomain acme.example
</Location>
"""
FREMD = "0f3b1c52-9d2e-4a57-b7f3-6f0f6f1d0a11"


def firm_of(portal):
    """@return lines for the portal; the one person of the firm is FREMD, with the password demo"""
    users = portal.folder / "users"
    users.write_text(FREMD + ":{SHA}ieSV55Qc+eQOaYDRSha/AjzNTJE=\n", encoding="ascii")
    return LINES.format(users=users)


def page_of_a_stranger(portal):
    return portal.url.replace("http://", f"http://{FREMD}:demo@") + "/sso/acme"


@pytest.fixture(name="own")
def _own(running_portal, tmp_path):
    for name in ("own", "ad"):
        (tmp_path / name).mkdir()
    samba = PrivateSamba(tmp_path / "ad")
    section = active_directory(samba, running_portal.folder)
    slapd = PrivateSlapd(tmp_path / "own")
    private_samba.name_groups(slapd.connect())
    httpd = PrivateHttpd(running_portal, firm_of(running_portal) + section, slapd)
    yield httpd
    httpd.stop()
    slapd.stop()
    samba.stop()


def test_the_way_by_the_firm(own, browser, axe):
    own.expect_log("SMV0122")
    browser.get(own.url + "/login")
    judge(browser, axe, "login-firm")
    browser.find_element(By.ID, "mail").send_keys("max@anderswo.example")
    browser.find_element(By.CSS_SELECTOR, "form[method=get] button").click()
    waiting(browser).until(lambda each: "keine Anmeldung einer Firma" in each.find_element(By.CSS_SELECTOR, "main [role=alert]").text)
    judge(browser, axe, "login-firm-unknown")
    browser.get(page_of_a_stranger(own))
    arrive(browser, "Anmeldung bei der Firma")
    assert browser.find_element(By.CLASS_NAME, "identifier").text == f"https://login.acme.example/realms/mitarbeiter {FREMD}"
    judge(browser, axe, "sso-unknown")
    assert own.unexpected_lines() == []


def test_where_a_password_of_active_directory_is_changed(own, browser, axe):
    wait_until(own.is_watching, "nobody watches")
    browser.get(own.url + "/login")
    type_in(browser, username=f"karla.kunde@{private_samba.REALM}", password="demo")
    waiting(browser).until(lambda each: "Abmelden" in each.page_source)
    browser.get(own.url + "/password")
    arrive(browser, "Passwort ändern")
    assert "gehört zum Verzeichnis Ihrer Firma" in browser.find_element(By.TAG_NAME, "main").text
    assert not browser.find_elements(By.NAME, "current")
    judge(browser, axe, "password-elsewhere")
