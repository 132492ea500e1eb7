# SPDX-License-Identifier: Apache-2.0
"""Sign-in and sign-out."""
import re

import pytest
import requests


def test_a_right_password_starts_a_session(portal):
    session = portal.sign_in("karla.kunde")
    assert session.answer.status_code == 303
    assert session.answer.headers["Location"] == "/portal/"
    cookie = session.answer.headers["Set-Cookie"]
    assert cookie.startswith("smvportal=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Karla Kunde" in session.get(portal.url + "/").text


def test_wrong_password_and_unknown_login_answer_alike(portal):
    answers = [portal.sign_in("karla.kunde", "wrong").answer, portal.sign_in("nobody", "wrong").answer]
    texts = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert texts[0] == texts[1] and "Benutzername oder Passwort ist falsch" in texts[0]


@pytest.mark.parametrize("login,password", [("karla.kunde", ""), ("", "demo"), ("*", "demo"), ("karla*", "demo"),
                                            ("karla.kunde)(uid=*", "demo"), ("x" * 5000, "demo")])
def test_empty_and_crafted_logins_are_refused(portal, login, password):
    assert portal.sign_in(login, password).answer.status_code == 401


def test_a_locked_account_is_told_so_only_after_the_right_password(portal):
    assert portal.sign_in("gesa.gesperrt", "wrong").answer.status_code == 401
    answer = portal.sign_in("gesa.gesperrt").answer
    assert answer.status_code == 403 and "gesperrt" in answer.text and "Set-Cookie" not in answer.headers


def test_an_unbooked_module_keeps_customers_out_and_lets_staff_work(portal):
    portal.modify("", smvModul="Anderes")
    try:
        portal.wait_for_cache()
        answer = portal.sign_in("karla.kunde").answer
        assert answer.status_code == 403 and "nicht freigeschaltet" in answer.text
        assert portal.sign_in("ines.innen").answer.status_code == 303
    finally:
        portal.modify("", smvModul="Kundenportal")
        portal.wait_for_cache()


def test_next_leads_to_pages_of_the_portal_only(portal):
    good = portal.sign_in("karla.kunde", next="/portal/customers/10001/contracts").answer
    assert good.headers["Location"] == "/portal/customers/10001/contracts"
    for bad in ["https://evil.example/", "//evil.example/", "/portal//evil.example", "/portalx/", "/portal/../x",
                "/portal/\\evil", "/portal/\r\nX: y"]:
        assert portal.sign_in("karla.kunde", next=bad).answer.headers["Location"] == "/portal/"


def test_a_page_without_a_session_leads_to_the_login(portal):
    answer = requests.get(portal.url + "/customers/10001/contracts", allow_redirects=False, timeout=20)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/portal/login?next=/portal/customers/10001/contracts"
    assert 'value="/portal/customers/10001/contracts"' in requests.get(
        portal.url + "/customers/10001/contracts", timeout=20).text


def test_a_foreign_origin_is_refused(portal):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = requests.post(portal.url + "/login", data={"username": "karla.kunde", "password": "demo"},
                               headers=headers, allow_redirects=False, timeout=20)
        assert answer.status_code == 403 and "Set-Cookie" not in answer.headers


def csrf_token(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def test_sign_out_needs_the_token_and_ends_the_session(portal):
    session = portal.sign_in("karla.kunde")
    token = csrf_token(session.get(portal.url + "/").text)
    cookie = session.cookies.get("smvportal")
    assert session.post(portal.url + "/logout", data={"csrf_token": "x" * 43}, timeout=20).status_code == 403
    assert session.post(portal.url + "/logout", data={"csrf_token": token}, allow_redirects=False,
                        timeout=20).status_code == 303
    again = requests.get(portal.url + "/", cookies={"smvportal": cookie}, allow_redirects=False, timeout=20)
    assert again.status_code == 303


def test_sign_out_everywhere_ends_the_other_sessions(portal):
    first, second = portal.sign_in("claudia.chef"), portal.sign_in("claudia.chef")
    token = csrf_token(first.get(portal.url + "/").text)
    first.post(portal.url + "/logout", data={"csrf_token": token, "everywhere": "1"}, timeout=20)
    assert second.get(portal.url + "/", allow_redirects=False, timeout=20).status_code == 303
