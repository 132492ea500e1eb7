# SPDX-License-Identifier: Apache-2.0
"""Every page as people meet it: judged by axe-core, narrow and wide, light and dark, in large text, by keyboard."""
import contextlib
import pathlib
import shutil
import sqlite3
import subprocess

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from test_browser import arrive, start_browser, waiting
from unassigned import deliver, take_away

HERE = pathlib.Path(__file__).resolve().parent

PAGES = {
    None: ["/login", "/login?done=password", "/nowhere", "/access", "/access/ABCD-EFGH-JKLM-NPQR-STUV"],
    "karla.kunde": ["/", "/customers/10001", "/customers/10001/contracts", "/contracts/1004",
                    "/customers/10001/documents", "/documents/5002", "/contracts/999999"],
    "Karla keeps her data": [
        "/customers/10001/edit", "/customers/10001/communications", "/customers/10001/family-members",
        "/customers/10001/contacts", "/customers/10001/bank-accounts", "/customers/10001/communications/new",
        "/customers/10001/family-members/new", "/customers/10001/contacts/new", "/customers/10001/bank-accounts/new", "/communications/1", "/family-members/1", "/contacts/1",
        "/bank-accounts/1", "/family-members/1/edit", "/customers/10001/log", "/rights", "/password",
        "/customers/10001/financial-analysis", "/customers/10001/documents?q=police&kind=policy",
        "/customers/10001/documents?q=nothing", "/customers/10001/bank-accounts?done=1", "/customers/20001"],
    "claudia.chef": ["/", "/customers/20002/contracts"],
    "viktor.vermittler": ["/", "/customers?q=karla", "/customers/20001", "/customers/20001/documents"],
    "Ines works": ["/inbox", "/inbox?done=1", "/rights", "/customers/10001/log", "/customers/10001/documents",
                   "/customers/20001/edit", "/customers/20001/contacts", "/customers/10001/view-as",
                   "/customers/20001/accesses", "/customers/20001/accesses/new",
                   "/customers/20001/accesses/claudia.chef", "/roles", "/roles/4294967300", "/audit",
                   "/start-screen", "/start-screen/preview", "/unassigned-documents",
                   "/unassigned-documents?assigned=5002", "/unassigned-documents/9998",
                   "/unassigned-documents/9998?q=kunde", "/unassigned-documents/9998?q=nobody",
                   "/unassigned-documents/9998?customer=99999999", "/unassigned-documents/9997",
                   "/explain?login=karla.kunde&what=/customers/10001/contracts", "/explain?login=&what=x"],
    "ines.innen": ["/", "/customers", "/customers?q=nobody", "/customers?q=" + "x" * 101, "/expiring-contracts",
                   "/customers/10008/contracts", "/contracts/9999", "/documents/9999"],
    "Ines meets long values": [
        "/customers/10008", "/customers/10008/edit", "/customers/10008/financial-analysis", "/customers/10008/documents",
        *(f"/customers/10008/{rows}" for rows in ("communications", "family-members", "contacts", "bank-accounts")),
        *(f"/{row}/9999" for row in ("communications", "family-members", "contacts", "bank-accounts")),
        "/contacts/9999/edit", "/unassigned-documents", "/unassigned-documents/9999",
        "/unassigned-documents/9999?customer=10008"],
    "nora.nurlesen": ["/customers/10002/documents", "/documents/5007", "/customers/10002/edit"],
}
LOGINS = {"Karla keeps her data": "karla.kunde", "Ines works": "ines.innen", "Ines meets long values": "ines.innen"}

NAME = "Maximiliane-Theresia Freifrau von und zu Oberfränkisch-Unterwaldenburg"  # no longer than any field takes
MAIL = "schadenbearbeitung.betriebsunterbrechungsversicherung@landwirtschaftsversicherungsverein.example"
UNBROKEN = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzesbeauftragte"

