"""``xmpp-wizard logs``: what a container writes to its log."""

from __future__ import annotations

import argparse
import sys

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command, positive
from xmpp_wizard.cli.terminal import plain
from xmpp_wizard.core.errors import NeedsPersonError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.stopped import told_if_stopped

_EXAMPLES = """
sudo xmpp-wizard logs
sudo xmpp-wizard logs -f -n 20
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "logs", COMMANDS["logs"].summary, run, examples=_EXAMPLES)
    parser.add_argument("container", nargs="?", default="prosody", help="which container; left out: prosody")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("-n", "--lines", type=positive, default=100, metavar="N", help="how many lines (100)")


def run(arguments: argparse.Namespace) -> int:
    """Print the log's last lines."""
    context: Context = arguments.context
    world, layout = context.world, context.layout
    known = [container.spec.name for container in current(world, layout)[0].containers]
    # status and the engine's own commands show the longer name
    name = {layout.container(name): name for name in known}.get(arguments.container, arguments.container)
    if name not in known:
        raise NeedsPersonError(
            say("there is no container {name}", name=name), say("There is: {known}", known=", ".join(known))
        )
    with told_if_stopped(world, layout, name):
        for line in world.containers.logs(layout.container(name), lines=arguments.lines, follow=arguments.follow):
            if context.as_json:
                print_json({"container": name, "line": line})
            else:
                # a file or another program gets the log as it is
                print(plain(line) if sys.stdout.isatty() else line, flush=arguments.follow)
    return 0
