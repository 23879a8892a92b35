"""``xmpp-wizard setup``: the wizard; ``--plain`` asks the same line by line, for screen readers and scripts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from xmpp_wizard.cli.attach import attach_running
from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context
from xmpp_wizard.cli.failures import tell
from xmpp_wizard.cli.parser import Subparsers, add_command, add_sets
from xmpp_wizard.cli.terminal import folded, is_dumb, is_interactive, narrate, plainly
from xmpp_wizard.core.catalogue import ASCII_WISHED
from xmpp_wizard.core.errors import NeedsPersonError, UsageError, WizardError
from xmpp_wizard.core.text import say
from xmpp_wizard.engine import language

_EXAMPLES = """
sudo xmpp-wizard setup
sudo xmpp-wizard setup --plain             line by line
sudo xmpp-wizard setup --plain --answers answers.toml
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "setup", COMMANDS["setup"].summary, run, examples=_EXAMPLES)
    parser.add_argument("--plain", action="store_true", help="ask line by line instead of on the full screen")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII only, for terminals without lines")
    parser.add_argument("--answers", metavar="FILE", help="begin with this answer file")
    add_sets(parser, "another answer; KEY= for none")
    parser.set_defaults(yes=False, allow_destroy=False, keep_edits=False, overwrite_edits=False, no_proof=False)


def run(arguments: argparse.Namespace) -> int:
    """Ask, show the plan, do it, and give the invitation."""
    context: Context = arguments.context
    # whoever is not root hears of it before any question
    context.insist_on_root()
    if arguments.sets and not arguments.answers:
        _insist_on_new(context, arguments.sets)
    if arguments.plain:
        return _line_by_line(arguments)
    open_wizard = context.open_wizard
    if not is_interactive() or open_wizard is None or arguments.answers:
        raise UsageError(
            say("the full screen needs a terminal, and asks for a file by itself"),
            say("Line by line: xmpp-wizard setup --plain. Without questions: xmpp-wizard apply --answers FILE"),
        )
    if is_dumb(context.environment):
        narrate(folded(say("This terminal cannot draw a screen (TERM), so it goes line by line.")))
        return _line_by_line(arguments)
    if arguments.ascii:
        context = replace(context, environment={**context.environment, ASCII_WISHED: "1"})
    return open_wizard(context, arguments.sets)


def _insist_on_new(context: Context, sets: Sequence[str]) -> None:
    """Return where a set-up begins; that of a server which is here already has its own answers, and takes no others."""
    if context.world.files.stat(str(context.layout.generations)) is not None:
        changes = [word for each in sets for word in ("--set", each)]
        raise NeedsPersonError(
            say("a server is set up here already, and --set is for a new one"),
            say("To change it: {command}", command=context.command("apply", *changes)),
        )


def _line_by_line(arguments: argparse.Namespace) -> int:
    context: Context = arguments.context
    from xmpp_wizard.cli.talk import Talk  # noqa: PLC0415 the full screen needs none of it
    from xmpp_wizard.cli.talk_end import Ending  # noqa: PLC0415 as above

    spoken = language.spoken(context.world, context.layout, context.environment)
    context = replace(context, speak=language.catalogue(context.world, spoken).words)
    with plainly():
        try:
            status = attach_running(context)
            if status == 0:
                Ending(context).tell_if_waited_for()
            return Talk(context, arguments).run() if status is None else status
        except WizardError as error:
            tell(error.code, error.text, error.hint, as_json=context.as_json, words=context.speak)
            return error.exit_status
