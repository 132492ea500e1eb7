# SPDX-License-Identifier: Apache-2.0
"""smvportalctl access: what whoever manages accesses does on a customer's page, done on a terminal as that person."""
import email
import email.policy
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import ldap
import pytest
import requests

from conftest import ENVIRONMENT, launch
from private_servers import BASE, PrivateHttpd, PrivateSlapd, wait_until
from test_access import CUSTOMER_ROLE, PASSWORD, STAFF_ROLE, Accesses
from test_password import totp, with_otp_and_argon2

LINK = re.compile(r"https://portal\.example/portal/access/([A-Z0-9-]{24})\b")


class Office(Accesses):
    """Accesses of a portal, managed by smvportalctl."""

    def __init__(self, running_portal, folder):
        super().__init__(running_portal, folder)
        self.password = folder / "password"
        self.write_password("demo\n")

    def write_password(self, text, mode=0o600):
        self.password.write_text(text, encoding="utf-8")
        self.password.chmod(mode)
        return self.password

    def run(self, deed, customer, login, *options, as_whom="ines.innen", **more):
        return self.httpd.control("access", deed, str(customer), login, "--as", as_whom, "--password-file", str(self.password),
                                  *options, **more)

    def give(self, login, *options, customer=10001, **more):
        return self.run("create", customer, login, "--name", "Carla Terminal", "--role", "Kundenzugang", *options, **more)

    def audit(self, since=0):
        return self.database("SELECT kind, subject, object, login, address, channel, detail FROM audit WHERE id > ? ORDER BY id", since)

    def newest(self):
        return self.database("SELECT max(id) FROM audit")[0][0]

    def is_locked(self, login):
        return "smvGesperrt" in self.entry(login)


@pytest.fixture(name="office", scope="module")
def _office(running_portal, tmp_path_factory):
    made = Office(running_portal, tmp_path_factory.mktemp("office"))
    yield made
    made.httpd.stop()
    made.slapd.stop()


@pytest.fixture(autouse=True)
def _quiet(office):
    office.httpd.expected = []
    office.no_mail()
    office.write_password("demo\n")
    yield
    assert office.httpd.unexpected_lines() == []


def code_in(done):
    assert done.returncode == 0, done.stderr
    return LINK.search(done.stdout).group(1)


# --- what is done ---

def test_who_gets_an_access_chooses_a_password_by_the_link_and_is_in(office):
    before = office.newest()
    done = office.give("carla.terminal", "--customers", "10002", "--valid-until", "2031-05-31")
    code = code_in(done)
    assert done.stderr == "" and "carla.terminal chooses a password here, once, until " in done.stdout and "not mailed" in done.stdout
    entry = office.entry("carla.terminal")
    assert entry["cn"] == ["Carla Terminal"] and entry["smvKundenNr"] == ["10001", "10002"] and entry["smvGueltigBis"] == ["20310531235959Z"]
    assert entry["smvRolleDN"][0].startswith("cn=Kundenzugang,") and entry["creatorsName"][0].startswith("uid=ines.innen,")
    assert office.choose(code).status_code == 303
    session = office.httpd.sign_in("carla.terminal", PASSWORD)
    assert [office.get(f"/customers/{number}", session).status_code for number in (10001, 10002, 20001)] == [200, 200, 404]
    created, invited = office.audit(before)[:2]
    assert created[:6] == ("create", "access", "carla.terminal", "ines.innen", "smvportalctl", "api")
    assert json.loads(created[6]) == {"role": "Kundenzugang", "customers": ["10001", "10002"]}
    assert invited[:6] == ("invite", "access", f"uid=carla.terminal,ou=people,{BASE}", "ines.innen", "smvportalctl", "api")
    assert code not in str(office.audit()) and office.httpd.control("audit", "verify").returncode == 0


def test_a_lock_ends_what_is_open_and_an_unlock_lets_in_again(office):
    office.make("lotte.lock")
    session = office.httpd.sign_in("lotte.lock", PASSWORD)
    assert office.get("/customers/10001", session).status_code == 200
    before = office.newest()
    done = office.run("lock", 10001, "lotte.lock")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and office.is_locked("lotte.lock")
    assert office.get("/customers/10001", session).status_code == 303, "the session is over"
    wait_until(lambda: not office.may_sign_in("lotte.lock"), "a remembered account lives on", 1)
    done = office.run("unlock", 10001, "lotte.lock")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and not office.is_locked("lotte.lock")
    wait_until(lambda: office.may_sign_in("lotte.lock"), "the lock lives on", 1)
    deeds = [row[:6] for row in office.audit(before) if row[1] == "access"]
    assert deeds == [(kind, "access", f"uid=lotte.lock,ou=people,{BASE}", "ines.innen", "smvportalctl", "api") for kind in ("lock", "unlock")]


