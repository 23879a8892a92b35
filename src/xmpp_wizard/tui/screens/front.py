"""The web server that has the web's ports: pass the pages on through it, only show the lines, or go another way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.network.front import OTHER, PROGRAMS, title_of
from xmpp_wizard.core.network.listeners import Listener
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine import fronts
from xmpp_wizard.engine.asking.proposals import web_kind
from xmpp_wizard.engine.asking.session import HTTPS, LOCAL_ADDRESS, WEB_SERVER, Session
from xmpp_wizard.tui.base import ARROWS, ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.widgets import Group, Plain, Row

_OTHER_PORT = 8443
_NAME_WIDTH = 22


class FrontPage(Page[Draft]):
    """Ends with the draft to go on with."""

    AUTO_FOCUS: ClassVar[str | None] = "Row"

    def __init__(self, desk: Desk, session: Session, owner: Listener | None) -> None:
        """``owner`` is who has the port just now; None: nobody any more."""
        super().__init__(desk)
        self.session, self.owner = session, owner
        said = str(session.draft.value(WEB_SERVER))
        self.kind = said if said in PROGRAMS else web_kind(owner) if owner else ""
        """Of one that reads a file of ours."""
        self.told = self.kind or (fronts.kind_at(desk.world, owner) if owner else "")
        """The kind, also of one that is told by hand."""

    def heading(self) -> Text:
        """Return what is in the way."""
        return say("Web server")

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Nothing is changed until you press Apply on the page with the plan.")

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        return (("Enter", say("choose")), ARROWS, ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return who it is, and the choices that work."""
        yield Plain(self.words(self._who()), classes="note")
        yield Plain("")
        with Group(id="ways"):
            if self.kind:
                through = say(
                    "one file is written for {program}; it is tested, and undo removes it", program=self._program
                )
                yield self._row("through", say("Pass on through it"), through)
            lines = say("you enter them yourself; nothing of that program is touched")
            yield self._row("show-lines", say("Only show the lines"), lines)
            port = say("such as {port}; links in invitations then have it in them", port=_OTHER_PORT)
            yield self._row("port", say("Another port"), port)
            yield self._row("again", say("Look again"), say("after you have stopped that program in another window"))

    def _row(self, name: str, title: Text, value: Text) -> Row:
        return Row(self.words(title), self.words(value), id=name, name_width=_NAME_WIDTH)

    @property
    def _program(self) -> str:
        if self.told:
            return title_of(self.told)
        return (self.owner.program if self.owner else "") or "?"

    def _who(self) -> Text:
        if self.owner is None:
            return say("Nobody has the web's port just now: Look again gives it to the chat server.")
        values = {"program": self._program, "pid": self.owner.pid, "port": self.owner.port}
        return say(
            "{program} (process {pid}) has port {port}. The chat's pages, invitations and uploads need it, too.",
            **values,
        )

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        draft = self.session.draft.with_change(LOCAL_ADDRESS, None)
        match event.row.id:
            case "through":
                self.dismiss(draft.with_change(WEB_SERVER, self.kind))
            case "show-lines":
                gateway = fronts.gateway_at(self.desk.world, self.owner) if self.owner else ""
                told = draft.with_change(LOCAL_ADDRESS, gateway) if gateway else self.session.draft
                self._show_lines(told.with_change(WEB_SERVER, OTHER))
            case "port":
                form = FormOf(say("Another port"), (HTTPS,))
                other = draft.with_change(WEB_SERVER, None).with_change(HTTPS, _OTHER_PORT)
                self.app.push_screen(FormScreen(self.desk, form, other, before=draft), self._take)
            case _:
                self.dismiss(draft.with_change(WEB_SERVER, None))

    def _take(self, draft: Draft | None) -> None:
        if draft is not None:
            self.dismiss(draft)

    def _show_lines(self, draft: Draft) -> None:
        kind = self.told or "nginx"
        try:
            answers = self.session.with_draft(draft).answers()
            lines = fronts.lines_for(self.desk.world, self.desk.layout, answers, kind)
        except WizardError as error:
            self.tell(say("! {problem}", problem=error.text))
            return
        title = say("Lines for {program}", program=title_of(kind))
        note = say("Enter these at your web server after Apply; certificates and addresses are right in them.")
        page = TextPage(self.desk, title, note, tuple(lines.splitlines()))

        def seen(_: None) -> None:
            self.dismiss(draft)

        self.app.push_screen(page, seen)
