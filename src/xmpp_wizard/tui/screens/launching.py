"""A page from which a plan is applied: what has to be asked is asked, then the work starts and is shown."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.message import Message

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, say
from xmpp_wizard.engine.applying.apply import Consent, launch
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.memory.journal import Journal
from xmpp_wizard.engine.plan_page.summary import harms
from xmpp_wizard.engine.setup import Prepared, settled
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.ended import Retry
from xmpp_wizard.tui.screens.question import QuestionPage

TOO_EARLY = say("! One moment: there is no plan to apply yet. Once you see it, press Enter.")


class LaunchingPage(Page[bool]):
    """Ends with True once the work was started and shown to its end, with None for one step back."""

    class Launched(Message):
        """The work has begun, or could not."""

        def __init__(self, outcome: Journal | WizardError) -> None:
            """Carry its journal."""
            super().__init__()
            self.outcome = outcome

    def __init__(self, desk: Desk, session: Session) -> None:
        """``session`` is what is wished."""
        super().__init__(desk)
        self.session = session
        self.prepared: Prepared | None = None
        self.problem: WizardError | None = None
        self._consent = Consent()
        self._is_starting = False

    def think(self) -> None:
        """Make the plan anew, and show it."""
        raise NotImplementedError

    def show_plan(self) -> None:
        """Show the plan, or the problem, as it is now."""
        raise NotImplementedError

    def go_to_hindrance(self) -> None:
        """Lead to the first thing that makes the plan impossible."""
        raise NotImplementedError

    def take(self, draft: Draft | None) -> None:
        """Go on with the answers that a form ended with."""
        if draft is not None:
            self.session = self.session.with_draft(draft)
            self.think()

    def apply(self) -> None:
        """Ask what has to be asked, then start."""
        if self.prepared is None:
            self._wait_or_retry()
            return
        if self._is_starting:
            return
        plan = self.prepared.plan
        if not plan.steps:
            self.tell(say("Nothing to do: all is as the answers say."))
        elif plan.obstacles:
            self.go_to_hindrance()
            self.tell(say("! First: {problem}", problem=plan.obstacles[0].text))
        elif plan.edits and self._consent.edits == "ask":
            self.ask_edits()
        elif plan.destroys and not self._consent.allow_destroy:
            self._ask_destroy()
        else:
            self._is_starting = True
            # a slow machine takes seconds for it
            self.tell(say("It begins ..."))
            self._start(self.session, replace(self._consent, expected=str(plan)))

    def _wait_or_retry(self) -> None:
        if self.problem is not None:
            # what was in the way may be gone
            self.think()
        else:
            # a slow machine takes seconds for the plan, and what nobody has seen is not applied
            self.tell(TOO_EARLY)

    def ask_edits(self) -> None:
        """Ask what is to happen with files that were changed by hand."""

        def take(choice: str | None) -> None:
            if choice in ("keep", "overwrite") and self.prepared is not None:
                self._consent = replace(self._consent, edits="keep" if choice == "keep" else "overwrite")
                self.prepared = settled(self.prepared, keep=choice == "keep")
                self.show_plan()
                self.tell(
                    say("Kept: your changes stay.") if choice == "keep" else say("Yours are saved, ours are taken.")
                )

        text = say("Some files were changed by hand since this program wrote them. What is to happen with them?")
        options = {"back": say("Decide later"), "keep": say("Keep my changes"), "overwrite": say("Take the new files")}
        self.app.push_screen(QuestionPage(self.desk, text, options), take)

    def _ask_destroy(self) -> None:
        assert self.prepared is not None  # noqa: S101 only called with one
        domain = self.prepared.target.domains[0]

        def take(choice: str | None) -> None:
            if choice == "typed":
                self._consent = replace(self._consent, allow_destroy=True)
                self.apply()

        plan = self.prepared.plan
        causes = "; ".join(self.words(step.cause) for step in plan.destroys)
        text = say(
            "This {harms}: {causes}. Type {domain} if you want that.", harms=harms(plan), causes=causes, domain=domain
        )
        self.app.push_screen(QuestionPage(self.desk, text, {"back": say("Do not")}, typed=domain), take)

    @work(thread=True, exclusive=True, group="launch")
    def _start(self, session: Session, consent: Consent) -> None:
        # in a thread of its own: the worker is forked from here, where no event loop runs
        outcome: Journal | WizardError
        try:
            outcome = launch(self.desk.world, self.desk.layout, session.request(), consent)
        except WizardError as error:
            outcome = error
        self.post_message(self.Launched(outcome))

    @on(Launched)
    def _launched(self, event: Launched) -> None:
        from xmpp_wizard.tui.screens.apply import ApplyPage  # noqa: PLC0415 loaded while the work begins

        self._is_starting = False
        self.tell(NOTHING)
        if isinstance(event.outcome, WizardError):
            self.problem = event.outcome
            self.show_plan()
            return
        page = ApplyPage(
            self.desk,
            event.outcome,
            is_first=self.session.is_first,
            retry=Retry(self.session, lambda session: type(self)(self.desk, session)),
        )
        self.app.push_screen(page, self._after)

    def _after(self, is_done: bool | None) -> None:  # noqa: FBT001 what a screen ends with
        if is_done:
            self.dismiss(True)  # noqa: FBT003 Textual's own
        else:
            self.think()
