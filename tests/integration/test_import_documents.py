# SPDX-License-Identifier: Apache-2.0
"""Delivered documents, with an index or as transfers of BiPRO, become documents of customers, or wait to be assigned."""
import contextlib
import hashlib
import json
import os
import shlex
import sqlite3
import stat
import subprocess
import urllib.parse

import pytest

from bipro import file, message, multipart, pdf, transfer, zipped
from conftest import ROOT
from gdv import delivery, holder, policy_of
from private_servers import PrivateHttpd, wait_until

INSURER = "Musterversicherung AG"
TABLES = ("document", "unassigned_document", "imported_document", "delivery")


class Office(PrivateHttpd):
    def __init__(self, portal, folder, lines=""):
        super().__init__(portal, lines)
        self.place = folder
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            for customer, contract, number, insurer in ((10001, 9001, "B-1", INSURER), (10001, 9002, "B/2 77", INSURER),
                                                        (20001, 9003, "B-3", INSURER), (20001, 9004, "B-9", "Andere AG"),
                                                        (10001, 9005, "B-9", INSURER), (20001, 9006, "B-1000", "Andere AG"),
                                                        (20001, 9007, "-", INSURER), (20001, 9998, "MANY", INSURER),
                                                        *((10001, 9100 + n, "many", INSURER) for n in range(50))):
                database.execute("INSERT INTO contract (customer, id, number, insurer, status) VALUES (?, ?, ?, ?, 'active')",
                                 (customer, contract, number, insurer))
            self.first = database.execute("SELECT max(id) FROM document").fetchone()[0]
        self.beginning = sqlite3.connect(":memory:")
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            database.backup(self.beginning)

    def begin_anew(self, folder):
        """With the database as it was."""
        self.place = folder
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database:
            self.beginning.backup(database)

    def run(self, *arguments, command="documents"):
        done = subprocess.run([self.ctl, "import", command, "--httpd", shlex.join(["apache2", "-f", str(self.conf)]), *arguments],
                              capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            return database.execute(sql, values).fetchall()

    def everything(self):
        return [self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]

    def new(self, columns="name, customer, contract"):
        return self.rows(f"SELECT {columns} FROM document WHERE id > ? ORDER BY id", self.first)

    def waiting(self, columns="name, reason"):
        return self.rows(f"SELECT {columns} FROM unassigned_document ORDER BY id")

    def index(self, *lines, columns="file,customer,contract", files=("a.pdf",), options=(), encoding="utf-8", end="\n"):
        """Import an index of these lines, with files that are beside it."""
        for name in files:
            (self.place / name).write_bytes(pdf(name))
        (self.place / "index.csv").write_bytes((end.join([columns, *lines]) + end).encode(encoding))
        return self.run(*options, self.place / "index.csv")

    def transfer(self, data, *options, insurer=INSURER, name="shipment.xml"):
        (self.place / name).write_bytes(data)
        return self.run(*options, "--insurer", insurer, self.place / name)


@pytest.fixture(name="offices", scope="module")
def _offices(running_portal, tmp_path_factory):
    office = Office(running_portal, tmp_path_factory.mktemp("offices"))
    yield office
    office.stop()


@pytest.fixture(name="office")
def _office(offices, tmp_path):
    offices.begin_anew(tmp_path)
    yield offices
    assert offices.unexpected_lines() == []


# --- an index ---

def test_documents_become_those_of_a_customer_or_a_contract(office):
    said = office.index("a.pdf,10001,", "b.pdf,,B-1", "c.pdf,10001,b277", files=("a.pdf", "b.pdf", "c.pdf"), options=("--insurer", INSURER))
    assert said == (0, "index.csv: 3 documents: 3 assigned, 0 unassigned, 0 known already, 0 left out, 0 reported; 3 changes\n", "")
    assert office.new() == [("a.pdf", 10001, None), ("b.pdf", 10001, 9001), ("c.pdf", 10001, 9002)]
    assert office.rows("SELECT document_count FROM contract WHERE id = 9001") == [(1,)]
    assert office.rows("SELECT kind, file, created FROM delivery") == [("index", "index.csv", 3)]
    karla = office.sign_in("karla.kunde")
    listed = karla.get(f"{office.url}/api/v1/customers/10001/documents?q=b.pdf", timeout=20).json()["items"]
    assert [(each["name"], each["contract_number"], each["kind"], each["added_by"]) for each in listed] == [("b.pdf", "B-1", "other", None)]
    assert karla.get(f"{office.url}/documents/{listed[0]['id']}/content", timeout=20).content == pdf("b.pdf")


def test_the_files_are_httpds_and_nobody_elses(office):
    owner = os.stat(office.documents).st_uid
    assert office.index("a.pdf,10001,")[0] == 0
    digest = hashlib.sha256(pdf("a.pdf")).hexdigest()
    for path, mode in ((office.documents / digest[:2], 0o700), (office.documents / digest[:2] / digest, 0o600),
                       (office.documents / "incoming", 0o700)):
        assert os.stat(path).st_uid == owner and stat.S_IMODE(os.stat(path).st_mode) == mode
    assert os.listdir(office.documents / "incoming") == []


def test_an_index_says_what_a_document_is(office):
    code, _, errors = office.index("b.pdf;10001;Rechnung;24.12.2025;\"Beitrag \"\"2026\"\"; ä.pdf\"", columns="file;customer;kind;date;name",
                                   files=("b.pdf",), encoding="windows-1252", end="\r\n")
    assert (code, errors) == (0, "")
    assert office.new("name, kind, date, media_type, added_by") == [('Beitrag "2026"; ä.pdf', "invoice", "2025-12-24", "application/pdf", None)]


def test_the_same_delivery_again_changes_nothing(office):
    lines = ("a.pdf,10001,", "b.pdf,,B-404")
    assert office.index(*lines, files=("a.pdf", "b.pdf"))[0] == 0
    before = office.everything()
    code, said, errors = office.index(*lines, files=("a.pdf", "b.pdf"))
    assert (code, errors) == (0, "") and "2 known already" in said and said.endswith("; 0 changes\n")
    assert office.everything() == before


def test_one_document_in_other_words_is_one(office):
    for line in (f"a.pdf,,B-1,{INSURER}", f"a.pdf,,b1,{INSURER.upper()}", f"a.pdf,10001,B 1,"):
        assert office.index(line, columns="file,customer,contract,insurer")[0] == 0
    assert office.new() == [("a.pdf", 10001, 9001)]
    assert office.index("a.pdf,,-,", columns="file,customer,contract,insurer")[0] == 0
    assert office.index("a.pdf,,,", columns="file,customer,contract,insurer")[0] == 0
    assert [reason for _, reason in office.waiting()] == ["unknown_contract", "nothing_said"], "a stroke is not nothing"


def test_a_content_that_was_lost_is_there_again(office):
    assert office.index("a.pdf,10001,")[0] == 0
    digest = hashlib.sha256(pdf("a.pdf")).hexdigest()
    (office.documents / digest[:2] / digest).unlink()
    assert "1 known already" in office.index("a.pdf,10001,")[1]
    assert (office.documents / digest[:2] / digest).read_bytes() == pdf("a.pdf")


def test_what_was_deleted_here_does_not_come_back(office):
    office.index("a.pdf,10001,")
    ((document,),) = office.new("id")
    staff = office.sign_in("ines.innen")
    answer = staff.delete(f"{office.url}/api/v1/documents/{document}", headers={"If-Match": '"1"'}, timeout=20)
    assert answer.status_code == 204
    assert "0 changes" in office.index("a.pdf,10001,")[1] and office.new() == []


@pytest.mark.parametrize("customer,contract,insurer,reason", [
    ("", "", "", "nothing_said"), ("4711", "", "", "unknown_customer"), ("0", "", "", "unknown_customer"),
    ("10001x", "", "", "unknown_customer"), ("-10001", "", "", "unknown_customer"), ("", "-", INSURER, "unknown_contract"),
    ("", "B-1", "", "no_insurer"), ("", "B-1", "0000", "other_insurer"), ("10001", ". /", "", "unknown_contract"), ("", "B-27/7", INSURER, "unknown_contract"),
    ("", "MANY", INSURER, "ambiguous"), ("10001", "MANY", INSURER, "ambiguous"), ("99999999999999999999", "", "", "unknown_customer"), ("4711", "B-1", "", "unknown_customer"),
    ("", "B-404", "", "unknown_contract"), ("10001", "B-404", "", "unknown_contract"), ("20001", "B-1", "", "other_customer"),
    ("", "B-1", "Andere AG", "other_insurer"), ("", "B-1", "5342", "other_insurer"), ("", "B-9", "", "ambiguous")])
def test_what_is_not_certain_waits_for_somebody_who_knows(office, customer, contract, insurer, reason):  # pylint: disable=too-many-arguments
    code, said, errors = office.index(f"a.pdf,{customer},{contract},{insurer},Ein Brief",
                                      columns="file,customer,contract,insurer,title")
    assert code == 0 and "0 assigned, 1 unassigned" in said and said.endswith("; 1 changes\n")
    assert f'index.csv:2: "a.pdf" waits to be assigned ({reason})' in errors
    assert office.new() == []
    assert office.waiting("name, reason, title, said_customer, said_contract, said_insurer, dismissed_time") == [
        ("a.pdf", reason, "Ein Brief", customer or None, contract or None, insurer or None, None)]


def test_the_insurer_tells_contracts_of_one_number_apart(office):
    columns = "file,contract,insurer"
    assert office.index(f"a.pdf,B-9,{INSURER.upper()}", columns=columns)[0] == 0
    assert office.index("b.pdf,B-9,", columns=columns, files=("b.pdf",), options=("--insurer", "Andere AG"))[0] == 0
    assert office.new() == [("a.pdf", 10001, 9005), ("b.pdf", 20001, 9004)]


def test_the_customer_tells_contracts_of_one_number_apart(office):
    assert office.index("a.pdf,20001,B-9")[0] == 0
    assert office.new() == [("a.pdf", 20001, 9004)]


@pytest.mark.parametrize("number,is_it", [("b-2-77", True), ("B277", True), ("B 2/77.", True), ("b 277", False), ("B2 77", False)])
def test_numbers_written_in_other_groups_are_those_of_other_policies(office, number, is_it):
    """The contract has B/2 77, which may be written in no groups as well."""
    assert office.index(f"a.pdf,,{number},{INSURER}", columns="file,customer,contract,insurer")[0] == 0
    assert office.new("contract") == ([(9002,)] if is_it else []) and len(office.waiting()) == (not is_it)


@pytest.mark.parametrize("insurer,is_sure", [("5342", True), ("05342", True), ("5343", False), ("Muster Versicherung AG", True)])
def test_an_insurer_is_known_by_the_number_that_its_records_came_with(office, insurer, is_sure):
    records = office.place / "bestand.txt"
    records.write_text("".join(line + "\n" for line in delivery([*holder("G-1"), *policy_of("G-1")])), encoding="windows-1252")
    assert office.run("--catalogue", ROOT / "conf" / "gdv-catalogue.xml", records, command="gdv")[0] == 0
    assert office.transfer(message(transfer(file(pdf("g"), "g.pdf"), contract="G 1")), insurer=insurer)[0] == 0
    ((customer, contract),) = office.rows("SELECT customer, id FROM contract WHERE number = 'G-1'")
    assert (office.new() == [("g.pdf", customer, contract)]) == is_sure
    assert (office.waiting() == [("g.pdf", "other_insurer")]) != is_sure


@pytest.mark.parametrize("line,word", [
    ("missing.pdf,10001,", "missing.pdf: No such file"), ("../outside.pdf,10001,", "not in the folder of the index"),
    ("/etc/passwd,10001,", "not in the folder of the index"), ("sub/../../x.pdf,10001,", "not in the folder of the index"),
    (",10001,", "names no file"), ("a.pdf,10001", "another number of values"), ("a.pdf,10001,,", "another number of values"),
    ('a.pdf,"10001,', "a quote is not ended"), ('"a.pdf"x,10001,', "behind a quote"), ("a.pdf,100\x0101,", "control characters"),
    ("empty.pdf,10001,", "empty"), ("program.pdf,10001,", "not allowed"), ("picture.pdf,10001,", "another extension")])
def test_what_is_wrong_is_named_by_its_line_and_stops_nothing_else(office, line, word):
    (office.place.parent / "outside.pdf").write_bytes(pdf("outside"))
    (office.place / "empty.pdf").write_bytes(b"")
    (office.place / "program.pdf").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(100))
    (office.place / "picture.pdf").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + bytes(40))
    lines = ["b.pdf,10001,", line] if "not ended" in word else ["b.pdf,10001,", line, "c.pdf,20001,"]
    code, said, errors = office.index(*lines, files=("a.pdf", "b.pdf", "c.pdf"))
    assert code == 65 and "1 reported" in said
    assert errors.startswith("index.csv:3: ") and word in errors and errors.count("\n") == 1
    assert [name for name, _, _ in office.new()] == ["b.pdf", "c.pdf"][:len(lines) - 1 if len(lines) > 2 else 1]
    assert office.waiting() == [] and os.listdir(office.documents / "incoming") == []


