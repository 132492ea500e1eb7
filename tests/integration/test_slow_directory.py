# SPDX-License-Identifier: Apache-2.0
"""A directory that answers, but slowly: a request waits for all of its answers no longer than for one."""
import time

import ldap
import pytest

from private_proxy import DelayingProxy
from private_servers import STATUS, PrivateHttpd, PrivateSlapd, wait_until

pytestmark = pytest.mark.alone

TIMEOUT = 2  # seconds
MARGIN = 0.8
KARLA = "uid=karla.kunde,ou=people"


class Slow:
    def __init__(self, running_portal, folder):
        self.slapd = PrivateSlapd(folder)
        self.proxy = DelayingProxy(self.slapd.port)
        self.httpd = PrivateHttpd(running_portal, f"""{STATUS}
SmvPortalCacheTime 30
SmvPortalRefusalTime 0
SmvPortalLdapTimeout {TIMEOUT}
SmvPortalLdapUri {self.proxy.uri}
""", self.slapd)
        self.quick()

    def quick(self):
        """Each connection is there, and what went wrong before is forgotten."""
        self.proxy.delay = 0
        wait_until(lambda: self.httpd.sign_in("karla.kunde").answer.status_code == 303, "nobody is let in")

    def timed(self, delay, ask):
        """@return the answer, and the seconds that it took where the directory is slow"""
        self.proxy.delay = delay
        begun = time.monotonic()
        answer = ask()
        took = time.monotonic() - begun
        self.proxy.delay = 0
        return answer, took

    def stop(self):
        self.httpd.stop()
        self.proxy.stop()
        self.slapd.stop()


@pytest.fixture(name="slow", scope="module")
def _slow(running_portal, tmp_path_factory):
    made = Slow(running_portal, tmp_path_factory.mktemp("slow"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _quiet_log(slow):
    slow.quick()
    slow.httpd.unexpected_lines()
    slow.httpd.expected = []
    yield
    assert slow.httpd.unexpected_lines() == []


def is_given_up(answer, took):
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    return TIMEOUT - 0.1 < took < TIMEOUT + MARGIN


def test_a_sign_in_takes_four_rounds(slow):
    """Whose login it is, whether the password is right, the account, and all that it points to at once: one after the
    other its five searches and the bind would take too long."""
    before = slow.httpd.searches()
    answer, took = slow.timed(0.35, lambda: slow.httpd.sign_in("viktor.vermittler").answer)
    assert answer.status_code == 303 and slow.httpd.searches() == before + 5
    assert took >= 4 * 0.35 and TIMEOUT < 6 * 0.35


def test_a_sign_in_is_given_up_when_its_time_is_over_whatever_it_waits_for(slow):
    slow.httpd.expect_log("SMV0201: ")
    answer, took = slow.timed(0.9, lambda: slow.httpd.sign_in("karla.kunde").answer)
    assert is_given_up(answer, took), took


@pytest.mark.parametrize("delay, is_sent", [(0.75, True), (1.2, False)])
def test_a_change_is_given_up_likewise_and_not_begun_too_late(slow, delay, is_sent):
    """The password so far is asked for, then whether the connection is still there, and then the new one is set."""
    slow.httpd.expect_log("SMV0201: ")
    session = slow.httpd.sign_in("karla.kunde")
    answer, took = slow.timed(delay, lambda: session.post(slow.httpd.url + "/password", timeout=20, allow_redirects=False, data={
        "current": "demo", "password": "Ein neuer Satz.", "repeated": "Ein neuer Satz."}))
    assert is_given_up(answer, took), took
    connection = ldap.initialize(slow.slapd.uri)
    try:
        connection.simple_bind_s(f"{KARLA},{slow.httpd.base}", "Ein neuer Satz." if is_sent else "demo")
    finally:
        slow.httpd.modify(KARLA, userPassword="demo")
