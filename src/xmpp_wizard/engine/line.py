"""How the internet reaches this machine, and what a router has to forward."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.firewall import doors
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.line import STUN_SERVERS, Line, Verdict, in_words, port_table, verdict
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import Text
from xmpp_wizard.engine.setup import current

_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class WayIn:
    """What was found, what it means, what to do, and the ports to forward as (outside, inside, what for)."""

    line: Line
    verdict: Verdict
    text: Text
    hint: Text
    forward: tuple[tuple[str, str, str], ...]


def way_in(world: World, layout: Layout) -> WayIn:
    """Return how the internet reaches the server here.

    Raises:
        NotSetUpError: there is none, so nobody knows which ports it needs.
    """
    target, _ = current(world, layout)
    line = look(world)
    found = verdict(line)
    text, hint = in_words(found, line)
    wanted = doors(target.outside)
    purposes = {opening.port: opening.purpose for opening in target.outside}
    table = zip(wanted, port_table(wanted, found.forward_to), strict=False)
    return WayIn(line, found, text, hint, tuple((*row, purposes[door.port]) for door, row in table))


def look(world: World, seconds: float = _SECONDS) -> Line:
    """Ask this machine, its router and the world outside, each for at most ``seconds``."""
    gateway = world.line.gateway()
    return Line(
        own=tuple(world.sockets.addresses()),
        gateway=gateway,
        router_has=world.line.router_has(gateway, seconds),
        outside_sees=world.line.outside_sees(STUN_SERVERS, seconds),
    )
