"""A terminal line with the wizard on it, and the signs that consoles can draw."""

from __future__ import annotations

import fcntl
import os
import pty
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

ASCII = {chr(code) for code in range(0x20, 0x7F)}
SAFE = ASCII | set("─│┌┐└┘├┤═║╔╗╚╝█░▒▲▼←↑→↓•«»äöüÄÖÜßé")
ON_CONSOLES = str.maketrans("═║╔╗╚╝▲▼", "─│┌┐└┘↑↓")
"""What the fonts of consoles draw by the same shapes: in none of them can a double line be told from a single one."""


class Terminal:
    """A pseudo terminal with the wizard in it."""

    def __init__(self, process: subprocess.Popen[bytes], line: int, size: tuple[int, int] = (80, 24)) -> None:
        self.screen = pyte.Screen(*size)
        self.process, self.line, self.raw = process, line, b""
        self._stream = pyte.ByteStream(self.screen)

    def wait(self, is_there: Callable[[], bool], seconds: float = 60) -> None:
        """Read until ``is_there``."""
        end = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < end, "\n".join(self.screen.display)
            self.read(0.1)

    def read(self, seconds: float) -> bool:
        """Read what comes within ``seconds``; return whether anything came."""
        if not select.select([self.line], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.line, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    def rest(self, seconds: float = 0.4) -> None:
        """Read until nothing has come for a while."""
        end = time.monotonic() + 20
        assert self.read(20), "nothing is drawn"
        while self.read(seconds):
            assert time.monotonic() < end, "it never rests"

    def resize(self, columns: int, rows: int) -> None:
        """Make the window larger or smaller."""
        self.screen.resize(rows, columns)
        resize(self.line, columns, rows)

    def close(self) -> None:
        """Pull the plug."""
        if self.line >= 0:
            os.close(self.line)
            self.line = -1

    def shows(self, words: str) -> Callable[[], bool]:
        """Return what says whether ``words`` are on the screen."""
        return lambda: words in "\n".join(self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.line, keys.encode())


@contextmanager
def terminal(
    environment: dict[str, str],
    scene: str = "first",
    size: tuple[int, int] = (80, 24),
    *before: str,
    program: Sequence[str] = (),
) -> Iterator[Terminal]:
    """Start the wizard, or another ``program`` of tests, on a terminal; ``before`` is a program that starts it."""
    mine, theirs = pty.openpty()
    resize(theirs, *size)
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(sys.path), **environment}
    words = program or (str(Path(__file__).with_name("console_app.py")), scene)
    command = ["setsid", "--ctty", *before, sys.executable, *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=own)
    os.close(theirs)
    found = Terminal(process, mine, size)
    try:
        yield found
    finally:
        process.kill()
        process.wait()
        found.close()


def resize(line: int, columns: int, rows: int) -> None:
    """Give the terminal another size."""
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
