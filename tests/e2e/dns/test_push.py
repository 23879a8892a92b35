"""The command line against real name servers: pushed, checked by a resolver that validates, removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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

    def findings(self) -> dict[tuple[str, str], Any]:
        """Return what the check finds, by name and key."""
        found = json.loads(self.run("check", "--json").stdout)["findings"]
        return {(finding["name"], finding["key"]): finding for finding in found}


def test_from_nothing_to_right_and_back(lab: Lab, tmp_path: Path) -> None:
    program = Program(tmp_path, lab)
    assert program.run("check").returncode == 3
    pushed = program.run("push", "--yes")
    assert pushed.returncode == 0, pushed.stderr
    checked = program.run("check")
    assert checked.returncode == 0, checked.stdout
    assert f"{DOMAIN}: all records are right" in checked.stdout
    assert program.run("push", "--yes").stdout == "Nothing to change.\n"
    removed = program.run("push", "--remove", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert program.run("check").returncode == 3


def test_name_servers_that_differ(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "split.lab").findings()
    assert found["split.lab", "lag"]["level"] == "todo"


def test_broken_dnssec(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "bogus.lab").findings()
    assert "compare the DS record" in found["bogus.lab", "dnssec-broken"]["advice"]


def test_a_zone_that_its_servers_do_not_know(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "lame.lab").findings()
    assert {key for name, key in found if name == "lame.lab"} & {"servers-fail", "lame", "refused"}


def test_a_zone_whose_servers_are_dead(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "dead.lab").findings()
    assert {key for name, key in found if name == "dead.lab"} & {"servers-fail", "no-answer"}


def test_a_name_in_a_circle(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "loop.example.lab").findings()
    assert "lead to each other" in found["loop.example.lab", "loop"]["advice"]


def test_the_router_answers_differently(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "home.example.lab").findings()
    assert "192.168.1.77" in found["home.example.lab", "split"]["text"]


def test_a_wildcard_in_the_way(lab: Lab, tmp_path: Path) -> None:
    found = Program(tmp_path, lab, "wild.example.lab").findings()
    assert "*.wild.example.lab" in found["groups.wild.example.lab", "wildcard"]["text"]
