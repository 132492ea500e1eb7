# SPDX-License-Identifier: Apache-2.0
"""A delivery of SMV_RECORDS records (default 1,000,000) is imported with the memory that a small one takes, and so is one of documents."""
import os
import shlex
import sqlite3
import sys
import time

import pytest

from bipro import file as part, message, pdf, transfer
from conftest import ROOT
from gdv import delivery, holder, policy_of
from private_servers import PrivateHttpd

RECORDS = int(os.environ.get("SMV_RECORDS", "1000000"))
OF_A_CONTRACT = 3


@pytest.fixture(name="office")
def _office(running_portal):
    httpd = PrivateHttpd(running_portal)
    yield httpd
    httpd.stop()


def write(path, contracts, premium=41141):
    """One contract each of different people, in constant memory as well."""
    begin, *_, end = delivery([])
    with open(path, "w", encoding="windows-1252") as file:
        file.write(begin + "\n")
        for number in range(contracts):
            policy = f"P{number:09d}"
            for line in (*holder(policy, name=f"Import{number}", customer=f"K{number}"), *policy_of(policy, premium)):
                file.write(line + "\n")
        file.write(end[:4] + f"{contracts * OF_A_CONTRACT:010d}" + end[14:24] + f"{contracts * premium:015d}" + end[39:] + "\n")


def take(portal, office, path, kind="gdv", options=("--catalogue", str(ROOT / "conf" / "gdv-catalogue.xml"))):
    """@return seconds, peak of the resident memory in KiB, what was said"""
    said = path.with_suffix(".out")
    arguments = [portal.ctl, "import", kind, "--httpd", shlex.join(["apache2", "-f", str(office.conf)]), *options, str(path)]
    begun = time.monotonic()
    with open(said, "wb") as out:
        process = os.posix_spawn(portal.ctl, arguments, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
    _, status, usage = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, said.read_text(encoding="utf-8")
    return time.monotonic() - begun, usage.ru_maxrss, said.read_text(encoding="utf-8")


def test_memory_does_not_grow_with_a_delivery(running_portal, office, tmp_path):
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    contracts = RECORDS // OF_A_CONTRACT
    write(small, contracts // 20)
    write(large, contracts)
    _, little, _ = take(running_portal, office, small)
    seconds, much, said = take(running_portal, office, large)
    new = contracts - contracts // 20
    print(f"{RECORDS} records in {seconds:.1f} s, {much // 1024} MiB; {RECORDS // 20} took {little // 1024} MiB", file=sys.stderr)
    assert f"{contracts * OF_A_CONTRACT + 2} records: {contracts * OF_A_CONTRACT + 2} imported" in said
    assert f"{new * 3} rows new, 0 updated" in said
    assert much < little * 1.25 + 4096
    begun, _, again = take(running_portal, office, large)
    assert " 0 changes" in again and begun < seconds * 2
    with sqlite3.connect(office.database) as database:
        assert database.execute("SELECT count(*) FROM contract WHERE number LIKE 'P0%'").fetchone() == (contracts,)
    database.close()


def write_transfers(path, documents):
    """One of a megabyte each, in the memory of one: what the peak of a process begins with is that of who starts it."""
    head, end = message("HERE").split(b"HERE")
    with open(path, "wb") as file:
        file.write(head)
        for number in range(documents):
            file.write(transfer(part(pdf(f"{documents} {number}", size=1 << 20), f"{number}.pdf")).encode("utf-8"))
        file.write(end)


def test_memory_does_not_grow_with_a_transfer(running_portal, office, tmp_path):
    peaks = []
    for documents in (2, 60):
        path = tmp_path / f"{documents}.xml"
        write_transfers(path, documents)
        seconds, peak, said = take(running_portal, office, path, "documents", ("--insurer", "Musterversicherung AG"))
        assert f"{documents} documents: 0 assigned, {documents} unassigned" in said
        print(f"{documents} documents, {path.stat().st_size >> 20} MiB, in {seconds:.1f} s, {peak // 1024} MiB", file=sys.stderr)
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.25 + 4096
