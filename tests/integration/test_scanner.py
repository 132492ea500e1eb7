# SPDX-License-Identifier: Apache-2.0
"""tests/port/test_incoming.c, the tests of incoming files, with a clamd of their own that knows one virus."""
import os
import signal
import subprocess

import pytest

from conftest import ROOT
from private_servers import PrivateClamd


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
