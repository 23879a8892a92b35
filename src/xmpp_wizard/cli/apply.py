"""``xmpp-wizard apply``: show the plan, ask, start the work in the background and follow it."""

from __future__ import annotations

import argparse
from dataclasses import replace

from xmpp_wizard.cli.attach import LEFT, ask_to_go_on, attach, attach_running, carry_out, show, tell_end
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.edits import decide_edits
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.sources import add_answer_options, read_answers
from xmpp_wizard.cli.terminal import is_interactive, is_typed, narrate
from xmpp_wizard.cli.welcome import welcome
from xmpp_wizard.core.errors import LockedError, NotSetUpError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.apply import Consent, check_consent
from xmpp_wizard.engine.journal import latest
from xmpp_wizard.engine.setup import Prepared, Request, prepare

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
    parser.add_argument("--allow-destroy", action="store_true", help="also what deletes or shuts people out")
    edits = parser.add_mutually_exclusive_group()
    edits.add_argument("--keep-edits", action="store_true", help="leave files alone that were changed by hand")
    edits.add_argument("--overwrite-edits", action="store_true", help="overwrite them (they are saved first)")
    parser.add_argument("--no-proof", action="store_true", help="do not log in and try everything afterwards")
    parser.add_argument("--detach", action="store_true", help="start the work and do not wait for its end")


def consent_of(arguments: argparse.Namespace) -> Consent:
    """Return what the command line says yes to."""
    return Consent(
        allow_destroy=arguments.allow_destroy,
        edits="keep" if arguments.keep_edits else "overwrite" if arguments.overwrite_edits else "ask",
        wants_proof=not arguments.no_proof,
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry out the answers and return how that went."""
    context: Context = arguments.context
    if arguments.attach:
        return _attach_only(context)
    status = attach_running(context)
    if status is not None:
        if status == LEFT or not (arguments.answers or arguments.sets):
            return status
        raise LockedError(
            say("another apply was going on; yours was not started"), say("Run the same command again to start it.")
        )
    return carry_through(context, read_answers(context, context.world, arguments), arguments, greets=True)


def carry_through(context: Context, request: Request, arguments: argparse.Namespace, *, greets: bool = False) -> int:
    """Show what ``request`` means, ask, do it and return how that went; ``greets``: then say how to log in.

    Raises:
        NeedsPersonError: a person has to decide or to act first; nothing was done.
    """
    prepared = prepare(context.world, context.layout, request)
    show(context, prepared)
    consent = agree(context, prepared, arguments)
    status = carry_out(context, request, prepared, consent, detach=arguments.detach)
    if status == 0 and greets and not context.as_json and not arguments.detach:
        welcome(context, prepared.target)
    return status or 0


def agree(context: Context, prepared: Prepared, arguments: argparse.Namespace) -> Consent:
    """Return what the person agrees to, by the command line or by being asked.

    Raises:
        NeedsPersonError: not to what the plan needs.
    """
    consent = consent_of(arguments)
    plan = prepared.plan
    if not plan:
        return consent
    if plan.edits and consent.edits == "ask" and is_interactive() and not arguments.yes:
        consent = replace(consent, edits=decide_edits(context.world.files, plan))
    if plan.destroys and not consent.allow_destroy and is_interactive() and not arguments.yes:
        domain = prepared.target.domains[0]
        question = say("This DELETES or shuts people out. Type {domain} if you want that:", domain=domain)
        consent = replace(consent, allow_destroy=is_typed(question, domain))
    check_consent(plan, consent)
    if arguments.yes:
        return consent
    ask_to_go_on(context, say("Go on?"))
    return replace(consent, expected=str(plan))


def _attach_only(context: Context) -> int:
    status = attach_running(context)
    if status is not None:
        return status
    journal = latest(context.world, context.layout)
    if journal is None:
        raise NotSetUpError(say("nothing was ever applied here"), say("Start with: xmpp-wizard apply --answers FILE"))
    narrate(str(say("No apply is going on; this is how the last one went.")))
    ended = attach(context, journal)
    return LEFT if ended is None else tell_end(context, ended)
