"""What a plan changes on a server that is there: each answer as old -> new, each step with its cause."""

from __future__ import annotations

from collections.abc import Iterator

from xmpp_wizard.core.answers.fields import questions
from xmpp_wizard.core.answers.words import answer_words
from xmpp_wizard.core.planning.actions import MakeFolder
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.text import NOTHING, Text, say
from xmpp_wizard.engine.asking.session import Session
from xmpp_wizard.engine.plan_page.row import PlanRow
from xmpp_wizard.engine.plan_page.summary import harm


def changes(session: Session) -> Iterator[PlanRow]:
    """Return each answer that changes, as old -> new."""
    before = type(session.draft)(session.draft.text)
    for key, new in session.draft.changes.items():
        old, now = before.value(key), session.draft.value(key) if new is None else new
        asked = questions()[key]
        value = say("{old} -> {new}", old=answer_words(asked, old), new=answer_words(asked, now))
        # "Switched on" alone would not say what
        named = questions()[key[:-1] if key[-1] == "enabled" else key]
        why = say("In the answer file: {key}", key=".".join(key))
        yield PlanRow("change-" + "-".join(key), named.whole_title, value, why, keys=(key,))


def steps(plan: Plan) -> Iterator[PlanRow]:
    ordered = sorted(plan.steps, key=lambda step: not step.destroys)
    folders = sum(isinstance(step.action, MakeFolder) for step in ordered)
    for number, step in enumerate(step for step in ordered if not isinstance(step.action, MakeFolder)):
        mark = "!" if step.destroys else ""
        yield PlanRow(f"step-{number}", _effect(step), step.title, step.cause, mark, opens="")
    if folders:
        value = say("make or correct {count} folders", count=folders)
        yield PlanRow("folders", say("Folders"), value, NOTHING, opens="")


def _effect(step: Step) -> Text:
    if step.destroys:
        return harm(step)
    return say("interrupts") if step.interrupts else say("does")
