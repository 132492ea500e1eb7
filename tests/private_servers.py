# SPDX-License-Identifier: Apache-2.0
"""An httpd, a slapd and a clamd of a test's own beside the running portal, for what would disturb the others."""
import hashlib
import html
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

import ldap
import pytest
import requests

from conftest import ENVIRONMENT, HTTPD, ROOT, Portal, free_port, httpd, launch

BASE = "dc=musterfirma,dc=example"

# Lines for a PrivateHttpd: what mod_status says, and three processes that take connections in turn.
STATUS = """LoadModule status_module /usr/lib/apache2/modules/mod_status.so
ExtendedStatus Off
<Location /status>
    SetHandler server-status
    Require all granted
</Location>
"""
SEVERAL_PROCESSES = """ServerLimit 3
StartServers 3
MaxRequestWorkers 75
MinSpareThreads 25
MaxSpareThreads 75
"""

# The test virus of EICAR in two halves, so that no scanner finds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def open_to_httpd(folder):
    """Let httpd's user go to a folder of a test, which pytest makes for its own user alone."""
    for each in (folder, *folder.parents[:3]):
        each.chmod(each.stat().st_mode | 0o055)


def is_listening(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for_port(port):
    for _ in range(1500):
        if is_listening(port):
            return
        time.sleep(0.02)
    pytest.fail(f"nothing listens on port {port}")


def wait_until(condition, what, seconds=10):
    """@param what did not happen; text, or what gives it then"""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.02)


def start_slapd(arguments, port, log=subprocess.DEVNULL, also=""):
    """@return the process, which listens, also at other URLs; its operations go to log"""
    process = launch(["slapd", "-d", "stats", *arguments, "-h", f"ldap://127.0.0.1:{port} {also}".strip()], stdout=log, stderr=log)
    wait_for_port(port)
    return process


class PrivateSlapd:
    """The demo's directory once more; its log has every operation. edit changes the text of its slapd.conf. ldif None:
    it begins without an entry."""

    def __init__(self, folder, edit=lambda text: text, is_cn_config=False, port=None,
                 ldif=ROOT / "ldap-schema" / "sample.ldif", also=""):  # pylint: disable=too-many-arguments
        self.folder, self.port, self.log, self.also = folder, port or free_port(), folder / "slapd.log", also
        self.uri = f"ldap://127.0.0.1:{self.port}"
        conf = folder / "slapd.conf"
        self.arguments = ["-f", conf]
        (folder / "data").mkdir()
        text = (ROOT / "ldap-schema" / "slapd.conf.in").read_text(encoding="utf-8")
        for name, value in (("DIR", folder), ("SCHEMA", ROOT / "ldap-schema"), ("ADMIN_PASSWORD", "demo-admin")):
            text = text.replace(f"@{name}@", str(value))
        conf.write_text(edit(text), encoding="utf-8")
        if ldif:
            self.prepare("slapadd", "-q", "-f", conf, "-l", ldif)
        if is_cn_config:
            (folder / "slapd.d").mkdir()
            self.prepare("slaptest", "-f", conf, "-F", folder / "slapd.d")
            self.arguments = ["-F", folder / "slapd.d"]
        self.start()

    @staticmethod
    def prepare(*command):
        subprocess.run(command, check=True, capture_output=True, timeout=3600, env=ENVIRONMENT)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = start_slapd(self.arguments, self.port, log, self.also)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=20)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def connect(self):
        """As who may do everything."""
        connection = ldap.initialize(self.uri)
        connection.simple_bind_s(f"cn=admin,{BASE}", "demo-admin")
        return connection

    def operations(self):
        """@return the names that were bound, and the filters that were searched, but for questions to the server itself"""
        text = self.log.read_text(encoding="utf-8")
        return re.findall(r' BIND dn="(.*)" method=128', text), re.findall(r' SRCH base="[^"].* filter="(.*)"', text)