@pytest.mark.parametrize("value,column,word", [("Quittung", "kind", 'no kind "Quittung"'), ("31.02.2025", "date", 'is no date'),
                                               ("2025-13-01", "date", "is no date"), ("x/y.pdf", "name", "Ordner"), ("y.docx", "name", "another extension")])
def test_values_that_are_none_are_named(office, value, column, word):
    code, _, errors = office.index(f"a.pdf,10001,{value}", columns=f"file,customer,{column}")
    assert code == 65 and word in errors and office.new() == []


@pytest.mark.parametrize("columns,word", [("file,kunde", 'no column "kunde"'), ("customer", '"file" is missing'),
                                          ("file,File", "two columns"), ('"file', "must be named")])
def test_columns_that_are_not_known_are_named_before_anything_is_taken(office, columns, word):
    code, said, errors = office.index("a.pdf,10001", columns=columns)
    assert code == 65 and "index.csv: line 1: " in errors and word in errors and "0 documents" in said and office.new() == []


def test_what_is_too_large_is_named(running_portal, tmp_path):
    office = Office(running_portal, tmp_path, "SmvPortalUploadMaxSize 1")
    try:
        (tmp_path / "large.pdf").write_bytes(pdf("large", size=(1 << 20) + 1))
        code, _, errors = office.index("large.pdf,10001,", "a.pdf,10001,")
        assert code == 65 and "index.csv:2: a file of more than 1048576 bytes" in errors
        data = message(transfer(file(pdf("large", size=1200000), "l.pdf"), contract="B-1"), transfer(file(pdf("b"), "b.pdf"), contract="B-1"))
        code, _, errors = office.transfer(data)
        assert code == 65 and "more than 1048576 bytes" in errors
        assert office.new() == [("a.pdf", 10001, None), ("b.pdf", 10001, 9001)]
        code, _, errors = office.transfer(message(transfer(file(pdf("huge", size=3 << 20), "h.pdf"), contract="B-1")))
        assert code == 65 and "something in it is larger than it may be" in errors
        assert os.listdir(office.documents / "incoming") == []
    finally:
        office.stop()


