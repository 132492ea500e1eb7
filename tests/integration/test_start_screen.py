# SPDX-License-Identifier: Apache-2.0
"""The start screen of the firm: saved as a draft, previewed, published to everybody, and taken back; its logo, colours, words,
tiles, news and links, and what is refused."""
import html
import io
import json
import re
import sqlite3
import struct
import time
import zlib

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

PATH = "/start-screen"


def png(width=8, height=8, extra=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + b"\x0b\x5c\x6b" * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + (chunk(b"tEXt", extra) if extra else b"") + chunk(b"IEND", b""))


class Screen:
    """A portal of its own, whose start screen the test makes."""

    def __init__(self, running_portal, folder):
        self.slapd = PrivateSlapd(folder)
        self.httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 10\n", self.slapd)
        self.staff, self.karla = self.httpd.sign_in("ines.innen"), self.httpd.sign_in("karla.kunde")

    def get(self, path, session=None, **options):
        return (session or self.staff).get(self.httpd.url + path, timeout=20, allow_redirects=False, **options)

    def start(self):
        return self.get("/", self.karla).text

    def form(self):
        """@return what the browser sends back from the editor"""
        page = self.get(PATH).text
        main = page[page.index('<form class="form editor"'):]
        main = main[:main.index("</form>")]
        sent = {}
        for tag in re.findall(r"<input [^>]*>", main):
            sent[re.search(r' name="([^"]+)"', tag).group(1)] = html.unescape(re.search(r' value="([^"]*)"', tag).group(1))
        for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', main, re.DOTALL):
            sent[name] = html.unescape(value)
        for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
            chosen = re.search(r'<option selected="selected" value="([^"]*)"', options)
            sent[name] = chosen.group(1) if chosen else ""
        return sent

    def post(self, path, **data):
        return self.staff.post(self.httpd.url + PATH + path, data=data, timeout=20, allow_redirects=False)

    def save(self, **fields):
        return self.post("", **{**self.form(), **fields})

    def version(self):
        return self.form()["version"]

    def publish(self):
        return self.post("/publish", version=self.version())

    def logo(self, content, name="logo.png", version=None):
        return self.staff.post(self.httpd.url + PATH + "/logo", data={"version": version or self.version()},
                               files={"file": (name, content)}, timeout=20, allow_redirects=False)

    def api(self, method, path="", login="ines.innen", version=None, **options):
        headers = {"If-Match": f'"{version}"'} if version else {}
        return requests.request(method, f"{self.httpd.url}/api/v1{PATH}{path}", auth=(login, "demo"), timeout=20,
                                headers=headers, **options)

    def sql(self, statement, *values):
        with sqlite3.connect(self.httpd.database, timeout=10) as connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def noted(self):
        return [(kind, row, json.loads(detail) if detail else None) for kind, row, detail in
                self.sql("SELECT kind, row, detail FROM audit WHERE subject = 'start_screen' ORDER BY id")]


@pytest.fixture(name="screen", scope="module")
def _screen(running_portal, tmp_path_factory):
    made = Screen(running_portal, tmp_path_factory.mktemp("screen"))
    yield made
    made.httpd.stop()
    made.slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(screen):
    screen.httpd.expected = []
    yield
    assert screen.httpd.unexpected_lines() == []


def done(answer, deed):
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"{PATH}?done={deed}"), \
        (answer.status_code, answer.headers.get("Location"), re.findall(r'class="(?:wrong|error)"[^>]*>.*', answer.text)[:5])
    return True


def tiles(page):
    return re.findall(r'<a(?: href="([^"]*)")? class="card">\s*<strong>([^<]*)</strong>', page)


# --- before anything is published ---

def test_the_draft_begins_as_what_smv_says_of_the_firm(screen):
    draft = screen.api("GET").json()
    firm = screen.sql("SELECT welcome_title, contact_name FROM firm")[0]
    assert (draft["welcome_title"], draft["contact_name"]) == firm and draft["version"] == 1
    assert "theme.css" not in screen.start() and "/assets/logo.svg" in screen.start()
    assert "Noch ist nichts veröffentlicht." in screen.get(PATH).text
    assert screen.get("/logo").status_code == 404 and screen.api("GET", "/publications").json()["items"] == []
    screen.sql("UPDATE firm SET contact_role = 'Ihre Betreuerin'")
    assert screen.api("GET").json()["contact_role"] == "Ihre Betreuerin", "it follows until somebody saves one"


