# SPDX-License-Identifier: Apache-2.0
"""demo.sh, and the schema against the declaration in C, in both of its forms, in a real slapd."""
import hashlib
import json
import sqlite3
import subprocess

import ldap
import pytest
from ldap.schema import AttributeType, SubSchema

from conftest import ROOT, free_port
from private_servers import start_slapd


def test_a_second_start_is_harmless(portal):
    assert "runs already" in portal.run("start")
    assert portal.run("status") == "httpd runs\nslapd runs\n"


def test_a_taken_port_is_named(portal):
    environment = dict(portal.environment, DEMO_DIR=str(portal.folder / "second"))
    done = subprocess.run([ROOT / "demo.sh", "start"], env=environment, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 1 and f"port {environment['PORT']} is taken" in done.stderr


def test_the_shipped_tree_has_the_roles_of_the_source_page(portal):
    connection = ldap.initialize(portal.ldap_uri)
    connection.simple_bind_s(*portal.admin)
    found = {entry["cn"][0].decode(): int(entry["smvRollenId"][0]) for _, entry in connection.search_s(
        "ou=roles," + portal.base, ldap.SCOPE_ONELEVEL, "(objectClass=smvRolle)")}
    assert found == {"Vermittler": 4294967297, "Innendienst": 4294967298, "Kundenzugang": 4294967299,
                     "Kundenzugang lesend": 4294967300, "Kundenzugang Verwaltung": 4294967301}


def test_the_sample_firm_is_as_promised(portal):
    with sqlite3.connect(portal.database) as database:
        def count(table, where="1"):
            return database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]

        assert count("customer") >= 12 and count("contract") >= 60 and count("document") >= 25
        assert count("contract", "customer = 10001") == 7
        documents = database.execute("SELECT document_count FROM contract WHERE customer = 10001").fetchall()
        assert {number for number, in documents} == {0, 1, 2}
        assert count("family_member", "customer = 10001") >= 2 and count("bank_account", "customer = 10001") == 1
        kinds = set()
        for media_type, name, size in database.execute("SELECT media_type, content_hash, size FROM document"):
            content = (portal.folder / "documents" / name[:2] / name).read_bytes()
            assert len(content) == size and hashlib.sha256(content).hexdigest() == name
            assert content.startswith({"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n", "text/plain": b""}[media_type])
            kinds.add(media_type)
        assert len(kinds) == 3


def test_the_service_account_reads_no_passwords(portal):
    connection = ldap.initialize(portal.ldap_uri)
    connection.simple_bind_s("cn=portal,ou=services," + portal.base, "demo-portal")
    entries = connection.search_s("ou=people," + portal.base, ldap.SCOPE_ONELEVEL, "(uid=karla.kunde)")
    assert len(entries) == 1 and "userPassword" not in entries[0][1]


def test_people_read_themselves_but_not_the_hash_of_their_password(portal):
    karla = f"uid=karla.kunde,ou=people,{portal.base}"
    connection = ldap.initialize(portal.ldap_uri)
    connection.simple_bind_s(karla, "demo")
    found = connection.search_s(karla, ldap.SCOPE_BASE, attrlist=["uid", "userPassword"])
    assert found == [(karla, {"uid": [b"karla.kunde"]})]


def classic(folder):
    (folder / "slapd.conf").write_text("".join(
        f"include {name}\n" for name in ["/etc/ldap/schema/core.schema", "/etc/ldap/schema/cosine.schema",
                                         "/etc/ldap/schema/inetorgperson.schema",
                                         f'"{ROOT}/ldap-schema/smvportal.schema"']) +
        f'pidfile "{folder}/pid"\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\nsuffix dc=x\n'
        f'directory "{folder}"\n')
    return ["-f", str(folder / "slapd.conf")]


def dynamic(folder):
    config = folder / "slapd.d"
    config.mkdir()
    text = (f"dn: cn=config\nobjectClass: olcGlobal\ncn: config\nolcPidFile: {folder}/pid\n\n"
            "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n")
    for name in ("core", "cosine", "inetorgperson"):
        text += f"include: file:///etc/ldap/schema/{name}.ldif\n\n"
    text += (ROOT / "ldap-schema" / "smvportal.ldif").read_text()
    subprocess.run(["/usr/sbin/slapadd", "-n0", "-F", str(config)], input=text, text=True, check=True,
                   capture_output=True)
    return ["-F", str(config)]


@pytest.mark.parametrize("form", [classic, dynamic])
def test_schema_and_declaration_say_the_same(portal, tmp_path, form):
    arguments = form(tmp_path)
    port = free_port()
    server = start_slapd(arguments, port)
    try:
        schema = SubSchema(ldap.initialize(f"ldap://127.0.0.1:{port}").search_s(
            "cn=subschema", ldap.SCOPE_BASE, "(objectClass=*)", ["attributeTypes", "objectClasses"])[0][1])
    finally:
        server.terminate()
        server.wait()
    declared = {right["attribute"]: right["label"]
                for right in json.loads(subprocess.check_output([portal.ctl, "rights", "--json"]))}
    role = schema.get_obj(ldap.schema.ObjectClass, "smvRolle")
    found = {}
    for name in role.may:
        attribute = schema.get_obj(AttributeType, name)
        if attribute.syntax == "1.3.6.1.4.1.1466.115.121.1.7":
            assert attribute.single_value and attribute.oid.startswith("2.25.304120507619805349302420412096705610909.1.")
            found[name] = attribute.desc
    assert found == declared and len(found) == 29
