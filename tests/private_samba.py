# SPDX-License-Identifier: Apache-2.0
"""An Active Directory domain of a test's own: one Samba domain controller with the people of the sample firm.

Samba serves on ports 389, 636, 3268 and 3269 and on no others: so each one has a loopback address of its own, and only root can
start it.
"""
import errno
import os
import random
import shutil
import signal
import socket
import subprocess
import time

import ldap
from ldap.dn import str2dn
from ldap.filter import filter_format

from conftest import ENVIRONMENT, ROOT, launch
from private_389 import Records
from private_servers import BASE as OWN_BASE, wait_until

REALM = "ad.musterfirma.example"
BASE = "DC=ad,DC=musterfirma,DC=example"
STAFF, GROUPS, SERVICES = (f"OU={name},{BASE}" for name in ("Staff", "Groups", "Services"))
PORTS = (389, 636, 3268, 3269)
ADMINISTRATOR, ADMINISTRATOR_PASSWORD = f"CN=Administrator,CN=Users,{BASE}", "Demo-admin-1"
SERVICE, SERVICE_PASSWORD = f"CN=portal,{SERVICES}", "demo-portal"
PASSWORD = "demo"
NORMAL_ACCOUNT, ACCOUNT_DISABLE = 0x200, 0x2

# The group of each role of the sample, and the way of some to theirs: by groups in groups.
GROUP_OF_ROLE = {"Innendienst": "SMV-Innendienst", "Vermittler": "SMV-Vermittler", "Kundenzugang": "SMV-Kundenzugang",
                 "Kundenzugang lesend": "SMV-NurLesen", "Kundenzugang Verwaltung": "SMV-Verwaltung"}
GROUP_OF_PERSON = {"ines.innen": "Abteilung-Nord"}
GROUP_OF_GROUP = {"Abteilung-Nord": "Standort", "Standort": "SMV-Innendienst"}
ATTRIBUTES = {"displayName": "cn", "sn": "sn", "mail": "mail", "departmentNumber": "smvKundenNr",
              "employeeNumber": "smvVermittlerNr"}

CONF = """[global]
workgroup = AD
realm = {realm}
netbios name = DC
server role = active directory domain controller
server services = ldap
interfaces = {address}/8
bind interfaces only = yes
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
binddns dir = {folder}/dns
log file = {folder}/samba.log
tls cafile = {folder}/ca.pem
tls certfile = {folder}/certificate.pem
tls keyfile = {folder}/key.pem
ldb:nosync = yes
[sysvol]
path = {folder}/sysvol
[netlogon]
path = {folder}/netlogon
"""

# As `samba-tool domain provision`, but without the access control lists of shares that nobody serves: they would need more
# packages, and a file system that has them. By Debian's Python, whichever runs the tests. Whoever is signed in may see what was
# deleted, which at first administrators alone do.
PROVISION = """import logging, sys
from ldb import Message, MessageElement, FLAG_MOD_REPLACE, Dn, SCOPE_BASE
from samba.auth import system_session
from samba.dcerpc import security
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB
conf, realm, password, base = sys.argv[1:]
made = provision(logging.getLogger(), system_session(), smbconf=conf, lp=LoadParm(), hostname="dc", realm=realm, domain="AD",
                 serverrole="dc", dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, adminpass=password, dns_backend="NONE",
                 plaintext_secrets=True, batch_mode=True)
samdb = SamDB(url=made.paths.samdb, session_info=system_session(), lp=made.lp)
deleted = Dn(samdb, "CN=Deleted Objects," + base)
(entry,) = samdb.search(deleted, SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=["show_deleted:1"])
rules = ndr_unpack(security.descriptor, entry["nTSecurityDescriptor"][0])
rules.dacl_add(security.descriptor.from_sddl("D:(A;CI;RPLC;;;AU)", security.dom_sid(samdb.get_domain_sid())).dacl.aces[0])
change = Message(deleted)
change["nTSecurityDescriptor"] = MessageElement(ndr_pack(rules), FLAG_MOD_REPLACE, "nTSecurityDescriptor")
samdb.modify(change, controls=["show_deleted:1"])
"""


