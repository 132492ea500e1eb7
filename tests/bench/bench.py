#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast is the signed-in contract table against a static file of the same bytes on the same httpd?

usage: bench.py [--customers N] [--rounds N] [--seconds N] [--folder FOLDER]

Random customers out of a generated database (made once, kept in FOLDER, default /var/tmp/smvportal-bench), 50 sessions,
one httpd child. What has a target is read by who has these customers as their own. The same by staff is told beside it:
each of their readings is on the disk, in the audit log, before it is answered. httpd has one processor and wrk another one, where there are two. Page and static file take turns; what
counts is the median of the ratios of each turn, never a single time. Exit code 1 where a ratio is below its target.
"""
import argparse
import hashlib
import os
import pathlib
import random
import re
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = {"HTML": 0.6, "JSON": 0.7}  # of a static file
PATHS = {"HTML": "/portal/customers/{}/contracts", "JSON": "/portal/api/v1/customers/{}/contracts"}
SESSIONS = 50
READERS = {"customer": ("karla.kunde", 500), "staff": ("ines.innen", 100000)}  # and how many different customers they read
HTTPD = """
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
MaxKeepAliveRequests 0
SmvPortalDatabase "%s"
SmvPortalCacheTime 30
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit("bench: %s: %s%s" % (" ".join(map(str, command)), done.stdout, done.stderr))
    return done.stdout


def on_processor(number):
    return lambda: os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[number]})


class Bench:
    """A demo portal of its own with the generated database."""

    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.pins = len(os.sched_getaffinity(0)) > 1
        self.environment = dict(os.environ, PORT=str(free_port()), LDAP_PORT=str(free_port()), DEMO_DIR=str(folder),
                                CACHE_TIME="30")
        self.demo("start")
        lines = [line.split("=", 1) for line in self.demo("env").split("\n") if line]
        self.settings = {name: shlex.split(value)[0] for name, value in lines}
        self.address = self.settings["BASE_URL"].rsplit("/portal", 1)[0]

    def demo(self, command):
        return run([ROOT / "demo.sh", command], env=self.environment)

    def use_database(self, database):
        self.demo("stop")
        (self.folder / "conf.d" / "bench.conf").write_text(HTTPD % database)
        if self.pins:
            run([ROOT / "demo.sh", "start"], env=self.environment, preexec_fn=on_processor(0))
        else:
            self.demo("start")

    def let_read(self, reader):
        """Sign in as the reader, and choose what is read."""
        login, count = READERS[reader]
        numbers = random.Random(1).sample(range(10001, 10001 + self.arguments.customers), min(count, self.arguments.customers))
        (self.folder / "numbers").write_text("\n".join(map(str, numbers)) + "\n")
        if reader == "customer":
            self.give(login, numbers)
        self.sign_in(login)

    def give(self, login, numbers):
        """Let the account have these customers as its own."""
        settings = self.settings
        run(["ldapmodify", "-H", settings["LDAP_URI"], "-D", settings["LDAP_ADMIN_DN"], "-w", settings["LDAP_ADMIN_PW"]],
            input="dn: uid=%s,ou=people,%s\nchangetype: modify\nreplace: smvKundenNr\n%s\n" %
            (login, settings["LDAP_BASE"], "\n".join("smvKundenNr: %d" % number for number in numbers)))

    def sign_in(self, login):
        cookies = []
        for _ in range(SESSIONS):
            answer = requests.post(self.settings["BASE_URL"] + "/login", timeout=20, allow_redirects=False,
                                   data={"username": login, "password": "demo"})
            cookies.append("; ".join("%s=%s" % pair for pair in answer.cookies.items()))
        if not all(cookies):
            sys.exit("bench: cannot sign in")
        (self.folder / "cookies").write_text("\n".join(cookies) + "\n")
        self.cookie = cookies[0]

    def static_file(self, kind):
        """Of the mean size of the answers, so that both move the same bytes."""
        answers = []
        for number in random.Random(1).choices((self.folder / "numbers").read_text().split(), k=100):
            answer = requests.get(self.address + PATHS[kind].format(number), headers={"Cookie": self.cookie}, timeout=20)
            answer.raise_for_status()
            answers.append(answer.content)
        size = round(statistics.mean(map(len, answers)))
        content = min(answers, key=lambda content: abs(len(content) - size))
        (self.folder / "www" / ("bench." + kind.lower())).write_bytes(content[:size].ljust(size))
        return size

    def processor_time(self):
        """Of the httpd children, in seconds."""
        parent = (self.folder / "httpd.pid").read_text().strip()
        children = pathlib.Path("/proc/%s/task/%s/children" % (parent, parent)).read_text().split()
        stats = [pathlib.Path("/proc/%s/stat" % child).read_text().rsplit(")", 1)[1].split() for child in children]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    def load(self, path):
        """@return requests a second, microseconds of processor time a request"""
        environment = dict(os.environ, SMV_BENCH_URL=path, SMV_BENCH_NUMBERS=str(self.folder / "numbers"),
                           SMV_BENCH_COOKIES=str(self.folder / "cookies"))
        before = self.processor_time()
        text = run(["wrk", "-t1", "-c32", "-d%ds" % self.arguments.seconds, "-s", ROOT / "tests/bench/bench.lua",
                    self.address], env=environment, preexec_fn=on_processor(1) if self.pins else None)
        if "Non-2xx" in text or "Socket errors" in text:
            sys.exit("bench: %s: %s" % (path, text))
        count = int(re.search(r"(\d+) requests in", text).group(1))
        return (float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
                (self.processor_time() - before) / count * 1e6)

    def measure(self, reader, kind):
        """@return the median ratio to static"""
        size = self.static_file(kind)
        self.load(PATHS[kind])  # warms the caches
        ratios, own, static = [], [], []
        for _ in range(self.arguments.rounds):
            static.append(self.load("/bench." + kind.lower()))
            own.append(self.load(PATHS[kind]))
            ratios.append(own[-1][0] / static[-1][0])
        ratio = statistics.median(ratios)
        target = ", target %.2f" % TARGETS[kind] if reader == "customer" else ""
        print("%s, %s: %.2f of static (%.2f to %.2f%s); %d bytes; %.0f µs of processor time a request, static %.0f"
              % (reader, kind, ratio, min(ratios), max(ratios), target, size, statistics.median(t for _, t in own),
                 statistics.median(t for _, t in static)), flush=True)
        return ratio


