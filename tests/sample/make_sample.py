#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fill a new portal database with the sample firm: make_sample.py DATABASE DOCUMENTS_FOLDER

Deterministic; a database that has the firm already is left as it is.
"""
import hashlib
import pathlib
import sqlite3
import struct
import sys
import zlib

FIRM = (1, "Musterfirma Versicherungsmakler GmbH", "Willkommen in Ihrem Kundenportal",
        "Hier finden Sie Ihre Verträge und Dokumente. Bei Fragen rufen Sie uns einfach an.", "Viktor Vermittler",
        "Ihr Ansprechpartner", "+49 30 1234567", "service@musterfirma.example", "Musterstraße 1, 10115 Berlin")

CUSTOMERS = [
    (10001, "person", "ms", "Karla", "Kunde", "1980-04-12", "Lindenweg 7", "10439", "Berlin", 501),
    (10002, "person", "ms", "Nora", "Nurlesen", "1991-09-30", "Am Markt 3", "04109", "Leipzig", 502),
    (10003, "person", "ms", "Gesa", "Gesperrt", "1975-01-02", "Hafenstraße 11", "20457", "Hamburg", 502),
    (10004, "person", "mr", "Jörg", "Müßig", "1968-11-21", "Rosenallee 5", "80331", "München", 503),
    (10005, "person", "mr", "Ötzi", "Bergmann", "1959-06-06", "Gipfelweg 1", "87561", "Oberstdorf", 503),
    (10006, "person", "mr_and_ms", "Anna und Uwe", "Paar", "1970-02-28", "Gartenweg 9", "50667", "Köln", 502),
    (10007, "person", "mr", "Tim", "Neuling", "2001-07-15", "Campus 2", "35037", "Marburg", 503),
    (10008, "person", "ms", "Greta", "Großmann", "1948-12-24", "Seeblick 4", "88131", "Lindau", 502),
    (20001, "company", "company", None, "Chef Maschinenbau GmbH", None, "Industriestraße 20", "70565", "Stuttgart", 501),
    (20002, "company", "company", None, "Chef Immobilien GmbH & Co. KG", None, "Königsallee 60", "40212", "Düsseldorf", 501),
    (20003, "company", "company", None, "Bäckerei Brösel e. K.", None, "Mühlgasse 8", "01067", "Dresden", 502),
    (20004, "company", "company", None, "Spedition Eilig AG", None, "Containerring 30", "28195", "Bremen", 503),
]

KARLA = [
    ("KFZ-4711-01", "Beispiel Versicherung AG", "Kfz-Haftpflicht Komfort", None, "2019-03-01", None, "active", "- OK -", 5400, "monthly", 0),
    ("HR-20 118 7", "Muster Sach", "Hausrat Plus", 6500000, "2017-01-20", "2027-01-20", "active", "- OK -", 10496, "yearly", 0),
    ("LV-300 445", "Beispiel Leben", "Rente Klassik", 12000000, "2012-12-01", "2047-12-01", "active", "- OK -", 30000, "monthly", 1),
    ("WG-88 251", "Muster Assekuradeur", "Wohngebäude Exklusiv", 48000000, "2015-01-01", "2027-01-01", "active", "- OK -", 18207, "half_yearly", 2),
    ("PH-77-5", "Beispiel Versicherung VVaG", "Privathaftpflicht Familie", 5000000000, "2016-04-09", "2027-01-01", "active", "- OK -", 22391, "yearly", 0),
    ("RS-10 934", "Beispiel Versicherung VVaG", "Rechtsschutz", 30000000, "2010-01-24", "2021-01-01", "cancelled", "- OK -", 32846, "yearly", 0),
    ("RE-5 501", "Muster Versicherung AG", "Auslandsreise", None, "2023-04-15", "2027-04-15", "active", None, 2900, None, 0),
]

INSURERS = ["Beispiel Versicherung AG", "Muster Sach", "Beispiel Leben", "Muster Krankenversicherung a. G."]
TARIFFS = ["Haftpflicht Komfort", "Hausrat Plus", "Betriebshaftpflicht", "Gebäude Exklusiv", "Unfall Aktiv", "Rechtsschutz"]
MODES = ["monthly", "quarterly", "half_yearly", "yearly"]


def pdf(lines):
    """A PDF file of one page (ISO 32000-1, 7.5) with the lines in Helvetica."""
    text = b"BT /F1 16 Tf 72 770 Td 24 TL " + b" ".join(
        b"(" + line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*"
        for line in lines) + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out))


def png(red, green, blue, width=320, height=200):
    """A PNG file (RFC 2083) with a plain gradient."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes((red, green, (blue + x) % 256)[i] for x in range(width) for i in range(3))
                    for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def store(folder, content):
    digest = hashlib.sha256(content).hexdigest()
    place = folder / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return digest


