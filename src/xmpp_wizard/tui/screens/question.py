"""A question over the screen it is about; the safe answer has the focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.widgets import Field, Plain, Press, Row


class QuestionPage(ModalScreen[str]):
    """Ends with the name of the answer; with ``typed`` once ``typed`` was typed; with None by Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("down,right", "app.focus_next", show=False),
        Binding("up,left", "app.focus_previous", show=False),
    ]
    # where something has to be typed, its field has the focus: what is typed by itself is the way in, Enter alone none
    AUTO_FOCUS: ClassVar[str | None] = "#typed, Press"

    def __init__(self, desk: Desk, text: Text, options: Mapping[str, Text], *, typed: str = "") -> None:
        """``options`` are answers by name, the safe one first; ``typed`` must be typed for what destroys."""
        super().__init__()
        self.desk, self._text, self._options, self._typed = desk, text, options, typed

    def compose(self) -> ComposeResult:
        """Lay out question and answers."""
        with Vertical(id="question"):
            yield Plain(self.desk.words(self._text), classes="note")
            if self._typed:
                yield Field("", id="typed")
                yield Plain("", id="not-yet", classes="note")
            for name, text in self._options.items():
                yield Press(self.desk.words(text), id=name)
            yield Plain(self.desk.words(say("Enter answers   Esc goes back")), classes="note")

    @on(Row.Opened)
    def _answered(self, event: Row.Opened) -> None:
        self.dismiss(event.row.id or "")

    @on(Input.Submitted)
    def _typed_it(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._typed:
            self.dismiss("typed")
            return
        problem = say("! That is not {word}. Nothing was done.", word=self._typed)
        self.query_one("#not-yet", Plain).update(self.desk.words(problem))

    @on(Input.Changed)
    def _goes_on(self) -> None:
        self.query_one("#not-yet", Plain).update("")

    def action_back(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
