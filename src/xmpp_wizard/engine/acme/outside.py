"""What somebody outside sees of an address: the authority where names are rehearsed comes to look at port 80.

It is asked for a certificate for the address itself (RFC 8738), so no name and no record is needed; nothing is issued.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from xmpp_wizard.core.acme.model import CertificateAuthority
from xmpp_wizard.core.acme.source import AcmeSource
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.engine.acme.account import connect
from xmpp_wizard.engine.acme.checks import Ways, pass_checks
from xmpp_wizard.engine.memory.memo import Memo

View: TypeAlias = Literal["open", "closed", ""]
"""Somebody outside came in; nobody did; nobody could be asked."""

_PROFILE = "shortlived"
"""Let's Encrypt takes addresses in certificates of this kind only."""
_CLOSED = frozenset(("connection", "unauthorized", "incorrectResponse"))
"""How an authority says that it did not come in, or that somebody else answered."""
_DAY = 24 * 3600.0
_GOOD_FOR = {"open": 7 * _DAY, "closed": _DAY, "": _DAY}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of an IPv6 address last, and when (seconds since 1970)."""

    address: str = ""
    view: View = ""
    at: float = 0.0


_SEEN = Memo(Seen)


def view_of(world: World, layout: Layout, source: AcmeSource, address: str) -> View:
    """Let the authority of rehearsals come to port 80 of ``address``: this machine's own, or its line's."""
    url = source.rehearsal_url
    if not url or source.webroot:
        return ""
    # an address of the line is the router's: who is led here comes to one of this machine's own
    own = (address,) if address in world.sockets.addresses() else source.addresses
    here = replace(source, directory_url=url, addresses=own)
    try:
        authority = connect(world, layout, here)
        return _looked(world, authority, address, Ways({address: "http-01"}, here, layout))
    except EffectError:
        return ""


def _looked(world: World, authority: CertificateAuthority, address: str, ways: Ways) -> View:
    profile = _PROFILE if _PROFILE in authority.facts.profiles else ""
    order = authority.order((address,), profile)
    found = [authority.authorization(url) for url in order.authorizations]
    failed = pass_checks(world, authority, found, ways)
    if not failed:
        return "open"
    return "closed" if all(problem.type in _CLOSED for problem in failed.values()) else ""


def is_look_due(world: World, layout: Layout, target: Target) -> bool:
    """Say whether somebody outside should look at IPv6: once a week, sooner where it did not answer."""
    source, address = target.certificate_source.acme, _own(world)
    if source is None or not address or source.challenge == "dns-01":
        return False
    before, now = seen(world, layout), world.clock.timestamp()
    return before.address != address or not 0 <= now - before.at < _GOOD_FOR[before.view]


def look_at_ipv6(world: World, layout: Layout, target: Target) -> None:
    """Let somebody outside look whether IPv6 answers, and remember it."""
    source, address, before = target.certificate_source.acme, _own(world), seen(world, layout)
    found = view_of(world, layout, source, address) if source is not None else ""
    if not found and before.address == address:
        # nobody could be asked: what was seen before counts on
        found = before.view
    remember(world, layout, Seen(address, found, world.clock.timestamp()))


def seen(world: World, layout: Layout) -> Seen:
    """Return what was seen last; nothing where that is not known."""
    return _SEEN.load(world, layout.ipv6) or Seen()


def remember(world: World, layout: Layout, found: Seen) -> None:
    """Remember it."""
    _SEEN.save(world, layout.ipv6, found)


def forget_closed(world: World, layout: Layout) -> None:
    """Let somebody look again soon: the router was told to let people in, or this machine has another address."""
    if seen(world, layout).view == "closed":
        remember(world, layout, Seen())


def unproven_ipv6(world: World, layout: Layout) -> frozenset[str]:
    """Return this machine's IPv6 addresses that do not belong into DNS.

    Behind a router that is every one over which nobody outside was seen to come in: such routers let nobody in unless
    they are told to. A machine on the internet itself lacks only what was seen not to answer.
    """
    machine = world.sockets.addresses()
    six = frozenset(address for address in machine if ":" in address)
    last = seen(world, layout)
    if _is_behind_router(world):
        return six - {last.address} if last.view == "open" else six
    return six & {last.address} if last.view == "closed" else frozenset()


def _own(world: World) -> str:
    """Return the address that is published: several are one lasting and many passing ones."""
    return next((address for address in world.sockets.addresses() if ":" in address and is_public(address)), "")


def _is_behind_router(world: World) -> bool:
    four = [address for address in world.sockets.addresses() if ":" not in address]
    return bool(world.line.gateway()) and not any(is_public(address) for address in four)
