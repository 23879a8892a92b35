"""What is known of the way to the internet, asked for once."""

from __future__ import annotations

from xmpp_wizard.core.network.line import STUN_SERVERS, Line
from xmpp_wizard.core.ports import World

_SECONDS = 6.0


def look(world: World, seconds: float = _SECONDS) -> Line:
    """Ask this machine, its router and the world outside, each for at most ``seconds``."""
    gateway = world.line.gateway()
    return Line(
        own=tuple(world.sockets.addresses()),
        gateway=gateway,
        router_has=world.line.router_has(gateway, seconds),
        outside_sees=world.line.outside_sees(STUN_SERVERS, seconds),
    )
