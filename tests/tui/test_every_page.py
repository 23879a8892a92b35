"""What holds on every page of a server that is set up, at every size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import LARGE, SMALL, TINY, picture
from tests.tui.server import CONTAINER, Prosody, set_up, settle

from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.features import FeaturesPage
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.help import HelpPage
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.log import LogPage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.name import NamePage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.status import StatusPage

SAFE = set("─│┌┐└┘├┤═║╔╗╚╝█░▒▲▼←↑→↓•«»")
"""What all fonts of Linux consoles have, beside ASCII."""
SIZES = (
    SMALL,
    TINY,
    # how these look is seen in the pictures, and resizes pass through them
    pytest.param(LARGE, marks=pytest.mark.long),
    pytest.param((200, 60), marks=pytest.mark.long),
)

PAGES: dict[str, Callable[[Desk], Page[Any]]] = {
    "features": lambda desk: FeaturesPage(desk, _draft(desk)),
    "form": lambda desk: FormScreen(desk, FormOf(say("All"), ((), ("features",), ("network",))), _draft(desk)),
    "help": HelpPage,
    "history": HistoryPage,
    "invitation": lambda desk: InvitationPage(desk, "carol@a.example"),
    "leave": LeavePage,
    "log": LogPage,
    "menu": MenuPage,
    "name": lambda desk: NamePage(desk, say("Invite"), say("Who?")),
    "names": NamesPage,
    "people": PeoplePage,
    "search": lambda desk: SearchPage(desk, _draft(desk)),
    "status": StatusPage,
}


def _draft(desk: Desk) -> Any:  # noqa: ANN401 a draft
    return change_session(desk.world, desk.layout).draft


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
        await pilot.press("escape")
        await settle(pilot)
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
