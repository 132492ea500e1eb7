# SPDX-License-Identifier: Apache-2.0
"""Every page template can be replaced by one of the firm's own, and a broken one is named by configtest before it is used."""
import os
import re

import pytest

from conftest import ROOT, httpd
from private_servers import PrivateHttpd, open_to_httpd

FOLDER = ROOT / "htdocs" / "templates"
TEMPLATES = sorted(path.name for path in FOLDER.glob("*.xhtml"))


@pytest.fixture(name="overlay")
def _overlay(tmp_path):
    open_to_httpd(tmp_path)
    return tmp_path


def configtest(portal, overlay):
    conf = overlay / "httpd.conf"
    conf.write_text((portal.folder / "httpd.conf").read_text(encoding="utf-8") +
                    f'\nSmvPortalTemplateOverlay "{overlay}"\n', encoding="utf-8")
    done = httpd("-t", "-f", str(conf))
    return done.returncode, done.stdout + done.stderr


def broken(text, number):
    """One fault of several kinds, so that each is tried with some template. @return the text, and a word of the message"""
    opening = text.index("<body") if "<body" in text else text.index("<html")
    end = text.index(">", opening) + 1
    return [(text[:end] + '<p tal:content="view/no_such_field"></p>' + text[end:], "no_such_field"),
            (text[:end] + "<p>" + text[end:], ""),
            (text[:end] + '<p tal:contents="page/title"></p>' + text[end:], "contents"),
            (text[:end] + "<script>alert(1)</script>" + text[end:], "script")][number % 4]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_broken_template_of_the_firm_is_named_with_its_line(running_portal, overlay, name):
    text, word = broken((FOLDER / name).read_text(encoding="utf-8"), TEMPLATES.index(name))
    (overlay / name).write_text(text, encoding="utf-8")
    code, said = configtest(running_portal, overlay)
    assert code != 0 and re.search(rf"SMV0501: {re.escape(str(overlay / name))}:[1-9]\d*: .*{word}", said), said


def test_templates_of_the_firm_are_those_that_people_see(running_portal, overlay):
    """All at once, each with a word of its own; the others, which no page here shows, are held by the test above."""
    for name in TEMPLATES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        at = text.index("</body>")
        (overlay / name).write_text(f'{text[:at]}<p class="firm">Eigene Seite {name}</p>{text[at:]}', encoding="utf-8")
    portal = PrivateHttpd(running_portal, f'SmvPortalTemplateOverlay "{overlay}"\n')
    try:
        staff, paths = portal.sign_in("ines.innen"), {
            "start": "/", "customers": "/customers", "customer": "/customers/10001", "contracts": "/customers/10001/contracts",
            "documents": "/customers/10001/documents", "rows": "/customers/10001/contacts", "form": "/customers/10001/edit",
            "log": "/customers/10001/log", "inbox": "/inbox", "endings": "/expiring-contracts", "rights": "/rights",
            "explain": "/explain", "roles": "/roles", "role": "/roles/4294967299", "audit": "/audit",
            "accesses": "/customers/10001/accesses", "access": "/customers/10001/accesses/karla.kunde",
            "access_form": "/customers/10001/accesses/new", "view_as": "/customers/10001/view-as",
            "financial_analysis": "/customers/10001/financial-analysis", "unassigned_documents": "/unassigned-documents", "code": "/access", "error": "/nowhere"}
        portal.expect_log("SMV0")
        for name, path in paths.items():
            page = staff.get(portal.url + path, timeout=20).text
            assert f"Eigene Seite {name}.xhtml" in page and "Eigene Seite layout.xhtml" in page, (name, page[:200])
    finally:
        portal.stop()


@pytest.mark.parametrize("body, word", [
    ("<p>${view/firm/welcome_text}</p>", "markup is written by"),
    ('<p tal:content="view/firm/welcome_text"></p>', "markup is written by"),
    ('<p title="${structure view/firm/welcome_text}"></p>', "structure is for"),
    ('<p tal:attributes="title structure view/firm/welcome_text"></p>', ""),
    ('<p tal:replace="structure view/firm/welcome_text"></p>', "structure is for"),
    ('<a href="${structure view/firm/welcome_text}">x</a>', "structure is for"),
    ('<p tal:content="structure view/firm/name"></p>', "structure is for")])
def test_markup_stands_alone_in_an_element_and_nothing_else_is_written_as_markup(running_portal, overlay, body, word):
    text = (FOLDER / "start.xhtml").read_text(encoding="utf-8")
    end = text.index(">", text.index("<body")) + 1
    (overlay / "start.xhtml").write_text(text[:end] + body + text[end:], encoding="utf-8")
    code, said = configtest(running_portal, overlay)
    assert code != 0 and re.search(rf"SMV0501: {re.escape(str(overlay))}/start.xhtml:2: .*{word}", said), said


def test_a_file_that_cannot_be_read_is_named(running_portal, overlay):
    (overlay / "start.xhtml").mkdir()
    code, said = configtest(running_portal, overlay)
    assert code != 0 and str(overlay / "start.xhtml") in said, said
    os.rmdir(overlay / "start.xhtml")
    assert configtest(running_portal, overlay)[0] == 0
