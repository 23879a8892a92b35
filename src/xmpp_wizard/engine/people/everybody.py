"""Who is on the server: accounts, when each was seen last, who is here now, and who is invited.

``templates/prosody/people.lua`` reads all of it in one go, because every run of prosodyctl costs a noticeable while.
"""

from __future__ import annotations

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.shell import json_lines, reason, run_program, shell

PROGRAM = "prosody/people.lua"


@dataclass(frozen=True)
class Person:
    """Somebody with an account. ``seen_at`` is the last log-in or log-out in seconds since 1970, 0 before the first."""

    address: str
    is_enabled: bool
    seen_at: float
    devices: int
    """How many are connected now."""
    is_held: bool = False
    """Whether it is a new account that talks with contacts and admins only."""
    is_newcomer: bool = False
    """Whether it signed up by itself and is not in everybody's contact list yet."""


@dataclass(frozen=True)
class Invitation:
    """A link that nobody has used yet. ``name`` is empty where whoever comes may choose."""

    token: str
    host: str
    name: str
    expires_at: float


@dataclass(frozen=True)
class Crowd:
    """Everybody, sorted by address; and the open invitations, the first to end first."""

    people: tuple[Person, ...] = ()
    invitations: tuple[Invitation, ...] = ()

    @property
    def online(self) -> int:
        """How many people are here now."""
        return sum(person.devices > 0 for person in self.people)


_LINE = TypeAdapter(Crowd)


def look(world: World, layout: Layout) -> Crowd:
    """Return who is on the server.

    Raises:
        EffectError: the server does not answer.
    """
    result = run_program(world, layout, PROGRAM)
    parts = json_lines(result, _LINE)
    if parts is None:
        raise EffectError(
            say("the server does not say who is on it: {reason}", reason=reason(result)),
            say("Is the server well? See: xmpp-wizard status"),
        )
    return Crowd(
        tuple(sorted((one for part in parts for one in part.people), key=lambda person: person.address)),
        tuple(
            sorted((one for part in parts for one in part.invitations), key=lambda invitation: invitation.expires_at)
        ),
    )


def set_enabled(world: World, layout: Layout, address: str, *, is_enabled: bool) -> None:
    """Let somebody log in, or no longer; nothing of theirs goes.

    Raises:
        EffectError: the server says no.
    """
    verb = "enable" if is_enabled else "disable"
    result = shell(world, layout, "user", verb, address)
    if result.status != 0 or "OK:" not in result.output:
        raise EffectError(say("cannot {verb} {address}: {reason}", verb=verb, address=address, reason=reason(result)))
