"""``xmpp-wizard undo``: the set-up before the last change again, as a new generation; shown and asked like apply."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.apply import add_consent_options, carry_through
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.parser import Subparsers, add_command, positive
from xmpp_wizard.engine.setup import GoBack

_EXAMPLES = """
sudo xmpp-wizard undo
sudo xmpp-wizard undo --to 3 --yes         which there are: xmpp-wizard generations
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "undo", COMMANDS["undo"].summary, run, examples=_EXAMPLES)
    parser.add_argument(
        "--to", type=positive, metavar="N", help="the generation to go back to; left out: the one before"
    )
    add_consent_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Go back."""
    return carry_through(arguments.context, GoBack(arguments.to), arguments)
