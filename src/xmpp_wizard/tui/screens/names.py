"""Names and certificates: who issued what until when, what is lacking and why, and DNS as it is just now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from xmpp_wizard.core.dns.finding import Finding
from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import Session, change_session
from xmpp_wizard.engine.names_look import NamesLook, look_at_names
from xmpp_wizard.engine.setup import Renew
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import when
from xmpp_wizard.tui.background import done
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.rows import records
from xmpp_wizard.tui.rows.certificates import CertificateRow, rows
from xmpp_wizard.tui.screens.asking import ask_authority
from xmpp_wizard.tui.screens.changing import ask
from xmpp_wizard.tui.screens.form import FormOf
from xmpp_wizard.tui.screens.plan import PlanPage
from xmpp_wizard.tui.screens.push import PushPage
from xmpp_wizard.tui.screens.text import TextPage, print_plain
from xmpp_wizard.tui.scrolling import Scroll
from xmpp_wizard.tui.table import Table
from xmpp_wizard.tui.watching import LivePage
from xmpp_wizard.tui.widgets import Group, Plain, Row

_NAME_WIDTH = 30
_RECORD_WIDTH = 34
_ID = "certificate-"
DNS_SECONDS = 10.0
"""How often DNS is asked again while somebody looks."""


class NamesPage(LivePage[None]):
    """The live certificates and the names in them; below, every record, which turns to ``ok`` by itself."""

    AUTO_FOCUS: ClassVar[str | None] = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "renew", show=False),
        Binding("c", "copy", show=False),
        Binding("p", "push", show=False),
    ]

    def __init__(self, desk: Desk, view: View | None = None) -> None:
        """``view`` is what an earlier page saw."""
        super().__init__(desk, view)
        self.names: NamesLook | None = None
        self.problem = NOTHING
        self._certificates: tuple[CertificateRow, ...] = ()
        self._is_asking = False

    def heading(self) -> Text:
        """Return what this is."""
        return say("Names and certificates")

    def needing(self) -> int:
        """Count the records, too, that something does not work without."""
        found = self.names.report.findings if self.names else ()
        return super().needing() + sum(item.level == "!" for item in found)

    def promise(self) -> Text:
        """Say that nobody has to press anything."""
        if not self.view.server.at:
            return say("Looking ...")
        unseen = self.names.report.outside if self.names else NOTHING
        return unseen or say("Rows turn to ok by themselves once DNS is right. Looking changes nothing.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        is_settings = self.focused is not None and self.focused.id == "settings"
        push: tuple[Shortcut, ...] = (("p", say("enter in DNS")),) if self.names and self.names.can_push else ()
        return (
            ("Enter", say("settings") if is_settings else say("details")),
            ("c", say("copy records")),
            *push,
            ("n", say("renew now")),
            ("Tab", say("field")),
            ("?", say("help")),
            ("Esc", say("menu")),
        )

    def details(self) -> str:
        """Return the record with the cursor in full."""
        table = self.query_one("#records", Table)
        item = table.chosen if self.names and table.has_focus else None
        return "\n".join(records.details(item, self.names.records, self.words)) if item and self.names else ""

    def body(self) -> Iterable[Widget]:
        """Return the way to the settings, the certificates, and the records."""
        about = say("Domain, further domains, admins, and where certificates come from.")
        yield Group(Row(self.words(say("Settings")), self.words(about), mark=" ", name_width=14, id="settings"))
        yield Plain(self.words(say("Certificates")), classes="section")
        with Scroll(id="certificates"):
            yield Group(id="rows")
        yield Plain("", id="dns-age", classes="section")
        yield Table[Finding](
            records.key,
            lambda item: records.cells(item, self.words),
            title_width=_RECORD_WIDTH,
            id="records",
        )

    def on_mount(self) -> None:
        """Draw what the menu saw at once, and begin to ask DNS."""
        if self.view.status is not None:
            self.call_later(self.show_view)
        self._show_age()
        self.set_interval(DNS_SECONDS, self._tick_dns)
        self.set_interval(1.0, self._show_age)

    def on_screen_resume(self) -> None:
        """Look again: somebody may have changed something on another page."""
        super().on_screen_resume()
        self.ask_dns()

    # DNS

    def _tick_dns(self) -> None:
        if self.is_current and not self.is_paused:
            self.ask_dns()

    def ask_dns(self) -> None:
        """Ask DNS about all records, if nobody does just now."""
        if not self._is_asking:
            self._is_asking = True
            self._ask_dns()

    @work(group="dns")
    async def _ask_dns(self) -> None:
        desk = self.desk
        try:
            self.names = await done(
                lambda: look_at_names(desk.world, desk.layout, change_session(desk.world, desk.layout).answers())
            )
            self.problem = NOTHING
        except WizardError as error:
            self.problem = error.text
        finally:
            self._is_asking = False
        if self.names is not None:
            self.query_one("#records", Table).show(self.names.report.findings)
        await self.show_view()
        self._show_age()
        self.show_frame()

    def _show_age(self) -> None:
        self.query_one("#dns-age", Plain).update(self.words(self._age()), layout=False)

    def _age(self) -> Text:
        if self.problem:
            return say("DNS records   ! {problem}", problem=self.problem)
        if self.names is None:
            return say("DNS records   asking ...")
        findings = self.names.report.findings
        return say(
            "DNS records   {right} of {all} right, asked {ago}",
            right=sum(item.level == "ok" for item in findings),
            all=len(findings),
            ago=when.ago(self.desk.world.clock.timestamp() - self.names.at),
        )

    @on(Table.Opened)
    def _record_opened(self, event: Table.Opened) -> None:
        event.stop()
        item = self.query_one("#records", Table).chosen
        if item is not None and self.names is not None:
            lines = tuple(records.details(item, self.names.records, self.words))
            title = say("{name} {kind}", name=item.name, kind=item.kind)
            self.app.push_screen(TextPage(self.desk, title, NOTHING, lines, is_prose=True))

    @on(Table.Moved)
    def _record_moved(self, event: Table.Moved) -> None:
        event.stop()
        self.show_frame()

    # certificates

    async def show_view(self) -> None:
        """Draw the rows; they keep their places."""
        if self.view.status is None:
            return
        limits = self.names.limits if self.names else None
        found = tuple(rows(self.view.status, limits, self.view.at))
        group = self.query_one("#rows", Group)
        shown = list(group.query(Row))
        titles = [row.title or self.words(say("Limits")) for row in found]
        if [row.title for row in shown] != titles:
            await group.remove_children()
            shown = [
                Row(title, "", mark=" ", name_width=_NAME_WIDTH, id=f"{_ID}{at}") for at, title in enumerate(titles)
            ]
            await group.mount_all(shown)
        self._certificates = found
        for row, item in zip(shown, found, strict=True):
            row.show(self.words(item.value), mark=item.mark)

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        name = event.row.id or ""
        if name == "settings":
            ask(self, FormOf(self.heading(), ((), ("certificates",), ("dns",))), self._session().draft)
            return
        item = self._certificates[int(name.removeprefix(_ID))]
        lines = tuple(self.words(line) for line in item.lines)
        title = say("{name}", name=event.row.title)
        self.app.push_screen(TextPage(self.desk, title, NOTHING, lines, is_prose=True))

    # keys

    def _session(self) -> Session:
        return change_session(self.desk.world, self.desk.layout)

    def action_renew(self) -> None:
        """Ask at once for what is lacking; where nothing is, show what renewing all certificates would do."""
        if self.view.status is not None and self.view.status.lacks:
            ask_authority(self)
            return
        self.app.push_screen(PlanPage(self.desk, replace(self._session(), other=Renew(force=True))))

    def action_copy(self) -> None:
        """Print all records on the plain terminal, where they can be copied over SSH."""
        if self.names is not None:
            print_plain(self, records.record_lines(self.names.records, self.words))

    def action_push(self) -> None:
        """Show what entering the records at the DNS provider would change."""

        def after(is_changed: bool | None) -> None:  # noqa: FBT001 as Textual calls it
            if is_changed:
                self.tell(say("DNS was changed; all name servers have it."))

        if self.names is not None and self.names.can_push:
            self.app.push_screen(PushPage(self.desk, self._session().answers()), after)
        else:
            self.tell(say("Say first who keeps your DNS records: Settings, DNS provider."))
