# SPDX-License-Identifier: Apache-2.0
"""What is changed in the directory, with any tool, counts at once in every process, and nobody asks for what is known."""
import os
import re
import signal
import time

import ldap
import pytest
import requests

from conftest import free_port
from private_servers import SEVERAL_PROCESSES, STATUS, PrivateHttpd, PrivateSlapd, start_slapd, wait_until

pytestmark = pytest.mark.alone

LINES = STATUS + SEVERAL_PROCESSES + "SmvPortalCacheTime 30\nSmvPortalRefusalTime 0\n"
PROMISE = 1.0  # seconds
CUSTOMER = "cn=Kundenzugang,ou=roles"
KARLA = "uid=karla.kunde,ou=people"


@pytest.fixture(name="slapd", scope="module")
def _slapd(tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    yield slapd
    slapd.stop()


@pytest.fixture(name="own", scope="module")
def _own(running_portal, slapd):
    httpd = PrivateHttpd(running_portal, LINES, slapd)
    wait_until(lambda: httpd.modes() == ["sync"], "the stream does not begin")
    yield httpd
    httpd.stop()


@pytest.fixture(name="live")
def _live(own):
    own.expected = []
    yield own
    assert own.unexpected_lines() == []


def contracts(portal, cookie):
    """By a connection of its own, which any of the processes takes."""
    return requests.get(portal.url + "/api/v1/customers/10001/contracts", cookies={"smvportal": cookie}, timeout=20).status_code


def cookie_of(portal, login="karla.kunde"):
    return portal.sign_in(login).cookies["smvportal"]


def time_until(condition):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < 5, "the change has no effect"
    return time.monotonic() - begun


def test_a_change_of_a_role_has_effect_within_a_second(live):
    """A hundred times; and behind the first answer that shows it none shows the old state."""
    cookie, times = cookie_of(live), []
    connection = ldap.initialize(live.ldap_uri)
    connection.simple_bind_s(*live.admin)
    try:
        for i in range(100):
            value, wanted = ((b"FALSE", 403), (b"TRUE", 200))[i % 2]
            connection.modify_s(f"{CUSTOMER},{live.base}", [(ldap.MOD_REPLACE, "smvVertragsdatenAnsehen", [value])])
            times.append(time_until(lambda: contracts(live, cookie) == wanted))
            if i % 10 == 0:
                time.sleep(PROMISE)
                assert {contracts(live, cookie) for _ in range(12)} == {wanted}
    finally:
        connection.modify_s(f"{CUSTOMER},{live.base}", [(ldap.MOD_REPLACE, "smvVertragsdatenAnsehen", [b"TRUE"])])
        connection.unbind_s()
    times.sort()
    print(f"change to effect: median {times[50] * 1000:.1f} ms, p99 {times[98] * 1000:.1f} ms, longest {times[99] * 1000:.1f} ms")
    assert times[98] < PROMISE


def test_a_change_of_an_account_concerns_that_account_alone(live):
    """Each session here keeps its connection, and so its process."""
    karla, claudia = live.sign_in("karla.kunde"), live.sign_in("claudia.chef")

    def status(session, customer):
        return session.get(f"{live.url}/api/v1/customers/{customer}/contracts", timeout=20).status_code

    assert (status(karla, 10001), status(claudia, 20001)) == (200, 200)
    live.modify(KARLA, smvKundenNr=10002)
    try:
        assert time_until(lambda: status(karla, 10001) == 404) < PROMISE
        before = live.searches()
        assert status(claudia, 20001) == 200 and live.searches() == before
    finally:
        live.modify(KARLA, smvKundenNr=10001)
    assert time_until(lambda: status(karla, 10001) == 200) < PROMISE


def test_who_is_known_costs_no_search(live):
    session = live.sign_in("karla.kunde")
    before = live.searches()
    answers = {session.get(live.url + path, timeout=20).status_code for _ in range(50)
               for path in ("/customers/10001/contracts", "/api/v1/me")}
    assert answers == {200} and live.searches() == before


def test_who_is_not_known_costs_two_rounds(live):
    """One search finds the login, one reads the account; then all it points to is asked for at once."""
    before, log = live.searches(), len(live.slapd.log.read_text())
    assert live.sign_in("viktor.vermittler").answer.status_code == 303
    assert live.searches() == before + 5
    searches = re.findall(r'conn=(\d+) op=(\d+) (SRCH base="[^"].*filter|SEARCH RESULT)', live.slapd.log.read_text()[log:])
    assert len({connection for connection, *_ in searches}) == 1 and len(searches) == 10, searches


def test_a_lock_ends_sessions_whether_somebody_uses_them_or_not(live):
    used, unused = cookie_of(live), cookie_of(live)
    live.modify(KARLA, smvGesperrt="TRUE")
    try:
        assert time_until(lambda: contracts(live, used) in (401, 403)) < PROMISE
        time.sleep(PROMISE)
        assert live.sign_in("karla.kunde").answer.status_code == 403
    finally:
        live.modify(KARLA, smvGesperrt=None)
    assert time_until(lambda: live.sign_in("karla.kunde").answer.status_code == 303) < PROMISE
    assert contracts(live, used) == 401 and contracts(live, unused) == 401


def test_an_account_that_expires_is_refused_in_time_though_nothing_changes(live):
    cookie = cookie_of(live)
    until = time.gmtime(time.time() + 3)
    live.modify(KARLA, smvGueltigBis=time.strftime("%Y%m%d%H%M%SZ", until))
    try:
        time.sleep(PROMISE)
        assert contracts(live, cookie) == 200
        time.sleep(2.5)
        assert {contracts(live, cookie) for _ in range(6)} <= {401, 403}
    finally:
        live.modify(KARLA, smvGueltigBis=None)


def test_a_role_that_is_given_and_deleted_counts_at_once(live):
    cookie = cookie_of(live, "nora.nurlesen")
    dn = f"cn=Neu,ou=roles,{live.base}"
    connection = ldap.initialize(live.ldap_uri)
    connection.simple_bind_s(*live.admin)
    customers = f"{live.url}/api/v1/customers"

    def count():
        answer = requests.get(customers, cookies={"smvportal": cookie}, timeout=20)
        return len(answer.content)

    alone = count()
    connection.add_s(dn, [("objectClass", [b"organizationalRole", b"smvRolle"]), ("smvRollenId", [b"4294968000"]),
                          ("smvGeltungsbereich", [b"alle"]), ("smvKundendatenAnsehen", [b"TRUE"]),
                          ("roleOccupant", [f"uid=nora.nurlesen,ou=people,{live.base}".encode()])])
    try:
        assert time_until(lambda: count() != alone) < PROMISE
    finally:
        connection.delete_s(dn)
        connection.unbind_s()
    assert time_until(lambda: count() == alone) < PROMISE


def test_a_server_that_was_away_for_a_moment_is_caught_up_with(live):
    """What changed while nobody listened counts once the stream is back; nothing is asked anew for the others."""
    karla, claudia = cookie_of(live), cookie_of(live, "claudia.chef")
    live.expect_log("SMV0201: ldap://127.0.0.1")
    assert contracts(live, karla) == 200
    changes = int(live.status()[0][0]["changes"])
    live.slapd.stop()
    wait_until(lambda: live.modes() == ["down"], "nobody notices")
    live.slapd.start()
    wait_until(lambda: live.modes() == ["sync"], "the stream does not come back")
    assert int(live.status()[0][0]["changes"]) <= changes + 1
    live.modify(KARLA, smvKundenNr=10002)
    try:
        assert time_until(lambda: contracts(live, karla) == 404) < PROMISE
    finally:
        live.modify(KARLA, smvKundenNr=10001)
    assert requests.get(f"{live.url}/api/v1/customers/20001/contracts", cookies={"smvportal": claudia}, timeout=20).ok


def test_what_changes_while_nobody_listens_is_told_when_the_server_is_back(live):
    """By the cookie of the synchronisation: of nobody else."""
    karla, changes = cookie_of(live), int(live.status()[0][0]["changes"])
    live.expect_log("SMV0201: ldap://127.0.0.1")
    assert contracts(live, karla) == 200
    live.slapd.stop()
    port = free_port()
    elsewhere = start_slapd(live.slapd.arguments, port)
    try:
        wait_until(lambda: live.modes() == ["down"], "nobody notices")
        connection = ldap.initialize(f"ldap://127.0.0.1:{port}")
        connection.simple_bind_s(*live.admin)
        connection.modify_s(f"{KARLA},{live.base}", [(ldap.MOD_REPLACE, "smvKundenNr", [b"10002"])])
        connection.unbind_s()
    finally:
        elsewhere.terminate()
        elsewhere.wait(timeout=20)
        live.slapd.start()
    try:
        wait_until(lambda: live.modes() == ["sync"], "the stream does not come back")
        assert time_until(lambda: contracts(live, karla) == 404) < PROMISE
        assert int(live.status()[0][0]["changes"]) <= changes + 2
    finally:
        live.modify(KARLA, smvKundenNr=10001)
    assert time_until(lambda: contracts(live, karla) == 200) < PROMISE


def test_mod_status_tells_of_directory_and_pool_to_people_and_programs(live):
    live.modify(KARLA, smvKundenNr=10001)
    cookie = cookie_of(live)
    assert contracts(live, cookie) == 200
    (server,), (pool,) = live.status()
    assert server["directory"] == "own" and server["mode"] == "sync" and int(server["changes"]) > 0
    assert 0 <= int(server["lag-ms"]) < 2000 and 0 < int(server["round-trip-us"]) < 2_000_000
    assert 0 <= int(server["last-change-ms"]) < 5000
    assert 0 <= pool["in-use"] <= pool["open"] <= pool["limit"] == 8 and pool["searches"] > 0 and pool["binds"] > 0
    page = requests.get(f"http://127.0.0.1:{live.port}/status", timeout=20).text
    assert "<h2>Directories of the customer portal</h2>" in page and "<th>Last change (ms ago)</th>" in page
    cells = re.search(rf"<td>{re.escape(live.slapd.uri)}</td><td>own</td><td>sync</td>((?:<td>-?\d+</td>){{5}})</tr>", page)
    process, lag, _, last, changes = map(int, re.findall(r"-?\d+", cells.group(1)))
    assert process in live.children() and 0 <= lag < 2000 and 0 <= last < 7000 and changes >= int(server["changes"])
    assert re.search(r"<p>[^<]*, own: \d connections open in this process, \d in use, 8 at most; \d+ searches and \d+ binds", page)


def test_when_the_process_that_listens_dies_another_one_does(live):
    cookie = cookie_of(live)
    assert int(live.status()[0][0]["process"]) in live.children()
    live.expect_log("AH00052: child pid .* exit signal Killed")
    os.kill(int(live.status()[0][0]["process"]), signal.SIGKILL)
    live.modify(KARLA, smvKundenNr=10002)
    try:
        assert time_until(lambda: contracts(live, cookie) == 404) < 3
    finally:
        live.modify(KARLA, smvKundenNr=10001)
    wait_until(lambda: live.modes() == ["sync"], "the stream does not come back")


def test_a_graceful_restart_hands_the_watch_over(running_portal, slapd):
    """Each time the only process ends while it listens, and another one begins."""
    httpd = PrivateHttpd(running_portal, STATUS + "SmvPortalCacheTime 30\n", slapd)

    def listens():
        return int(httpd.status()[0][0]["process"]) in httpd.children() and httpd.modes() == ["sync"]

    try:
        cookie = cookie_of(httpd)
        for _ in range(4):
            (before,) = httpd.children()
            assert httpd.reload()[0] == 0
            wait_until(lambda before=before: listens() and before not in httpd.children(), "no other process listens", 1.5)
            assert contracts(httpd, cookie) == 200
        httpd.modify(KARLA, smvKundenNr=10002)
        assert time_until(lambda: contracts(httpd, cookie) == 404) < PROMISE
        assert httpd.unexpected_lines() == []
    finally:
        httpd.modify(KARLA, smvKundenNr=10001)
        httpd.stop()


def test_a_server_that_stops_telling_of_changes_and_begins_again_is_believed_accordingly(running_portal, tmp_path):
    slapd = PrivateSlapd(tmp_path)
    httpd = PrivateHttpd(running_portal, STATUS + "SmvPortalCacheTime 1\n", slapd)
    conf = tmp_path / "slapd.conf"
    text = conf.read_text(encoding="utf-8")

    def restart(with_text, mode):
        slapd.stop()
        conf.write_text(with_text, encoding="utf-8")
        slapd.start()
        wait_until(lambda: httpd.modes() == [mode], lambda: f"the mode is {httpd.modes()}")

    try:
        httpd.expect_log("SMV0201: ")
        wait_until(lambda: httpd.modes() == ["sync"], "the stream does not begin")
        cookie = cookie_of(httpd)
        restart(text[:text.index("# It tells the portal")], "cache")
        for value, wanted in (("FALSE", 403), ("TRUE", 200)):
            httpd.modify(CUSTOMER, smvVertragsdatenAnsehen=value)
            assert time_until(lambda wanted=wanted: contracts(httpd, cookie) == wanted) < 1 + PROMISE, "longer than SmvPortalCacheTime"
        restart(text, "sync")
        assert contracts(httpd, cookie) == 200
        before = httpd.searches()
        httpd.modify(CUSTOMER, smvVertragsdatenAnsehen="FALSE")
        assert time_until(lambda: contracts(httpd, cookie) == 403) < PROMISE
        time.sleep(1.1)  # longer than SmvPortalCacheTime
        assert contracts(httpd, cookie) == 403 and httpd.searches() <= before + 8, "read once more, and then known"
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        slapd.stop()


def test_without_synchronisation_the_cache_time_counts(running_portal, tmp_path):
    slapd = PrivateSlapd(tmp_path, lambda text: text[:text.index("# It tells the portal")])
    httpd = PrivateHttpd(running_portal, STATUS + "SmvPortalCacheTime 2\n", slapd)
    try:
        wait_until(lambda: httpd.modes() == ["cache"], "the mode is not told")
        cookie = cookie_of(httpd)
        assert contracts(httpd, cookie) == 200
        httpd.modify(CUSTOMER, smvVertragsdatenAnsehen="FALSE")
        assert 0.5 < time_until(lambda: contracts(httpd, cookie) == 403) < 2.5
        assert "does not tell of changes" in httpd.log.read_text()
        assert httpd.unexpected_lines() == []
    finally:
        httpd.stop()
        slapd.stop()
