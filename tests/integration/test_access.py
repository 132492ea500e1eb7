# SPDX-License-Identifier: Apache-2.0
"""Customer access: who may give, lock and end it; the access letter with its one-time code; and the password that nobody
but the customer knows."""
import concurrent.futures
import datetime
import email
import email.policy
import hashlib
import html
import re
import sqlite3
import subprocess

import ldap
import pytest
import requests

from private_servers import PrivateHttpd, PrivateSlapd, open_to_httpd

CUSTOMER_ROLE, READING_ROLE, MANAGING_ROLE, STAFF_ROLE = "4294967299", "4294967300", "4294967301", "4294967298"
PASSWORD = "Ein langer Satz genügt."
PEOPLE = "ou=people"


class Accesses:
    """A portal of its own, whose mail goes to a folder, and what people do with it."""

    def __init__(self, running_portal, folder):
        self.mails, self.fault = folder / "mails", folder / "fault"
        self.mails.mkdir(mode=0o777)
        self.mails.chmod(0o777)
        sendmail = folder / "sendmail"
        sendmail.write_text(f"""#!/bin/sh
[ ! -e {self.fault} ] || exit 75
printf '%s\\n' "$*" > {self.mails}/arguments
cat > {self.mails}/$$
""", encoding="utf-8")
        sendmail.chmod(0o755)
        open_to_httpd(folder)
        self.slapd = PrivateSlapd(folder)
        self.httpd = PrivateHttpd(running_portal, f"""SmvPortalCacheTime 10
SmvPortalRefusalTime 100
SmvPortalUrl https://portal.example/portal
SmvPortalSendmail "{sendmail} -t -i"
SmvPortalMailFrom portal@musterfirma.example
""", self.slapd)
        self.staff = self.httpd.sign_in("ines.innen")

    def url(self, path):
        return self.httpd.url + path

    def post(self, path, session=None, **data):
        return (session or self.staff).post(self.url(path), data=data, timeout=30, allow_redirects=False)

    def get(self, path, session=None):
        return (session or self.staff).get(self.url(path), timeout=20, allow_redirects=False)

    def create(self, customer=10001, session=None, **fields):
        fields = {"name": "Erika Beispiel", "role": CUSTOMER_ROLE, **fields}
        return self.post(f"/customers/{customer}/accesses", session, **fields)

    def choose(self, code, password=PASSWORD, repeated=None):
        return requests.post(self.url(f"/access/{code}"), timeout=30, allow_redirects=False,
                             data={"password": password, "repeated": password if repeated is None else repeated})

    def make(self, login, password=PASSWORD, **fields):
        """An access in use."""
        letter = self.create(login=login, **fields)
        assert letter.status_code == 200, letter.text
        if password:
            assert self.choose(code_of(letter), password).status_code == 303
        return letter

    def entry(self, login):
        connection = ldap.initialize(self.slapd.uri)
        connection.simple_bind_s(*self.httpd.admin)
        found = connection.search_s(self.httpd.base, ldap.SCOPE_SUBTREE, f"(uid={login})", ["*", "+"])
        connection.unbind_s()
        return {name: [value.decode() for value in values] for name, values in found[0][1].items()} if found else None

    def database(self, sql, *values):
        with sqlite3.connect(self.httpd.database, timeout=10) as connection:
            rows = connection.execute(sql, values).fetchall()
        connection.close()
        return rows

    def mail(self):
        """The one that went since the last time."""
        [path] = [path for path in self.mails.iterdir() if path.name != "arguments"]
        data = path.read_bytes()
        path.unlink()
        return data

    def no_mail(self):
        for path in self.mails.iterdir():
            path.unlink()

    def may_sign_in(self, login, password=PASSWORD):
        return self.httpd.sign_in(login, password).answer.status_code == 303


def code_of(letter):
    return re.search(r'<dd class="code">([A-Z0-9-]{24})</dd>', letter.text).group(1)


@pytest.fixture(name="accesses", scope="module")
def _accesses(running_portal, tmp_path_factory):
    made = Accesses(running_portal, tmp_path_factory.mktemp("access"))
    yield made
    made.httpd.stop()
    made.slapd.stop()


