"""A plan in the making."""

from __future__ import annotations

from dataclasses import dataclass, field

from xmpp_wizard.core.planning.plan import Edit, Step


@dataclass(slots=True)
class Draft:
    """Steps in the order in which they are found, which is one in which they can be done."""

    steps: list[Step] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def ids(self, *kinds: str) -> tuple[str, ...]:
        """Return the ids of all steps of these kinds so far."""
        return tuple(step.id for step in self.steps if step.id.partition(":")[0] in kinds)
