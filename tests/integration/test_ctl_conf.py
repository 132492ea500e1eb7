# SPDX-License-Identifier: Apache-2.0
"""smvportalctl works with what httpd itself understood of its configuration: whatever is included, conditional, continued over
lines, or of one of several virtual hosts."""
import subprocess

import pytest

from conftest import ENVIRONMENT, free_port
from private_servers import open_to_httpd

ANSWER = ("explain", "karla.kunde", "contract.view", "10001")


class Configuration:
    """A main file for httpd that the portal's lines of the demo are taken out of, to be put elsewhere."""

    def __init__(self, portal, folder):
        self.portal, self.folder, self.main = portal, folder, folder / "main.conf"
        text = (portal.folder / "httpd.conf").read_text(encoding="utf-8")
        lines = text.splitlines()
        self.rest = "\n".join(line for line in lines if not line.startswith(("SmvPortal", "IncludeOptional", "Listen")))
        self.rest += f"\nListen 127.0.0.1:{free_port()}\nErrorLog {folder}/error.log\n"
        self.own = "\n".join(line for line in lines if line.startswith("SmvPortal"))

    def write(self, text):
        self.main.write_text(f"{self.rest}\n{text}\n", encoding="utf-8")

    def ask(self, *options):
        return self.portal.control(*ANSWER, *options, conf=self.main)

    def dump(self, *more):
        done = subprocess.run(["apache2", "-f", self.main, "-t", "-D", "DUMP_SMVPORTAL", *more], env=ENVIRONMENT,
                              capture_output=True, text=True, timeout=60, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture(name="conf")
def _conf(running_portal, tmp_path):
    open_to_httpd(tmp_path)
    return Configuration(running_portal, tmp_path)


def test_included_conditional_and_continued_lines_are_read(conf):
    (conf.folder / "portal").mkdir()
    (conf.folder / "portal" / "one.conf").write_text(conf.own.replace("SmvPortalLdapUri ", "SmvPortalLdapUri \\\n    "),
                                                     encoding="utf-8")
    conf.write(f"Define PORTAL {conf.folder}/portal\n<IfModule smvportal_module>\nInclude ${{PORTAL}}/*.conf\n</IfModule>\n"
               "<IfDefine Other>\nSmvPortalTenant 7\n</IfDefine>")
    done = conf.ask()
    assert done.returncode == 0, done.stderr
    assert ["SmvPortalTenant", "1"] in conf.dump() and ["SmvPortalTenant", "7"] in conf.dump("-D", "Other")


def test_what_was_not_said_is_there_with_its_default_and_no_secret_is(conf):
    conf.write(conf.own)
    lines = conf.dump()
    assert lines[0] == ["Portal", "1"] and ["Directory", "own"] in lines
    for line in (["SmvPortalUndoTime", "600"], ["SmvPortalBase", "/portal"], ["SmvPortalLdapTimeout", "5"],
                 ["SmvPortalLdapAccounts", f"ou=people,{conf.portal.base}"]):
        assert line in lines, line
    password = (conf.portal.folder / "ldap-password").read_text().strip()
    assert password and not any(password in value for line in lines for value in line[1:])


def test_one_of_several_virtual_hosts_is_chosen_by_its_name(conf):
    other = conf.own + "\nSmvPortalDatabase /zwei.sqlite"
    conf.write("".join(f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}\n{text}\n</VirtualHost>\n" for port, name, text in (
        (81, "eins.example", conf.own), (82, "zwei.example", other), (83, "leer.example", ""))))
    several = conf.ask()
    assert several.returncode == 64 and several.stdout == ""
    assert "--host" in several.stderr and "eins.example:81" in several.stderr and "zwei.example:82" in several.stderr
    assert "leer.example" not in several.stderr
    assert conf.ask("--host", "EINS.example").returncode == 0
    assert "/zwei.sqlite" in conf.ask("--host", "zwei.example:82").stderr
    unknown = conf.ask("--host", "drei.example")
    assert unknown.returncode == 64 and "no portal has the --host drei.example" in unknown.stderr


