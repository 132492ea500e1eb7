# SPDX-License-Identifier: Apache-2.0
"""Contracts, documents and customers, as pages and as JSON, each under its right."""
import contextlib
import json
import sqlite3

import jsonschema
import pytest
import requests

from unassigned import deliver, take_away

ROLE = "cn=Kundenzugang,ou=roles"


@pytest.fixture(name="rows")
def _rows(portal):
    connection = sqlite3.connect(f"file:{portal.database}?mode=ro", uri=True)
    yield lambda sql: [row[0] for row in connection.execute(sql)]
    connection.close()


def test_the_contract_table_reads_like_the_source_page(portal):
    page = portal.sign_in("karla.kunde").get(portal.url + "/customers/10001/contracts").text
    assert '<html lang="de">' in page and page.count("<tr>") == 8
    for text in ["54,00 € monatlich", "104,96 € jährlich", "300,00 € monatlich", "182,07 € 1/2-jährlich",
                 "223,91 € jährlich", "328,46 € jährlich", "29,00 €", "Vertrag-Storno", "- OK -",
                 "Anzahl Dokumente: 1", "Anzahl Dokumente: 2", "01.03.2019"]:
        assert text in page


def test_pages_speak_english_where_it_is_wanted(portal):
    page = portal.sign_in("karla.kunde").get(portal.url + "/customers/10001/contracts",
                                             headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in page and "€54.00 monthly" in page and "Documents: 2" in page


def test_me_tells_roles_and_rights(portal):
    me = portal.api("/me").json()
    assert me["login"] == "karla.kunde"
    assert me["roles"] == [{"id": "4294967299", "name": "Kundenzugang", "remark": "Kundenzugang"}]
    rights = {right["id"]: right["granted"] for right in me["rights"]}
    assert len(rights) == 29 and rights["contract.view"] and not rights["document.delete"]


@pytest.mark.parametrize("login,expected", [("karla.kunde", {"10001"}), ("claudia.chef", {"20001", "20002"}),
                                            ("viktor.vermittler", {"10001", "20001", "20002"})])
def test_each_person_sees_the_customers_of_their_scope(portal, login, expected):
    assert {item["number"] for item in portal.api("/customers", login).json()["items"]} == expected


def test_the_back_office_pages_through_all_customers(portal, rows):
    numbers, path = [], "/customers?limit=5"
    while path:
        answer = portal.api(path, "ines.innen").json()
        numbers += [int(item["number"]) for item in answer["items"]]
        path = answer["next"]
    assert numbers == rows("SELECT number FROM customer ORDER BY number") and len(numbers) >= 12
    assert portal.api("/customers?limit=0", "ines.innen").status_code == 400


def test_nothing_of_another_customer_is_found(portal, rows):
    session = portal.sign_in("karla.kunde")
    paths = [f"/customers/{number}{rest}" for number in rows("SELECT number FROM customer WHERE number != 10001")
             for rest in ("", "/contracts", "/documents")]
    paths += [f"/contracts/{key}" for key in rows("SELECT id FROM contract WHERE customer != 10001")]
    paths += [f"/documents/{key}{rest}" for key in rows("SELECT id FROM document WHERE customer != 10001")
              for rest in ("", "/content")]
    paths += ["/customers/99999/contracts", "/contracts/99999", "/documents/99999/content"]
    for path in paths:
        assert session.get(portal.url + path, timeout=20).status_code == 404, path
    for path in ("/nowhere", "/contracts/999999"):
        text = session.get(portal.url + path, timeout=20).text
        assert "<title>Fehler – Musterfirma Versicherungsmakler GmbH</title>" in text, path
        assert session.get(portal.url + "/api/v1" + path, timeout=20).status_code == 404, path


BODIES = {
    "/customers/{number}/family-members": {"first_name": "Kira", "name": "Kunde", "relation": "child"},
    "/customers/{number}/contacts": {"name": "Rat", "email": "rat@kunde.example"},
    "/customers/{number}/communications": {"kind": "fax", "value": "+49 30 555999"},
    "/customers/{number}/bank-accounts": {"holder": "Karla Kunde", "iban": "DE02 1203 0000 0000 2020 51"},
}


def check_answer(document, operation, answer, status):
    """@return whether the answer has a schema, which it then follows"""
    assert answer.status_code == status, answer.text
    content = operation["responses"][str(status)].get("content", {})
    if "application/json" in content:
        schema = {"components": document["components"], **content["application/json"]["schema"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
    return "application/json" in content


@pytest.fixture(name="waiting")
def _waiting(portal):
    """The key of a document that is nobody's yet."""
    with contextlib.closing(sqlite3.connect(portal.database, timeout=10)) as database:
        with database:
            key = deliver(database)
        yield key
        with database:
            take_away(database, key)


def test_every_answer_is_as_the_openapi_document_says(portal, rows, waiting):
    document = requests.get(portal.url + "/api/v1/openapi.json", timeout=20).json()
    assert document["openapi"] == "3.1.0"
    keys = {"/roles/{id}": 4294967299, "/unassigned-documents/{id}": waiting,
            "/contracts/{id}": rows("SELECT id FROM contract WHERE customer = 10001")[0],
            "/documents/{id}": rows("SELECT id FROM document WHERE customer = 10001")[0]}
    checked = 0
    for pattern, methods in document["paths"].items():
        if "get" not in methods:
            continue
        path = pattern.replace("{number}", "10001")
        for start, key in keys.items():
            path = path.replace(start, start.replace("{id}", str(key)))
        query = {"/customers/{number}/documents.zip": f"?document={keys['/documents/{id}']}",
                 "/explain": "?login=karla.kunde&what=contract.view"}.get(pattern, "")
        is_of_staff = methods["get"].get("x-smv-subject") in ("staff", "firm") or "/accesses" in pattern
        login = "ines.innen" if is_of_staff else "karla.kunde"
        answer = portal.api(path.replace("{id}", "1").replace("{login}", "karla.kunde") + query, login)
        checked += check_answer(document, methods["get"], answer, 200)
    problem = {"components": document["components"], "$ref": "#/components/schemas/Problem"}
    for answer in (portal.api("/customers/20001"), portal.api("/me", password="wrong"), portal.api("/nowhere")):
        assert answer.headers["Content-Type"] == "application/problem+json"
        jsonschema.Draft202012Validator(problem).validate(answer.json())
    assert checked >= 18


def test_what_is_made_and_changed_is_as_the_openapi_document_says(portal):
    document = requests.get(portal.url + "/api/v1/openapi.json", timeout=20).json()
    problem = {"components": document["components"], "$ref": "#/components/schemas/Problem"}
    for pattern, body in BODIES.items():
        operation = document["paths"][pattern]["post"]
        sent = operation["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator(sent).validate(body)
        path = "/api/v1" + pattern.replace("{number}", "10001")
        answer = requests.post(portal.url + path, json=body, auth=("karla.kunde", "demo"), timeout=20)
        assert check_answer(document, operation, answer, 201)
        assert answer.headers["Location"] == "/portal/api/v1" + pattern.split("}")[1] + "/" + answer.json()["id"]
        wrong = requests.post(portal.url + path, json={"kind": 1, "x": 2}, auth=("karla.kunde", "demo"), timeout=20)
        assert wrong.status_code == 422 and len(wrong.json()["errors"]) >= 2
        jsonschema.Draft202012Validator(problem).validate(wrong.json())
    card = portal.api("/customers/10001")
    answer = requests.patch(portal.url + "/api/v1/customers/10001", json={"occupation": "Statikerin"},
                            headers={"If-Match": card.headers["ETag"]}, auth=("karla.kunde", "demo"), timeout=20)
    assert check_answer(document, document["paths"]["/customers/{number}"]["patch"], answer, 200)
    assert answer.json()["occupation"] == "Statikerin" and answer.headers["ETag"] != card.headers["ETag"]


def test_the_api_asks_for_a_sign_in(portal):
    answer = requests.get(portal.url + "/api/v1/me", timeout=20)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_unknown_methods_and_paths(portal):
    session = portal.sign_in("karla.kunde")
    answer = session.delete(portal.url + "/customers/10001", timeout=20)
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]
    assert session.head(portal.url + "/customers/10001", timeout=20).status_code == 200
    for path in ("/customers/10001/contracts/", "/contracts/0", "/contracts/-1", "/assets/../portal.css",
                 "/assets/.hidden.css", "/../etc/passwd"):
        assert session.get(portal.url + path, timeout=20).status_code == 404, path


# --- documents ---

def test_a_document_is_sent_whole_in_ranges_and_once(portal, rows):
    key = rows("SELECT id FROM document WHERE customer = 10001 AND name LIKE 'Änderung%'")[0]
    whole = portal.api(f"/documents/{key}/content")
    assert whole.headers["Content-Type"] == "application/pdf" and whole.content.startswith(b"%PDF-")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Disposition"].startswith("inline;")
    assert "filename*=UTF-8''%C3%84nderung%20WG-88%20251.pdf" in whole.headers["Content-Disposition"]
    part = portal.api(f"/documents/{key}/content", headers={"Range": "bytes=0-3"})
    assert part.status_code == 206 and part.content == b"%PDF"
    same = portal.api(f"/documents/{key}/content", headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304 and not same.content
    download = portal.api(f"/documents/{key}/content?download=1")
    assert download.headers["Content-Disposition"].startswith("attachment;") and download.content == whole.content


def test_pdf_png_and_text_have_their_media_types(portal, rows):
    starts = {"application/pdf": b"%PDF", "image/png": b"\x89PNG", "text/plain; charset=utf-8": b"Makler"}
    seen = set()
    for key in rows("SELECT id FROM document WHERE customer = 10001"):
        answer = portal.api(f"/documents/{key}/content")
        assert answer.content.startswith(starts[answer.headers["Content-Type"]])
        seen.add(answer.headers["Content-Type"])
    assert seen == set(starts)


# --- rights ---

def change_right(portal, attribute, value):
    portal.modify(ROLE, **{attribute: value})
    portal.wait_for_cache()


def test_a_right_taken_with_ldapmodify_is_gone_from_page_api_and_menu(portal):
    session = portal.sign_in("karla.kunde")
    assert "/customers/10001/contracts" in session.get(portal.url + "/").text
    change_right(portal, "smvVertragsdatenAnsehen", "FALSE")
    try:
        assert session.get(portal.url + "/customers/10001/contracts").status_code == 403
        assert portal.api("/customers/10001/contracts").status_code == 403
        assert portal.api("/contracts/1001").status_code == 403
        assert "/customers/10001/contracts" not in session.get(portal.url + "/").text
    finally:
        change_right(portal, "smvVertragsdatenAnsehen", "TRUE")
    assert session.get(portal.url + "/customers/10001/contracts").status_code == 200


def test_listing_and_opening_documents_are_rights_of_their_own(portal, rows):
    key = rows("SELECT id FROM document WHERE customer = 10001")[0]
    change_right(portal, "smvDokumenteAuflisten", "FALSE")
    try:
        assert portal.api("/customers/10001/documents").status_code == 403
        assert portal.api(f"/documents/{key}/content").status_code == 200
        assert {item["document_count"] for item in portal.api("/customers/10001/contracts").json()["items"]} == {None}
    finally:
        change_right(portal, "smvDokumenteAuflisten", "TRUE")
    change_right(portal, "smvDokumenteAnzeigen", "FALSE")
    try:
        assert portal.api("/customers/10001/documents").status_code == 200
        assert portal.api(f"/documents/{key}/content").status_code == 403
        page = portal.sign_in("karla.kunde").get(portal.url + "/customers/10001/documents").text
        assert f"/documents/{key}/content" not in page
    finally:
        change_right(portal, "smvDokumenteAnzeigen", "TRUE")


def test_a_locked_account_is_out_with_its_sessions(portal):
    session = portal.sign_in("nora.nurlesen")
    assert session.get(portal.url + "/").status_code == 200
    portal.modify("uid=nora.nurlesen,ou=people", smvGesperrt="TRUE")
    try:
        portal.wait_for_cache()
        assert session.get(portal.url + "/", allow_redirects=False).headers["Location"].endswith("/login")
    finally:
        portal.modify("uid=nora.nurlesen,ou=people", smvGesperrt=None)


# --- the rest of the same httpd ---

@pytest.mark.parametrize("place,login,status", [("right", "karla.kunde", 200), ("role", "karla.kunde", 401),
                                                ("role", "ines.innen", 200)])
def test_require_guards_any_other_url(portal, place, login, status):
    url = f"{portal.url.removesuffix('/portal')}/{place}/index.html"
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, auth=(login, "demo"), timeout=20).status_code == status
    portal.expect_log("authorization failure|AH01631")
    assert requests.get(url, auth=(login, "wrong"), timeout=20).status_code == 401
    portal.expect_log("AH01617")


def test_json_is_json_whatever_a_name_holds(portal):
    assert json.loads(portal.api("/customers/20002", "claudia.chef").text)["name"] == "Chef Immobilien GmbH & Co. KG"
    page = portal.sign_in("claudia.chef").get(portal.url + "/customers/20002").text
    assert "Chef Immobilien GmbH &amp; Co. KG" in page
