"""The first screen: the address to be, what follows from it, and what this machine is; nothing waits for a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.catalogue import LANGUAGES
from xmpp_wizard.core.errors import AnswersError, WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.applying.images import EarlyBuild
from xmpp_wizard.engine.asking import detect
from xmpp_wizard.engine.asking.detect import Check, Finding
from xmpp_wizard.engine.asking.first_address import Meaning, Said, Way, meaning, proposal
from xmpp_wizard.engine.asking.session import Entry, Session, file_session, found_answer_file
from xmpp_wizard.tui.base import Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.finding_line import FindingLine
from xmpp_wizard.tui.forms.controls import Choice
from xmpp_wizard.tui.nameless import Nameless
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.this_machine import ThisMachine
from xmpp_wizard.tui.widgets import Field, Plain, Tick

_PAUSE_SECONDS = 0.3
_FROM_FILE = 1
"""Which choice of what to start with that is."""


class AddressPage(Page[None]):
    """Asks for the one thing that has no default."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "onward", show=False, priority=True),
        Binding("f2", "language", show=False, priority=True),
    ]

    class Found(Message):
        """A check has ended; ``about`` is what it was for."""

        def __init__(self, finding: Finding, about: Said) -> None:
            """Carry what was found."""
            super().__init__()
            self.finding, self.about = finding, about

    def __init__(self, desk: Desk, session: Session, sets: Sequence[str] = ()) -> None:
        """``session`` may know an address already; ``sets`` are the answers that go before those of any file."""
        super().__init__(desk)
        self.session, self._sets = session, tuple(sets)
        entry = session.entry
        typed = entry.address if entry and session.draft.said(("domain",)) else ""
        self._way: Way = "home" if session.is_at_home else "own"
        self._said = Said(typed, self._way)
        self._asked: Said | None = None
        """What is asked about, with the domain alone: the name before it changes nothing of that."""
        self._typed_before = self._made_up = ""
        self._entry: Entry | None = None
        self._findings: dict[str, Finding] = {}
        self._timer: Timer | None = None
        self._file = "" if typed else found_answer_file(desk.world, desk.layout, desk.environment)
        self._early = EarlyBuild(desk.world, desk.layout)

    def heading(self) -> Text:
        """Return what is going on."""
        return say("First set-up")

    def state(self) -> Text:
        """Return this machine's name and first address."""
        address = next(iter(self.desk.world.sockets.addresses()), "")
        return say("{host} • {address}", host=self.desk.host, address=address or "127.0.0.1")

    def promise(self) -> Text:
        """Say that typing costs nothing."""
        return say("Nothing is set up or changed until you press Apply on the next page.")

    def keys(self) -> Sequence[Key]:
        """Return the keys of a text field, of the choice, or of the tick."""
        other = LANGUAGES[self.desk.next_language]
        choose: Key = ("Tab", say("field"))
        if isinstance(self.focused, Tick):
            choose = ("Space", say("tick"))
        elif isinstance(self.focused, Choice):
            choose = ("←→", say("choose"))
        return (("Enter", say("next")), choose, ("F1", say("help")), ("F2", Text(other)), ("Esc", say("quit")))

    def body(self) -> Iterable[Widget]:
        """Return what to start with, the field, what follows from it, the tick, and the machine."""
        with Horizontal(id="start"):
            yield Plain(self.words(say("Start with")), id="start-label")
            labels = [self.words(say("a new server")), self.words(say("an answer file"))]
            why = say("Found: {path}", path=self._file) if self._file else _WHY_FILE
            yield Choice(labels, int(bool(self._file)), why=why, id="source")
        yield Plain(self.words(say("Your chat address")), classes="section", id="label")
        yield Field(self._said.typed, id="address")
        for name in _ABOUT:
            yield FindingLine(id=name)
        yield Nameless(self._said)
        yield Plain(self.words(say("This machine")), classes="section")
        yield ThisMachine(self._host_checks(), self._findings)

    def on_mount(self) -> None:
        """Start to look round; the focus is on what was found, else in the field."""
        super().on_mount()
        self.query_one("#source" if self._file else "#address").focus()
        self._follow()

    def on_unmount(self) -> None:
        """Nothing goes on that nobody wanted; what Apply waits for does."""
        self._early.stop()

    def _host_checks(self) -> Mapping[str, Check]:
        listen = self.session.draft.said(("network", "listen"))
        addresses = tuple(map(str, listen)) if isinstance(listen, list) else ()
        entry = self.session.entry or Entry("admin", "example.org")
        try:
            ports = detect.public_ports(self.session.with_entry(entry).answers())
        except AnswersError:
            ports = ()
        return detect.host_checks(self.desk.world, self.desk.layout, ports, addresses)

    @work(thread=True, group="look")
    def _look(self, checks: Mapping[str, Check], about: Said) -> None:
        detect.run(checks, lambda finding: self.post_message(self.Found(finding, about)))

    @on(Found)
    def _found(self, event: Found) -> None:
        if event.about != self._asked:
            return
        self._findings[event.finding.id] = event.finding
        self._show_finding(event.finding)
        if event.finding.id == "domain" and event.finding.hint:
            # what to do about it, in the line below
            word = "todo" if event.finding.word == "!" else event.finding.word
            self._show_finding(Finding("names", word, event.finding.hint))

    def _show_finding(self, finding: Finding) -> None:
        self.query_one(f"#{finding.id}", FindingLine).show(finding.word, self.words(finding.text))

    # what follows from the address

    @on(Input.Changed, "#address")
    def _on_typed(self, event: Input.Changed) -> None:
        if event.value.strip():
            # whoever types an address wants a new server
            self.query_one("#source", Choice).choose(0)
        self._follow_soon()

    @on(Nameless.Changed)
    def _on_way(self) -> None:
        way = self.query_one(Nameless).way
        if way != self._way:
            # what was typed a moment ago counts, too
            self._follow()
            self._propose(way)
        self._follow_soon()

    def _propose(self, way: Way) -> None:
        """Fill an address in where none was typed; what nobody typed goes again with the tick."""
        field = self.query_one("#address", Field)
        if way == "own" and field.value == self._made_up:
            field.value = self._typed_before
        elif way != "own" and (not field.value.strip() or self._entry is None or field.value == self._made_up):
            if field.value != self._made_up:
                self._typed_before = field.value
            self._made_up = field.value = proposal(way, self.session.user, self.desk.host)
        self._way = way

    def _follow_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE_SECONDS, self._follow)

    def _follow(self) -> Meaning:
        """Say what the address means, and start to ask about it what is not known yet."""
        nameless = self.query_one(Nameless)
        said = nameless.said(self.query_one("#address", Field).value)
        nameless.follow(said.typed)
        found = meaning(self.desk.world, self.desk.layout, self.session, said)
        self._entry = found.entry
        about = replace(said, typed=found.entry.domain if found.entry else said.typed)
        shown = {finding.id: finding for finding in found.findings}
        for name in _ABOUT if about != self._asked else _ABOUT[:1]:
            self._show_finding(shown.get(name, Finding(name, "ok", NOTHING)))
        if found.checks and about != self._asked:
            self._look(found.checks, about)
        self._asked = about
        return found

    # onward

    def action_onward(self) -> None:
        """Go on to the plan; what is wrong is said where it stands."""
        if self.query_one("#source", Choice).chosen == _FROM_FILE:
            self._from_file()
            return
        self.when_typed(self.query_one("#address", Field), self._onward)

    def _onward(self) -> None:
        found = self._follow()
        if not self.query_one("#address", Field).value.strip():
            self._show_finding(Finding("you", "!", _TYPE_FIRST))
        if found.entry is None or found.lacks_token:
            self.query_one("#token" if found.lacks_token else "#address").focus()
            return
        problem = found.session.problem()
        if problem:
            self._show_finding(Finding("you", "!", problem))
            return
        self.session = found.session
        self._open_plan(found.session)

    def _open_plan(self, session: Session) -> None:
        page = PlanPage(self.desk, session, dict(self._findings), self._early)

        def after(is_done: bool | None) -> None:  # noqa: FBT001 what a screen ends with
            if is_done:
                self.dismiss(None)
            elif session is self.session:
                # what was changed there holds when one comes back to it
                self.session = page.session

        self.app.push_screen(page, after)

    def _from_file(self) -> None:
        from xmpp_wizard.tui.screens.source import SourcePage  # noqa: PLC0415 few people come this way

        def take(path: str | None) -> None:
            if path:
                self._load(path)

        self.app.push_screen(SourcePage(self.desk, self._file, self._sets), take)

    def _load(self, path: str) -> None:
        try:
            session = file_session(self.desk.world, self.desk.layout, path, self.desk.environment, self._sets)
        except WizardError as error:
            self.tell(say("! {problem}", problem=error.text))
            return
        self._open_plan(session)

    def action_language(self) -> None:
        """Speak the next language."""
        self._said = self.query_one(Nameless).said(self.query_one("#address", Field).value)
        self._asked = None
        self.desk.speak_next()
        self.refresh(recompose=True)
        self.call_after_refresh(self._restart)

    def _restart(self) -> None:
        self.show_frame()
        self.query_one("#source" if self._file and not self._said.typed else "#address").focus()
        self._follow()


_ABOUT = ("you", "domain", "names")
_TYPE_FIRST = say("Type your address here first, for instance you@example.org")
_WHY_FILE = say("An answer file says everything at once; one can be saved on the next page.")
