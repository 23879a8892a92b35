"""Finding any setting by its label, its explanation or its key; Enter opens its form on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.tui.base import ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.forms.finding import Found, find
from xmpp_wizard.tui.forms.question import details
from xmpp_wizard.tui.forms.values import shown_value
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.widgets import Field, Group, Plain, Row

_MOST = 40
_NAME_WIDTH = 30


class SearchPage(Page[Draft]):
    """Ends with the draft that the form ended with, or with None."""

    AUTO_FOCUS: ClassVar[str | None] = "#words"

    def __init__(self, desk: Desk, draft: Draft) -> None:
        """``draft`` is what holds now."""
        super().__init__(desk)
        self.draft = draft
        self.form = FormOf(NOTHING, ())
        """The form that was opened last."""
        self._found: tuple[Found, ...] = ()

    def heading(self) -> Text:
        """Return what this is."""
        return say("Find a setting")

    def state(self) -> Text:
        """Say how many were found, and how many of them are here."""
        count = len(self._found)
        if count > _MOST:
            return say("{count} found, the first {most} shown", count=count, most=_MOST)
        return say("1 found") if count == 1 else say("{count} found", count=count)

    def promise(self) -> Text:
        """Say what is searched."""
        return say("Words from its name, its explanation, or its key in the answer file.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        return (("Enter", say("open")), ("↑↓", say("choose")), ESC_BACK)

    def details(self) -> str:
        """Return the setting with the focus in full."""
        names = {f"found-{number}": found for number, found in enumerate(self._found)}
        found = names.get(self.focused.id or "") if self.focused else None
        return details(found.spec, self.draft, self.words) if found else ""

    def body(self) -> Iterable[Widget]:
        """Return the field and what was found."""
        yield Field("", id="words", max_length=100)
        with Scroll(id="found"):
            yield Group(id="rows")
        yield Plain("", id="none", classes="note")

    def on_mount(self) -> None:
        """Begin with all settings."""
        self.call_later(self._search, "")

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        await self._search(event.value)

    async def _search(self, words: str) -> None:
        self._found = find(words, self.words)
        group = self.query_one("#rows", Group)
        await group.remove_children()
        await group.mount_all(self._row(number, found) for number, found in enumerate(self._found[:_MOST]))
        nothing = say("Nothing has these words in it. Try fewer, or another one.")
        self.query_one("#none", Plain).update("" if self._found else self.words(nothing))
        self.show_frame()

    def _row(self, number: int, found: Found) -> Row:
        value = self.words(shown_value(found.spec, self.draft))
        title, group = self.words(found.spec.title), self.words(found.group.title)
        where = f"{group}: {value}" if group != title else value
        why = say("{key}: {sentence}", key=found.spec.name, sentence=found.spec.sentence)
        return Row(title, where, mark=" ", why=why, name_width=_NAME_WIDTH, id=f"found-{number}")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        found = find(event.value, self.words)
        if found:
            self._open(found[0])

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        self._open(self._found[int((event.row.id or "").removeprefix("found-"))])

    def _open(self, found: Found) -> None:
        self.form = FormOf(say("{title}", title=found.group.title), (found.group.key,))
        screen = FormScreen(self.desk, self.form, self.draft, start=found.spec.key)
        self.app.push_screen(screen, self._take)

    def _take(self, draft: Draft | None) -> None:
        if draft is not None:
            self.dismiss(draft)
