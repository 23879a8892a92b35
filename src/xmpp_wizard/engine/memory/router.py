"""What is remembered of the router: what it was told, until when that holds, and what it refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Family, Language, Refusal, refused
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.upkeep import Trouble
from xmpp_wizard.engine.memory.memo import Memo

_PATIENCE_SECONDS = 3 * 3600.0
"""A router that starts anew, or another machine that lets go, needs no person."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is remembered of the router: whom it was told for, until when each door holds (seconds since 1970)."""

    gateway: str = ""
    address: str = ""
    language: Language = ""
    token: str = ""
    doors: tuple[tuple[Door, float], ...] = ()
    """0: until it is taken back."""
    refused: tuple[Refusal, ...] = ()
    failing_since: float = 0.0
    """When it refused something for the first time in a row; 0: it does not."""

    def held(self, now: float) -> tuple[Door, ...]:
        """Return what the router was told and has not forgotten."""
        return tuple(door for door, until in self.doors if not until or until > now)

    def ordered_for(self, address: str) -> tuple[Door, ...]:
        """Return what was ordered for ``address``, even if the router has forgotten it by now."""
        return tuple(door for door, _ in self.doors) if address == self.address else ()


_ORDERED = Memo(Ordered)


def ordered(world: World, layout: Layout, family: Family = "IPv4") -> Ordered:
    """Return what the router was told last; nothing where that is not known."""
    return _ORDERED.load(world, _memory(layout, family)) or Ordered()


def remember(world: World, layout: Layout, found: Ordered, family: Family) -> None:
    """Remember it."""
    _ORDERED.save(world, _memory(layout, family), found)


def forget_refusals(world: World, layout: Layout, family: Family) -> None:
    """Forget what was refused: nobody is to hear of it any more."""
    before = ordered(world, layout, family)
    if before.refused:
        remember(world, layout, replace(before, refused=(), failing_since=0.0), family)


def ways(target: Target) -> tuple[tuple[Family, tuple[Door, ...]], ...]:
    """Return over what people are to come in through the router, and to which doors."""
    return ("IPv4", target.forwards), ("IPv6", target.pinholes)


@dataclass(frozen=True, slots=True)
class RouterStatus:
    """What the router was told last, and what it refused; ``until`` is when the first order ends (0: none does)."""

    language: Language
    doors: tuple[Door, ...]
    until: float
    refused: tuple[Refusal, ...]
    address: str = ""
    """Of this machine, where the doors lead."""


def router_status(world: World, layout: Layout, wanted: Sequence[Door], family: Family = "IPv4") -> RouterStatus | None:
    """Return what is remembered; None where the router is not to be told anything. Nobody is asked."""
    if not wanted:
        return None
    found = ordered(world, layout, family)
    held = found.held(world.clock.timestamp())
    until = min((until for door, until in found.doors if door in held and until), default=0.0)
    return RouterStatus(found.language, held, until, found.refused, found.address)


def router_troubles(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield why the router does not lead people here, once that has lasted; one way in is enough."""
    now = world.clock.timestamp()
    found = {family: ordered(world, layout, family) for family, doors in ways(target) if doors}
    is_in = any(one.held(now) for one in found.values())
    for family, one in found.items():
        is_needed = family == "IPv4" or not is_in
        if is_needed and one.refused and now >= one.failing_since + _PATIENCE_SECONDS:
            yield Trouble("router", *refused(one.refused))
            return


def _memory(layout: Layout, family: Family) -> PurePosixPath:
    return layout.router if family == "IPv4" else layout.pinholes