def database_of(arguments, ctl):
    arguments.folder.mkdir(parents=True, exist_ok=True)
    sources = [ROOT / "mod_smvportal/port/schema.sql", ROOT / "tests/bench/make_database.py"]
    mark = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
    database = arguments.folder / ("portal-%d-%s.sqlite" % (arguments.customers, mark))
    if not database.exists():
        print("making %s" % database, flush=True)
        unfinished = database.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        run([ctl, "create-database", unfinished])
        run([sys.executable, ROOT / "tests/bench/make_database.py", unfinished, "--customers", str(arguments.customers)])
        unfinished.rename(database)
    if os.geteuid() == 0:  # httpd leaves root, and writes sessions
        for path in (arguments.folder, database):
            shutil.chown(path, "www-data")
    return database


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/var/tmp/smvportal-bench"))
    arguments = parser.parse_args()
    ratios = {}
    with tempfile.TemporaryDirectory(prefix="smvportal-bench-") as folder:
        os.chmod(folder, 0o755)
        bench = Bench(arguments, pathlib.Path(folder))
        try:
            bench.use_database(database_of(arguments, bench.settings["SMVPORTALCTL"]))
            for reader in READERS:
                bench.let_read(reader)
                ratios[reader] = {kind: bench.measure(reader, kind) for kind in PATHS}
        finally:
            bench.demo("stop")
    return any(ratios["customer"][kind] < target for kind, target in TARGETS.items())


if __name__ == "__main__":
    sys.exit(main())
