"""After the first set-up: the invitation as a code to scan, the first log-in as it happens, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget

from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.welcome import Welcome, headline
from xmpp_wizard.tui.base import Key
from xmpp_wizard.tui.console import draws_half_blocks
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.qr import Code, drawn
from xmpp_wizard.tui.screens import done_lists
from xmpp_wizard.tui.screens.done_words import kept, logged_in, steps
from xmpp_wizard.tui.screens.done_work import DoneWork
from xmpp_wizard.tui.widgets import Group, Plain, Row, marked

_LOOK_SECONDS = 3.0
_OUTSIDE_SECONDS = 20.0
_TEXT_COLUMNS = 41
_FRAME_ROWS = 5
_NAME_WIDTH = 8


class DonePage(DoneWork):
    """Nothing here has to be done; it can be left at any time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "invite", show=False),
        Binding("n", "new_code", show=False),
        Binding("c", "code", show=False),
        Binding("a", "apps", show=False),
        Binding("d", "dns", show=False),
        Binding("r", "router", show=False),
        Binding("p", "proof", show=False),
        Binding("q", "back", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(self, desk: Desk, domain: str, proofs: Sequence[ProofEnded]) -> None:
        """``proofs`` are the lines of the proof that has just come out."""
        super().__init__(desk)
        self._domain, self._proofs = domain, tuple(proofs)
        self._is_proven = all(proof.is_green for proof in proofs)
        self._is_local = self.has_local_certificates()

    # the frame

    def heading(self) -> Text:
        """Return that it is done."""
        return say("Done")

    def state(self) -> Text:
        """Return how much is proven."""
        green = sum(proof.is_green for proof in self._proofs)
        if not self._proofs:
            return say("{domain}", domain=self._domain)
        return say("{domain} • proven: {green} of {all}", domain=self._domain, green=green, all=len(self._proofs))

    def promise(self) -> Text:
        """Say that there is no hurry; or the link, where the code leaves no row for it."""
        link = self.query_one("#link", Plain)
        if self.shows_link() and not link.display and self.welcome is not None:
            return say("{link}", link=self.welcome.link)
        if self.left is not None and (self.left.missing or self.left.ports):
            return say("The rest completes by itself once DNS and router are right. Leave at any time.")
        return say("Leave at any time. Later changes and people: {command}", command=self.desk.command())

    def keys(self) -> Sequence[Key]:
        """Return the keys."""
        found: list[Key] = [("i", say("invite"))] if self.welcome and not self.waits() else []
        if self.may_make_another():
            found.append(("n", say("new code")))
        if self.hindrance() and not self.wants_code and self.left and self.left.way != "nowhere":
            found.append(("c", say("code anyway")))
        found += [("a", say("apps")), ("d", say("DNS"))]
        if self.left is not None and self.left.ports:
            found.append(("r", say("router")))
        return (*found, ("p", say("proof")), ("?", say("help")), ("q", say("quit")))

    def body(self) -> Iterable[Widget]:
        """Return the code at the left and what to do with it at the right."""
        with Horizontal(id="done"):
            yield Code("", id="code")
            with Vertical(id="aside"):
                yield Plain(self.words(headline(None, is_seen=False, is_proven=self._is_proven)), id="headline")
                yield Plain("", id="steps-text")
                yield Plain("", id="login")
                yield Plain(self.words(say("Left for you")), classes="section", id="left-title")
                with Group(id="left"):
                    yield Row(self.words(say("DNS")), "", mark="!", id="dns", name_width=_NAME_WIDTH)
                    yield Row(self.words(say("Router")), "", mark="!", id="router", name_width=_NAME_WIDTH)
                    yield Row(self.words(say("Phones")), "", id="phones", name_width=_NAME_WIDTH)
                    yield Row(self.words(say("Print")), "", id="sheet", name_width=_NAME_WIDTH)
        yield Plain("", id="link")

    # looking

    def on_mount(self) -> None:
        """Make the invitation, look outside, and begin to look for the first log-in."""
        super().on_mount()
        for name in ("#dns", "#router", "#phones", "#sheet"):
            self.query_one(name).display = False
        self.query_one("#steps-text", Plain).update(self.words(say("Making your invitation ...")))
        self.make()
        self.look_outside()
        self.set_interval(_LOOK_SECONDS, self._tick)
        self.set_interval(_OUTSIDE_SECONDS, self._tick_outside)

    def on_resize(self, _: Resize) -> None:
        """Draw the code as it fits now."""
        self._show()

    def _tick(self) -> None:
        # asking the server takes a small machine a second or more
        if self.waits() and not self.is_busy("logins"):
            self.look()
        if self.welcome is not None and self.welcome.is_over(self.desk.world.clock.timestamp()):
            self._show()

    def _tick_outside(self) -> None:
        if not self.is_busy("outside"):
            self.look_outside()

    @on(DoneWork.Welcomed)
    def _welcomed(self, event: DoneWork.Welcomed) -> None:
        self.welcome, self.sheet, self.problem = event.found, event.sheet or self.sheet, event.problem
        self._show()

    @on(DoneWork.Outside)
    def _looked_outside(self, event: DoneWork.Outside) -> None:
        self.left = event.found
        self._show()

    @on(DoneWork.Seen)
    def _saw(self, event: DoneWork.Seen) -> None:
        if self.welcome is None or not self.waits():
            return
        mine = [login for login in event.found if login.address == self.welcome.address]
        if mine:
            self.seen = mine[0]
            self.seen_at = self.desk.world.clock.now().astimezone().strftime("%H:%M")
            self._show()

    # drawing

    def _show(self) -> None:
        line = headline(self.left, is_seen=self.seen is not None, is_proven=self._is_proven)
        self.query_one("#headline", Plain).update(self.words(line))
        has_code = self._show_code()
        if self.welcome is not None or self.problem:
            self.query_one("#steps-text", Plain).update(self._advice(has_code=has_code))
        self.query_one("#login", Plain).update(self._login())
        self._show_rows()
        self.show_frame()

    def _show_code(self) -> bool:
        """Draw the code if it would work and fits; say whether it is there. The link goes below it if there is room."""
        code, link = self.query_one("#code", Plain), self.query_one("#link", Plain)
        picture, rows = None, self.size.height - _FRAME_ROWS
        if self.shows_link() and self.welcome is not None:
            has = draws_half_blocks(self.desk.environment)
            columns = self.size.width - _TEXT_COLUMNS
            picture = drawn(self.welcome.link, has_half_blocks=has, columns=columns, rows=rows)
            link.update(self.welcome.link)
        code.display = picture is not None
        code.update(picture or "")
        link.display = self.shows_link() and (picture is None or len(picture.plain.splitlines()) < rows)
        return picture is not None

    def _show_rows(self) -> None:
        found = self.left
        missing = found.missing if found else ()
        others = self.words(say(" and {count} more", count=len(missing) - 1)) if len(missing) > 1 else ""
        self._show_row("#dns", f"{missing[0]}{others}" if missing else "", "!")
        ports = done_lists.in_short(found.ports) if found else ""
        self._show_row("#router", self.words(say("forward {ports}", ports=ports)) if ports else "", "!")
        self._show_row("#phones", self.words(say("must trust this server once")) if self._is_local else "")
        self._show_row("#sheet", self.sheet)
        if found is not None and (self.focused is None or not self.focused.display):
            row = next((row for row in self.query(Row) if row.display), None)
            if row is not None:
                row.focus()

    def _show_row(self, name: str, value: str, mark: str = "") -> None:
        row = self.query_one(name, Row)
        row.show(value, mark=mark)
        row.display = bool(value)

    def _advice(self, *, has_code: bool) -> str:
        made = self.welcome
        if self.problem or made is None:
            return self.words(say("! {problem}", problem=self.problem))
        text = self._instead(made)
        if text:
            return self.words(text)
        could_draw = draws_half_blocks(self.desk.environment)
        command = self.desk.command()
        found = steps(command, is_local=self._is_local, has_code=has_code, could_draw=could_draw)
        return "\n".join((*map(self.words, found), "", self.words(kept(made))))

    def _instead(self, made: Welcome) -> Text:
        """Return what there is to say where there is no link to be opened, nothing where there is."""
        if self.seen is not None:
            text = made.elsewhere or say("Invite the next person: i")
        elif made.is_there_already:
            text = say("{address} is there: log in with it.", address=made.address)
        elif made.elsewhere:
            text = say("{how} Then log in as {address}.", how=made.elsewhere, address=made.address)
        elif not made.link:
            text = say("Make your account with: {command}", command=self.desk.command("user", "add", made.address))
        elif made.is_over(self.desk.world.clock.timestamp()):
            text = say("! This code has ended. n makes a new one.")
        elif self.left is None:
            text = say("Looking where {domain} leads ...", domain=self._domain)
        else:
            text = NOTHING if self.wants_code else self.hindrance()
        return text

    def _login(self) -> Content:
        if self.seen is not None:
            return marked("ok", self.words(logged_in(self.seen, self.seen_at)), words=self.words)
        if self.welcome is not None and (self.welcome.is_there_already or self.shows_link()):
            return marked("wait", self.words(say("for your phone to log in ...")), words=self.words)
        return Content("")

    # rows and keys

    @on(Row.Opened)
    def _opened(self, event: Row.Opened) -> None:
        event.stop()
        match event.row.id:
            case "dns":
                self.action_dns()
            case "router":
                self.action_router()
            case "phones":
                done_lists.phones(self)
            case "sheet":
                done_lists.sheet(self, self.sheet)

    def action_invite(self) -> None:
        """Invite the next person."""
        from xmpp_wizard.tui.screens.inviting import ask_name  # noqa: PLC0415 most leave before they invite anybody

        if self.welcome is not None and not self.waits():
            ask_name(self)

    def action_new_code(self) -> None:
        """Make another invitation, and look again whether the name leads here."""
        if self.may_make_another():
            self.make()
            self.look_outside()

    def action_code(self) -> None:
        """Show the code though nobody here can see whether it works."""
        if self.hindrance() and self.left is not None and self.left.way != "nowhere":
            self.wants_code = True
            self._show()

    def action_apps(self) -> None:
        """Show the apps for each kind of device."""
        done_lists.apps(self, is_trusted=not self._is_local)

    def action_dns(self) -> None:
        """Show the records, missing ones first."""
        done_lists.dns(self, self.left.missing if self.left else ())

    def action_router(self) -> None:
        """Show what the router has to forward."""
        if self.left is not None and self.left.ports:
            done_lists.router(self, self.left)

    def action_proof(self) -> None:
        """Show each line of the proof."""
        done_lists.proof(self, self._proofs)
