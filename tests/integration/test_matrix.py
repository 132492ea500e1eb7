# SPDX-License-Identifier: Apache-2.0
"""Each of the 25 rights alone, and all but it: every route of the portal and its API is allowed or refused exactly as it
declares, changes nothing where it is refused, and has its links and forms exactly where it is allowed. The routes come
from the module's own table, so that a new one cannot escape; how to fill the body of one must be said in BODIES."""
import json
import re
import sqlite3
import subprocess
import time

import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd
from unassigned import deliver

ROLE = "cn=Kundenzugang,ou=roles"
OWN, FOREIGN = 10001, 20001
CUSTOMER_ROLE = (1 << 32) + 3
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
QUERIES = {"explain": {"login": "karla.kunde", "what": "contract.view"}}  # what a GET must be asked
NAMES = {"login": "karla.kunde", "code": "nobody-has-this-code"}
# What is open to anybody has tests of its own: test_sign_in.py, test_access.py, test_start_screen.py, test_password.py, test_sso.py.
ANYBODYS = {"logo", "change_password", "sign_in", "login", "open_code", "show_invitation", "choose_password", "renew_password",
            "sso"}
WIDE = ("staff", "firm")  # subjects for whom roles for own customers do not count
# Pages without a link for a person with one customer; every other page without an id in its path must have one.
UNLINKED = {"login": "whoever sees a link is signed in", "enter_code": "the login page has its link", "list_customers": "it would have one line",
            "send_documents": "a form of the documents' page",
            "theme": "a style sheet, once one is published", "logo": "a picture, once one is published"}


class Matrix:
    """The portal with a role that the test changes, and every way to ask one of its routes."""

    def __init__(self, httpd):
        self.httpd, self.serial = httpd, 0
        self.routes = json.loads(self.ctl("routes", "--json"))
        self.rights = [right for right in self.all_rights() if right["kind"] != "staff"]
        self.session = httpd.sign_in("karla.kunde")
        self.database = sqlite3.connect(httpd.database, isolation_level=None, timeout=10)
        self.last = {table: self.database.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in INSERTS}

    def ctl(self, *arguments):
        return subprocess.run([self.httpd.ctl, *arguments], check=True, capture_output=True, text=True, timeout=20).stdout

    def all_rights(self):
        return json.loads(self.ctl("rights", "--json"))

    def grant(self, ids):
        """Rights for the role. What was made under others goes, so that pages stay as long as they are."""
        for table, last in self.last.items():
            self.database.execute(f"DELETE FROM {table} WHERE id > ?", (last,))
        for table in ("deleted_document", "unassigned_document", "delivery"):
            self.database.execute(f"DELETE FROM {table}")
        self.httpd.modify(ROLE, **{right["attribute"]: "TRUE" if right["id"] in ids else "FALSE"
                                   for right in self.rights})

    def key(self, route, customer):
        """A row of the customer that the route is about; one that it may delete is new."""
        kind = route["resource"] if route["subject"] == "row" else route["subject"]
        if kind == "customer":
            return customer
        if kind == "firm":
            return deliver(self.database)
        if kind == "staff":
            return CUSTOMER_ROLE if route["pattern"].startswith("/roles/") else 1
        if kind == "contract":
            return self.database.execute("SELECT min(id) FROM contract WHERE customer = ?", (customer,)).fetchone()[0]
        key = self.database.execute(INSERTS["document" if kind == "deleted" else kind], (customer,)).lastrowid
        if kind == "deleted":
            self.database.execute("INSERT INTO deleted_document SELECT id, customer, contract, name, kind, date, size,"
                                  " media_type, content_hash, added_by, version, strftime('%s', 'now'), 'Test'"
                                  " FROM document WHERE id = ?", (key,))
            self.database.execute("DELETE FROM document WHERE id = ?", (key,))
        return key

    def document(self, customer):
        return self.database.execute("SELECT min(id) FROM document WHERE customer = ?", (customer,)).fetchone()[0]

    def version(self, route, key):
        table = {"document": "document"}.get(route["subject"], route["resource"])
        if not table:
            return 1 if route["subject"] == "staff" else 0
        column = "number" if table == "customer" else "id"
        return self.database.execute(f"SELECT version FROM {table} WHERE {column} = ?", (key,)).fetchone()[0]

    def prepare(self, cases, customer):
        """@return the cases with the key of a row for each, which is there before the first one is asked"""
        return [(*case, self.key(case[0], customer) if "{" in case[0]["pattern"] else 0) for case in cases]

    def ask(self, route, rendering, key, customer=OWN):
        """@return the answer to a request that is right in everything but, perhaps, the right to make it"""
        self.serial += 1
        path = re.sub(r"\{(id|number)\}", str(key), route["pattern"])
        path = re.sub(r"\{(\w+)\}", lambda found: NAMES[found.group(1)], path)
        url = self.httpd.url + ("/api/v1" if rendering == "api" else "") + path
        method, options = route["method"], {"timeout": 20, "allow_redirects": False}
        if method == "GET":
            query = {"document": self.document(customer)} if route["name"] == "send_documents" \
                else QUERIES.get(route["name"])
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

    def cases(self):
        """Every route in each of its renderings but signing in and out."""
        return [(route, rendering) for route in self.routes for rendering in ("page", "api")
                if route[rendering] and route["csrf"] != "token" and route["name"] not in ANYBODYS]

    def dump(self):
        """Everything but what every request may write."""
        return [line for line in self.database.iterdump() if not re.match(r'INSERT INTO "?(session|audit)', line)]


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
    return route["subject"] not in WIDE and route["right"] in granted and not set(route["hidden_by"]) & granted


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


