"""The command line against real name servers: pushed, checked by a resolver that validates, removed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.e2e.dns.lab import HERE, Lab
from tests.e2e.dns.programs import ALGORITHM, KEY_NAME, SECRET

pytestmark = pytest.mark.e2e

SOURCES = Path(__file__).parents[3] / "src"
DOMAIN = "chat.example.lab"


class Program:
    """Runs ``dns …`` for a server of its own."""

    def __init__(self, folder: Path, lab: Lab, domain: str = DOMAIN) -> None:
        """Write answers and key."""
        (folder / "key").write_text(f'key "{KEY_NAME}" {{ algorithm {ALGORITHM}; secret "{SECRET}"; }};\n')
        (folder / "answers.toml").write_text(f"""domain = "{domain}"
features.preset = "minimal"
[network]
resolvers = ["{lab.resolver}"]
public_addresses = ["{HERE}"]
[dns]
provider = "rfc2136"
key_file = "{folder}/key"
""")
        self._folder = folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        before = [sys.executable, "-m", "xmpp_wizard", "--root", str(self._folder / "root"), "dns"]
        answers = [] if "--remove" in words else ["--answers", str(self._folder / "answers.toml")]
        environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
        command = [*before, *words, *answers]
        return subprocess.run(command, check=False, text=True, capture_output=True, timeout=120, env=environment)

    def check_until(self, words: str) -> subprocess.CompletedProcess[str]:
        """Check until that is told: for a second or two the resolver remembers what was."""
        deadline = time.monotonic() + 20
        while words not in " ".join((done := self.run("check")).stdout.split()):
            assert time.monotonic() < deadline, done.stdout
            time.sleep(0.2)
        return done


def test_from_nothing_to_right_and_back(lab: Lab, tmp_path: Path) -> None:
    program = Program(tmp_path, lab)
    assert program.run("check").returncode == 3
    pushed = program.run("push", "--yes")
    assert pushed.returncode == 0, pushed.stderr
    assert program.check_until(f"{DOMAIN}: all records are right").returncode == 0
    assert program.run("push", "--yes").stdout == "Nothing to change.\n"
    removed = program.run("push", "--remove", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert program.check_until(f"{DOMAIN} has no A record yet").returncode == 3


def test_a_wildcard_of_others_stands_in_nobodys_way(lab: Lab, tmp_path: Path) -> None:
    program = Program(tmp_path, lab, "wild.example.lab")
    before = program.run("check")
    assert "*.wild.example.lab" in " ".join(before.stdout.split())
    pushed = program.run("push", "--yes")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "stays" not in pushed.stdout
    assert program.check_until("all records are right").returncode == 0
    assert program.run("push", "--remove", "--yes").returncode == 0
    assert program.check_until("answers and leads to 8.8.8.8").returncode == 3, "the wildcard is still there"


def test_a_name_server_without_a_copy_of_the_zone_is_not_waited_for(lab: Lab, tmp_path: Path) -> None:
    program = Program(tmp_path, lab, "half.lab")
    pushed = program.run("push", "--yes")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "+ groups.half.lab A" in pushed.stdout
    assert "ns2.example.lab, a name server of half.lab, fails" in " ".join(program.run("check").stdout.split())
