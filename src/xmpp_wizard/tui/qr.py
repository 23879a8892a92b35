"""A QR code for a terminal: half blocks where the font has them, else two full cells a dot, else none.

Glyphs are the light dots, so that the code is dark on light with colours, and on a dark terminal also without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import segno
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from xmpp_wizard.tui.console import draws_half_blocks

MARGIN = 2
"""Dots of light around the code: half of what the standard asks for, which every phone was seen to take."""
_STYLE = "ansi_white on ansi_black"
_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}


def dots(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of the code for ``text``, with its margin; True is dark."""
    code = segno.make(text, error="l", micro=False, boost_error=False)
    return tuple(tuple(bool(dot) for dot in row) for row in code.matrix_iter(border=MARGIN))


def half_blocks(rows: Sequence[Sequence[bool]]) -> list[str]:
    """Return the code with two dots above each other in a cell."""
    width = len(rows[0])
    padded = [*rows, [False] * width] if len(rows) % 2 else list(rows)
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return ["".join(_HALVES[top, low] for top, low in zip(*pair, strict=True)) for pair in pairs]


def full_cells(rows: Sequence[Sequence[bool]]) -> list[str]:
    """Return the code with two cells for a dot, for fonts without half blocks."""
    return ["".join("  " if dark else "██" for dark in row) for row in rows]


def lines_for(text: str, environment: Mapping[str, str], room: tuple[int, int]) -> list[str]:
    """Return the code as this terminal can draw it in ``room`` (columns, rows); nothing where it cannot."""
    rows = dots(text)
    ways = [half_blocks(rows)] if draws_half_blocks(environment) else []
    for way in (*ways, full_cells(rows)):
        if len(way) <= room[1] and len(way[0]) <= room[0]:
            return way
    return []


class QrCode(Widget):
    """Shows lines that :func:`lines_for` made, dark on light whatever the theme is."""

    def __init__(self, lines: Sequence[str] = (), *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        """Show ``lines``."""
        super().__init__(id=id)
        self._lines = list(lines)

    def show(self, lines: Sequence[str]) -> None:
        """Show another code."""
        if list(lines) != self._lines:
            self._lines = list(lines)
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return it."""
        return Content("\n".join(self._lines)).stylize(_STYLE)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return as many columns as it has."""
        _ = container, viewport
        return max(map(len, self._lines), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return as many rows as it has."""
        _ = container, viewport, width
        return len(self._lines)
