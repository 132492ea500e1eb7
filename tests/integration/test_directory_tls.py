# SPDX-License-Identifier: Apache-2.0
"""The ways to a directory: TLS with a certificate that is checked, a local socket, and who the service is there."""
import os
import pathlib
import pwd
import re
import socket
import tempfile
import urllib.parse

import pytest

from conftest import free_port
from private_authority import Authority
from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until

SERVICE = f"cn=portal,ou=services,{BASE}"


class Ways:
    """One slapd that is reached by ldap://, ldaps:// and ldapi://; its certificate names 127.0.0.1 alone."""

    def __init__(self, folder):
        folder.chmod(0o755)
        self.authority, self.stranger = Authority(folder, "authority"), Authority(folder, "stranger")
        certificate, key = self.authority.sign("server", "IP:127.0.0.1")
        self.client = self.authority.sign("smv-portal", "DNS:smv-portal")
        self.tls_port, self.socket = free_port(), folder / "socket"
        self.ldapi = f"ldapi://{urllib.parse.quote(str(self.socket), safe='')}"
        user = pwd.getpwnam("www-data").pw_uid if os.geteuid() == 0 else os.geteuid()
        data = folder / "slapd"
        data.mkdir()

        def edit(text):
            return text.replace("\ndatabase mdb\n", f"""
TLSCACertificateFile {self.authority.certificate}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSVerifyClient try
authz-regexp "^gidNumber=[0-9]+\\\\+uidNumber={user},cn=peercred,cn=external,cn=auth$" "{SERVICE}"
authz-regexp "^cn=smv-portal$" "{SERVICE}"

database mdb
""", 1)
        self.slapd = PrivateSlapd(data, edit, also=f"ldaps://127.0.0.1:{self.tls_port} {self.ldapi}")
        self.ldaps = f"ldaps://127.0.0.1:{self.tls_port}"
        self.ldap = f"ldap://127.0.0.1:{self.slapd.port}"


@pytest.fixture(name="ways", scope="module")
def _ways(running_portal):
    """In a folder that httpd's user reaches."""
    ways = Ways(pathlib.Path(tempfile.mkdtemp(prefix="ways-", dir=running_portal.folder)))
    yield ways
    ways.slapd.stop()


def without_password(httpd):
    httpd.conf.write_text(re.sub(r"^SmvPortalLdapBind(DN|PasswordFile).*\n", "", httpd.conf.read_text(), flags=re.MULTILINE))


@pytest.fixture(name="portal_by")
def _portal_by(running_portal, ways):
    """Starts a portal with these lines."""
    started = []

    def start(lines, before_start=None):
        started.append(PrivateHttpd(running_portal, f"{STATUS}SmvPortalRefusalTime 0\nSmvPortalLdapTimeout 2\n{lines}\n",
                                    ways.slapd, before_start))
        return started[-1]

    yield start
    for httpd in started:
        httpd.stop()


def works(httpd):
    wait_until(lambda: httpd.modes()[-1] == "sync", "the stream does not begin")
    assert httpd.sign_in("karla.kunde").answer.status_code == 303
    assert httpd.sign_in("karla.kunde", "wrong").answer.status_code == 401
    assert httpd.unexpected_lines() == []


def test_by_ldaps(ways, portal_by):
    works(portal_by(f"SmvPortalLdapUri {ways.ldaps}\nSmvPortalLdapTlsCa {ways.authority.certificate}"))


def test_by_starttls_nothing_is_said_before_it(ways, portal_by):
    before = len(ways.slapd.log.read_text())
    works(portal_by(f"SmvPortalLdapUri {ways.ldap}\nSmvPortalLdapStartTls On\nSmvPortalLdapTlsCa {ways.authority.certificate}"))
    operations = re.findall(r"conn=(\d+) op=(\d+) (BIND|SRCH|STARTTLS|EXT)", ways.slapd.log.read_text()[before:])
    first = {}
    for connection, _, what in operations:
        first.setdefault(connection, what)
    assert len(first) >= 3 and set(first.values()) <= {"STARTTLS", "EXT"}, first


