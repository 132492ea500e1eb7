# SPDX-License-Identifier: Apache-2.0
"""A 389 Directory Server of a test's own, with the portal's schema and the people of the sample firm."""
import io
import os
import pathlib
import re
import subprocess

import ldap
import ldif

from conftest import ENVIRONMENT, ROOT, free_port, launch
from private_servers import BASE, wait_until

ROOT_DN, ROOT_PASSWORD = "cn=Directory Manager", "demo-portal"
ROOT_HASH = "{SSHA}UNm2k4CLVEj8kmNlrJNxaYa9uM9zdmNzYWx0MQ=="
FOLDERS = ("backup_dir", "db_dir", "db_home_dir", "initconfig_dir", "inst_dir", "ldif_dir", "lock_dir", "log_dir", "run_dir",
           "tmp_dir")
READING = '(targetattr="*")(version 3.0; acl "portal"; allow (read,search,compare) ' \
          f'userdn="ldap:///cn=portal,ou=services,{BASE}";)'
LOCKS = '(targetattr="nsAccountLock || nsUniqueId")(version 3.0; acl "portal locks"; allow (read,search,compare) ' \
        f'userdn="ldap:///cn=portal,ou=services,{BASE}";)'


class Records(ldif.LDIFParser):
    """The entries of an LDIF file."""

    def __init__(self, text):
        super().__init__(io.StringIO(text))
        self.entries = []
        self.parse()

    def handle(self, dn, entry):
        self.entries.append((dn, entry))


class Private389:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.uri = f"ldap://127.0.0.1:{self.port}"
        self.instance = folder / "slapd-test"
        self.make()
        self.start()
        self.fill()

    def make(self):
        """dscreate writes the files; to start the server it would want systemd, and says that it is missing."""
        answers = self.folder / "answers.inf"
        user = "root" if os.geteuid() == 0 else os.environ["USER"]
        lines = [f"{name} = {self.folder / name}" for name in FOLDERS]
        for name in ("initconfig_dir", "tmp_dir", "run_dir"):
            (self.folder / name).mkdir()
        answers.write_text("\n".join([
            "[general]", "full_machine_name = localhost", "start = False", "strict_host_checking = False", "selinux = False",
            "systemd = False", "defaults = 999999999", "[slapd]", "instance_name = test", f"root_password = {ROOT_PASSWORD}",
            f"port = {self.port}", "self_sign_cert = False", f"user = {user}", f"group = {user}",
            f"cert_dir = {self.instance}", f"config_dir = {self.instance}", f"schema_dir = {self.instance / 'schema'}",
            f"ldapi = {self.folder / 'socket'}", *lines, ""]), encoding="ascii")
        done = subprocess.run(["dscreate", "from-file", answers], capture_output=True, text=True, timeout=120, check=False,
                              env=ENVIRONMENT)
        settings = self.instance / "dse.ldif"
        assert settings.exists(), done.stdout + done.stderr
        settings.write_text(re.sub(r"^nsslapd-rootpw: .*\n( .*\n)*", f"nsslapd-rootpw: {ROOT_HASH}\n",
                                   settings.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")

    def start(self):
        self.process = launch(["ns-slapd", "-d", "0", "-D", self.instance, "-i", self.folder / "run_dir" / "pid"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.is_up, "389-ds does not start", 60)

    def is_up(self):
        try:
            self.connect().unbind_s()
            return True
        except ldap.SERVER_DOWN:
            return False

    def connect(self):
        connection = ldap.initialize(self.uri)
        connection.set_option(ldap.OPT_TIMEOUT, 20)
        connection.simple_bind_s(ROOT_DN, ROOT_PASSWORD)
        return connection

    @staticmethod
    def add_suffix(connection, base):
        """A database of its own for what is below a name."""
        connection.add_s("cn=userroot,cn=ldbm database,cn=plugins,cn=config", [
            ("objectClass", [b"top", b"extensibleObject", b"nsBackendInstance"]), ("cn", [b"userroot"]),
            ("nsslapd-suffix", [base.encode()])])
        connection.add_s(f'cn="{base}",cn=mapping tree,cn=config', [
            ("objectClass", [b"top", b"extensibleObject", b"nsMappingTree"]), ("cn", [base.encode()]),
            ("nsslapd-state", [b"backend"]), ("nsslapd-backend", [b"userroot"])])

    def fill(self):
        connection = self.connect()
        ((_, schema),) = Records((ROOT / "ldap-schema" / "smvportal.ldif").read_text(encoding="utf-8")).entries
        connection.modify_s("cn=schema", [(ldap.MOD_ADD, "attributeTypes", schema["olcAttributeTypes"]),
                                          (ldap.MOD_ADD, "objectClasses", schema["olcObjectClasses"])])
        self.add_suffix(connection, BASE)
        for dn, entry in Records((ROOT / "ldap-schema" / "sample.ldif").read_text(encoding="utf-8")).entries:
            if "ou=policies" not in dn:  # slapd's own
                entry.pop("authzTo", None)
                connection.add_s(dn, list(entry.items()))
        connection.modify_s(BASE, [(ldap.MOD_ADD, "aci", [READING.encode(), LOCKS.encode()])])
        connection.unbind_s()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def operations(self):
        log = pathlib.Path(self.folder / "log_dir" / "access").read_text(encoding="utf-8")
        return re.findall(r'BIND dn="(.*)" method=128', log), re.findall(r'SRCH base="[^"].* filter="(.*)" attrs', log)
