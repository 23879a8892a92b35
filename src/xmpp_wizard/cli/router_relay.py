"""``xmpp-wizard router relay ADDRESS``: files and commands for a small rented server that passes everything on."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.relay import prepare_relay


def add_to(actions: Subparsers, examples: str) -> None:
    """Add the command."""
    relay = add_command(actions, "relay", say("Make files and commands for a relay"), _relay, examples=examples)
    relay.add_argument("address", metavar="ADDRESS", help="the public IPv4 address of the rented server")


def _relay(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    stages = prepare_relay(context.world, context.layout, arguments.address)
    if context.as_json:
        print_json({"address": arguments.address, "stages": stages})
        return 0
    for number, stage in enumerate(stages, 1):
        print(folded(say("{number}. {title}:", number=number, title=stage.title), 3))
        for command in stage.commands:
            print(f"     {command}")
    return 0
