"""Which doors of the host's firewall have to be opened for the server, and which that we opened can go."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import CloseDoors, OpenDoors
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield at most two steps: nothing is opened that is open already, nothing closed that others opened."""
    found = observed.firewall
    if found is None:
        return
    kind, needless = found.kind, tuple(door for door in found.ours if door not in target.doors)
    closed = tuple(door for door in target.doors if door in (*found.closed, *found.unsure) and door not in found.ours)
    if closed:
        listed = ", ".join(map(str, closed))
        yield Step(
            "firewall",
            OpenDoors(closed),
            before,
            say("Open {doors} in the firewall ({kind})", doors=listed, kind=kind),
            say("it lets nobody in there"),
        )
    if needless:
        listed = ", ".join(map(str, needless))
        yield Step(
            "firewall-close",
            CloseDoors(needless),
            (),
            say("Close {doors} in the firewall ({kind}) again", doors=listed, kind=kind),
            say("this program opened it and it is no longer needed"),
        )
