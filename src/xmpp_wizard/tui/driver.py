"""The line to the terminal: gives it back in order however the program ends, and takes any bytes that come from it."""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import termios
import threading

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

SIGNALLED = 128
"""Exit status after a signal: this and its number."""
_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_GRACE_SECONDS = 1.5
_UNASKED = ("\x1b[<u", "\x1b]22;")
"""Ends a keyboard protocol that was not begun; gives the mouse another shape."""
_SCREEN = 2
"""Textual draws on stderr."""
_READ_BYTES = 4096
_POLL_SECONDS = 0.1
_CTRL_C = b"\x03"
_GIVE_BACK = b"\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[?1004l"
"""No bracketed paste, wrapped lines, the other screen, a cursor, no reports of focus."""

# no key here needs it, and lines between here and there print its codes
constants.DISABLE_KITTY_KEY = True  # type: ignore[misc]  # read again at each start


class TerminalDriver(LinuxDriver):
    """A Linux terminal that may be closed, killed, suspended, or send rubbish."""

    def start_application_mode(self) -> None:
        """Take the terminal; from now on a signal ends the program in order."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self.end, SIGNALLED + number)

    def stop_application_mode(self) -> None:
        """Give the terminal back; whoever has it now is ended by signals as any program is."""
        super().stop_application_mode()
        for number in _ENDING:
            self._loop.remove_signal_handler(number)

    def write(self, data: str) -> None:
        """Write to the terminal, but nothing that was never asked of it and that old ones print as letters."""
        if not data.startswith(_UNASKED):
            super().write(data)

    def end(self, status: int) -> None:
        """Leave after a signal with ``status``."""
        self._app.exit(status)

    def end_soon(self, status: int) -> None:
        """See to it that the program ends, though a check may wait for the network or the terminal take nothing.

        Work that goes on in the background is a process of its own and is not touched.
        """
        timer = threading.Timer(_GRACE_SECONDS, self._end_now, [status])
        timer.daemon = True
        timer.start()

    def _end_now(self, status: int) -> None:
        """Leave though something hangs: a closed terminal takes no output, a check may wait for the network."""
        try:
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            # never waits, though the line may be held up
            if select.select([], [_SCREEN], [], 0)[1]:
                os.write(_SCREEN, _GIVE_BACK)
        except (OSError, termios.error):
            pass
        os._exit(status)

    def run_input_thread(self) -> None:
        """Turn what comes from the terminal into keys; its end is the program's end."""
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _POLL_SECONDS)[0]:
                data = self._read()
                if not data:
                    self._loop.call_soon_threadsafe(self.end, SIGNALLED + signal.SIGHUP)
                    return
                if data == _CTRL_C:
                    # a paste whose end was lost on the way would swallow every key from now on
                    parser = XTermParser(self._debug)
                for event in parser.feed(decode(data)):
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

    def _read(self) -> bytes:
        """Return what was typed; nothing if the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""


def is_job() -> bool:
    """Say whether a shell waits for this program as for one of its jobs, so that ``fg`` brings it back."""
    group, parent = os.getpgrp(), os.getppid()
    try:
        while os.getpgid(parent) == group:
            parent = _parent_of(parent)
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError):
        return False


def _parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 one line of the kernel
        # the name of the program, which may have anything in it, ends with the last bracket
        return int(file.read().rpartition(")")[2].split()[1])
