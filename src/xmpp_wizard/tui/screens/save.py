"""Asks where the answer file is to be saved; what is there already is never written over without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.own_files import is_taken, save_at
from xmpp_wizard.tui.base import ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.widgets import Field, Plain


class SavePage(Page[str]):
    """Ends with the path that was written."""

    AUTO_FOCUS: ClassVar[str | None] = "#path"

    def __init__(self, desk: Desk, path: str, text: str) -> None:
        """``path`` is a proposal, ``text`` the file."""
        super().__init__(desk)
        self._path, self._text = path, text

    def heading(self) -> Text:
        """Return what is asked."""
        return say("Save the answer file")

    def promise(self) -> Text:
        """Say what it is good for."""
        return say("With this file the same server can be set up again: apply --answers FILE")

    def keys(self) -> Sequence[Key]:
        """Return the keys of a text field."""
        return (("Enter", say("save")), ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Plain(self.words(say("Where to?")), classes="section")
        yield Field(self._path, id="path")
        yield Plain("", id="problem", classes="note")
        yield Plain(self.words(say("There is no password in it, and only root can read it.")), classes="note")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#problem", Plain).update("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        path = event.value.strip()
        try:
            is_there = is_taken(self.desk.world, path)
        except WizardError as error:
            self._tell_problem(error)
            return
        if not is_there:
            self._save(path)
            return

        def take(choice: str | None) -> None:
            if choice == "overwrite":
                self._save(path)

        text = say("{path} is there already.", path=path)
        options = {"back": say("Leave it, save elsewhere"), "overwrite": say("Write over it")}
        self.app.push_screen(QuestionPage(self.desk, text, options), take)

    def _save(self, path: str) -> None:
        try:
            save_at(self.desk.world, path, self._text)
        except WizardError as error:
            self._tell_problem(error)
        else:
            self.dismiss(path)

    def _tell_problem(self, error: WizardError) -> None:
        problem = say("! {problem}. {hint}", problem=error.text, hint=error.hint)
        self.query_one("#problem", Plain).update(self.words(problem))
