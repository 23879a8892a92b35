"""New accounts that are held back: who they are, and letting them go.

An account is held by a flag of Prosody's mod_flags, which mod_quarantine in the image obeys.
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from xmpp_wizard.core.containers import CommandResult
from xmpp_wizard.core.errors import EffectError, NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.accounts import PROSODY_USER

PROGRAM = "prosody/quarantine.lua"
FLAG = "quarantine"
_SECONDS = 10.0
_END = "Result: end"


@dataclass(frozen=True)
class Held:
    """An account that is held back, ``since`` a moment like ``2026-11-21T08:50:00Z``, with the server's reason."""

    address: str
    since: str
    why: str


_LINE = TypeAdapter(Held)


def held(world: World, layout: Layout) -> tuple[Held, ...]:
    """Return who is held back on all domains, the first first; nobody where quarantine is not switched on.

    Raises:
        EffectError: the server does not answer.
    """
    program = world.appliance.templates()[PROGRAM]
    result = _shell(world, layout, f"> return (function()\n{program}\nend)()")
    lines = result.output.splitlines()
    try:
        found = [_LINE.validate_json(line) for line in lines if line.startswith("{")]
    except ValidationError as error:
        raise _unknown(result) from error
    if _END not in lines:
        raise _unknown(result)
    return tuple(sorted(found, key=lambda one: (one.since, one.address)))


def release(world: World, layout: Layout, address: str) -> None:
    """Let an account talk with everybody.

    Raises:
        NeedsPersonError: it is not held back.
        EffectError: the server says no.
    """
    if address not in {one.address for one in held(world, layout)}:
        raise NeedsPersonError(
            say("{address} is not held back", address=address),
            say("Those who are: xmpp-wizard user quarantine list"),
        )
    result = _shell(world, layout, "flags", "remove", address, FLAG)
    if "OK:" not in result.output:
        raise EffectError(say("{address} cannot be let go: {reason}", address=address, reason=_reason(result)))


def _unknown(result: CommandResult) -> EffectError:
    return EffectError(
        say("the server does not say who is held back: {reason}", reason=_reason(result)),
        say("Is the server well? See: xmpp-wizard status"),
    )


def _shell(world: World, layout: Layout, *words: str) -> CommandResult:
    command = ["prosodyctl", "shell", *words]
    return world.containers.run(layout.container("prosody"), command, user=PROSODY_USER, timeout_seconds=_SECONDS)


def _reason(result: CommandResult) -> str:
    lines = (result.errors or result.output).strip().removeprefix("Error: ").splitlines()
    return lines[-1] if lines else f"status {result.status}"
