"""What a terminal gets to see: signs that it draws, in the room that was made for them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from xmpp_wizard.tui.console import draws_ascii_only, draws_half_blocks
from xmpp_wizard.tui.signs import Signs, drawable, in_ascii, printable

ANY_TEXT = st.text(max_size=40).filter(lambda text: not set(text) & set("\n\t"))
CONSOLE, WINDOW = {"TERM": "linux", "LANG": "C.UTF-8"}, {"TERM": "xterm", "LANG": "C.UTF-8"}


@given(ANY_TEXT, st.booleans())
def test_nothing_is_obeyed_and_nothing_moves(text: str, has_any_font: bool) -> None:  # noqa: FBT001 drawn
    shown = drawable(text, has_any_font=has_any_font)
    assert cell_len(shown) == cell_len(text)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cf", "Cs"}
    plain = in_ascii(shown)
    assert plain.isascii()
    assert cell_len(plain) == cell_len(text)


def test_letters_keep_their_shape_without_utf8() -> None:
    assert in_ascii("Größe: ─│╔ » ↑↓ • é ñ") == "Grose: -|# > ^v * e n"


def test_a_console_shows_wide_signs_as_question_marks() -> None:
    assert drawable("a🎉b", has_any_font=False) == "a??b"
    assert drawable("a🎉b", has_any_font=True) == "a🎉b"


def test_a_block_is_a_blank_in_reverse_without_utf8() -> None:
    line = Signs({"TERM": "vt100"}).apply([Segment("a██b", Style())], Color(0, 0, 0))
    assert [(part.text, bool(part.style and part.style.reverse)) for part in line] == [
        ("a", False),
        ("  ", True),
        ("b", False),
    ]


def test_printed_lines_are_as_harmless() -> None:
    assert printable("a\tb\x1b]0;t\x07\x9b2J\u202eü", WINDOW) == "a       b]0;t2Jü"
    assert printable("ü─", {"TERM": "xterm", "LANG": "C"}) == "u-"


@pytest.mark.parametrize(
    ("environment", "is_ascii"),
    [
        (CONSOLE, False),
        (WINDOW, False),
        ({"TERM": "xterm", "LANG": "C"}, True),
        ({"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, True),
        ({"TERM": "xterm", "LANG": "C", "LC_ALL": "de_DE.utf8"}, False),
        ({"TERM": "xterm"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "vt100"}, True),
        ({**WINDOW, "XMPP_WIZARD_ASCII": "1"}, True),
    ],
)
def test_where_only_ascii_is_sure(environment: dict[str, str], *, is_ascii: bool) -> None:
    assert draws_ascii_only(environment) is is_ascii
    assert not (draws_half_blocks(environment) and is_ascii)
