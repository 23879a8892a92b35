"""What the router has to be told for the server, and which of our orders it can forget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xmpp_wizard.core.network.firewall import Door
from xmpp_wizard.core.network.router import Family, ObservedRouter, orderable
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import MapPorts, UnmapPorts
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import Text, say


def steps(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield at most four: another machine's ports are left to it, and nobody else's order is taken back."""
    yield from _steps("IPv4", target.forwards, observed.router, before)
    yield from _steps("IPv6", target.pinholes, observed.pinholes, before)


def _steps(
    family: Family, wanted: Sequence[Door], found: ObservedRouter | None, before: tuple[str, ...]
) -> Iterator[Step]:
    if found is None:
        return
    there = (*found.ours, *found.others, *(door for door, _ in found.taken))
    lacking = tuple(door for door in orderable(wanted) if door not in there)
    needless = tuple(door for door in found.ours if door not in wanted)
    name = "router" if family == "IPv4" else "router-ipv6"
    if lacking and found.language:
        title = _leading(family, ", ".join(map(str, lacking)), found.language)
        yield Step(name, MapPorts(lacking, family), before, title, say("it does not do so yet"))
    if needless:
        why = say("this program ordered it and it is no longer needed")
        title = _no_longer(family, ", ".join(map(str, needless)))
        yield Step(f"{name}-unmap", UnmapPorts(needless, family), (), title, why)


def _leading(family: Family, doors: str, language: str) -> Text:
    if family == "IPv4":
        return say("Let the router forward {doors} to this machine ({language})", doors=doors, language=language)
    return say("Open {doors} in the router for IPv6 ({language})", doors=doors, language=language)


def _no_longer(family: Family, doors: str) -> Text:
    if family == "IPv4":
        return say("No longer let the router forward {doors}", doors=doors)
    return say("Close {doors} in the router for IPv6 again", doors=doors)
