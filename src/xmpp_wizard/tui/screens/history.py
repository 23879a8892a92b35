"""Every change that was made; Enter shows what going back to one would change, as a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import unified_diff
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.setup import other_before
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import ARROWS, ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.forms import values
from xmpp_wizard.tui.screens.changing import go_back
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Group, Plain, Row

_WIDTH = 22
_DESCRIBED = 30
"""So many of the last changes are told in words; for older ones their cause has to do."""


class HistoryPage(Page[None]):
    """The generations, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "answers", show=False), Binding("u", "undo", show=False)]

    class Read(Message):
        """The generations were read, or could not be."""

        def __init__(
            self, outcome: tuple[Generation, ...] | WizardError, changed: Mapping[int, tuple[Text, ...]]
        ) -> None:
            """Carry them, oldest first, and in words what each made different in the answers."""
            super().__init__()
            self.outcome, self.changed = outcome, changed

    _all: tuple[Generation, ...] = ()
    _changed: Mapping[int, tuple[Text, ...]] = MappingProxyType({})
    _present = 0

    def heading(self) -> Text:
        """Return what this is."""
        return say("Updates and undo")

    def state(self) -> Text:
        """Say which one the server runs."""
        if not self._present:
            return say("looking ...")
        return say("{domain} • generation {number}", domain=self._all[-1].domain, number=self._present)

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Going back is shown as a plan first, and can be undone, too.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys; nothing leads back to what the server runs, or never ran."""
        number, good = self._number(), [item.number for item in self._all if item.state == "good"]
        back: tuple[Shortcut, ...] = (("Enter", say("go back to it")),) if number in good[:-1] else ()
        return (*back, ("d", say("what it changed")), *self._undo(), ARROWS, ESC_BACK)

    def _undo(self) -> tuple[Shortcut, ...]:
        """Return the key of undo; it passes over those that were the same server, as after a repair."""
        other = other_before(self._all)
        if other is None:
            return ()
        if other.number == self._present - 1:
            return (("u", say("undo the last")),)
        return (("u", say("back to generation {number}", number=other.number)),)

    def body(self) -> Iterable[Widget]:
        """Return the rows."""
        with Scroll(id="history"):
            yield Group(id="rows")
        yield Plain("", id="problem", classes="note")

    def on_mount(self) -> None:
        """Read them."""
        self._read()

    def on_screen_resume(self) -> None:
        """Read them again: something may have been undone."""
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        outcome: tuple[Generation, ...] | WizardError
        changed: dict[int, tuple[Text, ...]] = {}
        try:
            outcome = generations.all_generations(self.desk.world, self.desk.layout)
            texts = {item.number: self._answers(item.number) for item in outcome[-_DESCRIBED:]}
            for earlier, later in pairwise(texts):
                changed[later] = values.differences(texts[earlier], texts[later])
        except WizardError as error:
            outcome = error
        self.post_message(self.Read(outcome, changed))

    @on(Read)
    async def _came(self, event: Read) -> None:
        if isinstance(event.outcome, WizardError):
            self.query_one("#problem", Plain).update(f"! {self.words(event.outcome.text)}")
            return
        if event.outcome == self._all:
            return
        self._all, self._changed = event.outcome, event.changed
        self._present = max((item.number for item in self._all if item.state == "good"), default=0)
        group = self.query_one("#rows", Group)
        await group.remove_children()
        await group.mount_all(self._row(item) for item in reversed(self._all))
        self.focus_next()
        self.show_frame()

    def _row(self, item: Generation) -> Row:
        words = {
            "good": say("in use now") if item.number == self._present else say("done"),
            "failed": say("failed, taken back"),
            "started": say("cut off"),
        }
        title = f"{item.number:>4}  {self.words(when.day(item.at))}"
        changed = "; ".join(self.words(text) for text in self._changed.get(item.number, ()))
        what = changed or self.words(item.cause)
        value = self.words(say("{state}; {user}: {what}", state=words[item.state], user=item.user, what=what))
        mark = "!" if item.state == "started" else " "
        return Row(title, value, mark=mark, name_width=_WIDTH, id=f"generation-{item.number}")

    def _number(self) -> int:
        name = (self.focused.id or "") if self.focused else ""
        return int(name.removeprefix("generation-")) if name.startswith("generation-") else 0

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        number = self._number()
        chosen = next((item for item in self._all if item.number == number), None)
        if number == self._present:
            self.tell(say("This is the one that the server runs."))
        elif chosen is not None and chosen.state != "good":
            self.tell(say("! This one never ran: there is nothing to go back to."))
        elif chosen is not None:
            go_back(self, number)

    def action_undo(self) -> None:
        """Show what taking back the last change would change."""
        if other_before(self._all) is not None:
            go_back(self)

    def action_answers(self) -> None:
        """Show what a change made different in the answers."""
        number = self._number()
        if not number:
            return
        lines = self._difference(number)
        nothing = (self.words(say("The answers were the same as before.")),)
        note = say("What generation {number} changed in the answers.", number=number)
        self.app.push_screen(TextPage(self.desk, say("Change"), note, lines or nothing))

    def _difference(self, number: int) -> tuple[str, ...]:
        """Return the lines that differ between the answers of a generation and those of the good one before it."""
        before = max((item.number for item in self._all if item.state == "good" and item.number < number), default=0)
        old = self._answers(before) if before else ""
        new = self._answers(number)
        return tuple(unified_diff(old.splitlines(), new.splitlines(), str(before), str(number), lineterm=""))

    def _answers(self, number: int) -> str:
        return generations.load_answers(self.desk.world, self.desk.layout, number)
