"""How fast the wizard is on the screen: its first frame beside a bare app of the same library, keys while it works."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
from tests.benchmarks.report import show, tell
from tests.e2e.server.faults import unreachable
from tests.e2e.server.machine import PORTS, Server, program_environment

pytestmark = [pytest.mark.benchmark, pytest.mark.e2e]

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("xmpp-wizard")
Bare().run(mouse=False)
"""
FRAME, FIELD = b"xmpp-wizard", b"Your chat address"
ROUNDS = 15
KEYS = 60
QUIET_SECONDS = 0.3


class Screen:
    """A pseudo terminal; ``text`` is all that was drawn on it so far."""

    def __init__(self, line: int) -> None:
        self._line = line
        self.text = b""

    def read(self, seconds: float) -> bytes:
        """Return what comes within ``seconds``, empty if nothing does."""
        if not select.select([self._line], [], [], seconds)[0]:
            return b""
        piece = os.read(self._line, 65536)
        self.text += piece
        return piece

    def wait(self, is_there: Callable[[bytes], bool], seconds: float = 30) -> None:
        """Read until what was drawn is as wanted."""
        deadline = time.monotonic() + seconds
        while not is_there(self.text):
            assert time.monotonic() < deadline, self.text[-2000:]
            self.read(0.1)

    def rest(self) -> None:
        """Read until nothing has come for a while."""
        while self.read(QUIET_SECONDS):
            pass

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._line, keys)


@contextmanager
def screen(command: list[str], environment: Mapping[str, str]) -> Iterator[Screen]:
    """Run ``command`` on a terminal of 80x24."""
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    own = program_environment({"LANG": "C.UTF-8", **environment})
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=own, start_new_session=True)
    os.close(theirs)
    try:
        yield Screen(mine)
    finally:
        process.kill()
        process.wait()
        os.close(mine)


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    try:
        yield server
    finally:
        server.remove()


def environment(server: Server) -> dict[str, str]:
    """Return what makes the wizard take only an address of its own."""
    return {"XMPP_WIZARD__NETWORK__LISTEN": json.dumps([server.address])}


def seconds_to(words: bytes, command: list[str], own: Mapping[str, str]) -> float:
    """Return the seconds from the start of a program to these words on its screen."""
    began = time.perf_counter()
    with screen(command, own) as found:
        found.wait(lambda text: words in text)
        return time.perf_counter() - began


def test_first_frame_against_a_bare_app(server: Server) -> None:
    ours, bare, field = [], [], []
    for _ in range(ROUNDS):
        bare.append(seconds_to(FRAME, [sys.executable, "-c", BARE], {}))
        ours.append(seconds_to(FRAME, server.command(), environment(server)))
        field.append(seconds_to(FIELD, server.command(), environment(server)))
    show(f"the address can be typed after {median(field):.2f} s; what is typed before is kept")
    tell("first frame of the wizard against a bare app", ours, bare, 1.5)


def test_key_to_paint_while_an_apply_runs(server: Server) -> None:
    with screen(server.command(), environment(server)) as found, unreachable(server.address, PORTS["client"]):
        found.wait(lambda text: FIELD in text)
        found.type(f"alice@{server.domain}".encode())
        found.wait(lambda text: b"You are alice" in text)
        found.type(b"\r")
        found.wait(lambda text: b"Apply starts" in text)
        found.type(b"\r")
        found.wait(lambda text: b"Look whether" in text)
        found.rest()
        times = [key_to_paint(found, b"\x1b[B" if number % 2 else b"\x1b[A") for number in range(KEYS)]
    times.sort()
    worst = times[int(len(times) * 0.95)] * 1000
    show(f"key to paint while an apply runs: median {median(times) * 1000:.1f} ms, 95 % {worst:.1f} ms (wanted 50)")


def key_to_paint(found: Screen, key: bytes) -> float:
    """Return the seconds from a key press to the focus sign in its new row."""
    time.sleep(0.05)
    while found.read(0):
        pass
    start = len(found.text)
    began = time.perf_counter()
    found.type(key)
    found.wait(lambda text: "»".encode() in text[start:], 5)
    return time.perf_counter() - began


if os.geteuid() != 0:
    pytest.skip("benchmarks need root", allow_module_level=True)
