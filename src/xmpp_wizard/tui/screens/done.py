"""After the first set-up: the invitation as a code to scan, the first log-in as it happens, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from xmpp_wizard.core.errors import WizardError
from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine import detect, plan_rows
from xmpp_wizard.engine.accounts import People
from xmpp_wizard.engine.emergency import write_sheet
from xmpp_wizard.engine.logins import Login, logins
from xmpp_wizard.engine.session import change_session
from xmpp_wizard.engine.setup import current
from xmpp_wizard.tui.base import Key, Page
from xmpp_wizard.tui.console import draws_half_blocks
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.qr import drawn
from xmpp_wizard.tui.screens.text import TextPage
from xmpp_wizard.tui.widgets import Group, Plain, Row, marked

_LOOK_SECONDS = 3.0
_LIFE_SECONDS = 24 * 3600
_TEXT_COLUMNS = 42


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known once the server runs."""

    address: str
    link: str
    leads_here: bool
    is_there_already: bool
    sheet: str
    problem: Text


class DonePage(Page[None]):
    """Nothing here has to be done; it can be left at any time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_code", show=False),
        Binding("d", "dns", show=False),
        Binding("p", "proof", show=False),
        Binding("q", "back", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "Row"

    class Known(Message):
        """The invitation is there."""

        def __init__(self, ready: Ready) -> None:
            """Carry what is known."""
            super().__init__()
            self.ready = ready

    class Seen(Message):
        """Who is logged in has been looked at."""

        def __init__(self, found: Sequence[Login]) -> None:
            """Carry who it is."""
            super().__init__()
            self.found = tuple(found)

    def __init__(self, desk: Desk, proofs: Sequence[ProofEnded]) -> None:
        """``proofs`` are the lines of the proof that has just come out."""
        super().__init__(desk)
        self._proofs = tuple(proofs)
        self._ready: Ready | None = None
        self._seen: Login | None = None
        self._seen_at = ""
        self._made_at = desk.world.clock.timestamp()

    def heading(self) -> Text:
        """Return that it is done."""
        return say("Done")

    def state(self) -> Text:
        """Return how much is proven."""
        green = sum(proof.is_green for proof in self._proofs)
        domain = self._ready.address.partition("@")[2] if self._ready else ""
        if not self._proofs:
            return say("{domain}", domain=domain)
        return say("{domain} • proven: {green} of {all}", domain=domain, green=green, all=len(self._proofs))

    def promise(self) -> Text:
        """Say that there is no hurry."""
        return say("The rest completes by itself once DNS and router are right. Leave at any time.")

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        new: tuple[Key, ...] = (("n", say("new code")),) if self._ready and self._ready.link else ()
        return (*new, ("d", say("DNS")), ("p", say("proof")), ("Enter", say("open")), ("q", say("quit")))

    def body(self) -> Iterable[Widget]:
        """Return the code at the left and what to do with it at the right."""
        with Horizontal(id="done"):
            yield Plain("", id="code")
            with Vertical(id="aside"):
                yield Plain(self.words(say("Your server works.")), id="headline")
                yield Plain("", id="steps-text")
                yield Plain("", id="login")
                yield Plain(self.words(say("Left for you")), classes="section", id="left-title")
                with Group(id="left"):
                    yield Row(self.words(say("Print")), "", id="sheet", name_width=9)
                    yield Row(self.words(say("Phones")), "", id="phones", name_width=9)
        yield Plain("", id="link")

    def on_mount(self) -> None:
        """Make the invitation and begin to look for the first log-in."""
        super().on_mount()
        self.query_one("#steps-text", Plain).update(self.words(say("Making your invitation ...")))
        self._make(is_new=False)
        self.set_interval(_LOOK_SECONDS, self._look)

    def on_resize(self) -> None:
        """Draw the code as it fits now."""
        if self._ready is not None:
            self._show(self._ready)

    @work(thread=True, exclusive=True, group="invite", exit_on_error=False)
    def _make(self, *, is_new: bool) -> None:
        world, layout = self.desk.world, self.desk.layout
        try:
            session = change_session(world, layout)
            answers = session.answers()
            people = People(world, layout)
            address = next(iter(answers.admin_addresses), f"admin@{answers.domain}")
            is_there = people.exists(address)
            link = "" if is_there else people.invitation(address)
            sheet = self._ready.sheet if is_new and self._ready else write_sheet(world, layout)
            ready = Ready(address, link, detect.leads_here(world, answers), is_there, sheet, NOTHING)
        except WizardError as error:
            ready = Ready("", "", leads_here=False, is_there_already=False, sheet="", problem=error.text)
        self.post_message(self.Known(ready))

    @on(Known)
    def _known(self, event: Known) -> None:
        self._ready = event.ready
        self._made_at = self.desk.world.clock.timestamp()
        self._show(event.ready)
        self.show_frame()

    def _show(self, ready: Ready) -> None:
        code = self.query_one("#code", Plain)
        picture = None
        is_over = self.desk.world.clock.timestamp() - self._made_at > _LIFE_SECONDS
        if ready.link and ready.leads_here and self._seen is None and not is_over:
            has = draws_half_blocks(self.desk.environment)
            columns, rows = self.size.width - _TEXT_COLUMNS, self.size.height - 6
            picture = drawn(ready.link, has_half_blocks=has, columns=columns, rows=rows)
        code.display = picture is not None
        code.update(picture or "")
        self.query_one("#steps-text", Plain).update(self._advice(ready, has_code=picture is not None))
        is_open = ready.leads_here and self._seen is None
        self.query_one("#link", Plain).update(ready.link if is_open else "")
        self.query_one("#sheet", Row).show(ready.sheet)
        self.query_one("#phones", Row).show(self.words(say("trust this server: Enter")))
        self.query_one("#phones", Row).display = self._is_local()
        self._show_login()

    def _is_local(self) -> bool:
        try:
            target, _ = current(self.desk.world, self.desk.layout)
        except WizardError:
            return False
        return target.certificate_source.kind == "local"

    def _advice(self, ready: Ready, *, has_code: bool) -> str:
        if ready.problem:
            return self.words(say("! {problem}", problem=ready.problem))
        if self._seen is not None:
            command = self.desk.command("user", "invite", "bob")
            return self.words(say("Invite the next person: {command}", command=command))
        if ready.is_there_already:
            return self.words(say("{address} is there: log in with it.", address=ready.address))
        if not ready.link:
            command = self.desk.command("user", "add", ready.address)
            return self.words(say("Make your account with: {command}", command=command))
        if not ready.leads_here:
            domain = ready.address.partition("@")[2]
            return self.words(
                say(
                    "It works on this machine. For phones it needs: DNS.\n\nAs long as {domain} does not lead here, no "
                    "phone could use an invitation. Set the records (d), then press n.",
                    domain=domain,
                )
            )
        until = datetime.fromtimestamp(self._made_at + _LIFE_SECONDS, UTC).astimezone().strftime("%H:%M")
        values = {"address": ready.address, "time": until}
        if has_code:
            scan = say(
                "1. Scan this with the phone's camera.\n2. Take the app that the page offers.\n"
                "3. Choose your password there."
            )
        else:
            scan = say("Open the link below on the phone. As a QR code: sudo xmpp-wizard over SSH, in a larger window.")
        kept = say("{address} is kept for you until tomorrow {time}; n makes a new code.", **values)
        return f"{self.words(scan)}\n\n{self.words(kept)}"

    # the first log-in

    @work(thread=True, exclusive=True, group="logins", exit_on_error=False)
    def _look(self) -> None:
        found = logins(self.desk.world, self.desk.layout)
        if found is not None:
            self.post_message(self.Seen(found))

    @on(Seen)
    def _saw(self, event: Seen) -> None:
        if self._seen is not None or self._ready is None:
            return
        mine = [login for login in event.found if login.address == self._ready.address]
        if mine:
            self._seen = mine[0]
            self._seen_at = self.desk.world.clock.now().astimezone().strftime("%H:%M")
            self._show(self._ready)

    def _show_login(self) -> None:
        line = self.query_one("#login", Plain)
        ready = self._ready
        if self._seen is not None:
            values = {"name": self._seen.address.partition("@")[0], "time": self._seen_at}
            if self._seen.is_from_outside:
                text = say("{name} logged in {time} from the internet", **values)
            else:
                text = say(
                    "{name} logged in {time} from your own network; the way in from outside is not proven yet", **values
                )
            line.update(marked("ok", self.words(text)))
        elif ready is not None and (ready.is_there_already or (ready.link and ready.leads_here)):
            line.update(marked("wait", self.words(say("for your phone to log in ..."))))
        else:
            line.update("")

    # rows and keys

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        if event.row.id == "sheet" and self._ready and self._ready.sheet:
            content = self.desk.world.files.read(self._ready.sheet.removesuffix("html") + "txt") or b""
            note = say("It has no secret on it. Print the page, and keep it where you find it without a computer.")
            self.app.push_screen(TextPage(self.desk, say("Emergency sheet"), note, content.decode().splitlines()))
        elif event.row.id == "phones":
            lines = (self.desk.command("ca") + " > root.crt",)
            note = say(
                "Certificates come from this machine. Bring this file to each phone and install it as an authority:"
            )
            self.app.push_screen(TextPage(self.desk, say("Phones"), note, lines))

    def action_new_code(self) -> None:
        """Make another invitation, and look again whether the name leads here."""
        self._seen = None
        self._make(is_new=True)

    def action_dns(self) -> None:
        """Show the records."""
        _, wanted = current(self.desk.world, self.desk.layout)
        if wanted is None:
            return
        address = next(iter(wanted.addresses or self.desk.world.sockets.addresses()), "")
        note = say("Copy these to where your domain is managed; the address must be that of your line.")
        self.app.push_screen(TextPage(self.desk, say("DNS records"), note, plan_rows.dns_lines(wanted, address)))

    def action_proof(self) -> None:
        """Show each line of the proof."""
        lines = [
            f"{'ok' if p.is_green else 'FAIL':<5} {self.words(p.title)}: {self.words(p.text)}" for p in self._proofs
        ]
        self.app.push_screen(
            TextPage(self.desk, say("Proof"), say("Done by real clients through the real ports."), lines)
        )