# No tool sets it back but on the files themselves, past what judges passwords (DSDB_CONTROL_BYPASS_PASSWORD_HASH).
AGE_PASSWORD = """import sys
from ldb import Message, MessageElement, FLAG_MOD_REPLACE, Dn
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
conf, folder, dn, last_set = sys.argv[1:]
parameters = LoadParm()
parameters.load(conf)
samdb = SamDB(url=folder + "/private/sam.ldb", session_info=system_session(), lp=parameters)
change = Message(Dn(samdb, dn))
change["pwdLastSet"] = MessageElement(last_set, FLAG_MOD_REPLACE, "pwdLastSet")
samdb.modify(change, controls=["local_oid:1.3.6.1.4.1.7165.4.3.12:0"])
"""


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stdout + done.stderr


def is_free(address):
    for port in PORTS:
        with socket.socket() as listener:
            try:
                listener.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise
    return True


def free_address():
    while True:
        address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        if is_free(address):
            return address


def encoded(value):
    """@return an attribute's values as python-ldap wants them"""
    if value is None:
        return None
    values = value if isinstance(value, (list, tuple, set)) else [value]
    return [each if isinstance(each, bytes) else str(each).encode() for each in values]


def unicode_password(password):
    """As unicodePwd has it."""
    return f'"{password}"'.encode("utf-16-le")


class PrivateSamba:
    base, realm = BASE, REALM

    def __init__(self, folder):
        self.folder, self.address = folder, free_address()
        self.uri, self.ca = f"ldaps://{self.address}:636", folder / "ca.pem"
        self.make()
        self.start()
        try:
            self.fill()
        except BaseException:
            self.kill()
            raise

    def make(self):
        conf = self.folder / "smb.conf"
        conf.write_text(CONF.format(folder=self.folder, address=self.address, realm=REALM.upper()), encoding="ascii")
        self.make_certificate()
        run("/usr/bin/python3", "-c", PROVISION, conf, REALM, ADMINISTRATOR_PASSWORD, BASE)

    def make_certificate(self):
        """Of a CA of its own, for the address alone. Samba wants to be the only one who may read the key."""
        new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
        key = self.folder / "key.pem"
        run(*new, "-subj", "/CN=Samba of a test", "-keyout", self.folder / "ca.key", "-out", self.ca)
        run(*new, "-subj", f"/CN=dc.{REALM}", "-addext", f"subjectAltName=IP:{self.address}", "-addext",
            "basicConstraints=critical,CA:FALSE", "-CA", self.ca, "-CAkey", self.folder / "ca.key", "-keyout", key, "-out",
            self.folder / "certificate.pem")
        key.chmod(0o600)

    def start(self):
        """As the leader of a process group of its own, so that one signal reaches whatever it starts."""
        with open(self.folder / "samba.out", "ab") as out:
            self.process = launch(["samba", "-i", "-s", self.folder / "smb.conf", "-M", "single", "--no-process-group"],
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        try:
            wait_until(self.is_up, "Samba does not start", 60)
        except BaseException:
            self.kill()
            raise

    def is_up(self):
        assert self.process.poll() is None, (self.folder / "samba.out").read_text(encoding="utf-8")
        try:
            self.connect().unbind_s()
            return True
        except ldap.SERVER_DOWN:
            return False

    def signal(self, number):
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self):
        """Also where it is paused."""
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def connect(self, name=ADMINISTRATOR, password=ADMINISTRATOR_PASSWORD):
        """As who may do everything, or as another one."""
        connection = ldap.initialize(self.uri)
        for option, value in ((ldap.OPT_REFERRALS, 0), (ldap.OPT_NETWORK_TIMEOUT, 20), (ldap.OPT_TIMEOUT, 20),
                              (ldap.OPT_X_TLS_CACERTFILE, str(self.ca)),
                              (ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND), (ldap.OPT_X_TLS_NEWCTX, 0)):
            connection.set_option(option, value)
        connection.simple_bind_s(name, password)
        return connection

    def dn(self, login):
        """Wherever the person, or group, is by now."""
        connection = self.connect()
        found = connection.search_s(BASE, ldap.SCOPE_SUBTREE, filter_format("(sAMAccountName=%s)", [login]), ["1.1"])
        connection.unbind_s()
        (dn,) = [dn for dn, _ in found if dn]  # the others are referrals
        return dn

    def set(self, login_or_dn, **attributes):
        """Replace attributes; None removes one."""
        dn = login_or_dn if "=" in login_or_dn else self.dn(login_or_dn)
        connection = self.connect()
        connection.modify_s(dn, [(ldap.MOD_REPLACE, name, encoded(value)) for name, value in attributes.items()])
        connection.unbind_s()

    def set_password(self, login, password):
        self.set(login, unicodePwd=unicode_password(password))

    def age_password(self, login, days):
        """As if it had been set so long ago."""
        last_set = str(int((time.time() - days * 86400 + 11644473600) * 10_000_000))
        run("/usr/bin/python3", "-c", AGE_PASSWORD, self.folder / "smb.conf", self.folder, self.dn(login), last_set)

    def fill(self):
        """The passwords of the sample are as short as it wants, and its one locked account is a disabled one."""
        connection = self.connect()

        def add(dn, kind, **attributes):
            connection.add_s(dn, [("objectClass", [kind.encode()]),
                                  *((name, encoded(value)) for name, value in attributes.items() if value)])

        def add_person(dn, login, password, control=NORMAL_ACCOUNT, **attributes):
            add(dn, "user", sAMAccountName=login, userPrincipalName=f"{login}@{REALM}", userAccountControl=control,
                unicodePwd=unicode_password(password), **attributes)

        connection.modify_s(BASE, [(ldap.MOD_REPLACE, name, [b"0"])
                                   for name in ("pwdProperties", "minPwdLength", "minPwdAge", "pwdHistoryLength")])
        for unit in (STAFF, GROUPS, SERVICES):
            add(unit, "organizationalUnit")
        add_person(SERVICE, "portal", SERVICE_PASSWORD)
        members = {group: [] for group in (*GROUP_OF_GROUP, *GROUP_OF_ROLE.values())}
        for _, entry in Records((ROOT / "ldap-schema" / "sample.ldif").read_text(encoding="utf-8")).entries:
            if "uid" in entry:
                login, name, role = (entry[kind][0].decode() for kind in ("uid", "cn", "smvRolleDN"))
                dn = f"CN={name},{STAFF}"
                add_person(dn, login, PASSWORD, NORMAL_ACCOUNT | (ACCOUNT_DISABLE if "smvGesperrt" in entry else 0),
                           **{theirs: entry.get(ours) for theirs, ours in ATTRIBUTES.items()})
                members[GROUP_OF_PERSON.get(login) or GROUP_OF_ROLE[str2dn(role)[0][0][1]]].append(dn)
        for group, dns in members.items():  # those of GROUP_OF_GROUP first, from the innermost on
            if group in GROUP_OF_GROUP:
                members[GROUP_OF_GROUP[group]].append(f"CN={group},{GROUPS}")
            add(f"CN={group},{GROUPS}", "group", sAMAccountName=group, member=dns)
        connection.unbind_s()