# --- from a draft to what everybody sees ---

def test_a_draft_is_seen_by_nobody_until_it_is_published(screen):
    before = screen.start()
    words = "<h2>Neu hier?</h2><p>Rufen Sie <strong>uns</strong> an.</p>"
    assert done(screen.save(welcome_title="Grüß Gott", welcome_text=words, brand="#7a1f3d", imprint_url="/impressum",
                            privacy_url="https://www.example.com/datenschutz", contact_name="Team Süd"), "edit")
    assert screen.start() == before
    preview = screen.get(PATH + "/preview").text
    assert "<h1>Grüß Gott</h1>" in preview and words in preview and "Team Süd" in preview
    assert 'href="/impressum"' in preview and "Vorschau" in preview
    [theme] = re.findall(r'href="(/portal/start-screen/theme\.css[^"]*)"', preview)
    assert "--brand: #7a1f3d" in screen.get(theme.removeprefix("/portal")).text
    assert done(screen.publish(), "publish")
    shown = screen.start()
    assert "<h1>Grüß Gott</h1>" in shown and words in shown and "Team Süd" in shown
    login = requests.get(screen.httpd.url + "/login", timeout=20).text
    assert 'href="/impressum"' in login and 'href="https://www.example.com/datenschutz"' in login, "before signing in, too"
    assert "Der Entwurf ist derselbe." in screen.get(PATH).text
    assert done(screen.publish(), "same"), "nothing was changed, so nothing is published"


def test_colours_come_as_a_style_sheet_that_may_be_kept(screen):
    [theme] = re.findall(r'href="/portal(/theme\.css\?publication=\d+)"', screen.start())
    answer = requests.get(screen.httpd.url + theme, timeout=20)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8" and "immutable" in answer.headers["Cache-Control"]
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"] and "Set-Cookie" not in answer.headers
    assert "prefers-color-scheme: light" in answer.text and "prefers-color-scheme: dark" in answer.text
    older = requests.get(screen.httpd.url + "/theme.css?publication=99", timeout=20)
    assert older.text == answer.text and "immutable" not in older.headers["Cache-Control"]
    assert requests.get(screen.httpd.url + "/theme.css?publication=x", timeout=20).status_code == 400


def test_what_was_changed_is_in_the_log(screen):
    noted = screen.noted()
    assert noted[0][0] == "edit" and set(noted[0][2]["fields"]) >= {"welcome_title", "brand", "imprint_url"}
    assert ("publish", 1, None) in noted
    page = screen.get("/audit?kind=publish").text
    assert "Startbildschirm" in page and "veröffentlicht" in page


def test_an_earlier_screen_comes_back_by_one_click(screen):
    assert done(screen.save(welcome_title="Zweiter Stand"), "edit") and done(screen.publish(), "publish")
    assert "<h1>Zweiter Stand</h1>" in screen.start()
    assert "Grüß Gott" in screen.get(PATH + "/preview?publication=1").text
    assert done(screen.post("/publications/1/restore"), "restore")
    assert "<h1>Grüß Gott</h1>" in screen.start()
    assert screen.api("GET").json()["welcome_title"] == "Grüß Gott", "a draft without changes of its own follows"
    history = screen.api("GET", "/publications").json()["items"]
    assert [(each["id"], each["restored"], each["is_current"]) for each in history] == \
        [("3", "1", True), ("2", None, False), ("1", None, False)]
    assert ("publish", 3, {"restored": "1"}) in screen.noted()
    assert done(screen.post("/publications/1/restore"), "same")
    screen.httpd.expect_log("SMV0107")
    assert screen.post("/publications/99/restore").status_code == 404
    assert screen.post("/publications/0/restore").status_code == 404
    with pytest.raises(sqlite3.IntegrityError, match="keeps its history"):
        screen.sql("UPDATE start_screen SET welcome_title = 'x' WHERE id = 1")
    with pytest.raises(sqlite3.IntegrityError, match="keeps its history"):
        screen.sql("DELETE FROM start_screen WHERE id = 2")
    with pytest.raises(sqlite3.IntegrityError, match="keeps its history"):
        screen.sql("INSERT OR REPLACE INTO start_screen (id, welcome_title) VALUES (2, 'x')")