@pytest.fixture(autouse=True)
def _quiet_log(accesses):
    accesses.httpd.expected = []
    accesses.no_mail()
    yield
    assert accesses.httpd.unexpected_lines() == []


# --- making one ---

def test_an_access_is_an_entry_with_role_numbers_and_end_and_without_password(accesses):
    answer = accesses.create(20001, login="Joerg.Gross", name="Jörg Groß", customers="20002",
                             mail="joerg@gross.example", valid_until="2031-05-31")
    assert answer.status_code == 200, answer.text
    entry = accesses.entry("joerg.gross")
    assert entry["smvKundenNr"] == ["20001", "20002"] and entry["smvRolleDN"][0].startswith("cn=Kundenzugang,")
    assert entry["cn"] == ["Jörg Groß"] and entry["sn"] == ["Groß"] and entry["mail"] == ["joerg@gross.example"]
    assert entry["smvGueltigBis"] == ["20310531235959Z"] and {"inetOrgPerson", "smvKonto"} <= set(entry["objectClass"])
    assert "userPassword" not in entry
    assert entry["creatorsName"][0].startswith("uid=ines.innen,"), "made as the person who is signed in"


def test_a_person_signs_in_with_the_password_they_chose_and_sees_every_customer_of_theirs(accesses):
    accesses.make("anna.familie", customers="10002")
    session = accesses.httpd.sign_in("anna.familie", PASSWORD)
    assert session.answer.status_code == 303
    for number in (10001, 10002):
        assert accesses.get(f"/customers/{number}", session).status_code == 200
    assert accesses.get("/customers/20001", session).status_code == 404
    assert accesses.entry("anna.familie")["userPassword"][0].startswith("{SSHA}"), "stored as a hash"


def test_the_form_suggests_name_and_login_and_offers_the_roles_of_customers_alone(accesses):
    page = accesses.get("/customers/10001/accesses/new").text
    assert 'value="karla.kunde2"' in page, "karla.kunde is taken"
    assert STAFF_ROLE not in page
    assert {CUSTOMER_ROLE, READING_ROLE, MANAGING_ROLE} == set(re.findall(r'<option[^>]* value="(\d+)"', page))


@pytest.mark.parametrize("fields, words", [
    ({"login": "karla.kunde"}, "Diesen Benutzernamen gibt es schon."),
    ({"login": "KARLA.KUNDE"}, "Diesen Benutzernamen gibt es schon."),
    ({"login": "new"}, "Dieser Benutzername ist zu kurz."),
    ({"login": "a*)(uid=*"}, "Ein Benutzername hat nur Buchstaben"),
    ({"login": "", "name": "Änne Groß"}, "value=\"aenne.gross\""),
    ({"name": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"role": STAFF_ROLE}, "Diese Rolle können Sie nicht vergeben."),
    ({"role": "1"}, "Diese Rolle können Sie nicht vergeben."),
    ({"mail": "erika@straße.example"}, "Diese E-Mail-Adresse hat Zeichen"),
    ({"mail": "erika@beispiel.example\nBcc: x@y.example"}, "Steuerzeichen"),
    ({"customers": "10001; x"}, "Hier stehen Kundennummern"),
    ({"customers": "99999"}, "Für eine dieser Kundennummern dürfen Sie"),
    ({"valid_until": "2020-01-01"}, "Dieses Datum liegt nicht in der Zukunft."),
    ({"valid_until": "2031-02-30"}, "Dieses Datum gibt es nicht."),
])
def test_what_is_wrong_is_told_at_its_field_and_makes_nothing(accesses, fields, words):
    before = accesses.database("SELECT count(*) FROM invitation")
    answer = accesses.create(**{"login": "wrong.login", **fields})
    assert answer.status_code == 422 and words in html.unescape(answer.text), answer.text
    assert accesses.entry("wrong.login") is None
    assert accesses.database("SELECT count(*) FROM invitation") == before and not list(accesses.mails.iterdir())


