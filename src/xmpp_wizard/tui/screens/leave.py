"""Taking the set-up along, or the server off this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.rendering.compose import compose
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.emergency import as_text, sections
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.storage.portable import export, usual_place
from xmpp_wizard.engine.uninstall import Removal, survey, uninstall
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.widgets import Group, Plain, Row

_NAME_WIDTH = 22
_SHOWN = 8
"""So many of the last lines on what is gone."""


class LeavePage(Page[None]):
    """Export and uninstall."""

    AUTO_FOCUS: ClassVar[str | None] = "Row"
    _done: Sequence[str] = ()

    class Read(Message):
        """Something is ready to be shown."""

        def __init__(self, title: Text, note: Text, lines: tuple[str, ...], *, is_prose: bool) -> None:
            """Carry it; lines of prose are folded."""
            super().__init__()
            self.title, self.note, self.lines, self.is_prose = title, note, lines, is_prose

    class Surveyed(Message):
        """What an uninstall would take away is known."""

        def __init__(self, removal: Removal, *, deletes_data: bool) -> None:
            """Carry it."""
            super().__init__()
            self.removal, self.deletes_data = removal, deletes_data

    class Failed(Message):
        """It could not be done."""

        def __init__(self, text: Text) -> None:
            """``text`` says why."""
            super().__init__()
            self.text = text

    class Went(Message):
        """One thing is gone."""

        def __init__(self, text: Text) -> None:
            """``text`` says what."""
            super().__init__()
            self.text = text

    class Gone(Message):
        """The server is off this machine."""

    def heading(self) -> Text:
        """Return what this is."""
        return say("Export and uninstall")

    def promise(self) -> Text:
        """Say that questions come first."""
        return say("Nothing is taken away before you have seen what, and said yes.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        return (("Enter", say("open")), ("↑↓", say("choose")), ("Esc", say("menu")))

    def body(self) -> Iterable[Widget]:
        """Return what can be done."""
        rows = (
            ("sheet", say("Copy or move"), say("What to type to copy all of it, and to bring it back elsewhere.")),
            ("answers", say("Answer file"), say("All that was chosen; no people and no messages.")),
            ("compose", say("compose.yaml"), say("The same containers for docker compose, without this program.")),
            ("accounts", say("Accounts"), say("For another server: a file for root alone, with what everybody wrote.")),
            (
                "uninstall",
                say("Uninstall"),
                say("Containers, images and files of this program go; people's data stay."),
            ),
            ("delete", say("Delete everything"), say("Also accounts, messages, files, secrets and answers. For ever.")),
        )
        yield Group(*(self._row(name, title, value) for name, title, value in rows))
        yield Plain("", id="progress", classes="note")

    def _row(self, name: str, title: Text, value: Text) -> Row:
        mark = "!" if name == "delete" else " "
        return Row(self.words(title), self.words(value), mark=mark, name_width=_NAME_WIDTH, id=f"leave-{name}")

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        name = (event.row.id or "").removeprefix("leave-")
        if name in ("sheet", "answers", "compose"):
            self._export(name)
        elif name == "accounts":
            self._save_accounts()
        else:
            self._survey(deletes_data=name == "delete")

    @work(thread=True, exclusive=True, group="leave")
    def _export(self, what: str) -> None:
        desk = self.desk
        try:
            if what == "answers":
                text = (desk.world.files.read(str(desk.layout.answers)) or b"").decode(errors="replace")
                note = say("This is {path}; c prints it, to be copied.", path=desk.layout.answers)
                title = say("Answer file")
            elif what == "sheet":
                text = as_text(sections(desk.world, desk.layout, self.words), self.words)
                note = say("The same as a command: {command}", command=desk.command("export", "sheet"))
                title = say("Emergency sheet")
            else:
                text = compose(current(desk.world, desk.layout)[0], desk.world.appliance.templates())
                note = say("The same as a command: {command}", command=desk.command("export", "compose"))
                title = say("compose.yaml")
        except WizardError as error:
            self.post_message(self.Failed(error.text))
            return
        self.post_message(self.Read(title, note, tuple(text.splitlines()), is_prose=what == "sheet"))

    @work(thread=True, exclusive=True, group="leave")
    def _save_accounts(self) -> None:
        desk = self.desk
        try:
            path = usual_place(desk.world, desk.layout)
            found = export(desk.world, desk.layout, path, "", self._report)
        except WizardError as error:
            self.post_message(self.Failed(error.text))
            return
        self._report(say("{count} accounts are in {path}", count=found.accounts, path=path))
        self._report(say("Not in it: rooms and what was said there, uploaded files, block lists, invitations."))

    @work(thread=True, exclusive=True, group="leave")
    def _survey(self, *, deletes_data: bool) -> None:
        try:
            removal = survey(self.desk.world, self.desk.layout, delete_data=deletes_data)
        except WizardError as error:
            self.post_message(self.Failed(error.text))
            return
        self.post_message(self.Surveyed(removal, deletes_data=deletes_data))

    @on(Read)
    def _read(self, event: Read) -> None:
        event.stop()
        self.app.push_screen(TextPage(self.desk, event.title, event.note, event.lines, is_prose=event.is_prose))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        event.stop()
        self.tell(say("! {problem}", problem=event.text))

    @on(Surveyed)
    def _ask(self, event: Surveyed) -> None:
        event.stop()
        removal, deletes = event.removal, event.deletes_data
        things = ", ".join((*removal.containers, *removal.images, *removal.paths))
        going = say("This goes: {things}.", things=things or self.words(say("nothing")))
        staying = say("This stays: {paths}.", paths=", ".join(removal.kept) or self.words(say("nothing")))
        word = removal.domain or "delete"

        def take(choice: str | None) -> None:
            if choice in ("yes", "typed"):
                self._uninstall(deletes_data=deletes)

        leave = say("Leave all as it is")
        if deletes:
            text = say(
                "{going} All accounts, messages and files are lost. Type {word} to delete everything.",
                going=going,
                word=word,
            )
            self.app.push_screen(QuestionPage(self.desk, text, {"no": leave}, typed=word), take)
            return
        text = say("{going} {staying}", going=going, staying=staying)
        self.app.push_screen(QuestionPage(self.desk, text, {"no": leave, "yes": say("Uninstall")}), take)

    @work(thread=True, exclusive=True, group="leave")
    def _uninstall(self, *, deletes_data: bool) -> None:
        try:
            uninstall(self.desk.world, self.desk.layout, delete_data=deletes_data, report=self._report)
        except WizardError as error:
            self.post_message(self.Failed(error.text))
            return
        self.post_message(self.Gone())

    def _report(self, text: Text) -> None:
        self.post_message(self.Went(text))

    @on(Went)
    def _went(self, event: Went) -> None:
        event.stop()
        self._done = [*self._done, self.words(event.text)][-_SHOWN:]
        self.query_one("#progress", Plain).update("\n".join(self._done))

    @on(Gone)
    def _gone(self) -> None:
        """End: there is nothing left to look at."""
        self.app.exit(0, message=self.words(say("The server is off this machine.")))