class Filler:
    def __init__(self, database, folder):
        self.database, self.folder = database, folder
        self.contract_id, self.document_id = 1000, 5000

    def contract(self, customer, row):
        self.contract_id += 1
        self.database.execute(
            "INSERT INTO contract (customer, id, number, insurer, tariff, sum_insured, start_date, end_date, status,"
            " note, premium, payment_mode) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (customer, self.contract_id, *row))
        return self.contract_id

    def document(self, customer, contract, name, kind, date, media_type, content):
        self.document_id += 1
        self.database.execute(
            "INSERT INTO document (id, customer, contract, name, kind, date, size, media_type, content_hash)"
            " VALUES (?,?,?,?,?,?,?,?,?)", (self.document_id, customer, contract, name, kind, date, len(content),
                                            media_type, store(self.folder, content)))

    def karla(self):
        for *row, documents in KARLA:
            contract = self.contract(10001, row)
            for number in range(documents):
                self.document(10001, contract, f"Police {row[0]}.pdf" if number == 0 else f"Änderung {row[0]}.pdf",
                              "policy" if number == 0 else "letter", f"2024-0{number + 1}-15", "application/pdf",
                              pdf([row[1], f"Vertrag {row[0]}", row[2], f"Schriftstück {number + 1}"]))
        self.document(10001, None, "Wohnzimmer für Hausrat.png", "photo", "2023-06-01", "image/png", png(90, 140, 60))
        self.document(10001, None, "Maklervertrag.txt", "other", "2012-11-01", "text/plain",
                      "Maklervertrag\n\nKarla Kunde und die Musterfirma Versicherungsmakler GmbH.\n".encode())
        self.database.executemany(
            "INSERT INTO family_member (customer, first_name, name, relation, birth_date) VALUES (10001,?,?,?,?)",
            [("Konrad", "Kunde", "spouse", "1978-08-08"), ("Kim", "Kunde", "child", "2012-05-20")])
        self.database.execute("INSERT INTO bank_account (customer, holder, iban, bic, bank, mandate_reference,"
                              " mandate_date) VALUES (10001, 'Karla Kunde', 'DE89370400440532013000', 'COBADEFFXXX',"
                              " 'Beispielbank', 'SMV-10001-1', '2019-02-15')")
        self.database.execute("UPDATE customer SET marital_status = 'married', occupation = 'Bauingenieurin'"
                              " WHERE number = 10001")
        self.database.execute("INSERT INTO contact (customer, salutation, first_name, name, position, phone)"
                              " VALUES (10001, 'mr', 'Konrad', 'Kunde', 'Vertretung', '+49 30 555444')")
        self.database.executemany(
            "INSERT INTO communication (customer, kind, value, usage, note) VALUES (10001,?,?,?,?)",
            [("phone", "+49 30 555123", "private", None), ("email", "karla@kunde.example", "private", None),
             ("mobile", "+49 170 5551234", "private", "gern abends")])

    def finances(self):
        self.database.executemany(
            "INSERT INTO financial_item (customer, kind, label, amount, needed, as_of) VALUES (10001,?,?,?,?,?)",
            [("income", "Gehalt", 412000, None, None), ("income", "Kindergeld", 25500, None, None),
             ("expense", "Wohnen", 98000, None, None), ("expense", "Lebenshaltung", 121000, None, None),
             ("expense", "Versicherungen", 51000, None, None), ("expense", "Darlehen", 74000, None, None),
             ("asset", "Girokonto", 618000, None, "2026-06-30"), ("asset", "Depot", 3145000, None, "2026-06-30"),
             ("asset", "Eigentumswohnung", 38500000, None, "2025-12-31"),
             ("liability", "Baudarlehen", 21480000, None, "2026-06-30"),
             ("provision", "Altersrente", 189000, 290000, None),
             ("provision", "Berufsunfähigkeit", 150000, 280000, None),
             ("provision", "Pflege", 60000, 55000, None), ("provision", "Todesfallschutz", 0, 120000, None)])

    def company(self):
        self.database.execute("UPDATE customer SET legal_form = 'GmbH', register_number = 'HRB 12345',"
                              " industry = 'Maschinenbau' WHERE number = 20001")
        self.database.execute("INSERT INTO contact (customer, salutation, first_name, name, position, phone, email)"
                              " VALUES (20001, 'ms', 'Bea', 'Buchhalt', 'Buchhaltung', '+49 711 555100',"
                              " 'buchhaltung@chef.example')")
        self.database.execute("INSERT INTO communication (customer, kind, value, usage)"
                              " VALUES (20001, 'phone', '+49 711 5550', 'business')")
        self.database.execute("INSERT INTO bank_account (customer, holder, iban)"
                              " VALUES (20001, 'Chef Maschinenbau GmbH', 'DE02120300000000202051')")
        self.database.execute("INSERT INTO family_member (customer, first_name, name, relation)"
                              " VALUES (20001, 'Carl', 'Chef', 'other')")

    def others(self):
        for place, customer in enumerate(row[0] for row in CUSTOMERS if row[0] != 10001):
            for number in range(6):
                seed = place * 7 + number * 3
                contract = self.contract(customer, (
                    f"V-{customer}-{number + 1}", INSURERS[seed % 4], TARIFFS[seed % 6], (seed + 1) * 1000000,
                    f"20{10 + seed % 14}-0{1 + seed % 9}-01", f"20{30 + seed % 9}-0{1 + seed % 9}-01",
                    "active", "- OK -", 1999 + seed * 131, MODES[seed % 4]))
                if number < 2:
                    self.document(customer, contract, f"Police V-{customer}-{number + 1}.pdf", "policy",
                                  f"2024-0{1 + seed % 9}-01", "application/pdf",
                                  pdf([INSURERS[seed % 4], f"Vertrag V-{customer}-{number + 1}"]))


def main():
    database = sqlite3.connect(sys.argv[1])
    database.execute("PRAGMA foreign_keys = ON")
    if database.execute("SELECT count(*) FROM firm").fetchone()[0]:
        return
    with database:
        database.execute("INSERT INTO firm (tenant, name, welcome_title, welcome_text, contact_name, contact_role,"
                         " contact_phone, contact_mail, contact_address) VALUES (?,?,?,?,?,?,?,?,?)", FIRM)
        database.executemany("INSERT INTO customer (number, kind, salutation, first_name, name, birth_date, street,"
                             " postal_code, city, broker) VALUES (?,?,?,?,?,?,?,?,?,?)", CUSTOMERS)
        filler = Filler(database, pathlib.Path(sys.argv[2]))
        filler.karla()
        filler.finances()
        filler.company()
        filler.others()
    database.close()


if __name__ == "__main__":
    main()
