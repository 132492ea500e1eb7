# SPDX-License-Identifier: Apache-2.0
"""The rest of the same httpd under the portal's rights: the examples of conf/smvportal.conf, a WebDAV folder and an
application behind a proxy, as they stand there."""
import http.server
import json
import re
import subprocess
import threading
import time

import ldap
import pytest
import requests

from conftest import ROOT, httpd
from private_servers import PrivateHttpd, PrivateSlapd, open_to_httpd

MODULES = "".join(f"<IfModule !{name}_module>\nLoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n</IfModule>\n"
                  for name in ("dav", "dav_fs", "headers", "proxy", "proxy_http", "alias", "auth_basic", "authz_host"))
ROLE = "cn=Kundenzugang,ou=roles"


def example(begin):
    """@return the lines of the example that begins so, without their mark"""
    text = (ROOT / "conf" / "smvportal.conf").read_text(encoding="utf-8")
    lines = text[text.index(begin):].split("\n\n")[0].splitlines()
    assert all(line.startswith("#") for line in lines)
    return "\n".join(line[1:] for line in lines) + "\n"


class App(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    def do_GET(self):
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(name="guard", scope="module")
def _guard(running_portal, tmp_path_factory):
    app = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=app.serve_forever, daemon=True).start()
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))

    def lines(made):
        files = made.folder / "files"
        for number in ("10001", "20001"):
            (files / number).mkdir(parents=True)
            (files / number / "brief.txt").write_text(f"von {number}")
        subprocess.run(["chown", "-R", "www-data", files], check=False)
        with open(made.conf, "a", encoding="utf-8") as conf:
            conf.write(MODULES + f'DavLockDB "{made.folder}/data/locks"\nCustomLog "{made.folder}/who.log" "%{{SMV_LOGIN}}e %U"\n' +
                       example("#Alias /files").replace("/srv/files", str(files)) +
                       example("#<Location /app>").replace(":8081", f":{app.server_port}") + f'Alias /feed "{files}/10001"\n' +
                       example("#<Location /feed>"))
    made = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd, before_start=lines)
    made.root = made.url.removesuffix("/portal")
    yield made
    made.stop()
    slapd.stop()
    app.shutdown()
    app.server_close()


@pytest.fixture(autouse=True)
def _quiet_log(guard):
    guard.expected = [re.compile("AH016|AH0161|AH00035")]  # httpd's own lines of refusals
    yield
    assert guard.unexpected_lines() == []


def dav(guard, method, path, login="karla.kunde", **options):
    return requests.request(method, guard.root + "/files" + path, auth=(login, "demo"), timeout=20, **options)


# --- a folder for each customer ---

def test_a_folder_is_open_to_who_may_see_that_customers_documents(guard):
    assert dav(guard, "GET", "/10001/brief.txt").text == "von 10001"
    listed = dav(guard, "PROPFIND", "/10001/", headers={"Depth": "1"})
    assert listed.status_code == 207 and "brief.txt" in listed.text
    assert dav(guard, "GET", "/20001/brief.txt", "viktor.vermittler").text == "von 20001"
    assert dav(guard, "GET", "/20001/brief.txt", "ines.innen").text == "von 20001"
    for path in ("/20001/brief.txt", "/10002/x", "/99999999/x", "/", "/x/", "/010001/brief.txt", "/10001x/", "/1000110001100011000/"):
        assert dav(guard, "GET", path).status_code == 403, path
    assert dav(guard, "PROPFIND", "/", headers={"Depth": "1"}).status_code == 403
    assert requests.get(guard.root + "/files/10001/brief.txt", timeout=20).status_code == 401
    assert requests.get(guard.root + "/files/10001/brief.txt", auth=("karla.kunde", "wrong"), timeout=20).status_code == 401


def test_a_right_counts_on_that_customer_alone(guard):
    assert dav(guard, "PUT", "/10001/neu.txt", data=b"neu").status_code == 201
    assert dav(guard, "GET", "/10001/neu.txt").text == "neu"
    assert dav(guard, "PUT", "/20001/neu.txt", data=b"neu").status_code == 403
    assert dav(guard, "DELETE", "/10001/neu.txt").status_code == 403, "the role does not allow it"
    guard.modify(ROLE, smvDokumenteLoeschen="TRUE", smvDokumenteImportieren="FALSE")
    try:
        assert dav(guard, "DELETE", "/10001/neu.txt").status_code == 204
        assert dav(guard, "PUT", "/10001/neu.txt", data=b"neu").status_code == 403
    finally:
        guard.modify(ROLE, smvDokumenteLoeschen="FALSE", smvDokumenteImportieren="TRUE")


def test_nothing_is_moved_to_another_customer(guard):
    """What no Require names is refused; and the second path of a request is asked for as the first one is."""
    for method in ("COPY", "MOVE", "PROPPATCH", "LOCK", "POST"):
        for login in ("karla.kunde", "ines.innen"):
            answer = dav(guard, method, "/10001/brief.txt", login, headers={"Destination": guard.root + "/files/20001/x.txt"})
            assert answer.status_code in (403, 405), (method, login, answer.status_code)
    assert dav(guard, "GET", "/20001/x.txt", "ines.innen").status_code == 404


