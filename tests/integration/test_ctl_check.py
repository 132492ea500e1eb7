# SPDX-License-Identifier: Apache-2.0
"""smvportalctl check: a portal that is sound, and each of its faults planted alone, with a real configuration of httpd, a real slapd
and files of its own."""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile

import ldap
import pytest

from private_authority import Authority
from private_servers import BASE, PrivateSlapd
from conftest import ENVIRONMENT, ROOT, free_port

PORTAL = f"cn=portal,ou=services,{BASE}"
ADMIN = f"cn=admin,{BASE}"
READABLE_CONFIG = f'database config\naccess to * by dn.exact="{PORTAL}" read by * none\n\ndatabase mdb\n'
ROLES, PEOPLE = f'dn.children="ou=roles,{BASE}"', f'dn.children="ou=people,{BASE}"'


def sound(text):
    """A slapd whose configuration the service account may read."""
    return text.replace("database mdb\n", READABLE_CONFIG, 1)


def with_rule(what, right):
    """Before all other access rules one of the service account's own."""
    return lambda text: sound(text).replace("add_content_acl on\n",
                                            f'add_content_acl on\naccess to {what} by dn.exact="{PORTAL}" {right} by * break\n', 1)


def without(*parts):
    def edit(text):
        for part in parts:
            assert part in text, part
            text = text.replace(part, "")
        return sound(text)
    return edit


