#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fills an empty portal database with many customers, the same ones each time, for measurements.

usage: make_database.py FILE [--customers N]

The file comes from `smvportalctl create-database FILE`. Customers are numbered from 10001; each has 8 contracts on
average (4 to 12), and one contract in five has a document without content.
"""
import argparse
import os
import random
import sqlite3
import sys

SEED = 20220101
FIRST_CUSTOMER, FIRST_BROKER, BROKERS = 10001, 501, 200
NAMES = ("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Jäger", "Köhler", "Groß", "Öztürk", "Nowak")
FIRST_NAMES = ("Anna", "Björn", "Clara", "Dieter", "Esra", "Frank", "Gül", "Hans", "Ines", "Jörg")
CITIES = (("50668", "Köln"), ("10247", "Berlin"), ("20354", "Hamburg"), ("80331", "München"), ("01067", "Dresden"))
INSURERS = ("Beispiel Versicherung AG", "Muster Sach", "Beispiel Leben", "Muster Assekuradeur",
            "Beispiel Versicherung VVaG", "Muster Krankenversicherung a. G.")
TARIFFS = ("Privathaftpflicht Komfort", "Hausrat Plus", "Kfz Kasko 500/150", "Wohngebäude Top", "Unfall Familie",
           "Rechtsschutz Privat", "Rente Klassik")
STATUSES = ("active",) * 8 + ("cancelled", "expired")
MODES = ("monthly", "quarterly", "half_yearly", "yearly")


def customers(count):
    """Rows of customer: number, kind, salutation, first_name, name, birth_date, street, postal_code, city, broker."""
    for i in range(count):
        postal_code, city = CITIES[i % len(CITIES)]
        yield (FIRST_CUSTOMER + i, "person", "ms" if i % 2 else "mr", FIRST_NAMES[i // 7 % 10], NAMES[i % 10],
               "19%02d-%02d-%02d" % (40 + i % 60, 1 + i % 12, 1 + i % 28), "Lindenallee %d" % (i % 200 + 1),
               postal_code, city, FIRST_BROKER + i % BROKERS)


def contracts(count):
    """Rows of contract: customer, id, number, insurer, tariff, sum_insured, start_date, end_date, status, note,
    premium, payment_mode."""
    pick = random.Random(SEED).random
    number = 0
    for i in range(count):
        for _ in range(4 + int(pick() * 9)):
            number += 1
            chance = pick()
            yield (FIRST_CUSTOMER + i, number, "VN-%09d" % number, INSURERS[number % 6], TARIFFS[number % 7],
                   int(chance * 50000) * 100000 or None,
                   "20%02d-%02d-01" % (5 + number % 20, 1 + number % 12),
                   "20%02d-%02d-01" % (27 + number % 30, 1 + number % 12) if number % 4 else None,
                   STATUSES[number % 10], "- OK -", 1000 + int(chance * 90000), MODES[number % 4])


def fill(database, count):
    """Everything in one transaction, without a journal: a file that was not finished is thrown away."""
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;"
                           "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; BEGIN")
    database.execute("INSERT INTO firm (tenant, name, welcome_title) VALUES (1, 'Messfirma GmbH', 'Willkommen')")
    database.executemany("INSERT INTO customer (number, kind, salutation, first_name, name, birth_date, street,"
                         " postal_code, city, broker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", customers(count))
    database.executemany("INSERT INTO contract (customer, id, number, insurer, tariff, sum_insured, start_date,"
                         " end_date, status, note, premium, payment_mode) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         contracts(count))
    database.execute("INSERT INTO document (id, customer, contract, name, kind, date, size, media_type, content_hash)"
                     " SELECT id, customer, id, 'Police ' || id || '.pdf', 'policy', '2022-01-01', 10000,"
                     " 'application/pdf', printf('%064x', id) FROM contract WHERE id % 5 = 0")
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--customers", type=int, default=1000000)
    arguments = parser.parse_args()
    if not os.path.exists(arguments.file):
        sys.exit("make_database: %s is missing; make it with: smvportalctl create-database %s"
                 % (arguments.file, arguments.file))
    database = sqlite3.connect(arguments.file, isolation_level=None)
    if database.execute("SELECT count(*) FROM firm").fetchone()[0]:
        sys.exit("make_database: %s is not empty" % arguments.file)
    fill(database, arguments.customers)
    database.close()


if __name__ == "__main__":
    main()
