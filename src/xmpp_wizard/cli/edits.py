"""Files of ours that somebody changed by hand: shown as a diff, and asked about."""

from __future__ import annotations

from typing import Literal

from xmpp_wizard.cli.terminal import ask, narrate
from xmpp_wizard.core.plan import Plan
from xmpp_wizard.core.ports import Files
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.plan_diff import diff_lines


def decide_edits(files: Files, plan: Plan) -> Literal["ask", "keep", "overwrite"]:
    """Show the hand edits and return what to do with them; ``ask`` means that no decision was made."""
    for edit in plan.edits:
        narrate(str(say("Changed by hand since this program wrote it: {path}", path=edit.path)))
    for line in diff_lines(plan, files):
        narrate("  " + line)
    answer = ask(say("k keeps your changes, o takes ours (yours are saved first), Enter stops:")).lower()
    return {"k": "keep", "o": "overwrite"}.get(answer, "ask")  # type: ignore[return-value]  # values as annotated
