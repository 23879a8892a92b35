"""``xmpp-wizard user quarantine``: new accounts that are held back, and letting them go."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.user_flagged import let_in, show
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.quarantine import held, release


def add_to(subparsers: Subparsers, examples: str) -> None:
    """Add the command below ``user``."""
    parser = add_command(
        subparsers, "quarantine", say("Show new accounts that are held back, or let them go"), _list, examples=examples
    )
    actions = parser.add_subparsers(metavar="list|release")
    add_command(actions, "list", say("List the accounts that are held back"), _list, examples=examples)
    one = add_command(actions, "release", say("Let an account talk with everybody"), _release, examples=examples)
    one.add_argument("address", metavar="ADDRESS", help="name@domain, or a name on the main domain")


def _list(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    found = held(context.world, context.layout)
    return show(context, "quarantine", found, ("address", "since", "why"), say("Nobody is held back."))


def _release(arguments: argparse.Namespace) -> int:
    return let_in(
        arguments, release, "released", lambda address: say("{address} can talk with everybody now", address=address)
    )
