"""New accounts that something is kept from: a flag of Prosody's mod_flags, which a module of the image obeys."""

from __future__ import annotations

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.generations import last_good
from xmpp_wizard.engine.people.shell import json_lines, reason, run_program, shell
from xmpp_wizard.engine.setup import not_set_up

PROGRAM = "prosody/flagged.lua"


@dataclass(frozen=True)
class Flag:
    """The flag's ``name``, and the ``module`` that must be loaded for it to mean anything."""

    name: str
    module: str


@dataclass(frozen=True)
class Flagged:
    """An account with the flag, ``since`` a moment like ``2026-11-21T08:50:00Z``, with the server's reason."""

    address: str
    since: str
    why: str


_LINE = TypeAdapter(Flagged)


def flagged(world: World, layout: Layout, flag: Flag) -> tuple[Flagged, ...]:
    """Return who has the flag on all domains, the first first; nobody where its module is not loaded.

    Raises:
        NotSetUpError: there is no server yet; another one on this machine may have a container of the same name.
        EffectError: the server does not answer.
    """
    if last_good(world, layout) is None:
        raise not_set_up()
    result = run_program(world, layout, PROGRAM, flag.name, flag.module)
    found = json_lines(result, _LINE)
    if found is None:
        raise EffectError(
            say("the server does not say who is held back: {reason}", reason=reason(result)),
            say("Is the server well? See: xmpp-wizard status"),
        )
    return tuple(sorted(found, key=lambda one: (one.since, one.address)))


def take_flag(world: World, layout: Layout, address: str, flag: Flag) -> None:
    """Take the flag from the account.

    Raises:
        EffectError: the server says no.
    """
    result = shell(world, layout, "flags", "remove", address, flag.name)
    if "OK:" not in result.output:
        raise EffectError(say("{address} cannot be let go: {reason}", address=address, reason=reason(result)))
