# SPDX-License-Identifier: Apache-2.0
"""Servers of the directory that hang, die and come back, under load: who is signed in reads on."""
import concurrent.futures
import os
import threading
import time

import ldap
import pytest
import requests

from conftest import free_port
from private_servers import BASE, SEVERAL_PROCESSES, STATUS, PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

TIMEOUT = 2  # seconds
PAUSE = float(os.environ.get("SMV_PAUSE", "60"))
LINES = f"""{STATUS}{SEVERAL_PROCESSES}
SmvPortalCacheTime 2
SmvPortalLdapTimeout {TIMEOUT}
SmvPortalRefusalTime 0
"""
PEOPLE = 50
CONTRACTS = "/api/v1/customers/10001/contracts"


def add_people(slapd):
    connection = slapd.connect()
    for i in range(PEOPLE):
        name = f"last.{i}".encode()
        connection.add_s(f"uid=last.{i},ou=people,{BASE}", [
            ("objectClass", [b"inetOrgPerson", b"smvKonto"]), ("uid", [name]), ("cn", [name]), ("sn", [name]),
            ("userPassword", [b"demo"]), ("smvKundenNr", [b"10001"]),
            ("smvRolleDN", [f"cn=Kundenzugang,ou=roles,{BASE}".encode()])])
    connection.unbind_s()


