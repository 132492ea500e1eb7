# SPDX-License-Identifier: Apache-2.0
"""What customers keep, in a real browser, with and without JavaScript: rows of each kind, documents, and two who change
the same row at once."""
import zipfile
from io import BytesIO

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from test_browser import arrive, sign_in, start_browser, waiting

ROLE = "cn=Kundenzugang,ou=roles"
RIGHTS = ["smvDokumenteLoeschen", "smvFamilienmitgliederLoeschen", "smvAnsprechpartnerAendern",
          "smvAnsprechpartnerLoeschen", "smvKommunikationLoeschen", "smvKontoverbindungAendern",
          "smvKontoverbindungLoeschen"]
ROWS = {  # page: what is typed, what is changed, what its link in the list says, what its page shows afterwards
    "Telefon/Fax/E-Mail": ({"kind": "fax", "value": "+49 30 555888"}, {"note": "nur Montag"}, "Fax", "nur Montag"),
    "Familienmitglieder": ({"first_name": "Ida", "name": "Kunde", "relation": "child"}, {"name": "Klug"}, "Ida",
                           "Klug"),
    "Ansprechpartner": ({"first_name": "Sina", "name": "Sorge"}, {"position": "Verwaltung"}, "Sina", "Verwaltung"),
    "Kontoverbindungen": ({"holder": "Karla Zweitkonto", "iban": "DE02 1203 0000 0000 2020 51"},
                          {"bank": "Zweitbank"}, "Karla Zweitkonto", "DE02 1203 0000 0000 2020 51"),
}


@pytest.fixture(name="every_right", scope="module", autouse=True)
def _every_right(running_portal):
    running_portal.modify(ROLE, **{right: "TRUE" for right in RIGHTS})
    running_portal.wait_for_cache()
    yield
    running_portal.modify(ROLE, **{right: "FALSE" for right in RIGHTS})
    running_portal.wait_for_cache()


@pytest.fixture(name="browser", scope="module", params=[True, False], ids=["JavaScript", "without JavaScript"])
def _browser(request, tmp_path_factory, running_portal):
    browser = start_browser(tmp_path_factory.mktemp("browser"), request.param)
    browser.has_javascript = request.param
    sign_in(browser, running_portal)
    yield browser
    browser.quit()


def fill(browser, values):
    for name, value in values.items():
        field = browser.find_element(By.CSS_SELECTOR, f"form.form [name={name}]")
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            field.clear()
            field.send_keys(value)


def press(browser, text):
    browser.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()


def follow(browser, text):
    browser.find_element(By.XPATH, f"//main//a[contains(normalize-space(), '{text}')]").click()


def read(browser, text, where="main"):
    """Wait for the text on a page that has arrived whole: a script may have left for it, which no click waits for."""
    waiting(browser).until(
        lambda each: text in each.find_element(By.CSS_SELECTOR, where).text and
        each.execute_script("return document.readyState") == "complete", text)


@pytest.mark.parametrize("title", ROWS)
def test_a_row_is_made_found_changed_and_deleted(portal, browser, title):
    row, change, name, shown = ROWS[title]
    browser.get(portal.url + "/customers/10001")
    arrive(browser, "Karla Kunde")
    follow(browser, title)
    arrive(browser, title)
    follow(browser, "Neuer Eintrag")
    arrive(browser, "anlegen")
    fill(browser, row)
    press(browser, "Speichern")
    read(browser, "Der Eintrag wurde angelegt.", ".done")
    follow(browser, name)
    read(browser, "Ändern")
    follow(browser, "Ändern")
    arrive(browser, "ändern")
    fill(browser, change)
    press(browser, "Speichern")
    read(browser, "Die Änderung wurde gespeichert.", ".done")
    follow(browser, name)
    read(browser, shown)
    browser.find_element(By.CSS_SELECTOR, ".danger summary").click()
    press(browser, "Endgültig löschen")
    read(browser, "Der Eintrag wurde gelöscht.", ".done")
    assert not browser.find_elements(By.XPATH, f"//td//a[normalize-space()='{name}']")


def test_the_customer_card_is_changed(portal, browser):
    occupation = "Baumeisterin" if browser.has_javascript else "Architektin"
    browser.get(portal.url + "/customers/10001")
    follow(browser, "Kundendaten ändern")
    arrive(browser, "Kundendaten ändern")
    fill(browser, {"occupation": occupation, "marital_status": "widowed"})
    press(browser, "Speichern")
    read(browser, "Die Änderung wurde gespeichert.", ".done")
    read(browser, occupation, ".facts")
    read(browser, "verwitwet", ".facts")
    follow(browser, "Wer hat was geändert oder gelesen")
    read(browser, occupation, ".log")


def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(portal, browser):
    browser.get(portal.url + "/customers/10001/bank-accounts/new")
    arrive(browser, "anlegen")
    fill(browser, {"holder": "Karla Tippfehler", "iban": "DE02120300000000202052"})
    press(browser, "Speichern")
    read(browser, "Prüfziffer", "#wrong-iban")
    assert browser.find_element(By.NAME, "holder").get_attribute("value") == "Karla Tippfehler"
    assert browser.find_element(By.NAME, "iban").get_attribute("aria-describedby") == "wrong-iban"


