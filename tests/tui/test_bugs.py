"""A bug in what a page does beside the screen ends the program with its cause; no page waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, settle
from tests.tui.server import set_up
from textual.worker import WorkerFailed

from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.invitation import InvitationPage
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.plan import PlanPage

BUGS: dict[str, tuple[Callable[[Desk], Page[Any]], str, tuple[str, ...]]] = {
    "history": (HistoryPage, "tui.screens.history.generations", ()),
    "invitation": (lambda desk: InvitationPage(desk, "carol@a.example"), "tui.screens.invitation.People", ()),
    "export": (LeavePage, "tui.screens.leave.current", ("down", "down", "enter")),
    "uninstall": (LeavePage, "tui.screens.leave.survey", ("end", "up", "enter")),
    "menu": (MenuPage, "tui.watching.look", ()),
    "people": (PeoplePage, "tui.rows.crowd_deeds.everybody", ("down", "o")),
    "plan": (
        lambda desk: PlanPage(desk, change_session(desk.world, desk.layout)),
        "engine.asking.session.Session.request",
        (),
    ),
}
"""What a page is, what breaks in it, and the keys that lead there."""


def broken(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError


class Broken:
    """Whatever is wanted of it breaks."""

    def __getattr__(self, _: str) -> Any:  # noqa: ANN401 it never returns
        raise ZeroDivisionError

    __call__ = staticmethod(broken)


@pytest.mark.parametrize("name", BUGS)
async def test_a_bug_ends_the_program(desk: Desk, fakes: Fakes, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(fakes)
    make, what, keys = BUGS[name]
    app = WizardApp(desk, lambda: make(desk))
    if not keys:
        monkeypatch.setattr(f"xmpp_wizard.{what}", Broken())

    async def use() -> None:
        async with app.run_test(size=SMALL) as pilot:
            if keys:
                await settle(pilot)
                monkeypatch.setattr(f"xmpp_wizard.{what}", Broken())
            await pilot.press(*keys)
            await settle(pilot)

    with pytest.raises((WorkerFailed, ZeroDivisionError)):
        await use()
    assert isinstance(app.crash, ZeroDivisionError)
