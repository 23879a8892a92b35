"""A terminal window with the program in it, which can be typed into and closed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.e2e.server.machine import program_environment


class Terminal:
    """A pseudo terminal that is the controlling one of a session of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the command in it."""
        self._handle, inside = pty.openpty()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=inside, stdout=inside, stderr=inside, env=program_environment()
        )
        os.close(inside)
        self.text = ""

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the window, and end what does not end with it."""
        self.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._handle, keys.encode())

    def expect(self, words: str, seconds: float = 60) -> None:
        """Wait until the program has printed ``words``; line ends count as spaces."""
        deadline = time.monotonic() + seconds
        while words not in " ".join(self.text.split()):
            assert time.monotonic() < deadline, f"{words!r} did not come:\n{self.text}"
            if select.select([self._handle], [], [], 0.1)[0]:
                self.text += self._read()

    def end(self, seconds: float = 60) -> int:
        """Read on until the program ends and return its exit status."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.text}"
            if select.select([self._handle], [], [], 0.1)[0]:
                self.text += self._read()
        # a terminal hands on what was written in pieces, and only then says that nobody is there any more
        while select.select([self._handle], [], [], 0.2)[0] and (piece := self._read()):
            self.text += piece
        return self.process.wait()

    def close(self) -> None:
        """Close the window: the kernel hangs up on everything in it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _read(self) -> str:
        try:
            return os.read(self._handle, 65536).decode(errors="replace")
        except OSError:  # the last program in it is gone
            time.sleep(0.05)
            return ""