# --- a portal that finds its people there ---

SECTION = """
<SmvPortalDirectory ad>
    SmvPortalLdapSchema active-directory
    SmvPortalLdapUri {server.uri}
    SmvPortalLdapTlsCa {ca}
    SmvPortalLdapBase {base}
    SmvPortalLdapBindDN "{service}"
    SmvPortalLdapBindPasswordFile {password}
    SmvPortalLdapMap customer departmentNumber
    SmvPortalLdapMap broker employeeNumber
    {lines}
</SmvPortalDirectory>
"""


def active_directory(server, folder, lines=""):
    """@return the section of httpd's configuration. The CA and the service's password go into the folder, where httpd's
    user may read."""
    ca, password = shutil.copy(server.ca, folder / "ad-ca.pem"), folder / "ad-password"
    password.write_text(SERVICE_PASSWORD + "\n", encoding="ascii")
    password.chmod(0o600)
    return SECTION.format(server=server, ca=ca, base=BASE, service=SERVICE, password=password, lines=lines)


def name_groups(connection):
    """Let each role of the portal's own directory have the group of it as a member."""
    for role, group in GROUP_OF_ROLE.items():
        connection.modify_s(f"cn={role},ou=roles,{OWN_BASE}", [(ldap.MOD_ADD, "roleOccupant", [f"CN={group},{GROUPS}".encode()])])
