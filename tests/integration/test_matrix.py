# SPDX-License-Identifier: Apache-2.0
"""Each of the 25 rights alone, and all but it: every route of the portal and its API is allowed or refused exactly as it
declares. The routes come from the module's own table, so that a new one cannot escape; one that is asked in a way of its
own must be told how, in ASK."""
import json
import re
import sqlite3
import subprocess
import time

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd

ROLE = "cn=Kundenzugang,ou=roles"
OWN, FOREIGN = 10001, 20001
BODIES = {
    "customer": {"occupation": "Beruf {n}"},
    "family_member": {"first_name": "Kim {n}", "name": "Kunde", "relation": "child"},
    "contact": {"name": "Kontakt {n}"},
    "communication": {"kind": "phone", "value": "030 5550{n:04}"},
    "bank_account": {"holder": "Inhaber {n}", "iban": "DE89370400440532013000"},
}
INSERTS = {
    "family_member": "INSERT INTO family_member (customer, first_name, name, relation) VALUES (?, 'A', 'B', 'child')",
    "contact": "INSERT INTO contact (customer, name) VALUES (?, 'A')",
    "communication": "INSERT INTO communication (customer, kind, value) VALUES (?, 'phone', '030 55501')",
    "bank_account": "INSERT INTO bank_account (customer, holder, iban) VALUES (?, 'A', 'DE02120300000000202051')",
    "document": "INSERT INTO document (customer, name, kind, date, size, media_type, content_hash)"
                " SELECT ?, 'M.txt', 'other', '2026-01-01', size, media_type, content_hash FROM document"
                " WHERE name = 'Maklervertrag.txt'",
}


class Matrix:
    """The portal with a role that the test changes, and every way to ask one of its routes."""

    def __init__(self, httpd):
        self.httpd, self.serial = httpd, 0
        self.routes = json.loads(self.ctl("routes", "--json"))
        self.rights = [right for right in json.loads(self.ctl("rights", "--json")) if right["kind"] != "staff"]
        self.session = httpd.sign_in("karla.kunde")
        self.database = sqlite3.connect(httpd.database, isolation_level=None, timeout=10)

    def ctl(self, *arguments):
        return subprocess.run([self.httpd.ctl, *arguments], check=True, capture_output=True, text=True, timeout=20).stdout

    def grant(self, ids):
        self.httpd.modify(ROLE, **{right["attribute"]: "TRUE" if right["id"] in ids else "FALSE"
                                   for right in self.rights})

    def key(self, route, customer):
        """A row of the customer that the route is about; one that it may delete is new."""
        kind = route["resource"] if route["subject"] == "row" else route["subject"]
        if kind == "customer":
            return customer
        if kind == "staff":
            return 1
        if kind == "contract":
            return self.database.execute("SELECT min(id) FROM contract WHERE customer = ?", (customer,)).fetchone()[0]
        key = self.database.execute(INSERTS["document" if kind == "deleted" else kind], (customer,)).lastrowid
        if kind == "deleted":
            self.database.execute("INSERT INTO deleted_document SELECT id, customer, contract, name, kind, date, size,"
                                  " media_type, content_hash, added_by, version, strftime('%s', 'now'), 'Test'"
                                  " FROM document WHERE id = ?", (key,))
            self.database.execute("DELETE FROM document WHERE id = ?", (key,))
        return key

    def version(self, route, key):
        table = {"document": "document"}.get(route["subject"], route["resource"])
        column = "number" if table == "customer" else "id"
        return self.database.execute(f"SELECT version FROM {table} WHERE {column} = ?", (key,)).fetchone()[0]

    def ask(self, route, rendering, customer):
        """@return the answer to a request that is right in everything but, perhaps, the right to make it"""
        self.serial += 1
        key = self.key(route, customer) if "{" in route["pattern"] else 0
        path = re.sub(r"\{.*\}", str(key), route["pattern"])
        url = self.httpd.url + ("/api/v1" if rendering == "api" else "") + path
        method, options = route["method"], {"timeout": 20, "allow_redirects": False}
        if method == "GET":
            query = {"send_documents": {"document": self.key({"subject": "document"}, customer)}}.get(route["name"])
            return self.session.get(url, params=query, **options)
        if route["takes_files"]:
            return self.session.post(url, files={"file": (f"{self.serial}.txt", f"Text {self.serial}")}, **options)
        body = BODIES.get(route["resource"], {}) if method in ("POST", "PATCH") else {}
        body = {name: text.format(n=self.serial) for name, text in body.items()}
        version = self.version(route, key) if method in ("PATCH", "DELETE") else 0
        if rendering == "page":
            url += "/delete" if method == "DELETE" else ""
            return self.session.post(url, data={**body, **({"version": version} if version else {})}, **options)
        headers = {"If-Match": f'"{version}"'} if version else {}
        return self.session.request(method, url, json=body or None, headers=headers, **options)

    def changes(self):
        return self.database.execute("SELECT count(*) FROM change").fetchone()[0]

    def dump(self):
        """Everything but what every request may write."""
        return [line for line in self.database.iterdump() if not re.match(r'INSERT INTO "?(session|reading)', line)]