LONGEST = {
    "contract": {
        "customer": 10008, "id": 9999, "number": "KFZ-FLOTTE-2024/0000123456789-Ä",
        "insurer": "Versicherungsverein Oberfränkischer Landwirte aG",
        "tariff": "Betriebsunterbrechungsversicherung Premium mit Ertragsausfall", "sum_insured": 999999999999,
        "start_date": "2024-12-31", "end_date": "2047-12-31", "status": "cancelled",
        "note": "Kündigung zur Hauptfälligkeit eingereicht", "premium": 123456789, "payment_mode": "half_yearly"},
    "document": {
        "id": 9999, "customer": 10008, "contract": 9999,
        "name": "Versicherungsschein_Betriebsunterbrechungsversicherung_2024-12-31_unterschrieben.pdf",
        "kind": "policy", "date": "2024-12-31", "size": 123456789, "media_type": "application/pdf",
        "content_hash": "0" * 64, "added_by": NAME},
    "family_member": {"id": 9999, "customer": 10008, "first_name": NAME, "name": UNBROKEN, "relation": "spouse",
                      "birth_date": "1948-12-24"},
    "contact": {"id": 9999, "customer": 10008, "first_name": NAME, "name": UNBROKEN, "position": UNBROKEN,
                "phone": "+49 (0) 30 / 12 34 56 - 78 90 12", "email": MAIL},
    "communication": {"id": 9999, "customer": 10008, "kind": "email", "value": MAIL, "usage": "business",
                      "note": f"Bitte nur in dringenden Fällen, {UNBROKEN}, und nie am Wochenende"},
    "bank_account": {"id": 9999, "customer": 10008, "holder": UNBROKEN[:70], "iban": "MT84MALT011000012345MTLCAST001S",
                     "bic": "MALTMTMTXXX", "bank": UNBROKEN, "mandate_reference": "SMV-" + "1" * 31,
                     "mandate_date": "2024-12-31"},
    "financial_item": {"id": 9999, "customer": 10008, "kind": "provision", "label": UNBROKEN, "amount": 99999999999,
                       "needed": 999999999999},
}
MORE_FINANCES = [{"id": 9998, "kind": "asset", "label": NAME, "amount": 999999999999, "as_of": "2024-12-31"},
                 {"id": 9997, "kind": "expense", "label": UNBROKEN, "amount": 999999999999}]

# The contract of the long ones is also a proposal.
WAITING = [{"id": 9999, "name": f"{UNBROKEN}_{UNBROKEN}.pdf", "kind": "policy", "title": f"{NAME}: {UNBROKEN}",
            "said_customer": UNBROKEN, "said_contract": LONGEST["contract"]["number"], "said_insurer": UNBROKEN,
            "reason": "other_insurer"},
           {"id": 9998, "name": "Nachtrag.pdf", "kind": "letter", "said_contract": "WG-88 251", "reason": "ambiguous"},
           {"id": 9997, "name": "Werbung.pdf", "dismissed_time": 4102444800, "dismissed_by": NAME}]

# Of the colours' scheme only the contrast depends.
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, arguments[0] === 'dark' ? {runOnly: {type: 'rule', values: ['color-contrast']}} : {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: {'target-size': {enabled: true}}
}).then(found => done({
  violations: found.violations.map(each => each.id + ': ' + each.nodes.map(node => node.html).join(' ')),
  passes: found.passes.map(each => each.id)
}));
"""

# What is wrong with the layout, as texts: a page wider than the window; lines of text whose boxes share more than a
# hair; below the tables' breakpoint targets smaller than a finger, above it amounts of more than one line.
FAULTS = """
const root = document.documentElement, found = [], lines = [];
if (root.scrollWidth > root.clientWidth) found.push('wider by ' + (root.scrollWidth - root.clientWidth));

const boxes = node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()];
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
  node.data.trim() && !node.parentElement.closest('.hidden, .skip') && node.parentElement.checkVisibility() &&
  (innerWidth > arguments[0] || !node.parentElement.closest('thead'))
  ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT);
while (walker.nextNode()) for (const box of boxes(walker.currentNode)) lines.push([walker.currentNode, box]);
lines.sort(([, a], [, b]) => a.top - b.top);
lines.forEach(([one, a], place) => {
  for (const [other, b] of lines.slice(place + 1)) {
    if (b.top > a.bottom) break;
    if (one !== other && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) {
      found.push('overlap: ' + one.data + ' | ' + other.data);
    }
  }
});

if (innerWidth > arguments[0]) {
  for (const cell of document.querySelectorAll('td.amount')) {
    if (new Set(boxes(cell).map(box => Math.round(box.top))).size > 1) found.push('broken: ' + cell.textContent);
  }
} else {
  for (const target of document.querySelectorAll('a:not(.skip), button, summary, select, input:not([type=hidden])')) {
    if (!target.checkVisibility()) continue;
    const box = (target.closest('label') || target).getBoundingClientRect(); // a label is part of its target
    if (box.width < 44 || box.height < 44) found.push('small: ' + target.outerHTML);
  }
}
return found;
"""
CARDS_UP_TO = 76  # rem, in portal.css

# In the window, and with a ring that stands off the ground.
FOCUS_SHOWS = """
const style = getComputedStyle(arguments[0]), box = arguments[0].getBoundingClientRect();
return box.left >= 0 && box.top >= 0 && box.bottom <= innerHeight && style.outlineStyle === 'solid' &&
       parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== getComputedStyle(document.body).backgroundColor;