def test_virtual_hosts_without_directives_of_their_own_are_one_portal(conf):
    conf.write(conf.own + "\n" + "".join(f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}\n</VirtualHost>\n"
                                         for port, name in ((81, "eins.example"), (82, "zwei.example"))))
    assert conf.ask().returncode == 0 and conf.ask("--host", "zwei.example").returncode == 0
    lines = conf.dump()
    assert [line[0] for line in lines].count("Portal") == 1
    assert {(line[1], line[2]) for line in lines if line[0] == "Host"} >= {("eins.example", "81"), ("zwei.example", "82")}


def test_tls_of_each_virtual_host_is_told(conf, tmp_path):
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", key, "-days", "2", "-subj",
                    "/CN=eins.example"], check=True, capture_output=True, timeout=60)
    certificate = f"SSLEngine On\nSSLCertificateFile {key}\n"
    conf.write("LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n" + conf.own + "\n" + "".join(
        f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}\n{text}\n</VirtualHost>\n" for port, name, text in (
            (81, "eins.example", "<IfModule ssl_module>\n" + certificate + "</IfModule>"), (82, "zwei.example", ""),
            (83, "https://drei.example", ""))))
    found = {line[1]: line[3] for line in conf.dump() if line[0] == "Host"}
    assert found == {"127.0.0.1": "plain", "eins.example": "tls", "zwei.example": "plain", "drei.example": "tls"}


@pytest.mark.parametrize("text, words", [
    ("Nonsense On", "Invalid command 'Nonsense'"), ("SmvPortal On\nSmvPortalTenant 0", "must be a number from 1"),
    ("SmvPortal On", "but SmvPortalDatabase is missing"), ("", "httpd has no portal: load mod_smvportal")])
def test_what_httpd_refuses_is_said_in_its_words(conf, text, words):
    conf.write(text)
    done = conf.ask()
    assert done.returncode == 78 and done.stdout == "" and words in done.stderr, done.stderr


def test_a_command_that_is_not_httpd_is_named(conf):
    for command, code, words in (
            ("/none/httpd", 78, "there is no program /none/httpd: name what runs httpd by --httpd"),
            ("no-such-httpd -f x", 78, "there is no program no-such-httpd"), ("", 64, "--httpd needs a command"),
            ("true", 78, "httpd has no portal"), ("false", 78, "httpd refuses its configuration")):
        done = subprocess.run([conf.portal.ctl, *ANSWER, "--httpd", command], capture_output=True, text=True, timeout=60,
                              check=False)
        assert done.returncode == code and done.stdout == "" and done.stderr.startswith("smvportalctl: " + words), done.stderr


def test_apachectl_is_what_runs_httpd_unless_told(conf):
    """As Debian has it: a program of that name in the path, which hands its arguments on."""
    conf.write(conf.own)
    tool = conf.folder / "apachectl"
    tool.write_text(f'#!/bin/sh\nexec apache2 -f {conf.main} "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    environment = dict(ENVIRONMENT, PATH=f"{conf.folder}:{ENVIRONMENT['PATH']}")
    done = subprocess.run([conf.portal.ctl, *ANSWER], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_options_stand_anywhere_and_those_of_other_commands_are_refused(conf):
    conf.write(conf.own)
    done = subprocess.run([conf.portal.ctl, "--json", "--httpd", f"apache2 -f {conf.main}", *ANSWER], capture_output=True,
                          text=True, timeout=60, check=False, env=ENVIRONMENT)
    assert done.returncode == 0 and done.stdout.startswith("{")
    for words, said in ((("version", "--json"), "version takes no --json"), (("rights", "--host", "x"), "rights takes no --host"),
                        (("rights", "--none"), "none"), (("audit",), "usage:"), (("nonsense",), "usage:"), ((), "usage:")):
        done = subprocess.run([conf.portal.ctl, *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 64 and said in done.stderr and done.stdout == "", (words, done.stderr)
    done = subprocess.run([conf.portal.ctl, "explain", "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "[--host NAME]" in done.stdout and "LOGIN WHAT [CUSTOMER]" in done.stdout
