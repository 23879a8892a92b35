"""Runs screens over a world of fakes on a real terminal; started by the tests of consoles.

``console_app.py first`` begins with the address, ``apply`` in the middle of an apply that somebody else began, and
``tour`` shows one page after the other, each for one press of F9; ``plain`` asks line by line.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes import FakeClock, Fakes
from tests.tui.pages import PAGES
from tests.tui.server import CONTAINER, set_up
from textual.binding import Binding, BindingType
from textual.screen import Screen

from xmpp_wizard.__main__ import main as program
from xmpp_wizard.core.events import ApplyStarted, StepStarted, StepTitle
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.engine.memory import journal
from xmpp_wizard.tui import app
from xmpp_wizard.tui.app import WizardApp, run
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen
from xmpp_wizard.tui.screens.done import DonePage
from xmpp_wizard.tui.screens.question import QuestionPage

HOSTILE = "2026-01-01T12:00:02 s2s warn\tchat.example: wrong 🎉 שלום ❤️ e\u0301\x1b[2J\x1b]0;t\x07\x9b5m\u202eend"


class RestingClock(FakeClock):
    """Time that also takes time: screens follow from threads of their own."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(0.01)


class Tour(WizardApp):
    """Goes to the next page with F9."""

    CSS_PATH = [Path(app.__file__).with_name(str(name)) for name in WizardApp.CSS_PATH]  # noqa: RUF012 Textual's own
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "next", priority=True)]

    def __init__(self, desk: Desk) -> None:
        question: Callable[[Desk], Screen[Any]] = lambda desk: QuestionPage(  # noqa: E731 as those beside it
            desk, say("Sure?"), {"no": say("No"), "yes": say("Yes")}, typed="yes"
        )
        done: Callable[[Desk], Screen[Any]] = lambda desk: DonePage(desk, "a.example", ())  # noqa: E731 as above
        self._left: list[Callable[[Desk], Screen[Any]]] = [*PAGES.values(), question, done]
        super().__init__(desk, lambda: self._left.pop(0)(desk))

    def action_next(self) -> None:
        """Show the next page."""
        if self._left:
            self.switch_screen(self._left.pop(0)(self.desk))
        else:
            self.exit(0)


def an_apply(fakes: Fakes) -> None:
    """Let an apply of somebody else be under way."""
    fakes.clock = RestingClock()
    layout = Layout()
    fakes.lock.held[str(layout.lock)] = 4711
    fakes.background.alive.add(4711)
    record = journal.new_journal(fakes.world(), layout)
    steps = (StepTitle("a", say("Write files"), NOTHING, 1.0), StepTitle("b", say("Make secrets"), NOTHING, 1.0))
    at = fakes.clock.timestamp()
    journal.write(fakes.world(), record, ApplyStarted(1, 4711, "a.example", steps, at))
    journal.write(fakes.world(), record, StepStarted("a", at))


def main(scene: str) -> int:
    """Run the wizard and return its exit status."""
    fakes = Fakes()
    fakes.appliance.texts = dict(ShippedAppliance().templates())
    if scene == "apply":
        an_apply(fakes)
    if scene == "tour":
        fakes.containers.log_lines[CONTAINER] = [HOSTILE] * 5
        set_up(fakes)
    if scene == "plain":
        return program(["setup", "--plain"], world=fakes.world, is_root=True)
    desk = Desk(fakes.world(), Layout(), {**os.environ}, "testhost")
    return run(Tour(desk) if scene == "tour" else WizardApp(desk, first_screen(desk)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