@pytest.mark.parametrize("way", ["ldaps", "starttls"])
@pytest.mark.parametrize("fault", ["unknown authority", "other name"])
def test_a_certificate_that_is_not_right_is_refused(ways, portal_by, way, fault):
    uri = ways.ldaps if way == "ldaps" else ways.ldap
    authority = ways.stranger if fault == "unknown authority" else ways.authority
    if fault == "other name":
        uri = uri.replace("127.0.0.1", "localhost")
    lines = f"SmvPortalLdapUri {uri}\nSmvPortalLdapStartTls {'On' if way == 'starttls' else 'Off'}\n" \
            f"SmvPortalLdapTlsCa {authority.certificate}"
    httpd = portal_by(lines)
    httpd.expect_log("SMV0201")
    binds = ways.slapd.operations()[0]
    answer = httpd.sign_in("karla.kunde").answer
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert re.search(r"SMV0201: .*see whether the server's certificate is of a CA in SmvPortalLdapTlsCa", httpd.log.read_text())
    assert ways.slapd.operations()[0] == binds, "somebody was bound"
    careless = portal_by(lines + "\nSmvPortalLdapTlsVerify Off")
    works(careless)


def test_as_the_user_of_the_process_by_a_local_socket(ways, portal_by):
    works(portal_by(f"SmvPortalLdapUri {ways.ldapi}\nSmvPortalLdapBindMethod external", without_password))


def test_by_a_certificate_of_the_service(ways, portal_by):
    certificate, key = ways.client
    works(portal_by(f"SmvPortalLdapUri {ways.ldaps}\nSmvPortalLdapBindMethod external\nSmvPortalLdapTlsCa "
                    f"{ways.authority.certificate}\nSmvPortalLdapTlsCertificate {certificate}\nSmvPortalLdapTlsKey {key}",
                    without_password))


def test_a_file_that_httpd_may_not_read_is_named(ways, portal_by, tmp_path):
    authority = tmp_path / "authority.pem"
    authority.write_bytes(ways.authority.certificate.read_bytes())
    authority.chmod(0o600)
    httpd = portal_by(f"SmvPortalLdapUri {ways.ldaps}\nSmvPortalLdapTlsCa {authority}")
    if os.geteuid() == 0:
        assert re.search("SMV0201: .*let httpd's user read the files of SmvPortalLdapTlsCa", httpd.log.read_text())
        assert httpd.sign_in("karla.kunde").answer.status_code == 503
    else:
        works(httpd)


def test_the_password_of_the_service_from_a_program(ways, portal_by, tmp_path):
    program = tmp_path / "secret"
    program.write_text('#!/bin/sh\n[ "$1 $2" = "of portal" ] && echo demo-portal\n', encoding="ascii")
    program.chmod(0o755)
    httpd = portal_by(f'SmvPortalLdapUri {ways.ldap}\nSmvPortalLdapBindPasswordFile "exec:{program} of portal"')
    works(httpd)
    assert "demo-portal" not in httpd.log.read_text()


def test_people_are_never_bound_where_the_service_searches(ways, portal_by):
    before = len(ways.slapd.log.read_text())
    httpd = portal_by(f"SmvPortalLdapUri {ways.ldap}")
    works(httpd)
    log = ways.slapd.log.read_text()[before:]
    bound = {}
    for connection, dn in re.findall(r'conn=(\d+) op=\d+ BIND dn="(.*)" method=128', log):
        bound.setdefault(connection, set()).add(dn)
    searching = set(re.findall(r'conn=(\d+) op=\d+ SRCH', log)) & set(re.findall(r'conn=(\d+) fd=\d+ ACCEPT', log))
    assert any("karla" in dn for dns in bound.values() for dn in dns)
    assert all(len(dns) == 1 for dns in bound.values())
    assert all(bound[connection] == {SERVICE} for connection in searching)


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_that_accepts_and_never_answers_holds_nobody_up(ways, portal_by, scheme):
    """It is the first in the configuration; the second one answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        hanging = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        httpd = portal_by(f'SmvPortalLdapUri "{hanging} {ways.ldap}"\nSmvPortalLdapTlsCa {ways.authority.certificate}')
        wait_until(lambda: httpd.modes() == ["away", "sync"], "nobody notices", 20)
        httpd.expect_log("SMV0201: " + hanging)
        works(httpd)
