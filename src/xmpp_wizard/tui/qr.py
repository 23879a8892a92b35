"""A QR code for a terminal: half blocks where the font has them, else two full cells a dot, else none.

The code is dark on light whatever the terminal is: many cameras take no other. So it keeps its two colours also where
no colours are wished; they are what it says, not how it looks.
"""

from __future__ import annotations

from collections.abc import Sequence

import segno
from textual.content import Content
from textual.filter import LineFilter, NoColor

from xmpp_wizard.tui.widgets import Plain

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


def drawn(text: str, *, has_half_blocks: bool, columns: int, rows: int) -> Content | None:
    """Return the code as text in its own colours, or None where it does not fit."""
    code = dots(text)
    for way in (*([half_blocks(code)] if has_half_blocks else []), full_cells(code)):
        if len(way) <= rows and len(way[0]) <= columns:
            return Content("\n".join(way)).stylize(_STYLE)
    return None


class Code(Plain):
    """A code on a page; it keeps its colours also with NO_COLOR."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each line goes through before it is drawn."""
        return [one for one in super().get_line_filters() if not isinstance(one, NoColor)]
