"""What can be done once an apply has ended: prove it again, take it all away, save a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual import on, work
from textual.message import Message

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.events import ApplyEnded, Event
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.end import Choice, report
from xmpp_wizard.engine.applying.picture import ApplyPicture
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.own_files import write_own_file
from xmpp_wizard.engine.proving.prove import prove
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.uninstall import uninstall
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.question import QuestionPage

_RED = 3
BUTTONS: Mapping[Choice, Text] = {
    "onward": say("Go on"),
    "prove": say("Try again"),
    "retry": say("Retry"),
    "undo": say("Undo all"),
    "remove": say("Take everything back"),
    "report": say("Save report"),
}


@dataclass(frozen=True, slots=True)
class Retry:
    """What is wished again after a failure, and the page on which it is looked at first."""

    session: Session
    plan_of: Callable[[Session], Page[bool]]


class EndedPage(Page[bool]):
    """The end of an apply; the page itself shows how it goes."""

    picture: ApplyPicture

    class Happened(Message):
        """Events of the work, in their order."""

        def __init__(self, events: Sequence[Event]) -> None:
            """Carry them."""
            super().__init__()
            self.events = events

    class Removed(Message):
        """Everything is taken away, or why it is not."""

        def __init__(self, problem: Text) -> None:
            """``problem`` is empty where it is."""
            super().__init__()
            self.problem = problem

    def __init__(self, desk: Desk, retry: Retry | None) -> None:
        """``retry`` is what Retry does again; without it, one goes back to where one came from."""
        super().__init__(desk)
        self._again = retry

    def plan_again(self, session: Session | None = None) -> None:
        """Show the plan of the same again, or of ``session``."""
        if self._again is None:
            self.dismiss(None)
            return
        self.app.push_screen(self._again.plan_of(session or self._again.session), self._after_retry)

    def _after_retry(self, is_done: bool | None) -> None:  # noqa: FBT001 what a screen ends with
        """Leave with what it ended in; who thought better of it sees the failure again."""
        if is_done:
            self.dismiss(True)  # noqa: FBT003 Textual's own

    @work(thread=True, group="follow")
    def prove_again(self) -> None:
        """Do the proof again: the server runs, so nothing else has to be done again."""
        world, layout = self.desk.world, self.desk.layout
        try:
            _, wanted = current(world, layout)
            is_green = wanted is not None and prove(world, layout, wanted, self._tell_of)
            text = say("all is proven") if is_green else say("not all of it could be proven")
            end = ApplyEnded(0 if is_green else _RED, "" if is_green else "proof", text, NOTHING, self._now())
        except WizardError as error:
            end = ApplyEnded(error.exit_status, error.code, error.text, error.hint, self._now())
        self.post_message(self.Happened((end,)))

    def _tell_of(self, event: Event) -> None:
        self.post_message(self.Happened((event,)))

    def ask_removal(self) -> None:
        """Take everything away that a first set-up made, if a person wants that."""

        def take(choice: str | None) -> None:
            if choice == "yes":
                self._remove()

        text = say("Take away everything that this set-up made: containers, files, accounts, keys?")
        options = {"no": say("Leave it as it is"), "yes": say("Take everything away")}
        self.app.push_screen(QuestionPage(self.desk, text, options), take)

    @work(thread=True, group="follow")
    def _remove(self) -> None:
        try:
            uninstall(self.desk.world, self.desk.layout, delete_data=True, report=lambda _: None)
        except WizardError as error:
            self.post_message(self.Removed(error.text))
            return
        self.post_message(self.Removed(NOTHING))

    @on(Removed)
    def _removed(self, event: Removed) -> None:
        if event.problem:
            self.tell(say("! {problem}", problem=event.problem))
            return
        self.app.exit(0, message=self.words(say("All is as it was before: nothing of this set-up is left.")))

    def _now(self) -> float:
        return self.desk.world.clock.timestamp()

    def save_report(self) -> None:
        """Write down all that was seen, and say where."""
        name = f"xmpp-wizard-report-{int(self.desk.world.clock.timestamp())}.txt"
        try:
            path = write_own_file(
                self.desk.world, self.desk.layout, name, report(self.desk.world, self.picture, self.words)
            )
        except WizardError as error:
            self.tell(say("! {problem}", problem=error.text))
            return
        self.tell(say("Saved: {path}", path=path))