def test_where_viruses_cannot_be_looked_for_nothing_is_taken(running_portal, tmp_path):
    office = Office(running_portal, tmp_path, f"SmvPortalClamd {tmp_path}/no-clamd")
    try:
        code, _, errors = office.index("a.pdf,10001,")
        assert code not in (0, 65) and "clamd" in errors and office.new() == [] and office.waiting() == []
    finally:
        office.stop()


def test_what_waits_is_assigned_in_the_portal(office):
    """From the delivery to the customer, by a person who knows."""
    assert office.transfer(message(transfer(file(pdf("1"), "a.pdf", "Nachtrag", "Nachtrag"), contract="B-404")))[0] == 0
    staff = office.sign_in("ines.innen")
    (waiting,) = staff.get(f"{office.url}/api/v1/unassigned-documents", timeout=20).json()["items"]
    assert (waiting["name"], waiting["reason"], waiting["said_contract"], waiting["title"]) == ("Nachtrag.pdf", "unknown_contract", "B-404", "Nachtrag")
    answer = staff.post(f"{office.url}/api/v1/unassigned-documents/{waiting['id']}/assign", timeout=20,
                        json={"customer": "10001", "contract": "9001", "kind": "policy"})
    assert answer.status_code == 201 and office.waiting() == []
    karla = office.sign_in("karla.kunde")
    (listed,) = karla.get(f"{office.url}/api/v1/customers/10001/documents?q=nachtrag", timeout=20).json()["items"]
    assert listed["contract_number"] == "B-1"
    assert karla.get(f"{office.url}/documents/{listed['id']}/content", timeout=20).content == pdf("1")
    before = office.everything()
    assert office.transfer(message(transfer(file(pdf("1"), "a.pdf", "Nachtrag", "Nachtrag"), contract="B-404")))[1].endswith("; 0 changes\n")
    assert office.everything() == before