def test_a_reset_makes_a_link_and_the_password_so_far_counts_until_it_is_used(office):
    office.make("rita.reset")
    code = code_in(office.run("reset", 10001, "rita.reset"))
    assert office.may_sign_in("rita.reset")
    assert office.choose(code, "Und noch ein neues.").status_code == 303
    assert not office.may_sign_in("rita.reset") and office.may_sign_in("rita.reset", "Und noch ein neues.")
    office.run("lock", 10001, "rita.reset")
    done = office.run("reset", 10001, "rita.reset")
    assert done.returncode == 75 and done.stdout == "" and "locked or ended" in done.stderr


def test_the_invitation_is_mailed_where_there_is_an_address(office):
    done = office.give("maria.mail", "--mail", "maria@beispiel.example")
    assert "That was mailed to maria@beispiel.example, too." in done.stdout
    assert code_in(done) in email.message_from_bytes(office.mail(), policy=email.policy.default).get_content()
    office.fault.touch()
    done = office.run("reset", 10001, "maria.mail")
    office.fault.unlink()
    assert "It was not mailed" in done.stdout and "exit code 75" in done.stderr and office.choose(code_in(done)).status_code == 303


def test_in_json_it_answers_as_the_api_does(office):
    letter = json.loads(office.give("jan.json", "--json").stdout)
    answer = requests.post(office.url("/api/v1/customers/10001/accesses"), timeout=20, auth=("ines.innen", "demo"),
                           json={"name": "Carla Terminal", "login": "jan.api", "role": CUSTOMER_ROLE}).json()
    assert set(letter) == set(answer) and set(letter["access"]) == set(answer["access"])
    assert letter["link"] == f"https://portal.example/portal/access/{letter['code']}" and letter["access"]["login"] == "jan.json"
    assert json.loads(office.run("lock", 10001, "jan.json", "--json").stdout) == {
        "customer": "10001", "login": "jan.json", "done": "lock_access"}
    assert office.is_locked("jan.json")


@pytest.mark.parametrize("role, is_given", [(CUSTOMER_ROLE, True), ("KUNDENZUGANG LESEND", True), (STAFF_ROLE, False),
                                            ("Innendienst", False), ("Kunden", False), ("1", False)])
def test_a_role_is_named_or_numbered_and_is_one_that_the_person_may_give(office, role, is_given):
    login = "rolle." + re.sub(r"\W", "", role.lower())
    done = office.run("create", 10001, login, "--name", "Rolf Rolle", "--role", role)
    assert done.returncode == (0 if is_given else 64) and (office.entry(login) is not None) == is_given
    assert is_given or "role: Diese Rolle können Sie nicht vergeben." in done.stderr


@pytest.mark.parametrize("login, options, said", [
    ("karla.kunde", (), "login: Diesen Benutzernamen gibt es schon."),
    ("falsch.eins", ("--mail", "kein"), "mail: "), ("falsch.zwei", ("--customers", "99999"), "customers: Für eine dieser"),
    ("falsch.drei", ("--valid-until", "2031-02-30"), "valid_until: Dieses Datum gibt es nicht.")])
def test_what_is_wrong_is_said_in_the_portals_words_and_makes_nothing(office, login, options, said):
    before = office.database("SELECT count(*) FROM invitation")
    done = office.give(login, *options)
    assert done.returncode == 64 and said in done.stderr and done.stdout == ""
    assert office.database("SELECT count(*) FROM invitation") == before


# --- who may ---

def test_who_lacks_the_right_changes_nothing(office):
    office.make("otto.opfer")
    before = office.newest()
    for done in (office.give("fremd.eins", as_whom="karla.kunde"), office.run("lock", 10001, "otto.opfer", as_whom="karla.kunde"),
                 office.run("reset", 10001, "otto.opfer", as_whom="karla.kunde")):
        assert done.returncode == 77 and done.stdout == "" and "Dafür fehlt Ihnen das Recht." in done.stderr
    assert office.entry("fremd.eins") is None and not office.is_locked("otto.opfer") and office.audit(before) == []


