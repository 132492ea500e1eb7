# SPDX-License-Identifier: Apache-2.0
"""Staff find customers by one box, reach them by one tap, and begin their day with what they need: each in their own
scope and under their own rights."""
import datetime
import re
import sqlite3
import time

import ldap
import pytest

from private_servers import PrivateHttpd, PrivateSlapd

BROKER, OFFICE, CUSTOMER = "viktor.vermittler", "ines.innen", "karla.kunde"
PORTFOLIO = ["10001", "20001", "20002"]


class Office:
    """A portal of the test's own, and what its staff ask."""

    def __init__(self, portal, folder):
        self.slapd = PrivateSlapd(folder)
        self.httpd = PrivateHttpd(portal, "SmvPortalCacheTime 0\n", self.slapd)
        self.database = sqlite3.connect(self.httpd.database, isolation_level=None, timeout=10)

    def find(self, words, login=OFFICE, **query):
        answer = self.httpd.api("/customers", login, params={"q": words, **query})
        assert answer.status_code == 200, (words, answer.text)
        return [customer["number"] for customer in answer.json()["items"]]

    def page(self, path, login=OFFICE, status=200):
        answer = self.httpd.sign_in(login).get(self.httpd.url + path, timeout=20)
        assert answer.status_code == status, answer.text
        return answer.text

    def grant(self, role, **rights):
        self.httpd.modify(f"cn={role},ou=roles", **rights)

    def stop(self):
        self.database.close()
        self.httpd.stop()
        self.slapd.stop()


@pytest.fixture(name="office", scope="module")
def _office(running_portal, tmp_path_factory):
    office = Office(running_portal, tmp_path_factory.mktemp("slapd"))
    yield office
    office.stop()


TERMS = ("Karla", "kunde", "KARLA KUNDE", "kar kun", "10001", "12.04.1980", "12.4.1980", "1980-04-12", "12.4.", "1980 Karla",
         "Berlin Kunde", "10439 Berlin", "KFZ-4711-01", "kfz 4711 01", "hr-20118 7", "Kunde, Karla")


@pytest.mark.parametrize("words", TERMS)
def test_a_customer_is_found_by_whatever_is_known_of_them(office, words):
    assert office.find(words) == office.find(words, BROKER) == ["10001"]


@pytest.mark.parametrize("words, number", [("Müßig", "10004"), ("Muessig", "10004"), ("JOERG", "10004"),
                                           ("Großmann", "10008"), ("grossmann", "10008"), ("koln paar", "10006"),
                                           ("24.12.", "10008"), ("brösel", "20003"), ("V-20004-3", "20004")])
def test_the_office_finds_every_customer_and_a_broker_none_of_others(office, words, number):
    assert office.find(words) == ([number] if number else [])
    assert office.find(words, BROKER) == []


def test_all_words_must_be_there(office):
    assert office.find("Karla Hamburg") == office.find("Karla 1981") == office.find("Karla KFZ-4711-01") == []
    assert office.find("chef") == ["20001", "20002"]


def test_a_list_without_a_search_has_the_whole_scope(office):
    assert office.find("", BROKER) == PORTFOLIO and len(office.find("")) == 12
    assert office.find("10001", CUSTOMER) == ["10001"] and office.find("Nora", CUSTOMER) == []


def test_a_contract_finds_its_customer_only_for_who_may_see_contracts(office):
    for login, role in ((BROKER, "Vermittler"), (OFFICE, "Innendienst")):
        office.grant(role, smvVertragsdatenAnsehen="FALSE")
        assert office.find("KFZ-4711-01", login) == [] and office.find("Karla", login) == ["10001"]
        office.grant(role, smvVertragsdatenAnsehen="TRUE")
        assert office.find("KFZ-4711-01", login) == ["10001"]


def test_a_customer_s_number_is_at_the_top_whatever_postal_codes_there_are(office):
    office.database.executemany("INSERT INTO customer (number, kind, name, postal_code) VALUES (?, 'person', 'Nah', '20004')",
                                [(number,) for number in range(5000, 5060)])
    for login, wanted in ((OFFICE, ["20004", "5000", "5001"]), (BROKER, [])):
        text = office.page("/customers?q=20004", login)
        assert re.findall(r'id="customer-(\d+)"', text)[:3] == wanted
    assert office.find("20004", limit=200) == [*(str(number) for number in range(5000, 5060)), "20004"]
    office.database.execute("DELETE FROM customer WHERE name = 'Nah'")


