"""The screens on a real terminal line, as a console draws them: nothing invisible, no sign that a font lacks."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from tests.tui.consoles import ASCII, SAFE, Terminal, terminal

OTHERS = set("שלום❤")
"""What other people's words have in them: one cell each, so that at worst a box stands in its place."""
HALVES = set("▀▄")
BRIGHT = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:9[0-7]|10[0-7])(?:;[\d;]*)?m")
F9 = "\x1b[20~"
UTF8 = {"LANG": "C.UTF-8"}
PROFILES = [
    {"TERM": "linux", **UTF8},
    {"TERM": "vt220", **UTF8},
    {"TERM": "xterm", **UTF8},
    {"TERM": "screen", "LANG": "C"},
    {"TERM": "linux", "NO_COLOR": "1", **UTF8},
    {"TERM": "vt100"},
]
WIDE_PROFILES = [
    {"TERM": term, **colour, **letters}
    for term in ("linux", "vt100", "xterm", "xterm-256color", "screen", "tmux")
    for colour in ({}, {"NO_COLOR": "1"})
    for letters in (UTF8, {"LANG": "C"})
]
NOTHING_TO_FOCUS = ("Help", "Done", "Invitation", "Log")
PAGES = 15
"""How many the tour has."""


def check(found: Terminal, signs: set[str]) -> None:
    """Look at every letter as the console has it."""
    for row in range(found.screen.lines):
        for column in range(found.screen.columns):
            cell = found.screen.buffer[row][column]
            assert set(cell.data) <= signs, (row, column, cell.data, found.screen.display[row])
            if cell.data != " ":
                assert cell.fg != cell.bg or cell.fg == "default", (row, column, cell)
    assert not BRIGHT.search(found.raw)


def letters_of(environment: dict[str, str]) -> set[str]:
    """Return the signs that this terminal surely has."""
    if environment.get("LANG") != "C.UTF-8":
        return ASCII
    return SAFE | OTHERS if environment["TERM"] in ("linux", "vt220", "vt100") else SAFE | OTHERS | HALVES | {"🎉"}


def is_marked(found: Terminal) -> bool:
    """Say whether the hardware cursor is where a person sees the focus."""
    row = found.screen.buffer[found.screen.cursor.y]
    text = found.screen.display[found.screen.cursor.y]
    is_turned = any(row[column].reverse for column in range(found.screen.columns))
    return found.screen.cursor.y > 0 and (is_turned or any(sign in text for sign in "»█>"))


@pytest.mark.parametrize("environment", PROFILES, ids=lambda profile: "-".join(profile.values()))
def test_all_is_visible_and_the_cursor_is_on_the_focus(environment: dict[str, str]) -> None:
    signs = letters_of(environment)
    # in ASCII the thick side is a blank in reverse
    edge, mark = ("█", "»") if "LANG" in environment and environment["LANG"] != "C" else (" ", ">")
    with terminal(environment) as found:
        found.wait(found.shows("Your chat address"))
        found.type("alice@a.example")
        found.wait(found.shows("You are alice"))
        check(found, signs)
        row = next(number for number, line in enumerate(found.screen.display) if f"{edge} alice@a.example" in line)
        found.wait(lambda: (found.screen.cursor.y, found.screen.cursor.x) == (row, 19))
        found.type("\r")
        found.wait(found.shows(f"{mark} [ Apply ]"))
        found.wait(found.shows("Security"))
        check(found, signs)
        row = next(number for number, line in enumerate(found.screen.display) if f"{mark} [ Apply ]" in line)
        found.wait(lambda: found.screen.cursor.y == row)


def walk(environment: dict[str, str], size: tuple[int, int]) -> None:
    """Look at each page of the tour."""
    with terminal(environment, "tour", size) as found:
        heads = set()
        for _ in range(PAGES):
            found.rest()
            check(found, letters_of(environment))
            heads.add(found.screen.display[0])
            # a busy machine may rest in the middle of drawing a page
            found.wait(lambda: is_marked(found) or any(page in found.screen.display[0] for page in NOTHING_TO_FOCUS))
            found.type(F9)
        assert found.process.wait(60) == 0
        assert len(heads) > PAGES / 2, heads


@pytest.mark.parametrize("environment", [PROFILES[0], PROFILES[3]], ids=lambda profile: "-".join(profile.values()))
def test_every_page_is_visible(environment: dict[str, str]) -> None:
    walk(environment, (80, 24))


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (60, 20), (200, 60)], ids=str)
@pytest.mark.parametrize("environment", WIDE_PROFILES, ids=lambda profile: "-".join(profile.values()))
def test_every_page_is_visible_on_every_console(environment: dict[str, str], size: tuple[int, int]) -> None:
    walk(environment, size)


def test_ctrl_c_leaves_the_first_screen() -> None:
    with terminal({"TERM": "linux", **UTF8}) as found:
        found.wait(found.shows("Your chat address"))
        found.type("\x03")
        assert found.process.wait(60) == 0


def test_without_a_terminal_people_are_told_what_to_type() -> None:
    own = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": ":".join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-m", "xmpp_wizard"],
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 64
    assert b"xmpp-wizard apply --answers" in told.stderr
    assert b"\x1b" not in told.stderr