# --- transfers of BiPRO ---

def test_documents_within_a_transfer(office):
    data = message(transfer(file(pdf("1"), "D4711.pdf", "Versicherungsschein", "Police", date="2026-10-30T10:00:00"), contract="B-1"),
                   transfer(file(pdf("2"), "D4712.pdf", kind="AVB"), file(pdf("3"), title="Beitrag 2026/27"), contract="b277",
                            category="140013001"), category="100005000")
    code, said, errors = office.transfer(data)
    assert (code, errors) == (0, "") and said == ("shipment.xml: 3 documents: 3 assigned, 0 unassigned, 0 known already, 0 left out, "
                                                  "0 reported; 3 changes\n")
    assert office.new("name, kind, date, contract") == [("Versicherungsschein.pdf", "policy", "2026-10-30", 9001),
                                                        ("D4712.pdf", "terms", "2026-11-02", 9002),
                                                        ("Beitrag 2026-27.pdf", "invoice", "2026-11-02", 9002)]
    assert office.rows("SELECT kind, file FROM delivery") == [("bipro", "shipment.xml")]
    ((document,),) = office.rows("SELECT id FROM document WHERE name = 'D4712.pdf'")
    assert office.sign_in("karla.kunde").get(f"{office.url}/documents/{document}/content", timeout=20).content == pdf("2")
    before = office.everything()
    assert office.transfer(data)[1].endswith("; 0 changes\n") and office.everything() == before


def test_compressed_contents(office):
    (office.place / "beside.zip").write_bytes(zipped(x=pdf("2")))
    data = message(transfer(file(zipped(x=pdf("1")), "D1.zip", "Police", packed="ZIP"), file(name="D2.zip", link="beside.zip", packed="ZIP"), contract="B-1"))
    assert office.transfer(data)[0] == 0 and os.listdir(office.documents / "incoming") == []
    assert office.new("name, content_hash") == [(name, hashlib.sha256(pdf(text)).hexdigest()) for name, text in (("Police.pdf", "1"), ("D2.pdf", "2"))]