@pytest.fixture(name="matrix", scope="module")
def _matrix(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    httpd.ctl = running_portal.ctl
    matrix = Matrix(httpd)
    yield matrix
    matrix.database.close()
    httpd.stop()
    slapd.stop()


def is_allowed(route, granted):
    """What the route declares, for a person whose roles reach their own customers alone."""
    if route["access"] != "right":
        return True
    return route["subject"] != "staff" and route["right"] in granted and not set(route["hidden_by"]) & granted


def success(route, rendering, granted):
    """The status of a request that is allowed: who may not see a row gets none in the answer."""
    view = {"customer": "customer.view", "family_member": "family.view", "document": "document.list"}.get(
        route["resource"], f"{route['resource']}.view")
    if route["method"] == "GET":
        return 200
    if rendering == "page":
        return 303
    if route["method"] == "DELETE" or not route["resource"] or view not in granted:
        return 204
    return 201 if route["method"] == "POST" else 200


def try_every_route(matrix, granted, what):
    made = 0
    before = matrix.changes()
    for route in matrix.routes:
        if route["csrf"] == "token" or route["name"] in ("sign_in", "login"):
            continue
        for rendering in ("page", "api"):
            if not route[rendering]:
                continue
            answer = matrix.ask(route, rendering, OWN)
            allowed = is_allowed(route, granted)
            wanted = success(route, rendering, granted) if allowed else 403
            assert answer.status_code == wanted, (what, route["name"], rendering, answer.text[:300])
            made += allowed and route["method"] != "GET"
            if not allowed and rendering == "page":
                assert '/portal/rights"' in answer.text, (what, route["name"])
    assert matrix.changes() - before == made, what


def links_of(matrix, path):
    answer = matrix.session.get(matrix.httpd.url + path, timeout=20)
    return re.findall(r'href="/portal(/[^"?#]*)"', answer.text) if answer.status_code == 200 else []


def check_links(matrix, granted, what):
    """What pages offer is what may be opened."""
    for link in links_of(matrix, "/") + links_of(matrix, f"/customers/{OWN}"):
        for route in matrix.routes:
            if route["page"] and route["method"] == "GET" and \
                    re.fullmatch(re.sub(r"\{.*\}", r"[0-9]+", re.escape(route["pattern"]).replace(r"\{", "{")
                                        .replace(r"\}", "}")), link):
                assert is_allowed(route, granted), (what, link)


def check_my_rights(matrix, granted, what):
    page = matrix.session.get(matrix.httpd.url + "/rights", timeout=20).text
    shown = re.findall(r'<span class="mark( granted)?">.*?<span class="right">([^<]*)<', page, flags=re.DOTALL)
    labels = {right["label"]: right["id"] in granted for right in matrix.rights}
    assert {label.strip(): bool(mark) for mark, label in shown} == labels, what


def test_the_table_has_every_right(matrix):
    used = {route["right"] for route in matrix.routes} | {right for route in matrix.routes for right in route["hidden_by"]}
    assert len(matrix.rights) == 25 and {right["id"] for right in matrix.rights} <= used
    for route in matrix.routes:
        if route["method"] in ("POST", "PATCH") and route["resource"] and not route["takes_files"]:
            assert route["resource"] in BODIES, f"say in BODIES how {route['name']} is asked"


@pytest.mark.parametrize("number", range(25))
def test_one_right_alone_and_all_but_it(matrix, number):
    right = matrix.rights[number]["id"]
    every = {each["id"] for each in matrix.rights}
    for what, granted in ((f"only {right}", {right}), (f"all but {right}", every - {right})):
        matrix.grant(granted)
        try_every_route(matrix, granted, what)
        check_links(matrix, granted, what)
        check_my_rights(matrix, granted, what)


def test_all_that_allow_and_nothing_that_hides(matrix):
    granted = {right["id"] for right in matrix.rights if right["kind"] == "allow"}
    matrix.grant(granted)
    try_every_route(matrix, granted, "all that allow")
    check_links(matrix, granted, "all that allow")
    check_my_rights(matrix, granted, "all that allow")


def test_without_any_right_nothing_changes(matrix):
    matrix.grant(set())
    keys = {}
    for route in matrix.routes:  # the rows that are asked for are there before
        if "{" in route["pattern"]:
            keys[route["name"]] = matrix.key(route, OWN)
    matrix.key = lambda route, customer: keys.get(route.get("name"), OWN)
    try:
        before = matrix.dump()
        try_every_route(matrix, set(), "no right")
        assert matrix.dump() == before
    finally:
        del matrix.key


def test_a_foreign_customers_id_is_not_found_by_any_route(matrix):
    matrix.grant({right["id"] for right in matrix.rights if right["kind"] == "allow"})
    asked = 0
    for route in matrix.routes:
        if "{" not in route["pattern"] or route["subject"] == "staff":
            continue
        for rendering in ("page", "api"):
            if route[rendering]:
                before = matrix.changes()
                answer = matrix.ask(route, rendering, FOREIGN)
                assert answer.status_code == 404, (route["name"], rendering)
                assert matrix.changes() == before
                asked += 1
    assert asked > 70


def test_signing_in_is_for_everybody(matrix):
    matrix.grant(set())
    assert requests.get(matrix.httpd.url + "/login", timeout=20).status_code == 200
    assert matrix.httpd.sign_in("karla.kunde").answer.status_code == 303
    for route in matrix.routes:
        if route["access"] == "public":
            continue
        for rendering in ("page", "api"):
            if route[rendering]:
                session, matrix.session = matrix.session, requests.Session()
                answer = matrix.ask(route, rendering, OWN)
                matrix.session = session
                assert answer.status_code == (401 if rendering == "api" else 303), (route["name"], rendering)
                assert rendering == "api" or "/login" in answer.headers["Location"]


def test_the_error_log_is_quiet(matrix):
    time.sleep(0.1)
    assert matrix.httpd.unexpected_lines() == []
