"""What goes on behind the page after a first set-up: the invitation is made, names and log-ins are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work
from textual.message import Message

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine import left
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.left import Left
from xmpp_wizard.engine.people.logins import Login, logins
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.welcome import Welcome, obstacle, settle, welcome
from xmpp_wizard.tui.base import Page
from xmpp_wizard.tui.desk import Desk


class DoneWork(Page[None]):
    """What is known, and the threads that find it out; each tells the page by a message."""

    class Welcomed(Message):
        """The invitation is there, or why it is not."""

        def __init__(self, found: Welcome | None, sheet: str, problem: Text) -> None:
            """``sheet`` is the path of the emergency sheet; both are empty where there is a ``problem``."""
            super().__init__()
            self.found, self.sheet, self.problem = found, sheet, problem

    class Outside(Message):
        """What is left to do elsewhere has been looked at."""

        def __init__(self, found: Left) -> None:
            """Carry it."""
            super().__init__()
            self.found = found

    class Seen(Message):
        """Who is logged in has been looked at."""

        def __init__(self, found: Sequence[Login]) -> None:
            """Carry who it is."""
            super().__init__()
            self.found = tuple(found)

    def __init__(self, desk: Desk) -> None:
        """Know nothing yet."""
        super().__init__(desk)
        self.welcome: Welcome | None = None
        self.left: Left | None = None
        self.problem = NOTHING
        self.sheet = ""
        self.seen: Login | None = None
        self.seen_at = ""
        self.wants_code = False

    @work(thread=True, exclusive=True, group="invite")
    def make(self) -> None:
        """Make the invitation and the sheet."""
        world, layout = self.desk.world, self.desk.layout
        try:
            found = welcome(world, layout)
            sheet = self.sheet or write_sheet(world, layout, self.words)
            settle(world, layout)
        except WizardError as error:
            self.post_message(self.Welcomed(None, "", say("{problem}. {hint}", problem=error.text, hint=error.hint)))
            return
        self.post_message(self.Welcomed(found, sheet, NOTHING))

    @work(thread=True, exclusive=True, group="outside")
    def look_outside(self) -> None:
        """Look where the name leads."""
        world, layout = self.desk.world, self.desk.layout
        try:
            _, wanted = current(world, layout)
            if wanted is not None:
                self.post_message(self.Outside(left.look(world, change_session(world, layout).answers(), wanted)))
        except WizardError:
            # nothing new is known; what was seen before stays
            return

    @work(thread=True, exclusive=True, group="logins")
    def look(self) -> None:
        """Look who is logged in."""
        found = logins(self.desk.world, self.desk.layout)
        if found is not None:
            self.post_message(self.Seen(found))

    def hindrance(self) -> Text:
        """Return why no phone here could use the invitation; nothing where one could."""
        return obstacle(self.left) if self.left is not None else NOTHING

    def waits(self) -> bool:
        """Say whether the first log-in is still to come."""
        return self.welcome is not None and self.seen is None

    def shows_link(self) -> bool:
        """Say whether the link is known to work, or was asked for."""
        made = self.welcome
        if made is None or not made.link or self.seen is not None or self.left is None:
            return False
        return (not self.hindrance() or self.wants_code) and not made.is_over(self.desk.world.clock.timestamp())

    def may_make_another(self) -> bool:
        """Say whether another code would be seen: one that nobody sees would only be one more open invitation."""
        made = self.welcome
        is_open = made is not None and bool(made.link) and self.seen is None
        return is_open and self.left is not None and (not self.hindrance() or self.wants_code)

    def has_local_certificates(self) -> bool:
        """Say whether devices have to trust this server by hand."""
        try:
            return current(self.desk.world, self.desk.layout)[0].certificate_source.kind == "local"
        except WizardError:
            return False
