"""How the internet reaches this machine, and what a router has to forward."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.network.line import Line, Verdict, in_words, port_table, verdict
from xmpp_wizard.core.network.openings import doors
from xmpp_wizard.core.network.router import Language, ObservedRouter, orderable
from xmpp_wizard.core.ports import World
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.acme.outside import Seen, View, is_look_due, look_at_ipv6, seen, view_of
from xmpp_wizard.engine.hairpin import FromInside, current_from_inside
from xmpp_wizard.engine.line import look
from xmpp_wizard.engine.router import look as look_at_router
from xmpp_wizard.engine.setup import current

_WEB = 80
"""Where an authority comes to see whether names are ours."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """What was found, what it means, what to do, and the ports to forward as (outside, inside, what for)."""

    line: Line
    verdict: Verdict
    text: Text
    hint: Text
    forward: tuple[tuple[str, str, str], ...]
    router: ObservedRouter
    """What the router does with these ports, as far as it tells."""
    pinholes: ObservedRouter
    """What its IPv6 firewall was told to do with them."""
    inside: FromInside | None
    """What a phone in this network finds."""
    ipv6: Seen
    """Whether somebody outside came in over IPv6 when that was tried last."""
    chosen: tuple[str, ...] = ()
    """Addresses that the answers publish in place of the line's: a relay's, or IPv6 alone."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """In which the router can be told to let people in, over an address that they can call."""
        four = self.router.language if self.verdict.forward_to and self.verdict.kind != "shared" else ""
        return tuple(dict.fromkeys(language for language in (four, self.pinholes.language) if language))

    @property
    def has_way_in(self) -> bool:
        """Say whether people outside can reach this machine at all, once everything is set."""
        return self.verdict.has_way_in or bool(self.chosen)


def way_in(world: World, layout: Layout) -> WayIn:
    """Return how the internet reaches the server here.

    Raises:
        NotSetUpError: there is none, so nobody knows which ports it needs.
    """
    target, _ = current(world, layout)
    line = look(world)
    found = verdict(line)
    wanted = doors(target.outside)
    purposes = {opening.port: opening.purpose for opening in target.outside}
    table = zip(wanted, port_table(wanted, found.forward_to), strict=False)
    forward = tuple((*row, purposes[door.port]) for door, row in table)
    router = look_at_router(world, layout, orderable(wanted)) if found.forward_to else ObservedRouter()
    pinholes = look_at_router(world, layout, orderable(wanted), "IPv6") if found.has_ipv6 else ObservedRouter()
    inside, chosen = current_from_inside(world, layout, found.public)
    text, hint = _chosen_in_words(chosen) if chosen and found.kind == "shared" else in_words(found, line)
    return WayIn(line, found, text, hint, forward, router, pinholes, inside, seen(world, layout), chosen)


def _chosen_in_words(chosen: tuple[str, ...]) -> tuple[Text, Text]:
    listed = ", ".join(chosen)
    if all(":" in address for address in chosen):
        text = say(
            "your line has no IPv4 address of its own; people come in over IPv6, at {addresses}", addresses=listed
        )
        return text, say("Let the ports in for it on the router. Who has no IPv6 cannot reach you.")
    return say("people come in at {addresses}, which passes on to this machine", addresses=listed), NOTHING


def outside_view(world: World, layout: Layout, public: str) -> View:
    """Let somebody outside come to port 80 of the line's address ``public``; empty where nobody can be asked."""
    target, _ = current(world, layout)
    source = target.certificate_source.acme
    is_forwarded = any(door.port == _WEB for door in target.forwards)
    return view_of(world, layout, source, public) if source is not None and public and is_forwarded else ""


def outside_view_6(world: World, layout: Layout) -> View:
    """Let somebody outside come to port 80 of this machine's IPv6 address, and remember it; empty as above."""
    target, _ = current(world, layout)
    if not any(door.port == _WEB for door in target.pinholes):
        return ""
    if is_look_due(world, layout, target):
        look_at_ipv6(world, layout, target)
    return seen(world, layout).view