"""


@pytest.fixture(name="axe", scope="module")
def _axe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=120)
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(name="long_values", scope="module", autouse=True)
def _long_values(running_portal):
    with sqlite3.connect(running_portal.database) as database:
        for row in WAITING:
            deliver(database, **row)
        for table, row in [*LONGEST.items(),
                           *(("financial_item", {"customer": 10008, **row}) for row in MORE_FINANCES)]:
            database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                             [*row.values()])
        database.execute("UPDATE customer SET occupation = ?, street = ? WHERE number = 10008", (UNBROKEN, NAME))
    yield
    with database:
        take_away(database, *(row["id"] for row in WAITING))
    database.close()


@pytest.fixture(name="window", scope="module")
def _window(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.quit()


@pytest.fixture(name="large_text", scope="module")
def _large_text(tmp_path_factory):
    browser = start_browser(tmp_path_factory.mktemp("large"), font_size=32)
    yield browser
    browser.quit()


def show(browser, width, scheme="light"):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                            {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def speak(browser, language):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})


def enter(browser, portal, login):
    """Sign in without the form. @return a client with the same session"""
    browser.get(portal.url + "/login")
    browser.delete_all_cookies()
    session = portal.sign_in(login)
    for cookie in session.cookies:
        browser.add_cookie({"name": cookie.name, "value": cookie.value, "path": cookie.path})
    return session


def pages(browser, portal, people):
    """Open each page of each person in turn; the failed sign-in is one of them."""
    for login in people:
        if login:
            session = enter(browser, portal, LOGINS.get(login, login))
        else:
            browser.get(portal.url + "/login")
            browser.delete_all_cookies()
            yield fail_to_sign_in(browser)
        for path in PAGES[login]:
            browser.get(portal.url + path)
            yield f"{login} {path}"
        if login == "Karla keeps her data":
            yield from states(browser, portal, session)
        if login == "Ines works":
            yield ask_before_deletion(browser, portal)
            yield delete_a_document(browser, portal)


def submit(browser, heading):
    """Send the form of the page, whatever the browser thinks of its fields."""
    browser.execute_script("const form = document.querySelector('form.form'); form.noValidate = true;"
                           "form.querySelector('button').click()")
    arrive(browser, heading)
    waiting(browser).until(lambda each: each.find_elements(By.CSS_SELECTOR, "main [role=alert]"))


def states(browser, portal, session):
    """Pages that come of what somebody sends: mistakes, and somebody else's change meanwhile."""
    browser.get(portal.url + "/customers/10001/bank-accounts/new")
    browser.find_element(By.NAME, "iban").send_keys("DE89370400440532013001")
    submit(browser, "Kontoverbindung anlegen" if is_german(browser) else "Create bank account")
    yield "a form with mistakes"
    browser.get(portal.url + "/family-members/1/edit")
    version = browser.find_element(By.NAME, "version").get_attribute("value")
    session.patch(portal.url + "/api/v1/family-members/1", json={"name": f"Kunde-Langname-{version}"},
                  headers={"If-Match": f'"{version}"'}, timeout=20).raise_for_status()
    browser.find_element(By.NAME, "first_name").send_keys("-Anton")
    submit(browser, "Familienmitglied ändern" if is_german(browser) else "Edit family member")
    yield "a conflict"


def is_visible(browser, selector):
    """WebDriver takes what a closed <details> holds for displayed."""
    return browser.execute_script("return document.querySelector(arguments[0]).checkVisibility()", selector)


def is_german(browser):
    return browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "de"


def ask_before_deletion(browser, portal):
    browser.get(portal.url + "/family-members/2")
    browser.find_element(By.CSS_SELECTOR, ".danger summary").click()
    assert is_visible(browser, ".danger button")
    return "the question before a deletion"


