"""What a check of DNS found about one name: how it is, how it should be, and the next thing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xmpp_wizard.core.dns.reply import State
from xmpp_wizard.core.names import is_at_home
from xmpp_wizard.core.text import NOTHING, Text, say

Level: TypeAlias = Literal["ok", "todo", "!"]
"""ok: right. todo: better or soon right, people reach the server all the same. !: somebody does not reach it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; ``key`` is stable, such as ``missing`` or ``caa-forbids``."""

    level: Level
    key: str
    name: str
    kind: str
    text: Text
    advice: Text = NOTHING
    have: tuple[str, ...] = ()
    want: tuple[str, ...] = ()


def failure(name: str, kind: str, state: State, reason: str = "") -> Finding:
    """Return the finding for a question that was not answered."""
    why = f" ({reason})" if reason else ""
    text, advice = _SENTENCES[state](name, why)
    if is_at_home(name) and state in _OF_PROVIDERS:
        advice = say(
            "Names for home are answered by your own network: look at the router, or at the DNS server that is named "
            "in network.resolvers."
        )
    return Finding("!", _KEYS[state], name, kind, text, advice)


_KEYS: dict[State, str] = {
    "TIMEOUT": "no-answer",
    "SERVFAIL": "servers-fail",
    "BOGUS": "dnssec-broken",
    "REFUSED": "refused",
    "LAME": "lame",
    "LOOP": "loop",
}
_OF_PROVIDERS: frozenset[State] = frozenset(("TIMEOUT", "SERVFAIL", "BOGUS", "LAME"))
"""What a public name's provider or registrar has to mend."""
FAILURES = frozenset(
    ("no-answer", "servers-fail", "dnssec-broken", "refused", "lame", "outside-fails", "split-outside")
)
"""Keys of findings that are about a whole zone, whichever name was asked for."""
_SENTENCES: dict[State, Callable[[str, str], tuple[Text, Text]]] = {
    "TIMEOUT": lambda name, _why: (
        say("nobody answers for {name}", name=name),
        say("Is this machine online? If it is, the name servers of {name} are down: ask your DNS provider.", name=name),
    ),
    "SERVFAIL": lambda name, why: (
        say("the name servers of {name} fail{reason}", name=name, reason=why),
        say("The zone is broken or half moved at your DNS provider: ask them, or look at the name servers there."),
    ),
    "BOGUS": lambda name, why: (
        say("DNSSEC of {name} is broken{reason}, so half of the internet does not find it", name=name, reason=why),
        say(
            "At your registrar, compare the DS record with the key that your DNS provider shows; after a move of "
            "providers it is the old one. Correct it, or remove the DS record."
        ),
    ),
    "REFUSED": lambda name, _why: (
        say("the resolver refuses to look up {name}", name=name),
        say("Name another one in network.resolvers, such as the address of your router."),
    ),
    "LAME": lambda name, _why: (
        say("the name servers named for {name} do not know it", name=name),
        say("At your registrar, name the servers that your DNS provider shows; or make the zone there."),
    ),
    "LOOP": lambda name, _why: (
        say("{name} leads in a circle", name=name),
        say("Two or more CNAME records lead to each other: give {name} an address (A, AAAA) instead.", name=name),
    ),
}
