"""Asks for the path of an answer file to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.text import Text, say
from xmpp_wizard.tui.base import Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.widgets import Field, Plain


class SourcePage(Page[str]):
    """Ends with the path of a file that is there."""

    def __init__(self, desk: Desk) -> None:
        """Begin in the folder of the person's own files."""
        super().__init__(desk)

    def heading(self) -> Text:
        """Return what is asked."""
        return say("Answer file")

    def promise(self) -> Text:
        """Say that it is only read."""
        return say("The file is only read; the next page shows what it leads to.")

    def keys(self) -> Sequence[Key]:
        """Return the keys of a text field."""
        return (("Enter", say("next")), ("Esc", say("back")))

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Plain(self.words(say("Path of the answer file")), classes="section")
        yield Field("", id="path")
        yield Plain("", id="problem", classes="note")
        yield Plain(self.words(say("Make one with: xmpp-wizard answers template > answers.toml")), classes="note")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        path = event.value.strip()
        if not path.startswith("/") or self.desk.world.files.read(path) is None:
            problem = say("! There is no file {path}; write its whole path, from / on.", path=path[:60])
            self.query_one("#problem", Plain).update(self.words(problem))
            return
        self.dismiss(path)
