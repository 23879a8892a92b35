"""The page before anything is changed: every decision with its value, what Apply does, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.desired import Desired
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine import apply, detect, plan_rows
from xmpp_wizard.engine.detect import Finding
from xmpp_wizard.engine.journal import Journal
from xmpp_wizard.engine.own_files import write_own_file
from xmpp_wizard.engine.plan_diff import diff_lines
from xmpp_wizard.engine.plan_rows import PlanRow
from xmpp_wizard.engine.session import Session
from xmpp_wizard.engine.setup import Prepared, prepare, settled
from xmpp_wizard.tui.base import Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.screens.text import TextPage, print_plain
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Press, Row

_PREFIX = "plan-"
"""Of the ids of rows: what they are called is in use on other screens, too."""


class PlanPage(Page[bool]):
    """Ends with True once the work was started and shown to its end, with None for one step back."""

    AUTO_FOCUS: ClassVar[str | None] = "#apply"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "command", show=False),
        Binding("d", "files", show=False),
        Binding("s", "save", show=False),
    ]

    class Thought(Message):
        """The plan is there, or what keeps it from being made."""

        def __init__(self, session: Session, outcome: Prepared | WizardError) -> None:
            """``session`` is the one that it was made for."""
            super().__init__()
            self.session, self.outcome = session, outcome

    class Launched(Message):
        """The work has begun, or could not."""

        def __init__(self, outcome: Journal | WizardError) -> None:
            """Carry its journal."""
            super().__init__()
            self.outcome = outcome

    class Looked(Message):
        """A check of the outside has ended."""

        def __init__(self, finding: Finding) -> None:
            """Carry what was found."""
            super().__init__()
            self.finding = finding

    def __init__(self, desk: Desk, session: Session, findings: Mapping[str, Finding] | None = None) -> None:
        """``findings`` are what the first screen has found already."""
        super().__init__(desk)
        self.session = session
        self._findings = dict(findings or {})
        self._prepared: Prepared | None = None
        self._problem: WizardError | None = None
        self._rows: tuple[PlanRow, ...] = ()
        self._consent = apply.Consent()
        self._is_starting = False

    def heading(self) -> Text:
        """Return what this is."""
        return say("Plan")

    def state(self) -> Text:
        """Return which server it is about."""
        domain = self._prepared.target.domains[0] if self._prepared else getattr(self.session.entry, "domain", "")
        if self.session.is_first:
            return say("{domain} • new server", domain=domain)
        return say("{domain} • nothing changed yet", domain=domain)

    def promise(self) -> Text:
        """Say what ! means."""
        if self._prepared is None and self._problem is None:
            return say("Looking at this machine ...")
        if self.session.is_first:
            return say("! can wait: it completes later by itself. Nothing is changed yet.")
        return say("Nothing is changed before you press Apply.")

    def keys(self) -> Sequence[Key]:
        """Return what works for the row or button with the focus."""
        focused = self.focused
        first: Key = ("Enter", say("apply"))
        if isinstance(focused, Press) and focused.id == "save":
            first = ("Enter", say("save"))
        elif isinstance(focused, Row) and not isinstance(focused, Press):
            first = ("Enter", say("open"))
        others: tuple[Key, ...] = (
            ("↑↓", say("row")),
            ("d", say("files")),
            ("s", say("save")),
            ("c", say("as command")),
        )
        return (first, *others, ("Esc", say("back")))

    def body(self) -> Iterable[Widget]:
        """Return rows, summary and buttons; the buttons stay in sight."""
        with Scroll(id="plan-rows"):
            yield Group(id="decisions")
        yield Plain("", id="summary", classes="note")
        with Group(classes="buttons"):
            yield Press(self.words(say("Apply")), id="apply")
            yield Press(self.words(say("Save answer file")), id="save")

    def on_mount(self) -> None:
        """Think the plan through, and go on looking at DNS."""
        super().on_mount()
        self._think(self.session)
        if self.session.is_first:
            self._look()

    @work(thread=True, exclusive=True, group="prepare", exit_on_error=False)
    def _think(self, session: Session) -> None:
        outcome: Prepared | WizardError
        try:
            outcome = prepare(self.desk.world, self.desk.layout, session.request())
        except WizardError as error:
            outcome = error
        self.post_message(self.Thought(session, outcome))

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self) -> None:
        try:
            answers = self.session.answers()
            checks = {
                **detect.domain_checks(self.desk.world, answers),
                **detect.line_checks(self.desk.world, answers),
            }
        except WizardError:
            return
        detect.run(checks, lambda finding: self.post_message(self.Looked(finding)))

    @on(Looked)
    async def _looked(self, event: Looked) -> None:
        self._findings[event.finding.id] = event.finding
        if self._prepared is not None:
            await self._show_rows()

    @on(Thought)
    async def _thought(self, event: Thought) -> None:
        if event.session != self.session:
            return
        self._problem = event.outcome if isinstance(event.outcome, WizardError) else None
        self._prepared = event.outcome if isinstance(event.outcome, Prepared) else None
        await self._show_rows()
        self.show_frame()

    async def _show_rows(self) -> None:
        """Draw the rows; those that are there keep their place and only change their words."""
        found = plan_rows.rows(self.session, self._prepared, self._findings) if self._prepared else ()
        group = self.query_one("#decisions", Group)
        shown = {row.id: row for row in group.query(Row)}
        if [_PREFIX + row.id for row in found] == list(shown):
            for row in found:
                shown[_PREFIX + row.id].show(self.words(row.value), mark=row.mark, why=row.why)
        else:
            await group.remove_children()
            await group.mount_all(self._row(row) for row in found)
        self._rows = found
        self.query_one("#summary", Plain).update(self.words(self._summary()))

    def _row(self, row: PlanRow) -> Row:
        return Row(self.words(row.title), self.words(row.value), mark=row.mark, why=row.why, id=_PREFIX + row.id)

    def _summary(self) -> Text:
        if self._problem is not None:
            return say("! {problem} {hint}", problem=self._problem.text, hint=self._problem.hint)
        return plan_rows.summary(self._prepared.plan) if self._prepared else NOTHING

    # rows and keys

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        if event.row.id == "apply":
            self._apply()
        elif event.row.id == "save":
            self.action_save()
        else:
            row = next((row for row in self._rows if _PREFIX + row.id == event.row.id), None)
            if row is not None:
                self._open(row)

    def _open(self, row: PlanRow) -> None:
        match row.opens:
            case "address":
                self.dismiss(None)
            case "dns" | "router":
                self._open_list(row.opens)
            case "edits":
                self._ask_edits()
            case "form" | "obstacle":
                form = FormOf(row.title, row.keys)
                self.app.push_screen(FormScreen(self.desk, form, self.session.draft), self._take)

    def _take(self, draft: Draft | None) -> None:
        if draft is None:
            return
        self.session = self.session.with_draft(draft)
        self._think(self.session)

    def _open_list(self, kind: str) -> None:
        wanted: Desired | None = self._prepared.desired if self._prepared else None
        if wanted is None or self._prepared is None:
            return
        address = next(iter(wanted.addresses or self._prepared.observed.addresses), "")
        if kind == "dns":
            note = say("Copy these to where your domain is managed; the address must be that of your line.")
            lines = plan_rows.dns_lines(wanted, address)
        else:
            note = say("Forward these in your router, so that phones outside reach this machine.")
            lines = tuple(
                f"{port.number:>6} {port.protocol:<4} -> {address}   {self.words(port.purpose)}"
                for port in wanted.ports
                if port.is_public
            )
        self.app.push_screen(TextPage(self.desk, say("DNS records") if kind == "dns" else say("Router"), note, lines))

    def action_files(self) -> None:
        """Show files and differences."""
        if self._prepared is not None:
            lines = tuple(diff_lines(self._prepared.plan, self.desk.world.files)) or (
                self.words(say("No file changes.")),
            )
            note = say("What Apply writes, against what is on this machine.")
            self.app.push_screen(TextPage(self.desk, say("Files"), note, lines))

    def action_command(self) -> None:
        """Print the command and the answers that give this very plan."""
        command = self.desk.command("apply", "--answers", "answers.toml")
        print_plain(self, ("# answers.toml", self.session.draft.new_text(), "", command))

    def action_save(self) -> None:
        """Save the answers as a file of the person's own."""
        name = f"{getattr(self.session.entry, 'domain', 'server')}.toml"
        try:
            path = write_own_file(self.desk.world, self.desk.layout, name, self.session.draft.new_text())
        except WizardError as error:
            self.tell(say("! {problem}", problem=error.text))
            return
        self.tell(say("Saved: {path}", path=path))

    # apply

    def _apply(self) -> None:
        """Ask what has to be asked, then start."""
        if self._prepared is None or self._is_starting:
            return
        plan = self._prepared.plan
        if not plan.steps:
            self.tell(say("Nothing to do: all is as the answers say."))
        elif plan.obstacles:
            self.query_one(f"#{_PREFIX}obstacle-0", Row).focus()
            self.tell(say("! First: {problem}", problem=plan.obstacles[0].text))
        elif plan.edits and self._consent.edits == "ask":
            self._ask_edits()
        elif plan.destroys and not self._consent.allow_destroy:
            self._ask_destroy()
        else:
            self._is_starting = True
            self._start(self.session, replace(self._consent, expected=str(plan)))

    def _ask_edits(self) -> None:
        def take(choice: str | None) -> None:
            if choice in ("keep", "overwrite"):
                self._consent = replace(self._consent, edits="keep" if choice == "keep" else "overwrite")
                assert self._prepared is not None  # noqa: S101 only called with one
                self._prepared = settled(self._prepared, keep=choice == "keep")
                self.tell(
                    say("Kept: your changes stay.") if choice == "keep" else say("Yours are saved, ours are taken.")
                )

        text = say("Some files were changed by hand since this program wrote them. What is to happen with them?")
        options = {"back": say("Decide later"), "keep": say("Keep my changes"), "overwrite": say("Take the new files")}
        self.app.push_screen(QuestionPage(self.desk, text, options), take)

    def _ask_destroy(self) -> None:
        assert self._prepared is not None  # noqa: S101 only called with one
        domain = self._prepared.target.domains[0]

        def take(choice: str | None) -> None:
            if choice == "typed":
                self._consent = replace(self._consent, allow_destroy=True)
                self._apply()

        causes = "; ".join(self.words(step.cause) for step in self._prepared.plan.destroys)
        text = say(
            "This DELETES or shuts people out: {causes}. Type {domain} if you want that.", causes=causes, domain=domain
        )
        self.app.push_screen(QuestionPage(self.desk, text, {"back": say("Do not")}, typed=domain), take)

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _start(self, session: Session, consent: apply.Consent) -> None:
        # in a thread of its own: the worker is forked from here, where no event loop runs
        outcome: Journal | WizardError
        try:
            outcome = apply.launch(self.desk.world, self.desk.layout, session.request(), consent)
        except WizardError as error:
            outcome = error
        self.post_message(self.Launched(outcome))

    @on(Launched)
    def _launched(self, event: Launched) -> None:
        from xmpp_wizard.tui.screens.apply import ApplyPage  # noqa: PLC0415 it can lead back here

        self._is_starting = False
        if isinstance(event.outcome, WizardError):
            self._problem = event.outcome
            self.query_one("#summary", Plain).update(self.words(self._summary()))
            return
        page = ApplyPage(self.desk, event.outcome, is_first=self.session.is_first, retry=self.session)
        self.app.push_screen(page, self._after)

    def _after(self, is_done: bool | None) -> None:  # noqa: FBT001 what a screen ends with
        if is_done:
            self.dismiss(True)  # noqa: FBT003 Textual's own
        else:
            self._think(self.session)
