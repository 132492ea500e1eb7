# SPDX-License-Identifier: Apache-2.0
"""tests/port/test_incoming.c, the tests of incoming files, with a clamd of their own that knows one virus."""
import hashlib
import os
import signal
import subprocess

import pytest

from conftest import ENVIRONMENT, ROOT, free_port
from private_servers import wait_for_port, wait_until

# The test virus of EICAR in two halves, so that no scanner finds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


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
        self.process = subprocess.Popen(["clamd", "-c", conf], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
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


@pytest.fixture
def clamd(tmp_path):
    scanner = PrivateClamd(tmp_path)
    yield scanner
    scanner.stop()


def run_tests(**environment):
    build = os.environ.get("BUILD_DIR", str(ROOT / "build"))
    subprocess.run(["make", "-C", build, "tests/port/test_incoming"], check=True, capture_output=True, timeout=300)
    done = subprocess.run([f"{build}/tests/port/test_incoming"], env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "...passed" in done.stdout, done.stdout + done.stderr


def test_a_virus_is_found_over_the_local_socket(clamd):
    run_tests(CLAMD=str(clamd.socket))


def test_a_virus_is_found_over_tcp(clamd):
    run_tests(CLAMD=f"127.0.0.1:{clamd.port}")


def test_a_scanner_that_has_stopped_keeps_files_out(clamd):
    clamd.process.send_signal(signal.SIGSTOP)
    run_tests(CLAMD_PAUSED=str(clamd.socket))
    run_tests(CLAMD_PAUSED=f"127.0.0.1:{clamd.port}")