@pytest.mark.parametrize("category,kind", [("100007000", "policy"), ("120010111", "policy"), ("120009000", "letter"), ("140013000", "invoice"),
                                           ("140012021", "letter"), ("150013010", "letter"), ("000000000", "other")])
def test_categories_say_what_documents_are(office, category, kind):
    assert office.transfer(message(transfer(file(pdf("1"), "a.pdf"), contract="B-1", category=category)))[0] == 0
    assert office.new("kind") == [(kind,)]


@pytest.mark.parametrize("files,category,word", [
    ([file(pdf("1"), "a.pdf", kind="InternesDokumentFuerVermittler")], "100007000", "for the broker"),
    ([file(pdf("1"), "a.pdf", kind="Police")], "170000000", "for the broker"), ([file(pdf("1"), "a.pdf")], "200010000", "for the broker"),
    ([file(pdf("1"), "a.pdf", of="Nettodaten")], "100007000", "data, no document")])
def test_what_is_not_for_customers_is_left_out(office, files, category, word):
    code, said, errors = office.transfer(message(transfer(*files, contract="B-1", category=category)))
    assert code == 0 and "1 left out, 0 reported; 0 changes" in said and word in errors
    assert office.new() == [] and office.waiting() == []


def test_contents_beside_the_message(office):
    (office.place / "beside.pdf").write_bytes(pdf("beside"))
    (office.place / "part@insurer.pdf").write_bytes(pdf("part"))
    data = message(transfer(file(name="a.pdf", link="beside.pdf"), file(name="b.pdf", reference="part%40insurer.pdf"), file(name="beside.pdf"),
                            contract="B-1"))
    code, said, errors = office.transfer(data)
    assert (code, errors) == (0, "") and "2 assigned, 0 unassigned, 1 known already" in said
    assert office.new("name, content_hash") == [(name, hashlib.sha256(pdf(text)).hexdigest()) for name, text in (("a.pdf", "beside"), ("b.pdf", "part"))]


@pytest.mark.parametrize("head", [b"", b"\r\n", b'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="application/xop+xml";\r\n boundary="uuid:4711"\r\n\r\n'])
def test_attachments_of_the_message(office, head):
    """As services send them: contents of any bytes, which may look like ends of lines and boundaries."""
    content = pdf("1") + b"\r\n--uuid:4710\r\n\n--uuid\x00\r\n\r\n"
    xml = message(transfer(file(name="a.pdf", reference="1%40x"), file(name="b.pdf", reference="2%40x"), contract="B-1"))
    code, _, errors = office.transfer(multipart(xml, [("1@x", content), ("2@x", pdf("2"))], head), name="answer.mtom")
    assert (code, errors) == (0, "")
    assert office.new("name, content_hash") == [("a.pdf", hashlib.sha256(content).hexdigest()), ("b.pdf", hashlib.sha256(pdf("2")).hexdigest())]


@pytest.mark.parametrize("files,word", [
    ([file(name="a.pdf", link="https://insurer.example/a.pdf")], "not fetched"), ([file(name="a.pdf", link="../outside.pdf")], "not in the folder"),
    ([file(name="a.pdf", reference="..%2Foutside.pdf")], "not in the folder"), ([file(name="a.pdf", reference="404")], "No such file"),
    ([file()], "no content"), ([file("!!!!", "a.pdf")], "no base64"), ([file("JVBERi0xLjQ-", "a.pdf")], "no base64"), ([file("JVBERi0xLj", "a.pdf")], "no base64"),
    ([file(pdf("1"), "a.pdf", packed="ZIP")], "its ZIP cannot be read"), ([file(zipped(), "a.zip", packed="ZIP")], "it has no file"),
    ([file(zipped(a=pdf("1"), b=pdf("3")), "a.zip", packed="ZIP")], "several files"), ([file(zipped(a=b""), "a.zip", packed="ZIP")], "empty"),
    ([file(zipped(a=pdf("1", size=1000))[:100], "a.zip", packed="ZIP")], "its ZIP cannot be read"),
    ([file(zipped(a=bytes(30 << 20)), "a.zip", packed="ZIP")], "more than 26214400 bytes"), ([file(b"\x7fELF\x02\x01\x01" + bytes(99), "a.pdf")], "not allowed")])
