"""Entering records at the DNS provider: what would change is shown first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.widget import Widget

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.dns.change import Blocked, Push
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.records.push import Prepared, alone, carry_out, prepare
from xmpp_wizard.tui.background import done
from xmpp_wizard.tui.base import ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.rows.records import Words, record_lines
from xmpp_wizard.tui.screens.text import Lines
from xmpp_wizard.tui.widgets import Group, Plain, Press, Row


class PushPage(Page[bool]):
    """Ends with True once DNS was changed."""

    AUTO_FOCUS: ClassVar[str | None] = "#leave"

    def __init__(self, desk: Desk, answers: Answers) -> None:
        """``answers`` say which records, and by which account."""
        super().__init__(desk)
        self._answers = answers
        self._prepared: Prepared | None = None
        self._is_busy = True

    def heading(self) -> Text:
        """Return what this is."""
        return say("Enter records in DNS")

    def promise(self) -> Text:
        """Say what is going on."""
        if self._is_busy:
            return say("Asking your DNS provider ...")
        return say("Nothing is changed before you choose it; records of others are never touched.")

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        return (("Enter", say("choose")), ("Tab", say("field")), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return what would change, and the answers."""
        with Lines(id="lines"):
            yield Plain("", id="text")
        with Group(classes="buttons"):
            yield Press(self.words(say("Leave DNS as it is")), id="leave")
            yield Press(self.words(say("Change DNS like this")), id="change")

    def on_mount(self) -> None:
        """Find out what would change."""
        super().on_mount()
        self._name_button()
        self._prepare()

    def _name_button(self) -> None:
        is_possible = self._prepared is not None and bool(self._prepared.push) and not self._is_busy
        self.query_one("#change", Press).name_it(self.words(say("Change DNS like this")), is_possible=is_possible)

    @work(exclusive=True, group="push")
    async def _prepare(self) -> None:
        world, layout = self.desk.world, self.desk.layout
        try:
            self._prepared = await done(lambda: prepare(world, layout, self._answers))
        except WizardError as error:
            self._show((self.words(error.text), self.words(error.hint)))
        else:
            self._show(tuple(push_lines(self._prepared.push, self.words)))

    def _show(self, lines: Sequence[str]) -> None:
        self._is_busy = False
        self.query_one("#text", Plain).update("\n".join(lines))
        self._name_button()
        self.show_frame()

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        if event.row.id == "leave":
            self.dismiss(False)  # noqa: FBT003 what the page ends with
        elif self._prepared is not None and self._prepared.push and not self._is_busy:
            self._is_busy = True
            self._name_button()
            self.show_frame()
            self._change(self._prepared)

    @work(exclusive=True, group="push")
    async def _change(self, prepared: Prepared) -> None:
        def change() -> None:
            with alone(self.desk.world, self.desk.layout):
                carry_out(self.desk.world, self.desk.layout, prepared)

        try:
            await done(change)
        except WizardError as error:
            self._show((self.words(error.text), self.words(error.hint)))
        else:
            self.dismiss(True)  # noqa: FBT003 see above


def push_lines(push: Push, words: Words) -> Iterator[str]:
    """Yield what a push would do, a line for each record, and what is left to a person."""
    for change in push.changes:
        yield words(say("Zone {zone}", zone=change.zone))
        yield from (f"- {line}" for line in record_lines(change.remove, words))
        yield from (f"+ {line}" for line in record_lines(change.add, words))
    if not push:
        yield words(say("Nothing to change."))
    yield from (words(_blocked(item)) for item in push.blocked)
    if push.skipped:
        yield words(say("Left to you:"))
        yield from (f"  {line}" for line in record_lines(push.skipped, words))


def _blocked(item: Blocked) -> Text:
    values = {"name": item.name, "kind": item.kind, "have": " + ".join(item.have), "want": " + ".join(item.want)}
    if not item.want:
        return say("! {name} {kind} stays {have}, which somebody else made; there should be none", **values)
    return say("! {name} {kind} stays {have}, which somebody else made; wanted: {want}", **values)
