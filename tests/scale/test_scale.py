# SPDX-License-Identifier: Apache-2.0
"""A directory of a million accounts and a thousand roles: `make scale`, some minutes. SMV_ACCOUNTS and SMV_ROLES say otherwise.

A small directory beside it is the measure: times are compared within one run."""
import os
import pathlib
import random
import statistics
import tempfile
import time

import ldap
import pytest
import requests

from conftest import ROOT
from private_servers import BASE, STATUS, PrivateHttpd, PrivateSlapd, wait_until

ACCOUNTS = int(os.environ.get("SMV_ACCOUNTS", "1000000"))
ROLES = int(os.environ.get("SMV_ROLES", "1000"))
PASSWORD, HASHED = "demo-portal", "{SSHA}UNm2k4CLVEj8kmNlrJNxaYa9uM9zdmNzYWx0MQ=="
LINES = STATUS + "SmvPortalRefusalTime 0\nSmvPortalCacheTime 10\n"


def write_ldif(path, accounts, roles):
    with open(path, "w", encoding="utf-8") as file:
        file.write((ROOT / "ldap-schema" / "sample.ldif").read_text(encoding="utf-8"))
        for i in range(roles):
            file.write(f"""
dn: cn=Rolle {i},ou=roles,{BASE}
objectClass: organizationalRole
objectClass: smvRolle
cn: Rolle {i}
smvRollenId: {(1 << 32) + 1000 + i}
smvGeltungsbereich: eigene
smvVertragsdatenAnsehen: TRUE
""")
        for i in range(accounts):
            file.write(f"""
dn: uid=konto.{i},ou=people,{BASE}
objectClass: inetOrgPerson
objectClass: smvKonto
uid: konto.{i}
cn: Konto {i}
sn: {i}
mail: konto.{i}@example.org
userPassword: {HASHED}
smvKundenNr: {5000000 + i}
smvRolleDN: cn=Rolle {i % roles},ou=roles,{BASE}
""")


def roomy(text):
    """slapadd sizes the map of the database; an environment of gigabytes is sparse."""
    return text.replace("maxsize 268435456", "maxsize 34359738368").replace("sizelimit 500", "sizelimit 500\ntool-threads 2")


class Directory:
    def __init__(self, running, folder, accounts, roles):
        folder.mkdir()
        ldif = folder / "all.ldif"
        write_ldif(ldif, accounts, roles)
        begun = time.monotonic()
        self.slapd = PrivateSlapd(folder, roomy, ldif=ldif)
        self.load_time = time.monotonic() - begun
        ldif.unlink()
        self.accounts = accounts
        begun = time.monotonic()
        self.httpd = PrivateHttpd(running, LINES, self.slapd)
        wait_until(lambda: self.httpd.modes() == ["sync"], "the stream does not begin", 600)
        self.start_time = time.monotonic() - begun

    def login(self):
        return f"konto.{random.randrange(self.accounts)}"

    def sign_in_times(self, count):
        times = []
        for _ in range(count):
            login = self.login()
            begun = time.perf_counter()
            assert self.httpd.sign_in(login, PASSWORD).answer.status_code == 303
            times.append(time.perf_counter() - begun)
        return times

    def stop(self):
        self.httpd.stop()
        self.slapd.stop()


@pytest.fixture(name="sizes", scope="module")
def _sizes(running_portal):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scale-", dir=running_portal.folder))
    small = Directory(running_portal, folder / "small", 1000, 10)
    large = Directory(running_portal, folder / "large", ACCOUNTS, ROLES)
    print(f"\n{ACCOUNTS} accounts, {ROLES} roles: loaded in {large.load_time:.0f} s; httpd listens after {large.start_time:.1f} s "
          f"(small: {small.start_time:.1f} s)")
    yield small, large
    small.stop()
    large.stop()


def memory_of(process):
    text = pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))) // 1024


