# SPDX-License-Identifier: Apache-2.0
"""Deliveries of German insurers (GDV) become customers and contracts of the portal."""
import contextlib
import json
import re
import shlex
import sqlite3
import subprocess

import pytest

from conftest import ROOT
from gdv import contract, delivery, holder, policy_of
from private_servers import PrivateHttpd, PrivateSlapd

SAMPLES = ROOT.parent / "shared" / "gdv"
TABLES = ("customer", "contract", "communication", "bank_account", "delivery", "imported", "imported_policy", "import_conflict")
A, B = "B-4711", "B-4712"


@pytest.fixture(name="slapd", scope="module")
def _slapd(tmp_path_factory):
    slapd = PrivateSlapd(tmp_path_factory.mktemp("slapd"))
    yield slapd
    slapd.stop()


class Office(PrivateHttpd):
    def __init__(self, portal, slapd, folder):
        super().__init__(portal, "SmvPortalCacheTime 0\n", slapd)
        self.ctl, self.place = portal.ctl, folder

    def take(self, records, *options, encoding="windows-1252", end="\n", name="bestand.txt"):
        """Import a delivery of these lines. @return exit code, what was said, and the errors"""
        path = self.place / name
        path.write_bytes("".join(line + end for line in records).encode(encoding))
        return self.run(*options, path)

    def run(self, *arguments):
        command = [self.ctl, "import", "gdv", "--httpd", shlex.join(["apache2", "-f", str(self.conf)]), "--catalogue",
                   ROOT / "conf" / "gdv-catalogue.xml", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            return database.execute(sql, values).fetchall()

    def everything(self):
        return [self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]

    def number(self, name="Import"):
        ((number,),) = self.rows("SELECT number FROM customer WHERE name = ?", name)
        return number


@pytest.fixture(name="office")
def _office(running_portal, slapd, tmp_path):
    office = Office(running_portal, slapd, tmp_path)
    yield office
    assert office.unexpected_lines() == []
    office.stop()


# --- the files of the industry ---

@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of the industry are not there")
@pytest.mark.parametrize("name,code,counts", [
    ("musterdatei_041222.txt", 0, {"records": 165, "imported": 72, "skipped": 93, "reported": 0, "policies": 14, "refused": 0}),
    ("testdatei_leben_mixed_teildatensaetze.txt", 65, {"records": 20, "imported": 9, "skipped": 10, "reported": 1, "policies": 1,
                                                       "refused": 0}),
    ("Satz0100030.txt", 65, {"records": 6, "imported": 4, "skipped": 1, "reported": 1, "policies": 1, "refused": 0}),
    ("test0820satzregistry.txt", 65, {"records": 12, "imported": 8, "skipped": 1, "reported": 3, "policies": 2, "refused": 0})])
def test_every_record_of_the_sample_files_is_accounted_for(office, name, code, counts):
    first, said, errors = office.run("--json", SAMPLES / name)
    (report,) = json.loads(said)
    assert first == code and {key: report[key] for key in counts} == counts
    assert report["records"] == report["imported"] + report["skipped"] + report["reported"]
    assert len(re.findall(r": record \d+, byte \d+: ", errors)) >= report["reported"]
    before = office.everything()
    again, said, _ = office.run(SAMPLES / name)
    assert again == code and " 0 changes, 0 rows new, 0 updated" in said
    assert office.everything() == before


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of the industry are not there")
def test_the_sample_has_fourteen_contracts_of_ten_customers(office):
    customers, contracts = office.rows("SELECT max(number) FROM customer")[0][0], office.rows("SELECT max(id) FROM contract")[0][0]
    assert office.run(SAMPLES / "musterdatei_041222.txt")[0] == 0
    assert office.rows("SELECT count(*) FROM contract WHERE id > ?", contracts) == [(14,)]
    assert office.rows("SELECT count(*) FROM customer WHERE number > ?", customers) == [(10,)]
    assert office.rows("SELECT c.name, count(*) FROM contract JOIN customer c ON c.number = customer WHERE id > ? "
                       "GROUP BY 1 HAVING count(*) > 1", contracts) == [("Fresy", 5)]
    assert office.rows("SELECT sum(premium) FROM contract WHERE id > ?", contracts) == [(480600,)], "as its trailer says"


# --- what becomes of a delivery ---

def test_a_delivery_becomes_a_customer_and_a_contract(office):
    code, said, errors = office.take(delivery([*holder(A), *policy_of(A)]), "--broker", "501")
    assert (code, errors) == (0, "") and "5 records: 5 imported, 0 known and skipped, 0 reported" in said
    number = office.number()
    assert office.rows("SELECT kind, salutation, first_name, birth_date, street, postal_code, city, broker FROM customer WHERE number = ?",
                       number) == [("person", "ms", "Ida", "1979-11-11", "Ring 1", "50825", "Köln", 501)]
    assert office.rows("SELECT number, insurer, tariff, start_date, end_date, status, premium, payment_mode FROM contract WHERE customer = ?",
                       number) == [(A, "Muster Versicherung AG", "Unfallversicherung", "2004-05-01", "2030-05-01", "active", 41141, "yearly")]
    assert office.rows("SELECT kind, value, usage FROM communication WHERE customer = ?", number) == [("phone", "0221 12345", "private")]
    assert office.sign_in("ines.innen").get(f"{office.url}/api/v1/customers/{number}/contracts", timeout=20).json()["items"][0]["number"] == A


def test_one_person_has_several_contracts(office):
    assert office.take(delivery([*holder(A), *policy_of(A), *holder(B), *policy_of(B)]))[0] == 0
    assert office.rows("SELECT count(*) FROM contract WHERE customer = ?", office.number()) == [(2,)]


def test_two_people_with_one_customer_number_are_two(office):
    """As the insurers' own files have it."""
    records = [*holder(A), *policy_of(A), *holder(B, name="Anders", born="01011950"), *policy_of(B)]
    assert office.take(delivery(records))[0] == 0
    assert office.number() != office.number("Anders")
    before = office.everything()
    assert " 0 changes" in office.take(delivery(records))[1] and office.everything() == before


def births(office, number):
    ((born,),) = office.rows("SELECT birth_date FROM customer WHERE number = ?", number)
    return born[8:] + born[5:7] + born[:4]


@pytest.mark.parametrize("name,first_name,number,broker,is_known", [
    ("Kunde", "Karla", "10001", None, True), ("Fremd", "Karla", "10001", None, False), ("Kunde", "Karl", "10001", None, False),
    ("Kunde", "Karla", "10001-1", None, False), ("Kunde", "Karla", "4711", None, False), ("Kunde", "Karla", "10001", "777", False)])
def test_who_is_a_customer_already_is_known_by_number_and_person(office, name, first_name, number, broker, is_known):  # pylint: disable=too-many-arguments
    (before,) = office.rows("SELECT count(*) FROM customer")
    records = [*holder(A, name=name, first_name=first_name, number=number, born=births(office, 10001)), *policy_of(A)]
    code, _, errors = office.take(delivery(records), *(["--broker", broker] if broker else []))
    assert code == 0
    ((owner,),) = office.rows("SELECT customer FROM contract WHERE number = ?", A)
    assert (owner == 10001) == is_known and (office.rows("SELECT count(*) FROM customer") == [before]) == is_known
    assert owner != 4711, "numbers are the portal's"
    if is_known:
        assert "street stays" in errors, "what is here goes before what an insurer says of it first"


@pytest.mark.parametrize("name,first_name,born", [("Import", "Hans", "11111979"), ("Import", "Ida", "01011950"), ("Anders", "Hans", "11111979")])
def test_relatives_under_one_number_are_several_people(office, name, first_name, born):
    records = delivery([*holder(A), *policy_of(A), *holder(B, name=name, first_name=first_name, born=born), *policy_of(B)])
    assert office.take(records)[0] == 0
    ((one,),), ((other,),) = (office.rows("SELECT customer FROM contract WHERE number = ?", number) for number in (A, B))
    assert one != other
    before = office.everything()
    assert " 0 changes" in office.take(records)[1] and office.everything() == before


def test_who_marries_stays_who_it_is(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    number = office.number()
    assert office.take(delivery([*holder(A, name="Neu"), *policy_of(A), *holder(B, name="Neu"), *policy_of(B)]))[0] == 0
    assert office.number("Neu") == number
    assert office.rows("SELECT count(*) FROM contract WHERE customer = ?", number) == [(2,)]


def test_a_firm_of_another_name_is_one_customer(office):
    """Its contracts stay where they are, and are listed."""
    def firm(name):
        return [text[:42] + "3" + text[43:225] + "00000000" + text[233:] if text[255] == "1" and text[:4] == "0100" else text
                for policy in (A, B) for text in (*holder(policy, name=name, first_name=""), *policy_of(policy))]

    office.take(delivery(firm("Acme GmbH")))
    code, _, errors = office.take(delivery(firm("Acme SE")))
    assert code == 0 and errors.count("customer stays") == 2
    assert len(office.rows("SELECT number FROM customer WHERE name = 'Acme SE'")) == 1
    assert office.rows("SELECT count(*) FROM contract WHERE customer = ?", office.number("Acme GmbH")) == [(2,)]


def test_a_number_is_never_given_again(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    number = office.number()
    for table, column in (("communication", "customer"), ("contract", "customer"), ("customer", "number")):
        office.rows(f"DELETE FROM {table} WHERE {column} = ?", number)
    office.take(delivery([*holder(B, name="Anders", customer="W9", born="01011950"), *policy_of(B)]))
    assert office.number("Anders") > number
    ((contract_id,),) = office.rows("SELECT id FROM contract WHERE number = ?", B)
    assert office.rows("SELECT count(*) FROM imported WHERE resource = 'contract' AND row = ?", contract_id) == [(1,)]


def test_what_contracts_say_otherwise_of_one_holder_is_stable(office):
    """Two bank accounts are two; of two streets the first stays."""
    def said(policy, iban, street):
        records = [*holder(policy), *policy_of(policy), contract("0100", policy, (209, iban), part="4")]
        return [text[:187] + street.ljust(30) + text[217:] if text[255] == "1" and text[:4] == "0100" else text for text in records]

    records = delivery([*said(A, "DE89370400440532013000", "Ring 1"), *said(B, "DE02120300000000202051", "Gasse 2")])
    code, said_first, _ = office.take(records)
    assert code == 0 and "1 values kept" in said_first
    number = office.number()
    assert [iban for (iban,) in office.rows("SELECT iban FROM bank_account WHERE customer = ? ORDER BY id", number)] == [
        "DE89370400440532013000", "DE02120300000000202051"]
    before = office.everything()
    assert " 0 changes" in office.take(records)[1] and office.everything() == before
    office.rows("UPDATE customer SET street = 'Platz 3', version = version + 1 WHERE number = ?", number)
    assert " 0 changes" in office.take(records)[1]
    assert office.rows("SELECT street FROM customer WHERE number = ?", number) == [("Platz 3",)]


def test_each_line_of_business_of_a_policy_is_a_contract(office):
    other = [text[:10] + "110" + text[13:] for text in policy_of(A, premium=500)]
    assert office.take(delivery([*holder(A), *policy_of(A), *other]))[0] == 0
    assert office.rows("SELECT tariff, premium FROM contract WHERE customer = ? ORDER BY premium", office.number()) == [
        ("Glasversicherung", 500), ("Unfallversicherung", 41141)]
    code, _, errors = office.take(delivery([*holder(A), *policy_of(A), *policy_of(A)]))
    assert code == 65 and "several times in one line of business" in errors


def test_what_has_ended_is_taken_back(office):
    office.take(delivery([*holder(A), *policy_of(A, status="3")]))
    assert office.rows("SELECT note, premium, end_date FROM contract WHERE number = ?", A) == [("Anwartschaft", 41141, "2030-05-01")]
    office.take(delivery([*holder(A), *policy_of(A, premium=0, end="00000000")]))
    assert office.rows("SELECT note, premium, end_date FROM contract WHERE number = ?", A) == [(None, None, None)]


def test_what_is_said_of_a_broken_address_is_nobodys(office):
    """Of somebody else who pays, whose first record is broken."""
    payer = [contract("0100", A, (43, "1"), (44, "Zahler"), (226, "45131979"), (237, "02")),
             contract("0100", A, (43, "X9".rjust(17)), (157, "10"), (159, "0221 99999"), part="2"),
             contract("0100", A, (209, "DE89370400440532013000"), part="4")]
    code, _, errors = office.take(delivery([*holder(A), *payer, *policy_of(A)]))
    assert code == 65 and "record 4, byte " in errors
    assert office.rows("SELECT value FROM communication WHERE customer = ?", office.number()) == [("0221 12345",)]
    assert office.rows("SELECT * FROM bank_account WHERE customer = ?", office.number()) == []
    assert office.rows("SELECT count(*) FROM contract WHERE customer = ?", office.number()) == [(1,)]


def test_a_conflict_ends_when_somebody_here_agrees(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    office.rows("UPDATE customer SET city = 'Aachen', version = version + 1 WHERE number = ?", office.number())
    bonn = delivery([*holder(A, city="Bonn"), *policy_of(A)])
    office.take(bonn)
    assert len(office.rows("SELECT * FROM import_conflict")) == 1
    office.rows("UPDATE customer SET city = 'Bonn', version = version + 1 WHERE number = ?", office.number())
    assert " 0 changes" in office.take(bonn)[1] and office.rows("SELECT * FROM import_conflict") == []


def test_packages_of_several_insurers_in_one_file_know_nothing_of_each_other(office):
    other = [text[:4] + "6666 " + text[9:] if text[:4] in ("0100", "0200") else text.replace("Muster Versicherung AG", "Andere Versicherung   ")
             for text in delivery([*holder(A, name="Anders", customer="W9", born="01011950"), *policy_of(A)])]
    empty = delivery([])
    code, said, errors = office.take([*delivery([*holder(A), *policy_of(A)]), *empty, *other], "--strict")
    assert code == 0, said + errors
    assert office.rows("SELECT c.name, insurer FROM contract JOIN customer c ON c.number = customer WHERE contract.number = ? ORDER BY id", A) == [
        ("Import", "Muster Versicherung AG"), ("Anders", "Andere Versicherung")]


def test_a_newer_delivery_updates_what_nobody_changed(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    number = office.number()
    code, said, _ = office.take(delivery([*holder(A, city="Bonn"), *policy_of(A, premium=50000, status="4")]))
    assert code == 0 and " 2 changes, 0 rows new, 2 updated" in said
    assert office.rows("SELECT city, version FROM customer WHERE number = ?", number) == [("Bonn", 2)]
    assert office.rows("SELECT premium, status, version FROM contract WHERE customer = ?", number) == [(50000, "cancelled", 2)]


def test_what_changes_nothing_needs_nobody_to_wait(office):
    records = [*holder(A), *policy_of(A), *holder(B), *policy_of(B)]
    office.take(delivery(records, as_of="31012026"))
    with contextlib.closing(sqlite3.connect(office.database, timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, said, errors = office.take(delivery(records, as_of="31012026"))
        other.execute("ROLLBACK")
    assert (code, errors) == (0, "") and "2 policies: 0 changes" in said and "6 as they were" in said
    code, said, _ = office.take(delivery([*holder(A, city="Bonn"), *policy_of(A), *holder(B), *policy_of(B)], as_of="28022026"))
    assert code == 0 and "2 policies: 1 changes" in said
    assert office.rows("SELECT DISTINCT as_of FROM imported_policy") == [("2026-02-28",)], "also of what is as it was"


def test_an_older_delivery_behind_a_newer_one_changes_nothing(office):
    office.take(delivery([*holder(A), *policy_of(A)], as_of="31012026"))
    office.take(delivery([*holder(A), *policy_of(A)], as_of="31032026"))
    before = office.everything()
    late = [*holder(A, city="Bonn"), *policy_of(A, premium=50000), *holder(B), *policy_of(B)]
    code, said, errors = office.take(delivery(late, as_of="28022026"))
    assert code == 0 and "1 older" in said and "this is as of 2026-02-28, and what was taken as of 2026-03-31" in errors
    assert office.rows("SELECT city FROM customer WHERE number = ?", office.number()) == [("Köln",)]
    assert office.rows("SELECT number, premium FROM contract WHERE customer = ? ORDER BY id", office.number()) == [(A, 41141), (B, 41141)], \
        "what is new in it is taken"
    assert office.everything() != before
    before = office.everything()
    assert " 0 changes" in office.take(delivery(late, as_of="28022026"))[1] and office.everything() == before
    assert " 2 changes" in office.take(delivery([*holder(A, city="Bonn"), *policy_of(A, premium=50000)], as_of="31032026"))[1], "of the same day"
    for unknown in ("        ", "31022026", "abcdefgh"):
        assert " 2 changes" in office.take(delivery([*holder(A, city=f"Ort {unknown}"), *policy_of(A, premium=len(unknown) * 1000 + ord(unknown[3]))],
                                                    as_of=unknown))[1], "whose day nobody knows"


def test_what_the_customer_changed_meanwhile_stays_and_is_listed_until_both_agree(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    number, staff = office.number(), office.sign_in("ines.innen")
    changed = staff.patch(f"{office.url}/api/v1/customers/{number}", json={"city": "Aachen"}, headers={"If-Match": '"1"'}, timeout=20)
    assert changed.status_code == 200
    assert " 0 changes" in office.take(delivery([*holder(A), *policy_of(A)]))[1], "said before"
    code, said, errors = office.take(delivery([*holder(A, city="Bonn"), *policy_of(A)]))
    assert code == 0 and "1 values kept" in said
    assert f'customer {number}: customer {number}: city stays "Aachen"; delivered is "Bonn"' in errors
    assert office.rows("SELECT city FROM customer WHERE number = ?", number) == [("Aachen",)]
    assert office.rows("SELECT resource, field, value FROM import_conflict") == [("customer", "city", "Bonn")]
    assert "0 values kept" in office.take(delivery([*holder(A, city="Bonn"), *policy_of(A)]))[1], "listed once"
    office.take(delivery([*holder(A, city="Aachen"), *policy_of(A)]))
    assert office.rows("SELECT * FROM import_conflict") == []


def test_what_was_deleted_here_stays_deleted(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    ((row,),) = office.rows("SELECT id FROM communication WHERE customer = ?", office.number())
    staff = office.sign_in("ines.innen")
    assert staff.delete(f"{office.url}/api/v1/communications/{row}", headers={"If-Match": '"1"'}, timeout=20).status_code == 204
    assert " 0 changes" in office.take(delivery([*holder(A), *policy_of(A)]))[1]
    assert office.rows("SELECT * FROM communication WHERE customer = ?", office.number()) == []


def test_a_contract_that_is_not_delivered_any_more_stays(office):
    office.take(delivery([*holder(A), *policy_of(A), *holder(B), *policy_of(B)]))
    office.take(delivery([*holder(A), *policy_of(A)]))
    assert office.rows("SELECT count(*) FROM contract WHERE customer = ?", office.number()) == [(2,)]


def test_a_contract_stays_with_its_customer(office):
    office.take(delivery([*holder(A), *policy_of(A)]))
    code, _, errors = office.take(delivery([*holder(A, name="Erbe", customer="W99", born="01011990"), *policy_of(A)]))
    assert code == 0 and "customer stays" in errors
    assert office.rows("SELECT customer FROM contract WHERE number = ?", A) == [(office.number(),)]


@pytest.mark.parametrize("encoding", ["windows-1252", "cp850", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_character_sets_and_line_ends_are_recognised(office, encoding, end):
    assert office.take(delivery([*holder(A), *policy_of(A)]), encoding=encoding, end=end)[0] == 0
    assert office.rows("SELECT city FROM customer WHERE number = ?", office.number()) == [("Köln",)]


def test_a_character_set_may_be_given(office):
    records = delivery([*holder(A), *policy_of(A)])
    assert office.take(records, "--charset", "cp437", encoding="cp437")[0] == 0
    assert office.rows("SELECT city FROM customer WHERE number = ?", office.number()) == [("Köln",)]
    code, _, errors = office.take(records, "--charset", "ebcdic")
    assert code == 64 and "--charset ebcdic: CP437, CP850" in errors


# --- what is wrong ---

def broken():
    records = delivery([*holder(A), *policy_of(A), *holder(B, name="Anders", customer="W9", born="01011950"), *policy_of(B)])
    records[3] = records[3][:43] + "01132004" + records[3][51:]  # month 13
    return records


def test_a_broken_record_is_named_and_stops_nothing(office):
    code, said, errors = office.take(broken())
    assert code == 65 and re.search(r'bestand\.txt: record 4, byte 46: start_date is "01132004", which is no date', errors), errors
    assert "1 reported" in said
    assert office.rows("SELECT number FROM contract WHERE insurer LIKE 'Muster Versicherung AG' AND number IN (?, ?)", A, B) == [(B,)]


def test_strict_takes_nothing_of_a_package_in_which_anything_is_wrong(office):
    before = office.everything()
    code, said, _ = office.take([*broken(), *delivery([*holder("C", name="Gut", customer="W8"), *policy_of("C")])], "--strict")
    assert code == 65 and "1 of 2 packages not taken" in said
    assert office.rows("SELECT number FROM contract WHERE number IN (?, ?, 'C')", A, B) == [("C",)]
    assert office.everything()[0][:len(before[0])] == before[0]


def test_a_contract_that_the_schema_refuses_is_left_out_alone(office):
    with contextlib.closing(sqlite3.connect(office.database)) as database, database:
        database.execute("CREATE TRIGGER firm_rule BEFORE INSERT ON contract WHEN new.premium = 666 BEGIN "
                         "SELECT RAISE(ABORT, 'not with us'); END")
    records = [*holder(A), *policy_of(A, premium=666), *holder(B, name="Anders", customer="W9", born="01011950"), *policy_of(B)]
    code, said, errors = office.take(delivery(records))
    assert code == 65 and "record 2: its contract is left out: not with us" in errors and "1 policies left out" in said
    assert office.rows("SELECT number FROM contract WHERE number IN (?, ?)", A, B) == [(B,)]
    assert office.rows("SELECT * FROM customer WHERE name = 'Import'") == []
    before = office.everything()
    records = [*holder("D", name="Dora", customer="W7"), *policy_of("D"), *records]
    code, said, _ = office.take(delivery(records), "--strict")
    assert code == 65 and "1 of 1 packages not taken" in said and office.everything() == before


def test_a_contract_without_its_holder_is_reported(office):
    code, said, errors = office.take(delivery(policy_of(A)))
    assert code == 65 and "record 2: its contract is left out: nobody is said to hold it" in errors and "1 policies left out" in said


def test_a_wrong_trailer_is_reported(office):
    code, _, errors = office.take(delivery([*holder(A), *policy_of(A)], premium=1))
    assert code == 65 and "the trailer says 0.01 of net premiums, its package has 411.41" in errors
    assert office.number()


def test_unknown_records_are_reported(office):
    code, _, errors = office.take(delivery([*holder(A), *policy_of(A), contract("0820", A)]))
    assert code == 65 and 'there is no record type "0820"' in errors and office.number()


def test_a_file_that_is_not_there_is_named(office):
    code, _, errors = office.run(office.place / "nowhere.txt")
    assert code == 66 and "nowhere.txt" in errors


def test_while_somebody_writes_it_waits(office):
    with contextlib.closing(sqlite3.connect(office.database)) as database:
        database.execute("BEGIN IMMEDIATE")
        path = office.place / "wait.txt"
        path.write_text("\n".join(delivery([*holder(A), *policy_of(A)])), encoding="windows-1252")
        command = [office.ctl, "import", "gdv", "--httpd", shlex.join(["apache2", "-f", str(office.conf)]), "--catalogue",
                   ROOT / "conf" / "gdv-catalogue.xml", path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1)
            database.rollback()
            assert "3 rows new" in process.communicate(timeout=60)[0]
