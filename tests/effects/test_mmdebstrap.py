"""What makes the base image where no registry has it: from which mirror, and what if it hangs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.effects import mmdebstrap
from xmpp_wizard.effects.mmdebstrap import mirror_lines, run_mmdebstrap

DEBIAN = [
    "Debian|Debian-Security|bookworm-security|http://mirror.example/debian-security/",
    "Debian|Debian|bookworm-updates|http://mirror.example/debian/",
    "Debian|Debian|bookworm|http://mirror.example/debian/",
    "Debian|Debian Backports|bookworm-backports|http://other.example/debian/",
    "Docker|Docker CE|bookworm|https://docker.example/linux/debian/",
]


def test_the_hosts_own_mirror_is_used_for_all_parts_of_the_release() -> None:
    assert list(mirror_lines(DEBIAN)) == [
        "deb http://mirror.example/debian trixie main",
        "deb http://mirror.example/debian trixie-updates main",
        "deb http://mirror.example/debian-security trixie-security main",
    ]


@pytest.mark.parametrize(
    "targets",
    [
        [],
        ["Ubuntu|Ubuntu|noble|http://mirror.example/ubuntu/", "Ubuntu|Ubuntu|noble-security|http://mirror.example/u/"],
        ["Raspbian|Raspbian|bookworm|http://mirror.example/raspbian/"],
        ["Debian|Debian|trixie|cdrom://[Debian 13]/", "Debian|Debian-Security|trixie-security|file:/srv/security"],
        DEBIAN[1:3],
        ["nonsense"],
    ],
)
def test_any_other_host_leaves_the_mirror_to_the_tool(targets: list[str]) -> None:
    """Without a mirror for security updates, too, the host's own would make an image that lacks them."""
    assert list(mirror_lines(targets)) == []


def tool(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a tool that behaves like ``script`` in mmdebstrap's place: the real one cannot be made to hang."""
    program = folder / "mmdebstrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(mmdebstrap, "_SILENCE_SECONDS", 1.0)


def bootstrap(folder: Path) -> list[str]:
    """Run what makes the base image; return what it reported."""
    lines: list[str] = []
    run_mmdebstrap(str(folder / "base.tar"), "amd64", str(folder), lines.append)
    return lines


def test_a_bootstrap_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path, monkeypatch, f"echo 'I: working'\nsleep 600 &\necho $! > {tmp_path}/child\nwait")
    with pytest.raises(EngineError, match=r"silent for 1 s") as caught:
        bootstrap(tmp_path)
    assert "Debian mirror" in str(caught.value.hint)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    deadline = time.monotonic() + 10
    # where nobody waits for orphans, an ended one stays as a zombie
    while child.exists() and child.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_that_hangs_once_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"echo \"$@\" > {tmp_path}/words; echo 'I: working'; [ -e {tmp_path}/tried ] && exit 0; "
    tool(tmp_path, monkeypatch, f"{script}touch {tmp_path}/tried; sleep 600")
    said = [line.partition(" (")[0] for line in bootstrap(tmp_path)]
    assert said == ["working", "mmdebstrap was silent for 1 s and was given up; trying once more", "working"]
    words = (tmp_path / "words").read_text()
    assert "--aptopt=Acquire::Retries 3" in words
    assert "--aptopt=Acquire::Max-Pipeline-Depth 1000" in words
    assert "--aptopt=Acquire::http::Timeout 60" in words


def test_one_that_says_the_same_for_ever_is_silent_and_fills_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path, monkeypatch, "while :; do echo 'W: Tried to start delayed item, but failed'; echo 'W: so'; done")
    lines: list[str] = []
    with pytest.raises(EngineError, match=r"silent for 1 s"):
        run_mmdebstrap(str(tmp_path / "base.tar"), "amd64", str(tmp_path), lines.append)
    assert len(lines) == 5, "two for each try, and that it tries once more"


def test_a_bootstrap_that_talks_may_take_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, monkeypatch, "for i in 1 2 3 4 5 6; do printf 'I: step %s\\nmore' $i; sleep 0.3; echo; done")
    assert [line.partition(" (")[0] for line in bootstrap(tmp_path)] == [f"step {number}" for number in range(1, 7)]


def test_a_bootstrap_that_fails_says_its_last_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, monkeypatch, "echo 'E: the reason'; printf 'no line end'; exit 7")
    with pytest.raises(EngineError, match="the reason\nno line end"):
        bootstrap(tmp_path)