def try_refused(matrix, granted, what):
    cases = matrix.prepare([case for case in matrix.cases() if not is_allowed(case[0], granted)], OWN)
    before = matrix.dump()
    for route, rendering, key in cases:
        answer = matrix.ask(route, rendering, key)
        assert answer.status_code == 403, (what, route["name"], rendering, answer.text[:300])
        if rendering == "page":
            assert '/portal/rights"' in answer.text, (what, route["name"])
    assert matrix.dump() == before, what


def try_allowed(matrix, granted, what):
    made, before = 0, matrix.changes()
    for case in [case for case in matrix.cases() if is_allowed(case[0], granted)]:
        [(route, rendering, key)] = matrix.prepare([case], OWN)
        answer = matrix.ask(route, rendering, key)
        wanted = success(route, rendering, granted)
        assert answer.status_code == wanted, (what, route["name"], rendering, answer.text[:300])
        made += route["method"] != "GET"
    assert matrix.changes() - before == made, what


def pattern_of(route):
    path = re.sub(r"\\{(id|number)\\}", "[0-9]+", re.escape(route["pattern"]))
    path = re.sub(r"\\{\w+\\}", "[^/]+", path)
    return path + ("/delete" if route["method"] == "DELETE" else "")


def route_of(matrix, path, is_form):
    return next(route for route in matrix.routes if route["page"] and (route["method"] != "GET") == is_form
                and re.fullmatch(pattern_of(route), path))


def crawl(matrix):
    """Open one page of each route that links lead to from the start. @return the routes of all links and forms"""
    links, forms, open_paths = {}, {}, {"start": "/"}
    while open_paths:
        name, path = open_paths.popitem()
        links[name] = route_of(matrix, path, False)
        text = "" if path.endswith(".zip") else matrix.session.get(matrix.httpd.url + path, timeout=20).text
        for found in re.findall(r'href="/portal(/[^"?#]*)"', text):
            if not found.startswith("/assets/"):
                route = route_of(matrix, found, False)
                if route["name"] not in links and not found.startswith("/documents/"):
                    open_paths[route["name"]] = found
                links.setdefault(route["name"], route)
        for found in re.findall(r'method="post" action="/portal(/[^"?#]*)"', text):
            forms[found] = route_of(matrix, found, True)
    return links.values(), forms.values()


def check_links(matrix, granted, what):
    """What pages offer is what may be opened, and the other way round."""
    links, forms = crawl(matrix)
    for route in (*links, *forms):
        assert is_allowed(route, granted), (what, route["name"])
    wanted = {route["name"] for route in matrix.routes if route["page"] and route["method"] == "GET"
              and not re.search("{(id|login|code|provider)}", route["pattern"]) and is_allowed(route, granted)}
    assert wanted - {route["name"] for route in links} <= set(UNLINKED), what


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
    hiding = {each["id"] for each in matrix.rights if each["kind"] == "hide"}
    for what, granted in ((f"only {right}", {right}), (f"all but {right}", every - {right}),
                          (f"all that allow, but {right}", every - hiding - {right})):
        matrix.grant(granted)
        try_refused(matrix, granted, what)
        try_allowed(matrix, granted, what)
        check_links(matrix, granted, what)
        check_my_rights(matrix, granted, what)


@pytest.mark.parametrize("kinds", [("allow",), ("allow", "hide"), ("hide",), ()])
def test_a_foreign_customers_id_is_not_found_by_any_route(matrix, kinds):
    matrix.grant({right["id"] for right in matrix.rights if right["kind"] in kinds})
    cases = matrix.prepare([case for case in matrix.cases() if "{" in case[0]["pattern"]
                            and case[0]["subject"] not in WIDE], FOREIGN)
    assert len(cases) > 70
    before = matrix.dump()
    for route, rendering, key in cases:
        assert matrix.ask(route, rendering, key, FOREIGN).status_code == 404, (route["name"], rendering)
    assert matrix.dump() == before


def test_signing_in_is_for_everybody(matrix):
    matrix.grant(set())
    assert requests.get(matrix.httpd.url + "/login", timeout=20).status_code == 200
    assert matrix.httpd.sign_in("karla.kunde").answer.status_code == 303
    cases = matrix.prepare([case for case in matrix.cases() if case[0]["access"] != "public"], OWN)
    before, session, matrix.session = matrix.dump(), matrix.session, requests.Session()
    for route, rendering, key in cases:
        answer = matrix.ask(route, rendering, key)
        assert answer.status_code == (401 if rendering == "api" else 303), (route["name"], rendering)
        assert rendering == "api" or "/login" in answer.headers["Location"]
    matrix.session = session
    assert matrix.dump() == before


def test_the_error_log_is_quiet(matrix):
    time.sleep(0.1)
    assert matrix.httpd.unexpected_lines() == []
