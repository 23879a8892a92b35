"""How the server is: live rows, what needs somebody first; nothing here changes anything but r, and that by a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from xmpp_wizard.core import log_lines
from xmpp_wizard.core.log_lines import FILTERS, Filter
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.renewal import in_words
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.log import FILTER_WORDS, LogPage
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.watching import LivePage, repair
from xmpp_wizard.tui.widgets import Group, Plain, Row

_GIB = 1024**3
_BAR = 20
_LOG_LINES = 5
_NAME_WIDTH = 10
_MARK_WIDTH = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: its word, its value, its checks one by one, and whether an apply may put it right."""

    id: str
    title: Text
    word: str
    value: Text
    checks: tuple[Text, ...] = ()
    can_repair: bool = False


class StatusPage(LivePage[None]):
    """Status."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "repair", show=False),
        Binding("f", "filter", show=False),
        Binding("l", "log", show=False),
        Binding("p", "pause", show=False),
    ]

    def __init__(self, desk: Desk, view: View | None = None) -> None:
        """``view`` is what the menu saw."""
        super().__init__(desk, view)
        self._facts: tuple[Fact, ...] = ()
        self._filter: Filter = "warnings"

    def heading(self) -> Text:
        """Return what this is."""
        return say("Status")

    def promise(self) -> Text:
        """Say how old the picture is."""
        if self.is_paused:
            return say("Held still since {time}. p goes on.", time=when.clock(self.view.server.at))
        if self.view.server.problem:
            since = when.clock(self.view.server.failing_since)
            return say(
                "! {problem} since {time}. {hint}",
                problem=self.view.server.problem,
                time=since,
                hint=self.view.server.hint,
            )
        if not self.view.server.at:
            return say("Looking ...")
        time = when.clock(self.view.server.at)
        return say("Read at {time}, again every 5 s. Nothing here changes anything but r.", time=time)

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys; r only where something can be repaired."""
        fact = self._fact()
        mend: tuple[Shortcut, ...] = (("r", say("repair")),) if fact and fact.can_repair else ()
        hold = say("go on") if self.is_paused else say("pause")
        return (
            ("Enter", say("details")),
            ("↑↓", say("row")),
            *mend,
            ("f", say("filter")),
            ("l", say("log")),
            ("p", hold),
            ("Esc", say("menu")),
        )

    def body(self) -> Iterable[Widget]:
        """Return the rows, who is here now, and the log."""
        yield Group(id="facts")
        yield Plain("", id="now", classes="note")
        with Vertical(id="logbox", classes="box"):
            yield Plain("", id="log-lines")

    def on_mount(self) -> None:
        """Draw what the menu saw at once."""
        if self.view.status is not None:
            self.call_later(self.show_view)

    async def show_view(self) -> None:
        """Draw the view."""
        facts = facts_of(self.view)
        group = self.query_one("#facts", Group)
        order = [f"fact-{fact.id}" for fact in facts]
        if [row.id for row in group.query(Row)] != order:
            had_focus = self.focused.id if self.focused else None
            await group.remove_children()
            await group.mount_all(self._row(fact) for fact in facts)
            wanted = had_focus if had_focus in order else order[0]
            self.query_one(f"#{wanted}", Row).focus()
        for fact in facts:
            self.query_one(f"#fact-{fact.id}", Row).show(self.words(fact.value), mark=fact.word.ljust(_MARK_WIDTH))
        self._facts = facts
        self.query_one("#now", Plain).update(self.words(_now(self.view)))
        self._draw_log()

    def _row(self, fact: Fact) -> Row:
        mark = fact.word.ljust(_MARK_WIDTH)
        return Row(
            self.words(fact.title), self.words(fact.value), mark=mark, name_width=_NAME_WIDTH, id=f"fact-{fact.id}"
        )

    def _draw_log(self) -> None:
        box = self.query_one("#logbox", Vertical)
        box.border_title = self.words(say("Log: {which}", which=self.words(FILTER_WORDS[self._filter])))
        box.border_subtitle = self.words(say("f filter"))
        lines = log_lines.chosen(self.view.log.value or (), self._filter)[-_LOG_LINES:]
        nothing = self.words(say("Nothing of that kind in the last lines."))
        self.query_one("#log-lines", Plain).update("\n".join(map(str, lines)) or nothing)

    def _fact(self) -> Fact | None:
        name = (self.focused.id or "").removeprefix("fact-") if self.focused else ""
        return next((fact for fact in self._facts if fact.id == name), None)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        fact = self._fact()
        if fact is not None:
            note = say("Read at {time}.", time=when.clock(self.view.server.at))
            lines = tuple(self.words(check) for check in fact.checks) or (self.words(fact.value),)
            self.app.push_screen(TextPage(self.desk, fact.title, note, lines))

    def action_repair(self) -> None:
        """Show what puts it right."""
        fact = self._fact()
        if fact is not None and fact.can_repair:
            repair(self)

    def action_filter(self) -> None:
        """Let more or less of the log through."""
        self._filter = FILTERS[(FILTERS.index(self._filter) + 1) % len(FILTERS)]
        self._draw_log()

    def action_log(self) -> None:
        """Give the log the whole screen."""
        self.app.push_screen(LogPage(self.desk, self.view, self._filter))

    def action_pause(self) -> None:
        """Hold the picture still, or let it go on."""
        self.is_paused = not self.is_paused
        if not self.is_paused:
            self.read()
        self.show_frame()


