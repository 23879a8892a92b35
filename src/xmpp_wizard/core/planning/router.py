"""What the router has to be told for the server, and which of our orders it can forget."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.network.router import orderable
from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import MapPorts, UnmapPorts
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield at most two steps: another machine's ports are left to it, and nobody else's order is taken back."""
    found = observed.router
    if found is None:
        return
    there = (*found.ours, *found.others, *(door for door, _ in found.taken))
    lacking = tuple(door for door in orderable(target.forwards) if door not in there)
    needless = tuple(door for door in found.ours if door not in target.forwards)
    if lacking and found.language:
        listed = ", ".join(map(str, lacking))
        yield Step(
            "router",
            MapPorts(lacking),
            before,
            say("Let the router forward {doors} to this machine ({language})", doors=listed, language=found.language),
            say("it does not do so yet"),
        )
    if needless:
        listed = ", ".join(map(str, needless))
        yield Step(
            "router-unmap",
            UnmapPorts(needless),
            (),
            say("No longer let the router forward {doors}", doors=listed),
            say("this program ordered it and it is no longer needed"),
        )
