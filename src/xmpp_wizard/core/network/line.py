"""The line to the internet: what stands between this machine and everybody else, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from xmpp_wizard.core.text import Text, say

if TYPE_CHECKING:
    from xmpp_wizard.core.network.firewall import Door

Kind: TypeAlias = Literal["direct", "router", "two routers", "shared", "unknown"]

STUN_SERVERS = ("stun.cloudflare.com:3478", "stun.nextcloud.com:3478", "stun.l.google.com:19302")
"""Run by three who have nothing to do with each other; each learns this line's address and nothing else (RFC 8489)."""

_NONE = "0.0.0.0"  # noqa: S104 what routers say that have none
_SHARED = tuple(map(ip_network, ("100.64.0.0/10", "192.0.0.0/29", f"{_NONE}/32")))
"""For providers that let many lines share one address (RFC 6598), or send IPv4 through IPv6 (DS-Lite, RFC 6333).

Many routers on such a line say that they have 0.0.0.0.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of the way to the internet; each is empty where nobody told."""

    own: tuple[str, ...]
    """Addresses of this machine."""
    gateway: str = ""
    """The router, as this machine reaches it."""
    router_has: str = ""
    """The router's address on the other side, as the router says."""
    outside_sees: str = ""
    """The address that the internet sees."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether there is a way in over IPv4, where to, and whether IPv6 has one of its own."""

    kind: Kind
    public: str
    """The IPv4 address that people must be led to; empty where there is none."""
    forward_to: str
    """The address of this machine that a router must forward to; empty where nothing has to be forwarded."""
    has_ipv6: bool
    """Whether this machine has an IPv6 address of the whole internet; a router may still let nobody in."""

    @property
    def has_way_in(self) -> bool:
        """Say whether people outside can reach this machine at all, once everything is set."""
        return self.kind != "shared" or self.has_ipv6


class LineProbe(Protocol):
    """Asks the router and the world outside; nothing is changed by it."""

    def gateway(self) -> str:
        """Return the IPv4 address of the router, or nothing."""

    def gateway_6(self) -> str:
        """Return its IPv6 address, with the link where it is for one link alone (``fe80::1%eth0``), or nothing."""

    def router_has(self, gateway: str, seconds: float) -> str:
        """Return the router's own address on the other side, or nothing."""

    def outside_sees(self, servers: Sequence[str], seconds: float) -> str:
        """Return the IPv4 address that STUN servers see, or nothing if none answers."""


def verdict(line: Line) -> Verdict:
    """Return what ``line`` means."""
    four = [address for address in line.own if ip_address(address).version == 4]  # noqa: PLR2004
    has_six = any(_is_public(address) for address in line.own if address not in four)
    direct = next((address for address in four if _is_public(address)), "")
    if direct and line.outside_sees in ("", direct):
        return Verdict("direct", direct, "", has_six)
    private = nearest(four, line.gateway)
    kind = _kind(line, private)
    return Verdict(kind, line.outside_sees if kind in ("router", "two routers") else "", private, has_six)


def _kind(line: Line, private: str) -> Kind:
    if not line.router_has:
        # the router tells nothing: whether it has the address itself, only a look into it can say
        return "shared" if is_shared(private) else "router" if line.outside_sees else "unknown"
    if line.router_has == _NONE and not line.outside_sees:
        # so says a router whose line is down, too
        return "unknown"
    if is_shared(line.router_has):
        return "shared"
    if not _is_public(line.router_has):
        return "two routers"
    return "router" if line.outside_sees in ("", line.router_has) else "shared"


def is_shared(address: str) -> bool:
    """Say whether a line with this IPv4 address has none of its own (CGNAT, DS-Lite); False where none is known."""
    return bool(address) and any(ip_address(address) in block for block in _SHARED)


def _is_public(address: str) -> bool:
    found = ip_address(address)
    return found.is_global and not found.is_multicast


def nearest(four: Sequence[str], gateway: str) -> str:
    """Return which of this machine's IPv4 addresses is in the router's network; empty where it has none."""

    def distance(address: str) -> int:
        return int(ip_address(address)) ^ int(ip_address(gateway)) if gateway else 0

    return min(four, key=distance, default="")


def in_words(found: Verdict, line: Line) -> tuple[Text, Text]:
    """Return what stands in between, and what to do."""
    match found.kind:
        case "direct":
            text = say("this machine has the public address {address} itself", address=found.public)
            return text, say("Nothing has to be forwarded; only a firewall can keep people out.")
        case "router":
            if not line.router_has:
                text = say("a router is in between; the internet sees {address}", address=found.public)
                return text, say(
                    "Look at the router's page {page}: if its own internet address is another one, your provider "
                    "shares it among customers and forwarding cannot work. Else forward the ports below.",
                    page=f"http://{line.gateway}" if line.gateway else "",
                )
            text = say("your router has the public address {address}", address=found.public or line.router_has)
            return text, say("Forward the ports below on it: http://{gateway}", gateway=line.gateway)
        case "two routers":
            inner = line.router_has
            text = say("your router is behind another one: it has {address}, no public address", address=inner)
            return text, say(
                "Forward the ports on both, the outer one to {address}, or let the outer one only be a modem (bridge).",
                address=inner,
            )
        case "shared":
            text = say("your provider shares one IPv4 address among many customers (CGNAT, DS-Lite)")
            return text, _without_own_address(found)
        case _:
            return say("neither the router nor the internet answers"), say(
                "Is this machine online? If there is a router in between, it has to forward the server's ports."
            )


def _without_own_address(found: Verdict) -> Text:
    """Return the ways that are left to somebody whom nobody can call over IPv4."""
    if found.has_ipv6:
        return say(
            "Over IPv4 nobody outside can reach this machine, whatever you forward. Over IPv6 they can: publish only "
            "an AAAA record and let the ports in on the router; people and servers without IPv6 cannot reach you then. "
            "Many providers give an address of your own if you ask for it."
        )
    return say(
        "Nobody outside can reach this machine, whatever you forward. Ask your provider for an IPv4 address of your "
        "own or for IPv6, rent a small server as a relay, or use it at home only."
    )


def port_table(doors: Sequence[Door], forward_to: str) -> tuple[tuple[str, str], ...]:
    """Return what a router must forward: the port outside, and where to."""
    return tuple((str(door), f"{forward_to}:{door.ports}") for door in doors) if forward_to else ()
