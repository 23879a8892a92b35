"""A window of a terminal multiplexer with the program in it: what people look at over SSH."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte
from tests.e2e.server.machine import program_environment

COLUMNS, ROWS = 80, 24


class Tmux:
    """A tmux of its own; nobody's settings, sessions or keys are in it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the command in its only window."""
        self._name = f"xw-{uuid.uuid4().hex[:8]}"
        self._environment = program_environment({"LANG": "C.UTF-8", **environment})
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        # at once, as a program may end before tmux is spoken to again
        stay = ("start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";")
        self._call("-u", "-f", "/dev/null", *stay, "new-session", "-d", *size, *command)

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End tmux: the program in it loses its terminal (SIGHUP)."""
        subprocess.run(["tmux", "-L", self._name, "kill-server"], check=False, capture_output=True)

    def type(self, text: str) -> None:
        """Press these letters."""
        self._call("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as Enter."""
        self._call("send-keys", *keys)

    def text(self) -> str:
        """Return what is on the screen."""
        return self._call("capture-pane", "-p")

    def screen(self) -> pyte.Screen:
        """Return what is on the screen with its colours."""
        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.Stream(screen).feed(self._call("capture-pane", "-p", "-e").rstrip("\n").replace("\n", "\r\n"))
        return screen

    def expect(self, words: str, seconds: float = 60) -> None:
        """Wait until the screen shows ``words``."""
        self.wait(lambda: words in self.text(), words, seconds)

    def status(self) -> str:
        """Return the exit status of the program, empty as long as it runs.

        A kernel has been seen not to tell tmux of the end of a program with several threads: it looks when told to.
        """
        os.kill(int(self._call("display-message", "-p", "#{pid}")), signal.SIGCHLD)
        return self._call("display-message", "-p", "#{pane_dead_status}").strip()

    def wait(self, happened: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Wait until ``happened`` returns something true."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, (
                f"not within {seconds} s: {what}\n{self.text()}\n(status {self.status()!r})"
            )
            time.sleep(0.1)

    def _call(self, *words: str) -> str:
        command = ["tmux", "-L", self._name, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self._environment).stdout
