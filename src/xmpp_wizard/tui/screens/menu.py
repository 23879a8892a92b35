"""What opens once a server is set up: every row with its live value, so that most visits end here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.widget import Widget

from xmpp_wizard.core.draft import Draft, Key
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.people import Crowd
from xmpp_wizard.engine.session import change_session
from xmpp_wizard.engine.watch import View
from xmpp_wizard.tui import switches, when
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.screens.features import FeaturesPage
from xmpp_wizard.tui.screens.form import FormOf, FormScreen
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.people import PeoplePage, ask_name
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.status import StatusPage
from xmpp_wizard.tui.watching import LivePage, change, go_back, repair
from xmpp_wizard.tui.widgets import Group, Plain, Row

_GIB = 1024**3
_NAME_WIDTH = 26
_FIRST = "people"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the menu: what is behind it in words, the same as a command, and the questions of its form."""

    id: str
    title: Text
    about: Text
    command: tuple[str, ...]
    keys: tuple[Key, ...] = ()


ENTRIES = (
    Entry("go-on", say("Go on where it stopped"), say("An earlier change was cut off before its end."), ("apply",)),
    Entry(
        "status",
        say("Status"),
        say("What runs, what needs you, and one key that repairs what can be repaired."),
        ("status",),
    ),
    Entry(
        "people",
        say("People and invitations"),
        say("Who has an account. Invite, give a new password, shut out, delete."),
        ("user", "list"),
    ),
    Entry(
        "names",
        say("Names and certificates"),
        say("The domain, its admins, and where certificates come from."),
        ("cert", "status"),
    ),
    Entry("features", say("Features"), say("What people get: groups, files, phones, web."), ("answers", "template")),
    Entry(
        "security",
        say("Security"),
        say("How strict the server is, and what that shuts out."),
        ("answers", "explain", "security"),
        (("security",), ("features", "rate_limits")),
    ),
    Entry(
        "storage",
        say("Storage"),
        say("Where accounts, contacts and history are kept."),
        ("answers", "explain", "storage"),
        (("storage",),),
    ),
    Entry(
        "history",
        say("Updates and undo"),
        say("Every change that was made, by whom and when; each can be taken back."),
        ("generations",),
    ),
    Entry("network", say("Network"), say("Addresses and ports."), ("answers", "explain", "network"), (("network",),)),
    Entry(
        "leave",
        say("Export and uninstall"),
        say("Take the set-up with you, or take the server off this machine."),
        ("export", "compose"),
    ),
)