def test_a_draft_that_somebody_works_on_stays_when_an_earlier_screen_comes_back(screen):
    assert done(screen.save(welcome_title="In Arbeit"), "edit")
    assert done(screen.post("/publications/2/restore"), "restore")
    assert "<h1>Zweiter Stand</h1>" in screen.start() and screen.api("GET").json()["welcome_title"] == "In Arbeit"
    assert done(screen.post("/discard", version=screen.version()), "discard")
    assert screen.api("GET").json()["welcome_title"] == "Zweiter Stand"


# --- two at once ---

def test_who_saw_another_draft_decides(screen):
    seen = screen.form()
    assert done(screen.save(welcome_title="Von der Kollegin"), "edit")
    screen.httpd.expect_log("SMV0")
    answer = screen.post("", **{**seen, "welcome_title": "Von mir"})
    text = html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", answer.text)))
    assert answer.status_code == 409 and "Inzwischen steht hier: Von der Kollegin" in text
    assert 'value="Von mir"' in answer.text and screen.api("GET").json()["welcome_title"] == "Von der Kollegin"
    before = screen.start()
    for path in ("/publish", "/discard", "/logo/delete"):
        assert screen.post(path, version=seen["version"]).status_code == 409, path
        assert screen.post(path, version="").status_code == 400, path
    assert screen.logo(png(), version=seen["version"]).status_code == 409
    assert screen.start() == before
    version = screen.version()
    assert screen.api("PATCH", json={"brand": "#7a1f3d"}).status_code == 428
    assert screen.api("PATCH", version="1", json={"brand": "#7a1f3d"}).status_code == 412
    assert screen.api("POST", "/publish", version="1").status_code == 412
    assert screen.api("POST", "/publish").status_code == 428
    assert screen.api("PATCH", version=version, json={"welcome_title": "Von der Schnittstelle"}).status_code == 200


def test_the_api_does_the_same(screen):
    got = screen.api("GET")
    assert got.headers["ETag"] == f'"{got.json()["version"]}"'
    changed = screen.api("PATCH", version=got.json()["version"], json={"news_1_title": "Neu", "tile_documents": "hidden"})
    assert changed.status_code == 200 and changed.json()["news_1_title"] == "Neu" and changed.json()["tile_documents"] == "hidden"
    version = changed.headers["ETag"].strip('"')
    assert screen.api("POST", "/publish", version=version).status_code == 204
    assert "Neu</h3>" in screen.start()
    cleared = screen.api("PATCH", version=version, json={"news_1_title": None, "tile_documents": None}).json()
    assert cleared["news_1_title"] is None
    assert screen.api("POST", "/discard", version=cleared["version"]).status_code == 204
    assert screen.api("GET").json()["news_1_title"] == "Neu"
    assert screen.api("POST", "/publications/1/restore").status_code == 204


# --- words, colours, tiles, news, links ---

@pytest.mark.parametrize("sent, shown", [
    ("<p>Hallo<script>alert(1)</script></p>", "<p>Hallo</p>"),
    ('<p onclick="x()">a</p><img src="x" onerror="y()">', "<p>a</p>"),
    ('<p><a href="javascript:x()">a</a> <a href="https://example.com/">b</a></p>',
     '<p>a <a href="https://example.com/">b</a></p>'),
    ("Ohne Gestaltung\n\nZweiter Absatz", "<p>Ohne Gestaltung</p><p>Zweiter Absatz</p>"),
])
def test_words_are_cleaned(screen, sent, shown):
    assert done(screen.save(welcome_text=sent), "edit")
    assert screen.api("GET").json()["welcome_text"] == shown
    assert f'<div class="lead words-of-firm">{shown}</div>' in screen.get(PATH + "/preview").text


def test_what_is_in_the_database_is_cleaned_again_where_it_is_shown(screen):
    screen.sql("UPDATE start_screen SET welcome_text = '<p>a<script>alert(1)</script></p>', version = version + 1 WHERE id = 0")
    screen.sql("UPDATE start_screen SET imprint_url = 'javascript:alert(1)' WHERE id = 0")
    page = screen.get(PATH + "/preview").text
    assert '<div class="lead words-of-firm"><p>a</p></div>' in page and "alert(1)" not in page
    screen.sql("UPDATE start_screen SET imprint_url = NULL WHERE id = 0")


