"""An apply outlives its terminal: whoever comes back sees it, may stop it, and sees its end."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from tests.fakes import FakeClock, Fakes
from tests.tui.conftest import SMALL, picture, press, settle
from tests.tui.server import set_up
from textual.pilot import Pilot

from xmpp_wizard.core.events import ApplyEnded, ApplyStarted, Event, StepEnded, StepStarted, StepTitle
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.tui.app import WizardApp
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.screens.apply import ApplyPage
from xmpp_wizard.tui.screens.done import DonePage
from xmpp_wizard.tui.screens.menu import MenuPage
from xmpp_wizard.tui.screens.question import QuestionPage

PID = 4711
STEPS = (StepTitle("a", say("Write files"), NOTHING, 1.0), StepTitle("b", say("Make secrets"), NOTHING, 1.0))


@dataclass
class RestingClock(FakeClock):
    """Time that also takes time: the screen follows from a thread of its own."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(0.01)


@pytest.fixture
def going_on(fakes: Fakes, layout: Layout) -> Desk:
    """Return a desk on a machine where somebody else's apply is under way."""
    fakes.clock = RestingClock()
    fakes.lock.held[str(layout.lock)] = PID
    fakes.background.alive.add(PID)
    report(fakes, layout, ApplyStarted(1, PID, "a.example", STEPS, fakes.clock.timestamp()))
    return Desk(fakes.world(), layout, {"TERM": "linux"}, "testhost")


@pytest.fixture
def layout() -> Layout:
    """Return the usual places."""
    return Layout()


def report(fakes: Fakes, layout: Layout, *events: Event) -> None:
    record = journal.latest(fakes.world(), layout) or journal.new_journal(fakes.world(), layout)
    for event in events:
        journal.write(fakes.world(), record, event)


async def until(pilot: Pilot[int], words: str) -> None:
    """Wait until the screen shows ``words``."""
    for _ in range(1000):
        await pilot.pause(0.05)
        if words in picture(pilot.app):
            return
    raise AssertionError(picture(pilot.app))


async def test_coming_back_shows_it_again(going_on: Desk, fakes: Fakes, layout: Layout) -> None:
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        assert isinstance(app.screen, ApplyPage)
        report(fakes, layout, StepStarted("a", fakes.clock.timestamp()))
        await until(pilot, "»  now    0:0")
        report(fakes, layout, StepEnded("a", 1.0, fakes.clock.timestamp()))
        await until(pilot, "done   0:01   Write files")
        assert "step 2 of 2" in picture(app)
        problem = ApplyEnded(3, "engine", say("port 5222 is taken"), say("Stop it."), fakes.clock.timestamp())
        report(fakes, layout, problem)
        await until(pilot, "[ Retry ]")
        assert "port 5222 is taken" in picture(app)
        assert "Stop it." in picture(app)
        fakes.background.alive.clear()


@pytest.mark.parametrize("layout", [Layout(instance="family")])
async def test_the_way_back_to_another_instance_is_told_whole(going_on: Desk, fakes: Fakes) -> None:
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Back: sudo xmpp-wizard --instance family\n")
        fakes.background.alive.clear()


async def test_escape_asks_before_it_stops(going_on: Desk, fakes: Fakes, layout: Layout) -> None:
    record = journal.running(fakes.world(), layout)
    assert record is not None
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Make secrets")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, QuestionPage)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ApplyPage)
        assert journal.stop_wish(fakes.world(), record) is None
        await pilot.press("escape", "down", "down", "enter")
        await until(pilot, "It stops after the step it is at.")
        assert journal.stop_wish(fakes.world(), record) == "stop"
        fakes.background.alive.clear()


async def test_the_question_goes_when_the_work_has_ended_meanwhile(
    going_on: Desk, fakes: Fakes, layout: Layout
) -> None:
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Make secrets")
        await pilot.press("escape", "down", "down")
        problem = ApplyEnded(3, "engine", say("port 5222 is taken"), say("Stop it."), fakes.clock.timestamp())
        report(fakes, layout, problem)
        await until(pilot, "[ Retry ]")
        assert isinstance(app.screen, ApplyPage)
        assert "What is to happen?" not in picture(app)
        fakes.background.alive.clear()


async def test_a_worker_that_was_killed_is_told(going_on: Desk, fakes: Fakes) -> None:
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        fakes.background.alive.clear()
        await until(pilot, "the work was cut off before its end")
        assert "Nothing is lost" in picture(app)


async def test_it_can_be_left_running(going_on: Desk, fakes: Fakes, layout: Layout) -> None:
    record = journal.running(fakes.world(), layout)
    assert record is not None
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Make secrets")
        await pilot.press("escape", "down", "enter")
        await pilot.pause()
        fakes.background.alive.clear()
    assert app.return_value == 0
    assert journal.stop_wish(fakes.world(), record) is None


async def test_a_step_that_takes_long_keeps_its_row(going_on: Desk, fakes: Fakes, layout: Layout) -> None:
    app = WizardApp(going_on, first_screen(going_on))
    async with app.run_test(size=SMALL) as pilot:
        report(fakes, layout, StepStarted("a", fakes.clock.timestamp() - 400))
        await until(pilot, "slower than thought, about 2 min")
        lines = picture(app).splitlines()
        assert lines[2].startswith(" [#")
        assert lines[2].endswith("slower than thought, about 2 min")
        fakes.background.alive.clear()


async def test_who_was_away_at_the_end_of_the_first_set_up_is_shown_the_invitation(
    fakes: Fakes, desk: Desk, layout: Layout
) -> None:
    fakes.clock = RestingClock()
    set_up(fakes)
    desk.world = fakes.world()
    record = journal.new_journal(fakes.world(), layout)
    fakes.lock.held[str(layout.lock)] = PID
    fakes.background.alive.add(PID)
    journal.write(fakes.world(), record, ApplyStarted(1, PID, "a.example", STEPS, fakes.clock.timestamp()))
    watching = WizardApp(desk, lambda: ApplyPage(desk, record, is_first=True))
    async with watching.run_test(size=SMALL) as pilot:
        await until(pilot, "Make secrets")
    fakes.lock.held.clear()
    fakes.background.alive.clear()
    app = WizardApp(desk, first_screen(desk))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, DonePage)
        await pilot.press("q")
    assert isinstance(first_screen(desk)(), MenuPage), "it is shown once"


async def test_the_invitation_is_not_owed_by_later_changes(fakes: Fakes, desk: Desk, layout: Layout) -> None:
    set_up(fakes)
    record = journal.latest(fakes.world(), layout)
    assert record is not None
    app = WizardApp(desk, lambda: ApplyPage(desk, record, is_first=False))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
    assert isinstance(first_screen(desk)(), MenuPage)


async def test_after_a_change_that_was_come_back_to_the_menu_opens(fakes: Fakes, desk: Desk, layout: Layout) -> None:
    fakes.clock = RestingClock()
    set_up(fakes)
    desk.world = fakes.world()
    record = journal.new_journal(fakes.world(), layout)
    fakes.lock.held[str(layout.lock)] = PID
    fakes.background.alive.add(PID)
    journal.write(fakes.world(), record, ApplyStarted(2, PID, "a.example", STEPS, fakes.clock.timestamp()))
    app = WizardApp(desk, first_screen(desk))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Make secrets")
        journal.write(fakes.world(), record, ApplyEnded(0, "", say("all is done"), NOTHING, fakes.clock.timestamp()))
        await until(pilot, "[ Go on ]")
        await press(pilot, "enter")
        assert isinstance(app.screen, MenuPage)
        await press(pilot, "q")
    assert app.return_value == 0
