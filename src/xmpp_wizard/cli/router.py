"""``xmpp-wizard router``: how the internet reaches this machine; exit status 0 if there is a way in, 3 if not."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.line import way_in

_EXAMPLES = """
sudo xmpp-wizard router
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "router", COMMANDS["router"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print what stands in between and the ports to forward."""
    context: Context = arguments.context
    found = way_in(context.world, context.layout)
    if context.as_json:
        print_json(found)
    else:
        print(folded(found.text))
        if found.hint:
            print(folded(found.hint))
        if found.verdict.has_ipv6:
            print(folded(say("IPv6: this machine has an address of its own; let the same ports in there.")))
        for outside, inside, purpose in found.forward if found.verdict.kind != "shared" else ():
            print(f"  {outside:<10} {say('to')} {inside:<24} {purpose}")
    return 0 if found.verdict.has_way_in else EffectError.exit_status
