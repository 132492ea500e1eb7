# SPDX-License-Identifier: Apache-2.0
"""smvportalctl sessions: who is signed in, and ending that, noted in the audit log."""
import getpass
import json
import sqlite3

import pytest

from private_servers import PrivateHttpd, PrivateSlapd


@pytest.fixture(name="httpd", scope="module")
def _httpd(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("sessions"))
    made = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\nSmvPortalRefusalTime 0\n", slapd)
    yield made
    made.stop()
    slapd.stop()


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(httpd):
    with sqlite3.connect(httpd.database) as database:
        database.execute("DELETE FROM session")
    database.close()


def listed(httpd, *options):
    done = httpd.control("sessions", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["items"]


def is_in(httpd, session):
    return session.get(httpd.url + "/api/v1/me", timeout=20).status_code == 200


def newest(httpd):
    with sqlite3.connect(httpd.database) as database:
        row = database.execute("SELECT kind, subject, object, login, address, detail FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    database.close()
    return row


def test_the_list_has_who_is_signed_in_and_no_token(httpd):
    sessions = [httpd.sign_in(login) for login in ("karla.kunde", "ines.innen", "karla.kunde")]
    items = listed(httpd)
    assert sorted(item["login"] for item in items) == ["ines.innen", "karla.kunde", "karla.kunde"]
    karla = listed(httpd, "--login", "KARLA.kunde")
    assert len(karla) == 2 and {item["name"] for item in karla} == {"Karla Kunde"}
    assert karla[0]["dn"] == f"uid=karla.kunde,ou=people,{httpd.base}" and karla[0]["since"] <= karla[0]["last_used"]
    text = httpd.control("sessions", "list").stdout
    assert text.splitlines()[0] == "login\tname\tsince\tlast_used\tbound_to\tview_name\tdn" and text.count("\tKarla Kunde\t2") == 2
    for session in sessions:
        assert not any(value in text for value in session.cookies.values())


def test_sessions_that_are_over_are_not_listed(httpd):
    httpd.sign_in("karla.kunde")
    for change in ("last_used = last_used - 1801000000", "created = created - 43201000000"):
        with sqlite3.connect(httpd.database) as database:
            database.execute("UPDATE session SET " + change)
        database.close()
        assert listed(httpd) == []
        with sqlite3.connect(httpd.database) as database:
            database.execute("UPDATE session SET last_used = last_used + 1801000000")
        database.close()


def test_one_person_is_signed_out_everywhere_and_that_is_noted(httpd):
    karla, again, ines = (httpd.sign_in(login) for login in ("karla.kunde", "karla.kunde", "ines.innen"))
    done = httpd.control("sessions", "end", "--login", "karla.kunde")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not is_in(httpd, karla) and not is_in(httpd, again) and is_in(httpd, ines)
    assert newest(httpd) == ("end", "session", "karla.kunde", getpass.getuser(), "smvportalctl", None)
    assert httpd.control("audit", "verify").returncode == 0


def test_in_json_it_tells_whose_sessions_it_ended(httpd):
    httpd.sign_in("karla.kunde")
    done = httpd.control("sessions", "end", "--login", "karla.kunde", "--json")
    assert json.loads(done.stdout) == {"login": "karla.kunde", "dn": f"uid=karla.kunde,ou=people,{httpd.base}", "everybody": False}
    done = httpd.control("sessions", "end", "--all", "--json")
    assert json.loads(done.stdout) == {"login": None, "dn": None, "everybody": True} and listed(httpd) == []


def test_everybody_is_signed_out(httpd):
    karla, ines = httpd.sign_in("karla.kunde"), httpd.sign_in("ines.innen")
    assert httpd.control("sessions", "end", "--all").returncode == 0
    assert not is_in(httpd, karla) and not is_in(httpd, ines) and listed(httpd) == []
    assert newest(httpd) == ("end", "session", None, getpass.getuser(), "smvportalctl", '{"everybody":true}')


def test_an_account_that_is_gone_is_named_by_its_entry(httpd):
    karla = httpd.sign_in("karla.kunde")
    with sqlite3.connect(httpd.database) as database:
        database.execute("UPDATE session SET dn = 'uid=gone,ou=people,' || ?", (httpd.base,))
    database.close()
    [gone] = listed(httpd)
    assert gone["login"] is None and gone["dn"] == f"uid=gone,ou=people,{httpd.base}"
    unknown = httpd.control("sessions", "end", "--login", "gone")
    assert unknown.returncode == 66 and "no account has the login gone" in unknown.stderr and len(listed(httpd)) == 1
    assert httpd.control("sessions", "end", "--login", gone["dn"]).returncode == 0
    assert listed(httpd) == [] and not is_in(httpd, karla)


def test_without_the_directory_sessions_are_listed_by_their_entries(httpd, tmp_path):
    httpd.sign_in("karla.kunde")
    conf = tmp_path / "away.conf"
    conf.write_text(f'Include "{httpd.conf}"\nSmvPortalLdapUri ldap://127.0.0.1:1\n', encoding="utf-8")
    done = httpd.control("sessions", "list", conf=conf)
    assert done.returncode == 0 and f"uid=karla.kunde,ou=people,{httpd.base}" in done.stdout
    assert "logins and names are missing" in done.stderr
    assert httpd.control("sessions", "end", "--login", "karla.kunde", conf=conf).returncode == 69 and len(listed(httpd)) == 1


@pytest.mark.parametrize("options", [(), ("--login", "karla.kunde", "--all"), ("karla.kunde",)])
def test_whose_sessions_end_must_be_said(httpd, options):
    httpd.sign_in("karla.kunde")
    done = httpd.control("sessions", "end", *options)
    assert done.returncode == 64 and "usage: smvportalctl sessions end" in done.stderr and len(listed(httpd)) == 1
