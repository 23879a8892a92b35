"""What is left to do outside this machine once the server runs, as far as it can be seen from inside.

A name that leads to the router's own address is tried for real: many routers do not lead back inside, and then
nobody here can tell whether the way in from the internet is open.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

from xmpp_wizard.core.answers.model import Answers
from xmpp_wizard.core.errors import HealthError
from xmpp_wizard.core.names import ascii_name, is_at_home
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.surroundings import LOOK_SECONDS, Lookup
from xmpp_wizard.core.wanted.desired import Desired

_TRY_SECONDS = 3.0
_TRIED_ADDRESSES = 2
_TLS = "starttls-client"

Way: TypeAlias = Literal["here", "router", "elsewhere", "nowhere", "unknown"]
"""Where the server's name leads as seen from here: to this server; to an address of the internet while this machine
only has addresses of its own network; to another machine; to nothing; DNS gave no answer."""


@dataclass(frozen=True, slots=True)
class Left:
    """What was seen. ``address`` is this machine's own, to be forwarded to; ``leads_to`` is what the name has."""

    domain: str
    way: Way
    leads_to: tuple[str, ...]
    missing: tuple[str, ...]
    """Names that must have an address in DNS and have none."""
    ports: tuple[str, ...]
    """Ports to be forwarded in the router; none where there is no router in between or they are seen to be open."""
    address: str
    is_at_home: bool

    @property
    def leads_here(self) -> bool:
        """Whether a phone here reaches the server by its name."""
        return self.way == "here"


def look(world: World, answers: Answers, wanted: Desired) -> Left:
    """Return what is left to do; takes as long as DNS does, at most a few seconds."""
    found = _lookups(world, answers, wanted)
    leads_to = found[answers.domain].addresses
    own = {*world.sockets.addresses(), *answers.network.listen}
    is_behind_router = stands_behind_router(world)
    is_reached = not own & set(leads_to) and any(_serves(world, wanted, address) for address in _tried(leads_to))
    at_home = is_at_home(answers.domain)
    # people come to this machine's own IPv6 address alone, and the router is told to let them in
    is_let_in = "IPv6" in wanted.opens_router and bool(leads_to) and own.issuperset(leads_to) and _is_six(leads_to)
    needs_forwarding = is_behind_router and not at_home and not is_reached and not is_let_in
    return Left(
        domain=answers.domain,
        way="here" if is_reached else _way(found[answers.domain], own, is_behind_router=is_behind_router),
        leads_to=leads_to,
        missing=tuple(name for name, lookup in found.items() if lookup.is_known is not None and not lookup.addresses),
        ports=wanted.outside_numbers if needs_forwarding else (),
        address=next(iter(wanted.addresses or world.sockets.addresses()), ""),
        is_at_home=at_home,
    )


def _is_six(addresses: tuple[str, ...]) -> bool:
    return all(":" in address for address in addresses)


def _way(lookup: Lookup, own: set[str], *, is_behind_router: bool) -> Way:
    if own & set(lookup.addresses):
        return "here"
    if not lookup.addresses:
        return "unknown" if lookup.is_known is None else "nowhere"
    return "router" if is_behind_router and all(_is_global(each) for each in lookup.addresses) else "elsewhere"


def _lookups(world: World, answers: Answers, wanted: Desired) -> dict[str, Lookup]:
    """Ask for all names that people cannot do without, at once; a name without an answer is not known."""
    needed = (record.name.rstrip(".") for record in wanted.records if record.kind == "A/AAAA" and record.is_required)
    names = tuple(dict.fromkeys((answers.domain, *needed)))
    found = dict.fromkeys(names, Lookup())

    def ask(name: str) -> None:
        found[name] = world.surroundings.lookup(ascii_name(name), answers.network.resolvers, LOOK_SECONDS - 1)

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LOOK_SECONDS)
    return dict(found)


def stands_behind_router(world: World) -> bool:
    """Say whether this machine has IPv4 addresses, and none of them is one that the internet could call."""
    own = [address for address in world.sockets.addresses() if ":" not in address]
    return bool(own) and not any(_is_global(address) for address in own)


def _is_global(address: str) -> bool:
    return ip_address(address).is_global


def _tried(addresses: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(address for address in addresses if _is_global(address))[:_TRIED_ADDRESSES]


def _serves(world: World, wanted: Desired, address: str) -> bool:
    """Say whether this very server answers at ``address``: it serves the certificate that it serves here."""
    health = wanted.health
    try:
        here = world.probe.stream(health.address, health.port, health.domain, _TLS, _TRY_SECONDS)
        there = world.probe.stream(address, health.port, health.domain, _TLS, _TRY_SECONDS)
    except HealthError:
        return False
    return here == there