def test_the_second_path_of_a_copy_is_asked_for_too(guard):
    """With a rule that allows to copy."""
    place = guard.conf.read_text(encoding="utf-8")
    guard.conf.write_text(place.replace("Require method GET HEAD OPTIONS PROPFIND", "Require method GET HEAD OPTIONS PROPFIND COPY"),
                          encoding="utf-8")
    try:
        assert guard.reload()[0] == 0
        time.sleep(1.5)
        own = dav(guard, "COPY", "/10001/brief.txt", headers={"Destination": guard.root + "/files/10001/kopie.txt"})
        assert own.status_code == 201
        foreign = dav(guard, "COPY", "/10001/brief.txt", headers={"Destination": guard.root + "/files/20001/kopie.txt"})
        assert foreign.status_code == 403
        assert dav(guard, "GET", "/20001/kopie.txt", "ines.innen").status_code == 404
    finally:
        guard.conf.write_text(place, encoding="utf-8")
        assert guard.reload()[0] == 0
        time.sleep(1.5)


def test_a_locked_account_opens_nothing(guard):
    guard.modify("uid=karla.kunde,ou=people", smvGesperrt="TRUE")
    try:
        assert dav(guard, "GET", "/10001/brief.txt").status_code == 401
    finally:
        guard.modify("uid=karla.kunde,ou=people", smvGesperrt=None)


# --- an application behind a proxy ---

def app(guard, session=None, **headers):
    cookies = {"smvportal": session.cookies.get("smvportal")} if session else {}  # without TLS browsers send it to the portal alone
    return requests.get(guard.root + "/app/", cookies=cookies, headers=headers, allow_redirects=False, timeout=20)


def test_an_application_learns_who_asks(guard):
    got = app(guard, guard.sign_in("claudia.chef")).json()
    assert got["SMV-Login"] == "claudia.chef" and set(got["SMV-Customers"].split(",")) >= {"20001", "20002"}
    assert "contract.view" in got["SMV-Rights"].split(",") and "role.manage" not in got["SMV-Rights"]
    assert got["SMV-Roles"]
    staff = app(guard, guard.sign_in("ines.innen")).json()
    assert staff["SMV-Roles"] == "Innendienst" and "role.manage" in staff["SMV-Rights"].split(",")


def test_nobody_else_says_who_asks(guard):
    karla = guard.sign_in("karla.kunde")
    got = app(guard, karla, **{"SMV-Login": "ines.innen", "SMV_LOGIN": "ines.innen", "SMV-Rights": "role.manage"}).json()
    assert got["SMV-Login"] == "karla.kunde" and "role.manage" not in got["SMV-Rights"]
    answer = app(guard, **{"SMV-Login": "ines.innen"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/portal/login")


def test_a_name_with_a_comma_is_one_part(guard):
    connection = ldap.initialize(guard.ldap_uri)
    connection.simple_bind_s(*guard.admin)
    dn = f"cn=Leiter\\2C 100% Kunden,ou=roles,{guard.base}"
    connection.add_s(dn, [("objectClass", [b"organizationalRole", b"smvRolle"]), ("cn", ["Leiter, 100% Kunden".encode()]),
                          ("smvRollenId", [str((1 << 32) + 77).encode()]), ("smvGeltungsbereich", [b"eigene"]),
                          ("smvVertragsdatenAnsehen", [b"TRUE"])])
    connection.unbind_s()
    guard.modify("uid=karla.kunde,ou=people", smvRolleDN=dn)
    try:
        assert app(guard, guard.sign_in("karla.kunde")).json()["SMV-Roles"] == "Leiter%2C 100%25 Kunden"
    finally:
        guard.modify("uid=karla.kunde,ou=people", smvRolleDN=f"{ROLE},{guard.base}")


def test_the_log_of_httpd_can_name_the_person(guard):
    session = guard.sign_in("viktor.vermittler")
    session.get(guard.url + "/customers", timeout=20)
    requests.get(guard.url + "/login", timeout=20)
    dav(guard, "GET", "/10001/brief.txt")
    time.sleep(0.2)
    log = (guard.folder / "who.log").read_text(encoding="utf-8")
    assert "viktor.vermittler /portal/customers\n" in log and "karla.kunde /files/10001/brief.txt\n" in log
    assert re.search(r"^- /portal/login$", log, re.MULTILINE)


# --- a place for a role ---

def test_a_place_is_open_to_who_has_one_of_its_roles(guard):
    def feed(login, session=None):
        auth = None if session else (login, "demo")
        cookies = {"smvportal": session.cookies.get("smvportal")} if session else {}
        return requests.get(guard.root + "/feed/brief.txt", auth=auth, cookies=cookies, timeout=20).status_code

    assert [feed(login) for login in ("ines.innen", "nora.nurlesen", "karla.kunde", "viktor.vermittler")] == [200, 200, 401, 401]
    assert feed("", guard.sign_in("ines.innen")) == 200 and feed("", guard.sign_in("karla.kunde")) in (401, 403)
    guard.modify("uid=karla.kunde,ou=people", smvRolleDN=f"cn=Kundenzugang lesend,ou=roles,{guard.base}")
    try:
        assert feed("karla.kunde") == 200
    finally:
        guard.modify("uid=karla.kunde,ou=people", smvRolleDN=f"{ROLE},{guard.base}")
    assert feed("karla.kunde") == 401


# --- what is wrong ---

@pytest.mark.parametrize("line, message", [
    ("Require smv-customer", "needs a customer number"),
    ("Require smv-customer contract.vieww 10001", "needs a customer number"),
    ("Require smv-customer document.view", "needs a customer number"),
    ("Require smv-customer %{env:MATCH_CUSTOMER", "Require smv-customer: ")])
def test_a_rule_that_says_nothing_is_refused(guard, tmp_path, line, message):
    open_to_httpd(tmp_path)
    conf = tmp_path / "httpd.conf"
    conf.write_text(guard.conf.read_text(encoding="utf-8") + f"\n<Location /x>\n{line}\n</Location>\n", encoding="utf-8")
    done = httpd("-t", "-f", str(conf))
    assert done.returncode != 0 and message in done.stdout + done.stderr, done.stdout + done.stderr
