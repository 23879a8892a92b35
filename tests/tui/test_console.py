"""The screens on a real terminal line, as a console draws them: nothing invisible, no sign that a font lacks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

SAFE = set("─│┌┐└┘├┤═║╔╗╚╝█░▒▲▼←↑→↓•«» ") | {chr(code) for code in range(0x20, 0x7F)} | set("äöüÄÖÜßé")
APP = str(Path(__file__).with_name("console_app.py"))
BRIGHT = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:9[0-7]|10[0-7])(?:;[\d;]*)?m")
PROFILES = [
    {"TERM": "linux"},
    {"TERM": "vt220"},
    {"TERM": "xterm"},
    {"TERM": "screen"},
    {"TERM": "linux", "NO_COLOR": "1"},
]


class Terminal:
    """A pseudo terminal with the wizard in it."""

    def __init__(self, process: subprocess.Popen[bytes], line: int, size: tuple[int, int] = (80, 24)) -> None:
        self.screen = pyte.Screen(*size)
        self.process, self.line, self.raw = process, line, b""
        self._stream = pyte.ByteStream(self.screen)

    def wait(self, is_there: Callable[[], bool], seconds: float = 20) -> None:
        """Read until ``is_there``."""
        end = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < end, "\n".join(self.screen.display)
            self.read(0.1)

    def read(self, seconds: float) -> None:
        """Read what comes within ``seconds``."""
        if select.select([self.line], [], [], seconds)[0]:
            try:
                data = os.read(self.line, 65536)
            except OSError:
                return
            self.raw += data
            self._stream.feed(data)

    def shows(self, words: str) -> Callable[[], bool]:
        """Return what says whether ``words`` are on the screen."""
        return lambda: words in "\n".join(self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.line, keys.encode())


@contextmanager
def terminal(
    environment: dict[str, str], program: Sequence[str] = (APP,), size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """Start the wizard, or another program of tests, on a terminal of columns and rows."""
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size[::-1], 0, 0))
    own = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": ":".join(sys.path), **environment}
    words = [sys.executable, *program]
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=own, start_new_session=True)
    os.close(theirs)
    try:
        yield Terminal(process, mine, size)
    finally:
        process.kill()
        process.wait()
        os.close(mine)


def check(found: Terminal) -> None:
    """Look at every letter as the console has it."""
    for row in range(24):
        for column in range(80):
            cell = found.screen.buffer[row][column]
            assert cell.data in SAFE, (row, column, cell.data)
            if cell.data != " ":
                assert cell.fg != cell.bg or cell.fg == "default", (row, column, cell)
    assert not BRIGHT.search(found.raw)


@pytest.mark.parametrize("environment", PROFILES, ids=lambda profile: "-".join(profile.values()))
def test_all_is_visible_and_the_cursor_is_on_the_focus(environment: dict[str, str]) -> None:
    with terminal(environment) as found:
        found.wait(found.shows("Your chat address"))
        found.type("alice@a.example")
        found.wait(found.shows("You are alice"))
        check(found)
        row = next(number for number, line in enumerate(found.screen.display) if "║ alice@a.example" in line)
        found.wait(lambda: (found.screen.cursor.y, found.screen.cursor.x) == (row, 19))
        found.type("\r")
        found.wait(found.shows("» [ Apply ]"))
        found.wait(found.shows("Security"))
        check(found)
        row = next(number for number, line in enumerate(found.screen.display) if "» [ Apply ]" in line)
        found.wait(lambda: found.screen.cursor.y == row)


def test_ctrl_c_leaves_the_first_screen() -> None:
    with terminal({"TERM": "linux"}) as found:
        found.wait(found.shows("Your chat address"))
        found.type("\x03")
        assert found.process.wait(10) == 0


def test_without_a_terminal_people_are_told_what_to_type() -> None:
    own = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": ":".join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-m", "xmpp_wizard"],
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert told.returncode == 64
    assert b"xmpp-wizard apply --answers" in told.stderr
    assert b"\x1b" not in told.stderr