WRONG = [
    ("brand", "red", "Eine Farbe wird so geschrieben"),
    ("ink", "#999999", "Text auf dem Hintergrund"),
    ("ground", "#000000", "Fehlermeldungen auf dem Hintergrund"),
    ("on_brand", "#0b5c6b", "Schrift auf Schaltflächen"),
    ("imprint_url", "javascript:alert(1)", "Eine Adresse beginnt mit"),
    ("privacy_url", "//example.com", "Eine Adresse beginnt mit"),
    ("contact_mail", "niemand", "vollständige E-Mail-Adresse"),
    ("contact_phone", "anrufen", "Eine Telefonnummer hat nur Ziffern"),
    ("welcome_title", "", "Bitte füllen Sie dieses Feld aus."),
    ("welcome_title", "x" * 121, "Der Text ist zu lang."),
    ("welcome_text", "x" * 4001, "Der Text ist zu lang."),
    ("tile_customer", "9", "Bitte wählen Sie einen der Werte."),
    ("news_1_until", "2026-02-30", "Dieses Datum gibt es nicht."),
    ("link_1_url", "https://example.com", "Eine Kachel braucht einen Titel."),
    ("link_2_label", "Schaden", "Eine Kachel braucht eine Adresse"),
    ("news_2_text", "Text", "Eine Neuigkeit braucht eine Überschrift."),
]


@pytest.mark.parametrize("field, value, problem", WRONG, ids=[f"{field}-{number}" for number, (field, *_) in enumerate(WRONG)])
def test_what_is_wrong_is_said_at_its_place_and_changes_nothing(screen, field, value, problem):
    screen.httpd.expect_log("SMV0")
    before = screen.api("GET").json()
    answer = screen.save(**{field: value})
    assert answer.status_code == 422, answer.status_code
    wrong = re.findall(r'<p class="wrong" id="wrong-([^"]+)">(.*?)</p>', answer.text, re.DOTALL)
    assert any(problem in text for _, text in wrong), wrong
    assert screen.api("GET").json() == before
    refused = screen.api("PATCH", version=before["version"], json={field: value})
    assert refused.status_code == 422 and any(problem in each["detail"] for each in refused.json()["errors"])


def test_news_are_shown_in_their_days(screen):
    day = 86400
    iso = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset * day)) for offset in (-1, 0, 1)]
    fields = {"news_1_title": "Heute", "news_1_from": iso[1], "news_1_until": iso[1], "news_1_text": "Zeile 1\r\nZeile <2>",
              "news_2_title": "Gestern", "news_2_from": "", "news_2_until": iso[0],
              "news_3_title": "Morgen", "news_3_from": iso[2], "news_3_until": "",
              "news_4_title": "Immer", "news_4_from": "", "news_4_until": ""}
    assert done(screen.save(**fields), "edit")
    shown = re.findall(r"<h3>([^<]*)</h3>", screen.get(PATH + "/preview").text)
    assert shown == ["Heute", "Immer"]
    assert "Zeile &lt;2&gt;" in screen.get(PATH + "/preview").text
    screen.httpd.expect_log("SMV0")
    answer = screen.save(news_1_from=iso[2], news_1_until=iso[0])
    assert answer.status_code == 422 and "Der letzte Tag liegt vor dem ersten." in answer.text


def test_tiles_stand_in_the_firms_order(screen):
    fields = {"tile_documents": "1", "tile_link_1": "2", "tile_contracts": "3", "tile_customer": "4",
              "tile_financial_analysis": "hidden", "link_1_label": "Schaden melden", "link_1_text": "Rund um die Uhr",
              "link_1_url": "https://www.example.com/schaden?a=1&b=2"}
    assert done(screen.save(**fields), "edit")
    assert [label for _, label in tiles(screen.get(PATH + "/preview").text)] == \
        ["Dokumente", "Schaden melden", "Verträge", "Kundenkarte"]
    assert done(screen.publish(), "publish")
    shown = tiles(screen.start())
    assert shown == [("/portal/customers/10001/documents", "Dokumente"),
                     ("https://www.example.com/schaden?a=1&amp;b=2", "Schaden melden"),
                     ("/portal/customers/10001/contracts", "Verträge"), ("/portal/customers/10001", "Kundenkarte")]
    several = tiles(screen.get("/", screen.httpd.sign_in("claudia.chef")).text)
    assert several[-1][1] == "Schaden melden" and len(several) > 2, "behind the customers of who has several"
    assert "Schaden melden" not in screen.get("/", screen.staff).text, "nothing for the firm's own people"


