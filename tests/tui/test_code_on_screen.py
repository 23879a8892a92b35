"""The code is read back from what a real terminal line got, by a decoder that knows nothing of how it was drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tui.codes import read_code
from tests.tui.consoles import Terminal, terminal
from tests.tui.server import LINK

APP = Path(__file__).with_name("code_app.py")
USUAL, LARGE = (80, 24), (120, 48)
LONG = "https://chat.a-quite-long-name.example/invite?k3VtQm8sZx1RfYc2LwPdHb7N"


def check(found: Terminal, link: str = LINK) -> None:
    """Wait until the code can be read, on a dark terminal and on a light one."""
    found.wait(found.shows(link))
    for is_light in (False, True):
        found.wait(lambda is_light=is_light: read_code(found.screen, is_light=is_light) == link)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("environment", "size", "sign"),
    [
        ({"TERM": "xterm"}, USUAL, "▀"),
        ({"TERM": "tmux-256color"}, USUAL, "▀"),
        ({"TERM": "screen"}, USUAL, "▀"),
        ({"TERM": "linux"}, LARGE, "██"),
        ({"TERM": "vt220", "LANG": "C.UTF-8"}, LARGE, "██"),
        ({"TERM": "vt220"}, LARGE, "*"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_a_code_is_read_from_every_terminal(environment: dict[str, str], size: tuple[int, int], sign: str) -> None:
    with terminal(environment, program=(str(APP),), size=size) as found:
        check(found)
        assert sign in "\n".join(found.screen.display)
        if environment["TERM"] in ("linux", "vt220"):
            assert not {"▀", "▄"} & set("".join(found.screen.display)), "the font has none"


@pytest.mark.parametrize(("term", "size"), [("xterm", USUAL), ("linux", LARGE)])
def test_a_code_is_read_without_colours(term: str, size: tuple[int, int]) -> None:
    with terminal({"TERM": term, "NO_COLOR": "1"}, program=(str(APP),), size=size) as found:
        check(found)


def test_a_long_name_fits_the_usual_terminal() -> None:
    with terminal({"TERM": "xterm"}, program=(str(APP), LONG), size=USUAL) as found:
        check(found, LONG)


def test_a_console_without_room_gets_the_link_and_is_told_where_there_is_a_code() -> None:
    with terminal({"TERM": "linux"}, program=(str(APP),), size=USUAL) as found:
        found.wait(found.shows("Over SSH it can"))
        found.wait(found.shows(LINK))
        text = "\n".join(found.screen.display)
        assert "█" not in text
        assert "  sudo xmpp-wizard" in text
        assert read_code(found.screen) == ""
