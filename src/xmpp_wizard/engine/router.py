"""The router over a server's life: told after a yes, told again by the timer, its orders taken back in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.line import nearest
from xmpp_wizard.core.network.router import Language, Led, ObservedRouter, Order, Refusal, orderable, refused
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say
from xmpp_wizard.core.upkeep import Trouble

_ASK_SECONDS = 3.0
_TELL_SECONDS = 3.0
_PATIENCE_SECONDS = 3 * 3600.0
"""A router that starts anew, or another machine that lets go, needs no person."""
_TOKEN_BYTES = 24


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


_ORDERED = TypeAdapter(Ordered)


def ordered(world: World, layout: Layout) -> Ordered:
    """Return what the router was told last; nothing where that is not known."""
    try:
        return _ORDERED.validate_json(world.files.read(str(layout.router)) or b"{}")
    except ValidationError:
        return Ordered()


def observed_router(world: World, layout: Layout, target: Target) -> ObservedRouter | None:
    """Return what the router does for the server; nobody is asked where nothing is to be ordered."""
    if str(layout.root) != "/":
        return None
    before = ordered(world, layout)
    if not target.forwards:
        held = before.held(world.clock.timestamp())
        return ObservedRouter(before.language, held) if held else None
    return look(world, layout, orderable(target.forwards))


def look(world: World, layout: Layout, doors: Sequence[Door]) -> ObservedRouter:
    """Ask the router what it does with ``doors``; where it cannot tell, what it was told counts."""
    before = ordered(world, layout)
    gateway, address = _place(world)
    language = world.router.speaks(gateway, _ASK_SECONDS)
    is_same = (before.gateway, before.address, before.language) == (gateway, address, language)
    held = before.held(world.clock.timestamp()) if is_same else ()
    if language != "UPnP":
        return ObservedRouter(language, held)
    holders = world.router.holders(gateway, tuple(dict.fromkeys((*doors, *held))), _ASK_SECONDS)
    here = [door for door, holder in holders.items() if holder.address == address]
    ours = tuple(door for door in here if door in held or holders[door].name == layout.project)
    return ObservedRouter(
        language,
        ours,
        tuple(door for door in here if door not in ours),
        tuple((door, holder.address) for door, holder in holders.items() if holder.address != address),
    )


def map_ports(world: World, layout: Layout, doors: Sequence[Door], report: Report, language: Language = "") -> Led:
    """Tell the router to lead ``doors`` here, and remember what came of it; a refusal is told and stops nothing.

    ``language`` is what it understands, where that was found out just now.
    """
    before = ordered(world, layout)
    gateway, address = _place(world)
    token = before.token or world.entropy.token(_TOKEN_BYTES)
    # remembered first: what is ordered with a token that is lost could not be taken back
    before = replace(before, token=token)
    _remember(world, layout, before)
    language = language or world.router.speaks(gateway, _ASK_SECONDS)
    order = Order(gateway, address, tuple(doors), layout.project, token, language=language)
    led = world.router.lead(order, _TELL_SECONDS)
    now = world.clock.timestamp()
    new = tuple((door, now + seconds if seconds else 0.0) for door, seconds in led.doors.items())
    kept = tuple(item for item in before.doors if before.gateway == gateway and item[0] not in led.doors)
    since = (before.failing_since or now) if led.refused else 0.0
    _remember(world, layout, Ordered(gateway, address, led.language, token, (*kept, *new), led.refused, since))
    for door in led.doors:
        report(f"{say('the router leads {door} to {address}', door=door, address=address)}")
    if led.refused:
        text, hint = refused(led.refused)
        report(f"{say('{text}. {hint}', text=text, hint=hint)}")
    return led


def unmap_ports(world: World, layout: Layout, doors: Sequence[Door]) -> tuple[Door, ...]:
    """Take back what was ordered, and return what could not be; that ends by itself within a day."""
    before = ordered(world, layout)
    order = Order(before.gateway, before.address, tuple(doors), layout.project, before.token, language=before.language)
    left = world.router.release(order, _TELL_SECONDS)
    remaining = tuple(item for item in before.doors if item[0] not in doors)
    still = tuple(one for one in before.refused if one.door not in doors)
    since = before.failing_since if still else 0.0
    _remember(world, layout, replace(before, doors=remaining, refused=still, failing_since=since))
    return left


def keep_router(world: World, layout: Layout, target: Target) -> None:
    """Give the router its orders again, for longer: it may have started anew, or be another one by now."""
    wanted = orderable(target.forwards)
    if wanted:
        found = look(world, layout, wanted)
        lacking = [door for door in wanted if door not in found.others]
        map_ports(world, layout, lacking, lambda _line: None, found.language)


@dataclass(frozen=True, slots=True)
class RouterStatus:
    """What the router was told last, and what it refused; ``until`` is when the first order ends (0: none does)."""

    language: Language
    doors: tuple[Door, ...]
    until: float
    refused: tuple[Refusal, ...]


def router_status(world: World, layout: Layout, target: Target) -> RouterStatus | None:
    """Return what is remembered; None where the router is not to be told anything. Nobody is asked."""
    if not target.forwards:
        return None
    found = ordered(world, layout)
    held = found.held(world.clock.timestamp())
    until = min((until for door, until in found.doors if door in held and until), default=0.0)
    return RouterStatus(found.language, held, until, found.refused)


def router_troubles(world: World, layout: Layout, target: Target) -> Iterator[Trouble]:
    """Yield why the router does not lead people here, once that has lasted."""
    found = ordered(world, layout)
    if target.forwards and found.refused and world.clock.timestamp() >= found.failing_since + _PATIENCE_SECONDS:
        yield Trouble("router", *refused(found.refused))


def _place(world: World) -> tuple[str, str]:
    """Return the router, and the address of this machine that it sees."""
    gateway = world.line.gateway()
    four = [address for address in world.sockets.addresses() if ":" not in address]
    return gateway, nearest(four, gateway)


def _remember(world: World, layout: Layout, found: Ordered) -> None:
    world.files.write(str(layout.router), _ORDERED.dump_json(found), 0o600, (0, 0))
