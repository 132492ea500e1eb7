# SPDX-License-Identifier: Apache-2.0
"""The access rules that are shipped as examples, in both of their forms, in a real slapd with the sample tree."""
import re
import subprocess

import ldap
import pytest

from conftest import ROOT
from private_servers import PrivateSlapd

BASE = "dc=musterfirma,dc=example"
KARLA, INES = f"uid=karla.kunde,ou=people,{BASE}", f"uid=ines.innen,ou=people,{BASE}"
PORTAL = f"cn=portal,ou=services,{BASE}"
ROLE = f"cn=Kundenzugang,ou=roles,{BASE}"
CONFIG = "\ndatabase config\nrootdn cn=admin,cn=config\nrootpw config\n"


def without_rules(text):
    include = f'include "{ROOT}/ldap-schema/acl-examples.conf"\n'
    assert include in text
    return text.replace(include, "").replace("\ndatabase mdb", CONFIG + "\ndatabase mdb")


def classic(folder):
    return PrivateSlapd(folder)


def dynamic(folder):
    slapd = PrivateSlapd(folder, without_rules, is_cn_config=True)
    try:
        slapd.prepare("ldapmodify", "-x", "-H", slapd.uri, "-D", "cn=admin,cn=config", "-w", "config", "-f",
                      ROOT / "ldap-schema" / "acl-examples.ldif")
    except subprocess.CalledProcessError:
        slapd.stop()
        raise
    return slapd


def bind(uri, name, password):
    connection = ldap.initialize(uri)
    connection.simple_bind_s(name, password)
    return connection


@pytest.fixture(name="directory", scope="module", params=[classic, dynamic])
def _directory(request, tmp_path_factory):
    slapd = request.param(tmp_path_factory.mktemp("acl"))
    yield slapd.uri
    slapd.stop()


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
    assert may_write(connection, KARLA, "userPassword", b"Ein langer Satz.")
    assert not may_write(connection, INES, "userPassword", b"Ein langer Satz.")


def test_those_who_manage_write_roles_and_locks_and_nothing_else(directory):
    connection = bind(directory, INES, "demo")  # her role may manage roles and access
    assert {KARLA, ROLE} <= visible(connection)
    assert may_write(connection, ROLE, "smvVertragsdatenAnsehen", b"TRUE")
    assert may_write(connection, KARLA, "smvGesperrt", b"FALSE")
    for attribute, value in (("smvRolleDN", ROLE.encode()), ("smvKundenNr", b"10001"), ("userPassword", b"Noch ein langer Satz.")):
        assert not may_write(connection, KARLA, attribute, value)
    assert not may_write(connection, BASE, "smvMandantNr", b"1")


def may_add(connection, name, **attributes):
    """Adds the entry and takes it away again, as the same person or, where they may not, the admin of the test."""
    try:
        connection.add_s(name, [(attribute, values) for attribute, values in attributes.items()])
    except ldap.INSUFFICIENT_ACCESS:
        return False
    with_power = bind(connection.get_option(ldap.OPT_URI), f"cn=admin,{BASE}", "demo-admin")
    with_power.delete_s(name)
    return True


def test_those_who_manage_roles_make_name_and_delete_them(directory):
    new = {"objectClass": [b"organizationalRole", b"smvRolle"], "cn": [b"Neu"], "smvRollenId": [b"4294967400"],
           "smvGeltungsbereich": [b"eigene"]}
    name = f"cn=Neu,ou=roles,{BASE}"
    assert not may_add(bind(directory, f"uid=viktor.vermittler,ou=people,{BASE}", "demo"), name, **new)
    connection = bind(directory, INES, "demo")
    connection.add_s(name, list(new.items()))
    connection.rename_s(name, "cn=Neuer")
    connection.delete_s(f"cn=Neuer,ou=roles,{BASE}")
    assert not may_add(connection, f"cn=Neu,ou=policies,{BASE}", **new), "below ou=roles alone"


@pytest.mark.parametrize("roles, is_allowed", [
    (["Kundenzugang"], True), (["Kundenzugang", "Kundenzugang lesend"], True), (["Innendienst"], False),
    (["Vermittler"], False), (["Kundenzugang", "Innendienst"], False), (["Gibt es nicht"], False)])
def test_new_accounts_get_roles_for_own_customers_alone(directory, roles, is_allowed):
    connection = bind(directory, INES, "demo")
    names = [f"cn={role},ou=roles,{BASE}".encode() for role in roles]
    assert may_add(connection, f"uid=neu,ou=people,{BASE}", objectClass=[b"inetOrgPerson", b"smvKonto"], uid=[b"neu"],
                   cn=[b"Neu"], sn=[b"Neu"], smvKundenNr=[b"10001"], smvRolleDN=names) == is_allowed


def test_nobody_who_gives_access_makes_staff_of_an_account(directory):
    connection = bind(directory, INES, "demo")
    for role in ("Innendienst", "Vermittler"):
        with pytest.raises(ldap.INSUFFICIENT_ACCESS):
            connection.modify_s(KARLA, [(ldap.MOD_ADD, "smvRolleDN", [f"cn={role},ou=roles,{BASE}".encode()])])


def test_both_forms_say_the_same():
    def rules(file, word):
        text = re.sub(r"#.*", "", (ROOT / "ldap-schema" / file).read_text(encoding="utf-8"))
        return [rule.split() for rule in text.split(word)[1:]]

    assert rules("acl-examples.conf", "access to") == rules("acl-examples.ldif", "olcAccess: to")