def test_a_right_decides_before_the_firm_does(screen):
    screen.httpd.modify("cn=Kundenzugang,ou=roles", smvDokumenteAuflisten="FALSE")
    time.sleep(0.2)
    session = screen.httpd.sign_in("karla.kunde")
    try:
        assert "Dokumente" not in [label for _, label in tiles(screen.get("/", session).text)]
    finally:
        screen.httpd.modify("cn=Kundenzugang,ou=roles", smvDokumenteAuflisten="TRUE")


# --- the logo ---

def test_a_logo_is_what_its_content_is(screen):
    content = png(40, 20)
    assert done(screen.logo(content), "logo")
    assert "/assets/logo.svg" in screen.start(), "a draft"
    own = screen.get(PATH + "/logo")
    assert own.content == content and own.headers["Content-Type"] == "image/png"
    assert done(screen.publish(), "publish")
    [logo] = set(re.findall(r'(?:href|src)="/portal(/logo\?publication=\d+)"', screen.start()))
    shown = requests.get(screen.httpd.url + logo, timeout=20)
    assert shown.content == content and "immutable" in shown.headers["Cache-Control"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in shown.headers["Content-Security-Policy"]
    assert done(screen.post("/logo/delete", version=screen.version()), "no-logo") and done(screen.publish(), "publish")
    assert "/assets/logo.svg" in screen.start()
    screen.httpd.expect_log("SMV0107")
    assert requests.get(screen.httpd.url + "/logo", timeout=20).status_code == 404


@pytest.mark.parametrize("name, content", [
    ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ("logo.png", b"<html><script>alert(1)</script></html>"),
    ("logo.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
    ("logo.png", png(600, 600, bytes(260000))),
    ("logo.jpg", png()),
    ("logo.png", b""),
], ids=["svg", "html", "gif", "large", "other-name", "empty"])
def test_what_is_no_logo_is_refused(screen, name, content):
    screen.httpd.expect_log("SMV0")
    before = screen.api("GET").json()
    answer = screen.logo(content, name)
    assert answer.status_code == 422 and re.search(r'<p class="wrong" role="alert" id="wrong-file">[^<]{10,}</p>', answer.text)
    sent = screen.api("POST", "/logo", version=before["version"], files={"file": (name, io.BytesIO(content))})
    assert sent.status_code == 422 and sent.json()["errors"][0]["pointer"] == "#/file", sent.text
    assert screen.api("GET").json() == before


def test_the_content_of_a_logo_is_no_garbage(screen):
    assert done(screen.logo(png(9, 9)), "logo")
    digest = screen.api("GET").json()["logo_hash"]
    assert done(screen.save(welcome_title="Mit Logo"), "edit"), "saving the form keeps it"
    assert screen.api("GET").json()["logo_hash"] == digest
    collected = screen.httpd.control("collect-garbage")
    assert collected.returncode == 0, collected.stderr
    assert screen.get(PATH + "/logo").content == png(9, 9), collected.stdout


# --- who may ---

def test_only_who_may_edit_it_sees_the_draft(screen):
    screen.httpd.expect_log("SMV0")
    for path in ("", "/preview", "/theme.css", "/logo", "/preview?publication=1"):
        assert screen.get(PATH + path, screen.karla).status_code == 403, path
        assert requests.get(screen.httpd.url + PATH + path, timeout=20, allow_redirects=False).status_code == 303, path
    assert screen.api("GET", login="karla.kunde").status_code == 403
    assert screen.api("POST", "/publish", login="viktor.vermittler", version="1").status_code == 403
    foreign = screen.staff.post(screen.httpd.url + PATH + "/publish", data={"version": screen.version()}, timeout=20,
                                headers={"Origin": "https://evil.example"}, allow_redirects=False)
    assert foreign.status_code == 403
