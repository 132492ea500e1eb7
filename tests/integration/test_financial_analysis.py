# SPDX-License-Identifier: Apache-2.0
"""The financial analysis: sums, gaps and bars, and what the two rights that hide something take away."""
import contextlib
import re
import sqlite3

import pytest

from private_servers import PrivateHttpd, PrivateSlapd

ROLE = "cn=Kundenzugang,ou=roles"
CARD = "/customers/10001"
PATH = CARD + "/financial-analysis"


@pytest.fixture(name="module_httpd", scope="module")
def _module_httpd(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    yield httpd
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="own")
def _own(module_httpd):
    yield module_httpd
    assert module_httpd.unexpected_lines() == []


@pytest.fixture(name="session", scope="module")
def _session(module_httpd):
    return module_httpd.sign_in("karla.kunde")


def change(httpd, sql, *values):
    with contextlib.closing(sqlite3.connect(httpd.database, timeout=10)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def page_of(httpd, session, path=PATH):
    answer = session.get(httpd.url + path, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.text


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def sections_of(page):
    """By their headings: text, and the widths of the bars"""
    found = {}
    for section in re.findall(r"<section.*?</section>", page, re.DOTALL):
        heading = text_of(re.search(r"<h2.*?</h2>", section, re.DOTALL).group(0))
        widths = re.findall(r'<rect class="(plus|minus)" width="(\d+)"', section)
        found[heading, bool(widths)] = text_of(section), [int(width) for _, width in widths]
    return found


@contextlib.contextmanager
def role_with(httpd, **rights):
    httpd.modify(ROLE, **{name: "TRUE" for name in rights})
    try:
        yield
    finally:
        httpd.modify(ROLE, **{name: "FALSE" for name in rights})


def test_the_api_has_the_sums(own, session):
    data = session.get(own.url + "/api/v1" + PATH, timeout=20).json()
    assert data["customer"] == "10001" and len(data["items"]) == 14
    sums = {name: data[name] for name in ("income", "expenses", "surplus", "assets", "liabilities", "net_worth")}
    assert sums == {name: {"amount": amount, "currency": "EUR"} for name, amount in {
        "income": "4375.00", "expenses": "3440.00", "surplus": "935.00", "assets": "422630.00",
        "liabilities": "214800.00", "net_worth": "207830.00"}.items()}
    pension = [item for item in data["items"] if item["label"] == "Altersrente"][0]
    assert pension["kind"] == "provision" and pension["amount"] == {"amount": "1890.00", "currency": "EUR"}
    assert pension["needed"] == {"amount": "2900.00", "currency": "EUR"} and "charts" not in data


def test_the_page_has_sums_and_bars(own, session):
    sections = sections_of(page_of(own, session))
    text, widths = sections["Im Monat", True]
    assert text == "Im Monat Einnahmen 4.375,00 € Ausgaben 3.440,00 € Es bleiben 935,00 €" and widths == [1000, 786]
    text, widths = sections["Vermögen und Verbindlichkeiten", True]
    assert "Vermögen 422.630,00 € Verbindlichkeiten 214.800,00 € Reinvermögen 207.830,00 €" in text
    assert widths == [1000, 508]
    for heading, total in (("Einnahmen", "4.375,00 €"), ("Ausgaben", "3.440,00 €"), ("Vermögen", "422.630,00 €"),
                           ("Verbindlichkeiten", "214.800,00 €")):
        assert sections[heading, False][0].endswith(f"Summe {total}")
    assert "Girokonto 30.06.2026 6.180,00 €" in sections["Vermögen", False][0]
    assert "Summe" not in sections["Vorsorge", False][0]


def test_the_page_shows_what_is_missing_in_the_provision(own, session):
    text, widths = sections_of(page_of(own, session))["Vorsorge im Monat", True]
    assert text == ("Vorsorge im Monat Altersrente 1.890,00 € von 2.900,00 € Es fehlen 1.010,00 €"
                    " Berufsunfähigkeit 1.500,00 € von 2.800,00 € Es fehlen 1.300,00 €"
                    " Pflege 600,00 € von 550,00 € Gedeckt"
                    " Todesfallschutz 0,00 € von 1.200,00 € Es fehlen 1.200,00 €")
    assert widths == [651, 535, 1000, 0]


def test_more_spent_than_earned_is_a_loss(own, session):
    change(own, "INSERT INTO financial_item (id, customer, kind, label, amount) VALUES (900, 10001, 'expense', 'Yacht',"
                " 531000)")
    try:
        text, widths = sections_of(page_of(own, session))["Im Monat", True]
        assert re.search(r"Es bleiben [-−]4.375,00 €", text) and widths == [500, 1000]
        data = session.get(own.url + "/api/v1" + PATH, timeout=20).json()
        assert data["surplus"] == {"amount": "-4375.00", "currency": "EUR"}
    finally:
        change(own, "DELETE FROM financial_item WHERE id = 900")


def test_another_currency_stands_in_its_table_alone(own, session):
    note = "Summen und Balken sind von Beträgen in Euro; andere Währungen stehen nur in den Tabellen."
    before = sections_of(page_of(own, session))
    assert note not in page_of(own, session)
    change(own, "INSERT INTO financial_item (id, customer, kind, label, amount, amount_currency, needed) VALUES"
                " (901, 10001, 'income', 'Miete Zürich', 100000, 'CHF', NULL),"
                " (902, 10001, 'provision', 'Rente Bern', 1000, 'CHF', 2000)")
    try:
        page = page_of(own, session)
        after = sections_of(page)
        assert note in page
        for heading in ("Im Monat", "Vorsorge im Monat"):
            assert after[heading, True] == before[heading, True]
        assert re.search(r"Miete Zürich 1\.000,00 CHF", after["Einnahmen", False][0])
        assert after["Einnahmen", False][0].endswith("Summe 4.375,00 €")
        assert "Rente Bern" in after["Vorsorge", False][0]
        data = session.get(own.url + "/api/v1" + PATH, timeout=20).json()
        assert data["income"] == {"amount": "4375.00", "currency": "EUR"} and len(data["items"]) == 16
    finally:
        change(own, "DELETE FROM financial_item WHERE id IN (901, 902)")


def test_without_items_the_page_says_so(own):
    session = own.sign_in("claudia.chef")
    page = page_of(own, session, "/customers/20001/financial-analysis")
    assert "Noch keine Finanzanalyse vorhanden" in page and "<svg" not in page and "Summe" not in page
    data = session.get(own.url + "/api/v1/customers/20001/financial-analysis", timeout=20).json()
    assert data["items"] == [] and data["surplus"] == {"amount": "0.00", "currency": "EUR"}


def test_another_customers_is_not_found(own, session):
    for base in (own.url, own.url + "/api/v1"):
        assert session.get(base + "/customers/20001/financial-analysis", timeout=20).status_code == 404


def test_the_hide_right_takes_it_away_everywhere(own, session):
    places = ("/", CARD, CARD + "/contracts")
    start = page_of(own, session, "/")
    assert start.count(f'href="/portal{PATH}"') == 2  # menu and tile
    with role_with(own, smvFinanzanalysedatenAusblenden=True):
        for base in (own.url, own.url + "/api/v1"):
            answer = session.get(base + PATH, timeout=20)
            assert answer.status_code == 403 and "Altersrente" not in answer.text and "4.375" not in answer.text
        for place in places:
            assert "financial-analysis" not in page_of(own, session, place)
            assert "Finanzanalyse" not in page_of(own, session, place)
    assert "Finanzanalyse" in page_of(own, session, "/")
    assert session.get(own.url + PATH, timeout=20).status_code == 200


def test_end_dates_leave_the_card_and_stay_in_the_contract_table(own, session):
    path = CARD + "/expiring-contracts"
    change(own, "UPDATE contract SET end_date = '2098-07-09' WHERE number = 'LV-300 445'")
    change(own, "UPDATE contract SET end_date = date('now', '+30 days') WHERE number = 'WG-88 251'")
    answer = session.get(own.url + "/api/v1" + path, timeout=20)
    assert answer.status_code == 200 and answer.json()["items"][0]["number"] == "WG-88 251"
    assert "Nächste Abläufe" in page_of(own, session, CARD)
    with role_with(own, smvAblaufdatumAusblenden=True):
        answer = session.get(own.url + "/api/v1" + path, timeout=20)
        assert answer.status_code == 403 and "WG-88" not in answer.text
        card = page_of(own, session, CARD)
        assert "Nächste Abläufe" not in card and "WG-88 251" not in card
        assert "WG-88" not in session.get(own.url + "/api/v1" + CARD, timeout=20).text
        assert "09.07.2098" in page_of(own, session, CARD + "/contracts")
        contracts = session.get(own.url + "/api/v1" + CARD + "/contracts", timeout=20).json()["items"]
        assert "2098-07-09" in {contract.get("end_date") for contract in contracts}
    assert "Nächste Abläufe" in page_of(own, session, CARD)
