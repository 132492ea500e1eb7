# SPDX-License-Identifier: Apache-2.0
"""Who does not know the password learns nothing, neither from the answer nor from how long it takes."""
import base64
import hashlib
import os
import re
import statistics
import time

import ldap
import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

pytestmark = pytest.mark.alone

ROUNDS = 9
SHORTEST = 0.2  # seconds of a refusal
UNKNOWN, WRONG = ("nobody.known", "demo"), ("karla.kunde", "wrong")
LOCKED, UNBOOKED = ("gesa.gesperrt", "wrong"), ("nora.nurlesen", "wrong")


def slow_hash(password):
    """As directories store passwords today: so slow that a refusal without it would be told apart by a stopwatch."""
    salt = os.urandom(16)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 120000, 64)

    def encoded(data):
        return base64.b64encode(data).decode().rstrip("=").replace("+", ".")
    return f"{{PBKDF2-SHA512}}120000${encoded(salt)}${encoded(derived)}"


def refusal_time():
    """Seconds that are longer than the slow hash takes on this machine as it is now, as an administrator would choose."""
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        slow_hash("demo")
        took.append(time.perf_counter() - begun)
    return max(SHORTEST, round(2.5 * max(took), 2))


@pytest.fixture(name="guarded", scope="module")
def _guarded(running_portal, tmp_path_factory):
    """A portal whose directory stores passwords by a slow hash, and whose firm has not booked the Kundenportal."""
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"), lambda text: text.replace(
        "\nmoduleload back_mdb\n", "\nmoduleload back_mdb\nmoduleload pw-pbkdf2\n"))
    connection = ldap.initialize(slapd.uri)
    connection.simple_bind_s(*running_portal.admin)
    for name in ("karla.kunde", "gesa.gesperrt", "nora.nurlesen", "viktor.vermittler"):
        connection.modify_s(f"uid={name},ou=people,{running_portal.base}",
                            [(ldap.MOD_REPLACE, "userPassword", [slow_hash("demo").encode()])])
    refusal = refusal_time()
    httpd = PrivateHttpd(running_portal, f"SmvPortalRefusalTime {int(refusal * 1000)}\nSmvPortalCacheTime 0\n", slapd)
    httpd.refusal = refusal
    yield httpd
    httpd.stop()
    slapd.stop()


@pytest.fixture(name="unbooked")
def _unbooked(guarded):
    guarded.modify("", smvModulGueltigBis="20200101000000Z")
    yield guarded
    guarded.modify("", smvModulGueltigBis="20991231235959Z")


def by_page(portal, login, password):
    return requests.post(portal.url + "/login", data={"username": login, "password": password}, timeout=20,
                         allow_redirects=False)


def by_basic(portal, login, password):
    return portal.api("/me", login, password)


def told(answer, login):
    """What an answer tells, but for the login that was typed."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Content-Length")}
    return answer.status_code, headers, answer.text.replace(login, "")


@pytest.mark.parametrize("way", [by_page, by_basic])
def test_refusals_answer_alike_and_in_the_same_time(unbooked, way):
    kinds = [UNKNOWN, WRONG, LOCKED, UNBOOKED]
    times = {kind: [] for kind in kinds}
    answers = {}
    for _ in range(ROUNDS):
        for kind in kinds:
            begun = time.perf_counter()
            answers[kind] = told(way(unbooked, *kind), kind[0])
            times[kind].append(time.perf_counter() - begun)
    assert answers[UNKNOWN][0] == 401 and all(answer == answers[UNKNOWN] for answer in answers.values())
    medians = {kind: statistics.median(times[kind]) for kind in kinds}
    assert min(medians.values()) >= unbooked.refusal
    assert max(medians.values()) < 1.25 * min(medians.values()), medians


@pytest.mark.parametrize("login,text", [("gesa.gesperrt", "gesperrt"), ("nora.nurlesen", "nicht freigeschaltet")])
def test_with_the_right_password_the_reason_is_told_in_that_time(unbooked, login, text):
    begun = time.perf_counter()
    answer = by_page(unbooked, login, "demo")
    assert answer.status_code == 403 and text in answer.text and "Set-Cookie" not in answer.headers
    assert unbooked.refusal <= time.perf_counter() - begun < 1.5 * unbooked.refusal


@pytest.mark.parametrize("login,password", [("karla.kunde", ""), ("", "demo"), ("k" * 5000, "demo")])
def test_what_cannot_be_a_sign_in_never_reaches_the_directory(guarded, login, password):
    before = guarded.slapd.operations()
    for way in (by_page, by_basic):
        assert way(guarded, login, password).status_code == 401
    assert guarded.slapd.operations() == before


@pytest.mark.parametrize("login", ["*", "karla*", ")(uid=*", "karla.kunde)(objectClass=*", "\\2a", "*)(|(uid=*",
                                   "uid=karla.kunde,ou=people", "kärla", "karla.kunde\n", "karla.kunde\\00"])
def test_a_crafted_login_is_one_value_of_the_filter(guarded, login):
    searched = len(guarded.slapd.operations()[1])
    assert by_page(guarded, login, "demo").status_code == 401
    for pattern in guarded.slapd.operations()[1][searched:]:
        assert re.fullmatch(r"\(&\(objectClass=smvKonto\)\(uid=[^()*]*\)\)", pattern), pattern


def test_the_stopwatch_would_tell_without_the_refusal_time(running_portal, guarded):
    """The test above can fail: with a time of 0 an unknown login is refused much faster."""
    httpd = PrivateHttpd(running_portal, "SmvPortalRefusalTime 0\n", guarded.slapd)
    try:
        def median(kind):
            times = []
            for _ in range(5):
                begun = time.perf_counter()
                by_page(httpd, *kind)
                times.append(time.perf_counter() - begun)
            return statistics.median(times)
        assert median(WRONG) > 1.5 * median(UNKNOWN)
    finally:
        httpd.stop()
