# SPDX-License-Identifier: Apache-2.0
"""tests/port/test_ldap.c, the tests of the directory port, with a slapd of their own."""
import os
import subprocess

import pytest

from conftest import ROOT
from private_servers import PrivateSlapd


def with_memberof(text):
    """Moreover it keeps memberOf, and closes idle connections after a second."""
    assert text.count("\nmoduleload back_mdb\n") == 1
    return (text.replace("\nmoduleload back_mdb\n", "\nmoduleload back_mdb\nmoduleload memberof\nidletimeout 1\n") +
            "overlay memberof\nmemberof-group-oc organizationalRole\nmemberof-member-ad seeAlso\n")


@pytest.fixture
def directory(tmp_path):
    slapd = PrivateSlapd(tmp_path, with_memberof)
    yield slapd.uri
    slapd.stop()


def test_the_directory_port(portal, directory):
    build = os.environ.get("BUILD_DIR", str(ROOT / "build"))
    subprocess.run(["make", "-C", build, "tests/port/test_ldap"], check=True, capture_output=True, timeout=120)
    done = subprocess.run([f"{build}/tests/port/test_ldap"], env={**os.environ, "LDAP_URI": directory},
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
