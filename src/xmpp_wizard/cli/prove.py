"""``xmpp-wizard prove``: what a user does, done by real clients; exit status 3 if anything is red."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace
from functools import partial

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.cli.progress import Progress
from xmpp_wizard.core.errors import NeedsPersonError, ProofFailedError
from xmpp_wizard.core.events import Event, ProofEnded, to_json
from xmpp_wizard.core.text import say
from xmpp_wizard.core.wanted.desired import Desired
from xmpp_wizard.engine.proving.prove import prove
from xmpp_wizard.engine.setup import current

_EXAMPLES = """
sudo xmpp-wizard prove
sudo xmpp-wizard prove --json
sudo xmpp-wizard prove --compliance
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "prove", COMMANDS["prove"].summary, run, examples=_EXAMPLES)
    parser.add_argument(
        "--compliance",
        action="store_true",
        help="look for all that apps may expect (XEP-0479 and the checks of Conversations), and print the score",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each thing that was tried."""
    context: Context = arguments.context
    _, wanted = current(context.world, context.layout)
    if wanted is None:
        raise NeedsPersonError(
            say("the server's answers are of another version of this program"),
            say("Bring them up to date with: xmpp-wizard apply --answers FILE"),
        )
    if arguments.compliance:
        wanted = _for_compliance(wanted)
    met: set[str] = set()
    # people see proofs as data, but a live line belongs on a terminal only
    stream = sys.stderr if context.as_json else sys.stdout
    with Progress(stream, is_live=stream.isatty()) as progress:
        report = partial(_report, progress, met, as_json=context.as_json)
        is_green = prove(context.world, context.layout, wanted, report)
    if arguments.compliance:
        _print_scores(met, as_json=context.as_json)
    return 0 if is_green else ProofFailedError.exit_status


def _report(progress: Progress, met: set[str], event: Event, *, as_json: bool) -> None:
    progress.show(event)
    if isinstance(event, ProofEnded) and event.is_green:
        met.add(event.name)
    if as_json:
        print(to_json(event), flush=True)


def _for_compliance(wanted: Desired) -> Desired:
    """Return the server with other steps: all that apps may expect of its first domain."""
    from xmpp_wizard.core.compliance import STEPS  # noqa: PLC0415 only this needs it

    return replace(wanted, domains=wanted.domains[:1], proofs=STEPS)


def _print_scores(met: set[str], *, as_json: bool) -> None:
    from xmpp_wizard.core.compliance import scores  # noqa: PLC0415 see _for_compliance

    found = scores(met)
    if as_json:
        print_json({"kind": "scores", "scores": [asdict(score) for score in found]})
        return
    print()
    for score in found:
        percent = 100 * score.met // score.of
        print(f"{score.suite or say('All together')!s:<15} {score.met:>2} / {score.of:<2}  {percent:>3} %")
