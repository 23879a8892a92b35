"""The page before anything is changed: every decision with its value, what Apply does, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.acme.report import public_authority
from xmpp_wizard.engine.applying.images import EarlyBuild
from xmpp_wizard.engine.asking import detect
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.free_name import name_checks, token_of
from xmpp_wizard.engine.asking.proposals import prepare_with_proposals
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page import rows as plan_rows
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.plan_page.summary import summary
from xmpp_wizard.engine.setup import Prepared
from xmpp_wizard.tui.base import ARROWS, ESC_BACK, Key
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens import plan_ways
from xmpp_wizard.tui.screens.launching import TOO_EARLY, LaunchingPage
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Press, Row

_PREFIX = "plan-"
"""Of the ids of rows: what they are called is in use on other screens, too."""
_WATCH_SECONDS = 1.0


class PlanPage(LaunchingPage):
    """Every row opens what it is about and comes back here; the focus starts on Apply."""

    AUTO_FOCUS: ClassVar[str | None] = "#apply"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "command", show=False),
        Binding("d", "files", show=False),
        Binding("e", "steps", show=False),
        Binding("s", "save", show=False),
        Binding("slash", "search", show=False),
    ]

    class Thought(Message):
        """The plan is there, or what keeps it from being made."""

        def __init__(self, session: Session, outcome: Prepared | WizardError, proposed: Session) -> None:
            """``session`` is the one that it was made for, ``proposed`` the one with what was found here."""
            super().__init__()
            self.session, self.outcome, self.proposed = session, outcome, proposed

    class Looked(Message):
        """A check of the outside has ended."""

        def __init__(self, finding: Finding) -> None:
            """Carry what was found."""
            super().__init__()
            self.finding = finding

    def __init__(
        self,
        desk: Desk,
        session: Session,
        findings: Mapping[str, Finding] | None = None,
        early: EarlyBuild | None = None,
    ) -> None:
        """``findings`` are what the first screen has found already; ``early`` builds images meanwhile."""
        super().__init__(desk, session)
        self.rows: tuple[PlanRow, ...] = ()
        self._findings = dict(findings or {})
        self._early = early
        self._was_building = False

    def heading(self) -> Text:
        """Return what this is."""
        return say("Plan")

    def state(self) -> Text:
        """Return which server it is about."""
        domain = self.prepared.target.domains[0] if self.prepared else getattr(self.session.entry, "domain", "")
        if self.session.is_first:
            return say("{domain} • new server", domain=domain)
        return say("{domain} • nothing changed yet", domain=domain)

    def promise(self) -> Text:
        """Say what ! means, and that nothing happens yet; what does already is said."""
        if self.prepared is None:
            again = say("There is no plan like this, and nothing is changed. Enter looks again.")
            return again if self.problem else say("Looking at this machine ...")
        if self._is_hindered():
            return say("Apply needs an answer first; any other ! can wait. Nothing is changed yet.")
        if self._is_building():
            return say("Nothing is set up yet; the program is being built meanwhile. ! can wait.")
        if (
            self.session.is_first
            and self.prepared is not None
            and self.prepared.target.certificate_source.acme is not None
        ):
            who = public_authority(self.prepared.target)
            return say("! can wait, it completes later by itself. Apply accepts {who}'s terms.", who=who)
        if self.session.is_first:
            return say("! can wait: it completes later by itself. Nothing is changed yet.")
        return say("Nothing is changed before you press Apply.")

    def keys(self) -> Sequence[Key]:
        """Return what works for the row or button with the focus."""
        focused = self.focused
        apply = say("what is first") if self._is_hindered() else say("apply")
        names = {"apply": apply, "save": say("save"), "steps": say("all steps")}
        what = names.get(focused.id or "", say("open")) if focused else apply
        others: tuple[Key, ...] = (
            ARROWS,
            ("d", say("files")),
            ("s", say("save")),
            ("c", say("as command")),
            ("/", say("find")),
        )
        return (("Enter", what), *others, ESC_BACK)

    def details(self) -> str:
        """Return the row with the focus in full."""
        row = self._focused_row()
        if row is None:
            return ""
        parts = [row.title, row.value, row.why]
        if row.keys:
            parts += [say("In the answer file: {key}", key=", ".join(".".join(key) for key in row.keys))]
        return "\n\n".join(self.words(part) for part in parts if part)

    def body(self) -> Iterable[Widget]:
        """Return rows, summary and buttons; the buttons stay in sight."""
        with Scroll(id="plan-rows"):
            yield Group(id="decisions")
        yield Plain("", id="summary", classes="note")
        with Group(classes="buttons"):
            yield Press(self.words(say("Apply")), id="apply")
            yield Press(self.words(say("Every step")), id="steps")
            yield Press(self.words(say("Save answer file")), id="save")

    def on_mount(self) -> None:
        """Think the plan through, and go on looking at DNS and at what is built."""
        super().on_mount()
        self.think()
        if self.session.is_first:
            self._look()
        if self._early is not None:
            self.set_interval(_WATCH_SECONDS, self._watch_build)

    def think(self) -> None:
        """Make the plan anew, and show it."""
        self._think(self.session)

    @work(thread=True, exclusive=True, group="prepare")
    def _think(self, session: Session) -> None:
        outcome: Prepared | WizardError
        proposed = session
        try:
            proposed, outcome = prepare_with_proposals(self.desk.world, self.desk.layout, session)
            if self._early is not None:
                # from a thread, where no event loop runs: it is forked from here
                self._early.begin(outcome.plan)
        except WizardError as error:
            outcome = error
        self.post_message(self.Thought(session, outcome, proposed))

    @work(thread=True, exclusive=True, group="look")
    def _look(self) -> None:
        try:
            answers = self.session.answers()
            checks = {
                **name_checks(self.desk.world, answers, token_of(self.session)),
                **detect.line_checks(self.desk.world, answers),
            }
        except WizardError:
            return
        detect.run(checks, lambda finding: self.post_message(self.Looked(finding)))

    def _is_building(self) -> bool:
        return self._early is not None and self._early.is_running

    def _is_hindered(self) -> bool:
        """Say whether something has to be answered before there is anything to apply."""
        return bool(self.prepared and self.prepared.plan.obstacles and self.prepared.plan.steps)

    def _watch_build(self) -> None:
        """Once the images are there, or could not be made, the plan is another one."""
        before, self._was_building = self._was_building, self._is_building()
        if before != self._was_building:
            self.show_frame()
            if before:
                self.think()

    @on(Looked)
    async def _looked(self, event: Looked) -> None:
        self._findings[event.finding.id] = event.finding
        if self.prepared is not None:
            await self._show_rows()

    @on(Thought)
    async def _thought(self, event: Thought) -> None:
        if event.session != self.session:
            return
        self.session = event.proposed
        self.problem = event.outcome if isinstance(event.outcome, WizardError) else None
        self.prepared = event.outcome if isinstance(event.outcome, Prepared) else None
        self._was_building = self._is_building()
        await self._show_rows()
        self.take_back(TOO_EARLY)

    def show_plan(self) -> None:
        """Show the plan, or the problem, as it is now."""
        self.run_worker(self._show_rows(), group="show")

    async def _show_rows(self) -> None:
        """Draw the rows; those that are there keep their place and only change their words."""
        found = plan_rows.rows(self.session, self.prepared, self._findings) if self.prepared else ()
        group = self.query_one("#decisions", Group)
        shown = {row.id: row for row in group.query(Row)}
        self.rows = found
        if [_PREFIX + row.id for row in found] == list(shown):
            for row in found:
                shown[_PREFIX + row.id].show(self.words(row.value), mark=row.mark, why=row.why)
        else:
            focused = self.focused.id if self.focused is not None else None
            await group.remove_children()
            await group.mount_all(self._row(row) for row in found)
            # who has just opened a row stays with it, whatever came and went around it
            if focused in {_PREFIX + row.id for row in found}:
                group.query_one(f"#{focused}").focus()
            elif focused in shown:
                self.query_one("#apply").focus()
        self.query_one("#summary", Plain).set_class(self.problem is not None, "-problem")
        self.query_one("#summary", Plain).update(self.words(self._summary()))
        is_possible = not self._is_hindered()
        name = say("Apply") if is_possible else say("Apply: first {what}", what=found[0].title)
        self.query_one("#apply", Press).name_it(self.words(name), is_possible=is_possible)

    def _row(self, row: PlanRow) -> Row:
        return Row(self.words(row.title), self.words(row.value), mark=row.mark, why=row.why, id=_PREFIX + row.id)

    def _summary(self) -> Text:
        if self.problem is not None:
            return say("! {problem}. {hint}", problem=self.problem.text, hint=self.problem.hint)
        return summary(self.prepared.plan) if self.prepared else NOTHING

    # rows and keys

    def _focused_row(self) -> PlanRow | None:
        name = (self.focused.id or "") if self.focused else ""
        return next((row for row in self.rows if _PREFIX + row.id == name), None)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        match event.row.id:
            case "apply":
                self.apply()
            case "steps":
                self.action_steps()
            case "save":
                self.action_save()
            case _:
                row = self._focused_row()
                if row is not None:
                    plan_ways.open_row(self, row)

    def go_to_hindrance(self) -> None:
        """Lead to the first thing that makes the plan impossible."""
        self.query_one(f"#{_PREFIX}obstacle-0", Row).focus()

    def action_files(self) -> None:
        """Show files and differences."""
        plan_ways.show_files(self, self._focused_row())

    def action_steps(self) -> None:
        """Show every step."""
        plan_ways.show_steps(self)

    def action_command(self) -> None:
        """Print the command and the answers that give this very plan."""
        plan_ways.print_command(self)

    def action_save(self) -> None:
        """Ask where to save the answers."""
        plan_ways.save(self)

    def action_search(self) -> None:
        """Find any setting."""
        plan_ways.search(self)
