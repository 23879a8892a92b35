"""``xmpp-wizard user newcomers``: who signed up and is in nobody's contact list yet, and letting them in."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.user_flagged import let_in, show
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.newcomers import admit, newcomers


def add_to(subparsers: Subparsers, examples: str) -> None:
    """Add the command below ``user``."""
    what = say("Show who signed up and is not in everybody's contact list yet, or let them in")
    parser = add_command(subparsers, "newcomers", what, _list, examples=examples)
    actions = parser.add_subparsers(metavar="list|admit")
    add_command(actions, "list", say("List those who signed up and were not let in yet"), _list, examples=examples)
    one = add_command(actions, "admit", say("Put somebody in everybody's contact list"), _admit, examples=examples)
    one.add_argument("address", metavar="ADDRESS", help="name@domain, or a name on the main domain")


def _list(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    found = newcomers(context.world, context.layout)
    return show(context, "newcomers", found, ("address", "since"), say("There is nobody to let in."))


def _admit(arguments: argparse.Namespace) -> int:
    return let_in(
        arguments,
        admit,
        "admitted",
        lambda address: say("{address} is in everybody's contact list now", address=address),
    )
