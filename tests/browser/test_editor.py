# SPDX-License-Identifier: Apache-2.0
"""The editor of the start screen as people use it: words written with formatting, colours, a logo; and what was made of them,
judged by axe-core in the firm's own colours, light and dark."""
import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from private_servers import PrivateHttpd, PrivateSlapd
from test_browser import arrive, start_browser, waiting
from test_pages import _axe, enter, judged, show  # noqa: F401  pylint: disable=unused-import
from test_story import fill, press


@pytest.fixture(name="own", scope="module")
def _own(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("editor"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 1\n", slapd)
    yield httpd
    httpd.stop()
    slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(own):
    own.expected = []
    yield
    assert own.unexpected_lines() == []


@pytest.fixture(name="browser")
def _browser(tmp_path):
    browser = start_browser(tmp_path)
    show(browser, 1440)
    yield browser
    browser.quit()


def wait_for_text(browser, text):
    waiting(browser).until(lambda each: text in each.page_source)


def choose_colour(browser, name, value):
    browser.execute_script("arguments[0].value = arguments[1]", browser.find_element(By.NAME, name), value)


def open_editor(browser, own):
    enter(browser, own, "ines.innen")
    browser.get(own.url + "/start-screen")
    arrive(browser, "Startbildschirm bearbeiten")


def test_words_are_written_as_they_will_look(own, browser):
    open_editor(browser, own)
    words = browser.find_element(By.CSS_SELECTOR, "[role=textbox]")
    assert not browser.find_element(By.NAME, "welcome_text").is_displayed() and words.accessible_name == "Begrüßung"
    words.send_keys(Keys.CONTROL, "a")
    words.send_keys(Keys.DELETE)
    words.send_keys("Guten Tag, ")
    browser.find_element(By.CSS_SELECTOR, "[data-command=bold]").click()
    words.send_keys("liebe Kunden")
    press(browser, "Entwurf speichern")
    wait_for_text(browser, "Der Entwurf ist gespeichert.")
    browser.get(own.url + "/start-screen/preview")
    made = browser.find_element(By.CSS_SELECTOR, ".words-of-firm").get_attribute("innerHTML")
    assert re.fullmatch(r"<p>Guten Tag, ?(&nbsp;)?<strong>liebe Kunden</strong></p>", made), made


def test_without_a_script_the_same_is_done_in_plain_fields(own, tmp_path):
    browser = start_browser(tmp_path / "plain", has_javascript=False)
    try:
        open_editor(browser, own)
        fill(browser, welcome_text="<p>Von <em>Hand</em></p>")
        press(browser, "Entwurf speichern")
        wait_for_text(browser, "Der Entwurf ist gespeichert.")
        assert browser.find_element(By.NAME, "welcome_text").get_attribute("value") == "<p>Von <em>Hand</em></p>"
    finally:
        browser.quit()


def test_what_is_not_saved_is_not_lost_without_a_word(own, browser):
    """The driver of the browser says yes to every such question, so that it is asked here whether there is one."""
    asks = "const leave = new Event('beforeunload', {cancelable: true}); return !dispatchEvent(leave)"
    open_editor(browser, own)
    assert not browser.execute_script(asks)
    fill(browser, contact_role="Nicht gespeichert")
    assert browser.execute_script(asks)
    browser.execute_script("document.querySelector('form.editor').addEventListener('submit', event => event.preventDefault())")
    press(browser, "Entwurf speichern")
    assert not browser.execute_script(asks), "it is being saved"


def test_an_error_leads_to_its_field(own, browser):
    own.expect_log("SMV0111")
    open_editor(browser, own)
    choose_colour(browser, "ink", "#aaaaaa")
    press(browser, "Entwurf speichern")
    wait_for_text(browser, "Bitte prüfen Sie Ihre Angaben.")
    browser.find_element(By.CSS_SELECTOR, "[role=alert] a").click()
    assert browser.switch_to.active_element.get_attribute("name") == "ink" or browser.current_url.endswith("#field-ink")
    field = browser.find_element(By.NAME, "ink")
    assert field.get_attribute("aria-invalid") == "true" and field.get_attribute("value") == "#aaaaaa"
    weak = [row.text for row in browser.find_elements(By.CSS_SELECTOR, ".contrasts tr") if "zu schwach" in row.text]
    assert len(weak) == 2 and all("2," in row for row in weak), weak


def make_picture(browser, folder):
    """A PNG of 300 × 60 pixels, drawn by the browser."""
    path = folder / "logo.png"
    path.write_bytes(bytes(browser.execute_async_script("""
const done = arguments[0], canvas = document.createElement("canvas");
canvas.width = 300; canvas.height = 60;
const context = canvas.getContext("2d");
context.fillStyle = "#7a1f3d"; context.fillRect(0, 0, 300, 60);
context.fillStyle = "#ffffff"; context.font = "40px sans-serif"; context.fillText("Musterfirma", 20, 45);
canvas.toBlob(blob => blob.arrayBuffer().then(buffer => done([...new Uint8Array(buffer)])));
""")))
    return path


def test_the_firms_look_is_on_every_page_and_can_be_read(own, browser, axe, tmp_path):
    open_editor(browser, own)
    for name, value in {"brand": "#7a1f3d", "ground": "#f6efe6", "surface": "#fffdf8", "ink": "#2b1a12"}.items():
        choose_colour(browser, name, value)
    fill(browser, news_1_title="Neu im Haus", news_1_text="Frau Süd ist jetzt für Sie da.", link_1_label="Schaden melden",
         link_1_text="Rund um die Uhr", link_1_url="https://www.example.com/schaden", imprint_url="/impressum",
         privacy_url="https://www.example.com/datenschutz")
    press(browser, "Entwurf speichern")
    wait_for_text(browser, "Der Entwurf ist gespeichert.")
    browser.find_element(By.NAME, "file").send_keys(str(make_picture(browser, tmp_path)))
    press(browser, "Logo übernehmen")
    wait_for_text(browser, "Das Logo ist im Entwurf.")
    browser.find_element(By.LINK_TEXT, "Vorschau des Entwurfs").click()
    wait_for_text(browser, "Neu im Haus")
    press(browser, "Veröffentlichen")
    wait_for_text(browser, "Der Startbildschirm ist veröffentlicht.")
    judge(browser, own, axe, "ines.innen", ["/start-screen", "/start-screen/preview?publication=1", "/customers", "/roles/4294967299"])
    judge(browser, own, axe, "karla.kunde", ["/", "/customers/10001", "/customers/10001/contracts", "/customers/10001/edit",
                                             "/customers/10001/financial-analysis", "/login"])


def judge(browser, own, axe, login, paths):
    enter(browser, own, login)
    for path in paths:
        browser.get(own.url + path)
        assert browser.execute_script("const [image] = document.images; return image.complete && image.naturalWidth") == 300, path
        assert {each.text for each in browser.find_elements(By.CSS_SELECTOR, ".bottom > a")} >= {"Impressum", "Datenschutz"}
        for width, scheme in judged(browser, axe, path):
            ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(246, 239, 230)" if scheme == "light" else "rgb(17, 25, 28)"), (path, scheme)
            assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), (path, width)
