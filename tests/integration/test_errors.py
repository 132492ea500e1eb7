# SPDX-License-Identifier: Apache-2.0
"""What goes wrong: a clear line in the log, a clean answer for the person, and recovery by itself."""
import os
import subprocess
import time

import pytest

from private_servers import wait_until


def test_a_directory_that_is_away_answers_503_and_comes_back(portal):
    pid = int((portal.folder / "ldap" / "slapd.pid").read_text())
    os.kill(pid, 15)
    portal.expect_log("SMV0201: ldap://127.0.0.1")
    try:
        time.sleep(1.5)
        answer = portal.sign_in("karla.kunde").answer
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "10"
        assert "Anmeldung ist zurzeit nicht möglich" in answer.text
        problem = portal.api("/me")
        assert problem.status_code == 503 and problem.json()["code"] == "SMV0201"
    finally:
        subprocess.run([os.path.join(os.path.dirname(__file__), "../../demo.sh"), "start"], env=portal.environment,
                       check=True, capture_output=True)
    wait_until(lambda: portal.api("/me").status_code == 200, "the portal does not recover", 2)


def test_a_database_that_was_moved_away_answers_503_and_comes_back(portal):
    session = portal.sign_in("karla.kunde")
    away = portal.database + ".away"
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(portal.database + suffix):
            os.rename(portal.database + suffix, away + suffix)
    portal.expect_log("SMV0302: .*portal.sqlite")
    try:
        assert portal.sign_in("karla.kunde").answer.status_code == 503  # what is written must not be lost
        time.sleep(1)  # readers look once a second
        assert portal.api("/customers/10001/contracts").status_code == 503
        assert session.get(portal.url + "/customers/10001/contracts").status_code == 503
    finally:
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(away + suffix):
                os.rename(away + suffix, portal.database + suffix)
    assert portal.api("/customers/10001/contracts").status_code == 200


def test_a_document_whose_file_is_gone_is_reported(portal):
    folder = portal.folder / "documents"
    away = portal.folder / "documents.away"
    folder.rename(away)
    portal.expect_log("SMV0401: document 5001: .* is missing or unreadable")
    try:
        assert portal.api("/documents/5001/content").status_code == 500
    finally:
        away.rename(folder)


def test_a_right_configuration_passes(portal):
    assert portal.configtest()[0] == 0


@pytest.mark.parametrize("line,message", [
    ("SmvPortalCacheTime 31", "SmvPortalCacheTime must be a number from 0 to 30, not \"31\""),
    ("SmvPortalBase portal/", "SmvPortalBase must be a URL path like /portal"),
    ("SmvPortalLdapUserFilter uid", "must be an LDAP filter with %s for the login"),
    ('SmvPortalLdapUserFilter "(|(uid=%s)(cn=%d))"', "must be an LDAP filter with %s for the login"),
    ("SmvPortalDatabase /nowhere.sqlite", "SmvPortalDatabase /nowhere.sqlite: no such file; make it with: smvportalctl"),
    ("SmvPortalTemplates /nowhere", "SmvPortalTemplates /nowhere: no such folder"),
    ("<Location /x>\nRequire smv-right contract.vieww\n</Location>", 'no right is called "contract.vieww"'),
    ("<Location /x>\nRequire smv-role\n</Location>", "Require smv-role needs the name"),
    ("SmvPortalLdapUri nonsense://", "SmvPortalLdapUri must be URIs like ldap://"),
    ('SmvPortalLdapUri "ldap://a ftp://b"', "SmvPortalLdapUri must be URIs like ldap://"),
    ("SmvPortalLdapUri ldap://ldap.musterfirma.example", "in the clear: use ldaps://, or SmvPortalLdapStartTls On"),
    ('SmvPortalLdapUri "ldap://127.0.0.1 ldap://127.0.0.1.musterfirma.example"', "in the clear"),
    ("SmvPortalLdapUri ldaps://a:port", "is no URI like ldaps://"),
    ('SmvPortalLdapUri "' + "ldap://[::1] " * 9 + '"', "names 9 servers; 8 is the most"),
    ("SmvPortalLdapBindMethod external", "SmvPortalLdapBindDN and SmvPortalLdapBindMethod external exclude each other"),
    ("SmvPortalLdapBindMethod sasl", "must be simple or external"),
    ("SmvPortalLdapOrder any", "must be fixed or random"),
    ("SmvPortalLdapTlsCa /nowhere.pem", "SmvPortalLdapTlsCa /nowhere.pem: no such file"),
    ("SmvPortalLdapTlsKey /dev/null", "SmvPortalLdapTlsKey /dev/null: no such file"),
    ('SmvPortalLdapBindPasswordFile "exec:secret"', "must begin with the path of a program: \"secret\""),
    ("SmvPortalLdapBindPasswordFile exec:/bin/false", "/bin/false ended with exit code 1"),
    ("SmvPortalLdapBindPasswordFile exec:/bin/true", "exec:/bin/true is empty"),
    ("SmvPortalGraceTime 3601", "SmvPortalGraceTime must be a number from 0 to 3600"),
    ('SmvPortalLdapBase "not a dn"', 'SmvPortalLdapBase "not a dn" must be a DN'),
    ("SmvPortalSessionIdle 7000\nSmvPortalSessionAbsolute 60", "SmvPortalSessionIdle (7000) is longer than"),
    ("SmvPortalBase //x", "SmvPortalBase must be a URL path like /portal"),
])
def test_a_wrong_directive_is_named_by_configtest(portal, line, message):
    code, text = portal.configtest(line + "\n")
    assert code != 0 and message in text


def test_a_broken_template_is_named_by_configtest(portal):
    overlay = portal.folder / "overlay"
    overlay.mkdir()
    (overlay / "start.xhtml").write_text(
        '<html xmlns="http://www.w3.org/1999/xhtml">\n<p>${view/firm/nmae}</p>\n</html>\n')
    code, text = portal.configtest(f'SmvPortalTemplateOverlay "{overlay}"\n')
    assert code != 0 and "start.xhtml:2: Firm has no field: view/firm/nmae" in text


def test_a_password_file_that_everybody_may_read_is_refused(portal):
    file = portal.folder / "open-password"
    file.write_text("secret\n")
    file.chmod(0o644)
    code, text = portal.configtest(f'SmvPortalLdapBindPasswordFile "{file}"\n')
    assert code != 0 and "may be read by everybody" in text and "secret" not in text
