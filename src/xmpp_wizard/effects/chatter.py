"""What a tool says line by line; the same said over and over is neither passed on nor a sign of life."""

from __future__ import annotations

import time
from collections import deque

from xmpp_wizard.core.containers import Report

_KEPT_LINES = 200
_REPEATED_WITHIN = 20


class Chatter:
    """The lines of one tool.

    apt has been seen to repeat one warning ("Tried to start delayed item …, but failed") hundreds of thousands of
    times while a mirror failed: a disk is soon full of that, and no end would ever come.
    """

    def __init__(self, report: Report, seconds: float) -> None:
        """``report`` gets what is new; for ``seconds`` there may be nothing new."""
        self._report, self._seconds = report, seconds
        self._since = time.monotonic()
        self.lines: deque[str] = deque(maxlen=_KEPT_LINES)
        """The last ones, each once."""

    def hear(self, line: str) -> None:
        """Take the next line.

        Raises:
            TimeoutError: it is one of the last again, and has been so for too long.
        """
        now = time.monotonic()
        if line in list(self.lines)[-_REPEATED_WITHIN:]:
            if now - self._since > self._seconds:
                raise TimeoutError(line)
            return
        self._since = now
        self.lines.append(line)
        self._report(line)
