"""One invitation: a large code to scan and the link to send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import NeedsPersonError, WizardError
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import change_session
from xmpp_wizard.engine.left import Left, look
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.setup import current
from xmpp_wizard.tui.base import ESC_BACK, Page
from xmpp_wizard.tui.base import Key as Shortcut
from xmpp_wizard.tui.console import draws_half_blocks
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.qr import Code, drawn
from xmpp_wizard.tui.screens.text import print_plain
from xmpp_wizard.tui.widgets import Plain

_FRAME_ROWS = 5
_ASIDE = 38


class InvitationPage(Page[None]):
    """Invites one person."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "again", show=False), Binding("c", "plain", show=False)]

    class Made(Message):
        """The link is there, or why it is not."""

        def __init__(self, link: str, problem: Text) -> None:
            """``problem`` is empty where there is a link."""
            super().__init__()
            self.link, self.problem = link, problem

    class Looked(Message):
        """Where the server's name leads has been looked at."""

        def __init__(self, found: Left) -> None:
            """Carry it."""
            super().__init__()
            self.found = found

    def __init__(self, desk: Desk, address: str) -> None:
        """``address`` is kept for whoever opens the link."""
        super().__init__(desk)
        self._address = address
        self._link = ""
        self._is_lost = False
        """Whether the name is seen to lead elsewhere or nowhere, so that the code would not work."""

    def heading(self) -> Text:
        """Return what this is."""
        return say("Invitation")

    def state(self) -> Text:
        """Return whom it is for."""
        return say("{address}", address=self._address)

    def promise(self) -> Text:
        """Say how long it holds; or the link, where the code leaves no row for it."""
        if self._link and not self.query_one("#invitation-link", Plain).display:
            return say("{link}", link=self._link)
        return say("Valid for a day, for one person. Whoever opens it chooses the password.")

    def keys(self) -> Sequence[Shortcut]:
        """Return the keys."""
        copy: tuple[Shortcut, ...] = (("c", say("link as plain text")), ("n", say("new code"))) if self._link else ()
        return (*copy, ESC_BACK)

    def body(self) -> Iterable[Widget]:
        """Return the code at the left, what to do with it at the right, the link below."""
        with Horizontal(id="invitation"):
            yield Code("", id="picture")
            with Vertical(id="how"):
                yield Plain(self.words(say("Making the invitation ...")), id="how-steps", classes="note")
        yield Plain("", id="invitation-link", classes="note")

    def on_mount(self) -> None:
        """Make it."""
        self._make()

    def on_resize(self, _: Resize) -> None:
        """Draw the code as it fits now."""
        if self._link:
            self._show()

    @work(thread=True, exclusive=True, group="invite")
    def _make(self) -> None:
        try:
            link = People(self.desk.world, self.desk.layout).invitation(self._address)
            if not link:
                hint = say("Switch on the feature Invitations, or add the person with a.")
                raise NeedsPersonError(say("invitations are not switched on"), hint)
        except WizardError as error:
            self.post_message(self.Made("", say("{problem}. {hint}", problem=error.text, hint=error.hint)))
            return
        self.post_message(self.Made(link, NOTHING))
        self._look()

    def _look(self) -> None:
        world, layout = self.desk.world, self.desk.layout
        try:
            _, wanted = current(world, layout)
            if wanted is not None:
                self.post_message(self.Looked(look(world, change_session(world, layout).answers(), wanted)))
        except WizardError:
            return  # nothing is known of the name, so nothing is said

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        self._is_lost = event.found.way in ("nowhere", "elsewhere")
        if self._link:
            self._show()

    @on(Made)
    def _made(self, event: Made) -> None:
        event.stop()
        self._link = event.link
        if event.problem:
            self.query_one("#how-steps", Plain).update(f"! {self.words(event.problem)}")
        else:
            self._show()
        self.show_frame()

    def _show(self) -> None:
        has, room = draws_half_blocks(self.desk.environment), self.size.width - _ASIDE
        rows = self.size.height - _FRAME_ROWS
        code = None if self._is_lost else drawn(self._link, has_half_blocks=has, columns=room, rows=rows)
        self.query_one("#picture", Plain).update(code or "")
        self.query_one("#picture", Plain).display = code is not None
        self.query_one("#invitation-link", Plain).display = code is None or len(code.plain.splitlines()) < rows
        scan = say("1. Scan this with the phone's camera.") if code else say("1. Open this link on the phone.")
        steps = [scan, say("2. Take the app that the page offers."), say("3. Choose your password there.")]
        lines = [self.words(step) for step in steps]
        if self._is_lost:
            why = say("! {domain} does not lead to this server yet, so the code would not work. Set its DNS records: "
                      "they are under Names and certificates.", domain=self._address.partition("@")[2])  # fmt: skip
            lines = [self.words(why), "", *lines]
        elif code is None:
            lines += ["", *self._other_ways(has_half_blocks=has)]
        self.query_one("#how-steps", Plain).update("\n".join(lines))
        self.query_one("#invitation-link", Plain).update(self._link)
        self.show_frame()

    def _other_ways(self, *, has_half_blocks: bool) -> Iterable[str]:
        if has_half_blocks:
            yield self.words(say("This window is too small for the code: make it larger."))
            return
        yield self.words(say("This terminal cannot draw the code. Over SSH it can:"))
        yield f"  {self.desk.command()}"

    def action_again(self) -> None:
        """Make another one."""
        self._make()

    def action_plain(self) -> None:
        """Print the link where it can be copied."""
        if self._link:
            print_plain(self, (self._link,))
