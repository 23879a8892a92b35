"""What a page with live values asks of the machine: no more than it shows, and nothing twice at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import pytest
from tests.fakes import Fakes
from tests.tui.conftest import SMALL, settle
from tests.tui.server import CONTAINER, set_up
from textual.pilot import Pilot

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.observed import ObservedContainer
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.done import DonePage
from xmpp_wizard.tui.screens.log import LogPage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.status import StatusPage
from xmpp_wizard.tui.watching import LivePage


@pytest.mark.parametrize(
    ("make", "has_log"),
    [(MenuPage, False), (PeoplePage, False), (NamesPage, False), (StatusPage, True), (LogPage, True)],
)
async def test_the_log_is_fetched_only_where_it_is_shown(
    desk: Desk, fakes: Fakes, make: Callable[[Desk], LivePage[None]], *, has_log: bool
) -> None:
    set_up(fakes)
    app = WizardApp(desk, lambda: make(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert any(call == f"logs {CONTAINER}" for call in fakes.containers.calls) == has_log


async def is_taken(pilot: Pilot[int], sign: threading.Semaphore) -> bool:
    """Wait for a sign from another thread, and let the screen live meanwhile: who gives it may wait for the screen."""
    for _ in range(1000):
        if sign.acquire(blocking=False):
            return True
        await pilot.pause(0.02)
    return False


async def test_a_slow_server_is_not_asked_a_second_time_before_it_has_answered(
    desk: Desk, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(fakes)
    is_asked, may_answer = threading.Semaphore(0), threading.Semaphore(0)
    observe = fakes.containers.observe

    def slow(project: str) -> Mapping[str, ObservedContainer]:
        is_asked.release()
        assert may_answer.acquire(timeout=60)
        return observe(project)

    monkeypatch.setattr(fakes.containers, "observe", slow)
    page = MenuPage(desk)
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=SMALL) as pilot:
        assert await is_taken(pilot, is_asked)
        for _ in range(5):
            page._tick()
        await pilot.pause(0.2)
        assert not is_asked.acquire(blocking=False), "a tick asks nothing while an answer is awaited"
        page.read_all()
        await pilot.pause(0.2)
        assert not is_asked.acquire(blocking=False)
        may_answer.release()
        assert await is_taken(pilot, is_asked), "what was asked for meanwhile is looked at afterwards"
        assert page.view.status is None, "an answer from before that is not shown"
        may_answer.release()
        await settle(pilot)
        assert page.view.status is not None
        assert not is_asked.acquire(blocking=False)


async def test_the_last_page_asks_for_log_ins_one_after_the_other(desk: Desk, fakes: Fakes) -> None:
    set_up(fakes)
    is_asked, may_answer = threading.Semaphore(0), threading.Semaphore(0)

    def slow(*_: object) -> CommandResult:
        is_asked.release()
        assert may_answer.acquire(timeout=60)
        return CommandResult(0, "", "")

    page = DonePage(desk, "a.example", ())
    app = WizardApp(desk, lambda: page)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert page.waits()
        fakes.containers.on_run = slow
        for _ in range(5):
            page._tick()
            await pilot.pause()
        assert await is_taken(pilot, is_asked)
        await pilot.pause(0.2)
        assert not is_asked.acquire(blocking=False)
        may_answer.release()
        await settle(pilot)
        page._tick()
        assert await is_taken(pilot, is_asked), "the next tick asks again"
        may_answer.release()
