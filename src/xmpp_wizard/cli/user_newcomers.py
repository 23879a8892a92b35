"""``xmpp-wizard user newcomers``: who signed up and is in nobody's contact list yet, and letting them in."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import narrate
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.newcomers import admit, newcomers


def add_to(subparsers: Subparsers, examples: str) -> None:
    """Add the command below ``user``."""
    what = say("Show who signed up and is not in everybody's contact list yet, or let them in")
    parser = add_command(subparsers, "newcomers", what, _list, examples=examples)
    actions = parser.add_subparsers(metavar="list|admit")
    add_command(actions, "list", say("List those who signed up and were not let in yet"), _list, examples=examples)
    let_in = add_command(actions, "admit", say("Put somebody in everybody's contact list"), _admit, examples=examples)
    let_in.add_argument("address", metavar="ADDRESS", help="name@domain, or a name on the main domain")


def _list(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    found = newcomers(context.world, context.layout)
    if context.as_json:
        print_json({"newcomers": [{"address": one.address, "since": one.since} for one in found]})
        return 0
    for one in found:
        print(f"{one.address}\t{one.since}")
    if not found:
        narrate(str(say("There is nobody to let in.")))
    return 0


def _admit(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    address = People(context.world, context.layout).address(arguments.address)
    admit(context.world, context.layout, address)
    if context.as_json:
        print_json({"address": address, "admitted": True})
    else:
        narrate(str(say("{address} is in everybody's contact list now", address=address)))
    return 0
