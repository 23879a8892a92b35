"""Lines of Prosody's log: taken apart, and chosen by how much they matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Filter: TypeAlias = Literal["warnings", "people", "all"]
FILTERS: tuple[Filter, ...] = ("warnings", "people", "all")
_LINE = re.compile(r"(?:\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)\S*\s+(\S+)\s+(debug|info|warn|error)\s+(.*)", re.DOTALL)
_ORDINARY = re.compile(r"^Received SIG(TERM|INT|HUP)\b")
"""What Prosody warns of at each restart and each change of its settings, which somebody wanted."""
_NOISE = re.compile(r"^(Admin client (dis)?connected|Client (dis)?connected|Stream encrypted)")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; ``level`` is empty where it has not the usual form."""

    time: str
    source: str
    level: str
    text: str

    def __str__(self) -> str:
        """Return it as it is shown: time, source, text."""
        return f"{self.time}  {self.source}: {self.text}" if self.level else self.text


def parse(line: str) -> LogLine:
    """Take a line apart; invisible signs in it are taken out, for the terminal obeys some of them."""
    clean = "".join(sign if sign.isprintable() else " " for sign in line).rstrip()
    found = _LINE.match(clean)
    if found is None:
        return LogLine("", "", "", clean)
    # a session's name ends with the address of its memory, which says nothing
    source = re.sub(r"[0-9a-f]{8,}\Z", "", found[2])
    return LogLine(found[1], source, found[3], found[4])


def chosen(lines: Iterable[str], which: Filter) -> list[LogLine]:
    """Return the lines that ``which`` lets through.

    ``warnings``: warnings and worse, but not that somebody restarted it. ``people``: also what happens, without this
    program's own looking. ``all``: all.
    """
    found = [parse(line) for line in lines]
    if which == "warnings":
        return [line for line in found if line.level in ("warn", "error") and not _ORDINARY.match(line.text)]
    if which == "people":
        return [line for line in found if line.level not in ("", "debug") and not _NOISE.match(line.text)]
    return found