def delete_a_document(browser, portal):
    """The page where it can be taken back."""
    with sqlite3.connect(portal.database) as database:
        key = database.execute("INSERT INTO document (customer, name, kind, date, size, media_type, content_hash)"
                               " VALUES (10008, 'Versehentlich gelöscht.pdf', 'other', '2026-01-01', 1,"
                               " 'application/pdf', ?)", ("1" * 64,)).lastrowid
    database.close()
    browser.get(f"{portal.url}/documents/{key}")
    heading = "Dokumente" if is_german(browser) else "Documents"
    browser.find_element(By.CSS_SELECTOR, ".danger summary").click()
    browser.find_element(By.CSS_SELECTOR, ".danger button").click()
    arrive(browser, heading)
    return "a document that can be taken back"


def fail_to_sign_in(browser):
    browser.find_element(By.NAME, "username").send_keys("karla.kunde")
    browser.find_element(By.NAME, "password").send_keys("wrong", Keys.ENTER)
    waiting(browser).until(lambda each: each.find_elements(By.CSS_SELECTOR, "[role=alert]"))
    return "failed sign-in"


def judged(browser, axe, page):
    """The page narrow and wide, light and dark, each time once axe-core has found nothing. @return width and scheme of each"""
    browser.execute_script(axe)
    for width in (360, 1440):
        for scheme in ("light", "dark"):
            show(browser, width, scheme)
            found = browser.execute_async_script(RUN_AXE, scheme)
            assert found["violations"] == [], (page, width, scheme)
            assert "color-contrast" in found["passes"], (page, width, scheme)
            yield width, scheme


@pytest.mark.parametrize("login", PAGES)
def test_axe_finds_nothing_on_any_page(portal, window, axe, login):
    portal.expect_log("SMV0")
    speak(window, "de")
    for page in pages(window, portal, [login]):
        assert len(list(judged(window, axe, page))) == 4


@pytest.mark.parametrize("scheme,ground", [("light", "rgb(243, 246, 247)"), ("dark", "rgb(17, 25, 28)")])
def test_the_pages_follow_the_system(portal, window, scheme, ground):
    window.get(portal.url + "/login")
    show(window, 1440, scheme)
    assert window.execute_script("return getComputedStyle(document.body).backgroundColor") == ground


@pytest.mark.parametrize("language,people", [("de", PAGES), ("en", ["karla.kunde", "Karla keeps her data", "Ines works"])],
                         ids=["de", "en"])
def test_pages_fit_every_width_and_lines_stay_apart(portal, window, language, people):
    portal.expect_log("SMV0")
    speak(window, language)
    for page in pages(window, portal, people):
        assert not window.title.endswith("–"), page
        assert window.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
        for width in (320, 360, 768, 1217, 1440):
            show(window, width)
            assert window.execute_script(FAULTS, CARDS_UP_TO * 16) == [], (page, width)


def test_text_of_twice_the_size_fits(portal, large_text):
    portal.expect_log("SMV0")
    for page in pages(large_text, portal, PAGES):
        assert large_text.execute_script("return getComputedStyle(document.body).fontSize") == "32px"
        for width in (768, 1440):
            show(large_text, width)
            assert large_text.execute_script(FAULTS, CARDS_UP_TO * 32) == [], (page, width)


def test_both_values_of_a_cell_have_their_label_on_a_card(portal, window):
    speak(window, "de")
    show(window, 360)
    for _ in pages(window, portal, ["karla.kunde"]):
        if window.current_url.endswith("/contracts"):
            break
    labels = window.execute_script("""
        return [...document.querySelector('tbody tr').querySelectorAll('td, small')].map(
            each => getComputedStyle(each, '::before').content)""")
    assert [each.strip('"') for each in labels] == ["Vertrag Nr.", "Gesellschaft", "Tarif", "Vertragssumme", "Beginn",
                                                    "Ablauf", "Status", "Hinweis", "Beitrag", "Sonstiges"]


def test_printed_pages_are_as_wide_as_the_paper_and_have_no_buttons(portal, window):
    portal.expect_log("SMV0")
    speak(window, "de")
    for page in pages(window, portal, ["karla.kunde", "Karla keeps her data", "Ines works", "Ines meets long values"]):
        show(window, 700)  # A4 without its margins
        window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert window.execute_script("return document.documentElement.scrollWidth") <= 700, page
        controls = window.find_elements(By.CSS_SELECTOR, "button, .button, nav")
        assert not any(each.is_displayed() for each in controls), page
        window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_menu_names_the_page_shown(portal, window):
    portal.expect_log("SMV0107")
    speak(window, "de")
    current = [[entry.text for entry in window.find_elements(By.CSS_SELECTOR, ".menu [aria-current=page]")]
               for _ in pages(window, portal, ["karla.kunde"])]
    assert current == [["Start"], ["Kundenkarte"], ["Verträge"], [], ["Dokumente"], [], []]


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def tab_to(browser, text):
    """Tab on until the focus, which must show at every step, is on the element with that text or name."""
    for _ in range(40):
        press(browser, Keys.TAB)
        focus = browser.switch_to.active_element
        waiting(browser, 5).until(lambda each, focus=focus: each.execute_script(FOCUS_SHOWS, focus),
                                        focus.get_attribute("outerHTML"))
        if text in (focus.text.split("\n")[0], focus.get_attribute("name")):
            return
    raise AssertionError(f"the tab key does not reach {text}")


