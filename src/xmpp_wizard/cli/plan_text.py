"""A plan in words for people, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from xmpp_wizard.cli.terminal import folded, mark, told
from xmpp_wizard.core.planning.actions import MakeFolder
from xmpp_wizard.core.planning.plan import Plan, Step
from xmpp_wizard.core.text import Text, say
from xmpp_wizard.engine.plan_page.summary import harm, harms, interruption


def plan_lines(plan: Plan, domain: str) -> Iterator[str]:
    """Yield the plan in lines of at most 80 columns: what, why, what it interrupts, what it deletes."""
    if not plan:
        yield from _hindrances(plan)
        yield str(say("Nothing to do: {domain} is as the answers say.", domain=domain))
        return
    yield str(say("Plan for {domain} (generation {number}):", domain=domain, number=plan.generation))
    for number, (title, cause, step) in enumerate(_rows(plan.steps), 1):
        yield folded(f"{number:>3}. {title}", 5, first=0)
        yield folded(say("because: {cause}", cause=cause), 14, first=5)
        if step.destroys:
            yield "     " + mark(str(harm(step))) + " " + str(say("needs your explicit yes"))
        elif step.interrupts:
            yield folded(interruption(step), 5)
    yield from _hindrances(plan)
    yield folded(_summary(plan))


def plan_json(plan: Plan, domain: str, cause: Text) -> dict[str, Any]:
    """Return the plan as JSON: stable keys, texts in English."""
    return {
        "kind": "plan",
        "domain": domain,
        "cause": str(cause),
        "generation": plan.generation,
        "steps": [
            {
                "id": step.id,
                "action": type(step.action).__name__,
                "title": str(step.title),
                "cause": str(step.cause),
                "needs": list(step.needs),
                "interrupts": step.interrupts,
                "destroys": step.destroys,
            }
            for step in plan.steps
        ],
        "obstacles": [{"text": told(item.text), "hint": told(item.hint)} for item in plan.obstacles],
        "edits": [{"path": edit.path} for edit in plan.edits],
    }


def _rows(steps: Sequence[Step]) -> Iterator[tuple[Text, Text, Step]]:
    """Yield title, cause and step; folders in a row are one row."""
    for _, group in groupby(steps, key=lambda step: (isinstance(step.action, MakeFolder) and str(step.cause)) or step):
        same = list(group)
        if len(same) == 1:
            yield same[0].title, same[0].cause, same[0]
        else:
            yield say("Make {count} folders", count=len(same)), same[0].cause, same[0]


def _hindrances(plan: Plan) -> Iterator[str]:
    for obstacle in plan.obstacles:
        yield mark("!") + folded(obstacle.text, 5).lstrip()
        yield folded(obstacle.hint, 5)
    for edit in plan.edits:
        yield mark("!") + folded(say("changed by hand: {path}", path=edit.path), 5).lstrip()


def _summary(plan: Plan) -> Text:
    return say(
        "{steps}; {builds}; {interrupts}; {deletes}.",
        steps=_count(len(plan.steps), "step"),
        builds=f"builds {_count(plan.builds, 'image')} (minutes)" if plan.builds else "builds nothing",
        interrupts="interrupts people for a moment" if plan.interrupts else "interrupts nothing",
        deletes=f"{harms(plan)} in {_count(len(plan.destroys), 'step')}" if plan.destroys else "deletes nothing",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