# Names of the directory's server take longer than they should; numbers do not.
SLOW_RESOLVER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node && strcmp(node, "localhost") == 0) {
        usleep(600000);
    }
    return next(node, service, hints, found);
}
"""


class Sound:
    """Configuration, database and documents of a portal without a fault; httpd need not run."""

    environment = None  # of the command

    def __init__(self, portal, slapd):
        self.portal, self.slapd = portal, slapd
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="check-", dir=portal.folder))
        self.folder.chmod(0o755)
        self.data, self.documents, self.password = self.folder / "data", self.folder / "documents", self.folder / "password"
        self.database = self.data / "portal.sqlite"
        self.copy_data()
        text = (portal.folder / "httpd.conf").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith(("Listen", "IncludeOptional", "ServerName", "ErrorLog"))]
        self.text = "\n".join([*lines, f"Listen 127.0.0.1:{free_port()}", "ServerName https://127.0.0.1",
                               f'ErrorLog "{self.folder}/error.log"', f'SmvPortalDatabase "{self.database}"',
                               f'SmvPortalDocuments "{self.documents}"', f"SmvPortalLdapUri {slapd.uri}",
                               f'SmvPortalLdapBindPasswordFile "{self.password}"', ""])
        self.lines = ""

    def copy_data(self):
        self.data.mkdir(mode=0o700)
        with sqlite3.connect(self.portal.database) as source, sqlite3.connect(self.database) as target:
            source.backup(target)
        source.close()
        target.close()
        self.database.chmod(0o600)
        shutil.copytree(self.portal.folder / "documents", self.documents)
        self.documents.chmod(0o700)
        self.password.write_text("demo-portal\n")
        self.password.chmod(0o600)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "www-data:www-data", self.data, self.documents], check=True)

    def run(self, *options):
        conf = self.folder / "httpd.conf"
        conf.write_text(self.text + self.lines + "\n", encoding="utf-8")
        return self.portal.control("check", *options, conf=conf, environment=self.environment)

    def findings(self):
        done = self.run("--json")
        found = json.loads(done.stdout)["findings"]
        wrong = [finding for finding in found if finding["severity"] != "note"]
        assert done.stderr == "" and done.returncode == (78 if wrong else 0)
        for finding in found:
            assert finding["severity"] in ("error", "warning", "note") and len(finding["text"]) > 10 and len(finding["remedy"]) > 10
        return found

    def sql(self, statement):
        connection = sqlite3.connect(self.database)
        connection.execute(statement)
        connection.commit()
        connection.close()

    def set_firm(self, **values):
        connection = self.slapd.connect()
        connection.modify_s(BASE, [(ldap.MOD_REPLACE, name, value and [value.encode()]) for name, value in values.items()])
        connection.unbind_s()

    def bind_as(self, dn, password):
        self.lines += f"\nSmvPortalLdapBindDN {dn}\n"
        self.password.write_text(password + "\n")


@pytest.fixture(name="start")
def _start(running_portal, tmp_path):
    """Starts a sound portal, with a slapd that is edited."""
    started = []

    def start(edit=sound, **options):
        slapd = PrivateSlapd(tmp_path, edit, is_cn_config=True, **options)
        started.append(slapd)
        made = Sound(running_portal, slapd)
        started.append(made)
        return made

    yield start
    for each in started:
        if isinstance(each, PrivateSlapd):
            each.stop()
        else:
            shutil.rmtree(each.folder)


@pytest.fixture(name="firm")
def _firm(start):
    return start()


def codes(found):
    return [finding["code"] for finding in found]


def everything(slapd):
    """All entries with their operational attributes, among them when each was changed last."""
    connection = slapd.connect()
    entries = connection.search_s(BASE, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["*", "+"])
    connection.unbind_s()
    return sorted(entries, key=lambda entry: entry[0])


def test_nothing_is_found_where_nothing_is_wrong_and_nothing_is_changed(firm):
    before, files = everything(firm.slapd), {path: path.read_bytes() for path in firm.documents.rglob("*") if path.is_file()}
    assert firm.findings() == []
    done = firm.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing is wrong\n", "")
    assert everything(firm.slapd) == before
    assert {path: path.read_bytes() for path in firm.documents.rglob("*") if path.is_file()} == files
    for path in firm.data.iterdir():
        assert os.geteuid() != 0 or path.owner() == "www-data", path


def test_each_finding_is_one_line_with_its_remedy(firm):
    firm.database.chmod(0o644)
    firm.sql("UPDATE firm SET tenant = 7")
    done = firm.run()
    lines = done.stdout.splitlines()
    assert done.returncode == 78 and len(lines) == 2
    assert lines[0].startswith("warning: open: SmvPortalDatabase: ") and lines[0].endswith("; chmod it: 0700 for a folder, 0600 for a file")
    assert lines[1].startswith("error: database-tenant: ")
    assert "demo-portal" not in done.stdout


# --- the directory, by what the configuration says ---

@pytest.mark.parametrize("lines, found, words", [
    ("SmvPortalLdapUri ldap://127.0.0.1:1", ["ldap-away"], "ldap://127.0.0.1:1: "),
    ("SmvPortalLdapBase dc=andere,dc=example", ["ldap-base"], "dc=andere,dc=example is not there"),
    ("SmvPortalLdapUserFilter (&(objectClass=smvKonto)(employeeNumber=%s))", ["ldap-accounts"], "employeeNumber=*"),
    ("SmvPortalLdapTlsCa /none.pem", ["ldap-settings"], "/none.pem: no such file"),
    ("SmvPortalLdapBindPasswordFile /none", ["ldap-settings"], "/none cannot be read"),
])
def test_a_directory_that_is_not_as_the_configuration_says(firm, lines, found, words):
    firm.lines = lines
    [finding] = firm.findings()
    assert [finding["code"]] == found and words in finding["text"]


def test_a_server_whose_name_has_no_address(firm):
    firm.lines = "SmvPortalLdapUri ldaps://nirgends.invalid"
    [finding] = firm.findings()
    assert finding["code"] == "ldap-name" and "nirgends.invalid" in finding["text"] and "/etc/hosts" in finding["remedy"]


def test_a_server_whose_name_takes_long_to_find(firm):
    """The command asks the C library, as libldap does, which here takes its time."""
    source, library = firm.folder / "slow.c", firm.folder / "slow.so"
    source.write_text(SLOW_RESOLVER, encoding="ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    firm.environment = dict(ENVIRONMENT, LD_PRELOAD=str(library))
    firm.lines = f"SmvPortalLdapUri ldap://localhost:{firm.slapd.port}"
    [finding] = firm.findings()
    assert finding["code"] == "ldap-name-slow" and "localhost took" in finding["text"]


def test_each_server_is_looked_at(firm):
    firm.lines = f'SmvPortalLdapUri "{firm.slapd.uri} ldap://127.0.0.1:1"'
    [finding] = firm.findings()
    assert finding["code"] == "ldap-away" and "127.0.0.1:1:" in finding["text"]


def test_a_wrong_password_of_the_service(firm):
    firm.password.write_text("wrong\n")
    [finding] = firm.findings()
    assert finding["code"] == "ldap-bind" and "Invalid credentials" in finding["text"] and "wrong" not in finding["text"]


def test_a_password_file_that_everybody_reads(firm):
    firm.password.chmod(0o644)
    [finding] = firm.findings()
    assert finding["code"] == "ldap-settings" and "chmod 600" in finding["text"] and str(firm.password) in finding["text"]


def test_passwords_in_the_clear_over_a_network(firm):
    firm.lines = f"SmvPortalLdapUri ldap://0.0.0.0:{firm.slapd.port}\nSmvPortalLdapPlain On"
    [finding] = firm.findings()
    assert finding["code"] == "ldap-plain" and finding["severity"] == "warning" and "0.0.0.0" in finding["text"]


@pytest.mark.parametrize("ca, more, found", [
    ("authority", "", []), ("stranger", "", ["ldap-tls"]), ("authority", "SmvPortalLdapTlsVerify Off", ["ldap-unverified"])])
def test_the_certificate_of_the_directory(start, tmp_path, ca, more, found):
    authority, stranger = Authority(tmp_path, "authority"), Authority(tmp_path, "stranger")
    certificate, key = authority.sign("server", "IP:127.0.0.1")
    firm = start(lambda text: sound(text.replace("\ndatabase mdb\n", f"\nTLSCertificateFile {certificate}\nTLSCertificateKeyFile {key}\n"
                                                 "\ndatabase mdb\n", 1)))
    file = {"authority": authority, "stranger": stranger}[ca].certificate
    firm.lines = f"SmvPortalLdapStartTls On\nSmvPortalLdapTlsCa {file}\n{more}"
    assert codes(firm.findings()) == found


# --- the directory, by what it is ---

@pytest.mark.parametrize("edit, found, words", [
    (with_rule(PEOPLE, "none"), ["ldap-accounts"], "finds nobody"),
    (with_rule(PEOPLE + " attrs=uid", "search"), ["ldap-accounts"], "may not read uid"),
    (with_rule(ROLES, "none"), ["ldap-roles"], "finds no role"),
    (with_rule(ROLES + " attrs=smvRollenId", "none"), ["ldap-roles"], "may not read its smvRollenId"),
    (with_rule(f'dn.base="{BASE}" attrs=smvMandantNr', "none"), ["ldap-firm"], "may not read its smvMandantNr"),
    (with_rule(PEOPLE + " attrs=smvRolleDN", "write"), ["ldap-writes"], "write smvRolleDN of accounts"),
    (with_rule(ROLES + " attrs=description", "write"), ["ldap-writes"], "write description of roles"),
    (with_rule(f'dn.base="{BASE}" attrs=description', "write"), ["ldap-writes"], "write description of the firm"),
    (without("authz-policy to\n"), ["ldap-proxy"], "act for uid="),
    (with_rule("attrs=userPassword", "read"), ["ldap-passwords"], "read userPassword"),
    (without("smvRolleDN,member,", "entryCSN,"), ["ldap-index"], "has no index for smvRolleDN member entryCSN"),
    (without("overlay syncprov\nsyncprov-checkpoint 100 10\nsyncprov-sessionlog 10000\n"), ["ldap-sync"], "does not tell of changes"),
    (lambda text: text, ["ldap-index-untold"], "may not read cn=config"),
])
def test_a_directory_that_is_not_as_the_portal_needs_it(start, edit, found, words):
    firm = start(edit)
    before = everything(firm.slapd)
    [finding] = firm.findings()
    assert [finding["code"]] == found and words in finding["text"], finding
    assert everything(firm.slapd) == before, "what is tried changes nothing"


def test_a_service_account_that_may_do_everything(firm):
    firm.bind_as(ADMIN, "demo-admin")
    before = everything(firm.slapd)
    assert set(codes(firm.findings())) == {"ldap-writes", "ldap-passwords", "ldap-index-untold"}
    assert everything(firm.slapd) == before


def test_a_directory_without_the_projects_schema(start, tmp_path):
    ldif = tmp_path / "plain.ldif"
    ldif.write_text(f"dn: {BASE}\nobjectClass: organization\nobjectClass: dcObject\no: Musterfirma\ndc: musterfirma\n", encoding="utf-8")
    schema = ROOT / "ldap-schema"
    firm = start(lambda text: text.replace(f'include "{schema}/smvportal.schema"\n', "").replace(
        f'include "{schema}/acl-examples.conf"\n', "").replace("smvKundenNr,smvVermittlerNr,smvRolleDN,", "").replace(
            "refint_attributes smvRolleDN ", "refint_attributes "), ldif=ldif)
    firm.bind_as(ADMIN, "demo-admin")
    found = firm.findings()
    [schema] = [finding for finding in found if finding["code"] == "ldap-schema"]
    for name in ("smvMandant", "smvRolle", "smvKonto", "smvFirmenzugang", "smvVertragsdatenAnsehen"):
        assert f" {name}" in schema["text"]
    assert {"ldap-firm", "ldap-accounts", "ldap-roles"} <= set(codes(found))


@pytest.mark.parametrize("values, code, words", [
    ({"smvModul": None}, "ldap-module", "has no smvModul: Kundenportal"), ({"smvModul": "Maklerportal"}, "ldap-module", "has no smvModul"),
    ({"smvModulGueltigBis": "20200101000000Z"}, "ldap-module", "has passed"),
    ({"smvMandantNr": "2"}, "ldap-tenant", "smvMandantNr 2, SmvPortalTenant is 1")])
def test_a_firm_that_is_not_as_it_should_be(firm, values, code, words):
    firm.set_firm(**values)
    [finding] = firm.findings()
    assert finding["code"] == code and words in finding["text"]


def test_a_firm_that_is_none(firm):
    connection = firm.slapd.connect()
    connection.modify_s(BASE, [(ldap.MOD_DELETE, "smvMandantNr", None), (ldap.MOD_DELETE, "smvModul", None),
                               (ldap.MOD_DELETE, "smvModulGueltigBis", None), (ldap.MOD_DELETE, "objectClass", [b"smvMandant"])])
    connection.unbind_s()
    assert codes(firm.findings()) == ["ldap-firm"]


def test_a_second_directory_is_looked_at_too(firm):
    firm.lines = f"""<SmvPortalDirectory other>