class MenuPage(LivePage[None]):
    """The menu."""

    AUTO_FOCUS: ClassVar[str | None] = f"#menu-{_FIRST}"
    _has_begun = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "invite", show=False),
        Binding("slash", "find", show=False),
        Binding("u", "undo", show=False),
        Binding("q", "back", show=False),
    ]

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Everything ends in the same plan page: nothing changes before you press Apply.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        return (
            ("Enter", say("open")),
            ("↑↓", say("choose")),
            ("i", say("invite")),
            ("/", say("find a setting")),
            ("u", say("undo")),
            ("?", say("help")),
            ("q", say("quit")),
        )

    def body(self) -> Iterable[Widget]:
        """Return the rows, the box that explains the one with the focus, and the last change."""
        with Group(id="entries"):
            for entry in ENTRIES:
                row = Row(self.words(entry.title), "", mark=" ", name_width=_NAME_WIDTH, id=f"menu-{entry.id}")
                row.display = entry.id != "go-on"
                yield row
        with Vertical(id="about", classes="box"):
            yield Plain("", id="about-text")
        yield Plain("", id="last", classes="note")

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Explain the row with the focus."""
        entry = self._entry()
        if entry is None:
            return
        box = self.query_one("#about", Vertical)
        box.border_title = self.words(entry.title)
        command = self.desk.command(*entry.command)
        lines = (self.words(entry.about), self.words(say("On the command line: {command}", command=command)))
        self.query_one("#about-text", Plain).update("\n".join(lines))

    def _entry(self) -> Entry | None:
        name = (self.focused.id or "").removeprefix("menu-") if self.focused else ""
        return next((entry for entry in ENTRIES if entry.id == name), None)

    async def show_view(self) -> None:
        """Draw the values; the first thing that needs somebody gets the focus, once."""
        values = _values(self.view)
        for name, (mark, value) in values.items():
            self.query_one(f"#menu-{name}", Row).show(self.words(value), mark=mark or " ")
        is_cut_off = bool(self.view.about("changes"))
        self.query_one("#menu-go-on", Row).display = is_cut_off
        if not self._has_begun:
            self._has_begun = True
            self._begin(is_cut_off=is_cut_off)
        self.query_one("#last", Plain).update(self.words(self._last_change()))

    def _begin(self, *, is_cut_off: bool) -> None:
        """Go to the first thing that needs somebody, unless somebody has already gone elsewhere."""
        entry = self._entry()
        if entry is not None and entry.id != _FIRST:
            return
        if is_cut_off:
            self.query_one("#menu-go-on", Row).focus()
        elif self.view.needs:
            self.query_one("#menu-status", Row).focus()

    def _last_change(self) -> Text:
        status = self.view.status
        if status is None:
            return NOTHING
        last = status.last_apply
        return say(
            "Last change   {day} by {user}: {cause} (generation {number}, {state})",
            day=when.day(last.at),
            user=last.user,
            cause=last.cause,
            number=last.number,
            state=last.state,
        )

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        entry = self._entry()
        if entry is not None:
            self._open(entry)

    def _open(self, entry: Entry) -> None:
        desk, view = self.desk, self.view
        if entry.keys:
            form = FormOf(entry.title, entry.keys)
            self.app.push_screen(FormScreen(desk, form, self._draft()), lambda draft: change(self, draft))
            return
        pages: dict[str, Page[None]] = {}
        match entry.id:
            case "status":
                pages["status"] = StatusPage(desk, view)
            case "people":
                pages["people"] = PeoplePage(desk, view)
            case "names":
                pages["names"] = NamesPage(desk, view)
            case "features":
                pages["features"] = FeaturesPage(desk, self._draft())
            case "history":
                pages["history"] = HistoryPage(desk)
            case "leave":
                pages["leave"] = LeavePage(desk)
            case "go-on":
                repair(self)
        for page in pages.values():
            self.app.push_screen(page)

    def _draft(self) -> Draft:
        return change_session(self.desk.world, self.desk.layout).draft

    def action_invite(self) -> None:
        """Ask for a name and show the invitation."""
        ask_name(self)

    def action_find(self) -> None:
        """Find any setting."""
        self.app.push_screen(SearchPage(self.desk, self._draft()), lambda draft: change(self, draft))

    def action_undo(self) -> None:
        """Show what undo would change."""
        go_back(self)


def _values(view: View) -> dict[str, tuple[str, Text]]:
    """Return mark and value of each row whose value is known."""
    found: dict[str, tuple[str, Text]] = {}
    status, crowd, disk, draft = view.status, view.crowd.value, view.disk.value, view.draft.value
    if view.needs:
        found["status"] = ("!", view.needs[0])
    elif status is not None:
        found["status"] = ("", say("all is well"))
    if status is not None:
        found["names"] = _names(view)
        found["history"] = ("", say("generation {number}", number=status.generation))
        is_open = sum(port.is_open for port in status.ports)
        ports = say("{open} of {all} ports open", open=is_open, all=len(status.ports))
        found["network"] = ("!" if view.about("ports") else "", ports)
        found["go-on"] = ("!", say("generation {number} was not finished", number=status.last_apply.number))
    if crowd is not None:
        found["people"] = ("", _people(crowd))
    if draft is not None:
        on_now, of = switches.features_on(draft)
        found["features"] = ("", say("{count} of {all} on", count=on_now, all=of))
        found["security"] = ("", say("{level}", level=str(draft.value(("security", "level"))).capitalize()))
        if disk is not None:
            backend, free = draft.value(("storage", "backend")), f"{disk.free_bytes / _GIB:.1f}"
            found["storage"] = ("", say("{backend}; {free} GB free", backend=backend, free=free))
    return found


def _people(crowd: Crowd) -> Text:
    count, open_now = len(crowd.people), len(crowd.invitations)
    people = say("1 person") if count == 1 else say("{count} people", count=count)
    here = say("{people}, {here} here now", people=people, here=crowd.online)
    if not open_now:
        return here
    one = say("{people}, 1 invitation open", people=here)
    return one if open_now == 1 else say("{people}, {count} invitations open", people=here, count=open_now)


def _names(view: View) -> tuple[str, Text]:
    status = view.status
    if status is None or not status.certificates:
        return "", NOTHING
    names = sum(len(certificate.names) for certificate in status.certificates)
    first = min(status.certificates, key=lambda certificate: certificate.not_after)
    days = int((first.not_after.timestamp() - view.server.at) // 86400)
    return "!" if view.about("certificates") else "", say("{count} names, {days} days left", count=names, days=days)
