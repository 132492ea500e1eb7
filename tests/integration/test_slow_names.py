# SPDX-License-Identifier: Apache-2.0
"""A resolver that never answers: nobody waits for a server's name longer than for the server."""
import concurrent.futures
import os
import shlex
import socket
import subprocess
import time

import pytest

from conftest import HTTPD, launch
from private_servers import PrivateHttpd, wait_for_port

pytestmark = pytest.mark.alone

TIMEOUT = 2  # seconds
BLACK_HOLE = "127.0.0.9"
# With a view of its own of one file: only root may have that.
WITH_RESOLVER = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']


class Httpd(PrivateHttpd):
    """Whose C library asks a resolver that takes questions and says nothing."""
    resolver = None

    def start(self):
        self.process = launch([*WITH_RESOLVER, self.resolver, *HTTPD, "-D", "FOREGROUND", "-f", self.conf], environment=self.environment,
                              stderr=subprocess.PIPE, start_new_session=True)
        wait_for_port(self.port)


@pytest.fixture(name="silent")
def _silent(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text(f"nameserver {BLACK_HOLE}\n", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind((BLACK_HOLE, 53))
        yield path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a process another resolver")
def test_nobody_waits_for_a_name_longer_than_for_a_server(running_portal, silent, monkeypatch):
    monkeypatch.setattr(Httpd, "resolver", silent)
    httpd = Httpd(running_portal, f"SmvPortalLdapTimeout {TIMEOUT}\nSmvPortalLdapPlain On\nSmvPortalRefusalTime 0\n"
                                  "SmvPortalLdapUri ldap://directory.example:3890\n")
    try:
        def sign_in(_):
            begun = time.monotonic()
            status = httpd.sign_in("karla.kunde").answer.status_code
            return status, time.monotonic() - begun

        with concurrent.futures.ThreadPoolExecutor(8) as people:
            answers = list(people.map(sign_in, range(24)))
        assert {status for status, _ in answers} == {503}
        assert max(took for _, took in answers) < TIMEOUT + 1, sorted(answers)[-3:]
        begun = time.monotonic()
        done = subprocess.run([*WITH_RESOLVER, silent, httpd.ctl, "explain", "--httpd", shlex.join(["apache2", "-f", str(httpd.conf)]), "karla.kunde",
                               "contract.view"], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 69 and time.monotonic() - begun < TIMEOUT + 1, done.stderr
        httpd.unexpected_lines()
    finally:
        httpd.stop()
