"""``xmpp-wizard user quarantine``: new accounts that are held back, and letting them go."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import narrate
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.people.accounts import People
from xmpp_wizard.engine.people.quarantine import held, release


def add_to(subparsers: Subparsers, examples: str) -> None:
    """Add the command below ``user``."""
    parser = add_command(
        subparsers, "quarantine", say("Show new accounts that are held back, or let them go"), _list, examples=examples
    )
    actions = parser.add_subparsers(metavar="list|release")
    add_command(actions, "list", say("List the accounts that are held back"), _list, examples=examples)
    let_go = add_command(actions, "release", say("Let an account talk with everybody"), _release, examples=examples)
    let_go.add_argument("address", metavar="ADDRESS", help="name@domain, or a name on the main domain")


def _list(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    found = held(context.world, context.layout)
    if context.as_json:
        print_json({"quarantine": [{"address": one.address, "since": one.since, "why": one.why} for one in found]})
        return 0
    for one in found:
        print(f"{one.address}\t{one.since}\t{one.why}")
    if not found:
        narrate(str(say("Nobody is held back.")))
    return 0


def _release(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    address = People(context.world, context.layout).address(arguments.address)
    release(context.world, context.layout, address)
    if context.as_json:
        print_json({"address": address, "released": True})
    else:
        narrate(str(say("{address} can talk with everybody now", address=address)))
    return 0
