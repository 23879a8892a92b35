"""``xmpp-wizard router [map|unmap|relay]``: how the internet comes in, and what the router is told.

Exit status 0 if there is a way in, 3 if not.
"""

from __future__ import annotations

import argparse

from xmpp_wizard.cli import router_map, router_relay
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.router_lines import ASKING, lines
from xmpp_wizard.cli.terminal import waiting
from xmpp_wizard.core.errors import EffectError
from xmpp_wizard.engine.way_in import way_in

_EXAMPLES = """
sudo xmpp-wizard router
sudo xmpp-wizard router map --dry-run           what the router would be told
sudo xmpp-wizard router map                     let it forward the server's ports
sudo xmpp-wizard router unmap                   take that back
sudo xmpp-wizard router relay 203.0.113.9       where nothing can be forwarded
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "router", COMMANDS["router"].summary, run, examples=_EXAMPLES)
    actions = parser.add_subparsers(metavar="map|unmap|relay")
    router_map.add_to(actions, _EXAMPLES)
    router_relay.add_to(actions, _EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print what stands in between and the ports to forward."""
    context: Context = arguments.context
    with waiting(ASKING):
        found = way_in(context.world, context.layout)
    if context.as_json:
        print_json(found)
    else:
        for line in lines(found):
            print(line)
    return 0 if found.has_way_in else EffectError.exit_status