def test_contents_that_are_none_are_named_by_their_line(office, files, word):
    (office.place.parent / "outside.pdf").write_bytes(pdf("outside"))
    code, said, errors = office.transfer(message(transfer(*files, contract="B-1"), transfer(file(pdf("2"), "b.pdf"), contract="B-1")))
    assert code == 65 and "1 assigned" in said and "1 reported" in said and errors.startswith("shipment.xml:") and word in errors
    assert office.new() == [("b.pdf", 10001, 9001)] and os.listdir(office.documents / "incoming") == []


def test_files_beside_are_no_links_and_no_pipes(office):
    secret = office.place.parent / "secret"
    secret.mkdir(exist_ok=True)
    (secret / "s.pdf").write_bytes(pdf("secret"))
    (office.place / "sub").symlink_to(secret)
    (office.place / "link.pdf").symlink_to(secret / "s.pdf")
    (office.place / "folder.pdf").mkdir()
    os.mkfifo(office.place / "pipe.pdf")
    names = ("sub/s.pdf", "link.pdf", "folder.pdf", "pipe.pdf")
    code, said, errors = office.index(*(f"{name},10001," for name in names), "a.pdf,10001,")
    assert code == 65 and "1 assigned" in said and "4 reported" in said and office.new() == [("a.pdf", 10001, None)]
    assert errors.count("is a link or no folder") == 2 and errors.count("it is no file") == 2
    code, _, errors = office.transfer(message(*(transfer(file(name=name), contract="B-1") for name in names[1:])))
    assert code == 65 and errors.count("link or no folder") == 1 and errors.count("it is no file") == 2 and len(office.new()) == 1


def test_root_is_led_nowhere_by_httpds_user(office):
    """Who has the documents' folder may put links into it."""
    target = office.place / "of-root"
    target.mkdir()
    target.chmod(0o755)
    digest = hashlib.sha256(pdf("a.pdf")).hexdigest()
    place = office.documents / digest[:2]
    if place.exists():
        place.rename(office.documents / "aside")
    place.symlink_to(target)
    code, _, errors = office.index("a.pdf,10001,")
    place.unlink()
    assert os.geteuid() != 0 or (os.listdir(target) == [] and code == 74 and "cannot keep" in errors and office.new() == [])


def test_parts_of_one_name_are_refused(office):
    xml = message(transfer(file(name="a.pdf", reference="1"), contract="B-1"))
    code, _, errors = office.transfer(multipart(xml, [("1", pdf("1")), ("1", pdf("2"))]))
    assert code == 65 and "two parts have the Content-ID 1" in errors and office.new() == []
    code, _, errors = office.transfer(message(transfer(file(name="a.pdf", reference=""), contract="B-1")).replace(b'href=""', b'href="cid:"'))
    assert code == 65 and office.new() == []


def test_what_stands_in_an_attachment_is_no_header(office):
    mail = b"Content-Transfer-Encoding: base64\r\nFrom: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nText\r\n"
    data = multipart(message(transfer(file(name="a.txt", reference="1"), contract="B-1")), [])
    end = data.rindex(b"--uuid:4711--")
    data = data[:end] + b"--uuid:4711\r\nContent-ID: <1>\r\n\r\n" + mail + b"\r\n" + data[end:]
    assert office.transfer(data)[0] == 0
    assert office.new("content_hash") == [(hashlib.sha256(mail).hexdigest(),)]


def test_lines_are_those_of_the_whole_message(office):
    data = multipart(message(transfer(file(name="a.pdf", reference="404"), contract="B-1")), [])
    line = next(n for n, text in enumerate(data.split(b"\n"), 1) if b"<a:Datei>" in text)
    assert f"shipment.xml:{line}: " in office.transfer(data)[2]


def test_an_umlaut_in_a_zip(office):
    assert office.transfer(message(transfer(file(zipped(**{"Übersicht": pdf("1")}), "a.zip", packed="ZIP"), contract="B-1")))[0] == 0
    assert office.new("name") == [("a.pdf",)]


@pytest.mark.parametrize("inner,word", [
    ("<a:Daten>JVBERi0x</a:Daten><a:Daten>JVBERi0y</a:Daten>", "several contents"), ("<a:Daten>JVBE==<!-- -->bW9yZQ==</a:Daten>", "no base64"),
    ('<a:Daten><xop:Include href="cid:&#x9b;1"/></a:Daten>', "control characters"), ("<x>" * 70 + "</x>" * 70, "nested too deep"),
    ("<x " + " ".join(f'a{n}="1"' for n in range(60000)) + "/>", "larger than it may be"), ("<a:Dateiname>a</a:Dateiname>" * 10001, "says too much")],
                         ids=["two contents", "padding", "control", "depth", "attributes", "values"])
def test_what_no_insurer_sends_is_refused(office, inner, word):
    data = message(transfer("<a:Datei>" + inner + "</a:Datei>", contract="B-1"))
    code, _, errors = office.transfer(data)
    assert code == 65 and word in errors and office.new() == [] and os.listdir(office.documents / "incoming") == []


