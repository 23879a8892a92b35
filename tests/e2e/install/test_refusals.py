"""install.sh refuses an unfit host in its first second, and says what to do next.

The unfit hosts are this machine, seen through a mount namespace of its own in which
one file differs.
"""

import os
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


def install(source: Path, arguments: str = "", *, around: str = "true") -> tuple[int, str, float]:
    """Run install.sh in a mount namespace after the commands `around`."""
    script = f"{around} && exec ./install.sh {arguments}"
    began = time.monotonic()
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=source,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return ended.returncode, ended.stdout + ended.stderr, time.monotonic() - began


def test_without_root(source: Path) -> None:
    status, text, seconds = install(
        source, around="exec setpriv --reuid=65534 --regid=65534 --clear-groups ./install.sh --answers my.toml"
    )
    assert status == 5
    assert text.endswith("needs root.\nNext: sudo ./install.sh --answers my.toml\n")
    assert seconds < 1


@pytest.mark.parametrize(
    "system",
    [
        'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora 42"',
        'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"',
        'ID=ubuntu\nVERSION_ID="20.04"\nPRETTY_NAME="Ubuntu 20.04 LTS"',
        'ID=raspbian\nVERSION_ID="11"\nPRETTY_NAME="Raspbian GNU/Linux 11 (bullseye)"',
        'ID=alpine\nVERSION_ID=3.22\nPRETTY_NAME="Alpine Linux v3.22"',
        "",
    ],
)
def test_unsupported_systems(source: Path, tmp_path: Path, system: str) -> None:
    (tmp_path / "os-release").write_text(system + "\n")
    status, text, seconds = install(source, around=f"mount --bind {tmp_path}/os-release /etc/os-release")
    assert status == 5
    assert "which is not supported" in text
    assert "Next: install Debian 12 or newer" in text
    assert seconds < 1


@pytest.mark.parametrize(
    "system",
    [
        'ID=debian\nVERSION_ID="13"',
        'ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"',
        'ID=raspbian\nVERSION_ID="12"',
        'ID=ubuntu\nVERSION_ID="22.04"',
        'ID=ubuntu\nVERSION_ID="26.04"',
    ],
)
def test_supported_systems(source: Path, tmp_path: Path, system: str) -> None:
    (tmp_path / "os-release").write_text(system + "\n")
    status, text, _ = install(source, "--dry-run", around=f"mount --bind {tmp_path}/os-release /etc/os-release")
    assert status == 0, text


@pytest.mark.parametrize(
    ("command", "answer", "words"),
    [
        ("uname", "armv6l", "ARMv6"),
        ("dpkg", "riscv64", "architecture (riscv64) is not supported"),
    ],
)
def test_unsupported_processors(source: Path, tmp_path: Path, command: str, answer: str, words: str) -> None:
    (tmp_path / command).write_text(f"#!/bin/sh\necho {answer}\n")
    (tmp_path / command).chmod(0o755)
    status, text, _ = install(source, around=f"PATH={tmp_path}:$PATH")
    assert status == 5
    assert words in text


def test_too_little_memory(source: Path, tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:         250000 kB\n")
    status, text, seconds = install(source, around=f"mount --bind {tmp_path}/meminfo /proc/meminfo")
    assert status == 5
    assert "This host has 256 MB of memory; at least 400 MB are needed." in text
    assert seconds < 1


def test_too_little_disk(source: Path) -> None:
    status, text, seconds = install(source, around="mount -t tmpfs -o size=100m tmpfs /var/lib")
    assert status == 5
    assert "The disk has 100 MB free below /var/lib" in text
    assert "Next: sudo apt-get clean" in text
    assert seconds < 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ("--frobnicate", 64, "install.sh does not know --frobnicate."),
        ("--answers", 64, "--answers needs a file."),
        ("--answers /nowhere/a.toml", 5, "There is no readable answer file /nowhere/a.toml."),
    ],
)
def test_wrong_usage(source: Path, arguments: str, status: int, words: str) -> None:
    found, text, _ = install(source, arguments)
    assert found == status
    assert words in text
    assert "Next: " in text


def test_a_dry_run_changes_nothing(source: Path) -> None:
    watched = [path for path in ("/opt", "/usr/local/bin", "/var/log", "/run", "/var/lib/dpkg") if Path(path).is_dir()]
    # Read-only mounts turn any attempt to write into a failure.
    read_only = " && ".join(f"mount --bind -o ro {path} {path} && mount -o remount,bind,ro {path}" for path in watched)
    status, text, _ = install(source, "--dry-run", around=read_only)
    assert status == 0, text
    assert "nothing is changed now" in text


def test_the_scripts_are_clean(source: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    scripts = ["install.sh", "run-tests.sh", ".ci/run", "scripts/lock", "scripts/make-release"]
    ended = subprocess.run(
        ["shellcheck", "-x", "-a", *scripts], cwd=source, env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout
