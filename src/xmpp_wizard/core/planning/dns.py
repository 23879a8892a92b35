"""The records of a server whose DNS is kept by this program: when an apply enters them."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.observed import Observed
from xmpp_wizard.core.planning.actions import EnterRecords
from xmpp_wizard.core.planning.plan import Step
from xmpp_wizard.core.target import Target
from xmpp_wizard.core.text import say


def steps(target: Target, observed: Observed, before: tuple[str, ...]) -> Iterator[Step]:
    """Yield the step that enters them, where they are not known to be there all.

    It comes before certificates, which may be proven by the names that it makes.
    """
    keeping = target.keeping
    if keeping is None or not is_due(target, observed):
        return
    cause = say("they are not entered yet") if not observed.entered else say("they are others than before")
    if observed.entering == keeping.mark:
        cause = say("an earlier run did not enter them all; this one goes on where it stopped")
    title = say("Enter the records of {names} at {provider}", names=", ".join(keeping.domains), provider=keeping.title)
    yield Step("dns", EnterRecords(keeping.mark), before, title, cause)


def is_due(target: Target, observed: Observed) -> bool:
    """Say whether there are records that are not known to be entered."""
    return target.keeping is not None and target.keeping.mark != observed.entered