def test_the_api_does_the_same(accesses):
    def ask(method, path, **options):
        return requests.request(method, accesses.url("/api/v1/customers/10003/accesses" + path), timeout=20,
                                auth=("ines.innen", "demo"), **options)

    made = ask("POST", "", json={"name": "Otto Api", "login": "otto.api", "role": CUSTOMER_ROLE})
    assert made.status_code == 201 and made.headers["Location"].endswith("/customers/10003/accesses/otto.api")
    letter = made.json()
    assert letter["link"] == f"https://portal.example/portal/access/{letter['code']}" and letter["mail"] is None
    assert ask("GET", "/otto.api").json()["state"] == "active"
    assert ask("POST", "/otto.api/lock").status_code == 204 and ask("GET", "/otto.api").json()["state"] == "locked"
    assert ask("POST", "/otto.api/unlock").status_code == 204
    again = ask("POST", "/otto.api/reset")
    assert again.status_code == 201 and again.json()["code"] != letter["code"]
    assert ask("POST", "/otto.api/end").status_code == 204 and ask("GET", "/otto.api").json()["state"] == "ended"
    assert "otto.api" in [each["login"] for each in ask("GET", "").json()["items"]]
    assert ask("POST", "", json={"name": "X", "login": "otto.api", "role": "7"}).json()["errors"]


# --- the letter ---

