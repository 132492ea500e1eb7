# SPDX-License-Identifier: Apache-2.0
"""Memory of httpd does not grow with requests, be they answered or refused."""
import http.client
import os
import pathlib
import re
import shutil
import sqlite3
import tempfile
import urllib.parse

import pytest

from conftest import Portal

pytestmark = pytest.mark.alone

SMALL = """
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
SmvPortalDatabasePool 2
SmvPortalRefusalTime 0
"""
PATHS = ("/customers/10001", "/customers/10001/contracts", "/customers/20001/contracts", "/contracts/102",
         "/customers/10001/documents", "/documents/5001/content", "/nothing", "/api/v1/me",
         "/api/v1/customers/10001/contracts", "/api/v1/customers?limit=0", "/api/v1/openapi.json", "/assets/portal.css")
ROUNDS = 160
# Each sign-in writes into the audit log, and a connection keeps pages of the database up to a bound that takes thousands of
# them to reach. A small one, kept in the file itself, is reached before the measurement begins.
SMALL_CACHE = "PRAGMA default_cache_size = 20"
MAX_GROWTH = 65536  # bytes: less than the smallest leak of each request, more than what a thread keeps that was idle before


def private_bytes(portal):
    parent = int((portal.folder / "httpd.pid").read_text())
    children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    rollups = [pathlib.Path(f"/proc/{child}/smaps_rollup").read_text().splitlines() for child in children]
    return 1024 * sum(int(line.split()[1]) for rollup in rollups for line in rollup if line.startswith("Private_Dirty"))


class Visitor:
    """One keep-alive connection: signs in, looks at everything, is refused, and signs out."""

    def __init__(self, portal):
        self.base = urllib.parse.urlsplit(portal.url)
        self.connection = http.client.HTTPConnection(self.base.hostname, self.base.port, timeout=20)
        self.count = 0

    def ask(self, method, path, body=None, **headers):
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, self.base.path + path, body, headers)
        answer = self.connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")
        self.count += 1
        return answer

    def visit(self):
        assert self.ask("POST", "/login", "username=karla.kunde&password=wrong").status == 401
        cookie = self.ask("POST", "/login", "username=karla.kunde&password=demo").getheader("Set-Cookie").split(";")[0]
        for path in PATHS:
            assert self.ask("GET", path, Cookie=cookie).status in (200, 400, 404)
        assert self.ask("POST", "/logout", "csrf_token=wrong", Cookie=cookie).status == 403
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", "/", Cookie=cookie).text).group(1)
        assert self.ask("POST", "/logout", "csrf_token=" + token, Cookie=cookie).status == 303


@pytest.fixture(name="small_portal")
def _small_portal():
    """One child of few threads, so that each of them has soon seen everything."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-memory-", dir="/tmp"))
    folder.chmod(0o755)
    portal = Portal(folder)
    portal.run("stop")
    (folder / "conf.d" / "small.conf").write_text(SMALL)
    with sqlite3.connect(portal.database) as connection:
        connection.execute(SMALL_CACHE)
    connection.close()
    portal.run("start")
    yield portal
    portal.run("stop")
    shutil.rmtree(folder)


@pytest.mark.skipif("HTTPD_WRAPPER" in os.environ, reason="the tool that watches the memory keeps what was freed")
def test_memory_does_not_grow_with_requests(small_portal):
    visitor = Visitor(small_portal)
    for _ in range(2 * ROUNDS):
        visitor.visit()
    before, visitor.count = private_bytes(small_portal), 0
    for _ in range(2 * ROUNDS):
        visitor.visit()
    growth = private_bytes(small_portal) - before
    assert visitor.count > 5000 and growth < MAX_GROWTH, f"{growth} bytes in {visitor.count} requests"
