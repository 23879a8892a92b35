"""The last look at what is drawn: a terminal gets only signs that it draws, never one that it obeys.

What others wrote (names, logs, what was pasted) may have anything in it. Each sign keeps the room that it was given,
so that nothing moves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from xmpp_wizard.tui.console import draws_ascii_only, is_window

_BLOCK = "█"
_REVERSE, _FORWARD = Style(reverse=True), Style(reverse=False)
_ASCII = str.maketrans(
    "─═│║┌┐└┘├┤╔╗╚╝░▒▓▲▼←↑→↓•«»·…ßøł",
    "-=|#++++++####.:#^v<^>v*<>..sol",
)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories of signs that are no letters: controls, directions, halves of pairs, private ones, breaks of lines."""


class Signs(LineFilter):
    """Replaces what the terminal cannot draw by what it can."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """``environment`` names the terminal and its letters."""
        super().__init__()
        self._is_ascii, self._has_any_font = draws_ascii_only(environment), is_window(environment)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line as it can be drawn."""
        _ = background
        return [part for segment in segments for part in self._drawable(segment)]

    def _drawable(self, segment: Segment) -> Iterator[Segment]:
        text, style, control = segment
        if control or (text.isascii() and text.isprintable()):
            yield segment
            return
        text = drawable(text, has_any_font=self._has_any_font)
        if not self._is_ascii:
            yield Segment(text, style)
            return
        for is_block, signs in groupby(text, lambda sign: sign == _BLOCK):
            part = "".join(signs)
            if is_block:
                # a blank in reverse is the one block that every terminal has
                turned = _FORWARD if style is not None and style.reverse else _REVERSE
                yield Segment(" " * len(part), turned if style is None else style + turned)
            else:
                yield Segment(in_ascii(part), style)


@lru_cache(4096)
def drawable(text: str, *, has_any_font: bool) -> str:
    """Return ``text`` in the same room without signs that are no letters; a console shows wide ones as ``?``."""
    shown = (_seen(sign, has_any_font=has_any_font) for sign in unicodedata.normalize("NFC", text))
    return set_cell_size("".join(shown), cell_len(text))


def _seen(sign: str, *, has_any_font: bool) -> str:
    is_letter = unicodedata.category(sign) not in _UNSEEN
    is_simple = cell_len(sign) == 1
    return sign if is_letter and (is_simple or has_any_font) else "?" * cell_len(sign)


def printable(line: str, environment: Mapping[str, str]) -> str:
    """Return a line to be printed outside of the screen; nothing in it is obeyed by the terminal."""
    text = drawable(line.expandtabs(), has_any_font=True)
    return in_ascii(text) if draws_ascii_only(environment) else text


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """Return ``text`` in the same room with ASCII only: letters without their accents, ``?`` for all else."""
    return "".join(_plain_letter(sign) for sign in text.translate(_ASCII))


def _plain_letter(sign: str) -> str:
    if sign.isascii():
        return sign
    base = unicodedata.normalize("NFKD", sign)[0]
    return base if base.isascii() and cell_len(sign) == 1 else "?" * cell_len(sign)
