#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Take the pictures in docs/screenshots: each page at 360 and 1440 pixels, of a portal with sample data of its own.

usage: BUILD_DIR=build tests/browser/screenshots.py FOLDER
"""
import base64
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import time
import zlib

from selenium.webdriver.common.by import By

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from conftest import Portal  # noqa: E402
from test_browser import arrive, start_browser  # noqa: E402
from private_servers import PrivateHttpd  # noqa: E402
from test_pages import ask_before_deletion, delete_a_document, enter, states  # noqa: E402
from test_sso_pages import firm_of, page_of_a_stranger  # noqa: E402
from unassigned import deliver  # noqa: E402

PAGES = {
    None: {"login": "/login"},
    "karla.kunde": {
        "start": "/", "customer": "/customers/10001", "customer-edit": "/customers/10001/edit",
        "contracts": "/customers/10001/contracts", "contract": "/contracts/1004",
        "documents": "/customers/10001/documents", "document": "/documents/5002",
        "communications": "/customers/10001/communications", "communication": "/communications/1",
        "communication-new": "/customers/10001/communications/new", "communication-edit": "/communications/1/edit",
        "family-members": "/customers/10001/family-members", "family-member": "/family-members/1",
        "family-member-new": "/customers/10001/family-members/new", "family-member-edit": "/family-members/1/edit",
        "contacts": "/customers/10001/contacts", "contact": "/contacts/1",
        "contact-new": "/customers/10001/contacts/new", "bank-accounts": "/customers/10001/bank-accounts",
        "bank-account": "/bank-accounts/1", "bank-account-new": "/customers/10001/bank-accounts/new",
        "financial-analysis": "/customers/10001/financial-analysis", "log": "/customers/10001/log",
        "rights": "/rights", "password": "/password",
        "password-expires": "/password?days=5", "refused": "/contacts/1/edit"},
    "viktor.vermittler": {"start-staff": "/", "search": "/customers?q=chef", "expiring-contracts": "/expiring-contracts"},
    "ines.innen": {"customers": "/customers", "inbox": "/inbox", "inbox-done": "/inbox?done=1", "contact-edit": "/contacts/1/edit",
                   "bank-account-edit": "/bank-accounts/1/edit", "accesses": "/customers/20001/accesses",
                   "access": "/customers/20001/accesses/claudia.chef", "access-new": "/customers/20001/accesses/new",
                   "explain": "/explain?login=karla.kunde&what=/customers/10001/contracts",
                   "view-as": "/customers/10001/view-as", "roles": "/roles", "role": "/roles/4294967299",
                   "role-copy": "/roles/new?copy=4294967299", "audit": "/audit",
                   "unassigned-documents": "/unassigned-documents", "unassigned-document": "/unassigned-documents/1?customer=10001",
                   "start-screen": "/start-screen", "start-screen-preview": "/start-screen/preview"},
}
WIDTHS = (360, 1440)
HIGHEST = 1600

# The picture with 256 colours, each pixel that has another one in the nearest of them: a third of the bytes.
REDUCE = """
const done = arguments[arguments.length - 1], image = new Image();
image.onload = () => {
  const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map(), places = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(each => each[0]);
  const apart = (a, b) => [0, 8, 16].reduce((sum, bit) => sum + ((a >> bit & 255) - (b >> bit & 255)) ** 2, 0);
  const nearest = pixel => palette.reduce((best, each, at) =>
    apart(pixel, each) < apart(pixel, palette[best]) ? at : best, 0);
  for (const pixel of counts.keys()) places.set(pixel, nearest(pixel));
  const bytes = Uint8Array.from(pixels, pixel => places.get(pixel));
  const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  done([image.width, image.height, palette.map(each => [each & 255, each >> 8 & 255, each >> 16 & 255]), btoa(text)]);
};
image.src = 'data:image/png;base64,' + arguments[0];
"""


def write_png(target, width, height, palette, pixels):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + pixels[width * row:width * (row + 1)] for row in range(height))
    target.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
                       chunk(b"PLTE", bytes(value for color in palette for value in color)) +
                       chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def take(browser, target):
    """The page shown, at each width. Its own window reduces the picture, as the portal's pages let no script in."""
    page = browser.current_window_handle
    for width in WIDTHS:
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        height = browser.execute_script("return document.documentElement.scrollHeight")
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "height": min(height, HIGHEST)})
        picture = browser.get_screenshot_as_base64()
        browser.switch_to.window(browser.blank)
        *measures, pixels = browser.execute_async_script(REDUCE, picture)
        write_png(target.with_name(f"{target.name}-{width}.png"), *measures, base64.b64decode(pixels))
        browser.switch_to.window(page)