HOSTILE = ('"', '""', "*", "NEAR(", "NEAR(karla kunde)", ";", "'; DROP TABLE customer; --", "%", "_", "\\", "karla OR 1", "(", "{words}:x",
           "§501", "¶1980", "#", "^karla", "-karla -kunde -", "🙂", "–", "x" * 100, "a " * 50, "ä" * 100)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_words(office, words):
    before = office.database.execute("SELECT count(*) FROM customer").fetchone()
    assert set(office.find(words, BROKER)) <= set(PORTFOLIO)
    assert office.database.execute("SELECT count(*) FROM customer").fetchone() == before


def test_what_is_too_long_is_said_at_the_box(office):
    text = office.page("/customers?q=" + "x" * 101)
    assert "Bitte suchen Sie mit höchstens 100 Zeichen." in text and 'aria-invalid="true"' in text
    assert office.httpd.api("/customers?q=" + "x" * 101, OFFICE).status_code == 400


def test_nobody_found_is_said_in_words(office):
    text = office.page("/customers?q=" + "niemand%20%3Cb%3E")
    assert "Dazu haben wir niemanden gefunden." in text and 'value="niemand &lt;b&gt;"' in text


def walk(office, login, query):
    """Page by page, while somebody writes customers before and behind the place. @return the numbers that were met"""
    met, path = [], f"/customers?limit=7&{query}"
    while path:
        answer = office.httpd.api(path, login).json()
        met += [int(customer["number"]) for customer in answer["items"]]
        path = answer["next"]
        office.database.executemany("INSERT OR IGNORE INTO customer (number, kind, name, city, broker)"
                                    " VALUES (?, 'person', 'Später Müller', 'Aachen', 501)",
                                    [(met[-1] - 1,), (met[-1] + 1,)])
    return met


@pytest.mark.parametrize("login, query", [(OFFICE, "q=m%C3%BCller+aachen"), (BROKER, "q=muller"), (BROKER, "after=40000")])
def test_pages_have_no_gap_and_no_double_while_others_write(office, login, query):
    office.database.executemany("INSERT INTO customer (number, kind, name, city, broker)"
                                " VALUES (?, 'person', 'Müller', 'Aachen', 501)",
                                [(number,) for number in range(50000, 50400, 10)])
    met = walk(office, login, query)
    office.database.execute("DELETE FROM customer WHERE number BETWEEN 40000 AND 60000")
    assert met == sorted(set(met)) and set(range(50000, 50400, 10)) <= set(met)


def test_the_next_page_keeps_the_words(office):
    office.database.executemany("INSERT INTO customer (number, kind, name) VALUES (?, 'company', 'A & B + Söhne')",
                                [(number,) for number in range(50000, 50060)])
    text = office.page("/customers?q=a+%26+b+%2B+s%C3%B6hne")
    following = re.search(r'href="/portal(/customers\?after=[^"]*)"', text).group(1).replace("&amp;", "&")
    assert "50049" in text and "50050" not in text
    assert 'value="a &amp; b + söhne"' in office.page(following) and "50059" in office.page(following)
    office.database.execute("DELETE FROM customer WHERE number BETWEEN 50000 AND 50060")


# --- one tap ---

def links(text, start):
    return [found.replace("&amp;", "&") for found in re.findall(rf'href="({start}[^"]*)"', text)]


def test_one_tap_calls_writes_and_shows_the_way(office):
    text = office.page("/customers?q=karla", BROKER)
    assert links(text, "tel:") == ["tel:+4930555123"] and links(text, "mailto:") == ["mailto:karla@kunde.example"]
    assert links(text, "geo:") == ["geo:0,0?q=Lindenweg%207%2C%2010439%20Berlin"]


@pytest.mark.parametrize("login", [BROKER, OFFICE, CUSTOMER])
def test_the_card_has_every_number_and_the_way(office, login):
    text = office.page("/customers/10001", login)
    assert links(text, "tel:") == ["tel:+4930555123", "tel:+491705551234"]
    assert links(text, "mailto:") == ["mailto:karla@kunde.example"] and len(links(text, "geo:")) == 1


