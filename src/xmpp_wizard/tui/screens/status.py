"""How the server is: live rows, what needs somebody first; nothing here changes anything but r, and that by a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.log_lines import FILTERS, Filter
from xmpp_wizard.core.states import state_word
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import ARROWS
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.rows.facts import Fact, facts_of
from xmpp_wizard.tui.rows.heads import day_lines, now_line
from xmpp_wizard.tui.screens.changing import repair
from xmpp_wizard.tui.screens.log import FILTER_WORDS, LogPage, log_text
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.watching import LivePage
from xmpp_wizard.tui.widgets import Group, Plain, Row

_LOG_LINES = 30
_NAME_WIDTH = 10
_MARK_WIDTH = 5


class StatusPage(LivePage[None]):
    """Status."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "repair", show=False),
        Binding("f", "filter", show=False),
        Binding("l", "log", show=False),
        Binding("p", "pause", show=False),
    ]

    class Started(Message):
        """The container engine was started, or could not be."""

        def __init__(self, text: Text) -> None:
            """``text`` says which."""
            super().__init__()
            self.text = text

    SHOWS_LOG: ClassVar[bool] = True

    def __init__(self, desk: Desk, view: View | None = None) -> None:
        """``view`` is what the menu saw."""
        super().__init__(desk, view)
        self._facts: tuple[Fact, ...] = ()
        self._filter: Filter = "warnings"
        self._has_begun = False
        self._news = self._shown_news = NOTHING

    def heading(self) -> Text:
        """Return what this is."""
        return say("Status")

    def promise(self) -> Text:
        """Say how old the picture is."""
        if self._shown_news:
            return self._shown_news
        if self.is_paused:
            return say("Held still since {time}. p goes on.", time=when.clock(self.view.server.at))
        if self.view.server.problem and self.view.server.at:
            return say("What was read at {time} is kept. Asked again every 5 s.", time=when.clock(self.view.server.at))
        if not self.view.server.at:
            return say("Looking ...")
        time = when.clock(self.view.server.at)
        return say("Read at {time}, again every 5 s. Nothing here changes anything but r.", time=time)

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys; r only where something can be repaired."""
        fact = self._fact()
        mend: tuple[Shortcut, ...] = (("r", say("repair")),) if fact and fact.remedy else ()
        hold = say("go on") if self.is_paused else say("pause")
        return (
            ("Enter", say("details")),
            ARROWS,
            *mend,
            ("f", say("filter")),
            ("l", say("log")),
            ("p", hold),
            ("?", say("help")),
            ("Esc", say("menu")),
        )

    def body(self) -> Iterable[Widget]:
        """Return the rows, who is here, and the log."""
        yield Group(id="facts")
        yield Plain("", id="now", classes="note")
        yield Plain("", id="curve")
        with Vertical(id="logbox", classes="box"):
            yield Plain("", id="log-lines")

    def on_mount(self) -> None:
        """Draw what the menu saw at once."""
        if self.view.status is not None:
            self.call_later(self.show_view)

    def on_resize(self, _: Resize) -> None:
        """Draw the curve and the log anew: how much of them is shown depends on the room."""
        self.call_after_refresh(self._draw_rest)

    async def show_view(self) -> None:
        """Draw the view."""
        self._facts = facts_of(self.view)
        rows = await self._rows()
        for fact in self._facts:
            rows[fact.id].show(self.words(fact.value), mark=fact.word.ljust(_MARK_WIDTH))
        if not self._has_begun and self.view.status is not None:
            self._has_begun = True
            rows[self._facts[0].id].focus()
        self._draw_rest()
        # stays until the next reading, wherever the focus goes when its row is gone
        self._shown_news, self._news = self._news, NOTHING

    async def _rows(self) -> dict[str, Row]:
        """Return a row for each fact, in their order; rows that are there already stay what they are."""
        group = self.query_one("#facts", Group)
        order = [f"fact-{fact.id}" for fact in self._facts]
        with self.app.batch_update():
            known = {row.id: row for row in group.query(Row)}
            await group.mount_all(self._row(fact) for fact in self._facts if f"fact-{fact.id}" not in known)
            gone = [row for name, row in known.items() if name not in order]
            had_focus = self.focused in gone or self.focused is None
            for row in gone:
                await row.remove()
            group.sort_children(key=lambda row: order.index(row.id or ""))
            if had_focus and order:
                group.query(Row).first().focus()
        return {(row.id or "").removeprefix("fact-"): row for row in group.query(Row)}

    def _row(self, fact: Fact) -> Row:
        mark = fact.word.ljust(_MARK_WIDTH)
        return Row(
            self.words(fact.title), self.words(fact.value), mark=mark, name_width=_NAME_WIDTH, id=f"fact-{fact.id}"
        )

    def _draw_rest(self) -> None:
        self.query_one("#now", Plain).update(self.words(now_line(self.view)))
        curve = self.query_one("#curve", Plain)
        lines = day_lines(self.view, self.size.width, self.words)
        curve.display = bool(lines)
        curve.update("\n".join(lines))
        self._draw_log()

    def _draw_log(self) -> None:
        box = self.query_one("#logbox", Vertical)
        box.border_title = self.words(say("Log: {which}", which=self.words(FILTER_WORDS[self._filter])))
        box.border_subtitle = self.words(say("f filter"))
        room = min(max(box.content_size.height, 1), _LOG_LINES)
        self.query_one("#log-lines", Plain).update(log_text(self.view, self._filter, self.words, room))

    def _fact(self) -> Fact | None:
        name = (self.focused.id or "").removeprefix("fact-") if self.focused else ""
        return next((fact for fact in self._facts if fact.id == name), None)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        fact = self._fact()
        if fact is not None:
            note = say("Read at {time}.", time=when.clock(self.view.server.at or self.view.server.failing_since))
            self.app.push_screen(TextPage(self.desk, fact.title, note, self._details(fact), is_prose=True))

    def _details(self, fact: Fact) -> tuple[str, ...]:
        """Return what was found, what to do, and each check."""
        word = state_word(fact.word, self.words)
        found = [f"{word:<5} {self.words(text)}" for text in (fact.problems or (fact.value,))]
        ways = {
            "": (),
            "plan": (say("What to do: r in the list shows what puts it right, before anything is changed."),),
            "start": (say("What to do: r in the list starts it."),),
        }
        todo = [self.words(text) for text in ways[fact.remedy]]
        checks = [self.words(check) for check in fact.checks if check != fact.value]
        parts = (found, todo, checks)
        return tuple("\n\n".join("\n".join(part) for part in parts if part).splitlines())

    def action_repair(self) -> None:
        """Do what puts the row with the focus right, or else the first that can be; a change is shown as a plan first.

        A row that says what r does may have come while the focus was on another one.
        """
        focused = self._fact()
        facts = (focused, *self._facts) if focused else self._facts
        match next((fact.remedy for fact in facts if fact.remedy), ""):
            case "plan":
                repair(self)
            case "start":
                self.tell(say("Starting the container engine ..."))
                self._start()
            case _:
                self.tell(say("There is nothing to repair."))

    @work(thread=True, exclusive=True, group="start")
    def _start(self) -> None:
        text = say("The container engine is started.")
        try:
            self.desk.world.containers.start_engine()
        except WizardError as error:
            text = say("! {problem}", problem=error.text)
        self.post_message(self.Started(text))

    @on(Started)
    def _started(self, event: Started) -> None:
        event.stop()
        self._news = event.text
        self.tell(NOTHING)
        self.read()

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
