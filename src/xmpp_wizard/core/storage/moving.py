"""Data that move from one storage backend to another: what is known of them, and the container that moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xmpp_wizard.core.target import Bind, Container
from xmpp_wizard.core.text import Text, say

RECORDS_A_SECOND = 500
"""Read, written, and read again twice, on a Raspberry Pi; a PC does ten times as many."""
_SECONDS_AROUND = 10
"""What Prosody's stop and start take at most."""
_ASIDE = "moving"


@dataclass(frozen=True)
class Census:
    """How much is kept: what people know (accounts, messages), and what it takes (records, bytes of content)."""

    accounts: int = 0
    messages: int = 0
    records: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        """Return it for the record of a plan."""
        return f"{self.accounts} accounts, {self.messages} messages"


@dataclass(frozen=True)
class Kept:
    """Data that stayed where they were when the server moved: ``at`` in seconds since 1970.

    ``generation`` is one that had them in use, so that it knows the way to them; ``is_half`` means a copy that did
    not come to its end, which nobody needs.
    """

    at: float
    generation: int
    census: Census = field(default_factory=Census)
    is_half: bool = False


@dataclass(frozen=True)
class StorageState:
    """What is remembered of moves, in one piece, so that at each instant one place alone has the truth.

    ``live`` is the place with the data in use, empty before the first move; ``generation`` knows the way to them.
    """

    live: str = ""
    generation: int = 0
    kept: Mapping[str, Kept] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObservedStorage:
    """Where the data are now; all but ``name`` is only looked at where they are to move."""

    name: str
    """The place (:mod:`xmpp_wizard.core.storage.place`); empty before the first set-up."""
    container: Container | None = None
    """Prosody's, as it reaches them; None where nothing tells."""
    config: str = ""
    """Its ``prosody.cfg.lua``."""
    generation: int = 0
    census: Census | None = None
    """None where they cannot be counted now."""
    kept: Mapping[str, Kept] = field(default_factory=dict)


def aside_name(project: str) -> str:
    """Return the name of the container that moves data."""
    return f"{project}-prosody-{_ASIDE}"


def reaching_both(new: Container, old: Container) -> Container:
    """Return the ``new`` container with all that the ``old`` one sees and is told besides."""
    known = {bind.target for bind in new.binds}
    binds: tuple[Bind, ...] = (*new.binds, *(bind for bind in old.binds if bind.target not in known))
    spec = replace(new.spec, environment={**old.spec.environment, **new.spec.environment})
    return replace(new, spec=spec, binds=binds)


def seconds_away(census: Census | None) -> float:
    """Return for how long the server is away at most while so much is copied and compared."""
    return _SECONDS_AROUND + (census.records if census else 0) / RECORDS_A_SECOND


def how_long(census: Census | None) -> Text:
    """Say for how long the server is away while so much is copied and compared."""
    if census is None:
        return say("for some minutes")
    minutes = round(seconds_away(census) / 60)
    return say("for about {count} minutes", count=minutes) if minutes > 1 else say("for up to a minute")


def how_much(census: Census | None) -> Text:
    """Say how much is kept; where only some kinds of data moved, no accounts are."""
    if census is None:
        return say("all accounts and messages")
    if not census.accounts:
        return messages_in(census)
    return say("{accounts} and {messages}", accounts=accounts_in(census), messages=messages_in(census))


def accounts_in(census: Census) -> Text:
    """Say how many accounts there are."""
    return say("1 account") if census.accounts == 1 else say("{count} accounts", count=census.accounts)


def messages_in(census: Census) -> Text:
    """Say how many messages there are."""
    return say("1 message") if census.messages == 1 else say("{count} messages", count=census.messages)
