# SPDX-License-Identifier: Apache-2.0
"""A real portal for the tests: demo.sh in a folder and on ports of their own."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import ldap
import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parents[1]


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures times or a load, and so needs the machine to itself")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


HTTPD = [*os.environ.get("HTTPD_WRAPPER", "").split(), "apache2"]  # as demo.sh runs it
ENVIRONMENT = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin")


LAUNCHED = []


def launch(*arguments, environment=None, **options):
    """Start a server. Whatever test breaks off, it ends with the run, by its own process id."""
    LAUNCHED.append(subprocess.Popen(*arguments, env=environment or ENVIRONMENT, **options))
    return LAUNCHED[-1]


def pytest_unconfigure():
    left = [process for process in LAUNCHED if process.poll() is None]
    for process in left:
        process.send_signal(signal.SIGCONT)  # where it was paused
        process.terminate()
    for process in left:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def httpd(*arguments):
    """Run httpd's command to its end."""
    return subprocess.run([*HTTPD, *arguments], timeout=60, check=False, env=ENVIRONMENT, capture_output=True, text=True)


def settings_of(text):
    """What `demo.sh env` prints, as a dictionary."""
    lines = (line.split("=", 1) for line in text.splitlines())
    return {name: shlex.split(value)[0] for name, value in lines}


class Portal:
    """One running portal; its error log must hold nothing at warn or above, and no process that crashed, that no test expected."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = dict(os.environ, PORT=str(free_port()), LDAP_PORT=str(free_port()), DEMO_DIR=str(folder),
                                CACHE_TIME="1")
        self.run("start")
        settings = settings_of(self.run("env"))
        self.url, self.ldap_uri = settings["BASE_URL"], settings["LDAP_URI"]
        self.base, self.database = settings["LDAP_BASE"], settings["DATABASE"]
        self.admin = settings["LDAP_ADMIN_DN"], settings["LDAP_ADMIN_PW"]
        self.ctl = settings["SMVPORTALCTL"]
        self.conf = folder / "httpd.conf"
        self.log = folder / "logs" / "error.log"
        self.read_to = 0
        self.expected = []

    def run(self, command):
        done = subprocess.run([ROOT / "demo.sh", command], env=self.environment, capture_output=True, text=True,
                              timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def configtest(self, extra=""):
        place = self.folder / "conf.d" / "test.conf"
        place.write_text(extra)
        done = httpd("-t", "-f", self.folder / "httpd.conf")
        place.unlink()
        return done.returncode, done.stdout + done.stderr

    def control(self, *arguments, conf=None, timeout=60, environment=None):
        """Run smvportalctl for the portal of this configuration of httpd."""
        return subprocess.run([self.ctl, *arguments, "--httpd", f"apache2 -f {conf or self.conf}"], env=environment or ENVIRONMENT,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def sign_in(self, login, password="demo", **options):
        session = requests.Session()
        session.answer = session.post(self.url + "/login", data={"username": login, "password": password, **options},
                                      allow_redirects=False, timeout=20)
        return session

    def api(self, path, login="karla.kunde", password="demo", **options):
        return requests.get(self.url + "/api/v1" + path, auth=(login, password), timeout=20, **options)

    def modify(self, dn, **values):
        """Replace attributes as the directory admin, of the tenant's own entry where dn is empty; None removes them."""
        connection = ldap.initialize(self.ldap_uri)
        connection.simple_bind_s(*self.admin)
        changes = [(ldap.MOD_REPLACE, name, [str(value).encode()] if value is not None else None)
                   for name, value in values.items()]
        connection.modify_s(f"{dn},{self.base}" if dn else self.base, changes)
        connection.unbind_s()

    def wait_for_cache(self):
        time.sleep(1.2)

    def expect_log(self, pattern):
        self.expected.append(re.compile(pattern))

    def unexpected_lines(self):
        text = self.log.read_text()[self.read_to:]
        self.read_to += len(text)
        lines = [line for line in text.splitlines() if re.search(r":(warn|error|crit|alert|emerg)\]| child pid \d+ exit signal", line)]
        return [line for line in lines if not any(pattern.search(line) for pattern in self.expected)]


@pytest.fixture(scope="session")
def running_portal():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-tests-", dir="/tmp"))
    folder.chmod(0o755)
    portal = Portal(folder)
    yield portal
    portal.run("stop")
    shutil.rmtree(folder)


@pytest.fixture
def portal(running_portal):
    running_portal.expected = []
    yield running_portal
    assert running_portal.unexpected_lines() == []
