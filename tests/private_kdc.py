# SPDX-License-Identifier: Apache-2.0
"""A Kerberos realm of a test's own: one MIT KDC on a port of its own."""
import subprocess

from conftest import ENVIRONMENT, free_port, launch

REALM = "ACME.EXAMPLE"
CONF = """[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
{realm} = {{
    kdc = 127.0.0.1:{port}
}}
"""
KDC_CONF = """[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
}}
"""


class PrivateKdc:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.conf, self.keytab = folder / "krb5.conf", folder / "http.keytab"
        names = {"realm": REALM, "port": self.port, "folder": folder}
        self.conf.write_text(CONF.format(**names), encoding="ascii")
        (folder / "kdc.conf").write_text(KDC_CONF.format(**names), encoding="ascii")
        self.environment = dict(ENVIRONMENT, KRB5_CONFIG=str(self.conf), KRB5_KDC_PROFILE=str(folder / "kdc.conf"))
        self.run("kdb5_util", "create", "-s", "-P", "master", "-r", REALM)
        self.process = launch(["krb5kdc", "-n"], environment=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, *command, text=None, **more):
        return subprocess.run(command, input=text, env=dict(self.environment, **more), check=True, capture_output=True, text=True,
                              timeout=30)

    def add_service(self, host):
        """Into a keytab that httpd's user can read."""
        self.run("kadmin.local", "-q", f"addprinc -randkey HTTP/{host}")
        self.run("kadmin.local", "-q", f"ktadd -k {self.keytab} HTTP/{host}")
        self.keytab.chmod(0o644)

    def add_person(self, name, password="demo"):
        self.run("kadmin.local", "-q", f"addprinc -pw {password} {name}")

    def ticket(self, name, password="demo"):
        """@return where the ticket is, for KRB5CCNAME"""
        cache = f"FILE:{self.folder}/cache-{name}"
        self.run("kinit", name, text=password + "\n", KRB5CCNAME=cache)
        return cache

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