def test_a_start_is_not_told_of_every_account(sizes):
    small, large = sizes
    assert large.start_time < small.start_time + 3
    assert int(large.httpd.status()[0][0]["changes"]) <= 2


def test_a_sign_in_takes_as_long_as_in_a_small_directory(sizes):
    small, large = sizes
    for each in sizes:
        each.sign_in_times(50)
    pairs = [(statistics.median(small.sign_in_times(100)), statistics.median(large.sign_in_times(100))) for _ in range(5)]
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"sign-in: {pairs[-1][1] * 1000:.1f} ms, {ratio:.2f} of the small directory's")
    assert ratio < 1.5


def test_who_is_known_costs_no_search_and_who_is_not_costs_five(sizes):
    large = sizes[1]
    before = large.httpd.searches()
    session = large.httpd.sign_in(large.login(), PASSWORD)
    assert session.answer.status_code == 303 and large.httpd.searches() == before + 5
    for _ in range(100):
        assert session.get(large.httpd.url + "/api/v1/me", timeout=20).status_code == 200
    assert large.httpd.searches() == before + 5


def test_a_change_has_effect_within_a_second(sizes):
    large, times = sizes[1], []
    connection = large.slapd.connect()
    for i in range(100):
        login = large.login()
        session = large.httpd.sign_in(login, PASSWORD)
        name = f"Neu {i}"
        connection.modify_s(f"uid={login},ou=people,{BASE}", [(ldap.MOD_REPLACE, "displayName", [name.encode()])])
        begun = time.perf_counter()
        while session.get(large.httpd.url + "/api/v1/me", timeout=20).json()["name"] != name:
            assert time.perf_counter() - begun < 5
        times.append(time.perf_counter() - begun)
    connection.unbind_s()
    times.sort()
    print(f"change to effect: median {times[50] * 1000:.1f} ms, p99 {times[98] * 1000:.1f} ms")
    assert times[98] < 1


def test_a_stream_that_was_broken_is_taken_up_at_once(sizes):
    large = sizes[1]
    large.httpd.expect_log("SMV0201")
    large.slapd.stop()
    wait_until(lambda: large.httpd.modes() == ["down"], "nobody notices")
    large.slapd.start()
    begun = time.monotonic()
    wait_until(lambda: large.httpd.modes() == ["sync"], "the stream does not come back", 600)
    print(f"taken up after {time.monotonic() - begun:.1f} s")
    assert time.monotonic() - begun < 10


def test_roles_are_managed_whatever_number_there_is(sizes):
    for each, count in zip(sizes, (10, ROLES)):
        staff = each.httpd.sign_in("ines.innen")
        own = {"auth": ("ines.innen", "demo"), "timeout": 20}
        begun = time.perf_counter()
        names = {role["name"] for role in requests.get(each.httpd.url + "/api/v1/roles", **own).json()["items"]}
        print(f"{len(names)} roles listed in {(time.perf_counter() - begun) * 1000:.0f} ms")
        assert {f"Rolle {i}" for i in range(count)} | {"Innendienst", "Kundenzugang"} <= names
        assert f"Rolle {count - 1}" in staff.get(each.httpd.url + "/roles", timeout=20).text
        made = requests.post(each.httpd.url + "/api/v1/roles", json={"name": "Ganz neu", "scope": "own"}, **own)
        assert made.status_code == 201 and int(made.json()["id"]) == (1 << 32) + 1000 + count


def test_memory_does_not_grow_with_the_directory(sizes):
    small, large = sizes
    sizes_of = [memory_of(child) for httpd in (small.httpd, large.httpd) for child in httpd.children()]
    print(f"children of httpd: {sizes_of} MB; slapd: {memory_of(large.slapd.process.pid)} MB")
    assert max(sizes_of) < 3 * min(sizes_of)
    assert requests.get(large.httpd.url + "/login", timeout=20).status_code == 200
    assert large.httpd.unexpected_lines() == []
