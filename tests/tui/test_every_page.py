"""What holds on every page of a server that is set up, at every size."""

from __future__ import annotations

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture, press, settle
from tests.tui.pages import PAGES
from tests.tui.server import CONTAINER, Prosody, set_up

from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.help import HelpPage

SAFE = set("─│┌┐└┘├┤═║╔╗╚╝█░▒▲▼←↑→↓•«»")
"""What all fonts of Linux consoles have, beside ASCII."""
SIZES = (
    SMALL,
    TINY,
    # how these look is seen in the pictures, and resizes pass through them
    pytest.param(LARGE, marks=pytest.mark.long),
    pytest.param((200, 60), marks=pytest.mark.long),
)


@pytest.fixture(autouse=True)
def prosody(fakes: Fakes) -> Prosody:
    fakes.containers.log_lines[CONTAINER] = ["2026-01-01T12:00:02 s2s warn\tchat.example: wrong 🎉\x1b[2J"] * 50
    return set_up(fakes)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", PAGES)
async def test_frame_glyphs_focus_and_way_back(desk: Desk, name: str, size: tuple[int, int]) -> None:
    page = PAGES[name](desk)
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        lines = picture(app).splitlines()
        assert lines[0].startswith(" xmpp-wizard")
        assert lines[size[1] - 2] == "─" * size[0]
        assert lines[size[1] - 1].strip(), "the keys that work are shown"
        signs = {sign for line in lines for sign in line if not sign.isascii()}
        assert not signs - SAFE - {"🎉"}, name
        if name != "invitation":
            assert app.focused is not None
            assert page.region.contains_region(app.focused.region), "what has the focus is in sight"
        if name != "help":
            await pilot.press("f1")
            assert isinstance(app.screen, HelpPage)
            await pilot.press("escape")
        await press(pilot, "escape")
    assert app.return_value == 0


@pytest.mark.parametrize("name", PAGES)
async def test_a_resize_at_any_moment_and_many_keys_break_nothing(desk: Desk, name: str) -> None:
    page = PAGES[name](desk)
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        for size in ((40, 10), (200, 60), (20, 5), SMALL):
            await pilot.resize_terminal(*size)
            await pilot.press("tab", "down", "right", "up", "left", "shift+tab", "pagedown", "ctrl+l")
            await settle(pilot)
        assert app.crash is None
        assert picture(app).startswith(" xmpp-wizard")
