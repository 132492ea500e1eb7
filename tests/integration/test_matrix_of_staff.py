# SPDX-License-Identifier: Apache-2.0
"""The attributes of the administration, each alone and all but it: every route that needs one is refused to whoever lacks
it, back office, broker and customer alike, and changes nothing; whoever has it may open it. The routes come from the
module's own table, so that a new one cannot escape."""
import time

import pytest

from private_servers import PrivateHttpd, PrivateSlapd
from test_matrix import OWN, Matrix

PEOPLE = {"ines.innen": "cn=Innendienst,ou=roles", "viktor.vermittler": "cn=Vermittler,ou=roles",
          "karla.kunde": "cn=Kundenzugang,ou=roles"}


class StaffMatrix(Matrix):
    """The same portal, asked by people of each scope, whose roles have just the rights of a case."""

    def __init__(self, httpd):
        super().__init__(httpd)
        self.every = self.all_rights()
        self.staff = [right["id"] for right in self.every if right["kind"] == "staff"]
        self.sessions = {login: httpd.sign_in(login) for login in PEOPLE}

    def grant_to(self, login, ids):
        self.httpd.modify(PEOPLE[login], **{right["attribute"]: "TRUE" if right["id"] in ids else "FALSE"
                                            for right in self.every})
        self.session = self.sessions[login]

    def staff_cases(self):
        return [(route, rendering) for route, rendering in self.cases() if route["right"] in self.staff]


@pytest.fixture(name="matrix", scope="module")
def _matrix(running_portal, tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    httpd = PrivateHttpd(running_portal, "SmvPortalCacheTime 0\n", slapd)
    httpd.ctl = running_portal.ctl
    matrix = StaffMatrix(httpd)
    yield matrix
    matrix.database.close()
    httpd.stop()
    slapd.stop()


def key(matrix, route):
    return matrix.key(route, OWN) if "{" in route["pattern"] else 0


def granted(matrix, staff_rights):
    """Everything that a customer's data needs, nothing hidden, and of the administration just these."""
    return {right["id"] for right in matrix.every if right["kind"] == "allow"} | set(staff_rights)


def test_every_attribute_opens_something(matrix):
    assert {route["right"] for route, _ in matrix.staff_cases()} == set(matrix.staff)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("login", PEOPLE)
def test_who_lacks_the_attribute_is_refused_and_changes_nothing(matrix, login, number):
    right = matrix.staff[number]
    cases = [case for case in matrix.staff_cases() if case[0]["right"] == right]
    matrix.grant_to(login, granted(matrix, set(matrix.staff) - {right}))
    keys = [key(matrix, route) for route, _ in cases]
    before = matrix.dump()
    for (route, rendering), row in zip(cases, keys):
        answer = matrix.ask(route, rendering, row)
        assert answer.status_code == 403, (login, route["name"], rendering, answer.text[:300])
        assert "SMV0106" in answer.text, (login, route["name"], rendering)
    assert matrix.dump() == before


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("login", ["ines.innen", "viktor.vermittler"])
def test_the_attribute_alone_opens_its_pages(matrix, login, number):
    right = matrix.staff[number]
    matrix.grant_to(login, granted(matrix, {right}))
    for route, rendering in matrix.staff_cases():
        if route["method"] != "GET":
            continue
        status = matrix.ask(route, rendering, key(matrix, route)).status_code
        assert (status == 403) == (route["right"] != right), (login, route["name"], rendering, status)
        assert status in (200, 403, 404), (login, route["name"], rendering, status)


def test_customers_administer_nothing_of_the_firm(matrix):
    """An attribute in a role for one's own customers opens what hangs on these customers alone."""
    matrix.grant_to("karla.kunde", granted(matrix, matrix.staff))
    for route, rendering in matrix.staff_cases():
        if route["subject"] == "staff":
            answer = matrix.ask(route, rendering, key(matrix, route))
            assert answer.status_code == 403, (route["name"], rendering)


def test_the_error_log_is_quiet(matrix):
    time.sleep(0.1)
    assert matrix.httpd.unexpected_lines() == []