@pytest.mark.parametrize("other", ["B-404\x85", "x" * 5000, "XX-9<b/>B-3"])
def test_a_number_that_cannot_be_read_makes_the_others_uncertain(office, other):
    data = message(transfer(file(pdf("1"), "a.pdf"), contract=["B-1", "PLACE"])).replace(b"PLACE", other.encode("utf-8"))
    assert office.transfer(data)[0] == 0
    assert office.new() == [] and [reason for _, reason in office.waiting()] == ["ambiguous"]


def test_nothing_steers_the_terminal(office):
    data = message(transfer(file(name="a.pdf", reference="%1b[31m%0ashipment.xml:1: forged"), contract="B-1"))
    for said in (office.transfer(data), office.index('a.pdf,10001,"x\nindex.csv:99: forged"'), office.index("a.pdf", columns="file,\x9bx"),
                 office.transfer(message(), name="a\x1b[31m.xml")):
        assert said[0] == 65 and not any(sign in said[1] + said[2] for sign in ("\x1b", "\x9b", "\nindex.csv:99", "\nshipment.xml:1: forged"))


def test_what_is_no_file_stops_no_other(office):
    (office.place / "s").mkdir()
    (office.place / "s" / "a.xml").mkdir()
    (office.place / "s" / "b.xml").write_bytes(message(transfer(file(pdf("1"), "b.pdf"), contract="B-1")))
    code, said, errors = office.run("--json", "--insurer", INSURER, office.place / "s")
    assert code == 65 and "a.xml: it is no file" in errors and [report["file"] for report in json.loads(said)] == ["a.xml", "b.xml"]
    assert office.new() == [("b.pdf", 10001, 9001)]


def test_a_zero_byte_makes_it_no_index(office):
    code, _, errors = office.index("a.pdf,10001\x009,")
    assert code == 65 and "zero byte" in errors and office.new() == []


def test_an_open_quote_takes_its_line_alone(office):
    code, said, errors = office.index('"a.pdf,10001,', "b.pdf,10001,", files=("a.pdf", "b.pdf"))
    assert code == 65 and "2 documents: 1 assigned" in said and "index.csv:2: a quote is not ended" in errors


def test_an_import_that_is_killed_is_noted_and_goes_on(office):
    for n in range(150):
        (office.place / f"{n}.pdf").write_bytes(pdf(str(n)))
    index = office.place / "index.csv"
    index.write_text("file,customer\n" + "".join(f"{n}.pdf,10001\n" for n in range(150)), encoding="ascii")
    with subprocess.Popen([office.ctl, "import", "documents", "--httpd", shlex.join(["apache2", "-f", str(office.conf)]), index],
                          stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: len(office.new()) > 20, "nothing is imported")
        process.kill()
    for name in os.listdir(office.documents / "incoming"):
        (office.documents / "incoming" / name).unlink()  # which collect-garbage does after a day
    taken = len(office.new())
    assert 20 < taken < 150 and office.rows("SELECT created FROM delivery") == [(taken,)]
    assert office.rows("SELECT count(*) FROM audit WHERE subject = 'delivery'") == [(1,)]
    for digest, in office.new("content_hash"):
        assert (office.documents / digest[:2] / digest).exists()
    assert f"{150 - taken} assigned, 0 unassigned, {taken} known already" in office.run(index)[1] and len(office.new()) == 150


def test_encoded_attachments_are_named(office):
    xml = message(transfer(file(name="a.pdf", reference="1"), contract="B-1"))
    code, _, errors = office.transfer(multipart(xml, [("1", b"JVBERi0xLjQK")], encoding="base64"))
    assert code == 65 and "encoded" in errors


@pytest.mark.parametrize("contracts,also,owner", [
    (["B-1", "B-1"], "", (10001, 9001)), (["B-1", "B-3"], "", None),
    (["B-1"], "<a:Vertragsverbindungsnummer><a:Versicherungsscheinnummer>B-3</a:Versicherungsscheinnummer></a:Vertragsverbindungsnummer>", (10001, 9001))])
def test_of_several_contracts_nobody_is_sure(office, contracts, also, owner):
    assert office.transfer(message(transfer(file(pdf("1"), "a.pdf"), contract=contracts, also=also)))[0] == 0
    assert [row[1:] for row in office.new()] == ([owner] if owner else [])
    assert office.waiting("reason, said_contract") == ([] if owner else [("ambiguous", "B-1, B-3")])


def test_what_has_control_characters_says_nothing(office):
    data = message(transfer(file(pdf("1"), "a.pdf", "Ein\x9b1mBrief"), contract=["B-1\x85"]),
                   transfer(file(pdf("2"), "b\n.pdf", "Zwei\n Zeilen"), contract=["\n B-1\n"]))
    code, _, errors = office.transfer(data)
    assert code == 0 and "\x9b" not in errors and "\x85" not in errors
    assert office.new() == [("Zwei  Zeilen.pdf", 10001, 9001)] and office.waiting() == [("a.pdf", "ambiguous")]


