"""New accounts that are held back (mod_quarantine): who they are, and letting them go."""

from __future__ import annotations

from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.flagged import Flag, Flagged, flagged, take_flag

_FLAG = Flag("quarantine", module="quarantine")


def held(world: World, layout: Layout) -> tuple[Flagged, ...]:
    """Return who is held back; nobody where quarantine is not switched on.

    Raises:
        EffectError: the server does not answer.
    """
    return flagged(world, layout, _FLAG)


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
    take_flag(world, layout, address, _FLAG)
