"""The server's log on the whole screen, with a filter; new lines come at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from xmpp_wizard.core import log_lines
from xmpp_wizard.core.log_lines import FILTERS, Filter
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import ESC_BACK
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.text import Lines
from xmpp_wizard.tui.watching import LivePage
from xmpp_wizard.tui.widgets import Plain

FILTER_WORDS: Mapping[Filter, Text] = {
    "warnings": say("warnings and worse"),
    "people": say("what happens"),
    "all": say("everything"),
}


def log_text(view: View, which: Filter, words: Callable[[Text], str], rows: int | None = None) -> str:
    """Return the last lines that ``which`` lets through, all or ``rows`` of them; empty before any were read."""
    lines = log_lines.chosen(view.log.value or (), which)
    if lines or not view.log.at:
        return "\n".join(map(str, lines[-rows:] if rows else lines))
    return words(say("Nothing of that kind in the last lines."))


class LogPage(LivePage[None]):
    """The last lines of the log."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "filter", show=False), Binding("p", "pause", show=False)]
    AUTO_FOCUS: ClassVar[str | None] = "#lines"
    SHOWS_LOG: ClassVar[bool] = True

    def __init__(self, desk: Desk, view: View | None = None, which: Filter = "people") -> None:
        """``which`` lines to begin with."""
        super().__init__(desk, view)
        self._filter = which

    def heading(self) -> Text:
        """Return what this is, and what it lets through."""
        return say("Log: {which}", which=FILTER_WORDS[self._filter])

    def promise(self) -> Text:
        """Say how old it is."""
        if self.view.log.problem:
            return say("! {problem}", problem=self.view.log.problem)
        return say("Read at {time}, again every 5 s.", time=when.clock(self.view.log.at))

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        hold = say("go on") if self.is_paused else say("pause")
        return (("↑↓", say("scroll")), ("f", say("filter")), ("p", hold), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        with Lines(id="lines"):
            yield Plain("", id="text")

    def on_mount(self) -> None:
        """Draw what was seen already."""
        self.call_later(self.show_view)

    async def show_view(self) -> None:
        """Draw the lines; the end stays in sight if it was."""
        box = self.query_one("#lines", Lines)
        is_at_end = box.scroll_offset.y >= box.max_scroll_y - 1
        self.query_one("#text", Plain).update(log_text(self.view, self._filter, self.words))
        if is_at_end:
            box.scroll_end(animate=False)

    def action_filter(self) -> None:
        """Let more or less through."""
        self._filter = FILTERS[(FILTERS.index(self._filter) + 1) % len(FILTERS)]
        self.call_later(self.show_view)
        self.show_frame()

    def action_pause(self) -> None:
        """Hold the lines still, or let them go on."""
        self.is_paused = not self.is_paused
        self.show_frame()
