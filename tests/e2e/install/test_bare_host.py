"""install.sh on a fresh Debian 13: installing, repairing, upgrading, failing, starting again."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator

import pytest
from tests.e2e.install.bare_host import BareHost
from tests.e2e.install.terminal import on_a_terminal

pytestmark = pytest.mark.e2e

VERSIONS = "/opt/xmpp-wizard/versions"
EXAMPLE = "examples/try-it.toml"
HOLD = """import fcntl, pathlib, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
pathlib.Path("/tmp/held").touch()
until = time.monotonic() + 120
while "Waiting" not in pathlib.Path("/tmp/out").read_text() and time.monotonic() < until:
    time.sleep(0.1)
"""
"""Is another package manager until install.sh says that it waits for it."""


ONLY_THE_BUSY_MIRROR = " ".join(
    f"-o {option}"
    for option in (
        "Dir=/tmp/apt",
        "Dir::State::status=/tmp/apt/status",
        "Acquire::http::Proxy=DIRECT",
        "Acquire::Languages=none",
        "APT::Sandbox::User=root",
    )
)


@pytest.fixture(scope="module")
def host(debian_13: str, start_host: Callable[..., BareHost]) -> BareHost:
    """Install on a bare host; what one test breaks, it repairs."""
    host = start_host(debian_13)
    host.expect("./install.sh")
    return host


@pytest.fixture
def changed_source(host: BareHost) -> Iterator[None]:
    """Make the tree differ from what is installed, as a newer release does."""
    host.expect('echo "# newer $(date +%N)" >> src/xmpp_wizard/__init__.py')
    yield
    host.expect("sed -i '$d' src/xmpp_wizard/__init__.py && ./install.sh")


def installed(host: BareHost) -> str:
    """Name the program that would run now, which must be able to."""
    host.expect("/opt/xmpp-wizard/current/bin/python3 -c 'import jinja2, slixmpp, docker, cryptography'")
    host.expect("xmpp-wizard --version")
    return host.expect("readlink /opt/xmpp-wizard/current").strip()


def test_installs_the_program_and_the_engine(host: BareHost) -> None:
    assert host.expect("xmpp-wizard --version").startswith("xmpp-wizard ")
    assert "Server:" in host.expect("docker version")
    assert host.run("pip --version").status != 0  # nothing of ours outside its own place


def test_the_program_carries_templates_and_images(host: BareHost) -> None:
    package = "$(ls -d /opt/xmpp-wizard/current/lib/python3*/site-packages/xmpp_wizard)"
    for folder in ("templates", "appliance"):
        wanted = host.expect(f"cd {folder} && find . -type f ! -name '*.pyc' | sort")
        assert host.expect(f"cd {package}/{folder} && find . -type f ! -name '*.pyc' | sort") == wanted


def test_a_second_run_is_short_and_changes_nothing(host: BareHost) -> None:
    before = installed(host), host.expect("cat /run/docker.pid")
    began = time.monotonic()
    text = host.expect("./install.sh")
    assert time.monotonic() - began < 30, "the first one takes minutes"
    assert "is installed and whole" in text
    assert (installed(host), host.expect("cat /run/docker.pid")) == before


def test_a_busy_mirror_is_asked_again_and_eats_no_memory(host: BareHost) -> None:
    """With its queue full, apt warns of a file that is due again without an end, 20 GB within a minute."""
    host.expect("(setsid timeout 100 python3 tests/e2e/install/busy_mirror.py > /tmp/mirror 2>&1 &)")
    address = host.wait_for("cat /run/busy-mirror", seconds=20)
    folders = "var/lib/apt/lists/partial var/cache/apt/archives/partial etc/apt/preferences.d"
    host.expect(f"mkdir -p /tmp/apt && cd /tmp/apt && mkdir -p {folders} && touch status")
    host.write("/tmp/apt/etc/apt/sources.list", f"deb [trusted=yes] {address} ./\n")
    apt = f"ulimit -d 1000000; . scripts/install/packages.sh; apt {ONLY_THE_BUSY_MIRROR}"
    host.expect(f"{apt} update")
    said = host.expect(f"{apt} install --download-only $(seq -f package-%02g 0 19)")
    assert '"GET /./package-00.deb HTTP/1.1" 429' in host.expect("cat /tmp/mirror")
    assert host.expect("ls /tmp/apt/var/cache/apt/archives/*.deb | wc -l").strip() == "20"
    assert "Tried to start delayed item" not in said


def test_it_ends_in_questions_line_by_line_where_they_are_wished_for(host: BareHost) -> None:
    outcome = host.run("./install.sh --plain < /dev/null")
    assert "Your chat address" in outcome.text
    assert outcome.status == 5


@pytest.mark.parametrize(
    "damage",
    [
        f"rm -rf {VERSIONS}",
        "rm -rf /opt/xmpp-wizard/current/lib/python3*/site-packages/jinja2",
        "rm /opt/xmpp-wizard/current /usr/local/bin/xmpp-wizard",
        "rm /opt/xmpp-wizard/current/bin/python3",
    ],
)
def test_repairs_and_keeps_data(host: BareHost, damage: str) -> None:
    host.expect("mkdir -p /var/lib/xmpp-wizard/data /etc/xmpp-wizard")
    host.expect("echo mine | tee /var/lib/xmpp-wizard/data/probe /etc/xmpp-wizard/probe")
    host.expect(damage)
    host.expect("./install.sh")
    assert installed(host)
    assert host.expect("cat /var/lib/xmpp-wizard/data/probe /etc/xmpp-wizard/probe") == "mine\nmine\n"


@pytest.mark.usefixtures("changed_source")
def test_an_upgrade_keeps_the_one_before(host: BareHost) -> None:
    before = installed(host)
    host.expect("./install.sh")
    assert installed(host) != before
    assert before.removeprefix("versions/") in host.expect(f"ls {VERSIONS}")
    assert len(host.expect(f"ls {VERSIONS}").split()) == 2


@pytest.mark.usefixtures("changed_source")
@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_an_interrupted_upgrade_leaves_the_old_program(host: BareHost, signal: str) -> None:
    before = installed(host)
    begun = "while kill -0 $! && ! grep -q libraries /tmp/out; do sleep 0.1; done; sleep 0.5"
    text = host.expect(f"setsid ./install.sh > /tmp/out 2>&1 & {begun}; kill -{signal} $!; wait $!; cat /tmp/out")
    assert "libraries" in text
    if signal == "TERM":
        assert "Interrupted. What was there before still works.\nNext: sudo ./install.sh" in text
    assert installed(host) == before
    host.expect("./install.sh")
    assert installed(host) != before


@pytest.mark.usefixtures("changed_source")
def test_a_full_disk_is_said_and_loses_nothing(host: BareHost) -> None:
    before = installed(host)
    name = before.removeprefix("versions/")
    # room for the present version and for a part of another one
    size = int(host.expect(f"du -sm {VERSIONS}/{name}").split()[0]) + 20
    host.expect(f"cp -a {VERSIONS} /tmp/versions && mount -t tmpfs -o size={size}m tmpfs {VERSIONS}")
    host.expect(f"cp -a /tmp/versions/{name} {VERSIONS}")
    outcome = host.run("./install.sh")
    assert outcome.status == 3
    assert "The disk is full." in outcome.text
    assert "Next: sudo apt-get clean" in outcome.text
    assert installed(host) == before
    host.expect(f"umount {VERSIONS} && rm -rf /tmp/versions")


@pytest.mark.usefixtures("changed_source")
def test_a_lost_network_is_said_and_loses_nothing(host: BareHost) -> None:
    before = installed(host)
    nowhere = "PIP_INDEX_URL=http://127.0.0.1:9 PIP_EXTRA_INDEX_URL= PIP_RETRIES=0 PIP_FIND_LINKS="
    outcome = host.run(f"env {nowhere} ./install.sh")
    assert outcome.status == 3
    assert "A package archive could not be reached. Nothing that worked before was changed." in outcome.text
    assert "Next: check this host's network" in outcome.text
    assert installed(host) == before


@pytest.mark.usefixtures("changed_source")
def test_other_files_of_another_index_are_not_taken(host: BareHost) -> None:
    """Raspberry Pi OS adds an index whose files have the same names and other hashes."""
    name = host.expect(
        "sed -n 's/^tomlkit==\\([^ ]*\\).*/tomlkit-\\1-py3-none-any.whl/p' requirements/runtime.txt"
    ).strip()
    other = "other\n"
    host.expect("mkdir -p /srv/index/tomlkit")
    host.write(f"/srv/index/tomlkit/{name}", other)
    digest = hashlib.sha256(other.encode()).hexdigest()
    host.write("/srv/index/tomlkit/index.html", f'<a href="{name}#sha256={digest}">{name}</a>')
    host.expect(
        "cp /etc/pip.conf /etc/pip.conf.kept && sed -i '/^extra-index-url/s|$| file:///srv/index|' /etc/pip.conf"
    )
    host.expect("grep -q /srv/index /etc/pip.conf || echo 'extra-index-url = file:///srv/index' >> /etc/pip.conf")
    host.expect("./install.sh")
    host.expect("xmpp-wizard --version && mv /etc/pip.conf.kept /etc/pip.conf")


def test_waits_for_another_package_manager(host: BareHost) -> None:
    host.expect("dpkg --purge mmdebstrap")
    host.write("/tmp/hold.py", HOLD)
    held = "until [ -e /tmp/held ]; do sleep 0.1; done"
    text = host.expect(f": > /tmp/out; python3 /tmp/hold.py & {held}; ./install.sh > /tmp/out 2>&1; cat /tmp/out")
    assert "Waiting for another package manager, process" in text
    assert "(python3)" in text
    host.expect("mmdebstrap --version")


def test_starts_the_engine_again_after_a_crash(host: BareHost) -> None:
    host.expect("kill -9 $(cat /run/docker.pid); sleep 1; ! docker version")
    host.expect("./install.sh --engine-only")
    host.expect("docker version")


def test_sets_a_server_up_from_an_answer_file(host: BareHost) -> None:
    text = host.expect(f"PYTHONWARNINGS=default ./install.sh --answers {EXAMPLE}")
    # Such as Python 3.12's about a fork beside threads, which it hides unless asked.
    assert "Warning" not in text
    assert "xmpp-wizard user add" in text
    status = json.loads(host.expect("xmpp-wizard status --json"))
    assert status["healthy"] is True
    assert status["domain"] in text


def test_a_change_on_a_terminal_gives_no_warning(host: BareHost) -> None:
    """There a thread ticks while the work goes on in a process of its own."""
    change = "xmpp-wizard apply --yes --set features.group_chat.history_days=9"
    text = on_a_terminal(["docker", "exec", "-t", "-e", "PYTHONWARNINGS=default", host.name, *change.split()])
    assert "Warning" not in text
    assert "features" in host.expect("cat /etc/xmpp-wizard/answers.toml")
    assert json.loads(host.expect("xmpp-wizard status --json"))["healthy"] is True


def test_a_silent_foreign_engine_is_left_alone(debian_13: str, start_host: Callable[..., BareHost]) -> None:
    host = start_host(debian_13)
    host.write("/usr/local/bin/docker", "#!/bin/sh\nexit 1\n", mode=0o755)
    packages = host.expect("dpkg-query -W")
    outcome = host.run("./install.sh")
    assert outcome.status == 5
    assert "install.sh leaves such a Docker alone." in outcome.text
    assert "Next: start it (sudo systemctl start docker" in outcome.text
    assert host.expect("dpkg-query -W") == packages


def test_a_running_foreign_engine_is_used_as_it_is(debian_13: str, start_host: Callable[..., BareHost]) -> None:
    host = start_host(debian_13, ["/var/run/docker.sock:/var/run/docker.sock"])
    host.write("/usr/local/bin/docker", "#!/bin/sh\n# not the distribution's\nexit 0\n", mode=0o755)
    host.expect("./install.sh")
    host.expect("xmpp-wizard --version")
    assert "not the distribution's" in host.expect("cat /usr/local/bin/docker")
    assert host.run("dpkg-query -W docker.io").status != 0
    assert host.run("pidof dockerd").status != 0
