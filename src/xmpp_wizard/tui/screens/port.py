"""A port that another program has: whose it is, and the ways out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget

from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.busy_ports import LISTEN, BusyPort
from xmpp_wizard.tui.base import ARROWS, ESC_BACK, Key, Page
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.widgets import Group, Plain, Row


class PortPage(Page[Draft]):
    """Ends with the draft to go on with: the same one to look again, another one for another port or address."""

    AUTO_FOCUS: ClassVar[str | None] = "Row"

    def __init__(self, desk: Desk, busy: BusyPort, draft: Draft) -> None:
        """``busy`` is the port, ``draft`` the answers that want it."""
        super().__init__(desk)
        self.busy, self.draft = busy, draft

    def heading(self) -> Text:
        """Return what is in the way."""
        return say("Port {port} is taken", port=self.busy.number)

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Nothing is changed until you press Apply on the page with the plan.")

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        return (("Enter", say("choose")), ARROWS, ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return who has it, and the choices that work."""
        busy = self.busy
        values = {"port": busy.number, "purpose": Text(busy.purpose), "owner": busy.owned_by}
        text = say("Port {port}, which is needed for {purpose}, is in use by {owner}.", **values)
        yield Plain(self.words(text), classes="note")
        yield Plain("")
        with Group(id="ways"):
            stop = say("in another window, probably with {command}; Enter looks again", command=busy.command)
            yield Row(self.words(say("Stop it")), self.words(stop), id="again", name_width=20)
            if busy.other:
                value = self.words(self._about_port())
                yield Row(self.words(say("Another port")), value, id="port", name_width=20)
            for number, address in enumerate(busy.addresses):
                only = say("listen on {address} only, where it is free", address=address)
                yield Row(self.words(say("Another address")), self.words(only), id=f"address-{number}", name_width=20)

    def _about_port(self) -> Text:
        if self.busy.key == ("network", "https_port"):
            return say("such as {port}; links in invitations then have it in them", port=self.busy.other)
        return say("such as {port}; some apps find only the usual one", port=self.busy.other)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        if event.row.id == "again":
            self.dismiss(self.draft)
        elif event.row.id == "port":
            form = FormOf(say("Another port"), (self.busy.key,))
            draft = self.draft.with_change(self.busy.key, self.busy.other)
            self.app.push_screen(FormScreen(self.desk, form, draft, before=self.draft), self._take)
        else:
            number = int((event.row.id or "").removeprefix("address-"))
            self.dismiss(self.draft.with_change(LISTEN, [self.busy.addresses[number]]))

    def _take(self, draft: Draft | None) -> None:
        if draft is not None:
            self.dismiss(draft)