def test_beyond_the_portfolio_there_is_nobody(office):
    office.httpd.modify("cn=Vermittler,ou=roles", smvZugaengeVerwalten="TRUE")
    before = office.newest()
    assert office.give("fremd.zwei", customer=10003, as_whom="viktor.vermittler").returncode == 66
    assert office.run("lock", 10003, "gesa.gesperrt", as_whom="viktor.vermittler").returncode == 66
    assert office.run("lock", 4711, "karla.kunde").returncode == 66 and office.run("lock", 10001, "nobody").returncode == 66
    assert office.run("lock", 20001, "karla.kunde").returncode == 66, "another customer's"
    assert office.entry("fremd.zwei") is None and not office.is_locked("karla.kunde") and office.audit(before) == []
    done = office.give("eigen.kunde", customer=20001, as_whom="viktor.vermittler")
    assert done.returncode == 0 and office.entry("eigen.kunde")["creatorsName"][0].startswith("uid=viktor.vermittler,")


@pytest.mark.parametrize("login, password, said, code", [
    ("ines.innen", "falsch", "Benutzername oder Passwort ist falsch.", "SMV0103"),
    ("nobody", "demo", "Benutzername oder Passwort ist falsch.", "SMV0103"),
    ("ines.innen", "", "Benutzername oder Passwort ist falsch.", "SMV0103"),
    ("gesa.gesperrt", "demo", "Ihr Zugang ist gesperrt oder abgelaufen.", "SMV0104")])
def test_who_is_not_let_in_is_noted_and_waits(office, login, password, said, code):
    before, begun = office.newest(), time.monotonic()
    office.write_password(password + "\n")
    done = office.run("lock", 10001, "karla.kunde", as_whom=login)
    assert done.returncode == 77 and said in done.stderr and done.stdout == "" and not office.is_locked("karla.kunde")
    assert time.monotonic() - begun > 0.1
    assert office.audit(before) == [("sign_in_refused", "session", None, login, "smvportalctl", "api", f'{{"code":"{code}"}}')]


def test_the_directory_decides_once_more(office):
    """Who has the role by a membership may do it for the portal, but the directory asks smvRolleDN."""
    role, ines = "cn=Innendienst,ou=roles", "uid=ines.innen,ou=people"
    office.httpd.modify(role, roleOccupant=f"{ines},{BASE}")
    office.httpd.modify(ines, smvRolleDN=None)
    done = office.give("sonja.sonder")
    office.httpd.modify(ines, smvRolleDN=f"{role},{BASE}")
    office.httpd.modify(role, roleOccupant=None)
    assert done.returncode == 77 and "Das Verzeichnis lässt diese Änderung nicht zu." in done.stderr
    assert office.entry("sonja.sonder") is None and '"refused":"SMV0203"' in office.audit()[-1][6]


# --- what must be said ---

@pytest.mark.parametrize("words, missing", [
    (("lock", "10001", "karla.kunde"), ("as",)), (("create", "10001", "x.y", "--as", "ines.innen"), ("name", "role"))])
def test_who_does_it_and_for_whom_must_be_said(office, words, missing):
    done = office.httpd.control("access", *words)
    assert done.returncode == 64 and all(f"needs --{name}" in done.stderr for name in missing)
    assert " --as LOGIN [--password-file FILE]" in done.stderr


def test_a_number_is_a_number(office):
    done = office.run("lock", "x", "karla.kunde")
    assert done.returncode == 64 and "Hier wird eine Kundennummer erwartet." in done.stderr


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_password_file_that_is_open_to_others_is_refused(office, mode):
    before = office.newest()
    office.write_password("demo\n", mode)
    done = office.run("lock", 10001, "karla.kunde")
    assert done.returncode == 78 and f"{office.password} has a password and is open to others" in done.stderr and "chmod 600" in done.stderr
    assert not office.is_locked("karla.kunde") and office.audit(before) == []


def test_a_password_file_must_be_there_and_have_a_line(office):
    office.write_password("x" * 5000)
    assert office.run("lock", 10001, "karla.kunde").returncode == 78
    office.password.unlink()
    done = office.run("lock", 10001, "karla.kunde")
    assert done.returncode == 78 and str(office.password) in done.stderr
    office.password.mkdir(mode=0o700)
    done = office.run("lock", 10001, "karla.kunde")
    office.password.rmdir()
    assert done.returncode == 78 and str(office.password) in done.stderr