def test_a_number_of_another_insurer_is_no_match(office):
    assert office.transfer(message(transfer(file(pdf("1"), "a.pdf"), contract="B-1000")))[0] == 0
    assert office.new() == [] and office.waiting("reason, said_insurer") == [("other_insurer", INSURER)]


def test_whose_transfer_it_is_must_be_said(office):
    path = office.place / "s.xml"
    path.write_bytes(message(transfer(file(pdf("1"), "a.pdf"), contract="B-1")))
    code, said, errors = office.run(path)
    assert (code, said) == (64, "") and "--insurer" in errors and office.new() == []


@pytest.mark.parametrize("before", ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
                                    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'])
def test_no_document_type_is_taken(office, before):
    data = message(transfer(file(pdf("1"), "a.pdf", title="&e;&b;"), contract="B-1"), before=before).replace(b"&amp;", b"&")
    code, _, errors = office.transfer(data)
    assert code == 65 and "shipment.xml" in errors and "no document type" in errors and office.new() == []


def test_what_stands_before_a_fault_is_taken_once(office):
    data = message(*(transfer(file(pdf(str(n)), f"{n}.pdf"), contract="B-1") for n in range(6)))
    code, said, errors = office.transfer(data[:len(data) * 2 // 3])
    taken = len(office.new())
    assert code == 65 and 1 < taken < 6 and f"{taken} assigned" in said and "shipment.xml:" in errors
    assert os.listdir(office.documents / "incoming") == []
    code, said, _ = office.transfer(data)
    assert code == 0 and f"{6 - taken} assigned, 0 unassigned, {taken} known already" in said and len(office.new()) == 6


@pytest.mark.parametrize("data", [b"", b"no XML at all", b"<a><b/></a>", b"<t:Transfer xmlns:t='http://example.org/'/>",
                                  multipart(message(), [])[:-10], b"--x\r\n", message()])
def test_what_is_no_transfer_is_named(office, data):
    code, said, errors = office.transfer(data)
    assert code == 65 and "0 documents" in said and "shipment.xml" in errors and office.rows("SELECT count(*) FROM delivery") == [(0,)]


# --- the command ---

def test_folders(office):
    (office.place / "shipments").mkdir()
    for n in (2, 1):
        (office.place / "shipments" / f"{n}.XML").write_bytes(message(transfer(file(pdf(str(n)), f"{n}.pdf"), contract="B-1")))
    code, said, _ = office.run("--json", "--insurer", INSURER, office.place / "shipments")
    reports = json.loads(said)
    assert code == 0 and [report["kind"] for report in reports] == ["bipro"] * 2
    assert [report["assigned"] for report in reports] == [1, 1] and [name for name, _, _ in office.new()] == ["1.pdf", "2.pdf"]
    assert office.index("a.pdf,10001,")[0] == 0
    assert "1 known already" in office.run(office.place)[1], "the index of the folder"


def test_what_is_not_there_is_named_first(office):
    office.index()
    (office.place / "empty").mkdir()
    for path in (office.place / "missing.csv", office.place / "empty"):
        code, said, errors = office.run(office.place / "index.csv", path)
        assert (code, said) == (66, "") and str(path) in errors


def test_it_is_in_the_audit_log(office):
    office.index("a.pdf,10001,", "b.pdf,,", files=("a.pdf", "b.pdf"))
    ((delivered,),) = office.rows("SELECT id FROM delivery")
    assert office.rows("SELECT kind, object, row, json_extract(detail, '$.kind') FROM audit WHERE subject = 'delivery'") == [
        ("import", "index.csv", delivered, "index")]
    office.index("a.pdf,10001,", "b.pdf,,", files=("a.pdf", "b.pdf"))
    assert office.rows("SELECT count(*) FROM audit WHERE subject = 'delivery'") == [(1,)]
    log = office.sign_in("ines.innen").get(f"{office.url}/audit?{urllib.parse.urlencode({'kind': 'import'})}", timeout=20).text
    assert "Lieferung" in log and "importiert" in log and "index.csv" in log


def test_contents_that_wait_are_no_garbage(office):
    office.index("a.pdf,,")
    old = 10 ** 9
    for folder, _, names in os.walk(office.documents):
        for name in names:
            os.utime(os.path.join(folder, name), (old, old))
    digest = hashlib.sha256(pdf("a.pdf")).hexdigest()
    subprocess.run([office.ctl, "collect-garbage", "--httpd", shlex.join(["apache2", "-f", str(office.conf)])], check=True, timeout=60)
    assert (office.documents / digest[:2] / digest).exists()
