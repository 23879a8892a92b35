"""What opens once a server is set up: every row with its live value, so that most visits end here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.widget import Widget

from xmpp_wizard.core.catalogue import LANGUAGES
from xmpp_wizard.core.draft import Draft
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.memory import generations
from xmpp_wizard.engine.memory.generations import Generation
from xmpp_wizard.engine.setup import other_before
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.forms import switches
from xmpp_wizard.tui.forms.values import differences
from xmpp_wizard.tui.rows.menu import ENTRIES, Entry, values
from xmpp_wizard.tui.screens.changing import ask, change, go_back, repair
from xmpp_wizard.tui.screens.features import FeaturesPage
from xmpp_wizard.tui.screens.form import FormOf
from xmpp_wizard.tui.screens.history import HistoryPage
from xmpp_wizard.tui.screens.inviting import ask_name
from xmpp_wizard.tui.screens.leave import LeavePage
from xmpp_wizard.tui.screens.names import NamesPage
from xmpp_wizard.tui.screens.people import PeoplePage
from xmpp_wizard.tui.screens.search import SearchPage
from xmpp_wizard.tui.screens.status import StatusPage
from xmpp_wizard.tui.watching import LivePage
from xmpp_wizard.tui.widgets import Group, Plain, Row

_NAME_WIDTH = 26
_FIRST = "people"


class MenuPage(LivePage[None]):
    """The menu."""

    AUTO_FOCUS: ClassVar[str | None] = f"#menu-{_FIRST}"
    CROWD_SECONDS: ClassVar[float | None] = 300.0
    _has_begun = False
    _described: tuple[Generation | None, Text] = (None, NOTHING)
    _undone: Generation | None = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "invite", show=False),
        Binding("slash", "find", show=False),
        Binding("u", "undo", show=False),
        Binding("q", "back", show=False),
        Binding("f2", "language", show=False),
    ]

    def promise(self) -> Text:
        """Say that looking costs nothing."""
        return say("Everything ends in the same plan page: nothing changes before you press Apply.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        return (
            ("Enter", say("open")),
            ("↑↓", say("choose")),
            *((("i", say("invite")),) if self._may_invite() else ()),
            ("/", say("find a setting")),
            *((("u", say("undo")),) if self._may_undo() else ()),
            ("?", say("help")),
            ("F2", Text(LANGUAGES[self.desk.next_language])),
            ("q", say("quit")),
        )

    def on_screen_resume(self) -> None:
        """Count people and invitations, too: they may be others now."""
        self.read_all()

    def _may_invite(self) -> bool:
        draft = self.view.draft.value
        return draft is None or switches.is_on("invitations", draft)

    def _may_undo(self) -> bool:
        """Say whether another server than the present one is there to go back to."""
        return self._undone is not None

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

    async def action_language(self) -> None:
        """Speak the next language, also after later starts."""
        here = self._entry()
        self.desk.speak_next()
        self._described = (None, NOTHING)
        await self.recompose()
        self.show_frame()
        await self.show_view()
        self.query_one(f"#menu-{here.id if here else _FIRST}", Row).focus()

    def _entry(self) -> Entry | None:
        name = (self.focused.id or "").removeprefix("menu-") if self.focused else ""
        return next((entry for entry in ENTRIES if entry.id == name), None)

    async def show_view(self) -> None:
        """Draw the values; the first thing that needs somebody gets the focus, once."""
        for name, (mark, value) in values(self.view).items():
            self.query_one(f"#menu-{name}", Row).show(self.words(value), mark=mark or " ")
        is_cut_off = bool(self.view.about("changes"))
        self.query_one("#menu-go-on", Row).display = is_cut_off
        if not self._has_begun:
            self._has_begun = True
            self._begin(is_cut_off=is_cut_off)
        if self.view.status is not None and self.view.status.last_apply != self._described[0]:
            self._undone = other_before(generations.all_generations(self.desk.world, self.desk.layout))
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
        what = {
            "good": say("{what}{proof}", what=self._what(last), proof=self._proof(last)),
            "failed": say("{what}; it failed and was taken back", what=self._what(last)),
            "started": say("{what}; it was cut off", what=self._what(last)),
        }
        line = say(
            "Last change   {day} by {user}: {what}", day=when.day(last.at), user=last.user, what=what[last.state]
        )
        if self._undone is None or last.state != "good":
            return line
        if self._undone.number == last.number - 1:
            return say("{line}\n              u takes it back, after showing what that changes.", line=line)
        back = say("u goes back to generation {number}, after showing what that changes.", number=self._undone.number)
        return say("{line}\n              {back}", line=line, back=back)

    def _proof(self, last: Generation) -> Text:
        proof = self.view.proof.value
        if proof is None or proof.at < last.at:
            return NOTHING
        return say("; proven {green} of {all}", green=proof.green, all=proof.all)

    def _what(self, last: Generation) -> Text:
        """Return what a change made different in the answers; its cause where they are the same."""
        known, text = self._described
        if known != last:
            text = self._difference(last.number) or say("{cause}", cause=last.cause)
            self._described = (last, text)
        return text

    def _difference(self, number: int) -> Text:
        world, layout = self.desk.world, self.desk.layout
        old, new = (generations.load_answers(world, layout, which) for which in (number - 1, number))
        changes = differences(old, new) if old else ()
        return say("{changes}", changes="; ".join(map(self.words, changes))) if changes else NOTHING

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        entry = self._entry()
        if entry is not None:
            self._open(entry)

    def _open(self, entry: Entry) -> None:
        desk, view = self.desk, self.view
        if entry.keys:
            ask(self, FormOf(entry.title, entry.keys), self._draft())
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
        """Find any setting; whoever goes back from its plan finds its form as it was left."""
        search = SearchPage(self.desk, self._draft())

        def after(made: Draft | None) -> None:
            change(self, made, left=lambda: ask(self, search.form, search.draft, made))

        self.app.push_screen(search, after)

    def action_undo(self) -> None:
        """Show what undo would change."""
        if self._may_undo():
            go_back(self)
        else:
            self.tell(say("There is nothing to take back yet."))
