"""What people do who have no domain: a server at home only, or a free name of somebody else's domain."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input

from xmpp_wizard.core.dns.free_names import DESEC, free_names_of
from xmpp_wizard.core.secret import Secret
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.first_address import Said, Way
from xmpp_wizard.tui.forms.controls import Answered, Choice, Entry
from xmpp_wizard.tui.widgets import Plain, Tick, words_of

_WAYS: tuple[Way, Way] = ("home", "free")
_LONGEST_TOKEN = 500


class Nameless(Vertical):
    """A tick, and once it is set the ways that there are; a free name has a token."""

    class Changed(Message):
        """Something of it is other than before."""

    def __init__(self, said: Said) -> None:
        """``said`` is what was chosen and typed already."""
        super().__init__(id="nameless")
        self._said = said
        self._typed = said.typed

    def compose(self) -> Iterable[Widget]:
        """Return the tick and what belongs to it."""
        words, said = words_of(self), self._said
        yield Tick(words(say("I have no domain, or only want to try it at home")), value=said.way != "own", id="home")
        labels = [words(say("at home only")), words(say("a free name"))]
        why = say(
            "A free name ends in .{domain}; {title} gives it and keeps its DNS.", domain=DESEC.domain, title=DESEC.title
        )
        yield Choice(labels, int(said.way == "free"), why=why, id="way")
        with Horizontal(id="token-line"):
            yield Plain(words(say("Token")), classes="label")
            secret = say("It is kept on this machine, for root alone, and only used for this name.")
            token = Entry(said.token.reveal(), why=secret, max_length=_LONGEST_TOKEN, id="token")
            token.password = True
            yield token
        with Horizontal(id="provider-line"):
            yield Plain(words(say("Provider")), classes="label")
            hint = say("Who keeps that name, as dns-lexicon calls it, such as dynu.")
            yield Entry(said.provider, why=hint, max_length=40, id="provider")

    def on_mount(self) -> None:
        """Show what belongs to what was chosen."""
        self.follow(self._said.typed)

    @property
    def way(self) -> Way:
        """Whose domain it is to be."""
        if not self.query_one("#home", Tick).value:
            return "own"
        return _WAYS[self.query_one("#way", Choice).chosen]

    def said(self, typed: str) -> Said:
        """Return all that was said, with the address that was typed."""
        token = self.query_one("#token", Entry).value.strip()
        return Said(typed, self.way, Secret(token), self.query_one("#provider", Entry).value.strip().lower())

    def follow(self, typed: str) -> None:
        """Show the questions that this address leaves open."""
        self._typed = typed
        domain = typed.rpartition("@")[2].strip()
        is_free = self.way == "free"
        self.query_one("#way").display = self.way != "own"
        self.query_one("#token-line").display = is_free
        self.query_one("#provider-line").display = is_free and _is_elsewhere(domain)

    @on(Checkbox.Changed, "#home")
    @on(Answered)
    @on(Input.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        # at once, so that Tab leads to what has just come
        self.follow(self._typed)
        self.post_message(self.Changed())


def _is_elsewhere(domain: str) -> bool:
    """Say whether a name is below a domain that nobody here knows to give names away."""
    try:
        return "." in domain and free_names_of(domain) is None
    except ValueError:
        # no name at all yet
        return False
