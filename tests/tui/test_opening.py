"""The first frame stands at once, and nothing that is typed while the rest is loaded is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, picture
from textual.pilot import Pilot
from textual.screen import Screen

from xmpp_wizard.core.errors import DiskError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.tui.app import WizardApp, run
from xmpp_wizard.tui.desk import Desk, LateDesk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.screens.address import AddressPage
from xmpp_wizard.tui.screens.opening import OpeningPage
from xmpp_wizard.tui.widgets import Field


async def until(pilot: Pilot[int], happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        await pilot.pause(0.05)
    raise AssertionError(picture(pilot.app))


async def test_what_is_typed_before_the_field_is_there_goes_into_it(desk: Desk) -> None:
    released = threading.Event()

    def slowly() -> Callable[[], Screen[Any]]:
        released.wait(60)
        return first_screen(desk)

    app = WizardApp(desk, lambda: OpeningPage(desk, slowly))
    async with app.run_test(size=SMALL) as pilot:
        assert "Looking at this machine" in picture(app)
        assert picture(app).startswith(" xmpp-wizard")
        await pilot.press(*"alice", "at", *"a.example")
        released.set()
        await until(pilot, lambda: isinstance(app.screen, AddressPage))
        await until(pilot, lambda: app.screen.query_one("#address", Field).value == "alice@a.example")
        await pilot.press("escape")
        await pilot.pause()
    assert app.return_value == 0


async def test_it_can_be_left_at_once(desk: Desk) -> None:
    released = threading.Event()

    def never() -> Callable[[], Screen[Any]]:
        released.wait(60)
        return first_screen(desk)

    app = WizardApp(desk, lambda: OpeningPage(desk, never))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        released.set()
    assert app.return_value == 0


def test_the_world_is_made_once_and_not_before_it_is_needed(fakes: Fakes) -> None:
    made: list[World] = []

    def make() -> World:
        made.append(fakes.world())
        return made[-1]

    desk = LateDesk(make, Layout(), {"LANG": "C.UTF-8"}, "testhost")
    assert not made
    assert desk.world is desk.world
    assert len(made) == 1


def test_what_cannot_be_read_is_told_by_whoever_started_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Callable[[], Screen[Any]]:
        raise DiskError(say("the disk cannot be read"))

    app = WizardApp(desk, lambda: OpeningPage(desk, broken))
    monkeypatch.setattr(app, "run", lambda **_: WizardApp.run(app, headless=True))
    with pytest.raises(DiskError, match="cannot be read"):
        run(app)
