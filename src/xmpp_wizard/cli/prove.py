"""``xmpp-wizard prove``: what a user does, done by real clients; exit status 3 if anything is red."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.progress import Progress
from xmpp_wizard.core.errors import NeedsPersonError, ProofFailedError
from xmpp_wizard.core.events import Event, to_json
from xmpp_wizard.core.text import say
from xmpp_wizard.engine.prove import prove
from xmpp_wizard.engine.setup import current

_EXAMPLES = """
sudo xmpp-wizard prove
sudo xmpp-wizard prove --json
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    add_command(subparsers, "prove", COMMANDS["prove"].summary, run, examples=_EXAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each thing that was tried."""
    context: Context = arguments.context
    _, wanted = current(context.world, context.layout)
    if wanted is None:
        raise NeedsPersonError(
            say("the server's answers are of another version of this program"),
            say("Bring them up to date with: xmpp-wizard apply --answers FILE"),
        )
    # people see proofs as data, but a live line belongs on a terminal only
    stream = sys.stderr if context.as_json else sys.stdout
    with Progress(stream, is_live=stream.isatty()) as progress:
        is_green = prove(context.world, context.layout, wanted, partial(_report, progress, as_json=context.as_json))
    return 0 if is_green else ProofFailedError.exit_status


def _report(progress: Progress, event: Event, *, as_json: bool) -> None:
    progress.show(event)
    if as_json:
        print(to_json(event), flush=True)