def test_numbers_are_for_who_may_see_them(office):
    office.grant("Vermittler", smvKommunikationAnsehen="FALSE")
    for path in ("/customers?q=karla", "/customers/10001", "/"):
        text = office.page(path, BROKER)
        assert "555123" not in text and "karla@kunde" not in text
    assert links(office.page("/customers?q=karla", BROKER), "geo:")
    office.grant("Vermittler", smvKommunikationAnsehen="TRUE")


def test_each_role_counts_for_its_own_customers(office):
    """Ines sees all customers, but telephone numbers in the portfolio of broker 502 alone."""
    dn = f"uid={OFFICE},ou=people,{office.httpd.base}"
    roles = [f"cn={name},ou=roles,{office.httpd.base}".encode() for name in ("Innendienst", "Vermittler")]
    connection = ldap.initialize(office.httpd.ldap_uri)
    connection.simple_bind_s(*office.httpd.admin)
    connection.modify_s(dn, [(ldap.MOD_REPLACE, "smvRolleDN", roles), (ldap.MOD_REPLACE, "smvVermittlerNr", [b"502"])])
    office.grant("Innendienst", smvKommunikationAnsehen="FALSE")
    office.database.execute("INSERT INTO communication (id, customer, kind, value) VALUES (900, 10002, 'mobile', '0171 1')")
    text = office.page("/customers")
    assert links(text, "tel:") == ["tel:01711"] and links(text, "mailto:") == []
    office.database.execute("DELETE FROM communication WHERE id = 900")
    office.grant("Innendienst", smvKommunikationAnsehen="TRUE")
    connection.modify_s(dn, [(ldap.MOD_REPLACE, "smvRolleDN", roles[:1]), (ldap.MOD_DELETE, "smvVermittlerNr", None)])
    connection.unbind_s()


def test_the_firm_says_which_map(running_portal):
    httpd = PrivateHttpd(running_portal, 'SmvPortalMapUrl "https://maps.example/?q="\n')
    text = httpd.sign_in(CUSTOMER).get(httpd.url + "/customers/10001", timeout=20).text
    assert links(text, "https://maps") == ["https://maps.example/?q=Lindenweg%207%2C%2010439%20Berlin"]
    httpd.stop()
    for wrong in ("javascript:alert(1)", "http://maps.example/?q=", "geo:0,0\\\"?q="):
        code, said = running_portal.configtest(f'SmvPortalMapUrl "{wrong}"\n')
        assert code and "SmvPortalMapUrl must be what goes before an address" in said, (wrong, said)


# --- the start screen ---

def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days)).isoformat()


@pytest.fixture(name="endings")
def _endings(office):
    """Contracts of five customers that end in as many days; the others end late."""
    office.database.execute("UPDATE contract SET end_date = '2060-01-01' WHERE end_date IS NOT NULL")
    for customer, days in ((10001, 90), (20001, 0), (20003, 45), (20002, 91), (10002, -1)):
        office.database.execute("UPDATE contract SET end_date = ?, status = 'active' WHERE id ="
                                " (SELECT min(id) FROM contract WHERE customer = ?)", (in_days(days), customer))
    office.database.execute("UPDATE contract SET end_date = ?, status = 'cancelled' WHERE id ="
                            " (SELECT max(id) FROM contract WHERE customer = 20001)", (in_days(5),))


def ending(office, login, path="/expiring-contracts"):
    answer = office.httpd.api(path, login).json()
    return [int(contract["customer"]) for contract in answer["items"]], answer["next"]


@pytest.mark.usefixtures("endings")
def test_what_ends_within_90_days_is_in_order_and_in_reach(office):
    assert ending(office, OFFICE) == ([20001, 20003, 10001], None)
    assert ending(office, BROKER) == ([20001, 10001], None)
    met, path = [], "/expiring-contracts?limit=1"
    while path:
        customers, path = ending(office, OFFICE, path)
        met += customers
    assert met == [20001, 20003, 10001]
    for query in ("from=gestern", "after=x", "limit=0"):
        assert office.httpd.api("/expiring-contracts?" + query, OFFICE).status_code == 400
    for path in ("/", "/expiring-contracts"):
        text = office.page(path, BROKER)
        assert "Chef Maschinenbau GmbH" in text and "Bäckerei" not in text and "Chef Immobilien" not in text


