"""People who signed up themselves and are not in everybody's contact list yet (mod_shared_contacts)."""

from __future__ import annotations

from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.flagged import Flag, Flagged, flagged, take_flag

_FLAG = Flag("newcomer", module="shared_contacts")


def newcomers(world: World, layout: Layout) -> tuple[Flagged, ...]:
    """Return who they are; nobody where contacts are not shared.

    Raises:
        EffectError: the server does not answer.
    """
    return flagged(world, layout, _FLAG)


def admit(world: World, layout: Layout, address: str) -> None:
    """Put an account among those who are each other's contacts.

    Raises:
        NeedsPersonError: it is no newcomer.
        EffectError: the server says no.
    """
    if address not in {one.address for one in newcomers(world, layout)}:
        raise NeedsPersonError(
            say("{address} is no newcomer", address=address), say("Those who are: xmpp-wizard user newcomers list")
        )
    take_flag(world, layout, address, _FLAG)
