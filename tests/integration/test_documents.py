# SPDX-License-Identifier: Apache-2.0
"""Documents: brought in, found, deleted and taken back, downloaded together; what is wrong leaves nothing behind."""
import concurrent.futures
import contextlib
import hashlib
import http.client
import io
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import time
import urllib.parse
import zipfile

import pytest

from private_servers import EICAR, PrivateClamd, PrivateHttpd, PrivateSlapd, wait_until

ROLE = "cn=Kundenzugang,ou=roles"
LIST = "/customers/10001/documents"
API = "/api/v1" + LIST
LINES = """SmvPortalCacheTime 0
SmvPortalUploadMaxSize 1
SmvPortalUploadMaxFiles 3
"""
HTML = b"<!DOCTYPE html><html><body>x</body></html>"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
BOUNDARY = "grenze"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture(name="slapd", scope="module")
def _slapd(tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    yield slapd
    slapd.stop()


@pytest.fixture(name="module_httpd", scope="module")
def _module_httpd(running_portal, slapd):
    httpd = PrivateHttpd(running_portal, LINES, slapd)
    httpd.modify(ROLE, smvDokumenteLoeschen="TRUE")
    yield httpd
    httpd.stop()


@pytest.fixture(name="own")
def _own(module_httpd):
    module_httpd.expected = []
    yield module_httpd
    assert module_httpd.unexpected_lines() == []


@pytest.fixture(name="session", scope="module")
def _session(module_httpd):
    return module_httpd.sign_in("karla.kunde")


@contextlib.contextmanager
def httpd_of(*arguments):
    httpd = PrivateHttpd(*arguments)
    try:
        yield httpd
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()


def rows(httpd, sql, *values):
    with contextlib.closing(sqlite3.connect(httpd.database, timeout=10)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def files_of(httpd):
    return sorted(str(path.relative_to(httpd.documents)) for path in httpd.documents.rglob("*")
                  if path.is_file() and path.parent.name != "incoming")


def temporary_files(httpd):
    incoming = httpd.documents / "incoming"
    return list(incoming.iterdir()) if incoming.exists() else []


def kept(httpd):
    return [rows(httpd, f"SELECT * FROM {table}") for table in ("document", "deleted_document", "change")]


@contextlib.contextmanager
def nothing_kept(httpd):
    """Neither rows nor files come of what is done inside; a temporary file goes with its request, after the answer."""
    before, files = kept(httpd), files_of(httpd)
    yield
    assert kept(httpd) == before and files_of(httpd) == files
    wait_until(lambda: not temporary_files(httpd), "a temporary file was left behind")


def part(name, content, file_name=None):
    """One part of a multipart body, with the file name as it is, whatever its bytes."""
    file = b"" if file_name is None else b'; filename="' + file_name + b'"'
    return (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode() + file + b"\r\n\r\n" + content +
            b"\r\n")


def body_of(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(httpd, session, body, rendering="api", path=LIST, **headers):
    return session.post(httpd.url + ("/api/v1" if rendering == "api" else "") + path, data=body, timeout=30,
                        headers={**MULTIPART, **headers}, allow_redirects=False)


def bring_in(httpd, session, *names, content=None, path=API, **fields):
    """@return the answer; each file has its name as its content where no other is given"""
    files = [("file", (name, name.encode() if content is None else content)) for name in names]
    return session.post(httpd.url + path, files=files, data=fields, timeout=30, allow_redirects=False)


def ids_of(answer):
    assert answer.status_code == 201, answer.text
    return [int(item["id"]) for item in answer.json()["items"]]


def listed(httpd, session, **query):
    """@return the names on the page, which are those of the API"""
    page = session.get(httpd.url + LIST, params=query, timeout=20)
    answer = session.get(httpd.url + API, params=query, timeout=20)
    assert page.status_code == answer.status_code == 200, page.text
    names = [item["name"] for item in answer.json()["items"]]
    shown = re.findall(r'<a id="document-[0-9]+"[^>]*>([^<]*)</a>', page.text)
    assert [name.replace("&quot;", '"').replace("&amp;", "&") for name in shown] == names
    return names


# --- bringing in ---

def test_several_files_come_in_by_the_page_with_their_kind_and_contract(own, session):
    contract = rows(own, "SELECT id FROM contract WHERE number = 'WG-88 251'")[0][0]
    page = session.get(own.url + LIST, timeout=20).text
    submission = re.search(r'name="submission" value="([^"]+)"', page).group(1)
    answer = bring_in(own, session, "Rechnung Mai.txt", "Rechnung Juni.txt", path=LIST, kind="invoice",
                      contract=str(contract), submission=submission)
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal" + LIST + "?done=1"
    page = session.get(own.url + LIST + "?done=1", timeout=20).text
    assert "Die Dokumente sind angekommen." in page
    for name in ("Rechnung Mai.txt", "Rechnung Juni.txt"):
        row = re.search(rf"<tr>((?:(?!</tr>).)*{name}.*?)</tr>", page, re.DOTALL).group(1)
        assert all(text in row for text in ("Rechnung</td>", "WG-88 251", "Karla Kunde")), row
    changes = rows(own, "SELECT customer, resource, kind, login, name, address, channel, is_staff, old, new, row"
                        " FROM change ORDER BY id DESC LIMIT 2")
    for change, name in zip(changes, ("Rechnung Juni.txt", "Rechnung Mai.txt")):
        assert change[:9] == (10001, "document", "create", "karla.kunde", "Karla Kunde", "127.0.0.1", "page", 0, None)
        new = json.loads(change[9])
        assert (new["name"], new["kind"], new["contract"]) == (name, "invoice", str(contract))
        assert rows(own, "SELECT name, media_type, size, added_by, kind, contract, version FROM document WHERE id = ?",
                    change[10]) == [(name, "text/plain", len(name), "Karla Kunde", "invoice", contract, 1)]


def test_several_files_come_in_by_the_api_and_staff_is_named(own):
    staff = own.sign_in("viktor.vermittler")
    answer = bring_in(own, staff, "Brief 1.txt", "Brief 2.txt", kind="letter")
    documents = answer.json()["items"]
    assert answer.status_code == 201
    assert [(item["name"], item["kind"], item["added_by"]) for item in documents] == [
        ("Brief 1.txt", "letter", "Viktor Vermittler"), ("Brief 2.txt", "letter", "Viktor Vermittler")]
    assert rows(own, "SELECT channel, is_staff, login FROM change ORDER BY id DESC LIMIT 1") == [
        ("api", 1, "viktor.vermittler")]
    content = staff.get(f"{own.url}/api/v1/documents/{documents[0]['id']}/content", timeout=20)
    assert content.content == b"Brief 1.txt"


def test_the_list_is_filtered_by_contract_and_kind(own, session):
    contract = rows(own, "SELECT id FROM contract WHERE number = 'LV-300 445'")[0][0]
    bring_in(own, session, "Filter A.txt", kind="terms", contract=str(contract))
    bring_in(own, session, "Filter B.txt", kind="terms")
    assert set(listed(own, session, kind="terms")) == {"Filter A.txt", "Filter B.txt"}
    assert set(listed(own, session, contract=contract)) == {"Filter A.txt", "Police LV-300 445.pdf"}
    assert listed(own, session, contract=contract, kind="terms", q="fil") == ["Filter A.txt"]
    foreign = rows(own, "SELECT id FROM contract WHERE customer = 20001")[0][0]
    assert listed(own, session, contract=foreign) == []
    for query in ("kind=nothing", "contract=x", "contract=-1"):
        assert session.get(own.url + API + "?" + query, timeout=20).status_code == 400, query


def test_the_empty_filter_of_the_form_shows_everything(own, session):
    assert listed(own, session, q="", kind="", contract="") == listed(own, session)


# --- searching ---

NAMES = ("Änderung WG-88 251.pdf", "Police WG-88 251.pdf")
SEARCHED = ('Notiz "Zitat" OR NEAR.txt', "100%_fertig.txt", "Größe der Wohnung.txt")


def without_search(httpd):
    with contextlib.closing(sqlite3.connect(httpd.database)) as connection, connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"
                                   " AND name LIKE 'document_search%'").fetchall()
        assert len(names) == 3
        for name, in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TABLE document_search")


@pytest.fixture(name="searched", scope="module", params=["fts5", "like"])
def _searched(request, running_portal, slapd):
    with httpd_of(running_portal, LINES, slapd, without_search if request.param == "like" else None) as httpd:
        session = httpd.sign_in("karla.kunde")
        for name in SEARCHED:
            rows(httpd, "INSERT INTO document (customer, name, kind, date, size, media_type, content_hash) SELECT"
                        " 10001, ?, 'other', '2020-01-01', 1, 'text/plain', content_hash FROM document LIMIT 1", name)
        yield httpd, session, request.param


@pytest.mark.parametrize("query,names", [
    ("WG-88", NAMES),
    ("wg-88", NAMES),
    ("Pol", ("Police WG-88 251.pdf", "Police LV-300 445.pdf")),
    ("251 pol", ("Police WG-88 251.pdf",)),
    ("Änd", ("Änderung WG-88 251.pdf",)),
    ("größe wohn", ("Größe der Wohnung.txt",)),
    ('"', ('Notiz "Zitat" OR NEAR.txt',)),
    ('" OR *', None),
    ('"Zitat', ('Notiz "Zitat" OR NEAR.txt',)),
    ("OR", ('Notiz "Zitat" OR NEAR.txt',)),
    ("NEAR(Police Zitat)", ()),
    ("Police OR Notiz", ()),
    ("Police NOT Wohnzimmer", ()),
    ("name : Police", None),
    ("customer : 20001", ()),
    ("20001", ()),
    ("V-20001", ()),
    ("100%", ("100%_fertig.txt",)),
    ("10001", ()),
    ("'; DROP TABLE document; --", ()),
])
def test_a_search_finds_the_words_of_names_and_nothing_else(searched, query, names):
    httpd, session, kind = searched
    found = listed(httpd, session, q=query)
    if names is None:  # what is no letter is no word for FTS5, and a part of the name for LIKE
        names = {'" OR *': ('Notiz "Zitat" OR NEAR.txt',), "name : Police": ()}[query] if kind == "fts5" else ()
    if query == '"' and kind == "fts5":
        names = ()
    assert sorted(found) == sorted(names)


def test_accents_and_the_case_of_umlauts_make_no_difference_to_words(searched):
    httpd, session, kind = searched
    if kind == "fts5":
        assert listed(httpd, session, q="and") == ["Änderung WG-88 251.pdf"]
        assert listed(httpd, session, q="ÄND") == ["Änderung WG-88 251.pdf"]
        assert listed(httpd, session, q="olice") == []


def test_what_a_search_cannot_be_is_refused(searched):
    httpd, session, _ = searched
    for query in ("x" * 101, "%FF", "%00", "%01"):
        assert session.get(f"{httpd.url}{LIST}?q={query}", timeout=20).status_code == 400, query


def test_a_new_document_is_found_at_once(searched):
    httpd, session, _ = searched
    bring_in(httpd, session, "Neuigkeit.txt")
    assert listed(httpd, session, q="neuig") == ["Neuigkeit.txt"]


# --- what is wrong ---

WRONG_FILES = {
    "another type than its extension": (b"Foto.png", PDF, "Die Endung des Dateinamens passt nicht zum Inhalt"),
    "HTML as PDF": (b"Brief.pdf", HTML, "Dateien dieser Art werden hier nicht"),
    "HTML": (b"Brief.html", HTML, "Dateien dieser Art werden hier nicht"),
    "a program": (b"a.txt", b"\x7fELF\x02\x01\x01" + bytes(60), "Dateien dieser Art werden hier nicht"),
    "a script": (b"a.txt", b"#!/bin/sh\necho x\n", "Dateien dieser Art werden hier nicht"),
    "empty": (b"leer.txt", b"", "Diese Datei ist leer."),
    "too large": (b"viel.txt", b"x" * 1000001, "Diese Datei ist zu gro\u00df."),
    "a way up": (b"../x.txt", b"x", "Der Dateiname darf keinen Ordner enthalten."),
    "a path": (b"/etc/x.txt", b"x", "Der Dateiname darf keinen Ordner enthalten."),
    "a path of Windows": (rb"C:\\x.txt", b"x", "Der Dateiname darf keinen Ordner enthalten."),
    "two dots": (b"..", b"x", "Der Dateiname darf keinen Ordner enthalten."),
    "a control character": (b"a\x07b.txt", b"x", "Der Dateiname hat Steuerzeichen."),
    "a tabulator": (b"a\tb.txt", b"x", "Der Dateiname hat Steuerzeichen."),
    "invalid UTF-8": (b"a\xff.txt", b"x", "Der Dateiname ist kein g\u00fcltiges UTF-8."),
    "a turned name": ("Brief\u202efdp.txt".encode(), b"x", "Der Dateiname hat Steuerzeichen."),
    "a blank name": (b"  ", b"x", "Der Dateiname ist leer."),
    "a long name": (b"x" * 197 + b".txt", b"x", "Der Dateiname ist zu lang."),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_wrong_file_is_named_and_nothing_of_three_is_kept(own, session, what):
    name, content, message = WRONG_FILES[what]
    body = body_of(part("file", b"eins", b"eins.txt"), part("file", content, name), part("file", b"drei", b"drei.txt"))
    with nothing_kept(own):
        answer = send(own, session, body)
        assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json", answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == ["#/file/1"]
        assert answer.json()["errors"][0]["detail"].startswith(message)
    with nothing_kept(own):
        answer = send(own, session, body, "page")
        problems = re.findall(r"<li><strong>(.*?): </strong>(.*?)</li>", answer.text)
        assert answer.status_code == 422 and len(problems) == 1 and problems[0][1].startswith(message), answer.text
        shown = re.sub(rb"[\x07\t\xff]", b"?", name.replace(rb"\\", b"\\").replace(b"\xe2\x80\xae", b"?")).decode()
        assert re.fullmatch(re.escape(shown).replace(r"\?", "."), problems[0][0]) or what == "a long name", problems
        assert "eins.txt" not in answer.text and 'name="file"' in answer.text


def test_a_file_as_large_as_allowed_comes_in(own, session):
    ids_of(send(own, session, body_of(part("file", b"x" * 1000000, b"viel.txt"))))


def test_every_wrong_file_is_named(own, session):
    with nothing_kept(own):
        answer = send(own, session, body_of(part("file", b"", b"a.txt"), part("file", b"x", b"/b.txt")))
        assert [error["pointer"] for error in answer.json()["errors"]] == ["#/file/0", "#/file/1"]


@pytest.mark.parametrize("fields,pointer", [
    ({}, "#/file"),
    ({"kind": "nothing"}, "#/kind"),
    ({"contract": "x"}, "#/contract"),
    ({"contract": "20001"}, "#/contract"),
    ({"contract": "foreign"}, "#/contract"),
])
def test_wrong_fields_are_named(own, session, fields, pointer):
    if fields.get("contract") == "foreign":
        fields = {"contract": str(rows(own, "SELECT id FROM contract WHERE customer = 20001")[0][0])}
    parts = [part(name, text.encode()) for name, text in fields.items()]
    body = body_of(*parts, *([part("file", b"Text", b"x.txt")] if fields else [part("kind", b"other")]))
    with nothing_kept(own):
        answer = send(own, session, body)
        assert answer.status_code == 422 and [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        answer = send(own, session, body, "page")
        assert answer.status_code == 422 and "Nichts wurde gespeichert. Bitte prüfen Sie:" in answer.text


def test_the_form_without_a_chosen_file_asks_for_one(own, session):
    with nothing_kept(own):
        answer = send(own, session, body_of(part("submission", b"a"), part("file", b"", b"")), "page")
        assert answer.status_code == 422 and "Bitte wählen Sie mindestens eine Datei." in answer.text


FILE = part("file", b"Text", b"x.txt")


@pytest.mark.parametrize("what,body,content_type,status", [
    ("no multipart", b"file=x", "application/x-www-form-urlencoded", 415),
    ("JSON", b"{}", "application/json", 415),
    ("no type", b"x", "", 415),
    ("no boundary", body_of(FILE), "multipart/form-data", 400),
    ("another boundary", body_of(FILE), "multipart/form-data; boundary=andere", 400),
    ("no closing boundary", FILE, None, 400),
    ("cut short", body_of(FILE)[:-30], None, 400),
    ("cut in the headers", body_of(FILE)[:40], None, 400),
    ("empty", b"", None, 400),
    ("a part without a name", f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
     None, 400),
    ("large headers", f"--{BOUNDARY}\r\nX: ".encode() + b"x" * 9000, None, 400),
    ("a large field", body_of(part("kind", b"x" * 5000)), None, 413),
    ("many fields", body_of(*[part("kind", b"x")] * 40), None, 400),
    ("too many files", body_of(*[FILE] * 4), None, 413),
])
def test_a_body_that_cannot_be_read_is_refused(own, session, what, body, content_type, status):
    headers = {"Content-Type": MULTIPART["Content-Type"] if content_type is None else content_type or None}
    with nothing_kept(own):
        for rendering in ("api", "page"):
            answer = send(own, session, body, rendering, **headers)
            assert answer.status_code == status, (what, rendering, answer.text)
            assert rendering == "page" or answer.json()["title"], what
    assert session.get(own.url + LIST, timeout=20).status_code == 200


def test_too_many_files_and_too_much_are_told_in_words(own, session):
    with nothing_kept(own):
        for rendering in ("api", "page"):
            answer = send(own, session, body_of(*[FILE] * 4), rendering)
            assert answer.status_code == 413 and "Es sind zu viele Dateien auf einmal." in answer.content.decode()
            answer = send(own, session, body_of(part("file", b"x" * 4100000, b"x.txt")), rendering)
            assert answer.status_code == 413 and "Die Dateien sind zusammen zu groß." in answer.content.decode()


def test_an_upload_that_breaks_off_leaves_nothing(own, session):
    place = urllib.parse.urlsplit(own.url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
    head = (f"POST /portal{API} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\n"
            f"Content-Type: {MULTIPART['Content-Type']}\r\n").encode()
    begun = part("file", b"x" * 100000, b"x.txt")
    chunk = f"{len(begun):x}\r\n".encode() + begun + b"\r\n"
    for sent in (head + b"Content-Length: 500000\r\n\r\n" + begun,
                 head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk):
        with nothing_kept(own), socket.create_connection((place.hostname, place.port), timeout=20) as client:
            client.sendall(sent)
            wait_until(lambda: temporary_files(own), "no temporary file")
            client.close()
            wait_until(lambda: not temporary_files(own), "the temporary file stays")


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_files_from_another_origin_are_refused(own, session, headers):
    with nothing_kept(own):
        for rendering in ("page", "api"):
            answer = send(own, session, body_of(FILE), rendering, **headers)
            assert answer.status_code == 403 and "nicht von einer Seite dieses Portals" in answer.text


def test_files_for_another_customer_or_without_the_right_are_refused(own, session):
    reader = own.sign_in("nora.nurlesen")
    with nothing_kept(own):
        for rendering in ("page", "api"):
            assert send(own, session, body_of(FILE), rendering, "/customers/20001/documents").status_code == 404
            assert send(own, reader, body_of(FILE), rendering, "/customers/10002/documents").status_code == 403


# --- sent twice ---

@pytest.mark.parametrize("rendering", ["page", "api"])
def test_what_is_sent_twice_is_kept_once(own, session, rendering):
    name = f"zweimal-{rendering}"
    parts = [part("submission", name.encode())] if rendering == "page" else []
    headers = {"Idempotency-Key": name} if rendering == "api" else {}
    files = [part("file", b"Inhalt", f"{name} {number}.txt".encode()) for number in (1, 2)]
    body = body_of(*parts, *files)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: send(own, session, body, rendering, **headers), range(6)))
    answers.append(send(own, session, body, rendering, **headers))
    if rendering == "page":
        assert {answer.status_code for answer in answers} == {303}
    else:
        assert len({tuple(ids_of(answer)) for answer in answers}) == 1
    assert sorted(listed(own, session, q=name)) == [f"{name} 1.txt", f"{name} 2.txt"]
    assert rows(own, "SELECT count(*) FROM change WHERE new LIKE ?", f"%{name}%") == [(2,)]
    assert len(ids_of(send(own, session, body))) == 2  # without the name it is another one
    assert len(listed(own, session, q=name)) == 4


# --- memory ---

def memory_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return [int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) for name in ("VmHWM", "VmRSS")]


@contextlib.contextmanager
def little_memory(httpd):
    pid, = httpd.children()
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    before = memory_of(pid)
    yield
    assert httpd.children() == [pid]
    grown = [after - was for was, after in zip(before, memory_of(pid))]
    assert max(grown) < 2000, f"kB that VmHWM and VmRSS grew: {grown}"


@pytest.mark.skipif("HTTPD_WRAPPER" in os.environ, reason="the tool that watches the memory keeps what was freed")
def test_memory_does_not_grow_with_files(running_portal, slapd):
    large = b"".join(b"%d Zeilen\n" % number for number in range(2000000))[:25000000]
    assert len(large) == 25000000
    with httpd_of(running_portal, "SmvPortalCacheTime 0\n", slapd) as httpd:
        session = httpd.sign_in("karla.kunde")
        small, = ids_of(bring_in(httpd, session, "klein.txt"))
        assert zip_of(httpd, session, small).namelist() == ["klein.txt"]
        body = body_of(part("file", large, b"gross.txt"))
        with little_memory(httpd):
            key, = ids_of(send(httpd, session, body))
        with little_memory(httpd):
            archive = zip_of(httpd, session, key, small)
        assert archive.read("gross.txt") == large
        with little_memory(httpd):
            content = session.get(f"{httpd.url}/documents/{key}/content", timeout=30).content
        assert content == large


# --- the virus check ---

@pytest.fixture(name="clamd")
def _clamd(tmp_path):
    scanner = PrivateClamd(tmp_path)
    yield scanner
    scanner.stop()


def test_viruses_stay_outside_and_so_does_everything_while_nobody_looks(running_portal, slapd, clamd):
    lines = f"{LINES}SmvPortalClamd {clamd.socket}\nSmvPortalClamdTimeout 1\n"
    with httpd_of(running_portal, lines, slapd) as httpd:
        clamd.socket.chmod(0o777)
        for folder in (clamd.socket.parent, clamd.socket.parent.parent, clamd.socket.parent.parent.parent):
            folder.chmod(folder.stat().st_mode | 0o011)
        session = httpd.sign_in("karla.kunde")
        ids_of(bring_in(httpd, session, "sauber.txt"))
        body = body_of(part("file", b"Text", b"x.txt"), part("file", EICAR, b"virus.txt"))
        with nothing_kept(httpd):
            answer = send(httpd, session, body)
            assert answer.status_code == 422 and answer.json()["errors"] == [
                {"pointer": "#/file/1", "detail": "In dieser Datei wurde ein Virus gefunden."}]
            page = send(httpd, session, body, "page")
            assert page.status_code == 422
            assert "<strong>virus.txt: </strong>In dieser Datei wurde ein Virus gefunden." in page.text
        httpd.expect_log("SMV0402: clamd at ")
        clamd.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        assert_put_off(httpd, session)
        # two uploads, each with a timeout of a second; that of one of them was once seen to be refused at once
        assert 1 <= time.monotonic() - begun < 6, httpd.log.read_text()[-3000:]
        clamd.process.send_signal(signal.SIGCONT)
        ids_of(bring_in(httpd, session, "wieder sauber.txt"))
        clamd.process.terminate()
        clamd.process.wait(timeout=20)
        assert_put_off(httpd, session)


def assert_put_off(httpd, session):
    with nothing_kept(httpd):
        for path in (API, LIST):
            answer = bring_in(httpd, session, "ungesehen.txt", path=path)
            assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
            assert "Dateien können zurzeit nicht geprüft werden." in answer.content.decode()


# --- where content goes ---

def test_content_lies_under_its_hash_where_no_url_leads(own, session):
    content = b"Nur fuer meine Augen"
    digest = hashlib.sha256(content).hexdigest()
    before = files_of(own)
    first, = ids_of(bring_in(own, session, "Augen 1.txt", content=content))
    place = own.documents / digest[:2] / digest
    assert place.read_bytes() == content
    assert place.stat().st_mode & 0o777 == 0o600 and place.parent.stat().st_mode & 0o777 == 0o700
    assert (own.documents / "incoming").stat().st_mode & 0o777 == 0o700
    second, = ids_of(bring_in(own, session, "Augen 2.txt", content=content))
    assert set(files_of(own)) - set(before) == {f"{digest[:2]}/{digest}"} and first != second
    own.expect_log("AH10244: invalid URI path")
    base = urllib.parse.urlsplit(own.url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
    inner = f"documents/{digest[:2]}/{digest}"
    for path in (f"/{inner}", f"/portal/{inner}", f"/portal/assets/../../../{inner}", f"/portal/assets/%2e%2e/{inner}",
                 f"/{digest[:2]}/{digest}", f"/portal/assets/..%2f..%2f{inner}", f"/portal/documents/{digest}",
                 f"/portal/documents/{digest}/content", f"/portal/api/v1/{inner}", f"/portal/assets/{place}"):
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=20)
        connection.request("GET", path, headers={"Cookie": cookies})
        answer = connection.getresponse()
        assert answer.status in (400, 403, 404) and content not in answer.read(), path
        connection.close()


# --- deleting, and taking that back ---

def delete(httpd, session, key, version=1, rendering="api"):
    if rendering == "api":
        return session.delete(f"{httpd.url}/api/v1/documents/{key}", headers={"If-Match": f'"{version}"'}, timeout=20)
    return session.post(f"{httpd.url}/documents/{key}/delete", data={"version": version}, timeout=20,
                        allow_redirects=False)


def restore(httpd, session, key, rendering="api"):
    path = f"/documents/{key}/restore"
    return session.post(httpd.url + ("/api/v1" if rendering == "api" else "") + path, timeout=20, allow_redirects=False)


def count_of(httpd, session, contract):
    answer = session.get(f"{httpd.url}/api/v1/contracts/{contract}", timeout=20).json()
    page = session.get(f"{httpd.url}/customers/10001/contracts", timeout=20).text
    assert answer["document_count"] == 0 or f"Anzahl Dokumente: {answer['document_count']}" in page
    return answer["document_count"]


@pytest.mark.parametrize("rendering", ["page", "api"])
def test_a_deleted_document_is_gone_everywhere_and_comes_back(own, session, rendering):
    contract = rows(own, "SELECT id FROM contract WHERE number = 'PH-77-5'")[0][0]
    name = f"Irrtum {rendering}.txt"
    before = count_of(own, session, contract)
    key, = ids_of(bring_in(own, session, name, contract=str(contract)))
    assert count_of(own, session, contract) == before + 1
    answer = delete(own, session, key, rendering=rendering)
    if rendering == "page":
        assert (answer.status_code, answer.headers["Location"]) == (303, "/portal" + LIST + "?done=3")
    else:
        assert answer.status_code == 204 and not answer.content
    page = session.get(own.url + LIST + "?done=3", timeout=20).text
    assert "Das Dokument wurde gelöscht." in page and f"/documents/{key}/restore" in page and "Rückgängig" in page
    assert name not in listed(own, session) and listed(own, session, q=name) == []
    assert count_of(own, session, contract) == before
    for path in (f"/documents/{key}", f"/documents/{key}/content", f"/api/v1/documents/{key}",
                 f"/customers/10001/documents.zip?document={key}"):
        assert session.get(own.url + path, timeout=20).status_code == 404, path
    assert delete(own, session, key).status_code == 404
    answer = restore(own, session, key, rendering)
    if rendering == "page":
        assert (answer.status_code, answer.headers["Location"]) == (303, "/portal" + LIST + "?done=4")
    else:
        assert answer.status_code == 204
    page = session.get(own.url + LIST + "?done=4", timeout=20).text
    assert "Das Dokument ist wieder da." in page and f"/documents/{key}/restore" not in page
    assert listed(own, session, q=name) == [name] and count_of(own, session, contract) == before + 1
    assert session.get(f"{own.url}/documents/{key}/content", timeout=20).content == name.encode()
    assert zip_of(own, session, key).namelist() == [name]
    assert restore(own, session, key).status_code == 404
    assert rows(own, "SELECT kind FROM change WHERE resource = 'document' AND row = ? ORDER BY id", key) == [
        ("create",), ("delete",), ("restore",)]
    assert delete(own, session, key).status_code == 412  # it came back as another version
    assert delete(own, session, key, 2).status_code == 204


def test_deleting_needs_the_right(own, session):
    key, = ids_of(bring_in(own, session, "bleibt.txt"))
    gone, = ids_of(bring_in(own, session, "ging.txt"))
    delete(own, session, gone)
    own.modify(ROLE, smvDokumenteLoeschen="FALSE")
    try:
        with nothing_kept(own):
            for rendering in ("page", "api"):
                assert delete(own, session, key, rendering=rendering).status_code == 403
                assert restore(own, session, gone, rendering).status_code == 403
            page = session.get(own.url + LIST, timeout=20).text
            assert "/restore" not in page and "ging.txt" not in page
            assert "/delete" not in session.get(f"{own.url}/documents/{key}", timeout=20).text
    finally:
        own.modify(ROLE, smvDokumenteLoeschen="TRUE")


def test_another_customers_document_is_neither_deleted_nor_brought_back(own, session):
    stranger = own.sign_in("claudia.chef")
    key, = ids_of(bring_in(own, session, "meins.txt"))
    gone, = ids_of(bring_in(own, session, "war meins.txt"))
    delete(own, session, gone)
    with nothing_kept(own):
        for rendering in ("page", "api"):
            assert delete(own, stranger, key, rendering=rendering).status_code == 404
            assert restore(own, stranger, gone, rendering).status_code == 404


def test_a_document_that_changed_meanwhile_stays(own, session):
    key, = ids_of(bring_in(own, session, "anders.txt"))
    rows(own, "UPDATE document SET version = 2 WHERE id = ?", key)
    with nothing_kept(own):
        page = delete(own, session, key, rendering="page")
        assert page.status_code == 409 and "Jemand anderes hat inzwischen etwas geändert." in page.text
        assert 'name="version" value="2"' in page.text and "anders.txt" in page.text
        assert delete(own, session, key).status_code == 412
        answer = session.delete(f"{own.url}/api/v1/documents/{key}", timeout=20)
        assert answer.status_code == 428
    assert delete(own, session, key, 2, "page").status_code == 303


def test_of_two_who_delete_at_once_one_does(own, session):
    for _ in range(3):
        key, = ids_of(bring_in(own, session, "umkämpft.txt"))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(lambda _: delete(own, session, key).status_code, range(4)))
        assert answers[0] == 204 and set(answers[1:]) <= {404, 412}
        assert rows(own, "SELECT kind FROM change WHERE resource = 'document' AND row = ?", key) == [
            ("create",), ("delete",)]


def test_after_its_time_a_deleted_document_is_gone_for_good(running_portal, slapd):
    with httpd_of(running_portal, LINES + "SmvPortalUndoTime 1\n", slapd) as httpd:
        session = httpd.sign_in("karla.kunde")
        key, other = ids_of(bring_in(httpd, session, "vorbei.txt", "danach.txt"))
        delete(httpd, session, key)
        wait_until(lambda: "/restore" not in session.get(httpd.url + LIST, timeout=20).text, "it can still be undone")
        for rendering in ("page", "api"):
            assert restore(httpd, session, key, rendering).status_code == 404
        assert "vorbei.txt" not in listed(httpd, session)
        delete(httpd, session, other)
        assert rows(httpd, "SELECT id FROM deleted_document") == [(other,)]


# --- several at once ---

def get_zip(httpd, session, *keys, rendering="page"):
    base = httpd.url + ("/api/v1" if rendering == "api" else "")
    return session.get(base + "/customers/10001/documents.zip", params=[("document", key) for key in keys], timeout=60)


def zip_of(httpd, session, *keys):
    answer = get_zip(httpd, session, *keys)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip", answer.text[:300]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def test_a_zip_has_the_chosen_documents(own, session):
    keys = ids_of(bring_in(own, session, "Übersicht.txt", content=b"eins")) + ids_of(
        bring_in(own, session, "Übersicht.txt", content=b"zwei"))
    police, hashed = rows(own, "SELECT id, content_hash FROM document WHERE name = 'Police WG-88 251.pdf'")[0]
    archive = zip_of(own, session, *keys, police)
    assert archive.namelist() == ["Übersicht.txt", "Übersicht (2).txt", "Police WG-88 251.pdf"]
    assert [archive.read(name) for name in archive.namelist()[:2]] == [b"eins", b"zwei"]
    assert hashlib.sha256(archive.read("Police WG-88 251.pdf")).hexdigest() == hashed
    disposition = get_zip(own, session, police).headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and "Dokumente%2010001.zip" in disposition


@pytest.mark.parametrize("rendering", ["page", "api"])
def test_a_zip_with_anything_foreign_or_wrong_is_none(own, session, rendering):
    mine = rows(own, "SELECT id FROM document WHERE customer = 10001")[0][0]
    foreign = rows(own, "SELECT id FROM document WHERE customer = 20001")[0][0]
    for keys, status in (([mine, foreign], 404), ([foreign], 404), ([mine, 99999999], 404), ([], 400), (["x"], 400),
                         ([mine] * 201, 400)):
        answer = get_zip(own, session, *keys, rendering=rendering)
        assert answer.status_code == status and not answer.content.startswith(b"PK"), keys
        if not keys:
            assert "Bitte wählen Sie mindestens ein Dokument." in answer.content.decode()


@pytest.mark.parametrize("rendering", ["page", "api"])
def test_a_file_that_is_missing_gives_an_error_and_no_half_zip(own, session, rendering):
    there, away = ids_of(bring_in(own, session, f"da {rendering}.txt", f"weg {rendering}.txt"))
    digest = hashlib.sha256(f"weg {rendering}.txt".encode()).hexdigest()
    (own.documents / digest[:2] / digest).unlink()
    own.expect_log(f"SMV0401: .*{digest} is missing or unreadable")
    answer = get_zip(own, session, there, away, rendering=rendering)
    assert answer.status_code == 500 and "Das Dokument ist zurzeit nicht erreichbar." in answer.content.decode()
    assert "attachment" not in answer.headers.get("Content-Disposition", "") and b"PK\3\4" not in answer.content
    assert zip_of(own, session, there).namelist() == [f"da {rendering}.txt"]
