"""When the server was last proven by real clients, and how that came out; from the journals of its changes."""

from __future__ import annotations

from dataclasses import dataclass

from xmpp_wizard.core.events import ProofEnded
from xmpp_wizard.core.layout import Layout
from xmpp_wizard.core.ports import World
from xmpp_wizard.engine.memory import journal

_JOURNALS = 5
"""So many of the last ones are read: a proof that lies further back says little."""


@dataclass(frozen=True, slots=True)
class Proof:
    """``at`` in seconds since 1970; so many steps of ``all`` came out ``green``."""

    at: float
    green: int
    all: int


def last_proof(world: World, layout: Layout) -> Proof | None:
    """Return the last proof after a change; None where there was none lately."""
    steps = last_lines(world, layout)
    return Proof(steps[-1].at, sum(step.is_green for step in steps), len(steps)) if steps else None


def last_lines(world: World, layout: Layout) -> tuple[ProofEnded, ...]:
    """Return each line of the last proof after a change; none where there was none lately."""
    for found in journal.newest(world, layout, _JOURNALS):
        steps = tuple(event for event in journal.events(world, found) if isinstance(event, ProofEnded))
        if steps:
            return steps
    return ()
