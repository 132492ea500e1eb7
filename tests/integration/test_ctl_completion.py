# SPDX-License-Identifier: Apache-2.0
"""What bash completes behind smvportalctl."""
import os
import pathlib
import re
import shlex
import subprocess

import pytest

from conftest import ROOT

BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build"))
if not BUILD.is_absolute():
    BUILD = ROOT / BUILD


def completed(*words, folder=None):
    """What there is for the last word, which may be empty."""
    script = f"""source {shlex.quote(str(ROOT / "completions" / "smvportalctl.bash"))}
COMP_WORDS=({" ".join(map(shlex.quote, ("smvportalctl", *words)))}); COMP_CWORD={len(words)}
_smvportalctl smvportalctl; printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "--norc", "-uc", script], env=dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}"), cwd=folder,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "" and done.returncode == 0, done.stderr
    return set(done.stdout.split())


def names():
    text = subprocess.run([BUILD / "smvportalctl", "help"], capture_output=True, text=True, timeout=20, check=True).stdout
    return {name for line in text.splitlines() if line.startswith("  ") and not line.startswith("  --")
            for name in re.findall(r"^[a-z-]+", line.strip())}


def test_commands():
    assert completed("") == names() and len(names()) > 10
    assert completed("expl") == {"explain"} and completed("--json", "ex") == {"explain", "export"}
    assert completed("access", "") == {"create", "lock", "unlock", "reset"}
    assert completed("sessions", "") == {"list", "end"} and completed("import", "") == {"gdv", "documents"} and completed("audit", "v") == {"verify"}
    assert completed("--host", "explain", "expl") == {"explain"}, "what an option takes is no command"
    assert completed("nonsense", "") == set()


@pytest.mark.parametrize("words, options", [
    (("version", "--"), {"--help"}), (("rights", "--"), {"--json", "--help"}), (("sessions", "end", "--l"), {"--login"}),
    (("audit", "export", "--"), {"--httpd", "--host", "--json", "--from", "--until", "--help"}),
    (("access", "lock", "10001", "--"), {"--httpd", "--host", "--json", "--as", "--password-file", "--help"}),
    (("access", "create", "--v"), {"--valid-until"}),
    (("explain", "karla.kunde", "contract.view", "--h"), {"--httpd", "--host", "--help"})])
def test_options(words, options):
    assert completed(*words) == options


def test_what_a_command_takes(tmp_path):
    (tmp_path / "backup-1").mkdir()
    for words in (("restore",), ("import", "gdv"), ("import", "documents"), ("import", "gdv", "--catalogue"), ("--json", "backup"),
                  ("access", "lock", "10001", "karla.kunde", "--password-file")):
        assert completed(*words, "ba", folder=tmp_path) == {"backup-1"}, words
    assert completed("import", "gdv", "--charset", "ba", folder=tmp_path) == completed("rights", "ba", folder=tmp_path) == set()
    assert completed("explain", "karla.kunde", "contract.") >= {"contract.view"}
    assert completed("explain", "karla.kunde", "contract.view", "") == set() and completed("explain", "") == set()
    assert completed("access", "lock", "ba", folder=tmp_path) == set()
    assert "bash" in completed("check", "--httpd", "bas") and completed("check", "--host", "") == set()
