"""Files of ours that somebody changed by hand: shown as a diff, and asked about."""

from __future__ import annotations

import argparse
from typing import Literal, TypeAlias

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.terminal import ask, is_interactive, narrate, plain
from xmpp_wizard.core.planning.plan import Plan
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.plan_page.diff import diff_lines
from xmpp_wizard.engine.setup import Prepared, settled

Edits: TypeAlias = Literal["ask", "keep", "overwrite"]


def decide(context: Context, prepared: Prepared, arguments: argparse.Namespace) -> tuple[Edits, Prepared]:
    """Return what to do with hand edits, and the wish with the plan as it is then: what is shown is what is done."""
    edits: Edits = "keep" if arguments.keep_edits else "overwrite" if arguments.overwrite_edits else "ask"
    if edits == "ask" and prepared.plan.edits and is_interactive() and not arguments.yes:
        edits = _ask_about(context, prepared.plan)
    return edits, prepared if edits == "ask" else settled(prepared, keep=edits == "keep")


def _ask_about(context: Context, plan: Plan) -> Edits:
    """Show the hand edits and return what to do with them; ``ask`` means that no decision was made."""
    for edit in plan.edits:
        narrate(plain(context.speak(say("Changed by hand since this program wrote it: {path}", path=edit.path))))
    for line in diff_lines(plan, context.world.files):
        narrate("  " + plain(line))
    question = say("k keeps your changes, o takes ours (yours are saved first), Enter stops:")
    answer = ask(context.speak(question)).lower()
    return {"k": "keep", "o": "overwrite"}.get(answer, "ask")  # type: ignore[return-value]  # values as annotated