class PrivateClamd:
    """Its database is one signature: no downloads, and it starts at once."""

    def __init__(self, folder):
        self.socket, self.port = folder / "clamd.socket", free_port()
        database = folder / "database"
        database.mkdir()
        (database / "test.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Eicar-Test-Signature\n",
                                           encoding="ascii")
        conf = folder / "clamd.conf"
        conf.write_text(f"""Foreground yes
LogFile {folder}/clamd.log
DatabaseDirectory {database}
LocalSocket {self.socket}
TCPSocket {self.port}
TCPAddr 127.0.0.1
StreamMaxLength 2M
""", encoding="utf-8")
        self.process = launch(["clamd", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(self.port)
            wait_until(self.socket.exists, "clamd has no local socket")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(timeout=20)


class PrivateHttpd(Portal):
    """One httpd with the portal's configuration and lines of its own, a copy of the database, and one process."""

    environment = None  # of the test

    def __init__(self, portal, lines="", slapd=None, before_start=None):  # pylint: disable=super-init-not-called
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="httpd-", dir=portal.folder))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/portal"
        self.slapd, self.ctl = slapd, portal.ctl
        self.ldap_uri, self.base, self.admin = slapd.uri if slapd else portal.ldap_uri, portal.base, portal.admin
        self.database = str(self.folder / "data" / "portal.sqlite")
        self.documents = self.folder / "documents"
        self.log = self.folder / "error.log"
        self.read_to, self.expected = 0, []
        self.copy_data(portal)
        text = (portal.folder / "httpd.conf").read_text(encoding="utf-8")
        text = re.sub(r"^Listen .*|^IncludeOptional .*", "", text, flags=re.MULTILINE)
        self.conf = self.folder / "httpd.conf"
        self.conf.write_text(f"""{text}
Listen 127.0.0.1:{self.port}
PidFile "{self.folder}/httpd.pid"
ErrorLog "{self.log}"
StartServers 1
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
MinSpareThreads 1
MaxSpareThreads 25
SmvPortalDatabase "{self.database}"
SmvPortalDocuments "{self.documents}"
SmvPortalLdapUri {self.ldap_uri}
{lines}
""", encoding="utf-8")
        if before_start:
            before_start(self)
        self.start()
        wait_until(self.is_watching, self.what_is_not_watched)

    def what_is_not_watched(self):
        said = self.log.read_text(encoding="utf-8") if self.log.exists() else "nothing"
        return f"nobody watches the directory; httpd ({self.process.poll()}) says: {said[-4000:]}"

    def start(self):
        """As the leader of a process group of its own, so that one signal reaches it and its children, and no other."""
        self.process = launch([*HTTPD, "-D", "FOREGROUND", "-f", self.conf], environment=self.environment,
                              stderr=subprocess.PIPE, start_new_session=True)
        wait_for_port(self.port)

    def is_watching(self):
        return self.log.exists() and re.search("of changes|SMV0201", self.log.read_text(encoding="utf-8"))

    def kill(self):
        """Every process at once, without a word to any. After that start() may follow."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=30)
        wait_until(lambda: not is_listening(self.port), "a child of httpd lives on")

    def copy_data(self, portal):
        (self.folder / "data").mkdir()
        with sqlite3.connect(portal.database) as source, sqlite3.connect(self.database) as target:
            source.backup(target)
        shutil.copytree(portal.folder / "documents", self.documents)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "www-data:www-data", self.folder / "data", self.documents], check=True)

    def change_password(self, session, current, password):
        """On "Passwort ändern". @return status, and what the page says against it"""
        answer = session.post(self.url + "/password", timeout=20, allow_redirects=False,
                              data={"current": current, "password": password, "repeated": password})
        words = re.search(r'<p class="error" role="alert">([^<]*)</p>', answer.text)
        return answer.status_code, html.unescape(words.group(1)) if words else None

    def reload(self):
        """apachectl graceful. @return exit code and what was said"""
        done = httpd("-f", self.conf, "-k", "graceful")
        return done.returncode, done.stdout + done.stderr

    def status(self):
        """What mod_status says of the portal, where STATUS is among the lines. @return servers, connections to each directory"""
        text = requests.get(f"http://127.0.0.1:{self.port}/status?auto", timeout=20).text
        lines = {name: [dict(re.findall(r"([\w-]+)=(\S+)", line), server=line.split()[2])
                        for line in re.findall(rf"^{name}: .*$", text, re.MULTILINE)]
                 for name in ("SmvPortalDirectory", "SmvPortalPool")}
        pools = [{name: int(value) for name, value in line.items() if name != "server"} for line in lines["SmvPortalPool"]]
        return lines["SmvPortalDirectory"], pools

    def modes(self):
        return [server["mode"] for server in self.status()[0]]

    def searches(self):
        return sum(pool["searches"] for pool in self.status()[1])

    def children(self):
        statuses = [path.read_text(encoding="utf-8") for path in pathlib.Path("/proc").glob("[0-9]*/status")]
        return [int(re.search(r"^Pid:\s+(\d+)", status, re.MULTILINE).group(1)) for status in statuses
                if re.search(rf"^PPid:\s+{self.process.pid}$", status, re.MULTILINE)]

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=30)
        shutil.rmtree(self.folder)
