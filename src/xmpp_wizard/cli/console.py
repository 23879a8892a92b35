"""``xmpp-wizard console``: Prosody's own shell, to look and to change things by hand."""

from __future__ import annotations

import argparse

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.prosodyctl import attach_prosodyctl
from xmpp_wizard.cli.terminal import folded, is_interactive, narrate
from xmpp_wizard.core.text import say

_EXAMPLES = """
sudo xmpp-wizard console                   `help` lists what there is, `bye` leaves
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "console", COMMANDS["console"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Open it."""
    if is_interactive():
        narrate(folded(say("`help` lists what there is, `bye` leaves. Typed commands are kept in a history file.")))
    return attach_prosodyctl(arguments.context, ["shell"])
