# SPDX-License-Identifier: Apache-2.0
"""tests/port/test_ldap.c, the tests of the directory port, with a slapd of their own."""
import os
import subprocess
import time

import ldap
import pytest

from conftest import ROOT, free_port


@pytest.fixture
def directory(tmp_path):
    """The demo's slapd; moreover it keeps memberOf, and closes idle connections after a second."""
    (tmp_path / "data").mkdir()
    text = (ROOT / "ldap-schema" / "slapd.conf.in").read_text(encoding="utf-8")
    for name, value in (("DIR", tmp_path), ("SCHEMA", ROOT / "ldap-schema"), ("ADMIN_PASSWORD", "demo-admin")):
        text = text.replace(f"@{name}@", str(value))
    text = text.replace("\nmoduleload back_mdb\n", "\nmoduleload back_mdb\nmoduleload memberof\nidletimeout 1\n")
    text += "overlay memberof\nmemberof-group-oc organizationalRole\nmemberof-member-ad seeAlso\n"
    conf = tmp_path / "slapd.conf"
    conf.write_text(text, encoding="utf-8")
    subprocess.run(["/usr/sbin/slapadd", "-f", str(conf), "-l", str(ROOT / "ldap-schema" / "sample.ldif")], check=True,
                   capture_output=True, timeout=60)
    uri = f"ldap://127.0.0.1:{free_port()}"
    with subprocess.Popen(["/usr/sbin/slapd", "-d0", "-f", str(conf), "-h", uri]) as server:
        try:
            wait_until_it_answers(uri)
            yield uri
        finally:
            server.terminate()


def wait_until_it_answers(uri):
    for _ in range(100):
        try:
            ldap.initialize(uri).simple_bind_s()
            return
        except ldap.SERVER_DOWN:
            time.sleep(0.1)
    pytest.fail(f"slapd does not answer at {uri}")


def test_the_directory_port(portal, directory):
    build = os.environ.get("BUILD_DIR", str(ROOT / "build"))
    subprocess.run(["make", "-C", build, "tests/port/test_ldap"], check=True, capture_output=True, timeout=120)
    done = subprocess.run([f"{build}/tests/port/test_ldap"], env={**os.environ, "LDAP_URI": directory},
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
