"""``xmpp-wizard apply``: show the plan, ask, start the work in the background and follow it."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from xmpp_wizard.cli.attach import LEFT, attach, attach_running, tell_end
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.edits import decide
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.plan_text import plan_json, plan_lines
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import LOOKING, narrate, waiting
from xmpp_wizard.cli.welcome import welcome
from xmpp_wizard.core.errors import LockedError, NotSetUpError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.memory.generations import is_first_good
from xmpp_wizard.engine.memory.journal import latest
from xmpp_wizard.engine.setup import Prepared, Request, current, prepare

_EXAMPLES = """
sudo xmpp-wizard apply --answers answers.toml
sudo xmpp-wizard apply --yes --set security.level=strict
sudo xmpp-wizard apply --attach            see how the one going on goes
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "apply", COMMANDS["apply"].summary, run, examples=_EXAMPLES)
    add_answer_options(parser)
    add_consent_options(parser)
    parser.add_argument("--attach", action="store_true", help="only show how the present or last apply goes or went")


def add_consent_options(parser: argparse.ArgumentParser) -> None:
    """Add what a person can say yes to beforehand."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--allow-destroy", action="store_true", help="say yes to deleting data and shutting people out, too"
    )
    edits = parser.add_mutually_exclusive_group()
    edits.add_argument("--keep-edits", action="store_true", help="leave files alone that were changed by hand")
    edits.add_argument(
        "--overwrite-edits",
        action="store_true",
        help="overwrite files that were changed by hand (they are saved first)",
    )
    parser.add_argument("--no-proof", action="store_true", help="do not log in and try everything afterwards")
    parser.add_argument("--detach", action="store_true", help="start the work and do not wait for its end")


def run(arguments: argparse.Namespace) -> int:
    """Carry out the answers and return how that went."""
    context: Context = arguments.context
    if arguments.attach:
        return _attach_only(context)
    status = attach_running(context)
    if status is not None:
        if status == LEFT or not (arguments.answers or arguments.sets):
            _greet(context, status)
            return status
        raise LockedError(
            say("another apply was going on; yours was not started"), say("Run the same command again to start it.")
        )
    with waiting(LOOKING):
        request = read_answers(context, context.world, arguments)
    request = replace(request, ends_keeping=arguments.overwrite_edits)
    return carry_through(context, request, arguments, greets=True)


def carry_through(context: Context, request: Request, arguments: argparse.Namespace, *, greets: bool = False) -> int:
    """Show what ``request`` means, ask, do it and return how that went; ``greets``: then say how to log in.

    Raises:
        NeedsPersonError: a person has to decide or to act first; nothing was done.
    """
    with waiting(LOOKING):
        found = prepare(context.world, context.layout, request)
    edits, prepared = decide(context, found, arguments)
    show(context, prepared)
    if not prepared.plan:
        return 0
    from xmpp_wizard.cli.consent import agree, carry_out  # noqa: PLC0415 with the prover, which is heavy

    consent = agree(context, prepared, arguments, edits)
    status = carry_out(context, request, prepared, consent, detach=arguments.detach)
    if status == 0 and greets and not context.as_json and not arguments.detach:
        welcome(context, prepared.target, prepared.desired)
    return status


def show(context: Context, prepared: Prepared) -> None:
    """Show the plan: to scripts as one JSON line, to people on stderr."""
    plan, domain = prepared.plan, prepared.target.domains[0]
    if context.as_json:
        print(json.dumps(plan_json(plan, domain, prepared.cause), ensure_ascii=False), flush=True)
    else:
        for line in plan_lines(plan, domain):
            narrate(line)


def _attach_only(context: Context) -> int:
    status = attach_running(context)
    if status is not None:
        _greet(context, status)
        return status
    journal = latest(context.world, context.layout)
    if journal is None:
        raise NotSetUpError(say("nothing was ever applied here"), say("Start with: xmpp-wizard apply --answers FILE"))
    narrate(str(say("No apply is going on; this is how the last one went.")))
    ended = attach(context, journal)
    status = LEFT if ended is None else tell_end(context, ended)
    _greet(context, status)
    return status


def _greet(context: Context, status: int) -> None:
    """Say how to log in to whoever lost the line in the middle of the first set-up, and comes back."""
    if status == 0 and not context.as_json and is_first_good(context.world, context.layout):
        welcome(context, *current(context.world, context.layout))