def show_something(portal):
    """Changes for the log and the inbox."""
    session = portal.sign_in("karla.kunde")
    session.patch(portal.url + "/api/v1/customers/10001", json={"occupation": "Architektin"},
                  headers={"If-Match": '"1"'}, timeout=20).raise_for_status()
    session.post(portal.url + "/customers/10001/family-members", timeout=20,
                 data={"first_name": "Karl", "name": "Kunde", "relation": "child", "birth_date": "2020-02-29"})
    session.get(portal.url + "/bank-accounts/1", timeout=20)
    portal.api("/customers/10001", "viktor.vermittler")
    with contextlib.closing(sqlite3.connect(portal.database)) as database, database:
        database.execute("INSERT INTO contract (customer, id, number, insurer, tariff, status)"
                         " VALUES (20001, 9001, 'WG-88251', 'Andere Versicherung AG', 'Gewerbe Plus', 'active')")
        deliver(database, id=1, name="Nachtrag_WG-88251.pdf", kind="policy", title="Nachtrag zum Versicherungsschein",
                said_contract="WG 88/251", said_insurer="Muster Assekuradeur", reason="ambiguous")
        deliver(database, id=2, name="Beitragsrechnung 2026.pdf", kind="invoice", said_customer="4711",
                said_contract="KFZ-900", said_insurer="Beispiel Versicherung AG", reason="unknown_customer")
        deliver(database, id=3, name="Schreiben.pdf", kind="letter")


def renew(browser, portal):
    """Somebody signs in whose password was set by somebody else."""
    portal.modify("cn=default,ou=policies", pwdMustChange="TRUE")
    portal.modify("uid=nora.nurlesen,ou=people", pwdReset="TRUE")
    browser.delete_all_cookies()
    browser.get(portal.url + "/login")
    for name, value in (("username", "nora.nurlesen"), ("password", "demo")):
        browser.find_element(By.NAME, name).send_keys(value)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    arrive(browser, "Neues Passwort wählen")


def read_only(browser, portal):
    """Somebody reads on while the directory is away, which it then stays."""
    enter(browser, portal, "karla.kunde")
    browser.get(portal.url + "/")
    os.kill(int((portal.folder / "ldap" / "slapd.pid").read_text(encoding="ascii")), signal.SIGTERM)
    time.sleep(3)
    browser.get(portal.url + "/customers/10001/contracts")


def firms(browser, portal):
    """The login page where firms sign in their own people, and one of those whom nobody here knows."""
    beside = PrivateHttpd(portal, firm_of(portal))
    try:
        browser.delete_all_cookies()
        browser.get(beside.url + "/login")
        yield "the login page"
        browser.get(page_of_a_stranger(beside))
        yield "who is not known"
    finally:
        beside.stop()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-pictures-"))
    folder.chmod(0o755)
    target = pathlib.Path(sys.argv[1]).resolve()
    portal = Portal(folder / "portal")
    browser = start_browser(folder / "browser")
    show_something(portal)
    page = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.blank = browser.current_window_handle
    browser.switch_to.window(page)
    for login, pages in PAGES.items():
        browser.get(portal.url + "/login")
        session = enter(browser, portal, login) if login else None
        for name, path in pages.items():
            browser.get(portal.url + path)
            take(browser, target / name)
        if login == "karla.kunde":
            for name, _ in zip(("mistakes", "conflict"), states(browser, portal, session)):
                take(browser, target / name)
        if login == "ines.innen":
            ask_before_deletion(browser, portal)
            take(browser, target / "deletion")
            delete_a_document(browser, portal)
            take(browser, target / "deleted")
    for name, _ in zip(("login-firm", "sso-unknown"), firms(browser, portal)):
        take(browser, target / name)
    for name, show in (("password-renewal", renew), ("read-only", read_only)):
        show(browser, portal)
        take(browser, target / name)
    browser.quit()
    portal.run("stop")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