def test_the_letter_has_address_login_code_and_day(accesses):
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = accesses.create(20001, login="lena.letter", name="Lena Letter")
    page = html.unescape(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    window = re.search(r'class="receiver">(.*?)</p>', page, re.DOTALL).group(1)
    [customer] = accesses.database("SELECT name, street, postal_code || ' ' || city FROM customer WHERE number = 20001")
    assert [line for line in re.split(r"<br/?>", window) if line.strip()] == [customer[0], "Lena Letter", *customer[1:]]
    assert "lena.letter" in page and "Musterfirma" in page
    # In German time, which is an hour before this one, or two.
    days = {(before + datetime.timedelta(days=14, hours=hours)).strftime("%d.%m.%Y") for hours in (1, 2)}
    assert re.search("Gilt einmal, bis</dt><dd>([0-9.]+)", page).group(1) in days, page


def test_the_picture_is_the_link(accesses, tmp_path):
    answer = accesses.create(login="quentin.code")
    box, path = re.search(r'viewBox="([^"]+)".*?<path d="([^"]+)"', answer.text).groups()
    size = int(box.split()[2])
    rows = [[255] * size for _ in range(size)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for at in range(int(x), int(x) + int(run)):
            rows[int(y)][at] = 0
    pixels = bytes(value for row in rows for _ in range(6) for value in row for _ in range(6))
    (tmp_path / "qr.pgm").write_bytes(b"P5 %d %d 255 " % (6 * size, 6 * size) + pixels)
    read = subprocess.run(["zbarimg", "--quiet", "--raw", tmp_path / "qr.pgm"], capture_output=True, text=True,
                          timeout=30, check=True).stdout.strip()
    assert read == f"https://portal.example/portal/access/{code_of(answer)}"


def test_only_the_hash_of_a_code_is_kept_anywhere(accesses):
    code = code_of(accesses.create(login="hans.hash"))
    [(kept, days)] = accesses.database("SELECT code_hash, (expires - created) / 86400.0 FROM invitation WHERE login = ?",
                                       "hans.hash")
    assert kept == hashlib.sha256(code.encode()).digest() and days == 14
    accesses.choose(code, "kurz")
    places = [*accesses.httpd.folder.rglob("*.sqlite*"), accesses.httpd.log, accesses.slapd.log]
    for place in places:
        data = place.read_bytes()
        assert code.encode() not in data and code.replace("-", "").encode() not in data, place
    again = accesses.get("/customers/10001/accesses/hans.hash").text
    assert code not in again and "Zugangsbrief gilt bis" in again


# --- the code ---

def test_a_code_is_good_once(accesses):
    code = code_of(accesses.create(login="otto.once"))
    page = requests.get(accesses.url(f"/access/{code}"), timeout=20)
    assert page.status_code == 200 and "otto.once" in page.text
    answer = accesses.choose(code)
    assert answer.status_code == 303 and answer.headers["Location"] == "/portal/login?done=password"
    assert "Ihr Passwort ist gespeichert." in requests.get(accesses.url("/login?done=password"), timeout=20).text
    assert accesses.choose(code, "Noch ein anderes Passwort.").status_code == 404
    assert accesses.may_sign_in("otto.once") and not accesses.may_sign_in("otto.once", "Noch ein anderes Passwort.")


def test_unknown_used_and_expired_codes_are_one_page_that_takes_its_time(accesses):
    used, expired = code_of(accesses.make("ulla.used")), code_of(accesses.create(login="erna.expired"))
    accesses.database("UPDATE invitation SET expires = created - 1 WHERE login = 'erna.expired'")
    pages = set()
    for code in (used, expired, "ABCD-EFGH-JKLM-NPQR-STUV", "nonsense"):
        for answer in (requests.get(accesses.url(f"/access/{code}"), timeout=20), accesses.choose(code)):
            assert answer.status_code == 404 and answer.elapsed.total_seconds() >= 0.1
            pages.add(answer.text)
    assert len(pages) == 1 and "Dieser Zugangscode gilt nicht oder nicht mehr." in pages.pop()
    assert not accesses.may_sign_in("erna.expired")


def test_a_code_may_be_typed_from_paper(accesses):
    code = code_of(accesses.create(login="paul.paper"))
    typed = code.lower().replace("-", " ")
    answer = requests.post(accesses.url("/access"), data={"code": typed}, timeout=20, allow_redirects=False)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/portal/access/{code}"
    assert "/portal/access" in requests.get(accesses.url("/login"), timeout=20).text


def test_of_twenty_at_once_one_sets_the_password(accesses):
    code = code_of(accesses.create(login="tina.twenty"))
    words = [f"Satz Nummer {number} von zwanzig" for number in range(20)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda password: accesses.choose(code, password).status_code, words))
    assert sorted(answers) == [303] + [404] * 19
    assert [accesses.may_sign_in("tina.twenty", password) for password in words] == [each == 303 for each in answers]


@pytest.mark.parametrize("password, repeated, words", [
    ("kurz", None, "Dieses Passwort ist zu kurz."),
    ("", None, "Bitte geben Sie ein Passwort ein."),
    (PASSWORD, "anders", "Die beiden Passwörter sind nicht gleich."),
    ("x" * 1025, None, "Dieses Passwort ist zu lang."),
])
def test_a_password_that_is_refused_leaves_the_code(accesses, password, repeated, words):
    code = code_of(accesses.create(login=f"rita.refused{abs(hash(words)) % 10**8}"))
    answer = accesses.choose(code, password, repeated)
    assert answer.status_code == 422 and words in html.unescape(answer.text), answer.text
    assert accesses.choose(code).status_code == 303


def test_the_policy_remembers_old_passwords(accesses):
    accesses.make("hilde.history")
    code = code_of(accesses.post("/customers/10001/accesses/hilde.history/reset"))
    answer = accesses.choose(code)
    assert answer.status_code == 422 and "Dieses Passwort hatten Sie schon einmal." in html.unescape(answer.text)
    assert accesses.choose(code, "Ein ganz neues Passwort.").status_code == 303


# --- lock, unlock, end, reset ---

def test_a_lock_ends_what_is_open_at_once(accesses):
    accesses.make("lars.lock")
    session = accesses.httpd.sign_in("lars.lock", PASSWORD)
    code = code_of(accesses.post("/customers/10001/accesses/lars.lock/reset"))
    assert accesses.get("/customers/10001", session).status_code == 200
    answer = accesses.post("/customers/10001/accesses/lars.lock/lock")
    assert answer.status_code == 303 and accesses.entry("lars.lock")["smvGesperrt"] == ["TRUE"]
    assert "Der Zugang ist gesperrt." in accesses.staff.get(accesses.url(answer.headers["Location"][7:]), timeout=20).text
    assert accesses.get("/customers/10001", session).status_code == 303, "the session is over"
    basic = requests.get(accesses.url("/api/v1/me"), auth=(b"lars.lock", PASSWORD.encode()), timeout=20)
    assert basic.status_code == 403 and basic.json()["code"] == "SMV0104", "no remembered role lives on"
    assert accesses.choose(code).status_code == 404, "nor the letter"
    assert accesses.post("/customers/10001/accesses/lars.lock/reset").status_code == 409
    assert accesses.post("/customers/10001/accesses/lars.lock/unlock").status_code == 303
    assert accesses.may_sign_in("lars.lock") and "smvGesperrt" not in accesses.entry("lars.lock")


def test_an_end_is_the_end(accesses):
    accesses.make("emil.end")
    session = accesses.httpd.sign_in("emil.end", PASSWORD)
    assert accesses.post("/customers/10001/accesses/emil.end/end").status_code == 303
    assert accesses.get("/", session).status_code == 303 and not accesses.may_sign_in("emil.end")
    page = accesses.get("/customers/10001/accesses/emil.end").text
    assert "beendet" in page and "/reset" not in page and "/end" not in page


def test_a_reset_makes_a_new_letter_and_ends_the_old_one(accesses):
    first = code_of(accesses.make("rosa.reset", password=None))
    second = code_of(accesses.post("/customers/10001/accesses/rosa.reset/reset"))
    assert accesses.choose(first).status_code == 404 and accesses.choose(second).status_code == 303
    session = accesses.httpd.sign_in("rosa.reset", PASSWORD)
    third = code_of(accesses.post("/customers/10001/accesses/rosa.reset/reset"))
    assert accesses.may_sign_in("rosa.reset"), "the old password stays until a new one is chosen"
    assert accesses.choose(third, "Und noch ein neues.").status_code == 303
    assert accesses.get("/", session).status_code == 303, "what was open is over"
    assert not accesses.may_sign_in("rosa.reset") and accesses.may_sign_in("rosa.reset", "Und noch ein neues.")


def test_every_deed_is_in_the_audit_log_without_a_code(accesses):
    code = code_of(accesses.make("adam.audit"))
    for deed in ("lock", "unlock", "end"):
        accesses.post(f"/customers/10001/accesses/adam.audit/{deed}")
    rows = accesses.database("SELECT kind, login, customer, detail FROM audit WHERE subject = 'access' AND object LIKE ?"
                             " ORDER BY id", "%adam.audit%")
    assert [row[0] for row in rows] == ["create", "invite", "set_password", "lock", "unlock", "end"]
    assert [row[1] for row in rows] == ["ines.innen", "ines.innen", "adam.audit"] + ["ines.innen"] * 3
    assert {row[2] for row in rows} == {10001} and code not in str(rows)


# --- who may what ---

def test_staffs_own_accounts_are_no_accesses(accesses):
    accesses.httpd.modify(f"uid=viktor.vermittler,{PEOPLE}", smvKundenNr=10001)
    try:
        assert "viktor.vermittler" not in accesses.get("/customers/10001/accesses").text
        for path in ("", "/lock", "/end", "/reset"):
            ask = accesses.post if path else accesses.get
            assert ask("/customers/10001/accesses/viktor.vermittler" + path).status_code == 404
        assert "smvGesperrt" not in accesses.entry("viktor.vermittler")
    finally:
        accesses.httpd.modify(f"uid=viktor.vermittler,{PEOPLE}", smvKundenNr=None)


def test_a_broker_manages_the_portfolio_alone(accesses):
    accesses.httpd.modify("cn=Vermittler,ou=roles", smvZugaengeVerwalten="TRUE")
    accesses.make("paula.portfolio")
    accesses.make("mixed.numbers", customers="10003")
    broker = accesses.httpd.sign_in("viktor.vermittler")
    assert accesses.create(20001, broker, login="bert.broker").status_code == 200
    assert accesses.create(10003, broker, login="bert.foreign").status_code == 404
    assert accesses.get("/customers/10003/accesses", broker).status_code == 404
    refused = accesses.create(20001, broker, login="bert.foreign", customers="10003")
    assert refused.status_code == 422 and accesses.entry("bert.foreign") is None
    assert accesses.post("/customers/10001/accesses/paula.portfolio/lock", broker).status_code == 303
    page = accesses.get("/customers/10001/accesses/mixed.numbers", broker)
    assert page.status_code == 200 and "Diesen Zugang können Sie nicht ändern" in page.text and "/lock" not in page.text
    for deed in ("lock", "unlock", "end", "reset"):
        assert accesses.post(f"/customers/10001/accesses/mixed.numbers/{deed}", broker).status_code == 403
    assert "smvGesperrt" not in accesses.entry("mixed.numbers")


def test_a_firms_administrator_invites_colleagues_of_their_own_firm_alone(accesses):
    accesses.make("frida.firma", customer=20001, role=MANAGING_ROLE)
    frida = accesses.httpd.sign_in("frida.firma", PASSWORD)
    assert accesses.create(20001, frida, login="karl.kollege").status_code == 200
    assert accesses.entry("karl.kollege")["creatorsName"][0].startswith("uid=frida.firma,")
    assert accesses.create(10001, frida, login="karl.fremd").status_code == 404
    assert accesses.create(20001, frida, login="karl.fremd", customers="10001").status_code == 422
    assert accesses.create(20001, frida, login="karl.fremd", role=STAFF_ROLE).status_code == 422
    assert accesses.entry("karl.fremd") is None
    assert accesses.post("/customers/20001/accesses/karl.kollege/lock", frida).status_code == 303
    assert accesses.post("/customers/20001/accesses/frida.firma/lock", frida).status_code == 403, "her own"
    assert accesses.post("/customers/20001/accesses/claudia.chef/reset", frida).status_code == 403, "of another firm, too"


def test_a_firms_administrator_gives_no_more_than_they_have(accesses):
    accesses.make("fritz.firma", customer=20002, role=MANAGING_ROLE)
    accesses.make("mona.mehr", customer=20002)
    fritz = accesses.httpd.sign_in("fritz.firma", PASSWORD)
    role = "cn=Kundenzugang Verwaltung,ou=roles"
    for taken, left in (({"smvDokumenteAnzeigen": "FALSE"}, {"smvDokumenteAnzeigen": "TRUE"}),
                        ({"smvFinanzanalysedatenAusblenden": "TRUE"}, {"smvFinanzanalysedatenAusblenden": "FALSE"})):
        accesses.httpd.modify(role, **taken)
        fritz = accesses.httpd.sign_in("fritz.firma", PASSWORD)
        try:
            refused = accesses.create(20002, fritz, login="karl.mehr")
            assert refused.status_code == 422 and "Diese Rolle können Sie nicht vergeben." in refused.text, taken
            assert accesses.post("/customers/20002/accesses/mona.mehr/reset", fritz).status_code == 403, taken
        finally:
            accesses.httpd.modify(role, **left)
    assert accesses.entry("karl.mehr") is None


def test_the_directory_decides_once_more(accesses):
    """Who has the role by a membership may do it for the portal, but the directory asks smvRolleDN."""
    office, ines = "cn=Innendienst,ou=roles", "uid=ines.innen,ou=people"
    accesses.httpd.modify(office, roleOccupant=f"{ines},{accesses.httpd.base}")
    accesses.httpd.modify(ines, smvRolleDN=None)
    accesses.httpd.expect_log("SMV0203")
    answer = accesses.create(login="sonja.sonder")
    accesses.httpd.modify(ines, smvRolleDN=f"{office},{accesses.httpd.base}")
    accesses.httpd.modify(office, roleOccupant=None)
    assert answer.status_code == 403 and "Das Verzeichnis lässt diese Änderung nicht zu." in answer.text
    assert accesses.entry("sonja.sonder") is None
    assert accesses.database("SELECT count(*) FROM audit WHERE object = 'sonja.sonder' AND detail LIKE '%SMV0203%'") == [(1,)]


# --- mail ---

def test_the_mail_says_login_and_link_and_is_correct(accesses):
    answer = accesses.create(login="umlaut.mail", name="Jürgen Äöü, \"der\" Große", mail="juergen@beispiel.example")
    assert "Die Einladung ging auch per E-Mail hinaus." in answer.text
    assert (accesses.mails / "arguments").read_text(encoding="utf-8") == "-t -i\n"
    data = accesses.mail() if not (accesses.mails / "arguments").unlink() else None
    assert max(len(line) for line in data.splitlines()) <= 78 and data.isascii()
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert not mail.defects and not [header for header in mail.values() if header.defects]
    assert mail["From"].addresses[0].addr_spec == "portal@musterfirma.example" and "Musterfirma" in str(mail["From"])
    [to] = mail["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Jürgen Äöü, \"der\" Große", "juergen@beispiel.example")
    assert mail["Subject"] == "Ihr Zugang zum Kundenportal" and mail["Message-ID"] and mail["Date"].datetime
    text = mail.get_content()
    assert "umlaut.mail" in text and f"https://portal.example/portal/access/{code_of(answer)}" in text
    assert "Guten Tag Jürgen" in text and mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_does_not_go_is_told_and_the_letter_is_there(accesses):
    accesses.fault.touch()
    accesses.httpd.expect_log("SMV0404: .*exit code 75")
    answer = accesses.create(login="nils.nomail", mail="nils@beispiel.example")
    accesses.fault.unlink()
    assert answer.status_code == 200 and "Die E-Mail ließ sich nicht versenden." in html.unescape(answer.text)
    assert accesses.choose(code_of(answer)).status_code == 303


# --- the module ---

@pytest.mark.parametrize("days, words", [(61, None), (59, "läuft bald ab"), (-1, "ist abgelaufen")])
def test_staff_hear_in_time_that_the_module_ends_and_work_on(accesses, days, words):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    customer = accesses.httpd.sign_in("karla.kunde")
    accesses.httpd.modify("", smvModulGueltigBis=end.strftime("%Y%m%d%H%M%SZ"))
    try:
        for login in ("ines.innen", "viktor.vermittler"):
            page = accesses.get("/", accesses.httpd.sign_in(login))
            assert page.status_code == 200 and ("Das Modul Kundenportal" in page.text) == bool(words)
            assert not words or words in page.text
        signed_in = accesses.httpd.sign_in("karla.kunde")
        if days > 0:
            assert "Das Modul" not in accesses.get("/", signed_in).text
        else:
            assert signed_in.answer.status_code == 403
            assert "Das Kundenportal ist zurzeit nicht freigeschaltet." in signed_in.answer.text
            assert accesses.get("/", customer).status_code == 403
    finally:
        accesses.httpd.modify("", smvModulGueltigBis="20991231235959Z")
        accesses.staff = accesses.httpd.sign_in("ines.innen")


def test_a_module_that_is_not_booked_is_told_to_staff(accesses):
    accesses.httpd.modify("", smvModul=None)
    try:
        assert "ist nicht gebucht" in accesses.get("/", accesses.httpd.sign_in("ines.innen")).text
        assert accesses.httpd.sign_in("karla.kunde").answer.status_code == 403
    finally:
        accesses.httpd.modify("", smvModul="Kundenportal")
        accesses.staff = accesses.httpd.sign_in("ines.innen")


# --- the directory ---

def test_a_directory_that_was_started_anew_is_written_at_once(accesses):
    """The links that the portal keeps are closed by then."""
    accesses.make("sabine.zurueck")
    accesses.httpd.expect_log("SMV0201")  # by who watches the server
    accesses.slapd.stop()
    accesses.slapd.start()
    assert accesses.post("/customers/10001/accesses/sabine.zurueck/lock").status_code == 303
    assert accesses.entry("sabine.zurueck")["smvGesperrt"] == ["TRUE"]
    assert accesses.create(10001, login="tom.zurueck").status_code == 200
    assert accesses.entry("tom.zurueck")
