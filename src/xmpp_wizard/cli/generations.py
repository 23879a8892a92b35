"""``xmpp-wizard generations``: every change that was made, and which one the server runs."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.terminal import folded
from xmpp_wizard.engine.memory.generations import all_generations, last_good
from xmpp_wizard.engine.setup import not_set_up

_EXAMPLES = """
sudo xmpp-wizard generations
sudo xmpp-wizard undo --to 3
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "generations", COMMANDS["generations"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each generation, oldest first."""
    context: Context = arguments.context
    history = all_generations(context.world, context.layout)
    if not history:
        raise not_set_up()
    good = last_good(context.world, context.layout)
    present = good.number if good else 0
    if context.as_json:
        print_json({"present": present, "generations": history})
        return 0
    for item in history:
        when = datetime.fromtimestamp(item.at, UTC).strftime("%Y-%m-%d %H:%M")
        sign = "*" if item.number == present else " "
        text = f"{sign}{item.number:>4}  {when}  {item.state:<7}  {item.user}: {item.cause}"
        print(folded(text, 33, first=0))
    return 0
