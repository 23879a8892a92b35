"""On a terminal install.sh fits 80 columns, ticks while it works, and needs no colour."""

import os
import pty
import subprocess
from collections.abc import Callable

import pytest
from tests.e2e.install.bare_host import SOURCE, BareHost

pytestmark = pytest.mark.e2e


def on_a_terminal(command: list[str]) -> str:
    """Run a command on a terminal of its own and return all that it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
    os.close(ours)
    assert process.returncode == 0
    return b"".join(pieces).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other side has closed it
        return b""


def test_ticks_within_80_columns(debian_13: str, start_host: Callable[..., BareHost]) -> None:
    host = start_host(debian_13)
    text = on_a_terminal(
        ["docker", "exec", "-t", "-e", "NO_COLOR=1", "-w", SOURCE, host.name, "./install.sh", "--engine-only"]
    )
    assert "s of about 60 s; log: /var/log/xmpp-wizard-install.log" in text
    assert "\x1b" not in text
    for line in text.replace("\r", "\n").splitlines():
        assert len(line) < 80
