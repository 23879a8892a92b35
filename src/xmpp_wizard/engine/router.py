"""The router over a server's life: told after a yes, told again by the timer, its orders taken back in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xmpp_wizard.core.containers import Report
from xmpp_wizard.core.dns.record import is_public
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.line import is_shared, nearest
from xmpp_wizard.core.network.router import (
    Family,
    Language,
    Led,
    ObservedRouter,
    Order,
    forgotten,
    orderable,
    refused,
)
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.acme.outside import forget_closed
from xmpp_wizard.engine.memory.router import Ordered, forget_refusals, ordered, remember, ways

_ASK_SECONDS = 3.0
_TELL_SECONDS = 3.0
_TOKEN_BYTES = 24


def observed_router(
    world: World, layout: Layout, wanted: Sequence[Door], family: Family = "IPv4"
) -> ObservedRouter | None:
    """Return what the router does for the server; nobody is asked where nothing is to be ordered."""
    if str(layout.root) != "/":
        return None
    if not wanted or not _has_way(world, family):
        before = ordered(world, layout, family)
        held = before.held(world.clock.timestamp())
        return ObservedRouter(before.language, held) if held and not wanted else None
    return look(world, layout, orderable(wanted), family)


def look(world: World, layout: Layout, doors: Sequence[Door], family: Family = "IPv4") -> ObservedRouter:
    """Ask the router what it does with ``doors``; where it cannot tell, what it was told counts."""
    before = ordered(world, layout, family)
    gateway, address = _place(world, family)
    language = world.router.speaks(gateway, _ASK_SECONDS)
    is_same = (before.gateway, before.address, before.language) == (gateway, address, language)
    held = before.held(world.clock.timestamp()) if is_same else ()
    if language != "UPnP" or family == "IPv6":
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


def map_ports(
    world: World,
    layout: Layout,
    doors: Sequence[Door],
    report: Report,
    language: Language = "",
    family: Family = "IPv4",
) -> Led:
    """Tell the router to lead ``doors`` here, and remember what came of it; a refusal is told and stops nothing.

    ``language`` is what it understands, where that was found out just now.
    """
    before = ordered(world, layout, family)
    gateway, address = _place(world, family)
    token = before.token or world.entropy.token(_TOKEN_BYTES)
    # remembered first: what is ordered with a token that is lost could not be taken back
    before = replace(before, token=token)
    remember(world, layout, before, family)
    language = language or world.router.speaks(gateway, _ASK_SECONDS)
    order = Order(gateway, address, tuple(doors), layout.project, token, language=language)
    led = world.router.lead(order, _TELL_SECONDS)
    led = replace(led, refused=(*led.refused, *forgotten(led)))
    remember(world, layout, _after(before, order, led, world.clock.timestamp()), family)
    if family == "IPv6" and not {*led.doors} <= {*before.ordered_for(address)}:
        # once for each order: a router that forgets them every time would else send for the authority every time
        forget_closed(world, layout)
    for door in led.doors:
        report(f"{leads(family, door, address)}")
    if led.refused:
        text, hint = refused(led.refused)
        report(f"{say('{text}. {hint}', text=text, hint=hint)}")
    return led


def _after(before: Ordered, order: Order, led: Led, now: float) -> Ordered:
    """Return what is to be remembered once the router has answered to ``order``."""
    new = tuple((door, now + seconds if seconds else 0.0) for door, seconds in led.doors.items())
    # an IPv6 address that the line no longer has is nobody's; what was let in to it ends by itself
    is_same = before.gateway == order.gateway and (before.address == order.address or ":" not in order.address)
    kept = tuple(item for item in before.doors if is_same and item[0] not in led.doors)
    since = (before.failing_since or now) if led.refused else 0.0
    return Ordered(order.gateway, order.address, led.language, order.token, (*kept, *new), led.refused, since)


def unmap_ports(world: World, layout: Layout, doors: Sequence[Door], family: Family = "IPv4") -> tuple[Door, ...]:
    """Take back what was ordered, and return what could not be; that ends by itself within a day."""
    before = ordered(world, layout, family)
    order = Order(before.gateway, before.address, tuple(doors), layout.project, before.token, language=before.language)
    left = world.router.release(order, _TELL_SECONDS)
    remaining = tuple(item for item in before.doors if item[0] not in doors)
    still = tuple(one for one in before.refused if one.door not in doors)
    since = before.failing_since if still else 0.0
    remember(world, layout, replace(before, doors=remaining, refused=still, failing_since=since), family)
    return left


def keep_router(world: World, layout: Layout, target: Target) -> None:
    """Give the router its orders again, for longer: it may have started anew, or be another one by now."""
    is_another = False
    for family, doors in ways(target):
        wanted = orderable(doors)
        is_way = bool(wanted) and _has_way(world, family)
        found = look(world, layout, wanted, family) if is_way else ObservedRouter()
        if is_way and (found.language or not is_another):
            lacking = [door for door in wanted if door not in found.others]
            map_ports(world, layout, lacking, lambda _line: None, found.language, family)
        else:
            # no such way in, or one that cannot be opened while there is another: nobody has to put that right
            forget_refusals(world, layout, family)
        is_another = is_another or is_way


def leads(family: Family, door: Door, address: str) -> Text:
    """Say that the router lets people in to a door of this machine."""
    if family == "IPv4":
        return say("the router leads {door} to {address}", door=door, address=address)
    return say("the router lets people in to {door} at {address}", door=door, address=address)


def _has_way(world: World, family: Family) -> bool:
    """Say whether the router could let anybody in: not over an IPv4 address that the line shares with others."""
    gateway, address = _place(world, family)
    if family == "IPv6":
        return bool(gateway and address)
    return not is_shared(world.line.router_has(gateway, _ASK_SECONDS))


def _place(world: World, family: Family) -> tuple[str, str]:
    """Return the router, and the address of this machine that it sees; the one that lasts, where there are several."""
    own = world.sockets.addresses()
    if family == "IPv6":
        return world.line.gateway_6(), next((one for one in own if ":" in one and is_public(one)), "")
    gateway = world.line.gateway()
    return gateway, nearest([address for address in own if ":" not in address], gateway)
