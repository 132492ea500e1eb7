# SPDX-License-Identifier: Apache-2.0
"""The main job in a real browser. SCREENSHOTS=folder keeps a picture of each page."""
import os
import pathlib

import pytest
import requests
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--accept-lang=de-DE", "--disable-component-update", "--disable-sync"]


def start_browser(folder, has_javascript=True, font_size=16, trusts_anybody=False, more=()):
    options = webdriver.ChromeOptions()
    for flag in [*FLAGS, f"--user-data-dir={folder}", *more]:
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "de-DE",
        "webkit.webprefs.default_font_size": font_size,
        "profile.managed_default_content_settings.javascript": 1 if has_javascript else 2})
    options.binary_location = "/usr/bin/chromium"
    options.accept_insecure_certs = trusts_anybody
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver")
                               if hasattr(webdriver, "ChromeService")
                               else webdriver.chrome.service.Service("/usr/bin/chromedriver"))
    browser.set_page_load_timeout(30)
    return browser


@pytest.fixture(name="browser", params=[(360, True), (1440, True), (1440, False)],
                ids=["360px", "1440px", "without JavaScript"])
def _browser(request, tmp_path):
    width, has_javascript = request.param
    browser = start_browser(tmp_path, has_javascript)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.width = width
    yield browser
    browser.quit()


def waiting(browser, seconds=20):
    """Whatever is asked while one page gives way to the next fails, and is asked again."""
    return WebDriverWait(browser, seconds, ignored_exceptions=[WebDriverException])


def arrive(browser, heading):
    """Wait for the page with that heading: a click answers before the next page is there."""
    waiting(browser).until(
        lambda each: heading in each.find_element(By.TAG_NAME, "h1").text)


def sign_in(browser, portal):
    browser.get(portal.url + "/")
    arrive(browser, "Anmelden")
    browser.find_element(By.NAME, "username").send_keys("karla.kunde")
    browser.find_element(By.NAME, "password").send_keys("demo")
    browser.find_element(By.CSS_SELECTOR, ".login button").click()
    arrive(browser, "Willkommen")


def picture(browser, name):
    if os.environ.get("SCREENSHOTS"):
        browser.save_screenshot(str(pathlib.Path(os.environ["SCREENSHOTS"]) / f"{name}-{browser.width}.png"))


def fits(browser):
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    return size["cssContentSize"]["width"] <= browser.width


def test_karla_reads_her_contracts_opens_a_document_and_signs_out(portal, browser):
    browser.get(portal.url + "/")
    picture(browser, "login")
    assert fits(browser)
    sign_in(browser, portal)
    picture(browser, "start")
    assert fits(browser)
    browser.find_element(By.LINK_TEXT, "Verträge").click()
    arrive(browser, "Verträge")
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    assert len(rows) == 7 and "182,07 € 1/2-jährlich" in rows[3].text
    picture(browser, "contracts")
    assert fits(browser)
    rows[3].find_element(By.TAG_NAME, "a").click()
    arrive(browser, "Vertrag WG-88 251")
    picture(browser, "contract")
    assert fits(browser)
    content = browser.find_element(By.LINK_TEXT, "Ansehen").get_attribute("href")
    cookies = {cookie["name"]: cookie["value"] for cookie in browser.get_cookies()}
    assert requests.get(content, cookies=cookies, timeout=20).content.startswith(b"%PDF-")
    browser.find_element(By.LINK_TEXT, "Dokumente").click()
    arrive(browser, "Dokumente")
    picture(browser, "documents")
    assert fits(browser)
    browser.find_element(By.CSS_SELECTOR, ".account button").click()
    arrive(browser, "Anmelden")
    assert browser.find_elements(By.NAME, "password")
    browser.get(portal.url + "/customers/10001/contracts")
    assert browser.find_elements(By.NAME, "password")
