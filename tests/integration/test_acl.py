# SPDX-License-Identifier: Apache-2.0
"""The access rules that are shipped as examples, in both of their forms, in a real slapd with the sample tree."""
import re
import subprocess
import time

import ldap
import pytest

from conftest import ROOT, free_port

BASE = "dc=musterfirma,dc=example"
KARLA, INES = f"uid=karla.kunde,ou=people,{BASE}", f"uid=ines.innen,ou=people,{BASE}"
PORTAL = f"cn=portal,ou=services,{BASE}"
ROLE = f"cn=Kundenzugang,ou=roles,{BASE}"
CONFIG = "\ndatabase config\nrootdn cn=admin,cn=config\nrootpw config\n"


def slapd_conf(folder, access_rules):
    (folder / "data").mkdir()
    text = (ROOT / "ldap-schema" / "slapd.conf.in").read_text(encoding="utf-8")
    for name, value in (("DIR", folder), ("SCHEMA", ROOT / "ldap-schema"), ("ADMIN_PASSWORD", "demo-admin")):
        text = text.replace(f"@{name}@", str(value))
    include = f'include "{ROOT}/ldap-schema/acl-examples.conf"\n'
    assert include in text
    if not access_rules:
        text = text.replace(include, "").replace("\ndatabase mdb", CONFIG + "\ndatabase mdb")
    conf = folder / "slapd.conf"
    conf.write_text(text, encoding="utf-8")
    subprocess.run(["/usr/sbin/slapadd", "-q", "-f", conf, "-l", ROOT / "ldap-schema" / "sample.ldif"], check=True,
                   capture_output=True, timeout=60)
    return conf


def classic(folder):
    return ["-f", slapd_conf(folder, True)]


def dynamic(folder):
    conf = slapd_conf(folder, False)
    (folder / "slapd.d").mkdir()
    subprocess.run(["/usr/sbin/slaptest", "-f", conf, "-F", folder / "slapd.d"], check=True, capture_output=True,
                   timeout=60)
    return ["-F", folder / "slapd.d"]


def bind(uri, name, password):
    connection = ldap.initialize(uri)
    connection.simple_bind_s(name, password)
    return connection


def wait_until_it_answers(uri):
    for _ in range(100):
        try:
            ldap.initialize(uri).simple_bind_s()
            return
        except ldap.SERVER_DOWN:
            time.sleep(0.1)
    pytest.fail(f"slapd does not answer at {uri}")


@pytest.fixture(name="directory", scope="module", params=[classic, dynamic])
def _directory(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("acl")
    arguments = request.param(folder)
    uri = f"ldap://127.0.0.1:{free_port()}"
    with subprocess.Popen(["/usr/sbin/slapd", "-d0", *arguments, "-h", uri]) as server:
        try:
            wait_until_it_answers(uri)
            if request.param is dynamic:
                subprocess.run(["ldapmodify", "-x", "-H", uri, "-D", "cn=admin,cn=config", "-w", "config", "-f",
                                ROOT / "ldap-schema" / "acl-examples.ldif"], check=True, capture_output=True, timeout=60)
            yield uri
        finally:
            server.terminate()


def may_write(connection, name, attribute, value):
    """Replaces the value by what it is, so that nothing changes for the next test."""
    try:
        connection.modify_s(name, [(ldap.MOD_REPLACE, attribute, [value])])
    except (ldap.INSUFFICIENT_ACCESS, ldap.NO_SUCH_OBJECT):
        return False
    return True


def visible(connection, scope=ldap.SCOPE_SUBTREE):
    try:
        return {name for name, _ in connection.search_s(BASE, scope, "(objectClass=*)", ["1.1"])}
    except ldap.NO_SUCH_OBJECT:
        return set()


def test_nobody_sees_anything_without_a_password(directory):
    assert visible(bind(directory, "", "")) == set()


def test_the_portal_reads_all_but_passwords_and_writes_nothing(directory):
    connection = bind(directory, PORTAL, "demo-portal")
    names = visible(connection)
    assert KARLA in names and ROLE in names and BASE in names and PORTAL not in names
    assert "userPassword" not in connection.search_s(KARLA, ldap.SCOPE_BASE)[0][1]
    assert not may_write(connection, ROLE, "smvVertragsdatenAnsehen", b"TRUE")
    assert not may_write(connection, KARLA, "smvGesperrt", b"FALSE")


def test_people_see_themselves_and_change_their_password_alone(directory):
    connection = bind(directory, KARLA, "demo")
    assert visible(connection) == set()  # the base itself is not theirs
    assert connection.search_s(KARLA, ldap.SCOPE_BASE, attrlist=["uid", "userPassword"]) == [
        (KARLA, {"uid": [b"karla.kunde"]})]
    for attribute, value in (("smvKundenNr", b"10001"), ("smvGesperrt", b"FALSE"), ("smvRolleDN", ROLE.encode())):
        assert not may_write(connection, KARLA, attribute, value)
    assert not may_write(connection, ROLE, "smvVertragsdatenAnsehen", b"TRUE")
    assert may_write(connection, KARLA, "userPassword", b"demo")
    assert not may_write(connection, INES, "userPassword", b"demo")


def test_those_who_manage_write_roles_and_locks_and_nothing_else(directory):
    connection = bind(directory, INES, "demo")  # her role may manage roles and access
    assert {KARLA, ROLE} <= visible(connection)
    assert may_write(connection, ROLE, "smvVertragsdatenAnsehen", b"TRUE")
    assert may_write(connection, KARLA, "smvGesperrt", b"FALSE")
    for attribute, value in (("smvRolleDN", ROLE.encode()), ("smvKundenNr", b"10001"), ("userPassword", b"demo")):
        assert not may_write(connection, KARLA, attribute, value)
    assert not may_write(connection, BASE, "smvMandantNr", b"1")


def test_both_forms_say_the_same():
    def rules(file, word):
        text = re.sub(r"#.*", "", (ROOT / "ldap-schema" / file).read_text(encoding="utf-8"))
        return [rule.split() for rule in text.split(word)[1:]]

    assert rules("acl-examples.conf", "access to") == rules("acl-examples.ldif", "olcAccess: to")