def test_the_file_may_come_from_windows_and_lack_its_end(office):
    office.make("willi.windows")
    for text, deed in (("demo\r\n", "lock"), ("demo", "unlock")):
        office.write_password(text)
        assert office.run(deed, 10001, "willi.windows").returncode == 0, text


def test_without_the_portals_address_there_is_no_link(office, tmp_path):
    conf = tmp_path / "none.conf"
    lines = office.httpd.conf.read_text(encoding="utf-8").splitlines()
    conf.write_text("\n".join(line for line in lines if not line.startswith("SmvPortalUrl")), encoding="utf-8")
    done = office.give("ulf.ohne", conf=conf)
    assert done.returncode == 78 and "SmvPortalUrl" in done.stderr and office.entry("ulf.ohne") is None


def test_without_the_directory_nothing_is_done(office, tmp_path):
    conf = tmp_path / "away.conf"
    conf.write_text(f'Include "{office.httpd.conf}"\nSmvPortalLdapUri ldap://127.0.0.1:1\n', encoding="utf-8")
    before = office.newest()
    assert office.run("lock", 10001, "karla.kunde", conf=conf).returncode == 69 and office.audit(before) == []


# --- on a terminal ---

class Terminal:
    """smvportalctl on a terminal of its own, which is its standard input where something leads it, and else is not."""

    def __init__(self, httpd, *words, leader=()):
        self.master, self.slave = pty.openpty()
        self.shown = ""
        self.process = launch(
            [*leader, httpd.ctl, "access", *words, "--httpd", f"apache2 -f {httpd.conf}"],
            stdin=self.slave if leader else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0), pass_fds=(self.slave,))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate(timeout=20)
        os.close(self.master)
        os.close(self.slave)

    def look(self):
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 4096).decode()
        return self.shown

    def wait_for(self, text, times=1):
        wait_until(lambda: self.look().count(text) >= times, lambda: f"the terminal shows {self.shown!r}, not {text!r}", 30)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """@return exit code, or the signal that ended it as a negative number; and what was printed"""
        said = self.process.communicate(timeout=30)[0].decode()
        self.look()
        return self.process.returncode, said

    def is_shown(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def waiting(self):
        """How many bytes are typed that nobody has read."""
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4))[0]


ASKED = "Password of ines.innen: "