def test_the_keyboard_alone_is_enough(portal, window):
    speak(window, "de")
    show(window, 360)
    window.get(portal.url + "/login")
    window.delete_all_cookies()
    window.get(portal.url + "/")
    arrive(window, "Anmelden")
    tab_to(window, "username")
    press(window, "karla.kunde")
    tab_to(window, "password")
    press(window, "demo", Keys.ENTER)
    arrive(window, "Willkommen")
    tab_to(window, "Zum Inhalt")
    press(window, Keys.ENTER)
    waiting(window).until(lambda each: each.current_url.endswith("#main"))
    tab_to(window, "Verträge")
    press(window, Keys.ENTER)
    arrive(window, "Verträge")
    tab_to(window, "WG-88 251")
    press(window, Keys.ENTER)
    arrive(window, "Vertrag WG-88 251")
    tab_to(window, "Police WG-88 251.pdf")
    press(window, Keys.ENTER)
    arrive(window, "Police WG-88 251.pdf")
    page = window.current_url
    tab_to(window, "Ansehen")
    press(window, Keys.ENTER)
    waiting(window).until(lambda each: each.current_url == page + "/content")
    window.get(page)
    tab_to(window, "Abmelden")
    press(window, Keys.ENTER)
    arrive(window, "Anmelden")


def test_the_keyboard_fills_in_a_form_and_goes_to_what_is_wrong(portal, window):
    speak(window, "de")
    show(window, 360)
    enter(window, portal, "karla.kunde")
    window.get(portal.url + "/customers/10001/bank-accounts/new")
    tab_to(window, "holder")
    press(window, "Karla Kunde")
    tab_to(window, "iban")
    press(window, "DE89370400440532013001", Keys.ENTER)
    waiting(window).until(lambda each: each.find_elements(By.CSS_SELECTOR, "main [role=alert]"))
    tab_to(window, "IBAN")
    press(window, Keys.ENTER)
    waiting(window).until(lambda each: each.current_url.endswith("#field-iban"))
    tab_to(window, "bic")
    assert window.find_element(By.NAME, "holder").get_attribute("value") == "Karla Kunde"


def test_the_keyboard_is_asked_before_it_deletes(portal, window):
    speak(window, "de")
    show(window, 360)
    enter(window, portal, "ines.innen")
    window.get(portal.url + "/family-members/2")
    tab_to(window, "Löschen")
    assert not is_visible(window, ".danger button")
    press(window, Keys.ENTER)
    tab_to(window, "Endgültig löschen")
    assert portal.api("/family-members/2").status_code == 200


def test_the_keyboard_gives_a_document_to_a_customer(portal, window):
    with contextlib.closing(sqlite3.connect(portal.database)) as database, database:
        deliver(database, id=9990, name="Zuordnung.pdf")
        name, = database.execute("SELECT coalesce(first_name || ' ', '') || name FROM customer WHERE number = 10008").fetchone()
    speak(window, "de")
    show(window, 360)
    enter(window, portal, "ines.innen")
    window.get(portal.url + "/unassigned-documents/9990")
    tab_to(window, "q")
    press(window, "10008", Keys.ENTER)
    waiting(window).until(lambda each: "q=10008" in each.current_url)
    tab_to(window, name)
    press(window, Keys.ENTER)
    waiting(window).until(lambda each: "customer=10008" in each.current_url)
    assert name in window.find_element(By.ID, "recipient").text
    tab_to(window, "contract")
    tab_to(window, "Zuordnen")
    press(window, Keys.ENTER)
    arrive(window, "Nicht zugeordnete Dokumente")
    said = window.find_element(By.CSS_SELECTOR, "[role=status]").text
    assert " ".join(said.split()) == f"Das Dokument ist zugeordnet. Zuordnung.pdf gehört jetzt {name}"
