"""The plan as decisions, each with its value and why: what the page with the plan and plain mode show.

A first set-up shows every decision; later only what changes is shown, as old -> new, destroying things first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xmpp_wizard.core.draft import Key
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.asking.detect import Finding
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page.changes import changes, steps
from xmpp_wizard.engine.plan_page.decisions import decisions
from xmpp_wizard.engine.plan_page.machine import machine
from xmpp_wizard.engine.plan_page.outside import outside
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.setup import Prepared


def rows(session: Session, prepared: Prepared, findings: Mapping[str, Finding]) -> tuple[PlanRow, ...]:
    """Return the rows of the page with the plan."""
    hindrances = (*_hindrances(prepared.plan), *_secrets(prepared))
    if not session.is_first or session.other is not None:
        return (*hindrances, *changes(session), *steps(prepared.plan))
    answers, wanted = session.answers(), prepared.desired
    if wanted is None:
        return hindrances
    return (
        *hindrances,
        *decisions(session, prepared, answers, wanted),
        *machine(prepared, answers),
        *outside(session, prepared, answers, wanted, findings),
    )


def _hindrances(plan: Plan) -> Iterator[PlanRow]:
    if not plan.steps:
        return
    keys: tuple[Key, ...] = (("network",),)
    for number, obstacle in enumerate(plan.obstacles):
        name = f"obstacle-{number}"
        if obstacle.port:
            title, why = say("Port {port}", port=obstacle.port), say("Enter: the ways out.")
            yield PlanRow(name, title, obstacle.text, why, "!", keys, "port", obstacle.port)
        else:
            yield PlanRow(name, say("In the way"), obstacle.text, obstacle.hint, "!", keys, "obstacle")
    if plan.edits:
        paths = ", ".join(edit.path for edit in plan.edits)
        why = say("Enter: keep your changes, or take ours; yours are saved first then.")
        yield PlanRow("edits", say("Hand edits"), say("changed by hand: {paths}", paths=paths), why, "!", (), "edits")


def _secrets(prepared: Prepared) -> Iterator[PlanRow]:
    """Yield a row for each of the admin's files of secrets that is not as it should be."""
    for number, note in enumerate(prepared.observed.secret_notes):
        yield PlanRow(f"secret-{number}", say("Secret"), note, say("It can be done later, too."), "!", opens="")