def test_the_password_is_asked_for_and_never_shown(office):
    office.make("paul.prompt")
    with Terminal(office.httpd, "lock", "10001", "paul.prompt", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        assert not terminal.is_shown() and not office.is_locked("paul.prompt")
        terminal.type("demo\n")
        assert terminal.end() == (0, "") and terminal.is_shown()
        assert "demo" not in terminal.shown
    assert office.is_locked("paul.prompt")


def test_a_wrong_password_on_the_terminal_is_refused(office):
    before = office.newest()
    with Terminal(office.httpd, "lock", "10001", "karla.kunde", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        terminal.type("falsch\n")
        code, said = terminal.end()
    assert code == 77 and "Benutzername oder Passwort ist falsch." in said and office.audit(before)[0][0] == "sign_in_refused"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_whatever_ends_it_the_terminal_shows_again_what_is_typed(office, number):
    with Terminal(office.httpd, "lock", "10001", "karla.kunde", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        terminal.type("dem")
        wait_until(lambda: not terminal.is_shown(), "the terminal shows what is typed")
        terminal.process.send_signal(number)
        assert terminal.end() == (-number, "") and terminal.is_shown()
        assert terminal.waiting() == 0, "what was half typed is left to the next who reads"
    assert not office.is_locked("karla.kunde")


def test_the_key_that_interrupts_does_so(office):
    with Terminal(office.httpd, "lock", "10001", "karla.kunde", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        terminal.type("dem\x03")
        assert terminal.end() == (-signal.SIGINT, "") and terminal.is_shown()


# What a shell does: a job of its own in the foreground, which may stop, and comes back once a line is typed.
SHELL = """import os, signal, sys
def lead():
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    lead()
    os.execvp(sys.argv[1], sys.argv[1:])
assert os.WIFSTOPPED(os.waitpid(job, os.WUNTRACED)[1])
lead()
os.write(0, b"stopped")
os.read(0, 100)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, job)
os.kill(job, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
"""


def test_who_comes_back_from_a_stop_is_asked_anew(office):
    office.make("stefan.stop")
    with Terminal(office.httpd, "lock", "10001", "stefan.stop", "--as", "ines.innen", leader=("/usr/bin/python3", "-c", SHELL)) as terminal:
        terminal.wait_for(ASKED)
        terminal.type("dem\x1a")
        terminal.wait_for("stopped")
        assert terminal.is_shown() and terminal.waiting() == 0
        terminal.type("\n")
        terminal.wait_for(ASKED, times=2)
        assert not terminal.is_shown()
        terminal.type("demo\n")
        assert terminal.end()[0] == 0 and terminal.is_shown()
    assert office.is_locked("stefan.stop")


def test_an_end_of_the_input_is_no_password(office):
    before = office.newest()
    with Terminal(office.httpd, "lock", "10001", "karla.kunde", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        terminal.type("\x04")
        code, said = terminal.end()
        assert code == 64 and "nothing was typed" in said and terminal.is_shown()
    assert office.audit(before) == []


def test_without_a_terminal_a_file_is_asked_for(office):
    done = subprocess.run([office.httpd.ctl, "access", "lock", "10001", "karla.kunde", "--as", "ines.innen", "--httpd",
                           f"apache2 -f {office.httpd.conf}"], env=ENVIRONMENT, input=b"demo\n", capture_output=True, timeout=60,
                          check=False, start_new_session=True)
    assert done.returncode == 64 and b"no terminal" in done.stderr and b"--password-file" in done.stderr
    assert not office.is_locked("karla.kunde")


# --- a second factor ---

SECRET = b"0123456789abcdefghij"


@pytest.fixture(name="factored")
def _factored(running_portal, tmp_path):
    slapd = PrivateSlapd(tmp_path, with_otp_and_argon2)
    admin, params, token = slapd.connect(), f"cn=totp,{BASE}", f"cn=token,{BASE}"
    admin.add_s(params, [("objectClass", [b"organizationalRole", b"oathTOTPParams"]), ("cn", [b"totp"]), ("oathOTPLength", [b"6"]),
                         ("oathHMACAlgorithm", [b"1.2.840.113549.2.7"]), ("oathTOTPTimeStepPeriod", [b"30"]),
                         ("oathTOTPTimeStepWindow", [b"3"])])
    admin.add_s(token, [("objectClass", [b"organizationalRole", b"oathTOTPToken"]), ("cn", [b"token"]),
                        ("oathTOTPParams", [params.encode()]), ("oathSecret", [SECRET])])
    admin.modify_s(f"uid=ines.innen,ou=people,{BASE}", [(ldap.MOD_ADD, "objectClass", [b"oathTOTPUser"]),
                                                        (ldap.MOD_ADD, "oathTOTPToken", [token.encode()])])
    admin.unbind_s()
    httpd = PrivateHttpd(running_portal, "SmvPortalRefusalTime 0\nSmvPortalSecondFactor On\n", slapd)
    yield httpd
    httpd.stop()
    slapd.stop()


def test_the_code_of_a_second_factor_is_asked_for_too(factored, tmp_path):
    password = tmp_path / "password"

    def lock(lines):
        password.write_text(lines, encoding="ascii")
        password.chmod(0o600)
        return factored.control("access", "lock", "10001", "karla.kunde", "--as", "ines.innen", "--password-file", str(password)).returncode

    assert lock("demo\n") == lock("demo\n000000\n") == 77
    earlier, now = totp(SECRET, time.time() - 30), totp(SECRET)
    assert lock(f"demo\n{earlier[:3]} {earlier[3:]}\n") == 0 and factored.sign_in("karla.kunde").answer.status_code == 403
    with Terminal(factored, "unlock", "10001", "karla.kunde", "--as", "ines.innen") as terminal:
        terminal.wait_for(ASKED)
        terminal.type("demo\n")
        terminal.wait_for("One-time code of ines.innen, if there is one: ")
        assert not terminal.is_shown()
        terminal.type(now + "\n")
        assert terminal.end() == (0, "") and now not in terminal.shown
    assert factored.sign_in("karla.kunde").answer.status_code == 303