@pytest.mark.usefixtures("endings")
def test_end_dates_are_hidden_by_any_role_and_need_the_right_to_contracts(office):
    for rights, back in (({"smvAblaufdatumAusblenden": "TRUE"}, {"smvAblaufdatumAusblenden": "FALSE"}),
                         ({"smvVertragsdatenAnsehen": "FALSE"}, {"smvVertragsdatenAnsehen": "TRUE"})):
        office.grant("Vermittler", **rights)
        start = office.page("/", BROKER)
        assert "Abläufe der nächsten 90 Tage" not in start and in_days(90) not in start
        office.page("/expiring-contracts", BROKER, 403)
        office.grant("Vermittler", **back)
    assert "Abläufe der nächsten 90 Tage" in office.page("/", BROKER)
    office.page("/expiring-contracts", CUSTOMER, 403)


@pytest.mark.usefixtures("endings")
def test_who_may_not_see_customers_sees_numbers_of_what_ends(office):
    office.grant("Vermittler", smvKundendatenAnsehen="FALSE")
    text = office.page("/expiring-contracts", BROKER)
    assert "Chef Maschinenbau" not in text and '/customers/20001/contracts">20001<' in text
    start = office.page("/", BROKER)
    assert "Kunden suchen" not in start and "Zuletzt angesehen" not in start and "Neues aus dem Portal" not in start
    office.grant("Vermittler", smvKundendatenAnsehen="TRUE")


def recent(office, login):
    section = re.search(r'<section[^>]*aria-labelledby="recent".*?</section>', office.page("/", login), re.DOTALL)
    return re.findall(r'href="/portal/customers/(\d+)"', section.group(0)) if section else []


def test_the_customers_seen_last_are_each_person_s_own(office):
    for customer in (20001, 10001, 20002, 10001):
        office.httpd.api(f"/customers/{customer}", BROKER)
    for customer in (10004, 10001):
        office.httpd.api(f"/customers/{customer}", OFFICE)
    assert recent(office, BROKER) == ["10001", "20002", "20001"] and recent(office, OFFICE) == ["10001", "10004"]
    office.database.execute("UPDATE customer SET broker = 502 WHERE number = 20002")
    assert recent(office, BROKER) == ["10001", "20001"]
    office.database.execute("UPDATE customer SET broker = 501 WHERE number = 20002")


def test_eight_customers_are_enough(office):
    for customer in (*range(10001, 10009), 20003, 20004):
        office.httpd.api(f"/customers/{customer}", OFFICE)
    assert recent(office, OFFICE) == ["20004", "20003", *(str(number) for number in range(10008, 10002, -1))]


def test_the_start_shows_what_is_new(office):
    session = office.httpd.sign_in(CUSTOMER)
    for name in "abcdefg":
        session.post(office.httpd.url + "/customers/10001/contacts", data={"name": f"Kontakt {name}"}, timeout=20)
    section = re.search(r'<section[^>]*aria-labelledby="inbox".*?</section>', office.page("/", BROKER), re.DOTALL).group(0)
    assert section.count("<li>") == 5 and "Karla Kunde" in section and 'href="/portal/inbox"' in section
    office.database.execute("UPDATE change SET done_time = 1, done_by = 'x' WHERE done_time IS NULL")
    assert "Nichts Neues" in office.page("/", BROKER)


def test_customers_begin_as_before(office):
    text = office.page("/", CUSTOMER)
    for words in ("Kunden suchen", "Zuletzt angesehen", "Neues aus dem Portal", "Abläufe der nächsten 90 Tage"):
        assert words not in text
    assert "Kundenkarte" in text


def test_the_search_is_public_in_the_api_s_description(office):
    document = office.httpd.api("/openapi.json").json()
    assert "q" in [parameter["name"] for parameter in document["paths"]["/customers"]["get"]["parameters"]]


def test_the_error_log_is_quiet(office):
    time.sleep(0.1)
    assert office.httpd.unexpected_lines() == []