SmvPortalLdapUri ldap://127.0.0.1:1
SmvPortalLdapBase ou=people,{BASE}
SmvPortalLdapSchema inetorgperson
</SmvPortalDirectory>"""
    [finding] = firm.findings()
    assert finding["code"] == "ldap-away"


# --- database and documents ---

def test_a_database_that_is_missing(firm):
    firm.database.unlink()
    [finding] = firm.findings()
    assert finding["code"] == "database-missing" and str(firm.database) in finding["text"] and "create-database" in finding["remedy"]


@pytest.mark.parametrize("deed, words", [
    (lambda firm: firm.sql("PRAGMA user_version = 1"), "has schema version 1, this program needs version"),
    (lambda firm: firm.database.write_text("no database at all " * 100), "file is not a database"),
    (lambda firm: firm.sql("DROP TABLE financial_item"), "no such table: financial_item")])
def test_a_database_that_is_not_ours(firm, deed, words):
    deed(firm)
    [finding] = firm.findings()
    assert finding["code"] == "database-unfit" and words in finding["text"]


def test_a_database_of_another_firm(firm):
    firm.sql("UPDATE firm SET tenant = 7")
    assert codes(firm.findings()) == ["database-tenant"]


@pytest.mark.parametrize("place, mode, code", [
    ("database", 0o644, "open"), ("database", 0o400, "owner"), ("data", 0o755, "open"), ("data", 0o500, "owner"),
    ("documents", 0o755, "open"), ("documents", 0o500, "owner")])
def test_modes_that_let_others_in_or_httpd_out(firm, place, mode, code):
    path = getattr(firm, place)
    path.chmod(mode)
    found = firm.findings()
    path.chmod(0o700)
    if os.geteuid() == 0 or code == "open":
        [finding] = found
        assert finding["code"] == code and f"{path} is" in finding["text"] and f"{mode:04o}" in finding["text"]
    else:
        assert code in codes(found), "who is not root cannot open it either"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("place", ["database", "data", "documents"])
def test_files_of_another_user(firm, place):
    os.chown(getattr(firm, place), 0, 0)
    [finding] = firm.findings()
    assert finding["code"] == "owner" and "is of uid 0" in finding["text"]


def test_a_documents_folder_that_is_missing(firm):
    shutil.rmtree(firm.documents)
    [finding] = firm.findings()
    assert finding["code"] == "documents-missing" and str(firm.documents) in finding["text"]


def test_contents_that_the_database_names_and_the_disk_has_not(firm):
    connection = sqlite3.connect(firm.database)
    hashes = sorted(row[0] for row in connection.execute("SELECT DISTINCT content_hash FROM document"))
    connection.close()
    for content in hashes[:2]:
        (firm.documents / content[:2] / content).unlink()
    [finding] = firm.findings()
    assert finding["code"] == "contents-missing" and " 2 are not in" in finding["text"] and hashes[0] in finding["text"]


# --- httpd ---

def test_a_portal_without_tls(firm):
    firm.text = firm.text.replace("ServerName https://", "ServerName ")
    [finding] = firm.findings()
    assert finding["code"] == "no-tls" and finding["severity"] == "warning" and "127.0.0.1:" in finding["text"]


def test_the_main_server_beside_virtual_hosts_with_tls_is_but_a_note(firm):
    firm.text = firm.text.replace("ServerName https://", "ServerName ")
    firm.lines = "<VirtualHost 127.0.0.1:81>\nServerName https://portal.example\n</VirtualHost>\n"
    [finding] = firm.findings()
    assert finding["code"] == "no-tls-main" and finding["severity"] == "note"
    firm.lines += "<VirtualHost 127.0.0.1:82>\nServerName plain.example\n</VirtualHost>\n"
    assert sorted(codes(firm.findings())) == ["no-tls", "no-tls-main"]


@pytest.mark.parametrize("line, words", [
    ("SmvPortalAssets /none", "SmvPortalAssets /none: no such folder"), ("SmvPortalLdapStandIn cn=x", "belong into a section"),
    ("SmvPortalSendmail /none\nSmvPortalMailFrom a@b.example", "SmvPortalSendmail must begin with the path of a program")])
def test_what_keeps_httpd_from_starting_beside_all_that(firm, line, words):
    firm.lines = line
    [finding] = firm.findings()
    assert finding["code"] == "configtest" and words in finding["text"]


def test_what_httpd_refuses_ends_it(firm):
    firm.lines = "SmvPortalTenant none"
    done = firm.run()
    assert done.returncode == 78 and done.stdout == "" and "SmvPortalTenant must be a number" in done.stderr


def test_the_man_page_names_every_finding():
    declared = re.findall(r'^    X\(\w+, "([a-z-]+)", (ERROR|WARNING|NOTE),', (ROOT / "mod_smvportal/core/smv_finding.h").read_text(),
                          re.MULTILINE)
    page = (ROOT / "docs/man/smvportalctl.1").read_text().replace("\\-", "-")
    assert len(declared) > 25
    for code, severity in declared:
        assert re.search(rf"^\.BR? {code}\b.*\n({severity.lower()})\b", page, re.MULTILINE), code
