"""What a router can be told over the network: to let people in to some ports of this machine, and for how long.

Over IPv4 it leads ports of its own here. Over IPv6 people call this machine's own address, and the router's firewall
has to let them in; "to lead here" stands for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.text import Text, say

Family: TypeAlias = Literal["IPv4", "IPv6"]
"""Over which people come in."""

Language: TypeAlias = Literal["UPnP", "PCP", "NAT-PMP", ""]
"""What it understands; empty where it takes no orders. Only UPnP over IPv4 tells afterwards whom a port leads to."""

Reason: TypeAlias = Literal["taken", "forbidden", "silent", "brief", "other"]
"""Why it refuses: the port leads to somebody else; it takes no orders from this machine; no answer; it does as it is
told, but forgets that before it can be told again (``detail`` is within how many minutes); anything else."""

LEASE_SECONDS = 24 * 3600
"""What is asked for. A machine that is gone leaves nothing open for longer; the timer asks again every hour."""

SHORTEST_SECONDS = 600
"""What a router must keep an order for: the timer comes every five minutes, and is four late at most."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a port of the router leads to, and under which name that is in its list."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Doors of the router ``gateway`` that are to lead to this machine (``address``), or no longer.

    Both are IPv6 where its firewall is meant; the gateway is ``fe80::1%eth0`` where its address is for one link.
    """

    gateway: str
    address: str
    doors: tuple[Door, ...]
    name: str
    """Under which they are in the router's list."""
    token: str
    """What only this server knows: a router that speaks PCP lets nobody else change what was ordered with it."""
    seconds: int = LEASE_SECONDS
    language: Language = ""
    """What the router is known to understand; empty: that has to be found out first."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A door that does not lead here; ``holder`` is whom it leads to, empty where the router does not tell."""

    door: Door
    reason: Reason
    holder: str = ""
    detail: str = ""
    """The router's own words."""


@dataclass(frozen=True, slots=True)
class Led:
    """What came of an order: how many seconds each door leads here (0: until it is taken back), and what does not."""

    language: Language = ""
    doors: Mapping[Door, int] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedRouter:
    """What the router does for this machine; a door in no list leads nowhere."""

    language: Language = ""
    ours: tuple[Door, ...] = ()
    """Lead here because this program has ordered it."""
    others: tuple[Door, ...] = ()
    """Lead here because somebody else has ordered it."""
    taken: tuple[tuple[Door, str], ...] = ()
    """Lead to another machine, with its address."""


class Router(Protocol):
    """The router of this network, asked and told by what it understands itself; only the gateway is believed."""

    def speaks(self, gateway: str, seconds: float) -> Language:
        """Return what it understands; nothing is changed."""

    def holders(self, gateway: str, doors: Sequence[Door], seconds: float) -> Mapping[Door, Holder]:
        """Return whom it leads which of ``doors`` to, as far as it tells (never over IPv6); nothing is changed."""

    def lead(self, order: Order, seconds: float) -> Led:
        """Let it lead the doors to this machine, or do so for longer; nobody else's doors are taken away."""

    def release(self, order: Order, seconds: float) -> tuple[Door, ...]:
        """Take an order back and return the doors that could not be; others' doors stay."""


def forgotten(led: Led) -> Iterator[Refusal]:
    """Yield the doors that the router leads here for too short a time."""
    for door, seconds in led.doors.items():
        if 0 < seconds < SHORTEST_SECONDS:
            yield Refusal(door, "brief", detail=str(max(-(-seconds // 60), 2)))


def orderable(doors: Sequence[Door]) -> tuple[Door, ...]:
    """Return what a router can be told: a range of ports would be an order for each, more than many routers take."""
    return tuple(door for door in doors if not door.last)


def refused(refusals: Sequence[Refusal]) -> tuple[Text, Text]:
    """Return why some doors do not lead here, and what to do; ``refusals`` are not empty."""
    first = refusals[0]
    doors = ", ".join(str(refusal.door) for refusal in refusals if refusal.reason == first.reason)
    match first.reason:
        case "taken" if first.holder:
            text = say("the router leads {door} to another machine, {holder}", door=first.door, holder=first.holder)
            return text, say(
                "Only one machine can have that port. Take it away there, or give this server another port of its own."
            )
        case "taken":
            return say("the router leads {doors} elsewhere already", doors=doors), say(
                "Look at the router's own list of forwarded ports; what was entered there by hand goes first."
            )
        case "forbidden":
            return say("the router takes no orders from this machine for {doors}", doors=doors), say(
                'Allow it on the router\'s page (often "UPnP" or "let this device open ports by itself"), '
                "or forward the ports there by hand."
            )
        case "brief":
            return say("the router forgets {doors} within {minutes} minutes", doors=doors, minutes=first.detail), say(
                "People get in only now and then. Look on its page for how long such orders may last, or forward the "
                "ports there by hand."
            )
        case "silent":
            return say("the router does not answer"), say("Is it on? Forward the ports by hand if it stays like this.")
    return say("the router refuses {doors}: {detail}", doors=doors, detail=first.detail), say(
        "Forward the ports on the router's page by hand."
    )


def router_notes(found: ObservedRouter | None, pinholes: ObservedRouter | None = None) -> Iterator[Text]:
    """Yield what keeps a router that is to be told from leading people here over IPv4.

    Where it does for IPv6 (``pinholes``) what it does not do for IPv4, there is a way in all the same.
    """
    if found is not None and not found.language and not (pinholes and pinholes.language):
        yield say("takes no orders (UPnP, PCP or NAT-PMP may be off there); forward the ports on its page")
    for door, holder in found.taken if found is not None else ():
        yield say("leads {door} to another machine, {holder}", door=door, holder=holder)
