"""The base image where no registry answers, and where mirrors come from."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from xmpp_wizard.core.errors import EngineError
from xmpp_wizard.effects import base_image
from xmpp_wizard.effects.base_image import mirror_lines, provide
from xmpp_wizard.effects.docker_api import Engine

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
    monkeypatch.setattr(base_image, "_WORK_SILENCE_SECONDS", 1.0)


def bootstrap(folder: Path) -> list[str]:
    """Run what makes the base image; return what it reported."""
    lines: list[str] = []
    base_image._run_mmdebstrap(str(folder / "base.tar"), "amd64", str(folder), lines.append)
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


def test_a_bootstrap_that_talks_may_take_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, monkeypatch, "for i in 1 2 3 4 5 6; do printf 'I: step %s\\nmore' $i; sleep 0.3; echo; done")
    assert [line.partition(" (")[0] for line in bootstrap(tmp_path)] == [f"step {number}" for number in range(1, 7)]


def test_a_bootstrap_that_fails_says_its_last_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, monkeypatch, "echo 'E: the reason'; printf 'no line end'; exit 7")
    with pytest.raises(EngineError, match="the reason\nno line end"):
        bootstrap(tmp_path)


@pytest.mark.e2e
def test_without_mmdebstrap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineError, match="mmdebstrap") as caught:
        provide(Engine(), "localhost:1/base:none", lambda _: None)
    assert "sudo apt-get install mmdebstrap" in str(caught.value.hint)


@pytest.mark.e2e
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a Debian system")
def test_an_image_that_no_registry_has_is_made_from_a_mirror() -> None:
    tag = f"localhost:1/xmpp-wizard-base:{os.getpid()}"
    lines: list[str] = []
    engine = Engine()
    try:
        made = provide(engine, tag, lines.append)
        assert any("no registry has it" in line for line in lines)
        assert any(line.endswith(" s)") for line in lines)
        assert provide(engine, tag, lines.append) == made
        script = ". /etc/os-release; echo $VERSION_CODENAME; ls /var/cache/apt; cat /etc/apt/sources.list"
        told = subprocess.run(
            ["docker", "run", "--rm", tag, "sh", "-c", script], check=True, capture_output=True, text=True
        ).stdout
        assert told.startswith("trixie\ndeb ")
        assert "trixie-security" in told
    finally:
        subprocess.run(["docker", "rmi", "-f", tag], check=False, capture_output=True)
