"""``xmpp-wizard plan``: what apply would do. Exit status 0: nothing, 2: something, 5: a person is needed first."""

from __future__ import annotations

import argparse
import json

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.plan_text import plan_json, plan_lines
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import LOOKING, folded, mark, waiting
from xmpp_wizard.core.errors import ObstacleError
from xmpp_wizard.core.network.router import router_notes
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.acme.report import lacks, together
from xmpp_wizard.engine.plan_page.diff import diff_lines
from xmpp_wizard.engine.setup import prepare

CHANGES = 2

_EXAMPLES = """
sudo xmpp-wizard plan --answers answers.toml
sudo xmpp-wizard plan --set security.level=strict --diff
sudo xmpp-wizard plan --set dns.zone=      takes an answer back
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "plan", COMMANDS["plan"].summary, run, examples=_EXAMPLES)
    add_answer_options(parser)
    parser.add_argument("--diff", action="store_true", help="also show what changes in each file")


def run(arguments: argparse.Namespace) -> int:
    """Print the plan and return 2 if there is something to do."""
    context: Context = arguments.context
    world = context.world
    with waiting(LOOKING):
        prepared = prepare(world, context.layout, read_answers(context, world, arguments))
    plan, domain = prepared.plan, prepared.target.domains[0]
    diff = list(diff_lines(plan, world.files)) if arguments.diff else []
    if context.as_json:
        found = plan_json(plan, domain, prepared.cause)
        found["notes"] = [str(note) for note in prepared.observed.secret_notes]
        print(json.dumps({**found, "diff": diff} if arguments.diff else found, ensure_ascii=False))
    else:
        for line in (*plan_lines(plan, domain), *diff):
            print(line)
        for note in prepared.observed.secret_notes:
            print(mark("!") + folded(say("Secret: {note}", note=note), 5).lstrip())
        for lack in together(lacks(world, context.layout, prepared.target)):
            print(folded(say("Not public yet: {sentence}", sentence=lack.sentence)))
        for note in router_notes(prepared.observed.router, prepared.observed.pinholes):
            print(folded(say("Router: {note}", note=note)))
    if plan.steps and plan.obstacles:
        return ObstacleError.exit_status
    return CHANGES if plan.steps else 0
