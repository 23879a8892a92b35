"""Who has an account: found by typing, invited, given a new password, shut out, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.everybody import Person
from xmpp_wizard.tui import when
from xmpp_wizard.tui.base import ARROWS
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.rows.crowd import Item, about, cells, counted, key, name
from xmpp_wizard.tui.rows.crowd_deeds import admit, delete, keys_for, shut_out
from xmpp_wizard.tui.screens.inviting import ask_name
from xmpp_wizard.tui.screens.name import NamePage
from xmpp_wizard.tui.screens.question import QuestionPage
from xmpp_wizard.tui.screens.text import ShownOnce, TextPage
from xmpp_wizard.tui.table import Table
from xmpp_wizard.tui.watching import LivePage
from xmpp_wizard.tui.widgets import Field, Plain

_NAME_WIDTH = 32


class PeoplePage(LivePage[None]):
    """People and invitations."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "invite", show=False),
        Binding("a", "add", show=False),
        Binding("c", "admit", show=False),
        Binding("n", "password", show=False),
        Binding("o", "shut_out", show=False),
        Binding("x", "delete", show=False),
        Binding("slash", "search", show=False),
    ]

    class Did(Message):
        """Something was done with an account, or could not be; ``password`` is shown this one time."""

        def __init__(self, text: Text, password: Secret | None = None) -> None:
            """``text`` says what."""
            super().__init__()
            self.text, self.password = text, password

    # nothing until the table is there: the search field is hidden
    AUTO_FOCUS: ClassVar[str | None] = ""
    CROWD_SECONDS: ClassVar[float | None] = 15.0

    def heading(self) -> Text:
        """Return what this is."""
        return say("People and invitations")

    def state(self) -> Text:
        """Say how many there are."""
        crowd = self.view.crowd.value
        if crowd is None:
            return say("not known now") if self.view.crowd.problem else say("looking ...")
        said = {"people": counted(len(crowd.people)), "here": crowd.online, "invited": len(crowd.invitations)}
        if not crowd.invitations:
            return say("{people}, {here} here now", **said)
        return say("{people}, {here} here now, {invited} invited", **said)

    def promise(self) -> Text:
        """Say how old the table is, or why it is not newer."""
        if self.view.crowd.problem:
            return say("! The server cannot be asked just now: see Status in the menu.")
        if self.view.elsewhere.value:
            return self.view.elsewhere.value
        return say("Whoever opens an invitation chooses the password; nobody else ever knows it.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys for the person with the focus."""
        if self.is_typing():
            return (("Enter", say("to the table")), ARROWS, ("F1", say("help")), ("Esc", say("show all")))
        back = say("show all") if self.query_one("#search", Field).display else say("menu")
        person = self._person()
        makes = not self.view.elsewhere.value
        return (
            *((("i", say("invite")), ("a", say("add"))) if makes else ()),
            *(keys_for(person, makes_accounts=makes) if person is not None else ()),
            ("/", say("search")),
            ("Enter", say("details")),
            ("Esc", back),
        )

    def body(self) -> Iterable[Widget]:
        """Return the search field and the table."""
        yield Field("", id="search", max_length=100, why=say("Part of a name; the table shows who has it."))
        yield Table(
            key,
            lambda item: cells(item, self.desk.world.clock.timestamp(), self.words),
            title_width=_NAME_WIDTH,
            id="people",
        )
        yield Plain("", id="nobody", classes="note")

    def on_mount(self) -> None:
        """Draw what was seen already."""
        self.query_one("#search", Field).display = False
        if self.view.crowd.value is not None:
            self.call_later(self.show_view)

    async def show_view(self) -> None:
        """Draw the table; rows keep their places."""
        crowd, nobody = self.view.crowd.value, self.query_one("#nobody", Plain)
        if crowd is None:
            reason = say("! {problem}", problem=self.view.crowd.problem) if self.view.crowd.problem else NOTHING
            nobody.update(self.words(reason))
            return
        wanted = self.query_one("#search", Field).value.strip().lower()
        everybody: tuple[Item, ...] = (*crowd.people, *crowd.invitations)
        found = [item for item in everybody if wanted in name(item).lower()]
        table = self._table()
        table.show(found)
        table.display, nobody.display = bool(found), not found
        if found and not self.is_typing() and self.focused is None:
            table.focus()
        is_empty = not (crowd.people or crowd.invitations)
        nobody.update("" if found else self.words(self._none() if is_empty else say("Nobody has that in their name.")))
        self.show_frame()

    def _none(self) -> Text:
        if self.view.elsewhere.value:
            return say("Nobody has logged in yet. {how}", how=self.view.elsewhere.value)
        return say("Nobody yet: i invites somebody.")

    def _table(self) -> Table[Item]:
        return self.query_one("#people", Table)

    def _person(self) -> Person | None:
        """Return whom the keys are about."""
        if self.is_typing():
            return None
        chosen = self._table().chosen
        return chosen if isinstance(chosen, Person) else None

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self.tell(NOTHING)

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        item = self._table().chosen
        if item is not None:
            title, note = say("{name}", name=name(item)), say("As of {time}.", time=when.clock(self.view.crowd.at))
            self.app.push_screen(TextPage(self.desk, title, note, tuple(map(self.words, self._about(item)))))

    def details(self) -> str:
        """Return all that is known about the row with the cursor."""
        item = None if self.is_typing() else self._table().chosen
        return "\n".join(map(self.words, self._about(item))) if item else ""

    def _about(self, item: Item) -> tuple[Text, ...]:
        return about(item, self.desk.world.clock.timestamp())

    # finding

    def action_search(self) -> None:
        """Show the search field."""
        field = self.query_one("#search", Field)
        field.display = True
        field.focus()

    def action_back(self) -> None:
        """End the search first, where there is one."""
        field = self.query_one("#search", Field)
        if not field.display:
            self.dismiss(None)
            return
        field.display, field.value = False, ""
        self._table().display = True
        self._table().focus()

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        event.stop()
        await self.show_view()

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        if self._table().items:
            self._table().focus()

    # doing

    def action_invite(self) -> None:
        """Ask for a name and show the invitation."""
        if self._makes_accounts():
            ask_name(self)

    def action_add(self) -> None:
        """Ask for a name and make an account with a password that is shown once."""

        def take(address: str | None) -> None:
            if address is not None:
                self._give_password(
                    lambda who, password: who.add(address, password), say("{address} is added", address=address)
                )

        if self._makes_accounts():
            page = NamePage(self.desk, say("Add"), say("An account with a password made here, shown once. The name:"))
            self.app.push_screen(page, take)

    def _makes_accounts(self) -> bool:
        """Say whether accounts and passwords are made here; else tell where."""
        elsewhere = self.view.elsewhere.value
        if elsewhere:
            self.tell(elsewhere)
        return not elsewhere

    def action_admit(self) -> None:
        """Put the newcomer with the focus into everybody's contact list."""
        person = self._person()
        if person is not None and person.is_newcomer:
            self._do(lambda: self.Did(admit(self.desk, person)))

    def action_password(self) -> None:
        """Ask, then give the person with the focus a new password."""
        person = self._person()
        if person is None or not self._makes_accounts():
            return
        address = person.address

        def take(choice: str | None) -> None:
            if choice == "yes":
                done = say("{address} has a new password", address=address)
                self._give_password(lambda who, password: who.set_password(address, password), done)

        text = say(
            "Give {address} a new password? The old one ends at once; the new one is shown here once.", address=address
        )
        self.app.push_screen(QuestionPage(self.desk, text, {"no": say("Leave it"), "yes": say("New password")}), take)

    def action_shut_out(self) -> None:
        """Keep the person with the focus from logging in, or let them in again; let go whoever is held back first."""
        person = self._person()
        if person is not None:
            self._do(lambda: self.Did(shut_out(self.desk, person)))

    def action_delete(self) -> None:
        """Delete the person with the focus, once their address is typed."""
        person = self._person()
        if person is None:
            return
        address = person.address

        def take(choice: str | None) -> None:
            if choice == "typed":
                self._do(lambda: self.Did(delete(self.desk, address)))

        text = say(
            "All messages and contacts of {address} go for ever. Type the address to delete it.", address=address
        )
        self.app.push_screen(QuestionPage(self.desk, text, {"no": say("Leave it")}, typed=address), take)

    def _give_password(self, give: Callable[[People, Secret], None], done: Text) -> None:
        """Have ``give`` hand out a password made here, and show it once."""

        def deed() -> PeoplePage.Did:
            who = People(self.desk.world, self.desk.layout)
            password = who.new_password()
            give(who, password)
            return self.Did(done, password)

        self._do(deed)

    @work(thread=True, group="do")
    def _do(self, deed: Callable[[], Did]) -> None:
        try:
            did = deed()
        except WizardError as error:
            did = self.Did(say("! {problem}", problem=error.text))
        self.post_message(did)

    @on(Did)
    def _did(self, event: Did) -> None:
        event.stop()
        self.read_all()
        if event.password is None:
            self.tell(event.text)
            return
        note = say("{what}. The password is shown only now: write it down.", what=event.text)
        self.app.push_screen(ShownOnce(self.desk, say("Password"), note, ("", f"    {event.password.reveal()}")))
