"""``xmpp-wizard prosodyctl …``: Prosody's own tool inside the container; its exit status is ours."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.engine.people.accounts import PROSODY_USER
from xmpp_wizard.engine.setup import current
from xmpp_wizard.engine.stopped import told_if_stopped

_EXAMPLES = """
sudo xmpp-wizard prosodyctl about
sudo xmpp-wizard prosodyctl check config
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command; all words after it are prosodyctl's."""
    add_command(subparsers, "prosodyctl", COMMANDS["prosodyctl"].summary, run, examples=_EXAMPLES).set_defaults(
        words=[]
    )


def run(arguments: argparse.Namespace) -> int:
    """Run it with this terminal or these pipes."""
    return attach_prosodyctl(arguments.context, arguments.words)


def attach_prosodyctl(context: Context, words: list[str]) -> int:
    """Run prosodyctl as its own user and return its exit status.

    Raises:
        NotSetUpError: there is no server.
        EngineError: the container does not run.
    """
    world, layout = context.world, context.layout
    current(world, layout)
    with told_if_stopped(world, layout):
        return world.containers.attach(layout.container("prosody"), ["prosodyctl", *words], user=PROSODY_USER)
