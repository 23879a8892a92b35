"""Asks for the path of an answer file to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import file_session
from xmpp_wizard.engine.own_files import is_path
from xmpp_wizard.tui.base import ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.widgets import Field, Plain


class SourcePage(Page[str]):
    """Ends with the path of a file that is there."""

    AUTO_FOCUS: ClassVar[str | None] = "#path"

    def __init__(self, desk: Desk, path: str = "", sets: Sequence[str] = ()) -> None:
        """``path`` is a proposal; ``sets`` are the answers that go before those of the file."""
        super().__init__(desk)
        self._path, self._sets = path, sets

    def heading(self) -> Text:
        """Return what is asked."""
        return say("Answer file")

    def promise(self) -> Text:
        """Say that it is only read."""
        return say("The file is only read; the next page shows what it leads to.")

    def keys(self) -> Sequence[Key]:
        """Return the keys of a text field."""
        return (("Enter", say("next")), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Plain(self.words(say("Path of the answer file")), classes="section")
        yield Field(self._path, id="path")
        yield Plain("", id="problem", classes="note")
        yield Plain(self.words(say("Make one with: xmpp-wizard answers template > answers.toml")), classes="note")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#problem", Plain).update("")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        path = event.value.strip()
        problem = self._problem(path)
        if problem:
            self.query_one("#problem", Plain).update(self.words(problem))
        else:
            self.dismiss(path)

    def _problem(self, path: str) -> Text:
        """Return why ``path`` cannot be begun with, or nothing."""
        try:
            if is_path(path) and self.desk.world.files.read(path, 1) is not None:
                file_session(self.desk.world, self.desk.layout, path, self.desk.environment, self._sets)
                return NOTHING
        except WizardError as error:
            return say("! {problem}. {hint}", problem=error.text, hint=error.hint)
        return say("! There is no file {path}; write its whole path, from / on.", path=path[:60])