def test_two_who_change_the_same_row_see_both_and_decide(portal, browser):
    before = portal.api("/contacts/1").json()["version"]
    first = browser.current_window_handle
    browser.get(portal.url + "/contacts/1/edit")
    arrive(browser, "ändern")
    fill(browser, {"position": "Bevollmächtigter"})
    browser.switch_to.new_window("window")
    browser.get(portal.url + "/contacts/1/edit")
    arrive(browser, "ändern")
    fill(browser, {"position": f"Nachbar {before}"})
    press(browser, "Speichern")
    read(browser, "Die Änderung wurde gespeichert.", ".done")
    browser.close()
    browser.switch_to.window(first)
    press(browser, "Speichern")
    read(browser, f"Nachbar {before}", "#theirs-position")
    assert browser.find_element(By.NAME, "position").get_attribute("value") == "Bevollmächtigter"
    assert portal.api("/contacts/1").json()["position"] == f"Nachbar {before}"
    press(browser, "Speichern")
    read(browser, "Die Änderung wurde gespeichert.", ".done")
    assert portal.api("/contacts/1").json()["position"] == "Bevollmächtigter"


# --- documents ---

DROP = """
const transfer = new DataTransfer();
for (const [name, text] of arguments[0]) transfer.items.add(new File([text], name));
const form = document.getElementById('upload');
window.bars = [];
new MutationObserver(() => window.bars.push(!document.querySelector('.progress').hidden))
  .observe(document.querySelector('.progress'), {attributes: true});
form.dispatchEvent(new DragEvent('dragover', {dataTransfer: transfer, bubbles: true, cancelable: true}));
const over = form.classList.contains('over');
form.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
return [over, document.getElementById('file').files.length];
"""


def send_files(browser, folder, files):
    """By drag and drop where scripts run, else chosen in the plain form."""
    if browser.has_javascript:
        assert browser.execute_script(DROP, files) == [True, len(files)]
    else:
        for name, text in files:
            (folder / name).write_text(text, encoding="utf-8")
        browser.find_element(By.ID, "file").send_keys("\n".join(str(folder / name) for name, _ in files))
    press(browser, "Einstellen")


def test_documents_come_in_are_found_packed_deleted_and_taken_back(portal, browser, tmp_path):
    names = [f"{name} {browser.has_javascript}.txt" for name in ("Schadenmeldung", "Nachweis")]
    browser.get(portal.url + "/customers/10001/documents")
    arrive(browser, "Dokumente")
    send_files(browser, tmp_path, [(name, f"Text von {name}") for name in names])
    read(browser, "Die Dokumente sind angekommen.", ".done")
    rows = [row.text for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr")]
    assert all(any(name in row and "Karla Kunde" in row for row in rows) for name in names)
    browser.find_element(By.ID, "q").send_keys("schadenm")
    press(browser, "Suchen")
    waiting(browser).until(lambda each: "q=schadenm" in each.current_url)
    read(browser, names[0], "tbody")
    assert names[1] not in browser.find_element(By.TAG_NAME, "tbody").text
    follow(browser, "Alle zeigen")
    waiting(browser).until(lambda each: "q=" not in each.current_url)
    read(browser, names[1], "tbody")
    keys = [browser.find_element(By.XPATH, f"//a[normalize-space()='{name}']").get_attribute("id").split("-")[1]
            for name in names]
    for key in keys:
        browser.find_element(By.CSS_SELECTOR, f"input[name=document][value='{key}']").click()
    action = browser.find_element(By.CSS_SELECTOR, "form[action$='documents.zip']").get_attribute("action")
    cookies = {cookie["name"]: cookie["value"] for cookie in browser.get_cookies()}
    answer = requests.get(action, params={"document": keys}, cookies=cookies, timeout=20)
    assert sorted(zipfile.ZipFile(BytesIO(answer.content)).namelist()) == sorted(names)
    follow(browser, names[0])
    arrive(browser, names[0])
    browser.find_element(By.CSS_SELECTOR, ".danger summary").click()
    press(browser, "Löschen")
    read(browser, "Das Dokument wurde gelöscht.", ".done")
    assert names[0] not in browser.find_element(By.TAG_NAME, "tbody").text
    read(browser, names[0], ".trash")
    press(browser, "Rückgängig")
    read(browser, "Das Dokument ist wieder da.", ".done")
    read(browser, names[0], "tbody")


def test_a_file_that_is_refused_is_named(portal, browser, tmp_path):
    browser.get(portal.url + "/customers/10001/documents")
    arrive(browser, "Dokumente")
    before = len(browser.find_elements(By.CSS_SELECTOR, "tbody tr"))
    send_files(browser, tmp_path, [("gut.txt", "gut"), ("bild.png", "kein Bild")])
    read(browser, "bild.png: Die Endung des Dateinamens passt nicht zum Inhalt der Datei.", "main > [role=alert]")
    if browser.has_javascript:
        assert browser.execute_script("return window.bars") == [True, False]
    browser.get(portal.url + "/customers/10001/documents")
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == before
