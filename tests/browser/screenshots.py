#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Take the pictures in docs/screenshots: each page at 360 and 1440 pixels, of a portal with sample data of its own.

usage: BUILD_DIR=build tests/browser/screenshots.py FOLDER
"""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from conftest import Portal  # noqa: E402
from test_browser import start_browser  # noqa: E402

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
        "rights": "/rights", "refused": "/contacts/1/edit"},
    "ines.innen": {"customers": "/customers", "inbox": "/inbox", "contact-edit": "/contacts/1/edit",
                   "bank-account-edit": "/bank-accounts/1/edit"},
}
WIDTHS = (360, 1440)
HIGHEST = 1800


def take(browser, url, target):
    for width in WIDTHS:
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(url)
        height = browser.execute_script("return document.documentElement.scrollHeight")
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "height": min(height, HIGHEST)})
        browser.save_screenshot(f"{target}-{width}.png")


def show_something(portal):
    """Changes for the log and the inbox."""
    session = portal.sign_in("karla.kunde")
    session.patch(portal.url + "/api/v1/customers/10001", json={"occupation": "Architektin"},
                  headers={"If-Match": '"1"'}, timeout=20).raise_for_status()
    session.post(portal.url + "/customers/10001/family-members", timeout=20,
                 data={"first_name": "Karl", "name": "Kunde", "relation": "child", "birth_date": "2020-02-29"})
    session.get(portal.url + "/bank-accounts/1", timeout=20)
    portal.api("/customers/10001", "viktor.vermittler")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-pictures-"))
    folder.chmod(0o755)
    target = pathlib.Path(sys.argv[1]).resolve()
    portal = Portal(folder / "portal")
    browser = start_browser(folder / "browser")
    show_something(portal)
    for login, pages in PAGES.items():
        browser.get(portal.url + "/login")
        browser.delete_all_cookies()
        if login:
            for cookie in portal.sign_in(login).cookies:
                browser.add_cookie({"name": cookie.name, "value": cookie.value, "path": cookie.path})
        for name, path in pages.items():
            take(browser, portal.url + path, target / name)
    browser.quit()
    portal.run("stop")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