def facts_of(view: View) -> tuple[Fact, ...]:
    """Return the rows; those that need somebody first, all others in a fixed order."""
    status = view.status
    if status is None:
        return (
            (Fact("engine", say("Engine"), "FAIL", view.server.problem, (view.server.hint,)),)
            if view.server.problem
            else ()
        )
    found = [_engine(view), _chat(view), _ports(view), _certificates(view), _disk(view), _changes(view)]
    facts = [fact for fact in found if fact is not None]
    return tuple(sorted(facts, key=lambda fact: fact.word == "ok"))


def _engine(view: View) -> Fact | None:
    reading = view.server
    if not reading.problem:
        return None
    since = when.clock(reading.failing_since)
    return Fact(
        "engine", say("Engine"), "FAIL", say("{what} (since {time})", what=reading.problem, time=since), (reading.hint,)
    )


def _aged(view: View, value: Text) -> Text:
    """Say how old a value is that can no longer be read."""
    if not view.server.problem:
        return value
    return say("{value}; as of {time}", value=value, time=when.clock(view.server.at))


def _chat(view: View) -> Fact:
    status, problems = view.status, view.about("chat")
    assert status is not None  # noqa: S101 facts_of made sure
    checks = tuple(
        say("{name}: {state} {health} {since}, {image}", name=item.name, state=item.state, health=item.health,
            since=_since(item.started_at, view.server.at), image=item.image)
        for item in status.containers
    )  # fmt: skip
    well = say(
        "running{since}; answers with the right certificate",
        since=_since(status.containers[0].started_at, view.server.at),
    )
    return Fact(
        "chat", say("Chat"), "FAIL" if problems else "ok", _aged(view, problems[0] if problems else well),
        (*problems, *checks), can_repair=bool(problems),
    )  # fmt: skip


def _since(started_at: str, now: float) -> str:
    try:
        seconds = (
            now - datetime.fromisoformat(started_at.replace("Z", "+00:00")[:26].rstrip("+:") + "+00:00").timestamp()
        )
    except ValueError:
        return ""
    return f", up {when.span(seconds)!s}"


def _ports(view: View) -> Fact:
    status, problems = view.status, view.about("ports")
    assert status is not None  # noqa: S101 facts_of made sure
    is_open = sum(port.is_open for port in status.ports)
    value = say("{open} of {all} open on this machine", open=is_open, all=len(status.ports))
    checks = tuple(
        say("{word} {port} {protocol}  {address} {purpose}", word="ok   " if port.is_open else "FAIL ",
            port=f"{port.port:>6}", protocol=port.protocol, address=f"{port.address or 'all':<16}",
            purpose=port.purpose)
        for port in status.ports
    )  # fmt: skip
    return Fact(
        "ports", say("Ports"), "FAIL" if problems else "ok", _aged(view, value), checks, can_repair=bool(problems)
    )


def _certificates(view: View) -> Fact | None:
    status, problems = view.status, view.about("certificates")
    assert status is not None  # noqa: S101 facts_of made sure
    if not status.certificates:
        return None
    first = min(status.certificates, key=lambda item: item.not_after)
    days = int((first.not_after.timestamp() - view.server.at) // 86400)
    names = sum(len(item.names) for item in status.certificates)
    source = say("this machine's own authority") if first.is_local else say("{issuer}", issuer=first.issuer)
    value = (
        problems[0]
        if problems
        else say("{count} names, {days} days left; {source}", count=names, days=days, source=source)
    )
    checks = tuple(
        say("{name}: until {day}, renewed after {renewal}; {names}", name=item.name, day=item.not_after.date(),
            renewal=item.renewal_at.date(), names=", ".join(item.names))
        for item in status.certificates
    )  # fmt: skip
    checks = (*checks, say("Renewal: {how}", how=in_words(status.renewal)))
    return Fact(
        "certificates",
        say("Certs"),
        "FAIL" if problems else "ok",
        _aged(view, value),
        (*problems, *checks),
        can_repair=bool(problems),
    )


def _disk(view: View) -> Fact | None:
    disk = view.disk.value
    if disk is None or not disk.total_bytes:
        return None
    share = 1 - disk.free_bytes / disk.total_bytes
    bar = "#" * round(share * _BAR)
    value = say(
        "[{bar}] {percent} %   {free} of {all} GB free",
        bar=f"{bar:.<{_BAR}}",
        percent=round(share * 100),
        free=f"{disk.free_bytes / _GIB:.1f}",
        all=f"{disk.total_bytes / _GIB:.1f}",
    )
    problems = view.about("disk")
    return Fact("disk", say("Disk"), "!" if problems else "ok", problems[0] if problems else value, (*problems, value))


def _changes(view: View) -> Fact:
    status, problems = view.status, view.about("changes")
    assert status is not None  # noqa: S101 facts_of made sure
    last = status.last_apply
    value = say("{day} by {user}: {cause}", day=when.day(last.at), user=last.user, cause=last.cause)
    return Fact(
        "changes",
        say("Changes"),
        "!" if problems else "ok",
        problems[0] if problems else value,
        (*problems, value),
        can_repair=bool(problems),
    )


def _count(people: int) -> Text:
    return say("1 person") if people == 1 else say("{count} people", count=people)


def _now(view: View) -> Text:
    crowd = view.crowd.value
    if crowd is None:
        return NOTHING
    values = {"people": _count(crowd.online), "devices": crowd.devices, "servers": crowd.servers}
    if view.crowd.problem:
        return say(
            "At {time}: {people}, {devices} devices; linked to {servers} other servers",
            time=when.clock(view.crowd.at),
            **values,
        )
    return say("Now {people}, {devices} devices; linked to {servers} other servers", **values)