class Readers:
    """All people read in turn, by some threads."""

    def __init__(self, portal, threads=10):
        self.portal, self.is_over, self.answers = portal, False, []
        self.cookies = [portal.sign_in(f"last.{i}").cookies["smvportal"] for i in range(PEOPLE)]
        self.threads = [threading.Thread(target=self.read, args=(self.cookies[i::threads],)) for i in range(threads)]

    def read(self, cookies):
        while not self.is_over:
            for cookie in cookies:
                begun = time.monotonic()
                try:
                    status = requests.get(self.portal.url + CONTRACTS, cookies={"smvportal": cookie}, timeout=30).status_code
                except requests.RequestException as error:
                    status = repr(error)
                self.answers.append((status, time.monotonic() - begun))
                time.sleep(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def statuses(self):
        return {status for status, _ in self.answers}

    def p99(self):
        times = sorted(seconds for _, seconds in self.answers)
        return times[len(times) * 99 // 100]


def busy_workers(portal):
    text = requests.get(f"http://127.0.0.1:{portal.port}/status?auto", timeout=20).text
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("BusyWorkers:"))


def sign_in_at_once(portal, count):
    """@return status and seconds of each"""
    def sign_in(_):
        begun = time.monotonic()
        return portal.sign_in("karla.kunde").answer.status_code, time.monotonic() - begun

    with concurrent.futures.ThreadPoolExecutor(count) as everybody:
        return list(everybody.map(sign_in, range(count)))


def change(portal, cookie):
    session = requests.Session()
    session.cookies["smvportal"] = cookie
    contact = {"kind": "email", "value": "neu@example.org"}
    return session.post(portal.url + "/api/v1/customers/10001/communications", json=contact, timeout=30)


@pytest.fixture(name="alone")
def _alone(running_portal, tmp_path):
    slapd = PrivateSlapd(tmp_path)
    add_people(slapd)
    httpd = PrivateHttpd(running_portal, LINES, slapd)
    wait_until(lambda: httpd.modes() == ["sync"], "the stream does not begin")
    yield httpd
    slapd.resume()
    httpd.stop()
    slapd.stop()


def test_a_server_that_hangs_for_a_minute_holds_up_nobody_who_reads(alone):
    alone.expect_log("SMV0201: |server reached MaxRequestWorkers")
    with Readers(alone) as readers:
        time.sleep(2)
        alone.slapd.pause()
        end, before = time.monotonic() + PAUSE, len(readers.answers)
        burst = sign_in_at_once(alone, 100)
        assert {status for status, _ in burst} == {503} and max(seconds for _, seconds in burst) < 2 * TIMEOUT
        assert max(seconds for _, seconds in readers.answers[before:]) < TIMEOUT + 1, "more than there are workers, who are free again by then"
        while time.monotonic() < end:
            begun = time.monotonic()
            answer = alone.sign_in("karla.kunde").answer
            assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
            assert time.monotonic() - begun < TIMEOUT + 1
            time.sleep(1)
        refused = change(alone, readers.cookies[0])
        assert refused.status_code == 503 and "Änderungen sind zurzeit nicht möglich" in refused.text
        assert busy_workers(alone) < 25
        alone.slapd.resume()
        wait_until(lambda: alone.modes() == ["sync"], "the stream does not come back")
        assert alone.sign_in("karla.kunde").answer.status_code == 303
        time.sleep(1)
    assert readers.statuses() == {200}, readers.statuses()
    assert readers.p99() < TIMEOUT
    assert busy_workers(alone) <= 2
    assert alone.unexpected_lines() == []


def test_a_page_says_that_nothing_can_be_changed(alone):
    session = alone.sign_in("last.1")
    assert "Sie können weiter lesen" not in session.get(alone.url + "/customers/10001/contracts", timeout=20).text
    alone.slapd.stop()
    try:
        wait_until(lambda: alone.modes() == ["down"], "nobody notices")
        time.sleep(3)
        page = session.get(alone.url + "/customers/10001/contracts", timeout=20)
        assert page.status_code == 200 and "Sie können weiter lesen, aber zurzeit nichts ändern" in page.text
    finally:
        alone.slapd.start()
    wait_until(lambda: alone.modes() == ["sync"], "the stream does not come back")
    assert "Sie können weiter lesen" not in session.get(alone.url + "/customers/10001/contracts", timeout=20).text


def test_behind_the_grace_time_nobody_is_let_in(running_portal, tmp_path):
    slapd = PrivateSlapd(tmp_path)
    httpd = PrivateHttpd(running_portal, LINES + "SmvPortalGraceTime 4\n", slapd)
    try:
        httpd.expect_log("SMV0201: ")
        wait_until(lambda: httpd.modes() == ["sync"], "the stream does not begin")
        session = httpd.sign_in("karla.kunde")
        session.headers["Connection"] = "close"  # each request goes to any of the processes
        slapd.stop()
        begun = time.monotonic()
        time.sleep(2.5)
        assert session.get(httpd.url + CONTRACTS, timeout=20).status_code == 200
        answer = session.get(httpd.url + CONTRACTS, timeout=20)
        while answer.status_code == 200:
            assert time.monotonic() - begun < 8
            time.sleep(0.1)
            answer = session.get(httpd.url + CONTRACTS, timeout=20)
        assert time.monotonic() - begun > 3.5
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        slapd.start()
        wait_until(lambda: session.get(httpd.url + CONTRACTS, timeout=20).status_code == 200, "no recovery")
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        if slapd.process.poll() is None:
            slapd.stop()


# --- two servers ---

def replicating(number, other_port):
    """One of two providers of which each takes over what the other has (slapd.conf(5), multiprovider)."""
    def edit(text):
        return text.replace("\ndatabase mdb\n", f"\nserverID {number}\n\ndatabase mdb\n", 1) + f"""
syncrepl rid=00{number} provider=ldap://127.0.0.1:{other_port} bindmethod=simple binddn="cn=admin,{BASE}"
    credentials=demo-admin searchbase="{BASE}" type=refreshAndPersist retry="1 +"
multiprovider on
"""
    return edit


class Pair:
    """Two slapds in multi-provider replication; the PrivateHttpd takes it for one."""

    def __init__(self, folder):
        ports = free_port(), free_port()
        folders = folder / "first", folder / "second"
        for each in folders:
            each.mkdir()
        self.first = PrivateSlapd(folders[0], replicating(1, ports[1]), port=ports[0])
        self.second = PrivateSlapd(folders[1], replicating(2, ports[0]), port=ports[1], ldif=None)
        add_people(self.first)
        wait_until(lambda: self.has(self.second, f"uid=last.{PEOPLE - 1},ou=people,{BASE}"), "nothing is replicated", 30)
        self.uri = f'"{self.first.uri} {self.second.uri}"'

    @staticmethod
    def has(slapd, dn):
        try:
            connection = slapd.connect()
            return bool(connection.search_s(dn, ldap.SCOPE_BASE))
        except ldap.LDAPError:
            return False

    def stop(self):
        for slapd in (self.first, self.second):
            if slapd.process.poll() is None:
                slapd.stop()


@pytest.fixture(name="pair")
def _pair(running_portal, tmp_path):
    pair = Pair(tmp_path)
    httpd = PrivateHttpd(running_portal, LINES, pair)
    wait_until(lambda: httpd.modes() == ["sync", "sync"], "the streams do not begin")
    yield httpd
    httpd.stop()
    pair.stop()


def set_customer(slapd, number):
    connection = slapd.connect()
    connection.modify_s(f"uid=last.0,ou=people,{BASE}", [(ldap.MOD_REPLACE, "smvKundenNr", [str(number).encode()])])
    connection.unbind_s()


@pytest.mark.parametrize("name", ["first", "second"])
def test_either_of_two_servers_may_die_under_load(pair, name):
    pair.expect_log("SMV0201: ")
    dying = getattr(pair.slapd, name)
    living = pair.slapd.second if name == "first" else pair.slapd.first
    cookie = pair.sign_in("last.0").cookies["smvportal"]

    def contracts():
        return requests.get(pair.url + CONTRACTS, cookies={"smvportal": cookie}, timeout=20).status_code

    with Readers(pair) as readers:
        time.sleep(2)
        dying.kill()
        killed = time.monotonic()
        statuses = []
        while time.monotonic() < killed + 5:
            statuses.append((time.monotonic() - killed, pair.sign_in("karla.kunde").answer.status_code))
            time.sleep(0.1)
        assert {status for when, status in statuses if when > 1} == {303}, statuses
        assert {status for _, status in statuses} <= {303, 503}, statuses
        readers.is_over = True
    assert readers.statuses() == {200}, readers.statuses()
    modes = pair.modes()
    assert sorted(modes) == ["down", "sync"] and modes[0 if name == "first" else 1] == "down"

    # What changes at the one that lives counts within a second.
    assert contracts() == 200
    set_customer(living, 10002)
    begun = time.monotonic()
    wait_until(lambda: contracts() == 404, "the change has no effect")
    assert time.monotonic() - begun < 1

    # The one that died comes back, and the first in the configuration is asked again.
    dying.start()
    wait_until(lambda: pair.modes() == ["sync", "sync"], "the stream does not come back", 20)
    set_customer(dying, 10001)
    wait_until(lambda: contracts() == 200, "the change has no effect")
    before = [len(slapd.operations()[1]) for slapd in (pair.slapd.first, pair.slapd.second)]
    for i in range(10):
        assert pair.sign_in(f"last.{i}").answer.status_code == 303
    filters = [slapd.operations()[1][count:] for slapd, count in zip((pair.slapd.first, pair.slapd.second), before)]
    asked = [sum("(uid=last." in text for text in texts) for texts in filters]
    assert asked == [10, 0], asked
    assert pair.unexpected_lines() == []


def test_in_random_order_both_servers_are_asked(running_portal, tmp_path):
    pair = Pair(tmp_path)
    httpd = PrivateHttpd(running_portal, LINES + "SmvPortalLdapOrder random\nSmvPortalLdapPool 4\n", pair)
    try:
        wait_until(lambda: httpd.modes() == ["sync", "sync"], "the streams do not begin")
        with Readers(httpd):
            time.sleep(1)
        asked = [sum("(uid=last." in text for text in slapd.operations()[1]) for slapd in (pair.first, pair.second)]
        assert min(asked) > 0, asked
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        pair.stop()
