"""Asks for somebody's name on this server; ends with their whole address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.errors import NeedsPersonError, WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.tui.base import ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.widgets import Field, Plain


class NamePage(Page[str]):
    """One field; what is wrong with a name is said beside it."""

    AUTO_FOCUS: ClassVar[str | None] = "#name"

    class Looked(Message):
        """Whether the name can be had."""

        def __init__(self, address: str, problem: Text) -> None:
            """``problem`` is empty where it can."""
            super().__init__()
            self.address, self.problem = address, problem

    def __init__(self, desk: Desk, title: Text, note: Text) -> None:
        """``note`` says what the name is for."""
        super().__init__(desk)
        self._title, self._note = title, note

    def heading(self) -> Text:
        """Return what it is for."""
        return self._title

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        return (("Enter", say("next")), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Plain(self.words(self._note), classes="note")
        yield Field("", id="name", max_length=1500)
        yield Plain("", id="problem", classes="note")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#problem", Plain).update("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._look(event.value.strip())
        else:
            self.query_one("#problem", Plain).update(self.words(say("! Type a name here first.")))

    @work(thread=True, exclusive=True, group="look")
    def _look(self, typed: str) -> None:
        try:
            who = People(self.desk.world, self.desk.layout)
            who.check_makes_accounts()
            address = who.address(typed)
            if who.exists(address):
                raise NeedsPersonError(say("{address} is there already", address=address), say("Choose another name."))
        except WizardError as error:
            self.post_message(self.Looked("", say("{problem}. {hint}", problem=error.text, hint=error.hint)))
            return
        self.post_message(self.Looked(address, NOTHING))

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        if event.problem:
            self.query_one("#problem", Plain).update(f"! {self.words(event.problem)}")
        else:
            self.dismiss(event.address)
