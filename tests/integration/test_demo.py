# SPDX-License-Identifier: Apache-2.0
"""demo.sh where things are not as usual: each case in a folder and on ports of its own."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests

from conftest import ROOT, free_port, settings_of


class Demo:
    def __init__(self, folder):
        self.folder = folder
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.environment = dict(os.environ, PORT=str(free_port()), LDAP_PORT=str(free_port()))
        self.place("demo")

    def place(self, name):
        self.environment["DEMO_DIR"] = str(self.folder / name)
        return self.folder / name

    def run(self, *arguments, **environment):
        return subprocess.run([ROOT / "demo.sh", *arguments], env=dict(self.environment, **environment),
                              capture_output=True, text=True, timeout=300, check=False)

    def with_broken(self, tool):
        """A PATH on which that tool fails."""
        (self.tools / tool).write_text("#!/bin/sh\nexit 1\n")
        (self.tools / tool).chmod(0o755)
        return {"PATH": f"{self.tools}:{os.environ['PATH']}"}

    def answers(self):
        url = settings_of(self.run("env").stdout)["BASE_URL"]
        return requests.get(url + "/api/v1/me", auth=("karla.kunde", "demo"), timeout=20).status_code


@pytest.fixture(name="demo")
def _demo():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smvportal-demo-", dir="/tmp"))
    folder.chmod(0o755)
    demo = Demo(folder)
    yield demo
    demo.run("stop")
    place = pathlib.Path(demo.environment["DEMO_DIR"])
    if place.is_symlink():
        shutil.rmtree(place.resolve())
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["with space", "a & b", "a|b"])
def test_the_folder_may_have_an_unusual_name(demo, name):
    demo.place(name)
    done = demo.run("start")
    assert done.returncode == 0, done.stderr
    assert demo.answers() == 200


def test_a_checkout_that_autoconf_cannot_build_is_named(tmp_path):
    checkout = tmp_path / "with space"
    checkout.symlink_to(ROOT)
    done = subprocess.run([checkout / "scripts" / "build.sh", tmp_path / "build"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and f"special characters: move {checkout}" in done.stderr


def test_a_folder_name_that_no_configuration_can_hold_is_refused(demo):
    demo.place('a"b')
    done = demo.run("start")
    assert done.returncode == 1 and "DEMO_DIR must not hold quotes" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root's httpd serves as another user")
def test_a_folder_that_the_web_server_cannot_reach_is_served_from_elsewhere(demo):
    (demo.folder / "private").mkdir(mode=0o700)
    place = demo.place("private/demo")
    assert demo.run("start").returncode == 0
    assert place.is_symlink() and demo.answers() == 200
    assert demo.run("status").stdout == "httpd runs\nslapd runs\n"
    first = place.resolve()
    assert demo.run("reset").returncode == 0
    assert demo.answers() == 200 and not first.exists() and place.resolve() != first


def test_env_and_a_second_start_name_the_ports_of_the_running_demo(demo):
    assert demo.run("start").returncode == 0
    other = str(free_port())
    assert demo.environment["PORT"] in demo.run("start", PORT=other).stdout
    assert f"127.0.0.1:{demo.environment['PORT']}/" in demo.run("env", PORT=other).stdout


def test_a_stale_pid_file_harms_no_other_process(demo):
    place = demo.place("stale")
    (place / "ldap").mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as other:
        for file in (place / "httpd.pid", place / "ldap" / "slapd.pid"):
            file.write_text(f"{other.pid}\n")
        assert demo.run("status").stdout == "httpd is stopped\nslapd is stopped\n"
        assert demo.run("stop").returncode == 0
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("command", ["start", "reset"])
def test_a_folder_with_other_files_is_left_alone(demo, command):
    place = demo.place("letters")
    place.mkdir()
    (place / "letter.txt").write_text("keep")
    done = demo.run(command)
    assert done.returncode == 1 and "holds other files" in done.stderr
    assert [file.name for file in place.iterdir()] == ["letter.txt"]


def test_reset_brings_the_sample_data_back(demo):
    place = demo.place("demo")
    assert demo.run("start").returncode == 0
    (place / "data" / "extra").write_text("")
    assert demo.run("reset").returncode == 0
    assert not (place / "data" / "extra").exists() and demo.answers() == 200


def test_sample_data_that_was_half_made_is_made_again(demo):
    done = demo.run("start", **demo.with_broken("slapadd"))
    assert done.returncode == 1 and "the sample tree could not be loaded" in done.stderr
    assert demo.run("start").returncode == 0
    assert demo.answers() == 200


def test_a_start_that_fails_leaves_no_server_behind(demo):
    done = demo.run("start", **demo.with_broken("apache2"))
    assert done.returncode == 1 and "httpd did not start" in done.stderr
    assert demo.run("status").stdout == "httpd is stopped\nslapd is stopped\n"


def heed_signals():
    """A run that was started in the background hands on an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_or_a_closed_terminal_stops_both_servers(demo, number):
    with subprocess.Popen([ROOT / "demo.sh"], env=demo.environment, stdout=subprocess.PIPE, text=True,
                          start_new_session=True, preexec_fn=heed_signals) as process:
        assert any("Ctrl-C stops it." in line for line in process.stdout)
        time.sleep(0.5)
        os.killpg(process.pid, number)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert demo.run("status").stdout == "httpd is stopped\nslapd is stopped\n"


# --- packages.sh, with a policy file of the test's own and an apt-get that installs nothing ---

@pytest.fixture(name="packages")
def _packages(tmp_path):
    script = tmp_path / "packages.sh"
    text = (ROOT / "scripts" / "packages.sh").read_text()
    assert text.count("policy=/usr/sbin/policy-rc.d") == 1
    script.write_text(text.replace("policy=/usr/sbin/policy-rc.d", f"policy={tmp_path}/policy-rc.d"))
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "apt-get").write_text(f"#!/bin/sh\n{tmp_path}/policy-rc.d\necho $? >>{tmp_path}/policy\n"
                                      "sleep \"${NAP:-0}\"\n")
    (tmp_path / "sudo").write_text("#!/bin/sh\nexec \"$@\"\n")
    for tool in ("dpkg-query", "apt-get", "sudo"):
        (tmp_path / tool).chmod(0o755)

    def start(**environment):
        return subprocess.Popen(["sh", script, "install", "demo"], start_new_session=True, stderr=subprocess.DEVNULL,
                                preexec_fn=heed_signals,
                                env=dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}", **environment))
    return start


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_packages_start_no_service_while_they_are_installed(packages, tmp_path, before):
    policy = tmp_path / "policy-rc.d"
    if before:
        policy.write_text(before)
        policy.chmod(0o755)
    assert packages().wait(timeout=30) == 0
    assert set((tmp_path / "policy").read_text().split()) == {"101"}
    assert (policy.read_text() if policy.exists() else None) == before


def test_an_interrupted_installation_takes_its_policy_back(packages, tmp_path):
    process = packages(NAP="20")
    for _ in range(100):
        if (tmp_path / "policy").exists():
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=30) != 0
    assert not (tmp_path / "policy-rc.d").exists()
