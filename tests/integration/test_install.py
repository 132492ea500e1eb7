# SPDX-License-Identifier: Apache-2.0
"""make install, and what an administrator does after it, with a real httpd that finds nothing but what was installed."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import pytest
import requests

from conftest import ROOT, free_port, httpd
from private_servers import wait_for_port, wait_until

HTTPD = """
ServerRoot "{root}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{root}/httpd.pid"
ErrorLog "{root}/error.log"
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
IncludeOptional {root}/etc/apache2/mods-enabled/*.load
IncludeOptional {root}/etc/apache2/mods-enabled/*.conf
"""


def install(folder):
    build = os.environ.get("BUILD_DIR", str(ROOT / "build"))
    make = ["make", "-C", build, "install", f"prefix={folder}/usr", f"sysconfdir={folder}/etc",
            f"moduledir={folder}/usr/lib/apache2/modules", f"httpdconfdir={folder}/etc/apache2"]
    done = subprocess.run(make, capture_output=True, text=True, timeout=120, check=False, umask=0o022)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(name="root", scope="module")
def _root():
    """Everything below one folder, as below / on an administrator's machine."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-install-", dir="/tmp"))
    folder.chmod(0o755)
    install(folder)
    yield folder
    shutil.rmtree(folder)


def test_everything_is_installed_for_all_to_read_and_nobody_to_write(root):
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    data = {f"usr/share/smvportal/{path.relative_to(ROOT)}"
            for folder in ("htdocs/templates", "htdocs/assets", "htdocs/locale", "ldap-schema")
            for path in (ROOT / folder).iterdir()}
    other = {"usr/bin/smvportalctl", "usr/lib/apache2/modules/mod_smvportal.so", "etc/apache2/mods-available/smvportal.load",
             "etc/apache2/mods-available/smvportal.conf", "usr/share/man/man1/smvportalctl.1",
             "usr/share/smvportal/conf/gdv-catalogue.xml",
             "usr/share/bash-completion/completions/smvportalctl"}
    documents = {path for path in found if path.startswith("usr/share/doc/")}
    assert data | other <= found and {pathlib.Path(path).name for path in documents} >= {"README.md", "CHANGELOG.md", "LICENSE"}
    assert found - data - other - documents <= {"usr/lib/apache2/modules/mod_smvportal.la"}
    for path in root.rglob("*"):
        mode = path.stat().st_mode
        assert mode & (stat.S_IWGRP | stat.S_IWOTH) == 0 and mode & stat.S_IROTH, path


def test_an_edited_configuration_survives_the_next_installation(root):
    conf = root / "etc/apache2/mods-available/smvportal.conf"
    shipped = conf.read_text()
    assert f"#SmvPortalTemplates {root}/usr/share/smvportal/htdocs/templates" in shipped
    conf.write_text("# mine\n")
    install(root)
    assert conf.read_text() == "# mine\n"
    conf.write_text(shipped)


def test_the_man_page_names_every_command_and_option(root):
    page = (root / "usr/share/man/man1/smvportalctl.1").read_text().replace("\\-", "-")
    usage = subprocess.check_output([root / "usr/bin/smvportalctl", "help"], text=True)
    commands = re.findall(r"^  ([a-z][a-z-]*(?: [a-z-]+)?) ", usage, re.MULTILINE)
    options = re.findall(r"^  (--[a-z-]+) ", usage, re.MULTILINE)
    assert len(commands) > 20 and len(options) == usage.count("\n  --")
    for name in commands + options:
        assert re.search(rf'^\.BI? ?R? ?"?{name}\b', page, re.MULTILINE) or f', " {name} ' in page, name
    lint = subprocess.run(["groff", "-man", "-ww", "-z", root / "usr/share/man/man1/smvportalctl.1"],
                          capture_output=True, text=True, timeout=60, check=True)
    assert lint.stderr == ""


def enable(root, portal, port):
    """What README tells an administrator: a2enmod, the database, the password file, the directives."""
    etc = root / "etc/apache2"
    data = root / "var"
    data.mkdir()
    (data / "documents").mkdir()
    subprocess.run([root / "usr/bin/smvportalctl", "create-database", data / "portal.sqlite"], check=True, timeout=60)
    subprocess.run(["/usr/bin/python3", ROOT / "tests/sample/make_sample.py", data / "portal.sqlite", data / "documents"],
                   check=True, timeout=60)
    (data / "ldap-password").write_text("demo-portal\n")
    (data / "ldap-password").chmod(0o600)
    if os.geteuid() == 0:
        for path in (data, *(path for path in data.rglob("*") if path.name != "ldap-password")):
            shutil.chown(path, "www-data", "www-data")
    values = {"SmvPortal": "On", "SmvPortalDatabase": data / "portal.sqlite", "SmvPortalDocuments": data / "documents",
              "SmvPortalLdapUri": portal.ldap_uri, "SmvPortalLdapBindPasswordFile": data / "ldap-password"}
    text = (etc / "mods-available/smvportal.conf").read_text()
    for name in ("SmvPortal", "SmvPortalBase", "SmvPortalTenant", "SmvPortalDatabase", "SmvPortalDocuments",
                 "SmvPortalTemplates", "SmvPortalLocale", "SmvPortalAssets", "SmvPortalLdapUri", "SmvPortalLdapBase",
                 "SmvPortalLdapBindDN", "SmvPortalLdapBindPasswordFile"):
        text = re.sub(rf"^#({name}) (.*)$", lambda line: f"{line[1]} {values.get(line[1], line[2])}", text, count=1,
                      flags=re.MULTILINE)
    (etc / "mods-available/smvportal.conf").write_text(text)
    (etc / "mods-enabled").mkdir()
    for name in ("smvportal.load", "smvportal.conf"):
        (etc / "mods-enabled" / name).symlink_to(f"../mods-available/{name}")
    modules = subprocess.check_output(["apxs", "-q", "LIBEXECDIR"], text=True).strip()
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    (root / "httpd.conf").write_text(HTTPD.format(root=root, port=port, modules=modules, user=user))


def test_an_installed_portal_answers(root, portal):
    port = free_port()
    enable(root, portal, port)
    check = httpd("-t", "-f", root / "httpd.conf")
    assert check.returncode == 0, check.stderr
    assert httpd("-f", root / "httpd.conf", "-k", "start").returncode == 0
    try:
        wait_for_port(port)
        address = f"http://127.0.0.1:{port}/portal"
        answer = requests.get(address + "/api/v1/customers/10001/contracts", auth=("karla.kunde", "demo"), timeout=20)
        assert len(answer.json()["items"]) == 7
        assert "Anmelden" in requests.get(address + "/login", timeout=20).text
        assert requests.get(address + "/assets/portal.css", timeout=20).status_code == 200
        assert "[error]" not in (root / "error.log").read_text()
    finally:
        httpd("-f", root / "httpd.conf", "-k", "stop")
        wait_until(lambda: not (root / "httpd.pid").exists(), "httpd does not stop")
