# SPDX-License-Identifier: Apache-2.0
"""389-ds as the portal's own directory: what it wants before it lets people change their password."""
import urllib.parse

import ldap
import pytest

from private_389 import Private389
from private_servers import BASE, STATUS, PrivateHttpd, open_to_httpd

pytestmark = pytest.mark.alone

NEW = "Ein neuer Satz."
LINES = f"{STATUS}SmvPortalRefusalTime 0\n"
# As docs/directory.md has them.
RULES = (f'(targetattr="*")(version 3.0; acl "portal acts for people"; allow (proxy) userdn="ldap:///cn=portal,ou=services,{BASE}";)',
         '(targetattr="userPassword")(version 3.0; acl "own passwords"; allow (write) userdn="ldap:///self";)')


def change(httpd):
    return httpd.change_password(httpd.sign_in("karla.kunde"), "demo", NEW)


def test_it_wants_encryption_and_the_service_to_act_for_people_and_the_log_says_so(running_portal, tmp_path):
    open_to_httpd(tmp_path)
    server = Private389(tmp_path)
    local = f'SmvPortalLdapUri "ldapi://{urllib.parse.quote(str(tmp_path / "socket"), safe="")}"\n'
    plain, encrypted = PrivateHttpd(running_portal, LINES, server), PrivateHttpd(running_portal, LINES + local, server)
    try:
        plain.expect_log(r"SMV0601: setting a password: Confidentiality required \(13\): Operation requires a secure connection.*StartTls On")
        assert change(plain)[0] == 500
        assert change(encrypted) == (422, "Dieses Passwort lässt sich hier nicht ändern. Bitte wenden Sie sich an Ihren Makler.")
        assert "SMV0111: setting a password: Insufficient access (50): Insufficient access rights" in encrypted.log.read_text(encoding="utf-8")
        connection = server.connect()
        connection.modify_s(BASE, [(ldap.MOD_ADD, "aci", [rule.encode() for rule in RULES])])
        assert change(encrypted) == (303, None)
        assert encrypted.sign_in("karla.kunde", NEW).answer.status_code == 303
        for httpd in (plain, encrypted):
            assert NEW not in httpd.log.read_text(encoding="utf-8")
            assert httpd.unexpected_lines() == []
    finally:
        plain.stop()
        encrypted.stop()
        server.stop()
