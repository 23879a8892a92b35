"""Names and certificates: what is served, until when; renewing is shown as a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.acme.report import Lack
from xmpp_wizard.engine.certificates import CertificateStatus
from xmpp_wizard.engine.session import change_session
from xmpp_wizard.engine.setup import Renew
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.watching import LivePage, change
from xmpp_wizard.tui.widgets import Group, Plain, Row

_DAY = 86400
_NAME_WIDTH = 30
_ID = "certificate-"


class NamesPage(LivePage[None]):
    """The live certificates and the names in them."""

    AUTO_FOCUS: ClassVar[str | None] = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "renew", show=False)]

    def heading(self) -> Text:
        """Return what this is."""
        return say("Names and certificates")

    def promise(self) -> Text:
        """Say how old the table is."""
        if not self.view.server.at:
            return say("Looking ...")
        return say("Read at {time}, again every 5 s.", time=when.clock(self.view.server.at))

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        is_settings = self.focused is not None and self.focused.id == "settings"
        first: Shortcut = ("Enter", say("settings") if is_settings else say("details"))
        return (first, ("↑↓", say("row")), ("n", say("renew now")), ("?", say("help")), ("Esc", say("menu")))

    def body(self) -> Iterable[Widget]:
        """Return the way to the settings, then the certificates."""
        about = say("Domain, further domains, admins, and where certificates come from.")
        yield Group(Row(self.words(say("Settings")), self.words(about), mark=" ", name_width=14, id="settings"))
        yield Plain(self.words(say("Certificates")), classes="section")
        with Scroll(id="people"):
            yield Group(id="rows")

    def on_mount(self) -> None:
        """Draw what the menu saw at once."""
        if self.view.status is not None:
            self.call_later(self.show_view)

    def _certificates(self) -> tuple[CertificateStatus, ...]:
        return self.view.status.certificates if self.view.status else ()

    async def show_view(self) -> None:
        """Draw the rows; they keep their places."""
        found = self._certificates()
        group = self.query_one("#rows", Group)
        rows = {row.title: row for row in group.query(Row)}
        if list(rows) != [item.name for item in found]:
            await group.remove_children()
            new = [
                Row(item.name, "", mark=" ", name_width=_NAME_WIDTH, id=f"{_ID}{at}") for at, item in enumerate(found)
            ]
            await group.mount_all(new)
            rows = {row.title: row for row in new}
        for item in found:
            days = self._days(item)
            value = say("{days} days left, renewed by itself after {day}", days=days, day=item.renewal_at.date())
            ended = say("ended on {day}", day=item.not_after.date())
            lack = self._lack(item)
            if lack is not None:
                value = say("this machine's own for now: {what}", what=lack.what)
            is_bad = days < 0 or lack is not None
            rows[item.name].show(self.words(ended if days < 0 else value), mark="!" if is_bad else " ")

    def _lack(self, item: CertificateStatus) -> Lack | None:
        """Return why a local certificate stands in for a public one."""
        lacks = self.view.status.lacks if self.view.status and item.is_local else ()
        mine = (lack for lack in lacks if lack.name in item.names or (not lack.name and lack.certificate == item.name))
        return next(mine, None)

    def _days(self, item: CertificateStatus) -> int:
        return int((item.not_after.timestamp() - self.view.at) // _DAY)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        name = event.row.id or ""
        if name == "settings":
            draft = change_session(self.desk.world, self.desk.layout).draft
            form = FormOf(self.heading(), ((), ("certificates",)))
            self.app.push_screen(FormScreen(self.desk, form, draft), lambda changed: change(self, changed))
            return
        item = self._certificates()[int(name.removeprefix(_ID))]
        title = say("{name}", name=item.name)
        self.app.push_screen(TextPage(self.desk, title, NOTHING, self._details(item), is_prose=True))

    def _details(self, item: CertificateStatus) -> tuple[str, ...]:
        issuer = say("this machine's own authority") if item.is_local else say("{issuer}", issuer=item.issuer)
        facts = (
            say("Names: {names}", names=", ".join(item.names)),
            say("From: {day}", day=item.not_before.date()),
            say("Until: {day}", day=item.not_after.date()),
            say("Renewed after: {day}", day=item.renewal_at.date()),
            say("Issued by: {issuer}", issuer=self.words(issuer)),
            say("Serial number: {serial}", serial=item.serial),
            say("SHA-256: {hash}", hash=item.sha256),
        )
        lack = self._lack(item)
        why = (say("Not public yet: {what}.", what=lack.what), lack.do) if lack is not None else ()
        return tuple(self.words(fact) for fact in (*why, *facts))

    def action_renew(self) -> None:
        """Show what renewing all certificates now would do."""
        session = replace(change_session(self.desk.world, self.desk.layout), other=Renew(force=True))
        self.app.push_screen(PlanPage(self.desk, session))
