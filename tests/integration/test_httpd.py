# SPDX-License-Identifier: Apache-2.0
"""What the wiring to httpd promises: methods, headers, files, checks of the configuration, AuthType smvportal."""
import os
import re
import sqlite3
import time

import pytest
import requests

from conftest import httpd

GUARDED = """<Directory "{folder}/www/right">
    AuthMerging Off
    AuthType {type}
    Require smv-right contract.view
</Directory>
"""


def send(portal, method, path, **options):
    return requests.request(method, portal.url + path, allow_redirects=False, timeout=20, **options)


def test_the_base_without_a_slash_has_moved_for_good(portal):
    answer = send(portal, "GET", "")
    assert answer.status_code == 301 and answer.headers["Location"] == "/portal/"


@pytest.mark.parametrize("method,path,allowed", [
    ("POST", "/customers", "GET, HEAD"), ("DELETE", "/login", "GET, HEAD, POST"), ("PUT", "/logout", "POST"),
    ("POST", "/assets/portal.css", "GET, HEAD"), ("POST", "/api/v1/me", "GET, HEAD"),
])
def test_a_method_that_a_path_has_not_is_answered_with_those_it_has(portal, method, path, allowed):
    answer = send(portal, method, path)
    assert answer.status_code == 405 and answer.headers["Allow"] == allowed


def test_every_answer_has_the_security_headers(portal):
    session = portal.sign_in("karla.kunde")
    for path in ("/", "/login", "/nowhere", "/assets/portal.css", "/assets/none.css", "/api/v1/me",
                 "/api/v1/nowhere", "/documents/5001/content"):
        headers = session.get(portal.url + path, timeout=20).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe-inline" not in headers["Content-Security-Policy"] or path.endswith("/content"), path


def test_each_kind_of_answer_says_once_who_may_keep_it(portal):
    session = portal.sign_in("karla.kunde")
    for path, expected in (("/", "no-store"), ("/api/v1/me", "no-store"), ("/assets/none.css", "no-store"),
                           ("/documents/5001/content", "private, no-cache"),
                           ("/assets/portal.css", "public, max-age=3600")):
        assert session.get(portal.url + path, timeout=20).headers["Cache-Control"] == expected, path


@pytest.mark.parametrize("name", ["a%20b.css", ".portal.css", "%C3%A4.css", "portal.css%00.svg", "portal.txt", ""])
def test_assets_have_plain_names_and_known_types(portal, name):
    assert send(portal, "GET", "/assets/" + name).status_code == 404


@pytest.mark.parametrize("kind", ["text/plain", "application/json", None])
def test_a_sign_in_that_is_no_form_is_not_understood(portal, kind):
    answer = send(portal, "POST", "/login", data=b"username=karla.kunde&password=demo",
                  headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415 and "Set-Cookie" not in answer.headers


def test_a_form_that_is_too_large_is_refused(portal):
    assert send(portal, "POST", "/login", data={"username": "x" * 66000, "password": "x"}).status_code == 413


# --- configtest ---

def test_a_database_of_another_kind_or_version_is_named_by_configtest(portal, tmp_path):
    other, text_file = tmp_path / "other.sqlite", tmp_path / "text.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("PRAGMA user_version = 9")
        connection.execute("CREATE TABLE t (x)")
    text_file.write_text("no database\n" * 100)
    for file, message in ((other, "schema version 9, this program needs version 8"), (text_file, "not a database")):
        code, text = portal.configtest(f'SmvPortalDatabase "{file}"\n')
        assert code != 0 and message in text


def test_configtest_leaves_no_file_behind_that_httpd_may_not_write(portal):
    assert portal.configtest()[0] == 0
    folder = os.path.dirname(portal.database)
    owner = os.stat(portal.database).st_uid
    assert {os.stat(os.path.join(folder, name)).st_uid for name in os.listdir(folder)} == {owner}


def test_the_shipped_example_names_every_directive(portal):
    module = httpd("-L", "-f", portal.folder / "httpd.conf")
    directives = set(re.findall(r"^(SmvPortal\w*) \(", module.stdout, re.MULTILINE))
    shipped = os.path.join(os.path.dirname(__file__), "../../conf/smvportal.conf")
    with open(shipped, encoding="utf-8") as file:
        named = set(re.findall(r"^#(SmvPortal\w*) ", file.read(), re.MULTILINE))
    assert len(directives) >= 21 and named == directives


# --- AuthType smvportal ---

@pytest.fixture(name="guard")
def _guard(portal):
    """Sets an AuthType for /right of the running httpd, or none with "None"."""
    place = portal.folder / "conf.d" / "guard.conf"

    def reload():
        assert httpd("-f", portal.folder / "httpd.conf", "-k", "graceful").returncode == 0
        time.sleep(1.5)

    def guard(kind):
        place.write_text(GUARDED.format(folder=portal.folder, type=kind))
        reload()
        return portal.url.removesuffix("/portal") + "/right/index.html"

    yield guard
    place.unlink()
    reload()


@pytest.mark.parametrize("kind", ["smvportal", "None"])
def test_a_session_opens_other_urls_and_without_one_the_login_page_is_shown(portal, guard, kind):
    url = guard(kind)
    cookie = {"smvportal": portal.sign_in("karla.kunde").cookies.get("smvportal")}
    assert requests.get(url, cookies=cookie, timeout=20).status_code == 200
    for cookies in ({}, {"smvportal": "x" * 43}):
        answer = requests.get(url, cookies=cookies, allow_redirects=False, timeout=20)
        assert answer.status_code == 303 and answer.headers["Location"].endswith("/portal/login")
        assert requests.post(url, cookies=cookies, allow_redirects=False, timeout=20).status_code == 403
