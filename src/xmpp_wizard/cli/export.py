"""``xmpp-wizard export compose``: the containers as they run, for docker compose; nobody is locked in."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.render import target_from
from xmpp_wizard.cli.sources import add_answer_options
from xmpp_wizard.core.compose import compose

_EXAMPLES = """
sudo xmpp-wizard export compose > compose.yaml
xmpp-wizard export compose --answers answers.toml
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "export", COMMANDS["export"].summary, run, examples=_EXAMPLES)
    parser.add_argument("what", choices=["compose"], help="compose: a compose.yaml with the same containers")
    add_answer_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the file."""
    context: Context = arguments.context
    target = target_from(context, arguments)
    text = compose(target, context.any_world.appliance.templates())
    if context.as_json:
        print_json({"compose": text})
    else:
        print(text, end="")
    return 0
